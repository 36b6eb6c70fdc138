"""Files of counts, bleeding and rescue, read for ``itp-cart respond``.

A row that cannot be used is told by file, line and column, and its patient is not assessed: leaving
the row out would change the result without a word.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

from attrs import Factory, define

from itp_carT.bleeding_diary import BleedingAssessment
from itp_carT.errors import ItpCarTError, MissingFactError, RecordError
from itp_carT.response.records import Count, Rescue

from .csv_file import rows_of

_COUNTS = ("patient", "date", "day", "platelets", "unit", "bleeding", "treated_on", "diagnosed")
_BLEEDING = ("patient", "date", "day", "bleeding", "cause", "disproportionate")
_RESCUE = ("patient", "date", "day", "end", "rescue", "reason")


@define
class Patient:
    """What the files hold of one patient, and what is wrong with it."""

    counts: list[Count] = Factory(list)
    bleeding: list[BleedingAssessment] = Factory(list)
    rescue: list[Rescue] = Factory(list)
    treated_on: str | None = None
    diagnosed: str | None = None
    problems: list[str] = Factory(list)


def read(counts: Path, bleeding: Path | None, rescue: Path | None) -> dict[str, Patient]:
    """Read the files into patients, in the order in which they first appear.

    Raises
    ------
    RecordError
        A file that cannot be read, or a column that is not known or missing.
    """
    found: dict[str, Patient] = defaultdict(Patient)
    _fill(found, counts, _COUNTS, ("patient", "platelets"), add_count)
    if bleeding is not None:
        _fill(found, bleeding, _BLEEDING, ("patient", "bleeding"), add_bleeding)
    if rescue is not None:
        _fill(found, rescue, _RESCUE, ("patient", "rescue"), add_rescue)
    return dict(found)


def _fill(
    found: dict[str, Patient],
    file: Path,
    known: tuple[str, ...],
    needed: tuple[str, ...],
    add: Callable[[Patient, dict[str, str]], None],
) -> None:
    for line, row in rows_of(file, known, needed, more=", and date or day"):
        name = row.get("patient", "")
        if not name:
            raise RecordError(
                f"{file.name} line {line}, column patient: is empty; every row needs its patient",
                file=file.name, row=line, column="patient",
            )  # fmt: skip
        patient = found[name]
        try:
            if None in row:
                raise RecordError("the row has more fields than the header")
            add(patient, row)
        except ItpCarTError as error:
            patient.problems.append(_told(file.name, line, name, row, error))


def _told(file: str, line: int, patient: str, row: dict[str, str], error: ItpCarTError) -> str:
    """Say where a problem is: file, line, column, patient and day."""
    column = str(error.field or "").partition(" ")[0]
    where = f", column {column}" if column else ""
    day = row.get("date") or row.get("day")
    who = f" (patient {patient}{f', {day}' if day else ''})"
    return f"{file} line {line}{where}{who}: {error.message}"


def _day(row: dict[str, str]) -> int | str:
    """Return the day of a row: its date, or its whole number of days from the infusion."""
    date, day = row.get("date"), row.get("day")
    if date is not None and day is not None:
        raise RecordError("has a date and a day: leave one of them empty", field="day")
    if day is None:
        if date is None:
            raise MissingFactError("has neither a date nor a day", field="date")
        return date
    try:
        return int(day)
    except ValueError:
        raise RecordError(
            f'"{day}" is not a whole number of days from the infusion', field="day", given=day
        ) from None


def add_count(patient: Patient, row: dict[str, str]) -> None:
    """Add a count to a patient, from the texts of one row by column."""
    for name in ("treated_on", "diagnosed"):
        given, before = row.get(name), getattr(patient, name)
        if given is not None and before is not None and given != before:
            raise RecordError(f"{given} here, but {before} in a row before", field=name)
        if given is not None:
            setattr(patient, name, given)
    count, unit = row.get("platelets"), row.get("unit")
    text = f"{count} {unit}" if count is not None and unit is not None else count
    try:
        patient.counts.append(Count(_day(row), text, bleeding=row.get("bleeding")))
    except ItpCarTError as error:
        raise (error.about("date") if error.field == "day" and "date" in row else error) from None


def add_bleeding(patient: Patient, row: dict[str, str]) -> None:
    """Add an entry of the bleeding diary to a patient, from the texts of one row by column."""
    try:
        said = BleedingAssessment(
            _day(row),
            row.get("bleeding"),
            cause=row.get("cause"),
            disproportionate=row.get("disproportionate"),
        )
    except ItpCarTError as error:
        raise (error.about("date") if error.field == "on" else error) from None
    patient.bleeding.append(said)


def add_rescue(patient: Patient, row: dict[str, str]) -> None:
    """Add a rescue to a patient, from the texts of one row by column."""
    kind = row.get("rescue")
    if kind is None:
        raise MissingFactError("is empty: name the kind of rescue", field="rescue")
    start, end = _day(row), row.get("end")
    last: int | str | None = end
    if end is not None and isinstance(start, int):
        last = _day({"day": end})
    patient.rescue.append(Rescue(kind, start, last, reason=row.get("reason", "")))


__all__ = ["Patient", "add_bleeding", "add_count", "add_rescue", "read"]
