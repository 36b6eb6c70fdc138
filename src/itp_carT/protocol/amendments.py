"""Amendments: a version of a protocol made from the one before it, and what changed between two.

An amendment replaces parts and says its number, its first day and its reason. `diff` compares any
two versions part by part and prints what a reader of the amendment looks for.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import attrs
from attrs import evolve, frozen

from itp_carT.errors import ImpossibleError, UnknownTermError
from itp_carT.sources import Citation
from itp_carT.units import Quantity

from .model import Amendment, Protocol


def amended(
    protocol: Protocol, *, number: str, effective: dt.date | str, reason: str, **changes: Any
) -> Protocol:
    """Return a version of a protocol with some parts replaced.

    Parameters
    ----------
    protocol
        The version before it.
    number, effective, reason
        As in `Amendment`.
    changes
        Parts of the protocol by name, e.g. ``cells=evolve(protocol.cells, highest="1e7 cell/kg")``.

    Raises
    ------
    UnknownTermError
        A protocol has no such part.
    ImpossibleError
        Nothing is changed, or the amendment holds before the one it follows.

    Examples
    --------
    >>> from itp_carT.protocol import nct05315778 as trial
    >>> local = amended(
    ...     trial.PROTOCOL,
    ...     number="1",
    ...     effective="2026-01-01",
    ...     reason="a made-up example",
    ...     participants=8,
    ... )
    >>> print(diff(trial.PROTOCOL, local))
    NCT05315778 -> NCT05315778, amendment 1 of 2026-01-01: a made-up example
    participants: 5 -> 8
    """
    known = [one.name for one in attrs.fields(Protocol) if one.name != "amendment"]
    for name in changes:
        if name not in known:
            raise UnknownTermError(
                f"a protocol has no {name}: it has {', '.join(known)}",
                field=name,
                given=name,
                nearest=tuple(known),
            )
    named = Amendment(number=number, effective=effective, reason=reason)
    made = evolve(protocol, amendment=named, **changes)
    before = protocol.amendment
    if before is not None and named.effective < before.effective:
        raise ImpossibleError(
            f"{named} holds before {before}, which it follows: check the dates",
            field="effective",
            given=named.effective.isoformat(),
        )
    if not diff(protocol, made).changes:
        raise ImpossibleError(
            "nothing is changed: name the parts that the amendment replaces", field="changes"
        )
    return made


@frozen
class Change:
    """One part that differs.

    Parameters
    ----------
    part
        Its name, with dots from the whole to the part.
    before, after
        In words; empty where the part is not there.
    """

    part: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.part}: {self.before or 'nothing'} -> {self.after or 'nothing'}"


@frozen
class Difference:
    """What changed between two versions of a protocol.

    Parameters
    ----------
    before, after
        The versions.
    changes
        Every part that differs, in the order of the protocol.
    """

    before: Protocol
    after: Protocol
    changes: tuple[Change, ...]

    def __str__(self) -> str:
        amendment = self.after.amendment
        why = "" if amendment is None else f": {amendment.reason}"
        lines = [f"{self.before.version} -> {self.after.version}{why}"]
        return "\n".join([*lines, *(map(str, self.changes) if self.changes else ["no difference"])])


def diff(before: Protocol, after: Protocol) -> Difference:
    """Compare two versions of a protocol, or two protocols.

    Parameters
    ----------
    before, after
        The versions; what they are amended by is not compared, it names them.

    Examples
    --------
    >>> from itp_carT.protocol import nct05315778, nct06352281
    >>> found = diff(nct05315778.PROTOCOL, nct06352281.PROTOCOL)
    >>> print(next(change for change in found.changes if change.part == "cells.highest"))
    cells.highest: 20000000 cell/kg -> 300000 cell/kg
    """
    return Difference(before, after, tuple(_changes("", before, after)))


def _changes(part: str, before: Any, after: Any) -> Iterator[Change]:
    if before == after:
        return
    if attrs.has(type(before)) and type(before) is type(after) and not _whole(before):
        for one in attrs.fields(type(before)):
            if one.name == "amendment" or not one.init:
                continue
            name = f"{part}.{one.name}" if part else one.name
            yield from _changes(name, getattr(before, one.name), getattr(after, one.name))
    elif isinstance(before, tuple) and isinstance(after, tuple):
        yield from _rows(part, before, after)
    else:
        yield Change(part, _words(before), _words(after))


def _rows(part: str, before: tuple[Any, ...], after: tuple[Any, ...]) -> Iterator[Change]:
    """Compare lists by position where they hold parts, and as a whole where they hold words."""
    if len(before) == len(after) and all(
        attrs.has(type(one)) and not _whole(one) for one in before
    ):
        for number, (one, other) in enumerate(zip(before, after, strict=True), 1):
            yield from _changes(f"{part}[{number}]", one, other)
        return
    yield Change(part, _words(before), _words(after))


def _whole(value: Any) -> bool:
    """Say whether a value is shown as a whole, not part by part."""
    return isinstance(value, (Quantity, Citation)) or not attrs.fields(type(value))


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return "; ".join(_words(one) for one in value)
    label = getattr(value, "label", None)
    return str(label if isinstance(label, str) else value)


__all__ = ["Change", "Difference", "amended", "diff"]
