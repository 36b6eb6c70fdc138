"""The column reader: what it grades, what it refuses to grade, and that it agrees with `decide`."""

import math
import random

import pytest

pytest.importorskip("polars", reason="needs Polars, an extra")

import narwhals.stable.v2 as nw
import polars as pl

from itp_carT import frames
from itp_carT.observations import Lab
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
    frame = pl.DataFrame(columns(), strict=False)
    if engine == "polars":
        return frame
    if engine == "polars lazy":
        return frame.lazy()
    if engine == "pandas":
        return pytest.importorskip("pandas", reason="needs pandas").DataFrame(columns())
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
