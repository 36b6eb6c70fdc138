"""Drugs given per body surface area: from area and infusion date to dated, rounded doses.

The order is fixed: area, cap, dose per area, renal share, rounding, vials. The dose of a day and
the dose of a course are different types, because one taken for the other is a threefold overdose.
Which drugs, doses and days a trial uses is in `itp_carT.protocol`.
"""

from __future__ import annotations

import datetime as dt
import difflib
from collections.abc import Iterator
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from itp_carT.anthropometry import BodySurfaceArea
from itp_carT.days import ProtocolDay, calendar_date
from itp_carT.errors import ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.rounding import To, fixed
from itp_carT.sources import CYCLOPHOSPHAMIDE_US, FLUDARABINE_VIAL, Citation
from itp_carT.units import Quantity, make, measured, to_optional_quantity, to_quantity, value_in
from itp_carT.working import Working

from .vials import VialPlan, opened, strengths_of

if TYPE_CHECKING:
    from .renal_schedules import RenalFactor  # loaded when a schedule is used

_PER_AREA = measured("mg/m^2")
_CAP = measured("m^2", possible=("1 m^2", "3.5 m^2"), hint="caps in use are about 2 m²")
_ROUNDING_LIMIT = 10.0  # %, of HOPA's statement; reported here, since it excepts trials


def _to_strengths(given: Any) -> tuple[Quantity, ...]:
    return strengths_of(given)


def _to_optional_strengths(given: Any) -> tuple[Quantity, ...] | None:
    return None if given is None else strengths_of(given)


def _to_days(given: Any) -> tuple[ProtocolDay, ...]:
    listed = given if isinstance(given, (tuple, list)) else (given,)
    days = tuple(day if isinstance(day, ProtocolDay) else ProtocolDay(day) for day in listed)
    if not days or len(set(days)) < len(days):
        raise NotationError(
            f"{show(given)} is not a list of different days: write e.g. (-5, -4, -3)",
            field="days",
            given=given,
        )
    return tuple(sorted(days))


def _to_infusion(given: dt.date | str) -> dt.date:
    return calendar_date(given, "infusion")


@frozen(repr=False)
class Drug:
    """A drug, its usual vials, and how much of it a day can hold.

    Parameters
    ----------
    name
        Its name.
    vials
        Contents of the vials that are commonly at hand [mg].
    usual
        Largest usual dose of one day [mg]; above it a plan warns.
    possible
        Largest dose of one day [mg]; above it a plan refuses.
    citation
        Where the vials are described.
    """

    name: str
    vials: tuple[Quantity, ...] = field(converter=_to_strengths)
    usual: Quantity = field(converter=to_quantity, validator=measured("mg"), kw_only=True)
    possible: Quantity = field(converter=to_quantity, validator=measured("mg"), kw_only=True)
    citation: Citation = field(kw_only=True)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        if DRUGS.get(self.name) == self:
            return self.name.upper()
        return (
            f"Drug({self.name!r}, {self.vials!r}, usual={self.usual!r}, "
            f"possible={self.possible!r}, citation={self.citation!r})"
        )


# The daily limits are 30 and 300 mg/m² on 2.5 and 3.5 m²: a course dose taken for a daily dose,
# or pounds taken for kilograms, lands outside.
FLUDARABINE = Drug(
    "fludarabine",
    ("50 mg",),
    usual="75 mg",
    possible="105 mg",
    citation=FLUDARABINE_VIAL.at("50 mg in 2 mL, single dose"),
)
CYCLOPHOSPHAMIDE = Drug(
    "cyclophosphamide",
    ("500 mg", "1 g", "2 g"),
    usual="750 mg",
    possible="1050 mg",
    citation=CYCLOPHOSPHAMIDE_US.at("how supplied: powder of 500 mg, 1 g, 2 g"),
)

#: Every drug of this module, by name.
DRUGS = MappingProxyType({known.name: known for known in (FLUDARABINE, CYCLOPHOSPHAMIDE)})


def drug(name: Any) -> Drug:
    """Return a drug by its name.

    Raises
    ------
    UnknownTermError
        There is no such drug; ``nearest`` names similar ones.

    Examples
    --------
    >>> drug("fludarabine")
    FLUDARABINE
    """
    if isinstance(name, Drug):
        return name
    word = name.strip().lower() if isinstance(name, str) else ""
    if word in DRUGS:
        return DRUGS[word]
    raise UnknownTermError(
        f"{show(name)} is not a drug of this library: choose from {', '.join(DRUGS)}",
        field="drug",
        given=name,
        nearest=tuple(difflib.get_close_matches(word[:40], DRUGS)),
    )


@frozen
class Course:
    """One drug of a regimen: how much per area, on which days, rounded how.

    Parameters
    ----------
    drug
        The drug, or its name.
    per_area
        Dose of one day [mg/m²].
    days
        Protocol days on which it is given; the infusion is day 0.
    rounding
        Rule by which the daily dose is rounded, once, at the end.

    Examples
    --------
    >>> course = Course(FLUDARABINE, "30 mg/m^2", days=(-5, -4, -3), rounding=To("1 mg"))
    >>> print(course)
    fludarabine 30 mg/m^2 on D-5, D-4, D-3
    """

    drug: Drug = field(converter=drug)
    per_area: Quantity = field(converter=to_quantity, validator=_PER_AREA)
    days: tuple[ProtocolDay, ...] = field(converter=_to_days, kw_only=True)
    rounding: To = field(kw_only=True)

    def __str__(self) -> str:
        return f"{self.drug} {self.per_area} on {', '.join(map(str, self.days))}"


@frozen(kw_only=True)
class CourseDose:
    """What one patient receives of one drug over a course, and on each of its days.

    Parameters
    ----------
    course
        The drug with its dose per area, days and rounding.
    bsa
        Body surface area, with its formula and subject.
    infusion
        Date of the cell infusion, day 0.
    source
        Where the dose is prescribed.
    bsa_cap
        Largest area that counts [m²]; None for no cap.
    renal
        Share of the dose by a renal schedule; None for the full dose.
    vials
        Contents of the vials at hand; None for the drug's own.

    Attributes
    ----------
    daily
        Dose of one day, rounded.
    unrounded
        The same before rounding [mg].

    Raises
    ------
    ImpossibleError
        The dose of a day is more than the drug's largest possible, or rounds to nothing.
    """

    course: Course
    bsa: BodySurfaceArea
    infusion: dt.date = field(converter=_to_infusion)
    source: Citation
    bsa_cap: Quantity | None = field(default=None, converter=to_optional_quantity, validator=_CAP)
    renal: RenalFactor | None = None
    vials: tuple[Quantity, ...] | None = field(default=None, converter=_to_optional_strengths)
    unrounded: Quantity = field(init=False, repr=False, eq=False)
    daily: Quantity = field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        # not as defaults: those would be computed before the fields are checked
        object.__setattr__(self, "unrounded", make(self._amount(self.area.magnitude), "mg"))
        object.__setattr__(self, "daily", self._rounded())

    def _rounded(self) -> Quantity:
        drug, amount = self.course.drug, self.course.rounding.apply(self.unrounded)
        if not amount.magnitude > 0:
            raise ImpossibleError(
                f"{self.unrounded} of {drug} rounds to nothing ({self.course.rounding}): "
                "choose a smaller step",
                field="rounding",
                given=str(self.unrounded),
            )
        if value_in(amount, "mg") > value_in(drug.possible, "mg"):
            raise ImpossibleError(
                f"{amount} of {drug} a day is more than any adult receives here "
                f"({drug.possible}): check the dose per area (is it that of the course?), "
                "height and weight",
                field="dose",
                given=str(amount),
            )
        return amount

    @property
    def area(self) -> Quantity:
        """The area that counts: capped, where a cap is named and applies [m²]."""
        if self.bsa_cap is not None and self.bsa_cap < self.bsa.value:
            return self.bsa_cap.to("m^2")
        return self.bsa.value

    @property
    def uncapped(self) -> Quantity:
        """The daily dose that no cap on the area would give, unrounded [mg]."""
        return make(self._amount(self.bsa.value.magnitude), "mg")

    @property
    def total(self) -> Quantity:
        """Dose of the whole course: the number of days times the rounded daily dose."""
        return make(value_in(self.daily, "mg") * len(self.course.days), "mg")

    @property
    def deviation(self) -> Quantity:
        """Difference of the rounded from the unrounded dose [%]."""
        exact = value_in(self.unrounded, "mg")
        return make(100 * (value_in(self.daily, "mg") / exact - 1), "%")

    @property
    def within_rounding_limit(self) -> bool:
        """Whether rounding moved the dose by 10 % or less, as HOPA allows outside trials."""
        return abs(self.deviation.magnitude) <= _ROUNDING_LIMIT

    @property
    def strengths(self) -> tuple[Quantity, ...]:
        """Contents of the vials at hand: as given, else the drug's own."""
        return self.course.drug.vials if self.vials is None else self.vials

    @property
    def opened(self) -> VialPlan:
        """The vials opened on each day."""
        return opened(self.daily, self.strengths)

    @property
    def unusual(self) -> str:
        """That the dose is larger than usual; empty where it is not, or the area is confirmed."""
        drug = self.course.drug
        usual = value_in(self.daily, "mg") <= value_in(drug.usual, "mg")
        if usual or "bsa" in self.bsa.subject.confirmed:
            return ""
        return f"{drug}: {self.daily} a day is unusual (usually up to {drug.usual})"

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about this dose."""
        drug, notes = self.course.drug, list(self.renal.notes if self.renal else ())
        if self.area is not self.bsa.value:
            notes.append(
                f"{drug}: the area of {fixed(self.bsa.value.magnitude, 4)} m^2 was capped to "
                f"{self.area}; without the cap {self.uncapped.magnitude:.5g} mg a day"
            )
        if self.unusual:
            notes.append(self.unusual)
        if not self.within_rounding_limit:
            notes.append(
                f"{drug}: rounding moved the dose by "
                f"{fixed(self.deviation.magnitude, 1, signed=True)} %, "
                "more than 10 % (HOPA 2018, which excepts trials)"
            )
        return tuple(notes)

    def __iter__(self) -> Iterator[DailyDose]:
        return (DailyDose(self, day) for day in self.course.days)

    def __len__(self) -> int:
        return len(self.course.days)

    def __getitem__(self, index: int) -> DailyDose:
        return DailyDose(self, self.course.days[index])

    def _amount(self, area: float) -> float:
        share = self.renal.share if self.renal else None
        dose = value_in(self.course.per_area, "mg/m^2")
        if share is not None:
            dose = dose * share.numerator / share.denominator
        return dose * area

    @property
    def working(self) -> Working:
        """Each step from height and weight to the total of the course."""
        from .drug_working import course_steps

        return Working(course_steps(self))

    def __str__(self) -> str:
        return f"{self.course.drug} {self.total} in all = {len(self)} days × {self.daily} a day"


@frozen
class DailyDose:
    """What one patient receives of one drug on one day.

    Parameters
    ----------
    of
        The course that the day belongs to.
    day
        The protocol day.

    Raises
    ------
    UnknownTermError
        The course gives nothing on that day.
    """

    of: CourseDose
    day: ProtocolDay = field()

    @day.validator
    def _check_day(self, _attribute: object, day: ProtocolDay) -> None:
        if day not in self.of.course.days:
            days = ", ".join(map(str, self.of.course.days))
            raise UnknownTermError(
                f"{self.of.course.drug} is not given on {day}: its days are {days}",
                field="day",
                given=day,
                nearest=self.of.course.days,
            )

    @property
    def drug(self) -> Drug:
        """The drug."""
        return self.of.course.drug

    @property
    def amount(self) -> Quantity:
        """The dose, rounded, as drawn."""
        return self.of.daily

    @property
    def unrounded(self) -> Quantity:
        """The dose before rounding [mg]."""
        return self.of.unrounded

    @property
    def date(self) -> dt.date:
        """The date."""
        return self.day.on(self.of.infusion)

    @property
    def vials(self) -> VialPlan:
        """The vials opened on this day."""
        return self.of.opened

    @property
    def working(self) -> Working:
        """Each step from height and weight to the vials, for a second check."""
        from .drug_working import daily_steps

        return Working(daily_steps(self))

    def __str__(self) -> str:
        dose = self.of
        per_area = f"{dose.course.per_area}".replace("^2", "²")
        share = f" × {dose.renal.share}" if dose.renal else ""
        return (
            f"{self.date.isoformat()}  {self.day}  {self.drug} {self.amount} = "
            f"{per_area}{share} × {fixed(dose.area.magnitude, 2)} m²"
        )


__all__ = [
    "CYCLOPHOSPHAMIDE", "DRUGS", "FLUDARABINE",
    "Course", "CourseDose", "DailyDose", "Drug", "drug",
]  # fmt: skip
