"""CTCAE v5.0: its numeric terms as tables.

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
    GGT,
    HEMOGLOBIN,
    LIPASE,
    PLATELETS,
    TROPONIN_I,
    TROPONIN_T,
    Analyte,
)
from itp_carT.rules import Condition, Row, Table, limits
from itp_carT.sources import CTCAE_V5

from . import _blood as blood
from . import _body as body
from . import _investigations as investigations
from . import _metabolism as metabolism
from . import _skin as skin
from ._edition import (
    G1,
    G2,
    G3,
    G4,
    INFECTIONS,
    INVESTIGATIONS,
    LIFE_THREATENING,
    SKIN,
    Edition,
    find,
)
from .readings import DEFAULT, Readings


def tables(readings: Readings = DEFAULT) -> tuple[Table, ...]:
    """Build every table of the edition under the given readings of its wording."""
    e = Edition("ctcae-v5.0", CTCAE_V5, readings)
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
    return find(TABLES, name, "CTCAE v5.0")


def _laboratory(e: Edition) -> tuple[Table, ...]:
    return (
        blood.anemia(e),
        blood.eosinophilia(e),
        blood.leukocytosis(e),
        blood.methemoglobinemia(e),
        investigations.aptt_prolonged(e),
        _alt_ast(e, "Alanine aminotransferase increased", "10001551", ALT),
        _alp_ggt(e, "Alkaline phosphatase increased", "10001675", ALP),
        _alt_ast(e, "Aspartate aminotransferase increased", "10003481", AST),
        investigations.bicarbonate_decreased(e),
        _bilirubin(e),
        investigations.ldh_increased(e),
        investigations.troponin(e, "I", "10007612", TROPONIN_I),
        investigations.troponin(e, "T", "10007613", TROPONIN_T),
        investigations.cd4_decreased(e),
        investigations.cholesterol_high(e),
        investigations.ck_increased(e),
        _creatinine(e),
        investigations.fibrinogen_decreased(e, abnormal_only=True),
        _alp_ggt(e, "GGT increased", "10056910", GGT),
        investigations.haptoglobin_decreased(e),
        _hemoglobin(e),
        investigations.inr_increased(e, limits(1.2), limits(1.5), limits(2.5)),
        _lipase_amylase(e, "Lipase increased", "10024574", LIPASE),
        investigations.lymphocytes_decreased(e),
        investigations.lymphocytes_increased(e),
        investigations.neutrophils_decreased(e),
        investigations.pancreatic_enzymes_decreased(e),
        _platelets(e),
        _lipase_amylase(e, "Serum amylase increased", "10040139", AMYLASE),
        investigations.tsh_increased(e),
        investigations.white_cells_decreased(e),
        metabolism.acidosis(e),
        metabolism.alkalosis(e),
        metabolism.hypercalcemia_corrected(e),
        metabolism.hypercalcemia_ionized(e),
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
        metabolism.hyponatremia(e),
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
        body.sinusoidal_obstruction(e),
        skin.cytokine_release(e),
        body.enterocolitis_infectious(e),
        skin.surface(e, "Folliculitis", "10016936", soc=INFECTIONS),
        _rash(e, "Papulopustular rash", "10069138", soc=INFECTIONS),
        body.infusion_reaction(e),
        body.dlco_decreased(e),
        body.ejection_fraction_decreased(e, at_20=True),
        body.qtc_prolonged(e, above_500=False),
        body.fev1_decreased(e),
        body.urine_output_decreased(e),
        body.vital_capacity_abnormal(e),
        body.weight_gain(e),
        body.weight_gain_percent(e),
        body.weight_loss(e),
        body.weight_loss_percent(e),
        metabolism.obesity(e),
        body.chronic_kidney_disease(e, gaps=True),
        body.proteinuria(e),
        body.proteinuria_dipstick(e),
        body.hypoxia(e),
        skin.blistering(e, "Bullous dermatitis", "10006556"),
        skin.surface(e, "Dry skin", "10013786"),
        skin.blistering(e, "Erythema multiforme", "10015218"),
        skin.erythroderma(e),
        skin.surface(e, "Fat atrophy", "10016241"),
        skin.surface(e, "Photosensitivity", "10034966", g4=LIFE_THREATENING, death=True),
        skin.purpura(e),
        _rash(e, "Rash acneiform", "10037847"),
        _rash_maculo_papular(e),
        skin.surface(e, "Skin atrophy", "10040799"),
        skin.pigmentation(e, "Skin hyperpigmentation", "10040865", at_10=False),
        skin.pigmentation(e, "Skin hypopigmentation", "10040868", at_10=False),
        skin.stevens_johnson(e),
        skin.pigmentation(e, "Telangiectasia", "10043189", at_10=True),
        skin.toxic_epidermal_necrolysis(e),
        skin.surface(e, "Urticaria", "10046735"),
        body.hypertension(e, previously_normal=True),
    )


# --- the rules that are of this edition -----------------------------------------------------------


def _alt_ast(e: Edition, term: str, code: str, measure: Analyte) -> Table:
    return investigations.multiples_by_baseline(
        e, term, code, measure, normal=(1, 3, 5, 20), abnormal=(1.5, 3, 5, 20), from_="printed"
    )


def _alp_ggt(e: Edition, term: str, code: str, measure: Analyte) -> Table:
    return investigations.multiples_by_baseline(
        e, term, code, measure, normal=(1, 2.5, 5, 20), abnormal=(2, 2.5, 5, 20), from_="printed"
    )


def _bilirubin(e: Edition) -> Table:
    return investigations.multiples_by_baseline(
        e, "Blood bilirubin increased", "10005364", BILIRUBIN,
        normal=(1, 1.5, 3, 10), abnormal=(1, 1.5, 3, 10), from_="above",
    )  # fmt: skip


def _creatinine(e: Edition) -> Table:
    x, own, base = CREATININE, CREATININE.uln, CREATININE.baseline
    third: Condition = x > 3 * own
    second: Condition = x > 1.5 * own
    if e.readings.creatinine_baseline == "always":
        third, second = (x > 3 * base) | third, (x > 1.5 * base) | second
    return e.table(
        INVESTIGATIONS, "Creatinine increased", "10011368",
        Row(G4, x > 6 * own),
        Row(G3, third),
        Row(G2, second),
        Row(G1, x > own),
        note="the baseline arm counts whatever the baseline, also inside the normal range; grade 1 "
        "has none",
    )  # fmt: skip


def _hemoglobin(e: Edition) -> Table:
    from_ = HEMOGLOBIN.uln
    if e.readings.hemoglobin_increased == "baseline":
        from_ = HEMOGLOBIN.baseline
    return investigations.hemoglobin_increased(
        e, from_=from_, note="printed as an increase; read as above the upper limit of normal"
    )


def _lipase_amylase(e: Edition, term: str, code: str, measure: Analyte) -> Table:
    return investigations.with_symptoms(e, term, code, measure, g2=1.5, split=2, g4=5)


def _platelets(e: Edition) -> Table:
    return blood.count_decreased(e, "Platelet count decreased", "10035528", PLATELETS,
                                 "25 10^9/L", "50 10^9/L", "75 10^9/L")  # fmt: skip


def _rash(e: Edition, term: str, code: str, soc: str = SKIN) -> Table:
    third = (skin.X > "30 %") & skin.MODERATE.is_()
    return skin.surface(e, term, code, soc=soc, g4=LIFE_THREATENING, g3=third, death=True)


def _rash_maculo_papular(e: Edition) -> Table:
    third = (skin.X > "30 %") & skin.MODERATE.is_()
    return skin.surface(e, "Rash maculo-papular", "10037868", g3=third)


# --- every table by its name ----------------------------------------------------------------------

TABLES = tables()
LABORATORY = TABLES[: len(_laboratory(Edition("ctcae-v5.0", CTCAE_V5, DEFAULT)))]

# fmt: off
(
    ANEMIA, EOSINOPHILIA, LEUKOCYTOSIS, METHEMOGLOBINEMIA,
    ACTIVATED_PARTIAL_THROMBOPLASTIN_TIME_PROLONGED, ALANINE_AMINOTRANSFERASE_INCREASED,
    ALKALINE_PHOSPHATASE_INCREASED, ASPARTATE_AMINOTRANSFERASE_INCREASED,
    BLOOD_BICARBONATE_DECREASED, BLOOD_BILIRUBIN_INCREASED, BLOOD_LACTATE_DEHYDROGENASE_INCREASED,
    CARDIAC_TROPONIN_I_INCREASED, CARDIAC_TROPONIN_T_INCREASED, CD4_LYMPHOCYTES_DECREASED,
    CHOLESTEROL_HIGH, CPK_INCREASED, CREATININE_INCREASED, FIBRINOGEN_DECREASED, GGT_INCREASED,
    HAPTOGLOBIN_DECREASED, HEMOGLOBIN_INCREASED, INR_INCREASED, LIPASE_INCREASED,
    LYMPHOCYTE_COUNT_DECREASED, LYMPHOCYTE_COUNT_INCREASED, NEUTROPHIL_COUNT_DECREASED,
    PANCREATIC_ENZYMES_DECREASED, PLATELET_COUNT_DECREASED, SERUM_AMYLASE_INCREASED,
    THYROID_STIMULATING_HORMONE_INCREASED, WHITE_BLOOD_CELL_DECREASED, ACIDOSIS, ALKALOSIS,
    HYPERCALCEMIA_CORRECTED, HYPERCALCEMIA_IONIZED, HYPERKALEMIA, HYPERMAGNESEMIA, HYPERNATREMIA,
    HYPERTRIGLYCERIDEMIA, HYPERURICEMIA, HYPOALBUMINEMIA, HYPOCALCEMIA_CORRECTED,
    HYPOCALCEMIA_IONIZED, HYPOGLYCEMIA, HYPOKALEMIA, HYPOMAGNESEMIA, HYPONATREMIA,
    BONE_MARROW_HYPOCELLULAR, FEBRILE_NEUTROPENIA, HEMOLYSIS, DIARRHEA, DRY_MOUTH, EDEMA_LIMBS,
    FEVER, HYPOTHERMIA, SINUSOIDAL_OBSTRUCTION_SYNDROME, CYTOKINE_RELEASE_SYNDROME,
    ENTEROCOLITIS_INFECTIOUS, FOLLICULITIS, PAPULOPUSTULAR_RASH, INFUSION_RELATED_REACTION,
    CARBON_MONOXIDE_DIFFUSING_CAPACITY_DECREASED, EJECTION_FRACTION_DECREASED,
    ELECTROCARDIOGRAM_QT_CORRECTED_INTERVAL_PROLONGED, FORCED_EXPIRATORY_VOLUME_DECREASED,
    URINE_OUTPUT_DECREASED, VITAL_CAPACITY_ABNORMAL, WEIGHT_GAIN, WEIGHT_GAIN_PERCENT,
    WEIGHT_LOSS, WEIGHT_LOSS_PERCENT, OBESITY, CHRONIC_KIDNEY_DISEASE, PROTEINURIA,
    PROTEINURIA_DIPSTICK, HYPOXIA, BULLOUS_DERMATITIS, DRY_SKIN, ERYTHEMA_MULTIFORME,
    ERYTHRODERMA, FAT_ATROPHY, PHOTOSENSITIVITY, PURPURA, RASH_ACNEIFORM, RASH_MACULO_PAPULAR,
    SKIN_ATROPHY, SKIN_HYPERPIGMENTATION, SKIN_HYPOPIGMENTATION, STEVENS_JOHNSON_SYNDROME,
    TELANGIECTASIA, TOXIC_EPIDERMAL_NECROLYSIS, URTICARIA, HYPERTENSION,
) = TABLES
# fmt: on
