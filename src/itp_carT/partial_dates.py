"""Dates as events and medicines are recorded: the day, and even the month, may not be known.

What is known is kept as it was written (ISO 8601, as CDISC writes it: ``2026-03``); nothing is
filled in. A comparison is true, false, or, where the unknown part decides, unknown.
"""

from __future__ import annotations

import calendar
import datetime as dt
import re
from typing import Any

from attrs import field, frozen

from .days import calendar_date
from .errors import ImpossibleError, NotationError

_TEXT = re.compile(r"\s*([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2}))?)?\s*", re.ASCII)


@frozen
class PartialDate:
    """A calendar date of which the day, or the day and the month, may be unknown.

    Parameters
    ----------
    year, month, day
        What is known; a day needs its month.

    Raises
    ------
    NotationError
        A day without a month, or a part that is not a whole number.
    ImpossibleError
        A day the calendar does not have, e.g. 29 February of a common year.

    Examples
    --------
    >>> onset = partial_date("2026-03")
    >>> str(onset), onset.earliest.isoformat(), onset.latest.isoformat()
    ('2026-03', '2026-03-01', '2026-03-31')
    """

    year: int
    month: int | None = None
    day: int | None = None
    earliest: dt.date = field(init=False, repr=False, eq=False)
    latest: dt.date = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        """Find the first and the last day the date can be."""
        for part in (self.year, self.month, self.day):
            if part is not None and (isinstance(part, bool) or not isinstance(part, int)):
                raise NotationError(
                    f'{part!r} is not a whole number: write e.g. "2026-03"', given=part
                )
        if self.day is not None and self.month is None:
            raise NotationError(
                f'day {self.day} has no month: write "{self.year}" or year, month and day',
                given=self.day,
            )
        if not 0 <= self.year <= 9999:
            raise ImpossibleError(f"{self.year} is not a year", given=self.year)
        if self.month is not None and not 1 <= self.month <= 12:
            raise ImpossibleError(
                f"{self.year:04}-{self.month:02} is not a month of the calendar", given=self.month
            )
        first = calendar_date(f"{self.year:04}-{self.month or 1:02}-{self.day or 1:02}")
        month = self.month or 12
        last = self.day or calendar.monthrange(self.year, month)[1]
        object.__setattr__(self, "earliest", first)
        object.__setattr__(self, "latest", dt.date(self.year, month, last))

    @property
    def complete(self) -> bool:
        """Whether the day is known."""
        return self.day is not None

    def __str__(self) -> str:
        month = "" if self.month is None else f"-{self.month:02}"
        day = "" if self.day is None else f"-{self.day:02}"
        return f"{self.year:04}{month}{day}"


def partial_date(given: PartialDate | dt.date | str, field: str = "date") -> PartialDate:
    """Read a date of which a part may be unknown: ``2026-03-09``, ``2026-03`` or ``2026``.

    Parameters
    ----------
    given
        A date, or ISO 8601 text that stops where knowledge stops.
    field
        Name of the argument, for the message.

    Raises
    ------
    NotationError
        Not written so.
    ImpossibleError
        Not in the calendar.

    Examples
    --------
    >>> partial_date("2024-02-29")
    PartialDate(year=2024, month=2, day=29)
    """
    if isinstance(given, PartialDate):
        return given
    if isinstance(given, dt.date):
        return PartialDate(given.year, given.month, given.day)
    text: Any = given
    parts = _TEXT.fullmatch(text) if isinstance(text, str) else None
    if parts is None:
        raise NotationError(
            f'{given!r} is not a date: write what is known, e.g. "2026-03-09", "2026-03" or '
            '"2026", without a time; leave it out when nothing is known',
            field=field,
            given=given,
        )
    year, month, day = (None if part is None else int(part) for part in parts.groups())
    try:
        return PartialDate(year or 0, month, day)
    except ImpossibleError as error:
        raise error.about(field) from None


def optional_date(name: str) -> Any:
    """Return a converter for an attrs field that holds a partial date or None."""

    def convert(given: PartialDate | dt.date | str | None) -> PartialDate | None:
        return None if given is None else partial_date(given, name)

    return convert


def before(one: PartialDate, other: PartialDate) -> bool | None:
    """Say whether one date is before another; None where the unknown parts decide.

    Examples
    --------
    >>> march = partial_date("2026-03")
    >>> before(march, partial_date("2026-04-01")), before(march, partial_date("2026-03-09"))
    (True, None)
    """
    if one.latest < other.earliest:
        return True
    return False if one.earliest >= other.latest else None
