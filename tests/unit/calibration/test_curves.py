"""Piecewise-linear curves."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.calibration.curves import KNOTS, interpolate, knots_of, locate, locate_all, read_all


@settings(deadline=None)
@given(x=st.floats(-2, 3), seed=st.integers(0, 100))
def test_plain_floats_agree_with_numpy(x: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    knots = np.unique(np.round(rng.random(12), 3))
    values = rng.random(knots.size)
    expected = float(np.interp(x, knots, values))
    assert interpolate(knots.tolist(), values.tolist(), x) == pytest.approx(expected)
    assert read_all(values, locate_all(knots.tolist(), np.array([x])))[0] == pytest.approx(expected)


def test_outside_the_knots_a_value_is_held_at_the_end() -> None:
    assert locate((0.0, 1.0), -5.0) == (0, 0.0, -5.0)
    assert locate((0.0, 1.0), 5.0) == (0, 1.0, 5.0)


def test_a_missing_value_stays_missing() -> None:
    places = locate_all((0.0, 1.0), np.array([np.nan, 0.5]))
    assert np.isnan(read_all((0.0, 1.0), places)).tolist() == [True, False]


def test_knots_are_few_distinct_and_span_the_column() -> None:
    column = np.append(np.random.default_rng(0).random(1000), np.nan)
    knots = knots_of(column)
    assert len(knots) == KNOTS
    assert list(knots) == sorted(set(knots))
    assert knots[0] == pytest.approx(np.nanmin(column), rel=1e-5)
    assert knots[-1] == pytest.approx(np.nanmax(column), rel=1e-5)


@pytest.mark.parametrize("column", [np.full(5, np.nan), np.full(5, 0.3)])
def test_a_column_without_two_values_has_no_curve(column: np.ndarray) -> None:
    assert len(knots_of(column)) < 2
