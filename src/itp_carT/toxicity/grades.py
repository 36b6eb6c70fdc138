"""Grades of toxicity.

CTCAE grades run from 1 to 5; 0 is not of CTCAE but the field's convention for "could be graded,
and is not abnormal". What cannot be graded has no grade; it is never 0.
"""

from __future__ import annotations

from enum import IntEnum


class Grade(IntEnum):
    """Severity of an adverse event, ordered; 0 is an analysis convention, 5 is death.

    Examples
    --------
    >>> Grade.G3 > Grade.G2, Grade(4).name
    (True, 'G4')
    """

    G0 = 0
    G1 = 1
    G2 = 2
    G3 = 3
    G4 = 4
    G5 = 5
