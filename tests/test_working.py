"""The working of a result reads as a second checker would write it, and names its sources."""

import pickle

import attrs
import pytest

from itp_carT.sources import MOSTELLER_1987
from itp_carT.units import Quantity
from itp_carT.working import Step, Working, given

SURE = MOSTELLER_1987.at("equation")
UNSURE = MOSTELLER_1987.at("discussion", verified=False)
HEIGHT = Step("height", "as given", "", "162 cm")
AREA = Step("BSA", "sqrt(height × weight / 3600)", "sqrt(162 × 60 / 3600)", "1.6432 m²", SURE)
DOSE = Step("dose", "dose per area × BSA", "30 mg/m² × 1.6432 m²", "49.295 mg", UNSURE, "no cap")
WORKING = Working((HEIGHT, AREA, DOSE, AREA))


@pytest.mark.parametrize(
    ("step", "printed"),
    [
        (HEIGHT, "height = as given = 162 cm"),
        (
            AREA,
            (
                "BSA = sqrt(height × weight / 3600) = sqrt(162 × 60 / 3600) = 1.6432 m²"
                "  [Mosteller 1987, equation]"
            ),
        ),
        (
            DOSE,
            (
                "dose = dose per area × BSA = 30 mg/m² × 1.6432 m² = 49.295 mg; no cap"
                "  [Mosteller 1987, discussion (unverified)]"
            ),
        ),
    ],
)
def test_a_step_prints_formula_numbers_result_note_and_source(step, printed):
    assert str(step) == printed


@pytest.mark.parametrize(
    ("value", "printed"),
    [
        (Quantity("68 kg"), "weight = 68 kg"),
        (Quantity("150 lb"), "weight = 150 lb = 68.0388555 kg"),  # as given, and as used
        (None, "weight = not known"),
    ],
)
def test_an_input_is_shown_as_given_and_as_used(value, printed):
    assert str(given("weight", value, "kg")) == printed


def test_a_working_prints_one_step_a_line_and_is_a_sequence():
    assert str(WORKING).splitlines() == [str(step) for step in WORKING]
    assert len(WORKING) == 4
    assert WORKING[0] is HEIGHT
    assert list(WORKING) == [HEIGHT, AREA, DOSE, AREA]
    assert str(Working(())) == ""


def test_each_source_is_listed_once_and_the_unverified_apart():
    assert WORKING.sources == (SURE, UNSURE)
    assert WORKING.unverified == (UNSURE,)
    assert Working((HEIGHT,)).sources == ()


def test_a_working_cannot_be_changed_and_survives_pickle_and_repr():
    with pytest.raises(attrs.exceptions.FrozenInstanceError):
        AREA.result = "2 m²"
    assert pickle.loads(pickle.dumps(WORKING)) == WORKING
    assert hash(WORKING) == hash(Working((HEIGHT, AREA, DOSE, AREA)))
