"""The tables of a study folder, in the order in which they are read."""

from __future__ import annotations

from .columns import Layout
from .events import AdverseEventRecord, CrsRecord
from .records import (
    AnswerRecord,
    BleedingRecord,
    InfusionRecord,
    LabRecord,
    MedicationRecord,
    SubjectRecord,
)

SUBJECTS = Layout(
    name="subjects", title="one row for each subject", record=SubjectRecord, required=True,
    renamed={"id": "subject", "bmi": "weight"}, by_cell=True,
)  # fmt: skip
LABS = Layout(
    name="labs", title="one row for each value of each sample, vital signs included",
    record=LabRecord, required=True, warns=False,
    checked=("analyte", "lln", "uln", "fasting"),
)  # fmt: skip
BLEEDING = Layout(
    name="bleeding", title="one row for each assessment of bleeding", record=BleedingRecord,
    renamed={"on": "date", "grade": "who"},
)  # fmt: skip
ADVERSE_EVENTS = Layout(
    name="adverse_events", title="one row for each adverse event", record=AdverseEventRecord,
    renamed={"patient": "subject", "onset": "start", "attribution": "relation",
             "seriousness": "serious"},
)  # fmt: skip
MEDICATIONS = Layout(
    name="medications", title="one row for each medication and dose", record=MedicationRecord,
    doubtful=("dose", "frequency"),
)  # fmt: skip
INFUSIONS = Layout(
    name="infusions", title="one row for each administration of fludarabine, cyclophosphamide "
    "and CAR-T cells", record=InfusionRecord,
)  # fmt: skip
CRS = Layout(
    name="crs", title="one row for each assessment of CRS and ICANS", record=CrsRecord,
    renamed={"hypoxia": "oxygen", "on": "date"},
)  # fmt: skip
QUESTIONNAIRE = Layout(
    name="questionnaire", title="one row for each answer", record=AnswerRecord,
)  # fmt: skip

TABLES = (SUBJECTS, LABS, BLEEDING, ADVERSE_EVENTS, MEDICATIONS, INFUSIONS, CRS, QUESTIONNAIRE)
BY_NAME = {layout.name: layout for layout in TABLES}

__all__ = [
    "ADVERSE_EVENTS",
    "BLEEDING",
    "BY_NAME",
    "CRS",
    "INFUSIONS",
    "LABS",
    "MEDICATIONS",
    "QUESTIONNAIRE",
    "SUBJECTS",
    "TABLES",
]
