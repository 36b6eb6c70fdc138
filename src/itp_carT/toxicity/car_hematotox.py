"""CAR-HEMATOTOX: risk of hematotoxicity, from five values before lymphodepletion, 0 to 7 points.

Derived in lymphoma. A platelet count below 75 alone gives 2 points, so that every patient with
active immune thrombocytopenia is "high": the components are always shown.
"""

from __future__ import annotations

import warnings
from typing import Any

from attrs import frozen

from itp_carT.analytes import CRP, FERRITIN, HEMOGLOBIN, NEUTROPHILS, PLATELETS, Analyte
from itp_carT.errors import UnusualValueWarning
from itp_carT.observations import Lab
from itp_carT.points import Points, total
from itp_carT.rules import Condition, Row, Table
from itp_carT.sources import CAR_HEMATOTOX
from itp_carT.units import Measured
from itp_carT.verdict import decide

_EDGE = "the print does not settle a value exactly on the limit: read here as the milder"
_CRP_EDGE = "the print does not settle a value exactly on the limit: read here as a point"


def _item(name: str, *rows: tuple[int, Condition], note: str = "") -> Table:
    return Table(
        key=f"car-hematotox:{name}",
        term=f"CAR-HEMATOTOX: {name}",
        rows=tuple(Row(points, when) for points, when in rows),
        otherwise=0,
        source=CAR_HEMATOTOX.at(name),
        note=note,
    )


PLATELET_POINTS = _item("platelets", (2, PLATELETS < "75 10^9/L"), (1, PLATELETS <= "175 10^9/L"))
NEUTROPHIL_POINTS = _item("neutrophils", (1, NEUTROPHILS < "1200 /uL"), note=_EDGE)
HEMOGLOBIN_POINTS = _item("hemoglobin", (1, HEMOGLOBIN < "9.0 g/dL"), note=_EDGE)
CRP_POINTS = _item("C-reactive protein", (1, CRP >= "3.0 mg/dL"), note=_CRP_EDGE)
FERRITIN_POINTS = _item("ferritin", (2, FERRITIN > "2000 ng/mL"), (1, FERRITIN >= "650 ng/mL"))
#: One table per component, in the order of the score.
TABLES = (PLATELET_POINTS, NEUTROPHIL_POINTS, HEMOGLOBIN_POINTS, CRP_POINTS, FERRITIN_POINTS)
_MEASURES: tuple[Analyte, ...] = (PLATELETS, NEUTROPHILS, HEMOGLOBIN, CRP, FERRITIN)
#: Points from which the risk is high.
HIGH_FROM = 2
ITP_NOTE = (
    "platelets below 75×10^9/L alone give 2 points: in immune thrombocytopenia the count is the "
    "disease itself, and the score was derived in lymphoma"
)


@frozen(kw_only=True)
class CarHematotox:
    """The score with its components.

    Parameters
    ----------
    components
        Name and points of each, in the order of the score.
    """

    components: tuple[tuple[str, Points], ...]

    @property
    def total(self) -> Points:
        """The sum, 0 to 7; open as far as a value is missing."""
        return total(*(points for _, points in self.components))

    @property
    def without_platelets(self) -> Points:
        """The sum of the other four, 0 to 5: exploratory, not validated."""
        return total(*(points for name, points in self.components if name != "platelets"))

    @property
    def risk(self) -> str | None:
        """``"high"`` from 2 points, ``"low"`` below; None while that is open."""
        high = self.total.reaches(HIGH_FROM)
        return None if high is None else "high" if high else "low"

    @property
    def by_platelets_alone(self) -> bool:
        """Whether the platelet count alone makes the risk high."""
        return dict(self.components)["platelets"].minimum >= HIGH_FROM and (
            self.without_platelets.minimum < HIGH_FROM
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know of this score."""
        low = dict(self.components)["platelets"].minimum >= HIGH_FROM
        return (ITP_NOTE,) if low else ()

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {points}" for name, points in self.components)
        return "; ".join((f"{self.total} points, {self.risk or 'open'}: {parts}", *self.notes))


def score(
    *,
    platelets: Measured | None = None,
    neutrophils: Measured | None = None,
    hemoglobin: Measured | None = None,
    crp: Measured | None = None,
    ferritin: Measured | None = None,
) -> CarHematotox:
    """Score the values before lymphodepletion; a missing one leaves the score open.

    Parameters
    ----------
    platelets
        Platelet count [10^9/L].
    neutrophils
        Absolute neutrophil count [/uL].
    hemoglobin
        Hemoglobin [g/dL].
    crp
        C-reactive protein [mg/dL]; mg/L is converted.
    ferritin
        Ferritin [ng/mL].

    Warns
    -----
    UnusualValueWarning
        The platelet count alone makes the risk high, as it does in active ITP.

    References
    ----------
    car-hematotox

    Examples
    --------
    >>> found = score(
    ...     platelets="110 10^9/L",
    ...     neutrophils="950 /uL",
    ...     hemoglobin="10.1 g/dL",
    ...     crp="42 mg/L",
    ...     ferritin="540 ng/mL",
    ... )
    >>> print(found)
    3 points, high: platelets 1, neutrophils 1, hemoglobin 0, C-reactive protein 1, ferritin 0
    """
    given: tuple[Any, ...] = (platelets, neutrophils, hemoglobin, crp, ferritin)
    components = []
    for table, measure, value in zip(TABLES, _MEASURES, given, strict=True):
        facts = () if value is None else (Lab(measure, value),)
        name = table.key.partition(":")[2]
        possible = decide(table, *facts).possible
        missing = () if value is not None else (measure.label,)
        components.append((name, Points(possible, missing=missing)))
    found = CarHematotox(components=tuple(components))
    if found.by_platelets_alone:
        warnings.warn(f"{ITP_NOTE}: look at the components", UnusualValueWarning, stacklevel=2)
    return found


__all__ = ["HIGH_FROM", "ITP_NOTE", "TABLES", "CarHematotox", "score"]
