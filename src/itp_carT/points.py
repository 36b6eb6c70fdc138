"""Points of a grade or score that may still be open: the values the findings still allow.

What was not assessed leaves more than one value possible; it is never counted as none.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from typing import Any, TypeAlias

from attrs import field, frozen

from .errors import NotationError, UndecidedError
from .notation import shorten

#: True, False, or None where it is not known.
Truth: TypeAlias = "bool | None"


def _to_possible(given: Any) -> tuple[int, ...]:
    numbers = (given,) if isinstance(given, int) else tuple(given)
    for number in numbers:
        if isinstance(number, bool) or not isinstance(number, int):
            raise NotationError(
                f"{shorten(repr(number))} is not a whole number of points", given=number
            )
    if not numbers:
        raise NotationError("points need at least one possible value", given=given)
    return tuple(sorted(set(numbers)))


@frozen(repr=False)
class Points:
    """The values a grade or score may still have, lowest first; one left means it is settled.

    Parameters
    ----------
    possible
        The values that the findings still allow; a single number when all is known.
    missing
        What would settle it, by the name of the argument or column.

    Examples
    --------
    >>> open_score = Points((2, 3, 5), missing=("mucosa",))
    >>> print(open_score)
    2, 3 or 5
    >>> open_score.reaches(1), open_score.reaches(5), open_score.reaches(8)
    (True, None, False)
    >>> open_score.value
    Traceback (most recent call last):
    itp_carT.errors.UndecidedError: mucosa: points are 2, 3 or 5: give mucosa to settle it
    """

    possible: tuple[int, ...] = field(converter=_to_possible)
    missing: tuple[str, ...] = field(default=(), kw_only=True, eq=False)

    @property
    def settled(self) -> bool:
        """Whether exactly one value is left."""
        return len(self.possible) == 1

    @property
    def minimum(self) -> int:
        """The lowest value still possible."""
        return self.possible[0]

    @property
    def maximum(self) -> int:
        """The highest value still possible."""
        return self.possible[-1]

    @property
    def value(self) -> int:
        """The one value.

        Raises
        ------
        UndecidedError
            More than one is possible; names what would settle it.
        """
        if self.settled:
            return self.possible[0]
        names = ", ".join(self.missing) or "what was not assessed"
        raise UndecidedError(
            f"points are {self}: give {names} to settle it",
            field=", ".join(self.missing) or None,
            possible=self.possible,
            missing=self.missing,
        )

    def reaches(self, limit: int) -> Truth:
        """Say whether the points are at least a limit, or None while that is open."""
        if self.minimum >= limit:
            return True
        return None if self.maximum >= limit else False

    def change_from(self, baseline: Points) -> Points:
        """Return these points less the baseline's, with every difference still possible."""
        pairs = product(self.possible, baseline.possible)
        return Points({now - then for now, then in pairs}, missing=_lacking((self, baseline)))

    def __str__(self) -> str:
        *first, last = (str(number) for number in self.possible)
        return f"{', '.join(first)} or {last}" if first else last

    def __repr__(self) -> str:
        given = repr(self.possible[0] if self.settled else self.possible)
        return f"Points({given}{f', missing={self.missing!r}' if self.missing else ''})"


def _lacking(parts: Iterable[Points]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part.missing))


def highest(first: Points, *more: Points) -> Points:
    """Return the highest of several points; what cannot change it is not missing.

    Examples
    --------
    >>> print(highest(Points(3), Points((0, 1, 2), missing=("skin",))))
    3
    """
    parts = (first, *more)
    possible = set(first.possible)
    for part in more:
        possible = {max(pair) for pair in product(possible, part.possible)}
    floor = min(possible)
    open_parts = [part for part in parts if not part.settled and part.maximum > floor]
    return Points(possible, missing=_lacking(open_parts))


def total(*parts: Points) -> Points:
    """Return the sum of several points.

    Examples
    --------
    >>> print(total(Points(5), Points((0, 4, 15), missing=("gastrointestinal",))))
    5, 9 or 20
    """
    possible = {0}
    for part in parts:
        possible = {sum(pair) for pair in product(possible, part.possible)}
    return Points(possible, missing=_lacking(part for part in parts if not part.settled))


__all__ = ["Points", "Truth", "highest", "total"]
