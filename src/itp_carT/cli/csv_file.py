"""A CSV file as rows of named cells; whether it has the columns it needs is told at once."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from itp_carT.errors import RecordError


def text_of(file: Path) -> str:
    """Return the text of a file.

    Raises
    ------
    RecordError
        It cannot be read, or is not text in UTF-8.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise RecordError(f"{file.name} cannot be read: {reason}", file=file.name) from None


def rows_of(
    file: Path, known: Sequence[str], needed: Sequence[str], *, more: str = ""
) -> Iterator[tuple[int, dict[Any, Any]]]:
    """Yield line number and cells of each row; an empty cell is left out.

    Parameters
    ----------
    file
        The CSV file, with a header.
    known, needed
        Columns there may be, and must be.
    more
        What else is needed, for the message.

    Raises
    ------
    RecordError
        The file cannot be read, or has a column that is not known, twice, or missing.
    """
    reader = csv.DictReader(StringIO(text_of(file)))
    columns = list(reader.fieldnames or ())
    for column in columns:
        if column not in known:
            raise RecordError(
                f'{file.name} has a column "{column}" that is not known: write {", ".join(known)}',
                file=file.name, column=column,
            )  # fmt: skip
        if columns.count(column) > 1:
            raise RecordError(
                f'{file.name} has two columns "{column}"', file=file.name, column=column
            )
    for column in needed:
        if column not in columns:
            raise RecordError(
                f'{file.name} has no column "{column}": it needs {", ".join(needed)}{more}',
                file=file.name, column=column,
            )  # fmt: skip
    for row in reader:
        yield (
            reader.line_num,
            {name: value.strip() if isinstance(value, str) else value
             for name, value in row.items() if value and value != [""]},
        )  # fmt: skip


__all__ = ["rows_of", "text_of"]
