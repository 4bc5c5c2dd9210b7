"""Which items are rated and which are scored, in every repeat of a protocol: whole groups on one side."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import group_folds

Index = NDArray[np.intp]

FOLDS: Final = 5
RATED_SHARE: Final = 0.3
"""Of the groups: rated items are drawn from these, and all items of the others are scored."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Trial:
    """One split: positions in a study, in order. No group stands on both sides."""

    repeat: int
    """From 0."""
    rated: Index
    """Items whose ratings the methods are given; empty without any."""
    new: Index
    """Items that are scored."""


def trials(groups: Sequence[str], rated: int | None, repeats: int, seed: int) -> tuple[Trial, ...]:
    """All splits: five a repeat when all ratings but a fold's are given (`rated` None), else one.

    Raises ValueError where 30 % of the groups hold fewer items than are to be rated, or nothing can be left
    out.
    """
    if len(set(groups)) < FOLDS:
        raise ValueError(f"{len(set(groups))} groups: a split by group needs {FOLDS} or more")
    if rated is None:
        return tuple(t for r in range(repeats) for t in _folds(groups, r, seed))
    return tuple(_drawn(groups, rated, r, seed) for r in range(repeats))


def _folds(groups: Sequence[str], repeat: int, seed: int) -> list[Trial]:
    folds = group_folds(groups, FOLDS, seed + repeat)
    return [
        Trial(repeat=repeat, rated=np.flatnonzero(folds != f), new=np.flatnonzero(folds == f))
        for f in range(FOLDS)
    ]


def _drawn(groups: Sequence[str], rated: int, repeat: int, seed: int) -> Trial:
    names, codes = np.unique(np.asarray(groups), return_inverse=True)
    rng = np.random.default_rng([seed, repeat])
    chosen = rng.permutation(names.size)[: math.ceil(RATED_SHARE * names.size)]
    pool = np.isin(codes, chosen)
    held = int(pool.sum())
    if rated > held:
        raise ValueError(
            f"{RATED_SHARE:.0%} of the groups hold {held} items: ask for fewer than {rated}, or for all"
        )
    drawn = np.sort(rng.permutation(np.flatnonzero(pool))[:rated])
    return Trial(repeat=repeat, rated=drawn, new=np.flatnonzero(~pool))
