"""A patient's visits as a sheet of months that a coordinator can print and hang up."""

from __future__ import annotations

import calendar as months_of
import datetime as dt
from typing import TYPE_CHECKING, Any

from itp_carT.days import WEEKDAYS, add_months
from itp_carT.errors import ImpossibleError
from itp_carT.schedule.attendance import Attendance, Timing
from itp_carT.schedule.dated import DatedVisit, VisitCalendar

from .style import BLACK, BLUE, GRAY, VERMILLION, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLUMNS = 4
_WINDOW = "#DCEBF7"
_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September",
           "October", "November", "December")  # fmt: skip
_CAME = (Timing.ON_TIME, Timing.EARLY, Timing.LATE)
_LOOKS: dict[str, dict[str, Any]] = {
    "treatment": {"facecolor": "#F5C55C", "hatch": "///", "edgecolor": "#A86E00"},
    "visit": {"facecolor": "#8CC8EC", "hatch": "", "edgecolor": BLUE},
    "window": {"facecolor": _WINDOW, "hatch": "", "edgecolor": "#B8CCDC"},
}


def visit_months(
    calendar: VisitCalendar, *, seen: Attendance | None = None, patient: str = ""
) -> Figure:
    """Draw every month from the first visit to the last window, each day a box.

    Parameters
    ----------
    calendar
        The patient's visits.
    seen
        What became of them: a ring marks the dates that count, a square those that do not, a cross
        a visit that was missed.
    patient
        Identifier for the heading.

    Returns
    -------
    A sheet in landscape; days of treatment are hatched, so that a print in gray reads the same.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed.
    ImpossibleError
        The attendance is that of other visits.
    """
    if seen is not None and tuple(one.visit for one in seen.visits) != calendar.visits:
        raise ImpossibleError("the attendance belongs to other visits", field="seen")
    first, last = min(one.first for one in calendar), max(one.last for one in calendar)
    if seen is not None:
        first = min((first, *(one.on for one in seen.records)))
        last = max((last, *(one.on for one in seen.records)))
    sheets = _months(first, last)
    rows = -(-len(sheets) // _COLUMNS)
    figure = new_figure(11.6, 0.9 + 3.2 * rows)
    grid = figure.subplots(rows, _COLUMNS, squeeze=False)
    for axes, month in zip(grid.flat, sheets, strict=False):
        _draw_month(axes, month)
        for visit in calendar:
            _draw_visit(axes, month, visit)
        if seen is not None:
            _draw_seen(axes, month, seen)
    for axes in list(grid.flat)[len(sheets) :]:
        axes.set_axis_off()
    who = f"{patient}: " if patient else ""
    figure.suptitle(
        f"{who}visits of {calendar.schedule.name}, infusion on {calendar.infusion.isoformat()}",
        x=0.01, ha="left", fontsize=13,
    )  # fmt: skip
    _legend(figure, seen is not None)
    return figure


def _months(first: dt.date, last: dt.date) -> list[dt.date]:
    """Return the first day of each month from one date to another."""
    found = [first.replace(day=1)]
    while (following := add_months(found[-1], 1)) <= last:
        found.append(following)
    return found


def _place(month: dt.date, day: dt.date) -> tuple[int, int] | None:
    """Return column and row of a day on the sheet of a month; None when it is on another."""
    if (day.year, day.month) != (month.year, month.month):
        return None
    return day.weekday(), (month.weekday() + day.day - 1) // 7


def _draw_month(axes: Axes, month: dt.date) -> None:
    axes.set_xlim(-0.05, 7.05)
    axes.set_ylim(6.05, -0.75)
    axes.set_aspect("equal")
    axes.set_axis_off()
    axes.set_title(f"{_MONTHS[month.month - 1]} {month.year}", loc="left", fontsize=11)
    for at, name in enumerate(WEEKDAYS):
        axes.text(at + 0.5, -0.3, name[:2], ha="center", va="center", fontsize=8, color=GRAY)
    for number in range(1, months_of.monthrange(month.year, month.month)[1] + 1):
        column, row = _place(month, month.replace(day=number)) or (0, 0)
        _box(axes, column, row, facecolor="white", edgecolor="#D5D5D5", linewidth=0.6, zorder=1)
        axes.text(
            column + 0.08, row + 0.08, str(number), ha="left", va="top", fontsize=6.5, color=BLACK,
            zorder=6,
        )  # fmt: skip


def _box(axes: Axes, column: int, row: int, **look: Any) -> None:
    from matplotlib.patches import Rectangle

    axes.add_patch(Rectangle((column + 0.03, row + 0.03), 0.94, 0.94, **look))


def _draw_visit(axes: Axes, month: dt.date, visit: DatedVisit) -> None:
    for number in range((visit.last - visit.first).days + 1):
        place = _place(month, visit.first + dt.timedelta(number))
        if place is not None:
            _box(axes, *place, **_LOOKS["window"], linewidth=0.6, zorder=2)
    place = _place(month, visit.target)
    if place is not None:
        look = _LOOKS["treatment" if visit.visit.treatment else "visit"]
        _box(axes, *place, **look, linewidth=0.8, zorder=3)
        axes.text(
            place[0] + 0.54, place[1] + 0.64, visit.key, ha="center", va="center", fontsize=7.5,
            fontweight="bold", zorder=7,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.4, "alpha": 0.8},
        )  # fmt: skip


def _draw_seen(axes: Axes, month: dt.date, seen: Attendance) -> None:
    for record in seen.records:
        place = _place(month, record.on)
        if place is not None:
            axes.plot(
                [place[0] + 0.5], [place[1] + 0.5], markersize=22, linestyle="",
                marker="o" if record.used else "s",
                markerfacecolor="none", markeredgecolor=BLUE if record.used else VERMILLION,
                markeredgewidth=2, zorder=8,
            )  # fmt: skip
    for one in seen.of(Timing.MISSED):
        place = _place(month, one.visit.target)
        if place is not None:
            axes.plot(
                [place[0] + 0.5], [place[1] + 0.5], marker="x", markersize=19, linestyle="",
                markeredgecolor=VERMILLION, markeredgewidth=2, zorder=8,
            )  # fmt: skip


def _legend(figure: Figure, seen: bool) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    handles: list[Any] = [Patch(label=name, **look) for name, look in _LOOKS.items()]
    if seen:
        ring: dict[str, Any] = {"markersize": 11, "markerfacecolor": "none", "markeredgewidth": 2,
                                "linestyle": ""}  # fmt: skip
        handles += [
            Line2D([], [], marker="o", markeredgecolor=BLUE, label="came, counts as the visit",
                   **ring),
            Line2D([], [], marker="s", markeredgecolor=VERMILLION, label="came, counts as no visit",
                   **ring),
            Line2D([], [], marker="x", markersize=10, markeredgecolor=VERMILLION,
                   markeredgewidth=2, linestyle="", label="visit missed"),
        ]  # fmt: skip
    figure.legend(handles=handles, loc="outside lower left", ncols=6, frameon=False, fontsize=9)


__all__ = ["visit_months"]
