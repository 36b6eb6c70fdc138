"""Writing a study folder: whole or not at all.

Everything is written to a hidden folder beside the target, which takes its name at the end. An
error, a full disk or a killed run leaves what was there before; text that a spreadsheet would take
for a formula is written with an apostrophe in front.
"""

from __future__ import annotations

import csv
import datetime as dt
import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from itp_carT.errors import MissingFactError, NotationError, NotPermittedError, RecordError
from itp_carT.notation import show

from .cells import Measured
from .columns import Layout
from .header import FILE, SCHEMA, Header
from .study import PatientRecords, Study
from .tables import SUBJECTS, TABLES


def write_study(
    study: Study | Iterable[PatientRecords],
    folder: Path | str,
    *,
    header: Header | None = None,
    force: bool = False,
) -> Path:
    """Write a study as a folder, in UTF-8 with commas, ISO dates and a unit beside each value.

    Parameters
    ----------
    study
        A study, or its patients one after the other, so that it need not fit into memory.
    folder
        The folder to make.
    header
        What study.toml states; needed with patients.
    force
        Replace a study folder that is there.

    Returns
    -------
    The folder.

    Raises
    ------
    NotPermittedError
        The folder is there and ``force`` is not given, or it is no study folder.
    RecordError
        It cannot be written; what was there before is still there.
    """
    target = Path(folder)
    if isinstance(study, Study):
        stated, patients, tables = header or study.header, study.patients(), study.tables
    elif header is None:
        raise MissingFactError("patients need the header of their study", field="header")
    else:
        stated, patients, tables = header, iter(study), tuple(one.name for one in TABLES)
    with new_folder(target, force=force) as partial:
        _fill(partial, stated, patients, [one for one in TABLES if one.name in tables])
    return target


@contextmanager
def new_folder(folder: Path | str, *, force: bool = False) -> Iterator[Path]:
    """Give a hidden folder to write to; it takes the name of the target when all went well.

    Parameters
    ----------
    folder
        The study folder to make.
    force
        Replace a study folder that is there.

    Raises
    ------
    NotPermittedError
        The folder is there and ``force`` is not given, or it is no study folder.
    RecordError
        It cannot be written; what was there before is still there.
    """
    target = Path(folder)
    _permit(target, force=force)
    try:
        partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.absolute().parent))
    except OSError as error:
        raise _unwritten(target, error) from None
    try:
        yield partial
        partial.chmod(0o755)  # mkdtemp makes folders that nobody else may read
        _take_place(partial, target)
    except OSError as error:
        raise _unwritten(target, error) from None
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def _permit(target: Path, *, force: bool) -> None:
    if not target.exists():
        return
    if not force:
        raise NotPermittedError(
            f"{target.name} exists: name another folder, or replace it with force",
            field="folder",
            given=target.name,
        )
    if not target.is_dir() or (not (target / FILE).is_file() and any(target.iterdir())):
        raise NotPermittedError(
            f"{target.name} is not a study folder and is not replaced: name another folder",
            field="folder",
            given=target.name,
        )


def _unwritten(target: Path, error: OSError) -> RecordError:
    return RecordError(
        f"{target.name} cannot be written: {error.strerror or error}; nothing was changed",
        file=target.name,
    )


def _take_place(partial: Path, target: Path) -> None:
    """Give the finished folder its name; an older one goes only when that has worked."""
    if not target.exists():
        partial.rename(target)
        return
    before = partial.with_name(f"{partial.name}.before")
    target.rename(before)
    try:
        partial.rename(target)
    except OSError:
        before.rename(target)
        raise
    shutil.rmtree(before, ignore_errors=True)


# --- tables ---------------------------------------------------------------------------------------


def _fill(
    folder: Path, header: Header, patients: Iterable[PatientRecords], layouts: list[Layout]
) -> None:
    with ExitStack() as stack:
        writers: dict[str, Any] = {}
        for layout in layouts:
            path = folder / f"{layout.name}.csv"
            file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            stack.callback(_settle, file)
            writers[layout.name] = csv.writer(file, lineterminator="\n")
            writers[layout.name].writerow([column.name for column in layout.columns])
        for patient in patients:
            for layout in layouts:
                if layout is SUBJECTS:
                    writers[layout.name].writerow(_cells(layout, patient.subject))
                else:
                    rows = getattr(patient, layout.name)
                    writers[layout.name].writerows(_cells(layout, row) for row in rows)
    write_header(folder, header)


def write_header(folder: Path, header: Header) -> None:
    """Write study.toml into a folder.

    Parameters
    ----------
    folder
        A folder that `new_folder` gave.
    header
        What it states.

    Raises
    ------
    NotationError
        An option that has no form in TOML.
    """
    with (folder / FILE).open("w", encoding="utf-8", newline="\n") as file:
        file.write("\n".join(_toml(header)) + "\n")
        _settle(file)


def _settle(file: Any) -> None:
    """Bring a file to the disk, so that a full disk is noticed before the folder has its name."""
    file.flush()
    try:
        os.fsync(file.fileno())
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # some file systems know no such call
            raise


def _cells(layout: Layout, record: Any) -> list[str]:
    cells: dict[str, str] = {}
    for column in layout.columns:
        value = getattr(record, column.name, None)
        if value is None:
            cells.setdefault(column.name, "")
        elif isinstance(column.kind, Measured):
            _measured(cells, column.name, column.kind, value)
        else:
            cells[column.name] = column.kind.write(value)
    return [cells.get(column.name, "") for column in layout.columns]


def _measured(cells: dict[str, str], name: str, kind: Measured, value: Any) -> None:
    """Write a value, and its unit beside it; a second unit in the row stays with its value."""
    number, unit = kind.write(value), kind.write_unit(value)
    there = cells.setdefault(kind.beside, "") or unit
    cells[name] = number if there == unit else f"{number} {unit}"
    cells[kind.beside] = there


# --- study.toml -----------------------------------------------------------------------------------


def _toml(header: Header) -> Iterator[str]:
    yield f"schema = {SCHEMA}"
    for name in ("name", "protocol", "cutoff", "synthetic"):
        value = getattr(header, name)
        if value is not None and value != "":
            yield f"{name} = {_value(value)}"
    for name in ("editions", "options"):
        given: Mapping[str, Any] = getattr(header, name)
        if given:
            yield f"\n[{name}]"
            yield from (f"{_quoted(key)} = {_value(value)}" for key, value in given.items())


def _value(given: Any) -> str:
    if isinstance(given, bool):
        return "true" if given else "false"
    if isinstance(given, (int, float)):
        return repr(given)
    if isinstance(given, dt.date):
        return given.isoformat()
    if isinstance(given, str):
        return _quoted(given)
    if isinstance(given, (list, tuple)):
        return f"[{', '.join(_value(one) for one in given)}]"
    raise NotationError(
        f"{show(given)} cannot be written to study.toml: give text, a number, yes or no, or a date",
        field="options",
        given=given,
    )


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")


__all__ = ["new_folder", "write_header", "write_study"]
