"""Figures of moderation against hand-worked constants and scikit-learn."""

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from moa_scorer.learning.embedded.moderation import auc, misses_by_group, recall_at, threshold_at

HUMAN = np.array([0.0, 0.2, 0.4, 0.6, 0.8, 1.0, 1.0, 0.5])
SCORES = np.array([0.1, 0.6, 0.3, 0.4, 0.5, 0.9, 0.8, 0.7])


def test_auc_is_scikit_learns_with_ties() -> None:
    rng = np.random.default_rng(0)
    scores, human = rng.integers(0, 5, 200) / 5, rng.random(200)
    assert auc(scores, human) == pytest.approx(roc_auc_score(human >= 0.5, scores))
    assert np.isnan(auc(scores, np.ones(200)))


def test_no_more_acceptable_items_than_stated_score_below_the_threshold() -> None:
    # Acceptable, ascending: .4 .5 .7 .8 .9; one in five may fall below the line.
    assert threshold_at(SCORES, HUMAN, 0.2) == 0.5
    assert threshold_at(SCORES, HUMAN, 0.0) == 0.4
    assert recall_at(SCORES, HUMAN, 0.2) == pytest.approx(2 / 3)


def test_misses_are_counted_for_every_group_that_is_mentioned_often_enough() -> None:
    human = np.array([0.0] * 40 + [1.0] * 10)
    scores = np.array([0.9] * 10 + [0.1] * 30 + [0.5] * 10)
    mentions = [["a", "b"] if i < 20 else ["a"] for i in range(50)]
    assert misses_by_group(scores, human, mentions, 0.0) == {"a": (0.25, 40)}
