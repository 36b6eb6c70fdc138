"""The command ``itp-cart escalate``: a design's table, or the next step of a trial in progress."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from itp_carT import __version__
from itp_carT.errors import ImpossibleError, ItpCarTError, MissingFactError, NotationError
from itp_carT.escalation.cohorts import (
    Cohorts,
    Decision,
    recommend,
    recommend_3plus3,
    rule_of,
)
from itp_carT.escalation.designs import DESIGNS, design
from itp_carT.escalation.table import Action, DecisionTable, from_csv
from itp_carT.sources import Source

from .csv_file import text_of


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
@click.option(
    "--file", type=click.Path(path_type=Path, dir_okay=False, exists=True),
    help="A site's own table, written as --csv writes it, in place of --design.",
)  # fmt: skip
@click.option("--source", metavar="TEXT", help="Who states it: name, year, place.")
@click.option("--compare", metavar="DESIGN", help="Print where another design differs.")
@click.option("--treated", help='Patients treated: "3", or per level "3,6,3".')
@click.option("--dlt", help="Patients with dose-limiting toxicity, as --treated.")
@click.option("--current", type=int, help="Level of the last cohort, from 1.")
@click.option("--eliminated-from", type=int, help="Lowest level that was eliminated before.")
@click.option("--refill/--no-return", default=True,
              help="3+3: fill the level below to 6, or stop.  [default: refill]")  # fmt: skip
@click.option("--fill-top/--stop-at-top", default=True,
              help="3+3: fill the top level to 6, or stop at 3.  [default: fill-top]")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    name: str,
    target: str | None,
    largest: int,
    as_table: bool,
    as_csv: bool,
    as_json: bool,
    file: Path | None,
    source: str | None,
    compare: str | None,
    **trial: Any,
) -> None:
    """Print a dose-escalation table, or the next step after a cohort.

    The registry record of NCT05315778 names no design: the choice is the reader's.
    """
    table = _made(name, target, largest) if file is None else _read(file, target, source)
    if compare is not None:
        _show_differences(table, _made(compare, target, largest))
        return
    if trial["treated"] is None and trial["dlt"] is None:
        _show_table(table, as_csv=as_csv, as_json=as_json)
        return
    if as_table or as_csv:
        _show_table(table, as_csv=as_csv, as_json=as_json)
    action, decision = decided(table, **trial)
    _show_decision(table, action, decision, as_json=as_json)


def _made(name: str, target: str | None, largest: int) -> DecisionTable:
    """Return a published table; 3+3 has no target and no largest number."""
    if name.strip().casefold() == "3+3":
        return design(name, target)
    return design(name, target, largest=largest)


def _read(file: Path, target: str | None, stated: str | None) -> DecisionTable:
    """Return a site's own table; it needs to say who states it."""
    parts = [part.strip() for part in (stated or "").split(",", 2)]
    if len(parts) != 3 or not all(parts) or not parts[1].isdecimal():
        raise MissingFactError(
            'a table of your own needs who states it: write --source "NAME, YEAR, PLACE", e.g. '
            '"Site protocol 2.0, 2026, section 6"',
            field="source",
            given=stated,
        )
    source = Source("site", parts[0], int(parts[1]), f"decision table in {file.name}")
    try:
        return from_csv(text_of(file), name=file.stem, source=source.at(parts[2]), target=target)
    except ItpCarTError as error:
        raise (error if error.field == "target" else error.about("file")) from None


def _show_differences(table: DecisionTable, other: DecisionTable) -> None:
    found = table.differences(other)
    click.echo(f"{table.name} and {other.name}: {len(found)} differences")
    for treated, dlt, here, there in found:
        click.echo(f"{dlt} of {treated}: {table.name} {here}, {other.name} {there}")


def decided(
    table: DecisionTable,
    treated: str | None,
    dlt: str | None,
    current: int | None,
    eliminated_from: int | None,
    **variant: bool,
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
    if table.by_threes:
        decision = recommend_3plus3(table, state, **variant)
    else:
        decision = recommend(table, state)
    return decision.action, decision


def _show_table(table: DecisionTable, *, as_csv: bool, as_json: bool) -> None:
    if as_csv:
        click.echo(table.to_csv(), nl=False)
        return
    if not as_json:
        click.echo(str(table))
        if table.rule:
            click.echo(f"\nRule: {table.rule}.")
        return
    click.echo(json.dumps(table_document(table), indent=2, ensure_ascii=False))


def table_document(table: DecisionTable) -> dict[str, Any]:
    """Arrange a decision table as the documented JSON."""
    return {
        "design": table.name,
        "target": None if table.target is None else float(table.target),
        "boundaries": [
            {"treated": n, **{action.name: bound for action, bound in table.boundaries(n).items()}}
            for n in table.known
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
        click.echo(f"{action.name}: {action.label} ({rule_of(table)})")


__all__ = ["command", "decided", "decision_document", "numbers", "table_document"]
