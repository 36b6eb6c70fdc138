"""What the pictures share: colors, a figure without the global state of pyplot, plain axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from itp_carT.errors import MissingFactError

if TYPE_CHECKING:
    from matplotlib.axes import Axes
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
    "infusion_line",
    "legend_below",
    "new_figure",
    "plain_axes",
]
