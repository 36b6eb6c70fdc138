"""Numbers and units as people write them: one reader, on a closed table of spellings.

A value never passes through an expression evaluator; a unit that is not in the table of
`itp_carT.unit_table` is refused. Quantities with arithmetic are built on top of this module in
`itp_carT.quantity`.
"""

from __future__ import annotations

import functools
import math
import re
import unicodedata
import warnings
from fractions import Fraction
from typing import Any

from .errors import (
    AssumptionWarning,
    DimensionError,
    NotationError,
    UnitRequiredError,
    UnknownUnitError,
)
from .unit_table import ATOMS, OFFSETS, TABLE

#: Two values are equal when they differ by no more than this share of the larger one.
TOLERANCE = 1e-9

LONGEST = 100
LARGEST, SMALLEST = 1e100, 1e-100  # so that no conversion ends in infinity or in zero
_NUMBER = r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_READ = re.compile(rf"({_NUMBER})[ \t\r\n]*(.*)", re.DOTALL)
# The patterns below are compiled when the first unusual spelling arrives: few programs meet one.
# Spaces inside a unit go, except between two letters: 'mg / m2' is one unit, 'm in' is none.
_GAP = r"(?<![A-Za-z])[ \t\r\n]+|[ \t\r\n]+(?![A-Za-z])"
# 'x 10^7', '×10e7', '10*9', '10**9': a power of ten written out, after the number
_POWER = r"(?s:(?:[x×*·] *)?10 *(\^|\*\*?|[eE]) *([0-9]{1,2})(?![0-9]) *(.*))"
_TEN = r"[+-]?10(\.0*)?[eE]"
_SUPERSCRIPT = "[⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
_PLAIN = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
# Full-width digits and signs as typed in Chinese text, and the spaces of typesetters.
_TYPED = str.maketrans(
    "０１２３４５６７８９．－＋，\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000",
    "0123456789.-+,        ",
)
_PREFER = "1 kg cm m^2 mg mg/m^2 cell/kg cell/mL 10^9/L g/L g/dL mmol/L U/L mL/min Cel mmHg ms %"


class Unit:
    """One unit of the closed table; there is one object per unit, compared by identity.

    ``symbol`` is how the library prints it, ``ucum`` its UCUM code, ``spellings`` all the ways it
    may be written, ``parts`` the names of its atoms with exponents; ``factor`` and ``offset``
    lead to the base units exactly, ``dimension`` names these with exponents.
    """

    __slots__ = ("dimension", "factor", "offset", "parts", "spellings", "symbol", "ucum")

    def __init__(self, symbol: str, ucum: str, spellings: tuple[str, ...]) -> None:
        self.symbol, self.ucum, self.spellings = symbol, ucum, spellings
        self.parts = _parts(symbol)
        self.factor, self.dimension = measure(self.parts)
        alone = self.parts[0][0] if len(self.parts) == 1 else ""
        self.offset = OFFSETS.get(alone, Fraction(0))

    def __repr__(self) -> str:
        return f"unit({self.symbol!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return unit, (self.symbol,)


def _parts(symbol: str) -> tuple[tuple[str, int], ...]:
    """Split a symbol such as ``mg/m^2`` into atoms with exponents."""
    if symbol == "1":
        return ()
    if symbol in _NAMES:
        return ((_NAMES[symbol][0], 1),)
    tail = symbol.endswith("/1.73m^2")
    body = symbol.removesuffix("/1.73m^2") if tail else symbol
    parts = {"standard_bsa": -1} if tail else {}
    for index, piece in enumerate(body.split("/")):
        if piece:
            word, _, exponent = piece.partition("^")
            name, power = _NAMES[word][0], int(exponent or 1)
            parts[name] = parts.get(name, 0) + (power if index == 0 else -power)
    return tuple((name, power) for name, power in parts.items() if power)  # mg/mg is a plain 1


def measure(parts: tuple[tuple[str, int], ...]) -> tuple[Fraction, tuple[tuple[str, int], ...]]:
    """Exact factor to the base units, and the dimension as base names with exponents."""
    factor = Fraction(1)
    dimension: dict[str, int] = {}
    for name, exponent in parts:
        _, scale, bases = ATOMS[name]
        factor *= Fraction(scale) ** exponent
        for base in bases.split():
            word, _, power = base.partition("^")
            dimension[word] = dimension.get(word, 0) + int(power or 1) * exponent
    return factor, tuple(sorted((k, v) for k, v in dimension.items() if v))


_NAMES = {row[0]: (name,) for name, row in ATOMS.items()}
_ROWS = tuple(
    (symbol, ucum, tuple(dict.fromkeys((symbol, ucum, *others.split(), *_NAMES.get(symbol, ())))))
    for symbol, ucum, others in (
        [cell.strip() for cell in line.split("|")] for line in TABLE.strip().splitlines()
    )
)
_SPELLED = {spelling: row for row in _ROWS for spelling in row[2]}


@functools.cache
def _made(row: tuple[str, str, tuple[str, ...]]) -> Unit:
    return Unit(*row)


class _Known(dict[str, Unit]):
    """Spelling to unit; a unit is made when it is first asked for."""

    def __missing__(self, spelling: str) -> Unit:
        self[spelling] = found = _made(_SPELLED[spelling])
        return found


_KNOWN = _Known()


def units() -> tuple[Unit, ...]:
    """Return every unit of the closed table, in its order."""
    return tuple(map(_made, _ROWS))


@functools.cache
def _rows_by_parts() -> dict[frozenset[tuple[str, Any]], tuple[str, str, tuple[str, ...]]]:
    return {frozenset(_parts(row[0])): row for row in reversed(_ROWS)}


def unit_of(parts: frozenset[tuple[str, Any]]) -> Unit | None:
    """Return the unit made of these atoms with exponents; of two, the first of the table."""
    row = _rows_by_parts().get(parts)
    return None if row is None else _made(row)


def _powers(text: str) -> str:
    """Write superscripts as powers: 10⁹ is 10^9."""
    return re.sub(_SUPERSCRIPT, lambda found: "^" + found[0].translate(_PLAIN), text)


def _normal(spelling: str) -> str:
    """Bring typographic variants of one spelling together; letters keep their case."""
    text = _powers(spelling)
    text = (
        unicodedata.normalize("NFKC", text).replace("μ", "u").replace("×", "x").replace("**", "^")
    )
    text = re.sub(_GAP, "", text)
    text = re.sub(r"\b(m|cm|mm)([23])\b", r"\1^\2", text)
    text = re.sub(r"10\*([0-9])", r"10^\1", text)
    text = re.sub(r"^[x*](?=10\^)", "", text)
    return re.sub(r"1\.73_?m\^?2", "1.73m^2", text)


@functools.lru_cache(maxsize=1024)
def find_unit(spelling: str) -> Unit | None:
    """Return the unit of a spelling, or None when the closed table does not know it."""
    if len(spelling) > LONGEST:
        return None
    normal = spelling if spelling in _SPELLED else _normal(spelling)
    return _KNOWN[normal] if normal in _SPELLED else None


def unit(spelling: str) -> Unit:
    """Return the unit of a spelling.

    Raises
    ------
    UnknownUnitError
        When the closed table does not hold the spelling; ``nearest`` names similar ones.

    Examples
    --------
    >>> unit("×10⁹/L").symbol, unit("G/L").symbol, unit("K/uL").symbol
    ('10^9/L', '10^9/L', '10^3/uL')
    """
    if not isinstance(spelling, str):
        raise UnknownUnitError(f"{show(spelling)} is not a unit: write e.g. kg", given=spelling)
    found = find_unit(spelling)
    if found is not None:
        return found
    shown = shorten(spelling)
    import difflib  # only for this advice

    nearest = difflib.get_close_matches(_normal(spelling[:LONGEST]), _SPELLED, n=3, cutoff=0.5)
    advice = f"did you mean {' or '.join(nearest)}?" if nearest else f"units are e.g. {_PREFER}"
    raise UnknownUnitError(
        f'"{shown}" is not a known unit: {advice}', given=spelling[:LONGEST], nearest=tuple(nearest)
    )


def shorten(text: str, longest: int = 40) -> str:
    """Show a text in a message: control characters escaped, long ones cut."""
    cut = text if len(text) <= longest else f"{text[:longest]}… ({len(text)} characters)"
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in cut)


def show(value: Any) -> str:
    """Show any value in a message: never fails, never long."""
    try:
        return shorten(repr(value))
    except Exception:  # noqa: BLE001 - the repr of a stranger, or of an integer of 5000 digits
        return f"<{type(value).__name__}>"


def read(text: str, example: str = "62 kg") -> tuple[float, Unit]:
    """Read one number with its unit; nothing is evaluated and nothing is guessed.

    Parameters
    ----------
    text
        For example ``"62 kg"``, ``"18 × 10^9/L"`` or ``"1.5e7 cells/kg"``.
    example
        What an error message offers as a right spelling.

    Returns
    -------
    The number and its unit.

    Raises
    ------
    NotationError
        Not a number, not finite, a comma, or ``10e7``, which can be read in two ways.
    UnitRequiredError
        A bare number.
    UnknownUnitError
        A unit that the closed table does not hold.

    Examples
    --------
    >>> value, unit = read("18 x 10^9/L")
    >>> value, unit.symbol
    (18.0, '10^9/L')
    """
    if not isinstance(text, str):
        raise UnitRequiredError(
            f'{show(text)} is not text with a unit: write e.g. "{example}"', given=text
        )
    if not text.isascii():
        text = text.translate(_TYPED)
    found = _READ.fullmatch(text.strip(" \t\r\n")) if len(text) <= LONGEST else None
    if found is None:
        raise _unreadable(text, example)
    number, rest = found[1], found[2]
    if rest not in _SPELLED or "e" in number or "E" in number:
        return _read_slowly(text, number, rest, example)
    return float(number), _KNOWN[rest]


def _read_slowly(text: str, number: str, rest: str, example: str) -> tuple[float, Unit]:
    shown = shorten(text)
    if rest.startswith(",") or (rest and rest[0] == "٫"):
        raise _unreadable(text, example)
    if re.match(_TEN, number):
        raise _ambiguous(text)
    if not rest:
        raise UnitRequiredError(f'"{shown}" has no unit: write e.g. "{example}"', given=text)
    value = float(number)
    known = find_unit(rest)
    if known is None:
        power = re.fullmatch(_POWER, _powers(rest))
        if power is not None:
            value, known = _with_power(text, number, power, example)
        elif rest[0] in "0123456789.+-*^_":
            raise NotationError(
                f'"{shown}" is not one number with a unit: write e.g. "{example}"', given=text
            )
        else:
            known = unit(rest)
    if not math.isfinite(value):
        raise NotationError(f'"{shown}" is not a finite number: write e.g. "{example}"', given=text)
    zero = not number.lower().partition("e")[0].strip("+-0.")
    if not zero and not SMALLEST <= abs(value) <= LARGEST:
        raise NotationError(
            f'"{shown}" is beyond what can be measured: write e.g. "{example}"', given=text
        )
    return value, known


def _with_power(text: str, number: str, power: re.Match[str], example: str) -> tuple[float, Unit]:
    """Read ``1.5 x 10^7 cells/kg``; registries print 10^7 as ``10e7`` and mean 10^7."""
    sign, exponent, rest = power[1], int(power[2]), power[3]
    if not rest:
        raise UnitRequiredError(
            f'"{shorten(text)}" has no unit: write e.g. "{example}"', given=text
        )
    if "e" in number.lower():
        raise _ambiguous(text)
    if sign in "eE":
        warnings.warn(
            f'"{shorten(text)}" was read as {number}×10^{exponent} {rest.lstrip()}: '
            f'write "{number}e{exponent} {rest.lstrip()}"',
            AssumptionWarning,
            stacklevel=4,
        )
    if (count := find_unit(f"10^{exponent}{rest}")) is not None:
        return float(number), count
    known = unit(rest)
    if known.symbol.startswith("10^"):
        raise NotationError(
            f'"{shorten(text)}" has two powers of ten: write e.g. "{number} {known.symbol}"',
            given=text,
        )
    return float(f"{number}e{exponent}"), known


def _ambiguous(text: str) -> NotationError:
    return NotationError(
        f'"{shorten(text)}" can be read in two ways (registries print 10^7 as "10e7"): '
        'write "1e7 ..." for 10^7 or "1e8 ..." for 10^8',
        given=text[:LONGEST],
    )


def _unreadable(text: str, example: str) -> NotationError:
    shown, lowered = shorten(text), text[:LONGEST].strip().lower()
    if not lowered:
        why = "is empty"
    elif len(text) > LONGEST:
        why = "is too long to be one number with a unit"
    elif re.match(r"[+-]?[0-9.]*[,٫][0-9]", lowered):
        why = "has a comma, which is a decimal sign to some and a thousands sign to others"
    elif re.match(r"[+-]?(nan|inf|na\b|null|none)", lowered):
        why = "is not a number; leave a missing value out"
    else:
        why = "does not begin with a number"
    return NotationError(f'"{shown}" {why}: write e.g. "{example}"', given=text[:LONGEST])


@functools.lru_cache(maxsize=4096)
def scale(source: Unit, target: Unit) -> tuple[float, float, Fraction, Fraction]:
    """Numerator and denominator that lead from one unit to another, and both offsets.

    Raises
    ------
    DimensionError
        When the two measure different things.
    """
    if source.dimension != target.dimension:
        raise DimensionError(
            f"{source.symbol} cannot be read as {target.symbol}: they measure different things",
            given=source.symbol,
            expected=target.symbol,
        )
    ratio = source.factor / target.factor
    return float(ratio.numerator), float(ratio.denominator), source.offset, target.offset


def convert(value: float, source: Unit, target: Unit) -> float:
    """Convert a number from one unit of the table to another by their exact factor.

    Examples
    --------
    >>> convert(30_000.0, unit("/mm3"), unit("10^9/L"))
    30.0
    """
    if source is target:
        return value
    up, down, here, there = scale(source, target)
    if here or there:
        exact = (Fraction(value) * source.factor + here - there) / target.factor
        return tidy(float(exact))
    return value * up / down if up != 1.0 else value / down


def equal(a: float, b: float) -> bool:
    """Say whether two numbers are equal at the library's one tolerance.

    Examples
    --------
    >>> equal(0.1 + 0.2, 0.3), equal(30.0, 30.0001)
    (True, False)
    """
    return abs(a - b) <= TOLERANCE * max(abs(a), abs(b))


def tidy(value: float) -> float:
    """Clean binary noise: the float nearest to the value's first 12 significant digits."""
    return float(f"{value:.12g}")


def plain(value: Any) -> str:
    """Write a number the shortest way that reads back the same at 12 significant digits."""
    text = f"{value:.12g}"
    if "e" not in text:
        return text
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}"
