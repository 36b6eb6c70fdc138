"""CRS, ICANS and ICAHT over all treated patients: worst grade, onset and duration of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

from itp_carT.analytes import NEUTROPHILS
from itp_carT.sources import Citation
from itp_carT.study.assess import PatientResult, Plan
from itp_carT.study.columns import Origin
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.toxicity.episodes import Episode
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.scales import ScaleAssessment

from .parts import count, infused

_KINDS = (("crs", "CRS"), ("icans", "ICANS"))
#: Keys of the figures of ICAHT, and their names.
ICAHT = {"icaht_early": "early ICAHT", "icaht_late": "late ICAHT"}


def section(results: Sequence[PatientResult], _: Plan) -> Section:
    """Return the toxicity of the cells in a study."""
    people = infused(results)
    numbers: list[Number] = []
    for key, name in _KINDS:
        numbers += _figures(key, name, people)
    for key, name in ICAHT.items():
        numbers.append(_icaht(key, name, people))
    rows = [tuple(_row(one)) for one in people]
    listing = Listing(
        key="toxicity.patients",
        title="CRS, ICANS and ICAHT of each patient",
        columns=("subject", "CRS", "CRS days", "ICANS", "ICANS days", "early ICAHT",
                 "late ICAHT"),
        rows=rows,
    )  # fmt: skip
    notes = [
        "CRS and ICANS are graded day by day from the findings, by ASTCT 2019.",
        "Two grades in one cell are both possible.",
        "ICAHT counts neutrophils; its form for platelets cannot be used in ITP and is left out.",
    ]
    below = [
        one.id
        for one in people
        if any(r.measure is NEUTROPHILS and r.value and r.value.sign for r in one.records.labs)
    ]
    if below:
        notes.append(
            f"A neutrophil count below the reporting limit counts as that limit, so ICAHT may be "
            f"worse: {', '.join(below)}."
        )
    for name in ("crs", "icans", "early icaht", "late icaht"):
        notes += [f"{one.id}, {name}: {why}" for one in people if (why := one.refused.get(name))]
    notes += list(_disagreeing(people))
    return Section(key="toxicity", title="CRS, ICANS, ICAHT", numbers=numbers, listings=[listing],
                   notes=notes)  # fmt: skip


def _assessments(one: PatientResult, key: str) -> tuple[ScaleAssessment, ...]:
    return one.crs if key == "crs" else one.icans


def _episodes(one: PatientResult, key: str) -> tuple[Episode, ...]:
    return one.crs_episodes if key == "crs" else one.icans_episodes


def _worst(one: PatientResult, key: str) -> Grade | None:
    """Return the worst grade that is sure; None where nothing was assessed or settled."""
    graded = [grade_of(found) for found in _assessments(one, key)]
    return max((grade for grade in graded if grade is not None), default=None)


def _figures(key: str, name: str, people: Sequence[PatientResult]) -> Iterable[Number]:
    seen = [one for one in people if _assessments(one, key)]
    yield from worst_grades(
        key, name, {one.id: _worst(one, key) for one in seen}, [one.id for one in people],
        citations=[found.scale.source for one in seen for found in _assessments(one, key)[:1]],
        rows=[row.at for one in seen for row in one.records.crs],
    )  # fmt: skip
    yield from _times(key, name, seen)


def worst_grades(
    key: str,
    name: str,
    worst: Mapping[str, Grade | int | None],
    people: Sequence[str],
    *,
    citations: Iterable[Citation] = (),
    rows: Iterable[Origin] = (),
) -> Iterable[Number]:
    """Yield how many had any grade, and grade 3 or worse; and how many were never assessed.

    Parameters
    ----------
    key, name
        For example ``"crs"`` and ``"CRS"``.
    worst
        Worst settled grade of each who was assessed; None where none was settled.
    people
        Everybody who was infused.
    citations, rows
        As in `Number`.
    """
    citations = tuple(citations)
    for least in (1, 3):
        members = [who for who, grade in worst.items() if grade is not None and grade >= least]
        word = "any grade" if least == 1 else f"grade {least} or worse"
        yield count(
            f"toxicity.{key}.{least}", f"patients with {name}, {word}", members, len(people),
            rule="worst settled grade of all assessed days", citations=citations, rows=rows,
        )  # fmt: skip
    missing = [who for who in people if who not in worst]
    if missing:
        yield count(f"toxicity.{key}.missing", f"patients never assessed for {name}", missing,
                    len(people))  # fmt: skip


def _times(key: str, name: str, seen: Sequence[PatientResult]) -> Iterable[Number]:
    onsets, lengths = [], []
    for one in seen:
        onset, length = first_episode(_episodes(one, key))
        day = None if onset is None else one.day(onset)
        if day is not None:
            onsets.append(day)
        if length is not None:
            lengths.append(length)
    yield from times(key, name, onsets, lengths)


def first_episode(found: Sequence[Episode]) -> tuple[dt.date | None, float | None]:
    """Return onset and duration [d] of the first of the episodes; None where not known.

    Parameters
    ----------
    found
        The episodes of one patient, in order.
    """
    for episode in found[:1]:
        longest = episode.longest
        known = longest is not None and episode.shortest == longest
        return episode.onset, longest.m_as("d") if longest is not None and known else None
    return None, None


def times(key: str, name: str, onsets: Iterable[int], lengths: Iterable[float]) -> Iterable[Number]:
    """Yield the median onset and the median duration of the first episode of each patient.

    Parameters
    ----------
    key, name
        For example ``"crs"`` and ``"CRS"``.
    onsets
        Days of onset, from the infusion.
    lengths
        Durations [d] of which both ends are known.
    """
    for label, given, what in (("onset", onsets, "day of onset"), ("length", lengths, "duration")):
        found = sorted(given)
        if found:
            yield Number(
                key=f"toxicity.{key}.{label}", label=f"median {what} of {name}",
                value=median(found), unit="d",
                text=f"{'day ' if label == 'onset' else ''}{median(found):g}"
                f"{'' if label == 'onset' else ' d'} (range {found[0]:g} to {found[-1]:g})",
                rule="first episode of each patient"
                + ("" if label == "onset" else "; only where both ends are known"),
            )  # fmt: skip


def _icaht(key: str, name: str, people: Sequence[PatientResult]) -> Number:
    graded = [(one, getattr(one, key)) for one in people]
    known = [(one, found) for one, found in graded if found is not None]
    severe = [one.id for one, found in known if (grade_of(found) or 0) >= Grade.G3]
    return severe_icaht(
        key, name, severe, len(people), citations=[found.scale.source for _, found in known[:1]]
    )


def grade_of(found: ScaleAssessment | None) -> Grade | None:
    """Return the grade of an assessment; None where nothing was assessed or settled."""
    return found.outcome.grade if found is not None and found.settled else None


def severe_icaht(
    key: str, name: str, severe: Sequence[str], among: int, *, citations: Iterable[Citation]
) -> Number:
    """Return how many had ICAHT of grade 3 or worse.

    Parameters
    ----------
    key, name
        For example ``"icaht_early"`` and ``"early ICAHT"``; see `ICAHT`.
    severe
        Who had.
    among
        Everybody who was infused.
    citations
        As in `Number`.
    """
    return count(
        f"toxicity.{key}.3", f"patients with {name} of grade 3 or worse", severe, among,
        rule="settled grades only", citations=citations,
    )  # fmt: skip


def _possible(found: ScaleAssessment | None) -> str:
    if found is None:
        return "not assessed"
    return " or ".join(str(int(grade)) for grade in reversed(found.possible))


def _row(one: PatientResult) -> Iterable[str]:
    yield one.id
    for key, _ in _KINDS:
        if not _assessments(one, key):
            yield from ("not assessed", "")
            continue
        worst = _worst(one, key)
        yield "not settled" if worst is None else str(int(worst))
        yield "; ".join(
            f"D{one.day(found.onset)} to D{one.day(found.last)}" for found in _episodes(one, key)
        )
    yield _possible(one.icaht_early)
    yield _possible(one.icaht_late)


def _disagreeing(people: Sequence[PatientResult]) -> Iterable[str]:
    """Name the days on which the site's own grade is not among those the findings allow."""
    for one in people:
        for key, name in _KINDS:
            by_day = {found.on: found for found in _assessments(one, key)}
            for row in one.records.crs:
                site, found = getattr(row, f"{key}_grade"), by_day.get(row.date)
                if site is not None and found is not None and site not in found.possible:
                    yield (
                        f"{one.id}, {row.at}: the site graded {name} {site}, the findings say "
                        f"{_possible(found)}"
                    )


__all__ = [
    "ICAHT",
    "first_episode",
    "grade_of",
    "section",
    "severe_icaht",
    "times",
    "worst_grades",
]
