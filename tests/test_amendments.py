"""A second protocol written as data only, amendments of a site, and what changed between two."""

import datetime as dt
import pickle

import pytest
from attrs import evolve
from click.testing import CliRunner

from itp_carT import Subject
from itp_carT.cli import main
from itp_carT.errors import (
    ImpossibleError,
    MissingFactError,
    NotationError,
    NotPermittedError,
    UnknownTermError,
)
from itp_carT.exchange import from_json, to_json
from itp_carT.protocol import nct05315778 as bcma
from itp_carT.protocol import nct06352281 as cd19
from itp_carT.protocol.amendments import amended, diff
from itp_carT.protocol.model import Protocol
from itp_carT.protocol.published import PUBLISHED, protocol_of
from itp_carT.units import Quantity

ANA = Subject(sex="F", age=41, height="162 cm", weight="60 kg")


def plan(per_kg="3e5 cells/kg", counting="viable CAR-positive", **more):
    return cd19.plan(ANA, infusion="2026-03-09", cells_per_kg=per_kg, counting=counting, **more)


# --- the second protocol ------------------------------------------------------------------------


def test_it_has_the_drugs_of_the_first_and_cells_of_its_own():
    assert [str(one) for one in cd19.LYMPHODEPLETION.courses] == [
        str(one) for one in bcma.LYMPHODEPLETION.courses
    ]
    assert cd19.CAR_T.levels == (Quantity("1.5e5 cell/kg"), Quantity("3e5 cell/kg"))
    assert (cd19.ELIGIBILITY.youngest, cd19.ELIGIBILITY.oldest) == (8, 75)
    assert cd19.PROTOCOL.participants == 10
    for part in (cd19.LYMPHODEPLETION, cd19.CAR_T, cd19.ELIGIBILITY, cd19.PROTOCOL):
        assert part.source.source.key == "nct06352281"


def test_its_plan_has_the_same_drugs_and_its_own_cells():
    """60 kg at 3e5/kg are 1.8e7 cells; the first protocol would give 9e8 at 1.5e7/kg."""
    found = plan()
    assert found.cells.total == Quantity("1.8e7 cell")
    assert [str(dose.amount) for dose in found.lymphodepletion][:2] == ["49 mg", "490 mg"]
    assert "NCT06352281" in str(found.working)


def test_which_cells_are_counted_is_not_published_and_must_be_said():
    with pytest.raises(MissingFactError, match="not published") as refused:
        plan(counting=None)
    assert refused.value.field == "counting"


@pytest.mark.parametrize("per_kg", ["2e5 cells/kg", "1.49e5 cells/kg", "3.01e5 cells/kg",
                                    "1.5e7 cells/kg"])  # fmt: skip
def test_only_the_two_doses_that_were_given_are_its_doses(per_kg):
    """2e5 lies between the two, and nobody published that it may be given."""
    with pytest.raises(NotPermittedError, match="is none of"):
        plan(per_kg)
    assert plan("1.5e5 cells/kg").cells.total == Quantity("9e6 cell")


def test_a_dose_of_the_first_protocol_needs_a_reason_in_the_second():
    with pytest.warns(match="made-up reason"):
        found = plan("1.5e7 cells/kg", reason="made-up reason")
    assert found.cells.total == Quantity("9e8 cell")


def test_what_is_not_published_is_stated():
    for protocol in (bcma.PROTOCOL, cd19.PROTOCOL):
        assert len(protocol.not_published) >= 4
    assert any("children" in text for text in cd19.PROTOCOL.not_published)


def test_the_published_protocols_are_found_by_their_number():
    assert [protocol_of(key).name for key in PUBLISHED] == ["NCT05315778", "NCT06352281"]
    with pytest.raises(UnknownTermError) as refused:
        protocol_of("NCT00000000")
    assert refused.value.nearest == PUBLISHED


def test_the_command_plan_takes_either_protocol():
    given = ["plan", "--height", "162 cm", "--weight", "60 kg", "--age", "41", "--infusion",
             "2026-03-09", "--cells-per-kg", "3e5 cells/kg", "--counting", "viable"]  # fmt: skip
    done = CliRunner().invoke(main, [*given, "--protocol", "NCT06352281"])
    assert done.exit_code == 0, done.output
    assert done.output.startswith("Dosing plan, ClinicalTrials.gov NCT06352281")
    assert "1.8×10⁷" in done.output
    refused = CliRunner().invoke(main, given)
    assert (refused.exit_code, "1.0×10^7" in refused.output) == (2, True)
    unknown = CliRunner().invoke(main, [*given, "--protocol", "NCT1"])
    assert (unknown.exit_code, "--protocol" in unknown.output) == (2, True)


# --- amendments ---------------------------------------------------------------------------------

LOCAL = amended(
    bcma.PROTOCOL,
    number="1",
    effective="2026-01-01",
    reason="a made-up amendment for this test",
    participants=8,
    cells=evolve(bcma.CAR_T, highest="1.5e7 cell/kg"),
)


def test_an_amendment_is_a_version_that_says_what_it_is():
    assert LOCAL.version == "NCT05315778, amendment 1 of 2026-01-01"
    assert bcma.PROTOCOL.version == "NCT05315778"
    assert bcma.PROTOCOL.participants == 5
    with pytest.raises(NotPermittedError):
        LOCAL.plan(ANA, infusion="2026-03-09", cells_per_kg="2e7 cells/kg")


def test_what_the_amendment_changed_is_printed_part_by_part():
    assert str(diff(bcma.PROTOCOL, LOCAL)).splitlines() == [
        "NCT05315778 -> NCT05315778, amendment 1 of 2026-01-01: a made-up amendment for this test",
        "cells.highest: 20000000 cell/kg -> 15000000 cell/kg",
        "participants: 5 -> 8",
    ]


def test_a_changed_day_or_dose_of_one_drug_is_told_with_its_place():
    courses = bcma.LYMPHODEPLETION.courses
    first = evolve(courses[0], per_area="25 mg/m^2", days=(-6, -5, -4))
    local = amended(
        bcma.PROTOCOL,
        number="1",
        effective="2026-01-01",
        reason="made up",
        lymphodepletion=evolve(bcma.LYMPHODEPLETION, courses=(first, courses[1])),
    )
    parts = {
        change.part: (change.before, change.after) for change in diff(bcma.PROTOCOL, local).changes
    }
    assert parts["lymphodepletion.courses[1].per_area"] == ("30 mg/m^2", "25 mg/m^2")
    days = [part for part in parts if part.startswith("lymphodepletion.courses[1].days")]
    assert [parts[day] for day in days] == [("-5", "-6"), ("-4", "-5"), ("-3", "-4")]


def test_a_version_does_not_differ_from_itself():
    assert diff(LOCAL, LOCAL).changes == ()
    assert "no difference" in str(diff(LOCAL, LOCAL))


def test_two_protocols_can_be_compared():
    parts = [change.part for change in diff(bcma.PROTOCOL, cd19.PROTOCOL).changes]
    assert {"name", "cells.lowest", "cells.highest", "cells.counting", "participants"} <= set(parts)
    assert not any("per_area" in part for part in parts)  # the drugs are the same


def test_an_amendment_of_an_amendment_names_its_own_number():
    second = amended(LOCAL, number="2", effective="2026-06-01", reason="made up", participants=9)
    assert second.version.endswith("amendment 2 of 2026-06-01")
    assert [change.part for change in diff(LOCAL, second).changes] == ["participants"]
    with pytest.raises(ImpossibleError, match="holds before"):
        amended(LOCAL, number="2", effective="2025-12-31", reason="made up", participants=9)


@pytest.mark.parametrize(
    ("given", "error"),
    [
        ({}, ImpossibleError),
        ({"participants": 5}, ImpossibleError),  # the same as before
        ({"patients": 8}, UnknownTermError),
        ({"amendment": None}, UnknownTermError),
        ({"effective": "soon", "participants": 8}, NotationError),
        ({"reason": "", "participants": 8}, ValueError),
    ],
)
def test_what_is_no_amendment_is_refused(given, error):
    named = {"number": "1", "effective": "2026-01-01", "reason": "made up"} | given
    with pytest.raises(error):
        amended(bcma.PROTOCOL, **named)


def test_versions_are_exchanged_and_pickled():
    for protocol in (LOCAL, cd19.PROTOCOL):
        assert from_json(to_json(protocol), Protocol) == protocol
        assert pickle.loads(pickle.dumps(protocol)) == protocol
    assert LOCAL.amendment.effective == dt.date(2026, 1, 1)
