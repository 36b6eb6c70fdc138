"""A file of medication records, read for ``itp-cart therapy``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from attrs import Factory, define

from itp_carT.bleeding_diary import yes_or_no
from itp_carT.errors import ItpCarTError, MissingFactError, RecordError
from itp_carT.therapy.course import TherapyCourse, assess
from itp_carT.therapy.options import Options
from itp_carT.therapy.records import DoseRecord

from .csv_file import rows_of

_RECORD = (
    *("patient", "drug", "dose", "unit", "frequency", "total_daily", "route", "start", "end"),
    *("purpose", "rescue"),
)
_ABOUT = ("infusion", "until", "weight", "recorded_from", "died_on", "lost_on", "new_therapy_on")
_NUMBER = re.compile(r"[+-]?[0-9]{1,3}|[+-][0-9]+", re.ASCII)  # four digits are a year


@define
class Patient:
    """What the file holds of one patient, what is wrong with it, and the assessment."""

    name: str
    file: str
    records: list[tuple[int, DoseRecord]] = Factory(list)
    about: dict[str, tuple[int, str]] = Factory(dict)
    problems: list[str] = Factory(list)
    course: TherapyCourse | None = None

    def assess(self, options: Options) -> None:
        """Assess the records, unless one of them cannot be used."""
        if self.problems:
            return
        given = {name: _day(text) for name, (_, text) in self.about.items()}
        weight = self.about.get("weight")
        try:
            if "until" not in given:
                raise MissingFactError(
                    "how far the medication is known is not said: give --until, a date or a day, "
                    "or a column until",
                    field="until",
                )
            self.course = assess(
                [record for _, record in self.records],
                **(given | {"weight": None if weight is None else weight[1]}),  # type: ignore[arg-type]
                options=options,
                patient=self.name,
            )
        except ItpCarTError as error:
            self.problems.append(self._told(error))

    def _told(self, error: ItpCarTError) -> str:
        """Say which rows an error of the whole patient is about."""
        shared = error.facts.get("records", ())
        lines = [str(line) for line, record in self.records if any(r is record for r in shared)]
        if not lines and error.field in self.about:
            lines = [str(self.about[error.field][0])]
        where = f"{self.file} line {' and '.join(lines)}" if lines else self.file
        column = f", column {error.field}" if error.field else ""
        return f"{where}{column} (patient {self.name}): {error.message}"


def read(file: Path, *, infusion: str | None, until: str | None) -> dict[str, Patient]:
    """Read the records of each patient, in the order in which they first appear.

    Parameters
    ----------
    file
        The CSV file.
    infusion, until
        What holds for patients of whom the file does not say it.

    Raises
    ------
    RecordError
        A file that cannot be read, a column that is not known, or a row without a patient.
    """
    found: dict[str, Patient] = {}
    for line, row in rows_of(file, (*_RECORD, *_ABOUT), ("patient", "drug", "start")):
        name = row.get("patient", "")
        if not name:
            raise RecordError(
                f"{file.name} line {line}, column patient: is empty; every row needs its patient",
                file=file.name, row=line, column="patient",
            )  # fmt: skip
        patient = found.setdefault(name, Patient(name, file.name))
        try:
            _take(patient, line, row)
        except ItpCarTError as error:
            column = f", column {error.field}" if error.field else ""
            what = f" (patient {name}{', ' + row['drug'] if 'drug' in row else ''})"
            patient.problems.append(f"{file.name} line {line}{column}{what}: {error.message}")
    for patient in found.values():
        for key, text in (("infusion", infusion), ("until", until)):
            if text is not None:
                patient.about.setdefault(key, (0, text))
    return found


def _take(patient: Patient, line: int, row: dict[Any, Any]) -> None:
    if None in row:
        raise RecordError("the row has more fields than the header")
    for name in _ABOUT:
        text = row.get(name)
        if text is None:
            continue
        _, before = patient.about.setdefault(name, (line, text))
        if before != text:
            raise RecordError(f"{text} here, but {before} in a row before", field=name)
    dose, unit = row.get("dose"), row.get("unit")
    total = row.get("total_daily")
    both = [f"{text} {unit}" if text and unit else text for text in (dose, total)]
    if "drug" not in row:
        raise MissingFactError("is empty: name the drug", field="drug")
    record = DoseRecord(
        row["drug"],
        both[0],
        row.get("frequency"),
        total_daily=both[1],
        start=_day(row.get("start")),
        end=_day(row.get("end")),
        route=row.get("route"),
        purpose=row.get("purpose"),
        rescue=yes_or_no(row.get("rescue"), "rescue"),
    )
    patient.records.append((line, record))


def _day(text: str | None) -> int | str | None:
    """Return a day as it is written: a whole number of days from the infusion, or a date."""
    return int(text) if text is not None and _NUMBER.fullmatch(text) else text


__all__ = ["Patient", "read"]
