"""A published set of response criteria, and the choices that publications leave open."""

from __future__ import annotations

from typing import Any, assert_never

from attrs import evolve, field, frozen, validators

from itp_carT.errors import ImpossibleError
from itp_carT.rules import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Either,
    Is,
    Not,
    Reference,
    Row,
    Table,
    exact,
)
from itp_carT.sources import Citation

from .point import Response
from .windows import Windows


def _one_of(*words: str) -> Any:
    return validators.in_(words)


@frozen(kw_only=True)
class Options:
    """The choices the definitions leave open; each default is named in the guide with its reason.

    Parameters
    ----------
    confirm_response_days
        Least distance [days] of the confirming count; 0 takes a single count.
    confirm_loss_days
        Least distance [days] of the count that confirms a loss; 0 takes a single count.
    dated_by
        Which of the two counts dates the response: ``"first"`` or ``"second"``.
    between
        ``"all"``: every count between the two qualifies too; ``"ends"``: only the two.
    transfusion_days, rescue_days
        How long [days] after a transfusion, or after any other rescue, counts are ignored.
    rescue
        ``"loss"``: rescue ends a dated response; ``"mask"``: it only masks counts; ``"ignored"``.
    transfusion
        What a platelet transfusion is to a dated response: ``"loss"``, ``"mask"``, or
        ``"failure"`` (all later counts are ignored).
    crs_steroids
        ``"rescue"`` (with its own reason kept) or ``"ignored"``.
    bleeding_twice
        Whether bleeding must be seen at two assessments to end a response.
    every_cause
        Whether menses, trauma and procedures count as bleeding though not disproportionate.
    baseline
        ``"before conditioning"`` (last count outside rescue on or before the first conditioning
        day), ``"before infusion"``, or ``"any"`` (the last one, transfused or not).
    baseline_below_limit
        A baseline below the reporting limit counts as the ``"limit"``, or is ``"unknown"``.
    conditioning_day
        First day of conditioning, from the infusion.
    clock
        Where times start: ``"infusion"`` or ``"conditioning"``.
    first_day, last_day
        Days between which a response may be dated; ``last_day=None`` keeps late ones, flagged.
    late_after
        A first response after this day is flagged ``late``.
    same_day
        Two different counts on one day: ``"refuse"``, ``"lowest"``, ``"highest"`` or ``"last"``.
    on_treatment
        A response under ITP medication: ``"flag"`` or ``"no response"``.
    death
        Death in response: ``"censor"`` or ``"event"``.
    windows
        Which visit stands for week 1 and months 1, 6 and 12.
    """

    confirm_response_days: int = field(default=7, validator=validators.ge(0))
    confirm_loss_days: int = field(default=1, validator=validators.ge(0))
    dated_by: str = field(default="first", validator=_one_of("first", "second"))
    between: str = field(default="all", validator=_one_of("all", "ends"))
    transfusion_days: int = field(default=7, validator=validators.ge(0))
    rescue_days: int = field(default=28, validator=validators.ge(0))
    rescue: str = field(default="loss", validator=_one_of("loss", "mask", "ignored"))
    transfusion: str = field(default="loss", validator=_one_of("loss", "mask", "failure"))
    crs_steroids: str = field(default="rescue", validator=_one_of("rescue", "ignored"))
    bleeding_twice: bool = False
    every_cause: bool = False
    baseline: str = field(
        default="before conditioning",
        validator=_one_of("before conditioning", "before infusion", "any"),
    )
    baseline_below_limit: str = field(default="limit", validator=_one_of("limit", "unknown"))
    conditioning_day: int = -5
    clock: str = field(default="infusion", validator=_one_of("infusion", "conditioning"))
    first_day: int = 1
    last_day: int | None = None
    late_after: int = 180
    same_day: str = field(
        default="refuse", validator=_one_of("refuse", "lowest", "highest", "last")
    )
    on_treatment: str = field(default="flag", validator=_one_of("flag", "no response"))
    death: str = field(default="censor", validator=_one_of("censor", "event"))
    windows: Windows = Windows()


@frozen(kw_only=True)
class Term:
    """A named outcome at a time, e.g. durable response at 6 months.

    Parameters
    ----------
    key
        Name, e.g. ``"durable"``.
    at
        Which visit: ``"week 1"``, ``"month 1"``, ``"month 6"`` or ``"month 12"``.
    table, met
        The table for that visit, and the outcomes that meet the term.
    lasting
        Whether it also needs a confirmed response that was not lost before that visit.
    source
        Where it is published.
    """

    key: str
    at: str = field(validator=_one_of("week 1", "month 1", "month 6", "month 12"))
    table: Table
    met: tuple[Response, ...]
    lasting: bool = False
    source: Citation


@frozen(kw_only=True)
class Criteria:
    """A published set of response criteria, as the walk reads it.

    Parameters
    ----------
    key, title
        Names.
    point
        The table for one visit.
    levels
        The responses, best first.
    options
        What the publication fixes; the rest has the library's defaults.
    loss
        Whether the publication has a loss rule at all; without one there is no duration.
    complete_loss
        Whether a complete response has a loss rule of its own.
    terms
        Named outcomes at a time, e.g. durable response.
    source
        Where it is published.
    """

    key: str
    title: str
    point: Table
    levels: tuple[Response, ...]
    options: Options = Options()
    loss: bool = True
    complete_loss: bool = True
    terms: tuple[Term, ...] = ()
    source: Citation

    @property
    def weakest(self) -> Response:
        """The least response of the set, e.g. R."""
        return self.levels[-1]

    def with_options(self, **changes: Any) -> Criteria:
        """Return the same criteria with some options changed."""
        return evolve(self, options=evolve(self.options, **changes))

    def with_fold(self, fold: float) -> Criteria:
        """Return the same criteria with another multiple of the baseline, e.g. 3 in place of 2."""
        if not fold > 0:
            raise ImpossibleError(f"{fold} times the baseline is no rise", field="fold", given=fold)
        terms = tuple(evolve(term, table=_folded(term.table, fold)) for term in self.terms)
        return evolve(self, point=_folded(self.point, fold), terms=terms)


def _folded(table: Table, fold: float) -> Table:
    rows = tuple(Row(row.outcome, _with_fold(row.when, fold), row.note) for row in table.rows)
    key = table.key if rows == table.rows else f"{table.key}:{fold:g}-fold"
    return evolve(table, key=key, rows=rows)


def _with_fold(node: Condition, fold: float) -> Condition:
    match node:
        case Compare():
            if node.limit.of is not Reference.BASELINE:
                return node
            return evolve(node, limit=evolve(node.limit, factor=exact(fold)))
        case Is():
            return node
        case AllOf(parts):
            return AllOf(tuple(_with_fold(part, fold) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_with_fold(part, fold) for part in parts))
        case Not(part):
            return Not(_with_fold(part, fold))
        case Either(test, then, otherwise):
            return Either(*(_with_fold(part, fold) for part in (test, then, otherwise)))
        case _:
            assert_never(node)
