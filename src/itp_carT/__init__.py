"""The clinical rules of trial NCT05315778, written once, typed, with unit and source.

The front door: it re-exports a short list of names and defines nothing. Each name is loaded when
it is first used, so that ``import itp_carT`` costs next to nothing.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

_HOME = {
    "Quantity": "units",
    "Subject": "subject",
    "Lab": "observations",
    "bsa": "anthropometry",
    "decide": "verdict",
    "DUBOIS": "anthropometry",
    "MOSTELLER": "anthropometry",
    "Product": "dosing.cells",
    "SplitInfusion": "dosing.split",
    "To": "rounding",
    "Working": "working",
}

if TYPE_CHECKING:
    from .anthropometry import DUBOIS as DUBOIS
    from .anthropometry import MOSTELLER as MOSTELLER
    from .anthropometry import bsa as bsa
    from .dosing.cells import Product as Product
    from .dosing.split import SplitInfusion as SplitInfusion
    from .observations import Lab as Lab
    from .rounding import To as To
    from .subject import Subject as Subject
    from .units import Quantity as Quantity
    from .verdict import decide as decide
    from .working import Working as Working

__all__ = ["__version__", *sorted(_HOME)]  # noqa: PLE0604 - the names are the keys of _HOME


def __getattr__(name: str) -> Any:
    home = _HOME.get(name)
    if home is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(f".{home}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
