"""Sphinx directive ``validation-table``: each constant, its source, and its tests.

Everything is found, nothing is listed by hand: constants are the module-level objects of the
library that carry a citation, tests are the files that import the module, transcriptions the files
of ``tests/published`` those tests read.
"""

import ast
import importlib
import pkgutil
import re
from collections.abc import Mapping
from pathlib import Path

from docutils import nodes
from sphinx.util.docutils import SphinxDirective
from units_table import literals, table

import itp_carT
from itp_carT.sources import Citation

TESTS = Path(__file__).parents[2] / "tests"


def constants():
    """Yield module, name and citation of every constant that cites a source."""
    for info in pkgutil.walk_packages(itp_carT.__path__, "itp_carT."):
        if re.search(r"\.cli\b|\.__main__$", info.name):
            continue
        module = importlib.import_module(info.name)
        seen, own = set(), assigned(module)
        for name, value in vars(module).items():
            if name.startswith("_") or name not in own:
                continue
            for key, citation in cited(name, value):
                if (key, str(citation)) not in seen:
                    seen.add((key, str(citation)))
                    yield info.name, key, citation


def assigned(module):
    """Return the names a module makes itself; what it imports is listed where it is made."""
    found = set()
    for node in ast.parse(Path(module.__file__).read_text(encoding="utf-8")).body:
        if isinstance(node, ast.Assign):
            found |= {
                one.id
                for target in node.targets
                for one in ast.walk(target)
                if isinstance(one, ast.Name)
            }
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            found.add(node.target.id)
    return found


def cited(name, value):
    """Yield the constants in a value with their citations; a citation alone is a convention."""
    if isinstance(value, Citation):
        yield name.lower(), value
        return
    if isinstance(value, Mapping):
        value = tuple(value.values())
    for one in value if isinstance(value, tuple) else (value,):
        key = str(getattr(one, "key", None) or getattr(one, "name", None) or name.lower())
        alone = getattr(one, "source", None) or getattr(one, "citation", None)
        for citation in (alone, *(getattr(one, "citations", None) or ())):
            if isinstance(citation, Citation):
                yield key, citation


def tests():
    """Return for each test file the modules it imports and the transcriptions it reads."""
    found = {}
    for path in sorted(TESTS.glob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        used = set()
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.Import):
                used |= {name.name for name in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                used |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
        found[path.name] = used, set(re.findall(r"[a-z0-9_]+\.csv", text))
    return found


class ValidationTable(SphinxDirective):
    """Every constant with a source, by module."""

    def run(self):
        by_module = {}
        for module, key, citation in constants():
            by_module.setdefault(module, []).append((key, citation))
        checks, rows, every = tests(), [], []
        published = {path.name for path in TESTS.glob("published/**/*.csv")}
        for module, found in sorted(by_module.items()):
            short = module.removeprefix("itp_carT.")
            here = [name for name, (used, _) in checks.items() if module in used]
            files = sorted({f for name in here for f in checks[name][1]} & published)
            sources = sorted({citation.source.key for _, citation in found})
            open_ = sum(not citation.verified for _, citation in found)
            rows.append(
                (
                    literals([short]),
                    [nodes.Text(str(len(found)))],
                    [nodes.Text(str(open_) if open_ else "none")],
                    literals(sources),
                    literals(files) or [nodes.Text("none of its own")],
                    literals(here) or [nodes.Text("through the rules that use it")],
                )
            )
            for key, citation in found:
                seen = "verified" if citation.verified else "unverified"
                every.append(
                    (
                        literals([key]),
                        [nodes.Text(str(citation).removesuffix(" (unverified)"))],
                        [nodes.Text(seen)],
                        literals([short]),
                    )
                )
        head = ("module", "constants", "unverified", "sources", "transcriptions", "tests")
        first = table(head, (18, 8, 8, 22, 22, 22), rows, ["validation-table"])
        whole = table(
            ("constant", "source and place", "standing", "module"),
            (28, 42, 10, 20),
            every,
            ["constants-table"],
        )
        count = sum(map(len, by_module.values()))
        line = nodes.paragraph("", f"{count} constants of {len(by_module)} modules cite a source.")
        title = nodes.paragraph("", "", nodes.strong("", "Each constant and its source"))
        return [line, first, title, whole]


def setup(app):
    """Register the directive."""
    app.add_directive("validation-table", ValidationTable)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
