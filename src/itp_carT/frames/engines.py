"""What differs from engine to engine: joining without losing order, and nullable integers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw

from itp_carT.errors import NotPermittedError, RecordError

from .lookup import Small, can_look_up, joined, looked_up

#: A frame of narwhals, eager or lazy; which of them, the engine decides.
Frame: TypeAlias = Any
#: Numbers the rows where their order would be lost.
ROW = "_itp_row"
#: A number that stands for a text, and the text on its way to the column it belongs in, which the
#: frame may have already; and the table of both where it is joined.
CODE, TEXT, WORDS = "_itp_why", "_itp_text", "itp_words"


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


def numbered_rows(frame: Frame, *, keep_order: bool) -> Frame:
    """Add row numbers on DuckDB, whose joins give rows in any order, where the order is to stay."""
    if not (keep_order and frame.implementation.is_duckdb()):
        return frame
    native = frame.to_native()
    return nw.from_native(native.select(f'*, row_number() over () as "{ROW}"'))


def refuse_unknown(frame: Frame) -> None:
    """Refuse an engine that the library does not know.

    Raises
    ------
    NotPermittedError
        Always then.
    """
    kind = frame.implementation
    if not (can_look_up(frame) or kind.is_duckdb() or kind.is_pyspark()):
        raise NotPermittedError(
            f"{kind} is not an engine this library knows: convert the frame to pandas, Polars, "
            "PyArrow, DuckDB, PySpark or Dask",
            given=str(kind),
        )


def worded(frame: Frame, into: str, words: Small, table: Any) -> Frame:
    """Add the text that the column `CODE` stands for; null where there is no number.

    ``table`` is that of the words where the engine joins it by a relation of its own.
    """
    if can_look_up(frame):
        said = dict(zip(words.columns[CODE], words.columns[TEXT], strict=True))
        listed = [said.get(number) for number in range(max(said) + 1)]
        frame = looked_up(frame, CODE, Small({TEXT: listed}))
    else:
        frame = joined(frame, words, (CODE,), table)
    return frame.with_columns(nw.col(TEXT).alias(into))


def finish(frame: Frame, order: Sequence[str], integers: Sequence[str]) -> Any:
    """Return the native frame with its columns in order and grades as nullable integers."""
    kind = frame.implementation
    if not kind.is_pandas_like():
        if ROW in frame.collect_schema():
            frame = frame.sort(ROW)
        casts = [nw.col(name).cast(nw.Int8) for name in integers]
        return frame.with_columns(*casts).select(*order).to_native()
    native = frame.select(*order).to_native()
    return native.astype(dict.fromkeys(integers, "Int8"))
