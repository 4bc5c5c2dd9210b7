import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from moa_scorer.learning.planning import pivotal
from moa_scorer.learning.planning.pivotal import local_pivotal, proportional

Sizes = st.lists(st.floats(0.01, 100), min_size=1, max_size=40)


Chosen = NDArray[np.intp]


def drawn(chances: NDArray[np.float64], seed: int, groups: NDArray[np.intp] | None = None) -> Chosen:
    places = np.linspace(0, 1, chances.size)[:, None]
    own = np.arange(chances.size) if groups is None else groups
    return local_pivotal(chances, places, own, np.random.default_rng(seed))


@given(Sizes, st.integers(1, 40))
def test_probabilities_are_never_zero_and_sum_to_the_count(sizes: list[float], count: int) -> None:
    count = min(count, len(sizes))

    chances = proportional(np.array(sizes), count)

    assert chances.sum() == pytest.approx(count)
    assert ((chances > 0) & (chances <= 1)).all()


def test_what_would_exceed_one_is_certain_and_the_rest_share_what_is_left() -> None:
    assert proportional(np.array([8.0, 1.0, 1.0, 2.0]), 2).tolist() == [1.0, 0.25, 0.25, 0.5]


@settings(max_examples=40)
@given(Sizes, st.integers(1, 40), st.integers(0, 5))
def test_the_sample_has_exactly_the_size_asked_for(sizes: list[float], count: int, seed: int) -> None:
    count = min(count, len(sizes))

    chosen = drawn(proportional(np.array(sizes), count), seed)

    assert len(set(chosen.tolist())) == chosen.size == count


def test_each_item_is_chosen_as_often_as_its_probability_says() -> None:
    chances = proportional(np.array([1.0, 2.0, 3.0, 4.0, 5.0, 9.0]), 3)
    times = np.zeros(6)
    for seed in range(3000):
        times[drawn(chances, seed)] += 1

    assert np.abs(times / 3000 - chances).max() < 4 * np.sqrt(0.25 / 3000)


def test_blocks_keep_size_and_probabilities(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pivotal, "BLOCK", 8)
    chances = proportional(np.arange(1.0, 31.0), 10)
    times = np.zeros(30)
    for seed in range(1000):
        chosen = drawn(chances, seed)
        assert chosen.size == 10
        times[chosen] += 1

    assert np.abs(times / 1000 - chances).max() < 4.5 * np.sqrt(0.25 / 1000)


def test_neighbours_are_seldom_chosen_together() -> None:
    halves = np.full(100, 0.1)

    for seed in range(20):
        tenths = drawn(halves, seed) // 10
        assert len(set(tenths.tolist())) >= 7  # ten independent draws fill 6.5 of ten tenths


def test_groups_share_the_sample_evenly() -> None:
    groups = np.repeat(np.arange(10), 10)

    for seed in range(20):
        assert np.bincount(groups[drawn(np.full(100, 0.2), seed, groups)], minlength=10).tolist() == [2] * 10
