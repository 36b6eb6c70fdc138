"""A synthetic trial: labelled, whole, the same for the same seed, and readable by the library."""

import csv
import hashlib
import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from itp_carT.cli import main
from itp_carT.errors import ImpossibleError, NotPermittedError
from itp_carT.protocol.nct05315778 import PROTOCOL
from itp_carT.protocol.published import protocol_of
from itp_carT.study import read_study
from itp_carT.study.simulate import MAPPING, simulate_study
from itp_carT.study.synthetic import COURSES, patient


def prints(folder):
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def rows(folder, table):
    with (folder / f"{table}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def twenty(tmp_path_factory):
    return simulate_study(tmp_path_factory.mktemp("made") / "study", PROTOCOL, patients=20)


def test_it_says_that_it_is_synthetic(twenty):
    study = read_study(twenty)
    assert study.header.synthetic is True
    assert "synthetic" in study.header.name
    assert all(one.subject.startswith("SYN-") for one in study.subjects)


def test_nothing_in_it_stops_an_endpoint(twenty):
    """What is untidy on purpose (units, unknown dates, empty cells) is still all readable."""
    stops = [one for one in read_study(twenty).validation.problems if one.severity.name == "STOPS"]
    assert stops == []


def test_everybody_has_rows_in_every_table_but_medications(twenty):
    study = read_study(twenty)
    for table in ("labs", "bleeding", "adverse_events", "infusions", "crs", "questionnaire"):
        assert {row.subject for row in getattr(study, table)} == {
            one.subject for one in study.subjects
        }


def test_lymphodepletion_is_three_days_before_the_cells_by_the_protocol(twenty):
    found = Counter(row["agent"] for row in rows(twenty, "infusions"))
    assert found == {"fludarabine": 60, "cyclophosphamide": 60, "CAR-T": 20}
    study = read_study(twenty)
    zero = {one.subject: one.infusion for one in study.subjects}
    days = {(row.date - zero[row.subject]).days for row in study.infusions if row.agent != "CAR-T"}
    assert days == {-5, -4, -3}


def test_it_holds_what_a_real_site_sends(twenty):
    labs = rows(twenty, "labs")
    units = {row["unit"] for row in labs if row["analyte"] == "platelets"}
    assert units == {"10^9/L", "/uL", "K/uL"}
    assert any(row["value"].startswith("<") for row in labs)
    assert any(not row["answer"] for row in rows(twenty, "questionnaire"))
    assert {row["purpose"] for row in rows(twenty, "medications")} >= {"itp", "toxicity", "rescue"}


def test_the_same_seed_gives_the_same_bytes_and_a_larger_study_begins_alike(tmp_path):
    one = simulate_study(tmp_path / "one", PROTOCOL, patients=3, seed=7)
    two = simulate_study(tmp_path / "two", PROTOCOL, patients=3, seed=7)
    more = simulate_study(tmp_path / "more", PROTOCOL, patients=4, seed=7)
    other = simulate_study(tmp_path / "other", PROTOCOL, patients=3, seed=8)
    assert prints(one) == prints(two)
    assert prints(one)["labs.csv"] != prints(other)["labs.csv"]
    assert rows(more, "labs")[: len(rows(one, "labs"))] == rows(one, "labs")


@pytest.mark.parametrize(
    "setting", [{"PYTHONHASHSEED": "7"}, {"TZ": "Asia/Shanghai"}, {"LC_ALL": "C"}]
)
def test_nothing_around_it_changes_it(setting, tmp_path):
    here = prints(simulate_study(tmp_path / "here", PROTOCOL, patients=2))
    code = (
        "import sys; from itp_carT.study.simulate import simulate_study; "
        "from itp_carT.protocol.nct05315778 import PROTOCOL; "
        "simulate_study(sys.argv[1], PROTOCOL, patients=2)"
    )
    there = tmp_path / "there"
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), **setting}
    subprocess.run([sys.executable, "-c", code, str(there)], check=True, env=environment)
    assert prints(there) == here


def test_every_kind_of_course_happens():
    found = Counter(patient(PROTOCOL, 1, number).course for number in range(1, 401))
    assert set(found) == {name for name, _ in COURSES}


def test_what_is_there_is_not_replaced(tmp_path):
    made = simulate_study(tmp_path / "study", PROTOCOL, patients=1)
    before = prints(made)
    with pytest.raises(NotPermittedError):
        simulate_study(made, PROTOCOL, patients=2)
    assert prints(made) == before
    simulate_study(made, PROTOCOL, patients=2, force=True)
    assert len(rows(made, "subjects")) == 2


def test_a_stopped_run_leaves_nothing(tmp_path):
    def stop(_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        simulate_study(tmp_path / "study", PROTOCOL, patients=3, progress=stop)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "given", [{"patients": 0}, {"patients": 2.5}, {"patients": True}, {"seed": -1}]
)
def test_impossible_numbers_are_refused(given, tmp_path):
    with pytest.raises(ImpossibleError) as refused:
        simulate_study(tmp_path / "study", PROTOCOL, **given)
    assert refused.value.field == next(iter(given))
    assert not (tmp_path / "study").exists()


def test_the_command(tmp_path):
    done = CliRunner().invoke(main, ["simulate", "--patients", "2", "--out", str(tmp_path / "s")])
    assert done.exit_code == 0, done.output
    assert "2 synthetic patients, seed 1" in done.output
    assert (tmp_path / "s" / MAPPING).is_file()
    again = CliRunner().invoke(main, ["simulate", "--out", str(tmp_path / "s")])
    assert again.exit_code == 2
    assert "exists" in again.output


def test_the_example_that_ships_is_what_the_command_writes(tmp_path):
    example = Path(__file__).parents[1] / "examples" / "study"
    assert prints(simulate_study(tmp_path / "study", PROTOCOL)) == prints(example)


def test_another_protocol_gives_its_own_doses(tmp_path):
    made = simulate_study(tmp_path / "study", protocol_of("NCT06352281"), patients=2)
    cells = {float(row["planned"]) for row in rows(made, "infusions") if row["agent"] == "CAR-T"}
    assert max(cells) < 5e7  # 1.5 or 3×10⁵ per kilogram
    assert read_study(made).header.protocol == "NCT06352281"
