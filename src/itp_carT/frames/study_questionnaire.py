"""The questionnaire of a study over columns: from a row per answer to the figures of each scale.

Each different answer is read once by its item, the scales are scored by `itp_carT.frames.scales`,
and each different score is asked once of the questionnaire itself, exactly and with its sources.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
from attrs import field, frozen

from itp_carT.errors import ItpCarTError
from itp_carT.quality_of_life.item import Item
from itp_carT.quality_of_life.profile import Profile, change
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.scale import Scale
from itp_carT.quality_of_life.score import ScaleScore
from itp_carT.study.assess import NOT_APPLICABLE, Plan, applies
from itp_carT.study.endpoints.questionnaire import MONTHS, TIMES, ScaleAnswers, day_of, tabulated
from itp_carT.study.records import AnswerRecord

from .questionnaires import scales
from .study_cells import Part, People, collect, dates, others, records, scan

_CASE = others("questionnaire", "date")
#: What an answer is, as one number below `_STATES`: nothing, a mark, unreadable, or `_CODE` + code.
_NOTHING, _MARKED, _UNREADABLE, _CODE = 0, 1, 2, 3
_STATES = 1024  # more than any item has options
_UNKNOWN = -1  # stands for the item where the questionnaire has none of that name


def questionnaire_part(people: People, plan: Plan) -> Part:
    """Return the scores of everybody who was infused and answered.

    Parameters
    ----------
    people
        The subjects.
    plan
        The questionnaire; without one nothing is computed.
    """
    asked = plan.questionnaire
    nobody = pl.DataFrame(schema={"patient": pl.Int32})
    if asked is None:
        return Part([], nobody)
    found = _Scored.of(_chosen(people, _assessments(people, asked)), asked)
    numbers, listing = tabulated(
        asked, {scale.key: found.answers(place) for place, scale in enumerate(asked.scales)}
    )
    return Part(numbers, nobody, [listing], {"questionnaire": found.table})


# --- reading --------------------------------------------------------------------------------------


def _column(at: int) -> str:
    return f"_i{at}"


def _assessments(people: People, asked: Questionnaire) -> pl.DataFrame:
    """Return ``patient``, ``day``, and what was answered to each item, a row per assessment.

    The last row of an item on a day counts. A patient of whom an answer cannot be used has no
    result, as in `itp_carT.study.assess`.
    """
    columns = [_column(at) for at in range(len(asked.items))]
    kinds: dict[str, Any] = {"patient": pl.Int32, "day": pl.Int64}
    frame = scan(people.folder, "questionnaire")
    if frame is None:
        return pl.DataFrame(schema=kinds | dict.fromkeys(columns, pl.Int64))
    infused = people.days.filter(pl.col("infusion").is_not_null()).lazy()
    cases = collect(frame.select(_CASE).unique(), "questionnaire").sort(_CASE)
    read = cases.with_columns(_read(records(people.folder, "questionnaire", cases), asked))
    rows = (
        frame.join(people.places.lazy(), on="subject")
        .join(infused, on="patient")
        .join(dates(people, "questionnaire", frame).lazy(), on="date")
        .join(read.lazy(), on=_CASE, nulls_equal=True)
        .with_columns(key=pl.col("row").cast(pl.Int64) * _STATES + pl.col("state"))
    )
    last = [
        pl.when(pl.col("at") == at).then("key").max().alias(name) for at, name in enumerate(columns)
    ]
    known = rows.filter(pl.col("at") != _UNKNOWN).group_by("patient", "infusion", "on").agg(last)
    found = collect(known, "questionnaire").with_columns(pl.col(columns) % _STATES)
    other = rows.filter(pl.col("at") == _UNKNOWN).group_by("patient", "on", "name")
    unknown = collect(other.agg(pl.col("key").max() % _STATES), "questionnaire")
    refused = pl.concat(
        [
            found.filter(pl.any_horizontal(pl.col(columns) == _UNREADABLE)).select("patient"),
            unknown.filter(pl.col("key") == _UNREADABLE).select("patient"),
        ]
    )
    # an assessment of which no item is one of the questionnaire is an assessment still
    found = pl.concat([found, _bare(unknown, found, people)], how="diagonal")
    found = found.join(refused.unique(), on="patient", how="anti")
    day = (pl.col("on") - pl.col("infusion")).dt.total_days()
    return found.select("patient", *columns, day=day).sort("patient", "day")


def _bare(unknown: pl.DataFrame, found: pl.DataFrame, people: People) -> pl.DataFrame:
    bare = unknown.select("patient", "on").unique().join(found, on=["patient", "on"], how="anti")
    return bare.join(people.days.select("patient", "infusion"), on="patient")


def _read(cases: Sequence[AnswerRecord], asked: Questionnaire) -> list[pl.Series]:
    """Return the item of each case by its place, its name, and what was answered."""
    places = {item.key: at for at, item in enumerate(asked.items)}
    at = [places.get(one.item, _UNKNOWN) for one in cases]
    states = [
        _state(one.answer, None if place == _UNKNOWN else asked.items[place])
        for one, place in zip(cases, at, strict=True)
    ]
    return [
        pl.Series("at", at, pl.Int32),
        pl.Series("name", [one.item for one in cases], pl.String),
        pl.Series("state", states, pl.Int64),
    ]


def _state(answer: str | None, item: Item | None) -> int:
    if not answer:
        return _NOTHING
    if answer == NOT_APPLICABLE:
        return _MARKED
    if item is None:
        return _UNREADABLE
    try:
        code = item.read(answer)
    except ItpCarTError:
        return _UNREADABLE
    return _NOTHING if code is None else _CODE + code


def _chosen(people: People, found: pl.DataFrame) -> pl.DataFrame:
    """Return the assessments that stand for a time, with its ``month``, null before treatment."""
    first = (pl.col("conditioning") - pl.col("infusion")).dt.total_days().fill_null(0)
    starts = people.days.select("patient", first=first)
    each = found.group_by("patient", maintain_order=True).agg("day").join(starts, on="patient")
    picked = [
        (patient, month, day)
        for patient, days, start in each.iter_rows()
        for month in TIMES
        if (day := day_of(days, month, start)) is not None
    ]
    kinds = {"patient": pl.Int32, "month": pl.Int64, "day": pl.Int64}
    times = pl.DataFrame(picked, schema=kinds, orient="row")
    return times.join(found, on=["patient", "day"], how="left", maintain_order="left")


# --- scoring --------------------------------------------------------------------------------------


@frozen
class _Scored:
    """The assessments that stand for a time, with the score of every scale.

    Parameters
    ----------
    asked
        The questionnaire.
    rows
        ``patient``, ``month``, ``day``, and the state of each item.
    table
        ``patient``, ``month``, ``day``, score and outcome of each scale.
    profiles
        By row: the scores of one that stands for all with the same, made when it is needed.
    """

    asked: Questionnaire
    rows: pl.DataFrame = field(repr=False)
    table: pl.DataFrame = field(repr=False)
    profiles: dict[int, Profile] = field(factory=dict, repr=False)

    @classmethod
    def of(cls, rows: pl.DataFrame, asked: Questionnaire) -> _Scored:
        """Score assessments."""
        names = _names(asked)
        told = [scale for scale in asked.scales if scale.condition]
        for scale in told:
            rows = _with_applicability(rows, scale, names)
        code = pl.col(list(names.values()))
        answers = rows.select(
            pl.when(code >= _CODE).then(code - _CODE), pl.col(_applies(one.key) for one in told)
        )
        scored = scales(
            answers, asked, applies={one.key: _applies(one.key) for one in told}, items=names
        )
        outputs = [name for one in asked.scales for name in (one.key, f"{one.key}_outcome")]
        table = pl.concat(
            [rows.select("patient", "month", "day"), scored.select(outputs)], how="horizontal"
        )
        return cls(asked, rows, table)

    def answers(self, place: int) -> ScaleAnswers:
        """Return what was answered to the scale that stands at a place of the questionnaire."""
        key = self.asked.scales[place].key
        case = [key, f"{key}_outcome"]
        numbered = self.table.select("patient", "month", *case).with_row_index("row")
        first = numbered.unique(case, keep="first", maintain_order=True)
        cases = [self._score(row, place) for row in first["row"].to_list()]
        first = first.select(*case, case=pl.int_range(pl.len(), dtype=pl.Int64))
        known = numbered.join(first, on=case, nulls_equal=True, maintain_order="left")
        by_month = {
            month: known.filter(pl.col("month").eq_missing(month)).select("patient", "case")
            for month in TIMES
        }
        return ScaleAnswers(
            scores={
                month: [(cases[at], many) for at, many in _counted(there, "case")]
                for month, there in by_month.items()
            },
            changes={
                month: [
                    (change(cases[after], cases[before], self.asked.mid(key)), many)
                    for before, after, many in _pairs(by_month[None], by_month[month])
                ]
                for month in MONTHS
            },
        )

    def _score(self, row: int, place: int) -> ScaleScore:
        """Return the score of a scale of one assessment, as the questionnaire gives it."""
        if row not in self.profiles:
            told = self.rows.row(row, named=True)
            codes = {key: told[name] for key, name in _names(self.asked).items()}
            self.profiles[row] = self.asked.score(
                {key: code - _CODE for key, code in codes.items() if code and code >= _CODE},
                applies={
                    one.key: told[_applies(one.key)] for one in self.asked.scales if one.condition
                },
            )
        return self.profiles[row].scores[place]


def _names(asked: Questionnaire) -> dict[str, str]:
    return {item.key: _column(at) for at, item in enumerate(asked.items)}


def _applies(scale: str) -> str:
    return f"_a{scale}"


def _with_applicability(rows: pl.DataFrame, scale: Scale, names: Mapping[str, str]) -> pl.DataFrame:
    """Add whether a scale applies: asked once for each pattern of answered and marked items."""
    columns = [names[item.key] for item in scale.items]
    kinds = [pl.col(name).clip(upper_bound=_CODE).fill_null(_NOTHING) for name in columns]
    there = rows.with_columns(_pattern=pl.concat_list(kinds))
    words = {_NOTHING: None, _MARKED: NOT_APPLICABLE, _CODE: "answered"}
    patterns = there["_pattern"].unique().to_list()
    answer = [
        applies(scale, {item.key: words[one] for item, one in zip(scale.items, found, strict=True)})
        for found in patterns
    ]
    known = pl.DataFrame(
        {"_pattern": patterns, _applies(scale.key): answer},
        schema={"_pattern": pl.List(pl.Int64), _applies(scale.key): pl.Boolean},
    )
    return there.join(known, on="_pattern", how="left", maintain_order="left").drop("_pattern")


def _pairs(before: pl.DataFrame, after: pl.DataFrame) -> list[tuple[int, ...]]:
    """Return the different pairs of scores, each with how many patients have it."""
    both = before.join(after, on="patient", suffix="_after", maintain_order="left")
    return _counted(both, "case", "case_after")


def _counted(rows: pl.DataFrame, *by: str) -> list[tuple[int, ...]]:
    """Return the different values in the order of patients, each with how often it stands."""
    return rows.group_by(by, maintain_order=True).len().rows()


__all__ = ["questionnaire_part"]
