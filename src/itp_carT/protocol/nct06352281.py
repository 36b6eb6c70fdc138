"""The trial NCT06352281: anti-CD19 CAR-T cells in chronic or refractory primary ITP.

Data only, from the registry entry and a meeting abstract; the protocol itself is not public. It has
the drugs of NCT05315778 and cells of another target at a dose some fifty times lower.
"""

from __future__ import annotations

from itp_carT.body_surface import MOSTELLER
from itp_carT.dosing.drugs import CYCLOPHOSPHAMIDE, FLUDARABINE, Course
from itp_carT.dosing.regimen import Regimen
from itp_carT.rounding import To
from itp_carT.sources import NCT06352281

from .model import CellTherapy, Eligibility, Protocol

LYMPHODEPLETION = Regimen(
    (
        Course(FLUDARABINE, "30 mg/m^2", days=(-5, -4, -3), rounding=To("1 mg", half="up")),
        Course(CYCLOPHOSPHAMIDE, "300 mg/m^2", days=(-5, -4, -3), rounding=To("10 mg", half="up")),
    ),
    bsa=MOSTELLER,
    source=NCT06352281.at(
        "meeting abstract: methods",
        note="given to all but one of four patients; the registry says 3 to 5 days without doses; "
        "formula of the area and rounding are not published: ours, by convention",
    ),
)

CAR_T = CellTherapy(
    lowest="1.5e5 cell/kg",
    highest="3e5 cell/kg",
    levels=("1.5e5 cell/kg", "3e5 cell/kg"),
    counting=None,
    source=NCT06352281.at(
        "meeting abstract: methods",
        note="the two single doses that were given; the registry states none, and which cells are "
        "counted is not published",
    ),
)

ELIGIBILITY = Eligibility(youngest=8, oldest=75, source=NCT06352281.at("registry: eligibility"))

PROTOCOL = Protocol(
    name="NCT06352281",
    lymphodepletion=LYMPHODEPLETION,
    cells=CAR_T,
    eligibility=ELIGIBILITY,
    participants=10,
    follow_up="12 weeks; at least 12 months for a durable remission",
    not_published=(
        "the range of the dose, and which cells it counts",
        "formula of body surface area, rounding, caps, renal reduction",
        "doses for children, whom the trial takes from 8 years",
        "the sign before the platelet limit of 30 10^9/L, and confirmation or loss of a response",
        "visits and their windows",
    ),
    source=NCT06352281.at("record"),
)

plan = PROTOCOL.plan

__all__ = ["CAR_T", "ELIGIBILITY", "LYMPHODEPLETION", "PROTOCOL", "plan"]
