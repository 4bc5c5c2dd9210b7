"""With few rated items the weights of one criterion are drawn to those that all criteria share.

On two sets of several criteria at 50 to 190 items that brings up to .012 more rank correlation and up to half
a percent less error, and never costs as much; above there is nothing to gain.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from moa_scorer.calibration.snapshot import OVERALL, STACK_FROM, Head, Snapshot
from moa_scorer.calibration.stack import Parts, Pull, solve
from moa_scorer.calibration.table import Array

POOL_BELOW = 200
"""Rated items from which each criterion stands by itself."""

Shared = tuple[Mapping[int, float], ...]
"""Column -> sum of its weights over the criteria: without each fold, then of all items."""


def shared_weights(
    snapshot: Snapshot, parts: Mapping[str, Parts], moments: Mapping[str, Sequence[Array]]
) -> Shared:
    """The weights that the criteria share; empty where they are not pooled.

    `parts` and `moments` (per fold) are by head; what is without a fold has seen nothing of it.
    """
    criteria = [h for h in snapshot.heads if h.name != OVERALL]
    if not STACK_FROM <= snapshot.items < POOL_BELOW or len(criteria) < 2:
        return ()
    shared: tuple[dict[int, float], ...] = tuple({} for _ in range(len(criteria[0].fold_curves) + 1))
    for head in criteria:
        own, per_fold = parts[head.name], moments[head.name]
        total, pull = np.sum(per_fold, axis=0), Pull(head.equal_pull, head.line_pull)
        for found, left in zip(shared, (*per_fold, np.zeros_like(total)), strict=True):
            weights = solve(total - left, own, pull)[: len(own.curves)].tolist()
            for i, weight in zip(own.curves, weights, strict=True):
                found[head.used[i]] = found.get(head.used[i], 0.0) + weight
    return shared


def pooled_for(head: Head, parts: Parts, shared: Shared) -> Sequence[Array | None]:
    """The shared weights in the order of a head's curves: without each fold, then of all items."""
    if not shared or head.name == OVERALL:
        return [None] * (len(head.fold_curves) + 1)
    return [np.array([found.get(head.used[i], 0.0) for i in parts.curves]) for found in shared]
