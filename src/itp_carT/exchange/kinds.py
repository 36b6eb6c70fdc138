"""The kinds of object that are exchanged, by the name that stands in a document.

A name is never given to another class; a class that is split or renamed keeps its old name here.
"""

from __future__ import annotations

import importlib
from typing import Any

from itp_carT.errors import UnknownTermError
from itp_carT.notation import show

#: Where each kind is defined, as module and class.
KINDS = {
    "quantity": "units:Quantity",
    "subject": "subject:Subject",
    "lab": "observations:Lab",
    "rule-table": "rules:Table",
    "verdict": "verdict:Verdict",
    "body-surface-area": "anthropometry:BodySurfaceArea",
    "product": "dosing.cells:Product",
    "cell-dose": "dosing.cells:CellDose",
    "infusion-volume": "dosing.cells:InfusionVolume",
    "vial-plan": "dosing.vials:VialPlan",
    "split-dose": "dosing.split:SplitDose",
    "dosing-plan": "protocol.model:DosingPlan",
    "protocol": "protocol.model:Protocol",
    "crs-gate": "protocol.gate:CrsGate",
    "gate-course": "protocol.gate_course:GateCourse",
    "escalation-table": "escalation.table:DecisionTable",
    "cohorts": "escalation.cohorts:Cohorts",
    "escalation-decision": "escalation.cohorts:Decision",
    "count": "response.records:Count",
    "rescue": "response.records:Rescue",
    "response-criteria": "response.criteria:Criteria",
    "response-course": "response.result:ResponseCourse",
    "bleeding-score": "bleeding.instrument:BleedingScore",
    "bleeding-assessment": "bleeding_diary:BleedingAssessment",
    "bleeding-diary": "bleeding_diary:Diary",
    "adverse-event": "toxicity.events:AdverseEvent",
    "treatment-period": "toxicity.emergence:TreatmentPeriod",
    "crs-findings": "toxicity.crs_findings:CrsFindings",
    "ice": "toxicity.ice:Ice",
    "scale-assessment": "toxicity.scales:ScaleAssessment",
    "crs-episode": "toxicity.episodes:Episode",
    "rate-interval": "statistics.rates:RateInterval",
    "kaplan-meier": "statistics.survival:KaplanMeier",
    "dose-record": "therapy.records:DoseRecord",
    "therapy-course": "therapy.course:TherapyCourse",
    "questionnaire-profile": "quality_of_life.profile:Profile",
    "schedule": "schedule.visits:Schedule",
    "visit-calendar": "schedule.dated:VisitCalendar",
    "attendance": "schedule.attendance:Attendance",
    "study": "study.study:Study",
    "patient-records": "study.study:PatientRecords",
    "validation": "study.problems:Validation",
}


def class_of(kind: str) -> type[Any]:
    """Return the class of a kind.

    Raises
    ------
    UnknownTermError
        No such kind.
    """
    place = KINDS.get(kind)
    if place is None:
        raise UnknownTermError(
            f"{show(kind)} is not a kind of object: it is one of {', '.join(KINDS)}",
            field="kind",
            given=kind,
            nearest=tuple(KINDS),
        )
    module, _, name = place.partition(":")
    found: type[Any] = getattr(importlib.import_module(f"itp_carT.{module}"), name)
    return found


def kind_of(value: Any) -> str:
    """Return the kind of an object.

    Raises
    ------
    UnknownTermError
        An object that is not exchanged.
    """
    name = type(value).__name__
    for kind, place in KINDS.items():
        if place.endswith(f":{name}") and isinstance(value, class_of(kind)):
            return kind
    raise UnknownTermError(
        f"{show(value)} is not of a kind that is exchanged: {', '.join(KINDS)}",
        given=name,
        nearest=tuple(KINDS),
    )


__all__ = ["KINDS", "class_of", "kind_of"]
