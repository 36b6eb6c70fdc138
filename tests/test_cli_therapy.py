"""``itp-cart therapy``: what a coordinator types, reads, and is told about a row."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from itp_carT.cli import main

HEAD = "patient,drug,dose,unit,frequency,route,start,end,purpose"
GOOD = "P1,prednisone,20,mg,QD,oral,-60,29,ITP\nP1,prednisone,10,mg,QD,oral,30,59,ITP"
EXAMPLE = Path(__file__).parents[1] / "examples" / "medication.csv"


@pytest.fixture
def run(tmp_path):
    def run(text, *options, until="179"):
        file = tmp_path / "medication.csv"
        file.write_text(text, encoding="utf-8")
        more = () if until is None else ("--until", until)
        return CliRunner().invoke(main, ["therapy", str(file), *more, *options])

    return run


def test_the_worked_example_as_a_table(run):
    """W15 and W16 of the notes."""
    done = run(f"{HEAD}\n{GOOD}\n")
    assert done.exit_code == 0, done.output
    row = next(line for line in done.output.splitlines() if "glucocorticoids" in line)
    words = ("20 mg/d", "0 mg/d", "100.0 %", "5 mg/d", "75.0 %", "day 30", "day 60", "120 (")
    assert all(word in row for word in words)


def test_the_same_as_json_and_as_csv(run, tmp_path):
    found = json.loads(run(f"{HEAD}\n{GOOD}\n", "--json").output)
    (agent,) = found["patients"][0]["agents"]
    assert (agent["baseline"], agent["average"], agent["average_decrease_percent"]) == (20, 5, 75)
    assert agent["discontinuation"] == {
        "stopped_on": 60, "cumulative": 120, "longest": 120, "current": 120,
    }  # fmt: skip
    assert found["options"]["table"] == "anti-inflammatory-2026"
    assert found["patients"][0]["off_therapy"] == [[60, 179]]
    output = tmp_path / "out.csv"
    assert run(f"{HEAD}\n{GOOD}\n", "-o", str(output)).exit_code == 0
    head, row = output.read_text(encoding="utf-8").splitlines()
    cells = dict(zip(head.split(","), row.split(","), strict=True))
    assert (cells["average_decrease_percent"], cells["reduced_on"]) == ("75", "30")


BAD = {
    "overlap": (
        "P2,danazol,200,mg,BID,oral,0,20,ITP\nP2,danazol,200,mg,BID,oral,10,30,ITP",
        ("line 4 and 5", "share days 10 to 20", "overlap"),
    ),
    "end before start": ("P2,danazol,200,mg,BID,oral,20,10,ITP", ("line 4", "column end", "10")),
    "unknown frequency": (
        "P2,danazol,200,mg,BIDD,oral,0,20,ITP",
        ("line 4", "column frequency", "did you mean bid"),
    ),
    "unknown drug": (
        "P2,danazole,200,mg,BID,oral,0,20,ITP",
        ("line 4", "column drug", "did you mean danazol"),
    ),
    "topical": (
        "P2,betamethasone,1,mg,QD,topical,0,20,ITP",
        ("line 4", "column route", "no systemic equivalent"),
    ),
    "no unit": ("P2,danazol,200,,BID,oral,0,20,ITP", ("line 4", "column dose", "no unit")),
    "wrong unit": ("P2,danazol,200,mL,BID,oral,0,20,ITP", ("line 4", "column dose", "mL")),
    "no frequency": ("P2,danazol,200,mg,,oral,0,20,ITP", ("line 4", "column frequency")),
    "no day": ("P2,danazol,200,mg,BID,oral,2026-02-30,,ITP", ("line 4", "column start")),
    "no start": ("P2,danazol,200,mg,BID,oral,,20,ITP", ("line 4", "column start")),
    "dates need the infusion": (
        "P2,danazol,200,mg,BID,oral,2026-02-01,,ITP",
        ("column infusion", "P2"),
    ),
    "purpose": ("P2,danazol,200,mg,BID,oral,0,20,sleep", ("line 4", "column purpose")),
    "no drug": ("P2,,200,mg,BID,oral,0,20,ITP", ("line 4", "column drug")),
    "too many cells": ("P2,danazol,200,mg,BID,oral,0,20,ITP,more", ("line 4", "more fields")),
}


@pytest.mark.parametrize("what", BAD)
def test_a_bad_row_is_told_and_the_other_patient_stays(run, what):
    rows, words = BAD[what]
    done = run(f"{HEAD}\n{GOOD}\n{rows}\n")
    assert done.exit_code == 1
    assert "medication.csv" in done.stderr
    assert all(word in done.stderr for word in words), done.stderr
    assert "1 of 2 patients assessed" in done.stderr
    assert "P1" in done.stdout
    assert "P2 " not in done.stdout
    assert "Traceback" not in done.output


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("patient,drug\nP1,danazol\n", (), ("no column", "start")),
        (f"{HEAD},colour\n{GOOD}\n", (), ("colour", "not known")),
        (f"{HEAD}\n,danazol,200,mg,BID,oral,0,20,ITP\n", (), ("line 2", "patient")),
        (f"{HEAD}\n{GOOD}\n", ("--threshold", "25"), ("threshold", "unit")),
        (f"{HEAD}\n{GOOD}\n", ("--baseline", "-19"), ("baseline", "window")),
    ],
)
def test_a_file_or_an_option_that_cannot_be(run, text, options, words):
    done = run(text, *options)
    assert done.exit_code == 2
    assert all(word in done.output for word in words), done.output


def test_how_far_the_medication_is_known_must_be_said(run):
    """A patient who died on day 100 was not off therapy on day 180."""
    done = run(f"{HEAD}\n{GOOD}\n", until=None)
    assert done.exit_code == 1
    assert "--until" in done.stderr


def test_options_reach_the_assessment(run):
    rows = "P1,danazol,400,mg,QD,oral,-60,-1,ITP\nP1,danazol,300,mg,QD,oral,0,,ITP"
    plain = json.loads(run(f"{HEAD}\n{rows}\n", "--json").output)
    at_least = json.loads(run(f"{HEAD}\n{rows}\n", "--json", "--at-least").output)
    found = [one["patients"][0]["agents"][0]["reduction"]["on"] for one in (plain, at_least)]
    assert found == [None, 0]


def test_nothing_is_overwritten_unasked(run, tmp_path):
    output = tmp_path / "out.csv"
    output.write_text("mine", encoding="utf-8")
    done = run(f"{HEAD}\n{GOOD}\n", "-o", str(output))
    assert done.exit_code == 2
    assert output.read_text(encoding="utf-8") == "mine"
    assert run(f"{HEAD}\n{GOOD}\n", "-o", str(output), "--force").exit_code == 0


def test_the_example_file_runs_and_draws(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need Matplotlib, the extra 'plots'")
    picture = tmp_path / "therapy.png"
    done = CliRunner().invoke(main, ["therapy", str(EXAMPLE), "--plot", str(picture)])
    assert done.exit_code == 0, done.output
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert "start 2025-12 taken as 2025-12-01" in done.output
