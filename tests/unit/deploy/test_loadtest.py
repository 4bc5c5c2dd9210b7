import json
import stat
from pathlib import Path
from typing import Any

import pytest

from deploy.loadtest import run as program
from deploy.loadtest.ghz import LoadError, run_ghz
from deploy.loadtest.rows import Limits, aligned, cells, faults, read_limits, read_row
from deploy.loadtest.summary import Outcome, ratios, summary

FOLDER = Path(__file__).resolve().parents[3] / "deploy" / "loadtest"
FULL: dict[str, Any] = {
    "count": 3,
    "rps": 410.5,
    "statusCodeDistribution": {"OK": 3},
    "latencyDistribution": [
        {"percentage": 50, "latency": 2_500_000},
        {"percentage": 95, "latency": 7_000_000},
        {"percentage": 99, "latency": 11_000_000},
    ],
}


@pytest.fixture
def log() -> list[str]:
    def line(completion: str) -> str:
        return json.dumps({"event": "item_scored", "completion": completion, "panel": "embedded-fast"})

    return [
        '{"event": "server_serving", "panel": "embedded-fast"}',
        "not a log line",
        '{"event": "rpc_finished", "code": "OK"}',
        line("complete"),
        line("complete"),
        line("partial"),
    ]


def test_a_run_where_every_call_was_scored_has_no_fault(log: list[str]) -> None:
    row = read_row("reflection", 3, FULL, log)

    assert faults(row, Limits()) == []
    assert row.completions == {"complete": 2, "partial": 1}


def test_an_unscored_answer_is_a_fault_although_its_status_is_ok(log: list[str]) -> None:
    log[-1] = '{"event": "item_scored", "completion": "unscored"}'

    assert faults(read_row("reflection", 3, FULL, log), Limits()) == ["reflection: 1 answers are unscored"]


def test_an_answer_that_the_log_does_not_tell_of_is_a_fault(log: list[str]) -> None:
    (fault,) = faults(read_row("reflection", 3, FULL, log[:-1]), Limits())

    assert "3 OK answers, and the log tells of 2 items" in fault


def test_a_status_other_than_ok_is_a_fault(log: list[str]) -> None:
    report = FULL | {"statusCodeDistribution": {"OK": 2, "Unavailable": 1}}
    (fault,) = faults(read_row("descriptor set", 3, report, log[:-1]), Limits())

    assert "1 calls failed" in fault


def test_calls_that_were_never_made_are_a_fault() -> None:
    row = read_row("reflection", 3, {"count": 0, "statusCodeDistribution": None}, [])

    assert faults(row, Limits()) == ["reflection: 0 of 3 calls were made"]


def test_a_limit_of_the_profile_is_a_limit_of_its_own(log: list[str]) -> None:
    row = read_row("reflection", 3, FULL, log)

    assert faults(row, Limits(p99_ms=10)) == ["reflection: p99 is 11 ms, the limit 10 ms"]
    assert faults(row, Limits(least_hit_share=0.5)) == ["reflection: 0 of 3 answers came from the cache"]


def test_every_profile_has_limits_and_says_what_it_calls() -> None:
    for path in (FOLDER / "profiles").glob("*.json"):
        assert read_limits(FOLDER / "limits.json", path.stem) != Limits(), path.stem
        assert json.loads(path.read_text())["call"] == "moa_scorer.api.v1.ScoringService.ScoreContent"


def test_the_table_shows_milliseconds_and_a_dash_where_nothing_was_measured(log: list[str]) -> None:
    rows = [
        read_row("reflection", 3, FULL, log),
        read_row("descriptor set", 3, {"count": 0}, []),
    ]
    head, full, empty = aligned(cells(rows)).splitlines()

    assert head.split()[:2] == ["calls", "calls/s"]
    assert full.split() == ["reflection", "3", "410", "2.5", "7.0", "11.0", "0", "1", "0", "0"]
    assert empty.split()[2:] == ["0", "0", "-", "-", "-", "0", "-", "-", "-"]


def test_the_summary_puts_each_profile_beside_the_bare_baseline(log: list[str]) -> None:
    product = read_row("reflection", 3, FULL, log)
    quicker = {"percentage": 99, "latency": 5_500_000}
    bare = read_row(
        "bare", None, FULL | {"latencyDistribution": [*FULL["latencyDistribution"][:2], quicker]}, []
    )
    _, beside, alone = summary(
        [
            Outcome(profile="steady", product=product, bare=bare, faults=()),
            Outcome(profile="ramp", product=product, bare=None, faults=("too slow",)),
        ]
    )

    assert beside == [
        "steady",
        "3",
        "410",
        "2.5",
        "7.0",
        "11.0",
        "0",
        "0",
        "0",
        "1.00 x",
        "1.00 x",
        "2.00 x",
        "kept",
    ]
    assert alone == ["ramp", "3", "410", "2.5", "7.0", "11.0", "0", "0", "0", "-", "-", "-", "missed"]
    assert "p99 2.00 x" in ratios(product, bare)


def test_all_is_every_profile() -> None:
    profiles = {path.stem for path in (FOLDER / "profiles").glob("*.json")}

    assert set(program.ALL) == profiles


def _ghz(folder: Path, body: str) -> Path:
    path = folder / "ghz"
    path.write_text(f"#!/bin/sh\n{body}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return path


def test_what_ghz_says_instead_of_a_report_reaches_the_person(tmp_path: Path) -> None:
    ghz = _ghz(tmp_path, "echo Symbol not found >&2; exit 1")

    with pytest.raises(LoadError, match=r"exit 1.*Symbol not found"):
        run_ghz(ghz, tmp_path / "p.json", tmp_path / "d.json", "127.0.0.1:1", ())


def test_ghz_is_given_profile_data_and_descriptor_set(tmp_path: Path) -> None:
    ghz = _ghz(tmp_path, 'printf \'{"count": 0, "said": "%s"}\' "$*"')

    said = run_ghz(ghz, Path("p.json"), Path("d.json"), "127.0.0.1:1", program.WAYS["descriptor set"])[
        "said"
    ].split()

    assert said[:2] == ["--config=p.json", "--data-file=d.json"]
    assert said[2] == "--protoset"
    assert said[-1] == "127.0.0.1:1"


def test_a_server_that_cannot_start_is_reported_with_its_last_words(
    capsys: pytest.CaptureFixture[str],
) -> None:
    code = program.main(["--panel", "no-such-panel", "--patience", "30"])

    assert code == 2
    assert "load: the server ended" in capsys.readouterr().err


def test_the_committed_requests_are_many_different_and_each_gets_a_number_of_its_own() -> None:
    requests = json.loads((FOLDER / "comments.json").read_text())
    texts = [request["content"]["text"] for request in requests]

    assert len(set(texts)) == len(texts) >= 60
    assert {request["content"]["kind"] for request in requests} == {"comment"}
    assert all(text.endswith("[{{randomInt 1 1000000000}}]") for text in texts)
    assert all(text.count("{{") == 1 for text in texts)


def test_the_profile_uses_several_connections() -> None:
    profile = json.loads((FOLDER / "profiles" / "smoke.json").read_text())

    assert profile["connections"] > 1
    assert profile["concurrency"] >= profile["connections"]
