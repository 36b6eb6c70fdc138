"""The format of the study folder as text, made from the declarations that read it."""

from __future__ import annotations

from collections.abc import Iterator

from .cells import Clock, Day, Kind, Measured, Named, Partly, Several, Text, Whole, Word, YesNo
from .columns import Column, Layout
from .tables import TABLES


def format_page() -> str:
    """Return every table of the format as Markdown.

    Examples
    --------
    >>> format_page().splitlines()[0]
    '### `subjects`'
    """
    return "\n".join(line for layout in TABLES for line in _table(layout))


def _table(layout: Layout) -> Iterator[str]:
    yield f"### `{layout.name}`"
    yield ""
    need = "Required." if layout.required else "Optional."
    yield f"{layout.title[0].upper()}{layout.title[1:]}. {need}"
    yield ""
    yield "| column | what it says | cell | an empty cell means | also read as |"
    yield "|---|---|---|---|---|"
    for column in layout.columns:
        yield _row(column)
    yield ""


def _row(column: Column) -> str:
    name = f"**`{column.name}`**" if column.required else f"`{column.name}`"
    also = ", ".join(f"`{one}`" for one in column.also)
    cells = (name, column.meaning, _cell(column.kind), column.empty, also)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"


def _cell(kind: Kind) -> str:
    """Return what a cell may hold."""
    match kind:
        case Text(words=words) | Word(words=words) if words:
            return ", ".join(f"`{word}`" for word in words)
        case Text() | Named() | Several():
            return {"analyte": "analyte", "texts": kind.allowed}.get(kind.name, kind.name)
        case YesNo():
            return "`yes`, `no`"
        case Whole(low=low, high=high):
            return f"{low} to {high}"
        case Day() | Clock():
            return kind.name
        case Partly():
            return "date, or `2026-03`, or `2026`"
        case Measured():
            unit = f"number in {kind.unit} or alike" if kind.unit else "number, `<3` too"
            return f"{unit}; unit in `{kind.beside}`"
        case Word():
            return kind.allowed


__all__ = ["format_page"]
