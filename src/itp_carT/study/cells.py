"""What a cell of a study table may hold, and how each kind of cell is read and written.

A cell is text. It is read once per different text, never guessed: a date that can be two days, a
number whose comma can be two signs and a value without a unit are refused with what to write.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeAlias

from attrs import field, frozen

from itp_carT.analytes import analyte
from itp_carT.bleeding_diary import yes_or_no
from itp_carT.errors import ImpossibleError, NotationError, UnitRequiredError, UnknownTermError
from itp_carT.notation import find_unit, plain, show
from itp_carT.partial_dates import PartialDate, partial_date
from itp_carT.units import Quantity, measured, parse, symbol

from .dates import ORDERS, day_of, partial_of
from .usual import check_usual

Reader: TypeAlias = Callable[[Any], Any]

_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-]?[0-9]+)?|[+-]?\.[0-9]+")
_THOUSANDS = re.compile(r"[+-]?[0-9]{1,3}(?:[.,][0-9]{3})+")
_COMMA = re.compile(r"([+-]?[0-9]*),([0-9]+)(?![0-9,.])")
_SIGN = re.compile(r"\s*(<=|>=|<|>|≤|≥)?\s*(.*)", re.DOTALL)
_SIGNS = {"≤": "<=", "≥": ">="}
_FORMULA = re.compile(r"'*[=+\-@\t\r]")  # what a spreadsheet may run, and what was kept from it


@frozen(kw_only=True)
class Spelling:
    """How a study writes what can be written in several ways.

    Parameters
    ----------
    dates
        ``"day/month/year"`` or ``"month/day/year"``; empty where only dates that can be read in
        one way are written.
    decimal
        ``"."`` or ``","``.
    separated
        The separator of the file; where it is not a comma, ``12,5`` can only be 12.5.
    """

    dates: str = field(default="")
    decimal: str = field(default=".")
    separated: str = field(default=",")

    def __attrs_post_init__(self) -> None:
        if self.dates and self.dates not in ORDERS:
            raise UnknownTermError(
                f"{show(self.dates)} is not an order of dates: write {' or '.join(ORDERS)}",
                field="dates",
                given=self.dates,
                nearest=ORDERS,
            )
        if self.decimal not in (".", ","):
            raise UnknownTermError(
                f'{show(self.decimal)} is not a decimal sign: write "." or ","',
                field="decimal",
                given=self.decimal,
                nearest=(".", ","),
            )

    def number(self, text: str) -> str:
        """Return a text with its decimal comma, where it has one, written as a point.

        Raises
        ------
        NotationError
            The comma or point can be a decimal sign and a thousands sign.

        Examples
        --------
        >>> Spelling(decimal=",").number("12,5 mg")
        '12.5 mg'
        """
        number = text.partition(" ")[0]
        if self.decimal == ",":
            if _THOUSANDS.fullmatch(number) and "." in number:
                raise NotationError(
                    f"{show(text)} has a point where the study writes decimal commas: write it "
                    "without a thousands sign",
                    given=text,
                )
            return _COMMA.sub(r"\1.\2", text, count=1)
        if "," not in number:
            return text
        if self.separated == "," or _THOUSANDS.fullmatch(number):
            raise NotationError(
                f"{show(text)} has a comma, a decimal sign to some and a thousands sign to others: "
                'write 12.5 or 1500, or state decimal = "," in study.toml',
                given=text,
            )
        return _COMMA.sub(r"\1.\2", text, count=1)


@frozen(kw_only=True)
class Text:
    """Free text, or one of some words that the instrument behind the column checks.

    A text that begins like a formula of a spreadsheet is text; it is written with an apostrophe in
    front, which is taken off again on reading.
    """

    words: tuple[str, ...] = ()
    name: str = "text"

    @property
    def allowed(self) -> str:
        """What may be written."""
        return ", ".join(self.words) or "any text"

    def reader(self, _: Spelling) -> Reader:
        """Return the function that reads a cell."""
        return _read_text

    def write(self, value: Any) -> str:
        """Write a value as a cell."""
        text = str(value)
        return f"'{text}" if _FORMULA.match(text) else text


def _read_text(given: str) -> str:
    return given[1:] if given.startswith("'") and _FORMULA.match(given) else given


@frozen(kw_only=True)
class Word:
    """One word of a closed list."""

    words: tuple[str, ...]
    name: str = "word"

    @property
    def allowed(self) -> str:
        """What may be written."""
        return ", ".join(self.words)

    def reader(self, _: Spelling) -> Reader:
        """Return the function that reads a cell."""
        known = {word.casefold(): word for word in self.words}

        def read(given: str) -> str:
            found = known.get(" ".join(given.replace("_", " ").split()).casefold())
            if found is None:
                raise UnknownTermError(
                    f"{show(given)} is not on the list: write {self.allowed}",
                    given=given,
                    nearest=self.words,
                )
            return found

        return read

    def write(self, value: Any) -> str:
        """Write a value as a cell."""
        return str(value)


@frozen(kw_only=True)
class Several:
    """Texts separated by semicolons."""

    name: str = "texts"
    allowed: str = "texts separated by semicolons, or none"

    def reader(self, _: Spelling) -> Reader:
        """Return the function that reads a cell."""

        def read(given: str) -> tuple[str, ...]:
            parts = (_read_text(part.strip()) for part in given.split(";"))
            found = tuple(part for part in parts if part)
            return () if [part.casefold() for part in found] == ["none"] else found

        return read

    def write(self, value: Any) -> str:
        """Write a value as a cell."""
        return "; ".join(Text().write(one) for one in value) or "none"


@frozen(kw_only=True)
class Named:
    """An analyte by any of its names or codes; kept as its key."""

    name: str = "analyte"
    allowed: str = "a name, CDISC test code or LOINC code that the library knows"

    def reader(self, _: Spelling) -> Reader:
        """Return the function that reads a cell."""
        return lambda given: analyte(given).key

    def write(self, value: Any) -> str:
        """Write a value as a cell."""
        return Text().write(value)


@frozen(kw_only=True)
class YesNo:
    """Yes or no; unknown is an empty cell."""

    name: str = "yes/no"
    allowed: str = "yes, no"

    def reader(self, _: Spelling) -> Reader:
        """Return the function that reads a cell."""
        return _yes_no

    def write(self, value: Any) -> str:
        """Write a value as a cell."""
        return "yes" if value else "no"


def _yes_no(given: str) -> bool | None:
    return yes_or_no({"1": "yes", "0": "no"}.get(given, given), "")


@frozen(kw_only=True)
class Whole:
    """A whole number within limits."""

    low: int = 0
    high: int
    name: str = "whole number"

    @property
    def allowed(self) -> str:
        """What may be written."""
        return f"a whole number, {self.low} to {self.high}"

    def reader(self, _: Spelling) -> Reader:
        """Return the function that reads a cell."""

        def read(given: str) -> int:
            text = given.removesuffix(".0")
            if not (text.isascii() and text.lstrip("+-").isdecimal()):
                raise NotationError(f"{show(given)} is not a whole number", given=given)
            number = int(text) if len(text) < 20 else self.high + 1
            if not self.low <= number <= self.high:
                raise ImpossibleError(
                    f"{show(given)} is outside {self.low} to {self.high}", given=given
                )
            return number

        return read

    def write(self, value: Any) -> str:
        """Write a value as a cell."""
        return str(value)


@frozen(kw_only=True)
class Day:
    """A calendar date, complete."""

    name: str = "date"
    allowed: str = "a date, e.g. 2026-03-09"

    def reader(self, spelling: Spelling) -> Reader:
        """Return the function that reads a cell."""
        return lambda given: day_of(given, spelling.dates)

    def write(self, value: dt.date) -> str:
        """Write a value as a cell."""
        return value.isoformat()


@frozen(kw_only=True)
class Partly:
    """A date of which the day, or the month too, may be unknown."""

    name: str = "date, parts may be unknown"
    allowed: str = "what is known of a date: 2026-03-09, 2026-03 or 2026"

    def reader(self, spelling: Spelling) -> Reader:
        """Return the function that reads a cell."""
        return lambda given: partial_of(given, spelling.dates)

    def write(self, value: PartialDate) -> str:
        """Write a value as a cell."""
        return str(partial_date(value))


_CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):([0-5][0-9])(?::[0-5][0-9])?")


@frozen(kw_only=True)
class Clock:
    """A time of day, as the site's clock shows it; it only orders what happened on one day."""

    name: str = "time"
    allowed: str = "a time of day, e.g. 08:15"

    def reader(self, _: Spelling) -> Reader:
        """Return the function that reads a cell."""

        def read(given: str) -> str:
            found = _CLOCK.fullmatch(given)
            if found is None:
                raise NotationError(f"{show(given)} is not a time: write e.g. 08:15", given=given)
            return f"{int(found[1]):02}:{found[2]}"

        return read

    def write(self, value: Any) -> str:
        """Write a value as a cell."""
        return str(value)


@frozen(kw_only=True)
class Measured:
    """A value with its unit: in the cell, in the column of units, or declared for the column.

    Parameters
    ----------
    unit
        Unit of the field, for what may be written, e.g. [mg].
    beside
        The column that holds the unit.
    analyte
        The column that names what was measured; its units are then those of the analyte.
    check
        What is possible.
    beside_also
        Other headings of the column of units.
    apart
        Whether a unit in the cell may be another one than the one beside it.
    name
        What the page of the format calls it.
    """

    unit: str = ""
    beside: str
    beside_also: tuple[str, ...] = ()
    apart: bool = False
    analyte: str = ""
    check: measured | None = None
    name: str = "value with unit"

    @property
    def allowed(self) -> str:
        """What may be written."""
        if self.analyte:
            return "a number in a unit of the analyte; may begin with < or >"
        return f"a number in {self.unit} or a unit of the same kind"

    def reader(self, spelling: Spelling) -> Reader:
        """Return the function that reads a cell together with its unit and analyte."""

        def read(given: tuple[str, str, str]) -> Any:
            text, unit, measure = given
            sign, text = _signed(text) if self.analyte else ("", text)
            text = spelling.number(text)
            text = _joined(text, unit, bare=bool(self.analyte), apart=self.apart)
            value = analyte(measure).read(text) if self.analyte else parse(text)
            if self.analyte and not self.apart:
                check_usual(analyte(measure), value)
            if self.check is not None:
                self.check.check("value", value, confirmed=True)
            return Amount(value, sign) if self.analyte else value

        return read

    def write(self, value: Any) -> str:
        """Write the number of a value; its unit goes to the column of units."""
        if isinstance(value, Amount):
            return f"{value.sign}{_exact(value.quantity)}"
        return _exact(value)

    def write_unit(self, value: Any) -> str:
        """Write the unit of a value."""
        return symbol(value.quantity if isinstance(value, Amount) else value)


def _signed(text: str) -> tuple[str, str]:
    found = _SIGN.fullmatch(text)
    sign = (found and found[1]) or ""
    return _SIGNS.get(sign, sign), found[2] if found else text


def _joined(text: str, unit: str, *, bare: bool, apart: bool) -> str:
    """Put number and unit together; a unit in the cell must agree with the one beside it."""
    if _NUMBER.fullmatch(text):
        if not unit and not bare:
            raise UnitRequiredError(
                f"{show(text)} has no unit: write it in the cell or in the column of units, or "
                "declare it in study.toml",
                given=text,
            )
        return f"{text} {unit}".strip()
    own = _NUMBER.match(text)
    stated = find_unit(text[own.end() :].strip()) if own else None
    if stated is not None and unit and not apart and find_unit(unit) not in (None, stated):
        raise NotationError(
            f"{show(text)} has another unit than the one beside it, {show(unit)}: leave one of "
            "the two",
            given=text,
        )
    return text


def _exact(value: Quantity) -> str:
    number = float(value.magnitude)
    short = plain(number)
    return short if float(short) == number else repr(number)


@frozen
class Amount:
    """A measured value as it was reported, which may be below or above what the method can tell.

    Parameters
    ----------
    quantity
        The number with its unit [as reported].
    sign
        ``"<"``, ``"<="``, ``">"``, ``">="``, or empty for an exact value.

    Examples
    --------
    >>> print(Amount(Quantity("3 10^9/L"), "<"))
    <3 10^9/L
    """

    quantity: Quantity
    sign: str = ""

    def __str__(self) -> str:
        return f"{self.sign}{self.quantity}"


Kind: TypeAlias = Text | Word | Several | Named | YesNo | Whole | Day | Partly | Clock | Measured

__all__ = [
    "Amount",
    "Clock",
    "Day",
    "Kind",
    "Measured",
    "Named",
    "Partly",
    "Reader",
    "Several",
    "Spelling",
    "Text",
    "Whole",
    "Word",
    "YesNo",
]
