"""One row per visit: columns cleaned, rescue applied, and each visit judged by the table.

The long frame has one row per count, bleeding statement or rescue. Nothing that cannot be read is
guessed: it becomes a problem of its patient, and the other patients are assessed all the same.
"""

from __future__ import annotations

import functools
from typing import Any, assert_never

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.analytes import PLATELETS
from itp_carT.errors import ItpCarTError, UnitRequiredError, UnknownTermError
from itp_carT.notation import convert, unit
from itp_carT.response.criteria import Criteria, Options
from itp_carT.response.judge import PER_LITER, asks_bleeding
from itp_carT.response.point import Response
from itp_carT.response.records import KINDS, RescueKind
from itp_carT.rules import AllOf, AnyOf, Compare, Condition, Either, Is, Not, Table
from itp_carT.units import TOLERANCE
from itp_carT.verdict import limit_in, margin

from . import cleaning
from .names import reported_in, spellings
from .order import NEVER, Frame, Order, number, small

#: Beyond every day: a rescue that bars counts from then on.
FOREVER = 1_000_000
#: A day beyond this is no day of a course: a date written as a number, most likely.
FURTHEST = 50_000
#: A count as text; a sign before it says that it is below the reporting limit.
_NUMBER = r"^\s*<?\s*[0-9]+(?:[.][0-9]*)?(?:[eE][0-9]{1,2})?\s*$"
#: Bleeding as a number, so that the worse of two statements is the greater.
UNSAID, NO, YES = 0, 1, 2
_SAID = {UNSAID: ("unknown", "u", "not assessed", "?", ""), NO: ("no", "n", "false")}
_SAID |= {YES: ("yes", "y", "true")}
#: Up to so many different words are read one by one.
_FEW = 50
#: What can be wrong with a patient, by number; the greatest is told.
PROBLEMS = {
    1: "platelets: two different counts on one day; keep one, or choose same_day",
    2: "bleeding: write yes, no or unknown",
    3: "rescue: not a kind of rescue",
    4: "rescue_end: before the start of the rescue, or no whole days from the infusion",
    5: "platelets: below zero, or not a number",
    6: "unit: not a unit of platelet counts",
    7: f"day: not whole days from the infusion, at most {FURTHEST}",
    8: "day: missing",
}
#: Problems whose day cannot be told.
UNDATED = 7
#: What a row carries on rescue.
RESCUE = ("_last", "_start", "_ends", "_failed")


@frozen(kw_only=True)
class Columns:
    """Where the frame holds what; None where it does not."""

    patient: str
    day: str
    platelets: str
    unit: str
    bleeding: str | None
    rescue: str | None
    rescue_end: str | None
    below_limit: bool = False


# --- reading ------------------------------------------------------------------------------------


@functools.cache
def _factors() -> dict[float, tuple[str, ...]]:
    """Return the spellings of units of platelet counts by what one of them is in 10^9/L."""
    found: dict[float, list[str]] = {}
    for written, meant, scale in reported_in(PLATELETS):
        found.setdefault(convert(scale, meant, PER_LITER), []).extend(spellings(written))
    return {factor: tuple(words) for factor, words in found.items()}


def _unit_factor(name: str, schema: Any) -> nw.Expr:
    """Return what the row's unit is in 10^9/L; 0 where it is no unit of a count."""
    if name not in schema:
        return nw.lit(_constant_factor(name))
    word = cleaning.text(name, schema).str.strip_chars()
    found: Any = nw.lit(0.0)
    for factor, words in _factors().items():
        found = nw.when(word.is_in(list(words))).then(nw.lit(factor)).otherwise(found)
    return found  # type: ignore[no-any-return]


def _constant_factor(name: str) -> float:
    try:
        wanted = unit(name)
        for written, meant, scale in reported_in(PLATELETS):
            if written is wanted:
                return convert(scale, meant, PER_LITER)
    except ItpCarTError:
        pass
    raise UnitRequiredError(
        f'"{name}" is neither a column nor a unit of platelet counts: write unit="10^9/L", or '
        "name the column of units",
        field="unit",
        given=name,
    )


def _bleeding(name: str | None, frame: Frame, schema: Any) -> nw.Expr:
    """Return bleeding as a number; -1 where the word is not known."""
    if name is None:
        return nw.lit(UNSAID)
    if schema[name] == nw.Boolean:
        said = nw.when(nw.col(name)).then(nw.lit(YES)).otherwise(nw.lit(NO))
        return nw.when(nw.col(name).is_null()).then(nw.lit(UNSAID)).otherwise(said)
    word, written = _words(name, frame, schema, _SAID)
    found: Any = nw.lit(-1)
    for code, words in written.items():
        here = word == words[0] if len(words) == 1 else word.is_in(words)
        found = nw.when(here).then(nw.lit(code)).otherwise(found)
    return found  # type: ignore[no-any-return]


def _words(
    name: str, frame: Frame, schema: Any, meaning: dict[int, tuple[str, ...]]
) -> tuple[nw.Expr, dict[int, list[str]]]:
    """Return a column of words, and the words as written there for each meaning.

    An eager frame shows which words it has, so that millions of cells need not be folded.
    """
    text = cleaning.text(name, schema)
    if isinstance(frame, nw.DataFrame):
        there = frame.select(word=text).unique()["word"].to_list()
        if len(there) <= _FEW:
            return text, {
                code: [one for one in there if one.strip().lower() in words]
                for code, words in meaning.items()
            }
    folded = text.str.strip_chars().str.to_lowercase()
    return folded, {code: list(words) for code, words in meaning.items()}


def _rescue(columns: Columns, schema: Any, options: Options) -> dict[str, nw.Expr]:
    """Return, per row, the last day its rescue bars, its start, and what it does."""
    day = nw.col("day")
    word = cleaning.text(str(columns.rescue), schema).str.strip_chars().str.to_lowercase()
    end, wrong = day, nw.col("_no_day")
    if columns.rescue_end is not None:
        given = cleaning.number(columns.rescue_end, schema)
        filled = nw.when(_whole(given)).then(given).otherwise(day.cast(nw.Float64))
        end = filled.cast(nw.Int64)
        wrong = ~given.is_null() & ~_whole(given)
    last: Any = nw.when(word == "").then(nw.lit(NEVER)).otherwise(nw.lit(NEVER - 1))
    ends: Any = nw.lit(NEVER)
    failed: Any = nw.lit(0)
    for kind in RescueKind:
        here = word.is_in([known for known, meant in KINDS.items() if meant is kind])
        transfusion = kind is RescueKind.PLATELET_TRANSFUSION
        ignored = kind is RescueKind.CRS_STEROID and options.crs_steroids == "ignored"
        barred: Any = end + (options.transfusion_days if transfusion else options.rescue_days)
        failure = transfusion and options.transfusion == "failure"
        if failure or kind is RescueKind.NEW_THERAPY:
            barred = nw.when(day >= 0).then(nw.lit(FOREVER)).otherwise(barred)
        if failure:
            failed = nw.when(here & (day >= 0)).then(nw.lit(1)).otherwise(failed)
        if ignored:
            barred = nw.lit(NEVER)
        elif options.rescue == "loss" and not (transfusion and options.transfusion == "mask"):
            ends = nw.when(here).then(day).otherwise(ends)
        last = nw.when(here).then(barred).otherwise(last)
    return {
        "_last": last.cast(nw.Int64),
        "_start": number(last > NEVER, day, NEVER),
        "_ends": ends.cast(nw.Int64),
        "_failed": failed.cast(nw.Int64),
        "_backwards": number((word != "") & (wrong | (end < day)), 1, 0),
    }


def read(frame: Frame, columns: Columns, options: Options) -> Frame:
    """Return patient, day, count [10^9/L], bleeding, rescue and problem, row by row."""
    schema = frame.collect_schema()
    if not schema[columns.day].is_numeric():
        raise UnknownTermError(
            f'column "{columns.day}" holds {schema[columns.day]}, not days from the infusion: '
            "subtract the date of the infusion first",
            field="day",
            given=columns.day,
        )
    rescued = columns.rescue is not None
    day = cleaning.number(columns.day, schema)
    written, below = _counts(columns.platelets, schema)
    frame = frame.with_columns(
        patient=nw.col(columns.patient),
        # a patient with a day that is none has no result, whatever stands for the day
        day=nw.when(_whole(day)).then(day).otherwise(nw.lit(0.0)).cast(nw.Int64),
        _no_day=day.is_null(),
        _odd_day=~day.is_null() & ~_whole(day),
        _count=written,
        _low=below,
        _factor=_unit_factor(columns.unit, schema),
        _bled=_bleeding(columns.bleeding, frame, schema).cast(nw.Int8),
    )
    frame = frame.with_columns(**_rescue(columns, schema, options)) if rescued else frame
    count, factor = nw.col("_count"), nw.col("_factor")
    present = _given(columns.platelets, schema)
    problem = number(nw.col("_bled") < 0, 2, 0)
    if rescued:
        problem = number(nw.col("_last") < NEVER, 3, problem)
        problem = number(nw.col("_backwards") == 1, 4, problem)
    problem = number(present & (count.is_null() | (count < 0)), 5, problem)
    problem = number(present & (factor == 0.0), 6, problem)
    problem = number(nw.col("_odd_day"), 7, problem)
    problem = number(nw.col("_no_day"), 8, problem)
    kept = ("_bled", *(RESCUE if rescued else ()), *(("_low",) if columns.below_limit else ()))
    return frame.select("patient", "day", *kept, _v=count * factor, _problem=problem.cast(nw.Int8))


def _whole(day: nw.Expr) -> nw.Expr:
    """Say which numbers are days of a course."""
    return (day % 1 == 0) & (day <= FURTHEST) & (day >= -FURTHEST)


def is_text(name: str, schema: Any) -> bool:
    """Say whether a column may hold counts such as ``<3``."""
    return not schema[name].is_numeric() and schema[name] not in (nw.Boolean, nw.Unknown)


def _counts(name: str, schema: Any) -> tuple[nw.Expr, nw.Expr]:
    """Return the counts, and which are below the reporting limit; numbers as text have a sign."""
    if not is_text(name, schema):
        return cleaning.number(name, schema), nw.lit(0).cast(nw.Int8)
    text = cleaning.text(name, schema)
    bare = text.str.replace_all("<", "", literal=True).str.strip_chars()
    read = nw.when(text.str.contains(_NUMBER)).then(bare).cast(nw.Float64)
    return read, small(text.str.contains("<", literal=True), 1, 0)


def _given(name: str, schema: Any) -> nw.Expr:
    """Say where a count is given; NaN is none, and an infinite or a negative one is a mistake."""
    if is_text(name, schema):
        return ~cleaning.text(name, schema).str.strip_chars().is_in(["", "nan", "NaN", "<NA>"])
    raw = nw.col(name)
    return ~raw.is_null() & ~(raw.cast(nw.Float64) != raw.cast(nw.Float64))


def one_a_day(frame: Frame, options: Options, order: Order, *, rescued: bool) -> Frame:
    """Merge the rows of one day: the count by the option, the worse statement on bleeding."""
    if isinstance(frame, nw.DataFrame) and not _repeated(frame):
        return frame
    highest = ("_bled", "_problem", *(RESCUE if rescued else ()))
    signed = "_low" in frame.collect_schema().names()
    exact = nw.when(nw.col("_low") == 0).then(nw.col("_v"))
    frame = frame.with_columns(_exact=exact) if signed else frame
    exacts = (
        (nw.col("_exact").min().alias("_exact"), nw.col("_exact").max().alias("_exact_high"))
        if signed
        else ()
    )
    merged = frame.group_by("patient", "day").agg(
        nw.col("_v").min().alias("_v"),
        nw.col("_v").max().alias("_high"),
        *(nw.col(name).max().alias(name) for name in highest),
        *exacts,
    )
    low, high = nw.col("_v"), nw.col("_high")
    if options.same_day == "refuse":
        two = (nw.col("_problem") == 0) & (high - low > TOLERANCE * high)
        merged = merged.with_columns(_problem=number(two, 1, nw.col("_problem")).cast(nw.Int8))
    elif options.same_day == "highest":
        merged = merged.with_columns(_v=high)
    if signed:  # of two equal counts, the one without a sign is the count
        best = nw.col("_exact_high" if options.same_day == "highest" else "_exact")
        sign = ~nw.col("_v").is_null() & (best.is_null() | (best != nw.col("_v")))
        merged = merged.with_columns(_low=small(sign, 1, 0)).drop("_exact", "_exact_high")
    return order.sorted(merged.drop("_high"))


def _repeated(frame: nw.DataFrame[Any]) -> bool:
    """Say whether a frame that is in order has two rows of one patient and day."""
    same = (nw.col("_p") == nw.col("_p").shift(1)) & (nw.col("day") == nw.col("day").shift(1))
    return bool(frame.select(same=same)["same"].any())


# --- judging ------------------------------------------------------------------------------------

Truths = tuple[nw.Expr, nw.Expr]  # surely true, surely false


def _truths(node: Condition, table: str, bled: Truths) -> Truths:
    """Compile a condition on count, baseline and bleeding to a pair of expressions."""
    match node:
        case Compare():
            return _compare(node, table)
        case Is():
            return bled
        case AllOf(parts):
            true, false = zip(*(_truths(part, table, bled) for part in parts), strict=True)
            return functools.reduce(nw.Expr.__and__, true), functools.reduce(nw.Expr.__or__, false)
        case AnyOf(parts):
            true, false = zip(*(_truths(part, table, bled) for part in parts), strict=True)
            return functools.reduce(nw.Expr.__or__, true), functools.reduce(nw.Expr.__and__, false)
        case Not(part):
            true_part, false_part = _truths(part, table, bled)
            return false_part, true_part
        case Either(test, then, otherwise):
            (asked, not_asked), yes, no = (_truths(p, table, bled) for p in (test, then, otherwise))
            return (
                (asked & yes[0]) | (not_asked & no[0]) | (yes[0] & no[0]),
                (asked & yes[1]) | (not_asked & no[1]) | (yes[1] & no[1]),
            )
        case _:
            assert_never(node)


def _compare(node: Compare, table: str) -> Truths:
    """Compare as `itp_carT.verdict` does, with its tolerance."""
    above = node.op[0] == ">"
    wide = (len(node.op) == 2) == above
    fixed = limit_in(node.limit, PER_LITER, table)
    value, known = nw.col("_w"), nw.col("_has")
    edge: Any
    if node.limit.of is None:
        edge = fixed - margin(fixed) if wide else fixed + margin(fixed)
    else:
        spread = (1 - TOLERANCE) if wide else (1 + TOLERANCE)
        edge = (float(node.limit.factor) * nw.col("_base") + fixed) * spread
        known = known & nw.col("_has_base")
    if above:
        return known & (value > edge), known & (value <= edge)
    return known & (value < edge), known & (value >= edge)


def measured(frame: Any) -> Any:
    """Add count and baseline as numbers, and whether they are known."""
    count, base = nw.col("_v"), nw.col("baseline")
    return frame.with_columns(
        _has=~count.is_null(),
        _w=nw.when(~count.is_null()).then(count).otherwise(nw.lit(0.0)),
        _has_base=~base.is_null(),
        _base=nw.when(~base.is_null()).then(base).otherwise(nw.lit(0.0)),
    )


def bleeding_said() -> Truths:
    """Return where there was bleeding, and where there was none."""
    return nw.col("_bled") == YES, nw.col("_bled") == NO


def judge(frame: Frame, criteria: Criteria) -> Frame:
    """Add the rank of each visit among the levels: the best is 0, -1 is not evaluable.

    ``_calm`` is the rank of the count alone, as it would be without bleeding.
    """
    said, table, levels = bleeding_said(), criteria.point, criteria.levels
    frame = measured(frame).with_columns(_rank=ranked(table, levels, said))
    if not asks_bleeding(table):
        return frame.with_columns(_calm=nw.col("_rank"))
    calm = ranked(table, levels, (nw.lit(value=False), nw.lit(value=True)))
    return frame.with_columns(_calm=nw.when(said[0]).then(calm).otherwise(nw.col("_rank")))


def ranked(table: Table, levels: tuple[Response, ...], bled: Truths) -> nw.Expr:
    """Return the position of a visit's outcome among levels; their number for any other."""
    rank: Any = nw.lit(len(levels))
    for row in reversed(table.rows):
        true, false = _truths(row.when, table.name, bled)
        found = levels.index(row.outcome) if row.outcome in levels else len(levels)
        below = nw.when(false).then(rank).otherwise(nw.lit(-1))
        rank = nw.when(true).then(nw.lit(found)).otherwise(below)
    return rank.cast(nw.Int8)  # type: ignore[no-any-return]
