"""The command ``itp-cart grade``: a file of laboratory values, graded row by row.

What cannot be graded keeps its row and says why; a row that cannot be read is told by file, line
and column, and the exit code is 1. The output appears when it is complete.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from io import TextIOWrapper
from pathlib import Path
from typing import Any

import click

from itp_carT import frames
from itp_carT.errors import RecordError, UnknownTermError
from itp_carT.rules import Table
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6

from .grade_summary import Summary
from .laboratory_columns import FEW, grade_columns, grade_rows, has_polars
from .laboratory_files import CsvFile, first_problems, is_parquet, open_csv, write_csv
from .laboratory_rows import NUMBERS, WORDS, RowGrader, fact_keys
from .output import check_place, complete

EDITIONS = {"ctcae-v4.03": ctcae_v4, "ctcae-v5.0": ctcae_v5, "ctcae-v6.0": ctcae_v6}
_NEEDS = "needs the columns value and term (or analyte)"
_LONG = 5_000_000  # bytes from which on there is a progress bar
_BLOCK = 1_000_000  # bytes that are printed at a time
_CHUNK = 100_000  # rows that are in memory at a time


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
    tables = _tables(edition)
    if output is not None:
        check_place(output, labs, force=force)
    summary = Summary(labs.name)
    if is_parquet(labs):
        raise RecordError("not yet", file=labs.name)
    _grade_csv(labs, encoding, tables, output, summary, force=force)
    for line in summary.lines():
        click.echo(line, err=True)
    if summary.unreadable:
        context.exit(1)


def _tables(edition: str) -> tuple[Table, ...]:
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


def roles_of(file: str, header: Sequence[str], tables: tuple[Table, ...]) -> dict[str, int] | None:
    """Say which column holds what; None where there is no value, or neither term nor analyte.

    Raises
    ------
    RecordError
        Two columns of one name, or one that has the name of a result.
    """
    known = {*WORDS, *NUMBERS, *fact_keys(tables)}
    roles: dict[str, int] = {}
    for at, column in enumerate(header):
        name = column.strip().casefold()
        if name in frames.OUTPUTS or name in roles:
            what = "a column" if name in frames.OUTPUTS else "two columns"
            raise RecordError(
                f'{file} has {what} "{column.strip()}": rename it', file=file, column=column
            )
        if name in known:
            roles[name] = at
    return roles if "value" in roles and {"term", "analyte"} & roles.keys() else None


def _grade_csv(
    labs: Path,
    encoding: str,
    tables: tuple[Table, ...],
    output: Path | None,
    summary: Summary,
    *,
    force: bool,
) -> None:
    def wanted(header: Sequence[str]) -> bool:
        return roles_of(labs.name, header, tables) is not None

    with open_csv(labs, encoding, wanted, _NEEDS) as file:
        roles = roles_of(labs.name, file.header, tables) or {}
        header = (*file.header, *frames.OUTPUTS)
        rows = _graded(file, roles, tables, summary, length=labs.stat().st_size)
        with _text(output, force=force) as text:
            write_csv(text, header, rows, file)


def _graded(
    file: CsvFile,
    roles: Mapping[str, int],
    tables: tuple[Table, ...],
    summary: Summary,
    *,
    length: int,
) -> Iterator[list[Any]]:
    """Yield every row with its results."""
    grader = RowGrader(tables, frozenset(roles))
    with progress(length, hidden=length < _LONG) as bar:
        before = 0
        for chunk in file.chunks(_CHUNK):
            columns = list(zip(*chunk.rows, strict=True))
            cells = {name: columns[at] for name, at in roles.items()}
            if len(chunk.rows) < FEW or not has_polars():
                outputs, problems = grade_rows(grader, cells)
            else:
                outputs, problems = grade_columns(tables, cells)
            for problem in first_problems([*chunk.problems, *problems]):
                for results, result in zip(
                    outputs, (None, None, None, problem.reason), strict=True
                ):
                    results[problem.index] = result
                summary.tell(problem, f"line {chunk.lines[problem.index]}")
            summary.add(outputs[0], outputs[3])
            for row, *results in zip(chunk.rows, *outputs, strict=True):
                yield [*row, *results]
            bar.update(file.position - before)
            before = file.position


@contextmanager
def progress(length: int, *, hidden: bool) -> Iterator[Any]:
    """Show on standard error how far a long run is."""
    with click.progressbar(length=length, label="Grading", file=sys.stderr, hidden=hidden) as bar:
        yield bar


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


__all__ = ["EDITIONS", "command"]
