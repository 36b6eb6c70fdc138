"""The bleeding diary: three answers, causes, windows between visits, change and worst."""

import pickle
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.bleeding import buchanan_adix, chinese_adult, who
from itp_carT.bleeding_diary import BleedingAssessment, Cause, Diary, yes_or_no
from itp_carT.errors import (
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    NotationError,
    RecordError,
    UndecidedError,
    UnknownTermError,
)
from itp_carT.points import Points, highest, total

YES, NO, OPEN = True, False, None


# --- one assessment -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bleeding", "cause", "disproportionate", "counts", "every_cause"),
    [
        # a bleed without a named cause counts, and so does a spontaneous one
        (YES, None, None, YES, YES),
        (YES, "spontaneous", None, YES, YES),
        # menses, trauma and procedures count only when they were disproportionate (Q14)
        (YES, "menses", NO, NO, YES),
        (YES, "menses", YES, YES, YES),
        (YES, "trauma", NO, NO, YES),
        (YES, "procedure", YES, YES, YES),
        # nobody said whether it was disproportionate: open, never no
        (YES, "menses", None, OPEN, YES),
        # no bleed is no bleed, and what was not assessed stays open
        (NO, None, None, NO, NO),
        (NO, "menses", None, NO, NO),
        (OPEN, None, None, OPEN, OPEN),
        (OPEN, "trauma", YES, OPEN, OPEN),
    ],
)
def test_what_counts_as_bleeding(bleeding, cause, disproportionate, counts, every_cause):
    found = BleedingAssessment(7, bleeding, cause=cause, disproportionate=disproportionate)
    assert found.counts() is counts
    assert found.counts(every_cause=True) is every_cause


@pytest.mark.parametrize(
    ("given", "answer"),
    [
        *((word, YES) for word in (True, "yes", "Yes", " y ", "true")),
        *((word, NO) for word in (False, "no", "N", "false")),
        *((word, OPEN) for word in (None, "", "unknown", "not assessed", "?")),
    ],
)
def test_yes_no_and_unknown(given, answer):
    assert yes_or_no(given, "bleeding") is answer


@pytest.mark.parametrize(
    ("call", "error", "field"),
    [
        (lambda: BleedingAssessment("2026-03-16", 1), UnknownTermError, "bleeding"),
        (lambda: BleedingAssessment("2026-03-16", "maybe"), UnknownTermError, "bleeding"),
        (lambda: BleedingAssessment("2026-03-16", YES, cause="flu"), UnknownTermError, "cause"),
        (
            lambda: BleedingAssessment("2026-03-16", YES, disproportionate="much"),
            UnknownTermError,
            "disproportionate",
        ),
        (lambda: BleedingAssessment("16.3.2026", YES), NotationError, "on"),
        (lambda: BleedingAssessment("2026-02-30", YES), ImpossibleError, "on"),
        (lambda: BleedingAssessment(True, YES), NotationError, "on"),
        (lambda: Diary([("2026-03-16", YES)]), NotationError, "assessments"),
        (
            lambda: Diary([BleedingAssessment("2026-03-16", YES), BleedingAssessment(7, YES)]),
            NotationError,
            "on",
        ),
        (lambda: Points(()), NotationError, None),
        (lambda: Points((1.5,)), NotationError, None),
        (lambda: Points(True), NotationError, None),
    ],
)
def test_impossible_input_names_the_field(call, error, field):
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, ItpCarTError)
    assert caught.value.field == field


# --- between two visits ---------------------------------------------------------------------------


def diary(**answers):
    """``diary(d7="yes", d14="no")`` as a diary of days from the infusion."""
    return Diary(
        [BleedingAssessment(int(day[1:]), answer) for day, answer in answers.items()],
        patient="synthetic-1",
    )


@pytest.mark.parametrize(
    ("answers", "after", "upto", "bleeding"),
    [
        ({"d7": "no", "d14": "no"}, 0, 14, NO),
        ({"d7": "yes", "d14": "no"}, 0, 14, YES),
        ({"d7": "yes", "d14": "no"}, 7, 14, NO),  # the earlier visit is not asked again
        ({"d7": "no", "d14": "yes"}, 7, 14, YES),  # the day of the visit belongs to it
        ({"d7": "unknown", "d14": "no"}, 0, 14, OPEN),
        ({"d7": "unknown", "d14": "yes"}, 0, 14, YES),  # one bleed suffices
        ({"d7": "no"}, 7, 14, OPEN),  # nobody looked
        ({}, 0, 14, OPEN),
        ({"d7": "no"}, None, 14, NO),  # from the start
        ({"d14": "yes"}, 0, 13, OPEN),
    ],
)
def test_bleeding_between_two_visits(answers, after, upto, bleeding):
    assert diary(**answers).bleeding(after, upto) is bleeding


def test_order_of_entry_does_not_matter_and_same_day_entries_are_kept():
    one, two, three = (
        BleedingAssessment("2026-03-23", NO),
        BleedingAssessment("2026-03-16", NO),
        BleedingAssessment("2026-03-16", YES),
    )
    assert Diary([one, two]) == Diary([two, one])
    found = Diary([one, two, three])
    assert len(found) == 3
    assert [item.on.day for item in found] == [16, 16, 23]
    assert found.bleeding(None, "2026-03-16") is YES
    assert Diary().adding(three).adding(one, two).bleeding(None, "2026-03-16") is YES


def test_days_that_cannot_be_compared_are_refused():
    with pytest.raises(RecordError) as caught:
        diary(d7="no").between(14, 7)
    assert caught.value.patient == "synthetic-1"
    with pytest.raises(NotationError) as caught:
        diary(d7="no").between(None, "2026-03-16")
    assert caught.value.field == "upto"
    with pytest.raises(NotationError):
        Diary().between(0, "2026-03-16")


# --- scores over time -----------------------------------------------------------------------------


def scored(day, skin, **more):
    found = chinese_adult.score(age=66, skin=skin, rest=more.pop("rest", "none"), on=day, **more)
    return found.assessment()


DIARY = Diary(
    [
        scored(-7, "head/face"),
        scored(7, "elsewhere", mucosa="multiple"),
        scored(10, "none", viscera="with anemia"),
        scored(14, "none"),
    ]
)


def test_worst_since_the_last_visit():
    assert DIARY.worst("symptom", after=7, upto=14) == Points(5)
    assert DIARY.worst("symptom", after=10, upto=14) == Points(0)
    assert DIARY.worst("total", after=None, upto=14) == Points(6)
    with pytest.raises(MissingFactError) as caught:
        DIARY.worst("symptom", after=14, upto=28)
    assert caught.value.field == "symptom"


def test_change_from_baseline():
    """The baseline is the last assessment up to its day; total falls as symptoms do."""
    assert DIARY.change("symptom", baseline=-5, on=14) == Points(-2)
    assert DIARY.change("symptom", baseline=-7, on=7) == Points(1)
    assert DIARY.change("total", baseline=-5, on=10) == Points(3)
    for days, field in (
        ({"baseline": -8, "on": 14}, "baseline"),
        ({"baseline": -5, "on": 8}, "on"),
    ):
        with pytest.raises(MissingFactError) as caught:
            DIARY.change("symptom", **days)
        assert caught.value.field == field


def test_change_and_worst_stay_open_where_something_was_not_assessed():
    open_visit = scored(21, "none", rest=None, mucosa="none", viscera="none")
    both = DIARY.adding(open_visit)
    assert both.change("symptom", baseline=-5, on=21).possible == (-2, 6)
    assert both.worst("symptom", after=14, upto=21).missing == ("cns",)
    assert both.bleeding(14, 21) is OPEN


def test_scores_of_two_instruments_are_not_mixed():
    mixed = Diary(
        [
            BleedingAssessment(1, NO, instrument="a", scores=(("total", Points(0)),)),
            BleedingAssessment(2, YES, instrument="b", scores=(("total", Points(9)),)),
        ]
    )
    with pytest.raises(UnknownTermError) as caught:
        mixed.worst("total", after=None, upto=2)
    assert caught.value.field == "instrument"
    assert mixed.worst("total", after=None, upto=2, instrument="a") == Points(0)


@pytest.mark.parametrize(
    ("score", "bleeding"),
    [
        (who.record(0, on=1), NO),
        (who.record(1, on=1), YES),
        (who.record(None, on=1), OPEN),
        (buchanan_adix.score(overall=0, on=1), NO),
        (buchanan_adix.score(oral="blister", on=1), YES),
        (chinese_adult.score(age=80, rest="none", on=1), NO),
    ],
)
def test_every_instrument_says_whether_there_was_bleeding(score, bleeding):
    assert score.assessment().bleeding is bleeding


def test_the_cause_goes_into_the_diary():
    found = who.record(2, on="2026-03-16", cause="procedure", disproportionate="no").assessment()
    assert found.cause is Cause.PROCEDURE
    assert found.counts() is NO
    assert who.record(2, on=1).assessment(at_least=3).bleeding is NO
    assert pickle.loads(pickle.dumps(Diary([found]))) == Diary([found])


def test_a_time_of_day_and_its_zone_do_not_move_the_day():
    from datetime import datetime

    late = datetime(2026, 3, 16, 23, 30, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert BleedingAssessment(late, NO).on == date(2026, 3, 16)


def test_an_open_score_is_read_only_when_it_is_settled():
    with pytest.raises(UndecidedError) as caught:
        _ = Points((0, 8), missing=("cns",)).value
    assert caught.value.missing == ("cns",)
    assert Points((0, 8)) == Points((8, 0, 0), missing=("cns",))


# --- what must always hold ------------------------------------------------------------------------

POINTS = st.builds(Points, st.lists(st.integers(0, 9), min_size=1, max_size=4))
ANSWERS = st.lists(st.tuples(st.integers(-30, 60), st.sampled_from([YES, NO, OPEN])), max_size=12)


@given(st.lists(POINTS, min_size=1, max_size=4))
def test_highest_and_total_keep_exactly_what_is_possible(parts):
    from itertools import product

    choices = list(product(*(part.possible for part in parts)))
    assert highest(*parts).possible == tuple(sorted({max(pick) for pick in choices}))
    assert total(*parts).possible == tuple(sorted({sum(pick) for pick in choices}))


@given(ANSWERS, st.integers(-30, 60), st.integers(0, 40))
def test_a_missing_assessment_never_makes_no_bleeding(answers, after, length):
    upto = after + length
    entries = [BleedingAssessment(day, answer) for day, answer in answers]
    found = Diary(entries).bleeding(after, upto)
    within = [answer for day, answer in answers if after < day <= upto]
    assert (found is YES) == (YES in within)
    assert (found is NO) == (bool(within) and set(within) == {NO})
    # a further bleed is never hidden, and a further gap never clears the period
    more = Diary([*entries, BleedingAssessment(upto, YES)])
    assert length == 0 or more.bleeding(after, upto) is YES
    gap = Diary([*entries, BleedingAssessment(upto, OPEN)])
    assert length == 0 or gap.bleeding(after, upto) is not NO
    # dates give the same answer as days
    zero = date(2026, 3, 9)
    dated = Diary([BleedingAssessment(zero + timedelta(day), answer) for day, answer in answers])
    assert dated.bleeding(zero + timedelta(after), zero + timedelta(upto)) is found
