"""CTCAE v6.0, with the errata of January 2026: its numeric terms as tables.

Limits are NCI's; the labels of clinical statements are our own. Where v6.0 reworded a grade and
the new text was not transcribed, that grade stays possible instead of being left out.
``TABLES`` holds every table, `LABORATORY` those judged by laboratory values alone;
``tables(Readings(...))`` builds the same under other readings of the wording.
"""

from __future__ import annotations

from itp_carT.analytes import (
    ALP,
    ALT,
    AMYLASE,
    AST,
    BILIRUBIN,
    CREATININE,
    CREATININE_CLEARANCE,
    EJECTION_FRACTION,
    GGT,
    GLUCOSE,
    GLUCOSE_FASTING,
    HDL,
    HEMOGLOBIN,
    LDL,
    LIPASE,
    MEAN_ARTERIAL,
    NEUTROPHILS,
    PLATELETS,
    SKIN_INVOLVED,
    SODIUM,
    SPO2_EXERCISE,
    SYSTOLIC,
    URINE_24_H,
    VITAL_CAPACITY,
    Analyte,
)
from itp_carT.rules import Fact, Row, Table, attested, limits
from itp_carT.sources import CTCAE_V6

from . import _blood as blood
from . import _body as body
from . import _investigations as investigations
from . import _metabolism as metabolism
from ._edition import (
    BLOOD,
    CARDIAC,
    DEATH,
    G1,
    G2,
    G3,
    G4,
    HEPATOBILIARY,
    INVESTIGATIONS,
    LIFE_THREATENING,
    METABOLISM,
    RESPIRATORY,
    SKIN,
    SYMPTOMATIC,
    VASCULAR,
    Edition,
    find,
    reworded,
)
from ._skin import FLUID, MODERATE
from .readings import DEFAULT, Readings

#: Whether the strain fell by more than 15 % or a biomarker rose anew; not known keeps the grades.
NEW_MARKER = Fact("new marker", "new fall of strain above 15 % or new rise of a biomarker")
#: Whether the pressure stayed so for more than an hour; not known keeps both grades.
MORE_THAN_1_H = Fact("more than 1 h", "for more than 1 h")
#: Whether the raised pressure is recurrent or persistent; not known keeps both grades.
PERSISTENT = Fact("persistent", "recurrent or persistent")


def tables(readings: Readings = DEFAULT) -> tuple[Table, ...]:
    """Build every table of the edition under the given readings of its wording."""
    e = Edition("ctcae-v6.0", CTCAE_V6, readings)
    return (*_laboratory(e), *_clinical(e))


def table(name: str) -> Table:
    """Return the table of a term by its name, name with variant, key or MedDRA code.

    A term of several tables, asked for without a variant, gives the first of them.

    Raises
    ------
    UnknownTermError
        With the nearest names.

    Examples
    --------
    >>> table("hypercalcemia (ionized)").code
    '10020587'
    """
    return find(TABLES, name, "CTCAE v6.0")


def _laboratory(e: Edition) -> tuple[Table, ...]:
    return (
        blood.anemia(e),
        blood.eosinophilia(e),
        blood.leukocytosis(e),
        blood.methemoglobinemia(e),
        _thrombocytopenia(e),
        investigations.aptt_prolonged(e),
        _alt_ast(e, "Alanine aminotransferase increased", "10001551", ALT),
        _alkaline_phosphatase(e),
        _alt_ast(e, "Aspartate aminotransferase increased", "10003481", AST),
        investigations.bicarbonate_decreased(e),
        _bilirubin(e),
        investigations.ldh_increased(e),
        investigations.cd4_decreased(e),
        investigations.cholesterol_high(e),
        _creatinine_clearance(e),
        _creatinine(e),
        investigations.fibrinogen_decreased(e, abnormal_only=True),
        _ggt(e),
        investigations.haptoglobin_decreased(e),
        investigations.below_normal(e, "HDL decreased", "10019186", HDL),
        investigations.hemoglobin_increased(e, from_=HEMOGLOBIN.uln),
        investigations.inr_increased(e, limits(1.2), limits(1.5), limits(2.5)),
        investigations.above_normal(e, "LDL increased", "10024057", LDL),
        investigations.with_symptoms(
            e, "Lipase increased", "10024574", LIPASE, g2=1.5, split=3, g4=5
        ),
        investigations.lymphocytes_increased(e),
        _neutrophils(e),
        _amylase(e),
        investigations.tsh_increased(e),
        investigations.white_cells_decreased(e),
        metabolism.acidosis(e),
        metabolism.alkalosis(e),
        metabolism.hypercalcemia_corrected(e),
        metabolism.hypercalcemia_ionized(e),
        _hyperglycemia(e),
        _hyperglycemia_fasting(e),
        metabolism.hyperkalemia(e, treated=True),
        metabolism.hypermagnesemia(e),
        metabolism.hypernatremia(e, treated=True),
        metabolism.hypertriglyceridemia(e),
        metabolism.hyperuricemia(e),
        metabolism.hypoalbuminemia(e),
        metabolism.hypocalcemia_corrected(e),
        metabolism.hypocalcemia_ionized(e),
        metabolism.hypoglycemia(e),
        metabolism.hypokalemia(e),
        metabolism.hypomagnesemia(e),
        _hyponatremia(e),
    )


def _clinical(e: Edition) -> tuple[Table, ...]:
    return (
        blood.bone_marrow_hypocellular(e),
        blood.febrile_neutropenia(e),
        blood.hemolysis(e),
        _left_ventricular_dysfunction(e),
        body.diarrhea(e, mildest=attested("change of consistency or frequency")),
        body.dry_mouth(e),
        body.fever(e),
        body.hypothermia(e),
        _sinusoidal_obstruction(e),
        body.enterocolitis_infectious(e),
        body.infusion_reaction(e),
        _dlco(e),
        body.qtc_prolonged(e, above_500=True),
        _urine_output(e),
        _vital_capacity(e),
        body.weight_gain(e),
        body.weight_gain_percent(e),
        body.weight_loss(e, mildest=reworded("1")),
        body.weight_loss_percent(e, mildest=reworded("1")),
        body.chronic_kidney_disease(e, gaps=False),
        _hypoxia(e),
        _erythroderma(e),
        _purpura(e),
        _rash_maculo_papular(e),
        _hypertension(e),
    )


# --- the rules that are of this edition -----------------------------------------------------------


def _thrombocytopenia(e: Edition) -> Table:
    return e.table(
        BLOOD, "Thrombocytopenia", "10043554",
        DEATH,
        Row(G4, PLATELETS < "10 10^9/L"),
        Row(G3, PLATELETS < "50 10^9/L"),
        Row(G2, PLATELETS < "75 10^9/L"),
        Row(G1, PLATELETS < PLATELETS.lln),
        note="was platelet count decreased; the sign of grade 4 is from the errata",
    )  # fmt: skip


def _neutrophils(e: Edition) -> Table:
    return e.table(
        INVESTIGATIONS, "Neutrophil count decreased", "10029366",
        Row(G4, NEUTROPHILS < "0.1 10^9/L"),
        Row(G3, NEUTROPHILS < "0.5 10^9/L"),
        Row(G2, NEUTROPHILS < "1.0 10^9/L"),
        Row(G1, NEUTROPHILS < "1.5 10^9/L"),
        note="no arm by the lower limit of normal",
    )  # fmt: skip


def _alt_ast(e: Edition, term: str, code: str, measure: Analyte) -> Table:
    return investigations.multiples_by_baseline(
        e, term, code, measure, normal=(1, 3, 5, 20), abnormal=(1, 1.5, 2, 4), from_="at"
    )


def _ggt(e: Edition) -> Table:
    return investigations.multiples_by_baseline(
        e, "GGT increased", "10056910", GGT,
        normal=(1, 2.5, 5, 20), abnormal=(1, 1.5, 3, 10), from_="at",
    )  # fmt: skip


def _bilirubin(e: Edition) -> Table:
    return investigations.multiples_by_baseline(
        e, "Blood bilirubin increased", "10005364", BILIRUBIN,
        normal=(1, 1.5, 3, 10), abnormal=(1, 1.5, 2.5, 10), from_="at",
    )  # fmt: skip


def _alkaline_phosphatase(e: Edition) -> Table:
    above = (ALP > ALP.baseline) | ALP.baseline_sample.is_()
    return e.table(
        INVESTIGATIONS, "Alkaline phosphatase increased", "10001675",
        Row(G1, (ALP > ALP.uln) & above),
    )  # fmt: skip


def _creatinine(e: Edition) -> Table:
    x, own, base = CREATININE, CREATININE.uln, CREATININE.baseline
    low = x.baseline_low.is_()
    return e.table(
        INVESTIGATIONS, "Creatinine increased", "10011368",
        Row(G4, x > 6 * own),
        Row(G3, (low & (x > 3 * base)) | (x > 3 * own)),
        Row(G2, (low & (x > 1.5 * base)) | (x > 1.5 * own)),
        Row(G1, x > own),
        note="the baseline arm counts only where the baseline was below its lower limit of normal",
    )  # fmt: skip


def _creatinine_clearance(e: Edition) -> Table:
    x = CREATININE_CLEARANCE
    return e.table(
        INVESTIGATIONS, "Creatinine clearance decreased", "10011363",
        Row(G3, e.falls(x, "25 mL/min", "26 mL/min")),
        Row(G2, e.falls(x, "49 mL/min", "50 mL/min")),
        refers=Row(None, x < "10 mL/min",
                   note="below 10 mL/min: see acute kidney injury or chronic kidney disease"),
        note="grades 1, 4 and 5 do not exist here",
    )  # fmt: skip


def _amylase(e: Edition) -> Table:
    x, uln, moderate = AMYLASE, AMYLASE.uln, MODERATE.is_()
    return e.table(
        INVESTIGATIONS, "Serum amylase increased", "10040139",
        Row(G4, (x > 5 * uln) & SYMPTOMATIC.is_()),
        Row(G3, (x > 5 * uln) | ((x > 2 * uln) & moderate)),
        Row(G2, x > 1.5 * uln),
        Row(G1, x > uln),
        note="between 2 and 5 times the limit mild symptoms stay grade 2",
    )  # fmt: skip


def _hyperglycemia(e: Edition) -> Table:
    return e.table(
        METABOLISM, "Hyperglycemia", "10020639",
        Row(G4, (GLUCOSE > limits("27.8 mmol/L", "500 mg/dL")) | LIFE_THREATENING.when),
        Row(G3, GLUCOSE > limits("13.9 mmol/L", "250 mg/dL")),
        note="glucose of any time of day; grades 1 and 2 exist for fasting glucose only",
    )  # fmt: skip


def _hyperglycemia_fasting(e: Edition) -> Table:
    x = GLUCOSE_FASTING
    return e.table(
        METABOLISM, "Hyperglycemia", "10020639",
        Row(G4, (x > limits("27.8 mmol/L", "500 mg/dL")) | LIFE_THREATENING.when),
        Row(G3, x > limits("13.9 mmol/L", "250 mg/dL")),
        Row(G2, x > limits("8.9 mmol/L", "160 mg/dL")),
        Row(G1, x > x.uln),
        variant="fasting",
    )  # fmt: skip


def _hyponatremia(e: Edition) -> Table:
    below_130 = SODIUM < "130 mmol/L"
    return e.table(
        METABOLISM, "Hyponatremia", "10021038",
        DEATH,
        Row(G4, (SODIUM < "120 mmol/L") | LIFE_THREATENING.when),
        Row(G3, (SODIUM < "125 mmol/L") | (below_130 & SYMPTOMATIC.is_())),
        Row(G2, below_130),
        Row(G1, SODIUM < SODIUM.lln),
        note="symptoms not known: grades 2 and 3 both stay possible",
    )  # fmt: skip


def _left_ventricular_dysfunction(e: Edition) -> Table:
    x = EJECTION_FRACTION
    marker = NEW_MARKER.is_()
    return e.table(
        CARDIAC, "Left ventricular dysfunction", "10049694",
        Row(G3, x < "40 %"),
        Row(G2, e.falls(x, "49 %", "50 %") & (marker | (x <= x.baseline - "10 %"))),
        Row(G1, marker),
        note="a normal ejection fraction alone is not grade 1; the fall is read in percentage "
        "points",
    )  # fmt: skip


def _hypertension(e: Edition) -> Table:
    hour = MORE_THAN_1_H.is_()
    rise = ((SYSTOLIC > SYSTOLIC.baseline + "20 mmHg")
            | (MEAN_ARTERIAL > MEAN_ARTERIAL.baseline + "15 mmHg"))  # fmt: skip
    fourth = body.pressure(e, ("180 mmHg", "110 mmHg"), ("179 mmHg", "109 mmHg"))
    third = body.pressure(e, ("160 mmHg", "100 mmHg"), ("159 mmHg", "99 mmHg"))
    second = body.pressure(e, ("140 mmHg", "90 mmHg"), ("139 mmHg", "89 mmHg"))
    return e.table(
        VASCULAR, "Hypertension", "10020772",
        DEATH,
        Row(G4, (fourth & hour) | LIFE_THREATENING.when),
        Row(G3, (third & hour) | ((SYSTOLIC > "140 mmHg") & rise)),
        Row(G2, second & PERSISTENT.is_()),
        note="adults only; grade 1 does not exist",
    )  # fmt: skip


def _rash_maculo_papular(e: Edition) -> Table:
    return e.table(
        SKIN, "Rash maculo-papular", "10037868",
        DEATH,
        LIFE_THREATENING,
        Row(G3, (SKIN_INVOLVED > "50 %") | attested("moderate or severe symptoms")),
        Row(G2, (SKIN_INVOLVED > "0 %") & attested("mild symptoms")),
        Row(G1, SKIN_INVOLVED > "0 %"),
        note="up to 50 % of the surface, symptoms decide",
    )  # fmt: skip


# --- terms of which v6.0 reworded grades that are not transcribed here ---


def _sinusoidal_obstruction(e: Edition) -> Table:
    return e.table(
        HEPATOBILIARY, "Sinusoidal obstruction syndrome", "10063675",
        DEATH,
        LIFE_THREATENING,
        Row(G3, BILIRUBIN > "5 mg/dL"),
        Row(G2, reworded("2")),
    )  # fmt: skip


def _dlco(e: Edition) -> Table:
    return e.table(
        INVESTIGATIONS, "Carbon monoxide diffusing capacity decreased", "10065906",
        Row(G3, body.dlco_third()),
        Row(G2, reworded("2")),
        Row(G1, reworded("1")),
    )  # fmt: skip


def _urine_output(e: Edition) -> Table:
    return e.table(
        INVESTIGATIONS, "Urine output decreased", "10059895",
        Row(G4, URINE_24_H < "240 mL"),
        Row(G3, reworded("3")),
    )  # fmt: skip


def _vital_capacity(e: Edition) -> Table:
    return e.table(
        INVESTIGATIONS, "Vital capacity abnormal", "10047580",
        Row(G3, reworded("3")),
        Row(G2, reworded("2")),
        Row(G1, VITAL_CAPACITY <= "90 %"),
    )  # fmt: skip


def _hypoxia(e: Edition) -> Table:
    return e.table(
        RESPIRATORY, "Hypoxia", "10021143",
        DEATH,
        LIFE_THREATENING,
        Row(G3, reworded("3")),
        Row(G2, SPO2_EXERCISE < "88 %"),
        Row(G1, reworded("1")),
    )  # fmt: skip


def _erythroderma(e: Edition) -> Table:
    return e.table(
        SKIN, "Erythroderma", "10015277",
        DEATH,
        Row(G4, (SKIN_INVOLVED > "90 %") & FLUID),
        Row(G3, reworded("3")),
        Row(G2, reworded("2")),
    )  # fmt: skip


def _purpura(e: Edition) -> Table:
    return e.table(
        SKIN, "Purpura", "10037549",
        Row(G3, reworded("3")),
        Row(G2, reworded("2")),
        Row(G1, SKIN_INVOLVED > "0 %"),
    )  # fmt: skip


# --- every table by its name ----------------------------------------------------------------------

TABLES = tables()
LABORATORY = TABLES[: len(_laboratory(Edition("ctcae-v6.0", CTCAE_V6, DEFAULT)))]

# fmt: off
(
    ANEMIA, EOSINOPHILIA, LEUKOCYTOSIS, METHEMOGLOBINEMIA, THROMBOCYTOPENIA,
    ACTIVATED_PARTIAL_THROMBOPLASTIN_TIME_PROLONGED, ALANINE_AMINOTRANSFERASE_INCREASED,
    ALKALINE_PHOSPHATASE_INCREASED, ASPARTATE_AMINOTRANSFERASE_INCREASED,
    BLOOD_BICARBONATE_DECREASED, BLOOD_BILIRUBIN_INCREASED, BLOOD_LACTATE_DEHYDROGENASE_INCREASED,
    CD4_LYMPHOCYTES_DECREASED, CHOLESTEROL_HIGH, CREATININE_CLEARANCE_DECREASED,
    CREATININE_INCREASED, FIBRINOGEN_DECREASED, GGT_INCREASED, HAPTOGLOBIN_DECREASED,
    HDL_DECREASED, HEMOGLOBIN_INCREASED, INR_INCREASED, LDL_INCREASED, LIPASE_INCREASED,
    LYMPHOCYTE_COUNT_INCREASED, NEUTROPHIL_COUNT_DECREASED, SERUM_AMYLASE_INCREASED,
    THYROID_STIMULATING_HORMONE_INCREASED, WHITE_BLOOD_CELL_DECREASED, ACIDOSIS, ALKALOSIS,
    HYPERCALCEMIA_CORRECTED, HYPERCALCEMIA_IONIZED, HYPERGLYCEMIA, HYPERGLYCEMIA_FASTING,
    HYPERKALEMIA, HYPERMAGNESEMIA, HYPERNATREMIA, HYPERTRIGLYCERIDEMIA, HYPERURICEMIA,
    HYPOALBUMINEMIA, HYPOCALCEMIA_CORRECTED, HYPOCALCEMIA_IONIZED, HYPOGLYCEMIA, HYPOKALEMIA,
    HYPOMAGNESEMIA, HYPONATREMIA, BONE_MARROW_HYPOCELLULAR, FEBRILE_NEUTROPENIA, HEMOLYSIS,
    LEFT_VENTRICULAR_DYSFUNCTION, DIARRHEA, DRY_MOUTH, FEVER, HYPOTHERMIA,
    SINUSOIDAL_OBSTRUCTION_SYNDROME, ENTEROCOLITIS_INFECTIOUS, INFUSION_RELATED_REACTION,
    CARBON_MONOXIDE_DIFFUSING_CAPACITY_DECREASED,
    ELECTROCARDIOGRAM_QT_CORRECTED_INTERVAL_PROLONGED, URINE_OUTPUT_DECREASED,
    VITAL_CAPACITY_ABNORMAL, WEIGHT_GAIN, WEIGHT_GAIN_PERCENT, WEIGHT_LOSS, WEIGHT_LOSS_PERCENT,
    CHRONIC_KIDNEY_DISEASE, HYPOXIA, ERYTHRODERMA, PURPURA, RASH_MACULO_PAPULAR, HYPERTENSION,
) = TABLES
# fmt: on
