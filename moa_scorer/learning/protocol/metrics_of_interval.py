"""Metrics of intervals: how often they hold, and how wide they are. numpy only."""

from typing import Final

import numpy as np

from moa_scorer.learning.protocol.sheet import Array, Sheet, mean, ratio

COVERAGE: Final = 0.9


def coverage(sheet: Sheet, weights: Array) -> Array:
    """Share of the items with an interval whose interval holds the mean rating."""
    known = ~np.isnan(sheet.lower)
    held = (sheet.lower[known] <= sheet.human[known] + 1e-9) & (
        sheet.human[known] <= sheet.upper[known] + 1e-9
    )
    return mean(held.astype(float), weights[:, known])


def width(sheet: Sheet, weights: Array) -> Array:
    """Mean width of the intervals, in units of the scale [0, 1]."""
    known = ~np.isnan(sheet.lower)
    return mean(sheet.upper[known] - sheet.lower[known], weights[:, known])


def equal_width(sheet: Sheet, weights: Array) -> Array:
    """Mean width once all intervals are stretched by the one factor that makes 90 % of them hold."""
    known = ~np.isnan(sheet.lower)
    if not known.any():
        return np.full(len(weights), np.nan)
    value, weights = sheet.value[known], weights[:, known]
    down, up = value - sheet.lower[known], sheet.upper[known] - value
    error = sheet.human[known] - value
    needed = np.abs(error) / np.maximum(np.where(error < 0, down, up), 1e-9)
    order = np.argsort(needed, kind="stable")
    share = ratio(np.cumsum(weights[:, order], axis=1), weights.sum(axis=1, keepdims=True))
    factor = needed[order][np.argmax(share >= COVERAGE - 1e-9, axis=1)][:, None]
    stretched = np.minimum(value + factor * up, 1.0) - np.maximum(value - factor * down, 0.0)
    return ratio((stretched * weights).sum(axis=1), weights.sum(axis=1))
