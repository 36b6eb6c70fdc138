"""Findings as words: a closed list of answers per question, each with the spellings it is read by.

What is not on the list is refused with the list; nothing is guessed from similar words.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from itp_carT.errors import NotationError, UnknownTermError
from itp_carT.notation import show

E = TypeVar("E", bound=Enum)
_GAP = re.compile(r"[\s_-]+")


def folded(text: str) -> str:
    """Return a word without what does not tell words apart: case, hyphens, spaces at the ends."""
    return _GAP.sub(" ", text).strip().casefold()


def read_word(kind: type[E], given: Any, field: str, also: Mapping[str, E]) -> E:
    """Read one answer of a closed list, by its value or another spelling.

    Raises
    ------
    UnknownTermError
        The word is not on the list; names the list.
    """
    if isinstance(given, kind):
        return given
    words = [str(member.value) for member in kind]
    if isinstance(given, str):
        known = {folded(str(member.value)): member for member in kind}
        known |= {folded(word): member for word, member in also.items()}
        if folded(given) in known:
            return known[folded(given)]
    raise UnknownTermError(
        f"{show(given)} is not one of the findings: write {', '.join(words)}, or leave it out "
        "where it was not assessed",
        field=field,
        given=given,
        nearest=tuple(words),
    )


def read_words(kind: type[E], given: Any, field: str, also: Mapping[str, E]) -> tuple[E, ...]:
    """Read several answers: one word, or a list of words; ``"a + b"`` are two.

    Raises
    ------
    UnknownTermError, NotationError
        A word that is not on the list, or no list at all.
    """
    if isinstance(given, kind):
        given = [given]
    elif isinstance(given, str):
        given = [] if folded(given) == "none" else re.split(r"\s*[+;]\s*", given.strip())
    if not isinstance(given, (list, tuple, set, frozenset)):
        raise NotationError(
            f"{show(given)} is not a list of findings: write e.g. "
            f'("{next(iter(kind)).value}",), or () for none',
            field=field,
            given=given,
        )
    found = {read_word(kind, word, field, also) for word in given}
    return tuple(member for member in kind if member in found)


def yes_no(given: Any, field: str) -> bool | None:
    """Read yes, no, or None for not known.

    Raises
    ------
    NotationError
        Anything else; 0 and 1 are refused, they may be counts or codes.
    """
    if given is None or isinstance(given, bool):
        return given
    if isinstance(given, str) and folded(given) in {"yes", "no"}:
        return folded(given) == "yes"
    raise NotationError(
        f"{show(given)} is neither yes nor no: write True or False, or leave it out where it is "
        "not known",
        field=field,
        given=given,
    )


__all__ = ["folded", "read_word", "read_words", "yes_no"]
