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
from itp_carT.schedule.visits import Assessment, Months, Schedule, Visit, Window
from itp_carT.sources import ITP_CART_CONVENTIONS, NCT05315778

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

_ENDPOINT = ITP_CART_CONVENTIONS.at(
    "visits of the trial", note="an endpoint of the registry entry, which names no visits for it"
)
ADVERSE_EVENTS = Assessment(
    "adverse events",
    NCT05315778.at(
        "outcome measures", note="daily in the first 2 weeks, then monthly, to 6 months"
    ),
)
PLATELET_COUNT = Assessment("platelet count", _ENDPOINT)
BLEEDING = Assessment("bleeding", _ENDPOINT)
MEDICINES = Assessment("concomitant therapy", _ENDPOINT)
QUALITY_OF_LIFE = Assessment("ITP-PAQ", _ENDPOINT)

_EACH = (PLATELET_COUNT, BLEEDING, MEDICINES)
_COURSES = LYMPHODEPLETION.courses
_FIRST = min(day for course in _COURSES for day in course.days)  # the baseline is taken before it

SCHEDULE = Schedule(
    "NCT05315778",
    (
        *(
            Visit(
                str(day),
                day=day,
                treatment=", ".join(c.drug.name for c in _COURSES if day in c.days),
                assessments=(*_EACH, QUALITY_OF_LIFE) if day == _FIRST else (),
            )
            for day in sorted({day for course in _COURSES for day in course.days})
        ),
        Visit("D0", day=0, treatment="CAR-T cells"),
        *(Visit(f"D{day}", day=day, assessments=(ADVERSE_EVENTS, *_EACH)) for day in range(1, 15)),
        *(
            Visit(
                f"M{month}",
                months=month,
                window=Window(before=7, after=7),
                assessments=(ADVERSE_EVENTS, *_EACH, QUALITY_OF_LIFE),
            )
            for month in range(1, 7)
        ),
    ),
    months=Months.DAYS_30,
    source=ITP_CART_CONVENTIONS.at(
        "visits of the trial",
        note="the registry says daily for 2 weeks, then monthly to 6 months; that a month is "
        "30 days, windows of 0 and 7 days, and the days of other assessments are ours",
    ),
)

PROTOCOL = Protocol(
    name="NCT05315778",
    lymphodepletion=LYMPHODEPLETION,
    cells=CAR_T,
    eligibility=ELIGIBILITY,
    participants=5,
    follow_up="6 months",
    not_published=(
        "which cells the dose counts",
        "formula of body surface area, rounding, caps, renal reduction",
        "how the dose rises, and the gate between fractions",
        "the count that is the baseline, and confirmation or loss of a response",
        "visits of the laboratory and the other endpoints",
    ),
    source=NCT05315778.at("record"),
)

plan = PROTOCOL.plan

__all__ = ["CAR_T", "ELIGIBILITY", "LYMPHODEPLETION", "PROTOCOL", "SCHEDULE", "plan"]
