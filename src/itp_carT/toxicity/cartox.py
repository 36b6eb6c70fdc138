"""CRS by CARTOX 2018: organ toxicity counts, and so does the dose of a vasopressor.

The limits of a high dose are not transcribed here: whether a dose is high is a finding.
"""

from __future__ import annotations

from itp_carT.analytes import OXYGEN_FRACTION
from itp_carT.rules import Row, Table
from itp_carT.sources import CARTOX_2018

from .crs_findings import CrsFindings
from .crs_terms import (
    ANY_OXYGEN,
    DEATH,
    FEVER,
    HIGH_DOSE,
    HYPOTENSIVE,
    ORGAN_TOXICITY,
    SEVERAL_VASOPRESSORS,
    VENTILATED,
)
from .grades import Grade
from .scales import CRS_CARTOX, ScaleAssessment, assessed

CRS = Table(
    key="crs:cartox",
    term="Cytokine release syndrome (CARTOX)",
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(Grade.G4, VENTILATED.is_() | (ORGAN_TOXICITY >= 4)),
        Row(
            Grade.G3,
            (ANY_OXYGEN.is_() & (OXYGEN_FRACTION >= "40 %"))
            | HIGH_DOSE.is_()
            | SEVERAL_VASOPRESSORS.is_()
            | (ORGAN_TOXICITY >= 3),
        ),
        Row(Grade.G2, ANY_OXYGEN.is_() | HYPOTENSIVE.is_() | (ORGAN_TOXICITY >= 2)),
        Row(Grade.G1, FEVER | (ORGAN_TOXICITY >= 1)),
    ),
    otherwise=Grade.G0,
    source=CARTOX_2018.at("grading of CRS"),
    note="how transaminases count is not in the reprint we read: include them in the grade of "
    "organ toxicity as the protocol says",
)


def crs_of(findings: CrsFindings) -> ScaleAssessment:
    """Grade the CRS of one day by CARTOX.

    Examples
    --------
    >>> day = CrsFindings(
    ...     temperature="38 Cel", hypotension="none", hypoxia="none", organ_toxicity=2
    ... )
    >>> print(crs_of(day).outcome)
    CRS grade 2 (CARTOX)
    """
    return assessed(CRS_CARTOX, findings.judge(CRS), on=findings.on)


__all__ = ["CRS", "crs_of"]
