"""CRS by the scale of the University of Pennsylvania: by the care that was needed.

The limits of a high dose of vasopressors are not transcribed here: whether a dose is high is a
finding.
"""

from __future__ import annotations

from itp_carT.rules import Row, Table
from itp_carT.sources import PENN_CRS

from .crs_findings import CrsFindings
from .crs_terms import (
    ANY_OXYGEN,
    CONSTITUTIONAL,
    CREATININE_GRADE,
    DEATH,
    FEVER,
    HIGH_DOSE,
    HOSPITALIZED,
    HYPOTENSIVE,
    INTRAVENOUS,
    PLASMA,
    TRANSAMINASES,
    VENTILATED,
)
from .grades import Grade
from .scales import CRS_PENN, ScaleAssessment, assessed

CRS = Table(
    key="crs:penn",
    term="Cytokine release syndrome (Penn)",
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(Grade.G4, HIGH_DOSE.is_() | VENTILATED.is_()),
        Row(
            Grade.G3,
            HYPOTENSIVE.is_()
            | ANY_OXYGEN.is_()
            | PLASMA.is_()
            | (CREATININE_GRADE >= 3)
            | (TRANSAMINASES >= 4),
        ),
        Row(
            Grade.G2,
            HOSPITALIZED.is_() | INTRAVENOUS.is_() | (CREATININE_GRADE >= 2) | (TRANSAMINASES >= 3),
        ),
        Row(Grade.G1, FEVER | CONSTITUTIONAL.is_()),
    ),
    otherwise=Grade.G0,
    source=PENN_CRS.at("grading of CRS"),
    note="a mild reaction is read as fever of 38.0 Cel or more, or constitutional symptoms",
)


def crs_of(findings: CrsFindings) -> ScaleAssessment:
    """Grade the CRS of one day by the Penn scale.

    Examples
    --------
    >>> day = CrsFindings(temperature="39 Cel", hypotension="fluids", hypoxia="none")
    >>> print(crs_of(day).outcome)
    CRS grade 3 (Penn)
    """
    return assessed(CRS_PENN, findings.judge(CRS), on=findings.on)


__all__ = ["CRS", "crs_of"]
