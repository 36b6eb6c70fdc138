"""Rounding as part of a rule: a step and a direction, exact decimals, applied once at the end.

What is printed with fewer digits than it has is rounded here too, in one way everywhere.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction

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


def fixed(value: float | Fraction, places: int, *, signed: bool = False) -> str:
    """Write a number with so many decimals, for display: half goes away from zero.

    Python's own formats send a half to the even digit: -6.25 would be shown as -6.2.

    Parameters
    ----------
    value
        The number; binary noise is cleaned first, as in `To`.
    places
        Decimals.
    signed
        Whether a plus is written too.

    Examples
    --------
    >>> fixed(0.25, 1), fixed(0.35, 1), fixed(-0.25, 1), fixed(12.5, 0)
    ('0.3', '0.4', '-0.3', '13')
    >>> fixed(16.25, 1, signed=True), fixed(-0.01, 1, signed=True)
    ('+16.3', '+0.0')
    """
    step = Decimal(1).scaleb(-places)
    number = Decimal(f"{float(value):.12g}").quantize(
        step, rounding=decimal.ROUND_HALF_UP, context=_LONG
    )
    number = number or abs(number)  # never minus zero
    return f"{number:+f}" if signed else f"{number:f}"
