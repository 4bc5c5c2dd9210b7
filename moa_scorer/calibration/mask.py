"""Any mask from one fit: weights, intervals and support of whichever columns are present.

Worked out when a set of columns is first seen, from cross-fitted columns and their moments, and remembered.
"""

import math
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, combinations, islice

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.conformal import Width, effective_items, fit_width
from moa_scorer.calibration.crossfit import cross_fitted_columns, standard_lines, without_gaps
from moa_scorer.calibration.faint import REACH, faint_order, flat_readout
from moa_scorer.calibration.fit_surface import (
    Ground,
    fit_surface,
    ground,
    landmarks_of,
    scales_of,
    surface_of,
)
from moa_scorer.calibration.mixture import mixture_of
from moa_scorer.calibration.odd_judges import OddJudges, fit_odd_judges
from moa_scorer.calibration.pooling import Shared, pooled_for, shared_weights
from moa_scorer.calibration.propensity import at, column_means, mean_of
from moa_scorer.calibration.readout import Readout, fit_readout, to_ranks
from moa_scorer.calibration.snapshot import OVERALL, Head, Snapshot, Stage
from moa_scorer.calibration.stack import Parts, Pull, cross_fitted, moments_of, solve
from moa_scorer.calibration.support import Normals, Support, fit_normals, fit_support
from moa_scorer.calibration.surface import Landmarks, Surface
from moa_scorer.calibration.table import Array, is_measure, judge_of
from moa_scorer.calibration.votes import estimable_votes
from moa_scorer.domain.verdict import IntervalKind

ENOUGH_COMPLETE = 50
"""Items with every column of a mask that its residuals need; with fewer, gaps stand at the mean."""

USUAL_MASKS = 16
"""Patterns of gaps in the rated items that are worked out in advance."""
USUAL_WHEN_LATE = 3
"""Of these, how many are worked out for requests that lose their slowest judges."""
CLEAR = 1.645
"""Standard errors by which the correlation of cross-fitted scores and ratings must exceed zero."""

Mask = tuple[int, ...]
"""Ascending positions in the snapshot's columns."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What one column does to a head."""

    column: int
    """Position in the snapshot's columns."""
    values: tuple[float, ...]
    """What it adds, on the scale of ranks, at each of the column's knots."""
    weight: float
    """Of its curve, >= 0; for a measure with a line, plus how far one spread of it moves the rank."""
    curve: tuple[float, ...] | None
    """The rank that it expects by itself at each knot; None for a mere line."""
    alone: tuple[float, ...] | None
    """The score that it expects by itself at each knot, in [0, 1]; None for a mere line."""
    deviation: float
    """Root mean square of (curve - fused rank): how far the column usually stands from the panel."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HeadFit:
    """One head for one mask: score = readout(start + sum of effects + surface)."""

    start: float
    """On the scale of ranks."""
    baseline: float
    """The read-out of `start`: the score of an average rated item."""
    effects: tuple[Effect, ...]
    """In the order of the snapshot's columns; those without any effect are left out."""
    readout: Readout
    width: Width
    surface: Surface | None = None
    """Stands beside the effects; None = there is none."""


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
    landmarks: Landmarks | None = None
    """Of the heads' surfaces; None when there are none."""
    odd_judges: OddJudges | None = None
    """Tells who stands out; None where the snapshot does not ask, or too few judges or items could tell."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class _Prepared:
    """A snapshot's rows as arrays."""

    values: Array
    folds: NDArray[np.intp]
    groups: NDArray[np.intp]
    columns: Mapping[str, Array]
    """Head -> cross-fitted used columns without gaps, then the lines."""
    ratings: Mapping[str, Array]
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


def fit_mask(snapshot: Snapshot, mask: Mask) -> MaskFit:
    """The fit for the columns at these positions. Needs a snapshot of stage LINE or STACK."""
    if snapshot.stage is Stage.OFFSET:
        raise ValueError(f"{snapshot.revision} has too few rated items for weights")
    return snapshot.memory.recall(("mask", mask), lambda: _fit_mask(snapshot, mask))


def is_known(snapshot: Snapshot, mask: Mask) -> bool:
    """Whether `fit_mask` answers at once; otherwise it works for some tens of milliseconds."""
    return ("mask", mask) in snapshot.memory


def warm(snapshot: Snapshot) -> None:
    """Works out the masks that requests will most likely need, so that none waits for them: every column, one
    judge missing, and the usual gaps of the rated items; where odd judges are left out, also without
    each one or two of them."""
    for mask in usual_masks(snapshot):
        odd_judges = fit_mask(snapshot, mask).odd_judges
        if odd_judges and len(mask) == len(snapshot.columns):
            for party in odd_judges.parties:
                fit_mask(snapshot, _without(snapshot, mask, party.judges))


def usual_masks(snapshot: Snapshot) -> tuple[Mask, ...]:
    """Every column, every column but one judge's, and the usual gaps of the rated items; none at OFFSET."""
    if snapshot.stage is Stage.OFFSET:
        return ()
    everything = tuple(range(len(snapshot.columns)))
    judges = dict.fromkeys(judge_of(c.name) for c in snapshot.columns if not is_measure(c.name))
    masks = (everything, *(_without(snapshot, everything, {judge}) for judge in judges))
    return tuple(dict.fromkeys((*masks, *_usual(snapshot, USUAL_MASKS))))


def masks_when_late(snapshot: Snapshot, slowest: Sequence[str]) -> tuple[Mask, ...]:
    """The masks of requests whose budget ends early: the usual ones without the slowest judge, the slowest
    two and so on, and without any two of them. The slowest judge comes first."""
    if snapshot.stage is Stage.OFFSET:
        return ()
    cut = [set(slowest[: k + 1]) for k in range(len(slowest))] + [
        set(two) for two in combinations(slowest, 2)
    ]
    usual = _usual(snapshot, USUAL_WHEN_LATE)
    return tuple(dict.fromkeys(_without(snapshot, mask, gone) for mask in usual for gone in cut))


def _usual(snapshot: Snapshot, most: int) -> tuple[Mask, ...]:
    """The commonest patterns of answers in the rated items."""
    seen = Counter(tuple(k for k, x in enumerate(row) if x is not None) for row in snapshot.rows.values)
    return tuple(mask for mask, _ in seen.most_common(most))


def _without(snapshot: Snapshot, mask: Mask, judges: Collection[str]) -> Mask:
    return tuple(k for k in mask if judge_of(snapshot.columns[k].name) not in judges)


def _fit_mask(snapshot: Snapshot, mask: Mask) -> MaskFit:
    prepared = snapshot.memory.recall("prepared", lambda: _prepare(snapshot))
    own = prepared.values[:, np.asarray(mask, dtype=np.intp)]
    complete: NDArray[np.bool_] = np.logical_not(np.any(np.isnan(own), axis=1))
    if int(complete.sum()) < min(ENOUGH_COMPLETE, complete.size):
        complete = np.ones(complete.size, dtype=bool)
        support = None
    else:
        support = fit_support(prepared.normals, mask, complete, prepared.folds)
    parts = {h.name: _parts(h, mask) for h in snapshot.heads}
    shared = shared_weights(snapshot, parts, prepared.moments)
    heads = {h.name: _fit_head(snapshot, h, mask, prepared, complete, shared) for h in snapshot.heads}
    return MaskFit(
        columns=mask,
        heads=heads,
        support=support,
        votes=_votes(snapshot, mask, prepared, complete),
        landmarks=_landmarks(snapshot, mask, prepared) if any(h.surface for h in heads.values()) else None,
        odd_judges=_odd_judges(snapshot, mask, prepared, complete, support) if snapshot.robust else None,
    )


def _odd_judges(
    snapshot: Snapshot, mask: Mask, prepared: _Prepared, complete: NDArray[np.bool_], support: Support | None
) -> OddJudges | None:
    scores = prepared.normals.scores[np.ix_(complete, np.asarray(mask, dtype=np.intp))]
    return fit_odd_judges([snapshot.columns[k].name for k in mask], scores, support)


def _landmarks(snapshot: Snapshot, mask: Mask, prepared: _Prepared) -> Landmarks:
    return landmarks_of(prepared.ground.of(mask), mask, [snapshot.columns[k] for k in mask])


def _fit_head(
    snapshot: Snapshot,
    head: Head,
    mask: Mask,
    prepared: _Prepared,
    complete: NDArray[np.bool_],
    shared: Shared,
) -> HeadFit:
    per_fold, columns, folds = prepared.moments[head.name], prepared.columns[head.name], prepared.folds
    ratings, groups = prepared.ratings[head.name][complete], prepared.groups[complete]
    counts = at(prepared.weights, complete)
    parts, pull = _parts(head, mask), Pull(head.equal_pull, head.line_pull)
    total = np.sum(per_fold, axis=0)
    pooled = pooled_for(head, parts, shared)
    weights = solve(total, parts, pull, prepared.usual[head.name][list(parts.all)], pooled[-1])
    fused = cross_fitted(columns, folds, per_fold, parts, pull, weights, pooled)[complete]
    ranks = prepared.ranks[head.name][complete]
    surface = None
    if head.kernel and mask:
        fused, share, surface = _with_surface(snapshot, head, mask, prepared, complete, fused)
        weights = np.round(weights * share, 9)
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
        effects=_effects(snapshot, head, parts, weights, columns[complete], fused, readout, counts),
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


def _with_surface(
    snapshot: Snapshot,
    head: Head,
    mask: Mask,
    prepared: _Prepared,
    complete: NDArray[np.bool_],
    additive: Array,
) -> tuple[Array, float, Surface | None]:
    """(cross-fitted ranks of the complete items, share of the additive part, surface) of the two mixed."""
    kernel, base = head.kernel, prepared.ground.of(mask)
    if kernel is None:
        return additive, 1.0, None
    names = [snapshot.columns[k].name for k in mask]
    scales = scales_of(base.points, names, head.name, kernel, mask)
    fitted = fit_surface(base, scales, prepared.ranks[head.name], kernel.pull)
    near, counts = fitted.cross_fitted[complete], at(prepared.weights, complete)
    straight, curved = mixture_of(additive, near, prepared.ranks[head.name][complete], counts)
    fused = head.start + straight * (additive - head.start) + curved * (near - head.start)
    return fused, straight, surface_of(scales, fitted, curved)


def _parts(head: Head, mask: Mask) -> Parts:
    """The mask's curves and lines as positions in the head's moments."""
    present, size = frozenset(mask), len(head.used)
    return Parts(
        tuple(i for i, k in enumerate(head.used) if k in present),
        tuple(size + i for i, k in enumerate(head.lines) if k in present),
    )


def _effects(
    snapshot: Snapshot,
    head: Head,
    parts: Parts,
    weights: Array,
    columns: Array,
    fused: Array,
    readout: Readout,
    counts: Array | None,
) -> tuple[Effect, ...]:
    """Curve and line of each column as one piecewise-linear effect."""
    known = dict(zip(parts.all, weights.tolist(), strict=True))
    of_curve = {k: i for i, k in enumerate(head.used) if known.get(i, 0.0) > 0}
    slopes = {k: known.get(len(head.used) + i, 0.0) for i, k in enumerate(head.lines)}
    by_itself = _by_themselves([head.curves[i] for i in of_curve.values()], readout)
    alone = dict(zip(of_curve, by_itself, strict=True))
    taken = list(of_curve.values())
    distances = dict(zip(of_curve, _deviations(columns[:, taken], fused, counts), strict=True))
    effects = []
    for k in sorted({*of_curve, *(k for k, slope in slopes.items() if slope != 0)}):
        slope, i = slopes.get(k, 0.0), of_curve.get(k)
        effects.append(
            Effect(
                column=k,
                values=_effect_values(snapshot, head, k, slope, i, 0.0 if i is None else known[i]),
                weight=abs(slope) + (0.0 if i is None else known[i]),
                curve=None if i is None else head.curves[i],
                alone=alone.get(k),
                deviation=distances.get(k, 0.0),
            )
        )
    return tuple(effects)


def _effect_values(
    snapshot: Snapshot, head: Head, k: int, slope: float, i: int | None, weight: float
) -> tuple[float, ...]:
    column = snapshot.columns[k]
    values = [slope * (x - column.mean) / column.spread for x in column.knots]
    if i is not None:
        values = [v + weight * (g - head.centres[i]) for v, g in zip(values, head.curves[i], strict=True)]
    return tuple(round(v, 9) for v in values)


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


def _by_themselves(curves: Sequence[Sequence[float]], readout: Readout) -> Iterator[tuple[float, ...]]:
    """The score that each curve gives by itself at its knots; all are read at once."""
    flat = np.fromiter(chain.from_iterable(curves), dtype=np.float64)
    scores = iter(readout.all(flat).clip(0.0, 1.0).round(9).tolist())
    return (tuple(islice(scores, len(curve))) for curve in curves)


def _deviations(columns: Array, fused: Array, counts: Array | None) -> list[float]:
    """Root mean square distance of each column from the fused ranks."""
    squares: Array = (columns - fused[:, None]) ** 2
    found: list[float] = np.sqrt(column_means(squares, counts)).round(6).tolist()
    return found


def _prepare(snapshot: Snapshot) -> _Prepared:
    rows = snapshot.rows
    values = np.asarray([[np.nan if x is None else x for x in row] for row in rows.values], dtype=np.float64)
    folds = np.asarray(rows.folds, dtype=np.intp)
    ratings = {h: np.asarray(y, dtype=np.float64) for h, y in rows.targets.items()}
    ranks = {h.name: to_ranks(ratings[h.name], h.ratings, h.ranks) for h in snapshot.heads}
    weights = np.asarray(rows.weights) if rows.weights else None
    columns = {h.name: _columns(snapshot, h, values, folds, weights) for h in snapshot.heads}
    moments = {h.name: _moments(h, columns[h.name], ranks[h.name], folds, weights) for h in snapshot.heads}
    return _Prepared(
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
    parts = _parts(head, (*head.used, *head.lines))
    return solve(np.sum(per_fold, axis=0), parts, Pull(head.equal_pull, head.line_pull))


def _square(triangle: Sequence[Sequence[float]]) -> Array:
    """The symmetric matrix of a lower triangle."""
    lower = np.zeros((len(triangle), len(triangle)))
    for i, row in enumerate(triangle):
        lower[i, : i + 1] = row
    result: Array = lower + np.tril(lower, -1).T
    return result


def _votes(snapshot: Snapshot, mask: Mask, prepared: _Prepared, complete: NDArray[np.bool_]) -> float | None:
    """Effective votes for the overall; each judge stands as the mean of its columns."""
    scores = _judge_means(snapshot, mask, prepared.values[complete])
    if snapshot.noise is None or scores is None:
        return None
    target, groups = prepared.ratings[OVERALL][complete], prepared.groups[complete]
    counts = at(prepared.weights, complete)
    return estimable_votes(scores, target, snapshot.noise, groups, snapshot.provenance.seed, counts)


def _judge_means(snapshot: Snapshot, mask: Sequence[int], values: Array) -> Array | None:
    """Per judge the mean of its columns, higher = better; None when nobody is there or one is missing."""
    judges: dict[str, list[int]] = {}
    for k in mask:
        if not is_measure(snapshot.columns[k].name):
            judges.setdefault(judge_of(snapshot.columns[k].name), []).append(k)
    if not judges or np.isnan(values[:, [k for own in judges.values() for k in own]]).any():
        return None
    means = [values[:, own].mean(axis=1) for own in judges.values()]
    turned = set(snapshot.reversed_judges)
    return np.column_stack([1.0 - x if j in turned else x for j, x in zip(judges, means, strict=True)])
