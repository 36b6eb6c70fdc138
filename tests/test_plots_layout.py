"""Figures of a report, whose axes are placed without the solver: all there, and nothing cut."""

import re

import pytest

pytest.importorskip("matplotlib", reason="pictures need Matplotlib, the extra 'plots'")

from matplotlib.backends.backend_agg import FigureCanvasAgg

from itp_carT import plots
from itp_carT.plots.layout import settle
from itp_carT.response import iwg_2009
from itp_carT.response.course import assess
from itp_carT.response.records import Count, Rescue
from itp_carT.statistics import kaplan_meier
from itp_carT.therapy.course import assess as assess_therapy
from itp_carT.therapy.records import DoseRecord
from itp_carT.toxicity.catalogue import catalogue
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.incidence import worst_grades

DAYS = ((-5, 12), (7, 20), (14, 110), (21, 130), (61, 85), (90, 22), (400, 9))


def course(patient="SYN-01"):
    counts = [Count(day, f"{number} 10^9/L", bleeding=number < 25) for day, number in DAYS]
    return assess(counts, iwg_2009.CRITERIA, rescue=[Rescue("transfusion", 3)], patient=patient)


def therapy(patient):
    records = [
        DoseRecord("recombinant human thrombopoietin", "15000 IU", "QD", start=-60, end=20,
                   purpose="ITP"),
        DoseRecord("romiplostim", "250 ug", "QW", start=-63, end=7, purpose="ITP"),
    ]  # fmt: skip
    return assess_therapy(records, until=120, patient=patient)


def grades():
    names = ("Disseminated intravascular coagulation", "Anemia")
    events = [
        AdverseEvent(patient, catalogue("ctcae-v5.0")[name], grade=2)
        for name in names
        for patient in ("SYN-01", "a patient with a long name")
    ]
    return worst_grades(events)


FIGURES = {
    "swimmer": lambda: plots.swimmer([course("a patient with a long name"), course("SYN-02")]),
    "survival": lambda: plots.kaplan_meier(kaplan_meier([28, 57, 90, 1810], [True] * 4), title="T"),
    "panels": lambda: plots.trajectories([course(f"SYN-0{at}") for at in range(1, 6)]),
    "one panel": lambda: plots.trajectory(course()),
    "therapy": lambda: plots.therapy_timeline([therapy("SYN-01"), therapy("SYN-02")]),
    "events": lambda: plots.event_grid(grades(), ["SYN-01", "a patient with a long name"]),
}


def test_a_grid_of_many_patients_stays_narrow_enough_to_be_read():
    wide, narrow = (
        plots.event_grid(grades(), [f"SYN-{at:02}" for at in range(count)]).get_figwidth()
        for count in (40, 5)
    )
    assert narrow == pytest.approx(3.4 + 5 * 0.62)
    assert wide < 18


def shown(figure):
    """Every visible text of a drawn figure with its box, and the boxes of its axes."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    renderer = canvas.get_renderer()
    parts = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        parts += [*axes.texts, axes.title, axes._left_title]
        for axis in (axes.xaxis, axes.yaxis):
            if axis.get_visible():
                parts += [axis.label, *axis.get_ticklabels()]
    boxes = [
        (part.get_text(), part.get_window_extent(renderer)) for part in parts if part.get_text()
    ]
    return boxes, [axes.get_window_extent() for axes in figure.axes]


@pytest.mark.parametrize("name", FIGURES)
def test_no_text_is_cut_and_no_axes_overlap(name):
    figure = FIGURES[name]()
    settle(figure)
    boxes, axes = shown(figure)
    for text, box in boxes:
        inside = figure.bbox.padded(1.5)
        assert inside.x0 <= box.x0 and box.x1 <= inside.x1, text  # noqa: PT018
        assert inside.y0 <= box.y0 and box.y1 <= inside.y1, text  # noqa: PT018
    assert all(box.width > 80 and box.height > 10 for box in axes)
    assert not any(one.overlaps(two) for at, one in enumerate(axes) for two in axes[:at])


@pytest.mark.parametrize("name", FIGURES)
def test_labels_and_legend_keep_clear_of_each_other(name):
    figure = FIGURES[name]()
    settle(figure)
    (boxes, axes) = shown(figure)
    legend = [text.get_text() for found in figure.legends for text in found.get_texts()]
    below = max([box.y1 for text, box in boxes if text in legend], default=0)
    outside = [
        (text, box)
        for text, box in boxes
        if text not in legend and not any(one.overlaps(box.padded(-2)) for one in axes)
    ]
    assert all(box.y0 >= below for _, box in outside)
    for at, (one, box) in enumerate(outside):
        for two, other in outside[:at]:
            assert not box.padded(-1).overlaps(other.padded(-1)), (one, two)


@pytest.mark.parametrize("name", FIGURES)
def test_the_words_are_those_of_the_figure_as_it_was_made(name):
    made, settled = FIGURES[name](), FIGURES[name]()
    settle(settled)
    before, after = ({text for text, _ in shown(figure)[0]} for figure in (made, settled))
    # a tick outside the limits is a word of its axis, but nobody sees it
    assert {text for text in before if not re.fullmatch(r"\W?[\d.]+", text)} <= after
    assert after <= before
