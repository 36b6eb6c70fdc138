"""The calendar file: days as a whole, the same bytes for the same visits, stable identities."""

import datetime as dt
import os
import subprocess
import sys

import pytest

pytest.importorskip("icalendar", reason="calendar files need icalendar, an extra")

import icalendar

from itp_carT.calendar_file import to_ics
from itp_carT.errors import ImpossibleError, MissingFactError, NotationError
from itp_carT.protocol.nct05315778 import SCHEDULE

PLAN = SCHEDULE.on("2026-03-09")


def events(data):
    return list(icalendar.Calendar.from_ical(data).walk("VEVENT"))


def test_one_whole_day_per_visit():
    found = events(to_ics(PLAN))
    assert [event.decoded("dtstart") for event in found] == [visit.target for visit in PLAN]
    for event in found:
        start, end = event.decoded("dtstart"), event.decoded("dtend")
        assert type(start) is type(end) is dt.date  # a date, and no moment
        assert end - start == dt.timedelta(1)
        assert str(event["transp"]) == "TRANSPARENT"


def test_no_event_has_a_time_or_a_time_zone():
    text = to_ics(PLAN).decode()
    assert "TZID" not in text
    assert "VTIMEZONE" not in text
    times = {line.partition(":")[0] for line in text.splitlines() if line.startswith("DT")}
    assert times == {"DTSTART;VALUE=DATE", "DTEND;VALUE=DATE", "DTSTAMP"}


def test_the_change_to_summer_time_moves_no_day():
    """In Europe clocks change on 29 March and 25 October 2026."""
    found = events(to_ics(SCHEDULE.on("2026-03-28")))
    keys = [str(event["uid"]).partition("@")[0].rpartition("-")[2] for event in found]
    day = dict(zip(keys, (event.decoded("dtstart") for event in found), strict=True))
    assert (day["D1"], day["D2"]) == (dt.date(2026, 3, 29), dt.date(2026, 3, 30))


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Kiritimati"])
def test_the_same_bytes_in_every_time_zone(zone):
    code = (
        "import sys; from itp_carT.calendar_file import to_ics;"
        "from itp_carT.protocol.nct05315778 import SCHEDULE;"
        "sys.stdout.buffer.write(to_ics(SCHEDULE.on('2026-03-09'), patient='SYN-01'))"
    )
    more = {"TZ": zone, "PYTHONHASHSEED": str(len(zone))}
    done = subprocess.run(
        [sys.executable, "-c", code], env={**os.environ, **more}, capture_output=True, check=True
    )
    assert done.stdout == to_ics(PLAN, patient="SYN-01")


def test_an_identity_stays_when_the_infusion_is_moved():
    before = [str(event["uid"]) for event in events(to_ics(PLAN, patient="SYN-01"))]
    moved = to_ics(SCHEDULE.on("2026-03-16"), patient="SYN-01", revision=1)
    assert [str(event["uid"]) for event in events(moved)] == before
    assert {event["sequence"] for event in events(moved)} == {1}
    assert len(set(before)) == len(PLAN)


def test_two_patients_share_no_identity():
    def identities(**given):
        return {str(event["uid"]) for event in events(to_ics(**given))}

    one = identities(calendar=PLAN, patient="SYN-01")
    other = identities(calendar=PLAN, patient="SYN_01")
    nobody = identities(calendar=PLAN)
    later = identities(calendar=SCHEDULE.on("2026-03-10"))
    assert not one & other
    assert not one & nobody
    assert not nobody & later


def test_the_stamp_is_the_infusion_or_what_is_given():
    assert {e.decoded("dtstamp").date() for e in events(to_ics(PLAN))} == {dt.date(2026, 3, 9)}
    given = to_ics(PLAN, stamp="2026-02-01")
    assert {e.decoded("dtstamp").date() for e in events(given)} == {dt.date(2026, 2, 1)}


def test_titles_and_words():
    found = {str(e["uid"]).rpartition("-M")[2]: e for e in events(to_ics(PLAN, patient="SYN-01"))}
    month = found["1@itp-cart"]
    assert str(month["summary"]) == "SYN-01: NCT05315778 month 1"
    words = str(month["description"]).splitlines()
    assert words[:2] == [
        "Day 30 from the infusion, study day 31",
        "Window 2026-04-01 to 2026-04-15",
    ]
    assert "ITP-PAQ" in words


def test_without_a_patient_nobody_is_named():
    assert {str(e["summary"])[:11] for e in events(to_ics(PLAN))} == {"NCT05315778"}


def test_text_is_escaped():
    odd = 'A, "b"; c\\d\nBEGIN:VEVENT'
    found = events(to_ics(PLAN, patient=odd))
    assert len(found) == len(PLAN)
    assert str(found[0]["summary"]).startswith('A, "b"; c\\d')


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"stamp": "soon"}, NotationError),
        ({"patient": 7}, NotationError),
        ({"patient": "SYN-01", "revision": -1}, ImpossibleError),
        ({"patient": "SYN-01", "revision": True}, NotationError),
        ({"revision": 1}, MissingFactError),
    ],
)
def test_what_cannot_be_written_is_refused(given, kind):
    with pytest.raises(kind):
        to_ics(PLAN, **given)


def test_without_icalendar_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(MissingFactError, match=r"itp-cart\[calendar\]"):
        to_ics(PLAN)
