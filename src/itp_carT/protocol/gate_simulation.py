"""A CRS gate over simulated patients, to set beside a design of escalation between patients.

Whether "dose escalation" means rising fractions in one patient or cohorts between patients, the
registry does not say; here the two can be compared under one set of true rates. The rates are the
reader's assumption: no source gives them for this product.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, NotationError
from itp_carT.escalation.simulation import Characteristics, Scenario, numpy
from itp_carT.escalation.table import whole
from itp_carT.notation import show

from .gate import CrsGate
from .gate_rules import Action

_BATCH = 20_000
_GRADES = (1, 2, 3, 4)


def _probability(given: Any, name: str) -> Fraction:
    try:
        value = Fraction(str(given))
    except (ValueError, TypeError, ZeroDivisionError):
        raise NotationError(
            f"{show(given)} is not a probability: write e.g. 0.30", field=name, given=given
        ) from None
    if not 0 <= value <= 1:
        raise ImpossibleError(f"{show(given)} is not between 0 and 1", field=name, given=given)
    return value


def _to_seen(given: Any) -> Fraction:
    return _probability(given, "seen")


def _to_grades(given: Any) -> tuple[tuple[Fraction, ...], ...]:
    return tuple(tuple(_probability(one, "grades") for one in row) for row in given)


@frozen(kw_only=True)
class GateScenario:
    """What is assumed of CRS, fraction by fraction, and how many patients a trial has.

    Parameters
    ----------
    grades
        Per fraction, the probabilities that the CRS after it and all before it reaches at least
        grade 1, 2, 3 and 4.
    seen
        Probability that CRS shows before the next fraction is judged; CRS that comes later passes
        the gate, so that 1 flatters every gate.
    toxicity
        The lowest grade that counts as a dose-limiting toxicity.
    patients
        Patients per trial.

    Raises
    ------
    ImpossibleError
        Probabilities that rise with the grade, or fall with the dose.

    Examples
    --------
    >>> assumed = GateScenario(
    ...     grades=((0.2, 0.1, 0.02, 0.01), (0.6, 0.4, 0.25, 0.05)), seen=0.5, patients=5
    ... )
    >>> [float(rate) for rate in assumed.rates]
    [0.02, 0.25]
    """

    grades: tuple[tuple[Fraction, ...], ...] = field(converter=_to_grades)
    seen: Fraction = field(converter=_to_seen)
    toxicity: int = 3
    patients: int = 5

    def __attrs_post_init__(self) -> None:
        whole(self.patients, "patients", least=1)
        if self.toxicity not in _GRADES:
            raise ImpossibleError(
                f"{show(self.toxicity)} is not a grade of toxicity: write 1 to 4",
                field="toxicity",
                given=self.toxicity,
            )
        if not self.grades or any(len(row) != len(_GRADES) for row in self.grades):
            raise ImpossibleError(
                "each fraction needs the probabilities of at least grade 1, 2, 3 and 4",
                field="grades",
                given=self.grades,
            )
        falls = all(list(row) == sorted(row, reverse=True) for row in self.grades)
        rises = all(list(column) == sorted(column) for column in zip(*self.grades, strict=True))
        if not (falls and rises):
            raise ImpossibleError(
                "probabilities cannot rise with the grade or fall with the dose",
                field="grades",
                given=self.grades,
            )

    @property
    def rates(self) -> tuple[Fraction, ...]:
        """The true rate of dose-limiting toxicity after each fraction."""
        return tuple(row[self.toxicity - 1] for row in self.grades)


def simulate_gate(
    gate: CrsGate,
    assumed: GateScenario,
    *,
    trials: int = 10_000,
    seed: int,
    progress: Callable[[int], None] | None = None,
) -> Characteristics:
    """Simulate trials in which every patient gets fractions until the gate holds one.

    A patient's CRS is graded by one number of their own, so that it never falls with the dose. A
    hold is final here: the model has no days, so that no rule to resume and no delay is played.

    Parameters
    ----------
    gate
        The protocol's rule; one that reduces fractions is refused.
    assumed
        The true rates.
    trials
        Number of trials.
    seed
        Seed of the random numbers; the same seed gives the same result everywhere.
    progress
        Called with the number of trials done after each batch.

    Returns
    -------
    The characteristics by level, which is the number of fractions a patient got: patients who
    ended there, and their toxicities. No level is selected.

    Raises
    ------
    ImpossibleError
        A gate that reduces fractions.
    MissingFactError
        NumPy is not installed.
    """
    if gate.reduce:
        raise ImpossibleError(
            "a gate that reduces fractions is not simulated: the rates after a part of a fraction "
            "are not known",
            field="gate",
            given=gate.name,
        )
    np = numpy()
    whole(trials, "trials", least=1)
    passes = np.array([gate.answer(gate.scale.grade(n))[0] is Action.GIVE for n in range(5)])
    limits = np.array([[float(p) for p in row] for row in assumed.grades])
    levels = len(limits)
    patients, toxic = np.zeros(levels), np.zeros(levels)
    stream = np.random.RandomState(whole(seed, "seed"))
    left = trials * assumed.patients
    while left:
        batch = min(left, _BATCH)
        uniform = stream.random_sample((batch, 1 + levels))
        last, grade = _play(np, uniform, limits, passes, float(assumed.seen))
        patients += np.bincount(last, minlength=levels)
        toxic += np.bincount(last[grade >= assumed.toxicity], minlength=levels)
        left -= batch
        if progress is not None:
            progress(batch // assumed.patients)
    label = f"gate {gate.name}{' [of no protocol]' if gate.example else ''}"
    return Characteristics(
        design=label,
        scenario=Scenario(rates=assumed.rates, cohort=1, patients=assumed.patients),
        trials=trials,
        seed=seed,
        selected=None,
        none=None,
        patients=tuple(float(n) / trials for n in patients),
        toxicities=tuple(float(n) / trials for n in toxic),
    )


def _play(np: Any, uniform: Any, limits: Any, passes: Any, seen: float) -> tuple[Any, Any]:
    """Return each patient's last fraction, from 0, and the grade of CRS after it."""
    every = (uniform[:, 0, None, None] < limits[None]).sum(axis=2)
    last = np.zeros(len(uniform), dtype=np.int64)
    going = np.ones(len(uniform), dtype=bool)
    for at in range(len(limits) - 1):
        shown = np.where(uniform[:, 1 + at] < seen, every[:, at], 0)
        going &= passes[shown]
        last += going
    return last, every[np.arange(len(uniform)), last]


__all__ = ["GateScenario", "simulate_gate"]
