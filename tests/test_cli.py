"""The command line: what it prints, what its JSON holds, and how it refuses."""

import json
import os
import subprocess
import sys

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from itp_carT import __version__
from itp_carT.cli import COMMANDS, main

ANA = {
    "--sex": "F",
    "--age": "41",
    "--height": "162 cm",
    "--weight": "60 kg",
    "--infusion": "2026-03-09",
    "--cells-per-kg": "1.5e7 cells/kg",
}


def arguments(options):
    given = ANA | options
    return [part for name, value in given.items() if value is not None for part in (name, value)]


def run(options=(), *flags):
    return CliRunner().invoke(main, ["plan", *arguments(dict(options)), *flags])


def plan(options=(), *flags):
    done = run(options, *flags)
    assert done.exit_code == 0, done.output
    return done.stdout


def document(options=()):
    return json.loads(plan(options, "--json"))


# --- the sheet ------------------------------------------------------------------------------------


def test_the_sheet_of_the_reference_case():
    shown = plan()
    for fact in (
        "female, 41 years, 162 cm, 60 kg",
        "Monday 2026-03-09 (D0)",
        "1.6432 m² = √(162 × 60 / 3600)",
        "2026-03-04  Wednesday  D-5  fludarabine        49 mg  49.295 mg  1 × 50 mg, waste 1 mg",
        "2026-03-06  Friday     D-3  cyclophosphamide  490 mg  492.95 mg",
        "3 days = 147 mg",
        "3 days = 1470 mg",
        "9.0×10⁸",
        "1.5×10⁷ cell/kg × 60 kg",
        "Mosteller 1987",
        "NCT05315778",
        "decides nothing",
    ):
        assert fact in shown, fact
    assert "Warnings" not in shown
    assert max(map(len, shown.splitlines())) <= 120


def test_the_sheet_with_everything():
    shown = plan(
        {
            "--age": "70",
            "--creatinine": "1.0 mg/dL",
            "--renal-schedule": "eu_smpc",
            "--vials": "cyclophosphamide: 200 mg, 500 mg",
            "--product-concentration": "4e7 cells/mL",
            "--product-volume": "80 mL",
            "--viability": "90 %",
            "--car-fraction": "0.5",
            "--split": "10/30/60",
            "--bsa-formula": "dubois",
        },
        "--working",
    )
    for fact in (
        "1.6367 m²",
        "30 mg/m² × 1/2 × 1.636",
        "age 70 is outside the 18 to 65 years",
        "up to 50 % less",
        "2026-03-11  Wednesday   D2      60 %  5.4×10⁸  30.00 mL",
        "read as that of total cells",
        "the days of the fractions were not given",
        "Cockcroft",
        "Fludara EU SmPC",
        "Working",
    ):
        assert fact in shown, fact


def test_a_terminal_without_superscripts_gets_plain_letters():
    done = subprocess.run(
        [sys.executable, "-m", "itp_carT", "plan", *arguments({})],
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        check=True,
    )
    assert b"1.6432 m^2 = sqrt(162 x 60 / 3600)" in done.stdout
    assert b"9.0x10^8" in done.stdout


# --- JSON -----------------------------------------------------------------------------------------


def test_json_has_the_documented_form():
    found = document({"--product-concentration": "1.2e7 cell/mL", "--product-volume": "80 mL"})
    assert found["bsa"] == {
        "value": pytest.approx(1.6431676725), "unit": "m^2", "formula": "mosteller"
    }  # fmt: skip
    assert [
        (row["date"], row["protocol_day"], row["drug"]) for row in found["lymphodepletion"]
    ] == [
        (date, day, drug)
        for date, day in (("2026-03-04", -5), ("2026-03-05", -4), ("2026-03-06", -3))
        for drug in ("fludarabine", "cyclophosphamide")
    ]
    first = found["lymphodepletion"][0]
    assert first["dose"] == {"value": 49.0, "unit": "mg"}
    assert first["unrounded"] == {"value": pytest.approx(49.295, abs=5e-4), "unit": "mg"}
    assert first["vials"] == [{"strength": {"value": 50.0, "unit": "mg"}, "count": 1}]
    assert found["cells"] == [
        {
            "date": "2026-03-09",
            "protocol_day": 0,
            "fraction": 1.0,
            "total": {"value": 9e8, "unit": "cell"},
            "volume": {"value": 75.0, "unit": "mL"},
        }
    ]
    assert any("read as that of viable CAR-positive" in text for text in found["warnings"])
    assert {"mosteller-1987", "nct05315778"} <= {source["key"] for source in found["sources"]}
    assert found["version"] == __version__


def test_json_of_a_split_and_without_a_product():
    found = document({"--split": "10/30/60", "--split-days": "0,3,6"})
    rows = [(row["date"], row["fraction"], row["total"]["value"]) for row in found["cells"]]
    assert rows == [
        ("2026-03-09", 0.1, 9e7),
        ("2026-03-12", 0.3, 2.7e8),
        ("2026-03-15", 0.6, 5.4e8),
    ]
    assert {row["volume"] for row in found["cells"]} == {None}
    assert found["warnings"] == []


def test_the_unit_of_entry_changes_nothing_but_the_subject():
    metric, other = (
        document(options) for options in ({}, {"--height": "1.62 m", "--weight": "60000 g"})
    )
    for name in ("bsa", "lymphodepletion", "cells"):
        assert metric[name] == other[name]


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "option", "says"),
    [
        ({"--height": "162"}, "--height", 'write e.g. "162 cm"'),
        ({"--height": "60 kg", "--weight": "162 cm"}, "--height", "swap"),
        ({"--height": "1.62 cm"}, "--height", "meters for centimeters"),
        ({"--height": "162 furlongs"}, "--height", "not a known unit"),
        ({"--height": None}, "--height", "Mosteller needs it"),
        ({"--weight": "1,5 kg"}, "--weight", "comma"),
        ({"--weight": "nan kg"}, "--weight", "not a number"),
        ({"--weight": "inf kg"}, "--weight", "not a number"),
        ({"--weight": "-60 kg"}, "--weight", "not above zero"),
        ({"--weight": "0 kg"}, "--weight", "not above zero"),
        ({"--weight": "1e400 kg"}, "--weight", "number"),
        ({"--weight": ""}, "--weight", "empty"),
        ({"--weight": "6" * 10_000 + " kg"}, "--weight", "too long"),
        ({"--weight": "9**9**9 kg"}, "--weight", "9**9**9"),
        ({"--weight": "60 cm"}, "--weight", "kg"),
        ({"--infusion": "2026-02-30"}, "--infusion", "not a day of the calendar"),
        ({"--infusion": "9 March"}, "--infusion", "2026-03-09"),
        ({"--cells-per-kg": "1.5e7"}, "--cells-per-kg", "cell/kg"),
        ({"--cells-per-kg": "10e7 cells/kg"}, "--cells-per-kg", "two ways"),
        ({"--cells-per-kg": "3e7 cells/kg"}, "--cells-per-kg", "state the reason"),
        ({"--cells-per-kg": "9e8 cells"}, "--cells-per-kg", "cell/kg"),
        ({"--bsa-formula": "mostellr"}, "--bsa-formula", "mosteller"),
        ({"--bsa-formula": "schlich", "--sex": None}, "--sex", "Schlich needs it"),
        ({"--sex": "woman"}, "--sex", "not a sex"),
        ({"--age": "forty"}, "--age", "not a valid integer"),
        ({"--age": "200"}, "--age", "200"),
        ({"--creatinine": "80"}, "--creatinine", "umol/L"),
        ({"--creatinine": "80 mg/dL"}, "--creatinine", "umol/L"),  # the wrong unit
        ({"--creatinine": "4 mg/dL", "--renal-schedule": "us_label"}, "--creatinine", "not given"),
        ({"--creatinine": "4 mg/dL"}, "--creatinine", "not given"),  # also without a schedule
        ({"--renal-schedule": "us_label"}, "--creatinine", "needs it"),
        ({"--creatinine": "1 mg/dL", "--renal-schedule": "uk"}, "--renal-schedule", "eu_smpc"),
        ({"--creatinine": "1 mg/dL", "--renal-schedule": "ebmt_local"},
         "--renal-schedule", "label"),
        ({"--vials": "200 mg"}, "--vials", "cyclophosphamide"),
        ({"--vials": "busulfan: 60 mg"}, "--vials", "fludarabine"),
        ({"--vials": "fludarabine: 50"}, "--vials", "unit"),
        ({"--product-concentration": "1.2e7 cell/mL", "--product-volume": "20 mL"},
         "--product-concentration", "missing"),
        ({"--product-concentration": "1.2e7 cell/mL", "--product-volume": "20"},
         "--product-volume", "unit"),
        ({"--product-volume": "20 mL"}, "--product-concentration", "needs its concentration"),
        ({"--product-concentration": "4e7 cell/mL", "--viability": "90", "--car-fraction": "0.5"},
         "--viability", "90 %"),
        ({"--product-concentration": "4e7 cell/mL", "--viability": "0.9"},
         "--car-fraction", "85 %"),
        ({"--product-concentration": "4e7 cell/mL", "--product-counting": "CAR"},
         "--product-counting", "total"),
        ({"--split": "10/30/50"}, "--split", "sum to"),
        ({"--split": "10/30/60", "--split-days": "0,1"}, "--split-days", "one day for each"),
        ({"--split-days": "0,1"}, "--split", "10/30/60"),
        ({"--infusion": None}, "--infusion", "Missing option"),
    ],
)  # fmt: skip
def test_a_refusal_names_the_option_on_standard_error_with_exit_code_2(options, option, says):
    done = run(options)
    assert done.exit_code == 2, done.output
    assert done.stdout == ""
    assert option in done.stderr
    assert says in done.stderr
    assert "Traceback" not in done.stderr
    assert len(done.stderr) < 700


def test_a_stated_reason_lets_a_dose_through_and_is_printed():
    shown = plan({"--cells-per-kg": "3e7 cells/kg", "--reason": "amendment 2"})
    assert "for a stated reason: amendment 2" in shown


def test_pounds_for_kilograms_warn_with_the_likely_cause():
    assert "pounds for kilograms" in plan({"--weight": "132 kg"})


def test_the_registry_notation_is_read_as_10_to_the_7_and_said():
    found = document({"--cells-per-kg": "1.5x10e7 cells/kg"})
    assert found["cells"][0]["total"]["value"] == 9e8
    assert any("10^7" in text for text in found["warnings"])


def test_creatinine_without_a_schedule_gives_the_full_dose_and_says_so():
    found = document({"--creatinine": "1.0 mg/dL"})
    assert found["lymphodepletion"][0]["dose"]["value"] == 49
    assert any("no renal schedule is named" in text for text in found["warnings"])


@pytest.mark.parametrize(
    ("schedule", "dose"), [("us_label", 39), ("us_label_older", 49), ("eu_smpc", 49), ("dfci", 49)]
)
def test_renal_schedules_are_applied(schedule, dose):
    # 0.95 mg/dL: 73.8 mL/min, 77.7 mL/min/1.73 m²
    found = document({"--creatinine": "0.95 mg/dL", "--renal-schedule": schedule})
    assert found["lymphodepletion"][0]["dose"]["value"] == dose


@settings(max_examples=60)
@given(st.sampled_from(sorted({*ANA, "--creatinine", "--vials", "--split", "--viability"})),
       st.text(max_size=30).filter(lambda text: not text.startswith("-")))  # fmt: skip
def test_no_text_ends_in_a_traceback(option, text):
    done = run({"--product-concentration": "4e7 cell/mL", option: text})
    assert done.exit_code in (0, 2), repr(done.exception)


# --- the other command and the program ------------------------------------------------------------


def test_bsa_compares_every_formula():
    done = CliRunner().invoke(main, ["bsa", "--height", "162 cm", "--weight", "60 kg"])
    assert done.exit_code == 0
    for fact in ("Mosteller", "1.6432 m²", "Du Bois", "1.6367 m²", "unverified", "needs sex"):
        assert fact in done.stdout, fact


def test_bsa_as_json():
    words = ["bsa", "--height", "162 cm", "--weight", "60 kg", "--sex", "F", "--json"]
    found = json.loads(CliRunner().invoke(main, words).stdout)
    areas = {row["formula"]: row["value"] for row in found["bsa"]}
    assert areas["mosteller"] == pytest.approx(1.6432, abs=5e-5)
    assert len(areas) == 17
    assert found["left_out"] == []


def test_bsa_refuses_like_plan():
    done = CliRunner().invoke(main, ["bsa", "--height", "162 cm"])
    assert (done.exit_code, done.stdout) == (2, "")
    assert "--weight" in done.stderr


def test_help_is_quick_and_knows_every_command():
    code = (
        "import sys; from itp_carT.cli import main; "
        "main(['--help'], standalone_mode=False); "
        "print('pint' in sys.modules, 'itp_carT.cli.plan' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith("False False")
    for name in COMMANDS:
        assert name in done.stdout


def test_version():
    assert __version__ in CliRunner().invoke(main, ["--version"]).stdout
