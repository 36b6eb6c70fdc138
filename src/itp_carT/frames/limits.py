"""The limits of many tables as small tables that a long frame is joined with.

Term and unit name a block (one table in one unit), block and the state of baseline and facts name a
grid (a row of limits). A row of the frame is then judged by one short chain of comparisons, from
the worst grade down, once with "surely" and once with "possibly". Its numbers stay in its own unit:
limits are converted, values never.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Iterator, Mapping
from typing import Any

from attrs import field, frozen

from itp_carT.analytes import Analyte
from itp_carT.errors import DimensionError, NotPermittedError
from itp_carT.observations import Lab
from itp_carT.rules import Compare, Fact, Reference, Table, leaves
from itp_carT.units import make

from .grid import REFERENCES, Grid, Place
from .names import as_written, known_units, reported_in, spellings, term_and_analyte_keys, term_keys
from .shape import Moment

#: What a place reads: a number that all rows share, or the name of a column of the limits.
Read = float | str

#: States of the baseline, as a number in the joined key.
PLAIN, HIGH, LOW, SAMPLE = range(4)
#: What a frame's column says of a fact.
UNSAID, YES, NO = range(3)
#: The first fact's digit in the state counts this much, the next one three times as much.
FIRST_FACT = 4

TERM, UNIT, STATE = "_itp_term", "_itp_unit", "_itp_state"
#: What joins term and unit with the state, and both with the limits.
BLOCK, GRID = "_itp_block", "_itp_grid"
#: Block and state as one number.
CELL = "_itp_cell"
#: Which reasons a grid gives where it leaves the grade open; no limit, and never null.
OPEN = "_itp_open"


@frozen(eq=False)
class Limits:
    """The joined tables and how their columns are read.

    Parameters
    ----------
    tables
        The rules, in order.
    pairs
        Term, unit and block, a row for every way both are written.
    cells
        Block, state and grid.
    columns
        Per grid, one list per column.
    conjunctions
        Places per reading ("surely" is True) and grade, worst first.
    edge, factor
        What a place compares with: edge + factor × own limit.
    of, sign
        Per column of places: which own limit, which direction.
    facts
        Facts that are part of the state: how much one step counts there, and the blocks that ask
        for it.
    negative
        Whether the value may be below zero, 1 or 0.
    left_open
        A grid for each number in the column `OPEN`: what it leaves open, and where it refers.
    terms, units
        Known keys, each once; the empty text is the unit of rows that need none.
    several
        Those of the terms that compare several measures; they have no rows.
    states
        How many states there are.
    """

    tables: tuple[Table, ...]
    pairs: dict[str, list[Any]] = field(repr=False)
    cells: dict[str, list[int]] = field(repr=False)
    columns: dict[str, list[float]] = field(repr=False)
    conjunctions: dict[bool, dict[int, list[list[Place]]]] = field(repr=False)
    edge: dict[Place, Read] = field(repr=False)
    factor: dict[Place, Read] = field(repr=False)
    of: dict[tuple[int, int], Read] = field(repr=False)
    sign: dict[tuple[int, int], Read] = field(repr=False)
    facts: tuple[tuple[Fact, int, tuple[int, ...]], ...]
    negative: Read
    left_open: tuple[Grid, ...] = field(repr=False)
    terms: tuple[str, ...] = field(repr=False)
    units: tuple[str, ...] = field(repr=False)
    several: tuple[str, ...] = field(repr=False)
    states: int

    @property
    def blocks(self) -> int:
        """How many blocks there are."""
        return max(self.pairs[BLOCK], default=-1) + 1


def single(table: Table) -> Analyte:
    """Return the one measure of a table.

    Raises
    ------
    NotPermittedError
        When the table compares several measures, which a row with one value cannot hold.
    """
    measures = table.measures
    if len(measures) == 1:
        return measures[0]  # type: ignore[no-any-return]
    labels = ", ".join(measure.label for measure in measures)
    why = f"compares {labels}" if measures else "compares no number"
    raise NotPermittedError(
        f"{table.name} {why}, and a long frame has one value per row: give a wide frame with "
        "columns={...}",
        given=table.key,
    )


def asked_facts(table: Table) -> tuple[Fact, ...]:
    """Return the facts of a table other than those about the baseline."""
    own = {key for measure in table.measures for key in (measure.high, measure.low, measure.sample)}
    return tuple(fact for fact in table.facts if fact.key not in own)


def bare_unit_is_enough(table: Table) -> bool:
    """Say whether value and limits without a unit can be graded.

    So it is where every limit is a factor of the patient's own limits, and where the measure has
    no unit at all (INR, pH). A percentage has one.
    """
    compared = [leaf for leaf in leaves(table) if isinstance(leaf, Compare)]
    return single(table).unit == "1" or not any(leaf.limit.published for leaf in compared)


@functools.lru_cache(maxsize=16)
def limits_of(tables: tuple[Table, ...], told: tuple[str, ...], by_analyte: bool) -> Limits:
    """Compile tables to the one table of limits that a long frame is joined with.

    Parameters
    ----------
    tables
        Tables; those of several measures are known by name and have no rows.
    told
        Keys of the facts for which the frame has a column.
    by_analyte
        Whether keys hold an analyte beside the term.
    """
    alone = tuple(table for table in tables if len(table.measures) == 1)
    others = tuple(table for table in tables if len(table.measures) != 1)
    steps = _steps(alone, told)
    keyed = term_and_analyte_keys if by_analyte else term_keys
    keys, several = keyed(alone), keyed(others)
    layout = _Layout()
    for table in alone:
        layout.add(table, steps)
    apart = {key: table for key, table in several.items() if key not in keys}
    return layout.finish(tables, steps, keys, _written(apart, by_analyte), by_analyte)


def _steps(tables: tuple[Table, ...], told: tuple[str, ...]) -> dict[Fact, int]:
    """Say how much each fact counts in the state; facts that no table asks together share that."""
    together: dict[Fact, set[Fact]] = {}
    for table in tables:
        facts = [fact for fact in asked_facts(table) if fact.key in told]
        for fact in facts:
            together.setdefault(fact, set()).update(facts)
    steps: dict[Fact, int] = {}
    for fact, others in together.items():
        taken = {steps[other] for other in others if other in steps}
        places = (FIRST_FACT * 3**at for at in itertools.count())
        steps[fact] = next(step for step in places if step not in taken)
    return steps


def _written(keys: Mapping[str, Table], by_analyte: bool) -> tuple[str, ...]:
    if by_analyte:
        return tuple(keys)
    return tuple(text for key, table in keys.items() for text in as_written(key, table))


def _states(table: Table) -> Iterator[tuple[tuple[int, ...], dict[str, bool], bool]]:
    """Yield states of the baseline, what they make known, and whether the baseline is no limit."""
    own = single(table)
    one = make(1.0, own.unit)
    sample = Lab(own, one, baseline=one, is_baseline=True)
    blind = sample.numbers[3] is None or math.isnan(sample.numbers[3])
    states = {
        PLAIN: ({}, False),
        HIGH: ({own.high: True, own.low: False}, False),
        LOW: ({own.high: False, own.low: True}, False),
        SAMPLE: (dict(sample.reported), blind),
    }
    asked = {fact.key: fact.when_absent for fact in table.facts}
    uses_baseline = any(
        Reference.BASELINE in (leaf.left, leaf.limit.of)
        for leaf in leaves(table)
        if isinstance(leaf, Compare)
    )
    # states that make no difference to this table share a row
    different: dict[Any, tuple[list[int], dict[str, bool], bool]] = {}
    for number, (known, no_baseline) in states.items():
        seen = tuple(known.get(key, absent) for key, absent in asked.items())
        group = different.setdefault(
            (seen, no_baseline and uses_baseline), ([], known, no_baseline)
        )
        group[0].append(number)
    for numbers, known, no_baseline in different.values():
        yield tuple(numbers), known, no_baseline


def _said(
    facts: list[Fact], steps: Mapping[Fact, int]
) -> Iterator[tuple[tuple[int, ...], dict[str, bool]]]:
    """Yield what may be said of facts, with the codes of it; what says the same shares a row."""
    digits = []
    for fact in facts:
        by_value: dict[bool | None, list[int]] = {}
        for digit, value in ((UNSAID, fact.when_absent), (YES, True), (NO, False)):
            by_value.setdefault(value, []).append(steps[fact] * digit)
        digits.append(list(by_value.items()))
    for chosen in itertools.product(*digits):
        told = {f.key: v for f, (v, _) in zip(facts, chosen, strict=True) if v is not None}
        codes = itertools.product(*(codes for _, codes in chosen))
        yield tuple(map(sum, codes)), told


class _Layout:
    """Collects grids, then lays their coefficients into as few columns as they need."""

    def __init__(self) -> None:
        self.grids: list[Grid] = []
        # a table, how its unit is written, and the grid of each state
        self.blocks: list[tuple[Table, tuple[str, ...], dict[int, int]]] = []
        self.columns: dict[str, list[Any]] = {}
        self._names: dict[tuple[Any, ...], str] = {}
        self._numbers: dict[Any, int] = {}

    def add(self, table: Table, steps: Mapping[Fact, int]) -> None:
        """Compile a table in every unit it is reported in and every state of its facts."""
        measure, bare = single(table), bare_unit_is_enough(table)
        asked = asked_facts(table)
        said = list(_said([fact for fact in asked if fact in steps], steps))
        states = list(_states(table))
        for written, meant, scale in reported_in(measure):
            texts = spellings(written)
            if bare and written.symbol == measure.unit:
                texts = ("", *texts)
            cells: dict[int, int] = {}
            try:
                for (numbers, known, blind), (codes, told) in itertools.product(states, said):
                    grid = Grid(table, Moment(table.name, meant, scale, known | told, blind), asked)
                    number = self._number(measure, grid)
                    cells.update((state + code, number) for state in numbers for code in codes)
            except DimensionError:  # the table has no limits in this unit system
                continue
            self.blocks.append((table, texts, cells))

    def _number(self, measure: Analyte, grid: Grid) -> int:
        """Return the number of a grid; those that read alike share one."""
        found = self._numbers.get(grid.content)
        if found is None:
            _check(measure, grid)
            found = self._numbers[grid.content] = len(self.grids)
            self.grids.append(grid)
        return found

    def finish(
        self,
        tables: tuple[Table, ...],
        steps: Mapping[Fact, int],
        keys: Mapping[str, Table],
        several: tuple[str, ...],
        by_analyte: bool,
    ) -> Limits:
        """Lay out the columns, and name each block in every way its term and unit are written."""
        places = sorted({place for grid in self.grids for place in grid.atoms})
        chain: dict[bool, dict[int, list[list[Place]]]] = {True: {}, False: {}}
        for place in sorted(places, key=lambda p: (-p.grade, p.conjunction, p.atom)):
            by_number = chain[place.surely].setdefault(place.grade, [])
            while len(by_number) <= place.conjunction:
                by_number.append([])
            by_number[place.conjunction].append(place)
        columns = sorted({place.column for place in places})
        reads: dict[str, Any] = {
            "edge": {p: self._read([grid.edge(p) for grid in self.grids]) for p in places},
            "factor": {p: self._read([grid.factor(p) for grid in self.grids]) for p in places},
            "of": {column: self._of(column) for column in columns},
            "sign": {column: self._sign(column) for column in columns},
        }
        left_open = self._left_open()
        pairs = self._pairs(keys, by_analyte)
        facts = tuple((fact, step, self._asking(fact)) for fact, step in steps.items())
        cells = [(at, *cell) for at, (*_, mine) in enumerate(self.blocks) for cell in mine.items()]
        return Limits(
            tables=tables,
            pairs=pairs,
            cells={name: [c[at] for c in cells] for at, name in enumerate((BLOCK, STATE, GRID))},
            columns=self.columns,
            conjunctions=chain,
            **reads,
            facts=facts,
            negative=self._read([int(single(g.table).may_be_negative) for g in self.grids]),
            left_open=left_open,
            terms=tuple(dict.fromkeys((*pairs[TERM], *several))),
            several=several,
            units=("", *sorted(known_units())),
            states=3 * max((step for _, step, _ in facts), default=FIRST_FACT),
        )

    def _sign(self, column: tuple[int, int]) -> Read:
        """Read the direction of a column of places; where unused, that of the first."""
        return self._read([g.sign.get(column, g.sign.get((0, 0), 1)) for g in self.grids])

    def _of(self, column: tuple[int, int]) -> Read:
        """Read which own limit a column of places compares with; where unused, what others do."""
        used = [grid.of[column] for grid in self.grids if column in grid.of]
        usual = max(set(used), key=used.count) if used else Reference.ULN
        return self._read([REFERENCES.index(grid.of.get(column, usual)) for grid in self.grids])

    def _read(self, values: list[Any]) -> Read:
        """Return the number all grids share, or the name of the column that holds theirs."""
        if len(set(values)) == 1:
            return values[0]  # type: ignore[no-any-return]
        key = (type(values[0]), *values)
        if key not in self._names:
            name = self._names[key] = f"_itp_{len(self._names)}"
            self.columns[name] = values
        return self._names[key]

    def _left_open(self) -> tuple[Grid, ...]:
        """Give what the grids leave open a number each, and return one grid for each number."""
        kinds: dict[tuple[Any, ...], Grid] = {}
        for grid in self.grids:
            kinds.setdefault(grid.left_open, grid)
        numbers = {kind: at for at, kind in enumerate(kinds)}
        self.columns[OPEN] = [numbers[grid.left_open] for grid in self.grids]
        return tuple(kinds.values())

    def _asking(self, fact: Fact) -> tuple[int, ...]:
        """Return the blocks whose table asks for a fact."""
        return tuple(
            number for number, (table, _, _) in enumerate(self.blocks) if fact in asked_facts(table)
        )

    def _pairs(self, keys: Mapping[str, Table], by_analyte: bool) -> dict[str, list[Any]]:
        """Write a row for every spelling of term and unit of each block."""
        owned: dict[str, list[int]] = {}
        for number, (table, _, _) in enumerate(self.blocks):
            owned.setdefault(table.key, []).append(number)
        rows = [
            (name, text, number)
            for key, table in keys.items()
            for name in ((key,) if by_analyte else as_written(key, table))
            for number in owned.get(table.key, ())
            for text in self.blocks[number][1]
        ]
        return {name: [row[at] for row in rows] for at, name in enumerate((TERM, UNIT, BLOCK))}


def _check(measure: Analyte, grid: Grid) -> None:
    """Refuse what one short chain cannot say."""
    why = ""
    if measure.may_be_negative and grid.own_limits:
        why = "compares a value that may be negative with the patient's own limits"
    if any(atom and atom.left is not Reference.VALUE for atom in grid.atoms.values()):
        why = "compares limits with each other"
    if len(set(grid.sign.values())) > 1 and grid.own_limits:
        why = "looks above some and below other limits of the patient's own"
    if why:
        raise NotPermittedError(f"{grid.table.name} {why}: give a wide frame", given=grid.table.key)
