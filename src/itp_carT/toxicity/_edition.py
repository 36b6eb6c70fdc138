"""How the tables of one CTCAE edition are put together: key, citation, grades, look-up.

Private to the editions. Rows are given worst grade first; a rule that several editions share is
written once, as a function of the edition, in the private modules beside this one.
"""

from __future__ import annotations

import difflib
import re

from attrs import frozen

from itp_carT.analyte import Analyte
from itp_carT.errors import UnknownTermError
from itp_carT.rules import Condition, Fact, Limit, Row, Table, attested
from itp_carT.sources import Source

from .grades import Grade
from .readings import Readings

G0, G1, G2, G3, G4, G5 = Grade

#: Whether the finding causes symptoms; not known keeps both grades.
SYMPTOMATIC = Fact("symptomatic", "symptomatic")
#: Whether the patient takes an anticoagulant; not known keeps both arms.
ANTICOAGULATED = Fact("anticoagulated", "on anticoagulation")
#: How a value between two printed cells is read, when gaps are kept as printed.
WORSE_CELL = Fact("worse cell", "value between two printed cells read as the worse")

#: Clinical statements that many terms share; labels of our own, never the publication's text.
DEATH = Row(G5, attested("death"))
LIFE_THREATENING = Row(G4, attested("life-threatening"))
HOSPITAL = attested("hospitalization indicated")
INTERVENTION = attested("intervention indicated")

BLOOD = "Blood and lymphatic system disorders"
CARDIAC = "Cardiac disorders"
GASTROINTESTINAL = "Gastrointestinal disorders"
GENERAL = "General disorders and administration site conditions"
HEPATOBILIARY = "Hepatobiliary disorders"
IMMUNE = "Immune system disorders"
INFECTIONS = "Infections and infestations"
INJURY = "Injury, poisoning and procedural complications"
INVESTIGATIONS = "Investigations"
METABOLISM = "Metabolism and nutrition disorders"
RENAL = "Renal and urinary disorders"
RESPIRATORY = "Respiratory, thoracic and mediastinal disorders"
SKIN = "Skin and subcutaneous tissue disorders"
VASCULAR = "Vascular disorders"


@frozen
class Edition:
    """One edition under one set of readings."""

    key: str
    source: Source
    readings: Readings

    def table(
        self,
        soc: str,
        term: str,
        code: str,
        *rows: Row,
        variant: str = "",
        note: str = "",
        refers: Row | None = None,
    ) -> Table:
        """Make the table of a term; grade 0 is what holds when no row does."""
        slug = re.sub(r"[^a-z0-9]+", "-", f"{term} {variant}".strip().lower()).strip("-")
        return Table(
            key=f"{self.key}:{slug}",
            term=term,
            rows=rows,
            otherwise=G0,
            source=self.source.at(f"{soc}: {term}"),
            code=code,
            variant=variant,
            note=note,
            refers=refers,
        )

    def reaches(self, measure: Analyte, first: str | Limit, last: str | Limit) -> Condition:
        """State that a value is in a band printed in whole numbers or beyond; high is bad.

        ``first`` opens the band and ``last`` closes the milder one before it. Closed, the band
        begins at ``first``; as printed, a value between the two keeps both grades.
        """
        if self.readings.integer_gaps == "closed":
            return measure >= first
        return (measure >= first) | ((measure > last) & WORSE_CELL.is_())

    def passes(self, measure: Analyte, first: str | Limit, last: str | Limit) -> Condition:
        """State the same where the closed band begins just above the milder one."""
        if self.readings.integer_gaps == "closed":
            return measure > last
        return (measure >= first) | ((measure > last) & WORSE_CELL.is_())

    def falls(self, measure: Analyte, last: str | Limit, first: str | Limit) -> Condition:
        """State the same where low is bad: ``last`` closes the band above, ``first`` is milder."""
        if self.readings.integer_gaps == "closed":
            return measure < first
        return (measure <= last) | ((measure < first) & WORSE_CELL.is_())


def reworded(grade: str, text: str = "v6.0") -> Condition:
    """State a grade whose wording the edition changed in a way we have not seen: not known."""
    label = f"grade {grade} as {text} words it (not transcribed here)"
    return Fact(f"reworded: grade {grade}", label).is_()


def find(tables: tuple[Table, ...], name: str, edition: str) -> Table:
    """Return the table of a term by its name, name with variant, key or MedDRA code.

    A term of several tables, asked for without a variant, gives the first of them.

    Raises
    ------
    UnknownTermError
        With the nearest names.
    """
    wanted = " ".join(name.split()).casefold()
    index: dict[str, Table] = {}
    for table in tables:
        for word in (table.name, table.key, table.term, table.code):
            index.setdefault(word.casefold(), table)
    if wanted in index:
        return index[wanted]
    names = {table.name.casefold(): table.name for table in tables}
    found = difflib.get_close_matches(wanted, names, n=3, cutoff=0.5)
    found += [word for word in names if wanted and wanted in word and word not in found]
    nearest = tuple(names[word] for word in found[:5])
    advice = f": did you mean {' or '.join(nearest)}?" if nearest else ""
    raise UnknownTermError(
        f'"{name}" is not a term with a table in {edition}{advice}', given=name, nearest=nearest
    )
