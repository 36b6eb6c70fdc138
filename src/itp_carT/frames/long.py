"""A long frame: one measured value per row, of any term and in any unit."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.errors import UnknownTermError
from itp_carT.rules import Table

from . import cleaning, engines, keys, queries, reasons
from .grid import REFERS, Place
from .limits import (
    BLOCK,
    CELL,
    TERM,
    UNIT,
    YES,
    Limits,
    Read,
    asked_facts,
    limits_of,
    single,
)
from .names import BETWEEN
from .reasons import THEN, VALUE

#: Stands for a limit of normal or baseline that is missing, with the sign that decides.
MISSING = 1e300
OUTPUTS = ("grade", "grade_worst", "grade_mildest", "reason")
OWN = LLN, ULN, BASELINE = tuple(reasons.OWN.values())
FLAG, SAMPLE = "_itp_flag", "_itp_sample"


@frozen(kw_only=True)
class Columns:
    """Where a long frame holds what; None where it does not."""

    term: str | None
    analyte: str | None
    value: str
    unit: str | None
    lln: str | None
    uln: str | None
    baseline: str | None
    baseline_lln: str | None
    baseline_uln: str | None
    baseline_flag: str | None
    is_baseline: str | None
    facts: Mapping[str, str]

    @property
    def range_then(self) -> tuple[str | None, str | None]:
        """The columns with the range printed with the baseline sample."""
        return self.baseline_lln, self.baseline_uln


def find_columns(
    schema: Mapping[str, Any],
    tables: tuple[Table, ...],
    names: Mapping[str, str | None],
    facts: Mapping[str, str] | None,
) -> Columns:
    """Say which column holds what: by the name given, else by the usual name where it exists.

    Raises
    ------
    UnknownTermError
        A column that was named and is not there, or no column of terms or of values.
    """
    found = {role: _find(schema, role, given) for role, given in names.items()}
    if found["term"] is None and found["analyte"] is None:
        raise UnknownTermError('no column "term" or "analyte": name it with term=', given="term")
    if found["value"] is None:
        raise UnknownTermError('no column "value": name it with value=', given="value")
    askable = {fact.key: fact.label for table in tables for fact in asked_facts(table)}
    for key, column in (facts or {}).items():
        if key not in askable:
            known = ", ".join(sorted(askable)) or "none"
            raise UnknownTermError(f'no table asks for "{key}": facts are {known}', given=key)
        _find(schema, key, column)
    told = {key: key for key in askable if key in schema} | dict(facts or {})
    return Columns(**found, facts=told)  # type: ignore[arg-type]  # value was checked above


def _find(schema: Mapping[str, Any], role: str, given: str | None) -> str | None:
    if given is None:
        return role if role in schema else None
    if given not in schema:
        raise UnknownTermError(
            f'no column "{given}" for {role}: columns are {", ".join(schema)}', given=given
        )
    return given


def grade_long(
    df: Any,
    tables: tuple[Table, ...],
    names: Mapping[str, str | None],
    facts: Mapping[str, str] | None,
    overwrite: bool,
    keep_order: bool,
) -> Any:
    """Grade a long frame; see `itp_carT.frames.grade`."""
    how = How(
        tables=tables,
        names=tuple(names.items()),
        facts=tuple((facts or {}).items()),
        overwrite=overwrite,
        keep_order=keep_order,
    )
    if engines.is_dask(df):
        return engines.by_partition(df, how.graded)
    frame = nw.from_native(df)
    engines.refuse_unknown(frame)
    return queries.graded(df, how) if frame.implementation.is_duckdb() else how.graded(df)


@frozen(kw_only=True)
class How:
    """How a long frame is graded; see `itp_carT.frames.grade`."""

    tables: tuple[Table, ...]
    names: tuple[tuple[str, str | None], ...]
    facts: tuple[tuple[str, str], ...]
    overwrite: bool
    keep_order: bool

    def columns(self, frame: engines.Frame) -> Columns:
        """Say which column of a frame holds what."""
        if not any(len(table.measures) == 1 for table in self.tables):
            for table in self.tables:
                single(table)  # says why
        return find_columns(cleaning.kinds(frame), self.tables, dict(self.names), dict(self.facts))

    def limits(self, columns: Columns) -> Limits:
        """Compile the tables for the facts that have a column."""
        told = tuple(sorted(columns.facts))
        return limits_of(self.tables, told, columns.analyte is not None)

    def graded(self, df: Any, tables: keys.Tables = MappingProxyType({})) -> Any:
        """Grade a native frame."""
        frame = nw.from_native(df)
        schema, columns = cleaning.kinds(frame), self.columns(frame)
        limits = self.limits(columns)
        kept = engines.refuse_taken(list(schema), OUTPUTS, self.overwrite)
        frame = engines.numbered_rows(frame, keep_order=self.keep_order)
        frame = keys.blocked(_clean(frame, schema, columns), limits, tables)
        frame = frame.with_columns(
            reasons.unmatched(columns).alias(reasons.UNMATCHED),
            keys.cell(limits, _state(columns, limits)).alias(CELL),
        )
        frame = keys.gridded(frame, limits, tables)
        frame = frame.with_columns(**_sides(limits))
        fault = reasons.fault(columns, limits).alias(reasons.FAULT)
        frame = frame.with_columns(fault, **_chains(limits))
        frame = frame.with_columns(**_results(limits))
        words = tables.get(engines.WORDS)
        frame = engines.worded(frame, "reason", reasons.words(limits), words)
        return engines.finish(frame, [*kept, *OUTPUTS], OUTPUTS[:3])


def _results(limits: Limits) -> dict[str, nw.Expr]:
    """Return the three grades, and the number of the reason where none is settled."""
    worst, mildest = nw.col("_itp_worst"), nw.col("_itp_mildest")
    graded = nw.col(reasons.FAULT) == 0
    if reasons.refers_somewhere(limits):
        graded = graded & ~nw.col("_itp_referred")
    settled = graded & (worst == mildest)
    return {
        "grade": nw.when(settled).then(worst),
        "grade_worst": nw.when(graded).then(worst),
        "grade_mildest": nw.when(graded).then(mildest),
        engines.CODE: reasons.code(limits, settled, worst, mildest),
    }


def _clean(frame: engines.Frame, schema: Any, columns: Columns) -> engines.Frame:
    value = cleaning.number(columns.value, schema)
    # a null of a type, without a literal one, which not every engine takes
    nothing = nw.when(value.is_null() & ~value.is_null()).then(value)
    sources = (columns.lln, columns.uln, columns.baseline, *columns.range_then)
    numbers = {VALUE: value} | {
        name: cleaning.number(source, schema) if source else nothing
        for name, source in zip((*OWN, *THEN), sources, strict=True)
        if source or name in OWN
    }
    words: dict[str, nw.Expr] = {}
    if columns.baseline_flag:
        words[FLAG] = cleaning.flag(columns.baseline_flag, schema)
    if columns.is_baseline:
        words[SAMPLE] = cleaning.answer(columns.is_baseline, schema)
    told = {f"_itp_fact_{key}": cleaning.answer(c, schema) for key, c in columns.facts.items()}
    text = {
        name: cleaning.text(source, schema) if source else nw.lit("")
        for name, source in ((TERM, columns.term), (UNIT, columns.unit))
    }
    if columns.analyte:
        parts = (text[TERM], cleaning.text(columns.analyte, schema))
        lowered = (part.str.strip_chars().str.to_lowercase() for part in parts)
        text[TERM] = nw.concat_str(*lowered, separator=BETWEEN)
    return cleaning.numbers(frame, numbers | words | told | text)


def _state(columns: Columns, limits: Limits) -> nw.Expr:
    """Return the state of baseline and facts, as the number in the joined key."""
    low, high = nw.col(LLN), nw.col(ULN)
    state = cleaning.baseline_state(
        nw.col(BASELINE),
        nw.coalesce(nw.col(THEN[0]), low) if columns.baseline_lln else low,
        nw.coalesce(nw.col(THEN[1]), high) if columns.baseline_uln else high,
        nw.col(FLAG) if columns.baseline_flag else None,
        nw.col(SAMPLE) if columns.is_baseline else None,
    )
    for fact, step, asking in limits.facts:
        said = nw.col(f"_itp_fact_{fact.key}")
        digit = nw.when(keys.among(nw.col(BLOCK), asking) & (said >= YES)).then(said * step)
        state = state + digit.otherwise(nw.lit(0))
    return state


def _number(read: Read) -> nw.Expr:
    return nw.col(read) if isinstance(read, str) else nw.lit(float(read))


def _sides(limits: Limits) -> dict[str, nw.Expr]:
    """Return the signed value, and the own limit read surely and possibly, for all places.

    One that is missing stands so far away that it decides: nothing is beyond it surely, everything
    possibly.
    """
    made: dict[str, nw.Expr] = {}
    for column, of in limits.of.items():
        read = limits.sign[column]
        sign, own = _number(read), _choice(of)
        made[_signed(read)] = nw.col(VALUE) * sign
        for surely, far in ((True, MISSING), (False, -MISSING)):
            known = nw.when(~own.is_null()).then(own).otherwise(sign * far)
            made[_own(of, read, surely)] = known
    return made


def _signed(sign: Read) -> str:
    return f"_itp_y{sign}"


def _own(of: Read, sign: Read, surely: bool) -> str:
    return f"_itp_own{of}{sign}_{surely}"


def _choice(read: Read) -> nw.Expr:
    """Choose one of the patient's own limits by number."""
    if not isinstance(read, str):
        return nw.col(OWN[int(read)])
    rest = nw.when(nw.col(read) == 1).then(nw.col(ULN)).otherwise(nw.col(BASELINE))
    return nw.when(nw.col(read) == 0).then(nw.col(LLN)).otherwise(rest)


def _holds(limits: Limits, place: Place) -> nw.Expr:
    factor, sign = limits.factor[place], limits.sign[place.column]
    limit = _number(limits.edge[place])
    if isinstance(factor, str) or factor:
        own = _own(limits.of[place.column], sign, place.surely)
        limit = limit + _number(factor) * nw.col(own)
    return nw.col(_signed(sign)) > limit


def _chains(limits: Limits) -> dict[str, nw.Expr]:
    """From the worst grade down, first that holds: once possibly, once surely."""
    made: dict[str, nw.Expr] = {}
    for surely, name in ((False, "_itp_worst"), (True, "_itp_mildest")):
        chain: nw.Expr = nw.lit(0)
        for grade, conjunctions in reversed(limits.conjunctions[surely].items()):
            holds = None
            for places in conjunctions:
                part = _holds(limits, places[0])
                for place in places[1:]:
                    part = part & _holds(limits, place)
                holds = part if holds is None else holds | part
            if holds is None:
                continue
            if grade == REFERS:
                made["_itp_referred"] = holds
                continue
            chain = nw.when(holds).then(nw.lit(grade)).otherwise(chain)
        made[name] = chain
    return made
