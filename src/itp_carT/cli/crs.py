"""The command ``itp-cart crs``: the grade of cytokine release syndrome on one day, by any scale.

What an option does not mention was not assessed; "none" says that it was, and was not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from itp_carT.errors import ItpCarTError, UnknownTermError
from itp_carT.toxicity import astct_2019, cartox, crs_ctcae, lee_2014, mskcc, penn
from itp_carT.toxicity.crs_findings import CrsFindings
from itp_carT.toxicity.scales import ScaleAssessment

from .assessed import print_assessments
from .patient import collected

SCALES: dict[str, Callable[[CrsFindings], ScaleAssessment]] = {
    "astct-2019": astct_2019.crs_of,
    "ctcae-v5.0": crs_ctcae.v5,
    "ctcae-v6.0": crs_ctcae.v6,
    "lee-2014": lee_2014.crs_of,
    "penn": penn.crs_of,
    "mskcc": mskcc.crs_of,
    "cartox": cartox.crs_of,
}

_FINDINGS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("--temperature", {"help": 'Highest of the day, e.g. "39.1 C".'}),
    ("--hypotension", {"help": "none, fluids, one vasopressor, multiple vasopressors."}),
    ("--vasopressors", {"help": '"norepinephrine + vasopressin", or none.'}),
    ("--hypoxia", {"help": "Device: none, nasal cannula, facemask, CPAP and others."}),
    ("--flow", {"help": 'Oxygen flow, e.g. "6 L/min".'}),
    ("--fio2", {"help": 'Inspired oxygen fraction, e.g. "35 %".'}),
    ("--masked-by", {"help": 'Therapy in established CRS, "tocilizumab", or none.'}),
    ("--fever-explained", {"metavar": "yes|no", "help": "Fever has another cause."}),
    ("--vasopressin-alone", {"metavar": "yes|no", "help": "Alone, it counts as a vasopressor."}),
    ("--life-threatening", {"metavar": "yes|no", "help": "A clinician's statement (CTCAE)."}),
    ("--high-dose", {"metavar": "yes|no", "help": "A vasopressor at high dose."}),
    ("--refractory", {"metavar": "yes|no", "help": "Hypotension does not respond (MSKCC)."}),
    ("--vasopressor-time", {"help": 'Time on vasopressors, e.g. "24 h" (MSKCC).'}),
    ("--organ-toxicity", {"type": int, "help": "Worst CTCAE grade, without transaminases."}),
    ("--transaminases", {"type": int, "help": "CTCAE grade."}),
    ("--creatinine", {"type": int, "help": "CTCAE grade (Penn)."}),
    ("--constitutional", {"metavar": "yes|no", "help": "Constitutional symptoms."}),
    ("--hospitalized", {"metavar": "yes|no", "help": "For symptoms of CRS (Penn)."}),
    ("--intravenous-therapy", {"metavar": "yes|no", "help": "Other than fluids (Penn)."}),
    ("--plasma", {"metavar": "yes|no", "help": "For coagulopathy (Penn)."}),
    ("--death", {"metavar": "yes|no", "help": "Death from CRS."}),
)


def _finding_options(command: Any) -> Any:
    for name, settings in reversed(_FINDINGS):
        command = click.option(name, **{"metavar": "TEXT", **settings})(command)
    return command


@click.command()
@_finding_options
@click.option(
    "--scale", "names", multiple=True, default=("astct-2019",), show_default=True, metavar="KEY",
    help=f"One of {', '.join(SCALES)}; may be repeated.",
)  # fmt: skip
@click.option("--date", metavar="DATE", help="Day of the assessment.")
@click.option("--confirmed", multiple=True, metavar="NAME", help="An unusual value was checked.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], date: str | None, as_json: bool, **given: Any) -> None:
    """Grade the cytokine release syndrome of one day.

    An option left out was not assessed: the grade may then stay open.
    """
    graders = [_scale(name) for name in names]
    with collected() as texts:
        try:
            findings = CrsFindings(on=date, **given)
        except ItpCarTError as error:
            raise (error.about("date") if error.field == "on" else error) from None
        found = [grade(findings) for grade in graders]
    print_assessments(found, texts, as_json=as_json)


def _scale(name: str) -> Callable[[CrsFindings], ScaleAssessment]:
    found = SCALES.get(name.strip().casefold())
    if found is None:
        raise UnknownTermError(
            f'"{name}" is not a scale: write {", ".join(SCALES)}',
            field="scale",
            given=name,
            nearest=tuple(SCALES),
        )
    return found


__all__ = ["SCALES", "command"]
