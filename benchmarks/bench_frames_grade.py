"""Grading a long frame: the library against the same join written by hand, engine by engine.

Synthetic rows over all laboratory terms of CTCAE v5.0, each with its unit, limits of normal and
baseline, some of them missing. `grade_by_hand.py` says what the code by hand leaves out. Wherever
the library settles a grade, both must give the same one, which is checked first.
"""

import contextlib
import math
import os
import random
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import grade_by_hand as by_hand
import polars as pl

from itp_carT import frames
from itp_carT.toxicity import ctcae_v5

POOL = 200_000


def pool(seed=1):
    """Synthetic rows, with values about the limits of their terms."""
    draw = random.Random(seed)  # noqa: S311 - synthetic rows, not secrets
    table = by_hand.limits()
    rows = []
    for _ in range(POOL):
        at = draw.randrange(len(table["term"]))
        edges = [abs(table[f"e{grade}"][at]) for grade in (1, 2, 3, 4)]
        size = max((edge for edge in edges if 0 < edge < by_hand.FAR), default=40.0)
        low = size * draw.uniform(0.7, 1.3)
        numbers = [size * math.exp(draw.gauss(0, 0.8)), low, low * draw.uniform(1.2, 2.5),
                   size * math.exp(draw.gauss(0, 0.4))]  # fmt: skip
        numbers = [None if draw.random() < share else number
                   for share, number in zip((0.02, 0.1, 0.1, 0.2), numbers, strict=True)]  # fmt: skip
        rows.append((table["term"][at], table["unit"][at], *numbers))
    names = ("term", "unit", "value", "lln", "uln", "baseline")
    return pl.DataFrame(rows, schema=names, orient="row", infer_schema_length=None)


def labs(rows, seed=1):
    """A long frame of that many rows, numbered."""
    found = pool(seed)
    picked = pl.int_range(rows, eager=True).shuffle(seed) % POOL
    return found[picked].with_row_index("row").select(by_hand.COLUMNS).rechunk()


def agree(df):
    """Check that both give the same grade wherever the library settles one."""
    ours = frames.grade(df, ctcae_v5.LABORATORY)
    hand = by_hand.polars(df.lazy()).collect().sort("row")
    settled = ours["grade"].is_not_null()
    assert settled.mean() > 0.5
    different = ours.with_columns(hand=hand["grade"]).filter(
        settled & ~pl.col("grade").eq_missing(pl.col("hand"))
    )
    assert different.is_empty(), different
