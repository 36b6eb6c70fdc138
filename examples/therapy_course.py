"""From medication records to the decrease of each ITP drug, days without it, and a picture.

Needs Matplotlib for the picture. The patient is synthetic.
"""

from itp_carT import plots
from itp_carT.protocol.concomitant import rescues
from itp_carT.therapy.course import assess
from itp_carT.therapy.off_therapy import off_therapy
from itp_carT.therapy.records import DoseRecord

ITP = {"route": "oral", "purpose": "ITP"}
RECORDS = [
    DoseRecord("prednisone", "20 mg", "QD", start="2025-12", end="2026-04-08", **ITP),
    DoseRecord("prednisone", "5 mg", "QD", start="2026-04-09", end="2026-06-30", **ITP),
    DoseRecord("eltrombopag", "50 mg", "QD", start="2025-06-01", end="2026-04-30", **ITP),
    DoseRecord("IVIg", "1 g/kg", "QD", start="2026-03-20", end="2026-03-21", purpose="ITP"),
    DoseRecord("dexamethasone", "10 mg", "QD", start="2026-03-14", end="2026-03-15",
               route="IV", purpose="toxicity"),
]  # fmt: skip

course = assess(RECORDS, infusion="2026-03-09", until="2026-09-05", patient="synthetic")
for agent in course.agents:
    print(f"{agent}; reduced {agent.reduction}; {agent.discontinuation}")
print(course.combined())
print("without any ITP therapy, days:", *(f"{one.first}-{one.last}" for one in off_therapy(course)))
print("rescue:", *(f"{one.reason} on day {one.start};" for one in rescues(course)))
print("\n".join(course.notes))
plots.therapy_timeline(course).savefig("therapy.png", dpi=200)
