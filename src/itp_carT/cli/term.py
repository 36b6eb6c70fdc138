"""The command ``itp-cart term``: a term of CTCAE, its grades and the limits behind them.

A term is found by name, MedDRA code, part of a name, or by what is measured. Grades judged by
clinical statements alone exist too; their wording stands in the publication.
"""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any

import click
from attrs import field, frozen

from itp_carT import __version__
from itp_carT.analytes import PLATELETS
from itp_carT.errors import UnknownTermError
from itp_carT.frames.names import analyte_words
from itp_carT.rules import Table, text_of
from itp_carT.table_text import facts_of, in_system, outcome_label, unit_systems
from itp_carT.toxicity.catalogue import EDITIONS as CATALOGUES
from itp_carT.toxicity.catalogue import catalogue, system_organ_class
from itp_carT.toxicity.readings import DEFAULT, Readings, options

from .grade import EDITIONS, tables_of
from .patient import show

_WIDTH = 79
_OWN_PAGE = {"MedDRA code", "Key", "Fingerprint"}


@frozen
class Entry:
    """A term of an edition with its tables."""

    name: str
    code: str
    soc: str
    grades: tuple[int, ...]
    tables: tuple[Table, ...] = field(repr=False)

    @property
    def words(self) -> frozenset[str]:
        """Names and codes by which it is found, in lower case."""
        found = {self.name.lower(), self.code}
        for table in self.tables:
            found |= {table.name.lower(), table.key}
        return frozenset(found)

    @property
    def measured(self) -> frozenset[str]:
        """What is measured, in lower case."""
        measures = (measure for table in self.tables for measure in table.measures)
        return frozenset(word for measure in measures for word in analyte_words(measure))


@click.command()
@click.argument("query", required=False, default="", metavar="[QUERY]")
@click.option("--edition", default="ctcae-v5.0", show_default=True, metavar="KEY",
              help=f"One of {', '.join(EDITIONS)}.")  # fmt: skip
@click.option("--list", "soc", metavar="SOC",
              help='List the terms of a system organ class, e.g. "blood", or "all".')  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(query: str, edition: str, soc: str | None, as_json: bool) -> None:
    """Show a term of CTCAE: which grades it has, their limits, options and source.

    QUERY is a name, a MedDRA code, a part of a name, or what is measured, e.g. "platelet".
    """
    edition = edition.strip().casefold()
    entries = _entries(edition)
    if soc is not None:
        found = _of_class(entries, soc)
        if query:
            found = [entry for entry in found if _holds(entry, query.lower())]
    else:
        found = _search(entries, query, edition)
    if as_json:
        _print_json(found, edition)
    elif len(found) == 1 and soc is None:
        show("\n".join(_sheet(found[0], edition)))
    else:
        show("\n".join(_listing(found, edition)))


# --- finding --------------------------------------------------------------------------------------


def _entries(edition: str) -> list[Entry]:
    """Return the terms of the edition's catalogue; where there is none, those with a table."""
    by_code: dict[str, list[Table]] = {}
    for table in tables_of(edition):
        by_code.setdefault(table.code or table.term, []).append(table)
    if edition in CATALOGUES:
        return [
            Entry(term.name, term.code, term.soc.label, tuple(map(int, term.grades)),
                  tuple(by_code.get(term.code, ())))
            for term in catalogue(edition)
        ]  # fmt: skip
    return [
        Entry(group[0].term, group[0].code, group[0].source.locator.partition(":")[0],
              tuple(sorted({int(row.outcome) for table in group for row in table.rows} - {0})),
              tuple(group))
        for group in by_code.values()
    ]  # fmt: skip


def _of_class(entries: list[Entry], soc: str) -> list[Entry]:
    if soc.strip().casefold() == "all":
        return entries
    label = system_organ_class(soc).label
    return [entry for entry in entries if entry.soc == label]


def _holds(entry: Entry, key: str) -> bool:
    name = entry.name.lower()
    return all(part in name for part in key.split()) or any(key in m for m in entry.measured)


def _names(entry: Entry, key: str) -> bool:
    """Say whether the words stand in the name, or name what is measured."""
    words = set(re.findall(r"[a-z0-9]+", entry.name.lower()))
    return key in entry.measured or set(key.split()) <= words


def _search(entries: list[Entry], query: str, edition: str) -> list[Entry]:
    """Find by name or code, else by words of the name or what is measured, else by parts."""
    key = " ".join(query.split()).lower()
    if not key:
        raise UnknownTermError('say which term, e.g. "platelet", or list a class with --list blood')
    exact = [entry for entry in entries if key in entry.words]
    if exact:
        return exact
    for fits in (_names, _holds):
        found = [entry for entry in entries if fits(entry, key)]
        if found:
            return found
    if edition in CATALOGUES:
        catalogue(edition)[query]  # not there: it names the nearest, and the other edition
    names = {table.name: table for table in tables_of(edition)}
    EDITIONS[edition].table(query if query not in names else "")  # the same for a list of tables
    raise AssertionError  # pragma: no cover - one of the two has refused


# --- on paper -------------------------------------------------------------------------------------


def _listing(found: list[Entry], edition: str) -> Iterator[str]:
    ruled = sum(1 for entry in found if entry.tables)
    legend = f"* has limits ({ruled}), 123-- has grades 1 to 3"
    yield f"{len(found)} terms of {_title(edition)}; {legend}"
    soc = ""
    for entry in found:
        if entry.soc != soc:
            soc = entry.soc
            yield ""
            yield soc
        grades = "".join(str(n) if n in entry.grades else "-" for n in range(1, 6))
        mark = "*" if entry.tables else " "
        head = f"  {mark} {entry.code:8}  {grades}  "
        yield from textwrap.wrap(
            entry.name, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head)
        )


def _title(edition: str) -> str:
    return f"CTCAE {edition.removeprefix('ctcae-')}"


def _sheet(entry: Entry, edition: str) -> Iterator[str]:
    yield entry.name
    grades = ", ".join(map(str, entry.grades))
    yield from _wrapped(f"{_title(edition)}, MedDRA {entry.code}, {entry.soc}; grades {grades}", "")
    if not entry.tables:
        yield ""
        yield from _wrapped(
            "No limits in numbers: its grades are judged by clinical statements, in the words of "
            "the publication.", "",
        )  # fmt: skip
    for table in entry.tables:
        yield ""
        if len(entry.tables) > 1 or table.name != entry.name:
            yield table.name
        yield from _rows(table)
        yield ""
        yield from _about(table, edition)
    if any(PLATELETS in table.measures for table in entry.tables):
        yield ""
        yield from _wrapped(
            "In immune thrombocytopenia the count is often grade 3 or 4 before treatment: compare "
            "with the baseline grade.", "",
        )  # fmt: skip


def _rows(table: Table) -> Iterator[str]:
    systems = unit_systems(table)
    for unit in systems or ("",):
        if unit:
            yield f"  In {unit}"
        for row in table.rows:
            when = text_of(in_system(row.when, unit) if unit else row.when)
            note = f" [{row.note}]" if row.note else ""
            yield from _labeled(outcome_label(row.outcome), when + note)
        yield from _labeled(outcome_label(table.otherwise), "otherwise")


def _about(table: Table, edition: str) -> Iterator[str]:
    for name, text in facts_of(table):
        if name not in _OWN_PAGE:
            yield from _labeled(name, text, 16)
    for text in _asks(table):
        yield from _labeled("May be told", text, 16)
    for name, words in _options(table, edition).items():
        chosen = getattr(DEFAULT, name)
        rest = " or ".join(word for word in words if word != chosen)
        yield from _labeled("Option", f'{name}: "{chosen}" (default) or "{rest}"', 16)


def _labeled(label: str, text: str, width: int = 8) -> Iterator[str]:
    head = f"  {label:{width}} "
    yield from textwrap.wrap(text, _WIDTH, initial_indent=head, subsequent_indent=" " * len(head))


def _wrapped(text: str, indent: str) -> Iterator[str]:
    yield from textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


# --- what else may be said ------------------------------------------------------------------------


def _asks(table: Table) -> Iterator[str]:
    """Yield facts other than clinical statements, with what counts when nobody says."""
    for fact in table.facts:
        if not fact.key.startswith("attested: "):
            absent = {None: "not said: stays open", False: "not said: no", True: "not said: yes"}
            yield f"{fact.label} ({absent[fact.when_absent]})"


@cache
def _fingerprints(edition: str, option: str, word: str) -> dict[str, str]:
    readings = Readings(**{option: word})  # type: ignore[arg-type]  # one of the option's words
    return {table.key: table.fingerprint for table in EDITIONS[edition].tables(readings)}


def _options(table: Table, edition: str) -> dict[str, tuple[str, ...]]:
    """Return the readings that make a difference to a table, with their words."""
    found = {}
    for name, words in options().items():
        for word in words:
            if _fingerprints(edition, name, word).get(table.key) != table.fingerprint:
                found[name] = words
    return found


# --- JSON -----------------------------------------------------------------------------------------


def _print_json(found: Iterable[Entry], edition: str) -> None:
    listed = list(found)
    whole = len(listed) == 1
    document = {
        "edition": edition,
        "terms": [_document(entry, edition, whole=whole) for entry in listed],
        "version": __version__,
    }
    click.echo(json.dumps(document, indent=2, ensure_ascii=False))


def _document(entry: Entry, edition: str, *, whole: bool) -> dict[str, Any]:
    about = {"term": entry.name, "code": entry.code, "soc": entry.soc, "grades": entry.grades}
    if not whole:
        return about | {"tables": [table.key for table in entry.tables]}
    return about | {"tables": [_table(table, edition) for table in entry.tables]}


def _table(table: Table, edition: str) -> dict[str, Any]:
    systems = unit_systems(table)
    return {
        "key": table.key,
        "name": table.name,
        "rows": [
            {
                "grade": int(row.outcome),
                "when": {unit: text_of(in_system(row.when, unit)) for unit in systems}
                or {"": text_of(row.when)},
                "note": row.note,
            }
            for row in table.rows
        ],
        "otherwise": int(table.otherwise),
        "measures": [
            {"key": m.key, "label": m.label, "unit": m.unit, "loinc": m.loinc}
            for m in table.measures
        ],
        "may_be_told": list(_asks(table)),
        "options": {
            name: {"default": getattr(DEFAULT, name), "choices": words}
            for name, words in _options(table, edition).items()
        },
        "note": table.note,
        "source": {
            "key": table.source.source.key,
            "locator": table.source.locator,
            "verified": table.source.verified,
            "note": table.source.note,
            "reference": str(table.source.source),
        },
        "fingerprint": table.fingerprint,
    }


__all__ = ["command"]
