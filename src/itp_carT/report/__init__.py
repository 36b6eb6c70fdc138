"""The report of a study: one HTML file that needs nothing else, with every figure traced.

Tables and figures come from `itp_carT.study.analysis`; nothing is computed here. The page has no
script, loads nothing, prints, and reads in a screen reader; each figure leads to its derivation.
"""

from __future__ import annotations

import importlib.resources
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from typing import Any

from itp_carT import __version__
from itp_carT.errors import MissingFactError
from itp_carT.study.analysis import Analysis
from itp_carT.study.numbers import Listing, Number, Section
from itp_carT.study.problems import Severity

from .figures import Picture, pictures
from .markup import anchor, document, element, listed, picture, table

#: Rows of one table that are shown; all of them are in the JSON and the CSV.
SHOWN = 200
#: Figures whose derivation is printed on the page.
DERIVED = 600
_PROBLEMS = 40
_NOT_A_DEVICE = (
    "This report informs professionals and decides nothing for them. It is research software, no "
    "medical device; check what matters against the protocol and the source data."
)


def report(analysis: Analysis, *, with_pictures: bool = True) -> str:
    """Write the report of an analysis as one HTML page.

    Parameters
    ----------
    analysis
        The endpoints.
    with_pictures
        Whether to draw; without Matplotlib the page says that pictures are missing.

    Returns
    -------
    The page.
    """
    drawn, missing = _drawn(analysis, wanted=with_pictures)
    derived = _derived(analysis)
    places = {number.key for number in derived}
    style = importlib.resources.files(__name__).joinpath("style.css").read_text("utf-8")
    title = analysis.header.name or "Study report"
    sections = [_section(one, drawn, places) for one in analysis.sections]
    return document(
        title,
        style,
        element("a", "Skip to the content", class_="skip", href="#content"),
        _header(analysis, title),
        _contents(analysis),
        element("main", missing, _problems(analysis), *sections, _derivations(derived),
                id="content"),
        element("footer", _NOT_A_DEVICE),
    )  # fmt: skip


def _drawn(analysis: Analysis, *, wanted: bool) -> tuple[list[Picture], ET.Element | None]:
    if not wanted:
        return [], None
    try:
        return list(pictures(analysis)), None
    except MissingFactError:
        text = 'Pictures are missing: install them with  pip install "itp-cart[plots]".'
        return [], element("p", text, class_="notes")


# --- the head of the page -------------------------------------------------------------------------


def _header(analysis: Analysis, title: str) -> ET.Element:
    header = analysis.header
    facts = [
        ("protocol", f"{analysis.protocol.name} ({analysis.protocol.source})"),
        ("response", f"{analysis.plan.criteria.title} ({analysis.plan.criteria.key})"),
        ("adverse events", header.edition("ctcae")),
        ("data cutoff", "not stated" if header.cutoff is None else header.cutoff.isoformat()),
        ("patients", str(len(analysis.patients))),
        ("library", f"itp_carT {__version__}"),
    ]
    banner = None
    if header.synthetic:
        banner = element(
            "p", element("strong", "Synthetic data."),
            " No patient stands behind any of it, and nothing may be concluded from it.",
            class_="banner", role="note",
        )  # fmt: skip
    pairs = [part for name, text in facts for part in (element("dt", name), element("dd", text))]
    return element("header", element("h1", title), banner, element("dl", *pairs, class_="facts"))


def _contents(analysis: Analysis) -> ET.Element:
    links = [element("a", "The data", href="#data")]
    links += [element("a", one.title, href=f"#{anchor(one.key)}") for one in analysis.sections]
    links.append(element("a", "Where each figure comes from", href="#derivations"))
    return element("nav", listed(links), aria_label="Sections")


def _problems(analysis: Analysis) -> ET.Element:
    report = analysis.validation
    counts = {one: sum(p.severity is one for p in report.problems) for one in Severity}
    heading = element("h2", "The data", id="data")
    if not report.problems:
        return element("section", heading, element("p", "No problem was found in the files."))
    told = [element("li", str(problem)) for problem in report.problems[:_PROBLEMS]]
    more = len(report.problems) - _PROBLEMS
    if more > 0:
        told.append(element("li", f"and {more} more: itp-cart validate lists them all"))
    words = ", ".join(f"{count} {one.value}" for one, count in counts.items() if count)
    return element(
        "section", heading,
        element("p", f"Problems in the files: {words}. Rows that could not be read are left out."),
        element("details", element("summary", "The problems"), element("ul", *told)),
    )  # fmt: skip


# --- sections -------------------------------------------------------------------------------------


def _section(one: Section, drawn: Sequence[Picture], places: set[str]) -> ET.Element:
    mine = [_figure(found) for found in drawn if found.section == one.key]
    panels: list[ET.Element] = []
    if one.key == "response":
        panels = [_figure(found) for found in drawn if found.section == "panels"]
    return element(
        "section",
        element("h2", one.title, id=anchor(one.key)),
        _figures(one.numbers, places),
        *mine,
        *(_listing(listing, places) for listing in one.listings),
        *panels,
        listed(one.notes, class_="notes") if one.notes else None,
    )


def _figure(found: Picture) -> ET.Element:
    return picture(found.svg, found.words, found.caption)


def _figures(numbers: Sequence[Number], places: set[str]) -> ET.Element | None:
    if not numbers:
        return None
    boxes = [
        element("div", element("dt", _capital(one.label)), element("dd", _linked(one, places)))
        for one in numbers
    ]
    return element("dl", *boxes, class_="figures")


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _linked(cell: Any, places: set[str]) -> ET.Element | str:
    if isinstance(cell, Number):
        if cell.key in places:
            return element("a", str(cell), href=f"#{anchor(cell.key)}")
        return str(cell)
    return str(cell)


def _listing(one: Listing, places: set[str]) -> ET.Element:
    rows = [[_linked(cell, places) for cell in row] for row in one.rows[:SHOWN]]
    if not rows:
        return element("p", f"{one.title}: none.", class_="notes")
    note = one.note
    if len(one.rows) > SHOWN:
        note += f" The first {SHOWN} of {len(one.rows)} rows; all are in the JSON and the CSV."
    return element(
        "div",
        table(one.title, one.columns, rows),
        element("p", note.strip(), class_="notes") if note.strip() else None,
    )


# --- where each figure comes from -----------------------------------------------------------------


def _derived(analysis: Analysis) -> list[Number]:
    """Return the figures that are derived on the page: those of the study first."""
    whole = [number for one in analysis.sections for number in one.numbers]
    rest = [number for number in analysis.numbers() if number not in whole]
    return [*whole, *rest][:DERIVED]


def _derivations(numbers: Sequence[Number]) -> ET.Element:
    places = {one.key for one in numbers}
    return element(
        "section",
        element("h2", "Where each figure comes from", id="derivations"),
        element("div", *(_derivation(one, places) for one in numbers), class_="derivations"),
    )


def _derivation(one: Number, places: set[str]) -> ET.Element:
    return element(
        "div",
        element("p", element("strong", _capital(one.label)), f": {one} ",
                element("span", one.key, class_="key")),
        *(element("p", line) for line in _told(one)),
        _parts(one, places),
        class_="derivation", id=anchor(one.key),
    )  # fmt: skip


def _told(one: Number) -> Iterator[str]:
    if one.rule:
        yield f"How: {one.rule}."
    if one.why:
        yield f"Note: {one.why}."
    if one.citations:
        yield f"Source: {'; '.join(map(str, one.citations))}."
    for place in one.document()["rows"]:
        rows = place["rows"]
        more = f" and {len(rows) - 40} more" if len(rows) > 40 else ""
        yield f"Rows: {place['file']} {', '.join(map(str, rows[:40]))}{more}."


def _parts(one: Number, places: set[str]) -> ET.Element | None:
    if not one.parts:
        return None
    links: list[ET.Element | str] = []
    for part in one.parts[:SHOWN]:
        if links:
            links.append(", ")
        links.append(
            element("a", part.key.rpartition(":")[2], href=f"#{anchor(part.key)}")
            if part.key in places
            else part.key.rpartition(":")[2]
        )
    return element("p", "From: ", *links)


__all__ = ["DERIVED", "SHOWN", "report"]
