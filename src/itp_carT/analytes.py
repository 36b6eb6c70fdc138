"""What is measured: name, unit and codes of each analyte and vital sign.

LOINC codes are from LOINC (Regenstrief Institute); CDISC codes are SDTM controlled terminology.
A molar mass leads from mass to substance concentration, and is the only way from one to the other.
"""

from __future__ import annotations

import difflib
from fractions import Fraction
from typing import Any

import pint
from attrs import field, frozen

from .errors import DimensionError, UnitRequiredError, UnknownTermError
from .notation import Unit, convert, plain, tidy, unit
from .rules import Compare, Fact, Limit, Reference, as_limit
from .sources import Citation
from .units import Measured, Quantity, adopt, make, parse, symbol


@frozen(order=False, eq=False, repr=False)
class Analyte:
    """Something that is measured, with the unit it is reported in.

    Comparisons make conditions: ``HEMOGLOBIN < "80 g/L"``, ``ALT > 3 * ALT.uln``.

    Parameters
    ----------
    key
        Unique key, e.g. ``"platelets"``.
    label
        The field's name for it.
    unit
        Canonical unit.
    cdisc
        CDISC test code (LBTESTCD, VSTESTCD or EGTESTCD).
    loinc
        LOINC code for the canonical unit, when known.
    molar_mass
        Molar mass [g/mol], where mass and substance concentrations are both reported.
    molar_mass_source
        Where the molar mass is from.
    interchangeable
        Units that count the same thing for this analyte by convention, as ``(given, meant)``;
        enzymes are reported in IU/L and U/L alike, cells in cells/uL and /uL.
    names
        Other names by which it is found.
    may_be_negative
        Whether a value below zero can be true (a change, a base excess).

    Examples
    --------
    >>> from itp_carT.analytes import PLATELETS
    >>> from itp_carT.rules import text_of
    >>> text_of(PLATELETS < PLATELETS.lln)
    'platelets < LLN'
    """

    key: str
    label: str
    unit: str
    cdisc: str = ""
    loinc: str = ""
    molar_mass: float | None = None
    molar_mass_source: Citation | None = None
    interchangeable: tuple[tuple[str, str], ...] = ()
    names: tuple[str, ...] = field(default=(), kw_only=True)
    may_be_negative: bool = field(default=False, kw_only=True)

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
        return Fact(f"{self.key}: baseline high", f"{self.label} baseline above normal",
                    when_absent=False)  # fmt: skip

    @property
    def baseline_low(self) -> Fact:
        """Whether the baseline sample was below its own lower limit of normal."""
        return Fact(f"{self.key}: baseline low", f"{self.label} baseline below normal",
                    when_absent=False)  # fmt: skip

    def read(self, given: Measured | float) -> Quantity:
        """Read a value of this analyte, in any unit it is reported in.

        Raises
        ------
        UnitRequiredError
            A bare number, unless the analyte has no dimension.
        DimensionError
            A unit in which this is not measured.
        """
        if _dimensionless(self.unit) and not isinstance(given, pint.Quantity):
            given = _bare(given)
        example = f"{plain(given) if isinstance(given, (int, float)) else 18} {self.unit}"
        if isinstance(given, str):
            value = parse(given, example)
        elif isinstance(given, pint.Quantity):
            value = adopt(given)
        else:
            raise UnitRequiredError(f'{given!r} has no unit: write e.g. "{example}"', given=given)
        source = unit(symbol(value))
        for name, meant in self.interchangeable:
            if source.dimension == unit(name).dimension:
                value = make(convert(value.magnitude, source, unit(name)), meant)
                source = unit(meant)
        if not self.accepts(source):
            raise DimensionError(
                f"{value} is not a value of {self.label}: write e.g. "
                f'"{plain(value.magnitude)} {self.unit}"',
                field=self.key,
                given=str(value),
                expected=self.unit,
            )
        return value

    def accepts(self, source: Unit) -> bool:
        """Say whether the analyte is reported in a unit."""
        own = unit(self.unit).dimension
        if source.dimension == own:
            return True
        return self.molar_mass is not None and {source.dimension, own} == {_MASS, _SUBSTANCE}

    def number(self, given: Quantity, target: Unit) -> float:
        """Return a value's number in a unit, through the molar mass where that is needed."""
        source = unit(symbol(given))
        if source.dimension == target.dimension:
            return convert(given.magnitude, source, target)
        if self.molar_mass is None or {source.dimension, target.dimension} != {_MASS, _SUBSTANCE}:
            raise DimensionError(
                f"{given} of {self.label} cannot be read as {target.symbol}",
                field=self.key,
                given=str(given),
                expected=target.symbol,
            )
        # grams per liter over grams per mole are moles per liter
        if source.dimension == _MASS:
            moles = convert(given.magnitude, source, unit("g/L")) / self.molar_mass
            return tidy(convert(moles, unit("mol/L"), target))
        grams = convert(given.magnitude, source, unit("mol/L")) * self.molar_mass
        return tidy(convert(grams, unit("g/L"), target))

    def __reduce__(self) -> tuple[Any, ...]:
        return analyte, (self.key,)


_MASS, _SUBSTANCE = unit("g/L").dimension, unit("mol/L").dimension


def _dimensionless(name: str) -> bool:
    return not unit(name).dimension


def _bare(given: Any) -> Any:
    """Read a number of an analyte without dimension, such as INR or pH."""
    if isinstance(given, (int, float)) and not isinstance(given, bool):
        return make(float(given), "1")
    if isinstance(given, str):
        try:
            return parse(given)
        except UnitRequiredError:
            return parse(f"{given} 1")
    return given


def analytes() -> tuple[Analyte, ...]:
    """Return every analyte of the library, in the order of this module."""
    return tuple(value for value in globals().values() if isinstance(value, Analyte))


def analyte(name: str) -> Analyte:
    """Return an analyte by its key, label, CDISC code or another name, whatever the case.

    Raises
    ------
    UnknownTermError
        With the nearest names.

    Examples
    --------
    >>> analyte("PLAT")
    <Analyte platelets [10^9/L]>
    """
    wanted = name.strip().casefold()
    index = {
        word.casefold(): found
        for found in reversed(analytes())
        for word in (*found.names, found.loinc, found.cdisc, found.label, found.key)
        if word
    }
    if wanted in index:
        return index[wanted]
    nearest = tuple(difflib.get_close_matches(wanted, index, n=3, cutoff=0.5))
    advice = f": did you mean {' or '.join(nearest)}?" if nearest else ""
    raise UnknownTermError(f'"{name}" is not a known analyte{advice}', given=name, nearest=nearest)


# Cells are counted per volume; laboratories print them as 10^9/L and as cells/uL alike.
_CELLS = (("cell/uL", "/uL"),)
# Enzyme activities are printed in U/L and in IU/L alike; both mean micromoles per minute.
_ENZYME = (("[IU]/L", "U/L"),)

PLATELETS = Analyte("platelets", "platelets", "10^9/L", "PLAT", interchangeable=_CELLS)
HEMOGLOBIN = Analyte("hemoglobin", "hemoglobin", "g/L", "HGB")
