"""Scales that nobody declared: lent by raters or siblings only where the judge's own look is not plain."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.learning.study.scale_guess import Ends, Guess, Scores, doubts, guess_scales

RATERS: tuple[Ends, ...] = ((0.0, 1.0),)


def scores(*values: float, times: int = 8) -> Scores:
    return np.array([*values] * times, dtype=float)


TEN = scores(0, 2, 4, 6, 8, 10)
"""Plainly on 0 to 10."""
STARS = scores(1, 2, 3, 4, 5)
PARTS = scores(0.031, 0.497, 0.8, 0.92)
TIMID = scores(2, 3, 4, 5)
"""Of a judge that keeps away from the ends, and looks to be on 1 to 5."""
SETS = {"llama": TEN, "gpt": PARTS, "stars": STARS}


def ends(sets: dict[str, Scores], human: Sequence[Ends] = RATERS) -> dict[str, Ends]:
    return {judge: guess.ends for judge, guess in guess_scales(sets, {}, human).items()}


def test_judges_on_three_scales_keep_their_own() -> None:
    found = guess_scales(SETS, {}, RATERS)

    assert found == {
        "llama": Guess(ends=(0, 10)),
        "gpt": Guess(ends=(0, 1)),
        "stars": Guess(ends=(1, 5)),
    }


WHOLE = st.lists(st.integers(0, 10).map(float), min_size=1, max_size=30)
FRACTIONS = st.lists(st.floats(-2, 101), min_size=1, max_size=30)
JUDGES = st.dictionaries(st.sampled_from("abcdefg"), (WHOLE | FRACTIONS).map(np.array), min_size=1)
HUMAN = st.lists(st.sampled_from([(0.0, 1.0), (1.0, 5.0), (1.0, 3.0), (0.0, 10.0)]), max_size=2)


@given(JUDGES, HUMAN, st.randoms(use_true_random=False))
def test_the_order_of_judges_items_and_criteria_does_not_matter(
    sets: dict[str, Scores], human: list[Ends], order: random.Random
) -> None:
    names = list(sets)
    order.shuffle(names)
    shuffled = {j: np.array(order.sample(list(sets[j]), len(sets[j]))) for j in names}
    found, again = guess_scales(sets, {}, human), guess_scales(shuffled, {}, human[::-1])

    assert found == again
    assert list(doubts(found)) == list(doubts(again))


@given(JUDGES, HUMAN)
def test_a_scale_holds_nearly_all_scores_of_its_judge(sets: dict[str, Scores], human: list[Ends]) -> None:
    for judge, (low, high) in ends(sets, human).items():
        assert low < high
        assert np.mean((sets[judge] >= low) & (sets[judge] <= high)) >= 0.99


@pytest.mark.parametrize(
    ("third", "expected"),
    [
        (TIMID, Guess(ends=(0, 10), instead=(1, 5))),
        (scores(1, 2, 5, times=2), Guess(ends=(0, 10), instead=(1, 5))),
        (scores(*[1, 5] * 60, 9, times=1), Guess(ends=(0, 10))),
        (STARS, Guess(ends=(1, 5), instead=(0, 10))),
        (TIMID + 0.5, Guess(ends=(1, 7), instead=(0, 10))),
        (PARTS, Guess(ends=(0, 1))),
        (scores(3, 55), Guess(ends=(0, 100))),
    ],
    ids=[
        "keeps off an end",
        "too few to tell",
        "goes beyond",
        "uses both ends",
        "no whole",
        "parts",
        "wider",
    ],
)
def test_beside_two_judges_on_0_to_10(third: Scores, expected: Guess) -> None:
    assert guess_scales({"a": TEN, "b": TEN, "c": third}, {}, RATERS)["c"] == expected


def test_siblings_with_fractions_lend_to_one_with_fractions() -> None:
    halves = TEN / 2 * 1.9

    assert ends({"a": halves, "b": halves, "c": TIMID + 0.5})["c"] == (0, 10)


def test_half_of_the_judges_are_no_majority() -> None:
    assert ends({"a": TEN, "b": TEN, "c": TIMID, "d": PARTS})["c"] == (1, 5)


def test_declared_scales_speak_for_those_nobody_declared() -> None:
    found = guess_scales({"a": STARS, "b": STARS, "c": TIMID}, {"a": (0, 9), "b": (0, 9)}, RATERS)

    assert found == {"c": Guess(ends=(0, 9), instead=(1, 5))}


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (scores(1, 2, 3), Guess(ends=(1, 3))),
        (TIMID, Guess(ends=(1, 5))),
        (PARTS, Guess(ends=(0, 1))),
        (scores(0, 1, times=20), Guess(ends=(0, 1), instead=(0, 3))),
    ],
    ids=["on theirs", "off theirs", "parts of one", "plain on its own"],
)
def test_beside_raters_alone(own: Scores, expected: Guess) -> None:
    human = [(1.0, 3.0)] if own.min() >= 1 else [(0.0, 3.0)]

    assert guess_scales({"a": own}, {}, human) == {"a": expected}


def test_a_judge_on_the_raters_scale_is_not_lent_that_of_others() -> None:
    found = guess_scales({"a": TEN, "b": TEN, "c": TIMID}, {}, [(1.0, 5.0)])

    assert found["c"] == Guess(ends=(1, 5), instead=(0, 10))


def test_a_doubt_says_what_to_do_once_for_all_judges_alike() -> None:
    found = guess_scales({"z": TEN, "y": TEN, "x": TEN, "d": STARS, "c": STARS}, {}, RATERS)

    assert list(doubts(found)) == [
        "scores of c, d are taken to be on 1 to 5, though 0 to 10 holds them too: "
        "say --scale JUDGE=WORST:BEST to be sure"
    ]
