"""Daily findings as columns: words read into cases, measured values brought to one unit.

Words are those of the scalar readers, which read each different one once where the engine shows
them, so that a column cannot mean something else by a word. What cannot be read is a fault of its
row and never a finding.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from typing import Any

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.analytes import Analyte
from itp_carT.errors import ItpCarTError, RecordError, UnitRequiredError, UnknownTermError
from itp_carT.notation import TOLERANCE, convert, unit
from itp_carT.toxicity._words import folded, read_word
from itp_carT.units import make

from . import cleaning
from .cases import Fault
from .names import reported_in, spellings
from .order import number

#: A cell that is empty, and one that cannot be read; cases of words count from 0.
EMPTY, UNREADABLE = -1, -2
#: Up to so many different words are read one by one.
MANY = 1_000


# --- words ----------------------------------------------------------------------------------------


@frozen
class Words:
    """A closed list of answers, as one answer or as several joined by ``+`` or ``;``.

    Parameters
    ----------
    kind
        The answers.
    also
        Other spellings.
    """

    kind: type[Enum]
    also: Mapping[str, Any]

    def spellings(self) -> dict[Enum, list[str]]:
        """Return how each answer may be written, folded."""
        found = {member: [folded(str(member.value))] for member in self.kind}
        for text, member in self.also.items():
            found[member].append(folded(text))
        return found

    def read(self, word: Any, column: str) -> Any:
        """Read one answer as the scalar reader does."""
        return read_word(self.kind, word, column, self.also)

    def advice(self, column: str, *, several: bool = False) -> str:
        """Say what may be written in a column."""
        words = ", ".join(str(member.value) for member in self.kind)
        return f"{column}: write {words}" + (", several with +, or none" if several else "")


def coded(
    frame: Any,
    schema: Mapping[str, Any],
    name: str,
    read: Callable[[str], int],
    folded_case: Callable[[nw.Expr], nw.Expr],
) -> nw.Expr:
    """Return the case of each cell of a column of words.

    Parameters
    ----------
    frame, schema, name
        The frame, its types, and the column.
    read
        Reads one word as the scalar reader does.
    folded_case
        The case of a column of folded words, for a frame that does not show its words.

    Raises
    ------
    RecordError
        A column of lists.
    """
    if schema[name].is_nested():
        raise RecordError(
            f'column "{name}" holds {schema[name]}, not text: join several words with "+"',
            column=name,
        )
    text = nw.col(name) if schema[name] == nw.String else cleaning.text(name, schema)
    if isinstance(frame, nw.DataFrame):
        there = [str(word) for word in frame.select(word=text).unique()["word"] if word is not None]
        if not there:
            return nw.lit(EMPTY).cast(nw.Int16)
        if len(there) <= MANY:
            codes = [_read(word, read) for word in there]
            return text.replace_strict(there, codes, return_dtype=nw.Int16).fill_null(EMPTY)
    word = cleaning.text(name, schema).str.replace_all(r"[\s_-]+", " ").str.strip_chars()
    return number(word == "", EMPTY, folded_case(word.str.to_lowercase())).cast(nw.Int16)


def _read(word: str, read: Callable[[str], int]) -> int:
    if not word.strip():
        return EMPTY
    try:
        return read(word)
    except ItpCarTError:
        return UNREADABLE


def one_of(words: Words) -> Callable[[nw.Expr], nw.Expr]:
    """Return the case of folded words: the number of the answer in its list."""

    def case(word: nw.Expr) -> nw.Expr:
        found: Any = nw.lit(UNREADABLE)
        for code, written in enumerate(words.spellings().values()):
            found = number(word.is_in(written), code, found)
        return found  # type: ignore[no-any-return]

    return case


def several_of(words: Words, case: Callable[[Mapping[Any, nw.Expr]], nw.Expr]) -> Any:
    """Return the case of folded lists of words.

    Parameters
    ----------
    words
        The answers.
    case
        Makes the case from whether each answer is in the list.
    """

    def read(text: nw.Expr) -> nw.Expr:
        ways = words.spellings()
        every = "|".join(re.escape(word) for written in ways.values() for word in written)
        listed = text.str.contains(rf"^({every})( ?[+;] ?({every}))*$")
        among = {
            member: text.str.contains(rf"(^|[+;] ?)({'|'.join(map(re.escape, written))})( ?[+;]|$)")
            for member, written in ways.items()
        }
        nothing = text == "none"
        none = case(dict.fromkeys(words.kind, nw.lit(False)))
        return number(nothing, none, number(listed, case(among), UNREADABLE))

    return read


# --- measured values ------------------------------------------------------------------------------


@frozen(kw_only=True)
class Measured:
    """A column of measured values and where its unit stands.

    Parameters
    ----------
    role
        What it is called, e.g. ``"flow"``.
    measure
        What is measured.
    unit
        The unit its values are brought to.
    column
        Name of the column.
    written
        Name of the column of units, or the unit of every row.
    possible
        Closed range of values, in ``unit``; others are faults.
    """

    role: str
    measure: Analyte
    unit: str
    column: str
    written: str
    possible: tuple[float, float]

    def value(self, schema: Mapping[str, Any]) -> nw.Expr:
        """Return the value in the one unit; null where there is none or its unit is not known."""
        raw = cleaning.number(self.column, schema)
        if self.written not in schema:
            factor, offset = self._constant()
            return _scaled(raw, factor, offset)
        word = cleaning.text(self.written, schema).str.strip_chars()
        found: Any = None
        for (factor, offset), words in self._units().items():
            read = nw.when(word.is_in(list(words))).then(_scaled(raw, factor, offset))
            found = read if found is None else read.otherwise(found)
        return found  # type: ignore[no-any-return]

    def faults(self, schema: Mapping[str, Any], value: nw.Expr) -> Iterator[Fault]:
        """Yield what can be wrong with a value."""
        low, high = self.possible
        slack = TOLERANCE * max(abs(low), abs(high))
        raw = cleaning.number(self.column, schema)
        if self.written in schema:
            word = cleaning.text(self.written, schema).str.strip_chars()
            yield ~raw.is_null() & (word == ""), f"{self.written}: the value has no unit"
            known = sorted({text for words in self._units().values() for text in words})
            wrong = ~raw.is_null() & ~word.is_in(known)
            yield wrong, f'{self.written}: not a unit of {self.measure.label}: write "{self.unit}"'
        beyond = ~value.is_null() & ((value < low - slack) | (value > high + slack))
        yield beyond, f"{self.column}: outside {low:g} to {high:g} {self.unit}"

    def _units(self) -> dict[tuple[float, float], tuple[str, ...]]:
        """Return the spellings of each unit by the factor and the offset that lead from it."""
        found: dict[tuple[float, float], list[str]] = {}
        target = unit(self.unit)
        for written, meant, scale in reported_in(self.measure):
            zero, one = (convert(x * scale, meant, target) for x in (0.0, 1.0))
            found.setdefault((one - zero, zero), []).extend(spellings(written))
        return {key: tuple(words) for key, words in found.items()}

    def _constant(self) -> tuple[float, float]:
        try:
            scale, meant = self.measure.read_number(make(1.0, unit(self.written).symbol))
            target = unit(self.unit)
            zero, one = (convert(x * scale, meant, target) for x in (0.0, 1.0))
        except ItpCarTError:
            raise UnitRequiredError(
                f'"{self.written}" is neither a column nor a unit of {self.measure.label}: write '
                f'{self.role}_unit="{self.unit}", or name the column of units',
                field=f"{self.role}_unit",
                given=self.written,
            ) from None
        return one - zero, zero


def _scaled(raw: nw.Expr, factor: float, offset: float) -> nw.Expr:
    scaled = raw if factor == 1 else raw * factor
    return scaled if offset == 0 else scaled + offset


# --- columns --------------------------------------------------------------------------------------


def find(schema: Mapping[str, Any], names: Mapping[str, str | None]) -> dict[str, str]:
    """Say which column holds what: by the name given, else by the usual name where it exists.

    Raises
    ------
    UnknownTermError
        A column that was named and is not there, or none at all.
    """
    found: dict[str, str] = {}
    for role, given in names.items():
        if given is not None and given not in schema:
            raise UnknownTermError(
                f'no column "{given}" for {role}: columns are {", ".join(schema)}',
                field=role,
                given=given,
            )
        if given is not None or role in schema:
            found[role] = given or role
    if not found:
        raise UnknownTermError(
            f"no column of findings: name at least one of {', '.join(names)}", given=list(schema)
        )
    return found


def unit_of(role: str, given: str | None, schema: Mapping[str, Any], example: str) -> str:
    """Return the column of units, or the unit itself, of a measured column.

    Raises
    ------
    UnitRequiredError
        Neither was given.
    """
    if given is not None:
        return given
    if f"{role}_unit" in schema:
        return f"{role}_unit"
    raise UnitRequiredError(
        f'{role} has no unit: write {role}_unit="{example}", or name the column of units',
        field=f"{role}_unit",
    )


def any_of(among: Mapping[Any, nw.Expr]) -> nw.Expr:
    """Return 1 where some answer is in a list of words, else 0."""
    return number(functools.reduce(nw.Expr.__or__, among.values()), 1, 0)


__all__ = [
    "EMPTY",
    "UNREADABLE",
    "Measured",
    "Words",
    "any_of",
    "coded",
    "find",
    "one_of",
    "several_of",
    "unit_of",
]
