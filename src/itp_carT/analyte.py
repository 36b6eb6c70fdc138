"""What an analyte is: a measured thing with its unit and codes, compared to make conditions.

The analytes themselves stand in `itp_carT.analytes`. A molar mass leads from mass to substance
concentration, and is the only way from one to the other.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

import pint
from attrs import Factory, field, frozen

from .errors import DimensionError, UnitRequiredError
from .notation import Unit, convert, plain, read, tidy, unit
from .rules import Compare, Fact, Limit, Reference, as_limit
from .sources import Citation
from .units import Measured, Quantity, make, number_and_unit


def _derived(make_it: Callable[[Any], Any]) -> Any:
    """Declare a field that follows from the others and does not count for equality."""
    return field(default=Factory(make_it, takes_self=True), init=False, eq=False)


@frozen(order=False, repr=False)
class Analyte:
    """Something that is measured, with the unit it is reported in.

    Comparisons make conditions: ``HEMOGLOBIN < "80 g/L"``, ``ALT > 3 * ALT.uln``. Two analytes
    are equal when they have the same key.

    Parameters
    ----------
    key
        Unique key, e.g. ``"platelets"``.
    label
        The field's name for it.
    unit
        Canonical unit.
    cdisc
        CDISC test code (LBTESTCD, VSTESTCD, EGTESTCD or RETESTCD).
    loinc
        LOINC code for the canonical unit, when known.
    molar_mass
        Molar mass [g/mol], where mass and substance concentrations are both reported and compared
        with each other.
    molar_mass_source
        Where the molar mass is from.
    also
        Further units of another kind in which it is reported; without a molar mass these never
        mix with the canonical unit.
    interchangeable
        Units that count the same thing for this analyte by convention, as ``(given, meant)``;
        enzymes are reported in IU/L and U/L alike, cells in cells/uL and /uL.
    names
        Other names by which it is found.
    loincs
        LOINC codes for other units or methods, as ``(unit or method, code)``.
    verified
        The fields whose codes were seen in an opened source; the others are unverified.
    may_be_negative
        Whether a value below zero can be true (a change, a base excess).
    high, low, sample
        Keys of the facts that the baseline sample was above, or below, its own range, and that
        the sample judged is itself the baseline sample.

    Examples
    --------
    >>> from itp_carT.analytes import PLATELETS
    >>> from itp_carT.rules import text_of
    >>> text_of(PLATELETS < PLATELETS.lln)
    'platelets < LLN'
    """

    key: str
    label: str = field(eq=False)
    unit: str = field(eq=False)
    cdisc: str = field(default="", eq=False)
    loinc: str = field(default="", eq=False)
    molar_mass: float | None = field(default=None, eq=False, kw_only=True)
    molar_mass_source: Citation | None = field(default=None, eq=False, kw_only=True)
    also: tuple[str, ...] = field(default=(), eq=False, kw_only=True)
    interchangeable: tuple[tuple[str, str], ...] = field(default=(), eq=False, kw_only=True)
    names: tuple[str, ...] = field(default=(), eq=False, kw_only=True)
    loincs: tuple[tuple[str, str], ...] = field(default=(), eq=False, kw_only=True)
    verified: tuple[str, ...] = field(default=(), eq=False, kw_only=True)
    may_be_negative: bool = field(default=False, eq=False, kw_only=True)
    high: str = _derived(lambda self: f"{self.key}: baseline high")
    low: str = _derived(lambda self: f"{self.key}: baseline low")
    sample: str = _derived(lambda self: f"{self.key}: baseline sample")
    _bare: bool = _derived(lambda self: not unit(self.unit).dimension)
    _spelled: str = _derived(lambda self: f"18 {self.unit}")
    # unit as reported -> unit as meant, None where the analyte is not reported so; filled on use
    _meant: dict[Unit, Unit | None] = _derived(lambda self: {})  # noqa: ARG005

    def __repr__(self) -> str:
        return f"<Analyte {self.key} [{self.unit}]>"

    def __lt__(self, limit: Measured | float | Limit) -> Compare:
        return Compare(self, "<", as_limit(limit))  # type: ignore[arg-type]

    def __le__(self, limit: Measured | float | Limit) -> Compare:
        return Compare(self, "<=", as_limit(limit))  # type: ignore[arg-type]

    def __gt__(self, limit: Measured | float | Limit) -> Compare:
        return Compare(self, ">", as_limit(limit))  # type: ignore[arg-type]

    def __ge__(self, limit: Measured | float | Limit) -> Compare:
        return Compare(self, ">=", as_limit(limit))  # type: ignore[arg-type]

    @property
    def lln(self) -> Limit:
        """The performing laboratory's lower limit of normal for the sample."""
        return Limit((), Fraction(1), Reference.LLN, self)

    @property
    def uln(self) -> Limit:
        """The performing laboratory's upper limit of normal for the sample."""
        return Limit((), Fraction(1), Reference.ULN, self)

    @property
    def baseline(self) -> Limit:
        """The patient's own baseline value."""
        return Limit((), Fraction(1), Reference.BASELINE, self)

    @property
    def baseline_high(self) -> Fact:
        """Whether the baseline sample was above its own upper limit of normal."""
        return Fact(self.high, f"{self.label} baseline above normal", when_absent=False)

    @property
    def baseline_low(self) -> Fact:
        """Whether the baseline sample was below its own lower limit of normal."""
        return Fact(self.low, f"{self.label} baseline below normal", when_absent=False)

    @property
    def baseline_sample(self) -> Fact:
        """Whether the sample that is judged is itself the baseline sample."""
        return Fact(self.sample, f"{self.label} baseline sample itself", when_absent=False)

    def read(self, given: Measured | float) -> Quantity:
        """Read a value of this analyte [any unit it is reported in].

        Raises
        ------
        UnitRequiredError
            A bare number, unless the analyte has no dimension.
        DimensionError
            A unit in which this is not measured.
        """
        number, source = self.read_number(given)
        return make(number, source.symbol)

    def read_number(self, given: Measured | float) -> tuple[float, Unit]:
        """Read a value [any unit it is reported in] as its number and unit; see `read`."""
        if isinstance(given, str):
            number, source = self._read_text(given) if self._bare else read(given, self._spelled)
            if self._meant.get(source) is source:
                return number, source
        elif isinstance(given, pint.Quantity):
            number, source = number_and_unit(given)
        elif self._bare and not isinstance(given, bool):
            number, source = read(f"{given!r} 1")
        else:
            raise UnitRequiredError(
                f'{given!r} has no unit: write e.g. "{self._example(given)}"', given=given
            )
        meant = self._meant.get(source)
        if meant is None:
            meant = self._learn(source)
        if meant is source:
            return number, source
        if meant is None:
            raise DimensionError(
                f"{plain(number)} {source.symbol} is not a value of {self.label}: write e.g. "
                f'"{self._example(number)}"',
                field=self.key,
                given=f"{plain(number)} {source.symbol}",
                expected=self.unit,
            )
        for name, count in self.interchangeable:
            if unit(count) is meant:
                return convert(number, source, unit(name)), meant
        raise AssertionError  # pragma: no cover - meant is one of the units named there

    def _read_text(self, given: str) -> tuple[float, Unit]:
        try:
            return read(given, self._spelled)
        except UnitRequiredError:
            return read(f"{given} 1", self._spelled)

    def _example(self, given: Any) -> str:
        number = isinstance(given, int | float) and not isinstance(given, bool)
        return f"{plain(given) if number else 18} {self.unit}"

    def _learn(self, source: Unit) -> Unit | None:
        """Find what a unit means for this analyte, and keep it."""
        meant: Unit | None = source
        for name, counted in self.interchangeable:
            if source.dimension == unit(name).dimension:
                meant = unit(counted)
        if not self.accepts(meant or source):
            meant = None
        self._meant[source] = meant
        return meant

    def accepts(self, source: Unit) -> bool:
        """Say whether the analyte is reported in a unit."""
        if source is not unit(self.unit) is _ONE:
            return False  # "70 %" beside an INR is a prothrombin activity, not an INR of 0.7
        own = unit(self.unit).dimension
        if source.dimension == own or source.dimension in {unit(u).dimension for u in self.also}:
            return True
        return self.molar_mass is not None and {source.dimension, own} == {_MASS, _SUBSTANCE}

    def number(self, given: Quantity, target: Unit) -> float:
        """Return a value's number in a unit [``target``], through the molar mass where needed."""
        return self.number_in(*number_and_unit(given), target)

    def number_in(self, value: float, source: Unit, target: Unit) -> float:
        """Return a number in another unit, through the molar mass where that is needed."""
        if source.dimension == target.dimension:
            return convert(value, source, target)
        if self.molar_mass is None or {source.dimension, target.dimension} != {_MASS, _SUBSTANCE}:
            raise DimensionError(
                f"{plain(value)} {source.symbol} of {self.label} cannot be read as "
                f"{target.symbol}: give value, limits and baseline in units of one kind",
                field=self.key,
                given=f"{plain(value)} {source.symbol}",
                expected=target.symbol,
            )
        # grams per liter over grams per mole are moles per liter
        if source.dimension == _MASS:
            moles = convert(value, source, unit("g/L")) / self.molar_mass
            return tidy(convert(moles, unit("mol/L"), target))
        grams = convert(value, source, unit("mol/L")) * self.molar_mass
        return tidy(convert(grams, unit("g/L"), target))


_ONE = unit("1")
_MASS, _SUBSTANCE = unit("g/L").dimension, unit("mol/L").dimension
