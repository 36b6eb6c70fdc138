"""A study folder is read into typed records, and every mistake is named with its place."""

import datetime as dt
import importlib.util
from pathlib import Path

import pytest

from itp_carT.errors import RecordError
from itp_carT.study import Severity, open_study, read_study, validate
from itp_carT.study.tables import TABLES
from itp_carT.units import Quantity

ROOT = Path(__file__).parents[1]

TOML = """schema = 1
name = "synthetic"
protocol = "NCT05315778"
cutoff = 2026-12-31
synthetic = true
"""
SUBJECTS = (
    "subject,sex,born,height,height_unit,weight,weight_unit,diagnosed,conditioning,infusion\n"
    "SYN-01,F,1984-05-02,162,cm,60,kg,2019-03,2026-03-04,2026-03-09\n"
)
LABS = "subject,date,analyte,value,unit,lln\nSYN-01,2026-03-16,PLT,45,10^9/L,125\n"


@pytest.fixture
def folder(tmp_path):
    """A folder that is right; a test writes over what it is about."""
    return write(tmp_path, **{"study.toml": TOML, "subjects.csv": SUBJECTS, "labs.csv": LABS})


def write(folder, **files):
    for name, text in files.items():
        data = text if isinstance(text, bytes) else text.encode()
        (folder / name).write_bytes(data)
    return folder


def problems(folder, severity=Severity.STOPS):
    return validate(folder).of(severity)


def only(folder, severity=Severity.STOPS):
    found = problems(folder, severity)
    assert len(found) == 1, [str(one) for one in found]
    return found[0]


def labs(folder, rows, head="subject,date,analyte,value,unit,lln"):
    return write(folder, **{"labs.csv": head + "\n" + rows + "\n"})


# --- what is right ------------------------------------------------------------------------------


def test_a_right_folder_has_no_problem_that_stops_or_is_doubtful(folder):
    report = validate(folder)
    assert report.exit_code == 0
    assert report.of(Severity.STOPS) == report.of(Severity.DOUBTFUL) == ()


def test_records_are_typed_and_know_their_row(folder):
    study = read_study(folder)
    subject, lab = study.subjects[0], study.labs[0]
    assert subject.infusion == dt.date(2026, 3, 9)
    assert str(subject.diagnosed) == "2019-03"
    assert subject.person().weight == Quantity("60 kg")
    assert lab.value.quantity == Quantity("45000 /uL")
    assert lab.lab().lln == Quantity("125 10^9/L")
    assert str(lab.at) == "labs.csv row 2"


def test_what_is_not_filled_in_is_none_and_none_is_written(folder):
    write(folder, **{"subjects.csv": "subject,infusion,prior_therapies\nA,2026-03-09,none\n"
                     "B,2026-03-09,\n"})  # fmt: skip
    first, second = read_study(folder).subjects
    assert (first.prior_therapies, second.prior_therapies) == ((), None)
    assert (first.sex, first.weight, first.death) == (None, None, None)


def test_an_analyte_is_found_by_name_cdisc_or_loinc_code_and_kept_as_one(folder):
    labs(folder, "SYN-01,2026-03-16,PLAT,45,10^9/L,\nSYN-01,2026-03-17,777-3,45000,/uL,\n"
         "SYN-01,2026-03-18,Platelets,45 K/uL,,")  # fmt: skip
    found = read_study(folder).labs
    assert [lab.analyte for lab in found] == ["platelets"] * 3
    assert {lab.value.quantity for lab in found} == {Quantity("45 10^9/L")}


def test_a_value_below_the_reporting_limit_keeps_its_sign(folder):
    labs(folder, "SYN-01,2026-03-16,PLT,<3,10^9/L,")
    value = read_study(folder).labs[0].value
    assert (value.sign, value.quantity) == ("<", Quantity("3 10^9/L"))


def test_fasting_glucose_is_an_analyte_of_its_own(folder):
    labs(folder, "SYN-01,2026-03-16,GLUC,7,mmol/L,yes", "subject,date,analyte,value,unit,fasting")
    assert read_study(folder).labs[0].measure.key == "glucose_fasting"


def test_cdisc_headings_are_read(folder):
    labs(folder, "SYN-01,2026-03-16,PLAT,45,10^9/L,125,350,LOW",
         "USUBJID,LBDTC,LBTESTCD,LBORRES,LBORRESU,LBORNRLO,LBORNRHI,LBNRIND")  # fmt: skip
    lab = read_study(folder).labs[0]
    assert (str(lab.lln), str(lab.uln), lab.flag) == ("125 10^9/L", "350 10^9/L", "low")


def test_adverse_events_medications_and_exposure_with_cdisc_headings_are_read(folder):
    write(
        folder,
        **{
            "adverse_events.csv": "USUBJID,AETERM,AEDECOD,AETOXGR,AESTDTC,AESER,AEREL,AEOUT\n"
            "SYN-01,head ache,Headache,2,2026-03,N,POSSIBLE,RECOVERED/RESOLVED\n",
            "medications.csv": "USUBJID,CMTRT,CMDOSE,CMDOSU,CMDOSFRQ,CMROUTE,CMSTDTC\n"
            "SYN-01,prednisone,20,mg,QD,ORAL,2026-01\n",
            "infusions.csv": "USUBJID,EXTRT,EXDOSE,EXDOSU,EXSTDTC\n"
            "SYN-01,FLUDARABINE,49,mg,2026-03-04\nSYN-01,CAR-T,9e8,cell,2026-03-09\n",
        },
    )
    study = read_study(folder)
    assert study.validation.exit_code == 0
    event = study.adverse_events[0].event("ctcae-v5.0")
    assert (event.term.name, int(event.grade), event.serious, event.related) == (
        "Headache", 2, False, True)  # fmt: skip
    assert (study.medications[0].dose, study.medications[0].frequency) == (Quantity("20 mg"), "QD")
    assert [(one.agent, one.given) for one in study.infusions] == [
        ("fludarabine", Quantity("49 mg")),
        ("CAR-T", Quantity("9e8 cell")),
    ]


@pytest.mark.parametrize(
    ("head", "value", "toml"),
    [
        ("subject,date,analyte,value,unit", "45,10^9/L", ""),
        ("subject,date,analyte,value", "45 10^9/L", ""),
        ("subject,date,analyte,value [10^9/L]", "45", ""),
        ("subject,date,analyte,value", "45", '[units.labs]\nPLAT = "10^9/L"\n'),
        ("subject,date,analyte,value", "45", '[units.labs]\nplatelets = "10^9/L"\n'),
    ],
    ids=["column", "cell", "heading", "code in study.toml", "name in study.toml"],
)
def test_the_unit_may_stand_in_four_places(folder, head, value, toml):
    write(folder, **{"study.toml": TOML + toml})
    labs(folder, f"SYN-01,2026-03-16,PLT,{value}", head)
    assert read_study(folder).labs[0].value.quantity == Quantity("45 10^9/L")


def test_a_unit_nowhere_is_refused(folder):
    labs(folder, "SYN-01,2026-03-16,PLT,45,,")
    found = only(folder)
    assert (found.file, found.row, found.column, found.given) == ("labs.csv", 2, "value", "45")


def test_a_unit_in_the_cell_that_contradicts_the_one_beside_it_is_refused(folder):
    labs(folder, "SYN-01,2026-03-16,PLT,45 10^9/L,10^12/L,")
    assert "another unit" in only(folder).message


def test_inr_needs_no_unit(folder):
    labs(folder, "SYN-01,2026-03-16,INR,1.1,,")
    assert read_study(folder).labs[0].value.quantity == Quantity("1.1 1")


# --- good rows are kept, places are named -------------------------------------------------------


def test_a_bad_row_is_named_and_its_neighbors_are_kept(folder):
    labs(folder, "SYN-01,2026-03-16,PLT,45,10^9/L,\nSYN-01,2026-03-17,PLT,high,10^9/L,\n"
         "SYN-01,2026-03-18,PLT,50,10^9/L,")  # fmt: skip
    report = validate(folder)
    problem = report.of(Severity.STOPS)[0]
    assert (problem.row, problem.column, problem.given) == (3, "value", "high")
    assert problem.subject == "SYN-01"
    assert (report.tables[1].rows, report.tables[1].kept) == (3, 2)
    assert report.stops("SYN-01", "labs")
    assert not report.stops("SYN-01", "bleeding")
    assert not report.stops("SYN-02", "labs")


def test_every_bad_cell_of_a_row_is_named(folder):
    labs(folder, "SYN-01,soon,PLT,high,10^9/L,low")
    assert [one.column for one in problems(folder)] == ["date", "value", "lln"]


def test_of_a_subject_only_the_bad_cell_is_left_out(folder):
    write(folder, **{"subjects.csv": SUBJECTS.replace(",60,kg", ",600,kg")})
    study = read_study(folder)
    assert study.subjects[0].weight is None
    assert study.subjects[0].height == Quantity("162 cm")
    assert study.validation.of(Severity.STOPS)[0].column == "weight"


def test_an_unusual_weight_is_doubtful_and_kept(folder):
    write(folder, **{"subjects.csv": SUBJECTS.replace(",60,kg", ",155,kg")})
    study = read_study(folder)
    assert study.subjects[0].weight == Quantity("155 kg")
    assert any("unusual" in one.message for one in study.validation.of(Severity.DOUBTFUL))


@pytest.mark.parametrize(
    ("analyte", "value", "unit"),
    [
        ("PLT", "45", "/uL"),
        ("PLT", "45", "10^12/L"),
        ("HGB", "8.1", "g/L"),
        ("NEUT", "1800", "10^9/L"),
    ],
)
def test_a_value_in_a_unit_that_is_likely_wrong_is_doubtful_and_kept(folder, analyte, value, unit):
    labs(folder, f"SYN-01,2026-03-16,{analyte},{value},{unit},\n" * 2)
    study = read_study(folder)
    doubts = [one for one in study.validation.of(Severity.DOUBTFUL) if "unit" in one.message]
    assert [one.row for one in doubts] == [2, 3]
    assert len(study.labs) == 2


@pytest.mark.parametrize(("value", "unit"), [("1", "10^9/L"), ("0", "10^9/L"), ("900", "10^9/L"),
                                             ("2000", "/uL")])  # fmt: skip
def test_counts_that_patients_have_are_not_doubtful(folder, value, unit):
    labs(folder, f"SYN-01,2026-03-16,PLT,{value},{unit},")
    assert validate(folder).of(Severity.DOUBTFUL) == ()


def test_a_dose_in_tablets_is_doubtful_and_the_medication_is_kept(folder):
    write(folder, **{"medications.csv": "subject,drug,dose,unit\nSYN-01,prednisone,2,tablets\n"})
    study = read_study(folder)
    assert (study.medications[0].drug, study.medications[0].dose) == ("prednisone", None)
    assert study.validation.of(Severity.DOUBTFUL)[0].column == "dose"


def test_an_analyte_the_library_does_not_know_is_noted_and_a_misspelt_one_stops(folder):
    labs(folder, "SYN-01,2026-03-16,zinc,300,ug/L,\nSYN-01,2026-03-16,Platlets,3,10^9/L,")
    assert only(folder).given == "Platlets"
    assert "zinc" in [one.given for one in problems(folder, Severity.NOTE)]


def test_a_frequency_nobody_knows_is_doubtful_and_the_medication_is_kept(folder):
    rows = "SYN-01,prednisone,20,mg,now and then\nSYN-01,prednisone,20,mg,daily\n"
    write(folder, **{"medications.csv": "subject,drug,dose,unit,frequency\n" + rows})
    study = read_study(folder)
    assert [one.frequency for one in study.medications] == [None, "daily"]
    doubt = study.validation.of(Severity.DOUBTFUL)[0]
    assert (doubt.row, doubt.column, doubt.given) == (2, "frequency", "now and then")


def test_a_missing_required_column_is_named(folder):
    labs(folder, "SYN-01,PLT,45", "subject,analyte,value")
    assert only(folder).column == "date"


def test_a_heading_that_is_not_known_is_noted(folder):
    labs(folder, "SYN-01,2026-03-16,PLT,45,10^9/L,x",
         "subject,date,analyte,value,unit,nurse")  # fmt: skip
    notes = [one.column for one in problems(folder, Severity.NOTE)]
    assert "nurse" in notes


def test_a_row_of_nobody_known_is_reported(folder):
    labs(folder, "SYN-09,2026-03-16,PLT,45,10^9/L,")
    assert only(folder).subject == "SYN-09"


def test_an_event_that_cannot_be_is_reported_with_its_column(folder):
    write(folder, **{"adverse_events.csv": "subject,term,grade,start,end\n"
                     "SYN-01,Headache,2,2026-03,2026-02\nSYN-01,Headach,2,2026-03,\n"
                     "SYN-01,Headache,2,2026-03,2026-04\n"})  # fmt: skip
    study = read_study(folder)
    found = study.validation.of(Severity.STOPS)
    assert [(one.row, one.column) for one in found] == [(2, "end"), (3, "term")]
    assert study.adverse_events[0].event("ctcae-v5.0").term.name == "Headache"


def test_an_event_called_serious_without_a_criterion_stays_serious(folder):
    write(folder, **{"adverse_events.csv": "subject,term,serious\nSYN-01,Headache,yes\n"
                     "SYN-01,Fatigue,no\nSYN-01,Nausea,\n"})  # fmt: skip
    events = [one.event("ctcae-v5.0") for one in read_study(folder).adverse_events]
    assert [one.serious for one in events] == [True, False, None]


def test_the_findings_of_a_day_are_graded_from_the_row(folder):
    write(folder, **{"crs.csv": "subject,date,temperature,temperature_unit,hypotension,oxygen,ice,"
                     "consciousness\nSYN-01,2026-03-12,39.1,Cel,one vasopressor,none,8,awake\n"
                     "SYN-01,2026-03-13,102,degF,none,none,,\n"})  # fmt: skip
    from itp_carT.toxicity.astct_2019 import crs_of

    first, second = read_study(folder).crs
    assert int(crs_of(first.findings()).outcome.grade) == 3
    assert int(first.icans().outcome.grade) == 1
    assert int(crs_of(second.findings()).outcome.grade) == 1
    assert second.icans() is None


def test_bleeding_rows_become_scores_and_assessments(folder):
    write(folder, **{"bleeding.csv": "subject,date,skin,mucosa,viscera,cns,rest,who,bleeding\n"
                     "SYN-01,2026-03-09,elsewhere,,,,none,1,\nSYN-01,2026-03-16,,,,,,,no\n"
                     "SYN-01,2026-03-23,,,,,,,\n"})  # fmt: skip
    first, second, third = read_study(folder).bleeding
    assert first.score(age=41).total.value == 1
    assert [one.bleeding for one in first.assessments(age=41)] == [True, True]
    assert [one.bleeding for one in second.assessments()] == [False]
    assert [one.bleeding for one in third.assessments()] == [None]


# --- between rows -------------------------------------------------------------------------------

BETWEEN = {
    "infusion missing": ({"infusion": ""}, "infusion", Severity.STOPS),
    "conditioning after infusion": ({"conditioning": "2026-03-10"}, "conditioning", Severity.STOPS),
    "diagnosed after infusion": ({"diagnosed": "2026-04"}, "diagnosed", Severity.STOPS),
    "death before infusion": ({"death": "2026-03-01"}, "infusion", Severity.STOPS),
    "infusion after cutoff": ({"infusion": "2027-01-04"}, "infusion", Severity.DOUBTFUL),
    "died without a date": ({"end_reason": "death"}, "death", Severity.DOUBTFUL),
}


@pytest.mark.parametrize(("change", "column", "severity"), BETWEEN.values(), ids=BETWEEN)
def test_dates_of_a_subject_in_the_wrong_order(folder, change, column, severity):
    facts = {"subject": "SYN-01", "diagnosed": "2019-03", "conditioning": "2026-03-04",
             "infusion": "2026-03-09"} | change  # fmt: skip
    text = ",".join(facts) + "\n" + ",".join(facts.values()) + "\n"
    write(folder, **{"subjects.csv": text})
    assert column in [one.column for one in problems(folder, severity)]


def test_a_value_after_death_and_one_after_the_cutoff_are_doubtful(folder):
    write(folder, **{"subjects.csv": "subject,infusion,conditioning,death\n"
                     "SYN-01,2026-03-09,2026-03-04,2026-04-01\n"})  # fmt: skip
    labs(folder, "SYN-01,2026-04-02,PLT,45,10^9/L,\nSYN-01,2027-01-02,PLT,45,10^9/L,")
    messages = [one.message for one in problems(folder, Severity.DOUBTFUL)]
    assert sum("after the death" in one for one in messages) == 2
    assert sum("after the cutoff" in one for one in messages) == 1


def test_a_value_stated_twice_is_noted_and_one_stated_differently_is_doubtful(folder):
    row = "SYN-01,2026-03-16,PLT,45,10^9/L,"
    labs(folder, f"{row}\n{row}")
    assert any("same as row 2" in one.message for one in problems(folder, Severity.NOTE))
    labs(folder, f"{row}\n{row.replace('45', '46')}")
    assert only(folder, Severity.DOUBTFUL).column == "value"


# --- the folder ---------------------------------------------------------------------------------


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    with pytest.raises(RecordError, match="does not exist"):
        open_study(tmp_path / "nowhere")


def test_a_folder_of_a_later_version_is_refused(folder):
    write(folder, **{"study.toml": TOML.replace("schema = 1", "schema = 2")})
    with pytest.raises(RecordError, match="schema 2"):
        open_study(folder)


def test_every_mistake_in_study_toml_is_named_and_the_rest_holds(folder):
    write(
        folder, **{"study.toml": 'schema = 1\nname = 5\ncutoff = "soon"\ndates = "y"\nmood = 1\n'}
    )
    found = [one for one in problems(folder) if one.file == "study.toml"]
    assert {one.column for one in found} == {"name", "cutoff", "dates", "mood", "protocol"}


def test_an_edition_there_is_not_is_named_once_and_not_at_every_row(folder):
    write(folder, **{"study.toml": TOML + '[editions]\nctcae = "ctcae-v9"\nmood = "good"\n',
                     "adverse_events.csv": "subject,term\nSYN-01,Headache\n"})  # fmt: skip
    assert [one.column for one in problems(folder)] == ["editions.ctcae", "editions.mood"]
    assert read_study(folder).header.edition("ctcae") == "ctcae-v5.0"


def test_a_protocol_that_is_not_published_here_is_doubtful(folder):
    write(folder, **{"study.toml": TOML.replace("NCT05315778", "NCT00000000")})
    assert only(folder, Severity.DOUBTFUL).column == "protocol"


def test_a_missing_table_of_subjects_is_told_once_and_not_at_every_row(folder):
    (folder / "subjects.csv").unlink()
    labs(folder, "SYN-01,2026-03-16,PLT,45,10^9/L,\n" * 9)
    assert only(folder).file == "subjects.csv"


def test_a_unit_in_the_heading_goes_before_one_in_study_toml(folder):
    write(folder, **{"study.toml": TOML + '[units.subjects]\nweight = "kg"\n',
                     "subjects.csv": "subject,infusion,conditioning,weight [lb]\n"
                     "SYN-01,2026-03-09,2026-03-04,154\n"})  # fmt: skip
    assert read_study(folder).subjects[0].weight == Quantity("154 lb")


def test_a_missing_study_toml_is_named_and_the_tables_are_still_checked(folder):
    (folder / "study.toml").unlink()
    labs(folder, "SYN-01,2026-03-16,PLT,high,10^9/L,")
    assert [one.file for one in problems(folder)] == ["study.toml", "labs.csv"]


def test_patients_come_one_after_the_other_with_their_rows(folder):
    write(folder, **{"subjects.csv": "subject,infusion\nA,2026-03-09\nB,2026-03-09\n"})
    labs(folder, "B,2026-03-16,PLT,45,10^9/L,\nA,2026-03-16,PLT,50,10^9/L,")
    found = [(one.id, len(one.labs)) for one in open_study(folder).patients()]
    assert found == [("A", 1), ("B", 1)]
    assert read_study(folder).patient("B").labs[0].value.quantity == Quantity("45 10^9/L")


# --- the page -----------------------------------------------------------------------------------


def test_the_page_of_the_format_is_what_the_code_reads():
    spec = importlib.util.spec_from_file_location("make", ROOT / "scripts/make_study_folder.py")
    make = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(make)
    page = (ROOT / "docs/guide/study-folder.md").read_text(encoding="utf-8")
    assert make.renewed(page) == page, "run python scripts/make_study_folder.py"


def test_no_heading_is_read_as_two_columns():
    for layout in TABLES:
        names = [one.name for one in layout.columns]
        assert len(names) == len(set(names))
        also = [name.casefold() for one in layout.columns for name in one.also]
        assert len(also) == len(set(also)), layout.name
        assert not set(also) & set(names), layout.name


def test_cdisc_data_that_name_a_thing_twice_are_read_by_the_first_name(folder):
    labs(folder, "SYN-01,2026-03-16,Platelet count of some laboratory,PLAT,45,10^9/L",
         "USUBJID,LBDTC,LBTEST,LBTESTCD,LBORRES,LBORRESU")  # fmt: skip
    assert validate(folder).exit_code == 0
    assert read_study(folder).labs[0].analyte == "platelets"


# --- wide sheets --------------------------------------------------------------------------------


def test_a_wide_sheet_is_read_as_one_row_for_each_value(folder):
    labs(folder, "SYN-01,2026-03-16,45,8.1,4\nSYN-01,2026-03-17,,75 g/L,x",
         "subject,date,PLT [10^9/L],HGB (g/dL),nurse")  # fmt: skip
    study = read_study(folder)
    found = [(lab.analyte, str(lab.value), lab.at.row) for lab in study.labs]
    assert found == [("platelets", "45 10^9/L", 2), ("hemoglobin", "8.1 g/dL", 2)]
    problem = study.validation.of(Severity.STOPS)[0]
    assert (problem.row, problem.column, problem.given) == (3, "HGB", "75 g/L")


def test_a_wide_sheet_may_have_limits_and_declared_units(folder):
    write(folder, **{"study.toml": TOML + '[units.labs]\nplatelets = "10^9/L"\n'})
    labs(folder, "SYN-01,2026-03-16,45,125,350", "subject,date,PLT,PLT LLN,PLT_ULN")
    lab = read_study(folder).labs[0]
    assert (str(lab.value), str(lab.lln), str(lab.uln)) == (
        "45 10^9/L", "125 10^9/L", "350 10^9/L")  # fmt: skip


def test_a_long_sheet_with_a_column_that_names_an_analyte_is_not_wide(folder):
    labs(folder, "SYN-01,2026-03-16,PLT,45,10^9/L,90",
         "subject,date,analyte,value,unit,HGB")  # fmt: skip
    assert [lab.analyte for lab in read_study(folder).labs] == ["platelets"]
