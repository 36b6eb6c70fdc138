"""Grade a laboratory value by CTCAE, and see what an unknown limit of normal leaves open."""

import itp_carT as itc
from itp_carT.analytes import HEMOGLOBIN, PLATELETS
from itp_carT.toxicity import ctcae_v5, ctcae_v6

print(itc.decide(ctcae_v5.PLATELET_COUNT_DECREASED, itc.Lab(PLATELETS, "18 10^9/L")))
print(itc.decide(ctcae_v6.table("Thrombocytopenia"), itc.Lab(PLATELETS, "18000 /mm3")))

verdict = itc.decide(ctcae_v5.ANEMIA, itc.Lab(HEMOGLOBIN, "112 g/L"))
print([grade.name for grade in verdict.possible], "-", verdict.reason)
print(itc.decide(ctcae_v5.ANEMIA, itc.Lab(HEMOGLOBIN, "112 g/L", lln="120 g/L")))
