"""One agent of a patient: its records brought to one unit and to the dose of each day.

All glucocorticoids are one agent, in milligrams of prednisone; milligrams of different molecules
are never added up. An event-type drug has its dose spread over its effect window, so that a dose
of zero means that no effect is left.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from attrs import field, frozen

from itp_carT.errors import MissingFactError, NotPermittedError
from itp_carT.notation import plain
from itp_carT.units import Quantity, value_in

from .daily import Dated, DoseSeries, layered, settled
from .drugs import DrugClass
from .glucocorticoids import PULSE, exact
from .measures import Average, Decrease, Discontinuation, Reduction, average, decrease
from .options import Options

GLUCOCORTICOIDS = "glucocorticoids"


@frozen(kw_only=True)
class Agent:
    """What a patient took of one agent, and how it compares with the baseline.

    Parameters
    ----------
    name
        The drug, or ``"glucocorticoids"`` for all of them in prednisone-equivalents.
    drug_class
        Its class.
    drugs
        The drugs in it.
    effect_days
        Effect window [days] of an event-type drug; None for daily doses.
    series
        Its dose on each observed day.
    given
        Administrations of an event-type drug: day and dose.
    baseline, current, average
        Daily dose in the baseline window, on the last day, and over the window.
    decrease, average_decrease
        Of the current and of the average dose from the baseline.
    reduction, discontinuation
        First lasting reduction; days without it.
    notes
        What a reader must know: pulses, assumptions, partial dates.
    """

    name: str
    drug_class: DrugClass
    drugs: tuple[str, ...]
    effect_days: int | None
    series: DoseSeries
    given: tuple[tuple[int, Fraction | None], ...] = field(repr=False)
    baseline: Average
    current: Average
    average: Average
    decrease: Decrease
    average_decrease: Decrease
    reduction: Reduction
    discontinuation: Discontinuation
    notes: tuple[str, ...]

    @property
    def unit(self) -> str:
        """Unit of the dose of a day."""
        return self.series.unit

    def decrease_on(self, day: int) -> Decrease:
        """Return the decrease of the dose of one day from the baseline."""
        return decrease(self.baseline, average(self.series, day, day))

    def given_in(self, first: int, last: int) -> Fraction | None:
        """Return what was given of an event-type drug in a window; None where it is not known."""
        doses = [dose for day, dose in self.given if first <= day <= last]
        known = [dose for dose in doses if dose is not None]
        return sum(known, Fraction(0)) if len(known) == len(doses) else None

    def given_in_28_days(self, day: int) -> Fraction | None:
        """Return what was given in the 28 days that end on a day, e.g. grams of IVIg per kg."""
        return self.given_in(day - 27, day)

    def __str__(self) -> str:
        return (
            f"{self.name}: baseline {self.baseline}, day {self.current.last} {self.current}, "
            f"decrease {self.decrease}"
        )


@frozen
class Daily:
    """The doses of an agent on each day, before anything is measured."""

    name: str
    drug_class: DrugClass
    drugs: tuple[str, ...]
    effect_days: int | None
    series: DoseSeries
    given: tuple[tuple[int, Fraction | None], ...]
    notes: tuple[str, ...]


def daily(
    dated: Sequence[Dated], first: int, last: int, weight: Quantity | None, options: Options
) -> Daily:
    """Bring the records of one agent to its daily doses from a first to a last day.

    Parameters
    ----------
    dated
        Records of one drug, or of glucocorticoids.
    first, last
        The days observed.
    weight
        Body weight [kg]; None where it is not known.
    options
        The choices.

    Raises
    ------
    RecordError
        Two records of one drug share a day.
    MissingFactError
        Doses per kilogram beside absolute ones, and no weight.
    """
    drugs = sorted({one.record.drug.name for one in dated})
    kind = dated[0].record.drug
    pooled = kind.drug_class is DrugClass.GLUCOCORTICOID
    name = GLUCOCORTICOIDS if pooled else kind.name
    unit = "mg" if pooled else _unit(name, dated)
    window = None if pooled else options.effects.get(name, kind.effect_days)
    parts: list[tuple[int, int, Fraction | None]] = []
    given: list[tuple[int, Fraction | None]] = []
    notes: list[str] = []
    for drug in drugs:
        factor = options.table.factor(drug) if pooled else Fraction(1)
        own = [one for one in dated if one.record.drug.name == drug]
        for one, low, high in settled(own, options.overlap):
            dose = _in_unit(one, unit, weight)
            dose = None if dose is None else dose * factor
            if pooled and dose is not None and dose >= PULSE:
                notes.append(
                    f"pulse: {one.record} is {plain(float(dose))} mg prednisone a day; "
                    "equivalents were not found for such doses"
                )
            if window is None:
                parts.append((low, high, dose))
            else:
                events = _administrations(one, low, high, dose)
                given += events
                parts += [(day, day + window - 1, _spread(dose, window)) for day, dose in events]
    series = DoseSeries(name, unit, layered(parts, first, last))
    return Daily(
        name, kind.drug_class, tuple(drugs), window, series,
        tuple(sorted(given, key=lambda event: (event[0], event[1] is None, event[1]))),
        tuple(dict.fromkeys(sorted(notes))),
    )  # fmt: skip


def _spread(dose: Fraction | None, window: int) -> Fraction | None:
    return None if dose is None else dose / window


def _administrations(
    one: Dated, low: int, high: int, dose: Fraction | None
) -> list[tuple[int, Fraction | None]]:
    """Return the days on which an event-type drug was given, and how much each time."""
    often = one.record.frequency
    step = 1 if often is None else often.interval
    each = None if dose is None else dose * step
    return [(day, each) for day in range(one.first, high + 1, step) if day >= low]


def _unit(name: str, dated: Sequence[Dated]) -> str:
    """Return the unit all records of an agent are brought to."""
    units = {one.record.unit for one in dated if one.dose is not None}
    if len(units) <= 1:
        return units.pop() if units else dated[0].record.unit
    own = dated[0].record.drug.units[0]
    if any("/m^2" in unit for unit in units):
        raise NotPermittedError(
            f"{name} is recorded in {' and in '.join(sorted(units))}: write all its doses in {own}",
            field="dose",
        )
    return own


def _in_unit(one: Dated, unit: str, weight: Quantity | None) -> Fraction | None:
    """Return the dose of a day in the unit of the agent."""
    dose, own = one.dose, one.record.unit
    if dose is None or own == unit:
        return dose
    absolute, _, per = own.partition("/")
    if per and weight is None:
        raise MissingFactError(
            f"{one.record} is a dose per kilogram beside doses in {unit}: give the weight, e.g. "
            'weight="60 kg"',
            field="weight",
        )
    kilograms = exact(value_in(weight, "kg")) if per and weight is not None else Fraction(1)
    return dose * kilograms * exact(value_in(Quantity(f"1 {absolute}"), unit))


__all__ = ["GLUCOCORTICOIDS", "Agent", "Daily", "daily"]
