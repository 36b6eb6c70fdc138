"""Sphinx directives that write tables from the code: ``unit-table`` and ``bibliography-table``.

Nothing is typed twice: the pages show the closed table of spellings and the bibliography as the
library itself holds them.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from itp_carT.notation import units
from itp_carT.sources import bibliography


def table(head, widths, rows, classes=()):
    """Build a table; a cell is a list of inline nodes."""
    group = nodes.tgroup("", cols=len(head))
    group += [nodes.colspec("", colwidth=width) for width in widths]
    group += nodes.thead("", line([nodes.Text(word)] for word in head))
    group += nodes.tbody("", *(line(row) for row in rows))
    return nodes.table("", group, classes=list(classes))


def line(cells):
    return nodes.row("", *(nodes.entry("", nodes.paragraph("", "", *cell)) for cell in cells))


def literals(words):
    """Write words as code, with spaces between them."""
    out = []
    for word in words:
        out += [nodes.Text(" "), nodes.literal("", word)]
    return out[1:]


def link(source):
    if source.doi:
        return nodes.reference("", f"doi:{source.doi}", refuri=f"https://doi.org/{source.doi}")
    return nodes.reference("", source.url, refuri=source.url)


class UnitTable(SphinxDirective):
    """Every unit of the closed table: symbol, UCUM code, further accepted spellings."""

    def run(self):
        rows = []
        for unit in units():
            others = [s for s in unit.spellings if s not in {unit.symbol, unit.ucum}]
            rows.append((literals([unit.symbol]), literals([unit.ucum]), literals(others)))
        head = ("printed as", "UCUM", "also accepted")
        return [table(head, (20, 20, 60), rows, ["unit-table"])]


class BibliographyTable(SphinxDirective):
    """Every source of the library: key, reference, and whether it was opened."""

    def run(self):
        rows = []
        for source in bibliography():
            where = f" {source.publication}." if source.publication else ""
            text = f"{source.authors}. {source.title}.{where} {source.year}. "
            reference = [nodes.Text(text)]
            if source.doi or source.url:
                reference.append(link(source))
            seen = "yes" if source.seen else "no: unverified"
            rows.append((literals([source.key]), reference, [nodes.Text(seen)]))
        return [table(("key", "source", "opened"), (20, 65, 15), rows, ["bibliography-table"])]


def setup(app):
    """Register the directives."""
    app.add_directive("unit-table", UnitTable)
    app.add_directive("bibliography-table", BibliographyTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
