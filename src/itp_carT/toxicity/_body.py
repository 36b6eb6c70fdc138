"""CTCAE terms of vital signs, heart, lung and kidney that read the same in several editions."""

from __future__ import annotations

from itp_carT.analytes import (
    BILIRUBIN,
    DIASTOLIC,
    DIPSTICK_PROTEIN,
    DLCO,
    EGFR,
    EJECTION_FRACTION,
    FEV1,
    HYPERTHERMIA_DURATION,
    ILLNESS_DURATION,
    LIMB_DIFFERENCE,
    PAO2,
    PROPHYLAXIS_DURATION,
    QTC,
    SALIVA_FLOW,
    SPO2,
    SPO2_EXERCISE,
    STOOLS,
    SYSTOLIC,
    TEMPERATURE,
    URINE_8_H,
    URINE_24_H,
    URINE_PROTEIN,
    URINE_PROTEIN_RATIO,
    VITAL_CAPACITY,
    WEIGHT,
    WEIGHT_GAIN,
    WEIGHT_LOSS,
)
from itp_carT.rules import Condition, Fact, Row, Table, attested, either

from ._edition import (
    DEATH,
    G1,
    G2,
    G3,
    G4,
    GASTROINTESTINAL,
    GENERAL,
    HEPATOBILIARY,
    HOSPITAL,
    INFECTIONS,
    INJURY,
    INVESTIGATIONS,
    LIFE_THREATENING,
    RENAL,
    RESPIRATORY,
    SYMPTOMATIC,
    VASCULAR,
    Edition,
)

#: Whether blood pressure was normal before; not known keeps both grades.
PREVIOUSLY_NORMAL = Fact("previously normal", "blood pressure previously normal")
#: Whether the test is a follow-up, to be judged against the baseline.
FOLLOW_UP = Fact("follow-up", "follow-up test, judged against the baseline")
PERCENT = "percent"
ADL = "limits self care"


# --- general --------------------------------------------------------------------------------------


def fever(e: Edition) -> Table:
    """Build the table of Fever."""
    x = TEMPERATURE
    return e.table(
        GENERAL, "Fever", "10016558",
        DEATH,
        Row(G4, (x > "40.0 Cel") & (HYPERTHERMIA_DURATION > "24 h")),
        Row(G3, x > "40.0 Cel"),
        Row(G2, x > "39.0 Cel"),
        Row(G1, x >= "38.0 Cel"),
        note="102.3 degF, printed where grade 2 begins, is read as above 39.0 Cel (102.2 degF)",
    )  # fmt: skip


def hypothermia(e: Edition) -> Table:
    """Build the table of Hypothermia."""
    x = TEMPERATURE
    return e.table(
        GENERAL, "Hypothermia", "10021113",
        DEATH,
        Row(G4, (x <= "28 Cel") | LIFE_THREATENING.when),
        Row(G3, x <= "32 Cel"),
        Row(G2, x <= "35 Cel"),
        note="grade 1 does not exist",
    )  # fmt: skip


def edema_limbs(e: Edition) -> Table:
    """Build the table of Edema limbs."""
    x = LIMB_DIFFERENCE
    return e.table(
        GENERAL, "Edema limbs", "10050068",
        Row(G3, (x > "30 %") | attested(ADL)),
        Row(G2, x > "10 %"),
        Row(G1, x >= "5 %"),
    )  # fmt: skip


def infusion_reaction(e: Edition) -> Table:
    """Build the table of Infusion related reaction."""
    return e.table(
        INJURY, "Infusion related reaction", "10051792",
        DEATH,
        LIFE_THREATENING,
        Row(G3, attested("prolonged or recurrent reaction") | HOSPITAL),
        Row(G2, attested("infusion interrupted, responds promptly")
            | (attested("prophylactic medication") & (PROPHYLAXIS_DURATION <= "24 h"))),
        Row(G1, attested("mild transient reaction")),
    )  # fmt: skip


# --- weight ---------------------------------------------------------------------------------------


def weight_gain(e: Edition) -> Table:
    """Build the table of Weight gain."""
    base = WEIGHT.baseline
    return e.table(
        INVESTIGATIONS, "Weight gain", "10047896",
        Row(G3, WEIGHT >= 1.2 * base),
        Row(G2, WEIGHT >= 1.1 * base),
        Row(G1, WEIGHT >= 1.05 * base),
    )  # fmt: skip


def weight_gain_percent(e: Edition) -> Table:
    """Build the table of Weight gain, percent."""
    return e.table(
        INVESTIGATIONS, "Weight gain", "10047896",
        Row(G3, WEIGHT_GAIN >= "20 %"),
        Row(G2, WEIGHT_GAIN >= "10 %"),
        Row(G1, WEIGHT_GAIN >= "5 %"),
        variant=PERCENT,
    )  # fmt: skip


def weight_loss(e: Edition, *, mildest: Condition | None = None) -> Table:
    """Build the table of Weight loss."""
    base = WEIGHT.baseline
    return e.table(
        INVESTIGATIONS, "Weight loss", "10047900",
        Row(G3, (WEIGHT <= 0.8 * base) | attested("tube feeding or parenteral nutrition")),
        Row(G2, (WEIGHT <= 0.9 * base) | attested("nutritional support indicated")),
        Row(G1, WEIGHT <= 0.95 * base if mildest is None else mildest),
    )  # fmt: skip


def weight_loss_percent(e: Edition, *, mildest: Condition | None = None) -> Table:
    """Build the table of Weight loss, percent."""
    return e.table(
        INVESTIGATIONS, "Weight loss", "10047900",
        Row(G3, (WEIGHT_LOSS >= "20 %") | attested("tube feeding or parenteral nutrition")),
        Row(G2, (WEIGHT_LOSS >= "10 %") | attested("nutritional support indicated")),
        Row(G1, WEIGHT_LOSS >= "5 %" if mildest is None else mildest),
        variant=PERCENT,
    )  # fmt: skip


# --- heart and vessels ----------------------------------------------------------------------------


def pressure(e: Edition, first: tuple[str, str], last: tuple[str, str]) -> Condition:
    """Systolic or diastolic pressure in a band printed in whole numbers, or beyond."""
    return e.reaches(SYSTOLIC, first[0], last[0]) | e.reaches(DIASTOLIC, first[1], last[1])


def hypertension(e: Edition, *, previously_normal: bool) -> Table:
    """Build the table of Hypertension."""
    second = pressure(e, ("140 mmHg", "90 mmHg"), ("139 mmHg", "89 mmHg"))
    return e.table(
        VASCULAR, "Hypertension", "10020772",
        DEATH,
        LIFE_THREATENING,
        Row(G3, pressure(e, ("160 mmHg", "100 mmHg"), ("159 mmHg", "99 mmHg"))
            | attested("more than one drug or more intensive therapy indicated")),
        Row(G2, (second & PREVIOUSLY_NORMAL.is_() if previously_normal else second)
            | attested("change of baseline treatment indicated")
            | attested("recurrent or persistent for 24 h or more")
            | attested("symptomatic rise")
            | attested("monotherapy indicated")),
        Row(G1, (SYSTOLIC >= "120 mmHg") | (DIASTOLIC >= "80 mmHg")),
        note="adults only; the arms for children by percentile are not here",
    )  # fmt: skip


def qtc_prolonged(e: Edition, *, above_500: bool) -> Table:
    """Build the table of Electrocardiogram QT corrected interval prolonged."""
    x = QTC
    third = x > "500 ms" if above_500 else e.passes(x, "501 ms", "500 ms")
    return e.table(
        INVESTIGATIONS, "Electrocardiogram QT corrected interval prolonged", "10014383",
        Row(G4, attested("torsade, polymorphic tachycardia or signs of serious arrhythmia")),
        Row(G3, third | (x > x.baseline + "60 ms")),
        Row(G2, e.passes(x, "481 ms", "480 ms")),
        Row(G1, x >= "450 ms"),
        note="a value between 480 and 481, or 500 and 501 ms, is read as the worse, as v6.0 closes "
        "the second gap",
    )  # fmt: skip


def ejection_fraction_decreased(e: Edition, *, at_20: bool) -> Table:
    """Build the table of Ejection fraction decreased."""
    x = EJECTION_FRACTION
    drop_20 = x <= x.baseline - "20 %" if at_20 else x < x.baseline - "20 %"
    return e.table(
        INVESTIGATIONS, "Ejection fraction decreased", "10050528",
        Row(G4, x < "20 %"),
        Row(G3, e.falls(x, "39 %", "40 %") | drop_20),
        Row(G2, (x <= "50 %") | (x <= x.baseline - "10 %")),
        note="a drop is read in percentage points",
    )  # fmt: skip


# --- lung -----------------------------------------------------------------------------------------


def hypoxia(e: Edition) -> Table:
    """Build the table of Hypoxia."""
    return e.table(
        RESPIRATORY, "Hypoxia", "10021143",
        DEATH,
        LIFE_THREATENING,
        Row(G3, (SPO2 < "88 %") | (PAO2 <= "55 mmHg")),
        Row(G2, (SPO2_EXERCISE < "88 %") | attested("intermittent oxygen")),
        note="grade 1 does not exist; each of the three measures can decide alone",
    )  # fmt: skip


def fev1_decreased(e: Edition) -> Table:
    """Build the table of Forced expiratory volume decreased."""
    x = FEV1
    return e.table(
        INVESTIGATIONS, "Forced expiratory volume decreased", "10016987",
        Row(G4, e.falls(x, "49 %", "50 %")),
        Row(G3, e.falls(x, "59 %", "60 %")),
        Row(G2, e.falls(x, "69 %", "70 %")),
        Row(G1, e.falls(x, "99 %", "100 %")),
    )  # fmt: skip


def vital_capacity_abnormal(e: Edition) -> Table:
    """Build the table of Vital capacity abnormal."""
    x = VITAL_CAPACITY
    return e.table(
        INVESTIGATIONS, "Vital capacity abnormal", "10047580",
        Row(G3, (x < "50 %") | attested(ADL)),
        Row(G2, (x < "75 %") | attested("limits instrumental activities")),
        Row(G1, x <= "90 %"),
    )  # fmt: skip


def below_lln_or_baseline(units: str, *, beyond: bool) -> Condition:
    """DLCO at least (or more than) some units below the limit of normal, or the baseline."""
    own, base = DLCO.lln - units, DLCO.baseline - units
    if beyond:
        return either(FOLLOW_UP.is_(), DLCO < base, DLCO < own)
    return either(FOLLOW_UP.is_(), DLCO <= base, DLCO <= own)


def dlco_third(unit: str = "mL/min/mmHg") -> Condition:
    """State grade 3 of DLCO: more than 8 units down, or more than 5 with symptoms."""
    more_than_5 = below_lln_or_baseline(f"5 {unit}", beyond=True)
    return below_lln_or_baseline(f"8 {unit}", beyond=True) | (more_than_5 & SYMPTOMATIC.is_())


def dlco_decreased(e: Edition) -> Table:
    """Build the table of Carbon monoxide diffusing capacity decreased."""
    unit = "mL/min/mmHg"
    own = e.falls(DLCO, DLCO.lln - f"6 {unit}", DLCO.lln - f"5 {unit}")
    return e.table(
        INVESTIGATIONS, "Carbon monoxide diffusing capacity decreased", "10065906",
        Row(G3, dlco_third()),
        Row(G2, either(FOLLOW_UP.is_(), DLCO < DLCO.baseline - f"5 {unit}", own)),
        Row(G1, below_lln_or_baseline(f"3 {unit}", beyond=False)),
        note="below the lower limit of normal, at follow-up below the baseline; grade 3 does not "
        "say below what and is read the same way",
    )  # fmt: skip


# --- kidney and liver -----------------------------------------------------------------------------


def urine_output_decreased(e: Edition) -> Table:
    """Build the table of Urine output decreased."""
    return e.table(
        INVESTIGATIONS, "Urine output decreased", "10059895",
        Row(G4, URINE_24_H < "240 mL"),
        Row(G3, URINE_8_H < "80 mL"),
        note="adults only",
    )  # fmt: skip


def chronic_kidney_disease(e: Edition, *, gaps: bool) -> Table:
    """Kidney disease by filtration; ``gaps``: printed in whole numbers (59-30, 29-15)."""
    x, unit = EGFR, "mL/min/1.73m^2"
    third = e.falls(x, f"29 {unit}", f"30 {unit}") if gaps else x < f"30 {unit}"
    second = e.falls(x, f"59 {unit}", f"60 {unit}") if gaps else x < f"60 {unit}"
    return e.table(
        RENAL, "Chronic kidney disease", "10064848",
        DEATH,
        Row(G4, (x < f"15 {unit}") | attested("dialysis or transplant indicated")),
        Row(G3, third),
        Row(G2, second),
        Row(G1, (x < x.lln) | (DIPSTICK_PROTEIN >= 2) | (URINE_PROTEIN_RATIO > "0.5 mg/mg")),
        note="grade 1 also by proteinuria: without the urine, grade 0 is not certain",
    )  # fmt: skip


def proteinuria(e: Edition) -> Table:
    """Build the table of Proteinuria."""
    x = URINE_PROTEIN
    return e.table(
        RENAL, "Proteinuria", "10037032",
        Row(G3, x >= "3.5 g/d"),
        Row(G2, x >= "1.0 g/d"),
        Row(G1, x >= x.uln),
        note="adults; the 24 h urine goes before the dipstick",
    )  # fmt: skip


def proteinuria_dipstick(e: Edition) -> Table:
    """Build the table of Proteinuria, dipstick."""
    x = DIPSTICK_PROTEIN
    return e.table(
        RENAL, "Proteinuria", "10037032",
        Row(G3, x >= 4),
        Row(G2, x >= 2),
        Row(G1, x >= 1),
        variant="dipstick",
        note="adults, and only where there is no 24 h urine",
    )  # fmt: skip


def sinusoidal_obstruction(e: Edition) -> Table:
    """Build the table of Sinusoidal obstruction syndrome."""
    return e.table(
        HEPATOBILIARY, "Sinusoidal obstruction syndrome", "10063675",
        DEATH,
        LIFE_THREATENING,
        Row(G3, (BILIRUBIN > "5 mg/dL") | attested("coagulation modifier or reversal indicated")),
        Row(G2, BILIRUBIN >= "2 mg/dL"),
        note="printed in mg/dL only",
    )  # fmt: skip


# --- gut ------------------------------------------------------------------------------------------


def diarrhea(e: Edition, *, mildest: Condition | None = None) -> Table:
    """Build the table of Diarrhea."""
    base = STOOLS.baseline
    return e.table(
        GASTROINTESTINAL, "Diarrhea", "10012727",
        DEATH,
        LIFE_THREATENING,
        Row(G3, e.reaches(STOOLS, base + "7 /d", base + "6 /d") | HOSPITAL),
        Row(G2, STOOLS >= base + "4 /d"),
        Row(G1, STOOLS > base if mildest is None else mildest),
        note="the arms for an ostomy are not here",
    )  # fmt: skip


def enterocolitis_infectious(e: Edition) -> Table:
    """Build the table of Enterocolitis infectious."""
    return e.table(
        INFECTIONS, "Enterocolitis infectious", "10058838",
        DEATH,
        LIFE_THREATENING,
        Row(G3, attested("intravenous treatment indicated")),
        Row(G2, (STOOLS > "3 /d") | (ILLNESS_DURATION > "48 h")),
        note="grade 1 does not exist",
    )  # fmt: skip


def dry_mouth(e: Edition) -> Table:
    """Build the table of Dry mouth."""
    x = SALIVA_FLOW
    return e.table(
        GASTROINTESTINAL, "Dry mouth", "10013781",
        Row(G3, (x < "0.1 mL/min") | attested("tube feeding or parenteral nutrition")),
        Row(G2, x <= "0.2 mL/min"),
        Row(G1, attested("dry mouth")),
        note="a normal flow fits the number of grade 1 too, so the symptom itself makes it",
    )  # fmt: skip
