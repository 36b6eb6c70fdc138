"""The command ``itp-cart paq``: answers of many people to scores, changes and questions.

Items come from the user's licensed manual, as a mapping. A row that cannot be used is told with
line and column; the others are scored all the same, and the exit code is 1.
"""

from __future__ import annotations

import csv
import json
import sys
from io import StringIO
from pathlib import Path
from typing import Any

import click
from attrs import Factory, define

from itp_carT import __version__
from itp_carT.bleeding_diary import yes_or_no
from itp_carT.errors import ItpCarTError, MissingFactError, RecordError
from itp_carT.quality_of_life import itp_paq
from itp_carT.quality_of_life.profile import Change, Profile
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.score import Outcome, ScaleScore
from itp_carT.rounding import fixed
from itp_carT.subject import Sex

from .csv_file import rows_of, text_of
from .patient import collected, show, table
from .written import check_place, write_whole

_FILE = click.Path(path_type=Path, dir_okay=False)
_STATED = ("employed", "post_menopausal", "menstruating", "fertility")
_ABOUT = ("patient", "visit", "sex", *_STATED)
_SHORT = {
    Outcome.MISSING: "-",
    Outcome.NOT_APPLICABLE: "n/a",
    Outcome.QUERY: "query",
    Outcome.UNKNOWN: "?",
}
_LEGEND = (
    "-  missing   n/a  not applicable   query  answered although not applicable   "
    "?  not known whether it applies"
)


@define
class Row:
    """A row of the file: its scores, or why there are none."""

    line: int
    patient: str
    visit: str
    profile: Profile | None = None
    changes: tuple[Change, ...] = Factory(tuple)
    error: str = ""


@click.command()
@click.argument("file", required=False, type=_FILE)
@click.option("--mapping", type=_FILE, metavar="FILE",
              help="Items of each scale, from your licensed manual.")  # fmt: skip
@click.option("--template", is_flag=True, help="Print an empty mapping to fill in.")
@click.option("--least-answered", default="1/2", show_default=True, metavar="SHARE",
              help="Share of a scale's items that must be answered.")  # fmt: skip
@click.option("--baseline", metavar="VISIT",
              help="Visit that changes are counted from, as written in the file.")  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
@click.option("-o", "--output", type=_FILE, metavar="FILE", help="Write the scores here as CSV.")
@click.option("--force", is_flag=True, help="Replace an output that exists.")
@click.pass_context
def command(context: click.Context, /, file: Path | None, **given: Any) -> None:
    """Score the ITP-PAQ from a CSV FILE of answers, one assessment per row.

    Columns: patient, visit, the items of the mapping (empty where not answered), and where known
    sex, employed, post_menopausal, menstruating and fertility (yes or no).
    """
    if given["template"]:
        click.echo(itp_paq.template(), nl=False)
        return
    if file is None or given["mapping"] is None:
        name = "mapping" if file is not None else "file"
        raise MissingFactError(
            "write itp-cart paq FILE --mapping FILE; --template prints an empty mapping",
            field=None if name == "file" else name,
        )
    output = given["output"]
    if output is not None:
        check_place(output, file, given["mapping"], force=given["force"])
    with collected() as texts:
        paq = itp_paq.questionnaire(
            itp_paq.read_mapping(text_of(given["mapping"]), file=given["mapping"].name),
            least_answered=given["least_answered"],
        )
        rows = _read(file, paq)
        if given["baseline"] is not None:
            _compare(rows, paq, given["baseline"], file.name)
    if output is not None:
        write_whole(output, _csv(rows, paq), "output")
    if given["as_json"]:
        click.echo(json.dumps(_document(rows, paq, texts), indent=2, ensure_ascii=False))
    elif output is None:
        show(_sheet(rows, paq))
    refused = [row.error for row in rows if row.error]
    queries = [
        f"{file.name} line {row.line} (patient {row.patient}), data query: {score}"
        for row in rows
        if row.profile is not None
        for score in row.profile.queries
    ]
    for text in (*refused, *queries, *texts):
        click.echo(text, err=True)
    click.echo(f"{len(rows) - len(refused)} of {len(rows)} rows scored", err=True)
    if refused:
        context.exit(1)


# --- reading --------------------------------------------------------------------------------------


def _read(file: Path, paq: Questionnaire) -> list[Row]:
    items = [item.key for item in paq.items]
    for key in items:
        if key in _ABOUT:
            raise RecordError(
                f'an item cannot be called "{key}", which is another column: rename it',
                field="mapping", column=key,
            )  # fmt: skip
    known = (*_ABOUT, *items)
    found: list[Row] = []
    seen: dict[tuple[str, str], int] = {}
    given = list(rows_of(file, known, ("patient", *items)))
    with click.progressbar(given, label="scoring", file=sys.stderr) as bar:
        for line, row in bar:
            one = Row(line, row.get("patient", ""), row.get("visit", ""))
            found.append(one)
            try:
                _check(row, one, seen)
                one.profile = _score(paq, row, items)
            except ItpCarTError as error:
                column = f", column {error.field}" if error.field else ""
                who = ", ".join(part for part in (one.patient, one.visit) if part)
                about = f" (patient {who})" if who else ""
                one.error = f"{file.name} line {line}{column}{about}: {error.message}"
    return found


def _check(row: dict[Any, Any], one: Row, seen: dict[tuple[str, str], int]) -> None:
    if None in row:
        raise RecordError("the row has more fields than the header")
    if not one.patient:
        raise RecordError("is empty; every row needs its patient", field="patient")
    before = seen.setdefault((one.patient, one.visit), one.line)
    if before != one.line:
        raise RecordError(f"this visit of the patient stands in line {before} too", field="visit")


def _score(paq: Questionnaire, row: dict[str, str], items: list[str]) -> Profile:
    stated: dict[str, Any] = {name: yes_or_no(row.get(name), name) for name in _STATED}
    woman = None if row.get("sex") is None else Sex.of(row["sex"]) is Sex.FEMALE
    return paq.score(
        {key: row.get(key) for key in items},
        applies=itp_paq.applicability(woman=woman, of=paq, **stated),
        patient=row["patient"],
        visit=row.get("visit", ""),
    )


def _compare(rows: list[Row], paq: Questionnaire, visit: str, file: str) -> None:
    base = {row.patient: row.profile for row in rows if row.visit == visit and row.profile}
    if not base:
        raise RecordError(
            f'{file} has no row that can be used with the visit "{visit}"', field="baseline"
        )
    for row in rows:
        if row.profile is not None and row.patient in base:
            row.changes = paq.changes(row.profile, base[row.patient])


# --- printing -------------------------------------------------------------------------------------


def _sheet(rows: list[Row], paq: Questionnaire) -> str:
    keys = [scale.key for scale in paq.scales]
    cells: list[tuple[str, ...]] = [("Patient", "Visit", *keys)]
    cells += [
        (row.patient, row.visit, *map(_cell, row.profile))
        for row in rows
        if row.profile is not None
    ]
    right = tuple(range(2, 2 + len(keys)))
    lines = [f"{paq.name}, each scale from 0 (worst) to 100 (best)", "", *table(cells, right=right)]
    lines += ["", _LEGEND]
    changed = [row for row in rows if row.changes]
    if changed:
        lines += ["", "Change from baseline, and its size against the published difference (MID)"]
    for row in changed:
        lines += ["", f"{row.patient} {row.visit}", *(f"  {one}" for one in row.changes)]
    cited = dict.fromkeys(scale.source for scale in paq.scales)
    cited |= dict.fromkeys(mid.source for _, mid in paq.mids)
    lines += ["", "Sources"]
    lines += [f"  {one}{f': {one.note}' if one.note else ''}" for one in cited]
    return "\n".join(lines)


def _cell(score: ScaleScore) -> str:
    return fixed(score.value, 1) if score.settled else _SHORT[score.outcome]


def _document(rows: list[Row], paq: Questionnaire, texts: list[str]) -> dict[str, Any]:
    return {
        "questionnaire": paq.name,
        "rows": [_row(row) for row in rows],
        "warnings": texts,
        "unverified": sorted(
            {str(scale.source) for scale in paq.scales if not scale.source.verified}
        ),
        "version": __version__,
    }


def _row(row: Row) -> dict[str, Any]:
    found: dict[str, Any] = {"line": row.line, "patient": row.patient, "visit": row.visit}
    if row.profile is None:
        return found | {"scores": {}, "changes": {}, "error": row.error}
    found["scores"] = {
        score.scale: {
            "value": score.value if score.settled else None,
            "outcome": score.outcome.label,
            "answered": len(score.answered),
            "missing": list(score.missing),
            "reason": score.reason,
        }
        for score in row.profile
    }
    found["changes"] = {
        one.scale: {
            "difference": None if one.difference is None else float(one.difference),
            "direction": one.direction,
            "class": None if one.band is None else one.band.label,
            "mid": None if one.mid is None else str(one.mid),
            "reason": one.reason,
        }
        for one in row.changes
    }
    return found | {"error": ""}


def _csv(rows: list[Row], paq: Questionnaire) -> str:
    compared = any(row.changes for row in rows)
    head = ["line", "patient", "visit"]
    for scale in paq.scales:
        head += [scale.key, f"{scale.key}_outcome"]
        head += [f"{scale.key}_change", f"{scale.key}_class"] if compared else []
    text = StringIO()
    writer = csv.DictWriter(text, [*head, "error"], lineterminator="\n", restval="")
    writer.writeheader()
    for row in rows:
        cells: dict[str, Any] = {"line": row.line, "patient": row.patient, "visit": row.visit,
                                 "error": row.error}  # fmt: skip
        for score in row.profile or ():
            cells[score.scale] = repr(score.value) if score.settled else ""
            cells[f"{score.scale}_outcome"] = score.outcome.label
        for one in row.changes:
            exact = "" if one.difference is None else repr(float(one.difference))
            cells[f"{one.scale}_change"] = exact
            cells[f"{one.scale}_class"] = "" if one.band is None else one.band.label
        writer.writerow(cells)
    return text.getvalue()


__all__ = ["command"]
