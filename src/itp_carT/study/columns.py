"""The columns of a study table, declared once, at the field of the record that holds them.

From the declaration follow reading, writing, the page of the format and the messages.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

import attrs
from attrs import frozen

from .cells import Kind, Measured, Text

T = TypeVar("T")


@frozen
class Origin:
    """Where a record comes from.

    Parameters
    ----------
    file
        Name of the file in the study folder.
    row
        Line on which the row begins, the header being 1.
    """

    file: str
    row: int

    def __str__(self) -> str:
        return f"{self.file} row {self.row}"


@frozen(kw_only=True)
class Column:
    """One column of a table.

    Parameters
    ----------
    name
        Its heading.
    kind
        What a cell may hold.
    meaning
        What it says.
    empty
        What an empty cell means.
    required
        Whether a row without it cannot be used.
    also
        Other headings by which it is found, CDISC names among them.
    """

    name: str
    kind: Kind
    meaning: str
    empty: str
    required: bool
    also: tuple[str, ...]


def column(
    kind: Kind,
    meaning: str,
    *,
    required: bool = False,
    empty: str = "not known",
    also: tuple[str, ...] = (),
) -> Any:
    """Declare a field of a record as a column of its table."""
    if required:
        empty = "the row cannot be used"
    made = {"kind": kind, "meaning": meaning, "empty": empty, "required": required, "also": also}
    default = attrs.NOTHING if required else None
    return attrs.field(default=default, metadata={"column": made}, kw_only=True)


def documented(record: type[T]) -> type[T]:
    """Describe the columns of a record in its docstring, from their declarations."""
    lines = [record.__doc__ or "", "", "    Parameters", "    ----------"]
    for one in _columns(record):
        if not hasattr(record, one.name):  # the column of a unit is no field
            continue
        unit = getattr(one.kind, "unit", "")
        unit = f" [{unit}]" if unit else ""
        need = "" if one.required else f" Empty: {one.empty}."
        lines += [
            f"    {one.name}",
            f"        {one.meaning[0].upper()}{one.meaning[1:]}{unit}.{need}",
        ]
    lines += ["    at", "        File and row."]
    record.__doc__ = "\n".join(lines) + "\n"
    return record


def heading(text: str) -> str:
    """Return a heading as it is compared: small letters, words joined by underscores."""
    return "_".join(text.replace("-", " ").replace("_", " ").split()).casefold()


@frozen(kw_only=True)
class Layout:
    """One table of the study folder.

    Parameters
    ----------
    name
        Its name, and that of its file.
    title
        What a row is.
    record
        The class of its rows.
    required
        Whether a study needs the table.
    renamed
        Fields of the domain objects that stand in a column of another name, for messages.
    by_cell
        Whether a cell that cannot be read is left out alone, and the row kept.
    doubtful
        Columns of which an unreadable cell is doubtful only, and left out alone.
    checked
        Columns that alone decide whether the check of a record lets it pass; empty for all.
    warns
        Whether the check of a record may warn.
    """

    name: str
    title: str
    record: type[Any]
    required: bool = False
    renamed: Mapping[str, str] = {}
    by_cell: bool = False
    doubtful: tuple[str, ...] = ()
    checked: tuple[str, ...] = ()
    warns: bool = True
    columns: tuple[Column, ...] = attrs.field(init=False, eq=False, repr=False)
    measured: tuple[Column, ...] = attrs.field(init=False, eq=False, repr=False)
    headings: Mapping[str, str] = attrs.field(init=False, eq=False, repr=False)

    def __attrs_post_init__(self) -> None:
        columns = _columns(self.record)
        names = {heading(name): one.name for one in columns for name in one.also}
        names |= {one.name: one.name for one in columns}
        object.__setattr__(self, "columns", columns)
        measured = tuple(one for one in columns if isinstance(one.kind, Measured))
        object.__setattr__(self, "measured", measured)
        object.__setattr__(self, "headings", names)

    def column(self, name: str) -> Column | None:
        """Return the column of a name, or None."""
        return next((one for one in self.columns if one.name == name), None)


def _columns(record: type[Any]) -> tuple[Column, ...]:
    found: list[Column] = []
    for declared in attrs.fields(record):
        made = declared.metadata.get("column")
        if made is None:
            continue
        found.append(Column(name=declared.name, **made))
        kind = made["kind"]
        if isinstance(kind, Measured) and kind.beside not in {one.name for one in found}:
            found.append(_unit_column(kind))
    return tuple(found)


def _unit_column(kind: Measured) -> Column:
    return Column(
        name=kind.beside,
        kind=Text(name="unit"),
        meaning="unit of the value" + (f", e.g. {kind.unit}" if kind.unit else ""),
        empty="the unit stands in the cell, in the heading or in study.toml",
        required=False,
        also=kind.beside_also,
    )


__all__ = ["Column", "Layout", "Origin", "column", "documented", "heading"]
