"""Facts about a patient: measured values with their unit, reference limits, baseline and date.

A reference range belongs to the sample it was printed with. What is not known stays None; nothing
here is filled in.
"""

from __future__ import annotations

import math
from datetime import date
from enum import Enum
from typing import Any

from attrs import frozen

from .analytes import Analyte, analyte
from .errors import ImpossibleError, ItpCarTError, NotationError
from .notation import Unit, plain, unit
from .units import Measured, Quantity, equal, make


class BaselineFlag(Enum):
    """How a laboratory flagged the baseline sample against its own range (CDISC LBNRIND)."""

    LOW = "LOW"
    NORMAL = "NORMAL"
    HIGH = "HIGH"


def _flag(given: Any) -> BaselineFlag | None:
    if given is None or isinstance(given, BaselineFlag):
        return given
    words = {"l": "LOW", "n": "NORMAL", "h": "HIGH", "ll": "LOW", "hh": "HIGH"}
    word = str(given).strip()
    try:
        return BaselineFlag[words.get(word.casefold(), word.upper())]
    except KeyError:
        raise NotationError(
            f'"{word}" is not a flag: write "low", "normal" or "high"',
            field="baseline_flag",
            given=given,
        ) from None


@frozen(init=False, repr=False, eq=False)
class Lab:
    """A measured value, laboratory or vital sign, with what is needed to judge it.

    Parameters
    ----------
    measure
        What was measured.
    value
        The value [any unit the measure is reported in]; None when it is missing.
    lln, uln
        Lower and upper limit of normal of the performing laboratory for this sample [as value].
    baseline
        The patient's baseline value [as value].
    baseline_lln, baseline_uln
        The range printed with the baseline sample [as value]; without them, ``lln`` and ``uln``
        count.
    baseline_flag
        ``"low"``, ``"normal"`` or ``"high"``, as the laboratory flagged the baseline; goes before
        the comparison of the baseline with its range.
    is_baseline
        The value is the baseline sample itself (or an earlier one): rules relative to the
        baseline do not apply to it, and it is judged against the limits of normal.
    on
        The day of the sample.

    Raises
    ------
    UnitError, NotationError, ImpossibleError
        Naming the argument, what was given and what to write instead.

    Examples
    --------
    >>> from itp_carT.analytes import PLATELETS
    >>> Lab(PLATELETS, "18000 /mm3", lln="150 10^9/L")
    Lab(PLATELETS, '18000 /uL', lln='150 10^9/L')
    """

    measure: Analyte
    baseline_flag: BaselineFlag | None
    is_baseline: bool
    on: date | None
    unit: Unit
    numbers: tuple[float | None, float | None, float | None, float | None]
    reported: dict[str, bool]
    signature: tuple[str, Unit]
    # value, limits, baseline and its limits as reported: number and unit; see `_NAMES`
    _given: tuple[tuple[float, Unit] | None, ...]

    def __init__(
        self,
        measure: Analyte | str,
        value: Measured | float | None = None,
        *,
        lln: Measured | float | None = None,
        uln: Measured | float | None = None,
        baseline: Measured | float | None = None,
        baseline_lln: Measured | float | None = None,
        baseline_uln: Measured | float | None = None,
        baseline_flag: BaselineFlag | str | None = None,
        is_baseline: bool = False,
        on: date | None = None,
    ) -> None:
        measure = analyte(measure) if isinstance(measure, str) else measure
        flag = None if baseline_flag is None else _flag(baseline_flag)
        given = (
            None if value is None else _read(measure, "value", value),
            None if lln is None else _read(measure, "lln", lln),
            None if uln is None else _read(measure, "uln", uln),
            None if baseline is None else _read(measure, "baseline", baseline),
            None if baseline_lln is None else _read(measure, "baseline lln", baseline_lln),
            None if baseline_uln is None else _read(measure, "baseline uln", baseline_uln),
        )
        target = unit(measure.unit) if given[0] is None else given[0][1]
        own = given[0] and given[0][0]
        low = _in(measure, given[1], target)
        high = _in(measure, given[2], target)
        base = _in(measure, given[3], target)
        base_low = _in(measure, given[4], target)
        base_high = _in(measure, given[5], target)
        if low is not None and high is not None:
            _check_range(measure, low, high)
        if base_low is not None and base_high is not None:
            _check_range(measure, base_low, base_high)
        if is_baseline:
            # nothing compares with the baseline of a baseline sample: NaN makes all of it false
            base, known = math.nan, {measure.sample: True, measure.high: False, measure.low: False}
        else:
            known = {measure.sample: False}
            base_low = low if base_low is None else base_low
            base_high = high if base_high is None else base_high
            _add_state(known, measure, flag, (base, base_low, base_high))
        self.__attrs_init__(
            measure,
            flag,
            is_baseline,
            on,
            target,
            (own, low, high, base),
            known,
            (measure.key, target),
            given,
        )

    @property
    def value(self) -> Quantity | None:
        """The value as reported; None when it is missing."""
        return _quantity(self._given[0])

    @property
    def lln(self) -> Quantity | None:
        """Lower limit of normal for this sample."""
        return _quantity(self._given[1])

    @property
    def uln(self) -> Quantity | None:
        """Upper limit of normal for this sample."""
        return _quantity(self._given[2])

    @property
    def baseline(self) -> Quantity | None:
        """The patient's baseline value."""
        return _quantity(self._given[3])

    @property
    def baseline_lln(self) -> Quantity | None:
        """Lower limit of normal for the baseline sample."""
        return _quantity(self._given[4])

    @property
    def baseline_uln(self) -> Quantity | None:
        """Upper limit of normal for the baseline sample."""
        return _quantity(self._given[5])

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Lab):
            return NotImplemented
        return self._meaning() == other._meaning()

    def __hash__(self) -> int:
        return hash((self.measure, self.baseline_flag, self.is_baseline, self.on))

    def _meaning(self) -> tuple[Any, ...]:
        quantities = tuple(_quantity(item) for item in self._given)
        return self.measure, self.baseline_flag, self.is_baseline, self.on, quantities

    def __repr__(self) -> str:
        parts = [self.measure.key.upper()]
        for name, item in zip(_NAMES, self._given, strict=True):
            if item is not None:
                shown = repr(f"{plain(item[0])} {item[1].symbol}")
                parts.append(shown if name == "value" else f"{name}={shown}")
        if self.baseline_flag:
            parts.append(f"baseline_flag={self.baseline_flag.value!r}")
        parts += ["is_baseline=True"] if self.is_baseline else []
        parts += [f"on={self.on!r}"] if self.on else []
        return f"Lab({', '.join(parts)})"


_NAMES = ("value", "lln", "uln", "baseline", "baseline_lln", "baseline_uln")


def _quantity(item: tuple[float, Unit] | None) -> Quantity | None:
    return None if item is None else make(item[0], item[1].symbol)


def _read(measure: Analyte, name: str, given: Measured | float) -> tuple[float, Unit]:
    try:
        read = measure.read_number(given)
    except ItpCarTError as error:
        raise error.about(f"{measure.label} {name}") from None
    if read[0] < 0 and not measure.may_be_negative:
        shown = f"{plain(read[0])} {read[1].symbol}"
        raise ImpossibleError(
            f"{shown} is below zero", field=f"{measure.label} {name}", given=shown
        )
    return read


def _in(measure: Analyte, item: tuple[float, Unit] | None, target: Unit) -> float | None:
    """Return a number in the unit of the value."""
    if item is None:
        return None
    return item[0] if item[1] is target else measure.number_in(*item, target)


def _add_state(
    known: dict[str, bool],
    measure: Analyte,
    flag: BaselineFlag | None,
    baseline: tuple[float | None, float | None, float | None],
) -> None:
    """Say whether the baseline was high and low, as far as that is known.

    The laboratory's own flag goes first; else the baseline is compared with the range of its
    sample, or with the range of this one.
    """
    if flag is not None:
        known[measure.high] = flag is BaselineFlag.HIGH
        known[measure.low] = flag is BaselineFlag.LOW
        return
    value, low, high = baseline
    if value is None:
        return
    if high is not None:
        known[measure.high] = value > high and not equal(value, high)
    if low is not None:
        known[measure.low] = value < low and not equal(value, low)


def _check_range(measure: Analyte, low: float, high: float) -> None:
    if low > high and not equal(low, high):
        raise ImpossibleError(
            f"the lower limit of normal ({plain(low)}) is above the upper one ({plain(high)})",
            field=measure.label,
            given=(low, high),
        )
