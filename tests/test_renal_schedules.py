"""Renal schedules: each agrees with its transcription, at, below and above every limit."""

import csv
import pickle
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.clearance import Clearance, IndexedClearance
from itp_carT.dosing.renal_schedules import (
    DFCI,
    EBMT_LOCAL,
    EU_SMPC,
    SCHEDULES,
    US_LABEL,
    US_LABEL_OLDER,
    US_ORAL,
    schedule,
)
from itp_carT.errors import (
    DimensionError,
    ItpCarTError,
    NotPermittedError,
    UndecidedError,
    UnknownTermError,
)
from itp_carT.units import Quantity

with (Path(__file__).parent / "published" / "renal_bands.csv").open(encoding="utf-8") as lines:
    BANDS = list(csv.DictReader(lines))


def share(named, number):
    """The share as text, or 'refuse'; the number in the unit of the schedule."""
    try:
        return str(named.factor(f"{number!r} {named.unit}").share)
    except NotPermittedError:
        return "refuse"


@pytest.mark.parametrize("row", BANDS, ids=lambda row: f"{row['schedule']} {row['outcome']}")
def test_every_published_band(row):
    named = SCHEDULES[row["schedule"]]
    if not row["band_unit"]:
        assert [str(band.factor) for band in named.bands] == [row["outcome"]]
        return
    assert named.unit == row["band_unit"].replace(" m2", "m^2")
    inside = []
    for side, step in (("lower", 0.01), ("upper", -0.01)):
        if row[side]:
            limit = float(row[side])
            inside.append(limit + step)
            if row[f"{side}_inclusive"] == "true":
                inside.append(limit)
            else:
                assert share(named, limit) != row["outcome"], f"{limit} is outside this band"
    for number in inside:
        assert share(named, number) == row["outcome"], number


def test_no_schedule_is_left_out_of_the_transcription():
    assert {row["schedule"] for row in BANDS} == set(SCHEDULES)


@pytest.mark.parametrize(
    ("named", "clearance", "expected"),
    [
        (US_LABEL, 120, "1"),
        (US_LABEL, 80, "1"),
        (US_LABEL, 79.9999, "4/5"),
        (US_LABEL, 79.5, "4/5"),  # between the printed 79 and 80
        (US_LABEL, 50, "4/5"),
        (US_LABEL, 49.5, "3/5"),  # between the printed 49 and 50
        (US_LABEL, 30, "3/5"),
        (US_LABEL, 29.9, "refuse"),
        (US_LABEL, 0, "refuse"),  # never 0 mg
        (US_LABEL_OLDER, 70.1, "1"),
        (US_LABEL_OLDER, 70, "4/5"),  # 70 is inside the reduced band
        (US_LABEL_OLDER, 29.99, "refuse"),
        (US_ORAL, 70, "4/5"),
        (US_ORAL, 29.99, "1/2"),
        (EU_SMPC, 70.1, "1"),
        (EU_SMPC, 70, "1/2"),
        (EU_SMPC, 30, "1/2"),
        (EU_SMPC, 29.9, "refuse"),
        (DFCI, 50, "1"),
        (DFCI, 49.9, "3/5"),
        (DFCI, 25, "refuse"),  # the source says nothing
    ],
)
def test_limits(named, clearance, expected):
    assert share(named, clearance) == expected


def test_a_value_within_one_part_in_a_billion_is_at_the_limit():
    assert US_LABEL.factor(f"{80 * (1 - 1e-12)!r} mL/min").share == 1
    assert EU_SMPC.factor(f"{70 * (1 + 1e-12)!r} mL/min").share == Fraction(1, 2)


def test_refusal_names_the_label_and_is_not_a_dose():
    with pytest.raises(NotPermittedError) as caught:
        US_LABEL.factor("25 mL/min")
    assert caught.value.field == "clearance"
    assert "renal impairment" in caught.value.citation
    assert "do not administer" in str(caught.value)


@pytest.mark.parametrize(
    ("named", "clearance"),
    [
        (US_LABEL, IndexedClearance("62 mL/min/1.73m^2")),
        (US_LABEL, "62 mL/min/1.73 m2"),
        (US_LABEL_OLDER, Clearance("62 mL/min")),
        (US_LABEL_OLDER, "62 mL/min"),
        (US_LABEL, "62 mL"),
    ],
)
def test_the_band_unit_must_match_the_kind_of_clearance(named, clearance):
    with pytest.raises(DimensionError):
        named.factor(clearance)


def test_the_unit_of_entry_does_not_change_the_band():
    assert US_LABEL.factor("1.325 mL/s").share == Fraction(4, 5)  # 79.5 mL/min
    assert US_LABEL.factor("0.08 L/min").share == 1


def test_a_range_is_flagged_with_the_bound_taken():
    (note,) = EU_SMPC.factor("50 mL/min").notes
    assert "up to 50 % less" in note
    assert "1/2" in note
    assert EU_SMPC.factor("90 mL/min").notes == ()
    assert US_LABEL.factor("50 mL/min").notes == ()


def test_tablets_are_flagged():
    assert "tablets" in US_ORAL.factor("20 mL/min/1.73m^2").notes[0]


def test_a_source_without_limits_decides_nothing():
    with pytest.raises(UndecidedError) as caught:
        EBMT_LOCAL.factor("50 mL/min")
    assert caught.value.possible == (Fraction(1, 2),)


def test_working_shows_the_band_with_its_source():
    working = US_LABEL.factor(Clearance("62 mL/min", method="measured")).working
    assert "62 mL/min is in [50, 80) mL/min" in str(working)
    assert working.sources == (US_LABEL.citation,)


@pytest.mark.parametrize("key", ["", "us", "US label 2", None, 3, "x" * 10_000])
def test_an_unknown_schedule_is_refused(key):
    with pytest.raises(UnknownTermError):
        schedule(key)
    assert schedule("EU SmPC") is EU_SMPC


def test_repr_and_pickle():
    factor = US_LABEL.factor("62 mL/min")
    names = {"Clearance": Clearance, "Quantity": Quantity, "US_LABEL": US_LABEL}
    names |= {type(v).__name__: type(v) for v in (factor, factor.band, factor.share)}
    assert eval(repr(factor), names) == factor  # noqa: S307 - a repr pastes back
    assert pickle.loads(pickle.dumps(factor)) == factor


@given(st.floats(0.01, 1000), st.floats(0.01, 1000))
def test_a_better_clearance_never_gives_less(a, b):
    for named in (US_LABEL, US_LABEL_OLDER, US_ORAL, EU_SMPC, DFCI):
        low, high = (share(named, number) for number in sorted((a, b)))
        if low != "refuse":
            assert Fraction(low) <= Fraction(high)


@given(st.text(max_size=120))
def test_no_text_raises_anything_outside_the_family(text):
    for attempt in (US_LABEL.factor, schedule):
        with pytest.raises(ItpCarTError):
            attempt(text)
