"""Parquet files of laboratory values, read and written piece by piece with Polars or PyArrow.

Only a piece is in memory at a time. Column types stay as they are.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Protocol

from itp_carT import frames
from itp_carT.errors import NotPermittedError, RecordError
from itp_carT.rules import Table

from .laboratory_columns import Outputs, grade_frame, grade_rows
from .laboratory_files import Problem
from .laboratory_rows import RowGrader


class Engine(Protocol):
    """What reads, grades and writes pieces of a Parquet file."""

    def header(self, file: Path) -> tuple[tuple[str, ...], int]:
        """Return the columns of a file and how many rows it has."""

    def pieces(self, file: Path, size: int) -> Iterator[Any]:
        """Yield the rows in pieces."""

    def grade(
        self, piece: Any, roles: Mapping[str, int], tables: tuple[Table, ...]
    ) -> tuple[Outputs, list[Problem]]:
        """Grade a piece."""

    def with_results(self, piece: Any, outputs: Outputs) -> Any:
        """Return a piece with the results as further columns."""

    def of_rows(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
        """Return a piece of rows of texts."""

    def rows(self, piece: Any) -> Iterable[Sequence[Any]]:
        """Return the rows of a piece."""

    def write(self, pieces: Iterable[Any], file: Path) -> None:
        """Write pieces to a file."""


def engine() -> Engine:
    """Return the engine that is installed.

    Raises
    ------
    NotPermittedError
        None is.
    """
    if find_spec("polars") is not None:
        return _Polars()
    if find_spec("pyarrow") is not None:
        return _Arrow()
    raise NotPermittedError(
        "Parquet needs Polars or PyArrow: install itp-cart[polars], itp-cart[pyarrow] or "
        "itp-cart[duckdb], or give and write CSV"
    )


def _unreadable(file: Path, error: Exception) -> RecordError:
    why = str(error).partition("\n")[0]
    return RecordError(f"{file.name} cannot be read as Parquet: {why}", file=file.name)


class _Polars:
    def header(self, file: Path) -> tuple[tuple[str, ...], int]:
        import polars as pl

        try:
            scan = pl.scan_parquet(file)
            names = tuple(scan.collect_schema().names())
            return names, int(scan.select(pl.len()).collect().item())
        except (pl.exceptions.PolarsError, OSError) as error:
            raise _unreadable(file, error) from None

    def pieces(self, file: Path, size: int) -> Iterator[Any]:
        import polars as pl

        _, length = self.header(file)
        scan = pl.scan_parquet(file)
        for start in range(0, max(length, 1), size):
            # a slice reads the row groups it lies in and no others
            try:
                piece = scan.slice(start, size).collect()
            except (pl.exceptions.PolarsError, OSError) as error:
                raise _unreadable(file, error) from None
            yield piece

    def grade(
        self, piece: Any, roles: Mapping[str, int], tables: tuple[Table, ...]
    ) -> tuple[Outputs, list[Problem]]:
        names = piece.columns
        read = piece.select(piece[names[at]].alias(role) for role, at in roles.items())
        return grade_frame(tables, read)

    def with_results(self, piece: Any, outputs: Outputs) -> Any:
        import polars as pl

        kinds = (pl.Int8, pl.Int8, pl.Int8, pl.String)
        columns = zip(frames.OUTPUTS, outputs, kinds, strict=True)
        return piece.with_columns(pl.Series(name, values, kind) for name, values, kind in columns)

    def of_rows(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
        import polars as pl

        columns = zip(*rows, strict=True) if rows else [()] * len(header)
        return pl.DataFrame(
            {n: pl.Series(c, dtype=pl.String) for n, c in zip(header, columns, strict=True)}
        )

    def rows(self, piece: Any) -> Iterable[Sequence[Any]]:
        return piece.iter_rows()  # type: ignore[no-any-return]  # the type of a frame is not known

    def write(self, pieces: Iterable[Any], file: Path) -> None:
        """Write each piece to a file of its own, then all of them, streamed, to the one."""
        import polars as pl

        parts = file.with_name(f"{file.name}.pieces")
        parts.mkdir()
        try:
            written = []
            for number, piece in enumerate(pieces):
                written.append(parts / f"{number}.parquet")
                piece.write_parquet(written[-1], compression="lz4")
            pl.scan_parquet(written).sink_parquet(file)
        finally:
            shutil.rmtree(parts, ignore_errors=True)


class _Arrow:
    def header(self, file: Path) -> tuple[tuple[str, ...], int]:
        import pyarrow as pa
        from pyarrow import parquet

        try:
            with parquet.ParquetFile(file) as opened:
                return tuple(opened.schema_arrow.names), int(opened.metadata.num_rows)
        except (pa.ArrowException, OSError) as error:
            raise _unreadable(file, error) from None

    def pieces(self, file: Path, size: int) -> Iterator[Any]:
        import pyarrow as pa
        from pyarrow import parquet

        with parquet.ParquetFile(file, pre_buffer=False) as opened:
            try:
                if not opened.metadata.num_rows:
                    yield opened.schema_arrow.empty_table()
                for batch in opened.iter_batches(batch_size=size):
                    yield pa.Table.from_batches([batch])
            except (pa.ArrowException, OSError) as error:
                raise _unreadable(file, error) from None

    def grade(
        self, piece: Any, roles: Mapping[str, int], tables: tuple[Table, ...]
    ) -> tuple[Outputs, list[Problem]]:
        cells = {role: piece.column(at).to_pylist() for role, at in roles.items()}
        return grade_rows(RowGrader(tables, frozenset(roles)), cells)

    def with_results(self, piece: Any, outputs: Outputs) -> Any:
        import pyarrow as pa

        kinds = (pa.int8(), pa.int8(), pa.int8(), pa.string())
        for name, kind, values in zip(frames.OUTPUTS, kinds, outputs, strict=True):
            piece = piece.append_column(name, pa.array(values, kind))
        return piece

    def of_rows(self, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Any:
        import pyarrow as pa

        columns = zip(*rows, strict=True) if rows else [()] * len(header)
        return pa.table([pa.array(c, pa.string()) for c in columns], names=list(header))

    def rows(self, piece: Any) -> Iterable[Sequence[Any]]:
        return zip(*(column.to_pylist() for column in piece.columns), strict=True)

    def write(self, pieces: Iterable[Any], file: Path) -> None:
        from pyarrow import parquet

        writer = None
        try:
            for piece in pieces:
                if writer is None:
                    writer = parquet.ParquetWriter(file, piece.schema)
                writer.write_table(piece)
        finally:
            if writer is not None:
                writer.close()


__all__ = ["Engine", "engine"]
