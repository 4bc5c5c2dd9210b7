"""Conformal quantiles against MAPIE and crepes, and weighted ones against a case worked by hand."""

import numpy as np
import pytest
from crepes import ConformalRegressor
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mapie.regression import SplitConformalRegressor
from sklearn.base import BaseEstimator, RegressorMixin

from moa_scorer.calibration.conformal import conformal_quantile, fit_width, local_scale
from moa_scorer.calibration.table import Array
from moa_scorer.domain.verdict import IntervalKind


class Told(RegressorMixin, BaseEstimator):
    """A fitted regressor that predicts its only column."""

    fitted_ = True

    def fit(self, x: Array, y: Array) -> "Told":
        return self

    def predict(self, x: Array) -> Array:
        return x[:, 0]


def _quantile(residuals: Array, coverage: float, weights: Array | None = None) -> float:
    one_each = np.arange(residuals.size)
    return conformal_quantile(residuals, one_each, weights, coverage=coverage, kind=IntervalKind.MARGINAL)


@settings(deadline=None, max_examples=40)
@given(seed=st.integers(0, 10**6), count=st.integers(20, 150), coverage=st.sampled_from([0.8, 0.9, 0.95]))
def test_half_widths_are_those_of_mapie_and_of_crepes(seed: int, count: int, coverage: float) -> None:
    # Where the rank is whole before it is rounded up, theirs depends on the last bit of 1 - coverage.
    assume(abs((count + 1) * coverage - round((count + 1) * coverage)) > 1e-6)
    rng = np.random.default_rng(seed)
    fused = rng.random(count)
    ratings = fused + 0.2 * rng.normal(size=count)
    ours = _quantile(np.abs(ratings - fused), coverage)
    mapie = SplitConformalRegressor(Told(), confidence_level=coverage, prefit=True)
    mapie.conformalize(fused[:, None], ratings)
    (((_,), (upper,)),) = mapie.predict_interval(np.array([[0.5]]))[1]
    ((_, top),) = ConformalRegressor().fit(ratings - fused).predict_int(np.array([0.5]), confidence=coverage)

    assert 0.5 + ours == pytest.approx(upper)
    assert 0.5 + ours == pytest.approx(top)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10**6))
def test_intervals_on_a_local_scale_are_the_normalised_ones_of_crepes(seed: int) -> None:
    """Its difficulty estimates being our local scale, clipped to the scale of ratings."""
    rng = np.random.default_rng(seed)
    fused = rng.random(200)
    ratings = (fused + (0.05 + 0.3 * fused) * rng.normal(size=200)).clip(0, 1)
    width = fit_width(fused, ratings, np.arange(200), coverage=0.9, kind=IntervalKind.MARGINAL)
    grid = np.array(width.grid)
    scale = local_scale(fused, np.abs(ratings - fused), grid)
    new = rng.random(10)
    theirs = ConformalRegressor().fit(ratings - fused, sigmas=np.interp(fused, grid, scale))
    bounds = theirs.predict_int(new, sigmas=np.interp(new, grid, scale), confidence=0.9, y_min=0.0, y_max=1.0)

    assert np.array([width.around(x) for x in new]) == pytest.approx(bounds, abs=1e-5)


def test_a_weighted_quantile_worked_by_hand() -> None:
    """Residuals 1, 2, 3, 4 with weights 3, 1, 1, 1.

    Tibshirani and others (2019): the first residual r with (weights up to r) / (all weights + that of the new
    item) >= coverage, infinite if none. A new item counts as items do on average where it comes from:
    (9 + 1 + 1 + 1) / 6 = 2. Of these 8, residuals up to 1, 2, 3, 4 hold 3, 4, 5, 6: half is held by 2, three
    quarters by 4, and more by none.
    With Kish's (3 + 1 + 1 + 1)² / 12 = 3 effective items the rule reads ceil(4 * coverage) of 3, which is the
    same at quarters and rounds up to the next quarter between them: .6 takes 4, where 5 / 8 would take 3.
    """
    residuals, weights = np.array([1.0, 2.0, 3.0, 4.0]), np.array([3.0, 1.0, 1.0, 1.0])

    assert [_quantile(residuals, c, weights) for c in (0.5, 0.6, 0.75, 0.76)] == [2.0, 4.0, 4.0, np.inf]


def test_equal_weights_are_none_at_all() -> None:
    residuals = np.random.default_rng(0).random(57)

    assert _quantile(residuals, 0.9, np.full(57, 2.0)) == _quantile(residuals, 0.9)
