"""Ballots on disk: numbers and reasons come back, the newest line holds, a crash costs one line at most."""

from pathlib import Path

import pytest

from moa_scorer.domain.ballot import Abstention, AbstentionReason, Ballot, Judgment, Score, ScoreKind
from moa_scorer.learning.study.rows import (
    append_rows,
    ballot_of,
    drop_broken_end,
    pack_rows,
    pending,
    read_rows,
    row_of,
)

PARTLY = Ballot(
    judge="relevance",
    outcome=Judgment(
        answers={
            "focus": Score(value=0.123456789),
            "relevance": Abstention(reason=AbstentionReason.NO_CONTEXT),
        },
        critique="words that are not kept",
    ),
)
SILENT = Ballot(judge="fluency", outcome=Abstention(reason=AbstentionReason.TOO_SHORT))


def test_a_ballot_comes_back_without_its_words_and_with_six_digits(tmp_path: Path) -> None:
    path = tmp_path / "ballots.jsonl"
    append_rows(path, [row_of("i", PARTLY, "r1"), row_of("i", SILENT, "r2")])
    rows = read_rows(path)["i"]
    assert ballot_of(rows["relevance"]).answer("focus") == Score(value=0.123457)
    assert ballot_of(rows["relevance"]).answer("relevance") == Abstention(reason=AbstentionReason.NO_CONTEXT)
    assert ballot_of(rows["fluency"]) == SILENT
    assert "words" not in path.read_text()


def test_the_last_line_of_an_item_and_judge_holds(tmp_path: Path) -> None:
    path = tmp_path / "ballots.jsonl"
    append_rows(path, [row_of("i", SILENT, "old")])
    append_rows(path, [row_of("i", SILENT, "new")])
    assert read_rows(path)["i"]["fluency"].revision == "new"


def test_what_is_pending_is_what_is_missing_or_changed(tmp_path: Path) -> None:
    path = tmp_path / "ballots.jsonl"
    append_rows(path, [row_of("a", SILENT, "1"), row_of("b", SILENT, "0"), row_of("a", PARTLY, "1")])
    wanted = pending(["a", "b", "c"], {"relevance": "1", "fluency": "1"}, read_rows(path))
    assert wanted == {("relevance", "fluency"): ["b", "c"]}
    assert pending(["a"], {"relevance": "2", "fluency": "1"}, read_rows(path)) == {("relevance",): ["a"]}
    assert pending(["a"], {"relevance": "1", "fluency": "1"}, read_rows(path)) == {}


def test_a_crash_costs_the_unfinished_line_only(tmp_path: Path) -> None:
    path = tmp_path / "ballots.jsonl"
    append_rows(path, [row_of("a", SILENT, "1")])
    whole = path.read_bytes()
    for cut in (b'{"item":"b"', whole[:-1]):
        path.write_bytes(whole + cut)
        drop_broken_end(path)
        assert path.read_bytes() == whole


def test_packed_rows_are_the_same_bytes_for_the_same_rows(tmp_path: Path) -> None:
    log, first, second = tmp_path / "log.jsonl", tmp_path / "1.gz", tmp_path / "2.gz"
    append_rows(log, [row_of("b", SILENT, "1"), row_of("a", PARTLY, "1"), row_of("a", SILENT, "1")])
    pack_rows(first, read_rows(log), ["a", "b"], ["relevance", "fluency"])
    pack_rows(second, read_rows(first), ["a", "b", "absent"], ["relevance", "fluency", "other"])
    assert first.read_bytes() == second.read_bytes()
    assert read_rows(first) == read_rows(log)


def test_a_line_that_is_no_ballot_is_named(tmp_path: Path) -> None:
    path = tmp_path / "ballots.jsonl"
    path.write_text('{"item":"a","judge":"j","revision":"1"}\n{"item":"a"}\n')
    with pytest.raises(ValueError, match=r"ballots.jsonl, line 2"):
        read_rows(path)


def test_how_a_score_was_read_and_what_a_judge_had_read_come_back(tmp_path: Path) -> None:
    path = tmp_path / "ballots.jsonl"
    answers = {"a": Score(value=0.5, kind=ScoreKind.LOGPROBS), "b": Score(value=0.25)}
    cast = Ballot(judge="late", outcome=Judgment(answers=answers, read=("x", "y")))
    append_rows(path, [row_of("i", cast, "r")])
    assert ballot_of(read_rows(path)["i"]["late"]) == cast
    assert '"kinds":{"a":"logprobs"},"read":["x","y"]' in path.read_text()
