"""The command ``itp-cart bleed``: one assessment, a file, the table, and refusals."""

import csv
import json
from io import StringIO

import pytest
from click.testing import CliRunner

from itp_carT.bleeding import INSTRUMENTS
from itp_carT.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["bleed", *arguments])


def test_one_assessment_prints_scores_findings_and_that_they_are_unverified():
    done = run("--age", "66", "--viscera", "with anemia", "--rest", "none", "--date", "2026-03-16")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["age", "points", "1"] in lines
    assert ["symptom", "5"] in lines
    assert ["total", "6"] in lines
    assert "(unverified)" in done.output


def test_what_is_not_mentioned_was_not_assessed():
    done = run("--age", "40", "--skin", "elsewhere", "--json")
    found = json.loads(done.output)
    assert found["scores"]["symptom"] == {"value": None, "possible": [1, 2, 3, 5, 8]}
    assert found["missing"] == ["mucosa", "viscera", "cns"]
    assert found["bleeding"] == "yes"
    assert found["verified"] is False


def test_an_item_may_have_several_findings():
    done = run("--instrument", "itp-bat", "--epistaxis", "packing", "--epistaxis", "2.1 g/dL",
               "--rest", "none", "--json")  # fmt: skip
    found = json.loads(done.output)["scores"]
    assert [found[name]["value"] for name in ("skin", "mucosa", "organs")] == [0, 4, 0]


def test_a_whole_domain_may_be_given():
    done = run("--instrument", "itp-bat", "--skin", "2", "--mucosa", "1", "--organs", "0", "--json")
    found = json.loads(done.output)["scores"]
    assert [found[name]["value"] for name in ("skin", "mucosa", "organs")] == [2, 1, 0]


@pytest.mark.parametrize("key", INSTRUMENTS)
def test_the_whole_table_of_every_instrument(key):
    text = run("--instrument", key, "--table")
    assert text.exit_code == 0
    rows = json.loads(run("--instrument", key, "--table", "--json").output)
    assert len(rows) == sum(len(item.levels) for item in INSTRUMENTS[key].items)


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (("--skin", "leg"), "--skin"),
        (("--age", "-1", "--rest", "none"), "--age"),
        (("--instrument", "smog"), "--instrument"),
        (("--epistaxis", "3 min"), "--epistaxis"),  # not an item of the trial's score
        (("--rest", "all"), "--rest"),
        (("--date", "16.3.2026"), "--date"),
        (("--cause", "cold"), "--cause"),
        (("--instrument", "ibls", "--pulmonary", "1"), "--pulmonary"),
        (("--instrument", "who", "--grade", "5"), "--grade"),
        (("--instrument", "who", "--grade", "1", "--rest", "none"), "--rest"),
        (("--bleeding-from", "0", "--rest", "none"), "at_least"),
        (("-o", "x.csv"), "--output"),
        (("absent.csv",), "absent.csv"),
    ],
)
def test_a_refusal_names_the_option(arguments, named):
    done = run(*arguments)
    assert done.exit_code == 2
    assert named in done.stderr.replace("at-least", "at_least")
    assert "Traceback" not in done.output


FILE = """patient,date,age,skin,mucosa,viscera,cns,rest,cause,disproportionate
SYN-01,2026-03-16,40,elsewhere,none,none,none,,,
SYN-01,2026-03-23,40,none,none,none,none,,,
SYN-02,2026-03-16,66,,with anemia,,,none,,
SYN-03,2026-03-16,40,,,,,,,
SYN-04,2026-03-16,40,leg,,,,,,
SYN-05,2026-02-30,40,none,none,none,none,,,
SYN-06,2026-03-16,forty,none,none,none,none,,,
SYN-07,2026-03-16,40,,occasional,,,none,menses,no
SYN-08,2026-03-16,,head/face,none,none,none,,,
"""


@pytest.fixture
def assessments(tmp_path):
    file = tmp_path / "assessments.csv"
    file.write_text(FILE, encoding="utf-8")
    return file


def test_a_file_is_scored_and_bad_rows_are_named(assessments):
    done = run(str(assessments))
    assert done.exit_code == 1
    rows = {int(row["line"]): row for row in csv.DictReader(StringIO(done.stdout))}
    assert [rows[line]["total"] for line in (2, 3, 4)] == ["1", "0", "6"]
    assert [rows[line]["bleeding"] for line in (2, 3, 4, 5)] == ["yes", "no", "yes", "unknown"]
    assert rows[5]["total"] == ""
    assert rows[5]["total_possible"] == "0 1 2 3 5 8"
    assert "line 6, column skin (patient SYN-04, 2026-03-16)" in rows[6]["error"]
    assert "column date (patient SYN-05" in rows[7]["error"]
    assert "column age" in rows[8]["error"]
    assert (rows[9]["cause"], rows[9]["disproportionate"]) == ("menses", "no")
    assert "5 of 9 rows scored" in done.stderr


def test_an_age_that_is_missing_is_told_and_what_does_not_need_it_stands(assessments):
    row = list(csv.DictReader(StringIO(run(str(assessments)).stdout)))[-1]
    assert (row["symptom"], row["bleeding"], row["total"]) == ("2", "yes", "")
    assert "line 10, column age (patient SYN-08, 2026-03-16): is missing" in row["error"]
    assert "total is 2, 3 or 4" in row["error"]


def test_the_output_is_whole_and_is_not_overwritten(assessments, tmp_path):
    output = tmp_path / "scored.csv"
    assert run(str(assessments), "-o", str(output)).exit_code == 1
    first = output.read_text(encoding="utf-8")
    assert len(first.splitlines()) == 10
    again = run(str(assessments), "-o", str(output))
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert run(str(assessments), "-o", str(output), "--force", "--json").exit_code == 1
    assert len(json.loads(output.read_text(encoding="utf-8"))["rows"]) == 9
    assert not output.with_name("scored.csv.part").exists()


def test_a_column_that_is_not_known_is_refused(tmp_path):
    file = tmp_path / "odd.csv"
    file.write_text("patient,skinn\nSYN-01,none\n", encoding="utf-8")
    done = run(str(file))
    assert done.exit_code == 2
    assert '"skinn"' in done.stderr
