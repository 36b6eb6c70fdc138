"""Values so far from usual that the unit is likelier wrong than the patient: to be checked.

The limits are conventions of the library, wide enough for every patient of such a trial; they catch
a count typed in the wrong unit, which is off by a thousand. Nothing is refused by them.
"""

from __future__ import annotations

import warnings

from itp_carT.analyte import Analyte
from itp_carT.analytes import HEMOGLOBIN, NEUTROPHILS, PLATELETS, WHITE_CELLS
from itp_carT.errors import UnusualValueWarning
from itp_carT.notation import plain, unit
from itp_carT.sources import ITP_CART_CONVENTIONS
from itp_carT.units import Quantity

#: Lowest and highest usual value by analyte, in its own unit; zero is a value of its own.
USUAL = {
    PLATELETS.key: (1.0, 3000.0),
    WHITE_CELLS.key: (0.01, 500.0),
    NEUTROPHILS.key: (0.01, 200.0),
    HEMOGLOBIN.key: (20.0, 250.0),
}
SOURCE = ITP_CART_CONVENTIONS.at("usual values of a study", note="ours, to catch a wrong unit")


def check_usual(measure: Analyte, value: Quantity) -> None:
    """Warn where a value is outside what is usual.

    Parameters
    ----------
    measure
        What was measured.
    value
        The value [a unit of the analyte].

    Examples
    --------
    >>> import warnings
    >>> with warnings.catch_warnings(record=True) as caught:
    ...     warnings.simplefilter("always")
    ...     check_usual(PLATELETS, Quantity("45 /uL"))
    >>> print(caught[0].message)
    45 /uL of platelets is 0.045 10^9/L, outside the usual 1 to 3000 10^9/L: check the unit
    """
    limits = USUAL.get(measure.key)
    if limits is None:
        return
    number = measure.number(value, unit(measure.unit))
    low, high = limits
    if number and not low <= number <= high:
        warnings.warn(
            f"{value} of {measure.label} is {plain(number)} {measure.unit}, outside the usual "
            f"{plain(low)} to {plain(high)} {measure.unit}: check the unit",
            UnusualValueWarning,
            stacklevel=2,
        )


__all__ = ["SOURCE", "USUAL", "check_usual"]
