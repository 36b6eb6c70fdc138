"""A wide frame: one column per measure, its unit declared once; one set of results per table.

Conditions compile to a pair of expressions, "surely true" and "possibly true"; unknown is the
difference. Nulls are never left to the engine.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias, assert_never

import narwhals.stable.v2 as nw
from attrs import field, fields, frozen

from itp_carT.analytes import Analyte, analyte
from itp_carT.errors import NotPermittedError, UnknownTermError
from itp_carT.notation import Unit, unit
from itp_carT.rules import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Either,
    Fact,
    Is,
    Not,
    Reference,
    Table,
    leaves,
    outcome_name,
)
from itp_carT.units import TOLERANCE, make
from itp_carT.verdict import limit_in, margin

from . import cleaning, engines, reasons
from .limits import HIGH, LOW, NO, SAMPLE, YES, asked_facts
from .shape import rows_of

#: Whether a condition holds, where that depends on no row: a plain bool.
Truth: TypeAlias = nw.Expr | bool
RESULTS = ("grade", "grade_worst", "grade_mildest", "reason")


@frozen
class Column:
    """Where a wide frame holds a measure, and in which unit; made by `itp_carT.frames.col`."""

    name: str
    unit: str | None = field(kw_only=True, default=None)
    lln: str | None = field(kw_only=True, default=None)
    uln: str | None = field(kw_only=True, default=None)
    baseline: str | None = field(kw_only=True, default=None)
    baseline_lln: str | None = field(kw_only=True, default=None)
    baseline_uln: str | None = field(kw_only=True, default=None)
    baseline_flag: str | None = field(kw_only=True, default=None)
    is_baseline: str | None = field(kw_only=True, default=None)


@frozen(eq=False)
class _Read:
    """A measure of the frame: its number in the list, its unit as meant, and the scale to it."""

    at: int
    measure: Analyte
    column: Column
    meant: Unit
    scale: float

    def number(self, of: Reference) -> nw.Expr | None:
        """Return the cleaned column of value, limit of normal or baseline."""
        named = {
            Reference.VALUE: self.column.name,
            Reference.LLN: self.column.lln,
            Reference.ULN: self.column.uln,
            Reference.BASELINE: self.column.baseline,
        }[of]
        return None if named is None else nw.col(f"_itp_{self.at}_{of.name}")

    @property
    def state(self) -> nw.Expr:
        """Return the state of the baseline."""
        return nw.col(f"_itp_{self.at}_state")


def grade_wide(
    df: Any,
    tables: tuple[Table, ...],
    columns: Mapping[Any, Column],
    facts: Mapping[str, str] | None,
    alone: bool,
    overwrite: bool,
) -> Any:
    """Grade a wide frame; see `itp_carT.frames.grade`."""
    if engines.is_dask(df):
        return engines.by_partition(df, grade_wide, tables, columns, facts, alone, overwrite)
    frame: Any = nw.from_native(df)
    schema = cleaning.kinds(frame)
    reads = _reads(columns, schema)
    chosen = _chosen(tables, reads, alone)
    told = _told(chosen, facts, schema)
    outputs = tuple(f"{slug(table)}_{name}" for table in chosen for name in RESULTS)
    kept = engines.refuse_taken(list(schema), outputs, overwrite)
    frame = cleaning.numbers(frame, _numbers(reads.values(), schema))
    frame = frame.with_columns(
        **{f"_itp_{read.at}_state": _state(read) for read in reads.values()},
        **{f"_itp_fact_{key}": cleaning.answer(name, schema) for key, name in told.items()},
    )
    integers: list[str] = []
    for table in chosen:
        frame, whole = _graded(frame, table, reads, told)
        integers += [f"{slug(table)}_{name}" for name in RESULTS[:3]] if whole else []
    return engines.finish(frame, [*kept, *outputs], integers)


def slug(table: Table) -> str:
    """Return the name of a table as the beginning of its result columns."""
    return table.key.rpartition(":")[2].replace("-", "_")


def _reads(columns: Mapping[Any, Column], schema: Mapping[str, Any]) -> dict[str, _Read]:
    found: dict[str, _Read] = {}
    for at, (given, column) in enumerate(columns.items()):
        measure = analyte(given) if isinstance(given, str) else given
        for name in (v for k, v in _fields(column) if v is not None and k != "unit"):
            if name not in schema:
                raise UnknownTermError(
                    f'no column "{name}" for {measure.label}: columns are {", ".join(schema)}',
                    given=name,
                )
        written = unit(column.unit if column.unit is not None else measure.unit)
        scale, meant = measure.read_number(make(1.0, written.symbol))
        found[measure.key] = _Read(at, measure, column, meant, scale)
    return found


def _fields(column: Column) -> Iterator[tuple[str, str | None]]:
    for one in fields(Column):
        yield one.name, getattr(column, one.name)


def _chosen(
    tables: tuple[Table, ...], reads: Mapping[str, _Read], alone: bool
) -> tuple[Table, ...]:
    """Return the tables that can be read: all of their measures are there, of one alone some."""
    ask = any if alone else all
    chosen = tuple(
        table
        for table in tables
        if table.measures and ask(measure.key in reads for measure in table.measures)
    )
    if not chosen:
        wanted = {measure.label: None for table in tables for measure in table.measures}
        raise UnknownTermError(
            f"no table reads only these columns: tables ask for {', '.join(wanted) or 'nothing'}",
            given=tuple(reads),
        )
    return chosen


def _told(
    tables: tuple[Table, ...], facts: Mapping[str, str] | None, schema: Mapping[str, Any]
) -> dict[str, str]:
    askable = {fact.key: fact for table in tables for fact in asked_facts(table)}
    for key, name in (facts or {}).items():
        if key not in askable or name not in schema:
            known = ", ".join(sorted(askable)) or "none"
            raise UnknownTermError(
                f'no fact "{key}" or no column "{name}": facts are {known}', given=key
            )
    return {key: key for key in askable if key in schema} | dict(facts or {})


def _numbers(reads: Any, schema: Mapping[str, Any]) -> dict[str, nw.Expr]:
    made: dict[str, nw.Expr] = {}
    for read in reads:
        column = read.column
        named = {
            "VALUE": column.name,
            "LLN": column.lln,
            "ULN": column.uln,
            "BASELINE": column.baseline,
            "lln_then": column.baseline_lln,
            "uln_then": column.baseline_uln,
        }
        for key, name in named.items():
            if name is not None:
                made[f"_itp_{read.at}_{key}"] = cleaning.number(name, schema)
        if column.baseline_flag:
            made[f"_itp_{read.at}_flag"] = cleaning.flag(column.baseline_flag, schema)
        if column.is_baseline:
            made[f"_itp_{read.at}_sample"] = cleaning.answer(column.is_baseline, schema)
    return made


def _state(read: _Read) -> nw.Expr:
    column, start = read.column, f"_itp_{read.at}_"
    named = {"BASELINE": column.baseline, "LLN": column.lln, "ULN": column.uln}
    base, low, high = (nw.col(start + k) if v else None for k, v in named.items())
    if column.baseline_lln:
        then = nw.col(f"{start}lln_then")
        low = then if low is None else nw.coalesce(then, low)
    if column.baseline_uln:
        then = nw.col(f"{start}uln_then")
        high = then if high is None else nw.coalesce(then, high)
    return cleaning.baseline_state(
        base,
        low,
        high,
        nw.col(f"{start}flag") if column.baseline_flag else None,
        nw.col(f"{start}sample") if column.is_baseline else None,
    )


# --- conditions -----------------------------------------------------------------------------------


def _and(one: Truth, other: Truth) -> Truth:
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return one & other


def _not(one: Truth) -> Truth:
    return not one if isinstance(one, bool) else ~one


def _or(one: Truth, other: Truth) -> Truth:
    return _not(_and(_not(one), _not(other)))


@frozen(eq=False)
class _Compiler:
    """Compiles conditions of one table to pairs of "surely" and "possibly"."""

    table: Table
    reads: Mapping[str, _Read]
    told: Mapping[str, str]

    def pair(self, node: Condition) -> tuple[Truth, Truth]:
        match node:
            case Compare():
                return self._compare(node)
            case Is(fact):
                return self._fact(fact)
            case AllOf(parts):
                return self._joined(parts, _and, True)
            case AnyOf(parts):
                return self._joined(parts, _or, False)
            case Not(part):
                surely, possibly = self.pair(part)
                return _not(possibly), _not(surely)
            case Either(test, then, otherwise):
                (ts, tp), (ys, yp), (ns, np) = map(self.pair, (test, then, otherwise))
                chosen = _or(_and(ts, ys), _and(_not(tp), ns))
                return _or(chosen, _and(ys, ns)), _or(_and(tp, yp), _and(_not(ts), np))
            case _:
                assert_never(node)

    def _joined(
        self, parts: tuple[Condition, ...], join: Callable[[Truth, Truth], Truth], start: bool
    ) -> tuple[Truth, Truth]:
        surely: Truth = start
        possibly: Truth = start
        for part in parts:
            one, other = self.pair(part)
            surely, possibly = join(surely, one), join(possibly, other)
        return surely, possibly

    def _fact(self, fact: Fact) -> tuple[Truth, Truth]:
        for read in self.reads.values():
            states = {read.measure.high: HIGH, read.measure.low: LOW, read.measure.sample: SAMPLE}
            if fact.key in states:
                holds = read.state == states[fact.key]
                return holds, holds
        if fact.key not in self.told:
            absent = fact.when_absent
            return (False, True) if absent is None else (absent, absent)
        said = nw.col(f"_itp_fact_{fact.key}")
        if fact.when_absent is None:
            return said == YES, said != NO
        holds = said != NO if fact.when_absent else said == YES
        return holds, holds

    def _compare(self, node: Compare) -> tuple[Truth, Truth]:
        read = self.reads.get(node.measure.key)
        left = read.number(node.left) if read else None
        of = node.limit.of
        own = read.number(of) if read and of is not None else None
        unknown = left is None or (of is not None and own is None)
        surely: Truth = False
        possibly: Truth = True
        if read is not None and left is not None and not unknown:
            edge = self._edge(node, read, own)
            beyond = left > edge if node.op[0] == ">" else left < edge
            missing = left.is_null() if own is None else left.is_null() | own.is_null()
            surely, possibly = ~missing & beyond, missing | beyond
        if read is not None and Reference.BASELINE in (node.left, of) and read.column.is_baseline:
            # nothing compares with the baseline of a baseline sample
            compared = ~(read.state == SAMPLE)
            return _and(compared, surely), _and(compared, possibly)
        return surely, possibly

    def _edge(self, node: Compare, read: _Read, own: nw.Expr | None) -> Any:
        """Return the limit in the unit of the column, moved by the tolerance."""
        fixed = limit_in(node.limit, read.meant, self.table.name) / read.scale
        sign = 1 if node.op[0] == ">" else -1
        outwards = -sign if len(node.op) == 2 else sign
        if own is None:
            return fixed + outwards * margin(fixed)
        edge = own * float(node.limit.factor) + fixed
        spread = edge * (1 + outwards * TOLERANCE)
        if fixed >= 0 and not read.measure.may_be_negative:
            return spread
        return nw.when(edge >= 0).then(spread).otherwise(edge * (1 - outwards * TOLERANCE))


# --- results --------------------------------------------------------------------------------------


def _graded(
    frame: Any, table: Table, reads: Mapping[str, _Read], told: Mapping[str, str]
) -> tuple[Any, bool]:
    """Add the results of one table, and say whether they are whole numbers."""
    rows = rows_of(table)
    outcomes: list[Any] = [*(outcome for outcome, _ in rows), table.otherwise]
    if len(set(outcomes)) != len(outcomes):
        raise NotPermittedError(
            f"{table.name} gives one outcome in rows apart from each other", given=table.key
        )
    compiler = _Compiler(table, reads, told)
    pairs = [compiler.pair(condition) for _, condition in rows]
    whole = all(isinstance(outcome, int) for outcome in outcomes)
    numbers = [int(o) for o in outcomes] if whole else list(range(len(outcomes)))
    worst = _first([possibly for _, possibly in pairs], numbers)
    mildest = _first([surely for surely, _ in pairs], numbers)
    faults = list(_faults(table, reads, told))
    if table.refers:
        surely, _ = compiler.pair(table.refers.when)
        faults += [(surely, table.refers.note)] if not isinstance(surely, bool) else []
    told_ok: nw.Expr = nw.lit(1)
    for condition, _ in reversed(faults):
        told_ok = nw.when(condition).then(nw.lit(0)).otherwise(told_ok)
    frame = frame.with_columns(_itp_worst=worst, _itp_mildest=mildest, _itp_ok=told_ok)
    graded = nw.col("_itp_ok") == 1
    settled = graded & (nw.col("_itp_worst") == nw.col("_itp_mildest"))
    reason = _missing(table, reads, told)
    for condition, why in reversed(faults):
        reason = nw.when(condition).then(nw.lit(why)).otherwise(reason)
    found = {
        "grade": (settled, "_itp_worst"),
        "grade_worst": (graded, "_itp_worst"),
        "grade_mildest": (graded, "_itp_mildest"),
    }
    start = slug(table)
    results = {
        f"{start}_{name}": nw.when(condition).then(
            nw.col(column) if whole else _named(column, outcomes)
        )
        for name, (condition, column) in found.items()
    }
    results[f"{start}_reason"] = nw.when(~settled).then(reason)
    return frame.with_columns(**results), whole


def _first(conditions: list[Truth], numbers: list[int]) -> nw.Expr:
    """Return the number of the first condition that holds, else the last number."""
    found: nw.Expr = nw.lit(numbers[-1])
    for condition, number in reversed(list(zip(conditions, numbers[:-1], strict=True))):
        if isinstance(condition, bool):
            found = nw.lit(number) if condition else found
        else:
            found = nw.when(condition).then(nw.lit(number)).otherwise(found)
    return found


def _named(column: str, outcomes: list[Any]) -> nw.Expr:
    named: nw.Expr = nw.lit(outcome_name(outcomes[-1]))
    for number, outcome in enumerate(outcomes[:-1]):
        same = nw.col(column) == number
        named = nw.when(same).then(nw.lit(outcome_name(outcome))).otherwise(named)
    return named


def _faults(
    table: Table, reads: Mapping[str, _Read], told: Mapping[str, str]
) -> Iterator[tuple[nw.Expr, str]]:
    mine = [reads[measure.key] for measure in table.measures if measure.key in reads]
    nothing = nw.col(f"_itp_{mine[0].at}_VALUE").is_null()
    for read in mine[1:]:
        nothing = nothing & nw.col(f"_itp_{read.at}_VALUE").is_null()
    yield nothing, reasons.NO_VALUE
    for read in mine:
        numbers = [n for of in Reference if (n := read.number(of)) is not None]
        if not read.measure.may_be_negative:
            for number in numbers:
                yield number < 0, reasons.NEGATIVE
        low, high = read.number(Reference.LLN), read.number(Reference.ULN)
        if low is not None and high is not None:
            yield low > high * (1 + TOLERANCE), reasons.RANGE
        if read.column.baseline_flag:
            yield nw.col(f"_itp_{read.at}_flag") == cleaning.UNREADABLE, reasons.FLAG
        if read.column.is_baseline:
            yield nw.col(f"_itp_{read.at}_sample") == cleaning.UNREADABLE, reasons.ANSWER
    for fact in asked_facts(table):
        if fact.key in told:
            yield nw.col(f"_itp_fact_{fact.key}") == cleaning.UNREADABLE, reasons.ANSWER


def _missing(table: Table, reads: Mapping[str, _Read], told: Mapping[str, str]) -> nw.Expr:
    """Name what the table asks for and the row does not tell."""
    pieces: dict[str, nw.Expr] = {}
    for leaf in leaves(table):
        if isinstance(leaf, Is):
            fact = leaf.fact
            if fact.when_absent is None:
                absent = nw.col(f"_itp_fact_{fact.key}") == cleaning.ABSENT
                pieces[fact.label] = _piece(absent if fact.key in told else True, fact.label)
            continue
        ofs = [of for of in (leaf.left, leaf.limit.of) if of is not None]
        for of in ofs:
            label = leaf.measure.label + ("" if of is Reference.VALUE else f" {of.value}")
            read = reads.get(leaf.measure.key)
            number = read.number(of) if read else None
            pieces[label] = _piece(True if number is None else number.is_null(), label)
    return nw.concat_str(nw.lit(reasons.UNTOLD), *pieces.values())


def _piece(missing: Truth, label: str) -> nw.Expr:
    if isinstance(missing, bool):
        return nw.lit(f" [{label}]")
    return nw.when(missing).then(nw.lit(f" [{label}]")).otherwise(nw.lit(""))
