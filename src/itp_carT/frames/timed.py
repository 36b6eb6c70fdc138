"""Named outcomes at a time over columns: status at month 6, and the terms of a guideline.

The visit that stands for a week or a month is the count nearest to it within its window, as in
`itp_carT.response.course`.
"""

from __future__ import annotations

from typing import Any

import narwhals.stable.v2 as nw

from itp_carT.errors import NotPermittedError
from itp_carT.response.criteria import Criteria, Term
from itp_carT.response.point import Response
from itp_carT.response.windows import Windows

from .order import Frame
from .visits import UNSAID, bleeding_said, measured, ranked

#: Parts of a day that every target is a whole number of (182.625 days among them).
_PARTS = 16
#: More than any two days are apart.
_FAR = 200_000


def check_windows(windows: Windows) -> None:
    """Refuse calendar months, which need dates.

    Raises
    ------
    NotPermittedError
        Naming the option.
    """
    if windows.month == "calendar":
        raise NotPermittedError(
            'columns count days and know no calendar months: choose month="30 days" or '
            '"30.4375 days", or use assess() for each patient',
            field="windows",
            given=windows.month,
        )


def timed(visits: Any, patients: Any, criteria: Criteria) -> Frame:
    """Return one row per patient: status at month 6, and each term (null where not evaluable)."""
    windows = criteria.options.windows
    check_windows(windows)
    counted = visits.filter((nw.col("day") >= 1) & ~nw.col("_masked") & nw.col("_has"))
    counted = counted.select("patient", "day", "_v", "_bled", "_rank")
    known = ["patient", "baseline", "problem", "responded_on"]
    known += ["lost_on"] if criteria.loss else []
    about = patients.select(*known)
    found = about.select("patient")
    near = _nearest(counted, windows, "month 6")
    status: Any = nw.lit(Response.NE.name)
    for rank, level in enumerate((*criteria.levels, Response.NR)):
        status = nw.when(nw.col("_rank") == rank).then(nw.lit(level.name)).otherwise(status)
    at = about.join(near, on="patient", how="left")
    at = at.select("patient", at_month_6=nw.when(nw.col("problem").is_null()).then(status))
    found = found.join(at, on="patient", how="left")
    for term in criteria.terms:
        at = about.join(_nearest(counted, windows, term.at), on="patient", how="left")
        found = found.join(_met(at, term, windows), on="patient", how="left")
    return found if isinstance(found, nw.LazyFrame) else found.sort("patient")


def _nearest(counted: Any, windows: Windows, visit: str) -> Any:
    """Return the count of each patient that stands for a visit."""
    low, high = windows.bounds(visit)
    aim = int(windows.target(visit, None) * _PARTS)
    apart = (nw.col("day") * _PARTS - aim).abs() * _FAR
    later = nw.col("day") if windows.tie == "later" else -nw.col("day")
    within = counted.filter((nw.col("day") >= low) & (nw.col("day") <= high))
    within = within.with_columns(_key=apart - later)
    best = within.group_by("patient").agg(nw.col("_key").min().alias("_best"))
    chosen = within.join(best, on="patient", how="inner")
    return chosen.filter(nw.col("_key") == nw.col("_best")).drop("_key", "_best")


def _met(at: Any, term: Term, windows: Windows) -> Any:
    """Judge the visit that stands for a term by the term's own table."""
    at = at.with_columns(_bled=nw.col("_bled").fill_null(UNSAID))
    at = measured(at).with_columns(_met=ranked(term.table, term.met, bleeding_said()))
    rank, usable = nw.col("_met"), nw.col("problem").is_null()
    usable = usable & ~nw.col("day").is_null() & (rank >= 0)
    yes: Any = rank < len(term.met)
    if not term.lasting:
        return at.select("patient", nw.when(usable).then(yes).alias(term.key))
    held = ~nw.col("responded_on").is_null() & (nw.col("responded_on") <= nw.col("day"))
    first = windows.bounds(term.at)[0]
    lost = nw.col("lost_on")
    early = nw.col("problem").is_null() & ~lost.is_null() & (lost <= first)
    gone = ~lost.is_null() & (lost <= nw.col("day"))
    # 1 yes, 0 no: a truth of its own in every engine
    answer: Any = nw.when(usable).then(
        nw.when(yes & held & ~gone).then(nw.lit(1)).otherwise(nw.lit(0))
    )
    answer = nw.when(early).then(nw.lit(0)).otherwise(answer)
    return at.with_columns(_answer=answer).select(
        "patient",
        nw.when(~nw.col("_answer").is_null()).then(nw.col("_answer") == 1).alias(term.key),
    )


__all__ = ["check_windows", "timed"]
