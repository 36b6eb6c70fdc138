"""Simulated trials of dose finding: all together on arrays, against one after the other."""

import sys

from measuring import Row, calls

from itp_carT.escalation.arrays import play
from itp_carT.escalation.designs import boin, i3plus3, three_plus_three
from itp_carT.escalation.simulation import Scenario, draws, numpy, simulate, simulate_one

SCENARIO = Scenario(rates=(0.05, 0.15, 0.30, 0.45, 0.60), patients=30)
DESIGNS = (boin(0.30), i3plus3(0.30), three_plus_three())


def one_by_one(table, uniform):
    """Play every trial through the decisions that a single trial is given: the scalar loop."""
    return [simulate_one(table, SCENARIO, numbers) for numbers in uniform]


def rows(quick=False):
    trials = 10_000
    few = trials // 50
    for table in DESIGNS:
        uniform = next(draws(SCENARIO, few, seed=5))
        ends = play(numpy(), table, SCENARIO, uniform)
        for at, (state, chosen) in enumerate(one_by_one(table, uniform)):
            assert tuple(ends.treated[at]) == state.treated
            assert (chosen or 0) == ends.selected[at]
        ours, loop = calls(
            lambda table=table: simulate(table, SCENARIO, trials=trials, seed=5),
            lambda table=table, uniform=uniform: one_by_one(table, uniform),
            turns=1 if quick else 9,
        )
        # the loop plays a fiftieth of the trials, and each of them takes as long as the others
        yield Row(f"{table.name}, {trials} trials of 30", ours, 50 * loop, 50, True)


if __name__ == "__main__":
    for row in rows(quick="--quick" in sys.argv):
        print(f"{row.name}: {row.ours:.3f} s, loop {row.baseline:.2f} s, {row.ratio:.0f} x")
