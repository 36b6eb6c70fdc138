"""A medication record: drug, dose, how often, from when to when, by which route and what for.

Dates may be partial and stay as they were written; `days_of` reads them as days from the infusion
and says what it had to assume. A dose that is not known is not zero.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from fractions import Fraction
from typing import Any, NamedTuple, TypeAlias

from attrs import field, frozen

from itp_carT.days import ProtocolDay
from itp_carT.errors import (
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    NotationError,
    UnitRequiredError,
)
from itp_carT.notation import show
from itp_carT.partial_dates import PartialDate, partial_date
from itp_carT.units import Measured, Quantity, make, parse, symbol, to_quantity

from .drugs import Drug, DrugClass
from .drugs import drug as find_drug
from .frequencies import Frequency, frequency_of
from .glucocorticoids import check_route, exact
from .terms import Purpose, Route, purpose_of, route_of

When: TypeAlias = "int | dt.date | PartialDate | str"


class Unknown(Enum):
    """A start or an end of which nothing is known."""

    UNKNOWN = "unknown"

    def __repr__(self) -> str:
        return repr(self.value)


UNKNOWN = Unknown.UNKNOWN
_PER_DAY = {"mg/d": "mg", "g/d": "g"}


def _to_when(given: Any, name: str) -> int | PartialDate | Unknown:
    if isinstance(given, Unknown) or (isinstance(given, str) and given.strip() == "unknown"):
        return UNKNOWN
    if isinstance(given, int) and not isinstance(given, bool):
        return ProtocolDay(given).number
    if isinstance(given, (str, dt.date, PartialDate)):
        return partial_date(given, name)
    raise NotationError(
        f'{show(given)} is not a day: write a date such as "2026-03-09" or "2026-03", whole days '
        'from the infusion, or "unknown"',
        field=name,
        given=given,
    )


def _to_dose(found: Drug, given: Any, name: str) -> tuple[Quantity | None, bool]:
    """Return a dose, and whether it is that of a whole day."""
    if given is None:
        return None, False
    unit = (found.units or ("mg",))[0]
    try:
        read: Any = parse(given, f"20 {unit}") if isinstance(given, str) else to_quantity(given)
    except ItpCarTError as error:
        raise error.about(name) from None
    if not isinstance(read, Quantity):
        raise UnitRequiredError(
            f'{show(given)} has no unit: write e.g. "20 {unit}"',
            field=name,
            given=given,
        )
    if read.magnitude < 0:
        raise ImpossibleError(f"{read} is below zero", field=name, given=str(read))
    daily = _PER_DAY.get(symbol(read))
    return (read, False) if daily is None else (make(read.m_as(symbol(read)), daily), True)


@frozen(init=False, repr=False)
class DoseRecord:
    """One row of the concomitant medication: one drug at one dose, from a day to a day.

    Parameters
    ----------
    drug
        The drug or its name.
    dose
        Dose of one administration (CMDOSE) [a unit of the drug, e.g. mg]; with a unit per day, such
        as ``"20 mg/d"``, that of a day. None where it is not known; ``"0 mg"`` is a drug that was
        paused.
    frequency
        How often (CMDOSFRQ): ``"QD"``, ``"BID"``, ``"QW"``, ``"ONCE"`` ...
    total_daily
        Total dose of a day (CMDOSTOT) [a unit of the drug, e.g. mg], instead of dose and frequency.
    start
        First day: a date, what is known of it, whole days from the infusion, or ``"unknown"``.
    end
        Last day; None is ongoing, except for a drug given once.
    route
        Route; None takes the drug's usual one and says so.
    purpose
        What it was given for; None takes the drug's usual use and says so.
    rescue
        Whether it was given as rescue; None leaves that to `off_therapy.rescue_intervals`.

    Raises
    ------
    MissingFactError
        How often, when it began, or what for (cyclophosphamide) is not said.
    ImpossibleError
        It ends before it starts, or the dose is below zero.
    NotPermittedError
        A glucocorticoid that counts, by another route than oral or intravenous.
    UnknownTermError, UnitError
        A drug, frequency, route, purpose or unit that is not known; the nearest are named.

    Examples
    --------
    >>> record = DoseRecord("prednisone", "20 mg", "BID", start="2026-01", end="2026-04-30")
    >>> record.per_day, record.unit
    (Fraction(40, 1), 'mg')
    """

    drug: Drug
    dose: Quantity | None
    frequency: Frequency | None
    total_daily: Quantity | None
    start: int | PartialDate | Unknown
    end: int | PartialDate | Unknown | None
    route: Route | None
    purpose: Purpose
    rescue: bool | None
    unit: str = field(eq=False)
    per_day: Fraction | None = field(eq=False)
    notes: tuple[str, ...] = field(eq=False)

    def __init__(
        self,
        drug: Drug | str,
        dose: Measured | None = None,
        frequency: Frequency | str | None = None,
        *,
        start: When | None = None,
        end: When | None = None,
        total_daily: Measured | None = None,
        route: Route | str | None = None,
        purpose: Purpose | str | None = None,
        rescue: bool | None = None,
    ) -> None:
        found = find_drug(drug)
        notes: list[str] = []
        goal = _purpose(found, purpose, notes)
        way = _route(found, route, notes)
        if goal is Purpose.ITP and way is not None:
            check_route(found, way)
        often = None if frequency is None else frequency_of(frequency)
        given, daily = _to_dose(found, dose, "dose")
        total, _ = _to_dose(found, total_daily, "total_daily")
        if daily:
            given, total, often = None, _single(total, given, often), None
        if given is not None and total is not None:
            raise NotationError(
                "a dose beside a total daily dose says the same thing twice: leave one out",
                field="total_daily",
                given=str(total),
            )
        first, last = _days(start, end, often)
        unit, per_day = _per_day(found, given, total, often, known_day=first == last)
        self.__attrs_init__(
            found, given, often, total, first, last, way, goal, rescue, unit, per_day, tuple(notes)
        )

    @property
    def ongoing(self) -> bool:
        """Whether it goes on at the end of observation."""
        return self.end is None

    def __str__(self) -> str:
        dose = self.dose or self.total_daily
        amount = "dose not known" if dose is None else str(dose)
        often = self.frequency or ("a day" if self.total_daily else "")
        text = f"{self.drug.name} {amount} {often}".strip()
        if isinstance(self.start, int) or isinstance(self.end, int):
            return f"{text}, day {_told(self.start)} to {_told(self.end)}"
        return f"{text}, {_told(self.start)} to {_told(self.end)}"

    def __repr__(self) -> str:
        given: dict[str, Any] = {
            "start": _told(self.start) if not isinstance(self.start, int) else self.start,
            "end": self.end if isinstance(self.end, int) or self.end is None else _told(self.end),
            "total_daily": None if self.total_daily is None else str(self.total_daily),
            "route": self.route and self.route.label,
            "purpose": self.purpose.value,
            "rescue": self.rescue,
        }
        parts = [repr(self.drug.name), repr(None if self.dose is None else str(self.dose))]
        parts.append(repr(self.frequency and self.frequency.code))
        parts += [f"{name}={value!r}" for name, value in given.items() if value is not None]
        return f"DoseRecord({', '.join(parts)})"


def _told(when: Any) -> str:
    if when is None:
        return "ongoing"
    return when.value if isinstance(when, Unknown) else str(when)


def _purpose(found: Drug, given: Any, notes: list[str]) -> Purpose:
    if given is not None:
        return purpose_of(given)
    if found.purpose is None:
        raise MissingFactError(
            f'{found.name} is given for ITP and as lymphodepletion: say which, e.g. purpose="ITP"',
            field="purpose",
        )
    notes.append(f"purpose not stated: taken as {found.purpose.label}")
    return found.purpose


def _route(found: Drug, given: Any, notes: list[str]) -> Route | None:
    if given is not None:
        return route_of(given)
    if not found.routes:
        return None
    if found.drug_class is DrugClass.GLUCOCORTICOID:
        notes.append(f"route not stated: taken as {found.routes[0].label}")
    return found.routes[0]


def _single(total: Quantity | None, daily: Quantity | None, often: Any) -> Quantity | None:
    if total is not None:
        raise NotationError(
            "a dose per day beside a total daily dose says the same thing twice: leave one out",
            field="total_daily",
            given=str(total),
        )
    if often is not None and often.per_day != 1:
        raise NotationError(
            f"a dose per day beside the frequency {often}: write the dose of one administration, "
            "or leave the frequency out",
            field="frequency",
            given=often.code,
        )
    return daily


def _days(start: Any, end: Any, often: Frequency | None) -> tuple[Any, Any]:
    if start is None:
        raise MissingFactError(
            'the start is not given: write a date, what is known of it, or "unknown"',
            field="start",
        )
    first = _to_when(start, "start")
    ongoing = end is None or (isinstance(end, str) and end.strip().casefold() == "ongoing")
    last = None if ongoing else _to_when(end, "end")
    if often is not None and often.once:
        if last is not None and last != first:
            raise ImpossibleError(
                f"given once, but from {_told(first)} to {_told(last)}: write how often",
                field="end",
                given=_told(last),
            )
        return first, first
    early = first.earliest if isinstance(first, PartialDate) else first
    late = last.latest if isinstance(last, PartialDate) else last
    backwards = (isinstance(early, int) and isinstance(late, int) and late < early) or (
        isinstance(early, dt.date) and isinstance(late, dt.date) and late < early
    )
    if backwards:
        raise ImpossibleError(
            f"ends ({_told(last)}) before it starts ({_told(first)})",
            field="end",
            given=_told(last),
        )
    return first, last


def _per_day(
    found: Drug,
    dose: Quantity | None,
    total: Quantity | None,
    often: Frequency | None,
    *,
    known_day: bool,
) -> tuple[str, Fraction | None]:
    """Return the unit of the dose, and the dose of a day in it; None where it is not known."""
    if found.is_procedure:
        if dose is not None or total is not None:
            raise ImpossibleError(f"{found.name} has no dose: leave it out", field="dose")
        return "", None
    amount = total if dose is None else dose
    if amount is None:
        return found.units[0], None
    try:
        number, unit = found.amount(amount)
    except ItpCarTError as error:
        raise error.about("dose" if total is None else "total_daily") from None
    if total is not None:
        return unit, exact(number)
    if often is None:
        if known_day:
            return unit, exact(number)
        raise MissingFactError(
            f'how often is {dose} of {found.name} given? write a frequency, e.g. "QD", or '
            "total_daily",
            field="frequency",
        )
    return unit, None if often.per_day is None else exact(number) * often.per_day


# --- days ---------------------------------------------------------------------------------------


class Days(NamedTuple):
    """First and last day of a record from the infusion, and what was assumed to find them.

    ``last`` is None where the record goes on.
    """

    first: int | None
    last: int | None
    flags: tuple[str, ...]


def day_number(given: int | dt.date, infusion: dt.date | None, field: str = "infusion") -> int:
    """Return whole days from the infusion.

    Raises
    ------
    MissingFactError
        A date was given and the day of the infusion is not known.
    """
    if isinstance(given, int):
        return given
    if infusion is None:
        raise MissingFactError(
            f"{given} is a date: give the date of the infusion to count from",
            field=field,
            given=given,
        )
    return (given - infusion).days


def days_of(record: DoseRecord, infusion: dt.date | None, *, partial: str = "longest") -> Days:
    """Return the days of a record; of a partial date the start is early and the end late.

    Parameters
    ----------
    record
        The record.
    infusion
        Date of day 0; needed when the record has dates.
    partial
        ``"longest"`` or ``"refuse"``.

    Raises
    ------
    MissingFactError
        A date without an infusion, or a partial date that is refused.

    Examples
    --------
    >>> record = DoseRecord("prednisone", "20 mg", "QD", start="2026-02", end="2026-03-09")
    >>> days_of(record, dt.date(2026, 3, 9))
    Days(first=-36, last=0, flags=('start 2026-02 taken as 2026-02-01',))
    """
    flags: list[str] = []
    once = record.frequency is not None and record.frequency.once
    first = _one(record.start, infusion, partial, flags, early=True)
    last = first if once else _one(record.end, infusion, partial, flags, early=False)
    return Days(first, last, tuple(flags))


def _one(
    when: Any, infusion: dt.date | None, partial: str, flags: list[str], *, early: bool
) -> int | None:
    name = "start" if early else "end"
    if when is None or isinstance(when, int):
        return when
    whole = isinstance(when, PartialDate) and when.complete
    if not whole and partial == "refuse":
        raise MissingFactError(
            f"{name} {_told(when)} is not a whole date, and partial dates are refused",
            field=name,
            given=_told(when),
        )
    if isinstance(when, Unknown):
        flags.append(f"{name} not known: taken as {'before all days' if early else 'ongoing'}")
        return None
    day = when.earliest if early else when.latest
    if not whole:
        flags.append(f"{name} {when} taken as {day.isoformat()}")
    return day_number(day, infusion)


__all__ = ["UNKNOWN", "Days", "DoseRecord", "Unknown", "When", "day_number", "days_of"]
