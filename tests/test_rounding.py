"""Rounding as part of a rule: exact ties, exact decimals, and what is refused."""

import math
import pickle
from contextlib import suppress
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    NotationError,
    UnitRequiredError,
    UnknownTermError,
)
from itp_carT.rounding import To, fixed
from itp_carT.units import Quantity, make

# value               step      half up  half even  half down
TABLE = [
    ("49.5 mg", "1 mg", 50, 50, 49),
    ("50.5 mg", "1 mg", 51, 50, 50),
    ("49.49 mg", "1 mg", 49, 49, 49),
    ("49.51 mg", "1 mg", 50, 50, 50),
    ("49.500000000000007 mg", "1 mg", 50, 50, 49),  # binary noise above a tie is a tie
    ("49.499999999999993 mg", "1 mg", 50, 50, 49),  # and below
    ("49.5000001 mg", "1 mg", 50, 50, 50),  # a real difference is none
    ("49.4999999 mg", "1 mg", 49, 49, 49),
    ("492.95 mg", "10 mg", 490, 490, 490),
    ("495 mg", "10 mg", 500, 500, 490),
    ("485 mg", "10 mg", 490, 480, 480),
    ("2.675 mL", "0.01 mL", 2.68, 2.68, 2.67),  # the float is below the tie, the number is on it
    ("1.005 mL", "0.01 mL", 1.01, 1.00, 1.00),
    ("0.15 mL", "0.1 mL", 0.2, 0.2, 0.1),
    ("0.25 mL", "0.1 mL", 0.3, 0.2, 0.2),
    ("4.5 mg", "3 mg", 6, 6, 3),
    ("1 mg", "3 mg", 0, 0, 0),
    ("12.5 mg", "25 mg", 25, 0, 0),
    ("0 mg", "1 mg", 0, 0, 0),
    ("-49.5 mg", "1 mg", -50, -50, -49),  # a difference of doses: away from zero is up
]


@pytest.mark.parametrize("half", ["up", "even", "down"])
@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"{row[0]} to {row[1]}")
def test_decision_table_of_ties(row, half):
    value, step, *expected = row
    wanted = expected[["up", "even", "down"].index(half)]
    rounded = To(step, half=half).apply(value)
    assert rounded.magnitude == wanted
    assert rounded == make(float(wanted), step.split()[1])


def test_up_is_the_default_and_is_printed():
    assert To("1 mg") == To("1 mg", half="up")
    assert str(To("1 mg")) == "to 1 mg, half up"
    assert repr(To("10 mg", half="even")) == "To(step=Quantity('10 mg'), half='even')"


def test_the_answer_is_in_the_unit_of_the_step():
    assert repr(To("1 mg").apply("0.0495 g")) == "Quantity('50 mg')"
    assert repr(To("0.1 g").apply("149.9 mg")) == "Quantity('0.1 g')"
    assert repr(To("1 10^6/L").apply("0.0000015 10^12/L")) == "Quantity('2 10^6/L')"


def test_a_computed_product_on_a_tie_is_a_tie():
    """30 mg/m² × 1.65 m² is 49.5 mg, which binary arithmetic misses."""
    dose = Quantity("30 mg/m^2") * Quantity("1.65 m^2")
    assert To("1 mg", half="up").apply(dose) == Quantity("50 mg")
    assert To("1 mg", half="down").apply(dose) == Quantity("49 mg")


def test_the_largest_value_of_the_smallest_step_is_still_answered():
    assert math.isclose(To("1e-100 pg").apply("1e80 kg").magnitude, 1e95)


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (1, UnitRequiredError),
        ("1", UnitRequiredError),
        (None, UnitRequiredError),
        ("0 mg", ImpossibleError),
        ("-1 mg", ImpossibleError),
        ("nan mg", NotationError),
        ("1,5 mg", NotationError),
    ],
)
def test_a_step_that_cannot_be_is_refused(step, error):
    with pytest.raises(error) as caught:
        To(step)
    assert caught.value.field == "step"


@pytest.mark.parametrize("half", ["", "UP", "odd", None, 1, [], {}])
def test_an_unknown_direction_is_refused_and_the_known_ones_are_named(half):
    with pytest.raises(UnknownTermError) as caught:
        To("1 mg", half=half)
    assert caught.value.field == "half"
    assert caught.value.nearest == ("up", "even", "down")


@pytest.mark.parametrize(
    ("value", "error"),
    [
        (49.5, UnitRequiredError),
        (None, UnitRequiredError),
        ("49.5", UnitRequiredError),
        ("nan mg", NotationError),
        ("49.5 mL", DimensionError),
        ("49.5 mg/d", DimensionError),
    ],
)
def test_a_value_that_cannot_be_rounded_is_refused(value, error):
    with pytest.raises(error):
        To("1 mg").apply(value)


def test_rounding_survives_pickle_and_can_be_a_key():
    rule = To("10 mg", half="even")
    assert pickle.loads(pickle.dumps(rule)) == rule
    assert {rule: 1}[To("0.01 g", half="even")] == 1


@pytest.mark.parametrize(
    ("value", "places", "shown"),
    [
        (0.25, 1, "0.3"),
        (0.35, 1, "0.4"),
        (-0.25, 1, "-0.3"),
        (Fraction(65, 4), 1, "16.3"),
        (12.5, 0, "13"),
        (100 * 0.285, 0, "29"),  # 28.499999999999996 by binary noise
        (0.249999, 1, "0.2"),  # a real difference is no tie
        (-0.04, 1, "0.0"),  # no minus zero
        (1e20, 0, "100000000000000000000"),
    ],
)
def test_a_half_is_shown_away_from_zero(value, places, shown):
    assert fixed(value, places) == shown


def test_a_plus_is_written_where_asked():
    assert [fixed(x, 1, signed=True) for x in (6.25, 0, -6.25)] == ["+6.3", "+0.0", "-6.3"]


steps = st.sampled_from(["0.1 mg", "1 mg", "2.5 mg", "5 mg", "10 mg", "50 mg"])


@given(value=st.decimals("0", "5000", places=4), step=steps, half=st.sampled_from(["up", "even"]))
def test_the_answer_is_a_multiple_within_half_a_step(value, step, half):
    rule = To(step, half=half)
    rounded = rule.apply(f"{value} mg").magnitude
    size = rule.step.magnitude
    assert abs(rounded / size - math.floor(rounded / size + 0.5)) < 1e-9
    assert abs(rounded - float(value)) <= size / 2 * (1 + 1e-9)
    assert rule.apply(make(rounded, "mg")).magnitude == rounded


@given(st.text(max_size=30))
def test_no_text_raises_anything_outside_the_family(text):
    for attempt in (lambda: To(text), lambda: To("1 mg").apply(text)):
        with suppress(ItpCarTError):
            attempt()
