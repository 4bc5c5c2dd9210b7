"""A batch that is unlike the rated items is found, one that is like them is left alone."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.verdict import CertificateStatus
from moa_scorer.learning.loop.drift_batch import watch_batch, withheld
from moa_scorer.learning.predict import predict
from tests.fakes.ratings import fitted, make_panel, make_rubric, simulate

SNAPSHOT = fitted(simulate(300, seed=1))


def other_site(items: int = 300, seed: int = 2) -> RatedTable:
    """Items that one judge sees one standard deviation more kindly."""
    table = simulate(items, seed=seed)
    moved = table.values.copy()
    moved[:, 0] = (moved[:, 0] + 0.25).clip(0, 1)
    return replace(table, values=moved)


def test_items_like_the_rated_ones_raise_no_alarm_whatever_their_order() -> None:
    table = simulate(300, seed=2)
    by_score = table.take(np.argsort(table.values[:, 0], kind="stable"))

    assert not watch_batch(SNAPSHOT, table).alarm
    assert not watch_batch(SNAPSHOT, by_score).alarm


def test_a_shift_of_one_judge_is_found_and_the_judge_is_named() -> None:
    watch = watch_batch(SNAPSHOT, other_site())

    assert watch.alarm
    assert next(iter(watch.columns)).startswith("ann/clarity")
    assert "ann/clarity" in watch.words


def test_false_alarms_are_rare_although_items_of_a_group_are_alike() -> None:
    alarms = 0
    for seed in range(25):
        rated = fitted(simulate(150, group_size=10, group_noise=1.0, seed=2 * seed))
        new = simulate(100, group_size=10, group_noise=1.0, seed=2 * seed + 1)
        alarms += watch_batch(rated, new).alarm

    assert alarms <= 1, f"{alarms} of 25 batches"


def test_judges_that_never_answered_are_no_evidence() -> None:
    table = simulate(300, seed=2)
    without = table.values.copy()
    without[:, :2] = np.nan
    alone = table.columns.index("bob/clarity")

    assert not watch_batch(SNAPSHOT, replace(table, values=without)).alarm
    assert not watch_batch(
        SNAPSHOT, replace(table, columns=table.columns[alone:], values=table.values[:, alone:])
    ).alarm


def test_after_an_alarm_no_item_of_the_batch_is_valid() -> None:
    batch = other_site(120)
    found = withheld(predict(SNAPSHOT, batch, make_rubric(), make_panel(), kind="essay"))

    assert watch_batch(SNAPSHOT, batch).alarm
    assert found.share(CertificateStatus.VALID) == 0
    assert found.share(CertificateStatus.OUT_OF_SUPPORT) == 1
    assert all(np.isnan(x).all() for x in (*found.lower.values(), *found.upper.values()))
    assert not np.isnan(found.scores["overall"]).any(), "the ordering stays"


def test_ratings_chosen_at_unequal_chances_stand_for_all_items() -> None:
    pool = simulate(1200, group_size=1, seed=3)
    chance = np.where(pool.values[:, 0] < 0.5, 0.6, 0.06)
    chosen = np.flatnonzero(np.random.default_rng(4).random(1200) < chance)
    fair = replace(pool.take(chosen), propensity=chance[chosen])

    assert not watch_batch(fitted(fair), simulate(300, group_size=1, seed=5)).alarm
    assert watch_batch(fitted(replace(fair, propensity=None)), simulate(300, group_size=1, seed=5)).alarm


def test_the_same_seed_gives_the_same_evidence() -> None:
    assert watch_batch(SNAPSHOT, other_site(), seed=3) == watch_batch(SNAPSHOT, other_site(), seed=3)


@pytest.mark.parametrize("items", [0, 1])
def test_no_batch_is_too_small_to_be_looked_at(items: int) -> None:
    table = simulate(300, seed=2)

    assert not watch_batch(SNAPSHOT, table.take(np.arange(items))).alarm
