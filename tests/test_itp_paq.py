"""ITP-PAQ: published worked examples, cases by hand, applicability, and the licensed mapping.

Every mapping here is made up: item names, options and directions are not those of the manual.
"""

import csv
import itertools
import pickle
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from itp_carT.errors import (
    AssumptionWarning,
    ImpossibleError,
    ItpCarTError,
    MissingFactError,
    NotationError,
    RecordError,
    UnknownTermError,
)
from itp_carT.quality_of_life import itp_paq
from itp_carT.quality_of_life.item import Item
from itp_carT.quality_of_life.item_map import ItemMap, read_item_map
from itp_carT.quality_of_life.profile import Band, Change, Mid
from itp_carT.quality_of_life.questionnaire import Questionnaire
from itp_carT.quality_of_life.scale import Scale
from itp_carT.quality_of_life.score import Outcome, ScaleScore, summarize
from itp_carT.sources import ITP_CART_CONVENTIONS

PUBLISHED = Path(__file__).parent / "published"
MADE_UP = ITP_CART_CONVENTIONS.at("example")
TRUTH = {"yes": True, "no": False, "unknown": None}
PARTS = ("RH-MS", "RH-F")


def read(name, kind):
    with (PUBLISHED / name).open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["kind"] == kind]


def rows(kind):
    found = read("itp_paq.csv", kind) + read("itp_paq_by_hand.csv", kind)
    assert found
    return pytest.mark.parametrize("row", found, ids=[row["id"] for row in found])


def every(text, count):
    """``"5"`` for every item, or one word per item."""
    words = text.split()
    return words * count if len(words) == 1 else words


def questionnaire(row):
    """A made-up mapping for the scale of a row, with its options and directions."""
    scale, count = row["scale"], len(row["raw"].split())
    options, best = every(row["options"], count), every(row["best"], count)
    first = int(row.get("first") or 1)
    items = [
        Item(f"i{at}", int(many), end, first=first)
        for at, (many, end) in enumerate(zip(options, best, strict=True))
    ]
    if scale == "RH":
        placed = [*(("RH-MS", item) for item in items[:3]), *(("RH-F", item) for item in items[3:])]
    elif scale in PARTS:
        other = next(part for part in PARTS if part != scale)
        placed = [*((scale, item) for item in items)]
        placed += [(other, Item(f"o{at}", 5, "highest")) for at in range(3)]
    else:
        placed = [(scale, item) for item in items]
    return itp_paq.questionnaire(ItemMap(placed), least_answered=row.get("least") or "1/2")


def answers(row):
    return {f"i{at}": None if x == "-" else x for at, x in enumerate(row["raw"].split())}


def applies(row):
    text = row["applies"]
    if not text:
        return {}
    if "=" not in text:
        return {row["scale"]: TRUTH[text]}
    return {k.strip(): TRUTH[v] for k, v in (part.split("=") for part in text.split(";"))}


@rows("score")
def test_a_score(row):
    score = questionnaire(row).score(answers(row), applies=applies(row))[row["scale"]]
    assert score.outcome.label == row["outcome"]
    if row["points"]:
        assert score.value == pytest.approx(float(row["points"]), abs=5e-5)
        assert score.reason == ""
    else:
        assert score.exact is None
        assert score.reason
        with pytest.raises(MissingFactError):
            _ = score.value


@rows("change")
def test_a_change(row):
    change = Change(row["scale"], float(row["raw"]), itp_paq.mid(row["scale"]))
    assert change.band.label == row["class"]


@pytest.mark.parametrize(
    "row",
    read("itp_paq_by_hand.csv", "refused"),
    ids=lambda row: f"{row['id']} {row['why']}",
)
def test_a_refusal_names_the_item_and_the_options(row):
    kind = {"out of range": ImpossibleError, "not whole": NotationError}[row["outcome"]]
    with pytest.raises(kind, match="write 1 to 5") as caught:
        questionnaire(row).score(answers(row), applies=applies(row))
    assert caught.value.field == "i0"


@pytest.mark.parametrize("answer", [True, 2.5, float("nan"), "2,5", [1], object()])
def test_what_is_no_code_is_refused(answer):
    with pytest.raises((NotationError, ImpossibleError)):
        Item("x", 5, "highest").read(answer)


@pytest.mark.parametrize(("answer", "code"), [(3, 3), (3.0, 3), ("3", 3), (" 3.0 ", 3), ("", None)])
def test_what_is_a_code(answer, code):
    assert Item("x", 5, "highest").read(answer) == code


# --- shape ----------------------------------------------------------------------------------------


def test_ten_scales_of_44_items_and_two_parts():
    whole = [facts for facts in itp_paq.SCALES if not facts.part_of]
    parts = [facts for facts in itp_paq.SCALES if facts.part_of]
    assert (len(whole), len(parts)) == (10, 2)
    assert sum(facts.items for facts in whole) == itp_paq.ITEMS == 44
    assert sum(facts.items for facts in parts) == itp_paq.facts("RH").items == 6


def test_nine_of_eleven_reported_scales_have_a_published_range():
    """The paper reports the two parts of RH and not the whole."""
    reported = [facts for facts in itp_paq.SCALES if facts.key != "RH"]
    assert len(reported) == 11
    assert [facts.key for facts in reported if not facts.mid.published] == ["FR", "W"]
    ranges = [(facts.mid.low, facts.mid.high) for facts in reported]
    assert ranges.count((8, 12)) == 7
    assert {f.key for f in reported if (f.mid.low, f.mid.high) == (10, 15)} == {"FT", "A"}


def test_counts_from_knowledge_are_unverified_and_say_so():
    unsure = {facts.key for facts in itp_paq.SCALES if not facts.counted.verified}
    assert unsure == set(itp_paq.KEYS) - {"RH", "RH-MS", "RH-F"}
    row = {"scale": "S", "raw": "3 3 3 3 3 3", "options": "5", "best": "highest"}
    assert questionnaire(row).score(answers(row)).working.unverified


@pytest.mark.parametrize("key", ["total", "TOTAL", "ITP-PAQ", "s", ""])
def test_there_is_no_total_score(key):
    with pytest.raises(UnknownTermError, match="no total"):
        itp_paq.facts(key)


def test_no_item_wording_is_shipped():
    """Names of scales are all the words there are: no cell of the template holds any."""
    lines = itp_paq.template().splitlines()
    assert len(lines) == 45
    assert all(line.split(",")[1:] == ["", "", "", "1"] for line in lines[1:])
    assert {line.split(",")[0] for line in lines[1:]} == set(itp_paq.KEYS) - {"RH"}


# --- applicability -------------------------------------------------------------------------------

WHO = [
    # employed, woman, post-menopausal, menstruating, fertility -> W, RH, RH-MS, RH-F
    ((True, False, None, None, None), (True, False, False, False)),
    ((False, True, True, None, None), (False, False, False, False)),
    ((None, True, False, True, None), (None, True, True, True)),
    ((None, True, False, False, None), (None, True, False, True)),
    ((None, True, False, None, None), (None, True, None, True)),
    ((None, True, None, True, None), (None, None, None, None)),
    ((None, None, None, None, None), (None, None, None, None)),
    ((None, None, True, None, None), (None, False, False, False)),
    ((None, True, False, True, False), (None, True, True, False)),
    ((None, None, None, False, None), (None, None, False, None)),
]


@pytest.mark.parametrize(("person", "expected"), WHO)
def test_who_a_scale_applies_to(person, expected):
    names = ("employed", "woman", "post_menopausal", "menstruating", "fertility")
    found = itp_paq.applicability(**dict(zip(names, person, strict=True)))
    assert tuple(found[key] for key in ("W", "RH", "RH-MS", "RH-F")) == expected


@pytest.mark.parametrize("about", ["menstruating", "fertility"])
def test_a_contradiction_is_refused(about):
    with pytest.raises(ImpossibleError) as caught:
        itp_paq.applicability(woman=False, **{about: True})
    assert caught.value.field == about


def test_yes_and_no_are_not_written_as_words_or_numbers():
    for bad in ("yes", 1, 0):
        with pytest.raises(NotationError, match="employed"):
            itp_paq.applicability(employed=bad)


MADE = itp_paq.read_mapping(
    "scale,item,options,best,first\n"
    + "".join(
        f"{facts.key},{facts.key.lower()}{at},5,{('highest', 'lowest')[at % 2]},1\n"
        for facts in itp_paq.SCALES
        if facts.key != "RH"
        for at in range(facts.items)
    )
)
PAQ = itp_paq.questionnaire(MADE)


def test_a_whole_questionnaire_of_a_man_without_work():
    told = itp_paq.applicability(employed=False, woman=False)
    given = {item.key: 3 for item in PAQ.items if not item.key.startswith(("w", "rh"))}
    profile = PAQ.score(given, applies=told, patient="synthetic", visit="D-5")
    assert [score.scale for score in profile] == list(itp_paq.KEYS)
    assert {score.scale: score.outcome for score in profile if not score.settled} == dict.fromkeys(
        ("W", "RH", "RH-MS", "RH-F"), Outcome.NOT_APPLICABLE
    )
    assert all(score.value == 50 for score in profile if score.settled)
    assert profile.queries == ()
    assert profile.missing == ()


def test_an_answer_out_of_place_is_a_query_and_no_score():
    told = itp_paq.applicability(employed=False, woman=True, post_menopausal=True)
    profile = PAQ.score({"w0": 3, "rh-f1": 2}, applies=told)
    assert {score.scale for score in profile.queries} == {"W", "RH", "RH-F"}
    assert "w0" in profile["W"].reason
    assert all(score.exact is None for score in profile.queries)


def test_unknown_items_and_scales_are_refused():
    with pytest.raises(UnknownTermError, match="S1"):
        PAQ.score({"S1": 3})
    with pytest.raises(UnknownTermError, match="work"):
        PAQ.score({}, applies={"work": True})
    with pytest.raises(NotationError, match="W"):
        PAQ.score({}, applies={"W": "no"})
    with pytest.raises(ImpossibleError, match="RH-F cannot apply"):
        PAQ.score({}, applies={"RH": False, "RH-F": True})


# --- change ---------------------------------------------------------------------------------------


def test_changes_against_a_baseline():
    told = itp_paq.applicability(employed=True, woman=False)
    base = PAQ.score({"s0": 3, "s1": 3, "s2": 3, "fr0": 3, "fr1": 3, "fr2": 3}, applies=told)
    now = PAQ.score({"s0": 4, "s1": 3, "s2": 3, "fr0": 5, "fr1": 1, "fr2": 5}, applies=told)
    changes = {change.scale: change for change in PAQ.changes(now, base)}
    assert changes["S"].difference == Fraction(25, 3)
    assert (changes["S"].band, changes["S"].direction) == (Band.WITHIN, "better")
    assert changes["S"].responder(bound="low") is True
    assert changes["S"].responder(bound="high") is False
    assert changes["FR"].band is Band.NONE_PUBLISHED
    assert changes["FR"].responder(bound="low") is None
    assert changes["B"].band is None
    assert "missing" in str(changes["B"])
    assert "not applicable" in changes["RH"].reason


def test_a_responder_rate_says_which_bound():
    worse = Change("S", -20, itp_paq.mid("S"))
    assert worse.band is Band.REACHED
    assert worse.direction == "worse"
    assert worse.responder(bound="low") is False
    with pytest.raises(UnknownTermError, match="low or high"):
        worse.responder(bound="12")


@pytest.mark.parametrize("difference", [101, -100.5, float("nan"), "9", True])
def test_an_impossible_change_is_refused(difference):
    with pytest.raises(ImpossibleError):
        Change("S", difference, itp_paq.mid("S"))


def test_changes_of_two_people_are_refused():
    one, two = PAQ.score({}, patient="SYN-1"), PAQ.score({}, patient="SYN-2")
    with pytest.raises(ImpossibleError, match="SYN-1"):
        PAQ.changes(one, two)


def test_a_range_has_two_ends():
    for low, high in ((8, None), (12, 8), (0, 5), (8, 200)):
        with pytest.raises(ImpossibleError):
            Mid(low, high, source=MADE_UP)


def test_a_mean_counts_those_who_are_not_in_it():
    found = summarize(
        [
            ScaleScore("W", "scored", Fraction(100)),
            ScaleScore("W", "scored", Fraction(50)),
            ScaleScore("W", "missing"),
            ScaleScore("W", "not applicable"),
            ScaleScore("W", "not applicable"),
            ScaleScore("W", "data query"),
        ]
    )
    assert found.mean == 75
    assert [found[kind] for kind in ("scored", "missing", "not applicable", "data query")] == [
        2, 1, 2, 1,
    ]  # fmt: skip
    assert summarize([ScaleScore("W", "missing")]).mean is None
    with pytest.raises(ImpossibleError, match="different scales"):
        summarize([ScaleScore("W", "missing"), ScaleScore("S", "missing")])


def test_a_score_that_several_people_have_counts_as_often():
    scores = [ScaleScore("W", "scored", Fraction(100, 3)), ScaleScore("W", "missing")]
    found = summarize([*scores, ScaleScore("W", "scored", Fraction(0))], times=[2, 5, 1])
    assert found.mean == float(Fraction(200, 9))
    assert (found["scored"], found["missing"], found["not applicable"]) == (3, 5, 0)
    with pytest.raises(ImpossibleError, match="2 scores and 1 numbers of people"):
        summarize(scores, times=[1])


# --- the lattice ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("count", "options"), [(6, 5), (2, 5), (4, 5), (3, 7), (5, 2)])
def test_a_complete_scale_takes_so_many_values(count, options):
    items = [Item(f"x{at}", options, "highest") for at in range(count)]
    scores = Scale("X", "made up", items, source=MADE_UP).attainable()
    assert len(scores) == count * (options - 1) + 1
    steps = {after - before for before, after in itertools.pairwise(scores)}
    assert steps == {Fraction(100, count * (options - 1))}


REPORTED = [
    # reported score of 6 items with 5 options, answered -> exact, or refused
    ("54.17", None, Fraction(325, 6)),
    ("54.2", None, Fraction(325, 6)),
    (54.166666666666664, None, Fraction(325, 6)),
    (0, None, Fraction(0)),
    (100.0, None, Fraction(100)),
    ("55.00", None, None),
    ("53.3", None, None),
    ("55", 5, Fraction(55)),
    ("62.5", 3, None),
    ("58.33", 3, Fraction(175, 3)),
    ("100.01", None, None),
]


@pytest.mark.parametrize(("score", "answered", "exact"), REPORTED)
def test_a_reported_score_lies_on_the_lattice(score, answered, exact):
    scale = PAQ["S"]
    if exact is None:
        with pytest.raises(ImpossibleError):
            scale.check(score, answered=answered)
    else:
        assert scale.check(score, answered=answered) == exact


@pytest.mark.parametrize("score", ["-1", "nan", "", "fifty", True, None])
def test_what_is_no_score_is_refused(score):
    with pytest.raises(ItpCarTError):
        PAQ["S"].check(score)


@pytest.mark.parametrize("answered", [2, 7, 0, True, "6"])
def test_a_number_of_answers_that_gives_no_score_is_refused(answered):
    with pytest.raises(ImpossibleError):
        PAQ["S"].attainable(answered)


items = st.lists(
    st.builds(
        lambda options, best, first: (options, best, first),
        st.integers(2, 9), st.sampled_from(["highest", "lowest"]), st.integers(0, 1),
    ),
    min_size=1, max_size=6,
)  # fmt: skip


@st.composite
def answered(draw):
    made = [Item(f"x{at}", *spec[:2], first=spec[2]) for at, spec in enumerate(draw(items))]
    codes = {
        item.key: draw(st.none() | st.integers(item.first, item.last)) for item in made
    }  # fmt: skip
    return made, codes


@given(answered())
def test_a_score_lies_in_its_range_and_on_its_lattice(case):
    made, codes = case
    scale = Scale("X", "made up", made, source=MADE_UP)
    score = scale.score(codes)
    told = sum(code is not None for code in codes.values())
    assert score.settled is (2 * told >= len(made))
    if score.settled:
        assert 0 <= score.exact <= 100
        assert score.exact in scale.attainable(told)
        assert scale.check(score.value, answered=told) == score.exact


@given(answered(), st.data())
def test_a_better_answer_never_lowers_a_score(case, data):
    made, codes = case
    scale = Scale("X", "made up", made, source=MADE_UP)
    before = scale.score(codes)
    item = data.draw(st.sampled_from(made))
    code = codes[item.key]
    best = item.last if item.best.label == "highest" else item.first
    if code is None or code == best or not before.settled:
        return
    step = 1 if best == item.last else -1
    after = scale.score(codes | {item.key: code + step})
    assert after.exact > before.exact


@given(answered())
def test_order_of_items_and_turning_them_all_round(case):
    made, codes = case
    score = Scale("X", "made up", made, source=MADE_UP).score(codes)
    back = Scale("X", "made up", made[::-1], source=MADE_UP).score(codes)
    assert back.exact == score.exact
    ends = {"highest": "lowest", "lowest": "highest"}
    turned = [Item(i.key, i.options, ends[i.best.label], first=i.first) for i in made]
    mirrored = Scale("X", "made up", turned, source=MADE_UP).score(codes)
    assert mirrored.exact == (None if score.exact is None else 100 - score.exact)


# --- the mapping ----------------------------------------------------------------------------------


def test_a_mapping_can_be_written_and_read_back():
    assert itp_paq.read_mapping(MADE.table()) == MADE
    assert pickle.loads(pickle.dumps(PAQ)) == PAQ


def test_an_empty_template_names_what_is_to_be_filled():
    with pytest.raises(RecordError) as caught:
        itp_paq.read_mapping(itp_paq.template(), file="paq.csv")
    assert len(caught.value.problems) == 44
    assert "paq.csv line 2, column item: is empty" in str(caught.value)
    assert "and 36 more" in str(caught.value)


WRONG = [
    # row, column, what is said
    ("X,x1,5,highest,1", "scale", "write S, B"),
    ("S,,5,highest,1", "item", "empty"),
    ("S,x1,,highest,1", "options", "empty"),
    ("S,x1,1,highest,1", "options", "from 2 to 101"),
    ("S,x1,five,highest,1", "options", "whole number"),
    ("S,x1,5.0,highest,1", "options", "whole number"),
    ("S,x1,5,,1", "best", "empty"),
    ("S,x1,5,reversed,1", "best", "lowest where the lowest"),
    ("S,x1,5,highest,2", "first", "from 0 to 1"),
    ("S,ok,5,highest,1", "item", "twice"),
    ("S,x1,5,highest,1,more", "", "more fields"),
]


@pytest.mark.parametrize(("row", "column", "said"), WRONG)
def test_a_wrong_row_of_the_mapping_is_named(row, column, said):
    text = f"scale,item,options,best,first\nS,ok,5,highest,1\n{row}\n"
    with pytest.raises(RecordError, match=said) as caught:
        itp_paq.read_mapping(text, file="paq.csv")
    error = caught.value
    assert (error.file, error.row, error.column) == ("paq.csv", 3, column)


@pytest.mark.parametrize(
    ("head", "said"),
    [
        ("scale,item,options", 'column "best" not at all'),
        ("scale,item,options,best,reversed", 'column "reversed"'),
        ("scale,item,item,options,best", 'column "item" twice'),
        ("", "not at all"),
        ("scale,item,options,best", "no item"),
    ],
)
def test_a_wrong_head_of_the_mapping_is_named(head, said):
    with pytest.raises(RecordError, match=said):
        itp_paq.read_mapping(head)


def test_another_number_of_items_than_known_is_a_warning():
    made = read_item_map("scale,item,options,best\nS,x1,5,highest\nS,x2,5,highest\n")
    with pytest.warns(AssumptionWarning, match="S has 2 items in the mapping and 6 are known"):
        found = itp_paq.questionnaire(made)
    assert [scale.key for scale in found.scales] == ["S"]


def test_a_trial_may_use_single_scales_and_half_of_a_whole_makes_no_whole():
    made = ItemMap([("RH-F", Item(f"f{at}", 5, "highest")) for at in range(3)])
    found = itp_paq.questionnaire(made)
    assert [scale.key for scale in found.scales] == ["RH-F"]
    told = itp_paq.applicability(woman=True, post_menopausal=False, of=found)
    assert told == {"RH-F": True}
    assert found.score({"f0": 5, "f1": 5}, applies=told)["RH-F"].value == 100


# --- other questionnaires -------------------------------------------------------------------------


def test_a_questionnaire_of_ones_own():
    """The shape of a fatigue scale with 13 items coded 0 to 4; which are reversed is made up."""
    thirteen = [Item(f"q{at}", 5, "lowest" if at < 11 else "highest", first=0) for at in range(13)]
    own = Questionnaire("own", [Scale("F", "fatigue", thirteen, source=MADE_UP)])
    score = own.score({f"q{at}": 0 for at in range(13)})["F"]
    assert score.exact == Fraction(1100, 13)
    assert own.mid("F") is None
    change = own.changes(own.score({f"q{at}": 0 for at in range(13)}), own.score({"q0": 1}))
    assert change[0].band is None
    assert len(own["F"].attainable()) == 53


@pytest.mark.parametrize(
    ("scales", "said"),
    [
        ([], "at least one"),
        ([("X", ["a"], ""), ("X", ["b"], "")], "twice"),
        ([("X", ["a"], "Y")], "not there"),
        ([("X", ["a", "b"], ""), ("Y", ["c"], "X")], "has not"),
    ],
)
def test_a_questionnaire_that_contradicts_itself_is_refused(scales, said):
    made = [
        Scale(key, "made up", [Item(i, 5, "highest") for i in keys], part_of=whole, source=MADE_UP)
        for key, keys, whole in scales
    ]
    with pytest.raises(ItpCarTError, match=said):
        Questionnaire("made up", made)


def test_an_item_has_the_same_options_in_every_scale():
    one = Scale("X", "made up", [Item("a", 5, "highest")], source=MADE_UP)
    two = Scale("Y", "made up", [Item("a", 7, "highest")], source=MADE_UP)
    with pytest.raises(ImpossibleError, match="other options"):
        Questionnaire("made up", [one, two])


@pytest.mark.parametrize("share", [0, 1.5, "-1/2", True, "half", None, float("nan")])
def test_a_share_outside_its_range_is_refused(share):
    with pytest.raises(ItpCarTError):
        Scale("X", "x", [Item("a", 5, "highest")], least_answered=share, source=MADE_UP)


def test_a_result_explains_itself():
    score = PAQ.score({"s0": 5, "s1": 4, "s2": 3})["S"]
    text = str(score.working)
    assert "item s1 = 100 × (5 - x) / 4 = 100 × (5 - 4) / 4 = 25; the lowest code is the best" in (
        text
    )
    assert "S items answered = 3 of 6; not answered: s3, s4, s5" in text
    assert "ITP-PAQ manual 2007, items per scale (unverified)" in text
