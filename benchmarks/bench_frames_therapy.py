"""Therapy over columns: the library on Polars against Polars written by hand for one drug rule.

Both read the same long frame of medication records (patient, drug, dose, unit, frequency, start,
end), bring glucocorticoids to prednisone-equivalents, and find the baseline dose, the current and
the average dose, the decrease, days without the drug, the first stop and the first reduction by
more than 25 % for 28 days. The code by hand knows one unit, three frequencies, no event-type drug
and no mistake in the data, and expands records to days, as one writes it. Both must give the same
answer first.
"""

import random
import time

import polars as pl

from itp_carT import frames

LAST = 180
FACTORS = {"prednisone": 1.0, "methylprednisolone": 1.25, "dexamethasone": 20 / 3}
OTHERS = ("eltrombopag", "danazol", "avatrombopag")
DAILY = {"QD": 1.0, "BID": 2.0, "QOD": 0.5}


def cohort(patients, seed=1):
    """Synthetic tapers as a long frame, without mistakes."""
    draw = random.Random(seed)  # noqa: S311 - synthetic patients, not secrets
    pool = []
    for _ in range(1000):
        rows = []
        for group in (tuple(FACTORS), draw.sample(OTHERS, draw.randint(0, 2))):
            for drug in group[:1] if group and group[0] in FACTORS else group:
                name = draw.choice(tuple(FACTORS)) if drug in FACTORS else drug
                day, dose = draw.randint(-120, -20), draw.choice((20.0, 40.0, 50.0, 8.0))
                for _ in range(draw.randint(2, 6)):
                    end = day + draw.choice((7, 14, 28, 60)) - 1
                    rows.append((name, dose, draw.choice(tuple(DAILY)), day, end))
                    day, dose = end + draw.choice((1, 1, 1, 20, 40)), max(dose / 2, 2.5)
        pool.append(rows)
    columns = {name: [] for name in ("patient", "drug", "dose", "frequency", "start", "end")}
    for number in range(patients):
        for row in pool[draw.randrange(1000)]:
            for name, value in zip(columns, (number, *row), strict=True):
                columns[name].append(value)
    df = pl.DataFrame(columns).with_columns(unit=pl.lit("mg"), purpose=pl.lit("ITP"))
    return df.sample(fraction=1.0, shuffle=True, seed=seed)


def by_hand(df):
    """Return the measures as a reader who knows Polars would write them."""
    steroid = pl.col("drug").is_in(list(FACTORS))
    df = df.with_columns(
        agent=pl.when(steroid).then(pl.lit("glucocorticoids")).otherwise("drug"),
        daily=pl.col("dose")
        * pl.col("frequency").replace_strict(DAILY)
        * pl.col("drug").replace_strict(FACTORS, default=1.0),
        start=pl.col("start").clip(-19, None),
        end=pl.col("end").clip(None, LAST),
    )
    days = (
        df.filter(pl.col("start") <= pl.col("end"))
        .with_columns(day=pl.int_ranges("start", pl.col("end") + 1))
        .explode("day")
        .group_by("patient", "agent", "day")
        .agg(pl.col("daily").sum())
    )
    grid = df.select("patient", "agent").unique().join(
        pl.DataFrame({"day": range(-19, LAST + 1)}), how="cross"
    )  # fmt: skip
    days = grid.join(days, on=["patient", "agent", "day"], how="left").with_columns(
        pl.col("daily").fill_null(0.0)
    )
    days = days.sort("patient", "agent", "day")
    keys, inside = ["patient", "agent"], pl.col("day") >= 0
    base = days.filter(pl.col("day").is_between(-19, -6)).group_by(keys).agg(
        baseline=pl.col("daily").mean()
    )  # fmt: skip
    days = days.filter(inside).join(base, on=keys, how="left", maintain_order="left")
    zero = pl.col("daily") == 0
    lower = (pl.col("baseline") > 0) & (pl.col("daily") < pl.col("baseline") * 0.75 * (1 - 1e-9))
    new = pl.col("day") == 0
    days = days.with_columns(zero=zero, lower=lower).with_columns(
        run=(new | (pl.col("zero") != pl.col("zero").shift(1)).fill_null(True)).cum_sum(),
        low_run=(new | (pl.col("lower") != pl.col("lower").shift(1)).fill_null(True)).cum_sum(),
    )
    off = (
        days.filter("zero")
        .group_by(*keys, "run")
        .agg(begin=pl.col("day").min(), length=pl.len(), end=pl.col("day").max())
        .group_by(keys)
        .agg(
            longest=pl.col("length").max(),
            cumulative=pl.col("length").sum(),
            current_run=pl.col("length").filter(pl.col("end") == LAST).sum(),
            stopped_on=pl.col("begin").filter(pl.col("length") >= 28).min(),
        )
    )
    less = (
        days.filter("lower")
        .group_by(*keys, "low_run")
        .agg(begin=pl.col("day").min(), length=pl.len())
        .filter(pl.col("length") >= 28)
        .group_by(keys)
        .agg(reduced_on=pl.col("begin").min())
    )
    found = days.group_by(keys).agg(
        pl.col("baseline").first(),
        current=pl.col("daily").last(),
        average=pl.col("daily").mean(),
    )
    found = found.join(off, on=keys, how="left").join(less, on=keys, how="left")
    positive = pl.when(pl.col("baseline") > 0).then(pl.col("baseline"))
    return found.with_columns(
        decrease=100 * (pl.col("baseline") - pl.col("current")) / positive,
        average_decrease=100 * (pl.col("baseline") - pl.col("average")) / positive,
        longest=pl.col("longest").fill_null(0),
        cumulative=pl.col("cumulative").fill_null(0),
        current_run=pl.col("current_run").fill_null(0),
    ).sort(keys)


def by_hand_sweeping(df):
    """Return the measures without a row for every day, as a careful reader would write them."""
    keys, steroid = ["patient", "agent"], pl.col("drug").is_in(list(FACTORS))
    df = df.select(
        "patient",
        agent=pl.when(steroid).then(pl.lit("glucocorticoids")).otherwise("drug"),
        daily=pl.col("dose")
        * pl.col("frequency").replace_strict(DAILY)
        * pl.col("drug").replace_strict(FACTORS, default=1.0),
        start=pl.col("start").clip(-19, None),
        end=pl.col("end").clip(None, LAST),
    )
    agents = df.select(keys).unique()
    df = df.filter(pl.col("start") <= pl.col("end"))
    edges = agents.join(pl.DataFrame({"day": [-19, -5, 0, LAST + 1]}), how="cross")
    count = pl.lit(1, pl.Int64)
    spans = (
        pl.concat(
            [
                df.select(*keys, day="start", daily="daily", on=count),
                df.select(*keys, day=pl.col("end") + 1, daily=-pl.col("daily"), on=-count),
                edges.with_columns(daily=pl.lit(0.0), on=pl.lit(0, pl.Int64)),
            ]
        )
        .group_by(*keys, "day")
        .agg(pl.col("daily").sum(), pl.col("on").sum())
        .sort(*keys, "day")
        .with_columns(
            pl.col("on").cum_sum(), pl.col("daily").cum_sum(), after=pl.col("day").shift(-1)
        )
        .filter(pl.col("day") <= LAST)
        .with_columns(
            daily=pl.when(pl.col("on") > 0).then("daily").otherwise(0.0),
            length=pl.col("after") - pl.col("day"),
        )
    )
    inside, dose = pl.col("day") >= 0, pl.col("daily") * pl.col("length")
    off = pl.when(inside & (pl.col("on") == 0)).then("length").otherwise(0)
    spans = spans.with_columns(off=off)
    long = pl.col("off") >= 28
    found = spans.group_by(keys).agg(
        baseline=dose.filter(pl.col("day").is_between(-19, -6)).sum() / 14,
        current=pl.col("daily").last(),
        average=dose.filter(inside).sum() / (LAST + 1),
        longest=pl.col("off").max(),
        cumulative=pl.col("off").sum(),
        current_run=pl.col("off").last(),
        stopped_on=pl.col("day").filter(long & (pl.col("day") > 0)).min(),
    )
    low = spans.filter(inside).join(found.select(*keys, "baseline"), on=keys, how="left")
    lower = (pl.col("baseline") > 0) & (pl.col("daily") < pl.col("baseline") * 0.75 * (1 - 1e-9))
    low = low.sort(*keys, "day").with_columns(lower=lower, new=pl.col("day") == 0)
    change = pl.col("new") | (pl.col("lower") != pl.col("lower").shift(1)).fill_null(True)
    low = (
        low.with_columns(run=change.cum_sum())
        .filter("lower")
        .group_by(*keys, "run")
        .agg(begin=pl.col("day").min(), length=pl.col("length").sum())
        .filter(pl.col("length") >= 28)
        .group_by(keys)
        .agg(reduced_on=pl.col("begin").min())
    )
    found = found.join(low, on=keys, how="left")
    positive = pl.when(pl.col("baseline") > 0).then(pl.col("baseline"))
    return found.with_columns(
        decrease=100 * (pl.col("baseline") - pl.col("current")) / positive,
        average_decrease=100 * (pl.col("baseline") - pl.col("average")) / positive,
    ).sort(keys)


def library(df):
    return frames.therapy(df, until=LAST).agents


def agree(df):
    for other in (by_hand, by_hand_sweeping):
        same(library(df), other(df))


def same(mine, hand):
    assert len(mine) == len(hand)
    assert mine["agent"].to_list() == hand["agent"].to_list()
    whole = ("longest", "cumulative", "current_run", "reduced_on")
    for name in whole:
        assert mine[name].to_list() == hand[name].to_list(), name
    for name in ("baseline", "current", "average", "decrease", "average_decrease"):
        pairs = zip(mine[name], hand[name], strict=True)
        assert all(
            (a is None and b is None) or abs(a - b) <= 1e-9 * max(1, abs(b)) for a, b in pairs
        ), name


def best_of(run, df, repeat):
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        run(df)
        times.append(time.perf_counter() - start)
    return min(times)


def main(quick=False):
    patients = 1_000 if quick else 20_000
    agree(cohort(1_000, seed=2))
    df = cohort(patients)
    repeat = 1 if quick else 5
    ways = (("by hand, days", by_hand), ("by hand, sweep", by_hand_sweeping), ("library", library))
    times = {name: best_of(run, df, repeat) for name, run in ways}
    print(f"{patients} patients, {len(df)} records, {df.estimated_size() / 1e6:.0f} MB")
    for name, seconds in times.items():
        print(f"{name:15} {seconds:6.2f} s  {len(df) / seconds / 1e6:5.2f} million records/s")
    for name in ("by hand, days", "by hand, sweep"):
        ratio = times[name] / times["library"]
        print(f"library / {name}, records per second: {ratio:.2f} (target at least 0.8)")


if __name__ == "__main__":
    main()
