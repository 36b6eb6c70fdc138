"""Renal function: public checks, the two forms kept apart, and units that never mix."""

import csv
import pickle
import warnings
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT import Quantity, bsa
from itp_carT.body_weight import WeightDescriptor, dosing_weight
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    ItpCarTWarning,
    MissingFactError,
    NotationError,
    UnitRequiredError,
    UnknownTermError,
    UnknownUnitError,
    UnusualValueWarning,
)
from itp_carT.renal import (
    Clearance,
    IndexedClearance,
    ckd_epi_2021,
    cockcroft_gault,
    cockcroft_gault_si,
    read_creatinine,
)
from itp_carT.subject import Subject

PUBLISHED = Path(__file__).parent / "published"
JOE = Subject(sex="M", age=55, height="178 cm", weight="90 kg")
JOAN = Subject(sex="F", age=65, height="162 cm", weight="60 kg")

# --- published checks ---------------------------------------------------------------------------


def published():
    with (PUBLISHED / "renal.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", published(), ids=lambda row: f"{row['equation']}-{row['sex']}")
def test_equation_agrees_with_its_transcription(row):
    weight = f"{row['weight_kg']} kg" if row["weight_kg"] else None
    subject = Subject(sex=row["sex"], age=int(row["age_years"]), weight=weight)
    creatinine = f"{row['creatinine']} {row['creatinine_unit']}"
    equations = {
        "cockcroft_gault": lambda: cockcroft_gault(subject, creatinine, weight="actual"),
        "cockcroft_gault_si": lambda: cockcroft_gault_si(subject, creatinine, weight="actual"),
        "ckd_epi_2021": lambda: ckd_epi_2021(subject, creatinine),
    }
    found = equations[row["equation"]]().value
    half = 0.5 * 10 ** -int(row["decimals"])
    assert found.m_as(row["result_unit"]) == pytest.approx(float(row["result"]), abs=half)


# worked by hand with a pocket calculator
BY_HAND = [
    (JOE, "1.09 mg/dL", 97.477, 97.478 * 1.23 / (88.42 / 72)),
    (JOAN, "1 mg/dL", 53.125, 53.125 * 1.04 / (88.42 / 72 * 0.85)),
]


@pytest.mark.parametrize(("subject", "creatinine", "us", "si"), BY_HAND)
def test_the_two_forms_are_kept_apart(subject, creatinine, us, si):
    one = cockcroft_gault(subject, creatinine, weight="actual")
    two = cockcroft_gault_si(subject, creatinine, weight="actual")
    assert one.value.m_as("mL/min") == pytest.approx(us, rel=2e-5)
    assert two.value.m_as("mL/min") == pytest.approx(si, rel=2e-5)
    assert (one.method, two.method) == (
        "Cockcroft-Gault, actual weight",
        "Cockcroft-Gault SI, actual weight",
    )


@pytest.mark.parametrize(
    ("sex", "ratio"), [("M", 1.23 / (88.42 / 72)), ("F", 1.04 / (88.42 / 72 * 0.85))]
)
def test_the_rounded_constants_part_the_forms_as_stated(sex, ratio):
    subject = Subject(sex=sex, age=50, weight="70 kg")
    one, two = (form(subject, "90 umol/L", weight="actual").value.m_as("mL/min")
                for form in (cockcroft_gault, cockcroft_gault_si))  # fmt: skip
    assert two / one == pytest.approx(ratio, rel=1e-10)
    assert 100 * (ratio - 1) == pytest.approx({"M": 0.16, "F": -0.37}[sex], abs=0.005)


@pytest.mark.parametrize(
    ("sex", "creatinine", "rate"),
    [
        ("M", "0.9 mg/dL", 142 * 0.9938**50),  # at k both brackets are 1
        ("F", "0.7 mg/dL", 142 * 0.9938**50 * 1.012),
        ("M", "0.45 mg/dL", 142 * 0.5**-0.302 * 0.9938**50),
        ("F", "0.35 mg/dL", 142 * 0.5**-0.241 * 0.9938**50 * 1.012),
        ("M", "1.8 mg/dL", 142 * 2**-1.2 * 0.9938**50),
        ("F", "1.4 mg/dL", 142 * 2**-1.2 * 0.9938**50 * 1.012),
    ],
)
def test_ckd_epi_on_both_sides_of_its_knee(sex, creatinine, rate):
    found = ckd_epi_2021(Subject(sex=sex, age=50), creatinine)
    assert found.value.m_as("mL/min/1.73m^2") == pytest.approx(rate, rel=1e-12)


# --- creatinine ---------------------------------------------------------------------------------

LIMITS = [
    ("0.099 mg/dL", "refused"),
    ("0.1 mg/dL", "warned"),
    ("1 mg/L", "warned"),  # 0.1 mg/dL
    ("0.19 mg/dL", "warned"),
    ("0.2 mg/dL", "accepted"),
    ("11 mg/dL", "accepted"),
    ("11.01 mg/dL", "warned"),
    ("45 mg/dL", "warned"),
    ("45.01 mg/dL", "refused"),
    ("7.99 umol/L", "refused"),
    ("8 umol/L", "warned"),
    ("0.008 mmol/L", "warned"),
    ("19.9 umol/L", "warned"),
    ("20 umol/L", "accepted"),
    ("1000 umol/L", "accepted"),
    ("1001 µmol/L", "warned"),
    ("4000 umol/L", "warned"),
    ("4 mmol/L", "warned"),
    ("4000.1 umol/L", "refused"),
]


@pytest.mark.parametrize(("creatinine", "expected"), LIMITS)
def test_limits_of_creatinine(creatinine, expected):
    if expected == "refused":
        with pytest.raises(ImpossibleError) as refused:
            read_creatinine(creatinine)
        assert refused.value.field == "creatinine"
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        read_creatinine(creatinine)
    assert ("warned" if caught else "accepted") == expected
    read_creatinine(creatinine, confirmed=True)


BAD = [
    (1.09, UnitRequiredError, 'differ 88-fold: write "1.09 mg/dL" or "1.09 umol/L"'),
    ("85", UnitRequiredError, 'write "85 mg/dL" or "85 umol/L"'),
    (None, UnitRequiredError, "no unit"),
    ("85 mg/dL", ImpossibleError, 'the wrong unit. write "85 umol/L"'),
    ("1.09 umol/L", ImpossibleError, 'the wrong unit. write "1.09 mg/dL"'),
    ("5000 umol/L", ImpossibleError, "outside what can be true"),
    ("0 mg/dL", ImpossibleError, "not above zero"),
    ("-1 mg/dL", ImpossibleError, "not above zero"),
    ("90 mL/min", DimensionError, "not a creatinine"),
    ("1.09 mg/kg", DimensionError, "not a creatinine"),
    ("1.09 mgs", UnknownUnitError, "not a known unit"),
    ("1,09 mg/dL", NotationError, "comma"),
    ("nan mg/dL", NotationError, "not a number"),
    ("", NotationError, "empty"),
]


@pytest.mark.parametrize(("creatinine", "error", "says"), BAD)
@pytest.mark.parametrize("equation", [cockcroft_gault, cockcroft_gault_si, ckd_epi_2021])
def test_a_wrong_creatinine_ends_in_its_own_error(equation, creatinine, error, says):
    named = {} if equation is ckd_epi_2021 else {"weight": "actual"}
    with pytest.raises(error, match=says) as caught:
        equation(JOE, creatinine, **named)
    assert caught.value.field == "creatinine"


def test_an_unusual_creatinine_is_warned_with_the_likely_cause_unless_confirmed():
    with pytest.warns(UnusualValueWarning, match='the wrong unit. write "40 umol/L"'):
        read_creatinine("40 mg/dL")
    known = Subject(sex="M", age=55, confirmed=("creatinine",))
    assert ckd_epi_2021(known, "12 mg/dL").value < Quantity("10 mL/min/1.73 m2")


@given(st.one_of(st.text(), st.floats(), st.integers(), st.none()))
def test_no_creatinine_raises_anything_outside_our_errors(value):
    with warnings.catch_warnings(), suppress(ItpCarTError):
        warnings.simplefilter("ignore", ItpCarTWarning)
        read_creatinine(value)


@given(st.integers(300, 9000), st.sampled_from(["F", "M"]), st.integers(18, 90))
def test_the_unit_of_creatinine_never_changes_a_result(micrograms, sex, age):
    """Micrograms per deciliter: the same value in six units."""
    subject = Subject(sex=sex, age=age, weight="70 kg")
    same = [
        f"{micrograms / 1000!r} mg/dL",
        f"{micrograms / 100!r} mg/L",
        f"{micrograms} ug/dL",
        f"{micrograms / 1000 * 88.42!r} umol/L",
        f"{micrograms / 1e6 * 88.42!r} mmol/L",
    ]
    for equation in (
        lambda given: cockcroft_gault(subject, given, weight="actual"),
        lambda given: cockcroft_gault_si(subject, given, weight="actual"),
        lambda given: ckd_epi_2021(subject, given),
    ):
        values = [equation(given).value.magnitude for given in same]
        assert values == pytest.approx([values[0]] * len(values), rel=1e-10)


# --- what is needed, and which weight -----------------------------------------------------------


@pytest.mark.parametrize("missing", ["sex", "age", "weight"])
@pytest.mark.parametrize("equation", [cockcroft_gault, cockcroft_gault_si])
def test_cockcroft_gault_names_a_missing_fact(equation, missing):
    facts = {"sex": "M", "age": 55, "weight": "90 kg"} | {missing: None}
    with pytest.raises(MissingFactError) as caught:
        equation(Subject(**facts), "1.09 mg/dL", weight="actual")
    assert caught.value.field == missing


def test_ckd_epi_needs_no_weight_but_sex_and_age():
    ckd_epi_2021(Subject(sex="M", age=55), "1.09 mg/dL")
    for facts, missing in (({"sex": "M"}, "age"), ({"age": 55}, "sex")):
        with pytest.raises(MissingFactError) as caught:
            ckd_epi_2021(Subject(**facts), "1.09 mg/dL")
        assert caught.value.field == missing


def test_a_date_of_birth_needs_the_day_of_the_creatinine():
    born = Subject(sex="M", born="1970-03-09")
    with pytest.raises(MissingFactError) as caught:
        ckd_epi_2021(born, "1.09 mg/dL")
    assert caught.value.field == "on"
    before, after = (ckd_epi_2021(born, "1.09 mg/dL", on=on) for on in ("2026-03-08", "2026-03-09"))
    assert before.value > after.value  # a birthday lies between
    assert after.value == ckd_epi_2021(Subject(sex="M", age=56), "1.09 mg/dL").value


def test_the_weight_must_be_named():
    with pytest.raises(TypeError):
        cockcroft_gault(JOE, "1.09 mg/dL")
    with pytest.raises(UnknownTermError, match="actual, ideal"):
        cockcroft_gault(JOE, "1.09 mg/dL", weight="90 kg")


@pytest.mark.parametrize("descriptor", WeightDescriptor)
def test_each_weight_enters_and_is_named(descriptor):
    found = cockcroft_gault(JOE, "1.09 mg/dL", weight=descriptor)
    used = dosing_weight(JOE, descriptor)
    expected = 85 * used.value.m_as("kg") / (72 * 1.09)
    assert found.value.m_as("mL/min") == pytest.approx(expected, rel=1e-12)
    assert descriptor.label in str(found)
    assert descriptor.label in str(found.working[-1])
    assert found == cockcroft_gault(JOE, "1.09 mg/dL", weight=used)


def test_the_weight_of_somebody_else_is_refused():
    with pytest.raises(ImpossibleError, match="not of"):
        cockcroft_gault(JOE, "1.09 mg/dL", weight=dosing_weight(JOAN, "actual"))


# --- working ------------------------------------------------------------------------------------


def test_the_working_of_cockcroft_gault():
    found = cockcroft_gault(JOAN, "85 umol/L", weight="actual")
    assert [step.what for step in found.working] == [
        "actual weight W", "age", "sex", "creatinine Scr", "creatinine clearance",
    ]  # fmt: skip
    assert str(found.working[-1]) == (
        "creatinine clearance = (140 - age) × W / (72 × Scr) × 0.85 = "
        "(140 - 65) × 60 / (72 × 0.961321) × 0.85 = 55.26 mL/min; "
        "W is the actual weight in kg, Scr in mg/dL  [Cockcroft 1976, equation]"
    )


def test_sex_stands_once_in_the_working():
    found = cockcroft_gault(JOE, "1.09 mg/dL", weight="adjusted_25")
    assert [step.what for step in found.working].count("sex") == 1


def test_a_creatinine_in_the_unit_of_the_equation_is_not_converted():
    step = cockcroft_gault(JOE, "1.09 mg/dL", weight="actual").working[-2]
    assert (step.what, step.result, step.citation) == ("creatinine Scr", "1.09 mg/dL", None)


# --- indexed and not indexed --------------------------------------------------------------------

AREA = bsa(Subject(height="180 cm", weight="80 kg"))  # exactly 2 m²


def test_index_and_de_index():
    assert Clearance("80 mL/min").indexed(AREA).value == Quantity("69.2 mL/min/1.73 m2")
    assert IndexedClearance("69.2 mL/min/1.73 m2").deindexed(AREA).value == Quantity("80 mL/min")


def test_index_shows_its_working_with_the_area_and_its_formula():
    found = cockcroft_gault(JOE, "1.09 mg/dL", weight="actual").indexed(AREA)
    text = str(found.working)
    assert "clearance × 1.73 / BSA = 97.48 × 1.73 / 2.0000 = 84.32 mL/min/1.73m^2" in text
    assert "Mosteller" in text
    assert found.method == "Cockcroft-Gault, actual weight, indexed"
    given_one = Clearance("80 mL/min").indexed(AREA).working
    assert str(given_one[0]) == "clearance = 80 mL/min"


@pytest.mark.parametrize(
    ("kind", "value", "says"),
    [
        (Clearance, "66 mL/min/1.73 m2", "indexed"),
        (IndexedClearance, "66 mL/min", "not indexed"),
        (Clearance, "1.09 mg/dL", "not a value in mL/min"),
        (IndexedClearance, "1.09 mg/dL", "not a value in"),
    ],
)
def test_the_two_kinds_of_clearance_never_mix(kind, value, says):
    with pytest.raises(DimensionError, match=says) as caught:
        kind(value)
    assert caught.value.field == "clearance"


def test_the_two_kinds_are_never_equal_and_cannot_be_compared():
    assert Clearance("66 mL/min") != IndexedClearance("66 mL/min/1.73 m2")
    with pytest.raises(DimensionError):
        _ = Clearance("66 mL/min").value < IndexedClearance("66 mL/min/1.73 m2").value


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (66, UnitRequiredError),
        ("66", UnitRequiredError),
        ("-1 mL/min", ImpossibleError),
        ("1000.1 mL/min", ImpossibleError),
        ("66 L/min", ImpossibleError),
        ("nan mL/min", NotationError),
    ],
)
def test_a_wrong_clearance_is_refused(value, error):
    with pytest.raises(error) as caught:
        Clearance(value)
    assert caught.value.field == "clearance"


def test_a_clearance_of_zero_is_a_clearance():
    assert Clearance("0 mL/min").value.m_as("mL/min") == 0


@given(st.integers(1, 300), st.integers(1500, 1890), st.integers(51_000, 100_000))
def test_index_and_de_index_undo_each_other(clearance, height, weight):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualValueWarning)
        area = bsa(Subject(height=f"{height} mm", weight=f"{weight} g"))
    start = Clearance(f"{clearance} mL/min")
    again = start.indexed(area).deindexed(area)
    assert again.value.m_as("mL/min") == pytest.approx(clearance, rel=1e-12)


def test_clearances_survive_repr_and_pickle():
    for found in (
        cockcroft_gault(JOE, "1.09 mg/dL", weight="actual"),
        ckd_epi_2021(JOE, "1.09 mg/dL"),
        Clearance("62 mL/min"),
    ):
        assert eval(repr(found)) == found  # noqa: S307 - our own repr
        again = pickle.loads(pickle.dumps(found))
        assert again == found
        assert again.working == found.working


def test_clearance_is_equal_in_any_unit():
    assert Clearance("60 mL/min") == Clearance("1 mL/s")
