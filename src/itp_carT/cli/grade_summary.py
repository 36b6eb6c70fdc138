"""What ``itp-cart grade`` says at the end: rows graded, rows not graded and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import Factory, define

from .laboratory_files import Problem

#: Rows that could not be read are told one by one up to this many.
SHOWN = 20
#: More of a cell than this is not repeated.
WIDEST = 40


def _counted(results: Any) -> Counter[Any]:
    counts = Counter(results if isinstance(results, list) else dict(results.value_counts().rows()))
    del counts[None]
    return counts


@define
class Summary:
    """Counts of a run."""

    file: str
    rows: int = 0
    grades: Counter[int] = Factory(Counter)
    reasons: Counter[str] = Factory(Counter)
    unreadable: int = 0
    _told: list[str] = Factory(list)

    def add(self, grades: Any, reasons: Any) -> None:
        """Count the rows of a chunk, given as lists or as columns of Polars."""
        self.rows += len(grades)
        self.grades += _counted(grades)
        self.reasons += _counted(reasons)

    def tell(self, problem: Problem, place: str) -> None:
        """Count a row that could not be read, and keep what to say about it."""
        self.unreadable += 1
        if len(self._told) < SHOWN:
            where = f", column {problem.column}" if problem.column else ""
            given = problem.given if len(problem.given) <= WIDEST else f"{problem.given[:WIDEST]}…"
            given = f' "{given}"' if given else ""
            self._told.append(f"{self.file} {place}{where}:{given} {problem.why}")

    def lines(self) -> Iterator[str]:
        """Yield what is said at the end."""
        yield from self._told
        if self.unreadable > len(self._told):
            yield f"... and {self.unreadable - len(self._told)} more rows that could not be read"
        each = ", ".join(f"grade {grade}: {count}" for grade, count in sorted(self.grades.items()))
        graded = sum(self.grades.values())
        yield f"{graded} of {self.rows} rows graded{f' ({each})' if each else ''}"
        for reason, count in self.reasons.most_common():
            yield f"  {count} not graded: {reason}"


__all__ = ["Summary"]
