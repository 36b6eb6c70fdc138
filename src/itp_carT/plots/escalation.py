"""The picture of how dose-escalation designs behave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from itp_carT.errors import MissingFactError

from .style import BLUE, GRAY, GREEN, ORANGE, PURPLE, new_figure, plain_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from itp_carT.escalation.simulation import Characteristics


def operating_characteristics(results: Sequence[Characteristics]) -> Figure:
    """Draw how often each design selects each level, and how many patients it treats there.

    Parameters
    ----------
    results
        Results of `itp_carT.escalation.simulation.simulate` in one scenario.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or there is no result.
    """
    if not results:
        raise MissingFactError("there is no result to draw", field="results")
    figure = new_figure(9, 4.2)
    left, right = figure.subplots(1, 2)
    rates = results[0].scenario.rates
    width = 0.8 / len(results)
    styles = ((BLUE, ""), (ORANGE, "///"), (GREEN, "..."), (PURPLE, "xxx"), (GRAY, "\\\\"))
    for at, result in enumerate(results):
        color, hatch = styles[at % len(styles)]
        shift = (at - (len(results) - 1) / 2) * width
        places = [level + shift for level in range(len(rates))]
        look: dict[str, Any] = {"facecolor": color, "hatch": hatch, "edgecolor": "white"}
        left.bar(places, [100 * s for s in result.selected], width, label=result.design, **look)
        right.bar(places, list(result.patients), width, **look)
    names = [f"{level}\n{float(rate):g}" for level, rate in enumerate(rates, start=1)]
    for axes, label in ((left, "selected [% of trials]"), (right, "patients per trial")):
        plain_axes(axes)
        axes.set_xticks(range(len(rates)), names)
        axes.set_xlabel("level, true rate of toxicity")
        axes.set_ylabel(label)
    left.legend(frameon=False, fontsize=9)
    return figure


__all__ = ["operating_characteristics"]
