"""JSON: exact both ways, readable by others, and no way past the checks."""

import datetime as dt
import json
from enum import Enum
from fractions import Fraction

import pytest
from attrs import frozen
from hypothesis import given
from hypothesis import strategies as st

from itp_carT import Product, SplitInfusion, Subject, To, bsa
from itp_carT.clearance import Clearance, IndexedClearance
from itp_carT.days import ProtocolDay, StudyDay
from itp_carT.dosing.drugs import FLUDARABINE, Drug
from itp_carT.dosing.renal_schedules import US_LABEL, US_LABEL_OLDER, RenalFactor
from itp_carT.dosing.vials import vial_plan
from itp_carT.errors import ImpossibleError, ItpCarTError, NotationError, UnknownUnitError
from itp_carT.exchange import from_json, to_json
from itp_carT.protocol import nct05315778 as trial
from itp_carT.protocol.model import DosingPlan
from itp_carT.renal import cockcroft_gault
from itp_carT.units import Quantity, make

ANA = Subject(sex="F", age=41, height="162 cm", weight="60 kg")
PLAN = trial.plan(
    ANA,
    infusion="2026-03-09",
    cells_per_kg="1.5e7 cells/kg",
    bsa_cap="1.6 m^2",
    renal=US_LABEL.factor(cockcroft_gault(ANA, "0.9 mg/dL", weight="actual")),
    vials={"cyclophosphamide": ("200 mg",)},
    product=Product(total="4e7 cell/mL", viability="90 %", car_fraction=0.5, volume="80 mL"),
    split="10/30/60",
)
VALUES = [
    Quantity("62 kg"),
    ANA,
    Subject(id="ITP-001", born="1984-05-02", confirmed=("weight",)),
    bsa(ANA),
    To("1 mg"),
    ProtocolDay(-5),
    StudyDay(1),
    FLUDARABINE,
    Drug("x", ("50 mg",), usual="1 g", possible="2 g", citation=FLUDARABINE.citation),
    US_LABEL,
    US_LABEL.factor("62 mL/min"),
    US_LABEL_OLDER.factor(IndexedClearance("62 mL/min/1.73m^2", method="as reported")),
    vial_plan("490 mg", ["200 mg", "500 mg"]),
    PLAN.lymphodepletion[0],
    PLAN.lymphodepletion.courses[1],
    PLAN.lymphodepletion,
    PLAN.cells,
    PLAN.volume,
    PLAN.product,
    SplitInfusion("10/30/60"),
    PLAN.split.give(1).hold(2, "fever"),
    trial.LYMPHODEPLETION,
    trial.PROTOCOL,
    PLAN,
    PLAN.working,
]


@pytest.mark.parametrize("value", VALUES, ids=lambda value: type(value).__name__)
def test_every_object_comes_back_equal_and_is_written_the_same(value):
    text = to_json(value)
    back = from_json(text, type(value))
    assert back == value
    assert to_json(back) == text
    assert repr(back) == repr(value)


def test_quantities_dates_enums_and_fractions_have_their_documented_form():
    plain = json.loads(to_json(PLAN))
    assert plain["infusion"] == "2026-03-09"
    assert plain["cells"]["counting"] == "VIABLE_CAR_POSITIVE"
    assert plain["cells"]["total"] == {"value": 9e8, "unit": "cell"}
    assert plain["split"]["parts"][0]["share"] == "1/10"
    course = plain["lymphodepletion"]["courses"][0]
    assert course["course"]["per_area"] == {"value": 30.0, "unit": "mg/m^2"}
    assert course["bsa"]["formula"] == "mosteller"
    assert course["renal"]["clearance"]["value"]["unit"] == "mL/min"


@given(st.floats(1e-6, 1e12), st.sampled_from(["kg", "mg/m^2", "cell/kg", "10^9/L", "Cel", "%"]))
def test_a_quantity_keeps_every_bit(number, unit):
    value = make(number, unit)
    back = from_json(to_json(value), Quantity)
    assert back.magnitude == number
    assert back == value


def test_an_edited_result_is_refused():
    """Somebody writes 63 mg where the inputs give 36 mg."""
    text = to_json(PLAN.lymphodepletion.courses[0])
    daily = json.loads(text)["daily"]["value"]
    edited = text.replace(f'"daily": {{"value": {daily}', '"daily": {"value": 63.0')
    assert edited != text
    with pytest.raises(ImpossibleError, match="change the inputs"):
        from_json(edited, type(PLAN.lymphodepletion.courses[0]))


def test_computed_values_may_be_left_out():
    plain = json.loads(to_json(PLAN.cells))
    del plain["total"]
    assert from_json(json.dumps(plain), type(PLAN.cells)) == PLAN.cells


@pytest.mark.parametrize(
    ("text", "kind", "error"),
    [
        ("", Subject, NotationError),
        ("{", Subject, NotationError),
        ("[]", Subject, NotationError),
        ("null", Subject, NotationError),
        ("[" * 100_000, Subject, NotationError),
        ('{"weigth": null}', Subject, NotationError),  # misspelled, not ignored
        ('{"weight": 60}', Subject, NotationError),  # no unit
        ('{"weight": "60 kg"}', Subject, NotationError),
        ('{"weight": {"value": 60}}', Subject, NotationError),
        ('{"weight": {"value": "60", "unit": "kg"}}', Subject, NotationError),
        ('{"weight": {"value": true, "unit": "kg"}}', Subject, NotationError),
        ('{"weight": {"value": NaN, "unit": "kg"}}', Subject, NotationError),
        ('{"weight": {"value": 1e400, "unit": "kg"}}', Subject, NotationError),
        ('{"weight": {"value": 60, "unit": "stone"}}', Subject, UnknownUnitError),
        ('{"weight": {"value": 1.62, "unit": "kg"}}', Subject, ImpossibleError),
        ('{"age": "41"}', Subject, NotationError),
        ('{"age": 41, "age": 14}', Subject, NotationError),
        ('{"sex": "female"}', Subject, ItpCarTError),  # the name is FEMALE
        ('{"born": "1984-02-30"}', Subject, ImpossibleError),
        ('{"number": 0}', StudyDay, ImpossibleError),
        ("{}", ProtocolDay, NotationError),
        ('{"fractions": ["1/2", "1/3"], "days": [{"number": 0}, {"number": 1}]}',
         SplitInfusion, ImpossibleError),
        ('{"fractions": ["1/0"], "days": [{"number": 0}]}', SplitInfusion, NotationError),
        (b"{}", Subject, NotationError),
    ],
)  # fmt: skip
def test_what_is_not_its_json_is_refused(text, kind, error):
    with pytest.raises(error):
        from_json(text, kind)


def test_what_has_no_form_is_refused():
    @frozen
    class Odd:
        value: object

    class Colors(Enum):
        RED = 1

    assert to_json(Colors.RED) == '"RED"'
    for value in (Odd(object()), Odd(float("nan")), object(), Quantity("2 kg") * Quantity("3 kg")):
        with pytest.raises(ItpCarTError):
            to_json(value)


def test_dates_and_fractions_alone():
    assert from_json(to_json(dt.date(2026, 3, 9)), dt.date) == dt.date(2026, 3, 9)
    assert from_json(to_json(Fraction(1, 3)), Fraction) == Fraction(1, 3)
    assert from_json(to_json(Clearance("62 mL/min")), Clearance) == Clearance("62 mL/min")


@given(st.text(max_size=80) | st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["value", "unit", "weight", "age", "days", "fractions"]), inner, max_size=3
    ),
    max_leaves=8,
).map(json.dumps))  # fmt: skip
def test_no_text_raises_anything_outside_the_family(text):
    for kind in (Subject, Quantity, SplitInfusion, RenalFactor, DosingPlan):
        try:
            from_json(text, kind)
        except ItpCarTError as error:
            assert len(str(error)) < 400  # noqa: PT017 - short, whatever was given
