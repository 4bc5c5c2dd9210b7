"""Keys from the command line open a real server, and revoked ones do not."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import grpc
import pytest

from deploy.local_server import Server, serving
from moa_scorer.api.v1 import scoring_service_pb2 as pb
from moa_scorer.api.v1.content_pb2 import Content
from moa_scorer.api.v1.scoring_service_pb2_grpc import ScoringServiceStub

REQUEST = pb.ScoreContentRequest(content=Content(text="Great post, thanks!"))


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    return {
        "MOA_SCORER_DATABASE": f"sqlite:///{tmp_path / 'records.db'}",
        "MOA_SCORER_AUTH__API_KEYS": "true",
    }


@pytest.fixture
def server(environment: dict[str, str]) -> Iterator[Server]:
    with serving("embedded-fast", environment=environment) as running:
        yield running


def keys(environment: dict[str, str], *arguments: str) -> str:
    command = (sys.executable, "-m", "moa_scorer.app.cli", "keys", *arguments)
    done = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def by_command(server: Server, key: str) -> subprocess.CompletedProcess[str]:
    """What `moa-scorer score --server` comes to with the key in the environment."""
    command = (sys.executable, "-m", "moa_scorer.app.cli", "score", "Great post!", "--server", server.host)
    return subprocess.run(command, env=os.environ | {"MOA_SCORER_TOKEN": key}, capture_output=True, text=True)


def status(server: Server, *metadata: tuple[str, str]) -> grpc.StatusCode:
    with grpc.insecure_channel(server.host) as channel:
        try:
            ScoringServiceStub(channel).ScoreContent(REQUEST, metadata=metadata, timeout=20)
        except grpc.RpcError as error:
            return error.code()  # type: ignore[no-any-return]
    return grpc.StatusCode.OK


def test_a_key_opens_the_server_until_it_is_revoked(server: Server, environment: dict[str, str]) -> None:
    assert status(server) is grpc.StatusCode.UNAUTHENTICATED
    key = keys(environment, "create", "--name", "forum", "--tenant", "acme")
    assert status(server, ("x-api-key", key)) is grpc.StatusCode.OK
    assert status(server, ("authorization", f"Bearer {key}")) is grpc.StatusCode.OK
    assert by_command(server, "").returncode == 1
    assert by_command(server, key).returncode in (0, 3)  # 3: no judge answered in time
    auditor = keys(environment, "create", "--name", "eve", "--role", "audit")
    assert status(server, ("x-api-key", auditor)) is grpc.StatusCode.PERMISSION_DENIED
    listed = keys(environment, "list")
    assert "forum" in listed
    assert key.rpartition("_")[2] not in listed
    keys(environment, "revoke", key.split("_")[1])
    deadline = time.monotonic() + 30
    while status(server, ("x-api-key", key)) is grpc.StatusCode.OK and time.monotonic() < deadline:
        time.sleep(0.5)
    assert status(server, ("x-api-key", key)) is grpc.StatusCode.UNAUTHENTICATED
    assert key not in server.log.read_text()
