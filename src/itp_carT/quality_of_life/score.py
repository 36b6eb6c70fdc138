"""The score of one scale for one person, or the reason why there is none; and means over people.

Scored, missing and not applicable are three different things; answers on a scale that does not
apply are a question for the site, and never a score.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from fractions import Fraction

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, MissingFactError
from itp_carT.working import Working

from .item import BEST


class Outcome(Enum):
    """What became of a scale; only a scored one has a number."""

    SCORED = "scored"
    MISSING = "missing"
    NOT_APPLICABLE = "not applicable"
    QUERY = "data query"
    UNKNOWN = "applicability unknown"

    @property
    def label(self) -> str:
        """The word for it."""
        return self.value

    def __repr__(self) -> str:
        return f"Outcome.{self.name}"


def _to_keys(given: Iterable[str]) -> tuple[str, ...]:
    return tuple(given)


def _to_outcome(given: Outcome | str) -> Outcome:
    return given if isinstance(given, Outcome) else Outcome(given)


@frozen(repr=False)
class ScaleScore:
    """The score of one scale, or why there is none.

    Parameters
    ----------
    scale
        Key of the scale.
    outcome
        Scored, missing, not applicable, a data query, or applicability unknown.
    exact
        The score as a fraction; None unless it was scored.
    answered, missing
        Keys of the items with and without an answer.
    reason
        Why it was not scored; empty when it was.
    working
        Each step with its source.
    """

    scale: str
    outcome: Outcome = field(converter=_to_outcome)
    exact: Fraction | None = None
    answered: tuple[str, ...] = field(default=(), kw_only=True, converter=_to_keys)
    missing: tuple[str, ...] = field(default=(), kw_only=True, converter=_to_keys)
    reason: str = field(default="", kw_only=True)
    working: Working = field(default=Working(()), kw_only=True, eq=False)

    def __attrs_post_init__(self) -> None:
        if (self.exact is None) is (self.outcome is Outcome.SCORED):
            raise ImpossibleError("a scored scale has a number, another has none", field="exact")
        if self.exact is not None and not 0 <= self.exact <= BEST:
            raise ImpossibleError(
                f"{self.exact} is not a score from 0 to {BEST}", field="exact", given=self.exact
            )

    @property
    def settled(self) -> bool:
        """Whether there is a score."""
        return self.exact is not None

    @property
    def value(self) -> float:
        """The score [0 to 100], unrounded.

        Raises
        ------
        MissingFactError
            It was not scored; says why.
        """
        if self.exact is None:
            raise MissingFactError(f"{self.outcome.label}: {self.reason}", field=self.scale)
        return float(self.exact)

    def __str__(self) -> str:
        if self.exact is None:
            return f"{self.scale} {self.outcome.label}: {self.reason}"
        return f"{self.scale} {float(self.exact):.6g}"

    def __repr__(self) -> str:
        parts = [repr(self.scale), repr(self.outcome)]
        parts += [repr(self.exact)] if self.exact is not None else []
        for name in ("answered", "missing", "reason"):
            if getattr(self, name):
                parts.append(f"{name}={getattr(self, name)!r}")
        return f"ScaleScore({', '.join(parts)})"


@frozen
class Summary:
    """The mean of a scale over people, with everybody who is not in it counted.

    Parameters
    ----------
    scale
        Key of the scale.
    mean
        Mean of the scored [0 to 100]; None when nobody was.
    counts
        How many had each outcome.
    """

    scale: str
    mean: float | None
    counts: tuple[tuple[Outcome, int], ...]

    def __getitem__(self, outcome: Outcome | str) -> int:
        return dict(self.counts)[_to_outcome(outcome)]


def summarize(scores: Iterable[ScaleScore], *, times: Iterable[int] | None = None) -> Summary:
    """Average one scale over people; missing and not applicable are counted apart.

    Parameters
    ----------
    scores
        Scores of one scale, e.g. at one visit.
    times
        How many people have each of them; by default one.

    Raises
    ------
    MissingFactError, ImpossibleError
        No scores at all, scores of different scales, or not one number of people for each.

    Examples
    --------
    >>> found = summarize([ScaleScore("W", "scored", Fraction(50)), ScaleScore("W", "missing")])
    >>> found.mean, found["scored"], found["missing"], found["not applicable"]
    (50.0, 1, 1, 0)
    >>> summarize(
    ...     [ScaleScore("W", "scored", 50), ScaleScore("W", "scored", 80)], times=[2, 1]
    ... ).mean
    60.0
    """
    given = tuple(scores)
    if not given:
        raise MissingFactError("there are no scores to average", field="scores")
    keys = {score.scale for score in given}
    if len(keys) > 1:
        raise ImpossibleError(
            f"{', '.join(sorted(keys))} are different scales: average one at a time", field="scores"
        )
    many = (1,) * len(given) if times is None else tuple(times)
    if len(many) != len(given):
        raise ImpossibleError(
            f"{len(given)} scores and {len(many)} numbers of people: give one for each",
            field="times",
        )
    counts, total = dict.fromkeys(Outcome, 0), Fraction(0)
    for score, number in zip(given, many, strict=True):
        counts[score.outcome] += number
        total += 0 if score.exact is None else score.exact * number
    scored = counts[Outcome.SCORED]
    return Summary(given[0].scale, float(total / scored) if scored else None, tuple(counts.items()))


__all__ = ["Outcome", "ScaleScore", "Summary", "summarize"]
