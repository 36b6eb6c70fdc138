"""The scalar walk through an engine's own grouped-apply, for PySpark and Dask."""

from __future__ import annotations

import math
from functools import partial
from typing import Any

from itp_carT.errors import ItpCarTError, RecordError
from itp_carT.response.course import assess
from itp_carT.response.criteria import Criteria
from itp_carT.response.records import Count, Rescue
from itp_carT.response.result import Episode, ResponseCourse
from itp_carT.units import value_in

from .timed import check_windows
from .visits import Columns

_DAY, _TEXT, _FLAG, _NUMBER = "long", "string", "boolean", "double"
_PATIENT: dict[str, str] = {
    "baseline": _NUMBER,
    "problem": _TEXT,
    "best": _TEXT,
    "responded_on": _DAY,
    "time_to_response": _DAY,
    "duration": _DAY,
    "event": _FLAG,
    "lost_on": _DAY,
    "ended_by": _TEXT,
    "complete_on": _DAY,
    "complete_duration": _DAY,
    "complete_event": _FLAG,
    "complete_lost_on": _DAY,
    "complete_ended_by": _TEXT,
    "flags": _TEXT,
}
_VISIT: dict[str, str] = {
    "day": _DAY,
    "platelets": _NUMBER,
    "bleeding": _FLAG,
    "status": _TEXT,
    "used": _FLAG,
    "why_not": _TEXT,
}
_DTYPES = {_DAY: "Int64", _TEXT: "object", _FLAG: "boolean", _NUMBER: "float64"}
_REASONS = {"not used: no count": "no count", "not used: before infusion": "before infusion"}


def is_grouped(df: Any) -> bool:
    """Say whether the frame is PySpark's or Dask's, without loading either."""
    return type(df).__module__.partition(".")[0] in {"pyspark", "dask", "dask_expr"}


def patients(df: Any, criteria: Criteria, columns: Columns) -> Any:
    """Return one row per patient."""
    rows = partial(_assessed, _patient_rows, criteria, columns)
    return grouped(df, rows, columns.patient, _PATIENT)


def visits(df: Any, criteria: Criteria, columns: Columns) -> Any:
    """Return one row per visit."""
    rows = partial(_assessed, _visit_rows, criteria, columns)
    return grouped(df, rows, columns.patient, _VISIT)


def timed(df: Any, criteria: Criteria, columns: Columns) -> Any:
    """Return one row per patient with the outcomes at a time."""
    check_windows(criteria.options.windows)
    terms = {term.key: _FLAG for term in criteria.terms}
    rows = partial(_assessed, _timed_rows, criteria, columns)
    return grouped(df, rows, columns.patient, {"at_month_6": _TEXT, **terms})


def grouped(df: Any, rows: Any, patient: str, schema: dict[str, str]) -> Any:
    """Return the rows that a function makes of each patient's part of a frame.

    Parameters
    ----------
    df
        A frame of PySpark or Dask.
    rows
        What makes a list of rows, each a dictionary, of a pandas frame.
    patient
        Column of the patient.
    schema
        Columns of the rows, and what they hold: long, string, boolean or double.
    """
    of = _spark if type(df).__module__.startswith("pyspark") else _dask
    return of(df, partial(_apply, rows, patient, schema), patient, schema)


def _spark(df: Any, apply: Any, patient: str, schema: dict[str, str]) -> Any:
    from pyspark.sql.types import StructField, StructType, _parse_datatype_string

    kinds = [StructField("patient", df.schema[patient].dataType)]
    kinds += [StructField(name, _parse_datatype_string(kind)) for name, kind in schema.items()]
    kept = StructType(kinds)
    return df.groupBy(patient).applyInPandas(lambda part: apply(part), kept)  # noqa: PLW0108 - Spark asks for type hints, which a partial cannot tell


def _dask(df: Any, apply: Any, patient: str, schema: dict[str, str]) -> Any:
    import pandas as pd

    empty = {name: pd.Series(dtype=_DTYPES[kind]) for name, kind in schema.items()}
    meta = pd.DataFrame({"patient": pd.Series(dtype=df.dtypes[patient]), **empty})
    parts = df.groupby(patient, group_keys=False)[list(df.columns)]
    return parts.apply(apply, meta=meta).reset_index(drop=True)


def _apply(rows: Any, patient: str, schema: dict[str, str], part: Any) -> Any:
    """Make the rows of one patient a frame of the kinds that were promised."""
    import pandas as pd

    found = pd.DataFrame(rows(part) if len(part) else [], columns=list(schema))
    found = found.astype({name: _DTYPES[kind] for name, kind in schema.items()})
    found.insert(0, "patient", part[patient].iloc[0] if len(part) else None)
    return found


def _assessed(make: Any, criteria: Criteria, columns: Columns, part: Any) -> Any:
    """Assess the rows of one patient."""
    problem, course = "", None
    try:
        course = _course(part, criteria, columns)
    except ItpCarTError as error:
        problem = str(error)
    return make(course, problem)


def _course(part: Any, criteria: Criteria, columns: Columns) -> ResponseCourse:
    counts, rescues = [], []
    for row in part.to_dict("records"):
        if cell(row[columns.day]) is None:
            raise RecordError("is missing", field="day")
        day = int(row[columns.day])
        count = cell(row[columns.platelets])
        unit = row.get(columns.unit, columns.unit)
        said = None if columns.bleeding is None else cell(row[columns.bleeding])
        kind = None if columns.rescue is None else cell(row[columns.rescue])
        if kind is not None:
            end = None if columns.rescue_end is None else cell(row[columns.rescue_end])
            rescues.append(Rescue(kind, day, None if end is None else int(end)))
        number = count if isinstance(count, str) else None if count is None else repr(float(count))
        text = None if number is None else f"{number} {unit}"
        counts.append(Count(day, text, bleeding=said))
    return assess(counts, criteria, rescue=rescues)


def cell(given: Any) -> Any:
    """Return what a cell holds; None where it is null, NaN or empty."""
    empty = given is None or (isinstance(given, float) and math.isnan(given))
    return None if empty or str(given) in {"<NA>", "None", ""} else given


def _patient_rows(course: ResponseCourse | None, problem: str) -> list[dict[str, Any]]:
    if course is None:
        return [{"problem": problem}]
    return [
        {
            "baseline": None if course.baseline is None else value_in(course.baseline, "10^9/L"),
            "best": course.best.name,
            "responded_on": course.responded_on,
            "time_to_response": course.time_to_response,
            "complete_on": course.complete_on,
            **_episode("", course.response),
            **_episode("complete_", course.complete),
            "flags": "; ".join(course.flags),
        }
    ]


def _timed_rows(course: ResponseCourse | None, _: str) -> list[dict[str, Any]]:
    return [{}] if course is None else [{"at_month_6": course.at_month_6.name, **course.terms}]


def _episode(prefix: str, part: Episode | None) -> dict[str, Any]:
    if part is None:
        return {}
    ended_by = part.why.partition(":")[0] if part.event else "last assessment in response"
    return {
        f"{prefix}duration": part.days,
        f"{prefix}event": part.event,
        f"{prefix}lost_on": part.end if part.event else None,
        f"{prefix}ended_by": ended_by,
    }


def _visit_rows(course: ResponseCourse | None, _: str) -> list[dict[str, Any]]:
    if course is None:
        return []
    return [
        {
            "day": visit.day,
            "platelets": visit.platelets,
            "bleeding": visit.bleeding,
            "status": visit.status.name,
            "used": visit.used,
            "why_not": "" if visit.used else _REASONS.get(visit.reason, "barred by rescue"),
        }
        for visit in course.visits
    ]
