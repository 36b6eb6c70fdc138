"""The JSON Schema of documents, made from the classes and the rules by which they are written.

One definition for each class, by its module and name. What a class checks beyond the form of its
values (a dose that follows from its inputs, a date the calendar has) no schema can say.
"""

from __future__ import annotations

import datetime as dt
import inspect
from collections.abc import Callable, Mapping
from enum import Enum
from fractions import Fraction
from types import NoneType
from typing import Any, Literal, get_args, get_origin, get_type_hints

import attrs

from itp_carT.observations import BaselineFlag, Lab
from itp_carT.response.records import Count
from itp_carT.response.result import ResponseCourse
from itp_carT.rules import AllOf, AnyOf, Compare, Either, Is, Limit, Not, Row, Table
from itp_carT.therapy.glucocorticoids import EquivalenceTable
from itp_carT.toxicity.catalogue import Term
from itp_carT.units import Quantity
from itp_carT.verdict import Verdict

from .converter import arguments, is_built, is_computed, is_named, is_union, keyed_kind, resolve
from .documents import SCHEMA
from .keyed import KEYED
from .kinds import KINDS, class_of

_DRAFT = "https://json-schema.org/draft/2020-12/schema"
_TEXT = {"type": "string"}
_NUMBER = {"type": "number"}
_PLAIN: dict[Any, dict[str, Any]] = {
    NoneType: {"type": "null"},
    bool: {"type": "boolean"},
    int: {"type": "integer"},
    float: _NUMBER,
    str: _TEXT,
    dt.date: {"type": "string", "format": "date"},
    Fraction: {"type": "string", "pattern": "^-?[0-9]+(/[0-9]+)?$"},
    Any: {},
}


def document_schema() -> dict[str, Any]:
    """Return the JSON Schema of a document, with a definition of every class in it.

    Examples
    --------
    >>> document_schema()["properties"]["schema"]
    {'const': 1}
    """
    made = _Maker()
    kinds = [
        {
            "if": {"properties": {"kind": {"const": kind}}},
            "then": {"properties": {"value": made.of(class_of(kind))}},
        }
        for kind in KINDS
    ]
    properties: dict[str, Any] = {
        "schema": {"const": SCHEMA},
        "kind": {"enum": list(KINDS)},
        "library": _TEXT,
        "protocol": _TEXT,
        "editions": {"type": "object", "additionalProperties": _TEXT},
        "options": {"type": "object"},
        "value": {},
    }
    return {
        "$schema": _DRAFT,
        "$id": f"urn:itp-cart:schema:{SCHEMA}",
        "title": "A document of itp_carT: an object with what it was computed by",
        **_object(properties, list(properties)),
        "allOf": kinds,
        "$defs": dict(sorted(made.found.items())),
    }


def json_schema(cls: Any) -> dict[str, Any]:
    """Return the JSON Schema of what `to_json` writes for a class.

    Parameters
    ----------
    cls
        A class of the library.
    """
    made = _Maker()
    return {"$schema": _DRAFT, **made.of(cls), "$defs": dict(sorted(made.found.items()))}


def _object(properties: Mapping[str, Any], required: list[str], **more: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": required,
        "additionalProperties": False,
        **more,
    }


def _summary(cls: Any) -> dict[str, str]:
    text = (inspect.getdoc(cls) or "").partition("\n")[0]
    return {"description": text} if text else {}


class _Maker:
    """Makes schemas of types, and keeps a definition of each class it meets."""

    def __init__(self) -> None:
        self.found: dict[str, dict[str, Any]] = {}

    def of(self, kind: Any) -> dict[str, Any]:
        """Return the schema of a type."""
        if kind in _PLAIN:
            return _PLAIN[kind]
        if is_union(kind):
            return {"anyOf": [self.of(one) for one in get_args(kind)]}
        origin = get_origin(kind)
        if origin is Literal:
            return {"enum": list(get_args(kind))}
        if origin in (tuple, list):
            return self._array(get_args(kind))
        if origin is not None and issubclass(origin, Mapping):
            return {"type": "object", "additionalProperties": self.of(get_args(kind)[1])}
        return self._class(kind)

    def _array(self, parts: tuple[Any, ...]) -> dict[str, Any]:
        if len(parts) == 2 and parts[1] is ...:
            return {"type": "array", "items": self.of(parts[0])}
        if len(parts) == 1:
            return {"type": "array", "items": self.of(parts[0])}
        return {
            "type": "array",
            "prefixItems": [self.of(one) for one in parts],
            "minItems": len(parts),
            "maxItems": len(parts),
        }

    def _class(self, cls: Any) -> dict[str, Any]:
        if not isinstance(cls, type):
            return {}
        if cls in (dict, Mapping, tuple, list):
            return {"type": "array" if cls in (tuple, list) else "object"}
        name = f"{cls.__module__.removeprefix('itp_carT.')}.{cls.__qualname__}"
        if name not in self.found:
            self.found[name] = {}  # a class may hold itself
            self.found[name] = {**self._definition(cls), **_summary(cls)}
        return {"$ref": f"#/$defs/{name}"}

    def _definition(self, cls: Any) -> dict[str, Any]:
        special = _SPECIAL.get(cls)
        if special is not None:
            return special(self)
        if issubclass(cls, Quantity):
            return _object({"value": _NUMBER, "unit": _TEXT}, ["value", "unit"])
        if issubclass(cls, Enum):
            return {"enum": list(cls.__members__)}
        if keyed_kind(cls):
            inside = dict.fromkeys(("key", "label", "unit"), _TEXT)
            return {"anyOf": [_TEXT, _object(inside, list(inside))], "title": KEYED[cls][1]}
        if is_named(cls):
            types = get_type_hints(cls)
            fields = {name: self.of(types[name]) for name in cls._fields}
            return _object(fields, list(fields))
        if is_built(cls):
            return self._built(cls)
        if is_computed(cls):
            return self.fields(cls)
        return {}

    def _built(self, cls: Any) -> dict[str, Any]:
        types = arguments(cls)
        given = inspect.signature(cls).parameters
        needed = [name for name in types if given[name].default is inspect.Parameter.empty]
        return _object({name: self.of(kind) for name, kind in types.items()}, needed)

    def fields(self, cls: Any, **instead: dict[str, Any]) -> dict[str, Any]:
        """Return the schema of a class field by field, some of them stated."""
        resolve(cls)
        shown = [one for one in attrs.fields(cls) if one.init or one.name[0] != "_"]
        properties = {one.name: instead.get(one.name) or self.of(one.type) for one in shown}
        needed = [one.name for one in shown if one.init and one.default is attrs.NOTHING]
        return _object(properties, needed)

    # --- what is written by rules of its own ------------------------------------------------------

    def node(self) -> dict[str, Any]:
        """Return the schema of a condition."""
        return {"anyOf": [self._node(kind) for kind in (Compare, Is, AllOf, AnyOf, Not, Either)]}

    def _node(self, cls: Any) -> dict[str, Any]:
        self.of(cls)
        name = f"rules.{cls.__qualname__}"
        inside = self.found[name]
        if "is" not in inside.get("properties", {"is": None}):
            inside["properties"] = {"is": {"const": cls.__name__}, **inside["properties"]}
            inside["required"] = ["is", *inside["required"]]
        return {"$ref": f"#/$defs/{name}"}

    def lab(self) -> dict[str, Any]:
        """Return the schema of a laboratory value."""
        names = ("value", "lln", "uln", "baseline", "baseline_lln", "baseline_uln")
        fields = dict.fromkeys(names, self.of(Quantity))
        fields |= {"measure": self.measure(), "baseline_flag": self.of(BaselineFlag)}
        fields |= {"is_baseline": _PLAIN[bool], "on": _PLAIN[dt.date]}
        return _object(fields, ["measure"])

    def measure(self) -> dict[str, Any]:
        """Return the schema of what is measured: an analyte, or something counted or seen."""
        from itp_carT.analyte import Analyte
        from itp_carT.bleeding.measure import Measure

        seen = _object({"seen": self.of(Measure)}, ["seen"])
        return {"anyOf": [self.of(Analyte), seen, {"type": "null"}]}

    def count(self) -> dict[str, Any]:
        """Return the schema of a platelet count."""
        fields = {
            "on": self.of(int | dt.date),
            "platelets": self.of(Quantity | None),
            "below_limit": _PLAIN[bool],
            "bleeding": self.of(bool | None),
        }
        return _object(fields, ["on"])

    def verdict(self) -> dict[str, Any]:
        """Return the schema of a verdict."""
        numbers: dict[str, Any] = dict.fromkeys(("value", "lln", "uln", "baseline"), _NUMBER)
        numbers["baseline"] = {"anyOf": [_NUMBER, {"const": "this sample"}]}
        measured = _object({"measure": _TEXT, "unit": _TEXT, **numbers}, ["measure", "unit"])
        fields = {
            "table": self.of(Table),
            "measured": {"type": "array", "items": measured},
            "reported": {"type": "object", "additionalProperties": _PLAIN[bool]},
            "possible": {"type": "array", "items": _OUTCOME},
        }
        return _object(fields, list(fields))

    def course(self) -> dict[str, Any]:
        """Return the schema of a response course."""
        from itp_carT.response.walk import Mask

        found = self.fields(ResponseCourse, _walk={"type": "object"})
        mask = {name: self.of(kind) for name, kind in get_type_hints(Mask).items()}
        mask["last"] = self.of(float | None)
        barred = {"type": "array", "items": _object(mask, list(mask))}
        del found["properties"]["_walk"]
        found["required"].remove("_walk")
        rescue = {"failed": _PLAIN[bool], "barred": barred}
        found["properties"]["rescue"] = _object(rescue, list(rescue))
        found["required"].append("rescue")
        return found

    def equivalents(self) -> dict[str, Any]:
        """Return the schema of a table of glucocorticoids."""
        from itp_carT.sources import Citation

        fields = {
            "key": _TEXT,
            "milligrams": {"type": "object", "additionalProperties": _PLAIN[Fraction]},
            "citation": self.of(Citation),
            "unverified": {"type": "array", "items": _TEXT},
        }
        return _object(fields, list(fields))


_OUTCOME: dict[str, Any] = {
    "anyOf": [
        _object({"list": _TEXT, "name": _TEXT}, ["list", "name"]),
        _TEXT,
        _PLAIN[int],
        _PLAIN[NoneType],
    ]
}


def _nodes(*names: str) -> Callable[[_Maker, Any], dict[str, Any]]:
    def make(maker: _Maker, cls: Any) -> dict[str, Any]:
        parts = {"type": "array", "items": maker.node()} if names == ("parts",) else maker.node()
        return maker.fields(cls, **dict.fromkeys(names, parts))

    return make


_SPECIAL: dict[Any, Callable[[_Maker], dict[str, Any]]] = {
    Lab: _Maker.lab,
    Count: _Maker.count,
    Verdict: _Maker.verdict,
    ResponseCourse: _Maker.course,
    EquivalenceTable: _Maker.equivalents,
    Term: lambda _: _object(dict.fromkeys(("edition", "code", "name"), _TEXT),
                            ["edition", "code", "name"]),
    Limit: lambda maker: maker.fields(Limit, measure=maker.measure()),
    Compare: lambda maker: maker.fields(Compare, measure=maker.measure()),
    AllOf: lambda maker: _nodes("parts")(maker, AllOf),
    AnyOf: lambda maker: _nodes("parts")(maker, AnyOf),
    Not: lambda maker: _nodes("part")(maker, Not),
    Either: lambda maker: _nodes("test", "then", "otherwise")(maker, Either),
    Row: lambda maker: maker.fields(Row, outcome=_OUTCOME, when=maker.node()),
    Table: lambda maker: maker.fields(Table, otherwise=_OUTCOME),
}  # fmt: skip

__all__ = ["document_schema", "json_schema"]
