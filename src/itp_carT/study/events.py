"""The rows of adverse events and of the daily assessment of CRS and ICANS.

The words of a finding are kept as written; `AdverseEventRecord.event`, `CrsRecord.findings` and
`CrsRecord.icans` read them by the lists of the rules.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, MissingFactError
from itp_carT.partial_dates import PartialDate
from itp_carT.toxicity.attributes import Action, Attribution, Outcome, Seriousness
from itp_carT.toxicity.crs_findings import CrsFindings
from itp_carT.toxicity.crs_words import Hypotension, Masking, Oxygen, Vasopressor
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.icans_2019 import Consciousness, Motor, Pressure, Seizure, icans
from itp_carT.toxicity.ice import Ice
from itp_carT.toxicity.scales import ScaleAssessment
from itp_carT.units import Quantity

from .cells import Clock, Day, Measured, Partly, Text, Whole, YesNo
from .columns import Origin, column, documented
from .records import NOWHERE, SUBJECT_NAMES

_CRITERIA = {
    "death": "AESDTH",
    "life_threatening": "AESLIFE",
    "hospitalization": "AESHOSP",
    "disability": "AESDISAB",
    "congenital_anomaly": "AESCONG",
    "medically_important": "AESMIE",
}


def _labels(kind: Any) -> Text:
    return Text(words=tuple(member.label for member in kind))


def _values(kind: Any) -> Text:
    return Text(words=tuple(str(member.value) for member in kind))


def _criterion(name: str) -> Any:
    return column(
        YesNo(),
        f"seriousness: {name.replace('_', ' ')}",
        empty="not assessed",
        also=(_CRITERIA[name],),
    )


@documented
@frozen
class AdverseEventRecord:
    """One adverse event."""

    subject: str = column(Text(), "identifier of the subject", required=True, also=SUBJECT_NAMES)
    term: str | None = column(
        Text(), "CTCAE term", empty="named by its code", also=("AELLT", "AEDECOD")
    )
    code: str | None = column(
        Text(), "MedDRA code of the term", empty="named by the term", also=("AELLTCD",)
    )
    verbatim: str | None = column(
        Text(), 'the event as reported; needed for "Other, specify"', also=("AETERM",)
    )
    grade: int | None = column(
        Whole(low=1, high=5), "worst grade", empty="not known: every grade stays possible",
        also=("AETOXGR",),
    )  # fmt: skip
    initial_grade: int | None = column(
        Whole(high=4), "grade before treatment; 0 says absent", also=("AEITOXGR",)
    )
    start: PartialDate | None = column(Partly(), "first day", also=("AESTDTC", "onset"))
    end: PartialDate | None = column(
        Partly(), "last day", empty="not known, or ongoing", also=("AEENDTC",)
    )
    ongoing: bool | None = column(YesNo(), "it goes on")
    relation: str | None = column(
        _labels(Attribution), "attribution to the study treatment", also=("AEREL",)
    )
    serious: bool | None = column(
        YesNo(), "serious by any criterion", empty="not assessed", also=("AESER",)
    )
    death: bool | None = _criterion("death")
    life_threatening: bool | None = _criterion("life_threatening")
    hospitalization: bool | None = _criterion("hospitalization")
    disability: bool | None = _criterion("disability")
    congenital_anomaly: bool | None = _criterion("congenital_anomaly")
    medically_important: bool | None = _criterion("medically_important")
    action: str | None = column(_labels(Action), "action taken", also=("AEACN",))
    outcome: str | None = column(_labels(Outcome), "outcome", also=("AEOUT",))
    at: Origin = field(default=NOWHERE, eq=False, kw_only=True)

    def event(self, edition: str) -> AdverseEvent:
        """Return the event as the rules take it.

        Parameters
        ----------
        edition
            Edition of the terms, e.g. ``"ctcae-v5.0"``.

        Raises
        ------
        ItpCarTError
            As `AdverseEvent` does.
        """
        named = self.term or self.code
        if named is None:
            raise MissingFactError("names no event: give the term or its code", field="term")
        answers = {name: getattr(self, name) for name in _CRITERIA}
        made = AdverseEvent(
            self.subject,
            named,
            edition=edition,
            verbatim=self.verbatim or "",
            grade=self.grade,
            initial_grade=self.initial_grade,
            onset=self.start,
            end=self.end,
            ongoing=self.ongoing,
            attribution=Attribution.UNKNOWN if self.relation is None else self.relation,
            seriousness=Seriousness(**answers, stated=self.serious),
            action=Action.UNKNOWN if self.action is None else self.action,
            outcome=Outcome.UNKNOWN if self.outcome is None else self.outcome,
        )
        if self.term and self.code and self.code != made.term.code:
            raise ImpossibleError(
                f"{self.code} is not the code of {made.term}, {made.term.code}: leave one out",
                field="code",
                given=self.code,
            )
        return made

    def check(self, header: Any) -> None:
        """Refuse what `AdverseEvent` refuses."""
        self.event(header.edition("ctcae"))


@documented
@frozen
class CrsRecord:
    """The findings of one day after infusion, for CRS and ICANS."""

    subject: str = column(Text(), "identifier of the subject", required=True, also=SUBJECT_NAMES)
    date: dt.date = column(Day(), "day of the assessment", required=True, also=("FADTC",))
    time: str | None = column(Clock(), "time of the assessment", empty="the worst of the day")
    temperature: Quantity | None = column(
        Measured(unit="Cel", beside="temperature_unit"), "highest temperature",
        empty="not assessed",
    )  # fmt: skip
    fever_explained: bool | None = column(YesNo(), "fever has another cause", empty="taken as no")
    hypotension: str | None = column(_values(Hypotension), "support", empty="not assessed")
    vasopressors: str | None = column(
        Text(words=(*(one.value for one in Vasopressor), "none")), "the drugs, joined by +",
        empty="not recorded",
    )  # fmt: skip
    oxygen: str | None = column(
        _values(Oxygen), "the oxygen device", empty="not assessed", also=("hypoxia",)
    )
    flow: Quantity | None = column(Measured(unit="L/min", beside="flow_unit"), "oxygen flow")
    fio2: Quantity | None = column(Measured(unit="%", beside="fio2_unit"), "oxygen fraction")
    masked_by: str | None = column(
        Text(words=(*(one.value for one in Masking), "none")),
        "therapy that hides fever, joined by +",
    )
    life_threatening: bool | None = column(YesNo(), "life-threatening", empty="taken as no")
    death: bool | None = column(YesNo(), "death from CRS", empty="taken as no")
    crs_grade: int | None = column(Whole(high=5), "ASTCT CRS grade given by the site",
                                   empty="graded from the findings")  # fmt: skip
    ice: int | None = column(Whole(high=10), "ICE score", empty="not tested, or by its tasks")
    orientation: int | None = column(Whole(high=4), "ICE: orientation", empty="not tested")
    naming: int | None = column(Whole(high=3), "ICE: naming", empty="not tested")
    command: int | None = column(Whole(high=1), "ICE: following a command", empty="not tested")
    writing: int | None = column(Whole(high=1), "ICE: writing", empty="not tested")
    counting: int | None = column(Whole(high=1), "ICE: counting back", empty="not tested")
    consciousness: str | None = column(_values(Consciousness), "consciousness")
    seizure: str | None = column(_values(Seizure), "seizure")
    motor: str | None = column(_values(Motor), "motor findings")
    pressure: str | None = column(_values(Pressure), "raised intracranial pressure, edema")
    icans_grade: int | None = column(Whole(high=5), "ASTCT ICANS grade given by the site",
                                     empty="graded from the findings")  # fmt: skip
    at: Origin = field(default=NOWHERE, eq=False, kw_only=True)

    def findings(self) -> CrsFindings:
        """Return the findings for the CRS scales.

        Raises
        ------
        ItpCarTError
            As `CrsFindings` does.
        """
        return CrsFindings(
            temperature=self.temperature,
            fever_explained=self.fever_explained,
            hypotension=self.hypotension,
            vasopressors=() if self.vasopressors == "none" else self.vasopressors,
            hypoxia=self.oxygen,
            flow=self.flow,
            fio2=self.fio2,
            masked_by=() if self.masked_by == "none" else self.masked_by,
            life_threatening=self.life_threatening,
            death=self.death,
            on=self.date,
        )

    @property
    def neurology(self) -> bool:
        """Whether anything was recorded for ICANS."""
        asked = (self.ice, self.consciousness, self.seizure, self.motor, self.pressure)
        return any(one is not None for one in (*asked, *self._tasks().values()))

    def icans(self) -> ScaleAssessment | None:
        """Return the ICANS assessment; None where nothing was recorded for it.

        Raises
        ------
        ItpCarTError
            As `itp_carT.toxicity.icans_2019.icans` does.
        """
        if not self.neurology:
            return None
        tasks = self._tasks()
        tested = any(points is not None for points in tasks.values())
        if tested and self.ice is not None and self.ice not in Ice(**tasks).score.possible:
            raise ImpossibleError(
                f"an ICE score of {self.ice} does not agree with its tasks, "
                f"{Ice(**tasks).score}: check both",
                field="ice",
                given=self.ice,
            )
        return icans(
            ice=Ice(**tasks) if tested and self.ice is None else self.ice,
            consciousness=self.consciousness,
            seizure=self.seizure,
            motor=self.motor,
            pressure=self.pressure,
            on=self.date,
        )

    def _tasks(self) -> dict[str, int | None]:
        return {name: getattr(self, name) for name, _ in Ice.TASKS}

    def check(self, _: Any) -> None:
        """Refuse what the scales refuse."""
        self.findings()
        self.icans()


__all__ = ["AdverseEventRecord", "CrsRecord"]
