"""Many trials at once, cohort by cohort, on NumPy arrays: the same decisions as for one trial.

NumPy is handed in by the caller, who says what to install where it is missing. The arrays are
tested against `itp_carT.escalation.simulation.simulate_one`, trial by trial.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from attrs import frozen

from itp_carT.errors import ImpossibleError, UnknownTermError

from .cohorts import FULL
from .selection import PSEUDO
from .table import Action, DecisionTable

if TYPE_CHECKING:
    from .simulation import Scenario

_CODE = {Action.E: 0, Action.S: 1, Action.D: 2, Action.DU: 3, None: 9}
_TIE = 1e-9


@frozen(eq=False)
class Ends:
    """How trials ended, one row per trial.

    Parameters
    ----------
    treated, dlt
        Patients and toxicities per level.
    selected
        The level selected; 0 for none.
    """

    treated: Any
    dlt: Any
    selected: Any


def play(np: Any, table: DecisionTable, scenario: Scenario, uniform: Any) -> Ends:
    """Play one trial per row of uniform numbers, by cohort and patient."""
    return (_by_threes if table.by_threes else _by_intervals)(np, table, scenario, uniform)


def _codes(np: Any, table: DecisionTable) -> Any:
    codes = np.full((table.largest + 1, table.largest + 1), _CODE[None], dtype=np.int8)
    for treated, row in enumerate(table.actions, start=1):
        codes[treated, : treated + 1] = [_CODE[action] for action in row]
    return codes


def _by_intervals(np: Any, table: DecisionTable, scenario: Scenario, uniform: Any) -> Ends:
    """Play trials of an interval design, or of a site's own table."""
    count, levels = len(uniform), len(scenario.rates)
    rates = np.array([float(rate) for rate in scenario.rates])
    codes = _codes(np, table)
    treated = np.zeros((count, levels), dtype=np.int64)
    dlt = np.zeros_like(treated)
    here = np.full(count, scenario.start - 1)
    cut = np.full(count, levels)
    alive = np.ones(count, dtype=bool)
    every = np.arange(count)
    if sum(scenario.cohorts) > table.largest:
        raise ImpossibleError(
            f"{scenario.patients} patients could be treated at one level, the table ends at "
            f"{table.largest}: make it with largest={scenario.patients}",
            field="patients",
            given=scenario.patients,
        )
    for step, size in enumerate(scenario.cohorts):
        new = (uniform[:, step, :size] < rates[here][:, None]).sum(axis=1)
        treated[every, here] += np.where(alive, size, 0)
        dlt[every, here] += np.where(alive, new, 0)
        action = codes[treated[every, here], dlt[every, here]]
        _refuse_unknown(alive & (action == _CODE[None]), treated[every, here], table)
        out = alive & (action == _CODE[Action.DU])
        cut = np.where(out, np.minimum(cut, here), cut)
        alive &= ~(out & (here == 0))
        above = here + 1
        up = (action == _CODE[Action.E]) & (above < cut)
        down = (action == _CODE[Action.D]) | (action == _CODE[Action.DU])
        moved = np.where(up, above, np.where(down, np.maximum(here - 1, 0), here))
        here = np.where(alive, moved, here)
    return Ends(treated, dlt, _selected(np, table.target, treated, dlt, cut))


def _refuse_unknown(lost: Any, treated: Any, table: DecisionTable) -> None:
    """Refuse a table that has no rule for a number of patients that a trial reached."""
    if lost.any():
        known = tuple(str(n) for n in table.known)
        raise UnknownTermError(
            f"{table.name} has no rule for {int(treated[lost][0])} treated: it has one for "
            f"{', '.join(known)}",
            field="treated",
            given=int(treated[lost][0]),
            nearest=known,
        )


def _selected(np: Any, target: Any, treated: Any, dlt: Any, cut: Any) -> Any:
    """Select levels by isotonic regression, for all trials at once."""
    levels = treated.shape[1]
    pseudo, phi = float(PSEUDO), float(target)
    keep = (treated > 0) & (np.arange(levels)[None, :] < cut[:, None])
    a, b = dlt + pseudo, treated - dlt + pseudo
    weight = np.where(keep, (a + b) ** 2 * (a + b + 1) / (a * b), 0.0)
    value = a / (a + b)
    total = np.concatenate([np.zeros((len(a), 1)), np.cumsum(weight, axis=1)], axis=1)
    mass = np.concatenate([np.zeros((len(a), 1)), np.cumsum(weight * value, axis=1)], axis=1)
    estimate = np.full(value.shape, np.inf)
    for k in range(levels):
        best = np.full(len(a), -np.inf)
        for i in range(k + 1):
            low = np.full(len(a), np.inf)
            for j in range(k, levels):
                usable = keep[:, i] & keep[:, j]
                span = total[:, j + 1] - total[:, i]
                mean = (mass[:, j + 1] - mass[:, i]) / np.where(span > 0, span, 1.0)
                low = np.where(usable, np.minimum(low, mean), low)
            best = np.where(np.isfinite(low), np.maximum(best, low), best)
        estimate[:, k] = np.where(keep[:, k], best, np.inf)
    distance = np.abs(estimate - phi)
    nearest = distance.min(axis=1)
    near = distance <= nearest[:, None] + _TIE
    first = near.argmax(axis=1)
    last = levels - 1 - near[:, ::-1].argmax(axis=1)
    lower = estimate[np.arange(len(a)), first] < phi - _TIE
    level = np.where(lower, last, first) + 1
    return np.where(np.isfinite(nearest), level, 0)


def _by_threes(np: Any, table: DecisionTable, scenario: Scenario, uniform: Any) -> Ends:
    """Play trials of the 3+3 design; selected is the maximum tolerated level."""
    count, levels = len(uniform), len(scenario.rates)
    rates = np.array([float(rate) for rate in scenario.rates])
    codes = _codes(np, table)
    treated = np.zeros((count, levels + 1), dtype=np.int64)  # the last column is no level
    dlt = np.zeros_like(treated)
    here = np.full(count, scenario.start - 1)
    cut = np.full(count, levels)
    alive = np.ones(count, dtype=bool)
    every = np.arange(count)
    for step in range(uniform.shape[1]):
        if not alive.any():
            break
        new = (uniform[:, step, :3] < rates[here][:, None]).sum(axis=1)
        treated[every, here] += np.where(alive, 3, 0)
        dlt[every, here] += np.where(alive, new, 0)
        n_here = treated[every, here]
        action = codes[n_here, dlt[every, here]]
        above, below = here + 1, here - 1
        shut = (above >= cut) | (dlt[every, above] >= 2) | (treated[every, above] >= FULL)
        up, out = action == _CODE[Action.E], action == _CODE[Action.DU]
        top = above >= levels
        ends_up = up & shut & ((n_here >= FULL) | (top & (not scenario.fill_top)))
        complete = treated[every, np.maximum(below, 0)] >= FULL
        ends_down = out & ((below < 0) | complete | (not scenario.refill))
        cut = np.where(alive & out, np.minimum(cut, here), cut)
        moved = np.where(up & ~shut, above, np.where(out, np.maximum(below, 0), here))
        alive &= ~(ends_up | ends_down)
        here = np.where(alive, moved, here)
    treated, dlt = treated[:, :levels], dlt[:, :levels]
    fitting = (treated >= FULL) & (dlt <= 1)
    of_three = (treated == 3) & (dlt == 0)
    if not scenario.refill:
        fitting[:, :-1] |= of_three[:, :-1]
    if not scenario.fill_top:
        fitting[:, -1] |= of_three[:, -1]
    level = np.where(fitting.any(axis=1), levels - fitting[:, ::-1].argmax(axis=1), 0)
    return Ends(treated, dlt, level)


__all__ = ["Ends", "play"]
