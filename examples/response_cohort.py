"""Assess a small cohort from one long frame: response rate, duration, a picture of each.

Needs Polars and Matplotlib. The patients are synthetic.
"""

import polars as pl

from itp_carT import frames, plots
from itp_carT.response import nct05315778
from itp_carT.response.course import assess
from itp_carT.response.records import Count, Rescue
from itp_carT.statistics import clopper_pearson, kaplan_meier

CRITERIA = nct05315778.HARMONIZED
COURSES = {  # day and count [10^9/L]; * bleeding, T a platelet transfusion, I immunoglobulin
    "SYN-01": "-5 12; 7 20; 14 45; 21 110; 28 130; 60 140; 90 120; 180 105",
    "SYN-02": "-5 8; 6 T; 10 80; 17 35; 24 38; 38 15*; 60 22",
    "SYN-03": "-5 10; 14 -60",
    "SYN-04": "-5 15; 7 18; 14 52; 21 64; 45 58; 60 24; 62 21; 90 19",
    "SYN-05": "-5 5; 7 9*; 14 14; 28 21; 60 12; 90 16",
    "SYN-06": "-5 11; 14 40; 28 75; 60 90; 75 I; 110 66; 130 70",
    "SYN-07": "-5 9; 10 105; 17 160; 28 180; 60 95; 63 92; 120 80; 180 77",
    "SYN-08": "-5 14; 14 33; 21 38; 28 61; 90 49; 150 44",
}
KINDS = {"T": "platelet transfusion", "I": "other rescue"}

rows = []
for patient, text in COURSES.items():
    for day, what in (part.split() for part in text.split("; ")):
        count = None if what in KINDS else float(what.rstrip("*"))
        bled = None if count is None else "yes" if what.endswith("*") else "no"
        rows.append((patient, int(day), count, bled, KINDS.get(what)))
names = ["patient", "day", "platelets", "bleeding", "rescue"]
found = frames.response(pl.DataFrame(rows, names, orient="row"), CRITERIA, unit="10^9/L")

for row in found.patients.to_dicts():
    if row["problem"]:
        print(f"{row['patient']}: not assessed; {row['problem']} (day {row['problem_on']})")
    elif row["duration"] is None:
        print(f"{row['patient']}: {row['best']}")
    else:
        ended = f"lost by {row['ended_by']}" if row["event"] else "censored"
        days = f"day {row['responded_on']}, {row['duration']} d, {ended}"
        print(f"{row['patient']}: {row['best']}, {days}")

assessed = found.patients.filter(pl.col("problem").is_null())
responders = assessed.filter(pl.col("duration").is_not_null())
print(clopper_pearson(len(responders), len(assessed)))
curve = kaplan_meier(responders["duration"].to_list(), responders["event"].to_list())
print(f"duration of response: {curve}")
plots.kaplan_meier(curve, title="Duration of response").savefig("response_duration.png", dpi=200)

courses = [
    assess(
        [Count(day, count and f"{count} 10^9/L", bleeding=bled)
         for who, day, count, bled, kind in rows if who == patient and not kind],
        CRITERIA,
        rescue=[Rescue(kind, day) for who, day, _, _, kind in rows if who == patient and kind],
        patient=patient,
    )
    for patient in assessed["patient"]
]  # fmt: skip
plots.swimmer(courses).savefig("response_cohort.png", dpi=200)
