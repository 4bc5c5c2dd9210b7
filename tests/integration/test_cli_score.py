"""`moa-scorer score` against a real server on loopback, with scripted judges behind it."""

import json
import os
import pty
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from moa_scorer.app.cli.root import app
from moa_scorer.domain.ballot import AbstentionReason
from moa_scorer.telemetry import logs
from tests.fakes.judges import ScriptedJudge, abstaining, five_judges, make_pipeline, scoring
from tests.fakes.servers import serving_in_thread


@pytest.fixture(autouse=True)
def quiet_server() -> None:
    """The server shares this process: its log must not mix with what the command says."""
    logs.configure("json", "error")


@pytest.fixture(scope="module")
def target() -> Iterator[str]:
    with serving_in_thread(make_pipeline(five_judges())) as target:
        yield target


@pytest.fixture(scope="module")
def silent() -> Iterator[str]:
    """A server whose only judge never scores."""
    with serving_in_thread(make_pipeline([ScriptedJudge("mute", abstaining())])) as target:
        yield target


def _score(*arguments: str, stdin: str | bytes | None = None, **environment: str) -> Result:
    """Runs the command as if nobody had said anything about colours but `environment`."""
    unsaid = dict.fromkeys(("NO_COLOR", "FORCE_COLOR"))
    return CliRunner().invoke(app, ["score", *arguments], input=stdin, env=unsaid | environment)


def test_one_text_gives_the_apis_own_json_where_nobody_looks(target: str) -> None:
    done = _score("hello world", "-s", target, "--policy", "strict")
    answer = json.loads(done.stdout)

    assert done.exit_code == 0
    assert done.stderr == ""
    assert answer["scored"]["score"] == pytest.approx(0.65)
    assert (answer["decision"], answer["panel"]) == ("DECISION_ACCEPT", "panels/scripted@2")
    assert "ballots" not in answer


def test_the_view_asked_for_is_given(target: str) -> None:
    answer = json.loads(_score("hello world", "-s", target, "--view", "full").stdout)

    assert [b["judge"] for b in answer["ballots"]] == ["clarity", "depth", "style", "substance", "context"]
    assert answer["plan"]["quorum"] == 1


def test_a_table_shows_score_judges_evidence_and_what_was_not_judged(target: str) -> None:
    shown = _score("hello world", "-s", target, "-o", "table", COLUMNS="120").stdout

    assert "0.650" in shown
    assert "UNCALIBRATED" in shown
    assert "clarity says 0.5." in shown
    assert "“hello”" in shown
    assert "abstains: no_context" in shown
    assert "\x1b[" not in shown


def test_evidence_is_marked_in_colour_where_colour_is_wanted(target: str) -> None:
    coloured = _score("hello world", "-s", target, "-o", "table", FORCE_COLOR="1", TERM="xterm").stdout
    plain = _score(
        "hello world", "-s", target, "-o", "table", FORCE_COLOR="1", TERM="xterm", NO_COLOR="1"
    ).stdout

    assert "\x1b[4;32mhello" in coloured
    assert "\x1b[4mhello" in plain
    assert "32m" not in plain


def test_an_escape_sequence_in_a_text_never_reaches_the_terminal(target: str) -> None:
    assert "\x1b" not in _score("\x1b[31mred", "-s", target, "-o", "table").stdout


def test_a_text_comes_from_a_file_or_stdin_and_the_context_from_a_file(target: str, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("from a file")
    (tmp_path / "context").write_text("a context")
    file = _score("--file", str(tmp_path / "text"), "-c", f"@{tmp_path / 'context'}", "-s", target)
    stdin = _score("-", "-s", target, stdin="from stdin")

    assert (file.exit_code, stdin.exit_code) == (0, 0)


def test_every_line_gives_one_line_of_output_in_order_and_bad_ones_are_named(
    target: str, tmp_path: Path
) -> None:
    path = tmp_path / "in.jsonl"
    lines = ['{"text": "one", "id": "a"}', "nonsense", '{"text": "  "}', "", '{"text": "two", "panel": "no"}']
    path.write_text("\n".join([*lines, '{"text": "three"}']))
    done = _score("--jsonl", str(path), "-s", target)
    told = [json.loads(line) for line in done.stdout.splitlines()]

    assert [t["line"] for t in told] == [1, 2, 3, 5, 6]
    assert [("scored" in t, "error" in t) for t in told] == [
        *((True, False), (False, True), (False, True), (False, True), (True, False))
    ]
    assert told[0]["contentId"] == "a"
    assert done.exit_code == 1
    assert [line.split(": ")[1] for line in done.stderr.splitlines()] == [f"{path}:{n}" for n in (2, 3, 5)]


def test_lines_from_stdin_make_a_json_array_or_a_table(target: str) -> None:
    lines = '{"text": "one two", "id": "first"}\n{"text": "three"}\n'
    array = json.loads(_score("--jsonl", "-", "-s", target, "-o", "json", stdin=lines).stdout)
    rows = _score("--jsonl", "-", "-s", target, "-o", "table", stdin=lines).stdout.splitlines()
    nothing = _score("--jsonl", "-", "-s", target, "-o", "json", stdin="").stdout

    assert [item["line"] for item in array] == [1, 2]
    assert rows[1].split() == ["1", "first", "0.650", "UNCALIBRATED", "none", "one", "two"]
    assert json.loads(nothing) == []


def test_an_unscored_item_is_an_answer_with_an_exit_status_of_its_own(silent: str) -> None:
    done = _score("hello", "-s", silent, "--policy", "strict")

    assert done.exit_code == 3
    assert json.loads(done.stdout)["decision"] == "DECISION_REVIEW"
    assert "unscored: quorum_missed" in _score("hello", "-s", silent, "-o", "table").stdout


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ((), 2, "name one text"),
        (("a", "--file", "b"), 2, "name one text"),
        (("--file", "nowhere.txt"), 1, "nowhere.txt: cannot be read: No such file or directory"),
        (("--jsonl", "nowhere.jsonl"), 1, "nowhere.jsonl: cannot be read: No such file or directory"),
        (("a", "-c", "@nowhere"), 1, "nowhere: cannot be read"),
        (("a", "--panel", "none"), 1, "panels/none does not exist; known: scripted"),
        (("", "--kind", "BAD KIND!"), 1, "content.text: must not be empty or blank; content.kind: "),
    ],
)
def test_a_mistake_of_the_user_is_one_clear_line(
    target: str, arguments: tuple[str, ...], code: int, words: str
) -> None:
    done = _score(*arguments, "-s", target)

    assert done.exit_code == code
    assert done.stdout == ""
    assert done.stderr.startswith("moa-scorer: ")
    assert words in done.stderr
    assert done.stderr.count("\n") == 1


def test_money_secrecy_producer_and_seed_reach_the_server() -> None:
    judges = [
        ScriptedJudge("here", scoring("here", 0.5)),
        ScriptedJudge("dear", scoring("dear", 0.5), cost=30_000),
        ScriptedJudge("kin", scoring("kin", 0.5), family="gpt"),
        ScriptedJudge("vendor", scoring("vendor", 0.5), local=False),
    ]
    options = ("--cost-ceiling", "0.02", "--local-only", "--producer", "gpt-4o", "--seed", "7")
    with serving_in_thread(make_pipeline(judges)) as target:
        answer = json.loads(_score("hello", "-s", target, "--view", "full", *options).stdout)
        table = _score("hello", "-s", target, "-o", "table").stdout

    assert {
        out["judge"]: out["reason"].removeprefix("ABSTENTION_REASON_") for out in answer["plan"]["leftOut"]
    } == {
        "dear": "BUDGET",
        "kin": "SAME_FAMILY",
        "vendor": "SENSITIVITY",
    }
    assert answer["cost"] == {"microUsd": "0"}
    assert "4 of 4 judges · $0.03" in table


@pytest.mark.parametrize("amount", ["nan", "inf", "-1"])
def test_a_ceiling_is_an_amount_of_money(amount: str) -> None:
    assert _score("hello", "--cost-ceiling", amount).exit_code == 2


def test_a_wrong_option_is_wrong_usage() -> None:
    assert _score("a", "--budgt", "3").exit_code == 2
    assert _score("a", "--view", "everything").exit_code == 2


def test_a_server_that_is_not_there_is_said_and_where_the_run_stopped(tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "a"}\n' * 20)
    done = _score("--jsonl", str(path), "-s", "127.0.0.1:1")

    assert done.exit_code == 4
    assert f"{path}:1: cannot reach 127.0.0.1:1" in done.stderr
    assert done.stderr.count("\n") == 1


def test_a_server_that_is_too_slow_has_the_exit_status_of_one_that_is_away() -> None:
    judge = ScriptedJudge("slow", scoring("slow", 0.5), delay=30)
    with serving_in_thread(make_pipeline([judge])) as target:
        done = _score("hello", "-s", target, "--budget", "0.1")

    assert done.exit_code == 3
    unscored = json.loads(done.stdout)["unscored"]
    assert unscored["reason"] == "UNSCORED_REASON_BUDGET_EXHAUSTED"
    assert unscored["abstentions"][0]["reason"] == f"ABSTENTION_REASON_{AbstentionReason.TIMEOUT.upper()}"


def _watched(*arguments: str) -> tuple[str, bytes]:
    """What the command writes to stdout, and what a terminal that is its stderr shows meanwhile."""
    watcher, terminal = pty.openpty()
    command = [sys.executable, "-m", "moa_scorer.app.cli", "score", *arguments]
    # Whatever terminal the tests run on, this one can move its cursor.
    able = os.environ | {"TERM": "xterm"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=terminal, text=True, env=able) as running:
        os.close(terminal)
        output, _ = running.communicate(timeout=60)
    shown = b""
    with suppress(OSError):
        while block := os.read(watcher, 4096):
            shown += block
    os.close(watcher)
    return output, shown


def test_the_judges_of_one_slow_item_are_watched_on_stderr_and_never_in_the_output() -> None:
    judges = [
        ScriptedJudge("fast", scoring("fast", 0.5)),
        ScriptedJudge("slow", scoring("slow", 0.7), delay=1),
    ]
    with serving_in_thread(make_pipeline(judges)) as target:
        output, shown = _watched("hello", "-s", target, "--view", "ballots")

    assert [ballot["judge"] for ballot in json.loads(output)["ballots"]] == ["fast", "slow"]
    assert b"1 of 2 judges" in shown
    assert b"fast says 0.5." in shown


def test_the_progress_bar_is_on_stderr_and_never_in_the_output(target: str, tmp_path: Path) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text('{"text": "one two three"}\n' * 5 + "bad\n")
    output, shown = _watched("--jsonl", str(path), "-s", target)

    assert [json.loads(line)["line"] for line in output.splitlines()] == [1, 2, 3, 4, 5, 6]
    assert b"scoring" in shown
    assert b":6: is not JSON" in shown
