"""Protocol deviations that can be told from the data: eligibility, doses, days, and visits.

They are listed for somebody to judge. What is not recorded is listed as not recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from itp_carT.dosing.drugs import Course
from itp_carT.protocol.model import Protocol
from itp_carT.rounding import fixed
from itp_carT.schedule.attendance import Timing
from itp_carT.study.assess import PatientResult
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.study.records import InfusionRecord, SubjectRecord

from .exposure import cells_text, given_of, per_kg, place
from .parts import count, treated

#: What became of a visit, in the order of the table.
SHOWN = (
    Timing.ON_TIME, Timing.EARLY, Timing.LATE, Timing.MISSED, Timing.OPEN, Timing.PLANNED,
)  # fmt: skip


def section(results: Sequence[PatientResult], protocol: Protocol) -> Section:
    """Return the deviations of a study."""
    people = treated(results)
    found = [
        (one.id, kind, text, where)
        for one in people
        for kind, text, where in _of_patient(one, protocol)
    ]
    with_any = list(dict.fromkeys(who for who, *_ in found))
    listings = [
        Listing(
            key="deviations.list", title="Deviations",
            columns=("subject", "kind", "what", "where"), rows=found,
        ),
        _visits(people),
    ]  # fmt: skip
    return Section(
        key="deviations", title="Protocol deviations",
        numbers=[figure(with_any, len(people))],
        listings=listings,
        notes=[
            "The protocol itself is not public: deviations are from the registry entry.",
            "A visit is what was recorded on a day (samples, assessments, infusions).",
        ],
    )  # fmt: skip


def figure(names: Sequence[str], among: int) -> Number:
    """Return how many patients have a deviation.

    Parameters
    ----------
    names
        Who has any.
    among
        Everybody who was treated.
    """
    return count("deviations.any", "patients with a deviation that the data show", names, among,
                 rule="eligibility, days and doses of treatment")  # fmt: skip


def _of_patient(one: PatientResult, protocol: Protocol) -> Iterator[tuple[str, str, str]]:
    subject = one.records.subject
    at = str(subject.at) if subject.at.file else ""
    for text in of_entry(subject, protocol):
        yield "eligibility", text, at
    yield from _drugs(one, protocol)
    found = per_kg(one)
    where = ", ".join(str(row) for row in found.rows if row.file != subject.at.file)
    value = found.value if isinstance(found.value, float) else None
    infused = subject.infusion is not None
    if text := of_cells(value, protocol, infused=infused, why=found.why):
        yield "dose", text, where


def of_entry(subject: SubjectRecord, protocol: Protocol) -> Iterator[str]:
    """Yield the entry criteria that a subject does not meet, or of which nothing is recorded."""
    if subject.infusion is not None:
        age = protocol.eligibility.note(subject.person(), on=subject.infusion)
        if age:
            yield age
    if subject.entry is None:
        yield "refractory or relapsed: not recorded"
    if subject.eligible is False:
        yield "the site states that an entry criterion was not met"


def _drugs(one: PatientResult, protocol: Protocol) -> Iterator[tuple[str, str, str]]:
    for course in protocol.lymphodepletion.courses:
        rows = given_of(one, course.drug.name)
        where = ", ".join(str(row.at) for row in rows)
        for text in of_days(course, {one.day(row.date) for row in rows if taken(row)}):
            yield "days", text, where
        for row in rows:
            if text := of_dose(row):
                yield "dose", text, str(row.at)


def taken(row: InfusionRecord) -> bool:
    """Say whether a drug was given; an amount of 0 says that it was not."""
    return row.given is None or bool(row.given.m_as("mg") > 0)


def of_days(course: Course, given: Collection[int | None]) -> Iterator[str]:
    """Yield planned days without a dose, then days with one that is not planned.

    Parameters
    ----------
    course
        The drug and its days.
    given
        Protocol days on which it was given; None where day 0 is not known.
    """
    name, planned = course.drug.name, {day.number for day in course.days}
    for day in sorted(planned.difference(given)):
        yield f"{name}: nothing recorded on D{day}"
    for extra in sorted(day for day in set(given) - planned if day is not None):
        yield f"{name} on D{extra}, which the protocol does not plan"


def of_dose(row: InfusionRecord) -> str:
    """Say by how much a dose of a drug differs from the planned one; empty where it does not."""
    if row.planned is None or row.given is None or row.planned == row.given:
        return ""
    reason = f": {row.reason}" if row.reason else ", no reason stated"
    planned = row.planned.m_as("mg")
    if not planned:
        return f"{row.agent}, {row.given} given where none was planned{reason}"
    share = 100 * row.given.m_as("mg") / planned
    return f"{row.agent}, {fixed(share, 0)} % of the planned dose{reason}"


def of_cells(value: float | None, protocol: Protocol, *, infused: bool, why: str) -> str:
    """Say that the cells given are outside the range, or not known; empty where they are inside.

    Parameters
    ----------
    value
        Cells given per kilogram [cell/kg]; None where not known.
    protocol
        The protocol.
    infused
        Whether the day of the infusion is known.
    why
        Why the value is not known.
    """
    if value is None:
        return f"cells per kilogram not known: {why}" if infused else ""
    where = place(value, protocol)
    if where == "within":
        return ""
    limit = protocol.cells.lowest if where == "below" else protocol.cells.highest
    return f"cells: {cells_text(value)}, {where} {limit}"


def _visits(people: Sequence[PatientResult]) -> Listing:
    seen = [one.attendance for one in people if one.attendance is not None]
    keys = [visit.visit.key for visit in seen[0].visits] if seen else []
    counts: dict[str, dict[Timing, int]] = {key: {} for key in keys}
    for attendance in seen:
        for visit in attendance.visits:
            by = counts[visit.visit.key]
            by[visit.timing] = by.get(visit.timing, 0) + 1
    return visits_listing(counts, len(seen))


def visits_listing(counts: Mapping[str, Mapping[Timing, int]], among: int) -> Listing:
    """Return the table of visits.

    Parameters
    ----------
    counts
        By visit and timing: how many patients.
    among
        Patients whose visits are known.
    """
    return Listing(
        key="deviations.visits",
        title=f"Visits (n = {among})",
        columns=("visit", *(timing.label for timing in SHOWN)),
        rows=[(key, *(by.get(timing, 0) for timing in SHOWN)) for key, by in counts.items()],
        note="Open: the window had not passed when observation ended; planned: it had not begun.",
    )


__all__ = [
    "SHOWN",
    "figure",
    "of_cells",
    "of_days",
    "of_dose",
    "of_entry",
    "section",
    "taken",
    "visits_listing",
]
