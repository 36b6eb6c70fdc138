"""The pictures of a report, as SVG text: cohort, panels, survival, events, therapy.

They need Matplotlib; without it the report has its tables alone and says so. The same analysis
gives the same bytes.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

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
    from itp_carT.plots import kaplan_meier, swimmer, trajectory

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
    for course in courses[:PANELS]:
        best = course.best.name
        yield Picture(
            "panels", _svg(trajectory(course)),
            f"Platelet counts of {course.patient} with the limits of response; best response "
            f"{best}.",
            f"{course.patient}: best response {best}",
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
    from itp_carT import plots

    draw: Any = getattr(plots, "therapy_timeline", None)
    if draw is None:
        return
    for one in infused(analysis.patients)[:PANELS]:
        if one.therapy is not None and one.therapy.agents:
            yield Picture(
                "therapy", _svg(draw(one.therapy)),
                f"Bars of the ITP drugs of {one.id} over time; doses are in the table.",
                f"{one.id}: ITP therapy",
            )  # fmt: skip


def _of(shown: int, every: int) -> str:
    return "" if shown == every else f" (the first {shown} of {every} patients)"


def _svg(figure: Figure) -> str:
    out = io.StringIO()
    figure.savefig(out, format="svg", metadata={"Date": None, "Creator": None})
    return re.sub(r"^.*?(?=<svg)", "", out.getvalue(), count=1, flags=re.DOTALL)


__all__ = ["LANES", "PANELS", "Picture", "pictures"]
