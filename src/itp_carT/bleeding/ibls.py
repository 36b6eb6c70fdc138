"""The ITP bleeding score of Page and others (IBLS): eleven site grades, kept side by side.

The paper reports the sites; highest, sum and mean are ours to name and always named. The wording of
the cells, and that pulmonary and intracranial bleeds are never grade 1, are unverified. With a site
missing the sum and the mean stay open.
"""

from __future__ import annotations

from typing import Any

from itp_carT.bleeding_diary import Cause, Day
from itp_carT.errors import NotationError
from itp_carT.points import highest, total
from itp_carT.sources import PAGE_2007
from itp_carT.working import Step, Working

from .instrument import BleedingScore, Instrument
from .items import Finding, Item, Level, read_items

SITES = PAGE_2007.at("eleven site-specific grades")
CELLS = PAGE_2007.at("table of grades", verified=False)


def _item(key: str, label: str, one: str, two: str, note: str = "") -> Item:
    graded = ((1, one), (2, two))
    levels = [Level(words, words, grade, note=note) for grade, words in graded if words]
    return Item(key, label, (Level("none", "none", 0), *levels), CELLS, graded=True)


_SKIN = (
    "1-5 bruises and/or scattered petechiae",
    "more than 5 bruises over 2 cm and/or diffuse petechiae",
)

ITEMS = (
    _item("skin_exam", "skin, examination", *_SKIN),
    _item("skin_history", "skin, history", *_SKIN),
    _item(
        "oral_exam",
        "oral, examination",
        "1 blister or more than 5 petechiae or gum bleeding that rinses clear",
        "several blisters and/or gum bleeding",
    ),
    _item(
        "oral_history",
        "oral, history",
        "1 blister or more than 5 petechiae and/or gum bleeding under 5 min",
        "several blisters and/or gum bleeding over 5 min",
    ),
    _item("subconjunctival", "subconjunctival", "present", "", "the cell is uncertain"),
    _item("epistaxis", "epistaxis", "blood on blowing and/or under 5 min", "over 5 min an episode"),
    _item("gastrointestinal", "gastrointestinal", "occult", "visible"),
    _item("urinary", "urinary", "microscopic", "macroscopic"),
    _item(
        "gynecological",
        "gynecological",
        "spotting off-period",
        "more than spotting off-period, or very heavy period",
    ),
    _item("pulmonary", "pulmonary", "", "present"),
    _item("intracranial", "intracranial", "", "present"),
)


def score(
    *,
    rest: str | None = None,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
    **findings: Finding,
) -> BleedingScore:
    """Record the eleven site grades of one assessment.

    Parameters
    ----------
    rest
        ``"none"`` when what is not mentioned was assessed and shows nothing.
    on, cause, disproportionate
        As in `BleedingAssessment`.
    findings
        By the name of the site: a grade 0-2 or the words of the table.

    Returns
    -------
    A score with ``max`` and ``sum``, and with the grade of each site by its name.

    Raises
    ------
    ItpCarTError
        Naming the site: a grade that the site does not have.

    References
    ----------
    page-2007 (cells unverified)

    Examples
    --------
    >>> result = score(epistaxis=2, rest="none")
    >>> result.max, result.sum, f"{mean(result):.2f}"
    (Points(2), Points(2), '0.18')
    >>> score(pulmonary=1, rest="none")
    Traceback (most recent call last):
    itp_carT.errors.ImpossibleError: pulmonary: 1 is not a grade of pulmonary: 0 or 2 are possible
    """
    found = read_items(ITEMS, findings, rest=rest)
    sites = [one.points for one in found]
    top, together = highest(*sites), total(*sites)
    shown = " + ".join(str(points) for points in sites)
    steps = (
        *(one.step for one in found),
        Step("max", "highest of the eleven sites", "", str(top), SITES),
        Step("sum", "sum of the eleven sites", shown, str(together), SITES),
    )
    return BleedingScore(
        "ibls",
        (("max", top), ("sum", together), *((one.item.key, one.points) for one in found)),
        "max",
        found,
        Working(steps),
        on=on,
        cause=cause,
        disproportionate=disproportionate,
    )


def from_vector(
    vector: Any,
    *,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
) -> BleedingScore:
    """Record the site grades written as eleven digits in the order of the table.

    Parameters
    ----------
    vector
        Eleven of ``0``, ``1``, ``2``, and ``?`` for a site that was not assessed.
    on, cause, disproportionate
        As in `BleedingAssessment`.

    Raises
    ------
    ItpCarTError
        Another number of digits, or a grade that a site does not have.

    Examples
    --------
    >>> from_vector("22000000000").max
    Points(2)
    """
    signs = vector.strip() if isinstance(vector, str) else ""
    if len(signs) != len(ITEMS) or not set(signs) <= set("0123456789?"):
        raise NotationError(
            f"{vector!r} is not a vector of site grades: write {len(ITEMS)} digits, "
            "with ? for a site that was not assessed",
            field="vector",
            given=vector,
        )
    given: dict[str, Any] = {
        item.key: None if sign == "?" else int(sign)
        for item, sign in zip(ITEMS, signs, strict=True)
    }
    return score(on=on, cause=cause, disproportionate=disproportionate, **given)


def mean(scored: BleedingScore) -> float:
    """Return the mean of the eleven site grades, as trials use it (unverified).

    Parameters
    ----------
    scored
        A score of this instrument.

    Raises
    ------
    UndecidedError
        A site was not assessed; nothing is imputed.
    """
    return scored["sum"].value / len(ITEMS)


INSTRUMENT = Instrument(
    "ibls",
    "IBLS, ITP bleeding score of Page",
    ITEMS,
    (
        Step("max", "highest of the eleven sites", "", "", SITES),
        Step("sum", "sum of the eleven sites", "", "", SITES),
        Step("mean", f"sum over {len(ITEMS)}", "", "", CELLS),
    ),
    score,
)
