"""The picture of a patient's concomitant therapy: one lane per agent, the dose as height."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from itp_carT.errors import MissingFactError
from itp_carT.therapy.agents import Agent
from itp_carT.therapy.course import TherapyCourse
from itp_carT.therapy.daily import amount

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
    legend_below,
    mark,
    new_figure,
    plain_axes,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_EARLIEST = -90  # days; what was taken long before the infusion is of no use in the picture
_HIGH = 0.78  # of a lane, for the largest dose in it
_DAILY: dict[str, Any] = {"facecolor": BLUE, "edgecolor": "white", "linewidth": 0.4}
_EVENT: dict[str, Any] = {
    "facecolor": SKY, "edgecolor": BLUE, "linewidth": 0.4, "hatch": "///",
}  # fmt: skip
_UNKNOWN: dict[str, Any] = {
    "facecolor": "#F0F0F0", "edgecolor": GRAY, "linewidth": 0.4, "hatch": "xxx",
}  # fmt: skip
_ASIDE: dict[str, Any] = {"facecolor": ORANGE, "edgecolor": "white", "linewidth": 0.4}


def therapy_timeline(
    courses: TherapyCourse | Iterable[TherapyCourse], *, title: str | None = None
) -> Figure:
    """Draw the therapy of one patient, or of several below one another.

    A bar is as high as the dose within its lane; event-type drugs are hatched over their effect
    window, doses that are not known are cross-hatched, and what was given for another purpose
    stands in a lane of its own.

    Parameters
    ----------
    courses
        An assessed course, or several.
    title
        Title; by default the patient of each course.

    Returns
    -------
    A figure with days from the infusion across.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or there is no record to draw.
    """
    drawn = [courses] if isinstance(courses, TherapyCourse) else list(courses)
    drawn = [course for course in drawn if course.agents or course.left_out]
    if not drawn:
        raise MissingFactError("there is no medication record to draw", field="courses")
    lanes = [len(course.agents) + bool(course.left_out) for course in drawn]
    figure = new_figure(9, 1.5 + sum(0.62 * count + 0.55 for count in lanes))
    panels = figure.subplots(len(drawn), 1, sharex=True, squeeze=False, height_ratios=lanes)
    low = max(_EARLIEST, min(course.first for course in drawn))
    high = max(course.last for course in drawn)
    for axes, course in zip(panels[:, 0], drawn, strict=True):
        _draw_patient(axes, course, low)
        axes.set_xlim(low - 2, high + 3)
    days = day_ticks(low - 2, high + 3)
    for axes in panels[:-1, 0]:
        fine_lines(axes, days)
        axes.xaxis.set_visible(False)
    bottom = panels[-1, 0]
    if len(drawn) > 1:
        fine_lines(bottom, days)
    mark(bottom.xaxis, days)
    bottom.set_xlabel("days from infusion")
    if title is not None and len(drawn) == 1:
        bottom.set_title(title, loc="left", fontsize=11, y=1.0)
    elif title is not None:
        figure.suptitle(title, x=0.01, ha="left", fontsize=11)
    legend_below(figure, *panels[:, 0], ncols=3)
    return figure


def _draw_patient(axes: Axes, course: TherapyCourse, low: int) -> None:
    plain_axes(axes)
    axes.grid(visible=False)
    lanes: list[str] = []
    count = len(course.agents) + bool(course.left_out)
    for at, agent in enumerate(course.agents):
        _draw_agent(axes, course, agent, count - 1 - at, low)
        lanes.append(_name(agent))
    if course.left_out:
        _draw_aside(axes, course, low)
        lanes.append("not counted")
    mark(axes.yaxis, [count - 1 - at + _HIGH / 2 for at in range(count)], lanes)
    axes.tick_params(axis="y", length=0)
    axes.set_ylim(-0.08, count)
    first, last = course.options.baseline
    axes.axvspan(first, last + 1, facecolor="#EFE6F2", zorder=0, label="baseline window")
    axes.axvline(0, color=PURPLE, linewidth=1.6, linestyle=(0, (4, 2)), zorder=1, label="infusion")
    axes.axvline(course.last + 1, color=BLACK, linewidth=1.2, zorder=1, label="end of window")
    who = course.patient or "therapy"
    words = f"{who}: {course.combined()}".split("; composite")[0].replace(" -> ", " → ")
    axes.set_title(words, loc="left", fontsize=10, y=1.0)


def _name(agent: Agent) -> str:
    name = agent.name.replace("recombinant human thrombopoietin", "rhTPO")
    doses = [span.dose for span in agent.series.spans if span.dose is not None]
    top = max(doses, default=None)
    if not top:
        return name
    spread = f"\nspread over {agent.effect_days} d" if agent.effect_days else ""
    return f"{name}\nup to {float(top):.3g} {agent.unit}/d{spread}"


def _draw_agent(axes: Axes, course: TherapyCourse, agent: Agent, lane: int, low: int) -> None:
    event = agent.effect_days is not None
    known = [span.dose for span in agent.series.within(low, course.last) if span.dose is not None]
    top = float(max(known, default=0)) or 1.0
    for span in agent.series.within(low, course.last):
        if span.dose == 0:
            continue
        if span.dose is None:
            look, label, height = _UNKNOWN, "dose not known", _HIGH
        else:
            label = "effect of an event-type drug" if event else "daily dose"
            look, height = (_EVENT if event else _DAILY), _HIGH * float(span.dose) / top
        axes.bar(
            span.first, height, width=span.days, bottom=lane, align="edge", label=label, zorder=2,
            **look,
        )  # fmt: skip
        if span.days >= 14 and span.dose is not None and not event and height > 0.15:
            axes.annotate(
                amount(span.dose, agent.unit).partition(" ")[0][:5],
                (span.first + span.days / 2, lane + height / 2), ha="center", va="center",
                fontsize=8, color="white", zorder=3,
            )  # fmt: skip
    axes.axhline(lane, color="#BFBFBF", linewidth=0.6, zorder=1)
    days = [day for day, _ in agent.given if day >= low]
    if days:
        axes.plot(
            days, [lane + 0.06] * len(days), marker="^", markersize=5, color=BLACK, linestyle="",
            zorder=4, label="given",
        )  # fmt: skip
    stopped, reduced = agent.discontinuation.stopped_on, agent.reduction.on
    if reduced != stopped:  # a stop is a reduction, and its mark would hide the other
        _mark(axes, reduced, lane, "v", GREEN, "reduced for long enough")
    _mark(axes, stopped, lane, "s", VERMILLION, "stopped")


def _mark(axes: Axes, day: int | None, lane: int, marker: str, color: str, label: str) -> None:
    if day is not None:
        axes.plot(
            [day], [lane + 0.88], marker=marker, markersize=7, color=color,
            markeredgecolor="white", linestyle="", zorder=5, label=label, clip_on=False,
        )  # fmt: skip


def _draw_aside(axes: Axes, course: TherapyCourse, low: int) -> None:
    """Draw what does not count: other purposes, and procedures, each with its name."""
    named = -1000
    for dated in course.left_out:
        first, last = max(dated.first, low), min(dated.last, course.last)
        if first > last:
            continue
        axes.bar(
            first, 0.28, width=last - first + 1, bottom=0, align="edge", zorder=2,
            label="given for another purpose, or a procedure", **_ASIDE,
        )  # fmt: skip
        high = 0.34 if first - named > 24 else 0.62
        axes.annotate(
            dated.record.drug.name, (first, high), fontsize=7.5, color=BLACK, zorder=3, va="bottom"
        )
        named = first if high < 0.6 else named


__all__ = ["therapy_timeline"]
