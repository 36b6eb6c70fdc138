"""Score the ITP-PAQ before the infusion and at month 3, and draw the change.

The mapping is made up: items, options and directions of the licensed manual are not shipped. The
patient is synthetic. The picture needs Matplotlib.
"""

from itp_carT import plots
from itp_carT.quality_of_life import itp_paq

ROWS = [
    f"{facts.key},{facts.key.lower()}{number},5,{'lowest' if number % 3 == 0 else 'highest'}"
    for facts in itp_paq.SCALES
    if facts.key != "RH"  # its items stand with its two parts
    for number in range(1, facts.items + 1)
]
paq = itp_paq.questionnaire(itp_paq.read_mapping("\n".join(["scale,item,options,best", *ROWS])))

told = itp_paq.applicability(employed=True, woman=False)
asked = [item for item in paq.items if not item.key.startswith("rh-")]
before = {item.key: 2 + at % 2 for at, item in enumerate(asked)}
after = {item.key: 4 if item.best.value == "highest" else 2 for item in asked}
del after["ft1"], after["ft2"], after["ft3"]  # one of four answered: the scale is missing

baseline = paq.score(before, applies=told, patient="SYN-01", visit="D-5")
month_3 = paq.score(after, applies=told, patient="SYN-01", visit="M3")
print(month_3)
print()
for change in paq.changes(month_3, baseline):
    print(change)

plots.scale_profile(paq, month_3, baseline=baseline).savefig("itp-paq.png")
