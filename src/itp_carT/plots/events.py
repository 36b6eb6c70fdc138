"""The picture of adverse events: terms by patients, each cell the worst grade."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from .style import BLACK, GRAY, mark, new_figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from itp_carT.toxicity.incidence import WorstGrade

#: Light to dark, apart in gray and to the color-blind (ColorBrewer OrRd), with the ink upon it.
_FILLS = {1: ("#fee8c8", BLACK), 2: ("#fdbb84", BLACK), 3: ("#fc8d59", BLACK),
          4: ("#b30000", "white"), 5: ("#5c0011", "white")}  # fmt: skip
_SQUARE = ((0, 0), (1, 0), (1, 1), (0, 1))
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
    column = min(0.62, max(9 / max(len(patients), 4), 0.34))  # many patients stand closer
    figure = new_figure(3.4 + column * max(len(patients), 4), 1.3 + 0.34 * max(len(terms), 1))
    axes = figure.subplots()
    axes.set_title(title, loc="left", fontsize=11)
    axes.set_xlim(0, len(patients))
    axes.set_ylim(len(terms), 0)
    axes.set_xticks([at + 0.5 for at in range(len(patients))], patients, rotation=40, ha="left",
                    fontsize=8)  # fmt: skip
    axes.xaxis.tick_top()
    mark(axes.yaxis, [at + 0.5 for at in range(len(terms))], [term[:_LONGEST] for term in terms])
    axes.tick_params(axis="y", labelsize=9)
    axes.tick_params(length=0)
    for side in axes.spines.values():
        side.set_visible(False)
    _draw_cells(axes, [[cells[term].get(one) for one in patients] for term in terms])
    return figure


def _draw_cells(axes: Axes, rows: Sequence[Sequence[WorstGrade | None]]) -> None:
    from matplotlib.collections import PolyCollection

    squares, fills = [], []
    for row, found in enumerate(rows):
        for column, one in enumerate(found):
            text, fill, ink = _cell(one)
            squares.append([(column + x, row + y) for x, y in _SQUARE])
            fills.append(fill)
            if text:
                axes.text(column + 0.5, row + 0.52, text, ha="center", va="center", fontsize=9,
                          color=ink)  # fmt: skip
    axes.add_collection(
        PolyCollection(squares, facecolors=fills, edgecolors="#d0d0d0", linewidths=0.6),
        autolim=False,
    )


def _cell(found: WorstGrade | None) -> tuple[str, str, str]:
    """Return text, fill and ink of a cell."""
    if found is None:
        return "", "white", BLACK
    grade = found.at_least
    fill, ink = _FILLS.get(int(grade), ("white", BLACK)) if grade else ("white", GRAY)
    text = str(int(grade)) if grade else "?"
    # something unknown may make it worse
    return text + ("+" if grade and not found.settled else ""), fill, ink


__all__ = ["event_grid"]
