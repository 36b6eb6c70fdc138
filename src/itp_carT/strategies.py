"""Hypothesis strategies for users' own tests: patients, values, courses, and the edges of a rule.

`edges` lists the values just below, at and just above every limit of a table in every unit its
measure is reported in; the strategies draw from them, with facts left out at random. Patients are
synthetic.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

from hypothesis import strategies as st

from .analyte import Analyte
from .errors import DimensionError
from .notation import Unit, unit, units
from .observations import BaselineFlag, Lab
from .response.records import Count
from .rules import Compare, Known, Reference, Table, leaves
from .subject import Sex, Subject
from .units import TOLERANCE, make
from .verdict import limit_in

#: The patient's own limits that values are placed around: numbers where the table has no published
#: limit, else multiples of its highest one where low values are graded, and of its lowest one where
#: high values are. So no grade covers another. None of them is a clinical fact.
_OWN = {Reference.LLN: 30.0, Reference.ULN: 80.0, Reference.BASELINE: 50.0}
_OWN_LOW = {Reference.LLN: 1.5, Reference.ULN: 3.0, Reference.BASELINE: 1.25}
_OWN_HIGH = {Reference.LLN: 0.5, Reference.ULN: 0.75, Reference.BASELINE: 0.6}
_OFTEN = st.sampled_from((True, True, True, False))


def reported_in(measure: Analyte) -> tuple[Unit, ...]:
    """Return the units a measure is reported in, its own first.

    Examples
    --------
    >>> from itp_carT.analytes import LIPASE
    >>> [unit.symbol for unit in reported_in(LIPASE)][:3]
    ['U/L', 'mU/L', 'U/mL']
    """
    found = []
    for one in units():
        try:
            measure.read_number(make(1.0, one.symbol))
        except DimensionError:
            continue
        found.append(one)
    return tuple(sorted(found, key=lambda one: one.symbol != measure.unit))


def _own(table: Table, measure: Analyte, scale: float, meant: Unit) -> dict[Reference, float]:
    """Return limits of normal and a baseline, in a unit, where each limit can decide a grade."""
    published = [
        (abs(limit_in(leaf.limit, meant, table.name)) / scale, leaf.op[0])
        for leaf in leaves(table)
        if isinstance(leaf, Compare)
        and leaf.measure.key == measure.key
        and leaf.limit.published
        and leaf.limit.of is None
    ]
    numbers = [number for number, _ in published if number]
    if not numbers:
        return _OWN
    low = all(sign == "<" for _, sign in published)
    size, shares = (max(numbers), _OWN_LOW) if low else (min(numbers), _OWN_HIGH)
    return {of: size * share for of, share in shares.items()}


def _close(limit: float) -> tuple[float, ...]:
    """Return a limit, and values so close that they count as equal, or just do not."""
    step = 10 * TOLERANCE
    return (
        limit * (1 - step),
        math.nextafter(limit, -math.inf),
        limit,
        math.nextafter(limit, math.inf),
        limit * (1 + step),
    )


def edges(table: Table) -> tuple[Lab, ...]:
    """Return values just below, at and just above each limit, in each unit of each measure.

    Every one has limits of normal and a baseline, so that every limit of the table has a value.
    A unit in which the table has no limits is left out.

    Parameters
    ----------
    table
        Any rule.

    Examples
    --------
    >>> from itp_carT.toxicity import ctcae_v5
    >>> [str(lab.value) for lab in edges(ctcae_v5.table("leukocytosis"))][:5:2]
    ['99.999999 10^9/L', '100 10^9/L', '100.000001 10^9/L']
    """
    found: list[Lab] = []
    for measure in table.measures:
        for written in reported_in(measure):
            scale, meant = measure.read_number(make(1.0, written.symbol))
            try:
                own = _own(table, measure, scale, meant)
                numbers = list(_numbers(table, measure, own, scale, meant))
            except DimensionError:
                continue
            found += [
                _lab(measure, written, number, own)
                for number in dict.fromkeys(numbers)
                if number >= 0 or measure.may_be_negative
            ]
    return tuple(found)


def _numbers(
    table: Table, measure: Analyte, own: dict[Reference, float], scale: float, meant: Unit
) -> Iterator[float]:
    for leaf in leaves(table):
        if isinstance(leaf, Compare) and leaf.measure.key == measure.key:
            limit = limit_in(leaf.limit, meant, table.name) / scale
            if leaf.limit.of is not None:
                limit += float(leaf.limit.factor) * own[leaf.limit.of]
            yield from _close(limit)


def _lab(measure: Analyte, written: Unit, number: float, own: dict[Reference, float]) -> Lab:
    named = {of.name.lower(): make(value, written.symbol) for of, value in own.items()}
    return Lab(measure, make(number, written.symbol), **named)  # type: ignore[arg-type]


@st.composite
def labs(
    draw: st.DrawFn,
    measure: Analyte,
    *,
    smallest: float = 0.0,
    largest: float = 1000.0,
    missing: bool = True,
) -> Lab:
    """Draw a value of a measure in any of its units, with whatever else may be known of it.

    Parameters
    ----------
    measure
        What is measured.
    smallest, largest
        Range of the number, in whatever unit is drawn.
    missing
        Whether value, limits of normal and baseline may be missing.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from itp_carT.analytes import PLATELETS
    >>> @settings(max_examples=5)
    ... @given(labs(PLATELETS, missing=False))
    ... def limits_of_normal_are_in_order(lab):
    ...     assert lab.numbers[1] <= lab.numbers[2]
    >>> limits_of_normal_are_in_order()
    """
    written = draw(st.sampled_from(reported_in(measure)))
    number = st.floats(smallest, largest, allow_nan=False, allow_subnormal=False)
    number = number.filter(lambda drawn: drawn == 0 or abs(drawn) > 1e-90)  # none is so small
    drawn = st.none() | number if missing else number

    def one() -> Any:
        found = draw(drawn)
        return None if found is None else make(found, written.symbol)

    value, low, high, baseline = one(), one(), one(), one()
    if low is not None and high is not None and low > high:
        low, high = high, low
    if value is None and written.dimension != unit(measure.unit).dimension:
        low = high = baseline = None  # without a value they are read in the measure's own unit
    return Lab(
        measure,
        value,
        lln=low,
        uln=high,
        baseline=baseline,
        baseline_flag=draw(st.none() | st.sampled_from(BaselineFlag)) if missing else None,
        is_baseline=draw(st.booleans()) if missing else False,
    )


@st.composite
def around(draw: st.DrawFn, table: Table) -> tuple[Lab | Known, ...]:
    """Draw the facts of one moment close to a table's limits, some of them left out.

    What is drawn goes into ``decide(table, *facts)``.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> from itp_carT import decide
    >>> from itp_carT.toxicity import ctcae_v5
    >>> @settings(max_examples=5)
    ... @given(around(ctcae_v5.table("anemia")))
    ... def a_verdict_always_leaves_something(facts):
    ...     assert decide(ctcae_v5.table("anemia"), *facts).possible
    >>> a_verdict_always_leaves_something()
    """
    facts: list[Lab | Known] = []
    close = edges(table)
    for measure in table.measures:
        mine = [lab for lab in close if lab.measure is measure]
        often: bool = draw(_OFTEN)
        if mine and often:
            facts.append(_thinned(draw, draw(st.sampled_from(mine))))
    of_baseline: set[str] = set()
    for measure in table.measures:
        of_baseline |= {measure.high, measure.low, measure.sample}
    for fact in table.facts:
        holds = draw(st.none() | st.booleans())
        if fact.key not in of_baseline and holds is not None:
            facts.append(Known(fact, holds))
    return tuple(draw(st.permutations(facts)))


def _thinned(draw: st.DrawFn, lab: Lab) -> Lab:
    """Leave out some of what a value came with, and vary how the baseline stands."""
    kept = {name: getattr(lab, name) for name in ("lln", "uln", "baseline") if draw(_OFTEN)}
    if {"lln", "uln"} <= kept.keys() and draw(st.booleans()):
        # a baseline at the limits of normal: is it abnormal?
        kept["baseline"] = draw(st.sampled_from((kept["uln"], kept["lln"])))
    return Lab(
        lab.measure,
        lab.value,
        **kept,
        baseline_flag=draw(st.none() | st.sampled_from(BaselineFlag)),
        is_baseline=draw(st.sampled_from((False, False, False, True))),
    )


@st.composite
def subjects(draw: st.DrawFn) -> Subject:
    """Draw a synthetic adult of usual height [cm], weight [kg] and age [years].

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=5)
    ... @given(subjects())
    ... def everybody_is_an_adult(subject):
    ...     assert subject.age >= 18
    >>> everybody_is_an_adult()
    """
    height = draw(st.integers(140, 200))
    # the body mass index stays in the usual range as well
    lowest = max(35.0, 14.5 * height**2 / 10_000)
    highest = min(150.0, 44.5 * height**2 / 10_000)
    weight = draw(st.floats(lowest, highest, allow_nan=False))
    return Subject(
        id=f"SYN-{draw(st.integers(1, 999)):03}",
        sex=draw(st.sampled_from(Sex)),
        age=draw(st.integers(18, 90)),
        height=make(float(height), "cm"),
        weight=make(float(f"{weight:.1f}"), "kg"),
    )


#: Counts [10^9/L] at which rules of response change their mind, and their neighbors.
_COUNTS = (10.0, 20.0, 29.0, 30.0, 31.0, 50.0, 60.0, 99.0, 100.0, 101.0, 150.0)


@st.composite
def series(draw: st.DrawFn, *, visits: int = 10, missing: bool = True) -> tuple[Count, ...]:
    """Draw a synthetic platelet course: a low count before day 0, then visits in their order.

    Days are whole days from the infusion; counts [10^9/L, /uL] lie often at 30 and 100, and at
    twice the first one.

    Parameters
    ----------
    visits
        How many visits there are at most after the infusion.
    missing
        Whether a visit may be without a count, or say nothing about bleeding.

    Examples
    --------
    >>> from hypothesis import given, settings
    >>> @settings(max_examples=5)
    ... @given(series())
    ... def days_go_upwards(course):
    ...     days = [count.on for count in course]
    ...     assert days == sorted(days) and days[0] < 0
    >>> days_go_upwards()
    """
    first = float(draw(st.integers(1, 29)))
    often = st.sampled_from((*_COUNTS, 2 * first - 1, 2 * first, 2 * first + 1))
    number = often | st.integers(0, 450).map(float)
    bleeding = st.booleans() | st.none() if missing else st.booleans()
    found = [Count(draw(st.integers(-14, -5)), make(first, "10^9/L"), bleeding=draw(bleeding))]
    steps = draw(st.lists(st.integers(1, 35), min_size=1, max_size=visits))
    for day in itertools.accumulate(steps):
        value = draw(st.none() | number if missing else number)
        per_microliter = value is not None and draw(st.booleans())
        unit, scale = ("/uL", 1000.0) if per_microliter else ("10^9/L", 1.0)
        platelets = None if value is None else make(value * scale, unit)
        found.append(Count(day, platelets, bleeding=draw(bleeding)))
    return tuple(found)


__all__ = ["around", "edges", "labs", "reported_in", "series", "subjects"]
