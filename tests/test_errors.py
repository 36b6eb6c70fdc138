"""One family of errors: each is also the closest built-in, carries its facts, survives pickling."""

import copy
import pickle

import pytest

from itp_carT import errors
from itp_carT.errors import (
    DimensionError,
    ImpossibleError,
    ItpCarTError,
    ItpCarTWarning,
    MissingFactError,
    NotationError,
    NotPermittedError,
    RecordError,
    UndecidedError,
    UnitError,
    UnitRequiredError,
    UnknownTermError,
    UnknownUnitError,
)

# what happened              also is        and is
FAMILY = [
    (UnitError, ValueError, ItpCarTError),
    (UnitRequiredError, ValueError, UnitError),
    (UnknownUnitError, ValueError, UnitError),
    (DimensionError, ValueError, UnitError),
    (NotationError, ValueError, ItpCarTError),
    (ImpossibleError, ValueError, ItpCarTError),
    (MissingFactError, ValueError, ItpCarTError),
    (UndecidedError, LookupError, ItpCarTError),
    (UnknownTermError, LookupError, ItpCarTError),
    (NotPermittedError, ValueError, ItpCarTError),
    (RecordError, ValueError, ItpCarTError),
]
every_kind = pytest.mark.parametrize("kind", [ItpCarTError, *(row[0] for row in FAMILY)])


def test_the_table_above_names_every_error():
    public = {v for v in vars(errors).values() if isinstance(v, type)}
    kinds = {v for v in public if issubclass(v, ItpCarTError)}
    assert kinds == {ItpCarTError, *(row[0] for row in FAMILY)}


@pytest.mark.parametrize(("kind", "builtin", "parent"), FAMILY)
def test_each_error_is_also_the_closest_builtin(kind, builtin, parent):
    assert issubclass(kind, builtin)
    assert issubclass(kind, parent)
    assert issubclass(kind, ItpCarTError)


def test_warnings_are_user_warnings():
    assert issubclass(errors.UnusualValueWarning, ItpCarTWarning)
    assert issubclass(errors.AssumptionWarning, ItpCarTWarning)
    assert issubclass(ItpCarTWarning, UserWarning)


@every_kind
@pytest.mark.parametrize("send", [lambda e: pickle.loads(pickle.dumps(e)), copy.copy])
def test_pickle_and_copy_keep_every_fact(kind, send):
    error = kind(
        "7 is odd", field="weight", given=7, citation="Mosteller 1987", possible=("G1", "G0")
    )
    again = send(error)
    assert type(again) is kind
    assert str(again) == str(error) == "weight: 7 is odd"
    assert (again.field, again.given, again.citation) == ("weight", 7, "Mosteller 1987")
    assert again.possible == ("G1", "G0")
    assert again.facts == error.facts


@every_kind
def test_about_names_the_field_and_keeps_the_rest(kind):
    error = kind("7 is odd", given=7, citation="label", nearest=("8",))
    named = error.about("height")
    assert str(error) == "7 is odd"
    assert str(named) == "height: 7 is odd"
    assert (type(named), named.given, named.citation, named.nearest) == (kind, 7, "label", ("8",))


def test_a_fact_that_is_not_there_is_an_attribute_error():
    error = UndecidedError("G1 or G0", possible=("G1", "G0"))
    assert error.possible == ("G1", "G0")
    with pytest.raises(AttributeError, match="UndecidedError has no attribute 'missing'"):
        error.missing  # noqa: B018


def test_a_half_built_error_has_no_facts_and_does_not_recurse():
    """Unpickling and copying look attributes up before there are any."""
    with pytest.raises(AttributeError):
        ItpCarTError.__new__(ItpCarTError).possible  # noqa: B018
