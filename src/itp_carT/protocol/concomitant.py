"""Therapy and response together: a patient's medication as what a response assessment takes.

The two instruments do not know each other; the days of therapy become rescue and medication here.
"""

from __future__ import annotations

from itp_carT.response.records import Medication, Rescue
from itp_carT.therapy.course import TherapyCourse
from itp_carT.therapy.off_therapy import medication_intervals, rescue_intervals


def rescues(course: TherapyCourse) -> tuple[Rescue, ...]:
    """Return the rescue treatments of a patient, for ``assess(..., rescue=...)``.

    Examples
    --------
    >>> from itp_carT.therapy.course import assess
    >>> from itp_carT.therapy.records import DoseRecord
    >>> ivig = DoseRecord("IVIg", "1 g/kg", "QD", start=40, end=41)
    >>> [(one.kind.value, one.start, one.end) for one in rescues(assess([ivig], until=180))]
    [('other rescue', 40, 41)]
    """
    return tuple(
        Rescue(one.kind, one.start, one.end, reason=one.reason) for one in rescue_intervals(course)
    )


def medications(course: TherapyCourse) -> tuple[Medication, ...]:
    """Return the ITP drugs a patient already took, for ``assess(..., medication=...)``.

    Examples
    --------
    >>> from itp_carT.therapy.course import assess
    >>> from itp_carT.therapy.records import DoseRecord
    >>> taken = DoseRecord("danazol", "200 mg", "BID", start=-60, end=20)
    >>> medications(assess([taken], until=180))[0].end
    20
    """
    return tuple(
        Medication(one.drug, one.start, one.end, one.raised_on)
        for one in medication_intervals(course)
    )


__all__ = ["medications", "rescues"]
