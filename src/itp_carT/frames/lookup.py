"""Reading small tables beside a large frame: by number, or joined where an engine has no order.

A look-up keeps the order of rows, which a join does not on every engine, and reads a table that
stays in the processor's cache. Text becomes a number once, as the place it has in a list of words.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import narwhals.stable.v2 as nw


class Small:
    """A small table as each engine reads it; what was made for one is kept.

    Parameters
    ----------
    columns
        A list per column, of whole numbers, other numbers or text, or None.
    """

    def __init__(self, columns: Mapping[str, Sequence[Any]]) -> None:
        self.columns = dict(columns)

    @functools.cached_property
    def polars(self) -> dict[str, Any]:
        """Series, each with a null at its end, so that none is read as one value."""
        import polars as pl

        kinds = {int: pl.Int32, float: pl.Float64, str: pl.String}
        found = {}
        for name, values in self.columns.items():
            found[name] = pl.Series([*values, None], dtype=kinds[_first(values)])
        return found

    @functools.cached_property
    def pyarrow(self) -> Any:
        """A table."""
        import pyarrow as pa

        return pa.table(
            {
                name: pa.array(values, pa.int32() if _first(values) is int else None)
                for name, values in self.columns.items()
            }
        )

    @functools.cached_property
    def pandas(self) -> dict[str, Any]:
        """Arrays, with what is missing at their end."""
        import pandas as pd

        found = {}
        for name, values in self.columns.items():
            text = _first(values) is str
            nothing, dtype = (None, object) if text else (float("nan"), float)
            found[name] = pd.Series([*values, nothing], dtype=dtype).to_numpy()
        return found


def _first(values: Sequence[Any]) -> type:
    """Return the type of the values of a column."""
    return next((type(value) for value in values if value is not None), float)


def can_look_up(frame: Any) -> bool:
    """Say whether rows are looked up by number here; other engines join."""
    kind = frame.implementation
    return bool(kind.is_polars() or kind.is_pandas_like() or kind.is_pyarrow())


def numbered(frame: Any, column: str, words: Sequence[str], into: str, *, lower: bool) -> Any:
    """Add the place of each text among the words, null where it has none.

    A text that is not found as it stands is stripped, and lowered if asked for, and looked for
    again.
    """
    kind = frame.implementation
    native = frame.to_native()
    if kind.is_polars():
        return nw.from_native(_polars_numbered(native, column, words, into, lower=lower))
    if kind.is_pyarrow():
        return nw.from_native(_arrow_numbered(native, column, words, into, lower=lower))
    return nw.from_native(_pandas_numbered(native, column, words, into, lower=lower))


def _polars_numbered(
    native: Any, column: str, words: Sequence[str], into: str, *, lower: bool
) -> Any:
    import polars as pl

    kind = pl.Enum(words)
    code = pl.col(column).cast(kind, strict=False)
    other = pl.when(code.is_null()).then(pl.col(column)).str.strip_chars()
    other = other.str.to_lowercase() if lower else other
    both = pl.coalesce(code, other.cast(kind, strict=False))
    return native.with_columns(both.to_physical().cast(pl.Int32).alias(into))


def _arrow_numbered(
    native: Any, column: str, words: Sequence[str], into: str, *, lower: bool
) -> Any:
    import pyarrow as pa
    import pyarrow.compute as pc

    listed = pa.array(words, pa.string())
    text = native.column(column).cast(pa.string())
    code = pc.index_in(text, listed)
    if code.null_count:
        other = pc.utf8_trim_whitespace(pc.if_else(pc.is_null(code), text, None))
        code = pc.coalesce(code, pc.index_in(pc.utf8_lower(other) if lower else other, listed))
    return native.append_column(into, code.cast(pa.int64()))


def _pandas_numbered(
    native: Any, column: str, words: Sequence[str], into: str, *, lower: bool
) -> Any:
    import pandas as pd

    listed: Any = pd.Index([*words])
    text = native[column].to_numpy(dtype=object)
    code = listed.get_indexer(text).astype(float)
    unknown = code < 0
    if unknown.any():
        other = pd.Series(text[unknown], dtype=object).str.strip()
        other = other.str.lower() if lower else other
        code[unknown] = listed.get_indexer(other.to_numpy(dtype=object))
        code[code < 0] = float("nan")
    return native.assign(**{into: code})


def looked_up(frame: Any, at: str, small: Small) -> Any:
    """Add columns of a small table by the number of its row; null where there is no number."""
    kind = frame.implementation
    native = frame.to_native()
    if kind.is_polars():
        import polars as pl

        native = native.with_columns(pl.col(at).cast(pl.UInt32))
        found = {name: pl.lit(s).gather(pl.col(at)) for name, s in small.polars.items()}
        return nw.from_native(native.with_columns(**found))
    if kind.is_pyarrow():
        number = native.column(at).cast("int64")
        for name in small.columns:
            native = native.append_column(name, small.pyarrow.column(name).take(number))
        return nw.from_native(native)
    return nw.from_native(_pandas_looked_up(native, at, small))


def _pandas_looked_up(native: Any, at: str, small: Small) -> Any:
    import pandas as pd

    number = native[at].to_numpy(dtype=float, na_value=float("nan"))
    last = len(next(iter(small.pandas.values()))) - 1
    place = pd.Series(number).fillna(last).to_numpy(dtype=int)
    found = {name: values[place] for name, values in small.pandas.items()}
    return pd.concat([native, pd.DataFrame(found, index=native.index)], axis=1)


def joined(frame: Any, small: Small, keys: Sequence[str], table: Any = None) -> Any:
    """Join a small table on DuckDB or Spark; rows stay, in any order.

    Parameters
    ----------
    frame
        The large frame.
    small
        The small table.
    keys
        Columns of both.
    table
        The small table as a relation of DuckDB, in the connection of the frame.
    """
    native = frame.to_native()
    if frame.implementation.is_pyspark():
        from pyspark.sql import functions

        right = native.sparkSession.createDataFrame(small.pyarrow)
        return nw.from_native(native.join(functions.broadcast(right), on=list(keys), how="left"))
    apart = ", ".join(f'"{key}" as "_itp_r{key}"' for key in keys)
    right = table.select(f"{apart}, * exclude ({', '.join(keys)})").set_alias("r")
    same = " and ".join(f'l."{key}" = r."_itp_r{key}"' for key in keys)
    both = native.set_alias("l").join(right, same, how="left")
    return nw.from_native(both.select(f"* exclude ({', '.join(f'_itp_r{key}' for key in keys)})"))
