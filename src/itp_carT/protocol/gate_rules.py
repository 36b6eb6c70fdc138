"""The parts of a CRS gate: actions, reductions by grade, and the rule to resume."""

from __future__ import annotations

import re
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from itp_carT.errors import DimensionError, ImpossibleError, NotationError
from itp_carT.notation import show
from itp_carT.toxicity.scales import ScaledGrade

# at most four digits below: never zero, never long to compute
_SHARE = re.compile(
    r"[0-9]{1,4}(?:\.[0-9]{1,15})?|\.[0-9]{1,15}|[0-9]{1,4}/[1-9][0-9]{0,3}", re.ASCII
)


class Action(Enum):
    """What becomes of a fraction, the gravest first."""

    STOP = "stop"
    HOLD = "hold"
    REDUCE = "reduce"
    GIVE = "give"


def _to_share(given: Any) -> Fraction:
    """Read a share exactly: 0.5 is one half."""
    number = isinstance(given, (int, float, str, Fraction)) and not isinstance(given, bool)
    if not number or not _SHARE.fullmatch(str(given).strip()):
        raise NotationError(
            f'{show(given)} is not a share: write e.g. 0.5 or "1/2"', field="share", given=given
        )
    share = Fraction(str(given).strip())
    if not 0 < share < 1:
        raise ImpossibleError(
            f"{show(given)} is not a reduced share: it lies between 0 and 1",
            field="share",
            given=given,
        )
    return share


def to_scaled(given: ScaledGrade) -> ScaledGrade:
    """Return a grade that has its scale.

    Raises
    ------
    DimensionError
        A bare number, which is of no scale.
    """
    if not isinstance(given, ScaledGrade):
        raise DimensionError(
            f"{show(given)} has no scale: write e.g. CRS_ASTCT_2019.grade(2)", given=given
        )
    return given


@frozen
class Reduction:
    """From a grade on, a share of the planned fraction is given; the rest is not made up for.

    Parameters
    ----------
    at_grade
        Lowest grade at which it applies.
    share
        Share of the planned fraction, between 0 and 1.
    """

    at_grade: ScaledGrade = field(converter=to_scaled)
    share: Fraction = field(converter=_to_share)


def _to_days(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 1:
        raise ImpossibleError(
            f"{show(given)} is not a number of days: write 1 or more", field="days", given=given
        )
    return given


@frozen
class ResumeRule:
    """When a held fraction may be given: a low enough grade on enough days in a row.

    Parameters
    ----------
    at_most
        Highest grade.
    days
        Days in a row, the day of the infusion included.
    """

    at_most: ScaledGrade = field(converter=to_scaled)
    days: int = field(default=1, kw_only=True, converter=_to_days)


__all__ = ["Action", "Reduction", "ResumeRule", "to_scaled"]
