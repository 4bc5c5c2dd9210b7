"""Thresholds with a bound on their errors."""

import math

import numpy as np
import pytest

from moa_scorer.learning.choice.judged import judge_study
from moa_scorer.learning.choice.thresholds import Judged, Thresholds, pick_thresholds
from tests.fakes.studies import simulated_study


def judged(items: int, rng: np.random.Generator, *, group_size: int = 1, noise: float = 0.15) -> Judged:
    """Good with a probability that rises with the score; the items of a group are alike."""
    groups = np.arange(items) // group_size
    score = rng.random(groups.max() + 1)[groups]
    good = score + noise * rng.normal(size=items) > 0.5
    return Judged(low=score, high=score, good=good, groups=groups, spread=score)


def picked(found: Judged, allowed: float = 0.05, confidence: float = 0.9) -> Thresholds:
    return pick_thresholds(found, false_rejects=allowed, false_accepts=allowed, confidence=confidence)


TRUTH = judged(200_000, np.random.default_rng(99))


def true_errors(found: Thresholds) -> tuple[float, float]:
    """The errors of these thresholds on the population."""
    reject, accept = found.reject.threshold, found.accept.threshold
    rejected = np.zeros(TRUTH.good.size, bool) if reject is None else TRUTH.low < reject
    accepted = np.zeros(TRUTH.good.size, bool) if accept is None else TRUTH.low >= accept
    return float(rejected[TRUTH.good].mean()), float(accepted[~TRUTH.good].mean())


@pytest.mark.parametrize(("items", "group_size"), [(300, 1), (1200, 4)])
def test_both_errors_stay_within_bounds_as_often_as_stated(items: int, group_size: int) -> None:
    kept, runs = 0, 200
    for seed in range(runs):
        found = picked(judged(items, np.random.default_rng(seed), group_size=group_size))
        kept += max(true_errors(found)) <= 0.05
    assert kept / runs >= 0.9


def test_many_ratings_come_close_to_the_allowed_error() -> None:
    found = picked(judged(20_000, np.random.default_rng(1)))
    assert found.reject.seen == pytest.approx(0.05, abs=0.012)
    assert found.reject.bound <= 0.05
    assert found.review < 0.4


def test_shares_add_up() -> None:
    found = picked(judged(600, np.random.default_rng(2)))
    assert found.reject.decided + found.accept.decided + found.review == pytest.approx(1.0)
    assert found.reject.threshold is not None
    assert found.accept.threshold is not None
    assert found.reject.threshold <= found.accept.threshold


def test_perfect_scores_leave_nothing_to_people() -> None:
    found = picked(judged(2000, np.random.default_rng(3), noise=0.0), allowed=0.2)
    assert found.reject.threshold == found.accept.threshold
    assert found.review == 0.0


def test_too_few_ratings_support_nothing_and_say_how_many_would() -> None:
    found = picked(judged(60, np.random.default_rng(4)))
    assert found.reject.threshold is None
    assert found.reject.bound == 1.0
    assert math.isnan(found.reject.wrong)
    assert found.review == 1.0 - found.accept.decided
    assert 59 * 60 / found.reject.trials <= found.reject.needed < 59 * 60 / found.reject.trials + 1


def test_copies_of_items_are_no_evidence() -> None:
    rng = np.random.default_rng(5)
    once = judged(60, rng)
    copies = Judged(
        **{f: np.repeat(getattr(once, f), 10) for f in ("low", "high", "good", "groups", "spread")}
    )
    assert picked(copies).reject.threshold is None


def test_items_without_a_number_are_left_to_people() -> None:
    rng = np.random.default_rng(6)
    found = judged(1000, rng)
    unknown = rng.random(1000) < 0.3
    gaps = np.where(unknown, np.nan, found.low)
    assert (
        picked(Judged(low=gaps, high=gaps, good=found.good, groups=found.groups, spread=gaps)).review >= 0.28
    )


def test_scores_that_say_nothing_decide_little() -> None:
    rng = np.random.default_rng(7)
    score = rng.random(2000)
    found = picked(
        Judged(low=score, high=score, good=rng.random(2000) < 0.5, groups=np.arange(2000), spread=score)
    )
    assert found.review > 0.88


def test_all_good_items_show_nothing_of_false_acceptances() -> None:
    score = np.linspace(0, 1, 500)
    good = np.ones(500, dtype=bool)
    found = picked(Judged(low=score, high=score, good=good, groups=np.arange(500), spread=score))
    assert found.accept.threshold is None
    assert found.accept.trials == 0


def test_a_study_is_judged_by_fits_that_did_not_see_its_items() -> None:
    study = simulated_study({"good": 1.2, "other": 1.0}, items=300)
    told: list[int] = []
    found = judge_study(study, good_from=0.5, progress=lambda: told.append(1))
    assert len(told) == 5
    assert 0.3 < found.good.mean() < 0.7
    assert np.corrcoef(found.spread[~np.isnan(found.spread)], found.good[~np.isnan(found.spread)])[0, 1] > 0.5
    wide = judge_study(study, good_from=0.5, interval=True)
    known = ~np.isnan(wide.low)
    assert np.all(wide.low[known] <= found.low[known])
    assert np.all(wide.high[known] >= found.high[known])


def test_a_criterion_that_nobody_rated_is_an_error() -> None:
    with pytest.raises(ValueError, match="nobody rated charm; there are clarity, depth"):
        judge_study(simulated_study({"good": 1.0}), good_from=0.5, criterion="charm")
