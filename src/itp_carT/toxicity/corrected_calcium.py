"""Calcium corrected for albumin, for the calcium terms of CTCAE, which do not say how to correct.

The correction is an estimate for a low albumin; where ionized calcium was measured, grade that.
"""

from __future__ import annotations

from attrs import frozen

from itp_carT.analytes import ALBUMIN, CALCIUM_CORRECTED
from itp_carT.errors import ItpCarTError
from itp_carT.notation import Unit, plain, tidy, unit
from itp_carT.sources import PAYNE_1973
from itp_carT.units import Measured, Quantity, make, symbol
from itp_carT.working import Step, Working

# per unit of the calcium: factor, and the albumin at which nothing is corrected, with its unit
_FACTORS = {"mmol/L": (0.02, 40.0, "g/L"), "mg/dL": (0.8, 4.0, "g/dL")}
_CITATION = PAYNE_1973.at(
    "correction of total calcium", verified=False,
    note="the two forms in use, seen in reprints; the paper itself was not opened",
)  # fmt: skip


@frozen(kw_only=True)
class CorrectedCalcium:
    """A corrected calcium, to be given to a table as the measure ``calcium_corrected``.

    Parameters
    ----------
    value
        The corrected calcium, unrounded, in the unit of the measured one [mmol/L or mg/dL].
    working
        Each step.
    """

    value: Quantity
    working: Working

    def __str__(self) -> str:
        return f"{plain(float(self.value.magnitude))} {symbol(self.value)}"


def corrected_calcium(calcium: Measured, *, albumin: Measured) -> CorrectedCalcium:
    """Correct a total calcium: + 0.02 mmol/L per g/L, or + 0.8 mg/dL per g/dL, of albumin.

    Parameters
    ----------
    calcium
        Total calcium [mmol/L or mg/dL]; its unit chooses the form, and is that of the result.
    albumin
        Albumin of the same sample [g/L]; below 40 g/L the calcium is raised, above it lowered.

    Raises
    ------
    UnitError
        A value without a unit, or in one of another kind.

    References
    ----------
    payne-1973

    Examples
    --------
    >>> corrected_calcium("2.05 mmol/L", albumin="28 g/L").value.magnitude
    2.29
    """
    number, source = _read(calcium, "calcium")
    system = "mmol/L" if source.dimension == unit("mmol/L").dimension else "mg/dL"
    factor, normal, per = _FACTORS[system]
    total = CALCIUM_CORRECTED.number_in(number, source, unit(system))
    protein, given = _read(albumin, "albumin")
    protein = ALBUMIN.number_in(protein, given, unit(per))
    corrected = tidy(total + factor * (normal - protein))
    shown = f"{plain(total)} + {factor} × ({plain(normal)} - {plain(protein)})"
    step = Step(
        "calcium, albumin-corrected",
        f"calcium + {factor} × ({plain(normal)} {per} - albumin)",
        shown,
        f"{plain(corrected)} {system}",
        _CITATION,
    )
    return CorrectedCalcium(value=make(corrected, system), working=Working((step,)))


def _read(given: Measured, name: str) -> tuple[float, Unit]:
    measure = CALCIUM_CORRECTED if name == "calcium" else ALBUMIN
    try:
        return measure.read_number(given)
    except ItpCarTError as error:
        raise error.about(name) from None


__all__ = ["CorrectedCalcium", "corrected_calcium"]
