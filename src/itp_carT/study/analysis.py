"""A whole study under a protocol: every endpoint of the registry, each figure with its derivation.

`analyze` asks every rule about every patient, then counts. The result is the same for the same
input, whatever the machine, the language or the order of a set.
"""

from __future__ import annotations

import csv
import io
import json
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from attrs import field, frozen

from itp_carT import __version__
from itp_carT.errors import AssumptionWarning, NotationError, RecordError, UnknownTermError
from itp_carT.notation import show
from itp_carT.protocol.model import Protocol
from itp_carT.quality_of_life import itp_paq
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.response import published
from itp_carT.response.criteria import Criteria
from itp_carT.schedule.visits import Schedule

from .assess import PatientResult, Plan, assess_patient
from .columns import Origin
from .endpoints import (
    bleeding,
    deviations,
    events,
    exposure,
    response,
    therapy,
    toxicity,
)
from .endpoints import questionnaire as scales
from .endpoints.parts import count, infused, treated
from .header import Header
from .numbers import Listing, Number, Section
from .problems import Severity, Validation
from .records import SubjectRecord
from .study import Study

#: Version of the form of results in JSON.
RESULT_SCHEMA = 1


@frozen(kw_only=True)
class Analysis:
    """The endpoints of a study.

    Parameters
    ----------
    header
        What study.toml states.
    protocol
        The protocol it was analyzed by.
    plan
        Criteria, visits and questionnaire.
    validation
        What was wrong with the files.
    patients
        What every rule says of each patient.
    sections
        The endpoints, in the order of the report.
    """

    header: Header
    protocol: Protocol
    plan: Plan = field(repr=False)
    validation: Validation = field(repr=False)
    patients: tuple[PatientResult, ...] = field(repr=False)
    sections: tuple[Section, ...] = field(repr=False)

    def __getitem__(self, key: str) -> Section:
        """Return an endpoint by its key, e.g. ``"response"``.

        Raises
        ------
        UnknownTermError
            There is none.
        """
        for one in self.sections:
            if one.key == key:
                return one
        keys = tuple(one.key for one in self.sections)
        raise UnknownTermError(
            f"{show(key)} is no endpoint: write {', '.join(keys)}",
            field="key",
            given=key,
            nearest=keys,
        )

    def numbers(self) -> Iterator[Number]:
        """Yield every number of the report, each once."""
        for one in self.sections:
            yield from one.every()

    def number(self, key: str) -> Number:
        """Return a number by its key, to be explained.

        Raises
        ------
        UnknownTermError
            There is none.
        """
        for one in self.numbers():
            if one.key == key:
                return one
        raise UnknownTermError(
            f"{show(key)} is no number of this analysis: its keys are in the JSON and the CSV",
            field="key",
            given=key,
            nearest=(),
        )

    def document(self) -> dict[str, Any]:
        """Return the whole analysis as what JSON holds, versions and choices first."""
        return {
            "schema": RESULT_SCHEMA,
            "library": __version__,
            "study": self.header.name,
            "synthetic": self.header.synthetic,
            "protocol": self.protocol.name,
            "criteria": self.plan.criteria.key,
            "editions": {
                name: self.header.edition(name) for name in ("ctcae", "bleeding", "questionnaire")
            },
            "cutoff": None if self.header.cutoff is None else self.header.cutoff.isoformat(),
            "problems": {
                one.value: sum(problem.severity is one for problem in self.validation.problems)
                for one in Severity
            },
            "sections": [_section(one) for one in self.sections],
            "numbers": [one.document() for one in self.numbers()],
        }

    def to_json(self) -> str:
        """Return the analysis as JSON, the same bytes for the same input."""
        return json.dumps(self.document(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"

    def to_csv(self) -> str:
        """Return every number as CSV: key, label, value, unit, text, rule, sources, rows, why."""
        out = io.StringIO()
        columns = ("key", "label", "value", "unit", "text", "rule", "citations", "rows", "why")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(columns)
        for one in self.numbers():
            told = one.document()
            rows = "; ".join(
                f"{place['file']} {' '.join(map(str, place['rows']))}" for place in told["rows"]
            )
            told |= {"citations": "; ".join(told["citations"]), "rows": rows}
            writer.writerow(["" if told[name] is None else told[name] for name in columns])
        return out.getvalue()


def _section(one: Section) -> dict[str, Any]:
    return {
        "key": one.key,
        "title": one.title,
        "numbers": [number.key for number in one.numbers],
        "listings": [
            {
                "key": listing.key,
                "title": listing.title,
                "columns": list(listing.columns),
                "rows": [[_cell(cell) for cell in row] for row in listing.rows],
                "note": listing.note,
            }
            for listing in one.listings
        ],
        "notes": list(one.notes),
    }


def _cell(cell: Any) -> Any:
    if isinstance(cell, Number):
        return {"number": cell.key, "text": str(cell)}
    return cell if isinstance(cell, (int, str)) else str(cell)


def analyze(
    study: Study,
    protocol: Protocol,
    *,
    schedule: Schedule | None = None,
    criteria: Criteria | str | None = None,
    questionnaire: Questionnaire | None = None,
    progress: Callable[[int], None] | None = None,
) -> Analysis:
    """Compute every endpoint of a study.

    Parameters
    ----------
    study
        The records.
    protocol
        The protocol: doses, range of cells, ages.
    schedule
        Its visits; without them attendance is not reported.
    criteria
        Response criteria or their key; by default as study.toml states.
    questionnaire
        The scales, from the licensed mapping; without it they are not computed.
    progress
        Told how many patients were done since it was told before.

    Raises
    ------
    UnknownTermError
        No such criteria.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import PROTOCOL
    >>> empty = Study(header=Header(name="synthetic"))
    >>> analyze(empty, PROTOCOL)["response"]["response.best.rate"].why
    'nobody was infused'
    """
    plan = Plan(study.header, criteria_of(criteria, study.header), schedule, questionnaire)
    results = []
    for patient in study.patients():
        results.append(assess_patient(patient, plan))
        if progress is not None:
            progress(1)
    return Analysis(
        header=study.header,
        protocol=protocol,
        plan=plan,
        validation=study.validation,
        patients=tuple(results),
        sections=tuple(_sections(results, plan, protocol)),
    )


def _sections(results: list[PatientResult], plan: Plan, protocol: Protocol) -> Iterator[Section]:
    yield _population(results, plan)
    yield response.section(results, plan)
    yield bleeding.section(results, plan)
    yield events.section(results, plan)
    yield toxicity.section(results, plan)
    yield therapy.section(results, plan)
    yield scales.section(results, plan)
    yield exposure.section(results, protocol)
    yield deviations.section(results, protocol)


def criteria_of(given: Criteria | str | None, header: Header) -> Criteria:
    """Return the response criteria: as given, by their key, or as study.toml states.

    Raises
    ------
    UnknownTermError
        No such criteria.
    """
    if isinstance(given, Criteria):
        return given
    return published.criteria_of(header.edition("response") if given is None else given)


def left_early(subject: SubjectRecord) -> bool:
    """Say whether somebody left before the end of the study."""
    return subject.end_reason not in (None, "completed")


def population(
    among: int,
    treated: Sequence[str],
    infused: Sequence[str],
    left: Sequence[str],
    *,
    rows: Iterable[Origin] = (),
) -> list[Number]:
    """Return how many patients there are.

    Parameters
    ----------
    among
        All of them.
    treated, infused, left
        Those with any treatment, those who were given cells, and those who left early.
    rows
        Of the subjects.
    """
    return [
        Number(key="population.all", label="patients", value=among, rule="rows of subjects",
               rows=rows),
        count("population.treated", "treated", treated, among,
              rule="any lymphodepletion or cells: the denominator of safety"),
        count("population.infused", "infused", infused, among,
              rule="cells given: the denominator of response"),
        count("population.left", "left before the end", left, among, rule="reason of the end"),
    ]  # fmt: skip


def _population(results: list[PatientResult], plan: Plan) -> Section:
    among = len(results)
    safety, efficacy = treated(results), infused(results)
    left = [one.id for one in results if left_early(one.records.subject)]
    numbers = population(
        among, [one.id for one in safety], [one.id for one in efficacy], left,
        rows=[one.records.subject.at for one in results],
    )  # fmt: skip
    rows = [
        (
            one.id, one.records.subject.sex or "not known", _age(one),
            _known(one.records.subject.infusion), _known(one.records.subject.end),
            one.records.subject.end_reason or "in the study",
        )
        for one in results
    ]  # fmt: skip
    listing = Listing(
        key="population.patients", title="Patients",
        columns=("subject", "sex", "age", "infusion (day 0)", "last day", "ended by"), rows=rows,
    )  # fmt: skip
    cutoff = plan.header.cutoff
    notes = [
        "The data are synthetic: nothing may be concluded from them."
        if plan.header.synthetic else "",
        f"Data cutoff {cutoff}." if cutoff else "No data cutoff is stated.",
    ]  # fmt: skip
    return Section(key="population", title="Patients", numbers=numbers, listings=[listing],
                   notes=[note for note in notes if note])  # fmt: skip


def _age(one: PatientResult) -> str:
    subject = one.records.subject
    if subject.infusion is not None and (subject.born or subject.age is not None):
        return str(subject.person().age_on(subject.infusion))
    return "not known"


def _known(given: Any) -> str:
    return "not known" if given is None else str(given)


def mapped_questionnaire(folder: Path, header: Header) -> Questionnaire | None:
    """Return the questionnaire of a study folder; None where study.toml names no mapping.

    Raises
    ------
    RecordError
        The mapping is not there or cannot be used.
    """
    name = header.options.get("questionnaire_mapping")
    if name is None:
        return None
    if not isinstance(name, str):
        raise NotationError(
            f"{show(name)} is not the name of a file", field="questionnaire_mapping"
        )
    path = folder / name
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise RecordError(
            f"{name} cannot be read: {getattr(error, 'strerror', None) or error}", file=name
        ) from None
    with warnings.catch_warnings():
        # a count other than the one known here is told by `itp-cart paq`; here it is the site's own
        warnings.simplefilter("ignore", AssumptionWarning)
        return itp_paq.questionnaire(itp_paq.read_mapping(text, file=name))


__all__ = [
    "RESULT_SCHEMA",
    "Analysis",
    "analyze",
    "criteria_of",
    "left_early",
    "mapped_questionnaire",
    "population",
]
