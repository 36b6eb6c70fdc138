"""ICANS by ASTCT 2019 over columns: one assessment per row, the grade with its scale per row.

The rule is `itp_carT.toxicity.icans_2019.ICANS` and the words are those of `icans`. A missing ICE
score keeps grades possible and is named as incomplete, also where it cannot change the grade.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import narwhals.stable.v2 as nw

from itp_carT.points import Points
from itp_carT.toxicity import icans_2019 as scale
from itp_carT.toxicity.ice import Ice
from itp_carT.toxicity.scales import ICANS_ASTCT_2019

from . import cleaning, engines
from .cases import Cases, Fault, Known, results, yes_no
from .conditions import Span, Truth, both, expression
from .findings import EMPTY, UNREADABLE, Measured, Words, coded, find, one_of, several_of, unit_of
from .order import number

OUTPUTS = (
    *("icans_grade", "icans_grade_worst", "icans_grade_mildest", "icans_reason"),
    *("icans_incomplete", "icans_scale"),
)
_WORDS = {
    "consciousness": Words(scale.Consciousness, scale.CONSCIOUSNESS_WORDS),
    "seizure": Words(scale.Seizure, scale.SEIZURE_WORDS),
    "motor": Words(scale.Motor, scale.MOTOR_WORDS),
    "pressure": Words(scale.Pressure, scale.PRESSURE_WORDS),
}
_TASKS = dict(Ice.TASKS)
_CLINICAL = list(scale.Seizure).index(scale.Seizure.CLINICAL)
_UNAROUSABLE = list(scale.Consciousness).index(scale.Consciousness.UNAROUSABLE)
#: The case of a patient with ICE points whose consciousness nobody reported.
_PRESUMED = len(scale.Consciousness)
_DURATION = scale.SEIZURE_DURATION
_CONSCIOUSNESS = "consciousness"


def icans(
    df: Any,
    *,
    ice: str | None = None,
    consciousness: str | None = None,
    seizure: str | None = None,
    seizure_duration: str | None = None,
    seizure_duration_unit: str | None = None,
    motor: str | None = None,
    pressure: str | None = None,
    death: str | None = None,
    overwrite: bool = False,
) -> Any:
    """Grade ICANS by ASTCT 2019 in every row of a frame; rows, order and other columns stay.

    Columns that have the name of a parameter are found without. What is not there of seizure,
    motor findings, pressure and death counts as none, as it does for one patient; a missing ICE
    score or consciousness does not.

    Parameters
    ----------
    df
        A frame of pandas, Polars (eager or lazy), PyArrow, DuckDB, PySpark or Dask, one
        assessment of a patient and day per row.
    ice
        Column of the ICE score, 0 to 10. The points of its tasks are read from columns
        ``orientation``, ``naming``, ``command``, ``writing`` and ``counting`` in rows without a
        score.
    consciousness, seizure, motor, pressure
        Columns of words, as `itp_carT.toxicity.icans_2019.icans` reads them; several signs of
        pressure are joined with ``+``.
    seizure_duration
        Column of the duration of a clinical seizure [min].
    seizure_duration_unit
        Column of its unit, or the unit of every row; needed where there are durations.
    death
        Column of yes or no.
    overwrite
        Replace columns that have the names of the results.

    Returns
    -------
    The frame with ``icans_grade`` (null while open), ``icans_grade_worst`` and
    ``icans_grade_mildest`` (what the findings still allow), ``icans_reason`` (why ``icans_grade``
    is null, else null), ``icans_incomplete`` (what of the ICE score and consciousness was not
    assessed, else null), and ``icans_scale``. A row that cannot be read has no grades at all.

    Raises
    ------
    UnknownTermError
        A column that was named and is not there, or no column of findings.
    UnitRequiredError
        Durations without a unit.
    RecordError
        A column that has the name of a result, or one of numbers that holds text.

    Examples
    --------
    >>> import polars as pl
    >>> days = pl.DataFrame(
    ...     {
    ...         "ice": [7, None, 0],
    ...         "consciousness": ["awake", "awakens to voice", "unarousable"],
    ...     }
    ... )
    >>> icans(days).select("icans_grade", "icans_grade_mildest", "icans_incomplete").rows()
    [(1, 1, None), (None, 2, 'ICE score'), (4, 4, None)]
    """
    named = {
        "ice": ice,
        **dict.fromkeys(_TASKS),
        "consciousness": consciousness,
        "seizure": seizure,
        "seizure_duration": seizure_duration,
        "motor": motor,
        "pressure": pressure,
        "death": death,
    }
    return _graded(df, named, seizure_duration_unit, overwrite)


def _graded(
    df: Any, named: dict[str, str | None], duration_unit: str | None, overwrite: bool
) -> Any:
    if engines.is_dask(df):
        return engines.by_partition(df, _graded, named, duration_unit, overwrite)
    frame: Any = nw.from_native(df)
    schema = cleaning.kinds(frame)
    kept = engines.refuse_taken(list(schema), OUTPUTS, overwrite)
    there = find(schema, named)
    duration = _duration(there, duration_unit, schema)
    points = [name for name in ("ice", *_TASKS) if name in there]
    frame = cleaning.numbers(
        frame,
        {f"_itp_{name}": cleaning.number(there[name], schema) for name in points}
        | ({} if duration is None else {"_itp_duration": duration.value(schema)}),
    )
    frame = frame.with_columns(**_score(points), **_cases(frame, schema, there))
    frame = frame.with_columns(_itp_level=_level(there))
    known = _known(there, duration)
    faults = _faults(there, schema, points, duration)
    lacking = _lacking(points)
    asking = {**lacking, _DURATION.label: _untimed(there, known)}
    frame = results(frame, "icans", known.grades(), faults, lambda _: asking)
    frame = frame.with_columns(
        icans_incomplete=_listed(lacking), icans_scale=nw.lit(ICANS_ASTCT_2019.key)
    )
    return engines.finish(frame, [*kept, *OUTPUTS], OUTPUTS[:3])


def _duration(
    there: Mapping[str, str], given: str | None, schema: Mapping[str, Any]
) -> Measured | None:
    if "seizure_duration" not in there:
        return None
    return Measured(
        role="seizure_duration",
        measure=_DURATION,
        unit=_DURATION.unit,
        column=there["seizure_duration"],
        written=unit_of("seizure_duration", given, schema, _DURATION.unit),
        possible=(0.001, 100_000.0),
    )


# --- the ICE score --------------------------------------------------------------------------------


def _score(points: list[str]) -> dict[str, nw.Expr]:
    """Return the least and the most of the ICE score; null where nothing was tested."""
    tasks = [name for name in points if name != "ice"]
    low: Any = nw.lit(None).cast(nw.Float64)
    high: Any = low
    if tasks:
        some = functools.reduce(nw.Expr.__or__, (~nw.col(f"_itp_{t}").is_null() for t in tasks))
        rest = sum(most for name, most in _TASKS.items() if name not in tasks)
        least = sum((nw.col(f"_itp_{t}").fill_null(0.0) for t in tasks), nw.lit(0.0))
        most = sum(
            (nw.col(f"_itp_{t}").fill_null(float(_TASKS[t])) for t in tasks), nw.lit(float(rest))
        )
        low, high = nw.when(some).then(least), nw.when(some).then(most)
    if "ice" in points:
        score = nw.col("_itp_ice")
        low = nw.when(~score.is_null()).then(score).otherwise(low)
        high = nw.when(~score.is_null()).then(score).otherwise(high)
    return {"_itp_least": low, "_itp_most": high}


def _lacking(points: list[str]) -> dict[str, Truth]:
    """Return what was not assessed of the ICE score and of consciousness, and where."""
    untested = nw.col("_itp_least").is_null()
    found: dict[str, Truth] = {scale.ICE.label: untested}
    by_task = ~untested if "ice" not in points else ~untested & nw.col("_itp_ice").is_null()
    for task in _TASKS:
        missing = nw.col(f"_itp_{task}").is_null() if task in points else nw.lit(True)
        if any(name in points for name in _TASKS):
            found[f"ICE {task}"] = by_task & missing
    return found | {_CONSCIOUSNESS: nw.col("_itp_level") == EMPTY}


def _listed(lacking: Mapping[str, Truth]) -> nw.Expr:
    """Return the labels that apply to a row, joined; null where none does."""
    pieces = [nw.when(expression(one)).then(nw.lit(label)) for label, one in lacking.items()]
    some = functools.reduce(nw.Expr.__or__, (expression(one) for one in lacking.values()))
    return nw.when(some).then(nw.concat_str(*pieces, separator=", ", ignore_nulls=True))


# --- words into cases -----------------------------------------------------------------------------


def _signs(word: str) -> int:
    """Return 1 for focal edema, 2 for other signs of raised pressure, and their sum for both."""
    told = scale.statements(pressure=word)
    return int(told[scale.FOCAL_EDEMA]) + 2 * int(told[scale.RAISED_PRESSURE])


def _signs_among(among: Mapping[Any, nw.Expr]) -> nw.Expr:
    plain = (scale.Pressure.NONE, scale.Pressure.FOCAL)
    raised = functools.reduce(
        nw.Expr.__or__, (listed for sign, listed in among.items() if sign not in plain)
    )
    return number(among[scale.Pressure.FOCAL], 1, 0) + number(raised, 2, 0)


def _answer(role: str, word: str) -> int:
    words = _WORDS[role]
    return list(words.kind).index(words.read(word, role))


def _cases(frame: Any, schema: Mapping[str, Any], there: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Return the columns of words as numbers."""
    found: dict[str, nw.Expr] = {}
    for role in ("consciousness", "seizure", "motor"):
        if role in there:
            read = functools.partial(_answer, role)
            found[f"_itp_{role}"] = coded(frame, schema, there[role], read, one_of(_WORDS[role]))
    if "pressure" in there:
        case = several_of(_WORDS["pressure"], _signs_among)
        found["_itp_pressure"] = coded(frame, schema, there["pressure"], _signs, case)
    if "death" in there:
        found["_itp_death"] = cleaning.answer(there["death"], schema).cast(nw.Int8)
    return found


def _level(there: Mapping[str, str]) -> nw.Expr:
    """Return the level of consciousness; awake is presumed with ICE points."""
    told = nw.col("_itp_consciousness") if "consciousness" in there else nw.lit(EMPTY)
    presumed = (told == EMPTY) & ~nw.col("_itp_least").is_null() & (nw.col("_itp_least") > 0)
    return number(presumed, _PRESUMED, told).cast(nw.Int16)


@cache
def _truths() -> dict[str, dict[int, dict[str, Any]]]:
    """Return what each case of each column of words says."""

    def said(**finding: Any) -> dict[str, Any]:
        return {fact.key: holds for fact, holds in scale.statements(**finding).items()}

    found: dict[str, dict[int, dict[str, Any]]] = {
        role: {EMPTY: {}} | {at: said(**{role: word}) for at, word in enumerate(_WORDS[role].kind)}
        for role in ("consciousness", "seizure", "motor")
    }
    found["consciousness"][_PRESUMED] = said(score=Points(1))
    signs = ((), ("focal edema",), ("papilledema",), ("focal edema", "papilledema"))
    found["pressure"] = {EMPTY: {}} | {at: said(pressure=listed) for at, listed in enumerate(signs)}
    return found


def _known(there: Mapping[str, str], duration: Measured | None) -> Known:
    truths = _truths()
    cases = [Cases(nw.col("_itp_level"), truths["consciousness"])]
    cases += [
        Cases(nw.col(f"_itp_{role}"), truths[role])
        for role in ("seizure", "motor", "pressure")
        if role in there
    ]
    if "death" in there:
        cases.append(yes_no(nw.col("_itp_death"), scale.DEATH))
    spans = {scale.ICE.key: Span(nw.col("_itp_least"), nw.col("_itp_most"), scale.ICE.unit)}
    if duration is not None:
        value = nw.col("_itp_duration")
        spans[_DURATION.key] = Span(value, value, _DURATION.unit)
    return Known(scale.ICANS, tuple(cases), spans)


def _untimed(there: Mapping[str, str], known: Known) -> Truth:
    """Say where a clinical seizure has no duration."""
    if "seizure" not in there:
        return False
    return both(nw.col("_itp_seizure") == _CLINICAL, known.unmeasured(_DURATION.key))


# --- what can be wrong ----------------------------------------------------------------------------


def _faults(
    there: Mapping[str, str],
    schema: Mapping[str, Any],
    points: list[str],
    duration: Measured | None,
) -> Iterator[Fault]:
    for role, words in _WORDS.items():
        if role in there:
            told = words.advice(there[role], several=role == "pressure")
            yield nw.col(f"_itp_{role}") == UNREADABLE, told
    if "death" in there:
        wrong = nw.col("_itp_death") == cleaning.UNREADABLE
        yield wrong, f"{there['death']}: write yes or no"
    for name in points:
        most, value = _TASKS.get(name, 10), nw.col(f"_itp_{name}")
        whole = (value >= 0) & (value <= most) & (value % 1 == 0)
        yield ~value.is_null() & ~whole, f"{there[name]}: write whole points from 0 to {most}"
    tasks = [~nw.col(f"_itp_{name}").is_null() for name in points if name != "ice"]
    if "ice" in points and tasks:
        both_given = ~nw.col("_itp_ice").is_null() & functools.reduce(nw.Expr.__or__, tasks)
        yield both_given, f"{there['ice']}: give the ICE score or its tasks, not both"
    if "consciousness" in there:
        scored = ~nw.col("_itp_least").is_null() & (nw.col("_itp_least") > 0)
        asleep = nw.col("_itp_consciousness") == _UNAROUSABLE
        yield asleep & scored, f"{there['consciousness']}: unarousable with ICE points"
    if duration is not None:
        value = nw.col("_itp_duration")
        yield from duration.faults(schema, value)
        clinical = nw.col("_itp_seizure") == _CLINICAL if "seizure" in there else nw.lit(False)
        told = f'{duration.column}: a duration belongs to a seizure that is "clinical"'
        yield ~value.is_null() & ~clinical, told


__all__ = ["OUTPUTS", "icans"]
