"""Pictures of a platelet course, a cohort and a Kaplan-Meier curve, on Matplotlib figures.

Colors are those of Okabe and Ito, which color-blind readers tell apart; every meaning is also
carried by shape, line or hatch, so that a page printed in gray reads the same. Figures are made
without the global state of pyplot; save one with ``figure.savefig(...)``.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from .errors import MissingFactError
from .rules import Compare, leaves

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from .escalation.simulation import Characteristics
    from .response.course import Episode, ResponseCourse
    from .statistics import KaplanMeier

#: Okabe and Ito's palette, by what it stands for here.
BLACK, BLUE, SKY, GREEN = "#000000", "#0072B2", "#56B4E9", "#009E73"
ORANGE, VERMILLION, PURPLE, GRAY = "#E69F00", "#D55E00", "#CC79A7", "#6B6B6B"

_BANDS: dict[str, Any] = {
    "response": {"facecolor": SKY, "hatch": "", "label": "response"},
    "complete": {"facecolor": GREEN, "hatch": "///", "label": "complete response"},
}

_RESCUE = {"platelet transfusion": "P", "new ITP therapy": "D"}  # any other rescue: "v"


def _figure(width: float, height: float) -> Figure:
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise MissingFactError(
            'pictures need Matplotlib: install it with  pip install "itp-cart[plots]"'
        ) from error
    return Figure(figsize=(width, height), layout="constrained")


def _plain(axes: Axes) -> None:
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=True, axis="y", color="#E3E3E3", linewidth=0.6)
    axes.set_axisbelow(True)


def _limits(course: ResponseCourse) -> list[float]:
    """Return the platelet limits that the criteria's own table compares with."""
    found = {
        float(leaf.limit.published[0].m_as("10^9/L"))
        for leaf in leaves(course.criteria.point)
        if isinstance(leaf, Compare) and leaf.limit.published and leaf.limit.of is None
    }
    return sorted(found)


def trajectory(course: ResponseCourse, *, title: str | None = None) -> Figure:
    """Draw one patient's platelet counts with limits, response, infusion, rescue and bleeding.

    Parameters
    ----------
    course
        An assessed course.
    title
        Title; by default the patient and the best response.

    Returns
    -------
    A figure; the platelet axis [10^9/L] is logarithmic above 10.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or the course has no count.
    """
    visits = [visit for visit in course.visits if visit.platelets is not None]
    if not visits:
        raise MissingFactError("the course has no platelet count to draw", field="counts")
    figure = _figure(9, 4.6)
    axes = figure.subplots()
    _plain(axes)
    axes.set_yscale("symlog", linthresh=10, linscale=0.6)
    top = max(150.0, *(visit.platelets or 0.0 for visit in visits)) * 1.5
    axes.set_ylim(0, top)
    first, last = visits[0].day, visits[-1].day
    margin = max(3.0, (last - first) * 0.04)
    axes.set_xlim(min(first, -7) - margin, last + margin)
    _draw_limits(axes, course)
    _draw_rescue(axes, course, last + margin)
    _draw_counts(axes, visits)
    _draw_bands(axes, course)
    axes.axvline(0, color=PURPLE, linewidth=1.6, linestyle=(0, (4, 2)), zorder=1)
    axes.annotate(
        "infusion", (0, 0.985), (3, 0), xycoords=("data", "axes fraction"),
        textcoords="offset points", color=PURPLE, fontsize=9, va="top",
    )  # fmt: skip
    ticks = [0, *(tick for tick in (3, 10, 30, 50, 100, 200, 400, 800) if tick < top)]
    axes.set_yticks(ticks, [str(tick) for tick in ticks])
    axes.minorticks_off()
    axes.set_xlabel("days from infusion")
    axes.set_ylabel("platelets [10⁹/L]")
    axes.set_title(title or _heading(course), loc="left", fontsize=11)
    handles, labels = axes.get_legend_handles_labels()
    unique = dict(zip(labels, handles, strict=True))
    figure.legend(
        unique.values(), unique.keys(), loc="outside lower left", ncols=4, frameon=False, fontsize=9
    )
    return figure


def _heading(course: ResponseCourse) -> str:
    who = f"{course.patient}: " if course.patient else ""
    return f"{who}{course.best.label} ({course.criteria.title})"


def _draw_limits(axes: Axes, course: ResponseCourse) -> None:
    for limit in _limits(course):
        axes.axhline(limit, color=GRAY, linewidth=0.9, linestyle=":", zorder=1)
    if course.baseline is not None:
        number = float(course.baseline.m_as("10^9/L"))
        axes.axhline(
            number, color=ORANGE, linewidth=1.1, linestyle="-.", zorder=1,
            label=f"baseline {number:g}",
        )  # fmt: skip


def _draw_rescue(axes: Axes, course: ResponseCourse, right: float) -> None:
    for start, last, label in course.rescues:
        end = right if last == inf else last
        axes.axvspan(
            start, end, facecolor="#F0F0F0", hatch="...", edgecolor="#C9C9C9", linewidth=0,
            zorder=0, label="counts barred by rescue",
        )  # fmt: skip
        axes.plot(
            [start], [0.86], transform=axes.get_xaxis_transform(),
            marker=_RESCUE.get(label, "v"), markersize=9, color=VERMILLION, linestyle="",
            label=f"rescue: {label}".replace("rescue: other rescue", "other rescue"),
            zorder=4, clip_on=False,
        )  # fmt: skip


def _draw_counts(axes: Axes, visits: Sequence[Any]) -> None:
    days = [visit.day for visit in visits]
    axes.plot(days, [visit.platelets for visit in visits], color=BLUE, linewidth=1.2, zorder=2)
    used = [visit for visit in visits if visit.used]
    unused = [visit for visit in visits if not visit.used]
    for group, fill, label in ((used, BLUE, "count"), (unused, "white", "count not used")):
        if group:
            axes.plot(
                [visit.day for visit in group], [visit.platelets for visit in group],
                marker="o", markersize=6, markerfacecolor=fill, markeredgecolor=BLUE,
                linestyle="", zorder=3, label=label,
            )  # fmt: skip
    bled = [visit for visit in visits if visit.bleeding]
    if bled:
        axes.plot(
            [visit.day for visit in bled], [visit.platelets for visit in bled],
            marker="X", markersize=11, color=VERMILLION, markeredgecolor="white",
            linestyle="", zorder=5, label="bleeding",
        )  # fmt: skip


def _draw_bands(axes: Axes, course: ResponseCourse) -> None:
    """Draw the response, and the complete response above it, as bars along the bottom."""
    transform = axes.get_xaxis_transform()
    for level, (name, episode) in enumerate(_episodes(course)):
        low = 0.02 + 0.05 * level
        axes.bar(
            episode.start, 0.04, width=max(episode.days, 0.6), bottom=low, align="edge",
            transform=transform, edgecolor="white", linewidth=0.4, zorder=2, **_BANDS[name],
        )  # fmt: skip
        marker, label = ("|", "response lost") if episode.event else (">", "censored")
        axes.plot(
            [episode.end], [low + 0.02], transform=transform, marker=marker, markersize=9,
            markeredgewidth=2, color=BLACK, linestyle="", zorder=4, label=label, clip_on=False,
        )  # fmt: skip


def _episodes(course: ResponseCourse) -> list[tuple[str, Episode]]:
    pairs = (("response", course.response), ("complete", course.complete))
    return [(name, episode) for name, episode in pairs if episode is not None]


def swimmer(courses: Iterable[ResponseCourse], *, title: str = "Response by patient") -> Figure:
    """Draw a cohort, one lane per patient: follow-up, response, loss, rescue, bleeding.

    Parameters
    ----------
    courses
        Assessed courses, in any order; the longest response comes first.
    title
        Title.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or there is no course.
    """
    lanes = sorted(courses, key=lambda course: (-(course.duration or -1), course.patient or ""))
    if not lanes:
        raise MissingFactError("there is no course to draw", field="courses")
    figure = _figure(9, 1.6 + 0.42 * len(lanes))
    axes = figure.subplots()
    _plain(axes)
    axes.grid(visible=False)
    for lane, course in enumerate(lanes):
        _draw_lane(axes, lane, course)
    names = [course.patient or f"patient {lane + 1}" for lane, course in enumerate(lanes)]
    bests = [course.best.name for course in lanes]
    labels = [f"{name}  {best}" for name, best in zip(names, bests, strict=True)]
    axes.set_yticks(range(len(lanes)), labels)
    axes.invert_yaxis()
    axes.set_xlim(left=-max(2.0, 0.02 * max(_last_day(course) for course in lanes)))
    axes.tick_params(axis="y", length=0)
    axes.axvline(0, color=PURPLE, linewidth=1.4, linestyle=(0, (4, 2)), label="infusion")
    axes.set_xlabel("days from infusion")
    axes.set_title(title, loc="left", fontsize=11)
    handles, words = axes.get_legend_handles_labels()
    unique = dict(zip(words, handles, strict=True))
    figure.legend(
        unique.values(), unique.keys(), loc="outside lower left", ncols=4, frameon=False, fontsize=9
    )
    return figure


def _last_day(course: ResponseCourse) -> int:
    return max((visit.day for visit in course.visits), default=0)


def _draw_lane(axes: Axes, lane: int, course: ResponseCourse) -> None:
    axes.barh(
        lane, _last_day(course), height=0.5, color="#E8E8E8", edgecolor="#BFBFBF", linewidth=0.5,
        label="followed up",
    )  # fmt: skip
    for height, (name, episode) in zip((0.5, 0.22), _episodes(course), strict=False):
        axes.barh(
            lane, max(episode.days, 0.6), left=episode.start, height=height, edgecolor="white",
            linewidth=0.4, **_BANDS[name],
        )  # fmt: skip
    overall = course.response
    if overall is not None:
        marker, label = ("|", "response lost") if overall.event else (">", "response goes on")
        axes.plot(
            [overall.end], [lane], marker=marker, markersize=10, markeredgewidth=2, color=BLACK,
            linestyle="", label=label, zorder=4,
        )  # fmt: skip
    bled = [visit.day for visit in course.visits if visit.bleeding and visit.day > 0]
    marks = (
        ("v", ORANGE, "rescue", 0.36, [start for start, _, _ in course.rescues]),
        ("X", VERMILLION, "bleeding", -0.36, bled),
    )
    for marker, color, label, offset, at in marks:
        if at:
            axes.plot(
                at, [lane + offset] * len(at), marker=marker, markersize=7, color=color,
                linestyle="", label=label, zorder=5, markeredgecolor="white", clip_on=False,
            )  # fmt: skip


def kaplan_meier(
    curve: KaplanMeier, *, title: str = "", label: str = "still in response"
) -> Figure:
    """Draw a Kaplan-Meier curve with its interval, censoring marks and numbers at risk.

    Parameters
    ----------
    curve
        An estimate of `itp_carT.statistics`.
    title, label
        Words on the picture: its heading, and what the curve is the share of.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed.
    """
    figure = _figure(7.5, 4.8)
    upper, lower = figure.subplots(2, 1, height_ratios=(9, 1), sharex=True)
    _plain(upper)
    _draw_curve(upper, curve)
    upper.set_ylim(0, 1.04)
    upper.set_ylabel(f"share {label}")
    upper.set_title(title, loc="left", fontsize=11)
    upper.legend(loc="lower left", frameon=False, fontsize=9)
    end = max((*curve.times, 1.0))
    lower.set_xlim(-0.02 * end, end * 1.03)
    ticks = [tick for tick in upper.get_xticks() if 0 <= tick <= end]
    lower.set_xticks(ticks)
    lower.set_yticks([])
    for side in ("top", "right", "left"):
        lower.spines[side].set_visible(False)
    lower.set_ylim(0, 1)
    for tick in ticks:
        lower.text(tick, 0.5, str(curve.at_risk_at(tick)), ha="center", va="center", fontsize=9)
    lower.set_title("number at risk", loc="left", fontsize=9)
    lower.set_xlabel({"d": "days"}.get(curve.unit, curve.unit))
    return figure


def _draw_curve(axes: Axes, curve: KaplanMeier) -> None:
    """Draw the steps, the band where the interval is estimable, and the censored times."""
    times = [0.0, *(row.time for row in curve.rows)]
    shares = [1.0, *(row.survival for row in curve.rows)]
    axes.step(times, shares, where="post", color=BLUE, linewidth=2, label="Kaplan-Meier estimate")
    band = [row for row in curve.rows if row.lower is not None and row.upper is not None]
    if band:
        ends = [row.time for row in curve.rows if row.time > band[-1].time][:1]
        at = [*(row.time for row in band), *ends]
        axes.fill_between(
            at,
            [row.lower or 0.0 for row in band] + [band[-1].lower or 0.0] * len(ends),
            [row.upper or 0.0 for row in band] + [band[-1].upper or 0.0] * len(ends),
            step="post", facecolor=SKY, alpha=0.35, edgecolor=BLUE, linewidth=0.6,
            label=f"{100 * curve.confidence:g} % interval",
        )  # fmt: skip
    censored = curve.censored_times
    if censored:
        shares_there = [curve.survival_at(time) or 0.0 for time in censored]
        axes.plot(
            censored, shares_there, marker="|", markersize=11,
            markeredgewidth=1.8, color=BLACK, linestyle="", label="censored",
        )  # fmt: skip
    if curve.median is not None:
        axes.plot(
            [0, curve.median, curve.median], [0.5, 0.5, 0], color=ORANGE, linestyle="--",
            linewidth=1.2, label=f"median {curve.median:g} {curve.unit}",
        )  # fmt: skip


def operating_characteristics(results: Sequence[Characteristics]) -> Figure:
    """Draw how often each design selects each level, and how many patients it treats there.

    Parameters
    ----------
    results
        Results of `itp_carT.escalation.simulation.simulate` in one scenario.

    Raises
    ------
    MissingFactError
        When Matplotlib is not installed, or there is no result.
    """
    if not results:
        raise MissingFactError("there is no result to draw", field="results")
    figure = _figure(9, 4.2)
    left, right = figure.subplots(1, 2)
    rates = results[0].scenario.rates
    width = 0.8 / len(results)
    styles = ((BLUE, ""), (ORANGE, "///"), (GREEN, "..."), (PURPLE, "xxx"), (GRAY, "\\\\"))
    for at, result in enumerate(results):
        color, hatch = styles[at % len(styles)]
        shift = (at - (len(results) - 1) / 2) * width
        places = [level + shift for level in range(len(rates))]
        look: dict[str, Any] = {"facecolor": color, "hatch": hatch, "edgecolor": "white"}
        left.bar(places, [100 * s for s in result.selected], width, label=result.design, **look)
        right.bar(places, list(result.patients), width, **look)
    names = [f"{level}\n{float(rate):g}" for level, rate in enumerate(rates, start=1)]
    for axes, label in ((left, "selected [% of trials]"), (right, "patients per trial")):
        _plain(axes)
        axes.set_xticks(range(len(rates)), names)
        axes.set_xlabel("level, true rate of toxicity")
        axes.set_ylabel(label)
    left.legend(frameon=False, fontsize=9)
    return figure


__all__ = ["kaplan_meier", "operating_characteristics", "swimmer", "trajectory"]
