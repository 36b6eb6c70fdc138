"""The directive ``translations``: Chinese texts with their English, by how far they are checked.

``{translations} guideline`` lists the guideline's own terms, ``review`` what awaits review, and
``missing`` counts the refusals that have no translation yet.
"""

import re
import sys
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

_ROOT = Path(__file__).parents[2]
_SOURCE = _ROOT / "src/itp_carT/locale/zh_Hans/LC_MESSAGES/itp_carT.po"


def _refusals():
    sys.path.insert(0, str(_ROOT / "scripts"))
    from make_messages import refusals

    return refusals()


def _entries():
    for block in _SOURCE.read_text(encoding="utf-8").split("\n\n"):
        said = re.search(r'^msgid "(.*)"\nmsgstr "(.*)"$', block, re.MULTILINE)
        if said and said[1]:
            text, put = (part.replace('\\"', '"') for part in said.groups())
            yield text, put, "# review" in block.splitlines()


class Translations(Directive):
    """List part of the catalogue as a table, or count what is missing."""

    required_arguments = 1

    def run(self):
        wanted = self.arguments[0]
        if wanted == "missing":
            known = {text for text, put, _ in _entries() if put}
            every = set(_refusals())
            text = (
                f"Of {len(every)} refusals {len(every & known)} are translated, those of the "
                "calculator first; the others are shown in English."
            )
            return [nodes.paragraph(text=text)]
        rows = [
            (text, put)
            for text, put, review in _entries()
            if put and put != text and review == (wanted == "review")
        ]
        return [_table(rows)]


def _table(rows):
    group = nodes.tgroup(cols=2)
    group += [nodes.colspec(colwidth=50), nodes.colspec(colwidth=50)]
    for kind, lines in ((nodes.thead, [("English", "简体中文")]), (nodes.tbody, rows)):
        part = kind()
        for line in lines:
            row = nodes.row()
            row += [nodes.entry("", nodes.paragraph(text=cell)) for cell in line]
            part += row
        group += part
    return nodes.table("", group)


def setup(app):
    app.add_directive("translations", Translations)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
