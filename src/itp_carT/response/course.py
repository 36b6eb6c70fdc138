"""A patient's course: platelet counts in, best response, its times, its loss and the reasons out.

The course follows the library's own deterministic reading of the IWG definitions (`walk`); where
these name no number, the choice is an option of the criteria with a documented default.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable
from datetime import date

from itp_carT.bleeding_diary import Diary
from itp_carT.days import calendar_date
from itp_carT.observations import Lab
from itp_carT.units import Quantity, make

from .criteria import Criteria, Options, Term
from .judge import Judge
from .point import Response
from .records import Count, Day, Medication, Rescue, RescueKind, day_number
from .result import Episode, ResponseCourse, Visit
from .series import (
    BELOW_LIMIT,
    baseline_of,
    check_order,
    dated_counts,
    day_of,
    on_treatment,
    with_diary,
)
from .walk import Walk
from .windows import nearest


def assess(
    counts: Iterable[Count | Lab],
    criteria: Criteria,
    *,
    treated_on: date | str | None = None,
    baseline: str | Quantity | None = None,
    bleeding: Diary | None = None,
    rescue: Iterable[Rescue] = (),
    medication: Iterable[Medication] = (),
    diagnosed: date | str | None = None,
    died_on: Day | None = None,
    last_contact: Day | None = None,
    patient: str | None = None,
) -> ResponseCourse:
    """Assess a platelet series under one set of criteria.

    Parameters
    ----------
    counts
        Platelet counts in any order and any accepted unit [10^9/L], with dates or days.
    criteria
        For example ``iwg_2009.CRITERIA``; ``criteria.with_options(...)`` changes a choice.
    treated_on
        Day of the infusion, day 0; needed when days are dates.
    baseline
        The baseline count [10^9/L] where it is not to be taken from the series.
    bleeding
        The patient's bleeding diary; a count with its own ``bleeding`` goes before it.
    rescue
        Rescue treatments.
    medication
        ITP medication already taken.
    diagnosed
        Date of the diagnosis; no count may be older.
    died_on, last_contact
        End of observation, when it is one.
    patient
        Subject identifier, for messages and results.

    Returns
    -------
    The course, with the status of every visit and its reason.

    Raises
    ------
    RecordError
        Two different counts on one day and no rule for it, or a count before the diagnosis or
        after death; names patient, day and field.
    MissingFactError
        Dates without ``treated_on``.

    Examples
    --------
    >>> from itp_carT.response import iwg_2009
    >>> from itp_carT.response.records import Count
    >>> course = assess(
    ...     [
    ...         Count(-5, "12 10^9/L"),
    ...         Count(14, "45 10^9/L", bleeding="no"),
    ...         Count(21, "52000 /uL", bleeding="no"),
    ...     ],
    ...     iwg_2009.CRITERIA,
    ... )
    >>> course.best.name, course.time_to_response, course.duration
    ('R', 14, 7)
    """
    zero = None if treated_on is None else calendar_date(treated_on, "treated_on")
    options = criteria.options
    walk = Walk(criteria)
    for item in rescue:
        start = day_number(item.start, zero)
        walk.add_rescue(start, start if item.end is None else day_number(item.end, zero), item.kind)
    drugs = tuple(medication)
    for drug in drugs:
        for raised in drug.raised_on:
            day = day_number(raised, zero)
            walk.add_rescue(day, day, RescueKind.OTHER)
    dated = dated_counts(counts, options, zero, patient)
    check_order(dated, zero=zero, diagnosed=diagnosed, died_on=died_on, patient=patient)
    first = baseline_of(dated, walk, baseline)
    unsure = first is not None and first.below_limit and options.baseline_below_limit == "unknown"
    walk.baseline = None if first is None or unsure else first.number
    visits = _visits(walk, with_diary(dated, bleeding, options, zero), drugs, zero)
    below = [count for _, count in dated if count.below_limit]
    flags = []
    if below or (first is not None and first.below_limit):
        flags.append(BELOW_LIMIT)
    end = _end(died_on, last_contact, zero)
    return _course(criteria, walk, visits, drugs, end, zero, patient, flags)


def _visits(
    walk: Walk,
    seen: list[tuple[int, Count, bool | None]],
    drugs: tuple[Medication, ...],
    zero: date | None,
) -> tuple[Visit, ...]:
    """Judge each visit, and give the walk those the course rests on."""
    judge = Judge(walk.criteria.point, walk.baseline)
    strict, masks, open_ = walk.options.on_treatment == "no response", walk.masks, Response.NE
    visits, used = [], []
    new = tuple.__new__  # as a named tuple makes itself, without a call in between
    for day, count, bled in seen:
        number = count.number
        why = "not used: before infusion" if day < 1 else masks and walk.masked(day)
        if not why:
            status, reason = judge(number, bled)
            # bleeding needs no count to be one
            if number is not None or status is not open_:
                if strict and on_treatment(drugs, day, zero):
                    status, reason = Response.NR, "on ITP medication: does not count as response"
                visit = new(Visit, (day, number, bled, status, True, reason))
                visits.append(visit)
                used.append(visit)
                continue
        if number is None and (day < 1 or not why):
            why = "not used: no count"
        visits.append(Visit(day, number, bled, open_, False, str(why)))
    walk.take(used)
    return tuple(visits)


def _end(
    died_on: Day | None, last_contact: Day | None, zero: date | None
) -> tuple[int, str] | None:
    for given, field, word in (
        (died_on, "died_on", "death"),
        (last_contact, "last_contact", "lost to follow-up"),
    ):
        if given is not None:
            return day_of(given, field, zero), word
    return None


def _course(
    criteria: Criteria,
    walk: Walk,
    visits: tuple[Visit, ...],
    drugs: tuple[Medication, ...],
    end: tuple[int, str] | None,
    zero: date | None,
    patient: str | None,
    flags: list[str],
) -> ResponseCourse:
    options, levels = criteria.options, criteria.levels
    pairs = [walk.confirmed(rank) for rank in range(len(levels))]
    best = next((level for level, pair in zip(levels, pairs, strict=True) if pair), None)
    episodes = [
        _episode(criteria, walk, rank, pair, end) if pair else None
        for rank, pair in enumerate(pairs)
    ]
    dates = [_date(walk, pair) if pair else None for pair in pairs]
    has_complete = Response.CR in levels
    overall = episodes[-1]
    return ResponseCourse(
        criteria=criteria,
        patient=patient,
        baseline=None if walk.baseline is None else make(walk.baseline, "10^9/L"),
        best=best or _without_response(walk),
        response=overall,
        complete=episodes[0] if has_complete and criteria.complete_loss else None,
        responded_on=dates[-1],
        complete_on=dates[0] if has_complete else None,
        time_to_response=_elapsed(dates[-1], options),
        at_month_6=_at(criteria, walk, "month 6", zero),
        terms={term.key: _term(term, walk, overall, zero) for term in criteria.terms},
        flags=(*_flags(walk, pairs, overall, drugs, end, zero), *flags),
        visits=visits,
        _walk=walk,
    )


def _without_response(walk: Walk) -> Response:
    judged = any(rank is not None for rank in walk.ranks)
    return Response.NR if judged or walk.failed else Response.NE


def _date(walk: Walk, pair: tuple[int, int]) -> int:
    return walk.days[pair[0] if walk.options.dated_by == "first" else pair[1]]


def _elapsed(day: int | None, options: Options) -> int | None:
    if day is None:
        return None
    return day - (options.conditioning_day if options.clock == "conditioning" else 0)


def _episode(
    criteria: Criteria, walk: Walk, rank: int, pair: tuple[int, int], end: tuple[int, str] | None
) -> Episode | None:
    if not criteria.loss:
        return None
    loss = walk.follow(rank, *pair)
    day, event, why = loss
    if end and not event:
        why = f"{end[1]} on day {end[0]}, {why}"
        if end[1] == "death" and criteria.options.death == "event":
            day, event, why = end[0], True, "death"
    return Episode(criteria.levels[rank], _date(walk, pair), day, event, why)


def _at(criteria: Criteria, walk: Walk, visit: str, zero: date | None) -> Response:
    at = _standing(walk, visit, zero)
    rank = None if at is None else walk.ranks[at]
    return Response.NE if rank is None else (*criteria.levels, Response.NR)[rank]


def _standing(walk: Walk, visit: str, zero: date | None) -> int | None:
    """Return the position of the count that stands for a visit."""
    windows = walk.options.windows
    low, high = windows.bounds(visit)
    first, last = bisect_left(walk.days, low), bisect_right(walk.days, high)
    near = [at for at in range(first, last) if walk.used[at].platelets is not None]
    found = nearest([walk.days[at] for at in near], windows, visit, zero)
    return None if found is None else near[found]


def _term(term: Term, walk: Walk, overall: Episode | None, zero: date | None) -> bool | None:
    if term.lasting:
        first = walk.options.windows.bounds(term.at)[0]
        lost = overall is not None and overall.event and overall.end <= first
        if lost:
            return False
    at = _standing(walk, term.at, zero)
    if at is None:
        return None
    visit = walk.used[at]
    status = Judge(term.table, walk.baseline)(visit.platelets, visit.bleeding).status
    if status is Response.NE:
        return None
    met = status in term.met
    if not term.lasting:
        return met
    day = walk.days[at]
    held = overall is not None and overall.start <= day
    return met and held and not (overall is not None and overall.event and overall.end <= day)


def _flags(
    walk: Walk,
    pairs: list[tuple[int, int] | None],
    overall: Episode | None,
    drugs: tuple[Medication, ...],
    end: tuple[int, str] | None,
    zero: date | None,
) -> tuple[str, ...]:
    """Collect what a reader of the course must know."""
    flags = []
    ranks = [rank for rank in walk.ranks if rank is not None]
    best = next((rank for rank, pair in enumerate(pairs) if pair), len(pairs))
    if ranks and min(ranks) < best:
        better = "" if best == len(pairs) else f" {walk.criteria.levels[min(ranks)].name}"
        flags.append(f"unconfirmed{better}")
    if overall and "unconfirmed loss" in overall.why:
        flags.append("unconfirmed loss")
    if overall and overall.start > walk.options.late_after:
        flags.append("late")
    if overall and on_treatment(drugs, overall.start, zero):
        flags.append("on treatment")
    if end:
        flags.append(end[1])
    if not walk.criteria.source.verified:
        flags.append("unverified criteria")
    return tuple(flags)


__all__ = ["Episode", "ResponseCourse", "Visit", "assess"]
