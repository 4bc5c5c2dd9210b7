"""Rated items that were not drawn alike: each counts by the inverse of the chance that it was chosen.

Ratings that come from reviews, appeals and active plans are no random sample. Weighted so, they speak for all
items (Horvitz and Thompson 1952); `None` for the weights means that all items count alike.
"""

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

MOST = 20.0
"""An item counts at most as much as this many average ones, so that no single rating decides."""
LEAST = 1e-9
"""Chances below count as this one: the inverse of the smallest numbers is infinite."""
ROUNDS = 100
"""Cuts after which the limit holds but for a few per cent."""
DIGITS = 6


def item_weights(propensity: Array | None) -> Array | None:
    """Weights of mean 1, shape (items,); None where all items were chosen with the same chance.

    Weights beyond the limit are cut to it: a small bias for much less variance. A cut makes the mean smaller,
    so it is done until none is beyond: a rater who claims a tiny chance decides nothing.
    """
    if propensity is None or float(np.ptp(propensity)) <= 0:
        return None
    weights = 1.0 / np.maximum(propensity, LEAST)
    for _ in range(ROUNDS):
        weights = np.minimum(weights, MOST * weights.mean())
    result: Array = np.round(weights / weights.mean(), DIGITS)
    return result


def mean_of(values: Array, weights: Array | None) -> float:
    """The weighted mean of values, at least one."""
    return float(values.mean()) if weights is None else float(values @ weights / weights.sum())


def column_means(values: Array, weights: Array | None) -> Array:
    """Mean of each column's present values, shape (columns,); NaN = missing, and each column has some."""
    if weights is None:
        unweighted: Array = np.nanmean(values, axis=0)
        return unweighted
    present = ~np.isnan(values)
    result: Array = (weights @ np.where(present, values, 0.0)) / (weights @ present)
    return result


def mean_of_present(values: Array) -> Array:
    """Mean of each row's present values, shape (rows,); NaN = missing, and where a row has none."""
    present = ~np.isnan(values)
    counts = present.sum(axis=1)
    sums = np.where(present, values, 0.0).sum(axis=1)
    result: Array = np.divide(sums, counts, out=np.full(counts.size, np.nan), where=counts > 0)
    return result


def worth(weights: Array | None) -> float:
    """Kish's share: how many equally likely items one of these is worth, in (0, 1]."""
    return 1.0 if weights is None else float(weights.sum() ** 2 / (weights.size * (weights @ weights)))


def at(weights: Array | None, chosen: NDArray[np.bool_]) -> Array | None:
    """The weights of the items where `chosen` is true."""
    return None if weights is None else weights[chosen]
