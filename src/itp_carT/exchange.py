"""JSON to and from the objects of the library, exact both ways.

A quantity is ``{"value", "unit"}`` with the unit's symbol, a date ISO 8601, an enum its name, a
fraction text, a published formula its key. What an object computed is written too, for readers;
on the way back it is computed again and must agree, so that no edited dose is taken over.
"""

from __future__ import annotations

import datetime as dt
import json
import math
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from functools import cache
from typing import Any, TypeVar

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn

from .body_surface import Formula, formula
from .clearance import Clearance, IndexedClearance
from .days import calendar_date
from .dosing.drugs import CourseDose
from .dosing.renal_schedules import RenalFactor
from .dosing.split import SplitDose
from .errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    NotationError,
    UnknownTermError,
)
from .notation import find_unit, show
from .protocol.model import DosingPlan
from .units import Quantity, make, symbol

T = TypeVar("T")

_DEEP = 100_000_000  # characters; a study is far smaller

# These names are imported late where they are used, so that a first dose stays quick.
attrs.resolve_types(
    RenalFactor, localns={"Clearance": Clearance, "IndexedClearance": IndexedClearance}
)
attrs.resolve_types(CourseDose, localns={"RenalFactor": RenalFactor})
attrs.resolve_types(DosingPlan, localns={"SplitDose": SplitDose})


def to_json(value: Any, *, indent: int | None = None) -> str:
    """Write an object of the library as JSON.

    Parameters
    ----------
    value
        A quantity or any frozen object of the library, e.g. a subject or a plan.
    indent
        Spaces by which nested parts are indented; None for one line.

    Raises
    ------
    NotationError
        The object has no form in JSON.

    Examples
    --------
    >>> from itp_carT import Subject
    >>> to_json(Quantity("62 kg"))
    '{"value": 62.0, "unit": "kg"}'
    >>> from_json(to_json(Subject(weight="62 kg")), Subject)
    Subject(weight='62 kg')
    """
    try:
        plain = _converter().unstructure(value)
        return json.dumps(plain, indent=indent, ensure_ascii=False, allow_nan=False)
    except ItpCarTError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a stranger's object raises
        raise NotationError(
            f"{show(value)} has no form in JSON: {error}", given=type(value).__name__
        ) from None


def from_json(text: Any, cls: type[T]) -> T:
    """Read an object that `to_json` wrote.

    Parameters
    ----------
    text
        The JSON.
    cls
        The type of the object.

    Raises
    ------
    NotationError
        Not JSON, or not that of such an object.
    ImpossibleError
        A computed value in it differs from what the inputs give.
    ItpCarTError
        A value in it is refused, as when it is given in Python.

    Examples
    --------
    >>> from_json('{"value": 62, "unit": "kg"}', Quantity)
    Quantity('62 kg')
    """
    name = getattr(cls, "__name__", str(cls))
    if not isinstance(text, str) or len(text) > _DEEP:
        raise NotationError(f"the JSON of a {name} is text, not {show(text)}", given=type(text))
    try:
        plain = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
        return _converter().structure(plain, cls)
    except ItpCarTError:
        raise
    except Exception as error:  # noqa: BLE001 - json and cattrs raise a dozen kinds
        why = show(str(error).partition("\n")[0]).strip("'\"")
        raise NotationError(
            f"this is not the JSON of a {name}: {type(error).__name__}, {why}", given=text[:100]
        ) from None


def _no_constant(word: str) -> float:
    raise NotationError(f"{word} is not a number: leave a missing value out", given=word)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise NotationError("a name stands twice in one object of the JSON", given=sorted(found))
    return found


@cache
def _converter() -> Converter:
    converter = Converter(detailed_validation=False, unstruct_collection_overrides={tuple: list})
    for kind, read in ((int, _int), (float, _float), (str, _str), (bool, _bool)):
        converter.register_structure_hook(kind, read)
    converter.register_unstructure_hook_func(_is_quantity, _write_quantity)
    converter.register_structure_hook_func(_is_quantity, _read_quantity)
    converter.register_unstructure_hook(dt.date, dt.date.isoformat)
    converter.register_structure_hook(dt.date, lambda given, _: calendar_date(_str(given, str)))
    converter.register_unstructure_hook(Fraction, str)
    converter.register_structure_hook(Fraction, lambda given, _: Fraction(_str(given, str)))
    converter.register_unstructure_hook(Formula, lambda given: given.key)
    converter.register_structure_hook(Formula, lambda given, _: formula(_str(given, str)))
    converter.register_unstructure_hook_func(_is_enum, lambda given: given.name)
    converter.register_structure_hook_func(_is_enum, _read_enum)
    converter.register_structure_hook(Clearance | IndexedClearance, _read_clearance)
    converter.register_unstructure_hook_factory(
        _is_computed,
        lambda cls: make_dict_unstructure_fn(cls, converter, _cattrs_include_init_false=True),
    )
    converter.register_structure_hook_factory(_is_computed, lambda cls: _reader(cls, converter))
    return converter


def _is_quantity(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Quantity)


def _is_enum(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Enum)


def _is_computed(cls: Any) -> bool:
    return isinstance(cls, type) and attrs.has(cls) and cls is not Formula


def _reader(cls: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """Make the reader of one class: build it from its inputs, then compare what it computes."""
    attrs.resolve_types(cls)
    build = make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=False, _cattrs_detailed_validation=False
    )
    fields = attrs.fields(cls)
    names = {field.alias if field.init else field.name for field in fields}
    names |= {field.name for field in fields}
    computed = [field for field in fields if not field.init and not field.name.startswith("_")]

    def read(given: Any, _: Any) -> Any:
        if not isinstance(given, dict):
            raise NotationError(
                f"a {cls.__name__} is an object in JSON, not {show(given)}", given=given
            )
        if unknown := given.keys() - names:
            raise NotationError(
                f"a {cls.__name__} has no {min(unknown)!r}: it has {', '.join(sorted(names))}",
                given=sorted(unknown),
            )
        found = build(given, cls)
        for field in computed:
            if field.name not in given:
                continue
            stated = converter.structure(given[field.name], field.type)
            value = getattr(found, field.name)
            if stated != value:
                raise ImpossibleError(
                    f"the JSON says {stated} and the inputs in it give {value}: "
                    "change the inputs, not the result",
                    field=field.name,
                    given=str(stated),
                )
        return found

    return read


def _write_quantity(given: Quantity) -> dict[str, Any]:
    unit = symbol(given)
    if find_unit(unit) is None:
        raise NotationError(
            f"{given} has no single unit of the table: convert it first", given=str(given)
        )
    return {"value": given.magnitude, "unit": unit}


def _read_quantity(given: Any, _: Any) -> Quantity:
    if not isinstance(given, dict) or given.keys() != {"value", "unit"}:
        raise NotationError(
            f'{show(given)} is not a quantity: write e.g. {{"value": 62, "unit": "kg"}}',
            given=given,
        )
    return make(_float(given["value"], float), _str(given["unit"], str))


def _read_enum(given: Any, cls: Any) -> Any:
    if isinstance(given, str) and given in cls.__members__:
        return cls[given]
    raise UnknownTermError(
        f"{show(given)} is not a {cls.__name__}: choose from {', '.join(cls.__members__)}",
        given=given,
        nearest=tuple(cls.__members__),
    )


def _read_clearance(given: Any, _: Any) -> Clearance | IndexedClearance:
    try:
        return _converter().structure(given, Clearance)
    except DimensionError:
        return _converter().structure(given, IndexedClearance)


def _int(given: Any, _: Any) -> int:
    return int(_expect(given, (int,), "a whole number"))


def _float(given: Any, _: Any) -> float:
    number = _expect(given, (int, float), "a number")
    try:
        value = float(number)
    except OverflowError:
        value = math.inf
    if not math.isfinite(value):
        raise NotationError(f"{show(given)} is too large for a number", given=show(given))
    return value


def _str(given: Any, _: Any) -> str:
    return str(_expect(given, (str,), "text"))


def _bool(given: Any, _: Any) -> bool:
    if isinstance(given, bool):
        return given
    raise NotationError(f"{show(given)} is not true or false", given=given)


def _expect(given: Any, kinds: tuple[type, ...], what: str) -> Any:
    if isinstance(given, kinds) and not isinstance(given, bool):
        return given
    raise NotationError(f"{show(given)} is not {what}", given=given)


__all__ = ["from_json", "to_json"]
