"""A dosing plan on paper and as JSON: the same facts, arranged for people and for programs."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from typing import Any

from itp_carT import __version__
from itp_carT.days import weekday
from itp_carT.dosing.cells import InfusionVolume, scientific
from itp_carT.dosing.drugs import CourseDose
from itp_carT.dosing.split import PartialDose, plain_fraction
from itp_carT.protocol.model import DosingPlan
from itp_carT.rounding import fixed
from itp_carT.units import Quantity, symbol, value_in

from .patient import table

_LABEL = 8  # width of the label column
_WIDTH = 100  # of wrapped text
_CLOSING = (
    "This sheet informs those who treat and decides nothing for them: check it against the "
    "protocol."
)


def sheet(plan: DosingPlan, warnings: list[str], *, working: bool = False) -> str:
    """Write the sheet that is pinned to a chart."""
    blocks = [
        _head(plan),
        ["Lymphodepletion", *_drug_table(plan), *_drug_lines(plan)],
        ["Cells", *_cell_table(plan), *_cell_lines(plan)],
    ]
    if working:
        blocks.append(["Working", *_wrapped(map(str, plan.working))])
    if warnings:
        blocks.append(["Warnings", *_wrapped(warnings)])
    blocks += [["Sources", *_source_lines(plan)], [_CLOSING]]
    return "\n\n".join("\n".join(block) for block in blocks)


def _wrapped(texts: Iterable[str]) -> list[str]:
    return [
        line
        for text in texts
        for line in textwrap.wrap(
            text, _WIDTH, initial_indent="  ", subsequent_indent="    ", break_long_words=False
        )
    ]


def _line(label: str, text: str) -> str:
    return f"{label:{_LABEL}}  {text}"


def _head(plan: DosingPlan) -> list[str]:
    subject, area = plan.subject, plan.bsa
    age = f"{subject.age_on(plan.infusion)} years" if subject.age or subject.born else ""
    sex = subject.sex.label if subject.sex else ""
    facts = (subject.id, sex, age, subject.height, subject.weight)
    step = next(step for step in area.working if step.what == "body surface area")
    return [
        f"Dosing plan, {plan.lymphodepletion.courses[0].source.short.rpartition(' ')[0]}",
        "",
        _line("Patient", ", ".join(str(fact) for fact in facts if fact)),
        _line("Infusion", f"{weekday(plan.infusion)} {plan.infusion.isoformat()} (D0)"),
        _line("BSA", f"{step.result} = {step.substituted}; {step.note}"),
    ]  # fmt: skip


def _drug_table(plan: DosingPlan) -> list[str]:
    rows = [("Date", "Weekday", "Day", "Drug", "Dose", "Unrounded", "Vials, waste")]
    rows += [
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
    return [f"  {line}" for line in table(rows, right=(2, 4, 5))]


def _drug_lines(plan: DosingPlan) -> list[str]:
    rows = [(f"{course.course.drug}:", _sum(course)) for course in plan.lymphodepletion.courses]
    return ["", *(f"  {line}" for line in table(rows))]


def _sum(dose: CourseDose) -> str:
    share = f" × {dose.renal.share}" if dose.renal else ""
    renal = f"; share {dose.renal}" if dose.renal else ""
    return (
        f"{dose.course.per_area}{share} × {fixed(dose.area.magnitude, 6)} m^2 = "
        f"{dose.unrounded.magnitude:.5g} mg, {dose.course.rounding}: {dose.daily} "
        f"({fixed(dose.deviation.magnitude, 1, signed=True)} %); "
        f"{len(dose)} days = {dose.total}{renal}"
    )


def parts(plan: DosingPlan) -> list[tuple[Any, ...]]:
    """Return date, protocol day, share, cells and volume of each infusion."""
    if plan.split is None:
        return [(plan.infusion, 0, 1.0, plan.cells.total, plan.volume)]
    return [
        (part.date, part.day.number, float(part.share), part.planned, _volume(plan, part))
        for part in plan.split
    ]


def _volume(plan: DosingPlan, part: PartialDose) -> InfusionVolume | None:
    if plan.product is None:
        return None
    return InfusionVolume(cells=part.planned, counting=plan.cells.counting, product=plan.product)


def _cell_table(plan: DosingPlan) -> list[str]:
    rows = [("Date", "Weekday", "Day", "Fraction", "Cells", "Volume")]
    for index, (date, day, share, cells, volume) in enumerate(parts(plan)):
        exact = plan.split[index].share if plan.split else None
        rows.append(
            (
                date.isoformat(),
                weekday(date),
                f"D{day}",
                f"{plain_fraction(100 * exact)} %" if exact else f"{fixed(100 * share, 0)} %",
                scientific(cells.magnitude),
                f"{fixed(volume.volume.magnitude, 2)} mL" if volume else "product not given",
            )
        )
    return [f"  {line}" for line in table(rows, right=(2, 3, 4, 5))]


def _cell_lines(plan: DosingPlan) -> list[str]:
    dose, volume = plan.cells, plan.volume
    step = dose.working[-1]
    rows = [("cells:", f"{step.substituted} = {step.result}, {dose.counting.label}")]
    if volume is not None:
        rows += [(f"{step.what}:", f"{step.substituted} = {step.result}")
                 for step in volume.working if step.substituted]  # fmt: skip
    return ["", *(f"  {line}" for line in table(rows))]


def _source_lines(plan: DosingPlan) -> list[str]:
    lines = []
    for citation in plan.sources:
        note = f": {citation.note}" if citation.note else ""
        lines.append(f"{citation}{note}")
    return _wrapped(lines)


# --- JSON -----------------------------------------------------------------------------------------


def document(plan: DosingPlan, warnings: list[str]) -> dict[str, Any]:
    """Arrange a plan as the documented JSON; see the guide on dosing."""
    area, subject = plan.bsa, plan.subject
    return {
        "protocol": plan.lymphodepletion.courses[0].source.source.key,
        "subject": {
            "id": subject.id,
            "sex": subject.sex.value if subject.sex else None,
            "age": subject.age,
            "height": _json(subject.height),
            "weight": _json(subject.weight),
        },
        "infusion": plan.infusion.isoformat(),
        "bsa": {"value": area.value.magnitude, "unit": "m^2", "formula": area.formula.key},
        "lymphodepletion": [
            {
                "date": dose.date.isoformat(),
                "protocol_day": dose.day.number,
                "drug": dose.drug.name,
                "dose": _json(dose.amount),
                "unrounded": _json(dose.unrounded),
                "vials": [
                    {"strength": _json(strength), "count": count}
                    for strength, count in dose.vials.vials
                ],
                "waste": _json(dose.vials.waste),
            }
            for dose in plan.lymphodepletion
        ],
        "courses": [
            {
                "drug": course.course.drug.name,
                "days": len(course),
                "total": _json(course.total),
                "renal_share": str(course.renal.share) if course.renal else None,
            }
            for course in plan.lymphodepletion.courses
        ],
        "counting": plan.cells.counting.value,
        "cells": [
            {
                "date": date.isoformat(),
                "protocol_day": day,
                "fraction": share,
                "total": _json(cells),
                "volume": _json(volume.volume) if volume else None,
            }
            for date, day, share, cells, volume in parts(plan)
        ],
        "warnings": warnings,
        "sources": [
            {
                "key": citation.source.key,
                "locator": citation.locator,
                "verified": citation.verified,
                "note": citation.note,
                "reference": str(citation.source),
            }
            for citation in plan.sources
        ],
        "version": __version__,
    }


def _json(given: Quantity | None) -> dict[str, Any] | None:
    if given is None:
        return None
    unit = symbol(given)
    return {"value": value_in(given, unit), "unit": unit}


__all__ = ["document", "parts", "sheet"]
