"""The tables of a study folder as Polars frames: scanned, never held whole, one case read once.

A table repeats itself: a million rows of bleeding are a few hundred different findings. Each
different row is read once by the reader of the study folder, so that every rule of reading is the
folder's own; the rows themselves stay numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import polars as pl
from attrs import field, frozen

from itp_carT.errors import ItpCarTError, RecordError
from itp_carT.notation import show
from itp_carT.study.dates import partial_of
from itp_carT.study.files import Sheet
from itp_carT.study.folder import StudyFolder
from itp_carT.study.load import TableReader
from itp_carT.study.problems import Log, Severity, Validation
from itp_carT.study.records import SubjectRecord
from itp_carT.study.tables import BY_NAME

#: What stands in a required column that a case leaves out.
_STAND_IN = {"subject": "one", "date": "2000-01-01", "analyte": "platelets"}
_BATCH = 20_000  # different rows that are records at a time
ADVICE = "run itp-cart validate first, or itp-cart analyze, which reads every form"


def scan(folder: StudyFolder, table: str) -> pl.LazyFrame | None:
    """Return a table as text with the number of each ``row``; None where the folder has none.

    Parameters
    ----------
    folder
        The folder.
    table
        Name of the table.

    Raises
    ------
    RecordError
        The file is not in the form that `itp_carT.study.write.write_study` writes.
    """
    path, layout, header = folder.file(table), BY_NAME[table], folder.header
    if path is None:
        return None
    plain = path.suffix == ".csv" and header.encoding.casefold() in ("", "utf-8")
    if not plain or header.decimal != "." or header.units.get(table):
        raise _form(path, "columns read CSV in UTF-8 with decimal points and a column of units")
    try:
        frame = pl.scan_csv(path, infer_schema=False, row_index_name="row", row_index_offset=2)
        names = frame.collect_schema().names()[1:]
    except (pl.exceptions.PolarsError, OSError) as error:
        raise _form(path, f"cannot be read: {_first_line(error)}") from None
    known = [one.name for one in layout.columns]
    for name in names:
        if name not in known:
            raise _form(path, f'"{name}" is no column of the table', column=name)
    for one in layout.columns:
        if one.required and one.name not in names:
            raise _form(path, f'"{one.name}" is missing', column=one.name)
    empty = ["", *header.missing]
    cells = pl.col(names)
    frame = frame.with_columns(cells.str.strip_chars())
    frame = frame.with_columns(pl.when(~cells.is_in(empty)).then(cells).name.keep())
    absent = [pl.lit(None, pl.String).alias(name) for name in known if name not in names]
    return frame.with_columns(absent)


def _first_line(error: Exception) -> str:
    return str(error).partition("\n")[0][:200]


def _form(path: Path, why: str, **place: Any) -> RecordError:
    return RecordError(f"{path.name}: {why}; {ADVICE}", file=path.name, **place)


def collect(frame: pl.LazyFrame, table: str) -> pl.DataFrame:
    """Run a query over a file in parts.

    Raises
    ------
    RecordError
        The file cannot be read to its end.
    """
    try:
        return frame.collect(engine="streaming")
    except pl.exceptions.PolarsError as error:
        raise RecordError(
            f"{table}.csv cannot be read: {_first_line(error)}; {ADVICE}", file=f"{table}.csv"
        ) from None


# --- cases ----------------------------------------------------------------------------------------


def records(folder: StudyFolder, table: str, cases: pl.DataFrame) -> list[Any]:
    """Read each row of text by the reader of the study folder.

    Parameters
    ----------
    folder
        The folder: its header says how cells are written.
    table
        The table that the rows are of.
    cases
        Rows of text; a required column that is not there gets a stand-in.

    Raises
    ------
    RecordError
        A row that cannot be used.
    """
    layout = BY_NAME[table]
    stand_in = {
        one.name: _STAND_IN[one.name]
        for one in layout.columns
        if one.name in _STAND_IN and one.required and one.name not in cases.columns
    }
    fixed = tuple(stand_in.values())

    def rows(*_: Any) -> Iterator[tuple[int, Sequence[str]]]:
        for at, row in enumerate(cases.iter_rows(), 2):
            yield at, [*("" if cell is None else cell for cell in row), *fixed]

    log = Log()
    sheet = Sheet(f"{table}.csv", (*cases.columns, *stand_in), ",", rows)
    found = list(TableReader(layout, sheet, folder.header, log).records())
    if len(found) < cases.height:
        _refuse(log.report(()), f"{table}.csv")
        raise RecordError(f"{table}.csv: a row cannot be used; {ADVICE}", file=f"{table}.csv")
    return found


def _refuse(report: Validation, file: str) -> None:
    """Refuse a file of which something cannot be used."""
    for one in report.problems:
        if one.severity is Severity.STOPS:
            given = f"{one.column} {show(one.given)}: " if one.column and one.given else ""
            raise RecordError(
                f"{one.file or file}: {given}{one.message}; {ADVICE}", file=file, column=one.column
            )


def check(people: People, table: str, rows: pl.LazyFrame) -> None:
    """Read each different row once, a batch at a time; remember only that it was read.

    Parameters
    ----------
    people
        The subjects.
    table
        Name of the table.
    rows
        Rows of text.

    Raises
    ------
    RecordError
        A row that cannot be used.
    """
    names = [name for name in others(table) if name != "date"]
    cases = collect(rows.select(names).unique(), table)
    before = people.read.get(table, cases.clear())
    cases = cases.join(before, on=names, how="anti", nulls_equal=True)
    for batch in cases.iter_slices(_BATCH):
        records(people.folder, table, batch)
    people.read[table] = pl.concat([before, cases])


def others(table: str, *without: str) -> list[str]:
    """Return the columns of a table but the subject and those named."""
    known = [one.name for one in BY_NAME[table].columns]
    return [name for name in known if name not in ("subject", *without)]


@frozen
class Cased:
    """Rows of a table with the number of their case, and a record for each case.

    Parameters
    ----------
    rows
        ``patient`` (place among the subjects), the columns that were kept, and ``case``.
    records
        By number of the case: its record, or what was kept of it.
    cases
        The cases as text.
    """

    rows: pl.DataFrame
    records: list[Any]
    cases: pl.DataFrame


def cased(
    people: People,
    table: str,
    columns: Sequence[str],
    kept: Sequence[str],
    only: pl.Expr | None = None,
    tell: Callable[[Any], Any] | None = None,
) -> Cased | None:
    """Read a table case by case, in the order of subjects and rows; None where there is none.

    Parameters
    ----------
    people
        The subjects; rows of others are left out.
    table
        Name of the table.
    columns
        The columns that make a case.
    kept
        Columns that are kept as text.
    only
        Which rows; by default all.
    tell
        What to keep of each record instead of the record itself, where there are many.
    """
    frame = scan(people.folder, table)
    if frame is None:
        return None
    if only is not None:
        frame = frame.filter(only)
    frame = frame.join(people.places.lazy(), on="subject", how="inner")
    cases = collect(frame.select(columns).unique(), table).sort(columns)
    numbered = cases.with_columns(case=pl.int_range(pl.len(), dtype=pl.Int32))
    rows = frame.join(numbered.lazy(), on=list(columns), how="left", nulls_equal=True)
    found = collect(rows.select("patient", "row", *kept, "case"), table).sort("patient", "row")
    told = [
        record if tell is None else tell(record)
        for batch in cases.iter_slices(_BATCH)
        for record in records(people.folder, table, batch)
    ]
    return Cased(found, told, cases)


# --- dates ----------------------------------------------------------------------------------------


def spans(people: People, table: str, frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Put the first and the last day that a date can be in its place.

    Parameters
    ----------
    people
        The subjects.
    table
        The table, for messages.
    frame
        Rows.
    name
        The column; it becomes ``NAME_first`` and ``NAME_last``.

    Raises
    ------
    RecordError
        A date that cannot be read.
    """
    texts = frame[name].unique().drop_nulls().to_list()
    first, last = [], []
    for text in texts:
        try:
            found = partial_of(text, people.folder.header.dates)
        except ItpCarTError as error:
            raise RecordError(f"{table}.csv: {error.message}; {ADVICE}", column=name) from None
        first.append(found.earliest)
        last.append(found.latest)
    kinds = {name: pl.String, f"{name}_first": pl.Date, f"{name}_last": pl.Date}
    known = pl.DataFrame(dict(zip(kinds, (texts, first, last), strict=True)), schema=kinds)
    return frame.join(known, on=name, how="left", maintain_order="left").drop(name)


def dates(people: People, table: str, frame: pl.LazyFrame) -> pl.DataFrame:
    """Return each different ``date`` of a table as text, and the day it is ``on``.

    Parameters
    ----------
    people
        The subjects.
    table
        The table, for messages.
    frame
        Its rows.

    Raises
    ------
    RecordError
        A date that cannot be read, or of which a part is not known.
    """
    texts = collect(frame.select("date").unique(), table).drop_nulls()
    known = spans(people, table, texts.with_columns(written="date"), "date")
    _whole(known, table)
    return known.select(date="written", on="date_first")


def _whole(frame: pl.DataFrame, table: str) -> None:
    if not (frame["date_first"] == frame["date_last"]).all():
        raise RecordError(f"{table}.csv: a date is not complete; {ADVICE}", column="date")


def dated(people: People, table: str, frame: pl.DataFrame) -> pl.DataFrame:
    """Put ``day``, from the infusion of the patient, in the place of ``date``.

    Raises
    ------
    RecordError
        A date that cannot be read, or of which a part is not known.
    """
    frame = spans(people, table, frame, "date")
    _whole(frame, table)
    frame = frame.join(people.days, on="patient", how="left", maintain_order="left")
    day = (pl.col("date_first") - pl.col("infusion")).dt.total_days()
    return frame.with_columns(day=day).drop("date_first", "date_last", "infusion", "conditioning")


# --- subjects -------------------------------------------------------------------------------------


@frozen
class People:
    """The subjects of a study, in the order of their file.

    Parameters
    ----------
    folder
        The folder.
    subjects
        Their rows.
    places
        ``subject`` and ``patient``, the place.
    days
        ``patient``, ``infusion`` and ``conditioning``.
    exposed
        Subjects of whom an infusion is recorded.
    read
        By table: the different rows that were read; see `check`.
    """

    folder: StudyFolder
    subjects: list[SubjectRecord] = field(repr=False)
    places: pl.DataFrame = field(repr=False)
    days: pl.DataFrame = field(repr=False)
    exposed: frozenset[str] = field(repr=False)
    read: dict[str, pl.DataFrame] = field(factory=dict, init=False, repr=False)

    @classmethod
    def of(cls, folder: StudyFolder) -> People:
        """Read the subjects.

        Raises
        ------
        RecordError
            A subject that stands twice, or what cannot be read of study.toml or the subjects.
        """
        subjects = list(folder.scan("subjects"))
        _refuse(folder.validation, "subjects.csv")
        names = pl.Series("subject", [one.subject for one in subjects], pl.String)
        if names.n_unique() < len(names):
            raise RecordError(f"subjects.csv: a subject stands twice; {ADVICE}", column="subject")
        places = pl.DataFrame({"subject": names}).with_columns(
            patient=pl.int_range(pl.len(), dtype=pl.Int32)
        )
        days = places.select(
            "patient",
            infusion=pl.Series([one.infusion for one in subjects], dtype=pl.Date),
            conditioning=pl.Series([one.conditioning for one in subjects], dtype=pl.Date),
        )
        given = scan(folder, "infusions")
        exposed: frozenset[str] = frozenset()
        if given is not None:
            exposed = frozenset(collect(given.select("subject").unique(), "infusions")["subject"])
        return cls(folder, subjects, places, days, exposed)

    def infused(self) -> list[int]:
        """Return the places of those who were infused: the denominator of efficacy."""
        return [at for at, one in enumerate(self.subjects) if one.infusion is not None]

    def treated(self) -> list[int]:
        """Return the places of those with any treatment: the denominator of safety."""
        return [
            at
            for at, one in enumerate(self.subjects)
            if one.infusion is not None
            or one.conditioning is not None
            or one.subject in self.exposed
        ]

    def named(self, places: Sequence[int]) -> list[str]:
        """Return identifiers."""
        return [self.subjects[at].subject for at in places]

    def subjects_of(self, frame: pl.DataFrame) -> pl.DataFrame:
        """Put the identifier of the subject in the place of ``patient``."""
        found = frame.join(self.places, on="patient", how="left", maintain_order="left")
        return found.select("subject", pl.exclude("subject", "patient"))


@frozen
class Part:
    """What an endpoint adds: figures, tables, and columns of the table of patients.

    Parameters
    ----------
    numbers
        Figures.
    columns
        A frame with ``patient`` and a column per fact.
    listings
        Tables.
    tables
        Frames with ``patient``, by their name.
    """

    numbers: list[Any]
    columns: pl.DataFrame
    listings: list[Any] = field(factory=list)
    tables: dict[str, pl.DataFrame] = field(factory=dict)


__all__ = [
    "ADVICE",
    "Cased",
    "Part",
    "People",
    "cased",
    "check",
    "collect",
    "dated",
    "dates",
    "others",
    "records",
    "scan",
    "spans",
]
