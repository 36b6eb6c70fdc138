"""Grades of many rows: with Polars by `itp_carT.frames`, without it row by row.

Both give the same grades and reasons; a test says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from typing import Any

from itp_carT import frames
from itp_carT.rules import Table

from .laboratory_files import Problem
from .laboratory_rows import NAMES, NO_NAME, NOTHING, NUMBER, NUMBERS, RowGrader, number, word

#: Grades, worst and mildest of them, and reasons: a list each, or a column of Polars each.
Outputs = tuple[Any, Any, Any, Any]
#: Fewer rows than this are graded one by one sooner than an engine is loaded.
FEW = 5000


def has_polars() -> bool:
    """Say whether Polars is installed."""
    return find_spec("polars") is not None


def grade_rows(
    grader: RowGrader, cells: Mapping[str, Sequence[Any]]
) -> tuple[Outputs, list[Problem]]:
    """Grade rows one by one.

    Parameters
    ----------
    grader
        The reader of one row.
    cells
        Per column its cells: texts, or numbers where the file holds numbers.
    """
    problems: list[Problem] = []
    found = []
    for index, row in enumerate(zip(*cells.values(), strict=True)):
        numbers: dict[str, float | None] = {}
        words: dict[str, str] = {}
        for name, cell in zip(cells, row, strict=True):
            if name not in NUMBERS:
                words[name] = word(cell, named=name in NAMES)
                continue
            try:
                numbers[name] = number(cell)
            except ValueError as error:
                numbers[name] = None
                problems.append(Problem(index, name, str(error), str(cell)))
        found.append(grader.grade(words, numbers))
    return _lists(found), problems


def _lists(found: list[Any]) -> Outputs:
    if not found:
        return [], [], [], []
    one, two, three, four = map(list, zip(*found, strict=True))
    return one, two, three, four


def grade_columns(
    tables: tuple[Table, ...], cells: Mapping[str, Sequence[str]]
) -> tuple[Outputs, list[Problem]]:
    """Grade columns of texts with Polars."""
    import polars as pl

    frame = pl.DataFrame({name: pl.Series(texts, dtype=pl.String) for name, texts in cells.items()})
    (one, two, three, four), problems = grade_frame(tables, frame)
    return (one.to_list(), two.to_list(), three.to_list(), four.to_list()), problems


def grade_frame(tables: tuple[Table, ...], frame: Any) -> tuple[Outputs, list[Problem]]:
    """Grade a Polars frame of the columns that are read, and return the columns of results."""
    import polars as pl

    problems: list[Problem] = []
    clean = {}
    for name, column in zip(frame.columns, frame, strict=True):
        if column.dtype != pl.String:
            clean[name] = column
        elif name in NUMBERS:
            clean[name] = _numbers(name, column, problems)
        elif name in NAMES:
            clean[name] = column.set(column == NO_NAME, "")
        else:
            told = column.str.strip_chars()
            empty = told.str.to_lowercase().is_in(list(NOTHING))
            clean[name] = told.set(empty, "")
    graded = frames.grade(pl.DataFrame(clean), tables)
    one, two, three, four = graded.select(frames.OUTPUTS)
    return (one, two, three, four), problems


def _numbers(name: str, texts: Any, problems: list[Problem]) -> Any:
    """Read a column of texts; what the engine does not read as a number is read one by one."""
    import polars as pl

    told = texts.str.strip_chars()
    read = told.set(~told.str.contains(NUMBER), None).cast(pl.Float64, strict=False)
    rest = read.is_null() & ~told.str.to_lowercase().is_in(list(NOTHING)) & told.is_not_null()
    for index in rest.arg_true().to_list():
        try:
            read[index] = number(texts[index])
        except ValueError as error:
            problems.append(Problem(index, name, str(error), texts[index]))
    return read


__all__ = ["FEW", "Outputs", "grade_columns", "grade_frame", "grade_rows", "has_polars"]
