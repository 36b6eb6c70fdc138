"""CRS by ASTCT 2019 over a Polars column: frames.crs against the same rule written by hand.

By hand, the reader knows how this file writes its words and units, and does not look for words,
units or contradictions that are not in it. Both give the same grades and the same bounds.
"""

import random
import sys

import polars as pl
from measuring import Row, calls

from itp_carT import frames

OXYGEN = ("none", "low-flow nasal cannula", "nasal cannula", "high-flow nasal cannula",
          "facemask", "CPAP", "intubation and ventilation")  # fmt: skip
PRESSURE = ("none", "fluids", "one vasopressor", "multiple vasopressors")


def days(number, seed=1):
    """Synthetic daily assessments; one cell in twenty was not assessed."""
    draw = random.Random(seed)  # noqa: S311 - synthetic patients, not secrets

    def some(value):
        return None if draw.random() < 0.05 else value

    rows = []
    for at in range(number):
        device = some(draw.choice(OXYGEN))
        flow = some(draw.choice((2.0, 6.0, 8.0))) if device == "nasal cannula" else None
        rows.append(
            (at // 14, at % 14, some(round(draw.uniform(36, 40.5), 1)), some(draw.choice(PRESSURE)),
             device, flow, some(draw.choice(("none", "none", "tocilizumab"))))
        )  # fmt: skip
    kinds = {"patient": pl.Int64, "day": pl.Int64, "temperature": pl.Float64,
             "hypotension": pl.String, "hypoxia": pl.String, "flow": pl.Float64,
             "masked_by": pl.String}  # fmt: skip
    return pl.DataFrame(rows, schema=kinds, orient="row")


def by_hand(df):
    """Return grade, bounds and reason as a reader who knows Polars would write them."""
    fever, pressure = pl.col("temperature") >= 38.0, pl.col("hypotension")
    device, flow = pl.col("hypoxia"), pl.col("flow")
    masked = pl.col("masked_by") != "none"

    def level(unknown_pressure, unknown_device, unknown_flow):
        support = (
            pl.when(pressure == "multiple vasopressors").then(4)
            .when(pressure == "one vasopressor").then(3)
            .when(pressure == "fluids").then(2)
            .when(pressure == "none").then(0)
            .otherwise(unknown_pressure)
        )  # fmt: skip
        oxygen = (
            pl.when(device.is_in(["CPAP", "intubation and ventilation"])).then(4)
            .when(device.is_in(["facemask", "high-flow nasal cannula"])).then(3)
            .when((device == "nasal cannula") & flow.is_null()).then(unknown_flow)
            .when((device == "nasal cannula") & (flow > 6.0)).then(3)
            .when(device.is_in(["nasal cannula", "low-flow nasal cannula"])).then(2)
            .when(device == "none").then(0)
            .otherwise(unknown_device)
        )  # fmt: skip
        return pl.max_horizontal(support, oxygen)

    hot, hidden = fever.fill_null(True), masked.fill_null(True)
    worst = pl.when(hot | hidden).then(
        pl.max_horizontal(level(4, 4, 3), hot.cast(pl.Int32))
    ).otherwise(0)  # fmt: skip
    hot, hidden = fever.fill_null(False), masked.fill_null(False)
    mildest = pl.when(hot | hidden).then(
        pl.max_horizontal(level(0, 0, 2), hot.cast(pl.Int32))
    ).otherwise(0)  # fmt: skip
    df = df.with_columns(
        crs_grade_worst=worst.cast(pl.Int8), crs_grade_mildest=mildest.cast(pl.Int8)
    )
    settled = pl.col("crs_grade_worst") == pl.col("crs_grade_mildest")
    missing = [
        pl.when(pl.col(name).is_null()).then(pl.lit(name))
        for name in ("temperature", "hypotension", "hypoxia", "masked_by")
    ]
    missing.append(pl.when((device == "nasal cannula") & flow.is_null()).then(pl.lit("flow")))
    why = pl.lit("not settled: ") + pl.concat_str(missing, separator=", ", ignore_nulls=True)
    return df.with_columns(
        crs_grade=pl.when(settled).then("crs_grade_worst"),
        crs_reason=pl.when(~settled).then(why),
        crs_scale=pl.lit("crs:astct-2019"),
    )


def library(df):
    return frames.crs(df, temperature_unit="Cel", flow_unit="L/min")


def agree(df):
    ours, hand = library(df), by_hand(df)
    for name in ("crs_grade", "crs_grade_worst", "crs_grade_mildest", "crs_scale"):
        assert ours[name].equals(hand[name]), name
    assert ours["crs_reason"].is_null().equals(hand["crs_reason"].is_null())


def rows(quick=False):
    agree(days(20_000, seed=2))
    df = days(20_000 if quick else 500_000)
    ours, hand = calls(lambda: library(df), lambda: by_hand(df), turns=1 if quick else 9)
    yield Row(f"frames.crs, {len(df)} rows, speed", ours, hand, 0.8, True)


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        print(f"{row.name}: {row.ours:.3f} s, by hand {row.baseline:.3f} s, ratio {row.ratio:.2f}")
