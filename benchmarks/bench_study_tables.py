"""A whole study: endpoint tables over columns, their time and memory, and how both grow.

Each measurement is a fresh interpreter; its peak of resident memory is the system's own figure.
``--full`` goes up to 100 000 synthetic patients: about a gigabyte in the directory for temporary
files, or in ``--folder``.
"""

import argparse
import json
import math
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SIZES = (1_000, 10_000)
LARGEST = 100_000
BOUND = 2.0  # GiB
#: A bare ``import matplotlib`` can draw nothing; the second is what a figure written as SVG needs.
IMPORTS = (
    "import pint, matplotlib",
    "import pint, matplotlib.figure, matplotlib.backends.backend_svg",
    "import pint, matplotlib.pyplot",
)
EXAMPLE = Path(__file__).parent.parent / "examples" / "study"


def folder_of(base, patients):
    """Return a synthetic study folder, made where it is not there yet."""
    folder = base / f"study-{patients}"
    if not folder.exists():
        from itp_carT.protocol.nct05315778 import PROTOCOL
        from itp_carT.study.simulate import simulate_study

        start = time.perf_counter()
        simulate_study(folder, PROTOCOL, patients=patients, seed=1)
        print(f"simulated {patients} patients in {time.perf_counter() - start:.0f} s", flush=True)
    return folder


def measure(folder, endpoints):
    """Print seconds and peak memory [GiB] of one run, in its own interpreter."""
    from itp_carT.frames.study import study_tables
    from itp_carT.protocol.nct05315778 import PROTOCOL, SCHEDULE
    from itp_carT.study.analysis import mapped_questionnaire
    from itp_carT.study.folder import open_study

    asked = mapped_questionnaire(Path(folder), open_study(folder).header)
    start = time.perf_counter()
    used = time.process_time()
    found = study_tables(
        folder, PROTOCOL, schedule=SCHEDULE, questionnaire=asked, endpoints=endpoints
    )
    told = {
        "seconds": time.perf_counter() - start,
        "processor": time.process_time() - used,
        "memory": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20,
        "patients": found.patients.height,
    }
    print(json.dumps(told))


def run(folder, endpoints):
    """Measure in a fresh interpreter."""
    command = [sys.executable, __file__, "--measure", str(folder), *endpoints]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def growth(small, large):
    """Return the exponent with which the time grows with the number of patients."""
    return math.log(large["seconds"] / small["seconds"]) / math.log(
        large["patients"] / small["patients"]
    )


def table(base, sizes):
    """Measure every endpoint at every size."""
    from itp_carT.frames.study import ENDPOINTS

    for name, asked in (("all", ENDPOINTS), *((one, (one,)) for one in ENDPOINTS)):
        found = [run(folder_of(base, size), asked) for size in sizes]
        for one in found:
            print(
                f"{name:13} {one['patients']:7} patients {one['seconds']:8.1f} s "
                f"{one['patients'] / one['seconds']:8.0f} patients/s  peak {one['memory']:.2f} GiB",
                flush=True,
            )
        if len(found) > 1:
            exponent = growth(found[0], found[-1])
            print(f"{name:13} growth exponent {exponent:.2f}", flush=True)
        if found[-1]["memory"] > BOUND:
            raise SystemExit(f"{name}: more than {BOUND} GiB")


def command_line(turns=5):
    """Compare `itp-cart analyze` of the example with importing pint and matplotlib."""
    with tempfile.TemporaryDirectory() as folder:
        analyze = [sys.executable, "-m", "itp_carT", "analyze", str(EXAMPLE), "--force"]
        report = ["--report", str(Path(folder) / "report.html")]
        ways = {name: [sys.executable, "-c", name] for name in IMPORTS} | {
            "analyze, figures only": analyze,
            "analyze, report without pictures": [*analyze, *report, "--no-pictures"],
            "analyze, report with pictures": [*analyze, *report],
        }
        times = {name: [] for name in ways}
        for _ in range(turns):
            for name, command in ways.items():
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(command, check=True, capture_output=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                times[name].append(
                    after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
                )
    middle = {name: sorted(found)[turns // 2] for name, found in times.items()}
    bare, drawing, pyplot = (middle[name] for name in IMPORTS)
    for name, found in middle.items():
        print(
            f"{name}: {found:.2f} s of processor time, {found / drawing:.1f} times what draws "
            f"({found / bare:.1f} times the bare package, {found / pyplot:.1f} times pyplot)"
        )


def main(quick=False, *, full=False, folder=None):
    """Print the table of a study, and the time of the command line."""
    sizes = SIZES[:1] if quick else (*SIZES, LARGEST) if full else SIZES
    with tempfile.TemporaryDirectory() as made:
        table(folder or Path(made), sizes)
    command_line(turns=1 if quick else 5)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--measure"]:
        measure(sys.argv[2], sys.argv[3:])
    else:
        parser = argparse.ArgumentParser(description=__doc__)
        parser.add_argument("--full", action="store_true", help="up to 100 000 patients")
        parser.add_argument("--quick", action="store_true", help="1 000 patients, once")
        parser.add_argument("--folder", type=Path, help="where the synthetic studies are kept")
        given = parser.parse_args()
        main(given.quick, full=given.full, folder=given.folder)
