"""Operators' calls to a real server of two workers: what one is told holds for both, and the log says who."""

import json
import socket
import time
from pathlib import Path

import grpc
import pytest
from typer.testing import CliRunner, Result

from moa_scorer.api.v1 import admin_service_pb2 as pb
from moa_scorer.api.v1 import ballot_pb2
from moa_scorer.api.v1 import scoring_service_pb2 as scoring_pb
from moa_scorer.api.v1.admin_service_pb2_grpc import AdminServiceStub
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub
from moa_scorer.app.cli.root import app
from tests.fakes.server_process import Process, Start

CALLS = 12
"""Connections of their own: with two workers one of them is missed by all once in 2,048 times."""
PATIENCE = 30.0
"""Seconds."""


def free_address() -> str:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{held.getsockname()[1]}"


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "MOA_SCORER_DATABASE": f"sqlite:///{tmp_path / 'records.db'}",
        "MOA_SCORER_ADMIN_ADDRESS": free_address(),
        "MOA_SCORER_AUTH__API_KEYS": "true",
        "MOA_SCORER_CACHE": "false",
    }


def cli(environment: dict[str, str], *arguments: str) -> Result:
    return CliRunner().invoke(app, arguments, env=environment)


def said(environment: dict[str, str], *arguments: str) -> str:
    done = cli(environment, *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def abstains(server: Process, key: str, judge: str) -> bool:
    """Whether the judge casts an abstention as quarantined, by a connection of its own."""
    request = scoring_pb.ScoreContentRequest(
        content=Content(text="Great post, thanks for sharing it."), view=scoring_pb.VIEW_BALLOTS
    )
    with grpc.insecure_channel(server.target) as channel:
        stub = ScoringServiceStub(channel)
        answer = stub.ScoreContent(request, metadata=(("x-api-key", key),), timeout=30)
    (ballot,) = (each for each in answer.ballots if each.judge == judge)
    return bool(ballot.abstention.reason == ballot_pb2.ABSTENTION_REASON_QUARANTINED)


def everywhere(server: Process, key: str, judge: str, *, gone: bool) -> bool:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if all(abstains(server, key, judge) is gone for _ in range(CALLS)):
            return True
    return False


def test_what_an_operator_decides_holds_in_every_worker_and_stands_in_the_audit_log(
    start: Start, environment: dict[str, str]
) -> None:
    key = said(environment, "keys", "create", "--name", "ops", "--role", "admin").strip()
    caller = said(environment, "keys", "create", "--name", "forum").strip()
    server = start("--workers", "2", **environment)
    server.wait_for("server_serving", 2)
    with_key = environment | {"MOA_SCORER_TOKEN": key}

    refused = cli(environment | {"MOA_SCORER_TOKEN": caller}, "admin", "judges")
    assert refused.exit_code == 1
    assert "needs the role `admin`" in refused.stderr

    said(with_key, "admin", "quarantine", "civility", "--reason", "bills twice", "--hours", "1")
    assert everywhere(server, caller, "civility", gone=True)
    listed = json.loads(said(with_key, "admin", "judges", "--json"))
    (civility,) = (each for each in listed if each["judge"] == "judges/civility")
    assert (civility["standing"], civility["reason"]) == ("JUDGE_STANDING_QUARANTINED", "bills twice")
    said(with_key, "admin", "restore", "civility", "--reason", "mended")
    assert everywhere(server, caller, "civility", gone=False)

    assert "nothing changed" in said(with_key, "admin", "reload")
    server.wait_for("catalog_reloaded", 2)
    said(with_key, "admin", "drain", "--reason", "the machine goes")
    assert server.popen.wait(timeout=30) == 0

    entries = json.loads(said(environment, "admin", "audit", "--since", "2026-01-01", "--json"))
    actions = [each["action"].removeprefix("AUDIT_ACTION_").lower() for each in entries]
    assert actions == [
        "key_created",
        "key_created",
        "judge_quarantined",
        "judge_restored",
        "configuration_reloaded",
        "server_drained",
    ]
    assert {each["who"] for each in entries[2:]} == {"ops"}
    assert key.rpartition("_")[2] not in json.dumps(entries)


def test_the_admin_address_serves_operators_only_and_the_other_one_serves_no_operators(
    start: Start, environment: dict[str, str]
) -> None:
    server = start(**environment | {"MOA_SCORER_AUTH__API_KEYS": "false"})
    server.wait_for("admin_listening")
    with grpc.insecure_channel(server.target) as channel:
        stub = AdminServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.ListJudgeHealth(pb.ListJudgeHealthRequest(), timeout=20)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED
    with grpc.insecure_channel(environment["MOA_SCORER_ADMIN_ADDRESS"]) as channel:
        stub = ScoringServiceStub(channel)
        with pytest.raises(grpc.RpcError) as refused:
            stub.ScoreContent(scoring_pb.ScoreContentRequest(), timeout=20)
    assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_an_open_admin_address_that_others_can_reach_is_refused(environment: dict[str, str]) -> None:
    opened = environment | {"MOA_SCORER_AUTH__API_KEYS": "false", "MOA_SCORER_ADMIN_ADDRESS": "0.0.0.0:0"}
    done = cli(opened, "serve", "--address", "127.0.0.1:0")
    assert done.exit_code == 1
    assert "settings: admin_address: 0.0.0.0:0 can be reached from other machines" in done.stderr
