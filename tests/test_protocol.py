"""The trial as data, and one patient's whole plan under it."""

import pickle

import pytest

from itp_carT import Product, SplitInfusion, Subject
from itp_carT.dosing.cells import Counting
from itp_carT.dosing.renal_schedules import US_LABEL
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    MissingFactError,
    NotPermittedError,
    UnitRequiredError,
    UnusualValueWarning,
)
from itp_carT.protocol import nct05315778 as trial
from itp_carT.units import Quantity

ANA = Subject(sex="F", age=41, height="162 cm", weight="60 kg")


def plan(subject=ANA, **options):
    given = {"infusion": "2026-03-09", "cells_per_kg": "1.5e7 cells/kg"} | options
    return trial.plan(subject, **given)


def test_what_the_registry_says():
    fludarabine, cyclophosphamide = trial.LYMPHODEPLETION.courses
    assert str(fludarabine) == "fludarabine 30 mg/m^2 on D-5, D-4, D-3"
    assert str(cyclophosphamide) == "cyclophosphamide 300 mg/m^2 on D-5, D-4, D-3"
    assert trial.LYMPHODEPLETION.bsa.key == "mosteller"
    assert (trial.CAR_T.lowest, trial.CAR_T.highest) == (
        Quantity("1e7 cell/kg"),
        Quantity("2e7 cell/kg"),
    )
    assert (trial.ELIGIBILITY.youngest, trial.ELIGIBILITY.oldest) == (18, 65)
    assert (trial.PROTOCOL.participants, trial.PROTOCOL.follow_up) == (5, "6 months")
    for part in (trial.LYMPHODEPLETION, trial.CAR_T, trial.ELIGIBILITY, trial.PROTOCOL):
        assert part.source.source.key == "nct05315778"


def test_the_whole_plan_of_the_reference_case():
    found = plan()
    assert f"{found.bsa.value.magnitude:.4f}" == "1.6432"
    assert [str(dose.amount) for dose in found.lymphodepletion][:2] == ["49 mg", "490 mg"]
    assert found.cells.total == Quantity("9e8 cell")
    assert found.warnings == ()
    assert found.sources[0].short == "Mosteller 1987"
    assert "NCT05315778" in str(found.working)
    assert str(found).count("\n") == 7


@pytest.mark.parametrize(
    ("per_kg", "outcome"),
    [
        ("1.0e7 cell/kg", "given"),  # both ends are inside
        ("2.0e7 cell/kg", "given"),
        ("0.99e7 cell/kg", "refused"),
        ("2.01e7 cell/kg", "refused"),
        ("1e6 cell/kg", "refused"),  # the decade lost
        ("1e8 cell/kg", "refused"),
    ],
)
def test_the_range_of_the_dose(per_kg, outcome):
    if outcome == "given":
        assert plan(cells_per_kg=per_kg).cells.reason == ""
        return
    with pytest.raises(NotPermittedError) as caught:
        plan(cells_per_kg=per_kg)
    assert caught.value.field == "cells_per_kg"
    assert "NCT05315778" in caught.value.citation
    with pytest.raises(NotPermittedError):
        plan(cells_per_kg=per_kg, reason="   ")


def test_a_stated_reason_is_kept_and_printed():
    with pytest.warns(UnusualValueWarning, match="amendment 2"):
        found = plan(cells_per_kg="3e7 cell/kg", reason="amendment 2")
    assert found.cells.total == Quantity("1.8e9 cell")
    assert any("amendment 2" in text for text in found.warnings)
    assert plan(reason="not needed").cells.reason == ""


@pytest.mark.parametrize(("age", "warns"), [(18, False), (65, False), (66, True), (None, True)])
def test_age_of_eligibility(age, warns):
    subject = Subject(sex="F", age=age, height="162 cm", weight="60 kg")
    if warns:
        with pytest.warns(UnusualValueWarning, match="18 to 65"):
            found = plan(subject)
        assert "18 to 65" in found.warnings[0]
    else:
        assert plan(subject).warnings == ()


def test_age_is_counted_on_the_day_of_the_infusion():
    born = {"sex": "F", "height": "162 cm", "weight": "60 kg"}
    assert plan(Subject(born="1960-03-10", **born)).eligibility == ""  # 65 until the day after
    with pytest.warns(UnusualValueWarning):
        assert "66" in plan(Subject(born="1960-03-09", **born)).eligibility


def test_above_100_kg_without_a_cap_is_said():
    heavy = Subject(sex="M", age=40, height="185 cm", weight="110 kg")
    with pytest.warns(UnusualValueWarning, match="above 100 kg"):
        found = plan(heavy)
    assert found.cells.total == Quantity("1.65e9 cell")  # the trial states no cap
    assert plan(heavy, weight_cap="100 kg").cells.total == Quantity("1.5e9 cell")


def test_counting_is_that_of_labels_unless_stated():
    assert plan().cells.counting is Counting.VIABLE_CAR_POSITIVE
    assert "not stated" in trial.CAR_T.source.note
    assert plan(counting="total").cells.counting is Counting.TOTAL


def test_product_and_split():
    product = Product(viable_car_t="1.2e7 cell/mL", volume="80 mL")
    found = plan(product=product, split="10/30/60")
    assert found.volume.volume == Quantity("75 mL")
    assert [str(part.planned) for part in found.split] == [
        "90000000 cell",
        "270000000 cell",
        "540000000 cell",
    ]
    assert "open 3 bags and the product has 1" in found.warnings[0]
    three = Product(viable_car_t="1.2e7 cell/mL", volume="50 mL", bags=3)
    assert plan(product=three, split=SplitInfusion("10/30/60", days=(0, 3, 6))).warnings == ()


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"infusion": "2026-02-30"}, ImpossibleError),
        ({"cells_per_kg": 1.5e7}, UnitRequiredError),
        ({"cells_per_kg": "9e8 cell"}, DimensionError),
        ({"split": "10/30/50"}, ImpossibleError),
        ({"product": Product(viable_car_t="1e6 cell/mL", volume="80 mL")}, ImpossibleError),
        ({"product": Product(total="4e7 cell/mL", volume="80 mL")}, MissingFactError),
        ({"subject": Subject(height="162 cm")}, MissingFactError),
        ({"subject": Subject(weight="60 kg", age=41)}, MissingFactError),
        ({"formula": "zhao", "subject": Subject(height="162 cm", weight="60 kg", age=41)},
         MissingFactError),
    ],
)  # fmt: skip
@pytest.mark.filterwarnings("ignore:the age is not known")
def test_a_plan_refuses(options, error):
    with pytest.raises(error):
        plan(options.pop("subject", ANA), **options)


def test_a_clearance_below_30_is_a_refusal():
    with pytest.raises(NotPermittedError):
        plan(renal=US_LABEL.factor("29 mL/min"))


def test_a_delivered_total_below_the_range_is_reported_and_not_scaled_up():
    account = plan(cells_per_kg="1e7 cell/kg", split="10/30/60").split
    assert trial.CAR_T.shortfall(account) == ""  # nothing is judged before it is complete
    held = account.give(1).give(2).hold(3, "CRS grade 3")
    assert "4.0×10^6 cell/kg" in trial.CAR_T.shortfall(held)
    assert held[2].planned == Quantity("3.6e8 cell")
    assert trial.CAR_T.shortfall(account.give(1).give(2).give(3)) == ""


def test_pickle():
    found = plan(split="10/30/60", product=Product(viable_car_t="1.2e7 cell/mL", volume="80 mL"))
    assert pickle.loads(pickle.dumps(found)) == found
    assert found == plan(
        split="10/30/60", product=Product(viable_car_t="1.2e4 cell/uL", volume="0.08 L")
    )
