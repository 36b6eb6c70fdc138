"""CTCAE terms of laboratory investigations that read the same in several editions.

Functions that take limits give the shape of a rule; the edition's module gives the numbers.
"""

from __future__ import annotations

from itp_carT.analytes import (
    APTT,
    BICARBONATE,
    CD4_LYMPHOCYTES,
    CHOLESTEROL,
    CK,
    FIBRINOGEN,
    HAPTOGLOBIN,
    HEMOGLOBIN,
    INR,
    LDH,
    LYMPHOCYTES,
    NEUTROPHILS,
    PANCREATIC_ENZYME,
    TSH,
    WHITE_CELLS,
    Analyte,
)
from itp_carT.rules import Condition, Fact, Limit, Row, Table, attested, either, limits

from ._blood import count_decreased
from ._edition import ANTICOAGULATED, G0, G1, G2, G3, G4, INVESTIGATIONS, SYMPTOMATIC, Edition

#: Whether a troponin is at or above the level the manufacturer gives for infarction.
INFARCTION_LEVEL = Fact("infarction level", "at or above the manufacturer's level for infarction")


# --- multiples of the patient's own limits --------------------------------------------------------


def multiples(
    e: Edition, term: str, code: str, measure: Analyte, *factors: float, note: str = ""
) -> Table:
    """Multiples of the upper limit of normal, the factor of grade 1 first."""
    rows = (Row(grade, measure > factor * measure.uln)
            for grade, factor in zip((G1, G2, G3, G4), factors, strict=False))  # fmt: skip
    return e.table(INVESTIGATIONS, term, code, *reversed(tuple(rows)), note=note)


def multiples_by_baseline(
    e: Edition,
    term: str,
    code: str,
    measure: Analyte,
    *,
    normal: tuple[float, float, float, float],
    abnormal: tuple[float, float, float, float],
    from_: str,
) -> Table:
    """Multiples of the upper limit, or of the baseline where that was above its own limit.

    ``from_`` says whether grade 1 of the baseline arm begins at its factor (``"at"``), above it
    (``"above"``), or as the reading of the lower edge says (``"printed"``).
    """
    test = measure.baseline_high.is_()
    at = from_ == "at" or (from_ == "printed" and e.readings.lower_edge == "inclusive")
    first = abnormal[0] * measure.baseline
    begins = measure >= first if at else measure > first

    def grade(step: int) -> Condition:
        return either(
            test, measure > abnormal[step] * measure.baseline, measure > normal[step] * measure.uln
        )

    return e.table(
        INVESTIGATIONS, term, code,
        Row(G4, grade(3)),
        Row(G3, grade(2)),
        Row(G2, grade(1)),
        Row(G1, either(test, begins, measure > normal[0] * measure.uln)),
        Row(G0, test & (measure > measure.uln), note="abnormal, below grade 1"),
        note="baseline abnormal: above its own upper limit of normal; not known counts as normal",
    )  # fmt: skip


def with_symptoms(
    e: Edition, term: str, code: str, measure: Analyte, g2: float, split: float, g4: float
) -> Table:
    """Pancreatic enzymes: between ``split`` and ``g4`` times the limit, symptoms decide."""
    uln = measure.uln
    symptoms = SYMPTOMATIC.is_()
    return e.table(
        INVESTIGATIONS, term, code,
        Row(G4, (measure > g4 * uln) & symptoms),
        Row(G3, (measure > g4 * uln) | ((measure > split * uln) & symptoms)),
        Row(G2, measure > g2 * uln),
        Row(G1, measure > uln),
        note="symptoms not known: both grades stay possible",
    )  # fmt: skip


def troponin(e: Edition, letter: str, code: str, measure: Analyte) -> Table:
    """Build the table of Cardiac troponin I or T increased."""
    return e.table(
        INVESTIGATIONS, f"Cardiac troponin {letter} increased", code,
        Row(G3, (measure > measure.uln) & INFARCTION_LEVEL.is_()),
        Row(G1, measure > measure.uln),
        note="the level of infarction belongs to the assay and is reported as a fact",
    )  # fmt: skip


# --- one limit ------------------------------------------------------------------------------------


def above_normal(e: Edition, term: str, code: str, measure: Analyte) -> Table:
    """Build a table whose only limit is the upper limit of normal."""
    return e.table(INVESTIGATIONS, term, code, Row(G1, measure > measure.uln))


def below_normal(e: Edition, term: str, code: str, measure: Analyte) -> Table:
    """Build a table whose only limit is the lower limit of normal."""
    return e.table(INVESTIGATIONS, term, code, Row(G1, measure < measure.lln))


def ldh_increased(e: Edition) -> Table:
    """Build the table of Blood lactate dehydrogenase increased."""
    return above_normal(e, "Blood lactate dehydrogenase increased", "10005630", LDH)


def haptoglobin_decreased(e: Edition) -> Table:
    """Build the table of Haptoglobin decreased."""
    return below_normal(e, "Haptoglobin decreased", "10019150", HAPTOGLOBIN)


def tsh_increased(e: Edition) -> Table:
    """Build the table of Thyroid stimulating hormone increased."""
    started = attested("intervention started")
    return e.table(
        INVESTIGATIONS, "Thyroid stimulating hormone increased", "10043770",
        Row(G1, TSH > TSH.uln),
        refers=Row(None, (TSH > TSH.uln) & started, note="treated: see hypothyroidism"),
        note="no number is printed; increased is read as above the upper limit of normal",
    )  # fmt: skip


def bicarbonate_decreased(e: Edition) -> Table:
    """Build the table of Blood bicarbonate decreased."""
    low = BICARBONATE < BICARBONATE.lln
    return e.table(
        INVESTIGATIONS, "Blood bicarbonate decreased", "10005359",
        Row(G1, low),
        refers=Row(None, low & attested("intervention started"), note="treated: see acidosis"),
    )  # fmt: skip


def pancreatic_enzymes_decreased(e: Edition) -> Table:
    """Build the table of Pancreatic enzymes decreased."""
    return e.table(
        INVESTIGATIONS, "Pancreatic enzymes decreased", "10062646",
        Row(G3, attested("sequelae of absorption deficiency")),
        Row(G2, attested("more or looser stools")),
        Row(G1, PANCREATIC_ENZYME < PANCREATIC_ENZYME.lln),
    )  # fmt: skip


# --- blood counts ---------------------------------------------------------------------------------


def cd4_decreased(e: Edition) -> Table:
    """Build the table of CD4 lymphocytes decreased."""
    return count_decreased(e, "CD4 lymphocytes decreased", "10007839", CD4_LYMPHOCYTES,
                           "0.05 10^9/L", "0.2 10^9/L", "0.5 10^9/L")  # fmt: skip


def lymphocytes_decreased(e: Edition) -> Table:
    """Build the table of Lymphocyte count decreased."""
    return count_decreased(e, "Lymphocyte count decreased", "10025256", LYMPHOCYTES,
                           "0.2 10^9/L", "0.5 10^9/L", "0.8 10^9/L")  # fmt: skip


def lymphocytes_increased(e: Edition) -> Table:
    """Build the table of Lymphocyte count increased."""
    return e.table(
        INVESTIGATIONS, "Lymphocyte count increased", "10025258",
        Row(G3, LYMPHOCYTES > "20 10^9/L"),
        Row(G2, LYMPHOCYTES > "4 10^9/L"),
        note="grade 1 does not exist",
    )  # fmt: skip


def neutrophils_decreased(e: Edition) -> Table:
    """Build the table of Neutrophil count decreased."""
    return count_decreased(e, "Neutrophil count decreased", "10029366", NEUTROPHILS,
                           "0.5 10^9/L", "1.0 10^9/L", "1.5 10^9/L")  # fmt: skip


def white_cells_decreased(e: Edition) -> Table:
    """Build the table of White blood cell decreased."""
    return count_decreased(e, "White blood cell decreased", "10049182", WHITE_CELLS,
                           "1.0 10^9/L", "2.0 10^9/L", "3.0 10^9/L")  # fmt: skip


# --- coagulation ----------------------------------------------------------------------------------


def aptt_prolonged(e: Edition) -> Table:
    """Build the table of Activated partial thromboplastin time prolonged."""
    return e.table(
        INVESTIGATIONS, "Activated partial thromboplastin time prolonged", "10000636",
        Row(G3, (APTT > 2.5 * APTT.uln) | attested("bleeding")),
        Row(G2, APTT > 1.5 * APTT.uln),
        Row(G1, APTT > APTT.uln),
    )  # fmt: skip


def inr_increased(e: Edition, g1: str | Limit, g2: str | Limit, g3: str | Limit) -> Table:
    """INR: limits without anticoagulation; with it, 1.0, 1.5 and 2.5 times the baseline."""
    on = ANTICOAGULATED.is_() & INR.baseline_sample.is_(False)

    def grade(own: str | Limit, factor: float) -> Condition:
        if e.readings.inr_arms == "both":
            return (INR > own) | (INR > factor * INR.baseline)
        return either(on, INR > factor * INR.baseline, INR > own)

    return e.table(
        INVESTIGATIONS, "INR increased", "10022402",
        Row(G3, grade(g3, 2.5) | attested("bleeding")),
        Row(G2, grade(g2, 1.5)),
        Row(G1, grade(g1, 1.0)),
        note="the baseline arm belongs to anticoagulated patients; not known keeps both arms",
    )  # fmt: skip


def fibrinogen_decreased(e: Edition, *, abnormal_only: bool) -> Table:
    """Fibrinogen: shares of the lower limit, or of the baseline (in v5.0, if abnormal)."""
    abnormal: Condition = FIBRINOGEN.baseline_low.is_()
    if e.readings.fibrinogen_abnormal == "current":
        abnormal = FIBRINOGEN < FIBRINOGEN.lln

    def drop(kept: Condition) -> Condition:
        return abnormal & kept if abnormal_only else kept

    own, base = FIBRINOGEN.lln, FIBRINOGEN.baseline
    return e.table(
        INVESTIGATIONS, "Fibrinogen decreased", "10016596",
        Row(G4, (FIBRINOGEN < 0.25 * own) | drop(FIBRINOGEN <= 0.25 * base)
            | (FIBRINOGEN < "0.5 g/L")),
        Row(G3, (FIBRINOGEN < 0.5 * own) | drop(FIBRINOGEN <= 0.5 * base)),
        Row(G2, (FIBRINOGEN < 0.75 * own) | drop(FIBRINOGEN <= 0.75 * base)),
        Row(G1, (FIBRINOGEN < own) | drop(FIBRINOGEN < base)),
        note="a drop of 75 % is read as of at least 75 %",
    )  # fmt: skip


# --- creatinine, hemoglobin, cholesterol ----------------------------------------------------------


def hemoglobin_increased(
    e: Edition, *, from_: Limit, test: Condition | None = None, note: str = ""
) -> Table:
    """Hemoglobin: rise of 0, 20 and 40 g/L above a limit; with ``test``, above the baseline."""

    def above(own: Limit, base: Limit) -> Condition:
        rise = HEMOGLOBIN > own
        return rise if test is None else either(test, HEMOGLOBIN > base, rise)

    base = HEMOGLOBIN.baseline
    return e.table(
        INVESTIGATIONS, "Hemoglobin increased", "10055599",
        Row(G3, above(from_ + "40 g/L", base + "40 g/L")),
        Row(G2, above(from_ + "20 g/L", base + "20 g/L")),
        Row(G1, above(from_, base)),
        note=note,
    )  # fmt: skip


def cholesterol_high(e: Edition) -> Table:
    """Build the table of Cholesterol high."""
    return e.table(
        INVESTIGATIONS, "Cholesterol high", "10008661",
        Row(G4, CHOLESTEROL > limits("12.92 mmol/L", "500 mg/dL")),
        Row(G3, CHOLESTEROL > limits("10.34 mmol/L", "400 mg/dL")),
        Row(G2, CHOLESTEROL > limits("7.75 mmol/L", "300 mg/dL")),
        Row(G1, CHOLESTEROL > CHOLESTEROL.uln),
    )  # fmt: skip


def ck_increased(e: Edition) -> Table:
    """Build the table of CPK increased."""
    return multiples(e, "CPK increased", "10011268", CK, 1, 2.5, 5, 10)
