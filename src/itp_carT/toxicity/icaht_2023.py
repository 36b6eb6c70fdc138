"""ICAHT by EHA/EBMT 2023: neutropenia after CAR-T cells, early (day 0 to 30) and late (after).

The limits are inclusive and from knowledge, agreeing with public graders; how days are counted is
not in the table and stands in `Counting`. ICAHT is not CTCAE's neutrophil count decreased.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import Any

from itp_carT.analytes import NEUTROPHILS, Analyte
from itp_carT.days import calendar_date
from itp_carT.errors import ImpossibleError, MissingFactError
from itp_carT.notation import unit
from itp_carT.observations import Lab
from itp_carT.rules import Fact, Known, Row, Table
from itp_carT.sources import ICAHT_2023
from itp_carT.units import Measured
from itp_carT.verdict import Verdict, decide

from .grades import Grade
from .icaht_counting import DEFAULT, Counting, Daily
from .scales import ICAHT_EARLY, ICAHT_LATE, ScaleAssessment, assessed

SEVERE_DAYS = Analyte("severe_days", "days with neutrophils of 500/uL or less", "d")
PROFOUND_DAYS = Analyte("profound_days", "days with neutrophils of 100/uL or less", "d")
REPEATED = Analyte(
    "repeated_neutrophils",
    "neutrophils after day 30, reached at least twice",
    "10^9/L",
    interchangeable=(("cell/uL", "/uL"),),
)
NEVER_ABOVE = Fact("never above 500", "neutrophils never above 500/uL")

#: Last day of the early period.
LAST_EARLY_DAY = 30
_SEVERE, _PROFOUND = 500.0, 100.0  # per uL, as in the labels above
_PER_UL = unit("/uL")

EARLY = Table(
    key="icaht-early:2023",
    term="Early ICAHT (EHA/EBMT 2023)",
    rows=(
        Row(Grade.G4, NEVER_ABOVE.is_() | (PROFOUND_DAYS >= "14 d")),
        Row(Grade.G3, (SEVERE_DAYS >= "14 d") | (PROFOUND_DAYS >= "7 d")),
        Row(Grade.G2, SEVERE_DAYS >= "7 d"),
        Row(Grade.G1, SEVERE_DAYS > "0 d"),
    ),
    otherwise=Grade.G0,
    source=ICAHT_2023.at("early ICAHT, days 0 to 30"),
    note="the worst row counts; how days are counted is chosen by name, see Counting",
)

LATE = Table(
    key="icaht-late:2023",
    term="Late ICAHT (EHA/EBMT 2023)",
    rows=(
        Row(Grade.G4, REPEATED <= "100 /uL"),
        Row(Grade.G3, REPEATED <= "500 /uL"),
        Row(Grade.G2, REPEATED <= "1000 /uL"),
        Row(Grade.G1, REPEATED <= "1500 /uL"),
    ),
    otherwise=Grade.G0,
    source=ICAHT_2023.at("late ICAHT, after day 30"),
    note="non-transient is read as: on two days or more",
)


def early_from_days(
    *, severe: Measured | None, profound: Measured | None, never_above: bool | None = False
) -> ScaleAssessment:
    """Grade early ICAHT from days already counted.

    Parameters
    ----------
    severe, profound
        Days with neutrophils of 500/uL or less, and of 100/uL or less [d]; None where not known.
    never_above
        Whether the count was never above 500/uL.

    References
    ----------
    icaht-2023

    Examples
    --------
    >>> print(early_from_days(severe="13 d", profound="7 d").outcome)
    early ICAHT grade 3 (EHA/EBMT 2023)
    """
    labs = Lab(SEVERE_DAYS, severe), Lab(PROFOUND_DAYS, profound)
    low, high = (None if lab.value is None else lab.value for lab in labs)
    if low is not None and high is not None and high > low:
        raise ImpossibleError(
            f"{high} of 100/uL or less cannot be more than {low} of 500/uL or less",
            field="profound",
            given=str(high),
        )
    facts: list[Any] = [lab for lab in labs if lab.value is not None]
    if never_above is not None:
        facts.append(Known(NEVER_ABOVE, never_above))
    return assessed(ICAHT_EARLY, decide(EARLY, *facts))


def early(
    counts: Iterable[Lab],
    *,
    infusion: dt.date | str,
    until: dt.date | str | None = None,
    counting: Counting = DEFAULT,
) -> ScaleAssessment:
    """Grade early ICAHT from dated neutrophil counts.

    Parameters
    ----------
    counts
        ``Lab(NEUTROPHILS, ..., on=date)``; of several on a day the lowest counts.
    infusion
        Day 0.
    until
        Last day that counts when follow-up ended before day 30: progression, next therapy, death.
        A count that was low to that day may never have risen: grade 4 then stays possible.
    counting
        How days are counted.

    Returns
    -------
    The grade, or those possible where days before the first or after the last count, or between
    two, are not known. Its notes tell the days counted.

    Raises
    ------
    MissingFactError, ImpossibleError
        A count without a day; one that is not of neutrophils; an end before the infusion.

    References
    ----------
    icaht-2023

    Examples
    --------
    >>> listed = [("900", 0), ("400", 3), ("300", 9), ("1200", 12), ("2000", 30)]
    >>> counts = [
    ...     Lab(NEUTROPHILS, f"{n} /uL", on=dt.date(2026, 3, 9) + dt.timedelta(d))
    ...     for n, d in listed
    ... ]
    >>> print(early(counts, infusion="2026-03-09").outcome)
    early ICAHT grade 2 (EHA/EBMT 2023)
    """
    day0 = calendar_date(infusion, "infusion")
    end = None if until is None else (calendar_date(until, "until") - day0).days
    if end is not None and end < 0:
        raise _ended_before(until)
    return early_by_day(_by_day(counts, day0), until=end, counting=counting)


def early_by_day(
    per_ul: Mapping[int, float], *, until: int | None = None, counting: Counting = DEFAULT
) -> ScaleAssessment:
    """Grade early ICAHT from the lowest count of each day; see `early`.

    For whoever has converted the counts already, as columns do.

    Parameters
    ----------
    per_ul
        Neutrophils [/uL] by day from the infusion, as `lowest_by_day` makes them.
    until
        Last day that counts, from the infusion.
    counting
        How days are counted.

    Raises
    ------
    ImpossibleError
        An end before the infusion.

    References
    ----------
    icaht-2023

    Examples
    --------
    >>> print(early_by_day({0: 900.0, 3: 400.0, 9: 300.0, 12: 1200.0, 30: 2000.0}).outcome)
    early ICAHT grade 2 (EHA/EBMT 2023)
    """
    last = LAST_EARLY_DAY if until is None else min(LAST_EARLY_DAY, until)
    if last < 0:
        raise _ended_before(until)
    listed = {day: value for day, value in per_ul.items() if day <= last}
    found: list[Verdict] = []
    notes: tuple[str, ...] = ()
    for unknown_is_low in (False, True):
        series = Daily.of(listed, last, counting, unknown_is_low=unknown_is_low)
        severe, profound = series.days(_SEVERE), series.days(_PROFOUND)
        # follow-up that ended before day 30 cannot show that the count never rose until then
        never = series.never_above(_SEVERE) and (unknown_is_low or last == LAST_EARLY_DAY)
        found.append(_judged_early(severe, profound, never))
        notes += (f"500/uL or less on {severe} d, 100/uL or less on {profound} d",)
    least, most = (verdict.outcome for verdict in found)
    told = (notes[0],) if notes[0] == notes[1] else (f"at least {notes[0]}", f"at most {notes[1]}")
    unknown = series.unknown
    gaps = (f"counts on {len(unknown)} of {last + 1} days",) if unknown else ()
    return ScaleAssessment(
        scale=ICAHT_EARLY,
        possible=tuple(grade for grade in sorted(Grade, reverse=True) if least <= grade <= most),
        verdict=found[1],
        incomplete=gaps,
        notes=(*told, *series.notes),
    )


def _ended_before(until: Any) -> ImpossibleError:
    return ImpossibleError(
        "follow-up cannot end before the infusion", field="until", given=str(until)
    )


@cache
def _judged_early(severe: int, profound: int, never_above: bool) -> Verdict:
    """Judge days already counted; there are few of them, and many patients."""
    return decide(
        EARLY,
        Lab(SEVERE_DAYS, f"{severe} d"),
        Lab(PROFOUND_DAYS, f"{profound} d"),
        Known(NEVER_ABOVE, never_above),
    )


def late(
    counts: Iterable[Lab],
    *,
    infusion: dt.date | str,
    until: dt.date | str | None = None,
    measurements: Any = 2,
) -> ScaleAssessment:
    """Grade late ICAHT from dated neutrophil counts; those up to day 30 are left aside.

    Parameters
    ----------
    counts
        ``Lab(NEUTROPHILS, ..., on=date)``; of several on a day the lowest counts.
    infusion
        Day 0.
    until
        Last day that counts: progression, next therapy, death.
    measurements
        Days on which a limit must be reached to be non-transient.

    Returns
    -------
    The grade, or those possible where there are too few counts to tell.

    References
    ----------
    icaht-2023
    """
    day0 = calendar_date(infusion, "infusion")
    end = None if until is None else (calendar_date(until, "until") - day0).days
    return late_by_day(_by_day(counts, day0), until=end, measurements=measurements)


def late_by_day(
    per_ul: Mapping[int, float], *, until: int | None = None, measurements: Any = 2
) -> ScaleAssessment:
    """Grade late ICAHT from the lowest count of each day; see `late`.

    For whoever has converted the counts already, as columns do.

    Parameters
    ----------
    per_ul
        Neutrophils [/uL] by day from the infusion, as `lowest_by_day` makes them.
    until
        Last day that counts, from the infusion.
    measurements
        Days on which a limit must be reached to be non-transient.

    References
    ----------
    icaht-2023

    Examples
    --------
    >>> print(late_by_day({31: 450.0, 60: 480.0, 90: 1600.0}).outcome)
    late ICAHT grade 3 (EHA/EBMT 2023)
    """
    if isinstance(measurements, bool) or not isinstance(measurements, int) or measurements < 1:
        raise ImpossibleError(
            f"{measurements!r} is not a number of measurements: write 1 or more",
            field="measurements",
            given=measurements,
        )
    values = sorted(
        value
        for day, value in per_ul.items()
        if day > LAST_EARLY_DAY and (until is None or day <= until)
    )
    if not values:
        return assessed(ICAHT_LATE, decide(LATE), incomplete=("counts after day 30",))
    reached = values[min(measurements, len(values)) - 1]
    verdict = decide(LATE, Lab(REPEATED, f"{reached!r} /uL"))
    if len(values) >= measurements:
        return assessed(ICAHT_LATE, verdict)
    # a missing count may confirm the highest one known, or be milder; it cannot be worse
    worst = verdict.outcome
    possible = tuple(grade for grade in sorted(Grade, reverse=True) if grade <= worst)
    return ScaleAssessment(
        scale=ICAHT_LATE,
        possible=possible,
        verdict=verdict,
        incomplete=(f"{measurements} counts after day 30",),
    )


def lowest_by_day(counts: Iterable[tuple[int, float | None]]) -> dict[int, float]:
    """Return the lowest count of each day from the infusion on; what was not measured is not in it.

    Parameters
    ----------
    counts
        Day from the infusion and count.

    Examples
    --------
    >>> lowest_by_day([(3, 900.0), (3, 700.0), (4, None), (-2, 4000.0)])
    {3: 700.0}
    """
    found: dict[int, float] = {}
    for day, value in counts:
        if value is not None and day >= 0:
            found[day] = min(value, found.get(day, value))
    return found


def per_microliter(lab: Any) -> float | None:
    """Return a neutrophil count [/uL]; None where it was not measured.

    Parameters
    ----------
    lab
        ``Lab(NEUTROPHILS, ...)``.

    Raises
    ------
    ImpossibleError
        It is not of neutrophils.
    """
    if not isinstance(lab, Lab) or lab.measure != NEUTROPHILS:
        raise ImpossibleError(
            f"{lab!r} is not a neutrophil count: write Lab(NEUTROPHILS, ...)",
            field="counts",
            given=repr(lab),
        )
    number = lab.numbers[0]
    return None if number is None else NEUTROPHILS.number_in(number, lab.unit, _PER_UL)


def _by_day(counts: Iterable[Lab], day0: dt.date) -> dict[int, float]:
    def dated() -> Iterator[tuple[int, float | None]]:
        for lab in counts:
            value = per_microliter(lab)
            if lab.on is None:
                raise MissingFactError(
                    f'{lab!r} has no day: write Lab(NEUTROPHILS, ..., on="2026-03-10")', field="on"
                )
            yield (calendar_date(lab.on, "on") - day0).days, value

    return lowest_by_day(dated())


#: Both tables, for the generated page.
TABLES = (EARLY, LATE)

__all__ = [
    "EARLY",
    "LATE",
    "TABLES",
    "Counting",
    "early",
    "early_by_day",
    "early_from_days",
    "late",
    "late_by_day",
    "lowest_by_day",
    "per_microliter",
]
