"""CRS and ICANS over columns: engines agree with the published levels and the scalar reader."""

import csv
import warnings
from itertools import product
from pathlib import Path

import pytest

pytest.importorskip("polars", reason="needs Polars, an extra")

import narwhals.stable.v2 as nw
import polars as pl

from itp_carT import frames
from itp_carT.errors import (
    ItpCarTError,
    RecordError,
    UnitRequiredError,
    UnknownTermError,
    UnusualValueWarning,
)
from itp_carT.frames import findings
from itp_carT.toxicity.astct_2019 import Ice, crs, icans

PUBLISHED = Path(__file__).parent / "published"
ENGINES = ("polars", "polars lazy", "pandas", "pyarrow", "duckdb")
KINDS = {
    "patient": pl.String,
    "day": pl.Int64,
    "temperature": pl.Float64,
    "temperature_unit": pl.String,
    "hypotension": pl.String,
    "vasopressors": pl.String,
    "hypoxia": pl.String,
    "flow": pl.Float64,
    "flow_unit": pl.String,
    "masked_by": pl.String,
    "fever_explained": pl.String,
    "vasopressin_alone": pl.String,
    "death": pl.String,
}
FINDINGS = list(KINDS)[2:]
GRADES = ("crs_grade", "crs_grade_worst", "crs_grade_mildest")


def native(rows, engine, kinds=KINDS):
    """A frame of an engine; rows are dictionaries, what they leave out is null."""
    table = {name: [row.get(name) for row in rows] for name in kinds}
    found = pl.DataFrame(table, schema=kinds)
    if engine == "polars lazy":
        return found.lazy()
    if engine == "pandas":
        pd = pytest.importorskip("pandas", reason="needs pandas, an extra")
        return pd.DataFrame(table)
    if engine in ("pyarrow", "duckdb", "spark"):
        pytest.importorskip("pyarrow", reason="needs PyArrow, an extra")
        arrow = found.to_arrow()
        if engine == "pyarrow":
            return arrow
        duckdb = pytest.importorskip("duckdb", reason="needs DuckDB, an extra")
        return duckdb.from_arrow(arrow)
    return found


def records(graded):
    """The rows of a frame of any engine; what stands for nothing is None."""
    frame = nw.from_native(graded)
    frame = frame.collect() if isinstance(frame, nw.LazyFrame) else frame
    return [
        {
            name: None if value is None or value != value or str(value) == "<NA>" else value  # noqa: PLR0124
            for name, value in row.items()
        }
        for row in frame.rows(named=True)
    ]


def split(text):
    """'38.0 Cel' as number and unit."""
    number, _, unit = (text or "").partition(" ")
    return (float(number), unit) if text else (None, None)


def levels(file, domain):
    with (PUBLISHED / file).open(encoding="utf-8", newline="") as source:
        return [
            (row["finding"] or None, row["more"] or None, set(map(int, row["levels"].split("|"))))
            for row in csv.DictReader(source)
            if row["domain"] == domain
        ]


def every_combination():
    """Each combination of the published findings as a row, with the grades it may have."""
    domains = ("fever", "explained", "masked", "hypotension", "hypoxia")
    cases = product(*(levels("crs_astct.csv", domain) for domain in domains))
    for number, (hot, why, hidden, pressure, oxygen) in enumerate(cases):
        degrees, degree = split(hot[0])
        flow, flow_unit = split(oxygen[1])
        row = {
            "patient": f"SYN-{number % 97:02d}", "day": number,
            "temperature": degrees, "temperature_unit": degree, "fever_explained": why[0],
            "masked_by": hidden[0], "hypotension": pressure[0], "vasopressors": pressure[1],
            "hypoxia": oxygen[0], "flow": flow, "flow_unit": flow_unit,
        }  # fmt: skip
        fever = {0} if why[2] == {1} else hot[2]
        grades = {
            max(degree, support, device) if degree or masked else 0
            for degree, masked, support, device in product(fever, hidden[2], pressure[2], oxygen[2])
        }
        yield row, grades


CASES = list(every_combination())


@pytest.mark.parametrize("engine", ENGINES)
def test_every_combination_of_findings(engine):
    """The grade where one is left, the bounds where not; row order, and a reason where open."""
    found = records(frames.crs(native([row for row, _ in CASES], engine)))
    assert len(found) == len(CASES) > 9_000
    wrong = []
    for (row, grades), got in zip(CASES, found, strict=True):
        want = (grades.copy().pop() if len(grades) == 1 else None, max(grades), min(grades))
        same = tuple(got[name] for name in GRADES) == want and got["day"] == row["day"]
        if not same or (got["crs_reason"] is None) is not (want[0] is not None):
            wrong.append((row, got, want))
    assert wrong == []
    assert {got["crs_scale"] for got in found} == {"crs:astct-2019"}


def scalar(row):
    """The scalar reader on one row: grade, worst, mildest; an error is no grade at all."""

    def measure(name):
        return None if row[name] is None else f"{row[name]!r} {row[f'{name}_unit'] or ''}"

    said = {name: row[name] for name in FINDINGS if not name.startswith(("temperature", "flow"))}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UnusualValueWarning)
            found = crs(temperature=measure("temperature"), flow=measure("flow"), **said)
    except ItpCarTError:
        return (None, None, None), ()
    grades = [int(grade) for grade in found.possible]
    settled = grades[0] if found.settled else None
    return (settled, max(grades), min(grades)), found.missing


AWKWARD = {
    "temperature": [
        (None, None), (37.0, "Cel"), (39.0, None), (39.0, "Celsius degrees"), (46.0, "Cel"),
        (102.0, "Cel"), (102.2, "degF"), (43.0, "°C"), (38.0 * (1 - 1e-12), "Cel"),
    ],
    "hypotension": [None, "no vasopressor", "One  Vasopressor", "severe"],
    "vasopressors": [
        None, "none", "vasopressin", "noradrenaline;adrenaline", "vasopressin + other vasopressor",
        "none + dopamine", "aspirin",
    ],
    "hypoxia": [
        None, "Room Air", "high_flow nasal cannula", "low-flow cannula", "nasal cannula", "mask",
        "intubation for airway protection only", "iron lung",
    ],
    "flow": [(None, None), (6.0, "L/min"), (7.0, "L/min"), (0.0, "L/min"), (6.0, None), (6.0, "L")],
    "answers": [(None, None, None), ("yes", "no", None), ("no", "yes", "no"), (None, None, "yes")],
}  # fmt: skip


def awkward():
    for at, (heat, word, drugs, device, flow, said) in enumerate(product(*AWKWARD.values())):
        if at % 11 == 0:  # enough for every pair of findings to occur
            yield dict(
                zip(
                    KINDS,
                    ("SYN", at, *heat, word, drugs, device, *flow, ("none", None)[at % 2], *said),
                    strict=True,
                )
            )


ROWS = list(awkward())


@pytest.fixture(scope="module")
def by_scalar():
    return [scalar(row) for row in ROWS]


@pytest.mark.parametrize("engine", ENGINES)
def test_other_spellings_units_and_contradictions(engine, by_scalar):
    """What the scalar reader refuses has no grade and no bounds, and a reason with its column."""
    found = records(frames.crs(native(ROWS, engine)))
    wrong = []
    for row, (want, missing), got in zip(ROWS, by_scalar, found, strict=True):
        if tuple(got[name] for name in GRADES) != want:
            wrong.append((row, want, got))
        reason = got["crs_reason"]
        if want == (None, None, None):
            assert reason.partition(":")[0] in KINDS
        elif want[0] is None:
            assert reason.startswith("not settled: not told: ")
            assert missing
        else:
            assert reason is None
    assert wrong == []
    refused = sum(want == (None, None, None) for want, _ in by_scalar)
    assert len(ROWS) / 4 < refused < len(ROWS)  # both kinds are there


FILL = {
    "body temperature": {"temperature": 39.0, "temperature_unit": "Cel"},
    "fever masked by antipyretic or anticytokine therapy given in CRS": {"masked_by": "none"},
    "hypotension": {"hypotension": "none"},
    "vasopressin alone counts as one vasopressor": {"vasopressin_alone": "no"},
    "oxygen device": {"hypoxia": "none"},
    "oxygen flow by nasal cannula": {"flow": 2.0, "flow_unit": "L/min"},
}


def test_a_reason_names_what_settles_the_grade():
    """Told what the reason asks for, every open row is settled, and by nothing else."""
    rows = [row for row, grades in CASES if len(grades) > 1]
    filled = []
    for row, got in zip(rows, records(frames.crs(native(rows, "polars"))), strict=True):
        asked = got["crs_reason"].removeprefix("not settled: not told: ").split(", ")
        more = {}
        for label in asked:
            more |= FILL[label]
        if row["vasopressors"] == "vasopressin":
            more.pop("hypotension", None)
        filled.append(row | more)
    again = records(frames.crs(native(filled, "polars")))
    assert {row["crs_reason"] for row in again} == {None}


# --- what is never a grade ------------------------------------------------------------------------

QUIET = {"hypotension": "none", "hypoxia": "none", "masked_by": "none"}


@pytest.mark.parametrize("engine", ["polars", "pandas"])
@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "not settled: not told: body temperature"),
        ({"temperature": 39.0}, "temperature_unit: the value has no unit"),
        ({"temperature": 39.0, "temperature_unit": "kg"}, "temperature_unit: not a unit"),
        ({"temperature": 102.0, "temperature_unit": "Cel"}, "temperature: outside 25 to 45 Cel"),
        ({"hypoxia": "iron lung"}, "hypoxia: write none, low-flow nasal cannula"),
        ({"hypoxia": "nasal cannula", "flow": 6.0}, "flow_unit: the value has no unit"),
        ({"hypoxia": None, "flow": 6.0, "flow_unit": "L/min"}, "flow: needs its device"),
        ({"flow": 6.0, "flow_unit": "L/min"}, "flow: does not agree with the device"),
        ({"vasopressors": "dopamine"}, "hypotension: does not agree with the vasopressors"),
        ({"masked_by": "prayer"}, "masked_by: write antipyretic, tocilizumab"),
        ({"death": "perhaps"}, "death: write yes or no"),
    ],
)
def test_never_a_grade(engine, row, reason):
    fever = {"temperature": 39.0, "temperature_unit": "Cel"} if row and "temperature" not in row \
        else {}  # fmt: skip
    got = records(frames.crs(native([QUIET | fever | row], engine)))[0]
    assert got["crs_grade"] is None
    assert got["crs_reason"].startswith(reason)


def test_an_empty_frame_and_a_frame_with_one_finding():
    assert records(frames.crs(native([], "polars"))) == []
    alone = pl.DataFrame({"hypoxia": ["CPAP", None]})
    got = records(frames.crs(alone))
    assert [(row["crs_grade_worst"], row["crs_grade_mildest"]) for row in got] == [(4, 0), (4, 0)]
    with pytest.raises(UnknownTermError, match="temperature"):
        frames.crs(pl.DataFrame({"patient": ["SYN"]}))


def test_values_without_a_unit_and_wrong_columns_are_refused():
    df = pl.DataFrame({"temperature": [39.0], "hypotension": ["none"]})
    with pytest.raises(UnitRequiredError, match='temperature_unit="Cel"'):
        frames.crs(df)
    with pytest.raises(UnitRequiredError, match="neither a column nor a unit"):
        frames.crs(df, temperature_unit="kg")
    with pytest.raises(UnknownTermError, match='no column "TEMP"'):
        frames.crs(df, temperature="TEMP", temperature_unit="Cel")
    with pytest.raises(RecordError, match="convert it"):
        frames.crs(pl.DataFrame({"temperature": ["39"]}), temperature_unit="Cel")
    with pytest.raises(RecordError, match="text"):
        frames.crs(pl.DataFrame({"vasopressors": [["dopamine"]]}))
    done = frames.crs(df, temperature_unit="Cel")
    with pytest.raises(RecordError, match="overwrite"):
        frames.crs(done, temperature_unit="Cel")
    assert frames.crs(done, temperature_unit="Cel", overwrite=True).equals(done)


def test_columns_of_other_names_and_kinds():
    df = pl.DataFrame(
        {
            "TEMP": [102, 98],
            "BP": pl.Series(["fluids", "none"], dtype=pl.Categorical),
            "O2": ["none", "none"],
            "dead": [False, None],
        }
    )
    got = records(
        frames.crs(df, temperature="TEMP", temperature_unit="degF", hypotension="BP", hypoxia="O2",
                   death="dead")
    )  # fmt: skip
    assert [row["crs_grade"] for row in got] == [2, 0]
    assert df.columns == list(got[0])[:4]


def test_a_column_of_very_many_words_is_read_like_one_of_few(monkeypatch):
    rows = ROWS[::7]
    few = records(frames.crs(native(rows, "polars")))
    monkeypatch.setattr(findings, "MANY", 0)
    assert records(frames.crs(native(rows, "polars"))) == few


@pytest.mark.dask
def test_dask_agrees():
    import dask.dataframe as dd

    rows = ROWS[::7]
    parts = dd.from_pandas(native(rows, "pandas"), npartitions=3)
    got = records(frames.crs(parts).compute())
    assert got == records(frames.crs(native(rows, "pandas")))


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # PySpark's own, of its start and of its sockets
def test_spark_agrees(spark):
    rows = ROWS[::7]
    frame = spark.createDataFrame(
        [tuple(row[name] for name in KINDS) for row in rows],
        ", ".join(
            f"{name} {'double' if kind == pl.Float64 else 'int' if kind == pl.Int64 else 'string'}"
            for name, kind in KINDS.items()
        ),
    )
    got = sorted((row.asDict() for row in frames.crs(frame).collect()), key=lambda row: row["day"])
    assert got == records(frames.crs(native(rows, "polars")))


# --- ICANS ----------------------------------------------------------------------------------------

TASKS = ("orientation", "naming", "command", "writing", "counting")
ICANS_KINDS = {
    "day": pl.Int64,
    "ice": pl.Int64,
    **dict.fromkeys(TASKS, pl.Int64),
    "consciousness": pl.String,
    "seizure": pl.String,
    "seizure_duration": pl.Float64,
    "seizure_duration_unit": pl.String,
    "motor": pl.String,
    "pressure": pl.String,
    "death": pl.String,
}
ICANS_GRADES = ("icans_grade", "icans_grade_worst", "icans_grade_mildest")


def graded(rows, engine):
    return records(frames.icans(native(rows, engine, ICANS_KINDS)))


def every_combination_of_domains():
    domains = ("ice", "consciousness", "seizure", "motor", "pressure")
    cases = product(*(levels("icans_astct.csv", domain) for domain in domains))
    for at, (ice, arousal, fit, motor, pressure) in enumerate(cases):
        if ice[0] not in (None, "0") and arousal[2] == {4}:
            continue  # refused
        lasted, unit = split(fit[1])
        row = {
            "day": at, "ice": None if ice[0] is None else int(ice[0]), "consciousness": arousal[0],
            "seizure": fit[0], "seizure_duration": lasted, "seizure_duration_unit": unit,
            "motor": motor[0], "pressure": pressure[0],
        }  # fmt: skip
        yield row, set(map(max, product(*(found[2] for found in (ice, arousal, fit, motor,
                                                                 pressure)))))  # fmt: skip


ICANS_CASES = list(every_combination_of_domains())


@pytest.mark.parametrize("engine", ENGINES)
def test_every_combination_of_domains(engine):
    found = graded([row for row, _ in ICANS_CASES], engine)
    assert len(found) == len(ICANS_CASES) > 10_000
    wrong = []
    for (row, grades), got in zip(ICANS_CASES, found, strict=True):
        want = (grades.copy().pop() if len(grades) == 1 else None, max(grades), min(grades))
        same = tuple(got[name] for name in ICANS_GRADES) == want and got["day"] == row["day"]
        if not same or (got["icans_reason"] is None) is not (want[0] is not None):
            wrong.append((row, got, want))
        assert got["icans_incomplete"] == ("ICE score" if row["ice"] is None else None)
    assert wrong == []
    assert {got["icans_scale"] for got in found} == {"icans:astct-2019"}


POINTS = [
    {}, {"ice": 0}, {"ice": 7}, {"ice": 11}, {"ice": -1},
    dict(zip(TASKS, (4, 3, 1, 1, 1), strict=True)), dict(zip(TASKS, (3, 3, 1, 0, 1), strict=True)),
    {"orientation": 4, "naming": 2, "command": 1, "writing": 1}, {"orientation": 3, "naming": 3},
    {"orientation": 0}, dict.fromkeys(TASKS, 0), {"orientation": 5}, {"ice": 7, "naming": 3},
]  # fmt: skip
AROUSAL = [None, "Alert", "awakens spontaneously", "tactile", "stupor", "sleepy"]
FITS = [
    {}, {"seizure": "generalized"}, {"seizure": "Resolves_rapidly"},
    {"seizure": "clinical", "seizure_duration": 300.0, "seizure_duration_unit": "s"},
    {"seizure": "focal", "seizure_duration": 6.0, "seizure_duration_unit": "min"},
    {"seizure": "clinical", "seizure_duration": 6.0},
    {"seizure": "clinical", "seizure_duration": 6.0, "seizure_duration_unit": "kg"},
    {"seizure": "clinical", "seizure_duration": 0.0, "seizure_duration_unit": "min"},
    {"seizure": "none", "seizure_duration": 6.0, "seizure_duration_unit": "min"},
    {"seizure_duration": 6.0, "seizure_duration_unit": "min"}, {"seizure": "maybe"},
]  # fmt: skip
SIGNS = [
    {}, {"motor": "tremor"}, {"motor": "deep focal weakness"}, {"pressure": "focal edema; coma"},
    {"pressure": "none"}, {"pressure": "focal edema on imaging"}, {"pressure": "hemorrhage"},
    {"pressure": "focal edema + Cushing triad"}, {"death": "yes"}, {"death": "perhaps"},
]  # fmt: skip


def awkward_domains():
    for at, parts in enumerate(product(POINTS, AROUSAL, FITS, SIGNS)):
        if at % 3 == 0:
            points, arousal, fit, sign = parts
            yield {"day": at, "consciousness": arousal, **points, **fit, **sign}


ICANS_ROWS = list(awkward_domains())


def icans_scalar(row):
    """The scalar reader on one row: grade, worst, mildest, what is incomplete."""
    said = {name: row.get(name) for name in ("consciousness", "seizure", "motor", "pressure",
                                             "death")}  # fmt: skip
    if row.get("seizure_duration") is not None:
        said["seizure_duration"] = (
            f"{row['seizure_duration']!r} {row.get('seizure_duration_unit') or ''}"
        )
    tasks = {name: row[name] for name in TASKS if name in row}
    if tasks and "ice" in row:
        return (None, None, None), None
    try:
        found = icans(ice=Ice(**tasks) if tasks else row.get("ice"), **said)
    except ItpCarTError:
        return (None, None, None), None
    grades = [int(grade) for grade in found.possible]
    settled = grades[0] if found.settled else None
    return (settled, max(grades), min(grades)), ", ".join(found.incomplete) or None


@pytest.fixture(scope="module")
def icans_by_scalar():
    return [icans_scalar(row) for row in ICANS_ROWS]


@pytest.mark.parametrize("engine", ENGINES)
def test_tasks_other_spellings_and_contradictions(engine, icans_by_scalar):
    """What the scalar reader refuses has no grade and no bounds, and a reason with its column."""
    wrong = []
    for row, (want, incomplete), got in zip(
        ICANS_ROWS, icans_by_scalar, graded(ICANS_ROWS, engine), strict=True
    ):
        if tuple(got[name] for name in ICANS_GRADES) != want:
            wrong.append((row, want, got))
        reason = got["icans_reason"]
        if want == (None, None, None):
            assert reason.partition(":")[0] in ICANS_KINDS
        else:
            assert got["icans_incomplete"] == incomplete
            assert (reason or "").startswith("not settled: not told: " if want[0] is None else "")
    assert wrong == []
    refused = sum(want == (None, None, None) for want, _ in icans_by_scalar)
    assert len(ICANS_ROWS) / 4 < refused < len(ICANS_ROWS)


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ({}, "not settled: not told: ICE score, consciousness"),
        ({"ice": 0}, "not settled: not told: consciousness"),
        ({"ice": 11}, "ice: write whole points from 0 to 10"),
        ({"naming": 4}, "naming: write whole points from 0 to 3"),
        ({"ice": 4, "consciousness": "coma"}, "consciousness: unarousable with ICE points"),
        ({"ice": 9, "seizure": "clinical"}, "not settled: not told: duration of the seizure"),
        ({"ice": 9, "motor": "tremor"}, "motor: write none, deep focal weakness"),
        ({"ice": 9, "pressure": "hemorrhage"}, "pressure: write none, focal edema"),
    ],
)
def test_never_an_icans_grade(row, reason):
    got = graded([row], "polars")[0]
    assert got["icans_grade"] is None
    assert got["icans_reason"].startswith(reason)


def test_wrong_icans_frames_are_refused():
    with pytest.raises(UnknownTermError, match="consciousness"):
        frames.icans(pl.DataFrame({"patient": ["SYN"]}))
    with pytest.raises(UnitRequiredError, match='seizure_duration_unit="min"'):
        frames.icans(pl.DataFrame({"ice": [9], "seizure_duration": [3.0]}))
    with pytest.raises(RecordError, match="convert it"):
        frames.icans(pl.DataFrame({"ice": ["9"]}))
    done = frames.icans(pl.DataFrame({"ice": [9, 7]}))
    assert done["icans_grade"].to_list() == [1, 1]
    with pytest.raises(RecordError, match="overwrite"):
        frames.icans(done)
    assert frames.icans(done, overwrite=True).equals(done)


def test_icans_columns_of_very_many_words_are_read_like_those_of_few(monkeypatch):
    rows = ICANS_ROWS[::7]
    few = graded(rows, "polars")
    monkeypatch.setattr(findings, "MANY", 0)
    assert graded(rows, "polars") == few


@pytest.mark.dask
def test_dask_agrees_on_icans():
    import dask.dataframe as dd

    rows = ICANS_ROWS[::7]
    parts = dd.from_pandas(native(rows, "pandas", ICANS_KINDS), npartitions=3)
    assert records(frames.icans(parts).compute()) == graded(rows, "pandas")
