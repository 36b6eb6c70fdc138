"""The visits of a trial: planned days and windows, dates for one patient, and who came when.

`visits` is the plan as data, `dated` the plan of one patient, `attendance` what became of it.
"""
