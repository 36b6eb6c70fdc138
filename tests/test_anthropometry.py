"""Every formula agrees with its transcription, explains itself, and refuses what it cannot use."""

import copy
import csv
import math
import pickle
import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT import Quantity, body_surface
from itp_carT.anthropometry import (
    BOYD,
    DUBOIS,
    FORMULAS,
    GEHAN_GEORGE,
    HAYCOCK,
    HU_SEX,
    LIVINGSTON_LEE,
    MOSTELLER,
    SCHLICH,
    STEVENSON,
    ZHAO,
    BodySurfaceArea,
    BsaComparison,
    bsa,
    compare_bsa,
    formula,
)
from itp_carT.body_weight import (
    BodyMassIndex,
    DosingWeight,
    WeightDescriptor,
    bmi,
    dosing_weight,
)
from itp_carT.errors import (
    AssumptionWarning,
    ImpossibleError,
    ItpCarTWarning,
    MissingFactError,
    UnknownTermError,
    UnusualValueWarning,
)
from itp_carT.subject import Sex, Subject

PUBLISHED = Path(__file__).parent / "published"
HALF_OF_LAST_DIGIT = 0.00005 * (1 + 1e-9)  # Zhao at 185 cm, 90 kg is 2.19615 and printed 2.1962


def person(height="162 cm", weight="60 kg", sex="F", **rest):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UnusualValueWarning)
        return Subject(height=height, weight=weight, sex=sex, **rest)


def quietly(function, *args, **kwargs):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ItpCarTWarning)
        return function(*args, **kwargs)


# --- body surface area: the published table -----------------------------------------------------


def published_areas():
    with (PUBLISHED / "bsa.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", published_areas(), ids=lambda row: "-".join(row.values()))
def test_formula_agrees_with_its_transcription_to_4_decimals(row):
    subject = person(f"{row['height_cm']} cm", f"{row['weight_kg']} kg", row["sex"])
    area = quietly(bsa, subject, formula=row["formula"]).value
    assert abs(area.m_as("m^2") - float(row["bsa_m2"])) <= HALF_OF_LAST_DIGIT


def test_every_formula_is_transcribed():
    assert {row["formula"] for row in published_areas()} == set(FORMULAS)
    assert len(published_areas()) == 17 * 10


# public check of admiral and clinPK at 180 cm, 80 kg, to 3 decimals
@pytest.mark.parametrize(
    ("used", "area"),
    [(MOSTELLER, 2.000), (DUBOIS, 1.996), (HAYCOCK, 2.007), (GEHAN_GEORGE, 2.009), (BOYD, 2.007)],
)
def test_formula_agrees_with_the_public_check(used, area):
    assert bsa(person("180 cm", "80 kg", "M"), formula=used).value.m_as("m^2") == pytest.approx(
        area, abs=0.0005
    )


def test_the_area_of_the_issue():
    area = bsa(person("162 cm", "60 kg"))
    assert str(area) == "1.6432 m^2 (Mosteller)"
    assert area.value.m_as("m^2") == math.sqrt(2.7)
    assert 30 * area.value.m_as("m^2") == pytest.approx(49.295, abs=0.0005)


# --- what is printed is what is computed --------------------------------------------------------

EQUATIONS = [
    pytest.param(equation, id=f"{known.key}-{number}")
    for known in FORMULAS.values()
    for number, equation in enumerate(known.equations)
]


@pytest.mark.parametrize("equation", EQUATIONS)
@pytest.mark.parametrize(("height", "weight"), [(150.0, 45.0), (172.5, 66.4), (190.0, 130.0)])
def test_the_formula_shown_is_the_formula_computed(equation, height, weight):
    shown = equation.substituted(height, weight)
    python = shown.replace("√", "sqrt").replace("×", "*").replace("^", "**")
    assert not set(python) - set("0123456789.+-*/() sqrtlog")
    value = eval(python, {"sqrt": math.sqrt, "log10": math.log10})  # noqa: S307 - checked above
    if "sqrt" in python and "sqrt(" not in python:
        pytest.fail("a root without parentheses")
    assert equation.compute(height, weight) == pytest.approx(value, rel=1e-12)


def test_the_working_can_be_followed_with_a_pocket_calculator():
    assert str(bsa(person()).working).splitlines() == [
        "height H = 162 cm",
        "weight W = 60 kg",
        (
            "body surface area = √(H × W / 3600) = √(162 × 60 / 3600) = 1.6432 m^2; "
            "Mosteller, H in cm, W in kg  [Mosteller 1987, equation]"
        ),
    ]


def test_the_working_shows_the_unit_of_entry():
    steps = [str(step) for step in bsa(person("64 in", "150 lb")).working]
    assert steps[:2] == ["height H = 64 in = 162.56 cm", "weight W = 150 lb = 68.0388555 kg"]


def test_the_working_shows_sex_only_where_it_enters():
    used = quietly(bsa, person(sex="M"), formula=SCHLICH).working
    assert [step.what for step in used] == ["height H", "weight W", "sex", "body surface area"]
    assert "0.38" in used[3].formula  # the exponent for men
    assert "sex" not in str(bsa(person(sex="M")).working)


def test_a_weight_only_formula_does_not_ask_for_height():
    area = bsa(Subject(weight="60 kg"), formula=LIVINGSTON_LEE)
    assert str(area) == "1.6560 m^2 (Livingston-Lee)"
    assert [step.what for step in area.working] == ["weight W", "body surface area"]
    # a height that is known does not enter either
    assert "height" not in str(bsa(person(), formula=LIVINGSTON_LEE).working)


# --- what a formula needs -----------------------------------------------------------------------

NEEDS = [
    (LIVINGSTON_LEE, ("weight",)),
    (SCHLICH, ("height", "weight", "sex")),
    (HU_SEX, ("height", "weight", "sex")),
    (ZHAO, ("height", "weight", "sex")),
    *(
        (known, ("height", "weight"))
        for known in FORMULAS.values()
        if known not in (LIVINGSTON_LEE, SCHLICH, HU_SEX, ZHAO)
    ),
]


@pytest.mark.parametrize(("used", "needs"), NEEDS, ids=str)
def test_a_missing_fact_is_named_and_nothing_else_is_asked_for(used, needs):
    facts = {"height": "162 cm", "weight": "60 kg", "sex": "F"}
    assert used.needs == needs
    quietly(bsa, Subject(**{name: facts[name] for name in needs}), formula=used)
    for missing in needs:
        known = {name: value for name, value in facts.items() if name != missing}
        with pytest.raises(MissingFactError, match="needs it: write") as caught:
            bsa(Subject(**known), formula=used)
        assert caught.value.field == missing


@pytest.mark.parametrize("key", ["", "mostelller", "bsa", "Mosteller 1987", None, 3, "9" * 10_000])
def test_an_unknown_formula_is_refused(key):
    with pytest.raises(UnknownTermError) as caught:
        bsa(person(), formula=key)
    assert caught.value.field == "formula"
    assert len(str(caught.value)) < 400


def test_an_unknown_formula_names_the_nearest():
    with pytest.raises(UnknownTermError, match="did you mean mosteller") as caught:
        formula("mostelar")
    assert caught.value.nearest[0] == "mosteller"


@pytest.mark.parametrize("given", [DUBOIS, "dubois", "Du Bois", " DUBOIS ", "du bois"])
def test_a_formula_is_found_by_key_and_name(given):
    assert formula(given) is DUBOIS


def test_formula_keys_and_names_are_unique_and_constants_have_their_key():
    assert len({known.name for known in FORMULAS.values()}) == len(FORMULAS) == 17
    for key, known in FORMULAS.items():
        assert getattr(body_surface, repr(known)) is known
        assert repr(known) == key.upper()


def test_a_formula_shows_both_equations_where_the_sexes_have_their_own():
    assert HU_SEX.text == (
        "F: 0.0073 × H + 0.0127 × W - 0.2106; M: 0.0057 × H + 0.0121 × W + 0.0882"
    )
    assert [citation.locator for citation in SCHLICH.citations] == [
        "equation for women",
        "equation for men",
    ]
    assert str(HU_SEX) == "Hu (by sex)"


def test_the_formulas_cannot_be_changed():
    with pytest.raises(TypeError):
        FORMULAS["own"] = MOSTELLER


# --- unverified and outside the people measured -------------------------------------------------

UNVERIFIED = {"yu2003": "F", "yu2010": "F", "stevenson": "F", "hu": "F", "hu_sex": "F", "zhao": "F"}


@pytest.mark.parametrize("key", FORMULAS)
def test_an_unverified_formula_warns_and_says_so_in_the_working(key):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        area = bsa(person(), formula=key)
    if key in UNVERIFIED:
        assert [warning.category for warning in caught] == [AssumptionWarning]
        assert "unverified" in str(area.working[-1])
        assert area.working.unverified
    else:
        assert not caught
        assert not area.working.unverified
        assert not area.notes


def test_zhao_is_verified_for_men_only():
    assert not bsa(person(sex="M"), formula=ZHAO).notes
    with pytest.warns(AssumptionWarning, match="Zhao 1987"):
        bsa(person(sex="F"), formula=ZHAO)


@pytest.mark.parametrize(
    ("weight", "inside"),
    [
        ("51.2 kg", False),
        ("51.3 kg", True),
        ("51300 g", True),
        ("190 kg", True),  # the heaviest of the 45, 248.6 kg, would have more than 3.5 m²
    ],
)
def test_livingston_lee_says_when_the_weight_is_outside_the_people_measured(weight, inside):
    subject = person("200 cm", weight, confirmed=("bsa",))
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        area = bsa(subject, formula=LIVINGSTON_LEE)
    assert (area.notes == ()) is (not caught) is inside
    assert ("outside the weights" in str(area.working)) is not inside


# --- limits of the area -------------------------------------------------------------------------

# Livingston-Lee grows with weight alone; Mosteller at 100 cm, w kg is sqrt(w / 36)
AREA_LIMITS = [
    ("100 cm", "25 kg", MOSTELLER, "warned"),  # 0.8333
    ("140 cm", "36 kg", MOSTELLER, "warned"),  # 1.1832
    ("144 cm", "36 kg", MOSTELLER, "accepted"),  # exactly 1.2
    ("1.44 m", "36000 g", MOSTELLER, "accepted"),
    ("150 cm", "150 kg", MOSTELLER, "accepted"),  # exactly 2.5
    ("150.1 cm", "150 kg", MOSTELLER, "warned"),
    ("210 cm", "210 kg", MOSTELLER, "warned"),  # exactly 3.5
    ("210 cm", "210.1 kg", MOSTELLER, "refused"),
    ("200 cm", "300 kg", LIVINGSTON_LEE, "refused"),
    ("100 cm", "25 kg", STEVENSON, "refused"),  # 0.7771
]


@pytest.mark.parametrize(("height", "weight", "used", "expected"), AREA_LIMITS)
def test_limits_of_the_area(height, weight, used, expected):
    subject = person(height, weight)
    if expected == "refused":
        with pytest.raises(ImpossibleError, match="check height and weight") as refused:
            quietly(bsa, subject, formula=used)
        assert refused.value.field == "bsa"
        return
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        bsa(subject, formula=used)
    unusual = [warning for warning in caught if warning.category is UnusualValueWarning]
    assert ("warned" if unusual else "accepted") == expected


def test_an_unusual_area_that_was_confirmed_no_longer_warns():
    bsa(person("140 cm", "36 kg", confirmed=("bsa",)))


# --- comparison ---------------------------------------------------------------------------------


def test_comparison_lists_every_formula_smallest_first():
    compared = compare_bsa(person())
    values = [area.value for area in compared]
    assert len(compared) == 17
    assert values == sorted(values)
    assert compared.left_out == ()
    assert compared.reference == bsa(person())


def test_comparison_shows_the_difference_from_mosteller():
    compared = compare_bsa(person("170 cm", "75 kg", "M"))
    differences = {area.formula: compared.difference(area).m_as("%") for area in compared}
    assert differences[MOSTELLER] == 0
    # 1.8636 and 1.8819 of the published table
    assert differences[DUBOIS] == pytest.approx(100 * (1.8636 / 1.8819 - 1), abs=0.01)
    assert "Du Bois         1.8636 m^2    -1.0 %" in str(compared).splitlines()


def test_comparison_says_what_is_left_out_and_why():
    compared = compare_bsa(Subject(height="162 cm", weight="60 kg"))
    assert [(unused.key, why) for unused, why in compared.left_out] == [
        ("schlich", "needs sex"),
        ("hu_sex", "needs sex"),
        ("zhao", "needs sex"),
    ]
    compared = compare_bsa(person("200 cm", "220 kg"))
    assert LIVINGSTON_LEE in dict(compared.left_out)
    assert "left out: " in str(compared)


def test_comparison_marks_unverified_formulas_and_does_not_warn():
    assert "unverified" in str(compare_bsa(person()))


@pytest.mark.parametrize("facts", [{"height": "162 cm"}, {"weight": "60 kg"}])
def test_comparison_needs_height_and_weight(facts):
    with pytest.raises(MissingFactError):
        compare_bsa(Subject(**facts))


# --- properties ---------------------------------------------------------------------------------

heights = st.integers(1500, 1890)  # mm
weights = st.integers(51_000, 100_000)  # g
GROWING = tuple(FORMULAS.values())


@given(heights, weights, st.sampled_from(list(FORMULAS)))
def test_the_unit_of_entry_never_changes_an_area(height, weight, key):
    subjects = [
        person(f"{height / 10!r} cm", f"{weight / 1000!r} kg"),
        person(f"{height} mm", f"{weight} g"),
        person(f"{height / 1000!r} m", Quantity(f"{weight} g").to("lb")),
        person(Quantity(f"{height} mm").to("in"), f"{weight * 1000} mg"),
    ]
    areas = [quietly(bsa, subject, formula=key).value.m_as("m^2") for subject in subjects]
    assert areas == pytest.approx([areas[0]] * 4, rel=1e-12)


@given(heights, weights, st.sampled_from(["F", "M"]), st.sampled_from(GROWING))
def test_an_area_grows_with_height_and_weight(height, weight, sex, used):
    small = person(f"{height} mm", f"{weight} g", sex)
    heavier = person(f"{height} mm", f"{weight + 500} g", sex)
    taller = person(f"{height + 10} mm", f"{weight} g", sex)
    area = quietly(bsa, small, formula=used).value
    assert quietly(bsa, heavier, formula=used).value > area
    assert quietly(bsa, taller, formula=used).value >= area


@given(heights, weights, st.sampled_from(list(FORMULAS)))
def test_results_survive_repr_pickle_and_copy(height, weight, key):
    area = BodySurfaceArea(person(f"{height} mm", f"{weight} g"), formula=key)
    names = {"BodySurfaceArea": BodySurfaceArea, "Subject": Subject, key.upper(): FORMULAS[key]}
    again = [eval(repr(area), names), pickle.loads(pickle.dumps(area)), copy.deepcopy(area)]  # noqa: S307
    assert again == [area] * 3
    assert {other.value for other in again} == {area.value}
    assert all(other.formula is area.formula for other in again)


def test_equal_subjects_have_equal_areas():
    assert bsa(person(weight="60 kg")) == bsa(person(weight="60000 g"))
    assert bsa(person()) != bsa(person(), formula=DUBOIS)


def test_a_comparison_survives_pickle_and_repr():
    compared = compare_bsa(person())
    assert pickle.loads(pickle.dumps(compared)) == compared
    names = {"BsaComparison": BsaComparison, "BodySurfaceArea": BodySurfaceArea, "Subject": Subject}
    names |= {repr(known): known for known in FORMULAS.values()}
    assert eval(repr(compared), names) == compared  # noqa: S307 - our own repr


# --- body mass index ----------------------------------------------------------------------------

# at 200 cm the index is a quarter of the weight
CLASSES = [
    ("73.96 kg", "underweight", "underweight"),  # 18.49
    ("74 kg", "normal", "normal"),  # 18.5
    ("74000 g", "normal", "normal"),
    ("95.8 kg", "normal", "normal"),  # 23.95 is below 24: printed 23.9 is one decimal
    ("96 kg", "overweight", "normal"),  # 24
    ("99.96 kg", "overweight", "normal"),
    ("100 kg", "overweight", "overweight"),  # 25
    ("111.96 kg", "overweight", "overweight"),
    ("112 kg", "obesity", "overweight"),  # 28
    ("120 kg", "obesity", "obesity class I"),  # 30
    ("140 kg", "obesity", "obesity class II"),  # 35
    ("159.96 kg", "obesity", "obesity class II"),
    ("160 kg", "obesity", "obesity class III"),  # 40
]


@pytest.mark.parametrize(("weight", "china", "who"), CLASSES)
def test_classes_of_the_body_mass_index(weight, china, who):
    index = bmi(person("200 cm", weight))
    assert (index.china, index.who) == (china, who)


def test_body_mass_index_and_its_working():
    index = bmi(person("170 cm", "70 kg"))
    assert index.value.m_as("kg/m^2") == pytest.approx(24.2215, abs=0.00005)
    assert str(index).startswith("24.22 kg/m^2 (overweight")
    assert "70 / (170 / 100)^2 = 24.22 kg/m^2" in str(index.working)
    assert [str(c.source.key) for c in index.working.unverified] == ["who-bmi"]


@pytest.mark.parametrize("missing", ["height", "weight"])
def test_body_mass_index_needs_height_and_weight(missing):
    with pytest.raises(MissingFactError) as caught:
        bmi(person(**{missing: None}))
    assert caught.value.field == missing


# --- dosing weights -----------------------------------------------------------------------------

# height, weight, sex, descriptor, kg: dosing checks of the transcription and by hand
WEIGHTS = [
    ("162 cm", "60 kg", "F", "actual", 60),
    ("162 cm", "60 kg", "F", "ideal", 54.1929),
    ("180 cm", "80 kg", "M", "ideal", 74.9921),
    ("152.4 cm", "60 kg", "M", "ideal", 50),  # exactly 60 in needs no reading
    ("60 in", "60 kg", "F", "ideal", 45.5),
    ("165 cm", "95 kg", "F", "adjusted_40", 72.1457),
    ("165 cm", "95 kg", "F", "adjusted_25", 66.4321),
    ("178 cm", "110 kg", "M", "lean", 71.92),  # not the "roughly 74" of a web page
    ("162 cm", "60 kg", "F", "lean", 38.7369),
]


@pytest.mark.parametrize(("height", "weight", "sex", "descriptor", "kg"), WEIGHTS)
def test_dosing_weights(height, weight, sex, descriptor, kg):
    found = dosing_weight(person(height, weight, sex), descriptor)
    digits = len(str(kg).partition(".")[2])
    assert found.value.m_as("kg") == pytest.approx(kg, abs=0.5 * 10**-digits * 1.001)
    assert found.descriptor is WeightDescriptor(descriptor)
    assert found.descriptor.label in str(found)
    shown = found.working[-1].result.removesuffix(" kg")
    assert float(shown) == pytest.approx(found.value.m_as("kg"), abs=0.00005)


NEEDED = [
    ("actual", ("weight",)),
    ("ideal", ("height", "sex")),
    ("adjusted_25", ("height", "weight", "sex")),
    ("adjusted_40", ("height", "weight", "sex")),
    ("lean", ("height", "weight", "sex")),
]


@pytest.mark.parametrize(("descriptor", "needs"), NEEDED)
def test_a_dosing_weight_asks_for_what_it_needs_and_for_nothing_else(descriptor, needs):
    facts = {"height": "165 cm", "weight": "95 kg", "sex": "F"}
    found = dosing_weight(Subject(**{name: facts[name] for name in needs}), descriptor)
    assert found.working
    for missing in needs:
        with pytest.raises(MissingFactError) as caught:
            dosing_weight(Subject(**{n: v for n, v in facts.items() if n != missing}), descriptor)
        assert caught.value.field == missing


def test_below_60_inches_the_reading_must_be_named():
    short = person("150 cm", "50 kg")
    with pytest.raises(MissingFactError, match=r'"clamp" \(45\.5 kg\) or "extrapolate"') as caught:
        dosing_weight(short, "ideal")
    assert caught.value.field == "below_60_in"
    with pytest.warns(AssumptionWarning, match="its value at 60 in"):
        clamped = dosing_weight(short, "ideal", below_60_in="clamp")
    with pytest.warns(AssumptionWarning, match="extrapolated"):
        extrapolated = dosing_weight(short, "ideal", below_60_in="extrapolate")
    assert clamped.value.m_as("kg") == 45.5
    assert extrapolated.value.m_as("kg") == pytest.approx(45.5 - 2.3 * (60 - 150 / 2.54))
    assert "its value at 60 in" in str(clamped.working)
    assert "150 / 2.54" not in str(clamped.working)


def test_a_reading_below_60_inches_changes_nothing_above():
    tall = person()
    ideal = dosing_weight(tall, "ideal")
    assert dosing_weight(tall, "ideal", below_60_in="clamp").value == ideal.value


def test_an_ideal_weight_that_nobody_has_is_refused():
    with pytest.raises(ImpossibleError, match="outside what can be true"):
        dosing_weight(person("110 cm", "40 kg"), "ideal", below_60_in="extrapolate")


def test_adjusting_a_weight_below_the_ideal_one_is_warned():
    with pytest.warns(AssumptionWarning, match="adjusting raises it"):
        found = dosing_weight(person("175 cm", "50 kg"), "adjusted_40")
    assert found.value > Quantity("50 kg")
    assert "adjusting raises it" in str(found.working)


@pytest.mark.parametrize("descriptor", ["", "Ideal body weight", "adjusted", None, "60 kg", 60])
def test_an_unknown_descriptor_is_refused(descriptor):
    with pytest.raises(UnknownTermError, match="actual, ideal, adjusted_25"):
        dosing_weight(person(), descriptor)


@pytest.mark.parametrize("reading", ["", "clip", 60])
def test_an_unknown_reading_is_refused(reading):
    with pytest.raises(UnknownTermError, match="clamp"):
        dosing_weight(person(), "ideal", below_60_in=reading)


def test_an_adjusted_weight_never_equals_an_actual_one_as_a_result():
    obese = person("165 cm", "95 kg")
    assert dosing_weight(obese, "actual") != dosing_weight(obese, "adjusted_40")


@given(heights, weights, st.sampled_from(Sex), st.sampled_from(WeightDescriptor))
def test_dosing_weights_survive_repr_pickle_and_copy(height, weight, sex, descriptor):
    subject = person(f"{height} mm", f"{weight} g", sex)
    found = quietly(dosing_weight, subject, descriptor, below_60_in="clamp")
    assert eval(repr(found)) == found  # noqa: S307 - our own repr
    assert pickle.loads(pickle.dumps(found)) == copy.deepcopy(found) == found
    index = bmi(subject)
    assert eval(repr(index)) == index == BodyMassIndex(subject)  # noqa: S307 - our own repr


@given(heights, weights, st.sampled_from(Sex), st.sampled_from(WeightDescriptor))
def test_the_unit_of_entry_never_changes_a_dosing_weight(height, weight, sex, descriptor):
    metric = person(f"{height} mm", f"{weight} g", sex)
    other = person(Quantity(f"{height} mm").to("in"), Quantity(f"{weight} g").to("lb"), sex)
    one, two = (
        quietly(DosingWeight, subject, descriptor, below_60_in="clamp")
        for subject in (metric, other)
    )
    assert one.value.m_as("kg") == pytest.approx(two.value.m_as("kg"), rel=1e-11)
