"""Faults of files as they arrive: each ends in a clear problem, and every good row is kept."""

import datetime as dt

import pytest

from itp_carT.errors import RecordError
from itp_carT.study import Severity, open_study, read_study, validate
from itp_carT.study.dates import day_of
from itp_carT.units import Quantity

TOML = 'schema = 1\nname = "synthetic"\nprotocol = "NCT05315778"\ncutoff = 2026-12-31\n'
SUBJECTS = "subject,conditioning,infusion\nSYN-01,2026-03-04,2026-03-09\n"
HEAD = "subject,date,analyte,value,unit\n"
ROW = "SYN-01,2026-03-{day},PLT,{value},10^9/L\n"
LABS = HEAD + ROW.format(day=16, value=45) + ROW.format(day=23, value=50)


@pytest.fixture
def folder(tmp_path):
    return write(tmp_path, **{"study.toml": TOML, "subjects.csv": SUBJECTS, "labs.csv": LABS})


def write(folder, **files):
    for name, text in files.items():
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())
    return folder


def labs(folder, text):
    return write(folder, **{"labs.csv": text})


def values(folder):
    return [str(lab.value) for lab in read_study(folder).labs]


def stops(folder):
    return validate(folder).of(Severity.STOPS)


def doubts(folder):
    return validate(folder).of(Severity.DOUBTFUL)


# --- encodings ----------------------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_a_sheet_in_each_encoding_is_read(folder, encoding):
    write(folder, **{"medications.csv": "subject,drug\nSYN-01,泼尼松\n".encode(encoding)})
    assert read_study(folder).medications[0].drug == "泼尼松"


def test_gb18030_that_nobody_declared_is_a_doubt_and_declared_is_none(folder):
    write(folder, **{"medications.csv": "subject,drug\nSYN-01,泼尼松\n".encode("gb18030")})
    assert "GB18030" in doubts(folder)[0].message
    write(folder, **{"study.toml": TOML + 'encoding = "gb18030"\n'})
    assert doubts(folder) == ()
    assert read_study(folder).medications[0].drug == "泼尼松"


def test_a_byte_that_is_no_text_spoils_its_row_alone(folder):
    bad = ROW.format(day=17, value=46).encode().replace(b"PLT", b"P\xff\xffT")
    labs(folder, LABS.encode() + bad + ROW.format(day=30, value=60).encode())
    assert values(folder) == ["45 10^9/L", "50 10^9/L", "60 10^9/L"]
    assert [one.row for one in stops(folder)] == [4]


def test_a_file_cut_off_inside_a_character_is_still_utf_8(folder):
    text = "subject,drug\nSYN-01,prednisone\nSYN-01,泼尼松".encode()[:-1]
    write(folder, **{"medications.csv": text})
    assert [one.drug for one in read_study(folder).medications] == ["prednisone"]
    assert [one.row for one in stops(folder)] == [3]


def test_an_unknown_encoding_in_study_toml_is_named(folder):
    write(folder, **{"study.toml": TOML + 'encoding = "klingon"\n'})
    assert (stops(folder)[0].file, stops(folder)[0].column) == ("study.toml", "encoding")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"PK\x03\x04", "workbook"),
        (b"\xd0\xcf\x11\xe0", "old spreadsheet"),
        (b"PAR1", ".parquet"),
        (b"", "is empty"),
        (b"\n\n", "is empty"),
    ],
)
def test_what_is_no_csv_is_named(folder, start, words):
    labs(folder, start + b"" * 20)
    assert words in stops(folder)[0].message


# --- separators and decimals --------------------------------------------------------------------


@pytest.mark.parametrize("sign", [";", "\t", "|"])
def test_other_separators_are_found_out(folder, sign):
    labs(folder, LABS.replace(",", sign))
    assert values(folder) == ["45 10^9/L", "50 10^9/L"]


def test_a_decimal_comma_is_read_where_commas_do_not_separate(folder):
    labs(folder, (HEAD + ROW.format(day=16, value="VALUE")).replace(",", ";")
         .replace("VALUE", "45,5"))  # fmt: skip
    assert values(folder) == ["45.5 10^9/L"]


@pytest.mark.parametrize("value", ["1,500", "12,345"])
def test_a_comma_that_may_be_a_thousands_sign_is_refused(folder, value):
    labs(folder, (HEAD + ROW.format(day=16, value="VALUE")).replace(",", ";")
         .replace("VALUE", value))  # fmt: skip
    assert stops(folder)[0].given == value


def test_a_comma_in_a_comma_separated_file_is_refused_unless_declared(folder):
    labs(folder, HEAD + ROW.format(day=16, value='"45,5"'))
    assert "decimal" in stops(folder)[0].message
    write(folder, **{"study.toml": TOML + 'decimal = ","\n'})
    assert values(folder) == ["45.5 10^9/L"]


def test_with_a_declared_comma_a_point_that_may_be_a_thousands_sign_is_refused(folder):
    write(folder, **{"study.toml": TOML + 'decimal = ","\n'})
    labs(folder, HEAD + ROW.format(day=16, value="1.500"))
    assert stops(folder)[0].given == "1.500"


# --- rows ---------------------------------------------------------------------------------------


def test_a_file_cut_off_in_the_middle_of_a_row_loses_that_row_alone(folder):
    labs(folder, LABS + "SYN-01,2026-03-30,PL")
    assert values(folder) == ["45 10^9/L", "50 10^9/L"]
    assert "cut off" in stops(folder)[0].message


def test_a_file_cut_off_in_its_last_cell_is_doubtful(folder):
    """A count of 45 cut to 4 looks right: only the missing line end tells."""
    labs(folder, LABS + "SYN-01,2026-03-30,PLT,45,10^9/L")
    assert len(values(folder)) == 3
    assert "may be cut off" in doubts(folder)[0].message


def test_a_quotation_mark_that_is_not_closed_is_named_with_its_row(folder):
    labs(folder, LABS + 'SYN-01,2026-03-30,"PLT,45,10^9/L\n')
    assert values(folder) == ["45 10^9/L", "50 10^9/L"]
    assert [one.row for one in stops(folder)] == [4]
    assert "not closed" in stops(folder)[0].message


@pytest.mark.parametrize("quote", ["", '"'])
def test_a_cell_of_a_million_characters_spoils_its_row_alone(folder, quote):
    long = f"{quote}{'x' * 1_000_000}{quote}"
    labs(folder, LABS + f"SYN-01,2026-03-25,{long},45,10^9/L\n" + ROW.format(day=30, value=60))
    assert values(folder) == ["45 10^9/L", "50 10^9/L", "60 10^9/L"]
    found = stops(folder)[0]
    assert (found.row, len(found.message) < 300) == (4, True)


def test_a_long_cell_is_shortened_in_the_report(folder):
    labs(folder, LABS + f"SYN-01,2026-03-25,{'x' * 100_000},45,10^9/L\n")
    report = validate(folder)
    assert len(report.text()) < 3_000
    assert len(report.json()) < 6_000


def test_a_row_with_too_many_cells_is_named(folder):
    labs(folder, LABS + "SYN-01,2026-03-25,PLT,1,500,10^9/L\n")
    assert "6 cells and the headings are 5" in stops(folder)[0].message


def test_empty_rows_and_empty_cells_at_the_end_are_passed_over(folder):
    labs(folder, LABS + "\n,,,,\n" + ROW.format(day=30, value="60").replace("\n", ",,\n"))
    assert values(folder) == ["45 10^9/L", "50 10^9/L", "60 10^9/L"]
    assert stops(folder) == ()


def test_a_row_after_a_cell_with_line_breaks_keeps_its_line(folder):
    write(
        folder, **{"medications.csv": 'subject,drug,indication\nSYN-01,a,"one\ntwo"\nSYN-01,,x\n'}
    )
    assert [one.row for one in stops(folder)] == [4]


# --- subjects -----------------------------------------------------------------------------------


def test_a_subject_stated_twice_with_other_facts_is_not_used(folder):
    write(folder, **{"subjects.csv": SUBJECTS + "SYN-01,2026-03-05,2026-03-10\n"})
    study = read_study(folder)
    assert study.subjects == ()
    assert "other facts" in study.validation.of(Severity.STOPS)[0].message
    assert study.validation.stops("SYN-01", "subjects")


def test_a_subject_stated_twice_alike_is_used_once(folder):
    write(folder, **{"subjects.csv": SUBJECTS + "SYN-01,2026-03-04,2026-03-09\n"})
    study = read_study(folder)
    assert (len(study.subjects), len(study.labs)) == (1, 2)
    assert study.validation.exit_code == 0


def test_three_rows_of_one_subject_that_differ_leave_none(folder):
    write(
        folder, **{"subjects.csv": SUBJECTS + "SYN-01,,2026-03-10\nSYN-01,2026-03-04,2026-03-09\n"}
    )
    assert read_study(folder).subjects == ()


# --- dates --------------------------------------------------------------------------------------

READ = {
    "2026-03-09": "2026-03-09",
    "2026-3-9": "2026-03-09",
    "2026/3/9": "2026-03-09",
    "2026.03.09": "2026-03-09",
    "20260309": "2026-03-09",
    "2026年3月9日": "2026-03-09",
    "9 Mar 2026": "2026-03-09",
    "09-MAR-2026": "2026-03-09",
    "9 March 2026": "2026-03-09",
    "25/03/2026": "2026-03-25",
    "03/25/2026": "2026-03-25",
    "09.09.2026": "2026-09-09",
    "2026-03-09T08:15:00Z": "2026-03-09",
    "2026-03-09 08:15": "2026-03-09",
    "2024-02-29": "2024-02-29",
}


@pytest.mark.parametrize(("text", "meant"), READ.items(), ids=READ)
def test_a_date_that_can_be_one_day_only_is_read(text, meant):
    assert day_of(text) == dt.date.fromisoformat(meant)


REFUSED = ["03/04/2026", "3.4.2026", "12-11-2026", "2026-02-29", "2026-13-01", "31/02/2026",
           "46090", "46090.5", "2026-03", "2026", "9 Foo 2026", "yesterday", "26-03-09",
           "09/03/26", "1826-03-09", "00/00/2026", "2026-03-0९"]  # fmt: skip


@pytest.mark.parametrize("text", REFUSED)
def test_a_date_that_can_be_two_days_or_none_is_refused(folder, text):
    labs(folder, LABS + f"SYN-01,{text},PLT,45,10^9/L\n")
    assert [(one.row, one.column) for one in stops(folder)] == [(4, "date")]
    assert len(values(folder)) == 2


@pytest.mark.parametrize(
    ("order", "meant"), [("day/month/year", "2026-04-03"), ("month/day/year", "2026-03-04")]
)
def test_an_ambiguous_date_is_read_where_study_toml_states_the_order(order, meant):
    assert day_of("03/04/2026", order) == dt.date.fromisoformat(meant)


def test_a_date_against_the_stated_order_is_refused(folder):
    write(folder, **{"study.toml": TOML + 'dates = "day/month/year"\n'})
    labs(folder, LABS + "SYN-01,03/25/2026,PLT,45,10^9/L\n")
    assert stops(folder)[0].column == "date"


# --- texts --------------------------------------------------------------------------------------


def test_a_formula_and_markup_in_a_cell_are_text(folder):
    formula, markup = "=cmd|'/c calc'!A1", "<script>alert(1)</script>"
    write(folder, **{"medications.csv": f"subject,drug,indication\nSYN-01,{formula},{markup}\n"})
    found = read_study(folder).medications[0]
    assert (found.drug, found.indication) == (formula, markup)


def test_control_characters_of_a_cell_do_not_reach_the_terminal(folder):
    labs(folder, LABS + "SYN-01,2026-03-25,\x1b[31mPLT,45,10^9/L\n")
    assert "\x1b" not in validate(folder).text()


def test_a_text_declared_as_missing_is_an_empty_cell(folder):
    labs(folder, LABS + ROW.format(day=30, value="NA"))
    assert stops(folder)[0].given == "NA"
    write(folder, **{"study.toml": TOML + 'missing = ["NA"]\n'})
    assert stops(folder) == ()
    assert values(folder)[2] == "None"


# --- files --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["subjects.csv", "labs.csv"])
def test_a_missing_table_that_a_study_needs_stops(folder, name):
    (folder / name).unlink()
    assert name in [one.file for one in stops(folder)]


def test_a_missing_optional_table_is_noted_and_is_unknown_not_empty(folder):
    study = read_study(folder)
    assert "bleeding.csv" in [one.file for one in study.validation.of(Severity.NOTE)]
    assert "bleeding" not in study.tables


def test_a_file_that_may_not_be_read_is_named(folder, monkeypatch):
    from pathlib import Path

    opened = Path.open

    def refused(self, *rest, **more):
        if self.name == "labs.csv":
            raise PermissionError(13, "Permission denied")
        return opened(self, *rest, **more)

    monkeypatch.setattr("pathlib.Path.open", refused)
    found = stops(folder)[0]
    assert (found.file, "Permission denied" in found.message) == ("labs.csv", True)


def test_a_file_of_another_name_is_read_where_study_toml_says_so(folder):
    (folder / "labs.csv").rename(folder / "LB.csv")
    write(folder, **{"study.toml": TOML + '[files]\nlabs = "LB.csv"\n'})
    assert len(values(folder)) == 2


@pytest.mark.parametrize("name", ["../labs.csv", "/etc/hosts", "sub/../../labs.csv"])
def test_a_file_outside_the_folder_is_not_read(folder, name):
    write(folder, **{"study.toml": TOML + f'[files]\nlabs = "{name}"\n'})
    assert any("outside" in one.message for one in stops(folder))


def test_a_csv_and_a_parquet_of_one_table_are_a_doubt(folder):
    write(folder, **{"labs.parquet": b"PAR1"})
    assert "both there" in doubts(folder)[0].message


def test_the_study_folder_is_not_a_file(folder):
    with pytest.raises(RecordError, match="is a file"):
        open_study(folder / "labs.csv")


# --- Parquet ------------------------------------------------------------------------------------


@pytest.mark.parametrize("library", ["polars", "pyarrow", "duckdb"])
def test_parquet_is_read_through_each_library(folder, monkeypatch, library):
    pytest.importorskip("polars")
    pytest.importorskip(library)
    import polars as pl

    from itp_carT.study import files

    frame = pl.DataFrame({"subject": ["SYN-01"] * 2, "analyte": ["PLT"] * 2, "value": [45.0, None],
                          "date": [dt.date(2026, 3, 16), dt.date(2026, 3, 17)],
                          "unit": ["10^9/L"] * 2, "fasting": [True, None]})  # fmt: skip
    (folder / "labs.csv").unlink()
    frame.write_parquet(folder / "labs.parquet")
    monkeypatch.setattr(files, "find_spec", lambda name: name == library or None)
    found = read_study(folder).labs
    assert [lab.date.day for lab in found] == [16, 17]
    assert found[0].value.quantity == Quantity("45 10^9/L")
    assert (found[1].value, found[0].fasting, found[1].fasting) == (None, True, None)


def test_parquet_without_a_library_says_what_to_install(folder, monkeypatch):
    from itp_carT.study import files

    (folder / "labs.csv").unlink()
    write(folder, **{"labs.parquet": b"PAR1"})
    monkeypatch.setattr(files, "find_spec", lambda _: None)
    assert "itp-cart[polars]" in stops(folder)[0].message


def test_a_truncated_parquet_file_is_named(folder):
    pytest.importorskip("polars")
    (folder / "labs.csv").unlink()
    write(folder, **{"labs.parquet": b"PAR1" + b"\x00" * 100})
    assert "not a whole Parquet file" in stops(folder)[0].message


# --- many problems ------------------------------------------------------------------------------


def test_a_thousand_problems_of_one_kind_are_listed_and_the_rest_counted(folder):
    labs(folder, HEAD + ROW.format(day=16, value="high") * 1_500)
    report = validate(folder)
    assert report.count(Severity.STOPS) == 1_500
    assert len(report.of(Severity.STOPS)) == 1_000
    assert "500 more" in report.text()


def test_a_large_file_in_the_order_of_the_subjects_is_not_held_in_memory(folder, monkeypatch):
    from itp_carT.study import folder as module

    names = [f"SYN-{n:02}" for n in range(9)]
    write(
        folder,
        **{
            "subjects.csv": "subject,infusion\n" + "".join(f"{name},2026-03-09\n" for name in names)
        },
    )
    rows = [ROW.format(day=16, value=n).replace("SYN-01", f"SYN-{n:02}") for n in range(1, 9)]
    found = {}
    for name, order in {"sorted": rows, "unsorted": rows[::-1]}.items():
        labs(
            folder, HEAD + "".join(order) + ROW.format(day=16, value=1).replace("SYN-01", "SYN-99")
        )
        for small in (0, 1 << 20):
            monkeypatch.setattr(module, "SMALL", small)
            opened = open_study(folder)
            patients = [(one.id, [str(lab.value) for lab in one.labs]) for one in opened.patients()]
            found[name, small] = patients, opened.validation.tables, opened.validation.stopped
    first, *rest = found.values()
    assert first[0][1] == ("SYN-01", ["1 10^9/L"])
    assert all(one == first for one in rest)
