"""Adverse events of three synthetic patients: records, treatment-emergent, worst grade, shift.

A platelet count that was grade 4 before treatment is the disease and no new toxicity; what nobody
recorded stays unknown.
"""

from itp_carT import Lab, decide
from itp_carT.analytes import PLATELETS
from itp_carT.toxicity import ctcae_v5
from itp_carT.toxicity.catalogue import catalogue, successors
from itp_carT.toxicity.emergence import TreatmentPeriod, treatment_emergent
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.incidence import incidence
from itp_carT.toxicity.shift import shift_table
from itp_carT.toxicity.worsening import worsening

terms = catalogue("ctcae-v5.0")
low = terms["Platelet count decreased"]
print("in v6.0:", *(pair.after for pair in successors(low)))

# Before and after, graded by the same table, and compared.
before, after = (
    decide(ctcae_v5.PLATELET_COUNT_DECREASED, Lab(PLATELETS, value))
    for value in ("12 10^9/L", "8 10^9/L")
)
print("platelets:", worsening(before, after))

events = [
    AdverseEvent("SYN-01", low, grade=after, initial_grade=before, onset="2026-03-11"),
    AdverseEvent(
        "SYN-01", terms["Cytokine release syndrome"], grade=1, initial_grade=0,
        onset="2026-03-10", end="2026-03-13", attribution="definite", outcome="recovered",
    ),
    AdverseEvent("SYN-02", terms["Headache"], grade=2, initial_grade=2, onset="2026-03"),
    AdverseEvent("SYN-02", terms["Nausea"], grade=None, initial_grade=0, onset="2026-03-05"),
]  # fmt: skip

# What counts as first treatment is the analysis plan's choice.
period = TreatmentPeriod(
    first="lymphodepletion", lymphodepletion="2026-03-04", infusion="2026-03-09"
)
for event in events:
    verdict = treatment_emergent(event, period)
    answer = verdict.outcome.label if verdict.settled else f"open: {verdict.reason}"
    print(f"{event.patient} {event.term.name}, related: {event.related}: {answer}")

everybody = ["SYN-01", "SYN-02", "SYN-03"]
print(incidence(events, everybody, above_baseline=True))
print(shift_table(low, {"SYN-01": before, "SYN-02": 3}, {"SYN-01": [after], "SYN-02": [2, None]}))
