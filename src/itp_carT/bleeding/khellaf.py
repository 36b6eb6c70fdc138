"""The Khellaf bleeding score: the sum of age points and one pick per site, 0 to 67.

Over 8 its authors advised immunoglobulin beside corticosteroids. Sum and points were read in a
calculator's form. Age points alone are not bleeding: `symptom` is the sum without them.
"""

from __future__ import annotations

import datetime as dt

from itp_carT.bleeding_diary import Cause, Day
from itp_carT.points import Points, Truth, total
from itp_carT.rules import Row, Table
from itp_carT.sources import KHELLAF_2005
from itp_carT.verdict import decide
from itp_carT.working import Step, Working

from .age import AGE, completed_years
from .instrument import BleedingScore, Instrument
from .items import Finding, Item, Level, read_items, rule_text

FORM = KHELLAF_2005.at("score")
CUT = KHELLAF_2005.at("choice of treatment", note="one page prints < 8 and leaves 8 itself open")

#: Immunoglobulin was advised above this total.
IMMUNOGLOBULIN_ABOVE = 8


def _item(key: str, label: str, *levels: Level) -> Item:
    return Item(key, label, (Level("none", "none", 0), *levels), FORM)


ITEMS = (
    _item(
        "skin",
        "skin",
        Level("petechiae limbs", "petechiae, limbs", 1),
        Level("ecchymoses local", "ecchymoses, local", 2),
        Level("petechiae 2 sites", "petechiae, 2 sites", 2),
        Level("petechiae general", "petechiae, general", 3),
        Level("ecchymoses general", "ecchymoses, general", 4),
    ),
    _item(
        "epistaxis",
        "epistaxis",
        Level("one side", "one side", 2),
        Level("both sides", "both sides", 3),
    ),
    _item("oral", "oral", Level("blisters or gum", "blisters and/or spontaneous gum bleeding", 5)),
    _item(
        "gastrointestinal",
        "gastrointestinal",
        Level("no anemia", "without anemia", 4),
        Level("anemia or shock", "anemia (hemoglobin fall over 2 g/dL) and/or shock", 15),
    ),
    _item(
        "urinary",
        "urinary",
        Level("no anemia", "macroscopic, without anemia", 4),
        Level("anemia", "acute anemia", 10),
    ),
    _item(
        "gynecological",
        "gynecological",
        Level("no anemia", "major, without anemia", 4),
        Level("anemia", "acute anemia", 10),
    ),
    _item("cns", "central nervous system or life-threatening", Level("present", "present", 15)),
)

AGE_POINTS = Table(
    key="khellaf:age-points",
    term="Age points of the Khellaf bleeding score",
    rows=(Row(5, AGE > "75 a"), Row(2, AGE > "65 a")),
    otherwise=0,
    source=FORM,
    note="in completed years",
)


def score(
    *,
    age: int | None = None,
    born: dt.date | str | None = None,
    skin: Finding = None,
    epistaxis: Finding = None,
    oral: Finding = None,
    gastrointestinal: Finding = None,
    urinary: Finding = None,
    gynecological: Finding = None,
    cns: Finding = None,
    rest: str | None = None,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
) -> BleedingScore:
    """Score one assessment by the Khellaf score.

    Parameters
    ----------
    age, born
        Completed years on the day of the assessment, or the date of birth.
    skin, epistaxis, oral, gastrointestinal, urinary, gynecological, cns
        What was found, in the words of the table; None when it was not assessed.
    rest
        ``"none"`` when what is not mentioned was assessed and shows nothing.
    on, cause, disproportionate
        As in `BleedingAssessment`.

    Returns
    -------
    A score with ``age_points``, ``symptom`` and ``total``; what is missing leaves a range.

    Raises
    ------
    ItpCarTError
        Naming the argument: an unknown finding, an impossible age.

    References
    ----------
    khellaf-2005

    Examples
    --------
    >>> result = score(
    ...     age=70, skin="petechiae general", gastrointestinal="no anemia", rest="none"
    ... )
    >>> result.total, over_8(result)
    (Points(9), True)
    """
    years = completed_years(age, born, on)
    given = {
        "skin": skin,
        "epistaxis": epistaxis,
        "oral": oral,
        "gastrointestinal": gastrointestinal,
        "urinary": urinary,
        "gynecological": gynecological,
        "cns": cns,
    }
    found = read_items(ITEMS, given, rest=rest)
    facts = [] if years is None else [AGE.of(years)]
    possible = decide(AGE_POINTS, *facts).possible
    age_points = Points(possible, missing=("age",) if years is None else ())
    symptom = total(*(one.points for one in found))
    both = total(age_points, symptom)
    steps = (
        Step(
            "age points",
            rule_text(AGE_POINTS),
            "age not given" if years is None else f"{years} completed years",
            str(age_points),
            FORM,
        ),
        *(one.step for one in found),
        Step("total", "sum of the eight picks", f"{age_points} + {symptom}", str(both), FORM),
    )
    return BleedingScore(
        "khellaf",
        (("age_points", age_points), ("symptom", symptom), ("total", both)),
        "symptom",
        found,
        Working(steps),
        on=on,
        cause=cause,
        disproportionate=disproportionate,
    )


def over_8(scored: BleedingScore) -> Truth:
    """Say whether the total is over 8, above which the authors advised immunoglobulin.

    Parameters
    ----------
    scored
        A Khellaf score; None is returned while missing findings leave it open.
    """
    return scored["total"].reaches(IMMUNOGLOBULIN_ABOVE + 1)


INSTRUMENT = Instrument(
    "khellaf",
    "Khellaf bleeding score",
    ITEMS,
    (
        Step("age points", rule_text(AGE_POINTS), "", "", FORM),
        Step("total", "sum of the eight picks", "", "", FORM),
        Step("immunoglobulin advised", f"total over {IMMUNOGLOBULIN_ABOVE}", "", "", CUT),
    ),
    score,
    takes_age=True,
    tables=(AGE_POINTS,),
)
