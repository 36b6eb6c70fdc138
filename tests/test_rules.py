"""The engine: three-valued conditions, the walk down a table, missing facts, limits and units."""

import itertools
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.analytes import ALT, CREATININE, HEMOGLOBIN, MAGNESIUM, PLATELETS, TEMPERATURE
from itp_carT.errors import DimensionError, UndecidedError, UnknownTermError
from itp_carT.notation import unit
from itp_carT.observations import Lab
from itp_carT.rules import (
    AllOf,
    AnyOf,
    Compare,
    Fact,
    Is,
    Limit,
    Not,
    Row,
    Table,
    attested,
    either,
    exact,
    limits,
    text_of,
    walk,
)
from itp_carT.sources import NCT05315778
from itp_carT.toxicity.grades import Grade
from itp_carT.verdict import decide, limit_in, outcomes_of

G0, G1, G2, G3, G4, G5 = Grade
HERE = NCT05315778.at("a rule of this test")
A, B, C = Fact("a", "first"), Fact("b", "second"), Fact("c", "third")


def table(*rows, **more):
    return Table(key="test:t", term="Test", rows=rows, otherwise=G0, source=HERE, **more)


ANEMIA = table(
    Row(G5, attested("death")),
    Row(G3, (HEMOGLOBIN < limits("80 g/L", "4.9 mmol/L")) | attested("transfusion indicated")),
    Row(G2, HEMOGLOBIN < limits("100 g/L", "6.2 mmol/L")),
    Row(G1, HEMOGLOBIN < HEMOGLOBIN.lln),
)


def known(**facts):
    by_key = {"a": A, "b": B, "c": C}
    return [by_key[k].yes if v else by_key[k].no for k, v in facts.items() if v is not None]


def truth(condition, **facts):
    """True, False or None, as a table of one row shows it."""
    asked = {leaf.fact.key for leaf in walk(condition)}
    told = [f for f in known(**facts) if f.fact.key in asked]
    possible = decide(table(Row(G1, condition)), *told).possible
    return {(G1,): True, (G0,): False, (G1, G0): None}[possible]


# --- three-valued logic: what a part's truth makes of the whole ---------------------------------


@pytest.mark.parametrize(("a", "b"), [*itertools.product([True, False, None], repeat=2)])
def test_and_or_not_follow_kleene(a, b):
    both = False if False in (a, b) else None if None in (a, b) else True
    one = True if True in (a, b) else None if None in (a, b) else False
    assert truth(A.is_() & B.is_(), a=a, b=b) is both
    assert truth(A.is_() | B.is_(), a=a, b=b) is one
    assert truth(~A.is_(), a=a) is (None if a is None else not a)


@pytest.mark.parametrize(
    ("test", "then", "otherwise", "expected"),
    [
        (True, True, False, True),
        (False, True, False, False),
        (None, True, True, True),  # both rules agree: the test need not be known
        (None, False, False, False),
        (None, True, False, None),
        (None, None, True, None),
        (True, None, True, None),
        (True, True, None, True),  # the rule that is not chosen may be unknown
    ],
)
def test_either_chooses_a_rule_and_needs_no_test_where_both_agree(test, then, otherwise, expected):
    chosen = either(A.is_(), B.is_(), C.is_())
    assert truth(chosen, a=test, b=then, c=otherwise) is expected


def test_a_condition_has_no_truth_of_its_own():
    with pytest.raises(TypeError, match="join with & and"):
        bool(PLATELETS < "30 G/L")
    with pytest.raises(TypeError, match="join with & and"):
        _ = "10 G/L" < PLATELETS < "30 G/L"


def test_operators_build_the_closed_set_of_nodes():
    low, holds = PLATELETS < "30 G/L", A.is_()
    assert isinstance(low, Compare)
    assert low & holds == AllOf((low, holds))
    assert low | holds == AnyOf((low, holds))
    assert ~holds == Not(holds) == A.is_(False)
    assert hash(low) == hash(PLATELETS < "30 G/L")


# --- the walk ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "lln", "possible", "missing"),
    [
        ("79 g/L", None, (G3,), ()),  # a missing lower limit spoils only the row that needs it
        ("99 g/L", None, (G2,), ()),
        ("112 g/L", None, (G1, G0), ("hemoglobin lower limit of normal",)),
        ("112 g/L", "120 g/L", (G1,), ()),
        ("120 g/L", "120 g/L", (G0,), ()),  # exactly the limit is normal
        (None, "120 g/L", (G3, G2, G1, G0), ("hemoglobin",)),
    ],
)
def test_walk_keeps_what_the_facts_still_allow(value, lln, possible, missing):
    verdict = decide(ANEMIA, Lab(HEMOGLOBIN, value, lln=lln))
    assert verdict.possible == possible
    assert verdict.missing == missing
    assert verdict.settled is (len(possible) == 1)
    assert (verdict.worst, verdict.mildest) == (possible[0], possible[-1])


def test_nothing_known_is_no_grade():
    assert decide(ANEMIA).possible == (G3, G2, G1, G0)


def test_asking_an_open_verdict_for_its_outcome_names_what_would_settle_it():
    verdict = decide(ANEMIA, Lab(HEMOGLOBIN, "112 g/L"))
    with pytest.raises(UndecidedError) as raised:
        _ = verdict.outcome
    assert raised.value.possible == (G1, G0)
    assert raised.value.missing == ("hemoglobin lower limit of normal",)
    assert "Test is G1 or G0: give hemoglobin lower limit of normal" in str(raised.value)
    assert pickle.loads(pickle.dumps(raised.value)).missing == raised.value.missing


def test_statements_nobody_made_are_listed_as_assumed():
    verdict = decide(ANEMIA, Lab(HEMOGLOBIN, "79 g/L"))
    assert [fact.label for fact in verdict.assumed] == ["death", "transfusion indicated"]
    assert decide(ANEMIA, attested=("transfusion indicated",)).worst is G3
    assert decide(ANEMIA, attested=("death",)).outcome is G5


def test_missing_names_only_what_can_matter():
    rule = table(Row(G1, either(A.is_(), B.is_(), C.is_())))
    assert decide(rule, A.yes).missing == ("second",)
    assert decide(rule).missing == ("first", "second", "third")
    assert decide(table(Row(G1, A.is_() & B.is_())), A.yes).missing == ("second",)


def test_verdict_explains_itself_with_row_limit_and_citation():
    verdict = decide(ANEMIA, Lab(HEMOGLOBIN, "7.9 g/dL"))
    assert verdict.because.startswith("G3: hemoglobin < 80 g/L | 4.9 mmol/L (")
    assert "a rule of this test" in verdict.because
    assert decide(ANEMIA, Lab(HEMOGLOBIN, "15 g/dL", lln="12 g/dL")).because.startswith(
        "G0: no row"
    )


def test_a_referral_has_no_outcome_and_says_where_to_look():
    rule = table(Row(G1, PLATELETS < "50 G/L"),
                 refers=Row(None, PLATELETS < "10 G/L", note="see the other table"))  # fmt: skip
    verdict = decide(rule, Lab(PLATELETS, "9 G/L"))
    assert (verdict.possible, verdict.worst, verdict.settled) == ((), None, False)
    assert "see the other table" in verdict.reason
    with pytest.raises(UndecidedError):
        _ = verdict.outcome
    assert decide(rule, Lab(PLATELETS, "10 G/L")).outcome is G1


def test_an_outcome_may_stand_in_several_rows():
    rule = table(Row(G2, A.is_()), Row(G1, B.is_()), Row(G0, C.is_(), note="abnormal, but 0"))
    assert decide(rule, A.no, B.no).possible == (G0,)
    assert decide(rule, A.no, B.no, C.yes).because.startswith("G0: third; abnormal, but 0")


# --- limits, units, equality --------------------------------------------------------------------


@pytest.mark.parametrize("spelled", ["30 10^9/L", "30000 /mm3", "30 K/uL", "30000 cells/uL"])
@pytest.mark.parametrize(
    ("condition", "at"),
    [(PLATELETS < "30 G/L", False), (PLATELETS <= "30 G/L", True),
     (PLATELETS > "30 G/L", False), (PLATELETS >= "30 G/L", True)],
)  # fmt: skip
def test_exactly_at_the_limit_in_every_unit(spelled, condition, at):
    assert decide(table(Row(G1, condition)), Lab(PLATELETS, spelled)).outcome is Grade(at)


@pytest.mark.parametrize("k", range(1, 60))
def test_conversion_noise_never_crosses_a_limit(k):
    rule = table(Row(G1, PLATELETS > f"{k} 10^9/L"))
    assert decide(rule, Lab(PLATELETS, f"{k * 1000} /mm3")).outcome is G0
    assert decide(rule, Lab(PLATELETS, f"{k * 1000 + 1} /mm3")).outcome is G1


@pytest.mark.parametrize(("factor", "uln"), [(3, 7.1), (1.5, 1.1), (2.5, 3.3), (1.1, 7.1)])
def test_products_compare_as_they_are_written(factor, uln):
    rule = table(Row(G1, ALT > factor * ALT.uln))
    at = float(exact(factor) * exact(uln))
    assert decide(rule, Lab(ALT, f"{at} U/L", uln=f"{uln} U/L")).outcome is G0
    assert decide(rule, Lab(ALT, f"{at * 1.001} U/L", uln=f"{uln} U/L")).outcome is G1


def test_limits_below_zero_keep_the_tolerance_on_the_right_side():
    rule = table(Row(G1, TEMPERATURE < "-1 Cel"))
    assert decide(rule, Lab(TEMPERATURE, "-1 Cel")).outcome is G0
    assert decide(rule, Lab(TEMPERATURE, "-1.01 Cel")).outcome is G1


@pytest.mark.parametrize(
    ("value", "grade"), [("0.4 mmol/L", G0), ("0.37 mmol/L", G1), ("0.9 mg/dL", G0)]
)
def test_the_unit_of_the_report_chooses_the_published_set(value, grade):
    """0.9 mg/dL is 0.370 mmol/L, yet each is judged by its own printed limit."""
    rule = table(Row(G1, MAGNESIUM < limits("0.4 mmol/L", "0.9 mg/dL")))
    assert decide(rule, Lab(MAGNESIUM, value)).outcome is grade


def test_a_unit_without_published_limits_is_refused():
    rule = table(Row(G1, CREATININE > "4 mg/dL"))
    with pytest.raises(DimensionError, match="Test has limits in mg/dL, not in umol/L"):
        decide(rule, Lab(CREATININE, "400 umol/L"))


def test_limit_in_without_a_published_part_adds_nothing():
    assert limit_in(Limit(), unit("g/L")) == 0.0


@pytest.mark.parametrize(
    ("limit", "text"),
    [
        (limits("80 g/L", "8 g/dL"), "80 g/L | 8 g/dL"),
        (3 * ALT.uln, "3 × ULN"),
        (ALT.lln, "LLN"),
        (1.5 * ALT.baseline, "1.5 × baseline"),
        (HEMOGLOBIN.baseline + "20 g/L", "baseline + 20 g/L"),
        (HEMOGLOBIN.baseline - "20 g/L", "baseline − 20 g/L"),
    ],
)
def test_limits_read_as_published(limit, text):
    assert str(limit) == text


def test_rise_and_drop_from_baseline():
    rule = table(Row(G2, HEMOGLOBIN <= HEMOGLOBIN.baseline - "20 g/L"))
    assert decide(rule, Lab(HEMOGLOBIN, "10 g/dL", baseline="120 g/L")).outcome is G2
    assert decide(rule, Lab(HEMOGLOBIN, "10.1 g/dL", baseline="120 g/L")).outcome is G0
    assert decide(rule, Lab(HEMOGLOBIN, "10 g/dL")).missing == ("hemoglobin baseline",)


# --- what a table refuses -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("facts", "more", "message"),
    [
        ([Lab(PLATELETS, "3 G/L")], {}, 'does not ask for "platelets"'),
        ([A.yes], {}, 'does not ask for "first"'),
        ([Lab(HEMOGLOBIN, "9 g/dL"), Lab(HEMOGLOBIN, "8 g/dL")], {}, "was given twice"),
        ([], {"attested": ("dead",)}, 'does not ask for "dead"'),
    ],
)
def test_facts_the_table_does_not_ask_for_are_refused(facts, more, message):
    with pytest.raises(UnknownTermError, match=message):
        decide(ANEMIA, *facts, **more)


def test_a_rule_without_source_or_rows_does_not_construct():
    with pytest.raises(TypeError):
        Table(key="x", term="X", rows=(Row(G1, A.is_()),), otherwise=G0, source="a book")
    with pytest.raises(ValueError, match="rows"):
        table()


# --- readers ------------------------------------------------------------------------------------


def test_a_table_tells_its_outcomes_measures_and_facts():
    assert ANEMIA.outcomes == (G5, G3, G2, G1, G0)
    assert ANEMIA.measures == (HEMOGLOBIN,)
    assert [fact.label for fact in ANEMIA.facts] == ["death", "transfusion indicated"]
    assert table(Row(G1, A.is_()), variant="ionized").name == "Test (Ionized)"


def test_a_changed_number_changes_the_fingerprint():
    one, other = (table(Row(G1, PLATELETS < f"{n} G/L")) for n in (50, 51))
    assert one.fingerprint != other.fingerprint
    assert one.fingerprint == table(Row(G1, PLATELETS < "50 G/L")).fingerprint


def test_text_is_the_same_for_every_kind_of_node():
    condition = either(A.is_(), B.is_() & C.is_(), ~B.is_() | C.is_())
    assert text_of(condition) == "if first: second and third; else: not (second) or third"
    assert isinstance(next(walk(condition)), Is)


def test_outcomes_of_reads_plain_numbers():
    outcomes = outcomes_of(ANEMIA, unit("g/dL"))
    assert outcomes((7.9, None, None, None), {}) == (G3,)
    assert outcomes((11.0, 12.0, None, None), {}) == (G1,)
    assert outcomes((None, None, None, None), {"attested: death": True}) == (G5,)


def test_verdicts_of_the_same_facts_are_equal():
    one, other = (decide(ANEMIA, Lab(HEMOGLOBIN, "9 g/dL")) for _ in range(2))
    assert one == other
    assert hash(one) == hash(other)
    assert one != decide(ANEMIA, Lab(HEMOGLOBIN, "9.1 g/dL"))
    assert one != "verdict"
    assert repr(one) == "<Test: G2>"


facts_3 = st.fixed_dictionaries({k: st.sampled_from([True, False, None]) for k in "abc"})


@given(facts_3)
def test_a_further_fact_never_enlarges_what_is_possible(facts):
    rule = table(
        Row(G3, A.is_() & B.is_()), Row(G2, either(C.is_(), A.is_(), ~B.is_())), Row(G1, C.is_())
    )
    possible = set(decide(rule, *known(**facts)).possible)
    for key, value in facts.items():
        if value is None:
            for told in (True, False):
                assert set(decide(rule, *known(**{**facts, key: told})).possible) <= possible
