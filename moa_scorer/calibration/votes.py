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
    None when nobody is left, raters barely agree, or a judge errs by no more than their noise.
    """
    rows = np.column_stack([scores, target])
    (votes,) = _all_votes(np.cov(rows.T, bias=True, aweights=weights)[None], noise)
    return votes


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
    known = [v for v in _all_votes(_covariances(totals), noise) if v is not None]
    if len(known) < 0.9 * REPLICATES:
        return None
    low, high = np.quantile(known, [0.05, 0.95])
    return votes if high - low <= votes else None


def _all_votes(covariances: Array, noise: float) -> list[float | None]:
    """Effective votes from joint covariances of (judges, target), shape (samples, judges + 1, judges + 1).

    Samples in which the same judges have a positive slope are worked out together.
    """
    variances = covariances[:, -1, -1]
    reliable = (variances - noise) >= LEAST_RELIABILITY * np.maximum(variances, 1e-300)
    slopes = covariances[:, :-1, -1] / np.where(reliable, variances - noise, 1.0)[:, None]
    good = (slopes > 1e-9) & reliable[:, None]
    votes: list[float | None] = [None] * len(covariances)
    for pattern in np.unique(good, axis=0):
        if pattern.any():
            mine = np.flatnonzero((good == pattern).all(axis=1))
            found = _votes(covariances[mine], slopes[mine], np.flatnonzero(pattern), noise)
            for i, v in zip(mine.tolist(), found.tolist(), strict=True):
                votes[i] = None if np.isnan(v) else round(v, 3)
    return votes


def _votes(covariances: Array, slopes: Array, good: NDArray[np.intp], noise: float) -> Array:
    """Effective votes of the judges at `good`; shape (samples,).

    The error covariance, less the noise that all share, is taken apart into eigenvalues, none smaller than
    1 % of the median variance: they give both the sum of the inverse and the diagonal. NaN where a judge
    errs by no more than the raters' noise: nothing of its own is left to compare.
    """
    errors = _error_covariances(covariances, slopes, good) - noise
    own = np.diagonal(errors, axis1=1, axis2=2)
    middle = np.median(own, axis=1)
    floor = EIGENVALUE_FLOOR * np.maximum(middle, 1e-12)
    values, vectors = np.linalg.eigh(errors)
    values = np.maximum(values, floor[:, None])
    together = np.sum(vectors.sum(axis=1) ** 2 / values, axis=1)
    each = np.sum(vectors**2 * values[:, None, :], axis=2)
    result: Array = np.where(own.min(axis=1) > 0, together * each.min(axis=1), np.nan)
    return result


def _error_covariances(covariances: Array, slopes: Array, good: NDArray[np.intp]) -> Array:
    """Covariance of x / slope - y over the judges at `good`, for each sample."""
    inverse = 1.0 / slopes[:, good]
    scores = covariances[:, good[:, None], good] * inverse[:, :, None] * inverse[:, None, :]
    with_target = covariances[:, good, -1] * inverse
    result: Array = scores - with_target[:, :, None] - with_target[:, None, :] + covariances[:, -1:, -1:]
    return result


def _group_sums(rows: Array, groups: NDArray[np.intp]) -> Array:
    """Per group: the flattened sum of products of its rows; shape (groups, columns²)."""
    order = np.argsort(groups, kind="stable")
    _, starts = np.unique(groups[order], return_index=True)
    products = (rows[order, :, None] * rows[order, None, :]).reshape(len(rows), -1)
    result: Array = np.add.reduceat(products, starts, axis=0)
    return result


def _covariances(sums: Array) -> Array:
    """Covariance of the columns after the leading 1 from sums of products, for each sample."""
    count = sums[:, :1, :1]
    means = sums[:, 0, 1:] / count[:, 0]
    result: Array = sums[:, 1:, 1:] / count - means[:, :, None] * means[:, None, :]
    return result
