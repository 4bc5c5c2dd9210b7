"""Calibrated columns that never saw their own item's rating."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.curves import locate_all, read_all
from moa_scorer.calibration.table import Array

Folds = NDArray[np.intp]


def cross_fitted_columns(
    values: Array,
    folds: Folds,
    knots: Sequence[Sequence[float]],
    fold_curves: Sequence[Sequence[Sequence[float]]],
) -> Array:
    """Each item's columns, read off the curves fitted without the item's fold; NaN where missing.

    `values` has shape (items, columns) in the order of `knots`; `fold_curves` runs over folds, then columns.
    """
    result = np.full(values.shape, np.nan)
    for k, own in enumerate(knots):
        places = locate_all(own, values[:, k])
        for fold, curves in enumerate(fold_curves):
            mine = folds == fold
            result[mine, k] = read_all(curves[k], (places[0][mine], places[1][mine]))
    return result


def without_gaps(columns: Array, weights: Array | None = None) -> Array:
    """Missing calibrated values stand at their column's mean, where they carry nothing."""
    present = ~np.isnan(columns)
    known = np.where(present, columns, 0.0)
    if weights is None:
        means = known.sum(axis=0) / np.maximum(present.sum(axis=0), 1)
    else:
        means = (weights @ known) / np.maximum(weights @ present, 1e-9)
    result: Array = np.where(present, columns, means)
    return result


def standard_lines(values: Array, means: Sequence[float], spreads: Sequence[float]) -> Array:
    """Measures in units of their spread; a missing one stands at its mean, 0."""
    result: Array = np.nan_to_num((values - np.asarray(means)) / np.asarray(spreads), nan=0.0)
    return result


def group_folds(groups: Sequence[str], count: int, seed: int) -> Folds:
    """A fold for each item, whole groups together, sizes as even as they allow; at most one fold a group."""
    names, inverse, sizes = np.unique(np.asarray(groups), return_inverse=True, return_counts=True)
    count = min(count, names.size)
    shuffled = np.random.default_rng(seed).permutation(names.size)
    order = shuffled[np.argsort(-sizes[shuffled], kind="stable")]
    filled, fold_of = np.zeros(count), np.empty(names.size, dtype=np.intp)
    for group in order:
        fold_of[group] = int(filled.argmin())
        filled[fold_of[group]] += sizes[group]
    result: Folds = fold_of[inverse]
    return result
