"""EASIX and its variants: indices of endothelial stress, each a quotient with platelets below.

Every value is read with its unit and converted; a C-reactive protein in mg/L taken as mg/dL would
make the modified index ten times too high. In immune thrombocytopenia the denominator is the
disease itself.
"""

from __future__ import annotations

import math

from attrs import frozen

from itp_carT.analytes import CREATININE, CRP, LDH, PLATELETS, Analyte
from itp_carT.errors import ImpossibleError, ItpCarTError
from itp_carT.notation import plain, tidy, unit
from itp_carT.rounding import fixed
from itp_carT.sources import EASIX_CAR_T
from itp_carT.units import Measured
from itp_carT.working import Step, Working

_UNITS = {LDH: "U/L", CREATININE: "mg/dL", CRP: "mg/dL", PLATELETS: "10^9/L"}
ITP_NOTE = "in immune thrombocytopenia the denominator is the disease itself"


@frozen(kw_only=True)
class Easix:
    """An index; without a unit by convention, from values in the units of its working.

    Parameters
    ----------
    name
        ``"EASIX"``, ``"m-EASIX"`` or ``"s-EASIX"``.
    value
        The index.
    working
        Each step.
    """

    name: str
    value: float
    working: Working

    @property
    def log2(self) -> float:
        """The logarithm to base 2, as it is often reported."""
        return math.log2(self.value)

    def __str__(self) -> str:
        return f"{self.name} {plain(self.value)} (log2 {fixed(self.log2, 2)})"


def _read(measure: Analyte, name: str, given: Measured) -> tuple[float, Step]:
    target = unit(_UNITS[measure])
    try:
        number, source = measure.read_number(given)
        value = measure.number_in(number, source, target)
    except ItpCarTError as error:
        raise error.about(name) from None
    if not value > 0:
        raise ImpossibleError(f"{given} is not above zero", field=name, given=str(given))
    shown, used = f"{plain(number)} {source.symbol}", f"{plain(value)} {target.symbol}"
    return value, Step(measure.label, "" if shown == used else shown, "", used)


def _index(
    name: str, formula: str, top: tuple[tuple[float, Step], ...], below: tuple[float, Step]
) -> Easix:
    value = tidy(math.prod(number for number, _ in top) / below[0])
    substituted = f"{' × '.join(step.result for _, step in top)} / {below[1].result}"
    steps = (*(step for _, step in top), below[1])
    last = Step(name, formula, substituted, plain(value), EASIX_CAR_T.at(name), ITP_NOTE)
    return Easix(name=name, value=value, working=Working((*steps, last)))


def easix(*, ldh: Measured, creatinine: Measured, platelets: Measured) -> Easix:
    """Compute EASIX = LDH [U/L] × creatinine [mg/dL] / platelets [10^9/L].

    Raises
    ------
    UnitError, ImpossibleError
        A value without a unit, or not above zero.

    References
    ----------
    easix-car-t

    Examples
    --------
    >>> print(easix(ldh="300 U/L", creatinine="1.0 mg/dL", platelets="150 10^9/L"))
    EASIX 2 (log2 1.00)
    """
    top = _read(LDH, "ldh", ldh), _read(CREATININE, "creatinine", creatinine)
    return _index(
        "EASIX", "LDH × creatinine / platelets", top, _read(PLATELETS, "platelets", platelets)
    )


def modified_easix(*, ldh: Measured, crp: Measured, platelets: Measured) -> Easix:
    """Compute m-EASIX = LDH [U/L] × C-reactive protein [mg/dL] / platelets [10^9/L].

    References
    ----------
    easix-car-t

    Examples
    --------
    >>> print(modified_easix(ldh="300 U/L", crp="30 mg/L", platelets="150 10^9/L"))
    m-EASIX 6 (log2 2.58)
    """
    top = _read(LDH, "ldh", ldh), _read(CRP, "crp", crp)
    return _index("m-EASIX", "LDH × CRP / platelets", top, _read(PLATELETS, "platelets", platelets))


def simplified_easix(*, ldh: Measured, platelets: Measured) -> Easix:
    """Compute s-EASIX = LDH [U/L] / platelets [10^9/L].

    References
    ----------
    easix-car-t
    """
    top = (_read(LDH, "ldh", ldh),)
    return _index("s-EASIX", "LDH / platelets", top, _read(PLATELETS, "platelets", platelets))


__all__ = ["ITP_NOTE", "Easix", "easix", "modified_easix", "simplified_easix"]
