"""The ITP-PAQ: ten scales and two parts of one of them; its shape and scoring, never its wording.

Which items make a scale, how many options they have and which are reversed stands in a licensed
manual that was not seen. Its owner's licensee fills that in (`template`, `read_mapping`); what is
known here of the counts ships as unverified and only checks the mapping. There is no total score.
"""

from __future__ import annotations

import warnings
from typing import Any

from attrs import field, frozen

from itp_carT.errors import AssumptionWarning, ImpossibleError, NotationError, UnknownTermError
from itp_carT.notation import show
from itp_carT.points import Truth
from itp_carT.sources import (
    ITP_PAQ_MANUAL,
    LUNA3_ITP_PAQ,
    MATHIAS_2007,
    MATHIAS_2007_TRIAL,
    MATHIAS_2009,
    Citation,
)

from .item import Item
from .item_map import COLUMNS, ItemMap, read_item_map
from .profile import Mid
from .questionnaire import Questionnaire
from .scale import HALF, Scale

NAME = "ITP-PAQ"
ITEMS = 44
SHAPE = MATHIAS_2007.at("abstract", note="44 items, 10 scales")

_COUNT = ITP_PAQ_MANUAL.at(
    "items per scale", note="from knowledge only; the counts add up to the 44 items of the abstract"
)
_PARTS = LUNA3_ITP_PAQ.at("146 S1:3027", note="6 items, 3 on menstrual symptoms, 3 on fertility")
_DOMAINS = MATHIAS_2007_TRIAL.at("abstract")
_RANGES = MATHIAS_2009.at("abstract", note="preliminary; estimated from groups, not persons")
_NO_RANGE = MATHIAS_2009.at(
    "abstract", note="9 of 11 scales have one; the two without are told by elimination"
)
_WHOLE = LUNA3_ITP_PAQ.at(
    "146 S1:1254 and 3027", note="used there for the whole scale; 2009 gives it for its two parts"
)

EIGHT, TEN = Mid(8, 12, source=_RANGES), Mid(10, 15, source=_RANGES)
NONE = Mid(None, None, source=_NO_RANGE)


@frozen
class ScaleFacts:
    """What is known of one scale without the manual.

    Parameters
    ----------
    key, label, domain
        Its code, its name, and the domain it belongs to.
    items
        How many items it is believed to have, a count.
    counted
        Where that number comes from.
    mid
        Its minimal important difference [points], or that none was published.
    condition
        For whom it applies; empty when for everybody.
    part_of
        The scale that it is a part of.
    """

    key: str
    label: str
    domain: str
    items: int
    counted: Citation
    mid: Mid
    condition: str = field(default="", kw_only=True)
    part_of: str = field(default="", kw_only=True)


_WOMEN = "a woman before menopause"
#: The scales in the order in which they are reported.
SCALES = (
    ScaleFacts("S", "Symptoms", "physical", 6, _COUNT, EIGHT),
    ScaleFacts("B", "Bother - physical health", "physical", 3, _COUNT, EIGHT),
    ScaleFacts("FT", "Fatigue and sleep", "physical", 4, _COUNT, TEN),
    ScaleFacts("A", "Activity", "physical", 2, _COUNT, TEN),
    ScaleFacts("FR", "Fear", "emotional", 5, _COUNT, NONE),
    ScaleFacts("PH", "Psychological health", "emotional", 5, _COUNT, EIGHT),
    ScaleFacts("W", "Work", "work", 4, _COUNT, NONE, condition="employed"),
    ScaleFacts("SA", "Social activity", "social", 4, _COUNT, EIGHT),
    ScaleFacts("RH", "Women's reproductive health", "reproductive", 6, _PARTS,
               Mid(8, 12, source=_WHOLE), condition=_WOMEN),
    ScaleFacts("RH-MS", "Menstrual symptoms", "reproductive", 3, _PARTS, EIGHT,
               condition="menstruating", part_of="RH"),
    ScaleFacts("RH-F", "Fertility", "reproductive", 3, _PARTS, EIGHT,
               condition=_WOMEN, part_of="RH"),
    ScaleFacts("QOL", "Overall quality of life", "overall", 5, _COUNT, EIGHT),
)  # fmt: skip

KEYS = tuple(facts.key for facts in SCALES)


def facts(key: str) -> ScaleFacts:
    """Return what is known of a scale.

    Raises
    ------
    UnknownTermError
        No such scale; there is no total score either.
    """
    for one in SCALES:
        if one.key == key:
            return one
    raise UnknownTermError(
        f"{show(key)} is not a scale of the ITP-PAQ: write {', '.join(KEYS)}; there is no total",
        field="scale",
        given=key,
        nearest=KEYS,
    )


def mid(key: str) -> Mid:
    """Return the minimal important difference of a scale; for Fear and Work none was published.

    Examples
    --------
    >>> print(mid("S"), mid("FR"), sep="; ")
    8 to 12 points; none published
    """
    return facts(key).mid


# --- the licensed mapping -------------------------------------------------------------------------


def template() -> str:
    """Return an empty mapping as CSV, to be filled from the licensed manual.

    Examples
    --------
    >>> print(template()[:43])
    scale,item,options,best,first
    S,,,,1
    S,,,,1
    """
    parts = {one.part_of for one in SCALES}  # the items of a whole stand with its parts
    rows = [f"{one.key},,,,1" for one in SCALES if one.key not in parts for _ in range(one.items)]
    return "\n".join([",".join(COLUMNS), *rows, ""])


def read_mapping(text: str, *, file: str = "the mapping") -> ItemMap:
    """Read the mapping of items to scales that a licensee filled in.

    Items of the reproductive scale stand under its part, ``RH-MS`` or ``RH-F``; one that belongs
    to neither stands under ``RH``.

    Parameters
    ----------
    text
        CSV with the columns of `template`.
    file
        Name of the file, for the message.

    Raises
    ------
    RecordError
        Every row that cannot be used, by line and column.
    """
    return read_item_map(text, scales=KEYS, file=file)


def questionnaire(mapping: ItemMap, *, least_answered: Any = HALF) -> Questionnaire:
    r"""Make the questionnaire from a mapping.

    Parameters
    ----------
    mapping
        From the licensed manual, as `read_mapping` returns it. Scales without an item in it are
        left out: trials use single scales.
    least_answered
        Share of a scale's items that must be answered; the manual's own rule was not seen.

    Warns
    -----
    AssumptionWarning
        A number of items other than the one that is known here, unverified.

    Examples
    --------
    >>> made_up = read_mapping("scale,item,options,best\nA,a1,5,highest\nA,a2,5,highest\n")
    >>> paq = questionnaire(made_up)
    >>> print(paq.score({"a1": 5}))
    A 100
    """
    left = {key for key in KEYS if not _items(mapping, key)}
    scales = []
    for one in SCALES:
        if one.key in left:
            continue
        items = _items(mapping, one.key)
        if len(items) != one.items:
            sure = "" if one.counted.verified else ", unverified"
            warnings.warn(
                f"{one.key} has {len(items)} items in the mapping and {one.items} are known "
                f"({one.counted.short}{sure}): check it",
                AssumptionWarning,
                stacklevel=2,
            )
        part_of = "" if one.part_of in left else one.part_of
        scales.append(
            Scale(
                one.key, one.label, items, condition=one.condition, part_of=part_of,
                least_answered=least_answered, source=one.counted,
            )
        )  # fmt: skip
    return Questionnaire(NAME, scales, mids={scale.key: mid(scale.key) for scale in scales})


def _items(mapping: ItemMap, key: str) -> tuple[Item, ...]:
    """Return the items of a scale; none for a whole of which one part is not mapped."""
    parts = [part.key for part in SCALES if part.part_of == key]
    mapped = [part for part in parts if mapping.of(part)]
    return mapping.of(key, *parts) if mapped in ([], parts) else ()


# --- for whom a scale applies ---------------------------------------------------------------------


def applicability(
    *,
    employed: Truth = None,
    woman: Truth = None,
    post_menopausal: Truth = None,
    menstruating: Truth = None,
    fertility: Truth = None,
    of: Questionnaire | None = None,
) -> dict[str, Truth]:
    """Return which conditional scales apply to a person; None where it is not known.

    Parameters
    ----------
    employed
        Work applies to the employed.
    woman, post_menopausal
        Reproductive health applies to women before menopause.
    menstruating
        Menstrual symptoms apply to those who menstruate.
    fertility
        Whether the part on fertility applies, where the manual says more; by default as the whole.
    of
        Leave out scales that this questionnaire does not have.

    Raises
    ------
    NotationError
        Something other than True, False or None.
    ImpossibleError
        What contradicts itself, e.g. a man who menstruates.

    Examples
    --------
    >>> applicability(employed=False, woman=False)
    {'W': False, 'RH': False, 'RH-MS': False, 'RH-F': False}
    """
    given = {"employed": employed, "woman": woman, "post_menopausal": post_menopausal,
             "menstruating": menstruating, "fertility": fertility}  # fmt: skip
    for name, answer in given.items():
        if answer is not None and not isinstance(answer, bool):
            raise NotationError(
                f"{show(answer)} is not True, False or None", field=name, given=answer
            )
    whole = _both(woman, None if post_menopausal is None else not post_menopausal)
    for name in ("menstruating", "fertility"):
        if whole is False and given[name]:
            raise ImpossibleError(
                "is stated of somebody to whom reproductive health does not apply", field=name
            )
    found = {
        "W": employed,
        "RH": whole,
        "RH-MS": _both(whole, menstruating),
        "RH-F": _both(whole, whole if fertility is None else fertility),
    }
    there = KEYS if of is None else tuple(scale.key for scale in of.scales)
    return {key: answer for key, answer in found.items() if key in there}


def _both(one: Truth, other: Truth) -> Truth:
    if one is False or other is False:
        return False
    return None if one is None or other is None else True


__all__ = [
    "ITEMS",
    "KEYS",
    "NAME",
    "SCALES",
    "ScaleFacts",
    "applicability",
    "facts",
    "mid",
    "questionnaire",
    "read_mapping",
    "template",
]
