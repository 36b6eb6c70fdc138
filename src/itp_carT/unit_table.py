"""The closed table: every unit the library knows, its exact factor and its accepted spellings.

Data only: `itp_carT.notation` reads text with it, `itp_carT.quantity` gives it to pint. Unit codes
are UCUM's (Regenstrief Institute); factors are exact by definition (international pound and inch,
conventional millimetre of mercury).
"""

from __future__ import annotations

from fractions import Fraction

# Base units, one per kind of thing that must never be added to another kind. Cells are a kind of
# their own (cells/kg is not 1/kg), so are enzyme units, international units and the 1.73 m² of
# an indexed clearance (an indexed clearance is not a clearance). The names on the right are those
# of the dimensions, as pint shows them.
DIMENSIONS = {
    "gram": "mass", "meter": "length", "second": "time", "mole": "substance",
    "kelvin": "temperature", "cell": "cells", "enzyme_unit": "catalytic_activity",
    "international_unit": "biological_activity", "standard_bsa": "standard_bsa",
}  # fmt: skip

# name: (symbol, exact factor, base units with exponents). The factor leads to the base units.
ATOMS: dict[str, tuple[str, str, str]] = {
    "gram": ("g", "1", "gram"),
    "kilogram": ("kg", "1000", "gram"),
    "milligram": ("mg", "1/1000", "gram"),
    "microgram": ("ug", "1/1000000", "gram"),
    "nanogram": ("ng", "1/1000000000", "gram"),
    "picogram": ("pg", "1/1000000000000", "gram"),
    "pound": ("lb", "453.59237", "gram"),
    "ounce": ("oz", "28.349523125", "gram"),
    "meter": ("m", "1", "meter"),
    "centimeter": ("cm", "1/100", "meter"),
    "millimeter": ("mm", "1/1000", "meter"),
    "inch": ("in", "0.0254", "meter"),
    "foot": ("ft", "0.3048", "meter"),
    "liter": ("L", "1/1000", "meter^3"),
    "deciliter": ("dL", "1/10000", "meter^3"),
    "milliliter": ("mL", "1/1000000", "meter^3"),
    "microliter": ("uL", "1/1000000000", "meter^3"),
    "femtoliter": ("fL", "1/1000000000000000000", "meter^3"),
    "second": ("s", "1", "second"),
    "millisecond": ("ms", "1/1000", "second"),
    "minute": ("min", "60", "second"),
    "hour": ("h", "3600", "second"),
    "day": ("d", "86400", "second"),
    "week": ("wk", "604800", "second"),
    "year": ("a", "31557600", "second"),
    "mole": ("mol", "1", "mole"),
    "millimole": ("mmol", "1/1000", "mole"),
    "micromole": ("umol", "1/1000000", "mole"),
    "nanomole": ("nmol", "1/1000000000", "mole"),
    "picomole": ("pmol", "1/1000000000000", "mole"),
    "kelvin": ("K", "1", "kelvin"),
    "degree_Celsius": ("Cel", "1", "kelvin"),
    "degree_Fahrenheit": ("degF", "5/9", "kelvin"),
    "cell": ("cell", "1", "cell"),
    "enzyme_unit": ("U", "1", "enzyme_unit"),
    "milli_enzyme_unit": ("mU", "1/1000", "enzyme_unit"),
    "microkatal": ("ukat", "60", "enzyme_unit"),
    "international_unit": ("[IU]", "1", "international_unit"),
    "milli_international_unit": ("m[IU]", "1/1000", "international_unit"),
    "standard_bsa": ("1.73m^2", "1", "standard_bsa"),
    "millimeter_Hg": ("mmHg", "133322.387415", "gram meter^-1 second^-2"),
    "kilopascal": ("kPa", "1000000", "gram meter^-1 second^-2"),
    "percent": ("%", "1/100", ""),
    "giga_per_liter": ("10^9/L", "1000000000000", "meter^-3"),
    "mega_per_liter": ("10^6/L", "1000000000", "meter^-3"),
    "tera_per_liter": ("10^12/L", "1000000000000000", "meter^-3"),
    "kilo_per_microliter": ("10^3/uL", "1000000000000", "meter^-3"),
    "mega_per_microliter": ("10^6/uL", "1000000000000000", "meter^-3"),
}
# Celsius and Fahrenheit have a zero of their own; in kelvin, exact.
OFFSETS = {"degree_Celsius": Fraction("273.15"), "degree_Fahrenheit": Fraction("459.67") * 5 / 9}

# symbol | UCUM code | spellings besides symbol and code ('-': no UCUM code beside the symbol).
# Case is kept as laboratories print it: 'm' is not 'M'; 'G/L' means 10^9/L and 'K/uL' 10^3/uL.
TABLE = """
1        | 1        | {ratio} {INR} [pH] pH ratio
%        | %        | percent pct
kg       | kg       | kgs Kg KG kilogram kilograms
g        | g        | gram grams gm
mg       | mg       | milligram milligrams
ug       | ug       | mcg microgram micrograms
ng       | ng       | nanogram nanograms
pg       | pg       | picogram picograms
lb       | [lb_av]  | lbs pound pounds
oz       | [oz_av]  | ounce ounces
m        | m        | meter meters metre metres
cm       | cm       | centimeter centimeters centimetre centimetres
mm       | mm       | millimeter millimeters millimetre millimetres
in       | [in_i]   | inch inches
ft       | [ft_i]   | foot feet
m^2      | m2       | sqm
cm^2     | cm2      |
L        | L        | l liter liters litre litres
dL       | dL       | dl deciliter deciliters
mL       | mL       | ml cc cm^3 milliliter milliliters millilitre millilitres
uL       | uL       | ul mm^3 microliter microliters
fL       | fL       | fl
s        | s        | sec second seconds
ms       | ms       | msec millisecond milliseconds
min      | min      | minute minutes
h        | h        | hr hour hours
d        | d        | day days
wk       | wk       | week weeks
a        | a        | yr year years
mol      | mol      | mole moles
mmol     | mmol     |
umol     | umol     |
K        | K        | kelvin
Cel      | Cel      | C degC °C celsius
degF     | [degF]   | F °F fahrenheit
mmHg     | mm[Hg]   |
kPa      | kPa      |
kg/m^2   | kg/m2    |
mg/m^2   | mg/m2    | mg/sqm
g/m^2    | g/m2     |
mg/kg    | mg/kg    |
ug/kg    | ug/kg    | mcg/kg
g/kg     | g/kg     |
mg/d     | mg/d     | mg/day
g/d      | g/d      | g/day g/24h g/(24.h)
mg/m^2/d | mg/m2/d  | mg/m^2/day
mL/kg    | mL/kg    | ml/kg
cell     | {cells}  | cells
cell/kg  | {cells}/kg | cells/kg
cell/L   | {cells}/L | cells/L
cell/mL  | {cells}/mL | cells/mL cells/ml cell/ml
cell/uL  | {cells}/uL | cells/uL cells/ul cell/ul cells/mm^3 cell/mm^3
10^9/L   | 10*9/L   | G/L Gpt/L giga/L
10^6/L   | 10*6/L   |
10^12/L  | 10*12/L  | T/L Tpt/L
10^3/uL  | 10*3/uL  | K/uL k/uL K/ul K/mm^3 10^3/ul 10^3/mm^3 thou/uL
10^6/uL  | 10*6/uL  | M/uL 10^6/ul 10^6/mm^3 mill/uL
/L       | /L       | 1/L
/mL      | /mL      | 1/mL /ml
/uL      | /uL      | 1/uL /ul /mm^3 1/mm^3
/kg      | /kg      | 1/kg
/m^2     | /m2      | 1/m^2
/d       | /d       | 1/d /day
/h       | /h       | 1/h
g/L      | g/L      | g/l
g/dL     | g/dL     | g/dl g/100mL
mg/L     | mg/L     | mg/l
mg/dL    | mg/dL    | mg/dl mg/100mL mg%
mg/mL    | mg/mL    | mg/ml
ug/L     | ug/L     | ug/l mcg/L
ug/dL    | ug/dL    | ug/dl mcg/dL
ug/mL    | ug/mL    | ug/ml mcg/mL
ng/L     | ng/L     | ng/l
ng/mL    | ng/mL    | ng/ml
ng/dL    | ng/dL    | ng/dl
pg/mL    | pg/mL    | pg/ml
mol/L    | mol/L    | mol/l
mmol/L   | mmol/L   | mmol/l mM
umol/L   | umol/L   | umol/l uM
nmol/L   | nmol/L   | nmol/l
pmol/L   | pmol/L   | pmol/l
mg/mmol  | mg/mmol  |
mg/g     | mg/g     |
mg/mg    | mg/mg    |
g/g      | g/g      |
g/mol    | g/mol    |
U/L      | U/L      | U/l
mU/L     | mU/L     | mU/l
U/mL     | U/mL     | U/ml
ukat/L   | ukat/L   | ukat/l
[IU]     | [IU]     | IU
[IU]/kg  | [IU]/kg  | IU/kg
[IU]/L   | [IU]/L   | IU/L IU/l
[IU]/mL  | [IU]/mL  | IU/mL IU/ml
m[IU]/L  | m[IU]/L  | mIU/L uIU/mL u[IU]/mL
mL/min   | mL/min   | ml/min
L/min    | L/min    | l/min lpm
mL/s     | mL/s     | ml/s
mL/h     | mL/h     | ml/h mL/hr
mL/min/1.73m^2 | mL/min/{1.73_m2} | ml/min/1.73m^2 mL/min/1.73_m^2
mL/min/mmHg | mL/min/mm[Hg] | ml/min/mmHg
"""
