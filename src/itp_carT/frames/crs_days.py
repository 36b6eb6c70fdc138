"""CRS by ASTCT 2019 over columns: one assessment per row, the grade with its scale per row.

The rule is `itp_carT.toxicity.astct_2019.CRS` and the words are those of `CrsFindings`: what
contradicts there is a reason here. An empty cell was not assessed; it keeps grades possible and is
never a mild one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from functools import cache
from itertools import product
from typing import Any

import narwhals.stable.v2 as nw

from itp_carT.analytes import TEMPERATURE
from itp_carT.errors import ItpCarTError
from itp_carT.toxicity import crs_terms as terms
from itp_carT.toxicity.astct_2019 import CRS
from itp_carT.toxicity.crs_findings import CrsFindings
from itp_carT.toxicity.crs_words import (
    HYPOTENSION_WORDS,
    MASKING_WORDS,
    OXYGEN_WORDS,
    VASOPRESSOR_NAMES,
    Hypotension,
    Masking,
    Oxygen,
    Vasopressor,
)
from itp_carT.toxicity.scales import CRS_ASTCT_2019

from . import cleaning, engines
from .cases import Cases, Fault, Known, results, yes_no
from .conditions import Span, Truth, both, either, expression, opposite, pair
from .findings import (
    EMPTY,
    UNREADABLE,
    Measured,
    Words,
    any_of,
    coded,
    find,
    one_of,
    several_of,
    unit_of,
)
from .order import number

OUTPUTS = ("crs_grade", "crs_grade_worst", "crs_grade_mildest", "crs_reason", "crs_scale")
_WORDS = {
    "hypotension": Words(Hypotension, HYPOTENSION_WORDS),
    "vasopressors": Words(Vasopressor, VASOPRESSOR_NAMES),
    "hypoxia": Words(Oxygen, OXYGEN_WORDS),
    "masked_by": Words(Masking, MASKING_WORDS),
}
_LISTED = ("vasopressors", "masked_by")
#: Yes-or-no columns and the facts they tell.
_ANSWERS = {
    "fever_explained": terms.FEVER_EXPLAINED,
    "vasopressin_alone": terms.VASOPRESSIN_COUNTS,
    "death": terms.DEATH,
}
_FACTS = {fact.key for fact in CRS.facts}
#: Drugs that stand for every list: vasopressin or not, and none, one or more others.
_LISTS: tuple[tuple[str, ...], ...] = (
    (), ("vasopressin",), ("dopamine",), ("dopamine", "vasopressin"),
    ("dopamine", "epinephrine"), ("dopamine", "epinephrine", "vasopressin"),
)  # fmt: skip
_STEP = len(_LISTS) + 1
#: A low and a high flow, to see which device agrees with which.
_FLOWS = {"low": terms.LOW_FLOW_LIMIT, "high": "7 L/min"}
_AGREE = "agree"


def crs(
    df: Any,
    *,
    temperature: str | None = None,
    temperature_unit: str | None = None,
    hypotension: str | None = None,
    vasopressors: str | None = None,
    hypoxia: str | None = None,
    flow: str | None = None,
    flow_unit: str | None = None,
    masked_by: str | None = None,
    fever_explained: str | None = None,
    vasopressin_alone: str | None = None,
    death: str | None = None,
    overwrite: bool = False,
) -> Any:
    """Grade CRS by ASTCT 2019 in every row of a frame; rows, order and other columns stay.

    Parameters
    ----------
    df
        A frame of pandas, Polars (eager or lazy), PyArrow, DuckDB, PySpark or Dask, one
        assessment of a patient and day per row.
    temperature, flow
        Columns of the highest temperature of the day [Cel] and of the oxygen flow by nasal
        cannula [L/min].
    temperature_unit, flow_unit
        Columns of their units, or the unit of every row, e.g. ``"Cel"``; needed where there is
        such a column of values.
    hypotension, vasopressors, hypoxia, masked_by
        Columns of words, as `itp_carT.toxicity.crs_findings.CrsFindings` reads them; several
        drugs are joined with ``+``, and ``none`` is none.
    fever_explained, vasopressin_alone, death
        Columns of yes or no. A cause of fever or a death that is not told counts as none.
    overwrite
        Replace columns that have the names of the results.

    Columns that have the name of a parameter are found without. A column that is not there, and
    an empty cell, were not assessed.

    Returns
    -------
    The frame with ``crs_grade`` (null while open), ``crs_grade_worst`` and ``crs_grade_mildest``
    (what the findings still allow), ``crs_reason`` (why ``crs_grade`` is null, else null), and
    ``crs_scale``, the scale of the grades. A row that cannot be read has no grades at all.

    Raises
    ------
    UnknownTermError
        A column that was named and is not there, or no column of findings.
    UnitRequiredError
        Values without a unit.
    RecordError
        A column that has the name of a result, or one of numbers that holds text.

    Notes
    -----
    A temperature that is possible but unusual warns for one patient, and does not here.

    Examples
    --------
    >>> import polars as pl
    >>> days = pl.DataFrame(
    ...     {
    ...         "temperature": [38.6, 39.2, None],
    ...         "hypotension": ["none", "fluids", "none"],
    ...         "hypoxia": ["none", "nasal cannula", "facemask"],
    ...         "flow": [None, 8.0, None],
    ...         "masked_by": ["none", "none", "none"],
    ...     }
    ... )
    >>> graded = crs(days, temperature_unit="Cel", flow_unit="L/min")
    >>> graded.select("crs_grade", "crs_grade_worst", "crs_reason").rows()[1:]
    [(3, 3, None), (None, 3, 'not settled: not told: body temperature')]
    """
    named = {
        "temperature": temperature,
        "hypotension": hypotension,
        "vasopressors": vasopressors,
        "hypoxia": hypoxia,
        "flow": flow,
        "masked_by": masked_by,
        "fever_explained": fever_explained,
        "vasopressin_alone": vasopressin_alone,
        "death": death,
    }
    units = {"temperature": temperature_unit, "flow": flow_unit}
    return _graded(df, named, units, overwrite)


def _graded(
    df: Any, named: dict[str, str | None], units: dict[str, str | None], overwrite: bool
) -> Any:
    if engines.is_dask(df):
        return engines.by_partition(df, _graded, named, units, overwrite)
    frame: Any = nw.from_native(df)
    schema = cleaning.kinds(frame)
    kept = engines.refuse_taken(list(schema), OUTPUTS, overwrite)
    there = find(schema, named)
    measured = _measured(there, units, schema)
    frame = cleaning.numbers(frame, {f"_itp_{m.role}": m.value(schema) for m in measured.values()})
    frame = frame.with_columns(
        **_cases(frame, schema, there),
        **{
            f"_itp_{role}": cleaning.answer(there[role], schema).cast(nw.Int8)
            for role in _ANSWERS
            if role in there
        },
    )
    known = _known(there, measured)
    faults = _faults(known, there, measured, schema)
    frame = results(frame, "crs", known.grades(), faults, lambda least: _asking(known, least))
    frame = frame.with_columns(crs_scale=nw.lit(CRS_ASTCT_2019.key))
    return engines.finish(frame, [*kept, *OUTPUTS], OUTPUTS[:3])


def _measured(
    there: Mapping[str, str], units: Mapping[str, str | None], schema: Mapping[str, Any]
) -> dict[str, Measured]:
    ranges = {"temperature": (TEMPERATURE, 25.0, 45.0), "flow": (terms.OXYGEN_FLOW, 0.01, 100.0)}
    return {
        role: Measured(
            role=role,
            measure=measure,
            unit=measure.unit,
            column=there[role],
            written=unit_of(role, units[role], schema, measure.unit),
            possible=(low, high),
        )
        for role, (measure, low, high) in ranges.items()
        if role in there
    }


# --- words into cases -----------------------------------------------------------------------------


def _number(word: Enum | None) -> int:
    """Return the number of an answer in its list; `EMPTY` for none."""
    return EMPTY if word is None else list(type(word)).index(word)


def _pair(word: Any, listed: Any) -> Any:
    """Return one number for a word with a list of drugs; both empty is `EMPTY`."""
    return (word + 1) * _STEP + listed


@cache
def _pressure() -> dict[int, dict[str, Any]]:
    """Return what each word with each list of drugs says of blood pressure."""
    told: dict[int, dict[str, Any]] = {}
    for word, listed in product((None, *Hypotension), (None, *_LISTS)):
        at = _pair(_number(word), EMPTY if listed is None else _LISTS.index(listed))
        try:
            found = CrsFindings(hypotension=word, vasopressors=listed)
        except ItpCarTError:  # they contradict each other
            told[at] = {_AGREE: False}
            continue
        told[at] = {**_truths(found), terms.VASOPRESSORS.key: found.counted_vasopressors}
    return told


@cache
def _oxygen() -> dict[int, dict[str, Any]]:
    """Return what each device says of oxygen, and whether it agrees with a low or a high flow."""
    told: dict[int, dict[str, Any]] = {}
    for device in (None, *Oxygen):
        found = told[_number(device)] = _truths(CrsFindings(hypoxia=device))
        for name, flow in _FLOWS.items():
            try:
                CrsFindings(hypoxia=device, flow=flow)
            except ItpCarTError:
                found[name] = False
    return told


def _truths(found: CrsFindings) -> dict[str, Any]:
    """Return what is known of the facts that the table asks for."""
    return {
        fact.key: holds
        for fact, holds in found.truths().items()
        if fact.key in _FACTS and holds is not None
    }


def _list_of_drugs(word: str) -> int:
    drugs = CrsFindings(vasopressors=word).vasopressors or ()
    others = sum(drug is not Vasopressor.VASOPRESSIN for drug in drugs)
    return 2 * min(others, 2) + (Vasopressor.VASOPRESSIN in drugs)


def _list_by_drug(among: Mapping[Any, nw.Expr]) -> nw.Expr:
    others: Any = nw.lit(0)
    for drug, listed in among.items():
        if drug is not Vasopressor.VASOPRESSIN:
            others = others + number(listed, 1, 0)
    some = number(others >= 2, 4, number(others >= 1, 2, 0))
    return some + number(among[Vasopressor.VASOPRESSIN], 1, 0)


def _cases(frame: Any, schema: Mapping[str, Any], there: Mapping[str, str]) -> dict[str, nw.Expr]:
    """Return the columns of words as numbers."""

    def column(role: str, read: Any, folded_case: Any) -> None:
        if role in there:
            found[f"_itp_{role}"] = coded(frame, schema, there[role], read, folded_case)

    found: dict[str, nw.Expr] = {}
    column(
        "hypotension",
        lambda word: _number(CrsFindings(hypotension=word).hypotension),
        one_of(_WORDS["hypotension"]),
    )
    column("vasopressors", _list_of_drugs, several_of(_WORDS["vasopressors"], _list_by_drug))
    column(
        "hypoxia",
        lambda word: _number(CrsFindings(hypoxia=word).hypoxia),
        one_of(_WORDS["hypoxia"]),
    )
    column(
        "masked_by",
        lambda word: int(bool(CrsFindings(masked_by=word).masked_by)),
        several_of(_WORDS["masked_by"], any_of),
    )
    return found


# --- what a row tells -----------------------------------------------------------------------------


def _known(there: Mapping[str, str], measured: Mapping[str, Measured]) -> Known:
    """Return what the columns tell; pressure and oxygen come first, and are told by two columns."""

    def code(role: str) -> nw.Expr:
        return nw.col(f"_itp_{role}") if role in there else nw.lit(EMPTY)

    masked = terms.MASKED.key
    cases = [
        Cases(_pair(code("hypotension"), code("vasopressors")), _pressure()),
        Cases(code("hypoxia"), _oxygen()),
        Cases(code("masked_by"), {EMPTY: {}, 0: {masked: False}, 1: {masked: True}}),
        *(yes_no(code(role), fact) for role, fact in _ANSWERS.items() if role in there),
    ]
    values = {role: nw.col(f"_itp_{role}") for role in measured}
    spans = {
        one.measure.key: Span(values[role], values[role], one.unit)
        for role, one in measured.items()
    }
    return Known(CRS, tuple(cases), spans)


def _faults(
    known: Known,
    there: Mapping[str, str],
    measured: Mapping[str, Measured],
    schema: Mapping[str, Any],
) -> Iterator[Fault]:
    """Yield what can be wrong with a row."""
    for role, words in _WORDS.items():
        if role in there:
            told = words.advice(there[role], several=role in _LISTED)
            yield nw.col(f"_itp_{role}") == UNREADABLE, told
    for role in _ANSWERS:
        if role in there:
            wrong = nw.col(f"_itp_{role}") == cleaning.UNREADABLE
            yield wrong, f"{there[role]}: write yes or no"
    for role, one in measured.items():
        yield from one.faults(schema, nw.col(f"_itp_{role}"))
    yield from _contradictions(known, there)


def _contradictions(known: Known, there: Mapping[str, str]) -> Iterator[Fault]:
    pressure, oxygen = known.cases[:2]
    if "hypotension" in there and "vasopressors" in there:
        wrong, _ = pressure.pair(lambda told: told.get(_AGREE) is False)
        told = f"{there['hypotension']}: does not agree with the vasopressors"
        yield expression(wrong), f"{told} (vasopressin is not counted)"
    if "flow" not in there:
        return
    column, flow = there["flow"], nw.col("_itp_flow")
    yield ~flow.is_null() & (oxygen.code == EMPTY), f"{column}: needs its device"
    high, _ = known.compare(terms.OXYGEN_FLOW > terms.LOW_FLOW_LIMIT)
    low = both(~flow.is_null(), opposite(high))
    against_low, _ = oxygen.pair(lambda told: told.get("low") is False)
    against_high, _ = oxygen.pair(lambda told: told.get("high") is False)
    told = f"{column}: does not agree with the device: low flow is {terms.LOW_FLOW_LIMIT}"
    yield expression(either(both(low, against_low), both(high, against_high))), f"{told} or less"


def _asking(known: Known, mildest: nw.Expr) -> dict[str, Truth]:
    """Return what could settle the grade of a row, and where it is not told."""
    fever, _ = pair(terms.FEVER, known.compare, known.fact)
    alone, cannula = (known.fact(fact)[0] for fact in (terms.VASOPRESSIN_ONLY, terms.CANNULA))
    return {
        TEMPERATURE.label: both(known.unmeasured(TEMPERATURE.key), mildest < 2),
        terms.MASKED.label: both(known.open(terms.MASKED), opposite(fever)),
        terms.HYPOTENSIVE.label: known.open(terms.HYPOTENSIVE),
        terms.VASOPRESSIN_COUNTS.label: both(alone, known.open(terms.VASOPRESSIN_COUNTS)),
        "oxygen device": known.open(terms.ANY_OXYGEN),
        terms.OXYGEN_FLOW.label: both(cannula, known.unmeasured(terms.OXYGEN_FLOW.key)),
    }


__all__ = ["OUTPUTS", "crs"]
