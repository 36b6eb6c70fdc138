"""Dates as sheets write them; one that can be read as two days is refused.

Read are ISO dates (a time behind them is left off), years first with other separators, the Chinese
form with its three characters, days with a month in letters, and numbers only where one of the two
readings is no date or study.toml states the order.
"""

from __future__ import annotations

import datetime as dt
import re

from itp_carT.days import calendar_date
from itp_carT.errors import ImpossibleError, NotationError
from itp_carT.notation import show
from itp_carT.partial_dates import PartialDate, partial_date

#: The orders that study.toml may state.
ORDERS = ("day/month/year", "month/day/year")

_MONTHS = ("january", "february", "march", "april", "may", "june", "july", "august", "september",
           "october", "november", "december")  # fmt: skip
_TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_TIME}", re.ASCII)
_CHINESE = re.compile(r"(\d{4})年(\d{1,2})月(?:(\d{1,2})日?)?")
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII)
_LETTERS = re.compile(r"(\d{1,2})?[- ]?([A-Za-z]{3,9})[- ,.]*(\d{4})", re.ASCII)
_NUMBERS = re.compile(rf"(\d{{1,2}})([-/.])(\d{{1,2}})\2(\d{{4}}){_TIME}", re.ASCII)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?", re.ASCII)


def day_of(given: str, order: str = "") -> dt.date:
    """Read a complete date.

    Parameters
    ----------
    given
        The text of a cell.
    order
        One of `ORDERS`, or empty where none was stated.

    Raises
    ------
    NotationError, ImpossibleError
        Not a complete date, one that can be two days, or no day of the calendar.

    Examples
    --------
    >>> day_of("9 Mar 2026").isoformat(), day_of("09/03/2026", "day/month/year").isoformat()
    ('2026-03-09', '2026-03-09')
    >>> day_of("09/03/2026")
    Traceback (most recent call last):
    itp_carT.errors.NotationError: '09/03/2026' can be 2026-03-09 or 2026-09-03: write ...
    """
    found = partial_of(given, order)
    if not found.complete:
        raise NotationError(
            f"{show(given)} has no day: here the whole date is needed, e.g. 2026-03-09", given=given
        )
    return calendar_date(found.earliest)


def partial_of(given: str, order: str = "") -> PartialDate:
    """Read a date of which the day, or the month too, may be unknown; see `day_of`."""
    text = given.strip()
    if found := _YEAR_FIRST.fullmatch(text):
        return _made(given, found[1], found[3], found[4])
    if found := _CHINESE.fullmatch(text):
        return _made(given, found[1], found[2], found[3])
    if found := _COMPACT.fullmatch(text):
        return _made(given, *found.groups())
    if found := _LETTERS.fullmatch(text):
        word = found[2].casefold()
        for number, month in enumerate(_MONTHS, 1):
            if month.startswith(word):
                return _made(given, found[3], str(number), found[1])
    if found := _NUMBERS.fullmatch(text):
        return _ordered(given, int(found[1]), int(found[3]), found[4], order)
    if _SERIAL.fullmatch(text):
        raise NotationError(
            f"{show(given)} looks like the number a spreadsheet keeps for a date: format the "
            "column as a date, e.g. 2026-03-09",
            given=given,
        )
    try:
        return _plausible(partial_date(text), given)
    except NotationError:
        raise NotationError(
            f"{show(given)} is not a date: write year, month and day, e.g. 2026-03-09", given=given
        ) from None


def _ordered(given: str, one: int, two: int, year: str, order: str) -> PartialDate:
    if order:
        day, month = (one, two) if order == ORDERS[0] else (two, one)
        return _made(given, year, str(month), str(day))
    readings = {
        (month, day) for day, month in ((one, two), (two, one)) if 1 <= month <= 12 and day <= 31
    }
    if len(readings) > 1:
        first, second = (f"{year}-{month:02}-{day:02}" for month, day in sorted(readings))
        raise NotationError(
            f"{show(given)} can be {first} or {second}: write year, month and day, or state "
            f'dates = "{ORDERS[0]}" in study.toml',
            given=given,
        )
    month, day = readings.pop() if readings else (two, one)
    return _made(given, year, str(month), str(day))


def _made(given: str, year: str, month: str, day: str | None) -> PartialDate:
    try:
        made = PartialDate(int(year), int(month), None if day is None else int(day))
    except ImpossibleError as error:
        raise ImpossibleError(f"{show(given)}: {error.message}", given=given) from None
    return _plausible(made, given)


def _plausible(found: PartialDate, given: str) -> PartialDate:
    """Refuse a year that is a slip of the pen."""
    if not 1900 <= found.year <= 2199:
        raise ImpossibleError(
            f"{show(given)} is outside the years 1900 to 2199: check the year", given=given
        )
    return found


__all__ = ["ORDERS", "day_of", "partial_of"]
