"""A number of the report, with everything it rests on: rule, source, rows, and numbers below it.

Every figure in a report is a `Number`; `explain` prints where it comes from, down to file and row.
A number that could not be found is None with its reason, never zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypeAlias

from attrs import field, frozen

from itp_carT.errors import UnknownTermError
from itp_carT.notation import plain, show
from itp_carT.sources import Citation

from .columns import Origin

Value: TypeAlias = int | float | str | bool | None
_ROWS = 20  # rows of one file that are named; the others are counted


def _to_rows(given: Iterable[Origin]) -> tuple[Origin, ...]:
    return tuple(dict.fromkeys(given))


def _to_citations(given: Iterable[Citation]) -> tuple[Citation, ...]:
    return tuple(dict.fromkeys(given))


def _to_numbers(given: Iterable[Number]) -> tuple[Number, ...]:
    return tuple(given)


def _to_listings(given: Iterable[Listing]) -> tuple[Listing, ...]:
    return tuple(given)


def _to_words(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(given))


def _to_cells(given: Iterable[Iterable[Any]]) -> tuple[tuple[Any, ...], ...]:
    return tuple(map(tuple, given))


@frozen(kw_only=True)
class Number:
    """One figure of the analysis.

    Parameters
    ----------
    key
        Unique name in the analysis, e.g. ``"response.best.rate"``; numbers of a patient end in the
        identifier, ``"response.best:SYN-01"``.
    label
        What it is, in words.
    value
        The figure; None where it is not known, with ``why``.
    unit
        Its unit; empty for counts, words and shares.
    text
        As printed; by default from value and unit.
    rule
        How it was found, in one sentence.
    citations
        The rules behind it.
    rows
        The rows it was read from.
    parts
        The numbers it was computed from.
    why
        Why there is no value, or what a reader must know.
    """

    key: str
    label: str
    value: Value
    unit: str = ""
    text: str = field(default="", eq=False)
    rule: str = ""
    citations: tuple[Citation, ...] = field(default=(), converter=_to_citations)
    rows: tuple[Origin, ...] = field(default=(), converter=_to_rows, repr=False)
    parts: tuple[Number, ...] = field(default=(), converter=_to_numbers, repr=False)
    why: str = ""

    def __str__(self) -> str:
        return self.text or shown(self.value, self.unit)

    def document(self) -> dict[str, Any]:
        """Return what JSON and CSV hold of it; the numbers below it by their keys."""
        return {
            "key": self.key,
            "label": self.label,
            "value": self.value,
            "unit": self.unit,
            "text": str(self),
            "rule": self.rule,
            "citations": [str(one) for one in self.citations],
            "verified": all(one.verified for one in self.citations),
            "rows": list(_by_file(self.rows)),
            "parts": [part.key for part in self.parts],
            "why": self.why,
        }


def shown(value: Value, unit: str = "") -> str:
    """Return a value as it is printed."""
    if value is None:
        return "not known"
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = plain(value) if isinstance(value, (int, float)) else value
    return f"{text} {unit}" if unit and unit != "1" else text


def _by_file(rows: Sequence[Origin]) -> Iterator[dict[str, Any]]:
    files: dict[str, list[int]] = {}
    for row in rows:
        files.setdefault(row.file, []).append(row.row)
    for file, numbers in files.items():
        yield {"file": file, "rows": sorted(numbers)}


def explain(number: Number, *, depth: int = 2) -> str:
    """Print where a number comes from: rule, sources, rows, and the numbers below it.

    Parameters
    ----------
    number
        A number of an analysis.
    depth
        How many levels of numbers below it are told.

    Examples
    --------
    >>> found = Number(
    ...     key="age:SYN-01",
    ...     label="age",
    ...     value=41,
    ...     unit="a",
    ...     rule="as recorded",
    ...     rows=[Origin("subjects.csv", 2)],
    ... )
    >>> print(explain(found))
    age = 41 a [age:SYN-01]
      how: as recorded
      rows: subjects.csv 2
    """
    return "\n".join(_told(number, depth, 0))


def _told(number: Number, depth: int, level: int) -> Iterator[str]:
    space = "    " * level
    yield f"{space}{number.label} = {number} [{number.key}]"
    if number.rule:
        yield f"{space}  how: {number.rule}"
    if number.why:
        yield f"{space}  note: {number.why}"
    for citation in number.citations:
        yield f"{space}  source: {citation}"
    for place in _by_file(number.rows):
        rows = place["rows"]
        listed = ", ".join(map(str, rows[:_ROWS]))
        more = f" and {len(rows) - _ROWS} more" if len(rows) > _ROWS else ""
        yield f"{space}  rows: {place['file']} {listed}{more}"
    if number.parts and level < depth:
        yield f"{space}  from:"
        for part in number.parts:
            yield from _told(part, depth, level + 1)
    elif number.parts:
        yield f"{space}  from {len(number.parts)} numbers below it"


@frozen(kw_only=True)
class Listing:
    """A table of the report whose cells are numbers or words.

    Parameters
    ----------
    key, title
        Its name and its heading.
    columns
        Headings.
    rows
        Cells; a `Number` can be explained.
    note
        What a reader must know.
    """

    key: str
    title: str
    columns: tuple[str, ...] = field(converter=_to_words)
    rows: tuple[tuple[Any, ...], ...] = field(converter=_to_cells)
    note: str = ""

    def records(self) -> list[dict[str, Any]]:
        """Return one dictionary per row, cells as printed."""
        return [
            {name: str(cell) for name, cell in zip(self.columns, row, strict=True)}
            for row in self.rows
        ]

    def __str__(self) -> str:
        cells = [list(map(str, row)) for row in (self.columns, *self.rows)]
        wide = [max(map(len, column)) for column in zip(*cells, strict=True)]
        lines = ["  ".join(f"{c:<{w}}" for c, w in zip(row, wide, strict=True)) for row in cells]
        return "\n".join([self.title, *(line.rstrip() for line in lines)])


@frozen(kw_only=True)
class Section:
    """One endpoint of the report: its figures and its tables.

    Parameters
    ----------
    key, title
        Its name and its heading.
    numbers
        Figures of the whole study.
    listings
        Tables.
    notes
        What a reader must know: choices, what is unverified, what could not be computed.
    """

    key: str
    title: str
    numbers: tuple[Number, ...] = field(default=(), converter=_to_numbers)
    listings: tuple[Listing, ...] = field(default=(), converter=_to_listings)
    notes: tuple[str, ...] = field(default=(), converter=_to_words)

    def __getitem__(self, key: str) -> Number:
        """Return a figure by its key.

        Raises
        ------
        UnknownTermError
            There is none.
        """
        for number in self.numbers:
            if number.key == key:
                return number
        keys = tuple(number.key for number in self.numbers)
        raise UnknownTermError(
            f"{show(key)} is no figure of {self.title}: write {', '.join(keys)}",
            field="key",
            given=key,
            nearest=keys,
        )

    def every(self) -> Iterator[Number]:
        """Yield every number of the section, those in tables and those below others, each once."""
        seen: set[str] = set()
        cells = (cell for listing in self.listings for row in listing.rows for cell in row)
        for number in (*self.numbers, *(cell for cell in cells if isinstance(cell, Number))):
            yield from _below(number, seen)


def _below(number: Number, seen: set[str]) -> Iterator[Number]:
    if number.key in seen:
        return
    seen.add(number.key)
    yield number
    for part in number.parts:
        yield from _below(part, seen)


__all__ = ["Listing", "Number", "Section", "Value", "explain", "shown"]
