import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from moa_scorer.learning.planning.candidates import Candidate, read_candidates


def written(tmp_path: Path, *lines: dict[str, Any], name: str = "items.jsonl") -> Path:
    path = tmp_path / name
    payload = "".join(json.dumps(line) + "\n" for line in lines).encode()
    path.write_bytes(gzip.compress(payload) if name.endswith(".gz") else payload)
    return path


def test_what_the_scorer_takes_is_read_by_its_id(tmp_path: Path) -> None:
    found = read_candidates(written(tmp_path, {"id": "7", "text": "Hi", "kind": "comment", "title": "T"}))

    assert found == (Candidate(dataset="", item="7", group="7", text="Hi", kind="comment", title="T"),)
    assert found[0].id == "7"


def test_the_long_form_gives_each_item_once_and_nothing_of_what_was_said_of_it(tmp_path: Path) -> None:
    line = {"dataset": "d", "item_id": "1", "group_id": "g", "content": "Hi", "judges": {"a": {"score": 3}}}
    path = written(
        tmp_path,
        line | {"dimension": "x", "human": [4]},
        line | {"dimension": "y", "human": [5]},
        name="d.jsonl.gz",
    )

    (found,) = read_candidates(path)

    assert (found.id, found.group, found.text) == ("d/1", "g", "Hi")
    assert not {"judges", "human"} & set(dir(found))


def test_what_a_plan_says_of_the_choice_is_kept(tmp_path: Path) -> None:
    line = {"item_id": "1", "content": "Hi", "propensity": 0.25, "audit": True, "round": 2}

    (found,) = read_candidates(written(tmp_path, line))

    assert (found.propensity, found.audit, found.round) == (0.25, True, 2)


def test_a_table_has_columns_and_a_text_file_has_lines(tmp_path: Path) -> None:
    table, texts = tmp_path / "t.csv", tmp_path / "t.txt"
    table.write_text('id,body\n1,"two\nlines"\n', encoding="utf-8")
    texts.write_text("first\n\nsecond\n", encoding="utf-8")

    assert [(c.item, c.text) for c in read_candidates(table, text="body")] == [("1", "two\nlines")]
    assert [c.text for c in read_candidates(texts)] == ["first", "second"]


def test_a_text_without_an_id_goes_by_its_digest_wherever_it_stands(tmp_path: Path) -> None:
    one, two = written(tmp_path, {"text": "a"}, {"text": "b"}), tmp_path / "t.txt"
    two.write_text("b\na\n", encoding="utf-8")

    assert {c.id for c in read_candidates(one)} == {c.id for c in read_candidates(two)}


def test_results_take_their_texts_from_the_file_that_was_scored(tmp_path: Path) -> None:
    items = read_candidates(written(tmp_path, {"id": "1", "text": "a"}, {"id": "2", "text": "b"}))
    results = written(tmp_path, {"line": 2, "contentId": "2", "scored": {"score": 0.5}}, name="r.jsonl")

    assert [c.text for c in read_candidates(results, texts=items)] == ["b"]
    with pytest.raises(ValueError, match=r"r\.jsonl, line 1: has no text"):
        read_candidates(results)


@pytest.mark.parametrize("propensity", [0, 1.2, -1, "often"])
def test_a_propensity_that_is_none_is_an_error(tmp_path: Path, propensity: object) -> None:
    with pytest.raises(ValueError, match="line 1"):
        read_candidates(written(tmp_path, {"text": "a", "propensity": propensity}))


def test_ids_and_groups_may_stand_under_other_keys(tmp_path: Path) -> None:
    path = written(tmp_path, {"ticket": "T7", "thread": "C1", "text": "Hi"})
    (found,) = read_candidates(path, keys={"item_id": "ticket", "group_id": "thread"})

    assert (found.item, found.group) == ("T7", "C1")


def test_a_key_that_no_line_has_is_told(tmp_path: Path) -> None:
    path = written(tmp_path, {"ticket": "T7", "text": "Hi"})
    with pytest.raises(ValueError, match="has no column nr; there are ticket, text"):
        read_candidates(path, keys={"item_id": "nr"})
