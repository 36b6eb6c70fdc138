"""Conditions compiled to a pair of expressions: surely true, and possibly true.

Unknown is the difference of the two. A truth that depends on no row is a plain bool, so that what
nobody reported costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias, assert_never

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.notation import unit
from itp_carT.rules import AllOf, AnyOf, Compare, Condition, Either, Fact, Is, Not, Table
from itp_carT.verdict import limit_in, margin

from .shape import rows_of

#: Whether a condition holds.
Truth: TypeAlias = nw.Expr | bool
Pair: TypeAlias = tuple[Truth, Truth]


def both(one: Truth, other: Truth) -> Truth:
    """Return the conjunction of two truths."""
    if isinstance(one, bool):
        return other if one else False
    if isinstance(other, bool):
        return one if other else False
    return one & other


def opposite(one: Truth) -> Truth:
    """Return the negation of a truth."""
    return not one if isinstance(one, bool) else ~one


def either(one: Truth, other: Truth) -> Truth:
    """Return the disjunction of two truths."""
    if isinstance(one, bool):
        return True if one else other
    if isinstance(other, bool):
        return True if other else one
    return one | other


def pair(node: Condition, compare: Callable[[Compare], Pair], fact: Callable[[Fact], Pair]) -> Pair:
    """Compile a condition; ``compare`` and ``fact`` say what is known of its leaves."""
    match node:
        case Compare():
            return compare(node)
        case Is(asked):
            return fact(asked)
        case AllOf(parts) | AnyOf(parts):
            join = both if isinstance(node, AllOf) else either
            surely: Truth = isinstance(node, AllOf)
            possibly = surely
            for part in parts:
                one, other = pair(part, compare, fact)
                surely, possibly = join(surely, one), join(possibly, other)
            return surely, possibly
        case Not(part):
            surely, possibly = pair(part, compare, fact)
            return opposite(possibly), opposite(surely)
        case Either(test, then, otherwise):
            (ts, tp), (ys, yp), (ns, np) = (pair(p, compare, fact) for p in (test, then, otherwise))
            chosen = either(both(ts, ys), both(opposite(tp), ns))
            return either(chosen, both(ys, ns)), either(both(tp, yp), both(opposite(ts), np))
        case _:
            assert_never(node)


@frozen(eq=False)
class Span:
    """A number of which the least and the most are known; null where nothing is.

    Parameters
    ----------
    low, high
        Columns; the same one for a number that is known.
    unit
        Their unit.
    """

    low: nw.Expr
    high: nw.Expr
    unit: str

    def pair(self, node: Compare, table: Table) -> Pair:
        """Compare with an absolute limit, with the tolerance of `itp_carT.verdict`."""
        edge = limit_in(node.limit, unit(self.unit), table.name)
        above, inclusive = node.op[0] == ">", len(node.op) == 2
        edge += margin(edge) * (-1 if inclusive is above else 1)
        if above:
            surely, possibly = self.low > edge, self.high > edge
        else:
            surely, possibly = self.high < edge, self.low < edge
        known = ~self.low.is_null()
        return known & surely, ~known | possibly


def first(
    table: Table, compare: Callable[[Compare], Pair], fact: Callable[[Fact], Pair]
) -> tuple[nw.Expr, nw.Expr]:
    """Return the worst and the mildest grade that the facts still allow."""
    grades: tuple[Any, Any] = (nw.lit(int(table.otherwise)), nw.lit(int(table.otherwise)))
    worst, mildest = grades
    for outcome, when in reversed(rows_of(table)):
        surely, possibly = pair(when, compare, fact)
        worst = _when(possibly, outcome, worst)
        mildest = _when(surely, outcome, mildest)
    return worst.cast(nw.Int8), mildest.cast(nw.Int8)


def expression(one: Truth) -> nw.Expr:
    """Return a truth as an expression."""
    return nw.lit(one) if isinstance(one, bool) else one


def _when(holds: Truth, outcome: Any, otherwise: nw.Expr) -> nw.Expr:
    if isinstance(holds, bool):
        return nw.lit(int(outcome)) if holds else otherwise
    return nw.when(holds).then(nw.lit(int(outcome))).otherwise(otherwise)


__all__ = ["Pair", "Span", "Truth", "both", "either", "expression", "first", "opposite", "pair"]
