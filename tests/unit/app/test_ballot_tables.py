"""Ballots of model judges as a person reads them."""

import io
from typing import Any

import pytest
from rich.console import Console

from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.app.cli.ballot_tables import dollars, judges
from moa_scorer.client.messages import ballot_of


def shown(*ballots: ballot_pb2.Ballot) -> str:
    console = Console(file=io.StringIO(), width=140)
    console.print(judges(tuple(map(ballot_of, ballots))))
    file = console.file
    assert isinstance(file, io.StringIO)
    return file.getvalue()


def ballot(judge: str, *, layer: int = 1, **others: Any) -> ballot_pb2.Ballot:
    message = ballot_pb2.Ballot(judge=judge, layer=layer, **others)
    message.judgment.critique = f"{judge} says so."
    message.judgment.answers.add(criterion="clarity", score=0.5, kind=ballot_pb2.SCORE_KIND_LOGPROBS)
    return message


def test_how_a_score_was_read_is_said_unless_it_is_a_plain_number() -> None:
    plain = ballot("b")
    plain.judgment.answers[0].kind = ballot_pb2.SCORE_KIND_SINGLE

    assert "clarity 0.50 (logprobs)" in shown(ballot("a"))
    assert "(" not in shown(plain)


def test_model_stand_in_dropped_quotes_and_cost_are_said() -> None:
    message = ballot("a", model="gpt-x-2026", stand_in="azure")
    message.judgment.fabricated = 1
    message.judgment.tamper_risk = 0.4
    message.usage.calls = 2
    message.usage.cost.micro_usd = 1_200
    said = "gpt-x-2026 · azure stood in · made-up quotes dropped: 1 · tamper risk 0.40 · 2 calls, $0.0012"

    assert said in shown(message)


def test_a_later_layer_stands_below_and_says_whose_ballots_it_read() -> None:
    reader = ballot("reader", layer=2)
    reader.judgment.read.extend(["a", "b"])
    text = shown(reader, ballot("a"), ballot("b"))

    assert text.index("layer 1") < text.index("a says so.") < text.index("layer 2")
    assert text.index("layer 2") < text.index("reader says so.")
    assert "has read J1 a, J2 b" in text


def test_one_layer_is_not_announced_and_a_judge_of_this_process_has_no_circumstances() -> None:
    text = shown(ballot("a"), ballot("b"))

    assert "layer" not in text
    assert "·" not in text


def test_what_a_model_reports_of_itself_never_reaches_the_terminal_as_an_escape() -> None:
    assert "\x1b" not in shown(ballot("a", model="\x1b[2Jgpt", stand_in="\x1b"))


@pytest.mark.parametrize(
    ("amount", "words"),
    [(0, "$0.00"), (0.02, "$0.02"), (1.5, "$1.50"), (0.001234, "$0.001234"), (12, "$12.00")],
)
def test_money_has_as_many_digits_as_it_needs(amount: float, words: str) -> None:
    assert dollars(amount) == words
