"""The command ``itp-cart simulate``: a synthetic trial as a study folder, labelled as synthetic."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from itp_carT.protocol.published import protocol_of
from itp_carT.study.simulate import simulate_study


@click.command()
@click.option("--patients", default=5, show_default=True, help="Number of patients.")
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same study.")
@click.option("--protocol", default="NCT05315778", show_default=True, help="Registry number.")
@click.option("--out", "folder", required=True, type=click.Path(path_type=Path),
              help="Folder to make.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a study folder that is there.")
def command(patients: int, seed: int, protocol: str, folder: Path, *, force: bool) -> None:
    """Write a synthetic study of a trial: made-up patients, no real data."""
    with click.progressbar(length=patients, label="patients", file=sys.stderr) as bar:
        made = simulate_study(
            folder, protocol_of(protocol), patients=patients, seed=seed, force=force,
            progress=bar.update,
        )  # fmt: skip
    tables = sorted(path.name for path in made.iterdir())
    click.echo(f"{made.name}: {patients} synthetic patients, seed {seed}")
    click.echo(f"  {', '.join(tables)}")
    click.echo("All of it is made up: nothing may be concluded from it.")
    click.echo(f"Next: itp-cart validate {made.name}, itp-cart analyze {made.name}")
