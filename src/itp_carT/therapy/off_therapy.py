"""What a response assessment needs to know of therapy, as plain data of days and words.

Intervals with which `itp_carT.protocol.concomitant` makes the rescue and medication records of
`itp_carT.response`; the two instruments do not know each other.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from attrs import frozen

from .agents import GLUCOCORTICOIDS, Agent
from .course import RESCUE_CLASSES, TherapyCourse
from .daily import Dated, DoseSeries, Span
from .drugs import DrugClass
from .terms import Purpose

#: Kinds of rescue, in the words that response takes.
TRANSFUSION = "platelet transfusion"
OTHER = "other rescue"
TOXICITY_STEROID = "corticosteroid for CRS or ICANS"
NEW = "new ITP therapy"


@frozen(order=True)
class Interval:
    """Days from a first to a last, both included."""

    first: int
    last: int

    @property
    def days(self) -> int:
        """How many days."""
        return self.last - self.first + 1


@frozen(order=True)
class RescueInterval:
    """Days of one rescue: when, its kind in the words of response, and why it is one."""

    start: int
    end: int
    kind: str
    reason: str


@frozen(order=True)
class MedicationInterval:
    """Days on one ITP drug that was taken before the infusion, and those of a raised dose."""

    start: int
    end: int
    drug: str
    raised_on: tuple[int, ...] = ()


def off_therapy(course: TherapyCourse, *, gap_days: int = 1) -> tuple[Interval, ...]:
    """Return the intervals without any ITP therapy, from the infusion to the end of the window.

    Parameters
    ----------
    course
        The patient's therapy.
    gap_days
        Shorter intervals are left out [days].

    Examples
    --------
    >>> from itp_carT.therapy.course import assess
    >>> from itp_carT.therapy.records import DoseRecord
    >>> record = DoseRecord("danazol", "200 mg", "BID", start=-60, end=20)
    >>> off_therapy(assess([record], until=180))
    (Interval(first=21, last=180),)
    """
    on = [False] * (course.last + 1)
    for agent in course.agents:
        for span in agent.series.within(0, course.last):
            if span.dose != 0:
                on[span.first : span.last + 1] = [True] * span.days
    found, begin = [], None
    for day, taken in enumerate([*on, True]):
        if not taken and begin is None:
            begin = day
        elif taken and begin is not None:
            found.append(Interval(begin, day - 1))
            begin = None
    return tuple(one for one in found if one.days >= gap_days)


def rescue_intervals(course: TherapyCourse) -> tuple[RescueInterval, ...]:
    """Return what was given to raise the platelet count, or would do so.

    Transfusions and immunoglobulin always; a glucocorticoid begun after the infusion; one given
    for toxicity, by that name; and a new ITP therapy. ``DoseRecord(rescue=...)`` decides where it
    is said.
    """
    found: set[RescueInterval] = set()
    for dated in (*course.counted, *course.left_out):
        kind, reason = _kind(dated)
        if kind and dated.first <= course.last:
            last = min(dated.last, course.last)
            found.add(RescueInterval(dated.first, last, kind, reason))
    found.update(_begun(course))
    return tuple(sorted(found))


def _kind(dated: Dated) -> tuple[str, str]:
    """Return what kind of rescue a record is by itself, and why; empty where it is none."""
    record = dated.record
    drug = record.drug
    if record.rescue is False:
        return "", ""
    if drug.name == TRANSFUSION:
        return TRANSFUSION, drug.name
    if drug.drug_class is DrugClass.GLUCOCORTICOID and record.purpose is Purpose.TOXICITY:
        return TOXICITY_STEROID, drug.name
    if record.rescue:
        return OTHER, f"{drug.name}, recorded as rescue"
    ours = record.purpose is Purpose.ITP
    if ours and drug.drug_class is DrugClass.IMMUNOGLOBULIN:
        return OTHER, f"{drug.name} raises the count"
    return "", ""


def _begun(course: TherapyCourse) -> Iterator[RescueInterval]:
    """Yield what was begun after the infusion: glucocorticoids again, other drugs for the first."""
    spared = {dated.record.drug.name for dated in course.counted if dated.record.rescue is False}
    for agent in course.agents:
        if spared.issuperset(agent.drugs):
            continue
        runs = _taken(agent.series)
        if agent.name == GLUCOCORTICOIDS:
            for begin, end in runs:
                if begin >= 0:
                    yield RescueInterval(begin, end, OTHER, "glucocorticoid begun")
        elif agent.drug_class not in RESCUE_CLASSES and runs and runs[0][0] > 0:
            begin, end = runs[0]
            if agent.name != "tranexamic acid":
                yield RescueInterval(begin, end, NEW, f"{agent.name} begun")
    for dated in course.left_out:
        if dated.record.drug.name == "splenectomy" and 0 < dated.first <= course.last:
            yield RescueInterval(dated.first, dated.first, NEW, "splenectomy")


def _taken(series: DoseSeries) -> list[tuple[int, int]]:
    """Return first and last day of each run of days on a drug."""
    runs: list[tuple[int, int]] = []
    for span in series.spans:
        if span.dose == 0:
            continue
        if runs and runs[-1][1] == span.first - 1:
            runs[-1] = (runs[-1][0], span.last)
        else:
            runs.append((span.first, span.last))
    return runs


def medication_intervals(course: TherapyCourse) -> tuple[MedicationInterval, ...]:
    """Return the days on each ITP drug that was taken before the infusion.

    A raised dose stands with the interval it falls in. Beginning a glucocorticoid again is rescue
    and not a raised dose; taking up another drug again is one.
    """
    found = []
    for agent in course.agents:
        runs = _taken(agent.series)
        if not runs or runs[0][0] >= 0:
            continue
        raised = _raised(agent)
        found += [
            MedicationInterval(
                begin, end, agent.name, tuple(day for day in raised if begin <= day <= end)
            )
            for begin, end in runs
        ]
    return tuple(sorted(found))


def _raised(agent: Agent) -> list[int]:
    if agent.effect_days is not None:
        return _raised_events(agent)
    raised = []
    before: Span | None = None
    for span in agent.series.spans:
        more = before is not None and None not in (before.dose, span.dose)
        if more and before is not None and (span.dose or 0) > (before.dose or 0):
            again = before.dose == 0
            if span.first > 0 and not (again and agent.name == GLUCOCORTICOIDS):
                raised.append(span.first)
        before = span
    return raised


def _raised_events(agent: Agent) -> list[int]:
    """Return days on which an event-type drug was given again, or more of it."""
    raised = []
    for (day, dose), (after, more) in pairwise(agent.given):
        again = after - day > (agent.effect_days or 0)
        higher = dose is not None and more is not None and more > dose
        if after > 0 and (again or higher):
            raised.append(after)
    return raised


__all__ = [
    "Interval",
    "MedicationInterval",
    "RescueInterval",
    "medication_intervals",
    "off_therapy",
    "rescue_intervals",
]
