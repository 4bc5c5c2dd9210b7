import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["plan-ratings", *map(str, arguments)])


def written(path: Path, *lines: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


@pytest.fixture
def items(tmp_path: Path) -> Path:
    return written(tmp_path / "items.jsonl", *({"id": str(k), "text": f"text {k}"} for k in range(40)))


def planned(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_items_without_ballots_or_ratings_are_planned_and_the_next_step_is_told(
    items: Path, tmp_path: Path
) -> None:
    done = run(items, "--count", 10, "--out", tmp_path / "plan.jsonl")

    assert done.exit_code == 0
    assert "10 of 40 items" in done.stdout
    assert "for want of ballots" in done.stdout
    assert f"next: moa-scorer rate {tmp_path / 'plan.jsonl'} --rubric" in done.stdout
    plan = planned(tmp_path / "plan.jsonl")
    assert sum(line["audit"] for line in plan) == 1
    assert sum(1 / line["propensity"] for line in plan if not line["audit"]) == pytest.approx(39)


def test_all_items_are_planned_where_there_are_fewer_than_usual(items: Path, tmp_path: Path) -> None:
    assert "40 of 40" in run(items, "--out", tmp_path / "plan.jsonl").stdout


def test_results_of_the_scorer_are_planned_with_the_texts_of_what_was_scored(
    items: Path, tmp_path: Path
) -> None:
    def ballot(judge: str, score: float) -> dict[str, Any]:
        return {"judge": judge, "judgment": {"answers": [{"criterion": "c", "score": score}]}}

    results = written(
        tmp_path / "scores.jsonl",
        *(
            {"line": k, "contentId": str(k), "ballots": [ballot("a", k / 40), ballot("b", k / 80)]}
            for k in range(20)
        ),
    )

    assert run(results, "--out", tmp_path / "p.jsonl").exit_code == 1
    done = run(results, "--texts", items, "-n", 5, "--out", tmp_path / "p.jsonl")

    assert "spread over groups, scores and lengths" in done.stdout
    assert all(line["content"] == f"text {line['item_id']}" for line in planned(tmp_path / "p.jsonl"))


def test_rated_items_are_left_out_and_the_round_is_the_next(items: Path, tmp_path: Path) -> None:
    rated = written(
        tmp_path / "r.jsonl", *({"item_id": str(k), "dimension": "c", "human": [1]} for k in range(30))
    )

    done = run(items, "--rated", rated, "--out", tmp_path / "p.jsonl")

    assert "10 of 10 items" in done.stdout
    assert {line["round"] for line in planned(tmp_path / "p.jsonl")} == {2}


def test_when_everything_is_rated_there_is_nothing_to_plan(tmp_path: Path) -> None:
    rated = written(tmp_path / "r.jsonl", {"item_id": "1", "content": "a", "dimension": "c", "human": [1]})

    done = run(rated)

    assert done.exit_code == 1
    assert "every item is rated" in done.stderr


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}\n", "line 1: has no text"), ("nonsense\n", "line 1"), ("", "holds no items")],
)
def test_a_file_that_cannot_be_planned_is_named_with_its_line(
    tmp_path: Path, content: str, words: str
) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(content, encoding="utf-8")

    done = run(path, "--out", tmp_path / "p.jsonl")

    assert done.exit_code == 1
    assert words in done.stderr
    assert "Traceback" not in done.output


def test_a_file_that_is_not_there_is_told() -> None:
    done = run("nowhere.jsonl")

    assert done.exit_code == 1
    assert "nowhere.jsonl: No such file" in done.stderr
