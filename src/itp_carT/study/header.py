"""study.toml: what holds for a whole study, read with every mistake named.

It states the protocol, the cutoff of the data, the editions, and how the site's sheets write units,
dates and decimals.
"""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attrs import field, fields, frozen
from cattrs import Converter
from cattrs.gen import make_dict_structure_fn

from itp_carT.days import calendar_date
from itp_carT.errors import ItpCarTError, NotationError, RecordError
from itp_carT.notation import show
from itp_carT.protocol.published import PUBLISHED
from itp_carT.toxicity.catalogue import EDITIONS as CTCAE_EDITIONS

from .cells import Spelling
from .problems import Log, Problem, Severity, told

#: Version of the study folder; a later one is refused.
SCHEMA = 1
FILE = "study.toml"
#: Editions that hold where study.toml states no other.
EDITIONS = {
    "ctcae": "ctcae-v5.0",
    "response": "nct05315778",
    "bleeding": "chinese-adult",
    "questionnaire": "itp-paq",
}


def _pairs(given: Mapping[str, Any]) -> Mapping[str, Any]:
    return dict(given)


@frozen(kw_only=True)
class Header:
    """What study.toml states.

    Parameters
    ----------
    schema
        Version of the format of the folder.
    name
        Name of the study.
    protocol
        Key of the protocol, e.g. ``"NCT05315778"``.
    cutoff
        Last day the data cover; what is open then is censored there.
    synthetic
        Whether the data are synthetic; None where nobody said so.
    encoding
        Encoding of the CSV files; by default it is found out.
    dates, decimal
        As in `Spelling`.
    missing
        Texts that stand for an empty cell, e.g. ``NA``.
    editions
        Editions by what they answer, e.g. ``ctcae = "ctcae-v5.0"``.
    options
        Choices of the analysis by name.
    units
        Units by table, then by column or analyte.
    files
        Names of files by table, where they are not the table's own.
    """

    schema: int = SCHEMA
    name: str = ""
    protocol: str = ""
    cutoff: dt.date | None = None
    synthetic: bool | None = None
    encoding: str = ""
    dates: str = ""
    decimal: str = "."
    missing: tuple[str, ...] = ()
    editions: Mapping[str, str] = field(factory=dict, converter=_pairs)
    options: Mapping[str, Any] = field(factory=dict, converter=_pairs)
    units: Mapping[str, Mapping[str, str]] = field(factory=dict, converter=_pairs)
    files: Mapping[str, str] = field(factory=dict, converter=_pairs)

    def __attrs_post_init__(self) -> None:
        Spelling(dates=self.dates, decimal=self.decimal)

    def edition(self, what: str) -> str:
        """Return the edition that answers a question, as stated or by default."""
        return self.editions.get(what, EDITIONS[what])

    def spelling(self, separated: str = ",") -> Spelling:
        """Return how cells are written."""
        return Spelling(dates=self.dates, decimal=self.decimal, separated=separated)


def read_header(folder: Path, log: Log) -> Header:
    """Read study.toml; what is wrong in it is logged, and left out.

    Raises
    ------
    RecordError
        The folder was written by a later version.
    """
    given = _toml(folder / FILE, log)
    if given is None:
        return Header()
    schema = given.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise RecordError(
            f"{FILE} has schema {schema}, and this version of the library knows {SCHEMA}: "
            "take a later version of the library",
            file=FILE,
            column="schema",
        )
    known = {one.name: one for one in fields(Header)}
    read: dict[str, Any] = {}
    for key, value in given.items():
        if key not in known:
            _wrong(log, key, value, f'"{told(key)}" is not known', ", ".join(known))
            continue
        try:
            read[key] = _READ[key](value)
        except ItpCarTError as error:
            _wrong(log, key, value, error.message)
    for key in ("schema", "name", "protocol", "cutoff"):
        if key not in given:
            _wrong(log, key, "", f"{key} is not stated", _WANTED[key])
    _check_names(read, log)
    if read.get("schema", SCHEMA) != SCHEMA:
        _wrong(log, "schema", schema, f"schema {schema} never was", str(SCHEMA))
    made: Header = _STRUCTURE(read, Header)
    return made


_WANTED = {
    "schema": str(SCHEMA),
    "name": 'the name of the study, as name = "..."',
    "protocol": 'the key of the protocol, as protocol = "NCT05315778"',
    "cutoff": "the last day the data cover, as cutoff = 2026-09-30",
}


def _check_names(read: dict[str, Any], log: Log) -> None:
    """Report an edition of terms that there is not, and a protocol that is not published here."""
    editions = read.get("editions", {})
    for key, value in list(editions.items()):
        known = CTCAE_EDITIONS if key == "ctcae" else None
        if key not in EDITIONS or (known is not None and value not in known):
            allowed = ", ".join(EDITIONS if known is None else known)
            _wrong(log, f"editions.{key}", value, f'"{told(value)}" is not known', allowed)
            del editions[key]
    protocol = read.get("protocol", "")
    if protocol and protocol.upper() not in PUBLISHED:
        log.add(
            Problem(
                file=FILE, column="protocol", given=told(protocol), allowed=", ".join(PUBLISHED),
                message=f'"{told(protocol)}" is not a protocol of the library: give the protocol '
                "itself to the analysis",
                severity=Severity.DOUBTFUL,
            )
        )  # fmt: skip


def _toml(file: Path, log: Log) -> dict[str, Any] | None:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        why = "is missing: write one, with schema = 1, name, protocol and cutoff"
    except OSError as error:
        why = f"cannot be read: {error.strerror or error}"
    except UnicodeDecodeError:
        why = "is not text in UTF-8: save it so"
    except tomllib.TOMLDecodeError as error:
        why = f"is not TOML: {error}"
    log.add(Problem(file=FILE, message=why))
    return None


def _wrong(log: Log, key: str, value: Any, message: str, allowed: str = "") -> None:
    log.add(Problem(file=FILE, column=key, given=told(value), message=message, allowed=allowed))


def _text(given: Any) -> str:
    if not isinstance(given, str):
        raise NotationError(f"{show(given)} is not text: put it in quotation marks", given=given)
    return given


def _dates(given: Any) -> str:
    return Spelling(dates=_text(given)).dates


def _decimal(given: Any) -> str:
    return Spelling(decimal=_text(given)).decimal


def _encoding(given: Any) -> str:
    try:
        "".encode(_text(given))
    except LookupError:
        raise NotationError(
            f'{show(given)} is not an encoding: write e.g. "utf-8" or "gb18030"', given=given
        ) from None
    return str(given)


def _yes_no(given: Any) -> bool:
    if not isinstance(given, bool):
        raise NotationError(f"{show(given)} is neither true nor false", given=given)
    return given


def _whole(given: Any) -> int:
    if isinstance(given, bool) or not isinstance(given, int):
        raise NotationError(f"{show(given)} is not a whole number", given=given)
    return given


def _day(given: Any) -> dt.date:
    if isinstance(given, dt.datetime) or not isinstance(given, (str, dt.date)):
        raise NotationError(f"{show(given)} is not a date: write e.g. 2026-09-30", given=given)
    return calendar_date(given)


def _texts(given: Any) -> tuple[str, ...]:
    if not isinstance(given, list):
        raise NotationError(f'{show(given)} is not a list: write e.g. ["NA", "."]', given=given)
    return tuple(_text(one) for one in given)


def _table(given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise NotationError(f"{show(given)} is not a table of TOML", given=given)
    return given


def _text_table(given: Any) -> dict[str, str]:
    return {key: _text(value) for key, value in _table(given).items()}


def _nested(given: Any) -> dict[str, dict[str, str]]:
    return {key: _text_table(value) for key, value in _table(given).items()}


_READ: dict[str, Any] = {
    "schema": _whole, "name": _text, "protocol": _text, "cutoff": _day, "synthetic": _yes_no,
    "encoding": _encoding, "dates": _dates, "decimal": _decimal, "missing": _texts,
    "editions": _text_table, "options": _table, "units": _nested, "files": _text_table,
}  # fmt: skip


def _structure() -> Any:
    converter = Converter()
    converter.register_structure_hook_func(lambda _: True, lambda value, _: value)
    return make_dict_structure_fn(Header, converter, _cattrs_forbid_extra_keys=True)


_STRUCTURE = _structure()

__all__ = ["EDITIONS", "FILE", "SCHEMA", "Header", "read_header"]
