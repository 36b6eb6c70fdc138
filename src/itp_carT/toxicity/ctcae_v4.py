"""CTCAE v4.03: its numeric terms as tables.

Limits are NCI's; the labels of clinical statements are our own. ``TABLES`` holds every table in
the order of the publication's classes, `LABORATORY` those judged by laboratory values alone;
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
    DIPSTICK_PROTEIN,
    GGT,
    GLUCOSE,
    GLUCOSE_FASTING,
    HEMOGLOBIN,
    INR,
    LIPASE,
    PHOSPHATE,
    PLATELETS,
    QTC,
    SODIUM,
    TROPONIN_I,
    TROPONIN_T,
    URIC_ACID,
    URINE_PROTEIN,
)
from itp_carT.rules import Fact, Row, Table, attested, limits
from itp_carT.sources import CTCAE_V4

from . import _blood as blood
from . import _body as body
from . import _investigations as investigations
from . import _metabolism as metabolism
from . import _skin as skin
from ._edition import (
    DEATH,
    G1,
    G2,
    G3,
    G4,
    HOSPITAL,
    INFECTIONS,
    INVESTIGATIONS,
    LIFE_THREATENING,
    METABOLISM,
    RENAL,
    SKIN,
    Edition,
    find,
    reworded,
)
from ._investigations import multiples as _multiples
from ._metabolism import CONSEQUENCES
from .readings import DEFAULT, Readings

#: Whether the QTc was as long on two separate tracings; not known keeps both grades.
TWO_TRACINGS = Fact("two tracings", "on at least two separate tracings")


def tables(readings: Readings = DEFAULT) -> tuple[Table, ...]:
    """Build every table of the edition under the given readings of its wording."""
    e = Edition("ctcae-v4.03", CTCAE_V4, readings)
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
    return find(TABLES, name, "CTCAE v4.03")


def _laboratory(e: Edition) -> tuple[Table, ...]:
    return (
        blood.anemia(e),
        blood.leukocytosis(e),
        investigations.aptt_prolonged(e),
        _multiples(e, "Alanine aminotransferase increased", "10001551", ALT, 1, 3, 5, 20),
        _multiples(e, "Alkaline phosphatase increased", "10001675", ALP, 1, 2.5, 5, 20),
        _multiples(e, "Aspartate aminotransferase increased", "10003481", AST, 1, 3, 5, 20),
        _multiples(e, "Blood bilirubin increased", "10005364", BILIRUBIN, 1, 1.5, 3, 10),
        investigations.troponin(e, "I", "10007612", TROPONIN_I),
        investigations.troponin(e, "T", "10007613", TROPONIN_T),
        investigations.cd4_decreased(e),
        investigations.cholesterol_high(e),
        investigations.ck_increased(e),
        _creatinine(e),
        investigations.fibrinogen_decreased(e, abnormal_only=False),
        _multiples(e, "GGT increased", "10056910", GGT, 1, 2.5, 5, 20),
        investigations.haptoglobin_decreased(e),
        _hemoglobin(e),
        investigations.inr_increased(e, INR.uln, 1.5 * INR.uln, 2.5 * INR.uln),
        _multiples(e, "Lipase increased", "10024574", LIPASE, 1, 1.5, 2, 5),
        investigations.lymphocytes_decreased(e),
        investigations.lymphocytes_increased(e),
        investigations.neutrophils_decreased(e),
        investigations.pancreatic_enzymes_decreased(e),
        _platelets(e),
        _multiples(e, "Serum amylase increased", "10040139", AMYLASE, 1, 1.5, 2, 5),
        investigations.white_cells_decreased(e),
        metabolism.acidosis(e),
        metabolism.alkalosis(e),
        metabolism.hypercalcemia_corrected(e),
        metabolism.hypercalcemia_ionized(e),
        _hyperglycemia(e),
        _hyperglycemia_fasting(e),
        metabolism.hyperkalemia(e, treated=False),
        metabolism.hypermagnesemia(e),
        metabolism.hypernatremia(e, treated=False),
        metabolism.hypertriglyceridemia(e),
        _hyperuricemia(e),
        metabolism.hypoalbuminemia(e),
        metabolism.hypocalcemia_corrected(e),
        metabolism.hypocalcemia_ionized(e),
        metabolism.hypoglycemia(e),
        metabolism.hypokalemia(e),
        metabolism.hypomagnesemia(e),
        _hyponatremia(e),
        _hypophosphatemia(e),
    )


def _clinical(e: Edition) -> tuple[Table, ...]:
    return (
        blood.bone_marrow_hypocellular(e),
        blood.febrile_neutropenia(e),
        blood.hemolysis(e),
        body.diarrhea(e),
        body.dry_mouth(e),
        body.edema_limbs(e),
        body.fever(e),
        body.hypothermia(e),
        body.enterocolitis_infectious(e),
        _reworded_rash(e, "Papulopustular rash", "10069138", INFECTIONS),
        body.infusion_reaction(e),
        body.dlco_decreased(e),
        body.ejection_fraction_decreased(e, at_20=False),
        _qtc(e),
        body.fev1_decreased(e),
        body.urine_output_decreased(e),
        body.vital_capacity_abnormal(e),
        body.weight_gain(e),
        body.weight_gain_percent(e),
        body.weight_loss(e),
        body.weight_loss_percent(e),
        metabolism.obesity(e),
        _acute_kidney_injury(e),
        body.chronic_kidney_disease(e, gaps=True),
        _proteinuria(e),
        _proteinuria_dipstick(e),
        body.hypoxia(e),
        skin.blistering(e, "Bullous dermatitis", "10006556"),
        skin.surface(e, "Dry skin", "10013786"),
        skin.blistering(e, "Erythema multiforme", "10015218"),
        skin.erythroderma(e),
        skin.surface(e, "Fat atrophy", "10016241"),
        skin.surface(e, "Photosensitivity", "10034966", g4=LIFE_THREATENING, death=True),
        skin.purpura(e),
        _reworded_rash(e, "Rash acneiform", "10037847", SKIN),
        skin.surface(e, "Rash maculo-papular", "10037868"),
        skin.surface(e, "Skin atrophy", "10040799"),
        skin.pigmentation(e, "Skin hyperpigmentation", "10040865", at_10=False),
        skin.pigmentation(e, "Skin hypopigmentation", "10040868", at_10=False),
        skin.stevens_johnson(e),
        skin.pigmentation(e, "Telangiectasia", "10043189", at_10=False),
        skin.toxic_epidermal_necrolysis(e),
        skin.surface(e, "Urticaria", "10046735"),
        body.hypertension(e, previously_normal=False),
    )


# --- the rules that are of this edition -----------------------------------------------------------


def _creatinine(e: Edition) -> Table:
    x, own, base = CREATININE, CREATININE.uln, CREATININE.baseline
    return e.table(
        INVESTIGATIONS, "Creatinine increased", "10011368",
        Row(G4, x > 6 * own),
        Row(G3, (x > 3 * base) | (x > 3 * own)),
        Row(G2, (x > 1.5 * base) | (x > 1.5 * own)),
        Row(G1, (x > base) | (x > own)),
    )  # fmt: skip


def _hemoglobin(e: Edition) -> Table:
    test = HEMOGLOBIN.baseline_high.is_()
    return investigations.hemoglobin_increased(
        e, from_=HEMOGLOBIN.uln, test=test,
        note="above the baseline where that was above the upper limit of normal",
    )  # fmt: skip


def _platelets(e: Edition) -> Table:
    return blood.count_decreased(e, "Platelet count decreased", "10035528", PLATELETS,
                                 "25 10^9/L", "50 10^9/L", "75 10^9/L")  # fmt: skip


def _hyperglycemia(e: Edition) -> Table:
    return e.table(
        METABOLISM, "Hyperglycemia", "10020639",
        DEATH,
        Row(G4, (GLUCOSE > limits("27.8 mmol/L", "500 mg/dL")) | LIFE_THREATENING.when),
        Row(G3, (GLUCOSE > limits("13.9 mmol/L", "250 mg/dL")) | HOSPITAL),
        note="glucose of any time of day; grades 1 and 2 exist for fasting glucose only",
    )  # fmt: skip


def _hyperglycemia_fasting(e: Edition) -> Table:
    x = GLUCOSE_FASTING
    return e.table(
        METABOLISM, "Hyperglycemia", "10020639",
        DEATH,
        Row(G4, (x > limits("27.8 mmol/L", "500 mg/dL")) | LIFE_THREATENING.when),
        Row(G3, (x > limits("13.9 mmol/L", "250 mg/dL")) | HOSPITAL),
        Row(G2, x > limits("8.9 mmol/L", "160 mg/dL")),
        Row(G1, x > x.uln),
        variant="fasting",
    )  # fmt: skip


def _hyperuricemia(e: Edition) -> Table:
    x = URIC_ACID
    return e.table(
        METABOLISM, "Hyperuricemia", "10020907",
        DEATH,
        Row(G4, (x > limits("0.59 mmol/L", "10 mg/dL")) | LIFE_THREATENING.when),
        Row(G3, (x > x.uln) & CONSEQUENCES.is_()),
        Row(G1, x > x.uln),
        note="consequences not known: grades 1 and 3 both stay possible; grade 2 does not exist",
    )  # fmt: skip


def _hyponatremia(e: Edition) -> Table:
    return e.table(
        METABOLISM, "Hyponatremia", "10021038",
        DEATH,
        Row(G4, (SODIUM < "120 mmol/L") | LIFE_THREATENING.when),
        Row(G3, SODIUM < "130 mmol/L"),
        Row(G1, SODIUM < SODIUM.lln),
        note="grade 2 does not exist",
    )  # fmt: skip


def _hypophosphatemia(e: Edition) -> Table:
    x = PHOSPHATE
    return e.table(
        METABOLISM, "Hypophosphatemia", "10021059",
        DEATH,
        Row(G4, (x < limits("0.3 mmol/L", "1.0 mg/dL")) | LIFE_THREATENING.when),
        Row(G3, x < limits("0.6 mmol/L", "2.0 mg/dL")),
        Row(G2, x < limits("0.8 mmol/L", "2.5 mg/dL")),
        Row(G1, x < x.lln),
    )  # fmt: skip


def _reworded_rash(e: Edition, term: str, code: str, soc: str) -> Table:
    return e.table(
        soc, term, code,
        DEATH,
        Row(G4, reworded("4", "v4.03")),
        Row(G3, reworded("3", "v4.03")),
        Row(G2, reworded("2", "v4.03")),
        Row(G1, skin.PRESENT),
        note="only the limit of grade 1 (below 10 %) is transcribed; v5.0 reworded the others",
        refers=Row(None, skin.X >= "10 %", note="10 % and more: not transcribed from v4.03"),
    )  # fmt: skip


def _qtc(e: Edition) -> Table:
    x, serious = QTC, attested("torsade, polymorphic tachycardia or signs of serious arrhythmia")
    long = e.passes(x, "501 ms", "500 ms")
    return e.table(
        INVESTIGATIONS, "Electrocardiogram QT corrected interval prolonged", "10014383",
        Row(G4, (long | (x > x.baseline + "60 ms")) & serious),
        Row(G3, long & TWO_TRACINGS.is_()),
        Row(G2, e.passes(x, "481 ms", "480 ms")),
        Row(G1, x >= "450 ms"),
        note="grade 3 asks for two separate tracings; not known keeps grades 2 and 3",
    )  # fmt: skip


def _acute_kidney_injury(e: Edition) -> Table:
    x, base = CREATININE, CREATININE.baseline
    return e.table(
        RENAL, "Acute kidney injury", "10069339",
        DEATH,
        Row(G4, LIFE_THREATENING.when | attested("dialysis indicated")),
        Row(G3, (x > 3 * base) | (x > "4.0 mg/dL") | HOSPITAL),
        Row(G2, x > 2 * base),
        Row(G1, (x > base + "0.3 mg/dL") | (x >= 1.5 * base)),
        note="printed in mg/dL only; exactly twice the baseline is left to grade 1",
    )  # fmt: skip


def _proteinuria(e: Edition) -> Table:
    x = URINE_PROTEIN
    return e.table(
        RENAL, "Proteinuria", "10037032",
        Row(G3, e.reaches(x, "3.5 g/d", "3.4 g/d")),
        Row(G2, x >= "1.0 g/d"),
        Row(G1, x >= x.uln),
        note="adults; grade 1 is printed without a lower edge, read as from the upper limit of "
        "normal on, as v5.0 says",
    )  # fmt: skip


def _proteinuria_dipstick(e: Edition) -> Table:
    return e.table(
        RENAL, "Proteinuria", "10037032",
        Row(G2, DIPSTICK_PROTEIN >= 2),
        Row(G1, DIPSTICK_PROTEIN >= 1),
        variant="dipstick",
        note="adults; printed as 2+ only, read as at least 2+; grade 3 needs the 24 h urine",
    )  # fmt: skip


# --- every table by its name ----------------------------------------------------------------------

TABLES = tables()
LABORATORY = TABLES[: len(_laboratory(Edition("ctcae-v4.03", CTCAE_V4, DEFAULT)))]

# fmt: off
(
    ANEMIA, LEUKOCYTOSIS, ACTIVATED_PARTIAL_THROMBOPLASTIN_TIME_PROLONGED,
    ALANINE_AMINOTRANSFERASE_INCREASED, ALKALINE_PHOSPHATASE_INCREASED,
    ASPARTATE_AMINOTRANSFERASE_INCREASED, BLOOD_BILIRUBIN_INCREASED, CARDIAC_TROPONIN_I_INCREASED,
    CARDIAC_TROPONIN_T_INCREASED, CD4_LYMPHOCYTES_DECREASED, CHOLESTEROL_HIGH, CPK_INCREASED,
    CREATININE_INCREASED, FIBRINOGEN_DECREASED, GGT_INCREASED, HAPTOGLOBIN_DECREASED,
    HEMOGLOBIN_INCREASED, INR_INCREASED, LIPASE_INCREASED, LYMPHOCYTE_COUNT_DECREASED,
    LYMPHOCYTE_COUNT_INCREASED, NEUTROPHIL_COUNT_DECREASED, PANCREATIC_ENZYMES_DECREASED,
    PLATELET_COUNT_DECREASED, SERUM_AMYLASE_INCREASED, WHITE_BLOOD_CELL_DECREASED, ACIDOSIS,
    ALKALOSIS, HYPERCALCEMIA_CORRECTED, HYPERCALCEMIA_IONIZED, HYPERGLYCEMIA,
    HYPERGLYCEMIA_FASTING, HYPERKALEMIA, HYPERMAGNESEMIA, HYPERNATREMIA, HYPERTRIGLYCERIDEMIA,
    HYPERURICEMIA, HYPOALBUMINEMIA, HYPOCALCEMIA_CORRECTED, HYPOCALCEMIA_IONIZED, HYPOGLYCEMIA,
    HYPOKALEMIA, HYPOMAGNESEMIA, HYPONATREMIA, HYPOPHOSPHATEMIA, BONE_MARROW_HYPOCELLULAR,
    FEBRILE_NEUTROPENIA, HEMOLYSIS, DIARRHEA, DRY_MOUTH, EDEMA_LIMBS, FEVER, HYPOTHERMIA,
    ENTEROCOLITIS_INFECTIOUS, PAPULOPUSTULAR_RASH, INFUSION_RELATED_REACTION,
    CARBON_MONOXIDE_DIFFUSING_CAPACITY_DECREASED, EJECTION_FRACTION_DECREASED,
    ELECTROCARDIOGRAM_QT_CORRECTED_INTERVAL_PROLONGED, FORCED_EXPIRATORY_VOLUME_DECREASED,
    URINE_OUTPUT_DECREASED, VITAL_CAPACITY_ABNORMAL, WEIGHT_GAIN, WEIGHT_GAIN_PERCENT,
    WEIGHT_LOSS, WEIGHT_LOSS_PERCENT, OBESITY, ACUTE_KIDNEY_INJURY, CHRONIC_KIDNEY_DISEASE,
    PROTEINURIA, PROTEINURIA_DIPSTICK, HYPOXIA, BULLOUS_DERMATITIS, DRY_SKIN, ERYTHEMA_MULTIFORME,
    ERYTHRODERMA, FAT_ATROPHY, PHOTOSENSITIVITY, PURPURA, RASH_ACNEIFORM, RASH_MACULO_PAPULAR,
    SKIN_ATROPHY, SKIN_HYPERPIGMENTATION, SKIN_HYPOPIGMENTATION, STEVENS_JOHNSON_SYNDROME,
    TELANGIECTASIA, TOXIC_EPIDERMAL_NECROLYSIS, URTICARIA, HYPERTENSION,
) = TABLES
# fmt: on
