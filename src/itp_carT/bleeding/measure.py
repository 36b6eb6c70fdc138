"""A measured or counted finding, as a rule table of an instrument compares it.

Analytes are laboratory values with codes; these are ages, counts and falls of blood pressure.
"""

from __future__ import annotations

from typing import Any

from attrs import field, frozen

from itp_carT.errors import ImpossibleError, ItpCarTError, NotationError
from itp_carT.notation import Unit, shorten, unit
from itp_carT.rules import Compare, as_limit
from itp_carT.units import parse, value_in


@frozen(order=False)
class Measure:
    """Something counted or measured at the bedside.

    Parameters
    ----------
    key
        Name of the argument.
    label
        The field's name for it.
    unit
        Its unit; ``"1"`` for a count.

    Examples
    --------
    >>> from itp_carT.rules import text_of
    >>> text_of(Measure("petechiae", "petechiae", "1") > 100)
    'petechiae > 100'
    """

    key: str
    label: str
    unit: str

    def __lt__(self, limit: str | float) -> Compare:
        return Compare(self, "<", as_limit(limit))

    def __le__(self, limit: str | float) -> Compare:
        return Compare(self, "<=", as_limit(limit))

    def __gt__(self, limit: str | float) -> Compare:
        return Compare(self, ">", as_limit(limit))

    def __ge__(self, limit: str | float) -> Compare:
        return Compare(self, ">=", as_limit(limit))

    def of(self, given: Any) -> Observation:
        """Return what was observed: a whole number for a count, else a value with its unit.

        Raises
        ------
        NotationError, ImpossibleError, UnitError
            Naming the measure.
        """
        if self.unit in ("1", "a"):
            return Observation(self, float(_count(given, self.key)))
        try:
            number = value_in(parse(given) if isinstance(given, str) else given, self.unit)
        except ItpCarTError as error:
            raise error.about(self.key) from None
        if number < 0:
            raise ImpossibleError(f"{given} is below zero", field=self.key, given=given)
        return Observation(self, float(number))


def _count(given: Any, name: str) -> int:
    if isinstance(given, str) and given.strip().isdecimal():
        given = int(given)
    if isinstance(given, bool) or not isinstance(given, int):
        raise NotationError(
            f"{shorten(repr(given))} is not a whole number: write e.g. 3", field=name, given=given
        )
    if given < 0:
        raise ImpossibleError(f"{given} is below zero", field=name, given=given)
    return given


@frozen
class Observation:
    """A number of a measure, as `decide` takes it."""

    measure: Measure
    number: float
    reported: dict[str, bool] = field(factory=dict, init=False, eq=False, repr=False)

    @property
    def unit(self) -> Unit:
        """The unit of the number."""
        return unit(self.measure.unit)

    @property
    def numbers(self) -> tuple[float, None, None, None]:
        """The number; a finding has no limits of normal and no baseline."""
        return (self.number, None, None, None)

    @property
    def signature(self) -> tuple[str, str]:
        """Measure and unit: equal ones share one compiled table."""
        return (self.measure.key, self.measure.unit)
