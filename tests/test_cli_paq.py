"""The command ``itp-cart paq``: answers in, scores out, bad rows and data queries named."""

import csv
import json
from io import StringIO

import pytest
from click.testing import CliRunner

from itp_carT.cli import main

# Items, options and directions are made up: they are not those of the licensed manual.
MAPPING = """scale,item,options,best
A,a1,5,highest
A,a2,5,highest
W,w1,5,lowest
W,w2,5,lowest
W,w3,5,lowest
W,w4,5,lowest
"""
ANSWERS = """patient,visit,employed,a1,a2,w1,w2,w3,w4
SYN-01,D-5,yes,2,2,5,5,5,5
SYN-01,M3,yes,3,4,1,2,,
SYN-02,D-5,no,5,,,,,
SYN-03,D-5,,1,1,3,3,3,3
"""


@pytest.fixture
def write(tmp_path):
    def put(text, name="answers.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return put


@pytest.fixture
def run(write):
    def call(answers=ANSWERS, *arguments, mapping=MAPPING):
        files = [write(answers), "--mapping", write(mapping, "mapping.csv")]
        return CliRunner().invoke(main, ["paq", *files, *arguments])

    return call


def rows(done):
    return json.loads(done.stdout)["rows"]


def scores(done):
    return [
        {key: one["value"] if one["value"] is not None else one["outcome"] for key, one in
         row["scores"].items()}
        for row in rows(done)
    ]  # fmt: skip


def test_scores(run):
    done = run(ANSWERS, "--json")
    assert done.exit_code == 0, done.output
    assert scores(done) == [
        {"A": 25.0, "W": 0.0},
        {"A": 62.5, "W": 87.5},
        {"A": 100.0, "W": "not applicable"},
        {"A": 0.0, "W": "applicability unknown"},
    ]
    assert "4 of 4 rows scored" in done.stderr


def test_the_sheet(run):
    done = run()
    lines = [line.split() for line in done.stdout.splitlines()]
    assert ["SYN-02", "D-5", "100.0", "n/a"] in lines
    assert ["SYN-03", "D-5", "0.0", "?"] in lines
    assert "unverified" in done.stdout


def test_changes_from_a_baseline(run):
    done = run(ANSWERS, "--baseline", "D-5", "--json")
    change = rows(done)[1]["changes"]
    assert change["A"] == {
        "difference": 37.5, "direction": "better", "class": "at or above MID",
        "mid": "10 to 15 points", "reason": "",
    }  # fmt: skip
    assert change["W"]["class"] == "none published"
    assert rows(done)[2]["changes"]["W"]["difference"] is None
    assert "not applicable" in rows(done)[2]["changes"]["W"]["reason"]
    assert "+37.5: better, at or above MID" in run(ANSWERS, "--baseline", "D-5").stdout


def test_an_answer_on_a_scale_that_does_not_apply_is_a_query(run):
    done = run(ANSWERS.replace("SYN-02,D-5,no,5,,,,,", "SYN-02,D-5,no,5,,2,,,"), "--json")
    assert done.exit_code == 0
    assert scores(done)[2] == {"A": 100.0, "W": "data query"}
    assert "answers.csv line 4 (patient SYN-02), data query: W" in done.stderr
    assert "w1" in done.stderr


@pytest.mark.parametrize(
    ("share", "outcome"), [("1/2", 87.5), ("0.5", 87.5), ("2/3", "missing"), ("1", "missing")]
)
def test_the_half_rule_is_an_option(run, share, outcome):
    assert scores(run(ANSWERS, "--least-answered", share, "--json"))[1]["W"] == outcome


def test_a_csv_of_scores(run, tmp_path):
    output = tmp_path / "scores.csv"
    done = run(ANSWERS, "-o", str(output), "--baseline", "D-5")
    assert done.exit_code == 0, done.output
    assert done.stdout == ""
    written = list(csv.DictReader(StringIO(output.read_text(encoding="utf-8"))))
    assert [row["A"] for row in written] == ["25.0", "62.5", "100.0", "0.0"]
    assert written[1]["A_change"] == "37.5"
    assert written[1]["A_class"] == "at or above MID"
    assert (written[2]["W"], written[2]["W_outcome"]) == ("", "not applicable")
    again = run(ANSWERS, "-o", str(output))
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert run(ANSWERS, "-o", str(output), "--force").exit_code == 0


def test_the_answers_and_the_mapping_are_never_replaced(run, tmp_path):
    for name in ("answers.csv", "mapping.csv"):
        done = run(ANSWERS, "-o", str(tmp_path / name), "--force")
        assert done.exit_code == 2
        assert "is the file that is read" in done.stderr
    assert (tmp_path / "answers.csv").read_text(encoding="utf-8") == ANSWERS


BAD = [
    # column, row with the mistake, what is said
    ("a1", "SYN-04,D-5,yes,6,1,,,,", "write 1 to 5"),
    ("a1", "SYN-04,D-5,yes,0,1,,,,", "write 1 to 5"),
    ("a2", "SYN-04,D-5,yes,1,2.5,,,,", "not a whole number"),
    ("a2", "SYN-04,D-5,yes,1,often,,,,", "not a whole number"),
    ("w4", "SYN-04,D-5,no,1,1,,,,9", "write 1 to 5"),
    ("employed", "SYN-04,D-5,maybe,1,1,,,,", "yes, no or unknown"),
    ("patient", ",D-5,yes,1,1,,,,", "empty"),
    ("visit", "SYN-01,M3,yes,1,1,,,,", "line 3 too"),
    ("", "SYN-04,D-5,yes,1,1,,,,,7", "more fields"),
]


@pytest.mark.parametrize(("column", "row", "said"), BAD)
def test_a_bad_row_is_named_and_the_others_are_scored(run, column, row, said):
    done = run(f"{ANSWERS}{row}\n", "--json")
    assert done.exit_code == 1
    where = f", column {column}" if column else ""
    assert f"answers.csv line 6{where}" in done.stderr
    assert said in done.stderr
    assert "4 of 5 rows scored" in done.stderr
    assert "Traceback" not in done.output
    assert len([one for one in rows(done) if one["scores"]]) == 4
    assert rows(done)[4]["error"]


def test_sex_and_menstruation_that_contradict_each_other_are_named(run):
    mapping = "scale,item,options,best\nRH-MS,m1,5,highest\n"
    answers = "patient,sex,menstruating,m1\nSYN-01,M,yes,3\nSYN-02,F,yes,3\n"
    done = run(answers, "--json", mapping=mapping)
    assert "answers.csv line 2, column menstruating (patient SYN-01)" in done.stderr
    assert scores(done)[1]["RH-MS"] == "applicability unknown"  # before menopause? not stated
    told = answers.replace("sex,", "post_menopausal,sex,").replace("-02,", "-02,no,")
    told = told.replace("SYN-01,M,yes,3\n", "")
    assert scores(run(told, "--json", mapping=mapping))[0]["RH-MS"] == 50.0


@pytest.mark.parametrize(
    ("answers", "mapping", "said"),
    [
        ("patient,a1,a2\n", MAPPING, 'no column "w1"'),
        (ANSWERS.replace("visit", "week", 1), MAPPING, 'column "week" that is not known'),
        (ANSWERS.replace("a2", "a1", 1), MAPPING, 'two columns "a1"'),
        (ANSWERS, MAPPING.replace("A,a1,5", "A,a1,"), "mapping.csv line 2, column options"),
        (ANSWERS, MAPPING.replace("A,a1", "T,a1"), "mapping.csv line 2, column scale"),
        (ANSWERS, "", "mapping.csv"),
        (ANSWERS, MAPPING.replace("a1", "visit"), "another column"),
    ],
)
def test_a_refusal_of_the_whole_file(run, answers, mapping, said):
    done = run(answers, mapping=mapping)
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--least-answered", "half"), "--least-answered"),
        (("--baseline", "M6"), "--baseline"),
        (("-o", "{folder}/no/such.csv"), "--output"),
    ],
)
def test_a_refusal_names_the_option(run, tmp_path, arguments, said):
    done = run(ANSWERS, *(part.format(folder=tmp_path) for part in arguments))
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_template_to_fill_in(write):
    done = CliRunner().invoke(main, ["paq", "--template"])
    assert done.stdout.splitlines()[0] == "scale,item,options,best,first"
    empty = write(done.stdout, "mapping.csv")
    refused = CliRunner().invoke(main, ["paq", write(ANSWERS), "--mapping", empty])
    assert refused.exit_code == 2
    assert "mapping.csv line 2, column item: is empty" in refused.stderr


def test_what_is_needed_is_told():
    for arguments in ([], ["answers.csv"]):
        done = CliRunner().invoke(main, ["paq", *arguments])
        assert done.exit_code == 2
        assert "--mapping" in done.stderr


def test_a_number_of_items_other_than_known_is_told(run):
    done = run(ANSWERS.replace(",w4", "", 1).replace(",5\n", "\n").replace(",3\n", "\n")
               .replace(",,\n", ",\n"), mapping=MAPPING.replace("W,w4,5,lowest\n", ""))  # fmt: skip
    assert "W has 3 items in the mapping and 4 are known" in done.stderr
