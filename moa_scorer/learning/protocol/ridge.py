"""Ridge regression with its penalty chosen by grouped folds. numpy only."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import group_folds

Array = NDArray[np.float64]

PENALTIES: Final = (0.3, 1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0)
"""In items, on columns in units of their spread."""
FOLDS: Final = 5


def ridge(columns: Array, target: Array, groups: Sequence[str], new: Array) -> Array:
    """Predictions for the rows of `new`, not clipped; a gap stands at its column's mean.

    `columns` has shape (items, columns) over the items of `target`. Every penalty is tried on the same five
    grouped folds (fewer where there are fewer groups); with one group the largest is taken.
    """
    x, z = _standard(columns, new)
    folds = group_folds(groups, FOLDS, 0)
    penalty = PENALTIES[-1]
    if int(folds.max()) > 0:
        errors = sum(_errors(x, target, folds == f) for f in range(int(folds.max()) + 1))
        penalty = PENALTIES[int(np.argmin(errors))]
    (weights,) = _weights(x, target - target.mean(), (penalty,))
    result: Array = float(target.mean()) + z @ weights
    return result


def _errors(x: Array, y: Array, out: NDArray[np.bool_]) -> Array:
    """Squared error on the items left out, for each penalty."""
    middle = float(y[~out].mean())
    weights = _weights(x[~out], y[~out] - middle, PENALTIES)
    result: Array = np.array([((middle + x[out] @ w - y[out]) ** 2).sum() for w in weights])
    return result


def _weights(x: Array, y: Array, penalties: Sequence[float]) -> list[Array]:
    """Coefficients for each penalty, from one eigendecomposition of the Gram matrix."""
    centred = x - x.mean(axis=0)
    values, vectors = np.linalg.eigh(centred.T @ centred)
    turned = vectors.T @ (centred.T @ y)
    return [vectors @ (turned / (np.maximum(values, 0.0) + p)) for p in penalties]


def _standard(columns: Array, new: Array) -> tuple[Array, Array]:
    """Both in units of the columns' spread around their mean; those without any are left out."""
    count = np.maximum((~np.isnan(columns)).sum(axis=0), 1)
    middle = np.nansum(columns, axis=0) / count
    spread = np.sqrt(np.nansum((columns - middle) ** 2, axis=0) / count)
    kept = spread > 1e-9
    x, z = ((np.nan_to_num(v - middle, nan=0.0))[:, kept] / spread[kept] for v in (columns, new))
    return x, z
