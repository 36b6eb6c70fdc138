"""The calculators of the page, in plain Python: numbers, refusals at their field, honest forms."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from itp_carT.calculator import TOOLS, page, run, run_json
from itp_carT.cli import main
from itp_carT.errors import UnknownTermError

DOCS = Path(__file__).parents[1] / "docs"
ANA = {"height": "162 cm", "weight": "60 kg"}
PLAN = ANA | {"infusion": "2026-03-09", "cells_per_kg": "1.5e7 cells/kg"}
COUNTS = "2026-03-01\t8\tyes\n2026-03-20\t45\tno\n2026-04-20\t145\tno\n2026-05-20\t145\tno\n"
V5 = {"edition": "ctcae-v5.0"}


def found(tool, given):
    answer = run(tool, given)
    assert "error" not in answer, answer
    return answer


# --- the numbers --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "given", "headline"),
    [
        # Mosteller: sqrt(162 × 60 / 3600) = 1.6432; 30 × 1.6432 = 49.295; 1.5e7 × 60 = 9e8
        (
            "plan",
            PLAN,
            (
                "fludarabine 49 mg × 3, cyclophosphamide 490 mg × 3; "
                "9.0×10⁸ viable CAR-positive T cells"
            ),
        ),
        ("bsa", ANA, "1.6432 m² (Mosteller)"),
        (
            "lab",
            {"term": "ctcae-v5.0:platelet-count-decreased", "value": "18 10^9/L"},
            "Platelet count decreased: G4",
        ),
        (
            "lab",
            {"term": "ctcae-v5.0:anemia", "value": "112 g/L"},
            "Anemia: G1 or G0",  # no lower limit of normal: not settled
        ),
        ("crs", {"temperature": "39 C", "hypotension": "one vasopressor"}, "grade open: 4 or 3"),
        (
            "crs",
            {"temperature": "39 C", "hypotension": "one vasopressor", "hypoxia": "none"},
            "CRS grade 3 (ASTCT 2019)",
        ),
        (
            "icans",
            {"ice": "7", "consciousness": "awakens spontaneously"},
            "ICANS grade 1 (ASTCT 2019)",
        ),
        (
            "response",
            {"treated_on": "2026-03-09", "unit": "10^9/L", "counts": COUNTS},
            "CR: complete response",
        ),
        (
            "bleeding",
            {"age": "66", "chinese-adult viscera": "with anemia", "rest": "none"},
            "age points: 1, symptom: 5, total: 6, bleeding: yes",
        ),
        ("bleeding", {"age": "66"}, "bleeding: unknown"),
        ("escalation", {"treated": "3", "dlt": "1"}, "S: stay"),
        ("escalation", {"design": "3+3", "treated": "3", "dlt": "0"}, "E: escalate"),
    ],
)
def test_a_calculator_finds(tool, given, headline):
    assert headline in found(tool, given)["headline"]


@pytest.mark.parametrize(
    ("tool", "given", "arguments"),
    [
        (
            "plan",
            PLAN | {"sex": "F", "age": "41"},
            (
                "plan --height|162 cm|--weight|60 kg|--infusion|2026-03-09|--cells-per-kg|"
                "1.5e7 cells/kg|--sex|F|--age|41"
            ),
        ),
        ("bsa", ANA | {"sex": "M"}, "bsa --height|162 cm|--weight|60 kg|--sex|M"),
        (
            "crs",
            {"temperature": "39.1 C", "vasopressors": ["norepinephrine", "vasopressin"]},
            "crs --temperature|39.1 C|--vasopressors|norepinephrine + vasopressin",
        ),
        ("icans", {"ice": "2", "motor": "none"}, "icans --ice|2|--motor|none"),
        ("escalation", {"target": "0.25", "largest": "9"}, "escalate --target|0.25|--largest|9"),
        (
            "escalation",
            {"treated": "3,6", "dlt": "0,1", "current": "2"},
            "escalate --target|0.30|--treated|3,6|--dlt|0,1|--current|2",
        ),
        (
            "bleeding",
            {"age": "40", "chinese-adult skin": "elsewhere", "date": "2026-03-16"},
            "bleed --age|40|--skin|elsewhere|--date|2026-03-16",
        ),
    ],
)
def test_the_document_is_that_of_the_command_line(tool, given, arguments):
    command, _, options = arguments.partition(" ")
    done = CliRunner().invoke(main, [command, *options.split("|"), "--json"])
    assert done.exit_code == 0, done.output
    assert found(tool, given)["document"] == json.loads(done.output)


def test_a_response_tells_each_visit_and_what_is_missing():
    answer = found("response", {"treated_on": "2026-03-09", "unit": "10^9/L", "counts": COUNTS})
    assert answer["document"]["responded_on"] == 11  # 20 March, nine days into the month
    assert [row[0] for row in answer["panels"][-1]["rows"]] == ["-8", "11", "42", "72"]
    header = "day\tplatelets\tbleeding\n"
    shuffled = "bleeding\tday\tplatelets\nno\t2026-03-20\t45\n"
    days = {"treated_on": "2026-03-09", "unit": "10^9/L"}
    assert found("response", days | {"counts": header + COUNTS})["document"] == answer["document"]
    assert found("response", days | {"counts": shuffled})["document"]["visits"][0]["day"] == 11


def test_the_working_and_every_source_are_there():
    answer = found("plan", PLAN)
    assert any(step["result"] == "1.6432 m²" for step in answer["steps"])
    assert all(source["cited"] and source["reference"] for source in answer["sources"])
    assert "the age is not known: the trial takes 18 to 65 years" in answer["warnings"]


# --- refusals -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("tool", "given", "field", "text"),
    [
        ("plan", PLAN | {"height": "162"}, "height", '"162" has no unit: write e.g. "162 cm"'),
        ("plan", PLAN | {"height": "162 kg"}, "height", "kg"),
        ("plan", PLAN | {"infusion": ""}, "infusion", "was not given"),
        ("plan", PLAN | {"age": "41.5"}, "age", "41.5"),
        ("plan", PLAN | {"cells_per_kg": "1.5e6 cells/kg"}, "cells_per_kg", "outside 1.0×10^7"),
        ("plan", PLAN | {"viability": "90 %"}, "product_concentration", "needs its concentration"),
        ("plan", PLAN | {"split": "10/30"}, "split", "10/30"),
        ("plan", PLAN | {"renal_schedule": "us_label"}, "creatinine", "0.9 mg/dL"),
        ("bsa", ANA | {"weight": "20 kg"}, "weight", "20 kg"),
        ("bsa", {}, "height", "Height was not given"),
        ("lab", {"value": "18"}, "value", '"18" has no unit'),
        ("lab", {"value": "18 10^9/L", "lln": "x"}, "lln", "x"),
        ("lab", {}, "value", "was not given"),
        ("crs", {"temperature": "390 C"}, "temperature", "390"),
        ("crs", {"vasopressors": ["none", "dopamine"]}, "vasopressors", "two things"),
        ("crs", {"flow": "4 L/min"}, "flow", "needs its device"),
        ("icans", {"ice": "17"}, "ice", "17 is not a number of points"),
        ("icans", {"ice": "7", "writing": "1"}, "ice", "not both"),
        ("response", {"counts": "2026-03-20, 45, no"}, "counts", "line 1, platelets"),
        ("response", {"counts": "2026-03-20, 45 10^9/L, no"}, "treated_on", "treated_on"),
        ("response", {"counts": "1, 45 10^9/L, no, x"}, "counts", "line 1: 4 values"),
        ("response", {"counts": "day, plt\n1, 45 10^9/L"}, "counts", 'a column "plt"'),
        ("response", {"counts": "1, 45 10^9/L, maybe"}, "counts", "line 1, bleeding"),
        ("response", {"counts": "1, 4 10^9/L, no", "rescue": "2, tea"}, "rescue", "line 1"),
        ("bleeding", {"age": "661"}, "age", "0 to 120"),
        ("bleeding", {"date": "2026-02-30"}, "date", "2026-02-30"),
        ("escalation", {"target": "30"}, "target", "write 0.3 for 30 %"),
        ("escalation", {"treated": "3"}, "dlt", "give both"),
        ("escalation", {"treated": "3", "dlt": "4"}, "dlt", "4 toxicities in 3 patients"),
    ],
)
def test_a_refusal_is_the_librarys_text_at_its_field(tool, given, field, text):
    answer = run(tool, given)
    assert answer.get("error", {}).get("field") == field, answer
    assert text in answer["error"]["message"]
    assert "Traceback" not in answer["error"]["message"]


def test_no_such_calculator_is_refused():
    with pytest.raises(UnknownTermError, match="not a calculator"):
        run("tea", {})


# --- the forms ----------------------------------------------------------------------------------

tools = pytest.mark.parametrize("tool", TOOLS.values(), ids=TOOLS)


@tools
def test_a_form_can_be_drawn(tool):
    fields = {one.name: one for one in tool.fields}
    assert len(fields) == len(tool.fields)
    for one in tool.fields:
        assert one.label
        assert (one.kind in {"choice", "several"}) == bool(one.choices), one.name
        values = [value for value, _ in one.choices]
        assert len(set(values)) == len(values), one.name
        assert not one.choices or one.kind == "several" or one.start in values, one.name
        if one.shown_if:
            other, shown = one.shown_if
            assert set(shown) <= {value for value, _ in fields[other].choices}, one.name


@tools
def test_nothing_is_ticked_or_chosen_that_states_a_finding(tool):
    """Only names of scales, formulas and the like stand there at first; no finding does."""
    settings = {"bsa_formula", "edition", "term", "scale", "criteria", "instrument", "design"}
    settings |= {"bags", "target", "largest"}
    assert {one.name for one in tool.fields if one.start} <= settings


@tools
def test_the_page_of_the_rule_and_the_call_exist(tool):
    assert (DOCS / f"{tool.rules}.md").is_file()
    module, _, name = tool.call.rpartition(".")
    assert callable(getattr(importlib.import_module(module), name))


def test_what_is_hidden_is_not_read():
    given = {"age": "40", "who grade": "gross", "rest": "none"}
    assert found("bleeding", given) == found("bleeding", {"age": "40", "rest": "none"})


def test_an_unknown_answer_is_never_no():
    """Left out, a finding stays open or is listed as assumed; "none" settles it."""
    open_ = found("crs", {"temperature": "39 C"})["document"]["grades"][0]
    told = {"temperature": "39 C", "hypotension": "none", "hypoxia": "none"}
    settled = found("crs", told)["document"]["grades"][0]
    assert (open_["grade"], open_["possible"], settled["grade"]) == (None, [4, 3, 2, 1], 1)


def test_the_page_is_plain_data_in_every_language():
    languages = page()
    assert list(languages) == ["en", "zh-Hans"]
    assert json.loads(json.dumps(languages)) == json.loads(json.dumps(languages))
    english, chinese = languages.values()
    assert [t["key"] for t in english["tools"]] == [t["key"] for t in chinese["tools"]]
    assert english["words"]["translated"] == ""


def test_without_npm_the_build_says_what_is_missing(tmp_path):
    done = subprocess.run(
        [sys.executable, DOCS.parent / "scripts" / "build_calculator.py", tmp_path / "files"],
        env={**os.environ, "PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "The calculator was not built: npm was not found" in done.stderr
    assert not (tmp_path / "files").exists()


def test_json_in_and_json_out():
    answer = json.loads(run_json("bsa", json.dumps(ANA), "en"))
    assert answer["document"]["bsa"][0]["formula"] == "yu2003"
