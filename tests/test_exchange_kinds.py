"""Every kind of object: equal after a round trip, written the same, valid by the JSON Schema."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import jsonschema
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from itp_carT import Product, bsa, strategies
from itp_carT.analytes import CREATININE, HEMOGLOBIN, PLATELETS
from itp_carT.bleeding import INSTRUMENTS
from itp_carT.bleeding_diary import BleedingAssessment, Diary
from itp_carT.dosing.cells import CellDose
from itp_carT.dosing.split import SplitInfusion
from itp_carT.dosing.vials import vial_plan
from itp_carT.errors import (
    ImpossibleError,
    ItpCarTError,
    NotationError,
    RecordError,
    UnknownTermError,
)
from itp_carT.escalation.cohorts import Cohorts, recommend
from itp_carT.escalation.designs import boin, mtpi2, three_plus_three
from itp_carT.exchange import KINDS, from_json, read_document, to_json, write_document
from itp_carT.exchange.kinds import class_of
from itp_carT.exchange.schema import document_schema, json_schema
from itp_carT.protocol import nct05315778 as trial
from itp_carT.protocol.gate_course import EXAMPLE_GATE, follow
from itp_carT.quality_of_life import itp_paq
from itp_carT.response import ash_2019, chinese_2020, iwg_2009, nct05315778
from itp_carT.response.course import assess
from itp_carT.response.records import Count, Rescue, RescueKind
from itp_carT.schedule.attendance import assign
from itp_carT.sources import NCT05315778
from itp_carT.statistics import rates, survival
from itp_carT.study import read_study
from itp_carT.study.simulate import simulate_study
from itp_carT.therapy.course import assess as therapy
from itp_carT.therapy.records import DoseRecord
from itp_carT.toxicity import ctcae_v5, episodes
from itp_carT.toxicity.astct_2019 import crs, crs_of
from itp_carT.toxicity.attributes import Attribution, Outcome, Seriousness
from itp_carT.toxicity.catalogue import catalogue
from itp_carT.toxicity.crs_findings import CrsFindings
from itp_carT.toxicity.crs_words import Hypotension, Oxygen
from itp_carT.toxicity.emergence import TreatmentPeriod
from itp_carT.toxicity.events import AdverseEvent
from itp_carT.toxicity.icans_2019 import Consciousness, icans
from itp_carT.toxicity.ice import Ice
from itp_carT.units import make
from itp_carT.verdict import decide

pytestmark = pytest.mark.filterwarnings("ignore::itp_carT.errors.ItpCarTWarning")

D0 = dt.date(2026, 3, 9)
few = settings(max_examples=15, suppress_health_check=list(HealthCheck))
unknown = st.sampled_from([True, False, None])
texts = st.text(max_size=12)
days = st.integers(-60, 400)
dates = days.map(lambda day: D0 + dt.timedelta(day))


def or_none(strategy):
    return st.none() | strategy


# --- one strategy for each kind -----------------------------------------------------------------


@cache
def synthetic(seed):
    """The synthetic study of a seed, read from its folder."""
    import tempfile

    with tempfile.TemporaryDirectory() as place:
        return read_study(simulate_study(Path(place, "s"), trial.PROTOCOL, patients=2, seed=seed))


TABLES = (ctcae_v5.ANEMIA, ctcae_v5.CREATININE_INCREASED, ctcae_v5.PLATELET_COUNT_DECREASED,
          iwg_2009.POINT, chinese_2020.CRITERIA.point)  # fmt: skip
CRITERIA = (nct05315778.HARMONIZED, nct05315778.LITERAL, iwg_2009.CRITERIA, chinese_2020.CRITERIA,
            ash_2019.CRITERIA)  # fmt: skip
DESIGNS = (three_plus_three(), boin(0.3, largest=12), mtpi2(0.25, largest=9))


@st.composite
def verdicts(draw):
    table = draw(st.sampled_from(TABLES))
    return decide(table, *draw(strategies.around(table)))


@st.composite
def counts(draw):
    number = draw(st.integers(0, 400_000))
    below = "<" if draw(st.booleans()) else ""
    value = draw(st.sampled_from([None, f"{below}{number} /uL", f"{below}{number / 1000} 10^9/L"]))
    return Count(draw(days), value, bleeding=draw(unknown))


rescues = st.builds(
    lambda kind, start, more, reason: Rescue(kind, start, start + more, reason=reason),
    st.sampled_from(RescueKind), st.integers(-30, 200), st.integers(0, 9), texts,
)  # fmt: skip
criteria = st.builds(
    lambda base, fold, options: base.with_options(**options).with_fold(fold),
    st.sampled_from(CRITERIA), st.sampled_from([2, 3]),
    st.fixed_dictionaries({"rescue_days": st.integers(0, 60), "late_after": st.integers(90, 200)}),
)  # fmt: skip


@st.composite
def courses(draw):
    found = draw(st.lists(counts(), max_size=9, unique_by=lambda one: one.on))
    return assess(
        found,
        draw(criteria),
        rescue=draw(st.lists(rescues, max_size=2)),
        patient=draw(or_none(st.just("SYN-01"))),
    )


@st.composite
def scores(draw):
    instrument = INSTRUMENTS[draw(st.sampled_from(sorted(INSTRUMENTS)))]
    found = {
        item.key: draw(or_none(st.sampled_from([level.key for level in item.levels])))
        for item in instrument.items
    }
    more = {"age": draw(or_none(st.integers(18, 90)))} if instrument.takes_age else {}
    try:
        return instrument.score(
            **found, **more, on=draw(days), cause=draw(or_none(st.just("menses")))
        )
    except (ItpCarTError, TypeError):  # findings that do not go together, or no such argument
        return INSTRUMENTS["chinese-adult"].score(skin=draw(or_none(st.just("elsewhere"))), on=3)


assessments = st.builds(
    BleedingAssessment, days, unknown, cause=or_none(st.sampled_from(["menses", "trauma"])),
    disproportionate=unknown,
) | scores().map(lambda score: score.assessment())  # fmt: skip


@st.composite
def events(draw):
    term = draw(st.sampled_from(catalogue("ctcae-v5.0").terms))
    grade = draw(or_none(st.sampled_from(term.grades)))
    if draw(st.booleans()):
        term = ctcae_v5.ANEMIA.name
        grade = decide(ctcae_v5.ANEMIA, *draw(strategies.around(ctcae_v5.ANEMIA)))
        if grade.settled and grade.worst == 0:
            grade = None
    fatal = grade == 5 or (getattr(grade, "possible", ()) == (5,))
    return AdverseEvent(
        "SYN-01",
        term,
        edition="ctcae-v5.0",
        verbatim=draw(texts) or "x",
        grade=grade,
        initial_grade=draw(or_none(st.integers(0, 4))),
        onset=draw(or_none(st.sampled_from(["2026", "2026-03", "2026-03-09"]))),
        ongoing=draw(unknown),
        attribution=draw(st.sampled_from(Attribution)),
        seriousness=Seriousness(hospitalization=draw(unknown)),
        outcome=Outcome.UNKNOWN if fatal else draw(st.sampled_from(list(Outcome)[1:])),
    )


support = st.fixed_dictionaries({
    "temperature": or_none(st.floats(36, 41).map(lambda c: f"{c:.1f} Cel")),
    "hypotension": or_none(st.sampled_from([one.value for one in Hypotension])),
    "hypoxia": or_none(st.sampled_from([one.value for one in Oxygen])),
    "life_threatening": unknown,
    "on": or_none(dates),
})  # fmt: skip
tasks = st.builds(
    Ice, orientation=or_none(st.integers(0, 4)), naming=or_none(st.integers(0, 3)),
    command=or_none(st.integers(0, 1)),
)  # fmt: skip
graded = support.map(lambda found: crs_of(CrsFindings(**found))) | st.builds(
    icans, ice=tasks, consciousness=or_none(st.sampled_from(
        [one.value for one in list(Consciousness)[:3]])),
    on=or_none(dates),
)  # fmt: skip


@st.composite
def fevers(draw):
    """Assessments of successive days, the first with fever."""
    hot = [True, *draw(st.lists(st.booleans(), max_size=6))]
    return [
        crs(temperature=f"{36 + 3 * one} Cel", hypotension="none", hypoxia="none",
            on=D0 + dt.timedelta(day))
        for day, one in enumerate(hot)
    ]  # fmt: skip


doses = st.builds(
    lambda per_kg: CellDose(per_kg=make(per_kg, "cell/kg"), weight="60 kg", counting="viable",
                            source=NCT05315778.at("arm description")),
    st.floats(1e7, 2e7),
)  # fmt: skip
splits = doses.map(lambda dose: SplitInfusion("10/30/60").of(dose, infusion=D0))


@st.composite
def gate_courses(draw):
    hot = [
        crs(temperature=f"{36 + 3 * draw(st.integers(0, 1))} Cel", hypotension="none",
            hypoxia="none", on=D0 + dt.timedelta(day))
        for day in range(8)
    ]  # fmt: skip
    return follow(EXAMPLE_GATE, draw(splits).give(1), hot)


@st.composite
def plans(draw):
    product = Product(total="4e7 cell/mL", viability="90 %", car_fraction=0.5, volume="200 mL")
    return trial.plan(
        draw(strategies.subjects()),
        infusion=draw(dates),
        cells_per_kg=make(draw(st.floats(1e7, 2e7)), "cell/kg"),
        product=draw(st.sampled_from([None, product])),
        split=draw(st.sampled_from([None, "10/30/60"])),
    )


@st.composite
def dose_records(draw):
    start = draw(st.integers(-90, 90))
    return DoseRecord(
        draw(st.sampled_from(["prednisone", "dexamethasone", "eltrombopag"])),
        f"{draw(st.integers(0, 80))} mg",
        draw(st.sampled_from(["QD", "BID"])),
        start=start,
        end=draw(or_none(st.integers(start, 120))),
    )


PAQ = itp_paq.questionnaire(
    itp_paq.read_mapping(
        "scale,item,options,best,first\n"
        + "".join(
            f"{facts.key},{facts.key.lower()}{at},5,highest,1\n"
            for facts in itp_paq.SCALES
            if facts.key != "RH"
            for at in range(facts.items)
        )
    )
)
ITEMS = [item.key for scale in PAQ.scales for item in scale.items]


@st.composite
def profiles(draw):
    given = {key: draw(or_none(st.integers(1, 5))) for key in dict.fromkeys(ITEMS)}
    return PAQ.score(given, applies={"W": draw(unknown)}, patient="SYN-01", visit="D-5")


cohorts = st.integers(0, 3).map(lambda dlt: Cohorts(treated=(3, 3), dlt=(0, dlt), current=2))
calendars = dates.map(trial.SCHEDULE.on)
studies = st.integers(1, 3).map(synthetic)

STRATEGIES = {
    "quantity": st.builds(make, st.floats(1e-9, 1e12), st.sampled_from(["kg", "10^9/L", "Cel"])),
    "subject": strategies.subjects(),
    "lab": st.sampled_from([PLATELETS, CREATININE, HEMOGLOBIN]).flatmap(strategies.labs),
    "rule-table": st.sampled_from(TABLES),
    "verdict": verdicts(),
    "body-surface-area": strategies.subjects().map(bsa),
    "product": st.builds(Product, total=st.just("4e7 cell/mL"), viability=st.floats(0.1, 1),
                         car_fraction=st.floats(0.1, 1), volume=st.just("80 mL")),
    "cell-dose": doses,
    "infusion-volume": plans().filter(lambda plan: plan.volume).map(lambda plan: plan.volume),
    "vial-plan": st.integers(1, 2000).map(lambda mg: vial_plan(f"{mg} mg", ["200 mg", "500 mg"])),
    "split-dose": splits,
    "dosing-plan": plans(),
    "protocol": st.just(trial.PROTOCOL),
    "crs-gate": st.sampled_from([EXAMPLE_GATE]),
    "gate-course": gate_courses(),
    "escalation-table": st.sampled_from(DESIGNS),
    "cohorts": cohorts,
    "escalation-decision": cohorts.map(lambda state: recommend(DESIGNS[0], state)),
    "count": counts(),
    "rescue": rescues,
    "response-criteria": criteria,
    "response-course": courses(),
    "bleeding-score": scores(),
    "bleeding-assessment": assessments,
    "bleeding-diary": st.lists(assessments, max_size=4).map(Diary),
    "adverse-event": events(),
    "treatment-period": st.builds(
        lambda day, window: TreatmentPeriod(first="infusion", infusion=day, last=day,
                                            window_days=window),
        dates, or_none(st.integers(1, 90))),
    "crs-findings": support.map(lambda found: CrsFindings(**found)),
    "ice": tasks,
    "scale-assessment": graded,
    "crs-episode": fevers().map(lambda found: episodes.episodes(found)[0]),
    "rate-interval": st.builds(lambda x, n: rates.clopper_pearson(min(x, n), n),
                               st.integers(0, 9), st.integers(1, 9)),
    "kaplan-meier": st.lists(st.tuples(st.floats(0.5, 400), st.booleans()), min_size=1,
                             max_size=9).map(lambda rows: survival.kaplan_meier(
                                 [row[0] for row in rows], [row[1] for row in rows], unit="d")),
    "dose-record": dose_records(),
    "therapy-course": st.lists(dose_records(), min_size=1, max_size=3).map(
        lambda records: therapy(records[:1], until=150, patient="SYN-01")),
    "questionnaire-profile": profiles(),
    "schedule": st.just(trial.SCHEDULE),
    "visit-calendar": calendars,
    "attendance": calendars.map(lambda found: assign(found, [found.visits[9].target])),
    "study": studies,
    "patient-records": studies.map(lambda study: next(study.patients())),
    "validation": studies.map(lambda study: study.validation),
}  # fmt: skip


# --- the properties -----------------------------------------------------------------------------


@cache
def validator(kind):
    return jsonschema.Draft202012Validator(json_schema(class_of(kind)))


def test_every_kind_has_a_strategy():
    assert set(STRATEGIES) == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_every_object_comes_back_equal_and_is_written_the_same(kind):
    @few
    @given(STRATEGIES[kind])
    def holds(value):
        text = to_json(value)
        back = from_json(text, type(value))
        assert back == value
        assert repr(back) == repr(value)
        assert to_json(back) == text
        validator(kind).validate(json.loads(text))

    holds()


# --- the schema ---------------------------------------------------------------------------------


def test_the_schema_is_a_schema_and_refers_to_what_it_defines():
    schema = document_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    text = json.dumps(schema)
    for name in schema["$defs"]:
        assert f'"#/$defs/{name}"' in text, f"{name} is defined and not used"
    assert all(set(one) - {"description"} for one in schema["$defs"].values())


@pytest.mark.parametrize("kind", ["subject", "verdict", "response-course", "dosing-plan"])
def test_the_schema_refuses_what_the_library_refuses(kind):
    schema = jsonschema.Draft202012Validator(document_schema())

    @settings(few, max_examples=3)
    @given(STRATEGIES[kind])
    def holds(value):
        document = json.loads(write_document(value))
        schema.validate(document)
        for changed in (
            {**document, "schema": 2},
            {**document, "kind": "person"},
            {**document, "value": {**document["value"], "extra": 1}},
            {**document, "value": []},
            {key: one for key, one in document.items() if key != "library"},
        ):
            assert not schema.is_valid(changed)
            with pytest.raises(ItpCarTError):
                read_document(json.dumps(changed))

    holds()


# --- documents ----------------------------------------------------------------------------------


def test_a_document_says_what_it_was_computed_by():
    from itp_carT import __version__

    value = rates.clopper_pearson(3, 5)
    text = write_document(
        value,
        protocol="NCT05315778",
        editions={"response": "nct05315778", "ctcae": "ctcae-v5.0"},
        options={"rescue_days": 28},
    )
    found = read_document(text)
    assert found.value == value
    assert (found.kind, found.library, found.schema) == ("rate-interval", __version__, 1)
    assert (found.protocol, found.options) == ("NCT05315778", {"rescue_days": 28})
    assert list(json.loads(text)["editions"]) == ["ctcae", "response"]  # sorted: order says nothing


@pytest.mark.parametrize("version", [0, 2, -1, "1", 1.5, True, [1]])
def test_a_document_of_an_unknown_version_is_refused(version):
    document = json.loads(write_document(rates.clopper_pearson(3, 5))) | {"schema": version}
    with pytest.raises(RecordError, match="version"):
        read_document(json.dumps(document))


def test_what_was_written_before_documents_had_a_version_is_read_by_its_class():
    text = to_json(rates.clopper_pearson(3, 5))
    with pytest.raises(RecordError, match="read it with from_json"):
        read_document(text)
    assert from_json(text, type(rates.clopper_pearson(3, 5))) == rates.clopper_pearson(3, 5)


def test_what_is_no_document_is_refused():
    for text in ("", "[]", "1", '{"schema": 1}', b"{}"):
        with pytest.raises((NotationError, RecordError)):
            read_document(text)
    with pytest.raises(UnknownTermError, match="not of a kind"):
        write_document(D0)


def test_an_edited_verdict_and_an_edited_term_are_refused():
    """Grade 2 is written over a grade 3; a term takes the code of another."""
    from itp_carT.observations import Lab

    verdict = decide(ctcae_v5.ANEMIA, Lab(HEMOGLOBIN, "70 g/L"))
    edited = json.loads(to_json(verdict))
    edited["possible"] = [{"list": "Grade", "name": "G2"}]
    with pytest.raises(ImpossibleError, match="change the facts"):
        from_json(json.dumps(edited), type(verdict))
    event = AdverseEvent("SYN-01", "Headache", edition="ctcae-v5.0", grade=2)
    text = to_json(event).replace('"name": "Headache"', '"name": "Nausea"')
    with pytest.raises(NotationError, match="Headache"):
        from_json(text, AdverseEvent)


# --- the same bytes everywhere ------------------------------------------------------------------

WRITES = """
import sys, warnings
sys.path.insert(0, sys.argv[2])
warnings.simplefilter("ignore")
from itp_carT.exchange import write_document
from itp_carT.exchange.schema import document_schema
from itp_carT.protocol import nct05315778 as trial
from itp_carT.study import read_study
from itp_carT import Subject
from itp_carT.response import nct05315778 as criteria
from itp_carT.response.course import assess
from itp_carT.response.records import Count, Rescue
import json
study = read_study(sys.argv[1])
ana = Subject(id="SYN-01", sex="F", age=41, height="162 cm", weight="60 kg")
plan = trial.plan(ana, infusion="2026-03-09", cells_per_kg="1.5e7 cells/kg", split="10/30/60")
counts = [Count(-6, "12 10^9/L", bleeding="yes"), Count(14, "45 10^9/L", bleeding="no"),
          Count(21, "0.12 10^12/L", bleeding="no")]
course = assess(counts, criteria.HARMONIZED, rescue=[Rescue("transfusion", 3)])
for value in (study, study.validation, plan, course, trial.PROTOCOL):
    sys.stdout.write(write_document(value, protocol="NCT05315778",
                                    editions={"b": "1", "a": "2"}) + chr(10))
sys.stdout.write(json.dumps(document_schema(), indent=1))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return simulate_study(tmp_path_factory.mktemp("same") / "study", trial.PROTOCOL, patients=2)


def written(folder, python=sys.executable, **environment):
    source = str(Path(__file__).parents[1] / "src")
    done = subprocess.run(
        [python, "-c", WRITES, str(folder), source],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


ENVIRONMENTS = [
    {"PYTHONHASHSEED": "1"},
    {"PYTHONHASHSEED": "4711"},
    {"TZ": "Asia/Shanghai"},
    {"TZ": "America/Los_Angeles", "LC_ALL": "C"},
    {"LC_ALL": "de_DE.UTF-8", "LANG": "zh_CN.GB18030"},
]


def test_the_json_is_the_same_in_every_environment(folder):
    """Hash seeds, time zones and locales change no byte."""
    first = written(folder, PYTHONHASHSEED="0", TZ="UTC")
    assert len(first) > 100_000
    for environment in ENVIRONMENTS:
        assert written(folder, **environment) == first, environment


def others():
    """Other versions of Python here that have the packages the library needs."""
    needs = "import attrs, cattrs, click, narwhals, pint"
    for name in ("python3.11", "python3.12", "python3.13", "python3.14"):
        python = shutil.which(name)
        if python and name != f"python3.{sys.version_info.minor}":
            ready = subprocess.run([python, "-c", needs], capture_output=True, check=False)
            if ready.returncode == 0:
                yield python


def test_the_json_is_the_same_in_every_version_of_python(folder):
    """Compared with each other version that is installed with the packages the library needs."""
    found = list(others())
    if not found:
        pytest.skip("no other version of Python with the library's packages is installed here")
    first = written(folder)
    for python in found:
        assert written(folder, python) == first, python
