"""Measured fields, and the public door to units and quantities.

`measured` declares once what a measured argument may be: its unit, what is possible, what is
usual. Each name that other modules need of `itp_carT.quantity` and `itp_carT.notation` can be
had here.
"""

from __future__ import annotations

import math
import warnings
from typing import Any, TypeAlias, cast

import pint
from attrs import Attribute

from .errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    UnitRequiredError,
    UnusualValueWarning,
)
from .notation import LARGEST, TOLERANCE, convert, equal, plain, read, show, tidy, unit
from .quantity import (
    Quantity,
    adopt,
    make,
    number_and_unit,
    parse,
    registry,
    symbol,
    ucum,
    value_in,
)

#: What a measured argument may be given as.
Measured: TypeAlias = "str | pint.Quantity[Any]"


class _Unread:
    """A value that could not be read, carried to the validator, which knows the field's name."""

    def __init__(self, error: ItpCarTError, given: Any) -> None:
        self.error = error
        self.given = given

    def refusal(self, unit: str, example: str) -> ItpCarTError:
        """Word the refusal with an example that suits the field."""
        if isinstance(self.given, str):
            if isinstance(self.error, UnitRequiredError) and "e.g." in self.error.message:
                example = f"{self.given.strip()} {unit}"
            try:
                parse(self.given, example)
            except ItpCarTError as error:
                return error
        return self.error


def to_quantity(value: Measured) -> Quantity:
    """Convert a measured field [any unit]: text or any pint quantity becomes a `Quantity`."""
    read: Any = value
    try:
        if isinstance(value, str):
            read = parse(value)
        elif isinstance(value, pint.Quantity):
            read = adopt(value)
    except ItpCarTError as error:
        read = _Unread(error, value)
    # what could not be read is refused by `measured`, which knows the name of the field
    return cast("Quantity", read)


def to_optional_quantity(value: Measured | None) -> Quantity | None:
    """Convert a measured field [any unit] that may be left out."""
    return None if value is None else to_quantity(value)


class measured:  # noqa: N801 - reads as a word where a field is declared
    """Validator of a measured field: its unit, what is possible, what is usual.

    Parameters
    ----------
    unit
        Unit of the field; any unit of the same kind is accepted.
    possible
        Closed range outside which a value is refused, e.g. ``("25 kg", "300 kg")``.
    usual
        Closed range outside which a value is accepted with a warning.
    hint
        Likely cause of a value outside, appended to the message.
    positive
        Refuse zero and negative values.
    """

    def __init__(
        self,
        unit: str,
        *,
        possible: tuple[str, str] | None = None,
        usual: tuple[str, str] | None = None,
        hint: str = "",
        positive: bool = True,
    ) -> None:
        self.unit = unit
        self.positive = positive
        self.hint = hint
        self.possible = self._range(possible)
        self.usual = self._range(usual)

    def _range(self, texts: tuple[str, str] | None) -> tuple[float, float] | None:
        if texts is None:
            return None
        low, high = (convert(*read(text), unit(self.unit)) for text in texts)
        return low, high

    def __call__(self, instance: Any, attribute: Attribute[Any], value: Any) -> None:
        """Check one field of an instance; see `check`."""
        if value is None and attribute.default is None:
            return
        confirmed = attribute.name in getattr(instance, "confirmed", ())
        self.check(attribute.name, value, confirmed=confirmed)

    def check(self, name: str, value: Any, *, confirmed: bool = False) -> float:
        """Check a value and return its number in the field's unit.

        Raises
        ------
        UnitError, NotationError, ImpossibleError
            Naming the field, the value, why not and what to write instead.
        """
        if isinstance(value, _Unread):
            raise value.refusal(self.unit, self._example(None)).about(name)
        if not isinstance(value, Quantity):
            raise UnitRequiredError(
                f'{show(value)} has no unit: write e.g. "{self._example(value)}"',
                field=name,
                given=value,
            )
        try:
            number = value_in(value, self.unit)
        except DimensionError as error:
            raise DimensionError(
                f'{value} is not a value in {self.unit}: write e.g. "{self._example(None)}"',
                field=name,
                given=str(value),
                expected=self.unit,
            ) from error
        self._check_range(name, value, number, confirmed)
        return number

    def _example(self, value: Any) -> str:
        number = isinstance(value, (int, float)) and not isinstance(value, bool)
        if number and -LARGEST <= value <= LARGEST:
            return f"{plain(value)} {self.unit}"
        if self.usual or self.possible:
            low, high = self.usual or self.possible or (1.0, 1.0)
            return f"{plain(tidy(math.sqrt(abs(low * high)) // 1 or low))} {self.unit}"
        return f"1 {self.unit}"

    def _check_range(self, name: str, value: Quantity, number: float, confirmed: bool) -> None:
        hint = f"; {self.hint}" if self.hint else ""
        if self.positive and not number > 0:
            raise ImpossibleError(f"{value} is not above zero{hint}", field=name, given=str(value))
        if self.possible and not _within(number, self.possible):
            low, high = (plain(limit) for limit in self.possible)
            raise ImpossibleError(
                f"{value} is outside what can be true ({low} to {high} {self.unit}){hint}",
                field=name,
                given=str(value),
            )
        if self.usual and not confirmed and not _within(number, self.usual):
            low, high = (plain(limit) for limit in self.usual)
            warnings.warn(
                f"{name}={value} is unusual (usually {low} to {high} {self.unit}){hint}: check it",
                UnusualValueWarning,
                stacklevel=2,
            )


def _within(number: float, limits: tuple[float, float]) -> bool:
    low, high = limits
    return low < number < high or equal(number, low) or equal(number, high)


__all__ = [
    "TOLERANCE",
    "Measured",
    "Quantity",
    "adopt",
    "equal",
    "make",
    "measured",
    "number_and_unit",
    "parse",
    "registry",
    "symbol",
    "to_optional_quantity",
    "to_quantity",
    "ucum",
    "unit",
    "value_in",
]
