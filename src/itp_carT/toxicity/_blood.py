"""CTCAE terms of blood and marrow that read the same in several editions."""

from __future__ import annotations

from itp_carT.analytes import (
    EOSINOPHILS,
    HEMOGLOBIN,
    MARROW_LOSS,
    METHEMOGLOBIN,
    NEUTROPHILS,
    TEMPERATURE,
    WHITE_CELLS,
    Analyte,
)
from itp_carT.rules import Condition, Fact, Row, Table, attested, limits

from ._edition import (
    BLOOD,
    DEATH,
    G1,
    G2,
    G3,
    G4,
    INVESTIGATIONS,
    LIFE_THREATENING,
    WORSE_CELL,
    Edition,
)

#: Whether 38.0 Cel or more lasted for more than an hour; a single reading cannot tell.
SUSTAINED = Fact("sustained fever", "38.0 Cel or more for more than 1 h")


def count_decreased(
    e: Edition, term: str, code: str, measure: Analyte, g4: str, g3: str, g2: str
) -> Table:
    """Make a count below limits; those per mm3 are the same numbers as those per 10^9/L."""
    return e.table(
        INVESTIGATIONS, term, code,
        Row(G4, measure < g4),
        Row(G3, measure < g3),
        Row(G2, measure < g2),
        Row(G1, measure < measure.lln),
    )  # fmt: skip


def anemia(e: Edition) -> Table:
    """Build the table of Anemia."""
    return e.table(
        BLOOD, "Anemia", "10002272",
        DEATH,
        LIFE_THREATENING,
        Row(G3, (HEMOGLOBIN < limits("80 g/L", "4.9 mmol/L")) | attested("transfusion indicated")),
        Row(G2, HEMOGLOBIN < limits("100 g/L", "6.2 mmol/L")),
        Row(G1, HEMOGLOBIN < HEMOGLOBIN.lln),
        note="limits per dL are the same as per liter; those in mmol/L (Fe) are a set of their own",
    )  # fmt: skip


def eosinophilia(e: Edition) -> Table:
    """Build the table of Eosinophilia."""
    above = (EOSINOPHILS > EOSINOPHILS.baseline) | EOSINOPHILS.baseline_sample.is_()
    return e.table(
        BLOOD, "Eosinophilia", "10014950",
        Row(G3, attested("steroids started")),
        Row(G1, (EOSINOPHILS > EOSINOPHILS.uln) & above),
    )  # fmt: skip


def leukocytosis(e: Edition) -> Table:
    """Build the table of Leukocytosis."""
    return e.table(
        BLOOD, "Leukocytosis", "10024378",
        DEATH,
        Row(G4, attested("leukostasis")),
        Row(G3, WHITE_CELLS > "100 10^9/L"),
        note="grades 1 and 2 do not exist",
    )  # fmt: skip


def methemoglobinemia(e: Edition) -> Table:
    """Build the table of Methemoglobinemia."""
    return e.table(
        BLOOD, "Methemoglobinemia", "10027506",
        DEATH,
        LIFE_THREATENING,
        Row(G3, attested("intervention needed")),
        Row(G2, METHEMOGLOBIN > METHEMOGLOBIN.uln),
    )  # fmt: skip


def febrile_neutropenia(e: Edition) -> Table:
    """Build the table of Febrile neutropenia."""
    hot = (TEMPERATURE > "38.3 Cel") | ((TEMPERATURE >= "38.0 Cel") & SUSTAINED.is_())
    return e.table(
        BLOOD, "Febrile neutropenia", "10016288",
        DEATH,
        LIFE_THREATENING,
        Row(G3, (NEUTROPHILS < "1.0 10^9/L") & hot),
    )  # fmt: skip


def hemolysis(e: Edition) -> Table:
    """Build the table of Hemolysis."""
    evidence = attested("laboratory evidence of hemolysis")
    drop = HEMOGLOBIN <= HEMOGLOBIN.baseline - "20 g/L"
    return e.table(
        BLOOD, "Hemolysis", "10019491",
        DEATH,
        LIFE_THREATENING,
        Row(G3, attested("transfusion or medical treatment indicated")),
        Row(G2, evidence & drop),
        Row(G1, evidence),
        note="the drop is printed as 2 g; read as 2 g/dL from baseline",
    )  # fmt: skip


def bone_marrow_hypocellular(e: Edition) -> Table:
    """Build the table of Bone marrow hypocellular."""
    half: Condition = MARROW_LOSS >= "50 %"
    if e.readings.integer_gaps == "literal":
        half = (MARROW_LOSS > "50 %") | (half & WORSE_CELL.is_())
    return e.table(
        BLOOD, "Bone marrow hypocellular", "10048580",
        DEATH,
        Row(G4, attested("aplastic for more than 2 weeks")),
        Row(G3, half),
        Row(G2, MARROW_LOSS > "25 %"),
        Row(G1, MARROW_LOSS > "0 %"),
        note="exactly 50 % is in no printed cell; read as the worse; more than 75 % is 3",
    )  # fmt: skip
