"""A trial's records: a folder of plain tables, read with every mistake named.

The format stands on the page "The study folder" of the guide, which is made from the tables here.
"""

from .cells import Amount, Spelling
from .columns import Column, Layout, Origin
from .events import AdverseEventRecord, CrsRecord
from .folder import StudyFolder, open_study, read_study, validate
from .header import SCHEMA, Header
from .problems import Problem, Severity, TableCount, Validation
from .records import (
    AnswerRecord,
    BleedingRecord,
    InfusionRecord,
    LabRecord,
    MedicationRecord,
    SubjectRecord,
)
from .study import PatientRecords, Study
from .tables import TABLES
from .write import write_study

__all__ = [
    "SCHEMA",
    "TABLES",
    "AdverseEventRecord",
    "Amount",
    "AnswerRecord",
    "BleedingRecord",
    "Column",
    "CrsRecord",
    "Header",
    "InfusionRecord",
    "LabRecord",
    "Layout",
    "MedicationRecord",
    "Origin",
    "PatientRecords",
    "Problem",
    "Severity",
    "Spelling",
    "Study",
    "StudyFolder",
    "SubjectRecord",
    "TableCount",
    "Validation",
    "open_study",
    "read_study",
    "validate",
    "write_study",
]
