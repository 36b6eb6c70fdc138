"""CRS by the scale of Memorial Sloan Kettering Cancer Center: by time on vasopressors and oxygen.

Whether hypotension is refractory to vasopressors is a finding.
"""

from __future__ import annotations

from itp_carT.analytes import OXYGEN_FRACTION
from itp_carT.rules import Fact, Row, Table
from itp_carT.sources import MSKCC_CRS

from .crs_findings import CrsFindings
from .crs_terms import (
    ANY_OXYGEN,
    ANY_VASOPRESSOR,
    CONSTITUTIONAL,
    DEATH,
    FEVER,
    HYPOTENSIVE,
    REFRACTORY,
    VASOPRESSOR_TIME,
    VENTILATED,
)
from .grades import Grade
from .scales import CRS_MSKCC, ScaleAssessment, assessed

_PLACED = Fact("fluids placed", "hypotension without vasopressor counts as grade 2")

CRS = Table(
    key="crs:mskcc",
    term="Cytokine release syndrome (MSKCC)",
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(Grade.G4, REFRACTORY.is_() | VENTILATED.is_()),
        Row(
            Grade.G3,
            (ANY_VASOPRESSOR.is_() & (VASOPRESSOR_TIME >= "24 h"))
            | (ANY_OXYGEN.is_() & (OXYGEN_FRACTION >= "40 %")),
        ),
        Row(
            Grade.G2,
            ANY_VASOPRESSOR.is_() | ANY_OXYGEN.is_() | (HYPOTENSIVE.is_() & _PLACED.is_()),
        ),
        Row(Grade.G1, FEVER | HYPOTENSIVE.is_() | CONSTITUTIONAL.is_()),
    ),
    otherwise=Grade.G0,
    source=MSKCC_CRS.at("grading of CRS"),
    note="hypotension without vasopressor is not placed in the reprint we read: grades 1 and 2 "
    "stay possible; what needs observation only is read as fever of 38.0 Cel or more, or "
    "constitutional symptoms",
)


def crs_of(findings: CrsFindings) -> ScaleAssessment:
    """Grade the CRS of one day by the MSKCC scale.

    Examples
    --------
    >>> day = CrsFindings(
    ...     temperature="39 Cel",
    ...     hypotension="one vasopressor",
    ...     refractory=False,
    ...     vasopressor_time="24 h",
    ...     hypoxia="none",
    ... )
    >>> print(crs_of(day).outcome)
    CRS grade 3 (MSKCC)
    """
    return assessed(CRS_MSKCC, findings.judge(CRS), on=findings.on)


__all__ = ["CRS", "crs_of"]
