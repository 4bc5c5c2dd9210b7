"""Weights from sums of products: one set of moments serves every subset of columns.

A head is additive: calibrated columns with weights of at least zero, and lines of the measures with weights
of either sign. Moments run over (1, calibrated columns, lines, target).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.nnls import nnls
from moa_scorer.calibration.table import Array

DIGITS = 6
"""Weights are rounded to this many decimals, so that no linear-algebra library shows in a score."""


class Pull(NamedTuple):
    """What weights are drawn to, and how strongly, in items."""

    equal: float
    """Calibrated columns: to equal weights, less for a column that fell short of its own promise."""
    zero: float | None
    """Lines: to zero. None = no lines."""


class Parts(NamedTuple):
    """Which of the columns of the moments take part; positions count from 0 after the leading 1."""

    curves: tuple[int, ...]
    lines: tuple[int, ...]

    @property
    def all(self) -> tuple[int, ...]:
        """Curves, then lines: the order of the weights."""
        return self.curves + self.lines


POOLED = 0.8
"""Where weights of related problems are given: their part in what weights are drawn to."""
DEFAULT_PULL = Pull(30.0, None)
"""Where there are too few items to choose."""
PULLS = tuple(Pull(e, z) for z in (100.0, 300.0, 1000.0, 3000.0) for e in (10.0, 100.0, 1000.0))
"""Candidates with lines."""
PLAIN_PULLS = tuple(Pull(e, None) for e in (3.0, 10.0, 30.0, 100.0, 300.0))
"""Candidates without."""


def moments_of(columns: Array, target: Array, weights: Array | None = None) -> Array:
    """Weighted sums of products of (1, columns, target) over items; shape (k + 2, k + 2)."""
    rows = np.column_stack([np.ones(target.size), columns, target])
    if weights is not None:
        rows *= np.sqrt(weights)[:, None]
    result: Array = rows.T @ rows
    return result


def solve(
    moments: Array, parts: Parts, pull: Pull, like: Array | None = None, pooled: Array | None = None
) -> Array:
    """The weights of `parts.all`; those of the curves are at least zero. `like` = the weights of a similar
    problem, which save time and change nothing; `pooled` = weights of the curves in related problems, to
    which these are drawn.

    In units of the target's variance, all centred: minimises |y - Xw - Zv|² / var(y) + equal * |w - c s|² +
    zero * |v|² / var(y). s is each curve's own slope on the target, within [0, 1]: about 1 where a
    cross-fitted curve keeps its promise, about 0 where it learnt noise; c is the common factor that fits.
    The lines are eliminated first, which leaves a non-negative least-squares problem of the curves.
    """
    gram, right, variance = _centred(moments, parts.all)
    size = len(parts.curves)
    start = None if like is None else like[:size] > 0
    if pull.zero is None or not parts.lines:
        weights = _pulled(gram[:size, :size], right[:size], pull.equal, start, pooled)
        return np.append(weights, np.zeros(len(parts.lines)))
    ridge = gram[size:, size:] + pull.zero / variance * np.eye(len(parts.lines))
    solved = np.linalg.solve(ridge, np.column_stack([gram[size:, :size], right[size:]]))
    across, alone = solved[:, :-1], solved[:, -1]
    weights = _pulled(
        gram[:size, :size] - gram[:size, size:] @ across,
        right[:size] - gram[:size, size:] @ alone,
        pull.equal,
        start,
        pooled,
    )
    return np.append(weights, np.round(alone - across @ weights, DIGITS))


def squared_error(moments: Array, at: Sequence[int], weights: Array, intercept: float) -> float:
    """Sum of (y - intercept - X w)² over the items of the moments."""
    coefficients = np.zeros(moments.shape[0])
    coefficients[0], coefficients[-1] = -intercept, 1.0
    coefficients[np.asarray(at, dtype=np.intp) + 1] = -weights
    return float(coefficients @ moments @ coefficients)


def intercept_of(moments: Array, at: Sequence[int], weights: Array) -> float:
    """What makes the mean fused score the mean target."""
    places = np.asarray(at, dtype=np.intp) + 1
    return float((moments[0, -1] - moments[0, places] @ weights) / moments[0, 0])


def left_out_error(per_fold: Sequence[Array], parts: Parts, pull: Pull, *, own_mean: bool = False) -> float:
    """Squared error on folds left out of the weights; with `own_mean` each fold is judged at its own mean."""
    total, error = np.sum(per_fold, axis=0), 0.0
    weights: Array | None = None
    for fold in per_fold:
        weights = solve(total - fold, parts, pull, weights)
        level = fold if own_mean else total - fold
        error += squared_error(fold, parts.all, weights, intercept_of(level, parts.all, weights))
    return error


def choose_pull(per_fold: Sequence[Array], parts: Parts, candidates: Iterable[Pull]) -> Pull:
    """The candidate with the least error on left-out folds; the first of equals."""
    return min(candidates, key=lambda pull: left_out_error(per_fold, parts, pull))


def cross_fitted(
    columns: Array,
    folds: NDArray[np.intp],
    per_fold: Sequence[Array],
    parts: Parts,
    pull: Pull,
    like: Array | None = None,
    pooled: Sequence[Array | None] | None = None,
) -> Array:
    """The fused score of each item from weights without its fold; `columns` are those of the moments, `like`
    as in `solve`, and `pooled` too, one for each fold."""
    total, at = np.sum(per_fold, axis=0), np.asarray(parts.all, dtype=np.intp)
    fused, weights = np.empty(folds.size), like
    for fold, own in enumerate(per_fold):
        weights = solve(total - own, parts, pull, weights, pooled[fold] if pooled else None)
        mine = folds == fold
        fused[mine] = intercept_of(total - own, parts.all, weights) + columns[np.ix_(mine, at)] @ weights
    return fused


def _pulled(
    gram: Array, right: Array, equal: float, start: NDArray[np.bool_] | None, pooled: Array | None
) -> Array:
    """Non-negative weights drawn to the slopes times their best common factor, or mostly to pooled ones."""
    if right.size == 0:
        return np.zeros(0)
    goal = _fitting(np.clip(right / np.maximum(np.diag(gram), 1e-12), 0.0, 1.0), gram, right)
    if pooled is not None:
        goal = (1.0 - POOLED) * goal + POOLED * _fitting(pooled, gram, right)
    drawn = nnls(gram + equal * np.eye(right.size), right + equal * goal, start)
    result: Array = np.round(drawn, DIGITS)
    return result


def _fitting(direction: Array, gram: Array, right: Array) -> Array:
    """The direction, >= 0, times the factor of at least zero that fits best."""
    reach = float(direction @ gram @ direction)
    common = max(float(direction @ right) / reach, 0.0) if reach > 1e-9 else 0.0
    return common * direction


def _centred(moments: Array, at: Sequence[int]) -> tuple[Array, Array, float]:
    """Gram matrix and right-hand side of the centred columns over the target's variance, and the variance."""
    n, last = moments[0, 0], moments.shape[0] - 1
    places = np.asarray([*(i + 1 for i in at), last], dtype=np.intp)
    centred = moments[np.ix_(places, places)] - np.outer(moments[0, places], moments[0, places]) / n
    variance = max(float(centred[-1, -1]) / n, 1e-12)
    return centred[:-1, :-1] / variance, centred[:-1, -1] / variance, variance
