"""What a row of a table asks of one measure, brought to one shape: an OR of ANDs of atoms.

An atom is ``sign × value > edge + factor × own limit``. Facts that are known are folded away, and
what is left is written twice: when the row surely holds, and when it possibly holds. The shape is
worked out from the nodes of `itp_carT.rules`; the tolerance at a limit is that of
`itp_carT.verdict`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias, assert_never

from attrs import frozen

from itp_carT.notation import Unit
from itp_carT.rules import AllOf, AnyOf, Compare, Condition, Either, Is, Not, Reference, Table
from itp_carT.units import TOLERANCE
from itp_carT.verdict import limit_in, margin


@frozen
class Atom:
    """``sign × left > edge + factor × of``; ``edge`` and ``factor`` already carry the sign."""

    sign: int
    edge: float
    factor: float = 0.0
    of: Reference | None = None
    left: Reference = Reference.VALUE

    def implies(self, other: Atom) -> bool:
        """Say whether this atom cannot hold without the other (own limits are not negative)."""
        same = (self.sign, self.left) == (other.sign, other.left)
        return (
            same and self.of is other.of and self.edge >= other.edge and self.factor >= other.factor
        )


Conjunction: TypeAlias = tuple[Atom, ...]
#: An OR of ANDs; ``()`` never holds, ``((),)`` always does.
Shape: TypeAlias = tuple[Conjunction, ...]
NEVER: Shape = ()
ALWAYS: Shape = ((),)


@frozen
class Moment:
    """What is known before the numbers are: the unit, facts by key, and whether a baseline counts.

    Parameters
    ----------
    table
        Name of the table, for messages.
    unit
        The unit of the numbers as the measure means it.
    scale
        Numbers of a row times this are in ``unit``.
    facts
        Known facts by key.
    no_baseline
        Nothing compares with the baseline, because this is the baseline sample.
    """

    table: str
    unit: Unit
    scale: float
    facts: Mapping[str, bool]
    no_baseline: bool = False


def shape(node: Condition, moment: Moment, *, surely: bool, negated: bool = False) -> Shape:
    """Return when a condition surely (or possibly) holds, or when its negation does.

    Parameters
    ----------
    node
        The condition.
    moment
        What is already known.
    surely
        True for "surely holds", False for "possibly holds".
    negated
        Ask for the negation of the condition.
    """
    match node:
        case Compare():
            return _atom(node, moment, negated)
        case Is(fact):
            holds = moment.facts.get(fact.key, fact.when_absent)
            if holds is None:
                return NEVER if surely else ALWAYS
            return ALWAYS if holds is not negated else NEVER
        case AllOf(parts) | AnyOf(parts):
            shapes = [shape(part, moment, surely=surely, negated=negated) for part in parts]
            every = isinstance(node, AllOf) is not negated  # De Morgan
            return _all(*shapes) if every else _any(*shapes)
        case Not(part):
            return shape(part, moment, surely=surely, negated=not negated)
        case Either(test, then, otherwise):
            holds_not = shape(test, moment, surely=surely, negated=True)
            holds_so = shape(test, moment, surely=surely)
            yes = shape(then, moment, surely=surely, negated=negated)
            no = shape(otherwise, moment, surely=surely, negated=negated)
            chosen = _any(_all(holds_so, yes), _all(holds_not, no))
            # where both rules agree the test need not be known
            return _any(chosen, _all(yes, no)) if surely else chosen
        case _:
            assert_never(node)


def _atom(node: Compare, moment: Moment, negated: bool) -> Shape:
    if moment.no_baseline and Reference.BASELINE in (node.left, node.limit.of):
        return ALWAYS if negated else NEVER
    op = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}[node.op] if negated else node.op
    sign = 1 if op[0] == ">" else -1
    # a limit itself belongs to >= and <=: the edge moves by the tolerance to let it in or out
    outwards = -sign if len(op) == 2 else sign
    fixed = limit_in(node.limit, moment.unit, moment.table) / moment.scale
    if node.limit.of is None:
        edge = fixed + outwards * margin(fixed)
        return ((Atom(sign, sign * edge, left=node.left),),)
    spread = 1 + outwards * TOLERANCE
    factor = float(node.limit.factor) * spread
    return ((Atom(sign, sign * fixed * spread, sign * factor, node.limit.of, node.left),),)


def _any(*shapes: Shape) -> Shape:
    return tidy_up(tuple(part for one in shapes for part in one))


def _all(*shapes: Shape) -> Shape:
    joined = ALWAYS
    for one in shapes:
        joined = tidy_up(tuple(_and((*left, *right)) for left in joined for right in one))
    return joined


def _and(atoms: Conjunction) -> Conjunction:
    """Keep the atoms of a conjunction that no other one of it implies."""
    unique = tuple(dict.fromkeys(atoms))
    return tuple(a for a in unique if not any(b.implies(a) for b in unique if b is not a))


def tidy_up(parts: Shape) -> Shape:
    """Drop conjunctions that cannot hold without another one that is kept."""
    kept: list[Conjunction] = []
    for part in dict.fromkeys(parts):
        if not any(_conjunction_implies(part, other) for other in kept):
            kept = [other for other in kept if not _conjunction_implies(other, part)]
            kept.append(part)
    return tuple(kept)


def _conjunction_implies(one: Conjunction, other: Conjunction) -> bool:
    return all(any(a.implies(b) for a in one) for b in other)


def rows_of(table: Table) -> tuple[tuple[object, Condition], ...]:
    """Return outcome and condition per row, worst first, without rows that change nothing.

    Neighbors with one outcome are one row; rows at the end that say what holds anyway are left
    out.
    """
    rows: list[tuple[object, Condition]] = []
    for row in table.rows:
        if rows and rows[-1][0] == row.outcome:
            rows[-1] = (row.outcome, AnyOf((rows[-1][1], row.when)))
        else:
            rows.append((row.outcome, row.when))
    while rows and rows[-1][0] == table.otherwise:
        rows.pop()
    return tuple(rows)
