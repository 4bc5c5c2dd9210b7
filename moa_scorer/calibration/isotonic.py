"""Monotone curves of one column against a target, as values at the column's knots."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.propensity import mean_of
from moa_scorer.calibration.table import Array

Places = tuple[NDArray[np.intp], Array]
"""Segments and fractions of `curves.locate_all`."""
PSEUDO_ITEMS = 60.0
"""A column seen n times follows the isotonic curve with weight n / (n + 60), else the line."""


def pool_adjacent_violators(values: Sequence[float], weights: Sequence[float]) -> list[float]:
    """The non-decreasing sequence nearest to `values` in weighted squares (Ayer et al. 1955); weights > 0."""
    blocks: list[tuple[float, float, int]] = []
    for value, weight in zip(values, weights, strict=True):
        mean, total, count = float(value), float(weight), 1
        while blocks and blocks[-1][0] >= mean:
            left, size, members = blocks.pop()
            mean = (left * size + mean * total) / (size + total)
            total, count = size + total, members + count
        blocks.append((mean, total, count))
    return [mean for mean, _, count in blocks for _ in range(count)]


def monotone_curve(
    knots: Sequence[float],
    column: Array,
    places: Places,
    target: Array,
    weights: Array | None = None,
    *,
    sign: int,
    line_only: bool,
) -> Array:
    """E[target | column] at the knots: w * isotonic + (1 - w) * line, both rising (sign 1) or falling (-1).

    `column`, `places`, `target` and `weights` (None = all alike) hold present values only. Without any, the
    curve is flat at 0.5.
    """
    if target.size == 0:
        return np.full(len(knots), 0.5)
    line = _line(np.asarray(knots), column, target, weights, sign)
    if line_only:
        return line
    weight = target.size / (target.size + PSEUDO_ITEMS)
    result: Array = weight * _isotonic(knots, places, target, weights, sign) + (1.0 - weight) * line
    return result


def _line(knots: Array, column: Array, target: Array, weights: Array | None, sign: int) -> Array:
    """The least-squares line, or its mean where it would go against the sign."""
    middle = mean_of(column, weights)
    centred = column - middle
    counted = centred if weights is None else centred * weights
    spread = float(counted @ centred)
    slope = float(counted @ target) / spread if spread > 0 else 0.0
    slope = max(slope, 0.0) if sign > 0 else min(slope, 0.0)
    result: Array = mean_of(target, weights) + slope * (knots - middle)
    return np.clip(result, 0.0, 1.0)


def _isotonic(
    knots: Sequence[float], places: Places, target: Array, weights: Array | None, sign: int
) -> Array:
    """Isotonic regression on the knots: each item counts at its two neighbours by nearness."""
    segment, fraction = places
    size, near, far = len(knots), 1.0 - fraction, fraction
    if weights is not None:
        near, far = near * weights, far * weights
    left = np.bincount(segment, near, size) + np.bincount(segment + 1, far, size)
    total = np.bincount(segment, near * target, size)
    total += np.bincount(segment + 1, far * target, size)
    seen = np.flatnonzero(left > 1e-9)
    means = sign * total[seen] / left[seen]
    pooled = np.asarray(pool_adjacent_violators(means.tolist(), left[seen].tolist()))
    result: Array = np.interp(np.asarray(knots), np.asarray(knots)[seen], sign * pooled)
    return result
