"""Patient and column agree: every table, every engine, around every limit, in every unit.

One frame holds, for each table, the values just below, at and just above each limit in each unit,
with facts left out at random; each engine grades it once, and `decide` grades each row.
"""

import math
import os
import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

pytest.importorskip("polars", reason="Polars is absent: install the extra polars")

import polars as pl

from itp_carT import frames, strategies
from itp_carT.errors import ItpCarTError
from itp_carT.frames import engines
from itp_carT.frames.limits import asked_facts
from itp_carT.observations import Lab
from itp_carT.rules import Known
from itp_carT.toxicity import ctcae_v4, ctcae_v5, ctcae_v6
from itp_carT.toxicity.readings import Readings
from itp_carT.units import make
from itp_carT.verdict import decide

OTHER_READINGS = Readings(
    lower_edge="exclusive",
    fibrinogen_abnormal="current",
    hemoglobin_increased="baseline",
    inr_arms="both",
    integer_gaps="literal",
)
EDITIONS = {
    "ctcae-v5.0": ctcae_v5.TABLES,
    "ctcae-v4.03": ctcae_v4.TABLES,
    "ctcae-v6.0": ctcae_v6.TABLES,
    "ctcae-v5.0, other readings": ctcae_v5.tables(OTHER_READINGS),
}
ONE_MEASURE = {
    name: tuple(table for table in tables if len(table.measures) == 1)
    for name, tables in EDITIONS.items()
}
FLAGS = (None, None, None, "high", "low", "normal")
SCHEMA = {
    "term": pl.String,
    "value": pl.Float64,
    "unit": pl.String,
    "lln": pl.Float64,
    "uln": pl.Float64,
    "baseline": pl.Float64,
    "baseline_flag": pl.String,
    "is_baseline": pl.Boolean,
}


#: Of the many clinical statements, these get a column; the others stay unsaid, as is usual.
STATEMENTS = ("attested: bleeding", "attested: intervention started", "attested: fever")


def has_column(fact):
    return not fact.key.startswith("attested: ") or fact.key in STATEMENTS


def fact_columns(tables):
    facts = (fact for table in tables for fact in asked_facts(table))
    return tuple(dict.fromkeys(fact.key for fact in facts if has_column(fact)))


def expected(table, row):
    """The grades `decide` gives a row: settled, worst, mildest; nothing where nothing is."""

    def quantity(name):
        return None if row[name] is None else make(row[name], row["unit"])

    if row["value"] is None:
        return None, None, None
    known = [Known(f, row[f.key]) for f in asked_facts(table) if row.get(f.key) is not None]
    try:
        lab = Lab(
            table.measures[0],
            quantity("value"),
            lln=quantity("lln"),
            uln=quantity("uln"),
            baseline=quantity("baseline"),
            baseline_flag=row["baseline_flag"],
            is_baseline=bool(row["is_baseline"]),
        )
        found = decide(table, lab, *known)
    except ItpCarTError:
        return None, None, None
    if not found.possible:
        return None, None, None
    worst, mildest = int(found.worst), int(found.mildest)
    return worst if found.settled else None, worst, mildest


@cache
def edges_of(edition):
    """Table, unit as written, value, limits and baseline at every edge, each as a number."""
    found = []
    for table in ONE_MEASURE[edition]:
        for lab in strategies.edges(table):
            numbers = (lab.value, lab.lln, lab.uln, lab.baseline)
            symbol = str(lab.value).rpartition(" ")[2]
            found.append((table, symbol, *(number.magnitude for number in numbers)))
    return tuple(found)


def rows_around(edition, chance, thin):
    """Edges of every table, with some of the facts left out."""
    facts = fact_columns(ONE_MEASURE[edition])
    for table, symbol, value, lln, uln, baseline in edges_of(edition)[::thin]:
        mine = {fact.key for fact in asked_facts(table)}
        base = chance.choice((lln, uln)) if chance.random() < 0.3 else baseline
        numbers = {"value": value, "lln": lln, "uln": uln, "baseline": base}
        yield (
            table,
            {
                "term": chance.choice((table.name, table.name.lower(), table.name.upper())),
                "unit": symbol,
                **{name: None if chance.random() < 0.15 else n for name, n in numbers.items()},
                "baseline_flag": chance.choice(FLAGS),
                "is_baseline": chance.choice((None, False, False, False, True)),
                **{
                    key: chance.choice((None, True, False)) if key in mine else None
                    for key in facts
                },
            },
        )


class Batch:
    """Rows of an edition, and what `decide` says of each."""

    def __init__(self, edition, *, seed, thin, with_facts=True):
        self.tables = ONE_MEASURE[edition]
        facts = fact_columns(self.tables)
        pairs = list(rows_around(edition, random.Random(seed), thin))
        self.rows = [row for _, row in pairs]
        if not with_facts:
            for row in self.rows:
                for key in facts:
                    del row[key]
        self.wanted = [expected(table, row) for table, row in pairs]
        schema = SCHEMA | (dict.fromkeys(facts, pl.Boolean) if with_facts else {})
        self.frame = pl.DataFrame(self.rows, schema=schema)

    def check(self, graded):
        """Compare with what an engine returned, as a Polars frame in the order of the rows."""
        assert graded.height == len(self.rows)
        assert graded.columns[: self.frame.width] == self.frame.columns
        found = graded.select("grade", "grade_worst", "grade_mildest").rows()
        triples = zip(self.rows, self.wanted, found, strict=True)
        different = [(row, want, got) for row, want, got in triples if want != got]
        assert different == [], f"{len(different)} differ, the first: {different[0]}"
        settled, why = graded["grade"].is_not_null(), graded["reason"].is_not_null()
        assert (settled != why).all(), "a grade or a reason, and never both"
        assert not graded["reason"].str.ends_with(" ").any(), "a reason says what to give"


#: Every edge of every edition on every engine takes many minutes: `EVERY_LIMIT=1 pytest` does it.
FULL = bool(os.environ.get("EVERY_LIMIT"))


@cache
def batch_of(edition):
    return Batch(edition, seed=0, thin=1 if FULL else 15)


@pytest.fixture(scope="module", params=ONE_MEASURE)
def batch(request):
    return batch_of(request.param)


@pytest.mark.parametrize("edition", ONE_MEASURE)
def test_patient_and_polars_agree_on_every_table(edition):
    """All edges of v5.0; of the others every third."""
    batch = Batch(edition, seed=1, thin=1 if edition == "ctcae-v5.0" else 3)
    batch.check(frames.grade(batch.frame, batch.tables))


@pytest.mark.parametrize("edition", ONE_MEASURE)
def test_patient_and_polars_agree_where_facts_have_no_column(edition):
    """Then they are not known, and worst and mildest drift apart."""
    batch = Batch(edition, seed=2, thin=5, with_facts=False)
    batch.check(frames.grade(batch.frame, batch.tables))


def test_patient_and_polars_lazy_agree(batch):
    lazy = frames.grade(batch.frame.lazy(), batch.tables)
    batch.check(lazy.collect())
    batch.check(lazy.collect(engine="streaming"))


def test_patient_and_pandas_agree(batch):
    pandas = pytest.importorskip("pandas", reason="pandas is absent: install the extra pandas")
    df = batch.frame.to_pandas().set_index(
        pandas.Index(range(7, 7 + batch.frame.height), name="key")
    )
    graded = frames.grade(df, batch.tables)
    assert graded.index.equals(df.index)
    assert {str(graded[name].dtype) for name in frames.OUTPUTS[:3]} == {"Int8"}
    batch.check(pl.from_pandas(graded))


def test_patient_and_pyarrow_agree(batch):
    pytest.importorskip("pyarrow", reason="PyArrow is absent: install the extra pyarrow")
    batch.check(pl.from_arrow(frames.grade(batch.frame.to_arrow(), batch.tables)))


def test_patient_and_duckdb_agree(batch):
    duckdb = pytest.importorskip("duckdb", reason="DuckDB is absent: install the extra duckdb")
    with duckdb.connect() as own:  # not the default connection
        relation = own.from_arrow(batch.frame.to_arrow())
        batch.check(frames.grade(relation, batch.tables).pl())


@pytest.mark.dask
def test_patient_and_dask_agree(batch):
    import dask.dataframe as dd

    df = batch.frame.to_pandas()
    graded = frames.grade(dd.from_pandas(df, npartitions=3), batch.tables)
    assert graded.dtypes["grade"] == "Int8"
    computed = graded.compute(scheduler="synchronous")
    assert computed.index.equals(df.index)
    batch.check(pl.from_pandas(computed))


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # PySpark's own, of its start and of its sockets
def test_patient_and_spark_agree(spark, batch):
    """Spark has no order of rows: they are told apart by a key."""
    numbered = batch.frame.with_row_index("row")
    kinds = {pl.String: "string", pl.Float64: "double", pl.Boolean: "boolean", pl.UInt32: "int"}
    schema = ", ".join(f"`{name}` {kinds[kind]}" for name, kind in numbered.schema.items())
    df = spark.createDataFrame(numbered.rows(), schema)
    rows = frames.grade(df, batch.tables).collect()
    graded = pl.DataFrame([row.asDict() for row in rows], infer_schema_length=None)
    batch.check(graded.sort("row").drop("row"))


# --- any value, any unit, anything missing --------------------------------------------------------

NUMBERS = st.none() | st.floats(0, 500) | st.sampled_from((0.0, math.nan, math.inf, -1.0))


@st.composite
def any_row(draw):
    table = draw(st.sampled_from(ONE_MEASURE["ctcae-v5.0"]))
    unit = draw(st.sampled_from(strategies.reported_in(table.measures[0]))).symbol
    row = {name: draw(NUMBERS) for name in ("value", "lln", "uln", "baseline")}
    row |= {"term": table.name, "unit": unit, "baseline_flag": draw(st.sampled_from(FLAGS))}
    row |= {"is_baseline": draw(st.booleans() | st.none())}
    for fact in filter(has_column, asked_facts(table)):
        row[fact.key] = draw(st.booleans() | st.none())
    return table, row


@given(st.lists(any_row(), min_size=1, max_size=20))
@settings(max_examples=50)
def test_patient_and_column_agree_on_any_row(pairs):
    tables = ONE_MEASURE["ctcae-v5.0"]
    schema = SCHEMA | dict.fromkeys(fact_columns(tables), pl.Boolean)
    frame = pl.DataFrame([row for _, row in pairs], schema=schema)
    graded = frames.grade(frame, tables)
    for (table, row), got in zip(pairs, graded.select(frames.OUTPUTS[:3]).rows(), strict=True):
        finite = {
            key: None if isinstance(v, float) and not math.isfinite(v) else v
            for key, v in row.items()
        }
        assert got == expected(table, finite), row


# --- wide frames ----------------------------------------------------------------------------------


@st.composite
def moments(draw):
    table = draw(st.sampled_from(ctcae_v5.TABLES + ctcae_v4.TABLES + ctcae_v6.TABLES))
    return table, draw(strategies.around(table))


def as_wide(facts):
    """A frame of one row with the facts of a moment, its columns, and where facts stand."""
    columns, row, told = {}, {}, {}
    for fact in facts:
        if isinstance(fact, Known):
            told[fact.fact.key] = f"fact {len(told)}"
            row[told[fact.fact.key]] = pl.Series([fact.holds])
            continue
        key, symbol = fact.measure.key, str(fact.value).rpartition(" ")[2]
        named = {name: f"{key}_{name}" for name in ("lln", "uln", "baseline")}
        row[key] = pl.Series([fact.value.magnitude])
        for name, column in named.items():
            given = getattr(fact, name)
            number = None if given is None else given.m_as(symbol)
            row[column] = pl.Series([number], dtype=pl.Float64)
        flag = fact.baseline_flag and fact.baseline_flag.value
        row[f"{key}_flag"] = pl.Series([flag], dtype=pl.String)
        row[f"{key}_sample"] = pl.Series([fact.is_baseline])
        columns[fact.measure] = frames.col(
            key, unit=symbol, **named, baseline_flag=f"{key}_flag", is_baseline=f"{key}_sample"
        )
    return pl.DataFrame(row), columns, told


@given(moments())
@settings(max_examples=150)
def test_patient_and_wide_column_agree(moment):
    table, facts = moment
    frame, columns, told = as_wide(facts)
    if not columns:
        return
    graded = frames.grade(frame, table, columns, facts=told)
    found = decide(table, *facts)
    start = table.key.rpartition(":")[2].replace("-", "_")
    got = graded.select(f"{start}_{name}" for name in frames.OUTPUTS[:3]).row(0)
    worst = None if found.worst is None else int(found.worst)
    mildest = None if found.mildest is None else int(found.mildest)
    assert got == (worst if found.settled else None, worst, mildest)
    assert (graded[f"{start}_reason"][0] is None) == found.settled


def close_values(measure, table, chance):
    """A unit of a measure, and values with limits close to the table's limits in that unit."""
    close = [lab for lab in strategies.edges(table) if lab.measure is measure]
    units = sorted({str(lab.value).rpartition(" ")[2] for lab in close})
    symbol = chance.choice(units)
    return symbol, [lab for lab in close if str(lab.value).rpartition(" ")[2] == symbol]


class WideBatch:
    """Moments of one table, each of its measures in one unit, some of the facts left out."""

    def __init__(self, table, *, seed, rows):
        chance = random.Random(f"{table.key} {seed}")
        self.table, self.columns, self.moments = table, {}, [[] for _ in range(rows)]
        data, schema = {"row": range(rows)}, {"row": pl.Int64}
        for measure in table.measures:
            symbol, close = close_values(measure, table, chance)
            names = {name: f"{measure.key}_{name}" for name in ("value", "lln", "uln", "baseline")}
            flag, sample = f"{measure.key}_flag", f"{measure.key}_sample"
            for name in names.values():
                data[name], schema[name] = [], pl.Float64
            data[flag], schema[flag] = [], pl.String
            data[sample], schema[sample] = [], pl.Boolean
            for moment in self.moments:
                lab = chance.choice(close)
                kept = {n: None if chance.random() < 0.2 else getattr(lab, n) for n in names}
                if chance.random() < 0.3:  # a baseline at the limits of normal
                    kept["baseline"] = chance.choice((kept["lln"], kept["uln"]))
                told = chance.choice(FLAGS), chance.choice((False, False, True))
                for name, column in names.items():
                    data[column].append(None if kept[name] is None else kept[name].magnitude)
                data[flag].append(told[0])
                data[sample].append(told[1])
                if kept["value"] is not None:
                    value = kept.pop("value")
                    moment.append(
                        Lab(measure, value, **kept, baseline_flag=told[0], is_baseline=told[1])
                    )
            more = {name: column for name, column in names.items() if name != "value"}
            self.columns[measure] = frames.col(
                names["value"], unit=symbol, **more, baseline_flag=flag, is_baseline=sample
            )
        self.told = {fact.key: f"fact {at}" for at, fact in enumerate(asked_facts(table))}
        for fact in asked_facts(table):
            said = [chance.choice((None, True, False)) for _ in range(rows)]
            data[self.told[fact.key]], schema[self.told[fact.key]] = said, pl.Boolean
            for moment, holds in zip(self.moments, said, strict=True):
                moment.extend([Known(fact, holds)] if holds is not None else [])
        self.frame = pl.DataFrame(data, schema=schema)

    def check(self, engine):
        graded = frames.grade(engine.make(self.frame), self.table, self.columns, facts=self.told)
        graded = engine.read(graded).sort("row")
        assert graded.columns[: self.frame.width] == self.frame.columns
        start = self.table.key.rpartition(":")[2].replace("-", "_")
        found = graded.select(f"{start}_{name}" for name in frames.OUTPUTS).rows()
        for moment, (*got, why) in zip(self.moments, found, strict=True):
            wanted = judged(self.table, moment)
            assert tuple(got) == wanted, (self.table.key, engine.name, moment)
            assert (why is None) == (wanted[0] is not None)


def judged(table, moment):
    if not any(isinstance(fact, Lab) for fact in moment):
        return None, None, None
    verdict = decide(table, *moment)
    if not verdict.possible:
        return None, None, None
    worst, mildest = int(verdict.worst), int(verdict.mildest)
    return worst if verdict.settled else None, worst, mildest


class Engine:
    """How one engine makes a frame of a Polars frame, and what it returns is read back."""

    def __init__(self, name, make, read):
        self.name, self.make, self.read = name, make, read


def duck(frame):
    import duckdb

    return duckdb.from_arrow(frame.to_arrow())


def dask_frame(frame):
    import dask.dataframe as dd

    return dd.from_pandas(frame.to_pandas(), npartitions=2)


ENGINES = {
    "polars": Engine("polars", lambda df: df, lambda df: df),
    "polars lazy": Engine("polars lazy", lambda df: df.lazy(), lambda lf: lf.collect()),
    "pandas": Engine("pandas", lambda df: df.to_pandas(), pl.from_pandas),
    "pyarrow": Engine("pyarrow", lambda df: df.to_arrow(), pl.from_arrow),
    "duckdb": Engine("duckdb", duck, lambda relation: relation.pl()),
}
DASK = Engine("dask", dask_frame, lambda df: pl.from_pandas(df.compute(scheduler="synchronous")))
EVERY_TABLE = [table for tables in EDITIONS.values() for table in tables if table.measures]


@pytest.mark.parametrize("name", ENGINES)
def test_patient_and_wide_frame_agree_on_every_table(name):
    """Every third table on Polars, every tenth elsewhere; all of them with EVERY_LIMIT."""
    for module in ("pandas", "pyarrow", "duckdb"):
        pytest.importorskip(module, reason=f"{module} is absent: install its extra")
    step = 1 if FULL else 3 if name == "polars" else 10
    for at, table in enumerate(EVERY_TABLE[::step]):
        WideBatch(table, seed=at, rows=25).check(ENGINES[name])


@pytest.mark.dask
def test_patient_and_wide_dask_frame_agree():
    for at, table in enumerate(EVERY_TABLE[:: 2 if FULL else 25]):
        WideBatch(table, seed=at, rows=25).check(DASK)


@pytest.mark.spark
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # PySpark's own, of its start and of its sockets
def test_patient_and_wide_spark_frame_agree(spark):
    kinds = {pl.String: "string", pl.Float64: "double", pl.Boolean: "boolean", pl.Int64: "bigint"}

    def make(df):
        schema = ", ".join(f"`{name}` {kinds[kind]}" for name, kind in df.schema.items())
        return spark.createDataFrame(df.rows(), schema)

    def read(df):
        found = [row.asDict() for row in df.collect()]
        return pl.DataFrame(found, infer_schema_length=None)

    for at, table in enumerate(EVERY_TABLE[:: 10 if FULL else 40]):
        WideBatch(table, seed=at, rows=25).check(Engine("spark", make, read))


def test_an_engine_that_is_not_known_is_refused():
    class Other:
        implementation = type("Kind", (), {"__getattr__": lambda *_: lambda: False})()

    with pytest.raises(ItpCarTError, match="convert the frame"):
        engines.refuse_unknown(Other())
