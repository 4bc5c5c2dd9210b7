"""Which way each judge scores: its correlation with people, and whether it is clearly negative.

A judge whose scale nobody declared may score the other way (toxicity where people rated civility). Its scores
are left as they are; the curves of its columns fall instead of rising.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import Array, Scale, criterion_of, is_measure, judge_of

REPLICATES = 400
"""Bootstrap samples of groups."""
LEVEL = 0.95
"""Of the interval that must lie below zero."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Polarity:
    """How one judge goes with the people."""

    judge: str
    correlation: float
    """Rank correlation in [-1, 1], the mean over its columns of rated criteria."""
    lower: float
    """Bounds of its 95 % bootstrap interval over groups."""
    upper: float
    declared: bool
    """Whether the direction of its scale was declared."""

    @property
    def negative(self) -> bool:
        """Whether its scores clearly fall where people's rise."""
        return self.upper < 0

    @property
    def reversed(self) -> bool:
        """Whether its curves shall fall: clearly negative, and nobody said that higher is better."""
        return self.negative and not self.declared


def polarities(
    columns: Sequence[str],
    values: Array,
    targets: Mapping[str, Array],
    groups: Sequence[str],
    scales: Mapping[str, Scale],
    seed: int,
) -> tuple[Polarity, ...]:
    """Every judge's polarity, in column order; a judge without any (constant, all missing) is left out.

    `values` has shape (items, columns); `targets` hold every criterion and `overall`. A judge is read by its
    columns of rated criteria, else by the mean of its columns against the overall.
    """
    _, group = np.unique(np.asarray(groups), return_inverse=True)
    count = int(group.max()) + 1
    draws = np.random.default_rng([seed, 2]).multinomial(count, np.full(count, 1 / count), size=REPLICATES)
    weights = np.vstack([np.ones(count), draws])
    found = []
    for judge in dict.fromkeys(judge_of(c) for c in columns if not is_measure(c)):
        pairs = _pairs(judge, columns, values, targets)
        each = np.array([_correlations(x, y, group, weights) for x, y in pairs])
        mean = each[~np.isnan(each[:, 0])].mean(axis=0) if not np.isnan(each[:, 0]).all() else None
        if mean is not None:
            scale = scales.get(judge)
            found.append(_polarity(judge, mean, declared=scale is None or scale.declared))
    return tuple(found)


def polarity_notes(found: Sequence[Polarity]) -> tuple[str, ...]:
    """A sentence on each judge whose scores clearly fall where people's rise."""
    notes = []
    for one in (p for p in found if p.negative):
        figures = (
            f"(rank correlation {one.correlation:.2f}, 95 % interval {one.lower:.2f} to {one.upper:.2f})"
        )
        if one.reversed:
            notes.append(f"{one.judge} scores the other way {figures}: its curves fall")
        else:
            notes.append(
                f"{one.judge} was declared to score as people do, yet goes against them {figures}: "
                "check its scale, and that its scores were joined by item"
            )
    return tuple(notes)


def mid_ranks(x: Array) -> Array:
    """Ranks from 0.5 up; ties share their mean."""
    _, inverse, counts = np.unique(x, return_inverse=True, return_counts=True)
    result: Array = (np.cumsum(counts) - counts / 2)[inverse]
    return result


def _polarity(judge: str, correlations: Array, *, declared: bool) -> Polarity:
    known = correlations[~np.isnan(correlations)]
    lower, upper = (
        np.quantile(known[1:], [(1 - LEVEL) / 2, (1 + LEVEL) / 2]) if known.size > 1 else (-1.0, 1.0)
    )
    return Polarity(
        judge=judge, correlation=float(known[0]), lower=float(lower), upper=float(upper), declared=declared
    )


def _pairs(
    judge: str, columns: Sequence[str], values: Array, targets: Mapping[str, Array]
) -> list[tuple[Array, Array]]:
    """(scores, target) of the judge's columns of rated criteria, else of the mean of its columns."""
    mine = [k for k, c in enumerate(columns) if not is_measure(c) and judge_of(c) == judge]
    own = [
        (values[:, k], targets[criterion_of(columns[k])]) for k in mine if criterion_of(columns[k]) in targets
    ]
    if own:
        return own
    present = ~np.isnan(values[:, mine])
    counts = present.sum(axis=1)
    sums = np.where(present, values[:, mine], 0.0).sum(axis=1)
    return [(np.divide(sums, counts, out=np.full(counts.size, np.nan), where=counts > 0), targets[OVERALL])]


def _correlations(x: Array, y: Array, group: NDArray[np.intp], weights: Array) -> Array:
    """Rank correlation under each row of group weights, shape (samples,); NaN where a side is constant."""
    here = ~np.isnan(x)
    if int(here.sum()) < 3:
        return np.full(len(weights), np.nan)
    a, b = _centred_ranks(x[here]), _centred_ranks(y[here])
    products = (np.ones(a.size), a, b, a * a, b * b, a * b)
    sums = np.column_stack([np.bincount(group[here], p, weights.shape[1]) for p in products])
    n, mean_a, mean_b, aa, bb, ab = (weights @ sums).T
    n = np.maximum(n, 1.0)
    spread = (aa / n - (mean_a / n) ** 2) * (bb / n - (mean_b / n) ** 2)
    covariance = ab / n - mean_a * mean_b / n**2
    result: Array = np.divide(
        covariance, np.sqrt(np.maximum(spread, 0.0)), out=np.full(n.size, np.nan), where=spread > 1e-12
    )
    return result


def _centred_ranks(x: Array) -> Array:
    result: Array = mid_ranks(x) / x.size - 0.5
    return result
