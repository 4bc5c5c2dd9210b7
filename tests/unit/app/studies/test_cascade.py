"""The tables of `make cascade`."""

from pathlib import Path

import pytest

from moa_scorer.app.studies.cascade import main, two_sided
from moa_scorer.app.studies.cascade_tables import Found, cascade_markdown
from moa_scorer.app.studies.claim_tasks import Task, Tokens
from moa_scorer.domain.verdict import Decision
from moa_scorer.learning.choice.cascade import DecisionUse, ScoreUse, Selective
from moa_scorer.learning.choice.worth import Mean
from tests.fakes.studies import simulated_study


def about(value: float, half: float = 0.01) -> Mean:
    return Mean(value=value, low=value - half, high=value + half)


def found(saved: float, change: float) -> Found:
    return Found(
        task=Task(
            study=simulated_study({"a": 1.0}),
            models={},
            open_weights=frozenset(),
            tokens=lambda *_: Tokens(read=1, written=1),
            note="",
        ),
        items=200,
        ends=(2, 4),
        good_from=0.5,
        score=ScoreUse(
            saved=about(saved), calls=3, everybody=9, error=0.1, error_of_all=0.1, change=about(change, 0.005)
        ),
        decision=DecisionUse(
            saved=about(0.5),
            differs=about(0.02),
            wrong=0.2,
            wrong_of_all=0.19,
            error=0.05,
            margins=(0.5, None),
        ),
        selective=Selective(
            agreement=about(0.85), decided=about(0.7), cost=40.0, strong=100.0, margins=(1.0,)
        ),
        strong="a",
        confidence=0.9,
    )


@pytest.mark.parametrize(
    ("saved", "change", "said"),
    [
        (0.6, 0.0, "reached, intervals too"),
        (0.6, 0.008, "reached, though not by the ends of the intervals"),
        (0.4, 0.0, "missed"),
        (0.6, 0.02, "missed"),
    ],
)
def test_a_goal_is_reached_surely_barely_or_not(saved: float, change: float, said: str) -> None:
    row = next(line for line in cascade_markdown([found(saved, change)]).splitlines() if "| made |" in line)
    assert row.endswith(f"| {said} |")


def test_a_fold_without_a_margin_is_told() -> None:
    assert "| 0.5, none |" in cascade_markdown([found(0.6, 0.0)])


def test_without_recorded_judges_nothing_is_written(tmp_path: Path) -> None:
    out = tmp_path / "CASCADE.md"
    assert main(["--data", str(tmp_path / "nowhere"), "--out", str(out)]) == 1
    assert not out.exists()


def test_the_policy_accepts_from_the_threshold_on() -> None:
    (rule,) = two_sided(0.75).rules
    assert (rule.threshold, rule.then, two_sided(0.75).otherwise) == (0.75, Decision.REJECT, Decision.ACCEPT)
