"""The picture of how dose-escalation designs behave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from itp_carT.errors import ImpossibleError, MissingFactError

from .style import BLUE, GRAY, GREEN, ORANGE, PURPLE, new_figure, plain_axes

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from itp_carT.escalation.simulation import Characteristics


def operating_characteristics(results: Sequence[Characteristics]) -> Figure:
    """Draw what each design selects, how many patients it treats where, and their toxicities.

    A gate, which selects no level, has no bar in the first panel.

    Parameters
    ----------
    results
        Results of `itp_carT.escalation.simulation.simulate` in one scenario.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or there is no result.
    ImpossibleError
        The results are of different true rates.
    """
    if not results:
        raise MissingFactError("there is no result to draw", field="results")
    rates = results[0].scenario.rates
    if any(result.scenario.rates != rates for result in results):
        raise ImpossibleError(
            "the results are of different true rates: draw one scenario at a time", field="results"
        )
    figure = new_figure(11, 4.2)
    panels = figure.subplots(1, 3)
    width = 0.8 / len(results)
    styles = ((BLUE, ""), (ORANGE, "///"), (GREEN, "..."), (PURPLE, "xxx"), (GRAY, "\\\\"))
    for at, result in enumerate(results):
        color, hatch = styles[at % len(styles)]
        shift = (at - (len(results) - 1) / 2) * width
        places = [level + shift for level in range(len(rates))]
        look: dict[str, Any] = {"facecolor": color, "hatch": hatch, "edgecolor": "white"}
        chosen = [100 * share for share in result.selected or ()]
        panels[0].bar(places[: len(chosen)], chosen, width, **look)
        panels[1].bar(places, list(result.patients), width, label=result.design, **look)
        panels[2].bar(places, list(result.toxicities), width, **look)
    names = [f"{level}\n{float(rate):g}" for level, rate in enumerate(rates, start=1)]
    labels = ("selected [% of trials]", "patients per trial", "toxicities per trial")
    for axes, label in zip(panels, labels, strict=True):
        plain_axes(axes)
        axes.set_xticks(range(len(rates)), names)
        axes.set_xlabel("level, true rate of toxicity")
        axes.set_ylabel(label)
    figure.legend(loc="outside upper center", ncols=len(results), frameon=False, fontsize=9)
    return figure


__all__ = ["operating_characteristics"]
