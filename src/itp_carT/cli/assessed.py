"""How the commands print one day's assessment by one or several toxicity scales."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import click

from itp_carT import __version__
from itp_carT.toxicity.scales import ScaleAssessment

from .patient import show


def print_assessments(found: Sequence[ScaleAssessment], texts: list[str], *, as_json: bool) -> None:
    """Print assessments with what they rest on; each grade is of its own scale."""
    if as_json:
        whole = {"grades": [document(one) for one in found], "warnings": texts}
        whole["version"] = __version__
        click.echo(json.dumps(whole, indent=2, ensure_ascii=False))
        return
    lines: list[str] = []
    for one in found:
        lines += [_headline(one), f"  {one.because}"]
        lines += [f"  note: {note}" for note in one.notes]
        if one.incomplete:
            lines.append(f"  not assessed: {', '.join(one.incomplete)}")
        if one.assumed:
            labels = "; ".join(fact.label for fact in one.assumed)
            lines.append(f"  not reported, taken as absent: {labels}")
    if len(found) > 1:
        lines += ["", "Grades of different scales cannot be compared."]
    if texts:
        lines += ["", "Warnings", *(f"  {text}" for text in texts)]
    show("\n".join(lines))


def _headline(one: ScaleAssessment) -> str:
    if one.settled:
        return str(one.outcome)
    grades = " or ".join(str(int(grade)) for grade in one.possible)
    return f"{one.scale.term} grade open: {grades} ({one.scale.edition})"


def document(one: ScaleAssessment) -> dict[str, Any]:
    """Arrange one assessment as the documented JSON."""
    return {
        "scale": one.scale.key,
        "grade": int(one.possible[0]) if one.settled else None,
        "possible": [int(grade) for grade in one.possible],
        "missing": list(one.missing),
        "incomplete": list(one.incomplete),
        "assumed_absent": [fact.label for fact in one.assumed],
        "because": one.because,
        "notes": list(one.notes),
        "date": one.on.isoformat() if one.on else None,
        "source": str(one.verdict.table.source),
        "verified": one.scale.source.verified,
    }


__all__ = ["document", "print_assessments"]
