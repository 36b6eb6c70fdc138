"""CTCAE tables as decision tables: limits at the edge, missing facts, readings, editions."""

import functools
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itp_carT import analytes as a
from itp_carT.errors import DimensionError, UnknownTermError
from itp_carT.notation import convert, unit
from itp_carT.observations import Lab
from itp_carT.rules import Compare, leaves, walk
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6
from itp_carT.toxicity._edition import ANTICOAGULATED, SYMPTOMATIC, WORSE_CELL
from itp_carT.toxicity._metabolism import CONSEQUENCES
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.readings import Readings
from itp_carT.verdict import decide

G0, G1, G2, G3, G4, G5 = Grade
EDITIONS = (ctcae_v4, ctcae_v5, ctcae_v6)
ALL = [pytest.param(table, id=table.key) for module in EDITIONS for table in module.TABLES]
V5 = ctcae_v5


def names(possible):
    return " ".join(f"{int(grade)}" for grade in possible)


# --- one line per clinical question -------------------------------------------------------------

CASES = [
    # term, value, what else is known, grades still possible
    ("Platelet count decreased", "24.9 G/L", {}, "4"),
    ("Platelet count decreased", "25 G/L", {}, "3"),
    ("Platelet count decreased", "75 G/L", {"lln": "150 G/L"}, "1"),
    ("Platelet count decreased", "75 G/L", {}, "1 0"),
    ("Platelet count decreased", "150 G/L", {"lln": "150 G/L"}, "0"),
    ("Platelet count decreased", None, {"lln": "150 G/L"}, "4 3 2 1 0"),
    ("Anemia", "4.9 mmol/L", {}, "2"),
    ("Anemia", "7.9 g/dL", {}, "3"),
    # baseline abnormal: its multiples; the hole below grade 1 is grade 0 and says so
    ("Alanine aminotransferase increased", "89 U/L", {"uln": "40 U/L", "baseline": "60 U/L"}, "0"),
    ("Alanine aminotransferase increased", "90 U/L", {"uln": "40 U/L", "baseline": "60 U/L"}, "1"),
    ("Alanine aminotransferase increased", "90 U/L",
     {"uln": "40 U/L", "baseline": "60 U/L", "baseline_flag": "low"}, "1"),
    ("Alanine aminotransferase increased", "60 U/L", {"uln": "40 U/L"}, "1"),
    ("Alanine aminotransferase increased", "60 U/L", {"uln": "40 U/L", "is_baseline": True}, "1"),
    ("Alanine aminotransferase increased", "90 U/L", {"uln": "40 U/L", "baseline_flag": "high"},
     "4 3 2 1 0"),
    # creatinine: the baseline counts also inside the normal range
    ("Creatinine increased", "90 umol/L", {"uln": "110 umol/L", "baseline": "55 umol/L"}, "2"),
    ("Creatinine increased", "90 umol/L", {"uln": "110 umol/L"}, "3 2 0"),
    ("Creatinine increased", "90 umol/L", {"uln": "110 umol/L", "is_baseline": True}, "0"),
    ("Creatinine increased", "1.9 mg/dL", {"uln": "106 umol/L", "baseline": "1.2 mg/dL"}, "2"),
    # fibrinogen: without a baseline the percent arm counts as not abnormal
    ("Fibrinogen decreased", "1.0 g/L", {"lln": "2.0 g/L"}, "2"),
    ("Fibrinogen decreased", "0.49 g/L", {}, "4"),
    ("Eosinophilia", "0.8 G/L", {"uln": "0.5 G/L", "is_baseline": True}, "1"),
    ("Eosinophilia", "0.8 G/L", {"uln": "0.5 G/L"}, "1 0"),
    ("Hypomagnesemia", "0.9 mg/dL", {"lln": "1.7 mg/dL"}, "2"),
    ("Hypomagnesemia", "0.37 mmol/L", {"lln": "0.7 mmol/L"}, "3"),
    # the symptom decides: not known keeps both
    ("Lipase increased", "121 U/L", {"uln": "60 U/L"}, "3 2"),
    ("Lipase increased", "301 U/L", {"uln": "60 U/L"}, "4 3"),
    ("Hypokalemia", "3.2 mmol/L", {"lln": "3.5 mmol/L"}, "2 1"),
    ("Hyponatremia", "129 mmol/L", {"lln": "135 mmol/L"}, "3 2"),
    ("Hyperuricemia", "500 umol/L", {"uln": "420 umol/L"}, "3 1"),
    ("Cardiac troponin T increased", "60 ng/L", {"uln": "14 ng/L"}, "3 1"),
    ("Cardiac troponin T increased", "14 ng/L", {"uln": "14 ng/L"}, "0"),
    ("Fever", "40.5 Cel", {}, "4 3"),
    ("Fever", "104.0 degF", {}, "2"),
    ("Fever", "102.2 degF", {}, "1"),
    ("Weight loss", "63 kg", {"baseline": "70 kg"}, "2"),
    ("Weight loss", "63.1 kg", {"baseline": "70 kg"}, "1"),
    ("Weight loss", "66.6 kg", {"baseline": "70 kg"}, "0"),
    ("Purpura", "0 %", {}, "0"),
    ("Ejection fraction decreased", "52 %", {"baseline": "70 %"}, "2"),
    ("Chronic kidney disease", "59.5 mL/min/1.73m^2", {}, "2"),
]  # fmt: skip


@pytest.mark.parametrize(("term", "value", "more", "possible"), CASES)
def test_v5(term, value, more, possible):
    table = V5.table(term)
    assert names(decide(table, Lab(table.measures[0], value, **more)).possible) == possible


@pytest.mark.parametrize(
    ("term", "value", "more", "fact", "grade"),
    [
        ("Lipase increased", "121 U/L", {"uln": "60 U/L"}, SYMPTOMATIC, (2, 3)),
        ("Hypokalemia", "3.2 mmol/L", {"lln": "3.5 mmol/L"}, SYMPTOMATIC, (1, 2)),
        ("Hyponatremia", "129.5 mmol/L", {"lln": "135 mmol/L"}, SYMPTOMATIC, (2, 3)),
        ("Hyperuricemia", "500 umol/L", {"uln": "420 umol/L"}, CONSEQUENCES, (1, 3)),
        ("INR increased", "3.0", {"baseline": "2.5"}, ANTICOAGULATED, (3, 1)),
    ],
)
def test_a_fact_chooses_between_two_grades(term, value, more, fact, grade):
    table = V5.table(term)
    lab = Lab(table.measures[0], value, **more)
    assert [int(decide(table, lab, told).outcome) for told in (fact.no, fact.yes)] == [*grade]
    verdict = decide(table, lab)
    assert not verdict.settled
    assert fact.label in verdict.missing


def test_the_hole_below_grade_1_is_grade_0_and_says_abnormal():
    lab = Lab(a.ALT, "60 U/L", uln="40 U/L", baseline="60 U/L")
    verdict = decide(V5.ALANINE_AMINOTRANSFERASE_INCREASED, lab)
    assert verdict.outcome is G0
    assert "abnormal, below grade 1" in verdict.because


def test_an_unknown_baseline_counts_as_not_abnormal_and_is_on_record():
    verdict = decide(V5.ALANINE_AMINOTRANSFERASE_INCREASED, Lab(a.ALT, "60 U/L", uln="40 U/L"))
    assert verdict.outcome is G1
    assert [fact.label for fact in verdict.assumed] == ["ALT baseline above normal"]


def test_a_baseline_inr_on_anticoagulation_is_judged_without_the_baseline():
    lab = Lab(a.INR, 2.0, is_baseline=True)
    assert decide(V5.INR_INCREASED, lab, ANTICOAGULATED.yes).outcome is G2


def test_creatinine_clearance_below_10_has_no_grade_here_in_v6():
    table = ctcae_v6.CREATININE_CLEARANCE_DECREASED
    assert decide(table, Lab(a.CREATININE_CLEARANCE, "9 mL/min")).possible == ()
    assert decide(table, Lab(a.CREATININE_CLEARANCE, "10 mL/min")).outcome is G3
    assert names(decide(table, Lab(a.CREATININE_CLEARANCE, None)).possible) == "3 2 0"


def test_a_treated_bicarbonate_has_no_grade_here():
    lab = Lab(a.BICARBONATE, "18 mmol/L", lln="22 mmol/L")
    assert decide(V5.BLOOD_BICARBONATE_DECREASED, lab).outcome is G1
    treated = decide(V5.BLOOD_BICARBONATE_DECREASED, lab, attested=("intervention started",))
    assert treated.possible == ()
    assert "see acidosis" in treated.reason


def test_grades_that_v6_reworded_are_never_left_out():
    verdict = decide(ctcae_v6.PURPURA, Lab(a.SKIN_INVOLVED, "5 %"))
    assert names(verdict.possible) == "3 2 1"
    assert "not transcribed" in verdict.missing[0]


# --- the readings -------------------------------------------------------------------------------

ALT_60 = {"uln": "40 U/L", "baseline": "60 U/L"}
READINGS = [
    (Readings(lower_edge="exclusive"), "Alanine aminotransferase increased", "90 U/L", ALT_60,
     "0", "1"),
    (Readings(lower_edge="exclusive"), "GGT increased", "120 U/L", ALT_60, "0", "1"),
    (Readings(creatinine_baseline="never"), "Creatinine increased", "90 umol/L",
     {"uln": "110 umol/L", "baseline": "55 umol/L"}, "0", "2"),
    (Readings(fibrinogen_abnormal="current"), "Fibrinogen decreased", "1.5 g/L",
     {"lln": "2.0 g/L", "baseline": "3.0 g/L", "baseline_flag": "normal"}, "3", "1"),
    (Readings(fibrinogen_abnormal="current"), "Fibrinogen decreased", "1.5 g/L",
     {"lln": "1.5 g/L", "baseline": "3.0 g/L"}, "0", "0"),
    (Readings(hemoglobin_increased="baseline"), "Hemoglobin increased", "150 g/L",
     {"uln": "160 g/L", "baseline": "140 g/L"}, "1", "0"),
    (Readings(inr_arms="both"), "INR increased", "1.1", {"baseline": "1.0"}, "1", "1 0"),
    (Readings(integer_gaps="literal"), "Chronic kidney disease", "59.5 mL/min/1.73m^2",
     {"lln": "90 mL/min/1.73m^2"}, "2 1", "2"),
    (Readings(integer_gaps="literal"), "Hyponatremia", "124.5 mmol/L", {"lln": "135 mmol/L"},
     "3 2", "3"),
    (Readings(integer_gaps="literal"), "Obesity", "29.95 kg/m^2", {}, "3 2", "2"),
    (Readings(integer_gaps="literal"), "Bone marrow hypocellular", "50 %", {}, "3 2", "3"),
    (Readings(integer_gaps="literal"), "Skin hyperpigmentation", "10 %", {}, "2 1", "2"),
]  # fmt: skip


@pytest.mark.parametrize(("readings", "term", "value", "more", "under", "default"), READINGS)
def test_each_reading_changes_what_it_says(readings, term, value, more, under, default):
    table = V5.table(term)
    lab = Lab(table.measures[0], value, **more)
    assert names(decide(table, lab).possible) == default
    other = next(t for t in V5.tables(readings) if t.key == table.key)
    assert names(decide(other, lab).possible) == under


def test_literal_gaps_are_settled_by_saying_how_to_read_them():
    table = next(t for t in V5.tables(Readings(integer_gaps="literal"))
                 if t.term == "Chronic kidney disease")  # fmt: skip
    lab = Lab(a.EGFR, "59.5 mL/min/1.73m^2", lln="90 mL/min/1.73m^2")
    assert decide(table, lab, WORSE_CELL.yes).outcome is G2
    assert decide(table, lab, WORSE_CELL.no).outcome is G1


def test_an_unknown_reading_is_refused():
    with pytest.raises(ValueError, match="lower_edge"):
        Readings(lower_edge="outside")  # type: ignore[arg-type]


@pytest.mark.parametrize("module", EDITIONS)
def test_the_constants_are_the_tables_under_the_default_readings(module):
    assert [t.fingerprint for t in module.tables(Readings())] == [
        t.fingerprint for t in module.TABLES
    ]


# --- the editions -------------------------------------------------------------------------------


@pytest.mark.parametrize("module", EDITIONS)
def test_every_table_is_a_constant_under_its_own_name(module):
    for table in module.TABLES:
        name = re.sub(r"[^A-Za-z0-9]+", "_", table.name).strip("_").upper()
        assert getattr(module, name) is table
    assert set(module.LABORATORY) <= set(module.TABLES)
    assert len({table.key for table in module.TABLES}) == len(module.TABLES)


@pytest.mark.parametrize("table", ALL)
def test_every_table_is_complete(table):
    assert re.fullmatch(r"10\d{6}", table.code)
    assert table.source.verified
    grades = [int(row.outcome) for row in table.rows]
    assert grades == sorted(grades, reverse=True), "worst first"
    assert table.otherwise is G0


@pytest.mark.parametrize(
    ("asked", "name"),
    [("10035528", "Platelet count decreased"), (" platelet  COUNT decreased ",
      "Platelet count decreased"), ("Hypercalcemia (Ionized)", "Hypercalcemia (Ionized)"),
     ("hypercalcemia", "Hypercalcemia (Corrected)"), ("ctcae-v5.0:anemia", "Anemia"),
     ("Weight loss", "Weight loss"), ("weight loss (percent)", "Weight loss (Percent)")],
)  # fmt: skip
def test_a_table_is_found_by_name_variant_key_or_code(asked, name):
    assert V5.table(asked).name == name


@pytest.mark.parametrize(
    ("asked", "nearest"),
    [("Platelet count", "Platelet count decreased"), ("Anaemia", "Anemia"), ("qqqq", None)],
)
def test_a_miss_names_the_nearest(asked, nearest):
    with pytest.raises(UnknownTermError, match=r"not a term with a table in CTCAE v5\.0") as raised:
        V5.table(asked)
    assert nearest is None or nearest in raised.value.nearest


def test_editions_differ_where_they_do():
    low = Lab(a.PLATELETS, "24 G/L", lln="150 G/L")
    assert decide(V5.PLATELET_COUNT_DECREASED, low).outcome is G4
    assert decide(ctcae_v6.THROMBOCYTOPENIA, low).outcome is G3
    raised = Lab(a.ALT, "130 U/L", uln="40 U/L", baseline="60 U/L")
    term = "Alanine aminotransferase increased"
    assert [int(decide(m.table(term), raised).outcome) for m in EDITIONS] == [2, 1, 3]


def test_limits_of_one_kind_agree_with_each_other():
    """Two published limits of one dimension would be two chances for a typing error."""
    for module in EDITIONS:
        for table in module.TABLES:
            for leaf in leaves(table):
                if isinstance(leaf, Compare):
                    kinds = [q.dimensionality for q in leaf.limit.published]
                    assert len(kinds) == len({str(kind) for kind in kinds}), table.key


def test_a_table_with_limits_in_one_unit_system_refuses_the_other():
    with pytest.raises(DimensionError, match="has limits in mg/dL, not in umol/L"):
        decide(V5.SINUSOIDAL_OBSTRUCTION_SYNDROME, Lab(a.BILIRUBIN, "60 umol/L"))


# --- properties over all tables -----------------------------------------------------------------

SIMPLE = [p.values[0] for p in ALL if len(p.values[0].measures) == 1]
share = st.floats(0.001, 30)
flags = st.sampled_from([None, "low", "normal", "high"])


@functools.cache
def scale_of(table):
    """A number in the middle of the table's published limits, and their unit."""
    found = [
        leaf.limit.published[0]
        for leaf in leaves(table)
        if isinstance(leaf, Compare) and leaf.limit.published and leaf.limit.of is None
    ]
    unit = str(found[0]).split(" ", 1)[1] if found else table.measures[0].unit
    middle = sorted(float(q.magnitude) for q in found)[len(found) // 2] if found else 100.0
    return middle or 1.0, unit


@functools.cache
def direction(table):
    """1 where high is bad, -1 where low is, 0 where both stand in one table."""
    ops = {leaf.op[0] for leaf in leaves(table) if isinstance(leaf, Compare)}
    return {"<": -1, ">": 1}[ops.pop()] if len(ops) == 1 else 0


def lab(table, x, low, base, **more):
    """A value, limits of normal (low, 1.5 low) and baseline as shares of the table's scale."""
    middle, unit = scale_of(table)
    value, lln, uln, baseline = (f"{n * middle!r} {unit}" for n in (x, low, 1.5 * low, base))
    return Lab(table.measures[0], value, lln=lln, uln=uln, baseline=baseline, **more)


@settings(max_examples=50)
@given(x=share, y=share, low=share, base=share, flag=flags)
def test_grade_is_monotone_in_the_value(x, y, low, base, flag):
    for table in SIMPLE:
        way = direction(table)
        mild, bad = sorted((x, y), reverse=way < 0)
        first, second = (
            decide(table, lab(table, v, low, base, baseline_flag=flag)) for v in (mild, bad)
        )
        if way and first.possible and second.possible:
            assert second.worst >= first.worst, table.key
            assert second.mildest >= first.mildest, table.key


@given(
    x=share, low=share, base=share, holds=st.booleans(),
    flag=st.sampled_from(["low", "normal", "high"]),
    kept=st.sets(st.sampled_from(["lln", "uln", "baseline"])),
)  # fmt: skip
def test_a_further_fact_never_enlarges_what_is_possible(x, low, base, holds, flag, kept):
    for table in SIMPLE:
        full = lab(table, x, low, base, baseline_flag=flag)
        known = {name: getattr(full, name) for name in kept}
        less = decide(table, Lab(full.measure, full.value, **known, baseline_flag=flag))
        told = [fact.yes if holds else fact.no for fact in table.facts if fact.when_absent is None]
        more = decide(table, full, *told)
        assert set(more.possible) <= set(less.possible), table.key
        assert G5 not in more.possible, "a number never yields grade 5"
        assert len(more.possible) <= 1, f"everything is known: {more}"


SAME_SYSTEM = {
    "10^9/L": ("/mm3", "10^3/uL", "cell/uL", "10^6/L"),
    "g/L": ("g/dL", "mg/dL", "mg/L"),
    "mmol/L": ("umol/L", "mol/L"),
    "mg/dL": ("g/L", "mg/L"),
    "Cel": ("degF", "K"),
    "U/L": ("ukat/L", "mU/L"),
}


@given(x=share, low=share, base=share, which=st.integers(0, 3))
def test_a_change_of_unit_within_a_system_changes_nothing(x, low, base, which):
    for table in SIMPLE:
        others = SAME_SYSTEM.get(scale_of(table)[1])
        if not others:
            continue
        one = lab(table, x, low, base)
        target = unit(others[which % len(others)])
        numbers = [convert(n, one.unit, unit("/uL") if target.symbol == "cell/uL" else target)
                   for n in one.numbers]  # fmt: skip
        value, lln, uln, baseline = (f"{n!r} {target.symbol}" for n in numbers)
        other = Lab(one.measure, value, lln=lln, uln=uln, baseline=baseline)
        assert decide(table, other).possible == decide(table, one).possible, table.key


@pytest.mark.parametrize("table", ALL)
def test_no_number_alone_gives_grade_5(table):
    for row in table.rows:
        if row.outcome is G5:
            assert all(not isinstance(leaf, Compare) for leaf in walk(row.when))
