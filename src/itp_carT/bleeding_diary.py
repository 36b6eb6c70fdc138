"""Bleeding over time: dated assessments of one patient, and the diary that holds them.

The small record on which bleeding instruments and response rules meet. An instrument makes a
`BleedingAssessment`; a response rule asks a `Diary` whether there was bleeding since the last visit
and is answered yes, no or None: not assessed is never no bleeding.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from enum import Enum
from typing import Any, TypeAlias

from attrs import evolve, field, frozen

from .days import calendar_date
from .errors import MissingFactError, NotationError, RecordError, UnknownTermError
from .notation import shorten
from .points import Points, Truth, highest

#: A date, ISO text, or a whole number of days from the infusion.
Day: TypeAlias = "int | dt.date | str"


def to_day(given: Any, name: str) -> Any:
    """Read a day: a date, ISO text, or a whole number of days from the infusion (day 0).

    Parameters
    ----------
    given
        The day.
    name
        Name of the argument, for the message.

    Raises
    ------
    NotationError, ImpossibleError
        Not a day.
    """
    if isinstance(given, int) and not isinstance(given, bool):
        return given
    return calendar_date(given, name)


class Cause(Enum):
    """What a bleed is put down to; menses, trauma and procedures bleed without thrombocytopenia."""

    SPONTANEOUS = "spontaneous"
    MENSES = "menses"
    TRAUMA = "trauma"
    PROCEDURE = "procedure"

    @property
    def label(self) -> str:
        """The word for it."""
        return self.value

    def __repr__(self) -> str:
        return f"Cause.{self.name}"


def to_cause(given: Cause | str | None) -> Cause | None:
    """Read a cause; None or empty text means that none was named.

    Raises
    ------
    UnknownTermError
        For any other word.
    """
    if given is None or isinstance(given, Cause):
        return given
    word = str(given).strip().casefold()
    if not word:
        return None
    try:
        return Cause(word)
    except ValueError:
        known = tuple(cause.value for cause in Cause)
        raise UnknownTermError(
            f"{shorten(repr(given))} is not a cause: write {', '.join(known[:-1])} or {known[-1]}",
            field="cause",
            given=given,
            nearest=known,
        ) from None


_WORDS: dict[str, Truth] = {
    **dict.fromkeys(("yes", "y", "true"), True),
    **dict.fromkeys(("no", "n", "false"), False),
    **dict.fromkeys(("unknown", "u", "not assessed", "?", ""), None),
}


def yes_or_no(given: Any, name: str) -> Truth:
    """Read yes, no or unknown.

    Parameters
    ----------
    given
        True, False, None, or the words ``yes``, ``no``, ``unknown``.
    name
        Name of the argument, for the message.

    Raises
    ------
    UnknownTermError
        For anything else, a number among it.
    """
    if given is None or isinstance(given, bool):
        return given
    word = given.strip().casefold() if isinstance(given, str) else "not text"
    if word not in _WORDS:
        raise UnknownTermError(
            f"{shorten(repr(given))} is not an answer: write yes, no or unknown",
            field=name,
            given=given,
            nearest=("yes", "no", "unknown"),
        )
    return _WORDS[word]


def _on(given: Any) -> Any:
    return to_day(given, "on")


def _bleeding(given: Any) -> Truth:
    return yes_or_no(given, "bleeding")


def _disproportionate(given: Any) -> Truth:
    return yes_or_no(given, "disproportionate")


@frozen
class BleedingAssessment:
    """What one assessment says about bleeding since the one before it.

    Parameters
    ----------
    on
        Day of the assessment: a date, ISO text, or days from the infusion.
    bleeding
        Whether there was bleeding: yes, no, or None where it was not assessed or is still open.
    cause
        What the bleed is put down to; None when nobody named a cause.
    disproportionate
        Whether a bleed from menses, trauma or a procedure was more than that explains.
    instrument
        Key of the instrument behind it, e.g. ``"chinese-adult"``; empty for a plain statement.
    scores
        The instrument's named points, e.g. ``(("symptom", Points(2)),)``.

    Examples
    --------
    >>> period = BleedingAssessment("2026-03-16", "yes", cause="menses", disproportionate="no")
    >>> period.counts(), period.counts(every_cause=True)
    (False, True)
    """

    on: int | dt.date = field(converter=_on)
    bleeding: Truth = field(converter=_bleeding)
    cause: Cause | None = field(default=None, converter=to_cause, kw_only=True)
    disproportionate: Truth = field(default=None, converter=_disproportionate, kw_only=True)
    instrument: str = field(default="", kw_only=True)
    scores: tuple[tuple[str, Points], ...] = field(default=(), kw_only=True)

    def counts(self, *, every_cause: bool = False) -> Truth:
        """Say whether the assessment counts as bleeding for a response rule.

        A bleed from named menses, trauma or a procedure counts only when it was disproportionate,
        and is open while nobody said so; a bleed without a named cause counts.

        Parameters
        ----------
        every_cause
            Count every bleed, whatever its cause.
        """
        excusable = self.cause in (Cause.MENSES, Cause.TRAUMA, Cause.PROCEDURE)
        if every_cause or not excusable or self.bleeding is False:
            return self.bleeding
        if self.disproportionate is False:
            return False
        return self.bleeding if self.disproportionate else None

    def points(self, score: str) -> Points | None:
        """Return the named points, or None when the assessment has none of that name."""
        return dict(self.scores).get(score)


def _when(item: BleedingAssessment) -> Any:
    return item.on


def _sorted(given: Iterable[BleedingAssessment]) -> tuple[BleedingAssessment, ...]:
    found = tuple(given)
    for item in found:
        if not isinstance(item, BleedingAssessment):
            raise NotationError(
                f"{shorten(repr(item))} is not a bleeding assessment: a score's "
                ".assessment() makes one",
                field="assessments",
                given=item,
            )
    if len({isinstance(item.on, int) for item in found}) > 1:
        raise NotationError(
            "some days are dates and some count from the infusion: use one of the two",
            field="on",
            given=tuple(str(item.on) for item in found),
        )
    return tuple(sorted(found, key=_when))


@frozen
class Diary:
    """The bleeding assessments of one patient, in order of their days.

    Parameters
    ----------
    assessments
        In any order; several on one day are kept.
    patient
        Subject identifier, for messages.

    Examples
    --------
    >>> diary = Diary(
    ...     [BleedingAssessment("2026-03-16", "yes"), BleedingAssessment("2026-03-23", "no")]
    ... )
    >>> diary.bleeding(after="2026-03-16", upto="2026-03-23")
    False
    >>> print(diary.bleeding(after="2026-03-23", upto="2026-03-30"))
    None
    """

    assessments: tuple[BleedingAssessment, ...] = field(converter=_sorted, default=())
    patient: str | None = None

    def __iter__(self) -> Iterator[BleedingAssessment]:
        return iter(self.assessments)

    def __len__(self) -> int:
        return len(self.assessments)

    def adding(self, *more: BleedingAssessment) -> Diary:
        """Return the diary with further assessments in it."""
        return evolve(self, assessments=(*self.assessments, *more))

    def between(self, after: Day | None, upto: Day) -> tuple[BleedingAssessment, ...]:
        """Return the assessments after one day (None: from the start) up to and with another.

        Raises
        ------
        RecordError
            ``upto`` is before ``after``.
        """
        first: Any = None if after is None else to_day(after, "after")
        last: Any = to_day(upto, "upto")
        self._comparable(after=first, upto=last)
        if first is not None and last < first:
            raise RecordError(
                f"{last} is before {first}: give the earlier day as after",
                field="upto",
                given=str(last),
                patient=self.patient,
            )
        return tuple(
            item
            for item in self.assessments
            if (first is None or _when(item) > first) and _when(item) <= last
        )

    def bleeding(self, after: Day | None, upto: Day, *, every_cause: bool = False) -> Truth:
        """Say whether there was bleeding that counts between two days.

        True when any assessment counts as bleeding; None when there is none or one is open;
        False only when each one says no.
        """
        found = [item.counts(every_cause=every_cause) for item in self.between(after, upto)]
        if True in found:
            return True
        return None if not found or None in found else False

    def worst(
        self,
        score: str,
        *,
        after: Day | None,
        upto: Day,
        instrument: str | None = None,
    ) -> Points:
        """Return the highest points between two days, e.g. the worst since the last visit.

        Raises
        ------
        MissingFactError
            No assessment between the two days has points of that name.
        """
        found = self._points(score, self.between(after, upto), instrument)
        if not found:
            since = f"after {after} " if after else ""
            raise MissingFactError(
                f"no assessment {since}up to {upto} has a {score} score",
                field=score,
                patient=self.patient,
            )
        return highest(*found)

    def change(
        self,
        score: str,
        *,
        baseline: Day,
        on: Day,
        instrument: str | None = None,
    ) -> Points:
        """Return the points of a day less those of the last assessment up to the baseline day.

        Raises
        ------
        MissingFactError
            One of the two was not assessed.
        """
        earlier = self.between(None, baseline)
        dated = [a for a in earlier if self._points(score, (a,), instrument)]
        same = tuple(a for a in dated if a.on == dated[-1].on)
        day = to_day(on, "on")
        now = tuple(a for a in self.assessments if a.on == day)
        before, after = (self._points(score, part, instrument) for part in (same, now))
        for name, part, when in (("baseline", before, baseline), ("on", after, on)):
            if not part:
                raise MissingFactError(
                    f"no {score} score was assessed {'by' if name == 'baseline' else 'on'} {when}",
                    field=name,
                    given=str(when),
                    patient=self.patient,
                )
        return highest(*after).change_from(highest(*before))

    def _comparable(self, **days: Any) -> None:
        """Refuse to compare a date with a number of days."""
        known = [item.on for item in self.assessments[:1]]
        for name, day in days.items():
            if day is None:
                continue
            known.append(day)
            if len({isinstance(one, int) for one in known}) > 1:
                raise NotationError(
                    f"{day} cannot be compared with the diary's days: use dates for both, or days "
                    "from the infusion for both",
                    field=name,
                    given=str(day),
                )

    def _points(
        self, score: str, among: tuple[BleedingAssessment, ...], instrument: str | None
    ) -> list[Points]:
        found = [
            (item.instrument, points)
            for item in among
            if (points := item.points(score)) is not None and instrument in (None, item.instrument)
        ]
        kinds = tuple(dict.fromkeys(kind for kind, _ in found))
        if len(kinds) > 1:
            raise UnknownTermError(
                f"{' and '.join(kinds)} both have a {score} score: name the instrument",
                field="instrument",
                given=None,
                nearest=kinds,
            )
        return [points for _, points in found]


__all__ = [
    "BleedingAssessment",
    "Cause",
    "Day",
    "Diary",
    "to_cause",
    "to_day",
    "yes_or_no",
]
