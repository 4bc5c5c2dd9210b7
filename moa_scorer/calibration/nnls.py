"""Non-negative least squares on a Gram matrix, by block principal pivoting (Kim and Park 2011)."""

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

TOLERANCE = 1e-10
"""Relative to the largest entry of the right-hand side."""
PATIENCE = 3
"""Exchanges of whole blocks that may bring nothing before columns are exchanged one by one."""


def nnls(gram: Array, right: Array, start: NDArray[np.bool_] | None = None) -> Array:
    """The w >= 0 that minimises w'Gw - 2 w'b, for a symmetric positive definite G of shape (k, k).

    With G = A'A and b = A'y this is the least-squares problem of (A, y). Deterministic. `start` says which
    columns probably have weight, as where a similar problem was solved: it saves time and changes nothing;
    None = all. Whole blocks of columns change sides, which takes a few small systems however many there are;
    where that does not lessen the mistakes, the last one alone does (Murty's rule, which always ends).
    """
    passive = np.ones(right.size, dtype=bool) if start is None else start.copy()
    floor = TOLERANCE * max(1.0, float(np.max(np.abs(right), initial=0.0)))
    fewest, patience = right.size + 1, PATIENCE
    w = np.zeros(right.size)
    for _ in range(10 * right.size + 1):
        w = _on(gram, right, passive)
        wrong = np.flatnonzero(np.where(passive, w < 0.0, right - gram @ w > floor))
        if wrong.size == 0:
            break
        if wrong.size < fewest:
            fewest, patience = wrong.size, PATIENCE
        elif patience > 0:
            patience -= 1
        else:
            wrong = wrong[-1:]
        passive[wrong] = ~passive[wrong]
    return np.maximum(w, 0.0)


def _on(gram: Array, right: Array, passive: NDArray[np.bool_]) -> Array:
    """The unconstrained minimiser of the passive columns; the others at zero."""
    w = np.zeros(right.size)
    index = np.flatnonzero(passive)
    if index.size:
        w[index] = np.linalg.solve(gram[np.ix_(index, index)], right[index])
    return w
