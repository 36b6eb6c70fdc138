"""The picture of a Kaplan-Meier curve."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .style import BLACK, BLUE, ORANGE, SKY, day_ticks, legend_below, mark, new_figure, plain_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from itp_carT.statistics import KaplanMeier


def kaplan_meier(
    curve: KaplanMeier, *, title: str = "", label: str = "still in response"
) -> Figure:
    """Draw a Kaplan-Meier curve with its interval, censoring marks and numbers at risk.

    Parameters
    ----------
    curve
        An estimate of `itp_carT.statistics`.
    title, label
        Words on the picture: its heading, and what the curve is the share of.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed.
    """
    figure = new_figure(7.5, 4.8)
    upper, lower = figure.subplots(2, 1, height_ratios=(9, 1), sharex=True)
    plain_axes(upper)
    _draw_curve(upper, curve)
    upper.set_ylim(0, 1.04)
    upper.set_ylabel(f"share {label}")
    upper.set_title(title, loc="left", fontsize=11, y=1.0)
    end = max((*curve.times, 1.0))
    lower.set_xlim(-0.02 * end, end * 1.03)
    found = day_ticks(0, end) if curve.unit == "d" else upper.get_xticks()
    ticks = [float(tick) for tick in found if 0 <= tick <= end]
    mark(lower.xaxis, ticks)
    lower.yaxis.set_visible(False)
    for side in ("top", "right", "left"):
        lower.spines[side].set_visible(False)
    lower.set_ylim(0, 1)
    for tick in ticks:
        lower.text(tick, 0.5, str(curve.at_risk_at(tick)), ha="center", va="center", fontsize=9)
    lower.set_title("number at risk", loc="left", fontsize=9, y=1.0)
    lower.set_xlabel({"d": "days"}.get(curve.unit, curve.unit))
    legend_below(figure, upper)
    return figure


def _draw_curve(axes: Axes, curve: KaplanMeier) -> None:
    """Draw the steps, the band where the interval is estimable, and the censored times."""
    times = [0.0, *(row.time for row in curve.rows)]
    shares = [1.0, *(row.survival for row in curve.rows)]
    axes.step(times, shares, where="post", color=BLUE, linewidth=2, label="Kaplan-Meier estimate")
    band = [row for row in curve.rows if row.lower is not None and row.upper is not None]
    if band:
        ends = [row.time for row in curve.rows if row.time > band[-1].time][:1]
        at = [*(row.time for row in band), *ends]
        axes.fill_between(
            at,
            [row.lower or 0.0 for row in band] + [band[-1].lower or 0.0] * len(ends),
            [row.upper or 0.0 for row in band] + [band[-1].upper or 0.0] * len(ends),
            step="post", facecolor=SKY, alpha=0.35, edgecolor=BLUE, linewidth=0.6,
            label=f"{100 * curve.confidence:g} % interval",
        )  # fmt: skip
    censored = curve.censored_times
    if censored:
        shares_there = [curve.survival_at(time) or 0.0 for time in censored]
        axes.plot(
            censored, shares_there, marker="|", markersize=11,
            markeredgewidth=1.8, color=BLACK, linestyle="", label="censored",
        )  # fmt: skip
    if curve.median is not None:
        axes.plot(
            [0, curve.median, curve.median], [0.5, 0.5, 0], color=ORANGE, linestyle="--",
            linewidth=1.2, label=f"median {curve.median:g} {curve.unit}",
        )  # fmt: skip


__all__ = ["kaplan_meier"]
