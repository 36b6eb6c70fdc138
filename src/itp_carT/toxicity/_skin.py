"""CTCAE terms graded by the body surface involved, as far as several editions share them."""

from __future__ import annotations

from itp_carT.analytes import OXYGEN_FRACTION, SKIN_INVOLVED
from itp_carT.rules import Condition, Fact, Row, Table, attested

from ._edition import (
    DEATH,
    G1,
    G2,
    G3,
    G4,
    IMMUNE,
    LIFE_THREATENING,
    SKIN,
    SYMPTOMATIC,
    WORSE_CELL,
    Edition,
)

#: Whether symptoms are at least moderate; not known keeps both grades.
MODERATE = Fact("moderate symptoms", "moderate or severe symptoms")
FLUID = attested("fluid or electrolyte abnormalities")
X = SKIN_INVOLVED
PRESENT = X > "0 %"


def surface(
    e: Edition,
    term: str,
    code: str,
    *,
    soc: str = SKIN,
    g4: Row | None = None,
    g3: Condition | None = None,
    death: bool = False,
) -> Table:
    """Up to 10 %, 10 to 30 %, above 30 % of the body surface."""
    return e.table(
        soc, term, code,
        *((DEATH,) if death else ()),
        *((g4,) if g4 else ()),
        Row(G3, X > "30 %" if g3 is None else g3),
        Row(G2, X >= "10 %"),
        Row(G1, PRESENT),
        note="the clinical arms are not here; 0 % is no finding",
    )  # fmt: skip


def blistering(e: Edition, term: str, code: str) -> Table:
    """Make a term whose grade 4 adds fluid or electrolyte abnormalities to more than 30 %."""
    return surface(e, term, code, g4=Row(G4, (X > "30 %") & FLUID), death=True)


def purpura(e: Edition) -> Table:
    """Build the table of Purpura."""
    return e.table(
        SKIN, "Purpura", "10037549",
        Row(G3, (X > "30 %") | attested("spontaneous bleeding")),
        Row(G2, (X >= "10 %") | attested("bleeding with trauma")),
        Row(G1, PRESENT),
        note="0 % is no finding",
    )  # fmt: skip


def pigmentation(e: Edition, term: str, code: str, *, at_10: bool) -> Table:
    """Up to 10 %, more than 10 %; ``at_10``: the edition gives exactly 10 % to grade 2."""
    second: Condition = X >= "10 %"
    if not at_10 and e.readings.integer_gaps == "literal":
        second = (X > "10 %") | (second & WORSE_CELL.is_())
    return e.table(
        SKIN, term, code,
        Row(G2, second),
        Row(G1, PRESENT),
        note="" if at_10 else "exactly 10 % is in no printed cell; it is read as the worse",
    )  # fmt: skip


def stevens_johnson(e: Edition) -> Table:
    """Build the table of Stevens-Johnson syndrome."""
    return e.table(
        SKIN, "Stevens-Johnson syndrome", "10042033",
        DEATH,
        Row(G4, X >= "10 %"),
        Row(G3, PRESENT),
        note="above 30 % it is toxic epidermal necrolysis, grade 4 there too",
    )  # fmt: skip


def toxic_epidermal_necrolysis(e: Edition) -> Table:
    """Build the table of Toxic epidermal necrolysis."""
    return e.table(
        SKIN, "Toxic epidermal necrolysis", "10044223",
        DEATH,
        Row(G4, X >= "30 %"),
        note="below 30 % it is Stevens-Johnson syndrome",
    )  # fmt: skip


def erythroderma(e: Edition) -> Table:
    """Build the table of Erythroderma."""
    return e.table(
        SKIN, "Erythroderma", "10015277",
        DEATH,
        Row(G4, (X > "90 %") & FLUID),
        Row(G3, (X > "90 %") & SYMPTOMATIC.is_()),
        Row(G2, X > "90 %"),
        note="symptoms not known: grades 2 and 3 both stay possible; grade 1 does not exist",
    )  # fmt: skip


def cytokine_release(e: Edition) -> Table:
    """Build the table of Cytokine release syndrome."""
    oxygen = attested("hypoxia that needs oxygen")
    return e.table(
        IMMUNE, "Cytokine release syndrome", "10052015",
        DEATH,
        LIFE_THREATENING,
        Row(G3, attested("hypotension managed with one vasopressor")
            | (oxygen & (OXYGEN_FRACTION >= "40 %"))),
        Row(G2, attested("hypotension responding to fluids") | oxygen),
        Row(G1, attested("fever")),
        note="not the ASTCT scale: oxygen counts by its fraction, and nothing masks fever",
    )  # fmt: skip
