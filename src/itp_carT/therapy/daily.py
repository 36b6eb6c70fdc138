"""The dose of each day: spans of days with one dose, from the records of one agent.

A dose is an exact fraction; None is a dose that was given and is not known. Outside its spans an
agent was not observed, which is not the same as a dose of zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import NamedTuple

from attrs import field, frozen

from itp_carT.errors import RecordError
from itp_carT.notation import plain
from itp_carT.units import Quantity, make

from .records import DoseRecord


class Span(NamedTuple):
    """Consecutive days with one daily dose; None is a dose that is not known."""

    first: int
    last: int
    dose: Fraction | None

    @property
    def days(self) -> int:
        """How many days."""
        return self.last - self.first + 1


class Dated(NamedTuple):
    """A record with its days, cut to the days observed."""

    record: DoseRecord
    first: int
    last: int
    dose: Fraction | None


@frozen
class DoseSeries:
    """The daily doses of one agent on every observed day.

    Parameters
    ----------
    agent
        Name of the drug, or ``"glucocorticoids"`` for all of them in prednisone-equivalents.
    unit
        Unit of the dose of a day.
    spans
        Without holes, in order; neighbors differ.
    """

    agent: str
    unit: str
    spans: tuple[Span, ...] = field(repr=False)

    @property
    def first(self) -> int:
        """First observed day."""
        return self.spans[0].first

    @property
    def last(self) -> int:
        """Last observed day."""
        return self.spans[-1].last

    def within(self, first: int, last: int) -> Iterator[Span]:
        """Yield the spans of a window, cut to it."""
        for span in self.spans:
            low, high = max(span.first, first), min(span.last, last)
            if low <= high:
                yield Span(low, high, span.dose)

    def dose_on(self, day: int) -> Fraction | None:
        """Return the dose of a day; None where it is not known or not observed."""
        found = next(self.within(day, day), None)
        return None if found is None else found.dose

    def daily(self) -> Iterator[tuple[int, Fraction | None]]:
        """Yield every observed day with its dose."""
        for span in self.spans:
            for day in range(span.first, span.last + 1):
                yield day, span.dose

    def taken(self, first: int, last: int) -> bool:
        """Say whether any dose was given in a window, known or not."""
        return any(span.dose is None or span.dose > 0 for span in self.within(first, last))

    def __str__(self) -> str:
        parts = (f"day {s.first} to {s.last}: {amount(s.dose, self.unit)}" for s in self.spans)
        return f"{self.agent}: {'; '.join(parts)}"


def per_day(dose: Fraction, unit: str) -> Quantity:
    """Return the dose of a day as a quantity.

    Examples
    --------
    >>> per_day(Fraction(20), "mg")
    Quantity('20 mg/d')
    """
    return make(float(dose), unit) / make(1.0, "d")  # type: ignore[return-value]


def amount(dose: Fraction | None, unit: str) -> str:
    """Write the dose of a day.

    Examples
    --------
    >>> amount(Fraction(80, 3), "mg"), amount(None, "mg")
    ('26.6666666667 mg/d', 'not known')
    """
    return "not known" if dose is None else f"{plain(float(dose))} {unit}/d"


def layered(
    parts: Iterable[tuple[int, int, Fraction | None]], first: int, last: int
) -> tuple[Span, ...]:
    """Add doses up day by day, over all days of a window; what overlaps is summed.

    Examples
    --------
    >>> layered([(0, 2, Fraction(5)), (2, 3, Fraction(1))], 0, 4)[1:]
    (Span(first=2, last=2, dose=Fraction(6, 1)), Span(first=3, last=3, dose=Fraction(1, 1)), \
Span(first=4, last=4, dose=Fraction(0, 1)))
    """
    changes: dict[int, list[Fraction | int]] = {first: [Fraction(0), 0], last + 1: [Fraction(0), 0]}
    for begin, end, dose in parts:
        low, high = max(begin, first), min(end, last)
        if low > high:
            continue
        for day, sign in ((low, 1), (high + 1, -1)):
            change = changes.setdefault(day, [Fraction(0), 0])
            if dose is None:
                change[1] += sign
            else:
                change[0] += sign * dose
    return _merged(changes)


def _merged(changes: dict[int, list[Fraction | int]]) -> tuple[Span, ...]:
    spans: list[Span] = []
    days = sorted(changes)
    known, unknown = Fraction(0), 0
    for day, after in pairwise(days):
        known += changes[day][0]
        unknown += int(changes[day][1])
        dose = None if unknown else known
        if spans and spans[-1].dose == dose:
            spans[-1] = spans[-1]._replace(last=after - 1)
        else:
            spans.append(Span(day, after - 1, dose))
    return tuple(spans)


def settled(records: Sequence[Dated], overlap: str) -> list[tuple[Dated, int, int]]:
    """Settle which record of one drug holds from which day to which.

    Parameters
    ----------
    records
        Records of one drug.
    overlap
        ``"refuse"``, ``"sum"`` or ``"latest_start"``.

    Raises
    ------
    RecordError
        Two records share a day and the policy does not say which holds.
    """
    ordered = sorted(records, key=lambda dated: (dated.first, dated.last))
    pairs = [
        (one, other)
        for at, one in enumerate(ordered)
        for other in ordered[at + 1 :]
        if other.first <= one.last
    ]
    if overlap == "sum" or not pairs:
        return [(dated, dated.first, dated.last) for dated in ordered]
    for one, other in pairs:
        if overlap == "refuse" or one.first == other.first:
            raise _overlap(one, other, overlap)
    edges = sorted({day for dated in ordered for day in (dated.first, dated.last + 1)})
    found = []
    for low, after in pairwise(edges):
        holding = [dated for dated in ordered if dated.first <= low <= dated.last]
        if holding:
            found.append((max(holding, key=lambda dated: dated.first), low, after - 1))
    return found


def _overlap(one: Dated, other: Dated, policy: str) -> RecordError:
    first, last = other.first, min(one.last, other.last)
    days = f"day {first}" if first == last else f"days {first} to {last}"
    if policy == "refuse":
        instead = 'correct the dates, or choose overlap="sum" or "latest_start"'
    else:
        instead = "they start on one day, so that neither is the later: correct the dates"
    return RecordError(
        f"two records share {days}: {one.record} and {other.record}; {instead}",
        field="start",
        given=first,
        drug=one.record.drug.name,
        days=(first, last),
        records=(one.record, other.record),
    )


__all__ = ["Dated", "DoseSeries", "Span", "amount", "layered", "per_day", "settled"]
