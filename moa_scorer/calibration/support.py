"""Is this item like the rated ones? A conformal p-value of a Mahalanobis distance, and rare abstentions."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from statistics import NormalDist

import numpy as np

from moa_scorer.calibration.snapshot import Column
from moa_scorer.calibration.table import Array
from moa_scorer.domain.ballot import AbstentionReason

LEVEL = 0.01
"""Below this p-value an item is out of support."""
RIDGE = 0.1
"""Share of the identity in the correlation matrix."""
RARE = 0.01
"""An abstention seen on a smaller share of the rated items than this is out of support."""
POINTS = 41
"""Knots of each column's map to normal scores."""

OF_THE_CONTENT = frozenset(
    {
        AbstentionReason.TOO_LONG,
        AbstentionReason.TOO_SHORT,
        AbstentionReason.UNSUPPORTED_LANGUAGE,
        AbstentionReason.NO_CONTEXT,
        AbstentionReason.NOT_APPLICABLE,
    }
)
"""Reasons that say something of the content. A timeout or a missing model speaks of the machine: the mask's
own residuals answer for those, and the lengths that cause timeouts are in the distance already."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Support:
    """Fitted state for one set of columns."""

    knots: tuple[tuple[float, ...], ...]
    """Per column: quantiles of the rated items, strictly increasing."""
    normals: tuple[tuple[float, ...], ...]
    """Per column: the standard normal score of each knot."""
    whitener: tuple[tuple[float, ...], ...]
    """Row i holds i + 1 numbers: the lower triangle that turns normal scores into unit variance."""
    distances: tuple[float, ...]
    """Squared distances of the rated items, ascending."""

    def p_value(self, values: Sequence[float]) -> float:
        """Share of rated items, this one included, at least as far out; in (0, 1]."""
        z = [_extended(k, n, x) for k, n, x in zip(self.knots, self.normals, values, strict=True)]
        squared = 0.0
        for row in self.whitener:
            part = math.fsum(map(mul, row, z))
            squared += part * part
        beyond = len(self.distances) - bisect_left(self.distances, squared)
        return (beyond + 1) / (len(self.distances) + 1)


def fit_support(values: Array) -> Support | None:
    """The support of complete rows, shape (items, columns); None below 100 (no p-value under 1 %)."""
    if values.shape[0] < round(1 / LEVEL) or values.shape[1] == 0:
        return None
    maps = [_normal_map(values[:, k]) for k in range(values.shape[1])]
    z = np.column_stack([_extended_all(k, n, values[:, i]) for i, (k, n) in enumerate(maps)])
    correlation = (1 - RIDGE) * (z.T @ z) / z.shape[0] + RIDGE * np.eye(z.shape[1])
    whitener = np.round(np.linalg.inv(np.linalg.cholesky(correlation)), 6)
    squared = np.sort(np.sum((z @ whitener.T) ** 2, axis=1))
    return Support(
        knots=tuple(k for k, _ in maps),
        normals=tuple(n for _, n in maps),
        whitener=tuple(tuple(row[: i + 1].tolist()) for i, row in enumerate(whitener)),
        distances=tuple(np.round(squared, 6).tolist()),
    )


def rare_abstention(column: Column, reason: AbstentionReason) -> bool:
    """Whether such an abstention says that the content is unlike the rated ones."""
    if reason not in OF_THE_CONTENT:
        return False
    seen: Mapping[str, float] = column.reasons
    return (seen.get(reason.value, 0.0) if seen else column.missing) < RARE


def _normal_map(column: Array) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Quantiles and their normal scores; ties share the mean score, a constant maps one unit to one."""
    ranks = (np.arange(POINTS) + 0.5) / POINTS
    cuts = [float(f"{x:.6g}") for x in np.quantile(column, ranks)]
    scores: dict[float, list[float]] = {}
    for cut, rank in zip(cuts, ranks, strict=True):
        scores.setdefault(cut, []).append(NormalDist().inv_cdf(float(rank)))
    if len(scores) == 1:
        (only,) = scores
        return (only, only + 1.0), (0.0, 1.0)
    knots = tuple(sorted(scores))
    return knots, tuple(round(math.fsum(scores[k]) / len(scores[k]), 6) for k in knots)


def _extended(knots: Sequence[float], normals: Sequence[float], x: float) -> float:
    """Linear between the knots, and on beyond the ends at the slope of the whole."""
    if knots[0] <= x <= knots[-1]:
        i = min(max(bisect_left(knots, x) - 1, 0), len(knots) - 2)
        return normals[i] + (x - knots[i]) / (knots[i + 1] - knots[i]) * (normals[i + 1] - normals[i])
    slope = (normals[-1] - normals[0]) / (knots[-1] - knots[0])
    end = 0 if x < knots[0] else -1
    return normals[end] + slope * (x - knots[end])


def _extended_all(knots: Sequence[float], normals: Sequence[float], column: Array) -> Array:
    return np.asarray([_extended(knots, normals, x) for x in column.tolist()])
