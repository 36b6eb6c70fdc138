"""Score bleeding by the trial's instrument, keep a diary, and ask what a response rule asks.

The patient is synthetic.
"""

from itertools import pairwise

from itp_carT.bleeding import chinese_adult, itp_bat
from itp_carT.bleeding_diary import Diary

# What is not mentioned was not assessed; rest="none" says it was assessed and shows nothing.
screening = chinese_adult.score(
    age=65, skin="head/face", mucosa="occasional", rest="none", on="2026-03-02"
)
print("screening:", screening)

visits = [
    chinese_adult.score(age=65, skin="elsewhere", rest="none", on="2026-03-16"),
    chinese_adult.score(age=65, mucosa="occasional", rest="none", on="2026-03-23", cause="trauma",
                        disproportionate="no"),
    chinese_adult.score(age=65, skin="none", mucosa="none", viscera="none", on="2026-03-30"),
    chinese_adult.score(age=65, rest="none", on="2026-04-06"),
]  # fmt: skip
for visit in visits:
    print(visit.on, "symptom", visit.symptom, "total", visit.total, "bleeding", visit.bleeding())

diary = Diary([visit.assessment() for visit in (screening, *visits)], patient="SYN-65")
print("\nbleeding since the last visit, trauma not counted:")
for after, upto in pairwise(visits):
    print(" ", upto.on, diary.bleeding(after.on, upto.on))

worst = diary.worst("symptom", after="2026-03-02", upto="2026-03-23")
change = diary.change("symptom", baseline="2026-03-04", on="2026-04-06")
print("worst symptom points to 23 March:", worst)
print("change from baseline to 6 April:", change)

index = itp_bat.score(epistaxis=("6 min", "packing"), skin="none", rest="none", on="2026-03-16")
print("\nITP-BAT:", itp_bat.smog(index))
print("\nworking of the screening score:")
print(screening.working)
