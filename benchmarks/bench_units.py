"""One measured value: read from text, converted, compared."""

import pint
from measuring import Row, calls

from itp_carT.units import make, parse, value_in


def rows(quick=False):
    plain = pint.UnitRegistry()
    turns = 1 if quick else 9

    def against(name, ours, baseline, target):
        return Row(name, *calls(ours, baseline, turns=turns), target, faster=True)

    weight, theirs = parse("62 kg"), plain.Quantity(62.0, "kg")
    count, limit = make(30_000.0, "/uL"), make(30.0, "10^9/L")
    their_count, their_limit = plain.Quantity(30_000.0, "1/uL"), plain.Quantity(30e9, "1/L")
    return [
        against('parse "62 kg"', lambda: parse("62 kg"), lambda: plain.Quantity("62 kg"), 50),
        against("convert kg to g", lambda: value_in(weight, "g"), lambda: theirs.m_as("g"), 10),
        against(
            "compare in another unit", lambda: count < limit, lambda: their_count < their_limit, 5
        ),
    ]
