"""Cytopenias of a study as shifts from baseline over columns, from the files to the tables.

A value is graded once for each different row, as if before and as if after the first treatment; a
shift is found once for each different baseline with the grades after it.
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
from itp_carT.study.records import LabRecord
from itp_carT.toxicity.shift import Shift, ShiftTable, shift_table
from itp_carT.verdict import Verdict

from .study_cells import Cased, People, dated
from .study_labs import lab_rows


def shift_listings(people: People, plan: Plan) -> Iterator[Listing]:
    """Yield the tables of `itp_carT.study.endpoints.shifts`, one analyte held at a time."""
    for table in endpoint.cytopenias(plan.header.edition("ctcae")):
        verdicts = _Verdicts(table)
        found = lab_rows(people, table.measures[0], verdicts.of)
        if found is not None:
            yield from endpoint.listing(table, _shifts(people, found, verdicts))


@define
class _Verdicts:
    """The different verdicts of a table, numbered: what leaves the same grades possible is one."""

    table: Any
    different: list[Verdict | None] = field(factory=list)
    _numbers: dict[Any, int] = field(factory=dict)

    def of(self, record: LabRecord) -> tuple[int | None, int | None]:
        """Return the verdict of a value after and before treatment; None where it is not graded."""
        return self._of(record, is_baseline=False), self._of(record, is_baseline=True)

    def _of(self, record: LabRecord, *, is_baseline: bool) -> int | None:
        if record.value is None:
            return None
        try:
            verdict = endpoint.verdict_of(self.table, record, is_baseline=is_baseline)
        except DimensionError:
            return None
        key = None if verdict is None else tuple(verdict.possible)
        if key not in self._numbers:
            self._numbers[key] = len(self.different)
            self.different.append(verdict)
        return self._numbers[key]


def _shifts(people: People, found: Cased, verdicts: _Verdicts) -> ShiftTable:
    treated = pl.coalesce("conditioning", "infusion") - pl.col("infusion")
    begun = people.days.drop_nulls("infusion").select(
        "patient", begun=treated.dt.total_days().cast(pl.Int64)
    )
    rows = dated(people, "labs", found.rows).join(begun, on="patient")
    kinds = {"later": pl.Int32, "first": pl.Int32}
    graded = pl.DataFrame(found.records, schema=kinds, orient="row").with_row_index("case")
    before = pl.col("day") <= pl.col("begun")
    rows = rows.join(graded.cast({"case": pl.Int32}), on="case").select(
        "patient", "day", "row", before=before,
        grade=pl.when(before).then("first").otherwise("later"),
    )  # fmt: skip
    rows = rows.drop_nulls("grade").sort("patient", "day", "row")
    last = rows.filter("before").unique("patient", keep="last").select("patient", baseline="grade")
    after = rows.filter(~pl.col("before")).select("patient", "grade").unique()
    after = after.group_by("patient").agg(
        after=pl.col("grade").sort().cast(pl.String).str.join(" ")
    )
    each = begun.join(last, on="patient", how="left").join(after, on="patient", how="left")
    shifts: list[Shift] = []
    for baseline, later, number in each.group_by("baseline", "after").agg(pl.len()).iter_rows():
        one = shift_table(
            verdicts.table.term,
            {"": None if baseline is None else verdicts.different[baseline]},
            {"": [verdicts.different[int(at)] for at in (later or "").split()]},
        )
        # patients who shift alike share one entry: counting asks for nothing else
        shifts += one.shifts * number
    return ShiftTable(verdicts.table.term, tuple(shifts))


__all__ = ["shift_listings"]
