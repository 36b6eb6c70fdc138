"""A whole study as a value: its header, its subjects, and every record with its file and row."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import Factory, field, frozen

from itp_carT.errors import UnknownTermError
from itp_carT.notation import show

from .events import AdverseEventRecord, CrsRecord
from .header import Header
from .problems import Validation
from .records import (
    AnswerRecord,
    BleedingRecord,
    InfusionRecord,
    LabRecord,
    MedicationRecord,
    SubjectRecord,
)
from .tables import TABLES


@frozen(kw_only=True)
class PatientRecords:
    """Everything that was recorded of one subject, each table in the order of its file.

    Parameters
    ----------
    subject
        The row of the subject.
    labs, bleeding, adverse_events, medications, infusions, crs, questionnaire
        The rows of each table.
    """

    subject: SubjectRecord
    labs: tuple[LabRecord, ...] = ()
    bleeding: tuple[BleedingRecord, ...] = ()
    adverse_events: tuple[AdverseEventRecord, ...] = ()
    medications: tuple[MedicationRecord, ...] = ()
    infusions: tuple[InfusionRecord, ...] = ()
    crs: tuple[CrsRecord, ...] = ()
    questionnaire: tuple[AnswerRecord, ...] = ()

    @property
    def id(self) -> str:
        """The identifier of the subject."""
        return self.subject.subject


def _by_subject(study: Study) -> dict[str, dict[str, list[Any]]]:
    found: dict[str, dict[str, list[Any]]] = {one.subject: {} for one in study.subjects}
    for layout in TABLES[1:]:
        for record in getattr(study, layout.name):
            there = found.get(record.subject)
            if there is not None:
                there.setdefault(layout.name, []).append(record)
    return found


@frozen(kw_only=True)
class Study:
    """A trial's records.

    Parameters
    ----------
    header
        What study.toml states.
    subjects, labs, bleeding, adverse_events, medications, infusions, crs, questionnaire
        The rows of each table, in the order of its file.
    tables
        The tables that were recorded; of one that was not, nothing is known, which is not the same
        as a table without a row.
    validation
        What was wrong when it was read; empty for a study that was made.

    Examples
    --------
    >>> study = Study(
    ...     header=Header(name="synthetic"), subjects=(SubjectRecord(subject="SYN-01"),)
    ... )
    >>> [patient.id for patient in study.patients()]
    ['SYN-01']
    """

    header: Header
    subjects: tuple[SubjectRecord, ...] = field(default=(), converter=tuple)
    labs: tuple[LabRecord, ...] = field(default=(), converter=tuple, repr=False)
    bleeding: tuple[BleedingRecord, ...] = field(default=(), converter=tuple, repr=False)
    adverse_events: tuple[AdverseEventRecord, ...] = field(default=(), converter=tuple, repr=False)
    medications: tuple[MedicationRecord, ...] = field(default=(), converter=tuple, repr=False)
    infusions: tuple[InfusionRecord, ...] = field(default=(), converter=tuple, repr=False)
    crs: tuple[CrsRecord, ...] = field(default=(), converter=tuple, repr=False)
    questionnaire: tuple[AnswerRecord, ...] = field(default=(), converter=tuple, repr=False)
    tables: tuple[str, ...] = field(default=tuple(layout.name for layout in TABLES), repr=False)
    validation: Validation = field(default=Validation(), eq=False, repr=False)
    _grouped: Mapping[str, Mapping[str, list[Any]]] = field(
        default=Factory(_by_subject, takes_self=True), init=False, eq=False, repr=False
    )

    def patients(self) -> Iterator[PatientRecords]:
        """Yield the records of each subject, in the order of the subjects."""
        for subject in self.subjects:
            yield self._patient(subject)

    def patient(self, subject: str) -> PatientRecords:
        """Return the records of one subject.

        Raises
        ------
        UnknownTermError
            No such subject.
        """
        for one in self.subjects:
            if one.subject == subject:
                return self._patient(one)
        raise UnknownTermError(
            f"{show(subject)} is not a subject of the study",
            field="subject",
            given=subject,
            nearest=(),
        )

    def _patient(self, subject: SubjectRecord) -> PatientRecords:
        rows = self._grouped[subject.subject]
        return PatientRecords(
            subject=subject, **{name: tuple(found) for name, found in rows.items()}
        )


__all__ = ["PatientRecords", "Study"]
