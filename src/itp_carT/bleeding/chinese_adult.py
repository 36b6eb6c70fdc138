"""The Chinese adult bleeding score, the trial's instrument: age points plus highest symptom points.

Symptom points are the highest of skin, mucosa, viscera and central nervous system, never their sum.
"No bleeding" is symptom points 0: age points never count as bleeding. The points could not be
checked against the guideline: every score says unverified; print `INSTRUMENT.table()` and compare.
"""

from __future__ import annotations

import datetime as dt

from itp_carT.bleeding_diary import Cause, Day
from itp_carT.points import Points, highest, total
from itp_carT.rules import Row, Table
from itp_carT.sources import CHINESE_BLEEDING_2016
from itp_carT.verdict import decide
from itp_carT.working import Step, Working

from .age import AGE, completed_years
from .instrument import BleedingScore, Instrument
from .items import Finding, Item, Level, read_items, rule_text, worst_first

_NOTE = "points from medical knowledge, not seen in print: compare with the guideline's own table"
POINTS = CHINESE_BLEEDING_2016.at("bleeding score", verified=False, note=_NOTE)

_HIGHEST = "highest of skin, mucosa, viscera and central nervous system"
_SUM = "age points + symptom points"

SKIN = Item(
    "skin",
    "skin",
    (
        Level("none", "none", 0),
        Level("elsewhere", "other than head/face", 1),
        Level("head/face", "head/face, also with other sites", 2),
    ),
    POINTS,
)
MUCOSA = Item(
    "mucosa",
    "mucosa",
    (
        Level("none", "none", 0),
        Level("occasional", "occasional, stops by itself", 2),
        Level("multiple", "multiple or hard to stop", 3),
        Level("with anemia", "with anemia from the bleeding", 5),
    ),
    POINTS,
)
VISCERA = Item(
    "viscera",
    "viscera (lung, gut, urogenital)",
    (
        Level("none", "none", 0),
        Level("without anemia", "without anemia", 3),
        Level("with anemia", "with anemia from the bleeding", 5),
        Level("life-threatening", "life-threatening", 8),
    ),
    POINTS,
)
CNS = Item(
    "cns",
    "central nervous system",
    (Level("none", "none", 0), Level("any", "any bleed", 8)),
    POINTS,
)
ITEMS = (SKIN, MUCOSA, VISCERA, CNS)

AGE_POINTS = Table(
    key="chinese-adult:age-points",
    term="Age points of the Chinese adult bleeding score",
    rows=(Row(2, AGE >= "75 a"), Row(1, AGE >= "65 a")),
    otherwise=0,
    source=POINTS,
)
SYMPTOM_POINTS = worst_first(
    "chinese-adult:symptom-points",
    "Symptom points of the Chinese adult bleeding score",
    ITEMS,
    POINTS,
    note="the highest finding counts; petechiae of the conjunctiva are mucosa",
)


def _age_step(points: Points, age: int | None) -> Step:
    given = "age not given" if age is None else f"{age} completed years"
    return Step("age points", rule_text(AGE_POINTS), given, str(points), POINTS)


def score(
    *,
    age: int | None = None,
    born: dt.date | str | None = None,
    skin: Finding = None,
    mucosa: Finding = None,
    viscera: Finding = None,
    cns: Finding = None,
    rest: str | None = None,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
) -> BleedingScore:
    """Score one assessment by the Chinese adult bleeding score.

    Parameters
    ----------
    age, born
        Completed years on the day of the assessment, or the date of birth.
    skin, mucosa, viscera, cns
        What was found, in the words of the table; None when it was not assessed. Anemia is what
        the assessor puts down to the bleeding, never inferred from hemoglobin.
    rest
        ``"none"`` when what is not mentioned was assessed and shows nothing.
    on
        Day of the assessment.
    cause, disproportionate
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
    chinese-bleeding-2016 (unverified)

    Examples
    --------
    >>> result = score(age=66, viscera="with anemia", rest="none", on="2026-03-16")
    >>> result.symptom, result.total
    (Points(5), Points(6))
    >>> print(score(age=40, skin="elsewhere", viscera="none", cns="none").total)
    1, 2, 3 or 5
    """
    years = completed_years(age, born, on)
    found = read_items(
        ITEMS, {"skin": skin, "mucosa": mucosa, "viscera": viscera, "cns": cns}, rest=rest
    )
    facts = [] if years is None else [AGE.of(years)]
    age_points = Points(
        decide(AGE_POINTS, *facts).possible, missing=() if years is not None else ("age",)
    )
    symptom = highest(*(one.points for one in found))
    both = total(age_points, symptom)
    steps = (
        _age_step(age_points, years),
        *(one.step for one in found),
        Step(
            "symptom points",
            _HIGHEST,
            f"highest of {'; '.join(str(one.points) for one in found)}",
            str(symptom),
            POINTS,
        ),
        Step("total", _SUM, f"{age_points} + {symptom}", str(both), POINTS),
    )
    return BleedingScore(
        "chinese-adult",
        (("age_points", age_points), ("symptom", symptom), ("total", both)),
        "symptom",
        found,
        Working(steps),
        on=on,
        cause=cause,
        disproportionate=disproportionate,
    )


INSTRUMENT = Instrument(
    "chinese-adult",
    "Chinese adult ITP bleeding score",
    ITEMS,
    (
        Step("age points", rule_text(AGE_POINTS), "", "", POINTS),
        Step("symptom points", _HIGHEST, "", "", POINTS),
        Step("total", _SUM, "", "", POINTS),
    ),
    score,
    takes_age=True,
    tables=(AGE_POINTS, SYMPTOM_POINTS),
)
