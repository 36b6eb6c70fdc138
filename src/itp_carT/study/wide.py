"""A wide laboratory sheet, one column for each analyte, read as one row for each value.

A sheet is wide when it has no column of analytes and headings that name some. ``PLT [10^9/L]``
holds values, ``PLT LLN`` and ``PLT ULN`` the limits of normal; an empty cell was not measured.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import evolve, field, frozen

from itp_carT.analytes import analyte
from itp_carT.errors import UnknownTermError

from .columns import Layout, heading
from .files import Progress, Row, Sheet
from .problems import Log

_UNIT = re.compile(r"(.*?)\s*[\[(]([^\])]+)[\])]\s*", re.DOTALL)
_LIMIT = re.compile(r"(.*?)[ _]+(lln|uln)", re.IGNORECASE)


@frozen
class _Measured:
    """The columns of one analyte."""

    name: str
    unit: str
    at: int
    limits: dict[str, int] = field(factory=dict)


def split_heading(text: str) -> tuple[str, str]:
    """Return a heading without the unit in brackets behind it, and the unit."""
    found = _UNIT.fullmatch(text.strip())
    return (found[1], found[2]) if found else (text.strip(), "")


def lengthened(sheet: Sheet, layout: Layout) -> Sheet:
    """Return a wide sheet as a long one; a sheet that is not wide as it is.

    Parameters
    ----------
    sheet
        The file.
    layout
        The table it holds.
    """
    if layout.column("analyte") is None:
        return sheet
    own = [layout.headings.get(heading(split_heading(text)[0])) for text in sheet.headings]
    if "analyte" in own or "value" in own:
        return sheet
    found = _measured(sheet, own)
    if not found:
        return sheet
    kept = [at for at, name in enumerate(own) if name is not None and name != "unit"]
    headings = (*(sheet.headings[at] for at in kept), *_LONG)

    def rows(log: Log, progress: Progress | None) -> Iterator[Row]:
        for row, cells in sheet.rows(log, progress):
            start = [cells[at] for at in kept]
            for one in found:
                if cells[one.at].strip():
                    limits = [cells[one.limits[at]] if at in one.limits else "" for at in _LIMITS]
                    yield row, [*start, one.name, cells[one.at], one.unit, *limits]

    return evolve(sheet, headings=headings, rows=rows, wide=True)


_LIMITS = ("lln", "uln")
_LONG = ("analyte", "value", "unit", *_LIMITS)


def _measured(sheet: Sheet, own: list[str | None]) -> list[_Measured]:
    found: dict[str, _Measured] = {}
    limits: list[tuple[str, str, int]] = []
    for at, text in enumerate(sheet.headings):
        name, unit = split_heading(text)
        if own[at] is not None:
            continue
        if (limit := _LIMIT.fullmatch(name)) and _key(limit[1]):
            limits.append((_key(limit[1]), limit[2].lower(), at))
        elif _key(name):
            found.setdefault(_key(name), _Measured(name, unit, at))
    for key, which, at in limits:
        if key in found:
            found[key].limits[which] = at
    return list(found.values())


def _key(name: str) -> str:
    try:
        return analyte(name).key
    except UnknownTermError:
        return ""


__all__ = ["lengthened", "split_heading"]
