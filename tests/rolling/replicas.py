"""Servers on ports of their own, each of which can be stopped and started again."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import grpc
from grpc_health.v1 import health_pb2, health_pb2_grpc

from deploy.loadtest.scripted import MODULE

ROOT: Final = Path(__file__).resolve().parents[2]
SERVICE: Final = "moa_scorer.api.v1.ScoringService"
PATIENCE: Final = 60.0
"""Seconds until a server must serve, or be gone."""


@dataclass(slots=True, kw_only=True)
class Replica:
    """A server of scripted judges; the same port over all restarts."""

    folder: Path
    workers: int = 1
    port: int = field(init=False)
    process: "subprocess.Popen[bytes] | None" = None

    def __post_init__(self) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]

    @property
    def address(self) -> str:
        """host:port."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it serves."""
        before = self.served()
        command = [sys.executable, "-m", "moa_scorer.app.cli", "serve", "--panel", "load"]
        command += ["--address", self.address, "--workers", str(self.workers)]
        with (self.folder / f"{self.port}.log").open("ab") as log:
            self.process = subprocess.Popen(
                command, stdout=log, stderr=log, env=os.environ | self._environment()
            )
        _until(self.serves, f"{self.address} to serve", self.folder)
        self.has_served(before + self.workers)

    def stop(self) -> int:
        """SIGTERM, and the exit status."""
        assert self.process is not None
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)

    def workers_running(self) -> Sequence[int]:
        """Process ids of its workers."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def served(self) -> int:
        """How often a process of it has begun to serve."""
        log = self.folder / f"{self.port}.log"
        if not log.exists():
            return 0
        return log.read_text(encoding="utf-8", errors="replace").count('"event": "server_serving"')

    def has_served(self, times: int) -> None:
        """Returns when processes of it have begun to serve so often."""
        _until(lambda: self.served() >= times, f"a process to serve for the {times}th time", self.folder)

    def serves(self) -> bool:
        """Whether its health says so."""
        with grpc.insecure_channel(self.address) as channel:
            try:
                asked = health_pb2.HealthCheckRequest(service=SERVICE)
                answer = health_pb2_grpc.HealthStub(channel).Check(asked, timeout=2)
            except grpc.RpcError:
                return False
        return bool(answer.status == health_pb2.HealthCheckResponse.SERVING)

    def _environment(self) -> dict[str, str]:
        return {
            "MOA_SCORER_CATALOG_DIR": str(ROOT / "deploy" / "loadtest" / "catalogue"),
            "MOA_SCORER_JUDGE_MODULES": json.dumps([MODULE]),
            "MOA_SCORER_DATABASE": "off",
            "MOA_SCORER_LOG_FORMAT": "json",
            "MOA_SCORER_CONNECTIONS__AGE": "5",
            "LOADTEST_HANGS": "0",
            "PYTHONPATH": str(ROOT),
        }


@contextmanager
def running(folder: Path, replicas: int, workers: int = 1) -> Iterator[list[Replica]]:
    """So many servers while the block runs."""
    started = [Replica(folder=folder, workers=workers) for _ in range(replicas)]
    try:
        for replica in started:
            replica.start()
        yield started
    finally:
        for replica in started:
            if replica.process is not None and replica.process.poll() is None:
                replica.stop()


def _until(holds: Callable[[], bool], what: str, folder: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        if time.monotonic() > deadline:
            logs = "\n".join(log.read_text()[-2_000:] for log in folder.glob("*.log"))
            raise TimeoutError(f"waited in vain for {what}:\n{logs}")
        time.sleep(0.1)
