"""Rule tables and verdicts as JSON: conditions by kind, outcomes with their list.

A verdict is written with its whole table and the facts it was decided from; on the way back the
table is decided again, and must give the same outcomes.
"""

from __future__ import annotations

import math
from enum import Enum
from typing import Any

from cattrs import Converter
from cattrs.gen import make_dict_structure_fn, make_dict_unstructure_fn, override

from itp_carT.analyte import Analyte
from itp_carT.bleeding.measure import Measure
from itp_carT.errors import ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import show, unit
from itp_carT.response.point import Response
from itp_carT.rules import (
    AllOf,
    AnyOf,
    Compare,
    Condition,
    Either,
    Is,
    Limit,
    Not,
    Row,
    Table,
)
from itp_carT.toxicity.grades import Grade
from itp_carT.verdict import Verdict, outcomes_of

_NODES: tuple[Any, ...] = (Compare, Is, AllOf, AnyOf, Not, Either)
_NODE = {kind.__name__: kind for kind in _NODES}
_LISTS: dict[str, type[Enum]] = {kind.__name__: kind for kind in (Grade, Response)}
_SLOTS = ("value", "lln", "uln", "baseline")
_ITSELF = "this sample"  # the baseline of a sample that is the baseline


def register(converter: Converter) -> None:
    """Register how rule tables and verdicts are written and read."""
    outcome = override(
        unstruct_hook=write_outcome, struct_hook=lambda given, _: read_outcome(given)
    )
    measure = override(
        unstruct_hook=lambda given: _write_measure(converter, given),
        struct_hook=lambda given, _: _read_measure(converter, given),
    )
    when = override(
        unstruct_hook=lambda given: _write_node(converter, given),
        struct_hook=lambda given, _: _read_node(converter, given),
    )
    parts = override(
        unstruct_hook=lambda given: [_write_node(converter, one) for one in given],
        struct_hook=lambda given, _: tuple(_read_node(converter, one) for one in given),
    )
    for kind in _LISTS.values():  # a grade is a number too: without this its name would be refused
        converter.register_structure_hook(kind, _read_name)
    hidden = override(omit=True)
    fields: dict[Any, dict[str, Any]] = {
        Limit: {"measure": measure},
        Compare: {"measure": measure},
        AllOf: {"parts": parts},
        AnyOf: {"parts": parts},
        Not: {"part": when},
        Either: {"test": when, "then": when, "otherwise": when},
        Row: {"outcome": outcome, "when": when},
        Table: {"otherwise": outcome, "_programs": hidden},
    }
    for kind, special in fields.items():
        converter.register_unstructure_hook(
            kind, make_dict_unstructure_fn(kind, converter, **special)
        )
        converter.register_structure_hook(
            kind,
            make_dict_structure_fn(
                kind, converter, _cattrs_detailed_validation=False,
                _cattrs_forbid_extra_keys=True, **special,
            ),
        )  # fmt: skip
    converter.register_unstructure_hook(Verdict, lambda given: _write_verdict(converter, given))
    converter.register_structure_hook(Verdict, lambda given, _: _read_verdict(converter, given))


# --- outcomes, measures, conditions ---------------------------------------------------------------


def write_outcome(given: Any) -> Any:
    """Write an outcome of a table: a grade or response with its list, a number, or text."""
    if isinstance(given, Enum):
        return {"list": type(given).__name__, "name": given.name}
    if given is None or isinstance(given, (str, int)):
        return given
    raise NotationError(f"{show(given)} is no outcome that can be written", given=given)


def read_outcome(given: Any) -> Any:
    """Read an outcome of a table."""
    if not isinstance(given, dict):
        return given
    known = _LISTS.get(given.get("list", ""))
    if known is None or given.keys() != {"list", "name"} or given["name"] not in known.__members__:
        raise UnknownTermError(f"{show(given)} is not an outcome", given=given)
    return known[given["name"]]


def _read_name(given: Any, cls: Any) -> Any:
    if isinstance(given, str) and given in cls.__members__:
        return cls[given]
    raise UnknownTermError(
        f"{show(given)} is not a {cls.__name__}: choose from {', '.join(cls.__members__)}",
        given=given,
        nearest=tuple(cls.__members__),
    )


def _write_measure(converter: Converter, given: Any) -> Any:
    if isinstance(given, Measure):
        return {"seen": converter.unstructure(given)}
    return converter.unstructure(given)


def _read_measure(converter: Converter, given: Any) -> Any:
    if given is None:
        return None
    if isinstance(given, dict) and given.keys() == {"seen"}:
        return converter.structure(given["seen"], Measure)
    return converter.structure(given, Analyte)


def _write_node(converter: Converter, given: Condition) -> dict[str, Any]:
    return {"is": type(given).__name__, **converter.unstructure(given)}


def _read_node(converter: Converter, given: Any) -> Any:
    kind = _NODE.get(given.get("is")) if isinstance(given, dict) else None
    if kind is None:
        raise UnknownTermError(
            f"{show(given)} is not a condition: it is one of {', '.join(_NODE)}",
            given=given,
            nearest=tuple(_NODE),
        )
    return converter.structure({key: one for key, one in given.items() if key != "is"}, kind)


# --- verdicts -------------------------------------------------------------------------------------


def _write_verdict(converter: Converter, given: Verdict) -> dict[str, Any]:
    *numbers, reported = given.moment
    measured = zip(given.table.measures, given.units, numbers, strict=True)
    return {
        "table": converter.unstructure(given.table),
        "measured": [
            {"measure": measure.key, "unit": used.symbol, **_write_numbers(four)}
            for measure, used, four in measured
            if used is not None
        ],
        "reported": dict(sorted(reported.items())),
        "possible": [write_outcome(one) for one in given.possible],
    }


def _write_numbers(four: tuple[float | None, ...]) -> dict[str, Any]:
    found = {name: one for name, one in zip(_SLOTS, four, strict=True) if one is not None}
    first = found.get("baseline")
    if first is not None and math.isnan(first):
        return {**found, "baseline": _ITSELF}
    return found


def _read_verdict(converter: Converter, given: Any) -> Verdict:
    names = {"table", "measured", "reported", "possible"}
    if not isinstance(given, dict) or given.keys() != names:
        raise NotationError(
            f"{show(given)} is not a verdict: it has {', '.join(sorted(names))}", given=given
        )
    table = converter.structure(given["table"], Table)
    there = {one["measure"]: one for one in given["measured"]}
    if unknown := there.keys() - {measure.key for measure in table.measures}:
        raise UnknownTermError(f"{table.name} does not measure {show(min(unknown))}")
    rows = [there.get(measure.key) for measure in table.measures]
    units = tuple(None if row is None else unit(row["unit"]) for row in rows)
    fours = [_read_numbers(converter, row or {}) for row in rows]
    reported = converter.structure(given["reported"], dict[str, bool])
    possible = outcomes_of(table, *units)(*fours, reported)
    if [read_outcome(one) for one in given["possible"]] != list(possible):
        raise ImpossibleError(
            f"the JSON says {show(given['possible'])} and its facts give {show(possible)}: change "
            "the facts, not the result",
            field="possible",
            given=show(given["possible"]),
        )
    return Verdict(table, possible, (*(one for four in fours for one in four), reported), units)


def _read_numbers(converter: Converter, row: dict[str, Any]) -> tuple[float | None, ...]:
    return tuple(
        None
        if row.get(name) is None
        else math.nan
        if row[name] == _ITSELF
        else converter.structure(row[name], float)
        for name in _SLOTS
    )


__all__ = ["read_outcome", "register", "write_outcome"]
