"""Body surface area of one synthetic patient: by the trial's default and by every formula."""

import itp_carT as itc
from itp_carT.anthropometry import compare_bsa

ana = itc.Subject(id="ITP-001", sex="F", age=41, height="162 cm", weight="60 kg")

# The default is Mosteller's formula; the result carries the formula and explains itself.
area = itc.bsa(ana)
print(area)
print(area.working)

# Another formula is named, never assumed.
print()
print(itc.bsa(ana, formula=itc.DUBOIS))

# The unit of entry changes nothing.
same = itc.Subject(sex="F", age=41, height="1.62 m", weight="60000 g")
print(itc.bsa(same).value == area.value)

# How far the published formulas lie apart for this patient, and which of them are unverified.
print()
print(compare_bsa(ana))

# What cannot be right is refused, with the likely cause.
print()
try:
    itc.Subject(height="1.62 cm", weight="60 kg")
except ValueError as error:
    print(error)
