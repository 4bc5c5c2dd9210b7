"""Intervals from labelled residuals: a local scale and a conformal quantile that respects groups."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.curves import interpolate
from moa_scorer.calibration.propensity import mean_of, worth
from moa_scorer.calibration.table import Array
from moa_scorer.domain.verdict import IntervalKind

CONFIDENCE = 0.9
"""Confidence of a PAC interval in its own coverage."""
GRID = 17
"""Points of the scale's curve."""
LEAST_BANDWIDTH = 0.02
"""Of the kernel: finer differences between fused scores mean nothing."""
PSEUDO_ITEMS = 20.0
"""The local scale is drawn to the global one as by this many items."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Width:
    """The half-width of the interval around a fused score."""

    kind: IntervalKind
    coverage: float
    quantile: float
    """In units of the local scale; infinite when there are too few groups: then the whole scale."""
    grid: tuple[float, ...]
    """Fused scores, strictly increasing."""
    scale: tuple[float, ...]
    """Usual absolute residual at the grid's scores, > 0."""

    def around(self, score: float) -> tuple[float, float]:
        """(lower, upper) in [0, 1] around an unclipped fused score."""
        if math.isinf(self.quantile):
            return 0.0, 1.0
        half = self.quantile * interpolate(self.grid, self.scale, score)
        return min(max(score - half, 0.0), 1.0), min(max(score + half, 0.0), 1.0)


def fit_width(
    fused: Array,
    target: Array,
    groups: NDArray[np.intp],
    weights: Array | None = None,
    *,
    coverage: float,
    kind: IntervalKind,
) -> Width:
    """The width from cross-fitted scores; all arrays run over the same items, at least one."""
    residuals = np.abs(target - fused)
    grid = _grid(fused)
    scale = local_scale(fused, residuals, grid, weights)
    ratios = residuals / np.interp(fused, grid, scale)
    quantile = round(conformal_quantile(ratios, groups, weights, coverage=coverage, kind=kind), 6)
    return Width(
        kind=kind,
        coverage=coverage,
        quantile=quantile,
        grid=tuple(grid.tolist()),
        scale=tuple(scale.tolist()),
    )


def local_scale(fused: Array, residuals: Array, grid: Array, weights: Array | None = None) -> Array:
    """Kernel mean of the residuals near each grid point, shrunk to their mean; > 0.

    Tried with 400 to 4,000 rated items and lost: a local quantile in place of the mean, as which intervals by
    score band come out (widths -.5 to +2.7 %, coverage by quarter of the scores no more even).
    """
    overall = max(mean_of(residuals, weights), 1e-6)
    bandwidth = max(float(fused.std()) * fused.size**-0.2, LEAST_BANDWIDTH)
    kernel = np.exp(-0.5 * ((grid[:, None] - fused[None, :]) / bandwidth) ** 2)
    if weights is not None:
        kernel *= weights
    near = (kernel @ residuals + PSEUDO_ITEMS * overall) / (kernel.sum(axis=1) + PSEUDO_ITEMS)
    result: Array = np.round(np.maximum(near, 1e-6), 6)
    return result


def conformal_quantile(
    ratios: Array,
    groups: NDArray[np.intp],
    weights: Array | None = None,
    *,
    coverage: float,
    kind: IntervalKind,
) -> float:
    """The value that a new group's item stays under with probability `coverage`; infinite if unknown.

    Groups weigh the same, as in the conformal quantile for hierarchical data (Lee, Barber and Willett 2023);
    the correction for a finite sample counts the effective items. With groups of one item it is the
    ceil((n + 1) * coverage)-th smallest (MARGINAL), or the smallest order statistic that covers with 90 %
    confidence (PAC). With weights it is the weighted quantile of Tibshirani and others (2019),
    the new item counting as items do on average where it comes from, sum w² / sum w: with the effective items
    of Kish, n = (sum w)² / sum w², that is (n + 1) * coverage again.
    """
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    count = effective_items(ratios, groups, weights)
    rank = marginal_rank(count, coverage) if kind is IntervalKind.MARGINAL else pac_rank(count, coverage)
    if rank is None:
        return math.inf
    order = np.argsort(ratios, kind="stable")
    share = np.cumsum(1.0 / (sizes.size * sizes[inverse[order]]))
    if weights is not None:
        share = np.cumsum((weights / sizes[inverse])[order])
        share /= share[-1]
    place = int(np.searchsorted(share, rank / count - 1e-9))
    return float(ratios[order[min(place, ratios.size - 1)]])


def effective_items(values: Array, groups: NDArray[np.intp], weights: Array | None = None) -> int:
    """How many independent items dependent ones are worth: n over Kish's design effect, at least the groups.

    The correlation within groups is the one-way analysis of variance's (Donner and Koval 1980), a negative
    one counting as none. Unequal weights take Kish's share of that.
    """
    return max(int(_independent(values, groups) * worth(weights)), 1)


def _independent(values: Array, groups: NDArray[np.intp]) -> int:
    """Effective items of equal weights."""
    _, group, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    n, count = values.size, sizes.size
    if n == count or count < 2:
        return count
    means = np.bincount(group, values) / sizes
    between = float(sizes @ (means - values.mean()) ** 2) / (count - 1)
    within = float(np.sum((values - means[group]) ** 2)) / (n - count)
    size = (n - float(sizes @ sizes) / n) / (count - 1)
    spread = between + (size - 1) * within
    correlation = max((between - within) / spread, 0.0) if spread > 0 else 1.0
    mean_size = float(sizes @ sizes) / n
    return max(int(n / (1 + (mean_size - 1) * correlation)), count)


def marginal_rank(count: int, coverage: float) -> int | None:
    """ceil((n + 1) * coverage), or None when that exceeds n."""
    rank = math.ceil((count + 1) * coverage - 1e-9)
    return rank if rank <= count else None


def pac_rank(count: int, coverage: float, confidence: float = CONFIDENCE) -> int | None:
    """The smallest k with P(Binomial(n, coverage) <= k - 1) >= confidence; None below 22 at 0.9, 0.9."""
    below = 0.0
    for k in range(1, count + 1):
        below += math.exp(
            math.lgamma(count + 1)
            - math.lgamma(k)
            - math.lgamma(count - k + 2)
            + (k - 1) * math.log(coverage)
            + (count - k + 1) * math.log1p(-coverage)
        )
        if below >= confidence:
            return k
    return None


def _grid(fused: Array) -> Array:
    low, high = float(fused.min()), float(fused.max())
    if high - low < 1e-6:
        low, high = low - 0.5, high + 0.5
    return np.round(np.linspace(low, high, GRID), 9)
