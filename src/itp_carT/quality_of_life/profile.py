"""One assessment's scales side by side, and what a change against another assessment means.

A published minimal important difference (MID) is a range: a change can be below, within, or at or
above it. Where none was published the class says so, and no default stands in for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from enum import Enum
from fractions import Fraction
from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, UnknownTermError
from itp_carT.notation import show
from itp_carT.points import Truth
from itp_carT.sources import ITP_CART_CONVENTIONS, Citation
from itp_carT.units import TOLERANCE
from itp_carT.working import Step, Working

from .item import BEST
from .score import Outcome, ScaleScore

CLASSES = ITP_CART_CONVENTIONS.at(
    "change against an MID", note="below: |change| < low; within: low to below high; else above"
)


class Band(Enum):
    """Where the size of a change stands against a published MID."""

    BELOW = "below MID"
    WITHIN = "within MID"
    REACHED = "at or above MID"
    NONE_PUBLISHED = "none published"

    @property
    def label(self) -> str:
        """The words for it."""
        return self.value

    def __repr__(self) -> str:
        return f"Band.{self.name}"


@frozen
class Mid:
    """A minimal important difference as published: a range in points, or none.

    Parameters
    ----------
    low, high
        Its ends [points]; both None where none was published.
    source
        Where it was published, or found not to be.
    """

    low: int | None
    high: int | None
    source: Citation = field(kw_only=True)

    def __attrs_post_init__(self) -> None:
        if (self.low is None) is not (self.high is None):
            raise ImpossibleError("an MID has two ends or none", field="high", given=self.high)
        if self.low is not None and self.high is not None and not 0 < self.low < self.high <= BEST:
            raise ImpossibleError(f"{self.low} to {self.high} is not a range", field="low")

    @property
    def published(self) -> bool:
        """Whether there is one."""
        return self.low is not None

    def band(self, difference: float | Fraction) -> Band:
        """Return where the size of a difference stands; its sign does not matter.

        Examples
        --------
        >>> from itp_carT.sources import MATHIAS_2009
        >>> Mid(8, 12, source=MATHIAS_2009.at("abstract")).band(-9)
        Band.WITHIN
        """
        size = abs(float(difference))
        if self.low is None or self.high is None:
            return Band.NONE_PUBLISHED
        if size >= self.high * (1 - TOLERANCE):
            return Band.REACHED
        return Band.WITHIN if size >= self.low * (1 - TOLERANCE) else Band.BELOW

    def __str__(self) -> str:
        return f"{self.low} to {self.high} points" if self.published else Band.NONE_PUBLISHED.label


def _to_difference(given: Any) -> Any:
    if given is None:
        return None
    try:
        bad = isinstance(given, bool | str) or not math.isfinite(given) or abs(given) > BEST
    except (TypeError, ValueError, OverflowError):
        bad = True
    if bad:
        raise ImpossibleError(
            f"{show(given)} is not a change from -{BEST} to {BEST} points",
            field="difference",
            given=given,
        )
    # by its digits: 9.9 is 99/10
    return Fraction(str(given)) if isinstance(given, float) else Fraction(given)


@frozen(repr=False)
class Change:
    """The change of one scale from baseline, and what it means; positive is better.

    Parameters
    ----------
    scale
        Key of the scale.
    difference
        Score less baseline [points]; None when one of them was not scored.
    mid
        The published MID of the scale; None where the questionnaire was given none.
    reason
        Why there is no difference; empty when there is one.
    """

    scale: str
    difference: Fraction | None = field(converter=_to_difference)
    mid: Mid | None = None
    reason: str = field(default="", kw_only=True)

    @property
    def band(self) -> Band | None:
        """Where its size stands against the MID; None when there is no difference, or no MID."""
        if self.difference is None or self.mid is None:
            return None
        return self.mid.band(self.difference)

    @property
    def direction(self) -> str:
        """``better``, ``worse``, ``same``, or ``not known``."""
        if self.difference is None:
            return "not known"
        return "better" if self.difference > 0 else "worse" if self.difference < 0 else "same"

    def responder(self, *, bound: str) -> Truth:
        """Say whether the scale got better by at least one end of the MID.

        Parameters
        ----------
        bound
            ``"low"`` or ``"high"``: a rate must say which, so there is no default.

        Returns
        -------
        True or False; None when the change is not known or no MID was published.

        Raises
        ------
        UnknownTermError
            For another bound.
        """
        if bound not in ("low", "high"):
            raise UnknownTermError(
                f"{show(bound)} is not an end of an MID: write low or high",
                field="bound",
                given=bound,
                nearest=("low", "high"),
            )
        if self.difference is None or self.mid is None or not self.mid.published:
            return None
        enough = (Band.REACHED,) if bound == "high" else (Band.REACHED, Band.WITHIN)
        return self.difference > 0 and self.band in enough

    @property
    def working(self) -> Working:
        """The steps with their sources."""
        found = "not known" if self.difference is None else f"{float(self.difference):+.6g}"
        first = Step(f"{self.scale} change", "score - baseline", "", found, note=self.reason)
        if self.mid is None:
            return Working((first,))
        band = "not known" if self.band is None else self.band.label
        cited = self.mid.source
        return Working(
            (
                first,
                Step(f"{self.scale} MID", "", "", str(self.mid), cited, cited.note),
                Step(f"{self.scale} class", "|change| against the MID", "", band, CLASSES),
            )
        )

    def __str__(self) -> str:
        if self.difference is None:
            return f"{self.scale} change not known: {self.reason}"
        band = "" if self.band is None else f", {self.band.label}"
        return f"{self.scale} {float(self.difference):+.6g}: {self.direction}{band}"

    def __repr__(self) -> str:
        more = f", reason={self.reason!r}" if self.reason else ""
        return f"Change({self.scale!r}, {self.difference!r}, {self.mid!r}{more})"


def change(now: ScaleScore, baseline: ScaleScore, mid: Mid | None) -> Change:
    """Return the change of one scale; a score that is not there leaves it unknown.

    Raises
    ------
    ImpossibleError
        Two different scales.
    """
    if now.scale != baseline.scale:
        raise ImpossibleError(
            f"{now.scale} is not {baseline.scale}: compare a scale with itself", field="baseline"
        )
    if now.exact is None:
        return Change(now.scale, None, mid, reason=f"{now.outcome.label}: {now.reason}")
    if baseline.exact is None:
        why = f"baseline {baseline.outcome.label}: {baseline.reason}"
        return Change(now.scale, None, mid, reason=why)
    return Change(now.scale, now.exact - baseline.exact, mid)


def _to_scores(given: Iterable[ScaleScore]) -> tuple[ScaleScore, ...]:
    return tuple(given)


@frozen
class Profile:
    """The scales of one assessment; there is no total, because none was published.

    Parameters
    ----------
    scores
        One per scale.
    patient, visit
        Whose and when, in the words of the record.

    Examples
    --------
    >>> Profile((ScaleScore("S", "scored", Fraction(75)),))["S"].value
    75.0
    """

    scores: tuple[ScaleScore, ...] = field(converter=_to_scores)
    patient: str = field(default="", kw_only=True)
    visit: str = field(default="", kw_only=True)

    def __iter__(self) -> Iterator[ScaleScore]:
        return iter(self.scores)

    def __len__(self) -> int:
        return len(self.scores)

    def __getitem__(self, scale: str) -> ScaleScore:
        for score in self.scores:
            if score.scale == scale:
                return score
        keys = tuple(score.scale for score in self.scores)
        raise UnknownTermError(
            f"{show(scale)} is not a scale of this assessment: it has {', '.join(keys)}",
            field="scale",
            given=scale,
            nearest=keys,
        )

    @property
    def queries(self) -> tuple[ScaleScore, ...]:
        """Scales with answers where they do not apply: questions for the site."""
        return tuple(score for score in self.scores if score.outcome is Outcome.QUERY)

    @property
    def missing(self) -> tuple[str, ...]:
        """Items without an answer on scales that apply, or may."""
        found = (score for score in self.scores if score.outcome is not Outcome.NOT_APPLICABLE)
        return tuple(dict.fromkeys(key for score in found for key in score.missing))

    @property
    def working(self) -> Working:
        """The steps of every scale."""
        return Working(tuple(step for score in self.scores for step in score.working))

    def __str__(self) -> str:
        head = ", ".join(word for word in (self.patient, self.visit) if word)
        return "\n".join([*([head] if head else []), *(str(score) for score in self.scores)])


__all__ = ["Band", "Change", "Mid", "Profile", "change"]
