"""Concomitant therapy: the worked examples and the cases derived by hand, as decision tables."""

import csv
import re
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    NotationError,
    NotPermittedError,
    RecordError,
    UnitRequiredError,
    UnknownTermError,
)
from itp_carT.protocol.concomitant import medications, rescues
from itp_carT.sources import GLUCOCORTICOID_TABLES
from itp_carT.therapy.course import assess
from itp_carT.therapy.drugs import DRUGS, NAMES, DrugClass, drug
from itp_carT.therapy.frequencies import FREQUENCIES, frequency_of
from itp_carT.therapy.glucocorticoids import (
    ANTI_INFLAMMATORY,
    EquivalenceTable,
    prednisone_equivalent,
)
from itp_carT.therapy.measures import average
from itp_carT.therapy.off_therapy import (
    Interval,
    MedicationInterval,
    RescueInterval,
    medication_intervals,
    off_therapy,
    rescue_intervals,
)
from itp_carT.therapy.options import REASONS, Options
from itp_carT.therapy.records import DoseRecord
from itp_carT.therapy.terms import Purpose, Route

PUBLISHED = Path(__file__).parent / "published" / "therapy.csv"

# --- the table --------------------------------------------------------------------------------


def rows():
    with PUBLISHED.open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


ROW = re.compile(
    r"(?P<drug>[a-z ]+?) (?P<dose>\?|-|[\d.]+ [^ ]+) (?P<often>[A-Z0-9]+|-)"
    r" (?P<start>-?[\d-]+)(?P<span>\.\.(?P<end>-?[\d-]+)?)?(?: purpose=(?P<purpose>\w+))?"
)


def day(text):
    """Days are numbers; a year, a month or a date is text."""
    return text if len(text) >= 4 and text[:4].isdigit() else int(text)


def record(text):
    """Read 'prednisone 20 mg QD -60..29'; '?' is a dose that is not known."""
    found = ROW.fullmatch(text.strip())
    assert found, text
    dose, often, start = found["dose"], found["often"], day(found["start"])
    last = day(found["end"]) if found["end"] else None
    return DoseRecord(
        found["drug"],
        None if dose in {"?", "-"} else dose,
        None if often == "-" else often,
        start=start,
        end=last if found["span"] else start,
        purpose=found["purpose"] or "ITP",
    )


def course_of(records, settings_text):
    given = dict(pair.split("=") for pair in settings_text.split())
    call = {name: given.pop(name) for name in ("infusion",) if name in given}
    for name in ("until", "died_on", "recorded_from"):
        if name in given:
            call[name] = int(given.pop(name))
    if "weight" in given:
        call["weight"] = given.pop("weight").replace("_", " ")
    choices = {}
    for name, value in given.items():
        if name == "strict":
            choices[name] = value != "no"
        elif name in {"gap_days", "first_day", "sustain_days"}:
            choices[name] = int(value)
        else:
            choices[name] = value.replace("_%", " %")
    parts = [record(part) for part in records.split(";")]
    return assess(parts, options=Options(**choices), **call)


def told(found):
    """Write a measure as the table does: 4 decimals, or why it has no value."""
    return str(found) if found.exact is None else f"{float(found.exact):.4f}"


def decimals(text):
    try:
        return f"{float(text):.4f}"
    except ValueError:
        return text


def lowered(reduction):
    if reduction.pending_since is not None:
        return f"pending {reduction.pending_since}"
    return "no" if reduction.on is None else str(reduction.on)


def stopped(agent):
    on = agent.discontinuation.stopped_on
    return "no" if on is None else str(on)


# question: what the library answers, by course, agent and the words behind the question
ANSWERS = {
    "decrease": lambda _, agent, on: told(agent.decrease_on(int(on))),
    "average decrease": lambda _, agent: told(agent.average_decrease),
    "average": lambda _, agent, first, last: told(average(agent.series, int(first), int(last))),
    "baseline": lambda _, agent: told(agent.baseline),
    "dose": lambda _, agent, on: f"{float(agent.series.dose_on(int(on))):.4f}",
    "given 28": lambda _, agent, on: f"{float(agent.given_in_28_days(int(on))):.4f}",
    "cumulative": lambda _, agent: str(agent.discontinuation.cumulative),
    "longest": lambda _, agent: str(agent.discontinuation.longest),
    "current": lambda _, agent: str(agent.discontinuation.current),
    "stopped": lambda _, agent: stopped(agent),
    "reduction": lambda _, agent: lowered(agent.reduction),
    "agents": lambda all_, _: f"{len(all_.combined().before)} -> {len(all_.combined().after)}",
    "number stopped": lambda all_, _: str(len(all_.combined().stopped)),
    "number reduced": lambda all_, _: str(len(all_.combined().reduced)),
    "composite": lambda all_, _: f"{float(all_.combined().composite):.4f}",
    "off cumulative": lambda all_, _: str(all_.off.cumulative),
}


@pytest.mark.parametrize(
    "row", [row for row in rows() if row["records"]], ids=lambda row: row["id"]
)
def test_worked_examples_and_hand_derived_cases(row):
    if row["expected"] == "refused":
        with pytest.raises(RecordError):
            course_of(row["records"], row["settings"])
        return
    course = course_of(row["records"], row["settings"])
    agent = course.agent(row["agent"]) if row["agent"] else None
    question = max((asked for asked in ANSWERS if row["question"].startswith(asked)), key=len)
    words = row["question"].removeprefix(question).split()
    answer = ANSWERS[question](course, agent, *words)
    assert decimals(answer) == decimals(row["expected"]), row["reason"]


@pytest.mark.parametrize(
    "row", [row for row in rows() if not row["records"]], ids=lambda row: row["id"]
)
def test_equivalents_of_the_worked_examples(row):
    _, name, dose = row["question"].split(" ", 2)
    assert prednisone_equivalent(name, dose).exact == Fraction(row["expected"])


def test_the_table_holds_every_worked_example_and_thirty_more():
    ids = {re.sub("[a-z]$", "", row["id"]) for row in rows()}
    assert {f"W{n}" for n in range(12, 23)} <= ids
    assert len([one for one in ids if one.startswith("H")]) >= 30


# --- equivalents ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "factor"),
    [
        ("cortisone", "1/5"),
        ("hydrocortisone", "1/4"),
        ("prednisone", "1"),
        ("prednisolone", "1"),
        ("methylprednisolone", "5/4"),
        ("triamcinolone", "5/4"),
        ("dexamethasone", "20/3"),
        ("betamethasone", "20/3"),
        ("deflazacort", "5/6"),
    ],
)
def test_factors_are_exact_fractions(name, factor):
    assert ANTI_INFLAMMATORY.factors[name] == Fraction(factor)


def test_only_deflazacort_is_unverified():
    cited = {name: ANTI_INFLAMMATORY.source(name).verified for name in ANTI_INFLAMMATORY.factors}
    assert [name for name, seen in cited.items() if not seen] == ["deflazacort"]


def test_the_label_row_of_fifteen_milligrams_agrees():
    """A label seen second-hand prints the row of prednisone 15 mg."""
    row = {
        "cortisone": 75, "hydrocortisone": 60, "prednisone": 15, "methylprednisolone": 12,
        "triamcinolone": 12, "dexamethasone": 2.25, "betamethasone": 2.25,
    }  # fmt: skip
    assert {prednisone_equivalent(n, f"{mg} mg").exact for n, mg in row.items()} == {15}


def test_a_course_of_dexamethasone_is_a_pulse():
    """40 mg on 4 days: 1066.67 mg of prednisone, and flagged."""
    found = prednisone_equivalent("dexamethasone", "40 mg")
    assert 4 * found.exact == Fraction(3200, 3)
    assert found.is_pulse
    assert "pulse" in str(found.working)


@pytest.mark.parametrize(
    ("name", "dose", "pulse"),
    [
        ("prednisone", "250 mg", True),
        ("prednisone", "249.9 mg", False),
        ("methylprednisolone", "200 mg", True),
        ("dexamethasone", "20 mg", False),
    ],
)
def test_a_pulse_begins_at_250_mg(name, dose, pulse):
    assert prednisone_equivalent(name, dose).is_pulse is pulse


def test_another_table_keeps_its_own_key():
    source = GLUCOCORTICOID_TABLES.at("betamethasone 0.6")
    table = EquivalenceTable("local-2026", {"betamethasone": "0.6"}, citation=source)
    found = prednisone_equivalent("betamethasone", "0.6 mg", table=table)
    assert (found.exact, found.table.key) == (5, "local-2026")
    with pytest.raises(UnknownTermError):
        prednisone_equivalent("prednisone", "5 mg", table=table)


@pytest.mark.parametrize("route", ["topical", "inhaled", "intra-articular", "ophthalmic", "nasal"])
def test_other_routes_have_no_equivalent(route):
    with pytest.raises(NotPermittedError) as error:
        prednisone_equivalent("betamethasone", "1 mg", route=route)
    assert error.value.field == "route"
    assert error.value.citation


@pytest.mark.parametrize("route", ["oral", "IV", "INTRAVENOUS", "po"])
def test_oral_and_intravenous_doses_have_one(route):
    assert prednisone_equivalent("methylprednisolone", "4 mg", route=route).exact == 5


def test_only_glucocorticoids_have_an_equivalent():
    with pytest.raises(UnknownTermError):
        prednisone_equivalent("danazol", "200 mg")


@pytest.mark.parametrize("given", [20, 20.0, 0])
def test_a_bare_number_is_no_dose(given):
    with pytest.raises(UnitRequiredError):
        prednisone_equivalent("prednisone", given)
    with pytest.raises(UnitRequiredError):
        DoseRecord("prednisone", given, "QD", start=0, end=1)


# --- drugs and frequencies --------------------------------------------------------------------


def test_every_drug_has_a_source_for_its_code_and_its_window():
    for found in DRUGS.values():
        assert found.atc is None or (found.atc.citation and found.atc.as_of)
        assert (found.effect_days is None) == (found.effect_source is None)


def test_classes_have_the_members_of_the_notes():
    members = {kind: {d.name for d in DRUGS.values() if d.drug_class is kind} for kind in DrugClass}
    assert members[DrugClass.TPO_RA] == {
        "eltrombopag", "avatrombopag", "hetrombopag", "lusutrombopag", "romiplostim",
    }  # fmt: skip
    assert members[DrugClass.GLUCOCORTICOID] == set(ANTI_INFLAMMATORY.factors)
    assert members[DrugClass.ANTI_CD20] == {"rituximab"}


@pytest.mark.parametrize(
    ("name", "days"), [("romiplostim", 7), ("IVIg", 28), ("rituximab", 182), ("danazol", None)]
)
def test_effect_windows(name, days):
    assert drug(name).effect_days == days


@pytest.mark.parametrize(
    ("typed", "nearest"),
    [("prednisne", "prednisone"), ("eltrombopagg", "eltrombopag"), ("rituxmab", "rituximab")],
)
def test_the_nearest_names_are_offered(typed, nearest):
    with pytest.raises(UnknownTermError) as error:
        drug(typed)
    assert nearest in error.value.nearest
    assert nearest in str(error.value)


@pytest.mark.parametrize("name", ["IVIG", " Cyclosporine ", "rhTPO", "MMF", "PREDNISONE"])
def test_other_names_are_read_in_any_case(name):
    assert drug(name).name in DRUGS


def test_no_name_stands_for_two_drugs():
    names = [n for d in DRUGS.values() for n in {d.name, *d.also}]
    assert len({" ".join(n.split()).casefold() for n in names}) == len(names) == len(NAMES)


@pytest.mark.parametrize(
    ("code", "a_day"),
    [
        ("QD", "1"), ("BID", "2"), ("TID", "3"), ("QID", "4"), ("QOD", "1/2"), ("QW", "1/7"),
        ("Q2W", "1/14"), ("Q3W", "1/21"), ("Q4W", "1/28"), ("BIW", "2/7"), ("TIW", "3/7"),
        ("Q12H", "2"), ("Q8H", "3"), ("Q6H", "4"), ("once", "1"),
    ],
)  # fmt: skip
def test_doses_a_day_are_exact(code, a_day):
    assert frequency_of(code).per_day == Fraction(a_day)


def test_an_unknown_frequency_is_refused_with_the_nearest():
    with pytest.raises(UnknownTermError) as error:
        DoseRecord("prednisone", "20 mg", "QDD", start=0, end=1)
    assert error.value.field == "frequency"
    assert "qd" in error.value.nearest


def test_intervals_of_frequencies():
    assert {code: FREQUENCIES[code].interval for code in ("BID", "QD", "QOD", "QW", "Q2W")} == {
        "BID": 1, "QD": 1, "QOD": 2, "QW": 7, "Q2W": 14,
    }  # fmt: skip


# --- records ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "error", "field"),
    [
        (("prednisone", "20 mg", "QD", {"start": 10, "end": 9}), ImpossibleError, "end"),
        (
            ("prednisone", "20 mg", "QD", {"start": "2026-03-09", "end": "2026-03-08"}),
            ImpossibleError,
            "end",
        ),
        (
            ("prednisone", "20 mg", "QD", {"start": "2026-03", "end": "2026-02"}),
            ImpossibleError,
            "end",
        ),
        (("prednisone", "20 mg", "QD", {}), MissingFactError, "start"),
        (("prednisone", "20 mg", None, {"start": 0, "end": 5}), MissingFactError, "frequency"),
        (("prednisone", "-5 mg", "QD", {"start": 0}), ImpossibleError, "dose"),
        (("prednisone", "20 mL", "QD", {"start": 0}), DimensionError, "dose"),
        (("prednisone", "20 mg/m^2", "QD", {"start": 0}), DimensionError, "dose"),
        (("immunoglobulin", "5 %", "QD", {"start": 0}), DimensionError, "dose"),
        (("splenectomy", "1 mg", None, {"start": 0}), ImpossibleError, "dose"),
        (("prednisone", "20 mg", "ONCE", {"start": 0, "end": 3}), ImpossibleError, "end"),
        (
            ("prednisone", "20 mg", "QD", {"start": 0, "total_daily": "20 mg"}),
            NotationError,
            "total_daily",
        ),
        (("prednisone", "20 mg/d", "BID", {"start": 0}), NotationError, "frequency"),
        (("cyclophosphamide", "500 mg", "QD", {"start": 0}), MissingFactError, "purpose"),
        (
            ("betamethasone", "1 mg", "QD", {"start": 0, "route": "topical", "purpose": "ITP"}),
            NotPermittedError,
            "route",
        ),
        (
            ("prednisone", "20 mg", "QD", {"start": 0, "purpose": "pain"}),
            UnknownTermError,
            "purpose",
        ),
        (("prednisone", "20 mg", "QD", {"start": 0, "route": "ear"}), UnknownTermError, "route"),
        (("prednisone", "20 mg", "QD", {"start": "2026-02-30"}), ImpossibleError, "start"),
        (("prednisone", "20 mg", "QD", {"start": 1.5}), NotationError, "start"),
    ],
)
def test_records_that_cannot_be_are_refused_with_their_field(given, error, field):
    name, dose, often, rest = given
    with pytest.raises(error) as found:
        DoseRecord(name, dose, often, **rest)
    assert found.value.field == field
    assert isinstance(found.value, ItpCarTError)


def test_a_topical_glucocorticoid_for_another_purpose_is_a_record_that_does_not_count():
    cream = DoseRecord("betamethasone", "1 mg", "QD", start=0, route="topical", purpose="other")
    course = assess([cream], until=60)
    assert course.agents == ()
    assert [one.record for one in course.left_out] == [cream]


def test_the_usual_use_is_taken_where_none_is_said_and_told():
    assert DoseRecord("fludarabine", "54 mg", "QD", start=-5, end=-3).purpose is (
        Purpose.LYMPHODEPLETION
    )
    assert DoseRecord("tocilizumab", "480 mg", "ONCE", start=3).purpose is Purpose.TOXICITY
    course = assess([DoseRecord("prednisone", "20 mg", "QD", start=-60)], until=60)
    told = " ".join(course.notes)
    assert "purpose not stated: taken as ITP" in told
    assert "route not stated: taken as oral" in told


@pytest.mark.parametrize(
    "text",
    [
        DoseRecord("prednisone", "20 mg", "BID", start="2026-03", end="2026-04-30", route="oral"),
        DoseRecord("romiplostim", "250 ug", "QW", start=-63, end=7, purpose="ITP"),
        DoseRecord("danazol", total_daily="400 mg", start="unknown"),
        DoseRecord("prednisone", None, "QD", start=-60, end=-1, rescue=False),
    ],
)
def test_a_record_pastes_back(text):
    assert eval(repr(text), {"DoseRecord": DoseRecord}) == text  # noqa: S307 - our own repr


def test_routes_are_cdisc_values():
    assert Route.INHALED.cdisc == "RESPIRATORY (INHALATION)"


# --- partial dates ----------------------------------------------------------------------------


def test_what_was_filled_in_is_told():
    rec = DoseRecord("prednisone", "20 mg", "QD", start="2024-01", end="2024-02", purpose="ITP")
    told = " ".join(assess([rec], infusion="2024-01-31", until=180).notes)
    assert "start 2024-01 taken as 2024-01-01" in told
    assert "end 2024-02 taken as 2024-02-29" in told


def test_partial_dates_can_be_refused():
    rec = DoseRecord("prednisone", "20 mg", "QD", start="2024-01", end="2024-02-10")
    with pytest.raises(MissingFactError) as error:
        assess([rec], infusion="2024-01-31", until=180, options=Options(partial="refuse"))
    assert error.value.field == "start"


def test_an_unknown_start_is_before_all_days_and_an_unknown_end_is_ongoing():
    rec = DoseRecord("prednisone", "20 mg", "QD", start="unknown", end="unknown")
    agent = assess([rec], until=180).agents[0]
    assert (float(agent.baseline.exact), agent.discontinuation.cumulative) == (20.0, 0)


def test_dates_need_the_infusion():
    rec = DoseRecord("prednisone", "20 mg", "QD", start="2024-01-01")
    with pytest.raises(MissingFactError):
        assess([rec], until=180)


def test_two_records_in_one_unknown_month_overlap():
    """20 mg to 'March' and 10 mg from 'March': the day of the change is not known."""
    both = [
        DoseRecord("prednisone", "20 mg", "QD", start="2026-01-01", end="2026-03"),
        DoseRecord("prednisone", "10 mg", "QD", start="2026-03", end="2026-04-30"),
    ]
    with pytest.raises(RecordError) as error:
        assess(both, infusion="2026-03-09", until=180)
    assert error.value.drug == "prednisone"
    assert error.value.days == (-8, 22)


# --- the window -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ends", "why"),
    [
        ({"died_on": 100}, "death"),
        ({"lost_on": 100}, "lost to follow-up"),
        ({"new_therapy_on": 100}, "new ITP therapy"),
    ],
)
def test_death_loss_and_new_therapy_end_the_window(ends, why):
    rec = DoseRecord("danazol", "400 mg", "QD", start=-60, end=59)
    course = assess([rec], until=180, **ends)
    assert (course.last, course.ended_by) == (100, why)
    assert course.agents[0].discontinuation.current == 41


def test_rescue_does_not_end_the_window():
    more = [
        DoseRecord("IVIg", "1 g/kg", "ONCE", start=30),
        DoseRecord("prednisone", "20 mg", "QD", start=40, end=50),
        DoseRecord("platelet transfusion", start=41, end=41),
    ]
    course = assess([DoseRecord("danazol", "400 mg", "QD", start=-60), *more], until=180)
    assert course.ended_by == "end of observation"


def test_a_new_therapy_is_named():
    course = assess(
        [
            DoseRecord("danazol", "400 mg", "QD", start=-60),
            DoseRecord("eltrombopag", "50 mg", "QD", start=90),
        ],
        until=180,
    )
    assert course.ended_by == "new ITP therapy: eltrombopag on day 90"


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(ImpossibleError):
        assess([], until=-1)


def test_no_record_is_no_agent_and_no_decrease():
    course = assess([], until=180)
    combined = course.combined()
    assert (course.agents, combined.composite) == ((), None)
    assert combined.why_not == "undefined: no agent at baseline"
    assert (course.off.cumulative, course.off.stopped_on) == (181, None)


def test_units_that_cannot_be_brought_together_are_refused():
    kilo = DoseRecord("prednisone", "1 mg/kg", "QD", start=-60, end=-1)
    with pytest.raises(MissingFactError) as error:
        assess([kilo], until=180)
    assert error.value.field == "weight"
    mixed = [
        DoseRecord("rituximab", "375 mg/m^2", "ONCE", start=-60),
        DoseRecord("rituximab", "700 mg", "ONCE", start=-30),
    ]
    with pytest.raises(NotPermittedError):
        assess(mixed, until=180)


def test_an_effect_window_can_be_changed():
    rec = DoseRecord("romiplostim", "250 ug", "ONCE", start=0)
    course = assess([rec], until=60, options=Options(effects={"romiplostim": 14}))
    assert course.agents[0].discontinuation.cumulative == 47


@pytest.mark.parametrize(
    "choice",
    [
        {"threshold": 25},
        {"threshold": "25 mg"},
        {"threshold": "125 %"},
        {"baseline": (-6, -19)},
        {"baseline": -6},
        {"effects": {"romiplostim": 0}},
    ],
)
def test_choices_that_cannot_be_are_refused(choice):
    with pytest.raises(ItpCarTError):
        Options(**choice)


def test_every_reason_is_that_of_a_choice():
    choices = {"baseline", "threshold", "sustain_days", "gap_days", "overlap", "partial"}
    assert set(REASONS) == choices | {"new_therapy", "effects"}
    assert all(hasattr(Options(), name) for name in REASONS)


# --- for response -----------------------------------------------------------------------------

HISTORY = [
    DoseRecord("prednisone", "20 mg", "QD", start=-60, end=30, purpose="ITP"),
    DoseRecord("prednisone", "30 mg", "QD", start=31, end=40, purpose="ITP"),
    DoseRecord("prednisone", "20 mg", "QD", start=60, end=65, purpose="ITP"),
    DoseRecord("prednisone", "10 mg", "QD", start=66, end=70, purpose="ITP"),
    DoseRecord("IVIg", "1 g/kg", "QD", start=-10, end=-9, purpose="ITP"),
    DoseRecord("dexamethasone", "10 mg", "QD", start=3, end=4, purpose="toxicity"),
    DoseRecord("platelet transfusion", start=12, end=12, purpose="other"),
    DoseRecord("fludarabine", "54 mg", "QD", start=-5, end=-3),
    DoseRecord("eltrombopag", "50 mg", "QD", start=100, purpose="ITP"),
]


def test_rescue_is_what_raises_a_count():
    assert rescue_intervals(assess(HISTORY, until=180)) == (
        RescueInterval(-10, -9, "other rescue", "immunoglobulin raises the count"),
        RescueInterval(3, 4, "corticosteroid for CRS or ICANS", "dexamethasone"),
        RescueInterval(12, 12, "platelet transfusion", "platelet transfusion"),
        RescueInterval(60, 70, "other rescue", "glucocorticoid begun"),
        RescueInterval(100, 100, "new ITP therapy", "eltrombopag begun"),
    )


def test_medication_is_what_was_taken_before_with_raised_doses():
    found = [one for one in medication_intervals(assess(HISTORY, until=180)) if one.drug != "x"]
    assert found == [
        MedicationInterval(-60, 40, "glucocorticoids", (31,)),
        MedicationInterval(-10, 18, "immunoglobulin", ()),
        MedicationInterval(60, 70, "glucocorticoids", ()),
    ]


def test_off_therapy_intervals():
    course = assess(HISTORY, until=180)
    assert off_therapy(course) == (Interval(41, 59), Interval(71, 99))
    assert off_therapy(course, gap_days=28) == (Interval(71, 99),)


def test_what_is_recorded_of_rescue_decides():
    taken = DoseRecord("prednisone", "20 mg", "QD", start=40, end=50, purpose="ITP", rescue=False)
    asked = DoseRecord("dapsone", "100 mg", "QD", start=-60, end=50, rescue=True)
    assert [one.reason for one in rescue_intervals(assess([taken, asked], until=90))] == [
        "dapsone, recorded as rescue"
    ]


def test_response_takes_the_intervals_over():
    course = assess(HISTORY, until=180)
    assert [one.kind.value for one in rescues(course)] == [
        one.kind for one in rescue_intervals(course)
    ]
    assert [one.raised_on for one in medications(course)] == [(31,), (), ()]


# --- properties -------------------------------------------------------------------------------

doses = st.integers(0, 400).map(lambda tenths: tenths / 10)
pieces = st.lists(st.tuples(st.integers(1, 40), doses), min_size=1, max_size=8)


def taper(found, start=-60):
    """One record after the other."""
    records, first = [], start
    for days, dose in found:
        records.append(DoseRecord("danazol", f"{dose} mg", "QD", start=first, end=first + days - 1))
        first += days
    return records


def numbers(course):
    return [
        (
            agent.name, agent.unit, agent.series.spans, agent.baseline.exact, agent.decrease.exact,
            agent.average.exact, agent.reduction, agent.discontinuation,
        )
        for agent in course.agents
    ] + [course.off, course.combined()]  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(pieces, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(found, random):
    records = taper(found)
    shuffled = random.sample(records, len(records))
    assert assess(records, until=180) == assess(shuffled, until=180)


@settings(max_examples=60, deadline=None)
@given(pieces, st.integers(0, 7), st.integers(1, 39))
def test_splitting_a_record_changes_nothing(found, at, after):
    records = taper(found)
    one = records[at % len(records)]
    split = one.start + after
    if split > one.end:
        return
    parts = [
        DoseRecord("danazol", str(one.dose), "QD", start=one.start, end=split - 1),
        DoseRecord("danazol", str(one.dose), "QD", start=split, end=one.end),
    ]
    rest = [other for other in records if other is not one]
    assert numbers(assess([*rest, *parts], until=180)) == numbers(assess(records, until=180))


@settings(max_examples=60, deadline=None)
@given(pieces, st.integers(1, 60))
def test_a_longer_exposure_never_raises_the_decrease(found, more):
    records = [DoseRecord("danazol", "400 mg", "QD", start=-60, end=-1), *taper(found, 0)]
    last = records[-1]
    longer = DoseRecord("danazol", str(last.dose), "QD", start=last.start, end=last.end + more)
    before = assess(records, until=400).agents[0]
    after = assess([*records[:-1], longer], until=400).agents[0]
    assert after.average_decrease.exact <= before.average_decrease.exact
    assert after.discontinuation.cumulative <= before.discontinuation.cumulative


@settings(max_examples=40, deadline=None)
@given(pieces)
def test_the_spans_are_the_days_summed_by_hand(found):
    """The same average by a plain loop over days."""
    records = taper(found)
    agent = assess(records, until=180).agents[0]
    by_day = dict.fromkeys(range(181), Fraction(0))
    for one in records:
        for on in range(one.start, one.end + 1):
            if on in by_day:
                by_day[on] += one.per_day
    assert agent.average.exact == sum(by_day.values()) / 181
    assert agent.discontinuation.cumulative == sum(dose == 0 for dose in by_day.values())


@settings(max_examples=40, deadline=None)
@given(doses, st.sampled_from(sorted(ANTI_INFLAMMATORY.factors)))
def test_an_equivalent_dose_of_any_glucocorticoid_is_no_change(dose, name):
    mg = Fraction(str(dose)) / ANTI_INFLAMMATORY.factors[name]
    if dose == 0 or float(mg) != float(f"{float(mg):.6g}"):
        return
    records = [
        DoseRecord("prednisone", f"{dose} mg", "QD", start=-60, end=-1),
        DoseRecord(name, f"{float(mg):.6g} mg", "QD", start=0, end=180, route="oral"),
    ]
    assert assess(records, until=180).agents[0].decrease.exact == 0
