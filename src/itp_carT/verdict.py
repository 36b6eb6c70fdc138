"""The reader for one patient: `decide` walks a table and keeps what the facts still allow.

A table is compiled once per combination of units into plain comparisons of floats; a verdict
explains itself only when it is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeAlias, assert_never

from .errors import DimensionError, UndecidedError, UnknownTermError
from .notation import Unit, convert, unit
from .rules import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Either,
    Fact,
    Is,
    Known,
    Limit,
    Not,
    Reference,
    Row,
    Table,
    outcome_name,
    text_of,
    walk,
)
from .units import TOLERANCE, symbol

Truth: TypeAlias = "bool | None"

# the order of a reading's numbers, see `Observed.numbers`
_SLOT = {Reference.VALUE: 0, Reference.LLN: 1, Reference.ULN: 2, Reference.BASELINE: 3}
_NOTHING: tuple[Any, ...] = (None, None, None, None)


class Observed(Protocol):
    """A measured fact: which measure, in which unit, and its numbers."""

    @property
    def measure(self) -> Any:
        """What was measured."""

    @property
    def unit(self) -> Unit:
        """The unit its numbers are in."""

    @property
    def numbers(self) -> tuple[float | None, float | None, float | None, float | None]:
        """Value, lower and upper limit of normal, baseline; None where not known."""

    @property
    def reported(self) -> dict[str, bool]:
        """Facts that follow from the measurement, by key, e.g. that the baseline was high."""

    @property
    def signature(self) -> Any:
        """Measure and unit: equal signatures share one compiled table."""


Program: TypeAlias = Callable[[tuple[Any, ...]], Truth]
# a moment is flat: four numbers of measure 0, four of measure 1, ..., known facts by key


def limit_in(limit: Limit, target: Unit, table: str = "the rule") -> float:
    """Return the published part of a limit in the unit of the report.

    Raises
    ------
    DimensionError
        When no published limit is in the unit system of the report.
    """
    if not limit.published:
        return 0.0
    same = [q for q in limit.published if symbol(q) == target.symbol]
    for published in same or limit.published:
        source = unit(symbol(published))
        if source.dimension == target.dimension:
            return convert(published.magnitude, source, target)
    known = " or ".join(symbol(value) for value in limit.published)
    raise DimensionError(
        f"{table} has limits in {known}, not in {target.symbol}",
        given=target.symbol,
        expected=known,
    )


def margin(limit: float) -> float:
    """Half-width of what counts as equal to a limit."""
    return abs(limit) * TOLERANCE


def _compare(node: Compare, table: Table, order: dict[str, int], units: tuple[Any, ...]) -> Program:
    at = order[node.measure.key]
    target: Unit | None = units[at]
    if target is None:
        return lambda _moment: None
    slot, above = 4 * at + _SLOT[node.left], node.op[0] == ">"
    wide = (len(node.op) == 2) == above  # >= and < are widened downwards, <= and > upwards
    fixed = limit_in(node.limit, target, table.name)
    if node.limit.of is None:
        return _absolute(slot, fixed - margin(fixed) if wide else fixed + margin(fixed), above)
    own = 4 * at + _SLOT[node.limit.of]
    return _relative(slot, own, float(node.limit.factor), fixed, above, wide)


def _absolute(slot: int, edge: float, above: bool) -> Program:
    """Compare a number with an edge that already holds the tolerance."""
    if above:
        return lambda moment: None if (value := moment[slot]) is None else value > edge
    return lambda moment: None if (value := moment[slot]) is None else value < edge


def _relative(slot: int, own: int, factor: float, fixed: float, above: bool, wide: bool) -> Program:
    """Compare a number with a factor of the patient's own limit or baseline."""
    # widened downwards an edge above zero shrinks and one below zero grows
    positive = (1 - TOLERANCE) if wide else (1 + TOLERANCE)

    def relative(moment: tuple[Any, ...]) -> Truth:
        value, reference = moment[slot], moment[own]
        if value is None or reference is None:
            return None
        edge = factor * reference + fixed
        edge *= positive if edge >= 0 else 2 - positive
        answer: bool = value > edge if above else value < edge
        return answer

    return relative


def _program(  # noqa: C901 - one arm per node, and the nodes are a closed set
    node: Condition, table: Table, order: dict[str, int], units: tuple[Any, ...]
) -> Program:
    """Compile a condition for the units the facts are in."""
    match node:
        case Compare():
            return _compare(node, table, order, units)
        case Is(fact):
            key, absent = fact.key, fact.when_absent
            return lambda moment: moment[-1].get(key, absent)
        case AllOf(parts) | AnyOf(parts):
            programs = [_program(part, table, order, units) for part in parts]
            decisive = isinstance(node, AnyOf)

            def joined(moment: tuple[Any, ...]) -> Truth:
                answer: Truth = not decisive
                for program in programs:
                    truth = program(moment)
                    if truth is decisive:
                        return decisive
                    if truth is None:
                        answer = None
                return answer

            return joined
        case Not(part):
            inner = _program(part, table, order, units)

            def negated(moment: tuple[Any, ...]) -> Truth:
                truth = inner(moment)
                return None if truth is None else not truth

            return negated
        case Either(test, then, otherwise):
            asked, yes, no = (_program(p, table, order, units) for p in (test, then, otherwise))

            def chosen(moment: tuple[Any, ...]) -> Truth:
                truth = asked(moment)
                if truth is not None:
                    return yes(moment) if truth else no(moment)
                one, other = yes(moment), no(moment)
                return one if one is other else None

            return chosen
        case _:
            assert_never(node)


class _Compiled:
    """A table compiled for one combination of units, or for the one measure in one unit."""

    __slots__ = ("order", "otherwise", "refers", "rows")

    def __init__(self, table: Table, units: tuple[Any, ...]) -> None:
        self.order = {measure.key: at for at, measure in enumerate(table.measures)}
        self.rows = tuple(
            (_program(row.when, table, self.order, units), row.outcome, (row.outcome,))
            for row in table.rows
        )
        self.refers = table.refers and _program(table.refers.when, table, self.order, units)
        self.otherwise = (table.otherwise,)


def _compiled(table: Table, units: tuple[Any, ...]) -> _Compiled:
    found = table._programs.get(units)  # noqa: SLF001 - the table's own cache
    if found is None:
        found = table._programs[units] = _Compiled(table, units)  # noqa: SLF001
    return found


class Verdict:
    """The outcomes that the facts still allow, in the order of the table.

    Attributes
    ----------
    table
        The rule.
    possible
        Outcomes still allowed, worst first; one left means `settled`. Empty when the publication
        gives no outcome for these facts and refers elsewhere.
    """

    __slots__ = ("_moment", "_units", "possible", "table")

    def __init__(
        self,
        table: Table,
        possible: tuple[Any, ...],
        moment: tuple[Any, ...],
        units: tuple[Any, ...],
    ) -> None:
        self.table = table
        self.possible = possible
        self._moment = moment
        self._units = units

    @property
    def settled(self) -> bool:
        """Whether exactly one outcome is left."""
        return len(self.possible) == 1

    @property
    def outcome(self) -> Any:
        """The one outcome.

        Raises
        ------
        UndecidedError
            When the facts allow more than one, naming what would settle it.
        """
        if len(self.possible) == 1:
            return self.possible[0]
        raise UndecidedError(
            f"{self.reason} ({self.table.source})",
            possible=self.possible,
            missing=self.missing,
            citation=str(self.table.source),
        )

    @property
    def worst(self) -> Any:
        """The worst outcome still allowed; None when there is none."""
        return self.possible[0] if self.possible else None

    @property
    def mildest(self) -> Any:
        """The mildest outcome still allowed; None when there is none."""
        return self.possible[-1] if self.possible else None

    @property
    def reason(self) -> str:
        """Why the verdict is not settled; empty when it is."""
        if self.settled:
            return ""
        if not self.possible:
            return f"{self.table.name} gives no outcome here: {_note(self.table)}"
        names = " or ".join(outcome_name(outcome) for outcome in self.possible)
        return f"{self.table.name} is {names}: give {', '.join(self.missing)} to settle it"

    @property
    def missing(self) -> tuple[str, ...]:
        """What would settle it, in words, e.g. ``hemoglobin lower limit of normal``."""
        if self.settled:
            return ()
        unknown = (row.when for row in self._rows() if self._truth(row.when) is None)
        return tuple(dict.fromkeys(word for when in unknown for word in self._lacking(when)))

    @property
    def assumed(self) -> tuple[Fact, ...]:
        """Facts nobody reported that counted as absent (or as their stated default)."""
        reported = self._moment[-1]
        asked = (
            leaf.fact for row in self._rows() for leaf in walk(row.when) if isinstance(leaf, Is)
        )
        return tuple(
            {
                fact.key: fact
                for fact in asked
                if fact.when_absent is not None and fact.key not in reported
            }.values()
        )

    @property
    def units(self) -> tuple[Unit | None, ...]:
        """The unit of each of the table's measures; None where it was not given."""
        return self._units

    @property
    def moment(self) -> tuple[Any, ...]:
        """What it was decided from, as `outcomes_of` takes it: numbers by measure, known facts."""
        *numbers, reported = self._moment
        return (*(tuple(numbers[at : at + 4]) for at in range(0, len(numbers), 4)), dict(reported))

    @property
    def because(self) -> str:
        """The row behind the worst outcome, its limits, and its citation."""
        if not self.possible:
            return self.reason
        for row in self.table.rows:
            if row.outcome == self.worst and self._truth(row.when) is not False:
                held = [text_of(leaf) for leaf in walk(row.when) if self._truth(leaf)]
                why = " and ".join(dict.fromkeys(held)) or text_of(row.when)
                note = f"; {row.note}" if row.note else ""
                return f"{outcome_name(self.worst)}: {why}{note} ({self.table.source})"
        return f"{outcome_name(self.worst)}: no row of the table applies ({self.table.source})"

    def _truth(self, condition: Condition) -> Truth:
        order = _compiled(self.table, self._units).order
        return _program(condition, self.table, order, self._units)(self._moment)

    def _rows(self) -> Iterator[Row]:
        for row in self.table.rows:
            yield row
            if self._truth(row.when):
                return

    def _lacking(self, condition: Condition) -> Iterator[str]:
        """Name what an unknown condition lacks, leaving out what cannot matter."""
        if self._truth(condition) is not None:
            return
        match condition:
            case Is(fact):
                yield fact.label
            case Compare():
                yield from self._lacking_number(condition)
            case AllOf(parts) | AnyOf(parts):
                for part in parts:
                    yield from self._lacking(part)
            case Not(part):
                yield from self._lacking(part)
            case Either(test, then, otherwise):
                chosen = self._truth(test)
                yield from self._lacking(test)
                if chosen is not False:
                    yield from self._lacking(then)
                if not chosen:
                    yield from self._lacking(otherwise)
            case _:
                assert_never(condition)

    def _lacking_number(self, node: Compare) -> Iterator[str]:
        first = 4 * _compiled(self.table, self._units).order[node.measure.key]
        if self._moment[first + _SLOT[node.left]] is None:
            name = "" if node.left is Reference.VALUE else f" {node.left.value}"
            yield f"{node.measure.label}{name}"
        elif node.limit.of is not None and self._moment[first + _SLOT[node.limit.of]] is None:
            yield f"{node.measure.label} {node.limit.of.value}"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Verdict):
            return NotImplemented
        mine = (self.table, self.possible, self._moment, self._units)
        return mine == (other.table, other.possible, other._moment, other._units)

    def __hash__(self) -> int:
        return hash((self.table.key, self.possible))

    def __repr__(self) -> str:
        names = ", ".join(outcome_name(outcome) for outcome in self.possible)
        return f"<{self.table.name}: {names or 'no outcome'}>"

    def __str__(self) -> str:
        return f"{self.table.name} {self.because}" if self.settled else self.reason


def _note(table: Table) -> str:
    return table.refers.note if table.refers else "none of its rows applies"


def decide(table: Table, *facts: Observed | Known, attested: tuple[str, ...] = ()) -> Verdict:
    """Decide a table for one patient at one moment.

    Parameters
    ----------
    table
        The rule.
    facts
        Measured values and reported facts, in any order.
    attested
        Labels of the table's clinical statements that hold.

    Returns
    -------
    A verdict that holds every outcome the facts still allow.

    Raises
    ------
    UnknownTermError
        A fact, a measured value or a label that the table does not ask for.
    DimensionError
        A unit in which the table has no limits.
    """
    if len(facts) == 1 and not attested:
        # one measured value and a table about it: the common case, kept short
        only: Any = facts[0]
        compiled = table._programs.get(only.signature)  # noqa: SLF001 - the table's own cache
        if compiled is not None:
            moment = (*only.numbers, only.reported)
            return Verdict(table, _possible(compiled, moment), moment, (only.unit,))
    moment, units = _moment(table, facts, attested)
    compiled = _compiled(table, units)
    if len(facts) == len(units) == 1 and units[0] is not None:
        only = facts[0]
        table._programs[only.signature] = compiled  # noqa: SLF001
    return Verdict(table, _possible(compiled, moment), moment, units)


def outcomes_of(table: Table, *units: Unit | None) -> Callable[..., tuple[Any, ...]]:
    """Return a fast reader of a table for numbers that are already in known units.

    Parameters
    ----------
    table
        The rule.
    units
        The unit of each of the table's measures, in their order; None where there is no value.

    Returns
    -------
    A function of one tuple (value, lower and upper limit of normal, baseline) per measure and a
    mapping of known facts by key; it returns the outcomes still possible.
    """
    compiled = _compiled(table, units)

    def outcomes(*moment: Any) -> tuple[Any, ...]:
        *numbers, known = moment
        return _possible(compiled, (*(number for four in numbers for number in four), known))

    return outcomes


def _possible(compiled: _Compiled, moment: tuple[Any, ...]) -> tuple[Any, ...]:
    """Walk the rows: false drops out, unknown stays possible, true stays and ends the walk."""
    if compiled.refers and compiled.refers(moment):
        return ()
    possible: tuple[Any, ...] = ()
    for program, outcome, alone in compiled.rows:
        truth = program(moment)
        if truth is False:
            continue
        if outcome not in possible:
            possible += alone
        if truth:
            return possible
    if not possible:
        return compiled.otherwise
    return possible if compiled.otherwise[0] in possible else possible + compiled.otherwise


def _moment(
    table: Table, facts: tuple[Any, ...], labels: tuple[str, ...]
) -> tuple[tuple[Any, ...], tuple[Any, ...]]:
    """Put the facts of one moment into the order the compiled table reads them in."""
    measures, asked = table.measures, {fact.key: fact for fact in table.facts}
    numbers: dict[str, Any] = {}
    units: dict[str, Any] = {}
    known: dict[str, bool] = {}
    for fact in facts:
        if isinstance(fact, Known):
            if fact.fact.key not in asked:
                raise _not_asked(table, fact.fact.label)
            known[fact.fact.key] = fact.holds
            continue
        key = fact.measure.key
        if key in numbers:
            raise UnknownTermError(f"{fact.measure.label} was given twice", given=key)
        if key not in {measure.key for measure in measures}:
            raise _not_asked(table, fact.measure.label)
        numbers[key], units[key] = fact.numbers, fact.unit
        known |= fact.reported
    for label in labels:
        if f"attested: {label}" not in asked:
            raise _not_asked(table, label)
        known[f"attested: {label}"] = True
    ordered = (number for measure in measures for number in numbers.get(measure.key, _NOTHING))
    return (*ordered, known), tuple(units.get(measure.key) for measure in measures)


def _not_asked(table: Table, label: str) -> UnknownTermError:
    wanted = [measure.label for measure in table.measures] + [fact.label for fact in table.facts]
    return UnknownTermError(
        f'{table.name} does not ask for "{label}": it asks for {", ".join(wanted)}',
        given=label,
        nearest=tuple(wanted),
    )
