"""Rank correlation against an oracle, whole groups in the bootstrap, one person against the others."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from moa_scorer.learning.agreement import human_ceiling, interval, resamples, spearman

VALUES = st.lists(st.integers(0, 6).map(float), min_size=4, max_size=30)


@given(VALUES, st.randoms(use_true_random=False))
def test_spearman_is_scipys_with_ties_and_all(x: list[float], rng) -> None:
    y = [v + rng.choice([0.0, 1.0, -2.0]) for v in x]
    mine = spearman(np.array(x), np.array(y))
    if len(set(x)) < 2 or len(set(y)) < 2:
        assert np.isnan(mine)
    else:
        assert mine == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)


def test_too_few_items_have_no_correlation() -> None:
    assert np.isnan(spearman(np.array([1.0, 2.0]), np.array([1.0, 2.0])))


def test_a_bootstrap_sample_holds_whole_groups() -> None:
    groups = ["a", "b", "a", "c", "b"]
    members = {"a": {0, 2}, "b": {1, 4}, "c": {3}}
    samples = resamples(groups, 50, seed=1)
    for sample in samples:
        counts = np.bincount(sample, minlength=5)
        assert all(len({counts[i] for i in own}) == 1 for own in members.values())
    assert any(0 in np.bincount(s, minlength=5) for s in samples)


def test_the_interval_of_a_mean_is_that_of_theory() -> None:
    x = np.random.default_rng(0).normal(size=400)
    low, high = interval(lambda i: float(x[i].mean()), resamples([str(i) for i in range(400)], 800, 0))
    assert high - low == pytest.approx(2 * 1.96 / 20, rel=0.12)


def test_one_person_stands_against_the_mean_of_the_others() -> None:
    one, others = human_ceiling([{"q": (0.0, 1.0, 0.5)}], {"q": 1.0}, seed=0)
    assert (one[0], others[0]) in {(0.0, 0.75), (1.0, 0.25), (0.5, 0.5)}


def test_a_single_person_has_no_others() -> None:
    one, others = human_ceiling([{"q": (0.5,)}, {"q": (0.5, 0.5), "r": (0.5,)}], {"q": 0.5, "r": 0.5}, seed=0)
    assert np.isnan(one).all()
    assert np.isnan(others).all()
