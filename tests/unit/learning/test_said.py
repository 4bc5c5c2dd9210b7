import json
from pathlib import Path
from typing import Any

from moa_scorer.learning.said import read_rated, read_said


def written(tmp_path: Path, *lines: dict[str, Any]) -> Path:
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_the_long_forms_judges_are_columns_by_dimension_and_no_answer_is_no_score(tmp_path: Path) -> None:
    line = {"dataset": "d", "item_id": 1, "judges": {"a/b": {"score": 3}, "c": {"score": None}, "e": None}}

    said = read_said(written(tmp_path, line | {"dimension": "x"}, line | {"dimension": "y"}))

    assert said == {"d/1": {"a:b/x": 3.0, "a:b/y": 3.0}}


def test_ballots_of_a_scored_item_are_read_and_its_score_is_not(tmp_path: Path) -> None:
    answers = [{"criterion": "c", "score": 0.5}, {"criterion": "d", "abstention": {"reason": "X"}}]
    line = {
        "contentId": "1",
        "scored": {"score": 0.9},
        "ballots": [
            {"judge": "a", "judgment": {"answers": answers}},
            {"judge": "b", "abstention": {"reason": "Y"}},
        ],
    }

    assert read_said(written(tmp_path, line)) == {"1": {"a/c": 0.5}}


def test_collected_ballots_are_read(tmp_path: Path) -> None:
    line = {"item": "d/1", "judge": "a", "revision": "r", "scores": {"c": 0.5, "d": 0.25}}

    assert read_said(written(tmp_path, line)) == {"d/1": {"a/c": 0.5, "a/d": 0.25}}


def test_columns_of_a_table_are_known_by_their_pattern(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,judge.a,judge.b.c,other\n1,3,4,5\n2,,nan,9\n", encoding="utf-8")

    assert read_said(path) == {"1": {"a/": 3.0, "b/c": 4.0}}
    assert read_said(path, columns="other*") == {}
    assert read_said(path, columns="o*r") == {"1": {"the/": 5.0}, "2": {"the/": 9.0}}


def test_items_are_rated_that_somebody_gave_a_rating(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"item_id": "1", "human": [4], "round": 2},
        {"item_id": "2", "human": []},
        {"item_id": "3"},
        {"item_id": "4", "human": {"c": [1], "d": None}},
        {"item_id": "5", "human": [None]},
    )

    assert read_rated(path) == {"1": 2, "4": 1}
