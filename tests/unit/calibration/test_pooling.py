"""Weights that criteria share."""

import numpy as np
import pytest

from moa_scorer.calibration.mask import fit_mask
from moa_scorer.calibration.pooling import pooled_for, shared_weights
from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.calibration.stack import Parts, Pull, moments_of, solve
from tests.fakes.ratings import fitted, make_rubric, simulate

ALL = Parts((0, 1, 2), ())


def _moments(snapshot: Snapshot) -> dict[str, list[np.ndarray]]:
    """Made-up moments of three columns for five folds of each head."""
    rng = np.random.default_rng(0)
    made = {}
    for head in snapshot.heads:
        x = rng.uniform(size=(100, 3))
        y = x @ np.array([0.6, 0.3, 0.0]) + 0.1 * rng.normal(size=100)
        made[head.name] = [moments_of(x[f::5], y[f::5]) for f in range(5)]
    return made


def test_criteria_share_the_sum_of_their_weights_without_each_fold_and_of_all() -> None:
    snapshot = fitted(simulate(100, measures=False))
    moments = _moments(snapshot)
    shared = shared_weights(snapshot, {h.name: ALL for h in snapshot.heads}, moments)
    assert len(shared) == 6
    pull = Pull(snapshot.heads[0].equal_pull, None)
    for fold in range(5):
        expected = sum(
            solve(np.sum(moments[c], axis=0) - moments[c][fold], ALL, pull) for c in ("clarity", "depth")
        )
        assert list(shared[fold].values()) == pytest.approx(list(expected))
    assert pooled_for(snapshot.heads[0], ALL, shared)[-1] == pytest.approx(list(shared[-1].values()))
    assert pooled_for(snapshot.head("overall"), ALL, shared) == [None] * 6


@pytest.mark.parametrize("items", [40, 200])
def test_nothing_is_shared_with_too_few_or_enough_items(items: int) -> None:
    snapshot = fitted(simulate(items, measures=False, group_size=1))
    assert shared_weights(snapshot, {h.name: ALL for h in snapshot.heads}, _moments(snapshot)) == ()


def test_a_single_criterion_shares_with_nobody() -> None:
    table = simulate(100, criteria=("clarity",), measures=False)
    snapshot = fitted(table, rubric=make_rubric(("clarity",)))
    assert shared_weights(snapshot, {h.name: ALL for h in snapshot.heads}, _moments(snapshot)) == ()


def test_weights_are_drawn_to_pooled_ones() -> None:
    rng = np.random.default_rng(1)
    x, y = rng.uniform(size=(60, 2)), rng.uniform(size=60)
    moments, parts = moments_of(x, y + x @ np.array([3.0, 1.0])), Parts((0, 1), ())
    near = solve(moments, parts, Pull(1e6, None), None, np.array([0.0, 1.0]))
    far = solve(moments, parts, Pull(1e6, None))
    assert near[1] / near.sum() > 0.6 > far[1] / far.sum()


def test_pooled_masks_are_the_same_again() -> None:
    table = simulate(100)
    assert fit_mask(fitted(table), (0, 1, 3)) == fit_mask(fitted(table), (0, 1, 3))
