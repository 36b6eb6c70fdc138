"""DuckDB: the query of a grading is written once for all frames of one kind, then only run.

Writing it step by step takes DuckDB as long as grading some hundred thousand rows, since it binds
the whole query again at each step. So the steps are taken on an empty table of the same columns,
and the text that comes of them is kept. Text and small tables name nothing of a user's database.
"""

from __future__ import annotations

import functools
import itertools
from typing import TYPE_CHECKING, Any

import narwhals.stable.v2 as nw

from itp_carT.errors import RecordError

from . import keys, reasons
from .engines import WORDS

if TYPE_CHECKING:
    from .long import How

#: The frame in the text.
LEFT = "itp_rows_to_grade"
#: Tells the steps of one grading from those of another in the same query.
_NUMBERS = itertools.count()


def graded(native: Any, how: How) -> Any:
    """Grade a relation of DuckDB."""
    kinds = tuple(zip(native.columns, map(str, native.types), strict=True))
    text, small = _written(kinds, how)
    itp_as_written, itp_normal = small[keys.AS_WRITTEN], small[keys.NORMAL]  # noqa: F841 - DuckDB reads them by these names
    itp_cells, itp_words = small[keys.CELLS], small[WORDS]  # noqa: F841 - and these
    # a query that reads this one has a frame and steps of the same names
    number = next(_NUMBERS)
    text = text.replace('"__duckdb_s', f'"itp_{number}_s').replace(LEFT, f"{LEFT}_{number}")
    return native.query(f"{LEFT}_{number}", text)


@functools.lru_cache(maxsize=16)
def _written(kinds: tuple[tuple[str, str], ...], how: How) -> tuple[str, dict[str, Any]]:
    """Return the query for a table of these columns, and the small tables it reads."""
    import duckdb

    with duckdb.connect() as own:
        own.execute(f"create table {LEFT} ({_declared(own, kinds)})")
        empty = own.sql(f"select * from {LEFT}")  # noqa: S608 - a name of our own
        limits = how.limits(how.columns(nw.from_native(empty)))
        joined = keys.small_tables(limits) | {WORDS: reasons.words(limits)}
        small = {name: one.pyarrow for name, one in joined.items()}
        tables = {}
        for name, table in small.items():
            own.register(name, table)
            tables[name] = own.sql(f"select * from {name}")  # noqa: S608 - a name of our own
        return how.graded(empty, tables).sql_query(), small


def _declared(own: Any, kinds: tuple[tuple[str, str], ...]) -> str:
    """Declare columns; one of a type that only the user's database has is passed through unread.

    Raises
    ------
    RecordError
        Names that differ in case alone.
    """
    import duckdb

    found: list[str] = []
    known: dict[str, str] = {}
    for name, kind in kinds:
        same = known.setdefault(name.lower(), name)
        if same is not name:
            raise RecordError(
                f'DuckDB cannot tell the columns "{same}" and "{name}" apart: rename one',
                column=name,
            )
        quoted = '"' + name.replace('"', '""') + '"'
        try:
            own.sql(f"select null::{kind}")
        except duckdb.Error:
            found.append(f"{quoted} BLOB")
        else:
            found.append(f"{quoted} {kind}")
    return ", ".join(found)
