import numpy as np
import pytest

from moa_scorer.learning.planning.need import (
    Scores,
    disagreement,
    need,
    oriented_ranks,
    rank_shares,
    remoteness,
    scores_of,
    standing,
)

NAN = float("nan")


def test_mid_ranks_are_shared_by_equals_and_unknown_where_nothing_is_known() -> None:
    assert rank_shares(np.array([3.0, NAN, 1.0, 3.0, 9.0])).tolist() == pytest.approx(
        [0.5, NAN, 0.125, 0.5, 0.875], nan_ok=True
    )


def test_scores_stand_by_id_and_an_unseen_item_is_a_row_of_nothing() -> None:
    said = {"b": {"x/c": 2.0}, "a": {"x/c": 1.0, "y/c": 7.0}}

    found = scores_of(["a", "z", "b"], said)

    assert found.columns == ("x/c", "y/c")
    assert found.values.tolist() == pytest.approx(np.array([[1, 7], [NAN, NAN], [2, NAN]]), nan_ok=True)


def test_judges_on_other_scales_or_of_the_other_direction_do_not_disagree() -> None:
    quality = np.arange(8.0)
    scores = Scores(columns=("a/c", "b/c", "c/c"), values=np.column_stack([quality, 10 * quality, -quality]))

    ranks = oriented_ranks(scores)

    assert disagreement(scores.columns, ranks) == pytest.approx(np.zeros(8))


def test_the_item_that_judges_rank_differently_is_where_they_disagree_most() -> None:
    values = np.column_stack([np.arange(9.0), np.arange(9.0), np.arange(9.0)])
    values[2, 2] = 8.5

    found = disagreement(
        ("a/c", "b/c", "c/c"), oriented_ranks(Scores(columns=("a/c", "b/c", "c/c"), values=values))
    )

    assert int(np.argmax(found)) == 2


def test_judges_are_compared_within_a_criterion_where_two_share_one() -> None:
    ranks = np.array([[0.1, 0.1, 0.9], [0.2, 0.4, 0.9]])

    assert disagreement(("a/c", "b/c", "a/d"), ranks) == pytest.approx([0.0, np.std([0.2, 0.4], ddof=1)])
    assert disagreement(("a/c", "a/d", "a/e"), ranks)[0] == pytest.approx(np.std(ranks[0], ddof=1))


def test_one_score_is_no_disagreement() -> None:
    ranks = np.array([[0.1, NAN], [NAN, NAN]])

    assert np.isnan(disagreement(("a/c", "b/c"), ranks)).all()


def test_items_are_remote_that_no_rated_one_is_like() -> None:
    ranks = np.array([[0.1, 0.1], [0.2, 0.1], [0.9, NAN], [NAN, NAN]])

    found = remoteness(ranks, np.array([True, False, False, False]))

    assert found.tolist() == pytest.approx([0.0, 0.005, 0.64, NAN], nan_ok=True)


def test_nothing_is_remote_while_nothing_is_rated() -> None:
    assert np.isnan(remoteness(np.array([[0.1], [0.9]]), np.zeros(2, dtype=bool))).all()


def test_standing_is_by_criterion_and_unknown_without_a_score() -> None:
    ranks = np.array([[0.2, 0.4, NAN], [NAN, NAN, 0.7]])

    assert standing(("a/c", "b/c", "a/d"), ranks).tolist() == pytest.approx(
        np.array([[0.3, NAN], [NAN, 0.7]]), nan_ok=True
    )


def test_need_is_the_mean_rank_of_what_is_known_and_middling_where_nothing_is() -> None:
    found = need({"wide": np.array([1.0, 2.0, NAN]), "odd": np.array([5.0, NAN, NAN])})

    assert found == pytest.approx([0.375, 0.75, 0.5])


def test_without_ballots_there_is_nothing_to_stand_or_disagree_on() -> None:
    scores = scores_of(["a", "b"], {})

    ranks = oriented_ranks(scores)

    assert standing(scores.columns, ranks).shape == (2, 0)
    assert np.isnan(disagreement(scores.columns, ranks)).all()
