"""How days of neutropenia are counted: by named options, since the ICAHT table does not say.

The defaults are the conventions of public graders. A day that nothing tells about is not known;
it makes a lower and an upper bound of the days.
"""

from __future__ import annotations

from itertools import groupby, pairwise
from typing import Any, Literal

from attrs import field, frozen, validators

from itp_carT.errors import ImpossibleError
from itp_carT.notation import equal, show


def _one_of(*options: str) -> Any:
    """Declare a field that takes one of a few words; the first is the default."""
    return field(default=options[0], validator=validators.in_(options))


def _whole(name: str, least: int, default: int) -> Any:
    def convert(given: Any) -> int:
        if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= 31:
            raise ImpossibleError(
                f"{show(given)} is not a number of days here: write {least} to 31",
                field=name,
                given=given,
            )
        return int(given)

    return field(default=default, converter=convert)


@frozen(kw_only=True)
class Counting:
    """The options of counting days.

    Parameters
    ----------
    between
        Days between two counts are ``"interpolate"``, on a straight line, or ``"unknown"``.
    recovery
        Days in a row above the limit that end a run; fewer are bridged. 1 bridges nothing.
    bridged
        Days bridged are ``"counted"`` with the run, or ``"not counted"``.
    run
        The ``"longest"`` run counts, or the ``"cumulative"`` days of all.
    never_above_from
        The count was "never above" when it is at or below the limit from this day or an earlier
        one to the last day.

    Examples
    --------
    >>> Counting(run="cumulative").recovery
    3
    """

    between: Literal["interpolate", "unknown"] = _one_of("interpolate", "unknown")
    recovery: int = _whole("recovery", 1, 3)
    bridged: Literal["counted", "not counted"] = _one_of("counted", "not counted")
    run: Literal["longest", "cumulative"] = _one_of("longest", "cumulative")
    never_above_from: int = _whole("never_above_from", 0, 3)


DEFAULT = Counting()
#: Stands for a count that is not low, per uL.
_FAR_ABOVE = 1e9


@frozen
class Daily:
    """One count a day from day 0 on, per uL; what is not known is far above or far below.

    Parameters
    ----------
    values
        Count of each day.
    unknown
        Days about which nothing is known.
    interpolated
        Days between two counts.
    counting
        The options.
    """

    values: tuple[float, ...]
    unknown: tuple[int, ...]
    interpolated: int
    counting: Counting

    @classmethod
    def of(
        cls, counts: dict[int, float], last: int, counting: Counting, *, unknown_is_low: bool
    ) -> Daily:
        """Fill the days from 0 to the last one.

        Parameters
        ----------
        counts
            Count per uL by day.
        last
            Last day.
        counting
            The options.
        unknown_is_low
            Take a day that nothing tells about as low, or as not low.
        """
        filled = interpolated(counts) if counting.between == "interpolate" else dict(counts)
        guess = 0.0 if unknown_is_low else _FAR_ABOVE
        return cls(
            tuple(filled.get(day, guess) for day in range(last + 1)),
            tuple(day for day in range(last + 1) if day not in filled),
            sum(day not in counts for day in filled),
            counting,
        )

    def low(self, limit: float) -> list[bool]:
        """Say for each day whether the count is at or below a limit."""
        lowest = min(self.values)
        if lowest > limit and not equal(lowest, limit):
            return [False] * len(self.values)
        return [value < limit or equal(value, limit) for value in self.values]

    def days(self, limit: float) -> int:
        """Return the days at or below a limit, as the options count them."""
        runs = self._runs(self.low(limit))
        if not runs:
            return 0
        return sum(runs) if self.counting.run == "cumulative" else max(runs)

    def _runs(self, low: list[bool]) -> list[int]:
        """Return the length of each run, with short recoveries bridged."""
        found: list[int] = []
        gap = self.counting.recovery  # nothing to bridge before the first run
        for is_low, days in groupby(low):
            length = len(list(days))
            if not is_low:
                gap = length
            elif gap < self.counting.recovery and found:
                found[-1] += length + (gap if self.counting.bridged == "counted" else 0)
            else:
                found.append(length)
        return found

    def never_above(self, limit: float) -> bool:
        """Say whether every day from the one of the options to the last is low."""
        low = self.low(limit)
        return all(low[self.counting.never_above_from :]) and len(low) > (
            self.counting.never_above_from
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """How many days stand between two counts."""
        return (f"{self.interpolated} d interpolated",) if self.interpolated else ()


def interpolated(counts: dict[int, float]) -> dict[int, float]:
    """Return the counts with the days between two of them on a straight line.

    Examples
    --------
    >>> interpolated({0: 900.0, 2: 500.0})
    {0: 900.0, 1: 700.0, 2: 500.0}
    """
    days = sorted(counts)
    found: dict[int, float] = {}
    for first, then in pairwise(days):
        rise = (counts[then] - counts[first]) / (then - first)
        for day in range(first, then):
            found[day] = counts[first] + rise * (day - first)
    if days:
        found[days[-1]] = counts[days[-1]]
    return found


__all__ = ["DEFAULT", "Counting", "Daily", "interpolated"]
