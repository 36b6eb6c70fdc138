"""Adverse events: what is unknown stays unknown, from a partial date to the incidence table."""

import datetime as dt
import itertools
import pickle

import pytest

from itp_carT import Lab, decide
from itp_carT.analytes import HEMOGLOBIN, PLATELETS
from itp_carT.errors import (
    ImpossibleError,
    MissingFactError,
    NotationError,
    UnknownTermError,
    UnusualValueWarning,
)
from itp_carT.partial_dates import PartialDate, before, partial_date
from itp_carT.toxicity import ctcae_v5
from itp_carT.toxicity.attributes import (
    ACTION_SOURCE,
    ATTRIBUTION_SOURCE,
    NOT_ASSESSED,
    NOT_SERIOUS,
    OUTCOME_SOURCE,
    SERIOUSNESS_SOURCE,
    Action,
    Attribution,
    Outcome,
    Seriousness,
)
from itp_carT.toxicity.catalogue import catalogue
from itp_carT.toxicity.emergence import (
    NOT_GIVEN,
    TREATMENT_EMERGENT,
    Emergence,
    Milestone,
    TreatmentPeriod,
    treatment_emergent,
)
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.incidence import COUNTING, incidence, worst_grades
from itp_carT.toxicity.shift import shift_table
from itp_carT.toxicity.worsening import Change, worsening

G0, G1, G2, G3, G4, G5 = Grade
V5 = catalogue("ctcae-v5.0")


def event(patient="SYN-01", term="Nausea", **more):
    return AdverseEvent(patient, V5[term], **more)


# --- partial dates --------------------------------------------------------------------------------

DATES = [
    # text           earliest      latest
    ("2026-03-09", "2026-03-09", "2026-03-09"),
    ("2026-03", "2026-03-01", "2026-03-31"),
    ("2026-04", "2026-04-01", "2026-04-30"),
    ("2026-02", "2026-02-01", "2026-02-28"),
    ("2024-02", "2024-02-01", "2024-02-29"),  # leap year
    ("2100-02", "2100-02-01", "2100-02-28"),  # a century that is none
    ("2024-02-29", "2024-02-29", "2024-02-29"),
    ("2026", "2026-01-01", "2026-12-31"),
    ("2026-12", "2026-12-01", "2026-12-31"),
]


@pytest.mark.parametrize(("text", "earliest", "latest"), DATES)
def test_a_partial_date_is_what_is_known(text, earliest, latest):
    date = partial_date(text)
    assert (date.earliest.isoformat(), date.latest.isoformat()) == (earliest, latest)
    assert str(date) == text
    assert date.complete == (earliest == latest)
    assert date == eval(repr(date), {"PartialDate": PartialDate})  # noqa: S307 - our own repr
    assert pickle.loads(pickle.dumps(date)) == date


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("2026-02-29", ImpossibleError),  # no leap year
        ("2100-02-29", ImpossibleError),
        ("2026-13", ImpossibleError),
        ("2026-00", ImpossibleError),
        ("2026-04-31", ImpossibleError),
        ("1026-04", ImpossibleError),  # a slip of the pen
        ("2026-3", NotationError),
        ("03/2026", NotationError),
        ("2026---15", NotationError),
        ("--03-15", NotationError),
        ("2026-03-09T10:00", NotationError),
        ("UN-MAR-2026", NotationError),
        ("", NotationError),
        (2026, NotationError),
        (float("nan"), NotationError),
    ],
)
def test_what_is_no_date_is_refused_by_name(text, error):
    with pytest.raises(error) as caught:
        event(onset=text)
    assert caught.value.field in {"onset", "date"}


def test_a_day_needs_its_month():
    with pytest.raises(NotationError, match="has no month"):
        PartialDate(2026, None, 9)


BEFORE = [
    ("2026-03", "2026-04", True),
    ("2026-04", "2026-03", False),
    ("2026-03", "2026-03", None),
    ("2026-03-09", "2026-03-09", False),
    ("2026-03", "2026-03-01", False),  # no day of March is before its first
    ("2026-03", "2026-03-02", None),
    ("2026-03", "2026-04-01", True),
    ("2026", "2026-06", None),
    ("2025", "2026", True),
    ("2024-02", "2024-03-01", True),
    ("2024-02", "2024-02-29", None),
]


@pytest.mark.parametrize(("one", "other", "expected"), BEFORE)
def test_before_is_true_false_or_unknown(one, other, expected):
    assert before(partial_date(one), partial_date(other)) is expected


# --- the record -----------------------------------------------------------------------------------


def test_what_was_not_reported_is_unknown():
    it = event()
    assert it.attribution is Attribution.UNKNOWN
    assert it.related is None  # not "unrelated"
    assert it.serious is None  # not "no"
    assert it.grade is None
    assert it.grades == (G3, G2, G1)  # all that nausea has, and not grade 0
    assert it.at_least is None
    assert (it.action, it.outcome) == (Action.UNKNOWN, Outcome.UNKNOWN)
    assert it.worsening.change is Change.UNKNOWN
    record = it.cdisc()
    assert record["AETOXGR"] == record["AESER"] == record["AESTDTC"] == record["AESDTH"] == ""
    assert record["AEREL"] == "UNKNOWN"


ATTRIBUTIONS = [
    # given         level  related
    ("unrelated", 1, False),
    ("Unlikely", 2, False),
    ("POSSIBLE", 3, True),
    ("probable", 4, True),
    (Attribution.DEFINITE, 5, True),
    ("unknown", None, None),
]


@pytest.mark.parametrize(("given", "level", "related"), ATTRIBUTIONS)
def test_attribution_has_five_levels_and_unknown(given, level, related):
    it = event(attribution=given)
    assert (it.attribution.level, it.related) == (level, related)


@pytest.mark.parametrize("given", ["not related", "", None, 3, "yes"])
def test_another_word_for_attribution_is_refused(given):
    with pytest.raises(UnknownTermError, match="write unrelated, unlikely, possible") as caught:
        event(attribution=given)
    assert "unknown" in caught.value.nearest


CRITERIA = [
    (NOT_ASSESSED, None),
    (NOT_SERIOUS, False),
    (Seriousness(death=True), True),
    (Seriousness(life_threatening=True), True),
    (Seriousness(hospitalization=True), True),
    (Seriousness(disability=True), True),
    (Seriousness(congenital_anomaly=True), True),
    (Seriousness(medically_important=True), True),
    (Seriousness(death=False, hospitalization=False), None),  # the others were not assessed
    (Seriousness(death=False, hospitalization=True), True),
]


@pytest.mark.parametrize(("criteria", "serious"), CRITERIA)
def test_any_criterion_makes_it_serious_and_only_all_make_it_not(criteria, serious):
    assert criteria.serious is serious
    assert criteria.cdisc()["AESER"] == {True: "Y", False: "N", None: ""}[serious]


def test_a_criterion_is_yes_no_or_none():
    with pytest.raises(NotationError, match="not assessed"):
        Seriousness(death="Y")


def test_a_grade_of_severity_says_nothing_of_seriousness():
    assert event(term="Vomiting", grade=4).serious is None


def test_the_lists_say_that_nobody_checked_them():
    sources = (ATTRIBUTION_SOURCE, SERIOUSNESS_SOURCE, ACTION_SOURCE, OUTCOME_SOURCE, COUNTING)
    assert not any(source.verified for source in sources)
    assert all("(unverified)" in str(source) for source in sources)


CDISC = [
    (Action.NOT_APPLICABLE, "NOT APPLICABLE"),
    (Action.of("drug interrupted"), "DRUG INTERRUPTED"),
    (Action.of("dose rate reduced"), "DOSE RATE REDUCED"),
    (Outcome.of("not recovered/not resolved"), "NOT RECOVERED/NOT RESOLVED"),
    (Outcome.of("recovered"), "RECOVERED/RESOLVED"),
    (Outcome.RECOVERED_WITH_SEQUELAE, "RECOVERED/RESOLVED WITH SEQUELAE"),
    (Outcome.of("Recovering"), "RECOVERING/RESOLVING"),
    (Outcome.of("fatal"), "FATAL"),
]


@pytest.mark.parametrize(("member", "value"), CDISC)
def test_lists_carry_the_cdisc_values(member, value):
    assert member.cdisc == value


def test_a_record_as_cdisc_variables():
    it = AdverseEvent(
        "SYN-01", "10035528", edition="ctcae-v5.0", grade=4, initial_grade=3, onset="2026-03",
        ongoing=True, attribution="possible", seriousness=NOT_SERIOUS, action="not applicable",
        outcome="not recovered",
    )  # fmt: skip
    assert it.cdisc() == {
        "USUBJID": "SYN-01",
        "AETERM": "Platelet count decreased",
        "AELLT": "Platelet count decreased",
        "AELLTCD": "10035528",
        "AESOC": "Investigations",
        "AETOXGR": "4",
        "AEITOXGR": "3",
        "AESER": "N",
        "AESDTH": "N",
        "AESLIFE": "N",
        "AESHOSP": "N",
        "AESDISAB": "N",
        "AESCONG": "N",
        "AESMIE": "N",
        "AEREL": "POSSIBLE",
        "AEACN": "NOT APPLICABLE",
        "AEOUT": "NOT RECOVERED/NOT RESOLVED",
        "AESTDTC": "2026-03",
        "AEENDTC": "",
        "AEENRTPT": "ONGOING",
    }


def test_repr_pastes_back_and_equality_is_by_meaning():
    it = event(grade="G2", initial_grade=0, onset="2026-03", end=dt.date(2026, 4, 2),
               seriousness=NOT_SERIOUS, attribution="possible", outcome="recovered")  # fmt: skip
    names = {
        "AdverseEvent": AdverseEvent,
        "Attribution": Attribution,
        "Outcome": Outcome,
        "Seriousness": Seriousness,
    }
    again = eval(repr(it), names)  # noqa: S307 - our own repr
    assert again == it
    assert hash(again) == hash(it)
    assert it != event(grade="G2", onset="2026-03")


def test_a_verdict_may_stand_for_the_grade():
    verdict = decide(ctcae_v5.ANEMIA, Lab(HEMOGLOBIN, "112 g/L"))  # no lower limit of normal
    it = event(term="Anemia", grade=verdict)
    assert it.grades == (G1, G0)
    assert not it.settled
    assert it.at_least is G0
    assert it.cdisc()["AETOXGR"] == ""
    settled = event(term="Anemia", grade=decide(ctcae_v5.ANEMIA, Lab(HEMOGLOBIN, "79 g/L")))
    assert settled.grades == (G3,)
    assert settled.cdisc()["AETOXGR"] == "3"


REFUSED = [
    # what is wrong                                                     error             says
    ({"grade": 0}, ImpossibleError, "grade 0 is no adverse event; it has 1, 2, 3"),
    ({"grade": 4}, ImpossibleError, "there is no such grade; it has 1, 2, 3"),
    ({"grade": 6}, NotationError, "is not a grade"),
    ({"grade": True}, NotationError, "is not a grade"),
    ({"grade": float("nan")}, NotationError, "None when it is not known"),
    ({"grade": "severe"}, NotationError, "is not a grade"),
    ({"initial_grade": "x"}, NotationError, "initial_grade"),
    ({"onset": "2026-03-09", "end": "2026-03-08"}, ImpossibleError, "before it began"),
    ({"onset": "2026-04", "end": "2026-03"}, ImpossibleError, "before it began"),
    ({"end": "2026-03-08", "ongoing": True}, ImpossibleError, "give one of the two"),
    ({"ongoing": "yes"}, NotationError, "True, False"),
    ({"term": "Vomiting", "grade": 5, "outcome": "recovered"}, ImpossibleError, "grade 5 is death"),
    (
        {"term": "Vomiting", "grade": 5, "seriousness": NOT_SERIOUS},
        ImpossibleError,
        "death is answered no",
    ),
    ({"outcome": "fatal", "seriousness": NOT_SERIOUS}, ImpossibleError, "death is answered no"),
    ({"term": "Investigations - Other, specify"}, MissingFactError, "must say what happened"),
    ({"patient": " "}, NotationError, "identifies nobody"),
    ({"patient": None}, NotationError, "identifies nobody"),
]


@pytest.mark.parametrize(("given", "error", "says"), REFUSED)
def test_what_cannot_be_true_is_refused(given, error, says):
    with pytest.raises(error, match=says):
        event(**given)


def test_a_partial_end_in_the_month_of_the_onset_is_possible():
    assert event(onset="2026-03-20", end="2026-03").end == PartialDate(2026, 3)


def test_a_verdict_about_another_term_is_refused():
    verdict = decide(ctcae_v5.ANEMIA, Lab(HEMOGLOBIN, "79 g/L"))
    with pytest.raises(ImpossibleError, match="about Anemia"):
        event(term="Nausea", grade=verdict)


def test_a_term_as_text_needs_its_edition():
    with pytest.raises(MissingFactError, match=r"ctcae-v5\.0"):
        AdverseEvent("SYN-01", "Nausea")
    with pytest.raises(UnknownTermError, match="it is one of ctcae-v6"):
        AdverseEvent("SYN-01", "Thrombocytopenia", edition="ctcae-v5.0")
    with pytest.raises(ImpossibleError, match="is not a term of ctcae-v6"):
        AdverseEvent("SYN-01", V5["Nausea"], edition="ctcae-v6.0")


def test_a_fatal_outcome_below_grade_5_is_questioned():
    with pytest.warns(UnusualValueWarning, match="fatal"):
        event(grade=3, outcome="fatal")
    event(grade=3, outcome="fatal", confirmed=("outcome",))
    event(term="Vomiting", grade=5, outcome="fatal")


# --- treatment-emergent ---------------------------------------------------------------------------

FIRST, WINDOW = "2026-03-09", {"last": "2026-03-12", "window_days": 30}
YES, NO, OPEN = {Emergence.YES}, {Emergence.NO}, {Emergence.YES, Emergence.NO}

# start, end, initial grade, grade, further facts, answer; first treatment is 9 March, the last
# treatment 12 March, and the window closes on 11 April
EMERGENCE = [
    # ended before first treatment
    ("2026-02-01", "2026-03-08", 1, 3, {}, NO),
    ("2026-02", "2026-02", 1, 3, {}, NO),
    (None, "2026-03-08", 1, 3, {}, NO),  # the end decides before the missing start
    # start missing
    (None, None, None, None, {}, YES),
    (None, "2026-03-09", 1, 1, {}, YES),
    (None, "2026-05-01", 2, 1, {}, YES),
    (None, "2026-03", 1, 1, {}, OPEN),  # may have ended on 8 March
    (None, "2026", 1, 1, {}, OPEN),
    # started on or after first treatment
    ("2026-03-09", None, None, None, {}, YES),  # the very day
    ("2026-03-10", "2026-03-11", 0, 1, {}, YES),
    ("2026-04", None, None, 2, {"window": False}, YES),
    ("2026-04-11", None, 0, 1, {}, YES),  # the last day of the window
    ("2026-04-12", None, 0, 1, {}, NO),
    ("2026-04-12", None, 0, 3, {}, NO),  # beyond the window, worse or not
    ("2026-04-12", None, 0, 1, {"window": False}, YES),
    ("2026-05", None, 0, 1, {}, NO),
    ("2026-04", None, 0, 1, {}, OPEN),  # until 11 April yes, then no
    # started before
    ("2026-03-08", None, 1, 1, {}, NO),
    ("2026-03-08", None, 1, 2, {}, YES),
    ("2026-03-08", "2026-03-09", 1, 2, {}, YES),
    ("2026-03-08", "2026-03-08", 1, 2, {}, NO),
    ("2026-03-08", None, 4, 4, {"term": "Platelet count decreased"}, NO),  # the disease itself
    ("2026-03-08", None, 3, 4, {"term": "Platelet count decreased"}, YES),
    ("2026-03-08", None, 3, 2, {}, NO),
    ("2026-03-08", None, None, 2, {}, OPEN),  # nobody recorded the initial grade
    ("2026-03-08", None, 2, None, {}, OPEN),
    ("2026-03-08", None, 3, None, {}, NO),  # nausea has no grade above 3
    ("2026-03-08", None, 1, 2, {"ongoing": True}, YES),
    ("2026-03-08", None, 1, 2, {"ongoing": False}, OPEN),  # it ended, nobody knows when
    # a part of the start is unknown
    ("2026-03", None, 0, 1, {}, YES),  # before or after: absent at first, so new or worse
    ("2026-03", None, 1, 1, {}, OPEN),
    ("2026-03", "2026-03-08", 0, 1, {}, NO),  # it ended before, so it began before
    ("2026-03", "2026-03-09", 1, 1, {}, OPEN),
    ("2026-03-20", "2026-03", 1, 1, {}, YES),  # it cannot have ended before it began
    ("2026", None, 1, 1, {}, OPEN),
    ("2025", None, 1, 1, {}, NO),
    ("2025", None, 1, 2, {}, YES),
]


def period_of(more):
    return TreatmentPeriod(
        first="infusion", infusion=FIRST, **(WINDOW if more.get("window", True) else {})
    )


@pytest.mark.parametrize(("onset", "end", "initial", "grade", "more", "expected"), EMERGENCE)
def test_treatment_emergent(onset, end, initial, grade, more, expected):
    it = event(
        term=more.get("term", "Nausea"), onset=onset, end=end, initial_grade=initial, grade=grade,
        ongoing=more.get("ongoing"),
    )  # fmt: skip
    verdict = treatment_emergent(it, period_of(more))
    assert set(verdict.possible) == expected
    assert verdict.settled == bool(not verdict.reason)
    assert "admiral" in str(verdict.table.source)


def simple_rule(start, end, first, cutoff, *, worse):
    """The tests in their order, for days that are all known: our oracle, not the library's code."""
    if end is not None and end < first:
        return Emergence.NO
    if start >= first:
        return Emergence.YES if cutoff is None or start <= cutoff else Emergence.NO
    return Emergence.YES if worse else Emergence.NO


@pytest.mark.parametrize("cutoff", [None, dt.date(2026, 3, 20)])
@pytest.mark.parametrize("worse", [True, False])
def test_a_partial_date_allows_what_its_days_allow(worse, cutoff):
    """Every day a partial date can be is tried: the answer holds exactly what they give."""
    starts = ["2026-02", "2026-03", "2026-03-08", "2026-03-09", "2026-03-20", "2026-03-21"]
    ends = ["2026-02", "2026-03", "2026-03-08", "2026-03-09", "2026-03-25", "2026-04", None]
    window = {"last": "2026-03-15", "window_days": 5} if cutoff else {}
    for first in ("2026-03-01", "2026-03-09", "2026-03-31", "2026-03"):
        if cutoff and first in {"2026-03-31", "2026-03"}:
            continue
        period = TreatmentPeriod(first="infusion", infusion=first, **window)
        treated = [a for a, _ in days_of(first, None)]
        for start, end in itertools.product(starts, ends):
            pairs = list(days_of(start, end))
            if not pairs:
                continue
            allowed = {
                simple_rule(a, b, day, cutoff, worse=worse) for a, b in pairs for day in treated
            }
            it = event(onset=start, end=end, initial_grade=1, grade=2 if worse else 1)
            found = set(treatment_emergent(it, period).possible)
            assert found == allowed, (start, end, first, worse, cutoff)


def days_of(start, end):
    def days(text):
        if text is None:
            return [None]
        date = partial_date(text)
        return [
            date.earliest + dt.timedelta(days=n)
            for n in range((date.latest - date.earliest).days + 1)
        ]

    for a, b in itertools.product(days(start), days(end)):
        if b is None or b >= a:
            yield a, b


def test_not_treated_is_never_emergent_and_not_known_is_open():
    untreated = TreatmentPeriod(first="infusion", infusion=NOT_GIVEN)
    unknown = TreatmentPeriod(first="infusion")
    it = event(onset="2026-03-10", grade=3)
    assert treatment_emergent(it, untreated).outcome is Emergence.NO
    assert treatment_emergent(event(), untreated).outcome is Emergence.NO  # before "start missing"
    assert set(treatment_emergent(it, unknown).possible) == OPEN
    assert "not treated" in treatment_emergent(it, unknown).reason


MILESTONES = [
    ("leukapheresis", Emergence.YES),
    ("lymphodepletion", Emergence.YES),
    ("infusion", Emergence.NO),
    (Milestone.INFUSION, Emergence.NO),
]


@pytest.mark.parametrize(("first", "expected"), MILESTONES)
def test_what_is_first_treatment_is_the_callers_choice(first, expected):
    """Nausea under fludarabine: after lymphodepletion began, before the infusion."""
    period = TreatmentPeriod(
        first=first, leukapheresis="2026-02-10", lymphodepletion="2026-03-04", infusion=FIRST
    )
    it = event(onset="2026-03-05", end="2026-03-12", initial_grade=2, grade=2)
    assert treatment_emergent(it, period).outcome is expected


@pytest.mark.parametrize(
    ("given", "error", "says"),
    [
        ({"first": "screening"}, UnknownTermError, "leukapheresis, lymphodepletion, infusion"),
        ({"first": "infusion", "window_days": 30}, MissingFactError, "give last="),
        (
            {"first": "infusion", "window_days": -1, "last": "2026-03-09"},
            NotationError,
            "number of days",
        ),
        ({"first": "infusion", "infusion": FIRST, "last": "2026-03-01"}, ImpossibleError, "before"),
        ({"first": "infusion", "infusion": "9 March"}, NotationError, "infusion"),
    ],
)
def test_a_period_that_cannot_be_is_refused(given, error, says):
    with pytest.raises(error, match=says):
        TreatmentPeriod(**given)


def test_there_is_no_default_for_first_treatment():
    with pytest.raises(TypeError):
        TreatmentPeriod(infusion=FIRST)


def test_the_rule_is_a_table_with_its_source():
    assert TREATMENT_EMERGENT.source.verified
    assert [row.outcome for row in TREATMENT_EMERGENT.rows] == [
        *(Emergence.NO,) * 2,
        *(Emergence.YES,) * 3,
    ]


# --- against baseline -----------------------------------------------------------------------------

WORSENING = [
    # baseline, now, change, new toxicity
    (0, 0, Change.UNCHANGED, False),
    (0, 1, Change.NEW, True),
    (0, 5, Change.NEW, True),
    (1, 2, Change.WORSENED, True),
    (3, 4, Change.WORSENED, True),
    (4, 4, Change.UNCHANGED, False),  # a platelet count of grade 4 before treatment
    (4, 3, Change.IMPROVED, False),
    (2, 0, Change.IMPROVED, False),
    (None, 4, Change.UNKNOWN, None),
    (4, None, Change.UNKNOWN, None),
    (None, None, Change.UNKNOWN, None),
    (None, 0, Change.UNKNOWN, False),  # unchanged or improved: no new toxicity either way
]


@pytest.mark.parametrize(("baseline", "grade", "change", "new"), WORSENING)
def test_a_grade_against_baseline(baseline, grade, change, new):
    found = worsening(baseline, grade)
    assert (found.change, found.new_toxicity) == (change, new)


def test_nobody_is_grade_5_before_treatment():
    for refused in (
        lambda: worsening(5, 5),
        lambda: event(initial_grade=5),
        lambda: shift_table("Nausea", {"SYN-01": 5}, {}),
    ):
        with pytest.raises(ImpossibleError, match="grade 5 is death"):
            refused()


def test_platelets_of_grade_4_at_baseline_are_no_new_toxicity():
    baseline = decide(ctcae_v5.PLATELET_COUNT_DECREASED, Lab(PLATELETS, "12 10^9/L"))
    later = decide(ctcae_v5.PLATELET_COUNT_DECREASED, Lab(PLATELETS, "8 10^9/L"))
    found = worsening(baseline, later)
    assert (found.change, found.new_toxicity, found.grades_worse) == (Change.UNCHANGED, False, 0)


def test_an_unsettled_grade_can_settle_that_there_is_no_new_toxicity():
    unsettled = decide(ctcae_v5.PLATELET_COUNT_DECREASED, Lab(PLATELETS, "90 10^9/L"))  # no LLN
    assert unsettled.possible == (G1, G0)
    found = worsening(1, unsettled)
    assert found.possible == (Change.UNCHANGED, Change.IMPROVED)
    assert (found.change, found.new_toxicity, found.grades_worse) == (Change.UNKNOWN, False, None)


# --- worst grade ----------------------------------------------------------------------------------

WORST = [
    # grades of the records     at least  at most
    ([1, 3, 2], G3, G3),
    ([2, None], G2, G3),  # a missing grade does not lower, and may be worse: nausea has 1 to 3
    ([None, 2], G2, G3),
    ([3, None], G3, G3),  # nothing could be worse
    ([None], None, G3),
    ([None, None], None, G3),
    ([1], G1, G1),
]


@pytest.mark.parametrize(("grades", "at_least", "at_most"), WORST)
def test_the_worst_grade_of_a_patient(grades, at_least, at_most):
    (found,) = worst_grades([event(grade=grade) for grade in grades])
    assert (found.at_least, found.at_most) == (at_least, at_most)
    assert found.records == len(grades)
    assert found.settled == (at_least == at_most)


def test_ties_keep_the_earliest_start():
    late, early, unknown = (
        event(grade=2, onset=onset) for onset in ("2026-05-01", "2026-03-10", None)
    )
    for order in itertools.permutations([late, early, unknown, event(grade=1, onset="2026-01-01")]):
        assert worst_grades(order)[0].event is early


def test_a_patient_counts_once_per_term_and_once_per_class():
    events = [
        event(grade=1),
        event(grade=2),
        event(term="Vomiting", grade=4),
        event(term="Headache", grade=1),
        event("SYN-02", grade=3),
    ]
    by_term = {(w.patient, w.group.name): w.at_least for w in worst_grades(events)}
    assert by_term == {
        ("SYN-01", "Nausea"): G2,
        ("SYN-01", "Vomiting"): G4,
        ("SYN-01", "Headache"): G1,
        ("SYN-02", "Nausea"): G3,
    }
    by_class = {(w.patient, w.group.name): w.at_least for w in worst_grades(events, by="soc")}
    assert by_class == {
        ("SYN-01", "GASTROINTESTINAL"): G4,
        ("SYN-01", "NERVOUS"): G1,
        ("SYN-02", "GASTROINTESTINAL"): G3,
    }
    overall = {w.patient: w.at_least for w in worst_grades(events, by="patient")}
    assert overall == {"SYN-01": G4, "SYN-02": G3}


PERIOD = [
    # onset          counts in March
    ("2026-03-01", True),
    ("2026-03-31", True),
    ("2026-02-28", False),
    ("2026-04-01", False),
    ("2026-03", True),
    ("2026", None),
    (None, None),
]


@pytest.mark.parametrize(("onset", "counts"), PERIOD)
def test_an_event_belongs_to_the_period_of_its_onset(onset, counts):
    found = worst_grades([event(grade=2, onset=onset)], since="2026-03-01", until="2026-03-31")
    if counts is False:
        assert found == ()
        return
    (worst,) = found
    assert worst.at_most is G2
    assert worst.at_least is (G2 if counts else None)
    assert worst.certain is bool(counts)


def test_editions_are_not_counted_together():
    mixed = [event(grade=1), AdverseEvent("SYN-01", "Nausea", edition="ctcae-v6.0", grade=1)]
    with pytest.raises(ImpossibleError, match="cannot be counted together"):
        worst_grades(mixed)


# --- incidence ------------------------------------------------------------------------------------

PATIENTS = ("SYN-01", "SYN-02", "SYN-03", "SYN-04", "SYN-05")


def test_an_incidence_table():
    table = incidence(
        [
            event("SYN-01", grade=1),
            event("SYN-01", grade=2),
            event("SYN-02", grade=3),
            event("SYN-02", "Vomiting", grade=4),
            event("SYN-03", grade=None),
            event("SYN-04", "Vomiting", grade=1),
            event("SYN-04", "Vomiting", grade=None),
        ],
        PATIENTS,
    )
    nausea, vomiting = table["nausea"], table["Vomiting"]
    soc = table["Gastrointestinal disorders"]
    assert nausea.counts == (2, 0, 1, 1, 0, 0)  # SYN-04 and SYN-05 without nausea are grade 0
    assert (nausea.unknown, nausea.any_grade, nausea.could_be_worse) == (1, 3, 0)
    assert vomiting.counts == (3, 1, 0, 0, 1, 0)
    assert (vomiting.unknown, vomiting.any_grade, vomiting.could_be_worse) == (0, 2, 1)
    assert soc.counts == (1, 1, 1, 0, 1, 0)
    assert (soc.unknown, soc.any_grade) == (1, 4)
    assert soc.from_grade(3) == 1
    assert [row.name for row in table.rows] == ["Gastrointestinal disorders", "Nausea", "Vomiting"]
    for row in table.rows:  # everybody is in exactly one column
        assert sum(row.counts) + row.unknown == table.denominator == 5
    assert table.records()[1]["grade_2"] == 1
    assert "patients: 5" in str(table)


def test_a_verdict_that_may_be_grade_0_is_unknown_and_not_an_event_for_certain():
    verdict = decide(ctcae_v5.ANEMIA, Lab(HEMOGLOBIN, "112 g/L"))
    row = incidence([event(term="Anemia", grade=verdict)], PATIENTS)["Anemia"]
    assert (row.counts, row.unknown, row.any_grade) == ((4, 0, 0, 0, 0, 0), 1, 0)


def test_only_what_is_worse_than_before_treatment_is_counted_when_asked():
    low = "Platelet count decreased"
    events = [
        event("SYN-01", low, grade=4, initial_grade=4),  # the disease
        event("SYN-02", low, grade=4, initial_grade=3),  # worse
        event("SYN-03", low, grade=2, initial_grade=0),  # new
        event("SYN-04", low, grade=4, initial_grade=None),  # nobody knows
    ]
    plain = incidence(events, PATIENTS)[low]
    assert plain.counts == (1, 0, 1, 0, 3, 0)
    above = incidence(events, PATIENTS, above_baseline=True)[low]
    assert above.counts == (2, 0, 1, 0, 1, 0)
    assert (above.unknown, above.any_grade) == (1, 2)


def test_the_denominator_names_everybody_once():
    with pytest.raises(UnknownTermError, match="is not among the 1 patients"):
        incidence([event("SYN-09", grade=1)], ["SYN-01"])
    with pytest.raises(ImpossibleError, match="named twice"):
        incidence([], ["SYN-01", "SYN-01"])
    with pytest.raises(NotationError, match="is one name"):
        incidence([], "SYN-01")
    with pytest.raises(UnknownTermError, match="no event of"):
        incidence([], ["SYN-01"])["Nausea"]


# --- shift ----------------------------------------------------------------------------------------

SHIFTS = [
    # baseline, later samples, cell, change
    (0, [0, 0], (0, 0), Change.UNCHANGED),
    (0, [0, 2, 1], (0, 2), Change.NEW),
    (4, [4, 3, 2], (4, 4), Change.UNCHANGED),
    (4, [3, 2], (4, 3), Change.IMPROVED),
    (1, [2, 4], (1, 4), Change.WORSENED),
    (1, [2, None], (1, 2), Change.WORSENED),  # a missing grade does not lower the worst
    (2, [1, None], (2, 1), Change.UNKNOWN),  # and may be worse than what is known
    (4, [4, None], (4, 4), Change.UNCHANGED),  # platelets have no grade above 4
    (None, [3], (None, 3), Change.UNKNOWN),
    (3, [], (3, None), Change.UNKNOWN),
    (3, [None], (3, None), Change.UNKNOWN),
    (None, [], (None, None), Change.UNKNOWN),
]


@pytest.mark.parametrize(("baseline", "later", "cell", "change"), SHIFTS)
def test_a_patient_stands_in_one_cell(baseline, later, cell, change):
    table = shift_table(V5["Platelet count decreased"], {"SYN-01": baseline}, {"SYN-01": later})
    assert table.count(*cell) == 1
    assert table.changes[change] == 1
    assert sum(row["patients"] for row in table.records()) == 1


def test_patients_of_either_side_are_kept():
    table = shift_table("Hypokalemia", {"SYN-01": 0}, {"SYN-02": [1]})
    assert table.count(0, None) == table.count(None, 1) == 1
    assert table.new_toxicity == {True: 0, False: 0, None: 2}
    assert "Hypokalemia" in str(table)


def test_two_directions_are_two_tables():
    """A patient with both: neither direction hides the other."""
    low = shift_table("Hypokalemia", {"SYN-01": 0}, {"SYN-01": [2, 0]})
    high = shift_table("Hyperkalemia", {"SYN-01": 0}, {"SYN-01": [0, 3]})
    assert low.count(0, 2) == high.count(0, 3) == 1


def test_one_grade_where_several_are_expected_is_refused():
    with pytest.raises(NotationError, match="give all grades"):
        shift_table("Nausea", {"SYN-01": 0}, {"SYN-01": 3})
