"""Sphinx directives that show a rule as it stands in the code: the page is a reader of the table.

``rule-table`` shows one table, ``rule-tables`` every table of a module by chapter, and
``decision-table`` the actions of a design of dose escalation. Nothing is
typed twice: outcomes, limits, units, source, note and fingerprint come from the `Table` itself, and
so does the picture of its outcomes along the values (`itp_carT.number_line`).
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any, ClassVar

from docutils import nodes  # type: ignore[import-untyped]  # ships no types
from docutils.parsers.rst import directives  # type: ignore[import-untyped]
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective
from sphinx.util.typing import ExtensionMetadata

from .errors import ItpCarTError
from .escalation.designs import design
from .number_line import svg
from .rules import Table, text_of
from .table_text import facts_of, in_system, outcome_label, unit_systems
from .toxicity.catalogue import Term, catalogue

__all__ = ["DecisionTableOf", "RuleTable", "RuleTables", "setup", "unit_systems"]


# --- as nodes of a page ---------------------------------------------------------------------------


def _grid(title: str, head: Sequence[str], body: Sequence[Sequence[str]]) -> nodes.table:
    """Build a table with a caption, a header row, and a header cell in front of each row."""
    table = nodes.table("", nodes.title(title, title), classes=["rule-table"])
    group = nodes.tgroup("", cols=len(head))
    for at, text in enumerate(head):
        widest = max(len(cells[at]) for cells in (head, *body))
        column = nodes.colspec("", colwidth=max(len(text), min(widest, 40)))
        if at == 0:
            column["stub"] = 1
        group += column
    group += nodes.thead("", _line(head))
    group += nodes.tbody("", *(_line(cells) for cells in body))
    table += group
    return table


def _line(cells: Sequence[str]) -> nodes.row:
    """Build a row; neighbors that say the same after the first cell are one wide cell."""
    row = nodes.row("", nodes.entry("", nodes.paragraph(cells[0], cells[0])))
    for text, same in groupby(cells[1:]):
        entry = nodes.entry("", nodes.paragraph(text, text))
        more = len(list(same)) - 1
        if more:
            entry["morecols"] = more
        row += entry
    return row


def _list(facts: Iterator[tuple[str, str]]) -> nodes.field_list:
    found = nodes.field_list("", classes=["rule-facts"])
    for name, text in facts:
        content: nodes.Node = nodes.Text(text)
        if name in {"Key", "Fingerprint", "MedDRA code"}:
            content = nodes.literal(text, text)
        body = nodes.field_body("", nodes.paragraph("", "", content))
        found += nodes.field("", nodes.field_name(name, name), body)
    return found


def render(table: Table) -> list[nodes.Node]:
    """Return a table and what belongs to it as nodes of a page."""
    systems = unit_systems(table)
    noted = any(row.note for row in table.rows)
    head = ["Outcome", *(systems or ("When",)), *(["Our reading"] if noted else [])]
    body = []
    for row in table.rows:
        texts = [text_of(in_system(row.when, unit)) for unit in systems] or [text_of(row.when)]
        body.append([outcome_label(row.outcome), *texts, *([row.note] if noted else [])])
    rest = ["otherwise"] * max(1, len(systems)) + ([""] if noted else [])
    body.append([outcome_label(table.otherwise), *rest])
    grid = _grid(table.name, head, body)
    grid["ids"].append(nodes.make_id(f"rule-{table.key}"))  # a place to link to
    drawn = svg(table)
    line = [nodes.raw("", drawn, format="html")] if drawn else []
    return [grid, *line, _list(facts_of(table))]


# --- the directives -------------------------------------------------------------------------------


class RuleTable(SphinxDirective):
    """Show one table: ``.. rule-table:: itp_carT.toxicity.ctcae_v5.ANEMIA``."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return the nodes of the table."""
        path = self.arguments[0]
        module, _, name = path.rpartition(".")
        table = getattr(_module(self, module), name, None)
        if not isinstance(table, Table):
            raise self.error(f"{path} is not a rule table")
        return render(table)


class RuleTables(SphinxDirective):
    """Show every table of a module by chapter: ``.. rule-tables:: itp_carT.toxicity.ctcae_v5``.

    The module has a tuple ``TABLES``; the chapter of a table is what its citation names before
    the colon. With ``:catalogue: ctcae-v5.0`` every chapter of that catalogue is shown, each with
    the list of all its terms after the tables.
    """

    required_arguments = 1
    option_spec: ClassVar = {"catalogue": directives.unchanged_required}

    def run(self) -> list[nodes.Node]:
        """Return one section per chapter."""
        module = _module(self, self.arguments[0])
        tables = getattr(module, "TABLES", None)
        if not tables:
            raise self.error(f"{self.arguments[0]} has no TABLES")
        terms = tuple(catalogue(self.options["catalogue"])) if "catalogue" in self.options else ()
        found: list[nodes.Node] = []
        for chapter, inside in _chapters(tables, terms):
            section = nodes.section("", ids=[nodes.make_id(f"{module.__name__}-{chapter}")])
            section += nodes.title(chapter, chapter)
            for table in inside:
                section += render(table)
            listed = [term for term in terms if term.soc.label == chapter]
            if listed:
                section += _listing(chapter, listed, inside)
            self.state.document.note_implicit_target(section)
            found.append(section)
        return found


class DecisionTableOf(SphinxDirective):
    """Show the actions of a design: ``.. decision-table:: boin 0.30 12``.

    The target and the largest number treated are left out for 3+3.
    """

    required_arguments = 1
    optional_arguments = 2

    def run(self) -> list[nodes.Node]:
        """Return the table, a row per number treated."""
        name, *rest = self.arguments
        try:
            table = design(name, *rest[:1], **({"largest": int(rest[1])} if rest[1:] else {}))
        except (ItpCarTError, ValueError) as error:
            raise self.error(str(error)) from None
        most = table.known[-1]
        body = [
            [
                str(n),
                *(table.action(treated=n, dlt=x).name if x <= n else "" for x in range(most + 1)),
            ]
            for n in table.known
        ]
        aim = "" if table.target is None else f", target {float(table.target):g}"
        title = f"{table.name}{aim}: action by number treated and number with toxicity"
        head = ["treated", *(str(x) for x in range(most + 1))]
        rule = nodes.paragraph("", f"{table.rule}. {table.source}")
        return [_grid(title, head, body), rule]


def _module(directive: SphinxDirective, name: str) -> Any:
    try:
        module = importlib.import_module(name)
    except ImportError as error:
        raise directive.error(f"{name} cannot be imported: {error}") from None
    directive.env.note_dependency(str(module.__file__))
    return module


def _chapters(
    tables: Sequence[Table], terms: Sequence[Term]
) -> Iterator[tuple[str, tuple[Table, ...]]]:
    """Yield the chapters in the order of the publication, each with its tables."""
    by_code = {term.code: term.soc.label for term in terms}

    def chapter(table: Table) -> str:
        return by_code.get(table.code) or table.source.locator.partition(":")[0]

    order = list(dict.fromkeys([*(term.soc.label for term in terms), *map(chapter, tables)]))
    placed = sorted(tables, key=lambda table: order.index(chapter(table)))
    found = {name: tuple(inside) for name, inside in groupby(placed, key=chapter)}
    for name in order:
        yield name, found.get(name, ())


def _listing(chapter: str, terms: Sequence[Term], tables: Sequence[Table]) -> nodes.table:
    ruled = {table.code for table in tables}
    body = [
        [
            term.name,
            term.code,
            ", ".join(str(int(grade)) for grade in term.grades),
            "above" if term.code in ruled else "none",
        ]
        for term in terms
    ]
    head = ("Term", "MedDRA code", "Grades that exist", "Table of limits")
    return _grid(f"All {len(terms)} terms: {chapter}", head, body)


def setup(app: Sphinx) -> ExtensionMetadata:
    """Register the directives."""
    app.add_directive("rule-table", RuleTable)
    app.add_directive("rule-tables", RuleTables)
    app.add_directive("decision-table", DecisionTableOf)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
