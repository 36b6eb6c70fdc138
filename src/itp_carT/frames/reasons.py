"""Why a row has no settled grade: one sentence each, the same in every engine."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from itp_carT.notation import TOLERANCE
from itp_carT.rules import Reference

from .cleaning import UNREADABLE
from .keys import SEVERAL_MEASURES, TERM_KNOWN, UNIT_KNOWN
from .limits import REFERENCES, TERM, UNIT, Limits
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

VALUE = "_itp_v"
#: The range printed with the baseline sample.
THEN = ("_itp_l_then", "_itp_u_then")
OWN = dict(zip(REFERENCES, ("_itp_l", "_itp_u", "_itp_b"), strict=True))


def faults(columns: Columns) -> list[tuple[nw.Expr, str]]:
    """Return conditions under which a row of a known term and unit cannot be graded, and why."""
    negative = nw.col(VALUE) < 0
    for own in OWN.values():
        negative = negative | (nw.col(own) < 0)
    lln, uln = nw.col(OWN[Reference.LLN]), nw.col(OWN[Reference.ULN])
    then = [nw.col(n) for n, given in zip(THEN, columns.range_then, strict=True) if given]
    for limit in then:
        negative = negative | (limit < 0)
    found = [
        (nw.col("_itp_negative").is_null(), ""),
        (nw.col(VALUE).is_null(), NO_VALUE),
        (negative & (nw.col("_itp_negative") == 0), NEGATIVE),
        (lln > uln * (1 + TOLERANCE), RANGE),
    ]
    if len(then) == 2:
        found.append((then[0] > then[1] * (1 + TOLERANCE), RANGE))
    if columns.baseline_flag:
        found.append((nw.col("_itp_flag") == UNREADABLE, FLAG))
    answers = [f"_itp_fact_{key}" for key in columns.facts]
    answers += ["_itp_sample"] if columns.is_baseline else []
    return found + [(nw.col(name) == UNREADABLE, ANSWER) for name in answers]


def can_be_graded(columns: Columns, limits: Limits) -> nw.Expr:
    """Say whether a row can be graded, as 1 or 0."""
    told = nw.lit(1)
    if refers_somewhere(limits):
        told = nw.when(nw.col("_itp_referred")).then(nw.lit(0)).otherwise(told)
    for condition, _ in reversed(faults(columns)):
        told = nw.when(condition).then(nw.lit(0)).otherwise(told)
    return told == 1


def refers_somewhere(limits: Limits) -> bool:
    """Say whether the publication gives no grade for some values of some table."""
    return any(-1 in by_grade for by_grade in limits.conjunctions.values())


def reason(limits: Limits, columns: Columns, settled: nw.Expr) -> nw.Expr:
    """Say why a row is not settled; null where it is."""
    text = nw.concat_str(nw.lit(SAY), nw.col("_itp_ask"))
    missing = {
        of: nw.col(own).is_null() & (nw.col(f"_itp_uses_{of.name.lower()}") == 1)
        for of, own in OWN.items()
    }
    for size in (1, 2, 3):
        for some in itertools.combinations(REFERENCES, size):
            every = missing[some[0]]
            for of in some[1:]:
                every = every & missing[of]
            names = " and the ".join(of.value for of in some)
            text = nw.when(every).then(nw.lit(GIVE + names)).otherwise(text)
    if refers_somewhere(limits):
        text = nw.when(nw.col("_itp_referred")).then(nw.col("_itp_refers")).otherwise(text)
    for condition, why in reversed(faults(columns)):
        then = nw.lit(why) if why else _unmatched(columns)
        text = nw.when(condition).then(then).otherwise(text)
    return nw.when(~settled).then(text)


def _unmatched(columns: Columns) -> nw.Expr:
    """Say why term and unit of a row have no limits."""
    term, unit = nw.col(TERM), nw.col(UNIT)
    text = nw.lit(WRONG_UNIT)
    text = nw.when(~nw.col(UNIT_KNOWN)).then(nw.lit(UNKNOWN_UNIT)).otherwise(text)
    text = nw.when(unit == "").then(nw.lit(NO_UNIT)).otherwise(text)
    text = nw.when(nw.col(VALUE).is_null()).then(nw.lit(NO_VALUE)).otherwise(text)
    text = nw.when(nw.col(SEVERAL_MEASURES)).then(nw.lit(SEVERAL)).otherwise(text)
    unknown = UNKNOWN_PAIR if columns.analyte else UNKNOWN_TERM
    text = nw.when(~nw.col(TERM_KNOWN)).then(nw.lit(unknown)).otherwise(text)
    return nw.when((term == "") | (term == BETWEEN)).then(nw.lit(NO_TERM)).otherwise(text)
