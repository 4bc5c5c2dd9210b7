"""The drift chart's lines: every judge's sentinel over the items in their order."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moa_scorer.calibration.exchange import LEVEL
from moa_scorer.calibration.fit import with_overall
from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import Array, RatedTable, criterion_of
from moa_scorer.domain.rubric import Rubric
from moa_scorer.learning.loop.drift import LEAST_RATED, Sentinel, sentinel, sentinels
from moa_scorer.learning.plots.curves import Curve
from moa_scorer.learning.study.study import Study, rubric_of, table_of

MOST = 1000.0
"""Times the alarm's level that is drawn at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What watching the judges found."""

    curves: tuple[Curve, ...]
    """A judge's capital (e-value) after each anchor; empty = too few rated documents to watch."""
    against: str
    """What the judges were held against, to follow `held against`."""
    alarm: float = LEVEL
    """Capital from which a judge counts as changed."""


def watched(study: Study, snapshot: Snapshot | None, *, seed: int) -> Drift:
    """Every judge on one item of each source document in file order, against the snapshot's ratings.

    Without a snapshot the first half of the source documents stands for them, and the second is watched.
    """
    table = _mixed_within_groups(table_of(study, measures=False), seed)
    if snapshot is not None:
        found = sentinels(snapshot, table, seed=seed)
        return Drift(curves=_curves(found), against=f"the snapshot {snapshot.revision}")
    return Drift(
        curves=_curves(_halves_apart(table, rubric_of(study), seed)), against="the first half of the file"
    )


def _mixed_within_groups(table: RatedTable, seed: int) -> RatedTable:
    """Groups stay in their order; of each the first item is watched, which must not be the same writer's
    throughout."""
    place = {g: k for k, g in enumerate(dict.fromkeys(table.groups))}
    luck = np.random.default_rng([seed, 13]).random(table.items)
    return table.take(np.lexsort((luck, np.array([place[g] for g in table.groups]))))


def _halves_apart(table: RatedTable, rubric: Rubric, seed: int) -> list[Sentinel]:
    """A sentinel for each judge's column with enough rated documents in the first half."""
    _, first = np.unique(np.asarray(table.groups), return_index=True)
    one_each = np.sort(first)
    early, late = np.array_split(one_each, 2)
    targets = with_overall(table, rubric)
    found = []
    for k, column in enumerate(table.columns):
        target = targets.get(criterion_of(column), targets[OVERALL])
        usual, new = (_points(table.values[part, k], target[part]) for part in (early, late))
        if len(usual) >= LEAST_RATED and len(new):
            found.append(sentinel(column, usual, new, np.random.default_rng([seed, k])))
    return found


def _points(scores: Array, ratings: Array) -> Array:
    """(score, rating) of the items with a score, shape (items, 2)."""
    here = ~np.isnan(scores)
    return np.column_stack([scores[here], ratings[here]])


def _curves(found: Sequence[Sentinel]) -> tuple[Curve, ...]:
    alone = len({one.what for one in found}) == 1
    return tuple(
        Curve(
            name=one.judge if alone else f"{one.judge}, {one.what}",
            x=tuple(float(k) for k in range(1, one.anchors + 1)),
            y=tuple(min(10.0 ** min(t, 300.0), LEVEL * MOST) for t in one.trace),
        )
        for one in found
        if one.anchors
    )
