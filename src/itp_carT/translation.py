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

from .errors import UnknownTermError

#: Languages by their tag (BCP 47), each with its own name for itself.
LANGUAGES = {"en": "English", "zh-Hans": "简体中文"}
_FOLDERS = {"zh-Hans": "zh_Hans"}
_HOLE = re.compile(r"\{([0-9])\}")


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


@functools.cache
def _patterns(lang: str) -> tuple[tuple[re.Pattern[str], str], ...]:
    """Return the texts with holes as patterns, those with the most words of their own first."""
    texts = [text for text in _catalogue(lang) if _HOLE.search(text)]
    texts.sort(key=lambda text: len(_HOLE.sub("", text)), reverse=True)
    return tuple((_pattern(text), _catalogue(lang)[text]) for text in texts)


def _pattern(text: str) -> re.Pattern[str]:
    parts = _HOLE.split(text)
    literal = [re.escape(part) for part in parts[::2]]
    holes = [f"(?P<_{name}>.+?)" for name in parts[1::2]]
    mixed = [literal[0]]
    for hole, after in zip(holes, literal[1:], strict=True):
        mixed += [hole, after]
    return re.compile("".join(mixed), re.DOTALL)


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
    return text if tag == "en" or not text else _translated(text, tag)


@functools.lru_cache(maxsize=4096)
def _translated(text: str, lang: str) -> str:
    found = _catalogue(lang).get(text)
    if found is not None:
        return found
    for pattern, put in _patterns(lang):
        held = pattern.fullmatch(text)
        if held is not None:
            return _HOLE.sub(lambda hole: _translated(held[f"_{hole[1]}"], lang), put)  # noqa: B023
    return text


def speaker(lang: str) -> Callable[[str], str]:
    """Return `translate` for one language."""
    return functools.partial(translate, lang=language(lang))


__all__ = ["LANGUAGES", "language", "speaker", "translate"]
