"""A rule of one measure as a line of its values: which outcome holds between which limits.

The line is drawn by asking the patient's reader between all limits and at each of them, so a
picture cannot say anything else than a verdict. It is schematic: limits stand in order, at equal
distances. The sample is read as a baseline sample, so that rules relative to a baseline are left
out; what depends on more than the value shows every outcome that is possible.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import pairwise
from typing import Any

from attrs import frozen

from .analyte import Analyte
from .errors import DimensionError
from .notation import unit
from .observations import Lab
from .rules import Compare, Reference, Table, leaves, outcome_name
from .units import make, symbol
from .verdict import decide, limit_in

_OWN = (Reference.LLN, Reference.ULN)
_APART = 1.25  # a limit of normal stands this far outside the published limits; no clinical fact

# Light to dark, in print and to the colour-blind alike (ColorBrewer OrRd), with the ink upon it.
_FILLS = (
    ("#f5f5f5", "#1a1a1a"),
    ("#fee8c8", "#1a1a1a"),
    ("#fdbb84", "#1a1a1a"),
    ("#fc8d59", "#1a1a1a"),
    ("#b30000", "#ffffff"),
    ("#5c0011", "#ffffff"),
)
_WIDTH, _HIGH, _TOP = 640.0, 26.0, 6.0


@frozen
class Tick:
    """A limit on the line.

    Parameters
    ----------
    label
        The limit as published, or as a multiple of the limit of normal.
    belongs
        ``"below"`` or ``"above"``: the side whose outcome holds exactly at the limit; ``"itself"``
        where neither does.
    """

    label: str
    belongs: str


@frozen
class NumberLine:
    """The outcomes of a table along the values of its measure.

    Parameters
    ----------
    unit
        Unit of the values.
    outcomes
        Possible outcomes of each stretch, lowest values first; one where the value decides.
    ticks
        The limits between the stretches, one less than ``outcomes``.
    """

    unit: str
    outcomes: tuple[tuple[Any, ...], ...]
    ticks: tuple[Tick, ...]

    def __str__(self) -> str:
        words = [_named(self.outcomes[0])]
        for tick, outcomes in zip(self.ticks, self.outcomes[1:], strict=True):
            side = {"below": "≤", "above": "<", "itself": "<>"}[tick.belongs]
            words += [side, tick.label, side, _named(outcomes)]
        return " ".join(words) + (f" [{self.unit}]" if self.unit != "1" else "")


def number_lines(table: Table) -> tuple[NumberLine, ...]:
    """Return the lines of a table, one per unit system its limits are published in.

    Empty for a table of several measures or none, and where the value alone decides nothing.

    Examples
    --------
    >>> from itp_carT.toxicity import ctcae_v5
    >>> print(number_lines(ctcae_v5.table("anemia"))[0])
    G3 < 80 < G2 < 100 < G1 < LLN < G0 [g/L]
    >>> print(number_lines(ctcae_v5.table("alanine aminotransferase increased"))[0])
    G0 ≤ ULN ≤ G1 ≤ 3 × ULN ≤ G2 ≤ 5 × ULN ≤ G3 ≤ 20 × ULN ≤ G4 [U/L]
    """
    if len(table.measures) != 1 or not isinstance(table.measures[0], Analyte):
        return ()
    found = []
    for name in _systems(table):
        try:
            line = _line(table, name)
        except DimensionError:
            continue
        settled = sum(len(outcomes) == 1 for outcomes in line.outcomes)
        if line.ticks and settled > 1:
            found.append(line)
    return tuple(found)


def _compares(table: Table) -> Iterator[Compare]:
    for leaf in leaves(table):
        if isinstance(leaf, Compare) and leaf.left is Reference.VALUE:
            yield leaf


def _systems(table: Table) -> tuple[str, ...]:
    published = (
        symbol(value) for leaf in _compares(table) if leaf.limit.of is None
        for value in leaf.limit.published
    )  # fmt: skip
    return tuple(dict.fromkeys(published)) or (table.measures[0].unit,)


def _own(table: Table, name: str) -> dict[Reference, float]:
    """Place the limits of normal outside the published limits, on the side of the healthy."""
    target = unit(name)
    fixed = [
        limit_in(leaf.limit, target, table.name)
        for leaf in _compares(table)
        if leaf.limit.of is None
    ]
    factors = {
        of: [float(leaf.limit.factor) for leaf in _compares(table) if leaf.limit.of is of]
        for of in _OWN
    }
    low, high = factors[Reference.LLN], factors[Reference.ULN]
    offsets = [
        abs(limit_in(leaf.limit, target, table.name))
        for leaf in _compares(table)
        if leaf.limit.of in _OWN
    ]
    room = 2 * max(offsets, default=0.0)  # "LLN - 8" stays above zero
    own = {}
    if low:
        own[Reference.LLN] = max(fixed, default=1.0) * _APART / min(*low, 1.0) + room
    if high:
        own[Reference.ULN] = min(fixed, default=1.0) / _APART + room
    return own


def _line(table: Table, name: str) -> NumberLine:
    own, target = _own(table, name), unit(name)
    places: dict[float, str] = {}
    for leaf in _compares(table):
        limit = leaf.limit
        if limit.of is None:
            number = limit_in(limit, target, table.name)
            same = [q for q in limit.published if symbol(q) == name] or list(limit.published)
            places.setdefault(number, str(same[0]).removesuffix(f" {name}").removesuffix(" 1"))
        elif limit.of in own:
            number = float(limit.factor) * own[limit.of] + limit_in(limit, target, table.name)
            places.setdefault(number, str(limit).removesuffix(f" {name}"))

    def ask(number: float) -> tuple[Any, ...]:
        limits = {of.name.lower(): make(value, name) for of, value in own.items()}
        lab = Lab(table.measures[0], make(number, name), is_baseline=True, **limits)  # type: ignore[arg-type]
        return decide(table, lab).possible

    edges = sorted(places)
    if not edges:
        return NumberLine(name, (), ())
    # a value below zero or far above is not always possible: stay close
    outside = (edges[0] - abs(edges[0]) / 20, edges[-1] + (abs(edges[-1]) / 20 or 1.0))
    between = [(a + b) / 2 for a, b in pairwise(edges)]
    outcomes = [ask(number) for number in (outside[0], *between, outside[1])]
    kept, ticks = [outcomes[0]], []
    for edge, after in zip(edges, outcomes[1:], strict=True):
        at = ask(edge)
        if at == after == kept[-1]:
            continue  # another limit already decided
        side = "below" if at == kept[-1] else "above" if at == after else "itself"
        ticks.append(Tick(places[edge], side))
        kept.append(after)
    return NumberLine(name, tuple(kept), tuple(ticks))


def _named(outcomes: tuple[Any, ...]) -> str:
    return " or ".join(outcome_name(outcome) for outcome in reversed(outcomes)) or "elsewhere"


# --- as a picture -------------------------------------------------------------------------------


def _shade(table: Table, outcomes: tuple[Any, ...]) -> tuple[str, str]:
    """Return fill and ink: the worst outcome that is possible, counted from the mildest."""
    if not outcomes:
        return "#ffffff", "#1a1a1a"
    worst = outcomes[0]
    if isinstance(worst, int):
        return _FILLS[int(worst)]
    from_mildest = table.outcomes[::-1].index(worst)
    return _FILLS[min(from_mildest, len(_FILLS) - 1)]


def svg(table: Table) -> str:
    """Return the lines of a table as one SVG picture; empty where there are none.

    Each stretch carries its outcome in words as well, so colour is never the only sign; the arrow
    at a limit points to the side the limit itself belongs to.

    Examples
    --------
    >>> from itp_carT.toxicity import ctcae_v5
    >>> svg(ctcae_v5.table("anemia")).startswith('<svg class="number-line"')
    True
    """
    lines = number_lines(table)
    if not lines:
        return ""
    step = _HIGH + 28
    parts: list[str] = []
    for at, line in enumerate(lines):
        parts += _strip(table, line, _TOP + at * step)
    words = escape(f"{table.name}: " + "; ".join(map(str, lines)), quote=True)
    height = _TOP + len(lines) * step
    return (
        f'<svg class="number-line" viewBox="0 0 {_WIDTH:g} {height:g}" role="img" '
        f'aria-label="{words}" xmlns="http://www.w3.org/2000/svg" font-size="13">'
        + "".join(parts)
        + "</svg>"
    )


def _strip(table: Table, line: NumberLine, top: float) -> Iterator[str]:
    left = 62.0
    wide = (_WIDTH - left - 4) / len(line.outcomes)
    middle = top + _HIGH / 2 + 4.5
    name = escape("" if line.unit == "1" else line.unit)
    yield f'<text class="unit" x="0" y="{middle:g}">{name}</text>'
    for at, outcomes in enumerate(line.outcomes):
        fill, ink = _shade(table, outcomes)
        x = left + at * wide
        yield (
            f'<rect x="{x:.1f}" y="{top:g}" width="{wide:.1f}" height="{_HIGH:g}" fill="{fill}" '
            'stroke="#666666"/>'
            f'<text x="{x + wide / 2:.1f}" y="{middle:g}" fill="{ink}" text-anchor="middle">'
            f"{escape(_words(outcomes))}</text>"
        )
    for at, tick in enumerate(line.ticks, 1):
        x, below = left + at * wide, top + _HIGH
        arrow = {"below": "◂ {}", "above": "{} ▸", "itself": "{}"}[tick.belongs]
        text = escape(arrow.format(tick.label))
        yield (
            f'<line class="tick" x1="{x:.1f}" y1="{top:g}" x2="{x:.1f}" y2="{below + 4:g}"/>'
            f'<text class="limit" x="{x:.1f}" y="{below + 17:g}" text-anchor="middle">{text}</text>'
        )


def _words(outcomes: tuple[Any, ...]) -> str:
    numbers = [one for one in reversed(outcomes) if isinstance(one, int)]
    if numbers and len(numbers) == len(outcomes):
        return " or ".join(str(int(one)) for one in numbers)
    return _named(outcomes)


__all__ = ["NumberLine", "Tick", "number_lines", "svg"]
