"""Glucocorticoids in prednisone-equivalents: exact fractions, oral and intravenous only.

Tables differ (dexamethasone most), so a result keeps the key of the table it used. A pulse is
flagged, because equivalents were not found for such doses.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from types import MappingProxyType
from typing import Any

from attrs import evolve, field, frozen

from itp_carT.errors import ImpossibleError, NotPermittedError, UnknownTermError
from itp_carT.notation import plain
from itp_carT.sources import BUTTGEREIT_2002, GLUCOCORTICOID_TABLES, Citation
from itp_carT.units import Measured, Quantity, make, measured, to_quantity, value_in
from itp_carT.working import Step, Working

from .drugs import Drug, DrugClass, drug
from .terms import Route, route_of

#: Routes for which the tables were made.
SYSTEMIC = (Route.ORAL, Route.INTRAVENOUS)
#: From how much prednisone a day a dose is a pulse.
PULSE = Fraction(250)
PULSE_SOURCE = BUTTGEREIT_2002.at("pulse therapy: from 250 mg prednisone-equivalent a day")

_DOSE = measured("mg", positive=False)


def _to_factors(given: Mapping[str, Any]) -> Mapping[str, Fraction]:
    return MappingProxyType(
        {drug(name).name: Fraction(5) / Fraction(mg) for name, mg in given.items()}
    )


@frozen
class EquivalenceTable:
    """How many milligrams of each glucocorticoid stand for 5 mg of prednisone.

    Parameters
    ----------
    key
        Name and year, kept with every result.
    factors
        Given as milligrams equal to prednisone 5 mg, as text or whole numbers; kept as the exact
        factor to milligrams of prednisone.
    citation
        Where the table is from.
    unverified
        Names whose number was not seen in it.

    Examples
    --------
    >>> str(ANTI_INFLAMMATORY.factors["dexamethasone"])
    '20/3'
    """

    key: str
    factors: Mapping[str, Fraction] = field(converter=_to_factors)
    citation: Citation = field(kw_only=True)
    unverified: tuple[str, ...] = field(default=(), kw_only=True)

    def factor(self, name: str) -> Fraction:
        """Return milligrams of prednisone per milligram of a glucocorticoid.

        Raises
        ------
        UnknownTermError
            The table does not have it.
        """
        if name not in self.factors:
            raise UnknownTermError(
                f"{name} is not in the table {self.key}: it has {', '.join(self.factors)}",
                field="drug", given=name, nearest=tuple(self.factors),
            )  # fmt: skip
        return self.factors[name]

    def source(self, name: str) -> Citation:
        """Return where the factor of a drug is from."""
        return evolve(self.citation, verified=False) if name in self.unverified else self.citation


#: The table used unless another is given.
ANTI_INFLAMMATORY = EquivalenceTable(
    "anti-inflammatory-2026",
    {
        "cortisone": 25,
        "hydrocortisone": 20,
        "prednisone": 5,
        "prednisolone": 5,
        "methylprednisolone": 4,
        "triamcinolone": 4,
        "dexamethasone": "0.75",
        "betamethasone": "0.75",
        "deflazacort": 6,
    },
    citation=GLUCOCORTICOID_TABLES.at(
        "milligrams equal to prednisone 5 mg",
        note="some tables have betamethasone 0.6, and dexamethasone 4 to 6 times prednisone",
    ),
    unverified=("deflazacort",),
)


@frozen(kw_only=True)
class Equivalent:
    """A glucocorticoid dose in milligrams of prednisone.

    Parameters
    ----------
    drug, dose, table
        What was converted [mg], and by which table.
    exact
        The result as a fraction [mg].
    is_pulse
        Whether it is a pulse: equivalents were not found for such doses.
    """

    drug: Drug
    dose: Quantity
    table: EquivalenceTable
    exact: Fraction
    is_pulse: bool

    @property
    def value(self) -> Quantity:
        """The dose of prednisone [mg]."""
        return make(float(self.exact), "mg")

    @property
    def working(self) -> Working:
        """The conversion, with its source."""
        factor = self.table.factor(self.drug.name)
        note = "a pulse: read the equivalent with care" if self.is_pulse else ""
        return Working(
            (
                Step(
                    "prednisone-equivalent", f"{self.drug.name} × {factor}",
                    f"{self.dose} × {factor}", f"{plain(float(self.exact))} mg",
                    self.table.source(self.drug.name), f"table {self.table.key}",
                ),
                *((Step("pulse", "", "", str(self.value), PULSE_SOURCE, note),) if note else ()),
            )
        )  # fmt: skip

    def __str__(self) -> str:
        return f"{plain(float(self.exact))} mg prednisone-equivalent"


def exact(number: float) -> Fraction:
    """Return the decimal that was written, exactly: 0.1 is one tenth."""
    return Fraction(repr(float(number)))


def check_route(found: Drug, route: Route) -> None:
    """Refuse a route for which there is no equivalent.

    Raises
    ------
    NotPermittedError
        The route is not oral or intravenous.
    """
    if found.drug_class is DrugClass.GLUCOCORTICOID and route not in SYSTEMIC:
        raise NotPermittedError(
            f"{route.label} {found.name} has no systemic equivalent; the tables are for oral and "
            'intravenous doses: give purpose="other" to leave the record out',
            field="route",
            given=route.label,
            citation=str(ANTI_INFLAMMATORY.citation),
        )


def prednisone_equivalent(
    name: Drug | str,
    dose: Measured,
    *,
    route: Route | str = Route.ORAL,
    table: EquivalenceTable = ANTI_INFLAMMATORY,
) -> Equivalent:
    """Return a glucocorticoid dose in milligrams of prednisone.

    Parameters
    ----------
    name
        The glucocorticoid.
    dose
        Dose of one day [mg].
    route
        Oral or intravenous.
    table
        Table of equivalents.

    Raises
    ------
    NotPermittedError
        Another route.
    UnknownTermError
        Not a glucocorticoid of the table.
    ImpossibleError
        A dose below zero.

    Examples
    --------
    >>> print(prednisone_equivalent("dexamethasone", "6 mg"))
    40 mg prednisone-equivalent
    >>> prednisone_equivalent("dexamethasone", "40 mg").is_pulse
    True
    """
    found = drug(name)
    if found.drug_class is not DrugClass.GLUCOCORTICOID:
        raise UnknownTermError(
            f"{found.name} is not a glucocorticoid: it has no prednisone-equivalent",
            field="drug", given=found.name, nearest=tuple(table.factors),
        )  # fmt: skip
    check_route(found, route_of(route))
    read = to_quantity(dose)
    _DOSE.check("dose", read)
    amount = exact(value_in(read, "mg")) * table.factor(found.name)
    if amount < 0:
        raise ImpossibleError(f"{read} is below zero", field="dose", given=str(read))
    return Equivalent(drug=found, dose=read, table=table, exact=amount, is_pulse=amount >= PULSE)


__all__ = [
    "ANTI_INFLAMMATORY",
    "PULSE",
    "PULSE_SOURCE",
    "SYSTEMIC",
    "EquivalenceTable",
    "Equivalent",
    "check_route",
    "exact",
    "prednisone_equivalent",
]
