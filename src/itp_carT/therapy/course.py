"""A patient's concomitant therapy: medication records in, decrease and discontinuation out.

Only what was given for ITP counts. The window ends at the cutoff, at death, when a patient is lost
and where a new ITP therapy begins; days after that are not days without therapy.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from fractions import Fraction

from attrs import field, frozen

from itp_carT.days import ProtocolDay, calendar_date
from itp_carT.errors import ImpossibleError
from itp_carT.notation import plain
from itp_carT.units import Measured, Quantity, measured, to_optional_quantity
from itp_carT.working import Step, Working

from .agents import GLUCOCORTICOIDS, Agent, Daily, daily
from .daily import Dated, DoseSeries, layered
from .drugs import DrugClass
from .measures import (
    Discontinuation,
    average,
    decrease,
    discontinuation,
    reduction,
)
from .options import REASONS, Options
from .records import Days, DoseRecord, day_number, days_of
from .terms import Purpose

_WEIGHT = measured("kg", possible=("25 kg", "300 kg"))
#: What is given to raise a count for a while; beginning it is not a new therapy.
RESCUE_CLASSES = (DrugClass.GLUCOCORTICOID, DrugClass.IMMUNOGLOBULIN)
_NO_THERAPY = ("tranexamic acid",)


@frozen(kw_only=True)
class Combined:
    """Several agents in one line; milligrams of different molecules are never added up.

    Parameters
    ----------
    day
        The day that is compared with the baseline.
    before, after
        Agents taken in the baseline window, and on the day.
    reduced
        Agents of the baseline whose dose is lower by more than the threshold, stopped ones among
        them.
    stopped
        Agents of the baseline that are not taken on the day.
    composite
        Unweighted mean of the agents' decreases [%], exact: each agent weighs alike.
    why_not
        Why there is no composite.
    """

    day: int
    before: tuple[str, ...]
    after: tuple[str, ...]
    reduced: tuple[str, ...]
    stopped: tuple[str, ...]
    composite: Fraction | None
    why_not: str = ""

    def __str__(self) -> str:
        mean = self.why_not or f"{plain(float(self.composite or 0))} %"
        return (
            f"agents {len(self.before)} -> {len(self.after)}, reduced {len(self.reduced)}, stopped "
            f"{len(self.stopped)}; composite (unweighted mean of the agents' decreases): {mean}"
        )


@frozen(kw_only=True)
class TherapyCourse:
    """What a patient's medication records say about concomitant ITP therapy.

    Parameters
    ----------
    patient
        Subject identifier.
    infusion
        Date of day 0; None where all days were given as numbers.
    first, last
        First and last observed day.
    ended_by
        Why the last day is the last.
    options
        The choices used.
    agents
        Each agent given for ITP, by name.
    off
        Days without any ITP therapy.
    counted, left_out
        Records that count, and those given for another purpose or without a dose.
    notes
        What a reader must know about the records.
    """

    patient: str | None
    infusion: dt.date | None
    first: int
    last: int
    ended_by: str
    options: Options
    agents: tuple[Agent, ...]
    off: Discontinuation
    counted: tuple[Dated, ...] = field(repr=False)
    left_out: tuple[Dated, ...] = field(repr=False)
    notes: tuple[str, ...]

    def agent(self, name: str) -> Agent | None:
        """Return an agent by its name; None where it was not given for ITP."""
        return next((agent for agent in self.agents if agent.name == name), None)

    def combined(self, day: int | None = None) -> Combined:
        """Compare all agents on a day (the last, by default) with the baseline."""
        on = self.last if day is None else day
        first, last = self.options.baseline
        before = [agent for agent in self.agents if agent.series.taken(first, last)]
        now = {agent.name: agent.decrease_on(on) for agent in before}
        share, strict = self.options.share, self.options.strict
        exact = [found.exact for found in now.values()]
        known = [value for value in exact if value is not None]
        why = ""
        if not before:
            why = "undefined: no agent at baseline"
        elif len(known) < len(exact):
            names = ", ".join(name for name, found in now.items() if found.exact is None)
            why = f"undefined: the decrease of {names} is not known"
        return Combined(
            day=on,
            before=tuple(agent.name for agent in before),
            after=tuple(agent.name for agent in self.agents if agent.series.taken(on, on)),
            reduced=tuple(
                name for name, found in now.items() if found.exceeds(share, strict=strict)
            ),
            stopped=tuple(
                agent.name for agent in before if agent.series.dose_on(on) == 0
            ),
            composite=None if why else sum(known, Fraction(0)) / len(known),
            why_not=why,
        )  # fmt: skip

    @property
    def working(self) -> Working:
        """How each agent's numbers were found, with their sources."""
        low, high = self.options.baseline
        steps = []
        for agent in self.agents:
            if agent.name == GLUCOCORTICOIDS:
                table = self.options.table
                steps += [
                    Step(f"{name} in prednisone", "dose × factor", f"× {table.factor(name)}", "",
                         table.source(name), f"table {table.key}")
                    for name in agent.drugs
                ]  # fmt: skip
            base, now = str(agent.baseline), str(agent.current)
            steps += [
                Step(f"{agent.name}: baseline", f"mean daily dose, days {low} to {high}", "", base,
                     REASONS["baseline"]),
                Step(f"{agent.name}: dose on day {agent.current.last}", "", "", now),
                Step(f"{agent.name}: decrease", "(baseline − current) / baseline",
                     f"({base} − {now}) / {base}", str(agent.decrease)),
                Step(f"{agent.name}: average dose", "sum of daily doses / days",
                     f"days {agent.average.first} to {agent.average.last}", str(agent.average)),
                Step(f"{agent.name}: reduction", "", "", str(agent.reduction),
                     REASONS["threshold"]),
                Step(f"{agent.name}: discontinuation", "", "", str(agent.discontinuation),
                     REASONS["gap_days"]),
            ]  # fmt: skip
        return Working(tuple(steps))

    def __str__(self) -> str:
        who = f"{self.patient}: " if self.patient else ""
        return f"{who}{self.combined()}"


def assess(
    records: Iterable[DoseRecord],
    *,
    until: int | dt.date | str,
    infusion: dt.date | str | None = None,
    weight: Measured | None = None,
    recorded_from: int | dt.date | str | None = None,
    died_on: int | dt.date | str | None = None,
    lost_on: int | dt.date | str | None = None,
    new_therapy_on: int | dt.date | str | None = None,
    options: Options | None = None,
    patient: str | None = None,
) -> TherapyCourse:
    """Assess the concomitant therapy of one patient.

    Parameters
    ----------
    records
        Medication records, in any order.
    until
        Last day on which medication is known: the data cutoff or the end of follow-up.
    infusion
        Date of day 0; needed when the records have dates.
    weight
        Body weight [kg]; needed only where doses per kilogram stand beside absolute ones.
    recorded_from
        First day from which medication is known; by default before the baseline window.
    died_on, lost_on, new_therapy_on
        What ends the window before ``until``; the day itself still counts.
    options
        The choices; by default `Options()`.
    patient
        Subject identifier, for messages and results.

    Returns
    -------
    The agents with baseline, decrease, reduction and discontinuation.

    Raises
    ------
    RecordError
        Two records of one drug share a day and no policy was chosen.
    MissingFactError
        Dates without the infusion, or a weight that is needed.
    ImpossibleError
        The window ends before the day from which reductions count.

    Examples
    --------
    >>> course = assess(
    ...     [
    ...         DoseRecord("prednisone", "20 mg", "QD", start=-60, end=30, purpose="ITP"),
    ...         DoseRecord("prednisone", "5 mg", "QD", start=31, end=90, purpose="ITP"),
    ...     ],
    ...     until=180,
    ... )
    >>> print(course.agents[0].decrease_on(60), course.agents[0].reduction)
    75 % from day 31, 150 d
    >>> course.agents[0].discontinuation.stopped_on
    91
    """
    chosen = Options() if options is None else options
    zero = None if infusion is None else calendar_date(infusion, "infusion")
    ends = {
        "end of observation": _day(until, zero, "until"),
        "death": _day(died_on, zero, "died_on"),
        "lost to follow-up": _day(lost_on, zero, "lost_on"),
        "new ITP therapy": _day(new_therapy_on, zero, "new_therapy_on"),
    }
    last, why = min((day, why) for why, day in ends.items() if day is not None)
    rows = tuple(records)
    found = [(record, days_of(record, zero, partial=chosen.partial)) for record in rows]
    if chosen.new_therapy == "ends":
        last, why = _new_therapy(found, last, why)
    if last < chosen.first_day:
        raise ImpossibleError(
            f"the window ends on day {last} ({why}), before day {chosen.first_day}, from which "
            "reductions count",
            field="until",
            given=last,
        )
    known_from = _day(recorded_from, zero, "recorded_from")
    starts = [days.first for _, days in found if days.first is not None]
    first = min([chosen.baseline[0], *starts]) if known_from is None else known_from
    notes: list[str] = []
    counted: list[Dated] = []
    left_out: list[Dated] = []
    for record, days in found:
        low = first if days.first is None else days.first
        high = last if days.last is None else days.last
        dated = Dated(record, low, high, record.per_day)
        counts = record.purpose is Purpose.ITP and not record.drug.is_procedure
        (counted if counts else left_out).append(dated)
        notes += [f"{record}: {text}" for text in (*days.flags, *(record.notes if counts else ()))]
        if low > last:
            notes.append(f"{record}: begins after the end of the window")
    kilograms = to_optional_quantity(weight)
    if kilograms is not None:
        _WEIGHT.check("weight", kilograms)
    agents = _agents(counted, first, last, kilograms, chosen)
    off = _off(agents, first, last, chosen)
    return TherapyCourse(
        patient=patient, infusion=zero, first=first, last=last, ended_by=why, options=chosen,
        agents=agents, off=off, counted=tuple(sorted(counted, key=_order)),
        left_out=tuple(sorted(left_out, key=_order)), notes=tuple(dict.fromkeys(sorted(notes))),
    )  # fmt: skip


def _order(dated: Dated) -> tuple[int, int, str]:
    return dated.first, dated.last, str(dated.record)


def _day(given: int | dt.date | str | None, zero: dt.date | None, name: str) -> int | None:
    if given is None or isinstance(given, int):
        return given if given is None else ProtocolDay(given).number
    return day_number(calendar_date(given, name), zero)


def begins_therapy(record: DoseRecord) -> bool:
    """Say whether a record, first given after the infusion, is a new ITP therapy.

    Rescue is none: glucocorticoids, immunoglobulin, transfusions, and what was recorded as rescue.
    """
    drug = record.drug
    if record.purpose is not Purpose.ITP or record.rescue or drug.name in _NO_THERAPY:
        return False
    if drug.is_procedure:
        return drug.name == "splenectomy"
    return drug.drug_class not in RESCUE_CLASSES


def _new_therapy(found: Sequence[tuple[DoseRecord, Days]], last: int, why: str) -> tuple[int, str]:
    """Find the first ITP drug, other than rescue, that was first given after the infusion."""
    begun: dict[str, int | None] = {}
    for record, days in found:
        if begins_therapy(record):
            name = record.drug.name
            before = begun.get(name, days.first)
            known = None not in (days.first, before)
            begun[name] = min(days.first or 0, before or 0) if known else None
    new = [(day, name) for name, day in begun.items() if day is not None and 0 < day < last]
    if not new:
        return last, why
    day, name = min(new)
    return day, f"new ITP therapy: {name} on day {day}"


def _agents(
    counted: Sequence[Dated], first: int, last: int, weight: Quantity | None, options: Options
) -> tuple[Agent, ...]:
    groups: dict[str, list[Dated]] = {}
    for dated in counted:
        drug = dated.record.drug
        pooled = drug.drug_class is DrugClass.GLUCOCORTICOID
        groups.setdefault(GLUCOCORTICOIDS if pooled else drug.name, []).append(dated)
    return tuple(
        _measured(daily(group, first, last, weight, options), options)
        for _, group in sorted(groups.items())
    )


def _measured(found: Daily, options: Options) -> Agent:
    series, last = found.series, found.series.last
    base = average(series, *options.baseline)
    current = average(series, last, last)
    mean = average(series, options.first_day, last)
    return Agent(
        name=found.name,
        drug_class=found.drug_class,
        drugs=found.drugs,
        effect_days=found.effect_days,
        series=series,
        given=found.given,
        baseline=base,
        current=current,
        average=mean,
        decrease=decrease(base, current),
        average_decrease=decrease(base, mean),
        reduction=reduction(series, base, last, options),
        discontinuation=discontinuation(
            series, options.first_day, last, gap_days=options.gap_days, since=options.baseline[0]
        ),
        notes=found.notes,
    )


def _off(agents: Sequence[Agent], first: int, last: int, options: Options) -> Discontinuation:
    """Return days on which no agent was taken; a dose that is not known was taken."""
    on = [
        (span.first, span.last, Fraction(1))
        for agent in agents
        for span in agent.series.spans
        if span.dose != 0
    ]
    series = DoseSeries("all ITP therapy", "", layered(on, first, last))
    return discontinuation(
        series, options.first_day, last, gap_days=options.gap_days, since=options.baseline[0]
    )


__all__ = ["RESCUE_CLASSES", "Combined", "TherapyCourse", "assess", "begins_therapy"]
