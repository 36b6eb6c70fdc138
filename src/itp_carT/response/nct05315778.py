"""Response as the trial's registry record words it, and the same harmonized with the guidelines.

The record asks for absence of bleeding in partial response only, and names neither confirmation
nor rescue nor loss. `LITERAL` follows its words; `HARMONIZED` adds what the IWG and the Chinese
guideline demand, and is the one for analysis. Both are named, so that a result says which it is.
"""

from __future__ import annotations

from itp_carT.analytes import PLATELETS
from itp_carT.rules import Row, Table
from itp_carT.sources import NCT05315778

from .criteria import Criteria, Options
from .point import NO_BLEEDING, Response

POINT_LITERAL = Table(
    key="nct05315778-literal:point-response",
    term="Response at one visit, registry text",
    rows=(
        Row(Response.CR, PLATELETS >= "100 10^9/L"),
        Row(
            Response.PR,
            (PLATELETS >= "30 10^9/L") & (PLATELETS >= 2 * PLATELETS.baseline) & NO_BLEEDING,
            note='"at least 2-fold" is read as at least twice the baseline count',
        ),
    ),
    otherwise=Response.NR,
    source=NCT05315778.at("primary outcome"),
)

POINT_HARMONIZED = Table(
    key="nct05315778-harmonized:point-response",
    term="Response at one visit, registry limits harmonized",
    rows=(
        Row(
            Response.CR,
            (PLATELETS >= "100 10^9/L") & NO_BLEEDING,
            note="absence of bleeding added, as the IWG and the Chinese guideline demand it",
        ),
        Row(
            Response.PR,
            (PLATELETS < "100 10^9/L") & POINT_LITERAL.rows[1].when,
            note="below 100: complete and partial response exclude each other",
        ),
    ),
    otherwise=Response.NR,
    source=NCT05315778.at("primary outcome", note="absence of bleeding added to CR"),
)

LITERAL = Criteria(
    key="nct05315778-literal",
    title="NCT05315778, registry text",
    point=POINT_LITERAL,
    levels=(Response.CR, Response.PR),
    options=Options(
        confirm_response_days=0,
        rescue="ignored",
        first_day=1,
        last_day=180,
    ),
    loss=False,
    source=NCT05315778.at("outcome measures"),
)

HARMONIZED = Criteria(
    key="nct05315778",
    title="NCT05315778, harmonized",
    point=POINT_HARMONIZED,
    levels=(Response.CR, Response.PR),
    source=NCT05315778.at("outcome measures", note="confirmation and loss as IWG 2009"),
)
