"""Dates over columns: one record per row, the visit it belongs to, and whether it counts.

The rules are those of `itp_carT.schedule`. What has no date has no visit and says why; what came
outside every window stays and is unscheduled.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.errors import MissingFactError, NotPermittedError, RecordError, UnknownTermError
from itp_carT.schedule.attendance import Timing
from itp_carT.schedule.dated import divided, spans
from itp_carT.schedule.visits import Months, Schedule, to_months

from . import cleaning
from .engines import lazily, refuse_taken

_NUMBERS = ("protocol_day", "target_day", "first_day", "last_day", "difference")
OUTPUTS = (
    *("protocol_day", "visit", "target_day", "first_day", "last_day", "difference"),
    *("timing", "used", "problem"),
)
_DAY, _AT, _INFUSED = "_itp_day", "_itp_at", "_itp_infused"
_FARTHEST = 36_525  # days, a century, as in `itp_carT.days`
_SECONDS = 86_400
_NEVER, _NONE = 10_000_000, -1  # stand for no day and for no visit, until the end


def assign_visits(
    df: Any,
    schedule: Schedule,
    *,
    patient: str = "patient",
    day: str | None = None,
    date: str | None = None,
    infusion: str | None = None,
    months: Months | str | None = None,
    gap_free: bool = False,
    overwrite: bool = False,
) -> Any:
    """Find the visit of every row of a frame of records.

    Parameters
    ----------
    df
        A frame of pandas, Polars (eager or lazy), PyArrow or DuckDB, one record per row.
    schedule
        The visits as planned.
    patient
        Column of the patient: of several records in one window one counts.
    day
        Column of whole days from the infusion; or give ``date`` and ``infusion``.
    date, infusion
        Columns of dates. Of a moment the date is taken as it is written, in its own time zone.
    months
        How long a month is; by default as the schedule says. Months of the calendar need dates,
        and PyArrow cannot count them.
    gap_free
        Let windows reach to half-way to their neighbors.
    overwrite
        Replace columns that have the names of the results.

    Returns
    -------
    The frame with ``protocol_day``; ``visit`` (its key), ``target_day``, ``first_day`` and
    ``last_day`` of its window, and ``difference`` from the target [d], all null when unscheduled;
    ``timing`` (on time, early, late or unscheduled); ``used``, whether the record counts as the
    visit (the nearest; of two equally near the later; all records of that date); and ``problem``.
    DuckDB gives the rows in any order.

    Raises
    ------
    UnknownTermError
        A column that is not there.
    MissingFactError
        Neither days nor dates, or months of the calendar without dates.
    RecordError
        A column that has the name of a result, or days and dates that are text.
    NotPermittedError
        Months of the calendar on PyArrow.

    Examples
    --------
    >>> import polars as pl
    >>> from itp_carT.protocol.nct05315778 import SCHEDULE
    >>> records = pl.DataFrame({"patient": ["SYN-1"] * 3, "day": [28, 32, 45]})
    >>> found = assign_visits(records, SCHEDULE, day="day")
    >>> for row in found.select("day", "visit", "timing", "used").rows():
    ...     print(*row)
    28 M1 early False
    32 M1 late True
    45 None unscheduled False
    """
    frame = nw.from_native(df)
    schema = cleaning.kinds(frame)
    columns = _columns(schema, {"patient": patient, "day": day, "date": date, "infusion": infusion})
    rule = schedule.months if months is None else to_months(months)
    plan = _plan(schedule, rule, gap_free)
    if rule is Months.CALENDAR and "infusion" not in columns:
        raise MissingFactError(
            "months of the calendar need the dates: name the columns date and infusion",
            field="infusion",
        )
    if rule is Months.CALENDAR and frame.implementation.is_pyarrow():
        raise NotPermittedError(
            "PyArrow cannot count months of the calendar: convert the frame to Polars, pandas or "
            "DuckDB",
            field="months",
        )
    kept = refuse_taken(list(schema), OUTPUTS, overwrite)
    if both := set(columns.values()) & set(OUTPUTS):
        raise NotPermittedError(
            f'column "{min(both)}" is read and would be replaced: rename it', given=min(both)
        )
    collect = lazily(frame)
    frame = frame.lazy() if collect else frame
    frame = cleaning.numbers(frame, {_DAY: _day(columns, schema)})
    if rule is Months.CALENDAR:
        start = _midnight(columns["infusion"], schema)
        frame = frame.with_columns(**{_INFUSED: start})
        frame = frame.with_columns(**_targets(schedule))
    frame = frame.with_columns(**{_AT: plan.index().cast(nw.Int8)})
    frame = frame.with_columns(**plan.found(), problem=_problem(columns, schema))
    frame = _judged(frame, columns["patient"]).select(*kept, *OUTPUTS)
    return _finished(frame.collect() if collect else frame)


def _columns(schema: Mapping[str, Any], given: dict[str, str | None]) -> dict[str, str]:
    found = {what: name for what, name in given.items() if name is not None}
    dated = "date" in found and "infusion" in found
    if ("day" in found) == dated or (("date" in found) != ("infusion" in found)):
        raise MissingFactError(
            "name either the column day, or the two columns date and infusion", field="day"
        )
    for what, name in found.items():
        if name not in schema:
            raise UnknownTermError(
                f'"{name}" is not a column of the frame: it has {", ".join(schema)}',
                field=what, given=name, nearest=tuple(schema),
            )  # fmt: skip
    return found


# --- days -----------------------------------------------------------------------------------------


def _day(columns: Mapping[str, str], schema: Mapping[str, Any]) -> nw.Expr:
    """Return whole days from the infusion, null where they cannot be told."""
    if "day" not in columns:
        apart = _midnight(columns["date"], schema) - _midnight(columns["infusion"], schema)
        number = apart.dt.total_seconds()
        days = nw.when(~number.is_null()).then(number // _SECONDS).otherwise(nw.lit(_NEVER))
        return days.cast(nw.Int64)
    number = cleaning.number(columns["day"], schema)
    whole = (number % 1 == 0) & (number >= -_FARTHEST) & (number <= _FARTHEST)
    return nw.when(whole).then(number).otherwise(nw.lit(float(_NEVER))).cast(nw.Int64)


def _midnight(name: str, schema: Mapping[str, Any]) -> nw.Expr:
    """Return the date of a column as its midnight, without a time zone."""
    kind = schema[name]
    if kind == nw.Date:
        return nw.col(name).cast(nw.Datetime("us"))
    if not isinstance(kind, nw.Datetime):
        raise RecordError(f'column "{name}" holds {kind}, not dates: convert it first', column=name)
    moment = nw.col(name)
    moment = moment.dt.replace_time_zone(None) if kind.time_zone is not None else moment
    return moment.dt.truncate("1d").cast(nw.Datetime("us"))


def _problem(columns: Mapping[str, str], schema: Mapping[str, Any]) -> nw.Expr:
    text: nw.Expr = nw.lit(None, dtype=nw.String)
    if "day" in columns:
        raw = nw.col(columns["day"])
        said = ~raw.is_null()
        if not schema[columns["day"]].is_integer():
            said = said & ~raw.cast(nw.Float64).is_nan()
        wrong = nw.lit(f"{columns['day']}: not a whole number of days from the infusion")
        nothing = nw.lit(f"{columns['day']}: missing")
        words = nw.when(said).then(wrong).otherwise(nothing)
        text = nw.when(nw.col(_DAY) == _NEVER).then(words).otherwise(text)
    for what in ("infusion", "date", "patient"):
        if what in columns:
            missing = nw.col(columns[what]).is_null()
            text = nw.when(missing).then(nw.lit(f"{columns[what]}: missing")).otherwise(text)
    return text


# --- windows --------------------------------------------------------------------------------------


@frozen
class _Plan:
    """The windows of a schedule: numbers, or columns where months are those of the calendar."""

    keys: tuple[str, ...]
    targets: tuple[Any, ...]
    windows: tuple[tuple[Any, Any], ...]
    fixed: bool

    def index(self) -> nw.Expr:
        """Return the number of the visit whose window holds the day, `_NONE` where none does."""
        if self.fixed:
            found = {
                day: at
                for at, (first, last) in enumerate(self.windows)
                for day in range(first, last + 1)
            }
            return _lookup(_DAY, list(found), list(found.values()), nw.Int64, _NONE)
        at: nw.Expr = nw.lit(_NONE)
        for number, (first, last) in enumerate(self.windows):
            inside = (nw.col(_DAY) >= first) & (nw.col(_DAY) <= last)
            at = nw.when(inside).then(nw.lit(number)).otherwise(at)
        return at

    def found(self) -> dict[str, nw.Expr]:
        """Return what is said of the visit of each row."""
        numbers = list(range(len(self.keys)))
        columns = {
            "target_day": list(self.targets),
            "first_day": [first for first, _ in self.windows],
            "last_day": [last for _, last in self.windows],
        }
        return {
            "visit": _lookup(_AT, numbers, list(self.keys), nw.String, None),
            **{name: self._of(values) for name, values in columns.items()},
        }

    def _of(self, values: list[Any]) -> nw.Expr:
        plain = {at: value for at, value in enumerate(values) if isinstance(value, int)}
        found = _lookup(_AT, list(plain), list(plain.values()), nw.Int64, _NEVER)
        for at, value in enumerate(values):
            if at not in plain:
                found = nw.when(nw.col(_AT) == at).then(value).otherwise(found)
        return found


def _lookup(
    column: str, old: Sequence[Any], new: Sequence[Any], kind: Any, otherwise: Any
) -> nw.Expr:
    return nw.col(column).replace_strict(old, new, default=otherwise, return_dtype=kind)


def _plan(schedule: Schedule, rule: Months, gap_free: bool) -> _Plan:
    visits = schedule.visits
    if rule is not Months.CALENDAR:
        days = [visit.on_day(rule).number for visit in visits]
        windows = tuple(spans(visits, days, gap_free=gap_free))
        return _Plan(tuple(v.key for v in visits), tuple(days), windows, fixed=True)
    _check_calendar(schedule)
    targets = [v.day.number if v.day is not None else nw.col(_name(v.key)) for v in visits]
    divided_days = divided(visits, targets, gap_free=gap_free, least=_least, most=_most)
    return _Plan(tuple(v.key for v in visits), tuple(targets), tuple(divided_days), fixed=False)


def _targets(schedule: Schedule) -> dict[str, nw.Expr]:
    """Return the target day of each visit that is planned in months of the calendar."""
    start = nw.col(_INFUSED)
    return {
        _name(visit.key): (
            (start.dt.offset_by(f"{visit.months}mo") - start).dt.total_seconds() // _SECONDS
        )
        for visit in schedule.visits
        if visit.months is not None
    }


def _name(key: str) -> str:
    return f"_itp_target_{key}"


def _least(one: Any, other: Any) -> Any:
    if isinstance(one, int) and isinstance(other, int):
        return min(one, other)
    one, other = (nw.lit(value) if isinstance(value, int) else value for value in (one, other))
    return nw.min_horizontal(one, other)


def _most(one: Any, other: Any) -> Any:
    if isinstance(one, int) and isinstance(other, int):
        return max(one, other)
    one, other = (nw.lit(value) if isinstance(value, int) else value for value in (one, other))
    return nw.max_horizontal(one, other)


@cache
def _check_calendar(schedule: Schedule) -> None:
    """Refuse a schedule whose windows contradict each other for some date of infusion."""
    for number in range(4 * 366):  # one leap year and its neighbors hold every case
        infusion = dt.date(2023, 1, 1) + dt.timedelta(number)
        days = [visit.on_day("calendar", infusion=infusion).number for visit in schedule.visits]
        spans(schedule.visits, days, gap_free=False)


# --- what counts ----------------------------------------------------------------------------------


def _judged(frame: Any, patient: str) -> Any:
    """Add timing and what counts; turn what stands for nothing into nulls."""
    placed, known = nw.col(_AT) != _NONE, nw.col(_DAY) != _NEVER
    frame = frame.with_columns(difference=nw.col(_DAY) - nw.col("target_day"))
    away = nw.col("difference")
    # twice the distance, and one more for the earlier side: the least is the one that counts
    rank = nw.when(away < 0).then(1 - 2 * away).otherwise(2 * away)
    frame = frame.with_columns(_itp_rank=rank)
    frame = frame.with_columns(_itp_best=nw.col("_itp_rank").min().over(patient, _AT))
    best = nw.col("_itp_rank") == nw.col("_itp_best")
    late, early, exact, outside = (
        nw.lit(one.label) for one in (Timing.LATE, Timing.EARLY, Timing.ON_TIME, Timing.UNSCHEDULED)
    )
    timing = nw.when(away > 0).then(late).otherwise(nw.when(away < 0).then(early).otherwise(exact))
    used = placed & ~nw.col(patient).is_null() & best
    numbers = {name: nw.when(placed).then(nw.col(name)) for name in _NUMBERS[1:]}
    return frame.with_columns(
        protocol_day=nw.when(known).then(nw.col(_DAY)),
        timing=nw.when(known).then(nw.when(placed).then(timing).otherwise(outside)),
        used=nw.when(placed).then(used).otherwise(nw.lit(False)),
        **numbers,
    )


def _finished(frame: Any) -> Any:
    """Return the native frame; pandas keeps whole numbers with gaps only as a type of its own."""
    native = frame.to_native()
    if not frame.implementation.is_pandas_like():
        return native
    return native.astype({**dict.fromkeys(_NUMBERS, "Int64"), "used": "bool"})


__all__ = ["OUTPUTS", "assign_visits"]
