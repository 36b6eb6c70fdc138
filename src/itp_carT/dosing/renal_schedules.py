"""Renal schedules of fludarabine as published: bands of clearance, and what each asks for.

The labels disagree in unit, limits and reduction, so that none is a default: a schedule is named
by whoever uses it. A band carries a *proportion*, which is applied to the dose of the regimen in
use (24 mg/m² where a label reduces 25 to 20). Below its lowest band a schedule refuses.
"""

from __future__ import annotations

import difflib
import re
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from itp_carT.errors import (
    DimensionError,
    NotPermittedError,
    UndecidedError,
    UnknownTermError,
)
from itp_carT.notation import show
from itp_carT.sources import (
    DFCI_FLUDARABINE,
    EBMT_AUTOIMMUNE,
    FLUDARA_EU,
    FLUDARA_US,
    FLUDARABINE_ORAL_US,
    FLUDARABINE_US_OLDER,
    Citation,
)
from itp_carT.units import Measured, Quantity, equal, make, parse, symbol, to_quantity, value_in
from itp_carT.working import Step, Working

if TYPE_CHECKING:
    from itp_carT.clearance import Clearance, IndexedClearance

_RANGE = re.compile(r"(?:([<>]=?) ([^\[\]()]+)|([\[(])([0-9.]+), ([0-9.]+)([\])]) (.+))", re.ASCII)
_UNITS = ("mL/min", "mL/min/1.73m^2")


def _to_clearance(given: Any) -> Clearance | IndexedClearance:
    from itp_carT.clearance import Clearance, IndexedClearance, number_if

    if isinstance(given, (Clearance, IndexedClearance)):
        return given
    read = to_quantity(given)
    kind = Clearance if number_if(read, _UNITS[1]) is None else IndexedClearance
    return kind(read)


def _to_factor(given: Fraction | str | None) -> Fraction | None:
    return None if given is None else Fraction(given)


@frozen
class Band:
    """A range of clearance and the share of the dose that is given in it.

    Parameters
    ----------
    range
        ``">= 80 mL/min"`` or ``"[50, 80) mL/min"``: a round bracket leaves its limit out.
        Empty where the source states no range.
    factor
        Share of the full dose, exact; None where the drug is not given.
    words
        What the source prints.
    up_to
        Whether the source allows any reduction up to this one; results then say so.

    Examples
    --------
    >>> band = Band("[50, 80) mL/min", "4/5", "50 to 79 mL/min: 20 mg/m²")
    >>> band.holds(79.5), band.holds(80.0)
    (True, False)
    """

    range: str
    factor: Fraction | None = field(converter=_to_factor)
    words: str
    up_to: bool = field(default=False, kw_only=True)

    @property
    def limits(self) -> tuple[Quantity | None, bool, Quantity | None, bool]:
        """Lower limit and whether it is inside, upper limit and whether it is inside."""
        found = _RANGE.fullmatch(self.range)
        if found is None:
            return None, False, None, False
        sign, limit, opening, low, high, closing, unit = found.groups()
        if sign is None:
            return parse(f"{low} {unit}"), opening == "[", parse(f"{high} {unit}"), closing == "]"
        inside = sign.endswith("=")
        if sign[0] == ">":
            return parse(limit), inside, None, False
        return None, False, parse(limit), inside

    def holds(self, number: float) -> bool:
        """Say whether a clearance, in the unit of the band, lies in it."""
        low, low_inside, high, high_inside = self.limits
        return _beyond(number, low, low_inside, 1) and _beyond(number, high, high_inside, -1)


def _beyond(number: float, limit: Quantity | None, inside: bool, sign: int) -> bool:
    if limit is None:
        return True
    if equal(number, limit.magnitude):
        return inside
    return sign * (number - limit.magnitude) > 0


@frozen(repr=False)
class RenalSchedule:
    """What one publication says about a drug in reduced renal function.

    Parameters
    ----------
    key
        Its key in `SCHEDULES`.
    name
        As it is printed.
    drug
        The drug it is about.
    unit
        Unit of its bands: mL/min for a clearance, mL/min/1.73m^2 for an indexed one.
    bands
        From the highest clearance down, without overlap.
    citation
        Where it is published.
    caution
        What must be known before it is used; results repeat it.

    Examples
    --------
    >>> print(US_LABEL.factor("62 mL/min"))
    4/5 (62 mL/min is in [50, 80) mL/min; US label)
    >>> EU_SMPC.factor("70 mL/min").share
    Fraction(1, 2)
    """

    key: str
    name: str
    drug: str
    unit: str
    bands: tuple[Band, ...]
    citation: Citation = field(kw_only=True)
    caution: str = field(default="", kw_only=True)

    def factor(self, clearance: Clearance | IndexedClearance | Measured) -> RenalFactor:
        """Find the share of the dose for a clearance.

        Parameters
        ----------
        clearance
            A clearance of the kind that the schedule is banded in [mL/min or mL/min/1.73 m²].

        Raises
        ------
        DimensionError
            The clearance is of the other kind: indexed to 1.73 m², or not.
        NotPermittedError
            The drug is not given at this clearance, or the source says nothing about it.
        UndecidedError
            The source states no bands.
        """
        given = _to_clearance(clearance)
        number = self._number(given)
        shown, citation = str(_shown(given.value)), str(self.citation)
        for band in self.bands:
            if not band.range:
                raise UndecidedError(
                    f"{self.name} states no limits of clearance ({band.words}): "
                    "name the label that is used at the site",
                    field="renal_schedule",
                    given=shown,
                    citation=citation,
                    possible=tuple(band.factor for band in self.bands),
                    missing=("limits",),
                )
            if band.holds(number) and band.factor is not None:
                return RenalFactor(self, given, band)
            if band.holds(number):
                raise NotPermittedError(
                    f"{self.drug} is not given at {shown} ({self.name}: {band.words}): "
                    "there is no dose to compute",
                    field="clearance",
                    given=shown,
                    citation=citation,
                )
        raise NotPermittedError(
            f"{self.name} says nothing about {shown}: no dose of {self.drug} follows",
            field="clearance",
            given=shown,
            citation=citation,
        )

    def _number(self, given: Clearance | IndexedClearance) -> float:
        if symbol(given.value) == self.unit:
            return given.value.magnitude
        try:
            return value_in(given.value, self.unit)
        except DimensionError:
            step = "indexed(bsa)" if self.unit == _UNITS[1] else "deindexed(bsa)"
            raise DimensionError(
                f"{_shown(given.value)} cannot be used with {self.name}, which is banded in "
                f"{self.unit}: its .{step} leads from one to the other",
                field="clearance",
                given=str(given.value),
                expected=self.unit,
            ) from None

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        if SCHEDULES.get(self.key) == self:
            return self.key.upper()
        parts = (self.key, self.name, self.drug, self.unit, self.bands)
        named = f"citation={self.citation!r}, caution={self.caution!r}"
        return f"RenalSchedule({', '.join(map(repr, parts))}, {named})"


def _shown(given: Quantity) -> Quantity:
    """Shorten a clearance for a message, unless that would carry it onto a limit."""
    short = float(f"{given.magnitude:.4g}")
    return given if short.is_integer() else make(short, symbol(given))


@frozen
class RenalFactor:
    """The share of a dose that a schedule gives for a clearance; see `RenalSchedule.factor`.

    Parameters
    ----------
    schedule
        The schedule used.
    clearance
        The clearance it was used with.
    band
        The band that holds it.
    """

    schedule: RenalSchedule
    clearance: Clearance | IndexedClearance = field(converter=_to_clearance)
    band: Band

    @property
    def share(self) -> Fraction:
        """Share of the full dose, exact."""
        return self.band.factor or Fraction(1)

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about the choice of this share."""
        name, notes = self.schedule.name, []
        if self.band.up_to:
            notes.append(
                f"{name}: {self.band.words}; a range, of which the full reduction "
                f"({self.share} of the dose) was taken"
            )
        if self.schedule.caution:
            notes.append(f"{name}: {self.schedule.caution}")
        return tuple(notes)

    @property
    def working(self) -> Working:
        """How the clearance was found, and the band it is in."""
        found = Step("clearance", self.clearance.method, "", str(_shown(self.clearance.value)))
        band = Step(
            "share of the dose",
            self.band.words,
            f"{_shown(self.clearance.value)} is in {self.band.range}",
            str(self.share),
            self.schedule.citation,
            "; ".join((self.schedule.name, *self.notes)),
        )
        return Working((*(self.clearance.working.steps or (found,)), band))

    def __str__(self) -> str:
        return (
            f"{self.share} ({_shown(self.clearance.value)} is in {self.band.range}; "
            f"{self.schedule.name})"
        )


US_LABEL = RenalSchedule(
    "us_label",
    "US label",
    "fludarabine",
    "mL/min",
    (
        Band(">= 80 mL/min", "1", "80 mL/min or more: full dose"),
        Band("[50, 80) mL/min", "4/5", "50 to 79 mL/min: 20 mg/m² of 25 mg/m²"),
        Band("[30, 50) mL/min", "3/5", "30 to 49 mL/min: 15 mg/m² of 25 mg/m²"),
        Band("< 30 mL/min", None, "below 30 mL/min: do not administer"),
    ),
    citation=FLUDARA_US.at(
        "renal impairment",
        note="the label prints whole numbers (50-79): 79.5 is placed in the reduced band",
    ),
)
US_LABEL_OLDER = RenalSchedule(
    "us_label_older",
    "US label, older generics",
    "fludarabine",
    "mL/min/1.73m^2",
    (
        Band("> 70 mL/min/1.73m^2", "1", "above 70: full dose"),
        Band("[30, 70] mL/min/1.73m^2", "4/5", "30 to 70: 20 % less"),
        Band("< 30 mL/min/1.73m^2", None, "below 30: do not administer"),
    ),
    citation=FLUDARABINE_US_OLDER.at("renal impairment", note="70 is inside the reduced band"),
)
US_ORAL = RenalSchedule(
    "us_oral",
    "US label of tablets",
    "fludarabine",
    "mL/min/1.73m^2",
    (
        Band("> 70 mL/min/1.73m^2", "1", "above 70: full dose"),
        Band("[30, 70] mL/min/1.73m^2", "4/5", "30 to 70: 20 % less"),
        Band("< 30 mL/min/1.73m^2", "1/2", "below 30: 50 % less"),
    ),
    citation=FLUDARABINE_ORAL_US.at("renal impairment", note="tablets, 40 mg/m² a day"),
    caution="for tablets; the labels of infusions refuse below 30",
)
EU_SMPC = RenalSchedule(
    "eu_smpc",
    "EU SmPC",
    "fludarabine",
    "mL/min",
    (
        Band("> 70 mL/min", "1", "above 70: full dose"),
        Band("[30, 70] mL/min", "1/2", "30 to 70: up to 50 % less, close counts", up_to=True),
        Band("< 30 mL/min", None, "below 30: contraindicated"),
    ),
    citation=FLUDARA_EU.at("renal impairment", note="70 is inside the reduced band"),
)
EBMT_LOCAL = RenalSchedule(
    "ebmt_local",
    "EBMT, CAR-T in autoimmune disease",
    "fludarabine",
    "mL/min",
    (Band("", "1/2", "by the local label, i.e. 50 %"),),
    citation=EBMT_AUTOIMMUNE.at("lymphodepletion"),
)
DFCI = RenalSchedule(
    "dfci",
    "DFCI practice, CAR-T in myeloma",
    "fludarabine",
    "mL/min",
    (
        Band(">= 50 mL/min", "1", "50 or more: full dose"),
        Band("[30, 50) mL/min", "3/5", "30 to 49: 40 % less"),
    ),
    citation=DFCI_FLUDARABINE.at("dosing by creatinine clearance", note="silent below 30"),
)

#: Every schedule, by key.
SCHEDULES = MappingProxyType(
    {known.key: known for known in (US_LABEL, US_LABEL_OLDER, US_ORAL, EU_SMPC, EBMT_LOCAL, DFCI)}
)


def schedule(key: Any) -> RenalSchedule:
    """Return a renal schedule by its key.

    Raises
    ------
    UnknownTermError
        There is no such schedule; ``nearest`` names similar ones.

    Examples
    --------
    >>> schedule("eu_smpc")
    EU_SMPC
    """
    if isinstance(key, RenalSchedule):
        return key
    word = key.strip().lower().replace("-", "_").replace(" ", "_") if isinstance(key, str) else ""
    if word in SCHEDULES:
        return SCHEDULES[word]
    nearest = tuple(difflib.get_close_matches(word[:40], SCHEDULES))
    raise UnknownTermError(
        f"{show(key)} is not a renal schedule: choose from {', '.join(SCHEDULES)}",
        field="renal_schedule",
        given=key,
        nearest=nearest,
    )


__all__ = [
    "DFCI", "EBMT_LOCAL", "EU_SMPC", "SCHEDULES", "US_LABEL", "US_LABEL_OLDER", "US_ORAL",
    "Band", "RenalFactor", "RenalSchedule", "schedule",
]  # fmt: skip
