"""The person a calculation is about: sex, age, height and actual weight, each checked on entry.

Ranges are those of the project's notes on plausible adults: outside the wide one a value is
refused, outside the narrow one it is accepted with a warning. Every refusal names the likely
cause (pounds for kilograms, height and weight swapped). Nothing here computes a dose.
"""

from __future__ import annotations

import datetime as dt
import difflib
import warnings
from enum import Enum
from typing import Any, TypeVar

from attrs import field, frozen

from .days import calendar_date
from .errors import (
    DimensionError,
    ImpossibleError,
    MissingFactError,
    NotationError,
    UnknownTermError,
    UnusualValueWarning,
)
from .notation import plain, show
from .rounding import fixed
from .units import Quantity, make, measured, symbol, to_optional_quantity, value_in

T = TypeVar("T")

_POUND = 0.45359237  # kg, exact
_OLDEST = 120  # years; nobody older takes part in anything
_ADULT = 18


class Sex(Enum):
    """Sex as CDISC codes it (codelist SEX); where a formula differs by sex, it must be known.

    Examples
    --------
    >>> Sex.of("female"), Sex.of("M").label
    (Sex.FEMALE, 'male')
    """

    FEMALE = "F"
    MALE = "M"

    @property
    def label(self) -> str:
        """The word for it."""
        return self.name.lower()

    @property
    def cdisc(self) -> str:
        """The CDISC code, F or M."""
        return self.value

    @classmethod
    def of(cls, given: Sex | str) -> Sex:
        """Read F, M, female or male, in any case.

        Raises
        ------
        UnknownTermError
            For anything else; a sex that is not known is left out.
        """
        if isinstance(given, Sex):
            return given
        word: Any = given
        text = word.strip().lower() if isinstance(word, str) else ""
        for sex in cls:
            if text in (sex.value.lower(), sex.label):
                return sex
        raise UnknownTermError(
            f'{show(given)} is not a sex: write "F" or "M", or leave it out',
            field="sex",
            given=given,
            nearest=("F", "M"),
        )

    def __repr__(self) -> str:
        return f"Sex.{self.name}"


def required(value: T | None, field: str, *, by: str) -> T:
    """Return a fact that a calculation needs.

    Parameters
    ----------
    value
        The fact, or None when it was not given.
    field
        Its name.
    by
        What needs it, for the message.

    Raises
    ------
    MissingFactError
        When it was not given.

    Examples
    --------
    >>> required(None, "weight", by="the cell dose")
    Traceback (most recent call last):
    itp_carT.errors.MissingFactError: weight: the cell dose needs it: write e.g. weight="60 kg"
    """
    if value is None:
        raise MissingFactError(
            f"{by} needs it: write e.g. {field}={_EXAMPLES[field]}", field=field, needed_by=by
        )
    return value


_EXAMPLES = {
    "height": '"162 cm"',
    "weight": '"60 kg"',
    "sex": '"F" or "M"',
    "age": '41, or born="1984-05-02"',
    "on": '"2026-03-09"',
}
_RANGES = {
    "height": ("cm", ("100 cm", "250 cm"), ("140 cm", "200 cm")),
    "weight": ("kg", ("25 kg", "300 kg"), ("35 kg", "150 kg")),
    "bmi": ("kg/m^2", ("10 kg/m^2", "80 kg/m^2"), ("14 kg/m^2", "45 kg/m^2")),
}
_CHECKS = {
    name: measured(unit, possible=possible, usual=usual)
    for name, (unit, possible, usual) in _RANGES.items()
}
#: What ``confirmed`` may name.
CONFIRMABLE = ("age", "bmi", "bsa", "creatinine", "height", "weight")


def _to_sex(given: Sex | str | None) -> Sex | None:
    return None if given is None else Sex.of(given)


def _to_born(given: dt.date | str | None) -> dt.date | None:
    return None if given is None else calendar_date(given, "born")


def _to_names(given: tuple[str, ...] | list[str] | str) -> tuple[str, ...]:
    names = tuple(given) if isinstance(given, (tuple, list)) else (given,)
    for name in names:
        if name not in CONFIRMABLE:
            raise UnknownTermError(
                f"{show(name)} cannot be confirmed: choose from {', '.join(CONFIRMABLE)}",
                field="confirmed",
                given=name,
                nearest=tuple(difflib.get_close_matches(show(name), CONFIRMABLE)),
            )
    return tuple(sorted(set(names)))


@frozen(kw_only=True)
class Subject:
    """A person, with what is known; what is not known is left out and never assumed.

    Parameters
    ----------
    id
        Subject identifier, as text.
    sex
        ``"F"`` or ``"M"``; needed only by what differs by sex.
    born
        Date of birth. Give it or `age`, not both.
    age
        Completed years, a count.
    height
        Standing height [cm]; needed only by what uses it.
    weight
        Actual body weight, measured [kg]; needed only by what uses it.
    confirmed
        Names of unusual values that were checked against the chart, e.g. ``("weight", "bmi")``:
        they no longer warn.

    Raises
    ------
    UnitError, NotationError
        A value without a unit, with an unknown one, or not one number.
    ImpossibleError
        A value no adult has; the message names the likely cause.

    Examples
    --------
    >>> Subject(sex="female", born="1988-04-02", height="164 cm", weight="71.5 kg")
    Subject(sex='F', born='1988-04-02', height='164 cm', weight='71.5 kg')
    >>> Subject(weight="70 kg") == Subject(weight="70000 g")
    True
    """

    id: str | None = field(default=None)
    sex: Sex | None = field(default=None, converter=_to_sex)
    born: dt.date | None = field(default=None, converter=_to_born)
    age: int | None = field(default=None)
    height: Quantity | None = field(default=None, converter=to_optional_quantity)
    weight: Quantity | None = field(default=None, converter=to_optional_quantity)
    confirmed: tuple[str, ...] = field(default=(), converter=_to_names)

    def __attrs_post_init__(self) -> None:
        # in one place, because a message about one of height and weight needs the other
        if self.id is not None and not isinstance(self.id, str):
            raise NotationError(
                f'{show(self.id)} is not text: write e.g. "ITP-001"', field="id", given=self.id
            )
        if self.age is not None:
            if self.born is not None:
                raise NotationError(
                    "an age beside a date of birth says the same thing twice: leave one out",
                    field="age",
                    given=self.age,
                )
            _check_age(self.age, self.confirmed)
        _check_size(self)

    def age_on(self, day: dt.date | str | None = None) -> int:
        """Completed years on a day; the age as given when there is no date of birth.

        Parameters
        ----------
        day
            Needed with a date of birth. Somebody born on 29 February is a year older on
            1 March of a year without that day.

        Raises
        ------
        MissingFactError
            Neither age nor date of birth is known, or there is no day to count to.
        ImpossibleError
            The day is before the date of birth, or more than 120 years after it.

        Examples
        --------
        >>> Subject(born="1984-05-02").age_on("2026-03-09")
        41
        """
        if self.born is None:
            return required(self.age, "age", by="the age")
        known = None if day is None else calendar_date(day, "on")
        then = required(known, "on", by="an age from a date of birth")
        if then < self.born:
            raise ImpossibleError(
                f"{self.born} is after {then}, the day the age is wanted for: check both dates",
                field="born",
                given=str(self.born),
            )
        years = then.year - self.born.year
        years -= (then.month, then.day) < (self.born.month, self.born.day)
        _check_age(years, self.confirmed)
        return years

    def __repr__(self) -> str:
        given = {
            "id": self.id,
            "sex": self.sex and self.sex.value,
            "born": self.born and self.born.isoformat(),
            "age": self.age,
            "height": self.height and _exact(self.height),
            "weight": self.weight and _exact(self.weight),
            "confirmed": self.confirmed or None,
        }
        inside = ", ".join(
            f"{name}={value!r}" for name, value in given.items() if value is not None
        )
        return f"Subject({inside})"


def _exact(given: Quantity) -> str:
    """Write a quantity so that it reads back to the same float."""
    number = given.magnitude
    short = plain(number)
    return f"{short if float(short) == number else repr(number)} {symbol(given)}"


def _check_age(age: Any, confirmed: tuple[str, ...]) -> None:
    if isinstance(age, bool) or not isinstance(age, int):
        raise NotationError(
            f"{show(age)} is not a number of completed years: write e.g. age=41",
            field="age",
            given=age,
        )
    if not 0 <= age <= _OLDEST:
        raise ImpossibleError(
            f"{show(age)} years is outside what can be true (0 to {_OLDEST}): check it",
            field="age",
            given=age,
        )
    if age < _ADULT and "age" not in confirmed:
        warnings.warn(
            f"age={age} is below {_ADULT}: the formulas here are checked for adults: check it",
            UnusualValueWarning,
            stacklevel=2,
        )


def _number(value: Any, unit: str) -> float | None:
    """Return the number of a value when it is a quantity of the right kind."""
    try:
        return value_in(value, unit) if isinstance(value, Quantity) else None
    except DimensionError:
        return None


def _check_size(subject: Subject) -> None:
    """Refuse first, warn afterwards: a value that is refused needs no warning besides."""
    height, weight = _number(subject.height, "cm"), _number(subject.weight, "kg")
    if height is None or weight is None:
        _refuse_swapped_units(subject)
        values: dict[str, Any] = {"height": subject.height, "weight": subject.weight}
        numbers = {"height": height, "weight": weight}
    else:
        index = weight / (height / 100) ** 2 if height > 0 else 0.0
        numbers = {"height": height, "weight": weight, "bmi": index}
        if all(_usual(name, number) for name, number in numbers.items()):
            return
        values = {"height": subject.height, "weight": subject.weight}
        if height > 0 and weight > 0:
            values["bmi"] = make(readable(index, _CHECKS["bmi"]), "kg/m^2")
    for quiet in (True, False):
        for name, value in values.items():
            if value is not None and not _usual(name, numbers[name]):
                unit, possible, usual = _RANGES[name]
                check = measured(unit, possible=possible, usual=usual, hint=_likely_cause(subject))
                check.check(name, value, confirmed=quiet or name in subject.confirmed)


def readable(number: float, check: measured) -> float:
    """Shorten a number for a message to four digits, unless that carries it across a limit."""
    short = float(f"{number:.4g}")
    low, high = sorted((short, number))
    limits = (check.possible or ()) + (check.usual or ())
    return number if any(low <= limit <= high for limit in limits) else short


def _usual(name: str, number: float | None) -> bool:
    low, high = _CHECKS[name].usual or (0.0, 0.0)
    return number is not None and low <= number <= high


def _refuse_swapped_units(subject: Subject) -> None:
    if _number(subject.height, "kg") is not None and _number(subject.weight, "cm") is not None:
        raise DimensionError(
            f"{subject.height} is a weight and {subject.weight} a height: swap the two",
            field="height",
            given=str(subject.height),
            expected="cm",
        )


def _likely_cause(subject: Subject) -> str:
    """Name the readings under which height, weight and body mass index are all ordinary."""
    height, weight = _number(subject.height, "cm"), _number(subject.weight, "kg")
    readings: list[tuple[str, float | None, float | None, str]] = []
    if height is not None:
        number = plain(height)
        readings += [
            ("meters for centimeters", height * 100, weight, f'height="{number} m"'),
            ("millimeters for centimeters", height / 10, weight, f'height="{number} mm"'),
            ("inches for centimeters", height * 2.54, weight, f'height="{number} in"'),
        ]
    if weight is not None:
        number = plain(weight)
        readings += [
            ("pounds for kilograms", height, weight * _POUND, f'weight="{number} lb"'),
            ("grams for kilograms", height, weight / 1000, f'weight="{number} g"'),
        ]
        entered = subject.weight
        if entered is not None and symbol(entered) == "lb":
            number = plain(entered.magnitude)
            readings.append(
                ("kilograms for pounds", height, weight / _POUND, f'weight="{number} kg"')
            )
    if height is not None and weight is not None:
        both = f'height="{plain(weight)} cm", weight="{plain(height)} kg"'
        readings.append(("height and weight swapped", weight, height, both))
    likely = [
        f"{cause}{_index(tall, heavy)}? write {instead}"
        for cause, tall, heavy, instead in readings
        if _ordinary(tall, heavy)
    ]
    return f"likely cause: {'; or '.join(likely)}" if likely else ""


def _index(height: float | None, weight: float | None) -> str:
    if height is None or weight is None:
        return ""
    return f" (the body mass index would be {fixed(weight / (height / 100) ** 2, 1)})"


def _ordinary(height: float | None, weight: float | None) -> bool:
    if height is None or weight is None:
        return _usual("height", height) or _usual("weight", weight)
    index = weight / (height / 100) ** 2 if height > 0 else 0.0
    return _usual("height", height) and _usual("weight", weight) and _usual("bmi", index)


__all__ = ["CONFIRMABLE", "Sex", "Subject", "readable", "required"]
