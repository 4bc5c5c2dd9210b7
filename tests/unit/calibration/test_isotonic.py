"""Monotone curves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.isotonic import IsotonicRegression

from moa_scorer.calibration.curves import knots_of, locate_all, read_all
from moa_scorer.calibration.isotonic import monotone_curve, pool_adjacent_violators

NUMBERS = st.lists(
    st.tuples(st.floats(-5, 5), st.floats(0.1, 10)),
    min_size=1,
    max_size=40,
)


@settings(deadline=None)
@given(NUMBERS)
def test_pooling_agrees_with_scikit_learn(pairs: list[tuple[float, float]]) -> None:
    values, weights = zip(*pairs, strict=True)
    expected = IsotonicRegression().fit_transform(range(len(values)), values, sample_weight=weights)
    assert pool_adjacent_violators(values, weights) == pytest.approx(expected.tolist(), abs=1e-9)


def test_the_textbook_example() -> None:
    # Barlow et al. (1972): violators 3, 2 pool to 2.5.
    assert pool_adjacent_violators([1, 3, 2, 4], [1, 1, 1, 1]) == [1, 2.5, 2.5, 4]


def _curve(x: np.ndarray, y: np.ndarray, sign: int, line_only: bool = False) -> np.ndarray:
    knots = knots_of(x)
    return monotone_curve(knots, x, locate_all(knots, x), y, sign=sign, line_only=line_only)


@settings(deadline=None)
@given(seed=st.integers(0, 1000), sign=st.sampled_from([1, -1]))
def test_a_curve_never_turns_against_its_sign(seed: int, sign: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.normal(size=50), rng.random(50)
    assert np.all(sign * np.diff(_curve(x, y, sign)) >= -1e-12)


def test_a_falling_curve_is_the_mirror_of_a_rising_one() -> None:
    rng = np.random.default_rng(1)
    x = rng.random(200)
    y = np.clip(x + 0.1 * rng.normal(size=200), 0, 1)
    rising, falling = _curve(x, y, 1), _curve(-x, y, -1)
    assert falling[::-1] == pytest.approx(rising)


def test_a_known_curve_is_found() -> None:
    rng = np.random.default_rng(2)
    x = rng.random(5000)
    y = np.clip(x**2 + 0.05 * rng.normal(size=5000), 0, 1)
    knots = knots_of(x)
    found = read_all(_curve(x, y, 1), locate_all(knots, x))
    assert float(np.sqrt(np.mean((found - x**2) ** 2))) < 0.02


def test_few_items_give_a_straight_line() -> None:
    x = np.array([0.0, 0.25, 0.5, 1.0])
    y = np.array([0.0, 0.0, 1.0, 1.0])
    assert np.allclose(np.diff(_curve(x, y, 1, line_only=True)) / np.diff(x), 1.1428571, atol=0.4)


def test_a_line_against_the_sign_is_flat_at_the_mean() -> None:
    x = np.linspace(0, 1, 30)
    assert _curve(x, 1 - x, 1, line_only=True) == pytest.approx(np.full(30, 0.5))
