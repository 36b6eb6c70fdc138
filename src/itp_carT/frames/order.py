"""Runs over the visits of each patient in the order of days, on eager and on lazy frames.

An eager frame is sorted, and a run needs no groups: patients are numbered, and a number far greater
than any day keeps them apart. A lazy frame has no order of its own and takes windows.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeAlias

import narwhals.stable.v2 as nw
from attrs import frozen

#: More patients than this would not keep apart in 63 bits.
_MOST = 900_000_000_000

Frame: TypeAlias = "nw.DataFrame[Any] | nw.LazyFrame[Any]"

#: Before every day, and further apart than any two days.
NEVER, APART = -100_000, 10_000_000


def small(condition: nw.Expr, yes: nw.Expr | int, no: nw.Expr | int) -> nw.Expr:
    """Return one of two whole numbers below 100, a byte each."""
    return number(condition, yes, no).cast(nw.Int8)


def number(condition: nw.Expr, yes: nw.Expr | int, no: nw.Expr | int) -> nw.Expr:
    """Return one of two whole numbers."""
    then = yes if isinstance(yes, nw.Expr) else nw.lit(yes)
    other = no if isinstance(no, nw.Expr) else nw.lit(no)
    return nw.when(condition).then(then).otherwise(other)


def _codes(frame: nw.DataFrame[Any]) -> nw.Series[Any] | None:
    """Return a whole number per patient in the order of the patients, where that costs little."""
    column = frame["patient"]
    if column.dtype.is_integer() and len(column):
        least, most = int(column.min()), int(column.max())
        if most - least < _MOST:
            return column.cast(nw.Int64) - least if most < 2**63 else None
    elif column.dtype == nw.String and frame.implementation.is_polars():
        names = column.unique().sort().to_list()
        native = column.cast(nw.Enum(names)).to_native()
        numbers: nw.Series[Any] = nw.from_native(native.to_physical(), series_only=True)
        return numbers
    return None


def _known_sorted(frame: nw.DataFrame[Any]) -> nw.DataFrame[Any]:
    """Tell Polars that the patients are in order, which makes its groups cheap."""
    if not frame.implementation.is_polars():
        return frame
    native = frame.to_native()
    told: nw.DataFrame[Any] = nw.from_native(native.with_columns(native["patient"].set_sorted()))
    return told


@frozen
class Order:
    """The order of the visits of one patient.

    Parameters
    ----------
    lazy
        Whether the frame is lazy.
    """

    lazy: bool

    def sorted(self, frame: Frame) -> Frame:
        """Bring the visits of each patient into order, and give each patient a number, ``_p``."""
        if isinstance(frame, nw.LazyFrame):
            return frame
        codes = _codes(frame)
        if codes is not None:  # one key of whole numbers is sorted in half the time of two
            frame = frame.with_columns(_p=codes.cast(nw.Int64) * APART)
            frame = frame.with_columns(_key=nw.col("_p") + nw.col("day")).sort("_key")
            return _known_sorted(frame.drop("_key"))
        frame = frame.sort("patient", "day")
        other = nw.col("patient") != nw.col("patient").shift(1)
        step = nw.when(other).then(nw.lit(1)).otherwise(nw.lit(0))
        return frame.with_columns(_p=step.cast(nw.Int64).cum_sum() * APART)

    def parts(self, frame: Frame, many: int) -> Iterator[Frame]:
        """Yield an eager frame that is in order in parts of whole patients, of about ``many`` rows.

        One part after the other takes little memory beside the frame.
        """
        if isinstance(frame, nw.LazyFrame) or len(frame) <= many:
            yield frame
            return
        numbers, low = frame["_p"], 0
        for at in range(many, len(frame), many):
            high = int((numbers < numbers[at]).sum())
            if high > low:
                yield frame[low:high]
                low = high
        yield frame[low:]

    def joined(self, frame: Any, right: Any) -> Any:
        """Join one row per patient to the visits, whose order stays."""
        if isinstance(frame, nw.DataFrame) and frame.implementation.is_polars():
            left, other = frame.to_native(), right.to_native()
            joined = left.join(other, on="patient", how="left", maintain_order="left")
            return nw.from_native(joined)
        return frame.join(right, on="patient", how="left")

    def before(self, name: str, missing: int) -> nw.Expr:
        """Return a column's value at the visit before; ``missing`` at the first."""
        return self._moved(name, 1, missing)

    def after(self, name: str, missing: int) -> nw.Expr:
        """Return a column's value at the visit after; ``missing`` at the last."""
        return self._moved(name, -1, missing)

    def _moved(self, name: str, by: int, missing: int) -> nw.Expr:
        if self.lazy:
            moved = nw.col(name).shift(by).over("patient", order_by="day")
            return nw.when(moved.is_null()).then(nw.lit(missing)).otherwise(moved)
        same = nw.col("_p") == nw.col("_p").shift(by)
        return nw.when(same).then(nw.col(name).shift(by)).otherwise(nw.lit(missing))

    def greatest(self, name: str) -> nw.Expr:
        """Return the greatest value of a column so far; never null, at least `NEVER`."""
        if self.lazy:
            return nw.col(name).cum_max().over("patient", order_by="day")
        return (nw.col(name) + nw.col("_p")).cum_max() - nw.col("_p")
