"""Concomitant therapy: which drug at what dose, how much less than before, and for how long none.

`course.assess` answers for one patient; each module holds one noun (drug, frequency, record, dose
series, measure). Days count from the infusion, day 0; intervals include both ends.
"""
