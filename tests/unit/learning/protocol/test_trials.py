"""Splits of the protocol."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moa_scorer.learning.protocol.trials import trials

GROUPS = [f"g{i // 3}" for i in range(90)]


@settings(max_examples=30, deadline=None)
@given(rated=st.sampled_from([None, 0, 5, 27]), seed=st.integers(0, 1000))
def test_no_group_is_ever_on_both_sides(rated: int | None, seed: int) -> None:
    for trial in trials(GROUPS, rated, 2, seed):
        assert not {GROUPS[i] for i in trial.rated} & {GROUPS[i] for i in trial.new}


def test_folds_score_every_item_once_a_repeat_on_ratings_of_all_others() -> None:
    drawn = trials(GROUPS, None, 2, 0)
    assert [t.repeat for t in drawn] == [0] * 5 + [1] * 5
    assert sorted(np.concatenate([t.new for t in drawn[:5]]).tolist()) == list(range(90))
    assert all(t.rated.size + t.new.size == 90 for t in drawn)


def test_drawn_items_come_from_three_tenths_of_the_groups_and_all_others_are_scored() -> None:
    (trial,) = trials(GROUPS, 20, 1, 0)
    assert trial.rated.size == 20
    assert trial.new.size == 63
    assert len({GROUPS[i] for i in trial.new}) == 21


def test_repeats_differ_and_the_same_seed_draws_the_same() -> None:
    first, second = trials(GROUPS, 20, 2, 7)
    assert first.rated.tolist() != second.rated.tolist()
    assert first.rated.tolist() == trials(GROUPS, 20, 1, 7)[0].rated.tolist()


def test_more_rated_items_than_there_are_is_told() -> None:
    with pytest.raises(ValueError, match="hold 27 items: ask for fewer than 28"):
        trials(GROUPS, 28, 1, 0)


def test_too_few_groups_to_split_are_told() -> None:
    with pytest.raises(ValueError, match="4 groups"):
        trials(["a", "b", "c", "d"] * 5, None, 1, 0)
