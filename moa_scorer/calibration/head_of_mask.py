"""One head for one mask: weights, surface, read-out and interval; or that its judges say nothing."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import effective_items, fit_width
from moa_scorer.calibration.effects import effects_of
from moa_scorer.calibration.faint import REACH, faint_order, flat_readout
from moa_scorer.calibration.fit_surface import fit_surface, scales_of, surface_of, times
from moa_scorer.calibration.mask_fit import Effect, HeadFit, Mask
from moa_scorer.calibration.mixture import mixture_of
from moa_scorer.calibration.plain_mean import Lines, fit_plain_mean, share_of_mean
from moa_scorer.calibration.pooling import Shared, pooled_for
from moa_scorer.calibration.prepared import Prepared, parts_of
from moa_scorer.calibration.propensity import at, mean_of
from moa_scorer.calibration.readout import fit_readout
from moa_scorer.calibration.snapshot import Head, Snapshot, Stage
from moa_scorer.calibration.stack import Pull, cross_fitted, solve
from moa_scorer.calibration.surface import Kernel, Surface
from moa_scorer.calibration.table import Array
from moa_scorer.domain.verdict import IntervalKind

CLEAR = 1.645
"""Standard errors by which the correlation of cross-fitted scores and ratings must exceed zero."""


def fit_head_of_mask(
    snapshot: Snapshot,
    head: Head,
    mask: Mask,
    prepared: Prepared,
    complete: NDArray[np.bool_],
    shared: Shared,
) -> HeadFit:
    """The head from the mask's columns; `complete` marks the items whose residuals count."""
    per_fold, columns, folds = prepared.moments[head.name], prepared.columns[head.name], prepared.folds
    ratings, groups = prepared.ratings[head.name][complete], prepared.groups[complete]
    counts = at(prepared.weights, complete)
    parts, pull = parts_of(head, mask), Pull(head.equal_pull, head.line_pull)
    total = np.sum(per_fold, axis=0)
    pooled = pooled_for(head, parts, shared)
    weights = solve(total, parts, pull, prepared.usual[head.name][list(parts.all)], pooled[-1])
    additive = cross_fitted(columns, folds, per_fold, parts, pull, weights, pooled)[complete]
    fused, share, surface, lines = _mixed(snapshot, head, mask, prepared, complete, additive)
    weights = np.round(weights * share, 9) if share < 1.0 else weights
    ranks = prepared.ranks[head.name][complete]
    line_only = snapshot.stage is Stage.LINE
    kind = IntervalKind.PAC if line_only else IntervalKind.MARGINAL
    # Residuals of a read-out that saw them are as much too small as those of weights fitted on four fifths of
    # the items are too large: simulated coverage is .896 to .903 so, .905 to .942 with both cross-fitted.
    readout = fit_readout(fused, ratings, counts, line_only=line_only)
    borne_out = line_only or says_anything(fused, ranks, groups, counts)
    if not borne_out or readout.slope == 0.0:
        return _faint_head(snapshot, head, mask, ratings, groups, counts, kind)
    return HeadFit(
        start=head.start,
        baseline=readout(head.start),
        effects=effects_of(snapshot, head, parts, weights, lines, columns[complete], fused, readout, counts),
        readout=readout,
        width=fit_width(readout.all(fused), ratings, groups, counts, coverage=snapshot.coverage, kind=kind),
        surface=surface,
    )


def _faint_head(
    snapshot: Snapshot,
    head: Head,
    mask: Mask,
    ratings: Array,
    groups: NDArray[np.intp],
    counts: Array | None,
    kind: IntervalKind,
) -> HeadFit:
    """The mean rating with the spread of the ratings, and the judges' own order."""
    level = mean_of(ratings, counts)
    flat = np.full(ratings.size, level)
    width = fit_width(flat, ratings, groups, counts, coverage=snapshot.coverage, kind=kind)
    lines = faint_order(snapshot.columns, mask, head.name)
    weight = REACH / max(len(lines), 1)
    return HeadFit(
        start=head.start,
        baseline=level,
        effects=tuple(
            Effect(column=k, values=line, weight=weight, curve=None, alone=None, deviation=0.0)
            for k, line in lines.items()
        ),
        readout=flat_readout(head.start, level),
        width=width,
    )


class _Mixed(NamedTuple):
    """A head's parts beside each other."""

    fused: Array
    """Cross-fitted ranks of the complete items."""
    share: float
    """Of the additive part."""
    surface: Surface | None
    """Times its share."""
    lines: Lines
    """Of the judges' plain mean, times its share."""


def _mixed(
    snapshot: Snapshot,
    head: Head,
    mask: Mask,
    prepared: Prepared,
    complete: NDArray[np.bool_],
    additive: Array,
) -> _Mixed:
    """The additive part (cross-fitted ranks of the complete items) with a surface, and both with the mean."""
    learnt = _Mixed(additive, 1.0, None, {})
    if head.kernel and mask:
        learnt = _with_surface(snapshot, head, head.kernel, mask, prepared, complete, additive)
    ranks, counts = prepared.ranks[head.name][complete], at(prepared.weights, complete)
    folds, values = prepared.folds[complete], prepared.values[complete]
    mean = fit_plain_mean(snapshot.columns, mask, head.name, values, ranks, folds, counts)
    taken = share_of_mean(learnt.fused, mean.cross_fitted, ranks, counts) if mean else 0.0
    if mean is None or taken == 0.0:
        return learnt
    return _Mixed(
        fused=(1.0 - taken) * learnt.fused + taken * mean.cross_fitted,
        share=(1.0 - taken) * learnt.share,
        surface=learnt.surface and times(learnt.surface, 1.0 - taken),
        lines={k: tuple(round(taken * x, 9) for x in line) for k, line in mean.lines.items()},
    )


def _with_surface(
    snapshot: Snapshot,
    head: Head,
    kernel: Kernel,
    mask: Mask,
    prepared: Prepared,
    complete: NDArray[np.bool_],
    additive: Array,
) -> _Mixed:
    """The two mixed."""
    base = prepared.ground.of(mask)
    names = [snapshot.columns[k].name for k in mask]
    scales = scales_of(base.points, names, head.name, kernel, mask)
    fitted = fit_surface(base, scales, prepared.ranks[head.name], kernel.pull)
    near, counts = fitted.cross_fitted[complete], at(prepared.weights, complete)
    straight, curved = mixture_of(additive, near, prepared.ranks[head.name][complete], counts)
    fused = head.start + straight * (additive - head.start) + curved * (near - head.start)
    return _Mixed(fused, straight, surface_of(scales, fitted, curved), {})


def says_anything(fused: Array, target: Array, groups: NDArray[np.intp], counts: Array | None = None) -> bool:
    """Whether cross-fitted scores go with the ratings beyond chance, one-sided at 5 %.

    Declared directions alone put items in an order, even where the ratings do not support it: then the head
    is the mean with the spread of the ratings, and that order as a faint slope.
    """
    x, y = fused - mean_of(fused, counts), target - mean_of(target, counts)
    if counts is not None:
        x, y = x * np.sqrt(counts), y * np.sqrt(counts)
    spread = float(np.sqrt((x @ x) * (y @ y)))
    if spread <= 0:
        return False
    return float(x @ y) / spread * math.sqrt(effective_items(x * y, groups, counts)) > CLEAR
