"""Dates, protocol days and study days: what exists, what does not, and that they never mix."""

import datetime as dt
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.days import ProtocolDay, StudyDay, calendar_date, weekday
from itp_carT.errors import ImpossibleError, ItpCarTError, NotationError

INFUSION = dt.date(2026, 3, 9)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("2026-02-30", ImpossibleError),
        ("2025-02-29", ImpossibleError),  # no leap year
        ("2026-13-01", ImpossibleError),
        ("2026-00-10", ImpossibleError),
        ("0026-03-09", ImpossibleError),  # a year nobody was treated in
        ("9999-12-31", ImpossibleError),
        ("09.03.2026", NotationError),
        ("3/9/2026", NotationError),
        ("2026-3-9", NotationError),
        ("20260309", NotationError),
        ("2026-W11-1", NotationError),
        ("2026-03-09T08:00", NotationError),
        ("", NotationError),
        ("tomorrow", NotationError),
        (20260309, NotationError),
        (None, NotationError),
        ("２０２６-03-09", NotationError),
    ],
)
def test_a_date_that_is_not_one_is_refused(text, error):
    with pytest.raises(error) as caught:
        calendar_date(text, "infusion")
    assert caught.value.field == "infusion"


def test_leap_day_and_date_objects_are_read():
    assert calendar_date("2028-02-29") == dt.date(2028, 2, 29)
    assert calendar_date(INFUSION) is INFUSION
    assert calendar_date(dt.datetime(2026, 3, 9, 23, 59)) == INFUSION  # noqa: DTZ001 - no zone here


@pytest.mark.parametrize(
    ("number", "date", "day", "study"),
    [
        # protocol day, date, weekday, CDISC study day when the infusion is day 1
        (-5, "2026-03-04", "Wednesday", -5),
        (-4, "2026-03-05", "Thursday", -4),
        (-3, "2026-03-06", "Friday", -3),
        (-1, "2026-03-08", "Sunday", -1),
        (0, "2026-03-09", "Monday", 1),  # D0, and no study day 0
        (1, "2026-03-10", "Tuesday", 2),
        (28, "2026-04-06", "Monday", 29),
    ],
)
def test_protocol_and_study_days_of_an_infusion_on_9_march(number, date, day, study):
    found = ProtocolDay(number).on(INFUSION)
    assert found.isoformat() == date
    assert weekday(found) == day
    assert ProtocolDay.of(date, infusion=INFUSION) == ProtocolDay(number)
    assert StudyDay.of(date, reference=INFUSION) == StudyDay(study)
    assert StudyDay(study).on(INFUSION).isoformat() == date


def test_days_are_counted_over_a_year_end_and_a_leap_day():
    assert ProtocolDay(-5).on("2026-01-02").isoformat() == "2025-12-28"
    assert ProtocolDay(-5).on("2028-03-03").isoformat() == "2028-02-27"


def test_arithmetic():
    assert ProtocolDay(-5) + 5 == ProtocolDay(0)
    assert ProtocolDay(2) - ProtocolDay(-5) == 7
    assert ProtocolDay(2) - 7 == ProtocolDay(-5)
    assert StudyDay(-1) + 1 == StudyDay(1)
    assert StudyDay(1) - StudyDay(-1) == 1
    assert ProtocolDay(-5) < ProtocolDay(-4)
    assert str(ProtocolDay(0)) == "D0"
    assert str(StudyDay(-1)) == "Day -1"


def test_the_two_kinds_of_day_never_mix():
    assert ProtocolDay(1) != StudyDay(1)
    for wrong in (
        lambda: ProtocolDay(1) < StudyDay(2),
        lambda: ProtocolDay(1) - StudyDay(1),
        lambda: StudyDay(1) - ProtocolDay(1),
        lambda: ProtocolDay(1) + 0.5,
    ):
        with pytest.raises(TypeError):
            wrong()


@pytest.mark.parametrize("kind", [ProtocolDay, StudyDay])
@pytest.mark.parametrize(
    "number", [None, "1", 1.0, True, 10**6, pytest.param(10**5000, id="5000 digits")]
)
def test_a_day_is_a_whole_number_within_a_century(kind, number):
    with pytest.raises(ItpCarTError):
        kind(number)


def test_there_is_no_study_day_0():
    with pytest.raises(ImpossibleError):
        StudyDay(0)


@given(st.integers(-2000, 2000), st.dates(dt.date(1950, 1, 1), dt.date(2150, 1, 1)))
def test_days_lead_to_dates_and_back(number, infusion):
    day = ProtocolDay(number)
    assert ProtocolDay.of(day.on(infusion), infusion=infusion) == day
    study = StudyDay.of(day.on(infusion), reference=infusion)
    assert study.on(infusion) == day.on(infusion)
    for value in (day, study):
        assert eval(repr(value)) == value  # noqa: S307 - a repr pastes back
        assert pickle.loads(pickle.dumps(value)) == value


@given(st.text(max_size=40))
def test_no_text_raises_anything_outside_the_family(text):
    try:
        calendar_date(text)
    except ItpCarTError as error:
        assert len(str(error)) < 300  # noqa: PT017 - the message is short, whatever was given
