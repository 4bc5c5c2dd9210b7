"""The protocol on simulated ratings: a good panel wins, a placebo does not, intervals cover."""

import numpy as np
import pytest

from moa_scorer.calibration.snapshot import OVERALL
from moa_scorer.calibration.table import RatedTable
from moa_scorer.domain.panel import Panel
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.learning.evaluate import (
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
from moa_scorer.learning.ratings import RatedItem

RUBRIC = Rubric(
    name="r", version=1, title="", kinds=("note",), criteria=(Criterion(name="q", description=""),)
)
PANEL_OF_FOUR = Panel(
    name="p", version=1, title="", judges=("a", "b", "c", "d"), quorum=2, default_rubric="r"
)


@pytest.fixture(scope="module")
def task() -> Task:
    rng = np.random.default_rng(3)
    n = 300
    truth = rng.random(n)
    values = np.clip(truth[:, None] + rng.normal(0, 0.25, (n, 4)), 0, 1)
    votes = np.clip(truth[:, None] + rng.normal(0, 0.15, (n, 3)), 0, 1)
    groups = tuple(f"g{i // 3}" for i in range(n))
    items = tuple(
        RatedItem(
            dataset="d",
            id=str(i),
            group=groups[i],
            system="",
            kind="note",
            text="word " * int(rng.integers(3, 30)),
            context="",
            ratings={"q": tuple(votes[i])},
        )
        for i in range(n)
    )
    table = RatedTable(
        columns=("a/q", "b/q", "c/q", "d/q"),
        values=values,
        targets={"q": votes.mean(axis=1)},
        ids=tuple(i.id for i in items),
        groups=groups,
        sources=("",) * n,
        raters=np.full(n, 3.0),
    )
    return Task(
        name="simulated",
        items=items,
        table=table,
        split=lambda train, test: (table.take(train), table.take(test)),
        rubric=RUBRIC,
        panel=PANEL_OF_FOUR,
        kind="note",
        single_raters=True,
    )


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
