"""Log lines: JSON, with the request they belong to."""

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from moa_scorer.telemetry import events
from moa_scorer.telemetry.context import request_scope
from moa_scorer.telemetry.logs import configure


@pytest.fixture(autouse=True)
def _restore() -> Iterator[None]:
    yield
    structlog.reset_defaults()


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def test_a_line_inside_a_request_names_it_and_one_outside_does_not(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure("json", "info")
    with request_scope(request_id="r-1", method="/m"):
        events.rpc_finished(method="/m", code="NOT_FOUND", seconds=0.0123)
    events.server_stopped()
    inside, outside = lines(capsys)
    assert inside.items() >= {"event": "rpc_finished", "request_id": "r-1", "milliseconds": 12.3}.items()
    assert "request_id" not in outside


def test_a_call_that_went_well_is_for_debugging(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    events.rpc_finished(method="/m", code="OK", seconds=0.1)
    assert lines(capsys) == []


def test_the_level_hides_what_lies_below_it(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "warning")
    events.server_stopped()
    events.storage_back()
    assert [line["event"] for line in lines(capsys)] == ["storage_back"]


def test_the_console_format_is_for_people(capsys: pytest.CaptureFixture[str]) -> None:
    configure("console", "info")
    events.server_stopped()
    assert not capsys.readouterr().err.startswith("{")


@pytest.mark.parametrize(("reason", "level"), [("provider_error", "warning"), ("too_short", "info")])
def test_an_abstention_that_somebody_has_to_mend_is_a_warning_with_what_to_do(
    capsys: pytest.CaptureFixture[str], reason: str, level: str
) -> None:
    configure("json", "info")
    events.judge_abstained(judge="gpt", reason=reason, detail="see the key in GPT_KEY", seconds=0.1)
    line = json.loads(capsys.readouterr().err)
    assert (line["level"], line["detail"]) == (level, "see the key in GPT_KEY")


def test_what_libraries_log_is_told_of_without_their_words(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info")
    try:
        raise ValueError("a secret")
    except ValueError:
        logging.getLogger("asyncio").exception("never retrieved: %s", "a secret")
    logging.getLogger("asyncio").info("nothing")
    (line,) = lines(capsys)
    expected = {"library": "asyncio", "severity": "error", "error": "ValueError"}
    assert line.items() >= expected.items()
    assert "secret" not in str(line)


def test_lines_configured_for_good_look_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    configure("json", "info", for_good=True)
    for _ in range(2):
        with request_scope(request_id="r-2", method="/m"):
            events.rpc_finished(method="/m", code="NOT_FOUND", seconds=0.01)
    first, second = lines(capsys)
    assert first["request_id"] == second["request_id"] == "r-2"
    assert first["event"] == second["event"] == "rpc_finished"
