"""One table in one unit and one state of the facts, laid into the places of the chain.

A place is a grade, a conjunction of it and an atom of that. Every row of the table of limits reads
the same places; a place that a row does not need holds an edge beyond every value.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

from attrs import frozen

from itp_carT.errors import NotPermittedError
from itp_carT.rules import Fact, Is, Reference, Table, walk

from .shape import ALWAYS, NEVER, Atom, Conjunction, Moment, Shape, rows_of, shape

#: Beyond every value: an edge that is never passed; its negative is always passed.
BEYOND = 1e305
#: The patient's own limits, in the order in which reasons name them.
REFERENCES = (Reference.LLN, Reference.ULN, Reference.BASELINE)
#: The key of "the publication refers elsewhere" among the grades.
REFERS = -1


@frozen(order=True)
class Place:
    """Where an edge stands: surely or possibly, grade, number of the conjunction, of the atom."""

    surely: bool
    grade: int
    conjunction: int
    atom: int

    @property
    def column(self) -> tuple[int, int]:
        """Places of one column read the same limit of the patient's own, in one direction."""
        return self.conjunction, self.atom


class Grid:
    """The atoms of one table by place; places of one column read the same limit of the patient.

    Attributes
    ----------
    atoms
        What stands at a place; None where the conjunction always holds.
    of, sign
        Per column of places: which of the patient's own limits, and which direction.
    own, ask
        By grade: the patient's own limits that its row reads, and the facts that were not said and
        that could settle it.
    """

    def __init__(self, table: Table, moment: Moment, asked: tuple[Fact, ...]) -> None:
        shapes = {surely: _shapes(table, moment, surely) for surely in (False, True)}
        self.table = table
        self.atoms: dict[Place, Atom | None] = {}
        self.of: dict[tuple[int, int], Reference] = {}
        self.sign: dict[tuple[int, int], int] = {}
        used = Counter(atom.of for atom in _atoms(shapes) if atom.of is not None)
        self.primary = max(used, key=lambda of: (used[of], of.name), default=None)
        for surely, by_grade in shapes.items():
            for grade, one in by_grade.items():
                self._lay(surely, grade, one)
        self.own = {
            grade: frozenset(atom.of for atom in _atoms(shapes, grade) if atom.of is not None)
            for grade in shapes[True]
        }
        self.ask: dict[int, tuple[str, ...]] = {}
        unsaid = [f for f in asked if f.when_absent is None and f.key not in moment.facts]
        for outcome, when in rows_of(table):
            grade = int(outcome)  # type: ignore[call-overload]  # a scale of grades, checked above
            in_row = {leaf.fact.key for leaf in walk(when) if isinstance(leaf, Is)}
            open_ = shapes[True][grade] != shapes[False][grade]
            self.ask[grade] = tuple(f.label for f in unsaid if open_ and f.key in in_row)

    @property
    def note(self) -> str:
        """Where the publication refers, if it does."""
        return self.table.refers.note if self.table.refers else ""

    @property
    def content(self) -> tuple[Any, ...]:
        """What two grids that read alike have in common."""
        return (
            frozenset(self.atoms.items()),
            frozenset(self.of.items()),
            frozenset(self.sign.items()),
            self.left_open,
            self.table.measures[0].may_be_negative,
        )

    @property
    def left_open(self) -> tuple[Any, ...]:
        """What two grids have in common whose reasons are the same."""
        return tuple(self.own.items()), tuple(self.ask.items()), self.note

    @property
    def own_limits(self) -> frozenset[Reference]:
        """The patient's own limits that the grade may depend on."""
        return frozenset(self.of.values())

    def _lay(self, surely: bool, grade: int, one: Shape) -> None:
        taken: set[int] = set()
        for conjunction in sorted(one, key=self._rank):
            atoms = sorted(conjunction, key=lambda atom: (atom.of is not self.primary, str(atom)))
            free = (k for k in itertools.count() if k not in taken)
            number = next(k for k in free if self._fits(k, atoms))
            taken.add(number)
            if not atoms:
                self.atoms[Place(surely, grade, number, 0)] = None
            for at, atom in enumerate(atoms):
                if atom.of is not None:
                    self.of[number, at] = atom.of
                self.sign[number, at] = atom.sign
                self.atoms[Place(surely, grade, number, at)] = atom

    def _rank(self, conjunction: Conjunction) -> tuple[bool, bool, str]:
        ofs = {atom.of for atom in conjunction} - {None}
        return self.primary not in ofs, not ofs, str(conjunction)

    def _fits(self, number: int, atoms: list[Atom]) -> bool:
        return all(
            self.sign.get((number, at), atom.sign) == atom.sign
            and (atom.of is None or self.of.get((number, at), atom.of) is atom.of)
            for at, atom in enumerate(atoms)
        )

    def edge(self, place: Place) -> float:
        """Return the edge at a place, beyond every value where this table has none."""
        atom = self.atoms.get(place)
        if atom is not None:
            return atom.edge + 0.0  # never -0.0, so that equal edges share a column
        return -BEYOND if place in self.atoms or place.atom > 0 else BEYOND

    def factor(self, place: Place) -> float:
        """Return the factor at a place; where it does not matter, that of the other reading."""
        other = Place(not place.surely, place.grade, place.conjunction, place.atom)
        atom = self.atoms.get(place)
        if atom is None and place not in self.atoms:
            atom = self.atoms.get(other)
        return atom.factor if atom else 0.0


def _atoms(shapes: dict[bool, dict[int, Shape]], *grades: int) -> Iterator[Atom]:
    """Yield the atoms of some grades, of all where none is named."""
    for by_grade in shapes.values():
        for grade in grades or by_grade:
            for conjunction in by_grade[grade]:
                yield from conjunction


def _shapes(table: Table, moment: Moment, surely: bool) -> dict[int, Shape]:
    """Return the shape per grade, worst first; below one that always holds the walk has ended."""
    rows: list[tuple[Any, Any]] = [*rows_of(table)]
    grades = [int(outcome) for outcome, _ in rows]
    if grades != sorted(set(grades), reverse=True) or int(table.otherwise) != 0:
        raise NotPermittedError(
            f"{table.name} is not a scale of grades with 0 below them: give a wide frame",
            given=table.key,
        )
    found: dict[int, Shape] = {}
    ended = False
    for outcome, when in rows:
        found[int(outcome)] = NEVER if ended else shape(when, moment, surely=surely)
        ended = ended or found[int(outcome)] == ALWAYS
    if table.refers:
        # only what surely is elsewhere is referred there
        found[REFERS] = shape(table.refers.when, moment, surely=True)
    return found
