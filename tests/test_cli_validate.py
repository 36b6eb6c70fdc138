"""The command ``itp-cart validate``: report, JSON and exit code."""

import json

import pytest
from click.testing import CliRunner

from itp_carT.cli import main

TOML = 'schema = 1\nname = "synthetic"\nprotocol = "NCT05315778"\ncutoff = 2026-12-31\n'


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "study.toml").write_text(TOML + "synthetic = true\n")
    (tmp_path / "subjects.csv").write_text(
        "subject,conditioning,infusion\nSYN-01,2026-03-04,2026-03-09\n"
    )
    labs(tmp_path, "45")
    return tmp_path


def labs(folder, *values):
    rows = [f"SYN-01,2026-03-{10 + n % 20},PLT,{value},10^9/L\n" for n, value in enumerate(values)]
    (folder / "labs.csv").write_text("subject,date,analyte,value,unit\n" + "".join(rows))


def run(*arguments):
    return CliRunner().invoke(main, ["validate", *map(str, arguments)])


def test_a_good_folder_ends_with_0_and_says_that_it_is_synthetic(folder):
    done = run(folder)
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == "synthetic (synthetic data)"
    assert "labs: 1 of 1" in done.output
    assert "bleeding: no file" in done.output
    assert done.output.rstrip().endswith("Nothing stops an endpoint.")


def test_a_problem_is_told_with_file_row_and_column_and_ends_with_1(folder):
    labs(folder, "45", "high")
    done = run(folder)
    assert done.exit_code == 1
    assert 'labs.csv row 3, column value (subject SYN-01): "high' in done.output
    assert "1 problem stops endpoints, for 1 subject: mend them first." in done.output


def test_the_report_as_json(folder):
    labs(folder, "high")
    done = run(folder, "--json")
    assert done.exit_code == 1
    found = json.loads(done.output)
    problem = next(one for one in found["problems"] if one["severity"] == "stops")
    assert (problem["file"], problem["row"], problem["column"], problem["given"]) == (
        "labs.csv", 2, "value", "high")  # fmt: skip
    assert problem["allowed"]
    assert found["counts"]["stops"] == 1
    assert found["stopped"] == [{"subject": "SYN-01", "tables": ["labs"]}]


def test_many_problems_are_cut_and_all_are_printed_when_asked_for(folder):
    labs(folder, *(f"x{n}" for n in range(20)), *(f"y{n}" for n in range(20)))
    assert "and 10 more" in run(folder).output
    assert len(run(folder, "--all").output.splitlines()) > 40


def test_no_such_folder_ends_with_2(tmp_path):
    done = run(tmp_path / "nowhere")
    assert (done.exit_code, "does not exist" in done.output) == (2, True)


def test_a_long_study_shows_how_far_it_is(folder, monkeypatch):
    from itp_carT.cli import validate

    monkeypatch.setattr(validate, "_LONG", 1)
    done = CliRunner().invoke(main, ["validate", str(folder)])
    assert "reading" in done.stderr
    assert "reading" not in done.stdout
