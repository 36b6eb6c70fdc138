"""Assess a small cohort from one long frame, and draw it where Matplotlib is installed (Polars).

The patients are synthetic.
"""

import polars as pl

from itp_carT import frames
from itp_carT.response import nct05315778

ROWS = [
    # patient, day from the infusion, count, bleeding since the visit before, rescue
    ("SYN-01", -5, 12.0, None, None),
    ("SYN-01", 14, 45.0, "no", None),
    ("SYN-01", 21, 110.0, "no", None),
    ("SYN-01", 28, 130.0, "no", None),
    ("SYN-02", -5, 8.0, None, None),
    ("SYN-02", 6, None, None, "platelet transfusion"),
    ("SYN-02", 10, 80.0, "no", None),
    ("SYN-02", 17, 35.0, "no", None),
    ("SYN-02", 24, 38.0, "no", None),
    ("SYN-02", 38, 15.0, "yes", None),
    ("SYN-03", -5, 10.0, None, None),
    ("SYN-03", 14, -60.0, "no", None),
]
counts = pl.DataFrame(
    ROWS, schema=["patient", "day", "platelets", "bleeding", "rescue"], orient="row"
)
found = frames.response(counts, nct05315778.HARMONIZED, unit="10^9/L")
for row in found.patients.to_dicts():
    if row["problem"]:
        print(f"{row['patient']}: not assessed; {row['problem']} (day {row['problem_on']})")
        continue
    lost = f"lost by {row['ended_by']}" if row["event"] else "censored"
    print(
        f"{row['patient']}: {row['best']}, day {row['responded_on']}, {row['duration']} d, {lost}"
    )
print()
for row in found.visits.filter(pl.col("patient") == "SYN-02").to_dicts():
    why = f" ({row['why_not']})" if row["why_not"] else ""
    print(f"day {row['day']:3}: {row['platelets']} {row['status']}{why}")
