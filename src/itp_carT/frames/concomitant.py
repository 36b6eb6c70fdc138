"""Concomitant therapy over columns: medication records in, one row per patient and agent out.

pandas, Polars (eager and lazy) and DuckDB take expressions; PySpark and Dask run the scalar
assessment patient by patient. Both give what `itp_carT.therapy.course.assess` gives. Doses are
whole numbers inside, so that sums over days are exact.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import narwhals.stable.v2 as nw
from attrs import field, frozen

from itp_carT.errors import NotPermittedError, RecordError, UnknownTermError
from itp_carT.therapy.options import Options

from . import by_patient, therapy_by_patient
from .dose_runs import KEYS, measured, spans
from .doses import LARGEST, PROBLEMS, SCALE, Columns, held, read, repeated
from .engines import Frame
from .order import NEVER, number

_FARTHEST = 36_525  # days, a century
_DAYS = (
    *("last", "reduced_on", "pending_since", "stopped_on", "longest", "cumulative", "current_run"),
    *("before", "after", "reduced", "stopped"),
)


@frozen
class TherapyFrames:
    """Frames of the engine that was given: per patient and agent, per patient, and per day.

    Parameters
    ----------
    agents
        ``patient``, ``agent``, ``unit`` (of a daily dose), ``baseline``, ``current``, ``average``,
        ``decrease`` and ``average_decrease`` [%], ``why_not`` (why a decrease has no value),
        ``reduced_on``, ``pending_since``, ``stopped_on``, ``longest``, ``cumulative`` and
        ``current_run`` [days].
    """

    agents: Any
    _make_patients: Callable[[], Any] = field(repr=False, alias="_make_patients")
    _make_daily: Callable[[], Any] = field(repr=False, alias="_make_daily")

    @property
    def patients(self) -> Any:
        """One row per patient, made when it is asked for.

        ``patient``, ``last`` (day that ends the window), ``before``, ``after``, ``reduced``,
        ``stopped`` (numbers of agents), ``composite`` (unweighted mean of the agents' decreases
        [%]) and ``problem`` where a patient could not be assessed.
        """
        return self._make_patients()

    @property
    def daily(self) -> Any:
        """One row per patient, agent and day, made when it is asked for.

        ``patient``, ``agent``, ``unit``, ``day`` and ``dose`` of that day; null where a dose was
        given and is not known.
        """
        return self._make_daily()


def therapy(
    df: Any,
    *,
    until: str | int,
    patient: str = "patient",
    drug: str = "drug",
    dose: str = "dose",
    unit: str = "unit",
    frequency: str = "frequency",
    start: str = "start",
    end: str = "end",
    purpose: str | None = None,
    route: str | None = None,
    options: Options | None = None,
) -> TherapyFrames:
    """Assess the concomitant therapy of every patient in a long frame of medication records.

    Parameters
    ----------
    df
        One row per record, in any order.
    until
        Last observed day, or the column that holds it.
    patient, drug, dose, start, end
        Columns; days are whole days from the infusion (day 0), and a missing end is ongoing.
    unit, frequency
        Columns, or the one unit and frequency of all records, e.g. ``"mg"`` and ``"QD"``.
    purpose, route
        Columns; found by these names. A missing purpose is the drug's usual use.
    options
        The choices; ``overlap="latest_start"`` is not known to columns.

    Returns
    -------
    One row per patient and agent; a patient whose rows cannot be used has a ``problem`` in
    ``patients`` and no other result, and the others are assessed all the same.

    Raises
    ------
    NotPermittedError
        An engine, or a choice, that the columns do not know.
    UnknownTermError
        A column that is not there.
    RecordError
        A row without a patient, or a column of numbers that holds text.

    Examples
    --------
    >>> import polars as pl
    >>> rows = pl.DataFrame(
    ...     {
    ...         "patient": ["ITP-001", "ITP-001"],
    ...         "drug": ["prednisone", "prednisone"],
    ...         "dose": [20.0, 5.0],
    ...         "start": [-60, 31],
    ...         "end": [30, 90],
    ...     }
    ... )
    >>> found = therapy(rows, unit="mg", frequency="QD", until=180)
    >>> found.agents.select("baseline", "decrease", "reduced_on", "stopped_on").row(0)
    (20.0, 100.0, 31, 91)
    """
    chosen = Options() if options is None else options
    _check(chosen)
    needed = {"patient": patient, "drug": drug, "dose": dose, "start": start, "end": end}
    named = {"unit": unit, "frequency": frequency, "purpose": purpose, "route": route}
    if by_patient.is_grouped(df):
        columns = _columns(list(df.columns), needed, named, until)
        agents, patients, daily = therapy_by_patient.frames(df, columns, chosen)
        return TherapyFrames(agents(), patients, daily)
    frame = nw.from_native(df)
    columns = _columns(list(frame.collect_schema()), needed, named, until)
    if isinstance(frame, nw.DataFrame) and frame[patient].is_null().any():
        raise RecordError(
            f'column "{patient}" has empty cells: every row needs its patient', column=patient
        )
    rows, problems = _rows(frame, columns, chosen)
    days = held(spans(_parts(rows, chosen), rows, chosen))
    agents = held(measured(days, chosen))
    return TherapyFrames(
        _native(agents),
        lambda: _native(_patients(agents, problems, chosen)),
        lambda: _native(_daily(days)),
    )


def _check(options: Options) -> None:
    if options.overlap == "latest_start":
        raise NotPermittedError(
            'overlap="latest_start" is not known to columns: assess these patients one by one',
            field="overlap",
            given=options.overlap,
        )
    if options.baseline[1] >= options.first_day:
        raise NotPermittedError(
            "columns need a baseline window that ends before the first day that counts",
            field="baseline",
            given=options.baseline,
        )


def _columns(
    there: list[str], needed: dict[str, str], named: dict[str, str | None], until: str | int
) -> Columns:
    asked: dict[str, Any] = dict(needed)
    asked |= {role: name for role, name in named.items() if role in {"purpose", "route"} and name}
    if isinstance(until, str):
        asked["until"] = until
    for role, name in asked.items():
        if name not in there:
            raise UnknownTermError(
                f'no column "{name}" for {role}: columns are {", ".join(there)}',
                field=role,
                given=name,
            )
    found = {role: named[role] or (role if role in there else None) for role in named}
    return Columns(**needed, **found, until=until)  # type: ignore[arg-type]  # checked above


def _rows(frame: Frame, columns: Columns, options: Options) -> tuple[Frame, Frame]:
    """Return the records that count, cut to the window, and one row per patient."""
    rows = _judged(read(frame, columns, options))
    last = rows.group_by("patient").agg(
        nw.col("_last").min().alias("last"),
        nw.col("_problem").max().alias("_problem"),
        nw.col("_wrong").max().alias("_wrong"),
    )
    if options.new_therapy == "ends":
        begun = rows.filter(nw.col("_begins")).group_by("patient", "_drug")
        new = begun.agg(nw.col("_start").min().alias("_new")).filter(nw.col("_new") > 0)
        first = new.group_by("patient").agg(nw.col("_new").min().alias("_new"))
        last = last.join(first, on="patient", how="left")
        earlier = ~nw.col("_new").is_null() & (nw.col("_new") < nw.col("last"))
        last = last.with_columns(
            last=nw.when(earlier).then(nw.col("_new")).otherwise(nw.col("last"))
        )
    missing = nw.col("last").is_null()
    last = last.with_columns(
        last=nw.when(missing).then(nw.lit(float(NEVER))).otherwise(nw.col("last")).cast(nw.Int64)
    )
    early = nw.col("last") < options.first_day
    last = held(last.with_columns(_problem=number(early, 7, nw.col("_problem"))))
    rows = rows.filter(nw.col("_counts")).join(last.select("patient", "last"), on="patient")
    shared = _shared(rows, options)
    last = last.join(shared, on="patient", how="left")
    other, own = nw.col("_shared").fill_null(0).cast(nw.Int64), nw.col("_problem").cast(nw.Int64)
    worse = nw.when(other > own).then(other).otherwise(own)
    problems = held(last.with_columns(_problem=worse))
    sound = problems.filter((nw.col("_problem") == 0) & (nw.col("_wrong") == "")).select("patient")
    return held(rows.join(sound, on="patient")), problems


def _judged(rows: Frame) -> Frame:
    """Add the number of what is wrong with a row, and make days whole numbers."""
    start, dose = nw.col("_start"), nw.col("_dose")
    ongoing = nw.col("_end").is_null()
    end = nw.when(ongoing & nw.col("_once")).then(start).otherwise(nw.col("_end"))
    rows = rows.with_columns(_end=end)
    end = nw.col("_end")
    present = ~dose.is_null()
    problem = number(start.is_null(), 1, 0)
    problem = number(~end.is_null() & (end < start), 2, problem)
    problem = number(nw.col("_once") & ~end.is_null() & (end != start), 3, problem)
    several = end.is_null() | (end != start)
    problem = number(present & (nw.col("_said") == 1) & several, 8, problem)
    problem = number(present & (nw.col("_said") == 2), 9, problem)
    problem = number(present & (nw.col("_said") == 3), 10, problem)
    problem = number(~dose.is_null() & ((dose < 0) | (dose > LARGEST)), 4, problem)
    for name in ("_start", "_end", "_last"):
        day = nw.col(name)
        odd = (day % 1 != 0) | (day > _FARTHEST) | (day < -_FARTHEST)
        problem = number(~day.is_null() & odd, 11, problem)
    rows = rows.with_columns(_problem=problem)
    # such a day would make as many rows; its patient has no result, whatever stands for it
    odd = nw.col("_problem") == 11
    return rows.with_columns(
        **{
            name: nw.when(~odd).then(nw.col(name)).otherwise(nw.lit(0.0))
            for name in ("_start", "_end", "_last")
        }
    )


def _shared(rows: Frame, options: Options) -> Frame:
    """Return per patient whether records of one drug share a day, or differ in their units."""
    units = rows.filter(~nw.col("_dose").is_null()).group_by("patient", "_agent").agg(
        nw.col("_unit").min().alias("_low"), nw.col("_unit").max().alias("_high")
    )  # fmt: skip
    pooled = (nw.col("_agent") == "glucocorticoids") & (nw.col("_high") != "mg")
    mixed = units.filter((nw.col("_low") != nw.col("_high")) | pooled)
    found = mixed.select("patient").unique().with_columns(_shared=nw.lit(6))
    if options.overlap == "sum":
        return found
    keys, order = ("patient", "_drug"), ("_start", "_stop")
    # overlaps after the window are told as well: they are mistakes in the same records
    ongoing = nw.col("_end").is_null()
    stop = nw.when(ongoing).then(nw.col("last").cast(nw.Float64)).otherwise(nw.col("_end"))
    dated = rows.filter(~nw.col("_start").is_null()).with_columns(_stop=stop).select(*keys, *order)
    # of two neighbors the second starts too early as soon as any pair shares a day
    if isinstance(dated, nw.LazyFrame):
        before = nw.col("_stop").shift(1).over(*keys, order_by=order)
        dated = dated.with_columns(_before=before)
        twice = dated.filter(nw.col("_before") >= nw.col("_start"))
    else:
        dated = dated.sort(*keys, *order)
        same = nw.col("patient") == nw.col("patient").shift(1)
        same = same & (nw.col("_drug") == nw.col("_drug").shift(1))
        twice = dated.filter(same & (nw.col("_stop").shift(1) >= nw.col("_start")))
    shared = twice.select("patient").unique().with_columns(_shared=nw.lit(5))
    both = nw.concat([found, shared], how="vertical")
    return both.group_by("patient").agg(nw.col("_shared").max().alias("_shared"))


def _cut(rows: Frame) -> Frame:
    """Add the last day of each record within the window."""
    beyond = nw.col("_end").is_null() | (nw.col("_end") > nw.col("last"))
    stop = nw.when(beyond).then(nw.col("last").cast(nw.Float64)).otherwise(nw.col("_end"))
    rows = rows.filter(~nw.col("_start").is_null())
    rows = rows.with_columns(_stop=stop.cast(nw.Int64), _start=nw.col("_start").cast(nw.Int64))
    return rows.filter(nw.col("_start") <= nw.col("_stop"))


def _parts(rows: Frame, options: Options) -> Frame:
    """Return what each record, and each dose of an event-type drug, gives from day to day."""
    cut = _cut(rows)
    known = ~nw.col("_dose").is_null() & (nw.col("_times") >= 0)
    filled = nw.when(known).then(nw.col("_dose") * nw.col("_times")).otherwise(nw.lit(0.0))
    cut = cut.with_columns(
        _amount=filled.round(0).cast(nw.Int64), _unknown=number(known, 0, 1).cast(nw.Int64)
    )
    kept = (*KEYS, "_unit", "last", "_start", "_stop", "_amount", "_unknown")
    days = cut.filter(nw.col("_window") == 0).select(*kept)
    events = cut.filter(nw.col("_window") > 0)
    steps = (nw.col("_stop") - nw.col("_start")) // nw.col("_step") + 1
    events = repeated(events.with_columns(_n=steps.cast(nw.Int64)), "_n")
    on = nw.col("_start") + nw.col("_k") * nw.col("_step")
    stop = on + nw.col("_window") - 1
    events = events.with_columns(
        _start=on.cast(nw.Int64),
        _stop=nw.when(stop > nw.col("last")).then(nw.col("last")).otherwise(stop).cast(nw.Int64),
    )
    parts = nw.concat([days, events.select(*kept)], how="vertical")
    return parts.filter(nw.col("_stop") >= options.baseline[0])


def _patients(agents: Frame, problems: Frame, options: Options) -> Frame:
    """Return one row per patient: how many agents, reduced and stopped, and the composite."""
    was, now = nw.col("_taken"), nw.col("_now")
    share, margin = float(options.share) * 100, 1e-9
    limit = share * (1 + margin) if options.strict else share * (1 - margin)
    more = nw.col("decrease") > limit if options.strict else nw.col("decrease") >= limit
    less = was & ~nw.col("decrease").is_null() & more
    counted = agents.with_columns(
        _b=number(was, 1, 0),
        _a=number(now, 1, 0),
        _r=number(less, 1, 0),
        _s=number(was & ~now, 1, 0),
        _d=nw.when(was).then(nw.col("decrease")),
        _open=number(was & nw.col("decrease").is_null(), 1, 0),
    )
    names = {"before": "_b", "after": "_a", "reduced": "_r", "stopped": "_s"}
    totals = counted.group_by("patient").agg(
        *(nw.col(column).sum().alias(name) for name, column in names.items()),
        nw.col("_d").mean().alias("composite"),
        nw.col("_open").sum().alias("_open"),
    )
    text: Any = nw.col("_wrong")
    for code, words in PROBLEMS.items():
        text = nw.when(nw.col("_problem") == code).then(nw.lit(words)).otherwise(text)
    wrong = (nw.col("_problem") > 0) | (nw.col("_wrong") != "")
    found = problems.with_columns(problem=nw.when(wrong).then(text))
    found = found.join(totals, on="patient", how="left")
    sound = nw.col("problem").is_null()
    filled = {name: nw.when(sound).then(nw.col(name).fill_null(0)) for name in names}
    whole = nw.when(nw.col("_open") == 0).then(nw.col("composite"))
    found = found.with_columns(**filled, composite=whole, last=nw.when(sound).then(nw.col("last")))
    found = found.select("patient", "last", *names, "composite", "problem")
    return found if isinstance(found, nw.LazyFrame) else found.sort("patient")


def _daily(days: Frame) -> Frame:
    """Return one row per day of each span."""
    counted = days.with_columns(_n=nw.col("_next") - nw.col("day"))
    rows = repeated(counted, "_n")
    known = nw.col("_open") == 0
    rows = rows.select(
        "patient",
        agent=nw.col("_agent"),
        unit=nw.col("_unit"),
        day=nw.col("day") + nw.col("_k"),
        dose=nw.when(known).then(nw.col("_amount").cast(nw.Float64) / SCALE),
    )
    return rows if isinstance(rows, nw.LazyFrame) else rows.sort("patient", "agent", "day")


def _native(frame: Frame) -> Any:
    kept = [name for name in frame.collect_schema().names() if not name.startswith("_")]
    native = frame.select(*kept).to_native()
    if not frame.implementation.is_pandas():
        return native
    whole = [name for name in native.columns if name in _DAYS]
    return native.astype(dict.fromkeys(whole, "Int64")).reset_index(drop=True)


__all__ = ["TherapyFrames", "therapy"]
