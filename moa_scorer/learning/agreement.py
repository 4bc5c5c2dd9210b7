"""Agreement with people: rank correlation, its interval over groups, and the human ceiling. numpy only."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.ranks import mid_ranks

Array = NDArray[np.float64]
Index = NDArray[np.intp]


def spearman(x: Array, y: Array) -> float:
    """Spearman's rho in [-1, 1]; NaN with fewer than three items or where a side is constant."""
    if x.size < 3:
        return float("nan")
    a, b = mid_ranks(x), mid_ranks(y)
    a, b = a - a.mean(), b - b.mean()
    norm = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / norm if norm > 0 else float("nan")


def resamples(groups: Sequence[str], count: int, seed: int) -> list[Index]:
    """Item positions of `count` bootstrap samples that draw whole groups with replacement."""
    _, inverse = np.unique(np.asarray(groups), return_inverse=True)
    members = [np.flatnonzero(inverse == g) for g in range(int(inverse.max()) + 1)]
    rng = np.random.default_rng(seed)
    drawn = (rng.integers(0, len(members), len(members)) for _ in range(count))
    return [np.concatenate([members[g] for g in sample]) for sample in drawn]


def interval(
    statistic: Callable[[Index], float], samples: Sequence[Index], level: float = 0.95
) -> tuple[float, float]:
    """Percentile interval of a statistic of item positions over bootstrap samples; NaNs are left out."""
    values = np.array([statistic(sample) for sample in samples])
    low, high = np.nanquantile(values, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def human_ceiling(
    votes: Sequence[Mapping[str, Sequence[float]]], weights: Mapping[str, float], seed: int
) -> tuple[Array, Array]:
    """(one person's overall, the mean of the others') for each item; the person is drawn by the seed.

    `votes` are an item's ratings by criterion, one a person in the same order throughout; NaN where fewer
    than two people rated or where the criteria have different numbers of people.
    """
    rng = np.random.default_rng(seed)
    one, others = np.full(len(votes), np.nan), np.full(len(votes), np.nan)
    for i, item in enumerate(votes):
        counts = {len(item.get(c, ())) for c in weights}
        people = counts.pop() if len(counts) == 1 else 0
        if people < 2:
            continue
        each = np.array([sum(w * item[c][k] for c, w in weights.items()) for k in range(people)])
        drawn = int(rng.integers(people))
        one[i], others[i] = each[drawn], np.delete(each, drawn).mean()
    return one, others
