"""The command ``itp-cart therapy``: medication records of one or many patients to their decrease.

A patient with a row that cannot be used is told and left out, because leaving the row out would
change the result without a word; the others are assessed, and the exit code is 1.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from itp_carT.errors import ItpCarTError, NotationError
from itp_carT.therapy.options import Options

from .patient import collected, show
from .therapy_files import Patient, read
from .therapy_sheet import csv_text, document, sheet
from .written import check_place, write_whole

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command()
@click.argument("file", type=_FILE)
@click.option("--infusion", metavar="DATE",
              help="Date of the infusion, where the file has no column infusion.")  # fmt: skip
@click.option("--until", metavar="DATE|DAY",
              help="Last day on which medication is known; else a column until.")  # fmt: skip
@click.option("--baseline", metavar="DAY:DAY", help="Baseline window. [default: -19:-6]")
@click.option("--threshold", default="25 %", show_default=True, metavar="SHARE",
              help="By more than this a dose is reduced.")  # fmt: skip
@click.option("--at-least", is_flag=True, help="Reduced by at least the threshold, not by more.")
@click.option("--sustain-days", type=int, default=28, show_default=True, metavar="DAYS",
              help="How long a reduction lasts.")  # fmt: skip
@click.option("--gap-days", type=int, default=28, show_default=True, metavar="DAYS",
              help="How long a stop lasts; a shorter one is a gap.")  # fmt: skip
@click.option("--overlap", type=click.Choice(["refuse", "sum", "latest_start"]),
              default="refuse", show_default=True,
              help="Two records of one drug on one day.")  # fmt: skip
@click.option("--new-therapy", type=click.Choice(["ends", "ignored"]), default="ends",
              show_default=True, help="What a new ITP drug does to the window.")  # fmt: skip
@click.option("--working", is_flag=True, help="Add how each number was found.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write the table here as CSV.")
@click.option("--plot", type=_FILE, metavar="FILE", help="Draw the therapy of each patient.")
@click.option("--force", is_flag=True, help="Replace an output that exists.")
@click.pass_context
def command(context: click.Context, /, file: Path, **given: Any) -> None:
    """Assess concomitant therapy from a CSV FILE of medication records, one per row.

    Columns: patient, drug, dose, unit, frequency (QD, BID, QOD, QW, ONCE ...), route, start, end
    (dates, what is known of them, or days from the infusion; an empty end is ongoing), purpose
    (ITP, lymphodepletion, toxicity, other), and where known total_daily, infusion, until, weight,
    rescue (yes or no), died_on, lost_on and new_therapy_on.
    """
    for name in ("output", "plot"):
        if given[name] is not None:
            check_place(given[name], file, force=given["force"], field=name)
    options = _options(given)
    with collected() as texts:
        patients = read(file, infusion=given["infusion"], until=given["until"])
        for patient in patients.values():
            patient.assess(options)
    courses = [patient.course for patient in patients.values() if patient.course is not None]
    if given["as_json"]:
        found = document(patients, options, texts)
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif given["output"] is None or given["working"]:
        show(sheet(courses, options, texts, working=given["working"]))
    if given["output"] is not None:
        write_whole(given["output"], csv_text(courses), "output")
    if given["plot"] is not None:
        _draw(patients, given["plot"])
    _told(context, patients)


def _options(given: dict[str, Any]) -> Options:
    window = {} if given["baseline"] is None else {"baseline": _window(given["baseline"])}
    return Options(
        threshold=given["threshold"],
        strict=not given["at_least"],
        sustain_days=given["sustain_days"],
        gap_days=given["gap_days"],
        overlap=given["overlap"],
        new_therapy=given["new_therapy"],
        **window,  # type: ignore[arg-type]  # a window or nothing
    )


def _window(text: str) -> tuple[int, int]:
    first, _, last = text.partition(":")
    try:
        return int(first), int(last)
    except ValueError:
        raise NotationError(
            f'"{text}" is not a window: write its first and last day, e.g. -19:-6',
            field="baseline",
            given=text,
        ) from None


def _draw(patients: dict[str, Patient], file: Path) -> None:
    from itp_carT import plots

    courses = [patient.course for patient in patients.values() if patient.course is not None]
    try:
        figure = plots.therapy_timeline(courses)
    except ItpCarTError as error:
        raise error.about("plot") from None
    write_whole(file, figure, "plot")


def _told(context: click.Context, patients: dict[str, Patient]) -> None:
    problems = [problem for patient in patients.values() for problem in patient.problems]
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        done = sum(patient.course is not None for patient in patients.values())
        click.echo(f"{done} of {len(patients)} patients assessed", err=True)
        context.exit(1)


__all__ = ["command"]
