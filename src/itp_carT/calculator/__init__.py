"""The calculators of the documentation's page: text of form fields in, an answer as plain data out.

The same code runs in the browser and in Python; nothing is stored and nothing is sent.
"""

from __future__ import annotations

import json
from typing import Any

from itp_carT.errors import UnknownTermError
from itp_carT.translation import LANGUAGES, speaker

from .bleeding import BLEEDING
from .doses import BSA, PLAN
from .escalation import ESCALATION
from .form import Given, Tool
from .response import RESPONSE
from .toxicity import CRS, ICANS, LAB
from .words import TRANSLATED, WORDS

#: Every calculator, by key, in the order of the page.
TOOLS: dict[str, Tool] = {
    tool.key: tool for tool in (PLAN, BSA, LAB, CRS, ICANS, RESPONSE, BLEEDING, ESCALATION)
}


def run(tool: str, given: Given, *, lang: str = "en") -> dict[str, Any]:
    """Compute one calculator.

    Parameters
    ----------
    tool
        Key of the calculator, one of `TOOLS`.
    given
        What was entered, as text, by name of the field.
    lang
        Language of the texts to show, one of `LANGUAGES`; the document stays English.

    Returns
    -------
    The answer: ``headline``, ``panels``, ``steps``, ``sources``, ``warnings`` and ``document``; or
    ``error`` with the library's own text and the field it is about.

    Raises
    ------
    UnknownTermError
        There is no such calculator, or no such language.

    Examples
    --------
    >>> run("bsa", {"height": "162 cm", "weight": "60 kg"})["headline"]
    '1.6432 m² (Mosteller)'
    >>> run("bsa", {"height": "162", "weight": "60 kg"})["error"]["field"]
    'height'
    """
    found = TOOLS.get(tool)
    if found is None:
        raise UnknownTermError(
            f'"{tool}" is not a calculator: write {", ".join(TOOLS)}',
            field="tool",
            given=tool,
            nearest=tuple(TOOLS),
        )
    return found.run(given, speaker(lang))


def run_json(tool: str, given: str, lang: str) -> str:
    """Compute one calculator from JSON to JSON, as the page asks for it."""
    return json.dumps(run(tool, json.loads(given), lang=lang), ensure_ascii=False)


def page() -> dict[str, Any]:
    """Return every form in every language as plain data: the page is drawn before Python runs."""
    return {lang: _spoken(lang, name) for lang, name in LANGUAGES.items()}


def _spoken(lang: str, name: str) -> dict[str, Any]:
    say = speaker(lang)
    return {
        "name": name,
        "words": {key: say(text) for key, text in WORDS.items()}
        | {"translated": "" if lang == "en" else say(TRANSLATED)},
        "tools": [tool.describe(say) for tool in TOOLS.values()],
    }


__all__ = ["TOOLS", "page", "run", "run_json"]
