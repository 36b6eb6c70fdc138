"""CAR-HEMATOTOX, EASIX, HScore and IEC-HS: worked examples, each limit, and missing values."""

import csv
import math
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.analytes import ALT, FERRITIN, FIBRINOGEN
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    NotationError,
    UndecidedError,
    UnitRequiredError,
    UnknownTermError,
    UnusualValueWarning,
)
from itp_carT.observations import Lab
from itp_carT.toxicity import car_hematotox, hscore, iec_hs
from itp_carT.toxicity.easix import easix, modified_easix, simplified_easix
from itp_carT.verdict import decide

PUBLISHED = Path(__file__).parent / "published" / "consensus_examples.csv"
with PUBLISHED.open(encoding="utf-8", newline="") as file:
    ROWS = {row["id"]: row for row in csv.DictReader(file)}

NORMAL = {
    "platelets": "250 10^9/L", "neutrophils": "3000 /uL", "hemoglobin": "14 g/dL",
    "crp": "0.2 mg/dL", "ferritin": "100 ng/mL",
}  # fmt: skip


def said(number):
    return dict(part.strip().split("=", 1) for part in ROWS[number]["inputs"].split(";"))


# --- CAR-HEMATOTOX --------------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["67", "68", "69", "70"])
def test_worked_example_car_hematotox(number):
    given = said(number)
    if given.pop("others", "") == "normal":
        given = NORMAL | given
    if "anc" in given:
        given["neutrophils"] = given.pop("anc")
    points, risk = ROWS[number]["result"].split(";")
    if number == "68":
        with pytest.warns(UnusualValueWarning, match="alone give 2 points"):
            found = car_hematotox.score(**given)
    else:
        found = car_hematotox.score(**given)
    assert found.total.value == int(points)
    assert found.risk == risk.strip()


@pytest.mark.parametrize(
    ("name", "value", "points"),
    [
        ("platelets", "175.1 10^9/L", 0),
        ("platelets", "175 10^9/L", 1),
        ("platelets", "75 10^9/L", 1),
        ("neutrophils", "1201 /uL", 0),
        ("neutrophils", "1200 /uL", 0),  # our reading
        ("neutrophils", "1.2 10^9/L", 0),
        ("neutrophils", "1199 /uL", 1),
        ("hemoglobin", "9.0 g/dL", 0),  # our reading
        ("hemoglobin", "90 g/L", 0),
        ("hemoglobin", "8.9 g/dL", 1),
        ("crp", "2.9 mg/dL", 0),
        ("crp", "29 mg/L", 0),
        ("crp", "3.0 mg/dL", 1),  # our reading
        ("crp", "30 mg/L", 1),
        ("crp", "3.0 mg/L", 0),  # ten times less
        ("ferritin", "649 ng/mL", 0),
        ("ferritin", "650 ng/mL", 1),
        ("ferritin", "2000 ug/L", 1),
        ("ferritin", "2001 ng/mL", 2),
    ],
)
def test_each_limit_of_car_hematotox(name, value, points):
    assert car_hematotox.score(**NORMAL | {name: value}).total.value == points


def test_low_platelets_alone_are_told_and_the_rest_is_shown():
    with pytest.warns(UnusualValueWarning, match="disease itself"):
        found = car_hematotox.score(**NORMAL | {"platelets": "74.9 10^9/L"})
    assert (found.total.value, found.without_platelets.value, found.risk) == (2, 0, "high")
    assert found.by_platelets_alone
    assert "platelets 2, neutrophils 0" in str(found)
    assert car_hematotox.ITP_NOTE in str(found)
    both = car_hematotox.score(**NORMAL | {"platelets": "20 10^9/L", "ferritin": "3000 ng/mL"})
    assert not both.by_platelets_alone
    assert both.notes == (car_hematotox.ITP_NOTE,)


def test_a_missing_value_leaves_the_score_open():
    found = car_hematotox.score(**{**NORMAL, "ferritin": None})
    assert found.total.possible == (0, 1, 2)
    assert found.total.missing == ("ferritin",)
    assert found.risk is None
    with pytest.raises(UndecidedError, match="ferritin"):
        _ = found.total.value
    sick = car_hematotox.score(
        **{**NORMAL, "ferritin": None, "neutrophils": "500 /uL", "crp": "9 mg/dL"}
    )
    assert sick.risk == "high"
    assert car_hematotox.score().total.possible == tuple(range(8))


@pytest.mark.parametrize(
    ("wrong", "kind"),
    [
        ({"crp": 3.0}, UnitRequiredError),
        ({"platelets": "30"}, UnitRequiredError),
        ({"ferritin": "650 mg"}, DimensionError),
        ({"neutrophils": "-5 /uL"}, ImpossibleError),
        ({"hemoglobin": "5.6 mmol/L"}, DimensionError),  # the score has no limit in mmol/L
    ],
)
def test_car_hematotox_refuses(wrong, kind):
    with pytest.raises(kind):
        car_hematotox.score(**NORMAL | wrong)


# --- EASIX ----------------------------------------------------------------------------------------


def test_worked_examples_easix():
    first, second = said("71"), said("72")
    assert easix(**first).value == pytest.approx(float(ROWS["71"]["result"]), rel=1e-12)
    assert modified_easix(**second).value == pytest.approx(float(ROWS["72"]["result"]), rel=1e-12)


def test_easix_in_other_units_is_the_same():
    usual = easix(ldh="300 U/L", creatinine="1 mg/dL", platelets="150 10^9/L")
    other = easix(ldh="5 ukat/L", creatinine="88.42 umol/L", platelets="150000 /uL")
    assert other.value == pytest.approx(usual.value, rel=1e-9)
    assert usual.log2 == 1.0
    assert "88.42 umol/L = 1 mg/dL" in str(other.working)


def test_crp_in_mg_per_liter_is_ten_times_less():
    given = {"ldh": "300 U/L", "platelets": "150 10^9/L"}
    liter, deciliter = (modified_easix(crp=crp, **given) for crp in ("30 mg/L", "30 mg/dL"))
    assert deciliter.value == pytest.approx(10 * liter.value, rel=1e-12)
    with pytest.raises(UnitRequiredError) as caught:
        modified_easix(crp=30, **given)
    assert caught.value.field == "crp"


def test_simplified_easix():
    found = simplified_easix(ldh="300 IU/L", platelets="20 10^9/L")
    assert found.value == 15
    assert found.log2 == pytest.approx(math.log2(15))
    assert "disease itself" in str(found.working)


@pytest.mark.parametrize(
    ("wrong", "kind", "field"),
    [
        ({"platelets": "0 10^9/L"}, ImpossibleError, "platelets"),
        ({"ldh": "0 U/L"}, ImpossibleError, "ldh"),
        ({"ldh": 300}, UnitRequiredError, "ldh"),
        ({"creatinine": "1 mg"}, DimensionError, "creatinine"),
        ({"creatinine": None}, UnitRequiredError, "creatinine"),
    ],
)
def test_easix_refuses(wrong, kind, field):
    good = {"ldh": "300 U/L", "creatinine": "1 mg/dL", "platelets": "150 10^9/L"}
    with pytest.raises(kind) as caught:
        easix(**good | wrong)
    assert caught.value.field == field


@given(st.floats(1, 1000), st.floats(1, 1000))
def test_easix_rises_as_platelets_fall(low, high):
    low, high = sorted((low, high))
    values = [simplified_easix(ldh="300 U/L", platelets=f"{n!r} 10^9/L").value for n in (low, high)]
    assert values[0] >= values[1]


# --- HScore ---------------------------------------------------------------------------------------

HEALTHY = {
    "immunosuppressed": False, "temperature": "37 Cel", "organomegaly": "none",
    "hemoglobin": "14 g/dL", "white_cells": "7 10^9/L", "platelets": "250 10^9/L",
    "ferritin": "100 ng/mL", "triglycerides": "1 mmol/L", "fibrinogen": "3 g/L", "ast": "20 U/L",
    "hemophagocytosis": False,
}  # fmt: skip


@pytest.mark.parametrize(
    ("change", "points"),
    [
        ({}, 0),
        ({"immunosuppressed": True}, 18),
        ({"temperature": "38.39 Cel"}, 0),
        ({"temperature": "38.4 Cel"}, 33),
        ({"temperature": "39.4 Cel"}, 33),
        ({"temperature": "39.41 Cel"}, 49),
        ({"organomegaly": "spleen"}, 23),
        ({"organomegaly": "liver and spleen"}, 38),
        ({"platelets": "110 10^9/L"}, 0),  # one lineage
        ({"platelets": "110 10^9/L", "hemoglobin": "9.2 g/dL"}, 24),
        ({"platelets": "111 10^9/L", "hemoglobin": "9.2 g/dL"}, 0),
        ({"platelets": "110 10^9/L", "hemoglobin": "9.3 g/dL"}, 0),
        ({"platelets": "20 10^9/L", "hemoglobin": "92 g/L", "white_cells": "5.0 10^9/L"}, 34),
        ({"platelets": "20 10^9/L", "hemoglobin": "92 g/L", "white_cells": "5.1 10^9/L"}, 24),
        ({"ferritin": "1999 ng/mL"}, 0),
        ({"ferritin": "2000 ng/mL"}, 35),
        ({"ferritin": "6000 ug/L"}, 35),
        ({"ferritin": "6001 ng/mL"}, 50),
        ({"triglycerides": "1.49 mmol/L"}, 0),
        ({"triglycerides": "1.5 mmol/L"}, 44),
        ({"triglycerides": "4 mmol/L"}, 44),
        ({"triglycerides": "4.1 mmol/L"}, 64),
        ({"fibrinogen": "2.5 g/L"}, 30),
        ({"fibrinogen": "250 mg/dL"}, 30),
        ({"fibrinogen": "2.6 g/L"}, 0),
        ({"ast": "30 U/L"}, 19),
        ({"ast": "29 U/L"}, 0),
        ({"hemophagocytosis": True}, 35),
    ],
)
def test_each_item_of_hscore(change, points):
    assert hscore.score(**HEALTHY | change).total.value == points


def test_hscore_has_at_most_337_points():
    most = {
        "immunosuppressed": True, "temperature": "40 Cel", "organomegaly": "both",
        "hemoglobin": "7 g/dL", "white_cells": "2 10^9/L", "platelets": "20 10^9/L",
        "ferritin": "9000 ng/mL", "triglycerides": "5 mmol/L", "fibrinogen": "1 g/L",
        "ast": "300 U/L", "hemophagocytosis": True,
    }  # fmt: skip
    found = hscore.score(**most)
    assert found.total.value == 337
    assert found.likely is True
    assert found.probability == "above 99 % at 250"
    assert hscore.score().total.minimum == 0
    assert hscore.score().total.maximum == 337


def test_hscore_probability_is_printed_not_interpolated():
    found = hscore.score(**HEALTHY | {"ferritin": "9000 ng/mL", "triglycerides": "5 mmol/L",
                                      "temperature": "38.4 Cel"})  # fmt: skip
    assert found.total.value == 147
    assert found.probability == "16 % at 140; 40 % at 160"
    assert found.likely is False
    assert hscore.score(**HEALTHY).probability == "below 1 % at 90"


def test_hscore_with_missing_items_is_open():
    found = hscore.score(**HEALTHY | {"hemophagocytosis": None, "white_cells": None})
    assert found.total.possible == (0, 35)
    assert found.total.missing == ("hemophagocytosis",)
    two = hscore.score(**HEALTHY | {"platelets": "20 10^9/L", "white_cells": None})
    assert two.total.possible == (0, 24)
    with pytest.raises(UnknownTermError):
        hscore.score(organomegaly="kidney")
    with pytest.raises(NotationError):
        hscore.score(immunosuppressed="maybe")


# --- IEC-HS ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severity", "number"),
    [
        ("absent", 0), ("observation only", 1), ("intervention indicated", 2), ("severe", 3),
        ("life-threatening", 4), ("death", 5),
    ],
)  # fmt: skip
def test_iec_hs_grades_are_unverified(severity, number):
    found = iec_hs.grade(severity, on="2026-03-20")
    assert found.outcome.grade == number
    assert "(unverified)" in found.because


def test_iec_hs_needs_a_severity():
    with pytest.raises(UnknownTermError, match="observation only"):
        iec_hs.grade("moderate")


@pytest.mark.parametrize(
    ("table", "lab", "outcome"),
    [
        (iec_hs.REQUIRED, Lab(FERRITIN, "801 ng/mL", uln="400 ng/mL"), "met"),
        (iec_hs.REQUIRED, Lab(FERRITIN, "800 ng/mL", uln="400 ng/mL", baseline="400 ng/mL"),
         "not met"),
        (iec_hs.COMMON[0], Lab(ALT, "201 U/L", uln="40 U/L"), "met"),
        (iec_hs.COMMON[0], Lab(ALT, "200 U/L", uln="40 U/L"), "not met"),
        # an abnormal baseline of 60 asks for more than 300
        (iec_hs.COMMON[0], Lab(ALT, "300 U/L", uln="40 U/L", baseline="60 U/L"), "not met"),
        (iec_hs.COMMON[0], Lab(ALT, "301 U/L", uln="40 U/L", baseline="60 U/L"), "met"),
        (iec_hs.COMMON[0], Lab(ALT, "201 U/L", uln="40 U/L", baseline="30 U/L"), "met"),
        (iec_hs.COMMON[2], Lab(FIBRINOGEN, "1.49 g/L"), "met"),
        (iec_hs.COMMON[2], Lab(FIBRINOGEN, "150 mg/dL", lln="150 mg/dL"), "not met"),
    ],
)  # fmt: skip
def test_iec_hs_criteria(table, lab, outcome):
    assert decide(table, lab).outcome == outcome


def test_iec_hs_criteria_without_limits_of_normal_are_open():
    assert not decide(iec_hs.REQUIRED, Lab(FERRITIN, "801 ng/mL")).settled
    assert all(not table.source.verified for table in iec_hs.TABLES)
