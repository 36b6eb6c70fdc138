"""The JSON Schema of documents: the file on the site, and the directive ``document-kinds``."""

import json
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective

from itp_carT.exchange import KINDS, SCHEMA
from itp_carT.exchange.kinds import class_of
from itp_carT.exchange.schema import document_schema

NAME = f"itp-cart-{SCHEMA}.schema.json"


class DocumentKinds(SphinxDirective):
    """List the kinds of documents with what each holds, and link to the schema."""

    def run(self):
        entries = nodes.bullet_list("")
        for kind in KINDS:
            cls = class_of(kind)
            summary = (cls.__doc__ or "").strip().partition("\n")[0].replace("`", "")
            text = nodes.paragraph("", "", nodes.literal("", kind), nodes.Text(f": {summary}"))
            entries += nodes.list_item("", text)
        where = f"../schema/{NAME}"
        link = nodes.reference("", NAME, refuri=where)
        return [nodes.paragraph("", "", nodes.Text("The schema: "), link), entries]


def write(app, failure):
    """Write the schema beside the pages."""
    if failure is None and app.builder.format == "html":
        folder = Path(app.outdir, "schema")
        folder.mkdir(exist_ok=True)
        text = json.dumps(document_schema(), indent=1, ensure_ascii=False)
        (folder / NAME).write_text(text + "\n", encoding="utf-8", newline="\n")


def setup(app):
    app.add_directive("document-kinds", DocumentKinds)
    app.connect("build-finished", write)
    return {"version": "1", "parallel_read_safe": True}
