"""What must hold between the rows of one subject: order of dates, one row per fact.

Each check reports; none repairs. What follows from a problem is said by its severity.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from .header import Header
from .problems import Problem, Severity, told
from .study import PatientRecords
from .tables import TABLES


def check_patient(patient: PatientRecords, header: Header) -> Iterator[Problem]:
    """Yield what is wrong between the records of one subject."""
    yield from _subject_dates(patient, header)
    for layout in TABLES[1:]:
        rows = getattr(patient, layout.name)
        for record in rows:
            yield from _dated(record, layout.name, patient, header)
    yield from _twice(patient)
    yield from _exposure(patient)


def _problem(
    record: Any, table: str, column: str, message: str, severity: Severity = Severity.DOUBTFUL
) -> Problem:
    given = getattr(record, column, "") if column else ""
    return Problem(
        file=record.at.file,
        row=record.at.row,
        table=table,
        column=column,
        subject=told(record.subject),
        given=told("" if given is None else given),
        message=message,
        severity=severity,
    )


_ORDER = (
    ("diagnosed", "conditioning"),
    ("diagnosed", "infusion"),
    ("consented", "conditioning"),
    ("conditioning", "infusion"),
    ("infusion", "end"),
    ("infusion", "death"),
    ("end", "death"),
)


def _subject_dates(patient: PatientRecords, header: Header) -> Iterator[Problem]:
    subject = patient.subject
    if subject.infusion is None:
        yield _problem(
            subject, "subjects", "infusion",
            "is empty: nothing that is counted from day 0 can be computed", Severity.STOPS,
        )  # fmt: skip
    elif subject.conditioning is None:
        yield _problem(
            subject, "subjects", "conditioning",
            "is empty: the baseline is then taken from the counts up to day -5",
        )  # fmt: skip
    for first, second in _ORDER:
        one, other = _latest(getattr(subject, first), early=True), getattr(subject, second)
        if one is not None and other is not None and one > other:
            hard = second == "infusion" or first == "infusion"
            yield _problem(
                subject, "subjects", first, f"{told(getattr(subject, first))} is after {second}, "
                f"{other}", Severity.STOPS if hard else Severity.DOUBTFUL,
            )  # fmt: skip
    born, infusion = subject.born, subject.infusion
    if born is not None and infusion is not None and born >= infusion:
        yield _problem(subject, "subjects", "born", f"{born} is not before the infusion, "
                       f"{infusion}", Severity.STOPS)  # fmt: skip
    if subject.end_reason == "death" and subject.death is None:
        yield _problem(subject, "subjects", "death", "is empty, and the study ended by death")
    for name in ("infusion", "end", "death", "consented"):
        day = getattr(subject, name)
        if day is not None and header.cutoff is not None and day > header.cutoff:
            yield _problem(
                subject, "subjects", name, f"{day} is after the cutoff of the data, {header.cutoff}"
            )


def _latest(given: Any, *, early: bool = False) -> dt.date | None:
    """Return a day of a date of which parts may be unknown."""
    if given is None or isinstance(given, dt.date):
        return given
    found: dt.date = given.earliest if early else given.latest
    return found


def _dated(record: Any, table: str, patient: PatientRecords, header: Header) -> Iterator[Problem]:
    subject = patient.subject
    column = "date" if hasattr(record, "date") else "start"
    day = _latest(getattr(record, column), early=True)
    if day is None:
        return
    if header.cutoff is not None and day > header.cutoff:
        yield _problem(
            record, table, column, f"{day} is after the cutoff of the data, {header.cutoff}"
        )
    if subject.death is not None and day > subject.death:
        yield _problem(record, table, column, f"{day} is after the death, {subject.death}")
    if subject.born is not None and day < subject.born:
        yield _problem(
            record, table, column, f"{day} is before the birth, {subject.born}", Severity.STOPS
        )


_ONCE: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("labs", ("date", "time", "analyte", "fasting"), ("value",)),
    ("bleeding", ("date",), ("skin", "mucosa", "viscera", "cns", "rest", "who", "bleeding")),
    ("adverse_events", ("term", "code", "verbatim", "start"), ("grade", "end", "outcome")),
    ("medications", ("drug", "start", "dose", "purpose"), ("end", "frequency")),
    ("infusions", ("agent", "date", "time", "fraction"), ("given",)),
    ("crs", ("date", "time"), ("temperature", "hypotension", "oxygen", "ice")),
    ("questionnaire", ("instrument", "date", "item"), ("answer",)),
)


def _twice(patient: PatientRecords) -> Iterator[Problem]:
    """Report rows that state one fact twice, and those that state it differently."""
    for table, key, said in _ONCE:
        seen: dict[tuple[Any, ...], Any] = {}
        for record in getattr(patient, table):
            place = tuple(getattr(record, name) for name in key)
            before = seen.setdefault(place, record)
            if before is record:
                continue
            differs = [name for name in said if getattr(before, name) != getattr(record, name)]
            name = differs[0] if differs else ""
            if differs:
                yield _problem(
                    record, table, name, f"{told(getattr(record, name))} here and "
                    f"{told(getattr(before, name))} in row {before.at.row}, of the same "
                    f"{', '.join(key)}",
                )  # fmt: skip
            else:
                yield _problem(
                    record, table, "", f"says the same as row {before.at.row}", Severity.NOTE
                )


def _exposure(patient: PatientRecords) -> Iterator[Problem]:
    """Compare the infusions with the days of the subject."""
    subject = patient.subject
    cells = [one.date for one in patient.infusions if one.agent == "CAR-T"]
    drugs = [one.date for one in patient.infusions if one.agent != "CAR-T"]
    for name, days in (("infusion", cells), ("conditioning", drugs)):
        stated = getattr(subject, name)
        if days and stated is not None and min(days) != stated:
            yield _problem(
                subject, "subjects", name,
                f"{stated} differs from the first day in infusions, {min(days)}",
            )  # fmt: skip


__all__ = ["check_patient"]
