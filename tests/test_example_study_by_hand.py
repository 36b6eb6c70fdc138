"""The example study: its figures as a reader of the references derived them without the code."""

import csv
from pathlib import Path

import pytest

from itp_carT.protocol.nct05315778 import PROTOCOL, SCHEDULE
from itp_carT.study import read_study
from itp_carT.study.analysis import analyze, mapped_questionnaire

STUDY = Path(__file__).parents[1] / "examples" / "study"
BY_HAND = Path(__file__).parent / "example_study_by_hand"
EXPECTED = list(csv.DictReader((BY_HAND / "expected.csv").read_text("utf-8").splitlines()))
FIGURES = [row for row in EXPECTED if "|" not in row["key"]]
CELLS = [row for row in EXPECTED if "|" in row["key"]]
NAMED_BY_TWO = ("therapy.patients", "exposure.patients")  # a row is a patient and an agent


@pytest.fixture(scope="module")
def analysis():
    study = read_study(STUDY)
    scales = mapped_questionnaire(STUDY, study.header)
    return analyze(study, PROTOCOL, schedule=SCHEDULE, questionnaire=scales)


@pytest.fixture(scope="module")
def cells(analysis):
    """Every cell of every table as printed, by table, row and column."""
    found = {}
    for section in analysis.sections:
        for listing in section.listings:
            width = 2 if listing.key in NAMED_BY_TWO else 1
            for row in listing.rows:
                name = "/".join(str(cell).strip() for cell in row[:width])
                for column, cell in zip(listing.columns, row, strict=True):
                    found[f"{listing.key}|{name}|{column}"] = str(cell)
    return found


@pytest.mark.parametrize("row", FIGURES, ids=lambda row: row["key"])
def test_a_figure_derived_by_hand(analysis, row):
    assert str(analysis.number(row["key"])) == row["text"], row["why"]


@pytest.mark.parametrize("row", CELLS, ids=lambda row: row["key"])
def test_a_cell_derived_by_hand(cells, row):
    assert cells[row["key"]] == row["text"], row["why"]


def test_every_figure_of_the_whole_study_was_derived(analysis):
    printed = [number.key for section in analysis.sections for number in section.numbers]
    assert [row["key"] for row in FIGURES] == printed


def test_the_data_show_no_deviation(analysis):
    listings = {one.key: one for one in analysis["deviations"].listings}
    assert listings["deviations.list"].rows == ()


def test_every_patient_is_in_one_column_of_each_visit(analysis):
    listings = {one.key: one for one in analysis["deviations"].listings}
    assert {sum(row[1:]) for row in listings["deviations.visits"].rows} == {5}
