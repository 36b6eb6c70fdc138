"""What a number of cells counts, and how shares of cells are read.

Total cells, viable cells and viable CAR-positive T cells are different things; a share is a
fraction above 0 and at most 1, or a percentage with its sign.
"""

from __future__ import annotations

import math
import re
from enum import Enum
from typing import Any

from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    NotationError,
    UnknownTermError,
)
from itp_carT.notation import plain, show
from itp_carT.units import Measured, Quantity, measured, to_quantity, value_in

_SHARE = re.compile(r"\s*(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE]-[0-9]+)?\s*", re.ASCII)


class Counting(Enum):
    """Which cells a number counts; each kind is a part of the one before it.

    Examples
    --------
    >>> Counting.of("viable CAR-positive").label
    'viable CAR-positive T cells'
    """

    TOTAL = "total"
    VIABLE = "viable"
    VIABLE_CAR_POSITIVE = "viable CAR-positive"

    @property
    def label(self) -> str:
        """What is counted, in words."""
        kind = "T cells" if self is Counting.VIABLE_CAR_POSITIVE else "cells"
        return f"{self.value} {kind}"

    @classmethod
    def of(cls, given: Any) -> Counting:
        """Read a counting basis.

        Raises
        ------
        UnknownTermError
            For anything else; a number of cells without its basis is not used.
        """
        if isinstance(given, Counting):
            return given
        word = given.strip().lower() if isinstance(given, str) else ""
        word = word.replace("_", "-").replace(" ", "-").replace("car+", "car-positive")
        for known in cls:
            if word == known.value.lower().replace(" ", "-"):
                return known
        raise UnknownTermError(
            f"{show(given)} does not say which cells are counted: "
            'write "total", "viable" or "viable CAR-positive"',
            field="counting",
            given=given,
            nearest=tuple(known.value for known in cls),
        )

    def __repr__(self) -> str:
        return f"Counting.{self.name}"


def to_counting(given: Counting | str) -> Counting:
    """Convert a field that says which cells are counted; see `Counting.of`."""
    return Counting.of(given)


def scientific(number: float) -> str:
    """Write a number of cells with a power of ten, which is how doses of cells are read.

    Examples
    --------
    >>> scientific(9e8), scientific(1.07295e9)
    ('9.0×10^8', '1.07295×10^9')
    """
    mantissa, _, exponent = f"{number:.5e}".partition("e")
    short = mantissa.rstrip("0")
    return f"{short}0×10^{int(exponent)}" if short.endswith(".") else f"{short}×10^{int(exponent)}"


def share(given: Any, field: str, example: str = "0.85") -> float:
    """Read a share of one: a fraction, or a percentage with its sign.

    Parameters
    ----------
    given
        Above 0 and up to 1, e.g. ``0.85``, or ``"85 %"``.
    field
        Name of the argument, for the message.
    example
        What the message offers.

    Raises
    ------
    ImpossibleError
        Not above 0 and up to 1; a percentage needs its sign.
    NotationError, UnitError
        Not a number, or a quantity of another kind.

    Examples
    --------
    >>> share("85 %", "viability"), share(0.85, "viability")
    (0.85, 0.85)
    """
    number: Any = given
    if isinstance(given, str) and _SHARE.fullmatch(given) and len(given) < 40:
        number = float(given)
    elif isinstance(given, str) or hasattr(given, "magnitude"):
        number = _measured_share(given, field)
    if (
        isinstance(number, bool)
        or not isinstance(number, (int, float))
        or not math.isfinite(number)
    ):
        raise NotationError(
            f'{show(given)} is not a share: write e.g. {example} or "{float(example):.0%}"',
            field=field,
            given=given,
        )
    if not 0 < number <= 1:
        hint = f': write "{plain(number)} %"?' if 1 < number <= 100 else ""
        raise ImpossibleError(
            f"{show(given)} is not a share above 0 and up to 1{hint}", field=field, given=given
        )
    return float(number)


def _measured_share(given: Measured, field: str) -> float:
    read = to_quantity(given)
    if isinstance(read, Quantity):
        try:
            return value_in(read, "1")
        except DimensionError:
            pass
    try:
        return measured("%").check(field, read) / 100
    except ItpCarTError as error:
        raise error from None


def to_viability(given: Any) -> float | None:
    """Read the share of cells that are viable."""
    return None if given is None else share(given, "viability")


def to_car_fraction(given: Any) -> float | None:
    """Read the share of viable cells that carry the receptor."""
    return None if given is None else share(given, "car_fraction")
