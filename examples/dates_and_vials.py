"""Dates, protocol days and vials: what stands on a preparation sheet."""

from itp_carT.days import ProtocolDay, StudyDay, weekday
from itp_carT.dosing.vials import vial_plan

infusion = "2026-03-09"

# The infusion is D0 of the protocol and, for CDISC, study day 1: there is no study day 0.
for number in (-5, -4, -3, 0, 28):
    day = ProtocolDay(number)
    date = day.on(infusion)
    print(f"{day!s:>4}  {date}  {weekday(date):<9}  {StudyDay.of(date, reference=infusion)}")

# Least drug first, then the fewest vials; what is left over is discarded on the same day.
print()
for dose, strengths in (
    ("49 mg", ["50 mg"]),
    ("490 mg", ["500 mg", "1 g", "2 g"]),
    ("490 mg", ["200 mg"]),
    ("510 mg", ["200 mg", "500 mg"]),
):
    print(f"{dose} from {', '.join(strengths)}: {vial_plan(dose, strengths)}")

# A day that the calendar does not have is an error, not the next one.
print()
try:
    ProtocolDay(-5).on("2026-02-30")
except ValueError as error:
    print(error)
