"""Response over columns: the library on Polars against Polars written by hand for one rule.

Both read the same long frame (patient, day, platelets, bleeding), refuse two different counts on
one day, take the last count up to day -5 as the baseline, judge each visit by IWG 2009, and find
confirmation, loss and censoring of the response and of the complete response. The code by hand
knows one unit, no rescue, no option and says no reason. Both must give the same answer first.
"""

import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

from itp_carT import frames
from itp_carT.response import iwg_2009

FAR = 10_000_000


def cohort(patients, visits=30, seed=1):
    """Synthetic courses as a long frame."""
    draw = random.Random(seed)  # noqa: S311 - synthetic patients, not secrets
    pool = []
    for _ in range(1000):
        level, day = draw.uniform(10, 90), 0
        rows = [(-5, float(draw.randint(2, 29)), "unknown")]
        for _ in range(visits - 1):
            day += draw.randint(1, 9)
            level = min(max(level * draw.uniform(0.6, 1.6), 3), 400)
            rows.append((day, float(int(level)), "yes" if draw.random() < 0.05 else "no"))
        pool.append(rows)
    day, count, bled, patient = [], [], [], []
    for number in range(patients):
        for one, two, three in pool[draw.randrange(1000)]:
            patient.append(number)
            day.append(one)
            count.append(two)
            bled.append(three)
    data = {"patient": patient, "day": day, "platelets": count, "bleeding": bled}
    return pl.DataFrame(data).sample(fraction=1.0, shuffle=True, seed=seed)


def by_hand(df):
    """Return the courses as a reader who knows Polars would write them."""
    df = df.sort("patient", "day")
    new = pl.col("patient") != pl.col("patient").shift(1)
    assert not df.select(((~new) & (pl.col("day") == pl.col("day").shift(1))).any()).item()
    base = (
        df.filter(pl.col("day") <= -5)
        .group_by("patient", maintain_order=True)
        .agg(pl.col("platelets").last().alias("base"))
    )
    bled, p, twice = pl.col("bleeding"), pl.col("platelets"), 2 * pl.col("base")
    red, dry = bled == "yes", bled == "no"
    low, high = 1 - 1e-9, 1 + 1e-9
    failed = (p < 30 * low) | ((p < twice * low) & (p < 100 * low))
    rank = (
        pl.when(red | failed).then(2)
        .when(dry & (p >= 100 * low)).then(0)
        .when(dry & (p >= twice * low) & (p < 100 * high)).then(1)
    )  # fmt: skip
    # of the count alone: below 100, and below the limits of a response
    low_count = pl.when(failed).then(2).when(p < 100 * low).then(1).otherwise(0)
    df = df.join(base, on="patient", how="left", maintain_order="left")
    df = df.with_columns(rank=rank, red=red, alone=low_count)
    status = pl.lit("NE")
    for number, name in enumerate(("CR", "R", "NR")):
        status = pl.when(pl.col("rank") == number).then(pl.lit(name)).otherwise(status)
    visits = df.select(
        "patient", "day", "platelets", "bleeding", status=status, used=pl.col("day") > 0
    )
    df = df.filter(pl.col("day") > 0, pl.col("rank").is_not_null()).with_columns(
        p=(pl.col("patient") != pl.col("patient").shift(1))
        .fill_null(False)
        .cast(pl.Int64)
        .cum_sum()
        * FAR
    )
    same, then = pl.col("p") == pl.col("p").shift(1), pl.col("p") == pl.col("p").shift(-1)
    columns = []
    for x in (1, 0):
        held, fails = pl.col("rank") <= x, pl.col("rank") > x
        start = held & ~(same & (pl.col("rank").shift(1) <= x)).fill_null(False)
        begin = pl.when(start).then(pl.col("day")).otherwise(-100_000)
        begin = (begin + pl.col("p")).cum_max() - pl.col("p")
        ok = held & (pl.col("day") - begin >= 7)
        so_far = (ok.cast(pl.Int64) + pl.col("p")).cum_max() - pl.col("p") == 1
        again = (then & (pl.col("alone").shift(-1) > x)).fill_null(False)
        lost = fails & so_far & (pl.col("red") | again)
        columns += [
            pl.when(ok).then(begin).alias(f"start{x}"),
            pl.when(lost).then(pl.col("day")).alias(f"lost{x}"),
            pl.when(held).then(pl.col("day")).alias(f"held{x}"),
        ]
    found = (
        df.select("patient", "rank", *columns)
        .group_by("patient")
        .agg(
            *(pl.col(f"{name}{x}").min() for name in ("start", "lost") for x in (0, 1)),
            pl.col("held0", "held1").max(),
        )
    )
    end = {x: pl.coalesce(f"lost{x}", f"held{x}") for x in (0, 1)}
    found = df.select("patient").unique().join(found, on="patient", how="left").select(
        "patient",
        best=pl.when(pl.col("start0").is_not_null()).then(pl.lit("CR"))
        .when(pl.col("start1").is_not_null()).then(pl.lit("R")).otherwise(pl.lit("NR")),
        responded_on="start1",
        duration=end[1] - pl.col("start1"),
        event=pl.when(pl.col("start1").is_not_null()).then(pl.col("lost1").is_not_null()),
        complete_on="start0",
        complete_duration=end[0] - pl.col("start0"),
    )  # fmt: skip
    return found.sort("patient"), visits


def library(df):
    found = frames.response(df, iwg_2009.CRITERIA, unit="10^9/L")
    return found.patients, found.visits


def patients_alone(df):
    return frames.response(df, iwg_2009.CRITERIA, unit="10^9/L")


def agree(df):
    mine, _ = library(df)
    hand, _ = by_hand(df)
    assert mine.select(hand.columns).equals(hand)


def best_of(runs, df, repeat):
    """Least seconds of each run, turn by turn, so that a busy minute hits all alike."""
    times = {run: [] for run in runs}
    for _ in range(repeat):
        for run in runs:
            start = time.perf_counter()
            run(df)
            times[run].append(time.perf_counter() - start)
    return [min(times[run]) for run in runs]


CHILD = """
import sys
from pathlib import Path
sys.path.insert(0, {here!r})
import polars as pl
import bench_frames_response as bench

def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

df = pl.read_parquet({file!r}).rechunk()
bench.{name}(df.head(1000))
Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
before = most()
results = bench.{name}(df)
# estimated_size leaves out the 16 bytes that a text takes in its column
print((most() - before) * 1024 / (df.estimated_size() + 16 * len(df)))
"""


def peak(name, file):
    """Peak memory of one run above the frame, over the frame, in a process of its own (Linux)."""
    here = str(Path(__file__).parent)
    code = CHILD.format(here=here, file=str(file), name=name)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def main(quick=False):
    patients = 2_000 if quick else 100_000
    agree(cohort(2_000, seed=2))
    df = cohort(patients)
    repeat = 1 if quick else 5
    hand, ours = best_of((by_hand, library), df, repeat)
    print(f"{patients} patients x 30 visits, {df.estimated_size() / 1e6:.0f} MB")
    for name, seconds in (("by hand", hand), ("library", ours)):
        print(f"{name:10} {seconds:6.2f} s  {len(df) / seconds / 1e6:5.2f} million rows/s")
    print(f"library / by hand, rows per second: {hand / ours:.2f} (target at least 0.8)")
    if not quick:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder, "counts.parquet")
            df.write_parquet(file)
            for name in ("by_hand", "library", "patients_alone"):
                print(f"{name:14} peak memory above the frame: {peak(name, file):.1f} x frame")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
