"""Objects that are known by their key: what is published is written by name, not by content.

A catalogue term is its edition and code, a formula its key. An analyte of the library is its key;
one that a scale brings along is written with label and unit.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from cattrs import Converter

from itp_carT.analyte import Analyte
from itp_carT.analytes import analytes
from itp_carT.body_surface import Formula, formula
from itp_carT.errors import NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.sources import Citation
from itp_carT.therapy.drugs import Drug
from itp_carT.therapy.drugs import drug as find_drug
from itp_carT.therapy.glucocorticoids import EquivalenceTable
from itp_carT.toxicity.catalogue import Term, catalogue

from .converter import check_names

#: Classes whose objects are written as their key.
KEYED: dict[Any, tuple[str, str]] = {
    Formula: ("key", "key of a formula of body surface area"),
    Analyte: ("key", "key of an analyte, or an object with key, label and unit"),
    Drug: ("name", "name of a drug of the therapy tables"),
}


def register(converter: Converter) -> None:
    """Register how these classes are written and read."""
    converter.register_unstructure_hook(Formula, lambda given: given.key)
    converter.register_structure_hook(Formula, lambda given, _: formula(_text(given)))
    converter.register_unstructure_hook(Drug, lambda given: given.name)
    converter.register_structure_hook(Drug, lambda given, _: find_drug(_text(given)))
    converter.register_unstructure_hook(Analyte, _write_analyte)
    converter.register_structure_hook(Analyte, _read_analyte)
    converter.register_unstructure_hook(Term, _write_term)
    converter.register_structure_hook(Term, _read_term)
    converter.register_unstructure_hook(
        EquivalenceTable, lambda given: _write_equivalents(converter, given)
    )
    converter.register_structure_hook(
        EquivalenceTable, lambda given, _: _read_equivalents(converter, given)
    )


def _write_equivalents(converter: Converter, given: EquivalenceTable) -> dict[str, Any]:
    """Write a table in the numbers it is made from: milligrams equal to prednisone 5 mg."""
    return {
        "key": given.key,
        "milligrams": {name: str(Fraction(5) / one) for name, one in given.factors.items()},
        "citation": converter.unstructure(given.citation),
        "unverified": list(given.unverified),
    }


def _read_equivalents(converter: Converter, given: Any) -> EquivalenceTable:
    check_names(EquivalenceTable, given, {"key", "milligrams", "citation", "unverified"})
    return EquivalenceTable(
        _text(given["key"]),
        converter.structure(given["milligrams"], dict[str, Fraction]),
        citation=converter.structure(given["citation"], Citation),
        unverified=converter.structure(given["unverified"], tuple[str, ...]),
    )


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise NotationError(f"{show(given)} is not text", given=given)
    return given


def _write_analyte(given: Analyte) -> Any:
    if any(one is given for one in analytes()):
        return given.key
    return {"key": given.key, "label": given.label, "unit": given.unit}


def _read_analyte(given: Any, _: Any) -> Analyte:
    if isinstance(given, dict) and given.keys() == {"key", "label", "unit"}:
        return Analyte(_text(given["key"]), _text(given["label"]), _text(given["unit"]))
    for one in analytes():
        if one.key == given:
            return one
    raise UnknownTermError(f"{show(given)} is not an analyte of the library", given=given)


def _write_term(given: Term) -> dict[str, str]:
    return {"edition": given.edition, "code": given.code, "name": given.name}


def _read_term(given: Any, _: Any) -> Term:
    if not isinstance(given, dict) or given.keys() != {"edition", "code", "name"}:
        raise NotationError(f"{show(given)} is not a term: give edition, code and name")
    found = catalogue(_text(given["edition"]))[_text(given["code"])]
    if found.name != given["name"]:
        raise NotationError(
            f"{show(given['code'])} is {found.name}, not {show(given['name'])}: correct one of "
            "them",
            given=given["name"],
        )
    return found


__all__ = ["KEYED", "register"]
