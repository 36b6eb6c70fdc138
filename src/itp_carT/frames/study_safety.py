"""Adverse events of a study over columns, from the files to the figures.

Whether an event is treatment-emergent depends on its cells and on which side of the first treatment
its dates lie: the rule is asked once for each such case, not once for each event.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
from attrs import evolve

from itp_carT.errors import ItpCarTError, RecordError
from itp_carT.partial_dates import PartialDate
from itp_carT.study.assess import Plan
from itp_carT.study.endpoints import events as endpoint
from itp_carT.study.events import AdverseEventRecord
from itp_carT.study.numbers import Listing
from itp_carT.toxicity.emergence import Emergence, TreatmentPeriod, treatment_emergent
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.incidence import WorstGrade, counted

from .study_cells import ADVICE, Part, People, cased, others, spans
from .study_shifts import shift_listings

_EVENT = others("adverse_events", "start", "end")


def events_part(people: People, plan: Plan) -> Part:
    """Return the adverse events of everybody who was treated."""
    safety = people.treated()
    rows, judged = _judged(people, plan, safety)
    emergent = rows.filter(pl.col("emergent"))
    numbers, columns = [], pl.DataFrame({"patient": safety}, schema={"patient": pl.Int32})
    for key in endpoint.FIGURES:
        found = (rows if key == "fatal" else emergent).filter(pl.col(key))["patient"]
        places = found.unique().sort()
        numbers.append(endpoint.figure(key, people.named(places.to_list()), len(safety)))
        columns = columns.with_columns(
            pl.col("patient").is_in(places.implode()).alias(f"event_{key}")
        )
    listings = [
        *_listings(emergent, judged, people.named(safety)),
        *shift_listings(people, plan),
    ]
    return Part(numbers, columns, listings)


def _judged(
    people: People, plan: Plan, safety: list[int]
) -> tuple[pl.DataFrame, list[AdverseEvent]]:
    """Return the events, each with what the rules say of its case, and an event of each case."""
    found = cased(people, "adverse_events", _EVENT, ("start", "end"))
    if found is None:
        return _none(), []
    rows = found.rows.filter(pl.col("patient").is_in(safety))
    rows = spans(people, "adverse_events", rows, "start")
    rows = spans(people, "adverse_events", rows, "end")
    rows = rows.join(people.days, on="patient", how="left", maintain_order="left")
    if rows.filter(pl.col("end_last") < pl.col("start_first")).height:
        raise RecordError(f"adverse_events.csv: an event ends before it starts; {ADVICE}")
    rows = rows.with_columns(_sides())
    sides = ["case", "side_start", "side_end", "by_conditioning"]
    first = rows.unique(sides, keep="first", maintain_order=True)
    first = first.with_columns(kind=pl.int_range(pl.len(), dtype=pl.Int32))
    edition, cases, judged = plan.header.edition("ctcae"), [], []
    for row in first.iter_rows(named=True):
        event, emergent = _event(found.records[row["case"]], row, edition)
        judged.append(event)
        cases.append(_facts(event, emergent=emergent) | {"kind": row["kind"]})
    told = pl.DataFrame(
        cases, schema_overrides={"kind": pl.Int32, "least": pl.Int8, "worst": pl.Int8}
    )
    rows = rows.join(first.select(*sides, "kind"), on=sides, how="left", nulls_equal=True,
                     maintain_order="left")  # fmt: skip
    return (rows.join(told, on="kind", maintain_order="left") if cases else _none()), judged


def _none() -> pl.DataFrame:
    days = ("start_first", "start_last", "infusion")
    kinds: dict[str, Any] = {"patient": pl.Int32, "kind": pl.Int32, "emergent": pl.Boolean,
                             "new": pl.Boolean, "least": pl.Int8, "worst": pl.Int8}  # fmt: skip
    return pl.DataFrame(
        schema=kinds | dict.fromkeys(endpoint.FIGURES, pl.Boolean) | dict.fromkeys(days, pl.Date)
    )


def _sides() -> list[pl.Expr]:
    """Say on which side of the first treatment start and end lie.

    No event ends before it starts: the end says something of a start that is known in part, as
    `itp_carT.toxicity.emergence` reads it.
    """
    treated = pl.coalesce("conditioning", "infusion")
    start = pl.min_horizontal("start_last", "end_last")
    end = pl.max_horizontal("end_first", "start_first")

    def side(first: pl.Expr, last: pl.Expr) -> pl.Expr:
        known = first.is_not_null() & treated.is_not_null()
        return pl.when(known).then(
            pl.when(last < treated).then(0).when(first >= treated).then(2).otherwise(1)
        )

    known = pl.col("start_first").is_not_null().cast(pl.Int8)
    ended = pl.col("end_first").is_not_null().cast(pl.Int8)
    starts = side(pl.col("start_first"), pl.when(known == 1).then(start))
    ends = side(pl.when(ended == 1).then(end), pl.col("end_last"))
    return [
        pl.struct(known.alias("known"), starts.alias("side")).alias("side_start"),
        pl.struct(ended.alias("known"), ends.alias("side")).alias("side_end"),
        pl.when(pl.col("conditioning").is_not_null()).then(2)
        .when(pl.col("infusion").is_not_null()).then(1).otherwise(0).alias("by_conditioning"),
    ]  # fmt: skip


def _event(
    record: AdverseEventRecord, row: dict[str, Any], edition: str
) -> tuple[AdverseEvent, bool]:
    """Return the event of a case with its dates, and whether it counts as treatment-emergent."""

    def date(name: str) -> PartialDate | None:
        first, last = row[f"{name}_first"], row[f"{name}_last"]
        if first is None:
            return None
        month = first.month if first.month == last.month else None
        day = first.day if first == last else None
        return PartialDate(first.year, month, day)

    try:
        event = evolve(record, start=date("start"), end=date("end")).event(edition)
        if row["infusion"] is None and row["conditioning"] is None:
            return event, True
        period = TreatmentPeriod(
            first="infusion" if row["conditioning"] is None else "lymphodepletion",
            lymphodepletion=row["conditioning"],
            infusion=row["infusion"],
        )
        verdict = treatment_emergent(event, period)
    except ItpCarTError as error:
        raise RecordError(f"adverse_events.csv: {error.message}; {ADVICE}") from None
    return event, verdict.possible != (Emergence.NO,)


def _facts(event: AdverseEvent, *, emergent: bool) -> dict[str, Any]:
    return {
        "emergent": emergent,
        "new": event.worsening.new_toxicity,
        "least": None if event.at_least is None else int(event.at_least),
        "worst": int(event.worst),
        **{key: endpoint.belongs(event, key) for key in endpoint.FIGURES},
    }


def _listings(
    emergent: pl.DataFrame, judged: list[AdverseEvent], names: list[str]
) -> Iterator[Listing]:
    for key in endpoint.TABLES:
        rows = emergent.with_columns(sure=pl.lit(value=True))
        if key == "worse":
            rows = emergent.filter(pl.col("new").fill_null(value=True))
            rows = rows.with_columns(sure=pl.col("new").fill_null(value=False))
        for title, first, last in endpoint.PERIODS:
            if key == f"period{first}" and title:
                rows = rows.filter(_within(first, last))
                rows = rows.with_columns(sure=_surely_within(first, last))
        yield endpoint.listing(key, counted(_worst(rows, judged), names))


def _within(first: int, last: int | None) -> pl.Expr:
    """Say whether an event belongs to a period: unless its onset is surely outside."""
    zero = pl.col("infusion")
    inside = ~(pl.col("start_last") < zero.dt.offset_by(f"{first}d"))
    if last is not None:
        inside &= ~(zero.dt.offset_by(f"{last}d") < pl.col("start_first"))
    return zero.is_not_null() & (pl.col("start_first").is_null() | inside)


def _surely_within(first: int, last: int | None) -> pl.Expr:
    """Say whether the onset of an event surely lies in a period."""
    zero = pl.col("infusion")
    inside = pl.col("start_first") >= zero.dt.offset_by(f"{first}d")
    if last is not None:
        inside &= pl.col("start_last") <= zero.dt.offset_by(f"{last}d")
    return inside.fill_null(value=False)


def _worst(rows: pl.DataFrame, judged: list[AdverseEvent]) -> dict[Any, list[WorstGrade]]:
    """Return the worst grade of each patient in each class and term.

    Patients with the same worst grade share one result: counting asks for nothing else.
    """
    terms = list(dict.fromkeys(event.term for event in judged))
    socs = list(dict.fromkeys(event.term.soc for event in judged))
    places = pl.DataFrame(
        {
            "kind": range(len(judged)),
            "term": [terms.index(event.term) for event in judged],
            "soc": [socs.index(event.term.soc) for event in judged],
        },
        schema={"kind": pl.Int32, "term": pl.Int32, "soc": pl.Int32},
    )
    rows = rows.join(places, on="kind")
    counts = pl.col("sure") & (pl.col("least") != 0).fill_null(value=True)
    found: dict[Any, list[WorstGrade]] = {}
    for by, groups in (("soc", socs), ("term", terms)):
        each = rows.group_by("patient", by).agg(
            least=pl.col("least").filter("sure").max(),
            most=pl.col("worst").max(),
            certain=counts.any(),
            kind=pl.col("kind").first(),
        )
        alike = each.group_by(by, "least", "most", "certain").agg(pl.len(), pl.col("kind").first())
        for at, least, most, certain, number, kind in alike.iter_rows():
            one = WorstGrade(
                patient="",
                group=groups[at],
                at_least=None if least is None else Grade(least),
                at_most=Grade(most),
                certain=certain,
                event=judged[kind],
                records=1,
            )
            found.setdefault(groups[at], []).extend([one] * number)
    return found


__all__ = ["events_part"]
