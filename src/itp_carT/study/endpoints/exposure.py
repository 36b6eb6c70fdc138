"""Exposure: what was planned and given of each drug and of the cells, against the protocol."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from itp_carT.anthropometry import bsa
from itp_carT.errors import ItpCarTError
from itp_carT.notation import equal
from itp_carT.protocol.model import Protocol
from itp_carT.rounding import fixed
from itp_carT.study.assess import PatientResult
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.study.records import InfusionRecord, SubjectRecord
from itp_carT.units import Quantity

from .parts import count, treated

_RAISED = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")


def section(results: Sequence[PatientResult], protocol: Protocol) -> Section:
    """Return the exposure of a study."""
    people = treated(results)
    rows = [row for one in people for row in _rows(one, protocol)]
    listing = Listing(
        key="exposure.patients",
        title="Planned and given",
        columns=("subject", "agent", "days", "planned", "given", "given per m² and day, or per kg",
                 "protocol", "of the protocol"),
        rows=rows,
    )  # fmt: skip
    return Section(
        key="exposure", title="Exposure",
        numbers=list(figures([per_kg(one) for one in people], protocol)), listings=[listing],
        notes=[
            f"Doses of the protocol: {protocol.lymphodepletion.source}; {protocol.cells.source}.",
            "Doses per m² use the protocol's formula of the area and differ a little by rounding.",
        ],
    )  # fmt: skip


def given_of(one: PatientResult, agent: str) -> tuple[InfusionRecord, ...]:
    """Return the rows of an agent, in the order of their days."""
    found = [row for row in one.records.infusions if row.agent == agent]
    return tuple(sorted(found, key=lambda row: row.date))


def total(rows: Iterable[InfusionRecord], name: str, unit: str) -> float | None:
    """Return the sum of planned or given amounts [unit]; None where one is not known."""
    amounts = [getattr(row, name) for row in rows]
    return summed(None if amount is None else amount.m_as(unit) for amount in amounts)


def summed(amounts: Iterable[float | None]) -> float | None:
    """Return the sum of amounts; None where there is none, or one is not known.

    Examples
    --------
    >>> summed([48.0, 36.0]), summed([48.0, None]), summed([])
    (84.0, None, None)
    """
    known = list(amounts)
    if not known or any(amount is None for amount in known):
        return None
    return float(sum(amount for amount in known if amount is not None))


def power_of_ten(number: float) -> str:
    """Write a number of cells with two decimals and a power of ten.

    Examples
    --------
    >>> power_of_ten(5e6), power_of_ten(9.405e8), power_of_ten(9.996e8), power_of_ten(0)
    ('5.00×10⁶', '9.41×10⁸', '1.00×10⁹', '0')
    """
    if not number:
        return "0"
    digits, _, power = f"{number:.11e}".partition("e")
    mantissa, exponent = fixed(float(digits), 2), int(power)
    if mantissa == "10.00":
        mantissa, exponent = "1.00", exponent + 1
    return f"{mantissa}×10{str(exponent).translate(_RAISED)}"


def per_kg(one: PatientResult) -> Number:
    """Return the cells given per kilogram [cell/kg]."""
    rows, weight = given_of(one, "CAR-T"), one.records.subject.weight
    cells = total(rows, "given", "cell")
    value = cells_per_kg(cells, weight)
    why = "" if value is not None else not_known(len(rows), weight)
    return Number(
        key=f"exposure.cells_per_kg:{one.id}",
        label=f"cells given per kilogram of {one.id}",
        value=value,
        unit="cell/kg",
        text="not known" if value is None else cells_text(value),
        rule="all fractions given, over actual weight; never scaled up to the plan",
        rows=[*(row.at for row in rows), one.records.subject.at],
        why=why,
    )


def cells_per_kg(cells: float | None, weight: Quantity | None) -> float | None:
    """Return cells given [cell] over actual weight [cell/kg]; None where one is not known."""
    return None if cells is None or weight is None else float(cells / weight.m_as("kg"))


def place(value: float, protocol: Protocol) -> str:
    """Say where cells per kilogram lie beside the range of the protocol.

    Parameters
    ----------
    value
        Cells given [cell/kg].
    protocol
        The protocol.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import PROTOCOL
    >>> [place(value, PROTOCOL) for value in (9.9e6, 1.0e7, 2.0e7, 2.1e7)]
    ['below', 'within', 'within', 'above']
    """
    low = protocol.cells.lowest.m_as("cell/kg")
    high = protocol.cells.highest.m_as("cell/kg")
    if equal(value, low) or equal(value, high):
        return "within"
    return "below" if value < low else "above" if value > high else "within"


def cells_text(value: float) -> str:
    """Write cells per kilogram [cell/kg] with a power of ten."""
    return f"{power_of_ten(value)}/kg"


def not_known(infusions: int, weight: Quantity | None) -> str:
    """Say why the cells per kilogram are not known.

    Parameters
    ----------
    infusions
        How many infusions of cells are recorded.
    weight
        Actual weight [kg].
    """
    if not infusions:
        return "no infusion of cells is recorded"
    return "the weight is not known" if weight is None else "an amount given is not known"


def figures(each: Sequence[Number], protocol: Protocol) -> Iterable[Number]:
    """Yield how many were given cells within, below and above the range of the protocol.

    Parameters
    ----------
    each
        Cells per kilogram of everybody who was treated; see `per_kg`.
    protocol
        The protocol.
    """
    low = protocol.cells.lowest.m_as("cell/kg")
    high = protocol.cells.highest.m_as("cell/kg")
    rule = f"{power_of_ten(low)} to {power_of_ten(high)} cell/kg, all fractions given"
    known = [one for one in each if isinstance(one.value, float)]
    placed = [(place(float(one.value or 0), protocol), one) for one in known]
    for key, label, members in (
        ("within", "cells within the range of the protocol",
         [one for where, one in placed if where == "within"]),
        ("below", "cells below the range of the protocol",
         [one for where, one in placed if where == "below"]),
        ("above", "cells above the range of the protocol",
         [one for where, one in placed if where == "above"]),
        ("unknown", "cells given not known", [one for one in each if one.value is None]),
    ):  # fmt: skip
        yield count(
            f"exposure.cells.{key}", label, [one.key.partition(":")[2] for one in members],
            len(each), rule=rule,
            citations=[protocol.cells.source], rows=[row for one in members for row in one.rows],
        )  # fmt: skip


def _rows(one: PatientResult, protocol: Protocol) -> Iterable[tuple[Any, ...]]:
    area = area_of(one.records.subject, protocol)
    for course in protocol.lymphodepletion.courses:
        rows = given_of(one, course.drug.name)
        planned, given = total(rows, "planned", "mg"), total(rows, "given", "mg")
        target = course.per_area.m_as("mg/m^2")
        daily = daily_per_area(given, area, len(rows))
        yield (
            one.id, course.drug.name, _days(one, rows), _mg(planned), _mg(given),
            _per_area(one, course.drug.name, daily, rows), f"{course.per_area}",
            "" if daily is None else f"{fixed(100 * daily / target, 0)} %",
        )  # fmt: skip
    rows = given_of(one, "CAR-T")
    low = protocol.cells.lowest.m_as("cell/kg")
    high = protocol.cells.highest.m_as("cell/kg")
    yield (
        one.id, "CAR-T", _days(one, rows), _cells(total(rows, "planned", "cell")),
        _cells(total(rows, "given", "cell")), per_kg(one),
        f"{power_of_ten(low)} to {power_of_ten(high)}/kg", "",
    )  # fmt: skip


def area_of(subject: SubjectRecord, protocol: Protocol) -> float | None:
    """Return the body surface area [m²] by the formula of the protocol; None where not known."""
    try:
        found = bsa(subject.person(), formula=protocol.lymphodepletion.bsa)
    except ItpCarTError:
        return None
    return float(found.value.m_as("m^2"))


def daily_per_area(given: float | None, area: float | None, doses: int) -> float | None:
    """Return the amount given per area and recorded day [mg/m²]; None where not known.

    Parameters
    ----------
    given
        All that was given of a drug [mg]; None where an amount is not known.
    area
        Body surface area [m²].
    doses
        Rows of the drug.
    """
    return None if given is None or area is None or not doses else given / area / doses


def _per_area(
    one: PatientResult, drug: str, daily: float | None, rows: Sequence[InfusionRecord]
) -> Number:
    return Number(
        key=f"exposure.{drug}.per_area:{one.id}", label=f"{drug} per m² and day of {one.id}",
        value=daily, unit="mg/m^2",
        text="not known" if daily is None else f"{fixed(daily, 1)} mg/m²",
        rule="amount given, over the days recorded and the body surface area",
        rows=[*(row.at for row in rows), one.records.subject.at],
        why="" if daily is not None else "an amount, the height or the weight is not known",
    )  # fmt: skip


def _days(one: PatientResult, rows: Sequence[InfusionRecord]) -> str:
    days = [one.day(row.date) for row in rows]
    return ", ".join("D?" if day is None else f"D{day}" for day in days) or "none"


def _mg(amount: float | None) -> str:
    return "not known" if amount is None else f"{amount:g} mg"


def _cells(amount: float | None) -> str:
    return "not known" if amount is None else power_of_ten(amount)


__all__ = [
    "area_of",
    "cells_per_kg",
    "cells_text",
    "daily_per_area",
    "figures",
    "given_of",
    "not_known",
    "per_kg",
    "place",
    "power_of_ten",
    "section",
    "summed",
    "total",
]
