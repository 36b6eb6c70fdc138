"""The pictures of visits and of scales: what they must show, read from the drawing."""

import datetime as dt

import pytest

pytest.importorskip("matplotlib", reason="pictures need Matplotlib, the extra 'plots'")

from itp_carT import plots
from itp_carT.errors import ImpossibleError, MissingFactError
from itp_carT.protocol.nct05315778 import SCHEDULE
from itp_carT.quality_of_life import itp_paq
from itp_carT.quality_of_life.item import Item
from itp_carT.quality_of_life.item_map import ItemMap
from itp_carT.schedule.attendance import assign

PLAN = SCHEDULE.on("2026-03-09")


def texts(axes):
    return [text.get_text() for text in axes.texts]


def legend(figure):
    return [text.get_text() for box in figure.legends for text in box.get_texts()]


def month(figure, name):
    return next(axes for axes in figure.axes if axes.get_title(loc="left") == name)


def marks(axes, kind):
    return [line for line in axes.lines if line.get_marker() == kind]


# --- visits ---------------------------------------------------------------------------------------


def test_a_sheet_has_every_month_from_the_first_visit_to_the_last_window():
    figure = plots.visit_months(PLAN, patient="SYN-01")
    titles = [axes.get_title(loc="left") for axes in figure.axes]
    assert [title for title in titles if title] == [
        "March 2026", "April 2026", "May 2026", "June 2026", "July 2026", "August 2026",
        "September 2026",
    ]  # fmt: skip
    assert "SYN-01" in figure.get_suptitle()
    assert legend(figure) == ["treatment", "visit", "window"]


def test_every_visit_stands_once_and_on_its_day():
    figure = plots.visit_months(PLAN)
    shown = [word for axes in figure.axes for word in texts(axes) if word in SCHEDULE_KEYS]
    assert sorted(shown) == sorted(SCHEDULE_KEYS)
    april = month(figure, "April 2026")
    label = next(text for text in april.texts if text.get_text() == "M1")
    day = next(text for text in april.texts if text.get_text() == "8")
    assert [int(part) for part in label.get_position()] == [
        int(part) for part in day.get_position()
    ]


SCHEDULE_KEYS = [visit.key for visit in SCHEDULE.visits]


@pytest.mark.parametrize(("year", "days"), [(2027, 28), (2028, 29)])
def test_february_has_its_days(year, days):
    figure = plots.visit_months(SCHEDULE.on(dt.date(year, 2, 10)))
    numbers = [word for word in texts(month(figure, f"February {year}")) if word.isdecimal()]
    assert numbers == [str(number) for number in range(1, days + 1)]


def test_what_became_of_the_visits_is_marked_by_shape():
    seen = assign(PLAN, ["2026-04-10", "2026-04-13", "2026-04-20"], until="2026-06-01")
    figure = plots.visit_months(PLAN, seen=seen)
    april, may = month(figure, "April 2026"), month(figure, "May 2026")
    assert len(marks(april, "o")) == 1
    assert len(marks(april, "s")) == 2
    assert len(marks(may, "x")) == 1
    assert marks(month(figure, "June 2026"), "x") == []
    assert legend(figure)[3:] == [
        "came, counts as the visit", "came, counts as no visit", "visit missed",
    ]  # fmt: skip


def test_a_record_outside_the_plan_gets_its_month():
    seen = assign(PLAN, ["2026-01-20", "2026-11-02"])
    titles = [a.get_title(loc="left") for a in plots.visit_months(PLAN, seen=seen).axes]
    assert titles[0] == "January 2026"
    assert "November 2026" in titles


def test_attendance_of_other_visits_is_refused():
    other = assign(SCHEDULE.on("2026-03-10"), [])
    with pytest.raises(ImpossibleError, match="other visits"):
        plots.visit_months(PLAN, seen=other)


# --- scales ---------------------------------------------------------------------------------------

# made up: two items each
MAPPING = ItemMap(
    [
        (key, Item(f"{key.lower()}{at}", 5, "highest"))
        for key in ("S", "FT", "A", "FR", "PH", "W")
        for at in range(2)
    ]
)


def profile(visit, applies=None, **answers):
    given = {f"{key}{at}": code for key, code in answers.items() for at in range(2)}
    return PAQ.score(given, applies=applies, patient="SYN-01", visit=visit)


with pytest.warns(UserWarning, match="items in the mapping"):
    PAQ = itp_paq.questionnaire(MAPPING)
BASE = profile("D-5", {"W": False}, s=3, a=3, fr=3, ph=5)
NOW = profile("M3", {"W": False}, s=4, ft=2, a=3, fr=1, ph=4)


def test_a_profile_says_each_change_in_words():
    axes = plots.scale_profile(PAQ, NOW, baseline=BASE).axes[0]
    assert texts(axes) == [
        "+25.0, at or above MID",
        "no change known: baseline missing",
        "+0.0, below MID",
        "-50.0, no MID published",
        "-25.0, at or above MID",
        "no change known: not applicable",
    ]
    names = [label.get_text() for label in axes.get_yticklabels()]
    assert names[0] == "Symptoms (S)"
    assert axes.get_title(loc="left") == "SYN-01: ITP-PAQ, M3 against D-5"


def test_better_and_worse_differ_in_shape_and_in_color():
    axes = plots.scale_profile(PAQ, NOW, baseline=BASE).axes[0]
    better, worse = marks(axes, ">"), marks(axes, "<")
    assert [line.get_xdata()[0] for line in better] == [75.0]
    assert sorted(line.get_xdata()[0] for line in worse) == [0.0, 75.0]
    assert better[0].get_color() != worse[0].get_color()
    assert len(marks(axes, "D")) == 1  # no baseline


def test_the_bands_are_the_published_ranges_and_end_at_0_and_100():
    axes = plots.scale_profile(PAQ, NOW, baseline=BASE).axes[0]
    bands = {}
    for patch in axes.patches:
        row = int(patch.get_y() + patch.get_height() / 2 + 0.5)
        bands.setdefault(row, []).append((patch.get_x(), patch.get_x() + patch.get_width()))
    assert sorted(bands[0]) == [(38.0, 42.0), (58.0, 62.0)]  # symptoms at 50: 8 to 12
    assert sorted(bands[2]) == [(35.0, 40.0), (60.0, 65.0)]  # activity at 50: 10 to 15
    assert 3 not in bands  # fear: none published
    assert bands[4] == [(88.0, 92.0)]  # psychological health at 100: nothing above


def test_nothing_scored_cannot_be_drawn():
    empty = profile("D-5")
    with pytest.raises(MissingFactError, match="nothing to draw"):
        plots.scale_profile(PAQ, empty, baseline=empty)
