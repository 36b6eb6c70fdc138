"""The command ``itp-cart term``: find a term, show its table, list a class."""

import json

import pytest
from click.testing import CliRunner

from itp_carT.cli import main
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6


def run(*arguments):
    return CliRunner().invoke(main, ["term", *arguments])


def lines(*arguments):
    done = run(*arguments)
    assert done.exit_code == 0, done.output
    return [" ".join(line.split()) for line in done.stdout.splitlines()]


def test_a_part_of_a_name_shows_the_term_with_its_limits_and_source():
    shown = lines("platelet")
    assert shown[0] == "Platelet count decreased"
    assert "Grade 4 platelets < 25 10⁹/L" in shown
    assert "Grade 1 platelets < LLN" in shown
    assert any("CTCAE v5.0 2017" in line for line in shown)
    assert any("immune thrombocytopenia" in line for line in shown)


def test_limits_of_both_unit_systems_and_both_variants():
    shown = lines("hypercalcemia")
    assert "Grade 4 calcium, albumin-corrected > 3.4 mmol/L or life-threatening" in shown
    assert "Grade 4 calcium, albumin-corrected > 13.5 mg/dL or life-threatening" in shown
    assert "Hypercalcemia (Ionized)" in shown
    assert "Grade 4 calcium, ionized > 1.8 mmol/L or life-threatening" in shown


def test_options_and_facts_that_make_a_difference_are_named():
    assert 'Option creatinine_baseline: "always" (default) or "never"' in lines("10011368")
    assert "May be told symptomatic (not said: stays open)" in lines("hypokalemia")
    shown = lines("INR increased")
    assert 'Option inr_arms: "by anticoagulation" (default) or "both"' in shown


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("10002272", "Anemia"),
        ("  ANEMIA ", "Anemia"),
        ("alt", "Alanine aminotransferase increased"),
        ("hypercalcemia (ionized)", "Hypercalcemia"),
        ("ctcae-v5.0:fever", "Fever"),
        ("headache", "Headache"),
    ],
)
def test_found_by_code_name_measure_variant_or_key(query, name):
    assert lines(query)[0] == name


def test_several_are_listed_with_the_grades_that_exist():
    shown = lines("hemoglobin")
    assert "* 10002272 12345 Anemia" in shown
    assert "* 10055599 123-- Hemoglobin increased" in shown


def test_a_term_without_limits_says_so():
    assert any(line.startswith("No limits in numbers") for line in lines("nausea"))


def test_a_miss_names_the_nearest_and_the_other_edition():
    done = run("anaemia")
    assert done.exit_code == 2
    assert "did you mean Anemia" in done.stderr
    assert "it is one of ctcae-v6.0" in run("thrombocytopenia").stderr
    assert run("qqqq", "--edition", "ctcae-v4.03").exit_code == 2
    assert "say which term" in run().stderr
    assert "not a system organ class" in run("--list", "moon").stderr
    assert "is not an edition" in run("platelet", "--edition", "7").stderr


@pytest.mark.parametrize(("soc", "terms"), [("blood", 12), ("Investigations", 42), ("all", 837)])
def test_a_class_is_listed_whole(soc, terms):
    found = json.loads(run("--list", soc, "--json").stdout)
    assert len(found["terms"]) == terms
    assert lines("--list", soc)[0].startswith(f"{terms} terms of CTCAE v5.0")


def test_json_holds_the_table():
    found = json.loads(run("platelet", "--edition", "ctcae-v6.0", "--json").stdout)
    (term,) = found["terms"]
    assert (term["term"], term["code"], term["grades"]) == (
        "Thrombocytopenia", "10043554", [1, 2, 3, 4, 5],
    )  # fmt: skip
    (table,) = term["tables"]
    rows = {row["grade"]: row["when"] for row in table["rows"]}
    assert "10 10^9/L" in next(iter(rows[4].values()))
    assert table["source"]["key"]


@pytest.mark.parametrize(
    ("edition", "module"),
    [("ctcae-v4.03", ctcae_v4), ("ctcae-v5.0", ctcae_v5), ("ctcae-v6.0", ctcae_v6)],
)
def test_every_table_is_shown_in_80_columns(edition, module):
    for code in dict.fromkeys(table.code for table in module.TABLES):
        done = run(code, "--edition", edition)
        assert done.exit_code == 0, (code, done.output)
        assert max(map(len, done.stdout.splitlines())) <= 80
