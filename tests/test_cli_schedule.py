"""The command ``itp-cart schedule``: dates in, visits, a calendar file and a picture out."""

import json

import pytest
from click.testing import CliRunner

from itp_carT.cli import main


def run(*arguments):
    return CliRunner().invoke(main, ["schedule", "--infusion", "2025-01-15", *arguments])


def found(*arguments):
    return json.loads(run(*arguments, "--json").stdout)


def visit(document, key):
    return next(row for row in document["visits"] if row["visit"] == key)


def test_the_sheet():
    done = run("--patient", "SYN-01")
    assert done.exit_code == 0, done.output
    lines = [line.split() for line in done.output.splitlines()]
    assert ["D-5", "2025-01-10", "Fri", "-5", "-5"] in [line[:5] for line in lines]
    assert ["M1", "2025-02-14", "Fri", "30", "31", "2025-02-07", "to", "2025-02-21"] in [
        line[:8] for line in lines
    ]
    assert "SYN-01" in done.output
    assert "a month is 30 days" in done.output
    assert "unverified" in done.output


@pytest.mark.parametrize(
    ("months", "date"),
    [("30 days", "2025-07-14"), ("28 days", "2025-07-02"), ("calendar", "2025-07-15")],
)
def test_month_6_by_every_rule(months, date):
    assert visit(found("--months", months), "M6")["date"] == date


def test_json():
    document = found("--patient", "SYN-01", "--gap-free")
    assert (document["trial"], document["patient"], document["infusion"]) == (
        "NCT05315778", "SYN-01", "2025-01-15",
    )  # fmt: skip
    assert document["gap_free"] is True
    assert visit(document, "M1")["first"] == "2025-02-07"
    assert visit(document, "M1")["last"] == "2025-03-01"
    assert len(document["visits"]) == 24
    assert any(source["verified"] for source in document["sources"])
    assert "timing" not in document["visits"][0]


def test_what_became_of_the_visits():
    document = found("--seen", "2025-02-17", "--seen", "2025-02-24", "--until", "2025-03-31")
    assert visit(document, "M1") | {"timing": "late", "came": "2025-02-17", "difference": 3} == (
        visit(document, "M1")
    )
    assert visit(document, "M2")["timing"] == "missed"
    assert visit(document, "M3")["timing"] == "planned"
    assert document["unscheduled"] == ["2025-02-24"]
    assert "late (+3 d)" in run("--seen", "2025-02-17").output
    assert "complete up to 2025-02-17" in run("--seen", "2025-02-17").output


def test_study_day_1_can_be_another_day():
    assert visit(found("--reference", "2025-01-10"), "D0")["study_day"] == 6


def test_a_calendar_file(tmp_path):
    pytest.importorskip("icalendar", reason="calendar files need icalendar, an extra")
    file = tmp_path / "visits.ics"
    done = run("--ics", str(file), "--patient", "SYN-01")
    assert done.exit_code == 0, done.output
    data = file.read_bytes()
    assert data.startswith(b"BEGIN:VCALENDAR\r\n")
    assert data.count(b"BEGIN:VEVENT") == 24
    assert list(tmp_path.iterdir()) == [file]
    again = run("--ics", str(file))
    assert again.exit_code == 2
    assert "--force" in again.stderr
    assert file.read_bytes() == data
    assert run("--ics", str(file), "--force", "--patient", "SYN-01").exit_code == 0
    assert file.read_bytes() == data


def test_a_picture(tmp_path):
    pytest.importorskip("matplotlib", reason="pictures need Matplotlib, an extra")
    for name in ("visits.png", "visits.pdf"):
        done = run("--plot", str(tmp_path / name), "--seen", "2025-02-17")
        assert done.exit_code == 0, done.output
        assert (tmp_path / name).stat().st_size > 1000


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--months", "31"), "--months"),
        (("--seen", "17.2.2025"), "--seen"),
        (("--seen", "2025-02-17", "--until", "2025-02-01"), "--until"),
        (("--until", "2025-02-01"), "--seen"),
        (("--reference", "soon"), "--reference"),
        (("--ics", "{folder}/no/such.ics"), "--ics"),
        (("--ics", "{folder}/x.ics", "--revision", "-1"), "--revision"),
        (("--ics", "{folder}/x.ics", "--stamp", "today"), "--stamp"),
        (("--plot", "{folder}/x.odd"), "--plot"),
    ],
)
def test_a_refusal_names_the_option_and_leaves_nothing(tmp_path, arguments, said):
    pytest.importorskip("icalendar", reason="calendar files need icalendar, an extra")
    pytest.importorskip("matplotlib", reason="pictures need Matplotlib, an extra")
    done = run(*(part.format(folder=tmp_path) for part in arguments))
    assert done.exit_code == 2, done.output
    assert said in done.stderr
    assert "Traceback" not in done.output
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("date", ["2025-02-29", "15.1.2025", "2025-1-15", ""])
def test_an_infusion_that_is_no_date_is_refused(date):
    done = CliRunner().invoke(main, ["schedule", "--infusion", date])
    assert done.exit_code == 2
    assert "--infusion" in done.stderr
