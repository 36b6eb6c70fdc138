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
from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Never, TypeAlias, cast

import pint
from pint.facets.nonmultiplicative.definitions import OffsetConverter
from pint.facets.plain import ScaleConverter, UnitDefinition
from pint.util import UnitsContainer

from .errors import (
    DimensionError,
    ItpCarTError,
    NotationError,
    UnitRequiredError,
    UnknownUnitError,
)
from .notation import (
    LARGEST,
    Unit,
    convert,
    equal,
    measure,
    plain,
    read,
    show,
    tidy,
    unit,
    unit_of,
)
from .unit_table import ATOMS, DIMENSIONS, OFFSETS

if TYPE_CHECKING:
    _PintQuantity: TypeAlias = pint.Quantity[float]
else:
    _PintQuantity = pint.UnitRegistry.Quantity


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
        """Make a quantity from text, from a quantity of any registry, or from number and unit."""
        if isinstance(value, pint.Quantity):
            return adopt(value) if units is None else adopt(value).to(units)
        if units is None:
            return parse(value)
        number = _finite(value)
        if isinstance(units, str):
            return _make(number, unit(units))
        return cast("Quantity", super().__new__(cast("Any", registry().Quantity), number, units))

    def __setattr__(self, name: str, value: Any) -> None:
        # pint fills each of its private attributes once; a second time would be a change
        if name in self.__dict__ or not name.startswith("_"):
            raise AttributeError(f"a Quantity cannot be changed: {name} is fixed")
        self.__dict__[name] = value

    def __delattr__(self, name: str) -> Never:
        raise AttributeError(f"a Quantity cannot be changed: {name} is fixed")

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
                f"{self} cannot be compared with {show(other)}: "
                f'write it with its unit, e.g. "{self}"',
                given=other,
            )
        theirs = adopt(other)
        if self.dimensionality != theirs.dimensionality:
            raise DimensionError(f"{self} and {theirs} measure different things", given=str(theirs))
        mine, yours = _base(self), _base(theirs)
        return op(0, 0) if equal(mine, yours) else op(mine, yours)

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
        try:
            return self.compare(other, operator.eq)
        except ItpCarTError:
            return False

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        # Numbers that are equal within a tolerance have no hash of their own in common.
        return hash(self.dimensionality)

    def __str__(self) -> str:
        return f"{plain(self._magnitude)} {symbol(self)}"

    def __repr__(self) -> str:
        # all digits, so that it pastes back exactly; a unit outside the table cannot be pasted
        number = plain(self._magnitude)
        exact = number if float(number) == self._magnitude else repr(self._magnitude)
        text = f"{exact} {symbol(self)}"
        return f"<Quantity {text}>" if _unit_of(self._units) is None else f"Quantity({text!r})"

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
    # From objects, not from pint's definition language, whose parser takes longer than a plan.
    built = _Registry(None, cache_folder=None, on_redefinition="raise")
    define = cast("Callable[[UnitDefinition], None]", built.define)
    for name, dimension in DIMENSIONS.items():
        base = UnitsContainer({f"[{dimension}]": 1})
        define(UnitDefinition(name, None, (), ScaleConverter(1.0), base))
    for name in ATOMS:
        if name in DIMENSIONS:
            continue
        factor, bases = measure(((name, 1),))
        converter = ScaleConverter(float(factor))
        if name in OFFSETS:
            converter = OffsetConverter(float(factor), float(OFFSETS[name]))
        define(UnitDefinition(name, None, (), converter, UnitsContainer(dict(bases))))
    return built


@functools.cache
def _container(found: Unit) -> UnitsContainer:
    return UnitsContainer(dict(found.parts))


@functools.cache
def _unit_of(container: UnitsContainer) -> Unit | None:
    """Return the table's unit for pint's container, when the table has it."""
    return unit_of(frozenset(container.items()))


def _make(value: float, found: Unit) -> Quantity:
    # The short way round pint's constructor: same object, a tenth of the time.
    made = object.__new__(registry().Quantity)
    attributes = made.__dict__
    attributes["_magnitude"] = value
    attributes["_units"] = _container(found)
    return made  # type: ignore[return-value]  # the registry's own subclass of Quantity


def _rebuild(magnitude: float, units: tuple[tuple[str, Any], ...]) -> Quantity:
    return registry().Quantity(magnitude, UnitsContainer(dict(units)))  # type: ignore[return-value]


def _finite(value: Any) -> float:
    """Return one finite number: no text, truth value, list, nan, or what overflows."""
    number = math.nan
    if not isinstance(value, (str, bytes, bool)):
        with suppress(TypeError, ValueError, OverflowError):
            number = float(value)
    if not -LARGEST <= number <= LARGEST:
        raise NotationError(
            f"{show(value)} is not a finite number: leave a missing value out", given=value
        )
    return number


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
    """Take over a quantity of any registry [any unit] by the names of its units.

    Raises
    ------
    UnknownUnitError
        When the closed table knows neither the units nor their base units.
    """
    if isinstance(given, Quantity) and given._REGISTRY is registry():
        return given
    items: tuple[tuple[str, Any], ...] = tuple(given.unit_items())
    if not all(name in ATOMS for name, _ in items):
        with suppress(pint.errors.PintError, TypeError, ValueError, ArithmeticError):
            given = given.to_base_units()
        items = tuple(given.unit_items())
    # a zero point of its own means nothing inside a compound unit such as degC/m
    unknown = [n for n, _ in items if n not in ATOMS or (n in OFFSETS and items != ((n, 1),))]
    if unknown:
        raise UnknownUnitError(
            f"{show(given)} is in {unknown[0]}, which this library does not know here: "
            'write it as text with a known unit, e.g. "62 kg"',
            given=show(given),
        )
    return _rebuild(_finite(given.magnitude), items)


def number_and_unit(given: pint.Quantity[Any]) -> tuple[float, Unit]:
    """Return the number of a quantity [any unit] of any registry, and its unit in the table.

    Raises
    ------
    UnknownUnitError
        When the table has no such unit.
    """
    own = adopt(given)
    return float(own._magnitude), _unit_of(own._units) or unit(symbol(own))


def _base(given: Quantity) -> float:
    found = _unit_of(given._units)
    if found is not None:
        return float(found.factor) * given._magnitude + float(found.offset)
    return float(given.to_base_units()._magnitude)


def symbol(given: Quantity) -> str:
    """Return the symbol of a quantity's unit [any], e.g. ``mg/m^2``."""
    found = _unit_of(given._units)
    if found is not None:
        return found.symbol
    items: list[tuple[str, Any]] = list(given._units.items())
    above = [_power(name, e) for name, e in items if e > 0]
    below = [_power(name, -e) for name, e in items if e < 0]
    return ".".join(above or ["1"]) + "".join(f"/{part}" for part in below)


def _power(name: str, exponent: Any) -> str:
    short = ATOMS[name][0] if name in ATOMS else name
    return short if exponent == 1 else f"{short}^{exponent:g}"


def ucum(given: Quantity) -> str:
    """Return the UCUM code of a quantity's unit [any of the closed table].

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
        Any quantity of the right kind [any unit of it].
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
    if not isinstance(given, Quantity):
        raise UnitRequiredError(f'{show(given)} has no unit: write e.g. "1 {target}"', given=given)
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
