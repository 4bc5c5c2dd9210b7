"""From the scale on which columns are added to the scale of the ratings, without losing the order.

Columns are added where the ratings are even: on their ranks. The read-out is a strictly rising curve from
there to the ratings, so that skewed ratings (most summaries are consistent) neither bend the weights nor tie
scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moa_scorer.calibration.curves import interpolate, knots_of, locate_all
from moa_scorer.calibration.isotonic import monotone_curve
from moa_scorer.calibration.propensity import mean_of
from moa_scorer.calibration.table import Array

KNOTS = 17
"""Most knots of a read-out."""
LEAST_SLOPE = 0.05
"""Of the mean slope: a read-out rises at least this fast everywhere."""
RANK_KNOTS = 65
"""Most knots of the map from ratings to ranks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Readout:
    """A strictly rising curve; straight on beyond its ends."""

    knots: tuple[float, ...]
    values: tuple[float, ...]
    slope: float
    """Beyond the ends; > 0."""

    def __call__(self, x: float) -> float:
        """The rating at a place on the scale of ranks; may leave [0, 1]."""
        inside = interpolate(self.knots, self.values, x)
        if x < self.knots[0]:
            return inside + self.slope * (x - self.knots[0])
        if x > self.knots[-1]:
            return inside + self.slope * (x - self.knots[-1])
        return inside

    def all(self, x: Array) -> Array:
        """The same for an array."""
        inside = np.interp(x, self.knots, self.values)
        result: Array = inside + self.slope * (x - np.clip(x, self.knots[0], self.knots[-1]))
        return result


def fit_readout(fused: Array, target: Array, weights: Array | None = None, *, line_only: bool) -> Readout:
    """The read-out of fused ranks against ratings; with constant scores it stays at the mean rating."""
    knots = knots_of(fused, KNOTS)
    centre, level = mean_of(fused, weights), mean_of(target, weights)
    spread = mean_of((fused - centre) ** 2, weights)
    if len(knots) < 2 or spread < 1e-12:
        return Readout(knots=(centre - 0.5, centre + 0.5), values=(level, level), slope=0.0)
    slope = max(mean_of((fused - centre) * (target - level), weights) / spread, 0.0)
    places = locate_all(knots, fused)
    curve = monotone_curve(knots, fused, places, target, weights, sign=1, line_only=line_only)
    rising = curve + LEAST_SLOPE * slope * (np.asarray(knots) - centre)
    rising += level - mean_of(np.interp(fused, knots, rising), weights)
    return Readout(knots=knots, values=tuple(np.round(rising, 9).tolist()), slope=round(slope, 9))


def rank_map(target: Array, weights: Array | None = None) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Ratings and their mid-ranks in [0, 1]: ties share the middle. One knot only when all are equal."""
    order = np.argsort(target, kind="stable")
    ordered = target[order]
    below = np.append(0.0, np.cumsum(np.ones(target.size) if weights is None else weights[order]))
    knots = knots_of(target, RANK_KNOTS)
    low = np.searchsorted(ordered, np.asarray(knots) - 1e-6, side="left")
    high = np.searchsorted(ordered, np.asarray(knots) + 1e-6, side="right")
    ranks = np.maximum.accumulate((below[low] + below[high]) / (2 * below[-1]))
    return knots, tuple(np.round(ranks, 6).tolist())


def to_ranks(target: Array, knots: Sequence[float], ranks: Sequence[float]) -> Array:
    """Ratings on the scale of ranks."""
    result: Array = np.interp(target, knots, ranks)
    return result
