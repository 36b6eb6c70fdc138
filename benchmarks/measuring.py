"""What every benchmark shares: a row of the table, and two fair ways to time.

Two things are always timed in turn, A B A B, so that a machine that slows down for a while slows
both; the median of the turns is kept.
"""

import statistics
import subprocess
import sys
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One line of the table: our time, the baseline's time, and the ratio aimed at."""

    name: str
    ours: float
    baseline: float
    target: float
    faster: bool  # the target is a least speed-up, not a largest share

    @property
    def ratio(self):
        """How many times faster, or which share of the baseline's time."""
        return self.baseline / self.ours if self.faster else self.ours / self.baseline

    @property
    def met(self):
        """Whether the ratio is at least, or at most, what was aimed at."""
        return self.ratio >= self.target if self.faster else self.ratio <= self.target


def calls(ours, baseline, *, turns=9, budget=0.05):
    """Seconds per call of two functions without arguments."""
    counts = []
    for function in (ours, baseline):
        function()  # first-time work, such as building a registry, is not what is measured here
        start = time.perf_counter()
        function()
        counts.append(max(1, int(budget / max(time.perf_counter() - start, 1e-9))))
    times = ([], [])
    for _ in range(turns):
        for function, count, found in zip((ours, baseline), counts, times, strict=True):
            start = time.perf_counter_ns()
            for _ in range(count):
                function()
            found.append((time.perf_counter_ns() - start) / count / 1e9)
    return tuple(statistics.median(found) for found in times)


CHILD = "import time; start = time.process_time_ns()\n{}\nprint(time.process_time_ns() - start)"


def programs(*statements, turns=15):
    """Seconds of processor time of statements, each run in a fresh isolated interpreter."""
    times = [[] for _ in statements]
    for _ in range(turns):
        for statement, found in zip(statements, times, strict=True):
            done = subprocess.run(
                [sys.executable, "-I", "-c", CHILD.format(statement)],
                check=True,
                capture_output=True,
                text=True,
            )
            found.append(int(done.stdout) / 1e9)
    return tuple(statistics.median(found) for found in times)
