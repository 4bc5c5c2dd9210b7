"""Baselines that are calibrated on the same ratings as the panel, and the errors to compare them by."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.stats import kendalltau
from sklearn.isotonic import IsotonicRegression

from moa_scorer.calibration.crossfit import group_folds
from moa_scorer.calibration.table import RatedTable, is_measure

Array = NDArray[np.float64]

ALPHAS = (1.0, 10.0, 100.0, 1000.0)
_FOLDS = 5


def constant(target: Array, items: int) -> Array:
    """The training ratings' mean for every item."""
    return np.full(items, float(target.mean()))


def isotonic(train: Array, target: Array, new: Array) -> Array:
    """New scores on the scale of the ratings, by a monotone curve of the training scores.

    The direction is that of the training items; where there is no score (NaN) the answer is the mean rating.
    """
    here, known = ~np.isnan(train), ~np.isnan(new)
    result = constant(target, new.size)
    if known.any() and here.sum() >= 2 and np.ptp(train[here]) > 0:
        rising = float(np.corrcoef(train[here], target[here])[0, 1]) >= 0
        curve = IsotonicRegression(increasing=rising, out_of_bounds="clip").fit(train[here], target[here])
        result[known] = curve.predict(new[known])
    return result


def judges_median(table: RatedTable) -> Array:
    """Median of an item's judge columns; NaN where all judges abstained."""
    judged = [k for k, c in enumerate(table.columns) if not is_measure(c)]
    values = table.values[:, judged]
    result = np.full(table.items, np.nan)
    some = ~np.isnan(values).all(axis=1)
    result[some] = np.nanmedian(values[some], axis=1)
    return result


def ridge_stack(train: RatedTable, target: Array, new: RatedTable, seed: int = 0) -> Array:
    """Ridge regression on all standardised columns, gaps at the training mean; alpha by grouped folds."""
    centre = np.nanmean(train.values, axis=0, keepdims=True)
    spread = np.nanstd(train.values, axis=0, keepdims=True)
    used = np.flatnonzero((spread > 0)[0] & np.isfinite(spread)[0])

    def design(table: RatedTable) -> Array:
        scaled = (table.values[:, used] - centre[:, used]) / spread[:, used]
        filled: Array = np.where(np.isnan(scaled), 0.0, scaled)
        return filled

    old, middle = design(train), float(target.mean())
    alpha = _choose(old, target - middle, train.groups, seed)
    result: Array = middle + design(new) @ _solve(old, target - middle, alpha)
    return result


def rmse(scores: Array, human: Array) -> float:
    """Root mean squared error; NaN where an item has no score, so that none is left out in silence."""
    return float(np.sqrt(np.mean((scores - human) ** 2)))


def kendall(scores: Array, human: Array) -> float:
    """Kendall's tau-b in [-1, 1]; NaN where a side is constant."""
    return float(kendalltau(scores, human).statistic)


def _solve(design: Array, target: Array, alpha: float) -> Array:
    gram: Array = design.T @ design + alpha * np.eye(design.shape[1])
    moment: Array = design.T @ target
    return np.asarray(np.linalg.solve(gram, moment), dtype=np.float64)


def _choose(design: Array, target: Array, groups: Sequence[str], seed: int) -> float:
    folds = group_folds(groups, _FOLDS, seed)

    def error(alpha: float) -> float:
        total = 0.0
        for fold in range(int(folds.max()) + 1):
            out, rest = folds == fold, folds != fold
            guess = design[out] @ _solve(design[rest], target[rest], alpha)
            total += float(((guess - target[out]) ** 2).sum())
        return total

    return min(ALPHAS, key=error)
