"""Doses: drugs per body surface area and cells per body weight, each with its working.

`drugs` holds regimens per area with dates, rounding and vials, `renal_schedules` what labels say
about renal function, `cells` the arithmetic of a cell product. Nothing here knows a trial.
"""
