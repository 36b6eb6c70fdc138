"""Therapy over columns: every engine gives what the scalar assessment gives."""

import math
import random

import pytest

pytest.importorskip("polars", reason="the frames of this test need polars")

import polars as pl

from itp_carT import frames
from itp_carT.errors import ItpCarTError, NotPermittedError, RecordError, UnknownTermError
from itp_carT.therapy.course import assess
from itp_carT.therapy.options import Options
from itp_carT.therapy.records import DoseRecord

ENGINES = ("polars", "polars lazy", "pandas", "duckdb")
DRUGS = (
    ("prednisone", ("mg",), ("QD", "BID", "QOD", "PRN")),
    ("Dexamethasone", ("mg",), ("QD", "QW")),
    ("methylprednisolone", ("mg", "g"), ("QD",)),
    ("eltrombopag", ("mg",), ("QD", "TIW")),
    ("danazol", ("mg",), ("BID",)),
    ("romiplostim", ("ug", "mcg"), ("QW", "ONCE")),
    ("IVIg", ("g/kg",), ("QD", "ONCE", "Q4W")),
    ("rituximab", ("mg",), ("QW", "ONCE")),
    ("platelet transfusion", ("",), ("ONCE",)),
    ("fludarabine", ("mg",), ("QD",)),
)
SCHEMA = {
    "patient": pl.String, "drug": pl.String, "dose": pl.Float64, "unit": pl.String,
    "frequency": pl.String, "purpose": pl.String, "start": pl.Int64, "end": pl.Int64,
    "until": pl.Int64,
}  # fmt: skip


def draw_rows(patients, seed):
    """Synthetic medication of synthetic patients, most of it without overlap."""
    draw, rows = random.Random(seed), []
    for number in range(patients):
        until = draw.choice((60, 180, 181))
        for drug, units, often in draw.sample(DRUGS, draw.randint(1, 4)):
            day = draw.randint(-120, 30)
            for _ in range(draw.randint(1, 5)):
                length = draw.choice((1, 7, 14, 28, 60))
                code = draw.choice(often)
                end = day if code == "ONCE" else day + length - 1
                dose = draw.choice((0.0, 5.0, 7.5, 10.0, 20.0, 37.5, 50.0, 1.0, 40.0, None))
                procedure = not units[0]
                rows.append(
                    {
                        "patient": f"P{number:04}",
                        "drug": drug,
                        "dose": None if procedure else dose,
                        "unit": draw.choice(units) or None,
                        "frequency": code,
                        "purpose": draw.choice(("ITP", "ITP", "ITP", None, "toxicity")),
                        "start": day,
                        "end": None if code == "ONCE" and draw.random() < 0.5 else end,
                        "until": until,
                    }
                )
                day = end + draw.choice((1, 1, 1, 3, 30, 0))
            if draw.random() < 0.3 and rows[-1]["frequency"] != "ONCE":
                rows[-1]["end"] = None
    draw.shuffle(rows)
    return rows


def frame_of(rows, engine):
    df = pl.DataFrame(rows, schema=SCHEMA)
    if engine == "polars lazy":
        return df.lazy()
    if engine == "pandas":
        pd = pytest.importorskip("pandas")
        return pd.DataFrame(rows, columns=list(SCHEMA)).astype({"start": float, "end": float})
    if engine == "duckdb":
        duckdb = pytest.importorskip("duckdb")
        return duckdb.from_arrow(df.to_arrow())
    return df


def records(native):
    if hasattr(native, "collect"):
        native = native.collect()
    if isinstance(native, pl.DataFrame):
        return native.to_dicts()
    if hasattr(native, "to_arrow_table"):
        return native.to_arrow_table().to_pylist()
    if hasattr(native, "arrow"):
        return native.arrow().read_all().to_pylist()
    return native.to_dict("records")


def plain(value):
    """Turn what stands for nothing in an engine into None."""
    missing = value is None or str(value) in {"<NA>", "nan", "None"}
    return None if missing else value


def scalar(rows, options):
    """Each patient by the library's own scalar assessment."""
    found, by_patient = {}, {}
    for row in rows:
        by_patient.setdefault(row["patient"], []).append(row)
    for name, own in by_patient.items():
        try:
            found[name] = assess(
                [
                    DoseRecord(
                        row["drug"],
                        None if row["dose"] is None else f"{row['dose']!r} {row['unit']}",
                        row["frequency"],
                        start=row["start"],
                        end=row["end"],
                        purpose=row["purpose"],
                    )
                    for row in own
                ],
                until=own[0]["until"],
                options=options,
            )
        except ItpCarTError as error:
            found[name] = error
    return found


def close(one, other):
    one, other = plain(one), plain(other)
    if one is None or other is None:
        return one is None and other is None
    return math.isclose(float(one), float(other), rel_tol=1e-9, abs_tol=1e-9)


def differences(found, courses):
    agents = {(row["patient"], row["agent"]): row for row in records(found.agents)}
    sound = {name: one for name, one in courses.items() if not isinstance(one, ItpCarTError)}
    expected = {(name, a.name): a for name, one in sound.items() for a in one.agents}
    assert set(agents) == set(expected)
    for key, agent in expected.items():
        row, stop = agents[key], agent.discontinuation
        numbers = {
            "baseline": agent.baseline.exact, "current": agent.current.exact,
            "average": agent.average.exact, "decrease": agent.decrease.exact,
            "average_decrease": agent.average_decrease.exact,
            "reduced_on": agent.reduction.on, "pending_since": agent.reduction.pending_since,
            "stopped_on": stop.stopped_on, "longest": stop.longest,
            "cumulative": stop.cumulative, "current_run": stop.current,
            "last": agent.series.last,
        }  # fmt: skip
        for name, value in numbers.items():
            if not close(row[name], value):
                yield key, name, row[name], value
        if row["unit"] != agent.unit:
            yield key, "unit", row["unit"], agent.unit
        why = agent.decrease.why_not.partition(":")[0] or None
        if plain(row["why_not"]) != why:
            yield key, "why_not", row["why_not"], why
    patients = {row["patient"]: row for row in records(found.patients)}
    assert set(patients) == set(courses)
    for name, course in courses.items():
        row = patients[name]
        if isinstance(course, ItpCarTError):
            if plain(row["problem"]) is None:
                yield name, "problem", None, str(course)
            continue
        one = course.combined()
        numbers = {
            "last": course.last, "before": len(one.before), "after": len(one.after),
            "reduced": len(one.reduced), "stopped": len(one.stopped), "composite": one.composite,
        }  # fmt: skip
        for column, value in numbers.items():
            if not close(row[column], value):
                yield name, column, row[column], value
        if plain(row["problem"]) is not None:
            yield name, "problem", row["problem"], None


ROWS = draw_rows(120, seed=7)


OPTIONS = {
    "sum": Options(overlap="sum", new_therapy="ignored"),
    "half": Options(threshold="50 %", strict=False, sustain_days=14, gap_days=7, first_day=1),
    "windows": Options(effects={"romiplostim": 14}, baseline=(-14, -1)),
}


@pytest.mark.parametrize(
    ("engine", "options"),
    [(engine, Options()) for engine in ENGINES]
    + [(engine, options) for engine in ("polars", "pandas") for options in OPTIONS.values()],
)
def test_columns_and_the_scalar_assessment_agree(engine, options):
    found = frames.therapy(frame_of(ROWS, engine), until="until", options=options)
    assert list(differences(found, scalar(ROWS, options))) == []


def test_three_thousand_patients_without_a_difference():
    rows = draw_rows(3000, seed=11)
    found = frames.therapy(frame_of(rows, "polars"), until="until")
    assert list(differences(found, scalar(rows, Options()))) == []


@pytest.mark.parametrize("engine", ENGINES)
def test_the_daily_doses_are_those_of_the_scalar_assessment(engine):
    rows = draw_rows(40, seed=3)
    courses = scalar(rows, Options())
    expected = {
        (name, agent.name, day): dose
        for name, course in courses.items()
        if not isinstance(course, ItpCarTError)
        for agent in course.agents
        for day, dose in agent.series.daily()
        if day >= -19
    }
    daily = records(frames.therapy(frame_of(rows, engine), until="until").daily)
    found = {(row["patient"], row["agent"], row["day"]): row["dose"] for row in daily}
    assert len(daily) == len(found)
    assert set(found) == set(expected)
    assert [key for key in expected if not close(found[key], expected[key])] == []


def test_the_worked_examples_over_columns():
    """W15, W19 and W21 of the notes."""
    rows = [
        ("W15", "prednisone", 20.0, -60, 29), ("W15", "prednisone", 10.0, 30, 59),
        ("W19", "prednisone", 20.0, -60, -1), ("W19", "prednisone", 15.0, 0, 59),
        ("W21", "prednisone", 10.0, -60, 179), ("W21", "methylprednisolone", 8.0, -60, 179),
    ]  # fmt: skip
    df = pl.DataFrame(rows, schema=["patient", "drug", "dose", "start", "end"], orient="row")
    found = frames.therapy(df, unit="mg", frequency="QD", until=179).agents
    assert found["average"].to_list() == [5.0, 5.0, 20.0]
    assert found["average_decrease"].to_list() == [75.0, 75.0, 0.0]
    assert found["cumulative"].to_list() == [120, 120, 0]
    assert found["reduced_on"].to_list() == [30, 60, None]


def test_a_patient_with_a_problem_has_no_result_and_the_others_stay():
    good = {
        "patient": "good", "drug": "danazol", "dose": 200.0, "unit": "mg", "frequency": "BID",
        "purpose": "ITP", "start": -60, "end": 20, "until": 180,
    }  # fmt: skip
    wrong = {
        "overlap": ({"end": 10}, {"start": 5}),
        "backwards": ({"end": -61},),
        "unknown drug": ({"drug": "danazole"},),
        "unknown frequency": ({"frequency": "sometimes"},),
        "unit": ({"unit": "mL"},),
        "no unit": ({"unit": None},),
        "below zero": ({"dose": -1.0},),
        "no start": ({"start": None},),
        "no last day": ({"until": None},),
        "no frequency": ({"frequency": None},),
        "topical": ({"drug": "betamethasone", "route": "topical"},),
        "half a day": ({"start": -60.5},),
        "far away": ({"end": 1e9},),
    }
    said = {
        "overlap": "share a day", "backwards": "before the start", "unknown drug": "danazol",
        "unknown frequency": "frequency", "unit": "mL", "no unit": "no unit",
        "below zero": "below zero", "no start": "start", "no last day": "until",
        "no frequency": "frequency", "topical": "topical",
        "half a day": "whole number", "far away": "century",
    }  # fmt: skip
    rows = [good]
    rows += [{**good, "patient": name} | change for name, some in wrong.items() for change in some]
    for engine in ENGINES:
        days = {"start": pl.Float64, "end": pl.Float64}
        df = pl.DataFrame(rows, schema={**SCHEMA, **days, "route": pl.String})
        native = {
            "polars": lambda df=df: df,
            "polars lazy": lambda df=df: df.lazy(),
            "pandas": lambda df=df: df.to_pandas(),
            "duckdb": lambda df=df: pytest.importorskip("duckdb").from_arrow(df.to_arrow()),
        }[engine]()
        found = frames.therapy(native, until="until")
        assert [row["patient"] for row in records(found.agents)] == ["good"]
        told = {row["patient"]: plain(row["problem"]) for row in records(found.patients)}
        assert told.pop("good") is None
        assert told.keys() == said.keys()
        for name, words in said.items():
            assert words in told[name], (engine, name, told[name])


def test_what_columns_cannot_do_is_named():
    df = frame_of(ROWS[:5], "polars")
    with pytest.raises(NotPermittedError) as error:
        frames.therapy(df, until="until", options=Options(overlap="latest_start"))
    assert error.value.field == "overlap"
    with pytest.raises(UnknownTermError):
        frames.therapy(df, until="cutoff")
    with pytest.raises(UnknownTermError):
        frames.therapy(df, until=180, drug="medicine")
    with pytest.raises(NotPermittedError):
        frames.therapy(df.to_arrow(), until=180)
    with pytest.raises(NotPermittedError):
        frames.therapy(df, until=180, options=Options(baseline=(-5, 5)))


def test_a_row_without_a_patient():
    with pytest.raises(RecordError):
        frames.therapy(pl.DataFrame([ROWS[0] | {"patient": None}], schema=SCHEMA), until=180)


def test_an_empty_frame_has_no_patients():
    found = frames.therapy(pl.DataFrame([], schema=SCHEMA), until=180)
    assert len(found.agents) == len(found.patients) == len(found.daily) == 0


@pytest.mark.dask
def test_dask_runs_the_scalar_assessment_patient_by_patient():
    dd = pytest.importorskip("dask.dataframe", reason="needs the extra dask")
    rows = draw_rows(20, seed=5)
    df = dd.from_pandas(frame_of(rows, "pandas"), npartitions=3)
    found = frames.therapy(df, until="until")
    made = frames.TherapyFrames(
        found.agents.compute(),
        found.patients.compute,
        found.daily.compute,
    )
    assert list(differences(made, scalar(rows, Options()))) == []
    assert len(made.daily)


@pytest.mark.spark
def test_spark_runs_the_scalar_assessment_patient_by_patient(spark):
    rows = draw_rows(20, seed=5)
    df = spark.createDataFrame(
        [tuple(row[name] for name in SCHEMA) for row in rows],
        "patient string, drug string, dose double, unit string, frequency string, "
        "purpose string, start long, end long, until long",
    )
    found = frames.therapy(df, until="until")
    made = frames.TherapyFrames(
        found.agents.toPandas(),
        found.patients.toPandas,
        found.daily.toPandas,
    )
    assert list(differences(made, scalar(rows, Options()))) == []
