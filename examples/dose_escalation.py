"""A dose-escalation table, the next step of a trial in progress, and where two designs differ."""

from itp_carT.escalation.cohorts import Cohorts, recommend
from itp_carT.escalation.designs import boin, i3plus3

table = boin(0.30, largest=12)
print(table)
print()
print(recommend(table, Cohorts(treated=(3, 3, 0), dlt=(0, 1, 0), current=2)))
print()
for treated, dlt, here, there in table.differences(i3plus3(0.30, largest=12)):
    print(f"{dlt} of {treated}: BOIN {here}, i3+3 {there}")
