"""The CRS gate of a split infusion: every grade, holds, resuming, delay, and what never passes."""

import datetime as dt
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.dosing.cells import CellDose
from itp_carT.dosing.split import SplitInfusion
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    MissingFactError,
    NotationError,
    NotPermittedError,
    UndecidedError,
    UnknownTermError,
)
from itp_carT.protocol import nct05315778 as protocol
from itp_carT.protocol.gate import Action, CrsGate, Reduction, ResumeRule
from itp_carT.protocol.gate_course import (
    COHEN_CART_BCMA,
    EXAMPLE_GATE,
    FREY_CTL019,
    follow,
)
from itp_carT.sources import NCT05315778
from itp_carT.toxicity import lee_2014
from itp_carT.toxicity.astct_2019 import crs, icans
from itp_carT.toxicity.crs_findings import CrsFindings
from itp_carT.toxicity.scales import CRS_ASTCT_2019, CRS_LEE_2014

D0 = dt.date(2026, 3, 9)
G = [CRS_ASTCT_2019.grade(number) for number in range(6)]
FINDINGS = {
    0: ("37 Cel", "none", "none"),
    1: ("38.5 Cel", "none", "none"),
    2: ("38.5 Cel", "fluids", "none"),
    3: ("38.5 Cel", "one vasopressor", "none"),
    4: ("38.5 Cel", "multiple vasopressors", "none"),
    "?": (None, "none", "none"),  # grade 0 or 1
    "??": ("38.5 Cel", "none", None),  # grade 1 to 4
}


def on(day):
    return D0 + dt.timedelta(day)


def grades(*listed, start=0):
    """Assessments of successive days; None is a day without one."""
    return [
        crs(temperature=found[0], hypotension=found[1], hypoxia=found[2], on=on(start + number))
        for number, grade in enumerate(listed)
        if grade is not None
        for found in [FINDINGS[grade]]
    ]


def account(split="10/30/60", days=None, per_kg="1e7 cell/kg"):
    dose = CellDose(
        per_kg=per_kg, weight="60 kg", counting="viable CAR-positive",
        source=NCT05315778.at("arm description"),
    )  # fmt: skip
    scheme = SplitInfusion(split) if days is None else SplitInfusion(split, days=days)
    return scheme.of(dose, infusion=D0).give(1)


def gate(**more):
    """A gate made up for these tests."""
    given = {"name": "test", "hold_at_grade": G[2], "example": True, **more}
    return CrsGate(**given)


FULL = gate(
    stop_at_grade=G[3],
    reduce=(Reduction(G[1], 0.5),),
    resume_rule=ResumeRule(G[0], days=2),
    max_delay="3 d",
)


# --- one fraction on its day ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("grade", "action", "share"),
    [
        (0, Action.GIVE, 1),
        (1, Action.REDUCE, Fraction(1, 2)),
        (2, Action.HOLD, 0),
        (3, Action.STOP, 0),
        (4, Action.STOP, 0),
    ],
)
def test_each_grade(grade, action, share):
    decision = FULL.decide(account(), 2, grades(0, grade), on=on(1))
    assert (decision.action, decision.share) == (action, share)
    assert decision.settled


@pytest.mark.parametrize("grade", [2, 3, 4])
def test_without_a_grade_of_stopping_a_gate_only_holds(grade):
    assert gate().decide(account(), 2, grades(0, grade), on=on(1)).action is Action.HOLD


def test_of_several_reductions_the_one_of_the_highest_grade_counts():
    rule = gate(hold_at_grade=G[3], reduce=(Reduction(G[1], "3/4"), Reduction(G[2], 0.25)))
    shares = [rule.decide(account(), 2, grades(0, n), on=on(1)).share for n in (0, 1, 2)]
    assert shares == [1, Fraction(3, 4), Fraction(1, 4)]


def test_the_worst_assessment_of_the_day_counts():
    both = [*grades(0, 0), *grades(2, start=1)]
    assert FULL.decide(account(), 2, both, on=on(1)).action is Action.HOLD


def test_a_grade_of_stopping_counts_however_mild_today_is():
    decision = FULL.decide(account(days=(0, 3, 6)), 2, grades(0, 3, 1, 0), on=on(3))
    assert decision.action is Action.STOP
    assert "2026-03-10" in str(decision)


def test_assessments_after_the_day_are_left_aside():
    assert FULL.decide(account(), 2, grades(0, 0, 4), on=on(1)).action is Action.GIVE


def test_assessments_before_the_first_fraction_are_left_aside():
    assert FULL.decide(account(), 2, grades(4, 0, 0, start=-1), on=on(1)).action is Action.GIVE


# --- what never passes ----------------------------------------------------------------------------


def test_no_assessment_on_the_day_is_an_error():
    for found in ([], grades(0), grades(0, None, 0)):
        with pytest.raises(MissingFactError, match=r"no CRS .* assessment on 2026-03-10") as caught:
            FULL.decide(account(), 2, found, on=on(1))
        assert caught.value.field == "assessments"


def test_an_open_grade_is_no_pass():
    decision = FULL.decide(account(), 2, grades(0, "?"), on=on(1))
    assert [choice[0] for choice in decision.choices] == [Action.REDUCE, Action.GIVE]
    with pytest.raises(UndecidedError, match="settle the assessments"):
        _ = decision.action
    with pytest.raises(UndecidedError):
        FULL.apply(account(), 2, grades(0, "?"), on=on(1))


def test_an_open_grade_that_changes_nothing_decides():
    assert gate().decide(account(), 2, grades(0, "?"), on=on(1)).action is Action.GIVE


def test_between_hold_and_stop_it_is_a_hold():
    rule = gate(hold_at_grade=G[1], stop_at_grade=G[3])
    decision = rule.decide(account(), 2, grades(0, "??"), on=on(1))
    assert decision.passes is False
    assert not decision.settled
    assert [part.status for part in decision.record(account())] == ["given", "held", "held"]


def test_a_day_not_assessed_keeps_a_stop_possible():
    decision = FULL.decide(account(days=(0, 3, 6)), 2, grades(0, 1, None, 0), on=on(3))
    assert decision.passes is None
    assert "no assessment on 2026-03-11" in str(decision)
    without = gate().decide(account(days=(0, 3, 6)), 2, grades(0, 1, None, 0), on=on(3))
    assert without.action is Action.GIVE


def test_an_earlier_open_grade_keeps_a_stop_possible():
    decision = FULL.decide(account(days=(0, 3, 6)), 2, grades(0, "??", 0, 0), on=on(3))
    assert decision.passes is None


@pytest.mark.parametrize(
    ("number", "day", "why"),
    [
        (1, 0, "between fractions"),
        (3, 2, "fraction 2 comes first"),
        (2, 0, "not due before 2026-03-10"),
    ],
)
def test_a_fraction_out_of_turn_is_refused(number, day, why):
    with pytest.raises(NotPermittedError, match=why):
        FULL.decide(account(), number, grades(0, 0, 0), on=on(day))


def test_a_fraction_given_already_is_refused():
    done = account().give(2)
    with pytest.raises(NotPermittedError, match="given already"):
        FULL.decide(done, 2, grades(0, 0), on=on(1))


@pytest.mark.parametrize("number", [0, 4, True, "2"])
def test_there_is_no_such_fraction(number):
    with pytest.raises(UnknownTermError, match="numbered 1 to 3"):
        FULL.decide(account(), number, grades(0, 0), on=on(1))


def test_a_hold_for_another_reason_is_not_lifted():
    held = account().hold(2, "infection")
    with pytest.raises(NotPermittedError, match="infection"):
        FULL.decide(held, 2, grades(0, 0), on=on(1))


def test_two_fractions_of_a_delayed_split_keep_their_distance():
    late = account().hold(2, "logistics").resume(2).give(2, on=on(3))
    with pytest.raises(NotPermittedError, match="not due before 2026-03-13"):
        FULL.decide(late, 3, grades(0, 0, 0, 0), on=on(3))


def test_other_scales_are_refused():
    lee = lee_2014.crs_of(CrsFindings(temperature="37 Cel", on=on(1)))
    neuro = icans(ice=10, consciousness="awake", on=on(1))
    for other in (lee, neuro):
        with pytest.raises(DimensionError, match="two scales"):
            FULL.decide(account(), 2, [*grades(0), other], on=on(1))


def test_an_assessment_without_a_day_is_refused():
    with pytest.raises(MissingFactError, match="day"):
        FULL.decide(account(), 2, [crs(temperature="37 Cel")], on=on(1))


# --- hold and resume ------------------------------------------------------------------------------


def held(listed, split_days=None):
    return FULL.apply(account(days=split_days), 2, listed, on=on(1))


def test_a_hold_holds_the_later_fractions_and_says_why():
    found = held(grades(0, 2))
    assert [part.status for part in found] == ["given", "held", "held"]
    assert "CRS grade 2 (ASTCT 2019) on 2026-03-10" in found[1].held


@pytest.mark.parametrize(
    ("later", "day", "action"),
    [
        ((0,), 2, Action.HOLD),  # one day of rest, two are asked for
        ((0, 0), 3, Action.GIVE),
        ((1, 0), 3, Action.HOLD),
        ((0, 1), 3, Action.HOLD),  # grade 1 is not at most 0
        ((0, 2), 3, Action.HOLD),
        ((0, 3), 3, Action.STOP),
        ((1, 0, 0), 4, Action.GIVE),  # 3 days late, as many as allowed
        ((1, 1, 0, 0), 5, Action.STOP),  # 4 days late
    ],
)
def test_resuming(later, day, action):
    listed = grades(0, 2, *later)
    assert FULL.decide(held(grades(0, 2)), 2, listed, on=on(day)).action is action


def test_rest_that_nobody_assessed_does_not_resume():
    rule = gate(resume_rule=ResumeRule(G[0], days=2))
    waiting = rule.apply(account(), 2, grades(0, 2), on=on(1))
    decision = rule.decide(waiting, 2, grades(0, 2, None, 0), on=on(3))
    assert decision.action is Action.HOLD
    assert "no assessment on 2026-03-11" in str(decision)
    unsure = rule.decide(waiting, 2, grades(0, 2, "?", 0), on=on(3))
    assert unsure.action is Action.HOLD


def test_without_a_rule_to_resume_a_held_fraction_stays_held():
    rule = gate()
    waiting = rule.apply(account(), 2, grades(0, 2), on=on(1))
    decision = rule.decide(waiting, 2, grades(0, 2, 0, 0, 0), on=on(4))
    assert decision.action is Action.HOLD
    assert "no rule to resume" in str(decision)


def test_a_resumed_fraction_is_given_on_its_new_day():
    found = FULL.apply(held(grades(0, 2)), 2, grades(0, 2, 0, 0), on=on(3))
    assert [part.status for part in found] == ["given", "given", "planned"]
    assert found[1].given_on == on(3)


def test_a_reduction_is_not_made_up_for():
    found = FULL.apply(account(), 2, grades(0, 1), on=on(1))
    assert str(found[1].given) == str(found[1].planned / 2)
    assert found[2].planned == account()[2].planned


# --- the course -----------------------------------------------------------------------------------


def test_a_quiet_course_gives_the_whole_dose():
    found = follow(FULL, account(), grades(0, 0, 0))
    assert found.account.complete
    assert str(found.account.given_per_kg) == "10000000 cell/kg"
    assert "below" not in found.report(protocol.CAR_T)


def test_a_stop_leaves_the_total_below_the_protocol_and_says_so():
    found = follow(FULL, account(), grades(0, 1, 3, 0))
    assert [part.status for part in found.account] == ["given", "given", "held"]
    # 10 % and half of 30 % of 1e7 cell/kg
    assert found.account.given_per_kg.magnitude == pytest.approx(2.5e6, rel=1e-12)
    report = found.report(protocol.CAR_T)
    assert "given in all 2.5×10^6 cell/kg of 1.0×10^7 cell/kg ordered" in report
    assert "below the 1.0×10^7 cell/kg of the protocol; not scaled up" in report
    assert "EXAMPLE gate, of no protocol" in report


def test_a_held_course_resumes_and_keeps_the_distance_between_fractions():
    found = follow(FULL, account(), grades(0, 2, 0, 0, 0))
    assert [part.given_on for part in found.account] == [on(0), on(3), on(4)]
    assert [decision.action for decision in found.decisions] == [
        Action.HOLD, Action.HOLD, Action.GIVE, Action.GIVE,
    ]  # fmt: skip


def test_fractions_after_the_last_assessment_stay_planned():
    found = follow(FULL, account(), grades(0, 0))
    assert [part.status for part in found.account] == ["given", "given", "planned"]
    assert "of the protocol" not in found.report(protocol.CAR_T)  # not complete: not judged


def test_a_course_stops_at_a_day_without_an_assessment():
    with pytest.raises(MissingFactError, match="2026-03-10"):
        follow(FULL, account(), grades(0, None, 0))


def test_nothing_assessed_leaves_all_planned_but_the_first():
    dose = SplitInfusion("50/50").of(account().dose, infusion=D0)
    assert [part.status for part in follow(FULL, dose, []).account] == ["given", "planned"]


@given(st.lists(st.sampled_from([0, 1, 2, 3, 4]), min_size=4, max_size=10))
def test_a_course_never_gives_more_than_planned_nor_after_a_stop(listed):
    found = follow(FULL, account(), grades(0, *listed))
    assert found.account.given <= found.account.dose.total
    stopped = next((day for day, grade in enumerate([0, *listed]) if grade >= 3), 99)
    for part in found.account:
        if part.given_on is not None:
            assert part.given <= part.planned
            assert (part.given_on - D0).days < stopped
            grade = [0, *listed][(part.given_on - D0).days]
            assert part.number == 1 or grade < 2


@given(st.integers(0, 4), st.integers(0, 4))
def test_a_worse_grade_never_gives_more_on_its_day(one, other):
    """Over a whole course it may: a fraction that was held is given whole later, not reduced."""
    milder, worse = sorted((one, other))
    shares = []
    for grade in (milder, worse):
        action, share = FULL.answer(G[grade])
        shares.append({"give": 1, "reduce": share, "hold": 0, "stop": 0}[action.value])
    assert shares[1] <= shares[0]


# --- the gate itself ------------------------------------------------------------------------------


def test_a_gate_needs_its_source_unless_it_is_an_example():
    cited = CrsGate(
        name="a site's protocol", hold_at_grade=G[1], source=NCT05315778.at("arm description")
    )
    assert not cited.example
    for wrong in ({}, {"example": True, "source": NCT05315778.at("x")}):
        with pytest.raises(MissingFactError, match="example"):
            CrsGate(name="x", hold_at_grade=G[1], **wrong)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"hold_at_grade": G[0]}, "hold_at_grade"),
        ({"stop_at_grade": G[1]}, "stop_at_grade"),
        ({"reduce": (Reduction(G[2], 0.5),)}, "reduce"),
        ({"resume_rule": ResumeRule(G[2])}, "resume_rule"),
    ],
)
def test_grades_that_contradict_each_other_are_refused(wrong, field):
    with pytest.raises(ImpossibleError, match="contradict") as caught:
        gate(**wrong)
    assert caught.value.field == field


@pytest.mark.parametrize("name", ["hold_at_grade", "stop_at_grade"])
def test_a_gate_has_one_scale(name):
    with pytest.raises(DimensionError, match="scale"):
        gate(**{"stop_at_grade": G[3], name: CRS_LEE_2014.grade(3)})
    with pytest.raises(DimensionError, match="scale"):
        gate(**{"stop_at_grade": G[3], name: 3})


@pytest.mark.parametrize("share", [0, 1, 1.5])
def test_a_share_lies_between_0_and_1(share):
    with pytest.raises(ImpossibleError, match="between 0 and 1"):
        Reduction(G[1], share)


@pytest.mark.parametrize("share", [True, "half", "1/0", -0.5, None, "50 %", "", "nan"])
def test_a_share_is_a_number(share):
    with pytest.raises(NotationError, match="share"):
        Reduction(G[1], share)


@pytest.mark.parametrize("days", [0, -1, 1.5, True, "2"])
def test_days_of_rest_are_whole(days):
    with pytest.raises(ImpossibleError, match="days"):
        ResumeRule(G[0], days=days)


def test_a_delay_has_a_unit():
    with pytest.raises(NotationError.__mro__[1], match="3 d"):
        gate(max_delay=3)


def test_the_example_and_the_published_schemes_are_labeled():
    assert "EXAMPLE, of no protocol" in str(EXAMPLE_GATE)
    assert EXAMPLE_GATE.source is None
    assert "10/30/60 %" in str(FREY_CTL019)
    assert "no grade is stated" in FREY_CTL019.gate
    assert FREY_CTL019.source.verified
    assert "(unverified)" in str(COHEN_CART_BCMA)


def test_the_trial_has_no_gate_of_its_own():
    assert not any(isinstance(value, CrsGate) for value in vars(protocol).values())
