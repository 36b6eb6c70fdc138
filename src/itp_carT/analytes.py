"""The analytes and vital signs the library knows, as constants.

LOINC codes are from LOINC (Regenstrief Institute), CDISC codes from SDTM controlled terminology;
both are from knowledge unless `Analyte.verified` names them. Ionized and corrected calcium,
fasting and random glucose are analytes of their own: their limits differ.
"""

from __future__ import annotations

import difflib
import functools
from typing import Any

from .analyte import Analyte as Analyte  # noqa: PLC0414 - exported here too
from .errors import UnknownTermError
from .notation import shorten
from .sources import MOLAR_MASSES


def analytes() -> tuple[Analyte, ...]:
    """Return every analyte of the library, in the order of this module."""
    return tuple(value for value in globals().values() if isinstance(value, Analyte))


@functools.cache
def _index() -> dict[str, Analyte]:
    return {
        word.casefold(): found
        for found in reversed(analytes())
        for word in (
            *(code for _, code in found.loincs),
            *found.names, found.loinc, found.cdisc, found.label, found.key,
        )
        if word
    }  # fmt: skip


def analyte(name: str) -> Analyte:
    """Return an analyte by its key, label, CDISC or LOINC code or another name, whatever the case.

    Raises
    ------
    UnknownTermError
        With the nearest names.

    Examples
    --------
    >>> analyte("PLAT")
    <Analyte platelets [10^9/L]>
    """
    wanted = name.strip().casefold()
    index = _index()
    if wanted in index:
        return index[wanted]
    close = difflib.get_close_matches(wanted, index, n=3, cutoff=0.5) if len(wanted) < 99 else ()
    nearest = tuple(close)
    advice = f": did you mean {' or '.join(nearest)}?" if nearest else ""
    raise UnknownTermError(
        f'"{shorten(name)}" is not a known analyte{advice}', given=name, nearest=nearest
    )


def _count(key: str, label: str, cdisc: str, loinc: str = "", **more: Any) -> Analyte:
    """Declare a cell count: laboratories print 10^9/L and cells/uL alike."""
    cells = (("cell/uL", "/uL"),)
    return Analyte(key, label, "10^9/L", cdisc, loinc, interchangeable=cells, **more)


def _enzyme(key: str, label: str, cdisc: str, loinc: str = "", **more: Any) -> Analyte:
    """Declare an enzyme: activities are printed in U/L and in IU/L alike, both are umol/min."""
    alike = (("[IU]/L", "U/L"),)
    return Analyte(key, label, "U/L", cdisc, loinc, interchangeable=alike, **more)


_SEEN = ("loinc",)  # the LOINC code was seen on loinc.org or in several public code lists

# --- blood cells ----------------------------------------------------------------------------------

PLATELETS = _count("platelets", "platelets", "PLAT", "26515-7", verified=_SEEN,
                   loincs=(("automated count", "777-3"),),
                   names=("PLT", "thrombocytes", "platelet count"))  # fmt: skip
HEMOGLOBIN = Analyte("hemoglobin", "hemoglobin", "g/L", "HGB", "718-7", verified=_SEEN,
                     also=("mmol/L",), names=("Hb", "Hgb", "haemoglobin"))  # fmt: skip
WHITE_CELLS = _count("white_cells", "white blood cells", "WBC", "26464-8", verified=_SEEN,
                     loincs=(("automated count", "6690-2"),),
                     names=("leukocytes", "white cells", "white blood cell count"))  # fmt: skip
NEUTROPHILS = _count("neutrophils", "neutrophils", "NEUT", "26499-4", verified=_SEEN,
                     loincs=(("automated count", "751-8"),),
                     names=("ANC", "absolute neutrophil count", "neutrophil count"))  # fmt: skip
LYMPHOCYTES = _count("lymphocytes", "lymphocytes", "LYM",
                     names=("ALC", "absolute lymphocyte count", "lymphocyte count"))  # fmt: skip
EOSINOPHILS = _count("eosinophils", "eosinophils", "EOS", names=("AEC", "eosinophil count"))
CD4_LYMPHOCYTES = _count("cd4_lymphocytes", "CD4 lymphocytes", "CD4",
                         names=("CD4 count", "CD4 lymphocyte count", "CD4+ T cells"))  # fmt: skip
METHEMOGLOBIN = Analyte("methemoglobin", "methemoglobin", "%", "METHGB", names=("MetHb",))
MARROW_LOSS = Analyte("marrow_loss", "loss of marrow cellularity for age", "%")

# --- liver, muscle and pancreas -------------------------------------------------------------------

ALT = _enzyme("alt", "ALT", "ALT", "1742-6", verified=_SEEN,
              names=("SGPT", "ALAT", "GPT", "alanine aminotransferase"))  # fmt: skip
AST = _enzyme("ast", "AST", "AST", "1920-8", verified=_SEEN,
              names=("SGOT", "ASAT", "GOT", "aspartate aminotransferase"))  # fmt: skip
ALP = _enzyme("alp", "alkaline phosphatase", "ALP", names=("ALKP",))
GGT = _enzyme("ggt", "GGT", "GGT", names=("gamma-GT", "gamma-glutamyl transferase"))
LDH = _enzyme("ldh", "LDH", "LDH", names=("LD", "lactate dehydrogenase"))
CK = _enzyme("ck", "creatine kinase", "CK", names=("CPK",))
LIPASE = _enzyme("lipase", "lipase", "LIPASE")
AMYLASE = _enzyme("amylase", "amylase", "AMYLASE")
PANCREATIC_ENZYME = _enzyme("pancreatic_enzyme", "pancreatic enzyme", "")
BILIRUBIN = Analyte("bilirubin", "bilirubin", "umol/L", "BILI", "14631-6", verified=_SEEN,
                    loincs=(("mg/dL", "1975-2"),), molar_mass=584.66,
                    molar_mass_source=MOLAR_MASSES.at("bilirubin, C33H36N4O6"),
                    names=("total bilirubin", "TBIL", "TBil"))  # fmt: skip
TROPONIN_I = Analyte("troponin_i", "troponin I", "ng/L", "TROPONI", names=("TnI", "cTnI", "hs-TnI"))
TROPONIN_T = Analyte("troponin_t", "troponin T", "ng/L", "TROPONT", names=("TnT", "cTnT", "hs-TnT"))

# --- kidney and urine -----------------------------------------------------------------------------

CREATININE = Analyte("creatinine", "creatinine", "umol/L", "CREAT", "14682-9", verified=_SEEN,
                     loincs=(("mg/dL", "2160-0"),), molar_mass=10_000 / 88.42,
                     molar_mass_source=MOLAR_MASSES.at(
                         "creatinine, C4H7N3O", note="as the usual factor, 88.42 umol/L per mg/dL"),
                     names=("Cr", "CREA", "serum creatinine", "SCr"))  # fmt: skip
CREATININE_CLEARANCE = Analyte("creatinine_clearance", "creatinine clearance", "mL/min", "CREATCLR",
                               names=("CrCl", "CCr"))  # fmt: skip
EGFR = Analyte("egfr", "eGFR or creatinine clearance", "mL/min/1.73m^2", "GFRE",
               names=("eGFR", "GFR", "glomerular filtration rate"))  # fmt: skip
URIC_ACID = Analyte("uric_acid", "uric acid", "umol/L", "URATE", also=("mg/dL",), names=("UA",))
URINE_PROTEIN = Analyte("urine_protein", "urine protein in 24 h", "g/d",
                        names=("24 h urine protein",))  # fmt: skip
URINE_PROTEIN_RATIO = Analyte("urine_protein_ratio", "urine protein/creatinine ratio", "mg/mg",
                              names=("UPCR", "P/C ratio"))  # fmt: skip
DIPSTICK_PROTEIN = Analyte("dipstick_protein", "dipstick protein [+]", "1", names=("dipstick",))
URINE_8_H = Analyte("urine_8_h", "urine volume in 8 h", "mL")
URINE_24_H = Analyte("urine_24_h", "urine volume in 24 h", "mL")

# --- electrolytes and metabolism ------------------------------------------------------------------

SODIUM = Analyte("sodium", "sodium", "mmol/L", "SODIUM", names=("Na",))
POTASSIUM = Analyte("potassium", "potassium", "mmol/L", "K", names=("potassium",))
CALCIUM_CORRECTED = Analyte("calcium_corrected", "calcium, albumin-corrected", "mmol/L",
                            also=("mg/dL",), names=("corrected calcium",))  # fmt: skip
CALCIUM_IONIZED = Analyte("calcium_ionized", "calcium, ionized", "mmol/L", "CAION",
                          names=("ionized calcium", "iCa"))  # fmt: skip
MAGNESIUM = Analyte("magnesium", "magnesium", "mmol/L", "MG", also=("mg/dL",), names=("Mg",))
PHOSPHATE = Analyte("phosphate", "phosphate", "mmol/L", "PHOS", also=("mg/dL",),
                    names=("phosphorus", "inorganic phosphate"))  # fmt: skip
BICARBONATE = Analyte("bicarbonate", "bicarbonate", "mmol/L", "BICARB", names=("HCO3",))
PH = Analyte("ph", "pH", "1", "PH", names=("blood pH",))
# Reported in mg/L and in mg/dL; the two differ ten-fold, so that the unit is always needed.
CRP = Analyte("crp", "C-reactive protein", "mg/L", "CRP", "1988-5", names=("CRP",))
FERRITIN = Analyte("ferritin", "ferritin", "ug/L", "FERRITIN", "2276-4")
ALBUMIN = Analyte("albumin", "albumin", "g/L", "ALB")
GLUCOSE = Analyte("glucose", "glucose", "mmol/L", "GLUC", also=("mg/dL",), names=("blood glucose",))
GLUCOSE_FASTING = Analyte("glucose_fasting", "glucose, fasting", "mmol/L", also=("mg/dL",),
                          names=("fasting glucose", "FPG"))  # fmt: skip
CHOLESTEROL = Analyte("cholesterol", "cholesterol", "mmol/L", "CHOL", also=("mg/dL",),
                      names=("total cholesterol",))  # fmt: skip
HDL = Analyte("hdl", "HDL cholesterol", "mmol/L", "HDL", also=("mg/dL",))
LDL = Analyte("ldl", "LDL cholesterol", "mmol/L", "LDL", also=("mg/dL",))
TRIGLYCERIDES = Analyte("triglycerides", "triglycerides", "mmol/L", "TRIG", also=("mg/dL",),
                        names=("TG",))  # fmt: skip
TSH = Analyte("tsh", "thyroid stimulating hormone", "mU/L", "TSH",
              interchangeable=(("m[IU]/L", "mU/L"),), names=("thyrotropin",))  # fmt: skip

# --- coagulation ----------------------------------------------------------------------------------

APTT = Analyte("aptt", "aPTT", "s", "APTT", names=("PTT", "activated partial thromboplastin time"))
INR = Analyte("inr", "INR", "1", "INR", names=("international normalized ratio",))
FIBRINOGEN = Analyte("fibrinogen", "fibrinogen", "g/L", "FIBRINO", names=("FIB",))
HAPTOGLOBIN = Analyte("haptoglobin", "haptoglobin", "g/L", "HAPTOG")

# --- vital signs, heart and lung ------------------------------------------------------------------

TEMPERATURE = Analyte("temperature", "body temperature", "Cel", "TEMP", "8310-5", verified=_SEEN,
                      may_be_negative=True)  # fmt: skip
WEIGHT = Analyte("weight", "body weight", "kg", "WEIGHT", "29463-7")
WEIGHT_GAIN = Analyte("weight_gain", "weight gain from baseline", "%", may_be_negative=True)
WEIGHT_LOSS = Analyte("weight_loss", "weight loss from baseline", "%", may_be_negative=True)
BODY_MASS_INDEX = Analyte("body_mass_index", "body mass index", "kg/m^2", "BMI")
SYSTOLIC = Analyte("systolic", "systolic blood pressure", "mmHg", "SYSBP", names=("SBP",))
DIASTOLIC = Analyte("diastolic", "diastolic blood pressure", "mmHg", "DIABP", names=("DBP",))
MEAN_ARTERIAL = Analyte("mean_arterial", "mean arterial pressure", "mmHg", "MAP", names=("MBP",))
SPO2 = Analyte("spo2", "oxygen saturation at rest", "%", "OXYSAT", names=("SpO2", "SaO2"))
SPO2_EXERCISE = Analyte("spo2_exercise", "oxygen saturation on exercise", "%")
PAO2 = Analyte("pao2", "arterial oxygen pressure", "mmHg", "PO2", names=("PaO2",))
OXYGEN_FRACTION = Analyte("oxygen_fraction", "inspired oxygen fraction", "%", "FIO2",
                          names=("FiO2",))  # fmt: skip
QTC = Analyte("qtc", "QTc, mean of the tracings", "ms", names=("QTc",))
EJECTION_FRACTION = Analyte("ejection_fraction", "left ventricular ejection fraction", "%", "LVEF",
                            names=("EF", "ejection fraction"))  # fmt: skip
FEV1 = Analyte("fev1", "FEV1, percent of predicted", "%", "FEV1PP", names=("FEV1",))
VITAL_CAPACITY = Analyte("vital_capacity", "vital capacity, percent of predicted", "%",
                         names=("VC", "FVC"))  # fmt: skip
DLCO = Analyte("dlco", "carbon monoxide diffusing capacity", "mL/min/mmHg", "DLCO", names=("TLCO",))

# --- what is seen, counted and timed --------------------------------------------------------------

SKIN_INVOLVED = Analyte("skin_involved", "body surface involved", "%", names=("BSA involved",))
LIMB_DIFFERENCE = Analyte("limb_difference", "difference between limbs", "%")
STOOLS = Analyte("stools", "stools in 24 h", "/d", names=("stools per day",))
SALIVA_FLOW = Analyte("saliva_flow", "unstimulated saliva flow", "mL/min")
HYPERTHERMIA_DURATION = Analyte("hyperthermia_duration", "time above 40 Cel", "h")
ILLNESS_DURATION = Analyte("illness_duration", "duration of illness", "h")
PROPHYLAXIS_DURATION = Analyte("prophylaxis_duration", "duration of prophylactic medication", "h")
