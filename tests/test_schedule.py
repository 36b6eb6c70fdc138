"""Visits: published worked examples, cases by hand, and what must hold for every schedule."""

import csv
import datetime as dt
import pickle
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.days import ProtocolDay, StudyDay, duration, mean_months
from itp_carT.errors import (
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    NotationError,
    UnknownTermError,
)
from itp_carT.exchange import from_json, to_json
from itp_carT.protocol.nct05315778 import LYMPHODEPLETION, SCHEDULE
from itp_carT.schedule.attendance import Timing, assign, place
from itp_carT.schedule.visits import Assessment, Months, Schedule, Visit, Window, to_months
from itp_carT.sources import ITP_CART_CONVENTIONS

PUBLISHED = Path(__file__).parent / "published"
MADE_UP = ITP_CART_CONVENTIONS.at("example")


def rows(name):
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert found
    return pytest.mark.parametrize("row", found, ids=[row["id"] for row in found])


@rows("schedule_days.csv")
def test_protocol_day_and_study_day(row):
    day = ProtocolDay.of(row["date"], infusion=row["infusion"])
    study = StudyDay.of(row["date"], reference=row["infusion"])
    assert (day.number, study.number) == (int(row["offset"]), int(row["study_day"]))
    assert day.on(row["infusion"]).isoformat() == row["date"]
    assert study.on(row["infusion"]).isoformat() == row["date"]


def test_a_period_includes_both_its_days():
    """W28."""
    days = duration("2025-01-15", "2025-07-14")
    assert days == 181
    assert mean_months(days) == pytest.approx(5.9466, abs=5e-5)
    assert mean_months(180) == pytest.approx(5.9138, abs=5e-5)
    assert duration("2024-02-29", "2024-02-29") == 1
    with pytest.raises(ImpossibleError, match="before"):
        duration("2025-01-15", "2025-01-14")


def test_there_is_no_study_day_0():
    with pytest.raises(ImpossibleError, match="no study day 0"):
        StudyDay(0)
    assert ProtocolDay(0).on("2025-01-15") == dt.date(2025, 1, 15)


@rows("schedule_targets.csv")
def test_a_target_date(row):
    visit = SCHEDULE.on(row["infusion"], months=row["months"])[row["visit"]]
    assert visit.target.isoformat() == row["date"]
    assert visit.day == ProtocolDay(int(row["offset"]))


@rows("schedule_windows.csv")
def test_a_day_and_its_visit(row):
    infusion = dt.date(2025, 1, 15)
    calendar = SCHEDULE.on(infusion, months=row["months"], gap_free=row["windows"] == "gap-free")
    found = place(calendar, infusion + dt.timedelta(int(row["day"])))
    assert (found.visit.key if found.visit else "") == row["visit"]
    assert found.timing.label == row["timing"]
    assert found.difference == (int(row["difference"]) if row["difference"] else None)


# --- the trial ------------------------------------------------------------------------------------


def test_adverse_events_are_asked_at_20_visits_and_21_with_day_0():
    """W26."""
    asked = SCHEDULE.asking("adverse events")
    assert len(asked) == 20
    assert [visit.key for visit in asked[:14]] == [f"D{day}" for day in range(1, 15)]
    assert [visit.key for visit in asked[14:]] == [f"M{month}" for month in range(1, 7)]
    calendar = SCHEDULE.on("2025-01-15")
    assert len([visit for visit in calendar if visit.day >= ProtocolDay(0)]) == 21


def test_conditioning_is_on_the_days_of_the_regimen():
    given = [visit for visit in SCHEDULE.visits if "fludarabine" in visit.treatment]
    assert [visit.key for visit in given] == ["D-5", "D-4", "D-3"]
    assert {visit.day for visit in given} == set(LYMPHODEPLETION.courses[0].days)
    assert all("cyclophosphamide" in visit.treatment for visit in given)


def test_the_baseline_of_quality_of_life_is_before_the_first_drug():
    asked = [visit.key for visit in SCHEDULE.asking("ITP-PAQ")]
    assert asked == ["D-5", "M1", "M2", "M3", "M4", "M5", "M6"]


def test_only_the_days_of_adverse_events_are_those_of_the_registry():
    sources = {one.name: one.source for visit in SCHEDULE.visits for one in visit.assessments}
    assert {name for name, source in sources.items() if source.verified} == {"adverse events"}
    assert not SCHEDULE.source.verified


def test_thirty_days_are_the_default():
    assert SCHEDULE.months is Months.DAYS_30
    assert SCHEDULE.on("2025-01-15")["M6"].day == ProtocolDay(180)


def test_study_days_count_from_the_reference_that_is_named():
    """Were fludarabine the reference date, the infusion would be study day 6."""
    calendar = SCHEDULE.on("2025-01-15", reference="2025-01-10")
    assert calendar["D0"].study_day == StudyDay(6)
    assert calendar["D-5"].study_day == StudyDay(1)
    assert SCHEDULE.on("2025-01-15")["D0"].study_day == StudyDay(1)


def test_both_counts_are_printed():
    assert "D14 (study day 15)" in str(SCHEDULE.on("2025-01-15")["D14"])


def test_a_time_zone_does_not_move_a_date():
    late = dt.datetime(2025, 1, 15, 23, 30, tzinfo=dt.timezone(dt.timedelta(hours=14)))
    early = dt.datetime(2025, 1, 15, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=-12)))
    assert SCHEDULE.on(late).visits == SCHEDULE.on(early).visits == SCHEDULE.on("2025-01-15").visits


# --- attendance -----------------------------------------------------------------------------------

CALENDAR = SCHEDULE.on("2025-01-15")


def days(*numbers):
    return [dt.date(2025, 1, 15) + dt.timedelta(number) for number in numbers]


ATTENDED = [
    # days of the records, known until day, visit -> timing, difference that counts
    ((30,), None, "M1", "on time", 0),
    ((28, 31), None, "M1", "late", 1),  # the nearer
    ((28, 32), None, "M1", "late", 2),  # equally near: the later
    ((32, 28), None, "M1", "late", 2),  # in whatever order they come
    ((23, 37), None, "M1", "late", 7),
    ((26, 29, 34), None, "M1", "early", -1),
    ((30, 30), None, "M1", "on time", 0),  # one date twice is one date
    ((38,), None, "M1", "missed", None),  # the record came after the window
    ((60,), None, "M1", "missed", None),
    ((14,), None, "M1", "planned", None),  # nothing known after day 14
    ((14,), 22, "M1", "planned", None),
    ((14,), 23, "M1", "open", None),  # the first day of the window
    ((14,), 37, "M1", "open", None),  # its last day is not over
    ((14,), 38, "M1", "missed", None),
    ((), 0, "D1", "planned", None),
    ((), None, "D0", "on time", 0),  # the infusion is known by its date
    ((-5,), -1, "D0", "planned", None),  # but not before it
    ((2,), None, "D1", "missed", None),
    ((0,), None, "D-5", "missed", None),
]


@pytest.mark.parametrize(("records", "until", "key", "timing", "difference"), ATTENDED)
def test_what_became_of_a_visit(records, until, key, timing, difference):
    end = None if until is None else days(until)[0]
    found = assign(CALENDAR, days(*records), until=end)
    visit = next(one for one in found.visits if one.visit.key == key)
    assert (visit.timing.label, visit.difference) == (timing, difference)


def test_every_record_is_kept_and_says_whether_it_counts():
    found = assign(CALENDAR, days(-9, 14, 28, 32, 45, 200))
    assert [one.used for one in found.records] == [False, True, False, True, False, False]
    assert [one.timing for one in found.unscheduled] == [Timing.UNSCHEDULED] * 3
    assert "another date" in str(found.records[2])
    assert "+15 d from M1, outside its window" in str(found.records[4])
    assert "+20 d from M6" in str(found.records[5])
    assert [one.visit.key for one in found.of("on time", "late")] == ["D0", "D14", "M1"]
    assert len(found.visits) == 24


def test_a_record_after_the_last_known_day_is_refused():
    with pytest.raises(ImpossibleError, match="after 2025-02-01"):
        assign(CALENDAR, days(30), until="2025-02-01")


@pytest.mark.parametrize("date", ["2025-02", "2025-02-30", "14.2.2025", 30, None])
def test_what_is_no_date_is_refused(date):
    with pytest.raises(ItpCarTError) as caught:
        assign(CALENDAR, [date])
    assert caught.value.field == "dates"


# --- wider windows --------------------------------------------------------------------------------


def schedule(*visits):
    return Schedule("made up", visits, source=MADE_UP)


def wide(key, day, before, after):
    return Visit(key, day=day, window=Window(before=before, after=after))


def test_a_day_in_two_windows_belongs_to_the_nearer_target():
    plan = schedule(wide("A", 10, 6, 6), wide("B", 18, 6, 6)).on("2025-01-01")
    spans = [(one.first.day - 1, one.last.day - 1) for one in plan]
    assert spans == [(4, 14), (15, 24)]  # 14 is as near to 10 as to 18: the earlier


def test_a_window_gives_nothing_away_that_no_neighbor_wants():
    """Half-way from 10 to 30 is 20, but the window of B starts at 28 only."""
    plan = schedule(wide("A", 10, 2, 19), wide("B", 30, 2, 2)).on("2025-01-01")
    spans = [((one.first - plan.infusion).days, (one.last - plan.infusion).days) for one in plan]
    assert spans == [(8, 27), (28, 32)]


def test_other_windows_by_name():
    plan = SCHEDULE.with_windows(D14=Window(before=0, after=2)).on("2025-01-15")
    assert plan["D14"].last == dt.date(2025, 1, 31)
    with pytest.raises(UnknownTermError, match="M7"):
        SCHEDULE.with_windows(M7=Window(before=1, after=1))
    with pytest.raises(ImpossibleError, match="fixed"):
        SCHEDULE.with_windows(D0=Window(before=1, after=1))


@pytest.mark.parametrize(
    ("visits", "said"),
    [
        ([wide("A", 10, 0, 0), wide("B", 10, 0, 0)], "not after"),
        ([wide("A", 10, 0, 0), wide("B", 9, 0, 0)], "not after"),
        ([wide("A", 10, 0, 30), wide("B", 20, 1, 1)], "inside the other"),
        ([wide("A", 10, 1, 1), wide("B", 20, 15, 15)], "inside the other"),
    ],
)
def test_windows_that_contradict_each_other_are_refused(visits, said):
    with pytest.raises(ImpossibleError, match=said):
        schedule(*visits).on("2025-01-01")


@pytest.mark.parametrize(
    ("made", "kind"),
    [
        (lambda: Visit("A"), MissingFactError),
        (lambda: Visit("A", day=1, months=1), ImpossibleError),
        (lambda: Visit("A", months=0), ImpossibleError),
        (lambda: Visit("A", months=1.5), NotationError),
        (lambda: Visit("A", day=1.5), NotationError),
        (lambda: Window(before=-1, after=0), ImpossibleError),
        (lambda: Window(before=True, after=0), NotationError),
        (lambda: Window(before=0, after=400), ImpossibleError),
        (schedule, MissingFactError),
        (lambda: schedule(Visit("A", day=1), Visit("A", day=2)), ImpossibleError),
        (lambda: to_months("31 days"), UnknownTermError),
        (lambda: to_months(30), UnknownTermError),
        (lambda: SCHEDULE["M7"], UnknownTermError),
        (lambda: SCHEDULE.asking("blood pressure"), UnknownTermError),
        (lambda: SCHEDULE.on("2025-02-30"), ImpossibleError),
        (lambda: SCHEDULE.on("2025-01-15", gap_free="yes"), NotationError),
        (lambda: SCHEDULE.on("2025-01-15", reference="soon"), NotationError),
        (lambda: Visit("M1", months=1).on_day("calendar"), MissingFactError),
        (lambda: CALENDAR.at("soon"), NotationError),
    ],
)
def test_what_cannot_be_planned_is_refused(made, kind):
    with pytest.raises(kind):
        made()


# --- what must hold -------------------------------------------------------------------------------

infusions = st.dates(dt.date(1990, 1, 1), dt.date(2190, 1, 1))
rules = st.sampled_from(Months)


@given(infusions, rules, st.booleans())
def test_every_date_belongs_to_at_most_one_visit(infusion, months, gap_free):
    calendar = SCHEDULE.on(infusion, months=months, gap_free=gap_free)
    for day in range(-10, 200):
        date = infusion + dt.timedelta(day)
        assert sum(visit.holds(date) for visit in calendar) <= 1
    for visit in calendar:
        assert calendar.at(visit.target) is visit


@given(infusions, rules)
def test_without_gaps_every_day_from_1_to_the_last_belongs_to_a_visit(infusion, months):
    calendar = SCHEDULE.on(infusion, months=months, gap_free=True)
    end = (calendar["M6"].last - infusion).days
    for day in range(1, end + 1):
        assert calendar.at(infusion + dt.timedelta(day)) is not None


@given(infusions, st.integers(1, 120))
def test_calendar_months_keep_the_day_or_end_the_month(infusion, count):
    visit = Visit("M", months=count)
    date = visit.on_day("calendar", infusion=infusion).on(infusion)
    last = (date + dt.timedelta(1)).day == 1
    assert date.day == infusion.day or (date.day < infusion.day and last)
    assert (date.year * 12 + date.month) - (infusion.year * 12 + infusion.month) == count


@given(infusions)
def test_six_calendar_months_are_181_to_184_days(infusion):
    assert 181 <= SCHEDULE.on(infusion, months="calendar")["M6"].day.number <= 184


@st.composite
def any_windows(draw):
    """Visits whose windows may overlap, none inside another."""
    targets = sorted(draw(st.sets(st.integers(0, 60), min_size=1, max_size=6)))
    visits, first, last = [], -100, -100
    for target in targets:
        first = draw(st.integers(max(first, target - 12), target)) if first <= target else target
        last = draw(st.integers(max(last, target), max(last, target) + 12))
        visits.append(wide(f"V{target}", target, target - first, last - target))
    return visits


@given(any_windows())
def test_a_date_goes_to_the_nearest_target_whose_window_holds_it(visits):
    """Checked against the rule in plain words, day by day."""
    calendar = schedule(*visits).on("2025-03-01")
    for day in range(-20, 100):
        holding = [
            v for v in visits
            if v.day.number - v.window.before <= day <= v.day.number + v.window.after
        ]  # fmt: skip
        nearest = min(holding, key=lambda v: (abs(day - v.day.number), v.day.number), default=None)
        found = calendar.at(ProtocolDay(day).on("2025-03-01"))
        assert (found.key if found else None) == (nearest.key if nearest else None)


@given(st.lists(st.integers(-10, 200)), st.integers(0, 30))
def test_records_of_a_patient(numbers, more):
    until = days(max([*numbers, 0]) + more)[0]
    found = assign(CALENDAR, days(*numbers), until=until)
    assert len(found.records) == len(set(numbers))
    used = [one.visit.key for one in found.records if one.used]
    assert len(used) == len(set(used))
    attended = [one.visit.key for one in found.visits if one.on is not None]
    assert sorted({*used, "D0"}) == sorted(attended)
    assert assign(CALENDAR, days(*reversed(numbers)), until=until) == found


# --- other forms ----------------------------------------------------------------------------------


def test_rows_of_a_table():
    row = list(CALENDAR.rows())[18]
    assert row == {
        "visit": "M1",
        "label": "month 1",
        "date": "2025-02-14",
        "weekday": "Friday",
        "day": 30,
        "study_day": 31,
        "first": "2025-02-07",
        "last": "2025-02-21",
        "treatment": "",
        "assessments": [
            "adverse events", "platelet count", "bleeding", "concomitant therapy", "ITP-PAQ",
        ],
    }  # fmt: skip


def test_json_and_pickle_and_equality():
    assert from_json(to_json(SCHEDULE), Schedule) == SCHEDULE
    assert pickle.loads(pickle.dumps(CALENDAR)) == CALENDAR
    assert hash(CALENDAR) == hash(SCHEDULE.on("2025-01-15"))
    assert Assessment("x", MADE_UP) == Assessment("x", MADE_UP)
