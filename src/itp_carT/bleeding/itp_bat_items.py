"""The manifestations of ITP-BAT with their grades, and the tables that grade counts.

Every item may also be grade 5, a fatal bleed, and grade 1, reported by the patient but neither
documented nor visible.
"""

from __future__ import annotations

from itp_carT.points import Points
from itp_carT.rules import Fact, Row, Table
from itp_carT.sources import RODEGHIERO_2013
from itp_carT.verdict import decide

from .items import Item, Level
from .measure import Measure

SKIN_ROWS = RODEGHIERO_2013.at("grading table, skin")
ANY_ROW = RODEGHIERO_2013.at("grading rules")
OTHER_ROWS = RODEGHIERO_2013.at("grading table, mucosa and organs", verified=False)

_FATAL = Level("fatal", "fatal bleed", 5, citation=ANY_ROW)
_REPORTED = Level("reported only", "reported, neither documented nor visible", 1, citation=ANY_ROW)


def _item(key: str, label: str, *levels: Level, skin: bool = False) -> Item:
    cited = SKIN_ROWS if skin else OTHER_ROWS
    # last, so that a grade given as a number is read as the item's own level
    every = (Level("none", "none", 0), *levels, _REPORTED, _FATAL)
    return Item(key, label, every, cited, graded=True)


_HEMOGLOBIN = "transfusion or hemoglobin fall over 2 g/dL"
_BRIEF = Level("under 5 min", "under 5 min", 1, over="0 min",
               note="exactly 5 min without limitation is read as grade 1")  # fmt: skip
_LONG = Level("over 5 min", "over 5 min or limits activity", 2, over="5 min")
_LIMITS = Level("limits activity", "limits activity", 2)
_OBSERVED = Level("observation", "prolonged medical observation", 3)
_TRANSFUSED = Level("transfusion", _HEMOGLOBIN, 4, over="2 g/dL")
_MUCOSA = (_BRIEF, _LONG, _LIMITS, _OBSERVED, _TRANSFUSED)
_ORGAN = (
    Level("visible", "documented, visible", 2),
    Level("in-hospital care", "endoscopy, procedure or in-hospital care", 3),
    _TRANSFUSED,
)
_GIVEN = tuple(
    Level(str(grade), f"grade {grade} as the assessor gave it", grade) for grade in range(1, 5)
)

SKIN = (
    _item(
        "petechiae",
        "petechiae",
        Level("at most 10", "at most 10 in the worst palm area", 1),
        Level("over 10", "over 10 in a palm area, or over 5 in one above and one below belt", 2),
        Level("over 50", "over 50 scattered above and below the belt", 3),
        skin=True,
    ),
    _item(
        "ecchymoses",
        "ecchymoses",
        Level("at most 2", "at most 2 smaller than the palm, in one area", 0),
        Level("small", "3 or more small in one area, or small ones in 2 or more areas", 1),
        Level("1-5 large", "1-5 larger than the palm", 2),
        Level("over 5 large", "over 5 larger than the palm", 3),
        skin=True,
    ),
    _item(
        "hematoma",
        "hematoma",
        Level("1 small", "1 small", 1),
        Level("2 small", "2 small", 2),
        Level("large", "over 2 small, or any larger than the palm", 3),
        skin=True,
    ),
    _item(
        "minor_wounds",
        "minor wounds",
        _BRIEF,
        _LONG,
        _LIMITS,
        Level("observation", "prolonged medical observation", 3, citation=OTHER_ROWS),
        skin=True,
    ),
)
MUCOSA = (
    _item(
        "epistaxis",
        "epistaxis",
        _BRIEF,
        _LONG,
        _LIMITS,
        Level("packing", "packing, cautery or in-hospital care", 3),
        _TRANSFUSED,
    ),
    _item("gum", "gum", *_MUCOSA),
    _item("bites_or_tooth", "bites or tooth", *_MUCOSA),
    _item(
        "bullae",
        "bullae",
        Level("under 3", "fewer than 3", 1),
        Level("3-10", "3-10, can chew", 2),
        Level("over 10", "over 10, or over 5 with trouble chewing", 3),
    ),
    _item(
        "subconjunctival",
        "subconjunctival",
        Level("part of one", "part of one eye", 1),
        Level("part of both", "part of both or whole of one", 2),
        Level("whole of both", "whole of both", 3),
    ),
)
ORGANS = (
    _item("gastrointestinal", "gastrointestinal", *_ORGAN),
    _item("lung", "lung", *_ORGAN),
    _item("urine", "urine", Level("microscopic", "microscopic", 1), *_ORGAN),
    _item(
        "menorrhagia",
        "menorrhagia",
        Level("pads doubled", "pads doubled", 1),
        Level("flooding", "pad change under 2 h, clots or flooding", 2),
        Level("drugs or procedure", "combined drug therapy or procedure", 3),
        Level("admission", f"admission, {_HEMOGLOBIN}", 4, over="2 g/dL"),
    ),
    _item("muscle", "muscle", *_GIVEN),
    _item("joint", "joint", *_GIVEN),
    _item("eye", "eye", *_GIVEN),
    _item(
        "intracranial",
        "intracranial",
        Level("after trauma", "after trauma, admitted", 3),
        Level("spontaneous", "spontaneous, admitted", 4),
    ),
    _item(
        "other_internal",
        "other internal bleed",
        Level("admitted under 48 h", "admitted under 48 h", 3, least="0 h"),
        Level("admitted 48 h", "admitted 48 h or longer", 4, least="48 h"),
        _TRANSFUSED,
    ),
)
DOMAIN_ITEMS = {"skin": SKIN, "mucosa": MUCOSA, "organs": ORGANS}

_ABOVE = Measure("above", "petechiae in the worst palm area above the belt", "1")
_BELOW = Measure("below", "petechiae in the worst palm area below the belt", "1")
_SCATTERED = Measure("scattered", "petechiae scattered above and below the belt", "1")
_SMALL = Measure("small", "small ones", "1")
_AREAS = Measure("areas", "areas with small ones", "1")
_LARGE = Measure("large", "larger than the palm", "1")
_COUNT = Measure("count", "bullae", "1")
_TROUBLE = Fact("trouble_chewing", "trouble chewing")
_GAP = Fact("gap", "whether 3-5 bullae with trouble chewing are grade 3 (no cell)")

PETECHIAE = Table(
    key="itp-bat:petechiae",
    term="ITP-BAT petechiae",
    rows=(
        Row(3, _SCATTERED > 50),
        Row(2, (_ABOVE > 10) | (_BELOW > 10) | ((_ABOVE > 5) & (_BELOW > 5))),
        Row(1, (_ABOVE > 0) | (_BELOW > 0) | (_SCATTERED > 0)),
    ),
    otherwise=0,
    source=SKIN_ROWS,
)
ECCHYMOSES = Table(
    key="itp-bat:ecchymoses",
    term="ITP-BAT ecchymoses",
    rows=(
        Row(3, _LARGE > 5),
        Row(2, _LARGE >= 1),
        Row(1, (_SMALL >= 3) | ((_SMALL > 0) & (_AREAS >= 2))),
    ),
    otherwise=0,
    source=SKIN_ROWS,
)
HEMATOMA = Table(
    key="itp-bat:hematoma",
    term="ITP-BAT hematoma",
    rows=(Row(3, (_LARGE >= 1) | (_SMALL > 2)), Row(2, _SMALL >= 2), Row(1, _SMALL >= 1)),
    otherwise=0,
    source=SKIN_ROWS,
)
BULLAE = Table(
    key="itp-bat:bullae",
    term="ITP-BAT bullae",
    rows=(
        Row(
            3,
            (_COUNT > 10)
            | ((_COUNT > 5) & _TROUBLE.is_())
            | ((_COUNT >= 3) & _TROUBLE.is_() & _GAP.is_()),
            note="3-5 with trouble chewing stand in no cell and stay open",
        ),
        Row(2, _COUNT >= 3),
        Row(1, _COUNT > 0),
    ),
    otherwise=0,
    source=OTHER_ROWS,
)
TABLES = (PETECHIAE, ECCHYMOSES, HEMATOMA, BULLAE)


def _graded(table: Table, *facts: object, **counts: int | None) -> Points:
    measures = {measure.key: measure for measure in table.measures}
    given = [measures[name].of(number) for name, number in counts.items() if number is not None]
    verdict = decide(table, *given, *facts)  # type: ignore[arg-type]  # facts are Known
    names = tuple(name for name, number in counts.items() if number is None)
    return Points(verdict.possible, missing=() if verdict.settled else names or verdict.missing)


def petechiae(
    *, above: int | None = None, below: int | None = None, scattered: int | None = None
) -> Points:
    """Grade petechiae from counts, each None when it was not counted.

    Parameters
    ----------
    above, below
        The count in the worst palm area above and below the belt.
    scattered
        The count scattered above and below the belt; none can be when one half has none.

    Raises
    ------
    ItpCarTError
        Naming the count that cannot be true.

    Examples
    --------
    >>> petechiae(above=10, below=0), petechiae(above=6, below=6, scattered=20)
    (Points(1), Points(2))
    """
    one_half = 0 in (above, below)
    return _graded(
        PETECHIAE,
        above=above,
        below=below,
        scattered=0 if one_half and scattered is None else scattered,
    )


def ecchymoses(
    *, small: int | None = None, areas: int | None = None, large: int | None = None
) -> Points:
    """Grade ecchymoses from counts, each None when it was not counted.

    Parameters
    ----------
    small
        How many are smaller than the palm.
    areas
        In how many areas those are.
    large
        How many are larger than the palm.

    Raises
    ------
    ItpCarTError
        Naming the count that cannot be true.

    Examples
    --------
    >>> ecchymoses(small=2, areas=1, large=0), ecchymoses(small=2, areas=2, large=0)
    (Points(0), Points(1))
    """
    known = small if areas is None and small in (0, 1) else areas
    return _graded(ECCHYMOSES, small=small, areas=known, large=large)


def hematoma(*, small: int | None = None, large: int | None = None) -> Points:
    """Grade hematomas from counts, each None when it was not counted.

    Parameters
    ----------
    small, large
        How many are small, and how many larger than the palm.

    Raises
    ------
    ItpCarTError
        Naming the count that cannot be true.

    Examples
    --------
    >>> hematoma(small=2, large=0), hematoma(small=0, large=1)
    (Points(2), Points(3))
    """
    return _graded(HEMATOMA, small=small, large=large)


def bullae(count: int | None = None, *, trouble_chewing: bool | None = None) -> Points:
    """Grade bullae of the mouth (unverified).

    Parameters
    ----------
    count
        How many; vesicles count.
    trouble_chewing
        Whether they trouble chewing.

    Raises
    ------
    ItpCarTError
        A count that cannot be true.

    Examples
    --------
    >>> bullae(10, trouble_chewing=False), bullae(6, trouble_chewing=True)
    (Points(2), Points(3))
    >>> print(bullae(4, trouble_chewing=True))
    2 or 3
    """
    known = () if trouble_chewing is None else (
        (_TROUBLE.yes,) if trouble_chewing else (_TROUBLE.no,)
    )  # fmt: skip
    return _graded(BULLAE, *known, count=count)
