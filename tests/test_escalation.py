"""Dose escalation between patients: published boundaries, admissible decisions, simulation."""

import csv
import pickle
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.errors import (
    ImpossibleError,
    ItpCarTError,
    NotationError,
    NotPermittedError,
    UnknownTermError,
)
from itp_carT.escalation.cohorts import (
    Cohorts,
    Step,
    maximum_tolerated,
    recommend,
    recommend_3plus3,
)
from itp_carT.escalation.designs import (
    boin,
    boin_boundaries,
    design,
    i3plus3,
    keyboard,
    mtpi2,
    three_plus_three,
)
from itp_carT.escalation.selection import pooled, select
from itp_carT.escalation.table import Action, DecisionTable, from_csv
from itp_carT.sources import NCT05315778

PUBLISHED = Path(__file__).parent / "published"
RULES = {
    "escalate_if_dlt_at_most": Action.E,
    "deescalate_if_dlt_at_least": Action.D,
    "eliminate_if_dlt_at_least": Action.DU,
}
MAKE = {"keyboard": keyboard, "mtpi2": mtpi2, "mtpi-2": mtpi2, "i3+3": i3plus3}


def rows(name):
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def expected(text):
    return None if text in ("", "-") else int(text)


@pytest.mark.parametrize("row", [r for r in rows("boin.csv") if r["rule"].startswith("lambda")])
def test_boin_limits_agree_with_the_transcription(row):
    limits = boin_boundaries(row["target"])
    value = limits.escalate if row["rule"] == "lambda_e" else limits.de_escalate
    decimals = len(row["value"].partition(".")[2])
    assert f"{value:.{decimals}f}" == row["value"]


@pytest.mark.parametrize("row", [r for r in rows("boin.csv") if r["rule"] in RULES])
def test_boin_table_agrees_with_the_published_one(row):
    table = boin(row["target"], largest=30)
    assert table.boundaries(int(row["n"]))[RULES[row["rule"]]] == expected(row["value"])


@pytest.mark.parametrize("row", rows("interval_designs.csv"))
def test_interval_designs_agree_with_the_transcription(row):
    table = MAKE[row["design"].casefold()](row["target"], largest=12)
    assert table.boundaries(int(row["n"]))[RULES[row["rule"]]] == expected(row["value"])


def test_designs_that_agree_at_030_differ_at_other_targets():
    at_030 = boin(0.30, largest=12).differences(keyboard(0.30, largest=12))
    assert at_030 == ()
    differing = [
        target
        for target in ("0.15", "0.20", "0.25", "0.35", "0.40")
        if boin(target, largest=12).differences(keyboard(target, largest=12))
    ]
    assert differing


def test_interval_ends_are_exact():
    """0.15 - 0.05 is 0.1 here: 1 of 10 lies inside the interval; in floats it is less than 0.1."""
    assert 0.15 - 0.05 != 0.1
    assert i3plus3(0.15, largest=10).action(treated=10, dlt=1) is Action.S
    assert i3plus3(0.30, largest=20).action(treated=20, dlt=7) is Action.S


@pytest.mark.parametrize(
    ("treated", "dlt", "action"),
    [(3, 0, "E"), (3, 1, "S"), (3, 2, "DU"), (3, 3, "DU"), (6, 1, "E"), (6, 2, "DU")],
)
def test_three_plus_three(treated, dlt, action):
    assert three_plus_three().action(treated=treated, dlt=dlt).name == action


@pytest.mark.parametrize("treated", [1, 2, 4, 5])
def test_three_plus_three_has_no_rule_for_other_numbers(treated):
    with pytest.raises(UnknownTermError, match="3, 6"):
        three_plus_three().action(treated=treated, dlt=0)


TOP = {"treated": (3, 3), "dlt": (0, 0), "current": 2}
LADDER = [
    # state, options, step, level
    ({"treated": (3, 0), "dlt": (0, 0), "current": 1}, {}, "ESCALATE", 2),
    ({"treated": (3, 0), "dlt": (1, 0), "current": 1}, {}, "EXPAND", 1),
    ({"treated": (3, 0), "dlt": (2, 0), "current": 1}, {}, "STOP", None),
    ({"treated": (3, 3), "dlt": (0, 2), "current": 2}, {}, "DE_ESCALATE", 1),
    ({"treated": (3, 3), "dlt": (0, 2), "current": 2}, {"refill": False}, "STOP", None),
    ({"treated": (6, 3), "dlt": (1, 2), "current": 2}, {}, "STOP", None),
    (TOP, {}, "EXPAND", 2),
    (TOP, {"fill_top": False}, "STOP", None),
    ({"treated": (6, 3), "dlt": (1, 2), "current": 1}, {}, "STOP", None),
    ({"treated": (3, 3), "dlt": (0, 2), "current": 1}, {}, "EXPAND", 1),
]


@pytest.mark.parametrize(("state", "options", "step", "level"), LADDER)
def test_three_plus_three_moves(state, options, step, level):
    decision = recommend_3plus3(three_plus_three(), Cohorts(**state), **options)
    assert (decision.step.name, decision.level) == (step, level)


@pytest.mark.parametrize(
    ("treated", "dlt", "level"),
    [((6, 6), (0, 1), 2), ((6, 6), (0, 2), 1), ((3, 3), (0, 2), None), ((6,), (2,), None)],
)
def test_maximum_tolerated_level_is_the_highest_with_at_most_1_in_6(treated, dlt, level):
    state = Cohorts(treated=treated, dlt=dlt, current=1)
    assert maximum_tolerated(state) == level


INTERVAL = [
    # treated, dlt, current, eliminated from, step, level, eliminated
    ((3, 0, 0), (0, 0, 0), 1, None, "ESCALATE", 2, ()),
    ((3, 3, 0), (0, 1, 0), 2, None, "EXPAND", 2, ()),
    ((3, 3, 0), (0, 2, 0), 2, None, "DE_ESCALATE", 1, ()),
    ((3, 3, 0), (0, 3, 0), 2, None, "DE_ESCALATE", 1, (2, 3)),
    ((3, 0, 0), (3, 0, 0), 1, None, "STOP", None, (1, 2, 3)),
    ((3, 0, 0), (2, 0, 0), 1, None, "EXPAND", 1, ()),
    ((3, 3, 3), (0, 0, 0), 3, None, "EXPAND", 3, ()),
    ((6, 3, 0), (0, 3, 0), 1, 2, "EXPAND", 1, (2, 3)),
]


@pytest.mark.parametrize(("treated", "dlt", "current", "cut", "step", "level", "out"), INTERVAL)
def test_an_interval_design_never_names_a_level_that_is_gone(
    treated, dlt, current, cut, step, level, out
):
    state = Cohorts(treated=treated, dlt=dlt, current=current, eliminated_from=cut)
    decision = recommend(boin(0.30), state)
    assert (decision.step.name, decision.level, decision.eliminated) == (step, level, out)
    assert "BOIN" in decision.because


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"treated": (3, 0), "dlt": (4, 0), "current": 1}, ImpossibleError),
        ({"treated": (3, 0), "dlt": (0,), "current": 1}, ImpossibleError),
        ({"treated": (3, 0), "dlt": (0, 0), "current": 2}, ImpossibleError),
        ({"treated": (3, 0, 3), "dlt": (0, 0, 0), "current": 3}, ImpossibleError),
        ({"treated": (-3, 0), "dlt": (0, 0), "current": 1}, ImpossibleError),
        ({"treated": (3.5, 0), "dlt": (0, 0), "current": 1}, NotationError),
        (
            {"treated": (3, 3), "dlt": (0, 0), "current": 2, "eliminated_from": 2},
            NotPermittedError,
        ),
    ],
)
def test_a_state_that_cannot_be_is_refused(arguments, error):
    with pytest.raises(error):
        Cohorts(**arguments)


@pytest.mark.parametrize("target", [0, 1, -0.1, 30, "x", None, float("nan"), True])
def test_a_target_must_be_a_probability(target):
    with pytest.raises(ItpCarTError):
        boin(target)


def test_a_percentage_as_target_is_recognized():
    with pytest.raises(ImpossibleError, match=r"write 0\.3 for 30 %"):
        boin(30)


def test_a_table_survives_csv_and_pickle():
    table = boin(0.25, largest=9)
    again = from_csv(table.to_csv(), name="BOIN", source=table.source, target=0.25)
    assert again.differences(table) == ()
    assert pickle.loads(pickle.dumps(table)) == table


def test_a_site_table_that_turns_milder_with_toxicity_is_refused():
    with pytest.raises(ImpossibleError, match="milder"):
        DecisionTable("site", None, [[Action.D, Action.E]], source=NCT05315778.at("none"))


def test_a_bad_line_of_a_site_table_is_named():
    with pytest.raises(NotationError, match="line 3"):
        from_csv("treated,dlt,action\n1,0,E\n1,one,D\n", name="site", source=NCT05315778.at("x"))


def test_an_unknown_design_names_those_there_are():
    with pytest.raises(UnknownTermError, match="boin, keyboard"):
        design("boim")


@pytest.mark.parametrize("target", ["0.15", "0.2", "0.25", "0.3", "0.35", "0.4"])
@pytest.mark.parametrize("make", [boin, keyboard, mtpi2, i3plus3])
def test_more_toxicities_never_lead_to_a_milder_action(make, target):
    table = make(target, largest=12)
    for treated in range(1, 13):
        actions = [table.action(treated=treated, dlt=dlt) for dlt in range(treated + 1)]
        order = [list(Action).index(action) for action in actions]
        assert order == sorted(order)


@given(st.lists(st.fractions(0, 1), min_size=1, max_size=6))
def test_pooling_rises_and_keeps_the_mean(values):
    weights = [Fraction(1)] * len(values)
    found = pooled(values, weights)
    assert found == sorted(found)
    assert sum(found) == sum(values)


def test_selection_takes_the_closest_level_and_leaves_out_the_eliminated():
    state = Cohorts(treated=(3, 6, 6), dlt=(0, 2, 5), current=2)
    assert select(state, 0.30).level == 2
    assert select(Cohorts(treated=(6,), dlt=(6,), current=1), 0.30).level is None
    assert not select(state, 0.30).citation.verified


class TestSimulation:
    """Arrays and single trials take the same decisions."""

    @pytest.fixture(autouse=True)
    def _numpy(self):
        pytest.importorskip("numpy", reason="simulation needs NumPy, an extra")

    @pytest.mark.parametrize(
        "table", [boin(0.30), keyboard(0.20), i3plus3(0.25), three_plus_three()]
    )
    @pytest.mark.parametrize(
        "options",
        [
            {"rates": (0.05, 0.15, 0.30, 0.45, 0.60)},
            {"rates": (0.4, 0.5), "patients": 29},
            {"rates": (0.02, 0.05, 0.1), "start": 2, "refill": False, "fill_top": False},
            {"rates": (0.2,), "patients": 5, "cohort": 1},
        ],
    )
    def test_arrays_agree_with_single_trials(self, table, options):
        from itp_carT.escalation.simulation import Scenario, draws, simulate, simulate_one

        scenario = Scenario(**options)
        trials = 150
        uniform = next(draws(scenario, trials, seed=7))
        ends = [simulate_one(table, scenario, numbers) for numbers in uniform]
        result = simulate(table, scenario, trials=trials, seed=7)
        for level in range(len(scenario.rates)):
            share = sum(chosen == level + 1 for _, chosen in ends) / trials
            patients = sum(state.treated[level] for state, _ in ends) / trials
            assert result.selected[level] == pytest.approx(share)
            assert result.patients[level] == pytest.approx(patients)
        assert result.none == pytest.approx(sum(chosen is None for _, chosen in ends) / trials)

    def test_a_seed_gives_one_result(self):
        """These numbers are the same on every supported Python and NumPy."""
        from itp_carT.escalation.simulation import Scenario, draws

        first = next(draws(Scenario(rates=(0.1, 0.3)), 1, seed=20260309))[0, 0, :3]
        again = next(draws(Scenario(rates=(0.1, 0.3)), 1, seed=20260309))[0, 0, :3]
        assert list(first) == list(again)

    def test_no_trial_doses_an_eliminated_level(self):
        """Once a level is eliminated, its number treated no longer grows."""
        from itp_carT.escalation.simulation import Scenario, draws

        scenario = Scenario(rates=(0.3, 0.6, 0.8))
        table = boin(0.30)
        for numbers in next(draws(scenario, 200, seed=3)):
            treated, dlt, here, cut = [0] * 3, [0] * 3, 1, None
            for cohort in numbers[:10]:
                assert cut is None or here < cut
                treated[here - 1] += 3
                dlt[here - 1] += sum(bool(u < scenario.rates[here - 1]) for u in cohort[:3])
                state = Cohorts(treated=treated, dlt=dlt, current=here, eliminated_from=cut)
                decision = recommend(table, state)
                cut = min(decision.eliminated, default=cut)
                if decision.step is Step.STOP:
                    break
                here = decision.level

    def test_a_table_that_is_too_short_says_how_long_it_must_be(self):
        from itp_carT.escalation.simulation import Scenario, simulate

        with pytest.raises(ImpossibleError, match="largest=30"):
            simulate(boin(0.30, largest=12), Scenario(rates=(0.1, 0.3)), trials=10, seed=1)
