"""A patient's course: platelet counts in, best response, its times, its loss and the reasons out.

The course follows the library's own deterministic reading of the IWG definitions (`walk`); where
these name no number, the choice is an option of the criteria with a documented default.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from attrs import field, frozen

from itp_carT.analytes import PLATELETS
from itp_carT.bleeding_diary import Diary
from itp_carT.days import calendar_date
from itp_carT.errors import ImpossibleError, MissingFactError, RecordError
from itp_carT.notation import equal, plain
from itp_carT.observations import Lab
from itp_carT.units import Quantity, make
from itp_carT.verdict import decide

from .criteria import Criteria, Options, Term
from .point import BLEEDING, Response
from .records import Count, Day, Medication, Rescue, RescueKind, day_number
from .walk import PER_LITER, Walk, judge
from .windows import nearest


@frozen
class Visit:
    """One count of the course: its status, whether it was used, and why (not).

    Parameters
    ----------
    day
        Days from the infusion.
    platelets
        The count [10^9/L]; None when missing.
    bleeding
        Yes, no or unknown since the previous assessment.
    status
        What the criteria say of it; NE where the facts leave it open or it was not used.
    used
        Whether the course rests on it.
    reason
        The limits behind the status, or why it was not used.
    """

    day: int
    platelets: float | None
    bleeding: bool | None
    status: Response
    used: bool
    reason: str


@frozen
class Episode:
    """A response from its day to its loss, or to the last assessment in response.

    Parameters
    ----------
    level
        The response held (or a better one).
    start, end
        Days from the infusion.
    event
        Whether it was lost; otherwise it is censored.
    why
        The reason of the loss or of the censoring.
    """

    level: Response
    start: int
    end: int
    event: bool
    why: str

    @property
    def days(self) -> int:
        """Duration of the response [days]."""
        return self.end - self.start

    def __str__(self) -> str:
        ending = "lost" if self.event else "censored"
        return (
            f"{self.level.name} day {self.start} to {self.end}, {self.days} d, {ending}: {self.why}"
        )


@frozen(kw_only=True)
class ResponseCourse:
    """What a platelet series says under one set of criteria.

    Parameters
    ----------
    criteria
        The definitions used, with their options.
    patient
        Subject identifier.
    baseline
        The baseline count; None when there is none.
    best
        Best confirmed response; NE when no count could be judged.
    response
        The overall response from its day to its loss or censoring; None without a response, or
        where the criteria have no loss rule (then only ``responded_on`` is known).
    complete
        The same for complete response, where the criteria have a loss rule for it.
    responded_on, complete_on
        Day from the infusion on which the response, and the complete response, is dated.
    time_to_response
        Days from the start of the clock to ``responded_on``.
    at_month_6
        Status at the visit that stands for month 6.
    terms
        The criteria's named outcomes: True, False, or None where not evaluable.
    flags
        What a reader must know, e.g. ``"unconfirmed"``, ``"late"``, ``"on treatment"``.
    """

    criteria: Criteria
    patient: str | None
    baseline: Quantity | None
    best: Response
    response: Episode | None
    complete: Episode | None
    responded_on: int | None
    complete_on: int | None
    time_to_response: int | None
    at_month_6: Response
    terms: dict[str, bool | None]
    flags: tuple[str, ...]
    _walk: Walk = field(eq=False, repr=False, alias="_walk")
    _counts: tuple[tuple[int, Count, bool | None], ...] = field(repr=False, alias="_counts")

    @property
    def lost_on(self) -> int | None:
        """Day from the infusion on which the response was lost; None when it was not."""
        return self.response.end if self.response and self.response.event else None

    @property
    def duration(self) -> int | None:
        """Duration of the overall response [days], to its loss or censoring."""
        return self.response.days if self.response else None

    @property
    def visits(self) -> tuple[Visit, ...]:
        """Every count with its status and the reason."""
        return tuple(
            _visit(self.criteria, self._walk, day, count, bleeding)
            for day, count, bleeding in self._counts
        )

    @property
    def share_in_response(self) -> float | None:
        """Share of the observed time in response; a count holds until the next one."""
        weakest = len(self.criteria.levels) - 1
        return self._share(lambda at: _within(self._walk.ranks[at], weakest))

    def days_at_least(self, count: str) -> int:
        """Return days on which the last count was at least a limit, e.g. ``"50 10^9/L"``."""
        limit = PLATELETS.number(PLATELETS.read(count), PER_LITER)
        values = self._walk.values
        return self._walk.time_at_least(lambda at: values[at] > limit or equal(values[at], limit))[
            0
        ]

    def _share(self, holds: Callable[[int], Any]) -> float | None:
        held, total = self._walk.time_at_least(holds)
        return held / total if total else None

    @property
    def working(self) -> tuple[str, ...]:
        """The course in sentences, with the source of the definitions."""
        lines = [f"{self.criteria.title} ({self.criteria.source})"]
        lines.append(f"baseline {self.baseline}" if self.baseline else "no baseline count")
        lines += [
            f"day {visit.day}: {_shown(visit.platelets)} {visit.status.name}: {visit.reason}"
            for visit in self.visits
        ]
        lines += [str(episode) for episode in (self.response, self.complete) if episode]
        lines += [f"flag: {flag}" for flag in self.flags]
        return tuple(lines)

    def __str__(self) -> str:
        who = f"{self.patient}: " if self.patient else ""
        when = "" if self.responded_on is None else f" from day {self.responded_on}"
        return f"{who}{self.best.label}{when}" + (f"; {self.response}" if self.response else "")


def _within(rank: int | None, weakest: int) -> bool:
    return rank is not None and rank <= weakest


def _shown(number: float | None) -> str:
    return "no count" if number is None else f"{plain(number)} 10^9/L"


def _visit(criteria: Criteria, walk: Walk, day: int, count: Count, bleeding: bool | None) -> Visit:
    if count.number is None:
        return Visit(day, None, bleeding, Response.NE, False, "not used: no count")
    if day < 1:
        return Visit(day, count.number, bleeding, Response.NE, False, "not used: before infusion")
    if mask := walk.masked(day):
        return Visit(day, count.number, bleeding, Response.NE, False, mask)
    lab = Lab(
        PLATELETS,
        make(count.number, "10^9/L"),
        baseline=None if walk.baseline is None else make(walk.baseline, "10^9/L"),
    )
    facts = (
        ()
        if bleeding is None or BLEEDING not in criteria.point.facts
        else (BLEEDING.yes if bleeding else BLEEDING.no,)
    )
    verdict = decide(criteria.point, lab, *facts)
    status = verdict.outcome if verdict.settled else Response.NE
    return Visit(
        day,
        count.number,
        bleeding,
        status,
        True,
        verdict.because if verdict.settled else verdict.reason,
    )


def assess(
    counts: Iterable[Count | Lab],
    criteria: Criteria,
    *,
    treated_on: date | str | None = None,
    baseline: str | Quantity | None = None,
    bleeding: Diary | None = None,
    rescue: Iterable[Rescue] = (),
    medication: Iterable[Medication] = (),
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
        Two different counts on one day and no rule for it; names patient and day.
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
    dated = _dated(counts, options, zero, patient)
    walk.baseline = _baseline(dated, walk, baseline)
    status = judge(criteria.point)
    seen: list[tuple[int, Count, bool | None]] = []
    previous: int | None = None
    for day, count in dated:
        bled = _bleeding(count, day, previous, bleeding, zero, options)
        seen.append((day, count, bled))
        if count.bleeding is not None or bleeding is not None:
            previous = day
        if day < 1 or count.number is None or walk.masked(day):
            continue
        found = status(count.number, walk.baseline, bled)
        if options.on_treatment == "no response" and _on_treatment(drugs, day, zero):
            found = Response.NR
        walk.add_count(day, count.number, bled, found)
    end = _end(died_on, last_contact, zero)
    return _course(criteria, walk, tuple(seen), drugs, end, zero, patient)


def _dated(
    counts: Iterable[Count | Lab], options: Options, zero: date | None, patient: str | None
) -> list[tuple[int, Count]]:
    """Put counts in the order of their days; one count per day."""
    found: dict[int, Count] = {}
    given = [_as_count(item) for item in counts]
    for count in given:
        day = day_number(count.on, zero)
        other = found.get(day)
        found[day] = count if other is None else _same_day(other, count, day, options, patient)
    return sorted(found.items())


def _as_count(item: Count | Lab) -> Count:
    if isinstance(item, Count):
        return item
    if item.on is None:
        raise MissingFactError(f"{item!r} has no day: give on=", field="on")
    return Count(item.on, item.value)


def _same_day(one: Count, other: Count, day: int, options: Options, patient: str | None) -> Count:
    """Merge two counts of one day; both bleeding reports count."""
    reports = (one.bleeding, other.bleeding)
    bled = True if True in reports else False if False in reports else None
    if one.number is None or other.number is None or equal(one.number, other.number):
        kept = other if one.number is None else one
    elif options.same_day == "refuse":
        raise RecordError(
            f"two different counts on {other.on}: {one.platelets} and {other.platelets}; keep one, "
            'or choose same_day="lowest", "highest" or "last"',
            field="platelets",
            given=(str(one.platelets), str(other.platelets)),
            patient=patient,
            day=day,
        )
    elif options.same_day == "last":
        kept = other
    else:
        low, high = sorted((one, other), key=lambda count: count.number or 0.0)
        kept = low if options.same_day == "lowest" else high
    text = None if kept.platelets is None else f"{'<' if kept.below_limit else ''}{kept.platelets}"
    return Count(kept.on, text, bleeding=bled)


def _baseline(
    dated: list[tuple[int, Count]], walk: Walk, given: str | Quantity | None
) -> float | None:
    if given is not None:
        number = PLATELETS.number(PLATELETS.read(given), PER_LITER)
        if number < 0:
            raise ImpossibleError(f"{given} is below zero", field="baseline", given=str(given))
        return number
    rule, first = walk.options.baseline, walk.options.conditioning_day
    last = -1 if rule == "before infusion" else first
    found = [
        count.number
        for day, count in dated
        if day <= last and count.number is not None and (rule == "any" or not walk.masked(day))
    ]
    return found[-1] if found else None


def _bleeding(
    count: Count,
    day: int,
    previous: int | None,
    diary: Diary | None,
    zero: date | None,
    options: Options,
) -> bool | None:
    if count.bleeding is not None or diary is None:
        return count.bleeding
    if zero is None:
        raise MissingFactError(
            "a bleeding diary has dates: give treated_on, the day of the infusion",
            field="treated_on",
        )
    after = None if previous is None else date.fromordinal(zero.toordinal() + previous)
    upto = date.fromordinal(zero.toordinal() + day)
    return diary.bleeding(after, upto, every_cause=options.every_cause)


def _on_treatment(drugs: tuple[Medication, ...], day: int, zero: date | None) -> bool:
    for drug in drugs:
        begun = drug.start is None or day_number(drug.start, zero) <= day
        if begun and (drug.end is None or day_number(drug.end, zero) >= day):
            return True
    return False


def _end(
    died_on: Day | None, last_contact: Day | None, zero: date | None
) -> tuple[int, str] | None:
    for given, word in ((died_on, "death"), (last_contact, "lost to follow-up")):
        if given is not None:
            day = given if isinstance(given, int) else calendar_date(given, word)
            return day_number(day, zero), word
    return None


def _course(
    criteria: Criteria,
    walk: Walk,
    seen: tuple[tuple[int, Count, bool | None], ...],
    drugs: tuple[Medication, ...],
    end: tuple[int, str] | None,
    zero: date | None,
    patient: str | None,
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
        flags=_flags(walk, pairs, overall, drugs, seen, end, zero),
        _walk=walk,
        _counts=seen,
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
    at = nearest(walk.days, criteria.options.windows, visit, zero)
    if at is None or walk.ranks[at] is None:
        return Response.NE
    rank = walk.ranks[at]
    return (*criteria.levels, Response.NR)[rank or 0]


def _term(term: Term, walk: Walk, overall: Episode | None, zero: date | None) -> bool | None:
    windows = walk.options.windows
    if term.lasting:
        lost = overall is not None and overall.event and overall.end <= windows.bounds(term.at)[0]
        if lost:
            return False
    at = nearest(walk.days, windows, term.at, zero)
    if at is None:
        return None
    status = judge(term.table)(walk.values[at], walk.baseline, walk.bleeding[at])
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
    seen: tuple[tuple[int, Count, bool | None], ...],
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
    if overall and _on_treatment(drugs, overall.start, zero):
        flags.append("on treatment")
    if end:
        flags.append(end[1])
    if any(count.below_limit for _, count, _ in seen):
        flags.append("a count below the reporting limit counts as the limit")
    if not walk.criteria.source.verified:
        flags.append("unverified criteria")
    return tuple(flags)
