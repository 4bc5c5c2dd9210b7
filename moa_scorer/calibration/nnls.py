"""Non-negative least squares on a Gram matrix (Lawson and Hanson 1974, chapter 23)."""

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

TOLERANCE = 1e-10
"""Relative to the largest entry of the right-hand side."""


def nnls(gram: Array, right: Array) -> Array:
    """The w >= 0 that minimises w'Gw - 2 w'b, for a symmetric positive definite G of shape (k, k).

    With G = A'A and b = A'y this is the least-squares problem of (A, y). Deterministic. Starts with every
    column in play: where weights are pulled to a common one, few have to leave.
    """
    size = right.size
    if size == 0:
        return np.zeros(0)
    passive = np.ones(size, dtype=bool)
    w = _inner(gram, right, np.zeros(size), passive)
    floor = TOLERANCE * max(1.0, float(np.max(np.abs(right))))
    for _ in range(3 * size + 1):
        gradient = np.where(passive, -np.inf, right - gram @ w)
        if float(gradient.max()) <= floor:
            break
        passive[int(gradient.argmax())] = True
        w = _inner(gram, right, w, passive)
    return w


def _inner(gram: Array, right: Array, w: Array, passive: NDArray[np.bool_]) -> Array:
    """Solves on the passive set, stepping back until no weight is negative; edits `passive`."""
    while passive.any():
        trial = np.zeros_like(w)
        index = np.flatnonzero(passive)
        trial[index] = np.linalg.solve(gram[np.ix_(index, index)], right[index])
        bad = index[trial[index] <= 0.0]
        if bad.size == 0:
            return trial
        steps = w[bad] / (w[bad] - trial[bad] + 1e-300)
        w = w + float(steps.min()) * (trial - w)
        passive[bad[steps <= steps.min()]] = False
        w[~passive] = 0.0
    return np.zeros_like(w)
