"""The catalogues are complete, every numeric table belongs to a term, the map is whole."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from itp_carT.errors import UnknownTermError
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6
from itp_carT.toxicity.catalogue import (
    EDITIONS,
    Relation,
    SystemOrganClass,
    catalogue,
    successions,
    successors,
    system_organ_class,
)
from itp_carT.toxicity.grades import Grade

# transcribed from the reference's counts per class: v5.0 / v6.0
COUNTS = """
Blood 12/18, Cardiac 34/30, Congenital 1/1, Ear 8/8, Endocrine 14/15, Eye 26/26,
Gastrointestinal 122/122, General 25/24, Hepatobiliary 18/20, Immune 6/8, Infections 88/89,
Injury 79/79, Investigations 42/40, Metabolism 26/26, Musculoskeletal 44/44, Neoplasms 7/10,
Nervous 68/71, Pregnancy 4/4, Psychiatric 21/21, Renal 23/25, Reproductive 49/47,
Respiratory 62/61, Skin 39/41, Social 1/1, Surgical 1/1, Vascular 17/18
"""
PER_CLASS = [
    (name, edition, int(count))
    for entry in COUNTS.split(",")
    for name, counts in [entry.split()]
    for edition, count in zip(EDITIONS, counts.split("/"), strict=True)
]


@pytest.mark.parametrize(("soc", "edition", "count"), PER_CLASS)
def test_every_class_is_complete(soc, edition, count):
    assert len(catalogue(edition).of(soc)) == count


@pytest.mark.parametrize(
    ("edition", "terms", "grade_5"), [("ctcae-v5.0", 837, 494), ("ctcae-v6.0", 850, None)]
)
def test_every_edition_is_complete(edition, terms, grade_5):
    found = catalogue(edition)
    assert len(found) == len(list(found)) == terms
    assert len({term.code for term in found}) == len({term.name for term in found}) == terms
    assert {term.soc for term in found} == set(SystemOrganClass)
    assert all(term.grades == tuple(sorted(term.grades)) for term in found)
    assert not any(Grade.G0 in term.grades for term in found)
    if grade_5:  # the reference counts grade 5 in 494 terms of v5.0
        assert sum(Grade.G5 in term.grades for term in found) == grade_5


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_class_has_one_term_other_specify(edition):
    others = [term for term in catalogue(edition) if term.other_specify]
    assert {term.soc for term in others} == set(SystemOrganClass)
    assert len(others) == len(SystemOrganClass)
    assert all(set(term.grades) >= {1, 2, 3, 4} for term in others)


def test_grade_5_in_investigations_is_only_in_other_specify():
    inside = [t for t in catalogue("ctcae-v5.0").of("investigations") if Grade.G5 in t.grades]
    assert [term.other_specify for term in inside] == [True]


# code, name, class and grades as the publication prints them
KNOWN = [
    ("ctcae-v5.0", "10035528", "Platelet count decreased", "INVESTIGATIONS", "1234"),
    ("ctcae-v6.0", "10043554", "Thrombocytopenia", "BLOOD", "12345"),
    ("ctcae-v5.0", "10024378", "Leukocytosis", "BLOOD", "345"),
    ("ctcae-v5.0", "10052015", "Cytokine release syndrome", "IMMUNE", "12345"),
    (
        "ctcae-v6.0",
        "10083347",
        "Immune effector cell-associated neurotoxicity syndrome",
        "NERVOUS",
        "12345",
    ),
    ("ctcae-v6.0", "10081409", "Secondary hemophagocytic lymphohistiocytosis", "IMMUNE", "12345"),
    ("ctcae-v5.0", "10037549", "Purpura", "SKIN", "123"),
]


@pytest.mark.parametrize(("edition", "code", "name", "soc", "grades"), KNOWN)
def test_known_terms(edition, code, name, soc, grades):
    term = catalogue(edition)[code]
    assert (term.name, term.soc.name) == (name, soc)
    assert "".join(str(int(grade)) for grade in term.grades) == grades


# --- look-up --------------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["Anemia", "anemia", "  ANEMIA ", "10002272"])
def test_a_term_is_found_by_code_and_by_name_whatever_the_case(given):
    terms = catalogue("ctcae-v5.0")
    assert terms[given].name == "Anemia"
    assert given in terms
    assert terms[given] in terms


@pytest.mark.parametrize(
    ("given", "nearest"),
    [("anaemia", "Anemia"), ("diarrhoea", "Diarrhea"), ("platelet count", "Platelet count")],
)
def test_a_miss_names_the_nearest(given, nearest):
    with pytest.raises(UnknownTermError, match=r"is not a term of ctcae-v5\.0") as caught:
        catalogue("ctcae-v5.0")[given]
    assert any(name.startswith(nearest) for name in caught.value.nearest)


def test_a_miss_says_when_the_other_edition_has_the_term():
    with pytest.raises(UnknownTermError, match=r"it is one of ctcae-v6\.0"):
        catalogue("ctcae-v5.0")["Thrombocytopenia"]


@pytest.mark.parametrize("given", ["", "   ", "99999999"])
def test_nonsense_is_no_term(given):
    with pytest.raises(UnknownTermError):
        catalogue("ctcae-v5.0")[given]
    assert given not in catalogue("ctcae-v5.0")


@pytest.mark.parametrize("given", ["ctcae-v4.03", "v5", "", "ctcae"])
def test_an_edition_that_is_not_kept_is_refused(given):
    with pytest.raises(UnknownTermError, match=r"write ctcae-v5\.0 or ctcae-v6\.0"):
        catalogue(given)


def test_a_class_is_found_by_its_short_and_its_printed_name():
    assert system_organ_class("Blood") is SystemOrganClass.BLOOD
    assert system_organ_class("investigations") is SystemOrganClass.INVESTIGATIONS
    assert system_organ_class("skin and subcutaneous tissue disorders") is SystemOrganClass.SKIN
    with pytest.raises(UnknownTermError, match="Nervous"):
        system_organ_class("nervous system")


def test_nothing_is_read_at_import():
    code = (
        "import itp_carT.toxicity.catalogue as c;"
        "print(c._read.cache_info().currsize, c.successions.cache_info().currsize)"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True).split() == ["0", "0"]


def test_the_data_files_hold_no_wording():
    """Code, grades and name: three fields per line, nothing a grade's text could hide in."""
    data = Path(sys.modules["itp_carT.toxicity.catalogue"].__file__).parent / "data"
    for edition in EDITIONS:
        lines = (data / f"{edition}.tsv").read_text(encoding="utf-8").splitlines()
        rows = [line.split("\t") for line in lines if not line.startswith("# ")]
        assert {len(row) for row in rows} == {3}
        assert max(len(name) for _, _, name in rows) < 100


# --- the tables and the catalogue -----------------------------------------------------------------

TABLES = [
    *((table, "ctcae-v5.0") for table in ctcae_v5.TABLES),
    *((table, "ctcae-v6.0") for table in ctcae_v6.TABLES),
]


@pytest.mark.parametrize(("table", "edition"), TABLES, ids=lambda item: getattr(item, "key", item))
def test_every_numeric_table_belongs_to_a_term(table, edition):
    """Same code, same name, same class, and no grade the publication does not have."""
    term = catalogue(edition)[table.code]
    assert term.name == table.term
    assert table.source.locator == f"{term.soc.label}: {term.name}"
    assert table.key.startswith(f"{edition}:")
    assert set(table.outcomes) <= {Grade.G0, *term.grades}


@pytest.mark.parametrize("table", ctcae_v4.TABLES, ids=lambda table: table.key)
def test_a_table_of_v4_has_the_code_of_v5_where_the_term_is_the_same(table):
    """The list of v4.03 terms is not kept; codes of terms that stayed can be compared."""
    names = {term.name: term for term in catalogue("ctcae-v5.0")}
    assert table.code
    if table.term in names:
        assert names[table.term].code == table.code


# --- from v5.0 to v6.0 ----------------------------------------------------------------------------


def test_the_map_is_whole():
    pairs = successions()
    assert len(pairs) == 888
    assert Counter(pair.relation for pair in pairs) == {
        Relation.SAME_TERM: 786,
        Relation.REPLACED: 56,
        Relation.NEW: 42,
        Relation.SOC_CHANGE: 4,
    }
    assert {pair.before for pair in pairs} - {None} == set(catalogue("ctcae-v5.0"))
    assert {pair.after for pair in pairs} == set(catalogue("ctcae-v6.0"))


def test_every_pair_of_the_map_is_what_it_says():
    for pair in successions():
        old, new = pair.before, pair.after
        if pair.relation is Relation.NEW:
            assert old is None
            assert pair.grades == ()
            continue
        assert set(pair.grades) <= set(old.grades)
        if pair.relation is Relation.SAME_TERM:
            assert (old.code, old.name, old.soc) == (new.code, new.name, new.soc)
        elif pair.relation is Relation.SOC_CHANGE:
            assert old.soc is not new.soc
            assert old.code == new.code
        else:
            assert old.code != new.code


def test_every_grade_of_every_term_goes_somewhere_and_only_once():
    for term in catalogue("ctcae-v5.0"):
        went = [grade for pair in successors(term) for grade in pair.grades]
        assert sorted(went) == list(term.grades), term


def test_the_successor_of_a_term_can_depend_on_the_grade():
    asystole = catalogue("ctcae-v5.0")["Asystole"]
    assert [pair.after.name for pair in successors(asystole, 1)] == ["Sinus bradycardia"]
    assert [pair.after.name for pair in successors(asystole, Grade.G4)] == ["Asystole"]
    assert len(successors(asystole)) == 2


def test_the_map_leads_from_v5_only():
    with pytest.raises(UnknownTermError, match="not a term of ctcae-v5"):
        successors(catalogue("ctcae-v6.0")["Thrombocytopenia"])
