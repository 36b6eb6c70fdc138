"""The column reader: what it grades, what it refuses to grade, and that it agrees with `decide`."""

import decimal
import math
import random

import pytest

pytest.importorskip("polars", reason="needs Polars, an extra")

import narwhals.stable.v2 as nw
import polars as pl

from itp_carT import frames
from itp_carT.analytes import DIASTOLIC, PLATELETS, SYSTOLIC
from itp_carT.errors import DimensionError, NotPermittedError, RecordError, UnknownTermError
from itp_carT.observations import Lab
from itp_carT.rules import Row, Table
from itp_carT.sources import NCT05315778
from itp_carT.toxicity import ctcae_v5
from itp_carT.verdict import decide

ROWS = [
    # term, value, unit, lln, uln, baseline, grade
    ("Platelet count decreased", 75.0, "10^9/L", 150.0, None, None, 1),
    ("Platelet count decreased", 75000.0, "/mm3", 150000.0, None, None, 1),
    ("Platelet count decreased", 24.9, "G/L", 150.0, None, None, 4),
    ("platelet count decreased", 25.0, "K/uL", None, None, None, 3),
    ("Platelet count decreased", 149.0, "10^9/L", None, None, None, None),  # LLN missing
    ("Platelet count decreased", None, "10^9/L", 150.0, None, None, None),  # value missing
    ("Platelet count decreased", math.nan, "10^9/L", 150.0, None, None, None),
    ("Platelet count decreased", 24.0, None, 150.0, None, None, None),  # unit missing
    ("Platelet count decreased", 24.0, "furlong", 150.0, None, None, None),
    ("No such term", 24.0, "10^9/L", 150.0, None, None, None),
    ("Anemia", 8.0, "g/dL", 12.0, None, None, 2),
    ("Anemia", 79.0, "g/L", None, None, None, 3),
    ("Alanine aminotransferase increased", 120.0, "U/L", None, 40.0, 30.0, 1),
    ("Alanine aminotransferase increased", 89.0, "U/L", None, 40.0, 60.0, 0),
    ("Alanine aminotransferase increased", 90.0, "U/L", None, 40.0, 60.0, 1),
]
NAMES = ("term", "value", "unit", "lln", "uln", "baseline")


def columns():
    data = {name: [row[at] for row in ROWS] for at, name in enumerate(NAMES)}
    return data | {"row": list(range(len(ROWS)))}


def made(engine):
    if engine == "pandas":
        return pytest.importorskip("pandas", reason="needs pandas").DataFrame(columns())
    return as_engine(engine, pl.DataFrame(columns(), strict=False))


def as_engine(engine, frame):
    if engine == "polars":
        return frame
    if engine == "polars lazy":
        return frame.lazy()
    if engine == "pandas":
        pytest.importorskip("pandas", reason="needs pandas")
        pytest.importorskip("pyarrow", reason="needs PyArrow")
        return frame.to_pandas()
    if engine == "pyarrow":
        pytest.importorskip("pyarrow", reason="needs PyArrow")
        return frame.to_arrow()
    duckdb = pytest.importorskip("duckdb", reason="needs DuckDB")
    pytest.importorskip("pyarrow", reason="needs PyArrow")
    return duckdb.from_arrow(frame.to_arrow())


def rows_of(frame):
    found = nw.from_native(frame)
    if isinstance(found, nw.LazyFrame):
        found = found.collect()
    return sorted(found.rows(named=True), key=lambda row: row["row"])


def whole(given):
    return None if given is None or given != given else int(given)  # noqa: PLR0124 - NaN


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pandas", "pyarrow", "duckdb"])
def test_every_engine_grades_alike_and_never_grades_what_is_missing(engine):
    graded = rows_of(frames.grade(made(engine), ctcae_v5.LABORATORY))
    assert len(graded) == len(ROWS)
    for row, (*_, grade) in zip(graded, ROWS, strict=True):
        assert whole(row["grade"]) == grade, row
        reason = row["reason"]  # pandas keeps a missing text as NaN
        assert (isinstance(reason, str) and bool(reason)) == (grade is None), row


def test_column_and_patient_agree_around_every_platelet_limit():
    """Facts removed at random; zero differences."""
    stream = random.Random(20260309)
    units = {"10^9/L": 1.0, "/mm3": 1000.0, "10^3/uL": 1.0}
    rows = []
    for limit in (25.0, 50.0, 75.0, 150.0):
        for factor in (0.99, 1 - 1e-12, 1.0, 1 + 1e-12, 1.01):
            for unit, scale in units.items():
                lln = 150.0 * scale if stream.random() < 0.7 else None
                value = limit * factor * scale if stream.random() < 0.9 else None
                rows.append((value, unit, lln))
    frame = pl.DataFrame(
        {
            "term": ["Platelet count decreased"] * len(rows),
            "value": [row[0] for row in rows],
            "unit": [row[1] for row in rows],
            "lln": [row[2] for row in rows],
        }
    )
    graded = frames.grade(frame, ctcae_v5.LABORATORY).to_dicts()
    for row, (value, unit, lln) in zip(graded, rows, strict=True):
        lab = Lab(
            "platelets",
            None if value is None else f"{value!r} {unit}",
            lln=None if lln is None else f"{lln!r} {unit}",
        )
        verdict = decide(ctcae_v5.PLATELET_COUNT_DECREASED, lab)
        expected = verdict.outcome.value if verdict.settled else None
        assert row["grade"] == expected, (value, unit, lln)


def test_other_columns_and_the_order_stay():
    frame = pl.DataFrame(columns(), strict=False)
    graded = frames.grade(frame, ctcae_v5.LABORATORY)
    assert graded["row"].to_list() == list(range(len(ROWS)))
    assert graded.columns[: len(frame.columns)] == frame.columns


# --- how a row may be written ---------------------------------------------------------------------


def graded(engine="polars", tables=ctcae_v5.LABORATORY, **columns):
    """Grade columns on an in-memory engine and return the rows."""
    longest = max(len(v) for v in columns.values() if isinstance(v, list))
    data = {k: v if isinstance(v, list) else [v] * longest for k, v in columns.items()}
    df = pl.DataFrame(data, strict=False)
    if engine == "pandas":
        df = pytest.importorskip("pandas", reason="needs pandas").DataFrame(data)
    rows = nw.from_native(frames.grade(df, tables)).rows(named=True)
    return [{k: None if v is None or v != v else v for k, v in row.items()} for row in rows]  # noqa: PLR0124


def test_a_term_goes_by_name_variant_and_code_in_any_case():
    written = ["Anemia", "anemia", "ANEMIA", "aNeMiA", " anemia ", "10002272", "ctcae-v5.0:anemia"]
    assert [r["grade"] for r in graded(term=written, value=79.0, unit="g/L")] == [3] * 7


def test_variants_of_one_term_are_told_apart_by_name_or_by_analyte():
    """1.55 mmol/L is grade 2 as ionized calcium and no hypercalcemia at all as corrected."""
    by_name = graded(
        term=["Hypercalcemia (Ionized)", "hypercalcemia (corrected)", "Hypercalcemia"],
        value=1.55, unit="mmol/L", uln=2.6,
    )  # fmt: skip
    assert [row["grade"] for row in by_name] == [2, 0, 0]
    names = [table.measures[0].label for table in ctcae_v5.LABORATORY
             if table.term == "Hypercalcemia" and table.variant]  # fmt: skip
    by_analyte = graded(
        term=["hypercalcemia"] * 4, analyte=[*names, "Platelets", None],
        value=1.55, unit="mmol/L", uln=2.6,
    )  # fmt: skip
    assert [row["grade"] for row in by_analyte] == [0, 2, None, 0]
    assert by_analyte[2]["reason"].startswith("unknown term or analyte")


def test_an_analyte_stands_for_its_only_term():
    rows = graded(
        analyte=["ALT", "Platelets", "hemoglobin"], value=121.0, unit=["U/L", "G/L", "g/L"],
        uln=[40.0, None, None], lln=[None, 150.0, 150.0],
    )  # fmt: skip
    assert [row["grade"] for row in rows] == [2, 1, None]  # hemoglobin: anemia, or increased?


@pytest.mark.parametrize(
    "written",
    [
        "10^9/L",
        "G/L",
        "K/uL",
        "K/µL",
        "K/μL",
        "10⁹/L",
        "x10^9/L",
        "× 10⁹/L",
        "10*9/L",
        "10**9/L",
        " 10^9/L ",
    ],
)
def test_a_unit_may_be_written_as_laboratories_do(written):
    assert graded(term=["Platelet count decreased"], value=24.0, unit=written)[0]["grade"] == 4


def test_the_system_of_the_report_rules():
    """0.9 mg/dL is 0.370 mmol/L: grade 2 begins at 0.9 mg/dL and at 0.4 mmol/L."""
    rows = graded(term="Hypomagnesemia", value=[0.9, 0.37], unit=["mg/dL", "mmol/L"])
    assert [row["grade"] for row in rows] == [2, 3]


def test_without_a_unit_only_what_is_a_ratio_or_has_none_is_graded():
    rows = graded(
        term=["Alanine aminotransferase increased", "Creatinine increased", "INR increased",
              "Anemia"],
        value=[121.0, 121.0, 1.6, 7.0], unit=[None, "", None, None],
        uln=[40.0, 40.0, None, None], baseline=[30.0, 80.0, 1.0, None],
    )  # fmt: skip
    assert [row["grade"] for row in rows] == [2, 3, 2, None]
    assert rows[3]["reason"] == "no unit, and the term has limits with units"


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({"term": None}, "no term"),
        ({"term": "Purple hair"}, "unknown term"),
        ({"value": None}, "no value, or not a finite number"),
        ({"value": math.nan}, "no value, or not a finite number"),
        ({"value": math.inf}, "no value, or not a finite number"),
        ({"value": -1.0}, "a number is below zero"),
        ({"lln": -1.0}, "a number is below zero"),
        ({"unit": None}, "no unit, and the term has limits with units"),
        ({"unit": "furlong"}, "unknown unit"),
        ({"unit": "U/L"}, "the term has no limits in this unit"),
        ({"lln": 9.0, "uln": 8.0}, "the lower limit of normal is above the upper one"),
        ({"lln": None}, "not settled: give the lower limit of normal"),
        ({"lln": math.nan}, "not settled: give the lower limit of normal"),
        ({"baseline_flag": "odd"}, "the baseline flag is not low, normal or high"),
        ({"is_baseline": "perhaps"}, "a yes-or-no column is neither yes nor no"),
        ({"term": "Hypertension"}, "the term compares several measures, and a row has one value"),
        ({"term": "Lipase increased", "value": 30.0, "unit": "U/L", "lln": None, "uln": 10.0},
         "not settled: say whether symptomatic"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("engine", ["polars", "pandas"])
def test_what_cannot_be_graded_says_why(engine, row, reason):
    good = {"term": "Anemia", "value": 112.0, "unit": "g/L", "lln": 120.0, "uln": 160.0}
    row = good | {"baseline_flag": None, "is_baseline": None} | row
    (found,) = graded(engine, ctcae_v5.TABLES, **{name: [v] for name, v in row.items()})
    assert (found["grade"], found["reason"]) == (None, reason)


@pytest.mark.parametrize("engine", ["polars", "pandas", "duckdb"])
@pytest.mark.parametrize(
    ("term", "value", "unit", "known", "grades", "reason"),
    [
        # 125 to 129 mmol/L is grade 2 without symptoms and 3 with them: no limit of normal is read
        ("Hyponatremia", 127.0, "mmol/L", {}, (3, 2), "say whether symptomatic"),
        ("Hyponatremia", 132.0, "mmol/L", {}, (1, 0), "give the lower limit of normal"),
        # beyond 2 to 5 times the upper limit is grade 2 without symptoms and 3 with them
        ("Lipase increased", 30.0, "U/L", {"uln": 10.0}, (3, 2), "say whether symptomatic"),
        ("Lipase increased", 30.0, "U/L", {}, (4, 0),
         "give the upper limit of normal, and say whether symptomatic"),
        ("Lipase increased", 30.0, "U/L", {"symptomatic": "no"}, (3, 0),
         "give the upper limit of normal"),
        # above 3.0 times either limit or baseline is grade 3, of one alone 2 to 3 times grade 2
        ("Creatinine increased", 90.0, "umol/L", {"uln": 110.0}, (3, 0), "give the baseline"),
        ("Creatinine increased", 400.0, "umol/L", {"baseline": 80.0}, (4, 3),
         "give the upper limit of normal"),
    ],
)  # fmt: skip
def test_a_reason_names_only_what_the_open_grades_read(
    engine, term, value, unit, known, grades, reason
):
    row = {"lln": None, "uln": None, "baseline": None, "symptomatic": None} | known
    row = {name: [given] for name, given in row.items()}
    df = pl.DataFrame(
        {"row": [0], "term": [term], "value": [value], "unit": [unit]} | row,
        schema_overrides={"lln": pl.Float64, "uln": pl.Float64, "baseline": pl.Float64,
                          "symptomatic": pl.String},
    )  # fmt: skip
    (found,) = rows_of(frames.grade(as_engine(engine, df), ctcae_v5.LABORATORY))
    assert (found["grade_worst"], found["grade_mildest"]) == grades
    assert found["reason"] == f"not settled: {reason}"


def test_where_nothing_was_measured_no_grade_is_possible_either():
    (row,) = graded(term=["Anemia"], value=[None], unit="g/L")
    assert (row["grade_worst"], row["grade_mildest"]) == (None, None)


def test_worst_and_mildest_enclose_what_is_possible():
    (row,) = graded(term=["Creatinine increased"], value=90.0, unit="umol/L", uln=110.0)
    assert (row["grade"], row["grade_worst"], row["grade_mildest"]) == (None, 3, 0)


@pytest.mark.parametrize("flag", ["HIGH", "h", " High ", "HH"])
def test_the_laboratory_s_own_flag_goes_before_the_comparison(flag):
    """89 U/L is above 40 by a factor of 2.2, and below 1.5 times a baseline of 60."""
    alt = {"term": ["Alanine aminotransferase increased"], "value": 89.0, "unit": "U/L"}
    assert graded(**alt, uln=40.0, baseline=60.0, baseline_flag=flag)[0]["grade"] == 0
    assert graded(**alt, uln=40.0, baseline=60.0, baseline_flag="normal")[0]["grade"] == 1


def test_the_baseline_has_a_range_of_its_own_where_one_is_given():
    alt = {"term": ["Alanine aminotransferase increased"], "value": 89.0, "unit": "U/L"}
    alt |= {"uln": 40.0, "baseline": 60.0}
    assert graded(**alt, baseline_uln=65.0)[0]["grade"] == 1
    assert graded(**alt, baseline_uln=[None])[0]["grade"] == 0


def test_facts_may_be_truth_values_numbers_or_words():
    lipase = {"term": "Lipase increased", "value": 30.0, "unit": "U/L", "uln": 10.0}
    for yes, no in ((True, False), (1, 0), (1.0, 0.0), ("Y", "N"), ("yes", "No"), ("TRUE", "f")):
        rows = graded(**lipase, symptomatic=[yes, no, None])
        assert [row["grade"] for row in rows] == [3, 2, None]


# --- frames as they come --------------------------------------------------------------------------

PLATELETS_24 = {"term": ["Platelet count decreased"], "value": [24], "unit": ["10^9/L"]}


def test_whole_numbers_and_small_floats_are_read():
    for kind in (pl.Int64, pl.UInt8, pl.Float32, pl.Decimal(10, 2)):
        df = pl.DataFrame(PLATELETS_24).with_columns(pl.col("value").cast(kind))
        assert frames.grade(df, ctcae_v5.LABORATORY)["grade"].to_list() == [4]


def test_categories_and_codes_as_numbers_are_read():
    df = pl.DataFrame(PLATELETS_24).with_columns(pl.col("term", "unit").cast(pl.Categorical))
    assert frames.grade(df, ctcae_v5.LABORATORY)["grade"].to_list() == [4]
    df = df.with_columns(term=pl.lit(10035528))
    assert frames.grade(df, ctcae_v5.LABORATORY)["grade"].to_list() == [4]


def test_pandas_objects_and_categories_are_read():
    """What pandas keeps as objects is judged by what is in it, not by its first rows."""
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    lipase = {"term": "Lipase increased", "value": 30.0, "unit": "U/L", "uln": 10.0}
    df = pandas.DataFrame([lipase] * 151)
    df["symptomatic"] = pandas.Series([None] * 150 + [True], dtype=object)
    df["value"] = df["value"].astype(object)
    df["unit"] = df["unit"].astype("category")
    found = frames.grade(df, ctcae_v5.LABORATORY)
    assert found["grade"].isna().sum() == 150
    assert found["grade"].iloc[150] == 3


LABS = {
    "term": ["Anemia", "Platelet count decreased", "anemia", "Anemia", "Lipase increased"],
    "value": [79.0, 61.0, None, 112.0, 30.0],
    "unit": ["g/L", "10^9/L", "g/L", "g/L", "U/L"],
    "lln": [120.0, 150.0, 120.0, None, None],
    "uln": [None, None, None, None, 10.0],
}
LABS_GRADES = [3, 2, None, None, None]


def of_objects(series):
    """Objects, with the NA of pandas where a number is missing."""
    return series.astype("Float64").astype(object)


PANDAS_KINDS = {
    "best of pandas": lambda df: df.convert_dtypes(),
    "PyArrow": lambda df: df.convert_dtypes(dtype_backend="pyarrow"),
    "string": lambda df: df.astype({"term": "string", "unit": "string"}),
    "string of PyArrow": lambda df: df.astype({"term": "string[pyarrow]"}),
    "categories": lambda df: df.astype({"term": "category", "unit": "category"}),
    "whole numbers": lambda df: df.assign(value=df["value"].astype("Int64")),
    "small floats": lambda df: df.astype({"value": "float32"}),
    "objects": lambda df: df.astype(object),
    "objects with NA": lambda df: df.assign(value=of_objects(df["value"])),
    "decimals": lambda df: df.assign(
        value=[None if v != v else decimal.Decimal(str(v)) for v in df["value"]]  # noqa: PLR0124
    ),
    "columns without a value": lambda df: df.assign(
        baseline=None, baseline_flag=None, symptomatic=None, is_baseline=math.nan
    ),
    "a truth value that may be missing": lambda df: df.assign(
        symptomatic=df["value"].isna().astype("boolean").where(df["value"] < 0)
    ),
}


@pytest.mark.parametrize("kind", PANDAS_KINDS)
def test_pandas_columns_of_any_kind_are_read(kind):
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    pytest.importorskip("pyarrow", reason="needs PyArrow")
    found = frames.grade(PANDAS_KINDS[kind](pandas.DataFrame(LABS)), ctcae_v5.LABORATORY)
    assert [None if pandas.isna(g) else int(g) for g in found["grade"]] == LABS_GRADES
    assert found["reason"].isna().tolist() == [True, True, False, False, False]


def test_the_text_of_pandas_3_is_read():
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    pytest.importorskip("pyarrow", reason="needs PyArrow")
    df = pandas.DataFrame(LABS)
    if not pandas.__version__.startswith("3"):
        with pandas.option_context("future.infer_string", True):
            df = pandas.DataFrame(LABS)
    assert str(df["term"].dtype) in {"str", "string"}
    assert frames.grade(df, ctcae_v5.LABORATORY)["grade"].tolist()[:2] == [3, 2]


NOTHING = {"baseline": None, "baseline_flag": None, "symptomatic": None, "baseline_uln": None}


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pyarrow", "duckdb"])
def test_columns_without_any_value_say_nothing(engine):
    frame = pl.DataFrame(LABS | {"row": range(5)}).with_columns(**NOTHING)
    found = rows_of(frames.grade(as_engine(engine, frame), ctcae_v5.LABORATORY))
    assert [whole(row["grade"]) for row in found] == LABS_GRADES


@pytest.mark.parametrize("kind", ["decimal128", "int64", "dictionary"])
@pytest.mark.parametrize("engine", ["pyarrow", "duckdb"])
def test_arrow_columns_of_any_kind_are_read(engine, kind):
    pa = pytest.importorskip("pyarrow", reason="needs PyArrow")
    table = pl.DataFrame(LABS | {"row": range(5)}).to_arrow()
    if kind == "dictionary":
        table = table.set_column(2, "unit", table["unit"].cast(pa.string()).dictionary_encode())
    else:
        wanted = pa.decimal128(10, 2) if kind == "decimal128" else pa.int64()
        table = table.set_column(1, "value", table["value"].cast(wanted))
    if engine == "duckdb":
        table = pytest.importorskip("duckdb", reason="needs DuckDB").from_arrow(table)
    found = rows_of(frames.grade(table, ctcae_v5.LABORATORY))
    assert [whole(row["grade"]) for row in found] == LABS_GRADES


def test_an_index_stays():
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    df = pandas.DataFrame(PLATELETS_24, index=pandas.MultiIndex.from_tuples([("a", 1)]))
    assert frames.grade(df, ctcae_v5.LABORATORY).index.equals(df.index)
    doubled = pandas.concat([df, df])
    assert frames.grade(doubled, ctcae_v5.LABORATORY)["grade"].tolist() == [4, 4]


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pandas", "pyarrow", "duckdb"])
def test_an_empty_frame_stays_empty(engine):
    frame = as_engine(engine, made("polars").clear())
    found = nw.from_native(frames.grade(frame, ctcae_v5.LABORATORY)).lazy().collect()
    assert len(found) == 0
    assert found.columns[-4:] == list(frames.OUTPUTS)


def test_text_where_numbers_belong_is_refused():
    df = pl.DataFrame({"term": ["Anemia"], "value": ["79"], "unit": ["g/L"]})
    with pytest.raises(RecordError, match='column "value" holds String') as caught:
        frames.grade(df, ctcae_v5.LABORATORY)
    assert caught.value.column == "value"
    pandas = pytest.importorskip("pandas", reason="needs pandas")
    # text is a type of its own from pandas 3 on, and an object before
    with pytest.raises(RecordError, match=r"holds something else|holds String"):
        frames.grade(pandas.DataFrame({"term": ["Anemia"], "value": ["<5"], "unit": ["g/L"]}),
                     ctcae_v5.LABORATORY)  # fmt: skip


def test_a_column_with_the_name_of_a_result_is_not_lost():
    df = pl.DataFrame(PLATELETS_24 | {"grade": [1]})
    with pytest.raises(RecordError, match="overwrite=True"):
        frames.grade(df, ctcae_v5.LABORATORY)
    found = frames.grade(df, ctcae_v5.LABORATORY, overwrite=True)
    assert found["grade"].to_list() == [4]


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pandas", "pyarrow", "duckdb"])
def test_results_replace_columns_of_their_name_only_when_asked(engine):
    once = frames.grade(made(engine), ctcae_v5.LABORATORY)
    again = frames.grade(once, ctcae_v5.LABORATORY, overwrite=True)
    found = nw.from_native(again).lazy().collect()
    assert sorted(found.columns) == sorted([*columns(), *frames.OUTPUTS])
    assert [whole(row["grade"]) for row in rows_of(again)] == [row[-1] for row in ROWS]


def test_a_column_that_is_not_there_is_refused():
    df = pl.DataFrame(PLATELETS_24)
    with pytest.raises(UnknownTermError, match='no column "LO" for lln'):
        frames.grade(df, ctcae_v5.LABORATORY, lln="LO")
    with pytest.raises(UnknownTermError, match="no table asks for"):
        frames.grade(df, ctcae_v5.LABORATORY, facts={"rich": "value"})
    with pytest.raises(UnknownTermError, match='no column "value"'):
        frames.grade(df.drop("value"), ctcae_v5.LABORATORY)
    with pytest.raises(UnknownTermError, match='no column "term" or "analyte"'):
        frames.grade(df.drop("term"), ctcae_v5.LABORATORY)
    with pytest.raises(UnknownTermError, match="no tables"):
        frames.grade(df, ())


def test_a_table_of_several_measures_needs_a_wide_frame():
    with pytest.raises(NotPermittedError, match="give a wide frame"):
        frames.grade(pl.DataFrame(PLATELETS_24), ctcae_v5.table("hypertension"))


def test_columns_may_have_other_names():
    df = pl.DataFrame({"PARAM": ["anemia"], "AVAL": [112.0], "AVALU": ["g/L"], "ANRLO": [120.0]})
    found = frames.grade(
        df, ctcae_v5.LABORATORY, term="PARAM", value="AVAL", unit="AVALU", lln="ANRLO"
    )
    assert found["grade"].to_list() == [1]


# --- wide frames ----------------------------------------------------------------------------------


def test_a_wide_frame_gets_the_results_of_each_table():
    df = pl.DataFrame({"PLT": [61.0, 149.0, None], "PLT_LO": [150.0, None, 150.0], "HB": [7.9] * 3})
    found = frames.grade(
        df,
        ctcae_v5.LABORATORY,
        columns={
            PLATELETS: frames.col("PLT", unit="K/uL", lln="PLT_LO"),
            "hemoglobin": frames.col("HB", unit="g/dL"),
        },
    )
    assert found["platelet_count_decreased_grade"].to_list() == [2, None, None]
    assert found["anemia_grade"].to_list() == [3, 3, 3]
    assert found["platelet_count_decreased_reason"].to_list() == [
        None,
        "not settled: not known are [platelets lower limit of normal]",
        "no value, or not a finite number",
    ]
    assert found.columns[:3] == df.columns


@pytest.mark.parametrize("engine", ["polars", "polars lazy", "pandas", "pyarrow", "duckdb"])
def test_hypertension_is_read_from_two_columns_on_every_engine(engine):
    data = {
        "row": [0, 1, 2, 3],
        "SBP": [165.0, 118.0, None, 118.0],
        "DBP": [80.0, 85.0, 101.0, None],
    }
    frame = as_engine(engine, pl.DataFrame(data))
    columns = {SYSTOLIC: frames.col("SBP", unit="mmHg"), DIASTOLIC: frames.col("DBP", unit="mmHg")}
    found = rows_of(frames.grade(frame, ctcae_v5.table("hypertension"), columns))
    assert [whole(row["hypertension_grade"]) for row in found] == [3, 1, 3, None]
    assert [whole(row["hypertension_grade_worst"]) for row in found] == [3, 1, 3, 3]
    assert [whole(row["hypertension_grade_mildest"]) for row in found] == [3, 1, 3, 0]


def test_other_outcomes_than_grades_are_words():
    table = Table(
        key="test:response",
        term="Response",
        rows=(Row("CR", PLATELETS >= "100 10^9/L"), Row("R", PLATELETS >= "30 10^9/L")),
        otherwise="NR",
        source=NCT05315778.at("a test"),
    )
    df = pl.DataFrame({"PLT": [100.0, 99.0, 29.0, None]})
    found = frames.grade(df, table, {PLATELETS: frames.col("PLT", unit="G/L")})
    assert found["response_grade"].to_list() == ["CR", "R", "NR", None]


def test_a_wide_frame_needs_columns_that_a_table_reads():
    df = pl.DataFrame({"PLT": [61.0]})
    with pytest.raises(UnknownTermError, match='no column "X" for platelets'):
        frames.grade(df, ctcae_v5.LABORATORY, {PLATELETS: frames.col("X", unit="G/L")})
    with pytest.raises(UnknownTermError, match="no table reads only these columns"):
        frames.grade(df, ctcae_v5.table("anemia"), {PLATELETS: frames.col("PLT", unit="G/L")})
    with pytest.raises(DimensionError):
        frames.grade(df, ctcae_v5.LABORATORY, {PLATELETS: frames.col("PLT", unit="g/L")})


# --- what narwhals does not promise ---------------------------------------------------------------
# Known to differ between engines: where one of these begins to agree, the code may use it.

TRAP = {"g": ["a", "a", "b"], "keep": [False, True, True], "x": [1, 5, 7]}


@pytest.mark.parametrize("engine", ["polars", "pandas", "pyarrow"])
def test_filtering_before_grouping_is_the_form_that_agrees(engine):
    """A predicate inside an aggregation is dropped on pandas and PyArrow; a filter never is."""
    df = pl.DataFrame(TRAP)
    df = {"polars": df, "pandas": df.to_pandas(), "pyarrow": df.to_arrow()}[engine]
    found = nw.from_native(df).filter(nw.col("keep")).group_by("g").agg(nw.col("x").min())
    assert sorted(found.rows()) == [("a", 5), ("b", 7)]


@pytest.mark.parametrize("engine", ["polars", "pandas", "pyarrow", "duckdb"])
def test_not_a_number_is_made_null_before_it_is_compared(engine):
    """NaN is null on pandas, and above all numbers on Polars and DuckDB."""
    found = rows_of(frames.grade(made(engine), ctcae_v5.LABORATORY))
    nan = found[6]
    assert whole(nan["grade"]) is None
    assert whole(nan["grade_worst"]) is None
    assert whole(nan["grade_mildest"]) is None


def test_booleans_are_not_summed_for_a_grade():
    """Leukocytosis has only grade 3: the number of limits that were passed is no grade."""
    (row,) = graded(term=["Leukocytosis"], value=120.0, unit="10^9/L")
    assert row["grade"] == 3


def test_a_database_of_duckdb_keeps_its_columns_types_and_names():
    """The query is written on an empty table; a user's own types and odd names pass through."""
    duckdb = pytest.importorskip("duckdb", reason="needs DuckDB")
    pytest.importorskip("pyarrow", reason="needs PyArrow")
    with duckdb.connect() as connection:
        connection.execute("create type ward as enum ('east', 'west')")
        connection.execute(
            "create table labs as select 0 as row, 'Anemia' as term, 79.0 as value, 'g/L' as unit, "
            "'west'::ward as \"a ward\", {'a': [1, 2]} as nested, 5::hugeint as itp_left"
        )
        once = frames.grade(connection.table("labs"), ctcae_v5.LABORATORY)
        twice = frames.grade(once.filter("grade = 3"), ctcae_v5.LABORATORY, overwrite=True)
        thrice = frames.grade(twice, ctcae_v5.LABORATORY, overwrite=True, keep_order=False)
        for graded in (once, twice, thrice):
            assert graded.columns[4:] == [
                "a ward", "nested", "itp_left", "grade", "grade_worst", "grade_mildest", "reason",
            ]  # fmt: skip
            assert graded.fetchall()[0][4:] == ("west", {"a": [1, 2]}, 5, 3, 3, 3, None)


def test_columns_that_duckdb_cannot_tell_apart_are_refused_by_name():
    duckdb = pytest.importorskip("duckdb", reason="needs DuckDB")
    pytest.importorskip("pyarrow", reason="needs PyArrow")
    with duckdb.connect() as connection:
        labs = connection.sql("select 'Anemia' as term, 79.0 as value, 1 as note, 2 as NOTE")
        with pytest.raises(RecordError, match='"note" and "NOTE" apart: rename one'):
            frames.grade(labs, ctcae_v5.LABORATORY)


def test_a_frame_of_duckdb_is_read_when_it_is_asked_and_not_when_it_is_graded():
    duckdb = pytest.importorskip("duckdb", reason="needs DuckDB")
    pytest.importorskip("pyarrow", reason="needs PyArrow")
    with duckdb.connect() as connection:
        connection.execute("create table labs (term text, value double, unit text)")
        graded = frames.grade(connection.table("labs"), ctcae_v5.LABORATORY)
        connection.execute("insert into labs values ('Anemia', 79, 'g/L')")
        assert [row[3] for row in graded.fetchall()] == [3]
