"""The rows of a study, one class for each table: what was recorded, and where it stands.

A field that nobody filled in is None. A record makes the objects that the rules take: a subject, a
laboratory value, a bleeding score, an adverse event, the findings of a day.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import attrs
from attrs import frozen

from itp_carT.analyte import Analyte
from itp_carT.analytes import GLUCOSE, GLUCOSE_FASTING
from itp_carT.analytes import analyte as analyte_of
from itp_carT.bleeding import chinese_adult, who
from itp_carT.bleeding.instrument import BleedingScore
from itp_carT.bleeding_diary import BleedingAssessment
from itp_carT.errors import NotationError
from itp_carT.observations import Lab
from itp_carT.partial_dates import PartialDate, before
from itp_carT.response.records import KINDS
from itp_carT.subject import Sex, Subject
from itp_carT.therapy.frequencies import FREQUENCIES, frequency_of
from itp_carT.units import Quantity, measured

from .cells import (
    Amount,
    Clock,
    Day,
    Measured,
    Named,
    Partly,
    Several,
    Text,
    Whole,
    Word,
    YesNo,
)
from .columns import Origin, column, documented

NOWHERE = Origin("", 0)

#: Headings by which the subject is found.
SUBJECT_NAMES = ("patient", "USUBJID", "SUBJID", "subject_id", "patient_id")


def _subject() -> Any:
    return column(Text(), "identifier of the subject", required=True, also=SUBJECT_NAMES)


def _origin() -> Any:
    return attrs.field(default=NOWHERE, eq=False, kw_only=True)


#: Why somebody left the study.
END_REASONS = (
    "completed",
    "death",
    "lost to follow-up",
    "withdrawal by subject",
    "physician decision",
    "adverse event",
    "protocol deviation",
    "other",
)
#: How somebody came to take part.
ENTRIES = ("refractory", "relapsed")


@documented
@frozen
class SubjectRecord:
    """One subject: who, when treated, and how the study ended."""

    subject: str = column(Text(), "identifier, once per study", required=True, also=SUBJECT_NAMES)
    sex: str | None = column(Text(words=("F", "M")), "sex")
    born: dt.date | None = column(Day(), "date of birth; leave empty where age is given",
                                  also=("BRTHDTC", "birth_date"))  # fmt: skip
    age: int | None = column(Whole(high=120), "completed years at the infusion")
    height: Quantity | None = column(Measured(unit="cm", beside="height_unit"), "standing height")
    weight: Quantity | None = column(
        Measured(unit="kg", beside="weight_unit"), "actual body weight before conditioning"
    )
    diagnosed: PartialDate | None = column(Partly(), "diagnosis of ITP", also=("diagnosis_date",))
    consented: dt.date | None = column(Day(), "informed consent", also=("RFICDTC",))
    conditioning: dt.date | None = column(
        Day(), "first day of lymphodepletion", also=("conditioning_date",)
    )
    infusion: dt.date | None = column(
        Day(),
        "first infusion of CAR-T cells: protocol day 0",
        empty="not infused, or the date is not known: nothing counted from day 0 can be computed",
        also=("infusion_date", "treated_on"),
    )
    entry: str | None = column(Word(words=ENTRIES), "how the subject qualifies, by the trial")
    prior_therapies: tuple[str, ...] | None = column(
        Several(), "earlier ITP therapies; none is the word none"
    )
    first_line_response: bool | None = column(YesNo(), "responded to first-line therapy")
    anti_cd20_response: bool | None = column(YesNo(), "responded to an anti-CD20 antibody")
    splenectomy: bool | None = column(YesNo(), "splenectomy before the study")
    eligible: bool | None = column(YesNo(), "all other entry criteria were met, by the site")
    end: dt.date | None = column(
        Day(), "last day in the study", empty="still in the study at the cutoff",
        also=("RFPENDTC", "end_of_study"),
    )  # fmt: skip
    end_reason: str | None = column(Word(words=END_REASONS), "why it ended", also=("DSDECOD",))
    death: dt.date | None = column(
        Day(), "date of death", empty="not known to have died", also=("DTHDTC",)
    )
    confirmed: tuple[str, ...] | None = column(
        Several(), "unusual values that were checked: weight, height, bmi, age", empty="none"
    )
    at: Origin = _origin()

    def person(self) -> Subject:
        """Return the subject as the rules take it.

        Raises
        ------
        ItpCarTError
            A value nobody has.
        """
        return Subject(
            id=self.subject,
            sex=None if self.sex is None else Sex.of(self.sex),
            born=self.born,
            age=self.age,
            height=self.height,
            weight=self.weight,
            confirmed=self.confirmed or (),
        )

    def check(self, _: Any) -> None:
        """Refuse what cannot be true of one subject."""
        self.person()


@documented
@frozen
class LabRecord:
    """One laboratory value or vital sign."""

    subject: str = _subject()
    date: dt.date = column(Day(), "day of the sample", required=True, also=("LBDTC", "ADT"))
    time: str | None = column(Clock(), "time of the sample")
    analyte: str = column(
        Named(),
        "what was measured: name, CDISC test code or LOINC code",
        required=True,
        also=("LBTESTCD", "LBTEST", "LBLOINC", "PARAMCD", "test", "loinc"),
    )
    value: Amount | None = column(
        Measured(beside="unit", beside_also=("LBORRESU", "units"), analyte="analyte"),
        "the value as reported, also <3",
        empty="not measured, or the result is missing",
        also=("LBORRES", "result"),
    )
    lln: Amount | None = column(
        Measured(beside="unit", analyte="analyte", apart=True),
        "lower limit of normal of that laboratory, in the unit of the value",
        also=("LBORNRLO", "lower_limit"),
    )
    uln: Amount | None = column(
        Measured(beside="unit", analyte="analyte", apart=True),
        "upper limit of normal of that laboratory, in the unit of the value",
        also=("LBORNRHI", "upper_limit"),
    )
    flag: str | None = column(
        Word(words=("low", "normal", "high")),
        "the laboratory's own flag against its range",
        also=("LBNRIND",),
    )
    fasting: bool | None = column(YesNo(), "the sample was taken fasting", also=("LBFAST",))
    at: Origin = _origin()

    @property
    def measure(self) -> Analyte:
        """The analyte; glucose that was taken fasting is fasting glucose."""
        found = analyte_of(self.analyte)
        return GLUCOSE_FASTING if found is GLUCOSE and self.fasting else found

    def lab(self, **baseline: Any) -> Lab:
        """Return the value as the rules take it.

        A value below or above what the method can tell counts as that limit; see ``value.sign``.

        Parameters
        ----------
        baseline
            As in `Lab`: ``baseline``, ``baseline_flag`` and others.
        """
        value, lln, uln = (
            None if one is None else one.quantity for one in (self.value, self.lln, self.uln)
        )
        return Lab(self.measure, value, lln=lln, uln=uln, on=self.date, **baseline)

    def check(self, _: Any) -> None:
        """Refuse an analyte that is not known and limits in the wrong order."""
        if self.lln is not None and self.uln is not None:
            self.lab()


_SCORED = "chinese-adult"


@documented
@frozen
class BleedingRecord:
    """One assessment of bleeding since the one before it."""

    subject: str = _subject()
    date: dt.date = column(Day(), "day of the assessment", required=True, also=("FADTC",))
    skin: str | None = column(
        Text(words=tuple(level.key for level in chinese_adult.SKIN.levels)),
        "Chinese adult score, skin", empty="not assessed",
    )  # fmt: skip
    mucosa: str | None = column(
        Text(words=tuple(level.key for level in chinese_adult.MUCOSA.levels)),
        "Chinese adult score, mucosa", empty="not assessed",
    )  # fmt: skip
    viscera: str | None = column(
        Text(words=tuple(level.key for level in chinese_adult.VISCERA.levels)),
        "Chinese adult score, viscera", empty="not assessed",
    )  # fmt: skip
    cns: str | None = column(
        Text(words=tuple(level.key for level in chinese_adult.CNS.levels)),
        "Chinese adult score, central nervous system", empty="not assessed",
    )  # fmt: skip
    rest: str | None = column(
        Word(words=("none",)), "none: all that is not mentioned was assessed and shows nothing",
        empty="what is not mentioned was not assessed",
    )  # fmt: skip
    who: int | None = column(Whole(high=4), "WHO grade", empty="not assessed", also=("who_grade",))
    bleeding: bool | None = column(
        YesNo(), "any bleeding, where no score was recorded", empty="not assessed, or by the score"
    )
    cause: str | None = column(
        Text(words=("spontaneous", "menses", "trauma", "procedure")), "what it is put down to"
    )
    disproportionate: bool | None = column(
        YesNo(), "more than menses, trauma or a procedure explains"
    )
    at: Origin = _origin()

    @property
    def scored(self) -> bool:
        """Whether an item of the Chinese adult score was recorded."""
        items = (self.skin, self.mucosa, self.viscera, self.cns, self.rest)
        return any(item is not None for item in items)

    def score(self, *, age: int | None = None, born: dt.date | None = None) -> BleedingScore | None:
        """Return the Chinese adult score; None where none of its items was recorded.

        Parameters
        ----------
        age, born
            Completed years on the day, or date of birth, for the age points.
        """
        if not self.scored:
            return None
        return chinese_adult.score(
            age=age, born=born, skin=self.skin, mucosa=self.mucosa, viscera=self.viscera,
            cns=self.cns, rest=self.rest, on=self.date, cause=self.cause,
            disproportionate=self.disproportionate,
        )  # fmt: skip

    def who_score(self) -> BleedingScore | None:
        """Return the WHO grade as a score; None where it was not recorded."""
        if self.who is None:
            return None
        return who.record(
            self.who, on=self.date, cause=self.cause, disproportionate=self.disproportionate
        )

    def assessments(
        self, *, age: int | None = None, born: dt.date | None = None
    ) -> tuple[BleedingAssessment, ...]:
        """Return what the diary takes: from the score, the grade and the plain statement."""
        scores = (self.score(age=age, born=born), self.who_score())
        found = [score.assessment() for score in scores if score is not None]
        if self.bleeding is not None or not found:
            plain = BleedingAssessment(
                self.date,
                self.bleeding,
                cause=self.cause,
                disproportionate=self.disproportionate,
            )
            found.append(plain)
        return tuple(found)

    def check(self, _: Any) -> None:
        """Refuse words that no instrument knows."""
        self.assessments()


@documented
@frozen
class InfusionRecord:
    """One administration of a study drug or of cells: planned and given."""

    subject: str = _subject()
    agent: str = column(
        Word(words=("fludarabine", "cyclophosphamide", "CAR-T")), "what was given",
        required=True, also=("EXTRT", "drug"),
    )  # fmt: skip
    date: dt.date = column(Day(), "day it was given", required=True, also=("EXSTDTC",))
    time: str | None = column(Clock(), "time it began")
    planned: Quantity | None = column(
        Measured(unit="mg", beside="unit", beside_also=("EXDOSU",)),
        "planned amount: mg of drug, viable CAR+ T cells",
    )
    given: Quantity | None = column(
        Measured(unit="mg", beside="unit"),
        "amount given; 0 says that it was not given",
        also=("EXDOSE", "dose"),
    )
    counting: str | None = column(
        Text(words=("viable CAR+", "viable", "total")), "which cells were counted",
        empty="viable CAR+ T cells for CAR-T",
    )  # fmt: skip
    fraction: int | None = column(Whole(low=1, high=20), "number of the fraction, from 1",
                                  empty="not divided")  # fmt: skip
    reason: str | None = column(Text(), "why it differs from the plan", empty="none stated")
    at: Origin = _origin()

    def check(self, _: Any) -> None:
        """Refuse cells in milligrams and drugs in cells."""
        measure = measured("cell" if self.agent == "CAR-T" else "mg", positive=False)
        for name in ("planned", "given"):
            value = getattr(self, name)
            if value is not None:
                measure.check(name, value)


@documented
@frozen
class MedicationRecord:
    """One concomitant medication."""

    subject: str = _subject()
    drug: str = column(Text(), "generic name", required=True, also=("CMTRT", "CMDECOD"))
    dose: Quantity | None = column(
        Measured(unit="mg", beside="unit", beside_also=("CMDOSU",)),
        "amount of one dose",
        also=("CMDOSE",),
    )
    frequency: str | None = column(
        Text(words=tuple(FREQUENCIES)), "how often",
        also=("CMDOSFRQ",),
    )  # fmt: skip
    route: str | None = column(Text(), "e.g. oral, intravenous", also=("CMROUTE",))
    start: PartialDate | None = column(
        Partly(), "first day", empty="not known; taken as before the study", also=("CMSTDTC",)
    )
    end: PartialDate | None = column(
        Partly(), "last day", empty="not known, or ongoing", also=("CMENDTC",)
    )
    ongoing: bool | None = column(YesNo(), "it goes on")
    purpose: str | None = column(
        Word(words=("itp", "lymphodepletion", "toxicity", "rescue", "other")), "what it is for",
        also=("CMCAT",),
    )  # fmt: skip
    rescue: str | None = column(
        Text(words=("platelet transfusion", "other rescue", "corticosteroid for CRS or ICANS",
                    "new ITP therapy")),
        "kind of rescue", empty="no rescue; where the purpose is rescue: other rescue",
    )  # fmt: skip
    indication: str | None = column(Text(), "the indication as written", also=("CMINDC",))
    at: Origin = _origin()

    def check(self, _: Any) -> None:
        """Refuse a kind of rescue or a frequency that is not known, and an end before the start."""
        if self.frequency is not None:
            frequency_of(self.frequency)
        if self.rescue is not None and self.rescue.casefold() not in KINDS:
            raise NotationError(
                f'"{self.rescue}" is not a kind of rescue', field="rescue", given=self.rescue
            )
        if self.end is not None and self.ongoing:
            raise NotationError(
                f"it is ongoing and ended on {self.end}: give one of the two", field="end"
            )
        if self.start is not None and self.end is not None and before(self.end, self.start):
            raise NotationError(f"{self.end} is before the start, {self.start}", field="end")


@documented
@frozen
class AnswerRecord:
    """One answer of a questionnaire."""

    subject: str = _subject()
    date: dt.date = column(Day(), "day it was filled in", required=True, also=("QSDTC",))
    item: str = column(Text(), "key of the item", required=True, also=("QSTESTCD",))
    answer: str | None = column(
        Text(), "number of the answer, or: not applicable", empty="not answered",
        also=("QSORRES",),
    )  # fmt: skip
    instrument: str | None = column(Text(), "the questionnaire", empty="itp-paq", also=("QSCAT",))
    at: Origin = _origin()

    def check(self, _: Any) -> None:
        """Take every answer: the instrument judges it."""


__all__ = [
    "END_REASONS",
    "ENTRIES",
    "NOWHERE",
    "SUBJECT_NAMES",
    "AnswerRecord",
    "BleedingRecord",
    "InfusionRecord",
    "LabRecord",
    "MedicationRecord",
    "SubjectRecord",
]
