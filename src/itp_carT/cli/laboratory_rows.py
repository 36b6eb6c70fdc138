"""Rows of laboratory values as texts: what a cell says, and its grade by the reader of one patient.

Cells come from a file and are read without guessing: ``<3`` is no value, ``1,5`` no number. The
grades are those of `itp_carT.verdict`, the reasons those of `itp_carT.frames`, so that a file reads
the same with and without a dataframe engine.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any

from attrs import define, field

from itp_carT.errors import DimensionError
from itp_carT.frames import cleaning, reasons
from itp_carT.frames.grid import REFERENCES, Grid
from itp_carT.frames.limits import (
    HIGH,
    LOW,
    NO,
    PLAIN,
    SAMPLE,
    YES,
    asked_facts,
    bare_unit_is_enough,
)
from itp_carT.frames.names import (
    BETWEEN,
    known_units,
    reported_in,
    spellings,
    term_and_analyte_keys,
    term_keys,
)
from itp_carT.frames.shape import Moment
from itp_carT.notation import LARGEST, TOLERANCE, Unit
from itp_carT.rules import Fact, Table
from itp_carT.verdict import outcomes_of

#: Columns of numbers, and columns of words besides those named after a fact.
NUMBERS = ("value", "lln", "uln", "baseline", "baseline_lln", "baseline_uln")
WORDS = ("term", "analyte", "unit", "baseline_flag", "is_baseline")
#: Columns of names: there only "NA" in capitals is nothing, because "Na" is sodium.
NAMES, NO_NAME = ("term", "analyte"), "NA"
#: What a cell of any other column says that holds nothing, in lower case.
NOTHING = frozenset({"", "na", "n/a", "nan", "null", "none", "."})
NUMBER = r"^[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?$"
_NUMBER = re.compile(NUMBER)
_BOUND, _COMMA = re.compile(r"^\s*[<>≤≥]"), re.compile(r"^[+-]?[0-9][0-9.,' ]*,[0-9,]*$")
_BESIDE = re.compile(r"^[+-]?[0-9.]+\s*[^0-9.,\s]")

#: Grade, worst, mildest, reason: empty where there is none.
Graded = tuple[int | None, int | None, int | None, str | None]


def number(cell: Any) -> float | None:
    """Return the number of a cell, or None where it holds nothing, or nothing finite.

    Parameters
    ----------
    cell
        A text, or what a column of numbers holds.

    Raises
    ------
    ValueError
        Saying what the cell holds instead.

    Examples
    --------
    >>> number(" 7.9 "), number("NA")
    (7.9, None)
    >>> number("1,5")
    Traceback (most recent call last):
    ...
    ValueError: has a comma: write decimals with a point, and thousands without a sign
    """
    if cell is None:
        return None
    told = cell.strip() if isinstance(cell, str) else str(cell)
    if told.lower() in NOTHING:
        return None
    if _NUMBER.match(told) or isinstance(cell, float):
        read = float(cell)
        return read if abs(read) <= LARGEST else None
    if _BOUND.match(told):
        raise ValueError("is a bound of the assay, not a value: nothing says how far beyond it is")
    if _COMMA.match(told):
        raise ValueError("has a comma: write decimals with a point, and thousands without a sign")
    if _BESIDE.match(told):
        raise ValueError("has something beside the number: a unit has a column of its own")
    raise ValueError("is not a number")


def word(cell: Any, *, named: bool = False) -> str:
    """Return what a cell of words says, empty where it holds nothing.

    Parameters
    ----------
    cell
        A text, or what a column of another kind holds.
    named
        Whether it is a term or an analyte.

    Examples
    --------
    >>> word("na"), word("Na", named=True), word("NA", named=True)
    ('', 'Na', '')
    """
    told = "" if cell is None else str(cell).strip()
    if named:
        return "" if told == NO_NAME else told
    return "" if told.lower() in NOTHING else told


def fact_keys(tables: tuple[Table, ...]) -> tuple[str, ...]:
    """Return the names of the columns that say whether something holds, for any of the tables."""
    asked = (fact.key for table in tables for fact in asked_facts(table))
    return tuple(dict.fromkeys(asked))


@cache
def _units(measure: Any) -> dict[str, tuple[Unit, float]]:
    return {
        text: (meant, scale)
        for written, meant, scale in reported_in(measure)
        for text in spellings(written)
    }


@define
class RowGrader:
    """Grades rows one by one with the reader of one patient.

    Parameters
    ----------
    tables
        The rules of an edition.
    columns
        The columns that are there, by the names of `NUMBERS`, `WORDS` and of facts.
    """

    tables: tuple[Table, ...]
    columns: frozenset[str]
    _alone: dict[str, Table] = field(init=False)
    _several: dict[str, Table] = field(init=False)
    _answers: tuple[str, ...] = field(init=False)
    _readers: dict[Any, tuple[_Reader | None, str]] = field(factory=dict, init=False)

    def __attrs_post_init__(self) -> None:
        keyed = term_and_analyte_keys if "analyte" in self.columns else term_keys
        self._alone = keyed(tuple(t for t in self.tables if len(t.measures) == 1))
        self._several = keyed(tuple(t for t in self.tables if len(t.measures) != 1))
        self._answers = tuple(key for key in fact_keys(self.tables) if key in self.columns)

    def grade(self, words: Mapping[str, str], numbers: Mapping[str, float | None]) -> Graded:
        """Grade one row; what has no column is not in the mappings.

        Parameters
        ----------
        words
            Term, analyte, unit, flag and facts as written, empty where nothing is said.
        numbers
            Value, limits and baseline in the unit of the row.
        """
        table, why = self._table(words)
        if table is None:
            return None, None, None, why
        if numbers["value"] is None:
            return None, None, None, reasons.NO_VALUE
        read, why = self._reader(table, words.get("unit", ""))
        if read is None:
            return None, None, None, why
        why = self._fault(read.measure, words, numbers)
        if why:
            return None, None, None, why
        return self._judge(table, read, words, numbers)

    def _table(self, words: Mapping[str, str]) -> tuple[Table | None, str]:
        key = words.get("term", "").strip().lower()
        if "analyte" in self.columns:
            key = f"{key}{BETWEEN}{words['analyte'].strip().lower()}"
        if key in {"", BETWEEN}:
            return None, reasons.NO_TERM
        if key in self._alone:
            return self._alone[key], ""
        if key in self._several:
            return None, reasons.SEVERAL
        return None, reasons.UNKNOWN_PAIR if "analyte" in self.columns else reasons.UNKNOWN_TERM

    def _reader(self, table: Table, text: str) -> tuple[_Reader | None, str]:
        """Find the reader of a table for a unit as written."""
        if (table.key, text) not in self._readers:
            self._readers[table.key, text] = _reader(table, text)
        return self._readers[table.key, text]

    def _fault(
        self, measure: Any, words: Mapping[str, str], numbers: Mapping[str, float | None]
    ) -> str:
        """Say why a row of a known term and unit cannot be graded."""
        below = any(given is not None and given < 0 for given in numbers.values())
        if below and not measure.may_be_negative:
            return reasons.NEGATIVE
        for low, high in (("lln", "uln"), ("baseline_lln", "baseline_uln")):
            lln, uln = numbers.get(low), numbers.get(high)
            if lln is not None and uln is not None and lln > uln * (1 + TOLERANCE):
                return reasons.RANGE
        if words.get("baseline_flag", "").lower() not in {"", *cleaning.FLAGS}:
            return reasons.FLAG
        answers = (words.get(key, "").lower() for key in (*self._answers, "is_baseline"))
        return reasons.ANSWER if any(a and a not in cleaning.ANSWERS for a in answers) else ""

    def _judge(
        self,
        table: Table,
        read: _Reader,
        words: Mapping[str, str],
        numbers: Mapping[str, float | None],
    ) -> Graded:
        measure = read.measure
        own = [numbers.get(name) for name in ("lln", "uln", "baseline")]
        state = _baseline_state(words, numbers)
        known: dict[str, bool] = {}
        if state in (HIGH, LOW):
            known = {measure.high: state == HIGH, measure.low: state == LOW}
        elif state == SAMPLE:
            known = {measure.sample: True, measure.high: False, measure.low: False}
        for fact in read.asked:
            said = cleaning.ANSWERS.get(words.get(fact.key, "").lower())
            if said in (YES, NO):
                known[fact.key] = said == YES
        base = math.nan if state == SAMPLE else own[2]
        four = (numbers["value"], own[0], own[1], base)
        scaled = tuple(None if given is None else given * read.scale for given in four)
        possible = read.outcomes(scaled, known)
        if not possible:
            return None, None, None, table.refers.note if table.refers else ""
        worst, mildest = int(possible[0]), int(possible[-1])
        if worst == mildest:
            return worst, worst, worst, None
        grid = read.grid(table, known, no_baseline=state == SAMPLE)
        absent = [of for of, given in zip(REFERENCES, own, strict=True) if given is None]
        return None, worst, mildest, reasons.unsettled(grid, worst, mildest, absent)


@define
class _Reader:
    """A table compiled for one unit."""

    outcomes: Callable[..., tuple[Any, ...]]
    measure: Any
    asked: tuple[Fact, ...]
    unit: Unit
    scale: float
    _grids: dict[Any, Grid] = field(factory=dict, init=False)

    def grid(self, table: Table, known: Mapping[str, bool], *, no_baseline: bool) -> Grid:
        """Return what the grade may still depend on."""
        key = (no_baseline, *sorted(known.items()))
        if key not in self._grids:
            moment = Moment(table.name, self.unit, self.scale, known, no_baseline)
            self._grids[key] = Grid(table, moment, self.asked)
        return self._grids[key]


def _reader(table: Table, text: str) -> tuple[_Reader | None, str]:
    measure = table.measures[0]
    if not text:
        if not bare_unit_is_enough(table):
            return None, reasons.NO_UNIT
        text = measure.unit
    elif text not in known_units():
        return None, reasons.UNKNOWN_UNIT
    if text not in _units(measure):
        return None, reasons.WRONG_UNIT
    meant, scale = _units(measure)[text]
    try:
        return _Reader(outcomes_of(table, meant), measure, asked_facts(table), meant, scale), ""
    except DimensionError:  # the table has no limits in this unit system
        return None, reasons.WRONG_UNIT


def _baseline_state(words: Mapping[str, str], numbers: Mapping[str, float | None]) -> int:
    """Say whether the baseline was high or low; the laboratory's own flag goes first."""
    if cleaning.ANSWERS.get(words.get("is_baseline", "").lower()) == YES:
        return SAMPLE
    flag = words.get("baseline_flag", "").lower()
    if flag:
        return cleaning.FLAGS[flag]
    base = numbers.get("baseline")
    if base is None:
        return PLAIN
    low, high = numbers.get("baseline_lln"), numbers.get("baseline_uln")
    low = numbers.get("lln") if low is None else low
    high = numbers.get("uln") if high is None else high
    if high is not None and base > high * (1 + TOLERANCE):
        return HIGH
    return LOW if low is not None and base < low * (1 - TOLERANCE) else PLAIN


__all__ = [
    "NAMES",
    "NOTHING",
    "NO_NAME",
    "NUMBER",
    "NUMBERS",
    "WORDS",
    "Graded",
    "RowGrader",
    "fact_keys",
    "number",
    "word",
]
