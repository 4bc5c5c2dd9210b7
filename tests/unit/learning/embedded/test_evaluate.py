"""The protocol on simulated ratings: a good panel wins, a placebo does not, intervals cover."""

import numpy as np
import pytest

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.learning.embedded.evaluate import (
    BEST,
    MEAN,
    PANEL,
    PERSON,
    TEXT,
    WORDS,
    Task,
    agreement,
    coverage,
    cross_validate,
    difference,
    random_split,
    shuffled,
)
from tests.fakes.tasks import simulated_task


@pytest.fixture(scope="module")
def task() -> Task:
    return simulated_task()


@pytest.fixture(scope="module")
def folds(task: Task):
    numbers = np.array([int(g[1:]) % 5 for g in task.table.groups])
    return cross_validate(task, numbers)


def test_every_item_is_tested_once_and_never_with_its_group_in_the_fit(task: Task, folds) -> None:
    tested = np.concatenate([f.test for f in folds])
    assert sorted(tested.tolist()) == list(range(task.table.items))
    groups = [{task.table.groups[i] for i in f.test} for f in folds]
    assert not any(a & b for k, a in enumerate(groups) for b in groups[k + 1 :])


def test_four_noisy_judges_beat_the_best_of_them_and_the_word_count(task: Task, folds) -> None:
    for method in (BEST, WORDS, TEXT):
        gap = difference(task, folds, method, OVERALL)
        assert gap.low > 0, method
    assert agreement(task, folds, MEAN, OVERALL).value > agreement(task, folds, BEST, OVERALL).value
    assert agreement(task, folds, PERSON, OVERALL).value > 0.7


def test_a_placebo_has_no_agreement(task: Task) -> None:
    numbers = np.array([int(g[1:]) % 5 for g in task.table.groups])
    placebo = cross_validate(shuffled(task), numbers, baselines=False)
    assert abs(agreement(task, placebo, PANEL, OVERALL).value) < 0.15


def test_intervals_cover_as_stated(task: Task) -> None:
    found = coverage(task, 12)
    assert 0.85 < found.mean < 0.96
    assert found.valid > 0.9


def test_a_random_split_keeps_groups_whole_and_is_the_seeds() -> None:
    groups = [f"g{i % 10}" for i in range(50)]
    train, test = random_split(groups, 4)
    assert not {groups[i] for i in train} & {groups[i] for i in test}
    assert len(test) == 10
    assert random_split(groups, 4)[1].tolist() == test.tolist()
    assert random_split(groups, 5)[1].tolist() != test.tolist()
