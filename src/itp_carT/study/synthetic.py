"""Synthetic patients: what happens to each, drawn from a seed. None of it comes from real data.

The courses only look plausible: counts fall with lymphodepletion, rise or do not, some responses
are lost, some patients leave. Shapes and shares are made up; nothing may be concluded from them.
The same seed gives the same patients on every machine and in every order.
"""

from __future__ import annotations

import datetime as dt
import math
from random import Random
from typing import Any

from attrs import field, frozen

from itp_carT.protocol.model import Protocol
from itp_carT.subject import Subject
from itp_carT.units import make

#: Days from the infusion on which blood is drawn: the visits of the trial, closer at first.
BLOOD_DAYS = (-14, -6, 1, 3, 5, 7, 10, 14, 21, 28, 42, 60, 90, 120, 150, 180)
#: How a platelet count may behave, with made-up shares.
COURSES = (("complete", 0.45), ("partial", 0.2), ("transient", 0.2), ("none", 0.15))
_CRS_SHARES = (0.2, 0.5, 0.22, 0.08)  # worst grade 0 to 3
_FIRST_PATIENT = dt.date(2022, 1, 3)


class Draw:
    """Random numbers of one patient; only `Random.random` is used, which never changes."""

    def __init__(self, seed: int, number: int) -> None:
        # 584: so that the five patients of seed 1 show every kind of course
        self._random = Random(f"itp_carT synthetic 584 {seed} {number}").random  # noqa: S311 - no secret

    def between(self, low: float, high: float) -> float:
        """Draw a number in a range, all alike."""
        return low + (high - low) * self._random()

    def whole(self, low: int, high: int) -> int:
        """Draw a whole number in a range, both ends included."""
        return low + int(self._random() * (high - low + 1))

    def chance(self, share: float) -> bool:
        """Draw yes with a share."""
        return self._random() < share

    def of(self, options: Any) -> Any:
        """Draw one of several, all alike."""
        return options[int(self._random() * len(options))]

    def weighted(self, shares: Any) -> int:
        """Draw a position by shares that add up to one."""
        left = self._random()
        for at, share in enumerate(shares):
            left -= share
            if left < 0:
                return at
        return len(shares) - 1

    def spread(self, middle: float, share: float) -> float:
        """Draw a number around a middle: log-normal with a spread that is a share of it."""
        normal = math.sqrt(-2 * math.log(1 - self._random())) * math.cos(math.tau * self._random())
        return middle * math.exp(share * normal)


@frozen(kw_only=True)
class SyntheticPatient:
    """One synthetic patient: the drawn facts from which the rows of all tables are written.

    Parameters
    ----------
    id
        Identifier, ``SYN-...``.
    number
        Position in the study, from 1.
    draw
        The patient's own random numbers.
    sex, age
        ``F`` or ``M``, and completed years.
    height, weight
        Standing height [cm] and weight [kg].
    infusion
        Day 0.
    per_kg
        Dose of cells [cell/kg].
    course
        One of `COURSES`.
    baseline
        Platelet count before treatment [10^9/L].
    plateau, rises_on, lost_on
        Count that a response reaches [10^9/L], the day it is half there, and the day it is lost.
    crs_grade, crs_onset, crs_days
        Worst grade of CRS, its first day, and its length [d].
    icans_grade
        Worst grade of ICANS.
    rescue_on
        Day of a rescue with immunoglobulin; None without one.
    transfused_on
        Day of a platelet transfusion; None without one.
    left_on
        Last day in the study where the patient left early.
    """

    id: str
    number: int
    draw: Draw = field(eq=False, repr=False)
    sex: str
    age: int
    height: float
    weight: float
    infusion: dt.date
    per_kg: float
    course: str
    baseline: float
    plateau: float
    rises_on: float
    lost_on: int | None
    crs_grade: int
    crs_onset: int
    crs_days: int
    icans_grade: int
    rescue_on: int | None
    transfused_on: int | None
    left_on: int | None

    @property
    def person(self) -> Subject:
        """The patient as the rules take it."""
        return Subject(
            id=self.id,
            sex=self.sex,
            age=self.age,
            height=make(self.height, "cm"),
            weight=make(self.weight, "kg"),
        )

    @property
    def last_day(self) -> int:
        """Last day of observation, counted from the infusion."""
        return 180 if self.left_on is None else self.left_on

    def on(self, day: int) -> dt.date:
        """Return the date of a day."""
        return self.infusion + dt.timedelta(day)

    def platelets(self, day: int) -> float:
        """Return the count on a day, before noise [10^9/L]."""
        dip = 1 - 0.45 * math.exp(-(((day - 6) / 5) ** 2)) if day > -5 else 1.0
        level = self.baseline * dip
        if self.course != "none" and day > 0:
            level += (self.plateau - self.baseline) / (1 + math.exp((self.rises_on - day) / 3))
        if self.lost_on is not None and day >= self.lost_on:
            level = self.baseline * 1.3
        if self.rescue_on is not None and 1 < day - self.rescue_on < 21:
            level += 70 * math.exp(-(((day - self.rescue_on - 6) / 7) ** 2))
        if self.transfused_on is not None and 0 < day - self.transfused_on < 4:
            level += 15
        return level


def patient(protocol: Protocol, seed: int, number: int, *, width: int = 2) -> SyntheticPatient:
    """Draw one synthetic patient.

    Parameters
    ----------
    protocol
        Gives the range of the dose and of the age.
    seed, number
        The study, and the patient's position in it from 1.
    width
        Digits of the number in the identifier.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import PROTOCOL
    >>> one = patient(PROTOCOL, seed=1, number=1)
    >>> one.id, one.baseline < 30, 18 <= one.age <= 65
    ('SYN-01', True, True)
    """
    draw = Draw(seed, number)
    sex = draw.of(("F", "F", "M"))
    height = float(draw.whole(150, 172) if sex == "F" else draw.whole(162, 186))
    weight = _decimal(draw.between(19, 29) * (height / 100) ** 2, 1)
    course = COURSES[draw.weighted([share for _, share in COURSES])][0]
    baseline = _decimal(draw.spread(11, 0.5), 0)
    baseline = min(max(baseline, 2.0), 28.0)
    crs_grade = draw.weighted(_CRS_SHARES)
    lost_on = draw.whole(45, 120) if course == "transient" else None
    return SyntheticPatient(
        id=f"SYN-{number:0{width}}",
        number=number,
        draw=draw,
        sex=sex,
        age=draw.whole(max(18, protocol.eligibility.youngest), protocol.eligibility.oldest),
        height=height,
        weight=weight,
        infusion=_FIRST_PATIENT + dt.timedelta(7 * (number % 100) + draw.whole(0, 3)),
        per_kg=draw.of(_levels(protocol)),
        course=course,
        baseline=baseline,
        plateau=_plateau(draw, course, baseline),
        rises_on=draw.between(9, 26),
        lost_on=lost_on,
        crs_grade=crs_grade,
        crs_onset=draw.whole(2, 8),
        crs_days=draw.whole(2, 3 + crs_grade),
        icans_grade=draw.weighted((0.92, 0.06, 0.02)),
        rescue_on=draw.whole(30, 60) if course == "none" and draw.chance(0.6) else lost_on,
        transfused_on=draw.whole(3, 8) if draw.chance(0.15) else None,
        left_on=draw.whole(40, 170) if draw.chance(0.06) else None,
    )


def _plateau(draw: Draw, course: str, baseline: float) -> float:
    if course == "partial":
        return max(draw.between(38, 85), 2.4 * baseline)
    return draw.between(115, 300)


def _levels(protocol: Protocol) -> tuple[float, ...]:
    low, high = (value.m_as("cell/kg") for value in (protocol.cells.lowest, protocol.cells.highest))
    return low, (low + high) / 2, high


def _decimal(number: float, digits: int) -> float:
    return float(f"{number:.{digits}f}")


__all__ = ["BLOOD_DAYS", "COURSES", "Draw", "SyntheticPatient", "patient"]
