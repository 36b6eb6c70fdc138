"""From the date of the infusion to visits, a calendar file and a sheet of months to print.

The patient is synthetic. The calendar file needs icalendar and the picture Matplotlib.
"""

from pathlib import Path

from itp_carT import plots
from itp_carT.calendar_file import to_ics
from itp_carT.protocol.nct05315778 import SCHEDULE
from itp_carT.schedule.attendance import assign

calendar = SCHEDULE.on("2026-03-09")
print(calendar)

seen = assign(calendar, ["2026-03-10", "2026-04-10", "2026-04-20"], until="2026-05-01")
print()
for visit in seen.of("on time", "early", "late", "open"):
    print(visit)
for record in seen.unscheduled:
    print(record)

Path("visits.ics").write_bytes(to_ics(calendar, patient="SYN-01"))
plots.visit_months(calendar, seen=seen, patient="SYN-01").savefig("visits.png")
