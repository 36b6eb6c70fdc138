"""Why a row has no settled grade: one sentence each, the same in every engine."""

from __future__ import annotations

import functools
from collections.abc import Collection
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from itp_carT.notation import TOLERANCE
from itp_carT.rules import Reference

from .cleaning import UNREADABLE
from .engines import CODE, TEXT
from .grid import REFERENCES, REFERS, Grid
from .keys import SEVERAL_MEASURES, TERM_KNOWN, UNIT_KNOWN
from .limits import BLOCK, OPEN, TERM, UNIT, Limits
from .lookup import Small
from .names import BETWEEN

if TYPE_CHECKING:
    from .long import Columns

NO_TERM = "no term"
UNKNOWN_TERM = "unknown term"
UNKNOWN_PAIR = "unknown term or analyte, or an analyte that more than one term asks for"
NO_VALUE = "no value, or not a finite number"
NO_UNIT = "no unit, and the term has limits with units"
UNKNOWN_UNIT = "unknown unit"
WRONG_UNIT = "the term has no limits in this unit"
NEGATIVE = "a number is below zero"
RANGE = "the lower limit of normal is above the upper one"
FLAG = "the baseline flag is not low, normal or high"
ANSWER = "a yes-or-no column is neither yes nor no"
GIVE = "not settled: give the "
SAY = "not settled: say whether "
UNTOLD = "not settled: not known are"
SEVERAL = "the term compares several measures, and a row has one value"

VALUE, FAULT, UNMATCHED = "_itp_v", "_itp_fault", "_itp_unmatched"
#: The range printed with the baseline sample.
THEN = ("_itp_l_then", "_itp_u_then")
OWN = dict(zip(REFERENCES, ("_itp_l", "_itp_u", "_itp_b"), strict=True))


#: What keeps a row from being graded at all; its number is its place, from 1.
FAULTS = (
    NO_TERM, UNKNOWN_TERM, UNKNOWN_PAIR, SEVERAL, NO_VALUE, NO_UNIT, UNKNOWN_UNIT, WRONG_UNIT,
    NEGATIVE, RANGE, FLAG, ANSWER,
)  # fmt: skip
#: Grades run from 0 to less than this: one digit each of worst and mildest in a reason's number.
STEPS = 6
#: The number of the first reason that depends on what a grid leaves open.
_FIRST = 1 + len(FAULTS)


def unsettled(grid: Grid, worst: int, mildest: int, absent: Collection[Reference]) -> str:
    """Say what would settle a grade: only what the rows between the two grades read.

    Parameters
    ----------
    grid
        The limits of the row.
    worst, mildest
        What the facts still allow.
    absent
        The patient's own limits that are missing.
    """
    between = [grade for grade in range(worst, mildest, -1) if grade in grid.own]
    read = {of for grade in between for of in grid.own[grade]}
    own = [of.value for of in REFERENCES if of in read and of in absent]
    asked = ", ".join(dict.fromkeys(label for g in between for label in grid.ask[g]))
    if not own:
        return SAY + asked
    return GIVE + " and the ".join(own) + (f", and say whether {asked}" if asked else "")


@functools.lru_cache(maxsize=4)
def words(limits: Limits) -> Small:
    """Return the reasons by number, in the order of `code`."""
    found = dict(enumerate(FAULTS, start=1))
    number = _FIRST
    for grid in limits.left_open:
        grades = [0, *(grade for grade in grid.own if grade != REFERS)]
        for bits in range(1 << len(REFERENCES)):
            absent = [of for bit, of in enumerate(REFERENCES) if bits >> bit & 1]
            for worst in grades:
                for mildest in (grade for grade in grades if grade < worst):
                    at = number + (bits * STEPS + worst) * STEPS + mildest
                    found[at] = unsettled(grid, worst, mildest, absent)
        number += STEPS * STEPS << len(REFERENCES)
    found |= {number + at: grid.note for at, grid in enumerate(limits.left_open)}
    return Small({CODE: [*found], TEXT: [*found.values()]})


def fault(columns: Columns, limits: Limits) -> nw.Expr:
    """Return the number of what keeps a row from being graded, 0 where nothing does."""
    lln, uln = nw.col(OWN[Reference.LLN]), nw.col(OWN[Reference.ULN])
    then = [nw.col(n) for n, given in zip(THEN, columns.range_then, strict=True) if given]
    # the last that holds is said: the gravest stands last
    found: nw.Expr = nw.lit(0)
    answers = [f"_itp_fact_{key}" for key in columns.facts]
    answers += ["_itp_sample"] if columns.is_baseline else []
    for name in answers:
        found = _or_else(nw.col(name) == UNREADABLE, ANSWER, found)
    if columns.baseline_flag:
        found = _or_else(nw.col("_itp_flag") == UNREADABLE, FLAG, found)
    if len(then) == 2:
        found = _or_else(then[0] > then[1] * (1 + TOLERANCE), RANGE, found)
    found = _or_else(lln > uln * (1 + TOLERANCE), RANGE, found)
    least = nw.min_horizontal(nw.col(VALUE), *(nw.col(own) for own in OWN.values()), *then)
    if isinstance(limits.negative, str):
        found = _or_else((least < 0) & (nw.col(limits.negative) == 0), NEGATIVE, found)
    elif not limits.negative:
        found = _or_else(least < 0, NEGATIVE, found)
    found = _or_else(nw.col(VALUE).is_null(), NO_VALUE, found)
    return nw.when(nw.col(UNMATCHED) > 0).then(nw.col(UNMATCHED)).otherwise(found)


def _or_else(condition: nw.Expr, why: str, otherwise: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(FAULTS.index(why) + 1)).otherwise(otherwise)


def unmatched(columns: Columns) -> nw.Expr:
    """Return the number of why term and unit of a row have no limits, 0 where they have."""
    term, unit = nw.col(TERM), nw.col(UNIT)
    found: nw.Expr = nw.lit(FAULTS.index(WRONG_UNIT) + 1)
    found = _or_else(~nw.col(UNIT_KNOWN), UNKNOWN_UNIT, found)
    found = _or_else(unit == "", NO_UNIT, found)
    found = _or_else(nw.col(VALUE).is_null(), NO_VALUE, found)
    found = _or_else(nw.col(SEVERAL_MEASURES), SEVERAL, found)
    unknown = UNKNOWN_PAIR if columns.analyte else UNKNOWN_TERM
    found = _or_else(~nw.col(TERM_KNOWN), unknown, found)
    found = _or_else((term == "") | (term == BETWEEN), NO_TERM, found)
    return nw.when(nw.col(BLOCK).is_null()).then(found).otherwise(nw.lit(0))


def refers_somewhere(limits: Limits) -> bool:
    """Say whether the publication gives no grade for some values of some table."""
    return any(REFERS in by_grade for by_grade in limits.conjunctions.values())


def code(limits: Limits, settled: nw.Expr, worst: nw.Expr, mildest: nw.Expr) -> nw.Expr:
    """Return the number of the reason why a row is not settled; null where it is."""
    bits: nw.Expr = nw.lit(0)
    for bit, of in enumerate(OWN.values()):
        bits = bits + nw.when(nw.col(of).is_null()).then(nw.lit(1 << bit)).otherwise(nw.lit(0))
    kinds = nw.col(OPEN)
    number = ((kinds * (1 << len(OWN)) + bits) * STEPS + worst) * STEPS + mildest + _FIRST
    if refers_somewhere(limits):
        note = kinds + (_FIRST + len(limits.left_open) * (STEPS * STEPS << len(OWN)))
        number = nw.when(nw.col("_itp_referred")).then(note).otherwise(number)
    number = nw.when(nw.col(FAULT) == 0).then(number).otherwise(nw.col(FAULT))
    return nw.when(~settled).then(number)
