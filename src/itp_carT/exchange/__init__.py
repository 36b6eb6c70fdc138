"""JSON to and from the objects of the library, exact both ways.

A quantity is ``{"value", "unit"}`` with the unit's symbol, a date ISO 8601, an enum its name, a
fraction text, a published formula its key. What an object computed is written too, for readers;
on the way back it is computed again and must agree, so that no edited dose is taken over.
"""

from __future__ import annotations

from typing import Any, TypeVar

from itp_carT.units import Quantity as Quantity

from .converter import converter
from .documents import SCHEMA, Document, read_document, write_document
from .kinds import KINDS, kind_of
from .text import plain_of, text_of_plain

T = TypeVar("T")


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
    return text_of_plain(value, converter().unstructure, indent)


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
    return plain_of(text, name, lambda plain: converter().structure(plain, cls))


__all__ = [
    "KINDS",
    "SCHEMA",
    "Document",
    "from_json",
    "kind_of",
    "read_document",
    "to_json",
    "write_document",
]
