"""The working of a drug dose: the steps a second checker follows with a pocket calculator.

Written only when it is asked for, from what the dose already holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from itp_carT.days import weekday
from itp_carT.notation import plain
from itp_carT.rounding import fixed
from itp_carT.sources import HOPA_2018
from itp_carT.units import Quantity, value_in
from itp_carT.working import Step

if TYPE_CHECKING:
    from .drugs import CourseDose, DailyDose

_HOPA = HOPA_2018.at("rounding within 10 %", note="the statement excepts clinical trials")


def daily_steps(dose: DailyDose) -> tuple[Step, ...]:
    """Write the steps from height and weight to the vials of one day."""
    of = dose.of
    day = f"{dose.date.isoformat()}, {weekday(dose.date)}"
    return (
        *_area_steps(of),
        *_dose_steps(of),
        _vials(of),
        Step("date", "infusion + protocol day", f"{of.infusion.isoformat()}, {dose.day}", day),
    )


def regimen_steps(doses: tuple[CourseDose, ...]) -> tuple[Step, ...]:
    """Write the steps of several courses, which share one area."""
    steps = [*_area_steps(doses[0])]
    for dose in doses:
        steps += (*_dose_steps(dose), _total(dose), _vials(dose))
    return tuple(steps)


def course_steps(dose: CourseDose) -> tuple[Step, ...]:
    """Write the steps from height and weight to the total of a course."""
    return regimen_steps((dose,))


def _total(dose: CourseDose) -> Step:
    days = len(dose)
    return Step(
        f"{dose.course.drug} in all",
        "days × rounded daily dose",
        f"{days} × {dose.daily}",
        str(dose.total),
        note=f"on {', '.join(map(str, dose.course.days))}",
    )


def _vials(dose: CourseDose) -> Step:
    drug = dose.course.drug
    strengths = ", ".join(map(str, dose.strengths))
    return Step(
        f"{drug} vials a day",
        "least drug, then fewest vials",
        f"of {strengths}",
        str(dose.opened),
        drug.citation if dose.vials is None else None,
    )


def _area_steps(dose: CourseDose) -> tuple[Step, ...]:
    steps = dose.bsa.working.steps
    if dose.bsa_cap is None:
        return steps
    area = dose.bsa.value.magnitude
    applied = "the cap applies" if dose.area is not dose.bsa.value else "the cap does not apply"
    cap = Step(
        "area that counts",
        "min(body surface area, cap)",
        f"min({fixed(area, 6)} m^2, {dose.bsa_cap})",
        _m2(dose.area),
        note=applied,
    )
    return (*steps, cap)


def _dose_steps(dose: CourseDose) -> tuple[Step, ...]:
    course = dose.course
    drug = course.drug.name
    ordered = Step(f"{drug} per area", "", "", str(course.per_area), dose.source)
    per_area, steps = value_in(course.per_area, "mg/m^2"), [ordered]
    if dose.renal is not None:
        share = dose.renal.share
        steps += dose.renal.working.steps
        steps.append(
            Step(
                f"{drug} per area, reduced",
                "dose per area × share",
                f"{course.per_area} × {share}",
                f"{plain(per_area * share.numerator / share.denominator)} mg/m^2",
            )
        )
        per_area = per_area * share.numerator / share.denominator
    exact = value_in(dose.unrounded, "mg")
    steps.append(
        Step(
            f"{drug} a day",
            "dose per area × area",
            f"{plain(per_area)} mg/m^2 × {_m2(dose.area)}",
            f"{exact:.5g} mg",
        )
    )
    steps.append(
        Step(
            f"{drug} a day, rounded",
            str(course.rounding),
            f"{exact:.5g} mg",
            str(dose.daily),
            None if dose.within_rounding_limit else _HOPA,
            f"{fixed(dose.deviation.magnitude, 1, signed=True)} % by rounding",
        )
    )
    return tuple(steps)


def _m2(area: Quantity) -> str:
    return f"{fixed(area.magnitude, 6)} m^2"  # enough digits for a pocket calculator to agree


__all__ = ["course_steps", "daily_steps", "regimen_steps"]
