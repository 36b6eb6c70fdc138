"""The measures and facts that the tables of the CRS scales ask for, each named once.

`itp_carT.toxicity.crs_findings` tells what is known of each; a fact without a stated default stays
unknown when nobody reported it.
"""

from __future__ import annotations

from itp_carT.analytes import TEMPERATURE, Analyte
from itp_carT.rules import Fact

VASOPRESSORS = Analyte("vasopressors", "number of vasopressors (vasopressin not counted)", "1")
VASOPRESSOR_TIME = Analyte("vasopressor_time", "time on vasopressors", "h")
OXYGEN_FLOW = Analyte("oxygen_flow", "oxygen flow by nasal cannula", "L/min")
ORGAN_TOXICITY = Analyte("organ_toxicity", "worst CTCAE grade of organ toxicity", "1")
TRANSAMINASES = Analyte("transaminases", "CTCAE grade of transaminases", "1")
CREATININE_GRADE = Analyte("creatinine_grade", "CTCAE grade of creatinine", "1")

#: Highest flow by cannula that is low flow.
LOW_FLOW_LIMIT = "6 L/min"

FEVER_EXPLAINED = Fact("fever explained", "fever has another cause", when_absent=False)
MASKED = Fact("fever masked", "fever masked by antipyretic or anticytokine therapy given in CRS")
HYPOTENSIVE = Fact("hypotension", "hypotension")
VASOPRESSIN_ONLY = Fact("vasopressin only", "vasopressin is the only vasopressor")
VASOPRESSIN_COUNTS = Fact("vasopressin counts", "vasopressin alone counts as one vasopressor")
ANY_VASOPRESSOR = Fact("vasopressor", "a vasopressor, vasopressin counted")
SEVERAL_VASOPRESSORS = Fact("several vasopressors", "several vasopressors, vasopressin counted")
HIGH_DOSE = Fact("high-dose vasopressor", "a vasopressor at high dose")
REFRACTORY = Fact("refractory", "hypotension refractory to vasopressors")
ANY_OXYGEN = Fact("oxygen", "hypoxia that needs oxygen")
CANNULA = Fact("nasal cannula", "nasal cannula, judged by its flow")
HIGH_FLOW = Fact("high-flow cannula", "high-flow nasal cannula")
MASK = Fact("mask", "facemask, nonrebreather or Venturi mask")
POSITIVE_PRESSURE = Fact("positive pressure", "positive pressure: CPAP, BiPAP, or ventilation")
VENTILATED = Fact("ventilated", "mechanical ventilation")
CONSTITUTIONAL = Fact("constitutional", "constitutional symptoms", when_absent=False)
HOSPITALIZED = Fact("hospitalized", "in hospital for symptoms of CRS")
INTRAVENOUS = Fact("intravenous therapy", "intravenous therapy, not fluids for hypotension")
PLASMA = Fact("plasma", "coagulopathy that needs plasma")
DEATH = Fact("attested: death", "death from CRS", when_absent=False)
LIFE_THREATENING = Fact("attested: life-threatening", "life-threatening", when_absent=False)
JUDGED = Fact("judged", "support judged life-threatening")

#: Fever that nothing but CRS explains.
FEVER = (TEMPERATURE >= "38.0 Cel") & FEVER_EXPLAINED.is_(False)
