"""Grade a column of laboratory values in mixed units with Polars; what is missing is no grade."""

import polars as pl

from itp_carT import frames
from itp_carT.toxicity import ctcae_v5

labs = pl.DataFrame(
    {
        "term": ["Platelet count decreased"] * 3 + ["Anemia"],
        "value": [18.0, 61_000.0, None, 7.9],
        "unit": ["10^9/L", "/mm3", "10^9/L", "g/dL"],
        "lln": [150.0, 150_000.0, 150.0, 12.0],
    }
)
graded = frames.grade(labs, ctcae_v5.LABORATORY)
for row in graded.to_dicts():
    print(row["term"], row["value"], row["unit"], "->", row["grade"], row["reason"] or "")
