"""How each kind of value is written as plain JSON values, and read back.

The general rules are here; what needs more (rule tables, a course, objects known by their key)
stands in modules of its own. Nothing is taken over that the objects themselves would refuse.
"""

from __future__ import annotations

import datetime as dt
import inspect
import math
from collections.abc import Callable
from enum import Enum
from fractions import Fraction
from functools import cache
from types import UnionType
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import attrs
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from itp_carT.clearance import Clearance, IndexedClearance
from itp_carT.days import calendar_date
from itp_carT.dosing.renal_schedules import RenalFactor
from itp_carT.dosing.split import SplitDose
from itp_carT.errors import DimensionError, ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import find_unit, show
from itp_carT.units import Quantity, make, symbol


@cache
def converter() -> Converter:
    """Return the one converter, with every rule registered."""
    from . import courses, keyed, rule_tables

    found = Converter(detailed_validation=False, unstruct_collection_overrides={tuple: list})
    for kind, read in ((int, _int), (float, _float), (str, _str), (bool, _bool)):
        found.register_structure_hook(kind, read)
    found.register_unstructure_hook_func(_is_quantity, _write_quantity)
    found.register_structure_hook_func(_is_quantity, _read_quantity)
    found.register_unstructure_hook(dt.date, dt.date.isoformat)
    found.register_structure_hook(dt.date, lambda given, _: calendar_date(_str(given, str)))
    found.register_unstructure_hook(Fraction, str)
    found.register_structure_hook(Fraction, lambda given, _: Fraction(_str(given, str)))
    found.register_unstructure_hook_func(_is_enum, lambda given: given.name)
    found.register_structure_hook_func(_is_enum, _read_enum)
    found.register_structure_hook(Clearance | IndexedClearance, _read_clearance)
    found.register_structure_hook_func(is_union, lambda given, kind: read_union(found, given, kind))
    found.register_unstructure_hook_factory(is_computed, lambda cls: _writer(cls, found))
    found.register_structure_hook_factory(is_computed, lambda cls: _reader(cls, found))
    found.register_unstructure_hook_factory(is_built, lambda cls: _built_writer(cls, found))
    found.register_structure_hook_factory(is_built, lambda cls: _built_reader(cls, found))
    found.register_unstructure_hook_func(is_named, lambda given: _write_named(found, given))
    found.register_structure_hook_func(is_named, lambda given, cls: _read_named(found, given, cls))
    for part in (keyed, rule_tables, courses):
        part.register(found)
    return found


def _is_quantity(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Quantity)


def _is_enum(cls: Any) -> bool:
    return isinstance(cls, type) and issubclass(cls, Enum)


def is_computed(cls: Any) -> bool:
    """Say whether a class is written field by field."""
    return isinstance(cls, type) and attrs.has(cls)


def is_built(cls: Any) -> bool:
    """Say whether a class has an ``__init__`` of its own, so that its arguments are written."""
    return isinstance(cls, type) and "__attrs_init__" in vars(cls)


def _writer(cls: Any, converter: Converter) -> Callable[[Any], Any]:
    """Make the writer of one class; what an object keeps for itself is left out."""
    resolve(cls)
    own = [field.name for field in attrs.fields(cls) if not field.init and field.name[0] == "_"]
    hidden: Any = {name: override(omit=True) for name in own}
    return make_dict_unstructure_fn(cls, converter, _cattrs_include_init_false=True, **hidden)


def is_named(cls: Any) -> bool:
    """Say whether a class is a named tuple, which is written by its names."""
    return isinstance(cls, type) and issubclass(cls, tuple) and hasattr(cls, "_fields")


def _write_named(converter: Converter, given: Any) -> dict[str, Any]:
    return {name: converter.unstructure(one) for name, one in given._asdict().items()}


def _read_named(converter: Converter, given: Any, cls: Any) -> Any:
    check_names(cls, given, set(cls._fields))
    types = get_type_hints(cls)
    return cls(**{name: converter.structure(given[name], types[name]) for name in cls._fields})


def arguments(cls: Any) -> dict[str, Any]:
    """Return the arguments of a class's own ``__init__`` that are its fields, with their types."""
    resolve(cls)
    types = {field.name: field.type for field in attrs.fields(cls)}
    names = list(inspect.signature(cls).parameters)
    return {name: types[name] for name in names if name in types}


def _built_writer(cls: Any, converter: Converter) -> Callable[[Any], Any]:
    names = tuple(arguments(cls))
    return lambda given: {name: converter.unstructure(getattr(given, name)) for name in names}


def _built_reader(cls: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    types = arguments(cls)

    def read(given: Any, _: Any) -> Any:
        check_names(cls, given, set(types))
        return cls(
            **{name: converter.structure(value, types[name]) for name, value in given.items()}
        )

    return read


def resolve(cls: Any) -> None:
    """Find the types of a class's fields; names it imports late are looked up where they live."""
    attrs.resolve_types(cls, localns=_late())


@cache
def _late() -> dict[str, Any]:
    return {
        "Clearance": Clearance,
        "IndexedClearance": IndexedClearance,
        "RenalFactor": RenalFactor,
        "SplitDose": SplitDose,
    }


def check_names(cls: Any, given: Any, names: set[str]) -> None:
    """Refuse what is no object of a class: a misspelled name is not ignored."""
    if not isinstance(given, dict):
        raise NotationError(
            f"a {cls.__name__} is an object in JSON, not {show(given)}", given=given
        )
    if unknown := given.keys() - names:
        raise NotationError(
            f"a {cls.__name__} has no {show(min(unknown))}: it has {', '.join(sorted(names))}",
            given=sorted(unknown),
        )


def is_union(kind: Any) -> bool:
    """Say whether a type is a choice between types."""
    return get_origin(kind) in (Union, UnionType)


def _suits(given: Any, kind: Any) -> bool:
    """Say whether a plain value has the shape of a type."""
    if kind is type(None):
        return given is None
    if kind in (int, float, bool):
        return isinstance(given, (bool, int, float)) and isinstance(given, bool) == (kind is bool)
    if kind in (str, dt.date, Fraction) or _is_enum(kind) or get_origin(kind) is Literal:
        return isinstance(given, str)
    if get_origin(kind) in (tuple, list):
        return isinstance(given, list)
    return isinstance(given, dict) or keyed_kind(kind)


def keyed_kind(kind: Any) -> bool:
    """Say whether objects of a class are written as their key."""
    from .keyed import KEYED

    return kind in KEYED


def read_union(converter: Converter, given: Any, kind: Any) -> Any:
    """Read one of several types: the first whose shape suits and that takes the value."""
    refused: Exception | None = None
    for one in get_args(kind):
        if not _suits(given, one):
            continue
        if one is type(None):
            return None
        try:
            return converter.structure(given, one)
        except Exception as error:  # noqa: BLE001 - the next type may take it
            refused = refused or error
    raise refused or NotationError(f"{show(given)} is not a value here", given=given)


def _reader(cls: Any, converter: Converter) -> Callable[[Any, Any], Any]:
    """Make the reader of one class: build it from its inputs, then compare what it computes."""
    resolve(cls)
    build = make_dict_structure_fn(
        cls, converter, _cattrs_forbid_extra_keys=False, _cattrs_detailed_validation=False
    )
    fields = attrs.fields(cls)
    names = {field.alias if field.init else field.name for field in fields}
    names |= {field.name for field in fields}
    computed = [field for field in fields if not field.init and not field.name.startswith("_")]

    def read(given: Any, _: Any) -> Any:
        check_names(cls, given, names)
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
        return converter().structure(given, Clearance)
    except DimensionError:
        return converter().structure(given, IndexedClearance)


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


__all__ = [
    "arguments",
    "check_names",
    "converter",
    "is_built",
    "is_computed",
    "is_named",
    "is_union",
    "keyed_kind",
    "read_union",
    "resolve",
]
