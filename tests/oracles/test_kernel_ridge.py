"""Surfaces against scikit-learn's kernel ridge regression and Nyström features, the mixture against scipy."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import nnls
from sklearn.kernel_approximation import Nystroem
from sklearn.kernel_ridge import KernelRidge
from sklearn.linear_model import Ridge
from sklearn.metrics.pairwise import rbf_kernel

from moa_scorer.calibration import fit_surface as module
from moa_scorer.calibration.fit_surface import Ground, fit_surface, ground, surface_of
from moa_scorer.calibration.mixture import PSEUDO_ITEMS, mixture_of
from moa_scorer.calibration.surface import Landmarks
from moa_scorer.calibration.table import Array

COLUMNS, PULL = 3, 0.5
SCALES = np.array([0.6, 0.5, 0.3])
FEW = 25
"""Landmarks so few that none is a mixture of others: Nyström features need the root of an inverse."""
FLAT = 1e6
"""A constant in the kernel this large is as good as a level of no cost."""


def _rated(items: int, seed: int) -> tuple[Ground, Array]:
    """Columns in units, and a target that bends."""
    rng = np.random.default_rng(seed)
    values = rng.normal(size=(items, COLUMNS))
    base = ground(values, [0.0] * COLUMNS, [1.0] * COLUMNS, np.arange(items) % 5, None, seed)
    return base, np.sin(values[:, 0]) * values[:, 1] + 0.1 * rng.normal(size=items)


def _served(base: Ground, target: Array, new: Array) -> Array:
    """What serving adds to the mean rating."""
    fitted = fit_surface(base, SCALES, target, PULL)
    marks = Landmarks(
        columns=tuple(range(COLUMNS)),
        means=np.zeros(COLUMNS),
        units=np.ones(COLUMNS),
        points=base.points[base.chosen],
    )
    surface = surface_of(SCALES, fitted, 1.0)
    return np.array([surface.at(surface.near(marks.squares(point))) for point in new])


@pytest.fixture(autouse=True)
def _hardly_any_jitter(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "JITTER", 1e-9)


@pytest.mark.parametrize("seed", range(4))
def test_with_every_item_a_landmark_it_is_kernel_ridge_with_a_free_level(seed: int) -> None:
    base, target = _rated(60, seed)
    new = np.random.default_rng(seed + 9).uniform(-2, 2, size=(20, COLUMNS))
    points = base.points * SCALES
    theirs = KernelRidge(alpha=PULL, kernel="precomputed").fit(rbf_kernel(points, gamma=1.0) + FLAT, target)
    expected = theirs.predict(rbf_kernel(new * SCALES, points, gamma=1.0) + FLAT)

    assert target.mean() + _served(base, target, new) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("seed", range(2))
def test_with_fewer_landmarks_it_is_ridge_on_nystroem_features(seed: int) -> None:
    base, target = _rated(300, seed)
    base = base._replace(chosen=base.chosen[:FEW])
    new = np.random.default_rng(seed + 9).uniform(-2, 2, size=(20, COLUMNS))
    features = Nystroem(kernel="rbf", gamma=1.0, n_components=FEW, random_state=0)
    features.fit(base.points[base.chosen] * SCALES)
    theirs = Ridge(alpha=PULL).fit(features.transform(base.points * SCALES), target)
    expected = theirs.predict(features.transform(new * SCALES))

    assert target.mean() + _served(base, target, new) == pytest.approx(expected, abs=1e-4)


@settings(deadline=None, max_examples=50)
@given(seed=st.integers(0, 10**6), weighted=st.booleans(), worth=st.floats(-1.0, 1.0))
def test_the_mixture_is_nnls_with_augmented_rows(seed: int, weighted: bool, worth: float) -> None:
    """Two rows more, sqrt(pull) * identity on the left and sqrt(pull) / 2 on the right."""
    rng = np.random.default_rng(seed)
    target = rng.normal(size=80)
    parts = np.column_stack([target + rng.normal(size=80), worth * target + rng.normal(size=80)])
    counts = rng.uniform(0.5, 2.0, size=80) if weighted else np.ones(80)
    root = np.sqrt(counts)
    x, y = parts - np.average(parts, axis=0, weights=counts), target - np.average(target, weights=counts)
    pull = np.sqrt(PSEUDO_ITEMS * np.average(y**2, weights=counts))
    expected, _ = nnls(
        np.vstack([x * root[:, None], pull * np.eye(2)]), np.concatenate([y * root, [pull / 2, pull / 2]])
    )
    found = mixture_of(parts[:, 0], parts[:, 1], target, counts if weighted else None)

    assert found == pytest.approx(tuple(expected), abs=2e-6)
