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
from itp_carT.rounding import fixed

from .arrays import play
from .cohorts import Cohorts, Step, maximum_tolerated, recommend, recommend_3plus3
from .selection import select
from .table import DecisionTable, share, whole

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

BATCH = 20_000


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
    selected: tuple[float, ...] | None
    none: float | None
    patients: tuple[float, ...]
    toxicities: tuple[float, ...]

    def __str__(self) -> str:
        levels = range(1, len(self.patients) + 1)
        chosen = (
            ["-"] * len(levels)
            if self.selected is None
            else [fixed(100 * share_, 1) for share_ in self.selected]
        )
        rows = [
            ("level", [str(level) for level in levels]),
            ("true rate", [fixed(float(rate), 2) for rate in self.scenario.rates]),
            ("selected %", chosen),
            ("patients", [fixed(number, 1) for number in self.patients]),
            ("DLT", [fixed(number, 1) for number in self.toxicities]),
        ]
        lines = [f"{name:<11}" + "".join(f"{cell:>8}" for cell in cells) for name, cells in rows]
        none = "" if self.none is None else f"none selected {fixed(100 * self.none, 1)} %, "
        treated, toxic = fixed(sum(self.patients), 1), fixed(sum(self.toxicities), 1)
        last = f"{none}{treated} patients and {toxic} DLT a trial"
        return "\n".join([f"{self.design}, {self.trials} trials, seed {self.seed}", *lines, last])


def numpy() -> Any:
    """Return NumPy, an extra.

    Raises
    ------
    MissingFactError
        It is not installed.
    """
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
    np = numpy()
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
    _refuse_aimless(table)
    levels = len(scenario.rates)
    rates = [float(rate) for rate in scenario.rates]
    treated, dlt = [0] * levels, [0] * levels
    here, cut = scenario.start, levels + 1
    sizes = (3,) * len(uniform) if table.by_threes else scenario.cohorts
    for size, numbers in zip(sizes, uniform, strict=False):
        treated[here - 1] += size
        dlt[here - 1] += sum(bool(number < rates[here - 1]) for number in list(numbers)[:size])
        state = _state(treated, dlt, here, cut)
        if table.by_threes:
            decision = recommend_3plus3(
                table, state, refill=scenario.refill, fill_top=scenario.fill_top
            )
        else:
            decision = recommend(table, state)
        cut = min((cut, *decision.eliminated))
        if decision.step is Step.STOP or decision.level is None:
            break
        here = decision.level
    last = _state(treated, dlt, next(level for level, n in enumerate(treated, start=1) if n))
    if table.by_threes:
        chosen = maximum_tolerated(last, refill=scenario.refill, fill_top=scenario.fill_top)
        return last, chosen
    return last, _below(treated, dlt, cut - 1, table.target)


def _state(treated: list[int], dlt: list[int], current: int, cut: int | None = None) -> Cohorts:
    gone = cut if cut is not None and cut <= len(treated) else None
    return Cohorts(treated=treated, dlt=dlt, current=current, eliminated_from=gone)


def _below(treated: list[int], dlt: list[int], levels: int, target: Any) -> int | None:
    """Select among the levels that were not eliminated."""
    used = next((level for level, n in enumerate(treated[:levels], start=1) if n), None)
    if used is None:
        return None
    return select(_state(treated[:levels], dlt[:levels], used), target, cutoff=None).level


def _refuse_aimless(table: DecisionTable) -> None:
    """Refuse a table that cannot select a level at the end."""
    if table.target is None and not table.by_threes:
        raise MissingFactError(
            f"{table.name} has no target, so that no level can be selected at the end: give the "
            "table its target, e.g. from_csv(..., target=0.30)",
            field="target",
        )


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
        The design.
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
    np = numpy()
    _refuse_aimless(table)
    whole(trials, "trials", least=1)
    whole(seed, "seed")
    levels = len(scenario.rates)
    chosen = np.zeros(levels + 1, dtype=np.int64)
    patients, toxic = np.zeros(levels), np.zeros(levels)
    for uniform in draws(scenario, trials, seed):
        ends = play(np, table, scenario, uniform)
        chosen += np.bincount(ends.selected, minlength=levels + 1)
        patients += ends.treated.sum(axis=0)
        toxic += ends.dlt.sum(axis=0)
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


__all__ = ["Characteristics", "Scenario", "draws", "simulate", "simulate_one"]
