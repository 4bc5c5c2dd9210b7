import io
import json
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moa_scorer.app.cli.score.items import BadInput, count_lines, json_lines, parse_lines, read_text
from moa_scorer.client import Item

DEFAULTS = Item(text="", kind="comment", panel="p")


def test_a_line_overrides_what_the_command_line_says_for_all() -> None:
    (line,) = parse_lines([b'{"text": "t", "kind": "story", "id": "7"}'], DEFAULTS)

    assert line.item == Item(text="t", kind="story", id="7", panel="p")
    assert line.mistake == ""


def test_blank_lines_are_passed_over_and_still_counted() -> None:
    lines = list(parse_lines([b"\n", b'{"text": "a"}\n', b"  \n", b'{"text": "b"}'], DEFAULTS))

    assert [line.number for line in lines] == [2, 4]


@pytest.mark.parametrize(
    ("raw", "mistake"),
    [
        (b"not json", "is not JSON"),
        (b'{"text": "a"', "is not JSON"),
        (b"\xff\xfe", "is not UTF-8 text"),
        (b"[1]", "should be an object"),
        (b"null", "should be an object"),
        (b"{}", "text: is required"),
        (b'{"text": 3}', "text: should be a string"),
        (b'{"text": "a", "langauge": "en"}', "unknown key 'langauge'; did you mean 'language'?"),
        (b'{"text": "a", "budget": 1}', "unknown key 'budget'"),
        (b'{"text": "a", "local_only": "yes"}', "local_only: should be true or false"),
        (b'{"text": "a", "producer": 4}', "producer: should be a string"),
        (b"[" * 100_000, "is not JSON"),
        (b"9" * 5_000, "is not JSON"),
    ],
)
def test_a_bad_line_says_what_is_wrong_and_stops_no_other(raw: bytes, mistake: str) -> None:
    bad, good = parse_lines([raw, b'{"text": "fine"}'], DEFAULTS)

    assert bad.item is None
    assert bad.mistake.startswith(mistake)
    assert good.item is not None


def test_a_line_may_say_who_wrote_its_text_and_who_may_see_it() -> None:
    raw = b'{"text": "a", "producer": "gpt", "local_only": true}'
    (line,) = parse_lines([raw], DEFAULTS)

    assert line.item is not None
    assert (line.item.producer, line.item.local_only) == ("gpt", True)


@given(raw=st.binary(max_size=60))
def test_any_line_is_an_item_or_a_mistake(raw: bytes) -> None:
    for line in parse_lines([raw], DEFAULTS):
        assert (line.item is None) == bool(line.mistake)


@given(text=st.text(alphabet=st.characters(codec="utf-8")))
def test_any_text_comes_through_unchanged(text: str) -> None:
    (line,) = parse_lines([json.dumps({"text": text}).encode()], DEFAULTS)

    assert line.item is not None
    assert line.item.text == text


def test_lines_are_read_as_they_are_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    path.write_text('{"text": "a"}\n\n{"text": "b"}\n')

    assert count_lines(str(path)) == 2
    with json_lines(str(path), DEFAULTS) as lines:
        assert next(lines).number == 1
    assert count_lines("-") is None


def test_a_file_that_cannot_be_read_or_is_no_text_is_named(tmp_path: Path) -> None:
    path = tmp_path / "latin"
    path.write_bytes(b"caf\xe9")

    with pytest.raises(BadInput, match=r"latin: is not UTF-8 text \(byte 3\)"):
        read_text(str(path))
    with pytest.raises(BadInput, match="nowhere: cannot be read: No such file"):
        read_text(str(tmp_path / "nowhere"))


def test_a_dash_reads_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO("grüße".encode())))

    assert read_text("-") == "grüße"
