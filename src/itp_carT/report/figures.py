"""The pictures of a report, as SVG text: cohort, panels, survival, events, therapy.

They need Matplotlib; without it the report has its tables alone and says so. The same analysis
gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from itp_carT.errors import MissingFactError
from itp_carT.study.analysis import Analysis
from itp_carT.study.endpoints.parts import infused, treated
from itp_carT.study.endpoints.response import survival
from itp_carT.toxicity.emergence import Emergence
from itp_carT.toxicity.incidence import worst_grades

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Patients who get a panel of their own; more are in the tables.
PANELS = 12
#: Patients in one picture of a cohort.
LANES = 40
_TOGETHER = 6  # patients side by side in one picture
_T = TypeVar("_T")


class Picture(NamedTuple):
    """A picture: the section it belongs to, its SVG, words for it, and its caption."""

    section: str
    svg: str
    words: str
    caption: str


def pictures(analysis: Analysis) -> Iterator[Picture]:
    """Draw every picture that the data allow.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed.
    """
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise MissingFactError("pictures need Matplotlib") from error
    # text stays text, and names inside do not depend on chance
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "itp_carT"}):
        yield from _response(analysis)
        yield from _events(analysis)
        yield from _therapy(analysis)


def _response(analysis: Analysis) -> Iterator[Picture]:
    from itp_carT.plots import kaplan_meier, swimmer, trajectories

    courses = [one.course for one in infused(analysis.patients) if one.course is not None]
    if not courses:
        return
    shown = courses[:LANES]
    yield Picture(
        "response", _svg(swimmer(shown)),
        f"Lanes of {len(shown)} patients from the infusion to their last visit, with response, "
        "loss and rescue; the same facts are in the table below.",
        "Response by patient" + _of(len(shown), len(courses)),
    )  # fmt: skip
    curve = survival(analysis.patients)
    if curve is not None:
        yield Picture(
            "response", _svg(kaplan_meier(curve, title="Duration of response")), curve.because,
            "Duration of response, Kaplan-Meier with 95 % interval (log-log) and numbers at risk",
        )  # fmt: skip
    counted = [one for one in courses if any(visit.platelets is not None for visit in one.visits)]
    for some in _by(_TOGETHER, counted[:PANELS]):
        bests = "; ".join(f"{one.patient} best response {one.best.name}" for one in some)
        yield Picture(
            "panels", _svg(trajectories(some)),
            "Platelet counts over time, one panel for each patient, with the limits of response: "
            f"{bests}.",
            f"Platelet counts of {', '.join(str(one.patient) for one in some)}"
            + _of(len(counted[:PANELS]), len(counted)),
        )  # fmt: skip


def _events(analysis: Analysis) -> Iterator[Picture]:
    from itp_carT.plots import event_grid

    people = [one.id for one in treated(analysis.patients)][:LANES]
    found = [
        graded.event
        for one in analysis.patients
        for graded in one.events
        if one.id in people
        and (graded.emergent is None or graded.emergent.possible != (Emergence.NO,))
    ]
    if found:
        yield Picture(
            "events", _svg(event_grid(worst_grades(found), people)),
            "Grid of treatment-emergent terms by patients with the worst grade in each cell; the "
            "counts are in the table below.",
            "Worst grade by term and patient; ? is a grade that is not known, + one that could be "
            "worse" + _of(len(people), len(treated(analysis.patients))),
        )  # fmt: skip


def _therapy(analysis: Analysis) -> Iterator[Picture]:
    from itp_carT.plots import therapy_timeline

    treated_so = [
        one for one in infused(analysis.patients) if one.therapy is not None and one.therapy.agents
    ]
    drawn = treated_so[:PANELS]
    for some in _by(_TOGETHER, drawn):
        names = ", ".join(one.id for one in some)
        yield Picture(
            "therapy", _svg(therapy_timeline([one.therapy for one in some if one.therapy])),
            f"Bars of the ITP drugs of {names} over time; doses are in the table.",
            f"ITP therapy of {names}" + _of(len(drawn), len(treated_so)),
        )  # fmt: skip


def _by(size: int, every: Sequence[_T]) -> Iterator[Sequence[_T]]:
    return (every[at : at + size] for at in range(0, len(every), size))


def _of(shown: int, every: int) -> str:
    return "" if shown == every else f" (the first {shown} of {every} patients)"


def _svg(figure: Figure) -> str:
    from itp_carT.plots.layout import settle

    settle(figure)  # nobody goes on working with it, and the solver is slow
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(r"^.*?(?=<svg)", "", out.getvalue(), count=1, flags=re.DOTALL)


__all__ = ["LANES", "PANELS", "Picture", "pictures"]
