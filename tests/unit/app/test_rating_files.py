"""Lines of ratings in their two forms, and the lines of a plan."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.app.rating_files import Given, Usual, plan_lines, read_given
from moa_scorer.client import PlannedRating, Rating, RatingPlan
from moa_scorer.learning.planning.candidates import read_candidates
from moa_scorer.learning.study.mistakes import NotAStudy

NOTHING = Usual()


def given(folder: Path, *lines: dict[str, Any], usual: Usual = NOTHING) -> tuple[Given, ...]:
    path = folder / "ratings.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return read_given(path, usual)


def test_what_rate_writes_of_a_planned_record_is_a_rating_of_that_record(tmp_path: Path) -> None:
    line = {
        "dataset": "records",
        "item_id": "01J",
        "dimension": "depth",
        "human": [4],
        "human_ids": ["ada"],
        "human_min": 1,
        "human_max": 5,
        "saw_score": False,
        "propensity": 0.25,
        "audit": True,
        "round": 1,
        "plan": "plan-1",
    }

    (found,) = given(tmp_path, line)

    assert found.at == "ratings.jsonl, line 1"
    assert found.rating == Rating(
        record="records/01J", rater="ada", criterion="depth", value=4.0, propensity=0.25, plan="plan-1"
    )


def test_an_item_of_ones_own_is_named_by_its_content_id(tmp_path: Path) -> None:
    (found,) = given(tmp_path, {"item_id": "c-7", "dimension": "depth", "human": [4], "human_ids": ["ada"]})

    assert (found.rating.record, found.rating.content_id) == ("", "c-7")


def test_several_raters_of_a_line_are_a_rating_each(tmp_path: Path) -> None:
    line = {"item_id": "c", "human": [4, 2], "human_ids": ["ada", "bob"], "saw_score": [False, True]}

    found = [each.rating for each in given(tmp_path, line)]

    assert [(r.rater, r.value, r.saw_score) for r in found] == [("ada", 4.0, False), ("bob", 2.0, True)]


def test_a_table_has_the_names_of_the_api(tmp_path: Path) -> None:
    path = tmp_path / "reviews.csv"
    path.write_text("record,rater,criterion,value,rated_at\nrecords/01J,ada,,3.5,2026-11-23\n01K,,,2,\n")

    first, second = (each.rating for each in read_given(path, Usual(rater="team", saw_score=True)))

    assert first == Rating(
        record="records/01J",
        rater="ada",
        value=3.5,
        saw_score=True,
        rated_at=datetime(2026, 11, 23, tzinfo=UTC),
    )
    assert (second.record, second.rater, second.rated_at) == ("records/01K", "team", None)


@pytest.mark.parametrize(
    ("line", "word"),
    [
        ({"rater": "ada", "value": 3}, "names no item"),
        ({"record": "01J", "rater": "ada"}, "holds no rating"),
        ({"record": "01J", "value": 3}, "who rated"),
        ({"record": "01J", "rater": "ada", "value": "three"}, "is not a number"),
        ({"item_id": "c", "human": [3, 4], "human_ids": ["ada"]}, "one rater a rating"),
        ({"record": "01J", "rater": "ada", "value": 3, "rated_at": "yesterday"}, "is no date"),
    ],
)
def test_what_a_line_lacks_is_told_with_its_number(tmp_path: Path, line: dict[str, Any], word: str) -> None:
    with pytest.raises(NotAStudy, match=f"line 1.*{word}"):
        given(tmp_path, line)


def test_the_lines_of_a_plan_are_what_rate_reads_and_hold_no_score(tmp_path: Path) -> None:
    planned = PlannedRating(
        record="records/01J",
        content_id="c",
        stream="audit",
        propensity=0.02,
        why="drawn evenly",
        text="A text.",
        context="",
        criteria=("depth",),
        scale=(1, 5),
    )
    silent = PlannedRating(**{name: getattr(planned, name) for name in planned.__slots__} | {"text": ""})
    plan = RatingPlan(name="plan-1", ratings=(planned, silent), unrated=2, unrated_audits=2)
    path = tmp_path / "plan.jsonl"

    path.write_text("".join(plan_lines(plan, "essay")))

    (candidate,) = read_candidates(path)
    assert (candidate.id, candidate.text, candidate.kind) == ("records/01J", "A text.", "essay")
    assert (candidate.propensity, candidate.audit, candidate.plan) == (0.02, True, "plan-1")
    assert "score" not in path.read_text()
