"""Deadline honesty in short: what holds whatever the machine is doing. Times are `make chaos-deadlines`."""

from pathlib import Path

import pytest

from tests.chaos.deadlines import BROKEN, LONGEST, SHORTEST, Run, budget_of, figures, run

ITEMS = 24


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return run(ITEMS, ITEMS, Path(tmp_path_factory.mktemp("deadlines")))


def test_every_call_ends_before_its_deadline_in_a_typed_outcome(found: Run) -> None:
    lines = {figure.name: figure for figure in figures(found)}

    assert lines["items that end in a typed outcome"].ok
    assert lines["calls that ended after their deadline"].ok
    assert {answer.status for answer in found.answers} == {"OK"}


def test_the_judge_that_hangs_and_the_one_at_its_limit_never_score(found: Run) -> None:
    for answer in found.answers:
        assert {judge for judge, _ in answer.scores()}.isdisjoint(BROKEN)
    assert sum(answer.outcome == "scored" for answer in found.answers) > ITEMS / 2


def test_budgets_lie_between_the_shortest_and_the_longest() -> None:
    budgets = [budget_of(item) for item in range(500)]
    assert min(budgets) >= SHORTEST
    assert max(budgets) <= LONGEST
    assert sorted(budgets)[250] == pytest.approx((SHORTEST * LONGEST) ** 0.5, rel=0.2)
