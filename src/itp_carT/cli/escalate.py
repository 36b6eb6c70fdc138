"""The command ``itp-cart escalate``: a design's table, or the next step of a trial in progress."""

from __future__ import annotations

import json
from typing import Any

import click

from itp_carT import __version__
from itp_carT.errors import ImpossibleError, NotationError
from itp_carT.escalation.cohorts import Cohorts, Decision, recommend, recommend_3plus3
from itp_carT.escalation.designs import DESIGNS, design
from itp_carT.escalation.table import Action, DecisionTable


def numbers(text: str, field: str) -> tuple[int, ...]:
    """Read whole numbers separated by commas, one per dose level.

    Raises
    ------
    NotationError
        A part that is not a whole number.
    """
    found = []
    for part in text.split(","):
        if not part.strip().isascii() or not part.strip().isdigit():
            raise NotationError(
                f'"{part.strip()}" is not a whole number: write e.g. "3" or "3,6,3"',
                field=field,
                given=text,
            )
        found.append(int(part))
    return tuple(found)


@click.command()
@click.option(
    "--design", "name", default="boin", show_default=True,
    help=f"One of {', '.join(DESIGNS)}.",
)  # fmt: skip
@click.option("--target", help="Target probability of toxicity, e.g. 0.30.  [default: 0.30]")
@click.option("--largest", default=12, show_default=True, help="Largest number at one level.")
@click.option("--table", "as_table", is_flag=True, help="Print the decision table.")
@click.option("--csv", "as_csv", is_flag=True, help="Print the table as CSV.")
@click.option("--treated", help='Patients treated: "3", or per level "3,6,3".')
@click.option("--dlt", help="Patients with dose-limiting toxicity, as --treated.")
@click.option("--current", type=int, help="Level of the last cohort, from 1.")
@click.option("--eliminated-from", type=int, help="Lowest level that was eliminated before.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    name: str,
    target: str | None,
    largest: int,
    as_table: bool,
    as_csv: bool,
    as_json: bool,
    **trial: Any,
) -> None:
    """Print a dose-escalation table, or the next step after a cohort.

    The registry record of NCT05315778 names no design: the choice is the reader's.
    """
    options = {} if name.strip().casefold() == "3+3" else {"largest": largest}
    table = design(name, target, **options)
    if trial["treated"] is None and trial["dlt"] is None:
        _show_table(table, as_csv=as_csv, as_json=as_json)
        return
    if as_table or as_csv:
        _show_table(table, as_csv=as_csv, as_json=as_json)
    action, decision = decided(table, **trial)
    _show_decision(table, action, decision, as_json=as_json)


def decided(
    table: DecisionTable,
    treated: str | None,
    dlt: str | None,
    current: int | None,
    eliminated_from: int | None,
) -> tuple[Action, Decision | None]:
    """Find the next step from texts such as "3,6,3"; without a level, the action of the table."""
    if treated is None or dlt is None:
        missing = "treated" if treated is None else "dlt"
        raise ImpossibleError(
            "patients treated and toxicities belong together: give both", field=missing
        )
    many, toxic = numbers(treated, "treated"), numbers(dlt, "dlt")
    if len(many) == 1 and len(toxic) == 1 and current is None:
        return table.action(treated=many[0], dlt=toxic[0]), None
    if current is None:
        raise ImpossibleError(
            "several levels were given: say at which the last cohort was treated", field="current"
        )
    state = Cohorts(treated=many, dlt=toxic, current=current, eliminated_from=eliminated_from)
    step = recommend_3plus3 if table.target is None else recommend
    decision = step(table, state)
    return decision.action, decision


def _show_table(table: DecisionTable, *, as_csv: bool, as_json: bool) -> None:
    if as_csv:
        click.echo(table.to_csv(), nl=False)
        return
    if not as_json:
        click.echo(str(table))
        click.echo(f"\nRule: {table.rule}.")
        return
    click.echo(json.dumps(table_document(table), indent=2, ensure_ascii=False))


def table_document(table: DecisionTable) -> dict[str, Any]:
    """Arrange a decision table as the documented JSON."""
    known = [n for n, row in enumerate(table.actions, start=1) if row[0] is not None]
    return {
        "design": table.name,
        "target": None if table.target is None else float(table.target),
        "boundaries": [
            {"treated": n, **{action.name: bound for action, bound in table.boundaries(n).items()}}
            for n in known
        ],
        "source": str(table.source),
        "version": __version__,
    }


def decision_document(
    table: DecisionTable, action: Action, decision: Decision | None
) -> dict[str, Any]:
    """Arrange the next step of a trial as the documented JSON."""
    document: dict[str, Any] = {"design": table.name, "action": action.name}
    if decision is not None:
        document |= {
            "step": decision.step.name,
            "level": decision.level,
            "eliminated": list(decision.eliminated),
            "because": decision.because,
        }
    return document | {"source": str(table.source), "version": __version__}


def _show_decision(
    table: DecisionTable, action: Action, decision: Decision | None, *, as_json: bool
) -> None:
    if as_json:
        document = decision_document(table, action, decision)
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    elif decision is not None:
        click.echo(str(decision))
    else:
        click.echo(f"{action.name}: {action.label} ({table.name}: {table.rule}; {table.source})")


__all__ = ["command", "decided", "decision_document", "numbers", "table_document"]
