"""Scales and visits over columns: the library on Polars against Polars written by hand.

Scales: 44 items of a made-up mapping, twelve scores with the half rule, four conditional scales,
and the same five outcomes in words. The code by hand checks the range of all answers at once and
stops when one is outside; it knows no problem of a row. Visits: the trial's windows, the nearest
record of a patient and visit, and its timing. Both must give the same answer first.
"""

import random
import sys
import time

import polars as pl

from itp_carT import frames
from itp_carT.protocol.nct05315778 import SCHEDULE
from itp_carT.quality_of_life import itp_paq
from itp_carT.quality_of_life.item import Item
from itp_carT.quality_of_life.item_map import ItemMap

PARTS = {"RH": ("RH-MS", "RH-F")}
CONDITIONAL = ("W", "RH", "RH-MS", "RH-F")


def mapping():
    """Every third item reversed; made up."""
    rows = []
    for facts in itp_paq.SCALES:
        if facts.key not in PARTS:
            for _ in range(facts.items):
                best = "lowest" if len(rows) % 3 == 0 else "highest"
                rows.append((facts.key, Item(f"q{len(rows) + 1}", 5, best)))
    return ItemMap(rows)


MAPPING = mapping()
PAQ = itp_paq.questionnaire(MAPPING)
APPLIES = {key: f"applies_{key}" for key in CONDITIONAL}


def answers(count, seed=1):
    """Synthetic assessments; a sixth of the answers is missing."""
    draw = random.Random(seed)  # noqa: S311 - synthetic patients, not secrets
    pool = [draw.choice([None, 1, 2, 3, 4, 5]) for _ in range(50_021)]
    data = {}
    for number, item in enumerate(PAQ.items):
        data[item.key] = [pool[(number * 977 + at * 31) % len(pool)] for at in range(count)]
    for number, name in enumerate(APPLIES.values()):
        words = ("yes", "yes", "no", None)
        data[name] = [words[(at // 4**number) % 4] for at in range(count)]
    return pl.DataFrame(data).with_columns(
        pl.when(pl.col("applies_RH") == "no").then(pl.lit("no")).otherwise(pl.col(name)).alias(name)
        for name in ("applies_RH-MS", "applies_RH-F")
    )


def scales_by_hand(df):
    """Return the scores as a reader who knows Polars would write them."""
    items = {key: [] for key in itp_paq.KEYS}
    for scale, item in MAPPING.rows:
        for key in (scale, *(whole for whole, parts in PARTS.items() if scale in parts)):
            items[key].append(item)
    every = [item.key for _, item in MAPPING.rows]
    assert df.select((pl.min_horizontal(every) >= 1).all() & (pl.max_horizontal(every) <= 5).all())[
        0, 0
    ]
    points = df.with_columns(
        (
            (pl.col(item.key) - 1) * 25
            if item.best.value == "highest"
            else (5 - pl.col(item.key)) * 25
        ).alias(item.key)
        for _, item in MAPPING.rows
    )
    columns = []
    for key, inside in items.items():
        names = [item.key for item in inside]
        count = pl.sum_horizontal(pl.col(name).is_not_null() for name in names)
        enough = 2 * count >= len(names)
        outcome = pl.when(enough).then(pl.lit("scored")).otherwise(pl.lit("missing"))
        if key in APPLIES:
            told = pl.col(APPLIES[key])
            unknown = pl.lit("applicability unknown")
            outcome = pl.when(told == "yes").then(outcome).otherwise(unknown)
            for part in PARTS.get(key, ()):
                answered = pl.any_horizontal(pl.col(i.key).is_not_null() for i in items[part])
                stray = (pl.col(APPLIES[part]) == "no") & answered
                outcome = pl.when(stray).then(pl.lit("data query")).otherwise(outcome)
            none = pl.when(count > 0).then(pl.lit("data query")).otherwise(pl.lit("not applicable"))
            outcome = pl.when(told == "no").then(none).otherwise(outcome)
        score = pl.when(outcome == "scored").then(pl.mean_horizontal(names))
        columns += [score.alias(key), outcome.alias(f"{key}_outcome")]
    return points.select(columns)


def scales_of_library(df):
    return frames.scales(df, PAQ, applies=APPLIES)


def records(patients, seed=1):
    """Synthetic records, 30 per patient, in no order."""
    draw = random.Random(seed)  # noqa: S311 - synthetic patients, not secrets
    days = [draw.randint(-8, 195) for _ in range(100_003)]
    count = patients * 30
    data = {
        "patient": [at // 30 for at in range(count)],
        "day": [days[(at * 7) % len(days)] for at in range(count)],
    }
    return pl.DataFrame(data).sample(fraction=1.0, shuffle=True, seed=seed)


def visits_by_hand(df):
    """Return the visits as a reader who knows Polars would write them."""
    rows = [(day, f"D{day}", day, day, day) for day in (-5, -4, -3, *range(15))]
    rows += [
        (day, f"M{month}", 30 * month, 30 * month - 7, 30 * month + 7)
        for month in range(1, 7)
        for day in range(30 * month - 7, 30 * month + 8)
    ]
    names = ["day", "visit", "target_day", "first_day", "last_day"]
    table = pl.DataFrame(rows, schema=names, orient="row")
    df = df.join(table, on="day", how="left", maintain_order="left")
    away = pl.col("day") - pl.col("target_day")
    rank = 2 * away.abs() + (away < 0)
    best = rank == rank.min().over("patient", "visit")
    return df.with_columns(
        difference=away,
        timing=pl.when(away == 0).then(pl.lit("on time")).when(away > 0).then(pl.lit("late"))
        .when(away < 0).then(pl.lit("early")).otherwise(pl.lit("unscheduled")),
        used=best.fill_null(False),
    )  # fmt: skip


def visits_of_library(df):
    return frames.assign_visits(df, SCHEDULE, day="day")


def agree():
    df = answers(3_000, seed=2)
    hand, ours = scales_by_hand(df), scales_of_library(df)
    for key in itp_paq.KEYS:
        both = hand.select(hand=key).with_columns(ours=ours[key])
        apart = (pl.col("hand") - pl.col("ours")).abs() > 1e-9
        assert both.filter(
            apart | (pl.col("hand").is_null() != pl.col("ours").is_null())
        ).is_empty()
        assert hand[f"{key}_outcome"].equals(ours[f"{key}_outcome"])
    df = records(200, seed=2)
    hand, ours = visits_by_hand(df), visits_of_library(df)
    for name in ("visit", "target_day", "first_day", "last_day", "difference", "timing", "used"):
        assert hand[name].cast(ours[name].dtype).equals(ours[name]), name


def in_turn(hand, ours, df, turns):
    """Best seconds of both, run in turn: a slow moment of the machine slows both."""
    best = [float("inf")] * 2
    for _ in range(turns):
        for at, run in enumerate((hand, ours)):
            start = time.perf_counter()
            run(df)
            best[at] = min(best[at], time.perf_counter() - start)
    return best


def main(quick=False):
    agree()
    turns = 1 if quick else 7
    for what, df, hand, ours in (
        ("scales", answers(2_000 if quick else 300_000), scales_by_hand, scales_of_library),
        ("visits", records(200 if quick else 100_000), visits_by_hand, visits_of_library),
    ):
        first, second = in_turn(hand, ours, df, turns)
        print(f"{what}: {len(df)} rows, {df.estimated_size() / 1e6:.0f} MB")
        for name, seconds in (("by hand", first), ("library", second)):
            print(f"  {name:10} {seconds:6.2f} s  {len(df) / seconds / 1e6:5.2f} million rows/s")
        print(f"  library / by hand, rows per second: {first / second:.2f} (target at least 0.8)")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
