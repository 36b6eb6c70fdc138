"""How a design behaves: many simulated trials under given true toxicity rates, side by side.

Trials are simulated together, level by level, on NumPy arrays (an extra); `simulate_one` plays one
trial through the same decisions that a patient's trial is given, and is what the arrays are tested
against. The random numbers come from a generator whose stream never changes between versions, so
that a seed gives the same result on every supported Python.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, MissingFactError

from .cohorts import FULL, Cohorts, Step, maximum_tolerated, recommend, recommend_3plus3
from .selection import PSEUDO, select
from .table import Action, DecisionTable, share, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 20_000
_CODE = {Action.E: 0, Action.S: 1, Action.D: 2, Action.DU: 3, None: 9}
_TIE = 1e-9


def _to_rates(given: Any) -> tuple[Fraction, ...]:
    return tuple(share(rate, "rates") for rate in given)


@frozen(kw_only=True)
class Scenario:
    """True toxicity rates per level, and how the trial is run.

    Parameters
    ----------
    rates
        True probability of dose-limiting toxicity per level, lowest level first.
    cohort
        Patients per cohort.
    patients
        Largest number of patients; not used by 3+3, which ends by its own rule.
    start
        Level of the first cohort, from 1.
    refill, fill_top
        Variants of 3+3, as in `itp_carT.escalation.cohorts.recommend_3plus3`.

    Raises
    ------
    ImpossibleError
        A rate outside 0 to 1, or a start level that does not exist.
    """

    rates: tuple[Fraction, ...] = field(converter=_to_rates)
    cohort: int = 3
    patients: int = 30
    start: int = 1
    refill: bool = True
    fill_top: bool = True

    def __attrs_post_init__(self) -> None:
        whole(self.cohort, "cohort", least=1)
        whole(self.patients, "patients", least=self.cohort)
        if not 1 <= whole(self.start, "start") <= len(self.rates):
            raise ImpossibleError(
                f"there is no level {self.start}", field="start", given=self.start
            )

    @property
    def cohorts(self) -> tuple[int, ...]:
        """Sizes of the cohorts; the last one may be smaller."""
        full, rest = divmod(self.patients, self.cohort)
        return (self.cohort,) * full + ((rest,) if rest else ())


@frozen(kw_only=True)
class Characteristics:
    """Operating characteristics of one design in one scenario.

    Parameters
    ----------
    design
        Name of the design.
    scenario
        The true rates and how the trial was run.
    trials, seed
        Number of simulated trials, and the seed.
    selected
        Share of trials that selected each level.
    none
        Share of trials that selected no level.
    patients, toxicities
        Mean number per level.
    """

    design: str
    scenario: Scenario
    trials: int
    seed: int
    selected: tuple[float, ...]
    none: float
    patients: tuple[float, ...]
    toxicities: tuple[float, ...]

    def __str__(self) -> str:
        head = f"{self.design}, {self.trials} trials, seed {self.seed}"
        rows = [
            ("level", [str(level + 1) for level in range(len(self.selected))]),
            ("true rate", [f"{float(rate):.2f}" for rate in self.scenario.rates]),
            ("selected %", [f"{100 * share_:.1f}" for share_ in self.selected]),
            ("patients", [f"{number:.1f}" for number in self.patients]),
            ("DLT", [f"{number:.1f}" for number in self.toxicities]),
        ]
        lines = [f"{name:<11}" + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows]
        return "\n".join([head, *lines, f"none selected {100 * self.none:.1f} %"])


def _numpy() -> Any:
    try:
        import numpy as np
    except ImportError as error:
        raise MissingFactError(
            'simulation needs NumPy: install it with  pip install "itp-cart[simulation]"'
        ) from error
    return np


def draws(scenario: Scenario, trials: int, seed: int) -> Iterator[NDArray[np.float64]]:
    """Yield batches of uniform numbers, one per trial, cohort and patient.

    The generator is the one whose stream NumPy keeps unchanged for ever.
    """
    np = _numpy()
    stream = np.random.RandomState(seed)
    steps = max(len(scenario.cohorts), 4 * len(scenario.rates) + 2)
    size = max(scenario.cohort, 3)
    left = trials
    while left:
        batch = min(left, BATCH)
        yield stream.random_sample((batch, steps, size))
        left -= batch


def simulate_one(
    table: DecisionTable, scenario: Scenario, uniform: Sequence[Sequence[float]]
) -> tuple[Cohorts, int | None]:
    """Play one trial patient by patient; return its end and the selected level.

    Parameters
    ----------
    table
        The design.
    scenario
        True rates and size.
    uniform
        Uniform numbers per cohort and patient; a number below the true rate is a toxicity.
    """
    levels = len(scenario.rates)
    rates = [float(rate) for rate in scenario.rates]
    treated, dlt = [0] * levels, [0] * levels
    here, cut = scenario.start, levels + 1
    classic = table.target is None
    sizes = (3,) * len(uniform) if classic else scenario.cohorts
    for size, numbers in zip(sizes, uniform, strict=False):
        treated[here - 1] += size
        dlt[here - 1] += sum(bool(number < rates[here - 1]) for number in list(numbers)[:size])
        state = Cohorts(
            treated=treated,
            dlt=dlt,
            current=here,
            eliminated_from=cut if cut <= levels else None,
        )
        if classic:
            decision = recommend_3plus3(
                table, state, refill=scenario.refill, fill_top=scenario.fill_top
            )
        else:
            decision = recommend(table, state)
        cut = min((cut, *decision.eliminated))
        if decision.step is Step.STOP or decision.level is None:
            break
        here = decision.level
    last = Cohorts(treated=treated, dlt=dlt, current=_used(treated))
    if classic:
        return last, maximum_tolerated(last)
    ended = cut <= 1
    state = Cohorts(treated=treated, dlt=dlt, current=_used(treated))
    chosen = None if ended else select_below(state, table.target or Fraction(1, 2), cut)
    return last, chosen


def _used(treated: list[int]) -> int:
    return next(level for level, number in enumerate(treated, start=1) if number)


def select_below(state: Cohorts, target: Fraction, cut: int) -> int | None:
    """Select among the levels below the lowest eliminated one."""
    keep = cut - 1
    treated = tuple(n if k < keep else 0 for k, n in enumerate(state.treated))
    dlt = tuple(n if k < keep else 0 for k, n in enumerate(state.dlt))
    if not any(treated):
        return None
    trimmed = Cohorts(treated=treated, dlt=dlt, current=_used(list(treated)))
    return select(trimmed, target).level


def simulate(
    table: DecisionTable,
    scenario: Scenario,
    *,
    trials: int = 10_000,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> Characteristics:
    """Simulate many trials of a design.

    Parameters
    ----------
    table
        The design; a table without a target is run as 3+3.
    scenario
        True rates and how the trial is run.
    trials
        Number of trials.
    seed
        Seed of the random numbers; the same seed gives the same result everywhere.
    progress
        Called with the number of trials done after each batch.

    Raises
    ------
    MissingFactError
        When NumPy is not installed.

    Examples
    --------
    >>> from itp_carT.escalation.designs import boin
    >>> scenario = Scenario(rates=(0.05, 0.30, 0.50), patients=30)
    >>> result = simulate(boin(0.30), scenario, trials=2000, seed=1)
    >>> max(range(3), key=result.selected.__getitem__) + 1
    2
    """
    np = _numpy()
    whole(trials, "trials", least=1)
    levels = len(scenario.rates)
    chosen = np.zeros(levels + 1, dtype=np.int64)
    patients, toxic = np.zeros(levels), np.zeros(levels)
    for uniform in draws(scenario, trials, seed):
        play = _play_classic if table.target is None else _play
        treated, dlt, level = play(np, table, scenario, uniform)
        chosen += np.bincount(level, minlength=levels + 1)
        patients += treated.sum(axis=0)
        toxic += dlt.sum(axis=0)
        if progress is not None:
            progress(len(uniform))
    return Characteristics(
        design=table.name,
        scenario=scenario,
        trials=trials,
        seed=seed,
        selected=tuple(float(count) / trials for count in chosen[1:]),
        none=float(chosen[0]) / trials,
        patients=tuple(float(number) / trials for number in patients),
        toxicities=tuple(float(number) / trials for number in toxic),
    )


def _codes(np: Any, table: DecisionTable) -> Any:
    codes = np.full((table.largest + 1, table.largest + 1), _CODE[None], dtype=np.int8)
    for treated, row in enumerate(table.actions, start=1):
        codes[treated, : treated + 1] = [_CODE[action] for action in row]
    return codes


def _play(np: Any, table: DecisionTable, scenario: Scenario, uniform: Any) -> tuple[Any, Any, Any]:
    """Play interval-design trials; return counts and the level selected (0: none)."""
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
        out = alive & (action == _CODE[Action.DU])
        cut = np.where(out, np.minimum(cut, here), cut)
        alive &= ~(out & (here == 0))
        above = here + 1
        up = (action == _CODE[Action.E]) & (above < cut)
        down = (action == _CODE[Action.D]) | (action == _CODE[Action.DU])
        moved = np.where(up, above, np.where(down, np.maximum(here - 1, 0), here))
        here = np.where(alive, moved, here)
    return treated, dlt, _selected(np, table.target, treated, dlt, cut)


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


def _play_classic(
    np: Any, table: DecisionTable, scenario: Scenario, uniform: Any
) -> tuple[Any, Any, Any]:
    """Play a batch of 3+3 trials; return counts and the maximum tolerated level (0: none)."""
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
    level = np.where(fitting.any(axis=1), levels - fitting[:, ::-1].argmax(axis=1), 0)
    return treated, dlt, level
