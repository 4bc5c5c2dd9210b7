"""A real server in a process of its own on a free loopback port, for the demo and the load test."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

SERVICE = "moa_scorer.api.v1.ScoringService"


class ServerFailed(Exception):
    """The server did not start; the message ends with what it logged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """A running server and its log."""

    process: subprocess.Popen[bytes]
    log: Path
    host: str = ""

    def lines(self) -> list[str]:
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()


@contextmanager
def serving(
    panel: str,
    workers: int = 1,
    patience: float = 60.0,
    environment: Mapping[str, str] | None = None,
    credentials: grpc.ChannelCredentials | None = None,
) -> Iterator[Server]:
    """A healthy server within `patience` seconds, stopped by SIGTERM at the end; raises ServerFailed.

    Its records go with it, unless the environment names a database. `credentials` are for asking its health,
    where connections are encrypted.
    """
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder, "server.log")
        with log.open("ab") as sink:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "moa_scorer.app.cli", "serve", "--address", "127.0.0.1:0"),
                    *("--panel", panel, "--workers", str(workers)),
                ],
                stdout=sink,
                stderr=sink,
                env={"MOA_SCORER_DATABASE": f"sqlite:///{folder}/records.db"}
                | os.environ
                | {"MOA_SCORER_LOG_FORMAT": "json", "MOA_SCORER_LOG_LEVEL": "info"}
                | dict(environment or {}),
            )
        server = Server(process=process, log=log)
        try:
            yield _when_healthy(server, time.monotonic() + patience, credentials)
        finally:
            _stop(process)


def events(log: Sequence[str]) -> Iterator[dict[str, Any]]:
    """The JSON lines of a server's log."""
    for line in log:
        if line.startswith("{") and line.endswith("}"):
            yield json.loads(line)


def _when_healthy(server: Server, deadline: float, credentials: grpc.ChannelCredentials | None) -> Server:
    name = "127.0.0.1" if credentials is None else "localhost"
    while time.monotonic() < deadline:
        if server.process.poll() is not None:
            raise ServerFailed("the server ended:\n" + "\n".join(server.lines()[-20:]))
        port = next((e["port"] for e in events(server.lines()) if e["event"] == "server_listening"), None)
        if port and _healthy(host := f"{name}:{port}", credentials):
            return Server(process=server.process, log=server.log, host=host)
        time.sleep(0.1)
    raise ServerFailed("the server did not get healthy:\n" + "\n".join(server.lines()[-20:]))


def channel_to(host: str, credentials: grpc.ChannelCredentials | None = None) -> grpc.Channel:
    """A channel, encrypted where there are credentials."""
    return grpc.insecure_channel(host) if credentials is None else grpc.secure_channel(host, credentials)


def _healthy(host: str, credentials: grpc.ChannelCredentials | None) -> bool:
    with channel_to(host, credentials) as channel:
        try:
            answer = health_pb2_grpc.HealthStub(channel).Check(
                health_pb2.HealthCheckRequest(service=SERVICE), timeout=2
            )
        except grpc.RpcError:
            return False
    return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
