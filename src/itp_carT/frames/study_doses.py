"""Exposure and concomitant therapy of a study, from the files to the figures.

Exposure is summed over columns. Therapy is a course of partial dates, doses and steps; it goes
patient by patient through the rule for one patient, over rows read in parts.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import attrgetter
from typing import Any

import polars as pl
from attrs import evolve

from itp_carT.errors import ItpCarTError
from itp_carT.protocol.model import Protocol
from itp_carT.response.records import Rescue
from itp_carT.study.assess import Plan, rescues, therapy_course
from itp_carT.study.columns import Origin
from itp_carT.study.endpoints import exposure, therapy
from itp_carT.study.numbers import Number
from itp_carT.study.records import MedicationRecord
from itp_carT.study.study import PatientRecords
from itp_carT.study.tables import BY_NAME

from .study_cells import Part, People, cased, collect, others, records, scan

_BATCH = 20_000  # rows of medication that are records at a time
_CELLS = "CAR-T"


# --- exposure -------------------------------------------------------------------------------------


def exposure_part(people: People, protocol: Protocol) -> Part:
    """Return the cells per kilogram of everybody who was treated."""
    given = _cells(people)
    each, values = [], []
    for at in people.treated():
        one = people.subjects[at]
        weight = one.weight
        cells = given.get(at)
        value = None if cells is None or weight is None else cells / weight.m_as("kg")
        values.append(value)
        each.append(Number(key=f"exposure.cells_per_kg:{one.subject}", label="cells per kilogram",
                           value=value, unit="cell/kg"))  # fmt: skip
    columns = pl.DataFrame(
        {"patient": people.treated(), "cells_per_kg": values},
        schema={"patient": pl.Int32, "cells_per_kg": pl.Float64},
    )
    return Part(list(exposure.figures(each, protocol)), columns)


def _cells(people: People) -> dict[int, float | None]:
    """Return all cells given of each patient; None where an amount is not known."""
    found = cased(people, "infusions", others("infusions", "date", "reason"), ())
    if found is None:
        return {}
    amounts = [
        one.given.m_as("cell") if one.agent == _CELLS and one.given is not None else None
        for one in found.records
    ]
    cases = pl.DataFrame(
        {
            "case": range(len(amounts)),
            "ours": [one.agent == _CELLS for one in found.records],
            "cells": amounts,
        },
        schema={"case": pl.Int32, "ours": pl.Boolean, "cells": pl.Float64},
    )
    rows = found.rows.join(cases, on="case", maintain_order="left").filter("ours")
    known = pl.col("cells").null_count() == 0
    total = rows.group_by("patient").agg(pl.when(known).then(pl.col("cells").sum()))
    return dict(total.iter_rows())


# --- therapy --------------------------------------------------------------------------------------


def therapy_of(people: People, plan: Plan) -> tuple[Part, dict[int, tuple[Rescue, ...] | str]]:
    """Return the therapy of everybody who was infused, and the rescues of each."""
    on, falls = [], {}
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
        summary = therapy.summary(subject.subject, course)
        if summary is not None:
            on.append(summary)
            falls[at] = next(iter(summary.falls), None)
    columns = pl.DataFrame(
        {"patient": [*falls], "glucocorticoid_decrease": [*falls.values()]},
        schema={"patient": pl.Int32, "glucocorticoid_decrease": pl.Float64},
    )
    return Part(list(therapy.figures(on, len(people.infused()))), columns), found


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


__all__ = ["exposure_part", "therapy_of"]
