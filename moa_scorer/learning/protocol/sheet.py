"""What one method said of some items, and sums over them under many weightings at once. numpy only."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Index = NDArray[np.intp]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Sheet:
    """What one method said of some items beside what people said. All arrays run over the same items."""

    order: Array
    """What the items are ranked by, any unit, complete; ties that calibration made are not in it."""
    value: Array
    """Calibrated score in [0, 1], complete."""
    lower: Array
    """Of the 90 % interval; NaN = none."""
    upper: Array
    human: Array
    """Mean rating in [0, 1]."""
    groups: Index
    """Number of the item's group, from 0."""
    levels: int = 0
    """Steps of the people's scale, both ends counted; 0 = not discrete."""


def mean(x: Array, weights: Array) -> Array:
    """Of each item's number under each weighting; NaN where nothing weighs."""
    return ratio(weights @ x, weights.sum(axis=1))


def ratio(above: Array, below: Array, empty: float = np.nan) -> Array:
    """Quotient; `empty` where there is nothing to divide by."""
    result: Array = np.divide(above, below, out=np.full(np.shape(above), empty), where=below > 0)
    return result


def weighted_ranks(x: Array, weights: Array) -> Array:
    """Mid-ranks under each weighting, shape (weightings, items); ties share theirs."""
    _, inverse = np.unique(x, return_inverse=True)
    size = int(inverse.max()) + 1
    order = np.argsort(inverse, kind="stable")
    starts = np.searchsorted(inverse[order], np.arange(size))
    per_value = np.add.reduceat(weights[:, order], starts, axis=1)
    result: Array = (np.cumsum(per_value, axis=1) - per_value / 2)[:, inverse]
    return result


def correlation(x: Array, y: Array, weights: Array) -> Array:
    """Weighted Pearson; x and y of shape (items,) or (weightings, items). 0 for constant x, NaN for y."""
    total = weights.sum(axis=1, keepdims=True)
    a = x - ratio((weights * x).sum(axis=1, keepdims=True), total)
    b = y - ratio((weights * y).sum(axis=1, keepdims=True), total)
    xx, yy, xy = ((weights * p * q).sum(axis=1) for p, q in ((a, a), (b, b), (a, b)))
    tiny = 1e-12 * np.maximum(total[:, 0], 1.0)
    rho = np.where(xx > tiny, xy / np.sqrt(np.maximum(xx * yy, 1e-300)), 0.0)
    return np.where(yy > tiny, rho, np.nan)
