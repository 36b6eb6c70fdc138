"""Concomitant ITP therapy: how much less than before, since when, and how long without any."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from statistics import median

from attrs import frozen

from itp_carT.rounding import fixed
from itp_carT.study.assess import PatientResult, Plan
from itp_carT.study.columns import Origin
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.therapy.agents import Agent
from itp_carT.therapy.course import TherapyCourse
from itp_carT.therapy.measures import Average, Decrease
from itp_carT.therapy.options import REASONS

from .parts import count, infused

_SOURCES = tuple(dict.fromkeys(REASONS.values()))


def section(results: Sequence[PatientResult], _: Plan) -> Section:
    """Return the concomitant therapy of a study."""
    people = infused(results)
    each = (summary(one.id, one.therapy, _files(one)) for one in people)
    on = [one for one in each if one is not None]
    listing = Listing(
        key="therapy.patients",
        title="ITP therapy of each patient and agent",
        columns=("subject", "agent", "baseline", "last day", "decrease", "decrease of the average",
                 "reduced from day", "stopped on day", "days without: longest, all, now"),
        rows=[row for one in people for row in _rows(one)],
    )  # fmt: skip
    notes = [
        "Glucocorticoids are one agent, in prednisone-equivalents.",
        "Milligrams of different drugs are never added up.",
        "A decrease is positive where less is taken; without a dose before it has no value.",
    ]
    for one in people:
        if why := one.refused.get("therapy"):
            notes.append(f"{one.id}: {why}")
        notes += [f"{one.id}: {text}" for text in one.notes if text.startswith("therapy: ")]
    return Section(
        key="therapy", title="Concomitant therapy", numbers=list(figures(on, len(people))),
        listings=[listing], notes=notes,
    )  # fmt: skip


def _files(one: PatientResult) -> list[Origin]:
    return [row.at for row in one.records.medications]


@frozen
class Summary:
    """What the figures need of a patient who was on ITP therapy before treatment.

    Parameters
    ----------
    id
        The subject.
    reduced
        Whether an agent was lastingly reduced.
    stopped
        Whether all agents were stopped.
    longest
        The longest time without any [days].
    falls
        Decrease of glucocorticoids [%]; empty where it has no value.
    rows
        Of the medications.
    """

    id: str
    reduced: bool
    stopped: bool
    longest: int
    falls: tuple[float, ...]
    rows: tuple[Origin, ...] = ()


def summary(name: str, course: TherapyCourse | None, rows: Iterable[Origin] = ()) -> Summary | None:
    """Summarize a patient; None for one who was not on ITP therapy before treatment.

    Parameters
    ----------
    name
        The subject.
    course
        The therapy.
    rows
        Of the medications.
    """
    taken = _taken(course)
    if course is None or not taken:
        return None
    return Summary(
        name,
        any(agent.reduction.on is not None for agent in taken),
        course.off.stopped_on is not None,
        course.off.longest,
        tuple(
            float(agent.decrease.exact)
            for agent in taken
            if agent.name == "glucocorticoids" and agent.decrease.exact is not None
        ),
        tuple(rows),
    )


def figures(on: Sequence[Summary], among: int) -> Iterable[Number]:
    """Yield the figures of all patients.

    Parameters
    ----------
    on
        Those who were on ITP therapy before treatment.
    among
        Everybody who was infused.
    """
    rows = [row for one in on for row in one.rows]
    yield count("therapy.before", "patients on ITP therapy before treatment",
                [one.id for one in on], among, rule="any agent in the baseline window",
                citations=_SOURCES, rows=rows)  # fmt: skip
    reduced = [one.id for one in on if one.reduced]
    yield count("therapy.reduced", "of these, with a lasting reduction of an agent", reduced,
                len(on), rule="more than 25 % below baseline for at least 28 days",
                citations=_SOURCES, rows=rows)  # fmt: skip
    stopped = [one.id for one in on if one.stopped]
    yield count("therapy.stopped", "of these, without any ITP therapy for at least 28 days",
                stopped, len(on), rule="first run of days without any agent",
                citations=_SOURCES, rows=rows)  # fmt: skip
    runs = sorted(one.longest for one in on)
    if runs:
        yield Number(
            key="therapy.longest", label="median of the longest time without ITP therapy",
            value=median(runs), unit="d", text=f"{median(runs):g} d ({runs[0]} to {runs[-1]})",
            rule="among those on therapy before treatment", citations=_SOURCES, rows=rows,
        )  # fmt: skip
    falls = sorted(fall for one in on for fall in one.falls)
    if falls:
        yield Number(
            key="therapy.glucocorticoids", label="median decrease of glucocorticoids",
            value=median(falls), unit="%",
            text=f"{fixed(median(falls), 0)} % ({fixed(falls[0], 0)} to {fixed(falls[-1], 0)}; "
            f"n = {len(falls)})",
            rule="last observed day against baseline, in prednisone-equivalents",
            citations=_SOURCES, rows=rows,
        )  # fmt: skip


def _taken(course: TherapyCourse | None) -> tuple[Agent, ...]:
    """Return the agents of the baseline window."""
    agents = () if course is None else course.agents
    return tuple(agent for agent in agents if agent.baseline.exact)


def _rows(one: PatientResult) -> Iterable[tuple[object, ...]]:
    if one.therapy is None:
        yield one.id, "not computed", *[""] * 7
        return
    for agent in one.therapy.agents:
        off = agent.discontinuation
        yield (
            one.id, agent.name, _dose(agent.baseline), _dose(agent.current),
            _decrease(one, agent, agent.decrease, "decrease"),
            _decrease(one, agent, agent.average_decrease, "average"),
            "" if agent.reduction.on is None else agent.reduction.on,
            "" if off.stopped_on is None else off.stopped_on,
            f"{off.longest}, {off.cumulative}, {off.current}",
        )  # fmt: skip
    if not one.therapy.agents:
        yield one.id, "none recorded", *[""] * 7


def _dose(average: Average) -> str:
    return str(average)


def _decrease(one: PatientResult, agent: Agent, found: Decrease, key: str) -> Number:
    value = None if found.exact is None else float(found.exact)
    return Number(
        key=f"therapy.{key}.{agent.name}:{one.id}",
        label=f"{key} of {agent.name} of {one.id}",
        value=value,
        unit="%",
        text="no value" if value is None else f"{fixed(value, 1)} %",
        rule="100 × (baseline - current) / baseline",
        citations=_SOURCES,
        rows=_files(one),
        why=found.why_not,
    )


__all__ = ["Summary", "figures", "section", "summary"]
