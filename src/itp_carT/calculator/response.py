"""The calculator of response: counts pasted from a sheet to best response, times and loss."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from itp_carT import __version__
from itp_carT.bleeding_diary import Diary
from itp_carT.cli.course_files import Patient, add_bleeding, add_count, add_rescue
from itp_carT.cli.respond import course_document
from itp_carT.errors import ItpCarTError, RecordError
from itp_carT.notation import plain
from itp_carT.response.course import assess
from itp_carT.response.published import CRITERIA
from itp_carT.response.result import Episode, ResponseCourse, Visit

from .form import Answer, Field, Panel, Tool

_BREAK = re.compile(r"[\t;,]")
_FIELDS = (
    Field("counts", "Counts", "lines", required=True,
          hint="One per line: date or day from the infusion, count, bleeding (yes, no, unknown); "
          "with tabs or commas between, as a sheet gives them: 2026-03-16, 45 10^9/L, no"),
    Field("unit", "Unit of counts without one", hint="10^9/L"),
    Field("treated_on", "Date of the infusion (day 0)", "date"),
    Field("criteria", "Criteria", "choice", start="nct05315778",
          choices=tuple((key, found.title) for key, found in CRITERIA.items())),
    Field("rescue", "Rescue", "lines",
          hint="One per line: date or day, kind (platelet transfusion, other rescue, "
          "corticosteroid for CRS or ICANS, new ITP therapy), last date or day"),
    Field("bleeding", "Bleeding diary", "lines",
          hint="One per line: date or day, bleeding (yes, no, unknown), cause (spontaneous, "
          "menses, trauma, procedure), disproportionate (yes, no)"),
)  # fmt: skip


_NAMES = {one.name for one in _FIELDS}


def _rows(text: str, columns: tuple[str, ...], field: str) -> list[tuple[int, dict[str, str]]]:
    """Read pasted lines; a first line of names says which column is which."""
    names = columns
    found: list[tuple[int, dict[str, str]]] = []
    for line, words in enumerate(_cells(text), start=1):
        if not any(words):
            continue
        if not found and {word.casefold() for word in words} & {*columns, "date"}:
            names = tuple(word.casefold() for word in words)
            unknown = [name for name in names if name not in (*columns, "date", "unit")]
            if unknown:
                raise RecordError(
                    f'line {line}: a column "{unknown[0]}" is not known: write '
                    f"{', '.join(columns)}",
                    field=field,
                )
            continue
        if len(words) > len(names):
            raise RecordError(
                f"line {line}: {len(words)} values, but the columns are {', '.join(names)}",
                field=field,
            )
        row = {name: word for name, word in zip(names, words, strict=False) if word}
        day = row.pop("day", None)
        if day is not None:
            row["day" if re.fullmatch(r"-?[0-9]+", day) else "date"] = day
        found.append((line, row))
    return found


def _cells(text: str) -> list[list[str]]:
    return [[word.strip() for word in _BREAK.split(line)] for line in text.splitlines()]


def _fill(
    patient: Patient,
    text: str | None,
    columns: tuple[str, ...],
    field: str,
    add: Callable[[Patient, dict[str, str]], None],
    unit: str | None = None,
) -> None:
    for line, row in _rows(text or "", columns, field):
        if unit and re.fullmatch(r"<?\s*[0-9.eE+]+", row.get("platelets", "")):
            row.setdefault("unit", unit)
        try:
            add(patient, row)
        except ItpCarTError as error:
            where = (error.field or "").partition(" ")[0]
            told = f"line {line}, {where}: " if where else f"line {line}: "
            raise RecordError(told + error.message, field=field, row=line) from None


def _response(given: dict[str, Any]) -> Answer:
    patient = Patient()
    _fill(patient, given["counts"], ("day", "platelets", "bleeding"), "counts", add_count,
          given["unit"])  # fmt: skip
    _fill(patient, given["rescue"], ("day", "rescue", "end"), "rescue", add_rescue)
    columns = ("day", "bleeding", "cause", "disproportionate")
    _fill(patient, given["bleeding"], columns, "bleeding", add_bleeding)
    criteria = CRITERIA[given["criteria"]]
    course = assess(
        patient.counts,
        criteria,
        treated_on=given["treated_on"],
        bleeding=Diary(patient.bleeding) if patient.bleeding else None,
        rescue=patient.rescue,
    )
    document = {
        "criteria": criteria.key,
        **course_document(course),
        "warnings": [],
        "version": __version__,
    }
    return Answer(
        f"{course.best.name}: {course.best.label}",
        document,
        [_summary(course), *_terms(course), _visits(course.visits)],
        list(course.flags),
        sources=(criteria.source,),
    )


def _summary(course: ResponseCourse) -> Panel:
    baseline = None if course.baseline is None else str(course.baseline)
    rows = [
        ("Criteria", course.criteria.title),
        ("Baseline", baseline or "none"),
        ("Best response", f"{course.best.name}: {course.best.label}"),
        ("Response from day", _text(course.responded_on)),
        ("Complete response from day", _text(course.complete_on)),
        ("Time to response", _days(course.time_to_response)),
        ("Duration of response", _episode(course.response)),
        ("Status at month 6", f"{course.at_month_6.name}: {course.at_month_6.label}"),
    ]
    return Panel("Summary", ("What", "Value"), rows)


def _episode(part: Episode | None) -> str:
    if part is None:
        return "none"
    return f"{part.days} d, {'lost' if part.event else 'censored'}: {part.why}"


def _terms(course: ResponseCourse) -> list[Panel]:
    answers = {True: "yes", False: "no", None: "not evaluable"}
    rows = [(term.key, term.at, answers[course.terms[term.key]]) for term in course.criteria.terms]
    return [Panel("Named outcomes", ("Outcome", "At", "Answer"), rows)] if rows else []


def _visits(visits: tuple[Visit, ...]) -> Panel:
    said = {True: "yes", False: "no", None: "unknown"}
    rows = [
        (
            str(visit.day),
            "no count" if visit.platelets is None else plain(visit.platelets),
            said[visit.bleeding],
            visit.status.name,
            visit.reason,
        )
        for visit in visits
    ]
    heads = ("Day", "Platelets [10^9/L]", "Bleeding", "Status", "Reason")
    return Panel("Visits", heads, rows, (0, 1))


def _text(day: int | None) -> str:
    return "none" if day is None else str(day)


def _days(number: int | None) -> str:
    return "none" if number is None else f"{number} d"


RESPONSE = Tool(
    "response",
    "Platelet response",
    "Best response, its day, duration and loss, from counts pasted out of a sheet.",
    _FIELDS,
    _response,
    "rules/response",
    "itp_carT.response.course.assess",
    located=lambda name, given: name if name in _NAMES else "counts",  # noqa: ARG005
)

__all__ = ["RESPONSE"]
