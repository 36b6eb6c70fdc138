"""The command line ``itp-cart``: each command is a module of this package, loaded when it is used.

A refusal goes to standard error with the option it is about, and the exit code is 2. A new
command is a module with a click command named ``command`` and a line in ``COMMANDS``.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable
from typing import IO, Any

import click

from itp_carT import __version__
from itp_carT.errors import ItpCarTError
from itp_carT.translation import LANGUAGES, speaker

#: Commands with the line that ``itp-cart --help`` shows.
COMMANDS = {
    "analyze": "Compute every endpoint of a study folder; write a report.",
    "bleed": "Score bleeding: one assessment, a file, or the whole scoring table.",
    "bsa": "Compare the formulas of body surface area for one patient.",
    "crs": "Grade the cytokine release syndrome of one day, by any of seven scales.",
    "escalate": "Print a dose-escalation table, or the next step after a cohort.",
    "grade": "Grade laboratory values of a CSV or Parquet file by CTCAE.",
    "icans": "Grade the neurotoxicity (ICANS) of one day.",
    "paq": "Score the ITP-PAQ from a file of answers and your licensed mapping.",
    "plan": "Print one patient's dosing plan: drugs, dates, vials, cells, volume.",
    "respond": "Assess platelet response: best response, times, loss, from files of counts.",
    "schedule": "Print one patient's visits with windows; write a calendar file.",
    "simulate": "Write a synthetic study of the trial as a study folder.",
    "simulate-design": "Simulate dose-finding trials under given true toxicity rates.",
    "therapy": "Assess concomitant therapy: decrease, reduction and stop, from a file of records.",
    "term": "Show a term of CTCAE: its grades, limits, options and source.",
    "validate": "Check a study folder: every problem with file, row and column.",
}

# Fields of the library whose option has another name.
_OPTIONS = {
    "total": "product-concentration",
    "viable": "product-concentration",
    "viable_car_t": "product-concentration",
    "product": "product-concentration",
    "volume": "product-volume",
    "formula": "bsa-formula",
    "born": "age",
    "clearance": "creatinine",
    "renal": "renal-schedule",
    "days": "split-days",
    "dates": "seen",
}
_WRITTEN = re.compile(r'\b([a-z_]+)=(?=["0-9])')


def _option(field: str) -> str:
    return "--" + _OPTIONS.get(field, field).replace("_", "-")


class Refusal(click.ClickException):
    """An error of the library, told in the words of the command line."""

    exit_code = 2

    def __init__(self, error: ItpCarTError, say: Callable[[str], str]) -> None:
        text = _WRITTEN.sub(lambda found: f"{_option(found[1])} ", say(error.message))
        super().__init__(f"{_option(error.field)}: {text}" if error.field else text)

    def show(self, file: IO[Any] | None = None) -> None:
        """Write the refusal to standard error."""
        click.echo(f"Error: {self.format_message()}", file=file, err=file is None)


class _Commands(click.Group):
    def list_commands(self, _: click.Context) -> list[str]:
        return sorted(COMMANDS)

    def get_command(self, _: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        found: click.Command = importlib.import_module(
            f".{cmd_name.replace('-', '_')}", __name__
        ).command
        return found

    def format_commands(self, _: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl(sorted(COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ItpCarTError as error:
            raise Refusal(error, ctx.obj or speaker("en")) from None


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="itp-cart")
@click.option(
    "--lang", default="en", show_default=True, metavar="TAG",
    help=f"Language of refusals: {' or '.join(LANGUAGES)}.",
)  # fmt: skip
@click.pass_context
def main(context: click.Context, lang: str) -> None:
    """Clinical rules of trial NCT05315778, with units, dates and sources.

    It informs professionals and decides nothing for them.
    """
    context.obj = speaker(lang)


__all__ = ["COMMANDS", "Refusal", "main"]
