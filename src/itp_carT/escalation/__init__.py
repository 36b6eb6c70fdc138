"""Dose escalation between patients: counts in, an admissible decision with its rule out.

`designs` makes decision tables (3+3, BOIN, Keyboard, mTPI-2, i3+3) as values; `cohorts` reads one
for a trial in progress; `selection` names the dose at the end; `simulation` shows how a design
behaves. The trial's registry record does not say whether its "dose-escalation" is between patients
or within one: both are modeled, and neither is the protocol's word.
"""
