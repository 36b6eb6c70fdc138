"""Items of a bleeding instrument: levels with their points, and what one of them was found to be.

A finding is given in words, as a grade where the item is graded, or as a measured value where a
level has a printed limit. An item that was not mentioned was not assessed, and every value it could
have stays possible.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, NotationError, UnitError, UnknownTermError
from itp_carT.notation import shorten
from itp_carT.points import Points, Truth
from itp_carT.rules import Fact, Known, Row, Table, text_of
from itp_carT.sources import Citation
from itp_carT.units import equal, parse, symbol, value_in
from itp_carT.working import Step

#: What one item was found to be: words, a grade, a measured value, several of them, or None.
Finding: TypeAlias = "str | int | Points | tuple[str, ...] | list[str] | None"

#: What a cell reads that was not assessed.
UNASSESSED = {"", "not assessed", "unknown"}


def folded(text: str) -> str:
    """Fold case, hyphens and British spelling, so that words are found however they are typed."""
    return " ".join(text.casefold().replace("ae", "e").replace("-", " ").split())


@frozen
class Level:
    """One level of an item, with its points.

    Parameters
    ----------
    key
        Short word to give it by, e.g. ``"head/face"``.
    words
        Our own words for it.
    points
        Its points or grade.
    over, least
        A limit with its unit: a measured value over (or of at least) it has this level.
    citation
        Where these points are from, when that differs from the item.
    note
        Our reading, where the source leaves a choice.
    """

    key: str
    words: str
    points: int
    over: str = field(default="", kw_only=True)
    least: str = field(default="", kw_only=True)
    citation: Citation | None = field(default=None, kw_only=True)
    note: str = field(default="", kw_only=True)

    def holds(self, measured: Any) -> Truth:
        """Say whether a measured value reaches the level; None when it has no limit for it."""
        limit = parse(self.over or self.least) if self.over or self.least else None
        if limit is None:
            return None
        try:
            value = value_in(measured, symbol(limit))
        except UnitError:
            return None
        same = equal(value, float(limit.magnitude))
        return bool((same and not self.over) or (value > limit.magnitude and not same))


@frozen
class Item:
    """A site or symptom of an instrument, with its levels from none upwards.

    Parameters
    ----------
    key
        Name of the argument and column.
    label
        The field's name for it.
    levels
        The first is none, with 0 points.
    citation
        Where the points are from.
    graded
        Whether the points are grades that an assessor may give as a number.
    """

    key: str
    label: str
    levels: tuple[Level, ...]
    citation: Citation
    graded: bool = field(default=False, kw_only=True)

    @property
    def possible(self) -> tuple[int, ...]:
        """Every number of points the item can have."""
        return tuple(sorted({level.points for level in self.levels}))

    def cited(self, level: Level) -> Citation:
        """Return where the points of a level are from."""
        return level.citation or self.citation

    def fact(self, level: Level) -> Fact:
        """Return the statement that this level was found, as a rule table asks for it."""
        return Fact(f"{self.key}: {level.key}", f"{self.label}: {level.words}")

    def read(self, given: Finding, *, rest: bool = False) -> Found:
        """Read what was found.

        Parameters
        ----------
        given
            Words, a grade, a measured value, several of these, or None when not assessed.
        rest
            Whether an item that was not mentioned was assessed and shows nothing.

        Raises
        ------
        UnknownTermError, NotationError, ImpossibleError
            Naming the item, what was given and what to write instead.
        """
        if isinstance(given, Points):
            return self._from_points(given)
        several = given if isinstance(given, tuple | list) else (given,)
        found: list[Level] = []
        for one in several:
            if one is None or (isinstance(one, str) and folded(one) in UNASSESSED):
                if len(several) > 1:
                    raise self._unknown(one)
                continue
            found += self._levels(one)
        if not found and rest and given is None:
            found = [self.levels[0]]
        if not found:
            return Found(self, None, Points(self.possible, missing=(self.key,)))
        worst = max(found, key=lambda level: level.points)
        return Found(self, worst, Points(worst.points))

    def _from_points(self, given: Points) -> Found:
        if not set(given.possible) <= set(self.possible):
            raise ImpossibleError(
                f"{given} is not among the points of {self.label}: "
                f"{Points(self.possible)} are possible",
                field=self.key,
                given=str(given),
            )
        level = next((one for one in self.levels if one.points == given.minimum), None)
        missing = given.missing or (() if given.settled else (self.key,))
        return Found(
            self, level if given.settled else None, Points(given.possible, missing=missing)
        )

    def _levels(self, given: Any) -> list[Level]:
        if isinstance(given, str):
            return self._from_text(given)
        if isinstance(given, int) and not isinstance(given, bool):
            return [self._from_grade(given)]
        if isinstance(given, bool | float):
            wanted = "a whole grade" if self.graded else "words"
            raise NotationError(
                f"{given!r} is not a finding of {self.label}: write {wanted}, "
                f"e.g. {self._example()}",
                field=self.key,
                given=given,
            )
        return self._from_measured(given, str(given))

    def _from_grade(self, given: int) -> Level:
        if not self.graded:
            raise NotationError(
                f"{given} could be points or the place in a list: write the finding in words, "
                f"{self._choices()}",
                field=self.key,
                given=given,
            )
        for level in self.levels:
            if level.points == given:
                return level
        raise ImpossibleError(
            f"{given} is not a grade of {self.label}: {Points(self.possible)} are possible",
            field=self.key,
            given=given,
        )

    def _from_text(self, given: str) -> list[Level]:
        word = folded(given)
        for level in self.levels:
            if word in (folded(level.key), folded(level.words)):
                return [level]
        if self.graded and word.isdecimal():
            return [self._from_grade(int(word))]
        if word[:1].isdigit() or word[:1] in "<>+-.":
            try:
                measured = parse(given)
            except (UnitError, ValueError):
                raise self._unknown(given) from None
            return self._from_measured(measured, given)
        raise self._unknown(given)

    def _from_measured(self, measured: Any, given: str) -> list[Level]:
        reached = [(level, level.holds(measured)) for level in self.levels]
        limits = [level for level, holds in reached if holds is not None]
        if not limits:
            raise self._unknown(given)
        if float(measured.magnitude) < 0:
            raise ImpossibleError(f"{given} is below zero", field=self.key, given=given)
        levels = [level for level, holds in reached if holds]
        if levels or float(measured.magnitude) > 0:
            return levels  # a value short of every limit says nothing of levels without one
        return [self.levels[0]]

    def _choices(self) -> str:
        words = [f'"{level.key}"' for level in self.levels]
        return " or ".join([", ".join(words[:-1]), words[-1]])

    def _example(self) -> str:
        level = self.levels[-1]
        return str(level.points) if self.graded else f'"{level.key}"'

    def _unknown(self, given: Any) -> UnknownTermError:
        keys = [level.key for level in self.levels]
        near = tuple(difflib.get_close_matches(str(given).casefold(), keys, n=3))
        return UnknownTermError(
            f"{shorten(repr(given))} is not a level of {self.label}: write {self._choices()}",
            field=self.key,
            given=given,
            nearest=near or tuple(keys),
        )


@frozen
class Found:
    """What one item was found to be: its level (None while open) and the points it may have."""

    item: Item
    level: Level | None
    points: Points

    @property
    def words(self) -> str:
        """The finding in words."""
        if self.level is None:
            return "not assessed" if self.points.possible == self.item.possible else "open"
        return self.level.words

    @property
    def known(self) -> tuple[Known, ...]:
        """The finding as facts of a rule table; none at all where it is open."""
        if self.level is None:
            return ()
        return tuple(
            Known(self.item.fact(level), level is self.level)
            for level in self.item.levels
            if level.points
        )

    @property
    def step(self) -> Step:
        """The finding as a step of the working."""
        cited = self.item.cited(self.level) if self.level else self.item.citation
        note = self.level.note if self.level else ""
        return Step(self.item.label, self.words, "", str(self.points), cited, note)


def read_items(
    items: tuple[Item, ...], given: Mapping[str, Finding], *, rest: str | None
) -> tuple[Found, ...]:
    """Read the findings of every item, in the instrument's order.

    Raises
    ------
    UnknownTermError
        A name that is not an item, or ``rest`` that is not ``"none"``.
    """
    names = [item.key for item in items]
    for name in given:
        if name not in names:
            near = difflib.get_close_matches(name, names, n=3, cutoff=0.4)
            raise UnknownTermError(
                f'"{name}" is not an item of the instrument: it has {", ".join(names)}',
                field=name,
                given=name,
                nearest=tuple(near),
            )
    if rest is not None and rest != "none":
        raise UnknownTermError(
            f'{shorten(repr(rest))} says nothing of the other items: write "none" when they were '
            "assessed and show nothing, or leave it out",
            field="rest",
            given=rest,
            nearest=("none",),
        )
    return tuple(item.read(given.get(item.key), rest=rest == "none") for item in items)


def worst_first(
    key: str, term: str, items: Iterable[Item], citation: Citation, *, note: str = ""
) -> Table:
    """Make the rule table that gives the highest points of any item's finding."""
    rows: dict[int, Any] = {}
    for item in items:
        for level in item.levels:
            if level.points:
                found = item.fact(level).is_()
                there = rows.get(level.points)
                rows[level.points] = found if there is None else there | found
    ordered = sorted(rows.items(), reverse=True)
    return Table(
        key=key,
        term=term,
        rows=tuple(Row(points, condition) for points, condition in ordered),
        otherwise=0,
        source=citation,
        note=note,
    )


def rule_text(table: Table) -> str:
    """Return a table of points in one line, worst first."""
    rows = [f"{row.outcome} if {text_of(row.when)}" for row in table.rows]
    return "; ".join([*rows, f"else {table.otherwise}"])


__all__ = [
    "UNASSESSED",
    "Finding",
    "Found",
    "Item",
    "Level",
    "folded",
    "read_items",
    "rule_text",
    "worst_first",
]
