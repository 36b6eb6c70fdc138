"""How often a drug is given: CDISC's codes and common spellings, as doses per day.

The fraction of a day is exact: every other day is half a dose a day, once a week a seventh.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from attrs import field, frozen

from itp_carT.sources import CDISC_SDTM_CT

from .terms import folded, look_up

#: Codes are those of the codelist FREQ, from knowledge; what they mean a day is arithmetic.
SOURCE = CDISC_SDTM_CT.at("codelist FREQ", verified=False)


@frozen
class Frequency:
    """A dosing frequency.

    Parameters
    ----------
    code
        As CDISC or a prescription writes it.
    label
        In words.
    per_day
        Doses per day, exact; None where it is not known (as needed).
    once
        Whether it is a single administration.
    """

    code: str
    label: str
    per_day: Fraction | None
    once: bool = field(default=False, kw_only=True)

    @property
    def interval(self) -> int:
        """Whole days from one administration to the next; 1 where there are several a day."""
        if not self.per_day or self.per_day >= 1:
            return 1
        return -(-self.per_day.denominator // self.per_day.numerator)

    def __str__(self) -> str:
        return self.code


def _rows() -> list[tuple[Frequency, tuple[str, ...]]]:
    def row(code: str, label: str, doses: int, days: int, *more: str) -> Any:
        return Frequency(code, label, Fraction(doses, days)), more

    return [
        row("QD", "once a day", 1, 1, "daily", "od", "once daily", "qam", "qpm", "qhs", "q24h"),
        row("BID", "twice a day", 2, 1, "bd", "twice daily", "q12h"),
        row("TID", "three times a day", 3, 1, "tds", "three times daily", "q8h"),
        row("QID", "four times a day", 4, 1, "qds", "four times daily", "q6h"),
        row("Q4H", "every 4 hours", 6, 1),
        row("QOD", "every other day", 1, 2, "q2d", "every other day", "alternate days"),
        row("Q3D", "every 3 days", 1, 3),
        row("QW", "once a week", 1, 7, "weekly", "qs", "every week", "once weekly", "qwk"),
        row("BIW", "twice a week", 2, 7, "2 times per week"),
        row("TIW", "three times a week", 3, 7, "3 times per week"),
        row("Q2W", "every 2 weeks", 1, 14, "q2s", "every 2 weeks"),
        row("Q3W", "every 3 weeks", 1, 21, "q3s", "every 3 weeks"),
        row("Q4W", "every 4 weeks", 1, 28, "q4s", "every 4 weeks"),
        (Frequency("ONCE", "once", Fraction(1), once=True), ("stat", "single dose")),
        (Frequency("PRN", "as needed", None), ("as needed",)),
    ]


#: Every frequency, by code.
FREQUENCIES = {frequency.code: frequency for frequency, _ in _rows()}
_WORDS = {
    folded(word): FREQUENCIES[frequency.code]
    for frequency, more in _rows()
    for word in (frequency.code, *more)
}


def frequency_of(given: Frequency | str) -> Frequency:
    """Read a frequency by its code or a common spelling, in any case.

    Raises
    ------
    UnknownTermError
        It is not known; ``nearest`` names similar ones. A monthly drug is written by its weeks.

    Examples
    --------
    >>> frequency_of("bid").per_day, frequency_of("QOD").per_day
    (Fraction(2, 1), Fraction(1, 2))
    """
    if isinstance(given, Frequency):
        return given
    return look_up(_WORDS, given, field="frequency", kind="a frequency that is known here")


#: Every spelling that is read, in lower case, with its frequency.
SPELLINGS = dict(_WORDS)

__all__ = ["FREQUENCIES", "SOURCE", "SPELLINGS", "Frequency", "frequency_of"]
