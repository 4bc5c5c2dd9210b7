"""Ratings that are no random sample: a group that judges overrate is rarely reviewed, or never.

The design's warning: such a group was covered at .64 while the whole showed .92.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from moa_scorer.calibration.snapshot import OVERALL, Snapshot
from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.loop.gate import Outcome, judged
from moa_scorer.learning.predict import Predictions
from tests.fakes.ratings import unit
from tests.statistical.simulated import inside, items, learnt, said, truth

JUDGES = {"ann": 1.0, "bob": 0.8, "cid": 0.6}
OVERRATED = 1.2
"""How far judges raise the group's scores, in standard deviations of the truth."""
GROUP = 0.15
"""The group's share of all items."""
RATED = 800
"""About so many items are reviewed."""
OFTEN, RARELY = 0.3, 0.04
"""Chances that an item is reviewed: of most, and of the group."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """Two fits of the same reviews, one that never reviewed the group, and new items drawn at random."""

    weighted: Snapshot
    plain: Snapshot
    never: Snapshot
    asked: RatedTable
    group: NDArray[np.bool_]


def population(count: int, seed: int) -> tuple[RatedTable, NDArray[np.bool_]]:
    """Items of which judges overrate a group, and who is of it; nothing else tells it."""
    table = items(count, seed, JUDGES)
    group = np.random.default_rng([seed, 6]).random(count) < GROUP
    raised = np.log(table.values / (1 - table.values)) + OVERRATED * group[:, None]
    return replace(table, values=unit(raised)), group


def world(seed: int) -> World:
    everything, group = population(3000, 2 * seed)
    rng = np.random.default_rng([seed, 7])
    chance = np.where(group, RARELY, OFTEN)
    reviewed = rng.random(3000) < chance
    ratings = everything.take(np.flatnonzero(reviewed))
    never = everything.take(np.flatnonzero((rng.random(3000) < OFTEN) & ~group))
    asked, asked_group = population(600, 2 * seed + 1)
    return World(
        weighted=learnt(replace(ratings, propensity=chance[reviewed])),
        plain=learnt(ratings),
        never=learnt(never),
        asked=asked,
        group=asked_group,
    )


@pytest.fixture(scope="module")
def worlds() -> Sequence[World]:
    return [world(seed) for seed in range(6)]


def coverage(snapshots: Sequence[Snapshot], worlds: Sequence[World]) -> float:
    held = [inside(said(s, w.asked), w.asked) for s, w in zip(snapshots, worlds, strict=True)]
    return float(np.mean(np.concatenate(held)))


def test_weighed_by_their_chances_rare_reviews_keep_the_coverage_of_the_whole(
    worlds: Sequence[World],
) -> None:
    weighted = coverage([w.weighted for w in worlds], worlds)
    plain = coverage([w.plain for w in worlds], worlds)

    assert 0.87 <= weighted <= 0.93, f"{weighted:.3f}"
    assert plain < 0.85, f"{plain:.3f}: the weights have nothing to mend"


def test_and_the_level_of_the_scores(worlds: Sequence[World]) -> None:
    def too_high(of: str) -> float:
        return float(
            np.mean([said(getattr(w, of), w.asked).scores[OVERALL] - truth(w.asked) for w in worlds])
        )

    assert abs(too_high("weighted")) < 0.01, f"{too_high('weighted'):.4f}"
    assert too_high("plain") > 0.02, f"{too_high('plain'):.4f}"


def test_a_group_that_nobody_ever_reviewed_is_found_by_a_random_audit_and_by_nothing_else(
    worlds: Sequence[World],
) -> None:
    for own in worlds:
        found = said(own.never, own.asked)

        assert gate(found, own.asked, ~own.group) is not Outcome.FAIL, (
            "items like the reviewed ones show nothing"
        )
        assert gate(found, own.asked, np.ones(own.asked.items, dtype=bool)) is Outcome.FAIL


def gate(found: Predictions, table: RatedTable, audited: NDArray[np.bool_]) -> Outcome:
    """What the gate says of the snapshot as a candidate that errs as its parent does."""
    held = inside(found, table, audited)
    errors = (found.scores[OVERALL] - truth(table))[audited]
    return judged(
        (errors, errors),
        [str(i) for i in range(errors.size)],
        {},
        valid=held.size,
        covered=int(held.sum()),
        coverage=0.9,
        fitted=RATED,
    ).outcome
