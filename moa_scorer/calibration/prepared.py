"""A snapshot's rated items as arrays: what the fits of all its masks share."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import cross_fitted_columns, standard_lines, without_gaps
from moa_scorer.calibration.fit_surface import Ground, ground
from moa_scorer.calibration.mask_fit import Mask
from moa_scorer.calibration.propensity import at
from moa_scorer.calibration.readout import to_ranks
from moa_scorer.calibration.snapshot import Head, Snapshot
from moa_scorer.calibration.stack import Parts, Pull, moments_of, solve
from moa_scorer.calibration.support import Normals, fit_normals
from moa_scorer.calibration.table import Array


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Prepared:
    """A snapshot's rows as arrays."""

    values: Array
    """Items x the snapshot's columns; NaN = not answered."""
    folds: NDArray[np.intp]
    """Of each item, from 0."""
    groups: NDArray[np.intp]
    """Of each item; items of one group are not independent."""
    columns: Mapping[str, Array]
    """Head -> cross-fitted used columns without gaps, then the lines."""
    ratings: Mapping[str, Array]
    """Head -> in [0, 1]."""
    ranks: Mapping[str, Array]
    """Head -> the ratings on the scale of ranks."""
    moments: Mapping[str, tuple[Array, ...]]
    """Head -> per fold."""
    usual: Mapping[str, Array]
    """Head -> the weights of all its columns: those of a mask are much like them."""
    weights: Array | None
    """What each item counts; None = all alike."""
    ground: Ground
    """The items as surfaces see them, all columns."""
    normals: Normals


def prepare(snapshot: Snapshot) -> Prepared:
    """The arrays of all heads and columns; worked out once per snapshot."""
    rows = snapshot.rows
    values = np.asarray([[np.nan if x is None else x for x in row] for row in rows.values], dtype=np.float64)
    folds = np.asarray(rows.folds, dtype=np.intp)
    ratings = {h: np.asarray(y, dtype=np.float64) for h, y in rows.targets.items()}
    ranks = {h.name: to_ranks(ratings[h.name], h.ratings, h.ranks) for h in snapshot.heads}
    weights = np.asarray(rows.weights) if rows.weights else None
    columns = {h.name: _columns(snapshot, h, values, folds, weights) for h in snapshot.heads}
    moments = {h.name: _moments(h, columns[h.name], ranks[h.name], folds, weights) for h in snapshot.heads}
    return Prepared(
        values=values,
        folds=folds,
        groups=np.asarray(rows.groups, dtype=np.intp),
        columns=columns,
        ratings=ratings,
        ranks=ranks,
        moments=moments,
        usual={h.name: _usual_weights(h, moments[h.name]) for h in snapshot.heads},
        weights=weights,
        ground=ground(
            values,
            [c.mean for c in snapshot.columns],
            [c.spread for c in snapshot.columns],
            folds,
            weights,
            snapshot.provenance.seed,
        ),
        normals=fit_normals(values),
    )


def parts_of(head: Head, mask: Mask) -> Parts:
    """The mask's curves and lines as positions in the head's moments."""
    present, size = frozenset(mask), len(head.used)
    return Parts(
        tuple(i for i, k in enumerate(head.used) if k in present),
        tuple(size + i for i, k in enumerate(head.lines) if k in present),
    )


def _columns(
    snapshot: Snapshot, head: Head, values: Array, folds: NDArray[np.intp], weights: Array | None
) -> Array:
    used, lines = list(head.used), [snapshot.columns[k] for k in head.lines]
    knots = [snapshot.columns[k].knots for k in used]
    curved = without_gaps(cross_fitted_columns(values[:, used], folds, knots, head.fold_curves), weights)
    straight = standard_lines(values[:, list(head.lines)], [c.mean for c in lines], [c.spread for c in lines])
    return np.hstack([curved, straight])


def _moments(
    head: Head, columns: Array, ranks: Array, folds: NDArray[np.intp], weights: Array | None
) -> tuple[Array, ...]:
    if head.moments:
        return tuple(_square(m) for m in head.moments)
    parts = [folds == f for f in range(len(head.fold_curves))]
    return tuple(moments_of(columns[own], ranks[own], at(weights, own)) for own in parts)


def _usual_weights(head: Head, per_fold: Sequence[Array]) -> Array:
    parts = parts_of(head, (*head.used, *head.lines))
    return solve(np.sum(per_fold, axis=0), parts, Pull(head.equal_pull, head.line_pull))


def _square(triangle: Sequence[Sequence[float]]) -> Array:
    """The symmetric matrix of a lower triangle."""
    lower = np.zeros((len(triangle), len(triangle)))
    for i, row in enumerate(triangle):
        lower[i, : i + 1] = row
    result: Array = lower + np.tril(lower, -1).T
    return result
