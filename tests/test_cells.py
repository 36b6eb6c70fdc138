"""Cells: dose, caps, counting basis, volume, bags, and the account of a split infusion."""

import copy
import csv
import datetime as dt
import pickle
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.days import ProtocolDay
from itp_carT.dosing.cells import CellDose, Counting, InfusionVolume, Product, scientific, share
from itp_carT.dosing.split import PartialDose, SplitDose, SplitInfusion
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    NotationError,
    NotPermittedError,
    UnitRequiredError,
    UnknownTermError,
    UnknownUnitError,
)
from itp_carT.sources import NCT05315778, Citation, Source
from itp_carT.units import Quantity, value_in

SOURCE = NCT05315778.at("arm description")
CAR = Counting.VIABLE_CAR_POSITIVE

with (Path(__file__).parent / "published" / "dose_checks.csv").open(encoding="utf-8") as lines:
    CHECKS = [row for row in csv.DictReader(lines) if row["check"] == "cells"]


def dose(per_kg="1.5e7 cell/kg", weight="60 kg", counting=CAR, **caps):
    return CellDose(per_kg=per_kg, weight=weight, counting=counting, source=SOURCE, **caps)


# --- cells ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("row", CHECKS, ids=lambda row: row["id"])
def test_published_cells(row):
    inputs = dict(part.split("=") for part in row["inputs"].split("; "))
    found = dose(inputs["dose"].replace(" /kg", " cell/kg"), inputs["weight"])
    assert value_in(found.total, "cell") == float(row["result"])


def test_no_cap_is_ever_a_default():
    """2.0e7/kg for 60 kg is twelve times the maximum of one product's label."""
    found = dose("2e7 cell/kg")
    assert found.total == found.uncapped == Quantity("1.2e9 cell")
    assert found.weight_cap is None
    assert found.cell_cap is None


@pytest.mark.parametrize(
    ("weight", "caps", "total", "per_kg", "notes"),
    [
        ("100 kg", {}, "1e9 cell", "1e7 cell/kg", 0),
        ("100.1 kg", {}, "1.001e9 cell", "1e7 cell/kg", 1),  # labels would have capped
        ("120 kg", {"weight_cap": "100 kg"}, "1e9 cell", "8333333.33333333 cell/kg", 1),
        ("120 kg", {"cell_cap": "6e8 cell"}, "6e8 cell", "5e6 cell/kg", 1),
        ("120 kg", {"weight_cap": "100 kg", "cell_cap": "6e8 cell"}, "6e8 cell", "5e6 cell/kg", 1),
        ("80 kg", {"weight_cap": "100 kg"}, "8e8 cell", "1e7 cell/kg", 0),  # named, does not apply
    ],
)
def test_caps_by_name_keep_both_values(weight, caps, total, per_kg, notes):
    found = dose("1e7 cell/kg", weight, **caps)
    assert found.total == Quantity(total)
    assert found.achieved == Quantity(per_kg)
    assert value_in(found.uncapped, "cell") == pytest.approx(1e7 * float(weight.split()[0]))
    assert len(found.notes) == notes


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({"per_kg": 1.5e7}, UnitRequiredError, "per_kg"),
        ({"per_kg": "1.5e7"}, UnitRequiredError, "per_kg"),
        ({"per_kg": "9e8 cell"}, DimensionError, "per_kg"),  # cells for cells/kg: 70-fold low
        ({"per_kg": "1.5e7 /kg"}, DimensionError, "per_kg"),  # of what?
        ({"per_kg": "10e7 cell/kg"}, NotationError, "per_kg"),  # 10^7 or 10^8?
        ({"per_kg": "0 cell/kg"}, ImpossibleError, "per_kg"),
        ({"per_kg": "-1e7 cell/kg"}, ImpossibleError, "per_kg"),
        ({"per_kg": "1.5e7 cells/stone"}, UnknownUnitError, "per_kg"),
        ({"weight": "60"}, UnitRequiredError, "weight"),
        ({"weight": "162 cm"}, DimensionError, "weight"),
        ({"weight": "3 kg"}, ImpossibleError, "weight"),
        ({"counting": "CAR"}, UnknownTermError, "counting"),
        ({"counting": None}, UnknownTermError, "counting"),
        ({"weight_cap": 100}, UnitRequiredError, "weight_cap"),
        ({"cell_cap": "1e8 cell/kg"}, DimensionError, "cell_cap"),
    ],
)
def test_a_dose_refuses(given, error, field):
    with pytest.raises(error) as caught:
        dose(**given)
    assert caught.value.field == field


def test_the_counting_basis_is_required():
    with pytest.raises(TypeError):
        CellDose(per_kg="1e7 cell/kg", weight="60 kg", source=SOURCE)


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("total", Counting.TOTAL),
        ("Viable", Counting.VIABLE),
        ("viable CAR-positive", CAR),
        ("viable CAR+", CAR),
        ("VIABLE_CAR_POSITIVE", CAR),
    ],
)
def test_counting_is_read(text, known):
    assert Counting.of(text) is known


def test_powers_of_ten_are_written_out():
    assert [scientific(n) for n in (9e8, 1.2e9, 1.5e7, 1.07295e9)] == [
        "9.0×10^8",
        "1.2×10^9",
        "1.5×10^7",
        "1.07295×10^9",
    ]


# --- shares ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "expected"),
    [(0.85, 0.85), ("0.85", 0.85), ("85 %", 0.85), ("85%", 0.85), (1, 1.0), ("100 %", 1.0)],
)
def test_a_share_is_a_fraction_or_a_percentage_with_its_sign(given, expected):
    assert share(given, "viability") == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        (85, ImpossibleError, 'write "85 %"'),  # percent for fraction
        ("85", ImpossibleError, 'write "85 %"'),
        (1.01, ImpossibleError, "share"),
        (0, ImpossibleError, "share"),
        ("0 %", ImpossibleError, "share"),
        ("101 %", ImpossibleError, "share"),
        (-0.5, ImpossibleError, "share"),
        ("0,85", NotationError, "comma"),
        (float("nan"), NotationError, "share"),
        ("nan", NotationError, "not a number"),
        ("", NotationError, "empty"),
        (True, NotationError, "share"),
        ("85 kg", DimensionError, "%"),
        ([0.85], NotationError, "share"),
    ],
)
def test_what_is_no_share_is_refused(given, error, says):
    with pytest.raises(error, match=says) as caught:
        share(given, "viability")
    assert caught.value.field == "viability"


# --- volume ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counting", "product", "volume", "bags"),
    [
        # dose of 9.0e8 cells, counted as ..., from a product counted as ...
        (CAR, {"viable_car_t": "1.2e7 cell/mL", "volume": "80 mL"}, 75, 1),
        (CAR, {"viable_car_t": "1.2e4 cells/uL", "volume": "20 mL", "bags": 4}, 75, 4),
        (CAR, {"viable": "3e7 cell/mL", "car_fraction": 0.4, "volume": "75 mL"}, 75, 1),
        (CAR, {"total": "4e7 cell/mL", "viability": 0.9, "car_fraction": 0.5}, 50, None),
        (Counting.VIABLE, {"total": "4e7 cell/mL", "viability": "90 %"}, 25, None),
        (Counting.VIABLE, {"viable": "4.5e7 cell/mL"}, 20, None),
        (Counting.TOTAL, {"total": "4.5e7 cell/mL"}, 20, None),
        (Counting.TOTAL, {"viable": "3.6e7 cell/mL", "viability": 0.8}, 20, None),
    ],
)
def test_volume_of_9e8_cells(counting, product, volume, bags):
    found = dose(counting=counting).volume_from(Product(**product))
    assert found.volume.magnitude == pytest.approx(volume, rel=1e-12)
    assert found.bags == bags


@pytest.mark.parametrize(
    ("counting", "product", "field"),
    [
        (CAR, {"total": "4e7 cell/mL", "viability": 0.9}, "car_fraction"),
        (CAR, {"total": "4e7 cell/mL", "car_fraction": 0.5}, "viability"),
        (CAR, {"viable": "4e7 cell/mL"}, "car_fraction"),
        (Counting.VIABLE, {"total": "4e7 cell/mL"}, "viability"),
    ],
)
def test_a_share_that_is_not_known_is_never_taken_as_1(counting, product, field):
    with pytest.raises(MissingFactError) as caught:
        dose(counting=counting).volume_from(Product(**product))
    assert caught.value.field == field


def test_a_short_product_names_the_missing_cells():
    with pytest.raises(ImpossibleError, match=r"6\.6×10\^8 cells are missing") as caught:
        dose().volume_from(Product(viable_car_t="1.2e7 cell/mL", volume="20 mL"))
    assert caught.value.missing == Quantity("6.6e8 cell")


def test_a_product_that_suffices_exactly_suffices():
    found = dose().volume_from(Product(viable_car_t="1.2e7 cell/mL", volume="25 mL", bags=3))
    assert found.bags == 3
    with pytest.raises(ImpossibleError):
        dose().volume_from(Product(viable_car_t="1.2e7 cell/mL", volume="24.99 mL", bags=3))


def test_a_volume_that_is_not_known_is_said():
    found = dose().volume_from(Product(viable_car_t="1.2e7 cell/mL"))
    assert found.bags is None
    assert "not known" in found.notes[0]


def test_a_share_that_is_not_applied_is_said():
    product = Product(viable_car_t="1.2e7 cell/mL", volume="80 mL", viability=0.9)
    assert "viability was not applied" in dose().volume_from(product).notes[0]


def test_low_shares_are_said():
    product = Product(total="4e8 cell/mL", viability=0.69, car_fraction=0.09, volume="80 mL")
    assert [note.split()[0] for note in product.notes] == ["viability", "car_fraction"]
    assert Product(total="4e8 cell/mL", viability=0.7, car_fraction=0.1).notes == ()


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        ({}, MissingFactError, "product"),
        ({"total": "1e7 cell/mL", "viable": "1e7 cell/mL"}, NotationError, "product"),
        ({"total": 1e7}, UnitRequiredError, "total"),
        ({"total": "1e7 /mL"}, DimensionError, "total"),
        ({"total": "1e7 cell"}, DimensionError, "total"),
        ({"viable_car_t": "10e7 cell/mL"}, NotationError, "viable_car_t"),
        ({"total": "1e7 cell/mL", "volume": "20"}, UnitRequiredError, "volume"),
        ({"total": "1e7 cell/mL", "volume": "0 mL"}, ImpossibleError, "volume"),
        ({"total": "1e7 cell/mL", "bags": 0}, ImpossibleError, "bags"),
        ({"total": "1e7 cell/mL", "bags": 1.5}, ImpossibleError, "bags"),
        ({"total": "1e7 cell/mL", "viability": 85}, ImpossibleError, "viability"),
    ],
)
def test_a_product_refuses(given, error, field):
    with pytest.raises(error) as caught:
        Product(**given)
    assert caught.value.field == field


def test_working_shows_the_chain():
    product = Product(total="4e7 cell/mL", viability=0.9, car_fraction=0.5, volume="30 mL", bags=2)
    text = str(dose().working) + "\n" + str(dose().volume_from(product).working)
    for fact in (
        "1.5×10^7 cell/kg × 60 kg = 9.0×10^8 cell",
        "4.0×10^7 cell/mL × 0.9 × 0.5 = 1.8×10^7 cell/mL",
        "9.0×10^8 cell / 1.8×10^7 cell/mL = 50 mL",
        "50 mL / 30 mL = 2",
    ):
        assert fact in text, fact
    capped = dose(weight="120 kg", weight_cap="100 kg", cell_cap="1e9 cell")
    assert "min(120 kg, 100 kg) = 100 kg" in str(capped.working)
    assert "min(1.5×10^9 cell, 1.0×10^9 cell) = 1.0×10^9 cell" in str(capped.working)


# --- split infusion -------------------------------------------------------------------------------


def thirds():
    return SplitInfusion("10/30/60").of(dose("1e7 cell/kg"), infusion="2026-03-09")


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("10/30/60", (Fraction(1, 10), Fraction(3, 10), Fraction(3, 5))),
        ((0.1, 0.3, 0.6), (Fraction(1, 10), Fraction(3, 10), Fraction(3, 5))),  # sums to 1 exactly
        ("0.1/0.3/0.6", (Fraction(1, 10), Fraction(3, 10), Fraction(3, 5))),
        (("1/3", "1/3", "1/3"), (Fraction(1, 3),) * 3),
        ("33.3/33.3/33.4", (Fraction(333, 1000), Fraction(333, 1000), Fraction(334, 1000))),
        ("100", (Fraction(1),)),
        ((1,), (Fraction(1),)),
    ],
)
def test_fractions_are_exact(given, expected):
    assert SplitInfusion(given).fractions == expected


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ("10/30/50", ImpossibleError),
        ("33.3/33.3/33.3", ImpossibleError),
        ((1 / 3, 1 / 3, 1 / 3), ImpossibleError),  # write "1/3"
        ((10, 30, 60), ImpossibleError),  # percent without the text form
        ("10/-10/100", NotationError),
        ("0/40/60", NotationError),
        ("ten/ninety", NotationError),
        ("1e999", NotationError),
        ("", NotationError),
        ((), NotationError),
        (None, NotationError),
        (0.5, NotationError),
        ((float("nan"), 1), NotationError),
        ((float("inf"),), NotationError),
        (("1e9999999",), NotationError),  # refused, not computed
        (("1/0",), NotationError),
    ],
)
def test_fractions_that_do_not_sum_to_1_are_refused(given, error):
    with pytest.raises(error) as caught:
        SplitInfusion(given)
    assert caught.value.field == "split"


@pytest.mark.parametrize("days", [(0, 1), (0, 1, 1), (2, 1, 0), (1, 2, 3), ("0", "1", "2")])
def test_days_must_suit_the_fractions(days):
    with pytest.raises((ImpossibleError, NotationError)):
        SplitInfusion("10/30/60", days=days)


def test_planned_fractions_have_dates_and_sum_to_the_dose():
    rows = [(str(p.day), p.date.isoformat(), str(p.planned)) for p in thirds()]
    assert rows == [
        ("D0", "2026-03-09", "60000000 cell"),
        ("D1", "2026-03-10", "180000000 cell"),
        ("D2", "2026-03-11", "360000000 cell"),
    ]
    weekly = SplitInfusion("10/30/60", days=(0, 3, 6)).of(dose(), infusion="2026-03-09")
    assert [p.date.day for p in weekly] == [9, 12, 15]


def test_the_account_of_a_held_fraction():
    account = thirds()
    after = account.give(1).hold(2, "CRS grade 2")
    assert [p.status for p in account] == ["planned"] * 3  # the old account is unchanged
    assert [p.status for p in after] == ["given", "held", "held"]  # later ones are held with it
    assert after.given == Quantity("6e7 cell")
    assert after.cumulative == tuple(Quantity("6e7 cell") for _ in range(3))
    assert after.given_per_kg == Quantity("1e6 cell/kg")  # reported, never scaled up
    assert after.complete
    resumed = after.resume(2).give(2, "1.8e8 cell", on="2026-03-14").give(3)
    assert resumed[1].given_on == dt.date(2026, 3, 14)
    assert resumed.given == Quantity("6e8 cell")
    missed = after.resume(3).give(3)  # the second fraction stays held
    assert missed.given == Quantity("4.2e8 cell")
    assert missed.given_per_kg == Quantity("7e6 cell/kg")


@pytest.mark.parametrize(
    ("step", "error"),
    [
        (lambda a: a.give(2), NotPermittedError),  # the first is neither given nor held
        (lambda a: a.give(1).give(1), NotPermittedError),
        (lambda a: a.hold(1, "fever").give(1), NotPermittedError),
        (lambda a: a.give(1).hold(1, "fever"), NotPermittedError),
        (lambda a: a.hold(2, ""), MissingFactError),
        (lambda a: a.hold(2, None), MissingFactError),
        (lambda a: a.resume(1), NotPermittedError),
        (lambda a: a.give(0), UnknownTermError),
        (lambda a: a.give(4), UnknownTermError),
        (lambda a: a.give(True), UnknownTermError),
        (lambda a: a.give(1, 6e7), UnitRequiredError),
        (lambda a: a.give(1, "6e7 cell/kg"), DimensionError),
        (lambda a: a.give(1, "6e7"), UnitRequiredError),
        (lambda a: a.give(1, on="2026-02-30"), ImpossibleError),
    ],
)
def test_the_account_refuses(step, error):
    with pytest.raises(error):
        step(thirds())


# --- round trips and properties -------------------------------------------------------------------

NAMES = {kind.__name__: kind for kind in (CellDose, Citation, Counting, Fraction, InfusionVolume)}
NAMES |= {kind.__name__: kind for kind in (PartialDose, Product, ProtocolDay, Quantity, Source)}
NAMES |= {"SplitDose": SplitDose, "SplitInfusion": SplitInfusion, "datetime": dt}


def test_repr_pickle_and_copy():
    product = Product(total="4e7 cell/mL", viability=0.9, car_fraction=0.5)
    for value in (
        dose(weight_cap="100 kg"),
        product,
        dose().volume_from(product),
        SplitInfusion("10/30/60"),
        thirds().give(1).hold(2, "fever"),
    ):
        assert eval(repr(value), NAMES) == value  # noqa: S307 - a repr pastes back
        assert pickle.loads(pickle.dumps(value)) == value
        assert copy.copy(value) == value


@given(st.floats(1e6, 3e7), st.floats(30, 200))
def test_unit_of_entry_changes_nothing_and_cells_grow_with_weight(per_kg, kg):
    found = dose(f"{per_kg!r} cell/kg", f"{kg!r} kg")
    grams = dose(f"{per_kg!r} cells/kg", f"{kg * 1000!r} g")
    assert value_in(grams.total, "cell") == pytest.approx(value_in(found.total, "cell"), rel=1e-11)
    assert dose(f"{per_kg!r} cell/kg", f"{kg + 1!r} kg").total > found.total


@given(st.lists(st.integers(1, 50), min_size=1, max_size=6))
def test_the_fractions_of_any_split_sum_to_the_dose(weights):
    whole = sum(weights)
    account = SplitInfusion([f"{n}/{whole}" for n in weights]).of(dose(), infusion="2026-03-09")
    assert sum(p.share for p in account) == 1
    for part in account:
        account = account.give(part.number)
    assert account.given == dose().total


@given(st.text(max_size=60))
def test_no_text_raises_anything_outside_the_family(text):
    for attempt in (
        lambda: dose(per_kg=text),
        lambda: dose(weight=text),
        lambda: dose(cell_cap=text),
        lambda: Product(total=text),
        lambda: Product(total="1e7 cell/mL", volume=text),
        lambda: Product(total="1e7 cell/mL", viability=text),
        lambda: Counting.of(text),
        lambda: SplitInfusion(text),
        lambda: SplitInfusion((text,)),
        lambda: thirds().give(1, text),
        lambda: thirds().give(1, on=text),
    ):
        try:
            attempt()
        except ItpCarTError as error:
            assert len(str(error)) < 400  # noqa: PT017 - short, whatever was given
