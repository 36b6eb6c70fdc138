"""The calculators of toxicity: a laboratory value by CTCAE, CRS and ICANS of one day."""

from __future__ import annotations

from typing import Any

from itp_carT import __version__
from itp_carT.cli import crs as crs_command
from itp_carT.cli.assessed import document
from itp_carT.errors import NotationError
from itp_carT.observations import Lab
from itp_carT.rules import Fact, Known, Table, outcome_name
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6
from itp_carT.toxicity.crs_findings import CrsFindings
from itp_carT.toxicity.crs_words import Hypotension, Masking, Oxygen, Vasopressor
from itp_carT.toxicity.icans_2019 import Consciousness, Motor, Pressure, Seizure, icans
from itp_carT.toxicity.ice import Ice
from itp_carT.toxicity.scales import ScaleAssessment
from itp_carT.verdict import Verdict, decide

from .form import YES_NO, Answer, Cell, Field, Panel, Tool, answer_yes_no, number

_UNASSESSED = ("", "not assessed")


def _words(kind: Any) -> tuple[tuple[str, str], ...]:
    return tuple((member.value, member.value) for member in kind)


# --- a laboratory value ---------------------------------------------------------------------------

#: Every table that laboratory values decide, of each edition, by key.
TABLES: dict[str, Table] = {
    table.key: table for edition in (ctcae_v5, ctcae_v6, ctcae_v4) for table in edition.LABORATORY
}
_EDITIONS = {key.partition(":")[0]: table.source.short for key, table in TABLES.items()}
_START = ctcae_v5.table("Platelet count decreased").key


def _asked(table: Table) -> tuple[Fact, ...]:
    """Return the statements that a person makes, not those that follow from the baseline."""
    measure = table.measures[0]
    own = {measure.high, measure.low, measure.sample}
    return tuple(fact for fact in table.facts if fact.key not in own)


def _lab_fields() -> tuple[Field, ...]:
    facts: dict[str, Fact] = {}
    asked: dict[str, list[str]] = {}
    for key, table in TABLES.items():
        for fact in _asked(table):
            facts.setdefault(fact.key, fact)
            asked.setdefault(fact.key, []).append(key)
    edition, _, _ = _START.partition(":")
    return (
        Field("edition", "Edition", "choice", choices=tuple(_EDITIONS.items()), start=edition),
        Field("term", "Term", "choice", start=_START, narrowed_by="edition",
              choices=tuple((key, table.name) for key, table in TABLES.items())),
        Field("value", "Value", hint="with its unit: 18 10^9/L", required=True),
        Field("lln", "Lower limit of normal", hint="of the laboratory, with its unit"),
        Field("uln", "Upper limit of normal", hint="of the laboratory, with its unit"),
        Field("baseline", "Baseline value", hint="with its unit"),
        Field("is_baseline", "This is the baseline sample itself", "choice", choices=YES_NO),
        *(
            Field(f"fact {key}", fact.label, "choice", choices=YES_NO,
                  shown_if=("term", tuple(asked[key])))
            for key, fact in facts.items()
        ),
    )  # fmt: skip


def _lab(given: dict[str, Any]) -> Answer:
    table = TABLES[given["term"]]
    lab = Lab(
        table.measures[0],
        given["value"],
        lln=given["lln"],
        uln=given["uln"],
        baseline=given["baseline"],
        is_baseline=given["is_baseline"] == "yes",
    )
    said = {fact: answer_yes_no(given[f"fact {fact.key}"]) for fact in _asked(table)}
    known = (Known(fact, holds) for fact, holds in said.items() if holds is not None)
    verdict = decide(table, lab, *known)
    grades = [outcome_name(outcome) for outcome in verdict.possible]
    remarks = [f"not reported, taken as absent: {fact.label}" for fact in verdict.assumed]
    remarks += [table.note] if table.note else []
    rows: list[tuple[Cell, ...]] = [(outcome_name(row.outcome), row.when) for row in table.rows]
    rows.append((outcome_name(table.otherwise), "otherwise"))
    return Answer(
        f"{table.name}: {' or '.join(grades) or 'no grade'}",
        _lab_document(verdict, lab),
        [Panel(f"The rule, {table.source}", ("Grade", "When"), rows)],
        remarks,
        sources=(table.source,),
        reading=(verdict.because if verdict.settled else verdict.reason,),
    )


def _lab_document(verdict: Verdict, lab: Lab) -> dict[str, Any]:
    return {
        "table": verdict.table.key,
        "term": verdict.table.name,
        "value": str(lab.value),
        "grade": int(verdict.outcome) if verdict.settled else None,
        "possible": [int(grade) for grade in verdict.possible],
        "missing": list(verdict.missing),
        "assumed_absent": [fact.label for fact in verdict.assumed],
        "because": verdict.because if verdict.settled else verdict.reason,
        "warnings": [],
        "source": str(verdict.table.source),
        "verified": verdict.table.source.verified,
        "version": __version__,
    }


LAB = Tool(
    "lab",
    "Laboratory grade",
    "The CTCAE grade of one laboratory value, or the grades that are still possible.",
    _lab_fields(),
    _lab,
    "rules/ctcae-v5",
    "itp_carT.decide",
    located=lambda name, given: name.rpartition(" ")[2],  # noqa: ARG005 - "potassium value"
)

# --- CRS and ICANS --------------------------------------------------------------------------------


def _assessment(found: ScaleAssessment) -> Answer:
    grades = " or ".join(str(int(grade)) for grade in found.possible)
    headline = str(found.outcome) if found.settled else f"{found.scale} grade open: {grades}"
    remarks = list(found.notes)
    if found.incomplete:
        remarks.append(f"not assessed: {', '.join(found.incomplete)}")
    remarks += [f"not reported, taken as absent: {fact.label}" for fact in found.assumed]
    table = found.verdict.table
    rows: list[tuple[Cell, ...]] = [(str(int(row.outcome)), row.when) for row in table.rows]
    rows.append((str(int(table.otherwise)), "otherwise"))
    whole = {"grades": [document(found)], "warnings": [], "version": __version__}
    return Answer(
        headline,
        whole,
        [Panel(f"The rule, {table.source}", ("Grade", "When"), rows)],
        remarks,
        sources=(table.source,),
        reading=(found.because,),
    )


_CRS_NAMES = {"astct-2019": "ASTCT 2019", "ctcae-v5.0": "CTCAE v5.0"}
_CRS_FIELDS = (
    Field("scale", "Scale", "choice", choices=tuple(_CRS_NAMES.items()), start="astct-2019"),
    Field("on", "Day of the assessment", "date"),
    Field("temperature", "Highest temperature of the day", hint="with its unit: 39.1 C"),
    Field("fever_explained", "Fever has another cause", "choice", choices=YES_NO),
    Field("masked_by", "Therapy given in established CRS that hides fever", "several",
          choices=(("none", "none"), *_words(Masking))),
    Field("hypotension", "Blood pressure", "choice",
          choices=(_UNASSESSED, ("none", "no hypotension"),
                   *((h.value, f"hypotension, {h.value}") for h in list(Hypotension)[1:]))),
    Field("vasopressors", "Vasopressors", "several",
          choices=(("none", "none"), *_words(Vasopressor))),
    Field("vasopressin_alone", "Vasopressin alone counts as a vasopressor", "choice",
          choices=YES_NO),
    Field("hypoxia", "Oxygen", "choice",
          choices=(_UNASSESSED, ("none", "no oxygen needed"), *_words(list(Oxygen)[1:]))),
    Field("flow", "Oxygen flow", hint="with its unit: 4 L/min"),
    Field("fio2", "Inspired oxygen fraction", hint="35 %"),
    Field("life_threatening", "Life-threatening, as a clinician states", "choice", choices=YES_NO,
          shown_if=("scale", ("ctcae-v5.0",))),
    Field("death", "Death from CRS", "choice", choices=YES_NO),
)  # fmt: skip


def _several(given: Any, name: str) -> tuple[str, ...] | None:
    """Return what was ticked; none beside something else is refused."""
    if given is None:
        return None
    ticked = (given,) if isinstance(given, str) else tuple(given)
    if "none" in ticked and len(ticked) > 1:
        raise NotationError(
            '"none" beside something else says two things: take one of them away', field=name
        )
    return () if ticked == ("none",) else ticked


def _crs(given: dict[str, Any]) -> Answer:
    grade = crs_command.SCALES[given.pop("scale")]
    for name in ("masked_by", "vasopressors"):
        given[name] = _several(given[name], name)
    return _assessment(grade(CrsFindings(**given)))


CRS = Tool(
    "crs",
    "CRS",
    "The grade of cytokine release syndrome on one day. What is left out was not assessed.",
    _CRS_FIELDS,
    _crs,
    "rules/car-t-toxicity",
    "itp_carT.toxicity.astct_2019.crs",
)

_TASKS = {
    "orientation": "Orientation: year, month, city, hospital",
    "naming": "Naming three objects",
    "command": "Following a simple command",
    "writing": "Writing a sentence",
    "counting": "Counting back from 100 by tens",
}
_SIGNS = [sign for sign in Pressure if sign is not Pressure.NONE]
_ICANS_FIELDS = (
    Field("on", "Day of the assessment", "date"),
    Field("ice", "ICE score, 0 to 10", "whole", hint="or its tasks below; empty: not tested"),
    *(
        Field(name, label, "choice",
              choices=(("", "not tested"), *((str(n), str(n)) for n in range(most + 1))))
        for (name, most), label in zip(Ice.TASKS, _TASKS.values(), strict=True)
    ),
    Field("consciousness", "Consciousness", "choice",
          choices=(_UNASSESSED, *_words(Consciousness))),
    Field("seizure", "Seizure", "choice",
          choices=(_UNASSESSED, ("none", "no seizure"), *_words(list(Seizure)[1:]))),
    Field("seizure_duration", "Duration of the seizure", hint="with its unit: 2 min",
          shown_if=("seizure", ("clinical",))),
    Field("motor", "Motor findings", "choice",
          choices=(_UNASSESSED, ("none", "no motor finding"), *_words(list(Motor)[1:]))),
    Field("pressure", "Signs of raised intracranial pressure", "several",
          choices=(("none", "none"), *_words(_SIGNS))),
    Field("death", "Death from ICANS", "choice", choices=YES_NO),
)  # fmt: skip


def _icans(given: dict[str, Any]) -> Answer:
    tasks = {name: number(given.pop(name)) for name in _TASKS}
    tested = any(points is not None for points in tasks.values())
    ice = number(given.pop("ice"))
    if tested and ice is not None:
        raise NotationError("give the ICE score or its tasks, not both", field="ice", given=ice)
    given["pressure"] = _several(given["pressure"], "pressure")
    return _assessment(icans(ice=Ice(**tasks) if tested else ice, **given))


ICANS = Tool(
    "icans",
    "ICANS",
    "The grade of neurotoxicity (ASTCT 2019) on one day. What is left out was not assessed.",
    _ICANS_FIELDS,
    _icans,
    "rules/car-t-toxicity",
    "itp_carT.toxicity.icans_2019.icans",
)

__all__ = ["CRS", "ICANS", "LAB", "TABLES"]
