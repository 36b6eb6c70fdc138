"""A figure that is only to be drawn: its axes placed from text measured once, its ticks as marks.

Matplotlib's solver draws a figure several times to find room for its labels, and keeps for every
tick five objects that somebody may yet change. That suits a figure to work with; a report draws
many that nobody will change.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure
    from matplotlib.text import Text

_EDGE = 5.0  # points between the outermost text and the edge, and between neighbors
_GAP = 4.0  # points between the labels of ticks and the label of their axis
_HINTED = 1.03  # how much wider the grid of pixels can make a text
_LINE = 1.25  # height of a line of text, in font sizes
_LEGEND_LINE = 1.72  # height of a row of a legend with its spacing, in font sizes
_TITLE_PAD = 6.0  # points under a title


class Ticks(NamedTuple):
    """What stands along an axis: places, labels, their size, length of the marks [points]."""

    places: Sequence[float]
    labels: Sequence[str]
    size: float
    length: float
    pad: float
    grid: dict[str, Any] | None

    @property
    def reach(self) -> float:
        """Points from the axis to its labels."""
        return self.length + self.pad


class Margins(NamedTuple):
    """Room that text takes around one pair of axes [points]."""

    left: float
    right: float
    bottom: float
    top: float


def settle(figure: Figure) -> None:
    """Place everything in a finished figure once and for all.

    The axes must have been made with ``figure.subplots``; a legend must stand below them. What is
    added to the figure later finds no room, and the ticks no longer follow the limits.
    """
    figure.set_layout_engine(None)  # "none" would still draw twice
    width, height = (72 * float(inches) for inches in figure.get_size_inches())
    taken = {axes: _margins(axes, width) for axes in figure.axes}
    low = _EDGE + sum(_legend_height(figure) for _ in figure.legends[:1])
    high = height - _EDGE - (_LINE * 12 + _EDGE if figure.get_suptitle() else 0)
    grid = _grid(figure)
    across = [_most([row[at] for row in grid], taken) for at in range(len(grid[0]))]
    along = [_most(row, taken) for row in grid]
    free = width - sum(one.left + one.right for one in across) - 2 * _EDGE
    tall = high - low - sum(one.bottom + one.top for one in along)
    wide = max(free / len(across), 1.0)
    top = high
    for row, share, margins in zip(grid, _shares(figure, len(grid)), along, strict=True):
        deep = max(tall * share, 1.0)
        top -= margins.top
        left = _EDGE
        for axes, beside in zip(row, across, strict=True):
            left += beside.left
            if axes is not None:
                axes.set_position(
                    (left / width, (top - deep) / height, wide / width, deep / height)
                )
                _fix_y(axes, wide)
                _fix_x(axes, deep)
            left += wide + beside.right
        top -= deep + margins.bottom


def _grid(figure: Figure) -> list[list[Axes | None]]:
    """Return the axes by row and column; a place may be empty."""
    specs = [(axes, axes.get_subplotspec()) for axes in figure.axes]
    found = {(spec.rowspan.start, spec.colspan.start): axes for axes, spec in specs if spec}
    rows = 1 + max(row for row, _ in found)
    columns = 1 + max(column for _, column in found)
    return [[found.get((row, column)) for column in range(columns)] for row in range(rows)]


def _shares(figure: Figure, rows: int) -> list[float]:
    spec = figure.axes[0].get_subplotspec()
    ratios: Any = spec.get_gridspec().get_height_ratios() if spec else None
    found = [float(one) for one in ratios] if ratios is not None else [1.0] * rows
    return [one / sum(found) for one in found]


def _most(line: Sequence[Axes | None], taken: dict[Axes, Margins]) -> Margins:
    known = [taken[axes] for axes in line if axes is not None]
    return Margins(*(max(sides) for sides in zip(*known, strict=True)))


# --- what text takes ------------------------------------------------------------------------------


@lru_cache(4096)
def _wide(text: str, size: float, family: tuple[str, ...]) -> float:
    """Return the width of a line of text [points]."""
    from matplotlib.font_manager import FontProperties
    from matplotlib.textpath import text_to_path

    prop = FontProperties(family=list(family), size=size)
    wide = text_to_path.get_text_width_height_descent(text, prop, ismath=False)[0]
    return _HINTED * float(wide)


def _family() -> tuple[str, ...]:
    from matplotlib import rcParams

    named: Any = rcParams["font.family"]
    return (named,) if isinstance(named, str) else tuple(named)


def _points(size: float | str) -> float:
    from matplotlib.font_manager import FontProperties

    return float(FontProperties(size=size).get_size_in_points())


def _size(text: Text) -> tuple[float, float]:
    """Return width and height of a line of text, which may be turned [points]."""
    size = float(text.get_fontsize())
    wide = _wide(text.get_text(), size, _family())
    turned = math.radians(float(text.get_rotation()))
    cos, sin = abs(math.cos(turned)), abs(math.sin(turned))
    return wide * cos + _LINE * size * sin, wide * sin + _LINE * size * cos


def _ticks(axis: Axis) -> Ticks:
    """Return the ticks within the limits without making them."""
    from matplotlib import rcParams

    usual: Any = rcParams
    look = axis.get_tick_params()
    name = _name(axis)
    low, high = sorted(axis.get_view_interval())
    found = list(axis.get_majorticklocs())
    labels = axis.get_major_formatter().format_ticks(found)
    slack = 1e-9 * (high - low)
    inside = [
        (float(place), label)
        for place, label in zip(found, labels, strict=False)
        if low - slack <= place <= high + slack
    ]
    grid = None
    if look.get("gridOn"):
        grid = {"colors": look["grid_color"], "linewidths": look["grid_linewidth"]}
    return Ticks(
        [place for place, _ in inside],
        [label for _, label in inside],
        _points(look.get("labelsize", usual[f"{name}tick.labelsize"])),
        float(look.get("length", usual[f"{name}tick.major.size"])),
        float(look.get("pad", usual[f"{name}tick.major.pad"])),
        grid,
    )


def _label_room(axis: Axis) -> tuple[float, float]:
    """Return the largest width and height of the labels at the ticks, with their gap [points]."""
    if not axis.get_visible():
        return 0.0, 0.0
    if _on_top(axis):
        sizes = [_size(label) for label in axis.get_ticklabels()]
        return max(one for one, _ in sizes) + 7, max(one for _, one in sizes) + 7
    if not axis.get_tick_params().get("labelbottom", True):  # shared with the axes below
        return 0.0, 0.0
    ticks = _ticks(axis)
    lines = [label.split("\n") for label in ticks.labels if label]
    if not lines:
        return 0.0, 0.0
    wide = max(_wide(line, ticks.size, _family()) for label in lines for line in label)
    return wide + ticks.reach, _LINE * ticks.size * max(map(len, lines)) + ticks.reach


def _name(axis: Axis) -> str:
    return str(getattr(axis, "axis_name", "x"))  # not in the types of every Matplotlib


def _on_top(axis: Axis) -> bool:
    return _name(axis) == "x" and getattr(axis, "get_ticks_position", str)() == "top"


def _margins(axes: Axes, width: float) -> Margins:
    left, _ = _label_room(axes.yaxis)
    _, bottom = _label_room(axes.xaxis)
    top, right = 0.0, 2 * _EDGE
    if axes.get_ylabel() and axes.yaxis.get_visible():
        left += _size(axes.yaxis.label)[0] + _GAP
    if _on_top(axes.xaxis):
        bottom, top = 0.0, bottom
        right += _overhang(axes, width - left)
    if axes.get_xlabel() and axes.xaxis.get_visible():
        bottom += _size(axes.xaxis.label)[1] + _GAP
    if axes.get_title(loc="left"):
        top += 11 * _LINE + _TITLE_PAD
    return Margins(left, right, max(bottom, _EDGE), top)


def _overhang(axes: Axes, room: float) -> float:
    """Return how far labels that start at their tick go beyond the right end [points]."""
    low, high = axes.get_xlim()
    ends = [
        _size(label)[0] - room * (high - tick) / (high - low)
        for tick, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=False)
    ]
    return float(max(0.0, *ends))


def _legend_height(figure: Figure) -> float:
    legend = figure.legends[0]
    texts = legend.get_texts()
    rows = math.ceil(len(texts) / int(getattr(legend, "_ncols", 1)))
    return (_LEGEND_LINE * rows + 1.0) * float(texts[0].get_fontsize()) if texts else 0.0


# --- ticks as marks -------------------------------------------------------------------------------


def _fix_y(axes: Axes, wide: float) -> None:
    """Draw the ticks, lines and labels of the y-axis as what they are, and drop the axis."""
    axis = axes.yaxis
    if not axis.get_visible():
        return
    ticks, room = _ticks(axis), _label_room(axis)[0]
    across = axes.get_yaxis_transform()
    if ticks.grid:
        axes.hlines(ticks.places, 0, 1, transform=across, zorder=0.5, **ticks.grid)
    if ticks.length:
        axes.plot(
            [0] * len(ticks.places), ticks.places, transform=across, marker=0, linestyle="",
            markersize=ticks.length, color="black", markeredgewidth=0.8, clip_on=False,
        )  # fmt: skip
    for place, label in zip(ticks.places, ticks.labels, strict=True):
        axes.text(-ticks.reach / wide, place, label, transform=across, ha="right",
                  va="center_baseline", fontsize=ticks.size)  # fmt: skip
    if axes.get_ylabel():
        axes.text(
            -(room + _GAP) / wide, 0.5, axes.get_ylabel(), transform=axes.transAxes, rotation=90,
            rotation_mode="anchor", ha="center", va="bottom", fontsize=axis.label.get_fontsize(),
        )  # fmt: skip
    axis.set_visible(False)


def _fix_x(axes: Axes, deep: float) -> None:
    """Draw the ticks, lines and labels of the x-axis as what they are, and drop the axis."""
    axis = axes.xaxis
    if not axis.get_visible() or _on_top(axis):
        return
    ticks, room = _ticks(axis), _label_room(axis)[1]
    along = axes.get_xaxis_transform()
    if ticks.grid:
        axes.vlines(ticks.places, 0, 1, transform=along, zorder=0.5, **ticks.grid)
    if ticks.length:
        axes.plot(
            ticks.places, [0] * len(ticks.places), transform=along, marker=3, linestyle="",
            markersize=ticks.length, color="black", markeredgewidth=0.8, clip_on=False,
        )  # fmt: skip
    if room:
        for place, label in zip(ticks.places, ticks.labels, strict=True):
            axes.text(place, -ticks.reach / deep, label, transform=along, ha="center", va="top",
                      fontsize=ticks.size)  # fmt: skip
    if axes.get_xlabel():
        axes.text(
            0.5, -(room + _GAP) / deep, axes.get_xlabel(), transform=axes.transAxes, ha="center",
            va="top", fontsize=axis.label.get_fontsize(),
        )  # fmt: skip
    axis.set_visible(False)


__all__ = ["settle"]
