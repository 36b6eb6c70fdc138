"""The probe for users' own tests: what it draws, and that it finds a wrong grader."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itp_carT import strategies
from itp_carT.analytes import HEMOGLOBIN, PLATELETS
from itp_carT.observations import Lab
from itp_carT.response import iwg_2009
from itp_carT.response.course import assess
from itp_carT.rules import Known
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6
from itp_carT.verdict import decide

TABLES = [t for module in (ctcae_v4, ctcae_v5, ctcae_v6) for t in module.TABLES if t.measures]


@pytest.mark.parametrize(
    ("limit", "below", "at"),
    [(25, 4, 3), (50, 3, 2), (75, 2, 1)],
)
@pytest.mark.parametrize(("unit", "scale"), [("10^9/L", 1), ("/uL", 1000), ("10^3/uL", 1)])
def test_platelets_are_probed_on_both_sides_of_each_limit_in_each_unit(
    limit, below, at, unit, scale
):
    table = ctcae_v5.PLATELET_COUNT_DECREASED
    close = {
        lab.value.magnitude: int(decide(table, lab).outcome)
        for lab in strategies.edges(table)
        if str(lab.value).endswith(f" {unit}")
        and abs(lab.value.magnitude / (limit * scale) - 1) < 1e-6
    }
    assert len(close) >= 3
    assert close.pop(min(close)) == below
    assert set(close.values()) == {at}, "the neighbors of a limit count as equal to it"


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.key)
def test_every_table_has_edges_in_a_unit_of_each_measure(table):
    found = strategies.edges(table)
    assert {lab.measure.key for lab in found} == {measure.key for measure in table.measures}
    assert all(None not in lab.numbers for lab in found)


@given(strategies.around(ctcae_v5.ANEMIA), st.data())
def test_around_leaves_facts_out_and_stays_decidable(facts, data):
    table = data.draw(st.sampled_from(TABLES))
    drawn = data.draw(strategies.around(table))
    assert all(isinstance(fact, Lab | Known) for fact in (*facts, *drawn))
    verdict = decide(table, *drawn)
    assert verdict.possible or table.refers


def test_around_finds_a_grader_that_is_wrong_at_a_limit():
    """75 is grade 1: a grader that says "at most 75 is grade 2" is found out."""
    table = ctcae_v5.PLATELET_COUNT_DECREASED

    @settings(max_examples=500, database=None)
    @given(strategies.around(table))
    def agrees(facts):
        if facts and decide(table, *facts).settled:
            count = facts[0].value.m_as("10^9/L")
            mine = 4 if count < 25 else 3 if count < 50 else 2 if count <= 75 else 1
            assert mine == int(decide(table, *facts).outcome)

    with pytest.raises(AssertionError):
        agrees()


@given(strategies.labs(HEMOGLOBIN), strategies.labs(PLATELETS, missing=False))
def test_labs_are_of_their_measure_and_complete_when_asked(some, whole):
    assert some.measure is HEMOGLOBIN
    assert None not in whole.numbers
    assert whole.lln <= whole.uln


@given(strategies.subjects())
def test_subjects_are_adults_of_usual_size(subject):
    assert subject.age >= 18
    assert 140 <= subject.height.m_as("cm") <= 200
    assert 35 <= subject.weight.m_as("kg") <= 150


@given(strategies.series(), strategies.series(visits=3, missing=False))
def test_series_can_be_assessed(course, short):
    days = [count.on for count in course]
    assert days == sorted(set(days))
    assert days[0] <= -5
    assert 2 <= len(short) <= 4
    assert all(c.platelets is not None and c.bleeding is not None for c in short)
    assert assess(course, iwg_2009.CRITERIA).best is not None
    assert assess(short, iwg_2009.CRITERIA).best is not None
