"""Response and bleeding over columns: every engine agrees with the scalar walk on every course."""

import random

import pytest

pytest.importorskip("polars", reason="needs Polars, an extra")

import narwhals.stable.v2 as nw
import polars as pl

from itp_carT import frames
from itp_carT.bleeding import chinese_adult
from itp_carT.bleeding.items import UNASSESSED
from itp_carT.errors import (
    ItpCarTError,
    NotPermittedError,
    RecordError,
    UnitRequiredError,
    UnknownTermError,
)
from itp_carT.frames import course as columns_course
from itp_carT.response import ash_2019, chinese_2020, iwg_2009, nct05315778
from itp_carT.response.course import assess
from itp_carT.response.records import Count, Rescue
from itp_carT.response.windows import Windows

IWG = iwg_2009.CRITERIA
SETS = (
    IWG,
    nct05315778.LITERAL,
    nct05315778.HARMONIZED,
    chinese_2020.CRITERIA,
    ash_2019.CRITERIA,
)
NAMES = ("patient", "day", "platelets", "unit", "bleeding", "rescue", "rescue_end")
ENGINES = ("polars", "polars lazy", "pandas", "duckdb")


def draw_rows(patients, seed, *, signs=False, until=70):
    """Synthetic courses that sit on the limits often; rows in no order.

    With missing counts, unknown and missing bleeding, units mixed within a patient, repeats of one
    day, rescue of each kind; with ``signs`` the counts are text, some below the reporting limit.
    """
    draw = random.Random(seed)

    def written(value):
        if not signs or value is None:
            return value
        return f"{draw.choice(['<', '< ', *[''] * 8])}{value!r}"

    rows = []
    for number in range(patients):
        patient = f"SYN-{number:05d}"
        if draw.random() < 0.9:
            base = written(float(draw.choice([0, 2, 10, 12, 15, 20, 50])))
            rows.append((patient, draw.choice([-5, -6, -12, -4]), base, "10^9/L", None, None, None))
        level = draw.uniform(5, 150)
        for day in draw.sample(range(-1, until), draw.randint(0, 12)):
            level = min(max(level * draw.uniform(0.5, 2), 1), 300)
            count = (
                float(int(level)) if draw.random() < 0.7 else draw.choice([24.0, 30.0, 99.9, 100.0])
            )
            unit = draw.choice(["10^9/L", "10^9/L", "/uL", "K/uL"])
            value = None if draw.random() < 0.08 else count * (1000 if unit == "/uL" else 1)
            bled = draw.choice(["no"] * 8 + ["yes", "Unknown", None])
            rows.append((patient, day, written(value), unit, bled, None, None))
            if draw.random() < 0.06:  # the same count again on that day, perhaps in another unit
                unit = draw.choice(["10^9/L", "/uL"])
                value = value and count * (1000 if unit == "/uL" else 1)
                again = draw.choice(["no", "no", "yes", None])
                rows.append((patient, day, written(value), unit, again, None, None))
        for _ in range(draw.choice([0, 0, 0, 0, 1, 1, 2])):
            kind = draw.choice(["transfusion", "other", "New ITP therapy", "crs steroid"])
            start = draw.randint(-15, 65)
            end = draw.choice([None, start, start + 4])
            rows.append((patient, start, None, None, None, kind, end))
    draw.shuffle(rows)
    return rows


def frame_of(rows, engine):
    signs = any(isinstance(row[2], str) for row in rows)
    count = pl.String if signs else pl.Float64
    kinds = dict(zip(NAMES, (pl.String, pl.Int64, count, *[pl.String] * 3, pl.Int64), strict=True))
    found = pl.DataFrame(rows, schema=kinds, orient="row")
    if engine == "polars lazy":
        return found.lazy()
    if engine == "pandas":
        pd = pytest.importorskip("pandas", reason="needs pandas, an extra")
        return pd.DataFrame(rows, columns=list(NAMES))
    if engine == "duckdb":
        pytest.importorskip("pyarrow", reason="needs PyArrow, an extra")
        duckdb = pytest.importorskip("duckdb", reason="needs DuckDB, an extra")
        return duckdb.from_arrow(found.to_arrow())
    return found


def scalar(rows, criteria):
    """Assess the same rows patient by patient."""
    counts, rescues = {}, {}
    for patient, day, value, unit, bled, kind, end in rows:
        if kind is not None:
            rescues.setdefault(patient, []).append(Rescue(kind, day, end))
        number = value if isinstance(value, str) else repr(value)
        text = None if value is None else f"{number} {unit}"
        counts.setdefault(patient, []).append(
            Count(day, text, bleeding=None if bled is None else bled.lower())
        )
    return {
        name: assess(part, criteria, rescue=rescues.get(name, ())) for name, part in counts.items()
    }


def records(native):
    frame = nw.from_native(native)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    rows = frame.rows(named=True)
    return [{name: plain(value) for name, value in row.items()} for row in rows]


def plain(value):
    """Turn what stands for nothing in an engine into None."""
    return None if value is None or value != value or str(value) in {"<NA>", "NaT"} else value  # noqa: PLR0124


def ending(part, prefix):
    why = part and (part.why.partition(":")[0] if part.event else "last assessment in response")
    return {
        f"{prefix}duration": part and part.days,
        f"{prefix}event": part and part.event,
        f"{prefix}lost_on": part.end if part and part.event else None,
        f"{prefix}ended_by": why,
    }


def expected(course):
    number = course.baseline
    return {
        "baseline": number if number is None else number.m_as("10^9/L"),
        "best": course.best.name,
        "responded_on": course.responded_on,
        "time_to_response": course.time_to_response,
        "complete_on": course.complete_on,
        "problem": None,
        "problem_on": None,
        "flags": "; ".join(course.flags),
        **ending(course.response, ""),
        **ending(course.complete, "complete_"),
    }


def near(one, other):
    """Equal; a count may differ in the last digit of a conversion."""
    if isinstance(one, float) and isinstance(other, float):
        return abs(one - other) <= 1e-12 * abs(other)
    return one == other


def differences(found, courses, criteria):
    """Every cell in which the columns and the scalar walk differ."""
    wrong = []
    patients = {row["patient"]: row for row in records(found.patients)}
    assert set(patients) == set(courses)
    visits = {}
    for row in records(found.visits):
        visits.setdefault(row["patient"], []).append(row)
    for name, course in courses.items():
        want = expected(course)
        for key, value in patients[name].items():
            if key != "patient" and not near(value, want[key]):
                wrong.append((criteria.key, name, key, value, want[key]))
        seen = sorted(visits[name], key=lambda row: row["day"])
        assert [row["day"] for row in seen] == [visit.day for visit in course.visits]
        for row, visit in zip(seen, course.visits, strict=True):
            same = (
                near(row["platelets"], visit.platelets)
                and row["bleeding"] == visit.bleeding
                and row["status"] == visit.status.name
                and row["used"] is visit.used
                and (row["why_not"] == "") is visit.used
            )
            if not same:
                wrong.append((criteria.key, name, row, visit))
    return wrong


ROWS = draw_rows(600, seed=1)
SIGNS = draw_rows(600, seed=5, signs=True)
LONG = draw_rows(400, seed=6, until=400)
MANY = draw_rows(10_000, seed=2)


@pytest.mark.parametrize("criteria", SETS, ids=lambda c: c.key)
@pytest.mark.parametrize("engine", ENGINES)
def test_columns_and_the_scalar_walk_agree(engine, criteria):
    found = frames.response(frame_of(ROWS, engine), criteria)
    assert differences(found, scalar(ROWS, criteria), criteria) == []


def timed_differences(native, courses):
    """Every outcome at a time in which the columns and the scalar walk differ."""
    told = {row["patient"]: row for row in records(native)}
    assert set(told) == set(courses)
    return [
        (name, told[name], course.at_month_6, course.terms)
        for name, course in courses.items()
        if told[name] != {"patient": name, "at_month_6": course.at_month_6.name, **course.terms}
    ]


@pytest.mark.parametrize(
    ("engine", "criteria"),
    [*((engine, chinese_2020.CRITERIA) for engine in ENGINES), *(("polars", one) for one in SETS)],
    ids=lambda given: getattr(given, "key", given),
)
def test_outcomes_at_a_time_agree(engine, criteria):
    courses = scalar(LONG, criteria)
    if criteria is chinese_2020.CRITERIA:  # every answer occurs
        assert {course.terms["durable"] for course in courses.values()} == {True, False, None}
    assert timed_differences(frames.response(frame_of(LONG, engine), criteria).timed, courses) == []


@pytest.mark.parametrize(
    "windows",
    [Windows(tie="earlier"), Windows(month="30.4375 days"), Windows(week_1=(1, 20))],
    ids=str,
)
def test_outcomes_at_a_time_agree_for_other_windows(windows):
    criteria = chinese_2020.CRITERIA.with_options(windows=windows, dated_by="second")
    found = frames.response(frame_of(LONG, "polars"), criteria)
    assert timed_differences(found.timed, scalar(LONG, criteria)) == []


def test_calendar_months_are_refused_where_they_are_asked_for():
    criteria = IWG.with_options(windows=Windows(month="calendar"))
    found = frames.response(frame_of(GOOD, "polars"), criteria)
    assert found.patients["best"].to_list() == ["R"]
    with pytest.raises(NotPermittedError) as caught:
        _ = found.timed
    assert caught.value.field == "windows"


def test_a_patient_with_a_problem_has_no_outcome_at_a_time():
    rows = [*GOOD, ("SYN-2", 180, -1.0, "G/L", "no", None, None)]
    found = records(frames.response(frame_of(rows, "polars"), chinese_2020.CRITERIA).timed)
    assert [row["at_month_6"] for row in found] == ["NE", None]


@pytest.mark.parametrize(
    ("engine", "same_day", "below"),
    [
        *((engine, "refuse", "unknown") for engine in ENGINES),
        *(
            ("polars", day, below)
            for day in ("lowest", "highest")
            for below in ("limit", "unknown")
        ),
    ],
)
def test_counts_below_the_reporting_limit_agree(engine, same_day, below):
    criteria = chinese_2020.CRITERIA.with_options(baseline_below_limit=below, same_day=same_day)
    found = frames.response(frame_of(SIGNS, engine), criteria)
    assert differences(found, scalar(SIGNS, criteria), criteria) == []


@pytest.fixture(scope="module")
def many_courses():
    return scalar(MANY, IWG)


@pytest.mark.parametrize("engine", ENGINES)
def test_ten_thousand_courses_without_a_difference(engine, many_courses):
    found = frames.response(frame_of(MANY, engine), IWG)
    assert differences(found, many_courses, IWG) == []


def test_a_large_frame_is_assessed_in_parts_of_whole_patients(monkeypatch):
    monkeypatch.setattr(columns_course, "_MANY", 1_000)
    for engine in ("polars", "pandas"):
        found = frames.response(frame_of(ROWS, engine), IWG)
        assert differences(found, scalar(ROWS, IWG), IWG) == []


CHOICES = [
    {"confirm_response_days": 0},
    {"confirm_response_days": 14, "confirm_loss_days": 0},
    {"dated_by": "second"},
    {"transfusion_days": 56, "rescue_days": 56},
    {"rescue": "mask"},
    {"rescue": "ignored"},
    {"transfusion": "mask"},
    {"transfusion": "failure"},
    {"crs_steroids": "ignored"},
    {"bleeding_twice": True},
    {"baseline": "before infusion"},
    {"baseline": "any"},
    {"conditioning_day": -7, "clock": "conditioning"},
    {"first_day": 10},
    {"confirm_response_days": 0, "last_day": 30},
]


@pytest.mark.parametrize("choice", CHOICES, ids=str)
def test_columns_and_the_scalar_walk_agree_on_every_option_they_share(choice):
    criteria = IWG.with_options(**choice)
    for engine in ("polars", "polars lazy"):
        found = frames.response(frame_of(ROWS, engine), criteria)
        assert differences(found, scalar(ROWS, criteria), criteria) == []


@pytest.mark.parametrize(
    "choice",
    [
        {"between": "ends"},
        {"confirm_loss_days": 2},
        {"same_day": "last"},
        {"on_treatment": "no response"},
        {"death": "event"},
        {"last_day": 180},
    ],
    ids=str,
)
def test_an_option_the_columns_do_not_know_is_named(choice):
    with pytest.raises(NotPermittedError) as caught:
        frames.response(frame_of(ROWS[:5], "polars"), IWG.with_options(**choice))
    assert caught.value.field == next(iter(choice))


# Fewer courses: each patient is a call of Python in a task of its own, tens of milliseconds each.
FEW = draw_rows(200, seed=3)


@pytest.mark.dask
def test_dask_reads_counts_below_the_limit():
    dd = pytest.importorskip("dask.dataframe", reason="needs Dask, an extra")
    rows = draw_rows(100, seed=7, signs=True)
    found = frames.response(dd.from_pandas(frame_of(rows, "pandas"), npartitions=2), IWG)
    done = frames.ResponseFrames(found.patients.compute(), found.visits.compute, None)
    assert differences(done, scalar(rows, IWG), IWG) == []


@pytest.mark.dask
def test_dask_runs_the_walk_patient_by_patient():
    dd = pytest.importorskip("dask.dataframe", reason="needs Dask, an extra")
    df = dd.from_pandas(frame_of(FEW, "pandas"), npartitions=3)
    found = frames.response(df, IWG)
    done = frames.ResponseFrames(found.patients.compute(), found.visits.compute, None)
    assert differences(done, scalar(FEW, IWG), IWG) == []
    timed = frames.response(df, chinese_2020.CRITERIA).timed.compute()
    assert timed_differences(timed, scalar(FEW, chinese_2020.CRITERIA)) == []


@pytest.mark.spark
def test_spark_runs_the_walk_patient_by_patient(spark):
    kinds = (
        "patient string, day long, platelets double, unit string, bleeding string, rescue string, "
        "rescue_end long"
    )
    found = frames.response(spark.createDataFrame(FEW, kinds), IWG)
    done = frames.ResponseFrames(found.patients.toPandas(), found.visits.toPandas, None)
    assert differences(done, scalar(FEW, IWG), IWG) == []


def test_an_engine_that_cannot_is_told_which_can():
    pytest.importorskip("pyarrow", reason="needs PyArrow, an extra")
    with pytest.raises(
        NotPermittedError, match="pandas, Polars, DuckDB, PySpark or Dask"
    ) as caught:
        frames.response(frame_of(ROWS[:5], "polars").to_arrow(), IWG)
    assert caught.value.field == "df"


GOOD = [("SYN-1", -5, 12.0, "G/L", None, None, None), ("SYN-1", 14, 45.0, "G/L", "no", None, None),
        ("SYN-1", 21, 52.0, "G/L", "no", None, None)]  # fmt: skip
PROBLEMS = [
    # what is wrong, the row, the day it is told with
    ("platelets: below zero", ("SYN-2", 14, -1.0, "G/L", "no", None, None), 14),
    ("platelets: below zero", ("SYN-2", 14, float("inf"), "G/L", "no", None, None), 14),
    ("unit: not a unit", ("SYN-2", 14, 45.0, "g/L", "no", None, None), 14),
    ("unit: not a unit", ("SYN-2", 14, 45.0, None, "no", None, None), 14),
    ("bleeding: write", ("SYN-2", 14, 45.0, "G/L", "some", None, None), 14),
    ("rescue: not a kind", ("SYN-2", 14, None, None, None, "magic", None), 14),
    ("rescue_end: before", ("SYN-2", 14, None, None, None, "other", 13), 14),
    ("rescue_end: before", ("SYN-2", 14, None, None, None, "other", 20260323), 14),
    ("day: not whole days", ("SYN-2", 20260323, 45.0, "G/L", "no", None, None), None),
    ("day: missing", ("SYN-2", None, 45.0, "G/L", "no", None, None), None),
]


@pytest.mark.parametrize("engine", ENGINES)
def test_a_patient_with_a_problem_has_no_result_and_the_others_stay(engine):
    bad = [(f"SYN-2{at}", *row[1:]) for at, (_, row, _) in enumerate(PROBLEMS)]
    found = records(frames.response(frame_of([*GOOD, *bad], engine), IWG).patients)
    one, *others = sorted(found, key=lambda row: row["patient"])
    assert (one["best"], one["duration"], one["problem"]) == ("R", 7, None)
    for got, (problem, _, day) in zip(others, PROBLEMS, strict=True):
        assert got["problem"].startswith(problem)
        assert got["problem_on"] == day
        assert (got["best"], got["responded_on"], got["duration"]) == (None, None, None)


def test_columns_that_hold_nothing_are_left_out():
    """An empty column of pandas has no type to go by."""
    (found,) = records(frames.response(frame_of(GOOD, "pandas"), IWG).patients)
    assert (found["best"], found["duration"]) == ("R", 7)


@pytest.mark.parametrize("engine", ENGINES)
def test_two_values_on_one_day(engine):
    rows = [*GOOD, ("SYN-1", 21, 20.0, "G/L", "no", None, None)]
    (told,) = records(frames.response(frame_of(rows, engine), IWG).patients)
    assert told["problem"].startswith("platelets: two different counts")
    assert (told["problem_on"], told["best"]) == (21, None)
    for option, best in (("lowest", "NR"), ("highest", "R")):
        criteria = IWG.with_options(same_day=option)
        (found,) = records(frames.response(frame_of(rows, engine), criteria).patients)
        assert found["best"] == best
    same = [*GOOD, ("SYN-1", 21, 52000.0, "/uL", "yes", None, None)]
    visits = records(frames.response(frame_of(same, engine), IWG).visits)
    assert {row["day"]: row["bleeding"] for row in visits}[21] is True


def test_a_day_that_is_no_whole_number_is_told_and_moves_nobody_else():
    """A date written as a number would, as a day, reach far beyond its patient."""
    df = frame_of(GOOD, "polars").with_columns(pl.col("day").cast(pl.Float64))
    odd = df.with_columns(patient=pl.lit("SYN-0"), day=pl.col("day") + 0.5)
    date = df.with_columns(patient=pl.lit("SYN-00"), day=pl.lit(20260323.0))
    found = records(frames.response(pl.concat([df, odd, date]), IWG).patients)
    assert [row["best"] for row in found] == [None, None, "R"]
    assert {row["problem"][:19] for row in found[:2]} == {"day: not whole days"}


@pytest.mark.parametrize(
    ("written", "read"),
    [("45", True), (" 45.0 ", True), ("4.5e1", True), ("<45", True), ("< 45", True),
     ("sixty", False), ("-45", False), ("45 G/L", False), ("inf", False)],
)  # fmt: skip
def test_counts_written_as_text(written, read):
    rows = [(*row[:2], str(row[2]), *row[3:]) for row in GOOD]
    rows[1] = (*rows[1][:2], written, *rows[1][3:])
    (found,) = records(frames.response(frame_of(rows, "polars"), IWG).patients)
    if read:
        assert (found["best"], found["problem"]) == ("R", None)
        assert ("reporting limit" in found["flags"]) == written.startswith("<")
    else:
        assert found["problem"].startswith("platelets: below zero")


def test_columns_by_other_names_and_one_unit():
    df = (
        frame_of(GOOD, "polars")
        .drop("unit")
        .rename({"patient": "USUBJID", "day": "ADY", "platelets": "AVAL", "bleeding": "BLEED"})
    )
    found = frames.response(
        df, IWG, patient="USUBJID", day="ADY", platelets="AVAL", unit="K/uL", bleeding="BLEED"
    )
    assert found.patients["best"].to_list() == ["R"]


@pytest.mark.parametrize(
    ("change", "kind", "field"),
    [
        ({"unit": "furlong"}, UnitRequiredError, "unit"),
        ({"unit": "g/L"}, UnitRequiredError, "unit"),
        ({"patient": "subject"}, UnknownTermError, "patient"),
        ({"rescue": "drug"}, UnknownTermError, "rescue"),
        ({"day": "bleeding"}, UnknownTermError, "day"),
    ],
)
def test_a_column_that_cannot_be(change, kind, field):
    with pytest.raises(kind) as caught:
        frames.response(frame_of(GOOD, "polars"), IWG, **change)
    assert caught.value.field == field


def test_a_row_without_a_patient():
    with pytest.raises(RecordError, match="empty cells") as caught:
        frames.response(frame_of([*GOOD, (None, *GOOD[0][1:])], "polars"), IWG)
    assert caught.value.column == "patient"


def test_an_unknown_bleeding_is_never_a_no():
    df = frame_of(GOOD, "polars").drop("bleeding")
    found = frames.response(df, IWG)
    assert found.patients["best"].to_list() == ["NE"]
    assert found.visits["bleeding"].to_list() == [None] * 3


# --- the bleeding score -------------------------------------------------------------------------

ITEMS = ("skin", "mucosa", "viscera", "cns")
WORDS = {
    item.key: [None, "", "not assessed", *(level.key for level in item.levels),
               *(level.words.upper() for level in item.levels)]
    for item in chinese_adult.ITEMS
}  # fmt: skip


def assessments(number, seed=4):
    draw = random.Random(seed)
    return [
        {
            "row": at,
            "age": draw.choice([None, 18, 64, 65, 74, 75, 90]),
            **{key: draw.choice(WORDS[key]) for key in ITEMS},
            "rest": draw.choice([None, None, "none"]),
        }
        for at in range(number)
    ]


def score_of(row):
    given = {key: row[key] for key in ITEMS}
    if row["rest"] is not None:  # an empty cell was then assessed
        given = {key: None if value == "" else value for key, value in given.items()}
    return chinese_adult.score(age=row["age"], rest=row["rest"], **given)


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pandas", "pyarrow", "duckdb"])
def test_the_bleeding_score_over_columns_is_the_score_of_each_row(engine):
    rows = assessments(2_000)
    kinds = dict.fromkeys(("row", "age"), pl.Int64) | dict.fromkeys((*ITEMS, "rest"), pl.String)
    df = pl.DataFrame(rows, schema=kinds)
    if engine == "polars lazy":
        df = df.lazy()
    elif engine == "pandas":
        df = pytest.importorskip("pandas", reason="needs pandas, an extra").DataFrame(rows)
    elif engine in {"pyarrow", "duckdb"}:
        pytest.importorskip("pyarrow", reason="needs PyArrow, an extra")
        df = df.to_arrow()
        if engine == "duckdb":
            df = pytest.importorskip("duckdb", reason="needs DuckDB, an extra").from_arrow(df)
    found = sorted(records(frames.bleeding_score(df)), key=lambda row: row["row"])
    for row, got in zip(rows, found, strict=True):
        want = score_of(row)
        assert (got["symptom_least"], got["symptom_most"]) == (
            want.symptom.minimum, want.symptom.maximum,
        )  # fmt: skip
        assert (got["total_least"], got["total_most"]) == (want.total.minimum, want.total.maximum)
        for name in ("age_points", "symptom", "total"):
            points = want[name]
            assert got[name] == (points.value if points.settled else None)
        assert got["bleeding"] == want.bleeding()
        assert got["problem"] is None


@pytest.mark.parametrize(
    ("cell", "said"),
    [({"skin": "leg"}, "skin: write"), ({"age": 40.5}, "age"), ({"age": -1}, "age"),
     ({"age": 121}, "age"), ({"cns": "3"}, "cns: write")],
)  # fmt: skip
def test_a_cell_that_cannot_be_read_is_named(cell, said):
    row = {"age": 40, "skin": "none", "mucosa": "none", "viscera": "none", "cns": "none"} | cell
    found = frames.bleeding_score(pl.DataFrame([row]))
    assert found["problem"].item().startswith(said)
    assert found.select("symptom", "symptom_least", "total", "bleeding").row(0) == (None,) * 4


def test_what_is_not_assessed_is_not_none():
    assert "" in UNASSESSED
    found = frames.bleeding_score(pl.DataFrame({"skin": ["none"]})).row(0, named=True)
    assert (found["symptom"], found["symptom_least"], found["symptom_most"]) == (None, 0, 8)
    assert found["bleeding"] is None


def test_a_frame_without_findings():
    with pytest.raises(ItpCarTError, match="no column of findings"):
        frames.bleeding_score(pl.DataFrame({"age": [40]}))
    with pytest.raises(RecordError, match="total"):
        frames.bleeding_score(pl.DataFrame({"skin": ["none"], "total": [1]}))
