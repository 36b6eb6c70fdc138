"""What differs from engine to engine: joining without losing order, and nullable integers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw

from itp_carT.errors import NotPermittedError, RecordError

from .limits import BLOCK, GRID, NEGATIVE, STATE, TERM, UNIT, Limits
from .lookup import can_look_up, looked_up

#: A frame of narwhals, eager or lazy; which of them, the engine decides.
Frame: TypeAlias = Any


def is_dask(df: Any) -> bool:
    """Say whether a native frame is Dask's, without loading Dask."""
    return type(df).__module__.partition(".")[0] in {"dask", "dask_expr"}


def by_partition(df: Any, graded: Callable[..., Any], *arguments: Any) -> Any:
    """Grade a Dask frame partition by partition: each row is judged alone."""
    return df.map_partitions(graded, *arguments, meta=graded(df._meta, *arguments))  # noqa: SLF001 - Dask's name for an empty frame of its kind


def lazily(frame: Frame) -> bool:
    """Say whether a frame is better read lazily and collected at the end: an eager one of Polars.

    Its optimizer works out once what several expressions share.
    """
    return frame.implementation.is_polars() and isinstance(frame, nw.DataFrame)


def refuse_taken(columns: list[str], outputs: tuple[str, ...], overwrite: bool) -> list[str]:
    """Return the columns to keep.

    Raises
    ------
    RecordError
        When a column has the name of a result and overwriting was not asked for.
    """
    taken = [name for name in columns if name in outputs or name.startswith("_itp_")]
    if taken and not overwrite:
        raise RecordError(
            f'the frame has a column "{taken[0]}" already: rename it, or pass overwrite=True',
            column=taken[0],
        )
    return [name for name in columns if name not in taken]


def join(frame: Frame, limits: Limits, *, keep_order: bool) -> Frame:
    """Join the limits to a frame that carries the keys; rows and their order stay.

    DuckDB has to sort for that, and does not when ``keep_order`` is False; Spark keeps no order.

    Raises
    ------
    NotPermittedError
        When the engine is not one the library knows.
    """
    kind = frame.implementation
    if can_look_up(frame):
        return looked_up(frame, GRID, limits.columns)
    if kind.is_duckdb():
        return nw.from_native(_duckdb(frame.to_native(), limits, keep_order))
    if kind.is_pyspark():
        return nw.from_native(_spark(frame.to_native(), limits))
    raise NotPermittedError(
        f"{kind} is not an engine this library knows: convert the frame to pandas, Polars, "
        "PyArrow, DuckDB, PySpark or Dask",
        given=str(kind),
    )


def _small(limits: Limits) -> tuple[dict[str, list[Any]], ...]:
    grids = {GRID: [*range(len(limits.columns[NEGATIVE]))]} | limits.columns
    return limits.pairs, limits.cells, grids


def _duckdb(native: Any, limits: Limits, keep_order: bool) -> Any:
    import pyarrow as pa

    # DuckDB reads these by their names
    itp_pairs, itp_cells, itp_grids = map(pa.table, _small(limits))  # noqa: RUF059
    names = ", ".join(f'g."{name}"' for name in limits.columns)
    left, order = "itp_left", ""
    if keep_order:
        # a join gives rows in any order, and who lines them up by place would not notice
        left = "(select *, row_number() over () as itp_row from itp_left)"
        order = " order by l.itp_row"
    query = (
        f"select l.*, {names} from {left} l "  # noqa: S608 - names of our own
        f'left join itp_pairs p on l."{TERM}" = p."{TERM}" and l."{UNIT}" = p."{UNIT}" '
        f'left join itp_cells c on p."{BLOCK}" = c."{BLOCK}" and l."{STATE}" = c."{STATE}" '
        f'left join itp_grids g on c."{GRID}" = g."{GRID}"{order}'
    )
    return native.query("itp_left", query)


def _spark(native: Any, limits: Limits) -> Any:
    import pandas as pd
    from pyspark.sql import functions

    for small, keys in zip(_small(limits), ([TERM, UNIT], [BLOCK, STATE], [GRID]), strict=True):
        right = native.sparkSession.createDataFrame(pd.DataFrame(small))
        native = native.join(functions.broadcast(right), on=keys, how="left")
    return native


def worded(frame: Frame, code: str, into: str, words: Sequence[str]) -> Frame:
    """Add the text that a number stands for; null where there is no number."""
    if can_look_up(frame):
        return looked_up(frame, code, {into: words})
    text: nw.Expr = nw.lit(words[-1])
    for number, word in enumerate(words[:-1]):
        text = nw.when(nw.col(code) == number).then(nw.lit(word)).otherwise(text)
    return frame.with_columns(nw.when(~nw.col(code).is_null()).then(text).alias(into))


def finish(frame: Frame, order: Sequence[str], integers: Sequence[str]) -> Any:
    """Return the native frame with its columns in order and grades as nullable integers."""
    kind = frame.implementation
    if not kind.is_pandas_like():
        casts = [nw.col(name).cast(nw.Int8) for name in integers]
        return frame.with_columns(*casts).select(*order).to_native()
    native = frame.select(*order).to_native()
    return native.astype(dict.fromkeys(integers, "Int8"))
