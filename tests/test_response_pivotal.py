"""Endpoints of the pivotal trials: every worked example, missing weeks, rescue and refusals."""

import csv
from collections import defaultdict
from pathlib import Path

import pytest

from itp_carT.analytes import PLATELETS
from itp_carT.errors import ItpCarTError, NotationError
from itp_carT.observations import Lab
from itp_carT.response import pivotal
from itp_carT.response.point import Response
from itp_carT.verdict import decide

PUBLISHED = Path(__file__).parent / "published" / "response"


def rows(name):
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


WEEKS, RESCUE, AFFECTED = defaultdict(dict), defaultdict(list), defaultdict(list)
for _row in rows("pivotal_weeks.csv"):
    _name, _week = _row["example"], int(_row["week"])
    _count = f"{_row['platelets']} {_row['unit']}" if _row["platelets"] else None
    WEEKS[_name][_week] = _count
    if _row["rescue"] == "yes":
        RESCUE[_name].append(_week)
    if _row["rescue_affected"] == "yes":
        AFFECTED[_name].append(_week)

ENDPOINT = {
    ("fostamatinib_stable", ""): pivotal.FOSTAMATINIB_STABLE,
    ("avatrombopag_cumulative_weeks", ""): pivotal.AVATROMBOPAG_CUMULATIVE_WEEKS,
    ("efgartigimod_sustained", ""): pivotal.EFGARTIGIMOD_SUSTAINED,
    ("rilzabrutinib_durable", "wording=8 of 12"): pivotal.RILZABRUTINIB_DURABLE,
    (
        "rilzabrutinib_durable",
        "wording=two thirds of at least 8",
    ): pivotal.RILZABRUTINIB_DURABLE_TWO_THIRDS,
}
EXAMPLES = [row for row in rows("response_examples.csv") if row["example"] in WEEKS]


@pytest.mark.parametrize("row", EXAMPLES, ids=lambda r: f"{r['example']}-{r['options']}")
def test_worked_example(row):
    name = row["example"]
    yes = {True: "yes", False: "no"}
    if row["endpoint"] == "romiplostim":
        found = pivotal.romiplostim(WEEKS[name], rescue_weeks=RESCUE[name])
        text = "; ".join(
            f"{word}={yes[getattr(found, word)]}" for word in ("durable", "transient", "overall")
        )
        assert text == row["expected"]
        return
    result = pivotal.assess_weeks(
        ENDPOINT[row["endpoint"], row["options"]],
        WEEKS[name],
        rescue_weeks=RESCUE[name],
        affected_weeks=AFFECTED[name],
    )
    assert yes.get(result.met, str(result.count)) == row["expected"]
    assert result.because


SINGLE = {
    "rilzabrutinib_response": pivotal.RILZABRUTINIB_RESPONSE,
    "eltrombopag_raise_visit": pivotal.RAISE_VISIT,
}
AT_50 = pivotal.AT_LEAST_50


@pytest.mark.parametrize(
    "row",
    [row for row in rows("response_examples.csv") if row["endpoint"] in SINGLE],
    ids=lambda r: r["example"],
)
def test_worked_example_at_one_visit(row):
    given = dict(part.split("=") for part in row["inputs"].split("; "))
    baseline = given.get("baseline")
    lab = Lab(
        PLATELETS,
        f"{given['platelets']} 10^9/L",
        baseline=None if baseline is None else f"{baseline} 10^9/L",
    )
    met = decide(SINGLE[row["endpoint"]], lab).outcome is Response.R
    assert met is (row["expected"] == "yes")


@pytest.mark.parametrize(
    "row",
    [row for row in rows("point_response.csv") if row["set"] == "pivotal"],
    ids=lambda r: r["case"],
)
def test_count_at_one_visit(row):
    table = SINGLE.get(row["other"].removeprefix("endpoint="), AT_50)
    known = row["baseline"] not in {"", "missing", "not used"}
    lab = Lab(
        PLATELETS,
        None if row["platelets"] == "missing" else f"{row['platelets']} {row['unit']}",
        baseline=f"{row['baseline']} {row['baseline_unit']}" if known else None,
    )
    found = {"yes" if one is Response.R else "no" for one in decide(table, lab).possible}
    assert found == set(row["expected"].removeprefix("unknown: ").split(" or "))


@pytest.mark.parametrize(
    ("weeks", "met"),
    [({0: "50 10^9/L"}, True), ({12: "50 10^9/L"}, True), ({13: "90 10^9/L"}, False)],
)
def test_fostamatinib_overall_looks_at_weeks_0_to_12(weeks, met):
    assert pivotal.assess_weeks(pivotal.FOSTAMATINIB_OVERALL, weeks, rescue_weeks=()).met is met


def test_q25_a_missing_week_is_no_response():
    weeks = dict.fromkeys(range(18, 23), "50 10^9/L")
    assert not pivotal.romiplostim(weeks, rescue_weeks=()).durable
    weeks[23] = "50 10^9/L"
    assert pivotal.romiplostim(weeks, rescue_weeks=()).durable


def test_q25_the_two_thirds_wording_divides_by_the_available_counts():
    weeks = dict.fromkeys(range(13, 19), "50 10^9/L") | dict.fromkeys(range(19, 22), "49 10^9/L")
    two_thirds = pivotal.RILZABRUTINIB_DURABLE_TWO_THIRDS
    assert pivotal.assess_weeks(two_thirds, weeks, rescue_weeks=()).met
    assert not pivotal.assess_weeks(pivotal.RILZABRUTINIB_DURABLE, weeks, rescue_weeks=()).met


def test_units_may_be_mixed():
    weeks = dict(
        zip(range(18, 26), ["50000 /uL", "50 K/uL", "50 10^9/L"] * 2 + [None] * 2, strict=True)
    )
    assert pivotal.romiplostim(weeks, rescue_weeks=()).durable


def test_rescue_has_to_be_stated():
    with pytest.raises(TypeError, match="rescue_weeks"):
        pivotal.assess_weeks(pivotal.FOSTAMATINIB_STABLE, {})


@pytest.mark.parametrize("week", [-1, 1.5, "week 1", True])
def test_a_week_that_is_none(week):
    with pytest.raises(NotationError) as caught:
        pivotal.assess_weeks(pivotal.FOSTAMATINIB_STABLE, {week: "50 10^9/L"}, rescue_weeks=())
    assert caught.value.field == "counts"
    with pytest.raises(NotationError) as caught:
        pivotal.assess_weeks(pivotal.FOSTAMATINIB_STABLE, {}, rescue_weeks=(week,))
    assert caught.value.field == "rescue_weeks"


@pytest.mark.parametrize("count", ["-1 10^9/L", "50", 50, "fifty 10^9/L"])
def test_a_count_that_is_none_names_its_week(count):
    with pytest.raises(ItpCarTError, match="week 14") as caught:
        pivotal.assess_weeks(pivotal.FOSTAMATINIB_STABLE, {14: count}, rescue_weeks=())
    assert caught.value.field == "platelets in week 14"


def test_every_endpoint_and_table_names_its_source():
    for part in (*pivotal.ENDPOINTS, *pivotal.TABLES):
        assert str(part.source)
