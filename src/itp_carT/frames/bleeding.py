"""The Chinese adult bleeding score over columns: one assessment per row, one score per row.

Items and points are those of `itp_carT.bleeding.chinese_adult`. An empty cell was not assessed: the
score then keeps the least and the most that is still possible, and is null itself.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from itp_carT.bleeding.chinese_adult import AGE_POINTS, ITEMS
from itp_carT.bleeding.items import UNASSESSED, Item, folded
from itp_carT.errors import UnknownTermError
from itp_carT.rules import Compare
from itp_carT.units import value_in

from . import cleaning
from .engines import refuse_taken

OUTPUTS = (
    *("age_points", "symptom", "symptom_least", "symptom_most"),
    *("total", "total_least", "total_most", "bleeding", "problem"),
)
_OPEN, _UNREADABLE = -1, -2
_OLDEST = 120


def bleeding_score(
    df: Any,
    *,
    age: str = "age",
    skin: str = "skin",
    mucosa: str = "mucosa",
    viscera: str = "viscera",
    cns: str = "cns",
    rest: str | None = None,
    overwrite: bool = False,
) -> Any:
    """Score every row of a frame by the Chinese adult ITP bleeding score.

    Parameters
    ----------
    df
        A frame of pandas, Polars (eager or lazy), PyArrow or DuckDB, one assessment per row.
    age
        Column of completed years on the day of the assessment.
    skin, mucosa, viscera, cns
        Columns of findings in the words of ``chinese_adult.INSTRUMENT.table()``; empty where not
        assessed. A column that is not there was not assessed.
    rest
        Column that says ``none`` where what is empty was assessed and shows nothing; a column
        named ``rest`` is found by itself.
    overwrite
        Replace columns that have the names of the results.

    Returns
    -------
    The frame with ``age_points``, ``symptom`` and ``total`` (null while open), the least and the
    most that ``symptom`` and ``total`` may be, ``bleeding`` (symptom points of 1 or more; null
    while open), and ``problem`` where a cell cannot be read. The points are unverified.

    Raises
    ------
    UnknownTermError
        No column of findings at all.
    RecordError
        A column that has the name of a result, or ages that are text.

    Examples
    --------
    >>> import polars as pl
    >>> visits = pl.DataFrame(
    ...     {"age": [40, 66], "skin": ["elsewhere", None], "rest": ["none", None]}
    ... )
    >>> bleeding_score(visits).select("symptom", "total_least", "total_most", "bleeding").rows()
    [(1, 1, 1, True), (None, 1, 9, None)]
    """
    frame = nw.from_native(df)
    schema = frame.collect_schema()
    names = dict(
        zip(("skin", "mucosa", "viscera", "cns"), (skin, mucosa, viscera, cns), strict=True)
    )
    there = {key: name for key, name in names.items() if name in schema}
    if not there:
        raise UnknownTermError(
            f"no column of findings: name at least one of {', '.join(names)}", given=list(schema)
        )
    kept = refuse_taken(list(schema), OUTPUTS, overwrite)
    rested = rest if rest is not None else "rest" if "rest" in schema else None
    frame = frame.with_columns(
        **{
            f"_itp_{item.key}": _points(item, there.get(item.key), rested, schema) for item in ITEMS
        },
        _itp_age=_age_points(age if age in schema else None, schema),
    )
    least, most = _least_and_most()
    oldest = max(AGE_POINTS.outcomes)
    known_age = nw.col("_itp_age") >= 0
    frame = frame.with_columns(
        symptom_least=least,
        symptom_most=most,
        _itp_low=nw.when(known_age).then(nw.col("_itp_age")).otherwise(nw.lit(0)),
        _itp_high=nw.when(known_age).then(nw.col("_itp_age")).otherwise(nw.lit(oldest)),
        _itp_bad=_problem(there),
    )
    return frame.with_columns(**_results()).select(*kept, *OUTPUTS).to_native()


def _points(item: Item, name: str | None, rest: str | None, schema: Any) -> nw.Expr:
    """Return an item's points, `_OPEN` where not assessed, `_UNREADABLE` for other words."""
    nothing = _nothing_else(rest, schema)
    if name is None:
        return nw.when(nothing).then(nw.lit(0)).otherwise(nw.lit(_OPEN)).cast(nw.Int64)
    word = _fold(cleaning.text(name, schema))
    found: Any = nw.lit(_UNREADABLE)
    for level in item.levels:
        words = list({folded(level.key), folded(level.words)})
        found = nw.when(word.is_in(words)).then(nw.lit(level.points)).otherwise(found)
    empty = nw.when(nothing & (word == "")).then(nw.lit(0)).otherwise(nw.lit(_OPEN))
    return nw.when(word.is_in(list(UNASSESSED))).then(empty).otherwise(found).cast(nw.Int64)


def _nothing_else(rest: str | None, schema: Any) -> nw.Expr:
    return nw.lit(False) if rest is None else _fold(cleaning.text(rest, schema)) == "none"


def _fold(text: nw.Expr) -> nw.Expr:
    """Fold words as the items of an instrument do."""
    lower = text.str.to_lowercase().str.replace_all("ae", "e", literal=True)
    return lower.str.replace_all("-", " ", literal=True).str.strip_chars()


def _age_points(name: str | None, schema: Any) -> nw.Expr:
    if name is None:
        return nw.lit(_OPEN).cast(nw.Int64)
    years = cleaning.number(name, schema)
    points: Any = nw.lit(AGE_POINTS.otherwise)
    for row in reversed(AGE_POINTS.rows):
        assert isinstance(row.when, Compare)  # noqa: S101 - the table's own shape
        limit = value_in(row.when.limit.published[0], "a")
        points = nw.when(years >= limit).then(nw.lit(row.outcome)).otherwise(points)
    whole = (years >= 0) & (years <= _OLDEST) & (years % 1 == 0)
    read = nw.when(whole).then(points).otherwise(nw.lit(_UNREADABLE))
    return nw.when(years.is_null()).then(nw.lit(_OPEN)).otherwise(read).cast(nw.Int64)


def _least_and_most() -> tuple[nw.Expr, nw.Expr]:
    """Return the least and the most that the highest of the items can be."""
    least: Any = nw.lit(0).cast(nw.Int64)
    most: Any = nw.lit(0).cast(nw.Int64)
    for item in ITEMS:
        points = nw.col(f"_itp_{item.key}")
        at_most = nw.when(points >= 0).then(points).otherwise(nw.lit(max(item.possible)))
        least = nw.when(points > least).then(points).otherwise(least)
        most = nw.when(at_most > most).then(at_most).otherwise(most)
    return least, most


def _problem(there: dict[str, str]) -> nw.Expr:
    """Name the first column whose cell cannot be read; empty where there is none."""
    text: Any = nw.lit("")
    bad = nw.col("_itp_age") == _UNREADABLE
    text = nw.when(bad).then(nw.lit("age: not completed years of a person")).otherwise(text)
    for item in reversed(ITEMS):
        if item.key in there:
            words = " or ".join(f'"{level.key}"' for level in item.levels)
            bad = nw.col(f"_itp_{item.key}") == _UNREADABLE
            told = nw.lit(f"{there[item.key]}: write {words}")
            text = nw.when(bad).then(told).otherwise(text)
    return text  # type: ignore[no-any-return]


def _results() -> dict[str, Any]:
    fine = nw.col("_itp_bad") == ""
    low, high = nw.col("symptom_least"), nw.col("symptom_most")
    total_low, total_high = low + nw.col("_itp_low"), high + nw.col("_itp_high")
    bled = fine & ((low >= 1) | (high == 0))
    return {
        "age_points": nw.when(nw.col("_itp_age") >= 0).then(nw.col("_itp_age")),
        "symptom": nw.when(fine & (low == high)).then(low),
        "symptom_least": nw.when(fine).then(low),
        "symptom_most": nw.when(fine).then(high),
        "total": nw.when(fine & (total_low == total_high)).then(total_low),
        "total_least": nw.when(fine).then(total_low),
        "total_most": nw.when(fine).then(total_high),
        "bleeding": nw.when(bled).then(low >= 1),
        "problem": nw.when(~fine).then(nw.col("_itp_bad")),
    }


__all__ = ["OUTPUTS", "bleeding_score"]
