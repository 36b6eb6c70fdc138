"""Body mass index, and the weights a dose may be computed with: actual, ideal, adjusted, lean.

A dosing weight always says which descriptor it is. The actual weight is the rule for cytotoxic
drugs and for cells; any other one is used only where it was asked for by name.
"""

from __future__ import annotations

import warnings
from enum import Enum

from attrs import Factory, field, frozen

from .errors import AssumptionWarning, MissingFactError, UnknownTermError
from .notation import plain, show
from .rounding import fixed
from .sources import (
    ADMIRAL,
    DEVINE_1974,
    EBMT_OBESITY_SURVEY,
    GLOBALRPH_CRCL,
    JANMAHASATIAN_2005,
    WHO_BMI,
    WST_428_2013,
    Citation,
)
from .subject import Sex, Subject, required
from .units import Quantity, equal, make, measured, value_in
from .working import Step, Working, given

# Lowest body mass index [kg/m²] of each class. Printed upper ends such as 23.9 belong to values
# printed with one decimal: a class ends where the next one begins.
CHINA_CLASSES = (("obesity", 28.0), ("overweight", 24.0), ("normal", 18.5), ("underweight", 0.0))
CHINA_CITATION = WST_428_2013.at("adult classes")
WHO_CLASSES = (
    *(("obesity class III", 40.0), ("obesity class II", 35.0), ("obesity class I", 30.0)),
    *(("overweight", 25.0), ("normal", 18.5), ("underweight", 0.0)),
)
WHO_CITATION = WHO_BMI.at("adult classes")
BMI_CITATION = ADMIRAL.at("compute_bmi")


def _class(index: float, classes: tuple[tuple[str, float], ...]) -> str:
    return next(name for name, low in classes if index > low or equal(index, low))


def _index(result: BodyMassIndex) -> Quantity:
    height, weight = _size(result.subject, "body mass index")
    return make(weight / (height / 100) ** 2, "kg/m^2")


def _size(subject: Subject, by: str) -> tuple[float, float]:
    height = value_in(required(subject.height, "height", by=by), "cm")
    return height, value_in(required(subject.weight, "weight", by=by), "kg")


@frozen
class BodyMassIndex:
    """A body mass index with its classes; see `bmi`.

    Parameters
    ----------
    subject
        Whose it is.

    Attributes
    ----------
    value
        Weight over height squared, unrounded [kg/m²].

    Raises
    ------
    MissingFactError
        Height or weight is not known.
    """

    subject: Subject
    value: Quantity = field(
        init=False, repr=False, eq=False, default=Factory(_index, takes_self=True)
    )

    @property
    def china(self) -> str:
        """The class by the Chinese standard WS/T 428-2013."""
        return _class(self.value.magnitude, CHINA_CLASSES)

    @property
    def who(self) -> str:
        """The class by the World Health Organization (limits unverified)."""
        return _class(self.value.magnitude, WHO_CLASSES)

    @property
    def working(self) -> Working:
        """The inputs, the formula with the numbers put in, and both classes."""
        height, weight = _size(self.subject, "body mass index")
        return Working(
            (
                given("height H", self.subject.height, "cm"),
                given("weight W", self.subject.weight, "kg"),
                Step(
                    "body mass index",
                    "W / (H / 100)^2",
                    f"{plain(weight)} / ({plain(height)} / 100)^2",
                    f"{fixed(self.value.magnitude, 2)} kg/m^2",
                    BMI_CITATION,
                ),
                Step("class, China", "", "", self.china, CHINA_CITATION),
                Step("class, WHO", "", "", self.who, WHO_CITATION),
            )
        )

    def __str__(self) -> str:
        return f"{fixed(self.value.magnitude, 2)} kg/m^2 ({self.china} by {CHINA_CITATION.short})"


def bmi(subject: Subject) -> BodyMassIndex:
    """Body mass index of a subject, unrounded, with its classes.

    Parameters
    ----------
    subject
        Needs height [cm] and actual weight [kg].

    Raises
    ------
    MissingFactError
        Height or weight is not known.

    Examples
    --------
    >>> index = bmi(Subject(height="165 cm", weight="71 kg"))
    >>> f"{index.value:.2f}", index.china, index.who
    ('26.08 kg/m^2', 'overweight', 'overweight')
    """
    return BodyMassIndex(subject)


class WeightDescriptor(Enum):
    """Which weight a dosing weight is.

    Examples
    --------
    >>> WeightDescriptor.of("adjusted_40").label
    'adjusted weight, 40 %'
    """

    ACTUAL = "actual"
    IDEAL = "ideal"
    ADJUSTED_25 = "adjusted_25"
    ADJUSTED_40 = "adjusted_40"
    LEAN = "lean"

    @property
    def label(self) -> str:
        """The words for it."""
        return _LABELS[self]

    @classmethod
    def of(cls, given: WeightDescriptor | str) -> WeightDescriptor:
        """Read a descriptor.

        Raises
        ------
        UnknownTermError
            There is no such descriptor.
        """
        for known in cls:
            if given is known or given in (known.value, known.label):
                return known
        names = tuple(known.value for known in cls)
        raise UnknownTermError(
            f"{show(given)} is not a weight descriptor: write {', '.join(names)}",
            field="weight",
            given=given,
            nearest=names,
        )

    def __repr__(self) -> str:
        return f"WeightDescriptor.{self.name}"


_LABELS = {
    WeightDescriptor.ACTUAL: "actual weight",
    WeightDescriptor.IDEAL: "ideal weight (Devine)",
    WeightDescriptor.ADJUSTED_25: "adjusted weight, 25 %",
    WeightDescriptor.ADJUSTED_40: "adjusted weight, 40 %",
    WeightDescriptor.LEAN: "lean body weight (Janmahasatian)",
}
DEVINE_CITATION = DEVINE_1974.at("ideal weight, as quoted by GlobalRPh")
_DEVINE = {Sex.FEMALE: 45.5, Sex.MALE: 50.0}  # kg at 60 in
LEAN_CITATION = JANMAHASATIAN_2005.at("equation")
_LEAN = {Sex.FEMALE: (8780, 244), Sex.MALE: (6680, 216)}
_SHARES: dict[WeightDescriptor, tuple[float, Citation]] = {
    WeightDescriptor.ADJUSTED_25: (0.25, EBMT_OBESITY_SURVEY.at("ideal weight + 25 %")),
    WeightDescriptor.ADJUSTED_40: (0.4, GLOBALRPH_CRCL.at("adjusted body weight")),
}
_INCH = 2.54
_WEIGHT = measured("kg", possible=("25 kg", "300 kg"), hint="check height and sex")
_BELOW_60 = ("clamp", "extrapolate")


def _ideal(subject: Subject, below_60_in: str | None) -> float:
    height = value_in(required(subject.height, "height", by="the ideal weight"), "cm")
    at_60_in = _DEVINE[required(subject.sex, "sex", by="the ideal weight")]
    if not _is_below_60_in(height):
        return at_60_in + 2.3 * (height / _INCH - 60)
    if below_60_in is None:
        raise MissingFactError(
            f"{subject.height} is below 60 in, where Devine's formula is read in two ways: "
            f'write below_60_in="clamp" ({plain(at_60_in)} kg) or "extrapolate" (less)',
            field="below_60_in",
            given=str(subject.height),
        )
    return at_60_in if below_60_in == "clamp" else at_60_in + 2.3 * (height / _INCH - 60)


def _is_below_60_in(height: float) -> bool:
    return height < 60 * _INCH and not equal(height, 60 * _INCH)


def _dosing_weight(result: DosingWeight) -> Quantity:
    subject, descriptor = result.subject, result.descriptor
    actual = required(subject.weight, "weight", by=descriptor.label) if result.uses_weight else None
    if descriptor is WeightDescriptor.ACTUAL and actual is not None:
        return actual
    if descriptor is WeightDescriptor.LEAN:
        a, b = _LEAN[required(subject.sex, "sex", by=descriptor.label)]
        height, weight = _size(subject, descriptor.label)
        return make(9270 * weight / (a + b * weight / (height / 100) ** 2), "kg")
    number = _ideal(subject, result.below_60_in)
    if actual is not None:
        number += _SHARES[descriptor][0] * (value_in(actual, "kg") - number)
    made = make(number, "kg")
    _WEIGHT.check(descriptor.value, made)
    return made


def _to_descriptor(given: WeightDescriptor | str) -> WeightDescriptor:
    return WeightDescriptor.of(given)


def _to_below_60(given: str | None) -> str | None:
    if given is None or given in _BELOW_60:
        return given
    raise UnknownTermError(
        f'{show(given)} is not a reading: write "clamp" or "extrapolate"',
        field="below_60_in",
        given=given,
        nearest=_BELOW_60,
    )


@frozen
class DosingWeight:
    """The weight a dose is computed with, and which descriptor it is; see `dosing_weight`.

    Parameters
    ----------
    subject
        Whose it is.
    descriptor
        Which weight it is.
    below_60_in
        How the ideal weight is read for a height below 60 in: ``"clamp"`` to its value at 60 in
        or ``"extrapolate"`` the line. Needed only there; the formula does not say.

    Attributes
    ----------
    value
        The weight, unrounded [kg].

    Raises
    ------
    MissingFactError
        A fact is not known that the descriptor needs.
    ImpossibleError
        The ideal or adjusted weight is outside 25 to 300 kg.
    """

    subject: Subject
    descriptor: WeightDescriptor = field(converter=_to_descriptor)
    below_60_in: str | None = field(default=None, kw_only=True, converter=_to_below_60)
    value: Quantity = field(
        init=False, repr=False, eq=False, default=Factory(_dosing_weight, takes_self=True)
    )

    @property
    def uses_weight(self) -> bool:
        """Whether the actual weight enters; the ideal weight does without."""
        return self.descriptor is not WeightDescriptor.IDEAL

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know: a reading chosen, an adjustment that goes upwards."""
        notes = []
        ideal_enters = self.descriptor in (WeightDescriptor.IDEAL, *_SHARES)
        height = self.subject.height
        if ideal_enters and height is not None and _is_below_60_in(value_in(height, "cm")):
            read = "its value at 60 in" if self.below_60_in == "clamp" else "extrapolated"
            notes.append(f"the ideal weight below 60 in is read as {read}")
        weight = self.subject.weight
        if self.descriptor in _SHARES and weight is not None and weight < self.value:
            notes.append("the actual weight is below the ideal one: adjusting raises it")
        return tuple(notes)

    @property
    def working(self) -> Working:
        """The inputs, and each formula with the numbers put in."""
        if self.descriptor is WeightDescriptor.ACTUAL:
            return Working((given("actual weight W", self.subject.weight, "kg"),))
        steps = [given("height H", self.subject.height, "cm")]
        if self.uses_weight:
            steps.append(given("actual weight W", self.subject.weight, "kg"))
        sex = required(self.subject.sex, "sex", by=self.descriptor.label)
        steps.append(Step("sex", "", "", sex.label))
        if self.descriptor is WeightDescriptor.LEAN:
            return Working((*steps, *self._lean_steps(sex)))
        return Working((*steps, *self._ideal_steps(sex)))

    def _lean_steps(self, sex: Sex) -> tuple[Step, ...]:
        a, b = _LEAN[sex]
        index = bmi(self.subject)
        _, weight = _size(self.subject, self.descriptor.label)
        shown = f"{fixed(index.value.magnitude, 4)}"
        lean = Step(
            self.descriptor.label,
            f"9270 × W / ({a} + {b} × BMI)",
            f"9270 × {plain(weight)} / ({a} + {b} × {shown})",
            f"{fixed(self.value.magnitude, 4)} kg",
            LEAN_CITATION,
        )
        return index.working[2], lean

    def _ideal_steps(self, sex: Sex) -> tuple[Step, ...]:
        height = value_in(required(self.subject.height, "height", by=self.descriptor.label), "cm")
        ideal = _ideal(self.subject, self.below_60_in)
        base = plain(_DEVINE[sex])
        clamped = self.below_60_in == "clamp" and _is_below_60_in(height)
        notes = "; ".join(self.notes)
        first = Step(
            _LABELS[WeightDescriptor.IDEAL],
            f"{base} + 2.3 × (H / 2.54 - 60)",
            base if clamped else f"{base} + 2.3 × ({plain(height)} / 2.54 - 60)",
            f"{fixed(ideal, 4)} kg",
            DEVINE_CITATION,
            notes if self.descriptor is WeightDescriptor.IDEAL else "",
        )
        if self.descriptor is WeightDescriptor.IDEAL:
            return (first,)
        share, citation = _SHARES[self.descriptor]
        weight = value_in(required(self.subject.weight, "weight", by=self.descriptor.label), "kg")
        second = Step(
            self.descriptor.label,
            f"ideal + {share} × (W - ideal)",
            f"{fixed(ideal, 4)} + {share} × ({plain(weight)} - {fixed(ideal, 4)})",
            f"{fixed(self.value.magnitude, 4)} kg",
            citation,
            notes,
        )
        return first, second

    def __str__(self) -> str:
        if self.descriptor is WeightDescriptor.ACTUAL:
            return f"{self.value} ({self.descriptor.label})"
        return f"{fixed(self.value.magnitude, 4)} kg ({self.descriptor.label})"


def dosing_weight(
    subject: Subject, descriptor: WeightDescriptor | str, *, below_60_in: str | None = None
) -> DosingWeight:
    """Find the weight that a named descriptor gives for a subject, unrounded.

    Parameters
    ----------
    subject
        Needs actual weight [kg], except for the ideal one; height [cm] and sex for all but the
        actual one.
    descriptor
        ``"actual"``, ``"ideal"``, ``"adjusted_25"``, ``"adjusted_40"`` or ``"lean"``.
    below_60_in
        How the ideal weight is read for a height below 60 in: ``"clamp"`` or ``"extrapolate"``.

    Raises
    ------
    MissingFactError
        A fact is not known that the descriptor needs, or a height below 60 in has no reading.
    ImpossibleError
        The ideal or adjusted weight is outside 25 to 300 kg.
    UnknownTermError
        There is no such descriptor.

    Warns
    -----
    AssumptionWarning
        The ideal weight was read below 60 in, or the adjusted one lies above the actual one.

    Examples
    --------
    >>> ana = Subject(sex="F", height="165 cm", weight="95 kg")
    >>> print(dosing_weight(ana, "adjusted_40"))
    72.1457 kg (adjusted weight, 40 %)
    """
    result = DosingWeight(subject, descriptor, below_60_in=below_60_in)
    for note in result.notes:
        warnings.warn(f"{note}: check it", AssumptionWarning, stacklevel=2)
    return result
