"""Surfaces: what they add, how it is shared out, and when a head gets one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import solve
from sklearn.metrics.pairwise import rbf_kernel

from moa_scorer.calibration.apply import fused_score, mask_of, places_of, seen
from moa_scorer.calibration.batch import fused_rows
from moa_scorer.calibration.fit_surface import JITTER, choose_kernel, fit_surface, ground, scales_of
from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.mixture import mixture_of
from moa_scorer.calibration.surface import Kernel
from tests.fakes.ratings import fitted, simulate

NAMES = ("ann/clarity", "bob/clarity", "measures/words")


def _ground(items: int = 60, seed: int = 0):
    values = np.random.default_rng(seed).normal(size=(items, 3))
    folds = np.arange(items) % 5
    return values, ground(values, [0.0] * 3, [1.0] * 3, folds, None, seed)


def test_with_every_item_a_landmark_it_is_kernel_ridge_regression() -> None:
    values, base = _ground()
    target = np.sin(values[:, 0]) + 0.1 * values[:, 1]
    scales = np.full(3, 0.5)
    fitted_ = fit_surface(base, scales, target, pull=0.5)
    points = np.clip(values, -3, 3) * scales
    train = base.folds != 0
    near = rbf_kernel(points, gamma=1.0)
    own = near + JITTER * np.eye(60)
    middle = near[train].mean(axis=0)
    left = (near[train] - middle).T @ (near[train] - middle) + 0.5 * own
    weights = solve(left, (near[train] - middle).T @ (target[train] - target[train].mean()))
    expected = target[train].mean() + (near[~train] - middle) @ weights
    assert fitted_.cross_fitted[~train] == pytest.approx(expected, abs=1e-6)


def test_a_word_that_counts_in_long_texts_only_needs_a_surface() -> None:
    values, base = _ground(items=400)
    target = np.where(values[:, 2] > 0, values[:, 0], -0.2 * values[:, 0])
    kernel = choose_kernel(base, NAMES, "clarity", target, ())
    scales = scales_of(base.points, NAMES, "clarity", kernel, range(3))
    fused = fit_surface(base, scales, target, kernel.pull).cross_fitted
    line = np.polyval(np.polyfit(values[:, 0], target, 1), values[:, 0])
    assert np.mean((target - fused) ** 2) < 0.6 * np.mean((target - line) ** 2)


def test_a_column_that_is_left_out_counts_nothing() -> None:
    _, base = _ground()
    kernel = Kernel(reach=0.3, measures=1.0, pull=1.0, left_out=(1,))
    assert scales_of(base.points, NAMES, "clarity", kernel, range(3))[1] == 0


def test_what_it_adds_is_shared_out_among_its_columns() -> None:
    table = simulate(items=400)
    snapshot = fitted(table)
    everything = tuple(range(len(snapshot.columns)))
    fit = fit_mask(snapshot, everything)
    assert fit.landmarks is not None
    for item in range(20):
        places = places_of(snapshot, dict(zip(table.columns, table.values[item].tolist(), strict=True)))
        here = seen(fit, places)
        for head in fit.heads.values():
            if head.surface and here.point is not None and here.squares is not None:
                near = head.surface.near(here.squares)
                shares = head.surface.shares(here.point, near, fit.landmarks)
                assert sum(shares) == pytest.approx(head.surface.at(near), abs=1e-6)


def test_rows_at_once_are_the_items_one_by_one() -> None:
    table = simulate(items=300)
    snapshot = fitted(table)
    rows = np.array(
        [[table.values[i, table.columns.index(c.name)] for c in snapshot.columns] for i in range(30)]
    )
    places = [
        places_of(snapshot, dict(zip(table.columns, table.values[i].tolist(), strict=True)))
        for i in range(30)
    ]
    fit = fit_mask(snapshot, mask_of(places[0]))
    assert fit.heads["overall"].surface is not None
    one_by_one = [fused_score(fit.heads["overall"], seen(fit, p)) for p in places]
    assert fused_rows(snapshot, fit, "overall", fit.columns, rows) == pytest.approx(one_by_one, abs=1e-6)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 1000), st.floats(0.0, 2.0), st.floats(0.0, 2.0))
def test_the_mixture_is_never_negative_and_follows_what_says_more(seed: int, a: float, b: float) -> None:
    rng = np.random.default_rng(seed)
    truth = rng.normal(size=300)
    one, other = truth + a * rng.normal(size=300), truth + b * rng.normal(size=300)
    first, second = mixture_of(one, other, truth, None)
    assert first >= 0
    assert second >= 0
    if b > a + 0.7:
        assert first > second
