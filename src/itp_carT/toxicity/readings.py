"""Where the wording of CTCAE leaves a choice: each choice by name, with its default.

The editions' modules are built with the defaults; ``tables(Readings(...))`` of an edition builds
the same tables under other readings, so that a protocol can fix its own. How the baseline sample
itself is judged is chosen with the value: ``Lab(..., is_baseline=True)`` is judged against the
limits of normal, a value given as its own baseline by the same rule as every other.
"""

from __future__ import annotations

from typing import Any, Literal, get_args, get_type_hints

from attrs import field, frozen, validators


def _choice(*options: str) -> Any:
    """Declare a field that takes one of a few words; the first is the default."""
    return field(default=options[0], validator=validators.in_(options))


@frozen(kw_only=True)
class Readings:
    """One reading per point that the wording leaves open.

    Parameters
    ----------
    lower_edge
        Where grade 1 begins on the baseline arm of v5.0 ("1.5 - 3.0 x baseline", without a
        sign): at the printed factor (``"inclusive"``) or just above it (``"exclusive"``).
    creatinine_baseline
        The baseline arm of creatinine in v5.0 counts whatever the baseline (``"always"``) or is
        left out (``"never"``).
    fibrinogen_abnormal
        "If abnormal" is said of the ``"baseline"`` (below its lower limit of normal) or of the
        ``"current"`` value.
    hemoglobin_increased
        The rise of v5.0 is above the ``"upper limit"`` of normal, as v6.0 says, or above the
        ``"baseline"``.
    inr_arms
        The baseline arm belongs to anticoagulated patients only (``"by anticoagulation"``; not
        known keeps both), or both arms count for everybody (``"both"``).
    integer_gaps
        Bands printed in whole numbers are ``"closed"`` (59.5 belongs to 30 to 59), or a value
        between two cells keeps both grades (``"literal"``).

    Examples
    --------
    >>> Readings(fibrinogen_abnormal="current").fibrinogen_abnormal
    'current'
    """

    lower_edge: Literal["inclusive", "exclusive"] = _choice("inclusive", "exclusive")
    creatinine_baseline: Literal["always", "never"] = _choice("always", "never")
    fibrinogen_abnormal: Literal["baseline", "current"] = _choice("baseline", "current")
    hemoglobin_increased: Literal["upper limit", "baseline"] = _choice("upper limit", "baseline")
    inr_arms: Literal["by anticoagulation", "both"] = _choice("by anticoagulation", "both")
    integer_gaps: Literal["closed", "literal"] = _choice("closed", "literal")


DEFAULT = Readings()


def options() -> dict[str, tuple[str, ...]]:
    """Return every option with the words it takes, the default first.

    Examples
    --------
    >>> options()["lower_edge"]
    ('inclusive', 'exclusive')
    """
    return {name: get_args(kind) for name, kind in get_type_hints(Readings).items()}
