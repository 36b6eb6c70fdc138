"""The files of a study as rows of text: encodings, separators, cut-off ends, CSV and Parquet.

Encodings are tried strictly, in a fixed order: the one that study.toml declares, else by the mark
at the start of the file, UTF-8, GB18030. A row that cannot be told apart is reported; the rows
after it are read.
"""

from __future__ import annotations

import codecs
import csv
import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, TypeAlias

from attrs import frozen

from .columns import heading
from .problems import Log, Problem, Severity

#: A row of a file: its number and its cells.
Row: TypeAlias = tuple[int, Sequence[str]]
Progress: TypeAlias = Callable[[int], None]

_CHUNK = 1 << 20
_EVERY = 5_000  # rows between two reports of progress
_LONGEST = 131_072  # characters of a cell, the limit of the csv module
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NOT_TEXT = {
    b"PK\x03\x04": "is a spreadsheet workbook: save the sheet as CSV UTF-8",
    b"\xd0\xcf\x11\xe0": "is an old spreadsheet workbook: save the sheet as CSV UTF-8",
    b"PAR1": "is Parquet: name it with the ending .parquet",
}


@frozen
class Sheet:
    """One file of the folder, opened: its headings, and a function that yields its rows.

    Parameters
    ----------
    file
        Its name.
    headings
        The first row.
    separated
        Its separator.
    rows
        Yields row number and cells, reports bytes read.
    wide
        Whether the file has one column for each analyte.
    """

    file: str
    headings: tuple[str, ...]
    separated: str
    rows: Callable[[Log, Progress | None], Iterator[Row]]
    wide: bool = False


def open_sheet(path: Path, table: str, known: set[str], encoding: str, log: Log) -> Sheet | None:
    """Open a file; None, with the problem logged, where it cannot be read.

    Parameters
    ----------
    path
        The file.
    table
        The table it holds.
    known
        Headings by which the separator is found out.
    encoding
        As declared, or empty.
    log
        Where problems go.
    """

    def wrong(message: str, severity: Severity = Severity.STOPS) -> None:
        log.add(Problem(file=path.name, table=table, message=message, severity=severity))

    try:
        if path.suffix == ".parquet":
            return _parquet(path)
        found, clean = _encoding(path, encoding)
        if found == "gb18030" and not encoding:
            wrong(
                "is not UTF-8 and was read as GB18030: check names and texts, and state "
                'encoding = "gb18030" in study.toml',
                Severity.DOUBTFUL,
            )
        return _csv(path, found, known, table, clean=clean)
    except _UnreadableError as error:
        wrong(str(error))
    except OSError as error:
        wrong(f"cannot be read: {error.strerror or error}")
    return None


class _UnreadableError(Exception):
    """The file is not what its name says."""


# --- encodings ------------------------------------------------------------------------------------


def _encoding(path: Path, declared: str) -> tuple[str, bool]:
    """Return the encoding of a file, and whether all of it is text in that encoding."""
    with path.open("rb") as file:
        start = file.read(4)
    for mark, why in _NOT_TEXT.items():
        if start.startswith(mark):
            raise _UnreadableError(why)
    for mark, name in _MARKS:
        if start.startswith(mark):
            return name, _is_text(path, name) is True
    for name in (declared,) if declared else ("utf-8", "gb18030"):
        whole = _is_text(path, name)
        if whole is not False:
            return name, whole is True
    return declared or "utf-8", False


def _is_text(path: Path, encoding: str) -> bool | None:
    """Say whether a file is text in an encoding; None where its last character is cut off."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with path.open("rb") as file:
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
        except UnicodeDecodeError:
            return False
        try:
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return None
    return True


# --- CSV ------------------------------------------------------------------------------------------


def _csv(path: Path, encoding: str, known: set[str], table: str, *, clean: bool) -> Sheet:
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        first = file.readline(_LONGEST)
    if not first.strip():
        raise _UnreadableError("is empty: its first row must be the headings")
    separated = max((",", ";", "\t", "|"), key=lambda sign: _known(first, sign, known))
    headings = tuple(next(csv.reader([first], delimiter=separated)))

    def rows(log: Log, progress: Progress | None) -> Iterator[Row]:
        def wrong(row: int, message: str) -> None:
            log.add(Problem(file=path.name, table=table, row=row, message=message))

        with path.open(encoding=encoding, errors="replace", newline="") as file:
            reader = csv.reader(file, delimiter=separated, strict=True)
            raw: Any = file.buffer  # a buffered reader, which knows its place
            for row, cells in _cells(reader, len(headings), wrong, progress, raw.tell):
                if clean or not any("\ufffd" in cell for cell in cells):
                    yield row, cells
                else:
                    wrong(row, f"holds characters that are not text in {encoding}: save the file "
                          "as CSV UTF-8, or state its encoding in study.toml")  # fmt: skip
        if not _ends(path):
            _cut(log, path.name, table, reader.line_num)

    return Sheet(path.name, headings, separated, rows)


def _known(line: str, sign: str, known: set[str]) -> tuple[int, int]:
    names = next(csv.reader([line], delimiter=sign))
    plain = {heading(name.partition("[")[0]) for name in names}
    return len(plain & known), len(names)


def _cells(
    reader: Any,
    width: int,
    wrong: Callable[[int, str], None],
    progress: Progress | None,
    place: Callable[[], int],
) -> Iterator[Row]:
    """Yield the rows after the headings that can be told apart."""
    first = True
    count = 0
    while True:
        row = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            wrong(row, _untold(str(error)))
            continue
        if first:
            first = False
            continue
        count += 1
        if progress is not None and count % _EVERY == 0:
            progress(place())
        if not any(cells):
            continue
        if len(cells) > width and any(cells[width:]):
            wrong(row, f"has {len(cells)} cells and the headings are {width}: a cell with a "
                  "separator in it needs quotation marks")  # fmt: skip
        elif len(cells) < width:
            wrong(row, f"has {len(cells)} cells and the headings are {width}: is the row cut off?")
        else:
            yield row, cells


def _untold(error: str) -> str:
    if "limit" in error:
        return (
            f"has a cell of more than {_LONGEST} characters: shorten it, or look for a quotation "
            "mark that is not closed"
        )
    if "unexpected end" in error:
        return "a quotation mark is not closed before the file ends: is the file cut off?"
    return f"cannot be told apart into cells ({error}): look at its quotation marks"


def _ends(path: Path) -> bool:
    """Say whether the last line is ended."""
    with path.open("rb") as file:
        file.seek(-min(4, path.stat().st_size), 2)
        return file.read().rstrip(b"\x00")[-1:] in (b"\n", b"\r")


def _cut(log: Log, file: str, table: str, row: int) -> None:
    log.add(
        Problem(
            file=file,
            table=table,
            row=row,
            message="the last line has no line end: compare it with the source, the file may be "
            "cut off",
            severity=Severity.DOUBTFUL,
        )
    )


# --- Parquet --------------------------------------------------------------------------------------


def _parquet(path: Path) -> Sheet:
    """Read Parquet through the library that is there."""
    for library, read in (("polars", _by_polars), ("pyarrow", _by_pyarrow), ("duckdb", _by_duckdb)):
        if find_spec(library) is None:
            continue
        try:
            names, columns = read(path)
        except OSError:
            raise
        except Exception as error:  # noqa: BLE001 - each library has its own family of errors
            why = str(error).partition("\n")[0][:200]
            raise _UnreadableError(f"is not a whole Parquet file: {why}") from None

        def rows(log: Log, progress: Progress | None) -> Iterator[Row]:  # noqa: ARG001 - like CSV
            for row, values in enumerate(columns(), 2):  # noqa: B023 - the loop ends here
                yield row, [_cell(value) for value in values]

        return Sheet(path.name, tuple(names), "", rows)
    raise _UnreadableError(
        "is Parquet, which needs polars, pyarrow or duckdb: install one, e.g. itp-cart[polars]"
    )


def _by_polars(path: Path) -> tuple[list[str], Callable[[], Iterator[Any]]]:
    import polars as pl

    frame = pl.read_parquet(path)
    return frame.columns, frame.iter_rows


def _by_pyarrow(path: Path) -> tuple[list[str], Callable[[], Iterator[Any]]]:
    from pyarrow import parquet

    table = parquet.read_table(path)

    def rows() -> Iterator[Any]:
        for batch in table.to_batches(max_chunksize=10_000):
            yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)

    return table.column_names, rows


def _by_duckdb(path: Path) -> tuple[list[str], Callable[[], Iterator[Any]]]:
    import duckdb

    found = duckdb.read_parquet(str(path))
    return found.columns, lambda: iter(found.fetchall())


def _cell(value: Any) -> str:
    if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dt.datetime):
        return value.isoformat(sep=" ", timespec="minutes")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return str(value)


__all__ = ["Progress", "Row", "Sheet", "open_sheet"]
