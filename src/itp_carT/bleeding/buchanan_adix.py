"""The Buchanan and Adix grades: overall, epistaxis, oral and skin, four grades never summed.

A pediatric instrument that looks back 24 hours. The overall grade may be given, or is found from
counts and facts with `overall`; where its rows leave a gap the reading is named there.
"""

from __future__ import annotations

from typing import Any

from itp_carT.bleeding_diary import Cause, Day
from itp_carT.errors import ImpossibleError, UndecidedError
from itp_carT.points import Points, highest
from itp_carT.rules import Fact, Row, Table
from itp_carT.sources import BUCHANAN_ADIX_2002
from itp_carT.verdict import decide
from itp_carT.working import Step, Working

from .instrument import BleedingScore, Instrument
from .items import Finding, Item, Level, read_items
from .measure import Measure

GRADES = BUCHANAN_ADIX_2002.at("overall grade", note="grade 5 is in later tables")
SITES = BUCHANAN_ADIX_2002.at("site grades")


def _item(key: str, label: str, *levels: Level) -> Item:
    none = Level("none", "none", 0)
    return Item(key, label, (none, *levels), SITES if key != "overall" else GRADES, graded=True)


ITEMS = (
    _item(
        "overall",
        "overall",
        Level("minor", "at most 100 petechiae and/or 5 bruises of at most 3 cm, no mucosa", 1),
        Level("mild", "over 100 petechiae and/or over 5 bruises over 3 cm, no mucosa", 2),
        Level("moderate", "overt mucosal bleed, no immediate care needed", 3),
        Level("severe", "mucosal or suspected internal bleed that needs immediate care", 4),
        Level("life-threatening", "documented intracranial, life-threatening or fatal", 5),
    ),
    _item(
        "epistaxis",
        "epistaxis",
        Level("spots", "spots, no pressure needed", 1),
        Level("pressure under 15 min", "pressure under 15 min", 2, over="0 min"),
        Level("pressure 15 min or longer", "pressure of 15 min or longer", 3, least="15 min"),
        Level("continuous", "profuse or continuous", 4),
    ),
    _item(
        "oral",
        "oral",
        Level("petechiae", "palate or buccal petechiae", 1),
        Level("blister", "blister(s), no active bleed", 2),
        Level("intermittent", "intermittent active bleed", 3),
        Level("continuous", "continuous bleed", 4),
    ),
    _item(
        "skin",
        "skin",
        Level("few petechiae", "few petechiae", 1, note='"few" has no number'),
        Level("at most 100", "at most 100 petechiae and/or at most 5 bruises", 2),
        Level("over 100", "over 100 petechiae and/or over 5 large bruises", 3),
        Level("extensive", "extensive petechiae and over 5 large bruises", 4),
    ),
)

PETECHIAE = Measure("petechiae", "petechiae", "1")
BRUISES = Measure("bruises", "bruises of any size", "1")
LARGE = Measure("large_bruises", "bruises over 3 cm", "1")
MUCOSAL = Fact("mucosal", "overt mucosal bleed")
PALATAL = Fact("palatal", "palatal petechiae that count as overt", when_absent=False)
INTERNAL = Fact("internal", "suspected internal bleed")
CARE = Fact("immediate_care", "immediate care needed")
GRAVE = Fact("grave", "documented intracranial, life-threatening or fatal bleed")
LARGE_AS_MILD = Fact("large_as_mild", "whether up to 5 bruises over 3 cm are grade 2 (no row)")

_OVERT = MUCOSAL.is_() | PALATAL.is_()
OVERALL = Table(
    key="buchanan-adix:overall",
    term="Buchanan-Adix overall grade",
    rows=(
        Row(5, GRAVE.is_()),
        Row(4, (_OVERT | INTERNAL.is_()) & CARE.is_()),
        Row(3, _OVERT),
        Row(
            2,
            (PETECHIAE > 100) | (BRUISES > 5) | ((LARGE > 0) & LARGE_AS_MILD.is_()),
            note="more than 5 bruises of any size are read as grade 2; up to 5 over 3 cm stay open",
        ),
        Row(1, (PETECHIAE > 0) | (BRUISES > 0)),
    ),
    otherwise=0,
    source=GRADES,
    refers=Row(
        None,
        INTERNAL.is_() & ~(CARE.is_() | _OVERT | GRAVE.is_()),
        note="a suspected internal bleed that needs no immediate care stands in no row",
    ),
)


def overall(
    *,
    petechiae: int | None = None,
    bruises: int | None = None,
    large_bruises: int | None = None,
    mucosal: bool | None = None,
    palatal_petechiae: bool = False,
    palatal_overt: bool = False,
    internal: bool | None = None,
    immediate_care: bool | None = None,
    grave: bool | None = None,
) -> Points:
    """Find the overall grade from counts and facts, each None when it was not assessed.

    Parameters
    ----------
    petechiae, bruises, large_bruises
        Counts: petechiae, bruises of any size, and those of them over 3 cm.
    mucosal
        An overt mucosal bleed; blood blisters of the mouth are one.
    palatal_petechiae, palatal_overt
        Petechiae of the palate, and whether they count as overt; by default they do not.
    internal
        A suspected internal bleed.
    immediate_care
        Whether the bleed needs immediate care.
    grave
        A documented intracranial, a life-threatening or a fatal bleed.

    Raises
    ------
    ItpCarTError
        An impossible count, or findings for which the publication has no row.

    References
    ----------
    buchanan-adix-2002

    Examples
    --------
    >>> none = {"bruises": 0, "mucosal": False, "internal": False, "grave": False}
    >>> overall(petechiae=100, **none), overall(petechiae=101, **none)
    (Points(1), Points(2))
    """
    if bruises is not None and large_bruises is not None and large_bruises > bruises:
        raise ImpossibleError(
            f"{large_bruises} of {bruises} bruises cannot be large",
            field="large_bruises",
            given=large_bruises,
        )
    counts = {PETECHIAE: petechiae, BRUISES: bruises, LARGE: 0 if bruises == 0 else large_bruises}
    asked = (mucosal, internal, immediate_care, grave)
    stated = zip((MUCOSAL, INTERNAL, CARE, GRAVE), asked, strict=True)
    facts: list[Any] = [
        *(measure.of(number) for measure, number in counts.items() if number is not None),
        *((fact.yes if holds else fact.no) for fact, holds in stated if holds is not None),
        *([PALATAL.yes] if palatal_petechiae and palatal_overt else []),
    ]
    verdict = decide(OVERALL, *facts)
    if not verdict.possible:
        raise UndecidedError(
            f"{verdict.reason}: give the grade as overall=",
            field="internal",
            possible=(),
            missing=(),
            citation=str(GRADES),
        )
    return Points(verdict.possible, missing=verdict.missing)


def score(
    *,
    overall: Finding = None,
    epistaxis: Finding = None,
    oral: Finding = None,
    skin: Finding = None,
    rest: str | None = None,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
) -> BleedingScore:
    """Record the four grades of one assessment.

    Parameters
    ----------
    overall
        The overall grade, or what the function `overall` found.
    epistaxis, oral, skin
        Site grades or their words; epistaxis also as the duration of pressure, ``"14 min"``.
    rest
        ``"none"`` when what is not mentioned was assessed and shows nothing.
    on, cause, disproportionate
        As in `BleedingAssessment`.

    Returns
    -------
    A score with ``overall``, ``epistaxis``, ``oral``, ``skin`` and ``worst``.

    Raises
    ------
    ItpCarTError
        Naming the grade that cannot be used.

    References
    ----------
    buchanan-adix-2002

    Examples
    --------
    >>> score(epistaxis="15 min", oral="blister").epistaxis
    Points(3)
    """
    given = {"overall": overall, "epistaxis": epistaxis, "oral": oral, "skin": skin}
    found = read_items(ITEMS, given, rest=rest)
    whole, *sites = (one.points for one in found)
    if whole.maximum == 0 and any(site.minimum > 0 for site in sites):
        raise ImpossibleError(
            "no new bleed (0) beside a site that bleeds: correct one of them",
            field="overall",
            given=0,
        )
    # the overall grade speaks for every site; without it the sites that were graded do
    top = whole if whole.settled else highest(whole, *sites)
    steps = (
        *(one.step for one in found),
        Step("worst", "overall, else the highest of the sites", "", str(top), GRADES),
    )
    return BleedingScore(
        "buchanan-adix",
        (*((one.item.key, one.points) for one in found), ("worst", top)),
        "worst",
        found,
        Working(steps),
        on=on,
        cause=cause,
        disproportionate=disproportionate,
    )


INSTRUMENT = Instrument(
    "buchanan-adix",
    "Buchanan and Adix bleeding grades",
    ITEMS,
    (Step("grades", "four separate grades over 24 h, never summed", "", "", GRADES),),
    score,
    tables=(OVERALL,),
)
