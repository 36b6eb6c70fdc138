"""The house rules of the project, checked: layers, front door, documented names, clean text."""

import ast
import os
import re
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "src" / "itp_carT"
MODULES = sorted(PACKAGE.rglob("*.py"))

module = pytest.mark.parametrize("path", MODULES, ids=lambda p: p.relative_to(PACKAGE).as_posix())


def parse(path):
    return ast.parse(path.read_text(encoding="utf-8"))


# --- imports ------------------------------------------------------------------------------------


@pytest.mark.skipif(
    find_spec("importlinter") is None, reason="import-linter is absent: install the extra dev"
)
def test_imports_go_downwards_only():
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    done = subprocess.run(
        [program, "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr


HEAVY = {
    *("pandas", "polars", "pyarrow", "duckdb", "narwhals", "matplotlib", "numpy", "scipy"),
    *("hypothesis", "pytest", "cattrs", "click", "pint"),
}


def test_front_door_loads_nothing_heavy():
    """`import itp_carT` leaves dataframes, plots, tests, numerics and even pint unloaded."""
    # Compared with a bare interpreter, because a site-packages hook may load a library by itself.
    code = "import sys{}; print(*sorted({{name.partition('.')[0] for name in sys.modules}}))"
    bare, loaded = (
        set(subprocess.check_output([sys.executable, "-c", code.format(extra)], text=True).split())
        for extra in ("", "; import itp_carT")
    )
    assert (loaded - bare) & HEAVY == set()
    assert "itp_carT" in loaded


def test_every_name_of_the_front_door_can_be_had():
    import itp_carT

    for name in getattr(itp_carT, "__all__", []):
        assert getattr(itp_carT, name) is not None


# --- modules ------------------------------------------------------------------------------------


def undocumented(node, prefix=""):
    for child in node.body:
        if not isinstance(child, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        decorators = [ast.unparse(node) for node in child.decorator_list]
        if child.name.startswith("_") or "overload" in decorators:
            continue
        if not ast.get_docstring(child):
            yield prefix + child.name
        if isinstance(child, ast.ClassDef):
            yield from undocumented(child, prefix + child.name + ".")


@module
def test_module_and_public_names_have_a_docstring(path):
    tree = parse(path)
    assert ast.get_docstring(tree), "a module opens with two or three sentences"
    assert list(undocumented(tree)) == []


@module
def test_built_in_round_is_not_used(path):
    """Rounding is part of a rule: half to even would give 50 mg for 49.5 and for 50.5 mg."""
    uses = [n.lineno for n in ast.walk(parse(path)) if isinstance(n, ast.Name) and n.id == "round"]
    assert uses == []


#: Places on a drawing, and what is drawn at random before anybody measures it.
NOT_SHOWN = {"number_line.py", "strategies.py", "study/synthetic_rows.py"}


@module
def test_decimals_are_written_by_the_one_rule_of_rounding(path):
    """Python's own format sends a half to the even digit; `rounding.fixed` does not."""
    if path.relative_to(PACKAGE).as_posix() in NOT_SHOWN:
        return
    fields = (node for node in ast.walk(parse(path)) if isinstance(node, ast.FormattedValue))
    specs = [ast.unparse(field.format_spec) for field in fields if field.format_spec]
    # .0f serves to see whether a number is whole
    assert not [spec for spec in specs if re.search(r"\.[1-9][0-9]*[fF%]", spec)]


@module
def test_nothing_is_evaluated(path):
    names = {n.id for n in ast.walk(parse(path)) if isinstance(n, ast.Name)}
    assert names.isdisjoint({"eval", "exec", "compile", "__import__"})


@module
def test_module_is_short(path):
    if path.name == "sources.py":
        return  # a bibliography is as long as what was read
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 500


# --- text ---------------------------------------------------------------------------------------

UNREAD = {
    ".git",
    ".venv",
    "_build",
    "_calculator",
    "generated",
    "build",
    "dist",
    "__pycache__",
    "htmlcov",
}
CACHES = re.compile(r"\..*cache$|\.hypothesis$|.*\.egg-info$")
BINARY = {".png", ".parquet", ".pyc", ".ico", ".woff2", ".gz", ".whl", ".mo"}

FORBIDDEN = {
    "a path of some machine": re.compile(
        r"(?<![\w.:/~$}-])/(?:home|Users|root|work|tmp|mnt|opt|srv)/\w|\b[A-Z]:\\{1,2}Users\b"
    ),
    "the host of a package registry": re.compile(
        r"\b(?:pypi\.(?:org|python)|pythonhosted\.org|registry\.npmjs|anaconda\.org|crates\.io"
        r"|proxy\.golang|repo1?\.maven)"
    ),
}


def texts():
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [f for f in folders if f not in UNREAD and not CACHES.match(f)]
        for name in files:
            path = Path(folder, name)
            if name == ".git":  # in a worktree a file, which says where the history is
                continue
            if path.suffix not in BINARY and not name.startswith(".coverage"):
                yield path


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_names(what):
    found = []
    for path in texts():
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if FORBIDDEN[what].search(line):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:120]}")
    assert found == []


def test_forbidden_patterns_catch_what_they_should():
    machine, host = FORBIDDEN.values()
    assert machine.search("cd /" + "home/ana/itp")
    assert machine.search('"/' + 'tmp/x"')
    assert not machine.search("mg/" + "work/day and https://example.org/" + "home/x")
    assert host.search("https://pypi" + ".org/simple")


FRAGMENT = re.compile(r"[a-z0-9-]+\.(?:clinical|added|changed|fixed|removed)\.md")


def test_changelog_fragments_have_a_valid_type_and_say_something():
    for path in (ROOT / "changelog.d").iterdir():
        if path.name in {"README.md", "template.jinja"}:
            continue
        assert FRAGMENT.fullmatch(path.name), path.name
        assert path.read_text(encoding="utf-8").strip().endswith("."), path.name
