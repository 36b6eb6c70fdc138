"""One visit judged: the status a table gives a count, with the limits behind it.

A course asks the same table about many counts with one baseline, so the limits are put in order
once; every count between two of them shares one verdict, which the rule engine gave.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple

from attrs import evolve

from itp_carT.analytes import PLATELETS
from itp_carT.notation import unit
from itp_carT.observations import Lab
from itp_carT.rules import Compare, Reference, Row, Table, leaves, text_of, walk
from itp_carT.units import TOLERANCE, make
from itp_carT.verdict import decide, limit_in

from .point import BLEEDING, Response

PER_LITER = unit("10^9/L")
_OPPOSITE = {">=": "<", ">": "<="}


class Judgment(NamedTuple):
    """The status of a visit (NE where the facts leave it open) and the reason in words."""

    status: Response
    reason: str


class _Memory:
    """What is known of a table: its limits, and the verdicts already given."""

    __slots__ = ("asks_bleeding", "limits", "verdicts")

    def __init__(self, table: Table) -> None:
        compared = [leaf.limit for leaf in leaves(table) if isinstance(leaf, Compare)]
        self.limits = tuple(
            (limit_in(limit, PER_LITER, table.name), float(limit.factor), limit.of)
            for limit in compared
        )
        self.asks_bleeding = BLEEDING in table.facts
        self.verdicts: dict[Any, Judgment] = {}


def _memory(table: Table) -> _Memory:
    programs = table._programs  # noqa: SLF001 - the table's own cache
    found = programs.get("judge")
    if found is None:
        found = programs["judge"] = _Memory(table)
    memory: _Memory = found
    return memory


def asks_bleeding(table: Table) -> bool:
    """Say whether bleeding enters a table."""
    return _memory(table).asks_bleeding


class Judge:
    """Judges visits by one table for one baseline [10^9/L].

    Examples
    --------
    >>> from itp_carT.response import iwg_2009
    >>> judge = Judge(iwg_2009.POINT, 12.0)
    >>> judge(45.0, False).status.name, judge(45.0, None).status.name
    ('R', 'NE')
    """

    __slots__ = ("_baseline", "_bounds", "_cells", "_edges", "_memory", "_table")

    def __init__(self, table: Table, baseline: float | None) -> None:
        self._table, self._baseline = table, baseline
        self._memory = _memory(table)
        # each limit has a core that counts as equal to it, and a rim left to the engine
        self._edges: list[tuple[float, float, float, float]] = []
        bounds: list[float] = []
        for fixed, factor, of in self._memory.limits:
            if of is None or (of is Reference.BASELINE and baseline is not None):
                limit = fixed if of is None else fixed + factor * (baseline or 0.0)
                rim = 2 * TOLERANCE * abs(limit) or 1e-300
                edges = (limit - rim, limit - rim / 4, limit + rim / 4, limit + rim)
                self._edges.append(edges)
                bounds += edges
        bounds.sort()
        self._bounds = bounds
        self._cells: dict[tuple[int, bool | None], Judgment] = {}

    def __call__(self, count: float | None, bleeding: bool | None) -> Judgment:
        """Judge one visit: its count [10^9/L], and bleeding since the visit before."""
        cell = (-1 if count is None else bisect_right(self._bounds, count), bleeding)
        found = self._cells.get(cell)
        if found is not None:
            return found
        signs = self._signs(count)
        if signs is None:
            return self._ask(count, bleeding)
        key = (signs, bleeding, self._baseline is None)
        found = self._memory.verdicts.get(key)
        if found is None:
            found = self._memory.verdicts[key] = self._ask(count, bleeding)
        self._cells[cell] = found
        return found

    def _signs(self, count: float | None) -> tuple[int, ...] | None:
        """Return on which side of each limit a count is; None in the rim of one."""
        if count is None:
            return ()
        signs = []
        for far_below, below, above, far_above in self._edges:
            if count >= far_above:
                signs.append(1)
            elif count <= far_below:
                signs.append(-1)
            elif below <= count <= above:
                signs.append(0)
            else:
                return None
        return tuple(signs)

    def _ask(self, count: float | None, bleeding: bool | None) -> Judgment:
        lab = Lab(
            PLATELETS,
            None if count is None else make(count, "10^9/L"),
            baseline=None if self._baseline is None else make(self._baseline, "10^9/L"),
        )
        known = bleeding is not None and self._memory.asks_bleeding
        facts = (BLEEDING.yes if bleeding else BLEEDING.no,) if known else ()
        verdict = decide(self._table, lab, *facts)
        if verdict.settled and verdict.outcome is self._table.otherwise:
            return Judgment(verdict.outcome, self._shortfall(lab, bled=known and bool(bleeding)))
        if verdict.settled:
            return Judgment(verdict.outcome, verdict.because)
        return Judgment(Response.NE, verdict.reason)

    def _shortfall(self, lab: Lab, *, bled: bool) -> str:
        """Say which limits of the weakest response were not reached, and name a bleed."""
        table, missed = self._table, []
        if bled and table.otherwise not in decide(table, lab, BLEEDING.no).possible:
            return f"{table.otherwise.name}: bleeding ({table.source})"
        for leaf in walk(table.rows[-1].when):
            if isinstance(leaf, Compare) and leaf.op in _OPPOSITE:
                below = evolve(leaf, op=_OPPOSITE[leaf.op])
                alone = Table(
                    key=table.key, term=table.term, rows=(Row(True, below),), otherwise=False,
                    source=table.source,
                )  # fmt: skip
                if decide(alone, lab).possible == (True,):
                    missed.append(text_of(below))
        missed += ["bleeding"] if bled else []
        return f"{table.otherwise.name}: {' and '.join(missed)} ({table.source})"
