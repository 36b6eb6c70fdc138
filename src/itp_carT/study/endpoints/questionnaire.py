"""Quality of life: scores of each scale at baseline and later, changes and their meaning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from itp_carT.quality_of_life.profile import Change, Profile
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.score import Outcome, ScaleScore, summarize
from itp_carT.rounding import fixed
from itp_carT.study.assess import PatientResult, Plan
from itp_carT.study.columns import Origin
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.working import Working

from .parts import infused

_WITHOUT = (
    "Not computed: the items of the scales are licensed. Name your mapping in study.toml: "
    'options.questionnaire_mapping = "mapping.csv"; itp-cart paq --template writes an empty one.'
)
MONTHS = (3, 6)
#: Before treatment, and the months after it.
TIMES: tuple[int | None, ...] = (None, *MONTHS)
_NEAR = 21  # days from 30-day months; a convention of the report


@frozen(kw_only=True)
class ScaleAnswers:
    """What a study answered to one scale.

    Parameters
    ----------
    scores
        By month, None before treatment: the scores of those who answered, and how many have each.
    changes
        By month: each change, and how many patients have it.
    rows, parts
        The rows behind the scores, and the changes of each patient; empty where not kept.
    """

    scores: Mapping[int | None, Sequence[tuple[ScaleScore, int]]]
    changes: Mapping[int, Sequence[tuple[Change, int]]]
    rows: Mapping[int | None, Sequence[Origin]] = field(factory=dict, repr=False)
    parts: Mapping[int, Sequence[Number]] = field(factory=dict, repr=False)


def section(results: Sequence[PatientResult], plan: Plan) -> Section:
    """Return the questionnaire of a study."""
    title = "Quality of life"
    if plan.questionnaire is None:
        return Section(key="questionnaire", title=title, notes=[_WITHOUT])
    people = infused(results)
    at = {month: [_at(one, month) for one in people] for month in TIMES}
    numbers, listing = tabulated(
        plan.questionnaire,
        {
            scale.key: _answers(people, at, plan.questionnaire, place)
            for place, scale in enumerate(plan.questionnaire.scales)
        },
    )
    notes = [f"Month 3 and 6: nearest to day 90 and 180, within {_NEAR} days; our convention."]
    notes += [f"{one.id}: {why}" for one in people if (why := one.refused.get("questionnaire"))]
    return Section(key="questionnaire", title=title, numbers=numbers, listings=[listing],
                   notes=notes)  # fmt: skip


def tabulated(
    asked: Questionnaire, answers: Mapping[str, ScaleAnswers]
) -> tuple[list[Number], Listing]:
    """Return the changes of every scale, and the table of scales.

    Parameters
    ----------
    asked
        The questionnaire.
    answers
        What was answered, by scale.
    """
    rows, numbers = [], []
    for scale in asked.scales:
        found = answers[scale.key]
        cells: list[Any] = [f"{scale.key} {scale.label}", _summary(found, scale.key, None)]
        for month in MONTHS:
            change = _change(found, scale.key, month)
            cells += [_summary(found, scale.key, month), change, str(asked.mid(scale.key) or "")]
            numbers.append(change)
        rows.append(tuple(cells))
    heads = [
        head
        for month in MONTHS
        for head in (f"month {month}", f"change to month {month}", f"MID (month {month})")
    ]
    listing = Listing(
        key="questionnaire.scales",
        title="Mean score of each scale, 0 (worst) to 100 (best)",
        columns=("scale", "baseline", *heads),
        rows=rows,
        note="Means of those who were scored; missing and not applicable are counted apart.",
    )
    return numbers, listing


def day_of(days: Iterable[int], month: int | None, first: int) -> int | None:
    """Return the day that stands for a time: the last before treatment, or the nearest to a month.

    Parameters
    ----------
    days
        Protocol days with answers.
    month
        The month; None before treatment.
    first
        First day of treatment, which is before treatment still.

    Examples
    --------
    >>> day_of([-30, -5, 80, 100], None, -5), day_of([-30, 80, 100], 3, -5), day_of([40], 3, -5)
    (-5, 100, None)
    """
    if month is None:
        return max((day for day in days if day <= first), default=None)
    near = [day for day in days if abs(day - 30 * month) <= _NEAR]
    return min(near, key=lambda day: (abs(day - 30 * month), -day), default=None)


def _at(one: PatientResult, month: int | None) -> Profile | None:
    """Return the profile before treatment, or the one nearest to a month, within its window."""
    days = {day: on for on in one.profiles if (day := one.day(on)) is not None}
    first = one.records.subject.conditioning
    found = day_of(days, month, 0 if first is None else one.day(first) or 0)
    on: dt.date | None = None if found is None else days[found]
    return None if on is None else one.profiles[on]


def _answers(
    people: Sequence[PatientResult],
    at: Mapping[int | None, Sequence[Profile | None]],
    asked: Questionnaire,
    place: int,
) -> ScaleAnswers:
    """Return what was answered to the scale that stands at a place of the questionnaire."""
    scale = asked.scales[place].key
    changes: dict[int, list[tuple[str, Change]]] = {
        month: [
            (one.id, asked.changes(after, before)[place])
            for one, before, after in zip(people, at[None], at[month], strict=True)
            if before is not None and after is not None
        ]
        for month in MONTHS
    }
    return ScaleAnswers(
        scores={
            month: [(profile.scores[place], 1) for profile in found if profile is not None]
            for month, found in at.items()
        },
        changes={month: [(one, 1) for _, one in found] for month, found in changes.items()},
        rows={
            month: [
                row.at
                for one, profile in zip(people, found, strict=True)
                if profile is not None
                for row in one.records.questionnaire
            ]
            for month, found in at.items()
        },
        parts={
            month: [
                Number(key=f"{_name(scale, month)}:{who}", label=f"change of {scale} of {who}",
                       value=float(one.difference),
                       text=fixed(float(one.difference), 1, signed=True),
                       why="" if one.band is None else one.band.label)
                for who, one in found
                if one.difference is not None
            ]
            for month, found in changes.items()
        },
    )  # fmt: skip


def _summary(found: ScaleAnswers, key: str, month: int | None) -> Number:
    there = found.scores[month]
    when = "baseline" if month is None else f"month {month}"
    if not there:
        return Number(key=f"questionnaire.{key}.{when}", label=f"{key} at {when}", value=None,
                      text="none", why="nobody answered")  # fmt: skip
    mean = summarize([score for score, _ in there], times=[many for _, many in there])
    counts = {outcome.label: n for outcome, n in mean.counts if n}
    scored = mean[Outcome.SCORED]
    return Number(
        key=f"questionnaire.{key}.{when}",
        label=f"mean of {key} at {when}",
        value=mean.mean,
        text="none scored" if mean.mean is None else f"{fixed(mean.mean, 1)} (n = {scored})",
        rule="mean over those who were scored: "
        + ", ".join(f"{name} {n}" for name, n in counts.items()),
        citations=_sources(there[0][0].working),
        rows=found.rows.get(month, ()),
    )


def _sources(working: Working) -> Iterable[Any]:
    return working.sources


def _name(key: str, month: int) -> str:
    return f"questionnaire.{key}.change{month}"


def _change(found: ScaleAnswers, key: str, month: int) -> Number:
    name, label = _name(key, month), f"mean change of {key} to month {month}"
    changes = [
        (one, one.difference, many)
        for one, many in found.changes[month]
        if one.difference is not None
    ]
    if not changes:
        return Number(key=name, label=label, value=None, text="none", why="no pair of scores")
    among = sum(many for *_, many in changes)
    # exact, so that it does not depend on the order of patients
    mean = float(sum((by * many for _, by, many in changes), Fraction(0)) / among)
    return Number(
        key=name,
        label=label,
        value=mean,
        text=f"{fixed(mean, 1, signed=True)} (n = {among})",
        rule="mean of the differences of those scored twice; positive is better",
        citations=_sources(changes[0][0].working),
        parts=found.parts.get(month, ()),
    )


__all__ = ["MONTHS", "TIMES", "ScaleAnswers", "day_of", "section", "tabulated"]
