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
    infusion_line,
    legend_below,
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
    axes.set_yscale("symlog", linthresh=10, linscale=0.6)
    top = max(150.0, *(visit.platelets or 0.0 for visit in visits)) * 1.5
    axes.set_ylim(0, top)
    first, last = visits[0].day, visits[-1].day
    margin = max(3.0, (last - first) * 0.04)
    axes.set_xlim(min(first, -7) - margin, last + margin)
    _draw_limits(axes, course)
    _draw_rescue(axes, course, last + margin)
    _draw_counts(axes, visits)
    _draw_bands(axes, course)
    infusion_line(axes)
    ticks = [0, *(tick for tick in (3, 10, 30, 50, 100, 200, 400, 800) if tick < top)]
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("days from infusion")
    axes.set_ylabel("platelets [10⁹/L]")
    axes.set_title(title or _heading(course), loc="left", fontsize=11)
    legend_below(figure, axes)
    return figure


def _heading(course: ResponseCourse) -> str:
    who = f"{course.patient}: " if course.patient else ""
    unverified = "" if course.criteria.source.verified else ", unverified"
    return f"{who}{course.best.label} ({course.criteria.title}{unverified})"


def _draw_limits(axes: Axes, course: ResponseCourse) -> None:
    limits = _limits(course)
    words = " and ".join(f"{limit:g}" for limit in limits)
    for limit in limits:
        axes.axhline(
            limit, color=GRAY, linewidth=0.9, linestyle=":", zorder=1, label=f"limits {words}"
        )
    if course.baseline is not None:
        number = float(course.baseline.m_as("10^9/L"))
        axes.axhline(
            number, color=ORANGE, linewidth=1.1, linestyle="-.", zorder=1,
            label=f"baseline {number:g}",
        )  # fmt: skip


def _draw_rescue(axes: Axes, course: ResponseCourse, right: float) -> None:
    for start, last, label in course.rescues:
        end = right if last == inf else last
        axes.axvspan(
            start, end, facecolor="#F0F0F0", hatch="...", edgecolor="#C9C9C9", linewidth=0,
            zorder=0, label="counts barred by rescue",
        )  # fmt: skip
        axes.plot(
            [start], [0.86], transform=axes.get_xaxis_transform(),
            marker=_RESCUE.get(label, "v"), markersize=9, color=VERMILLION, linestyle="",
            label=f"rescue: {label}".replace("rescue: other rescue", "other rescue"),
            zorder=4, clip_on=False,
        )  # fmt: skip


def _draw_counts(axes: Axes, visits: Sequence[Any]) -> None:
    days = [visit.day for visit in visits]
    axes.plot(days, [visit.platelets for visit in visits], color=BLUE, linewidth=1.2, zorder=2)
    used = [visit for visit in visits if visit.used]
    unused = [visit for visit in visits if not visit.used]
    for group, fill, label in ((used, BLUE, "count"), (unused, "white", "count not used")):
        if group:
            axes.plot(
                [visit.day for visit in group], [visit.platelets for visit in group],
                marker="o", markersize=6, markerfacecolor=fill, markeredgecolor=BLUE,
                linestyle="", zorder=3, label=label,
            )  # fmt: skip
    bled = [visit for visit in visits if visit.bleeding]
    if bled:
        axes.plot(
            [visit.day for visit in bled], [visit.platelets for visit in bled],
            marker="X", markersize=11, color=VERMILLION, markeredgecolor="white",
            linestyle="", zorder=5, label="bleeding",
        )  # fmt: skip


def _draw_bands(axes: Axes, course: ResponseCourse) -> None:
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
            [episode.end], [low + 0.02], transform=transform, marker=marker, markersize=9,
            markeredgewidth=2, color=BLACK, linestyle="", zorder=4, label=label, clip_on=False,
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
    for lane, course in enumerate(lanes):
        _draw_lane(axes, lane, course)
    names = [course.patient or f"patient {lane + 1}" for lane, course in enumerate(lanes)]
    bests = [course.best.name for course in lanes]
    labels = [f"{name}  {best}" for name, best in zip(names, bests, strict=True)]
    axes.set_yticks(range(len(lanes)), labels)
    axes.invert_yaxis()
    axes.set_xlim(left=-max(2.0, 0.02 * max(_last_day(course) for course in lanes)))
    axes.tick_params(axis="y", length=0)
    axes.axvline(0, color=PURPLE, linewidth=1.4, linestyle=(0, (4, 2)), label="infusion")
    axes.set_xlabel("days from infusion")
    axes.set_title(title, loc="left", fontsize=11)
    legend_below(figure, axes)
    return figure


def _last_day(course: ResponseCourse) -> int:
    return max((visit.day for visit in course.visits), default=0)


def _draw_lane(axes: Axes, lane: int, course: ResponseCourse) -> None:
    axes.barh(
        lane, _last_day(course), height=0.5, color="#E8E8E8", edgecolor="#BFBFBF", linewidth=0.5,
        label="followed up",
    )  # fmt: skip
    for height, (name, episode) in zip((0.5, 0.22), _episodes(course), strict=False):
        axes.barh(
            lane, max(episode.days, 0.6), left=episode.start, height=height, edgecolor="white",
            linewidth=0.4, **_BANDS[name],
        )  # fmt: skip
    overall = course.response
    if overall is not None:
        marker, label = ("|", "response lost") if overall.event else (">", "response goes on")
        axes.plot(
            [overall.end], [lane], marker=marker, markersize=10, markeredgewidth=2, color=BLACK,
            linestyle="", label=label, zorder=4,
        )  # fmt: skip
    bled = [visit.day for visit in course.visits if visit.bleeding and visit.day > 0]
    marks = (
        ("v", ORANGE, "rescue", 0.24, [start for start, _, _ in course.rescues]),
        ("X", VERMILLION, "bleeding", -0.24, bled),
    )
    for marker, color, label, offset, at in marks:
        if at:
            axes.plot(
                at, [lane + offset] * len(at), marker=marker, markersize=7, color=color,
                linestyle="", label=label, zorder=5, markeredgecolor="black", markeredgewidth=0.6,
                clip_on=False,
            )  # fmt: skip


__all__ = ["swimmer", "trajectory"]
