"""Medication rows read for columns: each spelling of drug, unit and frequency is read once.

What a row means is asked of the scalar record itself, one for each combination of words that
occurs, and joined back; so a column cannot read a word otherwise than a patient.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.errors import ItpCarTError, NotPermittedError
from itp_carT.therapy.agents import GLUCOCORTICOIDS
from itp_carT.therapy.course import begins_therapy
from itp_carT.therapy.drugs import DrugClass
from itp_carT.therapy.options import Options
from itp_carT.therapy.records import DoseRecord
from itp_carT.therapy.terms import Purpose

from . import cleaning
from .engines import Frame

#: Doses are whole numbers of this part of a unit, so that sums over days are exact: it divides by
#: every frequency, factor and effect window, and leaves 6 decimals.
SCALE = 1_092_000_000
#: Above it a dose is a slip of the pen.
LARGEST = 1e8
#: Problems a row can have beside those of its words, by number; the greatest is told.
PROBLEMS = {
    1: "start: missing",
    2: "end: before the start",
    3: "end: given once, but ends on another day",
    4: "dose: below zero, or too large to be one",
    5: "start: two records of one drug share a day; correct the dates, or choose overlap='sum'",
    6: "dose: per kilogram beside absolute doses; write all doses of a drug in one unit",
    7: "until: missing, or before the first day that counts",
    8: "frequency: missing, on a record of several days",
    9: "dose: has no unit",
    10: "dose: of what has none",
    11: "start, end or until: not a whole number of days, or more than a century away",
}
_WORDS = ("_w_drug", "_w_unit", "_w_often", "_w_purpose", "_w_route")


@frozen(kw_only=True)
class Columns:
    """Where the frame holds what; a unit, a frequency or a last day may be the same for all."""

    patient: str
    drug: str
    dose: str
    unit: str
    frequency: str
    start: str
    end: str
    until: str | int
    purpose: str | None
    route: str | None


def meaning(words: Sequence[str], options: Options) -> dict[str, Any]:
    """Return what one combination of words means for a dose of 1, or what is wrong with it."""
    drug, unit, often, purpose, route = (word.strip() or None for word in words)
    empty = {
        "_agent": "", "_drug": "", "_unit": "", "_own_unit": "", "_times": 0.0, "_window": 0,
        "_step": 1, "_once": False, "_counts": False, "_begins": False, "_said": 0, "_wrong": "",
    }  # fmt: skip
    try:
        dose = None if unit is None else f"1 {unit}"
        record = DoseRecord(
            drug or "", dose, often, start=0, end=0, purpose=purpose, route=route
        )  # fmt: skip
        found = record.drug
        pooled = found.drug_class is DrugClass.GLUCOCORTICOID
        factor = options.table.factor(found.name) if pooled else Fraction(1)
    except ItpCarTError as error:
        return empty | {"_wrong": str(error)}
    window = 0 if pooled else options.effects.get(found.name, found.effect_days or 0)
    step = record.frequency.interval if record.frequency and window else 1
    a_day = Fraction(-1) if record.per_day is None else record.per_day * factor
    share = a_day * step / (window or 1)
    return empty | {
        "_agent": GLUCOCORTICOIDS if pooled else found.name,
        "_drug": found.name,
        "_unit": record.unit,
        "_own_unit": (found.units or ("",))[0],
        "_times": float(share * SCALE) if record.per_day is not None else -1.0,
        "_window": window,
        "_step": step,
        "_once": bool(record.frequency and record.frequency.once),
        "_counts": record.purpose is Purpose.ITP and not found.is_procedure,
        "_begins": begins_therapy(record),
        "_said": _said(unit, often, procedure=found.is_procedure),
    }  # fmt: skip


def _said(unit: str | None, often: str | None, *, procedure: bool) -> int:
    """Return what a dose of these words lacks: nothing, a frequency (1) or a unit (2)."""
    if procedure:
        return 3
    if unit is None:
        return 2
    return 1 if often is None and not unit.endswith("/d") else 0


def read(frame: Frame, columns: Columns, options: Options) -> Frame:
    """Return the rows with what their words mean, and their days and doses as numbers."""
    schema = cleaning.kinds(frame)
    day = {name: cleaning.number(getattr(columns, name), schema) for name in ("start", "end")}
    until = columns.until
    last = nw.lit(float(until)) if isinstance(until, int) else cleaning.number(until, schema)
    frame = frame.with_columns(
        patient=nw.col(columns.patient),
        **dict(zip(_WORDS, _words(columns, schema), strict=True)),
        _start=day["start"],
        _end=day["end"],
        _dose=cleaning.number(columns.dose, schema),
        _last=last,
    ).select("patient", *_WORDS, "_start", "_end", "_dose", "_last")
    frame = held(frame)
    there = frame.select(*_WORDS).unique()
    there = there.collect() if isinstance(there, nw.LazyFrame) else there
    combinations = [tuple(row) for row in there.iter_rows()]
    # of an empty frame no word is known, and the columns are there all the same
    combinations = combinations or [("",) * len(_WORDS)]
    rows = [dict(zip(_WORDS, row, strict=True)) | meaning(row, options) for row in combinations]
    table = {name: [row[name] for row in rows] for name in rows[0]}
    return held(joined(frame, table, _WORDS))


def _words(columns: Columns, schema: Mapping[str, Any]) -> list[nw.Expr]:
    found = []
    for name in (columns.drug, columns.unit, columns.frequency, columns.purpose, columns.route):
        if name is not None and name in schema:
            found.append(cleaning.text(name, schema))
        else:
            found.append(nw.lit("" if name is None else name))
    return found


def joined(frame: Frame, table: Mapping[str, list[Any]], keys: Sequence[str]) -> Frame:
    """Join a small table, made for the engine of the frame.

    Raises
    ------
    NotPermittedError
        The engine is not one that courses run on.
    """
    kind = frame.implementation
    if kind.is_polars() or kind.is_pandas():
        right: Any = nw.from_dict(dict(table), backend="polars" if kind.is_polars() else "pandas")
        right = right.lazy() if isinstance(frame, nw.LazyFrame) else right
        return frame.join(right, on=list(keys), how="inner")
    if kind.is_duckdb():
        import pyarrow as pa

        small = pa.table(dict(table))  # noqa: F841 - DuckDB reads it by its name
        names = ", ".join(f'r."{name}"' for name in table if name not in keys)
        same = " and ".join(f'l."{key}" = r."{key}"' for key in keys)
        query = f"select l.*, {names} from itp_left l inner join small r on {same}"  # noqa: S608 - names of our own
        return nw.from_native(frame.to_native().query("itp_left", query))
    raise NotPermittedError(
        f"a course cannot be expressed on {kind.name.lower()}: convert the frame to pandas, "
        "Polars, DuckDB, PySpark or Dask",
        field="df",
        given=kind.name.lower(),
    )


def held(frame: Frame) -> Frame:
    """Return a lazy frame with its rows in memory, so that what follows does not make them anew."""
    if not isinstance(frame, nw.LazyFrame):
        return frame
    if frame.implementation.is_polars():
        return frame.collect().lazy()
    native = frame.to_native()
    rows = native.to_arrow_table()  # noqa: F841 - DuckDB reads it by its name
    return nw.from_native(native.query("itp_left", "select * from rows"))


def repeated(frame: Frame, name: str) -> Frame:
    """Repeat each row as often as a column says, numbered from 0 in ``_k``."""
    counts = frame.select(name).unique()
    counts = counts.collect() if isinstance(counts, nw.LazyFrame) else counts
    some = sorted(int(count) for count in counts[name].to_list() if count)
    table = {
        name: [count for count in some for _ in range(count)],
        "_k": [at for count in some for at in range(count)],
    }
    return (
        joined(frame, table, (name,)) if some else frame.with_columns(_k=nw.lit(0).cast(nw.Int64))
    )


__all__ = [
    "LARGEST",
    "PROBLEMS",
    "SCALE",
    "Columns",
    "held",
    "joined",
    "meaning",
    "read",
    "repeated",
]
