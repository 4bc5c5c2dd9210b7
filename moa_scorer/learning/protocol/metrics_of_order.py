"""Metrics of order: how alike two rankings are, and what stands above a line. numpy only."""

from collections.abc import Callable
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.learning.protocol.sheet import Array, Sheet, correlation, mean, ratio, weighted_ranks

MIDDLE: Final = 0.5
"""Rating from which an item is acceptable, of a pair the first preferred, an answer correct."""
FEWEST_IN_GROUP: Final = 3
"""Items a document needs for an order within it."""
CHUNK: Final = 512
"""Rows of the matrix of pairs that are held at a time."""


def spearman(sheet: Sheet, weights: Array) -> Array:
    """Spearman's rho with mid-ranks; a method that says the same of all items has 0, constant ratings NaN."""
    return _rho(sheet.order, sheet.human, weights)


def kendall(sheet: Sheet, weights: Array) -> Array:
    """Kendall's tau-b; 0 for a constant order."""
    x, y = _codes(sheet.order), _codes(sheet.human)
    concordant = np.zeros(len(weights))
    for start in range(0, x.size, CHUNK):
        rows = slice(start, start + CHUNK)
        signs = np.sign(x[rows, None] - x) * np.sign(y[rows, None] - y)
        concordant += np.einsum("bi,bi->b", weights[:, rows], weights.astype(np.float32) @ signs.T)
    untied = _untied(x, weights) * _untied(y, weights)
    flat = _untied(y, weights) <= 0
    return np.where(flat, np.nan, ratio(concordant, np.sqrt(untied), empty=0.0))


def within(sheet: Sheet, weights: Array) -> Array:
    """Spearman within each group of three items or more, averaged over groups; a flat order there is 0."""
    found, counts = [], []
    for group in np.unique(sheet.groups):
        own = np.flatnonzero(sheet.groups == group)
        if own.size >= FEWEST_IN_GROUP and np.ptp(sheet.human[own]) > 0:
            found.append(_rho(sheet.order[own], sheet.human[own], np.ones((1, own.size)))[0])
            counts.append(weights[:, own[0]])
    if not found:
        return np.full(len(weights), np.nan)
    return mean(np.array(found), np.column_stack(counts))


def auc(sheet: Sheet, weights: Array) -> Array:
    """Probability that an acceptable item stands above an unacceptable one; ties count half."""
    good = (sheet.human >= MIDDLE) * weights
    bad = weights - good
    above = weighted_ranks(sheet.order, bad)
    return ratio((above * good).sum(axis=1), good.sum(axis=1) * bad.sum(axis=1))


def recall_at(share: float) -> Callable[[Sheet, Array], Array]:
    """Share of the unacceptable items below the highest line with at most `share` of the acceptable below."""

    def recall(sheet: Sheet, weights: Array) -> Array:
        order = np.argsort(sheet.order, kind="stable")
        said, weighted = sheet.order[order], weights[:, order]
        good = weighted * (sheet.human[order] >= MIDDLE)
        lost, found = np.cumsum(good, axis=1), np.cumsum(weighted - good, axis=1)
        allowed = lost <= share * lost[:, -1:] + 1e-9
        allowed &= np.append(said[1:] > said[:-1], True)
        return ratio(np.where(allowed, found, 0.0).max(axis=1), found[:, -1])

    return recall


def _rho(x: Array, y: Array, weights: Array) -> Array:
    return correlation(weighted_ranks(x, weights), weighted_ranks(y, weights), weights)


def _codes(x: Array) -> NDArray[np.float32]:
    return np.unique(x, return_inverse=True)[1].astype(np.float32)


def _untied(codes: NDArray[np.float32], weights: Array) -> Array:
    """Twice the weight of pairs with different values."""
    inverse = codes.astype(np.intp)
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(int(inverse.max()) + 1))
    per_value = np.add.reduceat(weights[:, order], starts, axis=1)
    result: Array = weights.sum(axis=1) ** 2 - (per_value**2).sum(axis=1)
    return result
