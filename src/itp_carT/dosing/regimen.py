"""A regimen of drugs: the plan of one patient, day by day, and what a reader must know about it."""

from __future__ import annotations

import datetime as dt
import difflib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from attrs import field, frozen

from itp_carT.anthropometry import BodySurfaceArea, bsa
from itp_carT.body_surface import Formula, formula
from itp_carT.days import calendar_date
from itp_carT.errors import AssumptionWarning, DimensionError, UnknownTermError, UnusualValueWarning
from itp_carT.notation import show
from itp_carT.sources import Citation
from itp_carT.subject import Subject
from itp_carT.units import Measured, Quantity, to_optional_quantity
from itp_carT.working import Working

from .drugs import Course, CourseDose, DailyDose

if TYPE_CHECKING:
    from .renal_schedules import RenalFactor


@frozen
class RegimenPlan:
    """The drug doses of one patient; iterating gives the days in order of date.

    Parameters
    ----------
    courses
        One course for each drug.
    """

    courses: tuple[CourseDose, ...]

    @property
    def days(self) -> tuple[DailyDose, ...]:
        """Every daily dose, by date, drugs in the order of the regimen."""
        doses = [dose for course in self.courses for dose in course]
        return tuple(sorted(doses, key=lambda dose: dose.day.number))

    @property
    def bsa(self) -> BodySurfaceArea:
        """The body surface area of the patient."""
        return self.courses[0].bsa

    @property
    def infusion(self) -> dt.date:
        """The date of the infusion, day 0."""
        return self.courses[0].infusion

    @property
    def notes(self) -> tuple[str, ...]:
        """What a reader must know about these doses."""
        return tuple(note for course in self.courses for note in course.notes)

    @property
    def working(self) -> Working:
        """Each step for every drug, for a second check; the area, which is common, once."""
        from .drug_working import regimen_steps

        return Working(regimen_steps(self.courses))

    def __iter__(self) -> Iterator[DailyDose]:
        return iter(self.days)

    def __len__(self) -> int:
        return sum(len(course) for course in self.courses)

    def __getitem__(self, index: int) -> DailyDose:
        return self.days[index]

    def __str__(self) -> str:
        return "\n".join(map(str, self.days))


@frozen
class Regimen:
    """Drugs given per area on days before an infusion, as a protocol prescribes them.

    Parameters
    ----------
    courses
        One course for each drug.
    bsa
        Formula of the body surface area, unless another one is named for a patient.
    source
        Where it is prescribed.

    Raises
    ------
    UnknownTermError
        There is no such formula.
    """

    courses: tuple[Course, ...]
    bsa: Formula = field(kw_only=True, converter=formula)
    source: Citation = field(kw_only=True)

    def plan(
        self,
        subject: Subject,
        *,
        infusion: dt.date | str,
        formula: Formula | str | None = None,
        bsa_cap: Measured | None = None,
        renal: RenalFactor | None = None,
        vials: Mapping[str, Iterable[Measured]] | None = None,
    ) -> RegimenPlan:
        """Compute the doses of one patient, with dates.

        Parameters
        ----------
        subject
            Needs actual weight [kg] and what the formula needs.
        infusion
            Date of the cell infusion, day 0.
        formula
            Formula of the body surface area; by default the regimen's.
        bsa_cap
            Largest area that counts [m²]; by default none.
        renal
            Share of the dose of one drug by a renal schedule; by default the full dose.
        vials
            Contents of the vials at hand [mg], by name of the drug.

        Raises
        ------
        MissingFactError
            A fact that the formula needs is not known.
        ImpossibleError
            The date does not exist; a size, an area or a dose is outside what can be true.
        UnknownTermError
            The regimen has no such drug, or there is no such formula.

        Warns
        -----
        UnusualValueWarning, AssumptionWarning
            As the `notes` of the plan say.
        """
        day = calendar_date(infusion, "infusion")
        area = bsa(subject, formula=self.bsa if formula is None else formula)
        known = {course.drug.name for course in self.courses}
        share = {} if renal is None else {_renal_drug(renal, known): renal}
        cap = None if bsa_cap is None else to_optional_quantity(bsa_cap)
        given = _by_drug(vials, known)
        plan = RegimenPlan(
            tuple(
                CourseDose(
                    course=course,
                    bsa=area,
                    infusion=day,
                    source=self.source,
                    bsa_cap=cap,
                    renal=share.get(course.drug.name),
                    vials=given.get(course.drug.name),
                )
                for course in self.courses
            )
        )
        for course in plan.courses:
            _warn(course)
        return plan


def _renal_drug(renal: Any, known: set[str]) -> str:
    drug = getattr(getattr(renal, "schedule", None), "drug", None)
    if drug is None:
        raise DimensionError(
            f"{show(renal)} is not a share of a dose: write e.g. "
            'US_LABEL.factor("62 mL/min"), with the schedule that is used at the site',
            field="renal",
            given=renal,
        )
    return _known(drug, known, "renal")


def _by_drug(
    vials: Mapping[str, Iterable[Measured]] | None, known: set[str]
) -> dict[str, tuple[Quantity, ...]]:
    if vials is None:
        return {}
    from .vials import strengths_of

    return {
        _known(name, known, "vials"): strengths_of(strengths) for name, strengths in vials.items()
    }


def _known(name: Any, known: set[str], field: str) -> str:
    word = name.strip().lower() if isinstance(name, str) else str(name)
    if word in known:
        return word
    raise UnknownTermError(
        f"{show(name)} is not a drug of this regimen: choose from {', '.join(sorted(known))}",
        field=field,
        given=name,
        nearest=tuple(difflib.get_close_matches(word[:40], sorted(known))),
    )


def _warn(course: CourseDose) -> None:
    """Warn of what was assumed or is unusual; a cap that was asked for is neither."""
    for note in course.renal.notes if course.renal else ():
        warnings.warn(f"{note}: check it", AssumptionWarning, stacklevel=4)
    if course.unusual:
        warnings.warn(f"{course.unusual}: check it", UnusualValueWarning, stacklevel=4)


__all__ = ["Regimen", "RegimenPlan"]
