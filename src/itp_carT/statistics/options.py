"""How the statistical functions read a choice and a confidence."""

from __future__ import annotations

from enum import Enum
from typing import Any

from itp_carT.errors import ImpossibleError, UnknownTermError
from itp_carT.notation import shorten

#: Said of every formula here, since none of the papers was opened.
COMPARED = "the formula is compared with independent programs in the tests"


def choice(kind: type[Enum], given: Any, name: str) -> Any:
    """Return the member of an enumeration that is meant, by its words or its name."""
    if isinstance(given, kind):
        return given
    for member in kind:
        if given in (member.value, member.name.casefold()):
            return member
    known = tuple(str(member.value) for member in kind)
    raise UnknownTermError(
        f"{shorten(repr(given))} is not known: write {' or '.join(known)}",
        field=name,
        given=given,
        nearest=known,
    )


def confidence_level(given: Any) -> float:
    """Return a confidence, a number between 0 and 1."""
    if isinstance(given, bool) or not isinstance(given, int | float) or not 0 < given < 1:
        raise ImpossibleError(
            f"{shorten(repr(given))} is not a confidence between 0 and 1: write e.g. 0.95",
            field="confidence",
            given=given,
        )
    return float(given)
