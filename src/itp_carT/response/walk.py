"""The fold over dated counts: which are used, when a level is confirmed, when it is lost.

Plain arrays of numbers, so that a course costs microseconds per visit; `itp_carT.response.course`
puts words to them. A rank is the position of a response among the levels of the criteria (0 is
the best); a count whose status is open has no rank and neither confirms nor breaks a run.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from typing import Any, NamedTuple

from .criteria import Criteria
from .judge import Judge, asks_bleeding
from .point import Response
from .records import RescueKind


class Loss(NamedTuple):
    """End of a level: its day, whether it was lost, and why."""

    day: int
    event: bool
    why: str


class Mask(NamedTuple):
    """A rescue: its day, the last day on which it bars counts, and what it was."""

    start: int
    last: float
    label: str
    ends_response: bool


class Walk:
    """The used visits of one patient in the order of their days."""

    __slots__ = (
        "_asks_bleeding",
        "baseline",
        "criteria",
        "days",
        "failed",
        "masks",
        "options",
        "ranks",
        "used",
    )

    def __init__(self, criteria: Criteria) -> None:
        self.criteria = criteria
        self.options = criteria.options
        self.baseline: float | None = None
        self.days: list[int] = []
        self.used: Sequence[Any] = ()
        self.ranks: list[int | None] = []
        self.masks: list[Mask] = []
        self.failed = False
        self._asks_bleeding = asks_bleeding(criteria.point)

    def add_rescue(self, start: int, end: int, kind: RescueKind) -> None:
        """Take note of a rescue; what it does is the options' choice."""
        options = self.options
        ignored = kind is RescueKind.CRS_STEROID and options.crs_steroids == "ignored"
        if options.rescue == "ignored" or ignored:
            return
        transfusion = kind is RescueKind.PLATELET_TRANSFUSION
        last: float = end + (options.transfusion_days if transfusion else options.rescue_days)
        # what was begun before the infusion is no failure of it, and bars counts like any rescue
        after = start >= 0
        failure = after and transfusion and options.transfusion == "failure"
        if failure or (after and kind is RescueKind.NEW_THERAPY):
            last = inf
        self.failed = self.failed or failure
        ends = options.rescue == "loss" and not (transfusion and options.transfusion == "mask")
        self.masks.append(Mask(start, last, kind.label, ends))

    def masked(self, day: int) -> str:
        """Say which rescue bars a day; empty when none does."""
        for mask in self.masks:
            if mask.start < day <= mask.last:
                until = "from then on" if mask.last == inf else f"to day {int(mask.last)}"
                return f"not used: {mask.label} on day {mask.start} bars counts {until}"
        return ""

    def take(self, used: Sequence[Any]) -> None:
        """Take over the visits the course rests on, in the order of their days."""
        levels, weaker, open_ = self.criteria.levels, len(self.criteria.levels), Response.NE
        best = levels[0]
        self.used = used
        self.days = [visit.day for visit in used]
        self.ranks = [
            None
            if (status := visit.status) is open_
            else 0
            if status is best
            else levels.index(status)
            if status in levels
            else weaker
            for visit in used
        ]

    def confirmed(self, rank: int) -> tuple[int, int] | None:
        """Return the positions of the first two counts that confirm a level.

        The second is far enough from the first, every count between them qualifies (an open one
        does not matter), and no rescue falls between them.
        """
        days, options = self.days, self.options
        gap, strict = options.confirm_response_days, options.between == "all"
        first, last = options.first_day, inf if options.last_day is None else options.last_day
        starts = sorted(mask.start for mask in self.masks)
        begin: int | None = None
        pending = 0
        for at, found in enumerate(self.ranks):
            day = days[at]
            while pending < len(starts) and starts[pending] < day:
                if begin is not None and days[begin] <= starts[pending]:
                    begin = None
                pending += 1
            if found is None:
                continue
            if found > rank:
                begin = None if strict else begin
                continue
            if begin is None:
                if not first <= day <= last:
                    continue
                begin = at
            if day - days[begin] >= gap:
                return begin, at
        return None

    def follow(self, rank: int, first: int, second: int) -> Loss:
        """Follow a confirmed level to its loss or to the end of the counts."""
        days = self.days
        ending = [mask for mask in self.masks if mask.ends_response and mask.start >= days[first]]
        stop = min(ending) if ending else None
        last, doubt = days[second], ""
        for at in range(second + 1, len(days)):
            found, day = self.ranks[at], days[at]
            if stop is not None and day > stop.start:
                break
            if found is None:
                continue
            if found <= rank:
                last, doubt = day, ""
                continue
            if why := self._lost(at, rank):
                return Loss(day, True, why)
            doubt = "; unconfirmed loss at the last count"
        if stop is not None:
            return Loss(stop.start, True, f"rescue: {stop.label}")
        return Loss(last, False, f"last assessment in response{doubt}")

    def _lost(self, at: int, rank: int) -> str:
        """Say why a failing count is a loss; empty when it is a single dip."""
        options = self.options
        if self._bled(at, rank):
            later = self._next(at, 1)
            twice = later is not None and self._fails(later, rank)
            return "bleeding" if twice or not options.bleeding_twice else ""
        if options.confirm_loss_days == 0:
            return "platelets"
        later = self._next(at, options.confirm_loss_days)
        # a second count that fails by bleeding alone is a loss of its own, on its own day
        if later is None or not self._fails(later, rank) or self._only_bled(later, rank):
            return ""
        return "platelets"

    def _next(self, at: int, gap: int) -> int | None:
        """Return the next count with a status, at least so many days later."""
        for later in range(at + 1, len(self.days)):
            if self.ranks[later] is not None and self.days[later] - self.days[at] >= gap:
                return later
        return None

    def _fails(self, at: int, rank: int) -> bool:
        found = self.ranks[at]
        return found is not None and found > rank

    def _bled(self, at: int, rank: int) -> bool:
        """Whether bleeding makes this count fail, whatever the platelets."""
        return self._asks_bleeding and bool(self.used[at].bleeding) and self._fails(at, rank)

    def _only_bled(self, at: int, rank: int) -> bool:
        """Whether bleeding alone makes this count fail: its platelets, as far as known, do not."""
        if not self._bled(at, rank):
            return False
        count, levels = self.used[at].platelets, self.criteria.levels
        calm = Judge(self.criteria.point, self.baseline)(count, False).status
        return calm is Response.NE or (calm in levels and levels.index(calm) <= rank)

    def time(self, holds: Callable[[int], Any]) -> tuple[int, int]:
        """Return days for which a visit holds (to the next one), and days observed."""
        held = total = 0
        for at in range(len(self.days) - 1):
            span = self.days[at + 1] - self.days[at]
            total += span
            held += span if holds(at) else 0
        return held, total
