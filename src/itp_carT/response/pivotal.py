"""Platelet endpoints of pivotal ITP trials: how many of which weekly counts reach a limit.

A missing week is a non-response here, as the trials counted it (one wording of the rilzabrutinib
endpoint divides by the available counts instead). Rescue has to be stated, also when there was
none.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any

from attrs import evolve, field, frozen

from itp_carT.analytes import PLATELETS
from itp_carT.errors import ItpCarTError, NotationError
from itp_carT.notation import convert
from itp_carT.observations import Lab
from itp_carT.rules import Row, Table
from itp_carT.sources import (
    AVATROMBOPAG_ITP,
    EFGARTIGIMOD_ADVANCE,
    ELTROMBOPAG_RAISE,
    FOSTAMATINIB_FIT,
    RILZABRUTINIB_LUNA3,
    ROMIPLOSTIM_LABEL,
    Citation,
)
from itp_carT.units import Measured

from .judge import PER_LITER, Judge
from .point import Response

AT_LEAST_50 = Table(
    key="pivotal:at-least-50",
    term="Platelets of 50 or more",
    rows=(Row(Response.R, PLATELETS >= "50 10^9/L"),),
    otherwise=Response.NR,
    source=ROMIPLOSTIM_LABEL.at(
        "weekly platelet response", note="the sign was lost in the copy that was seen"
    ),
)

RAISE_VISIT = Table(
    key="pivotal:raise-visit",
    term="Platelets of 50 to 400",
    rows=(Row(Response.R, (PLATELETS >= "50 10^9/L") & (PLATELETS <= "400 10^9/L")),),
    otherwise=Response.NR,
    source=ELTROMBOPAG_RAISE.at("primary endpoint"),
)

RILZABRUTINIB_RESPONSE = Table(
    key="pivotal:rilzabrutinib-response",
    term="Platelet response, rilzabrutinib trials",
    rows=(
        Row(
            Response.R,
            (PLATELETS >= "50 10^9/L")
            | ((PLATELETS >= "30 10^9/L") & (PLATELETS >= 2 * PLATELETS.baseline)),
        ),
    ),
    otherwise=Response.NR,
    source=RILZABRUTINIB_LUNA3.at("platelet response"),
)

TABLES = (AT_LEAST_50, RAISE_VISIT, RILZABRUTINIB_RESPONSE)


@frozen(kw_only=True)
class Endpoint:
    """A count of weeks at a limit.

    Parameters
    ----------
    key, title
        Names.
    table
        What one count must reach.
    weeks
        First and last week that count.
    need
        Least number of weeks; None where the number itself is the endpoint.
    share, available
        Least share of the available counts, and least number of these, in place of ``need``.
    no_rescue_after
        Rescue after this week fails the endpoint (-1: rescue at any time); None: it does not.
    barred
        Weeks after a rescue in which no count may count.
    source
        Where it is published.
    """

    key: str
    title: str
    table: Table
    weeks: tuple[int, int]
    need: int | None = None
    share: Fraction | None = None
    available: int = 0
    no_rescue_after: int | None = None
    barred: int = 0
    source: Citation


@frozen
class EndpointResult:
    """Whether an endpoint was met, and the weeks that count.

    Parameters
    ----------
    endpoint
        The rule.
    met
        Whether it was met; None where the number of weeks is the endpoint.
    weeks
        The weeks at the limit.
    because
        The reason in words.
    """

    endpoint: Endpoint
    met: bool | None
    weeks: tuple[int, ...]
    because: str

    @property
    def count(self) -> int:
        """Number of weeks at the limit."""
        return len(self.weeks)


ROMIPLOSTIM_DURABLE = Endpoint(
    key="romiplostim-durable",
    title="Durable response: at least 6 of the last 8 weeks (18 to 25)",
    table=AT_LEAST_50,
    weeks=(18, 25),
    need=6,
    no_rescue_after=-1,
    source=ROMIPLOSTIM_LABEL.at("durable platelet response"),
)
ROMIPLOSTIM_TRANSIENT = Endpoint(
    key="romiplostim-transient",
    title="At least 4 weeks of 2 to 25, without durable response",
    table=AT_LEAST_50,
    weeks=(2, 25),
    need=4,
    barred=8,
    source=ROMIPLOSTIM_LABEL.at("transient platelet response"),
)
FOSTAMATINIB_STABLE = Endpoint(
    key="fostamatinib-stable",
    title="Stable response: at least 4 of 6 two-weekly visits, weeks 14 to 24",
    table=AT_LEAST_50,
    weeks=(14, 24),
    need=4,
    no_rescue_after=10,
    source=FOSTAMATINIB_FIT.at("stable response"),
)
FOSTAMATINIB_OVERALL = Endpoint(
    key="fostamatinib-overall",
    title="At least one count of 50 or more in weeks 0 to 12",
    table=AT_LEAST_50,
    weeks=(0, 12),
    need=1,
    source=FOSTAMATINIB_FIT.at("overall response"),
)
AVATROMBOPAG_CUMULATIVE_WEEKS = Endpoint(
    key="avatrombopag-cumulative-weeks",
    title="Number of weeks of 1 to 26 at 50 or more, without rescue",
    table=AT_LEAST_50,
    weeks=(1, 26),
    source=AVATROMBOPAG_ITP.at("cumulative number of weeks"),
)
RILZABRUTINIB_DURABLE = Endpoint(
    key="rilzabrutinib-durable",
    title="Durable response: at least 8 of the last 12 of 24 weeks",
    table=AT_LEAST_50,
    weeks=(13, 24),
    need=8,
    no_rescue_after=-1,
    source=RILZABRUTINIB_LUNA3.at("durable platelet response"),
)
RILZABRUTINIB_DURABLE_TWO_THIRDS = evolve(
    RILZABRUTINIB_DURABLE,
    key="rilzabrutinib-durable-two-thirds",
    title="Durable response: at least two thirds of at least 8 available counts, weeks 13 to 24",
    need=None,
    share=Fraction(2, 3),
    available=8,
)
EFGARTIGIMOD_SUSTAINED = Endpoint(
    key="efgartigimod-sustained",
    title="Sustained response: at least 4 of 6 visits, weeks 19 to 24",
    table=AT_LEAST_50,
    weeks=(19, 24),
    need=4,
    no_rescue_after=-1,
    source=EFGARTIGIMOD_ADVANCE.at("sustained platelet response"),
)

ENDPOINTS = (
    ROMIPLOSTIM_DURABLE,
    ROMIPLOSTIM_TRANSIENT,
    FOSTAMATINIB_STABLE,
    FOSTAMATINIB_OVERALL,
    AVATROMBOPAG_CUMULATIVE_WEEKS,
    RILZABRUTINIB_DURABLE,
    RILZABRUTINIB_DURABLE_TWO_THIRDS,
    EFGARTIGIMOD_SUSTAINED,
)


def assess_weeks(
    endpoint: Endpoint,
    counts: Mapping[int, Measured | None],
    *,
    rescue_weeks: Iterable[int],
    affected_weeks: Iterable[int] = (),
) -> EndpointResult:
    """Assess a pivotal endpoint on weekly counts.

    Parameters
    ----------
    endpoint
        One of `ENDPOINTS`.
    counts
        Platelet count by week [10^9/L]; None or absent where the visit has no count.
    rescue_weeks
        Weeks in which rescue was given; an empty tuple says that there was none.
    affected_weeks
        Weeks whose counts are set aside as affected by rescue.

    Raises
    ------
    NotationError
        A week that is not a whole number of zero or more.

    Examples
    --------
    >>> weeks = dict(zip(range(18, 26), ["50 10^9/L"] * 6 + ["49 10^9/L"] * 2))
    >>> assess_weeks(ROMIPLOSTIM_DURABLE, weeks, rescue_weeks=()).met
    True
    """
    rescues = _weeks(rescue_weeks, "rescue_weeks")
    aside = set(_weeks(affected_weeks, "affected_weeks"))
    for start in rescues:
        aside |= set(range(start + 1, start + 1 + endpoint.barred))
    first, last = endpoint.weeks
    judge = Judge(endpoint.table, None)
    there = {
        week: _number(week, value)
        for week, value in sorted((_week(w, "counts"), v) for w, v in counts.items())
        if value is not None and first <= week <= last
    }
    held = tuple(
        week
        for week, number in there.items()
        if week not in aside and judge(number, None).status is Response.R
    )
    limit = endpoint.no_rescue_after
    late = [week for week in rescues if limit is not None and week > limit]
    if late:
        return EndpointResult(endpoint, False, held, f"rescue in week {late[0]}")
    if endpoint.share is not None:
        enough = len(there) >= endpoint.available
        met = enough and Fraction(len(held), len(there)) >= endpoint.share
        return EndpointResult(endpoint, met, held, f"{len(held)} of {len(there)} available counts")
    if endpoint.need is None:
        return EndpointResult(endpoint, None, held, f"{len(held)} weeks")
    because = f"{len(held)} weeks, {endpoint.need} needed"
    return EndpointResult(endpoint, len(held) >= endpoint.need, held, because)


def _number(week: int, given: Measured) -> float:
    """Read the count of a week, by the same rules as any platelet count."""
    try:
        lab = Lab(PLATELETS, given)
    except ItpCarTError as error:
        raise error.about(f"platelets in week {week}") from None
    number, _, _, _ = lab.numbers
    return convert(number or 0.0, lab.unit, PER_LITER)


def _week(given: Any, name: str) -> int:
    if isinstance(given, bool) or not isinstance(given, int) or given < 0:
        raise NotationError(f"{given!r} is not a week: write 0, 1, 2, ...", field=name, given=given)
    return given


def _weeks(given: Iterable[int], name: str) -> tuple[int, ...]:
    return tuple(sorted(_week(week, name) for week in given))


@frozen
class RomiplostimResponse:
    """The three romiplostim endpoints together: transient excludes durable."""

    durable: bool
    transient: bool
    results: tuple[EndpointResult, EndpointResult] = field(repr=False)

    @property
    def overall(self) -> bool:
        """Durable or transient response."""
        return self.durable or self.transient


def romiplostim(
    counts: Mapping[int, Measured | None], *, rescue_weeks: Iterable[int]
) -> RomiplostimResponse:
    """Assess durable, transient and overall response of the romiplostim trials.

    Parameters
    ----------
    counts
        Platelet count by week [10^9/L], weeks 2 to 25.
    rescue_weeks
        Weeks in which rescue was given; an empty tuple says that there was none.
    """
    weeks = tuple(rescue_weeks)
    durable = assess_weeks(ROMIPLOSTIM_DURABLE, counts, rescue_weeks=weeks)
    transient = assess_weeks(ROMIPLOSTIM_TRANSIENT, counts, rescue_weeks=weeks)
    lasting = bool(durable.met)
    return RomiplostimResponse(lasting, not lasting and bool(transient.met), (durable, transient))
