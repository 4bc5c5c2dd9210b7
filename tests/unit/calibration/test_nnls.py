"""Non-negative least squares on a Gram matrix."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls as oracle

from moa_scorer.calibration.nnls import nnls


@settings(max_examples=150, deadline=None)
@given(seed=st.integers(0, 10**6), columns=st.integers(1, 12), collinear=st.booleans())
def test_agrees_with_scipy(seed: int, columns: int, collinear: bool) -> None:
    rng = np.random.default_rng(seed)
    design = rng.normal(size=(40, columns))
    if collinear and columns > 1:
        design[:, -1] = design[:, 0] + 1e-3 * rng.normal(size=40)
    target = design @ rng.normal(size=columns) + rng.normal(size=40)
    expected, _ = oracle(design, target)
    found = nnls(design.T @ design, design.T @ target)
    assert np.all(found >= 0)
    assert np.linalg.norm(design @ found - target) == pytest.approx(
        np.linalg.norm(design @ expected - target), rel=1e-9
    )


def test_a_problem_solved_by_hand() -> None:
    # Minimise (1 - w1)² + (-1 - w2)² with w >= 0: the second weight stays at its bound.
    assert nnls(np.eye(2), np.array([1.0, -1.0])).tolist() == [1.0, 0.0]


def test_no_columns_give_no_weights() -> None:
    assert nnls(np.zeros((0, 0)), np.zeros(0)).size == 0


def test_the_order_of_columns_does_not_matter() -> None:
    rng = np.random.default_rng(3)
    design, target = rng.normal(size=(30, 5)), rng.normal(size=30)
    order = np.array([3, 1, 4, 0, 2])
    straight = nnls(design.T @ design, design.T @ target)
    mixed = design[:, order]
    assert nnls(mixed.T @ mixed, mixed.T @ target) == pytest.approx(straight[order])


@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**6), columns=st.integers(1, 20))
def test_where_it_starts_does_not_matter(seed: int, columns: int) -> None:
    rng = np.random.default_rng(seed)
    design, target = rng.normal(size=(30, columns)), rng.normal(size=30)
    gram = design.T @ design + np.eye(columns)
    whole = nnls(gram, design.T @ target)
    elsewhere = nnls(gram, design.T @ target, rng.uniform(size=columns) < 0.5)
    assert elsewhere == pytest.approx(whole, abs=1e-9)
