"""Words of the library in another language: labels and messages, through a gettext catalogue.

The language is an argument, never the machine's locale. A message with numbers in it is found by
its pattern, and what was put in is translated in turn; what is not in the catalogue stays English.
"""

from __future__ import annotations

import functools
import gettext
import re
from collections.abc import Callable
from importlib import resources
from typing import Any

from attrs import frozen

from .errors import UnknownTermError

#: Languages by their tag (BCP 47), each with its own name for itself.
LANGUAGES = {"en": "English", "zh-Hans": "简体中文"}
_FOLDERS = {"zh-Hans": "zh_Hans"}
_HOLE = re.compile(r"\{([0-9])\}")
# four letters make a word, unless they are a unit
_WORD = re.compile(r"(?<![A-Za-z])(?!(?:cells?|mmol|umol|mmHg)\b)[A-Za-z]{4}")
_JOINED = re.compile(r"(?:^| )(?:and|of|on|or|to) ")
_MEASURED = re.compile(r"[<>≤≥]?\s*[+-]?[0-9][^ ]*( [^ ]+)?")  # a number with its unit


def language(given: Any) -> str:
    """Return the tag of a language, whatever the case.

    Raises
    ------
    UnknownTermError
        A language that the library does not speak.

    Examples
    --------
    >>> language("zh-hans")
    'zh-Hans'
    """
    known = {tag.casefold(): tag for tag in LANGUAGES}
    tag = known.get(given.strip().casefold()) if isinstance(given, str) else None
    if tag is None:
        raise UnknownTermError(
            f'"{given}" is not a language here: write {" or ".join(LANGUAGES)}',
            field="lang",
            given=given,
            nearest=tuple(LANGUAGES),
        )
    return tag


@functools.cache
def _catalogue(lang: str) -> dict[str, str]:
    """Read the texts of a language; gettext has no public way to list what it read."""
    folder = resources.files(__package__) / "locale" / _FOLDERS[lang] / "LC_MESSAGES"
    with (folder / "itp_carT.mo").open("rb") as file:
        found: dict[str, str] = vars(gettext.GNUTranslations(file))["_catalog"]
    return {text: put for text, put in found.items() if text and put}


@frozen
class _Pattern:
    """A text with holes: how it is recognized, what is put, and which holes must be known."""

    shape: re.Pattern[str]
    put: str
    known: tuple[str, ...]


@functools.cache
def _patterns(lang: str) -> tuple[_Pattern, ...]:
    """Return the texts with holes as patterns, those with the most words of their own first."""
    texts = [text for text in _catalogue(lang) if _HOLE.search(text)]
    # a semicolon parts sentences, so that it is looked for before anything inside them
    texts.sort(key=lambda text: (text == "{0}; {1}", len(_HOLE.sub("", text))), reverse=True)
    return tuple(_pattern(text, _catalogue(lang)[text]) for text in texts)


def _pattern(text: str, put: str) -> _Pattern:
    parts = _HOLE.split(text)
    mixed = [re.escape(parts[0])]
    for name, after in zip(parts[1::2], parts[2::2], strict=True):
        mixed += [f"(?P<_{name}>.*?)", re.escape(after)]
    # what only joins two texts is used where both are known; a source in brackets may stay
    holes = [name for before, name in zip(parts[::2], parts[1::2], strict=False)
             if not before.endswith("(")]  # fmt: skip
    joint = not _WORD.search(" ".join(parts[::2]))
    return _Pattern(re.compile("".join(mixed), re.DOTALL), put, tuple(holes) if joint else ())


def translate(text: str, lang: str) -> str:
    """Return a label or a message of the library in a language.

    Parameters
    ----------
    text
        A text the library gave, in English.
    lang
        Tag of the language, one of `LANGUAGES`.

    Returns
    -------
    The text in that language; the English text where it is not in the catalogue.

    Raises
    ------
    UnknownTermError
        A language that the library does not speak.

    Examples
    --------
    >>> translate("complete response", "zh-Hans")
    '完全反应'
    >>> translate("complete response", "en")
    'complete response'
    """
    tag = language(lang)
    return text if tag == "en" or not text else _translated(text, tag) or text


@functools.lru_cache(maxsize=4096)
def _translated(text: str, lang: str) -> str | None:
    """Return the translation; None where the catalogue has none."""
    found = _catalogue(lang).get(text)
    if found is not None:
        return found
    if _MEASURED.fullmatch(text) or not (_WORD.search(text) or _JOINED.search(text)):
        return text
    for pattern in _patterns(lang):
        held = pattern.shape.fullmatch(text)
        if held is None:
            continue
        parts = {name[1:]: _translated(part, lang) for name, part in held.groupdict().items()}
        if all(parts[name] is not None for name in pattern.known):
            own = {name: part or held[f"_{name}"] for name, part in parts.items()}
            return _HOLE.sub(lambda hole: own[hole[1]], pattern.put)  # noqa: B023
    return None


def speaker(lang: str) -> Callable[[str], str]:
    """Return `translate` for one language."""
    return functools.partial(translate, lang=language(lang))


__all__ = ["LANGUAGES", "language", "speaker", "translate"]
