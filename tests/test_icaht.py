"""ICAHT: the worked examples, every limit, and every option of counting on written-out courses."""

import csv
import datetime as dt
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.analytes import NEUTROPHILS, PLATELETS
from itp_carT.errors import (
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    UndecidedError,
    UnitRequiredError,
)
from itp_carT.observations import Lab
from itp_carT.toxicity.icaht_2023 import Counting, early, early_from_days, late

PUBLISHED = Path(__file__).parent / "published" / "consensus_examples.csv"
D0 = dt.date(2026, 3, 9)

with PUBLISHED.open(encoding="utf-8", newline="") as file:
    ROWS = {row["id"]: row for row in csv.DictReader(file)}


def anc(day, value):
    """A count on a day; a bare number is per microliter."""
    text = value if isinstance(value, str) else f"{value} /uL"
    return Lab(NEUTROPHILS, text, on=D0 + dt.timedelta(day))


def course(*runs, first=0):
    """Daily counts written as (days, count) one after the other."""
    values = [count for days, count in runs for _ in range(days)]
    return [anc(first + number, value) for number, value in enumerate(values)]


def grade(counts, **more):
    return early(counts, infusion=D0, **more).outcome.grade


def possible(found):
    return [int(one) for one in found.possible]


# --- the worked examples --------------------------------------------------------------------------


@pytest.mark.parametrize("number", ["60", "61", "62", "63"])
def test_worked_example_of_days(number):
    said = dict(part.strip().split("=") for part in ROWS[number]["inputs"].split(";"))
    severe, profound = (int(said.get(f"days_anc_le_{limit}", 0)) for limit in (500, 100))
    expected = int(ROWS[number]["result"])
    found = early_from_days(severe=f"{severe} d", profound=f"{profound} d")
    assert found.outcome.grade == expected
    # the same days as a course of daily counts
    days = course((profound, 80), (severe - profound, 450), (31 - severe, 2000))
    assert grade(days) == expected


def test_worked_example_never_above():
    assert ROWS["64"]["result"] == "4"
    assert early_from_days(severe="31 d", profound="0 d", never_above=True).outcome.grade == 4
    assert grade(course((31, 500))) == 4


@pytest.mark.parametrize(
    ("number", "counts"), [("65", [(40, 500), (45, 500)]), ("66", [(40, 1501)])]
)
def test_worked_example_late(number, counts):
    found = late([anc(*one) for one in counts], infusion=D0)
    assert found.outcome.grade == int(ROWS[number]["result"])


# --- the limits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("severe", "profound", "expected"),
    [
        (0, 0, 0), (1, 0, 1), (6, 0, 1), (7, 0, 2), (13, 0, 2), (14, 0, 3), (30, 0, 3),
        (6, 6, 1), (7, 7, 3), (13, 13, 3), (14, 13, 3), (14, 14, 4), (31, 31, 4),
    ],
)  # fmt: skip
def test_days(severe, profound, expected):
    found = early_from_days(severe=f"{severe} d", profound=f"{profound} d")
    assert found.outcome.grade == expected


@pytest.mark.parametrize(
    ("value", "low"),
    [
        (500, True),  # inclusive
        (500.1, False),
        ("0.5 10^9/L", True),
        ("0.5 K/uL", True),
        ("500 cells/uL", True),
        ("0.501 10^9/L", False),
        ("500 /mm^3", True),
    ],
)
def test_the_limit_of_500_in_each_unit(value, low):
    assert grade(course((10, 1000), (1, value), (20, 1000))) == int(low)


@pytest.mark.parametrize(("value", "expected"), [(100, 3), (100.1, 2), ("0.1 10^9/L", 3)])
def test_the_limit_of_100(value, expected):
    assert grade(course((5, 1000), (7, value), (19, 1000))) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1501, 0), (1500, 1), (1001, 1), (1000, 2), (501, 2), (500, 3), (101, 3), (100, 4), (0, 4),
        ("1.5 10^9/L", 1), ("0.1 K/uL", 4),
    ],
)  # fmt: skip
def test_late_limits(value, expected):
    counts = [anc(40, value), anc(50, value), anc(60, 3000)]
    assert late(counts, infusion=D0).outcome.grade == expected


# --- how days are counted -------------------------------------------------------------------------

BROKEN = course(
    (5, 2000), (4, 300), (2, 900), (4, 300), (16, 2000)
)  # 2 days above between two runs
RECOVERED = course((5, 2000), (4, 300), (3, 900), (4, 300), (15, 2000))  # 3 days above


@pytest.mark.parametrize(
    ("counts", "options", "expected"),
    [
        (BROKEN, {}, 2),  # bridged: 4 + 2 + 4 = 10 days
        (BROKEN, {"recovery": 2}, 1),  # 2 days are a recovery: 4 days
        (BROKEN, {"recovery": 1}, 1),
        (BROKEN, {"bridged": "not counted"}, 2),  # 4 + 4 = 8 days
        (BROKEN, {"run": "cumulative", "recovery": 1}, 2),  # 8 days
        (RECOVERED, {}, 1),  # the longest run is 4 days
        (RECOVERED, {"recovery": 4}, 2),  # bridged: 11 days
        (RECOVERED, {"run": "cumulative"}, 2),  # 8 days
    ],
)
def test_recovery_bridging_and_runs(counts, options, expected):
    assert grade(counts, counting=Counting(**options)) == expected


def test_days_between_two_counts_are_interpolated_or_unknown():
    sparse = [anc(0, 2000), anc(4, 300), anc(10, 300), anc(14, 2000), anc(30, 2000)]
    found = early(sparse, infusion=D0)
    # 300 on days 4 to 10; 2000 -> 300 and 300 -> 2000 in four days pass 500 within a day of them
    assert found.outcome.grade == 2
    assert any("interpolated" in note for note in found.notes)
    unknown = early(sparse, infusion=D0, counting=Counting(between="unknown"))
    # sure are two single days; the days between may all have been at or below 100
    assert possible(unknown) == [4, 3, 2, 1]
    with pytest.raises(UndecidedError):
        _ = unknown.outcome


def test_days_before_the_first_and_after_the_last_count_are_not_known():
    found = early([anc(10, 2000), anc(11, 2000)], infusion=D0)
    assert possible(found) == [4, 3, 2, 1, 0]
    assert "29 of 31 days" in found.incomplete[0]
    assert possible(early([], infusion=D0)) == [4, 3, 2, 1, 0]


def test_a_low_count_to_the_end_of_a_short_follow_up_may_never_have_risen():
    low = course((3, 900), (5, 300))
    found = early(low, infusion=D0, until=D0 + dt.timedelta(7))
    assert possible(found) == [4, 3, 2, 1]
    risen = course((3, 900), (4, 300), (1, 2000))
    assert early(risen, infusion=D0, until=D0 + dt.timedelta(7)).outcome.grade == 1


def test_never_above_may_begin_as_late_as_day_3():
    late_start = course((3, 900), (28, 300))
    assert grade(late_start) == 4
    assert grade(late_start, counting=Counting(never_above_from=0)) == 3
    assert grade(course((4, 900), (27, 300))) == 3


def test_the_lowest_count_of_a_day_counts():
    both = [*course((31, 2000)), anc(10, 300)]
    assert grade(both) == 1


def test_days_after_day_30_are_not_early_and_days_up_to_30_not_late():
    counts = [*course((31, 2000)), *course((10, 100), first=31)]
    assert grade(counts) == 0
    assert late(counts, infusion=D0).outcome.grade == 4
    assert possible(late(course((31, 100)), infusion=D0)) == [4, 3, 2, 1, 0]


# --- late: non-transient --------------------------------------------------------------------------


def test_a_single_low_count_among_others_is_transient():
    assert late([anc(40, 90), anc(50, 2000), anc(60, 2000)], infusion=D0).outcome.grade == 0
    assert late([anc(40, 90), anc(50, 900), anc(60, 2000)], infusion=D0).outcome.grade == 2
    nadir = late([anc(40, 90), anc(50, 2000)], infusion=D0, measurements=1)
    assert nadir.outcome.grade == 4


def test_a_single_low_count_alone_is_open():
    found = late([anc(40, 400)], infusion=D0)
    assert possible(found) == [3, 2, 1, 0]
    assert found.incomplete == ("2 counts after day 30",)


def test_two_counts_of_one_day_are_one_measurement():
    assert not late([anc(40, 400), anc(40, 450)], infusion=D0).settled


def test_late_counts_end_with_the_follow_up():
    counts = [anc(40, 2000), anc(45, 2000), anc(60, 90), anc(61, 90)]
    assert late(counts, infusion=D0, until=D0 + dt.timedelta(50)).outcome.grade == 0


# --- what is refused ------------------------------------------------------------------------------


def test_a_negative_count_is_refused_where_it_is_written():
    with pytest.raises(ImpossibleError, match="below zero"):
        anc(3, -100)
    with pytest.raises(UnitRequiredError):
        Lab(NEUTROPHILS, 400, on=D0)


@pytest.mark.parametrize("grader", [early, late])
def test_counts_need_a_day_and_are_neutrophils(grader):
    with pytest.raises(MissingFactError, match="no day"):
        grader([Lab(NEUTROPHILS, "400 /uL")], infusion=D0)
    for wrong in (Lab(PLATELETS, "40 10^9/L", on=D0), 400):
        with pytest.raises(ImpossibleError, match="neutrophil"):
            grader([wrong], infusion=D0)
    with pytest.raises(ItpCarTError, match="date"):
        grader([], infusion="9 March")


def test_a_missing_value_is_no_count():
    assert possible(early([Lab(NEUTROPHILS, None, on=D0)], infusion=D0)) == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("options", "field"),
    [({"recovery": 0}, "recovery"), ({"recovery": 2.0}, "recovery"),
     ({"never_above_from": -1}, "never_above_from"), ({"recovery": True}, "recovery")],
)  # fmt: skip
def test_options_are_whole_days(options, field):
    with pytest.raises(ImpossibleError) as caught:
        Counting(**options)
    assert caught.value.field == field


def test_days_that_contradict_each_other_are_refused():
    with pytest.raises(ImpossibleError, match="cannot be more"):
        early_from_days(severe="5 d", profound="6 d")
    with pytest.raises(UnitRequiredError):
        early_from_days(severe=5, profound="0 d")
    with pytest.raises(ImpossibleError, match="before the infusion"):
        early([], infusion=D0, until="2026-03-01")
    with pytest.raises(ImpossibleError, match="measurements"):
        late([], infusion=D0, measurements=0)
    assert not early_from_days(severe="8 d", profound=None).settled
    assert not early_from_days(severe="8 d", profound="0 d", never_above=None).settled


# --- properties -----------------------------------------------------------------------------------

counts = st.lists(st.sampled_from([50, 100, 300, 500, 501, 2000, None]), min_size=31, max_size=31)
options = st.builds(
    Counting,
    between=st.sampled_from(["interpolate", "unknown"]),
    recovery=st.integers(1, 4),
    bridged=st.sampled_from(["counted", "not counted"]),
    run=st.sampled_from(["longest", "cumulative"]),
)


def labs(values):
    return [anc(day, value) for day, value in enumerate(values) if value is not None]


@given(counts, options, st.integers(0, 30))
def test_a_lower_count_never_gives_a_milder_grade(values, counting, at):
    lower = list(values)
    if lower[at] is not None:
        lower[at] = lower[at] / 10
    milder, worse = (early(labs(v), infusion=D0, counting=counting) for v in (values, lower))
    assert worse.mildest.grade >= milder.mildest.grade
    assert worse.worst.grade >= milder.worst.grade


@given(counts, st.integers(0, 30), st.sampled_from([50, 300, 2000]))
def test_a_further_count_never_adds_a_grade_where_nothing_is_interpolated(values, at, value):
    counting = Counting(between="unknown")
    values[at] = None
    before = early(labs(values), infusion=D0, counting=counting)
    values[at] = value
    after = early(labs(values), infusion=D0, counting=counting)
    assert set(after.possible) <= set(before.possible)
