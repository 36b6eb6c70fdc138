"""Fingerprints of the toxicity rules: a changed number cannot pass as a refactoring.

Refresh the file by running this one as a script, review its diff together with the rule, and say
in a changelog fragment which outcome changes.
"""

import importlib
import json
import pkgutil
from pathlib import Path

from itp_carT import toxicity
from itp_carT.rules import Table

FINGERPRINTS = Path(__file__).with_name("fingerprints.json")


def tables():
    """Every table that a module of the package holds, alone or in a tuple."""
    for found in pkgutil.iter_modules(toxicity.__path__):
        module = importlib.import_module(f"{toxicity.__name__}.{found.name}")
        for value in vars(module).values():
            listed = value if isinstance(value, tuple) else (value,)
            yield from (table for table in listed if isinstance(table, Table))


def fingerprints():
    return {table.key: table.fingerprint for table in sorted(tables(), key=lambda one: one.key)}


def test_fingerprints_are_the_recorded_ones():
    recorded, found = json.loads(FINGERPRINTS.read_text(encoding="utf-8")), fingerprints()
    changed = [key for key in sorted({*recorded, *found}) if recorded.get(key) != found.get(key)]
    assert changed == []


def test_one_key_is_one_table():
    by_key = {}
    for table in tables():
        assert by_key.setdefault(table.key, table) == table


if __name__ == "__main__":
    FINGERPRINTS.write_text(json.dumps(fingerprints(), indent=1) + "\n", encoding="utf-8")
