"""CTCAE terms of metabolism and nutrition that read the same in several editions.

SI and US limits are two printed sets, not conversions of each other: the unit of the report
chooses between them.
"""

from __future__ import annotations

from itp_carT.analytes import (
    ALBUMIN,
    BODY_MASS_INDEX,
    CALCIUM_CORRECTED,
    CALCIUM_IONIZED,
    GLUCOSE,
    MAGNESIUM,
    PH,
    POTASSIUM,
    SODIUM,
    TRIGLYCERIDES,
    URIC_ACID,
    Analyte,
)
from itp_carT.rules import Fact, Row, Table, attested, limits

from ._edition import (
    DEATH,
    G1,
    G2,
    G3,
    G4,
    HOSPITAL,
    INTERVENTION,
    LIFE_THREATENING,
    METABOLISM,
    SYMPTOMATIC,
    Edition,
)

#: Whether a raised uric acid has physiologic consequences; not known keeps both grades.
CONSEQUENCES = Fact("physiologic consequences", "physiologic consequences")
CORRECTED = "corrected"
IONIZED = "ionized"
_LIFE = LIFE_THREATENING.when


def acidosis(e: Edition) -> Table:
    """Build the table of Acidosis."""
    return e.table(
        METABOLISM, "Acidosis", "10000486",
        DEATH,
        LIFE_THREATENING,
        Row(G3, PH < 7.3),
        Row(G1, PH < PH.lln),
        note="grade 2 does not exist",
    )  # fmt: skip


def alkalosis(e: Edition) -> Table:
    """Build the table of Alkalosis."""
    return e.table(
        METABOLISM, "Alkalosis", "10001680",
        DEATH,
        LIFE_THREATENING,
        Row(G3, PH > 7.5),
        Row(G1, PH > PH.uln),
        note="grade 2 does not exist",
    )  # fmt: skip


def hypercalcemia_corrected(e: Edition) -> Table:
    """Build the table of Hypercalcemia, corrected."""
    x = CALCIUM_CORRECTED
    return e.table(
        METABOLISM, "Hypercalcemia", "10020587",
        DEATH,
        Row(G4, (x > limits("3.4 mmol/L", "13.5 mg/dL")) | _LIFE),
        Row(G3, (x > limits("3.1 mmol/L", "12.5 mg/dL")) | HOSPITAL),
        Row(G2, (x > limits("2.9 mmol/L", "11.5 mg/dL")) | attested("symptomatic")),
        Row(G1, x > x.uln),
        variant=CORRECTED,
        note="the calcium is corrected for albumin before it is given",
    )  # fmt: skip


def hypercalcemia_ionized(e: Edition) -> Table:
    """Build the table of Hypercalcemia, ionized."""
    x = CALCIUM_IONIZED
    return e.table(
        METABOLISM, "Hypercalcemia", "10020587",
        DEATH,
        Row(G4, (x > "1.8 mmol/L") | _LIFE),
        Row(G3, (x > "1.6 mmol/L") | HOSPITAL),
        Row(G2, (x > "1.5 mmol/L") | attested("symptomatic")),
        Row(G1, x > x.uln),
        variant=IONIZED,
    )  # fmt: skip


def hypocalcemia_corrected(e: Edition) -> Table:
    """Build the table of Hypocalcemia, corrected."""
    x = CALCIUM_CORRECTED
    return e.table(
        METABOLISM, "Hypocalcemia", "10020949",
        DEATH,
        Row(G4, (x < limits("1.5 mmol/L", "6.0 mg/dL")) | _LIFE),
        Row(G3, (x < limits("1.75 mmol/L", "7.0 mg/dL")) | HOSPITAL),
        Row(G2, (x < limits("2.0 mmol/L", "8.0 mg/dL")) | attested("symptomatic")),
        Row(G1, x < x.lln),
        variant=CORRECTED,
        note="the calcium is corrected for albumin before it is given",
    )  # fmt: skip


def hypocalcemia_ionized(e: Edition) -> Table:
    """Build the table of Hypocalcemia, ionized."""
    x = CALCIUM_IONIZED
    return e.table(
        METABOLISM, "Hypocalcemia", "10020949",
        DEATH,
        Row(G4, (x < "0.8 mmol/L") | _LIFE),
        Row(G3, (x < "0.9 mmol/L") | HOSPITAL),
        Row(G2, (x < "1.0 mmol/L") | attested("symptomatic")),
        Row(G1, x < x.lln),
        variant=IONIZED,
    )  # fmt: skip


def electrolyte_increased(
    e: Edition, term: str, code: str, measure: Analyte, *, g2: str, g3: str, g4: str, treated: bool
) -> Table:
    """Potassium and sodium above limits; ``treated``: an intervention begun is grade 2."""
    second = measure > g2
    return e.table(
        METABOLISM, term, code,
        DEATH,
        Row(G4, (measure > g4) | _LIFE),
        Row(G3, (measure > g3) | HOSPITAL),
        Row(G2, second | attested("intervention started") if treated else second),
        Row(G1, measure > measure.uln),
    )  # fmt: skip


def hyperkalemia(e: Edition, *, treated: bool) -> Table:
    """Build the table of Hyperkalemia."""
    return electrolyte_increased(e, "Hyperkalemia", "10020647", POTASSIUM, g2="5.5 mmol/L",
                                 g3="6.0 mmol/L", g4="7.0 mmol/L", treated=treated)  # fmt: skip


def hypernatremia(e: Edition, *, treated: bool) -> Table:
    """Build the table of Hypernatremia."""
    return electrolyte_increased(e, "Hypernatremia", "10020680", SODIUM, g2="150 mmol/L",
                                 g3="155 mmol/L", g4="160 mmol/L", treated=treated)  # fmt: skip


def hypokalemia(e: Edition) -> Table:
    """Build the table of Hypokalemia."""
    low = POTASSIUM < POTASSIUM.lln
    return e.table(
        METABOLISM, "Hypokalemia", "10021018",
        DEATH,
        Row(G4, (POTASSIUM < "2.5 mmol/L") | _LIFE),
        Row(G3, (POTASSIUM < "3.0 mmol/L") | HOSPITAL),
        Row(G2, (low & SYMPTOMATIC.is_()) | INTERVENTION),
        Row(G1, low),
        note="symptoms not known: grades 1 and 2 both stay possible",
    )  # fmt: skip


def hyponatremia(e: Edition) -> Table:
    """Build the table of Hyponatremia."""
    below_130 = e.falls(SODIUM, "129 mmol/L", "130 mmol/L")
    return e.table(
        METABOLISM, "Hyponatremia", "10021038",
        DEATH,
        Row(G4, (SODIUM < "120 mmol/L") | _LIFE),
        Row(G3, e.falls(SODIUM, "124 mmol/L", "125 mmol/L") | (below_130 & SYMPTOMATIC.is_())),
        Row(G2, below_130),
        Row(G1, SODIUM < SODIUM.lln),
        note="symptoms not known: grades 2 and 3 both stay possible",
    )  # fmt: skip


def hypermagnesemia(e: Edition) -> Table:
    """Build the table of Hypermagnesemia."""
    x = MAGNESIUM
    return e.table(
        METABOLISM, "Hypermagnesemia", "10020670",
        DEATH,
        Row(G4, (x > limits("3.30 mmol/L", "8.0 mg/dL")) | _LIFE),
        Row(G3, x > limits("1.23 mmol/L", "3.0 mg/dL")),
        Row(G1, x > x.uln),
        note="grade 2 does not exist",
    )  # fmt: skip


def hypomagnesemia(e: Edition) -> Table:
    """Build the table of Hypomagnesemia."""
    x = MAGNESIUM
    return e.table(
        METABOLISM, "Hypomagnesemia", "10021028",
        DEATH,
        Row(G4, (x < limits("0.3 mmol/L", "0.7 mg/dL")) | _LIFE),
        Row(G3, x < limits("0.4 mmol/L", "0.9 mg/dL")),
        Row(G2, x < limits("0.5 mmol/L", "1.2 mg/dL")),
        Row(G1, x < x.lln),
    )  # fmt: skip


def hypertriglyceridemia(e: Edition) -> Table:
    """Build the table of Hypertriglyceridemia."""
    x = TRIGLYCERIDES
    return e.table(
        METABOLISM, "Hypertriglyceridemia", "10020870",
        DEATH,
        Row(G4, (x > limits("11.4 mmol/L", "1000 mg/dL")) | _LIFE),
        Row(G3, x > limits("5.7 mmol/L", "500 mg/dL")),
        Row(G2, x > limits("3.42 mmol/L", "300 mg/dL")),
        Row(G1, x >= limits("1.71 mmol/L", "150 mg/dL")),
        note="the lower edge of grade 1 is printed without a sign and belongs to it",
    )  # fmt: skip


def hyperuricemia(e: Edition) -> Table:
    """Build the table of Hyperuricemia."""
    return e.table(
        METABOLISM, "Hyperuricemia", "10020907",
        DEATH,
        LIFE_THREATENING,
        Row(G3, (URIC_ACID > URIC_ACID.uln) & CONSEQUENCES.is_()),
        Row(G1, URIC_ACID > URIC_ACID.uln),
        note="consequences not known: grades 1 and 3 both stay possible; grade 2 does not exist",
    )  # fmt: skip


def hypoalbuminemia(e: Edition) -> Table:
    """Build the table of Hypoalbuminemia."""
    return e.table(
        METABOLISM, "Hypoalbuminemia", "10020943",
        DEATH,
        LIFE_THREATENING,
        Row(G3, ALBUMIN < "20 g/L"),
        Row(G2, ALBUMIN < "30 g/L"),
        Row(G1, ALBUMIN < ALBUMIN.lln),
    )  # fmt: skip


def hypoglycemia(e: Edition) -> Table:
    """Build the table of Hypoglycemia."""
    x = GLUCOSE
    return e.table(
        METABOLISM, "Hypoglycemia", "10021005",
        DEATH,
        Row(G4, (x < limits("1.7 mmol/L", "30 mg/dL")) | attested("seizures") | _LIFE),
        Row(G3, x < limits("2.2 mmol/L", "40 mg/dL")),
        Row(G2, x < limits("3.0 mmol/L", "55 mg/dL")),
        Row(G1, x < x.lln),
    )  # fmt: skip


def obesity(e: Edition) -> Table:
    """Build the table of Obesity."""
    x = BODY_MASS_INDEX
    return e.table(
        METABOLISM, "Obesity", "10029883",
        Row(G4, e.reaches(x, "40 kg/m^2", "39.9 kg/m^2")),
        Row(G3, e.reaches(x, "30 kg/m^2", "29.9 kg/m^2")),
        Row(G2, x >= "25 kg/m^2"),
        note="grade 1 does not exist",
    )  # fmt: skip
