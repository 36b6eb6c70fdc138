"""The scales of a questionnaire side by side: now against baseline, with the published ranges."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itp_carT.errors import MissingFactError
from itp_carT.quality_of_life.profile import Band, Change, Profile
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.rounding import fixed

from .style import BLACK, BLUE, GRAY, GREEN, PURPLE, VERMILLION, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_BAND = "#BFE3D3"
_LOOKS = {"better": (GREEN, ">"), "worse": (VERMILLION, "<"), "same": (BLUE, "o")}


def scale_profile(
    questionnaire: Questionnaire, now: Profile, *, baseline: Profile, title: str | None = None
) -> Figure:
    """Draw every scale of one person now, at baseline, and how large a change would matter.

    Parameters
    ----------
    questionnaire
        Gives names and published differences.
    now, baseline
        The two assessments.
    title
        Heading; by default the person and the two visits.

    Returns
    -------
    A figure; scores run from 0 (worst) to 100 (best). The band beside the baseline is the range
    of the minimal important difference, for the better and for the worse.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or no scale was scored.
    """
    changes = questionnaire.changes(now, baseline)
    if not any(now[one.scale].settled or baseline[one.scale].settled for one in changes):
        raise MissingFactError("no scale was scored: there is nothing to draw", field="now")
    figure = new_figure(9.5, 1.6 + 0.44 * len(changes))
    axes = figure.subplots()
    for row, one in enumerate(changes):
        _draw_scale(axes, row, one, now, baseline)
    labels = [_label(questionnaire, one.scale) for one in changes]
    axes.set_yticks(range(len(changes)), labels, fontsize=9)
    axes.set_ylim(len(changes) - 0.4, -0.6)
    axes.set_xlim(-2, 102)
    axes.set_xticks(range(0, 101, 10))
    axes.set_xlabel("score, 0 (worst) to 100 (best)")
    for side in ("top", "right", "left"):
        axes.spines[side].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=True, axis="x", color="#E3E3E3", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.set_title(title or _heading(questionnaire, now, baseline), loc="left", fontsize=11)
    _legend(figure)
    return figure


def _label(questionnaire: Questionnaire, key: str) -> str:
    scale = questionnaire[key]
    return f"{'part: ' if scale.part_of else ''}{scale.label} ({key})"


def _heading(questionnaire: Questionnaire, now: Profile, baseline: Profile) -> str:
    who = f"{now.patient}: " if now.patient else ""
    when = f", {now.visit} against {baseline.visit}" if now.visit and baseline.visit else ""
    return f"{who}{questionnaire.name}{when or ', now against baseline'}"


def _draw_scale(axes: Axes, row: int, one: Change, now: Profile, baseline: Profile) -> None:
    before, after = baseline[one.scale], now[one.scale]
    axes.axhline(row, color="#EFEFEF", linewidth=1, zorder=0)
    if before.settled and one.mid is not None and one.mid.low is not None:
        low, high = float(one.mid.low), float(one.mid.high or 0)
        for start in (before.value + low, before.value - high):
            left, right = max(start, 0.0), min(start + high - low, 100.0)
            if right > left:
                axes.barh(
                    row, right - left, left=left, height=0.62, facecolor=_BAND, hatch="....",
                    edgecolor="#7FBFA5", linewidth=0, zorder=1,
                )  # fmt: skip
    if before.settled:
        axes.plot(
            [before.value], [row], marker="o", markersize=9, markerfacecolor="white",
            markeredgecolor=BLACK, markeredgewidth=1.6, linestyle="", zorder=4,
        )  # fmt: skip
    if after.settled:
        color, marker = _LOOKS.get(one.direction, (PURPLE, "D"))
        if before.settled:
            axes.plot([before.value, after.value], [row, row], color=color, linewidth=2, zorder=2)
        axes.plot(
            [after.value], [row], marker=marker, markersize=9, color=color, linestyle="", zorder=5
        )
    axes.annotate(
        _words(one), (1.01, row), xycoords=("axes fraction", "data"), va="center", fontsize=9,
        color=BLACK if one.band is not None else GRAY, annotation_clip=False,
    )  # fmt: skip


def _words(one: Change) -> str:
    if one.difference is not None:
        words = "no MID published" if one.band is Band.NONE_PUBLISHED else None
        words = words or ("" if one.band is None else one.band.label)
        return f"{fixed(one.difference, 1, signed=True)}{f', {words}' if words else ''}"
    return f"no change known: {one.reason.partition(':')[0]}"


def _legend(figure: Figure) -> None:
    from matplotlib.lines import Line2D
    from matplotlib.patches import Patch

    marks: list[tuple[str, dict[str, Any]]] = [
        ("baseline", {"marker": "o", "markerfacecolor": "white", "markeredgecolor": BLACK}),
        *((name, {"marker": mark, "color": color}) for name, (color, mark) in _LOOKS.items()),
        ("no baseline", {"marker": "D", "color": PURPLE}),
    ]
    handles: list[Any] = [
        Line2D([], [], linestyle="", markersize=9, label=name, **look) for name, look in marks
    ]
    handles.append(
        Patch(facecolor=_BAND, hatch="....", edgecolor="#7FBFA5", linewidth=0,
              label="minimal important difference from baseline")
    )  # fmt: skip
    figure.legend(handles=handles, loc="outside lower left", ncols=6, frameon=False, fontsize=9)


__all__ = ["scale_profile"]
