"""Calcium corrected for albumin, in both unit systems."""

import pytest

from itp_carT.analytes import CALCIUM_CORRECTED
from itp_carT.errors import UnitError
from itp_carT.observations import Lab
from itp_carT.toxicity import ctcae_v5
from itp_carT.toxicity.corrected_calcium import corrected_calcium
from itp_carT.toxicity.grades import Grade
from itp_carT.verdict import decide


@pytest.mark.parametrize(
    ("calcium", "albumin", "corrected"),
    [
        ("2.05 mmol/L", "28 g/L", "2.29 mmol/L"),
        ("2.05 mmol/L", "2.8 g/dL", "2.29 mmol/L"),
        ("9.2 mg/dL", "2.8 g/dL", "10.16 mg/dL"),  # a public worked example
        ("9.2 mg/dL", "28 g/L", "10.16 mg/dL"),
        ("2.4 mmol/L", "40 g/L", "2.4 mmol/L"),  # nothing to correct
        ("2.4 mmol/L", "45 g/L", "2.3 mmol/L"),  # a high albumin lowers it
    ],
)
def test_the_unit_of_the_calcium_chooses_the_form(calcium, albumin, corrected):
    found = corrected_calcium(calcium, albumin=albumin)
    assert str(found) == corrected
    assert not found.working.sources[0].verified


def test_the_result_is_graded_as_corrected_calcium():
    value = corrected_calcium("1.7 mmol/L", albumin="20 g/L").value  # 2.1, not 1.7
    lab = Lab(CALCIUM_CORRECTED, value, lln="2.15 mmol/L")
    assert decide(ctcae_v5.HYPOCALCEMIA_CORRECTED, lab).outcome is Grade.G1


@pytest.mark.parametrize(("calcium", "albumin"), [(2.05, "28 g/L"), ("2.05 mmol/L", "28 mmol/L")])
def test_a_value_without_its_unit_is_refused(calcium, albumin):
    with pytest.raises(UnitError):
        corrected_calcium(calcium, albumin=albumin)
