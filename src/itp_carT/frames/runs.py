"""One row per patient: confirmation, loss and censoring of a response as runs over visits.

The same rules as `itp_carT.response.walk`, written so that one pass in the order of days is enough:
the first day of the current run, whether a response was confirmed so far, and whether the next
visit fails too.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from itp_carT.errors import NotPermittedError
from itp_carT.response.criteria import Criteria, Options
from itp_carT.response.judge import asks_bleeding
from itp_carT.response.point import Response
from itp_carT.response.series import BELOW_LIMIT

from .order import NEVER, Frame, Order, number, small
from .visits import YES

#: Options of which the columns know only some choices; they know every choice of the others.
ONLY: dict[str, tuple[Any, ...]] = {
    "between": ("all",),
    "confirm_loss_days": (0, 1),
    "same_day": ("refuse", "lowest", "highest"),
    "on_treatment": ("flag",),
    "death": ("censor",),
}


def check_options(criteria: Criteria) -> None:
    """Refuse what the columns cannot express.

    Raises
    ------
    NotPermittedError
        Naming the option.
    """
    options = criteria.options
    for name, known in ONLY.items():
        value = getattr(options, name)
        if value not in known:
            raise NotPermittedError(
                f"columns do not know {name}={value!r}: use assess() for each patient",
                field=name,
                given=value,
            )
    if options.last_day is not None and options.confirm_response_days:
        raise NotPermittedError(
            "columns do not know last_day together with a confirming count: use assess() for each "
            "patient",
            field="last_day",
            given=options.last_day,
        )


def followed(criteria: Criteria) -> tuple[int, ...]:
    """Return the ranks of the levels, best first."""
    return tuple(range(len(criteria.levels)))


def runs(frame: Frame, criteria: Criteria, order: Order, *, rescued: bool) -> Frame:
    """Add, per level, the begin of the run, and the days of confirmation and of loss.

    The frame holds the visits that can be judged, in order, and no others.
    """
    options, levels = criteria.options, followed(criteria)
    day, red = nw.col("day"), nw.col("_bled") == YES
    if not asks_bleeding(criteria.point):
        red = red & ~red
    in_window = day >= options.first_day
    if options.last_day is not None:
        in_window = in_window & (day <= options.last_day)
    frame = frame.with_columns(_in=small(in_window, 1, 0), _red=small(red, 1, 0))
    frame = frame.with_columns(
        _rank_1=order.before("_rank", len(levels)).cast(nw.Int8),
        _day_1=order.before("day", NEVER),
        _in_1=order.before("_in", 0).cast(nw.Int8),
        _next=order.after("_rank", -1).cast(nw.Int8),
        _next_calm=order.after("_calm", -1).cast(nw.Int8),
    )
    starts = {x: number(_starts(x, rescued=rescued), day, NEVER) for x in levels}
    frame = frame.with_columns(**{f"_begin{x}": starts[x] for x in levels})
    frame = frame.with_columns(**{f"_begin{x}": order.greatest(f"_begin{x}") for x in levels})
    confirmed = {f"_ok{x}": small(_confirmed(x, options), 1, 0) for x in levels}
    frame = frame.with_columns(**confirmed)
    frame = frame.with_columns(
        **{f"_so_far{x}": order.greatest(f"_ok{x}").cast(nw.Int8) for x in levels}
    )
    return frame.with_columns(**_endings(options, levels))


def _starts(rank: int, *, rescued: bool) -> nw.Expr:
    """Say where a run begins: after a visit that fails or may not date one, or after rescue."""
    broken = (nw.col("_rank_1") > rank) | (nw.col("_in_1") == 0)
    if rescued:
        broken = broken | (nw.col("_before") >= nw.col("_day_1"))
    return (nw.col("_rank") <= rank) & (nw.col("_in") == 1) & broken


def _confirmed(rank: int, options: Options) -> nw.Expr:
    begin = nw.col(f"_begin{rank}")
    holds = (nw.col("_rank") <= rank) & (begin > NEVER)
    if options.confirm_response_days:
        return holds & (nw.col("day") - begin >= options.confirm_response_days)
    return holds & (nw.col("_in") == 1)  # a single count, which dates itself


def _endings(options: Options, levels: tuple[int, ...]) -> dict[str, Any]:
    day = nw.col("day")
    found: dict[str, Any] = {}
    for x in levels:
        fails = nw.col("_rank") > x
        lost = _lost(options, fails, x) & (nw.col(f"_so_far{x}") == 1)
        ok = nw.col(f"_ok{x}") == 1
        found |= {
            f"_t1_{x}": nw.when(ok).then(nw.col(f"_begin{x}")),
            f"_t2_{x}": nw.when(ok).then(day),
            f"_lost_{x}": nw.when(lost).then(day),
            f"_red_{x}": nw.when(lost & (nw.col("_red") == 1)).then(day),
            f"_held_{x}": nw.when(nw.col("_rank") <= x).then(day),
        }
        if x == max(levels):
            found[f"_fell_{x}"] = nw.when(fails).then(day)
    return found


def _lost(options: Options, fails: nw.Expr, rank: int) -> nw.Expr:
    """Say where a level is lost: at once by bleeding, by platelets where the next count fails too.

    A next visit that fails by bleeding alone is a loss of its own, on its own day.
    """
    red, next_fails, next_count_fails = (
        nw.col("_red") == 1, nw.col("_next") > rank, nw.col("_next_calm") > rank,
    )  # fmt: skip
    by_bleeding = red & next_fails if options.bleeding_twice else red
    if options.confirm_loss_days == 0:
        return fails & (by_bleeding | ~red)
    return fails & (by_bleeding | (~red & next_count_fails))


def collapse(frame: Frame, criteria: Criteria) -> Frame:
    """Return one row per patient: first days of confirmation and loss, last day held."""
    firsts = [f"_{what}_{x}" for x in followed(criteria) for what in ("t1", "t2", "lost", "red")]
    lasts = [f"_held_{x}" for x in followed(criteria)] + [f"_fell_{len(criteria.levels) - 1}"]
    return frame.group_by("patient").agg(
        *(nw.col(name).min().alias(name) for name in firsts),
        *(nw.col(name).max().alias(name) for name in lasts),
        nw.col("_rank").min().alias("_best_seen"),
    )


def stops(rows: Any, courses: Any, criteria: Criteria) -> Any:
    """Add, per level, the first rescue that ends the response."""
    ending = rows.filter(nw.col("_ends") > NEVER).select("patient", "_ends")
    for x in followed(criteria):
        dated = courses.select("patient", f"_t1_{x}").filter(~nw.col(f"_t1_{x}").is_null())
        first = (
            ending.join(dated, on="patient", how="inner")
            .filter(nw.col("_ends") >= nw.col(f"_t1_{x}"))
            .group_by("patient")
            .agg(nw.col("_ends").min().alias(f"_stop_{x}"))
        )
        courses = courses.join(first, on="patient", how="left")
    return courses


def results(courses: Frame, criteria: Criteria, *, rescued: bool) -> Frame:
    """Add the results in words and days; null where there is none, or the patient has a problem."""
    options, levels = criteria.options, criteria.levels
    weakest = len(levels) - 1
    usable = nw.col("problem").is_null()
    judged = ~nw.col("_best_seen").is_null()
    if rescued and options.transfusion == "failure":
        judged = judged | (nw.col("_any_failed") == 1)
    best: Any = nw.when(judged).then(nw.lit(Response.NR.name)).otherwise(nw.lit(Response.NE.name))
    for x in reversed(followed(criteria)):
        best = nw.when(~nw.col(f"_t1_{x}").is_null()).then(nw.lit(levels[x].name)).otherwise(best)
    dated = "_t1_" if options.dated_by == "first" else "_t2_"
    start = nw.col(f"{dated}{weakest}")
    clock = -options.conditioning_day if options.clock == "conditioning" else 0
    columns: dict[str, Any] = {
        "best": nw.when(usable).then(best),
        "responded_on": nw.when(usable).then(start),
        "time_to_response": nw.when(usable).then(start + clock),
    }
    if criteria.loss:
        columns |= _ending("", weakest, usable, start, rescued=rescued)
    if Response.CR in levels:
        first = nw.col(f"{dated}0")
        columns["complete_on"] = nw.when(usable).then(first)
        if criteria.loss and criteria.complete_loss:
            columns |= _ending("complete_", 0, usable, first, rescued=rescued)
    courses = courses.with_columns(**columns)
    return courses.with_columns(flags=nw.when(usable).then(_flags(criteria)))


def _flags(criteria: Criteria) -> nw.Expr:
    """Return what a reader must know, in the words of the scalar course."""
    weakest, seen = len(criteria.levels) - 1, nw.col("_best_seen")
    none: Any = nw.lit("")
    first = none
    for x in reversed(followed(criteria)):  # a better status was seen than was confirmed
        better = nw.lit(f"unconfirmed {criteria.levels[x].name}; ")
        first = (
            nw.when(~nw.col(f"_t1_{x}").is_null())
            .then(none)
            .otherwise(nw.when(seen == x).then(better).otherwise(first))
        )
    nothing = nw.col(f"_t1_{weakest}").is_null() & (seen <= weakest)
    parts = [nw.when(nothing).then(nw.lit("unconfirmed; ")).otherwise(first)]
    if criteria.loss:
        dip = nw.col(f"_fell_{weakest}") > nw.col(f"_held_{weakest}")
        fell = dip & ~nw.col("responded_on").is_null() & nw.col("lost_on").is_null()
        late = nw.col("responded_on") > criteria.options.late_after
        parts.append(nw.when(fell).then(nw.lit("unconfirmed loss; ")).otherwise(none))
        parts.append(nw.when(late).then(nw.lit("late; ")).otherwise(none))
    if not criteria.source.verified:
        parts.append(nw.lit("unverified criteria; "))
    low = nw.lit(f"{BELOW_LIMIT}; ")
    parts.append(nw.when(nw.col("_any_low") == 1).then(low).otherwise(none))
    return nw.concat_str(parts).str.strip_chars("; ")


def _ending(
    prefix: str, x: int, usable: nw.Expr, start: nw.Expr, *, rescued: bool
) -> dict[str, Any]:
    lost, held, red = (nw.col(f"_{what}_{x}") for what in ("lost", "held", "red"))
    event = ~lost.is_null()
    bled = ~red.is_null() & (red == lost)
    end: Any = nw.when(event).then(lost).otherwise(held)
    why: Any = nw.when(bled).then(nw.lit("bleeding")).otherwise(nw.lit("platelets"))
    why = nw.when(event).then(why).otherwise(nw.lit("last assessment in response"))
    if rescued:
        stop = nw.col(f"_stop_{x}")
        # a visit on the day of the rescue itself comes first
        stopped = ~stop.is_null() & (lost.is_null() | (stop < lost))
        end = nw.when(stopped).then(stop).otherwise(end)
        why = nw.when(stopped).then(nw.lit("rescue")).otherwise(why)
        event = event | stopped
    there = usable & ~start.is_null()
    return {
        f"{prefix}duration": nw.when(there).then(end - start),
        f"{prefix}event": nw.when(there).then(event),
        f"{prefix}lost_on": nw.when(there & event).then(end),
        f"{prefix}ended_by": nw.when(there).then(why),
    }
