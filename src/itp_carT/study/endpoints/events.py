"""Adverse events by class, term and worst grade: treatment-emergent, by period, related, serious.

In immune thrombocytopenia most patients begin with a platelet count of grade 3 or 4: events no
worse than before treatment are counted apart, and cytopenias are shown as shifts from baseline.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any

from itp_carT.study.assess import GradedEvent, PatientResult, Plan
from itp_carT.study.columns import Origin
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.toxicity.emergence import TREATMENT_EMERGENT, Emergence
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.grades import Grade
from itp_carT.toxicity.incidence import (
    COUNTING,
    Incidence,
    WorstGrade,
    counted,
    incidence,
    worst_grades,
)

from .parts import count, treated
from .shifts import shifts

#: The registry's two periods: daily for two weeks, then monthly.
PERIODS = (("day 0 to 14", 0, 14), ("after day 14", 15, None))
#: Tables of incidence and their titles.
TABLES = {
    "emergent": "Treatment-emergent adverse events",
    "worse": "Treatment-emergent and worse than before treatment",
    **{f"period{first}": f"Treatment-emergent, onset {title}" for title, first, _ in PERIODS},
}
#: Figures: label and rule of each.
FIGURES = {
    "any": ("patients with a treatment-emergent event", "any grade"),
    "severe": (
        "patients with an event of grade 3 or worse",
        "treatment-emergent, worst grade surely 3 or worse",
    ),
    "severe_new": (
        "patients with an event of grade 3 or worse that is worse than before",
        "as above, and surely above the grade before treatment",
    ),
    "related": ("patients with a related event", "possible, probable or definite"),
    "serious": ("patients with a serious event", "by any criterion, or as stated"),
    "fatal": ("patients with a fatal event", "grade 5"),
}


def section(results: Sequence[PatientResult], plan: Plan) -> Section:
    """Return the adverse events of a study."""
    people = treated(results)
    names = [one.id for one in people]
    every = [graded for one in people for graded in one.events]
    emergent = [one for one in every if _counts(one)]
    listings = [
        _table("emergent", emergent, names),
        _table("worse", emergent, names, above_baseline=True),
        *_by_period(people),
        *shifts(people, plan.header.edition("ctcae")),
    ]  # fmt: skip
    notes = [
        f"Edition {plan.header.edition('ctcae')}.",
        "An event whose grade or onset is not known is in the column unknown, never grade 0.",
        (
            "Treatment-emergent are events that began or got worse from the first day of "
            f"lymphodepletion on ({TREATMENT_EMERGENT.source}); where that cannot be told they "
            "count."
        ),
        f"The worst grade of each patient counts ({COUNTING}).",
    ]
    notes += [f"{one.id}: {why}" for one in people if (why := one.refused.get("adverse events"))]
    return Section(
        key="events", title="Adverse events", numbers=list(_figures(every, emergent, len(people))),
        listings=listings, notes=notes,
    )  # fmt: skip


def _counts(one: GradedEvent) -> bool:
    """Say whether an event counts: unless it is surely not treatment-emergent."""
    return one.emergent is None or one.emergent.possible != (Emergence.NO,)


def _figures(
    every: Sequence[GradedEvent], emergent: Sequence[GradedEvent], among: int
) -> Iterable[Number]:
    for key in FIGURES:
        found = [one for one in (every if key == "fatal" else emergent) if belongs(one.event, key)]
        people = list(dict.fromkeys(one.event.patient for one in found))
        yield figure(key, people, among, rows=[one.record.at for one in found])


def belongs(event: AdverseEvent, key: str) -> bool:
    """Say whether an event is of the kind that a figure counts.

    Parameters
    ----------
    event
        An event; treatment-emergent, unless the figure is of fatal ones.
    key
        One of `FIGURES`.
    """
    least = event.at_least or 0
    match key:
        case "severe":
            return least >= Grade.G3
        case "severe_new":
            return least >= Grade.G3 and event.worsening.new_toxicity is True
        case "related":
            return bool(event.related)
        case "serious":
            return bool(event.serious)
        case "fatal":
            return event.at_least == Grade.G5
        case _:
            return True


def figure(key: str, people: Sequence[str], among: int, *, rows: Iterable[Origin] = ()) -> Number:
    """Return the count of patients with an event of a kind.

    Parameters
    ----------
    key
        One of `FIGURES`.
    people
        Who had one.
    among
        Everybody who was treated.
    rows
        Of the events.
    """
    label, rule = FIGURES[key]
    return count(f"events.{key}", label, people, among, rule=rule, citations=[COUNTING], rows=rows)


def _table(key: str, found: Iterable[GradedEvent], names: Sequence[str], **how: Any) -> Listing:
    return listing(key, incidence([one.event for one in found], names, **how))


def listing(key: str, table: Incidence) -> Listing:
    """Return patients per class, term and worst grade as a table of the report.

    Parameters
    ----------
    key
        One of `TABLES`.
    table
        The counts.
    """
    return Listing(
        key=f"events.{key}",
        title=f"{TABLES[key]} (n = {table.denominator})",
        columns=("class and term", "any grade", *(f"grade {n}" for n in range(1, 6)), "unknown"),
        rows=_rows(table),
    )


def _rows(table: Incidence) -> Iterable[tuple[Any, ...]]:
    for row in table.rows:
        name = row.name if row.term is None else f"\u2003{row.name}"
        yield name, row.any_grade, *(row.of(grade) for grade in range(1, 6)), row.unknown


def _by_period(people: Sequence[PatientResult]) -> Iterable[Listing]:
    """Count the events of each period; the onset of one may lie in either: it is unknown there."""
    for _, first, last in PERIODS:
        worst: dict[Any, list[WorstGrade]] = {}
        for one in people:
            zero = one.records.subject.infusion
            if zero is None:
                continue
            events = [graded.event for graded in one.events if _counts(graded)]
            low = zero + dt.timedelta(first)
            high = None if last is None else zero + dt.timedelta(last)
            for by in ("soc", "term"):
                for result in worst_grades(events, by=by, since=low, until=high):
                    worst.setdefault(result.group, []).append(result)
        yield listing(f"period{first}", counted(worst, [one.id for one in people]))


__all__ = ["FIGURES", "PERIODS", "TABLES", "belongs", "figure", "listing", "section"]
