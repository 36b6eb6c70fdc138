"""Age as two of the instruments score it: completed years on the day of the assessment."""

from __future__ import annotations

import datetime as dt

from itp_carT.bleeding_diary import Day
from itp_carT.days import calendar_date
from itp_carT.errors import MissingFactError
from itp_carT.subject import Subject

from .measure import Measure

AGE = Measure("age", "age in completed years", "a")


def completed_years(age: int | None, born: dt.date | str | None, on: Day | None) -> int | None:
    """Return completed years, or None when neither an age nor a date of birth is known.

    Parameters
    ----------
    age, born
        One of the two.
    on
        Day of the assessment; with a date of birth it must be a date.

    Raises
    ------
    ItpCarTError
        An impossible age, both facts at once, or no date to count to.

    Examples
    --------
    >>> completed_years(None, "1959-03-01", "2024-02-29")
    64
    """
    if born is None:
        return None if age is None else Subject(age=age).age_on()
    if on is None or isinstance(on, int):
        raise MissingFactError(
            'an age from a date of birth needs the date of the assessment: write on="2026-03-09"',
            field="on",
            given=on,
        )
    return Subject(age=age, born=born).age_on(calendar_date(on, "on"))
