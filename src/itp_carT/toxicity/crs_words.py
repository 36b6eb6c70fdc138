"""The words in which support in cytokine release syndrome (CRS) is reported, and the drugs.

Vasopressin is told apart from the other vasopressors, and the devices that give oxygen from each
other, because the scales count them differently.
"""

from __future__ import annotations

from enum import Enum


class Vasopressor(Enum):
    """A vasopressor; ASTCT 2019 does not count vasopressin."""

    NOREPINEPHRINE = "norepinephrine"
    EPINEPHRINE = "epinephrine"
    DOPAMINE = "dopamine"
    PHENYLEPHRINE = "phenylephrine"
    METARAMINOL = "metaraminol"
    ANGIOTENSIN = "angiotensin II"
    OTHER = "other vasopressor"
    VASOPRESSIN = "vasopressin"


class Hypotension(Enum):
    """How blood pressure was supported."""

    NONE = "none"
    FLUIDS = "without vasopressor"
    ONE = "one vasopressor"
    MULTIPLE = "multiple vasopressors"


class Oxygen(Enum):
    """The device that gives oxygen."""

    NONE = "none"
    LOW_FLOW_CANNULA = "low-flow nasal cannula"
    BLOW_BY = "blow-by"
    CANNULA = "nasal cannula"
    HIGH_FLOW_CANNULA = "high-flow nasal cannula"
    FACEMASK = "facemask"
    NONREBREATHER = "nonrebreather mask"
    VENTURI = "Venturi mask"
    CPAP = "CPAP"
    BIPAP = "BiPAP"
    VENTILATION = "intubation and ventilation"
    AIRWAY = "intubation for airway protection only"


class Masking(Enum):
    """Therapy that hides fever."""

    ANTIPYRETIC = "antipyretic"
    TOCILIZUMAB = "tocilizumab"
    SILTUXIMAB = "siltuximab"
    ANAKINRA = "anakinra"
    STEROID = "steroid"
    OTHER = "other anticytokine therapy"


#: Other spellings.
VASOPRESSOR_NAMES = {
    "noradrenaline": Vasopressor.NOREPINEPHRINE,
    "adrenaline": Vasopressor.EPINEPHRINE,
    "angiotensin": Vasopressor.ANGIOTENSIN,
    "other": Vasopressor.OTHER,
}
HYPOTENSION_WORDS = {
    "fluids": Hypotension.FLUIDS,
    "fluids only": Hypotension.FLUIDS,
    "no vasopressor": Hypotension.FLUIDS,
    "one vasopressor with vasopressin": Hypotension.ONE,
}
OXYGEN_WORDS = {
    "room air": Oxygen.NONE,
    "no oxygen": Oxygen.NONE,
    "low-flow cannula": Oxygen.LOW_FLOW_CANNULA,
    "blowby": Oxygen.BLOW_BY,
    "cannula": Oxygen.CANNULA,
    "HFNC": Oxygen.HIGH_FLOW_CANNULA,
    "high-flow cannula": Oxygen.HIGH_FLOW_CANNULA,
    "face mask": Oxygen.FACEMASK,
    "mask": Oxygen.FACEMASK,
    "nonrebreather": Oxygen.NONREBREATHER,
    "non-rebreather": Oxygen.NONREBREATHER,
    "non-rebreather mask": Oxygen.NONREBREATHER,
    "Venturi": Oxygen.VENTURI,
    "BPAP": Oxygen.BIPAP,
    "mechanical ventilation": Oxygen.VENTILATION,
    "ventilator": Oxygen.VENTILATION,
    "intubation": Oxygen.VENTILATION,
}
MASKING_WORDS = {
    "acetaminophen": Masking.ANTIPYRETIC,
    "paracetamol": Masking.ANTIPYRETIC,
    "ibuprofen": Masking.ANTIPYRETIC,
    "steroids": Masking.STEROID,
    "corticosteroid": Masking.STEROID,
    "dexamethasone": Masking.STEROID,
    "methylprednisolone": Masking.STEROID,
    "anticytokine therapy": Masking.OTHER,
}

__all__ = ["Hypotension", "Masking", "Oxygen", "Vasopressor"]
