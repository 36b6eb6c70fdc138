"""No rule without a source: what a citation must hold, and the bibliography itself."""

import pickle

import pytest

from itp_carT import sources
from itp_carT.sources import MOSTELLER_1987, NCT05315778, Citation, Source, bibliography

every_source = pytest.mark.parametrize("source", bibliography(), ids=lambda s: s.key)


@pytest.mark.parametrize("missing", ["key", "authors", "title"])
def test_a_source_without_its_words_does_not_construct(missing):
    words = {"key": "k-2000", "authors": "Doe J", "title": "On k"} | {missing: ""}
    with pytest.raises(ValueError, match=missing):
        Source(words["key"], words["authors"], 2000, words["title"])


def test_a_citation_needs_a_source_a_place_and_whether_it_was_verified():
    with pytest.raises(TypeError):
        Citation("Mosteller 1987", "equation", verified=True)
    with pytest.raises(ValueError, match="locator"):
        Citation(MOSTELLER_1987, "", verified=True)
    with pytest.raises(TypeError, match="verified"):
        Citation(MOSTELLER_1987, "equation")


# seen   verified=  the fact counts as verified
@pytest.mark.parametrize(
    ("seen", "verified", "counts"),
    [
        (True, None, True),
        (False, None, False),
        (True, False, False),  # the source was opened, this fact was not found in it
        (False, True, True),  # checked in a faithful copy of the passage
    ],
)
def test_a_fact_is_verified_when_its_source_was_seen_unless_said_otherwise(seen, verified, counts):
    citation = Source("k-2000", "Doe J", 2000, "On k", seen=seen).at("p. 1", verified=verified)
    assert citation.verified is counts
    assert str(citation) == "Doe 2000, p. 1" + ("" if counts else " (unverified)")


@pytest.mark.parametrize(
    ("authors", "short"),
    [
        ("Mosteller RD", "Mosteller 1987"),
        ("Haycock GB, Schwartz GJ, Wisotsky DH", "Haycock 1987"),
        ("Janmahasatian S et al", "Janmahasatian 1987"),
        ("Du Bois and Du Bois", "Du Bois and Du Bois 1987"),
        ("World Health Organization", "World Health Organization 1987"),
        ("ClinicalTrials.gov NCT05315778", "ClinicalTrials.gov NCT05315778 1987"),
    ],
)
def test_the_short_name_is_the_family_name_of_the_first_author(authors, short):
    assert Source("key", authors, 1987, "Title").at("p. 1").short == short


@pytest.mark.parametrize(
    ("more", "printed"),
    [
        ({}, "Doe J. On k. 2000."),
        ({"publication": "J Doe 1:2"}, "Doe J. On k. J Doe 1:2. 2000."),
        ({"doi": "10.1/x"}, "Doe J. On k. 2000. doi:10.1/x"),
        ({"url": "https://example.org"}, "Doe J. On k. 2000. https://example.org"),
        ({"doi": "10.1/x", "url": "https://example.org"}, "Doe J. On k. 2000. doi:10.1/x"),
    ],
)
def test_a_source_prints_as_a_reference(more, printed):
    assert str(Source("k-2000", "Doe J", 2000, "On k", **more)) == printed


def test_the_bibliography_is_complete_sorted_and_each_key_is_there_once():
    keys = [source.key for source in bibliography()]
    assert keys == sorted(set(keys))
    assert {MOSTELLER_1987, NCT05315778} <= set(bibliography())
    constants = [v for v in vars(sources).values() if isinstance(v, Source)]
    assert len(constants) == len(keys)


@every_source
def test_every_source_can_be_found_by_a_reader(source):
    assert 1900 <= source.year <= 2026
    assert source.doi is None or source.doi.startswith("10.")
    assert source.url is None or source.url.startswith("https://")
    assert pickle.loads(pickle.dumps(source)) == source
    scope = {"Source": Source}
    assert eval(repr(source), scope) == source  # noqa: S307 - a repr can be pasted back
