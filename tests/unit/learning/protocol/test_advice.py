"""What to do, from paired differences."""

import math

import pytest

from moa_scorer.learning.protocol.advice import advise
from moa_scorer.learning.protocol.findings import (
    AVERAGE,
    BEST,
    MEAN,
    PANEL,
    Advice,
    Difference,
    Estimate,
    Measured,
)


def estimate(value: float, half: float = 0.0) -> Estimate:
    return Estimate(value=value, low=value - half, high=value + half, fifth=math.nan, sd=math.nan)


def advice(gap: float, half: float, *, over_mean: float = 0.1, judges: int = 4) -> Advice:
    figures = [
        Measured(method=m, criterion=AVERAGE, metric="spearman", estimate=estimate(v))
        for m, v in ((PANEL, 0.5 + gap), (BEST, 0.5), (MEAN, 0.5 + gap - over_mean))
    ]
    differences = [
        Difference(
            rival=r,
            criterion=AVERAGE,
            metric="spearman",
            estimate=estimate(v, half),
            better=True if v > half else False if v < -half else None,
        )
        for r, v in ((BEST, gap), (MEAN, over_mean))
    ]
    return advise(figures, differences, primary="spearman", judge="ann", items=100, judges=judges)


def test_a_panel_that_is_clearly_better_is_to_be_used() -> None:
    found = advice(0.05, 0.02)
    assert found.choice == "panel"
    assert "+0.050 (95 % interval +0.030 to +0.070)" in found.words
    assert "also beats every simpler way" in found.words


def test_a_judge_that_is_clearly_better_than_the_panel_is_to_be_used_alone() -> None:
    found = advice(-0.05, 0.02)
    assert (found.choice, found.judge) == ("judge", "ann")
    assert found.words.startswith("Use the single judge ann.")


def test_an_open_question_says_how_many_ratings_would_close_it() -> None:
    # Twice as wide as the difference: four times the items, three times as many more.
    found = advice(0.02, 0.04)
    assert (found.choice, found.more) == ("collect", 300)
    assert "1/sqrt(n)" in found.words


def test_a_difference_too_small_to_matter_is_not_worth_ratings() -> None:
    assert advice(0.001, 0.04).choice == "judge"
    assert advice(0.0, 0.04).choice == "judge"


def test_a_simpler_method_that_does_as_well_is_named() -> None:
    assert "A simpler method, mean, does about as well" in advice(0.05, 0.02, over_mean=0.01).words
    assert "A simpler method, mean, is better than" in advice(0.05, 0.02, over_mean=-0.1).words


def test_without_ratings_there_is_nothing_to_compare() -> None:
    found = advise([], [], primary="spearman", judge="", items=10, judges=2)
    assert found.choice == "collect"
    assert found.more is None


@pytest.mark.parametrize("gap", [0.02, -0.02])
def test_a_single_judge_is_never_told_to_wait_for_itself(gap: float) -> None:
    assert advice(gap, 0.04, judges=1).choice == "judge"


def test_where_people_rated_all_items_alike_no_judge_is_recommended() -> None:
    found = advice(math.nan, math.nan)
    assert (found.choice, found.judge, found.more) == ("collect", "", None)
    assert "nan" not in found.words
