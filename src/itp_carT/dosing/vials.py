"""Vials: which are opened for one dose of one day, and what is thrown away.

Least drug first, then the fewest vials. Nothing is kept for the next day: the products have no
preservative. Strengths are those given; the library prefers no manufacturer.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from attrs import frozen

from itp_carT.errors import ImpossibleError, MissingFactError
from itp_carT.units import Measured, Quantity, make, measured, symbol, to_quantity, value_in

_MOST = 20_000  # steps searched; vials and doses of one drug are far below


@frozen
class VialPlan:
    """The vials opened for one dose.

    Parameters
    ----------
    vials
        Pairs of a strength [unit of the dose] and how many of it, largest strength first.
    waste
        Drug left over, which is discarded [unit of the dose].

    Examples
    --------
    >>> print(vial_plan("490 mg", ("200 mg", "500 mg")))
    1 × 500 mg, waste 10 mg
    >>> vial_plan("490 mg", ("200 mg",)).vials
    ((Quantity('200 mg'), 3),)
    """

    vials: tuple[tuple[Quantity, int], ...]
    waste: Quantity

    @property
    def count(self) -> int:
        """How many vials are opened."""
        return sum(count for _, count in self.vials)

    def __str__(self) -> str:
        opened = " + ".join(f"{count} × {strength}" for strength, count in self.vials)
        return f"{opened}, waste {self.waste}"


def vial_plan(dose: Measured, strengths: Iterable[Measured]) -> VialPlan:
    """Choose the vials for one dose of one day.

    Parameters
    ----------
    dose
        The rounded dose, as drawn [mg, or any unit of the strengths' kind].
    strengths
        Contents of the vials at hand [unit of the dose's kind].

    Raises
    ------
    MissingFactError
        No strength was given.
    UnitError, NotationError, ImpossibleError
        The dose or a strength is not an amount above zero of the same kind.

    Examples
    --------
    >>> print(vial_plan("1100 mg", ("500 mg", "1 g", "200 mg")))
    1 × 500 mg + 3 × 200 mg, waste 0 mg
    """
    wanted: Any = to_quantity(dose)
    measured(symbol(wanted) if isinstance(wanted, Quantity) else "mg").check("dose", wanted)
    return opened(wanted, strengths_of(strengths, symbol(wanted)))


def strengths_of(given: Iterable[Measured], unit: str = "mg") -> tuple[Quantity, ...]:
    """Check the strengths of vials [``unit``]; each once, largest first.

    Raises
    ------
    MissingFactError
        None was given.
    UnitError, NotationError, ImpossibleError
        One is not an amount above zero.
    """
    listed = (given,) if isinstance(given, (str, Quantity)) else tuple(given)
    found = {}
    for strength in map(to_quantity, listed):
        found[measured(unit).check("vials", strength)] = strength
    if not found:
        raise MissingFactError('no vial strength was given: write e.g. "50 mg"', field="vials")
    return tuple(found[number] for number in sorted(found, reverse=True))


def opened(dose: Quantity, strengths: tuple[Quantity, ...]) -> VialPlan:
    """Choose the vials as `vial_plan` does, for a checked dose and strengths [any one unit]."""
    unit = symbol(dose)
    sizes = tuple(value_in(strength, unit) for strength in strengths)
    counts, waste = _choose(dose.magnitude, sizes)
    return VialPlan(
        tuple((strength, n) for strength, n in zip(strengths, counts, strict=True) if n),
        make(waste, unit),
    )


@functools.lru_cache(maxsize=1024)
def _choose(dose: float, amounts: tuple[float, ...]) -> tuple[tuple[int, ...], float]:
    """Return how many of each size are opened, and what is left over."""
    need, sizes = _exact(dose), tuple(map(_exact, amounts))
    step = functools.reduce(_common, sizes)
    counts = _fewest(math.ceil(need / step), tuple(int(size / step) for size in sizes))
    held = sum((size * n for size, n in zip(sizes, counts, strict=True)), Fraction(0))
    return counts, float(held - need)


def _exact(number: float) -> Fraction:
    return Fraction(Decimal(f"{number:.12g}"))


def _common(a: Fraction, b: Fraction) -> Fraction:
    """Greatest common measure of two amounts."""
    return Fraction(
        math.gcd(a.numerator * b.denominator, b.numerator * a.denominator),
        a.denominator * b.denominator,
    )


def _fewest(need: int, sizes: tuple[int, ...]) -> tuple[int, ...]:
    """Return how many of each size: least total of at least `need`, then fewest."""
    largest = need + min(sizes)
    if largest > _MOST:
        raise ImpossibleError(
            "the dose needs thousands of these vials: check the dose and the strengths",
            field="vials",
        )
    # best[total] is the fewest vials that hold exactly `total`, and the size opened last
    best: dict[int, tuple[int, int]] = {0: (0, 0)}
    for total in range(1, largest + 1):
        options = [(best[total - s][0] + 1, s) for s in sizes if total - s in best]
        if options:
            best[total] = min(options, key=lambda option: (option[0], -option[1]))
    total = next(total for total in range(need, largest + 1) if total in best)
    opened = []
    while total:
        opened.append(best[total][1])
        total -= opened[-1]
    return tuple(opened.count(size) for size in sizes)


__all__ = ["VialPlan", "opened", "strengths_of", "vial_plan"]
