"""The picture of adverse events: terms by patients, each cell the worst grade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .style import BLACK, GRAY, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from itp_carT.toxicity.incidence import WorstGrade

#: Light to dark, apart in gray and to the color-blind (ColorBrewer OrRd), with the ink upon it.
_FILLS = {1: ("#fee8c8", BLACK), 2: ("#fdbb84", BLACK), 3: ("#fc8d59", BLACK),
          4: ("#b30000", "white"), 5: ("#5c0011", "white")}  # fmt: skip
_LONGEST = 44  # characters of a term


def event_grid(
    worst: Iterable[WorstGrade], patients: Sequence[str], *, title: str = "Worst grade by patient"
) -> Figure:
    """Draw the worst grade of each term in each patient; the grade is also written in its cell.

    Parameters
    ----------
    worst
        From `itp_carT.toxicity.incidence.worst_grades`, by term.
    patients
        Everybody, in the order of the columns.
    title
        Heading.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed.
    """
    cells: dict[str, dict[str, WorstGrade]] = {}
    for one in worst:
        cells.setdefault(str(getattr(one.group, "name", "any")), {})[one.patient] = one
    terms = sorted(cells, key=lambda term: (-len(cells[term]), term.casefold()))
    figure = new_figure(3.4 + 0.62 * max(len(patients), 4), 1.3 + 0.34 * max(len(terms), 1))
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlim(0, len(patients))
    axes.set_ylim(len(terms), 0)
    axes.set_xticks([at + 0.5 for at in range(len(patients))], patients, rotation=40, ha="left",
                    fontsize=8)  # fmt: skip
    axes.xaxis.tick_top()
    axes.set_yticks([at + 0.5 for at in range(len(terms))],
                    [term[:_LONGEST] for term in terms], fontsize=9)  # fmt: skip
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    for row, term in enumerate(terms):
        for column, patient in enumerate(patients):
            _cell(axes, row, column, cells[term].get(patient))
    return figure


def _cell(axes: Axes, row: int, column: int, found: WorstGrade | None) -> None:
    grade = None if found is None else found.at_least
    fill, ink = _FILLS.get(int(grade), ("white", BLACK)) if grade else ("white", GRAY)
    text = "" if found is None else str(int(grade)) if grade else "?"
    if found is not None and grade and not found.settled:
        text += "+"  # something unknown may make it worse
    from matplotlib.patches import Rectangle

    axes.add_patch(
        Rectangle((column, row), 1, 1, facecolor=fill, edgecolor="#d0d0d0", linewidth=0.6)
    )
    axes.text(column + 0.5, row + 0.52, text, ha="center", va="center", fontsize=9, color=ink)


__all__ = ["event_grid"]
