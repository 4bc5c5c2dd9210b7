"""What subsets of judges are worth, and the intervals over groups."""

import math
from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.calibration.snapshot import Snapshot
from moa_scorer.learning.choice.selection import fitted
from moa_scorer.learning.choice.worth import Evidence, evidence_of, gain, mean_over_groups, squared_errors
from moa_scorer.learning.study.study import table_of
from tests.fakes.studies import simulated_study


def fitted_made() -> Snapshot:
    study = simulated_study({"good": 1.0}, items=60)
    return fitted(study, table_of(study, measures=False), 0)


def evidence(**options: object) -> Evidence:
    study = simulated_study({"good": 1.0, "weak": 0.4, "noise": 0.0}, **options)  # type: ignore[arg-type]
    return evidence_of(fitted(study, table_of(study, measures=False), 0))


def test_without_judges_the_error_is_that_of_the_mean() -> None:
    found = evidence()
    assert squared_errors(found, ()).mean() / found.variance == pytest.approx(1.0, abs=0.05)


def test_a_good_judge_takes_away_more_than_a_weak_one_and_noise_nothing() -> None:
    found = evidence(items=400)
    nobody = squared_errors(found, ())
    good, weak, noise = (gain(found, nobody, squared_errors(found, (j,))) for j in ("good", "weak", "noise"))
    assert good.value > weak.value > 0.05
    assert good.clear
    assert weak.clear
    assert not noise.clear


def test_few_ratings_weigh_nobody() -> None:
    snapshot = replace(fitted_made(), items=12)
    with pytest.raises(ValueError, match="12 rated items are too few"):
        evidence_of(snapshot)


def test_independent_items_have_the_usual_standard_error() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    found = mean_over_groups(values, np.arange(4))
    assert found.value == 2.5
    assert found.high - found.value == pytest.approx(1.959964 * values.std(ddof=1) / 2)


def test_copies_of_an_item_in_its_group_say_nothing_new() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    once = mean_over_groups(values, np.arange(4))
    again = mean_over_groups(values.repeat(5), np.arange(4).repeat(5))
    assert (again.low, again.high) == pytest.approx((once.low, once.high))


def test_one_group_says_nothing_of_others() -> None:
    found = mean_over_groups(np.array([1.0, 2.0]), np.zeros(2, dtype=np.intp))
    assert (found.low, found.high) == (-math.inf, math.inf)


def test_the_interval_of_a_mean_holds_it_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        values = rng.normal(size=40).repeat(3) + rng.normal(size=120)
        found = mean_over_groups(values, np.arange(40).repeat(3))
        held += found.low <= 0 <= found.high
    assert 0.91 <= held / 400 <= 0.98
