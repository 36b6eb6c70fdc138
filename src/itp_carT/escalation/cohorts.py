"""A trial in progress: patients and toxicities per level in, an admissible decision out.

Every recommendation is admissible: it never names a level that was eliminated or not yet opened,
and a state that cannot be one is refused.
"""

from __future__ import annotations

from enum import Enum
from typing import Any

from attrs import evolve, field, frozen, validators

from itp_carT.errors import ImpossibleError, NotPermittedError

from .table import Action, DecisionTable, whole

#: A level holds at most 6 patients in the 3+3 design.
FULL = 6
TOP = "this is the top level"


class Step(Enum):
    """Where the next patients go."""

    ESCALATE = "treat the next cohort one level up"
    EXPAND = "treat more patients at this level"
    DE_ESCALATE = "treat the next cohort one level down"
    STOP = "stop"

    @property
    def label(self) -> str:
        """The step in words."""
        return self.value


@frozen
class Decision:
    """What to do next, with the rule behind it.

    Parameters
    ----------
    step
        Where the next patients go.
    level
        The level they go to, from 1; None after a stop.
    action
        What the table said.
    because
        The rule in words, with the numbers put in and its source.
    eliminated
        Levels that must not be used again.
    """

    step: Step
    level: int | None
    action: Action
    because: str
    eliminated: tuple[int, ...] = ()

    def __str__(self) -> str:
        where = "" if self.level is None else f" (level {self.level})"
        return f"{self.step.label}{where}: {self.because}"


def _numbers(given: Any) -> tuple[int, ...]:
    return tuple(given)


@frozen(kw_only=True)
class Cohorts:
    """Patients treated and toxicities at each dose level, and the level in use.

    Parameters
    ----------
    treated, dlt
        Numbers per level, lowest level first; a level not yet opened has 0 treated.
    current
        The level the last cohort was treated at, from 1.
    eliminated_from
        Lowest level eliminated before; None when none was.

    Raises
    ------
    ImpossibleError
        A state that cannot be: more toxicities than patients, a level skipped, patients at an
        eliminated level in use, or no patient at the current level.

    Examples
    --------
    >>> from itp_carT.escalation.designs import boin
    >>> state = Cohorts(treated=(3, 3, 0), dlt=(0, 1, 0), current=2)
    >>> recommend(boin(0.30), state).step.name
    'EXPAND'
    """

    treated: tuple[int, ...] = field(converter=_numbers, validator=validators.min_len(1))
    dlt: tuple[int, ...] = field(converter=_numbers)
    current: int
    eliminated_from: int | None = None

    def __attrs_post_init__(self) -> None:
        if len(self.treated) != len(self.dlt):
            raise ImpossibleError(
                f"{len(self.treated)} levels treated but {len(self.dlt)} levels with toxicities",
                field="dlt",
                given=self.dlt,
            )
        for level, (treated, dlt) in enumerate(zip(self.treated, self.dlt, strict=True), start=1):
            whole(treated, f"treated at level {level}")
            if whole(dlt, f"dlt at level {level}") > treated:
                raise ImpossibleError(
                    f"{dlt} toxicities in {treated} patients at level {level}",
                    field="dlt",
                    given=dlt,
                )
        self._check_levels()

    def _check_levels(self) -> None:
        current = whole(self.current, "current", least=1)
        if current > len(self.treated) or not self.treated[current - 1]:
            raise ImpossibleError(
                f"nobody was treated at level {current}", field="current", given=current
            )
        opened = max(level for level, n in enumerate(self.treated, start=1) if n)
        lowest = min(level for level, n in enumerate(self.treated, start=1) if n)
        skipped = [level for level in range(lowest, opened) if not self.treated[level - 1]]
        if skipped:
            raise ImpossibleError(
                f"level {skipped[0]} was skipped", field="treated", given=self.treated
            )
        if self.eliminated_from is not None and current >= self.eliminated_from:
            raise NotPermittedError(
                f"level {current} is in use but levels from {self.eliminated_from} were eliminated",
                field="current",
                given=current,
            )

    def adding(self, treated: int, dlt: int) -> Cohorts:
        """Return the state after a further cohort at the current level."""
        at = self.current - 1
        more = tuple(n + (treated if k == at else 0) for k, n in enumerate(self.treated))
        toxic = tuple(n + (dlt if k == at else 0) for k, n in enumerate(self.dlt))
        return evolve(self, treated=more, dlt=toxic)


def lowest_eliminated(table: DecisionTable, state: Cohorts) -> int | None:
    """Return the lowest level that must not be used again: told, or too toxic by the table.

    Parameters
    ----------
    table
        The design.
    state
        The trial so far.

    Raises
    ------
    UnknownTermError
        The table has no rule for a number treated.
    NotPermittedError
        The level in use lies at or above one that was eliminated before.
    """
    cut = state.eliminated_from
    for level, (treated, dlt) in enumerate(zip(state.treated, state.dlt, strict=True), start=1):
        if treated and table.action(treated=treated, dlt=dlt) is Action.DU:
            cut = level if cut is None else min(cut, level)
            break
    if cut is not None and cut < state.current:
        raise NotPermittedError(
            f"level {state.current} is in use, but level {cut} was eliminated with "
            f"{state.dlt[cut - 1]} toxicities in {state.treated[cut - 1]} patients",
            field="current",
            given=state.current,
            citation=str(table.source),
        )
    return cut


def recommend(table: DecisionTable, state: Cohorts) -> Decision:
    """Recommend the next step of an interval design (or a site's own table).

    A level that the table eliminates by its counts, or that was eliminated before, is never
    recommended, and neither is one above it.

    Parameters
    ----------
    table
        The design.
    state
        The trial so far.

    Raises
    ------
    UnknownTermError
        The table has no rule for a number treated.
    NotPermittedError
        The level in use lies at or above one that was eliminated before.
    """
    here = state.current
    treated, dlt = state.treated[here - 1], state.dlt[here - 1]
    action = table.action(treated=treated, dlt=dlt)
    cut = lowest_eliminated(table, state)
    out = tuple(range(cut, len(state.treated) + 1)) if cut is not None else ()
    because = f"{dlt} of {treated} at level {here}: {action.label} ({rule_of(table)})"
    if action is Action.E:
        above = here + 1
        if above > len(state.treated):
            return Decision(Step.EXPAND, here, action, f"{because}; this is the top level", out)
        if above in out:
            return Decision(
                Step.EXPAND, here, action, f"{because}; level {above} was eliminated", out
            )
        return Decision(Step.ESCALATE, above, action, because, out)
    if action is Action.S:
        return Decision(Step.EXPAND, here, action, because, out)
    if here == 1:
        if action is Action.DU:
            return Decision(
                Step.STOP, None, action, f"{because}; the lowest level is too toxic", out
            )
        return Decision(Step.EXPAND, 1, action, f"{because}; this is the lowest level", out)
    return Decision(Step.DE_ESCALATE, here - 1, action, because, out)


def rule_of(table: DecisionTable) -> str:
    """Return the design's rule in words, with its source."""
    return f"{table.name}: {table.rule + '; ' if table.rule else ''}{table.source}"


def recommend_3plus3(
    table: DecisionTable,
    state: Cohorts,
    *,
    refill: bool = True,
    fill_top: bool = True,
) -> Decision:
    """Recommend the next step of the 3+3 design.

    Parameters
    ----------
    table
        `itp_carT.escalation.designs.three_plus_three`.
    state
        The trial so far.
    refill
        After too much toxicity, fill the level below to 6 (Korn); otherwise no return is allowed
        and the trial stops.
    fill_top
        At the top level fill to 6; otherwise stop after 3 without toxicity.

    Returns
    -------
    The decision; after a stop, `maximum_tolerated` names the level.

    Raises
    ------
    UnknownTermError
        A number treated other than 3 or 6.
    NotPermittedError
        The level in use lies above one that was eliminated.

    Examples
    --------
    >>> from itp_carT.escalation.designs import three_plus_three
    >>> state = Cohorts(treated=(3, 3), dlt=(0, 2), current=2)
    >>> print(recommend_3plus3(three_plus_three(), state).step.name)
    DE_ESCALATE
    """
    here = state.current
    treated, dlt = state.treated[here - 1], state.dlt[here - 1]
    action = table.action(treated=treated, dlt=dlt)
    cut = lowest_eliminated(table, state)
    out = tuple(range(cut, len(state.treated) + 1)) if cut is not None else ()
    because = f"{dlt} of {treated} at level {here} ({rule_of(table)})"
    if action is Action.S:
        return Decision(Step.EXPAND, here, action, because, out)
    if action is Action.E:
        return _up(state, action, because, out, fill_top=fill_top)
    below = here - 1
    if below == 0:
        return Decision(Step.STOP, None, action, f"{because}; the lowest level is too toxic", out)
    if not refill:
        return Decision(Step.STOP, None, action, f"{because}; no return to level {below}", out)
    if state.treated[below - 1] >= FULL:
        return Decision(Step.STOP, None, action, f"{because}; level {below} is complete", out)
    return Decision(Step.DE_ESCALATE, below, action, f"{because}; fill level {below} to 6", out)


def _up(
    state: Cohorts, action: Action, because: str, out: tuple[int, ...], *, fill_top: bool
) -> Decision:
    here = state.current
    full = state.treated[here - 1] >= FULL
    blocked = _blocked(state, here + 1, out)
    if not blocked:
        return Decision(Step.ESCALATE, here + 1, action, because, out)
    if full or (blocked == TOP and not fill_top):
        return Decision(Step.STOP, None, action, f"{because}; {blocked}", out)
    return Decision(Step.EXPAND, here, action, f"{because}; {blocked}: fill this level to 6", out)


def _blocked(state: Cohorts, above: int, out: tuple[int, ...]) -> str:
    """Say why the level above cannot be opened; empty when it can."""
    if above > len(state.treated):
        return TOP
    if above in out:
        toxic = state.dlt[above - 1]
        return (
            f"level {above} already had {toxic} toxicities"
            if toxic
            else (f"level {above} was eliminated")
        )
    if state.treated[above - 1] >= FULL:
        return f"level {above} is complete"
    return ""


def maximum_tolerated(state: Cohorts, *, refill: bool = True, fill_top: bool = True) -> int | None:
    """Return the 3+3 maximum tolerated level: the highest with at most 1 toxicity in 6.

    Parameters
    ----------
    state
        The trial at its end.
    refill, fill_top
        The variant, as in `recommend_3plus3`: one that does not return to the level below, or
        stops at the top after 3, takes a level with no toxicity in 3 as well.

    Returns
    -------
    The level, or None when no level is tolerated.

    References
    ----------
    Korn 1994.
    """
    fitting = []
    for level, (treated, dlt) in enumerate(zip(state.treated, state.dlt, strict=True), start=1):
        top = level == len(state.treated)
        of_three = treated == 3 and dlt == 0 and not (fill_top if top else refill)
        if (treated >= FULL and dlt <= 1) or of_three:
            fitting.append(level)
    return max(fitting, default=None)
