"""The command ``itp-cart simulate-design``: how designs behave under given true toxicity rates."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from itp_carT import __version__
from itp_carT.errors import NotPermittedError
from itp_carT.escalation.designs import design
from itp_carT.escalation.simulation import Characteristics, Scenario, simulate
from itp_carT.escalation.table import whole

from .written import write_whole


@click.command()
@click.option("--design", "names", multiple=True, default=("boin", "3+3"), show_default=True,
              help="A design; may be given several times.")  # fmt: skip
@click.option("--target", help="Target probability of toxicity.  [default: 0.30]")
@click.option("--rates", required=True, help='True rates per level, e.g. "0.05,0.15,0.30,0.45".')
@click.option("--patients", default=30, show_default=True, help="Largest number of patients.")
@click.option("--cohort", default=3, show_default=True, help="Patients per cohort.")
@click.option("--start", default=1, show_default=True, help="Level of the first cohort.")
@click.option("--trials", default=10_000, show_default=True, help="Simulated trials.")
@click.option("--seed", type=int, required=True, help="Seed of the random numbers.")
@click.option("--refill/--no-return", default=True,
              help="3+3: fill the level below to 6, or stop.  [default: refill]")  # fmt: skip
@click.option("--fill-top/--stop-at-top", default=True,
              help="3+3: fill the top level to 6, or stop at 3.  [default: fill-top]")  # fmt: skip
@click.option("--plot", type=click.Path(path_type=Path, dir_okay=False), help="Picture file.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(
    names: tuple[str, ...],
    target: str | None,
    rates: str,
    trials: int,
    seed: int,
    plot: Path | None,
    as_json: bool,
    **run: Any,
) -> None:
    """Simulate dose-finding trials and print selections, patients and toxicities per level."""
    scenario = Scenario(rates=tuple(part.strip() for part in rates.split(",")), **run)
    if plot is not None and plot.exists():
        raise NotPermittedError(f"{plot.name} exists: choose another name", field="plot")
    whole(trials, "trials", least=1)
    whole(seed, "seed")
    results = []
    for name in names:
        classic = name.strip().casefold() == "3+3"
        options: dict[str, Any] = {} if classic else {"largest": scenario.patients}
        table = design(name, None if classic else target, **options)
        with click.progressbar(length=trials, label=table.name, file=sys.stderr) as bar:
            results.append(simulate(table, scenario, trials=trials, seed=seed, progress=bar.update))
    if plot is not None:
        from itp_carT import plots

        write_whole(plot, plots.operating_characteristics(results), "plot")
    if as_json:
        click.echo(json.dumps([_document(result) for result in results], indent=2))
    else:
        click.echo("\n\n".join(str(result) for result in results))


def _document(result: Characteristics) -> dict[str, Any]:
    return {
        "design": result.design,
        "rates": [float(rate) for rate in result.scenario.rates],
        "trials": result.trials,
        "seed": result.seed,
        "selected": list(result.selected or ()),
        "none_selected": result.none,
        "patients": list(result.patients),
        "toxicities": list(result.toxicities),
        "version": __version__,
    }
