"""Deviations of a study over columns: entry criteria, days and doses of treatment, and visits.

Each different dose, each different set of days and each visit that may still come is asked of its
rule once; the records find their visits by `itp_carT.frames.assign_visits`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl

from itp_carT.protocol.model import Protocol
from itp_carT.schedule.attendance import Timing, without_record
from itp_carT.schedule.visits import Schedule
from itp_carT.study.assess import Plan, last_day
from itp_carT.study.endpoints import deviations as endpoint
from itp_carT.study.endpoints import exposure
from itp_carT.study.study import PatientRecords

from .attendance import assign_visits
from .study_cells import Cased, Part, People, check, collect, dates, scan
from .study_exposure import amounts, given_rows

#: A visit is what these tables hold of a day.
_RECORDED = ("labs", "bleeding", "crs", "infusions")
_CELLS = "CAR-T"
_KINDS: dict[str, Any] = {"patient": pl.Int32, "kind": pl.String, "what": pl.String}


def deviations_part(people: People, plan: Plan, protocol: Protocol) -> Part:
    """Return the deviations of everybody who was treated, and what became of their visits.

    Parameters
    ----------
    people
        The subjects.
    plan
        The visits; without them attendance is not reported.
    protocol
        The protocol.
    """
    places = people.treated()
    found = pl.DataFrame(list(_found(people, protocol)), schema=_KINDS, orient="row")
    with_any = found["patient"].unique(maintain_order=True).to_list()
    visits = _none() if plan.schedule is None else _visits(people, plan, plan.schedule)
    keys = [] if plan.schedule is None else [visit.key for visit in plan.schedule.visits]
    seen = visits["patient"].n_unique()
    counts: dict[str, dict[Timing, int]] = {key: {} for key in (keys if seen else [])}
    for key, timing, many in visits.group_by("visit", "timing").len().iter_rows():
        counts[key][Timing(timing)] = many
    return Part(
        [endpoint.figure(people.named(with_any), len(places))],
        pl.DataFrame(schema={"patient": pl.Int32}),
        [endpoint.visits_listing(counts, seen)],
        {"deviations": found, "visits": visits},
    )


# --- entry, days and doses ------------------------------------------------------------------------


def _found(people: People, protocol: Protocol) -> Iterator[tuple[int, str, str]]:
    """Yield patient, kind and words of each deviation, in the order of one patient's report."""
    given = given_rows(people)
    cells = amounts(given, _CELLS, "cell")
    drugs = [_days_and_doses(people, given, course) for course in protocol.lymphodepletion.courses]
    for at in people.treated():
        subject = people.subjects[at]
        for text in endpoint.of_entry(subject, protocol):
            yield at, "eligibility", text
        for days, doses in drugs:
            for text in days[at]:
                yield at, "days", text
            for text in doses.get(at, ()):
                yield at, "dose", text
        amount = cells.get(at, [])
        text = endpoint.of_cells(
            exposure.cells_per_kg(exposure.summed(amount), subject.weight),
            protocol,
            infused=subject.infusion is not None,
            why=exposure.not_known(len(amount), subject.weight),
        )
        if text:
            yield at, "dose", text


def _days_and_doses(
    people: People, given: Cased | None, course: Any
) -> tuple[dict[int, list[str]], dict[int, list[str]]]:
    """Return the words on days of a drug by patient, and those on doses."""
    none: dict[int, list[str]] = {at: list(endpoint.of_days(course, ())) for at in people.treated()}
    if given is None:
        return none, {}
    ours = [one.agent == course.drug.name for one in given.records]
    cases = pl.DataFrame(
        {
            "case": range(len(ours)),
            "ours": ours,
            "taken": [
                mine and endpoint.taken(one) for mine, one in zip(ours, given.records, strict=True)
            ],
            "text": [
                endpoint.of_dose(one) if mine else ""
                for mine, one in zip(ours, given.records, strict=True)
            ],
        },
        schema={"case": pl.Int32, "ours": pl.Boolean, "taken": pl.Boolean, "text": pl.String},
    )
    rows = given.rows.join(cases, on="case", maintain_order="left").filter("ours")
    rows = rows.join(people.days, on="patient", how="left", maintain_order="left")
    day = (pl.col("on") - pl.col("infusion")).dt.total_days()
    taken = rows.filter("taken").group_by("patient").agg(days=day.unique().sort())
    told: dict[tuple[int | None, ...], list[str]] = {}
    days = dict(none)
    for at, each in taken.iter_rows():
        pattern = tuple(each)
        if pattern not in told:
            told[pattern] = list(endpoint.of_days(course, pattern))
        days[at] = told[pattern]
    doses = rows.filter(pl.col("text") != "").group_by("patient", maintain_order=True).agg("text")
    return days, dict(doses.iter_rows())


# --- visits ---------------------------------------------------------------------------------------


def _none() -> pl.DataFrame:
    return pl.DataFrame(schema={"patient": pl.Int32, "visit": pl.String, "timing": pl.String})


def _visits(people: People, plan: Plan, schedule: Schedule) -> pl.DataFrame:
    """Return what became of each visit of everybody who was infused.

    A patient with a record after the end of observation has no result, as in
    `itp_carT.schedule.attendance.assign`.
    """
    recorded = _recorded(people)
    each = _observed(people, plan, recorded)
    if not each.height:
        return _none()
    recorded = recorded.join(each, on="patient")
    taken = _placed(recorded, schedule)
    # the infusion itself has taken place, with or without a record
    itself = each.filter(pl.col("until") >= pl.col("infusion"))
    itself = _placed(itself.with_columns(on="infusion"), schedule)
    treatment = [visit.key for visit in schedule.visits if visit.treatment]
    itself = itself.filter(pl.col("visit").is_in(treatment))
    taken = pl.concat([taken, itself.join(taken, on=["patient", "visit"], how="anti")])
    keys = pl.DataFrame({"visit": [visit.key for visit in schedule.visits]})
    every = each.join(keys, how="cross", maintain_order="left_right")
    every = every.join(taken, on=["patient", "visit"], how="left", maintain_order="left")
    open_ones = every.filter(pl.col("timing").is_null()).select("infusion", "until", "visit")
    told = _without_record(open_ones.unique(), schedule)
    every = every.join(told, on=["infusion", "until", "visit"], how="left", maintain_order="left")
    return every.select("patient", "visit", timing=pl.coalesce("timing", "left"))


def _recorded(people: People) -> pl.DataFrame:
    """Return each day on which something was recorded, by patient."""
    parts = [pl.DataFrame(schema={"patient": pl.Int32, "on": pl.Date})]
    for table in _RECORDED:
        frame = scan(people.folder, table)
        if frame is None:
            continue
        rows = frame.join(people.places.lazy(), on="subject")
        check(people, table, rows)
        each = rows.join(dates(people, table, frame).lazy(), on="date")
        parts.append(collect(each.select("patient", "on").unique(), table))
    return pl.concat(parts).unique()


def _observed(people: People, plan: Plan, recorded: pl.DataFrame) -> pl.DataFrame:
    """Return infusion and last day of observation of each patient whose visits can be told."""
    latest = dict(recorded.group_by("patient").agg(pl.col("on").max()).iter_rows())
    rows = []
    for at in people.infused():
        subject = people.subjects[at]
        zero: Any = subject.infusion
        last = latest.get(at, zero)
        until = last_day(PatientRecords(subject=subject), plan.header) or max(last, zero)
        if at not in latest or until >= last:
            rows.append((at, zero, until))
    kinds = {"patient": pl.Int32, "infusion": pl.Date, "until": pl.Date}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def _placed(rows: pl.DataFrame, schedule: Schedule) -> pl.DataFrame:
    """Return the visits that took place, and their timing."""
    found: pl.DataFrame = assign_visits(
        rows.select("patient", "on", "infusion"), schedule, date="on", infusion="infusion"
    )
    return found.filter("used").select("patient", "visit", "timing")


def _without_record(cases: pl.DataFrame, schedule: Schedule) -> pl.DataFrame:
    """Ask once for each different date of infusion, end of observation and visit."""
    calendars = {
        zero: {visit.key: visit for visit in schedule.on(zero)}
        for zero in cases["infusion"].unique().to_list()
    }
    left = [
        without_record(calendars[zero][key], until).label
        for zero, until, key in cases.select("infusion", "until", "visit").iter_rows()
    ]
    return cases.with_columns(left=pl.Series(left, dtype=pl.String))


__all__ = ["deviations_part"]
