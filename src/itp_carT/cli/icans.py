"""The command ``itp-cart icans``: the ASTCT grade of neurotoxicity on one day.

The ICE score is given as its points or by its tasks; what an option does not mention was not
assessed.
"""

from __future__ import annotations

from typing import Any

import click

from itp_carT.errors import ItpCarTError, NotationError
from itp_carT.toxicity.icans_2019 import icans
from itp_carT.toxicity.ice import Ice

from .assessed import print_assessments
from .patient import collected

_TASKS = tuple(name for name, _ in Ice.TASKS)


def _task_options(command: Any) -> Any:
    for name, most in reversed(Ice.TASKS):
        command = click.option(
            f"--{name}", type=int, metavar="POINTS", help=f"ICE task, 0 to {most}."
        )(command)
    return command


@click.command()
@click.option("--ice", type=int, metavar="POINTS", help="ICE score, 0 to 10.")
@_task_options
@click.option("--consciousness", metavar="TEXT",
              help="awake, awakens spontaneously, awakens to voice, awakens to tactile stimulus, "
              "unarousable.")  # fmt: skip
@click.option("--seizure", metavar="TEXT",
              help="none, clinical, resolves rapidly, prolonged and others.")  # fmt: skip
@click.option("--seizure-duration", metavar="TEXT", help='Of a clinical seizure, "2 min".')
@click.option("--motor", metavar="TEXT", help="none, hemiparesis, paraparesis.")
@click.option("--pressure", metavar="TEXT",
              help="none, focal edema, diffuse edema, papilledema and others.")  # fmt: skip
@click.option("--death", metavar="yes|no", help="Death from ICANS.")
@click.option("--date", metavar="DATE", help="Day of the assessment.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(ice: int | None, date: str | None, as_json: bool, **given: Any) -> None:
    """Grade the neurotoxicity (ICANS, ASTCT 2019) of one day.

    An option left out was not assessed. Without an ICE score the other domains are graded and the
    result is marked incomplete.
    """
    tasks = {name: given.pop(name) for name in _TASKS}
    tested = any(points is not None for points in tasks.values())
    if tested and ice is not None:
        raise NotationError("give the ICE score or its tasks, not both", field="ice", given=ice)
    with collected() as texts:
        try:
            found = icans(ice=Ice(**tasks) if tested else ice, on=date, **given)
        except ItpCarTError as error:
            raise (error.about("date") if error.field == "on" else error) from None
    print_assessments([found], texts, as_json=as_json)


__all__ = ["command"]
