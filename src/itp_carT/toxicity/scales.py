"""Scales of CAR-T toxicity: a grade carries its scale and edition, and never meets another's.

Grade 2 of one scale is not grade 2 of another, so that comparing them is refused. A
`ScaleAssessment` is what one scale says of one patient on one day, with what is still possible.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import field, frozen

from itp_carT.days import calendar_date
from itp_carT.errors import DimensionError, ImpossibleError, UndecidedError, UnknownTermError
from itp_carT.notation import show
from itp_carT.rules import Fact
from itp_carT.sources import (
    CARTOX_2018,
    CTCAE_V5,
    CTCAE_V6,
    HINES_2023,
    ICAHT_2023,
    LEE_2014,
    LEE_2019,
    MSKCC_CRS,
    PENN_CRS,
    Citation,
)
from itp_carT.verdict import Verdict

from .grades import Grade


@frozen
class Scale:
    """A published scale in one edition.

    Parameters
    ----------
    key
        E.g. ``"crs:astct-2019"``.
    term
        What is graded, e.g. ``"CRS"``.
    edition
        Whose scale, e.g. ``"ASTCT 2019"``.
    source
        Where it is published.

    Examples
    --------
    >>> print(CRS_ASTCT_2019.grade(3))
    CRS grade 3 (ASTCT 2019)
    """

    key: str
    term: str = field(eq=False)
    edition: str = field(eq=False)
    source: Citation = field(eq=False)

    def grade(self, number: int) -> ScaledGrade:
        """Return a grade of this scale."""
        return ScaledGrade(number, self)

    def __str__(self) -> str:
        return f"{self.term} ({self.edition})"


CRS_ASTCT_2019 = Scale("crs:astct-2019", "CRS", "ASTCT 2019", LEE_2019.at("CRS"))
ICANS_ASTCT_2019 = Scale("icans:astct-2019", "ICANS", "ASTCT 2019", LEE_2019.at("ICANS"))
CRS_CTCAE_V5 = Scale(
    "crs:ctcae-v5.0", "CRS", "CTCAE v5.0", CTCAE_V5.at("Cytokine release syndrome")
)
CRS_CTCAE_V6 = Scale(
    "crs:ctcae-v6.0", "CRS", "CTCAE v6.0", CTCAE_V6.at("Cytokine release syndrome")
)
CRS_LEE_2014 = Scale("crs:lee-2014", "CRS", "Lee 2014", LEE_2014.at("grading of CRS"))
CRS_PENN = Scale("crs:penn", "CRS", "Penn", PENN_CRS.at("grading of CRS"))
CRS_MSKCC = Scale("crs:mskcc", "CRS", "MSKCC", MSKCC_CRS.at("grading of CRS"))
CRS_CARTOX = Scale("crs:cartox", "CRS", "CARTOX", CARTOX_2018.at("grading of CRS"))
ICAHT_EARLY = Scale("icaht-early:2023", "early ICAHT", "EHA/EBMT 2023", ICAHT_2023.at("early"))
ICAHT_LATE = Scale("icaht-late:2023", "late ICAHT", "EHA/EBMT 2023", ICAHT_2023.at("late"))
IEC_HS = Scale("iec-hs:2023", "IEC-HS", "ASTCT 2023", HINES_2023.at("grading"))


def scales() -> tuple[Scale, ...]:
    """Return every scale of the library."""
    return tuple(value for value in globals().values() if isinstance(value, Scale))


def scale(given: Any) -> Scale:
    """Return a scale by its key; a scale is returned as it is.

    Raises
    ------
    UnknownTermError
        With the keys there are.
    """
    if isinstance(given, Scale):
        return given
    known = {found.key: found for found in scales()}
    if not isinstance(given, str) or given.strip().casefold() not in known:
        raise UnknownTermError(
            f"{show(given)} is not a scale: write one of {', '.join(known)}",
            field="scale",
            given=given,
            nearest=tuple(known),
        )
    return known[given.strip().casefold()]


def _to_grade(given: Any) -> Grade:
    if isinstance(given, bool) or not isinstance(given, int) or given not in set(Grade):
        raise ImpossibleError(
            f"{show(given)} is not a grade: write a whole number from 0 to 5",
            field="grade",
            given=given,
        )
    return Grade(given)


@frozen(eq=False, repr=False)
class ScaledGrade:
    """A grade of one scale; grades of one scale are ordered, those of two never compared.

    Parameters
    ----------
    grade
        0 to 5.
    scale
        The scale, or its key.

    Raises
    ------
    DimensionError
        On comparison with a grade of another scale or with a bare number.

    Examples
    --------
    >>> astct = ScaledGrade(3, "crs:astct-2019")
    >>> astct > CRS_ASTCT_2019.grade(2)
    True
    >>> astct > CRS_LEE_2014.grade(2)
    Traceback (most recent call last):
    itp_carT.errors.DimensionError: CRS grade 3 (ASTCT 2019) and CRS grade 2 (Lee 2014) are ...
    """

    grade: Grade = field(converter=_to_grade)
    scale: Scale = field(converter=scale)

    def _beside(self, other: Any) -> Grade:
        if isinstance(other, ScaledGrade):
            if other.scale == self.scale:
                return other.grade
            raise DimensionError(
                f"{self} and {other} are grades of two scales and cannot be compared",
                given=str(other),
                expected=self.scale.key,
            )
        raise DimensionError(
            f"{show(other)} has no scale: compare {self} with a grade of its scale, or its number "
            "with .grade",
            given=show(other),
            expected=self.scale.key,
        )

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ScaledGrade | int):
            return NotImplemented
        return self.grade == self._beside(other)

    def __lt__(self, other: ScaledGrade) -> bool:
        return self.grade < self._beside(other)

    def __le__(self, other: ScaledGrade) -> bool:
        return self.grade <= self._beside(other)

    def __gt__(self, other: ScaledGrade) -> bool:
        return self.grade > self._beside(other)

    def __ge__(self, other: ScaledGrade) -> bool:
        return self.grade >= self._beside(other)

    def __hash__(self) -> int:
        return hash((self.grade, self.scale))

    def __str__(self) -> str:
        return f"{self.scale.term} grade {self.grade:d} ({self.scale.edition})"

    def __repr__(self) -> str:
        return f"ScaledGrade({self.grade:d}, {self.scale.key!r})"


def to_optional_date(given: dt.date | str | None) -> dt.date | None:
    """Read the day of an assessment that may be left out."""
    return None if given is None else calendar_date(given, "on")


@frozen(kw_only=True)
class ScaleAssessment:
    """What one scale says of one patient on one day.

    Parameters
    ----------
    scale
        The scale.
    possible
        Grades that the findings still allow, worst first; one left means settled.
    verdict
        The rule, what was known, and why.
    on
        The day.
    incomplete
        Findings of the scale that were not assessed, even where they cannot change the grade.
    presumed
        What was taken as absent beside the verdict's own assumptions.
    notes
        What a reader must know.
    """

    scale: Scale
    possible: tuple[Grade, ...]
    verdict: Verdict = field(repr=False)
    on: dt.date | None = field(default=None, converter=to_optional_date)
    incomplete: tuple[str, ...] = ()
    presumed: tuple[Fact, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def settled(self) -> bool:
        """Whether exactly one grade is left."""
        return len(self.possible) == 1

    @property
    def outcome(self) -> ScaledGrade:
        """The one grade, with its scale.

        Raises
        ------
        UndecidedError
            When the findings allow more than one; names what would settle it.
        """
        if self.settled:
            return self.scale.grade(self.possible[0])
        raise UndecidedError(
            self.reason,
            possible=self.possible,
            missing=self.missing,
            citation=str(self.scale.source),
        )

    @property
    def worst(self) -> ScaledGrade:
        """The worst grade still possible."""
        return self.scale.grade(self.possible[0])

    @property
    def mildest(self) -> ScaledGrade:
        """The mildest grade still possible: what the findings so far make sure of."""
        return self.scale.grade(self.possible[-1])

    @property
    def missing(self) -> tuple[str, ...]:
        """What would settle it; empty when it is settled."""
        if self.settled:
            return ()
        return tuple(dict.fromkeys((*self.verdict.missing, *self.incomplete)))

    @property
    def assumed(self) -> tuple[Fact, ...]:
        """Facts nobody reported that were taken as absent."""
        return (*self.verdict.assumed, *self.presumed)

    @property
    def reason(self) -> str:
        """Why it is not settled; empty when it is."""
        if self.settled:
            return ""
        grades = " or ".join(str(int(grade)) for grade in self.possible)
        day = f" on {self.on.isoformat()}" if self.on else ""
        wanted = ", ".join(self.missing) or "what was not assessed"
        return f"{self.scale}{day} is grade {grades}: give {wanted} to settle it"

    @property
    def because(self) -> str:
        """The row of the table behind the grade, and its citation."""
        return self.verdict.because if self.settled else self.reason

    def __str__(self) -> str:
        if not self.settled:
            return self.reason
        gap = f"; not assessed: {', '.join(self.incomplete)}" if self.incomplete else ""
        return f"{self.outcome}: {self.because}{gap}"


def assessed(scale: Scale, verdict: Verdict, **more: Any) -> ScaleAssessment:
    """Make the assessment of a verdict; ``more`` are further fields of it."""
    return ScaleAssessment(scale=scale, possible=verdict.possible, verdict=verdict, **more)


__all__ = [
    "CRS_ASTCT_2019",
    "CRS_CARTOX",
    "CRS_CTCAE_V5",
    "CRS_CTCAE_V6",
    "CRS_LEE_2014",
    "CRS_MSKCC",
    "CRS_PENN",
    "ICAHT_EARLY",
    "ICAHT_LATE",
    "ICANS_ASTCT_2019",
    "IEC_HS",
    "Scale",
    "ScaleAssessment",
    "ScaledGrade",
    "assessed",
    "scale",
    "scales",
]
