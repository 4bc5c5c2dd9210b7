import json
from pathlib import Path
from typing import Any

from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.learning.planning.said import read_rated, read_said

UNREADABLE = AbstentionReason.UNPARSEABLE


def written(tmp_path: Path, *lines: dict[str, Any]) -> Path:
    path = tmp_path / "lines.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def test_the_long_forms_judges_are_columns_by_dimension_and_no_answer_is_an_abstention(
    tmp_path: Path,
) -> None:
    answers = {"a/b": {"score": 3}, "c": {"score": None}, "e": None, "f": {"abstained": "refused"}}
    line = {"dataset": "d", "item_id": 1, "judges": answers}

    said = read_said(written(tmp_path, line | {"dimension": "x"}, line | {"dimension": "y"}))

    assert {k: v for k, v in said["d/1"].items() if k.endswith("/x")} == {
        "a:b/x": 3.0,
        "c/x": UNREADABLE,
        "e/x": UNREADABLE,
        "f/x": AbstentionReason.REFUSED,
    }
    assert len(said["d/1"]) == 8


def test_ballots_of_a_scored_item_are_read_and_its_score_is_not(tmp_path: Path) -> None:
    answers = [
        {"criterion": "c", "score": 0.5},
        {"criterion": "d", "abstention": {"reason": "ABSTENTION_REASON_TIMEOUT"}},
    ]
    line = {
        "contentId": "1",
        "scored": {"score": 0.9},
        "ballots": [
            {"judge": "a", "judgment": {"answers": answers}},
            {"judge": "b", "abstention": {"reason": "ABSTENTION_REASON_TOO_SHORT"}},
        ],
    }

    assert read_said(written(tmp_path, line)) == {
        "1": {"a/c": 0.5, "a/d": AbstentionReason.TIMEOUT, "b/": AbstentionReason.TOO_SHORT}
    }


def test_collected_ballots_are_read_with_their_abstentions(tmp_path: Path) -> None:
    scored = {
        "item": "d/1",
        "judge": "a",
        "revision": "r",
        "scores": {"c": 0.5},
        "abstained": {"d": "no_context"},
    }
    silent = {"item": "d/1", "judge": "b", "revision": "r", "abstained": {"": "too_short"}}

    assert read_said(written(tmp_path, scored, silent)) == {
        "d/1": {"a/c": 0.5, "a/d": AbstentionReason.NO_CONTEXT, "b/": AbstentionReason.TOO_SHORT}
    }


def test_columns_of_a_table_are_known_by_their_pattern(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id,judge.a,judge.b.c,other\n1,3,4,5\n2,,nan,refused\n", encoding="utf-8")

    assert read_said(path) == {
        "1": {"a/quality": 3.0, "b/c": 4.0},
        "2": {"a/quality": UNREADABLE, "b/c": UNREADABLE},
    }
    assert read_said(path, columns="o*r")["2"] == {"the/quality": AbstentionReason.REFUSED}


def test_a_table_may_have_a_line_for_each_judge(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("item,judge,criterion,score\n1,a,x,3\n1,b,x,4\n", encoding="utf-8")

    assert read_said(path) == {"1": {"a/x": 3.0, "b/x": 4.0}}


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
