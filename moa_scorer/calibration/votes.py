"""Effective votes: how many independent copies of its best judge a panel is worth."""

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

REPLICATES = 100
"""Bootstrap samples of groups."""
LEAST_RELIABILITY = 0.3
"""Below it raters barely agree, and nothing is said."""
EIGENVALUE_FLOOR = 0.01
"""Of the median error variance."""


def effective_votes(scores: Array, target: Array, noise: float, weights: Array | None = None) -> float | None:
    """(1'C⁻¹1) / max_k(1 / C_kk) for the covariance C of the judges' errors given the target.

    `scores` has shape (items, judges), complete, higher = better; `noise` is the variance of the target that
    is due to its raters. A judge whose slope on the target is not positive carries nothing and is left out.
    None when nobody is left or raters barely agree.
    """
    rows = np.column_stack([scores, target])
    return _votes(np.cov(rows.T, bias=True, aweights=weights), noise)


def estimable_votes(
    scores: Array,
    target: Array,
    noise: float,
    groups: NDArray[np.intp],
    seed: int,
    weights: Array | None = None,
) -> float | None:
    """Effective votes, or None when the 90 % bootstrap interval over groups is wider than the figure."""
    votes = effective_votes(scores, target, noise, weights)
    if votes is None or scores.shape[1] < 2:
        return votes
    rows = np.column_stack([np.ones(target.size), scores, target])
    sums = _group_sums(rows if weights is None else rows * np.sqrt(weights)[:, None], groups)
    draws = np.random.default_rng(seed).multinomial(
        len(sums), np.full(len(sums), 1 / len(sums)), size=REPLICATES
    )
    size = scores.shape[1] + 2
    totals = (draws.astype(np.float64) @ sums).reshape(REPLICATES, size, size)
    replicates = [_votes(_covariance(t), noise) for t in totals]
    known = [v for v in replicates if v is not None]
    if len(known) < 0.9 * REPLICATES:
        return None
    low, high = np.quantile(known, [0.05, 0.95])
    return votes if high - low <= votes else None


def _votes(covariance: Array, noise: float) -> float | None:
    """Effective votes from the joint covariance of (judges, target)."""
    variance = float(covariance[-1, -1])
    reliability = (variance - noise) / variance if variance > 0 else 0.0
    if reliability < LEAST_RELIABILITY:
        return None
    slopes = covariance[:-1, -1] / (variance * reliability)
    good = np.flatnonzero(slopes > 1e-9)
    if good.size == 0:
        return None
    errors = _floored(_error_covariance(covariance, slopes, good) - noise)
    inverse = np.linalg.inv(errors)
    return round(float(inverse.sum() / np.max(1.0 / np.diag(errors))), 3)


def _error_covariance(covariance: Array, slopes: Array, good: NDArray[np.intp]) -> Array:
    """Covariance of x / slope - y over the judges at `good`."""
    transform = np.zeros((good.size, covariance.shape[0]))
    transform[np.arange(good.size), good] = 1.0 / slopes[good]
    transform[:, -1] = -1.0
    result: Array = transform @ covariance @ transform.T
    return result


def _floored(matrix: Array) -> Array:
    """The matrix with its eigenvalues no smaller than 1 % of the median variance."""
    floor = EIGENVALUE_FLOOR * max(float(np.median(np.diag(matrix))), 1e-12)
    values, vectors = np.linalg.eigh(matrix)
    result: Array = (vectors * np.maximum(values, floor)) @ vectors.T
    return result


def _group_sums(rows: Array, groups: NDArray[np.intp]) -> Array:
    """Per group: the flattened sum of products of its rows; shape (groups, columns²)."""
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    products = (rows[order, :, None] * rows[order, None, :]).reshape(len(rows), -1)
    result: Array = np.add.reduceat(products, starts, axis=0)
    return result


def _covariance(sums: Array) -> Array:
    """Covariance of the columns after the leading 1 from their sums of products."""
    count = sums[0, 0]
    means = sums[0, 1:] / count
    result: Array = sums[1:, 1:] / count - np.outer(means, means)
    return result
