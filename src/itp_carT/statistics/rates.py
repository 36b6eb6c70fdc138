"""Intervals of a response rate: exact by Clopper and Pearson, and Wilson's score interval.

Exact limits are found by halving on the binomial tail itself, so they hold for any small sample.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum
from itertools import chain, takewhile
from statistics import NormalDist
from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, NotationError
from itp_carT.notation import plain, shorten
from itp_carT.rounding import fixed
from itp_carT.sources import CLOPPER_PEARSON_1934, WILSON_1927, Citation
from itp_carT.working import Step, Working

from .options import COMPARED, choice, confidence_level

EXACT = CLOPPER_PEARSON_1934.at("exact limits", verified=True, note=COMPARED)
_NEGLIGIBLE = 1e-24  # of the largest term: far below the last digit of the sum
SCORE = WILSON_1927.at("score limits", verified=True, note=COMPARED)


class Sided(Enum):
    """Which limits an interval has; a one-sided limit is not one end of the two-sided interval."""

    TWO = "two-sided"
    LOWER = "one-sided lower"
    UPPER = "one-sided upper"

    @property
    def label(self) -> str:
        """The words for it."""
        return self.value


@frozen
class RateInterval:
    """A response rate with its interval.

    Parameters
    ----------
    responders, patients
        The counts.
    lower, upper
        Limits, as shares from 0 to 1.
    confidence, sided, method
        What the limits are.
    working
        The formula with the numbers put in.
    """

    responders: int
    patients: int
    lower: float
    upper: float
    confidence: float
    sided: Sided
    method: str
    working: Working = field(repr=False, eq=False)

    @property
    def rate(self) -> float:
        """The share of responders."""
        return self.responders / self.patients

    @property
    def because(self) -> str:
        """The rate, its interval and the method in one line."""
        return str(self.working[-1])

    def __str__(self) -> str:
        share = f"{self.responders}/{self.patients} = {fixed(self.rate, 4)}"
        level = f"{plain(100 * self.confidence)} % {self.sided.label}"
        return f"{share}, {level} {fixed(self.lower, 4)} to {fixed(self.upper, 4)} ({self.method})"


def clopper_pearson(
    responders: int,
    patients: int,
    *,
    confidence: float = 0.95,
    sided: Sided | str = Sided.TWO,
) -> RateInterval:
    """Exact (Clopper-Pearson) interval of a response rate.

    Parameters
    ----------
    responders, patients
        Counts, with ``responders`` at most ``patients``.
    confidence
        Between 0 and 1.
    sided
        ``"two-sided"``, or one limit only: ``"one-sided lower"``, ``"one-sided upper"``.

    Raises
    ------
    ImpossibleError, NotationError
        Counts that cannot be true.

    References
    ----------
    clopper-pearson-1934

    Examples
    --------
    >>> print(clopper_pearson(3, 5))
    3/5 = 0.6000, 95 % two-sided 0.1466 to 0.9473 (Clopper-Pearson)
    """
    tail, side = _tail(confidence, sided)
    x, n = _counts(responders, patients)
    lower = 0.0 if x == 0 or side is Sided.UPPER else _solve(lambda p: _at_least(x, n, p) - tail)
    upper = 1.0
    if x < n and side is not Sided.LOWER:
        upper = 1 - _solve(lambda q: _at_least(n - x, n, q) - tail)
    return _interval(x, n, (lower, upper), confidence, side, ("Clopper-Pearson", EXACT))


def wilson(
    responders: int,
    patients: int,
    *,
    confidence: float = 0.95,
    sided: Sided | str = Sided.TWO,
) -> RateInterval:
    """Wilson score interval of a response rate, without continuity correction.

    Parameters
    ----------
    responders, patients
        Counts, with ``responders`` at most ``patients``.
    confidence
        Between 0 and 1.
    sided
        ``"two-sided"``, or one limit only: ``"one-sided lower"``, ``"one-sided upper"``.

    Raises
    ------
    ImpossibleError, NotationError
        Counts that cannot be true.

    References
    ----------
    wilson-1927

    Examples
    --------
    >>> print(wilson(3, 5))
    3/5 = 0.6000, 95 % two-sided 0.2307 to 0.8824 (Wilson)
    """
    tail, side = _tail(confidence, sided)
    x, n = _counts(responders, patients)
    square = NormalDist().inv_cdf(1 - tail) ** 2
    center = (x + square / 2) / (n + square)
    half = math.sqrt(square * (x * (n - x) / n + square / 4)) / (n + square)
    lower = 0.0 if x == 0 or side is Sided.UPPER else max(0.0, center - half)
    upper = 1.0 if x == n or side is Sided.LOWER else min(1.0, center + half)
    return _interval(x, n, (lower, upper), confidence, side, ("Wilson", SCORE))


def _tail(confidence: float, sided: Sided | str) -> tuple[float, Sided]:
    side: Sided = choice(Sided, sided, "sided")
    return (1 - confidence_level(confidence)) / (2 if side is Sided.TWO else 1), side


def _counts(responders: int, patients: int) -> tuple[int, int]:
    x, n = _count(responders, "responders"), _count(patients, "patients")
    if n == 0:
        raise ImpossibleError("a rate needs at least one patient", field="patients", given=n)
    if x > n:
        raise ImpossibleError(f"{x} of {n} patients cannot be", field="responders", given=x)
    return x, n


def _interval(
    x: int,
    n: int,
    limits: tuple[float, float],
    confidence: float,
    side: Sided,
    how: tuple[str, Citation],
) -> RateInterval:
    method, cited = how
    formula = {
        "Clopper-Pearson": "p at which the tail beyond the count has the error probability",
        "Wilson": "(x + z²/2 ± z √(x(n-x)/n + z²/4)) / (n + z²)",
    }[method]
    level = f"{plain(100 * confidence)} % {side.label}"
    step = Step(
        f"{method} interval, {level}",
        formula,
        f"x = {x}, n = {n}",
        f"{fixed(limits[0], 4)} to {fixed(limits[1], 4)}",
        cited,
    )
    rate = Step("rate", "responders / patients", f"{x} / {n}", f"{fixed(x / n, 4)}")
    return RateInterval(x, n, *limits, confidence, side, method, Working((rate, step)))


def _at_least(x: int, n: int, p: float) -> float:
    """Return the chance of x or more of n at rate p (x from 1 up)."""
    if p <= 0 or p >= 1:
        return float(p >= 1)
    yes, no, whole = math.log(p), math.log1p(-p), math.lgamma(n + 1)

    def term(k: int) -> float:
        return math.exp(
            whole - math.lgamma(k + 1) - math.lgamma(n - k + 1) + k * yes + (n - k) * no
        )

    # terms fall on both sides of the largest, so the sum of a large sample needs few of them
    top = max(x, min(n, int((n + 1) * p)))
    least = _NEGLIGIBLE * term(top)
    above = takewhile(lambda value: value > least, map(term, range(top, n + 1)))
    below = takewhile(lambda value: value > least, map(term, range(top - 1, x - 1, -1)))
    return math.fsum(chain(above, below))


def _solve(rising: Callable[[float], float]) -> float:
    """Return where a rising function of a share crosses zero, by halving to the last bit."""
    low, high = 0.0, 1.0
    while True:
        middle = (low + high) / 2
        if middle in (low, high):
            return middle
        low, high = (low, middle) if rising(middle) > 0 else (middle, high)


def _count(given: Any, name: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise NotationError(
            f"{shorten(repr(given))} is not a whole number", field=name, given=given
        )
    if given < 0:
        raise ImpossibleError(f"{given} is below zero", field=name, given=given)
    return given
