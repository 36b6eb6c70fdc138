"""Chinese texts: none missing, holes agree, sentences found by their pattern, language explicit."""

import importlib.util
import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from itp_carT.calculator import run
from itp_carT.cli import main
from itp_carT.errors import UnknownTermError
from itp_carT.translation import LANGUAGES, language, speaker, translate

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "src" / "itp_carT" / "locale" / "zh_Hans" / "LC_MESSAGES"
HOLE = re.compile(r"\{\d\}")
HAN = re.compile(r"[\u4e00-\u9fff]")


def entries():
    """Read the catalogue's source: text, translation, whether it awaits review."""
    found = {}
    for block in (FOLDER / "itp_carT.po").read_text(encoding="utf-8").split("\n\n"):
        said = re.search(r'^msgid "(.*)"\nmsgstr "(.*)"$', block, re.MULTILINE)
        if said and said[1]:
            text, put = (part.replace('\\"', '"').replace("\\\\", "\\") for part in said.groups())
            found[text] = (put, "# review" in block.splitlines())
    return found


ENTRIES = entries()


@pytest.fixture(scope="module")
def messages():
    path = ROOT / "scripts" / "make_messages.py"
    spec = importlib.util.spec_from_file_location("make_messages", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# --- the catalogue ------------------------------------------------------------------------------


def test_every_label_and_joint_is_translated(messages):
    wanted = messages.wanted()
    assert sum(kind != "refusal" for kind in wanted.values()) > 700
    missing = [
        text
        for text, kind in wanted.items()
        if kind != "refusal" and not ENTRIES.get(text, ("",))[0]
    ]
    assert missing == [], "run scripts/make_messages.py and translate what is new"


def test_nothing_in_the_catalogue_has_gone_from_the_code(messages):
    alive = set(messages.wanted()) | messages.texts()
    assert [text for text in ENTRIES if text not in alive] == []


def test_holes_of_text_and_translation_agree():
    wrong = [
        text
        for text, (put, _) in ENTRIES.items()
        if put and sorted(HOLE.findall(text)) != sorted(HOLE.findall(put))
    ]
    assert wrong == []


def typed(text):
    """Return what a text quotes, and the names of arguments in it."""
    return {*text.split('"')[1::2], *re.findall(r'[a-z_]+=(?="|\d)', text)}


def test_what_must_be_typed_as_it_stands_is_kept():
    """Quoted words and units of a refusal are what the reader is to type: they stay."""
    # quoted from a source or from the form, not to be typed
    prose = {"none", "awake", "awakens spontaneously", "at least 2-fold"}
    lost = {
        text: typed(text) - typed(put) - prose
        for text, (put, _) in ENTRIES.items()
        if put and typed(text) - typed(put) - prose
    }
    assert lost == {}


def test_numbers_are_the_same_in_both_languages():
    number = re.compile(r"(?<![{\w.])\d+(?:\.\d+)?")
    # these hold numbers that one of the languages writes as a word, or that a word needs
    words = ("Counting back from 100", "of 3: none", "the lower edge of", '"{0}" has two powers')
    wrong = [
        (text, put)
        for text, (put, _) in ENTRIES.items()
        if put
        and not text.startswith(words)
        and sorted(number.findall(text)) != sorted(number.findall(put))
    ]
    assert wrong == []


def test_only_terms_of_the_guideline_are_without_the_mark_of_review():
    reviewed = {
        text: put for text, (put, review) in ENTRIES.items() if put != text and put and not review
    }
    assert reviewed == {
        "complete response": "完全反应",
        "response": "有效",
        "no response": "无效",
        "early": "早期反应",
        "initial": "初步反应",
        "durable": "持续有效",
        "remission": "缓解",
    }


def test_the_compiled_file_is_that_of_the_source():
    wrong = [text for text, (put, _) in ENTRIES.items() if translate(text, "zh-Hans") != put]
    assert wrong == [], "run scripts/make_messages.py"


# --- sentences ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "chinese"),
    [
        ("complete response", "完全反应"),
        ("CR: complete response", "CR:完全反应"),
        ('"162" has no unit: write e.g. "162 cm"', '"162" 没有单位:请写成例如 "162 cm"'),
        ("Height was not given", "未提供 身高"),
        ("not reported, taken as absent: death", "未报告,按无处理:死亡"),
        ("platelets < 25 10^9/L", "血小板 < 25 10^9/L"),
        ("Hypokalemia is G2 or G1: give symptomatic to settle it",
         "低钾血症 为 G2 或 G1:补充 有症状 方可确定"),
        ("9.0×10^8 viable CAR-positive T cells", "9.0×10^8 个 CAR 阳性活 T 细胞"),
        ("49.295 mg", "49.295 mg"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_text_is_translated(text, chinese):
    assert translate(text, "zh-Hans") == chinese
    assert translate(text, "en") == text


def test_an_unknown_sentence_stays_whole():
    """A sentence is never put together of two languages."""
    for text in ("Nobody knows: death", "death, and a thing nobody translated", "no such thing"):
        assert translate(text, "zh-Hans") == text


def test_a_citation_stays_in_its_own_language():
    text = "G4: platelets < 25 10^9/L (CTCAE v5.0 2017, Investigations: Platelet count decreased)"
    put = translate(text, "zh-Hans")
    assert put.startswith("G4:血小板 < 25 10^9/L")
    assert "CTCAE v5.0 2017" in put


def test_the_language_is_an_argument_and_a_closed_list():
    assert language("EN") == "en"
    assert speaker("zh-hans")("skin") == "皮肤"
    for given in ("fr", "", None, "zh_CN"):
        with pytest.raises(UnknownTermError, match="not a language"):
            language(given)
    assert list(LANGUAGES) == ["en", "zh-Hans"]


# --- the command line ---------------------------------------------------------------------------


def test_the_command_line_refuses_in_the_language_asked_for():
    arguments = ["bsa", "--height", "162", "--weight", "60 kg"]
    chinese = CliRunner().invoke(main, ["--lang", "zh-Hans", *arguments])
    assert (chinese.exit_code, chinese.stderr) == (
        2,
        'Error: --height: "162" 没有单位:请写成例如 "162 cm"\n',
    )
    english = CliRunner().invoke(main, arguments)
    assert english.stderr == 'Error: --height: "162" has no unit: write e.g. "162 cm"\n'
    french = CliRunner().invoke(main, ["--lang", "fr", *arguments])
    assert (french.exit_code, french.stderr.split(" is ")[0]) == (2, 'Error: --lang: "fr"')


# --- the calculators ----------------------------------------------------------------------------


def test_a_chinese_answer_has_the_same_numbers():
    given = {"height": "162 cm", "weight": "60 kg", "infusion": "2026-03-09",
             "cells_per_kg": "1.5e7 cells/kg"}  # fmt: skip
    english, chinese = run("plan", given), run("plan", given, lang="zh-Hans")
    assert chinese["document"] == english["document"]
    assert chinese["headline"] == (
        "氟达拉滨 49 mg × 3,环磷酰胺 490 mg × 3;9.0×10⁸ 个 CAR 阳性活 T 细胞"
    )
    assert chinese["warnings"] == ["年龄未知:试验纳入 18 至 65 岁"]
    assert all(HAN.search(step["what"]) for step in chinese["steps"])
    # what stands on the right of each step is the same number
    number = re.compile(r"\d+(?:\.\d+)?")
    for mine, theirs in zip(english["steps"], chinese["steps"], strict=True):
        assert number.findall(mine["result"]) == number.findall(theirs["result"])


def test_a_condition_is_put_into_words_part_by_part():
    rows = run("crs", {"temperature": "39 C"}, lang="zh-Hans")["panels"][0]["rows"]
    assert rows[-2] == ["1", "体温 ≥ 38 Cel 且 非(发热有其他原因)"]
    assert not [row for row in rows if re.search(r"\b(?:and|or|not)\b", row[1])]
