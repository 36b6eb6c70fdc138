"""Cytopenias of a study as shifts from baseline over columns, from the files to the tables.

A value is graded once for each different row before and after the first treatment; a shift is found
once for each different baseline with the grades after it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import polars as pl
from attrs import define, field

from itp_carT.errors import DimensionError
from itp_carT.study.assess import Plan
from itp_carT.study.endpoints import shifts as endpoint
from itp_carT.study.numbers import Listing
from itp_carT.toxicity.shift import Shift, ShiftTable, shift_table
from itp_carT.verdict import Verdict

from .study_cells import Cased, People, dated
from .study_labs import lab_rows


def shift_listings(people: People, plan: Plan) -> Iterator[Listing]:
    """Yield the tables of `itp_carT.study.endpoints.shifts`, one analyte held at a time."""
    for table in endpoint.cytopenias(plan.header.edition("ctcae")):
        found = lab_rows(people, table.measures[0])
        if found is not None:
            yield from endpoint.listing(table, _shifts(people, table, found))


@define
class _Verdicts:
    """The different verdicts, numbered: those that leave the same grades possible are one."""

    different: list[Verdict | None] = field(factory=list)
    _numbers: dict[Any, int] = field(factory=dict)

    def number(self, verdict: Verdict | None) -> int:
        key = None if verdict is None else tuple(verdict.possible)
        if key not in self._numbers:
            self._numbers[key] = len(self.different)
            self.different.append(verdict)
        return self._numbers[key]


def _shifts(people: People, table: Any, found: Cased) -> ShiftTable:
    treated = pl.coalesce("conditioning", "infusion") - pl.col("infusion")
    begun = people.days.drop_nulls("infusion").select(
        "patient", begun=treated.dt.total_days().cast(pl.Int64)
    )
    rows = dated(people, "labs", found.rows).join(begun, on="patient")
    rows = rows.with_columns(before=pl.col("day") <= pl.col("begun"))
    verdicts = _Verdicts()
    rows = rows.join(_graded(table, found, rows, verdicts), on=["case", "before"])
    rows = rows.sort("patient", "day", "row")
    last = rows.filter("before").unique("patient", keep="last").select("patient", baseline="grade")
    after = rows.filter(~pl.col("before")).select("patient", "grade").unique()
    after = after.group_by("patient").agg(
        after=pl.col("grade").sort().cast(pl.String).str.join(" ")
    )
    each = begun.join(last, on="patient", how="left").join(after, on="patient", how="left")
    shifts: list[Shift] = []
    for baseline, later, number in each.group_by("baseline", "after").agg(pl.len()).iter_rows():
        one = shift_table(
            table.term,
            {"": None if baseline is None else verdicts.different[baseline]},
            {"": [verdicts.different[int(at)] for at in (later or "").split()]},
        )
        # patients who shift alike share one entry: counting asks for nothing else
        shifts += one.shifts * number
    return ShiftTable(table.term, tuple(shifts))


def _graded(table: Any, found: Cased, rows: pl.DataFrame, verdicts: _Verdicts) -> pl.DataFrame:
    """Grade each different value that there is, before and after the first treatment."""
    told = []
    for case, before in rows.select("case", "before").unique().sort("case", "before").iter_rows():
        record = found.records[case]
        if record.value is None:
            continue
        try:
            verdict = endpoint.verdict_of(table, record, is_baseline=before)
        except DimensionError:
            continue
        told.append((case, before, verdicts.number(verdict)))
    kinds = {"case": pl.Int32, "before": pl.Boolean, "grade": pl.Int32}
    return pl.DataFrame(told, schema=kinds, orient="row")


__all__ = ["shift_listings"]
