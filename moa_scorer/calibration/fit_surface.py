"""Fits surfaces: the kernel of a head once, its coefficients for each mask, all cross-fitted.

Tried on the shared sets and lost, in mean Spearman over criteria: squares and products with the panel's
mean in place of a kernel (-.005 to -.01), the surface fitted to what the additive part leaves over (-.005 to
-.01: residuals of a cross-fitted stack make cross-validation choose too flat a surface), the surface as one
more column of the stack (-.005), extremely randomised trees (-.005 to -.01), the spread between a judge's
samples as columns (-.01), twice as many landmarks (no gain above 600 items).
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import Folds
from moa_scorer.calibration.propensity import at, mean_of
from moa_scorer.calibration.snapshot import Column
from moa_scorer.calibration.surface import Kernel, Landmarks, Surface, likeness, standardised
from moa_scorer.calibration.table import Array, criterion_of, is_measure

LANDMARKS = 160
"""Most rated items that others are compared with."""
FEW, LANDMARKS_OF_FEW = 600, 320
"""Up to so many rated items, more of them are landmarks: it costs little, and on sets of 300 it takes 1 % off
the error."""
JITTER = 1e-3
"""Added to the landmarks' likeness with themselves."""
DIGITS = 6
"""Of the coefficients: no linear-algebra library is to show in a score."""
OWN = 0.5
"""Share of the judges' part of the distance that belongs to the columns of the head's own criterion."""
SHAPES = ((0.3, 1.0), (0.6, 0.6))
"""(reach, weight of the measures) that are tried."""
PULLS = (0.1, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)


class Ground(NamedTuple):
    """The rated items as surfaces see them."""

    points: Array
    """Shape (items, columns), standardised; missing at 0."""
    folds: Folds
    chosen: NDArray[np.intp]
    """Positions of the landmarks among the items."""
    counts: Array | None
    """What each item counts; None = all alike."""

    def of(self, columns: Sequence[int]) -> "Ground":
        """The same items by these columns alone."""
        return self._replace(points=self.points[:, np.asarray(columns, dtype=np.intp)])


class Fitted(NamedTuple):
    """A surface over the rated items."""

    cross_fitted: Array
    """Per item, on the scale of ranks, from coefficients without its fold."""
    coefficients: Array
    level: float
    """Mean over the items of likeness times coefficients."""


def ground(
    values: Array,
    means: Sequence[float],
    units: Sequence[float],
    folds: Folds,
    counts: Array | None,
    seed: int,
) -> Ground:
    """Standardises the columns and draws the landmarks."""
    order = np.random.default_rng([seed, 2]).permutation(values.shape[0])
    most = LANDMARKS if order.size > FEW else LANDMARKS_OF_FEW
    return Ground(standardised(values, means, units), folds, np.sort(order[:most]), counts)


def choose_kernel(
    base: Ground, names: Sequence[str], head: str, target: Array, left_out: tuple[int, ...]
) -> Kernel:
    """The kernel with the least squared error on left-out folds."""
    found = []
    for reach, measures in SHAPES if any(map(is_measure, names)) else [(r, 1.0) for r, _ in SHAPES]:
        trial = Kernel(reach=reach, measures=measures, pull=1.0, left_out=left_out)
        scales = scales_of(base.points, names, head, trial, range(len(names)))
        points = base.points * scales
        near, own = likeness(points, points[base.chosen]), _landmark_likeness(points, base)
        tried = _cross_fitted(base, near, own, _fold_sums(base, near, target), PULLS)
        for pull, fused in zip(PULLS, tried, strict=True):
            error = mean_of((fused - target) ** 2, base.counts)
            found.append((error, replace(trial, pull=pull)))
    return min(found, key=lambda f: f[0])[1]


def scales_of(points: Array, names: Sequence[str], head: str, kernel: Kernel, places: Sequence[int]) -> Array:
    """Root of each column's share in the distance: judges share 1, half of it the head's own criterion's, and
    measures `kernel.measures` squared; the mean squared distance from the middle is then the reach. `places`
    are the positions of the columns in the snapshot; what the kernel leaves out counts nothing."""
    taken = np.array([k not in kernel.left_out for k in places], dtype=bool)
    measured = np.array([is_measure(n) for n in names], dtype=bool)
    own = np.array([criterion_of(n) == head for n in names], dtype=bool) & taken & ~measured
    judged = taken & ~measured
    shares = np.where(measured, kernel.measures**2 / max(int(measured.sum()), 1), 0.0)
    rest = 1.0 - OWN if own.any() else 1.0
    shares = shares + np.where(judged, rest / max(int(judged.sum()), 1), 0.0)
    shares = shares + np.where(own, OWN / max(int(own.sum()), 1), 0.0)
    spread = max(float(points.var(axis=0) @ shares), 1e-9)
    result: Array = np.sqrt(shares * kernel.reach / spread)
    return result


def fit_surface(base: Ground, scales: Array, target: Array, pull: float) -> Fitted:
    """Coefficients on all items, and the cross-fitted surface."""
    points = base.points * scales
    near, own = likeness(points, points[base.chosen]), _landmark_likeness(points, base)
    sums = _fold_sums(base, near, target)
    (fused,) = _cross_fitted(base, near, own, sums, (pull,))
    coefficients = _solve(_together(sums), own, pull).round(DIGITS)
    return Fitted(fused, coefficients, mean_of(near @ coefficients, base.counts))


def landmarks_of(base: Ground, places: Sequence[int], columns: Sequence[Column]) -> Landmarks:
    """The landmarks as serving reads them."""
    return Landmarks(
        columns=tuple(places),
        means=np.array([c.mean for c in columns]),
        units=np.array([c.spread for c in columns]),
        points=base.points[base.chosen],
    )


def surface_of(scales: Array, fitted: Fitted, weight: float) -> Surface:
    """The fitted surface as serving reads it, times its weight beside the additive part."""
    return Surface(
        weights=tuple((scales**2).tolist()),
        coefficients=tuple((fitted.coefficients * weight).tolist()),
        level=fitted.level * weight,
    )


def times(surface: Surface, share: float) -> Surface:
    """The surface at a share of its height."""
    return replace(
        surface,
        coefficients=tuple(share * c for c in surface.coefficients),
        level=share * surface.level,
    )


def _landmark_likeness(points: Array, base: Ground) -> Array:
    chosen = points[base.chosen]
    result: Array = likeness(chosen, chosen) + JITTER * np.eye(len(chosen))
    return result


def _cross_fitted(
    base: Ground, near: Array, own: Array, sums: "Sequence[Sums]", pulls: Sequence[float]
) -> list[Array]:
    """Per pull: each item's surface from the items of other folds; `sums` are by fold."""
    found = [np.empty(base.folds.size) for _ in pulls]
    for f in range(len(sums)):
        part, rest = base.folds == f, _together([s for g, s in enumerate(sums) if g != f])
        level, middle = rest.target / rest.size, rest.near / rest.size
        for fused, pull in zip(found, pulls, strict=True):
            fused[part] = level + (near[part] - middle) @ _solve(rest, own, pull)
    return found


class Sums(NamedTuple):
    """Sums over items, each counting its weight."""

    size: Array
    near: Array
    """Of likeness, per landmark."""
    products: Array
    """Of products of likeness; shape (landmarks, landmarks)."""
    target: Array
    cross: Array
    """Of likeness times target."""


def _fold_sums(base: Ground, near: Array, target: Array) -> list[Sums]:
    parts = [base.folds == f for f in range(int(base.folds.max()) + 1)]
    return [_sums(near[p], target[p], at(base.counts, p)) for p in parts]


def _together(sums: Sequence[Sums]) -> Sums:
    return Sums(*(np.sum(parts, axis=0) for parts in zip(*sums, strict=True)))


def _sums(near: Array, target: Array, counts: Array | None) -> Sums:
    weights: Array = np.ones(target.size) if counts is None else counts
    weighted: Array = near * weights[:, None]
    return Sums(
        np.asarray(weights.sum()),
        weighted.sum(axis=0),
        weighted.T @ near,
        np.asarray(weights @ target),
        weighted.T @ target,
    )


def _solve(sums: Sums, own: Array, pull: float) -> Array:
    """Ridge regression of the centred target on the centred likeness, in the kernel's own norm."""
    centred: Array = sums.products - np.outer(sums.near, sums.near) / sums.size
    right: Array = sums.cross - sums.near * sums.target / sums.size
    return np.asarray(np.linalg.solve(centred + pull * own, right), dtype=np.float64)
