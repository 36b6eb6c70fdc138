"""The calculator of dose escalation: a design's decision table, and the next step of a trial."""

from __future__ import annotations

from typing import Any

from itp_carT.cli import escalate
from itp_carT.escalation.designs import DESIGNS, design
from itp_carT.escalation.table import Action, DecisionTable

from .form import Answer, Field, Panel, Tool, number

_NAMES = {
    "boin": "BOIN",
    "keyboard": "Keyboard",
    "mtpi-2": "mTPI-2",
    "i3+3": "i3+3",
    "3+3": "3+3",
}
_INTERVAL = tuple(key for key in DESIGNS if key != "3+3")
_FIELDS = (
    Field("design", "Design", "choice", choices=tuple(_NAMES.items()), start="boin"),
    Field("target", "Target probability of toxicity", hint="0.30", start="0.30",
          shown_if=("design", _INTERVAL)),
    Field("largest", "Largest number at one level", "whole", start="12",
          shown_if=("design", _INTERVAL)),
    Field("treated", "Patients treated", hint="3; or per level, lowest first: 3,6,3"),
    Field("dlt", "Patients with dose-limiting toxicity", hint="as above: 1; or 0,1,2"),
    Field("current", "Level of the last cohort", "whole", hint="from 1; for several levels"),
    Field("eliminated_from", "Lowest level eliminated before", "whole"),
)  # fmt: skip


def _escalation(given: dict[str, Any]) -> Answer:
    name = given["design"]
    options = {} if name == "3+3" else {"largest": number(given["largest"] or "12")}
    target = None if name == "3+3" else given["target"]
    table = design(name, target, **options)
    panel = _panel(table)
    if given["treated"] is None and given["dlt"] is None:
        headline = f"{table.name}, decision table"
        return Answer(
            headline, escalate.table_document(table), [panel], [table.rule], sources=(table.source,)
        )
    trial = {name: given[name] for name in ("treated", "dlt")}
    trial |= {name: number(given[name]) for name in ("current", "eliminated_from")}
    action, decision = escalate.decided(table, **trial)
    headline = f"{action.name}: {action.label}" if decision is None else decision.step.label
    if decision is not None and decision.level is not None:
        headline += f" (level {decision.level})"
    because = [f"{table.name}: {table.rule}"] if decision is None else [decision.because]
    if decision is not None and decision.eliminated:
        levels = ", ".join(map(str, decision.eliminated))
        because.append(f"levels that must not be used again: {levels}")
    return Answer(
        headline,
        escalate.decision_document(table, action, decision),
        [panel],
        reading=because,
        sources=(table.source,),
    )


def _panel(table: DecisionTable) -> Panel:
    known = [n for n, row in enumerate(table.actions, start=1) if row[0] is not None]
    bounds = {n: table.boundaries(n) for n in known}
    rows = [
        (str(n), *("-" if bounds[n][kind] is None else str(bounds[n][kind]) for kind in _KINDS))
        for n in known
    ]
    heads = ("Patients treated", "escalate if DLT ≤", "de-escalate if DLT ≥", "eliminate if DLT ≥")
    return Panel("Decision table", heads, rows, (0, 1, 2, 3))


_KINDS = (Action.E, Action.D, Action.DU)

ESCALATION = Tool(
    "escalation",
    "Dose escalation",
    "A design's decision table, and the next step after a cohort. The registry record of "
    "NCT05315778 names no design: the choice is the reader's.",
    _FIELDS,
    _escalation,
    "rules/trial",
    "itp_carT.escalation.designs.design",
    located=lambda name, given: name.partition(" ")[0],  # noqa: ARG005 - "treated at level 2"
)

__all__ = ["ESCALATION"]
