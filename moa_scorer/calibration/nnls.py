"""Non-negative least squares on a Gram matrix (Lawson and Hanson 1974, chapter 23)."""

import numpy as np

from moa_scorer.calibration.table import Array

TOLERANCE = 1e-10
"""Relative to the largest entry of the right-hand side."""


def nnls(gram: Array, right: Array) -> Array:
    """The w >= 0 that minimises w'Gw - 2 w'b, for a symmetric positive definite G of shape (k, k).

    With G = A'A and b = A'y this is the least-squares problem of (A, y). Deterministic.
    """
    size = right.size
    w = np.zeros(size)
    passive = np.zeros(size, dtype=bool)
    floor = TOLERANCE * max(1.0, float(np.max(np.abs(right), initial=0.0)))
    for _ in range(3 * size + 1):
        gradient = np.where(passive, -np.inf, right - gram @ w)
        if not size or float(gradient.max()) <= floor:
            break
        passive[int(gradient.argmax())] = True
        w = _inner(gram, right, w, passive)
    return w


def _inner(gram: Array, right: Array, w: Array, passive: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> Array:
    """Solves on the passive set, stepping back until no weight is negative; edits `passive`."""
    while True:
        trial = np.zeros_like(w)
        index = np.flatnonzero(passive)
        trial[index] = np.linalg.solve(gram[np.ix_(index, index)], right[index])
        bad = index[trial[index] <= 0.0]
        if bad.size == 0:
            return trial
        steps = w[bad] / (w[bad] - trial[bad])
        w = w + float(steps.min()) * (trial - w)
        passive[bad[steps <= steps.min()]] = False
        w[~passive] = 0.0
        if not passive.any():
            return w
