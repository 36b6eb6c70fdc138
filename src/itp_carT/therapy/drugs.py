"""The drugs of ITP patients: class, code, units and routes, and how long one dose has its effect.

A drug's class says how its dose is counted (daily, or as events with an effect window). What it
was given for belongs to the record, not to the drug.
"""

from __future__ import annotations

from enum import Enum
from types import MappingProxyType

from attrs import field, frozen

from itp_carT.errors import DimensionError
from itp_carT.sources import (
    ATC_INDEX,
    EFGARTIGIMOD_ENTRY,
    ITP_CART_CONVENTIONS,
    Citation,
)
from itp_carT.units import Quantity, symbol, value_in

from .terms import Purpose, Route, folded, look_up

ORAL, IV, SC = Route.ORAL, Route.INTRAVENOUS, Route.SUBCUTANEOUS


class DrugClass(Enum):
    """Class of a drug."""

    GLUCOCORTICOID = "glucocorticoid"
    IMMUNOGLOBULIN = "immunoglobulin"
    TPO_RA = "thrombopoietin receptor agonist"
    RH_TPO = "recombinant human thrombopoietin"
    SYK_INHIBITOR = "SYK inhibitor"
    BTK_INHIBITOR = "BTK inhibitor"
    FCRN = "FcRn antagonist"
    ANTI_CD20 = "anti-CD20 antibody"
    IMMUNOSUPPRESSANT = "immunosuppressant"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The class in words."""
        return self.value


@frozen
class Atc:
    """A code of the WHO's Anatomical Therapeutic Chemical classification; codes move.

    Parameters
    ----------
    code
        The code.
    as_of
        Year of the lists it was read in.
    formerly
        A code it had before.
    citation
        Where it was read.
    """

    code: str
    as_of: int = field(kw_only=True)
    formerly: str = field(default="", kw_only=True)
    citation: Citation = field(kw_only=True)

    def __str__(self) -> str:
        return self.code


@frozen(repr=False)
class Drug:
    """A drug or procedure.

    Parameters
    ----------
    name
        International nonproprietary name, in lower case.
    drug_class
        Its class.
    units
        Units a dose may have, the first the drug's own; empty for a procedure.
    routes
        Usual routes, the first taken where a record names none.
    atc
        ATC code; None where no list was seen to have one.
    effect_days
        Days a dose counts as on therapy, its own day the first; None for a drug of daily doses.
    effect_source
        Where that number is from.
    purpose
        What it is given for where a record does not say; None where a record must.
    also
        Other names.
    """

    name: str
    drug_class: DrugClass
    units: tuple[str, ...]
    routes: tuple[Route, ...]
    atc: Atc | None = field(default=None, kw_only=True)
    effect_days: int | None = field(default=None, kw_only=True)
    effect_source: Citation | None = field(default=None, kw_only=True)
    purpose: Purpose | None = field(default=Purpose.ITP, kw_only=True)
    also: tuple[str, ...] = field(default=(), kw_only=True)

    @property
    def is_procedure(self) -> bool:
        """Whether it has no dose."""
        return not self.units

    def amount(self, dose: Quantity) -> tuple[float, str]:
        """Return a dose as a number in the unit, among the drug's own, that measures the same.

        Parameters
        ----------
        dose
            A dose [one of the drug's `units`].

        Raises
        ------
        DimensionError
            The drug is not dosed so; a dose per kilogram is not a dose.
        """
        per = symbol(dose).partition("/")[2]
        for unit in self.units:
            if unit.partition("/")[2] != per:
                continue
            try:
                return value_in(dose, unit), unit
            except DimensionError:
                continue
        how = f"is dosed in {' or '.join(self.units)}" if self.units else "has no dose"
        example = f': write e.g. "1 {self.units[0]}"' if self.units else ": leave it out"
        raise DimensionError(f"{self.name} {how}, not in {symbol(dose)}{example}", given=str(dose))

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"drug({self.name!r})"


_AS_OF = 2026


def _atc(code: str, *, seen: bool = True, formerly: str = "") -> Atc:
    cited = ATC_INDEX.at(code, verified=seen)
    return Atc(code, as_of=_AS_OF, formerly=formerly, citation=cited)


def _convention(days: int) -> Citation:
    return ITP_CART_CONVENTIONS.at(f"effect window of {days} days")


_G, _MG, _KG = DrugClass.GLUCOCORTICOID, ("mg",), ("mg", "mg/kg")
_TPO, _ISU = DrugClass.TPO_RA, DrugClass.IMMUNOSUPPRESSANT
_SIX_MONTHS = EFGARTIGIMOD_ENTRY.at("anti-CD20 within 6 months", note="6 months read as 182 days")

_ALL = (
    Drug("prednisone", _G, _KG, (ORAL,), atc=_atc("H02AB07"), also=("prednison",)),
    Drug("prednisolone", _G, _KG, (ORAL, IV), atc=_atc("H02AB06"), also=("prednisolon",)),
    Drug(
        "methylprednisolone", _G, _KG, (ORAL, IV), atc=_atc("H02AB04"),
        also=("methylprednisolon", "methylpred"),
    ),
    Drug("dexamethasone", _G, _KG, (ORAL, IV), atc=_atc("H02AB02"), also=("dexamethason",)),
    Drug(
        "hydrocortisone", _G, _KG, (ORAL, IV), atc=_atc("H02AB09", seen=False),
        also=("hydrocortison", "cortisol"),
    ),
    Drug("cortisone", _G, _KG, (ORAL,), atc=_atc("H02AB10", seen=False), also=("cortison",)),
    Drug("triamcinolone", _G, _KG, (ORAL,), atc=_atc("H02AB08", seen=False)),
    Drug("betamethasone", _G, _KG, (ORAL, IV), atc=_atc("H02AB01", seen=False)),
    Drug("deflazacort", _G, _KG, (ORAL,), atc=_atc("H02AB13", seen=False)),
    Drug(
        "immunoglobulin", DrugClass.IMMUNOGLOBULIN, ("g", "g/kg"), (IV,),
        atc=_atc("J06BA02", seen=False), effect_days=28, effect_source=_convention(28),
        also=("ivig", "intravenous immunoglobulin", "human immunoglobulin", "immune globulin"),
    ),
    Drug(
        "anti-D immunoglobulin", DrugClass.IMMUNOGLOBULIN, ("ug", "ug/kg", "[IU]", "[IU]/kg"),
        (IV,), atc=_atc("J06BB01", seen=False), effect_days=28, effect_source=_convention(28),
        also=("anti-d", "anti d", "rho(d) immune globulin"),
    ),
    Drug("eltrombopag", _TPO, _MG, (ORAL,), atc=_atc("B02BX05"), also=("eltrombopag olamine",)),
    Drug("avatrombopag", _TPO, _MG, (ORAL,), atc=_atc("B02BX08")),
    Drug("hetrombopag", _TPO, _MG, (ORAL,), also=("hetrombopag olamine", "herombopag")),
    Drug("lusutrombopag", _TPO, _MG, (ORAL,), atc=_atc("B02BX07", seen=False)),
    Drug(
        "romiplostim", _TPO, ("ug", "ug/kg"), (SC,), atc=_atc("B02BX04"), effect_days=7,
        effect_source=_convention(7),
    ),
    Drug(
        "recombinant human thrombopoietin", DrugClass.RH_TPO, ("[IU]", "[IU]/kg"), (SC,),
        also=("rhtpo", "rh-tpo", "thrombopoietin"),
    ),
    Drug(
        "fostamatinib", DrugClass.SYK_INHIBITOR, _MG, (ORAL,), atc=_atc("B02BX09", seen=False)
    ),
    Drug("rilzabrutinib", DrugClass.BTK_INHIBITOR, _MG, (ORAL,)),
    Drug(
        "efgartigimod", DrugClass.FCRN, _KG, (IV, SC), effect_days=7,
        effect_source=_convention(7), also=("efgartigimod alfa",),
    ),
    Drug(
        "rituximab", DrugClass.ANTI_CD20, ("mg", "mg/m^2"), (IV,),
        atc=_atc("L01FA01", seen=False, formerly="L01XC02"), effect_days=182,
        effect_source=_SIX_MONTHS,
    ),
    Drug("azathioprine", _ISU, _KG, (ORAL,), atc=_atc("L04AX01", seen=False)),
    Drug(
        "ciclosporin", _ISU, _KG, (ORAL, IV), atc=_atc("L04AD01", seen=False),
        also=("cyclosporine", "cyclosporin", "cyclosporin a", "ciclosporine"),
    ),
    Drug(
        "mycophenolate", _ISU, _MG, (ORAL, IV), atc=_atc("L04AA06", seen=False),
        also=("mycophenolate mofetil", "mycophenolic acid", "mmf"),
    ),
    Drug(
        "cyclophosphamide", _ISU, ("mg", "mg/kg", "mg/m^2"), (ORAL, IV), atc=_atc("L01AA01"),
        purpose=None,
    ),
    Drug(
        "vincristine", _ISU, ("mg", "mg/m^2"), (IV,), atc=_atc("L01CA02", seen=False),
        effect_days=7, effect_source=_convention(7),
    ),
    Drug("sirolimus", _ISU, _MG, (ORAL,), atc=_atc("L04AH01", seen=False, formerly="L04AA10")),
    Drug("danazol", DrugClass.OTHER, _MG, (ORAL,), atc=_atc("G03XA01", seen=False)),
    Drug("dapsone", DrugClass.OTHER, _KG, (ORAL,), atc=_atc("J04BA02", seen=False)),
    Drug(
        "tranexamic acid", DrugClass.OTHER, _KG, (ORAL, IV), atc=_atc("B02AA02", seen=False)
    ),
    Drug("platelet transfusion", DrugClass.OTHER, (), (IV,), also=("platelets",)),
    Drug("splenectomy", DrugClass.OTHER, (), ()),
    Drug(
        "fludarabine", _ISU, ("mg", "mg/m^2"), (IV,), atc=_atc("L01BB05"),
        purpose=Purpose.LYMPHODEPLETION,
    ),
    Drug(
        "tocilizumab", _ISU, _KG, (IV, SC), atc=_atc("L04AC07", seen=False),
        purpose=Purpose.TOXICITY,
    ),
)  # fmt: skip

#: Every drug, by name.
DRUGS = MappingProxyType({known.name: known for known in _ALL})
#: Every name that is read, in lower case, with its drug.
NAMES = MappingProxyType(
    {folded(name): known for known in _ALL for name in (known.name, *known.also)}
)


def drug(name: Drug | str) -> Drug:
    """Return a drug by its name, or one of its other names, in any case.

    Raises
    ------
    UnknownTermError
        There is no such drug; ``nearest`` names similar ones.

    Examples
    --------
    >>> drug("IVIg").effect_days, str(drug("Romiplostim").atc)
    (28, 'B02BX04')
    """
    if isinstance(name, Drug):
        return name
    return look_up(NAMES, name, field="drug", kind="a drug of this library")


__all__ = ["DRUGS", "NAMES", "Atc", "Drug", "DrugClass", "drug"]
