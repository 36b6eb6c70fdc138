"""The pictures: what they must show, read from the drawing and from the rendered pixels."""

import pytest

pytest.importorskip("matplotlib", reason="pictures need Matplotlib, the extra 'plots'")

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import to_rgb

from itp_carT import plots
from itp_carT.errors import MissingFactError
from itp_carT.plots.style import day_ticks
from itp_carT.response import chinese_2020, iwg_2009
from itp_carT.response.course import assess
from itp_carT.response.records import Count, Rescue
from itp_carT.statistics import kaplan_meier


def course(patient="S-001 (synthetic)", rescue=True):
    counts = [
        Count(-5, "12 10^9/L"),
        Count(3, "6 10^9/L", bleeding=True),
        Count(7, "20 10^9/L", bleeding=False),
        Count(14, "110 10^9/L", bleeding=False),
        Count(21, "130 10^9/L", bleeding=False),
        Count(60, "90 10^9/L", bleeding=False),
        Count(61, "85 10^9/L", bleeding=False),
        Count(90, "22 10^9/L", bleeding=True),
    ]
    given = [Rescue("transfusion", 3)] if rescue else []
    return assess(counts, iwg_2009.CRITERIA, rescue=given, patient=patient)


def words(figure):
    texts = [text.get_text() for axes in figure.axes for text in axes.texts]
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    legend = [text.get_text() for box in figure.legends for text in box.get_texts()]
    inner = [
        text.get_text()
        for axes in figure.axes
        if axes.get_legend()
        for text in axes.get_legend().get_texts()
    ]
    return texts + titles + legend + inner


def pixel(figure, x, y, axes=None):
    """Color of the rendered picture at a point of the data, as three shares."""
    canvas = FigureCanvasAgg(figure)
    canvas.draw()
    axes = axes or figure.axes[0]
    column, row = axes.transData.transform((x, y))
    pixels = np.asarray(canvas.buffer_rgba())
    return tuple(pixels[int(figure.bbox.height - row), int(column)][:3] / 255)


def near(color, hexadecimal, tolerance=0.08):
    return all(abs(a - b) < tolerance for a, b in zip(color, to_rgb(hexadecimal), strict=True))


def test_a_trajectory_names_what_it_shows():
    shown = words(plots.trajectory(course()))
    for wanted in (
        "infusion",
        "count",
        "count not used",
        "bleeding",
        "baseline 12",
        "rescue: platelet transfusion",
        "counts barred by rescue",
        "response",
        "complete response",
        "response lost",
        "S-001 (synthetic): complete response (IWG 2009)",
    ):
        assert wanted in shown, wanted


def test_the_limits_drawn_are_those_of_the_criteria():
    axes = plots.trajectory(course()).axes[0]
    levels = {line.get_ydata()[0] for line in axes.lines if line.get_linestyle() == ":"}
    assert levels == {30.0, 100.0}


def test_a_used_count_is_filled_and_a_barred_one_is_hollow():
    figure = plots.trajectory(course())
    assert near(pixel(figure, 14, 110), plots.BLUE)
    assert near(pixel(figure, 7, 20), "#FFFFFF")


def test_bleeding_is_marked_on_its_count():
    assert near(pixel(plots.trajectory(course()), 90, 22), plots.VERMILLION)


def test_criteria_that_are_unverified_say_so_on_the_picture():
    counts = [Count(day, "60 10^9/L", bleeding=False) for day in (14, 21)]
    one = assess(counts, chinese_2020.CRITERIA, baseline="12 10^9/L")
    assert "unverified" in plots.trajectory(one).axes[0].get_title(loc="left")
    assert "unverified" not in plots.trajectory(course()).axes[0].get_title(loc="left")


def test_the_marks_of_a_lane_lie_on_its_own_bar():
    """Between two lanes a mark could belong to either."""
    axes = plots.swimmer([course(f"S-{number}") for number in range(3)]).axes[0]
    marks = [line for line in axes.lines if line.get_label() in {"rescue", "bleeding"}]
    assert [len(line.get_xdata()) for line in marks] == [3, 6]
    assert all(abs(y - round(y)) <= 0.25 for line in marks for y in line.get_ydata())


def test_the_legend_of_a_curve_lies_outside_its_axes():
    figure = plots.kaplan_meier(kaplan_meier([28, 57, 90, 181], [True, True, False, True]))
    FigureCanvasAgg(figure).draw()
    legend, axes = figure.legends[0], figure.axes[0]
    assert not legend.get_window_extent().overlaps(axes.get_window_extent())


def test_panels_of_patients_share_their_days_and_counts_and_one_legend():
    never = assess([Count(14, None)], iwg_2009.CRITERIA, patient="S-003 (synthetic)")
    some = [course(), course("S-002 (synthetic)", rescue=False), never]
    figure = plots.trajectories(some)
    assert [axes.get_title(loc="left") for axes in figure.axes] == [
        "S-001 (synthetic): complete response, baseline 12",
        "S-002 (synthetic): complete response, baseline 12",
        "S-003 (synthetic): not evaluable",
    ]
    assert len({(axes.get_xlim(), axes.get_ylim()) for axes in figure.axes}) == 1
    assert figure.get_suptitle() == "Platelets by patient (IWG 2009)"
    (legend,) = figure.legends
    labels = [text.get_text() for text in legend.get_texts()]
    assert len(labels) == len(set(labels))
    assert {"count", "count not used", "bleeding", "baseline", "response lost"} <= set(labels)
    assert [text.get_text() for text in figure.axes[2].texts] == ["no count"]


def test_panels_without_any_count_cannot_be_drawn():
    with pytest.raises(MissingFactError, match="no platelet count"):
        plots.trajectories([assess([Count(14, None)], iwg_2009.CRITERIA)])


@pytest.mark.parametrize(
    ("low", "high", "days"),
    [
        (-20, 188, [0, 30, 60, 90, 120, 150, 180]),
        (-7, 42, [-7, 0, 7, 14, 21, 28, 35, 42]),
        (0, 4, [0, 1, 2, 3, 4]),
        (0, 1500, [0, 180, 360, 540, 720, 900, 1080, 1260, 1440]),
    ],
)
def test_days_are_marked_in_steps_that_people_count_in(low, high, days):
    assert day_ticks(low, high) == days


def test_without_rescue_no_rescue_is_named():
    assert not any("rescue" in word for word in words(plots.trajectory(course(rescue=False))))


def test_a_swimmer_plot_has_a_lane_per_patient_longest_response_first():
    short = assess(
        [Count(-5, "10 10^9/L")] + [Count(day, "40 10^9/L", bleeding=False) for day in (10, 20)],
        iwg_2009.CRITERIA,
        patient="S-002 (synthetic)",
    )
    none = assess(
        [Count(-5, "10 10^9/L"), Count(14, "12 10^9/L", bleeding=False)],
        iwg_2009.CRITERIA,
        patient="S-003 (synthetic)",
    )
    figure = plots.swimmer([none, short, course()])
    labels = [label.get_text() for label in figure.axes[0].get_yticklabels()]
    assert labels == ["S-001 (synthetic)  CR", "S-002 (synthetic)  R", "S-003 (synthetic)  NR"]
    assert near(pixel(figure, 70, 0.2), plots.SKY)


def test_a_kaplan_meier_picture_shows_numbers_at_risk_median_and_censoring():
    curve = kaplan_meier([10, 20, 30, 40], [True, True, False, True])
    figure = plots.kaplan_meier(curve, title="Duration of response")
    shown = words(figure)
    assert "number at risk" in shown
    assert "censored" in shown
    assert "95 % interval" in shown
    assert f"median {curve.median:g} {curve.unit}" in shown
    at_risk = {text.get_position()[0]: text.get_text() for text in figure.axes[1].texts}
    assert at_risk[0] == "4"
    assert at_risk[20] == "3"


def test_colors_differ_in_lightness_for_readers_who_see_no_hue():
    def lightness(color):
        red, green, blue = to_rgb(color)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    assert abs(lightness(plots.SKY) - lightness(plots.BLUE)) > 0.15
    assert abs(lightness(plots.BLUE) - lightness(plots.ORANGE)) > 0.15


@pytest.mark.parametrize("draw", [plots.swimmer])
def test_nothing_to_draw_is_an_error_with_advice(draw):
    with pytest.raises(MissingFactError, match="no course"):
        draw([])


def test_a_course_without_a_count_cannot_be_drawn():
    empty = assess([Count(14, None)], iwg_2009.CRITERIA)
    with pytest.raises(MissingFactError, match="no platelet count"):
        plots.trajectory(empty)
