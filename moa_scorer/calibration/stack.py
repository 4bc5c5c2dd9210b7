"""Weights from sums of products: one set of moments serves every subset of columns."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.nnls import nnls
from moa_scorer.calibration.table import Array

SHRINKAGES = (3.0, 10.0, 30.0, 100.0, 300.0)
"""Candidates for the pull towards equal weights, in items."""
SHRINKAGE = 30.0
"""The pull where there are too few items to choose it."""
DIGITS = 6
"""Weights are rounded to this many decimals, so that no linear-algebra library shows in a score."""


def moments_of(columns: Array, target: Array) -> Array:
    """Sums of products of (1, columns, target) over items; shape (k + 2, k + 2)."""
    rows = np.column_stack([np.ones(target.size), columns, target])
    result: Array = rows.T @ rows
    return result


def solve(moments: Array, index: Sequence[int], shrinkage: float) -> Array:
    """Non-negative weights of the columns at `index`, ridge-shrunk towards equal weights.

    In units of the target's variance: minimises |y - Xw|² / var(y) + shrinkage * |w - c|², all centred, where
    c is the one weight that fits best when all columns share it.
    """
    gram, right = _centred(moments, index)
    if gram.size == 0:
        return np.zeros(0)
    total = float(gram.sum())
    common = max(float(right.sum()) / total, 0.0) if total > 0 else 0.0
    ridge = gram + shrinkage * np.eye(right.size)
    result: Array = np.round(nnls(ridge, right + shrinkage * common), DIGITS)
    return result


def squared_error(moments: Array, index: Sequence[int], weights: Array, intercept: float) -> float:
    """Sum of (y - intercept - X w)² over the items of the moments."""
    coefficients = np.zeros(moments.shape[0])
    coefficients[0], coefficients[-1] = -intercept, 1.0
    coefficients[np.asarray(index, dtype=np.intp) + 1] = -weights
    return float(coefficients @ moments @ coefficients)


def intercept_of(moments: Array, index: Sequence[int], weights: Array) -> float:
    """What makes the mean fused score the mean target."""
    at = np.asarray(index, dtype=np.intp) + 1
    return float((moments[0, -1] - moments[0, at] @ weights) / moments[0, 0])


def choose_shrinkage(per_fold: Sequence[Array], index: Sequence[int]) -> float:
    """The candidate with the least error on left-out folds."""
    total = np.sum(per_fold, axis=0)

    def error(shrinkage: float) -> float:
        return sum(_left_out(total - fold, fold, index, shrinkage) for fold in per_fold)

    return min(SHRINKAGES, key=error)


def _left_out(rest: Array, fold: Array, index: Sequence[int], shrinkage: float) -> float:
    weights = solve(rest, index, shrinkage)
    return squared_error(fold, index, weights, intercept_of(rest, index, weights))


def _centred(moments: Array, index: Sequence[int]) -> tuple[Array, Array]:
    """Gram matrix and right-hand side of the centred columns, divided by the target's variance."""
    n, last = moments[0, 0], moments.shape[0] - 1
    at = np.asarray([*(i + 1 for i in index), last], dtype=np.intp)
    centred = moments[np.ix_(at, at)] - np.outer(moments[0, at], moments[0, at]) / n
    variance = max(float(centred[-1, -1]) / n, 1e-12)
    return centred[:-1, :-1] / variance, centred[:-1, -1] / variance


def cross_fitted(
    columns: Array, folds: NDArray[np.intp], per_fold: Sequence[Array], index: Sequence[int], shrinkage: float
) -> Array:
    """The fused score of each item from weights fitted without its fold. `columns` has all k columns."""
    total, at = np.sum(per_fold, axis=0), np.asarray(index, dtype=np.intp)
    fused = np.empty(folds.size)
    for fold, own in enumerate(per_fold):
        weights = solve(total - own, index, shrinkage)
        mine = folds == fold
        fused[mine] = intercept_of(total - own, index, weights) + columns[np.ix_(mine, at)] @ weights
    return fused
