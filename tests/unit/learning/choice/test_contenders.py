"""Panels and single judges side by side."""

import pytest

from moa_scorer.learning.choice.contenders import Contender, Standing, stand
from tests.fakes.studies import simulated_study

SKILLS = {"dear": 1.0, "cheap1": 0.9, "cheap2": 0.9, "noise": 0.0}
COSTS = {"dear": 100.0, "cheap1": 2.0, "cheap2": 3.0}
CHEAP = ("cheap1", "cheap2")
CONTENDERS = (
    Contender(name="dear", pool=("dear",)),
    Contender(name="best", pool=tuple(SKILLS), chosen=True, most=1),
    Contender(name="cheap", pool=CHEAP, chosen=True),
    Contender(name="within", pool=tuple(SKILLS), chosen=True, budget=10.0, by_cost=True),
    Contender(name="all", pool=tuple(SKILLS)),
)


@pytest.fixture(scope="module")
def standings() -> dict[str, Standing]:
    found = stand(simulated_study(SKILLS, items=300), CONTENDERS, COSTS, against=("dear", "best"))
    return {one.name: one for one in found}


def test_two_cheap_judges_beat_one_dear_one(standings: dict[str, Standing]) -> None:
    assert standings["cheap"].error < standings["dear"].error
    assert standings["cheap"].less["dear"].clear
    assert standings["cheap"].asked == {"cheap1": 1.0, "cheap2": 1.0}
    assert standings["cheap"].cost == pytest.approx(5.0)


def test_a_budget_keeps_the_dear_judge_and_those_without_a_price_out(standings: dict[str, Standing]) -> None:
    assert set(standings["within"].asked) == {"cheap1", "cheap2"}


def test_who_asks_a_judge_without_a_price_has_no_known_cost(standings: dict[str, Standing]) -> None:
    assert standings["all"].cost is None
    assert standings["all"].size == 4


def test_nobody_differs_from_itself(standings: dict[str, Standing]) -> None:
    same = standings["dear"].less["dear"]
    assert (same.value, same.low, same.high) == (0.0, 0.0, 0.0)


def test_the_best_single_judge_is_one_judge_a_fold(standings: dict[str, Standing]) -> None:
    assert standings["best"].size == 1
    assert sum(standings["best"].asked.values()) == pytest.approx(1.0)


def test_better_panels_stand_better_in_every_figure(standings: dict[str, Standing]) -> None:
    assert standings["all"].agreement > standings["dear"].agreement
    assert standings["all"].accuracy > 0.7
