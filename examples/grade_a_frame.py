"""Grade a column of laboratory values in mixed units with Polars; what is missing is no grade."""

import polars as pl

from itp_carT import frames
from itp_carT.toxicity import ctcae_v5

labs = pl.DataFrame(
    {
        "term": ["Platelet count decreased"] * 4 + ["Anemia"],
        "value": [18.0, 61_000.0, 149.0, None, 7.9],
        "unit": ["10^9/L", "/mm3", "10^9/L", "10^9/L", "g/dL"],
        "lln": [150.0, 150_000.0, None, 150.0, 12.0],
    }
)
graded = frames.grade(labs, ctcae_v5.LABORATORY)
for row in graded.to_dicts():
    value = "no value" if row["value"] is None else f"{row['value']:g} {row['unit']}"
    found = f"grade {row['grade']}" if row["grade"] is not None else row["reason"]
    if row["grade"] is None and row["grade_worst"] is not None:
        found += f" (grade {row['grade_mildest']} to {row['grade_worst']})"
    print(f"{row['term']:25} {value:>12}  {found}")
