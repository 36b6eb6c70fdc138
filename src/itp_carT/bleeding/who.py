"""The plain WHO bleeding scale: a grade that an assessor gives, and the worst grade of a period.

Grade 0 none to 4 debilitating blood loss, fatal bleeds included; there is no grade 5. The itemized
form of transfusion trials, which finds the grade by rules, is `modified_who`.
"""

from __future__ import annotations

from collections.abc import Iterable

from attrs import frozen

from itp_carT.bleeding_diary import Cause, Day
from itp_carT.points import Points, Truth, highest
from itp_carT.sources import WHO_BLEEDING
from itp_carT.working import Step, Working

from .instrument import BleedingScore, Instrument
from .items import Item, Level, read_items

SCALE = WHO_BLEEDING.at("grades 0-4")
CUTS = WHO_BLEEDING.at("any and clinically significant bleeding")
SEVERE_CUT = WHO_BLEEDING.at("severe bleeding", verified=False)

#: Lowest grade of any, of clinically significant, and of severe bleeding.
ANY, SIGNIFICANT, SEVERE = 1, 2, 3

GRADE = Item(
    "grade",
    "WHO grade",
    (
        Level("none", "none", 0),
        Level(
            "mild",
            "mild (petechial)",
            1,
            note='the word "petechial" is unverified',
        ),
        Level("moderate", "moderate, mild blood loss", 2),
        Level("gross", "gross blood loss", 3),
        Level("debilitating", "debilitating blood loss, fatal bleeds included", 4),
    ),
    SCALE,
    graded=True,
)


def record(
    grade: int | str | None,
    *,
    on: Day | None = None,
    cause: Cause | str | None = None,
    disproportionate: bool | str | None = None,
) -> BleedingScore:
    """Record the WHO grade of one assessment.

    Parameters
    ----------
    grade
        0 to 4, or None when it was not assessed.
    on, cause, disproportionate
        As in `BleedingAssessment`.

    Returns
    -------
    A score with ``grade``.

    Raises
    ------
    ItpCarTError
        A grade that the scale does not have, 5 among them.

    References
    ----------
    who-bleeding

    Examples
    --------
    >>> record(2).grade
    Points(2)
    >>> record(5)
    Traceback (most recent call last):
    itp_carT.errors.ImpossibleError: grade: 5 is not a grade of WHO grade: 0, 1, 2, 3 or 4 ...
    """
    found = read_items((GRADE,), {"grade": grade}, rest=None)
    return BleedingScore(
        "who",
        (("grade", found[0].points),),
        "grade",
        found,
        Working((found[0].step,)),
        on=on,
        cause=cause,
        disproportionate=disproportionate,
    )


@frozen
class WorstGrade:
    """The worst grade of a period, as far as it is known.

    Parameters
    ----------
    observed
        The worst grade that was recorded; None when none was.
    grade
        The grades the worst one may be: a missing grade may have been worse.
    working
        How it was found, and the cuts.

    Examples
    --------
    >>> period = worst([0, None])
    >>> period.observed, period.incomplete, period.any
    (0, True, None)
    """

    observed: int | None
    grade: Points
    working: Working

    @property
    def incomplete(self) -> bool:
        """Whether a grade is missing that could change the worst one."""
        return not self.grade.settled

    @property
    def any(self) -> Truth:
        """Whether there was any bleeding."""
        return self.grade.reaches(ANY)

    @property
    def significant(self) -> Truth:
        """Whether there was clinically significant bleeding."""
        return self.grade.reaches(SIGNIFICANT)

    @property
    def severe(self) -> Truth:
        """Whether there was severe bleeding (the cut is unverified)."""
        return self.grade.reaches(SEVERE)

    @property
    def because(self) -> str:
        """The worst grade with the cut behind each answer."""
        return "; ".join(str(step) for step in self.working)


def worst(grades: Iterable[int | str | BleedingScore | None]) -> WorstGrade:
    """Return the worst WHO or modified WHO grade of a period.

    Parameters
    ----------
    grades
        Grades, None where one is missing, or records.

    Raises
    ------
    ItpCarTError
        A grade that the scale does not have.

    References
    ----------
    who-bleeding

    Examples
    --------
    >>> period = worst([0, 1, 3, 1])
    >>> period.observed, period.significant, period.severe
    (3, True, True)
    """
    points = [
        item["grade"] if isinstance(item, BleedingScore) else record(item)["grade"]
        for item in grades
    ]
    known = [one.value for one in points if one.settled]
    top = highest(*points) if points else Points(GRADE.possible, missing=("grade",))
    given = ", ".join(str(one) if one.settled else "missing" for one in points) or "no grade"
    steps = [Step("worst grade", "highest of the period", given, str(top), CUTS)]
    for name, limit, cited in (
        ("any bleeding", ANY, CUTS),
        ("clinically significant bleeding", SIGNIFICANT, CUTS),
        ("severe bleeding", SEVERE, SEVERE_CUT),
    ):
        answer = {True: "yes", False: "no", None: "open"}[top.reaches(limit)]
        steps.append(Step(name, f"grade at least {limit}", f"grade {top}", answer, cited))
    return WorstGrade(max(known, default=None), top, Working(tuple(steps)))


INSTRUMENT = Instrument(
    "who",
    "WHO bleeding scale",
    (GRADE,),
    (
        Step("worst grade", "highest of the period", "", "", CUTS),
        Step("any bleeding", f"grade at least {ANY}", "", "", CUTS),
        Step("clinically significant bleeding", f"grade at least {SIGNIFICANT}", "", "", CUTS),
        Step("severe bleeding", f"grade at least {SEVERE}", "", "", SEVERE_CUT),
    ),
    record,
)
