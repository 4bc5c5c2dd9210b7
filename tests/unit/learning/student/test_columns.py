"""The student's columns never know the rating of their own item."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.table import RatedTable
from moa_scorer.learning.student.columns import (
    COLUMNS,
    RatedComments,
    cross_fitted,
    rated_comments,
    split_with_student,
)
from moa_scorer.learning.study.ratings import RatedItem

GROUPS = 40


def noise_items() -> list[RatedItem]:
    """Texts of words that no other group uses, with ratings that nothing can predict."""
    rng = np.random.default_rng(1)
    found = []
    for group in range(GROUPS):
        rating = float(rng.uniform())
        for copy in range(3):
            found.append(
                RatedItem(
                    dataset="made",
                    id=f"made/{group}-{copy}",
                    group=f"made/{group}",
                    system="",
                    kind="comment",
                    text=f"term{group}a term{group}b {copy}",
                    context="",
                    ratings={"civility": (rating,)},
                )
            )
    return found


def table_of(items: Sequence[RatedItem], columns: tuple[str, ...], values: np.ndarray) -> RatedTable:
    return RatedTable(
        columns=columns,
        values=values,
        targets={"civility": np.array([i.mean("civility") for i in items], dtype=float)},
        ids=tuple(i.id for i in items),
        groups=tuple(i.group for i in items),
        sources=tuple(i.dataset for i in items),
        raters=np.ones(len(items)),
    )


@pytest.fixture(scope="module")
def items() -> list[RatedItem]:
    return noise_items()


@pytest.fixture(scope="module")
def taught(items: list[RatedItem]) -> RatedComments:
    return rated_comments(items, {})


def test_columns_are_added_before_the_measures(items: list[RatedItem], taught: RatedComments) -> None:
    table = table_of(items, ("judge/a", "measures/words"), np.ones((len(items), 2)))
    filled = cross_fitted(table, taught, np.arange(60))
    assert filled.columns == ("judge/a", *COLUMNS, "measures/words")
    assert filled.items == 60


def test_scores_of_the_served_student_are_replaced_and_abstentions_stay(
    items: list[RatedItem], taught: RatedComments
) -> None:
    targets = np.array([i.mean("civility") for i in items], dtype=float)
    leaking = np.column_stack([targets, targets, targets])
    leaking[5] = np.nan
    table = table_of(items, COLUMNS, leaking)
    filled = cross_fitted(table, taught, np.arange(len(items)))
    assert np.isnan(filled.values[5]).all()
    here = ~np.isnan(filled.values[:, 0])
    # Below zero is right: without an item's own rating the mean of the rest leans away from it.
    assert np.corrcoef(filled.values[here, 0], targets[here])[0, 1] < 0.3


def test_training_columns_do_not_change_with_ratings_of_the_test_items(items: list[RatedItem]) -> None:
    train, test = np.arange(60), np.arange(60, 120)
    table = table_of(items, ("judge/a",), np.ones((len(items), 1)))
    taught = rated_comments(items, {})
    before = split_with_student(table, taught, train, test)
    taught.targets[test] = 1 - taught.targets[test]
    after = split_with_student(table, taught, train, test)
    assert np.array_equal(before[0].values, after[0].values)
    assert np.array_equal(before[1].values, after[1].values)


def test_a_comment_nobody_rated_cannot_teach(items: list[RatedItem]) -> None:
    with pytest.raises(ValueError, match="civility"):
        rated_comments([replace(items[0], ratings={"other": (0.5,)})], {})


def test_comments_outside_the_table_teach_unless_they_are_reserved_or_of_a_test_group() -> None:
    words = ("awful", "lovely")
    items = [
        replace(noise_items()[0], id=f"made/{i}", group=f"made/{i}", text=f"{words[i % 2]} thing", ratings=r)
        for i in range(120)
        for r in ({"civility": (float(i % 2),)},)
    ]
    table = table_of(items[100:], ("judge/a",), np.ones((20, 1)))
    train, test = np.arange(4), np.arange(4, 20)
    rich = split_with_student(table, rated_comments(items, {}), train, test)[1]
    fewer = rated_comments(items, {}, [i.group for i in items[:100]])
    poor = split_with_student(table, fewer, train, test)[1]
    truth = np.array([i % 2 for i in range(104, 120)])

    def gap(found: RatedTable) -> float:
        scores = found.values[:, found.columns.index(COLUMNS[0])]
        return float(scores[truth == 1].mean() - scores[truth == 0].mean())

    assert gap(rich) > 0.8 > gap(poor)
