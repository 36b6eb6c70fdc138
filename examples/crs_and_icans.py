"""Grade CRS and ICANS day by day, and take a split infusion through an example of a gate.

The patient is synthetic, and the gate is an example: no protocol of the trial is public.
"""

import itp_carT as itc
from itp_carT.protocol import nct05315778 as protocol
from itp_carT.protocol.gate_course import EXAMPLE_GATE, follow
from itp_carT.toxicity.astct_2019 import Ice, crs, icans
from itp_carT.toxicity.episodes import episodes

# One line per day: temperature, blood pressure, oxygen, and what may hide fever.
days = [
    crs(temperature="36.9 °C", hypotension="none", hypoxia="none", on="2026-03-09"),
    crs(temperature="38.7 °C", hypotension="none", hypoxia="none", on="2026-03-10"),
    crs(
        temperature="39.4 °C", hypotension="fluids", hypoxia="nasal cannula", flow="2 L/min",
        on="2026-03-11",
    ),
    crs(
        temperature="37.1 °C", hypotension="fluids", hypoxia="none", masked_by="tocilizumab",
        on="2026-03-12",
    ),
    crs(
        temperature="36.8 °C", hypotension="none", hypoxia="none", masked_by="tocilizumab",
        on="2026-03-13",
    ),
    crs(
        temperature="36.6 °C", hypotension="none", hypoxia="none", masked_by="tocilizumab",
        on="2026-03-14",
    ),
]  # fmt: skip
for day in days:
    print(day.on, day.outcome)
for episode in episodes(days):
    print(episode, f"{episode.duration}", sep="; ")

# Without the flow, a nasal cannula leaves two grades possible.
print(crs(temperature="39.4 °C", hypotension="none", hypoxia="nasal cannula"))

print(icans(ice=Ice(orientation=4, naming=3, command=1, writing=0, counting=0),
            consciousness="awake").outcome)  # fmt: skip
print(icans(consciousness="awakens to voice"))

patient = itc.Subject(id="SYN-01", sex="female", age=41, weight="60 kg")
dose = protocol.CAR_T.dose(patient, "1e7 cell/kg")
account = itc.SplitInfusion("10/30/60").of(dose, infusion="2026-03-09")
print(follow(EXAMPLE_GATE, account, days).report(protocol.CAR_T))
