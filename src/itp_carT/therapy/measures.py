"""Measures of a daily dose: baseline, average, degree of decrease, reduction, discontinuation.

Each says why where it has no value. Two doses within one part in 10⁹ are equal, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from attrs import frozen

from itp_carT.notation import equal, plain
from itp_carT.units import Quantity, make

from .daily import DoseSeries, Span, amount, per_day
from .options import REASONS, Options


@frozen(kw_only=True)
class Average:
    """The average daily dose of an agent over a window of days, both ends included.

    Parameters
    ----------
    unit
        Unit of the dose.
    first, last
        The window.
    exact
        The dose of a day, exact; None where it is not known.
    why_not
        Why it is not known.
    """

    unit: str
    first: int
    last: int
    exact: Fraction | None
    why_not: str = ""

    @property
    def value(self) -> Quantity | None:
        """The dose of a day with its unit; None where it is not known."""
        return None if self.exact is None else per_day(self.exact, self.unit)

    @property
    def days(self) -> int:
        """Days of the window."""
        return self.last - self.first + 1

    def __str__(self) -> str:
        return f"{amount(self.exact, self.unit)}{f' ({self.why_not})' if self.why_not else ''}"


def average(series: DoseSeries, first: int, last: int) -> Average:
    """Return the average daily dose over a window: the sum of its doses over its days.

    Examples
    --------
    >>> from itp_carT.therapy.daily import layered
    >>> spans = layered([(0, 29, Fraction(20)), (30, 59, Fraction(10))], 0, 179)
    >>> print(average(DoseSeries("prednisone", "mg", spans), 0, 179))
    5 mg/d
    """
    found: Fraction | None = None
    why = ""
    if first > last:
        why = f"the window ends on day {last}, before it begins"
    elif first < series.first or last > series.last:
        why = f"observed from day {series.first} to {series.last} only"
    else:
        spans = list(series.within(first, last))
        open_ = next((span for span in spans if span.dose is None), None)
        if open_ is not None:
            why = f"the dose from day {open_.first} to {open_.last} is not known"
        else:
            total = sum((span.days * (span.dose or Fraction(0)) for span in spans), Fraction(0))
            found = total / (last - first + 1)
    return Average(unit=series.unit, first=first, last=last, exact=found, why_not=why)


@frozen(kw_only=True)
class Decrease:
    """How much less of a drug than at baseline: positive is less, negative is more.

    Parameters
    ----------
    baseline, current
        The two doses.
    exact
        Per cent of the baseline; None where it has no value.
    why_not
        Why it has none.
    """

    baseline: Average
    current: Average
    exact: Fraction | None
    why_not: str = ""

    @property
    def value(self) -> Quantity | None:
        """The decrease [%]; None where it has no value."""
        return None if self.exact is None else make(float(self.exact), "%")

    def exceeds(self, share: Fraction, *, strict: bool) -> bool | None:
        """Say whether it is more than a share (or at least that much); None without a value."""
        return None if self.exact is None else beyond(self.exact / 100, share, strict=strict)

    def __str__(self) -> str:
        if self.exact is None:
            return f"undefined: {self.why_not}"
        return f"{plain(float(self.exact))} %"


def beyond(value: Fraction, limit: Fraction, *, strict: bool) -> bool:
    """Say whether a share is above a limit, or at least that where not strict."""
    if equal(float(value), float(limit)):
        return not strict
    return value > limit


def decrease(baseline: Average, current: Average) -> Decrease:
    """Return 100 × (baseline − current) / baseline, signed.

    A baseline of zero has no decrease: neither 0 nor 100 per cent.

    Examples
    --------
    >>> doses = [Average(unit="mg", first=0, last=0, exact=Fraction(n)) for n in (20, 25, 0)]
    >>> print(decrease(doses[0], doses[1]))
    -25 %
    >>> print(decrease(doses[2], doses[1]))
    undefined: the baseline dose is 0
    """
    why, found = "", None
    if baseline.exact is None:
        why = f"baseline not known: {baseline.why_not}"
    elif baseline.exact == 0:
        why = "the baseline dose is 0"
    elif current.exact is None:
        why = f"current dose not known: {current.why_not}"
    else:
        found = 100 * (baseline.exact - current.exact) / baseline.exact
    return Decrease(baseline=baseline, current=current, exact=found, why_not=why)


def _runs(spans: Iterator[tuple[Span, bool]]) -> Iterator[tuple[int, int]]:
    """Yield first and last day of each run of spans that hold."""
    begin = end = None
    for span, holds in spans:
        if holds:
            begin = span.first if begin is None else begin
            end = span.last
        elif begin is not None and end is not None:
            yield begin, end
            begin = None
    if begin is not None and end is not None:
        yield begin, end


@frozen(kw_only=True)
class Reduction:
    """The first time that a dose was lower than at baseline for long enough.

    Parameters
    ----------
    on
        First day of it; None where there was none.
    days
        Days it had lasted by its end or by the end of observation.
    pending_since
        Day since which the dose is lower but not yet for long enough.
    why_not
        Why it could not be judged; empty where it could.
    """

    on: int | None
    days: int | None
    pending_since: int | None = None
    why_not: str = ""

    @property
    def occurred(self) -> bool | None:
        """Whether there was one; None where that could not be judged."""
        return None if self.why_not else self.on is not None

    def __str__(self) -> str:
        if self.why_not:
            return f"not evaluable: {self.why_not}"
        if self.on is not None:
            return f"from day {self.on}, {self.days} d"
        return "no" if self.pending_since is None else f"not yet: lower since {self.pending_since}"


def reduction(series: DoseSeries, baseline: Average, last: int, options: Options) -> Reduction:
    """Return the first day of enough consecutive days with a dose lower than the threshold.

    A day of unknown dose ends a run: it cannot be said to be lower.
    """
    if baseline.exact is None:
        return Reduction(on=None, days=None, why_not=f"baseline not known: {baseline.why_not}")
    if baseline.exact == 0:
        return Reduction(on=None, days=None, why_not="the baseline dose is 0")
    first, base, share = options.first_day, baseline.exact, options.share

    def lower(span: Span) -> bool:
        if span.dose is None:
            return False
        return beyond(1 - span.dose / base, share, strict=options.strict)

    pending = None
    for begin, end in _runs((span, lower(span)) for span in series.within(first, last)):
        if end - begin + 1 >= options.sustain_days:
            return Reduction(on=begin, days=end - begin + 1)
        pending = begin if end == last else None
    return Reduction(on=None, days=None, pending_since=pending)


@frozen(kw_only=True)
class Discontinuation:
    """Days without a drug in a window, and the day on which it was stopped.

    Parameters
    ----------
    first, last
        The window.
    longest, cumulative, current
        Days [days] of the longest run without the drug, of all of them, and of the run that
        lasts to the end of the window.
    stopped_on
        First day of the first run long enough to be a stop; None where there is none, or the
        drug was not taken before.
    why_not
        Why there is no stop to speak of; empty where there is one or could have been.
    """

    first: int
    last: int
    longest: int
    cumulative: int
    current: int
    stopped_on: int | None
    why_not: str = ""

    def __str__(self) -> str:
        when = f"stopped on day {self.stopped_on}" if self.stopped_on is not None else "not stopped"
        return (
            f"{self.why_not or when}; without it {self.cumulative} d, longest {self.longest} d, "
            f"at the end {self.current} d"
        )


def discontinuation(
    series: DoseSeries, first: int, last: int, *, gap_days: int = 28, since: int | None = None
) -> Discontinuation:
    """Return days with a dose of zero in a window, and the first stop.

    Parameters
    ----------
    series
        Doses of an agent.
    first, last
        The window, from the infusion.
    gap_days
        How many consecutive days without the drug are a stop; fewer are a gap.
    since
        First day on which taking the drug makes a later stop; by default the first observed.

    Examples
    --------
    >>> from itp_carT.therapy.daily import layered
    >>> spans = layered([(0, 20, Fraction(10)), (51, 60, Fraction(10))], 0, 180)
    >>> print(discontinuation(DoseSeries("danazol", "mg", spans), 1, 180))
    stopped on day 21; without it 150 d, longest 120 d, at the end 120 d
    """
    last = min(last, series.last)
    start = series.first if since is None else since
    spans = series.within(first, last)
    runs = list(_runs((span, span.dose == 0) for span in spans))
    stop = next(
        (
            begin
            for begin, end in runs
            if end - begin + 1 >= gap_days and series.taken(start, begin - 1)
        ),
        None,
    )
    taken = series.taken(start, last)
    lengths = [end - begin + 1 for begin, end in runs]
    return Discontinuation(
        first=first,
        last=last,
        longest=max(lengths, default=0),
        cumulative=sum(lengths),
        current=lengths[-1] if runs and runs[-1][1] == last else 0,
        stopped_on=stop,
        why_not="" if taken else "not taken from the baseline on",
    )


#: Where the measures are from.
SOURCES = tuple(dict.fromkeys(REASONS.values()))

__all__ = [
    "SOURCES",
    "Average",
    "Decrease",
    "Discontinuation",
    "Reduction",
    "average",
    "beyond",
    "decrease",
    "discontinuation",
    "reduction",
]
