"""Weights from moments, and cross-fitting that sees no own rating."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import lsq_linear
from scipy.optimize import nnls as oracle

from moa_scorer.calibration.crossfit import (
    cross_fitted_columns,
    group_folds,
    standard_lines,
    without_gaps,
)
from moa_scorer.calibration.stack import (
    PLAIN_PULLS,
    Parts,
    Pull,
    choose_pull,
    cross_fitted,
    intercept_of,
    moments_of,
    solve,
    squared_error,
)

ALL = Parts((0, 1, 2, 3), ())
PULL = Pull(10.0, None)


def _problem(seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    columns = rng.random((200, 4))
    return columns, columns @ np.array([0.5, 0.2, 0.0, 0.1]) + 0.05 * rng.normal(size=200)


def test_augmented_rows_give_the_same_weights() -> None:
    columns, target = _problem()
    x, y = columns - columns.mean(axis=0), target - target.mean()
    x, y = x / target.std(), y / target.std()
    slopes = np.clip((x.T @ y) / (x**2).sum(axis=0), 0, 1)
    together = x @ slopes
    pulled_to = max(float(together @ y) / float(together @ together), 0.0) * slopes
    rows = np.vstack([x, np.sqrt(30.0) * np.eye(4)])
    expected, _ = oracle(rows, np.append(y, np.sqrt(30.0) * pulled_to))
    found = solve(moments_of(columns, target), ALL, Pull(30.0, None))
    assert found == pytest.approx(expected, abs=2e-6)


def test_a_subset_is_the_fit_of_those_columns_alone() -> None:
    columns, target = _problem()
    whole = solve(moments_of(columns, target), Parts((0, 3), ()), PULL)
    alone = solve(moments_of(columns[:, [0, 3]], target), Parts((0, 1), ()), PULL)
    assert whole.tolist() == alone.tolist()


def test_a_strong_pull_weighs_kept_promises_equally_and_noise_not_at_all() -> None:
    rng = np.random.default_rng(4)
    truth = rng.normal(size=3000)
    promise = [0.5 * (truth + rng.normal(size=3000)) for _ in range(2)]
    columns = np.column_stack([*promise, rng.normal(size=3000)])
    weights = solve(moments_of(columns, truth), Parts((0, 1, 2), ()), Pull(1e9, None))
    assert weights[0] == pytest.approx(weights[1], rel=0.1)
    assert weights[2] < 0.1 * weights[0]


def test_lines_take_either_sign_and_curves_do_not() -> None:
    """Against the whole problem with bounds: scipy's bounded least squares on augmented rows."""
    rng = np.random.default_rng(3)
    columns = rng.normal(size=(300, 5))
    target = columns @ np.array([0.5, -0.4, 0.2, -0.6, 0.3]) + 0.3 * rng.normal(size=300)
    x, y = columns - columns.mean(axis=0), target - target.mean()
    found = solve(moments_of(columns, target), Parts((0, 1, 2), (3, 4)), Pull(0.0, 50.0))
    rows = np.vstack([x, np.sqrt(50.0) * np.eye(5)[3:]])
    bounds = ([0, 0, 0, -np.inf, -np.inf], np.inf)
    expected = lsq_linear(rows, np.append(y, np.zeros(2)), bounds=bounds, tol=1e-12).x
    assert found == pytest.approx(expected, abs=1e-5)
    assert found[1] == 0.0
    assert found[3] < -0.4


def test_without_a_pull_for_lines_they_weigh_nothing() -> None:
    columns, target = _problem()
    found = solve(moments_of(columns, target), Parts((0, 1), (2, 3)), PULL)
    assert found[2:].tolist() == [0.0, 0.0]


def test_lines_are_in_units_of_their_spread_and_gaps_at_zero() -> None:
    values = np.array([[3.0, np.nan], [5.0, 1.0]])
    assert standard_lines(values, [4.0, 2.0], [0.5, 1.0]).tolist() == [[-2.0, 0.0], [2.0, -1.0]]


def test_squared_error_is_that_of_the_items() -> None:
    columns, target = _problem()
    moments, weights = moments_of(columns, target), np.array([0.4, 0.1])
    intercept = intercept_of(moments, [0, 2], weights)
    expected = float(np.sum((target - intercept - columns[:, [0, 2]] @ weights) ** 2))
    assert squared_error(moments, [0, 2], weights, intercept) == pytest.approx(expected)
    assert float(np.mean(target - intercept - columns[:, [0, 2]] @ weights)) == pytest.approx(0, abs=1e-9)


def test_noise_asks_for_a_stronger_pull_than_signal() -> None:
    rng = np.random.default_rng(1)
    equal = rng.random((60, 6))
    noisy = equal.sum(axis=1) + 3 * rng.normal(size=60)
    clear = 5 * equal[:, 0] + 0.01 * rng.normal(size=60)

    def choice(target: np.ndarray) -> float:
        return choose_pull(
            [moments_of(equal[f::5], target[f::5]) for f in range(5)], Parts(tuple(range(6)), ()), PLAIN_PULLS
        ).equal

    assert choice(clear) < choice(noisy)


def test_an_items_own_rating_never_reaches_its_cross_fitted_score() -> None:
    columns, target = _problem()
    folds = np.arange(200) % 5

    def scores(y: np.ndarray) -> np.ndarray:
        per_fold = [moments_of(columns[folds == f], y[folds == f]) for f in range(5)]
        return cross_fitted(columns, folds, per_fold, ALL, PULL)

    changed = target.copy()
    changed[folds == 2] += 3.0
    assert scores(changed)[folds == 2] == pytest.approx(scores(target)[folds == 2], abs=1e-12)
    assert np.abs(scores(changed)[folds == 1] - scores(target)[folds == 1]).min() > 0.1


def test_cross_fitted_columns_read_the_curve_of_their_own_fold() -> None:
    values = np.array([[0.25], [0.25], [np.nan]])
    found = cross_fitted_columns(values, np.array([0, 1, 1]), [(0.0, 1.0)], [[(0.0, 1.0)], [(1.0, 0.0)]])
    assert found[:2, 0].tolist() == [0.25, 0.75]
    assert np.isnan(found[2, 0])


def test_gaps_stand_at_the_column_mean() -> None:
    filled = without_gaps(np.array([[0.2, np.nan], [0.4, 1.0], [np.nan, 0.0]]))
    assert filled[:, 0] == pytest.approx([0.2, 0.4, 0.3])
    assert filled[:, 1] == pytest.approx([0.5, 1.0, 0.0])


@settings(deadline=None)
@given(seed=st.integers(0, 50), sizes=st.lists(st.integers(1, 9), min_size=2, max_size=40))
def test_folds_keep_groups_whole_and_use_every_fold(seed: int, sizes: list[int]) -> None:
    groups = [f"g{i}" for i, size in enumerate(sizes) for _ in range(size)]
    folds = group_folds(groups, 5, seed)
    by_group = {g: {int(f) for f, h in zip(folds, groups, strict=True) if h == g} for g in groups}
    assert all(len(f) == 1 for f in by_group.values())
    assert {int(f) for f in folds} == set(range(min(5, len(sizes))))


def test_folds_of_equal_groups_are_of_equal_size() -> None:
    folds = group_folds([f"g{i // 4}" for i in range(100)], 5, 0)
    assert np.bincount(folds).tolist() == [20] * 5
