"""Is an event treatment-emergent: the tests of the derivation in their order, as one table.

What counts as the first treatment of a CAR-T patient (leukapheresis, lymphodepletion or the
infusion) is a choice the caller makes. A date that is missing is treated as the derivation says;
a date of which only a part is known leaves the answer open where the unknown part decides.
"""

from __future__ import annotations

import datetime as dt
from enum import Enum
from typing import Any, TypeAlias

from attrs import frozen

from itp_carT.errors import ImpossibleError, MissingFactError, NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.partial_dates import PartialDate, before, partial_date
from itp_carT.rules import Fact, Known, Not, Row, Table
from itp_carT.sources import ADMIRAL_TRTEMFL
from itp_carT.verdict import Verdict, decide

from .events import AdverseEvent


class Emergence(Enum):
    """Whether an event is treatment-emergent (ADaM TRTEMFL)."""

    YES = "Y"
    NO = ""

    @property
    def label(self) -> str:
        """In words."""
        return "treatment-emergent" if self is Emergence.YES else "not treatment-emergent"

    def __repr__(self) -> str:
        return f"Emergence.{self.name}"


_UNTREATED = Fact("untreated", "the patient was not treated")
_ENDED_BEFORE = Fact("ended-before", "the event ended before first treatment")
_NO_START = Fact("no-start", "no start of the event is recorded")
_STARTED_SINCE = Fact("started-since", "the event started on or after first treatment")
_BEYOND = Fact("beyond-window", "the event started later than the window after last treatment")
_WORSE = Fact("worse", "the grade is above the initial grade")

TREATMENT_EMERGENT = Table(
    key="admiral:treatment-emergent",
    term="Treatment-emergent adverse event",
    rows=(
        Row(Emergence.NO, _UNTREATED.is_()),
        Row(Emergence.NO, _ENDED_BEFORE.is_(), note="an event without an end has not ended before"),
        Row(
            Emergence.YES,
            _NO_START.is_(),
            note="an event whose start nobody recorded is counted, to be on the safe side",
        ),
        Row(Emergence.YES, _STARTED_SINCE.is_() & Not(_BEYOND.is_())),
        Row(
            Emergence.YES,
            Not(_BEYOND.is_()) & Not(_ENDED_BEFORE.is_()) & _WORSE.is_(),
            note="reached by events that started before first treatment; where a grade is "
            "missing the answer stays open, while the derivation counts the event",
        ),
    ),
    otherwise=Emergence.NO,
    source=ADMIRAL_TRTEMFL.at("order of the tests, first hit decides"),
    note="A partial date is kept as it is: where its unknown part decides, the answer is open.",
)


class Milestone(Enum):
    """What may count as first treatment in a CAR-T trial."""

    LEUKAPHERESIS = "leukapheresis"
    LYMPHODEPLETION = "lymphodepletion"
    INFUSION = "infusion"

    @property
    def label(self) -> str:
        """The word for it."""
        return self.value

    def __repr__(self) -> str:
        return f"Milestone.{self.name}"


class NotGiven(Enum):
    """Says that a treatment did not take place; None says that its date is not known."""

    NOT_GIVEN = "not given"

    def __repr__(self) -> str:
        return "NOT_GIVEN"


NOT_GIVEN = NotGiven.NOT_GIVEN

Given: TypeAlias = PartialDate | NotGiven | None
Day: TypeAlias = PartialDate | dt.date | str | NotGiven | None


def _to_given(given: Any, name: str) -> Given:
    if given is None or isinstance(given, NotGiven):
        return given
    return partial_date(given, name)


def _to_milestone(given: Any) -> Milestone:
    if isinstance(given, Milestone):
        return given
    known = tuple(milestone.value for milestone in Milestone)
    word = str(given).strip().casefold()
    if word in known:
        return Milestone(word)
    raise UnknownTermError(
        f"{show(given)} is no first treatment: write {', '.join(known)}",
        field="first",
        given=given,
        nearest=known,
    )


@frozen(init=False)
class TreatmentPeriod:
    """One patient's treatment, and from when on an event counts.

    Parameters
    ----------
    first
        Which event is the first treatment: ``"leukapheresis"``, ``"lymphodepletion"`` or
        ``"infusion"``. There is no default: the protocol or the analysis plan says it.
    leukapheresis, lymphodepletion, infusion
        First day of each; None when the day is not known, `NOT_GIVEN` when it did not take place.
    last
        Last day of treatment, e.g. of the last infusion; needed with ``window_days``.
    window_days
        Events that start later than this many days after ``last`` do not count; None: no window.

    Raises
    ------
    MissingFactError
        A window without the last treatment.
    ImpossibleError
        The last treatment before the first.

    Examples
    --------
    >>> TreatmentPeriod(first="infusion", infusion="2026-03-09").start
    PartialDate(year=2026, month=3, day=9)
    """

    first: Milestone
    leukapheresis: Given
    lymphodepletion: Given
    infusion: Given
    last: Given
    window_days: int | None

    def __init__(
        self,
        *,
        first: Milestone | str,
        leukapheresis: Day = None,
        lymphodepletion: Day = None,
        infusion: Day = None,
        last: Day = None,
        window_days: int | None = None,
    ) -> None:
        self.__attrs_init__(
            _to_milestone(first),
            _to_given(leukapheresis, "leukapheresis"),
            _to_given(lymphodepletion, "lymphodepletion"),
            _to_given(infusion, "infusion"),
            _to_given(last, "last"),
            window_days,
        )
        last, start = self.last, self.start
        if self.window_days is not None:
            _check_window(self.window_days, last)
        if isinstance(last, PartialDate) and isinstance(start, PartialDate) and before(last, start):
            raise ImpossibleError(
                f"last treatment on {last} is before the first, {self.first.label} on {start}: "
                "check the dates",
                field="last",
                given=str(last),
            )

    @property
    def start(self) -> Given:
        """The day of first treatment."""
        found: Given = getattr(self, self.first.value)
        return found


def _check_window(days: Any, last: Given) -> None:
    if isinstance(days, bool) or not isinstance(days, int) or days < 0:
        raise NotationError(
            f"{show(days)} is not a number of days: write e.g. 30",
            field="window_days",
            given=days,
        )
    if not isinstance(last, PartialDate):
        raise MissingFactError(
            f"a window of {days} days counts from the last treatment: give last=...",
            field="last",
            given=last,
        )


def treatment_emergent(event: AdverseEvent, period: TreatmentPeriod) -> Verdict:
    """Decide whether an event is treatment-emergent.

    The tests run in the order of `TREATMENT_EMERGENT`; the first hit decides: not treated, no;
    ended before first treatment, no; start missing, yes; started on or after first treatment (and
    not beyond the window), yes; started before, not ended before, and worse than the initial
    grade, yes; else no. An event without an end has not ended before first treatment, unless
    ``ongoing=False`` says that it did end on a day nobody knows.

    Parameters
    ----------
    event
        The event.
    period
        The patient's treatment, and what counts as first.

    Returns
    -------
    A verdict; ``outcome`` is `Emergence`, ``reason`` says what would settle it.

    References
    ----------
    admiral-trtemfl

    Examples
    --------
    >>> period = TreatmentPeriod(first="infusion", infusion="2026-03-09")
    >>> event = AdverseEvent(
    ...     "SYN-01", "Headache", edition="ctcae-v5.0", grade=2, onset="2026-03"
    ... )
    >>> treatment_emergent(event, period).possible
    (Emergence.YES, Emergence.NO)
    """
    return decide(TREATMENT_EMERGENT, *_facts(event, period))


#: The first and the last day a date can be.
Span: TypeAlias = tuple[dt.date, dt.date]


def _facts(event: AdverseEvent, period: TreatmentPeriod) -> list[Known]:
    """Say of each fact of the table whether it holds; what is not known is left out."""
    first = period.start
    start, end = _spans(event)
    answers: dict[Fact, bool | None] = {
        _UNTREATED: None if first is None else first is NOT_GIVEN,
        _NO_START: event.onset is None,
        _WORSE: event.worsening.new_toxicity,
        _BEYOND: _beyond(start, period),
    }
    if isinstance(first, PartialDate):
        day = (first.earliest, first.latest)
        if start is not None:
            answers[_STARTED_SINCE] = _negated(_before(start, day))
        if answers.get(_STARTED_SINCE):
            answers[_ENDED_BEFORE] = False
        elif end is not None:
            answers[_ENDED_BEFORE] = _before(end, day)
        else:
            answers[_ENDED_BEFORE] = None if event.ongoing is False else False
    return [Known(fact, holds) for fact, holds in answers.items() if holds is not None]


def _spans(event: AdverseEvent) -> tuple[Span | None, Span | None]:
    """Return the days that start and end can be, knowing that no event ends before it starts."""
    onset, end = event.onset, event.end
    starts = None if onset is None else (onset.earliest, onset.latest)
    ends = None if end is None else (end.earliest, end.latest)
    if starts is None or ends is None:
        return starts, ends
    return (starts[0], min(starts[1], ends[1])), (max(starts[0], ends[0]), ends[1])


def _before(one: Span, other: Span) -> bool | None:
    if one[1] < other[0]:
        return True
    return False if one[0] >= other[1] else None


def _negated(truth: bool | None) -> bool | None:
    return None if truth is None else not truth


def _beyond(start: Span | None, period: TreatmentPeriod) -> bool | None:
    if period.window_days is None or not isinstance(period.last, PartialDate):
        return False
    if start is None:
        return None
    window = dt.timedelta(days=period.window_days)
    closing = (period.last.earliest + window, period.last.latest + window)
    return _before(closing, start)
