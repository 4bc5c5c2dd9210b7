"""One-coin Dawid-Skene on votes of known reliability."""

import numpy as np
import pytest

from moa_scorer.learning.protocol.dawid_skene import one_coin

NAN = np.nan


def test_reliable_judges_outvote_coins() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random(400) < 0.5).astype(float)
    right = rng.random((400, 7)) < np.array([0.9, 0.9, 0.5, 0.5, 0.5, 0.5, 0.5])
    votes = np.where(right, truth[:, None], 1 - truth[:, None])
    known = np.where(np.arange(400) < 50, truth, NAN)
    new = np.arange(400) >= 50
    said = one_coin(votes, known)[new] > 0
    by_count = votes[new].mean(axis=1) > 0.5
    assert (said == truth[new]).mean() > (by_count == truth[new]).mean() + 0.1


def test_an_item_without_votes_has_the_odds_of_the_rest() -> None:
    votes = np.array([[1.0, 1.0], [1.0, 1.0], [0.0, 0.0], [NAN, NAN]])
    odds = one_coin(votes, np.array([1.0, 1.0, 0.0, NAN]))
    assert odds[2] < odds[3] < odds[0]


def test_known_answers_make_a_reversed_judge_count_the_other_way() -> None:
    truth = np.tile([0.0, 1.0], 30)
    known = np.where(np.arange(60) < 40, truth, NAN)
    odds = one_coin((1 - truth)[:, None], known)
    assert ((odds > 0) == (truth > 0)).all()


def test_nothing_depends_on_the_order_of_judges() -> None:
    votes = (np.random.default_rng(1).random((30, 3)) < 0.6).astype(float)
    known = np.full(30, NAN)
    assert one_coin(votes, known) == pytest.approx(one_coin(votes[:, ::-1], known))
