"""P-values and bets have the laws that their promises rest on."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.calibration.exchange import (
    LEVEL,
    detect,
    earned,
    p_values,
    rate_gains,
    shift_bets,
    spread_bets,
)


def test_a_value_above_all_known_has_the_smallest_p_value() -> None:
    p = p_values(np.array([1.0, 2.0, 3.0]), np.array([4.0, 0.0]), np.array([1.0, 1.0]))

    assert p.tolist() == [1 / 4, 5 / 5]


def test_values_join_the_known_ones_after_the_lag() -> None:
    rated, stream, ties = np.array([0.0]), np.array([5.0, 4.0, 3.0]), np.ones(3)

    assert p_values(rated, stream, ties).tolist() == [1 / 2, 2 / 3, 3 / 4]
    assert p_values(rated, stream, ties, lag=1).tolist() == [1 / 2, 1 / 2, 2 / 3]


def test_ties_and_missing_values_are_spread_evenly() -> None:
    p = p_values(np.full(99, np.nan), np.array([np.nan]), np.array([0.25]))

    assert p[0] == pytest.approx(0.25)


@given(st.integers(0, 10**6))
def test_p_values_of_exchangeable_values_are_uniform_even_where_there_are_few_different_ones(
    seed: int,
) -> None:
    rng = np.random.default_rng(seed)
    values = rng.integers(0, 3, 400).astype(float)
    p = p_values(values[:100], values[100:], rng.random(300))

    assert abs(float(p.mean()) - 0.5) < 0.12
    assert 0 <= p.min() <= p.max() <= 1


@pytest.mark.parametrize("bets", [shift_bets, spread_bets])
def test_every_bet_is_fair(bets: object) -> None:
    grid = (np.arange(10_000) + 0.5) / 10_000

    assert bets(grid).mean(axis=0) == pytest.approx(1.0, abs=1e-6)  # type: ignore[operator]


def test_a_rate_up_to_the_usual_one_earns_nothing_on_average() -> None:
    gains = rate_gains(np.array([True, False]), 0.02)

    assert (0.02 * gains[0] + 0.98 * gains[1]).tolist() == pytest.approx([1.0] * 3)
    assert ((0.01 * gains[0] + 0.99 * gains[1]) < 1).all()


def test_what_is_earned_is_the_mean_over_bets_of_the_products() -> None:
    gains = np.array([[[2.0, 0.5]], [[2.0, 0.5]]])

    assert np.exp(earned(gains)).tolist() == pytest.approx([(4 + 0.25) / 2])


def test_a_detector_on_fair_coins_that_show_nothing_counts_the_values() -> None:
    assert np.exp(detect(np.ones((5, 2)))).tolist() == pytest.approx([1, 2, 3, 4, 5])


def test_the_level_is_a_thousand_values_at_one_false_alarm_in_a_hundred() -> None:
    assert pytest.approx(1e5) == LEVEL
