"""A grade against the grade at baseline: new, worsened, unchanged, improved, or unknown.

In immune thrombocytopenia most patients enter with a platelet count of grade 3 or 4, and the
CTCAE limits of platelets know no baseline. Such a grade is the disease: it is no new toxicity
until it is worse than at baseline. A baseline nobody recorded is unknown, never grade 0.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Any, TypeAlias

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, NotationError
from itp_carT.notation import show
from itp_carT.sources import ADMIRAL_TRTEMFL
from itp_carT.verdict import Verdict

from .grades import Grade

#: A grade, or what may have become one: ``3``, ``"G3"``, a verdict, None for not known.
GradeLike: TypeAlias = Grade | int | str | Verdict | None

#: Why a grade is judged against baseline, and where the comparison comes from.
WORSENING = ADMIRAL_TRTEMFL.at(
    "intensity against initial intensity",
    note="our reading for immune thrombocytopenia: a grade present at baseline is counted only "
    "when it rises, because the CTCAE limits of platelets have no baseline arm",
)

_GRADES = tuple(reversed(Grade))
_WORDS = {
    word: grade for grade in Grade for word in (str(int(grade)), f"g{int(grade)}", f"grade {grade}")
}


def to_grade(given: GradeLike, field: str = "grade") -> Grade | Verdict | None:
    """Read a grade; a verdict and None are kept, because a missing grade is not grade 0.

    Raises
    ------
    NotationError
        Not a grade from 0 to 5, nor a verdict about one.
    """
    if given is None or isinstance(given, Grade):
        return given
    if isinstance(given, Verdict):
        if all(isinstance(outcome, Grade) for outcome in given.possible):
            return given
    else:
        word = str(given).strip().casefold()  # "true" and "3.0" are no grades
        if word in _WORDS:
            return _WORDS[word]
    raise NotationError(
        f"{show(given)} is not a grade: write 1 to 5, 0 for gradable and not abnormal, a verdict "
        "about a grade, or None when it is not known",
        field=field,
        given=given,
    )


def possible_grades(given: GradeLike, among: Iterable[Grade] = _GRADES) -> tuple[Grade, ...]:
    """Return the grades that are still possible, worst first.

    Parameters
    ----------
    given
        A grade is itself; a verdict is what it leaves open.
    among
        What a grade can be that nobody knows.

    Examples
    --------
    >>> possible_grades(3), len(possible_grades(None))
    ((<Grade.G3: 3>,), 6)
    """
    grade = to_grade(given)
    if isinstance(grade, Grade):
        return (grade,)
    if grade is not None and grade.possible:
        return tuple(sorted(grade.possible, reverse=True))
    return tuple(sorted(among, reverse=True))


def baseline_grades(given: GradeLike, field: str = "baseline_grade") -> tuple[Grade, ...]:
    """Return the grades possible before treatment, worst first: grade 5 is not among them.

    Raises
    ------
    ImpossibleError
        Grade 5, which is death.
    """
    grades = tuple(grade for grade in possible_grades(given) if grade is not Grade.G5)
    if not grades:
        raise ImpossibleError(
            "grade 5 is death, and cannot be a grade before treatment", field=field, given=given
        )
    return grades


class Change(Enum):
    """How a grade stands to the grade at baseline."""

    NEW = "new"
    WORSENED = "worsened"
    UNCHANGED = "unchanged"
    IMPROVED = "improved"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        """The word for it."""
        return self.value

    def __repr__(self) -> str:
        return f"Change.{self.name}"


def _change(baseline: Grade, grade: Grade) -> Change:
    if grade == baseline:
        return Change.UNCHANGED
    if grade < baseline:
        return Change.IMPROVED
    return Change.NEW if baseline is Grade.G0 else Change.WORSENED


def _to_possible(given: GradeLike | tuple[Grade, ...]) -> tuple[Grade, ...]:
    if isinstance(given, tuple):
        return tuple(sorted({Grade(grade) for grade in given}, reverse=True))
    return possible_grades(given)


@frozen
class Worsening:
    """A grade against baseline, with what is not known kept open.

    Parameters
    ----------
    baseline
        Grades the baseline may have had, worst first; `worsening` makes them from a grade.
    grade
        Grades it may have now.
    """

    baseline: tuple[Grade, ...] = field(converter=_to_possible)
    grade: tuple[Grade, ...] = field(converter=_to_possible)

    @property
    def possible(self) -> tuple[Change, ...]:
        """The changes that are still possible, in the order of `Change`."""
        found = {_change(before, now) for before in self.baseline for now in self.grade}
        return tuple(change for change in Change if change in found)

    @property
    def change(self) -> Change:
        """The change; ``Change.UNKNOWN`` while more than one is possible."""
        return self.possible[0] if len(self.possible) == 1 else Change.UNKNOWN

    @property
    def new_toxicity(self) -> bool | None:
        """Whether the grade is new or worse; None while that is open.

        It can be settled when the change is not: grade 3 or 4 now, after grade 4 at baseline, is
        unchanged or improved, and no new toxicity in either case.
        """
        answers = {change in {Change.NEW, Change.WORSENED} for change in self.possible}
        return answers.pop() if len(answers) == 1 else None

    @property
    def grades_worse(self) -> int | None:
        """By how many grades it rose (negative: fell); None while that is open."""
        if len(self.baseline) > 1 or len(self.grade) > 1:
            return None
        return int(self.grade[0]) - int(self.baseline[0])

    def __str__(self) -> str:
        then, now = (" or ".join(g.name for g in side) for side in (self.baseline, self.grade))
        return f"{self.change.label}: {now} after {then} at baseline"


def worsening(baseline_grade: GradeLike, grade: GradeLike) -> Worsening:
    """Compare a grade with the grade at baseline.

    Parameters
    ----------
    baseline_grade
        Grade of the baseline sample, or of the condition before treatment; None is unknown.
    grade
        Grade now; None is unknown.

    Raises
    ------
    NotationError
        Not a grade.
    ImpossibleError
        Grade 5 at baseline.

    References
    ----------
    admiral-trtemfl

    Examples
    --------
    A platelet count of grade 4 before and after is no new toxicity; a grade 2 liver enzyme is.

    >>> print(worsening(4, 4), worsening(4, 4).new_toxicity)
    unchanged: G4 after G4 at baseline False
    >>> worsening(0, 2).change, worsening(None, 2).change
    (Change.NEW, Change.UNKNOWN)
    """
    return Worsening(baseline_grades(baseline_grade), possible_grades(grade))


def grade_name(grade: Any) -> str:
    """Return how a grade is printed in a table; None is ``unknown``."""
    return "unknown" if grade is None else Grade(grade).name
