"""The same tables over columns: pandas, Polars, PyArrow, DuckDB and other engines of narwhals.

One rule, read as `itp_carT.verdict` reads it for one patient: three-valued, with the published
limits of the row's own unit. What is missing is never a grade and always has a reason. Built on
narwhals; an engine is loaded only when a frame of it is given.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from itp_carT.errors import UnknownTermError
from itp_carT.rules import Table

from .attendance import assign_visits
from .bleeding import bleeding_score
from .concomitant import TherapyFrames, therapy
from .course import ResponseFrames, response
from .crs_days import crs
from .icans_days import icans
from .long import OUTPUTS, grade_long
from .questionnaires import scales
from .study import StudyTables, study_tables
from .wide import Column as col  # noqa: N813 - reads as a word: frames.col("PLT", unit="K/uL")
from .wide import grade_wide


def grade(
    df: Any,
    tables: Table | tuple[Table, ...],
    columns: Mapping[Any, col] | None = None,
    *,
    term: str | None = None,
    analyte: str | None = None,
    value: str | None = None,
    unit: str | None = None,
    lln: str | None = None,
    uln: str | None = None,
    baseline: str | None = None,
    baseline_lln: str | None = None,
    baseline_uln: str | None = None,
    baseline_flag: str | None = None,
    is_baseline: str | None = None,
    facts: Mapping[str, str] | None = None,
    overwrite: bool = False,
    keep_order: bool = True,
) -> Any:
    """Grade every row of a frame; rows, their order and all other columns stay.

    A **long** frame has one measured value per row: columns ``term``, ``value``, ``unit``,
    ``lln``, ``uln``, ``baseline`` and, where known, ``baseline_flag``, ``is_baseline``,
    ``symptomatic`` or ``anticoagulated``. Terms go by name, name with variant or MedDRA code in
    any case; units by the library's table of spellings, any mixture; ``lln``, ``uln`` and
    ``baseline`` are in the unit of their row. Added are ``grade`` (settled, else null),
    ``grade_worst`` and ``grade_mildest`` (what the facts still allow), and ``reason`` (why
    ``grade`` is null). A row without a value has no ``grade_worst`` either.

    A **wide** frame has one column per measure: pass ``columns``; each table adds the same four,
    under its own name, e.g. ``anemia_grade``.

    Parameters
    ----------
    df
        A frame of pandas, Polars (eager or lazy), PyArrow, DuckDB, PySpark or Dask.
    tables
        The rules, e.g. ``ctcae_v5.LABORATORY``. A long frame grades those of one measure; rows of
        other terms get a reason.
    columns
        For a wide frame: measure (or its name) to `col`.
    term, analyte, value, unit, lln, uln, baseline, baseline_lln, baseline_uln
        Names of the columns of a long frame; by default those of the parameters, where they
        exist. ``analyte`` picks among the variants of a term, or stands for a term that is the
        only one about it. ``baseline_lln`` and ``baseline_uln`` are the range printed with the
        baseline sample.
    baseline_flag
        How the laboratory flagged the baseline: low, normal or high, or L, N, H.
    is_baseline
        Whether the row is the baseline sample itself: yes or no.
    facts
        Facts that tables ask for, by key, and their columns; a column that has the key of a fact
        as its name is found without.
    overwrite
        Replace columns that have the names of the results.
    keep_order
        On DuckDB a long frame has to be sorted to keep its order, which takes longer than the
        grading; False leaves that out.

    Returns
    -------
    A frame of the same engine; lazy where it was lazy. Row order is kept by engines that have
    one (not by Spark).

    Raises
    ------
    UnknownTermError
        A column that is not there, or a fact no table asks for.
    RecordError
        A column that has the name of a result, or one of numbers that holds text.
    NotPermittedError
        A table of several measures for a long frame, or an engine that is not known.

    Examples
    --------
    >>> import polars as pl
    >>> from itp_carT.toxicity import ctcae_v5
    >>> labs = pl.DataFrame(
    ...     {
    ...         "term": ["anemia", "Platelet count decreased", "anemia"],
    ...         "value": [7.9, 61000.0, 112.0],
    ...         "unit": ["g/dL", "/mm3", "g/L"],
    ...     }
    ... )
    >>> graded = grade(labs, ctcae_v5.LABORATORY)
    >>> graded["grade"].to_list(), graded["reason"][2]
    ([3, 2, None], 'not settled: give the lower limit of normal')
    """
    given = (tables,) if isinstance(tables, Table) else tuple(tables)
    if not given:
        raise UnknownTermError("no tables were given: pass e.g. ctcae_v5.LABORATORY")
    if columns is not None:
        return grade_wide(df, given, columns, facts, isinstance(tables, Table), overwrite)
    names = {
        "term": term,
        "analyte": analyte,
        "value": value,
        "unit": unit,
        "lln": lln,
        "uln": uln,
        "baseline": baseline,
        "baseline_lln": baseline_lln,
        "baseline_uln": baseline_uln,
        "baseline_flag": baseline_flag,
        "is_baseline": is_baseline,
    }
    return grade_long(df, given, names, facts, overwrite, keep_order)


__all__ = [
    "OUTPUTS",
    "ResponseFrames",
    "StudyTables",
    "TherapyFrames",
    "assign_visits",
    "bleeding_score",
    "col",
    "crs",
    "grade",
    "icans",
    "response",
    "scales",
    "study_tables",
    "therapy",
]
