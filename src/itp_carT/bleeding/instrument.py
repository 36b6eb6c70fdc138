"""What the bleeding instruments share: the record of one assessment, and the instrument itself.

A score holds named points that may still be open, the findings behind them and their working; an
instrument prints its whole table, so that a site can compare it with its own copy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from attrs import field, frozen

from itp_carT.bleeding_diary import (
    BleedingAssessment,
    Cause,
    Day,
    to_cause,
    to_day,
    yes_or_no,
)
from itp_carT.errors import ImpossibleError, MissingFactError, UnknownTermError
from itp_carT.points import Points, Truth
from itp_carT.rules import Table
from itp_carT.working import Step, Working

from .items import Found, Item


def _to_on(given: Day | None) -> Any:
    return None if given is None else to_day(given, "on")


def _to_disproportionate(given: Any) -> Truth:
    return yes_or_no(given, "disproportionate")


@frozen
class BleedingScore:
    """One assessment by one instrument: named points, how they were found, day and cause.

    The instrument's page names its scores; each is a `Points`, by attribute or by key:
    ``score.total`` is ``score["total"]``.

    Parameters
    ----------
    instrument
        Key of the instrument.
    scores
        Its named points.
    basis
        The score that says whether there is bleeding.
    found
        What each item was found to be.
    working
        Each step with its citation.
    on, cause, disproportionate
        As in `BleedingAssessment`.
    """

    instrument: str
    scores: tuple[tuple[str, Points], ...]
    basis: str
    found: tuple[Found, ...] = field(repr=False)
    working: Working = field(repr=False)
    on: Any = field(default=None, converter=_to_on, kw_only=True)
    cause: Cause | None = field(default=None, converter=to_cause, kw_only=True)
    disproportionate: Truth = field(default=None, converter=_to_disproportionate, kw_only=True)

    def __getitem__(self, score: str) -> Points:
        points = dict(self.scores).get(score)
        if points is None:
            names = tuple(name for name, _ in self.scores)
            raise UnknownTermError(
                f'"{score}" is not a score of {self.instrument}: it has {", ".join(names)}',
                field="score",
                given=score,
                nearest=names,
            )
        return points

    def __getattr__(self, name: str) -> Points:
        # only for names that are no field; a private one is asked for while an object is unpickled
        if not name.startswith("_"):
            for score, points in self.scores:
                if score == name:
                    return points
        raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")

    @property
    def settled(self) -> bool:
        """Whether every score has one value."""
        return all(points.settled for _, points in self.scores)

    @property
    def missing(self) -> tuple[str, ...]:
        """What would settle the open scores, by the name of the argument."""
        return tuple(dict.fromkeys(name for _, points in self.scores for name in points.missing))

    @property
    def because(self) -> str:
        """The findings behind the scores, and what the scores rest on."""
        parts = [
            f"{one.item.label} {one.words} ({one.points})"
            for one in self.found
            if one.level is None or one.points.maximum
        ]
        result = ", ".join(f"{name.replace('_', ' ')} {points}" for name, points in self.scores)
        cited = self.working.steps[-1].citation
        why = "; ".join(parts) or "nothing was found"
        return f"{result}: {why} ({cited})"

    def bleeding(self, *, at_least: int = 1, of: str | None = None) -> Truth:
        """Say whether there was bleeding: the instrument's basis reaches a limit.

        Parameters
        ----------
        at_least
            The limit.
        of
            Another score to judge by, e.g. ``"total"``.
        """
        return self[of or self.basis].reaches(_positive(at_least))

    def assessment(self, *, at_least: int = 1, of: str | None = None) -> BleedingAssessment:
        """Return the record for the patient's diary.

        Raises
        ------
        MissingFactError
            The score has no day.
        """
        if self.on is None:
            raise MissingFactError(
                'a diary needs the day of each assessment: write e.g. on="2026-03-09"', field="on"
            )
        return BleedingAssessment(
            self.on,
            self.bleeding(at_least=at_least, of=of),
            cause=self.cause,
            disproportionate=self.disproportionate,
            instrument=self.instrument,
            scores=self.scores,
        )

    def __str__(self) -> str:
        return self.because


def _positive(limit: Any) -> int:
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        raise ImpossibleError(
            f"{limit!r} is not a limit for bleeding: write a whole number from 1 up",
            field="at_least",
            given=limit,
        )
    return limit


@frozen
class Instrument:
    """A published instrument: its items, its rules in words, and the function that applies it.

    Parameters
    ----------
    key
        E.g. ``"chinese-adult"``.
    title
        Its name.
    items
        In the publication's order.
    rules
        How points become scores, with citation, one step each.
    score
        The function that takes findings by keyword and returns a `BleedingScore`.
    takes_age
        Whether age enters the score.
    tables
        Rule tables of the engine behind it.
    """

    key: str
    title: str
    items: tuple[Item, ...]
    rules: tuple[Step, ...]
    score: Callable[..., BleedingScore]
    takes_age: bool = field(default=False, kw_only=True)
    tables: tuple[Table, ...] = field(default=(), kw_only=True)

    def rows(self) -> Iterator[dict[str, Any]]:
        """Yield every level of every item with its points and citation, to be checked by a site."""
        for item in self.items:
            for level in item.levels:
                cited = item.cited(level)
                yield {
                    "item": item.label,
                    "finding": level.words,
                    "write": level.key,
                    "points": level.points,
                    "verified": cited.verified,
                    "source": str(cited),
                    "note": level.note,
                }

    def table(self) -> str:
        """Return the whole scoring table as aligned text."""
        heads = ("item", "finding", "points", "written", "checked")
        rows = [heads] + [
            (
                row["item"],
                row["finding"],
                str(row["points"]),
                row["write"],
                "yes" if row["verified"] else "unverified",
            )
            for row in self.rows()
        ]
        wide = [max(len(row[at]) for row in rows) for at in range(len(heads))]
        lines = ["  ".join(map(str.ljust, row, wide)).rstrip() for row in rows]
        sources = dict.fromkeys(r["source"] for r in self.rows())
        rules = [str(step) for step in self.rules]
        return "\n".join([self.title, "", *lines, "", *rules, "", "sources:", *sources])


__all__ = ["BleedingScore", "Instrument"]
