"""Exposure of a study, from the files to the figures: cells per kilogram, doses per area.

Each different row is read once. What a patient was given is added up in the order of the days by
the function that adds it up for one patient, so that not even the last digit differs.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from itp_carT.protocol.model import Protocol
from itp_carT.study.endpoints import exposure
from itp_carT.study.numbers import Number

from .study_cells import Cased, Part, People, cased, others, spans

_CELLS = "CAR-T"


def exposure_part(people: People, protocol: Protocol) -> Part:
    """Return the cells per kilogram and the doses per area of everybody who was treated."""
    found = given_rows(people)
    columns = {"cells_per_kg": _per_kg(people, found), **_per_area(people, found, protocol)}
    each = [
        Number(key=f"exposure.cells_per_kg:{name}", label="cells per kilogram", value=value,
               unit="cell/kg")
        for name, value in zip(people.named(people.treated()), columns["cells_per_kg"], strict=True)
    ]  # fmt: skip
    frame = pl.DataFrame(
        {"patient": people.treated(), **columns},
        schema={"patient": pl.Int32, **dict.fromkeys(columns, pl.Float64)},
    )
    return Part(list(exposure.figures(each, protocol)), frame)


def given_rows(people: People) -> Cased | None:
    """Return the administrations in the order of their days."""
    found = cased(people, "infusions", others("infusions", "date"), ("date",))
    if found is None:
        return None
    rows = spans(people, "infusions", found.rows, "date")
    rows = rows.sort("patient", "date_first", "row").select("patient", "case", on="date_first")
    return Cased(rows, found.records, found.cases)


def amounts(found: Cased | None, agent: str, unit: str) -> dict[int, list[float | None]]:
    """Return the amounts given of an agent [unit], by patient."""
    if found is None:
        return {}
    ours = [one.agent == agent for one in found.records]
    values: list[Any] = [
        one.given.m_as(unit) if one.agent == agent and one.given is not None else None
        for one in found.records
    ]
    cases = pl.DataFrame(
        {"case": range(len(ours)), "ours": ours, "amount": values},
        schema={"case": pl.Int32, "ours": pl.Boolean, "amount": pl.Float64},
    )
    rows = found.rows.join(cases, on="case", maintain_order="left").filter("ours")
    each = rows.group_by("patient", maintain_order=True).agg("amount")
    return dict(each.iter_rows())


def _per_kg(people: People, found: Cased | None) -> list[float | None]:
    given = amounts(found, _CELLS, "cell")
    return [
        exposure.cells_per_kg(exposure.summed(given.get(at, ())), people.subjects[at].weight)
        for at in people.treated()
    ]


def _per_area(
    people: People, found: Cased | None, protocol: Protocol
) -> dict[str, list[float | None]]:
    """Return the dose per area and day [mg/m²] of each drug of lymphodepletion."""
    areas = [exposure.area_of(people.subjects[at], protocol) for at in people.treated()]
    columns = {}
    for course in protocol.lymphodepletion.courses:
        given = amounts(found, course.drug.name, "mg")
        columns[f"{course.drug.name}_per_area"] = [
            exposure.daily_per_area(exposure.summed(rows), area, len(rows))
            for at, area in zip(people.treated(), areas, strict=True)
            for rows in [given.get(at, [])]
        ]
    return columns


__all__ = ["amounts", "exposure_part", "given_rows"]
