"""What the pictures share: colors, a figure without the global state of pyplot, plain axes."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from itp_carT.errors import MissingFactError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.axis import Axis
    from matplotlib.figure import Figure

#: Okabe and Ito's palette, by what it stands for here.
BLACK, BLUE, SKY, GREEN = "#000000", "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILLION, PURPLE, GRAY = "#E69F00", "#D55E00", "#CC79A7", "#6B6B6B"


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure [inches].

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingFactError(
            'pictures need Matplotlib: install it with  pip install "itp-cart[plots]"'
        ) from error
    return Figure(figsize=(width, height), layout="constrained")


def plain_axes(axes: Axes) -> None:
    """Leave the axes two sides and faint horizontal lines."""
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=True, axis="y", color="#E3E3E3", linewidth=0.6)
    axes.set_axisbelow(True)


def legend_below(figure: Figure, *panels: Axes, ncols: int = 4) -> None:
    """Put one legend under all axes, each label once."""
    unique: dict[str, Any] = {}
    for axes in panels:
        handles, labels = axes.get_legend_handles_labels()
        unique.update(zip(labels, handles, strict=True))
    figure.legend(
        unique.values(), unique.keys(), loc="outside lower left", ncols=ncols, frameon=False,
        fontsize=9,
    )  # fmt: skip


_STEPS = (1, 2, 5, 7, 14, 30, 60, 90, 180, 365, 730, 1825, 3650)  # days people count in


def day_ticks(low: float, high: float, *, most: int = 9) -> list[int]:
    """Return days to mark between two ends, day 0 among them if it lies between."""
    step = next((one for one in _STEPS if (high - low) / one < most), _STEPS[-1])
    return [at * step for at in range(math.ceil(low / step), math.floor(high / step) + 1)]


def mark(axis: Axis, places: Sequence[float], labels: Sequence[str] | None = None) -> None:
    """Mark places on an axis; quicker than ``set_xticks``, which makes every tick at once."""
    from matplotlib.ticker import FixedFormatter, FixedLocator

    axis.set_major_locator(FixedLocator(places))
    words = [f"{place:g}".replace("-", "\N{MINUS SIGN}") for place in places]
    axis.set_major_formatter(FixedFormatter(words if labels is None else labels))


def fine_lines(axes: Axes, days: Sequence[float], levels: Sequence[float] = ()) -> None:
    """Draw faint lines behind axes that stand among others and have no numbers of their own."""
    look: dict[str, Any] = {"colors": "#E3E3E3", "linewidths": 0.6, "zorder": 0.5}
    axes.vlines(days, 0, 1, transform=axes.get_xaxis_transform(), **look)
    if levels:
        axes.hlines(levels, 0, 1, transform=axes.get_yaxis_transform(), **look)


def infusion_line(axes: Axes) -> None:
    """Draw the day of the infusion as a dashed line with its name."""
    axes.axvline(0, color=PURPLE, linewidth=1.6, linestyle=(0, (4, 2)), zorder=1)
    axes.annotate(
        "infusion", (0, 0.985), (-4, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", color=BLACK, fontsize=9, va="top", ha="right", rotation=90,
    )  # fmt: skip


__all__ = [
    "BLACK",
    "BLUE",
    "GRAY",
    "GREEN",
    "ORANGE",
    "PURPLE",
    "SKY",
    "VERMILLION",
    "day_ticks",
    "fine_lines",
    "infusion_line",
    "legend_below",
    "mark",
    "new_figure",
    "plain_axes",
]
