"""What a row of findings tells of the facts of a rule, and the results of a scale.

A finding in words is one of a few cases; what each case says comes from the scalar reader. From
that the table of the scale is compiled, as from any other column.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import narwhals.stable.v2 as nw
from attrs import frozen

from itp_carT.notation import unit
from itp_carT.rules import Compare, Fact, Table
from itp_carT.verdict import limit_in

from . import cleaning
from .conditions import Pair, Span, Truth, expression, first
from .limits import NO, YES
from .order import number

#: A condition of a row, and what is wrong with it.
Fault = tuple[nw.Expr, str]
UNTOLD = "not settled: not told: "
_BEYOND = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge}


@frozen(eq=False)
class Cases:
    """Cells that are one of a few cases, and what each case says of the facts of a rule.

    Parameters
    ----------
    code
        The column of cases.
    truths
        Per case, what is known by the key of a fact (true or false) or of a measure (its number);
        None is not known.
    """

    code: nw.Expr
    truths: Mapping[int, Mapping[str, Any]]

    def knows(self, key: str) -> bool:
        """Say whether the cases tell anything of a fact or a measure."""
        return any(key in told for told in self.truths.values())

    def fact(self, fact: Fact) -> Pair:
        """Return whether a fact surely, and possibly, holds."""
        return self.pair(
            lambda told: fact.when_absent if told.get(fact.key) is None else told[fact.key]
        )

    def compare(self, node: Compare, table: Table) -> Pair:
        """Return whether a count surely, and possibly, is beyond a limit."""
        limit = limit_in(node.limit, unit(node.measure.unit), table.name)
        key, beyond = node.measure.key, _BEYOND[node.op]
        return self.pair(lambda told: None if told.get(key) is None else beyond(told[key], limit))

    def pair(self, holds: Callable[[Mapping[str, Any]], bool | None]) -> Pair:
        """Return in which cases something surely, and possibly, holds."""
        said = {code: holds(told) for code, told in self.truths.items()}
        surely = [code for code, answer in said.items() if answer]
        possibly = [code for code, answer in said.items() if answer is not False]
        return self.among(surely), self.among(possibly)

    def among(self, codes: list[int]) -> nw.Expr | bool:
        """Say whether the case is one of several."""
        if len(codes) in (0, len(self.truths)):
            return bool(codes)
        return self.code == codes[0] if len(codes) == 1 else self.code.is_in(codes)


def yes_no(code: nw.Expr, fact: Fact) -> Cases:
    """Return the cases of a yes-or-no column."""
    yes, no = {fact.key: True}, {fact.key: False}
    return Cases(code, {YES: yes, NO: no, cleaning.ABSENT: {}})


@frozen(eq=False)
class Known:
    """What the columns tell of the facts and measures of one table.

    Parameters
    ----------
    table
        The rule.
    cases
        Findings in words.
    spans
        Measured values by the key of their measure.
    """

    table: Table
    cases: tuple[Cases, ...]
    spans: Mapping[str, Span]

    def fact(self, fact: Fact) -> Pair:
        """Return whether a fact surely, and possibly, holds."""
        for one in self.cases:
            if one.knows(fact.key):
                return one.fact(fact)
        absent = fact.when_absent
        return (False, True) if absent is None else (absent, absent)

    def compare(self, node: Compare) -> Pair:
        """Return whether a measure surely, and possibly, is beyond a limit."""
        key = node.measure.key
        if key in self.spans:
            return self.spans[key].pair(node, self.table)
        for one in self.cases:
            if one.knows(key):
                return one.compare(node, self.table)
        return False, True

    def open(self, fact: Fact) -> Truth:
        """Say where it is not known whether a fact holds."""
        surely, possibly = self.fact(fact)
        if isinstance(surely, bool) or isinstance(possibly, bool):
            return expression(possibly) & ~expression(surely)
        return possibly & ~surely

    def unmeasured(self, key: str) -> Truth:
        """Say where nothing is known of a measure."""
        return self.spans[key].low.is_null() if key in self.spans else True

    def grades(self) -> tuple[nw.Expr, nw.Expr]:
        """Return the worst and the mildest grade that the findings allow."""
        return first(self.table, self.compare, self.fact)


def results(
    frame: Any,
    start: str,
    grades: tuple[nw.Expr, nw.Expr],
    faults: Iterable[Fault],
    asking: Callable[[nw.Expr], Mapping[str, Truth]],
) -> Any:
    """Add grade, worst, mildest and reason.

    Parameters
    ----------
    frame
        The frame.
    start
        How the names of the results begin.
    grades
        The worst and the mildest grade of a row.
    faults
        What can be wrong with a row; the first counts.
    asking
        Returns, from the mildest grade, what could settle one and in which rows it is not told.
    """
    told = list(faults)
    fault: Any = nw.lit(0)
    for at, (condition, _) in reversed(list(enumerate(told, start=1))):
        fault = number(condition, -at, fault)
    frame = frame.with_columns(
        _itp_worst=grades[0], _itp_mildest=grades[1], _itp_fault=fault.cast(nw.Int16)
    )
    worst, mildest = nw.col("_itp_worst"), nw.col("_itp_mildest")
    fine = nw.col("_itp_fault") == 0
    missing = {label: truth for label, truth in asking(mildest).items() if truth is not False}
    untold: Any = nw.lit(0)
    for at, truth in enumerate(missing.values()):
        untold = untold + number(expression(truth), 1 << at, 0)
    frame = frame.with_columns(
        # columns of their own: engines that write queries would repeat them for every text
        _itp_why=number(fine, untold, nw.col("_itp_fault")).cast(nw.Int16),
        _itp_settled=fine & (worst == mildest),
    )
    settled, texts = nw.col("_itp_settled"), [text for _, text in told]
    return frame.with_columns(
        **{
            f"{start}_grade": nw.when(settled).then(worst),
            f"{start}_grade_worst": nw.when(fine).then(worst),
            f"{start}_grade_mildest": nw.when(fine).then(mildest),
            f"{start}_reason": nw.when(~settled).then(_reason(frame, texts, missing)),
        }
    )


def _reason(frame: Any, faults: list[str], missing: Mapping[str, Truth]) -> nw.Expr:
    """Return the text of the number ``_itp_why``: a fault below 0, else the bits not told."""
    code = nw.col("_itp_why")
    if isinstance(frame, nw.DataFrame):
        texts = {-at: text for at, text in enumerate(faults, start=1)}
        for some in range(1 << len(missing)):
            labels = (label for at, label in enumerate(missing) if some >> at & 1)
            texts[some] = UNTOLD + ", ".join(labels)
        return code.replace_strict([*texts], [*texts.values()], return_dtype=nw.String)
    pieces = [nw.when(expression(truth)).then(nw.lit(label)) for label, truth in missing.items()]
    untold = nw.concat_str(*pieces, separator=", ", ignore_nulls=True)
    found: Any = nw.concat_str(nw.lit(UNTOLD), untold)
    for at, text in enumerate(faults, start=1):
        found = nw.when(code == -at).then(nw.lit(text)).otherwise(found)
    return found  # type: ignore[no-any-return]


__all__ = ["Cases", "Fault", "Known", "results", "yes_no"]
