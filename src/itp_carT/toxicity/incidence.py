"""Counting patients with adverse events: the worst grade of each, and a table per class and term.

A patient is counted once per system organ class and once per term, at the worst grade; a missing
grade never lowers it, and a patient whose grade nobody knows has a column of its own, never grade
0. Patients without the event are grade 0 in the denominator. An event can be counted only as far
as it is worse than before treatment, which immune thrombocytopenia needs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import frozen

from itp_carT.errors import ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.partial_dates import PartialDate, before, partial_date
from itp_carT.sources import ADAM_OCCDS

from .catalogue import SystemOrganClass, Term
from .events import AdverseEvent
from .grades import Grade

#: How the counting is done; known from practice, not compared with an opened source.
COUNTING = ADAM_OCCDS.at(
    "worst grade per patient, class and term",
    note="a missing grade does not lower the worst; ties keep the earliest start; the period of an "
    "event is that of its onset",
)

Group: TypeAlias = Term | SystemOrganClass | None

_GROUPS: dict[str, Callable[[AdverseEvent], Group]] = {
    "term": lambda event: event.term,
    "soc": lambda event: event.term.soc,
    "patient": lambda _event: None,
}


@frozen
class WorstGrade:
    """The worst grade of one patient in one term, class, or over all events.

    Parameters
    ----------
    patient
        The patient.
    group
        The term or class; None over all events.
    at_least
        The worst grade that is certain; None while no grade is.
    at_most
        The worst it may be, with unsettled and missing grades, and records that may not count.
    certain
        Whether at least one record counts for certain.
    event
        The record behind it: with the worst certain grade, of several the one that began first.
    records
        How many records there were.
    """

    patient: str
    group: Group
    at_least: Grade | None
    at_most: Grade
    certain: bool
    event: AdverseEvent
    records: int

    @property
    def settled(self) -> bool:
        """Whether nothing unknown could make it worse."""
        return self.certain and self.at_least == self.at_most


def worst_grades(
    events: Iterable[AdverseEvent],
    *,
    by: str = "term",
    since: PartialDate | dt.date | str | None = None,
    until: PartialDate | dt.date | str | None = None,
    above_baseline: bool = False,
) -> tuple[WorstGrade, ...]:
    """Find the worst grade of each patient, per term, class or over all events.

    Parameters
    ----------
    events
        Records of any patients, of one edition.
    by
        ``"term"``, ``"soc"`` or ``"patient"``.
    since, until
        First and last day of the period; an event belongs to the period of its onset. Where an
        unknown part of a date decides, the record can raise ``at_most`` only.
    above_baseline
        Count an event only when its grade is above the initial grade; an event whose initial
        grade is unknown can raise ``at_most`` only.

    Returns
    -------
    One result per patient and group, in the order of the first record.

    Raises
    ------
    ImpossibleError
        Events of more than one edition.

    References
    ----------
    adam-occds

    Examples
    --------
    >>> events = [
    ...     AdverseEvent("SYN-01", "Nausea", edition="ctcae-v5.0", grade=grade)
    ...     for grade in (1, 2, None)
    ... ]
    >>> worst = worst_grades(events)[0]
    >>> worst.at_least.name, worst.at_most.name, worst.records
    ('G2', 'G3', 3)
    """
    if by not in _GROUPS:
        raise NotationError(
            f"{show(by)} is no grouping: write {', '.join(_GROUPS)}", field="by", given=by
        )
    first = None if since is None else partial_date(since, "since")
    last = None if until is None else partial_date(until, "until")
    groups: dict[tuple[str, Group], list[tuple[AdverseEvent, bool]]] = {}
    for event in _of_one_edition(events):
        counts = _counts(event, first, last, above_baseline=above_baseline)
        if counts is not False:
            key = (event.patient, _GROUPS[by](event))
            groups.setdefault(key, []).append((event, counts is True))
    return tuple(_worst(*key, records) for key, records in groups.items())


def _of_one_edition(events: Iterable[AdverseEvent]) -> list[AdverseEvent]:
    found = list(events)
    editions = sorted({event.term.edition for event in found})
    if len(editions) > 1:
        raise ImpossibleError(
            f"events of {' and '.join(editions)} cannot be counted together: map the terms first",
            field="events",
            given=tuple(editions),
        )
    return found


def _counts(
    event: AdverseEvent,
    first: PartialDate | None,
    last: PartialDate | None,
    *,
    above_baseline: bool,
) -> bool | None:
    """Say whether an event counts; None where that is not known."""
    answers: list[bool | None] = []
    if above_baseline:
        answers.append(event.worsening.new_toxicity)
    for limit in (first, last):
        if limit is None:
            continue
        if event.onset is None:
            answers.append(None)
            continue
        pair = (event.onset, limit) if limit is first else (limit, event.onset)
        outside = before(*pair)
        answers.append(None if outside is None else not outside)
    return False if False in answers else None if None in answers else True


def _worst(patient: str, group: Group, records: list[tuple[AdverseEvent, bool]]) -> WorstGrade:
    def rank(record: tuple[AdverseEvent, bool]) -> tuple[int, dt.date]:
        event, certain = record
        known = event.at_least if certain else None
        start = dt.date.max if event.onset is None else event.onset.earliest
        return (-1 if known is None else -int(known) - 10), start

    event, certain = min(records, key=rank)
    return WorstGrade(
        patient=patient,
        group=group,
        at_least=event.at_least if certain else None,
        at_most=max(record.worst for record, _ in records),
        certain=any(sure and record.at_least is not Grade.G0 for record, sure in records),
        event=event,
        records=len(records),
    )


# --- the table ------------------------------------------------------------------------------------


@frozen
class IncidenceRow:
    """Patients of one class or term by their worst grade.

    Parameters
    ----------
    soc
        The class.
    term
        The term; None for the row of the class.
    counts
        Patients with worst grade 0, 1, 2, 3, 4 and 5.
    unknown
        Patients with a record whose grade, or whose counting, is not known.
    any_grade
        Patients with the event for certain, whatever the grade.
    could_be_worse
        Patients counted at a grade that something unknown could raise.
    """

    soc: SystemOrganClass
    term: Term | None
    counts: tuple[int, ...]
    unknown: int
    any_grade: int
    could_be_worse: int

    @property
    def name(self) -> str:
        """The term, or the class."""
        return self.soc.label if self.term is None else self.term.name

    def of(self, grade: Grade | int) -> int:
        """Return the number of patients whose worst grade is this."""
        return self.counts[Grade(grade)]

    def from_grade(self, grade: Grade | int) -> int:
        """Return the number of patients whose worst grade is this or worse."""
        return sum(self.counts[Grade(grade) :])


@frozen
class Incidence:
    """A table of patients per system organ class, term and worst grade.

    Parameters
    ----------
    patients
        Everybody in the denominator.
    rows
        Each class, followed by its terms; those without an event are left out.
    """

    patients: tuple[str, ...]
    rows: tuple[IncidenceRow, ...]

    @property
    def denominator(self) -> int:
        """The number of patients."""
        return len(self.patients)

    def __getitem__(self, name: str) -> IncidenceRow:
        """Return the row of a class or term, whatever the case.

        Raises
        ------
        UnknownTermError
            Nobody had it.
        """
        for row in self.rows:
            if row.name.casefold() == name.strip().casefold():
                return row
        known = tuple(row.name for row in self.rows)
        raise UnknownTermError(f'no event of "{name}" was counted', given=name, nearest=known)

    def records(self) -> list[dict[str, Any]]:
        """Return one dictionary per row, for a frame of any kind."""
        return [
            {
                "soc": row.soc.label,
                "term": None if row.term is None else row.term.name,
                "code": None if row.term is None else row.term.code,
                "patients": self.denominator,
                "any_grade": row.any_grade,
                **{f"grade_{int(grade)}": row.of(grade) for grade in Grade},
                "unknown": row.unknown,
                "could_be_worse": row.could_be_worse,
            }
            for row in self.rows
        ]

    def __str__(self) -> str:
        names = [row.name if row.term is None else f"  {row.name}" for row in self.rows]
        wide = max([len(f"patients: {self.denominator}"), *map(len, names)])
        grades = "".join(f"{grade.name:>5}" for grade in Grade)
        lines = [f"{f'patients: {self.denominator}':<{wide}}{'any':>5}{grades}{'unknown':>9}"]
        for name, row in zip(names, self.rows, strict=True):
            counts = "".join(f"{row.of(grade):>5}" for grade in Grade)
            lines.append(f"{name:<{wide}}{row.any_grade:>5}{counts}{row.unknown:>9}")
        return "\n".join(lines)


def incidence(
    events: Iterable[AdverseEvent],
    patients: Iterable[str],
    *,
    since: PartialDate | dt.date | str | None = None,
    until: PartialDate | dt.date | str | None = None,
    above_baseline: bool = False,
) -> Incidence:
    """Count patients per system organ class, term and worst grade.

    Parameters
    ----------
    events
        Records of one edition; select treatment-emergent, related or serious ones beforehand.
    patients
        Everybody in the denominator, also those without an event.
    since, until, above_baseline
        As in `worst_grades`.

    Raises
    ------
    UnknownTermError
        An event of somebody who is not in the denominator.
    ImpossibleError
        Events of more than one edition, or a patient named twice.

    References
    ----------
    adam-occds

    Examples
    --------
    >>> event = AdverseEvent("SYN-01", "Nausea", edition="ctcae-v5.0", grade=2)
    >>> print(incidence([event], ["SYN-01", "SYN-02", "SYN-03"]))
    patients: 3                  any   G0   G1   G2   G3   G4   G5  unknown
    Gastrointestinal disorders    1    2    0    1    0    0    0        0
      Nausea                      1    2    0    1    0    0    0        0
    """
    if isinstance(patients, str):
        raise NotationError(
            f"{show(patients)} is one name: give everybody in the denominator",
            field="patients",
            given=patients,
        )
    everybody = tuple(patients)
    if len(set(everybody)) < len(everybody):
        raise ImpossibleError("a patient is named twice", field="patients", given=everybody)
    found = list(events)
    known = set(everybody)
    for event in found:
        if event.patient not in known:
            raise UnknownTermError(
                f"{event.patient} has an event and is not among the {len(everybody)} patients",
                field="patients",
                given=event.patient,
            )
    worst: dict[Group, list[WorstGrade]] = {}
    for by in ("soc", "term"):
        for result in worst_grades(
            found, by=by, since=since, until=until, above_baseline=above_baseline
        ):
            worst.setdefault(result.group, []).append(result)
    return counted(worst, everybody)


def counted(worst: Mapping[Group, Sequence[WorstGrade]], patients: Iterable[str]) -> Incidence:
    """Count the worst grades of each class and term.

    Parameters
    ----------
    worst
        One worst grade per patient, by class and by term.
    patients
        Everybody in the denominator.
    """
    everybody = tuple(patients)
    rows = []
    for soc in SystemOrganClass:
        terms = [group for group in worst if isinstance(group, Term) and group.soc is soc]
        if soc in worst:
            rows.append(_row(soc, None, worst[soc], len(everybody)))
        terms.sort(key=lambda term: term.name.casefold())
        rows += [_row(soc, term, worst[term], len(everybody)) for term in terms]
    return Incidence(everybody, tuple(rows))


def _row(
    soc: SystemOrganClass, term: Term | None, results: Sequence[WorstGrade], denominator: int
) -> IncidenceRow:
    counts = [0] * len(Grade)
    unknown = 0
    for result in results:
        if result.at_least:  # neither None nor grade 0, which a verdict may still allow
            counts[result.at_least] += 1
        else:
            unknown += 1
    counts[Grade.G0] = denominator - len(results)
    return IncidenceRow(
        soc=soc,
        term=term,
        counts=tuple(counts),
        unknown=unknown,
        any_grade=sum(result.certain for result in results),
        could_be_worse=sum(bool(r.at_least) and not r.settled for r in results),
    )
