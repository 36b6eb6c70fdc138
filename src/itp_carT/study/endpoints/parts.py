"""What the endpoints share: who is in the denominator, and counts of patients as numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from itp_carT.rounding import fixed
from itp_carT.sources import Citation
from itp_carT.study.assess import PatientResult
from itp_carT.study.columns import Origin
from itp_carT.study.numbers import Number


def infused(results: Sequence[PatientResult]) -> tuple[PatientResult, ...]:
    """Return the patients who were infused: the denominator of efficacy."""
    return tuple(one for one in results if one.records.subject.infusion is not None)


def treated(results: Sequence[PatientResult]) -> tuple[PatientResult, ...]:
    """Return the patients with any study treatment: the denominator of safety."""
    return tuple(
        one
        for one in results
        if one.records.subject.infusion is not None
        or one.records.subject.conditioning is not None
        or one.records.infusions
    )


def count(
    key: str,
    label: str,
    members: Sequence[str],
    among: int,
    *,
    rule: str = "",
    citations: Iterable[Citation] = (),
    rows: Iterable[Origin] = (),
) -> Number:
    """Return a count of patients with its share.

    Parameters
    ----------
    key, label, rule, citations, rows
        As in `Number`.
    members
        Who is counted.
    among
        The denominator.
    """
    share = f" ({fixed(100 * len(members) / among, 0)} %)" if among else ""
    return Number(
        key=key,
        label=label,
        value=len(members),
        text=f"{len(members)}/{among}{share}",
        rule=rule,
        citations=citations,
        rows=rows,
        why=", ".join(members[:20]) + (" and more" if len(members) > 20 else ""),
    )


__all__ = ["count", "infused", "treated"]
