"""Response by the Chinese guideline for adult primary ITP of 2020.

The wording of the response section was not seen in an opened copy of the guideline: every rule
here is unverified, except corticosteroid dependence, and results say so.
"""

from __future__ import annotations

from itp_carT.analytes import PLATELETS
from itp_carT.rules import Fact, Row, Table
from itp_carT.sources import CHINESE_ITP_2020

from .criteria import Criteria, Term
from .point import BLEEDING, NO_BLEEDING, Response

_CITED = CHINESE_ITP_2020.at("efficacy criteria")

POINT = Table(
    key="chinese-2020:point-response",
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
    source=_CITED,
)

REMISSION = Table(
    key="chinese-2020:remission",
    term="Remission, count at 12 months",
    rows=(Row(Response.CR, PLATELETS >= "100 10^9/L"),),
    otherwise=Response.NR,
    source=_CITED,
    note="The text has no bleeding clause.",
)

_ANY = (Response.CR, Response.R)
TERMS = (
    Term(key="early", at="week 1", table=POINT, met=_ANY, source=_CITED),
    Term(key="initial", at="month 1", table=POINT, met=_ANY, source=_CITED),
    Term(key="durable", at="month 6", table=POINT, met=_ANY, lasting=True, source=_CITED),
    Term(key="remission", at="month 12", table=REMISSION, met=(Response.CR,), source=_CITED),
)

CRITERIA = Criteria(
    key="chinese-2020",
    title="Chinese guideline 2020",
    point=POINT,
    levels=(Response.CR, Response.R),
    complete_loss=False,
    terms=TERMS,
    source=_CITED,
)

ACTIVE_BLEEDING = Fact("active bleeding", "active bleeding")
SCORE_AT_LEAST_2 = Fact("bleeding score at least 2", "bleeding score of 2 or more")
SCORE_AT_LEAST_5 = Fact("bleeding score at least 5", "bleeding score of 5 or more")
STEROID_ABOVE_5 = Fact(
    "prednisone above 5 mg/d",
    "prednisone above 5 mg/d keeps platelets at 30 or more and/or avoids bleeding",
)
FREQUENT_COURSES = Fact(
    "frequent courses",
    "frequent intermittent courses keep platelets at 30 or more and/or avoid bleeding",
)
FIRST_LINE_FAILED = Fact("first line failed", "no response to first-line treatment")
TPO_FAILED = Fact("TPO agents failed", "no response to thrombopoietic agents")
RITUXIMAB_FAILED = Fact("rituximab failed", "no response to rituximab")
SPLENECTOMY_FAILED = Fact("splenectomy failed", "splenectomy failed or relapse after it")
STILL_ITP = Fact("still ITP", "still ITP on re-evaluation")

SEVERE = Table(
    key="chinese-2020:severe",
    term="Severe ITP",
    rows=(
        Row(
            True,
            ((PLATELETS < "10 10^9/L") & ACTIVE_BLEEDING.is_()) | SCORE_AT_LEAST_5.is_(),
        ),
    ),
    otherwise=False,
    source=CHINESE_ITP_2020.at("severe ITP"),
)

REFRACTORY = Table(
    key="chinese-2020:refractory",
    term="Refractory ITP",
    rows=(
        Row(
            True,
            (
                (FIRST_LINE_FAILED.is_() & TPO_FAILED.is_() & RITUXIMAB_FAILED.is_())
                | SPLENECTOMY_FAILED.is_()
            )
            & STILL_ITP.is_(),
        ),
    ),
    otherwise=False,
    source=CHINESE_ITP_2020.at("refractory ITP"),
    note="Both routes are read as needing the re-evaluation.",
)

TREAT_WHATEVER_THE_COUNT = Table(
    key="chinese-2020:treat",
    term="Treatment indicated whatever the count",
    rows=(Row(True, ACTIVE_BLEEDING.is_() & SCORE_AT_LEAST_2.is_()),),
    otherwise=False,
    source=CHINESE_ITP_2020.at("treatment"),
)

CORTICOSTEROID_DEPENDENCE = Table(
    key="chinese-2020:corticosteroid-dependence",
    term="Corticosteroid dependence",
    rows=(Row(True, STEROID_ABOVE_5.is_() | FREQUENT_COURSES.is_()),),
    otherwise=False,
    source=CHINESE_ITP_2020.at(
        "corticosteroid dependence",
        verified=True,
        note='as corrected by the erratum ("and/or"); "5 mg/d and above" is read as above 5 mg/d',
    ),
)

TABLES = (
    POINT,
    REMISSION,
    SEVERE,
    REFRACTORY,
    TREAT_WHATEVER_THE_COUNT,
    CORTICOSTEROID_DEPENDENCE,
)

__all__ = ["BLEEDING", "CRITERIA", "POINT", "REMISSION", "TABLES", "TERMS"]
