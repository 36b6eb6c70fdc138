"""Dose escalation between patients: published boundaries, admissible decisions, simulation."""

import csv
import math
import pickle
from decimal import Decimal, getcontext
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


TARGETS = ("0.15", "0.20", "0.25", "0.30", "0.33", "0.35", "0.40")


def mass(x, n, low, high):
    """Posterior mass of an interval: p^x (1-p)^(n-x) integrated as a polynomial, exactly."""
    terms = [(Fraction((-1) ** k * math.comb(n - x, k)), x + k + 1) for k in range(n - x + 1)]
    part, whole = (
        sum((c / power * (b**power - a**power) for c, power in terms), Fraction(0))
        for a, b in ((low, high), (Fraction(0), Fraction(1)))
    )
    return part / whole


def eliminated(x, n, phi):
    return n >= 3 and mass(x, n, phi, Fraction(1)) > Fraction(95, 100)


def by_boin(x, n, phi):
    """The boundaries from their equations, to 40 digits."""
    getcontext().prec = 40
    p, p1, p2 = (Decimal(f.numerator) / f.denominator for f in (phi, phi * 6 / 10, phi * 14 / 10))
    up = ((1 - p1) / (1 - p)).ln() / (p * (1 - p1) / (p1 * (1 - p))).ln()
    down = ((1 - p) / (1 - p2)).ln() / (p2 * (1 - p) / (p * (1 - p2))).ln()
    share = Decimal(x) / n
    return "E" if share <= up else "D" if share >= down else "S"


def by_keys(x, n, phi, short_ends):
    """The heaviest interval per width, of intervals laid from the target to both sides."""
    half = Fraction(5, 100)
    keys = {0: (phi - half, phi + half)}
    at = 0
    while keys[at][1] < 1:
        keys[at + 1] = keys[at][1], min(Fraction(1), keys[at][1] + 2 * half)
        at += 1
    at = 0
    while keys[at][0] > 0:
        keys[at - 1] = max(Fraction(0), keys[at][0] - 2 * half), keys[at][0]
        at -= 1
    if not short_ends:
        keys = {at: key for at, key in keys.items() if key[1] - key[0] == 2 * half}
    weight = {at: mass(x, n, *key) / (key[1] - key[0]) for at, key in keys.items()}
    best = max(weight, key=weight.__getitem__)
    return "S" if best == 0 else "E" if best < 0 else "D"


def by_i3plus3(x, n, phi):
    low, high = phi - Fraction(1, 20), phi + Fraction(1, 20)
    if Fraction(x, n) < low:
        return "E"
    if Fraction(x, n) <= high or Fraction(x - 1, n) < low:
        return "S"
    return "D"


ORACLES = {
    boin: by_boin,
    keyboard: lambda x, n, phi: by_keys(x, n, phi, short_ends=False),
    mtpi2: lambda x, n, phi: by_keys(x, n, phi, short_ends=True),
    i3plus3: by_i3plus3,
}


@pytest.mark.parametrize("target", TARGETS)
@pytest.mark.parametrize("make", ORACLES)
def test_every_cell_agrees_with_the_rule_written_another_way(make, target):
    phi, rule, table = Fraction(target), ORACLES[make], make(target, largest=15)
    for n in range(1, 16):
        for x in range(n + 1):
            want = "DU" if eliminated(x, n, phi) else rule(x, n, phi)
            assert (n, x, table.action(treated=n, dlt=x).name) == (n, x, want)


@pytest.mark.parametrize("target", TARGETS)
def test_keyboard_and_mtpi2_are_one_table_at_these_targets(target):
    assert keyboard(target, largest=15).differences(mtpi2(target, largest=15)) == ()


@pytest.mark.parametrize(
    ("target", "cells"),
    [
        # number treated, toxicities: the cells where BOIN and Keyboard part, up to 15 treated
        ("0.20", ((7, 1, "E", "S"), (13, 2, "E", "S"), (14, 2, "E", "S"))),
        ("0.25", ()),
        ("0.30", ((14, 5, "S", "D"),)),
        ("0.33", ((11, 3, "S", "E"), (13, 5, "S", "D"), (15, 4, "S", "E"))),
    ],
)
def test_boin_and_keyboard_part_at_other_targets(target, cells):
    assert boin(target, largest=15).differences(keyboard(target, largest=15)) == cells
    phi = Fraction(target)
    for n, x, here, there in cells:
        assert (by_boin(x, n, phi), by_keys(x, n, phi, short_ends=False)) == (here, there)


def test_a_keyboard_without_a_key_on_both_sides_could_never_move():
    """At 0.10 ± 0.05 the rest below, 0 to 0.05, is dropped: 0 of 15 would still be "stay"."""
    with pytest.raises(ImpossibleError, match="no whole key lies below"):
        keyboard(0.10)
    assert keyboard(0.10, half_width=0.03).action(treated=3, dlt=0) is Action.E
    assert mtpi2(0.10).action(treated=3, dlt=0) is Action.E


def test_i3plus3_differs_from_boin_at_030_in_three_cells():
    found = boin(0.30, largest=12).differences(i3plus3(0.30, largest=12))
    assert found == ((1, 1, "D", "S"), (2, 1, "D", "S"), (5, 2, "D", "S"))


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


NO_RETURN = {"refill": False}
STOP_AT_TOP = {"fill_top": False}


@pytest.mark.parametrize(
    ("treated", "dlt", "variant", "level"),
    [
        ((6, 6), (0, 1), {}, 2),
        ((6, 6), (0, 2), {}, 1),
        ((3, 3), (0, 2), {}, None),  # the level below is not filled yet
        ((6,), (2,), {}, None),
        ((3, 3), (0, 2), NO_RETURN, 1),  # no return: the level below is taken as it stands
        ((6, 3), (1, 2), NO_RETURN, 1),
        ((3, 3), (0, 0), NO_RETURN, 1),  # the top is still to be filled
        ((3, 3), (0, 0), STOP_AT_TOP, 2),
        ((3, 3), (0, 0), NO_RETURN | STOP_AT_TOP, 2),
        ((3, 0), (2, 0), NO_RETURN, None),
    ],
)
def test_maximum_tolerated_level(treated, dlt, variant, level):
    """At most 1 in 6; 0 of 3 counts in the variants that leave a level at 3."""
    assert maximum_tolerated(Cohorts(treated=treated, dlt=dlt, current=1), **variant) == level


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


@pytest.mark.parametrize("make", [boin, keyboard, mtpi2, i3plus3])
def test_a_level_too_toxic_by_its_counts_is_not_opened_again(make):
    """3 of 3 at level 2: after 1 of 6 below, escalating back to it is inadmissible."""
    state = Cohorts(treated=(6, 3, 0), dlt=(1, 3, 0), current=1)
    decision = recommend(make(0.30), state)
    assert decision.action is Action.E
    assert (decision.step, decision.level, decision.eliminated) == (Step.EXPAND, 1, (2, 3))
    assert "level 2 was eliminated" in decision.because


@pytest.mark.parametrize(
    ("step", "table", "state"),
    [
        (recommend, boin(0.30), {"treated": (3, 3), "dlt": (3, 0), "current": 2}),
        (recommend, i3plus3(0.30), {"treated": (6, 3, 3), "dlt": (4, 0, 0), "current": 3}),
        (recommend_3plus3, three_plus_three(), {"treated": (3, 3), "dlt": (2, 0), "current": 2}),
        (recommend_3plus3, three_plus_three(), {"treated": (6, 3), "dlt": (2, 0), "current": 2}),
    ],
)
def test_a_level_in_use_above_an_eliminated_one_is_refused(step, table, state):
    with pytest.raises(NotPermittedError, match="level 1 was eliminated") as caught:
        step(table, Cohorts(**state))
    assert caught.value.field == "current"


@pytest.mark.parametrize("treated", [(4, 3), (9, 3)])
def test_three_plus_three_refuses_other_numbers_at_any_level(treated):
    with pytest.raises(UnknownTermError, match="3, 6"):
        recommend_3plus3(three_plus_three(), Cohorts(treated=treated, dlt=(0, 0), current=2))


def test_every_decision_carries_its_rule():
    state = Cohorts(treated=(3, 3, 0), dlt=(0, 1, 0), current=2)
    assert "at most 0.2365" in recommend(boin(0.30), state).because
    assert "Korn 1994" in recommend_3plus3(three_plus_three(), state).because


LEVELS = st.lists(
    st.sampled_from([0, 3, 6]).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n))),
    min_size=1, max_size=5,
)  # fmt: skip


@given(LEVELS, st.integers(1, 5), st.sampled_from(["boin", "keyboard", "mtpi-2", "i3+3", "3+3"]))
def test_more_toxicities_never_escalate_and_no_eliminated_level_is_named(levels, current, name):
    """One more toxicity at the level in use never leads to a higher level."""
    table = design(name)
    step = recommend_3plus3 if name == "3+3" else recommend

    def decided(extra):
        dlt = [x + extra * (at == current) for at, (_, x) in enumerate(levels, start=1)]
        try:
            state = Cohorts(treated=[n for n, _ in levels], dlt=dlt, current=current)
            return step(table, state)
        except (ImpossibleError, NotPermittedError):
            return None

    fewer, more = decided(0), decided(1)
    for decision in (fewer, more):
        if decision is not None and decision.level is not None:
            assert decision.level not in decision.eliminated
            assert not decision.eliminated or decision.level < min(decision.eliminated)
            assert decision.level <= current + 1
    if fewer is not None and more is not None:
        assert (more.level or 0) <= (fewer.level or current)


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


@pytest.mark.parametrize("name", ["boin", "keyboard", "mtpi-2", "i3+3", "3+3"])
def test_a_table_survives_csv_and_pickle(name):
    table = design(name)
    again = from_csv(
        table.to_csv(), name=table.name, source=table.source, target=table.target, rule=table.rule
    )
    assert again == table
    assert again.differences(table) == ()
    assert str(again) == str(table)
    assert again.by_threes is (name == "3+3")
    assert pickle.loads(pickle.dumps(table)) == table


SITE = NCT05315778.at("synthetic table")
HEAD = "treated,dlt,action\n"


@pytest.mark.parametrize(
    ("text", "kind", "why"),
    [
        ("", ImpossibleError, "needs an action"),
        (HEAD, ImpossibleError, "needs an action"),
        ("n,x,a\n1,0,E\n", NotationError, "line 2"),
        (HEAD + "1,0,E\n1,1,F\n", NotationError, "line 3"),
        (HEAD + "1,0,E\n1,0,S\n1,1,D\n", NotationError, "line 3 is the second"),
        (HEAD + "1,0,E\n1,2,D\n", ImpossibleError, "line 3: 2 toxicities in 1"),
        (HEAD + "1,-1,E\n", ImpossibleError, "line 2"),
        (HEAD + "100000,0,E\n", ImpossibleError, "line 2"),
        (HEAD + "2,0,E\n2,2,D\n", ImpossibleError, "no action for 1 toxicities"),
        (HEAD + "1,0,D\n1,1,E\n", ImpossibleError, "milder"),
    ],
)
def test_a_bad_table_is_refused(text, kind, why):
    with pytest.raises(kind, match=why):
        from_csv(text, name="site", source=SITE)


def site_table(target=0.30):
    """A synthetic table of a site: cohorts of 2 and 4, no elimination."""
    lines = ["2,0,E", "2,1,S", "2,2,D", "4,0,E", "4,1,E", "4,2,S", "4,3,D", "4,4,D"]
    return from_csv(HEAD + "\n".join(lines), name="site", source=SITE, target=target)


def test_a_site_table_is_walked_like_an_interval_design():
    table = site_table()
    assert table.known == (2, 4)
    state = Cohorts(treated=(2, 4), dlt=(0, 3), current=2)
    assert recommend(table, state).step is Step.DE_ESCALATE
    assert "site: " in recommend(table, state).because
    with pytest.raises(UnknownTermError, match="2, 4"):
        recommend(table, Cohorts(treated=(2, 3), dlt=(0, 0), current=2))


def test_a_site_table_that_turns_milder_with_toxicity_is_refused():
    with pytest.raises(ImpossibleError, match="milder"):
        DecisionTable("site", None, [[Action.D, Action.E]], source=NCT05315778.at("none"))


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


def test_selection_agrees_with_a_published_trial():
    """Yan 2019, page 15, as quoted in a public test: 0/3, 0/3, 4/15, 4/9 at 0.30 select level 3."""
    state = Cohorts(treated=(3, 3, 15, 9, 0), dlt=(0, 0, 4, 4, 0), current=3)
    found = select(state, 0.30)
    assert found.level == 3
    # (4 + 0.05) / (15 + 0.1); it rises already, so that nothing is pooled there
    assert dict(found.estimates)[3] == pytest.approx(4.05 / 15.1)


def test_selection_can_keep_to_what_was_eliminated():
    state = Cohorts(treated=(3, 6), dlt=(0, 5), current=2)
    assert select(state, 0.60, cutoff=None).level == 2
    assert dict(select(state, 0.30).estimates).keys() == {1}
    assert dict(select(state, 0.30, cutoff=None).estimates).keys() == {1, 2}
