"""The CRS gate of a split infusion: whether the next fraction is given, reduced, held or stopped.

A gate is data that a protocol supplies; the library has no default, and the registry entry of the
trial names none. A day without an assessment, or with an open grade, never lets a fraction pass.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from fractions import Fraction
from typing import Any

from attrs import converters, field, frozen

from itp_carT.days import calendar_date
from itp_carT.dosing.split import PartialDose, SplitDose, plain_fraction
from itp_carT.errors import (
    ImpossibleError,
    MissingFactError,
    NotPermittedError,
    UndecidedError,
    UnknownTermError,
)
from itp_carT.notation import show
from itp_carT.sources import Citation
from itp_carT.toxicity.episodes import Days, by_day, days_without
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.scales import Scale, ScaleAssessment, ScaledGrade
from itp_carT.units import Quantity, make, measured, to_optional_quantity, value_in

from .gate_rules import Action, Reduction, ResumeRule, to_scaled


def _to_reductions(given: Any) -> tuple[Reduction, ...]:
    listed = (given,) if isinstance(given, Reduction) else tuple(given)
    return tuple(sorted(listed, key=lambda one: one.at_grade.grade, reverse=True))


@frozen(kw_only=True)
class CrsGate:
    """A protocol's rule for the fractions after the first.

    Parameters
    ----------
    name
        Name of the rule, e.g. the protocol's section.
    hold_at_grade
        From this grade on, the fraction of the day is held.
    stop_at_grade
        Once this grade was reached since the first fraction, no more is given; None when the
        protocol states none.
    reduce
        Reductions below the grade of holding.
    resume_rule
        When a held fraction may be given; None: it stays held.
    max_delay
        Longest delay of a fraction against its planned day [d]; None when none is stated.
    source
        Where the protocol states it.
    example
        True only for an illustration, which is of no protocol and has no source.

    Raises
    ------
    MissingFactError
        No source, and it is not marked as an example.
    DimensionError
        The grades are of different scales.
    ImpossibleError
        Grades that contradict each other.
    """

    name: str
    hold_at_grade: ScaledGrade = field(converter=to_scaled)
    stop_at_grade: ScaledGrade | None = field(
        default=None, converter=converters.optional(to_scaled)
    )
    reduce: tuple[Reduction, ...] = field(default=(), converter=_to_reductions)
    resume_rule: ResumeRule | None = None
    max_delay: Quantity | None = field(
        default=None,
        converter=to_optional_quantity,
        validator=measured("d", possible=("0 d", "365 d"), positive=False),
    )
    source: Citation | None = None
    example: bool = False

    def __attrs_post_init__(self) -> None:
        if (self.source is None) is not self.example:
            raise MissingFactError(
                "a gate needs the place of the protocol that states it, and only an example has "
                "none: write source=..., or example=True",
                field="source",
            )
        hold = self.hold_at_grade
        orders = [("hold_at_grade", hold > self.scale.grade(0), "is above grade 0")]
        if self.stop_at_grade is not None:
            orders.append(("stop_at_grade", self.stop_at_grade >= hold, f"is at least {hold}"))
        if self.resume_rule is not None:
            below = self.resume_rule.at_most < hold
            orders.append(("resume_rule", below, f"resumes below {hold}"))
        orders += [("reduce", one.at_grade < hold, f"lies below {hold}") for one in self.reduce]
        for name, right, wanted in orders:
            if not right:
                raise ImpossibleError(
                    f"the grades of the gate contradict each other: {name} {wanted}", field=name
                )

    @property
    def scale(self) -> Scale:
        """The scale of its grades; assessments of another one are refused."""
        return self.hold_at_grade.scale

    @property
    def _mark(self) -> str:
        return f"CRS gate {self.name}: "

    def __str__(self) -> str:
        lines = [f"hold from {self.hold_at_grade}"]
        lines += [f"stop from {self.stop_at_grade}"] if self.stop_at_grade else []
        lines += [
            f"{plain_fraction(100 * one.share)} % of the fraction from {one.at_grade}"
            for one in self.reduce
        ]
        rule = self.resume_rule
        lines.append(
            f"resume at {rule.at_most} or less on {rule.days} days in a row"
            if rule
            else "no rule to resume: a held fraction stays held"
        )
        lines.append(f"at most {self.max_delay} late" if self.max_delay else "no limit of delay")
        where = "EXAMPLE, of no protocol" if self.example else str(self.source)
        return f"{self.name}: {'; '.join(lines)} ({where})"

    def decide(
        self,
        account: SplitDose,
        number: int,
        assessments: Iterable[ScaleAssessment],
        *,
        on: dt.date | str,
    ) -> GateDecision:
        """Judge one fraction on one day.

        Parameters
        ----------
        account
            What was given and held so far.
        number
            Number of the fraction, from 2; all before it were given.
        assessments
            Dated CRS assessments on the gate's scale; those after the day are left aside.
        on
            The day.

        Returns
        -------
        The decision, or those still possible where a grade is open or a day was not assessed.

        Raises
        ------
        MissingFactError
            There is no assessment on the day.
        NotPermittedError
            The fraction is not next, not due, given already, or held for another reason.
        DimensionError
            Assessments on another scale.
        """
        day = calendar_date(on, "on")
        part = self._next(account, number, day)
        days = self._days(account, assessments, day)
        today = dict(days).get(day)
        if today is None:
            raise MissingFactError(
                f"there is no {self.scale} assessment on {day.isoformat()}: fraction {number} "
                "cannot be judged; assess the patient on the day",
                field="assessments",
                given=day,
            )
        stop = self._stopped(account, part, days, day)
        found: dict[Choice, str] = {}
        if stop[0] is not False:
            found[Action.STOP, None] = stop[1]
        if stop[0] is not True:
            for grade in today.possible:
                choice, why = self._choice(part, grade, days, day)
                found.setdefault(choice, why)
        order = list(Action)
        choices = sorted(found, key=lambda choice: (order.index(choice[0]), choice[1] or 0))
        return GateDecision(
            gate=self,
            number=number,
            on=day,
            choices=tuple(choices),
            reasons=tuple(found[choice] for choice in choices),
        )

    def _next(self, account: SplitDose, number: Any, day: dt.date) -> PartialDose:
        """Return the fraction if it is the next one and due."""
        count = len(account)
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= count:
            raise UnknownTermError(
                f"there is no fraction {show(number)}: they are numbered 1 to {count}",
                field="number",
                given=number,
                nearest=tuple(range(1, count + 1)),
            )
        part = account[number - 1]
        waiting = next((one.number for one in account if one.given is None), None)
        due = due_date(account, number) if waiting == number > 1 else part.date
        if number == 1:
            why = "is not gated: the gate stands between fractions"
        elif waiting is None or waiting > number:
            why = "was given already"
        elif waiting < number:
            why = f"is not next: fraction {waiting} comes first"
        elif day < due:
            why = f"is not due before {due.isoformat()}"
        elif part.held and not part.held.startswith(self._mark):
            why = f"is held for another reason ({part.held}), which the gate does not lift"
        else:
            return part
        raise NotPermittedError(
            f"fraction {number} {why}", field="number", given=number, citation=str(self.source)
        )

    def _days(
        self, account: SplitDose, assessments: Iterable[ScaleAssessment], day: dt.date
    ) -> Days:
        first = account[0].given_on
        listed = list(assessments)
        for item in listed:
            _ = self.hold_at_grade >= item.worst  # refuses another scale
        return tuple(
            (on, item) for on, item in by_day(listed) if first is not None and first <= on <= day
        )

    def _stopped(
        self, account: SplitDose, part: PartialDose, days: Days, day: dt.date
    ) -> tuple[bool | None, str]:
        """Say whether no more may be given, None where that is open, and why."""
        if self.max_delay is not None:
            delay = (day - part.date).days
            if delay > value_in(self.max_delay, "d"):
                return True, f"{delay} d late, more than {self.max_delay}"
        stop = self.stop_at_grade
        if stop is None:
            return False, ""
        for on, item in days:
            if item.mildest >= stop:
                return True, f"{item.mildest} on {on.isoformat()}"
        for on, item in days:
            if item.worst >= stop and on != day:
                return None, f"{stop} cannot be excluded on {on.isoformat()}"
        first = account[0].given_on or part.date
        gaps = days_without(days, first + dt.timedelta(1), day)
        if gaps:
            listed = ", ".join(gap.isoformat() for gap in gaps)
            return None, f"{stop} cannot be excluded: no assessment on {listed}"
        return False, ""

    def _choice(
        self, part: PartialDose, number: Grade, days: Days, day: dt.date
    ) -> tuple[Choice, str]:
        """Return what a grade on the day leads to, with the reason."""
        grade = self.scale.grade(number)
        choice = self.answer(grade)
        if part.held and choice[0] in {Action.GIVE, Action.REDUCE}:
            rested, why = self._rested(grade, days, day)
            if not rested:
                return (Action.HOLD, None), why
        return choice, f"{grade} on {day.isoformat()}"

    def answer(self, grade: ScaledGrade) -> Choice:
        """Return what becomes of a fraction that is due at a grade, when none was held before.

        Parameters
        ----------
        grade
            The worst grade of the day, on the gate's scale.
        """
        if self.stop_at_grade is not None and grade >= self.stop_at_grade:
            return Action.STOP, None
        if grade >= self.hold_at_grade:
            return Action.HOLD, None
        for one in self.reduce:
            if grade >= one.at_grade:
                return Action.REDUCE, one.share
        return Action.GIVE, None

    def _rested(self, grade: ScaledGrade, days: Days, day: dt.date) -> tuple[bool, str]:
        """Say whether the rule to resume is met; a day not assessed does not meet it."""
        rule = self.resume_rule
        if rule is None:
            return False, "the gate states no rule to resume"
        if grade > rule.at_most:
            return False, f"{grade}, resumed at {rule.at_most} or less"
        there = dict(days)
        for back in range(1, rule.days):
            on = day - dt.timedelta(back)
            item = there.get(on)
            if item is None:
                return False, f"not resumed: no assessment on {on.isoformat()}"
            if item.mildest > rule.at_most:
                return False, f"not resumed: {item.mildest} on {on.isoformat()}"
            if item.worst > rule.at_most:
                return False, f"not resumed: {item.worst} not excluded on {on.isoformat()}"
        return True, ""

    def apply(
        self,
        account: SplitDose,
        number: int,
        assessments: Iterable[ScaleAssessment],
        *,
        on: dt.date | str,
    ) -> SplitDose:
        """Judge one fraction on one day and record what becomes of it.

        Raises
        ------
        UndecidedError
            The decision is open.
        """
        return self.decide(account, number, assessments, on=on).record(account)


Choice = tuple[Action, Fraction | None]


def due_date(account: SplitDose, number: int) -> dt.date:
    """Return the first day of a fraction: as planned, and as long after the one before as planned.

    Parameters
    ----------
    account
        What was given so far.
    number
        Number of the fraction, from 1.
    """
    part = account[number - 1]
    if number == 1:
        return part.date
    before = account[number - 2]
    if before.given_on is None:
        return part.date
    return max(part.date, before.given_on + dt.timedelta(part.day - before.day))


@frozen(kw_only=True)
class GateDecision:
    """What the gate says of one fraction on one day.

    Parameters
    ----------
    gate
        The rule.
    number
        Number of the fraction.
    on
        The day.
    choices
        Actions still possible, the gravest first, with the share of a reduction.
    reasons
        Why, one for each.
    """

    gate: CrsGate = field(repr=False)
    number: int
    on: dt.date
    choices: tuple[Choice, ...]
    reasons: tuple[str, ...]

    @property
    def settled(self) -> bool:
        """Whether one action is left."""
        return len(self.choices) == 1

    @property
    def action(self) -> Action:
        """The one action.

        Raises
        ------
        UndecidedError
            More than one is possible.
        """
        if self.settled:
            return self.choices[0][0]
        told = "; or ".join(
            f"{choice[0].value} ({why})"
            for choice, why in zip(self.choices, self.reasons, strict=True)
        )
        raise UndecidedError(
            f"fraction {self.number} on {self.on.isoformat()}: {told}: settle the assessments "
            "first, nothing is given until then",
            possible=tuple(choice[0] for choice in self.choices),
            missing=("settled assessments",),
            citation=str(self.gate.source),
        )

    @property
    def passes(self) -> bool | None:
        """Whether cells may be given, or None while that is open; it is then not given."""
        given = {choice[0] in {Action.GIVE, Action.REDUCE} for choice in self.choices}
        return given.pop() if len(given) == 1 else None

    @property
    def share(self) -> Fraction:
        """Share of the planned fraction to give: 1, that of a reduction, or 0."""
        whole = Fraction(1) if self.action is Action.GIVE else Fraction(0)
        return self.choices[0][1] or whole

    def record(self, account: SplitDose) -> SplitDose:
        """Record the decision in the account; between hold and stop, a hold.

        Raises
        ------
        UndecidedError
            It is open whether cells may be given.
        """
        part = account[self.number - 1]
        if self.passes is not False and self.action in {Action.GIVE, Action.REDUCE}:
            if part.held:
                account = account.resume(self.number)
            cells = value_in(part.planned, "cell") * self.share.numerator / self.share.denominator
            return account.give(self.number, make(cells, "cell"), on=self.on)
        stopped = "stopped, " if self.choices[-1][0] is Action.STOP else ""
        mark = self.gate._mark  # noqa: SLF001 - the gate's own decision
        return account.hold(self.number, f"{mark}{stopped}{self.reasons[0]}")

    def __str__(self) -> str:
        told = "; or ".join(
            f"{choice[0].value}{'' if choice[1] is None else f' to {plain_fraction(choice[1])}'}, "
            f"{why}"
            for choice, why in zip(self.choices, self.reasons, strict=True)
        )
        label = " [EXAMPLE gate, of no protocol]" if self.gate.example else ""
        return f"{self.on.isoformat()}  fraction {self.number}: {told}{label}"


__all__ = [
    "Action",
    "CrsGate",
    "GateDecision",
    "Reduction",
    "ResumeRule",
    "due_date",
]
