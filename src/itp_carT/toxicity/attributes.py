"""What is said about an adverse event beside its grade: attribution, seriousness, action, outcome.

The lists are those of NCI CTEP, ICH E2A and CDISC. Unknown is a value of its own: an attribution
nobody gave is not "unrelated", and a seriousness nobody assessed is not "no".
"""

from __future__ import annotations

from enum import Enum
from typing import Any, Self

from attrs import frozen

from itp_carT.errors import ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.sources import CDISC_SDTM_CT, CTEP_ATTRIBUTION, ICH_E2A

#: Where the lists come from; none was compared with an opened source.
ATTRIBUTION_SOURCE = CTEP_ATTRIBUTION.at("attribution", note="related is usually level 3 to 5")
SERIOUSNESS_SOURCE = ICH_E2A.at("II.B, serious adverse event")
ACTION_SOURCE = CDISC_SDTM_CT.at("codelist ACN, action taken with study treatment")
OUTCOME_SOURCE = CDISC_SDTM_CT.at("codelist OUT (C66768), outcome of event")


class Coded(Enum):
    """Base of the code lists: the value is how CDISC, or the publisher, writes it in data."""

    @property
    def cdisc(self) -> str:
        """The value in CDISC data."""
        return str(self.value)

    @property
    def label(self) -> str:
        """In words."""
        return str(self.value).lower()

    @classmethod
    def of(cls, given: Any) -> Self:
        """Return the member meant by its name, its label or its CDISC value, whatever the case.

        Raises
        ------
        UnknownTermError
            With the list of what can be written.
        """
        if isinstance(given, cls):
            return given
        word = (
            " ".join(given.replace("_", " ").split()).casefold() if isinstance(given, str) else ""
        )
        for member in cls:
            if word in {member.label, member.name.replace("_", " ").casefold()}:
                return member
        labels = tuple(member.label for member in cls)
        raise UnknownTermError(
            f"{show(given)} is not on the list: write {', '.join(labels)}",
            field=cls.__name__.lower(),
            given=given,
            nearest=labels,
        )

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


class Attribution(Coded):
    """How likely the treatment caused the event: the five levels of NCI CTEP, and unknown.

    Examples
    --------
    >>> Attribution.of("possible").related, Attribution.UNKNOWN.related
    (True, None)
    """

    UNRELATED = "UNRELATED"
    UNLIKELY = "UNLIKELY"
    POSSIBLE = "POSSIBLE"
    PROBABLE = "PROBABLE"
    DEFINITE = "DEFINITE"
    UNKNOWN = "UNKNOWN"

    @property
    def level(self) -> int | None:
        """The level from 1 (unrelated) to 5 (definite); None when unknown."""
        return None if self is Attribution.UNKNOWN else list(Attribution).index(self) + 1

    @property
    def related(self) -> bool | None:
        """Whether it counts as related (level 3 to 5, unverified); None when unknown."""
        return None if self.level is None else self.level >= 3


class Action(Coded):
    """Action taken with study treatment (CDISC ACN); mostly not applicable after one infusion."""

    DOSE_INCREASED = "DOSE INCREASED"
    DOSE_NOT_CHANGED = "DOSE NOT CHANGED"
    DOSE_REDUCED = "DOSE REDUCED"
    DOSE_RATE_REDUCED = "DOSE RATE REDUCED"
    DRUG_INTERRUPTED = "DRUG INTERRUPTED"
    DRUG_WITHDRAWN = "DRUG WITHDRAWN"
    NOT_APPLICABLE = "NOT APPLICABLE"
    UNKNOWN = "UNKNOWN"


class Outcome(Coded):
    """Outcome of the event (CDISC OUT)."""

    FATAL = "FATAL"
    NOT_RECOVERED = "NOT RECOVERED/NOT RESOLVED"
    RECOVERED = "RECOVERED/RESOLVED"
    RECOVERED_WITH_SEQUELAE = "RECOVERED/RESOLVED WITH SEQUELAE"
    RECOVERING = "RECOVERING/RESOLVING"
    UNKNOWN = "UNKNOWN"


def check_answer(name: str, value: Any) -> None:
    """Refuse what is neither yes, no nor unknown."""
    if value is not None and not isinstance(value, bool):
        raise NotationError(
            f"{show(value)} is not an answer: write True, False, or None when it was not assessed",
            field=name,
            given=value,
        )


_CRITERIA = {
    "death": "AESDTH",
    "life_threatening": "AESLIFE",
    "hospitalization": "AESHOSP",
    "disability": "AESDISAB",
    "congenital_anomaly": "AESCONG",
    "medically_important": "AESMIE",
}


@frozen(kw_only=True)
class Seriousness:
    """The criteria of ICH E2A, each yes, no, or not assessed (None).

    Parameters
    ----------
    death, life_threatening, hospitalization, disability, congenital_anomaly
        The event led to it; hospitalization counts new or prolonged.
    medically_important
        Another medically important condition.
    stated
        Whether it was called serious, where a source says so without naming the criterion.

    Raises
    ------
    ImpossibleError
        Called not serious, although a criterion was answered yes.

    Examples
    --------
    >>> Seriousness(hospitalization=True).serious, Seriousness().serious, NOT_SERIOUS.serious
    (True, None, False)
    """

    death: bool | None = None
    life_threatening: bool | None = None
    hospitalization: bool | None = None
    disability: bool | None = None
    congenital_anomaly: bool | None = None
    medically_important: bool | None = None
    stated: bool | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse anything but yes, no and not assessed."""
        for name in (*_CRITERIA, "stated"):
            check_answer(name, getattr(self, name))
        met = [name for name in _CRITERIA if getattr(self, name)]
        if self.stated is False and met:
            raise ImpossibleError(
                f"it is called not serious, and {met[0].replace('_', ' ')} is answered yes: check "
                "both",
                field=met[0],
                given=True,
            )

    @property
    def _answers(self) -> dict[str, bool | None]:
        return {variable: getattr(self, name) for name, variable in _CRITERIA.items()}

    @property
    def serious(self) -> bool | None:
        """True by any criterion, False when all were answered no; else as stated, or None."""
        answers = self._answers.values()
        return True if any(answers) else self.stated if None in answers else bool(self.stated)

    def cdisc(self) -> dict[str, str]:
        """Return AESER and its criteria; a criterion nobody assessed is empty."""
        found = {"AESER": self.serious, **self._answers}
        return {name: {True: "Y", False: "N", None: ""}[answer] for name, answer in found.items()}


NOT_ASSESSED = Seriousness()
NOT_SERIOUS = Seriousness(**dict.fromkeys(_CRITERIA, False))
