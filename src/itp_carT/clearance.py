"""Clearances: a clearance and an indexed one are different types and never mix.

One leads to the other only through the patient's own body surface area. How they are computed
from a creatinine is in `itp_carT.renal`.
"""

from __future__ import annotations

from typing import Any

from attrs import Attribute, field, frozen

from .anthropometry import BodySurfaceArea
from .errors import DimensionError
from .notation import plain
from .rounding import fixed
from .sources import CKD_EPI_2021
from .units import Quantity, equal, make, measured, to_quantity, value_in
from .working import Step, Working

_CLEARANCE = measured("mL/min", possible=("0 mL/min", "1000 mL/min"), positive=False)
_INDEXED = measured(
    "mL/min/1.73m^2", possible=("0 mL/min/1.73m^2", "1000 mL/min/1.73m^2"), positive=False
)
_INDEX_CITATION = CKD_EPI_2021.at(
    "unit of the estimate, per 1.73 m²", verified=False, note="that the index is undone is ours"
)


def _is_clearance(_: Any, __: Attribute[Any], value: Any) -> None:
    _refuse_other(value, "mL/min/1.73m^2", "an indexed clearance: IndexedClearance(...).deindexed")
    _CLEARANCE.check("clearance", value)


def _is_indexed(_: Any, __: Attribute[Any], value: Any) -> None:
    _refuse_other(value, "mL/min", "a clearance that is not indexed: Clearance(...).indexed")
    _INDEXED.check("clearance", value)


def _refuse_other(value: Any, kind: str, way: str) -> None:
    if number_if(value, kind) is not None:
        raise DimensionError(
            f"{value} is {way}(bsa) leads from one to the other",
            field="clearance",
            given=str(value),
        )


def number_if(value: Any, name: str) -> float | None:
    """Return a quantity's number in a unit; None when it measures something else."""
    try:
        return value_in(value, name) if isinstance(value, Quantity) else None
    except DimensionError:
        return None


@frozen
class Clearance:
    """A clearance of creatinine, not indexed to an area.

    Parameters
    ----------
    value
        The clearance, unrounded [mL/min].
    method
        The equation, or ``"as given"``, e.g. for one that was measured in urine.
    working
        How it was computed.

    Raises
    ------
    DimensionError
        The value is indexed to 1.73 m², or no clearance at all.
    ImpossibleError
        The value is below 0 or above 1000 mL/min.

    Examples
    --------
    >>> print(Clearance("62 mL/min"))
    62 mL/min (as given)
    """

    value: Quantity = field(converter=to_quantity, validator=_is_clearance)
    method: str = field(default="as given", kw_only=True)
    working: Working = field(default=Working(()), kw_only=True, repr=False, eq=False)

    def indexed(self, bsa: BodySurfaceArea) -> IndexedClearance:
        """Index to 1.73 m²: multiply by 1.73 m² over the patient's area.

        Examples
        --------
        >>> from itp_carT import Subject, bsa
        >>> area = bsa(Subject(height="180 cm", weight="80 kg"))
        >>> print(Clearance("80 mL/min").indexed(area))
        69.20 mL/min/1.73m^2 (as given, indexed)
        """
        area = value_in(bsa.value, "m^2")
        number = value_in(self.value, "mL/min")
        result = make(number * 1.73 / area, "mL/min/1.73m^2")
        step = Step(
            "indexed clearance",
            "clearance × 1.73 / BSA",
            f"{_shown(number)} × 1.73 / {fixed(area, 4)}",
            f"{_shown(result.magnitude)} mL/min/1.73m^2",
            _INDEX_CITATION,
        )
        return IndexedClearance(
            result, method=f"{self.method}, indexed", working=_joined(self, bsa, step)
        )

    def __str__(self) -> str:
        return f"{_shown(value_in(self.value, 'mL/min'))} mL/min ({self.method})"


@frozen
class IndexedClearance:
    """A clearance or filtration rate per 1.73 m² of body surface.

    Parameters
    ----------
    value
        The rate, unrounded [mL/min/1.73m^2].
    method
        The equation, or ``"as given"``, e.g. for one that the laboratory reported.
    working
        How it was computed.

    Raises
    ------
    DimensionError
        The value is not indexed, or no clearance at all.
    ImpossibleError
        The value is below 0 or above 1000 mL/min/1.73 m².

    Examples
    --------
    >>> IndexedClearance("66 mL/min/1.73 m2", method="reported by the laboratory")
    IndexedClearance(value=Quantity('66 mL/min/1.73m^2'), method='reported by the laboratory')
    """

    value: Quantity = field(converter=to_quantity, validator=_is_indexed)
    method: str = field(default="as given", kw_only=True)
    working: Working = field(default=Working(()), kw_only=True, repr=False, eq=False)

    def deindexed(self, bsa: BodySurfaceArea) -> Clearance:
        """Undo the index: multiply by the patient's area over 1.73 m²."""
        area = value_in(bsa.value, "m^2")
        number = value_in(self.value, "mL/min/1.73m^2")
        result = make(number * area / 1.73, "mL/min")
        step = Step(
            "clearance, not indexed",
            "indexed clearance × BSA / 1.73",
            f"{_shown(number)} × {fixed(area, 4)} / 1.73",
            f"{_shown(result.magnitude)} mL/min",
            _INDEX_CITATION,
        )
        return Clearance(
            result, method=f"{self.method}, de-indexed", working=_joined(self, bsa, step)
        )

    def __str__(self) -> str:
        number = value_in(self.value, "mL/min/1.73m^2")
        return f"{_shown(number)} mL/min/1.73m^2 ({self.method})"


def _joined(result: Clearance | IndexedClearance, bsa: BodySurfaceArea, step: Step) -> Working:
    own = result.working.steps or (Step("clearance", "", "", str(result.value)),)
    return Working((*own, *(s for s in bsa.working if s not in own), step))


def _shown(number: float) -> str:
    """Write a clearance for reading: two decimals, unless it was given with fewer."""
    return plain(number) if equal(number, float(f"{number:.0f}")) else fixed(number, 2)
