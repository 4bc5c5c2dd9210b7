"""What any subset of a panel's judges is worth, from one fit: cross-fitted columns and their moments."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.crossfit import cross_fitted_columns, without_gaps
from moa_scorer.calibration.readout import to_ranks
from moa_scorer.calibration.snapshot import OVERALL, Snapshot, Stage
from moa_scorer.calibration.stack import Parts, Pull, cross_fitted, moments_of
from moa_scorer.calibration.table import is_measure, judge_of

Array = NDArray[np.float64]

Z95 = 1.959964
"""Standard errors on either side of a 95 % interval."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mean:
    """A mean over items with its 95 % interval over groups."""

    value: float
    low: float
    high: float

    @property
    def deviation(self) -> float:
        """Its standard error."""
        return (self.high - self.low) / (2 * Z95)

    @property
    def clear(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Evidence:
    """A fit's overall head without its weights: enough to judge every subset of its judges."""

    columns: Array
    """Shape (items, used columns): read off curves that never saw the item; gaps at the column's mean."""
    target: Array
    """The overall rating on the scale of ranks, one an item."""
    folds: NDArray[np.intp]
    groups: NDArray[np.intp]
    moments: tuple[Array, ...]
    """Per fold, of (1, columns, target)."""
    pull: Pull
    owners: Mapping[str, tuple[int, ...]]
    """Judge -> its columns' positions; judges without a usable column have none."""

    @property
    def variance(self) -> float:
        """Of the target, > 0: the error of always saying the mean."""
        return max(float(self.target.var()), 1e-12)


def evidence_of(snapshot: Snapshot) -> Evidence:
    """The evidence in a snapshot's rated items; raises ValueError where they are too few for weights."""
    if snapshot.stage is Stage.OFFSET:
        raise ValueError(f"{snapshot.items} rated items are too few to weigh judges")
    head = snapshot.head(OVERALL)
    used = [k for k in head.used if not is_measure(snapshot.columns[k].name)]
    at = [head.used.index(k) for k in used]
    values = np.asarray(
        [[np.nan if row[k] is None else row[k] for k in used] for row in snapshot.rows.values],
        dtype=np.float64,
    )
    folds = np.asarray(snapshot.rows.folds, dtype=np.intp)
    curves = [[fold[i] for i in at] for fold in head.fold_curves]
    columns = without_gaps(
        cross_fitted_columns(values, folds, [snapshot.columns[k].knots for k in used], curves)
    )
    target = to_ranks(np.asarray(snapshot.rows.targets[OVERALL]), head.ratings, head.ranks)
    return Evidence(
        columns=columns,
        target=target,
        folds=folds,
        groups=np.asarray(snapshot.rows.groups, dtype=np.intp),
        moments=tuple(moments_of(columns[folds == f], target[folds == f]) for f in range(len(curves))),
        pull=Pull(head.equal_pull, None),
        owners=_owners([judge_of(snapshot.columns[k].name) for k in used]),
    )


def squared_errors(evidence: Evidence, judges: Sequence[str]) -> Array:
    """Per item: the squared error of these judges' fusion, weighed without the item's fold; ranks, squared.

    Without judges it is that of the other folds' mean.
    """
    positions = tuple(sorted(k for j in judges for k in evidence.owners.get(j, ())))
    fused = cross_fitted(
        evidence.columns, evidence.folds, evidence.moments, Parts(positions, ()), evidence.pull
    )
    result: Array = (evidence.target - fused) ** 2
    return result


def gain(evidence: Evidence, before: Array, after: Array) -> Mean:
    """How much smaller `after` is than `before` (squared errors an item), in shares of the variance."""
    return mean_over_groups((before - after) / evidence.variance, evidence.groups)


def mean_over_groups(values: Array, groups: NDArray[np.intp]) -> Mean:
    """The mean of an item's value with an interval that takes whole groups as the independent draws.

    The variance is the usual one of a ratio of group totals to group sizes (Cochran 1977, section 6.3); a
    single group has an infinite interval.
    """
    _, inverse, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    mean = float(values.mean())
    deviations = np.bincount(inverse, values) - sizes * mean
    count = sizes.size
    if count < 2:
        return Mean(value=mean, low=-math.inf, high=math.inf)
    error = math.sqrt(count / (count - 1) * float(deviations @ deviations)) / values.size
    return Mean(value=mean, low=mean - Z95 * error, high=mean + Z95 * error)


def _owners(judges: Sequence[str]) -> dict[str, tuple[int, ...]]:
    found: dict[str, list[int]] = {}
    for k, judge in enumerate(judges):
        found.setdefault(judge, []).append(k)
    return {judge: tuple(own) for judge, own in found.items()}
