"""One patient's course of 30 visits: the library against a bare loop and a loop over quantities.

The bare loop and the loop over quantities apply the same IWG 2009 rules (status, confirmation at
7 days, loss at 1 day, bleeding) to the same counts and give the same answer, which is checked
before anything is timed. The library starts from `Count` objects and ends with every visit and
its reason read; building the counts from text is timed by itself.
"""

import random
import sys

import pint
from measuring import Row, calls

from itp_carT.response import iwg_2009
from itp_carT.response.course import assess
from itp_carT.response.records import Count

VISITS, PATIENTS = 30, 100


def cohort(patients=PATIENTS, visits=VISITS, seed=1):
    """Synthetic courses: (baseline, [(day, count, bleeding), ...])."""
    draw = random.Random(seed)  # noqa: S311 - synthetic patients, not secrets
    out = []
    for _ in range(patients):
        level, rows, day = draw.uniform(10, 90), [], 0
        for _ in range(visits):
            day += draw.randint(1, 9)
            level = min(max(level * draw.uniform(0.6, 1.6), 3), 400)
            rows.append((day, float(int(level)), draw.random() < 0.05))
        out.append((float(draw.randint(2, 29)), rows))
    return out


def bare(baseline, rows, low=30.0, high=100.0):
    """Return (best, day, end, event) and (CR day, end, event), on floats alone."""
    twice = 2 * baseline
    ranks, alone = [], []  # with bleeding, and the count alone
    for _, count, bled in rows:
        if count < low:
            rank = 2
        elif count >= high:
            rank = 0
        else:
            rank = 1 if count >= twice else 2
        alone.append(rank)
        ranks.append(2 if bled else rank)
    return follow(rows, ranks, alone, 1), follow(rows, ranks, alone, 0)


def follow(rows, ranks, alone, level):
    begin = second = None
    for at, rank in enumerate(ranks):
        if rank > level:
            begin = None
        elif begin is None:
            begin = at
        elif rows[at][0] - rows[begin][0] >= 7:
            second = at
            break
    if second is None:
        return None
    last = rows[second][0]
    for at in range(second + 1, len(ranks)):
        if ranks[at] <= level:
            last = rows[at][0]
        elif rows[at][2] or (at + 1 < len(ranks) and alone[at + 1] > level):
            return rows[begin][0], rows[at][0], True
    return rows[begin][0], last, False


def with_library(counts):
    course = assess(counts, iwg_2009.CRITERIA)
    reasons = [visit.reason for visit in course.visits]
    return course, reasons


def agree(cases, ready):
    for (baseline, rows), (counts,) in zip(cases, ready, strict=True):
        course, _ = with_library(counts)
        got = tuple(
            part and (part.start, part.end, part.event)
            for part in (course.response, course.complete)
        )
        assert got == bare(baseline, rows), (baseline, rows, got, bare(baseline, rows))


def prepared():
    """Return the same cohort as floats, as text, as counts, and as quantities in two units."""
    cases = cohort()
    texts = [
        [(-5, f"{b:g} 10^9/L", None), *((d, f"{p:g} 10^9/L", y) for d, p, y in rows)]
        for b, rows in cases
    ]
    built = [([Count(d, p, bleeding=y) for d, p, y in rows],) for rows in texts]
    agree(cases, built)
    registry = pint.UnitRegistry()
    giga, micro = registry.Unit("1/liter") * 1e9, registry.Unit("1/microliter") * 1e3
    limits = (30 * giga, 100 * giga)
    same, other = (
        [(b * giga, [(d, p * unit, y) for d, p, y in rows], *limits) for b, rows in cases[:20]]
        for unit in (giga, micro)
    )
    return cases, texts, built, same, other


def each(run, cases):
    """Return a function that runs every case, and how many there are."""

    def all_of_them():
        for case in cases:
            run(*case)

    return all_of_them, len(cases)


def from_text(*rows):
    return with_library([Count(d, p, bleeding=y) for d, p, y in rows])


def rows(quick=False):
    """Yield the lines of the table; a course is compared with a course."""
    cases, texts, built, same, other = prepared()
    bare_loop = each(bare, cases)
    ours = each(with_library, built)
    for name, mine, theirs, target, faster in (
        ("course, x bare loop over floats", ours, bare_loop, 20, False),
        ("course from text, x bare loop", each(from_text, texts), bare_loop, 60, False),
        ("course / pint loop, other unit", ours, each(bare, other), 20, True),
        ("course / pint loop, same unit", ours, each(bare, same), 1, True),
    ):
        turns, budget = (1, 0.0) if quick else (9, 0.2)
        one, two = calls(mine[0], theirs[0], turns=turns, budget=budget)
        yield Row(name, one / mine[1], two / theirs[1], target, faster)


def main(quick=False):
    for row in rows(quick):
        print(
            f"{row.name:34} {row.ours * 1e6:8.1f} us {row.baseline * 1e6:8.1f} us {row.ratio:6.1f}"
        )


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
