"""A patient's visits as an iCalendar file (RFC 5545) for the calendars of a clinic.

Visits are events of a whole day, so that no time zone and no change of the clock moves them. The
same visits give the same bytes: nothing reads a clock. Needs icalendar, the extra ``calendar``.
"""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from .days import calendar_date
from .errors import MissingFactError, NotationError
from .notation import show
from .schedule.dated import DatedVisit, VisitCalendar
from .schedule.visits import whole_days

_PRODUCT = "-//itp_carT//visit schedule//EN"


def to_ics(
    calendar: VisitCalendar,
    *,
    patient: str = "",
    stamp: dt.date | str | None = None,
    revision: int = 0,
) -> bytes:
    """Write the visits of a patient as an iCalendar file, one event of a whole day per visit.

    Parameters
    ----------
    calendar
        The dated visits.
    patient
        Identifier in titles; leave it out where others read the calendar. With it a visit keeps
        its identity when the infusion is moved, and an import replaces it; without it the date of
        the infusion is a part of that identity.
    stamp
        Date on which the file counts as written (DTSTAMP); by default the infusion.
    revision
        Number of this version (SEQUENCE); raise it when dates have changed.

    Returns
    -------
    The file, in UTF-8, the same bytes for the same visits.

    Raises
    ------
    MissingFactError
        When icalendar is not installed, or a revision has no patient.
    NotationError, ImpossibleError
        A stamp that is no date, or a revision that is no whole number from 0 up.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import SCHEDULE
    >>> text = to_ics(SCHEDULE.on("2026-03-09"), patient="SYN-01").decode()
    >>> text.count("BEGIN:VEVENT"), "DTSTART;VALUE=DATE:20260408" in text
    (24, True)
    """
    try:
        import icalendar
    except ImportError as error:
        raise MissingFactError(
            'calendar files need icalendar: install it with  pip install "itp-cart[calendar]"'
        ) from error
    if not isinstance(patient, str):
        raise NotationError(f"{show(patient)} is not text", field="patient", given=patient)
    if whole_days(revision, "revision") and not patient:
        raise MissingFactError(
            "without a patient the date of the infusion is what makes a visit the same: a moved "
            "infusion is a new calendar, and not a revision",
            field="patient",
        )
    written = calendar.infusion if stamp is None else calendar_date(stamp, "stamp")
    moment = dt.datetime(written.year, written.month, written.day, tzinfo=dt.UTC)
    whole = icalendar.Calendar()
    whole.add("prodid", _PRODUCT)
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    for visit in calendar:
        event = icalendar.Event()
        event.add("uid", _identity(calendar, visit, patient))
        event.add("dtstamp", moment)
        event.add("sequence", revision)
        event.add("dtstart", visit.target)
        event.add("dtend", visit.target + dt.timedelta(1))  # the day after: the end is exclusive
        event.add("summary", _title(calendar, visit, patient))
        event.add("description", _words(visit))
        event.add("transp", "TRANSPARENT")
        whole.add_component(event)
    written_out: Any = whole.to_ical()
    return bytes(written_out)


def _identity(calendar: VisitCalendar, visit: DatedVisit, patient: str) -> str:
    """Return what makes a visit the same one in every version of the file."""
    whose = patient or calendar.infusion.isoformat()
    parts = (calendar.schedule.name, whose, visit.key)
    return "-".join(map(_safe, parts)) + "@itp-cart"


def _safe(text: str) -> str:
    """Write a text with letters, digits and dots only, different texts differently."""
    return re.sub(r"[^A-Za-z0-9.]", lambda found: f"_{ord(found[0]):x}_", text)


def _title(calendar: VisitCalendar, visit: DatedVisit, patient: str) -> str:
    who = f"{patient}: " if patient else ""
    given = f", {visit.visit.treatment}" if visit.visit.treatment else ""
    return f"{who}{calendar.schedule.name} {visit.visit.label}{given}"


def _words(visit: DatedVisit) -> str:
    lines = [f"Day {visit.day.number} from the infusion, study day {visit.study_day.number}"]
    if visit.first != visit.last:
        lines.append(f"Window {visit.first.isoformat()} to {visit.last.isoformat()}")
    lines += [assessment.name for assessment in visit.visit.assessments]
    return "\n".join(lines)


__all__ = ["to_ics"]
