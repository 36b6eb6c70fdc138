"""Scales and visits over columns: every engine agrees with the scalar path on random data."""

import datetime as dt
import math
import random

import pytest

pytest.importorskip("polars", reason="needs Polars, an extra")

import narwhals.stable.v2 as nw
import polars as pl

from itp_carT import frames
from itp_carT.errors import (
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    NotPermittedError,
    RecordError,
    UnknownTermError,
)
from itp_carT.protocol.nct05315778 import SCHEDULE
from itp_carT.quality_of_life import itp_paq
from itp_carT.quality_of_life.item import Item
from itp_carT.quality_of_life.item_map import ItemMap
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.scale import Scale
from itp_carT.schedule.attendance import assign
from itp_carT.schedule.visits import Schedule, Visit, Window
from itp_carT.sources import ITP_CART_CONVENTIONS

ENGINES = ("polars", "polars lazy", "pandas", "pyarrow", "duckdb")
MADE_UP = ITP_CART_CONVENTIONS.at("example")
CONDITIONAL = ("W", "RH", "RH-MS", "RH-F")
TRUTH = {"yes": True, " Yes": True, "no": False, "unknown": None, None: None}


def native(data, engine):
    """The same rows as a frame of an engine; skips where the engine is absent."""
    df = data if isinstance(data, pl.DataFrame) else pl.DataFrame(data, infer_schema_length=None)
    if engine == "polars":
        return df
    if engine == "polars lazy":
        return df.lazy()
    module = pytest.importorskip(engine, reason=f"needs {engine}, an extra")
    if engine == "pandas":
        return df.to_pandas()
    return df.to_arrow() if engine == "pyarrow" else module.from_arrow(df.to_arrow())


def back(df, by=None):
    """Rows of a result as dictionaries, in order of a column; what stands for nothing is None."""
    frame = nw.from_native(df)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    rows = [{name: plain(value) for name, value in row.items()} for row in frame.rows(named=True)]
    return rows if by is None else sorted(rows, key=lambda row: row[by])


def plain(value):
    if type(value).__name__ == "NAType" or (isinstance(value, float) and math.isnan(value)):
        return None
    return value.item() if type(value).__module__ == "numpy" else value


# --- scales ---------------------------------------------------------------------------------------


def mapping(draw):
    """A made-up mapping: options, directions and lowest codes differ within scales."""
    rows = []
    for facts in itp_paq.SCALES:
        if facts.key != "RH":
            for at in range(facts.items):
                item = Item(
                    f"{facts.key.lower()}{at}", draw.choice([2, 4, 5, 5, 7]),
                    draw.choice(["highest", "lowest"]), first=draw.choice([0, 1, 1]),
                )  # fmt: skip
                rows.append((facts.key, item))
    return ItemMap(rows)


def assessments(paq, count, seed):
    """Random answers, a third missing, a tenth of the rows with one that is no option."""
    draw = random.Random(seed)
    rows = []
    for _ in range(count):
        row = {
            item.key: draw.randint(item.first, item.last) if draw.random() < 0.65 else None
            for item in paq.items
        }
        for start in ("w", "rh-ms", "rh-f"):
            if draw.random() < 0.5:
                row |= dict.fromkeys((key for key in row if key.startswith(start)), None)
        if draw.random() < 0.1:
            row[draw.choice([item.key for item in paq.items])] = draw.choice([-1, 8, 99])
        row |= {f"is {key}": draw.choice([*TRUTH, "yes", "yes"]) for key in CONDITIONAL}
        rows.append(row)
    return rows


def scalar(paq, row):
    """What one row is by the scalar path: scores and outcomes, or None where it is refused."""
    applies = {key: TRUTH[row[f"is {key}"]] for key in CONDITIONAL}
    try:
        profile = paq.score({item.key: row[item.key] for item in paq.items}, applies=applies)
    except ItpCarTError:
        return None
    return {s.scale: (s.value if s.settled else None, s.outcome.label) for s in profile}


@pytest.fixture(scope="module")
def case():
    paq = itp_paq.questionnaire(mapping(random.Random(5)))
    rows = assessments(paq, 800, seed=6)
    expected = [scalar(paq, row) for row in rows]
    outcomes = {outcome for one in expected if one for _, outcome in one.values()}
    assert len(outcomes) == 5  # every outcome is drawn
    assert 50 < sum(one is None for one in expected) < 1000
    return paq, rows, expected


@pytest.mark.parametrize("engine", ENGINES)
def test_scales_agree_with_the_scalar_path_to_the_last_bit(case, engine):
    paq, rows, expected = case
    applies = {key: f"is {key}" for key in CONDITIONAL}
    found = back(frames.scales(native(rows, engine), paq, applies=applies))
    assert len(found) == len(rows)
    for row, one in zip(found, expected, strict=True):
        for key in itp_paq.KEYS:
            wanted = one[key] if one else (None, None)
            assert (row[key], row[f"{key}_outcome"]) == wanted
        assert (row["problem"] is None) is (one is not None)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("kind", ["Int8", "Float64", "Int32"])
def test_the_type_of_the_answers_changes_nothing(engine, kind):
    data = pl.DataFrame({"a1": [5, 3, None, 9], "a2": [1, None, None, 1]})
    data = data.cast(getattr(pl, kind))
    found = back(frames.scales(native(data, engine), two("highest", "lowest")))
    assert [row["A"] for row in found] == [100.0, 50.0, None, None]
    assert [row["A_outcome"] for row in found] == ["scored", "scored", "missing", None]
    assert [row["problem"] for row in found] == [
        None, None, None, "a1: none of the 5 options, 1 to 5",
    ]  # fmt: skip


def two(*best):
    return itp_paq.questionnaire(
        ItemMap([("A", Item(f"a{at}", 5, end)) for at, end in enumerate(best, start=1)])
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_what_lies_between_options_is_a_problem_and_nan_is_missing(engine):
    data = {"a1": [2.5, float("nan"), 5.0, float("inf")], "a2": [5.0, 5.0, 5.0, 5.0]}
    found = back(frames.scales(native(data, engine), two("highest", "highest")))
    assert [row["A"] for row in found] == [None, 100.0, 100.0, None]
    assert [bool(row["problem"]) for row in found] == [True, False, False, True]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_part_cannot_apply_where_the_whole_does_not(engine):
    paq = itp_paq.questionnaire(mapping(random.Random(5)))
    row = dict.fromkeys([item.key for item in paq.items])
    data = [row | {"whole": "no", "part": "yes"}, row | {"whole": "odd", "part": None}]
    applies = {"RH": "whole", "RH-F": "part"}
    found = back(frames.scales(native(data, engine), paq, applies=applies))
    assert [one["problem"] for one in found] == [
        "part: cannot apply where RH does not", "whole: write yes or no",
    ]  # fmt: skip


@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_yes_and_no_as_booleans_and_numbers(engine):
    paq = itp_paq.questionnaire(ItemMap([("W", Item(f"w{at}", 5, "highest")) for at in range(4)]))
    data = {f"w{at}": [5, 5, None] for at in range(4)} | {
        "yes": [True, False, False], "one": [1, 0, 0],
    }  # fmt: skip
    for column in ("yes", "one"):
        found = back(frames.scales(native(data, engine), paq, applies={"W": column}))
        assert [row["W_outcome"] for row in found] == ["scored", "data query", "not applicable"]
    without = back(frames.scales(native(data, engine), paq))
    assert {row["W_outcome"] for row in without} == {"applicability unknown"}


def test_rows_columns_and_their_order_stay():
    data = pl.DataFrame({"id": [3, 1, 2], "a1": [5, 4, 3], "a2": [5, 4, 3]})
    found = frames.scales(data, two("highest", "highest"))
    assert found.columns == ["id", "a1", "a2", "A", "A_outcome", "problem"]
    assert found["id"].to_list() == [3, 1, 2]


def test_items_under_other_names_and_an_empty_frame():
    data = pl.DataFrame({"Q1": [5], "a2": [5]})
    assert frames.scales(data, two("highest", "highest"), items={"a1": "Q1"})["A"][0] == 100
    empty = frames.scales(data.clear(), two("highest", "highest"), items={"a1": "Q1"})
    assert empty.columns[-3:] == ["A", "A_outcome", "problem"]


def test_a_questionnaire_of_ones_own_over_columns():
    items = [Item(f"q{at}", 5, "lowest", first=0) for at in range(13)]
    own = Questionnaire("own", [Scale("F", "fatigue", items, source=MADE_UP)])
    data = pl.DataFrame({item.key: [0, 4, 1] for item in items})
    assert frames.scales(data, own)["F"].to_list() == [100.0, 0.0, 75.0]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"applies": {"W": "a1"}}, UnknownTermError),  # not a scale of this questionnaire
        ({"applies": {"A": "employed"}}, UnknownTermError),  # not a column
        ({"items": {"a9": "a1"}}, UnknownTermError),
        ({"items": {"a1": "q1"}}, UnknownTermError),
        ({"items": {"a1": "text"}}, RecordError),
    ],
)
def test_columns_that_are_not_there_are_refused(given, kind):
    data = pl.DataFrame({"a1": [5], "a2": [5], "text": ["often"]})
    with pytest.raises(kind):
        frames.scales(data, two("highest", "highest"), **given)


def test_names_of_results_that_are_taken():
    data = pl.DataFrame({"a1": [5], "a2": [5], "A": [0.0]})
    with pytest.raises(RecordError, match='column "A"'):
        frames.scales(data, two("highest", "highest"))
    assert frames.scales(data, two("highest", "highest"), overwrite=True)["A"][0] == 100
    paq = itp_paq.questionnaire(ItemMap([("A", Item(name, 5, "highest")) for name in ("A", "a2")]))
    with pytest.raises(NotPermittedError, match="would be replaced"):
        frames.scales(data, paq, overwrite=True)


# --- visits ---------------------------------------------------------------------------------------

WIDE = SCHEDULE.with_windows(D14=Window(before=0, after=12), M1=Window(before=14, after=7))
NAMES = ("protocol_day", "visit", "target_day", "first_day", "last_day", "difference")
NAMES = (*NAMES, "timing", "used", "problem")


def records(patients, seed):
    """Random dates of infusion and of records, several in one window, rows in no order."""
    draw = random.Random(seed)
    rows = []
    for number in range(patients):
        infusion = dt.date(2023, 1, 1) + dt.timedelta(draw.randint(0, 1500))
        for day in draw.choices(range(-10, 200), k=draw.randint(0, 40)):
            date = infusion + dt.timedelta(day)
            rows.append({"patient": f"SYN-{number}", "infusion": infusion, "date": date})
    draw.shuffle(rows)
    return rows


def expected_visits(rows, schedule, months, gap_free):
    found = {}
    for patient in {row["patient"] for row in rows}:
        mine = [row for row in rows if row["patient"] == patient]
        calendar = schedule.on(mine[0]["infusion"], months=months, gap_free=gap_free)
        for one in assign(calendar, [row["date"] for row in mine]).records:
            visit = one.visit
            window = (None,) * 4
            if visit is not None:
                first, last = (day - calendar.infusion for day in (visit.first, visit.last))
                window = (visit.key, visit.day.number, first.days, last.days)
            found[patient, one.on] = (
                one.day.number, *window, one.difference, one.timing.label, one.used, None,
            )  # fmt: skip
    return found


ROWS = records(25, seed=3)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("months", ["30 days", "28 days", "calendar"])
@pytest.mark.parametrize(
    ("schedule", "gap_free"),
    [(SCHEDULE, False), (SCHEDULE, True), (WIDE, False)],
    ids=["trial", "gap-free", "wide"],
)
def test_visits_agree_with_the_scalar_path(engine, months, gap_free, schedule):
    df = native(ROWS, engine)
    if engine == "pandas":
        df = df.astype({"date": "datetime64[ns]", "infusion": "datetime64[ns]"})
    given = {"date": "date", "infusion": "infusion", "months": months, "gap_free": gap_free}
    if engine == "pyarrow" and months == "calendar":
        with pytest.raises(NotPermittedError, match="PyArrow"):
            frames.assign_visits(df, schedule, **given)
        return
    found = back(frames.assign_visits(df, schedule, **given))
    wanted = expected_visits(ROWS, schedule, months, gap_free)
    assert len(found) == len(ROWS)
    for row in found:
        date = row["date"].date() if isinstance(row["date"], dt.datetime) else row["date"]
        assert tuple(row[name] for name in NAMES) == wanted[row["patient"], date]


@pytest.mark.parametrize("engine", ENGINES)
def test_days_instead_of_dates(engine):
    data = {"patient": ["a"] * 5 + ["b"], "day": [28, 32, 45, 0, None, 28], "row": range(6)}
    found = back(frames.assign_visits(native(data, engine), SCHEDULE, day="day"), by="row")
    assert [(row["visit"], row["timing"], row["used"]) for row in found] == [
        ("M1", "early", False),
        ("M1", "late", True),
        (None, "unscheduled", False),
        ("D0", "on time", True),
        (None, None, False),
        ("M1", "early", True),
    ]
    assert [row["problem"] for row in found] == [None] * 4 + ["day: missing", None]


@pytest.mark.parametrize("engine", ENGINES)
def test_two_records_of_one_date_are_one_visit(engine):
    data = {"patient": ["a", "a", "a"], "day": [31, 31, 28], "row": range(3)}
    found = back(frames.assign_visits(native(data, engine), SCHEDULE, day="day"), by="row")
    assert [row["used"] for row in found] == [True, True, False]


@pytest.mark.parametrize("engine", ["polars", "pandas", "duckdb"])
def test_days_that_are_no_whole_numbers_are_problems(engine):
    data = {"patient": ["a"] * 4, "day": [1.5, float("inf"), 1e9, 30.0], "row": range(4)}
    found = back(frames.assign_visits(native(data, engine), SCHEDULE, day="day"), by="row")
    assert [row["visit"] for row in found] == [None, None, None, "M1"]
    assert {row["problem"] for row in found[:3]} == {
        "day: not a whole number of days from the infusion"
    }


@pytest.mark.parametrize("engine", ENGINES)
def test_a_missing_date_or_patient_is_told(engine):
    data = pl.DataFrame(
        {
            "patient": ["a", "a", None],
            "infusion": [dt.date(2025, 1, 15), None, dt.date(2025, 1, 15)],
            "date": [None, dt.date(2025, 2, 14), dt.date(2025, 2, 14)],
            "row": [0, 1, 2],
        }
    )
    df = native(data, engine)
    if engine == "pandas":
        df = df.astype({"date": "datetime64[ns]", "infusion": "datetime64[ns]"})
    found = back(frames.assign_visits(df, SCHEDULE, date="date", infusion="infusion"), by="row")
    assert [row["problem"] for row in found] == [
        "date: missing", "infusion: missing", "patient: missing",
    ]  # fmt: skip
    assert not any(row["used"] for row in found)


def test_a_moment_counts_by_its_own_clock():
    """23:30 in Shanghai is the same evening there, whatever the day is elsewhere."""
    moments = [dt.datetime(2025, 2, 14, 23, 30), dt.datetime(2025, 2, 14, 0, 30)]  # noqa: DTZ001
    data = pl.DataFrame(
        {"patient": ["a", "b"], "date": moments, "infusion": [dt.date(2025, 1, 15)] * 2}
    )
    for zone in ("Asia/Shanghai", "America/New_York"):
        local = data.with_columns(pl.col("date").dt.replace_time_zone(zone))
        found = frames.assign_visits(local, SCHEDULE, date="date", infusion="infusion")
        assert found["protocol_day"].to_list() == [30, 30]


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({}, MissingFactError),
        ({"date": "date"}, MissingFactError),
        ({"day": "day", "date": "date", "infusion": "infusion"}, MissingFactError),
        ({"day": "day", "months": "calendar"}, MissingFactError),
        ({"day": "days"}, UnknownTermError),
        ({"day": "day", "patient": "subject"}, UnknownTermError),
        ({"day": "text"}, RecordError),
        ({"date": "text", "infusion": "infusion"}, RecordError),
        ({"day": "day", "months": "31 days"}, UnknownTermError),
    ],
)
def test_what_cannot_be_assigned_is_refused(given, kind):
    day = dt.date(2025, 1, 15)
    data = pl.DataFrame(
        {"patient": ["a"], "day": [30], "text": ["x"], "date": [day], "infusion": [day]}
    )
    with pytest.raises(kind):
        frames.assign_visits(data, SCHEDULE, **given)


def test_windows_that_contradict_each_other_in_some_month_are_refused():
    """In February month 1 comes 28 days after the infusion, and before day 29."""
    plan = Schedule("made up", [Visit("D29", day=29), Visit("M1", months=1)], source=MADE_UP)
    day = dt.date(2025, 7, 15)
    data = pl.DataFrame({"patient": ["a"], "date": [day], "infusion": [day]})
    with pytest.raises(ImpossibleError, match="not after"):
        frames.assign_visits(data, plan, date="date", infusion="infusion", months="calendar")


def test_names_of_visit_columns_that_are_taken():
    data = pl.DataFrame({"patient": ["a"], "day": [30], "visit": ["x"]})
    with pytest.raises(RecordError, match='column "visit"'):
        frames.assign_visits(data, SCHEDULE, day="day")
    found = frames.assign_visits(data, SCHEDULE, day="day", overwrite=True)
    assert found["visit"].to_list() == ["M1"]
    with pytest.raises(NotPermittedError, match="would be replaced"):
        frames.assign_visits(data, SCHEDULE, day="day", patient="visit", overwrite=True)
