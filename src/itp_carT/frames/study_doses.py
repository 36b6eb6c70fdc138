"""Concomitant therapy of a study, from the files to the figures.

Therapy goes patient by patient through the rule for one patient, over rows read in parts: dates
known in part, doses per kilogram, rescues and days without any agent are not expressed by
`itp_carT.frames.therapy`, and its doses are floats where those of the rule are exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import polars as pl
from attrs import evolve

from itp_carT.errors import ItpCarTError
from itp_carT.response.records import Rescue
from itp_carT.study.assess import Plan, rescues, therapy_course
from itp_carT.study.columns import Origin
from itp_carT.study.endpoints import therapy
from itp_carT.study.records import MedicationRecord
from itp_carT.study.study import PatientRecords
from itp_carT.study.tables import BY_NAME
from itp_carT.therapy.course import TherapyCourse

from .study_cells import Part, People, collect, records, scan

_BATCH = 20_000  # rows of medication that are records at a time
_AGENT: dict[str, Any] = {
    "patient": pl.Int32, "agent": pl.String, "unit": pl.String, "baseline": pl.Float64,
    "current": pl.Float64, "decrease": pl.Float64, "average_decrease": pl.Float64,
    "why_not": pl.String, "reduced_on": pl.Int64, "stopped_on": pl.Int64, "longest": pl.Int64,
    "cumulative": pl.Int64, "current_run": pl.Int64,
}  # fmt: skip


def therapy_of(people: People, plan: Plan) -> tuple[Part, dict[int, tuple[Rescue, ...] | str]]:
    """Return the therapy of everybody who was infused, and the rescues of each."""
    on: list[therapy.Summary] = []
    falls: dict[int, float | None] = {}
    agents: list[tuple[Any, ...]] = []
    parts = [pl.DataFrame(schema=_AGENT)]
    found: dict[int, tuple[Rescue, ...] | str] = {}
    for at, rows in _medications(people):
        subject = people.subjects[at]
        zero = subject.infusion
        if zero is None:
            continue
        patient = PatientRecords(subject=subject, medications=rows)
        try:
            course = therapy_course(patient, plan.header, [])
        except ItpCarTError:
            course = None
        try:
            if given := rescues(patient, course, zero):
                found[at] = given
        except ItpCarTError as error:
            found[at] = error.message
        agents += _agents(at, course)
        if len(agents) > _BATCH:
            parts.append(pl.DataFrame(agents, schema=_AGENT, orient="row"))
            agents = []
        summary = therapy.summary(subject.subject, course)
        if summary is not None:
            on.append(summary)
            falls[at] = next(iter(summary.falls), None)
    columns = pl.DataFrame(
        {"patient": [*falls], "glucocorticoid_decrease": [*falls.values()]},
        schema={"patient": pl.Int32, "glucocorticoid_decrease": pl.Float64},
    )
    parts.append(pl.DataFrame(agents, schema=_AGENT, orient="row"))
    numbers = list(therapy.figures(on, len(people.infused())))
    return Part(numbers, columns, tables={"therapy": pl.concat(parts)}), found


def _agents(at: int, course: TherapyCourse | None) -> Iterator[tuple[Any, ...]]:
    """Yield a row for each agent of a patient."""
    for agent in () if course is None else course.agents:
        off = agent.discontinuation
        doses = (agent.baseline, agent.current, agent.decrease, agent.average_decrease)
        yield (
            at, agent.name, agent.unit,
            *(None if one.exact is None else float(one.exact) for one in doses),
            agent.decrease.why_not or None, agent.reduction.on, off.stopped_on, off.longest,
            off.cumulative, off.current,
        )  # fmt: skip


def _medications(people: People) -> Iterator[tuple[int, tuple[MedicationRecord, ...]]]:
    """Yield the medications of each patient, read a batch of rows at a time."""
    frame = scan(people.folder, "medications")
    if frame is None:
        return
    names = [one.name for one in BY_NAME["medications"].columns]
    rows = frame.join(people.places.lazy(), on="subject", how="inner")
    table = collect(rows.select("patient", "row", *names), "medications").sort("patient", "row")
    place = dict(people.places.iter_rows())
    start = 0
    while start < table.height:
        last = table["patient"][min(start + _BATCH, table.height) - 1]
        end = int(table["patient"].search_sorted(last, side="right"))
        batch = table.slice(start, end - start)
        made: list[Any] = records(people.folder, "medications", batch.select(names))
        numbered = [
            evolve(one, at=Origin(one.at.file, row))
            for one, row in zip(made, batch["row"], strict=True)
        ]
        for name, group in groupby(numbered, key=attrgetter("subject")):
            yield place[name], tuple(group)
        start = end


__all__ = ["therapy_of"]
