"""The published sets of response criteria by the key that files and commands use."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from itp_carT.errors import UnknownTermError
from itp_carT.notation import show

from . import ash_2019, chinese_2020, iwg_2009, nct05315778
from .criteria import Criteria

CRITERIA: Mapping[str, Criteria] = MappingProxyType(
    {
        found.key: found
        for found in (
            nct05315778.HARMONIZED,
            nct05315778.LITERAL,
            iwg_2009.CRITERIA,
            chinese_2020.CRITERIA,
            ash_2019.CRITERIA,
        )
    }
)


def criteria_of(key: str) -> Criteria:
    """Return a published set of criteria.

    Parameters
    ----------
    key
        Its key, in any case.

    Raises
    ------
    UnknownTermError
        There is none.

    Examples
    --------
    >>> criteria_of("IWG-2009").key
    'iwg-2009'
    """
    found = CRITERIA.get(key.strip().casefold())
    if found is None:
        raise UnknownTermError(
            f"{show(key)} is not a set of criteria: write {', '.join(CRITERIA)}",
            field="criteria",
            given=key,
            nearest=tuple(CRITERIA),
        )
    return found


__all__ = ["CRITERIA", "criteria_of"]
