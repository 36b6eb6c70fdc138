"""The command ``itp-cart schedule``: from the date of the infusion to every visit."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from itp_carT import __version__
from itp_carT.days import weekday
from itp_carT.errors import MissingFactError
from itp_carT.protocol.nct05315778 import SCHEDULE
from itp_carT.schedule.attendance import Attendance, assign
from itp_carT.schedule.dated import VisitCalendar
from itp_carT.sources import Citation

from .patient import show, table
from .written import check_place, write_whole

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.option("--infusion", required=True, metavar="DATE", help="Date of the infusion (D0).")
@click.option("--months", metavar="RULE",
              help='"30 days" (the default), "28 days" or "calendar".')  # fmt: skip
@click.option("--gap-free", is_flag=True,
              help="Let windows reach to half-way to their neighbors.")  # fmt: skip
@click.option("--reference", metavar="DATE",
              help="Date of study day 1, where it is not the infusion.")  # fmt: skip
@click.option("--seen", multiple=True, metavar="DATE",
              help="A date on which the patient was seen; may be repeated.")  # fmt: skip
@click.option("--until", metavar="DATE",
              help="Day up to which --seen is complete; by default the last of them.")  # fmt: skip
@click.option("--patient", default="", metavar="TEXT", help="Subject identifier.")
@click.option("--ics", type=_FILE, metavar="FILE", help="Write a calendar file, days as a whole.")
@click.option("--stamp", metavar="DATE",
              help="Date of the calendar file; by default the infusion.")  # fmt: skip
@click.option("--revision", type=int, default=0, metavar="NUMBER",
              help="Version of the calendar file: raise it when dates have changed.")  # fmt: skip
@click.option("--plot", type=_FILE, metavar="FILE", help="Draw the months with their visits.")
@click.option("--force", is_flag=True, help="Replace a file that exists.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(**given: Any) -> None:
    """Print the visits of one patient under NCT05315778, with their windows.

    With --seen it also says what became of each visit: on time, early, late, missed, still open.
    """
    for name in ("ics", "plot"):
        file = given[name]
        if file is not None:
            check_place(file, force=given["force"], field=name)
    calendar = SCHEDULE.on(
        given["infusion"],
        months=given["months"],
        gap_free=given["gap_free"],
        reference=given["reference"],
    )
    seen = _seen(calendar, given["seen"], given["until"])
    written: dict[str, Any] = {}  # all of it is made before any of it is written
    if given["ics"] is not None:
        from itp_carT.calendar_file import to_ics

        written["ics"] = to_ics(
            calendar, patient=given["patient"], stamp=given["stamp"], revision=given["revision"]
        )
    if given["plot"] is not None:
        from itp_carT import plots

        written["plot"] = plots.visit_months(calendar, seen=seen, patient=given["patient"])
    for name, content in written.items():
        write_whole(given[name], content, name)
    if given["as_json"]:
        document = _document(calendar, seen, given["patient"])
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        show(_sheet(calendar, seen, given["patient"]))


def _seen(calendar: VisitCalendar, dates: tuple[str, ...], until: str | None) -> Attendance | None:
    if not dates:
        if until is not None:
            raise MissingFactError("tell when the patient was seen, with --seen", field="seen")
        return None
    return assign(calendar, dates, until=until)


def _sheet(calendar: VisitCalendar, seen: Attendance | None, patient: str) -> str:
    letters = _letters(calendar)
    became = {} if seen is None else {one.visit.key: one for one in seen.visits}
    head = ("Visit", "Date", "Weekday", "Day", "Study day", "Window", "Assessed", "Given")
    rows: list[tuple[str, ...]] = [(*head, *(["Came"] if seen else []))]
    for visit in calendar:
        window = "" if visit.first == visit.last else f"{visit.first} to {visit.last}"
        names = {one.name for one in visit.visit.assessments}
        asked = " ".join(mark if name in names else "." for name, mark in letters.items())
        cells = [visit.key, str(visit.target), weekday(visit.target)[:3], str(visit.day.number),
                 str(visit.study_day.number), window, asked, visit.visit.treatment]  # fmt: skip
        if seen is not None:
            one = became[visit.key]
            moved = f" ({one.difference:+d} d)" if one.difference else ""
            cells.append(f"{one.timing.label}{moved}")
        rows.append(tuple(cells))
    who = f", {patient}" if patient else ""
    title = (
        f"Visits of {calendar.schedule.name}{who}, infusion on {calendar.infusion}, "
        f"a month is {_month(calendar)}"
    )
    lines = [title, "", *table(rows, right=(3, 4))]
    lines += ["", "Assessed: " + ", ".join(f"{mark} {name}" for name, mark in letters.items())]
    if seen is not None:
        lines += ["", f"Dates are complete up to {seen.until}"]
        lines += [f"  {one}" for one in seen.unscheduled]
    lines += ["", "Sources"]
    lines += [f"  {cited}{f': {cited.note}' if cited.note else ''}" for cited in _sources(calendar)]
    return "\n".join(lines)


def _letters(calendar: VisitCalendar) -> dict[str, str]:
    names = dict.fromkeys(one.name for visit in calendar for one in visit.visit.assessments)
    return dict(zip(names, "abcdefghijklmnopqrstuvwxyz", strict=False))


def _month(calendar: VisitCalendar) -> str:
    return "one of the calendar" if calendar.months.days is None else calendar.months.label


def _sources(calendar: VisitCalendar) -> list[Citation]:
    cited = [calendar.schedule.source]
    cited += [one.source for visit in calendar for one in visit.visit.assessments]
    return list(dict.fromkeys(cited))


def _document(calendar: VisitCalendar, seen: Attendance | None, patient: str) -> dict[str, Any]:
    visits = list(calendar.rows())
    if seen is not None:
        for row, one in zip(visits, seen.visits, strict=True):
            row |= {
                "timing": one.timing.label,
                "came": None if one.on is None else one.on.isoformat(),
                "difference": one.difference,
            }
    return {
        "trial": calendar.schedule.name,
        "patient": patient or None,
        "infusion": calendar.infusion.isoformat(),
        "months": calendar.months.label,
        "gap_free": calendar.gap_free,
        "visits": visits,
        "unscheduled": [one.on.isoformat() for one in seen.unscheduled] if seen else [],
        "sources": [
            {"key": cited.source.key, "locator": cited.locator, "verified": cited.verified,
             "note": cited.note, "reference": str(cited.source)}
            for cited in _sources(calendar)
        ],
        "version": __version__,
    }  # fmt: skip


__all__ = ["command"]
