"""Overall response, time to response and duration of response over all infused patients.

Everybody who was infused is in the denominator; a response that cannot be evaluated is no response
in the rate and is counted apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median
from typing import Any

from itp_carT.response.point import Response
from itp_carT.rounding import fixed
from itp_carT.statistics.rates import clopper_pearson
from itp_carT.statistics.survival import KaplanMeier, kaplan_meier
from itp_carT.study.assess import PatientResult, Plan, platelet_rows
from itp_carT.study.columns import Origin
from itp_carT.study.numbers import Listing, Number, Section

from .parts import infused

_BEST = "best confirmed response"
_MONTH_6 = "status at the visit that stands for month 6"


def section(results: Sequence[PatientResult], plan: Plan) -> Section:
    """Return the response of a study."""
    treated = infused(results)
    best = [_best(one, plan) for one in treated]
    month6 = [_month6(one, plan) for one in treated]
    times = [_time(one, plan) for one in treated]
    durations = [_duration(one, plan) for one in treated]
    numbers = figures(best, month6, times, durations, survival(results), plan)
    rows = [
        (
            one.id,
            *cells,
            *_rest(one),
        )
        for one, *cells in zip(treated, best, month6, times, durations, strict=True)
    ]
    listing = Listing(
        key="response.patients",
        title="Response of each patient",
        columns=("subject", "best", "month 6", "time to response", "duration", "ended by",
                 "rescue", "flags"),
        rows=rows,
    )  # fmt: skip
    notes = [f"Criteria: {plan.criteria.title} ({plan.criteria.source})."]
    if not plan.criteria.source.verified:
        notes.append("The criteria are unverified: compare them with your copy of the publication.")
    notes += [f"{one.id}: {why}" for one in treated if (why := one.refused.get("response"))]
    return Section(
        key="response", title="Response", numbers=numbers, listings=[listing], notes=notes
    )


def figures(
    best: Sequence[Number],
    month6: Sequence[Number],
    times: Sequence[Number],
    durations: Sequence[Number],
    estimate: KaplanMeier | None,
    plan: Plan,
) -> list[Number]:
    """Return the figures of all infused patients.

    Parameters
    ----------
    best, month6, times, durations
        Best response, status at month 6, time to and duration of response of each patient.
    estimate
        Of the duration; None without a response.
    plan
        How the study is analyzed.
    """
    return [
        *_rates("best", _BEST, best, plan),
        *_rates("month6", _MONTH_6, month6, plan),
        *_times(times, plan),
        *_durations(estimate, durations, plan),
    ]


def survival(results: Sequence[PatientResult]) -> KaplanMeier | None:
    """Return the Kaplan-Meier estimate of the duration of response; None without a response."""
    episodes = [
        one.course.response
        for one in infused(results)
        if one.course is not None and one.course.response is not None
    ]
    if not episodes:
        return None
    return kaplan_meier([one.days for one in episodes], [one.event for one in episodes])


# --- one patient ----------------------------------------------------------------------------------


def _rows(one: PatientResult) -> list[Origin]:
    counts = [row.at for row in platelet_rows(one.records)]
    return [*counts, *(row.at for row in one.records.bleeding)]


def _of(one: PatientResult, plan: Plan, key: str, label: str, **more: Any) -> Number:
    why = one.refused.get("response", "")
    return Number(
        key=f"response.{key}:{one.id}",
        label=f"{label} of {one.id}",
        citations=[plan.criteria.source],
        rows=_rows(one),
        **{"why": why, **more},
    )


def _best(one: PatientResult, plan: Plan) -> Number:
    value = None if one.course is None else one.course.best.name
    return _of(one, plan, "best", "best response", value=value, rule=_BEST)


def _month6(one: PatientResult, plan: Plan) -> Number:
    value = None if one.course is None else one.course.at_month_6.name
    return _of(one, plan, "month6", "status at month 6", value=value, rule=_MONTH_6)


def _time(one: PatientResult, plan: Plan) -> Number:
    course = one.course
    found = None if course is None else course.time_to_response
    why = one.refused.get("response", "") or ("" if found is not None else "no response")
    clock = plan.criteria.options.clock
    return _of(
        one, plan, "time", "time to response", value=found, unit="d", why=why,
        text="" if found is not None else "none",
        rule=f"days from {clock} to the day that dates the response",
    )  # fmt: skip


def _duration(one: PatientResult, plan: Plan) -> Number:
    episode = None if one.course is None else one.course.response
    if episode is None:
        why = one.refused.get("response", "") or "no response, or no rule for its loss"
        return _of(one, plan, "duration", "duration of response", value=None, text="none", why=why)
    ended = "" if episode.event else "+"
    return _of(
        one, plan, "duration", "duration of response", value=episode.days, unit="d",
        text=f"{episode.days}{ended} d", why=episode.why,
        rule="days from the response to its loss, or (+) to the last assessment in response",
    )  # fmt: skip


def _rest(one: PatientResult) -> tuple[str, str, str]:
    course = one.course
    if course is None:
        return "", "", "not computed"
    ended = "" if course.response is None else course.response.why
    rescue = "; ".join(f"{kind} from day {start}" for start, _, kind in course.rescues)
    return ended, rescue, ", ".join(course.flags)


# --- all patients ---------------------------------------------------------------------------------


def _rates(key: str, rule: str, each: Sequence[Number], plan: Plan) -> list[Number]:
    levels = [level.name for level in plan.criteria.levels]
    found = []
    for name, label, wanted in (
        ("rate", "overall response", levels),
        ("complete", "complete response", [Response.CR.name]),
    ):
        if name == "complete" and Response.CR.name not in levels:
            continue
        count = sum(one.value in wanted for one in each)
        found.append(_rate(f"response.{key}.{name}", label, rule, count, each, plan))
    open_ = [one for one in each if one.value in (None, Response.NE.name)]
    found.append(
        Number(
            key=f"response.{key}.not_evaluable",
            label=f"not evaluable, {rule}",
            value=len(open_),
            rule=f"{rule} is NE or not computed; they count as no response in the rates",
            parts=open_,
        )
    )
    return found


def _rate(
    key: str, label: str, rule: str, count: int, each: Sequence[Number], plan: Plan
) -> Number:
    if not each:
        return Number(key=key, label=label, value=None, why="nobody was infused")
    exact = clopper_pearson(count, len(each))
    return Number(
        key=key,
        label=f"{label}, {rule}",
        value=exact.rate,
        text=f"{count}/{len(each)} ({_percent(exact.rate)}; 95 % exact "
        f"{_percent(exact.lower)} to {_percent(exact.upper)})",
        rule="responders over all infused, with the exact two-sided interval",
        citations=[plan.criteria.source, *exact.working.sources],
        parts=each,
    )


def _percent(share: float) -> str:
    return f"{fixed(100 * share, 1)} %"


def _times(each: Sequence[Number], plan: Plan) -> list[Number]:
    known = sorted(one.value for one in each if isinstance(one.value, int))
    parts = [one for one in each if isinstance(one.value, int)]
    if not known:
        return [Number(key="response.time.median", label="median time to response", value=None,
                       unit="d", why="nobody responded")]  # fmt: skip
    middle = median(known)
    return [
        Number(
            key="response.time.median",
            label="median time to response",
            value=middle,
            unit="d",
            text=f"{middle:g} d (range {known[0]} to {known[-1]}; {len(known)} responders)",
            rule="median over those who responded",
            citations=[plan.criteria.source],
            parts=parts,
        )
    ]


def _durations(found: KaplanMeier | None, each: Sequence[Number], plan: Plan) -> list[Number]:
    parts = [one for one in each if one.value is not None]
    if found is None:
        return [Number(key="response.duration.median", label="median duration of response",
                       value=None, unit="d", why="nobody responded")]  # fmt: skip
    limits = [
        "not estimable" if limit is None else f"{limit:g}"
        for limit in (found.median_lower, found.median_upper)
    ]
    middle = "not reached" if found.median is None else f"{found.median:g} d"
    return [
        Number(
            key="response.duration.median",
            label="median duration of response",
            value=found.median,
            unit="d",
            text=f"{middle} (95 % {limits[0]} to {limits[1]}; {found.events} lost of "
            f"{found.subjects})",
            rule="Kaplan-Meier, first time at which half or fewer are in response",
            citations=[plan.criteria.source, *found.working.sources],
            why="" if found.median is not None else "more than half were in response at the end",
            parts=parts,
        )
    ]


__all__ = ["figures", "section", "survival"]
