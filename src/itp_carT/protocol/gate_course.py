"""A split infusion taken through a CRS gate, day by day; published schemes, and an example.

What was planned, given and held is reported with its total; nothing is ever scaled up to reach
the protocol's dose.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from attrs import frozen

from itp_carT.dosing.cells import scientific
from itp_carT.dosing.split import SplitDose, SplitInfusion
from itp_carT.sources import COHEN_2019, FREY_2020, Citation
from itp_carT.toxicity.episodes import by_day
from itp_carT.toxicity.scales import CRS_ASTCT_2019, ScaleAssessment
from itp_carT.units import value_in

from .gate import Action, CrsGate, GateDecision, ResumeRule, due_date
from .model import CellTherapy


@frozen(kw_only=True)
class GateCourse:
    """A split dose taken through a gate.

    Parameters
    ----------
    account
        Planned, given and held fractions at the end.
    decisions
        Each decision, in order.
    """

    account: SplitDose
    decisions: tuple[GateDecision, ...]

    def report(self, therapy: CellTherapy) -> str:
        """Return what was planned, given and held, and whether the total is below the protocol's.

        Parameters
        ----------
        therapy
            The protocol's cells, with their lowest dose. Nothing is ever scaled up to reach it.
        """
        lines = [str(decision) for decision in self.decisions]
        for part in self.account:
            given = "" if part.given is None else f" {scientific(value_in(part.given, 'cell'))}"
            day = f" on {part.given_on.isoformat()}" if part.given_on else ""
            held = f" ({part.held})" if part.held else ""
            lines.append(
                f"fraction {part.number}: planned {scientific(value_in(part.planned, 'cell'))} "
                f"cells on {part.date.isoformat()}, {part.status}{given}{day}{held}"
            )
        per_kg = scientific(value_in(self.account.given_per_kg, "cell/kg"))
        ordered = scientific(value_in(self.account.dose.per_kg, "cell/kg"))
        lines.append(f"given in all {per_kg} cell/kg of {ordered} cell/kg ordered")
        short = therapy.shortfall(self.account)
        return "\n".join([*lines, *([f"{short}; not scaled up"] if short else [])])


def follow(gate: CrsGate, account: SplitDose, assessments: Iterable[ScaleAssessment]) -> GateCourse:
    """Judge every fraction on its day, and a held one on each assessed day after it.

    The first fraction is taken as given on its planned day unless the account says otherwise.
    Fractions that come after the last assessment stay planned.

    Parameters
    ----------
    gate
        The protocol's rule.
    account
        The split dose.
    assessments
        Dated CRS assessments on the gate's scale.

    Raises
    ------
    MissingFactError
        A fraction is due on a day without an assessment.
    UndecidedError
        It is open whether a fraction may be given.
    """
    listed = list(assessments)
    if account[0].status == "planned":
        account = account.give(1)
    days = {day for day, _ in by_day(listed)}
    first = account[0].date
    decisions: list[GateDecision] = []
    for number in range((max(days, default=first) - first).days + 1):
        day = first + dt.timedelta(number)
        part = next((one for one in account if one.given is None), None)
        if part is None:
            break
        if day < due_date(account, part.number) or (part.held and day not in days):
            continue
        decisions.append(gate.decide(account, part.number, listed, on=day))
        account = decisions[-1].record(account)
        if decisions[-1].choices[-1][0] is Action.STOP:
            break
    return GateCourse(account=account, decisions=tuple(decisions))


@frozen(kw_only=True)
class PublishedScheme:
    """A published split infusion, with its gate in words where no grade was published.

    Parameters
    ----------
    name
        Product and disease.
    split
        Fractions and days; the first infusion is day 0 here.
    gate
        What was published about holding fractions.
    source
        Where.
    """

    name: str
    split: SplitInfusion
    gate: str
    source: Citation

    def __str__(self) -> str:
        return f"{self.name}: {self.split}; {self.gate} ({self.source})"


FREY_CTL019 = PublishedScheme(
    name="CTL019, acute lymphoblastic leukemia of adults",
    split=SplitInfusion("10/30/60"),
    gate="the second and third fraction may be held for early CRS; no grade is stated",
    source=FREY_2020.at("dosing", note="printed as days 1, 2 and 3; the first is day 0 here"),
)
COHEN_CART_BCMA = PublishedScheme(
    name="CART-BCMA, myeloma",
    split=SplitInfusion("10/30/60"),
    gate="fractions are held for fever or CRS; no grade is known to us",
    source=COHEN_2019.at("dosing", verified=False),
)

#: An illustration of how a gate is written. It is of no protocol and must not be used for one.
EXAMPLE_GATE = CrsGate(
    name="EXAMPLE",
    hold_at_grade=CRS_ASTCT_2019.grade(1),
    stop_at_grade=CRS_ASTCT_2019.grade(3),
    resume_rule=ResumeRule(CRS_ASTCT_2019.grade(0), days=2),
    max_delay="7 d",
    example=True,
)

__all__ = [
    "COHEN_CART_BCMA",
    "EXAMPLE_GATE",
    "FREY_CTL019",
    "GateCourse",
    "PublishedScheme",
    "follow",
]
