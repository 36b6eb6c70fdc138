"""How terms and units may be written in a column, as keys of a small table that is joined.

Terms go by name, name with variant, or MedDRA code, in any case; units by the closed table of
spellings of `itp_carT.unit_table`, with the typographic variants that files carry.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable

from itp_carT.analytes import Analyte
from itp_carT.errors import DimensionError
from itp_carT.notation import Unit, find_unit, units
from itp_carT.rules import Table
from itp_carT.units import make

#: Between term and analyte in a joined key; never typed by anybody.
BETWEEN = "\x1f"
_SUPERSCRIPT = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


@functools.cache
def spellings(wanted: Unit) -> tuple[str, ...]:
    """Return the ways a unit is written in files, each of which reads back as that unit."""
    written = dict.fromkeys(wanted.spellings)
    for one in wanted.spellings:
        raised = re.sub(r"\^(-?[0-9]+)", lambda m: m[1].translate(_SUPERSCRIPT), one)
        # 'm2', 'mm3': without the caret; a ten keeps it
        flat = re.sub(r"(?<=m)\^(?=[23])", "", one)
        micro = [re.sub(r"\bu(?=[LlgMmk])", sign, one) for sign in "µμ"]
        stars = one.replace("10^", "10**"), one.replace("10^", "10*")
        for text in (raised, flat, *micro, *stars):
            written[text] = None
            if text.startswith("10"):
                written.update(
                    dict.fromkeys(f"{x}{text}" for x in ("x", "x ", "X", "×", "× ", "*"))
                )
    return tuple(text for text in written if find_unit(text) is wanted)


@functools.cache
def known_units() -> frozenset[str]:
    """Return every spelling of every unit of the closed table."""
    return frozenset(itertools.chain.from_iterable(spellings(one) for one in units()))


@functools.cache
def reported_in(measure: Analyte) -> tuple[tuple[Unit, Unit, float], ...]:
    """Return the units a measure is reported in: as written, as meant, and what one of it is."""
    found = []
    for written in units():
        try:
            scale, meant = measure.read_number(make(1.0, written.symbol))
        except DimensionError:
            continue
        found.append((written, meant, scale))
    return tuple(found)


def term_keys(tables: Iterable[Table]) -> dict[str, Table]:
    """Map each lower-case name, name with variant and code to its table; the first one counts."""
    found: dict[str, Table] = {}
    for table in tables:
        found.setdefault(table.name.lower(), table)
    for table in tables:
        for word in (table.term, table.code, table.key):
            if word:
                found.setdefault(word.lower(), table)
    return found


def analyte_words(measure: Analyte) -> tuple[str, ...]:
    """Return the lower-case names and codes by which a measure is found."""
    words = (measure.key, measure.label, measure.cdisc, measure.loinc, *measure.names)
    return tuple(dict.fromkeys(word.lower() for word in words if word))


def term_and_analyte_keys(tables: tuple[Table, ...]) -> dict[str, Table]:
    """Map term and analyte, joined by `BETWEEN`, to a table.

    With both, the analyte picks among the variants of a term; an analyte alone counts where
    only one of the tables asks for it.
    """
    found = {f"{key}{BETWEEN}": table for key, table in term_keys(tables).items()}
    owners: dict[str, list[Table]] = {}
    for table in tables:
        for word in (word for measure in table.measures for word in analyte_words(measure)):
            owners.setdefault(word, []).append(table)
            for name in (table.name, table.term, table.code, table.key):
                found.setdefault(f"{name.lower()}{BETWEEN}{word}", table)
    for word, asking in owners.items():
        if len(asking) == 1:
            found.setdefault(f"{BETWEEN}{word}", asking[0])
    return found


def as_written(key: str, table: Table) -> tuple[str, ...]:
    """Return a lower-case key and, where it is a name, how the publication prints it."""
    printed = {name.lower(): name for name in (table.code, table.term, table.name)}
    return tuple(dict.fromkeys((key, printed.get(key, key))))
