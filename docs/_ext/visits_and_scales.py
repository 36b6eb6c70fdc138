"""Sphinx directives that write tables from the code: ``scale-table`` and ``visit-table``.

Nothing is typed twice: the pages show the ITP-PAQ and the trial's schedule as the library holds
them, with what is verified and what is not.
"""

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from units_table import table

from itp_carT.protocol.nct05315778 import SCHEDULE
from itp_carT.quality_of_life.itp_paq import SCALES


def texts(*cells):
    return [[nodes.Text(cell)] for cell in cells]


def cited(source):
    return f"{source.short}, {'verified' if source.verified else 'unverified'}"


class ScaleTable(SphinxDirective):
    """The scales of the ITP-PAQ: items, for whom, minimal important difference, sources."""

    def run(self):
        rows = [
            texts(
                one.key,
                f"{'part: ' if one.part_of else ''}{one.label}",
                one.domain,
                f"{one.items} ({cited(one.counted)})",
                one.condition or "everybody",
                f"{one.mid} ({cited(one.mid.source)})",
            )
            for one in SCALES
        ]
        head = ("code", "scale", "domain", "items", "applies to", "minimal important difference")
        return [table(head, (8, 22, 12, 22, 14, 22), rows, ["rule-table"])]


class VisitTable(SphinxDirective):
    """The visits of the trial: target days by each length of a month, windows, assessments."""

    def run(self):
        rows = []
        for visit in SCHEDULE.visits:
            asked = ", ".join(one.name for one in visit.assessments)
            days = [str(visit.on_day(rule).number) for rule in ("30 days", "28 days")]
            rows.append(texts(visit.key, *days, str(visit.window), visit.treatment, asked))
        head = ("visit", "day, months of 30 d", "months of 28 d", "window", "given", "assessed")
        sources = dict.fromkeys(
            (one.name, one.source) for visit in SCHEDULE.visits for one in visit.assessments
        )
        body = [texts(name, str(source), source.note) for name, source in sources]
        body.append(texts("windows, months", str(SCHEDULE.source), SCHEDULE.source.note))
        return [
            table(head, (8, 14, 12, 10, 20, 36), rows, ["rule-table"]),
            table(("what", "source", "note"), (20, 30, 50), body, ["rule-table"]),
        ]


def setup(app):
    """Register the directives."""
    app.add_directive("scale-table", ScaleTable)
    app.add_directive("visit-table", VisitTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
