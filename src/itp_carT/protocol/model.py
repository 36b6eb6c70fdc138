"""The shape of a protocol: what a trial gives to whom, and one patient's plan under it.

A protocol is data that composes the instruments; the numbers of a trial stand in a module of
their own, such as `itp_carT.protocol.nct05315778`.
"""

from __future__ import annotations

import datetime as dt
import warnings
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from attrs import field, frozen, validators
from attrs.converters import optional

from itp_carT.anthropometry import BodySurfaceArea
from itp_carT.body_surface import Formula
from itp_carT.days import calendar_date
from itp_carT.dosing.cells import (
    CellDose,
    Counting,
    InfusionVolume,
    Product,
    scientific,
    to_counting,
)
from itp_carT.dosing.regimen import Regimen, RegimenPlan
from itp_carT.errors import MissingFactError, NotPermittedError, UnusualValueWarning
from itp_carT.sources import Citation
from itp_carT.subject import Subject, required
from itp_carT.units import Measured, Quantity, measured, to_quantity
from itp_carT.working import Working

if TYPE_CHECKING:  # loaded when they are used: a first dose stays quick
    from itp_carT.dosing.renal_schedules import RenalFactor
    from itp_carT.dosing.split import SplitDose, SplitInfusion

_PER_KG = measured("cell/kg")


def _to_levels(given: Iterable[Measured]) -> tuple[Quantity, ...]:
    return tuple(to_quantity(one) for one in given)


@frozen(kw_only=True)
class CellTherapy:
    """The cells of a protocol: the range of the dose, and which cells it counts.

    Parameters
    ----------
    lowest, highest
        Range of the dose, both inside [cell/kg].
    counting
        Which cells are counted, unless said otherwise for a dose; None where that is not
        published, and each dose must say it.
    levels
        The doses that were named, each inside the range [cell/kg]; empty where the whole range is
        open.
    source
        Where it is prescribed.
    """

    lowest: Quantity = field(converter=to_quantity, validator=_PER_KG)
    highest: Quantity = field(converter=to_quantity, validator=_PER_KG)
    counting: Counting | None = field(converter=optional(to_counting))
    levels: tuple[Quantity, ...] = field(default=(), converter=_to_levels)
    source: Citation

    def allows(self, per_kg: Quantity) -> bool:
        """Say whether a dose [cell/kg] is one of the protocol."""
        return per_kg in self.levels if self.levels else self.lowest <= per_kg <= self.highest

    @property
    def named(self) -> str:
        """The doses of the protocol in words, without their unit."""
        if self.levels:
            return " or ".join(scientific(one.m_as("cell/kg")) for one in self.levels)
        low, high = (scientific(one.m_as("cell/kg")) for one in (self.lowest, self.highest))
        return f"{low} to {high}"

    def dose(
        self,
        subject: Subject,
        per_kg: Measured,
        *,
        counting: Counting | str | None = None,
        weight_cap: Measured | None = None,
        cell_cap: Measured | None = None,
        reason: str = "",
    ) -> CellDose:
        """Compute the cells for one patient, by actual weight.

        Parameters
        ----------
        subject
            Needs actual weight [kg].
        per_kg
            Dose within the range of the protocol [cell/kg].
        counting
            Which cells are counted; by default as the protocol is read.
        weight_cap, cell_cap
            Largest weight [kg] and number of cells [cell] that count; by default none.
        reason
            Why a dose outside the range is wanted; without it, such a dose is refused.

        Raises
        ------
        NotPermittedError
            The dose is not one of the protocol and no reason is stated.
        MissingFactError
            The weight is not known, or which cells are counted is published nowhere and not said.

        Warns
        -----
        UnusualValueWarning
            Above 100 kg without a cap; a dose outside the range.
        """
        amount = to_quantity(per_kg)
        _PER_KG.check("cells_per_kg", amount)
        inside = self.allows(amount)
        if not inside and not reason.strip():
            where = "is none of" if self.levels else "is outside"
            raise NotPermittedError(
                f"{amount} {where} {self.named} cell/kg ({self.source}): "
                "choose a dose within, or state the reason",
                field="cells_per_kg",
                given=str(amount),
                citation=str(self.source),
            )
        dose = CellDose(
            per_kg=amount,
            weight=required(subject.weight, "weight", by="the cell dose"),
            counting=self._counted(counting),
            source=self.source,
            weight_cap=weight_cap,
            cell_cap=cell_cap,
            reason="" if inside else reason.strip(),
        )
        if dose.above_labels and "weight" not in subject.confirmed:
            warnings.warn(f"{dose.notes[0]}: check it", UnusualValueWarning, stacklevel=2)
        if dose.reason:
            warnings.warn(f"{dose.notes[-1]}: check it", UnusualValueWarning, stacklevel=2)
        return dose

    def _counted(self, counting: Counting | str | None) -> Counting | str:
        stated = self.counting if counting is None else counting
        if stated is None:
            raise MissingFactError(
                f"which cells the dose counts is not published ({self.source.short}): write e.g. "
                'counting="viable CAR-positive"',
                field="counting",
            )
        return stated

    def shortfall(self, account: SplitDose) -> str:
        """Say whether what was given lies below the range; empty where it does not.

        Only a complete account is judged. A shortfall is reported and never made up for.
        """
        given = account.given_per_kg
        if not account.complete or given >= self.lowest:
            return ""
        return (
            f"{scientific(given.magnitude)} cell/kg were given in all, below the "
            f"{scientific(self.lowest.m_as('cell/kg'))} cell/kg of the protocol"
        )


@frozen(kw_only=True)
class Eligibility:
    """Who may take part, as far as it is computed here.

    Parameters
    ----------
    youngest, oldest
        Age in completed years, both inside [a].
    source
        Where it is stated.
    """

    youngest: int
    oldest: int
    source: Citation

    def note(self, subject: Subject, *, on: dt.date) -> str:
        """Say why the age does not suit or is not known; empty where it suits."""
        if subject.age is None and subject.born is None:
            return f"the age is not known: the trial takes {self.youngest} to {self.oldest} years"
        age = subject.age_on(on)
        if self.youngest <= age <= self.oldest:
            return ""
        return (
            f"age {age} is outside the {self.youngest} to {self.oldest} years of the trial "
            f"({self.source.short})"
        )


@frozen(kw_only=True)
class DosingPlan:
    """One patient's doses under a protocol: drugs, cells, volume, each with its working.

    Parameters
    ----------
    lymphodepletion
        Doses of the drugs, with dates.
    cells
        The cells in all.
    infusion
        Date of the infusion, day 0.
    split
        The fractions, where the dose is divided.
    product
        The product the cells are taken from, where it is known.
    eligibility
        Why the patient's age does not suit the trial, or is not known; empty where it suits.
    """

    lymphodepletion: RegimenPlan
    cells: CellDose
    infusion: dt.date
    split: SplitDose | None = None
    product: Product | None = None
    eligibility: str = ""

    @property
    def bsa(self) -> BodySurfaceArea:
        """The body surface area, with its formula."""
        return self.lymphodepletion.bsa

    @property
    def subject(self) -> Subject:
        """The patient."""
        return self.bsa.subject

    @property
    def volume(self) -> InfusionVolume | None:
        """Volume that holds all cells; None when the product is not known."""
        return None if self.product is None else self.cells.volume_from(self.product)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a reader must know, each once."""
        found = [
            self.eligibility,
            *self.bsa.notes,
            *self.lymphodepletion.notes,
            *self.cells.notes,
            *(self.volume.notes if self.volume else ()),
            self._bag_note(),
        ]
        return tuple(dict.fromkeys(note for note in found if note))

    def _bag_note(self) -> str:
        """Say that the fractions open more bags than there are; empty where they do not."""
        if self.split is None or self.product is None or self.product.volume is None:
            return ""
        volumes = (
            InfusionVolume(cells=part.planned, counting=self.cells.counting, product=self.product)
            for part in self.split
        )
        opened, there = sum(volume.bags or 0 for volume in volumes), self.product.bags
        if opened <= there:
            return ""
        return (
            f"on their own days the fractions open {opened} bags and the product has {there}: "
            "a bag must be divided beforehand"
        )

    @property
    def working(self) -> Working:
        """Each step of the whole plan, for a second check."""
        steps = [*self.lymphodepletion.working]
        weight, *cells = self.cells.working  # the weight may stand there for the area already
        steps += cells if weight in steps[:3] else (weight, *cells)
        if self.volume is not None:
            steps += self.volume.working
        return Working(tuple(steps))

    @property
    def sources(self) -> tuple[Citation, ...]:
        """The citations behind the plan, each once."""
        return self.working.sources

    def __str__(self) -> str:
        lines = [str(self.bsa), str(self.lymphodepletion)]
        if self.split is None:
            lines.append(f"{self.infusion.isoformat()}  D0  {self.cells}")
        else:
            lines.append(str(self.split))
        return "\n".join(lines)


@frozen(kw_only=True)
class Amendment:
    """What makes a version of a protocol: its number, the day it holds from, and why.

    Parameters
    ----------
    number
        As the site numbers it, e.g. ``"2"``.
    effective
        First day it holds.
    reason
        Why the protocol was changed.
    """

    number: str = field(converter=str)
    effective: dt.date = field(converter=calendar_date)
    reason: str = field(validator=validators.min_len(1))

    def __str__(self) -> str:
        return f"amendment {self.number} of {self.effective.isoformat()}"


@frozen(kw_only=True)
class Protocol:
    """A trial as data.

    Parameters
    ----------
    name
        Its identifier.
    lymphodepletion
        The drugs before the cells.
    cells
        The cells.
    eligibility
        Who may take part.
    participants
        Planned number of participants, a count.
    follow_up
        Follow-up after the infusion, as it is written, e.g. ``"6 months"``.
    not_published
        What the protocol must say and nothing published says, in words.
    amendment
        The amendment that made this version; None for the protocol as published.
    source
        Where it is registered.
    """

    name: str
    lymphodepletion: Regimen
    cells: CellTherapy
    eligibility: Eligibility
    participants: int
    follow_up: str
    not_published: tuple[str, ...] = ()
    amendment: Amendment | None = None
    source: Citation

    @property
    def version(self) -> str:
        """The name, with the number of its amendment."""
        return self.name if self.amendment is None else f"{self.name}, {self.amendment}"

    def plan(
        self,
        subject: Subject,
        *,
        infusion: dt.date | str,
        cells_per_kg: Measured,
        counting: Counting | str | None = None,
        formula: Formula | str | None = None,
        bsa_cap: Measured | None = None,
        renal: RenalFactor | None = None,
        vials: Mapping[str, Iterable[Measured]] | None = None,
        weight_cap: Measured | None = None,
        cell_cap: Measured | None = None,
        reason: str = "",
        product: Product | None = None,
        split: SplitInfusion | str | None = None,
    ) -> DosingPlan:
        """Compute one patient's doses: drugs with dates, cells, and the volume of a product.

        Drugs, dates and vials are planned by `Regimen.plan`, cells by `CellTherapy.dose`.

        Parameters
        ----------
        subject
            Needs actual weight [kg], and what the formula needs.
        infusion
            Date of the cell infusion, day 0.
        cells_per_kg
            Dose of cells within the range of the protocol [cell/kg].
        counting
            Which cells are counted; by default as the protocol is read.
        formula
            Formula of the body surface area; by default the protocol's.
        bsa_cap
            Largest area that counts [m²]; by default none.
        renal
            Share of the dose of one drug by a renal schedule; by default the full dose.
        vials
            Contents of the vials at hand [mg], by name of the drug.
        weight_cap, cell_cap
            Largest weight [kg] and number of cells [cell] that count; by default none.
        reason
            Why a dose of cells outside the range is wanted; without it, such a dose is refused.
        product
            The cell product, when it is known.
        split
            How the cells are divided; by default all at once on day 0.

        Raises
        ------
        ItpCarTError
            As the parts do: what cannot be right, is not known or not permitted.

        Warns
        -----
        UnusualValueWarning, AssumptionWarning
            As the ``warnings`` of the plan say.
        """
        day = calendar_date(infusion, "infusion")
        age = self.eligibility.note(subject, on=day)
        if age:
            warnings.warn(f"{age}: check it", UnusualValueWarning, stacklevel=2)
        drugs = self.lymphodepletion.plan(
            subject, infusion=day, formula=formula, bsa_cap=bsa_cap, renal=renal, vials=vials
        )
        cells = self.cells.dose(
            subject,
            cells_per_kg,
            counting=counting,
            weight_cap=weight_cap,
            cell_cap=cell_cap,
            reason=reason,
        )
        scheme = _scheme(split)
        if product is not None:
            cells.volume_from(product)  # refuses a product that is too small
        return DosingPlan(
            lymphodepletion=drugs,
            cells=cells,
            infusion=day,
            split=None if scheme is None else scheme.of(cells, infusion=day),
            product=product,
            eligibility=age,
        )


def _scheme(split: SplitInfusion | str | None) -> SplitInfusion | None:
    if not isinstance(split, str):
        return split
    from itp_carT.dosing.split import SplitInfusion

    return SplitInfusion(split)


__all__ = ["Amendment", "CellTherapy", "DosingPlan", "Eligibility", "Protocol"]
