"""What a calculator of the page is made of: a form with fields, and an answer with its working.

A form is data: the page draws it, and the text of each field goes unread to the library. An answer
holds texts to show and the same document that the command line prints as JSON.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from attrs import Factory, define, field, frozen

from itp_carT.cli.patient import collected, raised
from itp_carT.errors import ItpCarTError, MissingFactError
from itp_carT.rules import Condition, text_of
from itp_carT.sources import Citation
from itp_carT.working import Step

#: A cell of a table: a text, or a condition that is put into words when it is shown.
Cell: TypeAlias = "str | Condition"

#: What was entered, by name of the field; a field left empty is not there.
Given: TypeAlias = "Mapping[str, Any]"

UNSAID = ("", "not said")
YES_NO = (UNSAID, ("yes", "yes"), ("no", "no"))


@frozen
class Field:
    """One thing the form asks for.

    Parameters
    ----------
    name
        The library's name of the argument: an error is shown at the field it names.
    label
        What is asked.
    kind
        ``"text"``, ``"whole"``, ``"date"``, ``"lines"``, ``"choice"`` or ``"several"``.
    hint
        How it is written, with an example.
    choices
        Value and words of each choice.
    start
        What stands there at first.
    shown_if
        Another field and the values of it for which this one is asked.
    narrowed_by
        Another field: only choices are offered whose value begins with that field's.
    required
        Whether nothing can be computed without it.
    """

    name: str
    label: str
    kind: str = "text"
    hint: str = ""
    choices: tuple[tuple[str, str], ...] = field(default=(), kw_only=True)
    start: str = field(default="", kw_only=True)
    shown_if: tuple[str, tuple[str, ...]] | None = field(default=None, kw_only=True)
    narrowed_by: str = field(default="", kw_only=True)
    required: bool = field(default=False, kw_only=True)


@frozen
class Panel:
    """A table to show.

    Parameters
    ----------
    title
        Its caption.
    columns
        Headings.
    rows
        Cells.
    numbers
        Columns of numbers, which are aligned to the right.
    """

    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[Cell, ...]]
    numbers: tuple[int, ...] = ()


@define
class Answer:
    """What a calculator found.

    Parameters
    ----------
    headline
        The result in one line.
    document
        The result as the command line prints it in JSON.
    panels
        Tables to show.
    remarks
        What a reader must know of the result.
    steps
        The working, as the library gives it.
    sources
        What the result rests on.
    reading
        Lines of working where it is text.
    """

    headline: str
    document: dict[str, Any]
    panels: list[Panel] = Factory(list)
    remarks: list[str] = Factory(list)
    steps: Iterable[Step] = ()
    sources: Sequence[Citation] = ()
    reading: Sequence[str] = ()


@frozen
class Tool:
    """One calculator.

    Parameters
    ----------
    key
        Its name in the address of the page.
    title, intro
        What it is called and does.
    fields
        What it asks for.
    compute
        From what was entered to the answer.
    rules
        Page of the documentation that states the rule.
    call
        The call of the library, or the command, that does the same.
    located
        Renames the field of an error to a field of the form.
    """

    key: str
    title: str
    intro: str
    fields: tuple[Field, ...]
    compute: Callable[[dict[str, Any]], Answer]
    rules: str
    call: str
    located: Callable[[str, Given], str] = lambda name, given: name  # noqa: ARG005

    def describe(self, say: Callable[[str], str]) -> dict[str, Any]:
        """Return the form as plain data, its words put by ``say`` into a language."""
        return {
            "key": self.key,
            "title": say(self.title),
            "intro": say(self.intro),
            "rules": self.rules,
            "call": self.call,
            "fields": [
                {
                    "name": one.name,
                    "label": say(one.label),
                    "kind": one.kind,
                    "hint": say(one.hint),
                    "choices": [[value, say(words)] for value, words in one.choices],
                    "start": one.start,
                    "shown_if": one.shown_if,
                    "narrowed_by": one.narrowed_by,
                    "required": one.required,
                }
                for one in self.fields
            ],
        }

    def run(self, given: Given, say: Callable[[str], str]) -> dict[str, Any]:
        """Compute, and return the answer or the refusal as plain data in words of a language."""
        asked = self._asked(given)
        try:
            with collected() as texts:
                self._check_needed(asked)
                answer = self.compute(dict.fromkeys(one.name for one in self.fields) | asked)
        except ItpCarTError as error:
            name = self.located(error.field or "", asked)
            known = any(one.name == name for one in self.fields)
            text = error.message if known else str(error)
            return {
                "error": {
                    "field": name if known else None,
                    "message": say(text),
                    "original": text,
                    "kind": type(error).__name__,
                }
            }
        told = answer.document.get("warnings")
        warnings = list(dict.fromkeys((*(told or ()), *texts)))
        if told is not None:
            answer.document["warnings"] = warnings
        return _plain(answer, warnings, lambda text: raised(say(text))) | {"given": asked}

    def _check_needed(self, asked: Given) -> None:
        for one in self.fields:
            if one.required and one.name not in asked:
                raise MissingFactError(f"{one.label} was not given", field=one.name)

    def _asked(self, given: Given) -> dict[str, Any]:
        """Return what was entered in the fields that are shown, without the empty ones."""
        fixed = {one.name: one.start for one in self.fields if one.kind == "choice" and one.start}
        chosen = fixed | {name: value for name, value in given.items() if value}
        asked = {}
        for one in self.fields:
            value = chosen.get(one.name)
            other, values = one.shown_if or ("", ())
            if other and chosen.get(other) not in values:
                continue
            if isinstance(value, str):
                value = value.strip()
            if value:
                asked[one.name] = tuple(value) if isinstance(value, list) else value
        return asked


def _plain(answer: Answer, warnings: list[str], say: Callable[[str], str]) -> dict[str, Any]:
    steps = list(answer.steps)
    return {
        "headline": say(answer.headline),
        "panels": [
            {
                "title": say(panel.title),
                "columns": [say(head) for head in panel.columns],
                "rows": [[_cell(cell, say) for cell in row] for row in panel.rows],
                "numbers": list(panel.numbers),
            }
            for panel in answer.panels
        ],
        "remarks": [say(text) for text in answer.remarks],
        "warnings": [say(text) for text in warnings],
        "steps": [
            {
                "what": say(step.what),
                "formula": say(step.formula),
                "substituted": say(step.substituted),
                "result": say(step.result),
                "note": say(step.note),
                "source": str(step.citation) if step.citation else "",
            }
            for step in steps
        ],
        "reading": [say(text) for text in answer.reading],
        "sources": [
            {
                "cited": str(cited),
                "note": say(cited.note),
                "reference": str(cited.source),
                "link": _link(cited),
                "verified": cited.verified,
            }
            for cited in answer.sources
        ],
        "document": answer.document,
    }


def _cell(cell: Cell, say: Callable[[str], str]) -> str:
    return say(cell) if isinstance(cell, str) else text_of(cell, say)


def _link(cited: Citation) -> str:
    source = cited.source
    return f"https://doi.org/{source.doi}" if source.doi else source.url or ""


def number(text: Any) -> Any:
    """Return a whole number; other text is left for the library to refuse.

    Examples
    --------
    >>> number("41"), number("41.5"), number(None)
    (41, '41.5', None)
    """
    plain = isinstance(text, str) and text.removeprefix("-").isdecimal() and text.isascii()
    return int(text) if plain else text


def answer_yes_no(given: Any) -> bool | None:
    """Return True, False or None for the choices of `YES_NO`."""
    return None if given is None else given == "yes"


__all__ = [
    "UNSAID",
    "YES_NO",
    "Answer",
    "Cell",
    "Field",
    "Given",
    "Panel",
    "Tool",
    "answer_yes_no",
    "number",
]
