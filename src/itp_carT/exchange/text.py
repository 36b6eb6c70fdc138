"""JSON text to and from plain values: no duplicate names, no NaN, errors of one family."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeVar

from itp_carT.errors import ItpCarTError, NotationError
from itp_carT.notation import show

T = TypeVar("T")

_DEEP = 100_000_000  # characters; a study is far smaller


def text_of_plain(value: Any, plain: Callable[[Any], Any], indent: int | None) -> str:
    """Write a value, made plain by a function, as JSON text.

    Parameters
    ----------
    value
        The value.
    plain
        Makes it plain.
    indent
        Spaces by which nested parts are indented; None for one line.

    Raises
    ------
    NotationError
        The value has no form in JSON.
    """
    try:
        return json.dumps(plain(value), indent=indent, ensure_ascii=False, allow_nan=False)
    except ItpCarTError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a stranger's object raises
        raise NotationError(
            f"{show(value)} has no form in JSON: {error}", given=type(value).__name__
        ) from None


def plain_of(text: Any, name: str, read: Callable[[Any], T]) -> T:
    """Read JSON text as what a function makes of its plain values.

    Parameters
    ----------
    text
        The JSON.
    name
        Name of what it is, for messages.
    read
        Makes the object.

    Raises
    ------
    ItpCarTError
        Not JSON, or not that of such an object.
    """
    if not isinstance(text, str) or len(text) > _DEEP:
        raise NotationError(f"the JSON of a {name} is text, not {show(text)}", given=type(text))
    try:
        plain = json.loads(text, parse_constant=_no_constant, object_pairs_hook=_unique)
        return read(plain)
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


__all__ = ["plain_of", "text_of_plain"]
