"""The rule engine: a table of rows in the order of the publication, and one reader for a patient.

Conditions are a closed set of frozen nodes (`Compare`, `Is`, `AllOf`, `AnyOf`, `Not`, `Either`);
they hold data and no behavior. Everything is three-valued: a condition is true, false or unknown.
The readers stand elsewhere and read the same nodes: one patient in `itp_carT.verdict`, columns in
`itp_carT.frames`, pages in `itp_carT.sphinxext`, probes in `itp_carT.strategies`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from enum import Enum
from fractions import Fraction
from typing import Any, TypeAlias, assert_never

from attrs import field, fields, frozen, validators

from .sources import Citation
from .units import Quantity, parse


class Reference(Enum):
    """What of the patient's own a value may be compared with."""

    VALUE = "value"
    LLN = "lower limit of normal"
    ULN = "upper limit of normal"
    BASELINE = "baseline"


class _Condition:
    """Base of the nodes: conditions are joined with ``&``, ``|`` and ``~``."""

    __slots__ = ()

    def __and__(self, other: Condition) -> AllOf:
        return AllOf((self, other))  # type: ignore[arg-type]  # every subclass is a Condition

    def __or__(self, other: Condition) -> AnyOf:
        return AnyOf((self, other))  # type: ignore[arg-type]

    def __invert__(self) -> Not:
        return Not(self)  # type: ignore[arg-type]

    def __bool__(self) -> bool:
        raise TypeError(
            "a condition has no truth of its own: join with & and |, and write a < X < b as "
            "(X > a) & (X < b)"
        )


@frozen
class Limit:
    """What a measure is compared with: published values, or a factor of the patient's own.

    Parameters
    ----------
    published
        The limit as published [each in its own unit], once per unit system; SI and US limits are
        not conversions of each other, so the unit of the report chooses.
    factor, of
        A factor times the patient's own lower or upper limit of normal or baseline; ``published``
        is then added to it (a rise "of more than 20 g/L" is 1 × baseline + 20 g/L).
    measure
        Whose own limit or baseline it is.
    """

    published: tuple[Quantity, ...] = ()
    factor: Fraction = Fraction(0)
    of: Reference | None = None
    measure: Any = None

    def __rmul__(self, factor: float | Fraction) -> Limit:
        return Limit(self.published, exact(factor) * self.factor, self.of, self.measure)

    def __add__(self, more: str | Limit) -> Limit:
        added = limits(more) if isinstance(more, str) else more
        return Limit(added.published, self.factor, self.of, self.measure)

    def __sub__(self, less: str | Limit) -> Limit:
        taken = limits(less) if isinstance(less, str) else less
        negative = tuple(parse(f"-{value}") for value in taken.published)
        return Limit(negative, self.factor, self.of, self.measure)

    def __str__(self) -> str:
        own = ""
        if self.of is not None:
            name = {"LLN": "LLN", "ULN": "ULN"}.get(self.of.name, self.of.value)
            own = name if self.factor == 1 else f"{float(self.factor):g} × {name}"
        published = " | ".join(str(value).removesuffix(" 1") for value in self.published)
        if own and published.startswith("-"):
            return f"{own} − {published[1:]}"
        return f"{own} + {published}" if own and published else own or published


def exact(number: float | Fraction) -> Fraction:
    """Return a decimal as it is written, not as binary stores it.

    Examples
    --------
    >>> exact(0.35) == exact(0.3) + exact(0.05)
    True
    """
    return number if isinstance(number, Fraction) else Fraction(str(number))


def limits(*published: str | float) -> Limit:
    """Make a limit that is published once per unit system, e.g. ``"80 g/L", "8.0 g/dL"``."""
    return Limit(
        tuple(
            parse(value) if isinstance(value, str) else parse(f"{value} 1") for value in published
        )
    )


def as_limit(given: str | float | Limit) -> Limit:
    """Return the limit meant by text, a number without dimension, or a limit."""
    return given if isinstance(given, Limit) else limits(given)


@frozen
class Fact:
    """Something that holds or does not hold for the patient at the moment that is judged.

    Parameters
    ----------
    key
        Unique name, e.g. ``"anticoagulated"``.
    label
        Our own short label.
    when_absent
        What the fact counts as when nothing was said; None leaves it unknown. What was counted
        so is listed in the verdict's ``assumed``.
    """

    key: str
    label: str
    when_absent: bool | None = field(default=None, kw_only=True)

    def is_(self, value: bool = True) -> Is | Not:
        """Return the condition that the fact holds (or, with False, does not)."""
        return Is(self) if value else Not(Is(self))

    @property
    def yes(self) -> Known:
        """The statement that the fact holds."""
        return Known(self, True)

    @property
    def no(self) -> Known:
        """The statement that the fact does not hold."""
        return Known(self, False)


@frozen
class Known:
    """A fact that somebody reported, one way or the other."""

    fact: Fact
    holds: bool

    @property
    def signature(self) -> None:
        """A fact has no unit to compile a table for."""


@frozen
class Compare(_Condition):
    """A measure against a limit; ``left`` may also be the baseline itself."""

    measure: Any
    op: str = field(validator=validators.in_(("<", "<=", ">", ">=")))
    limit: Limit = field(validator=validators.instance_of(Limit))
    left: Reference = Reference.VALUE


@frozen
class Is(_Condition):
    """A fact that holds."""

    fact: Fact


@frozen
class AllOf(_Condition):
    """Every part is true."""

    parts: tuple[Condition, ...]


@frozen
class AnyOf(_Condition):
    """At least one part is true."""

    parts: tuple[Condition, ...]


@frozen
class Not(_Condition):
    """The part is false."""

    part: Condition


@frozen
class Either(_Condition):
    """One of two rules, chosen by a test; where both agree the test need not be known."""

    test: Condition
    then: Condition
    otherwise: Condition


Condition: TypeAlias = Compare | Is | AllOf | AnyOf | Not | Either


def attested(label: str) -> Is:
    """Make the condition that a clinician stated this; absent, it counts as not reported."""
    return Is(Fact(f"attested: {label}", label, when_absent=False))


def either(test: Condition, then: Condition, otherwise: Condition) -> Either:
    """Choose between two rules by a test, e.g. whether the baseline was abnormal."""
    return Either(test, then, otherwise)


@frozen
class Row:
    """One outcome and what it takes.

    Parameters
    ----------
    outcome
        For example a grade.
    when
        The condition.
    note
        Our reading, where the text leaves a choice.
    """

    outcome: Any
    when: Condition
    note: str = ""


@frozen
class Table:
    """A published rule: rows from the worst down, and what holds when none does.

    Parameters
    ----------
    key
        Unique key, e.g. ``"ctcae-v5.0:anemia"``.
    term
        The term as the publication prints it.
    rows
        Worst first; the first that is true decides.
    otherwise
        The outcome when every row is false.
    source
        Where the rule is published.
    code
        The term's code in the publication's catalogue (MedDRA for CTCAE).
    variant
        Tells apart several tables of one term, e.g. ``"ionized"``.
    note
        Our reading, where the text leaves a choice.
    refers
        A condition under which the publication gives no outcome here, and where it sends us.
    """

    key: str
    term: str
    rows: tuple[Row, ...] = field(validator=validators.min_len(1))
    otherwise: Any
    source: Citation = field(validator=validators.instance_of(Citation))
    code: str = ""
    variant: str = ""
    note: str = ""
    refers: Row | None = None
    _programs: dict[Any, Any] = field(factory=dict, init=False, eq=False, repr=False)

    def __reduce__(self) -> tuple[Any, ...]:
        # what was compiled for this process stays in it
        return _table, (
            {part.name: getattr(self, part.name) for part in fields(Table) if part.init},
        )

    @property
    def name(self) -> str:
        """The term with its variant, e.g. ``Hypercalcemia (Ionized)``."""
        return f"{self.term} ({self.variant.capitalize()})" if self.variant else self.term

    @property
    def outcomes(self) -> tuple[Any, ...]:
        """Every outcome the table can give, in its order."""
        return tuple(dict.fromkeys((*(row.outcome for row in self.rows), self.otherwise)))

    @property
    def measures(self) -> tuple[Any, ...]:
        """The measures the table compares, each once, in order."""
        kept: tuple[Any, ...] | None = self._programs.get("measures")
        if kept is None:
            found = (leaf.measure for leaf in leaves(self) if isinstance(leaf, Compare))
            kept = tuple({measure.key: measure for measure in found}.values())
            self._programs["measures"] = kept
        return kept

    @property
    def facts(self) -> tuple[Fact, ...]:
        """The facts the table asks for, each once, in order."""
        kept: tuple[Fact, ...] | None = self._programs.get("facts")
        if kept is None:
            found = (leaf.fact for leaf in leaves(self) if isinstance(leaf, Is))
            kept = tuple({fact.key: fact for fact in found}.values())
            self._programs["facts"] = kept
        return kept

    @property
    def fingerprint(self) -> str:
        """A hash of the rendered table: a changed number changes it."""
        return hashlib.sha256(text_of(self).encode()).hexdigest()[:16]


def _table(values: dict[str, Any]) -> Table:
    return Table(**values)


def walk(condition: Condition) -> Iterator[Compare | Is]:
    """Yield the comparisons and facts of a condition, in order."""
    match condition:
        case Compare() | Is():
            yield condition
        case AllOf(parts) | AnyOf(parts):
            for part in parts:
                yield from walk(part)
        case Not(part):
            yield from walk(part)
        case Either(test, then, otherwise):
            for part in (test, then, otherwise):
                yield from walk(part)
        case _:
            assert_never(condition)


def leaves(table: Table) -> Iterator[Compare | Is]:
    """Yield every comparison and fact of a table, row by row."""
    for row in (*((table.refers,) if table.refers else ()), *table.rows):
        yield from walk(row.when)


def _as_it_is(text: str) -> str:
    return text


def text_of(part: Table | Condition, say: Callable[[str], str] = _as_it_is) -> str:
    """Write a table or a condition in words and signs, the same on every run.

    Parameters
    ----------
    part
        The table or condition.
    say
        Puts the words of a condition into another language.
    """
    match part:
        case Table():
            lines = [f"{part.key} | {part.name} | {part.code} | {part.source}"]
            if part.refers:
                lines.append(f"refers: {text_of(part.refers.when)} -> {part.refers.note}")
            lines += [f"{outcome_name(row.outcome)}: {text_of(row.when)}" for row in part.rows]
            return "\n".join([*lines, f"otherwise: {outcome_name(part.otherwise)}"])
        case Compare():
            left = part.measure.label
            if part.left is not Reference.VALUE:
                left = f"{part.left.value} {left}"
            sign = {"<=": "≤", ">=": "≥"}.get(part.op, part.op)
            return f"{say(left)} {sign} {say(str(part.limit))}"
        case Is():
            return say(part.fact.label)
        case AllOf():
            return say("{0} and {1}")[3:-3].join(_bracketed(inner, say) for inner in part.parts)
        case AnyOf():
            return say("{0} or {1}")[3:-3].join(_bracketed(inner, say) for inner in part.parts)
        case Not():
            return say("not ({0})").format(text_of(part.part, say))
        case Either():
            test, then, otherwise = (
                text_of(inner, say) for inner in (part.test, part.then, part.otherwise)
            )
            return say("if {0}: {1}; else: {2}").format(test, then, otherwise)
        case _:
            assert_never(part)


def _bracketed(part: Condition, say: Callable[[str], str]) -> str:
    inner = text_of(part, say)
    return f"({inner})" if isinstance(part, AnyOf | AllOf | Either) else inner


def outcome_name(outcome: Any) -> str:
    """Return how an outcome is printed, e.g. ``G3``."""
    return outcome.name if isinstance(outcome, Enum) else str(outcome)
