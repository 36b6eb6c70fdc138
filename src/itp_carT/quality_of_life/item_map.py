"""Which items make which scale, as a licensed manual prescribes: a small table that the user fills.

One row per item: its scale, its key, the number of its answer options, which end is best, and its
lowest code. All that is wrong with a table is told at once, by row and column.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from io import StringIO

from attrs import field, frozen

from itp_carT.errors import ItpCarTError, MissingFactError, RecordError
from itp_carT.notation import shorten

from .item import Best, Item

COLUMNS = ("scale", "item", "options", "best", "first")
_NEEDED = COLUMNS[:4]
_TOLD = 8


def _to_rows(given: Iterable[tuple[str, Item]]) -> tuple[tuple[str, Item], ...]:
    return tuple(given)


@frozen
class ItemMap:
    """Items with the scale each belongs to, in the order of the table.

    Parameters
    ----------
    rows
        Pairs of scale and item.
    """

    rows: tuple[tuple[str, Item], ...] = field(converter=_to_rows)

    @property
    def scales(self) -> tuple[str, ...]:
        """Keys of the scales, in the order in which they first appear."""
        return tuple(dict.fromkeys(scale for scale, _ in self.rows))

    def of(self, *scales: str) -> tuple[Item, ...]:
        """Return the items of one or several scales."""
        return tuple(item for scale, item in self.rows if scale in scales)

    def table(self) -> str:
        """Return the table as CSV, as `read_item_map` reads it."""
        lines = [
            f"{scale},{item.key},{item.options},{item.best.label},{item.first}"
            for scale, item in self.rows
        ]
        return "\n".join([",".join(COLUMNS), *lines, ""])


def read_item_map(text: str, *, scales: Iterable[str] = (), file: str = "the mapping") -> ItemMap:
    r"""Read a table of items from CSV text.

    Parameters
    ----------
    text
        Columns ``scale``, ``item``, ``options`` (a whole number), ``best`` (``highest`` or
        ``lowest``: which code is the best health) and, where the lowest code is not 1, ``first``.
    scales
        The scales there may be; by default any.
    file
        Name of the file, for the message.

    Raises
    ------
    RecordError
        Every row that cannot be used, by line and column, with ``problems`` as a tuple.

    Examples
    --------
    >>> found = read_item_map("scale,item,options,best\nF,F1,5,lowest\nF,F2,5,highest\n")
    >>> found.of("F")[0]
    Item(key='F1', options=5, best=Best.LOWEST, first=1)
    >>> read_item_map("scale,item,options,best\nF,F1,,lowest\n", file="items.csv")
    Traceback (most recent call last):
    itp_carT.errors.RecordError: items.csv line 2, column options: is empty: the manual says it
    """
    reader = csv.DictReader(StringIO(text))
    _check_columns(reader.fieldnames or (), file)
    known = tuple(scales)
    rows: list[tuple[str, Item]] = []
    problems: list[tuple[int, str, str]] = []
    for row in reader:
        try:
            found = _row(row, known)
            if found[1].key in {item.key for _, item in rows}:
                raise RecordError(f'item "{found[1].key}" is there twice', field="item")
            rows.append(found)
        except ItpCarTError as error:
            problems.append((reader.line_num, str(error.field or ""), error.message))
    if not rows and not problems:
        raise RecordError(f"{file} holds no item", file=file)
    if problems:
        raise _refusal(problems, file)
    return ItemMap(rows)


def _check_columns(there: Iterable[str], file: str) -> None:
    names = list(there)
    for column in names:
        if column not in COLUMNS:
            raise RecordError(
                f'{file} has a column "{shorten(str(column))}" that is not known: write '
                f"{', '.join(COLUMNS)}",
                file=file, column=column,
            )  # fmt: skip
    for column in _NEEDED:
        if names.count(column) != 1:
            often = "twice" if column in names else "not at all"
            raise RecordError(
                f'{file} has the column "{column}" {often}: it needs {", ".join(_NEEDED)}',
                file=file, column=column,
            )  # fmt: skip


def _row(row: Mapping[str | None, str | None], known: tuple[str, ...]) -> tuple[str, Item]:
    if None in row:
        raise RecordError("the row has more fields than the header")
    cells = {str(name): (value or "").strip() for name, value in row.items()}
    for column in _NEEDED:
        if not cells[column]:
            raise MissingFactError("is empty: the manual says it", field=column)
    scale = cells["scale"]
    if known and scale not in known:
        raise RecordError(
            f'"{shorten(scale)}" is not a scale: write {", ".join(known)}', field="scale"
        )
    options = _whole(cells["options"], "options")
    first = _whole(cells.get("first") or "1", "first")
    return scale, Item(cells["item"], options, _best(cells["best"]), first=first)


def _best(word: str) -> Best:
    try:
        return Best(word.casefold())
    except ValueError:
        raise RecordError(
            f'"{shorten(word)}" is not the best end: write highest, or lowest where the lowest '
            "code is the best health",
            field="best",
        ) from None


def _whole(text: str, column: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise RecordError(f'"{shorten(text)}" is not a whole number', field=column, given=text)
    return int(text)


def _refusal(problems: list[tuple[int, str, str]], file: str) -> RecordError:
    texts = tuple(
        f"{file} line {line}{f', column {column}' if column else ''}: {message}"
        for line, column, message in problems
    )
    more = len(texts) - _TOLD
    shown = [*texts[:_TOLD], *([f"and {more} more"] if more > 0 else [])]
    line, column, _ = problems[0]
    return RecordError("\n".join(shown), file=file, row=line, column=column, problems=texts)


__all__ = ["COLUMNS", "ItemMap", "read_item_map"]
