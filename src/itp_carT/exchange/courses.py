"""Laboratory values, counts and a response course as JSON: what their own ``__init__`` takes.

A course is written with its visits and its rescue; the walk over them is made again, so that
what is asked of the course later (its share in response, its days above a count) is computed.
"""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from attrs import fields
from cattrs import Converter
from cattrs.gen import make_dict_unstructure_fn, override

from itp_carT.analyte import Analyte
from itp_carT.observations import BaselineFlag, Lab
from itp_carT.response.criteria import Criteria
from itp_carT.response.records import Count
from itp_carT.response.result import ResponseCourse
from itp_carT.response.walk import Mask, Walk
from itp_carT.units import Quantity

from .converter import check_names, resolve

_LAB = ("value", "lln", "uln", "baseline", "baseline_lln", "baseline_uln")


def register(converter: Converter) -> None:
    """Register how these classes are written and read."""
    converter.register_unstructure_hook(Lab, lambda given: _write_lab(converter, given))
    converter.register_structure_hook(Lab, lambda given, _: _read_lab(converter, given))
    converter.register_unstructure_hook(Count, lambda given: _write_count(converter, given))
    converter.register_structure_hook(Count, lambda given, _: _read_count(converter, given))
    resolve(ResponseCourse)
    hidden: Any = {"_walk": override(omit=True)}
    write = make_dict_unstructure_fn(ResponseCourse, converter, **hidden)
    converter.register_unstructure_hook(
        ResponseCourse, lambda given: {**write(given), "rescue": _write_walk(given.walk)}
    )
    converter.register_structure_hook(
        ResponseCourse, lambda given, _: _read_course(converter, given)
    )


# --- a value --------------------------------------------------------------------------------------


def _write_lab(converter: Converter, given: Lab) -> dict[str, Any]:
    found = {"measure": converter.unstructure(given.measure)}
    found |= {
        name: converter.unstructure(getattr(given, name))
        for name in (*_LAB, "baseline_flag", "on")
        if getattr(given, name) is not None
    }
    return found | ({"is_baseline": True} if given.is_baseline else {})


def _read_lab(converter: Converter, given: Any) -> Lab:
    check_names(Lab, given, {"measure", *_LAB, "baseline_flag", "is_baseline", "on"})
    types: dict[str, Any] = dict.fromkeys(_LAB, Quantity)
    types |= {"baseline_flag": BaselineFlag, "is_baseline": bool, "on": dt.date}
    measure = converter.structure(given["measure"], Analyte)
    rest = {
        name: converter.structure(given[name], kind)
        for name, kind in types.items()
        if given.get(name) is not None
    }
    return Lab(measure, rest.pop("value", None), **rest)


def _write_count(converter: Converter, given: Count) -> dict[str, Any]:
    return {
        "on": converter.unstructure(given.on),
        "platelets": converter.unstructure(given.platelets),
        "below_limit": given.below_limit,
        "bleeding": given.bleeding,
    }


def _read_count(converter: Converter, given: Any) -> Count:
    check_names(Count, given, {"on", "platelets", "below_limit", "bleeding"})
    on: Any = given["on"]
    count = given.get("platelets")
    value: Any = None if count is None else converter.structure(count, Quantity)
    if value is not None and converter.structure(given.get("below_limit", False), bool):
        value = f"<{float(value.magnitude)!r} {count['unit']}"
    bleeding = given.get("bleeding")
    answer = None if bleeding is None else converter.structure(bleeding, bool)
    return Count(on, value, bleeding=answer)


# --- a course -------------------------------------------------------------------------------------


def _write_walk(walk: Walk) -> dict[str, Any]:
    return {
        "failed": walk.failed,
        "barred": [
            {**mask._asdict(), "last": None if math.isinf(mask.last) else mask.last}
            for mask in walk.masks
        ],
    }


def _read_course(converter: Converter, given: Any) -> ResponseCourse:
    known: dict[str, Any] = {
        field.name: field.type for field in fields(ResponseCourse) if field.name != "_walk"
    }
    check_names(ResponseCourse, given, {*known, "rescue"})
    values: Any = {name: converter.structure(given[name], kind) for name, kind in known.items()}
    rescue = given["rescue"]
    walk = Walk(converter.structure(given["criteria"], Criteria))
    baseline = values["baseline"]
    walk.baseline = None if baseline is None else baseline.m_as("10^9/L")
    walk.failed = converter.structure(rescue["failed"], bool)
    walk.masks = [
        Mask(
            converter.structure(one["start"], int),
            math.inf if one["last"] is None else one["last"],
            converter.structure(one["label"], str),
            converter.structure(one["ends_response"], bool),
        )
        for one in rescue["barred"]
    ]
    walk.take([visit for visit in values["visits"] if visit.used])
    return ResponseCourse(**values, _walk=walk)


__all__ = ["register"]
