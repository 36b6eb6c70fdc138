"""IEC-HS, the HLH-like syndrome after immune effector cells: criteria and grades, all unverified.

The consensus itself was not opened; everything here is from knowledge and says so in its
citation. The syndrome is a diagnosis that a clinician makes, not a sum of criteria.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum

from itp_carT.analytes import ALT, AST, FERRITIN, FIBRINOGEN, LDH, TRIGLYCERIDES
from itp_carT.rules import Condition, Row, Table, attested, either, limits
from itp_carT.sources import HINES_2023
from itp_carT.verdict import decide

from ._words import read_word
from .grades import Grade
from .scales import IEC_HS, ScaleAssessment, assessed


class Severity(Enum):
    """How severe the syndrome is, as a clinician judges it."""

    ABSENT = "absent"
    OBSERVATION = "observation only"
    INTERVENTION = "intervention indicated"
    SEVERE = "severe"
    LIFE_THREATENING = "life-threatening"
    DEATH = "death"


def _criterion(name: str, when: Condition, *, note: str = "") -> Table:
    return Table(
        key=f"iec-hs:{name}",
        term=f"IEC-HS: {name}",
        rows=(Row("met", when),),
        otherwise="not met",
        source=HINES_2023.at(f"criteria: {name}"),
        note=note,
    )


#: Required for the diagnosis.
REQUIRED = _criterion(
    "ferritin",
    (FERRITIN > 2 * FERRITIN.uln) | (FERRITIN > 2 * FERRITIN.baseline) | attested("rapidly rising"),
)
#: Common findings; what counts as high triglycerides is one of the further ones.
COMMON = (
    *(
        _criterion(
            name,
            either(one.baseline_high.is_(), one > 5 * one.baseline, one > 5 * one.uln),
            note="a baseline that is not known counts as normal",
        )
        for name, one in (("ALT", ALT), ("AST", AST))
    ),
    _criterion("fibrinogen", (FIBRINOGEN < limits("150 mg/dL")) | (FIBRINOGEN < FIBRINOGEN.lln)),
    _criterion("LDH", LDH > LDH.uln),
    _criterion("triglycerides", TRIGLYCERIDES > limits("265 mg/dL")),
)

GRADES = Table(
    key="iec-hs:2023",
    term="IEC-HS (ASTCT 2023)",
    rows=(
        Row(Grade.G5, attested(Severity.DEATH.value)),
        Row(Grade.G4, attested(Severity.LIFE_THREATENING.value)),
        Row(Grade.G3, attested(Severity.SEVERE.value)),
        Row(Grade.G2, attested(Severity.INTERVENTION.value)),
        Row(Grade.G1, attested(Severity.OBSERVATION.value)),
    ),
    otherwise=Grade.G0,
    source=HINES_2023.at("grading"),
    note="severe: not immediately life-threatening",
)


def grade(severity: Severity | str, *, on: dt.date | str | None = None) -> ScaleAssessment:
    """Return the grade of a judged severity.

    Parameters
    ----------
    severity
        ``"absent"``, ``"observation only"``, ``"intervention indicated"``, ``"severe"``,
        ``"life-threatening"`` or ``"death"``.
    on
        The day.

    References
    ----------
    hines-2023

    Examples
    --------
    >>> found = grade("intervention indicated")
    >>> print(found.outcome, found.scale.source, sep="; ")
    IEC-HS grade 2 (ASTCT 2023); Hines 2023, grading (unverified)
    """
    found = read_word(Severity, severity, "severity", {})
    said = () if found is Severity.ABSENT else (found.value,)
    return assessed(IEC_HS, decide(GRADES, attested=said), on=on)


#: Every table, for the generated page.
TABLES = (REQUIRED, *COMMON, GRADES)

__all__ = ["COMMON", "GRADES", "REQUIRED", "TABLES", "Severity", "grade"]
