"""How bad is it: toxicity grades as published, one module per edition or instrument.

Each module holds the tables of one publication; a second edition is a second module, and the
first stays. Grades are `itp_carT.toxicity.grades.Grade`.
"""
