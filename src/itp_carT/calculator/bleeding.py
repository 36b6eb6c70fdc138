"""The calculator of bleeding: what was found, by any of the library's instruments."""

from __future__ import annotations

from typing import Any

from itp_carT.bleeding import INSTRUMENTS
from itp_carT.bleeding.items import Item
from itp_carT.cli import bleed

from .form import UNSAID, YES_NO, Answer, Field, Given, Panel, Tool, number

_AGED = tuple(key for key, found in INSTRUMENTS.items() if found.takes_age)
_SEVERAL = tuple(key for key, found in INSTRUMENTS.items() if len(found.items) > 1)
_CAUSES = ("spontaneous", "menses", "trauma", "procedure")


def _item(instrument: str, item: Item) -> Field:
    levels = tuple((level.key, level.words) for level in item.levels)
    return Field(
        f"{instrument} {item.key}",
        item.label,
        "choice",
        choices=(("", "not mentioned"), *levels),
        shown_if=("instrument", (instrument,)),
    )


_FIELDS = (
    Field("instrument", "Instrument", "choice", start="chinese-adult",
          choices=tuple((key, found.title) for key, found in INSTRUMENTS.items())),
    Field("date", "Day of the assessment", "date"),
    Field("age", "Age in completed years", "whole", shown_if=("instrument", _AGED)),
    *(_item(key, item) for key, found in INSTRUMENTS.items() for item in found.items),
    Field("rest", "What is not mentioned", "choice",
          choices=(("", "was not assessed"), ("none", "was assessed and shows nothing")),
          shown_if=("instrument", _SEVERAL)),
    Field("cause", "Cause", "choice",
          choices=(UNSAID, *((word, word) for word in _CAUSES))),
    Field("disproportionate", "More than the cause explains", "choice", choices=YES_NO),
)  # fmt: skip


def _bleeding(given: dict[str, Any]) -> Answer:
    instrument = INSTRUMENTS[given["instrument"]]
    findings = {item.key: given[f"{instrument.key} {item.key}"] for item in instrument.items}
    about = {name: given[name] for name in ("date", "rest", "cause", "disproportionate")}
    said = dict.fromkeys(bleed.NAMES) | findings | about
    said |= {"age": number(given["age"]), "born": None}
    scored = bleed.score(instrument, said)
    record = bleed.scored_record(scored, None, 1)
    rows = [(name.replace("_", " "), str(points)) for name, points in scored.scores]
    rows.append(("bleeding", record["bleeding"]))
    found = [(one.item.label, one.words, str(one.points)) for one in scored.found]
    open_ = [f"Open: give {', '.join(scored.missing)} to settle it"] if scored.missing else []
    return Answer(
        ", ".join(f"{name}: {points}" for name, points in rows),
        bleed.document(scored, record, []),
        [
            Panel(instrument.title, ("Score", "Points"), rows, (1,)),
            Panel("Findings", ("Item", "Finding", "Points"), found, (2,)),
        ],
        open_,
        steps=scored.working,
        sources=scored.working.sources,
    )


def _located(name: str, given: Given) -> str:
    item = f"{given.get('instrument')} {name}"
    return item if any(one.name == item for one in _FIELDS) else name


BLEEDING = Tool(
    "bleeding",
    "Bleeding score",
    "One assessment by the trial's score or another instrument.",
    _FIELDS,
    _bleeding,
    "rules/bleeding",
    "itp_carT.bleeding.chinese_adult.score",
    located=_located,
)

__all__ = ["BLEEDING"]
