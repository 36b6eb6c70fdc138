"""The command ``itp-cart bleed``: one assessment by options, a file of them, or the whole table.

What an option or column does not mention was not assessed, unless ``--rest none`` says that it was
and shows nothing. A row of a file that cannot be scored is told with line and column; the others
are scored all the same.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import click

from itp_carT import __version__
from itp_carT.bleeding import INSTRUMENTS
from itp_carT.bleeding.instrument import BleedingScore, Instrument
from itp_carT.bleeding_diary import yes_or_no
from itp_carT.errors import ItpCarTError, NotPermittedError, RecordError, UnknownTermError

from .patient import collected, show, table
from .written import check_place, write_whole

_ITEMS = {item.key: item for found in reversed(INSTRUMENTS.values()) for item in found.items}
#: Words for every item of every instrument, and for the domain of organs, by option.
NAMES = {**{key: item.label for key, item in _ITEMS.items()}, "organs": "the domain of organs"}
_TRIAL = {item.key for item in INSTRUMENTS["chinese-adult"].items}
_ABOUT = ("patient", "date", "instrument", "age", "born", "rest", "cause", "disproportionate")
_ANSWERS = {True: "yes", False: "no", None: "unknown"}


def _finding_options(command: Any) -> Any:
    """Add an option per item; those of the trial's score are shown, ``--table`` names the rest."""
    for key, label in reversed(NAMES.items()):
        command = click.option(
            f"--{key.replace('_', '-')}", key, multiple=True, metavar="TEXT",
            hidden=key not in _TRIAL, help=f"What was found: {label}; may be repeated.",
        )(command)  # fmt: skip
    return command


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path, dir_okay=False))
@click.option("--instrument", default="chinese-adult", show_default=True, metavar="KEY",
              help=f"One of {', '.join(INSTRUMENTS)}.")  # fmt: skip
@click.option("--table", "whole_table", is_flag=True,
              help="Print the whole scoring table, to be compared with the guideline.")  # fmt: skip
@click.option("--age", type=int, metavar="YEARS", help="Completed years on the day.")
@click.option("--born", metavar="DATE", help="Date of birth, instead of the age.")
@_finding_options
@click.option("--rest", metavar="none",
              help='"none": what is not mentioned was assessed and shows nothing.')  # fmt: skip
@click.option("--date", metavar="DATE", help="Day of the assessment.")
@click.option("--patient", metavar="TEXT", help="Subject identifier.")
@click.option("--cause", metavar="WORD", help="spontaneous, menses, trauma or procedure.")
@click.option("--disproportionate", metavar="yes|no",
              help="Whether the bleed was more than its cause explains.")  # fmt: skip
@click.option("--bleeding-from", type=int, default=1, show_default=True, metavar="POINTS",
              help="Points from which there is bleeding.")  # fmt: skip
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False),
              help="Write the scored rows of a file here as CSV.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace an output that exists.")
@click.option("--working", is_flag=True, help="Add each step for the second check.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.pass_context
def command(context: click.Context, /, file: Path | None, **given: Any) -> None:
    """Score one bleeding assessment, or a CSV FILE with one assessment per row.

    Columns of the file have the names of the options: patient, date, age, the items, rest, cause.
    """
    instrument = _instrument(given.pop("instrument"))
    limit, as_json, working = (given.pop(k) for k in ("bleeding_from", "as_json", "working"))
    output, force = given.pop("output"), given.pop("force")
    if given.pop("whole_table"):
        if as_json:
            click.echo(json.dumps(list(instrument.rows()), indent=2, ensure_ascii=False))
        else:
            show(instrument.table())
        return
    if file is None:
        if output is not None:
            raise NotPermittedError("rows of a file are written there: give a file", field="output")
        patient = given["patient"]
        with collected() as texts:
            scored = score(instrument, {k: _said(v) for k, v in given.items()})
            record = scored_record(scored, patient, limit)
        if as_json:
            click.echo(json.dumps(document(scored, record, texts), indent=2, ensure_ascii=False))
        else:
            show(_sheet(instrument, scored, record, texts, working=working))
        return
    if output is not None:
        check_place(output, file, force=force)
    with collected() as texts:
        records = list(_rows(file, instrument, limit))
    _write(records, texts, output=output, as_json=as_json)
    refused = [record for record in records if record["error"]]
    for text in [*(record["error"] for record in refused), *texts]:
        click.echo(text, err=True)
    click.echo(f"{len(records) - len(refused)} of {len(records)} rows scored", err=True)
    if refused:
        context.exit(1)


def _said(value: Any) -> Any:
    """Return a repeated option as one finding, several, or None."""
    if not isinstance(value, tuple):
        return value
    return None if not value else value[0] if len(value) == 1 else value


def _instrument(key: str) -> Instrument:
    found = INSTRUMENTS.get(key.strip().casefold())
    if found is None:
        raise UnknownTermError(
            f'"{key}" is not an instrument: write {", ".join(INSTRUMENTS)}',
            field="instrument",
            given=key,
            nearest=tuple(INSTRUMENTS),
        )
    return found


def score(instrument: Instrument, given: dict[str, Any]) -> BleedingScore:
    """Score findings given by the name of their option; every option has a value or None."""
    keys = {item.key for item in instrument.items}
    keys |= {"skin", "mucosa", "organs"} if instrument.key == "itp-bat" else set()
    findings = {name: given[name] for name in NAMES if given[name] is not None}
    for name, value in findings.items():
        if name not in keys:
            raise UnknownTermError(
                f"{instrument.key} does not ask for it: it has {', '.join(sorted(keys))}",
                field=name,
                given=value,
            )
    more = {"on": given["date"], "cause": given["cause"]}
    more["disproportionate"] = given["disproportionate"]
    if instrument.takes_age:
        more |= {"age": given["age"], "born": given["born"]}
    if given["rest"] is not None:
        if len(instrument.items) == 1:
            raise UnknownTermError("one grade has no rest: leave it out", field="rest")
        more["rest"] = given["rest"]
    try:
        return instrument.score(**findings, **more)
    except ItpCarTError as error:
        raise (error.about("date") if error.field == "on" else error) from None


def scored_record(scored: BleedingScore, patient: str | None, limit: int) -> dict[str, Any]:
    """Arrange a score as a row of a file; points from ``limit`` up are bleeding."""
    return {
        "patient": patient,
        "date": scored.on,
        "instrument": scored.instrument,
        "scores": {
            name: {
                "value": points.value if points.settled else None,
                "possible": list(points.possible),
            }
            for name, points in scored.scores
        },
        "bleeding": _ANSWERS[scored.bleeding(at_least=limit)],
        "cause": scored.cause.value if scored.cause else None,
        "disproportionate": _ANSWERS[yes_or_no(scored.disproportionate, "disproportionate")],
        "missing": list(scored.missing),
        "because": scored.because,
        "verified": not scored.working.unverified,
        "error": "",
    }


# --- one assessment -------------------------------------------------------------------------------


def _sheet(
    instrument: Instrument,
    scored: BleedingScore,
    record: dict[str, Any],
    texts: list[str],
    *,
    working: bool,
) -> str:
    head = ", ".join(str(fact) for fact in (record["patient"], scored.on) if fact is not None)
    scores = [(name.replace("_", " "), str(points)) for name, points in scored.scores]
    found = [("Finding", "", "Points")]
    found += [(one.item.label, one.words, str(one.points)) for one in scored.found]
    lines = [f"{instrument.title}{f', {head}' if head else ''}", ""]
    lines += table([*scores, ("bleeding", record["bleeding"])])
    lines += ["", *(f"  {line}" for line in table(found))]
    if scored.missing:
        lines += ["", f"Open: give {', '.join(scored.missing)} to settle it"]
    if working:
        lines += ["", "Working", *(f"  {step}" for step in scored.working)]
    if texts:
        lines += ["", "Warnings", *(f"  {text}" for text in texts)]
    lines += ["", "Sources"]
    for cited in scored.working.sources:
        lines.append(f"  {cited}{f': {cited.note}' if cited.note else ''}")
    return "\n".join(lines)


def document(scored: BleedingScore, record: dict[str, Any], texts: list[str]) -> dict[str, Any]:
    """Arrange a score and its record as the documented JSON."""
    findings = [
        {"item": one.item.key, "finding": one.words, "possible": list(one.points.possible)}
        for one in scored.found
    ]
    sources = [
        {"key": cited.source.key, "locator": cited.locator, "verified": cited.verified,
         "note": cited.note, "reference": str(cited.source)}
        for cited in scored.working.sources
    ]  # fmt: skip
    day = str(scored.on) if scored.on is not None else None
    about = {name: value for name, value in record.items() if name != "error"}
    return about | {
        "date": day,
        "findings": findings,
        "working": [str(step) for step in scored.working],
        "warnings": texts,
        "sources": sources,
        "version": __version__,
    }


# --- a file ---------------------------------------------------------------------------------------


def _rows(file: Path, default: Instrument, limit: int) -> Iterator[dict[str, Any]]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not text in UTF-8"
        raise RecordError(f"{file.name} cannot be read: {reason}", file=file.name) from None
    reader = csv.DictReader(StringIO(text))
    known = {*_ABOUT, *NAMES}
    for column in reader.fieldnames or ():
        if column not in known:
            raise RecordError(
                f'{file.name} has a column "{column}" that is not known: write '
                f"{', '.join(_ABOUT)} or the name of an item",
                file=file.name,
                column=column,
            )
    for row in reader:
        yield _row(file.name, reader.line_num, row, default, limit)


def _row(
    file: str, line: int, row: dict[Any, Any], default: Instrument, limit: int
) -> dict[str, Any]:
    given = dict.fromkeys((*_ABOUT, *NAMES)) | {
        name: value.strip() for name, value in row.items() if name and value and value.strip()
    }
    patient, day = given["patient"], given["date"]
    who = f" (patient {patient}{f', {day}' if day else ''})" if patient else ""
    try:
        if None in row:
            raise RecordError("the row has more fields than the header")
        if given["age"] is not None:
            given["age"] = _years(given["age"])
        found = _instrument(given["instrument"]) if given["instrument"] else default
        scored = score(found, given)
        record = scored_record(scored, patient, limit)
        if "age" in scored.missing:  # what does not need the age stands
            open_ = " and ".join(
                f"{name} is {points}" for name, points in scored.scores if "age" in points.missing
            )
            record["error"] = f"{file} line {line}, column age{who}: is missing; {open_}"
    except ItpCarTError as error:
        column = f", column {error.field}" if error.field else ""
        record = {"patient": patient, "date": day, "instrument": given["instrument"] or default.key,
                  "scores": {}, "bleeding": "unknown", "cause": None, "disproportionate": "unknown",
                  "missing": [], "because": "", "verified": None,
                  "error": f"{file} line {line}{column}{who}: {error.message}"}  # fmt: skip
    return record | {"date": None if record["date"] is None else str(record["date"]), "line": line}


def _years(text: str) -> Any:
    return int(text) if text.isdecimal() else text


def _write(
    records: list[dict[str, Any]], texts: list[str], *, output: Path | None, as_json: bool
) -> None:
    if as_json:
        whole = {"rows": records, "warnings": texts, "version": __version__}
        text = json.dumps(whole, indent=2, ensure_ascii=False)
    else:
        text = _csv(records)
    if output is None:
        click.echo(text, nl=as_json)
        return
    write_whole(output, text, "output")


def _csv(records: list[dict[str, Any]]) -> str:
    names = list(dict.fromkeys(name for record in records for name in record["scores"]))
    head = ["line", "patient", "date", "instrument"]
    for name in names:
        head += [name, f"{name}_possible"]
    head += ["bleeding", "cause", "disproportionate", "missing", "because", "error"]
    text = StringIO()
    writer = csv.DictWriter(text, head, lineterminator="\n", extrasaction="ignore", restval="")
    writer.writeheader()
    for record in records:
        scores = {}
        for name, points in record["scores"].items():
            scores[name] = "" if points["value"] is None else points["value"]
            scores[f"{name}_possible"] = " ".join(str(number) for number in points["possible"])
        missing = " ".join(record["missing"])
        writer.writerow(record | scores | {"missing": missing})
    return text.getvalue()


__all__ = ["NAMES", "command", "document", "score", "scored_record"]
