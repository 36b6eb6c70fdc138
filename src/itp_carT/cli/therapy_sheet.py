"""Concomitant therapy on paper, as CSV and as JSON: the same facts."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from io import StringIO
from typing import Any

from itp_carT import __version__
from itp_carT.notation import plain
from itp_carT.rounding import fixed
from itp_carT.therapy.agents import Agent
from itp_carT.therapy.course import TherapyCourse
from itp_carT.therapy.measures import Average, Decrease
from itp_carT.therapy.off_therapy import off_therapy
from itp_carT.therapy.options import REASONS, Options

from .patient import table
from .therapy_files import Patient

_HEAD = (
    *("patient", "agent", "unit", "baseline", "current", "decrease_percent", "average"),
    *("average_decrease_percent", "reduced_on", "stopped_on", "days_without", "longest_without"),
    *("without_at_the_end", "last_day", "ended_by", "why_not"),
)


def sheet(
    courses: Sequence[TherapyCourse], options: Options, texts: Sequence[str], *, working: bool
) -> str:
    """Write what a pharmacist reads: a line per agent, a line per patient, and the notes."""
    first, last = options.baseline
    lines = [f"Concomitant ITP therapy, baseline days {first} to {last}", ""]
    rows: list[tuple[str, ...]] = [
        ("Patient", "Agent", "Baseline", "Current", "Decrease", "Average", "Decrease of it",
         "Reduced", "Stopped", "Days without")
    ]  # fmt: skip
    rows += [_line(course, agent) for course in courses for agent in course.agents]
    lines += table(rows, right=(2, 3, 4, 5, 6, 7, 8))
    lines += ["", *(f"{course}; window to day {course.last} ({course.ended_by}); without any "
                    f"ITP therapy {course.off.cumulative} d" for course in courses)]  # fmt: skip
    notes = [
        f"  {course.patient}: {note}"
        for course in courses
        for note in (*course.notes, *(text for agent in course.agents for text in agent.notes))
    ]
    if working:
        for course in courses:
            lines += ["", str(course.patient), *(f"  {step}" for step in course.working)]
    if notes:
        lines += ["", "Notes", *notes]
    if texts:
        lines += ["", "Warnings", *(f"  {text}" for text in texts)]
    return "\n".join([*lines, "", "Sources", *_sources(courses, options)])


def _sources(courses: Sequence[TherapyCourse], options: Options) -> list[str]:
    pooled = any(agent.name == "glucocorticoids" for course in courses for agent in course.agents)
    tables = [options.table.citation] if pooled else []
    cited = dict.fromkeys((*tables, REASONS["baseline"], REASONS["threshold"], REASONS["gap_days"]))
    return [f"  {one}{f': {one.note}' if one.note else ''}" for one in cited]


def _line(course: TherapyCourse, agent: Agent) -> tuple[str, ...]:
    stop = agent.discontinuation
    reduced = agent.reduction.on
    pending = agent.reduction.pending_since
    lower = "" if pending is None else f"since {pending}?"
    return (
        course.patient or "",
        agent.name,
        _dose(agent.baseline),
        _dose(agent.current),
        _percent(agent.decrease),
        _dose(agent.average),
        _percent(agent.average_decrease),
        lower if reduced is None else f"day {reduced}",
        "" if stop.stopped_on is None else f"day {stop.stopped_on}",
        f"{stop.cumulative} (longest {stop.longest}, now {stop.current})",
    )


def _dose(found: Average) -> str:
    return (
        "not known"
        if found.exact is None
        else f"{plain(float(f'{float(found.exact):.4g}'))} {found.unit}/d"
    )


def _percent(found: Decrease) -> str:
    return "undefined" if found.exact is None else f"{fixed(found.exact, 1)} %"


def csv_text(courses: Sequence[TherapyCourse]) -> str:
    """Write a row per patient and agent, with all digits."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(_HEAD)
    for course in courses:
        for agent in course.agents:
            stop = agent.discontinuation
            numbers = (agent.baseline, agent.current, agent.decrease, agent.average)
            writer.writerow(
                [
                    course.patient, agent.name, f"{agent.unit}/d",
                    *(_number(one.exact) for one in numbers),
                    _number(agent.average_decrease.exact), agent.reduction.on, stop.stopped_on,
                    stop.cumulative, stop.longest, stop.current, course.last, course.ended_by,
                    agent.decrease.why_not,
                ]
            )  # fmt: skip
    return text.getvalue()


def _number(exact: Any) -> str:
    return "" if exact is None else plain(float(exact))


def document(
    patients: dict[str, Patient], options: Options, texts: Sequence[str]
) -> dict[str, Any]:
    """Arrange the results as the documented JSON; see the guide on therapy."""
    return {
        "options": {
            "baseline": list(options.baseline),
            "threshold_percent": options.threshold.m_as("%"),
            "strict": options.strict,
            "sustain_days": options.sustain_days,
            "gap_days": options.gap_days,
            "overlap": options.overlap,
            "new_therapy": options.new_therapy,
            "table": options.table.key,
        },
        "patients": [
            _course(patient.course) for patient in patients.values() if patient.course is not None
        ],
        "refused": [
            {"patient": patient.name, "problems": patient.problems}
            for patient in patients.values()
            if patient.problems
        ],
        "warnings": list(texts),
        "sources": [
            {"key": one.source.key, "locator": one.locator, "verified": one.verified,
             "note": one.note, "reference": str(one.source)}
            for one in dict.fromkeys((options.table.citation, *REASONS.values()))
        ],
        "version": __version__,
    }  # fmt: skip


def _course(course: TherapyCourse) -> dict[str, Any]:
    combined = course.combined()
    return {
        "patient": course.patient,
        "infusion": None if course.infusion is None else course.infusion.isoformat(),
        "last_day": course.last,
        "ended_by": course.ended_by,
        "agents": [_agent(agent) for agent in course.agents],
        "combined": {
            "before": list(combined.before),
            "after": list(combined.after),
            "reduced": list(combined.reduced),
            "stopped": list(combined.stopped),
            "composite_percent": _float(combined.composite),
            "composite_is": "unweighted mean of the agents' decreases",
            "why_not": combined.why_not or None,
        },
        "off_therapy": [[one.first, one.last] for one in off_therapy(course)],
        "days_off_therapy": course.off.cumulative,
        "left_out": [str(dated.record) for dated in course.left_out],
        "notes": list(course.notes),
    }


def _agent(agent: Agent) -> dict[str, Any]:
    stop = agent.discontinuation
    return {
        "agent": agent.name,
        "class": agent.drug_class.label,
        "drugs": list(agent.drugs),
        "unit": f"{agent.unit}/d",
        "baseline": _float(agent.baseline.exact),
        "current": _float(agent.current.exact),
        "decrease_percent": _float(agent.decrease.exact),
        "average": _float(agent.average.exact),
        "average_decrease_percent": _float(agent.average_decrease.exact),
        "why_not": agent.decrease.why_not or None,
        "reduction": {
            "occurred": agent.reduction.occurred,
            "on": agent.reduction.on,
            "pending_since": agent.reduction.pending_since,
        },
        "discontinuation": {
            "stopped_on": stop.stopped_on,
            "cumulative": stop.cumulative,
            "longest": stop.longest,
            "current": stop.current,
        },
        "notes": list(agent.notes),
    }


def _float(exact: Any) -> float | None:
    return None if exact is None else float(exact)


__all__ = ["csv_text", "document", "sheet"]
