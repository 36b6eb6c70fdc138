"""The commands ``itp-cart escalate`` and ``itp-cart simulate-design``, and their refusals."""

import json

import pytest
from click.testing import CliRunner

from itp_carT.cli import main


def run(*arguments):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def test_a_table_is_printed_with_its_rule_and_source():
    done = run("escalate", "--design", "boin", "--target", "0.30", "--table")
    assert done.exit_code == 0
    lines = done.output.splitlines()
    assert lines[0].startswith("BOIN, target 0.3 (Liu 2015")
    assert lines[2].endswith("0  0  0  0  1  1  1  1  2   2   2   2")
    assert "at most 0.2365" in done.output


def test_one_level_gives_the_action_of_the_table():
    done = run("escalate", "--design", "boin", "--target", "0.30", "--treated", 3, "--dlt", 1)
    assert done.output.startswith("S: stay (BOIN: escalate when")


@pytest.mark.parametrize(
    ("options", "step", "level"),
    [
        (("--treated", "3,3,0", "--dlt", "0,1,0", "--current", 2), "EXPAND", 2),
        (("--treated", "3,3,0", "--dlt", "0,0,0", "--current", 2), "ESCALATE", 3),
        # level 2 was eliminated by its counts, though nobody says so
        (("--treated", "6,3,0", "--dlt", "1,3,0", "--current", 1), "EXPAND", 1),
        (("--treated", "3,3", "--dlt", "0,2", "--current", 2, "--design", "3+3"), "DE_ESCALATE", 1),
        (
            ("--treated", "3,3", "--dlt", "0,2", "--current", 2, "--design", "3+3", "--no-return"),
            "STOP",
            None,
        ),
        (
            ("--treated", "3", "--dlt", "0", "--current", 1, "--design", "3+3", "--stop-at-top"),
            "STOP",
            None,
        ),
    ],
)
def test_a_trial_gives_an_admissible_step(options, step, level):
    found = json.loads(run("escalate", *options, "--json").output)
    assert (found["step"], found["level"]) == (step, level)
    assert found["because"]
    assert level not in found["eliminated"]


def test_a_table_goes_to_csv_and_comes_back_as_a_sites_own(tmp_path):
    file = tmp_path / "ours.csv"
    file.write_text(run("escalate", "--target", "0.25", "--csv").output, encoding="utf-8")
    own = ("escalate", "--file", file, "--source", "Site protocol 2.0, 2026, section 6")
    assert run(*own, "--target", "0.25", "--compare", "boin").output.startswith(
        "ours and BOIN: 0 differences"
    )
    done = run(*own, "--treated", 3, "--dlt", 1)
    assert done.output.strip() == "D: de-escalate (ours: Site protocol 2.0 2026, section 6)"


def test_designs_are_compared():
    done = run("escalate", "--design", "boin", "--compare", "i3+3")
    assert done.output.splitlines() == [
        "BOIN and i3+3: 3 differences",
        "1 of 1: BOIN D, i3+3 S",
        "1 of 2: BOIN D, i3+3 S",
        "2 of 5: BOIN D, i3+3 S",
    ]


@pytest.mark.parametrize(
    ("arguments", "option"),
    [
        (("escalate", "--design", "boim"), "--design"),
        (("escalate", "--target", "30"), "--target"),
        (("escalate", "--design", "3+3", "--target", "0.3"), "--target"),
        (("escalate", "--treated", "3"), "--dlt"),
        (("escalate", "--treated", "3", "--dlt", "4"), "--dlt"),
        (("escalate", "--treated", "3.5", "--dlt", "1"), "--treated"),
        (("escalate", "--treated", "3,3", "--dlt", "0,0"), "--current"),
        (("escalate", "--treated", "3,3", "--dlt", "3,0", "--current", "2"), "--current"),
        (("escalate", "--treated", "4,3", "--dlt", "0,0", "--current", "2", "--design", "3+3"),
         "--treated"),
        (("simulate-design", "--rates", "0.1,x", "--seed", "1"), "--rates"),
        (("simulate-design", "--rates", "10,20", "--seed", "1"), "--rates"),
        (("simulate-design", "--rates", "0.1,0.2", "--seed", "1", "--start", "3"), "--start"),
        (("simulate-design", "--rates", "0.1", "--seed", "-1"), "--seed"),
        (("simulate-design", "--rates", "0.1", "--seed", "1", "--trials", "0"), "--trials"),
        (("simulate-design", "--rates", "0.1", "--seed", "1", "--cohort", "0"), "--cohort"),
    ],
)  # fmt: skip
def test_refusals_name_the_option(arguments, option):
    done = run(*arguments)
    assert done.exit_code == 2
    assert done.stderr.startswith(f"Error: {option}")


def test_a_bad_file_is_refused(tmp_path):
    file = tmp_path / "bad.csv"
    own = ("escalate", "--file", file, "--source", "Site, 2026, section 6")
    file.write_text("treated,dlt,action\n1,0,E\n1,5,D\n", encoding="utf-8")
    assert run(*own).stderr.startswith("Error: --file: line 3: 5 toxicities in 1 patients")
    assert run(*own[:3]).stderr.startswith("Error: --source: a table of your own needs")


SIMULATE = ("simulate-design", "--rates", "0.05,0.30,0.50", "--trials", 200, "--seed", 7)


def test_designs_are_simulated_side_by_side():
    pytest.importorskip("numpy", reason="simulation needs NumPy, an extra")
    done = run(*SIMULATE, "--design", "boin", "--design", "3+3")
    assert done.exit_code == 0
    assert "BOIN, 200 trials, seed 7" in done.output
    assert "3+3, 200 trials, seed 7" in done.output
    again = run(*SIMULATE, "--design", "boin", "--design", "3+3")
    assert again.output == done.output
    five = json.loads(run(*SIMULATE, "--design", "boin", "--patients", 5, "--cohort", 1,
                          "--json").stdout)[0]  # fmt: skip
    assert sum(five["patients"]) <= 5


def test_a_picture_is_written_whole_and_never_over_another(tmp_path):
    pytest.importorskip("numpy", reason="simulation needs NumPy, an extra")
    pytest.importorskip("matplotlib", reason="needs Matplotlib, an extra")
    file = tmp_path / "designs.png"
    assert run(*SIMULATE, "--plot", file).exit_code == 0
    assert file.read_bytes().startswith(b"\x89PNG")
    assert "exists" in run(*SIMULATE, "--plot", file).stderr
    wrong = run(*SIMULATE, "--plot", tmp_path / "designs.doc")
    assert wrong.exit_code == 2
    assert "--plot: designs.doc cannot be written" in wrong.stderr
    assert [found.name for found in tmp_path.iterdir()] == ["designs.png"]
