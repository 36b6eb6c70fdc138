"""Columns as they come, made fit to be judged: numbers, flags and yes-or-no facts.

NaN is null in one engine and above all numbers in another, so it is made null first. What cannot
be read is null and said so; nothing is filled in.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import narwhals.stable.v2 as nw

from itp_carT.errors import RecordError
from itp_carT.notation import LARGEST, TOLERANCE

from .limits import HIGH, LOW, NO, PLAIN, SAMPLE, YES

#: What a flag of the baseline may read, in lower case.
FLAGS = {"high": HIGH, "h": HIGH, "hh": HIGH, "low": LOW, "l": LOW, "ll": LOW}
FLAGS |= {"normal": PLAIN, "n": PLAIN}
#: What a yes-or-no column may read, in lower case.
ANSWERS = {"y": YES, "yes": YES, "true": YES, "t": YES, "1": YES, "1.0": YES}
ANSWERS |= {"n": NO, "no": NO, "false": NO, "f": NO, "0": NO, "0.0": NO}
#: A text that could not be read, and one that is not there.
UNREADABLE, ABSENT = -1, -2


def kinds(frame: Any) -> dict[str, nw.dtypes.DType]:
    """Return the type of each column; what pandas keeps as objects may be anything."""
    found = dict(frame.collect_schema())
    if frame.implementation.is_pandas_like():
        native = frame.to_native()
        found |= {name: nw.Object() for name in found if str(native.dtypes[name]) == "object"}
    return found


def number(name: str, schema: Mapping[str, nw.dtypes.DType]) -> nw.Expr:
    """Return a column of numbers, null where it holds no finite number."""
    kind = schema[name]
    if not (kind.is_numeric() or kind in (nw.Unknown, nw.Object)):
        raise RecordError(
            f'column "{name}" holds {kind}, not numbers: convert it, and leave null what is none',
            column=name,
        )
    read = nw.col(name)
    if kind == nw.Object:  # pandas keeps its NA among objects, and makes no number of it
        read = nw.when(~read.is_null()).then(read)
    if kind != nw.Float64:
        read = read.cast(nw.Float64)
    return nw.when(read.abs() <= LARGEST).then(read)


def numbers(frame: Any, wanted: Mapping[str, nw.Expr]) -> Any:
    """Add columns of numbers to a frame.

    Raises
    ------
    RecordError
        When a column of objects holds one that is no number.
    """
    try:
        return frame.with_columns(**wanted)
    except (TypeError, ValueError) as error:
        raise RecordError(
            f"a column of numbers holds something else ({error}): convert it, and leave null what "
            "is none",
            column=None,
        ) from error


def text(name: str, schema: Mapping[str, nw.dtypes.DType]) -> nw.Expr:
    """Return a column as text, empty where it is null."""
    column = nw.col(name)
    if schema[name] != nw.String:
        column = nw.when(~column.is_null()).then(column.cast(nw.String))
    return nw.when(column.is_null()).then(nw.lit("")).otherwise(column)


def flag(name: str, schema: Mapping[str, nw.dtypes.DType]) -> nw.Expr:
    """Return the baseline flag as a state, `UNREADABLE` or `ABSENT`."""
    return _words(text(name, schema), FLAGS)


def answer(name: str, schema: Mapping[str, nw.dtypes.DType]) -> nw.Expr:
    """Return a yes-or-no column as `YES`, `NO`, `UNREADABLE` or `ABSENT`."""
    column = nw.col(name)
    if schema[name] == nw.Boolean:
        answered = nw.when(column).then(nw.lit(YES)).otherwise(nw.lit(NO))
        return nw.when(column.is_null()).then(nw.lit(ABSENT)).otherwise(answered)
    if schema[name].is_numeric():
        read = nw.when(column == 0).then(nw.lit(NO)).otherwise(nw.lit(UNREADABLE))
        read = nw.when(column == 1).then(nw.lit(YES)).otherwise(read)
        missing = column.is_null() | ~((column >= -LARGEST) & (column <= LARGEST))
        return nw.when(missing).then(nw.lit(ABSENT)).otherwise(read)
    return _words(text(name, schema), ANSWERS)


def _words(column: nw.Expr, meaning: Mapping[str, int]) -> nw.Expr:
    word = column.str.strip_chars().str.to_lowercase()
    read = nw.when(word == "").then(nw.lit(ABSENT)).otherwise(nw.lit(UNREADABLE))
    for code in sorted(set(meaning.values())):
        same = [written for written, meant in meaning.items() if meant == code]
        read = nw.when(word.is_in(same)).then(nw.lit(code)).otherwise(read)
    return read


def baseline_state(
    baseline: nw.Expr | None,
    lln: nw.Expr | None,
    uln: nw.Expr | None,
    flagged: nw.Expr | None,
    sample: nw.Expr | None,
) -> nw.Expr:
    """Return whether the baseline was high or low; the laboratory's own flag goes first."""
    state: nw.Expr = nw.lit(PLAIN)
    if baseline is not None and lln is not None:
        low = baseline < lln * (1 - TOLERANCE)
        state = nw.when(low).then(nw.lit(LOW)).otherwise(state)
    if baseline is not None and uln is not None:
        high = baseline > uln * (1 + TOLERANCE)
        state = nw.when(high).then(nw.lit(HIGH)).otherwise(state)
    if flagged is not None:
        state = nw.when(flagged >= PLAIN).then(flagged).otherwise(state)
    if sample is not None:
        state = nw.when(sample == YES).then(nw.lit(SAMPLE)).otherwise(state)
    return state
