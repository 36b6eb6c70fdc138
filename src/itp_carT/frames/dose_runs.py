"""Spans of one daily dose for every patient and agent, and what they say of it.

A sweep: each record changes the dose on its first day and back on the day after its last; sums of
whole numbers over the changes give the dose of every span without a row for every day.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from itp_carT.therapy.options import Options
from itp_carT.units import TOLERANCE

from .doses import SCALE, held
from .engines import Frame
from .order import APART, NEVER, number

KEYS = ("patient", "_agent")
_CHANGES = ("_amount", "_on", "_open")


def spans(parts: Frame, rows: Frame, options: Options) -> Frame:
    """Return the spans of each patient and agent from the baseline to the end of the window.

    ``day`` and ``_next`` (the day after the last), ``_amount`` (whole parts of a unit), ``_on``
    and ``_open`` (how many records give a dose, and an unknown one).
    """
    low = options.baseline[0]
    start = nw.when(nw.col("_start") < low).then(nw.lit(low)).otherwise(nw.col("_start"))
    given = parts.filter((nw.col("_amount") > 0) | (nw.col("_unknown") > 0))
    given = given.with_columns(_start=start.cast(nw.Int64), _on=nw.lit(1), _open=nw.col("_unknown"))
    begin = given.select(*KEYS, *_CHANGES, day=nw.col("_start"))
    end = given.select(
        *KEYS, *(-nw.col(name) for name in _CHANGES), day=nw.col("_stop") + 1
    )  # fmt: skip
    # a dose that is not known says nothing of the unit
    known = nw.when(~nw.col("_dose").is_null()).then(nw.col("_unit")).otherwise(nw.lit(""))
    agents = (
        rows.with_columns(_unit=known)
        .group_by(*KEYS)
        .agg(*(nw.col(name).max().alias(name) for name in ("_unit", "_own_unit", "last")))
    )
    none = nw.col("_unit") == ""
    agents = agents.with_columns(
        _unit=nw.when(none).then(nw.col("_own_unit")).otherwise(nw.col("_unit"))
    )
    edges = (low, options.baseline[1] + 1, options.first_day)
    bounds = [agents.select(*KEYS, *_none(), day=nw.lit(edge)) for edge in edges]
    bounds.append(agents.select(*KEYS, *_none(), day=nw.col("last") + 1))
    kinds = [nw.col(name).cast(nw.Int64) for name in (*_CHANGES, "day")]
    every = nw.concat(
        [frame.select(*KEYS, *kinds) for frame in (begin, end, *bounds)], how="vertical"
    )
    every = every.group_by(*KEYS, "day").agg(*(nw.col(name).sum() for name in _CHANGES))
    every = _summed(held(every))
    every = every.join(agents, on=list(KEYS))
    return every.filter(nw.col("day") <= nw.col("last"))


def _none() -> tuple[nw.Expr, ...]:
    return tuple(nw.lit(0).alias(name) for name in _CHANGES)


def _summed(every: Frame) -> Frame:
    """Turn changes into doses, and find the day after each span."""
    if isinstance(every, nw.LazyFrame):
        order = {"order_by": "day"}
        return every.with_columns(
            *(nw.col(name).cum_sum().over(*KEYS, **order) for name in _CHANGES),
            _next=nw.col("day").shift(-1).over(*KEYS, **order),
        )
    # the changes of each agent come to nothing at its end, so that one sum serves all
    every = every.sort(*KEYS, "day")
    return every.with_columns(
        *(nw.col(name).cum_sum() for name in _CHANGES), _next=nw.col("day").shift(-1)
    )


def measured(days: Frame, options: Options) -> Frame:
    """Return one row per patient and agent with every measure."""
    low, high = options.baseline
    length = nw.col("_next") - nw.col("day")
    dose = nw.col("_amount") * length
    inside = nw.col("day") >= options.first_day
    base = (nw.col("day") >= low) & (nw.col("day") <= high)
    final = nw.col("_next") > nw.col("last")
    zero = inside & (nw.col("_on") == 0)
    off = number(zero, length, 0)
    stop = zero & (length >= options.gap_days)
    first = nw.col("day") == options.first_day
    days = days.with_columns(
        _base=number(base, dose, 0),
        _base_open=number(base, nw.col("_open"), 0),
        _base_on=number(base, nw.col("_on"), 0),
        _before=number(~inside, nw.col("_on"), 0),
        _sum=number(inside, dose, 0),
        _sum_open=number(inside, nw.col("_open"), 0),
        _cur=number(final, nw.col("_amount"), 0),
        _cur_open=number(final, nw.col("_open"), 0),
        _cur_on=number(final, nw.col("_on"), 0),
        _off=off,
        _run=number(final, off, 0),
        _stop_later=nw.when(stop & ~first).then(nw.col("day")),
        _stop_first=number(stop & first, 1, 0),
    )
    sums = ("_base", "_sum", "_cur", "_off", "_run")
    highest = (
        *("_base_open", "_base_on", "_before", "_sum_open", "_cur_open", "_cur_on", "_stop_first"),
        *("last", "_unit"),
    )
    found = days.group_by(*KEYS).agg(
        *(nw.col(name).sum().alias(name) for name in sums),
        *(nw.col(name).max().alias(name) for name in highest),
        nw.col("_off").max().alias("longest"),
        nw.col("_stop_later").min().alias("_stop_later"),
    )
    found = held(found)
    reduced = held(_reduced(days, found, options))
    found = found.join(reduced, on=list(KEYS), how="left")
    found = found.select(*_results(options))
    return found if isinstance(found, nw.LazyFrame) else found.sort("patient", "agent")


def _reduced(days: Frame, found: Frame, options: Options) -> Frame:
    """Return the first day of a lasting reduction, and the day since which one is pending."""
    window = options.baseline[1] - options.baseline[0] + 1
    bases = found.filter((nw.col("_base_open") == 0) & (nw.col("_base") > 0))
    bases = bases.select(*KEYS, _mean=nw.col("_base").cast(nw.Float64) / window)
    inside = days.filter(nw.col("day") >= options.first_day)
    inside = inside.select(*KEYS, "day", "_next", "_amount", "_open", "last")
    rows = inside.join(bases, on=list(KEYS))
    share = 1 - nw.col("_amount").cast(nw.Float64) / nw.col("_mean")
    limit = float(options.share)
    edge = limit * (1 + TOLERANCE) if options.strict else limit * (1 - TOLERANCE)
    lower = (share > edge if options.strict else share >= edge) & (nw.col("_open") == 0)
    rows = rows.with_columns(_lower=lower)
    rows = _begun(rows.with_columns(_was=number(nw.col("_lower"), 1, 0)))
    lasted = nw.col("_next") - nw.col("_begin")
    long = nw.col("_lower") & (lasted >= options.sustain_days)
    short = nw.col("_lower") & (nw.col("_next") > nw.col("last")) & ~long
    rows = rows.with_columns(
        _event=nw.when(long).then(nw.col("_begin")), _wait=nw.when(short).then(nw.col("_begin"))
    )
    return rows.group_by(*KEYS).agg(
        nw.col("_event").min().alias("reduced_on"), nw.col("_wait").max().alias("pending_since")
    )


def _begun(rows: Frame) -> Frame:
    """Add the day on which the run of lower spans began that a span is in.

    A run begins on a lower span that follows none; the last begin so far is that of the run.
    """
    begin = number(nw.col("_lower") & (nw.col("_earlier") == 0), nw.col("day"), NEVER)
    was = nw.col("_was").shift(1)
    if isinstance(rows, nw.LazyFrame):
        earlier = was.over(*KEYS, order_by="day")
        rows = rows.with_columns(_earlier=nw.when(~earlier.is_null()).then(earlier).otherwise(0))
        rows = rows.with_columns(_begin=begin)
        return rows.with_columns(_begin=nw.col("_begin").cum_max().over(*KEYS, order_by="day"))
    rows = rows.sort(*KEYS, "day")
    new = [nw.col(key) != nw.col(key).shift(1) for key in KEYS]
    rows = rows.with_columns(_p=number(new[0] | new[1], 1, 0).cast(nw.Int64).cum_sum() * APART)
    same = nw.col("_p") == nw.col("_p").shift(1)
    rows = rows.with_columns(_earlier=nw.when(same).then(was).otherwise(nw.lit(0)))
    return rows.with_columns(_begin=(begin + nw.col("_p")).cum_max() - nw.col("_p"))


def _results(options: Options) -> list[Any]:
    window = options.baseline[1] - options.baseline[0] + 1
    inside = (nw.col("last") - options.first_day + 1).cast(nw.Float64)
    base_known, now_known = nw.col("_base_open") == 0, nw.col("_cur_open") == 0
    base = nw.col("_base").cast(nw.Float64) / window
    now, mean = nw.col("_cur").cast(nw.Float64), nw.col("_sum").cast(nw.Float64) / inside
    there = base_known & (nw.col("_base") > 0)
    why: Any = nw.when(now_known).then(nw.lit("")).otherwise(nw.lit("current dose not known"))
    why = nw.when(nw.col("_base") == 0).then(nw.lit("the baseline dose is 0")).otherwise(why)
    why = nw.when(base_known).then(why).otherwise(nw.lit("baseline not known"))
    stopped = nw.when((nw.col("_stop_first") == 1) & (nw.col("_before") > 0)).then(
        nw.lit(options.first_day)
    )
    event = nw.col("reduced_on")
    all_known = nw.col("_sum_open") == 0
    divisor = nw.when(there).then(base)
    return [
        nw.col("patient"),
        nw.col("_agent").alias("agent"),
        nw.col("_unit").alias("unit"),
        nw.when(base_known).then(base / SCALE).alias("baseline"),
        nw.when(now_known).then(now / SCALE).alias("current"),
        nw.when(all_known).then(mean / SCALE).alias("average"),
        nw.when(there & now_known).then(100 * (base - now) / divisor).alias("decrease"),
        nw.when(there & all_known).then(100 * (base - mean) / divisor).alias("average_decrease"),
        nw.when(why != "").then(why).alias("why_not"),
        event,
        nw.when(event.is_null()).then(nw.col("pending_since")).alias("pending_since"),
        nw.when(stopped.is_null()).then(nw.col("_stop_later")).otherwise(stopped)
        .alias("stopped_on"),
        nw.col("longest"),
        nw.col("_off").alias("cumulative"),
        nw.col("_run").alias("current_run"),
        nw.col("last"),
        (nw.col("_base_on") > 0).alias("_taken"),
        (nw.col("_cur_on") > 0).alias("_now"),
    ]  # fmt: skip


__all__ = ["KEYS", "measured", "spans"]
