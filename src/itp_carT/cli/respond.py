"""The command ``itp-cart respond``: platelet counts of one or many patients to their response.

A patient with a row that cannot be used is told and left out; the others are assessed all the same,
and the exit code is 1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from attrs import asdict, fields

from itp_carT import __version__
from itp_carT.bleeding_diary import Diary
from itp_carT.errors import ItpCarTError, NotPermittedError, UnknownTermError
from itp_carT.response import nct05315778
from itp_carT.response.course import assess
from itp_carT.response.criteria import Criteria, Options
from itp_carT.response.published import CRITERIA, criteria_of
from itp_carT.response.result import Episode, ResponseCourse

from .course_files import Patient, read
from .patient import collected, show, table

_LIMITS = ("30", "50", "100")  # [10^9/L]
_ANSWERS = {True: "yes", False: "no", None: "not evaluable"}


@click.command()
@click.argument("platelets", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--criteria", default=nct05315778.HARMONIZED.key, show_default=True, metavar="KEY",
              help=f"One of {', '.join(CRITERIA)}.")  # fmt: skip
@click.option("--choose", multiple=True, metavar="NAME=VALUE",
              help="A choice the definitions leave open, e.g. rescue_days=56; may be repeated. "
              "The guide lists them.")  # fmt: skip
@click.option("--bleeding", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Diary: patient, date or day, bleeding, cause, disproportionate.")  # fmt: skip
@click.option("--rescue", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Rescue: patient, date or day, end, rescue (its kind), reason.")  # fmt: skip
@click.option("--treated-on", metavar="DATE",
              help="Date of the infusion, where the file has no column treated_on.")  # fmt: skip
@click.option("--working", is_flag=True, help="Add every visit with its reason.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
              help="Draw the course of one patient, or a lane for each of several.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a picture that exists.")
@click.pass_context
def command(context: click.Context, /, platelets: Path, **given: Any) -> None:
    """Assess platelet response from a CSV file PLATELETS, one count per row.

    Columns: patient, date or day (whole days from the infusion), platelets with its unit or a
    column unit, and where known bleeding (yes, no, unknown), treated_on, diagnosed.
    """
    criteria, picture = criteria_of(given["criteria"]), given["plot"]
    criteria = criteria.with_options(**dict(_choice(text) for text in given["choose"]))
    if picture is not None and picture.exists() and not given["force"]:
        raise NotPermittedError(
            f"{picture.name} exists: name another file, or add --force", field="plot"
        )
    with collected() as texts:
        patients = read(platelets, given["bleeding"], given["rescue"])
        courses = {
            name: course
            for name, found in patients.items()
            if (course := _assessed(name, found, criteria, given["treated_on"])) is not None
        }
    if given["as_json"]:
        document = _document(criteria, patients, courses, texts)
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        show(_sheet(criteria, courses, texts, working=given["working"]))
    if picture is not None:
        _draw(list(courses.values()), picture)
    refused = [problem for found in patients.values() for problem in found.problems]
    for problem in refused:
        click.echo(problem, err=True)
    if refused:
        click.echo(f"{len(courses)} of {len(patients)} patients assessed", err=True)
        context.exit(1)


def _choice(text: str) -> tuple[str, Any]:
    """Read ``NAME=VALUE`` as an option of the criteria, by the kind of its default."""
    name, _, value = (part.strip() for part in text.partition("="))
    known = {each.name: each for each in fields(Options) if each.name != "windows"}
    if name not in known:
        raise UnknownTermError(
            f'"{name}" is not a choice: write {", ".join(known)}',
            field="choose", given=text, nearest=tuple(known),
        )  # fmt: skip
    default = known[name].default
    try:
        found: Any = value
        if isinstance(default, bool):
            found = {"yes": True, "no": False}[value.casefold()]
        elif default is None or isinstance(default, int):
            found = int(value)
        Options(**{name: found})
    except (KeyError, ValueError):
        raise NotPermittedError(
            f'"{value}" cannot be chosen for {name}: the default is '
            f"{_ANSWERS.get(default, default) if isinstance(default, bool) else default}; "
            "the guide lists the others",
            field="choose", given=text,
        ) from None  # fmt: skip
    return name, found


def _changed(criteria: Criteria) -> dict[str, Any]:
    """Return the choices in which a set of criteria differs from the published one."""
    usual = asdict(CRITERIA[criteria.key].options, recurse=False)
    given = asdict(criteria.options, recurse=False)
    return {name: value for name, value in given.items() if value != usual[name]}


def _assessed(
    name: str, found: Patient, criteria: Criteria, treated_on: str | None
) -> ResponseCourse | None:
    """Assess a patient; None where that is not possible, with the problem added."""
    if found.problems:
        return None
    try:
        return assess(
            found.counts,
            criteria,
            treated_on=found.treated_on or treated_on,
            diagnosed=found.diagnosed,
            bleeding=Diary(found.bleeding, patient=name) if found.bleeding else None,
            rescue=found.rescue,
            patient=name,
        )
    except ItpCarTError as error:
        day = error.facts.get("day")
        when = "" if day is None else f", day {day}"
        column = f", column {error.field}" if error.field else ""
        found.problems.append(f"patient {name}{when}{column}: {error.message}")
        return None


def _draw(courses: list[ResponseCourse], file: Path) -> None:
    from itp_carT import plots

    figure = plots.trajectory(courses[0]) if len(courses) == 1 else plots.swimmer(courses)
    try:
        figure.savefig(file)
    except (OSError, ValueError) as error:
        raise NotPermittedError(f"{file.name} cannot be written: {error}", field="plot") from None


# --- on paper -------------------------------------------------------------------------------------


def _sheet(
    criteria: Criteria, courses: dict[str, ResponseCourse], texts: list[str], *, working: bool
) -> str:
    rows: list[tuple[str, ...]] = [
        ("Patient", "Best", "From day", "Duration", "Ended by", "CR from day", "Month 6", "Flags")
    ]
    rows += [_line(name, course) for name, course in courses.items()]
    lines = [f"Platelet response, {criteria.title}", "", *table(rows, right=(2, 3, 5))]
    lines += _terms(criteria, courses)
    if changed := _changed(criteria):
        lines += ["", "Chosen", *(f"  {name} = {value}" for name, value in changed.items())]
    if working:
        for name, course in courses.items():
            lines += ["", name, *(f"  {line}" for line in course.working)]
    if texts:
        lines += ["", "Warnings", *(f"  {text}" for text in texts)]
    cited = criteria.source
    lines += ["", "Sources", f"  {cited}{f': {cited.note}' if cited.note else ''}"]
    return "\n".join(lines)


def _line(name: str, course: ResponseCourse) -> tuple[str, ...]:
    part = course.response
    return (
        name,
        course.best.name,
        _number(course.responded_on),
        "" if part is None else f"{part.days} d{'' if part.event else '+'}",
        "" if part is None else part.why,
        _number(course.complete_on),
        course.at_month_6.name,
        "; ".join(course.flags),
    )


def _number(given: int | None) -> str:
    return "" if given is None else str(given)


def _terms(criteria: Criteria, courses: dict[str, ResponseCourse]) -> list[str]:
    if not criteria.terms:
        return []
    rows = [("Patient", *(f"{term.key} ({term.at})" for term in criteria.terms))]
    rows += [
        (name, *(_ANSWERS[course.terms[term.key]] for term in criteria.terms))
        for name, course in courses.items()
    ]
    return ["", *table(rows)]


# --- JSON -----------------------------------------------------------------------------------------


def _document(
    criteria: Criteria,
    patients: dict[str, Patient],
    courses: dict[str, ResponseCourse],
    texts: list[str],
) -> dict[str, Any]:
    cited = criteria.source
    return {
        "criteria": criteria.key,
        "chosen": _changed(criteria),
        "patients": [course_document(course) for course in courses.values()],
        "refused": [
            {"patient": name, "problems": found.problems}
            for name, found in patients.items()
            if found.problems
        ],
        "warnings": texts,
        "sources": [
            {"key": cited.source.key, "locator": cited.locator, "verified": cited.verified,
             "note": cited.note, "reference": str(cited.source)}
        ],
        "version": __version__,
    }  # fmt: skip


def course_document(course: ResponseCourse) -> dict[str, Any]:
    """Arrange the course of one patient as the documented JSON."""
    baseline = course.baseline
    return {
        "patient": course.patient,
        "baseline": None
        if baseline is None
        else {"value": baseline.m_as("10^9/L"), "unit": "10^9/L"},
        "best": course.best.name,
        "responded_on": course.responded_on,
        "time_to_response": course.time_to_response,
        "response": _episode(course.response),
        "complete_on": course.complete_on,
        "complete_response": _episode(course.complete),
        "at_month_6": course.at_month_6.name,
        "terms": course.terms,
        "share_in_response": course.share_in_response,
        "days_at_least": {limit: course.days_at_least(f"{limit} 10^9/L") for limit in _LIMITS},
        "flags": list(course.flags),
        "visits": [
            {
                "day": visit.day,
                "platelets": visit.platelets,
                "bleeding": visit.bleeding,
                "status": visit.status.name,
                "used": visit.used,
                "reason": visit.reason,
            }
            for visit in course.visits
        ],
    }


def _episode(part: Episode | None) -> dict[str, Any] | None:
    if part is None:
        return None
    return {
        "level": part.level.name,
        "start": part.start,
        "end": part.end,
        "days": part.days,
        "lost": part.event,
        "why": part.why,
    }


__all__ = ["CRITERIA", "command", "course_document"]
