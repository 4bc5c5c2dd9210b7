"""Conformal quantiles and widths."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binom

from moa_scorer.calibration.conformal import (
    Width,
    conformal_quantile,
    fit_width,
    marginal_rank,
    pac_rank,
)
from moa_scorer.domain.verdict import IntervalKind


def test_marginal_ranks_of_the_literature() -> None:
    # ceil((n + 1)(1 - a)): Vovk et al. (2005); with n = 9 the largest of nine covers 90 %.
    assert [marginal_rank(n, 0.9) for n in (8, 9, 19, 99)] == [None, 9, 18, 90]


def test_pac_needs_22_items_and_takes_the_largest_up_to_37() -> None:
    assert pac_rank(21, 0.9) is None
    assert [pac_rank(n, 0.9) for n in (22, 37)] == [22, 37]
    assert pac_rank(38, 0.9) == 37


@settings(deadline=None)
@given(count=st.integers(1, 400))
def test_pac_ranks_agree_with_the_binomial(count: int) -> None:
    rank = pac_rank(count, 0.9)
    if rank is None:
        assert binom.cdf(count - 1, count, 0.9) < 0.9
    else:
        assert binom.cdf(rank - 1, count, 0.9) >= 0.9 - 1e-9
        assert rank == 1 or binom.cdf(rank - 2, count, 0.9) < 0.9


@settings(deadline=None)
@given(seed=st.integers(0, 500), count=st.integers(9, 120))
def test_with_groups_of_one_it_is_the_order_statistic(seed: int, count: int) -> None:
    ratios = np.random.default_rng(seed).random(count)
    rank = marginal_rank(count, 0.9)
    assert rank is not None
    found = conformal_quantile(ratios, np.arange(count), coverage=0.9, kind=IntervalKind.MARGINAL)
    assert found == np.sort(ratios)[rank - 1]


def test_repeating_every_item_of_a_group_changes_nothing() -> None:
    ratios, groups = np.random.default_rng(4).random(60), np.arange(60)
    once = conformal_quantile(ratios, groups, coverage=0.9, kind=IntervalKind.MARGINAL)
    tripled = conformal_quantile(
        np.repeat(ratios, 3), np.repeat(groups, 3), coverage=0.9, kind=IntervalKind.MARGINAL
    )
    assert tripled == once


def test_too_few_groups_give_the_whole_scale() -> None:
    width = fit_width(
        np.linspace(0.4, 0.6, 8), np.full(8, 0.5), np.arange(8), coverage=0.9, kind=IntervalKind.MARGINAL
    )
    assert math.isinf(width.quantile)
    assert width.around(0.5) == (0.0, 1.0)


def test_the_width_follows_the_local_scale() -> None:
    rng = np.random.default_rng(5)
    fused = rng.random(4000)
    target = fused + (0.02 + 0.2 * fused) * rng.normal(size=4000)
    width = fit_width(fused, target, np.arange(4000), coverage=0.9, kind=IntervalKind.MARGINAL)
    narrow, wide = width.around(0.1), width.around(0.5)
    assert (wide[1] - wide[0]) > 2 * (narrow[1] - narrow[0])


@settings(deadline=None)
@given(score=st.floats(-0.5, 1.5))
def test_bounds_stay_on_the_scale_and_in_order(score: float) -> None:
    width = Width(kind=IntervalKind.MARGINAL, coverage=0.9, quantile=2.0, grid=(0.0, 1.0), scale=(0.1, 0.3))
    lower, upper = width.around(score)
    assert 0 <= lower <= upper <= 1


def test_perfect_residuals_still_give_an_interval() -> None:
    fused = np.linspace(0, 1, 50)
    width = fit_width(fused, fused, np.arange(50), coverage=0.9, kind=IntervalKind.MARGINAL)
    assert width.around(0.5) == pytest.approx((0.5, 0.5), abs=1e-5)
