"""Piecewise-linear curves in plain floats: a place among the knots, found once, read by every head."""

from bisect import bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

KNOTS = 33
"""Most knots that a column's curves have."""


class Place(NamedTuple):
    """Where a value lies among knots."""

    segment: int
    """Index of the knot on its left."""
    fraction: float
    """Share of the way to the next knot, in [0, 1]."""
    value: float
    """The value itself."""


def locate(knots: Sequence[float], x: float) -> Place:
    """The place of `x` among strictly increasing knots (at least two); outside it is held at the ends."""
    last = len(knots) - 2
    segment = bisect_right(knots, x) - 1
    if segment < 0:
        return Place(0, 0.0, x)
    if segment > last:
        return Place(last, 1.0, x)
    left = knots[segment]
    return Place(segment, (x - left) / (knots[segment + 1] - left), x)


def read(values: Sequence[float], place: Place) -> float:
    """The curve with these values at the knots, read at a place."""
    segment, fraction, _ = place
    left = values[segment]
    return left + fraction * (values[segment + 1] - left)


def interpolate(knots: Sequence[float], values: Sequence[float], x: float) -> float:
    """The curve through (knots, values) at `x`, held constant outside."""
    return read(values, locate(knots, x))


def knots_of(column: Array, most: int = KNOTS) -> tuple[float, ...]:
    """Quantiles of a column's present values as knots, rounded to 6 significant digits, strictly increasing.

    Fewer than two distinct values give fewer than two knots: such a column has no curve.
    """
    present = column[~np.isnan(column)]
    if present.size == 0:
        return ()
    distinct = np.unique(present)
    cuts = distinct if distinct.size <= most else np.quantile(present, np.linspace(0.0, 1.0, most))
    return tuple(sorted({float(f"{x:.6g}") for x in cuts}))


def locate_all(knots: Sequence[float], column: Array) -> tuple[NDArray[np.intp], Array]:
    """`locate` for an array; a missing value (NaN) lies in segment 0 with fraction NaN."""
    k = np.asarray(knots)
    segment = np.clip(np.searchsorted(k, column, side="right") - 1, 0, k.size - 2)
    segment = np.where(np.isnan(column), 0, segment)
    fraction = np.clip((column - k[segment]) / (k[segment + 1] - k[segment]), 0.0, 1.0)
    return segment, fraction


def read_all(values: Sequence[float], places: tuple[NDArray[np.intp], Array]) -> Array:
    """`read` for an array of places; NaN where the value is missing."""
    v = np.asarray(values)
    segment, fraction = places
    left = v[segment]
    result: Array = left + fraction * (v[segment + 1] - left)
    return result
