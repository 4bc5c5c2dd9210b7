"""Exact binomial bounds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.learning.choice.bounds import binomial_tail, least_trials, surely_at_most, upper_bound


def test_tails_are_those_of_the_tables() -> None:
    assert binomial_tail(2, 10, 0.5) == pytest.approx(56 / 1024)
    assert binomial_tail(0, 59, 0.05) == pytest.approx(0.95**59)


def test_no_error_in_59_rules_out_one_in_twenty_as_the_rule_of_wilks_says() -> None:
    assert least_trials(0.05, 0.05) == 59
    assert surely_at_most(0, 59, 0.05, 0.05)
    assert not surely_at_most(0, 58, 0.05, 0.05)


def test_the_upper_bound_is_that_of_clopper_and_pearson() -> None:
    # 95 % one-sided; scipy.stats.beta.ppf(0.95, k + 1, n - k)
    assert upper_bound(0, 20, 0.05) == pytest.approx(1 - 0.05 ** (1 / 20), abs=1e-9)
    assert upper_bound(2, 50, 0.05) == pytest.approx(0.1206, abs=2e-4)


def test_without_trials_nothing_is_ruled_out() -> None:
    assert upper_bound(0, 0, 0.05) == 1.0
    assert not surely_at_most(0, 0, 0.99, 0.05)


@given(st.integers(0, 30), st.integers(1, 60), st.floats(0.01, 0.3))
def test_the_bound_lies_above_what_was_seen(errors: int, trials: int, doubt: float) -> None:
    seen = min(errors, trials) / trials
    assert upper_bound(min(errors, trials), trials, doubt) >= seen - 1e-12


@given(st.floats(0.001, 0.5), st.floats(0.001, 0.5))
def test_effective_numbers_stay_on_the_safe_side(rate: float, doubt: float) -> None:
    if surely_at_most(1.3, 99.9, rate, doubt):
        assert surely_at_most(1.3, 100, rate, doubt)
        assert surely_at_most(1, 99.9, rate, doubt)
