"""Quotes are where they are said to be, or they are gone."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.domain.ballot import Polarity, Score
from moa_scorer.judges.quotes import find, verified
from moa_scorer.judges.reply_parts import Claim

TEXT = "The fox was quick, and nobody saw it leave. The old dog slept all day — it did not care.\nThe end."


def claim(quote: str, polarity: Polarity | None = None, criterion: str = "style") -> Claim:
    return Claim(quote=quote, criterion=criterion, polarity=polarity)


@pytest.mark.parametrize(
    ("quote", "found"),
    [
        ("nobody saw it leave", "nobody saw it leave"),
        ('"The fox was quick"', '"The fox was quick"'),
        ("the old dog slept all day - it did not care", "The old dog slept all day — it did not care"),
        ("The fox is quick, and nobody saw it leave", "The fox was quick, and nobody saw it leave"),
        ("The fox was quick ... slept all day", "The fox was quick"),
    ],
)
def test_a_quote_is_found_exactly_or_nearly(quote: str, found: str) -> None:
    (item,) = verified([claim(quote)], TEXT, (), {}, "style").evidence
    assert item.quote == found.strip('"')[: len(item.quote)]
    assert TEXT[item.start : item.end] == item.quote


@pytest.mark.parametrize(
    "quote", ["a purple elephant danced", "The fox was slow and fat, they said", "The fox ... on the moon"]
)
def test_a_quote_that_is_not_there_is_not_found(quote: str) -> None:
    assert find(quote, TEXT) is None
    assert verified([claim(quote)], TEXT, (), {}, "style").fabricated == 1


def test_a_quote_of_the_context_is_neither_evidence_nor_made_up() -> None:
    result = verified([claim("Write about a fox")], TEXT, ("Write about a fox.",), {}, "style")
    assert (result.evidence, result.fabricated, result.checked) == ((), 0, 1)


def test_a_quote_without_side_or_criterion_takes_them_from_the_scores() -> None:
    scores = {"style": Score(value=0.2), "quality": Score(value=0.9)}
    claims = [
        claim("The fox was quick"),
        claim("The end", criterion=""),
        claim("slept all day", Polarity.FOR),
    ]
    sides = {
        e.quote: (e.criterion, e.polarity) for e in verified(claims, TEXT, (), scores, "quality").evidence
    }
    assert sides == {
        "The fox was quick": ("style", Polarity.AGAINST),
        "The end": ("quality", Polarity.FOR),
        "slept all day": ("style", Polarity.FOR),
    }


@pytest.mark.parametrize(
    ("fabricated", "real", "masked"),
    [(0, 0, False), (1, 0, True), (1, 3, True), (1, 4, False), (2, 7, True), (2, 8, False), (3, 11, True)],
)
def test_more_than_a_fifth_made_up_quotes_are_too_many(fabricated: int, real: int, masked: bool) -> None:
    claims = [claim(f"zebras ate homework number {k}") for k in range(fabricated)]
    claims += [claim(" ".join(TEXT.split()[k : k + 3])) for k in range(real)]
    assert verified(claims, TEXT, (), {}, "style").untrustworthy is masked


def test_a_repeated_quote_is_one_quote() -> None:
    proof = verified([claim("zebras"), *[claim("The fox was quick")] * 9], TEXT, (), {}, "style")
    assert (proof.fabricated, proof.checked, proof.untrustworthy) == (1, 2, True)


@given(st.text(alphabet='abc .…\n"İß', max_size=60), st.text(alphabet='abc .…\n"İß', max_size=200))
@settings(deadline=None)
def test_evidence_always_quotes_the_text(quote: str, text: str) -> None:
    for item in verified([claim(quote)], text, (), {}, "style").evidence:
        assert text[item.start : item.end] == item.quote != ""


@given(st.integers(0, len(TEXT) - 12), st.integers(8, 40))
def test_what_was_cut_out_of_the_text_is_found_in_it(start: int, length: int) -> None:
    quote = TEXT[start : start + length].strip(" \n…")
    if len(quote.strip()) >= 3:
        assert find(quote, TEXT) is not None


def test_a_long_text_of_one_word_is_searched_in_bounded_places() -> None:
    assert find("fox " * 20 + "zebra elephant giraffe " * 8, "fox " * 20_000) is None
