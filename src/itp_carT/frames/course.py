"""Response over columns: a long frame of counts in, one row per patient and per visit out.

pandas, Polars (eager and lazy) and DuckDB take expressions; PySpark and Dask run the scalar walk
patient by patient through their own grouped-apply. Both give what `itp_carT.response.course.assess`
gives, without a difference.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw
from attrs import evolve, field, frozen

from itp_carT.errors import NotPermittedError, RecordError, UnknownTermError
from itp_carT.response.criteria import Criteria
from itp_carT.response.point import Response

from . import by_patient
from .order import NEVER, Frame, Order, small
from .runs import check_options, collapse, results, runs, stops
from .timed import timed
from .visits import PROBLEMS, UNDATED, UNSAID, YES, Columns, is_text, judge, one_a_day, read

_DAYS = {
    *("day", "responded_on", "time_to_response", "duration", "lost_on"),
    *("complete_on", "complete_duration", "complete_lost_on", "problem_on"),
}

_FLAGS = {"event", "complete_event", "bleeding", "used"}

#: About how many rows of an eager frame are assessed at a time.
_MANY = 750_000


@frozen
class ResponseFrames:
    """Frames of the engine that was given: a row per patient, per visit, and per patient in time.

    Parameters
    ----------
    patients
        ``patient``, ``baseline`` [10^9/L], ``best``, the days from the infusion and the ending of
        the response and of the complete response, ``flags`` (what a reader must know, e.g.
        ``unconfirmed`` or ``unverified criteria``), and ``problem`` with its day where a patient
        could not be assessed.
    make_visits, make_timed
        Make the frame of visits, and that of outcomes at a time, when they are asked for.
    """

    patients: Any
    _make_visits: Callable[[], Any] = field(repr=False, alias="make_visits")
    _make_timed: Callable[[], Any] = field(repr=False, alias="make_timed")

    @property
    def visits(self) -> Any:
        """One row per visit, made when it is asked for.

        ``patient``, ``day``, ``platelets`` [10^9/L], ``bleeding`` (null when unknown), ``status``,
        ``used`` and ``why_not``.
        """
        return self._make_visits()

    @property
    def timed(self) -> Any:
        """One row per patient with the outcomes at a time, made when it is asked for.

        ``patient``, ``at_month_6`` (the status), and a column for each term of the criteria, e.g.
        ``durable`` (null where not evaluable).

        Raises
        ------
        NotPermittedError
            Calendar months, which need dates.
        """
        return self._make_timed()


def response(
    df: Any,
    criteria: Criteria,
    *,
    patient: str = "patient",
    day: str = "day",
    platelets: str = "platelets",
    unit: str = "unit",
    bleeding: str | None = None,
    rescue: str | None = None,
    rescue_end: str | None = None,
) -> ResponseFrames:
    """Assess the response of every patient in a long frame.

    Parameters
    ----------
    df
        One row per count, bleeding statement or rescue, in any order.
    criteria
        For example ``iwg_2009.CRITERIA``.
    patient, day, platelets
        Columns; days are whole days from the infusion (day 0). Counts [10^9/L, or the unit] are
        numbers, or text where one may be ``<3``.
    unit
        Column of units, or the one unit of all counts, e.g. ``"10^9/L"``.
    bleeding, rescue, rescue_end
        Columns: yes, no or unknown since the visit before; kind of a rescue that began on the
        day; its last day. Columns of these names are found by themselves.

    Returns
    -------
    One row per patient and one per visit. A patient whose rows cannot be used has a ``problem``
    and no result; the others are assessed all the same.

    Raises
    ------
    NotPermittedError
        An engine, or an option of the criteria, that the columns do not know.
    UnknownTermError
        A column that is not there.
    UnitRequiredError
        Neither a column of units nor a unit.
    RecordError
        A row without a patient, or a column of numbers that holds text.

    Examples
    --------
    >>> import polars as pl
    >>> from itp_carT.response import iwg_2009
    >>> counts = pl.DataFrame(
    ...     {
    ...         "patient": ["ITP-001"] * 3,
    ...         "day": [-5, 14, 21],
    ...         "platelets": [12.0, 45.0, 52.0],
    ...         "bleeding": ["unknown", "no", "no"],
    ...     }
    ... )
    >>> found = response(counts, iwg_2009.CRITERIA, unit="10^9/L")
    >>> found.patients["best"].item(), found.patients["duration"].item()
    ('R', 7)
    """
    named = {"bleeding": bleeding, "rescue": rescue, "rescue_end": rescue_end}
    required = {"patient": patient, "day": day, "platelets": platelets}
    if by_patient.is_grouped(df):
        columns = _columns(list(df.columns), required, unit, named)
        return ResponseFrames(
            by_patient.patients(df, criteria, columns),
            lambda: by_patient.visits(df, criteria, columns),
            lambda: by_patient.timed(df, criteria, columns),
        )
    frame = nw.from_native(df)
    kind = frame.implementation
    if not (kind.is_pandas() or kind.is_polars() or kind.is_duckdb()):
        raise NotPermittedError(
            f"a course cannot be expressed on {kind.name.lower()}: convert the frame to pandas, "
            "Polars, DuckDB, PySpark or Dask",
            field="df",
            given=kind.name.lower(),
        )
    check_options(criteria)
    columns = _columns(list(frame.collect_schema()), required, unit, named)
    columns = evolve(columns, below_limit=is_text(platelets, frame.collect_schema()))
    patients, parts = _assessed(frame, criteria, columns)
    return ResponseFrames(
        _native(patients),
        lambda: _native(_together([_visits(part, criteria) for part in parts])),
        lambda: _native(
            timed(_together(parts), patients, criteria), *(term.key for term in criteria.terms)
        ),
    )


def _columns(
    there: list[str], required: dict[str, str], unit: str, named: dict[str, str | None]
) -> Columns:
    for role, name in {**required, **named}.items():
        if name is not None and name not in there:
            raise UnknownTermError(
                f'no column "{name}" for {role}: columns are {", ".join(there)}',
                field=role,
                given=name,
            )
    found = {role: name or (role if role in there else None) for role, name in named.items()}
    return Columns(**required, unit=unit, **found)  # type: ignore[arg-type]  # checked above


def _assessed(frame: Frame, criteria: Criteria, columns: Columns) -> tuple[Frame, list[Frame]]:
    """Return one row per patient, and the judged visits in parts."""
    order = Order(isinstance(frame, nw.LazyFrame))
    if isinstance(frame, nw.DataFrame):
        if frame[columns.patient].is_null().any():
            raise RecordError(
                f'column "{columns.patient}" has empty cells: every row needs its patient',
                column=columns.patient,
            )
        columns = _without_empty(frame, columns)
    rescued = columns.rescue is not None and criteria.options.rescue != "ignored"
    if not rescued:
        columns = evolve(columns, rescue=None, rescue_end=None)
    rows = order.sorted(read(frame, columns, criteria.options))
    parts = [_judged(part, criteria, order, rescued=rescued) for part in order.parts(rows, _MANY)]
    return _together([patients for patients, _ in parts]), [visits for _, visits in parts]


def _together(parts: list[Any]) -> Frame:
    return parts[0] if len(parts) == 1 else nw.concat(parts)  # type: ignore[no-any-return]


def _without_empty(frame: nw.DataFrame[Any], columns: Columns) -> Columns:
    """Leave out columns that hold nothing: pandas does not know what they would hold."""
    empty: Any = {
        role: None
        for role in ("bleeding", "rescue", "rescue_end")
        if (name := getattr(columns, role)) is not None and frame[name].is_null().all()
    }
    return evolve(columns, **empty)


def _judged(rows: Frame, criteria: Criteria, order: Order, *, rescued: bool) -> tuple[Frame, Frame]:
    rows = one_a_day(rows, criteria.options, order, rescued=rescued)
    rows = _masked(rows, order) if rescued else rows.with_columns(_masked=nw.col("day") < NEVER)
    if "_low" not in rows.collect_schema().names():
        rows = rows.with_columns(_low=nw.lit(0).cast(nw.Int8))
    rows = judge(_with_baseline(rows, criteria, order), criteria)
    after = (nw.col("day") >= 1) & ~nw.col("_masked")
    rows = rows.with_columns(_rank=small(after, nw.col("_rank"), -1))
    kept = ("patient", "day", "_rank", "_calm", "_bled", *(("_before",) if rescued else ()))
    kept = kept if order.lazy else (*kept, "_p")
    used = rows.filter(nw.col("_rank") >= 0).select(*kept)
    courses = collapse(runs(used, criteria, order, rescued=rescued), criteria)
    if rescued:
        courses = stops(rows, courses, criteria)
    courses = _with_problems(rows, courses, rescued=rescued)
    visits = rows.select("patient", "day", "_v", "_bled", "_masked", "_has", "_rank")
    return _patients(results(courses, criteria, rescued=rescued)), visits


def _masked(rows: Frame, order: Order) -> Frame:
    """Add which visits a rescue bars, and the last start of one before each visit."""
    rows = rows.with_columns(_barred=order.greatest("_last"), _started=order.greatest("_start"))
    rows = rows.with_columns(
        _barred=order.before("_barred", NEVER), _before=order.before("_started", NEVER)
    )
    return rows.with_columns(_masked=nw.col("_barred") >= nw.col("day"))


def _with_baseline(rows: Any, criteria: Criteria, order: Order) -> Any:
    """Add the last count that the options accept as the baseline."""
    rule, first = criteria.options.baseline, criteria.options.conditioning_day
    last = -1 if rule == "before infusion" else first
    eligible = rows.filter((nw.col("day") <= last) & ~nw.col("_v").is_null())
    if rule != "any":
        eligible = eligible.filter(~nw.col("_masked"))
    eligible = eligible.select("patient", "_v", "_low", _on=nw.col("day"))
    latest = eligible.group_by("patient").agg(nw.col("_on").max().alias("_latest"))
    chosen = eligible.join(latest, on="patient", how="inner")
    chosen = chosen.filter(nw.col("_on") == nw.col("_latest"))
    if criteria.options.baseline_below_limit == "unknown":
        chosen = chosen.filter(nw.col("_low") == 0)
    return order.joined(rows, chosen.select("patient", baseline=nw.col("_v")))


def _with_problems(rows: Any, courses: Any, *, rescued: bool) -> Any:
    """Put every patient into the result, with what is wrong and on which day first."""
    dated = (nw.col("_problem") > 0) & (nw.col("_problem") < UNDATED)
    wrong = nw.when(dated).then(nw.col("day"))
    failed = [nw.col("_failed").max().alias("_any_failed")] if rescued else []
    everyone = (
        rows.with_columns(_wrong_on=wrong)
        .group_by("patient")
        .agg(
            nw.col("baseline").max().alias("baseline"),
            nw.col("_problem").max().alias("_problem"),
            nw.col("_wrong_on").min().alias("problem_on"),
            nw.col("_low").max().alias("_any_low"),
            *failed,
        )
    )
    problem: Any = nw.lit("")
    for code, text in PROBLEMS.items():
        problem = nw.when(nw.col("_problem") == code).then(nw.lit(text)).otherwise(problem)
    everyone = everyone.with_columns(problem=nw.when(nw.col("_problem") > 0).then(problem))
    return everyone.join(courses, on="patient", how="left")


def _visits(rows: Frame, criteria: Criteria) -> Frame:
    status: Any = nw.lit(Response.NE.name)
    for rank, level in enumerate((*criteria.levels, Response.NR)):
        status = nw.when(nw.col("_rank") == rank).then(nw.lit(level.name)).otherwise(status)
    yes = nw.when(nw.col("_bled") != UNSAID).then(nw.col("_bled") == YES)
    counted = nw.col("_has") | (nw.col("_rank") >= 0)
    why: Any = nw.when(counted).then(nw.lit("")).otherwise(nw.lit("no count"))
    why = nw.when(nw.col("_masked")).then(nw.lit("barred by rescue")).otherwise(why)
    before = nw.when(nw.col("_has")).then(nw.lit("before infusion")).otherwise(nw.lit("no count"))
    why = nw.when(nw.col("day") < 1).then(before).otherwise(why)
    return rows.select(
        "patient",
        "day",
        platelets=nw.col("_v"),
        bleeding=yes,
        status=status,
        used=(nw.col("day") >= 1) & ~nw.col("_masked") & counted,
        why_not=why,
    )


def _patients(frame: Frame) -> Frame:
    kept = [name for name in frame.collect_schema().names() if not name.startswith("_")]
    frame = frame.select(*kept)
    return frame if isinstance(frame, nw.LazyFrame) else frame.sort("patient")


def _native(frame: Frame, *flags: str) -> Any:
    native = frame.to_native()
    if not frame.implementation.is_pandas():
        return native
    whole = [name for name in native.columns if name in _DAYS]
    yes_or_no = [name for name in native.columns if name in {*_FLAGS, *flags}]
    kinds = {**dict.fromkeys(whole, "Int64"), **dict.fromkeys(yes_or_no, "boolean")}
    return native.astype(kinds).reset_index(drop=True)


__all__ = ["ResponseFrames", "response"]
