"""Why a row has no settled grade: one sentence each, the same in every engine."""

from __future__ import annotations

from typing import TYPE_CHECKING

import narwhals.stable.v2 as nw

from itp_carT.notation import TOLERANCE
from itp_carT.rules import Reference

from .cleaning import UNREADABLE
from .grid import REFERS
from .keys import SEVERAL_MEASURES, TERM_KNOWN, UNIT_KNOWN
from .limits import ASK, NOTE, REFERENCES, TERM, UNIT, Limits
from .limits import NEGATIVE as MAY_BE_NEGATIVE
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

VALUE, FAULT = "_itp_v", "_itp_fault"
#: The range printed with the baseline sample.
THEN = ("_itp_l_then", "_itp_u_then")
OWN = dict(zip(REFERENCES, ("_itp_l", "_itp_u", "_itp_b"), strict=True))


#: What keeps a row from being graded at all; its number is its place, from 1.
FAULTS = (
    NO_TERM, UNKNOWN_TERM, UNKNOWN_PAIR, SEVERAL, NO_VALUE, NO_UNIT, UNKNOWN_UNIT, WRONG_UNIT,
    NEGATIVE, RANGE, FLAG, ANSWER,
)  # fmt: skip
#: Which of the patient's own limits are missing, each a bit of the number.
GIVEN = tuple(
    GIVE + " and the ".join(of.value for bit, of in enumerate(REFERENCES) if number >> bit & 1)
    for number in range(1, 1 << len(REFERENCES))
)


def words(limits: Limits) -> tuple[str, ...]:
    """Return the reasons by number; 0 is none."""
    asks = (SAY + text for text in limits.asks)
    return ("", *FAULTS, *GIVEN, *asks, *limits.notes)


def fault(columns: Columns) -> nw.Expr:
    """Return the number of what keeps a row from being graded, 0 where nothing does."""
    negative = nw.col(VALUE) < 0
    for own in OWN.values():
        negative = negative | (nw.col(own) < 0)
    lln, uln = nw.col(OWN[Reference.LLN]), nw.col(OWN[Reference.ULN])
    then = [nw.col(n) for n, given in zip(THEN, columns.range_then, strict=True) if given]
    for limit in then:
        negative = negative | (limit < 0)
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
    found = _or_else(negative & (nw.col(MAY_BE_NEGATIVE) == 0), NEGATIVE, found)
    found = _or_else(nw.col(VALUE).is_null(), NO_VALUE, found)
    return nw.when(nw.col(MAY_BE_NEGATIVE).is_null()).then(_unmatched(columns)).otherwise(found)


def _or_else(condition: nw.Expr, why: str, otherwise: nw.Expr) -> nw.Expr:
    return nw.when(condition).then(nw.lit(FAULTS.index(why) + 1)).otherwise(otherwise)


def _unmatched(columns: Columns) -> nw.Expr:
    """Return why term and unit of a row have no limits."""
    term, unit = nw.col(TERM), nw.col(UNIT)
    found: nw.Expr = nw.lit(FAULTS.index(WRONG_UNIT) + 1)
    found = _or_else(~nw.col(UNIT_KNOWN), UNKNOWN_UNIT, found)
    found = _or_else(unit == "", NO_UNIT, found)
    found = _or_else(nw.col(VALUE).is_null(), NO_VALUE, found)
    found = _or_else(nw.col(SEVERAL_MEASURES), SEVERAL, found)
    unknown = UNKNOWN_PAIR if columns.analyte else UNKNOWN_TERM
    found = _or_else(~nw.col(TERM_KNOWN), unknown, found)
    return _or_else((term == "") | (term == BETWEEN), NO_TERM, found)


def refers_somewhere(limits: Limits) -> bool:
    """Say whether the publication gives no grade for some values of some table."""
    return any(REFERS in by_grade for by_grade in limits.conjunctions.values())


def code(limits: Limits, settled: nw.Expr) -> nw.Expr:
    """Return the number of the reason why a row is not settled; null where it is."""
    bits: nw.Expr = nw.lit(0)
    for bit, of in enumerate(REFERENCES):
        missing = nw.col(OWN[of]).is_null() & (nw.col(f"_itp_uses_{of.name.lower()}") == 1)
        bits = bits + nw.when(missing).then(nw.lit(1 << bit)).otherwise(nw.lit(0))
    first = 1 + len(FAULTS) + len(GIVEN)
    # pandas has made floats of looked-up numbers, and takes whole ones only as the other choice
    number = nw.when(bits == 0).then(nw.col(ASK) + first).otherwise(bits + len(FAULTS))
    if refers_somewhere(limits):
        note = nw.col(NOTE) + (first + len(limits.asks))
        number = nw.when(nw.col("_itp_referred")).then(note).otherwise(number)
    number = nw.when(nw.col(FAULT) == 0).then(number).otherwise(nw.col(FAULT))
    return nw.when(~settled).then(number)
