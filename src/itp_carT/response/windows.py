"""Which visit stands for week 1 and months 1, 6 and 12, and how long a month is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from attrs import field, frozen, validators

from itp_carT.days import MEAN_MONTH, add_months
from itp_carT.errors import MissingFactError

_MONTHS = {"month 1": 1, "month 6": 6, "month 12": 12}
_DAYS = {"month 1": 30.0, "month 6": 180.0, "month 12": 365.0}


@frozen(kw_only=True)
class Windows:
    """Day windows of named visits, from the infusion; none is published, all can be changed.

    Parameters
    ----------
    week_1, month_1, month_6, month_12
        First and last day that may stand for the visit.
    month
        ``"30 days"`` (6 months are 180, 12 months 365 days), ``"calendar"`` or ``"30.4375 days"``.
    tie
        Of two counts equally near: ``"later"`` or ``"earlier"``.
    """

    week_1: tuple[int, int] = (5, 9)
    month_1: tuple[int, int] = (23, 37)
    month_6: tuple[int, int] = (166, 194)
    month_12: tuple[int, int] = (335, 395)
    month: str = field(
        default="30 days", validator=validators.in_(("30 days", "calendar", "30.4375 days"))
    )
    tie: str = field(default="later", validator=validators.in_(("later", "earlier")))

    def bounds(self, visit: str) -> tuple[int, int]:
        """Return the first and last day of a visit's window."""
        bounds: tuple[int, int] = getattr(self, visit.replace(" ", "_"))
        return bounds

    def target(self, visit: str, infusion: date | None) -> float:
        """Return the day a visit is meant for, from the infusion."""
        if visit == "week 1":
            return 7.0
        if self.month == "30 days":
            return _DAYS[visit]
        if self.month == "30.4375 days":
            return _MONTHS[visit] * MEAN_MONTH
        if infusion is None:
            raise MissingFactError(
                "calendar months need the date of the infusion: give treated_on",
                field="treated_on",
            )
        return float((add_months(infusion, _MONTHS[visit]) - infusion).days)


def nearest(days: Sequence[int], windows: Windows, visit: str, infusion: date | None) -> int | None:
    """Return the position of the day that stands for a visit; None when no day does."""
    low, high = windows.bounds(visit)
    near = [at for at, day in enumerate(days) if low <= day <= high]
    if not near:
        return None
    target, later = windows.target(visit, infusion), windows.tie == "later"
    return min(near, key=lambda at: (abs(days[at] - target), -days[at] if later else days[at]))
