"""A document: one object with what it was computed by, under a version of its format.

The version of the format is that of the JSON Schema on the site. An older document is read by the
rules of its version or refused; a newer one is refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from attrs import field, frozen

from itp_carT import __version__
from itp_carT.errors import NotationError, RecordError
from itp_carT.notation import show

from .converter import converter
from .kinds import class_of, kind_of
from .text import plain_of, text_of_plain

#: Version of the format of documents.
SCHEMA = 1
_NAMES = ("schema", "kind", "library", "protocol", "editions", "options", "value")


def _names(given: Mapping[str, Any]) -> dict[str, Any]:
    return dict(sorted(given.items()))


@frozen(kw_only=True)
class Document:
    """An object, and what it was computed by.

    Parameters
    ----------
    value
        The object.
    kind
        Its kind.
    library
        Version of the library that wrote it.
    protocol
        Protocol with its version, e.g. ``"NCT05315778"``; empty where none is behind the object.
    editions
        Published editions by what they answer, e.g. ``{"ctcae": "ctcae-v5.0"}``.
    options
        Choices of the computation by name.
    schema
        Version of the format.
    """

    value: Any
    kind: str
    library: str = __version__
    protocol: str = ""
    editions: Mapping[str, str] = field(factory=dict, converter=_names)
    options: Mapping[str, Any] = field(factory=dict, converter=_names)
    schema: int = SCHEMA


def write_document(
    value: Any,
    *,
    protocol: str = "",
    editions: Mapping[str, str] | None = None,
    options: Mapping[str, Any] | None = None,
    indent: int | None = None,
) -> str:
    """Write an object as a JSON document that says what it was computed by.

    Parameters
    ----------
    value
        An object of a kind that is exchanged.
    protocol, editions, options
        As in `Document`.
    indent
        Spaces by which nested parts are indented; None for one line.

    Raises
    ------
    UnknownTermError
        The object is of no such kind.
    NotationError
        It has no form in JSON.

    Examples
    --------
    >>> from itp_carT import Subject
    >>> text = write_document(Subject(weight="62 kg"), protocol="NCT05315778")
    >>> found = read_document(text)
    >>> found.value, found.protocol, found.schema
    (Subject(weight='62 kg'), 'NCT05315778', 1)
    """
    kind = kind_of(value)

    def plain(_: Any) -> dict[str, Any]:
        return {
            "schema": SCHEMA,
            "kind": kind,
            "library": __version__,
            "protocol": protocol,
            "editions": _names(editions or {}),
            "options": _names(options or {}),
            "value": converter().unstructure(value),
        }

    return text_of_plain(value, plain, indent)


def read_document(text: Any) -> Document:
    """Read a document that `write_document` wrote.

    Parameters
    ----------
    text
        The JSON.

    Raises
    ------
    RecordError
        It has no version of the format, or one that this library does not know.
    ItpCarTError
        What it holds is not an object of its kind, or is refused as when given in Python.
    """
    return plain_of(text, "document", _read)


def _read(given: Any) -> Document:
    if not isinstance(given, dict):
        raise NotationError(f"a document is an object in JSON, not {show(given)}", given=given)
    version = given.get("schema")
    if version is None:
        raise RecordError(
            "the JSON states no version of the format: read it with from_json and the class of "
            "its object",
            column="schema",
        )
    if isinstance(version, bool) or not isinstance(version, int) or not 1 <= version <= SCHEMA:
        raise RecordError(
            f"the document has version {show(version)} of the format, and this library reads 1 to "
            f"{SCHEMA}: take a later version of the library",
            column="schema",
            given=version,
        )
    if given.keys() != set(_NAMES):
        wrong = ", ".join(sorted(given.keys() ^ set(_NAMES)))
        raise NotationError(
            f"a document has {', '.join(_NAMES)}: check {show(wrong)}", given=sorted(given)
        )
    cls = class_of(given["kind"])
    read = converter().structure
    return Document(
        value=read(given["value"], cls),
        kind=given["kind"],
        library=read(given["library"], str),
        protocol=read(given["protocol"], str),
        editions=read(given["editions"], dict[str, str]),
        options=_table(given["options"]),
        schema=version,
    )


def _table(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise NotationError(f"options are an object in JSON, not {show(given)}", given=given)
    return given


__all__ = ["SCHEMA", "Document", "read_document", "write_document"]
