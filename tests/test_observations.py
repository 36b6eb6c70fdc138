"""A laboratory value with its limits, baseline and flags: what is read, kept and refused."""

import pickle
from datetime import date

import pint
import pytest

from itp_carT.analytes import ALT, CREATININE, HEMOGLOBIN, INR, PLATELETS, TEMPERATURE
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    NotationError,
    UnitRequiredError,
    UnknownTermError,
)
from itp_carT.observations import BaselineFlag, Lab
from itp_carT.units import Quantity

HIGH, LOW, SAMPLE = ALT.high, ALT.low, ALT.sample


def test_a_value_keeps_its_unit_and_brings_its_limits_along():
    lab = Lab(CREATININE, "1.9 mg/dL", uln="106 umol/L", baseline="0.8 mg/dL")
    value, lln, uln, baseline = lab.numbers
    assert (value, lln, baseline) == (1.9, None, 0.8)
    assert uln == pytest.approx(106 / 88.42)
    assert lab.uln == Quantity("106 umol/L")


def test_repr_pastes_back_and_equality_is_by_meaning():
    lab = Lab(PLATELETS, "18000 /mm3", lln="150 G/L", baseline_flag="L", on=date(2026, 3, 9))
    assert repr(lab) == ("Lab(PLATELETS, '18000 /uL', lln='150 10^9/L', baseline_flag='LOW', "
                         "on=datetime.date(2026, 3, 9))")  # fmt: skip
    same = Lab("PLT", "18 10^9/L", lln="150000 /uL", baseline_flag="low", on=date(2026, 3, 9))
    assert lab == same
    assert hash(lab) == hash(same)
    assert lab != Lab(PLATELETS, "19 G/L")
    assert lab != "lab"
    assert pickle.loads(pickle.dumps(lab)) == lab
    assert eval(repr(Lab(PLATELETS, "3 G/L", is_baseline=True))) == Lab(  # noqa: S307
        PLATELETS, "3 G/L", is_baseline=True
    )


def test_quantities_of_another_registry_are_taken_over():
    other = pint.UnitRegistry()
    assert Lab(HEMOGLOBIN, other.Quantity(80.0, "g/L")) == Lab(HEMOGLOBIN, "8 g/dL")


@pytest.mark.parametrize(
    ("given", "known"),
    [
        ({}, {}),
        ({"baseline": "60 U/L"}, {}),  # no range: not known
        ({"baseline": "60 U/L", "uln": "40 U/L"}, {HIGH: True}),
        ({"baseline": "40 U/L", "uln": "40 U/L"}, {HIGH: False}),  # exactly the limit is not high
        ({"baseline": "5 U/L", "lln": "10 U/L", "uln": "40 U/L"}, {HIGH: False, LOW: True}),
        ({"baseline": "60 U/L", "uln": "40 U/L", "baseline_uln": "70 U/L"}, {HIGH: False}),
        ({"baseline_flag": "high"}, {HIGH: True, LOW: False}),
        ({"baseline_flag": "N"}, {HIGH: False, LOW: False}),
        # the laboratory's own flag goes before the comparison
        ({"baseline_flag": "normal", "baseline": "60 U/L", "uln": "40 U/L"},
         {HIGH: False, LOW: False}),
        ({"baseline_flag": BaselineFlag.LOW}, {HIGH: False, LOW: True}),
    ],
)  # fmt: skip
def test_state_of_the_baseline(given, known):
    assert Lab(ALT, "50 U/L", **given).reported == {SAMPLE: False, **known}


def test_a_baseline_sample_is_compared_with_no_baseline():
    lab = Lab(ALT, "50 U/L", uln="40 U/L", is_baseline=True)
    assert lab.reported == {SAMPLE: True, HIGH: False, LOW: False}
    assert lab.numbers[3] != lab.numbers[3]  # NaN: no comparison with it is true


def test_a_missing_value_stays_missing():
    lab = Lab(PLATELETS, None, lln="150 G/L")
    assert lab.value is None
    assert lab.numbers == (None, 150.0, None, None)
    assert (lab.lln, lab.baseline, lab.baseline_lln, lab.baseline_uln) == (
        Quantity("150 G/L"), None, None, None)  # fmt: skip


@pytest.mark.parametrize(
    ("arguments", "limits", "error", "message"),
    [
        ((PLATELETS, 18), {}, UnitRequiredError, 'platelets value: 18 has no unit: write e.g. "18'),
        ((PLATELETS, 0), {}, UnitRequiredError, "0 has no unit"),
        ((PLATELETS, "18"), {}, UnitRequiredError, "has no unit"),
        ((PLATELETS, True), {}, UnitRequiredError, "True has no unit"),
        ((INR, True), {}, UnitRequiredError, "True has no unit"),
        ((PLATELETS, float("nan")), {}, UnitRequiredError, "nan has no unit"),
        ((PLATELETS, "nan G/L"), {}, NotationError, "not a number; leave a missing value out"),
        ((INR, float("nan")), {}, NotationError, "INR value"),
        ((PLATELETS, "18 mg"), {}, DimensionError, "18 mg is not a value of platelets"),
        ((PLATELETS, "-1 G/L"), {}, ImpossibleError, "-1 10.9/L is below zero"),
        ((PLATELETS, "1 G/L"), {"lln": "1 g/dL"}, DimensionError, "platelets lln"),
        ((PLATELETS, "1 G/L"), {"lln": "9 G/L", "uln": "8 G/L"}, ImpossibleError, "is above"),
        ((PLATELETS, "1 G/L"), {"baseline_lln": "9 G/L", "baseline_uln": "8 G/L"},
         ImpossibleError, "is above"),
        ((PLATELETS, "1 G/L"), {"baseline_flag": "odd"}, NotationError, 'write "low", "normal"'),
        ((HEMOGLOBIN, "5 mmol/L"), {"lln": "12 g/dL"}, DimensionError, "cannot be read as mmol/L"),
        (("plateletz", "1 G/L"), {}, UnknownTermError, "did you mean platelets"),
    ],
)  # fmt: skip
def test_what_cannot_be_used_is_refused(arguments, limits, error, message):
    with pytest.raises(error, match=message):
        Lab(*arguments, **limits)


def test_only_some_measures_go_below_zero_and_only_some_need_no_unit():
    assert Lab(TEMPERATURE, "-1 Cel").numbers[0] == -1
    assert Lab(INR, 1.2) == Lab(INR, "1.2")
