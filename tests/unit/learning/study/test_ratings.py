"""Ratings on disk: both forms give the same items."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.learning.study.ratings import digest, overall, read_ratings, write_ratings

DATA = Path(__file__).parents[3] / "data"


def long_line(**changes: Any) -> dict[str, Any]:
    line = {
        "dataset": "made",
        "item_id": "1",
        "group_id": "g",
        "system_id": None,
        "dimension": "coherence",
        "content": "A text.",
        "context": None,
        "human": [1, 5, 3],
        "human_min": 1,
        "human_max": 5,
        "judges": {"some": {"score": 3.0}},
    }
    return line | changes


@pytest.fixture
def long_file(tmp_path: Path) -> Path:
    path = tmp_path / "long.jsonl.gz"
    lines = [
        long_line(),
        long_line(dimension="fluency", human=[5, 5]),
        long_line(item_id="2", mentions=["x"]),
    ]
    path.write_bytes(gzip.compress("\n".join(map(json.dumps, lines)).encode()))
    return path


def test_lines_of_one_item_become_one_item_with_ratings_from_0_to_1(long_file: Path) -> None:
    first, second = read_ratings(long_file, "summary")
    assert dict(first.ratings) == {"coherence": (0.0, 1.0, 0.5), "fluency": (1.0, 1.0)}
    assert (first.id, first.group, first.kind, first.context) == ("made/1", "made/g", "summary", "")
    assert (first.mentions, second.mentions) == (None, ("x",))


def test_the_packed_form_holds_the_same_items_and_the_same_bytes(long_file: Path, tmp_path: Path) -> None:
    items = read_ratings(long_file, "summary")
    one, two = tmp_path / "one.jsonl.gz", tmp_path / "two.jsonl.gz"
    write_ratings(one, items)
    assert read_ratings(one) == items
    write_ratings(two, read_ratings(one))
    assert one.read_bytes() == two.read_bytes()


def test_line_separators_inside_a_text_do_not_end_the_line(tmp_path: Path) -> None:
    path = tmp_path / "plain.jsonl"
    path.write_text(json.dumps(long_line(content="a\u2028b"), ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_ratings(path)[0].text == "a\u2028b"


@pytest.mark.parametrize("change", [{"human_max": 1}, {"human": 3}])
def test_a_line_of_another_form_is_named(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text("\n".join(json.dumps(x) for x in (long_line(), long_line(**change))), encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad.jsonl, line 2"):
        read_ratings(path)


def test_the_overall_is_the_weighted_mean_and_needs_every_criterion(long_file: Path) -> None:
    first, second = read_ratings(long_file)
    weights = {"coherence": 1.0, "fluency": 3.0}
    assert overall(first, tuple(weights), weights) == pytest.approx((0.5 + 3 * 1.0) / 4)
    assert overall(second, tuple(weights), weights) is None


@pytest.mark.parametrize("name", ["summeval", "hanna", "psychdepth", "moderation"])
def test_the_committed_files_are_those_that_were_registered(name: str) -> None:
    notice = (DATA / "NOTICE.md").read_text(encoding="utf-8")
    path = DATA / f"{name}.jsonl.gz"
    assert digest(path) in notice
    assert all(item.text and item.group and item.kind for item in read_ratings(path))
