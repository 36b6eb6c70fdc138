"""One item of a questionnaire: its key, its answer options and which end is best; never its words.

An answer is put on 0 (worst) to 100 (best) by itself. An answer that is none of the options is
refused with the item's name, and never clipped.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterable
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import field, frozen, validators

from itp_carT.errors import ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import plain, show
from itp_carT.sources import ITP_CART_CONVENTIONS
from itp_carT.working import Step

BEST, MOST_OPTIONS = 100, 101
MEAN = ITP_CART_CONVENTIONS.at(
    "0-100 scales", note="linear per item, then the mean of the answered items"
)

_WHOLE = re.compile(r"[+-]?[0-9]{1,6}(\.0*)?", re.ASCII)
WORDS: Any = (validators.instance_of(str), validators.min_len(1))


class Best(Enum):
    """Which end of an item's codes means the best health; ``lowest`` is a reversed item."""

    HIGHEST = "highest"
    LOWEST = "lowest"

    @property
    def label(self) -> str:
        """The word for it."""
        return self.value

    def __repr__(self) -> str:
        return f"Best.{self.name}"


def to_best(given: Any) -> Best:
    """Read ``highest`` or ``lowest``.

    Raises
    ------
    UnknownTermError
        For anything else: a direction is never guessed.
    """
    if isinstance(given, Best):
        return given
    word = given.strip().casefold() if isinstance(given, str) else ""
    if word not in ("highest", "lowest"):
        raise UnknownTermError(
            f"{show(given)} is not the best end of an item: write highest, or lowest where the "
            "lowest code is the best health",
            field="best",
            given=given,
            nearest=("highest", "lowest"),
        )
    return Best(word)


def whole_number(given: Any, least: int, most: int, name: str) -> int:
    """Return a whole number within limits, and refuse any other."""
    if isinstance(given, bool) or not isinstance(given, int) or not least <= given <= most:
        raise ImpossibleError(
            f"{show(given)} is not a whole number from {least} to {most}", field=name, given=given
        )
    return given


def to_items(given: Iterable[Item]) -> tuple[Item, ...]:
    """Return items as a tuple, for the fields that hold them."""
    return tuple(given)


def _options(_: Any, __: Any, given: Any) -> None:
    whole_number(given, 2, MOST_OPTIONS, "options")


def _first(_: Any, __: Any, given: Any) -> None:
    whole_number(given, 0, 1, "first")


@frozen
class Item:
    """One item: its key, its number of answer options, and which end is best; never its wording.

    Parameters
    ----------
    key
        Number or name of the item, as the column that holds its answers.
    options
        Number of answer options, coded without gaps.
    best
        ``"highest"`` or ``"lowest"``: which code is the best health.
    first
        The lowest code, 1 or 0.

    Examples
    --------
    >>> Item("F1", 5, "highest").points(4), Item("F2", 5, "lowest").points(4)
    (Fraction(75, 1), Fraction(25, 1))
    """

    key: str = field(validator=WORDS)
    options: int = field(validator=_options)
    best: Best = field(converter=to_best)
    first: int = field(default=1, kw_only=True, validator=_first)

    @property
    def last(self) -> int:
        """The highest code."""
        return self.first + self.options - 1

    def read(self, given: Any) -> int | None:
        """Return the code of an answer; None or empty text means that there is none.

        Raises
        ------
        NotationError, ImpossibleError
            The answer is not a whole number, or none of the options; it is never clipped.
        """
        if given is None or (isinstance(given, str) and not given.strip()):
            return None
        code = _code(given)
        if code is None:
            raise NotationError(
                f"{show(given)} is not a whole number: write {self.first} to {self.last}, or leave "
                "it empty",
                field=self.key,
                given=given,
            )
        if not self.first <= code <= self.last:
            raise ImpossibleError(
                f"{show(given)} is none of the {self.options} options: write {self.first} to "
                f"{self.last}, or leave it empty",
                field=self.key,
                given=given,
            )
        return code

    def points(self, code: int) -> Fraction:
        """Return the points of a code, 0 for the worst and 100 for the best."""
        steps = code - self.first if self.best is Best.HIGHEST else self.last - code
        return Fraction(BEST * steps, self.options - 1)

    def step_of(self, code: int) -> Step:
        """Return the step of the working for a code."""
        written = f"x - {self.first}" if self.best is Best.HIGHEST else f"{self.last} - x"
        numbers = written.replace("x", str(code))
        formula = f"{BEST} × ({written}) / {self.options - 1}"
        note = "" if self.best is Best.HIGHEST else "the lowest code is the best"
        return Step(
            f"item {self.key}",
            formula,
            f"{BEST} × ({numbers}) / {self.options - 1}",
            plain(float(self.points(code))),
            MEAN,
            note,
        )


def _code(given: Any) -> int | None:
    if isinstance(given, bool):
        return None
    if isinstance(given, str):
        text = given.strip()
        return int(text.partition(".")[0]) if _WHOLE.fullmatch(text) else None
    if isinstance(given, float):
        return int(given) if given.is_integer() else None
    try:
        return operator.index(given)
    except TypeError:
        return None


__all__ = ["Best", "Item", "to_best", "to_items", "whole_number"]
