"""A record of one adverse event: what, how bad, when, why, and what came of it.

What was not reported stays unknown, and a grade that is not settled is a range. Attribution and the
other lists are in `itp_carT.toxicity.attributes`; whether an event is treatment-emergent is decided
in `itp_carT.toxicity.emergence`; counting is in `itp_carT.toxicity.incidence`.
"""

from __future__ import annotations

import datetime as dt
import warnings
from typing import Any

from attrs import field, frozen

from itp_carT.errors import (
    ImpossibleError,
    MissingFactError,
    NotationError,
    UnusualValueWarning,
)
from itp_carT.notation import show
from itp_carT.partial_dates import PartialDate, before, optional_date
from itp_carT.verdict import Verdict

from .attributes import NOT_ASSESSED, Action, Attribution, Outcome, Seriousness, check_answer
from .catalogue import Term, catalogue
from .grades import Grade
from .worsening import (
    GradeLike,
    Worsening,
    baseline_grades,
    grade_name,
    possible_grades,
    to_grade,
)


@frozen(init=False, repr=False)
class AdverseEvent:
    """One adverse event of one patient.

    Parameters
    ----------
    patient
        The patient's identifier.
    term
        A term of a catalogue, or its name or code together with ``edition``.
    edition
        For example ``"ctcae-v5.0"``; needed when the term is given as text.
    verbatim
        The event as reported; needed for the terms "Other, specify".
    grade
        The grade, or the verdict behind it; a verdict may be unsettled. None is unknown.
    initial_grade
        The grade before treatment; None is unknown, 0 says that it was absent.
    onset, end
        Dates, of which a part may be unknown; None when nothing is known.
    ongoing
        Whether it went on when last seen.
    attribution, seriousness, action, outcome
        Unknown, or not assessed, unless given.
    confirmed
        Names of fields whose unusual value was checked.

    Raises
    ------
    UnknownTermError
        No such term, or a word that is on no code list.
    ImpossibleError
        A grade the term does not have, an end before the onset, grade 5 in somebody who recovered.
    MissingFactError
        A term as text without its edition, or "Other, specify" without saying what.

    Examples
    --------
    >>> event = AdverseEvent(
    ...     "SYN-01", "Headache", edition="ctcae-v5.0", grade=2, onset="2026-03", ongoing=True
    ... )
    >>> event.grades, event.attribution, event.serious
    ((<Grade.G2: 2>,), Attribution.UNKNOWN, None)
    >>> event
    AdverseEvent('SYN-01', 'Headache', edition='ctcae-v5.0', grade=2, onset='2026-03', ongoing=True)
    """

    patient: str
    term: Term
    verbatim: str
    grade: Grade | Verdict | None
    initial_grade: Grade | Verdict | None
    onset: PartialDate | None
    end: PartialDate | None
    ongoing: bool | None
    attribution: Attribution
    seriousness: Seriousness
    action: Action
    outcome: Outcome
    confirmed: tuple[str, ...] = field(eq=False)

    def __init__(
        self,
        patient: str,
        term: Term | str,
        *,
        edition: str | None = None,
        verbatim: str = "",
        grade: GradeLike = None,
        initial_grade: GradeLike = None,
        onset: PartialDate | dt.date | str | None = None,
        end: PartialDate | dt.date | str | None = None,
        ongoing: bool | None = None,
        attribution: Attribution | str = Attribution.UNKNOWN,
        seriousness: Seriousness = NOT_ASSESSED,
        action: Action | str = Action.UNKNOWN,
        outcome: Outcome | str = Outcome.UNKNOWN,
        confirmed: tuple[str, ...] = (),
    ) -> None:
        self.__attrs_init__(
            _to_patient(patient),
            _to_term(term, edition),
            verbatim.strip(),
            to_grade(grade),
            to_grade(initial_grade, "initial_grade"),
            optional_date("onset")(onset),
            optional_date("end")(end),
            ongoing,
            Attribution.of(attribution),
            seriousness,
            Action.of(action),
            Outcome.of(outcome),
            tuple(confirmed),
        )
        _check_grade(self)
        _check_dates(self)
        _check_death(self)

    @property
    def grades(self) -> tuple[Grade, ...]:
        """The grades that are still possible, worst first; of a missing grade, all the term has."""
        return possible_grades(self.grade, self.term.grades)

    @property
    def settled(self) -> bool:
        """Whether one grade is left."""
        return len(self.grades) == 1

    @property
    def worst(self) -> Grade:
        """The worst grade it may have."""
        return self.grades[0]

    @property
    def at_least(self) -> Grade | None:
        """The grade that is reached for certain; None when nobody gave one."""
        return None if self.grade is None else self.grades[-1]

    @property
    def worsening(self) -> Worsening:
        """The grade against the grade before treatment."""
        return Worsening(baseline_grades(self.initial_grade), self.grades)

    @property
    def serious(self) -> bool | None:
        """Whether it is serious; None when not assessed. A severe event need not be serious."""
        return self.seriousness.serious

    @property
    def related(self) -> bool | None:
        """Whether it counts as related to treatment; None when unknown."""
        return self.attribution.related

    def cdisc(self) -> dict[str, str]:
        """Return the record as variables of CDISC SDTM AE (and AEITOXGR of ADaM).

        Names of variables are unverified; a grade that is not settled and all that was not
        reported is empty.
        """
        initial = baseline_grades(self.initial_grade)
        return {
            "USUBJID": self.patient,
            "AETERM": self.verbatim or self.term.name,
            "AELLT": self.term.name,
            "AELLTCD": self.term.code,
            "AESOC": self.term.soc.label,
            "AETOXGR": str(int(self.worst)) if self.settled else "",
            "AEITOXGR": str(int(initial[0])) if len(initial) == 1 else "",
            **self.seriousness.cdisc(),
            "AEREL": self.attribution.cdisc,
            "AEACN": self.action.cdisc,
            "AEOUT": self.outcome.cdisc,
            "AESTDTC": str(self.onset or ""),
            "AEENDTC": str(self.end or ""),
            "AEENRTPT": "ONGOING" if self.ongoing else "",
        }

    def __repr__(self) -> str:
        parts = [repr(self.patient), repr(self.term.name), f"edition={self.term.edition!r}"]
        if self.verbatim:
            parts.append(f"verbatim={self.verbatim!r}")
        for name in ("grade", "initial_grade"):
            grade = getattr(self, name)
            if grade is not None:
                parts.append(f"{name}={int(grade) if isinstance(grade, Grade) else grade!r}")
        dates = {"onset": self.onset, "end": self.end}
        parts += [f"{name}={str(date)!r}" for name, date in dates.items() if date is not None]
        if self.ongoing is not None:
            parts.append(f"ongoing={self.ongoing!r}")
        for name, default in _DEFAULTS.items():
            if getattr(self, name) != default:
                parts.append(f"{name}={getattr(self, name)!r}")
        return f"AdverseEvent({', '.join(parts)})"


_DEFAULTS = {
    "attribution": Attribution.UNKNOWN,
    "seriousness": NOT_ASSESSED,
    "action": Action.UNKNOWN,
    "outcome": Outcome.UNKNOWN,
    "confirmed": (),
}


def _to_patient(given: Any) -> str:
    if not isinstance(given, str) or not given.strip():
        raise NotationError(
            f'{show(given)} identifies nobody: write the patient\'s identifier, e.g. "SYN-01"',
            field="patient",
            given=given,
        )
    return given.strip()


def _to_term(given: Any, edition: str | None) -> Term:
    if isinstance(given, Term):
        if edition is not None and edition != given.edition:
            raise ImpossibleError(f"{given} is not a term of {edition}", field="term", given=given)
        return given
    if not isinstance(given, str):
        raise NotationError(
            f"{show(given)} is not a term: write its name or code", field="term", given=given
        )
    if edition is None:
        raise MissingFactError(
            f'"{given}" has no edition: write edition="ctcae-v5.0", or give the term itself',
            field="edition",
            given=given,
        )
    return catalogue(edition)[given]


def _check_grade(event: AdverseEvent) -> None:
    term, grade = event.term, event.grade
    baseline_grades(event.initial_grade, "initial_grade")
    if term.other_specify and not event.verbatim:
        raise MissingFactError(
            f'{term} must say what happened: give verbatim="..."', field="verbatim", given=""
        )
    if isinstance(grade, Verdict):
        code = grade.table.code
        if code and code != term.code:
            raise ImpossibleError(
                f"the verdict is about {grade.table.name} ({code}), not about {term}",
                field="grade",
                given=grade,
            )
    if event.settled and event.worst not in term.grades:
        exist = ", ".join(str(int(grade)) for grade in term.grades)
        none = (
            "grade 0 is no adverse event" if event.worst is Grade.G0 else "there is no such grade"
        )
        raise ImpossibleError(
            f"grade {int(event.worst)} of {term}: {none}; it has {exist}",
            field="grade",
            given=event.worst,
        )


def _check_dates(event: AdverseEvent) -> None:
    check_answer("ongoing", event.ongoing)
    if event.ongoing and event.end is not None:
        raise ImpossibleError(
            f"it is ongoing and ended on {event.end}: give one of the two",
            field="end",
            given=str(event.end),
        )
    if event.onset and event.end and before(event.end, event.onset):
        raise ImpossibleError(
            f"it ended on {event.end}, before it began on {event.onset}: check the dates",
            field="end",
            given=str(event.end),
        )


def _check_death(event: AdverseEvent) -> None:
    fatal = event.outcome is Outcome.FATAL
    died = event.grades == (Grade.G5,)
    if died and not (fatal or event.outcome is Outcome.UNKNOWN):
        raise ImpossibleError(
            f"grade 5 is death, and the outcome is {event.outcome.label}: check both",
            field="outcome",
            given=event.outcome,
        )
    if (died or fatal) and event.seriousness.death is False:
        raise ImpossibleError(
            "the event was fatal, and death is answered no: check both",
            field="seriousness",
            given=event.seriousness,
        )
    if fatal and Grade.G5 not in event.grades and "outcome" not in event.confirmed:
        warnings.warn(
            f"the outcome is fatal and the grade {grade_name(event.worst)}, not 5: check both, or "
            'say confirmed=("outcome",)',
            UnusualValueWarning,
            stacklevel=3,
        )
