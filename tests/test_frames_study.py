"""A study over columns: the same figures, tables and patients as patient by patient."""

import collections
import csv
import datetime as dt
import itertools
import random

import pytest

pytest.importorskip("polars", reason="needs Polars, an extra")

from attrs import evolve

from itp_carT import frames
from itp_carT.errors import NotPermittedError, RecordError, UnknownTermError
from itp_carT.protocol.nct05315778 import PROTOCOL, SCHEDULE
from itp_carT.study import analysis, read_study
from itp_carT.study.simulate import simulate_study

#: Columns of the table of patients, and the number of `analyze` that says the same.
SAME = {
    "best": "response.best",
    "month_6": "response.month6",
    "time_to_response": "response.time",
    "duration": "response.duration",
    "bleeding_before": "bleeding.baseline",
    "bleeding_worst": "bleeding.worst",
    "bleeding_month_6": "bleeding.month6",
    "cells_per_kg": "exposure.cells_per_kg",
    "fludarabine_per_area": "exposure.fludarabine.per_area",
    "cyclophosphamide_per_area": "exposure.cyclophosphamide.per_area",
    "glucocorticoid_decrease": "therapy.decrease.glucocorticoids",
}

#: Columns of grades, and the column of the report that says the same.
GRADED = {
    "crs_worst": "CRS",
    "icans_worst": "ICANS",
    "icaht_early": "early ICAHT",
    "icaht_late": "late ICAHT",
}


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def put(path, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def told(number):
    return (number.value, str(number), number.label, number.unit, number.rule, number.why,
            number.citations)  # fmt: skip


def differences(folder, **how):
    """Return whatever differs between the two ways, and what neither has nor names as left out."""
    study = read_study(folder)
    how = {"schedule": SCHEDULE} | how
    how |= {"questionnaire": analysis.mapped_questionnaire(folder, study.header)}
    found = frames.study_tables(folder, PROTOCOL, **how)
    scalar = analysis.analyze(study, PROTOCOL, **how)
    top = {number.key: number for section in scalar.sections for number in section.numbers}
    for key in {*top, *found.numbers}:
        if key not in found.numbers:
            if not key.startswith(tuple(found.left_out)):
                yield f"{key} is neither computed nor left out"
        elif key not in top or told(top[key]) != told(found.numbers[key]):
            yield f"{key}: {top.get(key)}, over columns {found.numbers[key]}"
    listings = {one.key: one for section in scalar.sections for one in section.listings}
    events = {one.key: one for one in found.incidence}
    for key in {*events, *(key for key in listings if key.startswith("events."))}:
        if "events" not in found.left_out and listings.get(key) != events.get(key):
            yield f"{key} differs"
    for one in found.listings:
        yield from cells(listings[one.key], one)
    yield from scores_and_changes(found, scalar)
    yield from deviations_and_visits(found, scalar)
    yield from agents(found, scalar)
    yield from of_patients(found, {number.key: number for number in scalar.numbers()})
    yield from worst_grades(found, scalar)
    yield from first_episodes(found, scalar)


def cells(here, there):
    if (here.title, here.columns, here.note) != (there.title, there.columns, there.note):
        yield f"{here.key} has another heading"
    for row, other in zip(here.rows, there.rows, strict=True):
        for cell, same in zip(row, other, strict=True):
            if (told(cell) != told(same)) if hasattr(cell, "key") else (cell != same):
                yield f"{here.key}: {cell}, over columns {same}"


def scores_and_changes(found, scalar):
    """Compare the score of each patient, scale and time, and the change from one to the other."""
    times = {None: "baseline", 3: "month 3", 6: "month 6"}
    scores = {}
    for row in found.tables["questionnaire"].iter_rows(named=True):
        for scale in scalar.plan.questionnaire.scales:
            scores[row["subject"], scale.key, row["month"]] = row[scale.key]
    rows = scalar["questionnaire"].listings[0].rows
    for scale, *numbers in zip(scalar.plan.questionnaire.scales, rows, strict=True):
        mean = {one.key: one for one in numbers[0] if hasattr(one, "key")}
        for month, name in times.items():
            there = [v for (_, key, at), v in scores.items() if (key, at) == (scale.key, month)]
            known = [value for value in there if value is not None]
            number = mean[f"questionnaire.{scale.key}.{name}"]
            if number.value is None and known:
                yield f"{number.key}: none, over columns {len(known)} scores"
            if number.value is not None and number.value != pytest.approx(sum(known) / len(known)):
                yield f"{number.key}: {number}, over columns the mean is another"
    for number in scalar["questionnaire"].numbers:
        scale, month = number.key.split(".")[1], int(number.key[-1])
        for part in number.parts:
            who = part.key.partition(":")[2]
            change = scores[who, scale, month] - scores[who, scale, None]
            if part.value != pytest.approx(change):
                yield f"{part.key}: {part}, over columns {change}"


def agents(found, scalar):
    """Compare what each patient took of each agent, as the listing of the report tells it."""
    every = {number.key: number for number in scalar.numbers()}
    listed = [row for row in scalar["therapy"].listings[0].rows if hasattr(row[4], "key")]
    for row, there in itertools.zip_longest(
        listed, found.tables["therapy"].iter_rows(named=True), fillvalue={}
    ):
        if not row or not there:
            yield f"therapy: {row or there} is there only once"
            continue
        place = f"{there['agent']}:{there['subject']}"
        off = f"{there['longest']}, {there['cumulative']}, {there['current_run']}"
        days = ["" if there[key] is None else there[key] for key in ("reduced_on", "stopped_on")]
        for key in ("decrease", "average"):
            number = every[f"therapy.{key}.{place}"]
            value = there[key if key == "decrease" else "average_decrease"]
            if number.value != value or (
                key == "decrease" and number.why != (there["why_not"] or "")
            ):
                yield f"{number.key}: {number}, over columns {value}"
        if (*row[:2], *row[6:]) != (there["subject"], there["agent"], *days, off):
            yield f"therapy of {place}: {row}, over columns {there}"


def deviations_and_visits(found, scalar):
    listed = [row[:3] for row in scalar["deviations"].listings[0].rows]
    for here, there in itertools.zip_longest(listed, found.tables["deviations"].rows()):
        if here != there:
            yield f"{here}, over columns {there}"
    seen = {
        (one.id, visit.visit.key): visit.timing.label
        for one in scalar.patients
        if one.attendance is not None
        for visit in one.attendance.visits
    }
    there = {(who, visit): timing for who, visit, timing in found.tables["visits"].iter_rows()}
    for key in {*seen, *there}:
        if seen.get(key) != there.get(key):
            yield f"{key}: {seen.get(key)}, over columns {there.get(key)}"


def of_patients(found, every):
    for row in found.patients.iter_rows(named=True):
        name = row["subject"]
        for column, key in SAME.items():
            number = every.get(f"{key}:{name}")
            value = None if number is None else number.value
            if value != row[column]:
                yield f"{name}, {column}: {value}, over columns {row[column]}"
        text = str(every.get(f"response.duration:{name}", "none"))
        lost = None if text in ("none", "not known") else not text.endswith("+ d")
        if lost is not row["lost"]:
            yield f"{name}, lost: {text}, over columns {row['lost']}"
    for key in ("any", "severe", "severe_new", "related", "serious", "fatal"):
        if found.patients[f"event_{key}"].sum() != every[f"events.{key}"].value:
            yield f"the column of {key} events does not add up to the figure"


def worst_grades(found, scalar):
    rows = {one["subject"]: one for one in scalar["toxicity"].listings[0].records()}
    for row in found.patients.iter_rows(named=True):
        for column, name in GRADED.items():
            told = rows.get(row["subject"], {}).get(name, "not assessed")
            grade = int(told) if told.isdigit() else None
            if grade != row[column]:
                yield f"{row['subject']}, {name}: {told}, over columns {row[column]}"


def first_episodes(found, scalar):
    everybody = {one.id: one for one in scalar.patients}
    for row in found.patients.iter_rows(named=True):
        one = everybody[row["subject"]]
        for key in ("crs", "icans"):
            onset = length = None
            if one.records.subject.infusion is not None:
                for episode in getattr(one, f"{key}_episodes")[:1]:
                    onset = one.day(episode.onset)
                    if episode.longest == episode.shortest:
                        length = episode.shortest.m_as("d")
            if (onset, length) != (row[f"{key}_onset"], row[f"{key}_days"]):
                yield f"{one.id}, {key}: day {onset} for {length} d, over columns {row}"


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return simulate_study(tmp_path_factory.mktemp("study") / "sixty", PROTOCOL, patients=60, seed=3)


@pytest.mark.parametrize("criteria", ["nct05315778", "nct05315778-literal", "iwg-2009"])
def test_columns_agree_with_patient_by_patient(study, criteria):
    assert list(differences(study, criteria=criteria)) == []


@pytest.mark.slow
def test_columns_agree_on_a_thousand_patients(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=1000, seed=5)
    assert list(differences(folder)) == []


#: What a site may leave empty, or know in part: table, column, and what stands there instead.
HOLES = {
    ("labs", "value"): lambda _: "",
    ("bleeding", "skin"): lambda _: "",
    ("bleeding", "mucosa"): lambda _: "",
    ("adverse_events", "grade"): lambda _: "",
    ("adverse_events", "initial_grade"): lambda _: "",
    ("adverse_events", "start"): lambda text: text[:7],
    ("adverse_events", "end"): lambda text: text[:7],
    ("adverse_events", "relation"): lambda _: "",
    ("adverse_events", "serious"): lambda _: "",
    ("crs", "temperature"): lambda _: "",
    ("crs", "oxygen"): lambda _: "",
    ("crs", "consciousness"): lambda _: "",
    ("infusions", "given"): lambda _: "",
    ("medications", "start"): lambda text: text[:7],
    ("medications", "dose"): lambda _: "",
    ("subjects", "weight"): lambda _: "",
    ("subjects", "height"): lambda _: "",
    ("subjects", "conditioning"): lambda _: "",
}


def test_doses_per_area_agree_and_are_what_a_pharmacist_computes(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=12, seed=8)
    subjects, rows = table(folder / "subjects.csv"), table(folder / "infusions.csv")
    subjects[0] |= {"height": "162", "weight": "60"}  # Mosteller: sqrt(162 * 60 / 3600) = 1.6432 m2
    subjects[1]["weight"] = subjects[2]["height"] = ""
    names = [row["subject"] for row in subjects]
    for row in rows:
        if row["subject"] == names[0] and row["agent"] == "fludarabine":
            row["given"] = "49.3"
    dropped = {(names[3], "fludarabine"), (names[4], "cyclophosphamide"), (names[4], "CAR-T")}
    rows = [row for row in rows if (row["subject"], row["agent"]) not in dropped]
    of_sixth = (row for row in rows if (row["subject"], row["agent"]) == (names[5], "fludarabine"))
    next(of_sixth)["given"] = ""  # one of three days is not known, and so the dose is not
    for row in rows:
        if row["subject"] == names[6] and row["agent"] == "fludarabine":
            row |= {"given": "0.0493", "unit": "g", "planned": ""}
    put(folder / "subjects.csv", subjects)
    put(folder / "infusions.csv", rows[::-1])  # added up by day, not as the rows happen to come
    assert list(differences(folder)) == []
    found = frames.study_tables(folder, PROTOCOL, endpoints=["exposure"]).patients
    daily = dict(found.select("subject", "fludarabine_per_area").iter_rows())
    assert daily[names[0]] == pytest.approx(49.3 / (162 * 60 / 3600) ** 0.5)
    unknown = {names[1], names[2], names[3], names[5]}
    assert {name for name, value in daily.items() if value is None} == unknown


#: Assessments of CRS by day: fever or not, "?" where nobody took the temperature.
EPISODES = {
    "resolved at once": ("..ff..", (2, 2.0)),
    "two episodes, the first counts": (".f.ff.", (1, 1.0)),
    "a day not assessed before the end": (".ff .", (1, None)),
    "not resolved": ("....ff", (4, None)),
    "a day that is open inside": (".f?f..", (1, 3.0)),
    "a day that is open at the end": (".f?...", (1, None)),
    "no fever": ("......", (None, None)),
    "nobody looked": ("", (None, None)),
    "twice on a day, both known": (".(.f)f...", (1, 2.0)),
    "twice on a day, one open": (".(f?)f..", (None, None)),
}


def test_first_episodes_are_what_a_reader_sees_and_agree(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=len(EPISODES) + 1, seed=9)
    subjects = table(folder / "subjects.csv")
    subjects[-1]["infusion"] = ""  # never infused: in no figure, whatever was assessed
    calm = next(row for row in table(folder / "crs.csv") if float(row["temperature"]) < 38)
    rows = []
    courses = [*(days for days, _ in EPISODES.values()), ".ff."]
    for subject, course in zip(subjects, courses, strict=True):
        day, inside = dt.date.fromisoformat(subject["conditioning"]) + dt.timedelta(5), False
        for sign in course:
            if sign in "()":
                inside = sign == "("
                day += dt.timedelta(sign == ")")
                continue
            degrees = {"f": "38.6", ".": "36.5", "?": ""}.get(sign)
            if degrees is not None:
                rows.append({**calm, "subject": subject["subject"], "date": str(day),
                             "temperature": degrees})  # fmt: skip
            day += dt.timedelta(not inside)
    put(folder / "subjects.csv", subjects)
    put(folder / "crs.csv", rows)
    assert list(differences(folder)) == []
    found = frames.study_tables(folder, PROTOCOL, endpoints=["toxicity"])
    seen = found.patients.select("crs_onset", "crs_days").rows()
    assert seen[:-1] == [told for _, told in EPISODES.values()]
    assert str(found.numbers["toxicity.crs.onset"]) == "day 1 (range 1 to 4)"
    assert str(found.numbers["toxicity.crs.length"]) == "2 d (range 1 to 3)"


#: Neutrophils [10^9/L] by day; last day of follow-up; grade of early and late ICAHT.
NEUTROPHILS = {
    "never low": ({0: "4", 30: "2", 60: "2", 90: "2"}, "", (0, 0)),
    "seven days of 100/uL": (
        {0: "4", 4: "4", 5: "0.1", 11: "0.1", 12: "3", 30: "3"},
        "",
        (3, None),
    ),
    "six days of 100/uL": ({0: "4", 4: "4", 5: "0.1", 10: "0.1", 11: "3", 30: "3"}, "", (1, None)),
    "twice 500/uL late": ({0: "4", 30: "3", 60: "0.5", 90: "0.5"}, "", (0, 3)),
    "once 500/uL late": ({0: "4", 30: "3", 60: "0.5", 90: "2"}, "", (0, 0)),
    "only one late count": ({0: "4", 30: "3", 60: "0.5"}, "", (0, None)),
    "lowest of two on a day": ({0: "4", 30: "3", 60: "2 0.4", 90: "0.3"}, "", (0, 3)),
    "left before the second": ({0: "4", 30: "3", 60: "0.5", 90: "0.5"}, "70", (0, None)),
    "left before the infusion": ({0: "4", 30: "3"}, "-2", (None, None)),
    "below the limit of the method": ({0: "4", 30: "3", 60: "<0.1", 90: "<0.1"}, "", (0, 4)),
    "not measured": ({0: "", 30: ""}, "", (None, None)),
    "no row": ({}, "", (None, None)),
}


def test_icaht_is_what_a_reader_counts_and_agrees(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=len(NEUTROPHILS) + 1, seed=9)
    subjects = table(folder / "subjects.csv")
    labs = [row for row in table(folder / "labs.csv") if row["analyte"] != "neutrophils"]
    for subject, (counts, left, _) in zip(subjects[:-1], NEUTROPHILS.values(), strict=True):
        zero = dt.date.fromisoformat(subject["infusion"])
        subject |= {"end": str(zero + dt.timedelta(int(left or 400))), "end_reason": "completed"}
        for day, values in counts.items():
            labs += [
                {"subject": subject["subject"], "date": str(zero + dt.timedelta(day)),
                 "analyte": "neutrophils", "value": value, "unit": "10^9/L", "lln": "", "uln": ""}
                for value in values.split() or [""]
            ]  # fmt: skip
    subjects[-1]["infusion"] = ""
    put(folder / "subjects.csv", subjects)
    put(folder / "labs.csv", labs)
    assert list(differences(folder)) == []
    found = frames.study_tables(folder, PROTOCOL, endpoints=["toxicity"])
    seen = found.patients.select("icaht_early", "icaht_late").rows()
    assert seen[:-1] == [told for *_, told in NEUTROPHILS.values()]
    assert found.numbers["toxicity.icaht_early.3"].value == 1
    assert found.numbers["toxicity.icaht_late.3"].value == 3


#: Platelets [10^9/L] with a lower limit of normal of 125, by day; grade before, worst grade after.
SHIFTS = {
    "the last before treatment": ({-30: "150", -6: "40", 7: "80"}, ("3", "1")),
    "the first day of treatment is before": ({-5: "60", -4: "20"}, ("2", "4")),
    "no sample before": ({7: "40", 14: "60"}, ("not known", "3")),
    "not measured before": ({-6: "", 7: "40"}, ("not known", "3")),
    "below 25 is one grade": ({-6: "<25", 7: "<25"}, ("4", "4")),
    "below 30 is two": ({-6: "<30", 7: "<30"}, ("not known", "not known")),
    "at or below 25 is two": ({-6: "<=25", 7: "60"}, ("not known", "2")),
    "above 100 may be normal": ({-6: "80", 7: ">100"}, ("1", "not known")),
    "above 125 is normal": ({-6: ">=125", 7: ">125"}, ("0", "0")),
    "beyond the limit, and a count": ({-6: "80", 7: "<30", 14: "60"}, ("1", "2")),
    "no sample after": ({-6: "80"}, ("1", "not known")),
    "no sample": ({}, ("not known", "not known")),
}


@pytest.mark.parametrize(("unit", "times"), [("10^9/L", 1), ("/uL", 1000)])
def test_shifts_are_what_a_reader_finds_and_agree(tmp_path, unit, times):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=len(SHIFTS) + 1, seed=9)
    subjects = table(folder / "subjects.csv")
    labs = [row for row in table(folder / "labs.csv") if row["analyte"] != "platelets"]
    cells = [*(counts for counts, _ in SHIFTS.values()), {-6: "80", 7: "20"}]
    for subject, counts in zip(subjects, cells, strict=True):
        zero = dt.date.fromisoformat(subject["infusion"])
        for day, value in counts.items():
            sign = value.rstrip("0123456789")
            number = value.removeprefix(sign)
            labs.append(
                {"subject": subject["subject"], "date": str(zero + dt.timedelta(day)),
                 "analyte": "PLAT", "value": number and f"{sign}{int(number) * times}",
                 "unit": unit, "lln": f"{125 * times}", "uln": f"{350 * times}"}
            )  # fmt: skip
    subjects[-1]["infusion"] = ""  # never infused: in no shift
    put(folder / "subjects.csv", subjects)
    put(folder / "labs.csv", labs[::-1])  # in no order
    assert list(differences(folder)) == []
    found = frames.study_tables(folder, PROTOCOL, endpoints=["events"])
    shift = next(one for one in found.incidence if one.key.endswith("platelet-count-decreased"))
    wanted = collections.Counter(told for _, told in SHIFTS.values())
    for row in shift.records():
        baseline = row.pop("baseline").removeprefix("grade ")
        for worst, number in row.items():
            assert int(number) == wanted[baseline, worst.removeprefix("worst ")], (baseline, worst)


def test_a_folder_of_another_edition_has_its_own_shifts(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=6, seed=9)
    (folder / "adverse_events.csv").unlink()  # not every term is one of that edition
    header = folder / "study.toml"
    text = header.read_text(encoding="utf-8")
    header.write_text(f'{text}\n[editions]\nctcae = "ctcae-v6.0"\n', encoding="utf-8")
    assert list(differences(folder)) == []
    keys = [one.key for one in frames.study_tables(folder, PROTOCOL).incidence]
    assert "events.shift.ctcae-v6.0:thrombocytopenia" in keys


@pytest.mark.parametrize("seed", [1, 2])
def test_columns_agree_where_a_study_has_holes(tmp_path, seed):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=40, seed=seed)
    draw = random.Random(seed)
    for (name, column), instead in HOLES.items():
        rows = table(folder / f"{name}.csv")
        for row in rows:
            if draw.random() < 0.08:
                row[column] = instead(row[column])
        put(folder / f"{name}.csv", rows)
    subjects = table(folder / "subjects.csv")
    for at, row in enumerate(subjects):
        if at % 9 == 4:
            row["infusion"] = ""
        if at % 9 == 5:
            row["infusion"] = row["conditioning"] = ""
        if at % 9 == 6:
            row["diagnosed"] = row["infusion"]  # every earlier count is before the diagnosis
    put(folder / "subjects.csv", subjects)
    assert list(differences(folder)) == []


def test_death_and_events_before_treatment_agree(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=30, seed=4)
    subjects = table(folder / "subjects.csv")
    for row in subjects[::4]:
        row["end_reason"], row["death"] = "death", row["end"]
    for row in subjects[1::4]:
        row["end_reason"], row["death"] = "death", row["infusion"]  # counts after it are refused
    for row in subjects:
        row.setdefault("death", "")
    put(folder / "subjects.csv", [{**row, "death": row["death"]} for row in subjects])
    events = table(folder / "adverse_events.csv")
    for at, row in enumerate(events):
        if at % 5 == 0:
            row |= {"start": "2019", "end": "", "ongoing": "yes", "outcome": ""}
        if at % 5 == 1:
            row |= {"start": "2019-03", "end": "2019-04-02", "ongoing": "no"}
        if at % 5 == 2:
            row |= {"start": "", "end": "", "ongoing": "", "outcome": ""}
    put(folder / "adverse_events.csv", events)
    assert list(differences(folder)) == []


def test_counts_beyond_the_method_and_two_counts_on_a_day_agree(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=30, seed=6)
    labs = table(folder / "labs.csv")
    more = []
    for at, row in enumerate(row for row in labs if row["analyte"] == "platelets" and row["value"]):
        number = row["value"].lstrip("<")
        row["value"] = {0: f">{number}", 1: f">={number}", 2: f"<{number}"}.get(
            at % 40, row["value"]
        )
        if at % 150 == 7:
            more.append({**row, "value": "1000", "lln": "", "uln": ""})  # refused: which one?
    put(folder / "labs.csv", [*labs, *more])
    assert list(differences(folder)) == []


def test_rescue_that_only_the_course_of_therapy_shows_agrees(tmp_path):
    """Nobody wrote that it was rescue: a glucocorticoid begun again, and immunoglobulin, are."""
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=30, seed=7)
    rows = table(folder / "medications.csv")
    stated = [row for row in rows if row["purpose"] == "rescue" or row["rescue"]]
    assert stated
    for row in stated:
        row |= {"purpose": "itp", "rescue": ""}
    zero = {row["subject"]: row["infusion"] for row in table(folder / "subjects.csv")}
    again = {"drug": "prednisone", "dose": "40", "unit": "mg", "frequency": "QD", "route": "oral",
             "ongoing": "", "purpose": "itp", "rescue": ""}  # fmt: skip
    more = [
        {**again, "subject": who, "start": later(day, 150), "end": later(day, 156)}
        for who, day in list(zero.items())[::3]
    ]
    put(folder / "medications.csv", [*rows, *more])
    assert list(differences(folder)) == []


def test_a_table_that_was_not_recorded_is_not_known(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=8, seed=2)
    for name in ("bleeding", "crs", "medications", "adverse_events", "infusions"):
        (folder / f"{name}.csv").unlink()
    assert list(differences(folder)) == []


# --- questionnaire --------------------------------------------------------------------------------


def empty_half(rows):
    """More than half of the items of a scale are not answered: no score."""
    for row in rows:
        if row["item"][-1] in "12345" and row["item"][0] in "SP":
            row["answer"] = ""
    return rows


def mark_one(rows):
    """One item of a scale that applies to some is marked as not applicable, or all but one."""
    for at, row in enumerate(rows):
        if row["item"].startswith(("W", "RH")) and at % 3 == 0:
            row["answer"] = "not applicable"
    return rows


def mark_part(rows):
    """A whole scale applies and its part does not; answers of the part are then out of place."""
    for row in rows:
        if row["item"].startswith("RH-MS") or row["item"] in ("RH1", "RH2"):
            row["answer"] = "not applicable"
    return rows


def no_option(rows):
    """An answer that is none of the options: that patient has no result."""
    for row in rows[::700]:
        row["answer"] = "9"
    rows[350]["answer"] = "often"
    return rows


def twice(rows):
    """An item is there twice on a day: the later row counts, also where it is empty."""
    more = [{**row, "answer": ("", "1", "9")[at % 3]} for at, row in enumerate(rows[::900])]
    mended = [{**row, "answer": "2"} for row in rows[::2700]]
    return [*rows, *more, *mended]


def other_items(rows):
    """Items the questionnaire does not have: without an answer nothing, with one a refusal."""
    more = [{**row, "item": "X1", "answer": ("", "not applicable", "3")[at % 3]}
            for at, row in enumerate(rows[::800])]  # fmt: skip
    alone = {**rows[0], "date": "2020-01-01", "item": "X2", "answer": ""}
    return [*rows, *more, alone]


def other_days(rows):
    """Assessments at the edge of the window of a month, beside it, and two equally near."""
    for row in rows:
        at = int(row["subject"][-2:])
        day = dt.date.fromisoformat(row["date"]) + dt.timedelta((0, 21, 22, -21, -22)[at % 5])
        row["date"] = str(day)
    return [*rows, *({**row, "date": str(dt.date.fromisoformat(row["date"]) + dt.timedelta(42)),
                      "answer": "1"} for row in rows[:600])]  # fmt: skip


@pytest.mark.parametrize(
    "change",
    [empty_half, mark_one, mark_part, no_option, twice, other_items, other_days],
    ids=lambda change: change.__name__,
)
def test_answers_agree(tmp_path, change):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=24, seed=8)
    put(folder / "questionnaire.csv", change(table(folder / "questionnaire.csv")))
    subjects = table(folder / "subjects.csv")
    subjects[3]["infusion"] = ""  # answered, but was never infused
    subjects[4]["conditioning"] = ""
    put(folder / "subjects.csv", subjects)
    assert list(differences(folder)) == []


def test_a_patient_with_an_answer_that_is_none_has_no_score(tmp_path):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=3, seed=8)
    rows = table(folder / "questionnaire.csv")
    rows[0]["answer"] = "9"
    put(folder / "questionnaire.csv", rows)
    asked = analysis.mapped_questionnaire(folder, read_study(folder).header)
    found = frames.study_tables(folder, PROTOCOL, questionnaire=asked, endpoints=["questionnaire"])
    assert set(found.tables["questionnaire"]["subject"]) == {"SYN-02", "SYN-03"}
    assert set(found.tables["questionnaire"]["month"]) == {None, 3, 6}


@pytest.mark.parametrize("file", ["missing", "empty"])
def test_a_study_without_answers_says_so(tmp_path, file):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=4, seed=8)
    path = folder / "questionnaire.csv"
    if file == "missing":
        path.unlink()
    else:
        path.write_text("subject,date,item,answer\n", encoding="utf-8")
    assert list(differences(folder)) == []
    asked = analysis.mapped_questionnaire(folder, read_study(folder).header)
    found = frames.study_tables(folder, PROTOCOL, questionnaire=asked)
    assert found.numbers["questionnaire.S.change3"].why == "no pair of scores"


def test_without_a_mapping_no_score_is_made(study):
    found = frames.study_tables(study, PROTOCOL, endpoints=["questionnaire"])
    assert not [key for key in found.numbers if key.startswith("questionnaire")]
    assert "mapping" in found.left_out["questionnaire"]


# --- deviations -----------------------------------------------------------------------------------


def later(text, days):
    return str(dt.date.fromisoformat(text) + dt.timedelta(days))


def other_entries(folder):
    rows = table(folder / "subjects.csv")
    for at, row in enumerate(rows):
        row |= {"born": "", "confirmed": "age"}
        instead = [
            {"age": "71"},
            {"age": "", "born": later(row["infusion"], -18 * 365)},  # 17 years: leap days
            {"age": ""},
            {"entry": ""},
            {"eligible": "no"},
            {"weight": ""},  # cells per kilogram are not known
            {"infusion": ""},  # lymphodepletion only
            {"infusion": "", "conditioning": "", "entry": ""},
        ]
        row.update(instead[at % 8])
    put(folder / "subjects.csv", rows)


def other_doses(folder):
    rows = table(folder / "infusions.csv")
    for at, row in enumerate(rows):
        cells = row["agent"] == "CAR-T"
        instead = [
            {"given": "0"},  # not given
            {"given": ""},  # given, and not known how much
            {"date": later(row["date"], 1)},  # a day that is not planned, or twice on one
            {"given": row["planned"]},
            {"given": "1" if cells else "12.5", "reason": "weight loss"},
            {"given": "9e12" if cells else "99", "reason": ""},
            {"planned": ""},
        ]
        row.update(instead[at % 7])
    put(folder / "infusions.csv", rows[: len(rows) * 2 // 3])  # of some nothing is recorded


def other_visits(folder):
    labs = table(folder / "labs.csv")
    infused = {row["subject"]: row["infusion"] for row in table(folder / "subjects.csv")}
    kept = []
    for row in labs:
        day = dt.date.fromisoformat(row["date"]) - dt.date.fromisoformat(infused[row["subject"]])
        at = int(row["subject"][-2:])
        if at % 4 == 1 and day.days > 20:
            continue  # visits that were missed
        if at % 4 == 2:
            kept.append({**row, "date": later(row["date"], 2)})  # two days of one visit
        if at % 4 == 3 and day.days > 0:
            row["date"] = later(row["date"], -3)
        if not (at % 8 == 4 and day.days == 0):
            kept.append(row)
    put(folder / "labs.csv", kept)


def left_before_the_end(folder):
    rows = table(folder / "subjects.csv")
    for at, row in enumerate(rows):
        days = (-3, 0, 1, 13, 29, 30, 45, 180)[at % 8]
        row["end"], row["end_reason"] = later(row["infusion"], days), "withdrawal by subject"
    put(folder / "subjects.csv", rows)
    ends = {row["subject"]: row["end"] for row in rows}
    for name in ("labs", "bleeding", "crs", "infusions"):
        # every sixth has a record after the end: of these no visit can be told
        found = [
            row
            for row in table(folder / f"{name}.csv")
            if row["date"] <= ends[row["subject"]] or int(row["subject"][-2:]) % 6 == 0
        ]
        put(folder / f"{name}.csv", found)


@pytest.mark.parametrize(
    "change",
    [other_entries, other_doses, other_visits, left_before_the_end],
    ids=lambda change: change.__name__,
)
def test_deviations_agree(tmp_path, change):
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=24, seed=9)
    change(folder)
    assert list(differences(folder)) == []


@pytest.mark.parametrize("months", ["30 days", "calendar"])
def test_visits_agree_whatever_a_month_is(study, months):
    schedule = evolve(SCHEDULE, months=months)
    assert list(differences(study, schedule=schedule)) == []


def test_deviations_and_visits_by_hand(tmp_path):
    """Of one synthetic patient: a dose that was left out, one on another day, and early leave."""
    folder = simulate_study(tmp_path / "study", PROTOCOL, patients=1, seed=9)
    subjects = table(folder / "subjects.csv")
    zero = subjects[0]["infusion"]
    subjects[0] |= {"entry": "", "end": later(zero, 40), "end_reason": "physician decision"}
    subjects[0] |= {"conditioning": later(zero, -5)}
    put(folder / "subjects.csv", subjects)
    doses = [row for row in table(folder / "infusions.csv") if row["agent"] == "fludarabine"]
    doses[0] |= {"given": "0", "planned": "50", "reason": "fever"}
    doses[1] |= {"date": later(zero, -2), "planned": "50", "given": "40", "reason": ""}
    doses[2] |= {"date": later(zero, -3), "planned": "50", "given": "50"}
    put(folder / "infusions.csv", doses)
    for name in ("labs", "bleeding", "crs", "questionnaire"):
        rows = table(folder / f"{name}.csv")
        put(folder / f"{name}.csv", [{**rows[0], "date": later(zero, 29)}])
    found = frames.study_tables(folder, PROTOCOL, schedule=SCHEDULE, endpoints=["deviations"])
    told = [(kind, what) for _, kind, what in found.tables["deviations"].rows()]
    assert told[0] == ("eligibility", "refractory or relapsed: not recorded")
    assert ("days", "fludarabine: nothing recorded on D-5") in told
    assert ("days", "fludarabine: nothing recorded on D-4") in told
    assert ("days", "fludarabine on D-2, which the protocol does not plan") in told
    assert ("dose", "fludarabine, 0 % of the planned dose: fever") in told
    assert ("dose", "fludarabine, 80 % of the planned dose, no reason stated") in told
    assert ("dose", "cells per kilogram not known: no infusion of cells is recorded") in told
    assert sum("cyclophosphamide: nothing" in what for _, what in told) == 3
    assert str(found.numbers["deviations.any"]) == "1/1 (100 %)"
    visits = dict(found.tables["visits"].select("visit", "timing").rows())
    assert visits["D0"] == "on time"  # known by its date, with or without a record
    assert visits["D14"] == "missed"
    assert visits["M1"] == "early"
    assert visits["M3"] == "planned"


def test_without_a_schedule_no_visit_is_told(study):
    found = frames.study_tables(study, PROTOCOL, endpoints=["deviations"])
    assert found.tables["visits"].height == 0
    assert found.listings[0].title == "Visits (n = 0)"


def test_only_what_is_asked_for_is_computed(study):
    found = frames.study_tables(study, PROTOCOL, endpoints=["exposure"])
    assert "exposure.cells.within" in found.numbers
    assert "response.best.rate" not in found.numbers
    assert found.left_out["response"] == "was not asked for"


def test_what_is_left_out_has_its_reason(study):
    left = frames.study_tables(study, PROTOCOL, endpoints=["bleeding"]).left_out
    assert left["deviations"] == "was not asked for"
    assert all(left.values())


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("labs", lambda text: text.replace("value", "result", 1), '"result" is no column'),
        ("labs", lambda text: text.replace(",/uL,", ",,", 1), "has no unit"),
        ("labs", lambda text: text.replace(",125000,350000", ",350000,125000", 1), "350000"),
        (
            "labs",
            lambda text: text.replace(",20844,/uL,125000,350000", ",20844 /uL,,,", 1),
            "no unit beside it",
        ),
        ("labs", lambda text: text.replace(",10^9/L,1.8,6.3", ",,,", 1), "has no unit"),
        ("crs", lambda text: text.replace(",Cel,", ",,", 1), "has no unit"),
        ("infusions", lambda text: text.replace(",mg,", ",,", 1), "has no unit"),
        ("crs", lambda text: text.replace(",none,10,awake", ",none,11,awake", 1), "11"),
        ("labs", lambda text: text.replace("2021-12-27", "27 Dexember", 1), "27 Dexember"),
        ("bleeding", lambda text: text.replace("head/face", "hat", 1), "hat"),
        ("bleeding", lambda text: text.replace("date,", "day,", 1), '"day" is no column'),
        ("crs", lambda text: text.replace(",36.4,", ",warm,", 1), "warm"),
        ("adverse_events", lambda text: text.replace("Platelet", "Plutelet", 1), "Plutelet"),
        ("subjects", lambda text: text + text.splitlines()[1] + "\n", "stands twice"),
    ],
)
def test_a_file_that_columns_cannot_read_is_refused_by_name(study, tmp_path, name, change, said):
    folder = tmp_path / "copy"
    folder.mkdir()
    for file in study.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    path = folder / f"{name}.csv"
    text = path.read_text(encoding="utf-8")
    changed = change(text)
    assert changed != text
    path.write_text(changed, encoding="utf-8")
    with pytest.raises(RecordError, match=said) as refused:
        frames.study_tables(folder, PROTOCOL)
    assert f"{name}.csv" in str(refused.value)
    assert "itp-cart validate" in str(refused.value)


def test_another_engine_or_endpoint_is_refused(study):
    with pytest.raises(NotPermittedError, match="does not read study folders"):
        frames.study_tables(study, PROTOCOL, engine="spark")
    with pytest.raises(UnknownTermError, match="no endpoint of columns"):
        frames.study_tables(study, PROTOCOL, endpoints=["visits"])
