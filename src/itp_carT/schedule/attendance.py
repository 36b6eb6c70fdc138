"""What became of the visits: on time, early, late, missed, and what came unscheduled.

A record is a date on which something was done. Two records in one window: the nearer to the target
counts, and the later one where both are equally near. Nothing is assumed about days after the last
that is known. The infusion itself has taken place where its day is not after that.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum

from attrs import evolve, field, frozen

from itp_carT.days import ProtocolDay, calendar_date
from itp_carT.errors import ImpossibleError

from .dated import DatedVisit, VisitCalendar


class Timing(Enum):
    """How a date, or a visit, stands to the plan."""

    ON_TIME = "on time"
    EARLY = "early"
    LATE = "late"
    UNSCHEDULED = "unscheduled"
    MISSED = "missed"
    OPEN = "open"
    PLANNED = "planned"

    @property
    def label(self) -> str:
        """The words for it."""
        return self.value

    def __repr__(self) -> str:
        return f"Timing.{self.name}"


@frozen
class Placed:
    """A date, and the visit it belongs to.

    Parameters
    ----------
    on
        The date.
    day
        Its protocol day.
    visit
        The visit whose window holds it; None where there is none.
    timing
        On time on the target day; early or late in its window; else unscheduled.
    difference
        Days from the target, positive when later; None when unscheduled.
    used
        Whether it counts as the visit: another date may be nearer.
    nearest
        The visit with the nearest target, whatever its window.
    """

    on: dt.date
    day: ProtocolDay
    visit: DatedVisit | None
    timing: Timing
    difference: int | None
    used: bool
    nearest: DatedVisit

    def __str__(self) -> str:
        if self.visit is None:
            away = (self.on - self.nearest.target).days
            return (
                f"{self.on} {self.day}: unscheduled, {away:+d} d from {self.nearest.key}, "
                "outside its window"
            )
        left = "" if self.used else ", not used: another date of the visit is taken"
        exact = "" if not self.difference else f" ({self.difference:+d} d)"
        return f"{self.on} {self.day}: {self.visit.key} {self.timing.label}{exact}{left}"


@frozen
class Attended:
    """A planned visit, and what became of it.

    Parameters
    ----------
    visit
        The visit.
    timing
        On time, early or late; missed when its window has passed; open while it lasts; planned
        before.
    on
        The date that counts; None where there is none.
    """

    visit: DatedVisit
    timing: Timing
    on: dt.date | None

    @property
    def difference(self) -> int | None:
        """Days from the target, positive when later; None where it did not take place."""
        return None if self.on is None else (self.on - self.visit.target).days

    def __str__(self) -> str:
        when = "" if self.on is None else f" {self.on}"
        exact = f" ({self.difference:+d} d)" if self.difference else ""
        return f"{self.visit.key} {self.visit.target}: {self.timing.label}{when}{exact}"


@frozen
class Attendance:
    """Records and visits of one patient, matched.

    Parameters
    ----------
    records
        Every date, once, in order.
    visits
        Every planned visit.
    until
        The day up to which records are complete.
    """

    records: tuple[Placed, ...]
    visits: tuple[Attended, ...]
    until: dt.date = field(kw_only=True)

    def of(self, *timings: Timing | str) -> tuple[Attended, ...]:
        """Return the visits of some timing, e.g. ``"missed"``."""
        wanted = {Timing(one) for one in timings}
        return tuple(visit for visit in self.visits if visit.timing in wanted)

    @property
    def unscheduled(self) -> tuple[Placed, ...]:
        """Dates in no window."""
        return tuple(one for one in self.records if one.visit is None)

    def __str__(self) -> str:
        return "\n".join([*map(str, self.visits), *map(str, self.unscheduled)])


def place(calendar: VisitCalendar, day: dt.date | str) -> Placed:
    """Say which visit a date belongs to.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import SCHEDULE
    >>> print(place(SCHEDULE.on("2025-01-15"), "2025-02-17"))
    2025-02-17 D33: M1 late (+3 d)
    """
    date = calendar_date(day, "day")
    visit = calendar.at(date)
    difference = None if visit is None else (date - visit.target).days
    return Placed(
        date,
        ProtocolDay.of(date, infusion=calendar.infusion),
        visit,
        _timing(difference),
        difference,
        visit is not None,
        calendar.nearest(date),
    )


def assign(
    calendar: VisitCalendar,
    dates: Iterable[dt.date | str],
    *,
    until: dt.date | str | None = None,
) -> Attendance:
    """Match the dates of one patient with the planned visits.

    Parameters
    ----------
    calendar
        The patient's visits.
    dates
        When something was recorded, in any order; a date twice is one date.
    until
        The day up to which the records are complete, e.g. the data cutoff or the day the patient
        left. By default the last date: nothing is called missed that may still come.

    Raises
    ------
    ImpossibleError
        A date after ``until``.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import SCHEDULE
    >>> found = assign(SCHEDULE.on("2025-01-15"), ["2025-02-10", "2025-02-18", "2025-03-20"])
    >>> print(*(str(visit) for visit in found.of("late", "early")), sep="; ")
    M1 2025-02-14: late 2025-02-18 (+4 d); M2 2025-03-16: late 2025-03-20 (+4 d)
    """
    known = sorted({calendar_date(day, "dates") for day in dates})
    end = calendar_date(until, "until") if until is not None else None
    if end is None:
        end = max((*known, calendar.infusion))
    if known and known[-1] > end:
        raise ImpossibleError(
            f"{known[-1]} is after {end}, the day up to which the records are complete",
            field="until",
            given=until,
        )
    placed = [place(calendar, day) for day in known]
    taken: dict[str, Placed] = {}
    for one in placed:
        if one.visit is not None:
            best = taken.get(one.visit.key)
            if best is None or _rank(one) <= _rank(best):  # equally near: the later
                taken[one.visit.key] = one
    records = tuple(
        one if one.visit is None or taken[one.visit.key] is one else evolve(one, used=False)
        for one in placed
    )
    infused = calendar.at(calendar.infusion)
    if infused is not None and infused.visit.treatment and end >= calendar.infusion:
        taken.setdefault(infused.key, place(calendar, calendar.infusion))  # it is known by its date
    visits = tuple(_attended(visit, taken.get(visit.key), end) for visit in calendar)
    return Attendance(records, visits, until=end)


def _timing(difference: int | None) -> Timing:
    if difference is None:
        return Timing.UNSCHEDULED
    if difference == 0:
        return Timing.ON_TIME
    return Timing.LATE if difference > 0 else Timing.EARLY


def _rank(one: Placed) -> int:
    return abs(one.difference or 0)


def _attended(visit: DatedVisit, record: Placed | None, until: dt.date) -> Attended:
    if record is not None:
        return Attended(visit, record.timing, record.on)
    return Attended(visit, without_record(visit, until), None)


def without_record(visit: DatedVisit, until: dt.date) -> Timing:
    """Say what became of a visit of which there is no record.

    Parameters
    ----------
    visit
        The visit.
    until
        The day up to which records are complete.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import SCHEDULE
    >>> month = SCHEDULE.on("2025-01-15")["M1"]
    >>> [without_record(month, month.first + dt.timedelta(days)).label for days in (-1, 0, 90)]
    ['planned', 'open', 'missed']
    """
    if visit.last < until:
        return Timing.MISSED
    return Timing.OPEN if visit.first <= until else Timing.PLANNED


__all__ = ["Attendance", "Attended", "Placed", "Timing", "assign", "place", "without_record"]
