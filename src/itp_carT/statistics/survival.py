"""Kaplan-Meier estimates for time to and duration of response, with a median and its interval.

Variance by Greenwood, limits on the log-log or the plain scale, the median's interval by Brookmeyer
and Crowley. Where the share is 0 no limit can be estimated, and none is printed.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterable
from enum import Enum
from statistics import NormalDist
from typing import Any

from attrs import frozen

from itp_carT.errors import ImpossibleError, MissingFactError, NotationError
from itp_carT.notation import plain, shorten
from itp_carT.rounding import fixed
from itp_carT.sources import BROOKMEYER_CROWLEY_1982, GREENWOOD_1926, KAPLAN_MEIER_1958
from itp_carT.units import TOLERANCE
from itp_carT.working import Step, Working

from .options import COMPARED, choice, confidence_level

PRODUCT_LIMIT = KAPLAN_MEIER_1958.at("product limit", verified=True, note=COMPARED)
VARIANCE = GREENWOOD_1926.at("variance of a survival probability", verified=True, note=COMPARED)
MEDIAN = BROOKMEYER_CROWLEY_1982.at("interval of the median", verified=True, note=COMPARED)


class Transform(Enum):
    """Scale on which the limits of a survival probability are symmetric."""

    LOG_LOG = "log-log"
    PLAIN = "plain"

    @property
    def label(self) -> str:
        """The word for it."""
        return self.value


@frozen
class SurvivalRow:
    """The estimate at one time at which somebody had the event or was censored.

    Parameters
    ----------
    time
        The time.
    at_risk
        Subjects followed at least so long; one censored at a time is at risk at it.
    events, censored
        How many had the event, and how many were censored, at this time.
    survival
        Share without the event just after it.
    standard_error
        By Greenwood; None where the share is 0.
    lower, upper
        Limits; None where they cannot be estimated.
    """

    time: float
    at_risk: int
    events: int
    censored: int
    survival: float
    standard_error: float | None
    lower: float | None
    upper: float | None


@frozen
class KaplanMeier:
    """A Kaplan-Meier estimate.

    Parameters
    ----------
    rows
        One per distinct time, in order.
    confidence, transform
        What the limits are.
    unit
        Unit of the times, as printed.
    """

    rows: tuple[SurvivalRow, ...]
    confidence: float
    transform: Transform
    unit: str

    @property
    def times(self) -> tuple[float, ...]:
        """The distinct times, of events and of censoring."""
        return tuple(row.time for row in self.rows)

    @property
    def subjects(self) -> int:
        """How many subjects there are."""
        return self.rows[0].at_risk

    @property
    def events(self) -> int:
        """How many had the event."""
        return sum(row.events for row in self.rows)

    @property
    def censored_times(self) -> tuple[float, ...]:
        """Times at which somebody was censored, each once."""
        return tuple(row.time for row in self.rows if row.censored)

    @property
    def median(self) -> float | None:
        """The first time at which the share is at most one half; None when not reached."""
        return self._first(lambda row: row.survival)

    @property
    def median_lower(self) -> float | None:
        """Lower limit of the median, by Brookmeyer and Crowley; None when not estimable."""
        return self._first(lambda row: row.lower)

    @property
    def median_upper(self) -> float | None:
        """Upper limit of the median, by Brookmeyer and Crowley; None when not estimable."""
        return self._first(lambda row: row.upper)

    def _first(self, limit: Callable[[SurvivalRow], float | None]) -> float | None:
        for row in self.rows:
            value = limit(row)
            if value is not None and value <= 0.5 * (1 + TOLERANCE):
                return row.time
        return None

    def at_risk_at(self, time: float) -> int:
        """Return how many were followed at least to a time."""
        return next((row.at_risk for row in self.rows if row.time >= time), 0)

    def survival_at(self, time: float) -> float | None:
        """Return the share without the event at a time; None beyond the last follow-up."""
        row = self._row_at(time)
        return row if row is None or isinstance(row, float) else row.survival

    def interval_at(self, time: float) -> tuple[float, float] | None:
        """Return the limits of the share at a time; None when they cannot be estimated."""
        row = self._row_at(time)
        if row is None or isinstance(row, float):
            return None if row is None else (row, row)
        return None if row.lower is None or row.upper is None else (row.lower, row.upper)

    def _row_at(self, time: float) -> SurvivalRow | float | None:
        """Return the row that holds at a time; 1.0 before the first, None beyond the last."""
        _finite(time, "time")
        place = bisect_right(self.times, time)
        if place == 0:
            return 1.0
        row = self.rows[place - 1]
        beyond = place == len(self.rows) and time > row.time and row.survival > 0
        return None if beyond else row

    @property
    def working(self) -> Working:
        """Each event time with its factor, then the median."""
        steps, share = [], "1"
        for row in self.rows:
            if row.events:
                now = f"{fixed(row.survival, 4)}"
                put = f"{share} × (1 - {row.events}/{row.at_risk})"
                name = f"share after {plain(row.time)} {self.unit}"
                steps.append(Step(name, "previous × (1 - d/n)", put, now, PRODUCT_LIMIT))
                share = now
        limits = " to ".join(map(self._shown, (self.median_lower, self.median_upper)))
        steps += [
            self._error_step(),
            Step("median", "first time with S ≤ 0.5", "", self._shown(self.median), PRODUCT_LIMIT),
            Step(
                f"{plain(100 * self.confidence)} % interval of the median",
                f"times at which the {self.transform.label} limits cross 0.5",
                "",
                limits,
                MEDIAN,
            ),
        ]
        return Working(tuple(steps))

    def _error_step(self) -> Step:
        known = [
            (row.time, row.standard_error) for row in self.rows if row.standard_error is not None
        ]
        result = "not estimable"
        if known:
            time, error = known[-1]
            result = f"{fixed(error, 4)} after {plain(time)} {self.unit}"
        return Step("standard error of the share", "S √(Σ d / (n (n - d)))", "", result, VARIANCE)

    def _shown(self, time: float | None) -> str:
        return "not estimable" if time is None else f"{plain(time)} {self.unit}"

    @property
    def because(self) -> str:
        """Subjects, events and the median with its interval in one line."""
        median = "not reached" if self.median is None else self._shown(self.median)
        limits = " to ".join(map(self._shown, (self.median_lower, self.median_upper)))
        level = f"{plain(100 * self.confidence)} %"
        return (
            f"{self.subjects} subjects, {self.events} events, median {median} "
            f"({level} {self.transform.label} {limits})"
        )

    def __str__(self) -> str:
        return self.because


def _finite(given: Any, name: str) -> float:
    number = isinstance(given, int | float) and not isinstance(given, bool)
    if not number or not math.isfinite(given):
        raise NotationError(
            f"{shorten(repr(given))} is not a number of time", field=name, given=given
        )
    return float(given)


def kaplan_meier(
    durations: Iterable[float],
    events: Iterable[bool],
    *,
    confidence: float = 0.95,
    transform: Transform | str = Transform.LOG_LOG,
    unit: str = "d",
) -> KaplanMeier:
    """Kaplan-Meier estimate with Greenwood's variance.

    Parameters
    ----------
    durations
        Time to the event or to censoring, from 0 up.
    events
        True where the event happened, False where the subject was censored.
    confidence
        Between 0 and 1.
    transform
        ``"log-log"`` (as SAS) or ``"plain"``.
    unit
        Unit of the durations, as printed.

    Returns
    -------
    An estimate with a row per distinct time. Events come before censoring at one time. The median
    is the first time at which the share is at most one half, also when it is exactly that.

    Raises
    ------
    MissingFactError, ImpossibleError, NotationError
        No subject, a duration below zero, or lists of unequal length.

    References
    ----------
    kaplan-meier-1958, greenwood-1926, brookmeyer-crowley-1982

    Examples
    --------
    >>> print(kaplan_meier([28, 57, 90, 181, 181], [True, True, False, False, False]))
    5 subjects, 2 events, median not reached (95 % log-log 28 d to not estimable)
    """
    scale: Transform = choice(Transform, transform, "transform")
    z = NormalDist().inv_cdf((1 + confidence_level(confidence)) / 2)
    subjects = _subjects(durations, events)
    rows: list[SurvivalRow] = []
    at_risk, survival, spread = sum(map(len, subjects.values())), 1.0, 0.0
    for time, here in sorted(subjects.items()):
        died = sum(here)
        survival *= 1 - died / at_risk
        if at_risk > died:
            spread += died / (at_risk * (at_risk - died))
        lower, upper = _limits(survival, spread, z, scale)
        error = survival * math.sqrt(spread) if survival > 0 else None
        rows.append(
            SurvivalRow(time, at_risk, died, len(here) - died, survival, error, lower, upper)
        )
        at_risk -= len(here)
    return KaplanMeier(tuple(rows), float(confidence), scale, unit)


def _subjects(durations: Iterable[float], events: Iterable[bool]) -> dict[float, list[bool]]:
    times, happened = list(durations), list(events)
    if not times:
        raise MissingFactError("an estimate needs at least one subject", field="durations")
    if len(times) != len(happened):
        raise NotationError(
            f"{len(happened)} events for {len(times)} durations: give one for each",
            field="events",
            given=len(happened),
        )
    subjects: dict[float, list[bool]] = {}
    for time, event in zip(times, happened, strict=True):
        if _finite(time, "durations") < 0:
            raise ImpossibleError(f"{plain(time)} is below zero", field="durations", given=time)
        if not isinstance(event, bool):
            raise NotationError(
                f"{shorten(repr(event))} is not True or False: an event happened or the subject "
                "was censored",
                field="events",
                given=event,
            )
        subjects.setdefault(float(time), []).append(event)
    return subjects


def _limits(
    survival: float, spread: float, z: float, scale: Transform
) -> tuple[float | None, float | None]:
    if survival >= 1:
        return 1.0, 1.0
    if survival <= 0:
        return None, None
    if scale is Transform.PLAIN:
        half = z * survival * math.sqrt(spread)
        return max(0.0, survival - half), min(1.0, survival + half)
    wide = math.exp(z * math.sqrt(spread) / abs(math.log(survival)))
    return survival**wide, survival ** (1 / wide)
