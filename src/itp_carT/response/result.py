"""What a platelet series says under one set of criteria: its visits, its responses, its course."""

from __future__ import annotations

from typing import NamedTuple

from attrs import field, frozen

from itp_carT.analytes import PLATELETS
from itp_carT.notation import equal, plain
from itp_carT.units import Quantity

from .criteria import Criteria
from .judge import PER_LITER
from .point import Response
from .walk import Walk


class Visit(NamedTuple):
    """One visit of the course: its status, whether it was used, and why (not).

    Parameters
    ----------
    day
        Days from the infusion.
    platelets
        The count [10^9/L]; None when missing.
    bleeding
        Yes, no or unknown since the previous assessment.
    status
        What the criteria say of it; NE where the facts leave it open or it was not used.
    used
        Whether the course rests on it.
    reason
        The limits behind the status, or why it was not used.
    """

    day: int
    platelets: float | None
    bleeding: bool | None
    status: Response
    used: bool
    reason: str

    def __str__(self) -> str:
        count = "no count" if self.platelets is None else f"{plain(self.platelets)} 10^9/L"
        return f"day {self.day}: {count} {self.status.name}: {self.reason}"


@frozen
class Episode:
    """A response from its day to its loss, or to the last assessment in response.

    Parameters
    ----------
    level
        The response held (or a better one).
    start, end
        Days from the infusion.
    event
        Whether it was lost; otherwise it is censored.
    why
        The reason of the loss or of the censoring.
    """

    level: Response
    start: int
    end: int
    event: bool
    why: str

    @property
    def days(self) -> int:
        """Duration of the response [days]."""
        return self.end - self.start

    def __str__(self) -> str:
        ending = "lost" if self.event else "censored"
        return (
            f"{self.level.name} day {self.start} to {self.end}, {self.days} d, {ending}: {self.why}"
        )


@frozen(kw_only=True)
class ResponseCourse:
    """What a platelet series says under one set of criteria.

    Parameters
    ----------
    criteria
        The definitions used, with their options.
    patient
        Subject identifier.
    baseline
        The baseline count [10^9/L]; None when there is none.
    best
        Best confirmed response; NE when no count could be judged.
    response
        The overall response from its day to its loss or censoring; None without a response, or
        where the criteria have no loss rule (then only ``responded_on`` is known).
    complete
        The same for complete response, where the criteria have a loss rule for it.
    responded_on, complete_on
        Day from the infusion on which the response, and the complete response, is dated.
    time_to_response
        Days from the start of the clock to ``responded_on``.
    at_month_6
        Status at the visit that stands for month 6.
    terms
        The criteria's named outcomes: True, False, or None where not evaluable.
    flags
        What a reader must know, e.g. ``"unconfirmed"``, ``"late"``, ``"on treatment"``.
    visits
        Every visit with its status and the reason.
    """

    criteria: Criteria
    patient: str | None
    baseline: Quantity | None
    best: Response
    response: Episode | None
    complete: Episode | None
    responded_on: int | None
    complete_on: int | None
    time_to_response: int | None
    at_month_6: Response
    terms: dict[str, bool | None]
    flags: tuple[str, ...]
    visits: tuple[Visit, ...]
    _walk: Walk = field(eq=False, repr=False, alias="_walk")

    @property
    def walk(self) -> Walk:
        """The walk behind the course, for adapters that keep it."""
        return self._walk

    @property
    def lost_on(self) -> int | None:
        """Day from the infusion on which the response was lost; None when it was not."""
        return self.response.end if self.response and self.response.event else None

    @property
    def duration(self) -> int | None:
        """Duration of the overall response [days], to its loss or censoring."""
        return self.response.days if self.response else None

    @property
    def rescues(self) -> tuple[tuple[int, float, str], ...]:
        """Each rescue: its day, the last day on which it bars counts, and what it was."""
        return tuple((mask.start, mask.last, mask.label) for mask in self._walk.masks)

    @property
    def share_in_response(self) -> float | None:
        """Share of the observed time in response; a visit holds until the next one."""
        open_or_none = (None, len(self.criteria.levels))
        held, total = self._walk.time(lambda at: self._walk.ranks[at] not in open_or_none)
        return held / total if total else None

    def days_at_least(self, count: str) -> int:
        """Return days on which the last count was at least a limit, e.g. ``"50 10^9/L"``."""
        limit = PLATELETS.number(PLATELETS.read(count), PER_LITER)
        held: list[bool] = []
        for visit in self._walk.used:
            value, last = visit.platelets, held[-1] if held else False
            held.append(last if value is None else value > limit or equal(value, limit))
        return self._walk.time(lambda at: held[at])[0]

    @property
    def working(self) -> tuple[str, ...]:
        """The course in sentences, with the source of the definitions."""
        lines = [f"{self.criteria.title} ({self.criteria.source})"]
        lines.append(f"baseline {self.baseline}" if self.baseline else "no baseline count")
        lines += [str(visit) for visit in self.visits]
        lines += [str(episode) for episode in (self.response, self.complete) if episode]
        lines += [f"flag: {flag}" for flag in self.flags]
        return tuple(lines)

    def __str__(self) -> str:
        who = f"{self.patient}: " if self.patient else ""
        when = "" if self.responded_on is None else f" from day {self.responded_on}"
        return f"{who}{self.best.label}{when}" + (f"; {self.response}" if self.response else "")
