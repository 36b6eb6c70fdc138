"""A questionnaire's scale from 0 to 100: its items, when it applies, and which scores can be.

Each answer is put on 0 (worst) to 100 (best) by itself, and only then averaged: items of one scale
may differ in options and direction. Arithmetic is exact; what was not answered counts as nothing.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, MissingFactError, NotationError
from itp_carT.notation import plain, show
from itp_carT.sources import ITP_CART_CONVENTIONS, Citation
from itp_carT.working import Step, Working

from .item import BEST, MEAN, WORDS, Item, to_items, whole_number
from .score import Outcome, ScaleScore

HALF_RULE = ITP_CART_CONVENTIONS.at(
    "missing items", note="scored from half of the items up; the manual's own rule was not seen"
)
_DECIMAL = re.compile(r"[0-9]{1,4}(\.[0-9]{1,30})?", re.ASCII)
#: The share of a scale's items that must be answered, unless a scale says otherwise.
HALF = Fraction(1, 2)


def to_share(given: Any) -> Fraction:
    """Read the share of items that must be answered: above 0, at most 1.

    Raises
    ------
    NotationError, ImpossibleError

    Examples
    --------
    >>> to_share("2/3"), to_share(0.5)
    (Fraction(2, 3), Fraction(1, 2))
    """
    try:
        # by its digits, so that 0.6 is 3/5
        share = Fraction(str(given) if isinstance(given, float) else given)
    except (TypeError, ValueError, ZeroDivisionError):
        raise NotationError(
            f'{show(given)} is not a share of the items: write e.g. "1/2"',
            field="least_answered",
            given=given,
        ) from None
    if isinstance(given, bool) or not 0 < share <= 1:
        raise ImpossibleError(
            f'{show(given)} is not a share above 0 and at most 1: write e.g. "1/2"',
            field="least_answered",
            given=given,
        )
    return share


def _reported(score: Any) -> tuple[Fraction, Fraction]:
    """Return a reported score, and half of what its last digit stands for."""
    if isinstance(score, Fraction):
        return score, Fraction(0)
    text = score.strip() if isinstance(score, str) else repr(score)
    if isinstance(score, bool) or not _DECIMAL.fullmatch(text):
        raise NotationError(
            f'{show(score)} is not a score: write e.g. "54.17"', field="score", given=score
        )
    places = len(text.partition(".")[2])
    return Fraction(text), Fraction(1, 2 * 10 ** min(places, 9))


def _items(_: Any, __: Any, items: tuple[Item, ...]) -> None:
    keys = [item.key for item in items]
    if not keys:
        raise MissingFactError("a scale needs at least one item", field="items")
    for key in keys:
        if keys.count(key) > 1:
            raise ImpossibleError(f'item "{key}" is there twice', field="items", given=key)


@frozen
class Scale:
    """Items that make one score, when the scale applies, and how many must be answered.

    Parameters
    ----------
    key
        Its code, e.g. ``"S"``.
    label
        Its name.
    items
        In the order of the manual.
    condition
        For whom it applies, in words, e.g. ``"employed"``; empty when it applies to everybody.
    part_of
        The key of the scale that it is a part of; its items are among that scale's.
    least_answered
        The share of the items that must be answered.
    source
        Where the structure comes from.
    """

    key: str = field(validator=WORDS)
    label: str = field(validator=WORDS)
    items: tuple[Item, ...] = field(converter=to_items, validator=_items)
    condition: str = field(default="", kw_only=True)
    part_of: str = field(default="", kw_only=True)
    least_answered: Fraction = field(default=HALF, kw_only=True, converter=to_share)
    source: Citation = field(kw_only=True)

    def attainable(self, answered: int | None = None) -> tuple[Fraction, ...]:
        """Return every score that can come about, from 0 to 100.

        Parameters
        ----------
        answered
            With so many of the items answered; by default all of them.

        Raises
        ------
        ImpossibleError
            More items than there are, or fewer than a score needs.

        Examples
        --------
        >>> from itp_carT.sources import ITP_CART_CONVENTIONS
        >>> items = [Item("F1", 3, "highest"), Item("F2", 3, "highest")]
        >>> scale = Scale("F", "made up", items, source=ITP_CART_CONVENTIONS.at("example"))
        >>> print(*scale.attainable(), "or", *scale.attainable(1))
        0 25 50 75 100 or 0 50 100
        """
        count = (
            len(self.items)
            if answered is None
            else whole_number(answered, self.needed, len(self.items), "answered")
        )
        sums: dict[int, set[Fraction]] = {0: {Fraction(0)}}
        for item in self.items:
            points = [item.points(item.first + code) for code in range(item.options)]
            for many in sorted(sums, reverse=True):
                further = {total + one for total in sums[many] for one in points}
                sums[many + 1] = sums.get(many + 1, set()) | further
        return tuple(sorted(total / count for total in sums[count]))

    def check(self, score: float | Fraction | str, *, answered: int | None = None) -> Fraction:
        """Find the exact score behind a reported one, which may have been rounded.

        A value that the scale cannot take speaks for another number of options, or for answers
        that were filled in.

        Parameters
        ----------
        score
            As reported: ``"54.17"`` may stand for anything that is written so to two places.
        answered
            How many items were answered; by default all.

        Raises
        ------
        NotationError
            Not a number.
        ImpossibleError
            Outside 0 to 100, or a value that the scale cannot take; names the nearest.

        Examples
        --------
        >>> from itp_carT.sources import ITP_CART_CONVENTIONS
        >>> items = [Item(f"F{number}", 5, "highest") for number in range(1, 7)]
        >>> scale = Scale("F", "made up", items, source=ITP_CART_CONVENTIONS.at("example"))
        >>> scale.check("54.17")
        Fraction(325, 6)
        """
        exact, spread = _reported(score)
        if not 0 <= exact <= BEST:
            raise ImpossibleError(
                f"{show(score)} is not a score from 0 to {BEST}", field=self.key, given=score
            )
        scores = self.attainable(answered)
        nearest = min(scores, key=lambda one: abs(one - exact))
        if abs(nearest - exact) <= spread:
            return nearest
        count = len(self.items) if answered is None else answered
        raise ImpossibleError(
            f"{show(score)} cannot come from {count} answered of {len(self.items)} items: the "
            f"nearest is {plain(float(nearest))}; check the number of options, and whether missing "
            "answers were filled in",
            field=self.key,
            given=score,
            nearest=float(nearest),
        )

    def score(
        self,
        answers: Mapping[str, Any],
        *,
        applies: bool | None = None,
        out_of_place: tuple[str, ...] = (),
    ) -> ScaleScore:
        """Score the scale from the answers to its items.

        Parameters
        ----------
        answers
            Codes by item; what is absent, None or empty was not answered.
        applies
            Whether the scale applies to the person; None when it is not known.
        out_of_place
            Items that were answered although the part they belong to does not apply.

        Returns
        -------
        The score [0 to 100], or why there is none.

        Raises
        ------
        NotationError, ImpossibleError
            An answer is not one of the options; names the item.

        Examples
        --------
        >>> from itp_carT.sources import ITP_CART_CONVENTIONS
        >>> items = [Item(f"F{number}", 5, "lowest") for number in range(1, 5)]
        >>> scale = Scale("F", "made up", items, source=ITP_CART_CONVENTIONS.at("example"))
        >>> print(scale.score({"F1": 1, "F2": 4, "F3": 3, "F4": 5}))
        F 43.75
        >>> print(scale.score({"F1": 1}))
        F missing: 1 of 4 items answered, 2 needed
        """
        codes = {item.key: item.read(answers.get(item.key)) for item in self.items}
        told = [(item, code) for item in self.items if (code := codes[item.key]) is not None]
        answered = tuple(item.key for item, _ in told)
        missing = tuple(key for key, code in codes.items() if code is None)
        outcome, reason = self._outcome(answered, applies, out_of_place)
        exact, steps = None, []
        if outcome is Outcome.SCORED:
            exact = sum((item.points(code) for item, code in told), Fraction(0)) / len(told)
            steps = [item.step_of(code) for item, code in told]
        steps += self._closing(len(told), missing, reason, exact)
        return ScaleScore(
            self.key, outcome, exact, answered=answered, missing=missing, reason=reason,
            working=Working(tuple(steps)),
        )  # fmt: skip

    def _closing(
        self, count: int, missing: tuple[str, ...], reason: str, exact: Fraction | None
    ) -> list[Step]:
        of = f"{count} of {len(self.items)}"
        lacking = f"not answered: {', '.join(missing)}" if missing else ""
        written = "not scored" if exact is None else plain(float(exact))
        return [
            Step(f"{self.key} items answered", "", "", of, self.source, lacking),
            Step(f"{self.key} items needed", f"at least {self.least_answered} of the items", "",
                 str(self.needed), HALF_RULE),
            Step(f"{self.key} {self.label}", "mean of the answered items", "", written, MEAN,
                 reason),
        ]  # fmt: skip

    @property
    def needed(self) -> int:
        """How many items must be answered."""
        return math.ceil(self.least_answered * len(self.items))

    def _outcome(
        self, answered: tuple[str, ...], applies: bool | None, out_of_place: tuple[str, ...]
    ) -> tuple[Outcome, str]:
        known = self.condition or "told with the answers"
        if applies is False and answered:
            return (
                Outcome.QUERY,
                f"answered although it does not apply ({known}): {', '.join(answered)}",
            )
        if applies is False:
            return Outcome.NOT_APPLICABLE, f"does not apply ({known})"
        if out_of_place:
            listed = ", ".join(out_of_place)
            return Outcome.QUERY, f"answered although their part does not apply: {listed}"
        if applies is None and self.condition:
            return Outcome.UNKNOWN, f"applies only if {self.condition}: that is not known"
        if len(answered) < self.needed:
            some = f"{len(answered)} of {len(self.items)} items answered"
            return Outcome.MISSING, f"{some}, {self.needed} needed"
        return Outcome.SCORED, ""


__all__ = ["HALF", "Item", "Outcome", "Scale", "ScaleScore", "to_share"]
