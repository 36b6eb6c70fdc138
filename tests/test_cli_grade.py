"""The command ``itp-cart grade``: a file in, the same rows out with grade or reason."""

import csv
import io
import random
import signal
import subprocess
import sys
import time
from functools import cache

import pytest
from click.testing import CliRunner

from itp_carT import strategies
from itp_carT.cli import grade_run, laboratory_parquet, main
from itp_carT.toxicity import ctcae_v5

LABS = """patient,term,value,unit,lln,uln,baseline,site
SYN-01,Platelet count decreased,75,10^9/L,150,,,007
SYN-01,platelet count decreased,24900,/mm3,150000,,,007
SYN-01,10035528,24,,150,,,007
SYN-02,Anemia,8.0,g/dL,12,,,NA
SYN-02,Anemia,112,g/L,,,,NA
SYN-02,Alanine aminotransferase increased,120,,,40,30,NA
SYN-02,Alanine aminotransferase increased,90,,,40,60,NA
SYN-03,Hypokalemia,3.2,mmol/L,3.5,5.1,,NA
SYN-03,No such term,3.2,mmol/L,3.5,5.1,,NA
SYN-03,Anemia,,g/L,120,,,NA
"""
GRADES = ["1", "4", "", "2", "", "1", "1", "", "", ""]
REASONS = {
    2: "no unit, and the term has limits with units",
    4: "not settled: give the lower limit of normal",
    7: "not settled: say whether symptomatic",
    8: "unknown term",
    9: "no value, or not a finite number",
}
ADDED = ["grade", "grade_worst", "grade_mildest", "reason"]


@pytest.fixture
def write(tmp_path):
    def put(text, name="labs.csv", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return str(path)

    return put


def run(*arguments, edition="ctcae-v5.0"):
    return CliRunner().invoke(main, ["grade", *arguments, "--edition", edition])


def graded(text, separator=","):
    return list(csv.DictReader(io.StringIO(text), delimiter=separator))


@pytest.fixture(params=["one by one", "with Polars"])
def reader(request, monkeypatch):
    """Both ways to grade a file; the file decides for itself by its length."""
    if request.param == "with Polars":
        pytest.importorskip("polars", reason="needs Polars, an extra")
        monkeypatch.setattr(grade_run, "FEW", 0)
    else:
        monkeypatch.setattr(grade_run, "has_polars", lambda: False)
    return request.param


@pytest.mark.usefixtures("reader")
def test_every_row_has_a_grade_or_a_reason_and_keeps_its_columns(write):
    done = run(write(LABS))
    assert done.exit_code == 0, done.output
    rows = graded(done.stdout)
    before = graded(LABS)
    assert [row["grade"] for row in rows] == GRADES
    assert list(rows[0]) == [*before[0], *ADDED]
    for at, (row, old) in enumerate(zip(rows, before, strict=True)):
        assert {name: row[name] for name in old} == old
        assert row["reason"] == REASONS.get(at, "")
    assert (rows[7]["grade_worst"], rows[7]["grade_mildest"]) == ("2", "1")
    assert (rows[4]["grade_worst"], rows[4]["grade_mildest"]) == ("1", "0")


def test_the_summary_says_how_many_were_graded_and_why_others_were_not(write):
    done = run(write(LABS))
    assert "5 of 10 rows graded (grade 1: 3, grade 2: 1, grade 4: 1)" in done.stderr
    assert "1 not graded: unknown term" in done.stderr


# --- cells that cannot be read --------------------------------------------------------------------

BAD = """term,value,unit,lln,comment
Anemia,<3,g/dL,12,a bound
Anemia,"7,9",g/dL,12,a decimal comma
Anemia,7.9 g/dL,g/dL,12,a unit beside it
Anemia,seven,g/dL,12,a word
Anemia,7.9,g/dL,>12,a bound of normal
Anemia,7,9,g/dL,12,too many
Anemia,7.9,g/dL
Anemia,NA,g/dL,12,nothing
Anemia,7.9,NA,12,no unit
Anemia,7.9,g/dL,12,good
Anemia,7_9,g/dL,12,python
Anemia,1e400,g/dL,12,beyond
Anemia, +7.9e0 ,g/dL, ,spaces
"""
WHY = [
    "value is a bound of the assay, not a value: nothing says how far beyond it is",
    "value has a comma: write decimals with a point, and thousands without a sign",
    "value has something beside the number: a unit has a column of its own",
    "value is not a number",
    "lln is a bound of the assay, not a value: nothing says how far beyond it is",
    "the row has more fields than the header",
    "the row has fewer fields than the header",
    "no value, or not a finite number",
    "no unit, and the term has limits with units",
    "",
    "value has something beside the number: a unit has a column of its own",
    "no value, or not a finite number",
    "",
]


@pytest.mark.usefixtures("reader")
def test_a_cell_that_cannot_be_read_is_told_by_line_and_column_and_kept(write):
    done = run(write(BAD))
    assert done.exit_code == 1
    rows = graded(done.stdout)
    assert [row["reason"] for row in rows] == WHY
    assert [row["grade"] for row in rows] == [""] * 9 + ["3", "", "", "3"]
    assert rows[0]["value"] == "<3"
    assert rows[6]["comment"] == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith('labs.csv line 2, column value: "<3" is a bound')
    assert lines[4].startswith('labs.csv line 6, column lln: ">12" is a bound')
    assert lines[5].startswith("labs.csv line 7: ")
    assert "the row has more fields than the header" in lines[5]
    assert "too many" in lines[5]


# --- one by one and with an engine: the same ------------------------------------------------------


@cache
def edges_of(table):
    return tuple(strategies.edges(table))


def mixed(rows=2000):
    """Synthetic rows of every v5.0 term about one measure, around its limits, facts left out."""
    chance = random.Random(20260309)
    made = []
    tables = [table for table in ctcae_v5.TABLES if len(table.measures) == 1]
    for _ in range(rows):
        table = chance.choice(tables)
        measure = table.measures[0]
        edge = chance.choice(edges_of(table))
        symbol = str(edge.value).rpartition(" ")[2]
        cells = [str(x.magnitude) if x is not None and chance.random() < 0.85 else ""
                 for x in (edge.value, edge.lln, edge.uln, edge.baseline)]  # fmt: skip
        value = chance.choice((cells[0], cells[0], cells[0], cells[0], "NA", "<3", "1,5", "-1"))
        unit = chance.choice((symbol, symbol, symbol, symbol, "", "furlong", "kg", measure.unit))
        made.append({
            "term": chance.choice((table.name, table.name.upper(), table.code or table.term, "x")),
            "value": value, "unit": unit, "lln": cells[1], "uln": cells[2], "baseline": cells[3],
            "baseline_flag": chance.choice(("", "", "", "H", "low", "normal", "odd")),
            "is_baseline": chance.choice(("", "", "no", "Y")),
            "symptomatic": chance.choice(("", "yes", "no", "perhaps", "0")),
            "anticoagulated": chance.choice(("", "TRUE", "false")),
            "note": chance.choice(("", 'a "quoted" word', "two\nlines", "x,y")),
        })  # fmt: skip
    text = io.StringIO()
    writer = csv.DictWriter(text, made[0], lineterminator="\n")
    writer.writeheader()
    writer.writerows(made)
    return text.getvalue()


@pytest.mark.parametrize("edition", ["ctcae-v5.0", "ctcae-v4.03", "ctcae-v6.0"])
def test_with_and_without_an_engine_the_output_is_the_same(write, monkeypatch, edition):
    pytest.importorskip("polars", reason="needs Polars, an extra")
    file = write(mixed())
    outputs = []
    for few in (0, 10**9):
        monkeypatch.setattr(grade_run, "FEW", few)
        done = run(file, edition=edition)
        outputs.append((done.stdout_bytes, done.stderr, done.exit_code))
    assert outputs[0] == outputs[1]
    rows = graded(outputs[0][0].decode())
    assert len(rows) == 2000
    assert all(bool(row["grade"]) != bool(row["reason"]) for row in rows)
    assert len({row["reason"] for row in rows}) > 15


# --- the output -----------------------------------------------------------------------------------


def test_the_output_has_the_rows_and_nothing_is_replaced_unasked(write, tmp_path):
    file, output = write(LABS), tmp_path / "graded.csv"
    assert run(file, "-o", str(output)).exit_code == 0
    assert [row["grade"] for row in graded(output.read_text(encoding="utf-8"))] == GRADES
    again = run(file, "-o", str(output))
    assert again.exit_code == 2
    assert "graded.csv exists: name another file, or add --force" in again.stderr
    assert run(file, "-o", str(output), "--force").exit_code == 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["graded.csv", "labs.csv"]


@pytest.mark.parametrize("name", ["labs.csv", "link.csv"])
def test_the_input_is_never_replaced(write, tmp_path, name):
    file = write(LABS)
    if name == "link.csv":
        (tmp_path / name).symlink_to(file)
    done = run(file, "-o", str(tmp_path / name), "--force")
    assert done.exit_code == 2
    assert "is the file that is read" in done.stderr
    assert (tmp_path / "labs.csv").read_text(encoding="utf-8") == LABS


def test_a_place_without_directory_is_refused(write, tmp_path):
    assert "has no directory" in run(write(LABS), "-o", str(tmp_path / "no" / "x.csv")).stderr
    assert "is a directory" in run(write(LABS), "-o", str(tmp_path)).stderr


def test_a_run_that_fails_on_its_way_leaves_nothing(tmp_path):
    long = LABS + LABS.partition("\n")[2] * 30_000
    file = tmp_path / "broken.csv"
    file.write_bytes(long.encode() + b"SYN-09,\xc6\xbd\xbe\xf9,1,10^9/L,,,,\n")
    for output in ("out.csv", "out.parquet"):
        done = run(str(file), "-o", str(tmp_path / output))
        assert done.exit_code == 2
        assert "broken.csv near line 300012: is not text in UTF-8" in done.stderr
        assert "--encoding gb18030" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["broken.csv"]


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without asking it")
@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_ended_leaves_nothing(tmp_path, how):
    file = tmp_path / "labs.csv"
    with file.open("w", encoding="utf-8") as text:
        text.write(LABS)
        for _ in range(40):
            text.write(LABS.partition("\n")[2] * 10_000)
    command = [sys.executable, "-m", "itp_carT", "grade", str(file), "--edition", "ctcae-v5.0"]
    with subprocess.Popen([*command, "-o", str(tmp_path / "out.csv")]) as process:
        while len(list(tmp_path.iterdir())) < 2:
            assert process.poll() is None
            time.sleep(0.02)
        process.send_signal(how)
        assert process.wait(60) != 0
    assert [path.name for path in tmp_path.iterdir()] == ["labs.csv"]


# --- how files are written ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encoding", "options", "bom"),
    [
        ("utf-8", (), False),
        ("utf-8-sig", (), True),
        ("gb18030", ("--encoding", "gb18030"), False),
        ("utf-16", ("--encoding", "utf-16"), False),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_encodings_separators_and_line_ends(write, encoding, options, bom, separator, end):
    text = LABS.replace("007", "北京").replace(",", separator).replace("\n", end)
    done = run(write(text, encoding=encoding), *options)
    assert done.exit_code == 0, done.output
    out = done.stdout_bytes.decode("utf-8")
    assert out.startswith("\ufeff") is bom
    rows = graded(out.removeprefix("\ufeff"), separator)
    assert [row["grade"] for row in rows] == GRADES
    assert rows[0]["site"] == "北京"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "needs the columns value and term (or analyte): it is empty"),
        ("a,b\n1,2\n", "needs the columns value and term (or analyte): its first line is a, b"),
        ("term,value,Value\n", 'has two columns "Value"'),
        ("term,value,grade\n", 'has a column "grade"'),
        ('term,value\nAnemia,"7.9\n' + "x" * 140_000, "is a quote not closed?"),
        ("PK\x03\x04", "is an Excel workbook or an archive: give a CSV or a Parquet file"),
        ("\x1f\x8b", "is an Excel"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(write, text, said):
    if text == "\x1f\x8b":
        said = "is compressed"
    done = run(write(text, encoding="latin-1"))
    assert done.exit_code == 2
    assert said in done.stderr
    assert done.stdout == ""


def test_a_file_that_is_not_there_and_an_encoding_that_is_none(write, tmp_path):
    assert "cannot be read" in run(str(tmp_path / "none.csv")).stderr
    done = run(write(LABS), "--encoding", "klingon")
    assert done.exit_code == 2
    assert '--encoding: "klingon" is not an encoding' in done.stderr


def test_an_edition_must_be_named(write):
    assert CliRunner().invoke(main, ["grade", write(LABS)]).exit_code == 2
    done = run(write(LABS), edition="5")
    assert "--edition: " in done.stderr
    assert "write ctcae-v4.03, ctcae-v5.0, ctcae-v6.0" in done.stderr


@pytest.mark.usefixtures("reader")
def test_a_header_alone_gives_a_header(write):
    done = run(write("term,value\n"))
    assert done.stdout == f"term,value,{','.join(ADDED)}\n"
    assert "0 of 0 rows graded" in done.stderr


@pytest.mark.usefixtures("reader")
def test_header_names_in_any_case_and_empty_lines(write):
    done = run(write("TERM, Value ,UNIT\n\nanemia,7.9,g/dL\n\n"))
    assert done.stdout == f"TERM, Value ,UNIT,{','.join(ADDED)}\nanemia,7.9,g/dL,3,3,3,\n"


# --- what is judged -------------------------------------------------------------------------------


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize(
    ("edition", "header", "row", "grade"),
    [
        ("ctcae-v5.0", "term,value,unit", "Hypercalcemia (Ionized),1.55,mmol/L", "2"),
        ("ctcae-v5.0", "term,value,unit", "Hypercalcemia (Corrected),3.0,mmol/L", "2"),
        ("ctcae-v5.0", "term,analyte,value,unit", "Hypercalcemia,ionized calcium,1.55,mmol/L", "2"),
        ("ctcae-v5.0", "analyte,value,unit", "platelets,24,10^9/L", "4"),
        ("ctcae-v5.0", "term,analyte,value,unit,lln", "Hyponatremia,Na,133,mmol/L,135", "1"),
        # NA in capitals is R's missing text, and leaves the term alone
        ("ctcae-v5.0", "term,analyte,value,unit", "Anemia,NA,7.9,g/dL", "3"),
        ("ctcae-v5.0", "term,analyte,value,unit", "NA,hemoglobin,7.9,g/dL", ""),
        ("ctcae-v6.0", "term,value,unit", "Thrombocytopenia,24,10^9/L", "3"),
        ("ctcae-v4.03", "term,value,unit", "Platelet count decreased,24,10^9/L", "4"),
        # limits of normal and baseline alone: value and limits without a unit are in one unit
        ("ctcae-v5.0", "term,value,uln", "Alanine aminotransferase increased,121,40", "2"),
        ("ctcae-v5.0", "term,value,uln", "Creatinine increased,121,40", "3"),
        ("ctcae-v5.0", "term,value,uln", "Fever,39.5,40", ""),
        ("ctcae-v5.0", "term,value", "INR increased,2.6", ""),
        ("ctcae-v5.0", "term,value,anticoagulated", "INR increased,2.6,no", "3"),
        ("ctcae-v5.0", "term,value,unit,symptomatic", "Hypokalemia,3.2,mmol/L,no", ""),
        ("ctcae-v5.0", "term,value,unit,lln,symptomatic", "Hypokalemia,3.2,mmol/L,3.5,no", "1"),
        ("ctcae-v5.0", "term,value,unit,lln,symptomatic", "Hypokalemia,3.2,mmol/L,3.5,yes", "2"),
        # the laboratory's flag goes before the comparison of baseline and limit
        ("ctcae-v5.0", "term,value,uln,baseline,baseline_flag",
         "Alanine aminotransferase increased,89,40,60,", "0"),
        ("ctcae-v5.0", "term,value,uln,baseline,baseline_flag",
         "Alanine aminotransferase increased,89,40,60,NORMAL", "1"),
        ("ctcae-v5.0", "term,value,uln,baseline,is_baseline",
         "Alanine aminotransferase increased,60,40,60,yes", "1"),
    ],
)  # fmt: skip
def test_one_row(write, edition, header, row, grade):
    (found,) = graded(run(write(f"{header}\n{row}\n"), edition=edition).stdout)
    assert found["grade"] == grade
    assert bool(found["reason"]) is not bool(grade)


# --- Parquet --------------------------------------------------------------------------------------


@pytest.fixture(params=["polars", "pyarrow"])
def only(request, monkeypatch):
    """One engine, as if no other were installed."""
    pytest.importorskip(request.param, reason=f"needs {request.param}, an extra")
    real = laboratory_parquet.find_spec
    monkeypatch.setattr(
        laboratory_parquet, "find_spec", lambda name: real(name) if name == request.param else None
    )
    return request.param


@pytest.mark.usefixtures("only")
def test_parquet_in_and_out(write, tmp_path, monkeypatch):
    pl = pytest.importorskip("polars", reason="needs Polars, an extra")
    monkeypatch.setattr(grade_run, "_PIECE", 4)
    frame = pl.read_csv(write(LABS)).with_columns(pl.date(2026, 3, 9).alias("date"))
    frame.write_parquet(tmp_path / "labs.parquet")
    done = run(str(tmp_path / "labs.parquet"), "-o", str(tmp_path / "graded.parquet"))
    assert done.exit_code == 0, done.output
    found = pl.read_parquet(tmp_path / "graded.parquet")
    assert found.select(frame.columns).equals(frame)
    assert found["grade"].to_list() == [int(g) if g else None for g in GRADES]
    assert found.schema["grade"] == pl.Int8
    assert "5 of 10 rows graded" in done.stderr
    printed = graded(run(str(tmp_path / "labs.parquet")).stdout)
    assert [row["grade"] for row in printed] == GRADES
    assert {"labs.csv", "labs.parquet", "graded.parquet"} == {p.name for p in tmp_path.iterdir()}


@pytest.mark.usefixtures("only")
def test_csv_to_parquet_keeps_texts(write, tmp_path, monkeypatch):
    pl = pytest.importorskip("polars", reason="needs Polars, an extra")
    monkeypatch.setattr(grade_run, "_CHUNK", 4)
    assert run(write(LABS), "-o", str(tmp_path / "graded.parquet")).exit_code == 0
    found = pl.read_parquet(tmp_path / "graded.parquet")
    assert found["site"].to_list()[:4] == ["007"] * 3 + ["NA"]
    assert found["grade"].to_list() == [int(g) if g else None for g in GRADES]
    assert run(write("term,value\n", "e.csv"), "-o", str(tmp_path / "e.parquet")).exit_code == 0
    assert pl.read_parquet(tmp_path / "e.parquet").columns == ["term", "value", *ADDED]
    twice = run(write("term,value,a,a\n", "t.csv"), "-o", str(tmp_path / "t.parquet"))
    assert 'has two columns "a"' in twice.stderr


@pytest.mark.usefixtures("only")
def test_numbers_in_a_parquet_column_of_texts_are_read_as_in_csv(write, tmp_path):
    pl = pytest.importorskip("polars", reason="needs Polars, an extra")
    good = BAD.replace("Anemia,7,9,", "Anemia,<7,").replace("7.9,g/dL\n", "7.9,g/dL,12,\n")
    pl.read_csv(write(good), infer_schema=False).write_parquet(tmp_path / "x.parquet")
    done = run(str(tmp_path / "x.parquet"))
    assert done.exit_code == 1
    assert [row["reason"] for row in graded(done.stdout)] == [
        row["reason"] for row in graded(run(write(good)).stdout)
    ]
    assert 'x.parquet row 1, column value: "<3" is a bound' in done.stderr


@pytest.mark.usefixtures("only")
def test_a_parquet_file_that_is_none(write):
    done = run(write("PAR1 but nothing else", "x.parquet"))
    assert done.exit_code == 2
    assert "x.parquet cannot be read as Parquet" in done.stderr


@pytest.mark.usefixtures("only")
def test_an_empty_parquet_file(tmp_path):
    pl = pytest.importorskip("polars", reason="needs Polars, an extra")
    empty = pl.DataFrame(schema={"term": pl.String, "value": pl.Float64})
    empty.write_parquet(tmp_path / "x.parquet")
    assert run(str(tmp_path / "x.parquet"), "-o", str(tmp_path / "y.parquet")).exit_code == 0
    assert pl.read_parquet(tmp_path / "y.parquet").height == 0


def test_without_an_engine_parquet_is_refused_with_what_to_install(write, tmp_path, monkeypatch):
    monkeypatch.setattr(laboratory_parquet, "find_spec", lambda _: None)
    for arguments in ([write("PAR1", "x.parquet")], [write(LABS), "-o", str(tmp_path / "y.pq")]):
        done = run(*arguments)
        assert done.exit_code == 2
        assert "Parquet needs Polars or PyArrow: install itp-cart[polars]" in done.stderr


PLAIN = """
import sys
for engine in ("polars", "pandas", "pyarrow", "duckdb", "numpy", "dask", "pyspark"):
    sys.modules[engine] = None  # as if it were not installed
import itp_carT.cli.grade_run as run
from itp_carT.cli import main
run.FEW = 0
main(sys.argv[1:])
"""


def test_the_core_alone_grades_csv_and_refuses_parquet(write, tmp_path):
    """As after `pip install itp-cart`, without any extra."""
    command = [sys.executable, "-c", PLAIN, "grade", write(LABS), "--edition", "ctcae-v5.0"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, encoding="utf-8")
    assert [row["grade"] for row in graded(done.stdout)] == GRADES
    done = subprocess.run([*command, "-o", str(tmp_path / "x.parquet")], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.returncode == 2
    assert "Parquet needs Polars or PyArrow" in done.stderr
