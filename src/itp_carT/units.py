"""Quantities: pint's arithmetic on the library's own closed set of units.

One private registry, filled from the table in `itp_carT.notation` and from nothing else; the
global application registry is never touched. A `Quantity` cannot be changed after it was made,
equals by meaning (70 kg is 70 000 g) and compares with one policy: two values within one part
in 10⁹ are equal, in every unit they may arrive in.
"""

from __future__ import annotations

import functools
import math
import operator
import warnings
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Never, TypeAlias, cast

import pint
from attrs import Attribute
from pint.util import UnitsContainer

from .errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    NotationError,
    UnitError,
    UnitRequiredError,
    UnknownUnitError,
    UnusualValueWarning,
)
from .notation import (
    LARGEST,
    TOLERANCE,
    Unit,
    convert,
    equal,
    plain,
    read,
    show,
    tidy,
    unit,
    units,
)
from .unit_table import ATOMS, OFFSETS, definitions

if TYPE_CHECKING:
    _PintQuantity: TypeAlias = pint.Quantity[float]
else:
    _PintQuantity = pint.UnitRegistry.Quantity

#: What a measured argument may be given as.
Measured: TypeAlias = "str | pint.Quantity[Any]"


class Quantity(_PintQuantity):
    """A number with its unit, immutable; made from text such as ``Quantity("62 kg")``.

    All of pint's arithmetic and conversions work and return new quantities; in-place conversion
    is refused.

    Raises
    ------
    UnitError, NotationError
        When the text is not one number with a known unit.

    Examples
    --------
    >>> Quantity("62 kg") == Quantity("62000 g")
    True
    >>> (Quantity("30 mg/m^2") * Quantity("1.8 m^2")).to("mg")
    Quantity('54 mg')
    """

    def __new__(cls, value: Any, units: Any = None) -> Quantity:
        if units is None and isinstance(value, str):
            return parse(value)
        if units is None and isinstance(value, pint.Quantity):
            return adopt(value)
        if isinstance(units, str) and isinstance(value, (int, float)):
            return _make(_finite(float(value)), unit(units))
        return cast("Quantity", super().__new__(registry().Quantity, value, units))

    def __setattr__(self, name: str, value: Any) -> None:
        # pint fills each of its attributes once; a second time would be a change
        if name in self.__dict__:
            raise AttributeError(f"a Quantity cannot be changed: {name} is fixed")
        self.__dict__[name] = value

    def _refuse(self, *_: Any, **__: Any) -> Never:
        raise AttributeError(
            "a Quantity cannot be changed in place: use .to(), which returns a new"
        )

    ito = ito_base_units = ito_root_units = ito_reduced_units = ito_preferred = _refuse

    def to(self, other: Any = None, *contexts: Any, **kwargs: Any) -> Quantity:
        """Return the same quantity in another unit, given by any accepted spelling."""
        if isinstance(other, str):
            return _make(value_in(self, other), unit(other))
        return super().to(other, *contexts, **kwargs)  # type: ignore[no-any-return,return-value,unused-ignore]

    def m_as(self, units: Any) -> float:
        """Return the number of the quantity in a unit, given by any accepted spelling."""
        return value_in(self, units) if isinstance(units, str) else float(super().m_as(units))

    def __copy__(self) -> Quantity:
        return self

    def __deepcopy__(self, memo: Any) -> Quantity:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return _rebuild, (self._magnitude, tuple(self._units.items()))

    def compare(self, other: Any, op: Callable[[Any, Any], bool]) -> bool:
        """Compare two quantities of one kind; see `TOLERANCE` for what counts as equal."""
        if not isinstance(other, pint.Quantity):
            raise UnitRequiredError(
                f'{self} cannot be compared with {other!r}: write it with its unit, e.g. "{self}"',
                given=other,
            )
        theirs = adopt(other)
        if self.dimensionality != theirs.dimensionality:
            raise DimensionError(f"{self} and {theirs} measure different things", given=str(theirs))
        mine, yours = _base(self), _base(theirs)
        same = equal(mine, yours)
        if op in (operator.le, operator.ge):
            return same or op(mine, yours)
        return not same and op(mine, yours)

    def __lt__(self, other: Any) -> bool:
        return self.compare(other, operator.lt)

    def __le__(self, other: Any) -> bool:
        return self.compare(other, operator.le)

    def __gt__(self, other: Any) -> bool:
        return self.compare(other, operator.gt)

    def __ge__(self, other: Any) -> bool:
        return self.compare(other, operator.ge)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, pint.Quantity):
            return False
        if type(self) is type(other) and self._units == other._units:
            return bool(self._magnitude == other._magnitude) or _key(self) == _key(other)
        try:
            return _key(self) == _key(adopt(other))
        except UnitError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash(_key(self))

    def __str__(self) -> str:
        name = symbol(self)
        number = plain(self._magnitude)
        return f"{number} {name}" if name != "1" else f"{number} 1"

    def __repr__(self) -> str:
        return f"Quantity({str(self)!r})"

    def __format__(self, spec: str) -> str:
        if not spec:
            return str(self)
        if spec[-1] in "fge":
            return f"{self._magnitude:{spec}} {symbol(self)}"
        return super().__format__(spec)


class _Registry(pint.UnitRegistry):
    Quantity = Quantity  # type: ignore[assignment]  # pint documents subclassing this way


@functools.cache
def registry() -> pint.UnitRegistry[Any]:
    """Return the one private registry; it is built when it is first needed."""
    return _Registry(definitions(), cache_folder=None, on_redefinition="raise")


@functools.cache
def _container(found: Unit) -> UnitsContainer:
    return UnitsContainer(dict(found.parts))


@functools.cache
def _unit_of(container: UnitsContainer) -> Unit | None:
    """Return the table's unit for pint's container, when the table has it."""
    return _by_parts().get(frozenset(container.items()))


@functools.cache
def _by_parts() -> dict[frozenset[tuple[str, Any]], Unit]:
    return {frozenset(found.parts): found for found in reversed(units())}


def _make(value: float, found: Unit) -> Quantity:
    # The short way round pint's constructor: same object, a tenth of the time.
    made = object.__new__(registry().Quantity)
    made.__dict__["_magnitude"] = value
    made.__dict__["_units"] = _container(found)
    return made  # type: ignore[return-value]  # the registry's own subclass of Quantity


def _rebuild(magnitude: float, units: tuple[tuple[str, Any], ...]) -> Quantity:
    return registry().Quantity(magnitude, UnitsContainer(dict(units)))  # type: ignore[return-value]


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise NotationError(f"{value} is not a number: leave a missing value out", given=value)
    return value


def make(value: float, symbol: str) -> Quantity:
    """Make a quantity from a finite float and a unit of the closed table.

    Parameters
    ----------
    value
        A number.
    symbol
        Any spelling of its unit.

    Examples
    --------
    >>> make(62.0, "kg")
    Quantity('62 kg')
    """
    return _make(_finite(value), unit(symbol))


def parse(text: str, example: str = "62 kg") -> Quantity:
    """Read a quantity from text; see `itp_carT.notation.read` for what is refused and why.

    Examples
    --------
    >>> parse("18 × 10^9/L")
    Quantity('18 10^9/L')
    """
    return _make(*read(text, example))


def adopt(given: pint.Quantity[Any]) -> Quantity:
    """Take over a quantity of any registry by the names of its units.

    Raises
    ------
    UnknownUnitError
        When the closed table knows neither the units nor their base units.
    """
    if isinstance(given, Quantity) and given._REGISTRY is registry():
        return given
    items: tuple[tuple[str, Any], ...] = tuple(given.unit_items())
    if not all(name in ATOMS for name, _ in items):
        given = given.to_base_units()
        items = tuple(given.unit_items())
    unknown = [name for name, _ in items if name not in ATOMS]
    if unknown:
        raise UnknownUnitError(
            f"{given} is in {unknown[0]}, which this library does not know: "
            'write it as text with a known unit, e.g. "62 kg"',
            given=str(given),
        )
    magnitude = given.magnitude
    if isinstance(magnitude, bool) or not hasattr(magnitude, "__float__"):
        raise NotationError(f"{given} is not one number", given=str(given))
    return _rebuild(_finite(float(magnitude)), items)


def _base(given: Quantity) -> float:
    found = _unit_of(given._units)
    if found is not None:
        return tidy(float(found.factor) * given._magnitude + float(found.offset))
    return tidy(float(given.to_base_units()._magnitude))


def _key(given: Quantity) -> tuple[float, Any]:
    return _base(given), given.dimensionality


def symbol(given: Quantity) -> str:
    """Return the symbol of a quantity's unit, e.g. ``mg/m^2``."""
    found = _unit_of(given._units)
    if found is not None:
        return found.symbol
    items: list[tuple[str, Any]] = list(given._units.items())
    above = [_power(name, e) for name, e in items if e > 0]
    below = [_power(name, -e) for name, e in items if e < 0]
    return ".".join(above or ["1"]) + "".join(f"/{part}" for part in below)


def _power(name: str, exponent: Any) -> str:
    short = ATOMS[name][0] if name in ATOMS else name
    return short if exponent == 1 else f"{short}^{exponent}"


def ucum(given: Quantity) -> str:
    """Return the UCUM code of a quantity's unit.

    Examples
    --------
    >>> ucum(Quantity("18 10^9/L"))
    '10*9/L'
    """
    found = _unit_of(given._units)
    if found is None:
        raise UnknownUnitError(f"{given} has no single UCUM code", given=str(given))
    return found.ucum


def value_in(given: Quantity, target: str) -> float:
    """Return the number of a quantity in a unit, by exact factors.

    Parameters
    ----------
    given
        Any quantity of the right kind.
    target
        A spelling of the unit wanted.

    Raises
    ------
    DimensionError
        When the quantity measures something else.

    Examples
    --------
    >>> value_in(Quantity("162 cm"), "m")
    1.62
    """
    wanted = unit(target)
    found = _unit_of(given._units)
    if found is not None:
        return convert(given._magnitude, found, wanted)
    if given.dimensionality != registry().get_dimensionality(_container(wanted)):
        raise DimensionError(
            f"{given} cannot be read as {wanted.symbol}: they measure different things",
            given=str(given),
            expected=wanted.symbol,
        )
    base = float(given.to_base_units()._magnitude)
    return tidy(float((Fraction(base) - wanted.offset) / wanted.factor))


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
    """Convert a measured field: text or any pint quantity becomes a `Quantity`."""
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
    """Convert a measured field that may be left out."""
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
                f'{value!r} has no unit: write e.g. "{self._example(value)}"',
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
        if number and math.isfinite(value):
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
    "parse",
    "registry",
    "symbol",
    "to_optional_quantity",
    "to_quantity",
    "ucum",
    "unit",
    "value_in",
]
