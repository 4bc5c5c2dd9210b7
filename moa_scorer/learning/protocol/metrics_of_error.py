"""Metrics of calibrated scores: how far they are from the ratings, and on which side. numpy only."""

from typing import Final

import numpy as np

from moa_scorer.learning.protocol.metrics_of_order import MIDDLE
from moa_scorer.learning.protocol.sheet import Array, Sheet, correlation, mean, ratio

BINS: Final = 10
"""Of equal width, for the expected calibration error."""


def pearson(sheet: Sheet, weights: Array) -> Array:
    """Pearson's r of the calibrated score; 0 for a constant score."""
    return correlation(sheet.value, sheet.human, weights)


def rmse(sheet: Sheet, weights: Array) -> Array:
    """Root of the mean squared error, in units of the scale [0, 1]."""
    return np.sqrt(mean((sheet.value - sheet.human) ** 2, weights))


def mae(sheet: Sheet, weights: Array) -> Array:
    """Mean absolute error, in units of the scale [0, 1]."""
    return mean(np.abs(sheet.value - sheet.human), weights)


def qwk(sheet: Sheet, weights: Array) -> Array:
    """Cohen's kappa with quadratic weights, score and mean rating rounded to the steps of the scale."""
    a, b = (np.round(x.clip(0, 1) * (sheet.levels - 1)) for x in (sheet.value, sheet.human))
    seen = mean((a - b) ** 2, weights)
    expected = mean(a**2, weights) + mean(b**2, weights) - 2 * mean(a, weights) * mean(b, weights)
    return 1 - ratio(seen, expected)


def accuracy(sheet: Sheet, weights: Array) -> Array:
    """Share of the items put on the right side of the middle."""
    return mean(((sheet.value >= MIDDLE) == (sheet.human >= MIDDLE)).astype(float), weights)


def kappa(sheet: Sheet, weights: Array) -> Array:
    """Cohen's kappa of the sides of the middle."""
    says, is_so = ((x >= MIDDLE).astype(float) for x in (sheet.value, sheet.human))
    p, q = mean(says, weights), mean(is_so, weights)
    chance = p * q + (1 - p) * (1 - q)
    return ratio(accuracy(sheet, weights) - chance, 1 - chance)


def brier(sheet: Sheet, weights: Array) -> Array:
    """Mean squared error of the score as a probability."""
    return mean((sheet.value - sheet.human) ** 2, weights)


def ece(sheet: Sheet, weights: Array) -> Array:
    """Expected calibration error: ten bins of equal width, mean distance of score and rating in a bin."""
    bins = np.minimum((sheet.value.clip(0, 1) * BINS).astype(np.intp), BINS - 1)
    gaps = np.where(bins[None, :] == np.arange(BINS)[:, None], sheet.value - sheet.human, 0.0)
    return ratio(np.abs(weights @ gaps.T).sum(axis=1), weights.sum(axis=1))
