"""A study folder is written whole or not at all, and reads back as what was written."""

import csv
import datetime as dt
import os
import shutil
import subprocess
import sys
import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from itp_carT.errors import MissingFactError, NotPermittedError, RecordError
from itp_carT.study import (
    AdverseEventRecord,
    Amount,
    Header,
    LabRecord,
    MedicationRecord,
    PatientRecords,
    Severity,
    Study,
    SubjectRecord,
    read_study,
    write_study,
)
from itp_carT.units import Quantity


def subject(name="SYN-01", **facts):
    days = {"conditioning": dt.date(2026, 3, 4), "infusion": dt.date(2026, 3, 9)}
    return SubjectRecord(subject=name, **(days | facts))


def study(**tables):
    header = Header(name="synthetic", protocol="NCT05315778", cutoff=dt.date(2026, 12, 31))
    return Study(header=header, subjects=(subject(),), **tables)


def lab(value, **facts):
    amount = None if value is None else Amount(Quantity(value))
    return LabRecord(subject="SYN-01", date=dt.date(2026, 3, 16), analyte="platelets",
                     value=amount, **facts)  # fmt: skip


def left(folder):
    return sorted(path.name for path in folder.iterdir())


# --- round trip ---------------------------------------------------------------------------------


def test_a_study_reads_back_as_it_was_written(tmp_path):
    made = study(
        labs=(
            lab("45 10^9/L", lln=Amount(Quantity("125000 /uL"))),
            lab("3 10^9/L", time="08:15"),
            lab(None, time="09:15"),
        ),
        adverse_events=(AdverseEventRecord(subject="SYN-01", term="Headache", grade=2),),
        medications=(MedicationRecord(subject="SYN-01", drug="prednisone",
                                      dose=Quantity("0.1 mg")),),
    )  # fmt: skip
    found = read_study(write_study(made, tmp_path / "study"))
    assert found == made
    assert found.validation.exit_code == 0
    assert found.validation.of(Severity.DOUBTFUL) == ()


def test_a_table_that_was_not_recorded_is_not_written_as_an_empty_one(tmp_path):
    made = study()
    known = Study(header=made.header, subjects=made.subjects, tables=("subjects", "labs"))
    folder = write_study(known, tmp_path / "study")
    assert left(folder) == ["labs.csv", "study.toml", "subjects.csv"]
    assert read_study(folder).tables == ("subjects", "labs")


texts = st.text(st.characters(blacklist_categories=("Cs",)), min_size=1, max_size=20).filter(
    lambda text: text == text.strip() and "\x00" not in text and "\r" not in text
)


@settings(max_examples=30)
@given(drug=texts, reason=texts)
def test_any_text_survives(tmp_path_factory, drug, reason):
    folder = tmp_path_factory.mktemp("any") / "study"
    made = study(medications=(MedicationRecord(subject="SYN-01", drug=drug, indication=reason),))
    found = read_study(write_study(made, folder)).medications[0]
    assert (found.drug, found.indication) == (drug, reason)
    shutil.rmtree(folder)


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "+1", "-1", "@SUM(A1)", "'=1", "\t=1"])
def test_a_formula_is_kept_as_text_and_written_so_that_no_spreadsheet_runs_it(tmp_path, text):
    made = study(medications=(MedicationRecord(subject="SYN-01", drug="x", indication=text),))
    folder = write_study(made, tmp_path / "study")
    with (folder / "medications.csv").open(encoding="utf-8", newline="") as file:
        row = next(iter(csv.DictReader(file)))
    assert row["indication"] == f"'{text}"
    if text == text.strip():
        assert read_study(folder).medications[0].indication == text


def test_header_survives_with_what_toml_must_escape(tmp_path):
    from attrs import evolve

    header = evolve(
        study().header,
        name='a "quoted"\\ name \x7f\n=1',
        synthetic=True,
        editions={"ctcae": "ctcae-v6.0"},
        options={"rescue_days": 56, "late": True, "terms": ["a", "b"]},
    )
    folder = write_study(study(), tmp_path / "study", header=header)
    tomllib.loads((folder / "study.toml").read_text(encoding="utf-8"))
    assert read_study(folder).header == header


def test_patients_are_written_one_after_the_other(tmp_path):
    patients = (PatientRecords(subject=subject(f"SYN-{n}")) for n in range(3))
    folder = write_study(patients, tmp_path / "study", header=study().header)
    assert [one.subject for one in read_study(folder).subjects] == ["SYN-0", "SYN-1", "SYN-2"]


def test_patients_need_a_header(tmp_path):
    with pytest.raises(MissingFactError):
        write_study(iter(()), tmp_path / "study")
    assert left(tmp_path) == []


# --- whole or not at all ------------------------------------------------------------------------


def test_a_folder_that_is_there_is_not_replaced(tmp_path):
    folder = write_study(study(), tmp_path / "study")
    before = (folder / "labs.csv").read_bytes()
    with pytest.raises(NotPermittedError, match="exists"):
        write_study(study(labs=(lab("45 10^9/L"),)), folder)
    assert (folder / "labs.csv").read_bytes() == before
    assert left(tmp_path) == ["study"]


def test_force_replaces_a_study_folder_whole(tmp_path):
    folder = write_study(study(labs=(lab("45 10^9/L"),)), tmp_path / "study")
    write_study(study(), folder, force=True)
    assert read_study(folder).labs == ()
    assert left(tmp_path) == ["study"]


def test_force_does_not_replace_what_is_no_study_folder(tmp_path):
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "only copy.txt").write_text("x")
    with pytest.raises(NotPermittedError, match="not a study folder"):
        write_study(study(), tmp_path / "thesis", force=True)
    assert left(tmp_path / "thesis") == ["only copy.txt"]


def full(*_, **__):
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("where", ["os.fsync", "csv.writer", "pathlib.Path.rename"])
def test_a_full_disk_leaves_what_was_there(tmp_path, monkeypatch, where):
    """`fsync` is where a full disk is noticed last; an error of it must not pass unseen."""
    folder = write_study(study(labs=(lab("45 10^9/L"),)), tmp_path / "study")
    monkeypatch.setattr(where, full)
    with pytest.raises(RecordError, match="No space left"):
        write_study(study(), folder, force=True)
    monkeypatch.undo()
    assert left(tmp_path) == ["study"]
    assert len(read_study(folder).labs) == 1


def test_a_folder_that_cannot_take_its_name_leaves_the_older_one(tmp_path, monkeypatch):
    from pathlib import Path

    folder = write_study(study(labs=(lab("45 10^9/L"),)), tmp_path / "study")
    rename, calls = Path.rename, []

    def second_fails(self, target):
        calls.append(target)
        if len(calls) == 2:
            full()
        return rename(self, target)

    monkeypatch.setattr("pathlib.Path.rename", second_fails)
    with pytest.raises(RecordError, match="No space left"):
        write_study(study(), folder, force=True)
    monkeypatch.undo()
    assert left(tmp_path) == ["study"]
    assert len(read_study(folder).labs) == 1


def test_a_read_only_place_is_named(tmp_path, monkeypatch):
    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refused)
    with pytest.raises(RecordError, match="Permission denied; nothing was changed"):
        write_study(study(), tmp_path / "study")


def test_a_patient_that_cannot_be_made_leaves_nothing(tmp_path):
    def patients():
        yield PatientRecords(subject=subject())
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        write_study(patients(), tmp_path / "study", header=study().header)
    assert left(tmp_path) == []


@pytest.mark.skipif(os.name == "nt", reason="folders have no write permission there")
def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(RecordError, match="cannot be written"):
        write_study(study(), tmp_path / "file" / "study")
    with pytest.raises(RecordError, match="cannot be written"):
        write_study(study(), tmp_path / "no such folder" / "study")


KILLED = """
import os, signal, sys
from itp_carT.study import Header, PatientRecords, SubjectRecord, write_study
def patients():
    yield PatientRecords(subject=SubjectRecord(subject="SYN-01"))
    os.kill(os.getpid(), signal.SIGKILL)
write_study(patients(), sys.argv[1], header=Header(name="x"))
"""


@pytest.mark.skipif(os.name == "nt", reason="there is no such signal")
def test_a_killed_run_leaves_no_study_folder(tmp_path):
    folder = tmp_path / "study"
    subprocess.run([sys.executable, "-c", KILLED, str(folder)], check=False)
    assert not folder.exists()
