"""Visits as a protocol plans them: days or months from the infusion, windows, assessments.

How long a month is differs between trials and is chosen by name. Nothing here knows a date; that
is `itp_carT.schedule.dated`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import TYPE_CHECKING, Any

from attrs import evolve, field, frozen, validators

from itp_carT.days import ProtocolDay, add_months
from itp_carT.errors import ImpossibleError, MissingFactError, NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.sources import Citation

if TYPE_CHECKING:
    from .dated import VisitCalendar

_LONGEST = 366  # days of a window, and months of a plan
_words: Any = (validators.instance_of(str), validators.min_len(1))


class Months(Enum):
    """How long a month of follow-up is."""

    DAYS_30 = "30 days"
    DAYS_28 = "28 days"
    CALENDAR = "calendar months"

    @property
    def label(self) -> str:
        """The words for it."""
        return self.value

    @property
    def days(self) -> int | None:
        """Its length [d]; None for calendar months, which differ."""
        return None if self is Months.CALENDAR else int(self.value.partition(" ")[0])

    def __repr__(self) -> str:
        return f"Months.{self.name}"


def to_months(given: Any) -> Months:
    """Read ``30 days``, ``28 days`` or ``calendar``.

    Raises
    ------
    UnknownTermError
        Another length of a month.

    Examples
    --------
    >>> to_months("28"), to_months("calendar")
    (Months.DAYS_28, Months.CALENDAR)
    """
    if isinstance(given, Months):
        return given
    word = given.strip().casefold() if isinstance(given, str) else ""
    for rule in Months:
        if word and word in (rule.value, rule.value.partition(" ")[0]):
            return rule
    known = tuple(rule.value for rule in Months)
    raise UnknownTermError(
        f"{show(given)} is not a length of a month: write {', '.join(known)}",
        field="months",
        given=given,
        nearest=known,
    )


def whole_days(given: Any, name: str, least: int = 0, most: int = _LONGEST) -> int:
    """Return a whole number of days or months within limits, and refuse any other."""
    if isinstance(given, bool) or not isinstance(given, int):
        raise NotationError(f"{show(given)} is not a whole number", field=name, given=given)
    if not least <= given <= most:
        raise ImpossibleError(
            f"{show(given)} is not a whole number from {least} to {most}", field=name, given=given
        )
    return given


def _side(name: str) -> Any:
    return field(converter=lambda given: whole_days(given, name), kw_only=True)


@frozen
class Window:
    """How many days before and after its target a visit still counts; both ends belong to it.

    Parameters
    ----------
    before, after
        Whole days [d].

    Examples
    --------
    >>> print(Window(before=7, after=7), Window(before=0, after=0), Window(before=1, after=3))
    ±7 d ±0 d -1 to +3 d
    """

    before: int = _side("before")
    after: int = _side("after")

    def __str__(self) -> str:
        if self.before == self.after:
            return f"±{self.before} d"
        return f"-{self.before} to +{self.after} d"


#: The target day only.
ON_THE_DAY = Window(before=0, after=0)


@frozen
class Assessment:
    """What is assessed at a visit, and where that is prescribed.

    Parameters
    ----------
    name
        E.g. ``"adverse events"``.
    source
        Where the plan says so.
    """

    name: str = field(validator=_words)
    source: Citation

    def __str__(self) -> str:
        return self.name


def _to_day(given: Any) -> Any:
    return given if given is None or isinstance(given, ProtocolDay) else ProtocolDay(given)


def _to_assessments(given: Iterable[Assessment]) -> tuple[Assessment, ...]:
    return tuple(given)


@frozen
class Visit:
    """A planned visit: a day or a number of months after the infusion, and its window.

    Parameters
    ----------
    key
        Short name, e.g. ``"D14"`` or ``"M1"``.
    day
        Its protocol day; None where it is planned in months.
    months
        Months after the infusion; None where it is planned by its day.
    window
        Days around the target that still count; by default the day itself only.
    assessments
        What is assessed.
    treatment
        What is given; its day is fixed, and no record of another day is counted as it.

    Raises
    ------
    MissingFactError, ImpossibleError
        Neither or both of a day and months.

    Examples
    --------
    >>> Visit("D14", day=14).on_day()
    ProtocolDay(14)
    >>> Visit("M1", months=1).on_day("calendar", infusion=dt.date(2025, 1, 31))
    ProtocolDay(28)
    """

    key: str = field(validator=_words)
    day: ProtocolDay | None = field(default=None, kw_only=True, converter=_to_day)
    months: int | None = field(default=None, kw_only=True)
    window: Window = field(default=ON_THE_DAY, kw_only=True)
    assessments: tuple[Assessment, ...] = field(default=(), kw_only=True, converter=_to_assessments)
    treatment: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.day is None and self.months is None:
            raise MissingFactError(f"visit {self.key} has neither a day nor months", field="day")
        if self.day is not None and self.months is not None:
            raise ImpossibleError(f"visit {self.key} has a day and months", field="months")
        if self.months is not None:
            whole_days(self.months, "months", 1)
        if self.treatment and self.window != ON_THE_DAY:
            raise ImpossibleError(
                f"visit {self.key} gives treatment: its day is fixed", field="window"
            )

    @property
    def label(self) -> str:
        """Its name in words, e.g. ``"day 14"`` or ``"month 1"``."""
        if self.day is None:
            return f"month {self.months}"
        return f"day {self.day.number}"

    def on_day(
        self, months: Months | str = Months.DAYS_30, *, infusion: dt.date | None = None
    ) -> ProtocolDay:
        """Return its target day under a length of the month.

        Parameters
        ----------
        months
            How long a month is.
        infusion
            Needed for calendar months, which are counted from the infusion itself each time: from
            31 August one month leads to 30 September and two to 31 October.

        Raises
        ------
        MissingFactError
            Calendar months without the date of the infusion.
        """
        if self.day is not None:
            return self.day
        count, rule = self.months or 0, to_months(months)
        if rule.days is not None:
            return ProtocolDay(count * rule.days)
        if infusion is None:
            raise MissingFactError(
                "calendar months need the date of the infusion", field="infusion"
            )
        return ProtocolDay((add_months(infusion, count) - infusion).days)


def _to_visits(given: Iterable[Visit]) -> tuple[Visit, ...]:
    return tuple(given)


def _visits(_: Any, __: Any, visits: tuple[Visit, ...]) -> None:
    keys = [visit.key for visit in visits]
    if not keys:
        raise MissingFactError("a schedule needs at least one visit", field="visits")
    for key in keys:
        if keys.count(key) > 1:
            raise ImpossibleError(f'visit "{key}" is there twice', field="visits", given=key)


@frozen
class Schedule:
    """The visits of a trial, as data.

    Parameters
    ----------
    name
        Of the trial.
    visits
        In the order of their days.
    months
        How long a month is, unless said otherwise for a patient.
    source
        Where the plan is published.

    Examples
    --------
    >>> from itp_carT.sources import ITP_CART_CONVENTIONS
    >>> plan = Schedule(
    ...     "made up",
    ...     [Visit("D1", day=1), Visit("M1", months=1, window=Window(before=7, after=7))],
    ...     source=ITP_CART_CONVENTIONS.at("example"),
    ... )
    >>> print(plan.on("2025-08-31", months="calendar")["M1"])
    M1  2025-09-30  Tuesday  D30 (study day 31), 2025-09-23 to 2025-10-07
    """

    name: str = field(validator=_words)
    visits: tuple[Visit, ...] = field(converter=_to_visits, validator=_visits)
    months: Months = field(default=Months.DAYS_30, kw_only=True, converter=to_months)
    source: Citation = field(kw_only=True)

    def __getitem__(self, key: str) -> Visit:
        for visit in self.visits:
            if visit.key == key:
                return visit
        keys = tuple(visit.key for visit in self.visits)
        raise UnknownTermError(
            f"{show(key)} is not a visit: write {', '.join(keys)}",
            field="visit",
            given=key,
            nearest=keys,
        )

    def asking(self, assessment: str) -> tuple[Visit, ...]:
        """Return the visits at which something is assessed.

        Raises
        ------
        UnknownTermError
            It is assessed at no visit.
        """
        names = dict.fromkeys(one.name for visit in self.visits for one in visit.assessments)
        if assessment not in names:
            raise UnknownTermError(
                f"{show(assessment)} is assessed at no visit: write {', '.join(names)}",
                field="assessment",
                given=assessment,
                nearest=tuple(names),
            )
        return tuple(v for v in self.visits if assessment in {one.name for one in v.assessments})

    def with_windows(self, **windows: Window) -> Schedule:
        """Return the same schedule with other windows, by key of the visit.

        Raises
        ------
        UnknownTermError
            No such visit.
        """
        for key in windows:
            self[key]
        return evolve(
            self,
            visits=[evolve(v, window=windows.get(v.key, v.window)) for v in self.visits],
        )

    def on(
        self,
        infusion: dt.date | str,
        *,
        months: Months | str | None = None,
        gap_free: bool = False,
        reference: dt.date | str | None = None,
    ) -> VisitCalendar:
        """Return the dates of the visits for a patient.

        Parameters
        ----------
        infusion
            Date of the infusion, day 0.
        months
            How long a month is; by default as the schedule says.
        gap_free
            Let each window reach to half-way to its neighbors, except towards treatment.
        reference
            Date of study day 1 (RFSTDTC); by default the infusion.

        Raises
        ------
        ImpossibleError
            The visits are not in the order of their days, or a window reaches past that of a
            neighbor.
        """
        from .dated import VisitCalendar

        return VisitCalendar(
            self,
            infusion,
            months=self.months if months is None else to_months(months),
            gap_free=gap_free,
            reference=reference,
        )


__all__ = [
    "ON_THE_DAY",
    "Assessment",
    "Months",
    "Schedule",
    "Visit",
    "Window",
    "to_months",
    "whole_days",
]
