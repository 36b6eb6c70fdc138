"""A study folder on disk: its tables are read when they are asked for, good rows are kept.

`read_study` reads all of it. `open_study` reads the header alone; it then hands out one table, or
one patient after the other, without holding the others in memory.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeAlias

from attrs import define, field

from itp_carT.errors import RecordError

from .checks import check_patient
from .columns import Layout
from .files import Sheet, open_sheet
from .grouping import SMALL, Flowing, Rows, grouped
from .header import FILE, Header, read_header
from .load import TableReader
from .problems import Log, Problem, Severity, TableCount, Validation, told
from .records import SubjectRecord
from .study import PatientRecords, Study
from .tables import BY_NAME, SUBJECTS, TABLES
from .wide import lengthened

#: Told how many bytes were read since it was told before.
Progress: TypeAlias = Callable[[int], None]


def read_study(folder: Path | str, *, progress: Progress | None = None) -> Study:
    """Read a whole study folder; what is wrong stands in ``study.validation``.

    Parameters
    ----------
    folder
        The folder with study.toml and the tables.
    progress
        Told how many bytes were read since it was told before.

    Raises
    ------
    RecordError
        No such folder, or one that a later version wrote.
    """
    opened = open_study(folder)
    rows: dict[str, list[Any]] = {layout.name: [] for layout in TABLES}
    for patient in opened.patients(progress=progress):
        rows[SUBJECTS.name].append(patient.subject)
        for layout in TABLES[1:]:
            rows[layout.name] += getattr(patient, layout.name)
    report = opened.validation
    tables = tuple(count.table for count in report.tables if count.file)
    return Study(header=opened.header, tables=tables, validation=report, **rows)


def open_study(folder: Path | str) -> StudyFolder:
    """Open a study folder: its header is read, its tables are not.

    Parameters
    ----------
    folder
        The folder with study.toml and the tables.

    Raises
    ------
    RecordError
        No such folder, or one that a later version wrote.
    """
    path = Path(folder)
    if not path.is_dir():
        what = "is a file" if path.exists() else "does not exist"
        raise RecordError(
            f"{path.name} {what}: name the folder that holds study.toml", file=path.name
        )
    log = Log()
    return StudyFolder(path, read_header(path, log), log)


@define
class StudyFolder:
    """A study folder that was opened.

    Parameters
    ----------
    path
        The folder.
    header
        What its study.toml states.
    log
        Where problems go.
    """

    path: Path
    header: Header
    _log: Log = field(repr=False)
    _readers: dict[str, TableReader] = field(factory=dict, init=False, repr=False)
    _asked: set[str] = field(factory=set, init=False, repr=False)

    @property
    def validation(self) -> Validation:
        """What was wrong with what was read so far."""
        return self._log.report(self._count(layout) for layout in TABLES)

    @property
    def size(self) -> int:
        """Bytes of all tables, for a progress bar."""
        return sum(path.stat().st_size for path in map(self._file, TABLES) if path is not None)

    def file(self, table: str) -> Path | None:
        """Return the file of a table; None where there is none in the folder."""
        return self._file(BY_NAME[table])

    def scan(self, table: str, *, progress: Progress | None = None) -> Iterator[Any]:
        """Yield the records of one table, in the order of its file.

        Parameters
        ----------
        table
            Name of the table.
        progress
            Told how many bytes were read since it was told before.
        """
        reader = self._reader(BY_NAME[table])
        if reader is not None:
            yield from reader.records(_steps(progress))

    def patients(self, *, progress: Progress | None = None) -> Iterator[PatientRecords]:
        """Yield the records of each subject, in the order of the subjects, checked together."""
        subjects = self._subjects(progress)
        order = {name: place for place, name in enumerate(subjects)}
        tables = {layout.name: self._rows(layout, order, progress) for layout in TABLES[1:]}
        for name, subject in subjects.items():
            if subject is None:
                continue
            rows = {table: found.of(name) for table, found in tables.items()}
            patient = PatientRecords(subject=subject, **rows)
            for problem in check_patient(patient, self.header):
                self._log.add(problem)
            yield patient

    # --- files ------------------------------------------------------------------------------------

    def _file(self, layout: Layout) -> Path | None:
        """Return the file of a table, or None."""
        stated = self.header.files.get(layout.name)
        names = (stated,) if stated else (f"{layout.name}.csv", f"{layout.name}.parquet")
        there = [self.path / name for name in names if (self.path / name).is_file()]
        return there[0] if there and _inside(there[0], self.path) else None

    def _reader(self, layout: Layout) -> TableReader | None:
        if layout.name in self._readers:
            return self._readers[layout.name]
        file = self._file(layout)
        self._report_files(layout, file)
        known = set(layout.headings)
        sheet: Sheet | None = None
        if file is not None:
            sheet = open_sheet(file, layout.name, known, self.header.encoding, self._log)
        if sheet is None:
            return None
        sheet = lengthened(sheet, layout)
        if sheet.wide:
            self._add(
                sheet.file, layout.name, "has one column for each analyte and is read as one row "
                "for each value", Severity.NOTE,
            )  # fmt: skip
        reader = TableReader(layout, sheet, self.header, self._log)
        self._readers[layout.name] = reader
        return reader

    def _report_files(self, layout: Layout, file: Path | None) -> None:
        if layout.name in self._asked:
            return
        self._asked.add(layout.name)
        stated = self.header.files.get(layout.name)
        named = stated or f"{layout.name}.csv"
        if stated and not _inside(self.path / stated, self.path):
            self._add(
                FILE, layout.name, f"files.{layout.name} is outside the study folder and is not "
                "read: put the file into the folder",
            )  # fmt: skip
        elif file is None and (layout.required or stated):
            self._add(named, layout.name, f"is missing: it has {layout.title}")
        elif file is None:
            self._add(named, layout.name, "is not there: what is computed from it is not known",
                      Severity.NOTE)  # fmt: skip
        elif (
            not stated
            and (self.path / f"{layout.name}.parquet").is_file()
            and (file.suffix == ".csv")
        ):
            self._add(
                named, layout.name, f"and {layout.name}.parquet are both there: the CSV is used; "
                "state one of them under files in study.toml", Severity.DOUBTFUL,
            )  # fmt: skip

    def _count(self, layout: Layout) -> TableCount:
        reader = self._readers.get(layout.name)
        if reader is None:
            return TableCount(layout.name, "", 0, 0)
        return TableCount(layout.name, reader.sheet.file, reader.rows, reader.kept)

    # --- subjects and their rows ------------------------------------------------------------------

    def _subjects(self, progress: Progress | None) -> dict[str, SubjectRecord | None]:
        """Return the subjects by identifier; None for one that is stated twice, differently."""
        found: dict[str, SubjectRecord | None] = {}
        first: dict[str, SubjectRecord] = {}
        for record in self.scan(SUBJECTS.name, progress=progress):
            name = record.subject
            before = first.setdefault(name, record)
            if before is record:
                found[name] = record
                continue
            same = before == record
            self._add(
                record.at.file, SUBJECTS.name,
                f"the subject stands in row {before.at.row} already, "
                + ("with the same facts" if same else "with other facts: neither is used"),
                Severity.NOTE if same else Severity.STOPS, row=record.at.row, column="subject",
                subject=name,
            )  # fmt: skip
            self._readers[SUBJECTS.name].kept -= 1
            if not same and found[name] is not None:
                found[name] = None
                self._readers[SUBJECTS.name].kept -= 1
        return found

    def _rows(self, layout: Layout, order: dict[str, int], progress: Progress | None) -> Rows:
        """Return the rows of a table by subject: from memory, or read as they are asked for."""
        file = self._file(layout)
        known = self._known(layout, order, progress)
        if file is None or file.stat().st_size <= SMALL or file.suffix != ".csv":
            return grouped(known)
        reader = self._reader(layout)
        if reader is not None and reader.in_order(order):
            return Flowing(self._known(layout, order, progress), order)
        return grouped(known)

    def _known(
        self, layout: Layout, order: dict[str, int], progress: Progress | None
    ) -> Iterator[Any]:
        """Yield the rows of known subjects; those of nobody known are reported."""
        for record in self.scan(layout.name, progress=progress):
            if record.subject in order:
                yield record
                continue
            if not order:
                continue  # without subjects nobody is known: that is reported once, for the file
            self._readers[layout.name].kept -= 1
            self._add(
                record.at.file, layout.name, "the subject has no row in subjects",
                row=record.at.row, column="subject", subject=record.subject,
            )  # fmt: skip

    def _add(
        self,
        file: str,
        table: str,
        message: str,
        severity: Severity = Severity.STOPS,
        **place: Any,
    ) -> None:
        if "subject" in place:
            place["subject"] = place["given"] = told(place["subject"])
        self._log.add(Problem(file=file, table=table, message=message, severity=severity, **place))


def _inside(file: Path, folder: Path) -> bool:
    return file.resolve().is_relative_to(folder.resolve())


def _steps(progress: Progress | None) -> Progress | None:
    """Turn places in a file into steps."""
    if progress is None:
        return None
    last = 0

    def step(place: int) -> None:
        nonlocal last
        progress(place - last)
        last = place

    return step


def validate(folder: Path | str, *, progress: Progress | None = None) -> Validation:
    """Check a study folder and return the report; nothing is kept in memory but the report.

    Parameters
    ----------
    folder
        The folder with study.toml and the tables.
    progress
        Told how many bytes were read since it was told before.

    Raises
    ------
    RecordError
        No such folder, or one that a later version wrote.
    """
    opened = open_study(folder)
    for _ in opened.patients(progress=progress):
        pass
    return opened.validation


__all__ = ["StudyFolder", "open_study", "read_study", "validate"]
