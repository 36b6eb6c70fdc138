"""One patient's course of 30 visits: the library against a bare loop and a loop over quantities.

The bare loop and the loop over quantities apply the same IWG 2009 rules (status, confirmation at
7 days, loss at 1 day, bleeding) to the same counts and give the same answer, which is checked
before anything is timed. The library starts from `Count` objects and ends with every visit and
its reason read; building the counts from text is timed by itself.
"""

import random
import sys
import time

import pint

from itp_carT.response import iwg_2009
from itp_carT.response.course import assess
from itp_carT.response.records import Count

VISITS, PATIENTS = 30, 200


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
    ranks = []
    for _, count, bled in rows:
        if bled or count < low:
            ranks.append(2)
        elif count >= high:
            ranks.append(0)
        else:
            ranks.append(1 if count >= twice else 2)
    return follow(rows, ranks, 1), follow(rows, ranks, 0)


def follow(rows, ranks, level):
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
        elif rows[at][2] or (at + 1 < len(ranks) and ranks[at + 1] > level and not rows[at + 1][2]):
            return rows[begin][0], rows[at][0], True
    return rows[begin][0], last, False


def with_library(counts):
    course = assess(counts, iwg_2009.CRITERIA)
    reasons = [visit.reason for visit in course.visits]
    return course, reasons


def per_course(run, cases, repeat=7):
    times = []
    for _ in range(repeat):
        start = time.process_time()
        for case in cases:
            run(*case)
        times.append((time.process_time() - start) / len(cases))
    return min(times) * 1e6


def agree(cases, ready):
    for (baseline, rows), (counts,) in zip(cases, ready, strict=True):
        course, _ = with_library(counts)
        got = tuple(
            part and (part.start, part.end, part.event)
            for part in (course.response, course.complete)
        )
        assert got == bare(baseline, rows), (baseline, rows, got, bare(baseline, rows))


def main(quick=False):
    repeat = 1 if quick else 7
    cases = cohort()
    texts = [
        ([(-5, f"{b:g} 10^9/L", None), *((d, f"{p:g} 10^9/L", bled) for d, p, bled in rows)],)
        for b, rows in cases
    ]
    built = [([Count(d, p, bleeding=bled) for d, p, bled in rows],) for (rows,) in texts]
    agree(cases, built)
    registry = pint.UnitRegistry()
    giga, micro = registry.Unit("1/liter") * 1e9, registry.Unit("1/microliter") * 1e3
    limits = (30 * giga, 100 * giga)
    same = [(b * giga, [(d, p * giga, y) for d, p, y in rows], *limits) for b, rows in cases]
    mixed = [(b * giga, [(d, p * micro, y) for d, p, y in rows], *limits) for b, rows in cases]
    floats = per_course(bare, cases, repeat)
    ours = per_course(with_library, built, repeat)
    text = per_course(
        lambda rows: with_library([Count(d, p, bleeding=y) for d, p, y in rows]), texts, repeat
    )
    pint_same = per_course(bare, same[:20], repeat)
    pint_mixed = per_course(bare, mixed[:20], repeat)
    pint_built = per_course(
        lambda b, rows: bare(
            registry.Quantity(b * 1e9, "1/liter"),
            [(d, registry.Quantity(p * 1e9, "1/liter"), y) for d, p, y in rows],
            registry.Quantity(30e9, "1/liter"),
            registry.Quantity(100e9, "1/liter"),
        ),
        cases[:20],
        repeat,
    )
    print(f"{VISITS} visits, us per course")
    for name, value in (
        ("bare loop over tuples of floats", floats),
        ("library, counts in, every visit explained", ours),
        ("library, the same from text with units", text),
        ("bare loop over pint quantities, limits in their unit", pint_same),
        ("bare loop over pint quantities, limits in another unit", pint_mixed),
        ("the first of these, quantities built from number and unit", pint_built),
    ):
        print(f"{name:58} {value:9.1f}  x bare {value / floats:7.1f}")
    print(f"pint, one unit / library: {pint_same / ours:.1f}")
    print(f"pint, two units / library: {pint_mixed / ours:.1f}")
    print(f"pint, built / library from text: {pint_built / text:.1f}")
    return {"x_bare": ours / floats, "pint_x_library": pint_same / ours}


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
