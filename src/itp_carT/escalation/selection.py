"""The dose at the end of an interval design: isotonic regression of the observed shares.

Shares with a small pseudo-count are pooled until they rise with the level; the level closest to
the target is selected. The pseudo-counts and the rule for ties are those known of the BOIN
software and were not confirmed in an opened source: the citation says so.
"""

from __future__ import annotations

from fractions import Fraction

from attrs import frozen

from itp_carT.sources import LIU_YUAN_2015, Citation

from .cohorts import Cohorts
from .designs import CUTOFF, too_toxic
from .table import share

#: Added to the toxicities, and twice that to the patients, of every level.
PSEUDO = Fraction(5, 100)
SOURCE = LIU_YUAN_2015.at("selection of the MTD by isotonic regression", verified=False)


@frozen
class Selection:
    """The level selected at the end.

    Parameters
    ----------
    level
        The level, from 1; None when every level is too toxic.
    estimates
        Isotonic estimate of the probability of toxicity per admissible treated level.
    citation
        Where the rule is from.
    """

    level: int | None
    estimates: tuple[tuple[int, float], ...]
    citation: Citation = SOURCE


def pooled(values: list[Fraction], weights: list[Fraction]) -> list[Fraction]:
    """Return the isotonic (non-decreasing) regression of values with weights.

    Examples
    --------
    >>> one = Fraction(1)
    >>> [float(v) for v in pooled([Fraction(3, 10), Fraction(1, 10)], [one, one])]
    [0.2, 0.2]
    """
    blocks: list[tuple[Fraction, Fraction, int]] = []
    for value, weight in zip(values, weights, strict=True):
        blocks.append((value, weight, 1))
        while len(blocks) > 1 and blocks[-2][0] > blocks[-1][0]:
            (v1, w1, n1), (v2, w2, n2) = blocks[-2:]
            blocks[-2:] = [((v1 * w1 + v2 * w2) / (w1 + w2), w1 + w2, n1 + n2)]
    return [value for value, _, count in blocks for _ in range(count)]


def select(
    state: Cohorts, target: float | Fraction, *, cutoff: float | Fraction | None = CUTOFF
) -> Selection:
    """Select the level closest to the target among those treated and not too toxic.

    Of two levels equally close, the higher is taken when the estimate is below the target, the
    lower when it is above.

    Parameters
    ----------
    state
        The trial at its end.
    target
        Target probability of dose-limiting toxicity.
    cutoff
        Posterior probability above which a level is too toxic, with all above it; None leaves
        out only the levels that the state says were eliminated.

    Examples
    --------
    >>> select(Cohorts(treated=(3, 6, 6), dlt=(0, 1, 4), current=2), 0.30).level
    2
    """
    phi = share(target, "target")
    limit = None if cutoff is None else share(cutoff, "cutoff")
    levels = []
    for level, (treated, dlt) in enumerate(zip(state.treated, state.dlt, strict=True), start=1):
        gone = state.eliminated_from is not None and level >= state.eliminated_from
        if gone or (limit is not None and too_toxic(dlt, treated, phi, limit)):
            break
        if treated:
            levels.append((level, treated, dlt))
    if not levels:
        return Selection(None, ())
    shares = [(dlt + PSEUDO) / (treated + 2 * PSEUDO) for _, treated, dlt in levels]
    weights = []
    for _, treated, dlt in levels:
        a, b = dlt + PSEUDO, treated - dlt + PSEUDO
        weights.append((a + b) ** 2 * (a + b + 1) / (a * b))
    estimates = pooled(shares, weights)
    distances = [abs(estimate - phi) for estimate in estimates]
    closest = [k for k, distance in enumerate(distances) if distance == min(distances)]
    chosen = max(closest) if estimates[closest[0]] < phi else min(closest)
    named = tuple(
        (level, float(estimate)) for (level, _, _), estimate in zip(levels, estimates, strict=True)
    )
    return Selection(levels[chosen][0], named)
