"""What is shown of a rule table, on a page and in a terminal: its unit systems, outcomes and facts.

Nothing is typed twice: all of it comes from the `itp_carT.rules.Table` itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, assert_never

from attrs import evolve

from .rules import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Either,
    Is,
    Not,
    Table,
    leaves,
    outcome_name,
    text_of,
)
from .sources import Citation
from .toxicity.grades import Grade
from .units import symbol


def unit_systems(table: Table) -> tuple[str, ...]:
    """Return the units of the table's columns: one per unit system its limits are published in.

    Examples
    --------
    >>> from itp_carT.analytes import HEMOGLOBIN
    >>> from itp_carT.rules import Row, limits
    >>> from itp_carT.sources import NCT05315778
    >>> row = Row("low", HEMOGLOBIN < limits("80 g/L", "8.0 g/dL"))
    >>> table = Table("x:x", "x", (row,), otherwise="no", source=NCT05315778.at("x"))
    >>> unit_systems(table)
    ('g/L', 'g/dL')
    """
    widest: tuple[str, ...] = ()
    for leaf in leaves(table):
        if isinstance(leaf, Compare):
            units = tuple(dict.fromkeys(symbol(value) for value in leaf.limit.published))
            widest = max(widest, units, key=len)
    return widest if len(widest) > 1 else ()


def in_system(condition: Condition, unit: str) -> Condition:
    """Return the condition with the limits of one unit system, where it has one in that unit."""
    match condition:
        case Compare():
            same = tuple(value for value in condition.limit.published if symbol(value) == unit)
            if not same:
                return condition
            return evolve(condition, limit=evolve(condition.limit, published=same))
        case Is():
            return condition
        case AllOf(parts):
            return AllOf(tuple(in_system(part, unit) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(in_system(part, unit) for part in parts))
        case Not(part):
            return Not(in_system(part, unit))
        case Either(test, then, otherwise):
            return Either(*(in_system(part, unit) for part in (test, then, otherwise)))
        case _:
            assert_never(condition)


def outcome_label(outcome: Any) -> str:
    """Return how an outcome is shown, e.g. ``Grade 3``."""
    if isinstance(outcome, Grade):
        return f"Grade {int(outcome)}"
    label = getattr(outcome, "label", "")
    name = outcome_name(outcome)
    return f"{name}: {label}" if label and label.casefold() != name.casefold() else name


def standing(citation: Citation) -> str:
    """Return a citation and whether it was compared with its source."""
    checked = "verified" if citation.verified else "unverified: not compared with the source"
    where = str(citation).removesuffix(" (unverified)")
    return f"{where} ({checked})"


def facts_of(table: Table) -> Iterator[tuple[str, str]]:
    """Yield what stands under the table: name of the fact and its text."""
    if table.code:
        yield "MedDRA code", table.code
    for measure in table.measures:
        loinc = getattr(measure, "loinc", "")
        yield "Measure", f"{measure.label} [{measure.unit}]" + (f", LOINC {loinc}" if loinc else "")
    if table.refers:
        yield "Not decided here", f"{text_of(table.refers.when)}: {table.refers.note}"
    notes = dict.fromkeys(note for note in (table.note, table.source.note) if note)
    for note in notes:
        yield "Our reading", note
    yield "Source", standing(table.source)
    yield "Key", table.key
    yield "Fingerprint", table.fingerprint


__all__ = ["facts_of", "in_system", "outcome_label", "standing", "unit_systems"]
