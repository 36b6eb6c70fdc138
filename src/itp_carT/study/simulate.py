"""A synthetic trial, written as a study folder and labelled as synthetic in every part of it.

The folder appears when it is complete. The same protocol, seed and number of patients give the same
bytes; a larger study begins with the patients of the smaller one.
"""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from itp_carT.errors import ImpossibleError
from itp_carT.notation import show
from itp_carT.protocol.model import Protocol

from .header import Header
from .synthetic import patient
from .synthetic_rows import COLUMNS, mapping, rows
from .write import new_folder, write_header

#: File of the made-up questionnaire's mapping inside the folder.
MAPPING = "questionnaire_mapping.csv"
_MOST = 1_000_000
_CUTOFF = dt.date(2024, 12, 31)


def simulate_study(
    folder: Path | str,
    protocol: Protocol,
    *,
    patients: int = 5,
    seed: int = 1,
    force: bool = False,
    progress: Callable[[int], None] | None = None,
) -> Path:
    """Write a synthetic study of a protocol as a folder of CSV files.

    Platelet courses around lymphodepletion, cytopenias, CRS, visits missed, units mixed between
    patients, rescue, partial dates and early leavers are in it; all of it is made up.

    Parameters
    ----------
    folder
        The folder to make.
    protocol
        Gives the doses, the days of lymphodepletion and the ages.
    patients
        Number of patients, 1 to 1 000 000.
    seed
        A whole number; the same one gives the same study.
    force
        Replace a study folder that is there.
    progress
        Told how many patients were written since it was told before.

    Returns
    -------
    The folder.

    Raises
    ------
    ImpossibleError
        A number of patients, or a seed, that is no whole number in its range.
    NotPermittedError
        The folder is there and ``force`` is not given, or it is no study folder.
    RecordError
        It cannot be written; what was there before is still there.
    """
    asked: tuple[tuple[str, Any, int], ...] = (("patients", patients, 1), ("seed", seed, 0))
    for name, given, least in asked:
        whole = isinstance(given, int) and not isinstance(given, bool)
        if not whole or not least <= given <= _MOST:
            raise ImpossibleError(
                f"{show(given)} is not a whole number from {least} to {_MOST}",
                field=name,
                given=given,
            )
    header = Header(
        name=f"synthetic study of {patients}, seed {seed}",
        protocol=protocol.name,
        cutoff=_CUTOFF,
        synthetic=True,
        options={"questionnaire_mapping": MAPPING},
    )
    width = max(2, len(str(patients)))
    with new_folder(folder, force=force) as made, ExitStack() as stack:
        writers = {}
        for table, columns in COLUMNS.items():
            path = made / f"{table}.csv"
            file = stack.enter_context(path.open("w", encoding="utf-8", newline=""))
            writers[table] = csv.writer(file, lineterminator="\n")
            writers[table].writerow(columns)
        for number in range(1, patients + 1):
            one = patient(protocol, seed, number, width=width)
            for table, found in rows(one, protocol).items():
                writers[table].writerows(found)
            if progress is not None:
                progress(1)
        (made / MAPPING).write_text(mapping(), encoding="utf-8", newline="\n")
        write_header(made, header)
    return Path(folder)


__all__ = ["MAPPING", "simulate_study"]
