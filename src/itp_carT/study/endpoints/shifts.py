"""Cytopenias from the laboratory, as shifts from the patient's own baseline sample.

In immune thrombocytopenia most patients begin with a platelet count of grade 3 or 4: what counts is
how much worse it became.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from attrs import evolve

from itp_carT.errors import DimensionError
from itp_carT.study.assess import PatientResult
from itp_carT.study.cells import Amount
from itp_carT.study.numbers import Listing
from itp_carT.study.records import LabRecord
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.shift import SHIFTING, ShiftTable, shift_table
from itp_carT.units import make, symbol
from itp_carT.verdict import Verdict, decide

#: Counts whose fall is judged against the patient's own baseline, in the order of the report.
CYTOPENIAS = ("platelets", "neutrophils", "white_cells", "lymphocytes", "hemoglobin")
_EDITIONS: dict[str, Any] = {
    "ctcae-v4.03": ctcae_v4, "ctcae-v5.0": ctcae_v5, "ctcae-v6.0": ctcae_v6,
}  # fmt: skip


def shifts(people: Sequence[PatientResult], edition: str) -> Iterator[Listing]:
    """Yield a table for each cytopenia of which there is a grade after baseline.

    Parameters
    ----------
    people
        Everybody who was treated.
    edition
        Of the terms, e.g. ``"ctcae-v5.0"``.
    """
    for table in cytopenias(edition):
        yield from listing(table, _shift(people, table))


def cytopenias(edition: str) -> Iterator[Any]:
    """Yield the tables of an edition that grade the fall of a count; none of another edition."""
    module = _EDITIONS.get(edition)
    for table in () if module is None else module.LABORATORY:
        keys = [measure.key for measure in table.measures]
        if len(keys) == 1 and keys[0] in CYTOPENIAS and "increased" not in table.key:
            yield table


def _shift(people: Sequence[PatientResult], table: Any) -> ShiftTable:
    baseline: dict[str, Verdict | None] = {}
    after: dict[str, list[Verdict | None]] = {}
    for one in people:
        zero = one.records.subject.infusion
        first = one.records.subject.conditioning or zero
        if zero is None or first is None:
            continue
        rows = sorted(
            (row for row in one.records.labs if row.measure.key == table.measures[0].key),
            key=lambda row: row.date,
        )
        for row in rows:
            if row.value is None:
                continue
            before_treatment = row.date <= first
            try:
                verdict = verdict_of(table, row, is_baseline=before_treatment)
            except DimensionError:
                continue
            if before_treatment:
                baseline[one.id] = verdict  # the last one stays
            else:
                after.setdefault(one.id, []).append(verdict)
        baseline.setdefault(one.id, None)
    return shift_table(table.term, baseline, after)


#: From just beyond the reporting limit to far beyond it.
_BEYOND = {"<": (1 - 1e-6, 1e-6), "<=": (1.0, 1e-6), ">": (1 + 1e-6, 1e6), ">=": (1.0, 1e6)}


def verdict_of(table: Any, row: LabRecord, *, is_baseline: bool) -> Verdict | None:
    """Grade a value; one beyond a reporting limit only where every such value has one grade.

    Parameters
    ----------
    table
        One of `cytopenias`.
    row
        The value; None is returned where there is none.
    is_baseline
        Whether it is of the time before treatment.

    Raises
    ------
    DimensionError
        A quantity that the table does not grade.
    """
    reported = row.value
    if reported is None:
        return None
    if not reported.sign:
        return decide(table, row.lab(is_baseline=is_baseline))
    number, unit = reported.quantity.magnitude, symbol(reported.quantity)
    near, far = (
        decide(
            table,
            evolve(row, value=Amount(make(number * share, unit), "")).lab(is_baseline=is_baseline),
        )
        for share in _BEYOND[reported.sign]
    )
    return near if near.possible == far.possible else None


def listing(table: Any, found: ShiftTable) -> Iterable[Listing]:
    """Yield the table of the report; none where nothing after baseline has a grade.

    Parameters
    ----------
    table
        One of `cytopenias`.
    found
        The shifts of everybody who was infused.
    """
    if all(shift.worst is None for shift in found.shifts):
        return
    grades = [grade for grade in Grade if grade is not Grade.G5]
    cells = Counter((shift.baseline, shift.worst) for shift in found.shifts)
    new = found.new_toxicity
    yield Listing(
        key=f"events.shift.{table.key}",
        title=f"{table.term}: worst grade after the baseline sample, by its grade",
        columns=("baseline", *(f"worst {int(grade)}" for grade in grades), "not known"),
        rows=[
            (
                f"grade {int(b)}" if b is not None else "not known",
                *(cells[b, w] for w in (*grades, None)),
            )
            for b in (*grades, None)
        ],
        note=f"New or worse: {new[True]}, neither: {new[False]}, open: {new[None]} ({SHIFTING}).",
    )


__all__ = ["CYTOPENIAS", "cytopenias", "listing", "shifts", "verdict_of"]
