"""The rows of a synthetic patient, table by table, as a site would type them.

Units differ between patients on purpose, some visits are missed, some cells are empty: what the
library must cope with. Everything follows from the drawn facts of `SyntheticPatient`.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TypeAlias

from itp_carT.protocol.model import Protocol
from itp_carT.units import value_in

from .synthetic import BLOOD_DAYS, SyntheticPatient

Row: TypeAlias = tuple[str, ...]

#: The columns that are written, by table.
COLUMNS: dict[str, Row] = {
    "subjects": ("subject", "sex", "age", "height", "height_unit", "weight", "weight_unit",
                 "diagnosed", "consented", "conditioning", "infusion", "entry",
                 "prior_therapies", "splenectomy", "eligible", "end", "end_reason"),
    "labs": ("subject", "date", "analyte", "value", "unit", "lln", "uln"),
    "bleeding": ("subject", "date", "skin", "mucosa", "viscera", "cns"),
    "adverse_events": ("subject", "term", "grade", "initial_grade", "start", "end", "ongoing",
                       "relation", "serious", "action", "outcome"),
    "medications": ("subject", "drug", "dose", "unit", "frequency", "route", "start", "end",
                    "ongoing", "purpose", "rescue"),
    "infusions": ("subject", "agent", "date", "planned", "unit", "given", "counting", "fraction",
                  "reason"),
    "crs": ("subject", "date", "temperature", "temperature_unit", "hypotension", "oxygen", "flow",
            "flow_unit", "masked_by", "ice", "consciousness", "seizure", "motor", "pressure"),
    "questionnaire": ("subject", "date", "item", "answer"),
}  # fmt: skip

#: Scales of a made-up questionnaire of the shape of the ITP-PAQ: key and number of items.
SCALES = (("S", 6), ("B", 3), ("FT", 4), ("A", 2), ("FR", 5), ("PH", 5), ("W", 4), ("SA", 4),
          ("RH-MS", 3), ("RH-F", 3), ("QOL", 5))  # fmt: skip
OPTIONS = 5
_WOMEN, _WORK = ("RH-MS", "RH-F"), "W"
_QUESTIONED = (-6, 90, 180)
_PLATELET_UNITS = (("10^9/L", 1.0), ("/uL", 1000.0), ("K/uL", 1.0))
_REPORTED_FROM = 10.0  # below this count some laboratories print "<10"


def mapping() -> str:
    """Return the mapping of the made-up questionnaire, as CSV."""
    lines = ["scale,item,options,best,first"]
    for scale, count in SCALES:
        lines += [f"{scale},{scale}{at},{OPTIONS},highest,1" for at in range(1, count + 1)]
    return "\n".join([*lines, ""])


def _text(number: float, digits: int = 4) -> str:
    return f"{number:.{digits}g}" if number < 10**digits else f"{number:.0f}"


def subject_row(one: SyntheticPatient, protocol: Protocol) -> Row:
    """Return the row of the subject."""
    days = (day for course in protocol.lymphodepletion.courses for day in course.days)
    first = min(day.number for day in days)
    left = one.left_on is not None
    return (
        one.id, one.sex, str(one.age), _text(one.height), "cm", _text(one.weight), "kg",
        str(one.on(-400 - 40 * (one.number % 17)))[:7], str(one.on(-21)), str(one.on(first)),
        str(one.infusion), ("refractory", "relapsed")[one.number % 2],
        "prednisone; eltrombopag; rituximab", "no" if one.number % 9 else "yes", "yes",
        str(one.on(one.last_day)), "withdrawal by subject" if left else "completed",
    )  # fmt: skip


def lab_rows(one: SyntheticPatient) -> Iterator[Row]:
    """Yield platelets at every visit and a few other values at most of them."""
    draw, site = one.draw, one.number % 3
    unit, factor = _PLATELET_UNITS[site]
    si = site != 1
    for day in BLOOD_DAYS:
        if day > one.last_day or (day > 14 and draw.chance(0.05)):
            continue  # left, or the visit was missed
        on = str(one.on(day))
        count = max(draw.spread(one.platelets(day), 0.1), 1.0)
        below = site == 2 and count < _REPORTED_FROM
        shown = f"<{_REPORTED_FROM:g}" if below else f"{count * factor:.0f}"
        low, high = f"{125 * factor:g}", f"{350 * factor:g}"
        yield one.id, on, "platelets", shown, unit, low, high
        fall = math.exp(-(((day - 7) / 6) ** 2)) if day > 0 else 0.0
        yield one.id, on, "neutrophils", f"{draw.spread(4.2 * (1 - 0.9 * fall), 0.15):.2f}", \
            "10^9/L", "1.8", "6.3"  # fmt: skip
        hemoglobin = draw.spread(128 * (1 - 0.18 * fall), 0.04)
        if si:
            yield one.id, on, "hemoglobin", f"{hemoglobin:.0f}", "g/L", "115", "150"
        else:
            yield one.id, on, "hemoglobin", f"{hemoglobin / 10:.1f}", "g/dL", "11.5", "15.0"
        yield one.id, on, "ALT", f"{draw.spread(24 * (1 + 1.2 * fall), 0.3):.0f}", "U/L", "", "40"
        creatinine = draw.spread(66, 0.12)
        if si:
            yield one.id, on, "creatinine", f"{creatinine:.0f}", "umol/L", "41", "81"
        else:
            yield one.id, on, "creatinine", f"{creatinine / 88.42:.2f}", "mg/dL", "0.46", "0.92"
        if day <= 28:
            ill = one.crs_grade * math.exp(-(((day - one.crs_onset - 2) / 4) ** 2))
            yield one.id, on, "CRP", f"{draw.spread(3 + 40 * ill, 0.3):.1f}", "mg/L", "", "5"
            ferritin = draw.spread(140 + 700 * ill, 0.2)
            yield one.id, on, "ferritin", f"{ferritin:.0f}", "ug/L", "15", "300"


def bleeding_rows(one: SyntheticPatient) -> Iterator[Row]:
    """Yield the Chinese adult score's findings; low counts bleed more often."""
    draw = one.draw
    for day in BLOOD_DAYS:
        if day > one.last_day or (day > 14 and draw.chance(0.03)):
            continue
        count = one.platelets(day)
        skin = mucosa = "none"
        if count < 30 and draw.chance(0.55):
            skin = draw.of(("elsewhere", "elsewhere", "head/face"))
        if count < 15 and draw.chance(0.35):
            mucosa = draw.of(("occasional", "occasional", "multiple"))
        yield one.id, str(one.on(day)), skin, mucosa, "none", "none"


def event_rows(one: SyntheticPatient) -> Iterator[Row]:
    """Yield adverse events; a platelet count that was low before has its initial grade."""
    draw = one.draw

    def event(term: str, grade: int, first: int, last: int, relation: str, initial: int = 0) -> Row:
        ended = last <= one.last_day
        return (
            one.id, term, str(grade), str(initial), str(one.on(first)),
            str(one.on(last)) if ended else "", "no" if ended else "yes", relation,
            "yes" if grade >= 4 and initial < grade else "no", "not applicable",
            "recovered/resolved" if ended else "not recovered/not resolved",
        )  # fmt: skip

    before = 4 if one.baseline < 25 else 3
    yield event("Platelet count decreased", 4, 3, 12, "probable", before)
    yield event("Neutrophil count decreased", draw.of((3, 4, 4)), 4, 14 + draw.whole(0, 9),
                "definite")  # fmt: skip
    yield event("Lymphocyte count decreased", 4, 1, 24 + draw.whole(0, 20), "definite")
    if draw.chance(0.4):
        yield event("Anemia", draw.of((1, 2)), 5, 30, "possible")
    if one.crs_grade:
        last = one.crs_onset + one.crs_days
        yield event("Cytokine release syndrome", one.crs_grade, one.crs_onset, last, "definite")
    if draw.chance(0.35):
        yield event("Upper respiratory infection", 2, 40 + draw.whole(0, 60), 110, "possible")
    if draw.chance(0.3):
        day = 2 + draw.whole(0, 20)
        row = event("Headache", 1, day, day + 3, "unlikely")
        # nobody remembers the day
        yield (*row[:4], row[4][:7], "", "", *row[7:])
    if draw.chance(0.15):
        yield (one.id, "Fatigue", "", "", str(one.on(15)), "", "yes", "possible", "", "", "")


def medication_rows(one: SyntheticPatient) -> Iterator[Row]:
    """Yield ITP medication tapered in those who respond, lymphodepletion aside, and rescue."""
    draw = one.draw

    def record(
        drug: str, dose: str, unit: str, how: str, route: str, first: str, last: str, purpose: str,
        rescue: str = "",
    ) -> Row:  # fmt: skip
        return (one.id, drug, dose, unit, how, route, first, last, "" if last else "yes", purpose,
                rescue)  # fmt: skip

    dose = draw.of((5, 10, 20, 30))
    start = str(one.on(-120 - draw.whole(0, 90)))[:7]
    answers = one.course != "none"
    if draw.chance(0.8):
        if answers:
            half = one.on(28 + draw.whole(0, 14))
            stop = one.on(60 + draw.whole(0, 40))
            day = half.toordinal() - one.infusion.toordinal()
            yield record("prednisone", str(dose), "mg", "QD", "oral", start, str(one.on(day - 1)),
                         "itp")  # fmt: skip
            yield record("prednisone", f"{dose / 2:g}", "mg", "QD", "oral", str(half), str(stop),
                         "itp")  # fmt: skip
        else:
            yield record("prednisone", str(dose), "mg", "QD", "oral", start, "", "itp")
    if draw.chance(0.5):
        last = str(one.on(draw.whole(5, 30))) if answers else ""
        yield record("eltrombopag", draw.of(("25", "50", "75")), "mg", "QD", "oral", start, last,
                     "itp")  # fmt: skip
    if one.crs_grade >= 2:
        on = str(one.on(one.crs_onset + 1))
        yield record("tocilizumab", f"{8 * one.weight:.0f}", "mg", "once", "intravenous", on, on,
                     "toxicity")  # fmt: skip
    if one.transfused_on is not None:
        on = str(one.on(one.transfused_on))
        yield record("platelet transfusion", "", "", "once", "intravenous", on, on, "rescue",
                     "platelet transfusion")  # fmt: skip
    if one.rescue_on is not None and one.rescue_on <= one.last_day:
        first, last = str(one.on(one.rescue_on)), str(one.on(one.rescue_on + 1))
        yield record("intravenous immunoglobulin", f"{one.weight:.0f}", "g", "QD", "intravenous",
                     first, last, "rescue", "other rescue")  # fmt: skip


def infusion_rows(one: SyntheticPatient, protocol: Protocol) -> Iterator[Row]:
    """Yield lymphodepletion as planned by the protocol, and the cells of day 0."""
    draw = one.draw
    plan = protocol.lymphodepletion.plan(one.person, infusion=one.infusion)
    for dose in plan:
        planned = value_in(dose.amount, "mg")
        reduced = draw.chance(0.02)
        given = planned * (0.75 if reduced else 1)
        yield (one.id, dose.drug.name, str(dose.date), f"{planned:g}", "mg", f"{given:g}", "", "",
               "renal function" if reduced else "")  # fmt: skip
    cells = one.per_kg * one.weight
    given = cells * (0.8 if draw.chance(0.04) else 1)
    yield (one.id, "CAR-T", str(one.infusion), f"{cells:.3e}", "cells", f"{given:.3e}",
           "viable CAR+", "1", "" if given == cells else "product short")  # fmt: skip


def crs_rows(one: SyntheticPatient) -> Iterator[Row]:
    """Yield an assessment of CRS and ICANS on each of the first 14 days."""
    draw = one.draw
    last = one.crs_onset + one.crs_days
    for day in range(15):
        ill = one.crs_grade if one.crs_onset <= day < last else 0
        worst = ill if day == one.crs_onset + one.crs_days // 2 else min(ill, 1)
        degrees = draw.between(38.2, 39.8) if ill else draw.between(36.3, 37.4)
        pressure = ("none", "none", "without vasopressor", "one vasopressor")[worst]
        oxygen = ("none", "none", draw.of(("none", "nasal cannula")), "facemask")[worst]
        flow = {"nasal cannula": "2"}.get(oxygen, "")
        after = one.crs_grade >= 2 and one.crs_onset < day < last
        confused = one.icans_grade and day == one.crs_onset + 2
        ice = str((10, 8, 5)[one.icans_grade]) if confused else "10"
        if day > 10 and draw.chance(0.05):
            ice = ""  # not tested
        yield (one.id, str(one.on(day)), f"{degrees:.1f}", "Cel", pressure, oxygen, flow,
               "L/min" if flow else "", "tocilizumab" if after else "none", ice, "awake", "none",
               "none", "none")  # fmt: skip


def answer_rows(one: SyntheticPatient) -> Iterator[Row]:
    """Yield answers of the made-up questionnaire; those who respond answer better later."""
    draw = one.draw
    works = one.number % 4 != 0
    for day in _QUESTIONED:
        if day > one.last_day:
            continue
        better = 0.8 if day > 0 and one.course != "none" else 0.0
        for scale, count in SCALES:
            none = (scale in _WOMEN and one.sex == "M") or (scale == _WORK and not works)
            for at in range(1, count + 1):
                level = int(min(max(draw.spread(2.9 + better, 0.25), 1), OPTIONS) + 0.5)
                answer = "not applicable" if none else "" if draw.chance(0.02) else str(level)
                yield one.id, str(one.on(day)), f"{scale}{at}", answer


def rows(one: SyntheticPatient, protocol: Protocol) -> dict[str, list[Row]]:
    """Return the rows of one patient by table, always drawn in the same order."""
    return {
        "subjects": [subject_row(one, protocol)],
        "labs": list(lab_rows(one)),
        "bleeding": list(bleeding_rows(one)),
        "adverse_events": list(event_rows(one)),
        "medications": list(medication_rows(one)),
        "infusions": list(infusion_rows(one, protocol)),
        "crs": list(crs_rows(one)),
        "questionnaire": list(answer_rows(one)),
    }


__all__ = ["COLUMNS", "OPTIONS", "SCALES", "mapping", "rows"]
