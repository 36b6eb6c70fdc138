"""The visits of one patient: target dates and windows that never overlap.

A date is a day of the calendar: no time zone and no change of the clock moves it. Where two windows
share days, a day belongs to the visit with the nearer target, and to the earlier one on a tie.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from attrs import field, frozen

from itp_carT.days import ProtocolDay, StudyDay, calendar_date, weekday
from itp_carT.errors import ImpossibleError, NotationError
from itp_carT.notation import show

from .visits import Months, Schedule, Visit

Span = tuple[int, int]


@frozen
class DatedVisit:
    """A visit with its dates for one patient.

    Parameters
    ----------
    visit
        The visit as planned.
    target
        Its target date.
    first, last
        First and last date that still count, both included.
    day
        Protocol day of the target: the infusion is D0.
    study_day
        CDISC study day of the target, which has no 0.
    """

    visit: Visit
    target: dt.date
    first: dt.date
    last: dt.date
    day: ProtocolDay
    study_day: StudyDay

    @property
    def key(self) -> str:
        """Key of the visit."""
        return self.visit.key

    def holds(self, day: dt.date) -> bool:
        """Say whether a date lies in the window."""
        return self.first <= day <= self.last

    def row(self) -> dict[str, Any]:
        """Return the visit as one row of a table, ready for JSON."""
        return {
            "visit": self.key,
            "label": self.visit.label,
            "date": self.target.isoformat(),
            "weekday": weekday(self.target),
            "day": self.day.number,
            "study_day": self.study_day.number,
            "first": self.first.isoformat(),
            "last": self.last.isoformat(),
            "treatment": self.visit.treatment,
            "assessments": [assessment.name for assessment in self.visit.assessments],
        }

    def __str__(self) -> str:
        window = "" if self.first == self.last else f", {self.first} to {self.last}"
        return (
            f"{self.key}  {self.target}  {weekday(self.target)}  {self.day} "
            f"(study day {self.study_day.number}){window}"
        )


def _to_date(given: Any) -> dt.date:
    return calendar_date(given, "infusion")


def _to_reference(given: Any) -> dt.date | None:
    return None if given is None else calendar_date(given, "reference")


def _gap_free(_: Any, __: Any, given: Any) -> None:
    if not isinstance(given, bool):
        raise NotationError(f"{show(given)} is not True or False", field="gap_free", given=given)


@frozen(repr=False)
class VisitCalendar:
    """The schedule of a trial for one infusion; made by `Schedule.on`.

    Parameters
    ----------
    schedule
        The visits as planned.
    infusion
        Date of the infusion, day 0.
    months
        How long a month is.
    gap_free
        Whether windows reach to half-way to their neighbors.
    reference
        Date of study day 1; None for the infusion.
    visits
        The visits with their dates, in order.
    """

    schedule: Schedule
    infusion: dt.date = field(converter=_to_date)
    months: Months = field(kw_only=True)
    gap_free: bool = field(default=False, kw_only=True, validator=_gap_free)
    reference: dt.date | None = field(default=None, kw_only=True, converter=_to_reference)
    visits: tuple[DatedVisit, ...] = field(init=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "visits", tuple(self._dated()))

    def __iter__(self) -> Iterator[DatedVisit]:
        return iter(self.visits)

    def __len__(self) -> int:
        return len(self.visits)

    def __getitem__(self, key: str) -> DatedVisit:
        return self.visits[self.schedule.visits.index(self.schedule[key])]

    def at(self, day: dt.date | str) -> DatedVisit | None:
        """Return the visit whose window holds a date; None where there is none.

        Examples
        --------
        >>> from itp_carT.protocol.nct05315778 import SCHEDULE
        >>> calendar = SCHEDULE.on("2025-01-15")
        >>> calendar.at("2025-02-20").key, calendar.at("2025-02-22")
        ('M1', None)
        """
        date = calendar_date(day, "day")
        return next((visit for visit in self.visits if visit.holds(date)), None)

    def nearest(self, day: dt.date | str) -> DatedVisit:
        """Return the visit with the nearest target, whatever its window; the earlier on a tie."""
        date = calendar_date(day, "day")
        return min(self.visits, key=lambda visit: (abs((date - visit.target).days), visit.target))

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield the visits as rows of a table, ready for JSON."""
        for visit in self.visits:
            yield visit.row()

    def _dated(self) -> Iterator[DatedVisit]:
        visits = self.schedule.visits
        days = [visit.on_day(self.months, infusion=self.infusion).number for visit in visits]
        reference = self.infusion if self.reference is None else self.reference
        for visit, day, (first, last) in zip(
            visits, days, spans(visits, days, gap_free=self.gap_free), strict=True
        ):
            target = ProtocolDay(day).on(self.infusion)
            yield DatedVisit(
                visit,
                target,
                ProtocolDay(first).on(self.infusion),
                ProtocolDay(last).on(self.infusion),
                ProtocolDay(day),
                StudyDay.of(target, reference=reference),
            )

    def __str__(self) -> str:
        return "\n".join(map(str, self.visits))

    def __repr__(self) -> str:
        return f"<VisitCalendar {self.schedule.name}, infusion {self.infusion.isoformat()}>"


def spans(visits: tuple[Visit, ...], days: list[int], *, gap_free: bool) -> list[Span]:
    """Return the first and the last day of each visit's window, none shared by two visits.

    Parameters
    ----------
    visits
        In order.
    days
        Their target days [protocol days].
    gap_free
        Whether windows reach to half-way to their neighbors.

    Raises
    ------
    ImpossibleError
        Days out of order, or a window that reaches past that of a neighbor.
    """
    for at in range(1, len(visits)):
        earlier, later = visits[at - 1], visits[at]
        apart = days[at] - days[at - 1]
        if apart <= 0:
            raise ImpossibleError(
                f"{later.key} (day {days[at]}) is not after {earlier.key} (day {days[at - 1]})",
                field="visits",
            )
        one, other = earlier.window, later.window
        if apart < other.before - one.before or apart < one.after - other.after:
            raise ImpossibleError(
                f"the windows of {earlier.key} and {later.key} lie one inside the other: make one "
                "narrower",
                field="window",
            )
    return divided(visits, days, gap_free=gap_free)


def divided(
    visits: tuple[Visit, ...],
    days: list[Any],
    *,
    gap_free: bool,
    least: Callable[..., Any] = min,
    most: Callable[..., Any] = max,
) -> list[tuple[Any, Any]]:
    """Divide the days between neighbors, on numbers or on columns of them.

    Parameters
    ----------
    visits
        In order.
    days
        Their target days [protocol days], numbers or columns.
    gap_free
        Whether windows reach to half-way to their neighbors.
    least, most
        The smaller and the greater of two.
    """
    first = [day - visit.window.before for visit, day in zip(visits, days, strict=True)]
    last = [day + visit.window.after for visit, day in zip(visits, days, strict=True)]
    for at in range(1, len(visits)):
        half = (days[at - 1] + days[at]) // 2  # a tie goes to the earlier
        if gap_free and not visits[at - 1].treatment and not visits[at].treatment:
            last[at - 1], first[at] = half, half + 1
        else:  # days that only one of the two windows holds stay with it
            last[at - 1] = least(most(half, first[at] - 1), last[at - 1])
            first[at] = most(first[at], last[at - 1] + 1)
    return list(zip(first, last, strict=True))


__all__ = ["DatedVisit", "VisitCalendar", "divided", "spans"]
