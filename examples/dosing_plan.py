"""A whole dosing plan for one synthetic patient: drugs, dates, cells, volume, split infusion."""

import itp_carT as itc
from itp_carT.dosing.renal_schedules import US_LABEL
from itp_carT.protocol import nct05315778 as trial
from itp_carT.renal import cockcroft_gault

ana = itc.Subject(id="ITP-001", sex="F", age=41, height="162 cm", weight="60 kg")

# Drugs by area: each day with its date, each dose with its working.
drugs = trial.LYMPHODEPLETION.plan(ana, infusion="2026-03-09")
print(drugs)
print()
print(drugs[0].working)

# Reduced renal function: a schedule is named, because the labels disagree.
clearance = cockcroft_gault(ana, "1.0 mg/dL", weight="actual")
reduced = trial.LYMPHODEPLETION.plan(ana, infusion="2026-03-09", renal=US_LABEL.factor(clearance))
print()
print(reduced[0])

# Everything at once: cells by weight, the volume of a product, and fractions on three days.
product = itc.Product(viable_car_t="1.2e7 cell/mL", volume="25 mL", bags=4)
plan = trial.plan(
    ana, infusion="2026-03-09", cells_per_kg="1.5e7 cells/kg", product=product, split="10/30/60"
)
print()
print(plan.cells, "in", plan.volume)
print(plan.split)

# The account of what was given; a held fraction holds the later ones, and nothing is scaled up.
account = plan.split.give(1).hold(2, "CRS grade 2")
print()
print(account)
print(f"given: {account.given_per_kg:.2e}; {trial.CAR_T.shortfall(account)}")
