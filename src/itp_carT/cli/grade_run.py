"""One run of ``itp-cart grade``: the pieces of a file with their grades, and what was found."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
from attrs import Factory, define

from itp_carT import frames
from itp_carT.errors import RecordError
from itp_carT.rules import Table

from .grade_summary import Summary
from .laboratory_columns import FEW, Outputs, grade_columns, grade_rows, has_polars
from .laboratory_files import CsvFile, Problem, first_problems
from .laboratory_parquet import Engine
from .laboratory_rows import NUMBERS, WORDS, RowGrader, fact_keys

NEEDS = "needs the columns value and term (or analyte)"
_LONG = 5_000_000  # bytes from which on there is a progress bar
_CHUNK = 100_000  # rows of texts that are in memory at a time
_PIECE = 500_000  # rows of Parquet that are


@define
class Run:
    """What is read, by which rules, and what was found.

    Parameters
    ----------
    labs
        The file.
    tables
        The rules of an edition.
    """

    labs: Path
    tables: tuple[Table, ...]
    summary: Summary = Factory(lambda self: Summary(self.labs.name), takes_self=True)

    def roles(self, header: Sequence[str]) -> dict[str, int] | None:
        """Say which column holds what; None where there is no value, or no term and no analyte.

        Raises
        ------
        RecordError
            Two columns of one name, or one that has the name of a result.
        """
        known = {*WORDS, *NUMBERS, *fact_keys(self.tables)}
        roles: dict[str, int] = {}
        for at, column in enumerate(header):
            name = column.strip().casefold()
            if name in frames.OUTPUTS or name in roles:
                what = "a column" if name in frames.OUTPUTS else "two columns"
                raise RecordError(
                    f'{self.labs.name} has {what} "{column.strip()}": rename it',
                    file=self.labs.name,
                    column=column,
                )
            if name in known:
                roles[name] = at
        return roles if "value" in roles and {"term", "analyte"} & roles.keys() else None

    def of_csv(self, file: CsvFile) -> Iterator[tuple[list[list[str]], Outputs]]:
        """Yield chunks of rows with their results."""
        roles = self.roles(file.header) or {}
        grader = RowGrader(self.tables, frozenset(roles))
        size = self.labs.stat().st_size
        with _progress(size, hidden=size < _LONG) as bar:
            before = 0
            for chunk in file.chunks(_CHUNK):
                columns = list(zip(*chunk.rows, strict=True)) or [()] * len(file.header)
                cells = {name: columns[at] for name, at in roles.items()}
                if len(chunk.rows) < FEW or not has_polars():
                    outputs, problems = grade_rows(grader, cells)
                else:
                    outputs, problems = grade_columns(self.tables, cells)
                places = [f"line {line}" for line in chunk.lines]
                self._take_back(outputs, [*chunk.problems, *problems], places)
                yield chunk.rows, outputs
                bar.update(file.position - before)
                before = file.position

    def of_parquet(self, engine: Engine) -> Iterator[tuple[Any, Outputs]]:
        """Yield pieces of a Parquet file with their results.

        Raises
        ------
        RecordError
            When it has not the columns that are needed.
        """
        header, length = engine.header(self.labs)
        roles = self.roles(header)
        if roles is None:
            columns = ", ".join(header)
            raise RecordError(f"{self.labs.name} {NEEDS}: its columns are {columns}")
        with _progress(length, hidden=self.labs.stat().st_size < _LONG) as bar:
            done = 0
            for piece in engine.pieces(self.labs, _PIECE):
                outputs, problems = engine.grade(piece, roles, self.tables)
                places = range(done + 1, done + 1 + len(outputs[0]))
                self._take_back(outputs, problems, [f"row {row}" for row in places])
                yield piece, outputs
                done += len(outputs[0])
                bar.update(len(outputs[0]))

    def _take_back(self, outputs: Outputs, problems: list[Problem], places: Sequence[str]) -> None:
        """Take back what a row that cannot be read was given, and say why; count the rest."""
        for problem in first_problems(problems):
            for results, result in zip(outputs, (None, None, None, problem.reason), strict=True):
                results[problem.index] = result
            self.summary.tell(problem, places[problem.index])
        self.summary.add(outputs[0], outputs[3])


@contextmanager
def _progress(length: int, *, hidden: bool) -> Iterator[Any]:
    """Show on standard error how far a long run is."""
    with click.progressbar(length=length, label="Grading", file=sys.stderr, hidden=hidden) as bar:
        yield bar


__all__ = ["NEEDS", "Run"]
