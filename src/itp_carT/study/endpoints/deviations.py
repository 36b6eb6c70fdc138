"""Protocol deviations that can be told from the data: eligibility, doses, days, and visits.

They are listed for somebody to judge. What is not recorded is listed as not recorded.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from itp_carT.protocol.model import Protocol
from itp_carT.rounding import fixed
from itp_carT.schedule.attendance import Timing
from itp_carT.study.assess import PatientResult
from itp_carT.study.numbers import Listing, Section

from .exposure import given_of, per_kg
from .parts import count, treated

_SHOWN = (
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
        numbers=[count("deviations.any", "patients with a deviation that the data show", with_any,
                       len(people), rule="eligibility, days and doses of treatment")],
        listings=listings,
        notes=[
            "The protocol itself is not public: deviations are from the registry entry.",
            "A visit is what was recorded on a day (samples, assessments, infusions).",
        ],
    )  # fmt: skip


def _of_patient(one: PatientResult, protocol: Protocol) -> Iterable[tuple[str, str, str]]:
    subject = one.records.subject
    at = str(subject.at) if subject.at.file else ""
    if subject.infusion is not None:
        age = protocol.eligibility.note(subject.person(), on=subject.infusion)
        if age:
            yield "eligibility", age, at
    if subject.entry is None:
        yield "eligibility", "refractory or relapsed: not recorded", at
    if subject.eligible is False:
        yield "eligibility", "the site states that an entry criterion was not met", at
    yield from _drugs(one, protocol)
    yield from _cells(one, protocol)


def _drugs(one: PatientResult, protocol: Protocol) -> Iterable[tuple[str, str, str]]:
    for course in protocol.lymphodepletion.courses:
        name = course.drug.name
        rows = given_of(one, name)
        planned = {day.number for day in course.days}
        given = {one.day(row.date) for row in rows if row.given is None or row.given.m_as("mg") > 0}
        where = ", ".join(str(row.at) for row in rows)
        for day in sorted(planned - given):
            yield "days", f"{name}: nothing recorded on D{day}", where
        for extra in sorted(day for day in given - planned if day is not None):
            yield "days", f"{name} on D{extra}, which the protocol does not plan", where
        for row in rows:
            if row.planned is None or row.given is None or row.planned == row.given:
                continue
            share = 100 * row.given.m_as("mg") / row.planned.m_as("mg") if row.planned else 0
            reason = f": {row.reason}" if row.reason else ", no reason stated"
            yield "dose", f"{name}, {fixed(share, 0)} % of the planned dose{reason}", str(row.at)


def _cells(one: PatientResult, protocol: Protocol) -> Iterable[tuple[str, str, str]]:
    found = per_kg(one)
    where = ", ".join(str(row) for row in found.rows if row.file != one.records.subject.at.file)
    low, high = protocol.cells.lowest, protocol.cells.highest
    if not isinstance(found.value, float):
        if one.records.subject.infusion is not None:
            yield "dose", f"cells per kilogram not known: {found.why}", where
        return
    if found.value < low.m_as("cell/kg") * (1 - 1e-9):
        yield "dose", f"cells: {found}, below {low}", where
    if found.value > high.m_as("cell/kg") * (1 + 1e-9):
        yield "dose", f"cells: {found}, above {high}", where


def _visits(people: Sequence[PatientResult]) -> Listing:
    seen = [one.attendance for one in people if one.attendance is not None]
    keys = [visit.visit.key for visit in seen[0].visits] if seen else []
    rows = []
    for at, key in enumerate(keys):
        timings = [attendance.visits[at].timing for attendance in seen]
        rows.append((key, *(timings.count(timing) for timing in _SHOWN)))
    return Listing(
        key="deviations.visits",
        title=f"Visits (n = {len(seen)})",
        columns=("visit", *(timing.label for timing in _SHOWN)),
        rows=rows,
        note="Open: the window had not passed when observation ended; planned: it had not begun.",
    )


__all__ = ["section"]
