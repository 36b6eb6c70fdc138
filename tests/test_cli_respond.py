"""The command ``itp-cart respond``: files in, courses out, bad rows named, good patients kept."""

import json

import pytest
from click.testing import CliRunner

from itp_carT.cli import main

COUNTS = """patient,date,platelets,unit,bleeding,treated_on
SYN-01,2026-03-04,12,10^9/L,,2026-03-09
SYN-01,2026-03-30,52000,/uL,no,
SYN-01,2026-03-23,45,10^9/L,no,
SYN-02,2026-03-04,10,10^9/L,,2026-03-09
SYN-02,2026-03-23,110,10^9/L,no,
SYN-02,2026-03-30,<120,10^9/L,no,
"""


@pytest.fixture
def write(tmp_path):
    def put(text, name="counts.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    return put


def run(*arguments):
    return CliRunner().invoke(main, ["respond", *arguments])


def found(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def test_a_file_of_counts(write):
    done = run(write(COUNTS))
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["SYN-01", "PR", "14", "7", "d+"] in [line[:5] for line in lines]
    assert ["SYN-02", "CR", "14", "7", "d+"] in [line[:5] for line in lines]
    assert "NCT05315778" in done.output


@pytest.mark.parametrize(
    ("criteria", "best"),
    [
        ("nct05315778", "PR"),
        ("nct05315778-literal", "PR"),
        ("iwg-2009", "R"),
        ("chinese-2020", "R"),
        ("ash-2019", "R"),
        ("IWG-2009", "R"),
    ],
)
def test_every_set_of_criteria(write, criteria, best):
    assert found(write(COUNTS), "--criteria", criteria)["patients"][0]["best"] == best


def test_json_holds_the_course(write):
    course = found(write(COUNTS), "--criteria", "iwg-2009")["patients"][0]
    assert course["response"] == {
        "level": "R", "start": 14, "end": 21, "days": 7, "lost": False,
        "why": "last assessment in response",
    }  # fmt: skip
    assert course["baseline"] == {"value": 12.0, "unit": "10^9/L"}
    assert [visit["status"] for visit in course["visits"]] == ["NE", "R", "R"]
    assert course["visits"][1]["reason"]
    assert course["days_at_least"] == {"30": 7, "50": 0, "100": 0}


@pytest.mark.parametrize(
    ("choice", "best", "chosen"),
    [
        ("confirm_response_days=14", "NR", {"confirm_response_days": 14}),
        ("dated_by=second", "R", {"dated_by": "second"}),
        ("bleeding_twice=yes", "R", {"bleeding_twice": True}),
        ("last_day=10", "NR", {"last_day": 10}),
        ("rescue_days=28", "R", {}),  # as published
    ],
)
def test_an_open_choice_is_made_and_printed(write, choice, best, chosen):
    path = write(COUNTS)
    document = found(path, "--criteria", "iwg-2009", "--choose", choice)
    assert (document["patients"][0]["best"], document["chosen"]) == (best, chosen)
    printed = run(path, "--criteria", "iwg-2009", "--choose", choice).stdout
    assert ("Chosen" in printed) == bool(chosen)


@pytest.mark.parametrize(
    ("choice", "said"),
    [
        ("rescue_day=56", "rescue_days"),
        ("rescue_days=long", "rescue_days"),
        ("rescue_days=-1", "rescue_days"),
        ("bleeding_twice=maybe", "the default is no"),
        ("baseline=first", "before conditioning"),
        ("windows=5", "is not a choice"),
    ],
)
def test_a_choice_that_is_none_is_refused(write, choice, said):
    done = run(write(COUNTS), "--choose", choice)
    assert done.exit_code == 2
    assert said in done.stderr


def test_bleeding_and_rescue_files(write):
    counts = "patient,day,platelets\nSYN-01,-5,12 10^9/L\nSYN-01,14,60 G/L\nSYN-01,21,60 G/L\n"
    bleeding = "patient,day,bleeding,cause\nSYN-01,14,no,\nSYN-01,21,no,\nSYN-01,30,yes,\n"
    rescue = "patient,day,rescue,end\nSYN-01,25,other,26\n"
    files = write(counts), "--bleeding", write(bleeding, "b.csv")
    alone = found(*files)["patients"][0]["response"]
    assert (alone["end"], alone["lost"], alone["why"]) == (30, True, "bleeding")
    both = found(*files, "--rescue", write(rescue, "r.csv"))["patients"][0]["response"]
    assert (both["end"], both["why"]) == (25, "rescue: other rescue")


def test_without_a_bleeding_statement_nothing_is_a_response(write):
    counts = "patient,day,platelets\nSYN-01,-5,12 10^9/L\nSYN-01,14,60 G/L\nSYN-01,21,60 G/L\n"
    assert found(write(counts))["patients"][0]["best"] == "NE"


def test_named_terms_and_working(write):
    done = run(write(COUNTS), "--criteria", "chinese-2020", "--working")
    assert "durable (month 6)" in done.output
    assert "not evaluable" in done.output
    assert "unverified" in done.output
    assert "platelets ≥ 30" in done.output


BAD = [
    # column, row with the mistake, what is said
    ("platelets", "SYN-03,2026-03-23,-1,10^9/L,no,", "below zero"),
    ("platelets", "SYN-03,2026-03-23,45,,no,", "unit"),
    ("platelets", "SYN-03,2026-03-23,45,g/L,no,", "g/L"),
    ("platelets", "SYN-03,2026-03-23,forty,10^9/L,no,", "forty"),
    ("bleeding", "SYN-03,2026-03-23,45,10^9/L,some,", "yes, no or unknown"),
    ("date", "SYN-03,23.3.2026,45,10^9/L,no,", "2026-03-09"),
    ("date", "SYN-03,,45,10^9/L,no,", "neither a date nor a day"),
    ("treated_on", "SYN-02,2026-04-23,45,10^9/L,no,2026-03-10", "2026-03-09"),
]


@pytest.mark.parametrize(("column", "row", "said"), BAD)
def test_a_bad_row_is_named_and_the_good_patients_stay(write, column, row, said):
    done = run(write(f"{COUNTS}{row}\n"), "--json")
    assert done.exit_code == 1
    patient = row.partition(",")[0]
    assert f"counts.csv line 8, column {column} (patient {patient}" in done.stderr
    assert said in done.stderr
    assert "Traceback" not in done.output
    assessed = [course["patient"] for course in json.loads(done.stdout)["patients"]]
    assert assessed == [name for name in ("SYN-01", "SYN-02") if name != patient]
    refused = json.loads(done.stdout)["refused"]
    assert [one["patient"] for one in refused] == [patient]


def test_what_concerns_a_whole_patient_names_patient_and_day(write):
    twice = COUNTS + "SYN-01,2026-03-23,46,10^9/L,no,\n"
    done = run(write(twice))
    assert done.exit_code == 1
    assert "patient SYN-01, day 14, column platelets: two different counts" in done.stderr
    late = COUNTS.replace("treated_on\n", "treated_on,diagnosed\n", 1).replace(
        "2026-03-09\nSYN-01", "2026-03-09,2026-03-05\nSYN-01", 1
    )
    done = run(write(late))
    assert "before the diagnosis" in done.stderr


def test_dates_need_the_day_of_infusion(write):
    counts = "patient,date,platelets\nSYN-01,2026-03-04,12 10^9/L\n"
    done = run(write(counts))
    assert done.exit_code == 1
    assert "treated_on" in done.stderr
    assert run(write(counts), "--treated-on", "2026-03-09").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("absent.csv",), "absent.csv cannot be read"),
        (("{counts}", "--criteria", "who"), "--criteria"),
        (("{odd}",), 'column "platelet" that is not known'),
        (("{short}",), 'no column "platelets"'),
        (("{nobody}",), "line 2, column patient"),
        (("{counts}", "--rescue", "{counts}"), "not known"),
    ],
)
def test_a_refusal_of_the_whole_file(write, arguments, said):
    files = {
        "counts": write(COUNTS),
        "odd": write("patient,day,platelet\n", "odd.csv"),
        "short": write("patient,day\n", "short.csv"),
        "nobody": write("patient,day,platelets\n,1,5 G/L\n", "nobody.csv"),
    }
    done = run(*(part.format(**files) for part in arguments))
    assert done.exit_code == 2
    assert said in done.stderr


def test_a_picture_of_one_and_of_several(write, tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need Matplotlib, an extra")
    one = "\n".join(line for line in COUNTS.splitlines() if "SYN-02" not in line)
    for name, text in (("one.png", one), ("all.svg", COUNTS)):
        picture = tmp_path / name
        done = run(write(text), "--plot", str(picture))
        assert done.exit_code == 0, done.output
        assert picture.stat().st_size > 1000
    again = run(write(COUNTS), "--plot", str(picture))
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert run(write(COUNTS), "--plot", str(picture), "--force").exit_code == 0
