"""What is wrong with a study's files: one problem per place, gathered into one report.

A problem names file, row, column, what was given and what is allowed. Nothing is repaired here and
no good row is dropped because of a bad neighbor.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any

from attrs import Factory, asdict, define, evolve, field, frozen

from itp_carT.notation import shorten

#: Problems of one kind (same file, column and reason) that are listed; the rest are counted.
LISTED = 1_000
_LONGEST = 600  # characters of a message


class Severity(Enum):
    """How much a problem matters."""

    STOPS = "stops"
    DOUBTFUL = "doubtful"
    NOTE = "note"

    @property
    def label(self) -> str:
        """What it means."""
        return _MEANING[self]


_MEANING = {
    Severity.STOPS: "stops an endpoint: the row, the file or the subject is not used",
    Severity.DOUBTFUL: "doubtful: used as it stands, to be checked",
    Severity.NOTE: "note: nothing to be done",
}


def _clean(text: str) -> str:
    """Return a message as one line of bounded length, without control characters."""
    return shorten(text, _LONGEST)


@frozen(kw_only=True)
class Problem:
    """One thing that is wrong, and where.

    Parameters
    ----------
    file
        Name of the file in the folder.
    row
        Line of the file on which the row begins, the header being 1; None for the whole file.
    column
        Its column; empty for the whole row.
    table
        The table the file holds; empty for study.toml and the folder.
    subject
        The subject of the row, where it is known.
    given
        What was given, shortened.
    message
        Why that cannot be used, or is doubtful.
    allowed
        What is allowed there; empty where the message says it.
    severity
        What follows from it.
    more
        Further problems of the same kind that are counted and not listed; on the last listed one.
    """

    file: str
    message: str = field(converter=_clean)
    severity: Severity = Severity.STOPS
    row: int | None = None
    column: str = ""
    table: str = ""
    subject: str = ""
    given: str = ""
    allowed: str = ""
    more: int = 0

    def __str__(self) -> str:
        row = "" if self.row is None else f" row {self.row}"
        column = f", column {self.column}" if self.column else ""
        who = f" (subject {self.subject})" if self.subject else ""
        told_already = not self.allowed or ": write " in self.message
        allowed = "" if told_already else f"; allowed: {self.allowed}"
        more = f" [and {self.more} more of this kind]" if self.more else ""
        return f"{self.file}{row}{column}{who}: {self.message}{allowed}{more}"


@frozen
class TableCount:
    """How many rows a table has, and how many of them are used.

    Parameters
    ----------
    table
        Name of the table.
    file
        Its file; empty where there is none.
    rows, kept
        Rows read, and rows used.
    """

    table: str
    file: str
    rows: int
    kept: int


@frozen
class Validation:
    """The report on a study's files: every problem, and the rows that are used.

    Parameters
    ----------
    problems
        In the order of files and rows.
    tables
        Rows read and kept, by table.
    stopped
        Subjects with the tables in which a row of theirs is not used, so that what is computed
        from these tables may be wrong for them.
    """

    problems: tuple[Problem, ...] = ()
    tables: tuple[TableCount, ...] = ()
    stopped: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def stops(self, subject: str, table: str) -> bool:
        """Say whether a row of a subject, or a whole file, of a table is not used."""
        named = dict(self.stopped)
        return table in named.get(subject, ()) or table in named.get("", ())

    def of(self, severity: Severity) -> tuple[Problem, ...]:
        """Return the problems of one severity."""
        return tuple(problem for problem in self.problems if problem.severity is severity)

    def count(self, severity: Severity) -> int:
        """Count the problems of one severity, those not listed included."""
        return sum(1 + problem.more for problem in self.of(severity))

    @property
    def exit_code(self) -> int:
        """1 where something stops an endpoint, else 0."""
        return 1 if self.of(Severity.STOPS) else 0

    def lines(self, shown: int | None = None) -> Iterator[str]:
        """Yield the report as lines of text, the gravest problems first.

        Parameters
        ----------
        shown
            How many problems of one severity are shown; None for all.
        """
        for severity in Severity:
            found = self.of(severity)
            if not found:
                continue
            yield f"{severity.label} ({self.count(severity)})"
            yield from (f"  {problem}" for problem in found[:shown])
            if shown is not None and len(found) > shown:
                yield f"  ... and {len(found) - shown} more"
            yield ""
        yield "Rows used"
        for table in self.tables:
            where = f"{table.kept} of {table.rows}" if table.file else "no file"
            yield f"  {table.table}: {where}"
        yield ""
        yield self.verdict

    @property
    def verdict(self) -> str:
        """What follows, in one sentence."""
        stops, doubts = self.count(Severity.STOPS), self.count(Severity.DOUBTFUL)
        if stops:
            who = {subject for subject, _ in self.stopped if subject}
            whom = f", for {len(who)} subject{'s' * (len(who) != 1)}" if who else ""
            verb = "problem stops" if stops == 1 else "problems stop"
            return f"{stops} {verb} endpoints{whom}: mend them first."
        if doubts:
            return f"Nothing stops an endpoint; {doubts} to be checked."
        return "Nothing stops an endpoint."

    def text(self) -> str:
        """Return the report as text."""
        return "\n".join(self.lines())

    def document(self) -> dict[str, Any]:
        """Return the report as plain values for JSON."""
        return {
            "exit_code": self.exit_code,
            "counts": {severity.value: self.count(severity) for severity in Severity},
            "tables": [asdict(table) for table in self.tables],
            "stopped": [
                {"subject": subject, "tables": list(tables)} for subject, tables in self.stopped
            ],
            "problems": [
                {**asdict(problem), "severity": problem.severity.value} for problem in self.problems
            ],
        }

    def json(self) -> str:
        """Return the report as JSON."""
        return json.dumps(self.document(), indent=2, ensure_ascii=False)


@define
class Log:
    """Where problems are gathered while files are read; of one kind a thousand are listed."""

    problems: list[Problem] = Factory(list)
    _seen: Counter[tuple[Any, ...]] = Factory(Counter)
    _stopped: dict[str, set[str]] = Factory(dict)
    _listed: set[Problem] = Factory(set)

    def add(self, problem: Problem) -> None:
        """Note a problem, once however often its file is read."""
        if problem in self._listed:
            return
        kind = _kind(problem)
        self._seen[kind] += 1
        if self._seen[kind] <= LISTED:
            self.problems.append(problem)
            self._listed.add(problem)
        if problem.severity is Severity.STOPS and problem.table:
            self._stopped.setdefault(problem.subject, set()).add(problem.table)

    def report(self, tables: Iterable[TableCount] = ()) -> Validation:
        """Return the report on what was gathered."""
        stopped = ((who, tuple(sorted(where))) for who, where in sorted(self._stopped.items()))
        return Validation(self._closed(), tuple(tables), tuple(stopped))

    def _closed(self) -> tuple[Problem, ...]:
        """Return what was gathered, in order, with the counts of what is not listed."""
        left = {kind: count - LISTED for kind, count in self._seen.items() if count > LISTED}
        found: list[Problem] = []
        for problem in reversed(self.problems):
            kind = _kind(problem)
            more = left.pop(kind, 0)
            found.append(evolve(problem, more=more) if more else problem)
        found.reverse()
        return tuple(sorted(found, key=_place))


def _kind(problem: Problem) -> tuple[Any, ...]:
    words = problem.message.replace(problem.given, "") if problem.given else problem.message
    return problem.file, problem.column, problem.severity, words


def _place(problem: Problem) -> tuple[Any, ...]:
    return bool(problem.table), problem.table, problem.file, problem.row or 0


def told(given: Any) -> str:
    """Return what was given as one short line, without control characters."""
    return shorten(str(given), 60)


__all__ = ["LISTED", "Log", "Problem", "Severity", "TableCount", "Validation", "told"]
