"""Pictures of a platelet course and of a cohort's responses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from itp_carT.errors import MissingFactError
from itp_carT.rules import Compare, leaves

from .style import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    day_ticks,
    fine_lines,
    infusion_line,
    legend_below,
    mark,
    new_figure,
    plain_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from itp_carT.response.course import Episode, ResponseCourse

_BANDS: dict[str, Any] = {
    "response": {"facecolor": SKY, "hatch": "", "label": "response"},
    "complete": {"facecolor": GREEN, "hatch": "///", "label": "complete response"},
}

_COUNTS = "platelets [10⁹/L]"
_RESCUE = {"platelet transfusion": "P", "new ITP therapy": "D"}  # any other rescue: "v"


def _limits(course: ResponseCourse) -> list[float]:
    """Return the platelet limits that the criteria's own table compares with."""
    found = {
        float(leaf.limit.published[0].m_as("10^9/L"))
        for leaf in leaves(course.criteria.point)
        if isinstance(leaf, Compare) and leaf.limit.published and leaf.limit.of is None
    }
    return sorted(found)


def trajectory(course: ResponseCourse, *, title: str | None = None) -> Figure:
    """Draw one patient's platelet counts with limits, response, infusion, rescue and bleeding.

    Parameters
    ----------
    course
        An assessed course.
    title
        Title; by default the patient and the best response.

    Returns
    -------
    A figure; the platelet axis [10^9/L] is logarithmic above 10.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or the course has no count.
    """
    visits = [visit for visit in course.visits if visit.platelets is not None]
    if not visits:
        raise MissingFactError("the course has no platelet count to draw", field="counts")
    figure = new_figure(9, 4.6)
    axes = figure.subplots()
    plain_axes(axes)
    ticks = _frame(axes, [course])
    mark(axes.yaxis, ticks)
    mark(axes.xaxis, day_ticks(*axes.get_xlim()))
    _draw_course(axes, course)
    axes.set_xlabel("days from infusion")
    axes.set_ylabel(_COUNTS)
    axes.set_title(title or _heading(course), loc="left", fontsize=11, y=1.0)
    legend_below(figure, axes)
    return figure


def trajectories(courses: Iterable[ResponseCourse], *, title: str | None = None) -> Figure:
    """Draw the courses of several patients side by side, all on the same days and counts.

    Parameters
    ----------
    courses
        Assessed courses, in the order of the panels: row by row, two in a row.
    title
        Title; by default the criteria, when they are the same for all.

    Returns
    -------
    A figure; a panel without counts stays empty and says so.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or no course has a count.
    """
    shown = list(courses)
    if not any(visit.platelets is not None for course in shown for visit in course.visits):
        raise MissingFactError("the courses have no platelet count to draw", field="counts")
    columns = min(2, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(4.75 * columns, 1.1 + 2.15 * rows)
    panels = list(figure.subplots(rows, columns, squeeze=False).flat)
    drawn = []
    for at, (axes, course) in enumerate(zip(panels, shown, strict=False)):
        _draw_panel(axes, course, shown, first=at % columns == 0, last=at + columns >= len(shown))
        drawn.append(axes)
    for axes in panels[len(shown) :]:
        axes.remove()
    criteria = {_criteria(course) for course in shown}
    figure.suptitle(
        title or (f"Platelets by patient ({criteria.pop()})" if len(criteria) == 1 else
                  "Platelets by patient"),
        x=0.01, ha="left", fontsize=11,
    )  # fmt: skip
    legend_below(figure, *drawn)
    return figure


def _draw_panel(
    axes: Axes, course: ResponseCourse, shown: Sequence[ResponseCourse], *, first: bool, last: bool
) -> None:
    """Draw one of several panels; those inside need no numbers at their sides."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    ticks = _frame(axes, shown)
    days = day_ticks(*axes.get_xlim())
    fine_lines(axes, days, ticks)
    axes.yaxis.set_visible(first)
    axes.xaxis.set_visible(last)
    if first:
        mark(axes.yaxis, ticks)
        axes.tick_params(axis="y", labelsize=8)
        axes.set_ylabel(_COUNTS, fontsize=8)
    if last:
        mark(axes.xaxis, days)
        axes.tick_params(axis="x", labelsize=9)
        axes.set_xlabel("days from infusion", fontsize=9)
    baseline = "" if course.baseline is None else f", baseline {_number(course.baseline):g}"
    axes.set_title(
        f"{course.patient or 'patient'}: {course.best.label}{baseline}", loc="left", fontsize=10,
        y=1.0,
    )  # fmt: skip
    if all(visit.platelets is None for visit in course.visits):
        axes.text(0.5, 0.5, "no count", transform=axes.transAxes, ha="center", va="center")
        return
    _draw_course(axes, course, name_baseline=False, scale=0.8)


def _frame(axes: Axes, courses: Sequence[ResponseCourse]) -> list[int]:
    """Set limits that hold every course, and return the ticks of counts."""
    visits = [visit for course in courses for visit in course.visits if visit.platelets is not None]
    axes.set_yscale("symlog", linthresh=10, linscale=0.6)
    top = max(150.0, *(visit.platelets or 0.0 for visit in visits)) * 1.5
    axes.set_ylim(0, top)
    first, last = min(visit.day for visit in visits), max(visit.day for visit in visits)
    margin = max(3.0, (last - first) * 0.04)
    axes.set_xlim(min(first, -7) - margin, last + margin)
    axes.minorticks_off()
    return [0, *(tick for tick in (3, 10, 30, 50, 100, 200, 400, 800) if tick < top)]


def _draw_course(
    axes: Axes, course: ResponseCourse, *, name_baseline: bool = True, scale: float = 1.0
) -> None:
    """Draw all there is of one course into axes whose limits are set."""
    _draw_limits(axes, course, name_baseline=name_baseline)
    _draw_rescue(axes, course, scale)
    _draw_counts(axes, [visit for visit in course.visits if visit.platelets is not None], scale)
    _draw_bands(axes, course, scale)
    infusion_line(axes)


def _heading(course: ResponseCourse) -> str:
    who = f"{course.patient}: " if course.patient else ""
    return f"{who}{course.best.label} ({_criteria(course)})"


def _criteria(course: ResponseCourse) -> str:
    unverified = "" if course.criteria.source.verified else ", unverified"
    return f"{course.criteria.title}{unverified}"


def _number(count: Any) -> float:
    return float(count.m_as("10^9/L"))


def _draw_limits(axes: Axes, course: ResponseCourse, *, name_baseline: bool) -> None:
    limits = _limits(course)
    words = " and ".join(f"{limit:g}" for limit in limits)
    for limit in limits:
        axes.axhline(
            limit, color=GRAY, linewidth=0.9, linestyle=":", zorder=1, label=f"limits {words}"
        )
    if course.baseline is not None:
        number = _number(course.baseline)
        axes.axhline(
            number, color=ORANGE, linewidth=1.1, linestyle="-.", zorder=1,
            label=f"baseline {number:g}" if name_baseline else "baseline",
        )  # fmt: skip


def _draw_rescue(axes: Axes, course: ResponseCourse, scale: float) -> None:
    right = axes.get_xlim()[1]
    for start, last, label in course.rescues:
        end = right if last == inf else last
        axes.axvspan(
            start, end, facecolor="#F0F0F0", hatch="\\\\", edgecolor="#C9C9C9", linewidth=0,
            zorder=0, label="counts barred by rescue",
        )  # fmt: skip
        axes.plot(
            [start], [0.86], transform=axes.get_xaxis_transform(),
            marker=_RESCUE.get(label, "v"), markersize=9 * scale, color=VERMILLION, linestyle="",
            label=f"rescue: {label}".replace("rescue: other rescue", "other rescue"),
            zorder=4, clip_on=False,
        )  # fmt: skip


def _draw_counts(axes: Axes, visits: Sequence[Any], scale: float) -> None:
    days = [visit.day for visit in visits]
    axes.plot(days, [visit.platelets for visit in visits], color=BLUE, linewidth=1.2, zorder=2)
    used = [visit for visit in visits if visit.used]
    unused = [visit for visit in visits if not visit.used]
    for group, fill, label in ((used, BLUE, "count"), (unused, "white", "count not used")):
        if group:
            axes.plot(
                [visit.day for visit in group], [visit.platelets for visit in group],
                marker="o", markersize=6 * scale, markerfacecolor=fill, markeredgecolor=BLUE,
                linestyle="", zorder=3, label=label,
            )  # fmt: skip
    bled = [visit for visit in visits if visit.bleeding]
    if bled:
        axes.plot(
            [visit.day for visit in bled], [visit.platelets for visit in bled],
            marker="X", markersize=11 * scale, color=VERMILLION, markeredgecolor="white",
            linestyle="", zorder=5, label="bleeding",
        )  # fmt: skip


def _draw_bands(axes: Axes, course: ResponseCourse, scale: float) -> None:
    """Draw the response, and the complete response above it, as bars along the bottom."""
    transform = axes.get_xaxis_transform()
    for level, (name, episode) in enumerate(_episodes(course)):
        low = 0.02 + 0.05 * level
        axes.bar(
            episode.start, 0.04, width=max(episode.days, 0.6), bottom=low, align="edge",
            transform=transform, edgecolor="white", linewidth=0.4, zorder=2, **_BANDS[name],
        )  # fmt: skip
        marker, label = ("|", "response lost") if episode.event else (">", "censored")
        axes.plot(
            [episode.end], [low + 0.02], transform=transform, marker=marker, markersize=9 * scale,
            markeredgewidth=2 * scale, color=BLACK, linestyle="", zorder=4, label=label,
            clip_on=False,
        )  # fmt: skip


def _episodes(course: ResponseCourse) -> list[tuple[str, Episode]]:
    pairs = (("response", course.response), ("complete", course.complete))
    return [(name, episode) for name, episode in pairs if episode is not None]


def swimmer(courses: Iterable[ResponseCourse], *, title: str = "Response by patient") -> Figure:
    """Draw a cohort, one lane per patient: follow-up, response, loss, rescue, bleeding.

    Parameters
    ----------
    courses
        Assessed courses, in any order; the longest response comes first.
    title
        Title.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or there is no course.
    """
    lanes = sorted(courses, key=lambda course: (-(course.duration or -1), course.patient or ""))
    if not lanes:
        raise MissingFactError("there is no course to draw", field="courses")
    figure = new_figure(9, 1.6 + 0.42 * len(lanes))
    axes = figure.subplots()
    plain_axes(axes)
    axes.grid(visible=False)
    _draw_lanes(axes, lanes)
    names = [course.patient or f"patient {lane + 1}" for lane, course in enumerate(lanes)]
    bests = [course.best.name for course in lanes]
    labels = [f"{name}  {best}" for name, best in zip(names, bests, strict=True)]
    mark(axes.yaxis, range(len(lanes)), labels)
    axes.set_ylim(len(lanes) - 0.4, -0.6)
    latest = max((_last_day(course) for course in lanes), default=0)
    margin = max(2.0, 0.02 * latest)
    axes.set_xlim(-margin, latest + 2 * margin)
    mark(axes.xaxis, day_ticks(0, latest + margin))
    axes.tick_params(axis="y", length=0)
    axes.axvline(0, color=PURPLE, linewidth=1.4, linestyle=(0, (4, 2)), label="infusion")
    axes.set_xlabel("days from infusion")
    axes.set_title(title, loc="left", fontsize=11, y=1.0)
    legend_below(figure, axes)
    return figure


def _last_day(course: ResponseCourse) -> int:
    return max((visit.day for visit in course.visits), default=0)


def _draw_lanes(axes: Axes, lanes: Sequence[ResponseCourse]) -> None:
    """Draw every lane: one call for each kind of bar and of mark."""
    axes.barh(
        range(len(lanes)), [_last_day(course) for course in lanes], height=0.5, color="#E8E8E8",
        edgecolor="#BFBFBF", linewidth=0.5, label="followed up",
    )  # fmt: skip
    for height, name in ((0.5, "response"), (0.22, "complete")):
        bars = [
            (lane, episode)
            for lane, course in enumerate(lanes)
            for kind, episode in _episodes(course)
            if kind == name
        ]
        if bars:
            axes.barh(
                [lane for lane, _ in bars], [max(episode.days, 0.6) for _, episode in bars],
                left=[episode.start for _, episode in bars], height=height, edgecolor="white",
                linewidth=0.4, **_BANDS[name],
            )  # fmt: skip
    for lost, marker, label in ((True, "|", "response lost"), (False, ">", "response goes on")):
        ends = [
            (course.response.end, lane)
            for lane, course in enumerate(lanes)
            if course.response is not None and bool(course.response.event) is lost
        ]
        _draw_marks(axes, ends, marker=marker, markersize=10, markeredgewidth=2, color=BLACK,
                    label=label, zorder=4)  # fmt: skip
    rescued = [
        (start, lane + 0.24) for lane, course in enumerate(lanes) for start, _, _ in course.rescues
    ]
    bled = [
        (visit.day, lane - 0.24)
        for lane, course in enumerate(lanes)
        for visit in course.visits
        if visit.bleeding and visit.day > 0
    ]
    for marker, color, label, at in (
        ("v", ORANGE, "rescue", rescued),
        ("X", VERMILLION, "bleeding", bled),
    ):
        _draw_marks(
            axes, at, marker=marker, markersize=7, color=color, label=label, zorder=5,
            markeredgecolor="black", markeredgewidth=0.6, clip_on=False,
        )  # fmt: skip


def _draw_marks(axes: Axes, at: Sequence[tuple[float, float]], **look: Any) -> None:
    if at:
        axes.plot([x for x, _ in at], [y for _, y in at], linestyle="", **look)


__all__ = ["swimmer", "trajectories", "trajectory"]
