"""The commands ``itp-cart crs`` and ``itp-cart icans``: grades, open grades, and refusals."""

import json

import pytest
from click.testing import CliRunner

from itp_carT.cli import main


def run(*arguments):
    return CliRunner().invoke(main, arguments)


FEVER = ("--temperature", "39.1 C", "--hypoxia", "none")


def test_crs_prints_the_grade_with_its_scale_and_what_was_assumed():
    done = run("crs", *FEVER, "--hypotension", "one vasopressor")
    assert done.exit_code == 0, done.output
    assert done.output.splitlines()[0] == "CRS grade 3 (ASTCT 2019)"
    assert "taken as absent: death from CRS" in done.output


def test_crs_left_out_is_not_assessed():
    done = run("crs", "--temperature", "39.1 C", "--json")
    found = json.loads(done.output)["grades"][0]
    assert found["grade"] is None
    assert found["possible"] == [4, 3, 2, 1]
    assert "grade open" in run("crs", "--temperature", "39.1 C").output


def test_crs_by_several_scales():
    done = run("crs", *FEVER[:2], "--hypotension", "none", "--hypoxia", "facemask", "--fio2",
               "35 %", "--scale", "astct-2019", "--scale", "ctcae-v5.0", "--json")  # fmt: skip
    grades = {one["scale"]: one["grade"] for one in json.loads(done.output)["grades"]}
    assert grades == {"crs:astct-2019": 3, "crs:ctcae-v5.0": 2}
    text = run("crs", *FEVER, "--scale", "penn", "--scale", "cartox").output
    assert "cannot be compared" in text


def test_crs_with_vasopressors_and_masking():
    done = run(
        "crs",
        "--temperature",
        "37 C",
        "--vasopressors",
        "norepinephrine + vasopressin",
        "--hypoxia",
        "none",
        "--masked-by",
        "tocilizumab",
        "--date",
        "2026-03-11",
        "--json",
    )
    found = json.loads(done.output)["grades"][0]
    assert (found["grade"], found["date"]) == (3, "2026-03-11")
    none = run("crs", *FEVER, "--vasopressors", "none", "--hypotension", "none", "--json")
    assert json.loads(none.output)["grades"][0]["grade"] == 1


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("crs", "--temperature", "39"), "--temperature"),
        (("crs", "--hypoxia", "nasal cannula", "--flow", "6"), "--flow"),
        (("crs", "--masked-by", "prayer"), "--masked-by"),
        (("crs", "--date", "10.3.2026"), "--date"),
        (("crs", "--scale", "nci"), "--scale"),
        (("crs", "--high-dose", "maybe"), "--high-dose"),
        (("icans", "--ice", "11"), "--ice"),
        (("icans", "--orientation", "5"), "--orientation"),
        (("icans", "--ice", "7", "--naming", "3"), "--ice"),
        (("icans", "--motor", "tremor"), "--motor"),
        (("icans", "--ice", "7", "--date", "x"), "--date"),
    ],
)
def test_refusals_name_the_option(arguments, option):
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: {option}")


def test_icans_by_points_and_by_tasks():
    done = run("icans", "--ice", "7", "--consciousness", "awake")
    assert done.output.splitlines()[0] == "ICANS grade 1 (ASTCT 2019)"
    tasks = ("--orientation", "3", "--naming", "1", "--command", "1", "--writing", "0",
             "--counting", "0", "--consciousness", "awake", "--json")  # fmt: skip
    assert json.loads(run("icans", *tasks).output)["grades"][0]["grade"] == 2


def test_icans_without_ice_is_incomplete():
    found = json.loads(run("icans", "--consciousness", "awakens to voice", "--json").output)
    assert found["grades"][0]["possible"] == [3, 2]
    assert found["grades"][0]["incomplete"] == ["ICE score"]
    assert "not assessed: ICE score" in run("icans", "--motor", "hemiparesis").output
