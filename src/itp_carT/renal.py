"""Renal function from creatinine: Cockcroft-Gault in its two forms, and CKD-EPI 2021.

The first gives a clearance [mL/min], the second an indexed one [mL/min/1.73 m²]; these are
different types. The two forms of Cockcroft-Gault differ by up to 0.4 %, enough to part near a
limit: a study names one and keeps it.
"""

from __future__ import annotations

import datetime as dt

import pint

from .analytes import CREATININE
from .body_weight import DosingWeight, WeightDescriptor, dosing_weight
from .clearance import Clearance, IndexedClearance, number_if
from .errors import DimensionError, ImpossibleError, ItpCarTError, UnitRequiredError
from .notation import plain, show, unit
from .rounding import fixed
from .sources import ADMIRAL, CKD_EPI_2021, COCKCROFT_GAULT_1976, Citation
from .subject import Sex, Subject, required
from .units import Measured, Quantity, adopt, make, measured, parse, value_in
from .working import Step, Working, given

_POSSIBLE = {"mg/dL": ("0.1 mg/dL", "45 mg/dL"), "umol/L": ("8 umol/L", "4000 umol/L")}
_USUAL = {"mg/dL": ("0.2 mg/dL", "11 mg/dL"), "umol/L": ("20 umol/L", "1000 umol/L")}
_OTHER = {"mg/dL": "umol/L", "umol/L": "mg/dL"}
_CREATININE = {
    name: measured(name, possible=_POSSIBLE[name], usual=_USUAL[name]) for name in _OTHER
}
_CG_CITATION = COCKCROFT_GAULT_1976.at("equation")
_CG_SI_CITATION = ADMIRAL.at("compute_egfr, creatinine clearance in SI units")
_CKD_EPI_CITATION = CKD_EPI_2021.at("creatinine equation")


def read_creatinine(given: Measured, *, confirmed: bool = False) -> Quantity:
    """Read a serum creatinine and check that it suits its unit.

    Parameters
    ----------
    given
        The value with its unit [mg/dL or µmol/L, or one of the same kind].
    confirmed
        The unusual value was checked.

    Raises
    ------
    UnitRequiredError
        A bare number: the two units differ 88-fold.
    ImpossibleError
        Outside 0.1 to 45 mg/dL, 8 to 4000 µmol/L; names the other unit where that one fits.

    Examples
    --------
    >>> read_creatinine("85 umol/L")
    Quantity('85 umol/L')
    """
    try:
        value = _read(given)
    except UnitRequiredError:
        shown = show(given).strip("' ")
        raise UnitRequiredError(
            f'{shown} has no unit, and the two in use differ 88-fold: write "{shown} mg/dL" '
            f'or "{shown} umol/L"',
            field="creatinine",
            given=given,
        ) from None
    except ItpCarTError as error:
        raise error.about("creatinine") from None
    _check_creatinine(value, confirmed)
    return value


def _read(given: Measured) -> Quantity:
    if isinstance(given, str):
        return parse(given, "0.9 mg/dL")
    if isinstance(given, pint.Quantity):
        return adopt(given)
    raise UnitRequiredError("a bare number", given=given)


def _check_creatinine(value: Quantity, confirmed: bool) -> None:
    for name, other in _OTHER.items():
        number = number_if(value, name)
        if number is not None:
            low, high = _CREATININE[other].usual or (0.0, 0.0)
            hint = f'likely cause: the wrong unit? write "{plain(number)} {other}"'
            fits = low <= number <= high
            check = measured(
                name, possible=_POSSIBLE[name], usual=_USUAL[name], hint=hint if fits else ""
            )
            check.check("creatinine", value, confirmed=confirmed)
            return
    raise DimensionError(
        f'{value} is not a creatinine: write e.g. "0.9 mg/dL" or "80 umol/L"',
        field="creatinine",
        given=str(value),
        expected="mg/dL or umol/L",
    )


def _creatinine_in(
    subject: Subject, creatinine: Measured, name: str
) -> tuple[float, tuple[Step, ...]]:
    """Read a creatinine in the unit of an equation, with the step that shows it."""
    value = read_creatinine(creatinine, confirmed="creatinine" in subject.confirmed)
    number = CREATININE.number(value, unit(name))
    if number_if(value, name) is not None:
        return number, (given("creatinine Scr", value, name),)
    citation = CREATININE.molar_mass_source
    return number, (Step("creatinine Scr", str(value), "", f"{number:.6g} {name}", citation),)


def _weight_of(subject: Subject, weight: DosingWeight | WeightDescriptor | str) -> DosingWeight:
    if not isinstance(weight, DosingWeight):
        return dosing_weight(subject, weight)
    if weight.subject != subject:
        raise ImpossibleError(
            f"the weight is that of {weight.subject}, not of {subject}",
            field="weight",
            given=repr(weight),
        )
    return weight


def _age_and_sex(
    subject: Subject, on: dt.date | str | None, by: str
) -> tuple[int, Sex, tuple[Step, ...]]:
    sex = required(subject.sex, "sex", by=by)
    age = subject.age_on(on)
    when = f"born {subject.born}" if subject.born else ""
    return age, sex, (Step("age", when, "", f"{age} a"), Step("sex", "", "", sex.label))


def cockcroft_gault(
    subject: Subject,
    creatinine: Measured,
    *,
    weight: DosingWeight | WeightDescriptor | str,
    on: dt.date | str | None = None,
) -> Clearance:
    """Creatinine clearance by Cockcroft and Gault, in its form for mg/dL [mL/min].

    Parameters
    ----------
    subject
        Needs age and sex, and what the weight needs.
    creatinine
        Serum creatinine [mg/dL or µmol/L]; µmol/L is converted.
    weight
        Which weight enters, by its descriptor, e.g. ``"actual"``: the equation does not say.
    on
        Day of the creatinine; needed with a date of birth.

    Raises
    ------
    MissingFactError
        A fact that is needed is not known.
    UnitError, ImpossibleError
        The creatinine has no unit, or does not suit it.

    Examples
    --------
    The public check of admiral: 97 mL/min.

    >>> joe = Subject(sex="M", age=55, weight="90 kg")
    >>> print(cockcroft_gault(joe, "1.09 mg/dL", weight="actual"))
    97.48 mL/min (Cockcroft-Gault, actual weight)
    """
    name = "Cockcroft-Gault"
    number, inputs = _creatinine_in(subject, creatinine, "mg/dL")
    age, sex, person = _age_and_sex(subject, on, name)
    used = _weight_of(subject, weight)
    kg = value_in(used.value, "kg")
    factor, shown = (0.85, " × 0.85") if sex is Sex.FEMALE else (1.0, "")
    return _clearance(
        (140 - age) * kg / (72 * number) * factor,
        f"{name}, {used.descriptor.label}",
        (*used.working, *person, *inputs),
        f"(140 - age) × W / (72 × Scr){shown}",
        f"(140 - {age}) × {plain(kg)} / (72 × {number:.6g}){shown}",
        _CG_CITATION,
        f"W is the {used.descriptor.label} in kg, Scr in mg/dL",
    )


def cockcroft_gault_si(
    subject: Subject,
    creatinine: Measured,
    *,
    weight: DosingWeight | WeightDescriptor | str,
    on: dt.date | str | None = None,
) -> Clearance:
    """Creatinine clearance by Cockcroft and Gault, in its form for µmol/L [mL/min].

    Its constants, 1.23 for men and 1.04 for women, are rounded: the result is 0.16 % above and
    0.37 % below the form for mg/dL. See `cockcroft_gault` for the parameters.

    Raises
    ------
    MissingFactError
        A fact that is needed is not known.
    UnitError, ImpossibleError
        The creatinine has no unit, or does not suit it.

    Examples
    --------
    The public check of admiral: 55 mL/min.

    >>> joan = Subject(sex="F", age=65, weight="60 kg")
    >>> print(cockcroft_gault_si(joan, "85 umol/L", weight="actual"))
    55.06 mL/min (Cockcroft-Gault SI, actual weight)
    """
    name = "Cockcroft-Gault SI"
    number, inputs = _creatinine_in(subject, creatinine, "umol/L")
    age, sex, person = _age_and_sex(subject, on, name)
    used = _weight_of(subject, weight)
    kg = value_in(used.value, "kg")
    factor = 1.04 if sex is Sex.FEMALE else 1.23
    return _clearance(
        (140 - age) * kg * factor / number,
        f"{name}, {used.descriptor.label}",
        (*used.working, *person, *inputs),
        f"(140 - age) × W × {factor} / Scr",
        f"(140 - {age}) × {plain(kg)} × {factor} / {number:.6g}",
        _CG_SI_CITATION,
        f"W is the {used.descriptor.label} in kg, Scr in µmol/L",
    )


def _clearance(
    number: float,
    method: str,
    inputs: tuple[Step, ...],
    formula: str,
    substituted: str,
    citation: Citation,
    note: str,
) -> Clearance:
    step = Step(
        "creatinine clearance", formula, substituted, f"{fixed(number, 2)} mL/min", citation, note
    )
    steps = tuple(dict.fromkeys((*inputs, step)))  # sex may stand there for the weight already
    return Clearance(make(number, "mL/min"), method=method, working=Working(steps))


# k [mg/dL], exponent below k, factor
_CKD_EPI = {Sex.FEMALE: (0.7, -0.241, 1.012), Sex.MALE: (0.9, -0.302, 1.0)}


def ckd_epi_2021(
    subject: Subject, creatinine: Measured, *, on: dt.date | str | None = None
) -> IndexedClearance:
    """Estimated glomerular filtration rate by CKD-EPI 2021 from creatinine [mL/min/1.73m^2].

    Parameters
    ----------
    subject
        Needs age and sex; no weight.
    creatinine
        Serum creatinine [mg/dL or µmol/L]; µmol/L is converted.
    on
        Day of the creatinine; needed with a date of birth.

    Raises
    ------
    MissingFactError
        A fact that is needed is not known.
    UnitError, ImpossibleError
        The creatinine has no unit, or does not suit it.

    Examples
    --------
    The public check of admiral: 80 mL/min/1.73 m².

    >>> print(ckd_epi_2021(Subject(sex="M", age=55), "1.09 mg/dL"))
    80.15 mL/min/1.73m^2 (CKD-EPI 2021)
    """
    name = "CKD-EPI 2021"
    scr, inputs = _creatinine_in(subject, creatinine, "mg/dL")
    age, sex, person = _age_and_sex(subject, on, name)
    k, a, factor = _CKD_EPI[sex]
    number = 142 * min(scr / k, 1) ** a * max(scr / k, 1) ** -1.200 * 0.9938**age * factor
    shown = f"{scr:.6g} / {k}"
    last = f" × {factor}" if sex is Sex.FEMALE else ""
    step = Step(
        "glomerular filtration rate",
        f"142 × min(Scr / {k}, 1)^{a} × max(Scr / {k}, 1)^-1.200 × 0.9938^age{last}",
        f"142 × min({shown}, 1)^{a} × max({shown}, 1)^-1.200 × 0.9938^{age}{last}",
        f"{fixed(number, 2)} mL/min/1.73m^2",
        _CKD_EPI_CITATION,
        "Scr in mg/dL",
    )
    working = Working((*person, *inputs, step))
    return IndexedClearance(make(number, "mL/min/1.73m^2"), method=name, working=working)


__all__ = [
    "Clearance",
    "IndexedClearance",
    "ckd_epi_2021",
    "cockcroft_gault",
    "cockcroft_gault_si",
    "read_creatinine",
]
