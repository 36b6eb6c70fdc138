"""Words of a medication record: what it was given for, by which route, and looking words up."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from enum import Enum
from typing import Any, TypeVar

from itp_carT.errors import UnknownTermError
from itp_carT.notation import show

T = TypeVar("T")


class Purpose(Enum):
    """What a drug was given for: a property of its use, not of the molecule.

    Only `ITP` counts in this endpoint; conditioning is study treatment, and what is given for
    CRS or ICANS is toxicity rescue.
    """

    ITP = "ITP"
    LYMPHODEPLETION = "lymphodepletion"
    TOXICITY = "toxicity"
    OTHER = "other"

    @property
    def label(self) -> str:
        """The purpose in words."""
        return self.value


class Route(Enum):
    """Route of administration, as CDISC spells it (codelist ROUTE)."""

    ORAL = "ORAL"
    INTRAVENOUS = "INTRAVENOUS"
    SUBCUTANEOUS = "SUBCUTANEOUS"
    INTRAMUSCULAR = "INTRAMUSCULAR"
    TOPICAL = "TOPICAL"
    INHALED = "RESPIRATORY (INHALATION)"
    INTRA_ARTICULAR = "INTRA-ARTICULAR"
    OPHTHALMIC = "OPHTHALMIC"
    NASAL = "NASAL"
    RECTAL = "RECTAL"

    @property
    def label(self) -> str:
        """The route in words."""
        return self.name.lower().replace("_", "-")

    @property
    def cdisc(self) -> str:
        """The CDISC submission value."""
        return self.value


_ROUTES = {
    **{route.value.casefold(): route for route in Route},
    **{route.label: route for route in Route},
    **dict.fromkeys(("po", "p.o.", "by mouth", "per os"), Route.ORAL),
    **dict.fromkeys(("iv", "i.v.", "infusion"), Route.INTRAVENOUS),
    **dict.fromkeys(("sc", "s.c.", "sq", "subcut"), Route.SUBCUTANEOUS),
    **dict.fromkeys(("im", "i.m."), Route.INTRAMUSCULAR),
    **dict.fromkeys(("cutaneous", "skin", "cream"), Route.TOPICAL),
    **dict.fromkeys(("inhalation", "respiratory"), Route.INHALED),
    **dict.fromkeys(("ia", "intraarticular"), Route.INTRA_ARTICULAR),
    **dict.fromkeys(("eye", "ocular"), Route.OPHTHALMIC),
}
_PURPOSES = {
    **{purpose.value.casefold(): purpose for purpose in Purpose},
    **dict.fromkeys(("immune thrombocytopenia", "itp therapy"), Purpose.ITP),
    **dict.fromkeys(("conditioning", "ld"), Purpose.LYMPHODEPLETION),
    **dict.fromkeys(("crs", "icans", "adverse event"), Purpose.TOXICITY),
}


def folded(given: Any) -> str:
    """Return a word in lower case, with single spaces."""
    return " ".join(str(given).split()).casefold() if isinstance(given, str) else ""


def look_up(table: Mapping[str, T], given: Any, *, field: str, kind: str) -> T:
    """Return what a word stands for.

    Raises
    ------
    UnknownTermError
        The word is not in the table; ``nearest`` names similar ones.
    """
    word = folded(given)
    if word in table:
        return table[word]
    near = tuple(difflib.get_close_matches(word[:60], table, n=3))
    hint = f"did you mean {' or '.join(near)}?" if near else f"write e.g. {next(iter(table))}"
    raise UnknownTermError(
        f"{show(given)} is not {kind}: {hint}", field=field, given=given, nearest=near
    )


def route_of(given: Route | str) -> Route:
    """Read a route of administration, by its CDISC value, its word or its abbreviation.

    Examples
    --------
    >>> route_of("IV").cdisc
    'INTRAVENOUS'
    """
    if isinstance(given, Route):
        return given
    return look_up(_ROUTES, given, field="route", kind="a route")


def purpose_of(given: Purpose | str) -> Purpose:
    """Read what a drug was given for: ITP, lymphodepletion, toxicity or other.

    Examples
    --------
    >>> purpose_of("CRS")
    <Purpose.TOXICITY: 'toxicity'>
    """
    if isinstance(given, Purpose):
        return given
    return look_up(_PURPOSES, given, field="purpose", kind="a purpose")


__all__ = ["Purpose", "Route", "folded", "look_up", "purpose_of", "route_of"]
