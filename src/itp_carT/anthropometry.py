"""Body surface area of a subject, by a named formula, and all formulas compared.

The default formula is Mosteller's, a convention and not a measurement; no area is without the
name of its formula. Nothing is rounded here: rounding belongs to the dose.
"""

from __future__ import annotations

import warnings
from collections.abc import Iterator

from attrs import Factory, field, frozen

from .body_surface import (
    BOYD,
    BOYD_KG,
    DUBOIS,
    FORMULAS,
    FUJIMOTO,
    GEHAN_GEORGE,
    HAYCOCK,
    HU,
    HU_SEX,
    LIVINGSTON_LEE,
    MOSTELLER,
    SCHLICH,
    SHUTER_ASLANI,
    STEVENSON,
    TAKAHIRA,
    YU2003,
    YU2010,
    ZHAO,
    Equation,
    Formula,
    formula,
)
from .errors import AssumptionWarning, ImpossibleError, MissingFactError
from .rounding import fixed
from .subject import Subject, readable, required
from .units import Quantity, make, measured, value_in
from .working import Step, Working, given

_AREA = measured(
    "m^2",
    possible=("0.8 m^2", "3.5 m^2"),
    usual=("1.2 m^2", "2.5 m^2"),
    hint="check height and weight",
)


def _area(result: BodySurfaceArea) -> Quantity:
    area = result.formula.area(result.subject)
    low, high = _AREA.usual or (0.0, 0.0)
    if not low <= area <= high:
        _AREA.check("bsa", make(readable(area, _AREA), "m^2"), confirmed=True)
    return make(area, "m^2")


@frozen
class BodySurfaceArea:
    """A body surface area, unrounded, with the formula it was computed by; see `bsa`.

    Parameters
    ----------
    subject
        Whose it is.
    formula
        The formula, or its key.

    Attributes
    ----------
    value
        The area, unrounded [m²].

    Raises
    ------
    MissingFactError
        The formula needs a fact that the subject does not have.
    ImpossibleError
        The area is outside 0.8 to 3.5 m².
    """

    subject: Subject
    formula: Formula = field(kw_only=True, converter=formula)
    value: Quantity = field(
        init=False, repr=False, eq=False, default=Factory(_area, takes_self=True)
    )

    @property
    def equation(self) -> Equation:
        """The equation used: where the sexes have their own, that of the subject's sex."""
        return self.formula.for_sex(self.subject.sex)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know: an unverified formula, a size outside its people's."""
        used, notes = self.formula, []
        citation = self.equation.citation
        if not citation.verified:
            notes.append(f"the coefficients of {used.name} are unverified ({citation.short})")
        if used.weights is not None and self.subject.weight is not None:
            low, high = map(Quantity, used.weights)
            if not low <= self.subject.weight <= high:
                notes.append(
                    f"{self.subject.weight} is outside the weights {used.name} was derived from "
                    f"({used.weights[0]} to {used.weights[1]})"
                )
        return tuple(notes)

    @property
    def working(self) -> Working:
        """The inputs, and the formula with the numbers put in."""
        used, subject = self.equation, self.subject
        weight = value_in(required(subject.weight, "weight", by="body surface area"), "kg")
        height, steps = None, []
        if subject.height is not None and "height" in self.formula.needs:
            height = value_in(subject.height, "cm")
            steps.append(given("height H", subject.height, "cm"))
        steps.append(given("weight W", subject.weight, "kg"))
        if subject.sex is not None and "sex" in self.formula.needs:
            steps.append(Step("sex", "", "", subject.sex.label))
        steps.append(
            Step(
                "body surface area",
                used.symbols,
                used.substituted(height, weight),
                f"{fixed(self.value.magnitude, 4)} m^2",
                used.citation,
                "; ".join((f"{self.formula.name}, {self._units}", *self.notes)),
            )
        )
        return Working(tuple(steps))

    @property
    def _units(self) -> str:
        return "H in cm, W in kg" if "height" in self.formula.needs else "W in kg"

    def __str__(self) -> str:
        return f"{fixed(self.value.magnitude, 4)} m^2 ({self.formula.name})"


def bsa(subject: Subject, *, formula: Formula | str = MOSTELLER) -> BodySurfaceArea:
    """Body surface area of a subject, unrounded: rounding belongs to the dose.

    Parameters
    ----------
    subject
        Needs actual weight [kg], height [cm] unless the formula does without, and sex where the
        formula differs by sex.
    formula
        One of `FORMULAS`, or its key.

    Returns
    -------
    Body surface area [m²] with its formula and working.

    Raises
    ------
    MissingFactError
        The formula needs a fact that the subject does not have.
    ImpossibleError
        The area is outside 0.8 to 3.5 m².
    UnknownTermError
        There is no such formula.

    Warns
    -----
    UnusualValueWarning
        The area is outside 1.2 to 2.5 m² and not confirmed by ``confirmed=("bsa",)``.
    AssumptionWarning
        The formula is unverified, or the weight outside those it was derived from.

    Examples
    --------
    >>> ana = Subject(sex="F", height="162 cm", weight="60 kg")
    >>> print(bsa(ana))
    1.6432 m^2 (Mosteller)
    >>> print(bsa(ana, formula=DUBOIS).working)
    height H = 162 cm
    weight W = 60 kg
    body surface area = 0.007184 × H^0.725 × W^0.425 = 0.007184 × 162^0.725 × 60^0.425
    = 1.6367 m^2; Du Bois, H in cm, W in kg  [Du Bois and Du Bois 1916, equation]
    """
    result = BodySurfaceArea(subject, formula=formula)
    area = result.value.magnitude
    low, high = _AREA.usual or (0.0, 0.0)
    if not low <= area <= high:
        shown = make(readable(area, _AREA), "m^2")
        _AREA.check("bsa", shown, confirmed="bsa" in subject.confirmed)
    for note in result.notes:
        warnings.warn(f"{note}: check it", AssumptionWarning, stacklevel=2)
    return result


@frozen
class BsaComparison:
    """The area of one subject by every applicable formula; see `compare_bsa`.

    Parameters
    ----------
    reference
        The area by Mosteller's formula, which differences are from.
    areas
        Every area, smallest first.
    left_out
        Formulas that could not be used, each with the reason.
    """

    reference: BodySurfaceArea
    areas: tuple[BodySurfaceArea, ...]
    left_out: tuple[tuple[Formula, str], ...] = ()

    def __iter__(self) -> Iterator[BodySurfaceArea]:
        return iter(self.areas)

    def __len__(self) -> int:
        return len(self.areas)

    def difference(self, area: BodySurfaceArea) -> Quantity:
        """Return the difference of an area from the reference [%]."""
        return make(100 * (area.value.magnitude / self.reference.value.magnitude - 1), "%")

    def __str__(self) -> str:
        name = max(len(area.formula.name) for area in self.areas)
        lines = [
            f"{area.formula.name:{name}}  {fixed(area.value.magnitude, 4)} m^2"
            f"  {fixed(self.difference(area).magnitude, 1, signed=True):>6} %"
            + "".join(f"  {note}" for note in area.notes)
            for area in self.areas
        ]
        lines += [f"{unused.name:{name}}  left out: {reason}" for unused, reason in self.left_out]
        return "\n".join(lines)


def compare_bsa(subject: Subject) -> BsaComparison:
    """Body surface area by every formula, smallest first, with the difference from Mosteller.

    Parameters
    ----------
    subject
        Needs height [cm] and actual weight [kg]; without sex, the formulas that need it are
        listed as left out.

    Raises
    ------
    MissingFactError, ImpossibleError
        As `bsa` does for Mosteller's formula.

    Examples
    --------
    >>> compared = compare_bsa(Subject(height="162 cm", weight="60 kg"))
    >>> print(compared.areas[0], compared.difference(compared.areas[0]).magnitude < 0)
    1.5700 m^2 (Yu 2003) True
    >>> [unused.key for unused, _ in compared.left_out]
    ['schlich', 'hu_sex', 'zhao']
    """
    reference = BodySurfaceArea(subject, formula=MOSTELLER)
    areas, left_out = [], []
    for known in FORMULAS.values():
        try:
            areas.append(BodySurfaceArea(subject, formula=known))
        except (MissingFactError, ImpossibleError) as error:
            missing = isinstance(error, MissingFactError)
            left_out.append((known, f"needs {error.field}" if missing else error.message))
    areas.sort(key=lambda area: area.value.magnitude)
    return BsaComparison(reference, tuple(areas), tuple(left_out))


__all__ = [
    "BOYD",
    "BOYD_KG",
    "DUBOIS",
    "FORMULAS",
    "FUJIMOTO",
    "GEHAN_GEORGE",
    "HAYCOCK",
    "HU",
    "HU_SEX",
    "LIVINGSTON_LEE",
    "MOSTELLER",
    "SCHLICH",
    "SHUTER_ASLANI",
    "STEVENSON",
    "TAKAHIRA",
    "YU2003",
    "YU2010",
    "ZHAO",
    "BodySurfaceArea",
    "BsaComparison",
    "Formula",
    "bsa",
    "compare_bsa",
    "formula",
]
