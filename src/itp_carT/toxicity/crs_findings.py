"""What was found on one day in a patient with possible cytokine release syndrome (CRS).

Temperature, blood pressure support and oxygen are typed here once and read by every CRS scale;
what was not assessed stays unknown. The scales themselves stand in modules of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from attrs import field, frozen

from itp_carT.analytes import OXYGEN_FRACTION, TEMPERATURE, Analyte
from itp_carT.errors import ImpossibleError, MissingFactError
from itp_carT.notation import equal, read, show
from itp_carT.observations import Lab
from itp_carT.rules import Fact, Known, Table
from itp_carT.units import Quantity, measured, to_optional_quantity, value_in
from itp_carT.verdict import Observed, Verdict, decide

from . import crs_terms as terms
from ._words import read_word, read_words, yes_no
from .crs_words import (
    HYPOTENSION_WORDS,
    MASKING_WORDS,
    OXYGEN_WORDS,
    VASOPRESSOR_NAMES,
    Hypotension,
    Masking,
    Oxygen,
    Vasopressor,
)
from .scales import to_optional_date

_MASKS = (Oxygen.FACEMASK, Oxygen.NONREBREATHER, Oxygen.VENTURI)
_PRESSURE = (Oxygen.CPAP, Oxygen.BIPAP, Oxygen.VENTILATION)
_UNSUPPORTED = (Oxygen.NONE, Oxygen.AIRWAY)
_COUNTS = {Hypotension.NONE: 0, Hypotension.FLUIDS: 0, Hypotension.ONE: 1, Hypotension.MULTIPLE: 2}


def _hypotension(given: Hypotension | str | None) -> Hypotension | None:
    if given is None:
        return None
    return read_word(Hypotension, given, "hypotension", HYPOTENSION_WORDS)


def _oxygen(given: Oxygen | str | None) -> Oxygen | None:
    return None if given is None else read_word(Oxygen, given, "hypoxia", OXYGEN_WORDS)


def _vasopressors(
    given: Iterable[Vasopressor | str] | str | None,
) -> tuple[Vasopressor, ...] | None:
    if given is None:
        return None
    return read_words(Vasopressor, given, "vasopressors", VASOPRESSOR_NAMES)


def _masking(given: Iterable[Masking | str] | str | None) -> tuple[Masking, ...] | None:
    return None if given is None else read_words(Masking, given, "masked_by", MASKING_WORDS)


def _answer(name: str) -> Any:
    """Declare a finding that is yes or no."""
    return field(default=None, converter=lambda given: yes_no(given, name))


def _grade(name: str) -> Any:
    """Declare a CTCAE grade."""

    def convert(given: Any) -> int | None:
        if given is None:
            return None
        if isinstance(given, bool) or not isinstance(given, int) or not 0 <= given <= 4:
            raise ImpossibleError(
                f"{show(given)} is not a CTCAE grade here: write 0 to 4", field=name, given=given
            )
        return int(given)

    return field(default=None, converter=convert)


_TEMPERATURE = measured("Cel", possible=("25 Cel", "45 Cel"), usual=("34 Cel", "42 Cel"))
_TIME = measured("h", possible=("0 h", "10000 h"), positive=False)
_FLOW = measured("L/min", possible=("0.01 L/min", "100 L/min"))
_FRACTION = measured("%", possible=("20 %", "100 %"), hint='write a fraction as "35 %"')


@frozen(kw_only=True)
class CrsFindings:
    """The findings of one day; None is always "not assessed", never "none".

    Parameters
    ----------
    temperature
        Highest temperature of the day [Cel].
    fever_explained
        Whether the fever has another cause; not said counts as no, and is listed as assumed.
    hypotension
        ``"none"``, ``"without vasopressor"`` (or ``"fluids"``), ``"one vasopressor"``,
        ``"multiple vasopressors"``; in the last two vasopressin is not counted.
    vasopressors
        The drugs, e.g. ``("norepinephrine", "vasopressin")``; ``()`` for none.
    vasopressin_alone
        Whether vasopressin as the only vasopressor counts as one: the protocol's choice, since
        ASTCT 2019 does not place it.
    high_dose, refractory
        Whether a vasopressor is at high dose; whether the pressure does not respond.
    vasopressor_time
        Time on vasopressors [h].
    hypoxia
        The oxygen device: ``"none"``, ``"low-flow nasal cannula"``, ``"blow-by"``, ``"nasal
        cannula"`` (give its flow), ``"high-flow nasal cannula"``, ``"facemask"``,
        ``"nonrebreather mask"``, ``"Venturi mask"``, ``"CPAP"``, ``"BiPAP"``, ``"intubation and
        ventilation"``, ``"intubation for airway protection only"``.
    flow
        Oxygen flow [L/min].
    fio2
        Inspired oxygen fraction [%].
    masked_by
        Antipyretic or anticytokine therapy given in an established CRS, so that fever is no
        longer required; ``()`` when nothing was given.
    organ_toxicity, transaminases, creatinine
        CTCAE grades, 0 to 4, for the scales that count organs; ``organ_toxicity`` without
        transaminases.
    life_threatening, death
        Clinical statements; not said counts as no, and is listed as assumed.
    constitutional, hospitalized, intravenous_therapy, plasma
        What single older scales ask for: constitutional symptoms, hospital for symptoms of CRS,
        intravenous therapy other than fluids for hypotension, plasma for coagulopathy.
    on
        The day.
    confirmed
        Fields whose unusual value was checked.

    Raises
    ------
    UnitError, NotationError, ImpossibleError, UnknownTermError, MissingFactError
        Naming the finding, what was given and what to write instead.

    Examples
    --------
    >>> day = CrsFindings(temperature="39 Cel", vasopressors="norepinephrine + vasopressin")
    >>> day.counted_vasopressors, day.hypotensive
    (1, True)
    """

    temperature: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=_TEMPERATURE
    )
    fever_explained: bool | None = _answer("fever_explained")
    hypotension: Hypotension | None = field(default=None, converter=_hypotension)
    vasopressors: tuple[Vasopressor, ...] | None = field(default=None, converter=_vasopressors)
    vasopressin_alone: bool | None = _answer("vasopressin_alone")
    high_dose: bool | None = _answer("high_dose")
    refractory: bool | None = _answer("refractory")
    vasopressor_time: Quantity | None = field(
        default=None, converter=to_optional_quantity, validator=_TIME
    )
    hypoxia: Oxygen | None = field(default=None, converter=_oxygen)
    flow: Quantity | None = field(default=None, converter=to_optional_quantity, validator=_FLOW)
    fio2: Quantity | None = field(default=None, converter=to_optional_quantity, validator=_FRACTION)
    masked_by: tuple[Masking, ...] | None = field(default=None, converter=_masking)
    organ_toxicity: int | None = _grade("organ_toxicity")
    transaminases: int | None = _grade("transaminases")
    creatinine: int | None = _grade("creatinine")
    life_threatening: bool | None = _answer("life_threatening")
    death: bool | None = _answer("death")
    constitutional: bool | None = _answer("constitutional")
    hospitalized: bool | None = _answer("hospitalized")
    intravenous_therapy: bool | None = _answer("intravenous_therapy")
    plasma: bool | None = _answer("plasma")
    on: dt.date | None = field(default=None, converter=to_optional_date)
    confirmed: tuple[str, ...] = ()

    def __attrs_post_init__(self) -> None:
        self._check_pressure()
        self._check_oxygen()

    def _check_pressure(self) -> None:
        listed, said = self.vasopressors, self.hypotension
        if listed is None or said is None:
            return
        counted = self.counted_vasopressors or 0
        agree = {
            Hypotension.NONE: not listed,
            Hypotension.FLUIDS: not listed,
            Hypotension.ONE: counted == 1 or bool(self.only_vasopressin),
            Hypotension.MULTIPLE: counted > 1,
        }
        if not agree[said]:
            drugs = ", ".join(drug.value for drug in listed) or "no vasopressor"
            raise ImpossibleError(
                f'"{said.value}" does not agree with {drugs} (vasopressin is not counted): give '
                "the vasopressors only",
                field="hypotension",
                given=said.value,
            )

    def _check_oxygen(self) -> None:
        device = self.hypoxia
        for name, value in (("flow", self.flow), ("fio2", self.fio2)):
            if value is not None and device is None:
                raise MissingFactError(
                    f'{value} needs its device: write e.g. hypoxia="nasal cannula"', field=name
                )
        if self.flow is None or device is None:
            return
        flow, limit = value_in(self.flow, "L/min"), read(terms.LOW_FLOW_LIMIT)[0]
        high = flow > limit and not equal(flow, limit)
        contradiction = {
            Oxygen.NONE: True,
            Oxygen.LOW_FLOW_CANNULA: high,
            Oxygen.HIGH_FLOW_CANNULA: not high,
        }
        if contradiction.get(device, False):
            raise ImpossibleError(
                f'{self.flow} does not agree with "{device.value}": low flow is '
                f'{terms.LOW_FLOW_LIMIT} or less; write hypoxia="nasal cannula" and the flow',
                field="flow",
                given=str(self.flow),
            )

    @property
    def counted_vasopressors(self) -> int | None:
        """Number of vasopressors, vasopressin not counted; None when not known."""
        if self.vasopressors is not None:
            return sum(drug is not Vasopressor.VASOPRESSIN for drug in self.vasopressors)
        return None if self.hypotension is None else _COUNTS[self.hypotension]

    @property
    def hypotensive(self) -> bool | None:
        """Whether there was hypotension; a vasopressor here is given for nothing else."""
        if self.hypotension is not None:
            return self.hypotension is not Hypotension.NONE
        return True if self.vasopressors else None

    @property
    def only_vasopressin(self) -> bool | None:
        """Whether vasopressin is the only vasopressor."""
        if self.vasopressors is not None:
            return self.vasopressors == (Vasopressor.VASOPRESSIN,)
        return None if self.hypotension is None else False

    @property
    def _number(self) -> int | None:
        """Number of vasopressors, vasopressin counted; a word is taken at its word."""
        return self.counted_vasopressors if self.vasopressors is None else len(self.vasopressors)

    def truths(self) -> dict[Fact, bool | None]:
        """Return what is known of each fact the tables ask for."""
        number = self._number
        unpressed = number == 0

        def among(*devices: Oxygen) -> bool | None:
            return None if self.hypoxia is None else self.hypoxia in devices

        unsupported = among(*_UNSUPPORTED)
        return {
            terms.FEVER_EXPLAINED: self.fever_explained,
            terms.MASKED: None if self.masked_by is None else bool(self.masked_by),
            terms.HYPOTENSIVE: self.hypotensive,
            terms.VASOPRESSIN_ONLY: self.only_vasopressin,
            terms.VASOPRESSIN_COUNTS: self.vasopressin_alone,
            terms.ANY_VASOPRESSOR: None if number is None else number > 0,
            terms.SEVERAL_VASOPRESSORS: None if number is None else number > 1,
            terms.HIGH_DOSE: False if unpressed else self.high_dose,
            terms.REFRACTORY: False if unpressed else self.refractory,
            terms.ANY_OXYGEN: None if unsupported is None else not unsupported,
            terms.CANNULA: among(Oxygen.CANNULA),
            terms.HIGH_FLOW: among(Oxygen.HIGH_FLOW_CANNULA),
            terms.MASK: among(*_MASKS),
            terms.POSITIVE_PRESSURE: among(*_PRESSURE),
            terms.VENTILATED: among(Oxygen.VENTILATION),
            terms.CONSTITUTIONAL: self.constitutional,
            terms.HOSPITALIZED: self.hospitalized,
            terms.INTRAVENOUS: self.intravenous_therapy,
            terms.PLASMA: self.plasma,
            terms.DEATH: self.death,
            terms.LIFE_THREATENING: self.life_threatening,
            terms.JUDGED: self.life_threatening,
        }

    def measures(self) -> tuple[Observed, ...]:
        """Return what was measured or counted."""
        given: tuple[tuple[Analyte, Any], ...] = (
            (TEMPERATURE, self.temperature),
            (OXYGEN_FRACTION, self.fio2),
            (terms.VASOPRESSORS, self.counted_vasopressors),
            (terms.VASOPRESSOR_TIME, self.vasopressor_time),
            (terms.OXYGEN_FLOW, self.flow),
            (terms.ORGAN_TOXICITY, self.organ_toxicity),
            (terms.TRANSAMINASES, self.transaminases),
            (terms.CREATININE_GRADE, self.creatinine),
        )
        return tuple(Lab(measure, value) for measure, value in given if value is not None)

    def judge(self, table: Table) -> Verdict:
        """Decide the table of a scale, giving it those of the findings that it asks for."""
        asked = {fact.key for fact in table.facts}
        wanted = {measure.key for measure in table.measures}
        known = (Known(fact, holds) for fact, holds in self.truths().items() if holds is not None)
        return decide(
            table,
            *(found for found in self.measures() if found.measure.key in wanted),
            *(statement for statement in known if statement.fact.key in asked),
        )


__all__ = ["CrsFindings", "Hypotension", "Masking", "Oxygen", "Vasopressor"]
