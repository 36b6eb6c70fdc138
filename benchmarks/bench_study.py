"""Checking a study folder: time per row against a bare reader, memory, and growth with patients.

Synthetic folders with 60 laboratory values and 4 adverse events per patient, in the order of the
subjects. The bare reader takes the same labs.csv through `csv.DictReader`, `float` and
`date.fromisoformat`, and checks nothing.
"""

import csv
import datetime as dt
import math
import random
import subprocess
import sys
import tempfile
from pathlib import Path

from measuring import Row, calls

from itp_carT.study import open_study

D0 = dt.date(2026, 3, 9)
TOML = 'schema = 1\nname = "synthetic"\nprotocol = "NCT05315778"\ncutoff = 2026-12-31\n'
TESTS = (("PLAT", 300, "10^9/L"), ("HGB", 150, "g/L"), ("NEUT", 8, "10^9/L"))
CHILD = """
import sys, time, resource
from itp_carT.study import validate
start = time.process_time()
report = validate(sys.argv[1])
print(time.process_time() - start, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss,
      sum(table.rows for table in report.tables), report.exit_code)
"""


def write(folder, patients, seed=1):
    """Write a synthetic study."""
    draw = random.Random(seed)  # noqa: S311 - synthetic patients, not secrets
    (folder / "study.toml").write_text(TOML)
    with (
        (folder / "subjects.csv").open("w") as subjects,
        (folder / "labs.csv").open("w") as labs,
        (folder / "adverse_events.csv").open("w") as events,
    ):
        subjects.write("subject,sex,weight,weight_unit,conditioning,infusion\n")
        labs.write("subject,date,analyte,value,unit\n")
        events.write("subject,term,grade,start\n")
        for number in range(patients):
            name = f"SYN-{number:06}"
            subjects.write(f"{name},F,{draw.randint(45, 90)},kg,2026-03-04,{D0}\n")
            for visit in range(20):
                day = D0 + dt.timedelta(9 * visit - 5)
                for test, top, unit in TESTS:
                    labs.write(f"{name},{day},{test},{draw.randint(1, 10 * top) / 10},{unit}\n")
            for grade in (1, 2, 1, 3):
                events.write(f"{name},Headache,{grade},2026-03-{draw.randint(10, 28)}\n")
    return folder


def bare(folder):
    with (folder / "labs.csv").open(newline="") as file:
        for row in csv.DictReader(file):
            float(row["value"])
            dt.date.fromisoformat(row["date"])


def ours(folder):
    for _ in open_study(folder).scan("labs"):
        pass


def rows(*, quick=False):
    """One line: a checked and typed row against a bare one."""
    with tempfile.TemporaryDirectory() as place:
        folder = write(Path(place), 50 if quick else 300)
        found = calls(lambda: ours(folder), lambda: bare(folder), turns=1 if quick else 5)
    yield Row("labs.csv, typed and checked", *found, target=8, faster=False)


def main(*, quick=False):
    """Print time, memory and growth from 10^3 to 10^5 patients."""
    sizes = (100, 1_000) if quick else (1_000, 10_000, 100_000)
    print(f"{'patients':>9} {'rows':>10} {'seconds':>9} {'µs/row':>8} {'MiB':>7}")
    times = []
    for patients in sizes:
        with tempfile.TemporaryDirectory() as place:
            folder = write(Path(place), patients)
            done = subprocess.run(
                [sys.executable, "-c", CHILD, str(folder)],
                check=True,
                capture_output=True,
                text=True,
            )
            seconds, memory, count, code = map(float, done.stdout.split())
            assert code == 0
        times.append(seconds)
        print(f"{patients:9} {count:10.0f} {seconds:9.1f} {1e6 * seconds / count:8.1f} "
              f"{memory / 1024:7.0f}")  # fmt: skip
    growth = math.log(times[-1] / times[0]) / math.log(sizes[-1] / sizes[0])
    print(f"growth exponent {growth:.2f} (processor time)")


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        print(f"{row.name}: {row.ratio:.1f} times a bare reader")
    main(quick="--quick" in sys.argv)
