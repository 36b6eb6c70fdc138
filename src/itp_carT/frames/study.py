"""The endpoint tables of a large study over columns, with the numbers of `itp_carT.study`.

The files are scanned in parts and never held whole; rules are asked by column, or once for each
different case. The figures are made by the functions that make those of `analyze`: same keys, same
values, same texts; the rows behind a number are not kept.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

from attrs import field, frozen

from itp_carT.errors import NotPermittedError, UnknownTermError
from itp_carT.notation import show
from itp_carT.protocol.model import Protocol
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.response.criteria import Criteria
from itp_carT.schedule.visits import Schedule
from itp_carT.study.analysis import criteria_of, left_early, population
from itp_carT.study.assess import Plan
from itp_carT.study.folder import open_study
from itp_carT.study.numbers import Listing, Number

#: Endpoints that columns compute.
ENDPOINTS = (
    *("response", "bleeding", "events", "toxicity", "therapy", "questionnaire", "exposure"),
    "deviations",
)


@frozen(kw_only=True)
class StudyTables:
    """The endpoint tables of a study.

    Parameters
    ----------
    patients
        One row per subject: ``subject``, ``best``, ``month_6``, ``time_to_response`` [d],
        ``duration`` [d], ``lost``, ``response_refused`` (why a response could not be computed);
        symptom points ``bleeding_before``, ``bleeding_worst``, ``bleeding_month_6``;
        ``event_any`` and the other kinds of event; ``crs_worst``, ``icans_worst``, of the
        first episode ``crs_onset``, ``icans_onset`` (day) and ``crs_days``, ``icans_days`` [d],
        ``icaht_early``, ``icaht_late``;
        ``glucocorticoid_decrease`` [%]; ``cells_per_kg`` [cell/kg]; per drug of lymphodepletion
        e.g. ``fludarabine_per_area`` [mg/m²]. Null where not known.
    numbers
        Figures of the whole study by their key, as `itp_carT.study.analysis.analyze` has them;
        without the rows behind them.
    incidence
        Adverse events by class, term and worst grade, and cytopenias as shifts from baseline.
    listings
        Other tables of the report: scores of the questionnaire, and visits.
    tables
        Frames with several rows per ``subject``, by their name: ``questionnaire`` (``month``, null
        before treatment; ``day``; score and outcome of each scale), ``deviations`` (``kind``,
        ``what``), ``visits`` (``visit``, ``timing``) and ``therapy`` (``agent``, ``unit`` of a
        daily dose, ``baseline``, ``current``, ``decrease`` and ``average_decrease`` [%],
        ``why_not``, ``reduced_on`` and ``stopped_on`` [protocol day], days without the agent:
        ``longest``, ``cumulative``, ``current_run``).
    left_out
        What was not asked for, or needs a mapping or a schedule, by the beginning of its keys.
    """

    patients: Any = field(repr=False)
    numbers: Mapping[str, Number] = field(repr=False)
    incidence: tuple[Listing, ...] = field(repr=False)
    listings: tuple[Listing, ...] = field(default=(), repr=False)
    tables: Mapping[str, Any] = field(factory=dict, repr=False)
    left_out: Mapping[str, str]


def study_tables(
    folder: Path | str,
    protocol: Protocol,
    *,
    schedule: Schedule | None = None,
    criteria: Criteria | str | None = None,
    questionnaire: Questionnaire | None = None,
    engine: str = "polars",
    endpoints: Collection[str] = ENDPOINTS,
    progress: Callable[[str], None] | None = None,
) -> StudyTables:
    """Compute the endpoint tables of a study folder of any size.

    The folder must have passed ``itp-cart validate`` and be written as `write_study` and
    ``itp-cart simulate`` write it: CSV in UTF-8, the columns' own names, a unit beside each value.

    Parameters
    ----------
    folder
        The folder with study.toml and the tables.
    protocol
        The protocol: the range of cells.
    schedule
        Its visits; without them attendance is not reported.
    criteria
        Response criteria or their key; by default as study.toml states.
    questionnaire
        The scales, from the licensed mapping; without it they are not computed.
    engine
        ``"polars"``.
    endpoints
        Which of `ENDPOINTS`; by default all.
    progress
        Told each endpoint when it is done.

    Raises
    ------
    RecordError
        A file of another form, or a row that cannot be used: columns leave none out.
    NotPermittedError
        Another engine, or an option of the criteria that columns do not know.
    UnknownTermError
        No such endpoint or criteria.

    Examples
    --------
    >>> from itp_carT.protocol.nct05315778 import PROTOCOL
    >>> found = study_tables("examples/study", PROTOCOL)
    >>> print(found.numbers["response.best.rate"])
    4/5 (80.0 %; 95 % exact 28.4 % to 99.5 %)
    >>> print(found.numbers["toxicity.crs.onset"])
    day 3.5 (range 2 to 5)
    """
    if engine != "polars":
        raise NotPermittedError(
            f'{show(engine)} does not read study folders: write "polars"; the frames of each '
            "endpoint run on other engines",
            field="engine",
            given=engine,
        )
    for name in endpoints:
        if name not in ENDPOINTS:
            raise UnknownTermError(
                f"{show(name)} is no endpoint of columns: write {', '.join(ENDPOINTS)}",
                field="endpoints",
                given=name,
                nearest=ENDPOINTS,
            )
    from .study_cells import People  # Polars is an extra

    opened = open_study(folder)
    plan = Plan(opened.header, criteria_of(criteria, opened.header), schedule, questionnaire)
    people = People.of(opened)
    left = [one.subject for one in people.subjects if left_early(one)]
    numbers = population(
        len(people.subjects), people.named(people.treated()), people.named(people.infused()), left
    )
    patients, listings = people.places, []
    tables: dict[str, Any] = {}
    for name, part in _parts(people, plan, protocol, endpoints):
        numbers += part.numbers
        listings += part.listings
        tables |= part.tables
        patients = patients.join(part.columns, on="patient", how="left", maintain_order="left")
        if progress is not None:
            progress(name)
    skipped = {name: "was not asked for" for name in ENDPOINTS if name not in endpoints}
    if questionnaire is None:
        skipped["questionnaire"] = "the items of the scales are licensed: give your mapping"
    return StudyTables(
        patients=patients.drop("patient"),
        numbers={one.key: one for one in numbers},
        incidence=tuple(one for one in listings if one.key.startswith("events.")),
        listings=tuple(one for one in listings if not one.key.startswith("events.")),
        tables={name: people.subjects_of(found) for name, found in tables.items()},
        left_out=skipped,
    )


def _parts(people: Any, plan: Plan, protocol: Protocol, endpoints: Collection[str]) -> Any:
    from .study_deviations import deviations_part
    from .study_doses import therapy_of
    from .study_efficacy import bleeding_part, bleeding_rows, response_part
    from .study_exposure import exposure_part
    from .study_questionnaire import questionnaire_part
    from .study_safety import events_part
    from .study_toxicity import toxicity_part

    asked = set(endpoints)
    if asked & {"response", "therapy"}:
        therapy, rescues = therapy_of(people, plan)
    if asked & {"response", "bleeding"}:
        bled = bleeding_rows(people)
    makes: dict[str, Callable[[], Any]] = {
        "response": lambda: response_part(people, plan, rescues, bled),
        "bleeding": lambda: bleeding_part(people, plan, bled),
        "events": lambda: events_part(people, plan),
        "toxicity": lambda: toxicity_part(people, plan),
        "therapy": lambda: therapy,
        "questionnaire": lambda: questionnaire_part(people, plan),
        "exposure": lambda: exposure_part(people, protocol),
        "deviations": lambda: deviations_part(people, plan, protocol),
    }
    for name in ENDPOINTS:
        if name in asked:
            yield name, makes[name]()


__all__ = ["ENDPOINTS", "StudyTables", "study_tables"]
