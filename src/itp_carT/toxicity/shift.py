"""Shift tables: the grade at baseline against the worst grade after it, patient by patient.

One table is about one term, so that a measurement with two directions has two: hypokalemia and
hyperkalemia do not offset each other. Unscheduled samples count. A patient without a baseline
grade stands in the row "unknown", one without a later grade in the column "unknown".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from attrs import frozen

from itp_carT.errors import NotationError
from itp_carT.notation import show
from itp_carT.sources import ADAM_OCCDS

from .catalogue import Term
from .grades import Grade
from .worsening import (
    Change,
    GradeLike,
    Worsening,
    baseline_grades,
    grade_name,
    possible_grades,
    to_grade,
)

#: How the worst grade after baseline is found; known from practice, not from an opened source.
SHIFTING = ADAM_OCCDS.at(
    "worst grade after baseline against the grade at baseline (ATOXGR, BTOXGR)",
    note="unscheduled samples count; a missing grade does not lower the worst",
)


@frozen
class Shift:
    """One patient's grade at baseline and worst grade after it.

    Parameters
    ----------
    patient
        The patient.
    worsening
        Both sides, with what is not known kept open.
    worst
        The worst grade after baseline that is certain; None when no sample could be graded.
    """

    patient: str
    worsening: Worsening
    worst: Grade | None

    @property
    def baseline(self) -> Grade | None:
        """The grade at baseline; None while it is not settled."""
        grades = self.worsening.baseline
        return grades[0] if len(grades) == 1 else None

    @property
    def could_be_worse(self) -> bool:
        """Whether a sample that is not settled could raise the worst grade."""
        return self.worst is not None and self.worsening.grade[0] > self.worst


@frozen
class ShiftTable:
    """Patients by grade at baseline and worst grade after it.

    Parameters
    ----------
    name
        The term the grades are about.
    shifts
        One entry per patient.
    """

    name: str
    shifts: tuple[Shift, ...]

    def count(self, baseline: GradeLike, worst: GradeLike) -> int:
        """Return the number of patients in one cell; None stands for unknown."""
        wanted = (to_grade(baseline), to_grade(worst))
        return sum((shift.baseline, shift.worst) == wanted for shift in self.shifts)

    @property
    def changes(self) -> dict[Change, int]:
        """Patients by how the worst grade stands to baseline."""
        found = Counter(shift.worsening.change for shift in self.shifts)
        return {change: found[change] for change in Change}

    @property
    def new_toxicity(self) -> dict[bool | None, int]:
        """Patients with a new or worse grade (True), without (False), and open (None)."""
        found = Counter(shift.worsening.new_toxicity for shift in self.shifts)
        return {answer: found[answer] for answer in (True, False, None)}

    def records(self) -> list[dict[str, Any]]:
        """Return one dictionary per cell that is not empty, for a frame of any kind."""
        cells = Counter((shift.baseline, shift.worst) for shift in self.shifts)
        order = sorted(cells, key=lambda cell: tuple(-1 if g is None else int(g) for g in cell))
        return [
            {"baseline": grade_name(b), "worst": grade_name(w), "patients": cells[b, w]}
            for b, w in order
        ]

    def __str__(self) -> str:
        sides: list[Grade | None] = [*Grade, None]
        head = "".join(f"{grade_name(worst):>8}" for worst in sides)
        lines = [self.name, f"{'baseline':<10}{head}"]
        for baseline in [*sides[:5], None]:
            counts = "".join(f"{self.count(baseline, worst):>8}" for worst in sides)
            lines.append(f"{grade_name(baseline):<10}{counts}")
        return "\n".join(lines)


def shift_table(
    term: Term | str,
    baseline: Mapping[str, GradeLike],
    after: Mapping[str, Iterable[GradeLike]],
) -> ShiftTable:
    """Tabulate the worst grade after baseline against the grade at baseline.

    Parameters
    ----------
    term
        What was graded: one term, and so one direction.
    baseline
        Grade of each patient's baseline sample; None, or no entry, when there is none.
    after
        Grades of all later samples of each patient, scheduled or not; verdicts may be unsettled.

    Returns
    -------
    A table with every patient of either mapping once.

    Raises
    ------
    NotationError
        Not a grade, or one grade where several are expected.

    References
    ----------
    adam-occds

    Examples
    --------
    A platelet count of grade 4 at baseline that stays there is no new toxicity.

    >>> table = shift_table(
    ...     "Platelet count decreased",
    ...     baseline={"SYN-01": 4, "SYN-02": 1, "SYN-03": None},
    ...     after={"SYN-01": [4, 3], "SYN-02": [2, None, 4], "SYN-03": [3]},
    ... )
    >>> table.count(4, 4), table.new_toxicity
    (1, {True: 1, False: 1, None: 1})
    """
    name = term.name if isinstance(term, Term) else term
    among = (Grade.G0, *term.grades) if isinstance(term, Term) else tuple(Grade)
    patients = dict.fromkeys((*baseline, *after))
    return ShiftTable(
        name, tuple(_shift(p, baseline.get(p), after.get(p, ()), among) for p in patients)
    )


def _shift(patient: str, baseline: GradeLike, later: Any, among: tuple[Grade, ...]) -> Shift:
    if isinstance(later, str | int):
        raise NotationError(
            f"{show(later)} is one grade: give all grades after baseline, e.g. [2, 3]",
            field=patient,
            given=later,
        )
    read = [to_grade(grade) for grade in later]
    ranges = [possible_grades(grade, among) for grade in read]
    known = [possible_grades(grade)[-1] for grade in read if grade is not None]
    worst = max(known, default=None)
    floor = Grade.G0 if worst is None else worst
    ceiling = max((grades[0] for grades in ranges), default=max(among))
    possible = tuple(g for g in Grade if floor <= g <= ceiling and (g in among or g is worst))
    before = tuple(
        g for g in baseline_grades(baseline, patient) if baseline is not None or g in among
    )
    return Shift(patient, Worsening(before, possible), worst)
