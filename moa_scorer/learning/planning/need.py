"""How much a rating of each item would teach: judges at odds, unlike what is rated, wide intervals.

Every reason is a rank among the items, so that judges on incompatible scales need no common one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.ranks import mid_ranks
from moa_scorer.calibration.table import Array, criterion_of
from moa_scorer.domain.ballot import AbstentionReason

CHUNK = 512
"""Items whose distances are held at once."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Scores:
    """What judges said of items, whatever their scales."""

    columns: tuple[str, ...]
    """`judge/criterion`, unique."""
    values: Array
    """Shape (items, columns), raw; NaN = the judge said nothing."""


def scores_of(ids: Sequence[str], said: Mapping[str, Mapping[str, float | AbstentionReason]]) -> Scores:
    """The raw scores of these items, in this order; an item that no judge scored is a row of NaN."""
    scores = [{c: s for c, s in said.get(i, {}).items() if not isinstance(s, AbstentionReason)} for i in ids]
    columns = tuple(dict.fromkeys(c for own in scores for c in own))
    values = [[own.get(c, np.nan) for c in columns] for own in scores]
    return Scores(columns=columns, values=np.array(values, dtype=np.float64).reshape(len(ids), len(columns)))


def rank_shares(values: Array) -> Array:
    """Mid-ranks in (0, 1) of a vector, equal values alike; NaN stays NaN."""
    known = ~np.isnan(values)
    ranks = np.full(values.shape, np.nan)
    ranks[known] = mid_ranks(values[known]) / max(1, int(known.sum()))
    return ranks


def oriented_ranks(scores: Scores) -> Array:
    """Each column as mid-ranks, a judge that scores against the others turned round; NaN stays NaN.

    The direction is the sign of the loading on the columns' first principal component: without ratings
    nobody can say which end is better, only who agrees with whom.
    """
    if not scores.columns:
        return scores.values
    ranks = np.column_stack([rank_shares(column) for column in scores.values.T])
    centred = np.nan_to_num(ranks - 0.5)
    loadings = np.linalg.eigh(centred.T @ centred)[1][:, -1]
    loadings = loadings if loadings.sum() >= 0 else -loadings
    return np.where(loadings < 0, 1 - ranks, ranks)


def standing(columns: Sequence[str], ranks: Array) -> Array:
    """Shape (items, criteria): mean rank by criterion; NaN where no judge scored it."""
    means = [_mean(ranks[:, own]) for own in _by_criterion(columns)]
    return np.column_stack(means) if means else np.empty((len(ranks), 0))


def disagreement(columns: Sequence[str], ranks: Array) -> Array:
    """Standard deviation between judges of one criterion, averaged over criteria; NaN below two judges.

    Where no criterion has two judges, all columns are compared.
    """
    shared = [own for own in _by_criterion(columns) if len(own) > 1] or [list(range(len(columns)))]
    return _mean(np.column_stack([_deviation(ranks[:, own]) for own in shared]))


def remoteness(ranks: Array, rated: NDArray[np.bool_]) -> Array:
    """Distance of each item's ranks to the nearest rated item's, per common column; NaN without any."""
    far = np.full(len(ranks), np.nan)
    if not rated.any() or not ranks.shape[1]:
        return far
    known, filled = (~np.isnan(ranks)).astype(float), np.nan_to_num(ranks)
    for start in range(0, len(ranks), CHUNK):
        rows = slice(start, start + CHUNK)
        far[rows] = _nearest(filled[rows], known[rows], filled[rated], known[rated])
    return far


def need(reasons: Mapping[str, Array]) -> Array:
    """The mean of the reasons' ranks in (0, 1); 0.5 for an item of which no reason is known."""
    ranked = np.column_stack([rank_shares(values) for values in reasons.values()])
    return np.nan_to_num(_mean(ranked), nan=0.5)


def _nearest(own: Array, own_known: Array, other: Array, other_known: Array) -> Array:
    """Smallest mean squared difference over the columns that both know; NaN where there are none."""
    common = own_known @ other_known.T
    squares = (own**2) @ other_known.T - 2 * own @ other.T + own_known @ (other**2).T
    with np.errstate(invalid="ignore", divide="ignore"):
        apart = np.where(common > 0, squares / common, np.inf)
    nearest = apart.min(axis=1)
    return np.where(np.isfinite(nearest), np.maximum(nearest, 0.0), np.nan)


def _by_criterion(columns: Sequence[str]) -> list[list[int]]:
    found: dict[str, list[int]] = {}
    for k, column in enumerate(columns):
        found.setdefault(criterion_of(column), []).append(k)
    return list(found.values())


def _mean(values: Array) -> Array:
    """Mean of each row over what is known; NaN for a row of which nothing is."""
    known = (~np.isnan(values)).sum(axis=1)
    with np.errstate(invalid="ignore"):
        return np.where(known > 0, np.nansum(values, axis=1) / known, np.nan)


def _deviation(values: Array) -> Array:
    """Standard deviation of each row; NaN where fewer than two values are known."""
    known = (~np.isnan(values)).sum(axis=1)
    squares = (values - _mean(values)[:, None]) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(known > 1, np.sqrt(np.nansum(squares, axis=1) / (known - 1)), np.nan)
