"""Grading a long frame as one would write it by hand, engine by engine; see bench_frames_grade.py.

The limits of CTCAE v5.0 are written down a second time, in the way somebody does it for one study:
a line per term, joined by term and unit to the frame, and one chain from grade 4 down. It takes no
tolerance at a limit, knows one spelling of each unit and no fact beside the baseline, and counts
symptoms as absent. The short form gives the grade alone; the whole form also the worst and the
mildest grade that a missing limit leaves, and one of three reasons.
"""

# direction, then the limits of grades 1 to 4: a number, "3U" or "0.75L" of the own limit, or "-"
COUNTS = {"10^9/L": 1.0, "/mm3": 1000.0, "K/uL": 1.0}
ENZYMES = {"U/L": 1.0, "U/mL": 0.001}
GRAMS = {"g/L": 1.0, "g/dL": 0.1, "mg/dL": 100.0}
MOLES = {"mmol/L": 1.0, "umol/L": 1000.0}
TERMS = (
    ("Anemia", "<", {"g/L": 1.0, "g/dL": 0.1}, "L 100 80 -"),
    ("Anemia", "<", {"mmol/L": 1.0}, "L 6.2 4.9 -"),
    ("Leukocytosis", ">", COUNTS, "- - 100 -"),
    ("Methemoglobinemia", ">", {"%": 1.0}, "- U - -"),
    ("Activated partial thromboplastin time prolonged", ">", {"s": 1.0}, "U 1.5U 2.5U -"),
    ("Alanine aminotransferase increased", ">", ENZYMES, "U 3U 5U 20U", "instead 1.5 3 5 20"),
    ("Aspartate aminotransferase increased", ">", ENZYMES, "U 3U 5U 20U", "instead 1.5 3 5 20"),
    ("Alkaline phosphatase increased", ">", ENZYMES, "U 2.5U 5U 20U", "instead 2 2.5 5 20"),
    ("GGT increased", ">", ENZYMES, "U 2.5U 5U 20U", "instead 2 2.5 5 20"),
    ("Blood bilirubin increased", ">", {"umol/L": 1.0, "mg/dL": 0.1}, "U 1.5U 3U 10U",
     "instead 1 1.5 3 10"),
    ("Creatinine increased", ">", {"umol/L": 1.0, "mg/dL": 0.1}, "U 1.5U 3U 6U",
     "also - 1.5 3 -"),
    ("Fibrinogen decreased", "<", {"g/L": 1.0, "mg/dL": 100.0}, "L 0.75L 0.5L 0.5+0.25L",
     "low 1 0.75 0.5 0.25"),
    ("Eosinophilia", ">", COUNTS, "U - - -", "both"),
    ("Blood bicarbonate decreased", "<", MOLES, "L - - -"),
    ("Blood lactate dehydrogenase increased", ">", ENZYMES, "U - - -"),
    ("Cardiac troponin I increased", ">", {"ng/L": 1.0, "ng/mL": 0.001}, "U - - -"),
    ("Cardiac troponin T increased", ">", {"ng/L": 1.0, "ng/mL": 0.001}, "U - - -"),
    ("CD4 lymphocytes decreased", "<", COUNTS, "L 0.5 0.2 0.05"),
    ("Cholesterol high", ">", {"mmol/L": 1.0}, "U 7.75 10.34 12.92"),
    ("Cholesterol high", ">", {"mg/dL": 1.0}, "U 300 400 500"),
    ("CPK increased", ">", ENZYMES, "U 2.5U 5U 10U"),
    ("Haptoglobin decreased", "<", GRAMS, "L - - -"),
    ("Hemoglobin increased", ">", {"g/L": 1.0, "g/dL": 0.1}, "U U+20 U+40 -"),
    ("INR increased", ">", {"1": 1.0}, "1.2 1.5 2.5 -"),
    ("Lipase increased", ">", ENZYMES, "U 1.5U 5U -"),
    ("Serum amylase increased", ">", ENZYMES, "U 1.5U 5U -"),
    ("Lymphocyte count decreased", "<", COUNTS, "L 0.8 0.5 0.2"),
    ("Lymphocyte count increased", ">", COUNTS, "- 4 20 -"),
    ("Neutrophil count decreased", "<", COUNTS, "L 1.5 1 0.5"),
    ("Platelet count decreased", "<", COUNTS, "L 75 50 25"),
    ("White blood cell decreased", "<", COUNTS, "L 3 2 1"),
    ("Pancreatic enzymes decreased", "<", ENZYMES, "L - - -"),
    ("Thyroid stimulating hormone increased", ">", {"mU/L": 1.0}, "U - - -"),
    ("Acidosis", "<", {"1": 1.0}, "L - 7.3 -"),
    ("Alkalosis", ">", {"1": 1.0}, "U - 7.5 -"),
    ("Hypercalcemia (Corrected)", ">", {"mmol/L": 1.0}, "U 2.9 3.1 3.4"),
    ("Hypercalcemia (Corrected)", ">", {"mg/dL": 1.0}, "U 11.5 12.5 13.5"),
    ("Hypercalcemia (Ionized)", ">", {"mmol/L": 1.0}, "U 1.5 1.6 1.8"),
    ("Hypocalcemia (Corrected)", "<", {"mmol/L": 1.0}, "L 2 1.75 1.5"),
    ("Hypocalcemia (Corrected)", "<", {"mg/dL": 1.0}, "L 8 7 6"),
    ("Hypocalcemia (Ionized)", "<", {"mmol/L": 1.0}, "L 1 0.9 0.8"),
    ("Hyperkalemia", ">", MOLES, "U 5.5 6 7"),
    ("Hypokalemia", "<", MOLES, "L - 3 2.5"),
    ("Hypernatremia", ">", MOLES, "U 150 155 160"),
    ("Hyponatremia", "<", MOLES, "L 130 125 120"),
    ("Hypermagnesemia", ">", {"mmol/L": 1.0}, "U - 1.23 3.3"),
    ("Hypermagnesemia", ">", {"mg/dL": 1.0}, "U - 3 8"),
    ("Hypomagnesemia", "<", {"mmol/L": 1.0}, "L 0.5 0.4 0.3"),
    ("Hypomagnesemia", "<", {"mg/dL": 1.0}, "L 1.2 0.9 0.7"),
    ("Hypertriglyceridemia", ">", {"mmol/L": 1.0}, "1.71 3.42 5.7 11.4"),
    ("Hypertriglyceridemia", ">", {"mg/dL": 1.0}, "150 300 500 1000"),
    ("Hyperuricemia", ">", {"umol/L": 1.0, "mg/dL": 0.1}, "U - - -"),
    ("Hypoalbuminemia", "<", {"g/L": 1.0, "g/dL": 0.1}, "L 30 20 -"),
    ("Hypoglycemia", "<", {"mmol/L": 1.0}, "L 3 2.2 1.7"),
    ("Hypoglycemia", "<", {"mg/dL": 1.0}, "L 55 40 30"),
)  # fmt: skip
MODES = {"": 0, "instead": 1, "also": 2, "low": 3, "both": 4}
FAR = 1e300
MISSING = 1e290  # stands for an own limit that is missing: nothing is beyond it
COLUMNS = ("row", "term", "value", "unit", "lln", "uln", "baseline")


def limits():
    """Return the table of limits as columns: one row per term and unit."""
    found = []
    for term, direction, units, steps, *arm in TERMS:
        sign = 1.0 if direction == ">" else -1.0
        mode, *shares = (arm[0] if arm else "").split() or [""]
        for unit, scale in units.items():
            row = {"term": term, "unit": unit, "sign": sign, "mode": MODES[mode], "needs": 0}
            row["a4"] = FAR
            for grade, step in enumerate(steps.split(), start=1):
                added, factor = read(step)
                if term == "Fibrinogen decreased" and grade == 4:
                    row["a4"], added = sign * added * scale, 0.0
                row[f"e{grade}"] = FAR if added is None else sign * added * scale
                row[f"f{grade}"] = factor
                share = shares[grade - 1] if shares else "-"
                row[f"b{grade}"] = None if share == "-" else float(share)
                if factor:
                    row["needs"] = grade
            found.append(row)
    return {name: [row[name] for row in found] for name in found[0]}


def read(step):
    """Return what is added to a factor of the own limit, and the factor."""
    if step == "-":
        return None, 0.0
    parts = step.split("+")
    own = [part for part in parts if part[-1] in "UL"]
    added = sum(float(part) for part in parts if part not in own)
    return added, float(own[0][:-1] or 1) if own else 0.0


# --- Polars ---------------------------------------------------------------------------------------


def polars(lazy, *, whole=False):
    """Grade a lazy frame."""
    import polars as pl

    c = pl.col
    lazy = lazy.join(pl.LazyFrame(limits()), on=["term", "unit"], how="left").with_columns(
        _y=c("value") * c("sign"),
        _own=pl.when(c("sign") > 0).then("uln").otherwise("lln") * c("sign"),
        _base=c("baseline") * c("sign"),
        _instead=(c("mode") == 1) & (c("baseline") > c("uln")),
        _also=(c("mode") == 2) | ((c("mode") == 3) & (c("baseline") < c("lln"))),
    )
    lazy = lazy.with_columns(
        _own=pl.when(c("mode") == 4).then(pl.max_horizontal("_own", "_base")).otherwise("_own")
    )

    def chain(missing):
        def limit(grade):
            own = c(f"e{grade}") + c(f"f{grade}") * c("_own").fill_null(missing)
            base = c(f"b{grade}") * c("_base").fill_null(missing)
            both = pl.when("_also").then(pl.min_horizontal(own, base)).otherwise(own)
            return pl.when("_instead").then(base).otherwise(both)

        steps = pl.when((c("_y") > limit(4)) | (c("_y") > c("a4"))).then(4)
        for grade in (3, 2, 1):
            steps = steps.when(c("_y") > limit(grade)).then(grade)
        return steps.otherwise(0).cast(pl.Int8)

    if whole:
        lazy = lazy.with_columns(_mildest=chain(MISSING), _worst=chain(-MISSING))
        there, same = c("_y").is_not_null(), c("_worst") == c("_mildest")
        why = pl.when(c("sign").is_null()).then(pl.lit("unknown term or unit"))
        why = why.when(~there).then(pl.lit("no value")).when(~same).then(pl.lit("limit missing"))
        return lazy.select(
            *COLUMNS,
            grade=pl.when(there & same).then("_worst"),
            grade_worst=pl.when(there).then("_worst"),
            grade_mildest=pl.when(there).then("_mildest"),
            reason=why,
        )
    lazy = lazy.with_columns(_grade=chain(MISSING))
    open_ = (
        c("_y").is_null()
        | (c("_own").is_null() & (c("_grade") < c("needs")))
        | (c("baseline").is_null() & (c("mode") == 2) & (c("_grade") < 3))
    )
    return lazy.select(*COLUMNS, grade=pl.when(~open_).then("_grade"))


# --- SQL: DuckDB and Spark ------------------------------------------------------------------------


def sql(*, whole=False):
    """Grade a table `labs` with a table `limits`."""

    def chain(missing):
        own, base = f"coalesce(own, {missing})", f"coalesce(base, {missing})"
        limit = (
            f"case when instead then b{{0}} * {base} "
            f"when also then least(e{{0}} + f{{0}} * {own}, b{{0}} * {base}) "
            f"else e{{0}} + f{{0}} * {own} end"
        )
        steps = " ".join(f"when y > {limit.format(grade)} then {grade}" for grade in (3, 2, 1))
        return f"case when y > {limit.format(4)} or y > a4 then 4 {steps} else 0 end"

    names, kept = ", ".join(f"l.{name}" for name in COLUMNS), ", ".join(COLUMNS)
    chains = f"{chain(MISSING)} as g" + (f", {chain(-MISSING)} as w" if whole else "")
    if whole:
        results = """
            case when y is not null and g = w then cast(g as tinyint) end as grade,
            case when y is not null then cast(w as tinyint) end as grade_worst,
            case when y is not null then cast(g as tinyint) end as grade_mildest,
            case when sign is null then 'unknown term or unit' when y is null then 'no value'
                 when g <> w then 'limit missing' end as reason"""
    else:
        results = """cast(case
            when y is null or (own is null and g < needs)
                 or (baseline is null and mode = 2 and g < 3) then null
            else g end as tinyint) as grade"""
    return f"""
        with joined as (
            select {names}, r.*, l.value * sign as y,
                   case when mode = 4 then greatest(uln, baseline)
                        when sign > 0 then uln else -lln end as own,
                   baseline * sign as base,
                   mode = 1 and baseline > uln as instead,
                   mode = 2 or (mode = 3 and baseline < lln) as also
            from labs l left join (select term as rterm, unit as runit, sign, mode, needs, a4,
                e1, e2, e3, e4, f1, f2, f3, f4, b1, b2, b3, b4 from limits) r
            on l.term = rterm and l.unit = runit
        ), graded as (
            select *, {chains} from joined
        )
        select {kept}, {results} from graded
    """  # noqa: S608 - names and numbers of our own


def duckdb(connection, *, whole=False):
    """Grade the table `labs` of a connection."""
    import pyarrow as pa

    table = pa.table(limits())
    connection.register("limits", table)
    return connection.sql(sql(whole=whole))


def spark(session, df):
    """Grade a Spark frame."""
    import pandas as pd
    from pyspark.sql import functions

    df.createOrReplaceTempView("labs")
    small = functions.broadcast(session.createDataFrame(pd.DataFrame(limits())))
    small.createOrReplaceTempView("limits")
    return session.sql(sql())


# --- pandas, Dask, PyArrow ------------------------------------------------------------------------


def pandas(df):
    """Grade a pandas frame."""
    import pandas as pd

    return _chain(df.merge(pd.DataFrame(limits()), on=["term", "unit"], how="left"))


def dask(ddf):
    """Grade a Dask frame."""
    import pandas as pd

    joined = ddf.merge(pd.DataFrame(limits()), on=["term", "unit"], how="left")
    return joined.map_partitions(_chain)


def _chain(df):
    import numpy as np

    sign, y = df["sign"].to_numpy(), (df["value"] * df["sign"]).to_numpy()
    lln, uln, baseline = (df[name].to_numpy() for name in ("lln", "uln", "baseline"))
    mode = df["mode"].to_numpy()
    base, own = baseline * sign, np.where(sign > 0, uln, -lln)
    own = np.where(mode == 4, np.fmax(own, base), own)
    missing = np.isnan(own)
    own = np.where(missing, MISSING, own)
    instead = (mode == 1) & (baseline > uln)
    also = (mode == 2) | ((mode == 3) & (baseline < lln))
    hits = []
    for grade in (4, 3, 2, 1):
        e, f, b = (df[f"{name}{grade}"].to_numpy() for name in "efb")
        one, other = e + f * own, b * base
        limit = np.where(instead, other, np.where(also, np.fmin(one, other), one))
        hits.append(y > limit)
    hits[0] |= y > df["a4"].to_numpy()
    found = np.select(hits, [4, 3, 2, 1], 0)
    unknown = np.isnan(y) | (missing & (found < df["needs"].to_numpy()))
    unknown |= np.isnan(baseline) & (mode == 2) & (found < 3)
    graded = df[[*COLUMNS]].copy()
    graded["grade"] = np.where(unknown, np.nan, found)
    graded["grade"] = graded["grade"].astype("Int8")
    return graded


def pyarrow(table):
    """Grade a PyArrow table; its own join does not keep the order of rows."""
    import pyarrow as pa
    import pyarrow.compute as pc

    for at, name in enumerate(table.column_names):
        if pa.types.is_large_string(table.column(name).type):  # does not join with string
            table = table.set_column(at, name, table.column(name).cast(pa.string()))
    t = table.join(pa.table(limits()), ["term", "unit"], join_type="left outer")
    high = pc.greater(t["sign"], 0.0)
    y, base = pc.multiply(t["value"], t["sign"]), pc.multiply(t["baseline"], t["sign"])
    own = pc.multiply(pc.if_else(high, t["uln"], t["lln"]), t["sign"])
    own = pc.if_else(pc.equal(t["mode"], 4), pc.max_element_wise(own, base), own)
    missing = pc.is_null(own)
    own = pc.fill_null(own, MISSING)
    abnormal, low = pc.greater(t["baseline"], t["uln"]), pc.less(t["baseline"], t["lln"])
    instead = pc.and_kleene(pc.equal(t["mode"], 1), abnormal)
    also = pc.or_kleene(pc.equal(t["mode"], 2), pc.and_kleene(pc.equal(t["mode"], 3), low))
    instead, also = pc.fill_null(instead, False), pc.fill_null(also, False)
    found = None
    for grade in (1, 2, 3, 4):
        one = pc.add(t[f"e{grade}"], pc.multiply(t[f"f{grade}"], own))
        other = pc.multiply(t[f"b{grade}"], base)
        limit = pc.if_else(also, pc.min_element_wise(one, other), one)
        hit = pc.fill_null(pc.greater(y, pc.if_else(instead, other, limit)), False)
        if grade == 4:
            hit = pc.or_(hit, pc.fill_null(pc.greater(y, t["a4"]), False))
        found = pc.if_else(hit, pa.scalar(grade, pa.int8()), found or pa.scalar(0, pa.int8()))
    no_limit = pc.and_(missing, pc.fill_null(pc.less(found, t["needs"]), True))
    no_base = pc.and_(pc.is_null(base), pc.fill_null(pc.equal(t["mode"], 2), False))
    unknown = pc.or_(pc.is_null(y), pc.or_(no_limit, pc.and_(no_base, pc.less(found, 3))))
    grade = pc.if_else(unknown, pa.scalar(None, pa.int8()), found)
    return t.select(COLUMNS).append_column("grade", grade)
