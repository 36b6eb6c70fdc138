"""A whole study: worked by hand, traced to its rows, the same everywhere, and safe to show."""

import csv
import json
import os
import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner

from itp_carT.cli import main
from itp_carT.errors import RecordError, UnknownTermError
from itp_carT.protocol.nct05315778 import PROTOCOL, SCHEDULE
from itp_carT.study import Study, read_study
from itp_carT.study.analysis import analyze, mapped_questionnaire
from itp_carT.study.endpoints import deviations, exposure
from itp_carT.study.header import Header
from itp_carT.study.numbers import explain
from itp_carT.study.records import SubjectRecord
from itp_carT.study.simulate import simulate_study
from itp_carT.units import make

BY_HAND = Path(__file__).parent / "by_hand"
EXPECTED = list(csv.DictReader((BY_HAND / "expected.csv").read_text("utf-8").splitlines()))


def analyzed(folder, **how):
    study = read_study(folder)
    scales = mapped_questionnaire(folder, study.header)
    return analyze(study, PROTOCOL, schedule=SCHEDULE, questionnaire=scales, **how)


@pytest.fixture(scope="module")
def by_hand():
    return analyzed(BY_HAND)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return simulate_study(tmp_path_factory.mktemp("made") / "study", PROTOCOL, patients=6, seed=1)


@pytest.fixture(scope="module")
def synthetic(made):
    return analyzed(made)


# --- worked by hand -------------------------------------------------------------------------------


@pytest.mark.parametrize("row", EXPECTED, ids=lambda row: row["key"])
def test_what_was_worked_by_hand(by_hand, row):
    assert str(by_hand.number(row["key"])) == row["text"], row["why"]


def test_the_files_of_the_study_by_hand_have_no_problem_that_stops():
    found = read_study(BY_HAND).validation.problems
    stops = [one for one in found if one.severity.name == "STOPS"]
    # that nothing of HAND-03 can be counted from day 0 is true
    assert {one.subject for one in stops} <= {"HAND-03"}


def test_an_event_without_a_grade_is_unknown_and_never_grade_0(by_hand):
    listing = next(one for one in by_hand["events"].listings if one.key == "events.emergent")
    row = next(row for row in listing.rows if "Fatigue" in row[0])
    assert row[1:] == (1, 0, 0, 0, 0, 0, 1)  # it happened; how bad it was nobody knows


@pytest.mark.parametrize(
    ("start", "first", "later"),
    # HAND-01 was infused on 2026-01-10: the first period ends on 2026-01-24; grade 2 or unknown
    [
        ("2026-01-24", (1, 0), (0, 0)),
        ("2026-01-25", (0, 0), (1, 0)),
        ("2026-01", (0, 1), (0, 1)),  # may lie in either period, or before both
        ("2026-02", (0, 0), (1, 0)),
        ("", (0, 1), (0, 1)),
    ],
)
def test_an_onset_that_may_lie_in_either_period_is_unknown_in_both(start, first, later, tmp_path):
    for path in BY_HAND.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "adverse_events.csv").open("a", encoding="utf-8") as file:
        file.write(f"HAND-01,Nausea,2,0,{start},,,possible,no\n")
    tables = {one.key: one for one in analyzed(tmp_path)["events"].listings}
    for key, expected in (("events.period0", first), ("events.period15", later)):
        found = {row[0].strip(): (row[3], row[7]) for row in tables[key].rows}
        assert found.get("Nausea", (0, 0)) == expected


@pytest.mark.parametrize(
    ("cells", "where"),
    [
        (9.99e6, "below"),
        (1.0e7, "within"),
        (1.0e7 * (1 - 1e-12), "within"),  # binary noise of a division is no deviation
        (2.0e7, "within"),
        (2.0e7 * (1 + 1e-12), "within"),
        (2.01e7, "above"),
    ],
)
def test_cells_given_are_placed_once_for_exposure_and_deviations(cells, where):
    assert exposure.place(cells, PROTOCOL) == where
    told = deviations.of_cells(cells, PROTOCOL, infused=True, why="")
    assert told.partition(", ")[2].partition(" ")[0] == ("" if where == "within" else where)


def test_a_dose_where_none_was_planned_is_no_share_of_it():
    rows = (row for patient in read_study(BY_HAND).patients() for row in patient.infusions)
    row = next(row for row in rows if row.agent == "fludarabine")
    none = evolve(row, planned=make(0.0, "mg"), given=make(30.0, "mg"), reason=None)
    assert "30 mg given where none was planned, no reason stated" in deviations.of_dose(none)
    half = evolve(none, planned=make(60.0, "mg"))
    assert "50 % of the planned dose, no reason stated" in deviations.of_dose(half)


def test_grade_4_platelets_before_treatment_are_no_new_toxicity(by_hand):
    tables = {one.key: one for one in by_hand["events"].listings}
    terms = [row[0].strip() for row in tables["events.worse"].rows]
    assert "Platelet count decreased" not in terms
    assert "Neutrophil count decreased" in terms


@pytest.mark.parametrize(
    ("written", "grade"),
    [
        ("25", "grade 3"),  # exactly 25 is not below 25
        ("<25", "grade 4"),  # every value below 25 is
        ("<20", "grade 4"),
        ("<30", "not known"),  # 27 would be grade 3, 10 grade 4
        (">400", "grade 0"),
    ],
)
def test_a_count_below_the_reporting_limit_has_a_grade_only_where_it_is_certain(
    written, grade, tmp_path
):
    for path in BY_HAND.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    labs = (tmp_path / "labs.csv").read_text("utf-8")
    first = "HAND-01,2026-01-04,platelets,10,"
    assert first in labs
    changed = labs.replace(first, f"HAND-01,2026-01-04,platelets,{written},")
    (tmp_path / "labs.csv").write_text(changed, encoding="utf-8")
    tables = {one.key: one for one in analyzed(tmp_path)["events"].listings}
    shift = tables["events.shift.ctcae-v5.0:platelet-count-decreased"]
    # HAND-02 and HAND-04 begin at 8 and 20, both grade 4; HAND-01 at what is written
    found = {row[0]: sum(row[1:]) for row in shift.rows}
    expected = {"grade 4": 2}
    expected[grade] = expected.get(grade, 0) + 1
    assert {name: count for name, count in found.items() if count} == expected


def test_deviations_name_what_and_where(by_hand):
    found = list(by_hand["deviations"].listings[0].rows)
    assert ("HAND-02", "eligibility") in {row[:2] for row in found}
    texts = {f"{row[0]}: {row[2]}" for row in found}
    assert "HAND-02: fludarabine: nothing recorded on D-3" in texts
    assert any(text.startswith("HAND-04: cells: 5.00×10⁶/kg, below") for text in texts)
    where = next(row[3] for row in found if row[0] == "HAND-04" and row[1] == "dose")
    assert where == "infusions.csv row 22"


# --- traced ---------------------------------------------------------------------------------------


def test_a_number_is_explained_down_to_its_rows(by_hand):
    text = explain(by_hand.number("response.best.rate"))
    assert "best response of HAND-01 = CR" in text
    assert "rows: labs.csv 2, 3, 4, 5, 6" in text
    assert "source: ClinicalTrials.gov NCT05315778" in text


def test_every_number_has_a_unique_key_and_a_rule_or_a_reason(synthetic):
    numbers = list(synthetic.numbers())
    assert len({one.key for one in numbers}) == len(numbers)
    assert [one.key for one in numbers if not one.rule and not one.why] == []


def test_every_row_that_is_named_exists(made, synthetic):
    lines = {path.name: len(path.read_text("utf-8").splitlines()) for path in made.glob("*.csv")}
    for number in synthetic.numbers():
        for row in number.rows:
            assert 2 <= row.row <= lines[row.file], number.key


def test_results_state_version_protocol_editions_and_options(synthetic):
    told = synthetic.document()
    assert told["schema"] == 1
    assert told["protocol"] == "NCT05315778"
    assert told["criteria"] == "nct05315778"
    assert told["editions"]["ctcae"] == "ctcae-v5.0"
    assert told["library"]
    assert told["synthetic"] is True


# --- unknown is an answer -------------------------------------------------------------------------


def test_nothing_known_gives_no_number_and_says_why():
    study = Study(header=Header(name="x"), subjects=[SubjectRecord(subject="A")])
    found = analyze(study, PROTOCOL)
    assert found["response"]["response.best.rate"].value is None
    assert found["response"]["response.best.rate"].why == "nobody was infused"


def test_a_patient_who_cannot_be_assessed_does_not_stop_the_others(tmp_path):
    for path in BY_HAND.iterdir():
        (tmp_path / path.name).write_bytes(path.read_bytes())
    with (tmp_path / "labs.csv").open("a", encoding="utf-8") as file:
        file.write("HAND-02,2026-02-16,platelets,90000,/uL,125000,350000\n")
    found = analyzed(tmp_path)
    two = next(one for one in found.patients if one.id == "HAND-02")
    assert "2026-02-16" in two.refused["response"]
    assert str(found.number("response.best:HAND-01")) == "CR"
    assert str(found.number("response.best.not_evaluable")) == "1"
    assert any("HAND-02" in note for note in found["response"].notes)


def test_without_a_mapping_the_questionnaire_says_so(by_hand):
    section = by_hand["questionnaire"]
    assert section.numbers == ()
    assert "licensed" in section.notes[0]


def test_a_mapping_that_is_not_there_is_named(tmp_path):
    header = Header(options={"questionnaire_mapping": "missing.csv"})
    with pytest.raises(RecordError, match=r"missing\.csv"):
        mapped_questionnaire(tmp_path, header)


@pytest.mark.parametrize(
    ("criteria", "best"),
    # literal: a single count is enough and 120 is a complete response; IWG says R for PR
    [("nct05315778-literal", "PR"), ("iwg-2009", "R"), ("chinese-2020", "R")],
)
def test_other_criteria_give_their_own_words(criteria, best):
    found = analyzed(BY_HAND, criteria=criteria)
    assert str(found.number("response.best:HAND-02")) == best


def test_unknown_criteria_are_refused_with_the_known_ones():
    with pytest.raises(UnknownTermError, match="iwg-2009"):
        analyzed(BY_HAND, criteria="recist")


# --- the same bytes everywhere --------------------------------------------------------------------


CODE = """
import sys
from pathlib import Path
from itp_carT.study import read_study
from itp_carT.study.analysis import analyze
from itp_carT.protocol.nct05315778 import PROTOCOL, SCHEDULE
found = analyze(read_study(Path(sys.argv[1])), PROTOCOL, schedule=SCHEDULE)
sys.stdout.buffer.write(found.to_json().encode("utf-8"))
"""


@pytest.mark.parametrize(
    "setting",
    [{"PYTHONHASHSEED": "1"}, {"PYTHONHASHSEED": "77", "TZ": "Asia/Shanghai"}, {"LC_ALL": "C"}],
    ids=str,
)
def test_json_is_the_same_whatever_is_around(setting, by_hand):
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **setting}
    there = subprocess.run(
        [sys.executable, "-c", CODE, str(BY_HAND)], capture_output=True, check=True, env=environment
    ).stdout
    assert there == by_hand.to_json().encode("utf-8")


def test_csv_and_json_hold_every_number(by_hand):
    rows = list(csv.DictReader(by_hand.to_csv().splitlines()))
    keys = [one.key for one in by_hand.numbers()]
    assert [row["key"] for row in rows] == keys
    assert [one["key"] for one in json.loads(by_hand.to_json())["numbers"]] == keys


# --- the report -----------------------------------------------------------------------------------


class Page(HTMLParser):
    """What a page links to, what it loads, and its places."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.links, self.places, self.images = [], [], set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        self.tags.append(tag)
        if "id" in given:
            self.places.add(given["id"])
        if tag == "a":
            self.links.append(given["href"])
        if tag == "img":
            self.images.append(given)


@pytest.fixture(scope="module")
def page(synthetic):
    pytest.importorskip("matplotlib", reason="pictures need the extra plots")
    from itp_carT.report import report

    return report(synthetic)


def test_the_report_needs_nothing_from_anywhere(page):
    found = Page(page)
    assert {"script", "link", "iframe", "object"}.isdisjoint(found.tags)
    assert all(link.startswith("#") for link in found.links)
    assert all(image["src"].startswith("data:image/svg+xml") for image in found.images)
    assert "Content-Security-Policy" in page


def test_every_link_of_the_report_leads_somewhere(page):
    found = Page(page)
    assert {link[1:] for link in found.links} <= found.places


def test_every_picture_has_words(page):
    assert all(len(image["alt"]) > 20 for image in Page(page).images)


def test_the_report_says_that_data_are_synthetic_and_what_it_is_not(page):
    assert "Synthetic data." in page
    assert "decides nothing for them" in page


def test_the_same_analysis_gives_the_same_page(synthetic, page):
    from itp_carT.report import report

    assert report(synthetic) == page


def test_markup_in_the_data_stays_text():
    from itp_carT.report import report

    evil = "<script>alert(1)</script>\x07"
    study = Study(
        header=Header(name=f'{evil}"&', synthetic=True), subjects=[SubjectRecord(subject=evil)]
    )
    text = report(analyze(study, PROTOCOL), with_pictures=False)
    assert "<script>" not in text
    assert "&lt;script&gt;" in text
    assert "\x07" not in text


# --- the command ----------------------------------------------------------------------------------


def run(*arguments):
    return CliRunner().invoke(main, ["analyze", *map(str, arguments)])


def test_the_command_prints_and_writes(tmp_path):
    done = run(BY_HAND, "--report", tmp_path / "r.html", "--json", tmp_path / "r.json",
               "--csv", tmp_path / "r.csv", "--no-pictures")  # fmt: skip
    assert done.exit_code == 0, done.output
    assert "2/3 (66.7 %" in done.output
    assert "synthetic data" in done.output
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.html", "r.json"]
    assert json.loads((tmp_path / "r.json").read_text("utf-8"))["study"] == "worked by hand"


def test_nothing_is_replaced_unasked_and_nothing_half_written(tmp_path):
    place = tmp_path / "r.html"
    place.write_text("mine", encoding="utf-8")
    done = run(BY_HAND, "--json", tmp_path / "r.json", "--report", place)
    assert done.exit_code == 2
    assert "--force" in done.output
    assert place.read_text("utf-8") == "mine"
    assert not (tmp_path / "r.json").exists()


def test_a_number_is_explained():
    done = run(BY_HAND, "--explain", "exposure.cells_per_kg:HAND-04")
    assert done.exit_code == 0, done.output
    assert "5.00×10⁶/kg" in done.output
    assert "infusions.csv 22" in done.output


def test_a_study_that_is_not_there_is_a_plain_error(tmp_path):
    done = run(tmp_path / "nowhere")
    assert done.exit_code == 2
    assert not re.search("Traceback", done.output)
