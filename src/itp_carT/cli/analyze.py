"""The command ``itp-cart analyze``: a study folder in, every endpoint and a report out."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import click

from itp_carT.protocol.published import protocol_of, schedule_of
from itp_carT.study import read_study
from itp_carT.study.analysis import Analysis, analyze, mapped_questionnaire
from itp_carT.study.numbers import explain
from itp_carT.study.problems import Severity

from .patient import show
from .written import check_place, complete

_LONG = 50  # patients from which the analysis takes long enough for a bar


@click.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--report", "report_file", type=click.Path(path_type=Path),
              help="Write the report, one HTML file that needs nothing else.")  # fmt: skip
@click.option("--json", "json_file", type=click.Path(path_type=Path),
              help="Write every number, its rule and its rows as JSON.")  # fmt: skip
@click.option("--csv", "csv_file", type=click.Path(path_type=Path),
              help="Write every number as CSV.")  # fmt: skip
@click.option("--criteria", help="Response criteria; by default as study.toml states.")
@click.option("--explain", "key", help="Print where a number comes from, by its key.")
@click.option("--no-pictures", is_flag=True, help="Leave the pictures out of the report.")
@click.option("--force", is_flag=True, help="Replace files that are there.")
def command(
    study: Path,
    report_file: Path | None,
    json_file: Path | None,
    csv_file: Path | None,
    criteria: str | None,
    key: str | None,
    *,
    no_pictures: bool,
    force: bool,
) -> None:
    """Compute every endpoint of the study folder STUDY.

    A problem in the data does not stop the analysis: rows that could not be read are left out, and
    the summary says how many.
    """
    places = {"report": report_file, "json": json_file, "csv": csv_file}
    for field, place in places.items():
        if place is not None:
            check_place(place, force=force, field=field)
    found = _analyzed(study, criteria)
    if key is not None:
        show(explain(found.number(key)))
        return
    with ExitStack() as stack:
        # all of them appear, or none does
        for field, place in places.items():
            if place is not None:
                half = stack.enter_context(complete(place, force=force, field=field))
                text = _text(field, found, pictures=not no_pictures)
                half.write_text(text, encoding="utf-8", newline="\n")
    show("\n".join(_lines(found, [place for place in places.values() if place is not None])))


def _analyzed(folder: Path, criteria: str | None) -> Analysis:
    study = read_study(folder)
    scales = mapped_questionnaire(folder, study.header)
    length = len(study.subjects)
    key = study.header.protocol or "NCT05315778"
    with click.progressbar(
        length=length, label="patients", file=sys.stderr, hidden=length < _LONG
    ) as bar:
        return analyze(
            study, protocol_of(key), schedule=schedule_of(key), criteria=criteria,
            questionnaire=scales, progress=bar.update,
        )  # fmt: skip


def _text(kind: str, found: Analysis, *, pictures: bool) -> str:
    if kind == "json":
        return found.to_json()
    if kind == "csv":
        return found.to_csv()
    from itp_carT.report import report

    return report(found, with_pictures=pictures)


def _lines(found: Analysis, written: list[Path]) -> Iterator[str]:
    name = found.header.name or "study"
    label = "" if not found.header.synthetic else " (synthetic data: nothing may be concluded)"
    yield f"{name}{label}"
    yield f"protocol {found.protocol.name}, response by {found.plan.criteria.key}"
    for section in found.sections:
        if not section.numbers:
            continue
        yield ""
        yield section.title
        wide = max(len(number.label) for number in section.numbers)
        yield from (f"  {number.label:<{wide}}  {number}" for number in section.numbers)
    yield ""
    stops = sum(one.severity is Severity.STOPS for one in found.validation.problems)
    if stops:
        yield f"{stops} problems in the files stop an endpoint: see itp-cart validate."
    refused = [(one.id, name) for one in found.patients for name in one.refused]
    if refused:
        told = ", ".join(f"{who} {what}" for who, what in refused[:10])
        more = f" and {len(refused) - 10} more" if len(refused) > 10 else ""
        yield f"Could not be computed: {told}{more}."
    for place in written:
        yield f"wrote {place.name}"
    yield "Informs professionals and decides nothing for them."


__all__ = ["command"]
