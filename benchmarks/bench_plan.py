"""A full plan with its working, against the same arithmetic in plain pint without any.

The baseline reads the same texts, computes the area, the daily and the total dose of both
drugs, rounds, fits vials, sets the dates and finds the cells. It checks no range, knows no source,
explains nothing and would read "10e7" as 10^8. Both give the same doses, which is checked first.
"""

import datetime as dt
import math

import pint
from measuring import Row, calls

from itp_carT import Subject
from itp_carT.protocol import nct05315778

INFUSION, DAYS = "2026-03-09", (-5, -4, -3)


def ours():
    patient = Subject(sex="F", age=40, height="162 cm", weight="60 kg")
    plan = nct05315778.plan(patient, infusion=INFUSION, cells_per_kg="1.5e7 cells/kg")
    return plan, plan.working


def plain(ureg):
    read = ureg.Quantity
    height, weight, per_kg = read("162 cm"), read("60 kg"), read("1.5e7 cell/kg")
    area = read(math.sqrt(height.m_as("cm") * weight.m_as("kg") / 3600), "m**2")
    day0 = dt.date.fromisoformat(INFUSION)
    dates = [day0 + dt.timedelta(days=day) for day in DAYS]
    doses = []
    for per_area, step, sizes in (
        ("30 mg/m**2", "1 mg", ("50 mg",)),
        ("300 mg/m**2", "10 mg", ("500 mg", "1 g", "2 g")),
    ):
        exact = (read(per_area) * area).to("mg")
        unit = read(step)
        rounded = math.floor((exact / unit).m_as("") + 0.5) * unit
        vials = min(math.ceil((rounded / read(s)).m_as("")) * read(s) for s in sizes)
        waste = (vials - rounded).to("mg")
        doses.append((rounded, waste, rounded * len(dates), dates))
    return area, doses, (per_kg * weight).to("cell")


def check(ureg):
    plan, _ = ours()
    area, doses, cells = plain(ureg)
    assert math.isclose(plan.bsa.value.m_as("m^2"), area.magnitude)
    planned = {(dose.date, dose.amount.m_as("mg")) for dose in plan.lymphodepletion}
    assert planned == {(date, dose.m_as("mg")) for dose, _, _, dates in doses for date in dates}
    assert plan.cells.total.m_as("cell") == cells.magnitude


def rows(quick=False):
    ureg = pint.UnitRegistry()
    ureg.define("cell = [cells]")
    check(ureg)
    fast, slow = calls(ours, lambda: plain(ureg), turns=1 if quick else 9)
    return [Row("plan with its working", fast, slow, 3, faster=True)]
