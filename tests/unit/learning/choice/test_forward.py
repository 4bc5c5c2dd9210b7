"""Choosing judges one after another."""

from itertools import pairwise

import pytest

from moa_scorer.learning.choice.forward import forward, pruned
from moa_scorer.learning.choice.selection import fitted
from moa_scorer.learning.choice.worth import Evidence, evidence_of
from moa_scorer.learning.study.study import table_of
from tests.fakes.studies import simulated_study

SKILLS = {"noise1": 0.0, "good": 1.2, "noise2": 0.0, "other": 0.9, "noise3": 0.0}
COSTS = {"noise1": 1.0, "good": 50.0, "noise2": 1.0, "other": 1.0, "noise3": 1.0}


@pytest.fixture(scope="module")
def evidence() -> Evidence:
    study = simulated_study(SKILLS, items=300)
    return evidence_of(fitted(study, table_of(study, measures=False), 0))


def test_good_judges_are_chosen_and_noise_is_not(evidence: Evidence) -> None:
    path = forward(evidence)
    assert path.panel == ("good", "other")
    assert [step.judge for step in path.steps][:2] == ["good", "other"]


def test_the_path_goes_on_beyond_the_panel_for_the_frontier(evidence: Evidence) -> None:
    path = forward(evidence)
    assert {step.judge for step in path.steps} == set(SKILLS)
    assert len(forward(evidence, most=3).steps) == 3


def test_errors_fall_by_the_gains(evidence: Evidence) -> None:
    steps = forward(evidence).steps
    for before, after in pairwise(steps):
        assert before.error - after.error == pytest.approx(after.gain.value)


def test_with_costs_a_cheap_judge_that_is_nearly_as_good_comes_first(evidence: Evidence) -> None:
    path = forward(evidence, COSTS)
    assert path.steps[0].judge == "other"
    assert set(path.panel) == {"good", "other"}


def test_judges_beyond_the_budget_are_passed_over(evidence: Evidence) -> None:
    assert forward(evidence, COSTS, budget=10.0).panel == ("other",)
    assert forward(evidence, COSTS, budget=0.5).panel == ()
    assert forward(evidence, budget=1).panel == ("good",)


def test_what_costs_nothing_comes_before_all_that_costs(evidence: Evidence) -> None:
    free = {**COSTS, "good": 0.0}
    assert forward(evidence, free).steps[0].judge == "good"


def test_a_judge_that_later_ones_made_superfluous_is_dropped(evidence: Evidence) -> None:
    assert pruned(evidence, ("noise1", "other", "good")) == ("other", "good")


def test_of_nothing_but_noise_nobody_is_chosen() -> None:
    study = simulated_study({"a": 0.0, "b": 0.0, "c": 0.0}, items=200, seed=3)
    found = forward(evidence_of(fitted(study, table_of(study, measures=False), 0)))
    assert found.panel == ()
