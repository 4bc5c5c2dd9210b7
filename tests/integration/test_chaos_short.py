"""The chaos test in short: what has to hold whatever the machine is doing. Times are left to `make chaos`."""

import sys
from pathlib import Path

import pytest

from tests.chaos import run as program
from tests.chaos.figures import figures, inventions, money, typed, upstream_calls
from tests.chaos.sent import GARBAGE, HANG, RATE_LIMITED, REFUSAL

ITEMS = 150


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> program.Options:
    """A run that was broken off after a third, and taken up again."""
    folder = tmp_path_factory.mktemp("chaos")
    whole = program.Options(
        items=ITEMS, seed=7, in_flight=24, latency_budget=2.0, deadline=10.0, folder=folder
    )
    assert program.same_test(whole)
    for items in (ITEMS // 3, ITEMS):
        part = program.Options(
            items=items, seed=7, in_flight=24, latency_budget=2.0, deadline=10.0, folder=folder
        )
        program.run(part)
    return whole


def test_every_item_ends_in_a_typed_outcome(options: program.Options) -> None:
    seen = program.seen(options)

    assert typed(seen).ok
    assert {answer.run for answer in seen.answers} == {1, 2}
    assert sum(answer.outcome == "scored" for answer in seen.answers) > ITEMS / 2


def test_no_score_is_invented(options: program.Options) -> None:
    seen = program.seen(options)
    found = {a.item: inventions(a, seen.of(a), seen.quorum) for a in seen.answers}

    assert {item: words for item, words in found.items() if words} == {}
    assert sum(len(a.scores()) for a in seen.answers) > ITEMS


def test_upstream_calls_and_money_are_as_the_vendor_counts_them(options: program.Options) -> None:
    seen = program.seen(options)

    assert upstream_calls(seen).ok, upstream_calls(seen)
    assert money(seen).ok, money(seen)
    assert sum(answer.micro_usd for answer in seen.answers) > 0


def test_every_fault_was_met_and_every_figure_is_printed(
    options: program.Options, capsys: pytest.CaptureFixture[str]
) -> None:
    seen = program.seen(options)
    met = {call.fate for call in seen.counted()}
    program.report(options)
    printed = capsys.readouterr().out

    assert met >= {RATE_LIMITED, HANG, GARBAGE, REFUSAL}
    assert all(figure.name in printed for figure in figures(seen))
    assert "REFUSED" in printed


def test_what_was_asked_otherwise_is_not_gone_on_with(
    options: program.Options, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = ["--folder", str(Path(options.folder)), "--items", "1", "--seed", "8"]
    monkeypatch.setattr(sys, "argv", ["chaos", *said])

    assert program.main() == 2
    assert "--fresh" in capsys.readouterr().err
