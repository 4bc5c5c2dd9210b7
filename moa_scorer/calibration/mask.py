"""Any mask from one fit: weights, intervals and support of whichever columns are present.

Worked out when a set of columns is first seen, from cross-fitted columns and their moments, and remembered.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from moa_scorer.calibration.fit_surface import landmarks_of
from moa_scorer.calibration.head_of_mask import fit_head_of_mask
from moa_scorer.calibration.mask_fit import Mask, MaskFit
from moa_scorer.calibration.odd_judges import OddJudges, fit_odd_judges
from moa_scorer.calibration.pooling import shared_weights
from moa_scorer.calibration.prepared import Prepared, parts_of, prepare
from moa_scorer.calibration.propensity import at
from moa_scorer.calibration.snapshot import OVERALL, Snapshot, Stage
from moa_scorer.calibration.support import Support, fit_support
from moa_scorer.calibration.surface import Landmarks
from moa_scorer.calibration.table import Array, is_measure, judge_of
from moa_scorer.calibration.votes import estimable_votes

ENOUGH_COMPLETE = 50
"""Items with every column of a mask that its residuals need; with fewer, gaps stand at the mean."""


def fit_mask(snapshot: Snapshot, mask: Mask) -> MaskFit:
    """The fit for the columns at these positions. Needs a snapshot of stage LINE or STACK."""
    if snapshot.stage is Stage.OFFSET:
        raise ValueError(f"{snapshot.revision} has too few rated items for weights")
    return snapshot.memory.recall(("mask", mask), lambda: _fit_mask(snapshot, mask))


def is_known(snapshot: Snapshot, mask: Mask) -> bool:
    """Whether `fit_mask` answers at once; otherwise it works for some tens of milliseconds."""
    return ("mask", mask) in snapshot.memory


def _fit_mask(snapshot: Snapshot, mask: Mask) -> MaskFit:
    prepared = snapshot.memory.recall("prepared", lambda: prepare(snapshot))
    own = prepared.values[:, np.asarray(mask, dtype=np.intp)]
    complete: NDArray[np.bool_] = np.logical_not(np.any(np.isnan(own), axis=1))
    if int(complete.sum()) < min(ENOUGH_COMPLETE, complete.size):
        complete = np.ones(complete.size, dtype=bool)
        support = None
    else:
        support = fit_support(prepared.normals, mask, complete, prepared.folds)
    parts = {h.name: parts_of(h, mask) for h in snapshot.heads}
    shared = shared_weights(snapshot, parts, prepared.moments)
    heads = {h.name: fit_head_of_mask(snapshot, h, mask, prepared, complete, shared) for h in snapshot.heads}
    return MaskFit(
        columns=mask,
        heads=heads,
        support=support,
        votes=_votes(snapshot, mask, prepared, complete),
        landmarks=_landmarks(snapshot, mask, prepared) if any(h.surface for h in heads.values()) else None,
        odd_judges=_odd_judges(snapshot, mask, prepared, complete, support) if snapshot.robust else None,
    )


def _odd_judges(
    snapshot: Snapshot, mask: Mask, prepared: Prepared, complete: NDArray[np.bool_], support: Support | None
) -> OddJudges | None:
    scores = prepared.normals.scores[np.ix_(complete, np.asarray(mask, dtype=np.intp))]
    return fit_odd_judges([snapshot.columns[k].name for k in mask], scores, support)


def _landmarks(snapshot: Snapshot, mask: Mask, prepared: Prepared) -> Landmarks:
    return landmarks_of(prepared.ground.of(mask), mask, [snapshot.columns[k] for k in mask])


def _votes(snapshot: Snapshot, mask: Mask, prepared: Prepared, complete: NDArray[np.bool_]) -> float | None:
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
