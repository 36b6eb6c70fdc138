"""What the calculator page says of itself, beside the words of the forms and answers."""

from __future__ import annotations

#: Texts by the name the page's script uses.
WORDS = {
    "calculators": "Calculators",
    "notice": "What you enter stays in this page: it is computed in your browser, and nothing is "
    "sent or stored. Enter no name and no number of a patient.",
    "decides": "This informs professionals and decides nothing for them. It is research software "
    "and not a medical device: check every number against the protocol.",
    "loading": "Loading Python",
    "starting": "Starting Python and the library",
    "ready": "Ready: the library runs in this page.",
    "failed": "The library could not be loaded.",
    "unable": "This browser cannot run the calculator: it has no WebAssembly.",
    "needed": "(needed)",
    "compute": "Compute",
    "computing": "Computing …",
    "clear": "Clear",
    "warnings": "Warnings",
    "because": "Because",
    "remarks": "To be known",
    "working": "Working",
    "sources": "Sources",
    "unverified": "(unverified)",
    "copy": "Copy as JSON",
    "copied": "Copied.",
    "below": "Select the text below and copy it.",
    "print": "Print",
    "rule": "The rule and its source",
    "same": "In Python:",
}

#: Shown in every language but English.
TRANSLATED = (
    "Chinese terms follow the guideline where they are known from it; the others were made for "
    "this project and await review. Where the languages differ, the English text counts."
)

__all__ = ["TRANSLATED", "WORDS"]
