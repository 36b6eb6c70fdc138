"""The directive ``calculator``: the place on the page that the calculator's script fills.

The files it needs are built by ``scripts/build_calculator.py``; where they are absent the page says
that the calculator was not built. Script and style are added to this one page only.
"""

import json
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import Directive

_FILES = Path(__file__).parents[1] / "_calculator"
_ABSENT = (
    "The calculator was not built into this copy of the site: it needs Node.js and a network when "
    "the site is built (<code>python scripts/build_calculator.py</code>, then Sphinx)."
)
_PLACE = """
<div id="itp-calculator" class="itp-calculator" data-files="calculator/"
     data-worker="_static/calculator-worker.js">
  <p class="itp-wait" role="status">Loading the forms …</p>
  <noscript><p class="itp-alert">The calculator needs JavaScript.
  <span lang="zh-Hans">计算器需要启用 JavaScript。</span></p></noscript>
</div>
"""


class Calculator(Directive):
    """Put the calculator here, or say that it was not built."""

    def run(self):
        if not (_FILES / "calculator" / "manifest.json").is_file():
            return [nodes.raw("", f'<p class="itp-alert">{_ABSENT}</p>', format="html")]
        return [nodes.raw("", _PLACE, format="html")]


class CalculatorSizes(Directive):
    """State what the page loads, from the files themselves."""

    def run(self):
        manifest = _FILES / "calculator" / "manifest.json"
        if not manifest.is_file():
            return [nodes.paragraph(text="The calculator was not built into this copy.")]
        found = json.loads(manifest.read_text())
        wheels = sum(wheel["bytes"] for wheel in found["wheels"])
        runtime = sum(found["runtime"].values())
        text = (
            f"Pyodide {found['pyodide']} with {runtime / 1e6:.1f} MB, and "
            f"{len(found['wheels'])} wheels with {wheels / 1e6:.2f} MB, before the compression of "
            "the server."
        )
        return [nodes.paragraph(text=text)]


def add_to_page(app, pagename, templatename, context, doctree):  # noqa: ARG001 - Sphinx calls it
    if pagename == "calculator":
        app.add_css_file("calculator.css")
        app.add_js_file("calculator.js", type="module")


def setup(app):
    if _FILES.is_dir():
        app.config.html_extra_path.append(str(_FILES))
    app.add_directive("calculator", Calculator)
    app.add_directive("calculator-sizes", CalculatorSizes)
    app.connect("html-page-context", add_to_page)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
