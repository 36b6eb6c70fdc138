"""One laboratory value with its unit to a verdict, against bare floats and against pint."""

import pint
from measuring import Row, calls

from itp_carT import Lab, decide
from itp_carT.analytes import PLATELETS
from itp_carT.toxicity import ctcae_v5
from itp_carT.units import make

TABLE = ctcae_v5.PLATELET_COUNT_DECREASED


def by_floats(count, low):
    if count < 25:
        return 4
    if count < 50:
        return 3
    if count < 75:
        return 2
    return 1 if count < low else 0


def rows(quick=False):
    plain = pint.UnitRegistry()
    turns = 1 if quick else 9
    value, low = make(61_000.0, "/uL"), make(150_000.0, "/uL")
    theirs, their_low = plain.Quantity(61_000.0, "1/uL"), plain.Quantity(150_000.0, "1/uL")
    limits = [plain.Quantity(number, "1/L") for number in (25e9, 50e9, 75e9)]

    def ours():
        return decide(TABLE, Lab(PLATELETS, value, lln=low)).possible

    def by_pint():
        """Make all four comparisons, as a table of rows does that explains itself."""
        return [theirs < limit for limit in (*limits, their_low)]

    assert [int(grade) for grade in ours()] == [by_floats(61.0, 150.0)] == [2]
    return [
        Row("value with unit to a verdict", *calls(ours, lambda: by_floats(61.0, 150.0),
            turns=turns), 40, faster=False),
        Row("the same, against pint", *calls(ours, by_pint, turns=turns), 20, faster=True),
    ]  # fmt: skip
