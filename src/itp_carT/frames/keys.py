"""What joins a row with its limits: term and unit name a block, the state of the facts a grid."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw

from .limits import BLOCK, GRID, STATE, TERM, UNIT, Limits
from .lookup import can_look_up, looked_up, numbered

Asks: TypeAlias = Callable[[Iterable[str]], nw.Expr]
#: Whether the term, and the unit, of a row are known.
TERM_KNOWN, UNIT_KNOWN = "_itp_term_known", "_itp_unit_known"
#: Whether the term compares several measures, so that one value per row cannot grade it.
SEVERAL_MEASURES = "_itp_several"


def keyed(frame: Any, limits: Limits, state: Callable[[Asks], nw.Expr]) -> Any:
    """Add what joins a row; ``state`` is given a test of whether a row's term is one of some."""
    if can_look_up(frame):
        return _looked_up(frame, limits, state)
    term, unit = nw.col(TERM), nw.col(UNIT)
    frame = frame.with_columns(
        term.str.strip_chars().str.to_lowercase().alias(TERM), unit.str.strip_chars().alias(UNIT)
    )
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


def _looked_up(frame: Any, limits: Limits, state: Callable[[Asks], nw.Expr]) -> Any:
    frame = numbered(frame, TERM, limits.terms, "_itp_t", lower=True)
    frame = numbered(frame, UNIT, limits.units, "_itp_n", lower=False)
    term, unit = nw.col("_itp_t"), nw.col("_itp_n")
    place = _places(limits.terms)
    said = state(lambda terms: among(term, [place[one] for one in terms]))
    frame = frame.with_columns(
        (~term.is_null()).alias(TERM_KNOWN),
        (~unit.is_null()).alias(UNIT_KNOWN),
        among(term, [place[one] for one in limits.several]).alias(SEVERAL_MEASURES),
        said.alias(STATE),
        _itp_pair=term * len(limits.units) + unit,
    )
    frame = looked_up(frame, "_itp_pair", {BLOCK: _blocks(limits)})
    frame = frame.with_columns(_itp_cell=nw.col(BLOCK) * limits.states + nw.col(STATE))
    return looked_up(frame, "_itp_cell", {GRID: _grids(limits)})


@functools.lru_cache(maxsize=16)
def _places(words: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


@functools.lru_cache(maxsize=4)
def _blocks(limits: Limits) -> list[int | None]:
    """Return the block of every pair of term and unit."""
    terms, units = _places(limits.terms), _places(limits.units)
    found: list[int | None] = [None] * (len(terms) * len(units))
    for term, unit, block in zip(*(limits.pairs[key] for key in (TERM, UNIT, BLOCK)), strict=True):
        found[terms[term] * len(units) + units[unit]] = block
    return found


@functools.lru_cache(maxsize=4)
def _grids(limits: Limits) -> list[int | None]:
    """Return the grid of every block and state."""
    found: list[int | None] = [None] * (limits.blocks * limits.states)
    for block, state, grid in zip(*(limits.cells[k] for k in (BLOCK, STATE, GRID)), strict=True):
        found[block * limits.states + state] = grid
    return found
