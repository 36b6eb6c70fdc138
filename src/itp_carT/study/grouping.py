"""The rows of one table by subject: grouped in memory, or flowing by in the order of the subjects.

A large file whose rows come in the order of the subjects, as `write_study` writes it, is never held
in memory; any other file is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, Protocol

from attrs import define, field

from .files import Sheet
from .problems import Log

#: Bytes up to which a file is grouped in memory without asking for its order.
SMALL = 32 << 20


class Rows(Protocol):
    """Hands out the rows of each subject, asked for in the order of the subjects."""

    def of(self, subject: str) -> tuple[Any, ...]:
        """Return the rows of a subject."""
        ...


@define
class Grouped:
    """Rows in memory, by subject."""

    _found: dict[str, list[Any]]

    def of(self, subject: str) -> tuple[Any, ...]:
        """Return the rows of a subject, and forget them."""
        return tuple(self._found.pop(subject, ()))


@define
class Flowing:
    """Rows read on as the subjects are asked for."""

    _rows: Iterator[Any]
    _order: Mapping[str, int]
    _next: Any = field(default=None, init=False)
    _begun: bool = field(default=False, init=False)

    def of(self, subject: str) -> tuple[Any, ...]:
        """Return the rows of a subject; those of subjects before it are passed over."""
        if not self._begun:
            self._begun = True
            self._next = next(self._rows, None)
        place = self._order[subject]
        found = []
        while self._next is not None and self._order[self._next.subject] <= place:
            if self._next.subject == subject:
                found.append(self._next)
            self._next = next(self._rows, None)
        return tuple(found)


def grouped(records: Iterable[Any]) -> Grouped:
    """Group records by subject."""
    found: dict[str, list[Any]] = {}
    for record in records:
        found.setdefault(record.subject, []).append(record)
    return Grouped(found)


def in_order(sheet: Sheet, at: int, order: Mapping[str, int], read: Callable[[str], str]) -> bool:
    """Say whether the rows of a file come in the order of the subjects.

    Parameters
    ----------
    sheet
        The file.
    at
        Place of the column of the subject.
    order
        Place of each subject.
    read
        Reads the cell of the subject.
    """
    last = -1
    for _, cells in sheet.rows(Log(), None):
        place = order.get(read(cells[at].strip()))
        if place is None:
            continue
        if place < last:
            return False
        last = place
    return True


__all__ = ["SMALL", "Flowing", "Grouped", "Rows", "grouped", "in_order"]
