"""HTML as elements: text is text, so that whatever stands in a file cannot become markup."""

from __future__ import annotations

import base64
import xml.etree.ElementTree as ET
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

Child: TypeAlias = "ET.Element | str | None"


def element(tag: str, *children: Child, **attributes: str) -> ET.Element:
    """Make an element; a trailing underscore of an attribute is dropped (``class_``, ``for_``).

    Parameters
    ----------
    tag
        Name of the element.
    children
        Elements and text, in order; None is left out.
    attributes
        Attributes; ``aria_label`` becomes ``aria-label``.

    Examples
    --------
    >>> html(element("p", "P < 30 & ", element("b", "bleeding"), class_="note"))
    '<p class="note">P &lt; 30 &amp; <b>bleeding</b></p>'
    """
    made = ET.Element(tag, {_name(key): value for key, value in attributes.items()})
    last: ET.Element | None = None
    for child in children:
        if child is None:
            continue
        if isinstance(child, str):
            text = _printable(child)
            if last is None:
                made.text = (made.text or "") + text
            else:
                last.tail = (last.tail or "") + text
        else:
            made.append(child)
            last = child
    return made


def _name(key: str) -> str:
    return key.rstrip("_").replace("_", "-")


def _printable(text: str) -> str:
    """Leave out control characters, which no page may hold."""
    return "".join(one if one.isprintable() or one in "\n\t\u2003" else "\ufffd" for one in text)


def html(made: ET.Element) -> str:
    """Write an element as HTML."""
    return ET.tostring(made, encoding="unicode", method="html")


def listed(items: Iterable[Child], **attributes: str) -> ET.Element:
    """Make a list with bullets."""
    return element("ul", *(element("li", item) for item in items), **attributes)


def table(
    caption: str, columns: Sequence[str], rows: Iterable[Sequence[Child]], **attributes: str
) -> ET.Element:
    """Make a table whose first column heads its rows, inside a box that scrolls sideways.

    Parameters
    ----------
    caption, columns
        Its title and headings.
    rows
        Cells.
    attributes
        Of the table.
    """
    head = element("tr", *(element("th", name, scope="col") for name in columns))
    body = [
        element(
            "tr", element("th", row[0], scope="row"), *(element("td", cell) for cell in row[1:])
        )
        for row in rows
    ]
    made = element(
        "table", element("caption", element("span", caption)), element("thead", head),
        element("tbody", *body), **attributes,
    )  # fmt: skip
    return _scrolling(made, caption)


def _scrolling(made: ET.Element, name: str) -> ET.Element:
    """Put what may be wider than the screen into a box that scrolls, by keyboard too."""
    return element("div", made, class_="wide", tabindex="0", role="region", aria_label=name)


def picture(svg: str, words: str, caption: str) -> ET.Element:
    """Make a figure of an SVG picture, with words for those who do not see it.

    Parameters
    ----------
    svg
        The picture.
    words
        What it shows, in a sentence.
    caption
        What stands below it.
    """
    # as an image its marks keep to themselves: two pictures may use the same names inside
    data = base64.b64encode(svg.encode("utf-8")).decode("ascii")
    image = element("img", src=f"data:image/svg+xml;base64,{data}", alt=words)
    return element("figure", _scrolling(image, caption), element("figcaption", caption))


def anchor(key: str) -> str:
    """Return the name of a place on the page for a key."""
    return "n-" + "".join(one if one.isalnum() or one in "-." else "_" for one in key)


def document(title: str, style: str, *body: Any, lang: str = "en") -> str:
    """Write a whole page that needs nothing from anywhere else.

    Parameters
    ----------
    title
        Its title.
    style
        Its style sheet.
    body
        Elements.
    lang
        Language of the page.
    """
    policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
    sheet = ET.Element("style")
    sheet.text = style
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", **{"http-equiv": "Content-Security-Policy", "content": policy}),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        sheet,
    )
    page = element("html", head, element("body", *body), lang=lang)
    return "<!DOCTYPE html>\n" + html(page) + "\n"


__all__ = ["anchor", "document", "element", "html", "listed", "picture", "table"]
