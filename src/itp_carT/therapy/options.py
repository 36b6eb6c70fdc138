"""The choices that definitions of dose reduction and discontinuation leave open.

Each has a default with its reason (`REASONS`) and is changed by name.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from attrs import field, frozen, validators

from itp_carT.errors import ImpossibleError, NotationError
from itp_carT.notation import show
from itp_carT.sources import (
    EFGARTIGIMOD_ENTRY,
    ITP_CART_CONVENTIONS,
    ROMIPLOSTIM_TRIALS,
    Citation,
)
from itp_carT.units import Quantity, make, measured, to_quantity

from .drugs import drug
from .glucocorticoids import ANTI_INFLAMMATORY, EquivalenceTable, exact

#: Why each default is what it is.
REASONS: Mapping[str, Citation] = MappingProxyType(
    {
        "baseline": ITP_CART_CONVENTIONS.at(
            "baseline window: days -19 to -6",
            note="14 days that end the day before lymphodepletion; entry rules ask for 2 to 4 "
            "weeks of a stable dose, and conditioning brings its own premedication",
        ),
        "threshold": ROMIPLOSTIM_TRIALS.at("reduction by more than 25 %, or stopped"),
        "sustain_days": ITP_CART_CONVENTIONS.at("a reduction is held for 28 days"),
        "gap_days": ITP_CART_CONVENTIONS.at("a stop lasts 28 days; a shorter one is a gap"),
        "overlap": ITP_CART_CONVENTIONS.at(
            "two records of one drug on one day are refused",
            note="no CDISC rule says whether they are split dosing or a changed dose",
        ),
        "partial": ITP_CART_CONVENTIONS.at(
            "of a partial date the start is taken early and the end late",
            note="the reading with the most drug, which never flatters the treatment",
        ),
        "new_therapy": ITP_CART_CONVENTIONS.at(
            "a new ITP therapy ends the window",
            note="days after it are not days without treatment",
        ),
        "effects": EFGARTIGIMOD_ENTRY.at("anti-CD20 within 6 months; the other windows are ours"),
    }
)


def _to_threshold(given: Any) -> Any:
    return to_quantity(given)


def _to_window(given: Any) -> tuple[int, int]:
    days = tuple(given) if isinstance(given, (tuple, list)) else ()
    if len(days) != 2 or not all(type(day) is int for day in days):
        raise NotationError(
            f"{show(given)} is not a window: write its first and last day, e.g. (-19, -6)",
            field="baseline",
            given=given,
        )
    first, last = days
    if first > last:
        raise ImpossibleError(
            f"the window ends on day {last} before it begins on day {first}: swap the two",
            field="baseline",
            given=given,
        )
    return first, last


def _to_effects(given: Mapping[str, int]) -> Mapping[str, int]:
    found = {drug(name).name: days for name, days in given.items()}
    for name, days in found.items():
        if type(days) is not int or days < 1:
            raise ImpossibleError(
                f"{name}: {show(days)} is not a whole number of days of at least 1",
                field="effects",
                given=days,
            )
    return MappingProxyType(found)


_DAYS = [validators.instance_of(int), validators.ge(1)]


@frozen(kw_only=True)
class Options:
    """The choices; days count from the infusion, day 0, and windows include both ends.

    Parameters
    ----------
    baseline
        First and last day of the baseline window.
    first_day
        First day that counts for a reduction or a discontinuation.
    threshold
        By how much a dose is lower when it counts as reduced [%].
    strict
        Whether it must be lower by more than the threshold; False: by at least that much.
    sustain_days
        How many consecutive days [days] make a reduction event.
    gap_days
        How many consecutive days without the drug [days] make a stop; fewer are a gap.
    overlap
        Two records of one drug on one day: ``"refuse"``, ``"sum"`` (split dosing) or
        ``"latest_start"`` (the record that began last holds; the other holds again after it).
    partial
        Of a partial date the ``"longest"`` reading (start early, end late), or ``"refuse"``.
    new_therapy
        A drug first given after the infusion to treat ITP ``"ends"`` the window, or is
        ``"ignored"``. Glucocorticoids, immunoglobulin and transfusions are rescue and do not.
    effects
        Effect windows [days] by drug, beside the drugs' own.
    table
        Glucocorticoid equivalents.

    Examples
    --------
    >>> Options(threshold="50 %", strict=False).share
    Fraction(1, 2)
    """

    baseline: tuple[int, int] = field(default=(-19, -6), converter=_to_window)
    first_day: int = field(default=0, validator=validators.instance_of(int))
    threshold: Quantity = field(
        default=make(25.0, "%"),
        converter=_to_threshold,
        validator=measured("%", possible=("0 %", "100 %")),
    )
    strict: bool = field(default=True, validator=validators.instance_of(bool))
    sustain_days: int = field(default=28, validator=_DAYS)
    gap_days: int = field(default=28, validator=_DAYS)
    overlap: str = field(
        default="refuse", validator=validators.in_(("refuse", "sum", "latest_start"))
    )
    partial: str = field(default="longest", validator=validators.in_(("longest", "refuse")))
    new_therapy: str = field(default="ends", validator=validators.in_(("ends", "ignored")))
    effects: Mapping[str, int] = field(factory=dict, converter=_to_effects, hash=False)
    table: EquivalenceTable = field(default=ANTI_INFLAMMATORY, hash=False)

    @property
    def share(self) -> Fraction:
        """The threshold as an exact share."""
        return exact(self.threshold.m_as("%")) / 100


__all__ = ["REASONS", "Options"]
