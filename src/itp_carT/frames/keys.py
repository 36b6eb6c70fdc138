"""The key that joins a row with its limits: term, unit, and the state of baseline and facts."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw

from .limits import KEYS, STATE, TERM, UNIT, Limits

Asks: TypeAlias = Callable[[Iterable[str]], nw.Expr]
#: Whether the term, and the unit, of a row are known.
TERM_KNOWN, UNIT_KNOWN = "_itp_term_known", "_itp_unit_known"
#: Whether the term compares several measures, so that one value per row cannot grade it.
SEVERAL_MEASURES = "_itp_several"
#: The one number that stands for the three keys on Polars.
CODE = "_itp_code"


def keyed(frame: Any, limits: Limits, state: Callable[[Asks], nw.Expr]) -> Any:
    """Add the joined keys; ``state`` is given a test of whether a row's term is one of some."""
    if frame.implementation.is_polars():
        return _coded(frame, limits, state)
    term, unit = nw.col(TERM), nw.col(UNIT)
    lowered, stripped = term.str.strip_chars().str.to_lowercase(), unit.str.strip_chars()
    if isinstance(frame, nw.DataFrame):
        # in memory, lowering costs more than looking up: most rows are known as written
        lowered = nw.when(term.is_in(limits.terms)).then(term).otherwise(lowered)
        stripped = nw.when(unit.is_in(limits.units)).then(unit).otherwise(stripped)
    frame = frame.with_columns(lowered.alias(TERM), stripped.alias(UNIT))
    return frame.with_columns(
        term.is_in(limits.terms).alias(TERM_KNOWN),
        unit.is_in(limits.units).alias(UNIT_KNOWN),
        among(term, limits.several).alias(SEVERAL_MEASURES),
        state(lambda terms: among(nw.col(TERM), terms)).cast(nw.Int32).alias(STATE),
    )


def among(column: nw.Expr, some: Iterable[Any]) -> nw.Expr:
    """Say whether a column holds one of some; not every engine takes an empty list."""
    listed = list(some)
    return column.is_in(listed) if listed else column.is_null() & ~column.is_null()


def _coded(frame: Any, limits: Limits, state: Callable[[Asks], nw.Expr]) -> Any:
    """Do the same on Polars, where categories make one number of three keys: half the time."""
    import polars as pl

    codes = {}
    for key, name, known in ((TERM, "_itp_t", limits.terms), (UNIT, "_itp_u_code", limits.units)):
        kind = pl.Enum(known)
        code = pl.col(key).cast(kind, strict=False)
        other = pl.when(code.is_null()).then(pl.col(key)).str.strip_chars()
        other = other.str.to_lowercase() if key == TERM else other
        both = pl.coalesce(code, other.cast(kind, strict=False))
        codes[name] = both.to_physical().cast(pl.Int64)
    frame = nw.from_native(frame.to_native().with_columns(**codes))
    term, unit = nw.col("_itp_t"), nw.col("_itp_u_code")
    number = _numbers(limits.terms)
    said = state(lambda terms: among(term, [number[one] for one in terms]))
    return frame.with_columns(
        (~term.is_null()).alias(TERM_KNOWN),
        (~unit.is_null()).alias(UNIT_KNOWN),
        among(term, [number[one] for one in limits.several]).alias(SEVERAL_MEASURES),
        (term * limits.per_term + unit * limits.states + said).cast(nw.Int64).alias(CODE),
    )


@functools.lru_cache(maxsize=16)
def _numbers(words: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


@functools.lru_cache(maxsize=4)
def coded_limits(limits: Limits) -> Any:
    """Return the limits as a Polars frame by the one number."""
    import polars as pl

    terms, units = _numbers(limits.terms), _numbers(limits.units)
    code = [
        terms[term] * limits.per_term + units[unit] * limits.states + state
        for term, unit, state in zip(*(limits.columns[key] for key in KEYS), strict=True)
    ]
    small = {name: pl.Int8 for name, values in limits.columns.items() if isinstance(values[0], int)}
    columns = {name: v for name, v in limits.columns.items() if name not in KEYS}
    return pl.DataFrame({CODE: code} | columns, schema_overrides={**small, CODE: pl.Int64})
