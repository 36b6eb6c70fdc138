"""The calculators of doses: one patient's plan under the trial, and body surface area compared."""

from __future__ import annotations

from typing import Any

from itp_carT.anthropometry import compare_bsa
from itp_carT.body_surface import FORMULAS
from itp_carT.cli import bsa as bsa_command
from itp_carT.cli import plan as plan_command
from itp_carT.cli import sheet
from itp_carT.cli.patient import subject_of
from itp_carT.days import weekday
from itp_carT.dosing.cells import scientific
from itp_carT.dosing.counting import Counting
from itp_carT.dosing.renal_schedules import SCHEDULES
from itp_carT.protocol.model import DosingPlan
from itp_carT.rounding import fixed

from .form import UNSAID, Answer, Field, Panel, Tool, number

_PATIENT = (
    Field("height", "Height", hint="with its unit: 162 cm", required=True),
    Field("weight", "Actual weight", hint="with its unit: 60 kg", required=True),
    Field("sex", "Sex", "choice", choices=(UNSAID, ("F", "female"), ("M", "male"))),
    Field("age", "Age in completed years", "whole"),
)
_RENAL = tuple((key, used.name) for key, used in SCHEDULES.items())
_COUNTING = tuple((kind.value, kind.label) for kind in Counting)


def _patient(given: dict[str, Any]) -> dict[str, Any]:
    given["age"] = number(given["age"])
    return given | {"identifier": None, "confirmed": ()}


# --- body surface area ----------------------------------------------------------------------------


def _bsa(given: dict[str, Any]) -> Answer:
    compared = compare_bsa(subject_of(_patient(given)))
    rows = [
        (
            area.formula.name,
            f"{fixed(area.value.magnitude, 4)} m^2",
            f"{fixed(compared.difference(area).magnitude, 1, signed=True)} %",
            area.equation.symbols,
            f"{area.equation.citation.short}"
            + ("" if area.equation.citation.verified else ", unverified"),
        )
        for area in compared
    ]
    panels = [
        Panel(
            "Formulas, smallest area first (H height in cm, W weight in kg)",
            ("Formula", "Area", "From Mosteller", "Equation", "Source"),
            rows,
            (1, 2),
        )
    ]
    if compared.left_out:
        left = [(used.name, reason) for used, reason in compared.left_out]
        panels.append(Panel("Left out", ("Formula", "Reason"), left))
    sources = dict.fromkeys(area.equation.citation for area in compared)
    return Answer(
        str(compared.reference),
        bsa_command.document(compared, []),
        panels,
        steps=compared.reference.working,
        sources=tuple(sources),
    )


BSA = Tool(
    "bsa",
    "Body surface area",
    "One patient by every formula, with the difference from Mosteller's.",
    _PATIENT,
    _bsa,
    "guide/dosing",
    "itp_carT.anthropometry.compare_bsa",
)


# --- the plan -------------------------------------------------------------------------------------

_PLAN_FIELDS = (
    *_PATIENT,
    Field("infusion", "Date of the infusion (day 0)", "date", required=True),
    Field("cells_per_kg", "Cell dose per weight", hint="within the protocol: 1.5e7 cells/kg",
          required=True),
    Field("counting", "Cells the dose counts", "choice",
          choices=(("", "as the protocol is read"), *_COUNTING)),
    Field("bsa_formula", "Formula of body surface area", "choice", start="mosteller",
          choices=tuple((key, used.name) for key, used in FORMULAS.items())),
    Field("creatinine", "Serum creatinine", hint="for the renal share of fludarabine: 0.9 mg/dL"),
    Field("renal_schedule", "Renal schedule", "choice",
          choices=(("", "none: full dose"), *_RENAL)),
    Field("split", "Split of the cells", hint="percent of each part: 10/30/60; empty for one"),
    Field("split_days", "Protocol days of the parts", hint="0,1,2 (the default)"),
    Field("product_concentration", "Concentration of the product", hint="1.2e7 cells/mL"),
    Field("product_counting", "Cells the concentration counts", "choice",
          choices=(UNSAID, *_COUNTING)),
    Field("product_volume", "Volume of one bag", hint="20 mL"),
    Field("bags", "Number of bags", "whole", start="1"),
    Field("viability", "Viability", hint="share of the cells: 90 %"),
    Field("car_fraction", "CAR-positive share of the viable cells", hint="40 %"),
    Field("reason", "Reason", hint="only for a dose outside the protocol"),
)  # fmt: skip


def _plan(given: dict[str, Any]) -> Answer:
    given = _patient(given)
    given["bags"] = number(given["bags"]) or 1
    given["reason"] = given["reason"] or ""
    more = {"bsa_cap": None, "weight_cap": None, "cell_cap": None, "vials": ()}
    plan, notes = plan_command.planned(given | more | {"renal_weight": "actual"})
    warnings = list(dict.fromkeys((*plan.warnings, *notes)))
    drugs = ", ".join(
        f"{course.course.drug.name} {course.daily} × {len(course)}"
        for course in plan.lymphodepletion.courses
    )
    return Answer(
        f"{drugs}; {plan.cells}",
        sheet.document(plan, warnings),
        [_facts(plan), _drugs(plan), _cells(plan)],
        steps=plan.working,
        sources=plan.sources,
    )


def _facts(plan: DosingPlan) -> Panel:
    rows = [
        ("Body surface area", str(plan.bsa)),
        ("Infusion", f"{plan.infusion.isoformat()} (D0)"),
        ("Cells", f"{plan.cells}"),
    ]
    if plan.volume is not None:
        rows.append(("Volume to infuse", f"{fixed(plan.volume.volume.magnitude, 2)} mL"))
    return Panel("Summary", ("What", "Value"), rows)


def _drugs(plan: DosingPlan) -> Panel:
    rows = [
        (
            dose.date.isoformat(),
            weekday(dose.date),
            str(dose.day),
            dose.drug.name,
            str(dose.amount),
            f"{dose.unrounded.magnitude:.5g} mg",
            str(dose.vials),
        )
        for dose in plan.lymphodepletion
    ]
    heads = ("Date", "Weekday", "Day", "Drug", "Dose", "Unrounded", "Vials, waste")
    return Panel("Lymphodepletion", heads, rows, (2, 4, 5))


def _cells(plan: DosingPlan) -> Panel:
    rows = [
        (
            date.isoformat(),
            weekday(date),
            f"D{day}",
            f"{100 * share:.4g} %",
            scientific(cells.magnitude),
            f"{fixed(volume.volume.magnitude, 2)} mL" if volume else "product not given",
        )
        for date, day, share, cells, volume in sheet.parts(plan)
    ]
    heads = ("Date", "Weekday", "Day", "Fraction", "Cells", "Volume")
    return Panel("Cells", heads, rows, (2, 3, 4, 5))


_RENAMED = {
    "total": "product_concentration",
    "viable": "product_concentration",
    "viable_car_t": "product_concentration",
    "product": "product_concentration",
    "volume": "product_volume",
    "formula": "bsa_formula",
    "born": "age",
    "clearance": "creatinine",
    "renal": "renal_schedule",
    "days": "split_days",
}

PLAN = Tool(
    "plan",
    "Dosing plan",
    "Fludarabine, cyclophosphamide and cells of one patient under NCT05315778, with dates.",
    _PLAN_FIELDS,
    _plan,
    "guide/dosing",
    "itp_carT.protocol.nct05315778.plan",
    located=lambda name, given: _RENAMED.get(name, name),  # noqa: ARG005
)

__all__ = ["BSA", "PLAN"]
