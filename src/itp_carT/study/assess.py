"""One patient of a study under every rule: response, events, CRS, bleeding, therapy, questionnaire.

What cannot be computed of a patient is said by endpoint, with the reason; the rest still is.
Nothing is decided here: each answer is that of its own rule.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

from attrs import field, frozen

from itp_carT.analytes import NEUTROPHILS, PLATELETS
from itp_carT.bleeding.instrument import BleedingScore
from itp_carT.bleeding_diary import Diary
from itp_carT.errors import AssumptionWarning, ItpCarTError, MissingFactError
from itp_carT.partial_dates import PartialDate
from itp_carT.protocol import concomitant
from itp_carT.quality_of_life.profile import Profile
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.scale import Scale
from itp_carT.response.course import ResponseCourse
from itp_carT.response.course import assess as respond
from itp_carT.response.criteria import Criteria
from itp_carT.response.records import Count, Rescue
from itp_carT.schedule.attendance import Attendance, assign
from itp_carT.schedule.dated import VisitCalendar
from itp_carT.schedule.visits import Schedule
from itp_carT.therapy.course import TherapyCourse
from itp_carT.therapy.course import assess as treat
from itp_carT.therapy.records import UNKNOWN, DoseRecord
from itp_carT.toxicity.astct_2019 import crs_of
from itp_carT.toxicity.emergence import TreatmentPeriod, treatment_emergent
from itp_carT.toxicity.episodes import Episode, episodes
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.icaht_2023 import early, late
from itp_carT.toxicity.scales import ScaleAssessment
from itp_carT.verdict import Verdict

from .header import Header
from .records import LabRecord, MedicationRecord
from .study import PatientRecords

T = TypeVar("T")
NOT_APPLICABLE = "not applicable"
_NO_INFUSION = "the day of the infusion is not known"


@frozen
class Plan:
    """How a study is analyzed: what is the same for every patient.

    Parameters
    ----------
    header
        What study.toml states.
    criteria
        Of response.
    schedule
        The visits; None where the protocol has none.
    questionnaire
        The scales, from the licensed mapping; None without one.
    """

    header: Header
    criteria: Criteria
    schedule: Schedule | None = None
    questionnaire: Questionnaire | None = None


@frozen
class GradedEvent:
    """An adverse event with its row, and whether it is treatment-emergent.

    Parameters
    ----------
    event
        The event.
    record
        Its row.
    emergent
        The verdict; None where the first treatment is not known.
    """

    event: AdverseEvent
    record: Any
    emergent: Verdict | None


@frozen(kw_only=True)
class PatientResult:
    """What every rule says of one patient.

    Parameters
    ----------
    records
        The rows.
    course
        The response.
    scores
        Chinese adult scores by day.
    diary
        Every bleeding assessment.
    events
        Adverse events.
    crs, icans
        Daily assessments of CRS and ICANS by ASTCT 2019.
    crs_episodes, icans_episodes
        Their episodes.
    icaht_early, icaht_late
        Neutropenia by ICAHT.
    therapy
        Concomitant therapy.
    profiles
        Questionnaire profiles by day.
    calendar, attendance
        The visits, and what became of them.
    refused
        Why an endpoint could not be computed, by its name.
    notes
        What a reader must know.
    """

    records: PatientRecords
    course: ResponseCourse | None = None
    scores: tuple[BleedingScore, ...] = ()
    diary: Diary = Diary()
    events: tuple[GradedEvent, ...] = ()
    crs: tuple[ScaleAssessment, ...] = ()
    icans: tuple[ScaleAssessment, ...] = ()
    crs_episodes: tuple[Episode, ...] = ()
    icans_episodes: tuple[Episode, ...] = ()
    icaht_early: ScaleAssessment | None = None
    icaht_late: ScaleAssessment | None = None
    therapy: TherapyCourse | None = None
    profiles: Mapping[dt.date, Profile] = field(factory=dict)
    calendar: VisitCalendar | None = None
    attendance: Attendance | None = None
    refused: Mapping[str, str] = field(factory=dict)
    notes: tuple[str, ...] = ()

    @property
    def id(self) -> str:
        """The identifier of the subject."""
        return self.records.id

    def day(self, on: dt.date) -> int | None:
        """Return the protocol day of a date; None where day 0 is not known."""
        zero = self.records.subject.infusion
        return None if zero is None else (on - zero).days


def last_day(patient: PatientRecords, header: Header) -> dt.date | None:
    """Return the last day on which a patient was observed."""
    subject = patient.subject
    days = [day for day in (subject.end, subject.death, header.cutoff) if day is not None]
    return min(days, default=None)


class _Guard:
    """Runs one endpoint after the other and keeps why one could not be computed."""

    def __init__(self) -> None:
        self.refused: dict[str, str] = {}
        self.notes: list[str] = []

    def __call__(self, name: str, compute: Callable[[], T], otherwise: Any) -> T:
        try:
            with warnings.catch_warnings(record=True) as caught:
                warnings.simplefilter("always")
                found = compute()
        except ItpCarTError as error:
            self.refused[name] = error.message
            return otherwise  # type: ignore[no-any-return]  # an empty T, as the caller says
        self.notes += [
            f"{name}: {one.message}"
            for one in caught
            if issubclass(one.category, AssumptionWarning)
        ]
        return found


def assess_patient(patient: PatientRecords, plan: Plan) -> PatientResult:
    """Ask every rule about one patient.

    Parameters
    ----------
    patient
        The rows.
    plan
        How the study is analyzed.
    """
    guard = _Guard()
    subject = patient.subject
    scores = guard("bleeding", lambda: tuple(_scores(patient)), ())
    diary = guard("bleeding", lambda: _diary(patient), Diary())
    therapy = guard("therapy", lambda: therapy_course(patient, plan.header, guard.notes), None)
    calendar = (
        None
        if plan.schedule is None or subject.infusion is None
        else plan.schedule.on(subject.infusion)
    )
    crs = guard("crs", lambda: tuple(crs_of(row.findings()) for row in patient.crs), ())
    icans = guard("icans", lambda: tuple(filter(None, (r.icans() for r in patient.crs))), ())
    neutrophils = [row.lab() for row in patient.labs if row.measure is NEUTROPHILS]
    return PatientResult(
        records=patient,
        course=guard("response", lambda: _course(patient, plan, diary, therapy), None),
        scores=scores,
        diary=diary,
        events=guard("adverse events", lambda: tuple(_events(patient, plan.header)), ()),
        crs=crs,
        icans=icans,
        crs_episodes=guard("crs", lambda: episodes(crs), ()),
        icans_episodes=guard("icans", lambda: episodes(icans), ()),
        icaht_early=guard("early icaht", lambda: _icaht(early, neutrophils, patient, plan), None),
        icaht_late=guard("late icaht", lambda: _icaht(late, neutrophils, patient, plan), None),
        therapy=therapy,
        profiles=guard("questionnaire", lambda: _profiles(patient, plan), {}),
        calendar=calendar,
        attendance=guard("visits", lambda: _attendance(patient, plan, calendar), None),
        refused=guard.refused,
        notes=tuple(guard.notes),
    )


def _infusion(patient: PatientRecords) -> dt.date:
    day = patient.subject.infusion
    if day is None:
        raise MissingFactError(_NO_INFUSION, field="infusion")
    return day


# --- response -------------------------------------------------------------------------------------


def platelet_rows(patient: PatientRecords) -> tuple[LabRecord, ...]:
    """Return the rows that hold platelet counts."""
    return tuple(row for row in patient.labs if row.measure is PLATELETS)


def _counts(patient: PatientRecords) -> Iterator[Count]:
    for row in platelet_rows(patient):
        if row.value is None:
            yield Count(row.date)
        elif row.value.sign.startswith("<"):
            yield Count(row.date, f"<{row.value.quantity}")
        else:
            yield Count(row.date, row.value.quantity)


def _course(
    patient: PatientRecords, plan: Plan, diary: Diary, therapy: TherapyCourse | None
) -> ResponseCourse:
    subject, zero = patient.subject, _infusion(patient)
    criteria = plan.criteria
    if subject.conditioning is not None:
        first = (subject.conditioning - zero).days
        if first < 0:
            criteria = criteria.with_options(conditioning_day=first)
    diagnosed = subject.diagnosed
    left = subject.end if subject.end_reason not in (None, "completed", "death") else None
    return respond(
        _counts(patient),
        criteria,
        treated_on=zero,
        bleeding=diary,
        rescue=rescues(patient, therapy, zero),
        medication=() if therapy is None else concomitant.medications(therapy),
        diagnosed=None if diagnosed is None else diagnosed.earliest,
        died_on=subject.death,
        last_contact=left,
        patient=patient.id,
    )


def rescues(
    patient: PatientRecords, therapy: TherapyCourse | None, zero: dt.date
) -> tuple[Rescue, ...]:
    """Return the rescues of a patient: those that are recorded, and those the therapy shows.

    Parameters
    ----------
    patient
        The rows.
    therapy
        The course of therapy; None where it could not be computed.
    zero
        Day of the infusion.

    Raises
    ------
    MissingFactError
        A rescue was given on a day that is not known.
    """
    found, stated = [], set()
    for row in patient.medications:
        if row.rescue is not None or row.purpose == "rescue":
            begin = None if row.start is None else row.start.earliest
            if begin is None:
                raise MissingFactError(
                    f"{row.drug} was given as rescue on a day that is not known ({row.at})",
                    field="start",
                )
            end = begin if row.end is None else row.end.latest
            found.append(Rescue(row.rescue or "other rescue", begin, end, reason=row.drug))
            stated.add((begin - zero).days)
    if therapy is not None:
        found += [one for one in concomitant.rescues(therapy) if one.start not in stated]
    return tuple(found)


# --- bleeding -------------------------------------------------------------------------------------


def _age(patient: PatientRecords) -> dict[str, Any]:
    subject = patient.subject
    return {"born": subject.born} if subject.born is not None else {"age": subject.age}


def _scores(patient: PatientRecords) -> Iterator[BleedingScore]:
    for row in patient.bleeding:
        score = row.score(**_age(patient))
        if score is not None:
            yield score


def _diary(patient: PatientRecords) -> Diary:
    found = [one for row in patient.bleeding for one in row.assessments(**_age(patient))]
    return Diary(found, patient=patient.id)


# --- toxicity -------------------------------------------------------------------------------------


def _events(patient: PatientRecords, header: Header) -> Iterator[GradedEvent]:
    subject = patient.subject
    period = None
    if subject.conditioning is not None or subject.infusion is not None:
        first = "lymphodepletion" if subject.conditioning is not None else "infusion"
        period = TreatmentPeriod(
            first=first, lymphodepletion=subject.conditioning, infusion=subject.infusion
        )
    for row in patient.adverse_events:
        event = row.event(header.edition("ctcae"))
        emergent = None if period is None else treatment_emergent(event, period)
        yield GradedEvent(event, row, emergent)


def _icaht(
    grade: Callable[..., ScaleAssessment], counts: Any, patient: PatientRecords, plan: Plan
) -> ScaleAssessment | None:
    if not counts:
        return None
    return grade(counts, infusion=_infusion(patient), until=last_day(patient, plan.header))


# --- therapy --------------------------------------------------------------------------------------


def dose_record(row: MedicationRecord) -> DoseRecord:
    """Return a medication as the rules of therapy take it."""
    rescue = row.purpose == "rescue" or row.rescue is not None or None
    start: Any = UNKNOWN if row.start is None else row.start
    return DoseRecord(
        row.drug,
        row.dose,
        row.frequency,
        start=start,
        end=_end(row),
        route=row.route,
        purpose="itp" if row.purpose == "rescue" else row.purpose,
        rescue=rescue,
    )


def _end(row: MedicationRecord) -> PartialDate | Any:
    if row.end is not None or row.ongoing:
        return row.end
    return None if row.ongoing is None and row.frequency == "once" else UNKNOWN


def therapy_course(patient: PatientRecords, header: Header, notes: list[str]) -> TherapyCourse:
    """Return the course of ITP therapy of a patient.

    Parameters
    ----------
    patient
        The rows.
    header
        What study.toml states.
    notes
        Takes what a reader must know: rows that are not counted.

    Raises
    ------
    MissingFactError
        The day of the infusion or the last day of observation is not known.
    """
    zero, until = _infusion(patient), last_day(patient, header)
    if until is None:
        raise MissingFactError(
            "the last day of observation is not known: state the cutoff in study.toml",
            field="cutoff",
        )
    records = []
    for row in patient.medications:
        try:
            records.append(dose_record(row))
        except ItpCarTError as error:
            notes.append(f"therapy: {row.drug} ({row.at}) is not counted: {error.message}")
    subject = patient.subject
    return treat(
        records, infusion=zero, until=until, weight=subject.weight, died_on=subject.death,
        patient=patient.id,
    )  # fmt: skip


# --- questionnaire --------------------------------------------------------------------------------


def _profiles(patient: PatientRecords, plan: Plan) -> dict[dt.date, Profile]:
    asked = plan.questionnaire
    if asked is None:
        return {}
    days: dict[dt.date, dict[str, str | None]] = {}
    for row in patient.questionnaire:
        days.setdefault(row.date, {})[row.item] = row.answer
    return {
        day: asked.score(
            {item: code for item, code in given.items() if code and code != NOT_APPLICABLE},
            applies={one.key: applies(one, given) for one in asked.scales if one.condition},
            patient=patient.id,
            visit=day.isoformat(),
        )
        for day, given in sorted(days.items())
    }


def applies(scale: Scale, given: Mapping[str, str | None]) -> bool | None:
    """Say whether a conditional scale applies: not where every item was marked as not applicable.

    Parameters
    ----------
    scale
        The scale.
    given
        What was written for each item; None or nothing where it is empty.

    Returns
    -------
    True where anything was written; None where nothing was.
    """
    codes = [given.get(item.key) for item in scale.items]
    if all(code == NOT_APPLICABLE for code in codes):
        return False
    return True if any(codes) else None


# --- visits ---------------------------------------------------------------------------------------


def _dates(patient: PatientRecords) -> Iterable[dt.date]:
    tables = (patient.labs, patient.bleeding, patient.crs, patient.infusions)
    return sorted({row.date for table in tables for row in table})


def _attendance(
    patient: PatientRecords, plan: Plan, calendar: VisitCalendar | None
) -> Attendance | None:
    if calendar is None:
        return None
    return assign(calendar, _dates(patient), until=last_day(patient, plan.header))


__all__ = [
    "NOT_APPLICABLE",
    "GradedEvent",
    "PatientResult",
    "Plan",
    "applies",
    "assess_patient",
    "dose_record",
    "last_day",
    "platelet_rows",
    "rescues",
    "therapy_course",
]
