"""Rounding as part of a rule: a step and a direction, exact decimals, applied once at the end."""

from __future__ import annotations

import decimal
from decimal import Decimal

from attrs import field, frozen

from .errors import UnknownTermError
from .notation import show
from .units import Measured, Quantity, make, measured, symbol, to_quantity

_HALF = {
    "up": decimal.ROUND_HALF_UP,
    "even": decimal.ROUND_HALF_EVEN,
    "down": decimal.ROUND_HALF_DOWN,
}
_LONG = decimal.Context(prec=300)  # holds the largest number of the smallest steps


@frozen
class To:
    """Rounding to a multiple of a step.

    Parameters
    ----------
    step
        The smallest amount that is drawn [any unit], e.g. ``"1 mg"``.
    half
        Where a value exactly between two steps goes: ``"up"``, ``"even"`` or ``"down"``.

    Raises
    ------
    UnitRequiredError, ImpossibleError
        When the step has no unit or is not above zero.

    Examples
    --------
    >>> To("1 mg", half="up").apply(Quantity("49.5 mg"))
    Quantity('50 mg')
    >>> To("10 mg", half="up").apply(Quantity("492.95 mg"))
    Quantity('490 mg')
    """

    step: Quantity = field(converter=to_quantity)
    half: str = field(default="up", kw_only=True)

    @step.validator
    def _check_step(self, _attribute: object, value: object) -> None:
        shown = symbol(value) if isinstance(value, Quantity) else "mg"
        measured(shown).check("step", value)

    @half.validator
    def _check_half(self, _attribute: object, value: object) -> None:
        if not isinstance(value, str) or value not in _HALF:
            raise UnknownTermError(
                f"{show(value)} is not a direction: write one of {', '.join(_HALF)}",
                field="half",
                given=value,
                nearest=tuple(_HALF),
            )

    def apply(self, given: Measured) -> Quantity:
        """Round a quantity [any unit of the step's kind]; the answer is in the unit of the step.

        Binary noise is cleaned first (49.50000000000001 is 49.5), then decimals are exact.
        """
        unit = symbol(self.step)
        number = measured(unit, positive=False).check("given", to_quantity(given))
        exact = Decimal(f"{number:.12g}")
        step = Decimal(f"{self.step.magnitude:.12g}")
        count = _LONG.divide(exact, step).quantize(
            Decimal(1), rounding=_HALF[self.half], context=_LONG
        )
        return make(float(count * step), unit)

    def __str__(self) -> str:
        return f"to {self.step}, half {self.half}"
