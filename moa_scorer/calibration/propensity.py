"""Rated items that were not drawn alike: each counts by the inverse of the chance that it was chosen.

Ratings that come from reviews, appeals and active plans are no random sample. Weighted so, they speak for all
items (Horvitz and Thompson 1952); `None` for the weights means that all items count alike.
"""

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

MOST = 20.0
"""An item counts at most as much as this many average ones, so that no single rating decides."""
DIGITS = 6


def item_weights(propensity: Array | None) -> Array | None:
    """Weights of mean 1, shape (items,); None where all items were chosen with the same chance.

    Weights beyond the limit are cut to it: a small bias for much less variance.
    """
    if propensity is None or float(np.ptp(propensity)) <= 0:
        return None
    weights = 1.0 / propensity
    weights = np.minimum(weights / weights.mean(), MOST)
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
