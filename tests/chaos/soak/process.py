"""What a running server holds: memory, open files, asyncio tasks."""

import json
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from deploy.local_server import Server, events
from tests.chaos.soak.telling import EVENT

PATIENCE: Final = 10.0
"""Seconds in which the server must say how many tasks it has."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Holding:
    """Of a server that nobody calls, at one moment."""

    requests: int
    """Made so far."""
    kilobytes: int
    """Resident."""
    files: int
    """Descriptors."""
    tasks: tuple[str, ...]
    """The names of their coroutines."""


def holding(server: Server, requests: int) -> Holding:
    """What it holds now; reads /proc, and asks by a signal."""
    pid = server.process.pid
    return Holding(
        requests=requests,
        kilobytes=_kilobytes(Path(f"/proc/{pid}/status").read_text()),
        files=len(os.listdir(f"/proc/{pid}/fd")),
        tasks=_tasks(server),
    )


def _kilobytes(status: str) -> int:
    [resident] = [line for line in status.splitlines() if line.startswith("VmRSS:")]
    return int(resident.split()[1])


def _tasks(server: Server) -> tuple[str, ...]:
    before = server.log.stat().st_size
    os.kill(server.process.pid, signal.SIGUSR1)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        with server.log.open(encoding="utf-8") as log:
            log.seek(before)
            for event in events(log.read().splitlines()):
                if event["event"] == EVENT:
                    return tuple(event["tasks"])
        time.sleep(0.02)
    raise TimeoutError("the server does not say how many tasks it has")


def as_json(held: Holding) -> str:
    """A line for people who look closer."""
    said = {"requests": held.requests, "kilobytes": held.kilobytes, "files": held.files}
    return json.dumps(said | {"tasks": len(held.tasks)})
