"""ASTCT 2019: cytokine release syndrome (CRS) and neurotoxicity (ICANS).

CRS is graded by fever, by vasopressors and by the oxygen device; organ toxicity does not count.
ICANS stands in `itp_carT.toxicity.icans_2019` and is offered here too.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from attrs import evolve

from itp_carT.rules import Row, Table
from itp_carT.sources import LEE_2019
from itp_carT.units import Measured

from .crs_findings import CrsFindings, Hypotension, Masking, Oxygen, Vasopressor
from .crs_terms import (
    ANY_OXYGEN,
    CANNULA,
    DEATH,
    FEVER,
    HIGH_FLOW,
    HYPOTENSIVE,
    LOW_FLOW_LIMIT,
    MASK,
    MASKED,
    OXYGEN_FLOW,
    POSITIVE_PRESSURE,
    VASOPRESSIN_COUNTS,
    VASOPRESSIN_ONLY,
    VASOPRESSORS,
)
from .grades import Grade
from .icans_2019 import ICANS, Consciousness, Motor, Pressure, Seizure, icans
from .ice import Ice
from .scales import CRS_ASTCT_2019, ScaleAssessment

_PRESENT = FEVER | MASKED.is_()

CRS = Table(
    key="crs:astct-2019",
    term="Cytokine release syndrome (ASTCT 2019)",
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(Grade.G4, _PRESENT & ((VASOPRESSORS >= 2) | POSITIVE_PRESSURE.is_())),
        Row(
            Grade.G3,
            _PRESENT
            & (
                (VASOPRESSORS >= 1)
                | (VASOPRESSIN_ONLY.is_() & VASOPRESSIN_COUNTS.is_())
                | MASK.is_()
                | HIGH_FLOW.is_()
                | (CANNULA.is_() & (OXYGEN_FLOW > LOW_FLOW_LIMIT))
            ),
        ),
        Row(Grade.G2, _PRESENT & (HYPOTENSIVE.is_() | ANY_OXYGEN.is_())),
        Row(Grade.G1, FEVER),
    ),
    otherwise=Grade.G0,
    source=LEE_2019.at("CRS consensus grading"),
    note="only the more severe of hypotension and hypoxia counts; low flow is 6 L/min or less (a "
    "footnote of reprints; whether the device or the flow decides is not settled there); masking "
    "needs therapy given in an established CRS; vasopressin alone is not placed by the table, so "
    "that grades 2 and 3 stay possible unless the protocol says whether it counts; intubation for "
    "airway protection only is no hypoxia (unverified); grade 0 is no CRS, or CRS resolved",
)

#: A temperature without fever and one with it.
_TEMPERATURES = ("37 Cel", "39 Cel")
_ALONE = "vasopressin as the only vasopressor is not placed by ASTCT 2019"


def crs_of(findings: CrsFindings) -> ScaleAssessment:
    """Grade the CRS of one day.

    Parameters
    ----------
    findings
        What was found; what ASTCT does not ask for is left aside.
    """
    verdict = findings.judge(CRS)
    return ScaleAssessment(
        scale=CRS_ASTCT_2019,
        possible=verdict.possible if verdict.settled else _possible(findings),
        verdict=verdict,
        on=findings.on,
        notes=(_ALONE,) if findings.only_vasopressin else (),
    )


def _possible(findings: CrsFindings) -> tuple[Grade, ...]:
    """Return the grades with and without fever, and with and without masking, where not known.

    The rows share the condition that there is CRS at all; row by row, a facemask without a
    temperature would leave grade 1 possible, which it is neither with nor without fever.
    """
    known, masked = findings.temperature, findings.masked_by
    grades: set[Grade] = set()
    for temperature in _TEMPERATURES if known is None else (known,):
        for therapy in ((), (Masking.OTHER,)) if masked is None else (masked,):
            case = evolve(findings, temperature=temperature, masked_by=therapy)
            grades.update(case.judge(CRS).possible)
    return tuple(sorted(grades, reverse=True))


def crs(
    *,
    temperature: Measured | None = None,
    hypotension: Hypotension | str | None = None,
    hypoxia: Oxygen | str | None = None,
    vasopressors: Iterable[Vasopressor | str] | str | None = None,
    flow: Measured | None = None,
    masked_by: Iterable[Masking | str] | str | None = None,
    fever_explained: bool | None = None,
    vasopressin_alone: bool | None = None,
    death: bool | None = None,
    on: dt.date | str | None = None,
    confirmed: tuple[str, ...] = (),
) -> ScaleAssessment:
    """Grade the CRS of one day from its findings; see `CrsFindings` for the words.

    Parameters
    ----------
    temperature
        Highest temperature of the day [Cel].
    hypotension
        ``"none"``, ``"fluids"``, ``"one vasopressor"`` or ``"multiple vasopressors"``
        (vasopressin not counted); or give ``vasopressors``.
    hypoxia
        The oxygen device, or ``"none"``.
    vasopressors
        The drugs; ``()`` for none.
    flow
        Oxygen flow [L/min] by nasal cannula.
    masked_by
        Antipyretic or anticytokine therapy given in an established CRS; ``()`` for none.
    fever_explained
        Whether fever has another cause.
    vasopressin_alone
        Whether vasopressin as the only vasopressor counts as one.
    death
        Death from CRS.
    on
        The day.
    confirmed
        Findings whose unusual value was checked.

    Returns
    -------
    The grade, with its scale, or the grades still possible.

    References
    ----------
    lee-2019

    Examples
    --------
    >>> print(crs(temperature="39.1 °C", hypotension="one vasopressor", hypoxia="none").outcome)
    CRS grade 3 (ASTCT 2019)
    >>> crs(temperature="39 °C", hypotension="none", hypoxia="nasal cannula").missing
    ('oxygen flow by nasal cannula',)
    """
    return crs_of(
        CrsFindings(
            temperature=temperature,
            hypotension=hypotension,
            hypoxia=hypoxia,
            vasopressors=vasopressors,
            flow=flow,
            masked_by=masked_by,
            fever_explained=fever_explained,
            vasopressin_alone=vasopressin_alone,
            death=death,
            on=on,
            confirmed=confirmed,
        )
    )


#: The tables of this edition.
TABLES = (CRS, ICANS)

__all__ = [
    "CRS",
    "ICANS",
    "TABLES",
    "Consciousness",
    "CrsFindings",
    "Ice",
    "Motor",
    "Pressure",
    "Seizure",
    "crs",
    "crs_of",
    "icans",
]
