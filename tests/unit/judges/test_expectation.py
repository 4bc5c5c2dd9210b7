"""Expected scores: over tokens, over samples."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.domain.ballot import ScoreKind
from moa_scorer.judges.expectation import digit, expected, mean, token_at, yes_or_no
from moa_scorer.providers.model import Token


def test_the_expectation_of_a_known_distribution() -> None:
    score = expected(
        [("1", math.log(0.1)), ("3", math.log(0.3)), (" 5", math.log(0.4)), ("x", math.log(0.2))], digit
    )
    assert score is not None
    assert score.kind is ScoreKind.LOGPROBS
    assert score.value == pytest.approx((0.3 * 0.5 + 0.4 * 1.0) / 0.8)
    assert score.distribution == (
        (0.0, pytest.approx(0.125)),
        (0.5, pytest.approx(0.375)),
        (1.0, pytest.approx(0.5)),
    )


def test_spellings_of_one_answer_are_added_up() -> None:
    score = expected([("yes", math.log(0.2)), ("▁Yes", math.log(0.2)), ("ĠNO", math.log(0.1))], yes_or_no)
    assert score is not None
    assert score.value == pytest.approx(0.8)


@pytest.mark.parametrize("mass", [0.0, 0.1, 0.19])
def test_too_little_mass_on_scores_is_no_score(mass: float) -> None:
    logprob = math.log(mass) if mass else -math.inf
    assert expected([("yes", logprob), ("Well", math.log(0.8))], yes_or_no) is None


ODDS = st.lists(
    st.tuples(st.sampled_from(["1", "2", " 3", "4", "5", "6", "a"]), st.floats(-50, 1) | st.just(math.nan))
)


@given(ODDS)
def test_any_log_probabilities_give_a_distribution_or_nothing(odds: list[tuple[str, float]]) -> None:
    score = expected(odds, digit)
    if score is not None:
        assert 0 <= score.value <= 1
        assert sum(share for _, share in score.distribution) == pytest.approx(1)
        assert list(score.distribution) == sorted(score.distribution)


@given(ODDS)
def test_the_order_of_alternatives_does_not_matter(odds: list[tuple[str, float]]) -> None:
    one, other = expected(odds, digit), expected(odds[::-1], digit)
    assert (one is None) == (other is None)
    assert one is None or other is None or one.value == pytest.approx(other.value)


def test_samples_make_their_shares() -> None:
    score = mean([0.5, 1.0, 0.5, 0.5])
    assert (score.value, score.kind) == (0.625, ScoreKind.SAMPLES)
    assert score.distribution == ((0.5, 0.75), (1.0, 0.25))


@pytest.mark.parametrize("token", ["44", "6", "0", "four", "", "٤", "4.5"])
def test_only_one_digit_of_the_scale_means_a_score(token: str) -> None:
    assert digit(token) is None


def test_a_token_is_found_by_the_place_of_its_text() -> None:
    tokens = [Token(text=text, alternatives=()) for text in ('{"', "score", '": ', "4", "}")]
    assert token_at(tokens, '{"score": 4}', 10) is tokens[3]
    assert token_at(tokens, '{"sc0re": 4!', 10) is None
    assert token_at(tokens[:2], '{"score": 4}', 10) is None


def test_letters_cut_into_bytes_spoil_the_count_on_their_side_only() -> None:
    tokens = [
        Token(text=text, alternatives=())
        for text in ('"d', "\ufffd", "\ufffd", "n", '": ', "4", "}", "<end>")
    ]
    assert token_at(tokens, '"dünn": 4}', 8) is tokens[5]
    assert token_at(tokens, '"dünn": 4}', 3) is None


def test_every_place_belongs_to_the_token_that_wrote_it() -> None:
    words = ['{"', "sc", "ore", '": ', "4", "}"]
    tokens, text = [Token(text=word, alternatives=()) for word in words], "".join(words)
    place = 0
    for token in tokens:
        assert all(token_at(tokens, text, place + k) is token for k in range(len(token.text)))
        place += len(token.text)
