"""Response terms of the American Society of Hematology guideline of 2019.

The outcome table was not seen in an opened copy: every rule here is unverified. None of the terms
has a bleeding clause or a confirmation rule.
"""

from __future__ import annotations

from itp_carT.analytes import PLATELETS
from itp_carT.rules import Fact, Row, Table
from itp_carT.sources import NEUNERT_2019

from .criteria import Criteria, Options, Term
from .point import Response

_CITED = NEUNERT_2019.at("outcome definitions")

POINT = Table(
    key="ash-2019:point-response",
    term="Response at one visit",
    rows=(Row(Response.R, (PLATELETS >= "30 10^9/L") & (PLATELETS >= 2 * PLATELETS.baseline)),),
    otherwise=Response.NR,
    source=_CITED,
)

REMISSION = Table(
    key="ash-2019:remission",
    term="Remission, count at 12 months",
    rows=(Row(Response.CR, PLATELETS > "100 10^9/L"),),
    otherwise=Response.NR,
    source=_CITED,
    note="Above 100; the Chinese guideline says 100 or more.",
)

TERMS = (
    Term(key="early", at="week 1", table=POINT, met=(Response.R,), source=_CITED),
    Term(key="initial", at="month 1", table=POINT, met=(Response.R,), source=_CITED),
    Term(key="durable", at="month 6", table=POINT, met=(Response.R,), source=_CITED),
    Term(key="remission", at="month 12", table=REMISSION, met=(Response.CR,), source=_CITED),
)

CRITERIA = Criteria(
    key="ash-2019",
    title="ASH 2019",
    point=POINT,
    levels=(Response.R,),
    options=Options(confirm_response_days=0),
    loss=False,
    terms=TERMS,
    source=_CITED,
)

STEROID_ABOVE_5 = Fact(
    "prednisone above 5 mg/d",
    "continuous prednisone above 5 mg/d or frequent courses keep platelets at 30 or more and/or "
    "avoid bleeding",
)
WHO_3 = Fact("worst WHO grade at least 3", "worst WHO grade of 3 or 4")
BUCHANAN_SEVERE = Fact("Buchanan severe", "severe by Buchanan and Adix")
IBLS_2 = Fact("highest IBLS grade 2", "IBLS grade of 2 at any site")
THREAT = Fact("life-threatening or intracranial", "life-threatening or intracranial bleeding")

CORTICOSTEROID_DEPENDENCE = Table(
    key="ash-2019:corticosteroid-dependence",
    term="Corticosteroid dependence",
    rows=(Row(True, STEROID_ABOVE_5.is_()),),
    otherwise=False,
    source=NEUNERT_2019.at("definitions"),
)

BLEEDING_SEVERITY = Table(
    key="ash-2019:bleeding-severity",
    term="Major or minor bleeding",
    rows=(Row("major", WHO_3.is_() | BUCHANAN_SEVERE.is_() | IBLS_2.is_() | THREAT.is_()),),
    otherwise="minor",
    source=NEUNERT_2019.at("outcome definitions"),
    note="Asked of a bleed: whatever is not major is minor.",
)

TABLES = (POINT, REMISSION, CORTICOSTEROID_DEPENDENCE, BLEEDING_SEVERITY)
