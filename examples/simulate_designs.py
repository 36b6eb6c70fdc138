"""Set designs of dose escalation side by side, and a CRS gate beside them, for 5 and 30 patients.

Needs NumPy and Matplotlib. The true rates are an assumption of this example: no source gives
them. The gate is an example too, of no protocol.
"""

from itp_carT import plots
from itp_carT.escalation.designs import boin, i3plus3, three_plus_three
from itp_carT.escalation.simulation import Scenario, simulate
from itp_carT.protocol.gate_course import EXAMPLE_GATE
from itp_carT.protocol.gate_simulation import GateScenario, simulate_gate

# Per fraction 10/30/60: at least CRS grade 1, 2, 3, 4 after it and all before it.
GRADES = ((0.20, 0.10, 0.02, 0.01), (0.45, 0.25, 0.10, 0.03), (0.70, 0.45, 0.25, 0.08))

for patients, cohort in ((5, 1), (30, 3)):
    # half of the CRS of a fraction comes only after the next fraction was judged
    assumed = GateScenario(grades=GRADES, seen=0.5, patients=patients)
    scenario = Scenario(rates=assumed.rates, patients=patients, cohort=cohort)
    results = [
        simulate(boin(0.30), scenario, trials=10_000, seed=20260309),
        simulate(i3plus3(0.30), scenario, trials=10_000, seed=20260309),
        simulate_gate(EXAMPLE_GATE, assumed, trials=10_000, seed=20260309),
    ]
    if patients == 30:  # 3+3 ends by its own rule, whatever the number asked for
        results.insert(2, simulate(three_plus_three(), scenario, trials=10_000, seed=20260309))
    print(f"--- {patients} patients")
    print(*results, sep="\n\n", end="\n\n")
    plots.operating_characteristics(results).savefig(f"designs-{patients}.png", dpi=150)
