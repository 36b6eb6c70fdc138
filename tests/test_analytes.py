"""Analytes: names, codes, units, and the way from mass to substance concentration."""

import pickle

import pytest

from itp_carT.analytes import (
    ALT,
    BILIRUBIN,
    CALCIUM_IONIZED,
    CREATININE,
    HEMOGLOBIN,
    INR,
    PLATELETS,
    TSH,
    Analyte,
    analyte,
    analytes,
)
from itp_carT.errors import DimensionError, UnitRequiredError, UnknownTermError
from itp_carT.notation import unit
from itp_carT.units import Quantity


@pytest.mark.parametrize(
    ("name", "found"),
    [("PLT", PLATELETS), ("plat", PLATELETS), ("Platelets", PLATELETS), ("777-3", PLATELETS),
     ("26515-7", PLATELETS), (" Hb ", HEMOGLOBIN), ("718-7", HEMOGLOBIN), ("2160-0", CREATININE),
     ("SGPT", ALT), ("iCa", CALCIUM_IONIZED)],
)  # fmt: skip
def test_found_by_key_label_code_or_common_name(name, found):
    assert analyte(name) is found


def test_an_unknown_name_names_the_nearest():
    with pytest.raises(UnknownTermError, match="did you mean") as raised:
        analyte("platlets")
    assert "platelets" in raised.value.nearest
    with pytest.raises(UnknownTermError, match=r'"zzzzzz" is not a known analyte$'):
        analyte("zzzzzz")


def test_no_two_analytes_share_a_key_or_a_name():
    seen: dict[str, Analyte] = {}
    for found in analytes():
        words = {found.key, found.label, found.cdisc, found.loinc, *found.names,
                 *(code for _, code in found.loincs)}  # fmt: skip
        for word in {word.casefold() for word in words if word}:
            assert seen.setdefault(word, found) is found, word


@pytest.mark.parametrize("found", analytes(), ids=lambda found: found.key)
def test_each_reads_its_own_unit_and_survives_pickle(found):
    assert found.read(f"3 {found.unit}") == Quantity(f"3 {found.unit}")
    assert pickle.loads(pickle.dumps(found)) == found
    for other in found.also:
        assert found.accepts(unit(other))


@pytest.mark.parametrize(
    ("measure", "given", "read"),
    [
        (PLATELETS, "18000 cells/uL", "18000 /uL"),
        (ALT, "30 IU/L", "30 U/L"),
        (TSH, "4 uIU/mL", "4 mU/L"),
        (INR, "1.2", "1.2 1"),
        (INR, 1.2, "1.2 1"),
        (HEMOGLOBIN, "4.9 mmol/L", "4.9 mmol/L"),
    ],
)
def test_units_that_mean_the_same_by_convention(measure, given, read):
    assert str(measure.read(given)) == str(Quantity(read))


@pytest.mark.parametrize(
    ("measure", "given", "target", "number"),
    [
        (CREATININE, "1 mg/dL", "umol/L", 88.42),
        (CREATININE, "88.42 umol/L", "mg/dL", 1.0),
        (BILIRUBIN, "1 mg/dL", "umol/L", 17.104),
        (PLATELETS, "18 G/L", "/mm3", 18000),
    ],
)
def test_number_in_another_unit(measure, given, target, number):
    assert measure.number(measure.read(given), unit(target)) == pytest.approx(number, rel=1e-5)


@pytest.mark.parametrize(
    ("measure", "given"),
    [(PLATELETS, "18 g/L"), (CALCIUM_IONIZED, "6 mg/dL"), (INR, "3 g/L"), (HEMOGLOBIN, "7 U/L")],
)
def test_a_unit_in_which_it_is_not_measured_is_refused(measure, given):
    with pytest.raises(DimensionError, match="is not a value of"):
        measure.read(given)


def test_substance_and_mass_meet_only_through_a_molar_mass():
    with pytest.raises(DimensionError, match="cannot be read as mmol/L"):
        HEMOGLOBIN.number(Quantity("12 g/dL"), unit("mmol/L"))


def test_a_bare_number_is_refused_where_a_unit_matters():
    with pytest.raises(UnitRequiredError, match=r'write e\.g\. "18 10'):
        PLATELETS.read(18)


def test_molar_masses_are_marked_as_unverified():
    for found in analytes():
        if found.molar_mass is not None:
            assert found.molar_mass_source is not None
            assert not found.molar_mass_source.verified


@pytest.mark.parametrize(("measure", "text"), [("INR", "70 %"), ("pH", "735 %"), ("INR", "1 mg/g")])
def test_a_measure_without_unit_takes_no_percentage(measure, text):
    """A laboratory that reports prothrombin in percent does not report an INR."""
    with pytest.raises(DimensionError, match="is not a value of"):
        analyte(measure).read(text)
