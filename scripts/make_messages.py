"""Renew the catalogue of Chinese texts from the code, and compile it for the package.

    python scripts/make_messages.py

Writes ``itp_carT.po``: every label that a form or an answer of the calculator may show, what joins
texts, and the refusals that are translated, with holes for what is put in. Translations that are
there are kept; a text that is gone is dropped. A new refusal is added by hand, as msgid and msgstr.
``itp_carT.mo`` is what the package reads. Needs Babel (extra ``dev``). An entry with the comment
``review`` awaits review by a clinician who reads Chinese; one without it is the guideline's own
term.
"""

from __future__ import annotations

import ast
import io
import pkgutil
import sys
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "itp_carT"
FOLDER = PACKAGE / "locale" / "zh_Hans" / "LC_MESSAGES"
sys.path.insert(0, str(ROOT / "src"))

HEAD = r"""msgid ""
msgstr ""
"Language: zh_Hans\n"
"Content-Type: text/plain; charset=utf-8\n"

"""

#: Joints between texts: signs and words that the library puts between two labels.
JOINTS = (
    "{0} and {1}", "{0} or {1}", "not ({0})", "{0} if {1}", "else {0}", "if {0}: {1}; else: {2}",
    "{0}: {1}", "{0}; {1}", "{0}, {1}", "{0} ({1})", "{0} < {1}", "{0} ≤ {1}", "{0} > {1}",
    "{0} ≥ {1}", "{0} × baseline", "{0} × LLN", "{0} × ULN", "LLN", "ULN", "{0} baseline",
    "{0} lower limit of normal", "{0} upper limit of normal", "{0} d", "unconfirmed {0}",
    "CRS grade {0} ({1})", "ICANS grade {0} ({1})", "{0} (unverified)", "{0} per area",
    "{0} per area, reduced", "{0} a day", "{0} a day, rounded", "{0} in all", "{0} vials a day",
    "concentration of {0}", "{0}, H in cm, W in kg", "needs {0}", "counted as {0}",
    "concentration × viability × car fraction", "line {0}, {1}: {2}", "line {0}: {1}",
    "{0} is outside {1} cell/kg ({2}): choose a dose within, or state the reason",
    "{0} is none of {1} cell/kg ({2}): choose a dose within, or state the reason", "{0} to {1}",
    "counted as viable CAR-positive T cells", "counted as viable cells", "counted as total cells",
    "of {0}", "on {0}", "likely cause: {0}? write {1}", "; likely cause: {0}? write {1}",
    "{0} (the body mass index would be {1})", "units are e.g. {0}", "known: {0}",
    "did you mean {0}?",
    "max", "sum", "skin exam", "skin history", "oral exam", "oral history",
    "skin grade", "mucosa grade", "organs grade", "not used: {0}", "to {0}, half up",
    "{0} (level {1})", "{0} d, censored: {1}", "{0} d, lost: {1}", "{0} × {1}, waste {2}",
    "{0} is grade {1}: give {2} to settle it", "{0}, unverified", ": check height and weight",
    "{0} is unusual (usually {1} to {2} {3}){4}",
    "{0} viable CAR-positive T cells", "{0} viable cells", "{0} total cells",
    "fludarabine {0} × {1}", "cyclophosphamide {0} × {1}",
    "bleeding", "total", "symptom", "age points", "organs", "grade", "worst", "baseline",
)  # fmt: skip


def template(node: ast.AST) -> str | None:
    """Return a text of the code with a numbered hole for everything that is put in."""
    holes: list[None] = []

    def parts(node: ast.AST) -> str | None:
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if isinstance(node, ast.JoinedStr):
            return "".join(parts(part) or hole() for part in node.values)
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = parts(node.left), parts(node.right)
            return None if left is right is None else (left or hole()) + (right or hole())
        return None

    def hole() -> str:
        holes.append(None)
        return f"{{{len(holes) - 1}}}"

    return parts(node)


def refusals() -> Iterator[str]:
    """Yield the message of every error the library raises on purpose."""
    for path in sorted(PACKAGE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            name = isinstance(node, ast.Call) and getattr(node.func, "id", "")
            if name and name.endswith("Error") and name[:-5] not in PLAIN and node.args:
                text = template(node.args[0])
                if text and any(sign.isalpha() for sign in text):
                    yield text


#: MedDRA's system organ classes: their Chinese names belong to MedDRA.
LICENSED = ("SystemOrganClass",)
PLAIN = ("Attribute", "Type", "Value", "Assertion", "Import", "Key", "NotImplemented")


def texts() -> set[str]:
    """Return every text of the code, with holes: a translation of none of them is dropped."""
    found = set()
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = template(node)
            if text:
                found.add(text)
    return found


def labels() -> Iterator[str]:
    """Yield every label that a form or an answer may show, and every label of an enumeration."""
    from itp_carT.analytes import analytes
    from itp_carT.calculator import TOOLS
    from itp_carT.calculator.words import TRANSLATED, WORDS
    from itp_carT.days import WEEKDAYS

    yield from (*WORDS.values(), TRANSLATED, *WEEKDAYS)
    for tool in TOOLS.values():
        yield from (tool.title, tool.intro)
        for field in tool.fields:
            yield from (field.label, field.hint, *(words for _, words in field.choices))
    yield from (found.label for found in analytes())
    yield from _facts()
    for kind in _enumerations():
        yield from (member.label for member in kind if isinstance(member.label, str))


def _facts() -> Iterator[str]:
    from itp_carT.bleeding import INSTRUMENTS
    from itp_carT.calculator.toxicity import TABLES
    from itp_carT.dosing.drugs import CYCLOPHOSPHAMIDE, FLUDARABINE
    from itp_carT.rules import Fact, Table
    from itp_carT.toxicity import astct_2019, crs_ctcae, icans_2019

    scales = [*TABLES.values(), astct_2019.CRS, icans_2019.ICANS]
    scales += [table for table in vars(crs_ctcae).values() if isinstance(table, Table)]
    for table in scales:
        yield table.term
        yield from (fact.label for fact in table.facts if not _of_baseline(table, fact))
        yield from (measure.label for measure in table.measures)
        yield from (text for text in (table.note, *(row.note for row in table.rows)) if text)
    for instrument in INSTRUMENTS.values():
        yield from (item.label for item in instrument.items)
    yield from (drug.name for drug in (FLUDARABINE, CYCLOPHOSPHAMIDE))
    yield from (fact.label for fact in vars(icans_2019).values() if isinstance(fact, Fact))


def _of_baseline(table: object, fact: object) -> bool:
    keys = [(m.high, m.low, m.sample) for m in table.measures if hasattr(m, "sample")]
    return any(fact.key in own for own in keys)


def _enumerations() -> Iterator[type[Enum]]:
    import itp_carT

    seen = set()
    for module in pkgutil.walk_packages(itp_carT.__path__, "itp_carT."):
        if module.name.endswith("__main__"):
            continue
        try:
            found = import_module(module.name)
        except ImportError:
            continue  # an adapter whose extra is absent; adapters have no labels of their own
        for value in vars(found).values():
            if isinstance(value, type) and issubclass(value, Enum) and value not in seen:
                seen.add(value)
                ours = value.__module__.startswith("itp_carT") and hasattr(value, "label")
                if ours and value.__name__ not in LICENSED:
                    yield value


def wanted() -> dict[str, str]:
    """Return every text to be translated, and what it is."""
    found = {text: "label" for text in labels() if _has_words(text)}
    found |= {text: "joint" for text in JOINTS if text not in found}
    found |= {text: "refusal" for text in refusals() if text not in found}
    return found


def _has_words(text: str) -> bool:
    return any(sign.isalpha() for sign in text)


def main(extra: dict[str, tuple[str, bool]] | None = None) -> None:
    """Write both files; ``extra`` holds new translations, each with whether it awaits review."""
    from babel.messages.catalog import Catalog
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po, write_po

    source = FOLDER / "itp_carT.po"
    before = read_po(io.BytesIO(source.read_bytes()), locale="zh_Hans")
    known = {m.id: (m.string, "review" in m.user_comments) for m in before if m.id and m.string}
    known |= extra or {}
    alive, entries = texts(), wanted()
    entries |= {text: "text" for text in known if text not in entries and text in alive}
    new = Catalog(locale="zh_Hans", project="itp_carT", charset="utf-8", fuzzy=False)
    for text, kind in sorted(entries.items(), key=lambda pair: (pair[1], pair[0])):
        put, review = known.get(text, ("", False))
        if kind in {"refusal", "text"} and not put:
            continue  # shown in English; an empty entry would only follow each change of words
        new.add(text, put, user_comments=["review"] if review else [], auto_comments=[kind])
    target, compiled = io.BytesIO(), io.BytesIO()
    write_po(target, new, width=0, omit_header=True)
    write_mo(compiled, new)
    source.write_text(HEAD + target.getvalue().decode().strip() + "\n", encoding="utf-8")
    (FOLDER / "itp_carT.mo").write_bytes(compiled.getvalue())
    lost = sorted(set(known) - set(entries))
    done = sum(1 for text in entries if known.get(text, ("",))[0])
    print(f"{done} of {len(entries)} texts are translated; dropped: {lost or 'none'}")


if __name__ == "__main__":
    main()
