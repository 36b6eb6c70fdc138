"""The rows of one analyte of a study folder: each different value read once.

One analyte is read at a time, so that never more than its rows are held.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import polars as pl

from itp_carT.analyte import Analyte
from itp_carT.analytes import analyte
from itp_carT.errors import ItpCarTError

from .study_cells import Cased, People, cased, collect, others, records, scan

_CASE = others("labs", "date", "time")


def words_of(measure: Analyte, labs: pl.LazyFrame) -> list[str]:
    """Return the words by which a table of laboratory values names an analyte."""
    words = collect(labs.select("analyte").unique(), "labs")["analyte"].drop_nulls()
    return sorted(word for word in words if _names(measure, word))


def _names(measure: Analyte, word: str) -> bool:
    try:
        return analyte(word).key == measure.key
    except ItpCarTError:
        return False


def lab_rows(people: People, measure: Analyte, tell: Callable[[Any], Any]) -> Cased | None:
    """Return the rows of an analyte with their ``date`` as text; None where there is none.

    Parameters
    ----------
    people
        The subjects.
    measure
        The analyte.
    tell
        What to keep of the record of each different value: there may be many.

    Raises
    ------
    RecordError
        A row that cannot be used.
    """
    labs = scan(people.folder, "labs")
    if labs is None:
        return None
    words = words_of(measure, labs)
    if not words:
        return None
    ours = pl.col("analyte").is_in(words)
    # the time of a sample changes no grade; it only has to be one
    times = collect(labs.filter(ours).select("time").unique(), "labs")
    records(people.folder, "labs", times.drop_nulls())
    return cased(people, "labs", _CASE, ("date",), only=ours, tell=tell)


__all__ = ["lab_rows", "words_of"]
