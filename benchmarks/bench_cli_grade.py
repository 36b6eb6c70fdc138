"""`itp-cart grade` from file to file: peak memory of the process, and rows per second.

The same command runs as users run it, in a process of its own; its peak memory is what the
operating system says at its end. Beside it stands the mere copy of the file by Polars, streamed.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import polars as pl

LIMIT = 1024  # MiB
SPANS = {  # term: unit, limits of normal, span of values
    "Platelet count decreased": ("10^9/L", 150.0, 400.0, (1, 400)),
    "Anemia": ("g/dL", 12.0, 16.0, (5, 17)),
    "Alanine aminotransferase increased": ("U/L", 5.0, 40.0, (10, 900)),
    "Creatinine increased": ("mg/dL", 0.6, 1.2, (0.4, 8)),
    "Hyponatremia": ("mmol/L", 135.0, 145.0, (115, 150)),
    "Neutrophil count decreased": ("/mm3", 2000.0, 7000.0, (50, 9000)),
    "Hypomagnesemia": ("mg/dL", 1.7, 2.4, (0.5, 3)),
}


def labs(rows, seed=1):
    """Synthetic values as a long frame; a tenth of the lower limits is missing."""
    draw = random.Random(seed)  # noqa: S311 - synthetic values, not secrets
    made = []
    for _ in range(rows):
        term = draw.choice(list(SPANS))
        unit, low, high, (least, most) = SPANS[term]
        value, base = round(draw.uniform(least, most), 2), round(draw.uniform(low, high), 2)
        lln = None if draw.random() < 0.1 else low
        made.append((f"SYN-{draw.randrange(50_000):05}", term, value, unit, lln, high, base))
    names = ("patient", "term", "value", "unit", "lln", "uln", "baseline")
    return pl.DataFrame(made, schema=names, orient="row")


def run(*arguments):
    """Seconds and peak memory [MiB] of a process."""
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, *arguments], stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0, arguments
    return time.perf_counter() - start, usage.ru_maxrss / 1024


def grade(file, output, *before):
    command = ["grade", str(file), "--edition", "ctcae-v5.0", "-o", str(output), "--force"]
    code = (
        f"import sys; {'; '.join((*before, 'from itp_carT.cli import main'))}; main(sys.argv[1:])"
    )
    return run("-c", code, *command)


def make(rows, piece, parquet, csv):
    """Write the files; in a process of its own, because children inherit a parent's peak."""
    block = labs(piece)
    pl.concat([block] * (rows // piece)).write_parquet(parquet, row_group_size=rows)
    block.write_csv(csv)


def main(quick=False):
    rows, piece = (20_000, 20_000) if quick else (10_000_000, 500_000)
    copy = "import sys, polars as pl; pl.scan_parquet(sys.argv[1]).sink_parquet(sys.argv[2])"
    alone = "import itp_carT.cli.grade_run as run; run.has_polars = lambda: False"
    with tempfile.TemporaryDirectory() as folder:
        parquet, csv, output = (Path(folder, name) for name in ("l.parquet", "l.csv", "o.parquet"))
        run(__file__, "--make", str(rows), str(piece), str(parquet), str(csv))
        print(f"{'what':34} {'rows':>10} {'s':>6} {'million rows/s':>15} {'peak MiB':>9}")
        for name, count, (seconds, peak) in (
            ("Parquet, copied by Polars", rows, run("-c", copy, str(parquet), str(output))),
            ("Parquet, graded, one row group", rows, grade(parquet, output)),
            ("CSV, graded with Polars", piece, grade(csv, output.with_suffix(".csv"))),
            ("CSV, graded one by one", piece, grade(csv, output.with_suffix(".csv"), alone)),
        ):
            rate = count / seconds / 1e6
            print(f"{name:34} {count:10} {seconds:6.1f} {rate:15.2f} {peak:9.0f}")
            if name.startswith("Parquet, graded"):
                print(f"{'':34} peak at most {LIMIT} MiB: {'yes' if peak <= LIMIT else 'no'}")


if __name__ == "__main__":
    if "--make" in sys.argv:
        make(*map(int, sys.argv[2:4]), *sys.argv[4:6])
    else:
        main(quick="--quick" in sys.argv)
