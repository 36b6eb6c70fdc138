"""From a platelet diary to the best response, its times and reasons, and a picture of the course.

Needs Matplotlib for the picture. The patient is synthetic.
"""

from itp_carT import plots
from itp_carT.response import iwg_2009, nct05315778
from itp_carT.response.course import assess
from itp_carT.response.records import Count, Rescue

COUNTS = [
    Count("2026-03-04", "12 10^9/L"),
    Count("2026-03-12", "9000 /uL", bleeding="yes"),
    Count("2026-03-16", "31 10^9/L", bleeding="no"),
    Count("2026-03-23", "45 10^9/L", bleeding="no"),
    Count("2026-03-30", "110 10^9/L", bleeding="no"),
    Count("2026-04-08", "130 10^9/L", bleeding="no"),
    Count("2026-05-08", "60 10^9/L", bleeding="no"),
    Count("2026-05-15", "64 K/uL", bleeding="no"),
]
RESCUE = [Rescue("platelet transfusion", "2026-03-12")]

for criteria in (nct05315778.LITERAL, nct05315778.HARMONIZED, iwg_2009.CRITERIA):
    course = assess(COUNTS, criteria, treated_on="2026-03-09", rescue=RESCUE, patient="synthetic")
    print(f"{criteria.title}: {course.best.name}, time to response {course.time_to_response} d")

print()
print("\n".join(course.working))
plots.trajectory(course).savefig("response_course.png", dpi=200)
