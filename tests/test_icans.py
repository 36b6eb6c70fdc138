"""ICANS and ICE: the worked examples, every level of every domain, and what stays open."""

import csv
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    NotPermittedError,
    UndecidedError,
    UnitRequiredError,
    UnknownTermError,
)
from itp_carT.toxicity.astct_2019 import Ice, icans

PUBLISHED = Path(__file__).parent / "published" / "consensus_examples.csv"
WORDS = {
    "generalized, resolves in 1 min": ("generalized", "1 min"),
    "focal edema on MRI": "focal edema",
}

with PUBLISHED.open(encoding="utf-8", newline="") as file:
    ROWS = [row for row in csv.DictReader(file) if row["scale"] == "icans_astct"]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["id"])
def test_worked_example(row):
    said = dict(part.strip().split("=", 1) for part in row["inputs"].split(";"))
    found = {"ice": int(said["ICE"])}
    found |= {key: said[key] for key in ("consciousness", "motor") if key in said}
    if "seizure" in said:
        found["seizure"], found["seizure_duration"] = WORDS[said["seizure"]]
    if "imaging" in said:
        found["pressure"] = WORDS[said["imaging"]]
    assert icans(**found).outcome.grade == int(row["result"])


# the levels that each finding may have, transcribed from the notes


def levels(domain):
    with PUBLISHED.with_name("icans_astct.csv").open(encoding="utf-8", newline="") as file:
        return {
            (row["finding"] or None, row["more"] or None): set(map(int, row["levels"].split("|")))
            for row in csv.DictReader(file)
            if row["domain"] == domain
        }


ICE, AROUSAL, SEIZURE, MOTOR, PRESSURE = map(
    levels, ("ice", "consciousness", "seizure", "motor", "pressure")
)


def test_every_combination_of_domains():
    """A missing ICE may still be 0 to 10, so that the grade of the others can rise to 3."""
    wrong = []
    for ice, arousal, fit, motor, pressure in product(ICE, AROUSAL, SEIZURE, MOTOR, PRESSURE):
        points = None if ice[0] is None else int(ice[0])
        if points and AROUSAL[arousal] == {4}:
            continue  # refused, see below
        found = icans(
            ice=points, consciousness=arousal[0], seizure=fit[0], seizure_duration=fit[1],
            motor=motor[0], pressure=pressure[0],
        )  # fmt: skip
        domains = ICE[ice], AROUSAL[arousal], SEIZURE[fit], MOTOR[motor], PRESSURE[pressure]
        if {int(grade) for grade in found.possible} != set(map(max, product(*domains))):
            wrong.append((ice, arousal, fit, motor, pressure, found))
        assert found.incomplete == (("ICE score",) if points is None else ())
    assert wrong == []


def test_ice_0_is_grade_3_awake_and_grade_4_unarousable_and_open_when_nobody_said():
    assert icans(ice=0, consciousness="awake").outcome.grade == 3
    assert icans(ice=0, consciousness="unarousable").outcome.grade == 4
    found = icans(ice=0)
    assert [int(grade) for grade in found.possible] == [4, 3]
    assert found.incomplete == ("consciousness",)
    with pytest.raises(UndecidedError, match="unarousable"):
        _ = found.outcome


def test_missing_ice_is_graded_from_the_others_and_marked_incomplete():
    found = icans(consciousness="awakens to voice")
    assert found.mildest.grade == 2
    assert [int(grade) for grade in found.possible] == [3, 2]
    assert found.incomplete == ("ICE score",)
    with pytest.raises(UndecidedError, match="ICE score"):
        _ = found.outcome
    settled = icans(consciousness="awake", motor="hemiparesis")
    assert settled.outcome.grade == 4
    assert settled.incomplete == ("ICE score",)
    assert "not assessed: ICE score" in str(settled)


def test_nothing_assessed_is_no_grade():
    assert [int(grade) for grade in icans().possible] == [4, 3, 2, 1, 0]
    assert icans().incomplete == ("ICE score", "consciousness")


def test_consciousness_not_told_with_ice_points_is_on_the_record():
    found = icans(ice=7)
    assert found.outcome.grade == 1
    labels = [fact.label for fact in found.assumed]
    assert "awakens to voice" in labels
    assert "seizure" in labels
    told = icans(ice=7, consciousness="awake", seizure="none", motor="none", pressure="none",
                 death=False)  # fmt: skip
    assert told.assumed == ()


def test_a_clinical_seizure_without_duration_is_open():
    found = icans(ice=10, consciousness="awake", seizure="clinical")
    assert [int(grade) for grade in found.possible] == [4, 3]
    assert found.missing == ("duration of the seizure",)


def test_death():
    assert icans(death=True).outcome.grade == 5


@pytest.mark.parametrize(
    ("given", "kind", "field"),
    [
        ({"ice": 11}, ImpossibleError, "ice"),
        ({"ice": -1}, ImpossibleError, "ice"),
        ({"ice": 7.0}, ImpossibleError, "ice"),
        ({"ice": "7"}, ImpossibleError, "ice"),
        ({"ice": True}, ImpossibleError, "ice"),
        ({"ice": 4, "consciousness": "unarousable"}, ImpossibleError, "ice"),
        ({"consciousness": "sleepy"}, UnknownTermError, "consciousness"),
        ({"seizure": "maybe"}, UnknownTermError, "seizure"),
        ({"seizure": "clinical", "seizure_duration": 3}, UnitRequiredError, "seizure_duration"),
        ({"seizure": "clinical", "seizure_duration": "3 kg"}, DimensionError, "seizure_duration"),
        ({"seizure": "clinical", "seizure_duration": "0 min"}, ImpossibleError,
         "seizure_duration"),
        ({"seizure": "none", "seizure_duration": "3 min"}, ImpossibleError, "seizure_duration"),
        ({"seizure_duration": "3 min"}, ImpossibleError, "seizure_duration"),
        ({"motor": "tremor"}, NotPermittedError, "motor"),
        ({"motor": "myoclonus"}, NotPermittedError, "motor"),
        ({"pressure": "intracranial hemorrhage"}, NotPermittedError, "pressure"),
        ({"pressure": ["focal edema", "hemorrhage"]}, NotPermittedError, "pressure"),
        ({"pressure": "headache"}, UnknownTermError, "pressure"),
    ],
)  # fmt: skip
def test_refused(given, kind, field):
    with pytest.raises(kind) as caught:
        icans(**given)
    assert caught.value.field == field


# --- ICE ------------------------------------------------------------------------------------------

TASKS = {"orientation": 4, "naming": 3, "command": 1, "writing": 1, "counting": 1}


def test_the_tasks_have_ten_points():
    assert Ice(**TASKS).score.value == 10 == sum(TASKS.values())
    assert Ice(**dict.fromkeys(TASKS, 0)).score.value == 0


@pytest.mark.parametrize("task", TASKS)
def test_a_task_has_no_more_points_than_published(task):
    with pytest.raises(ImpossibleError) as caught:
        Ice(**{task: TASKS[task] + 1})
    assert caught.value.field == task


@given(st.fixed_dictionaries({t: st.none() | st.integers(0, most) for t, most in TASKS.items()}))
def test_a_task_not_tested_leaves_its_points_open(points):
    score = Ice(**points).score
    sure = sum(value for value in points.values() if value is not None)
    free = sum(TASKS[task] for task, value in points.items() if value is None)
    assert score.possible == tuple(range(sure, sure + free + 1))
    assert set(score.missing) == {task for task, value in points.items() if value is None}


def test_a_partly_tested_ice_gives_the_grades_of_every_score_it_may_be():
    almost = Ice(orientation=4, naming=2, command=1, writing=1)  # 8 or 9
    assert icans(ice=almost, consciousness="awake").outcome.grade == 1
    half = Ice(orientation=3, naming=3)  # 6 to 9
    found = icans(ice=half, consciousness="awake")
    assert [int(grade) for grade in found.possible] == [2, 1]
    assert found.incomplete == ("ICE command", "ICE writing", "ICE counting")
    assert "ICE writing" in found.missing
