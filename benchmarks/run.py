"""Run every benchmark and print one table; see README.md. Nothing passes or fails on time."""

import argparse
import importlib
import platform
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).parent
HEAD = ("what", "ours", "baseline", "ratio", "target", "met")
LINE = "{:34} {:>10} {:>10} {:>7} {:>8}  {}"


def environment():
    """Name what decides an import time: pint loads these when they are installed."""
    found = []
    for name in ("pint", "attrs", "numpy", "scipy", "dask"):
        try:
            found.append(f"{name} {version(name)}")
        except PackageNotFoundError:
            found.append(f"no {name}")
    return f"Python {platform.python_version()}, {platform.machine()}, {', '.join(found)}"


def seconds(value):
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= size:
            return f"{value / size:.3g} {unit}"
    return f"{value / 1e-9:.3g} ns"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="each measurement once")
    quick = parser.parse_args().quick
    sys.path.insert(0, str(HERE))
    print(environment())
    print(LINE.format(*HEAD))
    others = []
    for path in sorted(HERE.glob("bench_*.py")):
        module = importlib.import_module(path.stem)
        if not hasattr(module, "rows"):
            others.append(module)
            continue
        for row in module.rows(quick=quick):
            sign = "≥" if row.faster else "≤"
            ratio, target = f"{row.ratio:.3g}", f"{sign} {row.target:g}"
            times = seconds(row.ours), seconds(row.baseline)
            print(LINE.format(row.name, *times, ratio, target, "yes" if row.met else "no"))
    for module in others:  # benchmarks with a table of their own
        print(f"\n{module.__doc__.splitlines()[0]}")
        module.main(quick=quick)


if __name__ == "__main__":
    main()
