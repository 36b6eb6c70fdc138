"""Published dose-finding designs as decision tables: 3+3, BOIN, Keyboard, mTPI-2 and i3+3.

Intervals and posteriors are exact fractions: 0.3 + 0.05 is 0.35 here, which it is not in floats.
For a whole number of toxicities the posterior of a uniform prior is a binomial sum, so that no
special function is needed.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from fractions import Fraction
from typing import Any

from attrs import frozen

from itp_carT.errors import ImpossibleError, UnknownTermError
from itp_carT.rounding import fixed
from itp_carT.sources import (
    GUO_2017,
    KORN_1994,
    LIU_WANG_JI_2020,
    LIU_YUAN_2015,
    YAN_2017,
)

from .table import Action, DecisionTable, share, whole

#: Posterior probability of too much toxicity above which a level is eliminated.
CUTOFF = Fraction(95, 100)
#: Least number treated before a level can be eliminated.
LEAST_FOR_ELIMINATION = 3
#: Half the width of the interval around the target (Keyboard, mTPI-2, i3+3).
HALF_WIDTH = Fraction(5, 100)


@functools.cache
def _above(dlt: int, treated: int, limit: Fraction) -> Fraction:
    """Posterior probability that toxicity exceeds a limit, uniform prior, exactly.

    P(p > limit | Beta(1 + x, 1 + n - x)) = P(Bin(n + 1, limit) <= x).
    """
    size, rest = treated + 1, 1 - limit
    return sum(
        (math.comb(size, k) * limit**k * rest ** (size - k) for k in range(dlt + 1)), Fraction(0)
    )


def too_toxic(dlt: int, treated: int, target: Fraction, cutoff: Fraction = CUTOFF) -> bool:
    """Say whether a level is eliminated: enough patients, and surely above the target."""
    return treated >= LEAST_FOR_ELIMINATION and _above(dlt, treated, target) > cutoff


def _table(
    decide: Callable[[int, int], Action], target: Fraction, largest: int, cutoff: Fraction
) -> list[list[Action]]:
    whole(largest, "largest", least=1)
    return [
        [
            Action.DU if too_toxic(dlt, treated, target, cutoff) else decide(dlt, treated)
            for dlt in range(treated + 1)
        ]
        for treated in range(1, largest + 1)
    ]


@frozen
class BoinBoundaries:
    """The two limits on the observed share of toxicities.

    Parameters
    ----------
    escalate
        Escalate at or below this share.
    de_escalate
        De-escalate at or above this share.
    """

    escalate: float
    de_escalate: float


def boin_boundaries(
    target: float | Fraction,
    *,
    too_low: float | Fraction | None = None,
    too_high: float | Fraction | None = None,
) -> BoinBoundaries:
    """Return the BOIN limits.

    Parameters
    ----------
    target
        Target probability of dose-limiting toxicity.
    too_low, too_high
        Probabilities that would be sub-therapeutic and overly toxic; 0.6 and 1.4 times the target
        by default.

    Raises
    ------
    ImpossibleError
        Probabilities outside 0 to 1 or out of order.

    References
    ----------
    Liu and Yuan 2015.

    Examples
    --------
    >>> limits = boin_boundaries(0.30)
    >>> f"{limits.escalate:.7f} {limits.de_escalate:.7f}"
    '0.2364907 0.3585195'
    """
    phi = share(target, "target")
    low = phi * Fraction(6, 10) if too_low is None else share(too_low, "too_low")
    high = phi * Fraction(14, 10) if too_high is None else share(too_high, "too_high")
    if not low < phi < high < 1:
        raise ImpossibleError(
            f"{float(low):g}, {float(phi):g} and {float(high):g} do not rise below 1",
            field="target",
            given=target,
        )
    p, p1, p2 = float(phi), float(low), float(high)
    escalate = math.log((1 - p1) / (1 - p)) / math.log(p * (1 - p1) / (p1 * (1 - p)))
    down = math.log((1 - p) / (1 - p2)) / math.log(p2 * (1 - p) / (p * (1 - p2)))
    return BoinBoundaries(escalate, down)


def boin(
    target: float | Fraction = Fraction(30, 100),
    *,
    largest: int = 30,
    cutoff: float | Fraction = CUTOFF,
) -> DecisionTable:
    """Return the decision table of the Bayesian optimal interval design (local, non-informative).

    Parameters
    ----------
    target
        Target probability of dose-limiting toxicity.
    largest
        Largest number treated at one level.
    cutoff
        Posterior probability above which a level is eliminated.

    Examples
    --------
    >>> print(boin(0.30, largest=6))
    BOIN, target 0.3 (Liu 2015, equations for the boundaries)
    patients treated      1  2  3  4  5  6
    escalate if DLT ≤     0  0  0  0  1  1
    de-escalate if DLT ≥  1  1  2  2  2  3
    eliminate if DLT ≥    -  -  3  3  4  4
    """
    phi = share(target, "target")
    limits = boin_boundaries(phi)

    def decide(dlt: int, treated: int) -> Action:
        observed = dlt / treated
        if observed <= limits.escalate:
            return Action.E
        return Action.D if observed >= limits.de_escalate else Action.S

    return DecisionTable(
        "BOIN",
        phi,
        _table(decide, phi, largest, share(cutoff, "cutoff")),
        source=LIU_YUAN_2015.at("equations for the boundaries"),
        rule=(
            f"escalate when the share with toxicity is at most {fixed(limits.escalate, 4)}, "
            f"de-escalate when it is at least {fixed(limits.de_escalate, 4)}"
        ),
    )


def _keys(target: Fraction, half: Fraction) -> tuple[list[tuple[Fraction, Fraction]], int]:
    """Return intervals of the target's width that cover 0 to 1, short ends included."""
    width = 2 * half
    low, high = target - half, target + half
    if low < 0 or high > 1:
        raise ImpossibleError(
            f"an interval of {float(half):g} around {float(target):g} leaves 0 to 1",
            field="half_width",
            given=float(half),
        )
    below: list[tuple[Fraction, Fraction]] = []
    edge = low
    while edge > 0:
        below.insert(0, (max(edge - width, Fraction(0)), edge))
        edge -= width
    above: list[tuple[Fraction, Fraction]] = []
    edge = high
    while edge < 1:
        above.append((edge, min(edge + width, Fraction(1))))
        edge += width
    return [*below, (low, high), *above], len(below)


def _mass(key: tuple[Fraction, Fraction], dlt: int, treated: int) -> Fraction:
    low, high = key
    over = _above(dlt, treated, low) if low > 0 else Fraction(1)
    return over - (_above(dlt, treated, high) if high < 1 else Fraction(0))


def _strongest(
    target: Fraction, half: Fraction, *, short_ends: bool
) -> Callable[[int, int], Action]:
    keys, at_target = _keys(target, half)
    width = 2 * half
    used = [k for k, key in enumerate(keys) if short_ends or key[1] - key[0] == width]
    if at_target in (used[0], used[-1]):
        side = "below" if at_target == used[0] else "above"
        raise ImpossibleError(
            f"no whole key lies {side} the target key, so that the design could never leave it: "
            f"choose a half_width below {float(half):g} for a target of {float(target):g}",
            field="half_width",
            given=float(half),
        )

    def decide(dlt: int, treated: int) -> Action:
        weight = {k: _mass(keys[k], dlt, treated) / (keys[k][1] - keys[k][0]) for k in used}
        heaviest = max(weight.values())
        best = {k for k, mass in weight.items() if mass == heaviest}
        if at_target in best:
            return Action.S
        return Action.E if max(best) < at_target else Action.D

    return decide


def keyboard(
    target: float | Fraction = Fraction(30, 100),
    *,
    largest: int = 30,
    half_width: float | Fraction = HALF_WIDTH,
    cutoff: float | Fraction = CUTOFF,
) -> DecisionTable:
    """Return the decision table of the Keyboard design.

    The strongest key, of keys as wide as the target key, decides; short keys at the ends are
    dropped.

    Parameters
    ----------
    target, largest, cutoff
        As in `boin`.
    half_width
        Half the width of the target key.
    """
    phi, half = share(target, "target"), share(half_width, "half_width")
    decide = _strongest(phi, half, short_ends=False)
    return DecisionTable(
        "Keyboard",
        phi,
        _table(decide, phi, largest, share(cutoff, "cutoff")),
        source=YAN_2017.at("decision rule"),
        rule="go where the key with the largest posterior mass lies",
    )


def mtpi2(
    target: float | Fraction = Fraction(30, 100),
    *,
    largest: int = 30,
    half_width: float | Fraction = HALF_WIDTH,
    cutoff: float | Fraction = CUTOFF,
) -> DecisionTable:
    """Return the decision table of the modified toxicity probability interval design 2.

    The interval with the largest unit probability mass decides; short intervals at the ends count.

    Parameters
    ----------
    target, largest, cutoff
        As in `boin`.
    half_width
        Half the width of the equivalence interval.
    """
    phi, half = share(target, "target"), share(half_width, "half_width")
    decide = _strongest(phi, half, short_ends=True)
    return DecisionTable(
        "mTPI-2",
        phi,
        _table(decide, phi, largest, share(cutoff, "cutoff")),
        source=GUO_2017.at("decision rule"),
        rule="go where the interval with the largest unit probability mass lies",
    )


def i3plus3(
    target: float | Fraction = Fraction(30, 100),
    *,
    largest: int = 30,
    half_width: float | Fraction = HALF_WIDTH,
    cutoff: float | Fraction = CUTOFF,
) -> DecisionTable:
    """Return the decision table of the i3+3 design.

    Parameters
    ----------
    target, largest, cutoff
        As in `boin`.
    half_width
        Half the width of the equivalence interval.
    """
    phi, half = share(target, "target"), share(half_width, "half_width")
    low, high = phi - half, phi + half

    def decide(dlt: int, treated: int) -> Action:
        observed = Fraction(dlt, treated)
        if observed < low:
            return Action.E
        if observed <= high:
            return Action.S
        return Action.S if Fraction(dlt - 1, treated) < low else Action.D

    return DecisionTable(
        "i3+3",
        phi,
        _table(decide, phi, largest, share(cutoff, "cutoff")),
        source=LIU_WANG_JI_2020.at("decision rule"),
        rule=(
            "below the interval escalate, inside stay; above, stay when one toxicity fewer would "
            "be below it, else de-escalate"
        ),
    )


def three_plus_three() -> DecisionTable:
    """Return the decision table of the 3+3 design: cohorts of 3, at most 6 at a level.

    What happens at the top level and after de-escalation differs between variants and stands in
    `itp_carT.escalation.cohorts`.

    Examples
    --------
    >>> three_plus_three().action(treated=3, dlt=1).label
    'stay'
    """
    rows: list[list[Action | None]] = [[None] * (treated + 1) for treated in range(1, 7)]
    rows[2] = [Action.E, Action.S, Action.DU, Action.DU]
    rows[5] = [Action.E, Action.E, *[Action.DU] * 5]
    return DecisionTable(
        "3+3",
        None,
        rows,
        source=KORN_1994.at("3+3 rule"),
        rule=(
            "of 3: none escalate, 1 treat 3 more, 2 or more stop above the MTD; of 6: at most 1 "
            "escalate, 2 or more stop above the MTD"
        ),
    )


DESIGNS = {
    "3+3": three_plus_three,
    "boin": boin,
    "keyboard": keyboard,
    "mtpi-2": mtpi2,
    "i3+3": i3plus3,
}


def design(
    name: str, target: float | Fraction | str | None = None, **options: Any
) -> DecisionTable:
    """Return a design's table by its name, whatever the case.

    Raises
    ------
    UnknownTermError
        No such design; names those there are.
    """
    make = DESIGNS.get(name.strip().casefold())
    if make is None:
        raise UnknownTermError(
            f'"{name}" is not a design: write {", ".join(DESIGNS)}',
            field="design",
            given=name,
            nearest=tuple(DESIGNS),
        )
    if make is three_plus_three:
        if target is not None:
            raise ImpossibleError("the 3+3 design has no target", field="target", given=target)
        return three_plus_three()
    chosen: Callable[..., DecisionTable] = make
    return chosen(*(() if target is None else (target,)), **options)
