"""The command ``itp-cart grade``: a file of laboratory values, graded row by row.

What cannot be graded keeps its row and says why; a row that cannot be read is told by file, line
and column, and the exit code is 1. The output appears when it is complete.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from itp_carT import frames
from itp_carT.errors import RecordError, UnknownTermError
from itp_carT.rules import Table
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6

from .grade_run import NEEDS, Run
from .laboratory_files import is_parquet, open_csv, write_csv
from .laboratory_parquet import Engine, engine
from .written import check_place, complete

EDITIONS = {"ctcae-v4.03": ctcae_v4, "ctcae-v5.0": ctcae_v5, "ctcae-v6.0": ctcae_v6}
_BLOCK = 1_000_000  # bytes that are printed at a time


@click.command()
@click.argument("labs", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--edition", required=True, metavar="KEY", help=f"One of {', '.join(EDITIONS)}.")
@click.option("-o", "--output", type=click.Path(path_type=Path), metavar="FILE",
              help="Write here, .parquet or .csv; without it, print CSV.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an output that exists.")
@click.option("--encoding", default="utf-8", show_default=True, metavar="NAME",
              help="Of a CSV file, e.g. gb18030.")  # fmt: skip
@click.pass_context
def command(
    context: click.Context,
    /,
    labs: Path,
    edition: str,
    output: Path | None,
    force: bool,
    encoding: str,
) -> None:
    """Grade a CSV or Parquet file LABS by CTCAE, one measured value per row.

    Columns: term, value, unit, lln, uln, baseline, and where known analyte, baseline_flag,
    is_baseline, symptomatic, anticoagulated. Others are kept. Added are grade (empty while more
    than one is possible), grade_worst and grade_mildest (what is possible), and reason.
    """
    run = Run(labs, tables_of(edition))
    if output is not None:
        check_place(output, labs, force=force)
    if is_parquet(labs):
        _from_parquet(run, output, force=force)
    else:
        with open_csv(labs, encoding, lambda header: run.roles(header) is not None, NEEDS) as file:
            if output is not None and _is_parquet_name(output):
                _check_names(labs.name, file.header)
                to = engine()
                pieces = (
                    to.with_results(to.of_rows(file.header, rows), outputs)
                    for rows, outputs in run.of_csv(file)
                )
                _write_parquet(to, pieces, output, force=force)
            else:
                rows = (
                    [*row, *results]
                    for rows, outputs in run.of_csv(file)
                    for row, *results in zip(rows, *outputs, strict=True)
                )
                with _text(output, force=force) as text:
                    header = (*file.header, *frames.OUTPUTS)
                    write_csv(text, header, rows, separator=file.separator, bom=file.bom)
    for line in run.summary.lines():
        click.echo(line, err=True)
    if run.summary.unreadable:
        context.exit(1)


def tables_of(edition: str) -> tuple[Table, ...]:
    """Return the tables of an edition.

    Raises
    ------
    UnknownTermError
        With the editions there are.
    """
    found = EDITIONS.get(edition.strip().casefold())
    if found is None:
        raise UnknownTermError(
            f'"{edition}" is not an edition: write {", ".join(EDITIONS)}',
            field="edition",
            given=edition,
            nearest=tuple(EDITIONS),
        )
    tables: tuple[Table, ...] = found.TABLES
    return tables


def _is_parquet_name(output: Path) -> bool:
    return output.suffix.casefold() in {".parquet", ".pq"}


def _check_names(file: str, header: Sequence[str]) -> None:
    for name in header:
        if header.count(name) > 1:
            raise RecordError(f'{file} has two columns "{name}": Parquet cannot hold both')


def _from_parquet(run: Run, output: Path | None, *, force: bool) -> None:
    found = engine()
    header, _ = found.header(run.labs)
    pieces = (found.with_results(piece, outputs) for piece, outputs in run.of_parquet(found))
    if output is not None and _is_parquet_name(output):
        _write_parquet(found, pieces, output, force=force)
        return
    rows = (row for piece in pieces for row in found.rows(piece))
    with _text(output, force=force) as text:
        write_csv(text, (*header, *frames.OUTPUTS), rows)


def _write_parquet(to: Engine, pieces: Iterator[Any], output: Path, *, force: bool) -> None:
    with complete(output, force=force) as half:
        to.write(pieces, half)


@contextmanager
def _text(output: Path | None, *, force: bool) -> Iterator[TextIOWrapper]:
    """Give a text to write to, which goes to the output, or is printed, once it is complete."""
    if output is not None:
        with (
            complete(output, force=force) as half,
            half.open("x", encoding="utf-8", newline="") as text,
        ):
            yield text
        return
    with tempfile.TemporaryFile() as whole:
        text = TextIOWrapper(whole, encoding="utf-8", newline="", write_through=True)
        yield text
        text.flush()
        whole.seek(0)
        while block := whole.read(_BLOCK):
            click.echo(block, nl=False)
        text.detach()


__all__ = ["EDITIONS", "command", "tables_of"]
