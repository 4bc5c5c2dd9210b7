import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.measures.reading import read
from moa_scorer.measures.reference import (
    against_source,
    fragments,
    novel_names,
    novel_numbers,
    source_of,
)

SOURCE = "The harbour in Oslo was closed on Monday after 14 ships had been damaged by a storm from the north."


def measured(text: str, source: str = SOURCE) -> dict[str, float]:
    return against_source(read(text), source_of(source))


def test_fragments_are_the_longest_copied_runs() -> None:
    words = read("ships had been damaged by a dragon in Oslo").words
    assert fragments(words, source_of(SOURCE)) == (6, 2)


def test_coverage_and_density_follow_their_definition() -> None:
    found = measured("ships had been damaged by a dragon in Oslo")
    assert found["copied"] == pytest.approx(8 / 9)
    assert found["copied_run"] == pytest.approx(math.log1p((36 + 4) / 9))


def test_the_least_supported_sentence_counts() -> None:
    kept = "Ships had been damaged by a storm."
    assert measured(kept)["least_supported"] == 1.0
    assert measured(f"{kept} A dragon ate them all.")["least_supported"] == 0.0


def test_the_order_of_the_source_is_seen() -> None:
    first, last = "The harbour in Oslo was closed.", "It was damaged by a storm from the north."
    assert measured(f"{first} {last}")["in_order"] == 1.0
    assert measured(f"{last} {first}")["in_order"] == 0.0
    assert measured(first)["source_position"] < 0.2 < measured(last)["source_position"]


def test_words_that_the_source_repeats_weigh_more() -> None:
    source = "Storm! Storm! Storm! Rain, rain. Sun."
    assert measured("storm", source)["salient"] == pytest.approx(0.6)
    assert measured("sun", source)["salient"] == 0.0


def test_a_copy_has_nothing_new() -> None:
    found = measured(SOURCE)
    assert found["copied"] == 1.0
    assert found["novel_bigrams"] == found["novel_trigrams"] == 0.0
    assert found["compression"] == 0.0
    assert found["answered"] == found["on_topic"] == found["lead"] == 1.0


def test_an_unrelated_text_shares_nothing() -> None:
    found = measured("Bake bread slowly")
    assert found["copied"] == found["answered"] == found["on_topic"] == 0.0
    assert found["novel_bigrams"] == 1.0


def test_numbers_and_names_that_the_source_lacks_are_found() -> None:
    reading = read("In all 14 ships and 20 boats came from Bergen to Oslo.")
    source = source_of(SOURCE)
    assert novel_numbers(reading, source) == {"20"}
    assert novel_names(reading, source) == {"bergen"}


@given(st.text(max_size=200), st.text(max_size=200))
def test_measures_against_a_source_are_finite_and_always_the_same_names(text: str, source: str) -> None:
    found = measured(text, source)
    assert list(found) == list(measured("a", "b"))
    assert all(math.isfinite(value) for value in found.values())


@given(st.lists(st.sampled_from("abc"), max_size=40), st.lists(st.sampled_from("abc"), max_size=40))
def test_copied_runs_never_exceed_the_text(words: list[str], source: list[str]) -> None:
    assert sum(fragments(words, source_of(" ".join(source)))) <= len(words)
