"""The terms of CTCAE v5.0 and v6.0: code, system organ class, name, the grades that exist.

The names and the MedDRA codes and classes are those the NCI prints in CTCAE. MedDRA belongs to the
ICH and is maintained by the MedDRA MSSO; its use beyond the CTCAE terms needs a subscription. No
wording of a grade is kept here; which numbers make a grade stands in the edition's own module.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from enum import Enum
from functools import cache
from importlib.resources import files

from attrs import field, frozen

from itp_carT.errors import UnknownTermError

from .grades import Grade

EDITIONS = ("ctcae-v5.0", "ctcae-v6.0")
_MAP = "ctcae-v5.0-to-v6.0"


class SystemOrganClass(Enum):
    """The system organ classes of CTCAE, named by MedDRA, in the order of the publication."""

    BLOOD = "Blood and lymphatic system disorders"
    CARDIAC = "Cardiac disorders"
    CONGENITAL = "Congenital, familial and genetic disorders"
    EAR = "Ear and labyrinth disorders"
    ENDOCRINE = "Endocrine disorders"
    EYE = "Eye disorders"
    GASTROINTESTINAL = "Gastrointestinal disorders"
    GENERAL = "General disorders and administration site conditions"
    HEPATOBILIARY = "Hepatobiliary disorders"
    IMMUNE = "Immune system disorders"
    INFECTIONS = "Infections and infestations"
    INJURY = "Injury, poisoning and procedural complications"
    INVESTIGATIONS = "Investigations"
    METABOLISM = "Metabolism and nutrition disorders"
    MUSCULOSKELETAL = "Musculoskeletal and connective tissue disorders"
    NEOPLASMS = "Neoplasms benign, malignant and unspecified (incl cysts and polyps)"
    NERVOUS = "Nervous system disorders"
    PREGNANCY = "Pregnancy, puerperium and perinatal conditions"
    PSYCHIATRIC = "Psychiatric disorders"
    RENAL = "Renal and urinary disorders"
    REPRODUCTIVE = "Reproductive system and breast disorders"
    RESPIRATORY = "Respiratory, thoracic and mediastinal disorders"
    SKIN = "Skin and subcutaneous tissue disorders"
    SOCIAL = "Social circumstances"
    SURGICAL = "Surgical and medical procedures"
    VASCULAR = "Vascular disorders"

    @property
    def label(self) -> str:
        """The name as printed."""
        return self.value


@frozen
class Term:
    """A term of one edition.

    Parameters
    ----------
    edition
        For example ``"ctcae-v5.0"``.
    code
        MedDRA code as printed beside the term.
    soc
        System organ class.
    name
        The term as printed.
    grades
        The grades that exist for it, mildest first; a dash in the publication is not a grade.

    Examples
    --------
    >>> term = catalogue("ctcae-v5.0")["Platelet count decreased"]
    >>> term.code, [grade.name for grade in term.grades]
    ('10035528', ['G1', 'G2', 'G3', 'G4'])
    """

    edition: str
    code: str
    soc: SystemOrganClass
    name: str
    grades: tuple[Grade, ...]

    @property
    def other_specify(self) -> bool:
        """Whether the term is the "Other, specify" of its class, graded by the generic scale."""
        return self.name.endswith(" - Other, specify")

    def __str__(self) -> str:
        return f"{self.name} ({self.code}, {self.edition})"


@frozen
class Catalogue:
    """The terms of one edition, in the order of the publication.

    Parameters
    ----------
    edition
        For example ``"ctcae-v5.0"``.
    terms
        Every term, once.

    Examples
    --------
    >>> terms = catalogue("ctcae-v5.0")
    >>> len(terms), terms["10002272"].name, "petechiae" in terms
    (837, 'Anemia', False)
    """

    edition: str
    terms: tuple[Term, ...] = field(repr=False)
    _index: dict[str, Term] = field(init=False, repr=False, eq=False)

    @_index.default
    def _both_ways(self) -> dict[str, Term]:
        by_name = {term.name.casefold(): term for term in self.terms}
        return by_name | {term.code: term for term in self.terms}

    def __len__(self) -> int:
        return len(self.terms)

    def __iter__(self) -> Iterator[Term]:
        return iter(self.terms)

    def __contains__(self, wanted: object) -> bool:
        if isinstance(wanted, Term):
            return self._index.get(wanted.code) == wanted
        return isinstance(wanted, str) and _key(wanted) in self._index

    def __getitem__(self, wanted: str) -> Term:
        """Return a term by its code or by its name, whatever the case.

        Raises
        ------
        UnknownTermError
            With the nearest names, and with the other edition when the term is one of its.
        """
        found = self._index.get(_key(wanted))
        if found is None:
            raise self._unknown(wanted)
        return found

    def of(self, soc: SystemOrganClass | str) -> tuple[Term, ...]:
        """Return the terms of a system organ class, in order.

        Raises
        ------
        UnknownTermError
            No such class, with the nearest names.
        """
        wanted = system_organ_class(soc)
        return tuple(term for term in self.terms if term.soc is wanted)

    def _unknown(self, wanted: str) -> UnknownTermError:
        names = {term.name.casefold(): term.name for term in self.terms}
        key = _key(wanted)
        close = difflib.get_close_matches(key, names, n=3, cutoff=0.6)
        close += [name for name in names if key and key in name and name not in close][:3]
        nearest = tuple(names[name] for name in close[:3])
        message = f'"{wanted}" is not a term of {self.edition}'
        for other in EDITIONS:
            if other != self.edition and key in catalogue(other)._index:  # noqa: SLF001 - same class
                message += f" (it is one of {other})"
        advice = f": did you mean {' or '.join(nearest)}?" if nearest else ""
        return UnknownTermError(message + advice, given=wanted, nearest=nearest)


def _key(wanted: str) -> str:
    return " ".join(wanted.split()).casefold()


def system_organ_class(name: SystemOrganClass | str) -> SystemOrganClass:
    """Return a system organ class by its printed name or its short name, whatever the case.

    Raises
    ------
    UnknownTermError
        With the nearest names.

    Examples
    --------
    >>> system_organ_class("blood").label
    'Blood and lymphatic system disorders'
    """
    if isinstance(name, SystemOrganClass):
        return name
    index = {soc.value.casefold(): soc for soc in SystemOrganClass}
    index |= {soc.name.casefold(): soc for soc in SystemOrganClass}
    key = _key(name)
    if key in index:
        return index[key]
    close = difflib.get_close_matches(key, index, n=2, cutoff=0.5)
    nearest = tuple(dict.fromkeys(index[found].value for found in close))
    advice = f": did you mean {' or '.join(nearest)}?" if nearest else ""
    raise UnknownTermError(
        f'"{name}" is not a system organ class{advice}', given=name, nearest=nearest
    )


def catalogue(edition: str) -> Catalogue:
    """Return the catalogue of an edition; it is read when it is first asked for.

    Parameters
    ----------
    edition
        ``"ctcae-v5.0"`` or ``"ctcae-v6.0"``; there is no default.

    Raises
    ------
    UnknownTermError
        No catalogue of that edition is kept here.
    """
    if edition not in EDITIONS:
        raise UnknownTermError(
            f'there is no catalogue "{edition}": write {" or ".join(EDITIONS)}',
            given=edition,
            nearest=EDITIONS,
        )
    return _read(edition)


def _lines(name: str) -> list[str]:
    data = files("itp_carT.toxicity").joinpath("data", f"{name}.tsv")
    return data.read_text(encoding="utf-8").splitlines()


@cache
def _read(edition: str) -> Catalogue:
    shared: dict[str, tuple[Grade, ...]] = {}
    terms = []
    soc = SystemOrganClass.BLOOD
    for line in _lines(edition):
        if line.startswith("# "):
            soc = SystemOrganClass(line[2:])
            continue
        code, digits, name = line.split("\t")
        if digits not in shared:
            shared[digits] = tuple(Grade(int(digit)) for digit in digits)
        terms.append(Term(edition, code, soc, name, shared[digits]))
    return Catalogue(edition, tuple(terms))


# --- from v5.0 to v6.0 ----------------------------------------------------------------------------


class Relation(Enum):
    """How a term of v6.0 stands to the term of v5.0 before it."""

    SAME_TERM = "same_term"
    SOC_CHANGE = "soc_change"
    REPLACED = "replaced"
    NEW = "new_in_v6"

    @property
    def label(self) -> str:
        """In words."""
        return _RELATION_LABELS[self]


_RELATION_LABELS = {
    Relation.SAME_TERM: "same term",
    Relation.SOC_CHANGE: "same term in another system organ class",
    Relation.REPLACED: "replaced",
    Relation.NEW: "new in v6.0",
}


@frozen
class Succession:
    """One pair of the publisher's map from v5.0 to v6.0.

    Parameters
    ----------
    before
        The term of v5.0; None when the other is new in v6.0.
    after
        The term of v6.0.
    relation
        How they relate.
    grades
        The grades of the v5.0 term that go this way: one term can go to two. That a term has a
        successor does not say that a grade keeps its number: the limits may have changed.
    """

    before: Term | None
    after: Term
    relation: Relation
    grades: tuple[Grade, ...]


@cache
def successions() -> tuple[Succession, ...]:
    """Return every pair of the map from v5.0 to v6.0, in the order of the publication."""
    before, after = catalogue("ctcae-v5.0"), catalogue("ctcae-v6.0")
    pairs = []
    for line in _lines(_MAP):
        old, new, digits, relation = line.split("\t")
        grades = tuple(Grade(int(digit)) for digit in digits)
        pairs.append(
            Succession(before[old] if old else None, after[new], Relation(relation), grades)
        )
    return tuple(pairs)


@cache
def _by_predecessor() -> dict[Term | None, tuple[Succession, ...]]:
    found: dict[Term | None, tuple[Succession, ...]] = {}
    for pair in successions():
        found[pair.before] = (*found.get(pair.before, ()), pair)
    return found


def successors(term: Term, grade: Grade | int | None = None) -> tuple[Succession, ...]:
    """Return where a term of v5.0 went in v6.0, as the publisher maps it.

    Parameters
    ----------
    term
        A term of v5.0.
    grade
        Only the successors of this grade; without it, those of every grade.

    Raises
    ------
    UnknownTermError
        The term is not one of v5.0.

    Examples
    --------
    >>> platelets = catalogue("ctcae-v5.0")["platelet count decreased"]
    >>> [(to.after.name, to.relation.label) for to in successors(platelets)]
    [('Thrombocytopenia', 'replaced')]
    """
    pairs = _by_predecessor().get(term)
    if pairs is None:
        raise UnknownTermError(
            f"{term} is not a term of ctcae-v5.0: the map leads from v5.0 to v6.0", given=str(term)
        )
    return tuple(pair for pair in pairs if grade is None or grade in pair.grades)
