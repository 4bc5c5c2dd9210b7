import json
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.app.cli.rating.file import BadRatings, Rater, RatingsFile
from moa_scorer.app.cli.rating.session import Finished
from moa_scorer.domain.rubric import Criterion, Rubric
from moa_scorer.learning.study.files import read_studies
from tests.fakes.rating import RUBRIC, item

ANN = Rater(name="ann", rubric=RUBRIC)
BOB = Rater(name="bob", rubric=RUBRIC)


def finished(name: str, *answers: float) -> Finished:
    return Finished(
        item=item(name, context="prompt", propensity=0.25, audit=True, round=2), answers=answers, seconds=3.21
    )


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Ann has rated two items."""
    with RatingsFile(tmp_path / "ratings.jsonl", ANN) as file:
        file.mirror((finished("a", 4.0, 5.0),))
        file.mirror((finished("a", 4.0, 5.0), finished("b", 1.0, 2.0)))
    return tmp_path / "ratings.jsonl"


def test_an_item_is_a_line_for_each_criterion_with_all_that_a_fit_needs(path: Path) -> None:
    assert lines(path)[1] == {
        "dataset": "d",
        "item_id": "a",
        "group_id": "ga",
        "kind": "story",
        "dimension": "surprise",
        "content": "text a",
        "context": "prompt",
        "human": [5],
        "human_ids": ["ann"],
        "human_min": 1,
        "human_max": 5,
        "saw_score": False,
        "propensity": 0.25,
        "audit": True,
        "round": 2,
        "rubric": "two@1",
        "seconds": 3.2,
    }


def test_what_no_plan_chose_says_nothing_of_a_choice(tmp_path: Path) -> None:
    with RatingsFile(tmp_path / "r.jsonl", ANN) as file:
        file.mirror((Finished(item=item("a"), answers=(1.0, 2.0), seconds=1.0),))

    assert not {"propensity", "audit", "round"} & lines(tmp_path / "r.jsonl")[0].keys()


def test_a_fit_reads_what_was_rated(path: Path) -> None:
    (study,) = read_studies(path)

    assert study.criteria == ("fluency", "surprise")
    assert [(i.id, i.group, dict(i.ratings)) for i in study.items] == [
        ("d/a", "d/ga", {"fluency": (0.75,), "surprise": (1.0,)}),
        ("d/b", "d/gb", {"fluency": (0.0,), "surprise": (0.25,)}),
    ]
    assert {i.propensity for i in study.items} == {0.25}
    assert all(i.audit and i.round == 2 for i in study.items)


def test_what_is_undone_is_taken_off_the_file_and_earlier_sessions_stay(path: Path) -> None:
    before = path.read_bytes()
    with RatingsFile(path, ANN) as file:
        file.mirror((finished("c", 1.0, 1.0), finished("e", 2.0, 2.0)))
        file.mirror((finished("c", 1.0, 1.0),))
        file.mirror(())

    assert path.read_bytes() == before


def test_an_item_that_is_rated_anew_takes_the_place_of_what_it_was(path: Path) -> None:
    with RatingsFile(path, ANN) as file:
        file.mirror((finished("c", 1.0, 1.0), finished("e", 2.0, 2.0)))
        file.mirror((finished("c", 1.0, 1.0), finished("e", 5.0, 5.0)))

    assert [line["human"] for line in lines(path)[4:]] == [[1], [1], [5], [5]]


def test_a_rater_goes_on_where_they_stopped_and_others_do_not(path: Path) -> None:
    with RatingsFile(path, ANN) as file:
        assert file.earlier == {"d/a": 3.2, "d/b": 3.2}
    with RatingsFile(path, BOB) as file:
        assert file.earlier == {}
        file.mirror((finished("a", 2.0, 2.0),))
    with RatingsFile(path, ANN) as file:
        assert list(file.earlier) == ["d/a", "d/b"]


def test_two_raters_of_one_file_are_two_ratings_of_an_item(path: Path) -> None:
    with RatingsFile(path, BOB) as file:
        file.mirror((finished("a", 2.0, 2.0),))

    (study,) = read_studies(path)

    assert study.items[0].ratings["fluency"] == (0.75, 0.25)
    assert study.items[0].raters["fluency"] == ("ann", "bob")


def test_wherever_a_crash_tears_the_file_whole_items_stay_and_nothing_else(path: Path) -> None:
    written = path.read_bytes()
    ends = [k + 1 for k, byte in enumerate(written) if byte == ord("\n")]
    for cut in range(0, len(written) + 1, 7):
        path.write_bytes(written[:cut])
        with RatingsFile(path, ANN) as file:
            found = list(file.earlier)
        # A line that lacks nothing but its end is whole.
        assert found == ["d/a"] * (cut >= ends[1] - 1) + ["d/b"] * (cut >= ends[3] - 1)
        assert len(lines(path)) == 2 * len(found)


def test_an_item_that_was_torn_can_be_rated_again(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with RatingsFile(path, ANN) as file:
        file.mirror((finished("c", 1.0, 1.0),))
    assert len(lines(path)) == 6

    path.write_bytes(whole[:-20])
    with RatingsFile(path, ANN) as file:
        file.mirror((finished("b", 1.0, 2.0),))
    assert path.read_bytes() == whole


def test_unfinished_lines_of_somebody_else_are_not_touched(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:3]))
    with RatingsFile(path, BOB) as file:
        assert file.earlier == {}

    assert len(lines(path)) == 3


def test_only_one_session_writes_a_file_at_a_time(path: Path) -> None:
    with RatingsFile(path, ANN), pytest.raises(BadRatings, match="another session"), RatingsFile(path, BOB):
        pass
    with RatingsFile(path, BOB):
        pass


def test_ratings_by_another_rubric_are_not_mixed_in(path: Path) -> None:
    other = Rubric(
        name="other", version=2, title="t", kinds=(), criteria=(Criterion(name="x", description="d"),)
    )
    before = path.read_bytes()

    with (
        pytest.raises(BadRatings, match="has rated here by two@1"),
        RatingsFile(path, Rater(name="ann", rubric=other)),
    ):
        pass
    assert path.read_bytes() == before


@pytest.mark.parametrize("content", ['{"a": 1}\n', "texts\nmore\n", "[]\n"])
def test_a_file_that_holds_something_else_is_refused_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text(content, encoding="utf-8")

    with pytest.raises(BadRatings, match="line 1"), RatingsFile(path, ANN):
        pass
    assert path.read_text(encoding="utf-8") == content
