"""HScore: points for a reactive hemophagocytic syndrome, 0 to 337.

Read as reprinted in two papers. A platelet count of 110 or less counts as a cytopenia, which in
immune thrombocytopenia it is from the disease itself.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from attrs import frozen

from itp_carT.analytes import (
    AST,
    FERRITIN,
    FIBRINOGEN,
    HEMOGLOBIN,
    PLATELETS,
    TEMPERATURE,
    TRIGLYCERIDES,
    WHITE_CELLS,
    Analyte,
)
from itp_carT.observations import Lab
from itp_carT.points import Points, total
from itp_carT.rules import Condition, Row, Table
from itp_carT.sources import HSCORE
from itp_carT.units import Measured
from itp_carT.verdict import decide

from ._words import read_word, yes_no


class Organomegaly(Enum):
    """Enlargement of liver and spleen."""

    NONE = "none"
    ONE = "liver or spleen"
    BOTH = "liver and spleen"


_ORGANS = {"liver": Organomegaly.ONE, "spleen": Organomegaly.ONE, "both": Organomegaly.BOTH}
_ORGAN_POINTS = {Organomegaly.NONE: 0, Organomegaly.ONE: 23, Organomegaly.BOTH: 38}


def _item(name: str, *rows: tuple[int, Condition]) -> Table:
    return Table(
        key=f"hscore:{name}",
        term=f"HScore: {name}",
        rows=tuple(Row(points, when) for points, when in rows),
        otherwise=0,
        source=HSCORE.at(name),
    )


#: The items that are judged by one measured value.
TABLES = (
    _item("temperature", (49, TEMPERATURE > "39.4 Cel"), (33, TEMPERATURE >= "38.4 Cel")),
    _item("ferritin", (50, FERRITIN > "6000 ng/mL"), (35, FERRITIN >= "2000 ng/mL")),
    _item(
        "triglycerides",
        (64, TRIGLYCERIDES > "4 mmol/L"),
        (44, TRIGLYCERIDES >= "1.5 mmol/L"),
    ),
    _item("fibrinogen", (30, FIBRINOGEN <= "2.5 g/L")),
    _item("AST", (19, AST >= "30 U/L")),
)
#: The cytopenias that are counted; two lineages give 24 points, three 34.
CYTOPENIAS = (
    _item("anemia", (1, HEMOGLOBIN <= "9.2 g/dL")),
    _item("leukopenia", (1, WHITE_CELLS <= "5.0 10^9/L")),
    _item("thrombocytopenia", (1, PLATELETS <= "110 10^9/L")),
)
_LINEAGE_POINTS = (0, 0, 24, 34)
#: Score from which the syndrome is likely.
CUT_OFF = 169
#: Score and probability of the syndrome [%], as reprinted; the ends are below 1 and above 99.
PROBABILITIES = ((90, 1), (140, 16), (160, 40), (170, 54), (180, 70), (200, 88), (250, 99))


@frozen(kw_only=True)
class HScore:
    """The score with its items.

    Parameters
    ----------
    items
        Name and points of each.
    """

    items: tuple[tuple[str, Points], ...]

    @property
    def total(self) -> Points:
        """The sum, 0 to 337; open as far as an item is missing."""
        return total(*(points for _, points in self.items))

    @property
    def likely(self) -> bool | None:
        """Whether it reaches the cut-off of 169, or None while that is open."""
        return self.total.reaches(CUT_OFF)

    @property
    def probability(self) -> str:
        """The probability printed for the scores on both sides; nothing is interpolated."""
        value = self.total.value
        texts = {at: f"{percent} % at {at}" for at, percent in PROBABILITIES}
        texts[90], texts[250] = "below 1 % at 90", "above 99 % at 250"
        below = [texts[at] for at, _ in PROBABILITIES if at <= value]
        above = [texts[at] for at, _ in PROBABILITIES if at >= value]
        sides = dict.fromkeys((*below[-1:], *above[:1]))
        return "; ".join(sides)

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {points}" for name, points in self.items)
        return f"HScore {self.total}: {parts}"


def score(
    *,
    immunosuppressed: bool | None = None,
    temperature: Measured | None = None,
    organomegaly: Organomegaly | str | None = None,
    hemoglobin: Measured | None = None,
    white_cells: Measured | None = None,
    platelets: Measured | None = None,
    ferritin: Measured | None = None,
    triglycerides: Measured | None = None,
    fibrinogen: Measured | None = None,
    ast: Measured | None = None,
    hemophagocytosis: bool | None = None,
) -> HScore:
    """Score the findings; a missing one leaves the score open.

    Parameters
    ----------
    immunosuppressed, hemophagocytosis
        Known immunosuppression; hemophagocytosis in the marrow.
    temperature
        Temperature [Cel].
    organomegaly
        ``"none"``, ``"liver or spleen"`` or ``"liver and spleen"``.
    hemoglobin, white_cells, platelets
        The three lineages [g/dL, 10^9/L, 10^9/L].
    ferritin, triglycerides, fibrinogen, ast
        In [ng/mL], [mmol/L], [g/L] and [U/L].

    References
    ----------
    hscore
    """
    measured: tuple[Any, ...] = (temperature, ferritin, triglycerides, fibrinogen, ast)
    measures = (TEMPERATURE, FERRITIN, TRIGLYCERIDES, FIBRINOGEN, AST)
    items = [
        (table.key.partition(":")[2], _points(table, measure, value))
        for table, measure, value in zip(TABLES, measures, measured, strict=True)
    ]
    counts = (hemoglobin, white_cells, platelets)
    lineages = total(
        *(
            _points(table, measure, value)
            for table, measure, value in zip(
                CYTOPENIAS, (HEMOGLOBIN, WHITE_CELLS, PLATELETS), counts, strict=True
            )
        )
    )
    cytopenias = {_LINEAGE_POINTS[number] for number in lineages.possible}
    items += [
        ("immunosuppression", _answer(immunosuppressed, "immunosuppressed", 18)),
        ("organomegaly", _organs(organomegaly)),
        ("cytopenias", Points(cytopenias, missing=lineages.missing if len(cytopenias) > 1 else ())),
        ("hemophagocytosis", _answer(hemophagocytosis, "hemophagocytosis", 35)),
    ]
    return HScore(items=tuple(items))


def _points(table: Table, measure: Analyte, value: Any) -> Points:
    if value is None:
        return Points(decide(table).possible, missing=(measure.label,))
    return Points(decide(table, Lab(measure, value)).possible)


def _answer(given: Any, name: str, points: int) -> Points:
    answer = yes_no(given, name)
    if answer is None:
        return Points((0, points), missing=(name,))
    return Points(points if answer else 0)


def _organs(given: Any) -> Points:
    if given is None:
        return Points(tuple(_ORGAN_POINTS.values()), missing=("organomegaly",))
    return Points(_ORGAN_POINTS[read_word(Organomegaly, given, "organomegaly", _ORGANS)])


__all__ = ["CUT_OFF", "CYTOPENIAS", "PROBABILITIES", "TABLES", "HScore", "Organomegaly", "score"]
