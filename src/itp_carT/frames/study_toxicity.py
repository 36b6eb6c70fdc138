"""CRS, ICANS and ICAHT of a study over columns, from the files to the figures.

The findings of a day are graded once for each different row. Episodes are found once for each
different course of grades over days: most patients share theirs with many others.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import polars as pl
from attrs import evolve, frozen

from itp_carT.analytes import NEUTROPHILS
from itp_carT.errors import ItpCarTError
from itp_carT.sources import Citation
from itp_carT.study.assess import Plan, last_day
from itp_carT.study.endpoints import toxicity as endpoint
from itp_carT.study.numbers import Number
from itp_carT.study.study import PatientRecords
from itp_carT.toxicity.astct_2019 import crs_of
from itp_carT.toxicity.episodes import episodes
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.icaht_2023 import early_by_day, late_by_day, lowest_by_day, per_microliter
from itp_carT.toxicity.scales import ScaleAssessment

from .study_cells import Part, People, cased, dated, others
from .study_labs import lab_rows

_FINDINGS = (
    *("temperature", "temperature_unit", "fever_explained", "hypotension", "vasopressors"),
    *("oxygen", "flow", "flow_unit", "fio2", "fio2_unit", "masked_by", "life_threatening", "death"),
)
_NEUROLOGY = others("crs", "date", *_FINDINGS)
#: A day to put the first of a course on: only the days between two count.
_FIRST = dt.date(2000, 1, 1)
_ICAHT: dict[str, Callable[..., ScaleAssessment]] = {
    "icaht_early": early_by_day,
    "icaht_late": late_by_day,
}
_COURSE: dict[str, Any] = {"onset": pl.Int64, "days": pl.Float64}


def toxicity_part(people: People, plan: Plan) -> Part:
    """Return the toxicity of the cells in everybody who was infused."""
    columns = pl.DataFrame({"patient": people.infused()}, schema={"patient": pl.Int32})
    numbers: list[Number] = []
    for key, name, cells, assess in _SYNDROMES:
        days = _assessed(people, cells, assess)
        seen = columns.select("patient").join(days.worst(), on="patient", maintain_order="left")
        seen = seen.join(days.first_episodes(), on="patient", how="left", maintain_order="left")
        numbers += _figures(people, key, name, seen, days.kinds)
        seen = seen.rename(
            {"worst": f"{key}_worst", "onset": f"{key}_onset", "days": f"{key}_days"}
        )
        columns = columns.join(seen, on="patient", how="left", maintain_order="left")
    found, citations = _icaht(people, plan)
    columns = columns.join(found, on="patient", how="left", maintain_order="left")
    for key, name in endpoint.ICAHT.items():
        severe = columns.filter(pl.col(key) >= int(Grade.G3))["patient"].to_list()
        numbers.append(
            endpoint.severe_icaht(
                key, name, people.named(severe), columns.height, citations=citations[key]
            )
        )
    return Part(numbers, columns)


# --- CRS and ICANS --------------------------------------------------------------------------------


def _crs(record: Any) -> ScaleAssessment | None:
    return crs_of(record.findings())


def _icans(record: Any) -> ScaleAssessment | None:
    found: ScaleAssessment | None = record.icans()
    return found


_SYNDROMES: tuple[tuple[str, str, Sequence[str], Callable[[Any], ScaleAssessment | None]], ...] = (
    ("crs", "CRS", _FINDINGS, _crs),
    ("icans", "ICANS", _NEUROLOGY, _icans),
)


def _figures(
    people: People, key: str, name: str, seen: pl.DataFrame, kinds: Sequence[ScaleAssessment]
) -> Iterator[Number]:
    worst = dict(zip(people.named(seen["patient"].to_list()), seen["worst"], strict=True))
    yield from endpoint.worst_grades(
        key, name, worst, people.named(people.infused()),
        citations=[kinds[0].scale.source] if worst else [],
    )  # fmt: skip
    yield from endpoint.times(key, name, seen["onset"].drop_nulls(), seen["days"].drop_nulls())


@frozen
class _Days:
    """Assessed days with the number of what is possible on each.

    Parameters
    ----------
    rows
        ``patient``, ``day`` and ``kind``.
    kinds
        An assessment for each different set of grades that is possible.
    """

    rows: pl.DataFrame
    kinds: list[ScaleAssessment]

    def worst(self) -> pl.DataFrame:
        """Return the worst settled grade of each patient who was assessed."""
        grades = [endpoint.grade_of(one) for one in self.kinds]
        graded = pl.DataFrame(
            {
                "kind": range(len(grades)),
                "worst": [None if grade is None else int(grade) for grade in grades],
            },
            schema={"kind": pl.Int32, "worst": pl.Int8},
        )
        rows = self.rows.join(graded, on="kind")
        return rows.group_by("patient").agg(pl.col("worst").max())

    def first_episodes(self) -> pl.DataFrame:
        """Return day of onset and duration [d] of the first episode of each patient."""
        since = (pl.col("day") - pl.col("first")).cast(pl.String)
        rows = self.rows.with_columns(first=pl.col("day").min().over("patient"))
        rows = rows.with_columns(
            told=pl.concat_str(since, pl.lit(":"), pl.col("kind").cast(pl.String))
        )
        courses = rows.group_by("patient", "first").agg(course=pl.col("told").sort().str.join(" "))
        different = courses.select("course").unique()
        found = [self._first_episode(course) for course in different["course"]]
        told = pl.DataFrame(found, schema=_COURSE, orient="row")
        each = courses.join(different.hstack(told), on="course")
        return each.select("patient", pl.col("onset") + pl.col("first"), "days")

    def _first_episode(self, course: str) -> tuple[int | None, float | None]:
        """Find the first episode of a course; its onset from the first assessed day."""
        days = []
        for text in course.split():
            since, _, kind = text.partition(":")
            days.append(evolve(self.kinds[int(kind)], on=_FIRST + dt.timedelta(int(since))))
        try:
            onset, length = endpoint.first_episode(episodes(days))
        except ItpCarTError:  # two assessments of a day, not settled: no episodes of the patient
            return None, None
        return None if onset is None else (onset - _FIRST).days, length


def _assessed(
    people: People, cells: Sequence[str], assess: Callable[[Any], ScaleAssessment | None]
) -> _Days:
    """Return the assessed days of those who were infused."""
    found = cased(people, "crs", cells, ("date",))
    if found is None:
        empty = {"patient": pl.Int32, "day": pl.Int64, "kind": pl.Int32}
        return _Days(pl.DataFrame(schema=empty), [])
    kinds: dict[tuple[Grade, ...], ScaleAssessment] = {}
    numbers: list[int | None] = []
    for one in map(assess, found.records):
        if one is not None:
            kinds.setdefault(one.possible, one)
        numbers.append(None if one is None else list(kinds).index(one.possible))
    cases = pl.DataFrame(
        {"case": range(len(numbers)), "kind": numbers},
        schema={"case": pl.Int32, "kind": pl.Int32},
    )
    rows = dated(people, "crs", found.rows).join(cases, on="case")
    return _Days(rows.select("patient", "day", "kind").drop_nulls(), [*kinds.values()])


# --- ICAHT ----------------------------------------------------------------------------------------


def _icaht(people: People, plan: Plan) -> tuple[pl.DataFrame, dict[str, list[Citation]]]:
    """Return the settled grades of ICAHT of each patient with a row of neutrophils.

    Runs of low days between interpolated counts are no columns, and hardly two patients have one
    course: the rule for one patient is asked patient by patient. Only day and count of the rows
    of neutrophils are held.
    """
    grades: dict[str, list[Any]] = {"patient": [], **{key: [] for key in endpoint.ICAHT}}
    citations: dict[str, list[Citation]] = {key: [] for key in endpoint.ICAHT}
    for at, counts in _neutrophils(people):
        subject = people.subjects[at]
        zero, end = subject.infusion, last_day(PatientRecords(subject=subject), plan.header)
        if zero is None:
            continue
        until = None if end is None else (end - zero).days
        per_ul = lowest_by_day(counts)
        grades["patient"].append(at)
        for key, grade in _ICAHT.items():
            try:
                found = grade(per_ul, until=until)
            except ItpCarTError:  # follow-up ended before the infusion: no grade of the patient
                grades[key].append(None)
                continue
            reached = endpoint.grade_of(found)
            grades[key].append(None if reached is None else int(reached))
            citations[key] = citations[key] or [found.scale.source]
    kinds: dict[str, Any] = {"patient": pl.Int32, **dict.fromkeys(endpoint.ICAHT, pl.Int8)}
    return pl.DataFrame(grades, schema=kinds), citations


def _neutrophils(people: People) -> Iterator[tuple[int, Iterable[tuple[int, float | None]]]]:
    """Yield the neutrophils [/uL] of each patient who was infused: day and count."""
    found = lab_rows(people, NEUTROPHILS, lambda record: per_microliter(record.lab()))
    if found is None:
        return
    cases = pl.DataFrame(
        {"case": range(len(found.records)), "count": found.records},
        schema={"case": pl.Int32, "count": pl.Float64},
    )
    rows = dated(people, "labs", found.rows).drop_nulls("day").join(cases, on="case")
    each = rows.sort("patient").group_by("patient", maintain_order=True).agg("day", "count")
    for at, days, values in each.iter_rows():
        yield at, zip(days, values, strict=True)


__all__ = ["toxicity_part"]
