"""`moa-scorer serve` as a process of its own, for tests."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

PATIENCE = 60.0
"""Seconds."""


@dataclass(slots=True)
class Process:
    """A running `moa-scorer serve` and its log."""

    log: Path
    popen: subprocess.Popen[bytes]
    known: set[int] = field(default_factory=set)

    def events(self, name: str) -> list[dict[str, Any]]:
        lines = self.log.read_text().splitlines()
        told = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
        return [event for event in told if event["event"] == name]

    def wait_for(self, name: str, count: int = 1) -> list[dict[str, Any]]:
        def enough() -> bool:
            assert self.popen.poll() is None, self.log.read_text()
            return len(self.events(name)) >= count

        until(enough, f"{count} x {name}", self.log)
        return self.events(name)

    @property
    def target(self) -> str:
        told = self.events("server_listening") or self.wait_for("server_listening")
        return f"127.0.0.1:{told[0]['port']}"

    def end(self, number: int = signal.SIGTERM) -> int:
        self.popen.send_signal(number)
        return self.popen.wait(timeout=30)

    def children(self) -> list[int]:
        listed = Path(f"/proc/{self.popen.pid}/task/{self.popen.pid}/children").read_text().split()
        return [int(pid) for pid in listed]


def until(holds: Callable[[], bool], what: str, log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < deadline, f"waited in vain for {what}:\n{log.read_text()}"
        time.sleep(0.05)


Start = Callable[..., Process]
ENDED: list[Callable[[Path], None]] = []
"""Told of the log of every server that has ended."""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    """Starts servers in an empty folder; whoever still runs at the end is killed."""
    with starting(tmp_path) as run:
        yield run


@contextmanager
def starting(tmp_path: Path) -> Iterator[Start]:
    """The same, for tests that share a server."""
    running: list[Process] = []

    def run(*arguments: str, **environment: str) -> Process:
        log = tmp_path / f"server{len(running)}.log"
        command = [
            sys.executable,
            "-m",
            "moa_scorer.app.cli",
            "serve",
            "--panel",
            "embedded-fast",
            *arguments,
        ]
        if "--address" not in arguments:
            command += ["--address", "127.0.0.1:0"]
        clean = {k: v for k, v in os.environ.items() if not k.startswith("MOA_SCORER_") or "MODELS" in k}
        with log.open("wb") as sink:
            popen = subprocess.Popen(
                command,
                stdout=sink,
                stderr=sink,
                cwd=tmp_path,
                env=clean | {"MOA_SCORER_LOG_FORMAT": "json"} | environment,
                start_new_session=True,
            )
        running.append(Process(log=log, popen=popen))
        return running[-1]

    yield run
    for process in running:
        if process.popen.poll() is None:
            os.killpg(process.popen.pid, signal.SIGKILL)
            process.popen.wait()
        for hear in ENDED:
            hear(process.log)
