"""CRS by CTCAE v5.0 and v6.0, from the same typed findings as the other CRS scales.

v5.0 counts oxygen by its fraction, v6.0 by the device; neither masks fever, and both leave grade 4
to a clinical statement. `itp_carT.toxicity.ctcae_v5` grades the same term from attested statements.
"""

from __future__ import annotations

from itp_carT.analytes import OXYGEN_FRACTION
from itp_carT.rules import Row, Table
from itp_carT.sources import CTCAE_V5, CTCAE_V6

from .crs_findings import CrsFindings
from .crs_terms import (
    ANY_OXYGEN,
    ANY_VASOPRESSOR,
    CANNULA,
    DEATH,
    FEVER,
    HIGH_FLOW,
    HYPOTENSIVE,
    JUDGED,
    LIFE_THREATENING,
    LOW_FLOW_LIMIT,
    MASK,
    OXYGEN_FLOW,
    POSITIVE_PRESSURE,
    SEVERAL_VASOPRESSORS,
)
from .grades import Grade
from .scales import CRS_CTCAE_V5, CRS_CTCAE_V6, ScaleAssessment, assessed

_CODE = "10052015"
_PLACE = "Immune system disorders: Cytokine release syndrome"
_NOTE = (
    "several vasopressors or positive pressure: grade 4 is a clinical statement, so that it stays "
    "possible until the statement is made; vasopressin counts as a vasopressor; fever is read as "
    "38.0 Cel or more; nothing masks it, and hypotension and hypoxia need no fever"
)
_FOUR = LIFE_THREATENING.is_() | (
    (SEVERAL_VASOPRESSORS.is_() | POSITIVE_PRESSURE.is_()) & JUDGED.is_()
)

V5 = Table(
    key="ctcae-v5.0:cytokine-release-syndrome-findings",
    term="Cytokine release syndrome (CTCAE v5.0, from findings)",
    code=_CODE,
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(Grade.G4, _FOUR),
        Row(Grade.G3, ANY_VASOPRESSOR.is_() | (ANY_OXYGEN.is_() & (OXYGEN_FRACTION >= "40 %"))),
        Row(Grade.G2, HYPOTENSIVE.is_() | ANY_OXYGEN.is_()),
        Row(Grade.G1, FEVER),
    ),
    otherwise=Grade.G0,
    source=CTCAE_V5.at(_PLACE),
    note=_NOTE,
)

V6 = Table(
    key="ctcae-v6.0:cytokine-release-syndrome-findings",
    term="Cytokine release syndrome (CTCAE v6.0, from findings)",
    code=_CODE,
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(Grade.G4, _FOUR),
        Row(
            Grade.G3,
            ANY_VASOPRESSOR.is_()
            | MASK.is_()
            | HIGH_FLOW.is_()
            | (CANNULA.is_() & (OXYGEN_FLOW > LOW_FLOW_LIMIT))
            | POSITIVE_PRESSURE.is_(),
        ),
        Row(Grade.G2, HYPOTENSIVE.is_() | ANY_OXYGEN.is_()),
        Row(Grade.G1, FEVER),
    ),
    otherwise=Grade.G0,
    source=CTCAE_V6.at(_PLACE),
    note=f"{_NOTE}; low flow is read as 6 L/min or less and positive pressure as at least grade "
    "3, since the oxygen words are those of ASTCT 2019",
)


def v5(findings: CrsFindings) -> ScaleAssessment:
    """Grade the CRS of one day by CTCAE v5.0.

    Examples
    --------
    >>> day = CrsFindings(
    ...     temperature="38.4 Cel", hypotension="none", hypoxia="facemask", fio2="35 %"
    ... )
    >>> print(v5(day).outcome)
    CRS grade 2 (CTCAE v5.0)
    """
    return assessed(CRS_CTCAE_V5, findings.judge(V5), on=findings.on)


def v6(findings: CrsFindings) -> ScaleAssessment:
    """Grade the CRS of one day by CTCAE v6.0."""
    return assessed(CRS_CTCAE_V6, findings.judge(V6), on=findings.on)


#: Both tables, for the generated page.
TABLES = (V5, V6)

__all__ = ["TABLES", "V5", "V6", "v5", "v6"]
