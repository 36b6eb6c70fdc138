"""Facts about a patient: measured values with their unit, reference limits, baseline and date.

A reference range belongs to the sample it was printed with. What is not known stays None; nothing
here is filled in.
"""

from __future__ import annotations

import math
from datetime import date
from enum import Enum
from typing import Any

from attrs import field, frozen

from .analytes import Analyte, analyte
from .errors import ImpossibleError, ItpCarTError, NotationError
from .notation import Unit, plain, unit
from .units import Measured, Quantity, equal, symbol


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


@frozen(init=False, repr=False)
class Lab:
    """A measured value, laboratory or vital sign, with what is needed to judge it.

    Parameters
    ----------
    measure
        What was measured.
    value
        The value with its unit; None when it is missing.
    lln, uln
        Lower and upper limit of normal of the performing laboratory for this sample.
    baseline
        The patient's baseline value.
    baseline_lln, baseline_uln
        The range printed with the baseline sample; without them, ``lln`` and ``uln`` count.
    baseline_flag
        ``"low"``, ``"normal"`` or ``"high"``, as the laboratory flagged the baseline; goes before
        the comparison of the baseline with its range.
    is_baseline
        The value is the baseline sample itself (or an earlier one): rules relative to the
        baseline do not apply to it.
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
    value: Quantity | None
    lln: Quantity | None
    uln: Quantity | None
    baseline: Quantity | None
    baseline_lln: Quantity | None
    baseline_uln: Quantity | None
    baseline_flag: BaselineFlag | None
    is_baseline: bool
    on: date | None
    unit: Unit = field(eq=False)
    numbers: tuple[float | None, float | None, float | None, float | None] = field(eq=False)
    reported: dict[str, bool] = field(eq=False)
    signature: tuple[str, Unit] = field(eq=False)

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
        given = {
            "value": value,
            "lln": lln,
            "uln": uln,
            "baseline": baseline,
            "baseline_lln": baseline_lln,
            "baseline_uln": baseline_uln,
        }
        read = {name: _read(measure, name, item) for name, item in given.items()}
        flag = _flag(baseline_flag)
        reported = read["value"]
        target = unit(symbol(reported)) if reported is not None else unit(measure.unit)
        numbers = {
            name: None if item is None else measure.number(item, target)
            for name, item in read.items()
        }
        _check_range(measure, numbers["lln"], numbers["uln"])
        _check_range(measure, numbers["baseline_lln"], numbers["baseline_uln"])
        known: dict[str, bool] = {}
        if not is_baseline:
            known = _baseline_state(measure, flag, numbers)
        # nothing compares with the baseline of a baseline sample: NaN makes it all false
        baseline_number = math.nan if is_baseline else numbers["baseline"]
        self.__attrs_init__(
            measure,
            read["value"],
            read["lln"],
            read["uln"],
            read["baseline"],
            read["baseline_lln"],
            read["baseline_uln"],
            flag,
            is_baseline,
            on,
            target,
            (numbers["value"], numbers["lln"], numbers["uln"], baseline_number),
            known,
            (measure.key, target),
        )

    def __repr__(self) -> str:
        parts = [self.measure.key.upper()]
        parts += [] if self.value is None else [_shown(self.value)]
        for name in ("lln", "uln", "baseline", "baseline_lln", "baseline_uln"):
            item = getattr(self, name)
            parts += [] if item is None else [f"{name}={_shown(item)}"]
        if self.baseline_flag:
            parts.append(f"baseline_flag={self.baseline_flag.value!r}")
        parts += ["is_baseline=True"] if self.is_baseline else []
        parts += [f"on={self.on!r}"] if self.on else []
        return f"Lab({', '.join(parts)})"


def _shown(item: Quantity) -> str:
    return repr(str(item))


def _read(measure: Analyte, name: str, given: Measured | float | None) -> Quantity | None:
    if given is None:
        return None
    try:
        value = measure.read(given)
    except ItpCarTError as error:
        raise error.about(f"{measure.label} {name.replace('_', ' ')}") from None
    if value.magnitude < 0 and not measure.may_be_negative:
        raise ImpossibleError(
            f"{value} is below zero",
            field=f"{measure.label} {name.replace('_', ' ')}",
            given=str(value),
        )
    return value


def _check_range(measure: Analyte, low: float | None, high: float | None) -> None:
    if low is not None and high is not None and low > high and not equal(low, high):
        raise ImpossibleError(
            f"the lower limit of normal ({plain(low)}) is above the upper one ({plain(high)})",
            field=measure.label,
            given=(low, high),
        )


def _baseline_state(
    measure: Analyte, flag: BaselineFlag | None, numbers: dict[str, float | None]
) -> dict[str, bool]:
    """Say whether the baseline was high and low, as far as that is known.

    The laboratory's own flag goes first; else the baseline is compared with the range of its
    sample, or with the range of this one.
    """
    high_key, low_key = measure.baseline_high.key, measure.baseline_low.key
    if flag is not None:
        return {high_key: flag is BaselineFlag.HIGH, low_key: flag is BaselineFlag.LOW}
    baseline = numbers["baseline"]
    state: dict[str, bool] = {}
    if baseline is None:
        return state
    uln = numbers["uln"] if numbers["baseline_uln"] is None else numbers["baseline_uln"]
    lln = numbers["lln"] if numbers["baseline_lln"] is None else numbers["baseline_lln"]
    if uln is not None:
        state[high_key] = baseline > uln and not equal(baseline, uln)
    if lln is not None:
        state[low_key] = baseline < lln and not equal(baseline, lln)
    return state
