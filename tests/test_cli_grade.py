"""The command ``itp-cart grade``: a file in, the same rows out with grade or reason."""

import csv
import io

import pytest
from click.testing import CliRunner

from itp_carT.cli import grade as command
from itp_carT.cli import main

LABS = """patient,term,value,unit,lln,uln,baseline,site
SYN-01,Platelet count decreased,75,10^9/L,150,,,007
SYN-01,platelet count decreased,24900,/mm3,150000,,,007
SYN-01,10035528,24,,150,,,007
SYN-02,Anemia,8.0,g/dL,12,,,NA
SYN-02,Anemia,112,g/L,,,,NA
SYN-02,Alanine aminotransferase increased,120,,,40,30,NA
SYN-02,Alanine aminotransferase increased,90,,,40,60,NA
SYN-03,Hypokalemia,3.2,mmol/L,3.5,5.1,,NA
SYN-03,No such term,3.2,mmol/L,3.5,5.1,,NA
SYN-03,Anemia,,g/L,120,,,NA
"""
GRADES = ["1", "4", "", "2", "", "1", "1", "", "", ""]
REASONS = {
    2: "no unit, and the term has limits with units",
    4: "not settled: give the lower limit of normal",
    7: "not settled: say whether symptomatic",
    8: "unknown term",
    9: "no value, or not a finite number",
}
ADDED = ["grade", "grade_worst", "grade_mildest", "reason"]


@pytest.fixture
def write(tmp_path):
    def put(text, name="labs.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return str(path)

    return put


def run(*arguments, edition="ctcae-v5.0"):
    return CliRunner().invoke(main, ["grade", *arguments, "--edition", edition])


def graded(text, separator=","):
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


@pytest.fixture(params=["one by one", "with Polars"])
def reader(request, monkeypatch):
    """Both ways to grade a file; the file decides for itself by its length."""
    if request.param == "with Polars":
        pytest.importorskip("polars", reason="needs Polars, an extra")
        monkeypatch.setattr(command, "FEW", 0)
    else:
        monkeypatch.setattr(command, "has_polars", lambda: False)
    return request.param


@pytest.mark.usefixtures("reader")
def test_every_row_has_a_grade_or_a_reason_and_keeps_its_columns(write):
    done = run(write(LABS))
    assert done.exit_code == 0, done.output
    rows = graded(done.stdout)
    before = graded(LABS)
    assert [row["grade"] for row in rows] == GRADES
    assert list(rows[0]) == [*before[0], *ADDED]
    for at, (row, old) in enumerate(zip(rows, before, strict=True)):
        assert {name: row[name] for name in old} == old
        assert row["reason"] == REASONS.get(at, "")
    assert (rows[7]["grade_worst"], rows[7]["grade_mildest"]) == ("2", "1")
    assert (rows[4]["grade_worst"], rows[4]["grade_mildest"]) == ("1", "0")


def test_the_summary_says_how_many_were_graded_and_why_others_were_not(write):
    done = run(write(LABS))
    assert "5 of 10 rows graded (grade 1: 3, grade 2: 1, grade 4: 1)" in done.stderr
    assert "1 not graded: unknown term" in done.stderr


# --- cells that cannot be read --------------------------------------------------------------------

BAD = """term,value,unit,lln,comment
Anemia,<3,g/dL,12,a bound
Anemia,"7,9",g/dL,12,a decimal comma
Anemia,7.9 g/dL,g/dL,12,a unit beside it
Anemia,seven,g/dL,12,a word
Anemia,7.9,g/dL,>12,a bound of normal
Anemia,7,9,g/dL,12,too many
Anemia,7.9,g/dL
Anemia,NA,g/dL,12,nothing
Anemia,7.9,NA,12,no unit
Anemia,7.9,g/dL,12,good
Anemia,7_9,g/dL,12,python
Anemia,1e400,g/dL,12,beyond
Anemia, +7.9e0 ,g/dL, ,spaces
"""
WHY = [
    "value is a bound of the assay, not a value: nothing says how far beyond it is",
    "value has a comma: write decimals with a point, and thousands without a sign",
    "value has something beside the number: a unit has a column of its own",
    "value is not a number",
    "lln is a bound of the assay, not a value: nothing says how far beyond it is",
    "the row has more fields than the header",
    "the row has fewer fields than the header",
    "no value, or not a finite number",
    "no unit, and the term has limits with units",
    "",
    "value has something beside the number: a unit has a column of its own",
    "no value, or not a finite number",
    "",
]


@pytest.mark.usefixtures("reader")
def test_a_cell_that_cannot_be_read_is_told_by_line_and_column_and_kept(write):
    done = run(write(BAD))
    assert done.exit_code == 1
    rows = graded(done.stdout)
    assert [row["reason"] for row in rows] == WHY
    assert [row["grade"] for row in rows] == [""] * 9 + ["3", "", "", "3"]
    assert rows[0]["value"] == "<3"
    assert rows[6]["comment"] == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith('labs.csv line 2, column value: "<3" is a bound')
    assert lines[4].startswith('labs.csv line 6, column lln: ">12" is a bound')
    assert lines[5].startswith("labs.csv line 7: ")
    assert "the row has more fields than the header" in lines[5]
    assert "too many" in lines[5]
