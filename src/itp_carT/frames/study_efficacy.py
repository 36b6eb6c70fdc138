"""Response and bleeding of a study over columns, from the files to the figures."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

import polars as pl
from attrs import evolve

from itp_carT.analytes import PLATELETS
from itp_carT.errors import RecordError
from itp_carT.response.criteria import Criteria
from itp_carT.response.records import Rescue
from itp_carT.response.windows import nearest
from itp_carT.statistics.survival import kaplan_meier
from itp_carT.study.assess import Plan
from itp_carT.study.endpoints import bleeding as bleeding_endpoint
from itp_carT.study.endpoints import response as response_endpoint
from itp_carT.study.numbers import Number

from .bleeding import bleeding_score
from .course import response
from .study_cells import ADVICE, Cased, Part, People, cased, check, collect, dated, scan
from .study_labs import words_of

_SCORED = ("skin", "mucosa", "viscera", "cns", "rest")
_SAID = (*_SCORED, "who", "bleeding", "cause", "disproportionate")
#: Problems of a patient that a validated folder does not have.
_UNREADABLE = ("platelets: below", "unit:", "bleeding:", "rescue:", "day:")


def bleeding_rows(people: People) -> Cased | None:
    """Return the assessments of bleeding with their day."""
    found = cased(people, "bleeding", _SAID, ("date",))
    return None if found is None else evolve(found, rows=dated(people, "bleeding", found.rows))


# --- response -------------------------------------------------------------------------------------


def response_part(
    people: People,
    plan: Plan,
    rescues: Mapping[int, tuple[Rescue, ...] | str],
    bled: Cased | None,
) -> Part:
    """Return the response of everybody who was infused.

    Parameters
    ----------
    people
        The subjects.
    plan
        Criteria.
    rescues
        Rescues by patient, or why they cannot be told.
    bled
        Assessments of bleeding.
    """
    counts = _counts(people)
    rows = _with_bleeding(counts, bled, every_cause=plan.criteria.options.every_cause)
    rows = pl.concat([rows, _rescue_rows(people, rescues)], how="diagonal")
    found = _refused(people, _assessed(people, rows, plan.criteria), counts, rescues)
    found = _until_death(people, found, plan.criteria)
    known = {row["patient"]: row for row in found.iter_rows(named=True)}
    each = [known.get(at, {}) for at in people.infused()]
    numbers = _figures(people.named(people.infused()), each, plan)
    columns = pl.DataFrame(
        [
            {"patient": at, **{name: row.get(key) for name, key in _COLUMNS.items()}}
            for at, row in zip(people.infused(), each, strict=True)
        ],
        schema={"patient": pl.Int32, "best": pl.String, "month_6": pl.String,
                "time_to_response": pl.Int64, "duration": pl.Int64, "lost": pl.Boolean,
                "response_refused": pl.String},
    )  # fmt: skip
    return Part(numbers, columns)


_COLUMNS = {
    "best": "best", "month_6": "at_month_6", "time_to_response": "time_to_response",
    "duration": "duration", "lost": "event", "response_refused": "problem",
}  # fmt: skip


_COURSE: dict[str, Any] = {
    "patient": pl.Int32, "best": pl.String, "at_month_6": pl.String, "problem": pl.String,
    "responded_on": pl.Int64, "time_to_response": pl.Int64, "duration": pl.Int64,
    "event": pl.Boolean,
}  # fmt: skip


def _counts(people: People) -> pl.DataFrame:
    """Return patient, day, count as text and unit of every platelet count."""
    labs = scan(people.folder, "labs")
    if labs is None:
        kinds = {"patient": pl.Int32, "day": pl.Int64, "platelets": pl.String, "unit": pl.String}
        return pl.DataFrame(schema=kinds)
    rows = labs.filter(pl.col("analyte").is_in(words_of(PLATELETS, labs)))
    rows = rows.join(people.places.lazy(), on="subject", how="inner")
    check(people, "labs", rows)
    kept = collect(rows.select("patient", "row", "date", "value", "unit"), "labs")
    kept = dated(people, "labs", kept.sort("patient", "row")).filter(pl.col("day").is_not_null())
    if kept.filter(pl.col("value").is_not_null() & pl.col("unit").is_null()).height:
        raise RecordError(f"labs.csv: a count has no unit beside it; {ADVICE}", column="unit")
    # a count above what the method can tell counts as that limit, as for one patient
    text = pl.col("value").str.replace(r"^\s*(>=?|≥)", "").str.replace(r"^\s*(<=|≤)", "<")
    return kept.select("patient", "day", "unit", platelets=text)


def _with_bleeding(counts: pl.DataFrame, bled: Cased | None, *, every_cause: bool) -> pl.DataFrame:
    """Give each count what was said of bleeding since the count before it.

    Bleeding after the last count is a row of its own.
    """
    if bled is None or not bled.rows.height:
        return counts.with_columns(bleeding=pl.lit(None, pl.Boolean))
    said = [_said(record, every_cause=every_cause) for record in bled.records]
    told = pl.DataFrame(
        {"case": range(len(said)), "said": said}, schema={"case": pl.Int32, "said": pl.Boolean}
    )
    rows = bled.rows.filter(pl.col("day").is_not_null()).join(told, on="case")
    days = counts.select("patient", "day", visit="day").unique().sort("patient", "day")
    rows = rows.sort("patient", "day").join_asof(
        days, on="day", by="patient", strategy="forward", check_sortedness=False
    )
    # yes if any is yes; open if any is open; no only when each says no
    answer = pl.when(pl.col("said").any()).then(True).when(pl.col("said").null_count() == 0)
    since = rows.drop_nulls("visit").group_by("patient", day="visit")
    found = counts.join(
        since.agg(bleeding=answer.then(False)), on=["patient", "day"], how="left",
        maintain_order="left",
    )  # fmt: skip
    later = rows.filter(pl.col("visit").is_null() & pl.col("said"))
    later = later.select("patient", "day", bleeding="said").unique()
    return pl.concat([found, later], how="diagonal")


def _said(record: Any, *, every_cause: bool) -> bool | None:
    """Return whether an assessment counts as bleeding; None while that is open."""
    found = [one.counts(every_cause=every_cause) for one in record.assessments()]
    if True in found:
        return True
    return None if None in found else False


def _rescue_rows(people: People, rescues: Mapping[int, tuple[Rescue, ...] | str]) -> pl.DataFrame:
    rows = []
    for at, found in rescues.items():
        zero = people.subjects[at].infusion
        if zero is None or isinstance(found, str):
            continue
        for one in found:
            first = _day(one.start, zero)
            last = first if one.end is None else _day(one.end, zero)
            rows.append((at, first, one.kind.label, last))
    kinds = {"patient": pl.Int32, "day": pl.Int64, "rescue": pl.String, "rescue_end": pl.Int64}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _day(on: Any, zero: dt.date) -> int:
    """Return the day of a rescue: a date as recorded, or a day as the course of therapy has it."""
    return on if isinstance(on, int) else int((on - zero).days)


def _assessed(people: People, rows: pl.DataFrame, criteria: Criteria) -> pl.DataFrame:
    """Assess the patients, those with one first day of lymphodepletion together."""
    first = (pl.col("conditioning") - pl.col("infusion")).dt.total_days()
    begun = people.days.select("patient", begun=pl.when(first < 0).then(first))
    parts = []
    for (day,), part in rows.join(begun, on="patient", how="left").group_by("begun"):
        own = criteria if day is None else criteria.with_options(conditioning_day=day)
        course = response(part.drop("begun"), own)
        parts.append(course.patients.join(course.timed, on="patient", how="left"))
    if not parts:
        return pl.DataFrame(schema=_COURSE)
    found: pl.DataFrame = pl.concat(parts, how="diagonal_relaxed")
    if not criteria.loss:  # without a rule for its loss a response has no duration
        nothing = pl.lit(None)
        found = found.with_columns(duration=nothing.cast(pl.Int64), event=nothing.cast(pl.Boolean))
    bad = found.filter(
        pl.any_horizontal(pl.col("problem").str.starts_with(text) for text in _UNREADABLE)
    )
    if bad.height:
        who = people.subjects[bad["patient"][0]].subject
        raise RecordError(f"{who}: {bad['problem'][0]}; {ADVICE}", patient=who)
    return found


def _refused(
    people: People,
    found: pl.DataFrame,
    counts: pl.DataFrame,
    rescues: Mapping[int, tuple[Rescue, ...] | str],
) -> pl.DataFrame:
    """Refuse what cannot be true of one patient: a count before the diagnosis or after death."""
    ends = {
        at: (first, last)
        for at, first, last in counts.group_by("patient")
        .agg(first=pl.col("day").min(), last=pl.col("day").max())
        .iter_rows()
    }
    why: dict[int, str] = {}
    for at, one in enumerate(people.subjects):
        if one.infusion is None:
            continue
        first, last = ends.get(at, (0, 0))
        since = None if one.diagnosed is None else (one.diagnosed.earliest - one.infusion).days
        if since is not None and (since > 0 or (at in ends and first < since)):
            why[at] = "a count is before the diagnosis"
        if at in ends and one.death is not None and last > (one.death - one.infusion).days:
            why[at] = "a count is after death"
        if isinstance(stated := rescues.get(at), str):
            why[at] = stated
    known = pl.DataFrame(
        {"patient": [*why], "why": [*why.values()]},
        schema={"patient": pl.Int32, "why": pl.String},
    )
    # a patient without a count, bleeding or rescue has a course all the same, which is open
    everybody = pl.DataFrame({"patient": people.infused()}, schema={"patient": pl.Int32})
    found = everybody.join(found, on="patient", how="left").join(known, on="patient", how="left")
    found = found.with_columns(problem=pl.coalesce("why", "problem"))
    fine = pl.col("problem").is_null()
    kept = [name for name in _COURSE if name not in ("patient", "problem")]
    found = found.with_columns(pl.when(fine).then(pl.col(kept)).name.keep())
    empty = [pl.when(fine).then(pl.col(name).fill_null("NE")).alias(name)
             for name in ("best", "at_month_6")]  # fmt: skip
    return found.with_columns(empty).select("patient", *kept, "problem")


def _until_death(people: People, found: pl.DataFrame, criteria: Criteria) -> pl.DataFrame:
    """End a response by death where the criteria say so."""
    if criteria.options.death != "event" or not criteria.loss:
        return found
    dead = {
        at: (one.death - one.infusion).days
        for at, one in enumerate(people.subjects)
        if one.death is not None and one.infusion is not None
    }
    died = pl.DataFrame(
        {"patient": [*dead], "died": [*dead.values()]},
        schema={"patient": pl.Int32, "died": pl.Int64},
    )
    found = found.join(died, on="patient", how="left")
    ends = pl.col("died").is_not_null() & ~pl.col("event")
    lasted = pl.col("died") - pl.col("responded_on")
    return found.with_columns(
        duration=pl.when(ends).then(lasted).otherwise(pl.col("duration")),
        event=pl.when(ends).then(True).otherwise(pl.col("event")),
    )


def _figures(names: list[str], each: list[dict[str, Any]], plan: Plan) -> list[Number]:
    def numbers(key: str, column: str) -> list[Number]:
        return [
            Number(key=f"response.{key}:{name}", label=key, value=row.get(column))
            for name, row in zip(names, each, strict=True)
        ]

    ended = [row for row in each if row.get("duration") is not None]
    estimate = (
        kaplan_meier([row["duration"] for row in ended], [row["event"] for row in ended])
        if ended
        else None
    )
    found = response_endpoint.figures(
        numbers("best", "best"),
        numbers("month6", "at_month_6"),
        numbers("time", "time_to_response"),
        numbers("duration", "duration"),
        estimate,
        plan,
    )
    return [evolve(one, parts=()) for one in found]


# --- bleeding -------------------------------------------------------------------------------------


def bleeding_part(people: People, plan: Plan, bled: Cased | None) -> Part:
    """Return the symptom points before treatment, at their worst after it, and at month 6."""
    points = {name: dict(_points(people, plan, bled, name)) for name in ("baseline", "month6")}
    worst = dict(_worst(bled))
    names, places = people.named(people.infused()), people.infused()
    numbers = [
        bleeding_endpoint.without_bleeding(
            key,
            names,
            [
                Number(key=f"bleeding.{key}:{name}", label=key, value=found.get(at))
                for at, name in zip(places, names, strict=True)
            ],
        )
        for key, found in points.items()
    ]
    columns = pl.DataFrame(
        {
            "patient": places,
            "bleeding_before": [points["baseline"].get(at) for at in places],
            "bleeding_worst": [worst.get(at) for at in places],
            "bleeding_month_6": [points["month6"].get(at) for at in places],
        },
        schema={"patient": pl.Int32, "bleeding_before": pl.Int64, "bleeding_worst": pl.Int64,
                "bleeding_month_6": pl.Int64},
    )  # fmt: skip
    return Part(numbers, columns)


def _scored(bled: Cased) -> pl.DataFrame:
    """Return the rows with a score; ``symptom`` is null while it is open."""
    scored = pl.Series([record.scored for record in bled.records], dtype=pl.Boolean)
    cases = bleeding_score(bled.cases.select(_SCORED)).with_columns(scored=scored)
    wrong = cases.filter(pl.col("problem").is_not_null())
    if wrong.height:
        raise RecordError(f"bleeding.csv: {wrong['problem'][0]}; {ADVICE}", file="bleeding.csv")
    cases = cases.select("symptom", "symptom_most", "scored").with_row_index("case")
    rows = bled.rows.join(cases.cast({"case": pl.Int32}), on="case", maintain_order="left")
    return rows.filter(pl.col("scored") & pl.col("day").is_not_null())


def _points(
    people: People, plan: Plan, bled: Cased | None, key: str
) -> Iterator[tuple[int, int | None]]:
    if bled is None:
        return
    rows = _scored(bled).join(people.days, on="patient", how="left", maintain_order="left")
    if key == "baseline":
        start = (pl.col("conditioning") - pl.col("infusion")).dt.total_days().fill_null(0)
        last = pl.col("day") == pl.col("day").max().over("patient")
        before = rows.filter(pl.col("day") <= start).filter(last)
        yield from (
            before.unique("patient", keep="first", maintain_order=True)
            .select("patient", "symptom")
            .iter_rows()
        )
        return
    windows = plan.criteria.options.windows
    low, high = windows.bounds("month 6")
    near = rows.filter(pl.col("day").is_between(max(low, 1), high))
    for (at,), part in near.group_by("patient"):
        zero = people.subjects[int(str(at))].infusion
        chosen = nearest(part["day"].to_list(), windows, "month 6", zero)
        if chosen is not None:
            yield int(str(at)), part["symptom"][chosen]


def _worst(bled: Cased | None) -> Iterator[tuple[int, int | None]]:
    if bled is None:
        return
    rows = _scored(bled).filter(pl.col("day") > 0)
    order = rows.sort("patient", "symptom_most", "day", descending=[False, True, False],
                      maintain_order=True)  # fmt: skip
    first = order.unique("patient", keep="first", maintain_order=True)
    yield from first.select("patient", "symptom").iter_rows()


__all__ = ["bleeding_part", "bleeding_rows", "response_part"]
