"""Intervals and Kaplan-Meier: published values, scipy and lifelines, and what must always hold."""

import csv
import math
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.errors import ImpossibleError, ItpCarTError, MissingFactError, NotationError
from itp_carT.statistics import clopper_pearson, kaplan_meier, wilson

PUBLISHED = Path(__file__).parent / "published" / "response" / "statistics.csv"
with PUBLISHED.open(encoding="utf-8", newline="") as file:
    ROWS = list(csv.DictReader(file))
RATES = [row for row in ROWS if row["kind"] in ("clopper-pearson", "wilson")]
CURVES = [row for row in ROWS if row["kind"] == "kaplan-meier"]
METHODS = {"clopper-pearson": clopper_pearson, "wilson": wilson}


def subjects(text):
    """``"28 e; 35 c"`` as durations and events."""
    pairs = [part.split() for part in text.split(";")]
    return [float(time) for time, _ in pairs], [kind == "e" for _, kind in pairs]


def name(row):
    return f"{row['kind']}-{row['case']}-{row['quantity']}"


# --- published values -----------------------------------------------------------------------------


@pytest.mark.parametrize("row", RATES, ids=name)
def test_interval_is_the_transcribed_one(row):
    x, n, confidence, sided = (part.strip() for part in row["inputs"].split(";"))
    kind = sided if sided == "two-sided" else f"one-sided {row['quantity']}"
    found = METHODS[row["kind"]](
        int(x.partition("=")[2]),
        int(n.partition("=")[2]),
        confidence=float(confidence.partition("=")[2]),
        sided=kind,
    )
    assert getattr(found, row["quantity"]) == pytest.approx(
        float(row["value"]), abs=float(row["tolerance"])
    )


@pytest.mark.parametrize("row", CURVES, ids=name)
def test_curve_has_the_transcribed_value(row):
    curve = kaplan_meier(*subjects(row["inputs"]))
    quantity, _, time = row["quantity"].partition("@")
    if time:
        here = next(one for one in curve.rows if one.time == float(time))
        field = {
            "greenwood_se": "standard_error",
            "loglog_lower": "lower",
            "loglog_upper": "upper",
        }.get(quantity, quantity)
        found = getattr(here, field)
    else:
        found = getattr(curve, quantity)
    if row["value"] in ("not estimable", "not reached"):
        assert found is None
    else:
        tolerance = 0 if row["tolerance"] == "exact" else float(row["tolerance"])
        assert found == pytest.approx(float(row["value"]), abs=tolerance)


# --- other programs -------------------------------------------------------------------------------


@pytest.mark.parametrize(("method", "theirs"), [(clopper_pearson, "exact"), (wilson, "wilson")])
@pytest.mark.parametrize("confidence", [0.8, 0.95, 0.999])
def test_interval_agrees_with_scipy(method, theirs, confidence):
    scipy_stats = pytest.importorskip("scipy.stats", reason="scipy is absent: extra test")
    for n in (1, 2, 5, 17, 40, 400):
        for x in sorted({0, 1, n // 3, n // 2, n - 1, n}):
            test = scipy_stats.binomtest(x, n)
            expected = test.proportion_ci(confidence_level=confidence, method=theirs)
            found = method(x, n, confidence=confidence)
            assert found.lower == pytest.approx(expected.low, abs=1e-10)
            assert found.upper == pytest.approx(expected.high, abs=1e-10)


@pytest.mark.parametrize("n", [1000, 100_000])
def test_exact_limits_of_a_large_sample_agree_with_scipy(n):
    """The tail is summed from its largest term outwards; the terms left out change nothing."""
    beta = pytest.importorskip("scipy.stats", reason="scipy is absent: extra test").beta
    for x in (0, 1, 17, n // 3, n // 2, n - 17, n):
        found = clopper_pearson(x, n)
        lower = 0.0 if x == 0 else beta.ppf(0.025, x, n - x + 1)
        upper = 1.0 if x == n else beta.ppf(0.975, x + 1, n - x)
        assert found.lower == pytest.approx(lower, rel=1e-9)
        assert found.upper == pytest.approx(upper, rel=1e-9)


def test_exact_limits_have_exactly_their_error_probability():
    """By fractions: at each limit the tail beyond the count is 2.5 %."""
    for n in (1, 5, 12, 60):
        for x in sorted({1, n // 3 or 1, n}):
            rate = Fraction(clopper_pearson(x, n).lower)
            tail = sum(math.comb(n, k) * rate**k * (1 - rate) ** (n - k) for k in range(x, n + 1))
            assert float(tail) == pytest.approx(0.025, rel=1e-12)


@pytest.mark.parametrize(("side", "alternative"), [("lower", "greater"), ("upper", "less")])
@pytest.mark.parametrize(("method", "theirs"), [(clopper_pearson, "exact"), (wilson, "wilson")])
def test_one_sided_limit_agrees_with_scipy(method, theirs, side, alternative):
    scipy_stats = pytest.importorskip("scipy.stats", reason="scipy is absent: extra test")
    for x in range(6):
        test = scipy_stats.binomtest(x, 5, alternative=alternative)
        expected = test.proportion_ci(method=theirs)
        found = method(x, 5, sided=f"one-sided {side}")
        assert (found.lower, found.upper) == pytest.approx(tuple(expected), abs=1e-10)


SAMPLES = {
    "trial": ([28, 57, 90, 181, 181], [True, True, False, False, False]),
    "ties": ([30, 30, 60, 60, 90, 90], [True, False, True, True, True, False]),
    "long": ([i % 37 + i / 7 for i in range(60)], [i % 3 != 0 for i in range(60)]),
    "half": ([10, 20, 30, 40], [True] * 4),
}


@pytest.mark.oracle
@pytest.mark.filterwarnings("ignore")  # warnings of the other library are its own
@pytest.mark.parametrize("sample", SAMPLES)
def test_curve_agrees_with_lifelines(sample):
    from lifelines import KaplanMeierFitter
    from lifelines.utils import median_survival_times

    durations, events = SAMPLES[sample]
    ours = kaplan_meier(durations, events)
    theirs = KaplanMeierFitter().fit(durations, events)
    limits = theirs.confidence_interval_survival_function_
    for row in ours.rows:
        assert row.survival == pytest.approx(theirs.predict(row.time), abs=1e-10)
        assert row.at_risk == theirs.event_table.loc[row.time, "at_risk"]
        if row.lower is not None and row.survival < 1:
            assert row.lower == pytest.approx(limits.loc[row.time].iloc[0], abs=1e-10)
            assert row.upper == pytest.approx(limits.loc[row.time].iloc[1], abs=1e-10)
    expected = theirs.median_survival_time_
    assert ours.median == (None if math.isinf(expected) else expected)
    lower = float(median_survival_times(limits).iloc[0, 0])
    assert ours.median_lower == (None if math.isinf(lower) else lower)
    upper = float(median_survival_times(limits).iloc[0, 1])
    if ours.rows[-1].survival > 0:  # at 0 lifelines prints a limit, which cannot be estimated
        assert ours.median_upper == (None if math.isinf(upper) else upper)


@pytest.mark.parametrize(("transform", "theirs"), [("log-log", "log-log"), ("plain", "linear")])
@pytest.mark.parametrize("sample", SAMPLES)
@pytest.mark.filterwarnings("ignore:The confidence interval is undefined")
def test_curve_agrees_with_scipy(sample, transform, theirs):
    stats = pytest.importorskip("scipy.stats", reason="scipy is absent: extra test")
    durations, events = SAMPLES[sample]
    curve = kaplan_meier(durations, events, transform=transform)
    pairs = list(zip(durations, events, strict=True))
    data = stats.CensoredData(
        uncensored=[time for time, event in pairs if event],
        right=[time for time, event in pairs if not event],
    )
    expected = stats.ecdf(data).sf
    limits = expected.confidence_interval(0.95, method=theirs)
    for row in curve.rows:
        assert row.survival == pytest.approx(float(expected.evaluate(row.time)), abs=1e-12)
        if row.lower is not None and row.survival < 1:
            low, high = (float(one.evaluate(row.time)) for one in (limits.low, limits.high))
            assert (row.lower, row.upper) == pytest.approx((low, high), abs=1e-10)


# --- edges ----------------------------------------------------------------------------------------


def test_plain_limits_stay_between_zero_and_one():
    rows = kaplan_meier([1, 2, 3, 4], [True, True, True, False], transform="plain").rows
    first = rows[0]
    half = 1.959963984540054 * first.standard_error
    assert (first.lower, first.upper) == pytest.approx((0.75 - half, 1.0))
    assert all(0 <= row.lower <= row.survival <= row.upper <= 1 for row in rows)


def test_survival_at_a_time():
    """Between times it is the last estimate; beyond the last follow-up nothing is known."""
    curve = kaplan_meier([28, 57, 90], [True, True, False])
    assert curve.survival_at(0) == 1.0
    assert curve.interval_at(0) == (1.0, 1.0)
    assert curve.survival_at(27.9) == 1.0
    assert curve.survival_at(28) == pytest.approx(2 / 3)
    assert curve.survival_at(90) == pytest.approx(1 / 3)
    assert curve.survival_at(91) is None
    assert curve.interval_at(91) is None
    assert [curve.at_risk_at(time) for time in (0, 28, 28.5, 90, 91)] == [3, 3, 2, 1, 0]
    assert curve.censored_times == (90,)


def test_after_the_last_event_of_everybody_the_share_is_zero():
    curve = kaplan_meier([42], [True])
    assert curve.survival_at(100) == 0.0
    assert curve.interval_at(100) is None


def test_all_censored_and_single_censored():
    curve = kaplan_meier([90], [False])
    assert (curve.median, curve.median_lower, curve.median_upper) == (None, None, None)
    assert curve.survival_at(90) == 1.0
    assert curve.events == 0


def test_results_say_how_they_were_found():
    curve = kaplan_meier([28, 57], [True, False])
    assert "kaplan-meier-1958" in {cited.source.key for cited in curve.working.sources}
    assert not curve.working.unverified
    assert "1 events" in curve.because
    rate = wilson(0, 5)
    assert rate.working.sources[0].source.key == "wilson-1927"
    assert "0.0000 to 0.4345" in rate.because


@pytest.mark.parametrize(
    ("call", "error", "field"),
    [
        (lambda: clopper_pearson(6, 5), ImpossibleError, "responders"),
        (lambda: clopper_pearson(-1, 5), ImpossibleError, "responders"),
        (lambda: clopper_pearson(1.0, 5), NotationError, "responders"),
        (lambda: clopper_pearson(0, 0), ImpossibleError, "patients"),
        (lambda: wilson(1, 5, confidence=95), ImpossibleError, "confidence"),
        (lambda: wilson(1, 5, confidence=1), ImpossibleError, "confidence"),
        (lambda: wilson(1, 5, sided="one"), LookupError, "sided"),
        (lambda: kaplan_meier([], []), MissingFactError, "durations"),
        (lambda: kaplan_meier([1, 2], [True]), NotationError, "events"),
        (lambda: kaplan_meier([-1], [True]), ImpossibleError, "durations"),
        (lambda: kaplan_meier([math.nan], [True]), NotationError, "durations"),
        (lambda: kaplan_meier([math.inf], [True]), NotationError, "durations"),
        (lambda: kaplan_meier([None], [True]), NotationError, "durations"),
        (lambda: kaplan_meier([1], [None]), NotationError, "events"),
        (lambda: kaplan_meier([1], [True], transform="log"), LookupError, "transform"),
    ],
)
def test_impossible_input_names_the_field(call, error, field):
    with pytest.raises(error) as caught:
        call()
    assert isinstance(caught.value, ItpCarTError)
    assert caught.value.field == field


# --- what must always hold ------------------------------------------------------------------------


@given(st.data())
def test_interval_contains_the_rate_and_stays_between_zero_and_one(data):
    n = data.draw(st.integers(1, 60))
    x = data.draw(st.integers(0, n))
    confidence = data.draw(st.sampled_from([0.5, 0.8, 0.9, 0.95, 0.99]))
    for method in METHODS.values():
        found = method(x, n, confidence=confidence)
        assert 0 <= found.lower <= found.rate + 1e-12
        assert found.rate - 1e-12 <= found.upper <= 1
        wider = method(x, n, confidence=0.999)
        assert wider.lower <= found.lower + 1e-12
        assert wider.upper >= found.upper - 1e-12
        mirrored = method(n - x, n, confidence=confidence)
        assert mirrored.upper == pytest.approx(1 - found.lower, abs=1e-9)


FOLLOWED = st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=40)


@given(FOLLOWED, st.sampled_from(["log-log", "plain"]))
def test_curve_never_rises_and_numbers_add_up(followed, transform):
    durations, events = zip(*followed, strict=True)
    curve = kaplan_meier(durations, events, transform=transform)
    assert curve.subjects == len(followed)
    assert curve.events + sum(row.censored for row in curve.rows) == len(followed)
    shares = [1.0, *(row.survival for row in curve.rows)]
    assert all(later <= earlier for earlier, later in pairwise(shares))
    at_risk = [row.at_risk for row in curve.rows]
    assert at_risk == sorted(at_risk, reverse=True)
    for row in curve.rows:
        if row.lower is not None:
            assert 0 <= row.lower <= row.survival + 1e-12
            assert row.survival - 1e-12 <= row.upper <= 1
    if curve.median_lower is not None and curve.median is not None:
        assert curve.median_lower <= curve.median
    backwards = kaplan_meier(durations[::-1], events[::-1], transform=transform)
    assert backwards == curve


@given(FOLLOWED)
def test_without_censoring_the_curve_is_the_share_still_free(followed):
    durations = [time for time, _ in followed]
    curve = kaplan_meier(durations, [True] * len(durations))
    for row in curve.rows:
        free = sum(time > row.time for time in durations) / len(durations)
        assert row.survival == pytest.approx(free, abs=1e-12)
