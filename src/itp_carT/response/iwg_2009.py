"""Response and phases of ITP as the International Working Group defined them in 2009."""

from __future__ import annotations

from datetime import date
from enum import Enum

from itp_carT.analytes import PLATELETS
from itp_carT.days import add_months, calendar_date
from itp_carT.errors import ImpossibleError
from itp_carT.rules import Fact, Row, Table
from itp_carT.sources import RODEGHIERO_2009

from .criteria import Criteria
from .point import NO_BLEEDING, Response

POINT = Table(
    key="iwg-2009:point-response",
    term="Response at one visit",
    rows=(
        Row(Response.CR, (PLATELETS >= "100 10^9/L") & NO_BLEEDING),
        Row(
            Response.R,
            (PLATELETS >= "30 10^9/L")
            & (PLATELETS < "100 10^9/L")
            & (PLATELETS >= 2 * PLATELETS.baseline)
            & NO_BLEEDING,
            note="below 100: complete response and response exclude each other",
        ),
    ),
    otherwise=Response.NR,
    source=RODEGHIERO_2009.at("definitions of response"),
    note=(
        "A count of 100 or more that is below twice the baseline is in complete response: the "
        "clause on twice the baseline is read as limiting counts below 100."
    ),
)

CRITERIA = Criteria(
    key="iwg-2009",
    title="IWG 2009",
    point=POINT,
    levels=(Response.CR, Response.R),
    source=RODEGHIERO_2009.at(
        "definitions of response",
        note="two counts at least 7 days apart confirm a response, 1 day apart a loss",
    ),
)

SPLENECTOMY_FAILED = Fact("splenectomy failed", "splenectomy failed or relapse after it")
SEVERE_OR_AT_RISK = Fact("severe or at risk", "severe ITP or bleeding risk that needs therapy")
BLEEDING_MANDATES_TREATMENT = Fact(
    "bleeding mandates treatment", "bleeding at presentation that mandates treatment"
)
NEW_BLEEDING_NEEDS_MORE = Fact(
    "new bleeding needs more", "new bleeding that needs a further agent or a higher dose"
)
STEROID_KEEPS_RESPONSE = Fact(
    "steroid keeps response",
    "corticosteroid for 2 months or more keeps platelets at 30 or more and/or avoids bleeding",
)

ITP_COUNT = Table(
    key="iwg-2009:itp-count",
    term="Count low enough for ITP",
    rows=(Row(True, PLATELETS < "100 10^9/L"),),
    otherwise=False,
    source=RODEGHIERO_2009.at("diagnosis"),
)

SEVERE = Table(
    key="iwg-2009:severe",
    term="Severe ITP",
    rows=(Row(True, BLEEDING_MANDATES_TREATMENT.is_() | NEW_BLEEDING_NEEDS_MORE.is_()),),
    otherwise=False,
    source=RODEGHIERO_2009.at("severe ITP"),
    note="No platelet count enters the definition.",
)

REFRACTORY = Table(
    key="iwg-2009:refractory",
    term="Refractory ITP",
    rows=(Row(True, SPLENECTOMY_FAILED.is_() & SEVERE_OR_AT_RISK.is_()),),
    otherwise=False,
    source=RODEGHIERO_2009.at(
        "refractory ITP", verified=False, note="the second half was not seen in the source"
    ),
)

CORTICOSTEROID_DEPENDENCE = Table(
    key="iwg-2009:corticosteroid-dependence",
    term="Corticosteroid dependence",
    rows=(Row(True, STEROID_KEEPS_RESPONSE.is_()),),
    otherwise=False,
    source=RODEGHIERO_2009.at("corticosteroid dependence"),
)


class Phase(Enum):
    """Phase of ITP by the time since diagnosis."""

    NEWLY_DIAGNOSED = "newly diagnosed"
    PERSISTENT = "persistent"
    CHRONIC = "chronic"

    @property
    def label(self) -> str:
        """The term in words."""
        return self.value


#: Last calendar month that still belongs to the phase; the boundary day itself included.
PHASE_MONTHS = ((3, Phase.NEWLY_DIAGNOSED), (12, Phase.PERSISTENT))


def phase(diagnosed: date | str, on: date | str) -> Phase:
    """Return the phase of ITP on a day, by the time since diagnosis.

    Parameters
    ----------
    diagnosed, on
        Calendar dates. Exactly 3 months is newly diagnosed, exactly 12 months persistent.

    Raises
    ------
    ImpossibleError
        A day before the diagnosis.

    References
    ----------
    Rodeghiero 2009, phases of the disease.

    Examples
    --------
    >>> phase("2025-03-09", "2026-03-09").label
    'persistent'
    """
    first, day = calendar_date(diagnosed, "diagnosed"), calendar_date(on, "on")
    if day < first:
        raise ImpossibleError(
            f"{day} is before the diagnosis on {first}", field="on", given=str(day)
        )
    for months, found in PHASE_MONTHS:
        if day <= add_months(first, months):
            return found
    return Phase.CHRONIC


TABLES = (POINT, ITP_COUNT, SEVERE, REFRACTORY, CORTICOSTEROID_DEPENDENCE)
