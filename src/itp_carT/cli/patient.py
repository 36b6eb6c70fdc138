"""What the commands share: the options of a patient, printing, and collecting warnings."""

from __future__ import annotations

import re
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

import click

from itp_carT.errors import ItpCarTWarning
from itp_carT.subject import Subject

F = TypeVar("F", bound=Callable[..., Any])

_RAISED = re.compile(r"\^(-?[0-9]+)(?![0-9.])")
_SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
_PLAIN = str.maketrans({"×": "x", "√": "sqrt", "µ": "u", "–": "-"})
_CHECK = ": check it"


def patient_options(command: F) -> F:
    """Add the options that describe a patient."""
    options = (
        click.option("--height", metavar="TEXT", help='Height with its unit, e.g. "162 cm".'),
        click.option("--weight", metavar="TEXT", help='Actual weight with its unit, "60 kg".'),
        click.option("--sex", metavar="F|M", help="Needed where a formula differs by sex."),
        click.option("--age", type=int, metavar="YEARS", help="Completed years."),
        click.option("--id", "identifier", metavar="TEXT", help="Subject identifier."),
        click.option(
            "--confirmed", multiple=True, metavar="NAME",
            help="An unusual value that was checked, e.g. weight; may be repeated.",
        ),
    )  # fmt: skip
    for option in reversed(options):
        command = option(command)
    return command


def subject_of(given: dict[str, Any]) -> Subject:
    """Make the subject from the options of a patient, and take them out of what was given."""
    return Subject(
        id=given.pop("identifier"),
        sex=given.pop("sex"),
        age=given.pop("age"),
        height=given.pop("height"),
        weight=given.pop("weight"),
        confirmed=given.pop("confirmed"),
    )


@contextmanager
def collected() -> Iterator[list[str]]:
    """Collect the library's warnings as texts, each once, instead of printing them."""
    texts: list[str] = []
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        yield texts
    for warning in caught:
        text = str(warning.message).removesuffix(_CHECK)
        if not issubclass(warning.category, ItpCarTWarning):
            warnings.warn_explicit(
                warning.message, warning.category, warning.filename, warning.lineno
            )
        elif text not in texts:
            texts.append(text)


def show(text: str) -> None:
    """Print a text, with superscripts where the terminal has them and in plain letters if not."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    pretty = raised(text)
    try:
        pretty.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        pretty = text.translate(_PLAIN).encode("ascii", "replace").decode()
    click.echo(pretty)


def raised(text: str) -> str:
    """Write whole exponents as superscripts.

    Examples
    --------
    >>> raised("9.0×10^8 cell, 1.64 m^2, H^0.725")
    '9.0×10⁸ cell, 1.64 m², H^0.725'
    """
    return _RAISED.sub(lambda found: found[1].translate(_SUPERSCRIPTS), text)


def table(rows: Sequence[tuple[str, ...]], *, right: tuple[int, ...] = ()) -> list[str]:
    """Align rows in columns; the first row is the heading.

    Parameters
    ----------
    rows
        Cells as texts; each row has the same number.
    right
        Columns aligned to the right.
    """
    widths = [max(map(len, map(raised, column))) for column in zip(*rows, strict=True)]
    lines = []
    for row in rows:
        cells = (
            " " * (width - len(raised(cell))) + cell
            if index in right
            else cell + " " * (width - len(raised(cell)))
            for index, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        lines.append("  ".join(cells).rstrip())
    return lines


__all__ = ["collected", "patient_options", "raised", "show", "subject_of", "table"]
