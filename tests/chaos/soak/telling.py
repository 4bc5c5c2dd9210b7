"""Judges of the load test in a server that tells, at SIGUSR1, how many asyncio tasks it has."""

import asyncio
import json
import signal
import sys
from collections.abc import Sequence
from typing import Final

from deploy.loadtest.scripted import NAMES, Latency, ScriptedJudge

MODULE: Final = "tests.chaos.soak.telling:judges"
"""For the setting `judge_modules`."""
EVENT: Final = "tasks_counted"
"""Of the line in the server's log."""


class TellingJudge(ScriptedJudge):
    """The only one who is asked within the server's event loop before it serves."""

    __slots__ = ()

    async def warm(self) -> None:
        asyncio.get_running_loop().add_signal_handler(signal.SIGUSR1, tell)


def tell() -> None:
    """A line of the server's log: how many tasks there are, and of which coroutines."""
    tasks = sorted(getattr(task.get_coro(), "__qualname__", "?") for task in asyncio.all_tasks())
    sys.stdout.write(json.dumps({"event": EVENT, "tasks": tasks}) + "\n")
    sys.stdout.flush()


def judges() -> Sequence[ScriptedJudge]:
    """The panel `load`, its first judge the one who tells."""
    latency = Latency.from_environment()
    first, *others = NAMES
    telling = TellingJudge(name=first, latency=latency)
    return [telling, *(ScriptedJudge(name=name, latency=latency) for name in others)]
