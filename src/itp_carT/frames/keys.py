"""What joins a row with its limits: term and unit name a block, the state of the facts a grid."""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw

from .limits import BLOCK, CELL, GRID, STATE, TERM, UNIT, Limits
from .lookup import Small, can_look_up, joined, looked_up, numbered

#: Small tables by name, as relations of DuckDB; empty on other engines.
Tables: TypeAlias = Mapping[str, Any]
#: Whether the term, and the unit, of a row are known; said where no block was found.
TERM_KNOWN, UNIT_KNOWN = "_itp_term_known", "_itp_unit_known"
#: Whether the term compares several measures, so that one value per row cannot grade it.
SEVERAL_MEASURES = "_itp_several"
#: The small tables that are joined.
AS_WRITTEN, NORMAL, CELLS = "itp_as_written", "itp_normal", "itp_cells"


def blocked(frame: Any, limits: Limits, tables: Tables) -> Any:
    """Add the block that term and unit of a row name, null where they name none."""
    return _looked_up(frame, limits) if can_look_up(frame) else _joined(frame, limits, tables)


def cell(limits: Limits, state: nw.Expr) -> nw.Expr:
    """Return block and state as one number."""
    return nw.col(BLOCK) * limits.states + state


def gridded(frame: Any, limits: Limits, tables: Tables) -> Any:
    """Add what the grid holds that block and state name; every row stays."""
    if can_look_up(frame):
        grids, columns = _grids(limits)
        return looked_up(looked_up(frame, CELL, grids), GRID, columns)
    return joined(frame, small_tables(limits)[CELLS], (CELL,), tables.get(CELLS))


def among(column: nw.Expr, some: Iterable[Any]) -> nw.Expr:
    """Say whether a column holds one of some; not every engine takes an empty list."""
    listed = list(some)
    return column.is_in(listed) if listed else column.is_null() & ~column.is_null()


def _looked_up(frame: Any, limits: Limits) -> Any:
    frame = numbered(frame, TERM, limits.terms, "_itp_t", lower=True)
    frame = numbered(frame, UNIT, limits.units, "_itp_n", lower=False)
    term, unit = nw.col("_itp_t"), nw.col("_itp_n")
    place = _places(limits.terms)
    frame = frame.with_columns(
        (~term.is_null()).alias(TERM_KNOWN),
        (~unit.is_null()).alias(UNIT_KNOWN),
        among(term, [place[one] for one in limits.several]).alias(SEVERAL_MEASURES),
        _itp_pair=term * len(limits.units) + unit,
    )
    return looked_up(frame, "_itp_pair", _blocks(limits))


def _joined(frame: Any, limits: Limits, tables: Tables) -> Any:
    """Join as written; what found nothing is stripped and lowered, and joined once more."""
    small = small_tables(limits)
    frame = joined(frame, small[AS_WRITTEN], (TERM, UNIT), tables.get(AS_WRITTEN))
    found, term, unit = nw.col("_itp_as_written"), nw.col(TERM), nw.col(UNIT)
    lowered = term.str.strip_chars().str.to_lowercase()
    frame = frame.with_columns(
        nw.when(found.is_null()).then(lowered).alias(TERM),
        nw.when(found.is_null()).then(unit.str.strip_chars()).alias(UNIT),
    )
    frame = joined(frame, small[NORMAL], (TERM, UNIT), tables.get(NORMAL))
    return frame.with_columns(
        nw.coalesce(found, nw.col(BLOCK)).alias(BLOCK),
        term.is_in([one for one in limits.terms if one == one.lower()]).alias(TERM_KNOWN),
        unit.is_in(limits.units).alias(UNIT_KNOWN),
        among(term, limits.several).alias(SEVERAL_MEASURES),
    )


@functools.lru_cache(maxsize=16)
def _places(words: tuple[str, ...]) -> dict[str, int]:
    return {word: number for number, word in enumerate(words)}


@functools.lru_cache(maxsize=4)
def _blocks(limits: Limits) -> Small:
    """Return the block of every pair of term and unit."""
    terms, units = _places(limits.terms), _places(limits.units)
    found: list[int | None] = [None] * (len(terms) * len(units))
    for term, unit, block in zip(*(limits.pairs[key] for key in (TERM, UNIT, BLOCK)), strict=True):
        found[terms[term] * len(units) + units[unit]] = block
    return Small({BLOCK: found})


@functools.lru_cache(maxsize=4)
def _grids(limits: Limits) -> tuple[Small, Small]:
    """Return the grid of every block and state, and what the grids hold."""
    found: list[int | None] = [None] * (limits.blocks * limits.states)
    for block, state, grid in zip(*(limits.cells[k] for k in (BLOCK, STATE, GRID)), strict=True):
        found[block * limits.states + state] = grid
    return Small({GRID: found}), Small(limits.columns)


@functools.lru_cache(maxsize=4)
def small_tables(limits: Limits) -> dict[str, Small]:
    """Return what DuckDB and Spark join, by name.

    Pairs of term and unit with their block, under one name and under another; and what the grids
    hold by block and state, which takes more room than by the number of the grid, and one join
    less.
    """
    written = {"_itp_as_written" if k == BLOCK else k: v for k, v in limits.pairs.items()}
    cells = [*zip(*(limits.cells[k] for k in (BLOCK, STATE, GRID)), strict=True)]
    by_cell: dict[str, list[Any]] = {CELL: [b * limits.states + s for b, s, _ in cells]}
    by_cell |= {name: [held[grid] for *_, grid in cells] for name, held in limits.columns.items()}
    return {AS_WRITTEN: Small(written), NORMAL: Small(limits.pairs), CELLS: Small(by_cell)}
