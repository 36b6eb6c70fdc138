"""The modified WHO bleeding scale of platelet transfusion trials: itemized findings to one grade.

Any one finding of a grade gives that grade, and the worst counts; a fatal bleed is grade 4. Where
the form leaves a gap (blood pressure, puncture sites) the reading stands at the item.
"""

from __future__ import annotations

from itp_carT.bleeding_diary import Cause, Day
from itp_carT.errors import UndecidedError
from itp_carT.points import Points, highest
from itp_carT.rules import Fact, Row, Table
from itp_carT.sources import MODIFIED_WHO_BLEEDING
from itp_carT.verdict import decide
from itp_carT.working import Step, Working

from .instrument import BleedingScore, Instrument
from .items import Finding, Item, Level, read_items, worst_first
from .measure import Measure

FORM = MODIFIED_WHO_BLEEDING.at("grades 1-4")


def _item(key: str, label: str, *levels: Level) -> Item:
    return Item(key, label, (Level("none", "none", 0), *levels), FORM)


ITEMS = (
    _item("skin", "petechiae of the skin", Level("petechiae", "petechiae of the skin", 1)),
    _item(
        "oral_mucosa",
        "petechiae of the oral mucosa",
        Level("petechiae", "oral mucosal petechiae", 1),
    ),
    _item(
        "purpura",
        "purpura",
        Level("at most 1 in", "at most 1 inch", 1, over="0 in"),
        Level("over 1 in", "more than 1 inch", 2, over="1 in"),
    ),
    _item(
        "nose",
        "nose or oropharynx",
        Level("at most 30 min", "at most 30 min in 24 h", 1, over="0 min"),
        Level("over 30 min", "more than 30 min in 24 h", 2, over="30 min"),
    ),
    _item(
        "urine",
        "urine",
        Level("microscopic", "microscopic hematuria", 1),
        Level("visible", "visible hematuria, no transfusion", 2),
    ),
    _item(
        "vaginal",
        "vaginal bleeding",
        Level("spotting", "spotting", 1),
        Level("more than spotting", "more than spotting", 2),
    ),
    _item("stool", "occult blood", Level("occult", "occult blood only", 1)),
    _item(
        "soft_tissue",
        "soft tissue or muscle",
        Level(
            "hematoma",
            "spontaneous hematoma over 1 inch",
            1,
            over="1 in",
            note="grade 1 as printed; a deep hematoma is given at joint_or_deep",
        ),
    ),
    _item(
        "gastrointestinal",
        "gastrointestinal",
        Level("visible", "melena, hematochezia or hematemesis, no transfusion", 2),
        Level("melena", "melena, no transfusion", 2),
        Level("hematochezia", "hematochezia, no transfusion", 2),
        Level("hematemesis", "hematemesis, no transfusion", 2),
    ),
    _item("lung", "lung", Level("hemoptysis", "hemoptysis", 2)),
    _item(
        "puncture_site",
        "puncture site",
        Level(
            "at most 1 h",
            "at most 1 h in 24 h",
            0,
            over="0 min",
            note="no grade of the form lists it",
        ),
        Level("over 1 h", "more than 1 h in 24 h", 2, over="1 h"),
    ),
    _item("joint_or_deep", "joint or deep tissue", Level("hematoma", "hematoma", 2)),
    _item(
        "retina",
        "retina",
        Level("vision normal", "bleed without visual loss", 2),
        Level("vision reduced", "bleed with visual loss", 4),
    ),
    _item(
        "body_cavity",
        "body cavity fluid",
        Level("bloody", "bloody, no intervention", 2),
        Level(
            "grossly bloody",
            "grossly bloody with organ dysfunction, intervention or transfusion",
            3,
        ),
    ),
    _item(
        "csf",
        "cerebrospinal fluid",
        Level("microscopic", "microscopic blood, no symptoms", 2),
        Level("red", "visibly red, no symptoms", 3),
        Level("red with symptoms", "visibly red, with symptoms", 4),
    ),
    _item(
        "red_cells",
        "red cell transfusion",
        Level("routine", "routine needs only", 0),
        Level("for the bleed", "beyond routine needs, within 24 h of onset, for the bleed", 3),
    ),
    _item(
        "blood_pressure",
        "blood pressure",
        Level("no grade", "fall that reaches no printed limit", 0),
        Level("fall", "fall of 31-50 mmHg or 31-50 %, with transfusion", 3),
        Level("shock", "fall over 50 mmHg or 50 %, with transfusion and tachycardia", 4),
    ),
    _item("cns", "central nervous system", Level("imaging", "bleed on imaging", 4)),
    _item("fatal", "fatal bleed", Level("fatal", "fatal bleed", 4)),
)

GRADE = worst_first("modified-who:grade", "Modified WHO bleeding grade", ITEMS, FORM)

_FALL = Measure("fall", "fall of systolic or diastolic pressure", "mmHg")
_SHARE = Measure("share", "fall as a share of the pressure before", "%")
_TRANSFUSED = Fact("transfused", "transfusion for the bleed")
_TACHYCARDIA = Fact("tachycardia", "heart rate up at least 20 % for 20 min")

BLOOD_PRESSURE = Table(
    key="modified-who:blood-pressure",
    term="Fall of blood pressure",
    rows=(
        Row(
            4,
            ((_FALL > "50 mmHg") | (_SHARE > "50 %")) & _TRANSFUSED.is_() & _TACHYCARDIA.is_(),
            note="either limit suffices",
        ),
        Row(
            3,
            ((_FALL >= "31 mmHg") | (_SHARE >= "31 %")) & _TRANSFUSED.is_(),
            note="a fall over 50 without tachycardia stands in no row of the form and is read as 3",
        ),
    ),
    otherwise=0,
    source=FORM,
)


def blood_pressure(
    fall: str | None = None,
    *,
    share: str | None = None,
    transfused: bool | None = None,
    tachycardia: bool | None = None,
) -> Points:
    """Return the grade of a fall of blood pressure, for the item of that name.

    Parameters
    ----------
    fall
        Fall of systolic or diastolic pressure [mmHg].
    share
        The same as a share of the pressure before [%].
    transfused
        Whether there was a transfusion for the bleed.
    tachycardia
        Whether the heart rate rose by at least 20 % for 20 min.

    Raises
    ------
    ItpCarTError
        A value that is no pressure, or neither ``fall`` nor ``share``.

    Examples
    --------
    >>> blood_pressure("50 mmHg", transfused=True, tachycardia=False)
    Points(3)
    """
    if fall is None and share is None:
        raise UndecidedError(
            'a fall of blood pressure needs its size: write e.g. fall="35 mmHg"',
            field="fall",
            possible=(4, 3, 0),
            missing=("fall",),
        )
    # one of the two sizes is enough to judge by: the other limb is then not met
    facts = [
        _FALL.of("0 mmHg" if fall is None else fall),
        _SHARE.of("0 %" if share is None else share),
    ]
    known = [
        fact.yes if holds else fact.no
        for fact, holds in ((_TRANSFUSED, transfused), (_TACHYCARDIA, tachycardia))
        if holds is not None
    ]
    verdict = decide(BLOOD_PRESSURE, *facts, *known)
    missing = {"transfused": transfused, "tachycardia": tachycardia}
    names = tuple(name for name, value in missing.items() if value is None)
    return Points(verdict.possible, missing=() if verdict.settled else names)


def score(
    *,
    rest: str | None = None,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
    **findings: Finding,
) -> BleedingScore:
    """Grade one assessment by the modified WHO scale.

    Parameters
    ----------
    rest
        ``"none"`` when what is not mentioned was assessed and shows nothing.
    on, cause, disproportionate
        As in `BleedingAssessment`.
    findings
        By the name of the item: words, or a duration or size such as ``nose="31 min"``.

    Returns
    -------
    A score with ``grade``.

    Raises
    ------
    ItpCarTError
        Naming the item.

    References
    ----------
    modified-who-bleeding

    Examples
    --------
    >>> score(nose="30 min", rest="none").grade, score(nose="31 min", rest="none").grade
    (Points(1), Points(2))
    >>> print(score(skin="petechiae").grade)
    1, 2, 3 or 4
    """
    found = read_items(ITEMS, findings, rest=rest)
    grade = highest(*(one.points for one in found))
    seen = [one.step for one in found if one.level is None or one.level.key != "none"]
    result = Step(
        "grade",
        "worst finding",
        "; ".join(f"{one.item.label}: {one.points}" for one in found if one.points.maximum)
        or "no finding",
        str(grade),
        FORM,
    )
    return BleedingScore(
        "modified-who",
        (("grade", grade),),
        "grade",
        found,
        Working((*seen, result)),
        on=on,
        cause=cause,
        disproportionate=disproportionate,
    )


INSTRUMENT = Instrument(
    "modified-who",
    "Modified WHO bleeding scale",
    ITEMS,
    (Step("grade", "worst finding", "", "", FORM),),
    score,
    tables=(GRADE, BLOOD_PRESSURE),
)
