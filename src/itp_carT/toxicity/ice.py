"""The immune effector cell-associated encephalopathy (ICE) score: ten points for five tasks.

A task that was not tested leaves the score open. Under 12 years the CAPD questionnaire takes its
place; it is only named here, and not computed.
"""

from __future__ import annotations

from typing import Any, ClassVar

from attrs import field, frozen

from itp_carT.errors import ImpossibleError
from itp_carT.notation import show
from itp_carT.points import Points, total
from itp_carT.sources import LEE_2019

#: Where the score is published.
ICE_SCORE = LEE_2019.at("ICE score")


def points_up_to(given: Any, most: int, name: str) -> int | None:
    """Read whole points from 0 to a maximum, or None where they were not tested.

    Raises
    ------
    ImpossibleError
        Anything else.
    """
    if given is None:
        return None
    if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= most:
        raise ImpossibleError(
            f"{show(given)} is not a number of points: write a whole number from 0 to {most}, or "
            "leave it out where it was not tested",
            field=name,
            given=given,
        )
    return int(given)


def _task(name: str, most: int) -> Any:
    return field(default=None, converter=lambda given: points_up_to(given, most, name))


@frozen(kw_only=True)
class Ice:
    """The points of the five tasks; None where a task was not tested.

    Parameters
    ----------
    orientation
        One point each for year, month, city and hospital, 0 to 4.
    naming
        One point for each of three objects, 0 to 3.
    command
        Follows a simple command, 0 or 1.
    writing
        Writes a standard sentence, 0 or 1.
    counting
        Counts back from 100 by tens, 0 or 1.

    Raises
    ------
    ImpossibleError
        More points than the task has.

    References
    ----------
    lee-2019

    Examples
    --------
    >>> print(Ice(orientation=3, naming=3, command=1, writing=0, counting=1).score)
    8
    >>> print(Ice(orientation=4, naming=3, command=1, counting=1).score)
    9 or 10
    """

    orientation: int | None = _task("orientation", 4)
    naming: int | None = _task("naming", 3)
    command: int | None = _task("command", 1)
    writing: int | None = _task("writing", 1)
    counting: int | None = _task("counting", 1)

    #: Most points of each task, in the order of the score.
    TASKS: ClassVar = (
        ("orientation", 4), ("naming", 3), ("command", 1), ("writing", 1), ("counting", 1),
    )  # fmt: skip

    @property
    def score(self) -> Points:
        """The sum, 0 to 10; open as far as a task was not tested."""
        return total(
            *(
                Points(range(most + 1), missing=(name,))
                if getattr(self, name) is None
                else Points(getattr(self, name))
                for name, most in self.TASKS
            )
        )


__all__ = ["ICE_SCORE", "Ice", "points_up_to"]
