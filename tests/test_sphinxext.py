"""The page shows what the table holds: every outcome, limit, unit and citation."""

import html
import re

import pytest

sphinx = pytest.importorskip("sphinx", reason="Sphinx is absent: install the extra docs")

from sphinx.testing.util import SphinxTestApp  # noqa: E402

from itp_carT.analytes import PLATELETS  # noqa: E402
from itp_carT.rules import Compare, Fact, Row, Table, attested, leaves, limits  # noqa: E402
from itp_carT.sources import NCT05315778  # noqa: E402
from itp_carT.sphinxext import render, unit_systems  # noqa: E402
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6  # noqa: E402
from itp_carT.toxicity.catalogue import catalogue  # noqa: E402
from itp_carT.toxicity.emergence import TREATMENT_EMERGENT  # noqa: E402
from itp_carT.toxicity.grades import Grade  # noqa: E402

EVERY = (*ctcae_v4.TABLES, *ctcae_v5.TABLES, *ctcae_v6.TABLES, TREATMENT_EMERGENT)


def words(table):
    """All that is shown of a table, as text."""
    return "\n".join(node.astext() for node in render(table))


def build(folder, page, builder):
    """Build a site of one page; a warning is an error."""
    source = folder / "source"
    source.mkdir()
    (source / "conf.py").write_text("extensions = ['itp_carT.sphinxext']\n", encoding="utf-8")
    (source / "index.rst").write_text(page, encoding="utf-8")
    app = SphinxTestApp(builder, srcdir=source, exception_on_warning=True)
    try:
        app.build()
        (written,) = list(app.outdir.glob("index.*"))
        return written.read_text(encoding="utf-8")
    finally:
        app.cleanup()


# --- what a page holds ----------------------------------------------------------------------------


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.key)
def test_every_limit_and_the_citation_are_shown(table):
    shown = words(table)
    for leaf in leaves(table):
        if not isinstance(leaf, Compare):
            assert leaf.fact.label in shown
            continue
        for value in leaf.limit.published:
            assert str(value).removeprefix("-").removesuffix(" 1") in shown
        if leaf.limit.of is not None:
            assert {"LLN": "LLN", "ULN": "ULN"}.get(
                leaf.limit.of.name, leaf.limit.of.value
            ) in shown
            if leaf.limit.factor != 1:
                assert f"{float(leaf.limit.factor):g} ×" in shown
    assert str(table.source).removesuffix(" (unverified)") in shown
    assert table.fingerprint in shown
    assert table.key in shown
    assert table.code in shown
    assert table.note in shown
    for row in table.rows:
        assert row.note in shown
        if isinstance(row.outcome, Grade):
            assert f"Grade {int(row.outcome)}" in shown


def test_each_unit_system_has_a_column():
    assert unit_systems(ctcae_v5.PLATELET_COUNT_DECREASED) == ()
    assert len(unit_systems(ctcae_v5.HYPERCALCEMIA_CORRECTED)) == 2
    grid = render(ctcae_v5.HYPERCALCEMIA_CORRECTED)[0]
    heads = [entry.astext() for entry in grid.next_node(lambda n: n.tagname == "row")]
    assert heads == ["Outcome", *unit_systems(ctcae_v5.HYPERCALCEMIA_CORRECTED)]


def made(verified, **more):
    source = NCT05315778.at("a place", verified=verified)
    rows = (
        Row(Grade.G2, PLATELETS < limits("50 10^9/L"), note="our words"),
        Row(Grade.G1, attested("seen")),
    )
    return Table("x:made", "Made up", rows, otherwise=Grade.G0, source=source, **more)


def test_verified_and_unverified_are_said_in_words():
    assert "a place (verified)" in words(made(True))
    assert "a place (unverified: not compared with the source)" in words(made(False))


def test_where_the_publication_sends_us_is_shown():
    refers = Row(None, Fact("elsewhere", "it is elsewhere").is_(), note="see there")
    assert "it is elsewhere: see there" in words(made(True, refers=refers))


# --- as Sphinx writes it --------------------------------------------------------------------------

PAGE = """
Rule
====

.. rule-table:: itp_carT.toxicity.ctcae_v5.ANEMIA
"""


def test_one_table_as_html(tmp_path):
    """Caption, header row, a header cell per row: a screen reader can read it."""
    page = build(tmp_path, PAGE, "html")
    (found,) = re.findall(r'<table class="rule-table.*?</table>', page, flags=re.DOTALL)
    assert 'id="rule-ctcae-v5-0-anemia"' in page
    assert re.search(r"<caption>.*Anemia.*</caption>", found, flags=re.DOTALL)
    assert re.findall(r"<th[^>]*head[^>]*>", found)
    stubs = re.findall(r'<th class="stub"[^>]*>(.*?)</th>', found, flags=re.DOTALL)
    grades = [re.sub(r"<.*?>", "", stub).strip() for stub in stubs]
    assert grades[-6:] == [f"Grade {grade}" for grade in (5, 4, 3, 2, 1, 0)]
    text = html.unescape(re.sub(r"<.*?>", "", page))
    for limit in ("hemoglobin < 80 g/L", "hemoglobin < 100 g/L", "hemoglobin < LLN", "10002272"):
        assert limit in text
    assert "Anemia (verified)" in text


def test_a_module_by_chapter_as_text(tmp_path):
    page = """
Rules
=====

.. rule-tables:: itp_carT.toxicity.ctcae_v6
   :catalogue: ctcae-v6.0
"""
    shown = build(tmp_path, page, "text")
    headings = [shown.index(f"\n{soc}\n") for soc in dict.fromkeys(
        term.soc.label for term in catalogue("ctcae-v6.0"))]  # fmt: skip
    assert headings == sorted(headings)
    assert len(headings) == 26
    assert all(f'"{table.fingerprint}"' in shown for table in ctcae_v6.TABLES)
    assert all(term.code in shown for term in catalogue("ctcae-v6.0"))
    assert "All 18 terms: Blood and lymphatic system disorders" in shown


def test_the_actions_of_a_design_are_shown(tmp_path):
    both = ".. decision-table:: boin 0.30 6\n\n.. decision-table:: 3+3\n"
    page = build(tmp_path, f"Rule\n====\n\n{both}", "html")
    assert "BOIN, target 0.3: action by number treated" in page
    assert "at most 0.2365" in page
    assert "Liu 2015" in page
    assert page.count(">DU<") > 3
    assert "Korn 1994" in page


@pytest.mark.parametrize(
    ("directive", "says"),
    [
        ("rule-table:: itp_carT.toxicity.ctcae_v5.TABLES", "is not a rule table"),
        ("rule-table:: itp_carT.toxicity.ctcae_v5.NO_SUCH", "is not a rule table"),
        ("rule-table:: itp_carT.no_such.ANEMIA", "cannot be imported"),
        ("rule-tables:: itp_carT.toxicity.grades", "has no TABLES"),
        ("decision-table:: boim 0.30 12", "boin, keyboard"),
        ("decision-table:: boin 30 12", "between 0 and 1"),
        ("decision-table:: boin 0.30 many", "invalid literal"),
    ],
)
def test_a_page_that_names_no_table_does_not_build(tmp_path, directive, says):
    with pytest.raises(Exception, match=says):
        build(tmp_path, f"Rule\n====\n\n.. {directive}\n", "text")
