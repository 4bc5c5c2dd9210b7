"""One of several server processes on a shared port; the supervisor starts it with a line of JSON on stdin."""

import asyncio
import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import uvloop

from moa_scorer.app.compose import compose
from moa_scorer.app.heap import few_arenas
from moa_scorer.app.serving.reload import Reloader
from moa_scorer.app.serving.serve import CannotListen, Stopping, serve_as_worker
from moa_scorer.app.settings import Settings, Source
from moa_scorer.domain.errors import ConfigurationError
from moa_scorer.telemetry import logs

READY = b"ready\n"
"""What a worker writes to stdout, once, when it serves."""


def main() -> int:
    """Serves until a signal or until the supervisor is gone; exit status 1 when it cannot start."""
    order = json.loads(sys.stdin.buffer.readline())
    settings = Settings(**order["settings"])
    logs.configure(settings.log_format, settings.log_level, for_good=True)
    few_arenas()
    try:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, order["address"], source_of(order["source"])))
    except (ConfigurationError, CannotListen) as error:
        sys.stderr.write(f"moa-scorer: {error}\n")
        return 1
    return 0


async def _serve(settings: Settings, address: str, source: Source | None) -> None:
    application = compose(settings)
    stopping = Stopping()
    loop = asyncio.get_running_loop()
    loop.add_reader(sys.stdin.fileno(), _orphaned, loop, stopping)
    await serve_as_worker(application, address, stopping, _ready, Reloader(application, source))


def _orphaned(loop: asyncio.AbstractEventLoop, stopping: Stopping) -> None:
    """Stdin is readable: its end means that the supervisor died without a word."""
    if not os.read(sys.stdin.fileno(), 1024):
        loop.remove_reader(sys.stdin.fileno())
        stopping.ask()


def _ready() -> None:
    os.write(sys.stdout.fileno(), READY)


def order(settings: Settings, address: str, source: Source | None = None) -> bytes:
    """The line that starts a worker."""
    plain = settings.model_dump(mode="json", exclude_none=True)
    said = {
        "config": str(source.config) if source and source.config else None,
        "overrides": {key: _plain(value) for key, value in source.overrides.items()} if source else {},
    }
    whole = {"settings": plain, "address": address, "source": said if source else None}
    return json.dumps(whole).encode() + b"\n"


def source_of(said: Mapping[str, Any] | None) -> Source | None:
    """Where the settings came from, as the order has it."""
    if said is None:
        return None
    return Source(config=Path(said["config"]) if said["config"] else None, overrides=said["overrides"])


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else value


def command() -> tuple[str, ...]:
    """How to start a worker: a fresh interpreter."""
    return (sys.executable, "-m", "moa_scorer.app.serving.worker")


if __name__ == "__main__":
    sys.exit(main())
