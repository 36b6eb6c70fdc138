"""Laboratory markers that only the CAR-T scores ask for: C-reactive protein and ferritin."""

from __future__ import annotations

from itp_carT.analytes import Analyte

#: Reported in mg/L and in mg/dL; the two differ ten-fold, so that the unit is always needed.
CRP = Analyte("crp", "C-reactive protein", "mg/L", "CRP", names=("CRP",))
FERRITIN = Analyte("ferritin", "ferritin", "ug/L", "FERRITIN")

__all__ = ["CRP", "FERRITIN"]
