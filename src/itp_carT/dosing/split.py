"""Split infusion: a dose of cells in fractions on several days, and the account of what was given.

Whether a fraction is held, for cytokine release syndrome or anything else, is decided elsewhere
and recorded here with `SplitDose.hold`. A held fraction holds the later ones; what was given in
total is reported and never scaled up.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from attrs import Factory, evolve, field, frozen

from itp_carT.days import ProtocolDay, calendar_date
from itp_carT.errors import (
    ImpossibleError,
    MissingFactError,
    NotationError,
    NotPermittedError,
    UnknownTermError,
)
from itp_carT.notation import show
from itp_carT.units import (
    Measured,
    Quantity,
    make,
    measured,
    to_optional_quantity,
    to_quantity,
    value_in,
)

from .cells import CellDose, scientific

_CELLS = measured("cell")
# no exponents: a fraction of 1e999 would be computed digit by digit
_NUMBER = re.compile(r"[0-9]{0,15}(?:\.[0-9]{1,20})?(?:/[0-9]{1,15})?", re.ASCII)


def _fraction(given: Any) -> Fraction:
    """Read one fraction exactly: 0.1 is one tenth."""
    if isinstance(given, bool) or not isinstance(given, (int, float, str, Fraction)):
        raise _unreadable(given)
    try:
        text = str(given).strip()
    except ValueError:  # an integer of more digits than Python writes
        raise _unreadable(given) from None
    if not _NUMBER.fullmatch(text):
        raise _unreadable(given)
    try:
        return Fraction(text)
    except (ValueError, ZeroDivisionError):
        raise _unreadable(given) from None


def _unreadable(given: Any) -> NotationError:
    return NotationError(
        f'{show(given)} is not a split: write e.g. "10/30/60" in percent, or (0.1, 0.3, 0.6)',
        field="split",
        given=given,
    )


def _to_fractions(given: Any) -> tuple[Fraction, ...]:
    if not isinstance(given, (str, tuple, list)) or len(given) > 100:
        raise _unreadable(given)
    parts = tuple(
        _fraction(part) for part in (given.split("/") if isinstance(given, str) else given)
    )
    if not parts or any(part <= 0 for part in parts):
        raise _unreadable(given)
    whole = 100 if isinstance(given, str) and sum(parts) > 1 else 1
    if sum(parts) != whole:
        raise ImpossibleError(
            f"the fractions {show(given)} sum to {plain_fraction(sum(parts, Fraction(0)))}, "
            f"not to {whole}: nothing of the dose may be left over or given twice",
            field="split",
            given=given,
        )
    return tuple(part / whole for part in parts)


def plain_fraction(value: Fraction) -> str:
    """Write a fraction as a decimal where that is exact and short, else as a ratio.

    Examples
    --------
    >>> plain_fraction(Fraction(1, 10)), plain_fraction(Fraction(1, 3))
    ('0.1', '1/3')
    """
    text = f"{float(value):.6g}"
    return text if Fraction(text) == value else str(value)


def _to_days(given: Any) -> tuple[ProtocolDay, ...]:
    listed = given if isinstance(given, (tuple, list, range)) else (given,)
    return tuple(day if isinstance(day, ProtocolDay) else ProtocolDay(day) for day in listed)


@frozen
class SplitInfusion:
    """How a dose is divided: fractions that sum to 1 exactly, and their protocol days.

    Parameters
    ----------
    fractions
        ``"10/30/60"`` in percent, or ``(0.1, 0.3, 0.6)``.
    days
        Protocol day of each; by default consecutive days from day 0.

    Raises
    ------
    ImpossibleError
        The fractions do not sum to 1, or the days are not one for each and in order.
    NotationError
        A fraction is not a number above zero.

    Examples
    --------
    >>> SplitInfusion("10/30/60").fractions
    (Fraction(1, 10), Fraction(3, 10), Fraction(3, 5))
    """

    fractions: tuple[Fraction, ...] = field(converter=_to_fractions)
    days: tuple[ProtocolDay, ...] = field(
        default=Factory(lambda self: range(len(self.fractions)), takes_self=True),
        converter=_to_days,
        kw_only=True,
    )

    def __attrs_post_init__(self) -> None:
        days = self.days
        if len(days) != len(self.fractions) or list(days) != sorted(set(days)) or days[0].number:
            raise ImpossibleError(
                f"the days {', '.join(map(str, days))} do not suit {len(self.fractions)} "
                "fractions: write one day for each, in order, from day 0",
                field="days",
                given=tuple(day.number for day in days),
            )

    def of(self, dose: CellDose, *, infusion: dt.date | str) -> SplitDose:
        """Divide a dose.

        Parameters
        ----------
        dose
            The whole dose.
        infusion
            Date of the first fraction, day 0.
        """
        day0 = calendar_date(infusion, "infusion")
        total = dose.total.magnitude
        parts = tuple(
            PartialDose(
                number=number,
                share=share,
                day=day,
                date=day.on(day0),
                planned=make(total * share.numerator / share.denominator, "cell"),
            )
            for number, (share, day) in enumerate(zip(self.fractions, self.days, strict=True), 1)
        )
        return SplitDose(dose=dose, parts=parts)

    def __str__(self) -> str:
        shares = "/".join(plain_fraction(100 * share) for share in self.fractions)
        return f"{shares} % on {', '.join(map(str, self.days))}"


@frozen(kw_only=True)
class PartialDose:
    """One fraction of a split dose: what is planned, and what became of it.

    Parameters
    ----------
    number
        Its number, from 1.
    share
        Share of the whole dose, exact.
    day, date
        Planned protocol day and date.
    planned
        Cells planned [cell].
    given
        Cells given [cell]; None while nothing was given.
    given_on
        Date on which they were given.
    held
        Why it is held; empty when it is not.
    """

    number: int
    share: Fraction
    day: ProtocolDay
    date: dt.date
    planned: Quantity = field(converter=to_quantity, validator=_CELLS)
    given: Quantity | None = field(default=None, converter=to_optional_quantity, validator=_CELLS)
    given_on: dt.date | None = None
    held: str = ""

    @property
    def status(self) -> str:
        """``"given"``, ``"held"`` or ``"planned"``."""
        return "given" if self.given is not None else "held" if self.held else "planned"


@frozen(kw_only=True)
class SplitDose:
    """The account of a split dose; each step returns a new account.

    Parameters
    ----------
    dose
        The whole dose.
    parts
        Its fractions in order.

    Examples
    --------
    >>> from itp_carT.sources import NCT05315778
    >>> dose = CellDose(
    ...     per_kg="1e7 cell/kg",
    ...     weight="60 kg",
    ...     counting="viable CAR-positive",
    ...     source=NCT05315778.at("arm description"),
    ... )
    >>> account = SplitInfusion("10/30/60").of(dose, infusion="2026-03-09")
    >>> account = account.give(1).hold(2, "fever")
    >>> [part.status for part in account], account.given, account.given_per_kg
    (['given', 'held', 'held'], Quantity('60000000 cell'), Quantity('1000000 cell/kg'))
    """

    dose: CellDose
    parts: tuple[PartialDose, ...]

    def give(
        self, number: int, cells: Measured | None = None, *, on: dt.date | str | None = None
    ) -> SplitDose:
        """Record that a fraction was given.

        Parameters
        ----------
        number
            Number of the fraction, from 1.
        cells
            Cells given [cell]; by default as planned.
        on
            Date; by default as planned.

        Raises
        ------
        NotPermittedError
            It was given already, is held, or an earlier one is neither given nor held.
        """
        part = self._part(number)
        if part.status != "planned":
            why = f"is held ({part.held}): resume it first" if part.held else "was given already"
            raise NotPermittedError(f"fraction {number} {why}", field="number", given=number)
        for earlier in self.parts[: number - 1]:
            if earlier.status == "planned":
                raise NotPermittedError(
                    f"fraction {earlier.number} is neither given nor held: record it first",
                    field="number",
                    given=number,
                )
        amount = part.planned if cells is None else to_quantity(cells)
        _CELLS.check("cells", amount)
        day = part.date if on is None else calendar_date(on, "on")
        return self._with(evolve(part, given=amount, given_on=day))

    def hold(self, number: int, because: Any) -> SplitDose:
        """Record that a fraction is held; the later ones are held with it.

        Raises
        ------
        MissingFactError
            No reason is stated.
        NotPermittedError
            It was given already.
        """
        if not isinstance(because, str) or not because.strip():
            raise MissingFactError(
                'a hold needs its reason: write e.g. because="fever"', field="because"
            )
        if self._part(number).status == "given":
            raise NotPermittedError(
                f"fraction {number} was given already", field="number", given=number
            )
        return self._with(*(evolve(part, held=because) for part in self.parts[number - 1 :]))

    def resume(self, number: int) -> SplitDose:
        """Lift the hold of a fraction and of the later ones; earlier ones stay held.

        Raises
        ------
        NotPermittedError
            It is not held.
        """
        if self._part(number).status != "held":
            raise NotPermittedError(f"fraction {number} is not held", field="number", given=number)
        return self._with(*(evolve(part, held="") for part in self.parts[number - 1 :]))

    def _part(self, number: Any) -> PartialDose:
        count = len(self.parts)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= count:
            raise UnknownTermError(
                f"there is no fraction {show(number)}: they are numbered 1 to {count}",
                field="number",
                given=number,
                nearest=tuple(range(1, count + 1)),
            )
        return self.parts[number - 1]

    def _with(self, *changed: PartialDose) -> SplitDose:
        new = {part.number: part for part in changed}
        return evolve(self, parts=tuple(new.get(part.number, part) for part in self.parts))

    @property
    def given(self) -> Quantity:
        """Cells given so far [cell]."""
        return self.cumulative[-1]

    @property
    def given_per_kg(self) -> Quantity:
        """Cells given so far per kg of actual weight [cell/kg]."""
        return make(self.given.magnitude / value_in(self.dose.weight, "kg"), "cell/kg")

    @property
    def cumulative(self) -> tuple[Quantity, ...]:
        """Cells given up to and with each fraction [cell]."""
        sums, total = [], 0.0
        for part in self.parts:
            total += 0.0 if part.given is None else value_in(part.given, "cell")
            sums.append(make(total, "cell"))
        return tuple(sums)

    @property
    def complete(self) -> bool:
        """Whether nothing more is planned: each fraction was given or is held."""
        return all(part.status != "planned" for part in self.parts)

    def __iter__(self) -> Iterator[PartialDose]:
        return iter(self.parts)

    def __len__(self) -> int:
        return len(self.parts)

    def __getitem__(self, index: int) -> PartialDose:
        return self.parts[index]

    def __str__(self) -> str:
        return "\n".join(
            f"{part.date.isoformat()}  {part.day}  {plain_fraction(100 * part.share)} %  "
            f"{scientific(value_in(part.planned, 'cell'))} cells  {part.status}"
            for part in self.parts
        )


__all__ = ["PartialDose", "SplitDose", "SplitInfusion", "plain_fraction"]
