"""The scalar assessment of therapy through an engine's own grouped-apply, for PySpark and Dask."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from itp_carT.errors import ItpCarTError, RecordError
from itp_carT.therapy.course import TherapyCourse, assess
from itp_carT.therapy.options import Options
from itp_carT.therapy.records import DoseRecord

from .by_patient import cell, grouped
from .doses import Columns

_DAY, _TEXT, _NUMBER = "long", "string", "double"
_AGENT = {
    "agent": _TEXT, "unit": _TEXT, "baseline": _NUMBER, "current": _NUMBER, "average": _NUMBER,
    "decrease": _NUMBER, "average_decrease": _NUMBER, "why_not": _TEXT, "reduced_on": _DAY,
    "pending_since": _DAY, "stopped_on": _DAY, "longest": _DAY, "cumulative": _DAY,
    "current_run": _DAY, "last": _DAY,
}  # fmt: skip
_PATIENT = {
    "last": _DAY, "before": _DAY, "after": _DAY, "reduced": _DAY, "stopped": _DAY,
    "composite": _NUMBER, "problem": _TEXT,
}  # fmt: skip
_DAILY = {"agent": _TEXT, "unit": _TEXT, "day": _DAY, "dose": _NUMBER}


def frames(
    df: Any, columns: Columns, options: Options
) -> tuple[Callable[[], Any], Callable[[], Any], Callable[[], Any]]:
    """Return what makes the frames of agents, of patients and of days."""

    def of(make: Any, schema: dict[str, str]) -> Callable[[], Any]:
        rows = partial(_rows, make, columns, options)
        return lambda: grouped(df, rows, columns.patient, schema)

    return of(_agents, _AGENT), of(_patients, _PATIENT), of(_daily, _DAILY)


def _rows(make: Any, columns: Columns, options: Options, part: Any) -> list[dict[str, Any]]:
    problem, course = "", None
    try:
        course = _course(part, columns, options)
    except ItpCarTError as error:
        problem = str(error)
    found: list[dict[str, Any]] = make(course, problem)
    return found


def _course(part: Any, columns: Columns, options: Options) -> TherapyCourse:
    records, last = [], []
    for row in part.to_dict("records"):

        def value(name: str | None, row: Any = row) -> Any:
            return None if name is None else cell(row[name]) if name in row else name

        start, end, dose = (cell(row[name]) for name in (columns.start, columns.end, columns.dose))
        if start is None:
            raise RecordError("is missing", field="start")
        last.append(columns.until if isinstance(columns.until, int) else value(columns.until))
        amount = None if dose is None else f"{float(dose)!r} {value(columns.unit) or ''}"
        records.append(
            DoseRecord(
                value(columns.drug), amount, value(columns.frequency), start=int(start),
                end=None if end is None else int(end), purpose=value(columns.purpose),
                route=value(columns.route),
            )
        )  # fmt: skip
    if None in last:
        raise RecordError("is missing", field="until")
    return assess(records, until=int(min(last)), options=options)


def _number(given: Any) -> float | None:
    return None if given is None else float(given)


def _agents(course: TherapyCourse | None, _: str) -> list[dict[str, Any]]:
    return [
        {
            "agent": agent.name,
            "unit": agent.unit,
            "baseline": _number(agent.baseline.exact),
            "current": _number(agent.current.exact),
            "average": _number(agent.average.exact),
            "decrease": _number(agent.decrease.exact),
            "average_decrease": _number(agent.average_decrease.exact),
            "why_not": agent.decrease.why_not.partition(":")[0] or None,
            "reduced_on": agent.reduction.on,
            "pending_since": agent.reduction.pending_since,
            "stopped_on": agent.discontinuation.stopped_on,
            "longest": agent.discontinuation.longest,
            "cumulative": agent.discontinuation.cumulative,
            "current_run": agent.discontinuation.current,
            "last": agent.series.last,
        }
        for agent in (course.agents if course else ())
    ]


def _patients(course: TherapyCourse | None, problem: str) -> list[dict[str, Any]]:
    if course is None:
        return [{"problem": problem}]
    found = course.combined()
    return [
        {
            "last": course.last,
            "before": len(found.before),
            "after": len(found.after),
            "reduced": len(found.reduced),
            "stopped": len(found.stopped),
            "composite": _number(found.composite),
        }
    ]


def _daily(course: TherapyCourse | None, _: str) -> list[dict[str, Any]]:
    return [
        {"agent": agent.name, "unit": agent.unit, "day": day, "dose": _number(dose)}
        for agent in (course.agents if course else ())
        for day, dose in agent.series.daily()
        if day >= (course.options.baseline[0] if course else 0)
    ]


__all__ = ["frames"]
