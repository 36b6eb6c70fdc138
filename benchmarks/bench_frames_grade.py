"""Grading a long frame: the library against the same join written by hand, engine by engine.

Synthetic rows over all laboratory terms of CTCAE v5.0, each with its unit, limits of normal and
baseline, some of them missing. `grade_by_hand.py` says what the code by hand leaves out; of it the
whole form gives the same four columns, the short form the grade alone. Wherever the library settles
a grade, all give the same one, which is checked first.

Both sides are timed in turn, by the clock and by processor time: on a machine with other work the
second is the steadier.
"""

import math
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path

import grade_by_hand as by_hand
import polars as pl

from itp_carT import frames
from itp_carT.toxicity import ctcae_v5

POOL = 200_000
LABORATORY = ctcae_v5.LABORATORY
GRADES = ("grade", "grade_worst", "grade_mildest")


def pool(seed=1):
    """Draw synthetic rows, with values about the limits of their terms."""
    draw = random.Random(seed)  # noqa: S311 - synthetic rows, not secrets
    table = by_hand.limits()
    rows = []
    for _ in range(POOL):
        at = draw.randrange(len(table["term"]))
        edges = [abs(table[f"e{grade}"][at]) for grade in (1, 2, 3, 4)]
        size = max((edge for edge in edges if 0 < edge < by_hand.FAR), default=40.0)
        low = size * draw.uniform(0.7, 1.3)
        value, base = (size * math.exp(draw.gauss(0, spread)) for spread in (0.8, 0.4))
        numbers = (value, low, low * draw.uniform(1.2, 2.5), base)
        missing = zip(numbers, (0.02, 0.1, 0.1, 0.2), strict=True)
        known = [None if draw.random() < share else number for number, share in missing]
        rows.append((table["term"][at], table["unit"][at], *known))
    names = ("term", "unit", "value", "lln", "uln", "baseline")
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def labs(rows, seed=1):
    """Build a long frame of that many rows, numbered."""
    found = pool(seed)
    picked = pl.int_range(rows, eager=True).shuffle(seed) % POOL
    return found[picked].with_row_index("row").select(by_hand.COLUMNS).rechunk()


def agree(df):
    """Check that all give the same grade wherever the library settles one."""
    ours = frames.grade(df, LABORATORY)
    settled = ours["grade"].is_not_null()
    assert settled.mean() > 0.5
    for whole in (False, True):
        hand = by_hand.polars(df.lazy(), whole=whole).collect().sort("row")
        different = ours.with_columns(hand=hand["grade"]).filter(
            settled & ~pl.col("grade").eq_missing(pl.col("hand"))
        )
        assert different.is_empty(), different


# --- timing ---------------------------------------------------------------------------------------


def used():
    spent = resource.getrusage(resource.RUSAGE_SELF)
    return spent.ru_utime + spent.ru_stime


def timed(runs, repeat):
    """Least seconds by the clock and of processor time of each run, taken in turn."""
    best = {name: [math.inf, math.inf] for name in runs}
    for _ in range(repeat):
        for name, run in runs.items():
            clock, work = time.perf_counter(), used()
            run()
            took = time.perf_counter() - clock, used() - work
            best[name] = [min(pair) for pair in zip(best[name], took, strict=True)]
    return best


def told(title, rows, runs, repeat, target=None):
    """Print each run, and our share of the speed of each by hand."""
    found = timed(runs, repeat)
    print(f"\n{title}, {rows:,} rows")
    for name, (clock, work) in found.items():
        print(f"  {name:28} {clock:7.2f} s  {rows / clock / 1e6:6.2f} million rows/s", end="")
        print(f"  {work:7.2f} s of processor")
    clock, work = found["library"]
    for name, (other, spent) in found.items():
        if name.startswith("by hand"):
            aim = f" (target at least {target})" if target else ""
            print(f"  library / {name}: {other / clock:.2f} by the clock, {spent / work:.2f} of "
                  f"processor time{aim}")  # fmt: skip
    return found


def polars(df, repeat):
    lazy = df.lazy()

    def streamed(query):
        return query.collect(engine="streaming")

    return told("Polars, lazy and streaming", len(df), {
        "by hand, whole": lambda: streamed(by_hand.polars(lazy, whole=True)),
        "by hand, grade alone": lambda: streamed(by_hand.polars(lazy)),
        "library": lambda: streamed(frames.grade(lazy, LABORATORY)),
        "library, grade alone": lambda: streamed(
            frames.grade(lazy, LABORATORY).select(*by_hand.COLUMNS, "grade")),
    }, repeat, 0.85)  # fmt: skip


def duckdb(df, repeat):
    import duckdb

    arrow = df.to_arrow()  # noqa: F841 - DuckDB reads it by its name
    with duckdb.connect() as connection:
        connection.execute("create table labs as select * from arrow")
        ours = connection.table("labs")

        def kept(relation):
            relation.create("graded")
            connection.execute("drop table graded")

        told("DuckDB SQL, table to table", len(df), {
            "by hand, whole": lambda: kept(by_hand.duckdb(connection, whole=True)),
            "by hand, grade alone": lambda: kept(by_hand.duckdb(connection)),
            "library": lambda: kept(frames.grade(ours, LABORATORY, keep_order=False)),
            "library, order kept": lambda: kept(frames.grade(ours, LABORATORY)),
        }, repeat, 0.6)  # fmt: skip


def pandas(df, repeat):
    native = df.to_pandas()
    told("pandas", len(df), {
        "by hand, grade alone": lambda: by_hand.pandas(native),
        "library": lambda: frames.grade(native, LABORATORY),
    }, repeat)  # fmt: skip


def pyarrow(df, repeat):
    native = df.to_arrow()
    told("PyArrow", len(df), {
        "by hand, grade alone": lambda: by_hand.pyarrow(native),
        "library": lambda: frames.grade(native, LABORATORY),
    }, repeat)  # fmt: skip


def dask(df, repeat):
    import dask.dataframe as dd

    native = dd.from_pandas(df.to_pandas(), npartitions=4)
    told("Dask, two threads", len(df), {
        "by hand, grade alone": lambda: by_hand.dask(native).compute(num_workers=2),
        "library": lambda: frames.grade(native, LABORATORY).compute(num_workers=2),
    }, repeat)  # fmt: skip


def pyspark(df, repeat):
    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    from pyspark.sql import SparkSession

    build = SparkSession.builder.master("local[2]").config("spark.ui.enabled", "false")
    build = build.config("spark.sql.shuffle.partitions", "2")
    build = build.config("spark.sql.codegen.hugeMethodLimit", "8000")  # as the guide advises
    session = build.config("spark.driver.host", "127.0.0.1").getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    with tempfile.TemporaryDirectory() as folder:
        df.write_parquet(Path(folder, "labs.parquet"))
        native = session.read.parquet(str(Path(folder, "labs.parquet"))).cache()
        native.count()

        def kept(graded):
            graded.write.format("noop").mode("overwrite").save()

        told("PySpark, two cores, processor time of Python only", len(df), {
            "by hand, grade alone": lambda: kept(by_hand.spark(session, native)),
            "library": lambda: kept(frames.grade(native, LABORATORY)),
        }, repeat)  # fmt: skip
        session.stop()


# --- memory and growth, file to file --------------------------------------------------------------

CHILD = """
import sys, time
from pathlib import Path
sys.path.insert(0, {here!r})
from bench_frames_grade import LABORATORY, by_hand, frames, labs, pl

def most():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM"))

frames.grade(labs(1000).lazy(), LABORATORY).collect(engine="streaming")
lazy = pl.scan_parquet({file!r})
chunk = {chunk!r}
if chunk:
    pl.Config.set_streaming_chunk_size(chunk)  # rows; by default 100 000
Path("/proc/self/clear_refs").write_text("5")  # the highest mark starts anew
before, start = most(), time.perf_counter()
query = {query}
query.sink_parquet({out!r}, row_group_size=100_000)
print((most() - before) * 1024, time.perf_counter() - start)
"""
GRADED = "frames.grade(lazy, LABORATORY)"
QUERIES = {  # and the rows that Polars takes at a time, where not its default
    "a copy of the file": ("lazy", None),
    "by hand, whole": ("by_hand.polars(lazy, whole=True)", None),
    "library": (GRADED, None),
    "library, 20 000 rows at a time": (GRADED, 20_000),
}


def file_to_file(sizes):
    """Print peak memory and seconds of a scan, the grading and a sink, each in its own process."""
    print("\nPolars, file to file, in a process of its own")
    here, seconds = str(Path(__file__).parent), {}
    with tempfile.TemporaryDirectory() as folder:
        for rows in sizes:
            df = labs(rows)
            # estimated_size leaves out the 16 bytes that a text takes in its column
            size = df.estimated_size() + 32 * len(df)
            file, out = str(Path(folder, "labs.parquet")), str(Path(folder, "graded.parquet"))
            df.write_parquet(file, row_group_size=100_000)
            for name, (query, chunk) in QUERIES.items():
                code = CHILD.format(here=here, file=file, out=out, query=query, chunk=chunk)
                done = subprocess.run([sys.executable, "-c", code], check=True,
                                      capture_output=True, text=True)  # fmt: skip
                peak, took = map(float, done.stdout.split())
                seconds[name, rows] = took
                print(f"  {name:30} {rows:>12,} rows  {took:6.2f} s  "
                      f"{peak / 1e6:6.0f} MB = {peak / size:.2f} x frame")  # fmt: skip
    first, last = min(sizes), max(sizes)
    if first < last:
        for name in QUERIES:
            growth = math.log(seconds[name, last] / seconds[name, first]) / math.log(last / first)
            print(f"  {name}: time grows with exponent {growth:.2f} (target at most 1.05)")


def main(quick=False):
    agree(labs(20_000))
    df = labs(20_000 if quick else 1_000_000)
    repeat = 1 if quick else 5
    for engine, extra in ((polars, "polars"), (duckdb, "duckdb"), (pandas, "pandas"),
                          (pyarrow, "pyarrow"), (dask, "dask")):  # fmt: skip
        if find_spec(extra):
            engine(df, repeat)
    if quick:
        file_to_file((20_000,))
        return
    if find_spec("pyspark"):
        pyspark(df, repeat)
    df = labs(10_000_000)
    polars(df, 3)
    duckdb(df, 3)
    file_to_file((100_000, 1_000_000, 10_000_000))


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
