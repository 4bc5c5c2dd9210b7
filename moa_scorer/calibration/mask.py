"""Any mask from one fit: weights, intervals and support of whichever columns are present.

Worked out when a set of columns is first seen, from cross-fitted columns and their moments, and remembered.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import Width, effective_items, fit_width
from moa_scorer.calibration.crossfit import cross_fitted_columns, without_gaps
from moa_scorer.calibration.snapshot import OVERALL, Head, Snapshot, Stage
from moa_scorer.calibration.stack import cross_fitted, moments_of, solve
from moa_scorer.calibration.support import Support, fit_support
from moa_scorer.calibration.table import Array, is_measure, judge_of
from moa_scorer.calibration.votes import estimable_votes
from moa_scorer.domain.verdict import IntervalKind

ENOUGH_COMPLETE = 50
"""Items with every column of a mask that its residuals need; with fewer, gaps stand at the mean."""

CLEAR = 1.645
"""Standard errors by which the correlation of cross-fitted scores and ratings must exceed zero."""

Mask = tuple[int, ...]
"""Ascending positions in the snapshot's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFit:
    """One head for one mask: score = baseline + sum of weight * (curve - centre)."""

    baseline: float
    columns: Mask
    """Columns with a weight above zero."""
    weights: tuple[float, ...]
    centres: tuple[float, ...]
    curves: tuple[tuple[float, ...], ...]
    """Values at each column's knots."""
    deviations: tuple[float, ...]
    """Root mean square of (curve - fused score): how far each column usually stands from the panel."""
    width: Width


@dataclass(frozen=True, slots=True, kw_only=True)
class MaskFit:
    """Everything that serving needs for one set of present columns."""

    columns: Mask
    heads: Mapping[str, HeadFit]
    """In the snapshot's order."""
    support: Support | None
    """None when too few items were rated to tell."""
    votes: float | None
    """Effective votes of the judges in the mask; None = not estimable."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prepared:
    """A snapshot's rows as arrays."""

    values: Array
    folds: NDArray[np.intp]
    groups: NDArray[np.intp]
    columns: Mapping[str, Array]
    """Head -> cross-fitted used columns without gaps."""
    targets: Mapping[str, Array]
    moments: Mapping[str, tuple[Array, ...]]
    """Head -> per fold."""


def fit_mask(snapshot: Snapshot, mask: Mask) -> MaskFit:
    """The fit for the columns at these positions. Needs a snapshot of stage LINE or STACK."""
    if snapshot.stage is Stage.OFFSET:
        raise ValueError(f"{snapshot.revision} has too few rated items for weights")
    return snapshot.memory.recall(("mask", mask), lambda: _fit_mask(snapshot, mask))


def warm(snapshot: Snapshot) -> None:
    """Works out the full mask and every mask with one judge missing, so that no request waits for them."""
    if snapshot.stage is Stage.OFFSET:
        return
    everything = tuple(range(len(snapshot.columns)))
    fit_mask(snapshot, everything)
    for judge in dict.fromkeys(judge_of(c.name) for c in snapshot.columns):
        rest = tuple(k for k in everything if judge_of(snapshot.columns[k].name) != judge)
        if rest and not is_measure(f"{judge}/"):
            fit_mask(snapshot, rest)


def _fit_mask(snapshot: Snapshot, mask: Mask) -> MaskFit:
    prepared = snapshot.memory.recall("prepared", lambda: _prepare(snapshot))
    own = prepared.values[:, np.asarray(mask, dtype=np.intp)]
    complete: NDArray[np.bool_] = np.logical_not(np.any(np.isnan(own), axis=1))
    if int(complete.sum()) < min(ENOUGH_COMPLETE, complete.size):
        complete = np.ones(complete.size, dtype=bool)
        support = None
    else:
        support = fit_support(own[complete])
    return MaskFit(
        columns=mask,
        heads={h.name: _fit_head(snapshot, h, mask, prepared, complete) for h in snapshot.heads},
        support=support,
        votes=_votes(snapshot, mask, prepared, complete),
    )


def _fit_head(
    snapshot: Snapshot, head: Head, mask: Mask, prepared: _Prepared, complete: NDArray[np.bool_]
) -> HeadFit:
    present = frozenset(mask)
    index = [i for i, k in enumerate(head.used) if k in present]
    per_fold, columns = prepared.moments[head.name], prepared.columns[head.name]
    target, groups = prepared.targets[head.name][complete], prepared.groups[complete]
    fused = cross_fitted(columns, prepared.folds, per_fold, index, head.shrinkage)[complete]
    if snapshot.stage is Stage.STACK and not says_anything(fused, target, groups):
        index = []
        fused = cross_fitted(columns, prepared.folds, per_fold, index, head.shrinkage)[complete]
    weights = solve(np.sum(per_fold, axis=0), index, head.shrinkage)
    active = [(i, float(w)) for i, w in zip(index, weights, strict=True) if w > 0]
    return HeadFit(
        baseline=head.mean,
        columns=tuple(head.used[i] for i, _ in active),
        weights=tuple(w for _, w in active),
        centres=tuple(head.centres[i] for i, _ in active),
        curves=tuple(head.curves[i] for i, _ in active),
        deviations=tuple(_deviation(columns[complete, i], fused) for i, _ in active),
        width=fit_width(
            fused,
            target,
            groups,
            coverage=snapshot.coverage,
            kind=IntervalKind.PAC if snapshot.stage is Stage.LINE else IntervalKind.MARGINAL,
        ),
    )


def says_anything(fused: Array, target: Array, groups: NDArray[np.intp]) -> bool:
    """Whether cross-fitted scores go with the ratings beyond chance, one-sided at 5 %.

    Declared directions alone put items in an order, even where the ratings do not support it: then the head
    is the mean, with the spread of the ratings.
    """
    x, y = fused - fused.mean(), target - target.mean()
    spread = float(np.sqrt((x @ x) * (y @ y)))
    if spread <= 0:
        return False
    return float(x @ y) / spread * math.sqrt(effective_items(x * y, groups)) > CLEAR


def _deviation(column: Array, fused: Array) -> float:
    return round(float(np.sqrt(np.mean((column - fused) ** 2))), 6)


def _prepare(snapshot: Snapshot) -> _Prepared:
    rows = snapshot.rows
    values = np.asarray([[np.nan if x is None else x for x in row] for row in rows.values], dtype=np.float64)
    folds = np.asarray(rows.folds, dtype=np.intp)
    targets = {h: np.asarray(y, dtype=np.float64) for h, y in rows.targets.items()}
    columns = {h.name: _columns(snapshot, h, values, folds) for h in snapshot.heads}
    return _Prepared(
        values=values,
        folds=folds,
        groups=np.asarray(rows.groups, dtype=np.intp),
        columns=columns,
        targets=targets,
        moments={h.name: _moments(h, columns[h.name], targets[h.name], folds) for h in snapshot.heads},
    )


def _columns(snapshot: Snapshot, head: Head, values: Array, folds: NDArray[np.intp]) -> Array:
    used = np.asarray(head.used, dtype=np.intp)
    knots = [snapshot.columns[k].knots for k in head.used]
    return without_gaps(cross_fitted_columns(values[:, used], folds, knots, head.fold_curves))


def _moments(head: Head, columns: Array, target: Array, folds: NDArray[np.intp]) -> tuple[Array, ...]:
    if head.moments:
        return tuple(np.asarray(m, dtype=np.float64) for m in head.moments)
    return tuple(moments_of(columns[folds == f], target[folds == f]) for f in range(len(head.fold_curves)))


def _votes(snapshot: Snapshot, mask: Mask, prepared: _Prepared, complete: NDArray[np.bool_]) -> float | None:
    """Effective votes for the overall; each judge stands as the mean of its columns."""
    scores = _judge_means(snapshot, mask, prepared.values[complete])
    if snapshot.noise is None or scores is None:
        return None
    target, groups = prepared.targets[OVERALL][complete], prepared.groups[complete]
    return estimable_votes(scores, target, snapshot.noise, groups, snapshot.provenance.seed)


def _judge_means(snapshot: Snapshot, mask: Sequence[int], values: Array) -> Array | None:
    judges: dict[str, list[int]] = {}
    for k in mask:
        if not is_measure(snapshot.columns[k].name):
            judges.setdefault(judge_of(snapshot.columns[k].name), []).append(k)
    if not judges or np.isnan(values[:, [k for own in judges.values() for k in own]]).any():
        return None
    return np.column_stack([values[:, own].mean(axis=1) for own in judges.values()])
