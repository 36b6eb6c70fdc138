"""Quality of life: scores of each scale at baseline and later, changes and their meaning."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from itp_carT.quality_of_life.profile import Change, Profile
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.score import summarize
from itp_carT.rounding import fixed
from itp_carT.study.assess import PatientResult, Plan
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.working import Working

from .parts import infused

_WITHOUT = (
    "Not computed: the items of the scales are licensed. Name your mapping in study.toml: "
    'options.questionnaire_mapping = "mapping.csv"; itp-cart paq --template writes an empty one.'
)
_MONTHS = (3, 6)
_NEAR = 21  # days from 30-day months; a convention of the report


def section(results: Sequence[PatientResult], plan: Plan) -> Section:
    """Return the questionnaire of a study."""
    title = "Quality of life"
    if plan.questionnaire is None:
        return Section(key="questionnaire", title=title, notes=[_WITHOUT])
    people = infused(results)
    changed = {month: _changes(people, month, plan.questionnaire) for month in _MONTHS}
    rows, numbers = [], []
    for scale in plan.questionnaire.scales:
        cells: list[Any] = [f"{scale.key} {scale.label}"]
        base = _summary(people, scale.key, None)
        cells.append(base)
        for month in _MONTHS:
            later = _summary(people, scale.key, month)
            change = _change(changed[month], scale.key, month)
            cells += [later, change, str(plan.questionnaire.mid(scale.key) or "")]
            numbers.append(change)
        rows.append(tuple(cells))
    heads = [
        head
        for month in _MONTHS
        for head in (f"month {month}", f"change to month {month}", f"MID (month {month})")
    ]
    listing = Listing(
        key="questionnaire.scales",
        title="Mean score of each scale, 0 (worst) to 100 (best)",
        columns=("scale", "baseline", *heads),
        rows=rows,
        note="Means of those who were scored; missing and not applicable are counted apart.",
    )
    notes = [f"Month 3 and 6: nearest to day 90 and 180, within {_NEAR} days; our convention."]
    notes += [f"{one.id}: {why}" for one in people if (why := one.refused.get("questionnaire"))]
    return Section(key="questionnaire", title=title, numbers=numbers, listings=[listing],
                   notes=notes)  # fmt: skip


def _at(one: PatientResult, month: int | None) -> Profile | None:
    """Return the profile before treatment, or the one nearest to a month, within its window."""
    days = {one.day(on): on for on in one.profiles}
    if month is None:
        first = one.records.subject.conditioning
        limit = 0 if first is None else one.day(first) or 0
        before = [day for day in days if day is not None and day <= limit]
        return one.profiles[days[max(before)]] if before else None
    near = [
        (abs(day - 30 * month), -day, on)
        for day, on in days.items()
        if day is not None and abs(day - 30 * month) <= _NEAR
    ]
    on: dt.date | None = min(near)[2] if near else None
    return None if on is None else one.profiles[on]


def _score(profile: Profile | None, key: str) -> Any:
    if profile is None:
        return None
    return next(score for score in profile.scores if score.scale == key)


def _summary(people: Iterable[PatientResult], key: str, month: int | None) -> Number:
    pairs = [(one, _score(_at(one, month), key)) for one in people]
    there = [score for _, score in pairs if score is not None]
    when = "baseline" if month is None else f"month {month}"
    if not there:
        return Number(key=f"questionnaire.{key}.{when}", label=f"{key} at {when}", value=None,
                      text="none", why="nobody answered")  # fmt: skip
    found = summarize(there)
    counts = {outcome.label: n for outcome, n in found.counts if n}
    scored = sum(score.settled for score in there)
    return Number(
        key=f"questionnaire.{key}.{when}",
        label=f"mean of {key} at {when}",
        value=found.mean,
        text="none scored" if found.mean is None else f"{fixed(found.mean, 1)} (n = {scored})",
        rule="mean over those who were scored: "
        + ", ".join(f"{name} {n}" for name, n in counts.items()),
        citations=[c for score in there[:1] for c in _sources(score.working)],
        rows=[
            row.at for one, score in pairs if score is not None for row in one.records.questionnaire
        ],
    )


def _sources(working: Working) -> Iterable[Any]:
    return working.sources


def _changes(
    people: Iterable[PatientResult], month: int, asked: Questionnaire
) -> list[tuple[str, dict[str, Change]]]:
    """Return the changes of every scale of each patient who answered twice."""
    found = []
    for one in people:
        before, after = _at(one, None), _at(one, month)
        if before is not None and after is not None:
            found.append((one.id, {c.scale: c for c in asked.changes(after, before)}))
    return found


def _change(found: Iterable[tuple[str, dict[str, Change]]], key: str, month: int) -> Number:
    changes = [
        (who, change, float(difference))
        for who, by_scale in found
        if (difference := (change := by_scale[key]).difference) is not None
    ]
    name = f"questionnaire.{key}.change{month}"
    label = f"mean change of {key} to month {month}"
    if not changes:
        return Number(key=name, label=label, value=None, text="none", why="no pair of scores")
    each = [difference for *_, difference in changes]
    mean = sum(each) / len(each)
    return Number(
        key=name,
        label=label,
        value=mean,
        text=f"{fixed(mean, 1, signed=True)} (n = {len(each)})",
        rule="mean of the differences of those scored twice; positive is better",
        citations=[c for _, change, _ in changes[:1] for c in _sources(change.working)],
        parts=[
            Number(key=f"{name}:{who}", label=f"change of {key} of {who}",
                   value=by, text=fixed(by, 1, signed=True),
                   why="" if change.band is None else change.band.label)
            for who, change, by in changes
        ],
    )  # fmt: skip


__all__ = ["section"]
