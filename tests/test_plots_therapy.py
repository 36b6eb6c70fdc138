"""The picture of therapy: what a reader must see is there, and not by color alone."""

import pytest

pytest.importorskip("matplotlib", reason="pictures need Matplotlib, the extra 'plots'")

from itp_carT import plots
from itp_carT.errors import MissingFactError
from itp_carT.therapy.course import assess
from itp_carT.therapy.records import DoseRecord

RECORDS = [
    DoseRecord("prednisone", "20 mg", "QD", start=-60, end=20, purpose="ITP"),
    DoseRecord("prednisone", "5 mg", "QD", start=21, end=60, purpose="ITP"),
    DoseRecord("romiplostim", "250 ug", "QW", start=-63, end=7, purpose="ITP"),
    DoseRecord("danazol", None, "QD", start=-60, end=10, purpose="ITP"),
    DoseRecord("platelet transfusion", start=12, end=12, purpose="ITP"),
]


def bars(axes, hatch):
    return [bar for bar in axes.patches if (bar.get_hatch() or "") == hatch]


@pytest.fixture(scope="module")
def axes():
    return plots.therapy_timeline(assess(RECORDS, until=120, patient="SYN-01")).axes[0]


def test_each_agent_has_a_lane_with_its_dose(axes):
    lanes = [label.get_text() for label in axes.get_yticklabels()]
    assert [lane.partition("\n")[0] for lane in lanes] == [
        "danazol", "glucocorticoids", "romiplostim", "not counted",
    ]  # fmt: skip
    assert "up to 20 mg/d" in lanes[1]
    assert "spread over 7 d" in lanes[2]


def test_the_height_of_a_bar_is_the_dose(axes):
    daily = [bar for bar in bars(axes, "") if bar.get_y() == 2 and bar.get_width() > 15.5]
    heights = {bar.get_x(): bar.get_height() for bar in daily}
    assert heights[21] == pytest.approx(heights[-60] / 4)
    assert {bar.get_x(): bar.get_width() for bar in daily} == {-60: 81, 21: 40}


def test_event_type_and_unknown_doses_are_hatched(axes):
    (event,) = bars(axes, "///")
    assert (event.get_x(), event.get_width()) == (-63, 77)
    (unknown,) = bars(axes, "xxx")
    assert (unknown.get_x(), unknown.get_width()) == (-60, 71)


def test_infusion_end_and_marks_are_named(axes):
    labels = set(axes.get_legend_handles_labels()[1])
    assert {"infusion", "end of window", "stopped", "reduced for long enough"} <= labels
    marks = {line.get_label(): line.get_xdata()[0] for line in axes.lines}
    assert (marks["infusion"], marks["end of window"]) == (0, 121)


def test_several_patients_stand_below_one_another():
    some = [assess(RECORDS, until=120, patient=f"SYN-0{n}") for n in (1, 2, 3)]
    assert len(plots.therapy_timeline(some).axes) == 3


def test_nothing_to_draw_is_an_error():
    with pytest.raises(MissingFactError):
        plots.therapy_timeline(assess([], until=120))
