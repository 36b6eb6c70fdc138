"""Simulated trials: arrays and single trials agree, a seed is a seed; a gate beside a design."""

import csv
import json
from itertools import pairwise
from pathlib import Path

import pytest

pytest.importorskip("numpy", reason="simulation needs NumPy, an extra")

import numpy as np

from itp_carT.errors import ImpossibleError, ItpCarTError, MissingFactError, UnknownTermError
from itp_carT.escalation import arrays
from itp_carT.escalation.arrays import play
from itp_carT.escalation.designs import boin, design, i3plus3, keyboard, mtpi2, three_plus_three
from itp_carT.escalation.simulation import Scenario, draws, simulate, simulate_one
from itp_carT.escalation.table import Action, from_csv
from itp_carT.protocol.gate import CrsGate, Reduction
from itp_carT.protocol.gate_course import EXAMPLE_GATE
from itp_carT.protocol.gate_simulation import GateScenario, simulate_gate
from itp_carT.sources import NCT05315778
from itp_carT.toxicity.scales import CRS_ASTCT_2019

SITE = from_csv(
    "treated,dlt,action\n2,0,E\n2,1,S\n2,2,D\n4,0,E\n4,1,E\n4,2,S\n4,3,D\n4,4,D\n6,0,E\n6,1,E\n"
    "6,2,S\n6,3,D\n6,4,D\n6,5,D\n6,6,D\n",
    name="site", source=NCT05315778.at("synthetic table"), target=0.30,
)  # fmt: skip
TABLES = [boin(0.30), keyboard(0.20), mtpi2(0.15), i3plus3(0.25), three_plus_three()]
SCENARIOS = [
    {"rates": (0.05, 0.15, 0.30, 0.45, 0.60)},
    {"rates": (0.4, 0.5), "patients": 29},
    {"rates": (0.02, 0.05, 0.1), "start": 2, "refill": False, "fill_top": False},
    {"rates": (0.3, 0.6, 0.8), "refill": False},
    {"rates": (0.2,), "patients": 5, "cohort": 1},
    {"rates": (0.1, 0.3), "patients": 5, "cohort": 1},
]


@pytest.mark.parametrize("options", SCENARIOS, ids=str)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_arrays_and_single_trials_agree_trial_by_trial(table, options):
    scenario = Scenario(**options)
    uniform = next(draws(scenario, 200, seed=7))
    ends = play(np, table, scenario, uniform)
    for at, numbers in enumerate(uniform):
        state, chosen = simulate_one(table, scenario, numbers)
        assert tuple(ends.treated[at]) == state.treated
        assert tuple(ends.dlt[at]) == state.dlt
        assert ends.selected[at] == (chosen or 0)


def test_a_site_table_is_simulated_as_it_is_walked():
    scenario = Scenario(rates=(0.1, 0.3, 0.7), cohort=2, patients=6)
    uniform = next(draws(scenario, 200, seed=3))
    ends = play(np, SITE, scenario, uniform)
    for at, numbers in enumerate(uniform):
        state, chosen = simulate_one(SITE, scenario, numbers)
        assert (tuple(ends.treated[at]), ends.selected[at]) == (state.treated, chosen or 0)
    with pytest.raises(UnknownTermError, match="no rule for 1 treated"):
        simulate(SITE, Scenario(rates=(0.1, 0.3), cohort=1, patients=3), trials=5, seed=1)
    aimless = from_csv(SITE.to_csv(), name="site", source=SITE.source)
    with pytest.raises(MissingFactError, match="target"):
        simulate(aimless, scenario, trials=5, seed=1)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_no_trial_ever_doses_an_eliminated_level(table):
    """A level whose counts eliminate it has the same counts in the end; so has every one above."""
    scenario = Scenario(rates=(0.3, 0.45, 0.6, 0.8), patients=30)
    uniform = next(draws(scenario, 2000, seed=11))
    before = None
    for cohorts in range(1, 11):
        part = Scenario(rates=scenario.rates, patients=3 * cohorts)
        ends = play(np, table, part, uniform[:, :cohorts])
        if before is not None:
            gone = np.zeros(before.treated.shape, dtype=bool)
            for level in range(4):
                for n, x in {*zip(before.treated[:, level], before.dlt[:, level], strict=True)}:
                    if n and table.action(treated=int(n), dlt=int(x)) is Action.DU:
                        same = (before.treated[:, level] == n) & (before.dlt[:, level] == x)
                        gone[same, level:] = True
            assert not ((ends.treated > before.treated) & gone).any()
        before = ends
    assert (before.treated.sum(axis=1) > 0).all()


# --- a seed is a seed -----------------------------------------------------------------------------

STORED = Path(__file__).with_name("simulated_counts.csv")


def counted():
    """Trials per level selected, patients and toxicities, in whole numbers."""
    for name in ("boin", "keyboard", "mtpi-2", "i3+3", "3+3"):
        for options in SCENARIOS[:4]:
            result = simulate(design(name), Scenario(**options), trials=1000, seed=20260309)
            counts = (
                [round(1000 * result.none), *(round(1000 * s) for s in result.selected)],
                [round(1000 * n) for n in result.patients],
                [round(1000 * n) for n in result.toxicities],
            )
            yield {
                "design": name,
                "scenario": json.dumps(options),
                "counts": " / ".join(" ".join(map(str, part)) for part in counts),
            }


def test_a_seed_gives_the_stored_counts_on_every_python_and_numpy():
    with STORED.open(encoding="utf-8", newline="") as file:
        assert list(csv.DictReader(file)) == list(counted())


def test_progress_adds_up_and_batches_change_nothing(monkeypatch):
    scenario, seen = Scenario(rates=(0.1, 0.3)), []
    once = simulate(boin(0.30), scenario, trials=500, seed=1, progress=seen.append)
    assert sum(seen) == 500
    monkeypatch.setattr("itp_carT.escalation.simulation.BATCH", 70)
    assert simulate(boin(0.30), scenario, trials=500, seed=1, progress=seen.append) == once
    assert len(seen) > 5


def test_a_table_that_is_too_short_says_how_long_it_must_be():
    with pytest.raises(ImpossibleError, match="largest=30"):
        simulate(boin(0.30, largest=12), Scenario(rates=(0.1, 0.3)), trials=10, seed=1)


@pytest.mark.parametrize(
    "wrong", [{"trials": 0}, {"trials": 1.5}, {"seed": -1}, {"seed": "x"}, {"seed": None}]
)
def test_trials_and_seed_are_whole(wrong):
    with pytest.raises(ItpCarTError):
        simulate(boin(0.30), Scenario(rates=(0.1,)), **{"trials": 5, "seed": 1, **wrong})


def test_a_safe_and_a_toxic_scenario_behave_as_they_must():
    """All levels safe: the top is selected; all too toxic: mostly none, and few patients."""
    safe = simulate(boin(0.30), Scenario(rates=(0.001, 0.002, 0.003)), trials=500, seed=1)
    assert safe.selected[2] > 0.97
    toxic = simulate(boin(0.30), Scenario(rates=(0.9, 0.95, 0.99)), trials=500, seed=1)
    assert toxic.none > 0.95
    assert sum(toxic.patients) < 7
    assert "patients and" in str(toxic)


# --- a gate beside a design -----------------------------------------------------------------------

GRADES = ((0.20, 0.10, 0.02, 0.01), (0.45, 0.25, 0.10, 0.03), (0.70, 0.45, 0.25, 0.08))
ASTCT = CRS_ASTCT_2019.grade


def assumed(**more):
    return GateScenario(**{"grades": GRADES, "seen": 1, "patients": 5, **more})


def gate(hold, stop=None):
    return CrsGate(
        name=f"hold from {hold}", hold_at_grade=ASTCT(hold),
        stop_at_grade=None if stop is None else ASTCT(stop), example=True,
    )  # fmt: skip


@pytest.mark.parametrize("patients", [5, 30])
def test_a_gate_gives_the_shares_that_its_rule_implies(patients):
    """Held from grade 1: level 1 keeps those with CRS after it, 20 %; level 2 those up to 45 %."""
    found = simulate_gate(gate(1), assumed(patients=patients), trials=4000, seed=1)
    share = [number / patients for number in found.patients]
    assert share == pytest.approx([0.20, 0.25, 0.55], abs=0.02)
    assert sum(found.patients) == pytest.approx(patients)
    # grade 3 or more: 2 % of all at level 1; later none, since mild CRS always went before it
    toxic = [number / patients for number in found.toxicities]
    assert toxic == pytest.approx([0.02, 0.0, 0.0], abs=0.01)
    # held from grade 3 only: severe CRS comes at the level where it is first reached
    loose = simulate_gate(gate(3), assumed(patients=patients), trials=4000, seed=1)
    toxic = [number / patients for number in loose.toxicities]
    assert toxic == pytest.approx([0.02, 0.08, 0.15], abs=0.02)


def test_crs_that_shows_too_late_passes_the_gate():
    late = simulate_gate(gate(1), assumed(seen=0), trials=2000, seed=1)
    assert late.patients == (0.0, 0.0, 5.0)
    half = simulate_gate(gate(1), assumed(seen=0.5), trials=2000, seed=1)
    early = simulate_gate(gate(1), assumed(), trials=2000, seed=1)
    assert sum(early.toxicities) < sum(half.toxicities) < sum(late.toxicities)


def test_a_stricter_gate_never_doses_more_and_never_harms_more():
    results = [simulate_gate(gate(hold), assumed(), trials=2000, seed=5) for hold in (1, 2, 3, 4)]
    for strict, loose in pairwise(results):
        assert strict.patients[2] <= loose.patients[2]
        assert sum(strict.toxicities) <= sum(loose.toxicities)


@pytest.mark.parametrize("patients", [5, 30])
def test_a_gate_and_a_design_stand_side_by_side(patients):
    scenario = Scenario(rates=assumed().rates, cohort=1, patients=patients)
    beside = simulate(boin(0.30), scenario, trials=1000, seed=2)
    found = simulate_gate(EXAMPLE_GATE, assumed(patients=patients), trials=1000, seed=2)
    assert found.scenario == beside.scenario
    assert found.selected is None is found.none
    assert "[of no protocol]" in str(found)
    assert "selected %" in str(found)
    pytest.importorskip("matplotlib", reason="needs Matplotlib, an extra")
    from itp_carT import plots

    figure = plots.operating_characteristics([beside, found])
    assert len(figure.axes) == 3
    looks = {patch.get_facecolor() for patch in figure.legends[0].get_patches()}
    assert len(looks) == 2  # the gate has its own color, though it has no bar in the first panel
    other = simulate(boin(0.30), Scenario(rates=(0.1, 0.2, 0.3)), trials=10, seed=1)
    with pytest.raises(ImpossibleError, match="true rates"):
        plots.operating_characteristics([beside, other])


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"grades": ((0.1, 0.2, 0.1, 0.1),)}, "grades"),  # rises with the grade
        ({"grades": (GRADES[1], GRADES[0])}, "grades"),  # falls with the dose
        ({"grades": ((0.2, 0.1),)}, "grades"),
        ({"grades": ()}, "grades"),
        ({"grades": ((20, 10, 5, 1),)}, "grades"),
        ({"seen": 1.5}, "seen"),
        ({"seen": "often"}, "seen"),
        ({"toxicity": 5}, "toxicity"),
        ({"patients": 0}, "patients"),
    ],
)
def test_assumptions_that_cannot_be_are_refused(wrong, field):
    with pytest.raises(ItpCarTError) as caught:
        assumed(**wrong)
    assert caught.value.field == field


def test_a_gate_that_reduces_is_not_simulated():
    reducing = CrsGate(
        name="x", hold_at_grade=ASTCT(2), reduce=(Reduction(ASTCT(1), 0.5),), example=True
    )
    with pytest.raises(ImpossibleError, match="reduces"):
        simulate_gate(reducing, assumed(), trials=10, seed=1)


def test_the_arrays_know_every_action():
    assert set(arrays._CODE) == {*Action, None}


if __name__ == "__main__":
    with STORED.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("design", "scenario", "counts"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(counted())
