"""Categories from votes, with no or few ratings."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.calibration.categorical import (
    MISSING,
    Coins,
    Votes,
    decided,
    fit_coins,
    probabilities,
    shares,
)

NO, YES, NOT_APPLICABLE = 0, 1, 2


def _votes(truth: Votes, accuracies: list[float], rng: np.random.Generator, categories: int = 2) -> Votes:
    """Independent judges that name the truth with their accuracy, else any other category."""
    right = rng.uniform(size=(truth.size, len(accuracies))) < np.array(accuracies)
    other = (truth[:, None] + rng.integers(1, categories, size=right.shape)) % categories
    return np.where(right, truth[:, None], other)


def _accuracy(chances: np.ndarray, truth: Votes) -> float:
    return float(np.mean(decided(chances) == truth))


def test_three_judges_by_hand() -> None:
    """Odds of yes: (.8/.2)(.7/.3)(.4/.6) = 6.2222; as 1.5 votes instead of three, their square root."""
    votes = np.array([[YES, YES, NO]])
    free = Coins(prior=(0.5, 0.5), accuracy=(0.8, 0.7, 0.6), votes=3.0)
    half = Coins(prior=(0.5, 0.5), accuracy=(0.8, 0.7, 0.6), votes=1.5)
    assert probabilities(free, votes)[0, YES] == pytest.approx(6.222222 / 7.222222, abs=1e-6)
    assert probabilities(half, votes)[0, YES] == pytest.approx(2.494438 / 3.494438, abs=1e-6)


def test_a_wrong_vote_of_three_categories_is_shared_between_the_others_by_hand() -> None:
    """One judge of accuracy .8 says no: .8 to .1 to .1."""
    coins = Coins(prior=(1 / 3, 1 / 3, 1 / 3), accuracy=(0.8,), votes=1.0)
    assert probabilities(coins, np.array([[NO]]))[0].tolist() == pytest.approx([0.8, 0.1, 0.1])


def test_accuracies_of_independent_judges_are_found_without_ratings() -> None:
    rng = np.random.default_rng(1)
    truth = rng.integers(0, 2, 3000)
    coins = fit_coins(_votes(truth, [0.9, 0.8, 0.7, 0.6, 0.6], rng), 2, effective=5.0)
    assert coins.why_not == ""
    assert coins.accuracy == pytest.approx((0.9, 0.8, 0.7, 0.6, 0.6), abs=0.03)


def test_an_expert_among_weak_judges_beats_the_majority() -> None:
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 1500)
    votes = _votes(truth, [0.95, 0.5, 0.5, 0.5, 0.5], rng, 3)
    found = probabilities(fit_coins(votes, 3, effective=5.0), votes)
    assert _accuracy(found, truth) > _accuracy(shares(votes, 3), truth) + 0.05


def test_copies_of_one_judge_are_not_believed_like_independent_ones() -> None:
    rng = np.random.default_rng(3)
    truth = rng.integers(0, 2, 2000)
    one = _votes(truth, [0.75], rng)
    votes = np.hstack([np.repeat(one, 5, axis=1), _votes(truth, [0.75, 0.75], rng)])
    tempered, naive = (
        probabilities(fit_coins(votes, 2, effective=e), votes)[np.arange(2000), truth] for e in (2.0, 7.0)
    )
    assert -np.log(tempered).mean() < -np.log(naive).mean() - 0.3


def test_a_reversed_judge_counts_against() -> None:
    rng = np.random.default_rng(4)
    truth = rng.integers(0, 2, 1000)
    votes = _votes(truth, [0.1, 0.8, 0.8, 0.8, 0.8], rng)
    coins = fit_coins(votes, 2, effective=5.0)
    assert coins.accuracy[0] < 0.2
    assert _accuracy(probabilities(coins, votes), truth) > _accuracy(shares(votes, 2), truth) + 0.02


def test_a_panel_that_is_mostly_reversed_needs_ratings_and_then_is_found_out() -> None:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, 2, 600)
    votes = _votes(truth, [0.2, 0.25, 0.3, 0.2, 0.9], rng)
    ratings = np.where(np.arange(600) < 40, truth, MISSING)
    assert _accuracy(probabilities(fit_coins(votes, 2), votes), truth) < 0.4
    assert _accuracy(probabilities(fit_coins(votes, 2, ratings=ratings), votes), truth) > 0.75


def test_where_the_coins_do_worse_on_rated_items_the_shares_are_taken() -> None:
    votes = np.array([[YES, YES, YES, NO]] * 30 + [[NO, NO, NO, YES]] * 30)
    ratings = np.full(60, MISSING)
    ratings[0], ratings[31] = NO, YES
    coins = fit_coins(votes, 2, effective=4.0, ratings=ratings)
    assert coins.why_not.startswith("on the rated items")
    assert probabilities(coins, votes).tolist() == shares(votes, 2).tolist()


def test_coins_that_would_turn_most_judges_around_are_not_used() -> None:
    """Every pair of judges disagrees: nobody's accuracy can be told from the others."""
    votes = np.array([[YES, NO, NOT_APPLICABLE], [NO, NOT_APPLICABLE, YES], [NOT_APPLICABLE, YES, NO]] * 20)
    coins = fit_coins(votes, 3, effective=3.0)
    chances = probabilities(coins, votes)
    assert (decided(chances) == MISSING).all()


def test_a_missing_vote_says_nothing_and_missing_items_have_no_number() -> None:
    rng = np.random.default_rng(6)
    truth = rng.integers(0, 2, 400)
    votes = _votes(truth, [0.8, 0.8, 0.7], rng)
    votes[::3, 1], votes[7] = MISSING, MISSING
    chances = probabilities(fit_coins(votes, 2), votes)
    assert np.isnan(chances[7]).all()
    assert not np.isnan(np.delete(chances, 7, axis=0)).any()
    assert decided(chances)[7] == MISSING


@pytest.mark.parametrize("items", [0, 5])
def test_nothing_known_gives_nothing(items: int) -> None:
    votes = np.full((items, 3), MISSING)
    chances = probabilities(fit_coins(votes, 2), votes)
    assert chances.shape == (items, 2)
    assert np.isnan(chances).all()


def test_ties_are_nobody_s() -> None:
    assert decided(np.array([[0.5, 0.5], [0.2, 0.8], [0.4, 0.4]])).tolist() == [MISSING, YES, MISSING]
    assert decided(shares(np.array([[YES, NO], [YES, YES]]), 2)).tolist() == [MISSING, YES]


def test_votes_outside_the_categories_are_refused() -> None:
    with pytest.raises(ValueError, match="numbers of 2 categories"):
        fit_coins(np.array([[2]]), 2)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.integers(2, 4))
def test_chances_sum_to_one_whatever_the_order_of_judges(seed: int, categories: int) -> None:
    rng = np.random.default_rng(seed)
    votes = rng.integers(MISSING, categories, size=(30, 5))
    order = rng.permutation(5)
    found = probabilities(fit_coins(votes, categories), votes)
    mixed = probabilities(fit_coins(votes[:, order], categories), votes[:, order])
    known = ~np.isnan(found[:, 0])
    assert found[known].sum(axis=1) == pytest.approx(1.0)
    assert mixed[known] == pytest.approx(found[known], abs=1e-6)
