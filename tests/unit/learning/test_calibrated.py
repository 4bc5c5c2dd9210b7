"""Calibrated baselines and errors."""

import numpy as np
import pytest

from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.calibrated import constant, isotonic, judges_median, kendall, ridge_stack, rmse


def table(values: np.ndarray, target: np.ndarray, columns: tuple[str, ...]) -> RatedTable:
    n = target.size
    return RatedTable(
        columns=columns,
        values=values,
        targets={"q": target},
        ids=tuple(map(str, range(n))),
        groups=tuple(str(i // 2) for i in range(n)),
        sources=("",) * n,
        raters=np.ones(n),
    )


def test_a_reversed_score_is_turned_round_and_put_on_the_scale_of_the_ratings() -> None:
    x = np.linspace(0, 1, 50)
    assert isotonic(x, 0.8 - 0.5 * x, np.array([0.0, 1.0])) == pytest.approx([0.8, 0.3])


def test_a_missing_score_gets_the_mean_rating_and_a_constant_one_too() -> None:
    target = np.array([0.2, 0.4, 0.9])
    assert isotonic(np.array([0.1, 0.2, 0.3]), target, np.array([np.nan])) == pytest.approx([0.5])
    assert isotonic(np.ones(3), target, np.array([1.0])) == pytest.approx([0.5])


def test_the_median_reads_judges_only_and_leaves_full_abstention_open() -> None:
    values = np.array([[0.1, 0.3, 99.0], [np.nan, 0.6, 99.0], [np.nan, np.nan, 99.0]])
    found = judges_median(table(values, np.full(3, 0.5), ("a/x", "b/x", "measures/words")))
    assert found[:2] == pytest.approx([0.2, 0.6])
    assert np.isnan(found[2])


def test_the_stack_finds_a_signed_sum_in_spite_of_gaps() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=(400, 3))
    target = np.clip(0.5 + 0.1 * values[:, 0] - 0.1 * values[:, 1], 0, 1)
    values[::50, 0] = np.nan
    columns = ("a/x", "b/x", "measures/m")
    train, new = (table(values[k], target[k], columns) for k in (slice(0, 300), slice(300, 400)))
    found = ridge_stack(train, target[:300], new)
    assert rmse(found, target[300:]) < 0.3 * rmse(constant(target[:300], 100), target[300:])


def test_errors_have_their_known_values() -> None:
    assert rmse(np.array([0.0, 1.0]), np.array([0.0, 0.0])) == pytest.approx(0.5**0.5)
    assert kendall(np.array([1.0, 2, 3, 4]), np.array([1.0, 3, 2, 4])) == pytest.approx(4 / 6)
    assert np.isnan(rmse(np.array([np.nan, 1.0]), np.array([0.0, 0.0])))
