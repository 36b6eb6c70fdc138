"""The published formulas for body surface area, each with its paper and population.

A formula is data: the text that is printed and the function that computes stand side by side,
and a test computes the text. What is done with a formula is in `itp_carT.anthropometry`.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Self

from attrs import field, frozen

from .errors import UnknownTermError
from .notation import plain, show
from .sources import (
    BOYD_1935,
    DU_BOIS_1916,
    FUJIMOTO_1968,
    GEHAN_GEORGE_1970,
    HAYCOCK_1978,
    HU_1999,
    LIVINGSTON_LEE_2001,
    MOSTELLER_1987,
    SCHLICH_2010,
    SHUTER_ASLANI_2000,
    STEVENSON_1937,
    YU_2003,
    YU_2010,
    ZHAO_1984,
    ZHAO_1987,
    Citation,
)
from .subject import Sex, Subject, required
from .units import value_in


@frozen(eq=False, repr=False)
class Equation:
    """One published equation for body surface area [m²].

    Parameters
    ----------
    text
        The equation in symbols: ``{H}`` is the height [cm], ``{W}`` the weight [kg].
    compute
        The same as a function of height [cm] and weight [kg].
    citation
        Where it is published.
    """

    text: str
    compute: Callable[[float, float], float]
    citation: Citation

    @property
    def symbols(self) -> str:
        """The equation with H and W for height and weight."""
        return self.text.format(H="H", W="W")

    def substituted(self, height: float | None, weight: float) -> str:
        """Put numbers in: height [cm] and weight [kg]."""
        return self.text.format(H="" if height is None else plain(height), W=plain(weight))


@frozen(eq=False, repr=False)
class Formula:
    """A named formula for body surface area; each is one constant of this module.

    Parameters
    ----------
    key
        Its key in `FORMULAS`.
    name
        As it is printed.
    equation
        The equation; the women's, where the sexes have their own.
    of_men
        The men's equation, where the sexes have their own.
    population
        Whom it was derived from, or is said to be valid for; empty where not stated.
    weights
        Weights of the people measured, where published; outside, results say so.

    Examples
    --------
    >>> MOSTELLER.text, MOSTELLER.needs
    ('√(H × W / 3600)', ('height', 'weight'))
    >>> HU_SEX.needs, LIVINGSTON_LEE.needs
    (('height', 'weight', 'sex'), ('weight',))
    """

    key: str
    name: str
    equation: Equation
    of_men: Equation | None = field(default=None, kw_only=True)
    population: str = field(kw_only=True)
    weights: tuple[str, str] | None = field(default=None, kw_only=True)

    @property
    def equations(self) -> tuple[Equation, ...]:
        """Its one equation, or women's and men's."""
        return (self.equation,) if self.of_men is None else (self.equation, self.of_men)

    @property
    def text(self) -> str:
        """The formula in symbols: H is the height [cm], W the weight [kg]."""
        if self.of_men is None:
            return self.equation.symbols
        return f"F: {self.equation.symbols}; M: {self.of_men.symbols}"

    @property
    def needs(self) -> tuple[str, ...]:
        """The facts it needs, of height, weight and sex."""
        height = ("height",) if "{H}" in self.equation.text else ()
        return (*height, "weight", *(("sex",) if self.of_men else ()))

    @property
    def citations(self) -> tuple[Citation, ...]:
        """Where its equations are published."""
        return tuple(equation.citation for equation in self.equations)

    def for_sex(self, sex: Sex | None) -> Equation:
        """Choose the equation for a sex.

        Raises
        ------
        MissingFactError
            The sexes have their own and the sex is not known.
        """
        if self.of_men is None:
            return self.equation
        known = required(sex, "sex", by=f"the formula {self.name}")
        return self.of_men if known is Sex.MALE else self.equation

    def area(self, subject: Subject) -> float:
        """Compute the area of a subject [m²], unchecked; `bsa` is what checks it.

        Raises
        ------
        MissingFactError
            Naming the fact that the formula needs.
        """
        equation = self.for_sex(subject.sex)
        weight = value_in(required(subject.weight, "weight", by="body surface area"), "kg")
        if "{H}" not in equation.text:
            return equation.compute(0.0, weight)
        height = value_in(required(subject.height, "height", by=f"the formula {self.name}"), "cm")
        return equation.compute(height, weight)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return self.key.upper()

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        return self

    def __reduce__(self) -> tuple[Any, ...]:
        return formula, (self.key,)  # a published formula is one object, also in another process


MOSTELLER = Formula(
    "mosteller",
    "Mosteller",
    Equation(
        "√({H} × {W} / 3600)",
        lambda h, w: math.sqrt(h * w / 3600),
        MOSTELLER_1987.at("equation"),
    ),
    population="adults; simplified from Gehan and George",
)
DUBOIS = Formula(
    "dubois",
    "Du Bois",
    Equation(
        "0.007184 × {H}^0.725 × {W}^0.425",
        lambda h, w: 0.007184 * h**0.725 * w**0.425,
        DU_BOIS_1916.at("equation"),
    ),
    population="9 people; up to 20 % low in gross obesity",
)
HAYCOCK = Formula(
    "haycock",
    "Haycock",
    Equation(
        "0.024265 × {H}^0.3964 × {W}^0.5378",
        lambda h, w: 0.024265 * h**0.3964 * w**0.5378,
        HAYCOCK_1978.at("equation"),
    ),
    population="infants to adults",
)
GEHAN_GEORGE = Formula(
    "gehan_george",
    "Gehan-George",
    Equation(
        "0.0235 × {H}^0.42246 × {W}^0.51456",
        lambda h, w: 0.0235 * h**0.42246 * w**0.51456,
        GEHAN_GEORGE_1970.at("equation"),
    ),
    population="401 people, children and adults",
)
BOYD = Formula(
    "boyd",
    "Boyd",
    Equation(
        "0.0003207 × {H}^0.3 × (1000 × {W})^(0.7285 - 0.0188 × log10(1000 × {W}))",
        lambda h, w: 0.0003207 * h**0.3 * (1000 * w) ** (0.7285 - 0.0188 * math.log10(1000 * w)),
        BOYD_1935.at("equation", note="the weight in grams, logarithm to base 10"),
    ),
    population="all ages",
)
BOYD_KG = Formula(
    "boyd_kg",
    "Boyd (kg form)",
    Equation(
        "0.03330 × {W}^(0.6157 - 0.0188 × log10({W})) × {H}^0.3",
        lambda h, w: 0.03330 * w ** (0.6157 - 0.0188 * math.log10(w)) * h**0.3,
        BOYD_1935.at("equation, rewritten for kg", note="0.01 % above the form in grams"),
    ),
    population="all ages",
)
FUJIMOTO = Formula(
    "fujimoto",
    "Fujimoto",
    Equation(
        "0.008883 × {H}^0.663 × {W}^0.444",
        lambda h, w: 0.008883 * h**0.663 * w**0.444,
        FUJIMOTO_1968.at("equation"),
    ),
    population="Japanese, 201 people",
)
TAKAHIRA = Formula(
    "takahira",
    "Takahira",
    Equation(
        "0.007241 × {H}^0.725 × {W}^0.425",
        lambda h, w: 0.007241 * h**0.725 * w**0.425,
        FUJIMOTO_1968.at("Takahira 1925, as quoted there"),
    ),
    population="Japanese",
)
SHUTER_ASLANI = Formula(
    "shuter_aslani",
    "Shuter-Aslani",
    Equation(
        "0.00949 × {H}^0.655 × {W}^0.441",
        lambda h, w: 0.00949 * h**0.655 * w**0.441,
        SHUTER_ASLANI_2000.at("equation"),
    ),
    population="",
)
SCHLICH = Formula(
    "schlich",
    "Schlich",
    Equation(
        "0.000975482 × {W}^0.46 × {H}^1.08",
        lambda h, w: 0.000975482 * w**0.46 * h**1.08,
        SCHLICH_2010.at("equation for women"),
    ),
    of_men=Equation(
        "0.000579479 × {W}^0.38 × {H}^1.24",
        lambda h, w: 0.000579479 * w**0.38 * h**1.24,
        SCHLICH_2010.at("equation for men"),
    ),
    population="188 people, three-dimensional scan",
)
LIVINGSTON_LEE = Formula(
    "livingston_lee",
    "Livingston-Lee",
    Equation(
        "0.1173 × {W}^0.6466",
        lambda _, w: 0.1173 * w**0.6466,
        LIVINGSTON_LEE_2001.at("equation for 10 kg and more"),
    ),
    population="45 adults of 51.3 to 248.6 kg",
    weights=("51.3 kg", "248.6 kg"),
)
YU2003 = Formula(
    "yu2003",
    "Yu 2003",
    Equation(
        "0.015925 × √({H} × {W})",
        lambda h, w: 0.015925 * math.sqrt(h * w),
        YU_2003.at("equation"),
    ),
    population="Taiwan, 3951 people, three-dimensional scan",
)
YU2010 = Formula(
    "yu2010",
    "Yu 2010",
    Equation(
        "0.00713989 × {H}^0.7437 × {W}^0.4040",
        lambda h, w: 0.00713989 * h**0.7437 * w**0.4040,
        YU_2010.at("equation"),
    ),
    population="Taiwan, 270 people",
)
STEVENSON = Formula(
    "stevenson",
    "Stevenson",
    Equation(
        "0.0061 × {H} + 0.0128 × {W} - 0.1529",
        lambda h, w: 0.0061 * h + 0.0128 * w - 0.1529,
        STEVENSON_1937.at("equation"),
    ),
    population="10 Chinese people",
)
ZHAO = Formula(
    "zhao",
    "Zhao",
    Equation(
        "0.00586 × {H} + 0.0126 × {W} - 0.0461",
        lambda h, w: 0.00586 * h + 0.0126 * w - 0.0461,
        ZHAO_1987.at("equation for women"),
    ),
    of_men=Equation(
        "0.00607 × {H} + 0.0127 × {W} - 0.0698",
        lambda h, w: 0.00607 * h + 0.0127 * w - 0.0698,
        ZHAO_1984.at("equation for men"),
    ),
    population="Chinese adults: 56 men of 18 to 45 years; women apart",
)
_HU_NOTE = "coefficients seen in a public program only"
HU = Formula(
    "hu",
    "Hu",
    Equation(
        "0.0061 × {H} + 0.0124 × {W} - 0.0099",
        lambda h, w: 0.0061 * h + 0.0124 * w - 0.0099,
        HU_1999.at("equation for both sexes", note=_HU_NOTE),
    ),
    population="Chinese adults",
)
HU_SEX = Formula(
    "hu_sex",
    "Hu (by sex)",
    Equation(
        "0.0073 × {H} + 0.0127 × {W} - 0.2106",
        lambda h, w: 0.0073 * h + 0.0127 * w - 0.2106,
        HU_1999.at("equation for women", note=_HU_NOTE),
    ),
    of_men=Equation(
        "0.0057 × {H} + 0.0121 × {W} + 0.0882",
        lambda h, w: 0.0057 * h + 0.0121 * w + 0.0882,
        HU_1999.at("equation for men", note=_HU_NOTE),
    ),
    population="Chinese adults",
)

#: Every formula, by key.
FORMULAS: Mapping[str, Formula] = MappingProxyType(
    {
        known.key: known
        for known in (
            *(MOSTELLER, DUBOIS, HAYCOCK, GEHAN_GEORGE, BOYD, BOYD_KG, FUJIMOTO, TAKAHIRA),
            *(SHUTER_ASLANI, SCHLICH, LIVINGSTON_LEE, YU2003, YU2010, STEVENSON, HU, HU_SEX, ZHAO),
        )
    }
)


def formula(key: Formula | str) -> Formula:
    """Look a formula up by its key or name.

    Raises
    ------
    UnknownTermError
        No such formula; ``nearest`` names similar ones.

    Examples
    --------
    >>> formula("dubois"), formula("Gehan-George")
    (DUBOIS, GEHAN_GEORGE)
    """
    if isinstance(key, Formula):
        return key
    word: Any = key
    wanted = word.strip().lower() if isinstance(word, str) else ""
    for known in FORMULAS.values():
        if wanted in (known.key, known.name.lower()):
            return known
    nearest = tuple(difflib.get_close_matches(wanted[:100], FORMULAS, n=3, cutoff=0.5))
    advice = f"did you mean {' or '.join(nearest)}?" if nearest else f"known: {', '.join(FORMULAS)}"
    raise UnknownTermError(
        f"{show(key)} is not a formula for body surface area: {advice}",
        field="formula",
        given=key,
        nearest=nearest,
    )
