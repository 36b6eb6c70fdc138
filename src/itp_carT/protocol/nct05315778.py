"""The trial NCT05315778: anti-BCMA CAR-T cells in relapsed or refractory immune thrombocytopenia.

Data only, each part with its place in the registry entry; the protocol itself is not public.
What the entry leaves open is decided here, in the notes of the citations, or by whoever plans.
"""

from __future__ import annotations

from itp_carT.body_surface import MOSTELLER
from itp_carT.dosing.cells import Counting
from itp_carT.dosing.drugs import CYCLOPHOSPHAMIDE, FLUDARABINE, Course
from itp_carT.dosing.regimen import Regimen
from itp_carT.rounding import To
from itp_carT.sources import NCT05315778

from .model import CellTherapy, Eligibility, Protocol

LYMPHODEPLETION = Regimen(
    (
        Course(FLUDARABINE, "30 mg/m^2", days=(-5, -4, -3), rounding=To("1 mg", half="up")),
        Course(CYCLOPHOSPHAMIDE, "300 mg/m^2", days=(-5, -4, -3), rounding=To("10 mg", half="up")),
    ),
    bsa=MOSTELLER,
    source=NCT05315778.at(
        "arm description",
        note="formula of the area and rounding are not stated: ours, by convention",
    ),
)

CAR_T = CellTherapy(
    lowest="1e7 cell/kg",
    highest="2e7 cell/kg",
    counting=Counting.VIABLE_CAR_POSITIVE,
    source=NCT05315778.at(
        "arm description",
        note='printed "1.0-2.0x10e7/Kg", read as 10^7; which cells are counted is not stated, '
        "read as on product labels: viable CAR-positive T cells; no cap is stated",
    ),
)

ELIGIBILITY = Eligibility(youngest=18, oldest=65, source=NCT05315778.at("eligibility"))

PROTOCOL = Protocol(
    name="NCT05315778",
    lymphodepletion=LYMPHODEPLETION,
    cells=CAR_T,
    eligibility=ELIGIBILITY,
    participants=5,
    follow_up=6,
    source=NCT05315778.at("record"),
)

plan = PROTOCOL.plan

__all__ = ["CAR_T", "ELIGIBILITY", "LYMPHODEPLETION", "PROTOCOL", "plan"]
