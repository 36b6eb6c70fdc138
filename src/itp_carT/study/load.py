"""One table of a study folder, from rows of text to typed records.

A cell is read by the kind of its column, once for each different text; cattrs makes the record. A
row with a cell that cannot be read is left out and reported; of a subject only the cell is.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from difflib import get_close_matches
from functools import cache
from typing import Any

from attrs import define, evolve, field, fields, frozen
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, override

from itp_carT.analytes import analyte
from itp_carT.errors import ItpCarTError, ItpCarTWarning, UnknownTermError

from .cells import Measured, Named, Reader
from .columns import Column, Layout, Origin, heading
from .files import Progress, Sheet
from .grouping import in_order
from .header import Header
from .problems import Log, Problem, Severity, told
from .wide import split_heading

_REMEMBERED = 50_000  # different texts of one column that are kept; a cohort repeats far fewer
_MISSPELT = 0.8  # likeness from which an unknown analyte is taken for a slip of the pen
_CHECKED = 3  # cells of one subject that may be left out before the row is


@frozen
class Place:
    """A column of the file: where it stands, the column of the layout it fills, its heading."""

    at: int
    name: str
    heading: str


@define
class TableReader:
    """Reads one file into the records of a layout, and counts what it keeps."""

    layout: Layout
    sheet: Sheet
    header: Header
    log: Log
    rows: int = 0
    kept: int = 0
    _places: tuple[Place, ...] = ()
    _units: dict[str, str] = field(factory=dict)
    _readers: dict[str, Reader] = field(factory=dict)
    _doubts: list[tuple[str, Any, str]] = field(factory=list)
    _passed: set[tuple[Any, ...]] = field(factory=set)
    _make: Callable[..., Any] = field(init=False)

    def __attrs_post_init__(self) -> None:
        self._units = _declared(self.header.units.get(self.layout.name, {}))
        self._places = tuple(self._placed())
        spelling = self.header.spelling(self.sheet.separated)
        self._readers = {
            column.name: self._remembering(column.name, column.kind.reader(spelling))
            for column in self.layout.columns
        }
        self._make = _maker(self.layout, self._readers)

    @property
    def complete(self) -> bool:
        """Whether the file has every column that a row needs; reports those it has not."""
        there = {place.name for place in self._places}
        lacking = [one for one in self.layout.columns if one.required and one.name not in there]
        for one in lacking:
            self._wrong(None, one.name, "", "the column is missing", one.meaning)
        return not lacking

    def records(self, progress: Progress | None = None) -> Iterator[Any]:
        """Yield the records of the rows that can be used."""
        self.rows = self.kept = 0
        if not self.complete:
            return
        for row, cells in self.sheet.rows(self.log, progress):
            self.rows += 1
            record = self._record(row, cells)
            if record is not None:
                self.kept += 1
                yield record

    def in_order(self, order: Mapping[str, int]) -> bool:
        """Say whether the rows come in the order of the subjects."""
        at = next((place.at for place in self._places if place.name == "subject"), None)
        return at is not None and in_order(self.sheet, at, order, self._readers["subject"])

    # --- headings ---------------------------------------------------------------------------------

    def _placed(self) -> Iterator[Place]:
        seen: dict[str, str] = {}
        for at, text in sorted(enumerate(self.sheet.headings), key=self._rank):
            plain, unit = text.strip(), ""
            name = self.layout.headings.get(heading(plain))
            if name is None:
                plain, unit = split_heading(plain)
                name = self.layout.headings.get(heading(plain))
            if name is None:
                if plain:
                    self._wrong(None, told(text), text, "is not a column of the table: not used",
                                severity=Severity.NOTE)  # fmt: skip
                continue
            if name in seen and heading(plain) != heading(seen[name]):
                continue  # CDISC data say one thing under several names: `_rank` chose
            if name in seen:
                self._wrong(None, name, text, f"stands twice, as {told(seen[name])} and "
                            f"{told(text)}: the first is used")  # fmt: skip
                continue
            seen[name] = text
            if unit:
                self._units[name] = unit  # nearer to the value than what study.toml says
            yield Place(at, name, text)

    def _rank(self, placed: tuple[int, str]) -> tuple[int, int]:
        """Return which heading of a column goes first: its own name, then the order of `also`."""
        at, text = placed
        plain = heading(text)
        column = self.layout.column(self.layout.headings.get(plain, ""))
        names = [] if column is None else [column.name, *map(heading, column.also)]
        return (names.index(plain) if plain in names else 0), at

    # --- rows -------------------------------------------------------------------------------------

    def _record(self, row: int, cells: Sequence[str]) -> Any:
        given: dict[str, Any] = {}
        missing = self.header.missing
        for place in self._places:
            text = cells[place.at].strip()
            if text and text not in missing:
                given[place.name] = text
        self._with_units(given)
        given["at"] = Origin(self.sheet.file, row)
        try:
            record = self._make(given, self.layout.record)
        except (ItpCarTError, KeyError):
            record = self._mended(row, given)
        if record is not None:
            record = self._checked_once(row, record, given)
        if self._doubts:
            for name, cell, text in self._doubts:
                self._wrong(row, name, cell, text, subject=given.get("subject", ""),
                            severity=Severity.DOUBTFUL)  # fmt: skip
            self._doubts.clear()
        return record

    def _with_units(self, given: dict[str, Any]) -> None:
        """Put each value together with its unit and the analyte it is of."""
        for column in self.layout.measured:
            text = given.get(column.name)
            if text is None:
                continue
            kind: Any = column.kind
            measure = given.get(kind.analyte, "") if kind.analyte else ""
            unit = given.get(kind.beside) or self._units.get(column.name)
            unit = unit or self._units.get(_key(measure)) or self._units.get(kind.beside, "")
            given[column.name] = (text, unit, measure)

    def _mended(self, row: int, given: dict[str, Any]) -> Any:
        """Report every cell of a row that cannot be read; a subject is kept without them."""
        bad: dict[str, ItpCarTError | None] = {}
        for column in self.layout.columns:
            cell = given.get(column.name)
            if cell is None:
                if column.required:
                    bad[column.name] = None
                continue
            try:
                self._readers[column.name](cell)
            except ItpCarTError as error:
                bad[column.name] = error
        for name, refused in bad.items():
            if not _follows(self.layout.column(name), bad):
                self._refused(row, name, given, refused)
        if not all(self._left_out(self.layout.column(name)) for name in bad):
            return None
        return self._make({k: v for k, v in given.items() if k not in bad}, self.layout.record)

    def _checked_once(self, row: int, record: Any, given: dict[str, Any]) -> Any:
        """Check a record, unless one with the same cells has passed."""
        if not self.layout.checked:
            return self._checked(row, record, given)
        cells = tuple(map(given.get, self.layout.checked))
        if cells in self._passed:
            return record
        found = self._checked(row, record, given)
        if found is record and len(self._passed) < _REMEMBERED:
            self._passed.add(cells)
        return found

    def _checked(self, row: int, record: Any, given: dict[str, Any]) -> Any:
        """Return a record that its own check lets pass, or None."""
        for _ in range(_CHECKED):
            try:
                if not self.layout.warns:
                    record.check(self.header)
                    return record
                with warnings.catch_warnings(record=True) as caught:
                    warnings.simplefilter("always")
                    record.check(self.header)
                self._doubt("", given, caught)
            except ItpCarTError as error:
                name = self.layout.renamed.get(error.field or "", error.field or "")
                column = self.layout.column(name)
                self._refused(row, name if column else "", given, error)
                if column is None or not self._left_out(column):
                    return None
                record = evolve(record, **{name: None})
            else:
                return record
        return None

    def _left_out(self, column: Column | None) -> bool:
        """Say whether a cell of a column is left out alone when it cannot be read."""
        if column is None or column.required:
            return False
        return self.layout.by_cell or column.name in self.layout.doubtful

    # --- reading and telling ----------------------------------------------------------------------

    def _remembering(self, name: str, read: Reader) -> Reader:
        """Read each different text of a column once; one that warns is read again."""
        known: dict[Any, Any] = {}

        def again(given: Any, _: Any = None) -> Any:
            found = known.get(given)
            if found is not None:
                return found
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found = read(given)
            if caught:
                self._doubt(name, given, caught)
            elif len(known) < _REMEMBERED:
                known[given] = found
            return found

        return again

    def _doubt(self, name: str, given: Any, caught: list[warnings.WarningMessage]) -> None:
        for warning in caught:
            if issubclass(warning.category, ItpCarTWarning):
                text = str(warning.message).removesuffix(": check it")
                cell = given[0] if isinstance(given, tuple) else given
                self._doubts.append((name, cell if isinstance(cell, str) else "", text))

    def _refused(self, row: int, name: str, given: Mapping[str, Any], error: Any) -> None:
        name = name or next((key for key, cell in given.items() if cell == error.given), "")
        column = self.layout.column(name)
        allowed = column.kind.allowed if column else ""
        cell = given.get(name, "")
        cell = cell[0] if isinstance(cell, tuple) else cell
        if error is None:
            message = "is empty, and the row needs it"
        else:
            message = error.message
            if allowed and allowed in message:
                allowed = ""
        if self.sheet.wide and name in {"value", "unit", "lln", "uln"}:
            name = given.get("analyte", name)
        self._wrong(
            row, name, cell, message, allowed, subject=given.get("subject", ""),
            severity=self._severity(column, cell, error),
        )  # fmt: skip

    def _severity(self, column: Column | None, cell: str, error: Any) -> Severity:
        if column is None or error is None:
            return Severity.STOPS
        if column.name in self.layout.doubtful:
            return Severity.DOUBTFUL
        if isinstance(column.kind, Named) and isinstance(error, UnknownTermError):
            words = [word.casefold() for word in error.nearest]
            meant = get_close_matches(cell.casefold(), words, n=1, cutoff=_MISSPELT)
            return Severity.STOPS if meant else Severity.NOTE
        return Severity.STOPS

    def _wrong(
        self,
        row: int | None,
        name: str,
        given: Any,
        message: str,
        allowed: str = "",
        *,
        subject: str = "",
        severity: Severity = Severity.STOPS,
    ) -> None:
        self.log.add(
            Problem(
                file=self.sheet.file,
                table=self.layout.name,
                row=row,
                column=name,
                given=told(given),
                message=message,
                allowed=allowed,
                subject=told(subject),
                severity=severity,
            )
        )


def _declared(units: Mapping[str, str]) -> dict[str, str]:
    """Return declared units by column, or by the key of the analyte."""
    return {_key(name): text for name, text in units.items()}


@cache
def _key(name: str) -> str:
    try:
        return analyte(name).key
    except UnknownTermError:
        return name


def _follows(column: Column | None, bad: Mapping[str, Any]) -> bool:
    """Say whether a cell is bad only because the analyte is not known."""
    kind = column.kind if column else None
    return isinstance(kind, Measured) and bool(kind.analyte) and kind.analyte in bad


def _maker(layout: Layout, readers: Mapping[str, Any]) -> Callable[..., Any]:
    hooks: Any = {
        one.name: override(struct_hook=readers.get(one.name, _as_it_is))
        for one in fields(layout.record)
    }
    return make_dict_structure_fn(
        layout.record, Converter(), _cattrs_detailed_validation=False, **hooks
    )


def _as_it_is(given: Any, _: Any) -> Any:
    return given


__all__ = ["Place", "TableReader"]
