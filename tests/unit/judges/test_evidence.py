import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Polarity
from moa_scorer.judges.evidence import (
    against,
    chosen,
    clipped,
    counted,
    in_favour,
    listed,
    sentence,
    shortened,
    untouched_sentence,
)

TEXT = "  First words here. Second words there.  "


def test_a_quote_is_trimmed_and_exact() -> None:
    item = against(TEXT, 0, 18, "fluency", "why")
    assert (item.quote, item.polarity) == ("First words here", Polarity.AGAINST)
    assert TEXT[item.start : item.end] == item.quote
    assert in_favour(TEXT, 2, 7, "fluency").polarity is Polarity.FOR


def test_nothing_cannot_be_quoted() -> None:
    with pytest.raises(ValueError, match="must hold text"):
        against(TEXT, 0, 2, "fluency")


@given(st.text(max_size=400), st.integers(0, 400), st.integers(0, 400))
def test_every_quote_stands_in_the_text(text: str, start: int, end: int) -> None:
    if not text[start:end].strip():
        return
    item = against(text, start, end, "fluency", "note")
    assert text[item.start : item.end] == item.quote
    assert 0 < len(item.quote) <= 160


def test_of_many_spans_the_first_are_kept_once_and_in_order() -> None:
    spans = [against(TEXT, place, place + 5, "fluency") for place in (20, 2, 20, 8, 26)]
    kept = chosen(spans, most=3)
    assert [item.start for item in kept] == [2, 8, 20]


def test_the_longest_sentence_without_faults_is_found() -> None:
    text = "A short one. This one is rather longer. No."
    assert untouched_sentence(text, [(0, len(text))], []) == (13, 39)
    assert untouched_sentence(text, [(0, len(text))], [(20, 22)]) == (0, 12)
    assert untouched_sentence("", [], []) is None


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "no links"),
        (1, "one link"),
        (2, "two links"),
        (20, "twenty links"),
        (21, "about twenty links"),
        (34, "about thirty links"),
        (94, "about ninety links"),
        (95, "about one hundred links"),
        (449, "about four hundred links"),
        (949, "about nine hundred links"),
        (950, "about a thousand links"),
        (1950, "thousands of links"),
        (10**6, "thousands of links"),
    ],
)
def test_counts_are_told_in_words(count: int, words: str) -> None:
    assert counted(count, "link") == words


def test_words_are_put_together_as_people_do() -> None:
    assert sentence("one thing.") == "One thing."
    assert sentence("  ") == ""
    assert listed([]) == ""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert shortened("one\ntwo  three", 9) == "one two…"
    assert (clipped(-1.0), clipped(0.5), clipped(2.0)) == (0.0, 0.5, 1.0)
