"""Rivals are no straw men: oriented, calibrated, complete, and without a look at new ratings."""

from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.learning.protocol.findings import (
    BEST,
    CONSTANT,
    DAWID_SKENE,
    LENGTH,
    MAJORITY,
    MEAN,
    MEDIAN,
    RIDGE,
    RIDGE_MEASURES,
    Z_MEAN,
)
from moa_scorer.learning.protocol.lesson import Lesson, directions, standing, z_mean_of
from moa_scorer.learning.protocol.rivals import rivals_for, unrated
from moa_scorer.learning.protocol.sheet import Array
from moa_scorer.learning.study.study import table_of
from tests.fakes.studies import simulated_study


def lesson(scores: Array, human: Array, *, rated: int = 100, binary: bool = False) -> Lesson:
    return Lesson(
        judges=tuple(f"j{k}" for k in range(scores.shape[1])),
        scores=scores,
        columns=scores,
        measures=np.zeros((len(scores), 0)),
        words=np.zeros(len(scores)),
        train=np.arange(rated),
        target=human[:rated],
        groups=tuple(f"g{i // 2}" for i in range(rated)),
        new=np.arange(rated, len(scores)),
        binary=binary,
    )


def drawn(seed: int = 0, items: int = 300) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    human = rng.random(items)
    noise = rng.normal(size=(items, 3)) * [0.1, 0.3, 0.5]
    return (human[:, None] + noise).clip(0, 1), human


def test_the_best_judge_is_chosen_and_named() -> None:
    scores, human = drawn()
    said = rivals_for(lesson(scores, human))[BEST](lesson(scores, human))
    assert said.judge == "j0"
    assert said.order == pytest.approx(scores[100:, 0])


def test_a_judge_that_scores_the_other_way_changes_no_rival() -> None:
    scores, human = drawn()
    turned = scores.copy()
    turned[:, 1] = 1 - turned[:, 1]
    here, there = lesson(scores, human), lesson(turned, human)
    for name, rival in rivals_for(here).items():
        assert rival(there).value == pytest.approx(rival(here).value, abs=1e-6), name


def test_a_judge_is_turned_round_only_where_the_ratings_are_clear_about_it() -> None:
    rng = np.random.default_rng(0)
    target = rng.random(100)
    scores = np.column_stack([1 - target, rng.random(100), target])
    assert directions(scores, target).tolist() == [-1, 1, 1]
    assert directions(scores[:3], target[:3]).tolist() == [1, 1, 1]


def test_every_rival_answers_every_item_within_the_scale_and_covers_nine_in_ten() -> None:
    scores, human = drawn(items=1000)
    scores[::7, 0] = np.nan
    case = lesson(scores, human, rated=400)
    for name, rival in rivals_for(case).items():
        said = rival(case)
        assert not np.isnan(said.value).any(), name
        assert said.value.min() >= 0, name
        assert said.value.max() <= 1, name
        held = (said.lower <= human[400:]) & (human[400:] <= said.upper)
        assert 0.85 < held.mean() < 0.95, name


def test_no_rival_looks_at_the_ratings_of_new_items() -> None:
    scores, human = drawn()
    other = np.concatenate([human[:100], np.zeros(200)])
    for name, rival in rivals_for(lesson(scores, human)).items():
        assert rival(lesson(scores, human)).value == pytest.approx(rival(lesson(scores, other)).value), name


def test_which_rivals_there_are_follows_from_what_is_known() -> None:
    scores, human = drawn()
    case = lesson(scores, human)
    always = {CONSTANT, BEST, MEAN, Z_MEAN, MEDIAN, RIDGE}
    assert set(rivals_for(case)) == always
    more = replace(case, measures=np.ones((300, 1)), words=np.arange(300.0), binary=True)
    assert set(rivals_for(more)) == always | {RIDGE_MEASURES, LENGTH, MAJORITY, DAWID_SKENE}
    assert set(unrated(case)) == {MEAN, Z_MEAN, MEDIAN}


def test_an_item_that_no_judge_answered_stands_in_the_middle() -> None:
    scores, human = drawn()
    scores[150] = np.nan
    case = lesson(scores, human)
    said = rivals_for(case)[MEDIAN](case)
    assert said.order[50] == pytest.approx(np.median(said.order), abs=0.1)
    assert unrated(case)[MEAN].order[50] == pytest.approx(np.median(unrated(case)[MEAN].order), abs=0.01)


def test_longer_texts_may_be_worse() -> None:
    scores, human = drawn()
    case = replace(lesson(scores, human), words=1 - human)
    said = rivals_for(case)[LENGTH](case)
    assert np.corrcoef(said.order, human[100:])[0, 1] == pytest.approx(1.0)


def test_the_z_mean_gives_a_judge_with_a_wide_spread_no_more_weight() -> None:
    narrow, wide = np.array([0.5, 0.51, 0.49]), np.array([0.0, 0.5, 1.0])
    said = z_mean_of(np.column_stack([narrow, wide]))
    # Each in units of its own spread: (0, 1.22, -1.22) and (-1.22, 0, 1.22).
    assert said == pytest.approx(np.array([-1.5, 1.5, 0.0]) / np.sqrt(6))


def test_a_judge_stands_by_its_own_column_of_the_criterion() -> None:
    study = simulated_study({"ann": 1.0, "bob": 1.0}, items=20)
    table = table_of(study)
    judges, scores = standing(table, "depth")
    assert judges == ("ann", "bob")
    assert scores[:, 0] == pytest.approx(table.values[:, table.columns.index("ann/depth")])
    _, overall = standing(table, "overall")
    assert overall[:, 1] == pytest.approx(table.values[:, [2, 3]].mean(axis=1))
