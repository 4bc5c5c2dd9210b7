"""Samples of fixed size with given probabilities that are spread out: the local pivotal method.

Grafström, Lundström, Schelin (2012), "Spatially balanced sampling through the pivotal method", Biometrics 68:
two neighbours play for their probabilities until one of them is chosen or out. Every item keeps exactly its
probability, and neighbours are seldom both chosen.
"""

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.table import Array

BLOCK = 2000
"""Neighbours are looked for among so many items at most, taken along the first coordinate."""
NEAR = 1e-9
"""Probabilities closer than this to 0 or 1 are decided."""


def proportional(size: Array, count: int) -> Array:
    """Probabilities proportional to positive sizes that sum to `count`; none exceeds 1."""
    chances = np.ones(size.size)
    open_ = np.ones(size.size, dtype=bool)
    while open_.any() and count < size.size:
        share = (count - int((~open_).sum())) * size / size[open_].sum()
        certain = open_ & (share >= 1)
        if not certain.any():
            chances[open_] = share[open_]
            return chances
        open_ &= ~certain
    return chances


def local_pivotal(
    chances: Array, places: Array, groups: NDArray[np.intp], rng: np.random.Generator
) -> NDArray[np.intp]:
    """Ascending positions of the chosen: as many as the chances sum to, which should be a whole number.

    `places` has shape (items, coordinates), each coordinate in [0, 1]. Items of one group are nearer to each
    other than to any item of another.
    """
    left = chances.copy()
    order = np.lexsort((groups, *places.T[::-1]))
    waiting = [int(i) for i in order if NEAR < left[i] < 1 - NEAR]
    pool: list[int] = []
    while len(pool) + len(waiting) > 1:
        taken = BLOCK - len(pool)
        pool, waiting = pool + waiting[:taken], waiting[taken:]
        pool = _play_down(pool, left, places, groups, rng, until=BLOCK // 2 if waiting else 1)
    for last in (*pool, *waiting):
        left[last] = float(rng.random() < left[last])
    return np.flatnonzero(left > 0.5)


def _play_down(
    pool: list[int],
    left: Array,
    places: Array,
    groups: NDArray[np.intp],
    rng: np.random.Generator,
    *,
    until: int,
) -> list[int]:
    """Games between neighbours of the pool until so few are undecided; changes `left`."""
    members, here, kin = np.array(pool, dtype=np.intp), places[pool], groups[pool]
    while members.size > until:
        a = int(rng.integers(members.size))
        apart = np.mean((here - here[a]) ** 2, axis=1) + (kin != kin[a])
        apart[a] = np.inf
        b = int(np.argmin(apart))
        i, j = int(members[a]), int(members[b])
        left[i], left[j] = _game(float(left[i]), float(left[j]), float(rng.random()))
        gone = [k for k in (a, b) if not NEAR < left[members[k]] < 1 - NEAR]
        members, kin = np.delete(members, gone), np.delete(kin, gone)
        here = np.delete(here, gone, axis=0)
    return [int(m) for m in members]


def _game(a: float, b: float, luck: float) -> tuple[float, float]:
    """Two probabilities after their game; the expectation of each is what it was, and so is their sum."""
    both = a + b
    if both < 1:
        return (0.0, both) if luck * both < b else (both, 0.0)
    return (1.0, both - 1) if luck * (2 - both) < 1 - b else (both - 1, 1.0)
