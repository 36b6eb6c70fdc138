"""Bleeding by the Chinese adult score: before treatment, at its worst after it, at month 6."""

from __future__ import annotations

from collections.abc import Sequence

from itp_carT.bleeding import chinese_adult
from itp_carT.bleeding.instrument import BleedingScore
from itp_carT.response.windows import Windows, nearest
from itp_carT.study.assess import PatientResult, Plan
from itp_carT.study.columns import Origin
from itp_carT.study.numbers import Listing, Number, Section

from .parts import count, infused

_LABELS = {"baseline": "before treatment", "month6": "at month 6"}


def section(results: Sequence[PatientResult], plan: Plan) -> Section:
    """Return the bleeding of a study."""
    people = infused(results)
    windows = plan.criteria.options.windows
    found = [_course(one, windows) for one in people]
    names = [one.id for one in people]
    numbers = [
        without_bleeding(key, names, [row[at] for row in found])
        for key, at in (("baseline", 0), ("month6", 2))
    ]
    listing = Listing(
        key="bleeding.patients",
        title="Chinese adult bleeding score: symptom points of each patient",
        columns=("subject", "before treatment", "worst after", "at month 6", "change to month 6"),
        rows=[(one.id, *row, _change(row[0], row[2])) for one, row in zip(people, found,
              strict=True)],
    )  # fmt: skip
    notes = [
        (
            "The points of the score are unverified: a site compares them with its copy of the "
            "guideline. Only symptom points are shown; age points do not change."
        ),
        (
            "Not assessed is not the same as no bleeding: such a patient is not counted as without "
            "bleeding, and stays in the denominator."
        ),
    ]
    notes += [f"{one.id}: {why}" for one in people if (why := one.refused.get("bleeding"))]
    return Section(key="bleeding", title="Bleeding", numbers=numbers, listings=[listing],
                   notes=notes)  # fmt: skip


def without_bleeding(key: str, names: Sequence[str], scored: Sequence[Number]) -> Number:
    """Return how many have no bleeding before treatment, or at month 6.

    Parameters
    ----------
    key
        ``"baseline"`` or ``"month6"``.
    names
        Everybody who was infused.
    scored
        The symptom points of each.
    """
    known = [one for one in scored if one.value is not None]
    return count(
        f"bleeding.{key}.free",
        f"patients without bleeding {_LABELS[key]}",
        [name for name, score in zip(names, scored, strict=True) if score.value == 0],
        len(names),
        rule=f"symptom points are 0; {len(known)} of {len(names)} were assessed",
        citations=[chinese_adult.POINTS],
        rows=[row for one in known for row in one.rows],
    )


def _course(one: PatientResult, windows: Windows) -> tuple[Number, Number, Number]:
    dated = [(day, score) for score in one.scores if (day := _day(one, score)) is not None]
    first = one.records.subject.conditioning
    start = 0 if first is None else (one.day(first) or 0)
    before = [(day, score) for day, score in dated if day <= start]
    after = [(day, score) for day, score in dated if day > 0]
    last = max(before, key=lambda pair: pair[0], default=None)
    worst = max(
        ((score["symptom"].maximum, -day, day, score) for day, score in after),
        key=lambda found: found[:2], default=None,
    )  # fmt: skip
    days = [day for day, _ in after]
    at = nearest(days, windows, "month 6", one.records.subject.infusion)
    month6 = None if at is None else after[at]
    return (
        _number(one, "baseline", last, "the last assessment before conditioning"),
        _number(one, "worst", worst and worst[2:], "the worst assessment after the infusion"),
        _number(one, "month6", month6, "the assessment that stands for month 6"),
    )


def _day(one: PatientResult, score: BleedingScore) -> int | None:
    return None if score.on is None or isinstance(score.on, int) else one.day(score.on)


def _number(
    one: PatientResult, key: str, found: tuple[int, BleedingScore] | None, rule: str
) -> Number:
    label = f"bleeding symptom points, {rule}, {one.id}"
    name = f"bleeding.{key}:{one.id}"
    if found is None:
        return Number(key=name, label=label, value=None, text="not assessed", rule=rule,
                      why="no assessment")  # fmt: skip
    day, score = found
    points = score["symptom"]
    text = str(points.value) if points.settled else f"{points.minimum} to {points.maximum}"
    return Number(
        key=name, label=label, value=points.value if points.settled else None,
        text=f"{text} (D{day})", rule=rule, citations=score.working.sources,
        rows=_rows(one, score),
        why="" if points.settled else "some items were not assessed",
    )  # fmt: skip


def _rows(one: PatientResult, score: BleedingScore) -> list[Origin]:
    return [row.at for row in one.records.bleeding if row.date == score.on]


def _change(before: Number, after: Number) -> str:
    if not isinstance(before.value, int) or not isinstance(after.value, int):
        return "not known"
    return f"{after.value - before.value:+d}"


__all__ = ["section", "without_bleeding"]
