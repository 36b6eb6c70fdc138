"""CRS by Lee 2014: organ toxicity counts, and so does the dose of a vasopressor.

The limits of a high dose are not transcribed here: whether a dose is high is a finding.
"""

from __future__ import annotations

from itp_carT.analytes import OXYGEN_FRACTION
from itp_carT.rules import Row, Table
from itp_carT.sources import LEE_2014

from .crs_findings import CrsFindings
from .crs_terms import (
    ANY_OXYGEN,
    CONSTITUTIONAL,
    DEATH,
    FEVER,
    HIGH_DOSE,
    HYPOTENSIVE,
    ORGAN_TOXICITY,
    SEVERAL_VASOPRESSORS,
    TRANSAMINASES,
    VENTILATED,
)
from .grades import Grade
from .scales import CRS_LEE_2014, ScaleAssessment, assessed

CRS = Table(
    key="crs:lee-2014",
    term="Cytokine release syndrome (Lee 2014)",
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(Grade.G4, VENTILATED.is_() | (ORGAN_TOXICITY >= 4)),
        Row(
            Grade.G3,
            (ANY_OXYGEN.is_() & (OXYGEN_FRACTION >= "40 %"))
            | HIGH_DOSE.is_()
            | SEVERAL_VASOPRESSORS.is_()
            | (ORGAN_TOXICITY >= 3)
            | (TRANSAMINASES >= 3),
        ),
        Row(
            Grade.G2,
            ANY_OXYGEN.is_() | HYPOTENSIVE.is_() | (ORGAN_TOXICITY >= 2) | (TRANSAMINASES >= 2),
        ),
        Row(Grade.G1, FEVER | CONSTITUTIONAL.is_()),
    ),
    otherwise=Grade.G0,
    source=LEE_2014.at("grading of CRS"),
    note="transaminases of grade 4 count as grade 3, those of grades 2 and 3 as organ toxicity; "
    "fever is read as 38.0 Cel or more",
)


def crs_of(findings: CrsFindings) -> ScaleAssessment:
    """Grade the CRS of one day by Lee 2014.

    Examples
    --------
    >>> day = CrsFindings(
    ...     temperature="39 Cel",
    ...     hypotension="one vasopressor",
    ...     high_dose=False,
    ...     hypoxia="none",
    ...     organ_toxicity=1,
    ...     transaminases=4,
    ... )
    >>> print(crs_of(day).outcome)
    CRS grade 3 (Lee 2014)
    """
    return assessed(CRS_LEE_2014, findings.judge(CRS), on=findings.on)


__all__ = ["CRS", "crs_of"]
