"""Days: calendar dates as they are written, days of the protocol and study days.

`ProtocolDay` counts from the infusion, which is D0; CDISC `StudyDay` counts from 1 and has no
day 0. The two look alike and are different types. Visits and windows are not here.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any, Self, overload

from attrs import field, frozen

from .errors import ImpossibleError, NotationError
from .notation import show

#: Names of the days of the week, Monday first; English, whatever the locale.
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")

#: Days of a mean month, a twelfth of 365.25.
MEAN_MONTH = 30.4375

_ISO = re.compile(r"\s*([0-9]{4})-([0-9]{2})-([0-9]{2})\s*", re.ASCII)
_YEARS = (1900, 2199)  # a year outside is a slip of the pen in every record of this trial
_FARTHEST = 36_525  # days, a century


def calendar_date(given: dt.date | str, field: str = "date") -> dt.date:
    """Read a calendar date, given as a date or as ``YYYY-MM-DD``.

    Parameters
    ----------
    given
        A date; of a datetime the date is taken.
    field
        Name of the argument, for the message.

    Raises
    ------
    NotationError
        Not a date written as year, month and day.
    ImpossibleError
        A day that the calendar does not have, or a year outside 1900 to 2199.

    Examples
    --------
    >>> calendar_date("2026-03-09")
    datetime.date(2026, 3, 9)
    """
    if isinstance(given, dt.date):
        found = given.date() if isinstance(given, dt.datetime) else given
    else:
        found = _read(given, field)
    low, high = _YEARS
    if not low <= found.year <= high:
        raise ImpossibleError(
            f"{found.isoformat()} is outside the years {low} to {high}: check the year",
            field=field,
            given=given,
        )
    return found


def _read(given: Any, field: str) -> dt.date:
    parts = _ISO.fullmatch(given) if isinstance(given, str) else None
    if parts is None:
        raise NotationError(
            f'{show(given)} is not a date: write year, month and day, e.g. "2026-03-09"',
            field=field,
            given=given,
        )
    year, month, day = (int(part) for part in parts.groups())
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise ImpossibleError(
            f"{given.strip()} is not a day of the calendar: check year, month and day",
            field=field,
            given=given,
        ) from None


def weekday(day: dt.date) -> str:
    """Return the name of a date's day of the week.

    Examples
    --------
    >>> weekday(dt.date(2026, 3, 9))
    'Monday'
    """
    return WEEKDAYS[day.weekday()]


def add_months(day: dt.date, months: int) -> dt.date:
    """Return the same day some calendar months later; the last day where the month is shorter.

    Examples
    --------
    >>> add_months(dt.date(2024, 8, 31), 6)
    datetime.date(2025, 2, 28)
    """
    count = day.year * 12 + day.month - 1 + months
    year, month = divmod(count, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return dt.date(year, month + 1, min(day.day, last))


def duration(first: dt.date | str, last: dt.date | str) -> int:
    """Return how many days a period lasts, its first and its last day included [d].

    Raises
    ------
    ImpossibleError
        The last day is before the first.

    Examples
    --------
    >>> duration("2025-01-15", "2025-07-14")
    181
    """
    start, end = calendar_date(first, "first"), calendar_date(last, "last")
    if end < start:
        raise ImpossibleError(f"{end} is before {start}", field="last", given=last)
    return (end - start).days + 1


def mean_months(days: float) -> float:
    """Return days as months of 30.4375 days, a twelfth of a mean year, unrounded.

    Examples
    --------
    >>> f"{mean_months(181):.4f} {mean_months(180):.4f}"
    '5.9466 5.9138'
    """
    return days / MEAN_MONTH


def _number(given: Any, kind: str, example: int) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise NotationError(
            f"{show(given)} is not the number of a {kind}: write e.g. {example}",
            field="number",
            given=given,
        )
    if abs(given) > _FARTHEST:
        raise ImpossibleError(
            f"{kind} {show(given)} is more than a century away: check it",
            field="number",
            given=given,
        )
    return given


def _to_protocol(given: Any) -> int:
    return _number(given, "protocol day", -5)


def _to_study(given: Any) -> int:
    number = _number(given, "study day", 1)
    if number == 0:
        raise ImpossibleError(
            "there is no study day 0: the day before study day 1 is study day -1", given=given
        )
    return number


@frozen(order=True)
class ProtocolDay:
    """A day of the protocol: the infusion is D0, the day before it D-1.

    Parameters
    ----------
    number
        Whole days from the infusion.

    Raises
    ------
    NotationError, ImpossibleError
        Not a whole number, or more than a century away.

    Examples
    --------
    >>> day = ProtocolDay(-5)
    >>> print(day, day.on("2026-03-09"), ProtocolDay(0) - day)
    D-5 2026-03-04 5
    """

    number: int = field(converter=_to_protocol)

    @classmethod
    def of(cls, day: dt.date | str, *, infusion: dt.date | str) -> Self:
        """Return the protocol day of a date.

        Examples
        --------
        >>> ProtocolDay.of("2026-03-04", infusion="2026-03-09")
        ProtocolDay(-5)
        """
        return cls((calendar_date(day, "day") - calendar_date(infusion, "infusion")).days)

    def on(self, infusion: dt.date | str) -> dt.date:
        """Return the date of this day, for an infusion on a date."""
        return calendar_date(infusion, "infusion") + dt.timedelta(self.number)

    def __add__(self, days: int) -> ProtocolDay:
        return ProtocolDay(self.number + days) if _whole(days) else NotImplemented

    @overload
    def __sub__(self, other: ProtocolDay) -> int: ...
    @overload
    def __sub__(self, other: int) -> ProtocolDay: ...
    def __sub__(self, other: ProtocolDay | int) -> ProtocolDay | int:
        if isinstance(other, ProtocolDay):
            return self.number - other.number
        return ProtocolDay(self.number - other) if _whole(other) else NotImplemented

    def __str__(self) -> str:
        return f"D{self.number}"

    def __repr__(self) -> str:
        return f"ProtocolDay({self.number})"


@frozen(order=True)
class StudyDay:
    """A CDISC study day (--DY): the reference date is day 1, the day before it day -1.

    Parameters
    ----------
    number
        Number of the day; there is no 0.

    Raises
    ------
    NotationError, ImpossibleError
        Not a whole number, 0, or more than a century away.

    Examples
    --------
    >>> StudyDay(1) - 1
    StudyDay(-1)
    >>> print(StudyDay.of("2026-03-04", reference="2026-03-09"))
    Day -5
    """

    number: int = field(converter=_to_study)

    @classmethod
    def of(cls, day: dt.date | str, *, reference: dt.date | str) -> Self:
        """Return the study day of a date; the reference date (RFSTDTC) is day 1."""
        days = (calendar_date(day, "day") - calendar_date(reference, "reference")).days
        return cls(days + (days >= 0))

    def on(self, reference: dt.date | str) -> dt.date:
        """Return the date of this day, for a reference date."""
        return calendar_date(reference, "reference") + dt.timedelta(self._passed)

    @property
    def _passed(self) -> int:
        """Whole days from the reference date."""
        return self.number - (self.number > 0)

    def __add__(self, days: int) -> StudyDay:
        if not _whole(days):
            return NotImplemented
        passed = self._passed + days
        return StudyDay(passed + (passed >= 0))

    @overload
    def __sub__(self, other: StudyDay) -> int: ...
    @overload
    def __sub__(self, other: int) -> StudyDay: ...
    def __sub__(self, other: StudyDay | int) -> StudyDay | int:
        if isinstance(other, StudyDay):
            return self._passed - other._passed
        return self + -other if _whole(other) else NotImplemented

    def __str__(self) -> str:
        return f"Day {self.number}"

    def __repr__(self) -> str:
        return f"StudyDay({self.number})"


def _whole(days: Any) -> bool:
    return isinstance(days, int) and not isinstance(days, bool)


__all__ = [
    "MEAN_MONTH",
    "WEEKDAYS",
    "ProtocolDay",
    "StudyDay",
    "add_months",
    "calendar_date",
    "duration",
    "mean_months",
    "weekday",
]
