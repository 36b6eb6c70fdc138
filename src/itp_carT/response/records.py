"""What a response is assessed from: platelet counts, rescue and ITP medication, each with a day.

A day is a date, ISO text, or a whole number of days from the infusion (day 0).
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Any, TypeAlias

from attrs import field, frozen

from itp_carT.analytes import PLATELETS
from itp_carT.bleeding_diary import yes_or_no
from itp_carT.days import calendar_date
from itp_carT.errors import ImpossibleError, ItpCarTError, MissingFactError, UnknownTermError
from itp_carT.notation import unit
from itp_carT.units import Measured, Quantity, make

Day: TypeAlias = "int | date | str"

_UNIT = unit("10^9/L")


def _to_day(given: Any) -> int | date:
    """Read a day; a time of day and its zone do not move a date."""
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    return calendar_date(given, "day")


def _to_optional_day(given: Any) -> int | date | None:
    return None if given is None else _to_day(given)


def _to_days(given: Any) -> tuple[int | date, ...]:
    return tuple(_to_day(day) for day in given)


@frozen(init=False, repr=False)
class Count:
    """One platelet count, with what was seen of bleeding since the previous assessment.

    Parameters
    ----------
    on
        The day: a date, ISO text, or whole days from the infusion.
    platelets
        The count [10^9/L, /uL or a unit of that kind]; ``"<3 10^9/L"`` is a count below the
        reporting limit and counts as that limit. None where the visit has no count.
    bleeding
        True or ``"yes"``, False or ``"no"``, None or ``"unknown"``.

    Examples
    --------
    >>> Count("2026-03-23", "45000 /uL", bleeding="no")
    Count('2026-03-23', '45000 /uL', bleeding='no')
    """

    on: int | date
    platelets: Quantity | None
    bleeding: bool | None
    below_limit: bool
    number: float | None = field(eq=False)

    def __init__(
        self,
        on: Day,
        platelets: Measured | None = None,
        *,
        bleeding: bool | str | None = None,
    ) -> None:
        day = _to_day(on)
        below = isinstance(platelets, str) and platelets.lstrip().startswith("<")
        text = platelets.lstrip()[1:] if below and isinstance(platelets, str) else platelets
        value = number = None
        if text is not None:
            try:
                written, reported = PLATELETS.read_number(text)
                value = make(written, reported.symbol)
            except ItpCarTError as error:
                raise error.about(f"platelets on {day}") from None
            same = reported is _UNIT
            number = written if same else PLATELETS.number_in(written, reported, _UNIT)
        if number is not None and number < 0:
            raise ImpossibleError(
                f"{value} is below zero", field=f"platelets on {day}", given=str(value)
            )
        self.__attrs_init__(day, value, yes_or_no(bleeding, "bleeding"), below, number)

    def with_bleeding(self, bleeding: bool | None) -> Count:
        """Return the same count with another statement on bleeding."""
        text = None if self.platelets is None else str(self.platelets)
        if bleeding is self.bleeding:
            return self
        return Count(self.on, f"<{text}" if self.below_limit else text, bleeding=bleeding)

    def __repr__(self) -> str:
        day = self.on if isinstance(self.on, int) else self.on.isoformat()
        parts = [repr(day)]
        if self.platelets is not None:
            parts.append(repr(f"{'<' if self.below_limit else ''}{self.platelets}"))
        if self.bleeding is not None:
            parts.append("bleeding='yes'" if self.bleeding else "bleeding='no'")
        return f"Count({', '.join(parts)})"


class RescueKind(Enum):
    """What was given to raise platelets."""

    PLATELET_TRANSFUSION = "platelet transfusion"
    OTHER = "other rescue"
    CRS_STEROID = "corticosteroid for CRS or ICANS"
    NEW_THERAPY = "new ITP therapy"

    @property
    def label(self) -> str:
        """The kind in words."""
        return self.value


#: Words for each kind of rescue, in lower case.
KINDS = {
    **{kind.value.casefold(): kind for kind in RescueKind},
    **{kind.name.casefold(): kind for kind in RescueKind},
    "transfusion": RescueKind.PLATELET_TRANSFUSION,
    "other": RescueKind.OTHER,
    "new": RescueKind.NEW_THERAPY,
    "crs steroid": RescueKind.CRS_STEROID,
}


def _to_kind(given: Any) -> RescueKind:
    if isinstance(given, RescueKind):
        return given
    kind = KINDS.get(str(given).strip().casefold())
    if kind is None:
        raise UnknownTermError(
            f'"{given}" is not a kind of rescue: write '
            + ", ".join(f'"{known.value}"' for known in RescueKind),
            field="rescue",
            given=given,
            nearest=tuple(known.value for known in RescueKind),
        )
    return kind


@frozen
class Rescue:
    """Rescue treatment from its start to its end (by default one day).

    Parameters
    ----------
    kind
        A `RescueKind` or its words.
    start, end
        Days; ``end`` defaults to ``start``.
    reason
        Why it was given, as text.
    """

    kind: RescueKind = field(converter=_to_kind)
    start: int | date = field(converter=_to_day)
    end: int | date | None = field(default=None, converter=_to_optional_day)
    reason: str = field(default="", kw_only=True)

    def __attrs_post_init__(self) -> None:
        start, end = self.start, self.end
        before = isinstance(start, int) and isinstance(end, int) and end < start
        before |= isinstance(start, date) and isinstance(end, date) and end < start
        if before:
            raise ImpossibleError(
                f"{self.kind.label} ends ({self.end}) before it starts ({self.start})",
                field="rescue",
                given=(self.start, self.end),
            )


@frozen
class Medication:
    """An ITP drug that was already taken; a raised dose counts as rescue on its day.

    Parameters
    ----------
    drug
        Name of the drug.
    start, end
        Days; None where it began before or goes on.
    raised_on
        Days on which the dose was raised.
    """

    drug: str
    start: int | date | None = field(default=None, converter=_to_optional_day)
    end: int | date | None = field(default=None, converter=_to_optional_day)
    raised_on: tuple[int | date, ...] = field(default=(), converter=_to_days)


def day_number(given: int | date, zero: date | None) -> int:
    """Return whole days from the infusion (day 0).

    Raises
    ------
    MissingFactError
        When a date was given and the day of the infusion is not known.
    """
    if isinstance(given, int):
        return given
    if zero is None:
        raise MissingFactError(
            f"{given} is a date: give treated_on, the day of the infusion, to count from",
            field="treated_on",
            given=given,
        )
    return (given - zero).days
