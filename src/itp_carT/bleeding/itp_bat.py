"""ITP-BAT with the SMOG index: one grade each for skin, visible mucosae and organs, no total.

Each manifestation is graded on its worst episode since the last visit (the first visit looks back
15 days); a domain has the grade of its worst item. Purpura from corticosteroids or age is left
out. Skin rows were read in the source; mucosa and organ rows are unverified.
"""

from __future__ import annotations

from itp_carT.bleeding_diary import Cause, Day
from itp_carT.errors import NotationError
from itp_carT.points import Points, highest
from itp_carT.working import Step, Working

from .instrument import BleedingScore, Instrument
from .items import Finding, Found, Item, Level, read_items
from .itp_bat_items import ANY_ROW, DOMAIN_ITEMS, TABLES

_HIGHEST = "highest of its items"
_GRADES = tuple(Level(str(grade), f"grade {grade}", grade) for grade in range(1, 6))


def _domain(key: str) -> Item:
    return Item(key, key, (Level("none", "none", 0), *_GRADES), ANY_ROW, graded=True)


#: A whole domain, where the assessor gives its grade.
DOMAINS = tuple(_domain(key) for key in DOMAIN_ITEMS)
ITEMS = tuple(item for items in DOMAIN_ITEMS.values() for item in items)


def score(
    *,
    skin: int | str | None = None,
    mucosa: int | str | None = None,
    organs: int | str | None = None,
    rest: str | None = None,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
    **findings: Finding,
) -> BleedingScore:
    """Grade one assessment by ITP-BAT.

    Parameters
    ----------
    skin, mucosa, organs
        The grade of a whole domain, ``"none"`` or ``"not assessed"``, instead of its items.
    rest
        ``"none"`` when what is not mentioned was assessed and shows nothing.
    on, cause, disproportionate
        As in `BleedingAssessment`.
    findings
        By the name of the item: a grade, words, a duration or fall of hemoglobin such as
        ``epistaxis=("packing", "2.1 g/dL")``, or what `petechiae` and its like found.

    Returns
    -------
    A score with ``skin``, ``mucosa``, ``organs``, and ``worst`` of the three.

    Raises
    ------
    ItpCarTError
        Naming the item; a domain that is given both whole and by items.

    References
    ----------
    rodeghiero-2013 (mucosa and organs unverified)

    Examples
    --------
    >>> smog(score(skin=2, mucosa=1, organs=0))
    'S2 M1 O0'
    >>> smog(score(epistaxis=("packing", "2 g/dL"), skin="none", rest="none"))
    'S0 M3 O0'
    >>> smog(score(skin="none", organs="none"))
    'S0 M? O0'
    """
    whole = {"skin": skin, "mucosa": mucosa, "organs": organs}
    found = dict(
        zip((item.key for item in ITEMS), read_items(ITEMS, findings, rest=rest), strict=True)
    )
    grades: list[tuple[str, Points]] = []
    used: list[Found] = []
    steps: list[Step] = []
    for domain in DOMAINS:
        items = DOMAIN_ITEMS[domain.key]
        given = whole[domain.key]
        if given is None:
            parts = [found[item.key] for item in items]
            points = highest(*(part.points for part in parts))
        else:
            _not_both(domain, findings)
            parts = [domain.read(given)]
            points = parts[0].points
        used += parts
        grades.append((domain.key, points))
        steps += [part.step for part in parts if part.level is None or part.level.points]
        steps.append(Step(f"{domain.label} grade", _HIGHEST, "", str(points), ANY_ROW))
    return BleedingScore(
        "itp-bat",
        (*grades, ("worst", highest(*(points for _, points in grades)))),
        "worst",
        tuple(used),
        Working(tuple(steps)),
        on=on,
        cause=cause,
        disproportionate=disproportionate,
    )


def _not_both(domain: Item, findings: dict[str, Finding]) -> None:
    twice = [item.key for item in DOMAIN_ITEMS[domain.key] if findings.get(item.key) is not None]
    if twice:
        raise NotationError(
            f"the whole domain is given beside {', '.join(twice)}: give one of the two",
            field=domain.key,
            given=twice,
        )


def smog(scored: BleedingScore) -> str:
    """Return the index as it is written, with ? for a domain that is not settled.

    Parameters
    ----------
    scored
        A score of this instrument.
    """
    shown = {key: scored[key] for key in DOMAIN_ITEMS}
    return " ".join(
        f"{key[0].upper()}{points if points.settled else '?'}" for key, points in shown.items()
    )


INSTRUMENT = Instrument(
    "itp-bat",
    "ITP-BAT bleeding assessment, SMOG index",
    ITEMS,
    (Step("grade of a domain", f"{_HIGHEST}; three domains, no total", "", "", ANY_ROW),),
    score,
    tables=TABLES,
)
