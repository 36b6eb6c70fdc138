"""The published protocols by their registry number; each is loaded when it is asked for."""

from __future__ import annotations

import importlib
from types import ModuleType

from itp_carT.errors import UnknownTermError
from itp_carT.notation import show
from itp_carT.schedule.visits import Schedule

from .model import Protocol

#: Registry numbers of the protocols that the library holds.
PUBLISHED = ("NCT05315778", "NCT06352281")


def protocol_of(key: str) -> Protocol:
    """Return a published protocol.

    Parameters
    ----------
    key
        Its registry number, in any case.

    Raises
    ------
    UnknownTermError
        The library does not hold it.

    Examples
    --------
    >>> protocol_of("nct06352281").participants
    10
    """
    found: Protocol = _module(key).PROTOCOL
    return found


def schedule_of(key: str) -> Schedule | None:
    """Return the visits of a published protocol; None where the library holds none.

    Parameters
    ----------
    key
        Its registry number, in any case.

    Raises
    ------
    UnknownTermError
        The library does not hold the protocol.
    """
    return getattr(_module(key), "SCHEDULE", None)


def _module(key: str) -> ModuleType:
    name = key.strip().upper()
    if name not in PUBLISHED:
        raise UnknownTermError(
            f"{show(key)} is not a protocol of the library: write {' or '.join(PUBLISHED)}",
            field="protocol",
            given=key,
            nearest=PUBLISHED,
        )
    return importlib.import_module(f".{name.lower()}", __package__)


__all__ = ["PUBLISHED", "protocol_of", "schedule_of"]
