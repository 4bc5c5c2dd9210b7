"""Is this item like the rated ones? A conformal p-value of a Mahalanobis distance, and rare abstentions."""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import mul
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

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
        AbstentionReason.REFUSED,
        AbstentionReason.TAMPER_MASKED,
    }
)
"""Reasons that say something of the content. A timeout, a missing model or an unreadable reply speaks of the
machine, a budget, a family or a sensitivity of the request: the mask's own residuals answer for those, and
the lengths that cause timeouts are in the distance already."""


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
    """Cross-fitted squared distances of the rated items, ascending."""

    def p_value(self, values: Sequence[float]) -> float:
        """Share of rated items, this one included, at least as far out; in (0, 1]."""
        z = self.normal_scores(values)
        squared = 0.0
        for row in self.whitener:
            part = math.fsum(map(mul, row, z))
            squared += part * part
        beyond = len(self.distances) - bisect_left(self.distances, squared)
        return (beyond + 1) / (len(self.distances) + 1)

    def normal_scores(self, values: Sequence[float]) -> list[float]:
        """Each column's value on the scale of the rated items' normal scores."""
        return [_extended(k, n, x) for k, n, x in zip(self.knots, self.normals, values, strict=True)]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Normals:
    """Every column's map to normal scores, and the scores of the rated items: fitted once for all masks."""

    knots: tuple[tuple[float, ...], ...]
    normals: tuple[tuple[float, ...], ...]
    scores: Array
    """Shape (items, columns); NaN = missing."""


def fit_normals(values: Array) -> Normals:
    """Maps each column, shape (items, columns) with NaN = missing, by its present values."""
    columns = [values[:, k] for k in range(values.shape[1])]
    maps = [_normal_map(c[~np.isnan(c)]) for c in columns]
    return Normals(
        knots=tuple(k for k, _ in maps),
        normals=tuple(n for _, n in maps),
        scores=np.array(
            [_extended_all(k, n, c) for (k, n), c in zip(maps, columns, strict=True)], dtype=np.float64
        )
        .reshape(len(columns), len(values))
        .T.copy(),
    )


def fit_support(
    fitted: Normals, columns: Sequence[int], items: NDArray[np.bool_], folds: NDArray[np.intp]
) -> Support | None:
    """The support of these columns from the items that have them all; None below 100 items.

    Each item's distance is taken with the correlations of the other folds: its own would make it look near.
    """
    if int(items.sum()) < round(1 / LEVEL) or not columns:
        return None
    z = fitted.scores[np.ix_(items, np.asarray(columns, dtype=np.intp))]
    squared = np.empty(z.shape[0])
    for fold in np.unique(folds[items]):
        own = folds[items] == fold
        squared[own] = np.sum((z[own] @ _whitener(z[~own]).T) ** 2, axis=1)
    return Support(
        knots=tuple(fitted.knots[k] for k in columns),
        normals=tuple(fitted.normals[k] for k in columns),
        whitener=tuple(tuple(row[: i + 1]) for i, row in enumerate(_whitener(z).tolist())),
        distances=tuple(np.sort(np.round(squared, 6)).tolist()),
    )


def _whitener(z: Array) -> Array:
    """Lower triangle that turns normal scores into unit variance, by their shrunk correlations."""
    correlation = (1 - RIDGE) * (z.T @ z) / max(z.shape[0], 1) + RIDGE * np.eye(z.shape[1])
    result: Array = np.round(np.linalg.inv(np.linalg.cholesky(correlation)), 6)
    return result


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
    """`_extended` for an array; NaN stays."""
    slope = (normals[-1] - normals[0]) / (knots[-1] - knots[0])
    inside = np.clip(column, knots[0], knots[-1])
    result: Array = np.interp(inside, knots, normals) + slope * (column - inside)
    return result
