"""CSV files of laboratory values, read in chunks of rows and written back with the grades.

A row with too many or too few fields is told and kept; what is no text in the stated encoding, or
has no column of terms and values, is refused as a whole.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import IO, Any

from attrs import Factory, define, frozen

from itp_carT.errors import RecordError

_SEPARATORS = ",;\t"
_BOM = "\ufeff"
_NO_TEXT = {b"PK": "an Excel workbook or an archive", b"\x1f\x8b": "compressed"}
PARQUET = b"PAR1"


@frozen
class Problem:
    """What is wrong with a row: where, and why it has no grade."""

    index: int
    column: str
    why: str
    given: str = ""

    @property
    def reason(self) -> str:
        """The reason that stands in the row."""
        return f"{self.column} {self.why}" if self.column else self.why


def first_problems(problems: list[Problem]) -> Iterator[Problem]:
    """Yield one problem per row, the first of each, in the order of the rows."""
    last = -1
    for problem in sorted(problems, key=lambda one: one.index):
        if problem.index != last:
            last = problem.index
            yield problem


@define
class Chunk:
    """Some rows of a file, each with as many fields as the header, and what is wrong with them."""

    rows: list[list[str]] = Factory(list)
    lines: list[int] = Factory(list)
    problems: list[Problem] = Factory(list)


def is_parquet(file: Path) -> bool:
    """Say whether a file is Parquet, by what it begins with.

    Raises
    ------
    RecordError
        When it cannot be opened, or is neither Parquet nor text.
    """
    try:
        with file.open("rb") as opened:
            start = opened.read(4)
    except OSError as error:
        raise RecordError(
            f"{file.name} cannot be read: {error.strerror or error}", file=file.name
        ) from None
    for mark, kind in _NO_TEXT.items():
        if start.startswith(mark):
            raise RecordError(
                f"{file.name} is {kind}: give a CSV or a Parquet file", file=file.name
            )
    return start == PARQUET


@frozen
class CsvFile:
    """An opened CSV file: how it is written, its header, and its rows in chunks.

    Parameters
    ----------
    name
        Name of the file, for messages.
    header
        The columns as written.
    separator
        What stands between fields.
    bom
        Whether it begins with a byte order mark, as Excel writes it.
    """

    name: str
    encoding: str
    header: tuple[str, ...]
    separator: str
    bom: bool
    _text: TextIOWrapper

    @property
    def position(self) -> int:
        """How many bytes have been read."""
        read: int = self._text.buffer.tell()  # type: ignore[attr-defined]  # a file has one
        return read

    def chunks(self, size: int) -> Iterator[Chunk]:
        """Yield the rows in chunks, at least one; an empty line is no row.

        Raises
        ------
        RecordError
            Bytes that are no text in the encoding, or a quote that is not closed.
        """
        width, chunk, some = len(self.header), Chunk(), False
        reader = csv.reader(self._text, delimiter=self.separator)
        try:
            for row in reader:
                if len(row) == width:
                    chunk.rows.append(row)
                elif row:
                    chunk.problems.append(_misfit(len(chunk.rows), row, width))
                    chunk.rows.append([*row[:width], *[""] * (width - len(row))])
                else:
                    continue
                chunk.lines.append(reader.line_num + 1)  # the header was read before
                if len(chunk.rows) == size:
                    yield chunk
                    chunk, some = Chunk(), True
        except UnicodeDecodeError as error:
            raise _not_text(self.name, self.encoding, reader.line_num + 2, error) from None
        except csv.Error as error:
            raise RecordError(
                f"{self.name} line {reader.line_num + 1}: {error}; is a quote not closed?",
                file=self.name,
                row=reader.line_num + 1,
            ) from None
        if chunk.rows or not some:
            yield chunk


def _misfit(index: int, row: list[str], width: int) -> Problem:
    if len(row) > width:
        beyond = ", ".join(row[width:])
        return Problem(index, "", "the row has more fields than the header", beyond)
    return Problem(index, "", "the row has fewer fields than the header")


def _not_text(name: str, encoding: str, line: int, error: UnicodeDecodeError) -> RecordError:
    near = line + error.object[: error.start].count(b"\n")
    return RecordError(
        f"{name} near line {near}: is not text in {encoding.upper()}; name its encoding, e.g. "
        "--encoding gb18030, or cp1252 for a file of Western Windows",
        file=name,
        row=near,
    )


@contextmanager
def open_csv(
    file: Path, encoding: str, wanted: Callable[[Sequence[str]], bool], advice: str
) -> Iterator[CsvFile]:
    """Open a file and find out how it is written.

    Parameters
    ----------
    file
        The file.
    encoding
        Of its text; a byte order mark is read over.
    wanted
        Says whether a header has the columns that are needed.
    advice
        Which columns those are.

    Raises
    ------
    RecordError
        Says what is wrong, and with which line.
    """
    try:
        text = file.open(encoding=encoding, newline="")
    except LookupError:
        raise RecordError(f'"{encoding}" is not an encoding', field="encoding") from None
    with text:
        try:
            line = text.readline()
        except UnicodeDecodeError as error:
            raise _not_text(file.name, encoding, 1, error) from None
        bom = line.startswith(_BOM)
        for separator in _SEPARATORS:
            header = next(csv.reader([line.removeprefix(_BOM)], delimiter=separator), [])
            if wanted(header):
                yield CsvFile(file.name, encoding, tuple(header), separator, bom, text)
                return
    columns = next(csv.reader([line.removeprefix(_BOM)]), [])
    found = f"its first line is {', '.join(columns)}" if columns else "it is empty"
    raise RecordError(f"{file.name} {advice}: {found}", file=file.name, row=1)


def write_csv(
    text: IO[str],
    header: Sequence[str],
    rows: Iterable[Sequence[Any]],
    *,
    separator: str = ",",
    bom: bool = False,
) -> None:
    """Write rows, with separator and byte order mark of the file they come from."""
    if bom:
        text.write(_BOM)
    writer = csv.writer(text, delimiter=separator, lineterminator="\n")
    writer.writerow(header)
    writer.writerows(rows)


__all__ = ["Chunk", "CsvFile", "Problem", "first_problems", "is_parquet", "open_csv", "write_csv"]
