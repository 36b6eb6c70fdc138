"""The command ``itp-cart bsa``: every formula of body surface area for one patient."""

from __future__ import annotations

import json
from typing import Any

import click

from itp_carT import __version__
from itp_carT.anthropometry import BsaComparison, compare_bsa
from itp_carT.rounding import fixed

from .patient import collected, patient_options, show, subject_of, table


@click.command()
@patient_options
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of a table.")
def command(as_json: bool, **given: Any) -> None:
    """Compare the formulas of body surface area for one patient.

    Differences are from Mosteller's formula. Formulas that need a fact that was not given are
    listed with the reason.
    """
    with collected() as texts:
        compared = compare_bsa(subject_of(given))
    if as_json:
        click.echo(json.dumps(document(compared, texts), indent=2, ensure_ascii=False))
    else:
        show(_sheet(compared, texts))


def _sheet(compared: BsaComparison, texts: list[str]) -> str:
    rows = [("formula", "area", "from Mosteller", "equation", "source")]
    for area in compared:
        used = area.equation
        verified = "" if used.citation.verified else ", unverified"
        rows.append(
            (
                area.formula.name,
                f"{fixed(area.value.magnitude, 4)} m^2",
                f"{fixed(compared.difference(area).magnitude, 1, signed=True)} %",
                used.symbols,
                f"{used.citation.short}{verified}",
            )
        )
    lines = [
        f"Body surface area, {_person(compared)} (H height in cm, W weight in kg)",
        "",
        *table(rows, right=(1, 2)),
    ]
    if compared.left_out:
        lines += ["", "Left out", *(f"  {f.name}: {reason}" for f, reason in compared.left_out)]
    if texts:
        lines += ["", "Warnings", *(f"  {text}" for text in texts)]
    return "\n".join(lines)


def _person(compared: BsaComparison) -> str:
    subject = compared.reference.subject
    sex = f"{subject.sex.value}, " if subject.sex else ""
    return f"{sex}{subject.height}, {subject.weight}"


def document(compared: BsaComparison, texts: list[str]) -> dict[str, Any]:
    """Arrange a comparison as the documented JSON."""
    return {
        "bsa": [
            {
                "value": area.value.magnitude,
                "unit": "m^2",
                "formula": area.formula.key,
                "difference": {"value": compared.difference(area).magnitude, "unit": "%"},
                "verified": area.equation.citation.verified,
                "notes": list(area.notes),
            }
            for area in compared
        ],
        "left_out": [
            {"formula": formula.key, "reason": reason} for formula, reason in compared.left_out
        ],
        "warnings": texts,
        "version": __version__,
    }


__all__ = ["command", "document"]
