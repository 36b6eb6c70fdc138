"""A person is read with units; what no adult is ends in an error that names the likely cause."""

import copy
import datetime as dt
import pickle
import warnings
from contextlib import suppress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from itp_carT import Quantity
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    ItpCarTWarning,
    MissingFactError,
    NotationError,
    UnitRequiredError,
    UnknownTermError,
    UnknownUnitError,
    UnusualValueWarning,
)
from itp_carT.subject import Sex, Subject, required


def ana(**changed):
    facts = {"sex": "F", "age": 41, "height": "162 cm", "weight": "60 kg"} | changed
    return Subject(**facts)


# --- what is read -------------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["F", "f", "female", "Female", " FEMALE ", Sex.FEMALE])
def test_sex_female_is_read(given):
    assert Subject(sex=given).sex is Sex.FEMALE


@pytest.mark.parametrize("given", ["M", "m", "male", "MALE", Sex.MALE])
def test_sex_male_is_read(given):
    assert Subject(sex=given).sex is Sex.MALE


@pytest.mark.parametrize("given", ["", "x", "U", "woman", 1, True, ("F",)])
def test_sex_that_is_neither_is_refused_and_never_guessed(given):
    with pytest.raises(UnknownTermError, match="or leave it out") as caught:
        Subject(sex=given)
    assert caught.value.field == "sex"


def test_sex_has_its_cdisc_code_and_label():
    assert [(sex.cdisc, sex.label) for sex in Sex] == [("F", "female"), ("M", "male")]


@pytest.mark.parametrize(
    ("field", "one", "other"),
    [
        ("weight", "70 kg", "70000 g"),
        ("weight", "45.359237 kg", "100 lb"),
        ("height", "162 cm", "1.62 m"),
        ("height", "162 cm", "1620 mm"),
        ("height", "162.56 cm", "64 in"),
        ("height", "162 cm", Quantity("1.62 m")),
    ],
)
def test_subjects_are_equal_by_meaning(field, one, other):
    assert Subject(**{field: one}) == Subject(**{field: other})
    assert hash(Subject(**{field: one})) == hash(Subject(**{field: other}))


def test_everything_may_be_left_out_and_stays_unknown():
    nobody = Subject()
    assert (nobody.sex, nobody.age, nobody.born, nobody.height, nobody.weight) == (None,) * 5
    assert repr(nobody) == "Subject()"


def test_a_subject_cannot_be_changed():
    with pytest.raises(AttributeError):
        ana().weight = "70 kg"


# --- limits -------------------------------------------------------------------------------------

# field, value, what happens; the other of height and weight is left out
LIMITS = [
    ("height", "99.99 cm", "refused"),
    ("height", "100 cm", "warned"),
    ("height", "1 m", "warned"),
    ("height", "39.37007874015748 in", "warned"),  # 100 cm
    ("height", "139.99 cm", "warned"),
    ("height", "140 cm", "accepted"),
    ("height", "1400 mm", "accepted"),
    ("height", "200 cm", "accepted"),
    ("height", "200.01 cm", "warned"),
    ("height", "250 cm", "warned"),
    ("height", "2.5 m", "warned"),
    ("height", "250.01 cm", "refused"),
    ("weight", "24.99 kg", "refused"),
    ("weight", "25 kg", "warned"),
    ("weight", "25000 g", "warned"),
    ("weight", "55.11556554621939 lb", "warned"),  # 25 kg
    ("weight", "34.99 kg", "warned"),
    ("weight", "35 kg", "accepted"),
    ("weight", "150 kg", "accepted"),
    ("weight", "330.69339327731636 lb", "accepted"),  # 150 kg
    ("weight", "150.01 kg", "warned"),
    ("weight", "300 kg", "warned"),
    ("weight", "300.01 kg", "refused"),
    ("age", -1, "refused"),
    ("age", 17, "warned"),
    ("age", 18, "accepted"),
    ("age", 120, "accepted"),
    ("age", 121, "refused"),
]


def outcome(**facts):
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        try:
            Subject(**facts)
        except ImpossibleError:
            return "refused"
    assert all(warning.category is UnusualValueWarning for warning in caught)
    return "warned" if caught else "accepted"


@pytest.mark.parametrize(("field", "value", "expected"), LIMITS)
def test_a_limit_belongs_to_the_range(field, value, expected):
    assert outcome(**{field: value}) == expected


# at 200 cm the body mass index is a quarter of the weight
BMI_LIMITS = [
    ("39.9 kg", "refused"),  # 9.975
    ("40 kg", "warned"),  # 10
    ("55.9 kg", "warned"),  # 13.975
    ("56 kg", "accepted"),  # 14
    ("123456 g", "accepted"),
]


@pytest.mark.parametrize(("weight", "expected"), BMI_LIMITS)
def test_limits_of_the_body_mass_index(weight, expected):
    assert outcome(height="200 cm", weight=weight) == expected


@pytest.mark.parametrize(
    ("weight", "expected"),
    [
        ("101.25 kg", "accepted"),  # 45 at 150 cm
        ("101.3 kg", "warned"),
        ("180 kg", "warned"),  # 80
        ("180.1 kg", "refused"),  # 80.04
        ("180.0001 kg", "refused"),  # 80.00004: not shortened into the range
    ],
)
def test_upper_limits_of_the_body_mass_index(weight, expected):
    assert outcome(height="150 cm", weight=weight, confirmed=("weight",)) == expected


@pytest.mark.parametrize(
    ("facts", "confirmed"),
    [
        ({"height": "138 cm", "weight": "50 kg"}, "height"),
        ({"height": "175 cm", "weight": "40 kg"}, "bmi"),
        ({"age": 16}, "age"),
        ({"height": "160 cm", "weight": "160 kg"}, ("weight", "bmi")),
    ],
)
def test_a_confirmed_value_no_longer_warns(facts, confirmed):
    with pytest.warns(UnusualValueWarning):
        Subject(**facts)
    Subject(**facts, confirmed=confirmed)


def test_confirmation_does_not_lift_a_refusal():
    with pytest.raises(ImpossibleError):
        Subject(weight="400 kg", confirmed=("weight",))


@pytest.mark.parametrize("confirmed", ["wieght", ("weight", "shoes"), 5, [None]])
def test_only_what_warns_can_be_confirmed(confirmed):
    with pytest.raises(UnknownTermError):
        Subject(confirmed=confirmed)


# --- wrong input, each with its own error -------------------------------------------------------

BAD = [
    ({"height": 162}, UnitRequiredError, 'write e.g. "162 cm"'),
    ({"weight": 0}, UnitRequiredError, "no unit"),
    ({"weight": 60.0}, UnitRequiredError, 'write e.g. "60 kg"'),
    ({"height": "162"}, UnitRequiredError, 'write "162 cm"|write e.g. "162 cm"'),
    ({"weight": True}, UnitRequiredError, "no unit"),
    ({"weight": [60]}, UnitRequiredError, "no unit"),
    ({"weight": "60 stone"}, UnknownUnitError, "not a known unit"),
    ({"weight": "9**9**9 kg"}, NotationError, "not one number"),
    ({"weight": "60 mg/dL"}, DimensionError, "not a value in kg"),
    ({"height": "162 kg"}, DimensionError, "not a value in cm"),
    ({"height": "60 kg", "weight": "162 cm"}, DimensionError, "swap the two"),
    ({"weight": "1,5 kg"}, NotationError, "comma"),
    ({"weight": "nan"}, NotationError, "not a number"),
    ({"weight": "nan kg"}, NotationError, "not a number"),
    ({"weight": "inf kg"}, NotationError, "not a number"),
    ({"weight": "1e400 kg"}, NotationError, "kg"),
    ({"weight": ""}, NotationError, "empty"),
    ({"weight": "6" * 10_000}, NotationError, "too long"),
    ({"weight": "sixty kg"}, NotationError, "does not begin with a number"),
    ({"weight": "0 kg"}, ImpossibleError, "not above zero"),
    ({"weight": "-60 kg"}, ImpossibleError, "not above zero"),
    ({"height": "0 cm", "weight": "0 kg"}, ImpossibleError, "not above zero"),
    ({"height": "-162 cm", "weight": "60 kg"}, ImpossibleError, "not above zero"),
    ({"height": "1.62 cm"}, ImpossibleError, 'meters for centimeters.*height="1.62 m"'),
    ({"height": "1.62 cm", "weight": "60 kg"}, ImpossibleError, "meters for centimeters"),
    ({"height": "1620 cm"}, ImpossibleError, 'millimeters.*height="1620 mm"'),
    ({"height": "64 cm", "weight": "60 kg"}, ImpossibleError, 'inches.*height="64 in"'),
    ({"height": "66.929 cm", "weight": "70 kg"}, ImpossibleError, "inches for centimeters"),
    (
        {"height": "60 cm", "weight": "162 kg"},
        ImpossibleError,
        'swapped.*height="162 cm", weight="60 kg"',
    ),
    ({"height": "110 cm", "weight": "165 kg"}, ImpossibleError, "swapped"),
    ({"height": "162 cm", "weight": "60000 kg"}, ImpossibleError, 'grams.*weight="60000 g"'),
    ({"height": "162 cm", "weight": "320 kg"}, ImpossibleError, "outside what can be true"),
    ({"age": 41.0}, NotationError, "completed years"),
    ({"age": "41"}, NotationError, "completed years"),
    ({"age": True}, NotationError, "completed years"),
    ({"age": 10**5000}, ImpossibleError, "outside what can be true"),
    ({"age": 41, "born": "1984-05-02"}, NotationError, "leave one out"),
    ({"born": "2026-02-30"}, ImpossibleError, "not a day of the calendar"),
    ({"born": "1985-02-29"}, ImpossibleError, "not a day of the calendar"),
    ({"born": "1984-05"}, NotationError, "year, month and day"),
    ({"born": "02.05.1984"}, NotationError, "year, month and day"),
    ({"born": "05/02/84"}, NotationError, "year, month and day"),
    ({"born": "19840502"}, NotationError, "year, month and day"),
    ({"born": 1984}, NotationError, "year, month and day"),
    ({"born": ""}, NotationError, "year, month and day"),
    ({"id": 7}, NotationError, "not text"),
]


@pytest.mark.parametrize(("facts", "error", "says"), BAD)
def test_bad_input_ends_in_its_own_error(facts, error, says):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(error, match=f"(?s){says}") as caught:
            Subject(**facts)
    assert caught.value.field in (*facts, "bmi")
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("field", ["id", "sex", "born", "age", "height", "weight", "confirmed"])
def test_an_integer_too_long_to_print_is_refused_like_any_other(field):
    with pytest.raises(ItpCarTError) as caught:
        Subject(**{field: 10**5000})
    assert caught.value.field == field


def test_pounds_read_as_kilograms_are_warned_with_the_likely_cause():
    says = r'body mass index would be 24\.2\)\? write weight="154\.3 lb"'
    with pytest.warns(UnusualValueWarning, match=f"pounds for kilograms.*{says}"):
        Subject(height="170 cm", weight="154.3 kg")


def test_kilograms_read_as_pounds_are_warned_with_the_likely_cause():
    with pytest.warns(UnusualValueWarning, match='kilograms for pounds.*write weight="70 kg"'):
        Subject(height="170 cm", weight="70 lb")


def test_a_cause_is_not_made_up_where_no_other_reading_is_ordinary():
    with pytest.warns(UnusualValueWarning) as caught:
        Subject(height="205 cm", weight="90 kg")
    assert "likely cause" not in str(caught[0].message)


# --- age ----------------------------------------------------------------------------------------

AGES = [
    ("1984-05-02", "2026-03-09", 41),
    ("1984-05-02", "2026-05-01", 41),
    ("1984-05-02", "2026-05-02", 42),  # the birthday itself
    ("2008-03-09", "2026-03-09", 18),
    ("1984-02-29", "2026-02-28", 41),
    ("1984-02-29", "2026-03-01", 42),
    ("1984-02-29", "2024-02-29", 40),
    (dt.date(1984, 5, 2), dt.date(2026, 3, 9), 41),
    (dt.datetime(1984, 5, 2, 12), "2026-03-09", 41),  # noqa: DTZ001 - a date is what counts
]


@pytest.mark.parametrize(("born", "day", "years"), AGES)
def test_age_is_completed_years(born, day, years):
    assert Subject(born=born).age_on(day) == years


def test_a_stated_age_needs_no_day():
    assert Subject(age=41).age_on() == 41


def test_age_is_missing_without_age_and_date_of_birth():
    with pytest.raises(MissingFactError) as caught:
        Subject().age_on("2026-03-09")
    assert caught.value.field == "age"


def test_age_from_a_date_of_birth_needs_a_day():
    with pytest.raises(MissingFactError) as caught:
        Subject(born="1984-05-02").age_on()
    assert caught.value.field == "on"


def test_somebody_born_after_the_day_is_refused():
    with pytest.raises(ImpossibleError, match="check both dates"):
        Subject(born="2026-03-10").age_on("2026-03-09")


def test_somebody_of_more_than_120_years_is_refused():
    with pytest.raises(ImpossibleError):
        Subject(born="1900-01-01").age_on("2026-03-09")


def test_a_minor_by_date_of_birth_is_warned():
    with pytest.warns(UnusualValueWarning, match="below 18"):
        assert Subject(born="2010-01-01").age_on("2026-03-09") == 16


def test_a_missing_fact_names_itself_and_what_needs_it():
    with pytest.raises(MissingFactError, match="Mosteller needs it") as caught:
        required(None, "height", by="Mosteller")
    assert (caught.value.field, caught.value.needed_by) == ("height", "Mosteller")
    assert required(0, "height", by="Mosteller") == 0


# --- round trips --------------------------------------------------------------------------------

heights = st.floats(140, 200)
adults = st.builds(
    lambda height, index, **rest: {
        "height": f"{height!r} cm",
        "weight": f"{index * (height / 100) ** 2!r} kg",
        **rest,
    },
    height=heights,
    index=st.floats(18, 37),
    sex=st.sampled_from(["F", "M", None]),
    age=st.one_of(st.none(), st.integers(18, 120)),
    id=st.one_of(st.none(), st.text(max_size=8)),
)


@given(adults)
def test_repr_can_be_pasted_back_and_pickle_and_copy_keep_it(facts):
    subject = Subject(**facts)
    assert eval(repr(subject)) == subject  # noqa: S307 - our own repr
    assert pickle.loads(pickle.dumps(subject)) == subject
    assert copy.copy(subject) == copy.deepcopy(subject) == subject


def test_repr_keeps_every_field_and_the_unit_of_entry():
    text = "Subject(id='x', sex='M', born='1984-05-02', height='64 in', weight='150 lb', "
    text += "confirmed=('bmi', 'weight'))"
    assert repr(eval(text)) == text  # noqa: S307 - our own repr


@given(st.one_of(st.text(), st.integers(), st.floats(), st.none(), st.binary(), st.dates()))
@example("9**9**9 kg")
@example("10e7 kg")
@example("1e-400 kg")
@example("٣ kg")
def test_no_input_raises_anything_outside_our_errors(value):
    for field in ("id", "sex", "born", "age", "height", "weight", "confirmed"):
        with warnings.catch_warnings(), suppress(ItpCarTError):
            warnings.simplefilter("ignore", ItpCarTWarning)
            Subject(**{field: value})
