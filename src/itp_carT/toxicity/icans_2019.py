"""ICANS by ASTCT 2019: the worst of ICE score, consciousness, seizure, motor and raised pressure.

Only findings without another cause count (sedation is one). Tremor and myoclonus are graded by
CTCAE, intracranial hemorrhage is excluded. Under 12 years the CAPD is used, which is only named.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from enum import Enum
from typing import Any

from itp_carT.analytes import Analyte
from itp_carT.errors import ImpossibleError, NotPermittedError
from itp_carT.notation import show
from itp_carT.observations import Lab
from itp_carT.points import Points
from itp_carT.rules import Fact, Known, Row, Table
from itp_carT.sources import LEE_2019
from itp_carT.units import Measured, measured, to_quantity
from itp_carT.verdict import Verdict, decide

from ._words import folded, read_word, read_words, yes_no
from .grades import Grade
from .ice import Ice, points_up_to
from .scales import ICANS_ASTCT_2019, ScaleAssessment


class Consciousness(Enum):
    """Level of consciousness; the second is the scale's grade 1, the first is no depression."""

    AWAKE = "awake"
    SPONTANEOUS = "awakens spontaneously"
    VOICE = "awakens to voice"
    TACTILE = "awakens to tactile stimulus"
    UNAROUSABLE = "unarousable"


class Seizure(Enum):
    """Seizures; a clinical one is judged by its duration."""

    NONE = "none"
    CLINICAL = "clinical"
    BRIEF = "resolves rapidly"
    NONCONVULSIVE = "nonconvulsive, resolves with treatment"
    PROLONGED = "prolonged"
    REPETITIVE = "repetitive without return to baseline"


class Motor(Enum):
    """Motor findings."""

    NONE = "none"
    WEAKNESS = "deep focal weakness"


class Pressure(Enum):
    """Signs of raised intracranial pressure or cerebral edema."""

    NONE = "none"
    FOCAL = "focal edema"
    DIFFUSE = "diffuse edema"
    POSTURING = "decerebrate or decorticate posture"
    SIXTH_NERVE = "cranial nerve VI palsy"
    PAPILLEDEMA = "papilledema"
    CUSHING = "Cushing triad"


CONSCIOUSNESS_WORDS = {
    "alert": Consciousness.AWAKE,
    "to voice": Consciousness.VOICE,
    "to tactile stimulus": Consciousness.TACTILE,
    "tactile": Consciousness.TACTILE,
    "needs vigorous or repetitive stimuli": Consciousness.UNAROUSABLE,
    "stupor": Consciousness.UNAROUSABLE,
    "coma": Consciousness.UNAROUSABLE,
}
SEIZURE_WORDS = {
    "generalized": Seizure.CLINICAL,
    "focal": Seizure.CLINICAL,
    "longer than 5 min": Seizure.PROLONGED,
    "repetitive": Seizure.REPETITIVE,
}
MOTOR_WORDS = {"hemiparesis": Motor.WEAKNESS, "paraparesis": Motor.WEAKNESS}
PRESSURE_WORDS = {
    "focal edema on imaging": Pressure.FOCAL,
    "diffuse edema on imaging": Pressure.DIFFUSE,
    "decerebrate": Pressure.POSTURING,
    "decorticate": Pressure.POSTURING,
}
_ELSEWHERE = {
    "tremor": "graded by CTCAE, not by ICANS",
    "myoclonus": "graded by CTCAE, not by ICANS",
    "hemorrhage": "excluded from ICANS: grade it by CTCAE",
    "intracranial hemorrhage": "excluded from ICANS: grade it by CTCAE",
}

# --- the rule -------------------------------------------------------------------------------------

ICE = Analyte("ice", "ICE score", "1")
SEIZURE_DURATION = Analyte("seizure_duration", "duration of the seizure", "min")

UNAROUSABLE = Fact("unarousable", "unarousable, or only by vigorous or repetitive stimuli")
TACTILE = Fact("to tactile stimulus", "awakens only to tactile stimulus")
VOICE = Fact("to voice", "awakens to voice")
SPONTANEOUS = Fact("drowsy", "drowsy, awakens spontaneously")
SEIZED = Fact("seizure", "seizure", when_absent=False)
STATUS = Fact(
    "prolonged seizure",
    "seizure > 5 min, or repetitive without return to baseline",
    when_absent=False,
)
TIMED = Fact("timed seizure", "clinical seizure, judged by its duration", when_absent=False)
WEAKNESS = Fact("weakness", "deep focal weakness: hemiparesis, paraparesis", when_absent=False)
FOCAL_EDEMA = Fact("focal edema", "focal edema on imaging", when_absent=False)
RAISED_PRESSURE = Fact(
    "raised pressure",
    "diffuse edema, decerebrate or decorticate posture, cranial nerve VI palsy, papilledema or "
    "Cushing triad",
    when_absent=False,
)
DEATH = Fact("attested: death", "death from ICANS", when_absent=False)
_LEVELS = {
    Consciousness.UNAROUSABLE: UNAROUSABLE,
    Consciousness.TACTILE: TACTILE,
    Consciousness.VOICE: VOICE,
    Consciousness.SPONTANEOUS: SPONTANEOUS,
}

ICANS = Table(
    key="icans:astct-2019",
    term="ICANS (ASTCT 2019)",
    rows=(
        Row(Grade.G5, DEATH.is_()),
        Row(
            Grade.G4,
            UNAROUSABLE.is_()
            | STATUS.is_()
            | (TIMED.is_() & (SEIZURE_DURATION > "5 min"))
            | WEAKNESS.is_()
            | RAISED_PRESSURE.is_(),
        ),
        Row(Grade.G3, (ICE <= 2) | TACTILE.is_() | SEIZED.is_() | FOCAL_EDEMA.is_()),
        Row(Grade.G2, (ICE <= 6) | VOICE.is_()),
        Row(Grade.G1, (ICE <= 9) | SPONTANEOUS.is_()),
    ),
    otherwise=Grade.G0,
    source=LEE_2019.at("ICANS consensus grading"),
    note="ICE 0 in a patient who is awake is grade 3, in one who is unarousable grade 4; "
    '"awake" is no depressed consciousness, "awakens spontaneously" is grade 1; with an ICE of 1 '
    "or more, consciousness that nobody reported is taken as awake and listed as assumed; other "
    "domains not reported count as none and are listed as assumed",
)


def icans(
    *,
    ice: int | Ice | None = None,
    consciousness: Consciousness | str | None = None,
    seizure: Seizure | str | None = None,
    seizure_duration: Measured | None = None,
    motor: Motor | str | None = None,
    pressure: Iterable[Pressure | str] | Pressure | str | None = None,
    death: bool | None = None,
    on: dt.date | str | None = None,
) -> ScaleAssessment:
    """Grade the ICANS of one day.

    Parameters
    ----------
    ice
        ICE score, 0 to 10, or its tasks; None when it could not be, or was not, tested.
    consciousness
        ``"awake"``, ``"awakens spontaneously"``, ``"awakens to voice"``, ``"awakens to tactile
        stimulus"`` or ``"unarousable"``.
    seizure
        ``"none"``, ``"resolves rapidly"``, ``"nonconvulsive, resolves with treatment"``,
        ``"prolonged"``, ``"repetitive without return to baseline"``, or ``"clinical"`` with its
        duration.
    seizure_duration
        Duration of a clinical seizure [min].
    motor
        ``"none"``, ``"hemiparesis"`` or ``"paraparesis"``.
    pressure
        ``"none"``, ``"focal edema"``, ``"diffuse edema"``, ``"papilledema"`` and others.
    death
        Death from ICANS.
    on
        The day.

    Returns
    -------
    The grade, or the grades still possible. Without ICE the other domains are graded and the
    assessment is marked incomplete; where ICE could still raise the grade it is not settled, and
    ``mildest`` is the grade of the other domains.

    Raises
    ------
    ImpossibleError
        An ICE outside 0 to 10; points of an unarousable patient.
    UnknownTermError, NotPermittedError
        A finding that is not of the scale.

    References
    ----------
    lee-2019

    Examples
    --------
    >>> print(icans(ice=7, consciousness="awakens spontaneously").outcome)
    ICANS grade 1 (ASTCT 2019)
    >>> no_ice = icans(consciousness="awakens to voice")
    >>> print(no_ice.mildest, no_ice.incomplete, no_ice.settled)
    ICANS grade 2 (ASTCT 2019) ('ICE score',) False
    """
    points = points_up_to(None if isinstance(ice, Ice) else ice, 10, "ice")
    score = ice.score if isinstance(ice, Ice) else None if points is None else Points(points)
    known = statements(
        score=score,
        consciousness=consciousness,
        seizure=seizure,
        seizure_duration=seizure_duration,
        motor=motor,
        pressure=pressure,
        death=death,
    )
    facts: list[Any] = [Known(fact, holds) for fact, holds in known.items()]
    if seizure_duration is not None:
        facts.append(Lab(SEIZURE_DURATION, seizure_duration))
    possible, verdict = _verdict(score, facts)
    presumed = consciousness is None and bool(known.keys() & _LEVELS.values())
    return ScaleAssessment(
        scale=ICANS_ASTCT_2019,
        possible=possible,
        verdict=verdict,
        on=on,
        incomplete=_incomplete(score, seen=consciousness is not None or presumed),
        presumed=tuple(_LEVELS.values()) if presumed else (),
    )


def statements(
    *,
    score: Points | None = None,
    consciousness: Consciousness | str | None = None,
    seizure: Seizure | str | None = None,
    seizure_duration: Measured | None = None,
    motor: Motor | str | None = None,
    pressure: Iterable[Pressure | str] | Pressure | str | None = None,
    death: bool | None = None,
) -> dict[Fact, bool]:
    """Return what findings, read as by `icans`, say of the facts of its table.

    Parameters
    ----------
    score
        The ICE score, as far as it is known.
    consciousness, seizure, motor, pressure, death
        As in `icans`.
    seizure_duration
        Duration of a clinical seizure [min].
    """
    level = _word(Consciousness, consciousness, "consciousness", CONSCIOUSNESS_WORDS)
    known = {
        **_consciousness(level, score),
        **_seizure(seizure, seizure_duration),
        **_edema(pressure),
    }
    weak = _word(Motor, motor, "motor", MOTOR_WORDS)
    if weak is not None:
        known[WEAKNESS] = weak is Motor.WEAKNESS
    if (dead := yes_no(death, "death")) is not None:
        known[DEATH] = dead
    return known


def _verdict(score: Points | None, facts: list[Any]) -> tuple[tuple[Grade, ...], Verdict]:
    """Return the grades of every score still possible, and the verdict that tells why."""
    if score is None:
        verdict = decide(ICANS, *facts)
        return verdict.possible, verdict
    found = [decide(ICANS, Lab(ICE, points), *facts) for points in score.possible]
    grades = {grade for verdict in found for grade in verdict.possible}
    told = found[0] if len({verdict.possible for verdict in found}) == 1 else decide(ICANS, *facts)
    return tuple(sorted(grades, reverse=True)), told


def _incomplete(score: Points | None, *, seen: bool) -> tuple[str, ...]:
    if score is None:
        missing: tuple[str, ...] = (ICE.label,)
    else:
        missing = tuple(f"ICE {task}" for task in score.missing)
    return missing if seen else (*missing, "consciousness")


def _word(kind: Any, given: Any, name: str, also: dict[str, Any]) -> Any:
    if given is None:
        return None
    _refuse_elsewhere((given,), name)
    return read_word(kind, given, name, also)


def _refuse_elsewhere(words: Iterable[Any], name: str) -> None:
    """Refuse what belongs to another scale, saying to which."""
    for word in words:
        why = _ELSEWHERE.get(folded(word)) if isinstance(word, str) else None
        if why:
            raise NotPermittedError(
                f"{show(word)} is {why}", field=name, given=word, citation=str(ICANS.source)
            )


def _consciousness(level: Consciousness | None, score: Points | None) -> dict[Fact, bool]:
    """State what is known of consciousness; an ICE above 0 needs a patient who is awake."""
    scored = score is not None and score.minimum > 0
    if level is None:
        return dict.fromkeys(_LEVELS.values(), False) if scored else {}
    if level is Consciousness.UNAROUSABLE and scored:
        raise ImpossibleError(
            "an unarousable patient cannot have ICE points: write ice=0, or leave it out",
            field="ice",
            given=str(score),
        )
    return {fact: level is this for this, fact in _LEVELS.items()}


def _seizure(given: Any, duration: Measured | None) -> dict[Fact, bool]:
    kind = _word(Seizure, given, "seizure", SEIZURE_WORDS)
    if duration is not None:
        measured("min", possible=("0.001 min", "100000 min")).check(
            "seizure_duration", to_quantity(duration)
        )
        if kind is not Seizure.CLINICAL:
            raise ImpossibleError(
                'a duration belongs to a clinical seizure: write seizure="clinical"',
                field="seizure_duration",
                given=str(duration),
            )
    if kind is None:
        return {}
    return {
        SEIZED: kind is not Seizure.NONE,
        STATUS: kind in {Seizure.PROLONGED, Seizure.REPETITIVE},
        TIMED: kind is Seizure.CLINICAL,
    }


def _edema(given: Any) -> dict[Fact, bool]:
    if given is None:
        return {}
    _refuse_elsewhere((given,) if isinstance(given, str) else given, "pressure")
    found = read_words(Pressure, given, "pressure", PRESSURE_WORDS)
    signs = [sign for sign in found if sign is not Pressure.NONE]
    return {
        FOCAL_EDEMA: Pressure.FOCAL in signs,
        RAISED_PRESSURE: any(sign is not Pressure.FOCAL for sign in signs),
    }


__all__ = ["ICANS", "Consciousness", "Motor", "Pressure", "Seizure", "icans", "statements"]
