"""Episodes of CRS or ICANS from daily assessments: onset, worst grade, duration, resolution.

A day without an assessment, or with one that is not settled, is never taken as a day without the
syndrome: what it leaves open stays open in the episode.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from attrs import frozen

from itp_carT.errors import MissingFactError, RecordError, UndecidedError
from itp_carT.units import Quantity, make

from .grades import Grade
from .scales import Scale, ScaleAssessment, ScaledGrade

Days = tuple[tuple[dt.date, ScaleAssessment], ...]


@frozen(kw_only=True)
class Episode:
    """One episode on one scale.

    Parameters
    ----------
    scale
        The scale.
    onset
        First day that surely had a grade of 1 or more.
    last
        Last day that surely had.
    resolved
        First assessed day of grade 0 after it; None while it lasts.
    worst_possible
        The grades the worst assessed one may be, worst first.
    worst_on
        First day of the worst grade that is sure.
    unassessed
        Days between onset and resolution without an assessment.
    open_days
        Days whose assessment does not tell whether there was the syndrome.
    """

    scale: Scale
    onset: dt.date
    last: dt.date
    resolved: dt.date | None
    worst_possible: tuple[Grade, ...]
    worst_on: dt.date
    unassessed: tuple[dt.date, ...] = ()
    open_days: tuple[dt.date, ...] = ()

    @property
    def worst(self) -> ScaledGrade:
        """The worst grade of the assessed days; `unassessed` days are not in it.

        Raises
        ------
        UndecidedError
            A day that is not settled may have been worse.
        """
        if len(self.worst_possible) == 1:
            return self.scale.grade(self.worst_possible[0])
        raise UndecidedError(
            f"{self.scale}: the worst grade is at least {int(self.worst_possible[-1])}; a day that "
            f"is not settled may have reached {int(self.worst_possible[0])}",
            possible=self.worst_possible,
            missing=("the days that are not settled",),
        )

    @property
    def shortest(self) -> Quantity:
        """Duration that is sure [d]: from onset to the last day that surely had the syndrome."""
        return make((self.last - self.onset).days + 1, "d")

    @property
    def longest(self) -> Quantity | None:
        """Longest duration possible [d], to the day before resolution; None while it lasts."""
        return None if self.resolved is None else make((self.resolved - self.onset).days, "d")

    @property
    def duration(self) -> Quantity:
        """Days from onset to the day before resolution, both counted [d].

        Raises
        ------
        UndecidedError
            It lasts, or days before resolution were not assessed or not settled.
        """
        if self.longest is not None and self.longest == self.shortest:
            return self.shortest
        end = "it has not resolved" if self.longest is None else f"at most {self.longest}"
        raise UndecidedError(
            f"{self.scale}: the duration is at least {self.shortest}; {end}",
            possible=(self.shortest, self.longest),
            missing=tuple(day.isoformat() for day in (*self.unassessed, *self.open_days)),
        )

    def __str__(self) -> str:
        end = f"resolved {self.resolved.isoformat()}" if self.resolved else "not resolved"
        grades = " or ".join(str(int(grade)) for grade in self.worst_possible)
        gap = f", days not assessed: {len(self.unassessed)}" if self.unassessed else ""
        return f"{self.scale}: onset {self.onset.isoformat()}, worst grade {grades}, {end}{gap}"


def by_day(assessments: Iterable[ScaleAssessment]) -> Days:
    """Return assessments of one patient on one scale in order of days, the worst of each day.

    Raises
    ------
    MissingFactError
        One has no day.
    DimensionError
        Two are of different scales.
    RecordError
        Several of one day, of which one is not settled.
    """
    found: dict[dt.date, ScaleAssessment] = {}
    first: ScaleAssessment | None = None
    for item in assessments:
        if item.on is None:
            raise MissingFactError(
                'the day of each assessment is needed: write e.g. on="2026-03-10"', field="on"
            )
        first = first or item
        _ = first.worst >= item.worst  # grades of two scales refuse to meet
        earlier = found.get(item.on)
        if earlier is not None and not (earlier.settled and item.settled):
            raise RecordError(
                f"of several assessments on {item.on.isoformat()} one is not settled: settle it "
                "first",
                field="on",
                given=item.on,
            )
        if earlier is None or item.outcome > earlier.outcome:
            found[item.on] = item
    return tuple(sorted(found.items(), key=lambda pair: pair[0]))


def days_without(days: Days, first: dt.date, before: dt.date) -> tuple[dt.date, ...]:
    """Return the days from ``first`` up to, not with, ``before`` that have no assessment."""
    there = {day for day, _ in days}
    span = (first + dt.timedelta(number) for number in range((before - first).days))
    return tuple(day for day in span if day not in there)


def episodes(assessments: Iterable[ScaleAssessment]) -> tuple[Episode, ...]:
    """Find the episodes in daily assessments of one patient on one scale.

    Parameters
    ----------
    assessments
        In any order; of several settled ones on a day the worst counts.

    Returns
    -------
    Episodes in order; empty when no day surely had the syndrome.

    Raises
    ------
    MissingFactError, DimensionError, RecordError
        An assessment without a day, of another scale, or two of a day that are not settled.

    Examples
    --------
    >>> from itp_carT.toxicity.astct_2019 import crs
    >>> days = [
    ...     crs(temperature="38.6 Cel", hypotension="none", hypoxia="none", on="2026-03-10"),
    ...     crs(temperature="39.2 Cel", hypotension="fluids", hypoxia="none", on="2026-03-11"),
    ...     crs(temperature="36.8 Cel", hypotension="none", hypoxia="none", on="2026-03-12"),
    ... ]
    >>> print(episodes(days)[0])
    CRS (ASTCT 2019): onset 2026-03-10, worst grade 2, resolved 2026-03-12
    >>> print(episodes(days)[0].duration)
    2 d
    """
    days = by_day(assessments)
    found: list[Episode] = []
    current: list[tuple[dt.date, ScaleAssessment]] = []
    for day, item in days:
        if current and item.worst.grade == Grade.G0:
            found.append(_episode(current, day, days))
            current = []
        elif current or item.mildest.grade > Grade.G0:
            current.append((day, item))
    if current:
        found.append(_episode(current, None, days))
    return tuple(found)


def _episode(
    inside: list[tuple[dt.date, ScaleAssessment]], resolved: dt.date | None, days: Days
) -> Episode:
    sure = [(day, item) for day, item in inside if item.mildest.grade > Grade.G0]
    least = max(item.mildest.grade for _, item in inside)
    # an unsettled grade below the worst sure one cannot change it
    reached = {least} | {grade for _, item in inside for grade in item.possible if grade > least}
    return Episode(
        scale=inside[0][1].scale,
        onset=sure[0][0],
        last=sure[-1][0],
        resolved=resolved,
        worst_possible=tuple(sorted(reached, reverse=True)),
        worst_on=next(day for day, item in sure if item.mildest.grade == least),
        unassessed=days_without(days, sure[0][0], resolved or inside[-1][0]),
        open_days=tuple(day for day, item in inside if item.mildest.grade == Grade.G0),
    )


__all__ = ["Episode", "by_day", "days_without", "episodes"]
