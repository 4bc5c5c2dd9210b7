"""One person against the others."""

import math
from dataclasses import replace

import numpy as np
import pytest

from moa_scorer.learning.protocol.ceiling import barely, ceilings
from moa_scorer.learning.study.study import Study
from tests.fakes.studies import simulated_study


def rated(noise: float, raters: int = 4) -> Study:
    study = simulated_study({"ann": 1.0}, items=150, criteria=("clarity",))
    rng = np.random.default_rng(0)
    items = [
        replace(i, ratings={"clarity": tuple(i.ratings["clarity"][0] + noise * rng.normal(size=raters))})
        for i in study.items
    ]
    return replace(study, items=tuple(items))


def test_people_who_agree_are_a_ceiling() -> None:
    (found,) = ceilings(rated(0.1), ("clarity",), 0)
    assert not barely(found)
    assert 0.7 < found.spearman < 0.95
    assert found.rmse == pytest.approx(0.1 * math.sqrt(1 + 1 / 3), rel=0.1)
    assert found.raters == 4


def test_people_who_barely_agree_are_none() -> None:
    (found,) = ceilings(rated(0.6), ("clarity",), 0)
    assert barely(found)
    assert math.isnan(found.spearman)


def test_one_person_cannot_be_compared() -> None:
    (found,) = ceilings(rated(0.1, raters=1), ("clarity",), 0)
    assert math.isnan(found.alpha)
    assert math.isnan(found.spearman)
    assert not barely(found)
