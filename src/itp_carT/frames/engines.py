"""What differs from engine to engine: joining without losing order, and nullable integers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw

from itp_carT.errors import NotPermittedError, RecordError

from .keys import CODE, coded_limits
from .limits import KEYS, Limits

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
    native = frame.to_native()
    kind = frame.implementation
    if kind.is_polars():
        right = coded_limits(limits)
        right = right.lazy() if isinstance(frame, nw.LazyFrame) else right
        return nw.from_native(native.join(right, on=CODE, how="left", maintain_order="left"))
    if kind.is_pandas_like():
        return _keeping_index(frame, limits)
    if kind.is_pyarrow():
        return _arrow(frame, limits)
    if kind.is_duckdb():
        return nw.from_native(_duckdb(native, limits, keep_order))
    if kind.is_pyspark():
        return nw.from_native(_spark(native, limits))
    raise NotPermittedError(
        f"{kind} is not an engine this library knows: convert the frame to pandas, Polars, "
        "PyArrow, DuckDB, PySpark or Dask",
        given=str(kind),
    )


def _kinds(limits: Limits, small: Any, state: Any) -> dict[str, Any]:
    kinds = {
        name: small
        for name, values in limits.columns.items()
        if values and isinstance(values[0], int)
    }
    return kinds | {KEYS[2]: state}


def _pandas(limits: Limits) -> Any:
    import pandas as pd

    # numbers as floats: after the join an unknown key makes them floats anyway
    return pd.DataFrame(
        {
            name: values if name in KEYS or isinstance(values[0], str) else [*map(float, values)]
            for name, values in limits.columns.items()
        }
    )


def _keeping_index(frame: Frame, limits: Limits) -> Frame:
    native = frame.to_native()
    joined = native.merge(_pandas(limits), on=list(KEYS), how="left", sort=False)
    joined.index = native.index
    return nw.from_native(joined)


def _table(limits: Limits) -> Any:
    import pyarrow as pa

    kinds = _kinds(limits, pa.int8(), pa.int32())
    return pa.table({name: pa.array(v, kinds.get(name)) for name, v in limits.columns.items()})


def _arrow(frame: Frame, limits: Limits) -> Frame:
    # PyArrow's own join does not keep the order of rows
    import pyarrow as pa

    native = frame.to_native()
    for at, key in enumerate(KEYS):  # text may be large_string, which does not join with string
        kind = pa.int32() if at == 2 else pa.string()
        at_left = native.column_names.index(key)
        native = native.set_column(at_left, key, native.column(key).cast(kind))
    right = _table(limits)
    right = right.append_column("_itp_row", pa.array(range(right.num_rows), pa.int64()))
    rows = pa.array(range(native.num_rows), pa.int64())  # of an empty frame the type is not seen
    keys = native.select(list(KEYS)).append_column("_itp_left", rows)
    found = keys.join(right.select([*KEYS, "_itp_row"]), list(KEYS), join_type="left outer")
    found = found.sort_by("_itp_left").column("_itp_row").combine_chunks()
    for name in right.column_names:
        if name not in KEYS and name != "_itp_row":
            native = native.append_column(name, right.column(name).take(found))
    return nw.from_native(native)


def _duckdb(native: Any, limits: Limits, keep_order: bool) -> Any:
    itp_limits = _table(limits)  # noqa: F841 - DuckDB reads it by its name
    names = ", ".join(f'r."{name}"' for name in limits.columns if name not in KEYS)
    same = " and ".join(f'l."{key}" = r."{key}"' for key in KEYS)
    left, order = "itp_left", ""
    if keep_order:
        # a join gives rows in any order, and who lines them up by place would not notice
        left = "(select *, row_number() over () as itp_row from itp_left)"
        order = " order by l.itp_row"
    query = f"select l.*, {names} from {left} l left join itp_limits r on {same}{order}"  # noqa: S608 - names of our own
    return native.query("itp_left", query)


def _spark(native: Any, limits: Limits) -> Any:
    from pyspark.sql import functions

    right = native.sparkSession.createDataFrame(_pandas(limits))
    return native.join(functions.broadcast(right), on=list(KEYS), how="left")


def finish(frame: Frame, order: Sequence[str], integers: Sequence[str]) -> Any:
    """Return the native frame with its columns in order and grades as nullable integers."""
    kind = frame.implementation
    if not kind.is_pandas_like():
        casts = [nw.col(name).cast(nw.Int8) for name in integers]
        return frame.with_columns(*casts).select(*order).to_native()
    native = frame.select(*order).to_native()
    return native.astype(dict.fromkeys(integers, "Int8"))
