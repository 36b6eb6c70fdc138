"""The picture of a rule says what the publication says, on the right side of every limit."""

import re
import xml.etree.ElementTree as ET

import pytest

from itp_carT.number_line import number_lines, svg
from itp_carT.response import nct05315778
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6

EVERY = [*ctcae_v4.TABLES, *ctcae_v5.TABLES, *ctcae_v6.TABLES]

# read from the publication: the sign says on which side the limit itself stands
PUBLISHED = [
    (
        ctcae_v5,
        "platelet count decreased",
        ["G4 < 25 < G3 < 50 < G2 < 75 < G1 < LLN < G0 [10^9/L]"],
    ),
    (ctcae_v6, "thrombocytopenia", ["G4 < 10 < G3 < 50 < G2 < 75 < G1 < LLN < G0 [10^9/L]"]),
    # no grade 1 and 2 exist
    (ctcae_v5, "leukocytosis", ["G0 ≤ 100 ≤ G3 [10^9/L]"]),
    # the two unit systems are not conversions of each other
    (
        ctcae_v5,
        "hypomagnesemia",
        [
            "G4 < 0.3 < G3 < 0.4 < G2 < 0.5 < G1 < LLN < G0 [mmol/L]",
            "G4 < 0.7 < G3 < 0.9 < G2 < 1.2 < G1 < LLN < G0 [mg/dL]",
        ],
    ),
    # the lowest limit is inclusive, the others are not
    (
        ctcae_v5,
        "hypertriglyceridemia",
        [
            "G0 < 1.71 < G1 ≤ 3.42 ≤ G2 ≤ 5.7 ≤ G3 ≤ 11.4 ≤ G4 [mmol/L]",
            "G0 < 150 < G1 ≤ 300 ≤ G2 ≤ 500 ≤ G3 ≤ 1000 ≤ G4 [mg/dL]",
        ],
    ),
    # symptoms decide between two grades
    (
        ctcae_v5,
        "hyponatremia",
        ["G4 < 120 < G3 < 125 < G2 or G3 < 130 < G1 < LLN < G0 [mmol/L]"],
    ),
    (
        ctcae_v5,
        "creatinine increased",
        ["G0 ≤ ULN ≤ G1 ≤ 1.5 × ULN ≤ G2 ≤ 3 × ULN ≤ G3 ≤ 6 × ULN ≤ G4 [umol/L]"],
    ),
]


@pytest.mark.parametrize(("edition", "term", "lines"), PUBLISHED, ids=lambda part: str(part)[:24])
def test_a_line_reads_like_the_publication(edition, term, lines):
    assert list(map(str, number_lines(edition.table(term)))) == lines


def test_below_the_last_limit_the_publication_sends_elsewhere():
    (line,) = number_lines(ctcae_v6.table("creatinine clearance decreased"))
    assert str(line) == "elsewhere < 10 < G3 < 26 < G2 < 50 < G0 [mL/min]"


def test_what_needs_a_baseline_or_bleeding_is_not_drawn_as_if_the_count_decided():
    assert number_lines(nct05315778.POINT_HARMONIZED) == ()


@pytest.mark.parametrize("table", EVERY, ids=lambda table: table.key)
def test_every_picture_is_a_picture_with_words(table):
    """It is well-formed, says the same in words, and every outcome stands in it as text."""
    lines, drawn = number_lines(table), svg(table)
    assert bool(lines) == bool(drawn)
    if not drawn:
        return
    root = ET.fromstring(drawn)  # noqa: S314 - reads what the library wrote
    assert root.get("role") == "img"
    assert all(str(line) in root.get("aria-label") for line in lines)
    boxes = [part for part in root if part.tag.endswith("rect")]
    assert len(boxes) == sum(len(line.outcomes) for line in lines)
    assert not re.search(r"nan|inf", " ".join(map(str, lines)))
